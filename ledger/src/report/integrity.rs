//! CM11: what a range proves of itself. Every leaf hash, link and root is computed again from the stored bytes up to the end of the
//! range; cosigned checkpoints are held against the tree. `ledger verify` does more (each epoch's signatures, enrolment, policy).

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use jiff::SignedDuration;

use super::page::Table;
use super::range::{local, utc};
use crate::checkpoint::Checkpoint;
use crate::files::is_export;
use crate::glance::{Clock, Glance, Known};
use crate::hash::{Hash, hex};
use crate::inspect::Inspector;
use crate::kind::Kind;
use crate::leaf::Leaf;
use crate::note::Note;
use crate::reading::{Book, Entries, ReadError, by_pieces};
use crate::tree::{Frontier, leaf_hash};
use crate::verify::clock_set;

/// While a ledger is open, so long without an entry is told: auditing may have been off.
const SILENCE: SignedDuration = SignedDuration::from_hours(12);
const SILENCE_NS: i64 = 12 * 60 * 60 * 1_000_000_000;

/// What one pass over a ledger collects.
#[derive(Default)]
struct Pass {
    /// Of every entry.
    leaves: Vec<Hash>,
    broken: Option<u64>,
    before: Option<Before>,
    /// Cosigned checkpoints: size, root, the anchor's number.
    anchors: Vec<(u64, Hash, u64)>,
    events: Vec<Vec<String>>,
    clocks: Vec<Vec<String>>,
    silences: Vec<Vec<String>>,
    epochs: u64,
}

/// Of an entry, what tells something of the one after it.
#[derive(Clone, Copy)]
struct Before {
    clock: Clock,
    kind: Kind,
}

/// Entries as one thread reads them.
struct Piece {
    leaves: Vec<Hash>,
    /// What the first one says of the one before.
    previous: Option<Hash>,
    /// The first one that does not name the one before it.
    broken: Option<u64>,
    /// Those that have something to tell, each with the one before it: of the first only the pass knows that.
    told: Vec<(Leaf, Option<Before>)>,
    last: Option<Before>,
}

impl Piece {
    fn read(entries: &Entries, origin: &str, from: u64, to: u64) -> Result<Self, ReadError> {
        let mut piece =
            Self { leaves: Vec::new(), previous: None, broken: None, told: Vec::new(), last: None };
        let mut known = Known::usual();
        entries.visit(from, to, |sequence, bytes| {
            let wrong = |error| ReadError::Entry { sequence, error };
            let glance = Glance::with(bytes, origin, &mut known).map_err(wrong)?;
            let here = Before { clock: glance.clock, kind: glance.kind };
            let linked = piece.leaves.last().is_none_or(|leaf| *leaf == glance.previous);
            if !(linked && glance.sequence == sequence) && piece.broken.is_none() {
                piece.broken = Some(sequence);
            }
            if piece.last.is_none() {
                piece.previous = Some(glance.previous);
            }
            if piece.last.is_none_or(|before| tells(before, here, sequence)) {
                piece.told.push((Leaf::decode(bytes).map_err(wrong)?, piece.last));
            }
            piece.leaves.push(leaf_hash(bytes));
            piece.last = Some(here);
            Ok(())
        })?;
        Ok(piece)
    }
}

/// Whether an entry has something to tell: of itself, or by the time since the one before.
fn tells(before: Before, here: Before, sequence: u64) -> bool {
    is_event(here.kind)
        || here.clock.wall_ns.saturating_sub(before.clock.wall_ns) > SILENCE_NS
        || clock_set(before.clock, here.clock, sequence).is_some()
}

/// Whether entries of a kind are events of the ledger: only these are decoded whole, so only these can be told.
const fn is_event(kind: Kind) -> bool {
    kind.is_own() || matches!(kind, Kind::AUDIT_STATE | Kind::PRIVILEGE)
}

