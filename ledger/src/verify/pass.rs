//! The chunks in their order: chain and epochs across them, the tree, the signatures that close epochs.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::Duration;

use super::Pace;
use super::chunk::{self, Chunk, ClockSet, LEVEL, Scope, clock_set};
use super::finding::{Finding, FindingKind};
use super::signatures::Signed;
use crate::glance::Clock;
use crate::hash::Hash;
use crate::tree::{Frontier, Subtree};

/// Chunks that a core has checked before it waits for them to be taken.
const CHUNKS_AHEAD: usize = 4;
/// Clocks that were set are listed up to this number, and counted beyond.
const MOST_CLOCK_SETS: usize = 1000;

/// How long a thread rests after a chunk, where the pass steps back. The snapshot of a chunk keeps pages from being used again, and the
/// writer's next commit clears up behind it: of a hundred commits less than one may meet that. A million entries take four minutes so.
const REST: Duration = Duration::from_secs(1);

/// What is carried from chunk to chunk.
pub(super) struct Pass<'a> {
    pub(super) scope: &'a Scope<'a>,
    pub(super) signed: Signed<'a>,
    pub(super) frontier: Frontier,
    pub(super) previous: Hash,
    pub(super) epoch: u32,
    /// The root at the size of the older checkpoint.
    pub(super) against: Option<(u64, Option<Hash>)>,
    /// Signatures that are there.
    pub(super) present: u64,
    pub(super) detached: u64,
    pub(super) beyond_epoch: u64,
    pub(super) nodes: u64,
    pub(super) keyed: u64,
    /// The last entry that is not the ledger's own.
    pub(super) bedside: Option<u64>,
    pub(super) key_records: BTreeMap<[u8; 16], (u64, Hash)>,
    pub(super) key_ids: HashSet<[u8; 16]>,
    pub(super) shredded: HashSet<[u8; 16]>,
    pub(super) policies: HashSet<Hash>,
    pub(super) anchors: Vec<(u64, i64, String)>,
    pub(super) clock_sets: Vec<ClockSet>,
    pub(super) clock_sets_in_all: u64,
    clock: Option<Clock>,
    session: Option<([u8; 16], u32)>,
    sessions: HashMap<[u8; 16], u32>,
    out_of_order: bool,
}

impl<'a> Pass<'a> {
    pub(super) fn new(scope: &'a Scope<'a>, signed: Signed<'a>, start: Start) -> Self {
        Self {
            scope,
            signed,
            frontier: start.frontier,
            previous: start.previous,
            epoch: start.epoch,
            against: None,
            present: 0,
            detached: 0,
            beyond_epoch: 0,
            nodes: 0,
            keyed: 0,
            bedside: None,
            key_records: BTreeMap::new(),
            key_ids: HashSet::new(),
            shredded: HashSet::new(),
            policies: HashSet::new(),
            anchors: Vec::new(),
            clock_sets: Vec::new(),
            clock_sets_in_all: 0,
            clock: None,
            session: None,
            sessions: HashMap::new(),
            out_of_order: false,
        }
    }

    /// Checks all entries up to `end`, on all cores: of N cores each checks every Nth chunk, and the chunks are taken in their order.
    pub(super) fn run(
        &mut self,
        end: u64,
        pace: Pace,
        progress: Option<fn(u64, u64)>,
    ) -> Result<(), Finding> {
        let (scope, from) = (self.scope, self.frontier.size());
        let cores = match pace {
            Pace::Full => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            Pace::Resting => 1,
        };
        let cores = bounds(from, end).take(cores).count();
        std::thread::scope(|threads| {
            let (workers, mut chunks): (Vec<_>, Vec<_>) = (0..cores)
                .map(|core| {
                    let (done, chunks) = std::sync::mpsc::sync_channel(CHUNKS_AHEAD);
                    let own = bounds(from, end).skip(core).step_by(cores);
                    (threads.spawn(move || check_all(scope, own, pace, &done)), chunks)
                })
                .unzip();
            let taken = self.take_all(&chunks, end, pace, progress);
            // A worker that waits for room sees that nobody takes its chunks any more.
            chunks.clear();
            for worker in workers {
                if let Err(panic) = worker.join() {
                    // A panic of the database library in a thread is one of this verification.
                    std::panic::resume_unwind(panic);
                }
            }
            taken
        })
    }

