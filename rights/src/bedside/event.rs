//! What can happen at the bedside, and what the shell must do about it.

use alloc::string::String;
use alloc::vec::Vec;

use super::{Charted, NotGiven, TypedBand, TypedPackage, Waste};
use crate::case::{Answer, Choice, Taken};
use crate::claims::{Claim, Grant, Refusal};
use crate::custody::CustodyId;
use crate::entered::Entered;
use crate::entry::{Entry, IdempotencyKey, Recorded};
use crate::ident::{ClinicianId, ReasonCode, RequestId};
use crate::product::Route;
use crate::quantity::Quantity;
use crate::scan::Scan;
use crate::witness::Blind;
use jiff::Timestamp;

/// What can happen at the bedside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A steady, interpreted read.
    Scanned(Scan),
    /// The shell has checked the PIN that was typed.
    PinChecked {
        /// What it came to.
        outcome: PinOutcome,
        /// Random, for the session or the refused attempt.
        session: [u8; 16],
    },
    /// One request and scheduled dose is chosen (O7).
    Choose(Choice),
    /// How much of a package is to be given, by its place in hand.
    Take(usize, Taken),
    /// Nothing more will be scanned for this dose (D3).
    NoMore,
    /// A question is answered.
    Answer(Answer),
    /// A value that a check needs was typed or declared.
    Enter(Entered),
    /// Call a second person to check the dose in hand (W1).
    CallWitness,
    /// What the second person typed, without seeing the first one's numbers.
    EnterBlind(Blind),
    /// "The patient has taken it".
    Confirm,
    /// A scheduled dose is charted as held, refused or not given.
    ChartNotGiven(NotGiven),
    /// What followed a dose is charted: its correction, its effect, the patch taken off, the course of an infusion.
    Chart(Charted),
    /// The ward's hub, or the shell of a kiosk that is alone, lets this kiosk have the dose of a claim.
    Claimed(IdempotencyKey, Grant),
    /// Another kiosk has it.
    ClaimRefused(IdempotencyKey, Refusal),
    /// The chart holds what the ward knows by now: the entries of the doses of this kiosk that are to be compared with it.
    Reconnected(Vec<IdempotencyKey>),
    /// The orders, the drug file or what other kiosks did are new. A dose in hand is looked at again.
    Heard,
    /// The wristband cannot be scanned: who it is was typed (P8).
    BandTyped(TypedBand),
    /// The package cannot be scanned: its NDC and lot were typed (M9), by the nurse or by the witness.
    PackageTyped(TypedPackage),
    /// An emergency: break-glass is asked for (S4). The second clinician is asked next.
    BreakGlass {
        /// Why, from the site's list.
        reason: ReasonCode,
        /// In the nurse's words; "other" needs it.
        note: Option<String>,
    },
    /// The emergency is over.
    EndBreakGlass,
    /// In break-glass mode: what was ordered by word of mouth, for the product in hand.
    VerbalOrder {
        /// How much.
        dose: Quantity,
        /// By which route.
        route: Route,
    },
    /// The order that was written afterwards for a dose of this patient that was given without one.
    LinkOrder {
        /// The request under which it was given.
        given_under: RequestId,
        /// When.
        given_at: Timestamp,
        /// The order.
        request: RequestId,
    },
    /// Something that is in custody is wasted (W4). The witness is asked next.
    Waste(Waste),
    /// A whole package that is in custody is returned.
    Return(CustodyId),
    /// Put the package that was scanned last aside.
    PutBack,
    /// Leave the dose, the patient, the PIN entry or the second person's screen.
    Cancel,
    /// Seen: go on after a receipt or a notice.
    Continue,
    /// End the session.
    SignOff,
    /// The ledger has it, durably.
    Recorded(Recorded),
    /// The ledger could not record it.
    NotRecorded(IdempotencyKey),
    /// The screen was touched without any of the above: somebody is there.
    Touched,
    /// Time passes; at least once a second.
    Tick,
}

/// What checking a PIN came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinOutcome {
    /// It is the right one.
    Accepted,
    /// It is not.
    Refused,
    /// Too many were not; nobody can sign on with this badge for a while.
    LockedOut,
}

/// What the shell must do, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Append to the ledger; answer with [`Event::Recorded`] or [`Event::NotRecorded`].
    Record(Entry),
    /// Ask for the PIN of this clinician; answer with [`Event::PinChecked`].
    AskPin(ClinicianId),
    /// Ask the ward's hub for this dose; answer with [`Event::Claimed`] or [`Event::ClaimRefused`]. A kiosk that is the only one
    /// answers [`Grant::Alone`] at once; one that cannot reach the hub [`Grant::Offline`].
    Claim(Claim),
    /// Tell the hub that the dose of this claim is not given after all.
    Release(IdempotencyKey),
    /// Sound.
    Sound(Tone),
}

/// A sound. The scanner itself makes none: a beep would be taken for "right".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// All is well.
    Pass,
    /// Something is asked.
    Question,
    /// Stop. Cannot be muted.
    Stop,
    /// Recorded.
    Recorded,
}
