//! Where a session can stand.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use jiff::Timestamp;

use super::dose::DoseInHand;
use super::second::Second;
use crate::case::{Answer, BreakGlass, PatientCase};
use crate::claims::{Claim, Refusal};
use crate::entered::Entered;
use crate::entry::{IdempotencyKey, Recorded};
use crate::history::{Record, Review};
use crate::ident::PatientId;
use crate::person::Clinician;
use crate::verdict::Verdict;

/// Somebody is signed on.
#[derive(Clone, Debug)]
pub struct Session {
    /// Who.
    pub clinician: Clinician,
    /// Random; the first part of every idempotency key.
    pub(super) id: [u8; 16],
    /// Counts the entries.
    pub(super) count: u32,
    /// When something was last done.
    pub(super) active_at: Timestamp,
    /// The patient whose band was scanned.
    pub patient: Option<Identified>,
    /// The emergency that two clinicians declared (S4).
    pub break_glass: Option<BreakGlass>,
    /// Whose emergency it is; `None` until a patient is open.
    pub(super) break_glass_of: Option<PatientId>,
}

impl Session {
    /// The key of the next entry.
    pub(super) const fn next_key(&self) -> IdempotencyKey {
        IdempotencyKey { session: self.id, count: self.count }
    }

    /// The key of the next entry, which is nobody else's from now on. A session of four billion entries does not exist.
    pub(super) const fn take_key(&mut self) -> IdempotencyKey {
        let key = self.next_key();
        self.count = self.count.saturating_add(1);
        key
    }

    /// The patient is at hand. An emergency that was declared before anybody was is this patient's.
    pub(super) fn open(&mut self, identified: Identified) {
        self.break_glass_of.get_or_insert_with(|| identified.id.clone());
        self.patient = Some(identified);
    }
}

/// A patient whose wristband was scanned.
#[derive(Clone, Debug)]
pub struct Identified {
    /// Who.
    pub id: PatientId,
    /// How the identification came about.
    pub case: PatientCase,
    /// What it came to.
    pub verdict: Verdict,
    /// Answers that hold for every dose of this patient in this session, such as "on another ward".
    pub answers: Vec<Answer>,
    /// What the nurse sees of the patient since the identification, to be acknowledged where it is new (P9, O9).
    pub seen: Review,
    /// Entered values that hold for every dose of this patient in this session.
    pub entered: Vec<Entered>,
    /// What the ward said of doses that other kiosks give or gave to this patient.
    pub elsewhere: Vec<Refusal>,
}

impl Identified {
    /// A patient with what the identification itself answered.
    pub(super) const fn new(
        id: PatientId,
        case: PatientCase,
        verdict: Verdict,
        answers: Vec<Answer>,
        seen: Review,
    ) -> Self {
        Self { id, case, verdict, answers, seen, entered: Vec::new(), elsewhere: Vec::new() }
    }
}

/// Where the session stands; each is one screen or a family of screens.
#[derive(Clone, Debug)]
pub enum Phase {
    /// Nobody is signed on.
    Locked {
        /// What to say.
        notice: Option<Notice>,
    },
    /// A badge was scanned; its PIN is asked.
    Pin {
        /// Whose.
        clinician: Clinician,
        /// The last one was wrong.
        refused: bool,
        /// Since when it is asked.
        since: Timestamp,
    },
    /// Signed on; a wristband is asked.
    Identify {
        /// Why the last scan was stopped.
        stop: Option<Verdict>,
        /// What to say.
        notice: Option<Notice>,
    },
    /// The patient is known.
    DueList {
        /// What to say.
        notice: Option<Notice>,
    },
    /// Packages are in hand.
    Dose(DoseInHand),
    /// The ward is asked whether another kiosk gives this dose.
    Claiming(Claiming),
    /// A second person is asked: nothing of what waits for them is shown.
    Second(Second),
    /// The ledger is writing.
    Saving(Saving),
    /// The ledger has it.
    Done(Done),
    /// The ledger could not write. Red; chart on paper.
    NotRecorded {
        /// The dose it was about, when it was about one.
        pending: Option<Saving>,
        /// The dose that was in hand when something beside it could not be written: the patient may have taken it already.
        in_hand: Option<Box<DoseInHand>>,
    },
}

/// A dose that the nurse confirmed and the ward was asked for.
#[derive(Clone, Debug)]
pub struct Claiming {
    /// What was asked.
    pub claim: Claim,
    /// The dose as it was confirmed.
    pub dose: DoseInHand,
}

/// Something that was done, on its way into the ledger.
#[derive(Clone, Debug)]
pub struct Saving {
    pub(super) key: IdempotencyKey,
    /// Since when the ledger is asked.
    pub(super) since: Timestamp,
    /// What is being written.
    pub record: Record,
    /// The name of the drug for the screen.
    pub name: String,
}

impl Saving {
    /// The key of the entry that is being written.
    pub const fn key(&self) -> IdempotencyKey {
        self.key
    }
}

/// Something that was done and that the ledger holds.
#[derive(Clone, Debug)]
pub struct Done {
    /// What was written.
    pub record: Record,
    /// The name of the drug for the screen.
    pub name: String,
    /// Where it stands in the ledger.
    pub recorded: Recorded,
}

/// Something to say beside the screen's own content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The code is no badge.
    NotABadge,
    /// The badge is nobody's.
    UnknownBadge,
    /// This role may not give medication.
    RoleMayNotGive,
    /// Too many wrong PINs.
    LockedOut,
    /// The answer lacks a reason, a note or a contact.
    AnswerIncomplete,
    /// The value that was entered cannot be meant, such as one of the future.
    ValueNotPossible,
    /// The dose cannot be charted so; it may be charted already.
    CannotChart,
    /// Only the giver may correct it, for a while, and later a charge nurse.
    MayNotCorrect,
    /// The order does not permit this rate.
    RateNotOrdered,
    /// The order does not permit this bolus.
    BolusNotOrdered,
    /// The patient, an allergy or the order stops what was to be given.
    MustNotBeGiven,
    /// The wristband must be scanned again first.
    BandAgain,
    /// An order or an allergy of this patient could not be read.
    RecordUnreadable,
    /// W2: the witness must be somebody else.
    WitnessIsGiver,
    /// W2: this role may not witness.
    WitnessNotLicensed,
    /// W2: the witness took too long after the PIN, and signs again.
    WitnessTooLate,
    /// W3: the witness and the nurse say different amounts; both are recorded, and nothing is wasted.
    WitnessDiffers,
    /// W3: the witness and the nurse say different rates or boluses; both are recorded, and nothing is charted.
    WitnessReadsAnother,
    /// The PIN was wrong.
    WrongPin,
    /// The drug file does not know this package.
    PackageNotKnown,
    /// This amount cannot be meant.
    AmountNotPossible,
    /// The kiosk could not record: chart on paper, tell the site's technician.
    RecordOnPaper,
}
