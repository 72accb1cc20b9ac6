//! Right patient: P1 to P9.

use alloc::format;

use crate::phrase::english::names::{duration, faults_in_words, thing};
use crate::phrase::families::{conditions, dose, medication, request, route_and_time, safety};
use crate::phrase::write::phrase;
use crate::phrase::{Phrase, Words};
use crate::verdict::Variance;

pub(super) fn text(variance: &Variance, words: &Words<'_>) -> Option<Phrase> {
    let t = |at| words.time(at);
    Some(match variance {
        Variance::NotAWristband(kind) => phrase(
            format!("this is {}, not a wristband", thing(kind)),
            "",
            "Scan the wristband on the patient's wrist first.",
        ),
        Variance::CodeFaulty(faults) => phrase(
            "this code cannot be used",
            faults_in_words(faults),
            "Scan the other code, or ask the pharmacy.",
        ),
        Variance::BandScanOld(lasts) => phrase(
            "wristband scan too old",
            format!("A wristband scan holds for {}.", duration(*lasts)),
            "Scan the wristband again.",
        ),
        Variance::PatientUnknown => phrase(
            "patient not known",
            "No patient has this wristband number.",
            "Check the wristband with the patient; ask admissions for a new band.",
        ),
        Variance::PatientAmbiguous => phrase(
            "wristband number used twice",
            "More than one patient has this number.",
            "Do not give anything. Call admissions.",
        ),
        Variance::OldBand => phrase(
            "old wristband",
            "A newer band was printed for this patient. This one may be a copy.",
            "Scan the band on the wrist; remove this one.",
        ),
        Variance::BandSerialUnknown => phrase(
            "wristband cannot be confirmed",
            "It is not known which band was printed last.",
            "Ask admissions to print a new band.",
        ),
        Variance::Discharged => {
            phrase("patient discharged", "", "Call admissions if the patient is still here.")
        }
        Variance::Deceased => phrase("patient recorded as deceased", "", "Call the charge nurse."),
        Variance::NotAdmitted => {
            phrase("patient not admitted", "No stay in progress is known.", "Call admissions.")
        }
        Variance::OtherWard => phrase(
            "patient is listed on another ward",
            "",
            "Give only if the patient is here; choose the reason.",
        ),
        Variance::PatientMerged => phrase(
            "this record was merged into another one",
            "Nothing more is given under this number.",
            "Ask admissions to print a new band.",
        ),
        Variance::BandSeenElsewhere(at) => phrase(
            "this band was just seen at another kiosk",
            format!("Seen there at {}.", t(*at)),
            "Look for a copy of the band. Go on only with a second nurse.",
        ),
        Variance::BirthYearWrong(year) => phrase(
            "wrong patient, or wrong year",
            format!("Typed: {year}. This band is of somebody born in another year."),
            "Ask the name and birth date again and scan the band on the wrist.",
        ),
        Variance::AllergiesChanged => phrase(
            "allergies or flags have changed",
            "They changed since you last opened this patient.",
            "Read them as they are now.",
        ),
        Variance::BandNotScanned => phrase(
            "wristband not scanned",
            "Who it is was typed, not read from the band.",
            "Say why it cannot be scanned. A second clinician confirms it. A new band is asked for.",
        ),
        Variance::TypedIdentityDiffers => phrase(
            "the witness typed another birth date",
            "The two of you do not say the same. Both are recorded.",
            "Give nothing. Ask the patient again, or have a new band printed.",
        ),
        Variance::ControlledNeedsBand => phrase(
            "a controlled substance needs the wristband",
            "The band was not scanned.",
            "Do not give it. Have a new band printed and scan it.",
        ),
        medication!() | request!() | dose!() | route_and_time!() | conditions!() | safety!() => return None,
    })
}
