//! The Bundle itself: bounded reading, entries, and references between them.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::error::{BundleError, MOST_BYTES, MOST_ENTRIES};
use super::model::{Head, Meta, Present};
use crate::rejection::Refusal;
use crate::units::short;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawBundle<'a> {
    resource_type: Option<String>,
    r#type: Option<String>,
    timestamp: Option<String>,
    meta: Option<Meta>,
    implicit_rules: Present,
    #[serde(default)]
    link: Vec<Link>,
    #[serde(borrow, default)]
    entry: Vec<RawEntry<'a>>,
}

#[derive(Deserialize)]
struct Link {
    relation: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawEntry<'a> {
    full_url: Option<String>,
    #[serde(borrow)]
    resource: Option<&'a RawValue>,
    request: Option<EntryRequest>,
    modifier_extension: Present,
}

#[derive(Deserialize)]
struct EntryRequest {
    method: Option<String>,
}

/// One entry whose resource says what it is.
pub(super) struct Entry<'a> {
    pub(super) index: usize,
    pub(super) kind: String,
    pub(super) id: Option<String>,
    pub(super) version: Option<String>,
    pub(super) updated: Option<String>,
    pub(super) json: &'a str,
    full_url: Option<String>,
    /// Why it is not to be read, though the Bundle is: the same words mean something else in another FHIR version.
    foreign: Option<Refusal>,
}

impl<'a> Entry<'a> {
    /// The resource, where it is one of FHIR R4.
    pub(super) fn resource(&self) -> Result<&'a str, Refusal> {
        self.foreign.clone().map_or(Ok(self.json), Err)
    }

    /// `Type/id`, or the type alone.
    pub(super) fn name(&self) -> String {
        self.id.as_ref().map_or_else(|| self.kind.clone(), |id| format!("{}/{}", self.kind, short(id)))
    }
}

/// A Bundle that can be read, with what of it cannot.
pub(super) struct Bundle<'a> {
    pub(super) entries: Vec<Entry<'a>>,
    /// Entries that say not even what they are: index and why.
    pub(super) unreadable: Vec<(usize, Refusal)>,
    /// When it was made.
    pub(super) stamp: Option<String>,
    /// Whether it says that there is more of it elsewhere.
    pub(super) partial: bool,
    /// Whether a byte order mark was ignored.
    pub(super) marked: bool,
    by_url: HashMap<String, usize>,
    by_name: HashMap<String, usize>,
}

impl<'a> Bundle<'a> {
    /// Reads the frame of a Bundle; `file` is for messages.
    pub(super) fn read(file: &str, bytes: &'a [u8]) -> Result<Self, BundleError> {
        let (text, marked) = text_of(file, bytes)?;
        let raw: RawBundle<'a> = from_json(file, text)?;
        check_frame(file, &raw)?;
        let mut bundle = Self {
            entries: Vec::new(),
            unreadable: Vec::new(),
            stamp: raw.timestamp.or(raw.meta.and_then(|meta| meta.last_updated)),
            partial: raw.link.iter().any(|link| link.relation.as_deref() == Some("next")),
            marked,
            by_url: HashMap::new(),
            by_name: HashMap::new(),
        };
        for (index, entry) in raw.entry.into_iter().enumerate() {
            match read_entry(file, index, entry)? {
                Ok(entry) => bundle.add(file, entry)?,
                Err(refusal) => bundle.unreadable.push((index, refusal)),
            }
        }
        Ok(bundle)
    }

    fn add(&mut self, file: &str, entry: Entry<'a>) -> Result<(), BundleError> {
        let at = self.entries.len();
        let named = entry.id.is_some().then(|| entry.name());
        let keys = [(named, &mut self.by_name), (entry.full_url.clone(), &mut self.by_url)];
        for (key, index) in keys {
            let Some(key) = key else { continue };
            if let Some(first) = index.insert(key.clone(), at) {
                return Err(BundleError::Duplicate {
                    file: file.to_owned(),
                    first: self.entries.get(first).map_or(0, |entry| entry.index),
                    second: entry.index,
                    what: key,
                });
            }
        }
        self.entries.push(entry);
        Ok(())
    }

