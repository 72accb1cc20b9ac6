//! What follows a dose: its correction, the effect of an as-needed dose, the removal of a patch, the course of an infusion, and a
//! conflict with what other kiosks did, with what was done about it. Each is a record of its own that names the dose's entry; nothing
//! that was recorded is ever changed.

use alloc::string::String;

use jiff::Timestamp;

use crate::entry::{EntryKind, IdempotencyKey};
use crate::ident::{ClinicianId, PatientId, ReasonCode, RequestId};
use crate::quantity::Quantity;
use crate::rate::Rate;

/// One thing that was charted about a dose after it.
#[derive(Clone, PartialEq, Eq)]
pub struct FollowUp {
    /// Which patient.
    pub patient: PatientId,
    /// The request of the dose.
    pub request: RequestId,
    /// The entry that recorded the dose.
    pub of: IdempotencyKey,
    /// What was done.
    pub act: Act,
    /// When.
    pub at: Timestamp,
    /// By whom; for what the kiosk itself found, nobody.
    pub by: Option<ClinicianId>,
    /// Why, from the site's list for this act.
    pub reason: Option<ReasonCode>,
    /// In the nurse's words.
    pub note: Option<String>,
    /// The second clinician who typed the same rate or bolus without seeing it (W3).
    pub witness: Option<ClinicianId>,
    /// The entry that holds it.
    pub entry: IdempotencyKey,
}

/// Without the patient and the nurse's words.
impl core::fmt::Debug for FollowUp {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "FollowUp({}, ..)", self.act.entry_kind().name())
    }
}

/// What can follow a dose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// The dose was entered in error: it counts as not charted, and its scheduled time is open again.
    EnteredInError,
    /// How an as-needed dose worked, by the reason's code, and the pain score where it is one.
    EffectNoted {
        /// From 0 to 10.
        pain: Option<u8>,
    },
    /// The patch was taken off.
    PatchRemoved,
    /// The infusion went on in another way.
    Infusion(InfusionStep),
    /// Found afterwards: what the ward knew and this kiosk did not.
    Conflict(Conflict),
    /// What was done about such a conflict.
    ConflictAnswered(Conflict),
}

/// A step in the course of an infusion. A new bag is an administration of its own, because it is scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InfusionStep {
    /// It runs at another rate from now on.
    RateChanged(Rate),
    /// It is paused.
    Paused,
    /// It goes on after a pause.
    Resumed,
    /// So much was given at once from the running bag.
    Bolus(Quantity),
    /// It was stopped before its end.
    Stopped,
    /// It ran to its end.
    Completed,
}

/// How a dose contradicts what the ward knew and its kiosk did not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// The request had been stopped before, then.
    StoppedBefore(Timestamp),
    /// The same dose was charted elsewhere, then, by whom.
    AlsoGiven(Timestamp, ClinicianId),
}

impl Act {
    /// The kind of its entry.
    pub const fn entry_kind(&self) -> EntryKind {
        match self {
            Self::EnteredInError => EntryKind::Correction,
            Self::EffectNoted { .. } => EntryKind::Effect,
            Self::PatchRemoved => EntryKind::PatchRemoved,
            Self::Infusion(_) => EntryKind::Infusion,
            Self::Conflict(_) => EntryKind::Conflict,
            Self::ConflictAnswered(_) => EntryKind::ConflictAnswered,
        }
    }
}
