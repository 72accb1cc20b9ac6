//! Reports that need only the ledger: what a range of entries says, counted (clinical.md section 6, CM1 to CM11, and PH7). People
//! and patients stand under their pseudonyms unless the reader holds the device key and asks for ids.
//!
//! Each report names its range, the entries in it and the root hash of the tree that ends with the last of them, so that the same
//! range gives the same bytes however much is recorded afterwards, and a reader can ask for the proof of any entry. Times stand in
//! the local zone of their entry and in UTC. What each report means is in `docs/reports.md`.

mod access;
mod alerts;
mod attempts;
mod corrections;
mod count;
mod doses;
mod draw;
mod effects;
mod html;
mod integrity;
mod kinds;
mod page;
mod pdf;
pub mod plot;
mod plots;
mod range;
pub(crate) mod recall;
mod rhythm;
mod scanning;
mod settings;
mod svg;
mod timeliness;
mod witness;
mod workarounds;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

pub use count::share;
pub use doses::minutes;
pub use kinds::Kind;
pub use page::{Format, Page, Table, csv_line};
pub use pdf::{PdfError, pdf};
pub use plot::{Axis, Plot, PlotKind, Point, Series};
pub use range::{Bound, BoundError};
pub use settings::{Exclusion, Settings};
pub use svg::svg;
pub use workarounds::Pattern;

pub use crate::reading::ReadError as ReportError;

use crate::hash::hex;
use crate::reading::{Book, Data, Options, Part, read};
pub(crate) use range::local;
use range::utc;

/// Makes a report of the entries of one ledger from `from` on and before `to`, with pseudonyms and the default settings.
///
/// # Errors
/// When the ledger cannot be read or the range is empty.
pub fn report(
    source: &Path,
    kind: Kind,
    from: Option<&Bound>,
    to: Option<&Bound>,
) -> Result<Page, ReportError> {
    let options = Options { from: from.cloned(), to: to.cloned(), names: false };
    report_of(&[source.to_owned()], kind, &options, &Settings::default())
}

/// Makes a report of one or several ledgers.
///
/// # Errors
/// When one cannot be read or the range holds nothing.
pub fn report_of(
    sources: &[PathBuf],
    kind: Kind,
    options: &Options,
    settings: &Settings,
) -> Result<Page, ReportError> {
    report_on(&read(sources, options)?, sources, kind, settings)
}

/// Makes a report of what was read before, from `sources`.
///
/// # Errors
/// When `integrity` cannot read the sources again.
pub fn report_on(
    book: &Book,
    sources: &[PathBuf],
    kind: Kind,
    settings: &Settings,
) -> Result<Page, ReportError> {
    let tables = kind.tables(book, sources, settings)?;
    let mut facts = head(book);
    if kind.needs_patient_data() && !book.is_open() {
        attend(&mut facts, "patient data was not opened everywhere: what this report counts stands in it");
    }
    let command = command(kind.name(), book, sources.len(), settings);
    Ok(Page { command, ..page(kind.name(), kind.title(), facts, tables, kind.notes()) })
}

/// PH7: every patient who was given a lot, and every dose of its items of which no lot was recorded.
pub fn recall_on(book: &Book, lot: &str) -> Page {
    let mut facts = head(book);
    facts.push(("lot".to_owned(), lot.to_owned()));
    let found = recall::recall(book, lot);
    facts.extend(found.facts);
    let notes: &[&str] = &[
        "Capitals and spaces of the lot do not matter.",
        "The last table lists the doses of the items of this lot of which none is recorded. While no dose of the lot is recorded its item \
         is not known here, and doses of every item stand there.",
    ];
    let command = format!("{} --lot {lot}", command("recall", book, book.parts.len(), &Settings::default()));
    Page { command, ..page("recall", "Recall look-back", facts, found.tables, notes) }
}

