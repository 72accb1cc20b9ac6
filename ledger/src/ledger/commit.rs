//! From drafts to durable entries. Each entry of a batch gets its own place, seal, chain link, node of the tree and signed
//! checkpoint, as if it came alone; then one commit of the store makes all of them durable, or none.

use rights::entry::{IdempotencyKey, Recorded};
use zeroize::Zeroizing;

use super::append::{Draft, PatientPart, index_key};
use super::{AppendError, Ledger};
use crate::checkpoint::Checkpoint;
use crate::clock::ClockEvidence;
use crate::detached;
use crate::hash::{Hash, sha256};
use crate::keys::{KeyError, KeyRecord, PatientKey};
use crate::kind::Kind;
use crate::leaf::{DetachedRef, Domain, Leaf};
use crate::note::{Note, VerifierKey};
use crate::random;
use crate::receipt::Receipt;
use crate::store::NewEntry;
use crate::tree::{Frontier, leaf_hash};
use crate::{cbor, leaf};

/// Patient keys kept open at once; a ward has far fewer patients.
const MOST_OPEN_KEYS: usize = 512;

/// Entries that are built and not stored yet, with the end of the ledger behind the last of them.
pub(super) struct Batch {
    frontier: Frontier,
    previous: Hash,
    entries: Vec<Prepared>,
}

/// One of them.
pub(super) struct Prepared {
    pub(super) leaf: Leaf,
    pub(super) hash: Hash,
    /// Its patient data as bytes, to compare with one that comes again.
    plain: Option<Zeroizing<Vec<u8>>>,
    bytes: Vec<u8>,
    text: String,
    signature: [u8; 64],
    sealed: Option<Sealed>,
    tiles: Vec<(u8, u64, Hash)>,
    policies: Vec<(Hash, Vec<u8>)>,
}

struct Sealed {
    bytes: Vec<u8>,
    reference: DetachedRef,
    index: [u8; 34],
    /// The record of a key that came with it.
    new_key: Option<Vec<u8>>,
}

impl Batch {
    /// The entry with an idempotency key, and its place in the batch.
    pub(super) fn find(&self, key: &[u8; 20]) -> Option<(usize, &Prepared)> {
        self.entries.iter().enumerate().find(|(_, one)| one.leaf.key.as_ref() == Some(key))
    }
}

impl Prepared {
    /// Its patient data, where it has some.
    pub(super) fn plain(&self) -> Option<&[u8]> {
        self.plain.as_ref().map(|plain| plain.as_slice())
    }

    fn stored(&self) -> NewEntry<'_> {
        NewEntry {
            sequence: self.leaf.sequence,
            entry: &self.bytes,
            signature: &self.signature,
            detached: self.sealed.as_ref().map(|sealed| sealed.bytes.as_slice()),
            key: self.leaf.key.as_ref(),
            tiles: &self.tiles,
            policies: &self.policies,
            patient_key: self.sealed.as_ref().and_then(|sealed| {
                Some((&sealed.reference.key_id, &sealed.index, sealed.new_key.as_deref()?))
            }),
            destroyed: &self.leaf.clear.shredded,
        }
    }
}

impl Ledger {
    /// An empty batch at the end of the ledger.
    pub(super) fn begin(&self) -> Batch {
        Batch { frontier: self.frontier.clone(), previous: self.previous, entries: Vec::new() }
    }

    /// Records one draft.
    pub(super) fn commit(
        &mut self,
        kind: Kind,
        draft: Draft,
        clock: &ClockEvidence,
    ) -> Result<Receipt, AppendError> {
        let mut batch = self.begin();
        self.prepare(&mut batch, kind, draft, clock)?;
        self.store_all(batch)?.pop().ok_or(AppendError::Contradiction("batch"))
    }

