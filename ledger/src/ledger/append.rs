//! Recording entries of the bedside, one or several in one commit.

use std::collections::BTreeMap;

use rights::entry::Entry;
use rights::follow_up::Act;
use rights::history::Record;

use super::commit::Batch;
use super::{AppendError, Ledger};
use crate::clock::ClockEvidence;
use crate::codec;
use crate::hash::Hash;
use crate::history::History;
use crate::kind::Kind;
use crate::leaf::{self, ActorField, Clear, Leaf, Reference};
use crate::receipt::{Appended, Receipt};
use crate::store::View;
use crate::tail::{self, TailError};
use crate::tree::leaf_hash;

/// Where an entry of a batch stands.
enum Place {
    /// It was recorded before.
    Before(Receipt),
    /// It stands earlier in the same batch, at this place.
    Again(usize),
    /// It is new, at this place of the batch.
    New(usize),
}

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

    /// Records entries in one durable commit. What is recorded before, or cannot be an entry, leaves the others alone.
    pub(super) fn try_append_all(
        &mut self,
        entries: &[Entry],
        clock: &ClockEvidence,
    ) -> Result<Vec<Result<Appended, AppendError>>, AppendError> {
        if entries.len() > Self::MOST_AT_ONCE {
            return Err(AppendError::TooMany(entries.len()));
        }
        let keys = entries.iter().map(|entry| self.store.sequence_of(&entry.key().to_bytes()));
        let stored: Vec<Option<u64>> = keys.collect::<Result<_, _>>()?;
        if stored.iter().any(Option::is_none) {
            // Before the batch: a new epoch signs with a key that must be on the disk first.
            self.follow_clock(clock)?;
        }
        let mut batch = self.begin();
        let mut places = Vec::new();
        for (entry, stored) in entries.iter().zip(stored) {
            match self.place(entry, stored, &mut batch, clock) {
                Err(error) if !error.is_harmless() => return Err(error),
                place => places.push(place),
            }
        }
        let receipts = self.store_all(batch)?;
        let receipt = |at: usize| receipts.get(at).cloned().ok_or(AppendError::Contradiction("batch"));
        let appended = places.into_iter().map(|place| match place? {
            Place::Before(receipt) => Ok(Appended::AlreadyRecorded(receipt)),
            Place::Again(at) => receipt(at).map(Appended::AlreadyRecorded),
            Place::New(at) => receipt(at).map(Appended::New),
        });
        Ok(appended.collect())
    }

    /// Where an entry stands, or prepares it at the end of the batch.
    fn place(
        &mut self,
        entry: &Entry,
        stored: Option<u64>,
        batch: &mut Batch,
        clock: &ClockEvidence,
    ) -> Result<Place, AppendError> {
        if let Some(sequence) = stored {
            return self.recorded_before(entry, sequence).map(Place::Before);
        }
        let draft = self.draft(entry, batch)?;
        if let Some((at, pending)) = batch.find(&entry.key().to_bytes()) {
            let same = is_same(&pending.leaf, pending.plain(), entry, &draft);
            let reused = AppendError::KeyReused { sequence: pending.leaf.sequence };
            return if same { Ok(Place::Again(at)) } else { Err(reused) };
        }
        self.prepare(batch, Kind::of(entry.kind()), draft, clock).map(Place::New)
    }

    fn draft(&self, entry: &Entry, batch: &Batch) -> Result<Draft, AppendError> {
        let kind = Kind::of(entry.kind());
        let mut clear = Clear::of(entry);
        let actor = entry.actor().map(|actor| ActorField {
            pseudonym: self.clinician_pseudonym(&actor.clinician),
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
        let references = self.references(entry, batch)?;
        let policies = BTreeMap::new();
        Ok(Draft { actor, clear, patient, references, policies, key: Some(entry.key().to_bytes()) })
    }

    /// What follows a dose names its entry in the leaf, where an auditor without keys sees it. The dose of another kiosk stands in
    /// that one's ledger: its key is with the patient data alone.
    fn references(&self, entry: &Entry, batch: &Batch) -> Result<Vec<Reference>, AppendError> {
        let record = entry.detached().and_then(|detached| detached.record.as_ref());
        let Some(Record::FollowUp(follow_up)) = record else { return Ok(Vec::new()) };
        let of = follow_up.of.to_bytes();
        let hash = match (batch.find(&of), self.store.sequence_of(&of)?) {
            (Some((_, pending)), _) => pending.hash,
            (None, Some(sequence)) => {
                let bytes = self.store.view()?.entry(sequence)?.ok_or(AppendError::Earlier(sequence))?;
                leaf_hash(&bytes)
            }
            (None, None) => return Ok(Vec::new()),
        };
        let relation = match follow_up.act {
            Act::EnteredInError => leaf::CORRECTS,
            Act::EffectNoted { .. }
            | Act::PatchRemoved
            | Act::Infusion(_)
            | Act::Conflict(_)
            | Act::ConflictAnswered(_) => leaf::FOLLOWS,
        };
        Ok(vec![Reference { relation, hash: Some(hash), id: None }])
    }

    /// The receipt of an entry that is recorded, when the content is the same.
    fn recorded_before(&self, entry: &Entry, sequence: u64) -> Result<Receipt, AppendError> {
        let earlier = AppendError::Earlier(sequence);
        let view = self.store.view()?;
        let bytes = view.entry(sequence)?.ok_or(earlier)?;
        let stored = Leaf::decode(&bytes).map_err(|_| AppendError::Earlier(sequence))?;
        let draft = self.draft(entry, &self.begin())?;
        let mut history = History::new(view, &self.device, self.origin(), sequence, sequence + 1);
        let plain = history.plain_of(&stored);
        let same =
            plain.is_ok_and(|plain| is_same(&stored, plain.as_deref().map(Vec::as_slice), entry, &draft));
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
}

/// Whether an entry says what stands in its place already. Patient data whose key was destroyed cannot be compared.
fn is_same(stored: &Leaf, plain: Option<&[u8]>, entry: &Entry, draft: &Draft) -> bool {
    // A key record and a policy hash are what storing added.
    let clear = Clear { key_record: stored.clear.key_record, ..draft.clear.clone() };
    let same_data = match (plain, &draft.patient) {
        (Some(plain), Some(part)) => *plain == **part.plain,
        _ => true,
    };
    stored.kind == Kind::of(entry.kind())
        && stored.actor == draft.actor
        && stored.clear == clear
        && stored.detached.is_some() == draft.patient.is_some()
        && same_data
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

pub(super) fn program() -> String {
    format!("ledger {}", env!("CARGO_PKG_VERSION"))
}
