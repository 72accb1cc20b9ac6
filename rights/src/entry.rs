//! What is to be recorded. An [`Entry`] is made by the bedside alone, from a decision or an event of its session; there is no
//! public constructor, so that the ledger records nothing this crate did not decide.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use jiff::Timestamp;

use crate::case::{Answer, DoseCase, PatientCase};
use crate::custody::WasteCase;
use crate::discrepancy::DiscrepancyCase;
use crate::history::Record;
use crate::ident::{ClinicianId, Lot, PatientId, ProductId, ReasonCode};
use crate::moment::Moment;
use crate::person::Role;
use crate::product::named;
use crate::scan::{Source, Symbology};
use crate::verdict::{Check, Class, Verdict};

named! {
    /// The kinds of entry that the bedside makes (the ledger adds its own: genesis, boot, close ...).
    EntryKind {
        /// A clinician signed on.
        SignOn = "sign_on",
        /// A sign-on was refused.
        SignOnRefused = "sign_on_refused",
        /// A clinician signed off, or the session ended by itself.
        SignOff = "sign_off",
        /// A wristband that led to no patient.
        Unidentified = "unidentified",
        /// A scan with the verdict it led to; also every stop.
        Verdict = "verdict",
        /// A dose was given.
        Given = "given",
        /// Less than ordered was given.
        Partial = "partial",
        /// A dose was held.
        Held = "held",
        /// A dose was refused.
        Refused = "refused",
        /// A dose was not given for another reason.
        NotGiven = "not_given",
        /// Pending packages became void.
        Abandoned = "abandoned",
        /// A dose is missing; the pharmacy was asked for it.
        Missing = "missing",
        /// A dose was entered in error.
        Correction = "correction",
        /// The effect of an as-needed dose was noted.
        Effect = "effect",
        /// A patch was taken off.
        PatchRemoved = "patch_removed",
        /// An infusion was changed, paused, resumed or ended.
        Infusion = "infusion",
        /// A dose contradicts what the ward knew and its kiosk did not.
        Conflict = "conflict",
        /// What was done about such a conflict.
        ConflictAnswered = "conflict_answered",
        /// A nurse saw the patient's orders, allergies and flags, and acknowledged what was new.
        View = "view",
        /// A vital sign or laboratory value was entered.
        Observation = "observation",
        /// A second person entered what they found, in agreement or not.
        Witness = "witness",
        /// Break-glass began or ended.
        Override = "override",
        /// Something was wasted before a witness.
        Waste = "waste",
        /// A package was returned whole.
        Returned = "returned",
        /// A dose that was given without an order was linked to one.
        OrderLinked = "order_linked",
        /// A new wristband was asked for.
        Reprint = "reprint",
        /// A discrepancy of controlled substances was explained or closed.
        Discrepancy = "discrepancy",
    }
}

/// Makes one scan transaction unique: the session's random id and a counter. The ledger refuses the same key twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdempotencyKey {
    /// Random, from the shell, one for each session.
    pub session: [u8; 16],
    /// Counts the entries of the session.
    pub count: u32,
}

impl IdempotencyKey {
    /// 20 bytes: the session, then the counter, big-endian.
    pub fn to_bytes(self) -> [u8; 20] {
        let mut bytes = [0; 20];
        bytes[..16].copy_from_slice(&self.session);
        bytes[16..].copy_from_slice(&self.count.to_be_bytes());
        bytes
    }
}

/// Who acted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The clinician.
    pub clinician: ClinicianId,
    /// In which role.
    pub role: Role,
}

/// One thing to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    kind: EntryKind,
    key: IdempotencyKey,
    at: Moment,
    actor: Option<Actor>,
    clear: Clear,
    detached: Option<Detached>,
}

/// What may be read by anybody: no patient data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clear {
    /// The strictest class of the verdict.
    pub class: Option<Class>,
    /// Each check with its class.
    pub findings: Vec<(Check, Class)>,
    /// Each check that was answered, with the coded reason.
    pub reasons: Vec<(Check, Option<ReasonCode>)>,
    /// Why a dose was not given, or a session ended.
    pub reason: Option<ReasonCode>,
    /// The product in hand.
    pub product: Option<ProductId>,
    /// Its lot.
    pub lot: Option<Lot>,
    /// How the last code reached us.
    pub source: Option<Source>,
    /// Its symbology.
    pub symbology: Option<Symbology>,
}

/// What concerns a patient: encrypted, outside the leaf. `Debug` says that there is such a part, nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Detached {
    /// The patient, where known.
    pub patient: Option<PatientId>,
    /// The inputs of the decision, so that it can be decided again.
    pub inputs: Option<Inputs>,
    /// What was done, where something was.
    pub record: Option<Record>,
    /// The nurse's answers with their notes.
    pub answers: Vec<Answer>,
    /// The exact text of the last code.
    pub scanned: Option<String>,
}

impl fmt::Debug for Detached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Detached(..)")
    }
}

/// The inputs of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inputs {
    /// Of an identification, with its moment.
    Patient(PatientCase, Moment),
    /// Of a dose; shared with the screen that shows it.
    Dose(Arc<DoseCase>),
    /// Of a waste.
    Waste(alloc::boxed::Box<WasteCase>),
    /// Of a step that ends a discrepancy.
    Discrepancy(alloc::boxed::Box<DiscrepancyCase>),
}

impl Entry {
    pub(crate) const fn new(
        kind: EntryKind,
        key: IdempotencyKey,
        at: Moment,
        actor: Option<Actor>,
        clear: Clear,
        detached: Option<Detached>,
    ) -> Self {
        Self { kind, key, at, actor, clear, detached }
    }

    /// What happened.
    pub const fn kind(&self) -> EntryKind {
        self.kind
    }

    /// The key that makes it unique.
    pub const fn key(&self) -> IdempotencyKey {
        self.key
    }

    /// When.
    pub const fn at(&self) -> Moment {
        self.at
    }

    /// Who acted.
    pub const fn actor(&self) -> Option<&Actor> {
        self.actor.as_ref()
    }

    /// What may be read by anybody.
    pub const fn clear(&self) -> &Clear {
        &self.clear
    }

    /// What concerns a patient.
    pub const fn detached(&self) -> Option<&Detached> {
        self.detached.as_ref()
    }
}

impl Clear {
    /// The findings of a verdict, without their content.
    pub(crate) fn of(verdict: &Verdict) -> Self {
        Self {
            class: Some(verdict.class()),
            findings: verdict.findings().iter().map(|finding| (finding.check, finding.class)).collect(),
            ..Self::default()
        }
    }
}

/// What the ledger says to an entry that is durable; handed back to the bedside by the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Which entry.
    pub key: IdempotencyKey,
    /// Its place in the ledger.
    pub sequence: u64,
    /// Its instant.
    pub at: Timestamp,
}
