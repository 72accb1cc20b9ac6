//! The ledger, open for writing: encode once, read back and compare, chain, tree, sign, one durable commit, then the receipt.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rights::entry::{Entry, IdempotencyKey, Recorded};
use rights::ident::PatientId;

use crate::checkpoint::Checkpoint;
use crate::clock::ClockEvidence;
use crate::codec;
use crate::detached::{self, DetachedError};
use crate::enrolment::{Enrolled, EnrolmentError};
use crate::epoch::EpochState;
use crate::files::{Folder, read_secret};
use crate::hash::{Hash, sha256};
use crate::history::{History, HistoryError};
use crate::keys::{DeviceKey, KeyError, KeyRecord, PatientKey};
use crate::kind::Kind;
use crate::leaf::{ActorField, CDDL, Clear, Domain, Leaf};
use crate::note::{Note, SecretKey, VerifierKey};
use crate::random::{self, NoRandomness};
use crate::receipt::{Appended, Receipt};
use crate::store::{NewEntry, Sharing, StorageBackend, Store, StoreError, View};
use crate::tail::{self, TailError};
use crate::tree::{Frontier, leaf_hash};
use crate::{cbor, leaf};

/// At most so many epochs are skipped at once. A clock that jumps further is shown by its evidence and moves nothing, so that a
/// clock set to the year 2100 does not use up the ledger's keys.
const MOST_EPOCHS_SKIPPED: u32 = 400;
/// Patient keys kept open at once; a ward has far fewer patients.
const MOST_OPEN_KEYS: usize = 512;

/// A ledger open for writing. One thread owns it.
#[derive(Debug)]
pub struct Ledger {
    store: Store,
    folder: Folder,
    enrolled: Enrolled,
    epoch_keys: Vec<[u8; 32]>,
    device: DeviceKey,
    epoch: EpochState,
    signing: SecretKey,
    verifier: VerifierKey,
    frontier: Frontier,
    previous: Hash,
    open_keys: BTreeMap<[u8; 34], PatientKey>,
    known_policies: BTreeSet<Hash>,
    failed: Option<String>,
}

