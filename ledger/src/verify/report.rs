//! What a verification says.

use std::fmt;
use std::path::{Path, PathBuf};

use super::Options;
use crate::hash::{Hash, hex};

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// The kinds of contradiction.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum FindingKind { $($(#[$doc])* $variant,)+ }

        impl FindingKind {
            /// The stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

kinds! {
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
}

/// The first contradiction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which entry, where one is meant.
    pub index: Option<u64>,
    /// What kind.
    pub kind: FindingKind,
    /// The hash that should be, where there is one.
    pub expected: Option<Hash>,
    /// The hash that is.
    pub found: Option<Hash>,
    /// In words.
    pub detail: String,
}

impl Finding {
    pub(super) fn new(kind: FindingKind, index: Option<u64>, detail: impl Into<String>) -> Self {
        Self { index, kind, expected: None, found: None, detail: detail.into() }
    }

    pub(super) fn hashes(mut self, expected: Option<Hash>, found: Option<Hash>) -> Self {
        (self.expected, self.found) = (expected, found);
        self
    }

    pub(super) fn damaged(detail: String) -> Self {
        Self::new(FindingKind::Storage, None, detail)
    }
}

/// The result, with its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All covered, signed, and cosigned as the policy asks.
    Fine,
    /// Tampering proven.
    Tampered,
    /// Damaged or unreadable.
    Damaged,
    /// Valid, but the tail is not cosigned.
    NotCosigned,
    /// The policy cannot be fulfilled: it asks for cosigners and names too few keys.
    Policy,
}

impl Outcome {
    /// The exit code (evidence specification, section 4).
    pub const fn exit(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Tampered => 1,
            Self::Damaged => 2,
            Self::NotCosigned => 3,
            Self::Policy => 4,
        }
    }

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fine => "valid",
            Self::Tampered => "tampered",
            Self::Damaged => "damaged",
            Self::NotCosigned => "not_cosigned",
            Self::Policy => "policy",
        }
    }
}

/// What was covered and what came of it.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was verified.
    pub source: PathBuf,
    /// `live`, `closed`, `crashed` or `export`; empty when it could not be told.
    pub state: &'static str,
    /// The result.
    pub outcome: Outcome,
    /// The first contradiction.
    pub finding: Option<Finding>,
    /// Which ledger.
    pub origin: String,
    /// The hospital's key that enrolled it, and whether the policy pins it.
    pub hospital: String,
    /// Entries that hold.
    pub entries: u64,
    /// Signatures of checkpoints that hold.
    pub signatures: u64,
    /// Encrypted patient data whose hash holds.
    pub detached: u64,
    /// The last epoch.
    pub epoch: u32,
    /// The root over all entries.
    pub root: Option<Hash>,
    /// The size of the older checkpoint that is a prefix, when one was given.
    pub against: Option<u64>,
    /// `none asked`, or how many are missing.
    pub cosigned: &'static str,
    /// Things to know that are no contradiction.
    pub notes: Vec<String>,
}

impl Report {
    pub(super) fn new(source: &Path) -> Self {
        Self {
            source: source.to_owned(),
            state: "",
            outcome: Outcome::Fine,
            finding: None,
            origin: String::new(),
            hospital: String::new(),
            entries: 0,
            signatures: 0,
            detached: 0,
            epoch: 0,
            root: None,
            against: None,
            cosigned: "no (policy asks for none)",
            notes: Vec::new(),
        }
    }

    pub(super) fn find(&mut self, finding: Finding) {
        self.finding = Some(finding);
    }

    pub(super) fn judge(&mut self, options: &Options) {
        let policy = &options.policy;
        self.outcome = match &self.finding {
            Some(Finding { kind: FindingKind::Storage | FindingKind::Page, .. }) => Outcome::Damaged,
            Some(_) => Outcome::Tampered,
            None if policy.needed > policy.cosigners.len() => Outcome::Policy,
            None if policy.needed > 0 => Outcome::NotCosigned,
            None => Outcome::Fine,
        };
        if policy.needed > 0 {
            self.cosigned = "no (policy asks for it)";
        }
    }

    /// One JSON object; fields are added, not renamed.
    pub fn json(&self) -> serde_json::Value {
        let finding = self.finding.as_ref().map(|finding| {
            serde_json::json!({
                "index": finding.index,
                "kind": finding.kind.name(),
                "expected": finding.expected.map(|hash| hex(&hash)),
                "found": finding.found.map(|hash| hex(&hash)),
                "detail": finding.detail,
            })
        });
        serde_json::json!({
            "source": self.source.display().to_string(),
            "state": self.state,
            "result": self.outcome.name(),
            "exit": self.outcome.exit(),
            "finding": finding,
            "origin": self.origin,
            "hospital": self.hospital,
            "entries": self.entries,
            "signatures": self.signatures,
            "detached": self.detached,
            "epoch": self.epoch,
            "root": self.root.map(|hash| hex(&hash)),
            "against": self.against,
            "cosigned": self.cosigned,
            "covered": if self.finding.is_none() { "full" } else { "up to the finding" },
            "notes": self.notes,
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "result      {}", self.outcome.name())?;
        writeln!(
            f,
            "source      {} ({})",
            self.source.display(),
            if self.state.is_empty() { "?" } else { self.state }
        )?;
        if let Some(finding) = &self.finding {
            let index = finding.index.map_or_else(|| "-".to_owned(), |index| index.to_string());
            writeln!(
                f,
                "first bad   {index}\nkind        {}\ndetail      {}",
                finding.kind.name(),
                finding.detail
            )?;
            for (name, hash) in [("expected  ", finding.expected), ("found     ", finding.found)] {
                if let Some(hash) = hash {
                    writeln!(f, "{name}  {}", hex(&hash))?;
                }
            }
        }
        if !self.origin.is_empty() {
            writeln!(f, "origin      {}\nhospital    {}", self.origin, self.hospital)?;
            writeln!(
                f,
                "covered     {}: {} entries, {} signatures, {} encrypted; epoch {}",
                if self.finding.is_none() { "full" } else { "up to the finding" },
                self.entries,
                self.signatures,
                self.detached,
                self.epoch
            )?;
        }
        if let Some(root) = &self.root {
            writeln!(f, "root        {}", hex(root))?;
        }
        if let Some(size) = self.against {
            writeln!(f, "against     checkpoint of size {size} is a prefix")?;
        }
        writeln!(f, "cosigned    {}", self.cosigned)?;
        self.notes.iter().try_for_each(|note| writeln!(f, "note        {note}"))
    }
}