pub(super) fn integrity(book: &Book, sources: &[PathBuf]) -> Result<Vec<Table>, ReadError> {
    let (mut checks, mut events) = (Vec::new(), Vec::new());
    let (mut clocks, mut silences, mut anchors) = (Vec::new(), Vec::new(), Vec::new());
    let latest =
        book.parts.iter().filter_map(|part| part.last.as_ref()).map(|(_, clock)| clock.wall_ns).max();
    for source in sources {
        let name = crate::reading::origin_of(source)?;
        let Some(part) = book.parts.iter().find(|part| part.origin == name) else { continue };
        let (Some((first, _)), Some((last, end))) = (&part.first, &part.last) else { continue };
        let mut pass = Pass::default();
        let read = |entries: &Entries, from, to| Piece::read(entries, &name, from, to);
        by_pieces(source, last + 1, read, |piece| pass.take(piece, *first))?;
        let anchored: BTreeSet<u64> = pass.anchors.iter().map(|(size, _, _)| *size).collect();
        let (root, anchored) = roots(&pass.leaves, &anchored);
        let holds = |holds: bool| if holds { "holds" } else { "DOES NOT HOLD" }.to_owned();
        let mut row = |check: &str, result: String| checks.push(vec![name.clone(), check.to_owned(), result]);
        row("entries computed again from their bytes", format!("0 to {last}"));
        row(
            "each names the leaf hash of the one before",
            pass.broken.map_or_else(|| holds(true), |at| format!("DOES NOT HOLD at entry {at}")),
        );
        row("the root is the one the ledger keeps", holds(root == part.root));
        row("its checkpoint is signed by the epoch's key", signed(source, last + 1)?);
        row("epochs closed in the range", pass.epochs.to_string());
        let matched = matched(&pass, &anchored);
        row("cosigned checkpoints held against the tree", format!("{} of {}", matched.1, matched.0.len()));
        let named = |rows: Vec<Vec<String>>| {
            let name = name.clone();
            rows.into_iter().map(move |row| [name.clone()].into_iter().chain(row).collect::<Vec<_>>())
        };
        anchors.extend(named(matched.0));
        // A kiosk that stopped while the others went on, without closing its ledger.
        let quiet = latest.map_or(0, |latest| latest.saturating_sub(end.wall_ns));
        if SignedDuration::from_nanos(quiet) > SILENCE && pass.is_open() {
            let length = format!("{:#}, to the last entry of the others", SignedDuration::from_nanos(quiet));
            pass.silences.push(vec![format!("after {last}"), local(end), utc(end), length]);
        }
        let Pass { events: some, clocks: set, silences: silent, .. } = pass;
        events.extend(named(some));
        clocks.extend(named(set));
        silences.extend(named(silent));
    }
    let set = vec!["ledger", "before entry", "local time", "UTC", "by"];
    let columns = vec!["ledger", "entry", "local time", "UTC", "kind", "what"];
    let anchor = vec!["ledger", "anchor entry", "tree size", "cosigned root", "the tree's root"];
    Ok(vec![
        Table {
            title: "CM11 What was computed again",
            columns: vec!["ledger", "check", "result"],
            rows: checks,
        },
        Table { title: "Cosigned checkpoints", columns: anchor, rows: anchors },
        Table { title: "Events", columns, rows: events },
        Table { title: "Clock set", columns: set.clone(), rows: clocks },
        Table { title: "Silences of more than 12 hours while open", columns: set, rows: silences },
    ])
}

/// Whether the checkpoint of a size is signed by the key of the last entry's epoch.
fn signed(source: &std::path::Path, size: u64) -> Result<String, ReadError> {
    if is_export(source) {
        return Ok("not looked at in an export: run `ledger verify`".to_owned());
    }
    let inspector = Inspector::open(source)?;
    let (last, _) = inspector.entry(size.saturating_sub(1))?;
    Ok(if inspector.signed(size, inspector.root(size)?, last.epoch)? {
        "holds".to_owned()
    } else {
        "DOES NOT HOLD".to_owned()
    })
}

/// The root of all leaves, and those of some sizes.
fn roots(leaves: &[Hash], sizes: &BTreeSet<u64>) -> (Hash, BTreeMap<u64, Hash>) {
    let (mut frontier, mut roots) = (Frontier::default(), BTreeMap::new());
    for leaf in leaves {
        frontier.push(*leaf, |_, _, _| {});
        if sizes.contains(&frontier.size()) {
            roots.insert(frontier.size(), frontier.root());
        }
    }
    (frontier.root(), roots)
}

/// Each cosigned checkpoint beside the tree's own root of that size, and how many agree. A different root of one size is a fork.
fn matched(pass: &Pass, roots: &BTreeMap<u64, Hash>) -> (Vec<Vec<String>>, usize) {
    let (mut rows, mut agree) = (Vec::new(), 0);
    for (size, root, anchor) in &pass.anchors {
        let own = roots.get(size);
        agree += usize::from(own == Some(root));
        let own = match own {
            Some(own) if own == root => "the same".to_owned(),
            Some(own) => format!("FORK: {}", hex(own)),
            None => "no such size".to_owned(),
        };
        rows.push(vec![anchor.to_string(), size.to_string(), hex(root), own]);
    }
    (rows, agree)
}

