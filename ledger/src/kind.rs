//! The kinds of entry and their numbers, which never change their meaning.

use rights::entry::EntryKind;

use crate::cbor::{Cbor, CborError, Reader, Writer};

/// What happened. A number that this version does not know is kept, so that it still verifies what a later one recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(pub u16);

macro_rules! kinds {
    ($($(#[$doc:meta])* $constant:ident = $number:literal, $name:literal;)+) => {
        impl Kind {
            $($(#[$doc])* pub const $constant: Self = Self($number);)+

            /// Every kind with a name.
            pub const ALL: &'static [Self] = &[$(Self($number),)+];

            /// The stable name.
            pub const fn known_name(self) -> Option<&'static str> {
                match self.0 {
                    $($number => Some($name),)+
                    _ => None,
                }
            }
        }
    };
}

kinds! {
    /// The first entry: build, CDDL and policy hashes.
    GENESIS = 1, "genesis";
    /// The ledger was opened for writing.
    BOOT = 2, "boot";
    /// The ledger was closed in an orderly way.
    CLOSE = 3, "close";
    /// The last entry of a signing epoch.
    ROTATE = 4, "rotate";
    /// A policy came into force.
    POLICY = 5, "policy";
    /// Nothing happened, and that is recorded.
    HEARTBEAT = 6, "heartbeat";
    /// A cosignature of an earlier checkpoint.
    ANCHOR = 7, "anchor";
    /// Keys of patients were destroyed after their retention.
    SHRED = 8, "shred";
    /// Auditing was switched on or off.
    AUDIT_STATE = 9, "audit_state";
    /// A privilege was granted, used or taken.
    PRIVILEGE = 10, "privilege";
    /// Patient data was looked at.
    VIEW = 11, "view";
    /// A clinician signed on.
    SIGN_ON = 32, "sign_on";
    /// A sign-on was refused.
    SIGN_ON_REFUSED = 33, "sign_on_refused";
    /// A clinician signed off.
    SIGN_OFF = 34, "sign_off";
    /// A wristband that led to no patient.
    UNIDENTIFIED = 35, "unidentified";
    /// A scan with its verdict.
    VERDICT = 36, "verdict";
    /// A dose was given.
    GIVEN = 37, "given";
    /// Less than ordered was given.
    PARTIAL = 38, "partial";
    /// A dose was held.
    HELD = 39, "held";
    /// A dose was refused.
    REFUSED = 40, "refused";
    /// A dose was not given for another reason.
    NOT_GIVEN = 41, "not_given";
    /// Pending packages became void.
    ABANDONED = 42, "abandoned";
    /// A scan without a verdict.
    SCAN = 43, "scan";
    /// Medication was wasted.
    WASTE = 44, "waste";
    /// Proceeding despite a variance.
    OVERRIDE = 45, "override";
    /// A second clinician confirmed.
    WITNESS = 46, "witness";
    /// An earlier entry was corrected.
    CORRECTION = 47, "correction";
    /// A dose is missing; the pharmacy was asked for it.
    MISSING = 48, "missing";
    /// The effect of an as-needed dose was noted.
    EFFECT = 49, "effect";
    /// A patch was taken off.
    PATCH_REMOVED = 50, "patch_removed";
    /// An infusion was changed, paused, resumed or ended.
    INFUSION = 51, "infusion";
    /// A dose contradicts what the ward knew and its kiosk did not.
    CONFLICT = 52, "conflict";
    /// A vital sign or laboratory value was entered at the bedside.
    OBSERVATION = 53, "observation";
    /// A package was returned whole.
    RETURNED = 56, "returned";
    /// A dose that was given without an order was linked to one.
    ORDER_LINKED = 57, "order_linked";
    /// A new wristband was asked for.
    REPRINT = 58, "reprint";
    /// A discrepancy of controlled substances was explained or closed.
    DISCREPANCY = 59, "discrepancy";
    /// What was done about a conflict.
    CONFLICT_ANSWERED = 60, "conflict_answered";
}

impl Kind {
    /// The number of a kind that the bedside makes.
    pub const fn of(kind: EntryKind) -> Self {
        match kind {
            EntryKind::SignOn => Self::SIGN_ON,
            EntryKind::SignOnRefused => Self::SIGN_ON_REFUSED,
            EntryKind::SignOff => Self::SIGN_OFF,
            EntryKind::Unidentified => Self::UNIDENTIFIED,
            EntryKind::Verdict => Self::VERDICT,
            EntryKind::Given => Self::GIVEN,
            EntryKind::Partial => Self::PARTIAL,
            EntryKind::Held => Self::HELD,
            EntryKind::Refused => Self::REFUSED,
            EntryKind::NotGiven => Self::NOT_GIVEN,
            EntryKind::Abandoned => Self::ABANDONED,
            EntryKind::Missing => Self::MISSING,
            EntryKind::Correction => Self::CORRECTION,
            EntryKind::Effect => Self::EFFECT,
            EntryKind::PatchRemoved => Self::PATCH_REMOVED,
            EntryKind::Infusion => Self::INFUSION,
            EntryKind::Conflict => Self::CONFLICT,
            EntryKind::ConflictAnswered => Self::CONFLICT_ANSWERED,
            EntryKind::View => Self::VIEW,
            EntryKind::Observation => Self::OBSERVATION,
            EntryKind::Witness => Self::WITNESS,
            EntryKind::Override => Self::OVERRIDE,
            EntryKind::Waste => Self::WASTE,
            EntryKind::Returned => Self::RETURNED,
            EntryKind::OrderLinked => Self::ORDER_LINKED,
            EntryKind::Reprint => Self::REPRINT,
            EntryKind::Discrepancy => Self::DISCREPANCY,
        }
    }

    /// Whether its patient data says that something was done, which a kiosk must know after a restart.
    pub const fn holds_record(self) -> bool {
        matches!(
            self,
            Self::GIVEN
                | Self::PARTIAL
                | Self::HELD
                | Self::REFUSED
                | Self::NOT_GIVEN
                | Self::MISSING
                | Self::CORRECTION
                | Self::EFFECT
                | Self::PATCH_REMOVED
                | Self::INFUSION
                | Self::CONFLICT
                | Self::CONFLICT_ANSWERED
                | Self::VIEW
                | Self::OBSERVATION
                | Self::ABANDONED
                | Self::WASTE
                | Self::RETURNED
                | Self::ORDER_LINKED
                | Self::REPRINT
        )
    }

    /// Whether the ledger makes such entries itself; they say nothing about a dose or a person.
    pub const fn is_own(self) -> bool {
        matches!(
            self,
            Self::GENESIS
                | Self::BOOT
                | Self::CLOSE
                | Self::ROTATE
                | Self::POLICY
                | Self::HEARTBEAT
                | Self::ANCHOR
                | Self::SHRED
        )
    }

    /// What the actor's name under such an entry means: 1 did it, 2 documents that it was not done, 3 was told a verdict,
    /// 4 began or ended a session or break-glass, 5 entered independently what they found.
    pub const fn meaning(self) -> u8 {
        match self {
            Self::GIVEN
            | Self::PARTIAL
            | Self::EFFECT
            | Self::PATCH_REMOVED
            | Self::INFUSION
            | Self::WASTE
            | Self::RETURNED
            | Self::ORDER_LINKED
            | Self::REPRINT
            | Self::DISCREPANCY
            | Self::CONFLICT_ANSWERED => 1,
            Self::HELD | Self::REFUSED | Self::NOT_GIVEN | Self::MISSING | Self::CORRECTION => 2,
            Self::SIGN_ON | Self::SIGN_ON_REFUSED | Self::SIGN_OFF | Self::OVERRIDE => 4,
            Self::WITNESS => 5,
            _ => 3,
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.known_name() {
            Some(name) => f.pad(name),
            None => f.pad(&format!("kind-{}", self.0)),
        }
    }
}

impl Cbor for Kind {
    fn write(&self, w: &mut Writer) {
        w.uint(u64::from(self.0));
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CborError> {
        u16::read(r).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_the_bedside_has_its_own_number_and_the_same_name() {
        let mut seen = std::collections::BTreeSet::new();
        for kind in EntryKind::ALL {
            assert!(seen.insert(Kind::of(*kind)));
            assert_eq!(Kind::of(*kind).known_name(), Some(kind.name()));
        }
    }
}
