//! An index of one ledger: its facts, read and opened once, so that reports over a million entries take a moment. It is disposable and
//! is never trusted: it names the size and root of the tree that it was made from, and one of another ledger, another root, or from
//! before keys were destroyed is made again; one of an earlier size is extended.
//!
//! Facts hold patient data, so each chunk is sealed (AES-256-GCM) under a key that follows from the device key. Without the device
//! key there is no index.

use std::path::Path;

use ring::aead::{Aad, Nonce};
use zeroize::Zeroizing;

use crate::cbor::{self, record};
use crate::hash::Hash;
use crate::inspect::Inspector;
use crate::keys::{DeviceKey, cipher, mac};
use crate::kind::Kind;
use crate::random::{self, NoRandomness};
use crate::reading::source::{Read, between, key_of, part};
use crate::reading::{Book, Fact, Options, Part, ReadError, bind};
use crate::report::recall;
use crate::store::{IndexFile, LotPlace, StoreError};

/// Facts of one chunk: few enough that the look-back for a lot opens little beside what it needs.
const CHUNK: u64 = 64;
/// Entries that are read and written in one go.
const STRIDE: u64 = CHUNK * 2048;
/// No lot is named so: a lot has no space where it is compared.
const CORRECTIONS: &str = "\u{1}corrections";
/// What an index says that it is of.
const VERSION: u64 = 1;

/// What an index was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Of {
    version: u64,
    origin: String,
    size: u64,
    root: Hash,
    /// Entries whose patient data had lost its key when it was built. Keys are destroyed by an entry, after which it is built anew.
    destroyed: u64,
}

record!(Of { 0 => version, 1 => origin, 2 => size, 3 => root, 4 => destroyed });

/// Why there is no index.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The ledger cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The index's file.
    #[error("index: {0}")]
    Store(#[from] StoreError),
    /// No device key.
    #[error("an index holds patient data, which opens only with keys/device.key beside the ledger")]
    NoDeviceKey,
    /// No randomness.
    #[error(transparent)]
    Random(#[from] NoRandomness),
}

/// What was done to bring an index up to the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brought {
    /// It was up to date.
    Nothing,
    /// So many entries were added.
    Extended(u64),
    /// It was made anew.
    Built,
}

/// An index that is of the ledger as it stands.
#[derive(Debug)]
pub struct Index {
    file: IndexFile,
    inspector: Inspector,
    device: DeviceKey,
    key: Zeroizing<[u8; 32]>,
    lot_key: Zeroizing<[u8; 32]>,
    brought: Brought,
    destroyed: u64,
}

impl Index {
    /// Opens an index and brings it up to the ledger.
    ///
    /// # Errors
    /// When the ledger cannot be read, its device key is missing, or the file cannot be written.
    pub fn open(path: &Path, ledger: &Path) -> Result<Self, IndexError> {
        let inspector = Inspector::open(ledger).map_err(ReadError::from)?;
        let device = key_of(&inspector)?.ok_or(IndexError::NoDeviceKey)?;
        let key = Zeroizing::new(device.pseudonym("index", inspector.origin()));
        let lot_key = Zeroizing::new(device.pseudonym("index of lots", inspector.origin()));
        let file = IndexFile::open(path)?;
        let mut index =
            Self { file, inspector, device, key, lot_key, brought: Brought::Nothing, destroyed: 0 };
        index.bring()?;
        Ok(index)
    }

    /// What opening it did.
    pub const fn brought(&self) -> Brought {
        self.brought
    }

    fn bring(&mut self) -> Result<(), IndexError> {
        let size = self.inspector.size();
        let root = self.inspector.root(size).map_err(ReadError::from)?;
        let origin = self.inspector.origin().to_owned();
        let known: Option<Of> = self.file.meta()?.and_then(|bytes| cbor::decode(&bytes).ok());
        let mut now = Of { version: VERSION, origin, size, root, destroyed: 0 };
        let same = |known: &Of| Of { destroyed: 0, ..known.clone() } == now;
        if let Some(known) = known.as_ref().filter(|known| same(known))
            && self.is_whole(size)?
        {
            self.destroyed = known.destroyed;
            return Ok(());
        }
        let from = match &known {
            Some(known) if self.continues(known, size)? => {
                now.destroyed = known.destroyed;
                known.size / CHUNK * CHUNK
            }
            _ => 0,
        };
        self.brought = if from == 0 { Brought::Built } else { Brought::Extended(size - from) };
        let mut start = from;
        loop {
            let end = (start + STRIDE).min(size);
            let options = Options::default();
            let (facts, lost) = between(&self.inspector, Some(&self.device), &options, start, end)?;
            now.destroyed += if from == 0 { lost } else { 0 };
            let lots: Vec<LotPlace> = facts.iter().flat_map(|fact| self.places(fact)).collect();
            let mut chunks = Vec::new();
            for (number, facts) in (start / CHUNK..).zip(facts.chunks(usize::try_from(CHUNK).unwrap_or(64))) {
                chunks.push((number, self.seal(number, &cbor::encode(&facts.to_vec()))?));
            }
            // Until the last stride it is an index of nothing, so that one that was interrupted is made again.
            let of = if end == size { now.clone() } else { Of { size: 0, root: [0; 32], ..now.clone() } };
            self.file.put(&cbor::encode(&of), start, &chunks, &lots, end == size)?;
            if end == size {
                self.destroyed = now.destroyed;
                return Ok(());
            }
            start = end;
        }
    }

    /// Whether the last chunk is there and opens.
    fn is_whole(&self, size: u64) -> Result<bool, IndexError> {
        let last = size.saturating_sub(1) / CHUNK;
        let mut whole = false;
        self.file.chunks(last, last, |number, sealed| {
            whole = self
                .open_chunk(number, sealed)
                .is_some_and(|facts| facts.last().is_some_and(|fact| fact.sequence + 1 == size));
            false
        })?;
        Ok(whole)
    }

