//! The checks, in one pass over the entries, then over everything beside them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use super::report::{Finding, FindingKind, Report};
use super::source::{Source, SourceError};
use super::{Options, Policy};
use crate::cbor;
use crate::checkpoint::Checkpoint;
use crate::detached;
use crate::enrolment::Enrolled;
use crate::hash::{Hash, sha256};
use crate::keys::KeyRecord;
use crate::kind::Kind;
use crate::leaf::{CDDL, Leaf};
use crate::ledger::index_key;
use crate::note::{Note, VerifierKey};
use crate::store::{Reading, StoreError, View};
use crate::tree::{Frontier, leaf_hash};

/// Signatures that are checked together, on all cores.
const BATCH: usize = 4096;

impl From<SourceError> for Finding {
    fn from(error: SourceError) -> Self {
        Self::damaged(error.to_string())
    }
}

impl From<StoreError> for Finding {
    fn from(error: StoreError) -> Self {
        Self::damaged(error.to_string())
    }
}

pub(super) fn run(source: &Source, options: &Options, report: &mut Report) -> Result<(), Finding> {
    report.state = source.state();
    let (enrolled, keys) = enrolment(source, &options.policy, report)?;
    let mut pass = Pass::new(&enrolled, &keys, options);
    let mut finding = None;
    let read = source.entries(|index, bytes| {
        let checked = pass.entry(source, index, bytes);
        finding = checked.err();
        finding.is_none()
    });
    if finding.is_none() {
        finding = read.err().map(Finding::from);
    }
    // A bad signature before the contradiction is the first bad index, so the batch is always finished.
    let finding = pass.finish_batch().err().or(finding);
    report.entries = pass.frontier.size();
    report.signatures = pass.signatures;
    report.detached = pass.detached;
    report.epoch = pass.epoch;
    if let Some(mut finding) = finding {
        name_hashes(source, &mut finding);
        return Err(finding);
    }
    report.root = Some(pass.frontier.root());
    if pass.frontier.size() == 0 {
        return Err(Finding::new(FindingKind::Missing, Some(0), "there is no entry at all"));
    }
    report.against = pass.against(options)?;
    if pass.beyond_epoch > 0 {
        report.notes.push(format!("{} entries have a clock beyond their signing epoch", pass.beyond_epoch));
    }
    match source {
        Source::Database { view, path, folder, .. } => {
            beside(view, &pass)?;
            if let Some(folder) = folder {
                files(folder, view, &enrolled, &keys)?;
            }
            if report.state == "crashed" {
                report.notes.push(
                    "the file was not closed in an orderly way; it was repaired in memory only".to_owned(),
                );
            }
            if report.state == "closed" && !Reading::pages_hold(path)? {
                let detail = "a page's checksum does not hold; every entry and everything beside them does";
                return Err(Finding::new(FindingKind::Page, None, detail));
            }
        }
        Source::Export(export) => {
            report.notes.push("an export holds no patient data; its hashes alone were covered".to_owned());
            last_checkpoint(export.checkpoint(), export.signature_bytes(), &pass)?;
        }
    }
    Ok(())
}

fn enrolment(
    source: &Source,
    policy: &Policy,
    report: &mut Report,
) -> Result<(Enrolled, Vec<VerifierKey>), Finding> {
    let wrong = |kind, error: &dyn std::fmt::Display| Finding::new(kind, None, error.to_string());
    let enrolled = Enrolled::decode(&source.meta("enrolment")?)
        .map_err(|error| wrong(FindingKind::Enrolment, &error))?;
    report.origin.clone_from(&enrolled.record().origin);
    let hospital =
        enrolled.hospital_key().ok_or_else(|| wrong(FindingKind::Enrolment, &"no hospital key"))?;
    report.hospital = format!(
        "{hospital} ({})",
        if policy.hospital.is_some() { "as the policy asks" } else { "not pinned" }
    );
    if policy.hospital.as_ref().is_some_and(|expected| expected.public() != hospital.public()) {
        return Err(wrong(FindingKind::Hospital, &"another key enrolled this ledger than the policy asks"));
    }
    let keys = enrolled
        .epoch_keys(&source.meta("epoch_keys")?)
        .map_err(|error| wrong(FindingKind::EpochKeys, &error))?;
    let keys: Option<Vec<_>> =
        keys.iter().map(|key| VerifierKey::new(&enrolled.record().origin, key).ok()).collect();
    let keys = keys.ok_or_else(|| wrong(FindingKind::EpochKeys, &"an epoch key is no key"))?;
    Ok((enrolled, keys))
}