    fn take_all(
        &mut self,
        chunks: &[Receiver<Chunk>],
        end: u64,
        pace: Pace,
        progress: Option<fn(u64, u64)>,
    ) -> Result<(), Finding> {
        for from in chunks.iter().cycle() {
            if self.frontier.size() >= end {
                break;
            }
            // A worker that ended too soon panicked, which is told when it is joined; whatever it was, what it did not check is not valid.
            let Ok(mut chunk) = from.recv() else {
                return Err(Finding::damaged("a thread of the verification ended too soon".to_owned()));
            };
            if let Some(finding) = chunk.finding.as_mut().filter(|finding| finding.is_consequence) {
                *finding = cause(chunks).unwrap_or_else(|| finding.clone());
            }
            self.take(chunk)?;
            if pace == Pace::Resting {
                self.scope.source.let_go();
            }
            if let Some(progress) = progress {
                progress(self.frontier.size(), end);
            }
        }
        Ok(())
    }

    fn take(&mut self, mut chunk: Chunk) -> Result<(), Finding> {
        let from = chunk.from;
        let mut finding = chunk.finding.take();
        if let Some((previous, epoch)) = chunk.first {
            if previous != self.previous {
                let detail = "the entry does not follow the one before it";
                let broken = Finding::new(FindingKind::Chain, Some(from), detail);
                finding = Some(broken.hashes(Some(previous), Some(self.previous)));
            } else if epoch != self.epoch {
                let detail = "the entry stands under an epoch that is closed or not begun";
                finding = Some(Finding::new(FindingKind::Epoch, Some(from), detail));
            }
        }
        self.signed.begin(&self.frontier, self.epoch);
        let whole = chunk.subtree.as_ref().filter(|_| finding.is_none());
        let grown = match whole {
            Some(subtree) => self.whole(&chunk, subtree),
            None => self.each(&chunk),
        };
        // A bad signature before the contradiction is the first bad index, so the signatures come first.
        self.signed.finish()?;
        if let Some(finding) = finding {
            return Err(self.signed.first_bad(self.scope, finding));
        }
        grown?;
        self.previous = chunk.leaves.last().copied().unwrap_or(self.previous);
        self.epoch = chunk.epoch;
        self.keep(chunk);
        Ok(())
    }

    /// A complete subtree at once.
    fn whole(&mut self, chunk: &Chunk, subtree: &Subtree) -> Result<(), Finding> {
        let (before, from, mut epoch) = (self.frontier.clone(), self.frontier.size(), self.epoch);
        let root_at = |size: u64| subtree.first(size - from, &before).root();
        if let Some((size, root)) = &mut self.against
            && (from + 1..=from + chunk::ENTRIES).contains(size)
        {
            *root = Some(root_at(*size));
        }
        for (size, next) in &chunk.closed {
            self.signed.closing(*size, epoch, *next, root_at(*size));
            epoch = *next;
        }
        let mut closed: Vec<_> =
            (from >> 8..).zip(subtree.level(8)).map(|(index, node)| (8, index, *node)).collect();
        for root in subtree.level(LEVEL) {
            self.frontier.push_node(LEVEL, *root, |level, index, node| closed.push((level, index, *node)));
        }
        closed.into_iter().try_for_each(|(level, index, node)| self.node(level, index, &node))
    }

    /// Leaf by leaf, because every size inside is asked for, or the last leaf ends no complete subtree.
    fn each(&mut self, chunk: &Chunk) -> Result<(), Finding> {
        let (mut epoch, mut closings) = (self.epoch, chunk.closed.iter().peekable());
        let mut closed = Vec::new();
        for (at, leaf) in chunk.leaves.iter().enumerate() {
            self.frontier.push(*leaf, |level, index, node| closed.push((level, index, *node)));
            let size = self.frontier.size();
            if let Some((at, root)) = &mut self.against
                && *at == size
            {
                *root = Some(self.frontier.root());
            }
            if let Some(signature) = chunk.signatures.get(at) {
                self.signed.one(size, epoch, self.frontier.root(), *signature);
            }
            if let Some((_, next)) = closings.next_if(|(closing, _)| *closing == size) {
                self.signed.closing(size, epoch, *next, self.frontier.root());
                epoch = *next;
            }
        }
        closed.into_iter().try_for_each(|(level, index, node)| self.node(level, index, &node))
    }

    /// Every eighth level is stored.
    fn node(&mut self, level: u8, index: u64, node: &Hash) -> Result<(), Finding> {
        if level == 0 || !level.is_multiple_of(8) {
            return Ok(());
        }
        let found = self.scope.source.tile(level, index)?;
        if found != Some(*node) {
            let last = ((index + 1) << level) - 1;
            let detail = format!("the stored node {index} of level {level} is not that of the entries");
            return Err(Finding::new(FindingKind::Node, Some(last), detail).hashes(Some(*node), found));
        }
        self.nodes += 1;
        Ok(())
    }

