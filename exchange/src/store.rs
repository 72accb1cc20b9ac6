//! The order and drug store: a folder of imported files under their hashes, and one list that says which are in force.
//!
//! ```text
//! DIR/imports          "bcma-store 1", then one import a line, oldest first:
//!                      fhir SHA256 NAME | drugs ITEMS BARCODES|- RECALLS|- | frequencies SHA256 NAME
//!                      link KIND VALUE ITEM BY DATE | approve NUMBER BY DATE (tabs between the values)
//! DIR/objects/SHA256   the bytes exactly as imported: the evidence beside each parsed request
//! DIR/lock             held while importing
//! ```
//!
//! An import writes its objects first, each to a temporary file that is synced and renamed, and then replaces the list in the
//! same way. Whatever happens in between, the old list stands and names whole files.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::digest::{hex, sha256};
use crate::drugs::links::{self, Link, LinkError};
use crate::drugs::recalls::{self, RecallsError};
use crate::drugs::{self, DrugFile, DrugSources};
use crate::fhir::{self, BundleError, Import};
use crate::frequency::FrequencyTable;
use crate::rejection::{Note, Rejection};
use crate::rules::SiteRules;
use crate::site::Site;
use crate::table::TableError;

const FORMAT: &str = "bcma-store 1";

/// Why the store could not do it. What was in it before is unchanged.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk said no.
    #[error("{path}: {what} ({source}): nothing was changed; check space and permissions", path = path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The folder is something else.
    #[error("{path}: not a store, and not empty: name another folder", path = path.display())]
    NotAStore {
        /// Which folder.
        path: PathBuf,
    },
    /// The store was made by another version of this program.
    #[error("{path}: line {line} cannot be read: restore the store from a backup, or import into a new one", path = path.display())]
    List {
        /// The list.
        path: PathBuf,
        /// Line from 1.
        line: usize,
    },
    /// A stored file is not what was imported.
    #[error("{path}: its content changed since it was imported: restore it from a backup, or import it again", path = path.display())]
    Changed {
        /// Which object.
        path: PathBuf,
    },
    /// The Bundle was refused whole.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The table was refused whole.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A drug file was refused for its recalls.
    #[error("{error}")]
    Recalls {
        /// Why.
        error: RecallsError,
        /// Its lines that cannot be used, those of its other files too.
        rejections: Vec<Rejection>,
    },
    /// A link cannot be made.
    #[error(transparent)]
    Link(#[from] LinkError),
}

/// An open store.
#[derive(Debug)]
pub struct Store {
    dir: PathBuf,
}

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Line {
    Fhir { hash: String, name: String },
    Drugs { items: String, barcodes: Option<String>, recalls: Option<String> },
    Frequencies { hash: String, name: String },
    Link { kind: String, value: String, item: String, by: String, on: Date },
    Approve { number: usize, by: String, on: Date },
}

/// The bytes of the drug file in force.
#[derive(Clone, Debug, Default)]
pub struct DrugBytes {
    /// `items.csv`.
    pub items: Vec<u8>,
    /// `barcodes.csv`.
    pub barcodes: Option<Vec<u8>>,
    /// `recalls.csv`.
    pub recalls: Option<Vec<u8>>,
}