/// What is carried from entry to entry.
struct Pass<'a> {
    enrolled: &'a Enrolled,
    keys: &'a [VerifierKey],
    frontier: Frontier,
    previous: Hash,
    epoch: u32,
    against_size: Option<u64>,
    against_root: Option<Hash>,
    batch: Vec<(u64, u32, String, [u8; 64])>,
    signatures: u64,
    detached: u64,
    beyond_epoch: u64,
    nodes: u64,
    idempotency: HashMap<[u8; 20], u64>,
    key_records: BTreeMap<[u8; 16], Hash>,
    key_ids: HashSet<[u8; 16]>,
    policies: HashSet<Hash>,
}

impl<'a> Pass<'a> {
    fn new(enrolled: &'a Enrolled, keys: &'a [VerifierKey], options: &Options) -> Self {
        let against = options.against.as_ref().and_then(|note| Checkpoint::parse(note.text()).ok());
        Self {
            enrolled,
            keys,
            frontier: Frontier::default(),
            previous: enrolled.hash(),
            epoch: 0,
            against_size: against.map(|checkpoint| checkpoint.size),
            against_root: None,
            batch: Vec::new(),
            signatures: 0,
            detached: 0,
            beyond_epoch: 0,
            nodes: 0,
            idempotency: HashMap::new(),
            key_records: BTreeMap::new(),
            key_ids: HashSet::new(),
            policies: HashSet::new(),
        }
    }

    fn entry(&mut self, source: &Source, index: u64, bytes: &[u8]) -> Result<(), Finding> {
        let here = self.frontier.size();
        let bad = |kind, detail: &str| Finding::new(kind, Some(here), detail);
        if index != here {
            return Err(bad(FindingKind::Missing, "the entry is missing"));
        }
        let leaf = Leaf::decode(bytes).map_err(|error| {
            Finding::new(FindingKind::Malformed, Some(here), error.to_string())
                .hashes(None, Some(leaf_hash(bytes)))
        })?;
        let hash = leaf_hash(bytes);
        let mut closed = Vec::new();
        self.frontier.push(hash, |level, index, node| {
            if level > 0 && level % 8 == 0 {
                closed.push((level, index, *node));
            }
        });
        let size = self.frontier.size();
        // The signature is put to the batch first: it covers the entry's bytes, so a changed entry is named by its own index.
        let signature =
            source.signature(size)?.ok_or_else(|| bad(FindingKind::Unsigned, "its checkpoint is not signed"));
        let origin = self.enrolled.record().origin.clone();
        let text = Checkpoint { origin, size, root: self.frontier.root() }.to_string();
        self.batch.push((here, self.epoch, text, signature?));
        if self.batch.len() >= BATCH {
            self.finish_batch()?;
        }
        self.rules(&leaf, here)?;
        for (level, index, node) in closed {
            let found = source.tile(level, index)?;
            if found != Some(node) {
                let detail = format!("the stored node {index} of level {level} is not that of the entries");
                return Err(Finding::new(FindingKind::Node, Some(here), detail).hashes(Some(node), found));
            }
            self.nodes += 1;
        }
        if let Source::Database { view, .. } = source {
            self.row(view, &leaf, here)?;
        }
        if self.against_size == Some(size) {
            self.against_root = Some(self.frontier.root());
        }
        self.previous = hash;
        if leaf.kind == Kind::ROTATE {
            let next =
                leaf.clear.next_epoch.filter(|next| *next > self.epoch && (*next as usize) < self.keys.len());
            self.epoch =
                next.ok_or_else(|| bad(FindingKind::Epoch, "a rotate entry names no later epoch"))?;
        }
        Ok(())
    }

    fn rules(&mut self, leaf: &Leaf, here: u64) -> Result<(), Finding> {
        let bad = |kind, detail: &str| Err(Finding::new(kind, Some(here), detail));
        if leaf.origin != self.enrolled.record().origin {
            return bad(FindingKind::Origin, "the entry belongs to another ledger");
        }
        if leaf.sequence != here {
            return bad(FindingKind::Sequence, "the entry stands at another place than its own");
        }
        if leaf.previous != self.previous {
            let detail = "the entry does not follow the one before it";
            let finding = Finding::new(FindingKind::Chain, Some(here), detail);
            return Err(finding.hashes(Some(leaf.previous), Some(self.previous)));
        }
        if leaf.epoch != self.epoch {
            return bad(FindingKind::Epoch, "the entry stands under an epoch that is closed or not begun");
        }
        if (leaf.kind == Kind::GENESIS) != (here == 0) {
            return bad(FindingKind::Sequence, "genesis is the first entry and no other");
        }
        if here == 0 && leaf.clear.cddl != Some(sha256(&[CDDL.as_bytes()])) {
            return bad(FindingKind::Enrolment, "the genesis entry names another entry format");
        }
        if self.enrolled.record().plan.epoch_at(leaf.clock.wall_ns) > leaf.epoch && leaf.kind != Kind::ROTATE
        {
            self.beyond_epoch += 1;
        }
        if let Some(key) = leaf.key
            && let Some(first) = self.idempotency.insert(key, here)
        {
            return bad(
                FindingKind::Repeated,
                &format!("one scan transaction recorded twice, first as entry {first}"),
            );
        }
        self.policies.extend(leaf.clear.policy);
        if let Some(reference) = &leaf.detached {
            self.key_ids.insert(reference.key_id);
            if let Some(record) = leaf.clear.key_record {
                self.key_records.insert(reference.key_id, record);
            }
        }
        Ok(())
    }

