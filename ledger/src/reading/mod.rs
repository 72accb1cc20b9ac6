//! The reading model: one pass over one or several ledgers gives a typed [`Fact`] for each entry, which reports count.
//!
//! A source is a live ledger, its file, or an export. Where the device key is beside the database, patient data is opened and facts
//! hold their [`Detail`]; an export and a ledger without its key give what anybody may read. Nothing is decided anew here.

mod detail;
mod doubt;
mod fact;
mod people;
pub(crate) mod source;
mod tally;

use std::path::PathBuf;

use jiff::Timestamp;

pub use doubt::Doubt;
pub(crate) use doubt::Leaves;
pub use fact::{Actor, Band, Detail, Fact, Given, Known, Order, Package, Second, Tier};
pub use people::People;
pub(crate) use source::{Entries, by_pieces, origin_of};
pub use tally::Tally;

use crate::cbor::CborError;
use crate::clock::ClockEvidence;
use crate::hash::Hash;
use crate::history::HistoryError;
use crate::inspect::InspectError;
use crate::report::{Bound, local};
use crate::store::StoreError;
use crate::tail::TailError;
use crate::tiles::ReadError as ExportReadError;

/// What is read, and how people are named.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Entries made at this moment or later; all when left out.
    pub from: Option<Bound>,
    /// Entries made before this moment; all when left out.
    pub to: Option<Bound>,
    /// People and patients by their ids instead of pseudonyms, where patient data opens.
    pub names: bool,
}

impl Options {
    /// Whether an entry made then lies in the range.
    pub(crate) fn holds(&self, at: Timestamp, offset_s: i64) -> bool {
        self.from.as_ref().is_none_or(|from| from.is_reached(at, offset_s))
            && self.to.as_ref().is_none_or(|to| !to.is_reached(at, offset_s))
    }
}

/// Why a ledger cannot be read for a report.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The ledger.
    #[error(transparent)]
    Inspect(#[from] InspectError),
    /// Its tables.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Its tree.
    #[error(transparent)]
    Tree(#[from] TailError),
    /// The patient data of an entry.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// The export.
    #[error("{path}: {error}")]
    Export {
        /// Which.
        path: PathBuf,
        /// Why.
        error: ExportReadError,
    },
    /// The export's files.
    #[error("{path}: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The export's checkpoint.
    #[error("{0}: its checkpoint is no C2SP checkpoint; run `ledger verify`")]
    Checkpoint(PathBuf),
    /// An entry.
    #[error("entry {sequence}: {error}")]
    Entry {
        /// Which.
        sequence: u64,
        /// Why.
        error: CborError,
    },
    /// Nothing to read.
    #[error("no entry lies between --from and --to; there are {entries}, from {first} to {last}")]
    Empty {
        /// Entries of all ledgers.
        entries: u64,
        /// The local time of the first one.
        first: String,
        /// The local time of the last one.
        last: String,
    },
    /// The same ledger twice.
    #[error("{0} was named twice: an entry would count twice")]
    Twice(String),
}

/// Whether the patient data of a ledger was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Data {
    /// It was.
    Opened,
    /// The device key is not beside the ledger.
    #[default]
    NoKey,
    /// The device key may not be read by this account.
    KeyKept,
}

/// One ledger of a book, as far as the range goes.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// The ledger's id.
    pub origin: String,
    /// Entries in the range.
    pub entries: u64,
    /// The first one of them: its number and clock; `None` when the range holds none of this ledger.
    pub first: Option<(u64, ClockEvidence)>,
    /// The last one.
    pub last: Option<(u64, ClockEvidence)>,
    /// The root hash of the tree that ends with the last one.
    pub root: Hash,
    /// Whether patient data was opened.
    pub data: Data,
    /// Entries whose patient data can never be opened again, because its key was destroyed.
    pub destroyed: u64,
    /// What speaks against the entries up to the last one of them, computed again from their bytes.
    pub doubt: Option<Doubt>,
    /// The ward that patient data names, where it opens.
    pub ward: Option<String>,
}

impl Part {
    /// The size of the tree that ends with the last entry of the range.
    pub fn tree_size(&self) -> u64 {
        self.last.as_ref().map_or(0, |(sequence, _)| sequence + 1)
    }

    /// The ward of the kiosk: as its patient data names it, or `3b` of `hospital.example/3b/kiosk-03/g1`.
    pub fn ward(&self) -> &str {
        self.ward.as_deref().unwrap_or_else(|| self.origin.split('/').nth(1).unwrap_or("-"))
    }
}