    /// Whether the ledger goes on from what the index knows, without keys having been destroyed since.
    fn continues(&self, known: &Of, size: u64) -> Result<bool, IndexError> {
        let same = known.version == VERSION
            && known.origin == self.inspector.origin()
            && (1..=size).contains(&known.size)
            && self.inspector.root(known.size).map_err(ReadError::from)? == known.root
            && self.is_whole(known.size)?;
        if !same {
            return Ok(false);
        }
        for sequence in known.size..size {
            let (leaf, _) = self.inspector.entry(sequence).map_err(ReadError::from)?;
            if leaf.kind == Kind::SHRED {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Where a fact stands: a dose under each of its lots, a correction among all corrections.
    fn places(&self, fact: &Fact) -> Vec<LotPlace> {
        if fact.kind == Kind::CORRECTION {
            return vec![(self.lot_of(CORRECTIONS), fact.sequence)];
        }
        if !fact.is_dose() {
            return Vec::new();
        }
        let lots = recall::lots(fact).into_iter();
        lots.map(|(_, lot)| (self.lot_of(&lot), fact.sequence)).collect()
    }

    fn lot_of(&self, lot: &str) -> [u8; 32] {
        mac(&self.lot_key, &[recall::plain(lot).as_bytes()])
    }

    fn seal(&self, number: u64, plain: &[u8]) -> Result<Vec<u8>, IndexError> {
        let nonce: [u8; 12] = random::public()?;
        let mut bytes = plain.to_vec();
        let sealed = cipher(&self.key).and_then(|cipher| {
            let nonce = Nonce::assume_unique_for_key(nonce);
            cipher.seal_in_place_append_tag(nonce, Aad::from(number.to_be_bytes()), &mut bytes).ok()
        });
        sealed.ok_or_else(|| StoreError::Damaged("a chunk cannot be sealed".to_owned()))?;
        Ok([nonce.as_slice(), &bytes].concat())
    }

    fn open_chunk(&self, number: u64, sealed: &[u8]) -> Option<Vec<Fact>> {
        let (nonce, rest) = sealed.split_first_chunk::<12>()?;
        let mut bytes = Zeroizing::new(rest.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let plain =
            cipher(&self.key)?.open_in_place(nonce, Aad::from(number.to_be_bytes()), &mut bytes).ok()?;
        cbor::decode(plain).ok()
    }

    /// The facts of chunks `from..=to`.
    fn facts(&self, from: u64, to: u64, facts: &mut Vec<Fact>) -> Result<(), IndexError> {
        let (mut damaged, mut next) = (false, from);
        self.file.chunks(from, to, |number, sealed| {
            match self.open_chunk(number, sealed).filter(|_| number == next) {
                Some(chunk) => facts.extend(chunk),
                None => damaged = true,
            }
            next += 1;
            !damaged
        })?;
        if damaged {
            let why = "a chunk does not open: remove the file, it is made again".to_owned();
            return Err(StoreError::Damaged(why).into());
        }
        Ok(())
    }

    /// The book of a range, as [`crate::reading::read`] gives it.
    ///
    /// # Errors
    /// When the index is damaged or the range holds nothing.
    pub fn book(self, options: &Options) -> Result<Book, IndexError> {
        let size = self.inspector.size();
        let mut facts = Vec::new();
        self.facts(0, size.saturating_sub(1) / CHUNK, &mut facts)?;
        facts.retain(|fact| options.holds(fact.at, fact.offset_s));
        let lost = |fact: &&Fact| fact.patient_key.is_some() && fact.detail.is_none();
        let destroyed = facts.iter().filter(lost).count() as u64;
        let part = part(&self.inspector, &facts, true, destroyed)?;
        self.bound(part, facts, options)
    }

    /// The book of the whole ledger with the lines of one lot and all corrections alone: what the look-back for a lot needs.
    ///
    /// # Errors
    /// When the index is damaged.
    pub fn book_of_lot(self, lot: &str, names: bool) -> Result<Book, IndexError> {
        let mut places = self.file.lot(&self.lot_of(lot))?;
        places.extend(self.file.lot(&self.lot_of(CORRECTIONS))?);
        places.sort_unstable();
        places.dedup();
        let (mut facts, mut chunk): (Vec<Fact>, Vec<Fact>) = (Vec::new(), Vec::new());
        let mut opened = None;
        for sequence in places {
            if opened != Some(sequence / CHUNK) {
                chunk.clear();
                self.facts(sequence / CHUNK, sequence / CHUNK, &mut chunk)?;
                opened = Some(sequence / CHUNK);
            }
            facts.extend(chunk.iter().find(|fact| fact.sequence == sequence).cloned());
        }
        let ends = self.ends()?;
        let mut part = part(&self.inspector, &ends, true, self.destroyed)?;
        part.entries = self.inspector.size();
        self.bound(part, facts, &Options { names, ..Options::default() })
    }

    /// The first and the last fact.
    fn ends(&self) -> Result<Vec<Fact>, IndexError> {
        let last = self.inspector.size().saturating_sub(1) / CHUNK;
        let (mut first, mut end) = (Vec::new(), Vec::new());
        self.facts(0, 0, &mut first)?;
        self.facts(last, last, &mut end)?;
        Ok(first.into_iter().next().into_iter().chain(end.pop()).collect())
    }

    fn bound(self, part: Part, facts: Vec<Fact>, options: &Options) -> Result<Book, IndexError> {
        let read = Read { part, facts, device: Some(self.device), size: self.inspector.size() };
        Ok(bind(vec![read], options)?)
    }
}