    fn row(&mut self, view: &View, leaf: &Leaf, here: u64) -> Result<(), Finding> {
        let bad = |kind, detail: &str| Err(Finding::new(kind, Some(here), detail));
        match (&leaf.detached, view.detached(here)?) {
            (None, None) => {}
            (Some(reference), Some(sealed)) => {
                if detached::check(&sealed, reference).is_err() {
                    let found = Some(sha256(&[&sealed]));
                    let finding = Finding::new(
                        FindingKind::Detached,
                        Some(here),
                        "its encrypted patient data was changed",
                    );
                    return Err(finding.hashes(Some(reference.sha256), found));
                }
                self.detached += 1;
            }
            (Some(_), None) => return bad(FindingKind::Detached, "its encrypted patient data is missing"),
            (None, Some(_)) => {
                return bad(FindingKind::Detached, "it has encrypted data that it does not name");
            }
        }
        if let Some(key) = &leaf.key
            && view.sequence_of(key)? != Some(here)
        {
            return bad(FindingKind::KeyIndex, "the index of idempotency keys does not lead to it");
        }
        Ok(())
    }

    /// Checks the signatures that are waiting; the finding is that of the smallest index.
    fn finish_batch(&mut self) -> Result<(), Finding> {
        let batch = std::mem::take(&mut self.batch);
        let keys = self.keys;
        let first_bad = |part: &[(u64, u32, String, [u8; 64])]| {
            let good = |epoch: u32, text: &str, signature: &[u8; 64]| {
                keys.get(epoch as usize).is_some_and(|key| key.signed(text.as_bytes(), signature))
            };
            part.iter()
                .find(|(_, epoch, text, signature)| !good(*epoch, text, signature))
                .map(|(index, ..)| *index)
        };
        let (left, right) = batch.split_at(batch.len() / 2);
        let bad = std::thread::scope(|scope| {
            let left = scope.spawn(|| first_bad(left));
            let right = first_bad(right);
            // A thread that panicked has proven nothing, so its part counts as bad from its start.
            left.join().unwrap_or_else(|_| batch.first().map(|(index, ..)| *index)).or(right)
        });
        match bad {
            None => {
                self.signatures += batch.len() as u64;
                Ok(())
            }
            Some(index) => {
                let detail = "from this entry on, the entries are not what the epoch's key signed";
                Err(Finding::new(FindingKind::Signature, Some(index), detail))
            }
        }
    }

    fn against(&self, options: &Options) -> Result<Option<u64>, Finding> {
        let Some(note) = &options.against else { return Ok(None) };
        let bad = |detail: &str| Finding::new(FindingKind::Fork, None, detail);
        let older = Checkpoint::parse(note.text()).map_err(|error| bad(&error.to_string()))?;
        if older.origin != self.enrolled.record().origin {
            return Err(bad("the older checkpoint is another ledger's"));
        }
        if !self.keys.iter().any(|key| note.signed_by(key)) {
            return Err(bad("the older checkpoint is not signed by a key of this ledger"));
        }
        if older.size > self.frontier.size() {
            let detail =
                format!("{} entries were there before, now there are {}", older.size, self.frontier.size());
            return Err(Finding::new(FindingKind::Fork, Some(self.frontier.size()), detail));
        }
        let root = if older.size == 0 { Some(crate::tree::empty_root()) } else { self.against_root };
        if root != Some(older.root) {
            let detail = "the older checkpoint, signed by this ledger, has other entries: a fork";
            return Err(bad(detail).hashes(Some(older.root), root));
        }
        Ok(Some(older.size))
    }
}

/// The hash that the following entry has for the one that is bad, and the one that it has.
fn name_hashes(source: &Source, finding: &mut Finding) {
    let (Some(index), FindingKind::Signature | FindingKind::Malformed) = (finding.index, finding.kind) else {
        return;
    };
    let (mut found, mut expected) = (None, None);
    let _ = source.entries(|at, bytes| {
        if at == index {
            found = Some(leaf_hash(bytes));
        }
        if at == index + 1 {
            expected = Leaf::decode(bytes).ok().map(|leaf| leaf.previous);
        }
        at <= index
    });
    (finding.expected, finding.found) = (expected, found);
}

