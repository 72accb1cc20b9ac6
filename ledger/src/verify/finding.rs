//! What kinds of contradiction there are, and what an attacker did to make one.

use crate::hash::{Hash, hex};

macro_rules! named {
    ($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $variant:ident = $name:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $type { $($(#[$variant_doc])* $variant,)+ }

        impl $type {
            /// The stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

named! {
    /// The kinds of contradiction.
    FindingKind {
        /// The file or folder cannot be read.
        Storage = "storage",
        /// A page's checksum does not hold; the content does.
        Page = "page_checksum",
        /// The enrolment record.
        Enrolment = "enrolment",
        /// The epoch keys.
        EpochKeys = "epoch_keys",
        /// A file beside the database says something else.
        File = "file_beside",
        /// An entry is missing.
        Missing = "entry_missing",
        /// An entry is not in the format.
        Malformed = "entry_malformed",
        /// An entry of another ledger.
        Origin = "other_origin",
        /// An entry at another place than its own.
        Sequence = "sequence",
        /// An entry that does not follow the one before.
        Chain = "chain",
        /// An entry under an epoch that is closed or not begun.
        Epoch = "epoch",
        /// A signature is missing.
        Unsigned = "unsigned",
        /// A checkpoint that is not signed by its epoch's key.
        Signature = "signature",
        /// The checkpoint of an export is not that of its entries.
        Checkpoint = "checkpoint",
        /// An older checkpoint that is not a prefix of this ledger.
        Fork = "fork_or_rollback",
        /// The older checkpoint to compare with is another ledger's or none; of this one it says nothing.
        OtherCheckpoint = "other_checkpoint",
        /// Patient data is missing or changed.
        Detached = "detached",
        /// One scan transaction recorded twice.
        Repeated = "recorded_twice",
        /// The index of idempotency keys says something else.
        KeyIndex = "idempotency_index",
        /// A stored node of the tree is another.
        Node = "tree_node",
        /// A patient key record is missing or changed.
        PatientKey = "patient_key",
        /// A policy is missing or changed.
        Policy = "policy",
        /// Rows that nothing accounts for.
        Surplus = "surplus",
        /// The hospital's key is not the expected one.
        Hospital = "other_hospital",
        /// An anchor that does not hold.
        Anchor = "anchor",
    }
}

named! {
    /// What was done, as far as the evidence tells: a name for people beside the exact kind.
    Attack {
        /// An entry's bytes were changed.
        Edited = "edited",
        /// An entry was taken out.
        Deleted = "deleted",
        /// An entry was put in.
        Inserted = "inserted",
        /// Entries stand in another order.
        Reordered = "reordered",
        /// An entry was changed and all later hashes were rebuilt, without the key.
        Rewritten = "rewritten",
        /// An entry or patient data of another ledger or place.
        Transplanted = "transplanted",
        /// Signed with a key that was not in force: a stolen key forges the past.
        ForgedPast = "forged_past",
        /// Entries that were there before are gone.
        CutOrRolledBack = "cut_or_rolled_back",
        /// The same key signed two different ledgers.
        Forked = "forked",
        /// Signatures were taken away.
        Stripped = "signatures_stripped",
        /// One scan was recorded twice.
        RecordedTwice = "recorded_twice",
        /// Bytes that are no entry, or a second encoding of one.
        NotAnEntry = "not_an_entry",
        /// Patient data was changed or taken away.
        PatientData = "patient_data_changed",
        /// Something beside the entries was changed.
        Beside = "beside_the_entries",
        /// Another hospital or kiosk.
        Impersonated = "impersonated",
        /// Nobody need have done anything: the file is damaged.
        Damage = "damage",
    }
}

/// The first contradiction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which entry, where one is meant.
    pub index: Option<u64>,
    /// What kind.
    pub kind: FindingKind,
    /// What was done.
    pub attack: Attack,
    /// The hash that should be, where there is one.
    pub expected: Option<Hash>,
    /// The hash that is.
    pub found: Option<Hash>,
    /// In words.
    pub detail: String,
    /// What proves it to anybody, without this ledger.
    pub evidence: Option<Box<Evidence>>,
    /// It follows from a failure that another thread met first, and says nothing of its own.
    pub(super) is_consequence: bool,
}

/// Checkpoints that the ledger's own key signed and that cannot both be true of one ledger, as signed notes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The one that was seen before.
    pub older: String,
    /// Another one of the same size, where this ledger has one.
    pub other: Option<String>,
}

impl Evidence {
    /// The notes.
    pub fn notes(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.older.as_str()).chain(self.other.as_deref())
    }
}

impl Finding {
    pub(super) fn new(kind: FindingKind, index: Option<u64>, detail: impl Into<String>) -> Self {
        let (expected, found) = (None, None);
        let (attack, detail) = (usual(kind), detail.into());
        Self { index, kind, attack, expected, found, detail, evidence: None, is_consequence: false }
    }

    pub(super) fn hashes(mut self, expected: Option<Hash>, found: Option<Hash>) -> Self {
        (self.expected, self.found) = (expected, found);
        self
    }

    pub(super) fn by(mut self, attack: Attack) -> Self {
        self.attack = attack;
        self
    }

    pub(super) fn damaged(detail: String) -> Self {
        Self::new(FindingKind::Storage, None, detail)
    }

    /// One JSON object; fields are added, not renamed.
    pub fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "index": self.index,
            "kind": self.kind.name(),
            "class": self.attack.name(),
            "expected": self.expected.map(|hash| hex(&hash)),
            "found": self.found.map(|hash| hex(&hash)),
            "detail": self.detail,
            "evidence": self.evidence.iter().flat_map(|evidence| evidence.notes()).collect::<Vec<_>>(),
        })
    }
}

/// What a kind of contradiction most plainly comes from.
const fn usual(kind: FindingKind) -> Attack {
    match kind {
        FindingKind::Storage | FindingKind::Page | FindingKind::OtherCheckpoint => Attack::Damage,
        FindingKind::Enrolment | FindingKind::EpochKeys | FindingKind::Hospital => Attack::Impersonated,
        FindingKind::Missing => Attack::Deleted,
        FindingKind::Malformed => Attack::NotAnEntry,
        FindingKind::Origin => Attack::Transplanted,
        FindingKind::Sequence => Attack::Reordered,
        FindingKind::Chain | FindingKind::Signature | FindingKind::Checkpoint => Attack::Edited,
        FindingKind::Epoch => Attack::ForgedPast,
        FindingKind::Unsigned => Attack::Stripped,
        FindingKind::Fork | FindingKind::Anchor => Attack::Forked,
        FindingKind::Detached | FindingKind::PatientKey => Attack::PatientData,
        FindingKind::Repeated => Attack::RecordedTwice,
        FindingKind::File
        | FindingKind::KeyIndex
        | FindingKind::Node
        | FindingKind::Policy
        | FindingKind::Surplus => Attack::Beside,
    }
}
