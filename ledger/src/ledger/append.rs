//! Recording one entry.

use std::collections::BTreeMap;

use rights::entry::{Entry, IdempotencyKey, Recorded};
use rights::follow_up::Act;
use rights::history::Record;

use super::{AppendError, Ledger};
use crate::checkpoint::Checkpoint;
use crate::clock::ClockEvidence;
use crate::codec;
use crate::detached;
use crate::hash::{Hash, sha256};
use crate::history::History;
use crate::keys::{KeyError, KeyRecord, PatientKey};
use crate::kind::Kind;
use crate::leaf::{ActorField, Clear, Domain, Leaf, Reference};
use crate::note::{Note, VerifierKey};
use crate::random;
use crate::receipt::{Appended, Receipt};
use crate::store::{NewEntry, View};
use crate::tail::{self, TailError};
use crate::tree::leaf_hash;
use crate::{cbor, leaf};

/// Patient keys kept open at once; a ward has far fewer patients.
const MOST_OPEN_KEYS: usize = 512;

/// What is to be recorded, before it has its place.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) actor: Option<ActorField>,
    pub(super) clear: Clear,
    pub(super) patient: Option<PatientPart>,
    pub(super) references: Vec<Reference>,
    /// Policies that the entry names without patient data.
    pub(super) policies: BTreeMap<Hash, Vec<u8>>,
    pub(super) key: Option<[u8; 20]>,
}

pub(super) struct PatientPart {
    pub(super) plain: zeroize::Zeroizing<Vec<u8>>,
    pub(super) policies: BTreeMap<Hash, Vec<u8>>,
    pub(super) pseudonym: Hash,
    pub(super) year: u16,
}

impl Ledger {
    pub(super) fn append_own(
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

    pub(super) fn try_append(
        &mut self,
        entry: &Entry,
        clock: &ClockEvidence,
    ) -> Result<Appended, AppendError> {
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
        let references = self.references(entry)?;
        let policies = BTreeMap::new();
        Ok(Draft { actor, clear, patient, references, policies, key: Some(entry.key().to_bytes()) })
    }

    /// What follows a dose names its entry in the leaf, where an auditor without keys sees it. The dose of another kiosk stands in
    /// that one's ledger: its key is with the patient data alone.
    fn references(&self, entry: &Entry) -> Result<Vec<Reference>, AppendError> {
        let record = entry.detached().and_then(|detached| detached.record.as_ref());
        let Some(Record::FollowUp(follow_up)) = record else { return Ok(Vec::new()) };
        let Some(sequence) = self.store.sequence_of(&follow_up.of.to_bytes())? else { return Ok(Vec::new()) };
        let bytes = self.store.view()?.entry(sequence)?.ok_or(AppendError::Earlier(sequence))?;
        let relation = match follow_up.act {
            Act::EnteredInError => leaf::CORRECTS,
            Act::EffectNoted { .. } | Act::PatchRemoved | Act::Infusion(_) | Act::Conflict(_) => {
                leaf::FOLLOWS
            }
        };
        Ok(vec![Reference { relation, hash: Some(leaf_hash(&bytes)), id: None }])
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

    pub(super) fn checkpoint(&self, size: u64, root: Hash) -> String {
        Checkpoint { origin: self.origin().to_owned(), size, root }.to_string()
    }

    pub(super) fn commit(
        &mut self,
        kind: Kind,
        draft: Draft,
        clock: &ClockEvidence,
    ) -> Result<Receipt, AppendError> {
        let sequence = self.size();
        let Draft { actor, mut clear, patient, references, policies: mut named, key } = draft;
        let mut new_key = None;
        let mut sealed = None;
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
            named.extend(part.policies);
            sealed = Some((bytes, reference, index));
        }
        named.retain(|hash, _| !self.known_policies.contains(hash));
        let policies: Vec<(Hash, Vec<u8>)> = named.into_iter().collect();
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
            references,
            key,
        };
        let bytes = leaf.encode();
        if bytes.len() > leaf::MOST_BYTES {
            if let (Some((_, _, index)), true) = (&sealed, new_key.is_some()) {
                // Its record was not stored, so nothing may ever be encrypted with it.
                self.open_keys.remove(index);
            }
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
            destroyed: &leaf.clear.shredded,
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

/// The epoch under which an entry was recorded.
pub(super) fn epoch_of(view: &View, sequence: u64) -> Result<u32, TailError> {
    let bytes = view.entry(sequence)?.ok_or(TailError::Missing { what: "entry", index: sequence })?;
    Leaf::decode(&bytes).map(|leaf| leaf.epoch).map_err(|_| TailError::Entry(sequence))
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

pub(super) fn program() -> String {
    format!("ledger {}", env!("CARGO_PKG_VERSION"))
}