    /// The entry of a reference. A relative one names type and id; an absolute one has to be a full URL of this Bundle, since
    /// the same id on another server is another resource.
    pub(super) fn resolve(&self, reference: &str) -> Option<&Entry<'a>> {
        let plain = reference.split("/_history/").next().unwrap_or(reference);
        let at = self.by_url.get(plain).or_else(|| self.by_name.get(plain))?;
        self.entries.get(*at)
    }
}

fn text_of<'a>(file: &str, bytes: &'a [u8]) -> Result<(&'a str, bool), BundleError> {
    let file = || file.to_owned();
    if bytes.len() > MOST_BYTES {
        return Err(BundleError::TooLarge { file: file(), bytes: bytes.len() as u64 });
    }
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return Err(BundleError::Encoding { file: file(), found: "UTF-16", at: 0 });
    }
    let body = bytes.strip_prefix(b"\xEF\xBB\xBF");
    let marked = body.is_some();
    let text = std::str::from_utf8(body.unwrap_or(bytes)).map_err(|error| BundleError::Encoding {
        file: file(),
        found: "not UTF-8",
        at: error.valid_up_to() + if marked { 3 } else { 0 },
    })?;
    match text.trim_start().chars().next() {
        None => Err(BundleError::Empty { file: file() }),
        Some('<') => Err(BundleError::Format { file: file(), found: "XML" }),
        Some(_) => Ok((text, marked)),
    }
}

fn from_json<'a>(file: &str, text: &'a str) -> Result<RawBundle<'a>, BundleError> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let syntax = |error: &serde_json::Error, what: String| BundleError::Syntax {
        file: file.to_owned(),
        line: error.line(),
        column: error.column(),
        what,
    };
    let bundle = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.inner();
        match inner.classify() {
            serde_json::error::Category::Eof => {
                syntax(inner, "the JSON ends too early (truncated)".to_owned())
            }
            serde_json::error::Category::Data => BundleError::Shape {
                file: file.to_owned(),
                path: if path == "." { "Bundle".to_owned() } else { path },
                reason: without_content(inner),
                remedy: "it is no FHIR R4 Bundle; export it again",
            },
            _ => syntax(inner, "broken JSON".to_owned()),
        }
    })?;
    reader
        .end()
        .map_err(|error| syntax(&error, "something follows the Bundle (one Bundle a file)".to_owned()))?;
    Ok(bundle)
}

/// What serde says about a wrong type, without the value that stands there: it may be a patient's.
pub(super) fn without_content(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    match text.rsplit_once(", expected ") {
        Some((_, expected)) => format!("has the wrong type, expected {expected}"),
        None if text.starts_with("missing field") || text.starts_with("duplicate field") => text.to_owned(),
        None => "cannot be read".to_owned(),
    }
}

fn check_frame(file: &str, raw: &RawBundle<'_>) -> Result<(), BundleError> {
    let shape = |path: &str, reason: String, remedy| {
        Err(BundleError::Shape { file: file.to_owned(), path: path.to_owned(), reason, remedy })
    };
    match raw.resource_type.as_deref() {
        Some("Bundle") => {}
        Some(other) => {
            return shape(
                "resourceType",
                format!("\"{}\", expected \"Bundle\"", short(other)),
                "put the resource into a Bundle with its Patient",
            );
        }
        None => {
            return shape(
                "resourceType",
                "missing".into(),
                "it is no FHIR resource; export a FHIR R4 Bundle",
            );
        }
    }
    if let Some(found) = raw.meta.as_ref().and_then(foreign_version) {
        return Err(BundleError::Version { file: file.to_owned(), path: "meta.profile".to_owned(), found });
    }
    if raw.implicit_rules.is_some() {
        return shape(
            "implicitRules",
            "changes how all of it has to be read".into(),
            "export it without implicitRules",
        );
    }
    match raw.r#type.as_deref() {
        Some("searchset" | "collection" | "transaction" | "batch") => {}
        Some(other) => {
            let reason = format!("a Bundle of type \"{}\" holds no current orders", short(other));
            return shape("type", reason, "export a searchset or a collection");
        }
        None => return shape("type", "missing".into(), "export a searchset or a collection"),
    }
    if raw.entry.len() > MOST_ENTRIES {
        return Err(BundleError::TooManyEntries { file: file.to_owned(), entries: raw.entry.len() });
    }
    Ok(())
}

