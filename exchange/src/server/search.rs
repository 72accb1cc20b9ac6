//! Searching a FHIR server: every page, or an error. A search that is cut short must not look like "no orders".

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Server, ServerError};
use crate::units::short;

/// The most pages of one search.
pub const MOST_PAGES: usize = 1_000;
/// The most bytes of one search.
pub const MOST_BYTES: usize = 512 * 1024 * 1024;

/// Why a search is not complete: what it brought is not to be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// No answer.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// Another status than 200.
    #[error("{what} answered with status {status}{said}")]
    Status {
        /// Which search, without the patient.
        what: String,
        /// The status.
        status: u16,
        /// From the outcome.
        said: String,
    },
    /// The answer is no whole result.
    #[error("{what}: {reason}")]
    Partial {
        /// Which search.
        what: String,
        /// Why.
        reason: String,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    resource_type: Option<String>,
    r#type: Option<String>,
    /// How many match in all; those that are included beside them do not count.
    total: Option<u64>,
    #[serde(default)]
    link: Vec<Link>,
    #[serde(default)]
    entry: Vec<PageEntry>,
}

#[derive(Deserialize)]
struct Link {
    relation: Option<String>,
    url: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageEntry {
    full_url: Option<String>,
    resource: Option<Box<RawValue>>,
    search: Option<EntrySearch>,
}

impl PageEntry {
    fn is_included(&self) -> bool {
        matches!(self.search.as_ref().and_then(|search| search.mode.as_deref()), Some("include" | "outcome"))
    }
}

#[derive(Deserialize)]
struct EntrySearch {
    mode: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outline {
    resource_type: Option<String>,
    id: Option<String>,
    #[serde(default)]
    issue: Vec<Issue>,
}

#[derive(Deserialize)]
struct Issue {
    severity: Option<String>,
    code: Option<String>,
}

impl Issue {
    /// Why the search is not what was asked for; none when the issue is only a remark.
    fn spoils(&self) -> Option<String> {
        let code = self.code.as_deref().unwrap_or_default();
        if code == "not-supported" {
            return Some("the server left out a part of the question (not-supported)".to_owned());
        }
        let failed = matches!(self.severity.as_deref(), Some("error" | "fatal"));
        failed.then(|| format!("a part of it failed ({})", short(code)))
    }
}

/// One resource as it came.
#[derive(Clone)]
pub struct Found {
    /// Its full URL.
    pub full_url: Option<String>,
    /// Its type.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Its bytes.
    pub json: String,
}

impl std::fmt::Debug for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Found({}, ..)", self.kind)
    }
}

/// Searches, page by page to the end.
///
/// # Errors
/// When a page is missing, failed or is no result.
pub fn search(server: &mut Server, query: &str) -> Result<Vec<Found>, SearchError> {
    let what = super::kind_of(query).to_owned();
    let partial = |reason: String| SearchError::Partial { what: what.clone(), reason };
    let (mut found, mut bytes, mut matches) = (Vec::new(), 0_usize, 0_u64);
    let mut next = Some(query.to_owned());
    let mut pages = 0_usize;
    while let Some(url) = next.take() {
        pages += 1;
        if pages > MOST_PAGES {
            return Err(partial(format!("more than {MOST_PAGES} pages")));
        }
        // Else a server may leave out what it does not know, and answer a narrower question with everything (FHIR R4 search, 3.1.1.3).
        let strict = [("Prefer", "handling=strict".to_owned())];
        let answer = server.ask("GET", &url, &strict, None)?;
        if answer.status != 200 {
            return Err(SearchError::Status { what, status: answer.status, said: outcome(&answer.body) });
        }
        bytes += answer.body.len();
        if bytes > MOST_BYTES {
            return Err(partial(format!("more than {MOST_BYTES} bytes")));
        }
        let page: Page = serde_json::from_slice(&answer.body)
            .map_err(|error| partial(format!("page {pages} is no Bundle (column {})", error.column())))?;
        if page.resource_type.as_deref() != Some("Bundle") || page.r#type.as_deref() != Some("searchset") {
            return Err(partial(format!("page {pages} is no searchset")));
        }
        for entry in page.entry {
            matches += u64::from(!entry.is_included());
            let Some(resource) = entry.resource else {
                return Err(partial(format!("page {pages} has an entry without a resource")));
            };
            found.extend(read(&what, entry.full_url, &resource)?);
        }
        let link = page.link.into_iter().find(|link| link.relation.as_deref() == Some("next"));
        if let Some(url) = link.and_then(|link| link.url) {
            next = Some(same_server(server.base(), &url).ok_or_else(|| {
                partial(
                    "its next page is on another server: it was not asked, our token is not for others"
                        .to_owned(),
                )
            })?);
        } else if let Some(total) = page.total.filter(|total| *total > matches) {
            return Err(partial(format!("{matches} of {total} came, and there is no next page")));
        }
    }
    Ok(found)
}

fn read(what: &str, full_url: Option<String>, resource: &RawValue) -> Result<Option<Found>, SearchError> {
    let outline: Outline = serde_json::from_str(resource.get()).map_err(|_| SearchError::Partial {
        what: what.to_owned(),
        reason: "an entry is no resource".to_owned(),
    })?;
    let kind = outline.resource_type.unwrap_or_default();
    if kind == "OperationOutcome" {
        let reason = outline.issue.iter().find_map(Issue::spoils);
        return reason.map_or(Ok(None), |reason| Err(SearchError::Partial { what: what.to_owned(), reason }));
    }
    let id = outline.id.unwrap_or_default();
    Ok(Some(Found { full_url, kind, id, json: resource.get().to_owned() }))
}

/// A next link as it is to be asked: relative ones too; `None` for another server.
fn same_server(base: &str, url: &str) -> Option<String> {
    let origin = |url: &str| {
        let (scheme, rest) = url.split_once("://")?;
        Some(format!("{scheme}://{}", rest.split(['/', '?']).next()?).to_ascii_lowercase())
    };
    if !url.contains("://") {
        // A path begins at the host (RFC 3986 section 4.2); two strokes name another host.
        return match url.strip_prefix('/') {
            Some(path) if path.starts_with('/') => None,
            Some(path) => Some(format!("{}/{path}", origin(base)?)),
            None => Some(url.to_owned()),
        };
    }
    (origin(base)? == origin(url)?).then(|| url.to_owned())
}

/// The codes of an outcome, for a message; its texts may name a patient.
pub(crate) fn outcome(body: &[u8]) -> String {
    let codes: Vec<String> = serde_json::from_slice::<Outline>(body)
        .map(|outline| outline.issue.iter().filter_map(|issue| issue.code.as_deref().map(short)).collect())
        .unwrap_or_default();
    if codes.is_empty() { String::new() } else { format!(" ({})", codes.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_stay_on_the_server() {
        let base = "https://ehr.example/fhir";
        assert_eq!(
            same_server(base, "https://EHR.example/fhir?page=2").as_deref(),
            Some("https://EHR.example/fhir?page=2")
        );
        assert_eq!(same_server(base, "/fhir?page=2").as_deref(), Some("https://ehr.example/fhir?page=2"));
        assert_eq!(same_server(base, "Patient?page=2").as_deref(), Some("Patient?page=2"));
        for other in [
            "https://evil.example/fhir?page=2",
            "http://ehr.example/fhir",
            "https://ehr.example:8443/x",
            "//evil.example/fhir",
        ] {
            assert_eq!(same_server(base, other), None, "{other}");
        }
    }
}