impl Pass {
    /// The next piece; what happened before `first` is out of the range and not told.
    fn take(&mut self, piece: Piece, first: u64) {
        let from = self.leaves.len() as u64;
        let linked = match (self.leaves.last(), piece.previous) {
            (Some(leaf), Some(previous)) => *leaf == previous,
            _ => true,
        };
        let broken = if linked { piece.broken } else { Some(from) };
        self.broken = self.broken.or(broken);
        for (leaf, before) in &piece.told {
            let before = before.or(self.before);
            if leaf.sequence >= first {
                self.told(leaf, before);
            }
        }
        self.leaves.extend(piece.leaves);
        self.before = piece.last.or(self.before);
    }

    /// Whether the last entry left the ledger open.
    fn is_open(&self) -> bool {
        self.before.is_some_and(|before| before.kind != Kind::CLOSE)
    }

    fn told(&mut self, leaf: &Leaf, before: Option<Before>) {
        let at = || [leaf.sequence.to_string(), local(&leaf.clock), utc(&leaf.clock)];
        let what = match leaf.kind {
            kind if !is_event(kind) => None,
            Kind::GENESIS => Some("the ledger was made".to_owned()),
            Kind::BOOT if before.is_some_and(|before| before.kind != Kind::CLOSE) && leaf.sequence > 1 => {
                Some("opened; it had not been closed before".to_owned())
            }
            Kind::BOOT => Some("opened".to_owned()),
            Kind::CLOSE => Some("closed".to_owned()),
            Kind::ROTATE => {
                let next = leaf.clear.next_epoch.unwrap_or_default();
                self.epochs += u64::from(next.saturating_sub(leaf.epoch));
                Some(format!("epochs {} to {} closed", leaf.epoch, next.saturating_sub(1)))
            }
            Kind::ANCHOR => Some(self.anchor(leaf)),
            Kind::SHRED => Some(format!("{} patient keys destroyed", leaf.clear.shredded.len())),
            Kind::AUDIT_STATE | Kind::PRIVILEGE | Kind::POLICY => {
                Some(leaf.clear.note.clone().unwrap_or_default())
            }
            _ => None,
        };
        if let Some(what) = what {
            self.events.push(at().into_iter().chain([leaf.kind.to_string(), what]).collect());
        }
        let Some(before) = before else { return };
        let silent = SignedDuration::from_nanos(leaf.clock.wall_ns.saturating_sub(before.clock.wall_ns));
        if silent > SILENCE && before.kind != Kind::CLOSE {
            self.silences.push(at().into_iter().chain([format!("{silent:#}")]).collect());
        }
        if let Some(set) = clock_set(before.clock, Clock::of(&leaf.clock), leaf.sequence) {
            let by = format!("{:#}", SignedDuration::from_nanos(set.by_ns));
            self.clocks.push(at().into_iter().chain([by]).collect());
        }
    }

    fn anchor(&mut self, leaf: &Leaf) -> String {
        let note = leaf.clear.cosigned.as_deref().and_then(|note| Note::parse(note).ok());
        let checkpoint = note.and_then(|note| Checkpoint::parse(note.text()).ok());
        let Some(checkpoint) = checkpoint else { return "a cosigned checkpoint that is none".to_owned() };
        self.anchors.push((checkpoint.size, checkpoint.root, leaf.sequence));
        format!("checkpoint of size {} cosigned", checkpoint.size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two leaves whose link is within the piece, and nothing to tell.
    fn piece(previous: u8, leaves: [u8; 2]) -> Piece {
        let leaves = leaves.map(|byte| [byte; 32]).to_vec();
        Piece { leaves, previous: Some([previous; 32]), broken: None, told: Vec::new(), last: None }
    }

    #[test]
    fn a_chain_that_is_cut_between_two_pieces_does_not_hold() {
        let mut whole = Pass::default();
        whole.take(piece(0, [1, 2]), 0);
        whole.take(piece(2, [3, 4]), 0);
        assert_eq!(whole.broken, None);
        let mut cut = Pass::default();
        cut.take(piece(0, [1, 2]), 0);
        cut.take(piece(9, [3, 4]), 0);
        cut.take(Piece { broken: Some(5), ..piece(4, [5, 6]) }, 0);
        assert_eq!(cut.broken, Some(2), "the first one is named");
    }
}
