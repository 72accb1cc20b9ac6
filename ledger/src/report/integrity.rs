//! CM11: what a range proves of itself. Every leaf hash, link and root is computed again from the stored bytes up to the end of the
//! range; cosigned checkpoints are held against the tree. `ledger verify` does more (each epoch's signatures, enrolment, policy).

use std::path::PathBuf;

use jiff::SignedDuration;

use super::page::Table;
use super::range::{local, utc};
use crate::checkpoint::Checkpoint;
use crate::clock::ClockEvidence;
use crate::hash::{Hash, hex};
use crate::inspect::Inspector;
use crate::kind::Kind;
use crate::leaf::Leaf;
use crate::note::Note;
use crate::reading::{Book, ReadError, walk};
use crate::tree::Frontier;
use crate::verify::ClockSet;

/// While a ledger is open, so long without an entry is told: auditing may have been off.
const SILENCE: SignedDuration = SignedDuration::from_hours(12);

/// What one pass over a ledger collects.
#[derive(Default)]
struct Pass {
    previous: Option<Hash>,
    broken: Option<u64>,
    frontier: Frontier,
    before: Option<(ClockEvidence, Kind)>,
    /// Cosigned checkpoints: size, root, the anchor's number.
    anchors: Vec<(u64, Hash, u64)>,
    events: Vec<Vec<String>>,
    clocks: Vec<Vec<String>>,
    silences: Vec<Vec<String>>,
    open: Option<bool>,
    epochs: u64,
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
        walk(source, last + 1, |sequence, hash, leaf| {
            pass.entry(sequence, hash, leaf, sequence >= *first);
        })?;
        let root = pass.frontier.root();
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
        let matched = matched(source, &pass, last + 1)?;
        row("cosigned checkpoints held against the tree", format!("{} of {}", matched.1, matched.0.len()));
        let named = |rows: Vec<Vec<String>>| {
            let name = name.clone();
            rows.into_iter().map(move |row| [name.clone()].into_iter().chain(row).collect::<Vec<_>>())
        };
        anchors.extend(named(matched.0));
        // A kiosk that stopped while the others went on, without closing its ledger.
        let quiet = latest.map_or(0, |latest| latest.saturating_sub(end.wall_ns));
        if SignedDuration::from_nanos(quiet) > SILENCE && pass.open == Some(true) {
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
    if source.join("checkpoint").is_file() && !source.join("ledger.redb").is_file() {
        return Ok("not looked at in an export: run `ledger verify`".to_owned());
    }
    let (note, key) = Inspector::open(source)?.checkpoint(size)?;
    Ok(if note.signed_by(&key) { "holds".to_owned() } else { "DOES NOT HOLD".to_owned() })
}

/// Each cosigned checkpoint beside the tree's own root of that size, and how many agree. A different root of one size is a fork.
fn matched(source: &std::path::Path, pass: &Pass, size: u64) -> Result<(Vec<Vec<String>>, usize), ReadError> {
    let (mut rows, mut agree) = (Vec::new(), 0);
    if pass.anchors.is_empty() {
        return Ok((rows, agree));
    }
    let mut frontier = Frontier::default();
    let mut roots = std::collections::BTreeMap::new();
    walk(source, size, |sequence, hash, _| {
        frontier.push(*hash, |_, _, _| {});
        if pass.anchors.iter().any(|(size, _, _)| *size == sequence + 1) {
            roots.insert(sequence + 1, frontier.root());
        }
    })?;
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
    Ok((rows, agree))
}

impl Pass {
    fn entry(&mut self, sequence: u64, hash: &Hash, leaf: &Leaf, inside: bool) {
        let linked =
            self.previous.is_none_or(|previous| previous == leaf.previous) && leaf.sequence == sequence;
        if !linked && self.broken.is_none() {
            self.broken = Some(sequence);
        }
        self.previous = Some(*hash);
        self.frontier.push(*hash, |_, _, _| {});
        if inside {
            self.told(leaf);
        }
        self.open = Some(leaf.kind != Kind::CLOSE);
        self.before = Some((leaf.clock.clone(), leaf.kind));
    }

    fn told(&mut self, leaf: &Leaf) {
        let at = || [leaf.sequence.to_string(), local(&leaf.clock), utc(&leaf.clock)];
        let what = match leaf.kind {
            Kind::GENESIS => Some("the ledger was made".to_owned()),
            Kind::BOOT if self.open == Some(true) && leaf.sequence > 1 => {
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
        let Some((clock, kind)) = &self.before else { return };
        let silent = SignedDuration::from_nanos(leaf.clock.wall_ns.saturating_sub(clock.wall_ns));
        if silent > SILENCE && *kind != Kind::CLOSE {
            self.silences.push(at().into_iter().chain([format!("{silent:#}")]).collect());
        }
        if let Some(set) = ClockSet::between(clock, &leaf.clock, leaf.sequence) {
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
