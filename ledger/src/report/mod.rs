//! Reports that need only the ledger: what a range of entries says, counted. Nothing in them leads to a patient; people and patients
//! stand under their pseudonyms.
//!
//! Each report names its range, the entries in it and the root hash of the tree that ends with the last of them, so that the same
//! range gives the same bytes however much is recorded afterwards, and a reader can ask for the proof of any entry. Times stand in
//! the local zone of their entry and in UTC.

mod count;
mod draw;
mod html;
mod kinds;
mod page;
mod pdf;
pub mod plot;
mod plots;
mod range;
mod svg;

use std::fmt::Write as _;
use std::path::Path;

pub use kinds::Kind;
pub use page::{Format, Page, Table, csv_line};
pub use pdf::{PdfError, pdf};
pub use plot::{Axis, Plot, PlotKind, Point, Series};
pub use range::{Bound, BoundError};
pub use svg::svg;

use crate::checkpoint::Checkpoint;
use crate::hash::hex;
use crate::inspect::{InspectError, Inspector};
use crate::leaf::Leaf;
use crate::tail::TailError;
use range::{local, utc};

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The ledger cannot be read.
    #[error(transparent)]
    Inspect(#[from] InspectError),
    /// The tree.
    #[error(transparent)]
    Tree(#[from] TailError),
    /// The range holds nothing.
    #[error("no entry lies between --from and --to; the ledger has {0}")]
    Empty(u64),
}

/// Makes a report of the entries from `from` on and before `to`.
///
/// # Errors
/// When the ledger cannot be read or the range is empty.
pub fn report(
    source: &Path,
    kind: Kind,
    from: Option<&Bound>,
    to: Option<&Bound>,
) -> Result<Page, ReportError> {
    let inspector = Inspector::open(source)?;
    let mut entries: Vec<Leaf> = Vec::new();
    for at in 0..inspector.size() {
        let (leaf, _) = inspector.entry(at)?;
        let after = from.is_none_or(|from| from.is_at_or_before(&leaf.clock));
        let before = to.is_none_or(|to| !to.is_at_or_before(&leaf.clock));
        if after && before {
            entries.push(leaf);
        }
    }
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
        return Err(ReportError::Empty(inspector.size()));
    };
    let size = last.sequence + 1;
    let root = inspector.root(size)?;
    let checkpoint = Checkpoint { origin: inspector.origin().to_owned(), size, root };
    let bound =
        |bound: Option<&Bound>, open: &str| bound.map_or_else(|| open.to_owned(), ToString::to_string);
    let facts = vec![
        ("ledger".to_owned(), inspector.origin().to_owned()),
        ("from".to_owned(), bound(from, "the first entry")),
        ("before".to_owned(), bound(to, "the end of the ledger")),
        (
            "entries".to_owned(),
            format!("{} of numbers {} to {}", entries.len(), first.sequence, last.sequence),
        ),
        ("first entry, local".to_owned(), local(&first.clock)),
        ("first entry, UTC".to_owned(), utc(&first.clock)),
        ("last entry, local".to_owned(), local(&last.clock)),
        ("last entry, UTC".to_owned(), utc(&last.clock)),
        ("tree size".to_owned(), checkpoint.size.to_string()),
        ("root hash".to_owned(), hex(&checkpoint.root)),
    ];
    let (name, title, notes) = (kind.name(), kind.title(), kind.notes());
    let (tables, plots) = (kind.tables(&entries), kind.plots(&entries));
    Ok(Page { kind: name, title, facts, command: command(name, from, to), plots, tables, notes })
}

/// How the same report is made again. A range without an end is that of the tree size that the facts name.
fn command(kind: &str, from: Option<&Bound>, to: Option<&Bound>) -> String {
    let mut text = format!("ledger report {kind} LEDGER");
    for (option, bound) in [("--from", from), ("--to", to)] {
        if let Some(bound) = bound {
            let _ = write!(text, " {option} {}", bound.argument());
        }
    }
    text
}