/// A fact with the ledger that it comes from.
#[derive(Clone, Debug)]
pub struct Line {
    /// Which part of the book.
    pub part: u16,
    /// What the entry says.
    pub fact: Fact,
}

/// What was read.
#[derive(Debug)]
pub struct Book {
    /// The ledgers, in the order of their ids.
    pub parts: Vec<Part>,
    /// The facts of all, in the order of time; of one ledger in the order of its entries.
    pub lines: Vec<Line>,
    /// Counts of every entry in the range.
    pub tally: Tally,
    /// How people are named.
    pub people: People,
    /// The range.
    pub options: Options,
}

/// Reads ledgers.
///
/// # Errors
/// When one cannot be read, or the range holds nothing of any.
pub fn read(sources: &[PathBuf], options: &Options) -> Result<Book, ReadError> {
    let mut read = Vec::new();
    for source in sources {
        read.push(source::read(source, options)?);
    }
    bind(read, options, true)
}

/// Puts what was read of several ledgers together.
///
/// `named` when somebody asks for ids of who acted.
pub(crate) fn bind(mut read: Vec<source::Read>, options: &Options, named: bool) -> Result<Book, ReadError> {
    read.sort_by(|a, b| a.part.origin.cmp(&b.part.origin));
    if let Some(twice) = read.windows(2).find(|pair| pair[0].part.origin == pair[1].part.origin) {
        return Err(ReadError::Twice(twice[0].part.origin.clone()));
    }
    if read.iter().all(|read| read.part.entries == 0) {
        return Err(nothing_in_range(&read));
    }
    let mut tally = Tally::default();
    for read in &mut read {
        let of_part = std::mem::take(&mut read.tally);
        read.part.ward.clone_from(&of_part.ward);
        tally.then(of_part);
    }
    let people = People::new(options.names, named, &mut read);
    let mut lines = Vec::with_capacity(read.iter().map(|read| read.facts.len()).sum());
    let mut parts = Vec::new();
    for (part, read) in (0_u16..).zip(read) {
        parts.push(read.part);
        lines.extend(read.facts.into_iter().map(|fact| Line { part, fact }));
    }
    if parts.len() > 1 {
        // A ledger's own order stands, whatever its clock did: a set-back clock only moves its lines among those of the others.
        let mut latest = vec![Timestamp::MIN; parts.len()];
        let mut keyed: Vec<(Timestamp, Line)> = lines
            .into_iter()
            .map(|line| {
                let latest = &mut latest[usize::from(line.part)];
                *latest = (*latest).max(line.fact.at);
                (*latest, line)
            })
            .collect();
        keyed.sort_by_key(|(at, line)| (*at, line.part, line.fact.sequence));
        lines = keyed.into_iter().map(|(_, line)| line).collect();
    }
    Ok(Book { parts, lines, tally, people, options: options.clone() })
}

/// What to say of ledgers of which nothing lies in the range: the range that they have.
fn nothing_in_range(read: &[source::Read]) -> ReadError {
    let spans = || read.iter().filter_map(|read| read.span.as_ref());
    let time = |clock: Option<&ClockEvidence>| clock.map_or_else(|| "-".to_owned(), local);
    ReadError::Empty {
        entries: read.iter().map(|read| read.size).sum(),
        first: time(spans().map(|(first, _)| first).min_by_key(|clock| clock.wall_ns)),
        last: time(spans().map(|(_, last)| last).max_by_key(|clock| clock.wall_ns)),
    }
}

impl Book {
    /// Whether the patient data of every ledger was opened.
    pub fn is_open(&self) -> bool {
        self.parts.iter().all(|part| part.data == Data::Opened)
    }

    /// The ward of a line: the kiosk's as the patient data says, or as the ledger's id says.
    pub fn unit<'a>(&'a self, line: &'a Line) -> &'a str {
        let ward = line.fact.detail.as_ref().and_then(|detail| detail.ward.as_ref());
        ward.map_or_else(|| self.parts[usize::from(line.part)].ward(), |ward| ward.as_str())
    }

    /// Who acted, or a dash.
    pub fn actor(&self, line: &Line) -> String {
        self.people.actor(line)
    }

    /// The patient, or a dash.
    pub fn patient(&self, line: &Line) -> String {
        self.people.patient_of(line)
    }
}
