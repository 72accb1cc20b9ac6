//! What one thread checks alone: a run of entries with everything stored beside each. What needs the entries before (the first
//! link of the chain, the first epoch, the tree) is left to [`Pass`](super::pass::Pass), which takes the chunks in their order.

use std::collections::BTreeMap;

use super::finding::{Finding, FindingKind};
use super::hashes::{Hashed, hashed};
use super::source::Source;
use crate::enrolment::Enrolled;
use crate::glance::{Clock, Glance, Known};
use crate::hash::Hash;
use crate::kind::Kind;
use crate::store::{KeyWalk, View};
use crate::tree::Subtree;

/// Entries of a chunk: a complete subtree of level 12.
pub(super) const LEVEL: u8 = 12;
/// As a number.
pub(super) const ENTRIES: u64 = 1 << LEVEL;
/// A clock that differs from the machine's own time by more than this between two entries was set.
const CLOCK_SET_NS: i128 = 2_000_000_000;

/// A clock that was set between two entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockSet {
    /// The entry after it.
    pub index: u64,
    /// By how much the wall clock moved beside the machine's own time, nanoseconds; negative when it was set back.
    pub by_ns: i64,
}

/// What came of one chunk.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    pub(super) from: u64,
    pub(super) leaves: Vec<Hash>,
    /// What the first entry says of the ones before: its previous hash and its epoch.
    pub(super) first: Option<(Hash, u32)>,
    /// The epoch of the entry that would follow.
    pub(super) epoch: u32,
    /// Tree sizes at which an epoch was closed, with the epoch that follows.
    pub(super) closed: Vec<(u64, u32)>,
    /// The signatures, in order; kept only when all of them are to be checked.
    pub(super) signatures: Vec<[u8; 64]>,
    pub(super) signed: u64,
    /// All nodes over a complete chunk without a finding; not where every size inside is asked for.
    pub(super) subtree: Option<Subtree>,
    pub(super) keys: Vec<(u64, [u8; 20])>,
    pub(super) detached: u64,
    pub(super) beyond_epoch: u64,
    pub(super) bedside: Option<u64>,
    pub(super) key_records: BTreeMap<[u8; 16], (u64, Hash)>,
    pub(super) key_ids: Vec<[u8; 16]>,
    pub(super) shredded: Vec<[u8; 16]>,
    pub(super) policies: Vec<Hash>,
    /// Anchors: number, wall clock in nanoseconds, cosigned checkpoint.
    pub(super) anchors: Vec<(u64, i64, String)>,
    pub(super) clocks: Option<(Clock, Clock)>,
    pub(super) clock_sets: Vec<ClockSet>,
    pub(super) finding: Option<Finding>,
}

/// What every thread knows.
pub(super) struct Scope<'a> {
    pub(super) source: &'a Source,
    pub(super) enrolled: &'a Enrolled,
    pub(super) epochs: u32,
    pub(super) all_signatures: bool,
}

/// What is carried from entry to entry.
struct Place<'a> {
    previous: Option<Hash>,
    known: Known,
    keys: Option<KeyWalk<'a>>,
}

/// Checks entries `from..to`.
pub(super) fn check(scope: &Scope<'_>, from: u64, to: u64) -> Chunk {
    let entries = usize::try_from(to - from).unwrap_or_default();
    let (leaves, keys) = (Vec::with_capacity(entries), Vec::with_capacity(entries));
    let mut chunk = Chunk { from, leaves, keys, ..Chunk::default() };
    let view = match scope.source.view() {
        Ok(view) => view,
        Err(error) => {
            chunk.finding = Some(error.into());
            return chunk;
        }
    };
    let keys = match view.as_deref().map(View::key_walk).transpose() {
        Ok(keys) => keys,
        Err(error) => {
            chunk.finding = Some(error.into());
            return chunk;
        }
    };
    let mut place = Place { previous: None, known: Known::usual(), keys };
    let mut finding = None;
    let read = scope.source.blocks(from, to, |rows| {
        finding = hashed(rows).find_map(|hashed| entry(scope, &mut chunk, &mut place, &hashed).err());
        finding.is_none()
    });
    chunk.finding = finding.or_else(|| read.err().map(Finding::from)).or_else(|| {
        let at = from + chunk.leaves.len() as u64;
        (at < to).then(|| Finding::new(FindingKind::Missing, Some(at), "the entry is missing"))
    });
    let is_complete = from.is_multiple_of(ENTRIES) && chunk.leaves.len() as u64 == ENTRIES;
    if is_complete && chunk.finding.is_none() && !scope.all_signatures {
        chunk.subtree = Subtree::over(&chunk.leaves);
    }
    chunk
}