    fn keep(&mut self, chunk: Chunk) {
        self.present += chunk.signed;
        self.detached += chunk.detached;
        self.beyond_epoch += chunk.beyond_epoch;
        self.bedside = chunk.bedside.or(self.bedside);
        self.key_records.extend(chunk.key_records);
        self.key_ids.extend(chunk.key_ids);
        self.shredded.extend(chunk.shredded);
        self.policies.extend(chunk.policies);
        self.anchors.extend(chunk.anchors);
        self.keyed += chunk.keys.len() as u64;
        for (_, key) in chunk.keys {
            let (session, count) = split(&key);
            // A session counts upwards, so what is not out of order cannot be a repetition. Most follow the entry before.
            if let Some((current, last)) = &mut self.session
                && *current == session
            {
                self.out_of_order |= *last >= count;
                *last = count;
                continue;
            }
            self.sessions.extend(self.session.replace((session, count)));
            self.out_of_order |= self.sessions.get(&session).is_some_and(|last| *last >= count);
        }
        let mut sets = Vec::new();
        if let Some((first, last)) = chunk.clocks {
            sets.extend(self.clock.and_then(|before| clock_set(before, first, chunk.from)));
            self.clock = Some(last);
        }
        sets.extend(chunk.clock_sets);
        self.clock_sets_in_all += sets.len() as u64;
        let room = MOST_CLOCK_SETS.saturating_sub(self.clock_sets.len());
        self.clock_sets.extend(sets.into_iter().take(room));
    }

    /// The first entry whose idempotency key an earlier one has; looked for only when a session did not count upwards.
    pub(super) fn repeated(&self, from: u64) -> Result<(), Finding> {
        if !self.out_of_order {
            return Ok(());
        }
        let mut seen = HashMap::new();
        let mut finding = None;
        self.scope.source.rows(from, self.frontier.size(), |row| {
            let glance = crate::glance::Glance::of(row.entry, &self.scope.enrolled.record().origin);
            if let Some(key) = glance.ok().and_then(|glance| glance.key)
                && let Some(first) = seen.insert(key, row.index)
            {
                finding = Some(chunk::repeated(row.index, first));
            }
            finding.is_none()
        })?;
        finding.map_or(Ok(()), Err)
    }
}

/// Where a pass begins.
pub(super) struct Start {
    pub(super) frontier: Frontier,
    pub(super) previous: Hash,
    pub(super) epoch: u32,
}

fn split(key: &[u8; 20]) -> ([u8; 16], u32) {
    let (mut session, mut count) = ([0; 16], [0; 4]);
    session.copy_from_slice(&key[..16]);
    count.copy_from_slice(&key[16..]);
    (session, u32::from_be_bytes(count))
}

/// The bounds of the chunks: each ends at a multiple of the size of one.
fn bounds(from: u64, end: u64) -> impl Iterator<Item = (u64, u64)> {
    let mut at = from;
    std::iter::from_fn(move || {
        let next = (at / chunk::ENTRIES + 1).saturating_mul(chunk::ENTRIES).min(end);
        let bound = (at < end).then_some((at, next));
        at = next;
        bound
    })
}

/// Checks the chunks of one core until one has a finding, or nobody takes them.
fn check_all(
    scope: &Scope<'_>,
    bounds: impl Iterator<Item = (u64, u64)>,
    pace: Pace,
    done: &SyncSender<Chunk>,
) {
    for (number, (from, to)) in bounds.enumerate() {
        if pace == Pace::Resting && number > 0 {
            std::thread::sleep(REST);
        }
        let chunk = chunk::check(scope, from, to);
        let is_last = chunk.finding.is_some();
        if done.send(chunk).is_err() || is_last {
            break;
        }
        if pace == Pace::Resting {
            scope.source.let_go();
        }
    }
}

/// After a failure to read, the database refuses everybody: what is told is the failure itself, which another core met.
fn cause(chunks: &[Receiver<Chunk>]) -> Option<Finding> {
    let findings = chunks.iter().flat_map(Receiver::iter).filter_map(|chunk| chunk.finding);
    let mut causes =
        findings.filter(|finding| finding.kind == FindingKind::Storage && !finding.is_consequence);
    causes.next()
}