/// The FHIR version of a profile of another one, such as `http://hl7.org/fhir/5.0/StructureDefinition/Bundle`.
fn foreign_version(meta: &Meta) -> Option<String> {
    meta.profile.iter().find_map(|profile| {
        let version = profile.strip_prefix("http://hl7.org/fhir/")?.split('/').next()?;
        let numbered = version.starts_with(|c: char| c.is_ascii_digit());
        (numbered && !version.starts_with("4.0")).then(|| short(version))
    })
}

/// One resource of another version is refused alone: what others wrote about other patients is as good as before.
fn foreign(meta: &Meta) -> Option<Refusal> {
    let version = foreign_version(meta)?;
    let reason = format!("FHIR {version}, only R4 (4.0.1) is read");
    Some(Refusal::new("meta.profile", reason, "the sending system has to send it as FHIR R4"))
}

/// What an entry says about the whole Bundle: another FHIR version, a failed search.
fn check_whole(file: &str, index: usize, head: &Head) -> Result<(), BundleError> {
    if let Some(version) = &head.fhir_version
        && !version.starts_with("4.0")
    {
        let path = format!("entry[{index}].resource.fhirVersion");
        return Err(BundleError::Version { file: file.to_owned(), path, found: short(version) });
    }
    let failed = |severity: &serde_json::Value| matches!(severity.as_str(), Some("error" | "fatal"));
    if head.resource_type.as_deref() == Some("OperationOutcome")
        && head.issue.iter().any(|issue| issue.severity.as_ref().is_some_and(failed))
    {
        return Err(BundleError::SearchFailed { file: file.to_owned(), entry: index });
    }
    Ok(())
}

fn read_entry<'a>(
    file: &str,
    index: usize,
    entry: RawEntry<'a>,
) -> Result<Result<Entry<'a>, Refusal>, BundleError> {
    let (head, entry) = match read_head(entry) {
        Ok(parts) => parts,
        Err(refusal) => return Ok(Err(refusal)),
    };
    check_whole(file, index, &head)?;
    let Some(kind) = head.resource_type else {
        let remedy = "it is no FHIR resource; export it again";
        return Ok(Err(Refusal::new("resource.resourceType", "missing", remedy)));
    };
    if kind.is_empty() || !kind.bytes().all(|b| b.is_ascii_alphabetic()) {
        return Ok(Err(Refusal::new("resource.resourceType", "is no resource type", "export it again")));
    }
    let foreign = head.meta.as_ref().and_then(foreign);
    let (version, updated) = head.meta.map_or((None, None), |meta| (meta.version_id, meta.last_updated));
    let (json, full_url) = entry;
    Ok(Ok(Entry { index, kind, id: head.id, version, updated, json, full_url, foreign }))
}

type Parts<'a> = (Head, (&'a str, Option<String>));

fn read_head(entry: RawEntry<'_>) -> Result<Parts<'_>, Refusal> {
    if entry.modifier_extension.is_some() {
        let remedy = "export the entry without the extension";
        return Err(Refusal::new(
            "modifierExtension",
            "an unknown modifierExtension may change its meaning",
            remedy,
        ));
    }
    if let Some(method) = entry.request.and_then(|request| request.method)
        && !matches!(method.as_str(), "POST" | "PUT")
    {
        let reason = format!("{} is not an order that is in force", short(&method));
        return Err(Refusal::new("request.method", reason, "export a searchset or a collection"));
    }
    let Some(resource) = entry.resource else {
        return Err(Refusal::new("resource", "missing", "export the entry with its resource"));
    };
    let head = serde_json::from_str(resource.get()).map_err(|error| {
        Refusal::new("resource", without_content(&error), "it is no FHIR resource; export it again")
    })?;
    Ok((head, (resource.get(), entry.full_url)))
}