/// Everything in the database beside the entries.
fn beside(view: &View, pass: &Pass<'_>) -> Result<(), Finding> {
    let size = pass.frontier.size();
    let surplus = |what: &str| {
        Finding::new(FindingKind::Surplus, None, format!("there are {what} that no entry accounts for"))
    };
    let [_, signatures, detached, idempotency] = view.rows()?;
    if signatures != size {
        return Err(surplus("signatures"));
    }
    if detached != pass.detached {
        return Err(surplus("encrypted data"));
    }
    if idempotency != pass.idempotency.len() as u64 {
        return Err(surplus("idempotency keys"));
    }
    let mut nodes = 0;
    view.tiles(|_, _| nodes += 1)?;
    if nodes != pass.nodes {
        return Err(surplus("tree nodes"));
    }
    let mut metas = 0;
    view.metas(|_, _| metas += 1)?;
    if metas != 2 {
        return Err(surplus("meta values"));
    }
    patient_keys(view, pass)?;
    let mut bad = None;
    let mut policies = 0;
    view.policies(|hash, bytes| {
        policies += 1;
        if sha256(&[bytes]) != *hash || !pass.policies.contains(hash) {
            bad = Some(
                Finding::new(FindingKind::Policy, None, "a stored policy was changed")
                    .hashes(Some(*hash), Some(sha256(&[bytes]))),
            );
        }
    })?;
    if bad.is_none() && policies != pass.policies.len() {
        bad = Some(Finding::new(FindingKind::Policy, None, "a policy that an entry names is missing"));
    }
    bad.map_or(Ok(()), Err)
}

fn patient_keys(view: &View, pass: &Pass<'_>) -> Result<(), Finding> {
    let wrong = |detail: &str| Finding::new(FindingKind::PatientKey, None, detail);
    let mut bad = None;
    let mut rows = BTreeMap::new();
    view.keys(|id, bytes| {
        let expected = pass.key_records.get(id).copied();
        let found = Some(sha256(&[bytes]));
        let record = cbor::decode::<KeyRecord>(bytes).ok();
        if expected != found || record.is_none() {
            bad = Some(wrong("the record of a patient key was changed").hashes(expected, found));
        }
        rows.extend(record.map(|record| (index_key(&record.pseudonym, record.year), *id)));
    })?;
    if rows.len() != pass.key_ids.len() {
        bad = bad.or_else(|| Some(wrong("the record of a patient key is missing")));
    }
    let mut index = BTreeMap::new();
    view.key_index(|row, id| {
        index.insert(*row, *id);
    })?;
    if index != rows {
        bad = bad.or_else(|| Some(wrong("the index of patient keys does not lead to their records")));
    }
    bad.map_or(Ok(()), Err)
}

/// The files beside a database say what it says.
fn files(folder: &Path, view: &View, enrolled: &Enrolled, keys: &[VerifierKey]) -> Result<(), Finding> {
    let differs = |name: &str| {
        Finding::new(FindingKind::File, None, format!("the file `{name}` is not what the database holds"))
    };
    let same = |name: &str, expected: &[u8]| match std::fs::read(folder.join(name)) {
        Ok(found) if found == expected => Ok(()),
        _ => Err(differs(name)),
    };
    same("enrolment", &view.meta("enrolment")?.unwrap_or_default())?;
    let lines = keys.iter().fold(String::new(), |text, key| text + &key.to_string() + "\n");
    debug_assert_eq!(keys.len() as u64, u64::from(enrolled.record().plan.count));
    same("log.vkey", lines.as_bytes())
}

/// The checkpoint of an export is that of its entries, signed by the epoch's key.
fn last_checkpoint(text: &str, signature_bytes: usize, pass: &Pass<'_>) -> Result<(), Finding> {
    let bad = |detail: &str| Finding::new(FindingKind::Checkpoint, None, detail);
    let note = Note::parse(text).map_err(|error| bad(&error.to_string()))?;
    let checkpoint = Checkpoint::parse(note.text()).map_err(|error| bad(&error.to_string()))?;
    let root = pass.frontier.root();
    if checkpoint.origin != pass.enrolled.record().origin || checkpoint.size != pass.frontier.size() {
        return Err(bad("the checkpoint is another ledger's or of another size"));
    }
    if checkpoint.root != root {
        return Err(
            bad("the checkpoint is not that of the entries").hashes(Some(checkpoint.root), Some(root))
        );
    }
    if !pass.keys.iter().any(|key| note.signed_by(key)) {
        return Err(bad("the checkpoint is not signed by a key of this ledger"));
    }
    if signature_bytes as u64 != checkpoint.size * 64 {
        return Err(bad("the folder's signatures are not one for each entry"));
    }
    Ok(())
}