/// Why a ledger does not open. It is never repaired into something else.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A file is missing or unreadable.
    #[error("{path}: {error}; a ledger is made by `ledger init`")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The database.
    #[error("{path}: {error}")]
    Store {
        /// Which.
        path: PathBuf,
        /// Why.
        error: StoreError,
    },
    /// Another kiosk's ledger.
    #[error("this is the ledger of {found}, not of {expected}; nothing was recorded in it")]
    OtherOrigin {
        /// Whose it is.
        found: String,
        /// Whose it should be.
        expected: String,
    },
    /// Another device key.
    #[error("keys/device.key is not the key of this ledger; put back the key that was made with it")]
    OtherDeviceKey,
    /// The epoch state is another ledger's.
    #[error(
        "keys/epoch.state does not belong to this ledger: its signing key is not the enrolled one of epoch {0}"
    )]
    OtherEpochKey(u32),
    /// The ledger is older than its keys: it was put back from a copy.
    #[error(
        "the keys are at epoch {keys}, the ledger ends in epoch {ledger}: an older ledger was put in its place"
    )]
    RolledBack {
        /// The keys' epoch.
        keys: u32,
        /// The ledger's.
        ledger: u32,
    },
    /// The enrolment.
    #[error(transparent)]
    Enrolment(#[from] EnrolmentError),
    /// The files beside the database and the database say different things.
    #[error("{0} is not what the database holds")]
    Differs(&'static str),
    /// The end of the ledger does not hold.
    #[error(
        "the end of the ledger does not hold: {0}; run `ledger verify` and call whoever is responsible for it"
    )]
    Tail(#[from] TailError),
    /// Opening is an entry, and it could not be recorded.
    #[error("opening could not be recorded: {0}")]
    Boot(#[from] AppendError),
}

/// Why nothing was recorded. After any of these but [`KeyReused`](Self::KeyReused) and the limits the ledger is closed to further
/// entries until it is opened again.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// An earlier failure.
    #[error("not recorded: the ledger stopped after an earlier failure ({0}); it must be opened again")]
    Stopped(String),
    /// Another entry has this idempotency key.
    #[error("not recorded: entry {sequence} has the same idempotency key and another content")]
    KeyReused {
        /// Which.
        sequence: u64,
    },
    /// Longer than the format allows.
    #[error("not recorded: the entry has {0} bytes, more than 65,535")]
    TooLong(usize),
    /// What would be stored is not what was meant.
    #[error("not recorded: the encoded {0} does not decode to what was to be recorded")]
    Contradiction(&'static str),
    /// The database.
    #[error("not recorded: {0}")]
    Store(#[from] StoreError),
    /// A patient key.
    #[error("not recorded: {0}")]
    Key(#[from] KeyError),
    /// Encryption.
    #[error("not recorded: {0}")]
    Detached(#[from] DetachedError),
    /// No randomness.
    #[error("not recorded: {0}")]
    Random(#[from] NoRandomness),
    /// The epoch state could not be stored.
    #[error("not recorded: keys/epoch.state: {0}")]
    EpochState(std::io::Error),
    /// An earlier entry of the same key could not be read.
    #[error("not recorded: the earlier entry {0} of the same idempotency key cannot be read")]
    Earlier(u64),
}

impl AppendError {
    /// Whether the ledger may go on: nothing was begun.
    const fn is_harmless(&self) -> bool {
        matches!(self, Self::KeyReused { .. } | Self::TooLong(_) | Self::Stopped(_))
    }
}

/// How to open a ledger.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    /// Whose ledger it must be; anybody's when left out.
    pub origin: Option<String>,
    /// SHA-256 of the program, for the boot entry.
    pub build: Option<Hash>,
    /// How processes share the file.
    pub sharing: Sharing,
}

/// What is to be recorded, before it has its place.
#[derive(Default)]
struct Draft {
    actor: Option<ActorField>,
    clear: Clear,
    patient: Option<PatientPart>,
    key: Option<[u8; 20]>,
}

struct PatientPart {
    plain: zeroize::Zeroizing<Vec<u8>>,
    policies: BTreeMap<Hash, Vec<u8>>,
    pseudonym: Hash,
    year: u16,
}

impl Ledger {
    /// Opens the ledger of a folder and records that it was opened.
    ///
    /// # Errors
    /// When it is missing, another's, in use, damaged, or put back from an older copy.
    pub fn open(folder: &Path, options: &OpenOptions, clock: &ClockEvidence) -> Result<Self, OpenError> {
        let path = Folder::new(folder).database();
        let store = Store::open(&path, options.sharing).map_err(|error| match error {
            StoreError::Io(error) => OpenError::File { path: path.clone(), error },
            error => OpenError::Store { path: path.clone(), error },
        })?;
        Self::open_store(store, folder, options, clock)
    }

    /// As [`open`](Self::open), with the database on another storage: for tests of power cuts and full disks.
    ///
    /// # Errors
    /// As there.
    pub fn open_on(
        backend: impl StorageBackend,
        folder: &Path,
        options: &OpenOptions,
        clock: &ClockEvidence,
    ) -> Result<Self, OpenError> {
        let path = Folder::new(folder).database();
        let store =
            Store::open_on(backend, options.sharing).map_err(|error| OpenError::Store { path, error })?;
        Self::open_store(store, folder, options, clock)
    }

    fn open_store(
        store: Store,
        path: &Path,
        options: &OpenOptions,
        clock: &ClockEvidence,
    ) -> Result<Self, OpenError> {
        let folder = Folder::new(path);
        let in_store = |error| OpenError::Store { path: folder.database(), error };
        let view = store.view().map_err(in_store)?;
        let bytes = view.meta("enrolment").map_err(in_store)?.unwrap_or_default();
        let enrolled = Enrolled::decode(&bytes)?;
        if let Some(expected) = options.origin.as_ref().filter(|origin| **origin != enrolled.record().origin)
        {
            let found = enrolled.record().origin.clone();
            return Err(OpenError::OtherOrigin { found, expected: expected.clone() });
        }
        let epoch_keys =
            enrolled.epoch_keys(&view.meta("epoch_keys").map_err(in_store)?.unwrap_or_default())?;
        let file = |path: PathBuf| move |error| OpenError::File { path, error };
        if std::fs::read(folder.enrolment()).map_err(file(folder.enrolment()))? != bytes {
            return Err(OpenError::Differs("the file `enrolment`"));
        }
        let secret = read_secret(&folder.device_key()).map_err(file(folder.device_key()))?;
        let device = DeviceKey::from_secret(&secret);
        if *device.check() != enrolled.record().device_check {
            return Err(OpenError::OtherDeviceKey);
        }
        let tail = tail::check(&view, &enrolled, &epoch_keys)?;
        let mut epoch = folder.read_epoch_state().map_err(file(folder.epoch_state()))?;
        if epoch.epoch() > tail.epoch {
            return Err(OpenError::RolledBack { keys: epoch.epoch(), ledger: tail.epoch });
        }
        let (verifier, signing) = keys_of(&enrolled, &epoch_keys, &epoch)?;
        let mut ledger = Self {
            store,
            folder,
            enrolled,
            epoch_keys,
            device,
            epoch: EpochState::new(epoch.epoch(), zeroize::Zeroizing::new(*epoch.secret())),
            signing,
            verifier,
            frontier: tail.frontier,
            previous: tail.previous,
            open_keys: BTreeMap::new(),
            known_policies: BTreeSet::new(),
            failed: None,
        };
        if epoch.epoch() < tail.epoch {
            // The power was cut between the rotate entry and the new state.
            epoch = epoch.advanced_to(tail.epoch);
            ledger.enter_epoch(epoch)?;
        }
        let clear = Clear { build: options.build, note: Some(program()), ..Clear::default() };
        let _ = ledger.append_own(Kind::BOOT, clear, clock)?;
        Ok(ledger)
    }

    /// Records the first entry of a new ledger.
    pub(crate) fn found(
        store: Store,
        folder: Folder,
        enrolled: Enrolled,
        epoch_keys: Vec<[u8; 32]>,
        device: DeviceKey,
        epoch: EpochState,
        clock: &ClockEvidence,
    ) -> Result<(), AppendError> {
        let wrong = |_| AppendError::Contradiction("enrolment");
        let (verifier, signing) = keys_of(&enrolled, &epoch_keys, &epoch).map_err(wrong)?;
        let clear = Clear {
            build: Some(enrolled.record().build),
            cddl: Some(sha256(&[CDDL.as_bytes()])),
            note: Some(program()),
            ..Clear::default()
        };
        let previous = enrolled.hash();
        let mut ledger = Self {
            store,
            folder,
            enrolled,
            epoch_keys,
            device,
            epoch,
            signing,
            verifier,
            frontier: Frontier::default(),
            previous,
            open_keys: BTreeMap::new(),
            known_policies: BTreeSet::new(),
            failed: None,
        };
        let _ = ledger
            .guarded(|ledger| ledger.commit(Kind::GENESIS, Draft { clear, ..Draft::default() }, clock))?;
        ledger.store.close().map_err(AppendError::Store)
    }

    /// Which ledger this is.
    pub fn origin(&self) -> &str {
        &self.enrolled.record().origin
    }

    /// Entries so far.
    pub const fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The signing epoch.
    pub const fn epoch(&self) -> u32 {
        self.epoch.epoch()
    }

    /// Why nothing can be recorded any more, when a failure stopped the ledger.
    pub fn failed(&self) -> Option<&str> {
        self.failed.as_deref()
    }

    /// Records an entry of the bedside durably. The same entry again gives its first receipt and writes nothing.
    ///
    /// # Errors
    /// When it is not recorded; see [`AppendError`].
    pub fn append(&mut self, entry: &Entry, clock: &ClockEvidence) -> Result<Appended, AppendError> {
        self.guarded(|ledger| ledger.try_append(entry, clock))
    }

    /// Records that the ledger is closed, and closes it.
    ///
    /// # Errors
    /// When that cannot be recorded.
    pub fn close(mut self, clock: &ClockEvidence) -> Result<(), AppendError> {
        let _ = self.append_own(Kind::CLOSE, Clear::default(), clock)?;
        self.store.close().map_err(AppendError::Store)
    }

    /// What is stored, oldest first, with patient data opened: from entry `from` on.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn history(&self, from: u64) -> Result<History<'_>, HistoryError> {
        Ok(History::new(self.store.view()?, &self.device, self.origin(), from, self.size()))
    }

    /// Everything that was done as far as it is recorded, oldest first.
    ///
    /// # Errors
    /// When the database or an entry cannot be read.
    pub fn records(&self) -> Result<Vec<rights::history::Record>, HistoryError> {
        self.history(0)?.records()
    }

    /// What is stored now.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn view(&self) -> Result<View, StoreError> {
        self.store.view()
    }

    fn guarded<T>(
        &mut self,
        act: impl FnOnce(&mut Self) -> Result<T, AppendError>,
    ) -> Result<T, AppendError> {
        if let Some(cause) = &self.failed {
            return Err(AppendError::Stopped(cause.clone()));
        }
        let done = act(self);
        if let Err(error) = &done
            && !error.is_harmless()
        {
            tracing::error!(%error, size = self.size(), "the ledger stopped");
            self.failed = Some(error.to_string());
        }
        done
    }

    fn append_own(
        &mut self,
        kind: Kind,
        clear: Clear,
        clock: &ClockEvidence,
    ) -> Result<Receipt, AppendError> {
        self.guarded(|ledger| {
            ledger.follow_clock(clock)?;
            ledger.commit(kind, Draft { clear, ..Draft::default() }, clock)
        })
    }

    fn try_append(&mut self, entry: &Entry, clock: &ClockEvidence) -> Result<Appended, AppendError> {
        if let Some(sequence) = self.store.sequence_of(&entry.key().to_bytes())? {
            return self.recorded_before(entry, sequence).map(Appended::AlreadyRecorded);
        }
        self.follow_clock(clock)?;
        let draft = self.draft(entry)?;
        self.commit(Kind::of(entry.kind()), draft, clock).map(Appended::New)
    }

    fn draft(&self, entry: &Entry) -> Result<Draft, AppendError> {
        let kind = Kind::of(entry.kind());
        let mut clear = Clear::of(entry);
        let actor = entry.actor().map(|actor| ActorField {
            pseudonym: self.device.pseudonym("clinician", actor.clinician.as_str()),
            // A refused attempt is the only entry with an actor who proved nothing.
            authentication: (kind != Kind::SIGN_ON_REFUSED).then_some(1),
            session: Some(entry.key().session),
            role: actor.role.name().to_owned(),
            meaning: kind.meaning(),
        });
        let patient = match entry.detached() {
            None => None,
            Some(data) => {
                let (plain, policies) = codec::encode(data);
                let plain = zeroize::Zeroizing::new(plain);
                let again = codec::decode(&plain, &|hash| policies.get(hash).cloned());
                if again.as_ref() != Ok(data) {
                    return Err(AppendError::Contradiction("patient data"));
                }
                clear.policy = policies.keys().next().copied();
                let pseudonym = match &data.patient {
                    Some(patient) => self.patient_pseudonym(patient),
                    None => self.device.pseudonym("no patient", ""),
                };
                let year = u16::try_from(entry.at().date().year()).unwrap_or(0);
                Some(PatientPart { plain, policies, pseudonym, year })
            }
        };
        Ok(Draft { actor, clear, patient, key: Some(entry.key().to_bytes()) })
    }

    /// The pseudonym of a patient in this ledger.
    pub fn patient_pseudonym(&self, patient: &PatientId) -> Hash {
        self.device.pseudonym("patient", patient.as_str())
    }

    /// The receipt of an entry that is recorded, when the content is the same.
    fn recorded_before(&self, entry: &Entry, sequence: u64) -> Result<Receipt, AppendError> {
        let earlier = AppendError::Earlier(sequence);
        let view = self.store.view()?;
        let bytes = view.entry(sequence)?.ok_or(earlier)?;
        let stored = Leaf::decode(&bytes).map_err(|_| AppendError::Earlier(sequence))?;
        let draft = self.draft(entry)?;
        // A key record and a policy hash are what storing added.
        let clear = Clear { key_record: stored.clear.key_record, ..draft.clear };
        let mut same =
            stored.kind == Kind::of(entry.kind()) && stored.actor == draft.actor && stored.clear == clear;
        same &= stored.detached.is_some() == draft.patient.is_some();
        if let (true, Some(part)) = (same, &draft.patient) {
            let mut history = History::new(view, &self.device, self.origin(), sequence, sequence + 1);
            same =
                history.plain_of(&stored).is_ok_and(|plain| plain.is_none_or(|plain| *plain == *part.plain));
        }
        if !same {
            return Err(AppendError::KeyReused { sequence });
        }
        let view = self.store.view()?;
        let signature = view.signature(sequence + 1)?.ok_or(AppendError::Earlier(sequence))?;
        let root = tail::root_at(&view, sequence + 1).map_err(|_| AppendError::Earlier(sequence))?;
        let verifier =
            self.enrolled.verifier(&self.epoch_keys, stored.epoch).ok_or(AppendError::Earlier(sequence))?;
        let text = self.checkpoint(sequence + 1, root);
        Ok(self.receipt(
            entry.key(),
            entry.at().at,
            sequence,
            leaf_hash(&bytes),
            (text, &verifier),
            &signature,
        ))
    }

    /// Closes epochs that are over, in one entry, and enters the one of the clock. Never goes back.
    fn follow_clock(&mut self, clock: &ClockEvidence) -> Result<(), AppendError> {
        let (now, current) = (self.enrolled.record().plan.epoch_at(clock.wall_ns), self.epoch());
        if now <= current || now - current > MOST_EPOCHS_SKIPPED {
            return Ok(());
        }
        let clear = Clear { next_epoch: Some(now), ..Clear::default() };
        let _ = self.commit(Kind::ROTATE, Draft { clear, ..Draft::default() }, clock)?;
        let next = self.epoch.advanced_to(now);
        self.enter_epoch(next)
    }

    fn enter_epoch(&mut self, state: EpochState) -> Result<(), AppendError> {
        self.folder.write_epoch_state(&state).map_err(AppendError::EpochState)?;
        let wrong = |_| AppendError::Contradiction("epoch key");
        (self.verifier, self.signing) = keys_of(&self.enrolled, &self.epoch_keys, &state).map_err(wrong)?;
        self.epoch = state;
        Ok(())
    }

    fn checkpoint(&self, size: u64, root: Hash) -> String {
        Checkpoint { origin: self.origin().to_owned(), size, root }.to_string()
    }

    fn commit(&mut self, kind: Kind, draft: Draft, clock: &ClockEvidence) -> Result<Receipt, AppendError> {
        let sequence = self.size();
        let Draft { actor, mut clear, patient, key } = draft;
        let mut new_key = None;
        let mut sealed = None;
        let mut policies = Vec::new();
        if let Some(part) = patient {
            let index = index_key(&part.pseudonym, part.year);
            new_key = self.ensure_key(index, &part)?;
            clear.key_record = new_key.as_ref().map(|record| sha256(&[record]));
            let key = self.open_keys.get(&index).ok_or(AppendError::Contradiction("patient key"))?;
            let origin = &self.enrolled.record().origin;
            let (bytes, reference) = detached::seal(key, &part.plain, origin, sequence, random::public()?)?;
            if *detached::open(key, &bytes, &reference, origin, sequence)? != *part.plain {
                return Err(AppendError::Contradiction("encrypted patient data"));
            }
            policies =
                part.policies.into_iter().filter(|(hash, _)| !self.known_policies.contains(hash)).collect();
            sealed = Some((bytes, reference, index));
        }
        let leaf = Leaf {
            domain: Domain,
            origin: self.origin().to_owned(),
            sequence,
            previous: self.previous,
            epoch: self.epoch(),
            clock: clock.clone(),
            kind,
            actor,
            clear,
            detached: sealed.as_ref().map(|(_, reference, _)| reference.clone()),
            references: Vec::new(),
            key,
        };
        let bytes = leaf.encode();
        if bytes.len() > leaf::MOST_BYTES {
            return Err(AppendError::TooLong(bytes.len()));
        }
        if Leaf::decode(&bytes).as_ref() != Ok(&leaf) {
            return Err(AppendError::Contradiction("entry"));
        }
        let hash = leaf_hash(&bytes);
        let mut frontier = self.frontier.clone();
        let mut tiles = Vec::new();
        frontier.push(hash, |level, index, node| {
            if level > 0 && level % 8 == 0 {
                tiles.push((level, index, *node));
            }
        });
        let text = self.checkpoint(sequence + 1, frontier.root());
        let signature = self.signing.sign(text.as_bytes());
        let patient_key = match (&sealed, &new_key) {
            (Some((_, reference, index)), Some(record)) => {
                Some((&reference.key_id, index, record.as_slice()))
            }
            _ => None,
        };
        let committed = self.store.commit(&NewEntry {
            sequence,
            entry: &bytes,
            signature: &signature,
            detached: sealed.as_ref().map(|(bytes, _, _)| bytes.as_slice()),
            key: key.as_ref(),
            tiles: &tiles,
            policies: &policies,
            patient_key,
        });
        if let (Err(_), Some((_, _, index))) = (&committed, &sealed) {
            self.open_keys.remove(index);
        }
        committed?;
        self.known_policies.extend(policies.into_iter().map(|(hash, _)| hash));
        self.frontier = frontier;
        self.previous = hash;
        let key = key.map_or(IdempotencyKey { session: [0; 16], count: 0 }, key_of);
        let at = leaf.clear.decided.map_or(jiff::Timestamp::UNIX_EPOCH, |moment| moment.at);
        Ok(self.receipt(key, at, sequence, hash, (text, &self.verifier), &signature))
    }

    fn receipt(
        &self,
        key: IdempotencyKey,
        at: jiff::Timestamp,
        sequence: u64,
        leaf: Hash,
        (text, verifier): (String, &VerifierKey),
        signature: &[u8; 64],
    ) -> Receipt {
        Receipt {
            recorded: Recorded { key, sequence, at },
            origin: self.origin().to_owned(),
            leaf,
            note: Note::with_signature(text, verifier, signature).to_string(),
        }
    }

    /// Makes sure that the patient's key of the year is open; gives the record of a new one.
    fn ensure_key(&mut self, index: [u8; 34], part: &PatientPart) -> Result<Option<Vec<u8>>, AppendError> {
        if self.open_keys.contains_key(&index) {
            return Ok(None);
        }
        if self.open_keys.len() >= MOST_OPEN_KEYS {
            self.open_keys.clear();
        }
        let origin = self.enrolled.record().origin.as_str();
        let view = self.store.view()?;
        let (key, record) = match view.key_id(&index)? {
            Some(id) => {
                let bytes = view.key(&id)?.ok_or(KeyError::Wrapped)?;
                let record: KeyRecord = cbor::decode(&bytes).map_err(|_| KeyError::Wrapped)?;
                (PatientKey::open(&self.device, origin, id, &record)?, None)
            }
            None => {
                let (key, record) = PatientKey::create(&self.device, origin, part.pseudonym, part.year)?;
                (key, Some(cbor::encode(&record)))
            }
        };
        self.open_keys.insert(index, key);
        Ok(record)
    }
}

/// The index row of a patient's key of a year.
pub(crate) fn index_key(pseudonym: &Hash, year: u16) -> [u8; 34] {
    let mut index = [0; 34];
    index[..32].copy_from_slice(pseudonym);
    index[32..].copy_from_slice(&year.to_be_bytes());
    index
}

fn key_of(bytes: [u8; 20]) -> IdempotencyKey {
    let mut key = IdempotencyKey { session: [0; 16], count: 0 };
    key.session.copy_from_slice(&bytes[..16]);
    key.count = u32::from_be_bytes([bytes[16], bytes[17], bytes[18], bytes[19]]);
    key
}

fn keys_of(
    enrolled: &Enrolled,
    keys: &[[u8; 32]],
    state: &EpochState,
) -> Result<(VerifierKey, SecretKey), OpenError> {
    let signing = state.signing_key();
    let verifier = enrolled.verifier(keys, state.epoch()).filter(|key| *key.public() == signing.public());
    verifier.map(|verifier| (verifier, signing)).ok_or(OpenError::OtherEpochKey(state.epoch()))
}

fn program() -> String {
    format!("ledger {}", env!("CARGO_PKG_VERSION"))
}