fn entry(
    scope: &Scope<'_>,
    chunk: &mut Chunk,
    place: &mut Place<'_>,
    hashed: &Hashed<'_>,
) -> Result<(), Finding> {
    let (row, hash) = (hashed.row, hashed.leaf);
    let here = chunk.from + chunk.leaves.len() as u64;
    let bad = |kind, detail: &str| Finding::new(kind, Some(here), detail);
    if row.index != here {
        return Err(bad(FindingKind::Missing, "the entry is missing"));
    }
    let origin = &scope.enrolled.record().origin;
    let glance = Glance::with(row.entry, origin, &mut place.known).map_err(|error| {
        Finding::new(FindingKind::Malformed, Some(here), error.to_string()).hashes(None, Some(hash))
    })?;
    let signature =
        row.signature.ok_or_else(|| bad(FindingKind::Unsigned, "its checkpoint is not signed"))?;
    chunk.signed += 1;
    if scope.all_signatures {
        chunk.signatures.push(*signature);
    }
    // The leaf is kept before the rules are asked: where the signatures part from the entries is looked for with it.
    chunk.leaves.push(hash);
    if row.leaf.is_some_and(|leaf| *leaf != hash) {
        let finding = bad(FindingKind::Node, "the tile of level 0 has another hash than the entry");
        return Err(finding.hashes(Some(hash), row.leaf.copied()));
    }
    rules(scope, chunk, place.previous, &glance, here)?;
    place.previous = Some(hash);
    beside(scope, chunk, place, &glance, hashed, here)?;
    remember(scope, chunk, glance, here)
}

fn rules(
    scope: &Scope<'_>,
    chunk: &mut Chunk,
    previous: Option<Hash>,
    glance: &Glance,
    here: u64,
) -> Result<(), Finding> {
    let bad = |kind, detail: &str| Err(Finding::new(kind, Some(here), detail));
    if !glance.is_own_origin {
        return bad(FindingKind::Origin, "the entry belongs to another ledger");
    }
    if glance.sequence != here {
        return bad(FindingKind::Sequence, "the entry stands at another place than its own");
    }
    match previous {
        None => {
            chunk.first = Some((glance.previous, glance.epoch));
            chunk.epoch = glance.epoch;
        }
        Some(previous) if glance.previous != previous => {
            let detail = "the entry does not follow the one before it";
            let finding = Finding::new(FindingKind::Chain, Some(here), detail);
            return Err(finding.hashes(Some(glance.previous), Some(previous)));
        }
        Some(_) => {}
    }
    if glance.epoch != chunk.epoch {
        return bad(FindingKind::Epoch, "the entry stands under an epoch that is closed or not begun");
    }
    if (glance.kind == Kind::GENESIS) != (here == 0) {
        return bad(FindingKind::Sequence, "genesis is the first entry and no other");
    }
    if here == 0 && glance.cddl != Some(scope.enrolled.record().cddl) {
        return bad(
            FindingKind::Enrolment,
            "the genesis entry names another entry format than the enrolment",
        );
    }
    Ok(())
}