impl Store {
    /// Opens the store in a folder; an absent or empty one becomes a store.
    ///
    /// # Errors
    /// When the folder is something else or cannot be written.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let store = Self { dir: dir.to_owned() };
        let io = |what, path: &Path| {
            let path = path.to_owned();
            move |source| StoreError::Io { what, path, source }
        };
        if store.list_path().exists() {
            store.lines()?;
            return Ok(store);
        }
        fs::create_dir_all(dir).map_err(io("cannot be made", dir))?;
        let mut entries = fs::read_dir(dir).map_err(io("cannot be listed", dir))?;
        let known = |name: &std::ffi::OsStr| name == "objects" || name == "lock" || name == "feed.redb";
        if entries.any(|entry| entry.is_ok_and(|entry| !known(&entry.file_name()))) {
            return Err(StoreError::NotAStore { path: dir.to_owned() });
        }
        let objects = store.objects();
        fs::create_dir_all(&objects).map_err(io("cannot be made", &objects))?;
        store.write_lines(&[])?;
        Ok(store)
    }

    /// Imports a Bundle and says what became of it against the drug file that is in force. Its sound resources count from now
    /// on; its refused ones are listed by every [`load`](Self::load).
    ///
    /// # Errors
    /// When the Bundle is refused whole or the disk says no; the store is unchanged then.
    pub fn import_bundle(
        &self,
        name: &str,
        bytes: &[u8],
        rules: &SiteRules,
        today: Date,
    ) -> Result<Import, StoreError> {
        let _lock = self.lock()?;
        let mut lines = self.lines()?;
        let rules = self.rules(&lines, rules)?;
        let drugs = self.drug_file(&lines, &rules, today)?;
        let import = fhir::read(name, bytes, &rules, &drugs)?;
        let hash = self.put(bytes)?;
        let name = name.replace(char::is_control, " ");
        if lines.last() != Some(&Line::Fhir { hash: hash.clone(), name: name.clone() }) {
            lines.push(Line::Fhir { hash, name });
            self.write_lines(&lines)?;
        }
        Ok(import)
    }

    /// Imports a drug file; it takes the place of the one before as a whole. Recalls that are in force end only where its list of recalls
    /// leaves them out.
    ///
    /// # Errors
    /// When it is refused whole, as for a line of a recall that cannot be used, or the disk says no; the store is unchanged then.
    pub fn import_drugs(
        &self,
        sources: DrugSources<'_>,
        rules: &SiteRules,
        today: Date,
    ) -> Result<DrugFile, StoreError> {
        let _lock = self.lock()?;
        let mut lines = self.lines()?;
        let mut file = drugs::read(sources, &rules.units, today)?;
        self.hold_recalls(&lines, &mut file, sources.recalls.is_some(), (rules, today))?;
        let items = self.put(sources.items.1)?;
        let barcodes = sources.barcodes.map(|(_, bytes)| self.put(bytes)).transpose()?;
        let recalls = sources.recalls.map(|(_, bytes)| self.put(bytes)).transpose()?;
        lines.push(Line::Drugs { items, barcodes, recalls });
        self.write_lines(&lines)?;
        Ok(file)
    }

    /// Refuses a drug file that would lose recalls, and notes those that it ends.
    fn hold_recalls(
        &self,
        lines: &[Line],
        file: &mut DrugFile,
        names_recalls: bool,
        (rules, today): (&SiteRules, Date),
    ) -> Result<(), StoreError> {
        let last = lines.iter().rev().find_map(|line| match line {
            Line::Drugs { recalls, .. } => Some(recalls.is_some()),
            _ => None,
        });
        // What is damaged is imported again, and must not be in the way of that; but then nobody knows which recalls there are.
        let old = match self.drug_file(lines, rules, today) {
            Err(_) if last == Some(true) => None,
            old => Some(old.unwrap_or_default()),
        };
        if let Err(error) = recalls::may_replace(old.as_ref(), file, names_recalls) {
            return Err(StoreError::Recalls { error, rejections: std::mem::take(&mut file.rejections) });
        }
        let ended = old.map(|old| recalls::ended(&old, file)).unwrap_or_default();
        if !ended.is_empty() {
            let text = format!("not recalled any more: {}", ended.join("; "));
            file.notes.push(Note { resource: "recalls.csv".to_owned(), text });
        }
        Ok(())
    }

    /// Imports the site's frequency table; it takes the place of the one before as a whole. Returns how many codes it holds.
    ///
    /// # Errors
    /// When it is refused whole or the disk says no; the store is unchanged then.
    pub fn import_frequencies(
        &self,
        name: &str,
        bytes: &[u8],
    ) -> Result<(usize, Vec<Rejection>), StoreError> {
        let _lock = self.lock()?;
        let mut lines = self.lines()?;
        let (table, rejections) = FrequencyTable::read(name, bytes)?;
        if table.is_empty() {
            return Err(TableError::Empty { file: name.to_owned() }.into());
        }
        let hash = self.put(bytes)?;
        lines.push(Line::Frequencies { hash, name: name.replace(char::is_control, " ") });
        self.write_lines(&lines)?;
        Ok((table.len(), rejections))
    }

    /// Everything that is in force, as of `today`.
    ///
    /// # Errors
    /// When a stored file is gone, changed or cannot be read any more.
    pub fn load(&self, rules: &SiteRules, today: Date) -> Result<Site, StoreError> {
        Ok(self.load_with(rules, today)?.0)
    }

    /// As [`load`](Self::load), with the rules and the drug file that it was read with, so that more can be read in the same way.
    ///
    /// # Errors
    /// As there.
    pub fn load_with(
        &self,
        rules: &SiteRules,
        today: Date,
    ) -> Result<(Site, SiteRules, DrugFile), StoreError> {
        let lines = self.lines()?;
        let rules = self.rules(&lines, rules)?;
        let drugs = self.drug_file(&lines, &rules, today)?;
        let mut site = Site::new(&drugs);
        for line in &lines {
            if let Line::Fhir { hash, name } = line {
                site.lay(fhir::read(name, &self.get(hash)?, &rules, &drugs)?);
            }
        }
        Ok((site, rules, drugs))
    }

    fn rules(&self, lines: &[Line], rules: &SiteRules) -> Result<SiteRules, StoreError> {
        let mut rules = rules.clone();
        let last = lines.iter().rev().find_map(|line| match line {
            Line::Frequencies { hash, name } => Some((hash, name)),
            _ => None,
        });
        if let Some((hash, name)) = last {
            rules.frequencies = FrequencyTable::read(name, &self.get(hash)?)?.0;
        }
        Ok(rules)
    }

    fn drug_file(&self, lines: &[Line], rules: &SiteRules, today: Date) -> Result<DrugFile, StoreError> {
        let Some(bytes) = self.drug_bytes(lines)? else { return Ok(DrugFile::default()) };
        let sources = DrugSources {
            items: ("items.csv", &bytes.items),
            barcodes: bytes.barcodes.as_deref().map(|bytes| ("barcodes.csv", bytes)),
            recalls: bytes.recalls.as_deref().map(|bytes| ("recalls.csv", bytes)),
        };
        let mut drugs = drugs::read(sources, &rules.units, today)?;
        links::apply(&mut drugs, &links_of(lines));
        Ok(drugs)
    }

    fn drug_bytes(&self, lines: &[Line]) -> Result<Option<DrugBytes>, StoreError> {
        let last = lines.iter().rev().find_map(|line| match line {
            Line::Drugs { items, barcodes, recalls } => Some((items, barcodes, recalls)),
            Line::Fhir { .. } | Line::Frequencies { .. } | Line::Link { .. } | Line::Approve { .. } => None,
        });
        let Some((items, barcodes, recalls)) = last else { return Ok(None) };
        Ok(Some(DrugBytes {
            items: self.get(items)?,
            barcodes: barcodes.as_deref().map(|hash| self.get(hash)).transpose()?,
            recalls: recalls.as_deref().map(|hash| self.get(hash)).transpose()?,
        }))
    }

    /// The drug file in force, with approved links.
    ///
    /// # Errors
    /// When it cannot be read any more.
    pub fn drugs(&self, rules: &SiteRules, today: Date) -> Result<DrugFile, StoreError> {
        let lines = self.lines()?;
        let rules = self.rules(&lines, rules)?;
        self.drug_file(&lines, &rules, today)
    }

    /// The bytes of the drug file in force; `None` before the first import.
    ///
    /// # Errors
    /// When they cannot be read any more.
    pub fn drug_file_bytes(&self) -> Result<Option<DrugBytes>, StoreError> {
        self.drug_bytes(&self.lines()?)
    }

    /// Every link that was proposed, with who approved it.
    ///
    /// # Errors
    /// When the list cannot be read.
    pub fn links(&self) -> Result<Vec<Link>, StoreError> {
        Ok(links_of(&self.lines()?))
    }

    /// Proposes a link of a code to an item. It is in force only when another person approves it.
    ///
    /// # Errors
    /// When it cannot be made, or the disk says no.
    pub fn propose_link(
        &self,
        kind: &str,
        value: &str,
        item: &str,
        by: &str,
        rules: &SiteRules,
        today: Date,
    ) -> Result<Link, StoreError> {
        links::person(by)?;
        let _lock = self.lock()?;
        let mut lines = self.lines()?;
        let number = links_of(&lines).len() + 1;
        let text = |text: &str| text.replace(char::is_control, " ");
        let link = Link {
            number,
            kind: text(kind),
            value: text(value),
            item: text(item),
            by: by.to_owned(),
            on: today,
            approved_by: None,
        };
        link.check(&self.drug_file(&lines, &self.rules(&lines, rules)?, today)?)?;
        let Link { kind, value, item, by, on, .. } = link.clone();
        lines.push(Line::Link { kind, value, item, by, on });
        self.write_lines(&lines)?;
        Ok(link)
    }

    /// Approves a proposed link; who proposed it may not.
    ///
    /// # Errors
    /// When it cannot be approved, or the disk says no.
    pub fn approve_link(
        &self,
        number: usize,
        by: &str,
        rules: &SiteRules,
        today: Date,
    ) -> Result<Link, StoreError> {
        links::person(by)?;
        let _lock = self.lock()?;
        let mut lines = self.lines()?;
        let mut link = links_of(&lines)
            .into_iter()
            .find(|link| link.number == number)
            .ok_or(LinkError::Number(number))?;
        if link.approved_by.is_some() {
            return Err(LinkError::Approved(number).into());
        }
        if link.by.eq_ignore_ascii_case(by) {
            return Err(LinkError::SamePerson(link.by).into());
        }
        link.check(&self.drug_file(&lines, &self.rules(&lines, rules)?, today)?)?;
        lines.push(Line::Approve { number, by: by.to_owned(), on: today });
        self.write_lines(&lines)?;
        link.approved_by = Some(by.to_owned());
        Ok(link)
    }

    fn objects(&self) -> PathBuf {
        self.dir.join("objects")
    }

    fn list_path(&self) -> PathBuf {
        self.dir.join("imports")
    }

    fn lock(&self) -> Result<File, StoreError> {
        let path = self.dir.join("lock");
        let locked = File::create(&path).and_then(|file| file.lock().map(|()| file));
        locked.map_err(|source| StoreError::Io { what: "cannot be locked", path, source })
    }

    /// The list as it stands: as long as it is the same, [`load`](Self::load) gives the same.
    pub(crate) fn list(&self) -> Result<String, StoreError> {
        let path = self.list_path();
        fs::read_to_string(&path).map_err(|source| StoreError::Io { what: "cannot be read", path, source })
    }

    fn lines(&self) -> Result<Vec<Line>, StoreError> {
        let (path, text) = (self.list_path(), self.list()?);
        let mut lines = text.lines();
        if lines.next() != Some(FORMAT) || !text.ends_with('\n') {
            return Err(StoreError::List { path, line: 1 });
        }
        lines
            .enumerate()
            .map(|(at, line)| {
                parse(line).ok_or_else(|| StoreError::List { path: path.clone(), line: at + 2 })
            })
            .collect()
    }

    fn write_lines(&self, lines: &[Line]) -> Result<(), StoreError> {
        let mut text = format!("{FORMAT}\n");
        for line in lines {
            text.push_str(&print(line));
            text.push('\n');
        }
        replace(&self.list_path(), text.as_bytes())
    }

    /// Stores bytes under their hash.
    fn put(&self, bytes: &[u8]) -> Result<String, StoreError> {
        let hash = hex(&sha256(bytes));
        let path = self.objects().join(&hash);
        if self.get(&hash).is_err() {
            replace(&path, bytes)?;
        }
        Ok(hash)
    }

    fn get(&self, hash: &str) -> Result<Vec<u8>, StoreError> {
        let path = self.objects().join(hash);
        let bytes = fs::read(&path).map_err(|source| StoreError::Io {
            what: "cannot be read",
            path: path.clone(),
            source,
        })?;
        if hex(&sha256(&bytes)) == hash { Ok(bytes) } else { Err(StoreError::Changed { path }) }
    }
}

