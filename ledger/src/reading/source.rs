//! One ledger: its entries as facts, read by every core at once.

use std::collections::{HashMap, VecDeque};
use std::num::NonZero;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use zeroize::Zeroizing;

use super::detail::Details;
use super::tally::Tally;
use super::{Actor, Data, Doubt, Fact, Leaves, Options, Part, ReadError};
use crate::cbor;
use crate::clock::ClockEvidence;
use crate::detached;
use crate::enrolment::Enrolled;
use crate::files::is_export;
use crate::hash::Hash;
use crate::history::HistoryError;
use crate::inspect::{InspectError, Inspector};
use crate::keys::{DeviceKey, KeyError, KeyRecord, PatientKey};
use crate::leaf::Leaf;
use crate::store::View;
use crate::tiles::Export;
use crate::tree::Frontier;

/// What was read of one ledger.
pub(crate) struct Read {
    pub(crate) part: Part,
    pub(crate) facts: Vec<Fact>,
    /// Of every entry in the range, also of those whose facts were left out.
    pub(crate) tally: Tally,
    pub(crate) device: Option<DeviceKey>,
    /// All its entries.
    pub(crate) size: u64,
    /// The clocks of the first and the last of them, whatever the range.
    pub(crate) span: Option<(ClockEvidence, ClockEvidence)>,
}

/// Fewer entries are read by one thread alone.
const ALONE: u64 = 2_000;

/// Reads one source.
pub(super) fn read(path: &Path, options: &Options) -> Result<Read, ReadError> {
    if is_export(path) { exported(path, options) } else { database(path, options) }
}

fn database(path: &Path, options: &Options) -> Result<Read, ReadError> {
    let inspector = Inspector::open(path)?;
    let (device, data) = key_of(&inspector)?;
    let size = inspector.size();
    let (facts, destroyed, leaves) = between(&inspector, device.as_ref(), options, 0, size)?;
    let ends = facts.first().zip(facts.last()).map(|(first, last)| (first.sequence, last.sequence));
    let doubt = |size: u64, root: &Hash| leaves.doubt(&Frontier::default(), size, root);
    let part = part(&inspector, ends, facts.len() as u64, (data, destroyed), doubt)?;
    let span = span(&inspector)?;
    Ok(Read { part, tally: Tally::of(&facts), facts, device, size, span })
}

/// The clocks of the first and the last entry.
pub(crate) fn span(inspector: &Inspector) -> Result<Option<(ClockEvidence, ClockEvidence)>, ReadError> {
    let Some(last) = inspector.size().checked_sub(1) else { return Ok(None) };
    Ok(Some((inspector.entry(0)?.0.clock, inspector.entry(last)?.0.clock)))
}

/// The device key beside a database; none when it is not there, which is how copies for auditors come, or is kept from this account.
pub(crate) fn key_of(inspector: &Inspector) -> Result<(Option<DeviceKey>, Data), ReadError> {
    match inspector.device_key() {
        Ok(device) => Ok((Some(device), Data::Opened)),
        Err(InspectError::DeviceKey { path, error }) => match without_key(&error) {
            Some(data) => Ok((None, data)),
            None => Err(InspectError::DeviceKey { path, error }.into()),
        },
        Err(error) => Err(error.into()),
    }
}

/// How a ledger is read without its device key; `None` when the key is there and something else is wrong.
fn without_key(error: &std::io::Error) -> Option<Data> {
    match error.kind() {
        std::io::ErrorKind::NotFound => Some(Data::NoKey),
        std::io::ErrorKind::PermissionDenied => Some(Data::KeyKept),
        _ => None,
    }
}

/// What a page says of the entries of one ledger: the numbers of the first and the last, how many, whether patient data was opened,
/// and of how many the key was destroyed. `doubt` answers what speaks against the entries up to a size with a root.
pub(crate) fn part(
    inspector: &Inspector,
    ends: Option<(u64, u64)>,
    entries: u64,
    (data, destroyed): (Data, u64),
    doubt: impl FnOnce(u64, &Hash) -> Option<Doubt>,
) -> Result<Part, ReadError> {
    let origin = inspector.origin().to_owned();
    let mut part = Part { origin, entries, data, destroyed, ..Part::default() };
    let Some((first, last)) = ends else { return Ok(part) };
    let ((first, _), (last, _)) = (inspector.entry(first)?, inspector.entry(last)?);
    let size = last.sequence + 1;
    part.root = inspector.root(size)?;
    part.doubt = match doubt(size, &part.root) {
        None if !inspector.signed(size, part.root, last.epoch)? => Some(Doubt::Unsigned(size)),
        other => other,
    };
    part.first = Some((first.sequence, first.clock));
    part.last = Some((last.sequence, last.clock));
    Ok(part)
}