/// What is stored under the same number.
fn beside(
    scope: &Scope<'_>,
    chunk: &mut Chunk,
    place: &mut Place<'_>,
    glance: &Glance,
    hashed: &Hashed<'_>,
    here: u64,
) -> Result<(), Finding> {
    let bad = |kind, detail: &str| Err(Finding::new(kind, Some(here), detail));
    let Some(keys) = &mut place.keys else { return Ok(()) };
    match (&glance.detached, hashed.row.detached) {
        (None, None) => {}
        (Some(reference), Some(sealed)) => {
            if !hashed.sealed.is_some_and(|hash| reference.names(sealed, &hash)) {
                let finding =
                    Finding::new(FindingKind::Detached, Some(here), "its encrypted patient data was changed");
                return Err(finding.hashes(Some(reference.sha256), hashed.sealed));
            }
            chunk.detached += 1;
        }
        (Some(_), None) => return bad(FindingKind::Detached, "its encrypted patient data is missing"),
        (None, Some(_)) => return bad(FindingKind::Detached, "it has encrypted data that it does not name"),
    }
    if let Some(key) = &glance.key {
        match keys.sequence_of(key)? {
            Some(at) if at == here => {}
            Some(at) if same_key(scope, at, key) => return Err(repeated(here.max(at), here.min(at))),
            _ => return bad(FindingKind::KeyIndex, "the index of idempotency keys does not lead to it"),
        }
    }
    Ok(())
}

fn same_key(scope: &Scope<'_>, at: u64, key: &[u8; 20]) -> bool {
    let mut same = false;
    let read = scope.source.rows(at, at.saturating_add(1), |row| {
        let glance = Glance::of(row.entry, &scope.enrolled.record().origin);
        same = glance.is_ok_and(|glance| glance.key == Some(*key));
        true
    });
    read.is_ok() && same
}

/// Attack 14.
pub(super) fn repeated(again: u64, first: u64) -> Finding {
    let detail = format!("one scan transaction recorded twice, first as entry {first}");
    Finding::new(FindingKind::Repeated, Some(again), detail)
}

/// Keeps what is compared later.
fn remember(scope: &Scope<'_>, chunk: &mut Chunk, glance: Glance, here: u64) -> Result<(), Finding> {
    let plan = scope.enrolled.record().plan;
    if plan.epoch_at(glance.clock.wall_ns) > glance.epoch && glance.kind != Kind::ROTATE {
        chunk.beyond_epoch += 1;
    }
    if !glance.kind.is_own() {
        chunk.bedside = Some(here);
    }
    chunk.keys.extend(glance.key.map(|key| (here, key)));
    chunk.policies.extend(glance.policy.filter(|policy| chunk.policies.last() != Some(policy)));
    if let Some(reference) = &glance.detached {
        if chunk.key_ids.last() != Some(&reference.key_id) {
            chunk.key_ids.push(reference.key_id);
        }
        if let Some(record) = glance.key_record {
            chunk.key_records.insert(reference.key_id, (here, record));
        }
    }
    if glance.kind == Kind::ANCHOR {
        let note = glance.cosigned.ok_or_else(|| {
            Finding::new(FindingKind::Anchor, Some(here), "an anchor without a cosigned checkpoint")
        })?;
        chunk.anchors.push((here, glance.clock.wall_ns, note));
    }
    if glance.kind == Kind::SHRED {
        chunk.shredded.extend(glance.shredded);
    }
    match &mut chunk.clocks {
        None => chunk.clocks = Some((glance.clock, glance.clock)),
        Some((_, last)) => {
            chunk.clock_sets.extend(clock_set(*last, glance.clock, here));
            *last = glance.clock;
        }
    }
    if glance.kind == Kind::ROTATE {
        let next = glance.next_epoch.filter(|next| *next > chunk.epoch && *next < scope.epochs);
        chunk.epoch = next.ok_or_else(|| {
            Finding::new(FindingKind::Epoch, Some(here), "a rotate entry names no later epoch")
        })?;
        chunk.closed.push((here + 1, chunk.epoch));
    }
    Ok(())
}

/// How far the wall clock was moved between two entries. Without the machine's own time, only a step back can be seen.
pub(crate) fn clock_set(before: Clock, after: Clock, index: u64) -> Option<ClockSet> {
    let wall = i128::from(after.wall_ns) - i128::from(before.wall_ns);
    let known = after.boot_id != [0; 16] && after.boot_id == before.boot_id;
    let by = if known {
        wall - (i128::from(after.boottime_ns) - i128::from(before.boottime_ns))
    } else {
        wall.min(0)
    };
    (by.abs() > CLOCK_SET_NS).then(|| ClockSet {
        index,
        by_ns: i64::try_from(by).unwrap_or(if by < 0 { i64::MIN } else { i64::MAX }),
    })
}
