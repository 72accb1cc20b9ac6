//! Notices.

use alloc::format;

use crate::bedside::Notice;
use crate::phrase::Phrase;
use crate::phrase::write::{phrase, span};
use crate::policy::Policy;

pub(in crate::phrase) fn notice(notice: Notice, policy: &Policy) -> Phrase {
    let span = |time| span(time, "seconds", "minutes");
    match notice {
        Notice::NotABadge => phrase("This is not a badge", "", "Scan the barcode on your badge."),
        Notice::UnknownBadge => phrase("Badge not known", "", "Ask the charge nurse."),
        Notice::RoleMayNotGive => {
            phrase("This role cannot give medication here", "", "Ask a nurse to sign on.")
        }
        Notice::LockedOut => {
            phrase("Too many wrong PINs", "This badge is locked for a while.", "Ask the charge nurse.")
        }
        Notice::AnswerIncomplete => {
            let characters = policy.other_note_characters;
            let action = format!("Choose a reason; \"other\" needs at least {characters} characters.");
            phrase("Answer not complete", "", action)
        }
        Notice::ValueNotPossible => phrase("This value is not possible", "", "Measure and enter it again."),
        Notice::CannotChart => phrase("This dose cannot be charted so", "It may be charted already.", ""),
        Notice::MayNotCorrect => phrase(
            "You cannot correct this entry",
            format!("Its giver can for {}, later a charge nurse.", span(policy.correct_within)),
            "Ask the charge nurse.",
        ),
        Notice::RateNotOrdered => {
            phrase("This rate is not ordered", "", "Set the ordered rate or call the prescriber.")
        }
        Notice::BolusNotOrdered => {
            phrase("This bolus is not ordered", "", "Give no bolus. Call the prescriber.")
        }
        Notice::MustNotBeGiven => phrase(
            "This must not be given now",
            "The patient, an allergy, or the order and its age stop it.",
            "Scan the wristband to see why, and call the prescriber.",
        ),
        Notice::BandAgain => phrase("Scan the wristband again", "The last scan is too old.", ""),
        Notice::RecordUnreadable => phrase(
            "A record of this patient could not be read",
            "The list of orders or allergies is not complete.",
            "Call the pharmacy before you say that something is not ordered.",
        ),
        Notice::WitnessIsGiver => {
            phrase("The witness must be somebody else", "", "Another clinician scans their own badge.")
        }
        Notice::WitnessNotLicensed => phrase("This role may not witness", "", "Ask a nurse or a pharmacist."),
        Notice::WitnessTooLate => phrase(
            "The witness took too long",
            format!("Everything must be entered within {} of the PIN.", span(policy.witness_within)),
            "Scan the witness's badge again.",
        ),
        Notice::WitnessDiffers => phrase(
            "The witness entered another amount",
            "Both amounts are recorded. Nothing is recorded as wasted.",
            "Measure it again together, then enter the waste anew.",
        ),
        Notice::WitnessReadsAnother => phrase(
            "The witness entered another rate or bolus",
            "Both are recorded. Nothing is charted.",
            "Look at the pump and the order together, then enter it anew.",
        ),
        Notice::WrongPin => phrase("Wrong PIN", "", "Type it again."),
        Notice::PackageNotKnown => {
            phrase("The drug file does not know this package", "", "Scan the package of the dose.")
        }
        Notice::AmountNotPossible => phrase(
            "This amount is not possible",
            "",
            "Enter it in the unit of the package or its ingredient.",
        ),
        Notice::RecordOnPaper => {
            phrase("This kiosk cannot record", "", "Chart on paper and call the technician.")
        }
    }
}