/// Replaces a file as a whole: written beside it, synced, renamed, the folder synced.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let new = path.with_extension("new");
    let write = || -> io::Result<()> {
        let mut file = File::create(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&new, path)?;
        path.parent().map_or(Ok(()), |dir| File::open(dir)?.sync_all())
    };
    write().map_err(|source| {
        // The half-written file is of no use; when it cannot be removed either, the next import overwrites it.
        let _ = fs::remove_file(&new);
        StoreError::Io { what: "cannot be written", path: path.to_owned(), source }
    })
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Links in the order in which they were proposed, each with its approval.
fn links_of(lines: &[Line]) -> Vec<Link> {
    let mut found: Vec<Link> = Vec::new();
    for line in lines {
        match line {
            Line::Link { kind, value, item, by, on } => found.push(Link {
                number: found.len() + 1,
                kind: kind.clone(),
                value: value.clone(),
                item: item.clone(),
                by: by.clone(),
                on: *on,
                approved_by: None,
            }),
            Line::Approve { number, by, .. } => {
                if let Some(link) = number.checked_sub(1).and_then(|at| found.get_mut(at)) {
                    link.approved_by = Some(by.clone());
                }
            }
            Line::Fhir { .. } | Line::Drugs { .. } | Line::Frequencies { .. } => {}
        }
    }
    found
}