/// The facts of entries `from..to` that lie in the range, how many of them have lost their key, and the leaf hashes of all.
fn between(
    inspector: &Inspector,
    device: Option<&DeviceKey>,
    options: &Options,
    from: u64,
    to: u64,
) -> Result<(Vec<Fact>, u64, Leaves), ReadError> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get) as u64;
    let threads = if to - from < ALONE { 1 } else { cores };
    let share = (to - from).div_ceil(threads).max(1);
    let read = |start: u64| {
        let (mut facts, mut destroyed) = (Vec::new(), 0);
        let mut pass = Pass::new(inspector, device, options);
        pass.run(start, (start + share).min(to), |fact, lost| {
            destroyed += u64::from(lost);
            facts.push(fact);
        })?;
        Ok((facts, destroyed, pass.leaves))
    };
    let starts: Vec<u64> = (0..threads).map(|at| from + at * share).filter(|at| *at < to).collect();
    let parts: Vec<Result<_, ReadError>> = std::thread::scope(|scope| {
        let threads: Vec<_> = starts.iter().map(|start| scope.spawn(move || read(*start))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    let (mut facts, mut destroyed, mut leaves) = (Vec::new(), 0, Leaves::default());
    for part in parts {
        let (some, lost, next) = part?;
        facts.extend(some);
        destroyed += lost;
        leaves.then(next);
    }
    Ok((facts, destroyed, leaves))
}

/// What one thread reads.
pub(crate) struct Pass<'a> {
    view: &'a View,
    origin: &'a str,
    device: Option<&'a DeviceKey>,
    options: &'a Options,
    keys: HashMap<[u8; 16], Option<PatientKey>>,
    /// Of every entry that it read.
    pub(crate) leaves: Leaves,
}

impl<'a> Pass<'a> {
    pub(crate) fn new(inspector: &'a Inspector, device: Option<&'a DeviceKey>, options: &'a Options) -> Self {
        let (view, origin) = (inspector.view(), inspector.origin());
        Self { view, origin, device, options, keys: HashMap::new(), leaves: Leaves::default() }
    }

    /// Calls `visit` with the facts of entries `from..to` that lie in the range, and whether the key of their patient data was
    /// destroyed.
    pub(crate) fn run(
        &mut self,
        from: u64,
        to: u64,
        mut visit: impl FnMut(Fact, bool),
    ) -> Result<(), ReadError> {
        let mut failed: Option<ReadError> = None;
        let view = self.view;
        let policy = |hash: &[u8; 32]| view.policy(hash).ok().flatten();
        let mut details = Details::new(&policy);
        let mut next = from;
        view.rows_between(from, to, |row| {
            if row.index != next {
                failed = Some(HistoryError::Missing(next).into());
                return false;
            }
            next += 1;
            match self.fact(row.index, row.entry, row.detached, &mut details) {
                Ok(Some((fact, lost))) => visit(fact, lost),
                Ok(None) => {}
                Err(error) => failed = Some(error),
            }
            failed.is_none()
        })?;
        match failed {
            Some(error) => Err(error),
            None if next < to => Err(HistoryError::Missing(next).into()),
            None => Ok(()),
        }
    }

    /// The fact of an entry in the range, and whether the key of its patient data was destroyed.
    fn fact(
        &mut self,
        sequence: u64,
        entry: &[u8],
        sealed: Option<&[u8]>,
        details: &mut Details<'_>,
    ) -> Result<Option<(Fact, bool)>, ReadError> {
        let leaf = Leaf::decode(entry).map_err(|error| ReadError::Entry { sequence, error })?;
        self.leaves.push(sequence, entry, &leaf);
        if !in_range(&leaf, self.options) {
            return Ok(None);
        }
        let mut fact = of_leaf(&leaf);
        let (Some(device), Some(reference)) = (self.device, &leaf.detached) else {
            return Ok(Some((fact, false)));
        };
        let sealed = sealed.ok_or(HistoryError::Missing(sequence))?;
        let key = match self.keys.get(&reference.key_id) {
            Some(key) => key,
            None => {
                let key = self.key(device, &reference.key_id, sequence)?;
                self.keys.entry(reference.key_id).or_insert(key)
            }
        };
        let Some(key) = key else { return Ok(Some((fact, true))) };
        let plain: Zeroizing<Vec<u8>> = detached::open(key, sealed, reference, self.origin, sequence)
            .map_err(|error| HistoryError::Detached { sequence, error })?;
        let detail = details.read(&plain).map_err(|error| ReadError::Entry { sequence, error })?;
        fact.detail = Some(Box::new(detail));
        Ok(Some((fact, false)))
    }

    fn key(&self, device: &DeviceKey, id: &[u8; 16], sequence: u64) -> Result<Option<PatientKey>, ReadError> {
        let Some(bytes) = self.view.key(id)? else { return Ok(None) };
        let record: KeyRecord =
            cbor::decode(&bytes).map_err(|_| HistoryError::Key { sequence, error: KeyError::Wrapped })?;
        let key = PatientKey::open(device, self.origin, *id, &record);
        Ok(Some(key.map_err(|error| HistoryError::Key { sequence, error })?))
    }
}

fn in_range(leaf: &Leaf, options: &Options) -> bool {
    let clock = &leaf.clock;
    options.from.as_ref().is_none_or(|from| from.is_at_or_before(clock))
        && options.to.as_ref().is_none_or(|to| !to.is_at_or_before(clock))
}

/// What anybody may read of an entry.
fn of_leaf(leaf: &Leaf) -> Fact {
    let clear = &leaf.clear;
    Fact {
        sequence: leaf.sequence,
        kind: leaf.kind,
        // Every 64-bit number of nanoseconds is an instant of jiff.
        at: Timestamp::from_nanosecond(i128::from(leaf.clock.wall_ns)).unwrap_or(Timestamp::UNIX_EPOCH),
        offset_s: leaf.clock.offset_s,
        decided: clear.decided.map(|moment| moment.at),
        actor: leaf.actor.as_ref().map(|actor| Actor {
            pseudonym: actor.pseudonym,
            role: actor.role.clone(),
            session: actor.session,
        }),
        findings: clear.findings.iter().filter(|(_, class)| class != "pass").cloned().collect(),
        reasons: clear.reasons.clone(),
        reason: clear.reason.clone(),
        product: clear.product.clone(),
        lot: clear.lot.clone(),
        source: clear.source.clone(),
        symbology: clear.symbology.clone(),
        patient_key: leaf.detached.as_ref().map(|detached| detached.key_id),
        key: leaf.key,
        detail: None,
    }
}

/// An export holds no patient data.
fn exported(path: &Path, options: &Options) -> Result<Read, ReadError> {
    let file = |error| ReadError::File { path: path.to_owned(), error };
    let export = Export::open(path).map_err(file)?;
    let origin = export.checkpoint().lines().next().unwrap_or_default().to_owned();
    if origin.is_empty() || export.size() == 0 {
        return Err(ReadError::Checkpoint(path.to_owned()));
    }
    let (mut facts, mut failed) = (Vec::new(), None);
    let (mut first, mut last) = (None, None);
    let (mut leaves, mut span) = (Leaves::default(), None);
    let read = export.rows(0, export.size(), &mut |row| {
        let leaf = match Leaf::decode(row.entry) {
            Ok(leaf) => leaf,
            Err(error) => {
                failed = Some(ReadError::Entry { sequence: row.index, error });
                return false;
            }
        };
        leaves.push(row.index, row.entry, &leaf);
        let begin = span.take().map_or_else(|| leaf.clock.clone(), |(begin, _)| begin);
        span = Some((begin, leaf.clock.clone()));
        if in_range(&leaf, options) {
            facts.push(of_leaf(&leaf));
            first = first.take().or(Some((leaf.sequence, leaf.clock.clone())));
            last = Some((row.index + 1, leaf));
        }
        true
    });
    if let Some(error) = failed {
        return Err(error);
    }
    read.map_err(|error| ReadError::Export { path: path.to_owned(), error })?;
    let mut part = Part { origin, entries: facts.len() as u64, first, ..Part::default() };
    if let Some((size, leaf)) = last {
        let none = Frontier::default();
        part.root = leaves.root(&none, size);
        part.doubt = match leaves.doubt(&none, size, &part.root) {
            None if !signed_in(&export, (size, part.root), leaf.epoch) => Some(Doubt::Unsigned(size)),
            other => other,
        };
        part.last = Some((leaf.sequence, leaf.clock));
    }
    Ok(Read { part, tally: Tally::of(&facts), facts, device: None, size: export.size(), span })
}

/// Whether an export holds the signature of the first entries with this root by the key of an epoch.
fn signed_in(export: &Export, (size, root): (u64, Hash), epoch: u32) -> bool {
    let enrolled = export.meta("enrolment").ok().and_then(|bytes| Enrolled::decode(&bytes).ok());
    let keys = export.meta("epoch_keys").ok();
    let known = enrolled.zip(keys).and_then(|(enrolled, keys)| {
        let keys = enrolled.epoch_keys(&keys).ok()?;
        Some((enrolled, keys))
    });
    let signature = export.signature(size);
    known.is_some_and(|(enrolled, keys)| enrolled.signed((&keys, epoch), (size, root), signature.as_ref()))
}

/// The id of a ledger.
pub(crate) fn origin_of(path: &Path) -> Result<String, ReadError> {
    if is_export(path) {
        let export = Export::open(path).map_err(|error| ReadError::File { path: path.to_owned(), error })?;
        return Ok(export.checkpoint().lines().next().unwrap_or_default().to_owned());
    }
    Ok(Inspector::open(path)?.origin().to_owned())
}

/// The entries of a ledger as bytes, for several threads at once.
#[derive(Debug)]
pub(crate) enum Entries {
    /// Of a database.
    Database(Box<Inspector>),
    /// Of an export.
    Export(Export, PathBuf),
}

impl Entries {
    fn open(path: &Path) -> Result<Self, ReadError> {
        if !is_export(path) {
            return Ok(Self::Database(Box::new(Inspector::open(path)?)));
        }
        let export = Export::open(path).map_err(|error| ReadError::File { path: path.to_owned(), error })?;
        Ok(Self::Export(export, path.to_owned()))
    }

    /// Calls `visit` with the number and bytes of each entry `from..to`, none left out.
    pub(crate) fn visit(
        &self,
        from: u64,
        to: u64,
        mut visit: impl FnMut(u64, &[u8]) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let (mut failed, mut next) = (None, from);
        let mut each = |index: u64, bytes: &[u8]| {
            if index >= to {
                return false;
            }
            let visited =
                if index == next { visit(index, bytes) } else { Err(HistoryError::Missing(next).into()) };
            next += 1;
            failed = visited.err();
            failed.is_none() && next < to
        };
        match self {
            Self::Database(inspector) => {
                inspector.view().rows_between(from, to, |row| each(row.index, row.entry))?;
            }
            Self::Export(export, path) => export
                .rows(from, to, &mut |row| each(row.index, row.entry))
                .map_err(|error| ReadError::Export { path: path.clone(), error })?,
        }
        match failed {
            Some(error) => Err(error),
            None if next < to => Err(HistoryError::Missing(next).into()),
            None => Ok(()),
        }
    }
}

/// Entries of one piece.
const PIECE: u64 = 4096;

/// Reads the first `size` entries in pieces, by every core at once, and takes the pieces in their order.
pub(crate) fn by_pieces<T: Send>(
    path: &Path,
    size: u64,
    piece: impl Fn(&Entries, u64, u64) -> Result<T, ReadError> + Sync,
    mut take: impl FnMut(T),
) -> Result<(), ReadError> {
    let entries = Entries::open(path)?;
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let read = &|from: u64| piece(&entries, from, size.min(from + PIECE));
    std::thread::scope(|scope| {
        let mut starts = (0..size).step_by(usize::try_from(PIECE).unwrap_or(usize::MAX));
        let mut running: VecDeque<_> =
            starts.by_ref().take(threads).map(|from| scope.spawn(move || read(from))).collect();
        while let Some(first) = running.pop_front() {
            let done = first.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            running.extend(starts.next().map(|from| scope.spawn(move || read(from))));
            take(done?);
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};

    use super::*;

    #[test]
    fn a_key_that_is_kept_from_this_account_is_no_failure_and_a_damaged_one_is() {
        assert_eq!(without_key(&Error::from(ErrorKind::NotFound)), Some(Data::NoKey));
        assert_eq!(without_key(&Error::from(ErrorKind::PermissionDenied)), Some(Data::KeyKept));
        assert_eq!(without_key(&Error::from(ErrorKind::InvalidData)), None);
    }
}
