//! An index of one ledger: its facts, read and opened once, so that reports over a million entries take a moment. It is disposable and
//! is never trusted: it names the size and root of the tree that it was made from, and one of another ledger, another root, or from
//! before keys were destroyed is made again; one of an earlier size is extended.
//!
//! Facts hold patient data, so each section is sealed (AES-256-GCM) under a key that follows from the device key. Without the device
//! key there is no index. Sections are made and opened by every core at once, and a report opens only those that it needs ([`needs`]).

mod build;
mod chunk;
mod needs;

use std::path::{Path, PathBuf};

use rights::ident::plain_lot;
use ring::aead::{Aad, Nonce};
use zeroize::Zeroizing;

use crate::cbor::{self, record};
use crate::hash::Hash;
use crate::inspect::Inspector;
use crate::keys::{DeviceKey, cipher, mac};
use crate::kind::Kind;
use crate::random::{self, NoRandomness};
use crate::reading::source::{Read, key_of, part, span};
use crate::reading::{Book, Data, Fact, Leaves, Options, Part, ReadError, Tally, bind};
use crate::report;
use crate::report::recall;
use crate::store::{IndexFile, Sections, StoreError};
use crate::tree::Frontier;
use build::{CORRECTIONS, NO_LOT, cores, in_parallel, no_lot_of};
use chunk::{CHUNK, Gathered, HEADS, Heads};
use needs::Needs;

/// Entries that are read and written in one go.
const STRIDE: u64 = CHUNK * 512;
/// What an index says that it is of.
const VERSION: u64 = 4;

/// Where a section of a chunk stands.
const fn key(section: u8, chunk: u64) -> u64 {
    ((section as u64) << 56) | chunk
}

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
    /// Something else stands in its place.
    #[error("{0}: not an index of a ledger, or a damaged one; name a new file, or delete this one")]
    NotAnIndex(PathBuf),
    /// No device key.
    #[error(
        "an index holds patient data, which opens only with keys/device.key beside the ledger, readable by this account"
    )]
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
    /// The entries that were read, and the tree before them, where something spoke against them.
    doubtful: Option<(Leaves, Frontier)>,
}