fn parse_link(line: &str) -> Option<Line> {
    let parts: Vec<&str> = line.split('\t').collect();
    match parts.as_slice() {
        ["link", kind, value, item, by, on] => Some(Line::Link {
            kind: (*kind).to_owned(),
            value: (*value).to_owned(),
            item: (*item).to_owned(),
            by: (*by).to_owned(),
            on: on.parse().ok()?,
        }),
        ["approve", number, by, on] => {
            Some(Line::Approve { number: number.parse().ok()?, by: (*by).to_owned(), on: on.parse().ok()? })
        }
        _ => None,
    }
}

fn parse(line: &str) -> Option<Line> {
    if line.contains('\t') {
        return parse_link(line);
    }
    let hash = |text: &str| is_hash(text).then(|| text.to_owned());
    let (kind, rest) = line.split_once(' ')?;
    if kind == "drugs" {
        let parts: Vec<&str> = rest.split(' ').collect();
        let [items, barcodes, recalls] = parts.as_slice() else { return None };
        let optional = |text: &str| if text == "-" { Some(None) } else { hash(text).map(Some) };
        return Some(Line::Drugs {
            items: hash(items)?,
            barcodes: optional(barcodes)?,
            recalls: optional(recalls)?,
        });
    }
    let (digest, name) = rest.split_once(' ')?;
    let (hash, name) = (hash(digest)?, name.to_owned());
    match kind {
        "fhir" => Some(Line::Fhir { hash, name }),
        "frequencies" => Some(Line::Frequencies { hash, name }),
        _ => None,
    }
}

fn print(line: &Line) -> String {
    let or_dash = |hash: &Option<String>| hash.clone().unwrap_or_else(|| "-".to_owned());
    match line {
        Line::Fhir { hash, name } => format!("fhir {hash} {name}"),
        Line::Frequencies { hash, name } => format!("frequencies {hash} {name}"),
        Line::Drugs { items, barcodes, recalls } => {
            format!("drugs {items} {} {}", or_dash(barcodes), or_dash(recalls))
        }
        Line::Link { kind, value, item, by, on } => format!("link\t{kind}\t{value}\t{item}\t{by}\t{on}"),
        Line::Approve { number, by, on } => format!("approve\t{number}\t{by}\t{on}"),
    }
}