    /// Builds an entry at the end of the batch: its place in it. Nothing is stored, and after an error the batch is as it was.
    pub(super) fn prepare(
        &mut self,
        batch: &mut Batch,
        kind: Kind,
        draft: Draft,
        clock: &ClockEvidence,
    ) -> Result<usize, AppendError> {
        if batch.entries.is_empty() && self.open_keys.len() >= MOST_OPEN_KEYS {
            // Never within a batch: the record of a key that it brought is not in the store yet.
            self.open_keys.clear();
        }
        let sequence = batch.frontier.size();
        let Draft { actor, mut clear, patient, references, policies: mut named, key } = draft;
        let (mut sealed, mut plain) = (None, None);
        if let Some(part) = patient {
            let one = self.seal(&part, sequence)?;
            clear.key_record = one.new_key.as_ref().map(|record| sha256(&[record]));
            sealed = Some(one);
            named.extend(part.policies);
            plain = Some(part.plain);
        }
        named.retain(|hash, _| !self.known_policies.contains(hash));
        let leaf = Leaf {
            domain: Domain,
            origin: self.origin().to_owned(),
            sequence,
            previous: batch.previous,
            epoch: self.epoch(),
            clock: clock.clone(),
            kind,
            actor,
            clear,
            detached: sealed.as_ref().map(|sealed| sealed.reference.clone()),
            references,
            key,
        };
        let bytes = leaf.encode();
        let refused = if bytes.len() > leaf::MOST_BYTES {
            Some(AppendError::TooLong(bytes.len()))
        } else if Leaf::decode(&bytes).as_ref() != Ok(&leaf) {
            Some(AppendError::Contradiction("entry"))
        } else {
            None
        };
        if let Some(refused) = refused {
            self.forget_new_key(sealed.as_ref());
            return Err(refused);
        }
        let hash = leaf_hash(&bytes);
        let mut tiles = Vec::new();
        batch.frontier.push(hash, |level, index, node| {
            if level > 0 && level % 8 == 0 {
                tiles.push((level, index, *node));
            }
        });
        batch.previous = hash;
        let text = self.checkpoint(sequence + 1, batch.frontier.root());
        let signature = self.signing.sign(text.as_bytes());
        let policies = named.into_iter().collect();
        batch.entries.push(Prepared { leaf, hash, plain, bytes, text, signature, sealed, tiles, policies });
        Ok(batch.entries.len() - 1)
    }

    /// Makes a batch durable in one commit; the receipts in its order.
    pub(super) fn store_all(&mut self, batch: Batch) -> Result<Vec<Receipt>, AppendError> {
        if batch.entries.is_empty() {
            return Ok(Vec::new());
        }
        let new: Vec<NewEntry<'_>> = batch.entries.iter().map(Prepared::stored).collect();
        if let Err(error) = self.store.commit(&new) {
            for one in &batch.entries {
                self.forget_new_key(one.sealed.as_ref());
            }
            return Err(error.into());
        }
        let receipts = batch.entries.iter().map(|one| {
            let leaf = &one.leaf;
            let key = leaf.key.map_or(IdempotencyKey { session: [0; 16], count: 0 }, key_of);
            let at = leaf.clear.decided.map_or(jiff::Timestamp::UNIX_EPOCH, |moment| moment.at);
            let note = (one.text.clone(), &self.verifier);
            self.receipt(key, at, leaf.sequence, one.hash, note, &one.signature)
        });
        let receipts = receipts.collect();
        self.frontier = batch.frontier;
        self.previous = batch.previous;
        let policies = batch.entries.into_iter().flat_map(|one| one.policies);
        self.known_policies.extend(policies.map(|(hash, _)| hash));
        Ok(receipts)
    }

    pub(super) fn checkpoint(&self, size: u64, root: Hash) -> String {
        Checkpoint { origin: self.origin().to_owned(), size, root }.to_string()
    }

    pub(super) fn receipt(
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

    /// Encrypts patient data for its place, and opens it again.
    fn seal(&mut self, part: &PatientPart, sequence: u64) -> Result<Sealed, AppendError> {
        let index = index_key(&part.pseudonym, part.year);
        let new_key = self.ensure_key(index, part)?;
        let key = self.open_keys.get(&index).ok_or(AppendError::Contradiction("patient key"))?;
        let origin = &self.enrolled.record().origin;
        let (bytes, reference) = detached::seal(key, &part.plain, origin, sequence, random::public()?)?;
        if *detached::open(key, &bytes, &reference, origin, sequence)? != *part.plain {
            return Err(AppendError::Contradiction("encrypted patient data"));
        }
        Ok(Sealed { bytes, reference, index, new_key })
    }

    /// The record of a new key that was not stored: nothing may ever be encrypted with it.
    fn forget_new_key(&mut self, sealed: Option<&Sealed>) {
        if let Some(sealed) = sealed.filter(|sealed| sealed.new_key.is_some()) {
            self.open_keys.remove(&sealed.index);
        }
    }

    /// Makes sure that the patient's key of the year is open; gives the record of a new one.
    fn ensure_key(&mut self, index: [u8; 34], part: &PatientPart) -> Result<Option<Vec<u8>>, AppendError> {
        if self.open_keys.contains_key(&index) {
            return Ok(None);
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

fn key_of(bytes: [u8; 20]) -> IdempotencyKey {
    let mut key = IdempotencyKey { session: [0; 16], count: 0 };
    key.session.copy_from_slice(&bytes[..16]);
    key.count = u32::from_be_bytes([bytes[16], bytes[17], bytes[18], bytes[19]]);
    key
}