impl Index {
    /// Opens an index in a place where nothing else can be: what is no index there is a damaged one, and is made anew.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_own(path: &Path, ledger: &Path) -> Result<Self, IndexError> {
        match Self::open(path, ledger) {
            Err(IndexError::NotAnIndex(_) | IndexError::Store(StoreError::Damaged(_))) => {
                std::fs::remove_file(path).map_err(StoreError::Io)?;
                Self::open(path, ledger)
            }
            other => other,
        }
    }

    /// Opens an index and brings it up to the ledger.
    ///
    /// # Errors
    /// When the ledger cannot be read, its device key is missing, something else stands in the file, or it cannot be written.
    pub fn open(path: &Path, ledger: &Path) -> Result<Self, IndexError> {
        let inspector = Inspector::open(ledger).map_err(ReadError::from)?;
        let device = key_of(&inspector)?.0.ok_or(IndexError::NoDeviceKey)?;
        let key = Zeroizing::new(device.pseudonym("index", inspector.origin()));
        let lot_key = Zeroizing::new(device.pseudonym("index of lots", inspector.origin()));
        if !IndexFile::may_stand_in(path)? {
            return Err(IndexError::NotAnIndex(path.to_owned()));
        }
        let file = IndexFile::open(path)?;
        let mut index = Self {
            file,
            inspector,
            device,
            key,
            lot_key,
            brought: Brought::Nothing,
            destroyed: 0,
            doubtful: None,
        };
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
        let before = self.inspector.frontier(from).map_err(ReadError::from)?;
        let (mut start, mut leaves) = (from, Leaves::default());
        loop {
            let end = (start + STRIDE).min(size);
            let made = self.make(start, end)?;
            leaves.then(made.leaves);
            let holds = end < size || leaves.doubt(&before, size, &root).is_none();
            now.destroyed += if from == 0 { made.lost } else { 0 };
            // Until the last stride it is an index of nothing, so that one that was interrupted is made again; so is one of entries
            // that were changed, because they may be put back.
            let of =
                if end == size && holds { now.clone() } else { Of { size: 0, root: [0; 32], ..now.clone() } };
            self.file.put(&cbor::encode(&of), start, &made.sections, &made.lots, end == size)?;
            if end == size {
                self.destroyed = now.destroyed;
                self.doubtful = (!holds).then_some((leaves, before));
                return Ok(());
            }
            start = end;
        }
    }

    /// Whether the last chunk is there and opens.
    fn is_whole(&self, size: u64) -> Result<bool, IndexError> {
        let last = size.saturating_sub(1) / CHUNK;
        let heads = self.open_section(&self.file.sections()?, HEADS, last)?;
        let heads = heads.and_then(|bytes| cbor::decode::<Heads>(&bytes).ok());
        Ok(heads.is_some_and(|heads| last * CHUNK + heads.all.len() as u64 == size))
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

    fn lot_of(&self, lot: &str) -> [u8; 32] {
        mac(&self.lot_key, &[plain_lot(lot).as_bytes()])
    }

    fn seal(&self, key: u64, mut bytes: Vec<u8>) -> Result<Vec<u8>, IndexError> {
        let nonce: [u8; 12] = random::public()?;
        let sealed = cipher(&self.key).and_then(|cipher| {
            let nonce = Nonce::assume_unique_for_key(nonce);
            cipher.seal_in_place_append_tag(nonce, Aad::from(key.to_be_bytes()), &mut bytes).ok()
        });
        sealed.ok_or_else(|| StoreError::Damaged("a section cannot be sealed".to_owned()))?;
        bytes.extend(nonce);
        Ok(bytes)
    }

    /// A section as it was before it was sealed; `None` when it is not there or does not open.
    fn open_section(
        &self,
        sections: &Sections,
        section: u8,
        chunk: u64,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let key = key(section, chunk);
        let opened = sections.with(key, |sealed| {
            let (sealed, nonce) = sealed.split_last_chunk::<12>()?;
            let mut bytes = sealed.to_vec();
            let nonce = Nonce::assume_unique_for_key(*nonce);
            let length =
                cipher(&self.key)?.open_in_place(nonce, Aad::from(key.to_be_bytes()), &mut bytes).ok()?.len();
            bytes.truncate(length);
            Some(bytes)
        });
        Ok(opened?.flatten())
    }

    /// What chunks `from..to` hold.
    fn gather(&self, options: &Options, needs: Needs, from: u64, to: u64) -> Result<Gathered, StoreError> {
        let sections = self.file.sections()?;
        let mut gathered = Gathered::default();
        for chunk in from..to {
            let mut failed = None;
            let whole = gathered.take(chunk * CHUNK, (options, needs), |section| {
                self.open_section(&sections, section, chunk).unwrap_or_else(|error| {
                    failed = Some(error);
                    None
                })
            });
            if let Some(error) = failed {
                return Err(error);
            }
            if !whole {
                return Err(damaged());
            }
        }
        Ok(gathered)
    }

    /// The book of a range, as [`crate::reading::read`] gives it.
    ///
    /// # Errors
    /// When the index is damaged or the range holds nothing.
    pub fn book(self, options: &Options) -> Result<Book, IndexError> {
        self.book_of(Needs::ALL, options)
    }

    /// The book of a range for one report: its lines are those that the report looks at, its counts are of all entries.
    ///
    /// # Errors
    /// As [`book`](Self::book).
    pub fn book_for(self, kind: report::Kind, options: &Options) -> Result<Book, IndexError> {
        // Ids stand in any entry's patient data.
        let needs = if options.names { Needs::ALL } else { Needs::of_report(kind) };
        self.book_of(needs, options)
    }

    fn book_of(self, needs: Needs, options: &Options) -> Result<Book, IndexError> {
        let chunks = self.inspector.size().div_ceil(CHUNK);
        // More pieces than cores: chunks differ in what they hold.
        let share = chunks.div_ceil(cores()).max(1);
        let parts = in_parallel((0..chunks).step_by(usize::try_from(share).unwrap_or(usize::MAX)), |from| {
            self.gather(options, needs, from, chunks.min(from + share))
        });
        let mut all = Gathered::default();
        for part in parts {
            all.then(part?);
        }
        let part = self.part(all.ends, all.entries, all.lost)?;
        self.bound(part, (all.facts, all.tally), options, needs == Needs::ALL)
    }

    fn part(&self, ends: Option<(u64, u64)>, entries: u64, lost: u64) -> Result<Part, ReadError> {
        // As a report without an index asks it: for the end of its own range.
        let doubt = |size: u64, root: &Hash| {
            let (leaves, before) = self.doubtful.as_ref().filter(|(_, before)| size > before.size())?;
            leaves.doubt(before, size, root)
        };
        part(&self.inspector, ends, entries, (Data::Opened, lost), doubt)
    }

    /// The book of the whole ledger with the lines of one lot, of the doses that may be of it, and all corrections alone: what the
    /// look-back for a lot needs.
    ///
    /// # Errors
    /// When the index is damaged.
    pub fn book_of_lot(self, lot: &str, names: bool) -> Result<Book, IndexError> {
        let mut places = self.file.lot(&self.lot_of(lot))?;
        let items = recall::items(self.facts_at(places.clone())?.iter(), lot);
        if items.is_empty() {
            places.extend(self.file.lot(&self.lot_of(NO_LOT))?);
        } else {
            for item in items.iter().map(|item| Some(item.as_str())).chain([None]) {
                places.extend(self.file.lot(&self.lot_of(&no_lot_of(item)))?);
            }
        }
        places.extend(self.file.lot(&self.lot_of(CORRECTIONS))?);
        let facts = self.facts_at(places)?;
        let options = Options { names, ..Options::default() };
        let size = self.inspector.size();
        let part = self.part(Some((0, size.saturating_sub(1))), size, self.destroyed)?;
        let tally = Tally::of(&facts);
        self.bound(part, (facts, tally), &options, false)
    }

    /// The facts at these places, in their order, each once.
    fn facts_at(&self, mut places: Vec<u64>) -> Result<Vec<Fact>, StoreError> {
        places.sort_unstable();
        places.dedup();
        let chunks: Vec<&[u64]> = places.chunk_by(|a, b| a / CHUNK == b / CHUNK).collect();
        let share = chunks.len().div_ceil(usize::try_from(cores()).unwrap_or(1)).max(1);
        let parts = in_parallel((0..chunks.len() as u64).step_by(share), |from| {
            let from = usize::try_from(from).unwrap_or(usize::MAX);
            self.picked(chunks.iter().skip(from).take(share).copied())
        });
        let mut facts = Vec::new();
        for part in parts {
            facts.extend(part?);
        }
        Ok(facts)
    }

    /// The facts at these places, each piece within one chunk.
    fn picked<'a>(&self, places: impl Iterator<Item = &'a [u64]>) -> Result<Vec<Fact>, StoreError> {
        let sections = self.file.sections()?;
        let mut facts = Vec::new();
        for places in places {
            let Some(chunk) = places.first().map(|place| place / CHUNK) else { continue };
            let mut failed = None;
            let found = chunk::pick(chunk * CHUNK, places, |section| {
                self.open_section(&sections, section, chunk).unwrap_or_else(|error| {
                    failed = Some(error);
                    None
                })
            });
            match (failed, found) {
                (Some(error), _) => return Err(error),
                (None, Some(found)) => facts.extend(found),
                (None, None) => return Err(damaged()),
            }
        }
        Ok(facts)
    }

    fn bound(
        self,
        part: Part,
        (facts, tally): (Vec<Fact>, Tally),
        options: &Options,
        named: bool,
    ) -> Result<Book, IndexError> {
        let (size, span) = (self.inspector.size(), span(&self.inspector)?);
        let read = Read { part, facts, tally, device: Some(self.device), size, span };
        Ok(bind(vec![read], options, named)?)
    }
}

fn damaged() -> StoreError {
    StoreError::Damaged("a section does not open: remove the file, it is made again".to_owned())
}