/// How the same report is made again. A range without an end is that of the tree size that the facts name.
fn command(kind: &str, book: &Book, sources: usize, settings: &Settings) -> String {
    let mut text = format!("ledger report {kind}");
    for (option, bound) in [("--from", &book.options.from), ("--to", &book.options.to)] {
        if let Some(bound) = bound {
            let _ = write!(text, " {option} {}", bound.argument());
        }
    }
    let default = Settings::default();
    if settings.shifts != default.shifts {
        let shifts: Vec<String> = settings.shifts.iter().map(|at| at.strftime("%H:%M").to_string()).collect();
        let _ = write!(text, " --shifts {}", shifts.join(","));
    }
    if settings.exclusions != default.exclusions {
        let names: Vec<&str> = settings.exclusions.iter().map(|one| one.name()).collect();
        let _ = write!(text, " --exclude {}", names.join(","));
    }
    if book.options.names {
        text.push_str(" --names");
    }
    let ledgers: Vec<String> = match sources {
        0 | 1 => vec!["LEDGER".to_owned()],
        several => (1..=several).map(|at| format!("LEDGER-{at}")).collect(),
    };
    format!("{text} {}", ledgers.join(" "))
}

/// A page, in the one place that knows its parts.
pub fn page(
    kind: &'static str,
    title: &'static str,
    facts: Vec<(String, String)>,
    tables: Vec<Table>,
    notes: &'static [&'static str],
) -> Page {
    let plots = plots::of(kind, &tables);
    Page { kind, title, facts, command: String::new(), plots, tables, notes }
}

/// What a page says of its range: each ledger with its entries, first and last time, tree size and root; and in a line "attention" what
/// speaks against them.
pub fn head(book: &Book) -> Vec<(String, String)> {
    let bound =
        |bound: Option<&Bound>, open: &str| bound.map_or_else(|| open.to_owned(), ToString::to_string);
    let mut facts = Vec::new();
    let several = book.parts.len() > 1;
    if several {
        facts.push(("ledgers".to_owned(), book.parts.len().to_string()));
    }
    let (from, to) = (book.options.from.as_ref(), book.options.to.as_ref());
    if several {
        facts.push(("from".to_owned(), bound(from, "the first entry of each")));
        facts.push(("before".to_owned(), bound(to, "the end of each")));
    }
    for (at, part) in book.parts.iter().enumerate() {
        // Short enough for the column of names.
        let short = |name: &str| format!("{}: {}", at + 1, name.replace(" entry,", ","));
        let name = |name: &str| if several { short(name) } else { name.to_owned() };
        facts.push((name("ledger"), part.origin.clone()));
        if !several {
            facts.push((name("from"), bound(from, "the first entry")));
            facts.push((name("before"), bound(to, "the end of the ledger")));
        }
        facts.extend(of_part(part).into_iter().map(|(fact, value)| (name(fact), value)));
    }
    for (at, part) in book.parts.iter().enumerate() {
        let ledger = if several { format!("ledger {}: ", at + 1) } else { String::new() };
        if let Some(doubt) = &part.doubt {
            attend(&mut facts, &format!("{ledger}{doubt}"));
        }
    }
    facts
}

/// Adds to what a reader must know before they trust the page.
fn attend(facts: &mut Vec<(String, String)>, text: &str) {
    match facts.iter_mut().find(|(name, _)| name == "attention") {
        Some((_, known)) => *known = format!("{known}; {text}"),
        None => facts.push(("attention".to_owned(), text.to_owned())),
    }
}

fn of_part(part: &Part) -> Vec<(&'static str, String)> {
    let (Some((first, begin)), Some((last, end))) = (&part.first, &part.last) else {
        return vec![("entries", "none in the range".to_owned())];
    };
    let mut facts = vec![
        ("entries", format!("{} of numbers {first} to {last}", part.entries)),
        ("first entry, local", local(begin)),
        ("first entry, UTC", utc(begin)),
        ("last entry, local", local(end)),
        ("last entry, UTC", utc(end)),
        ("tree size", part.tree_size().to_string()),
        ("root hash", hex(&part.root)),
    ];
    let data = match (part.data, part.destroyed) {
        (Data::NoKey, _) => "not opened: the device key is not beside this ledger".to_owned(),
        (Data::KeyKept, _) => "not opened: this account may not read the device key".to_owned(),
        (Data::Opened, 0) => "opened".to_owned(),
        (Data::Opened, destroyed) => {
            format!("opened; of {destroyed} entries the keys were destroyed after retention")
        }
    };
    facts.push(("patient data", data));
    facts
}
