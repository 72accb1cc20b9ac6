//! The words of the English table: routes, forms, units, months, reasons.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use jiff::SignedDuration;

use crate::custody::Disposal;
use crate::history::Outcome;
use crate::person::Role;
use crate::product::{Form, RecallClass, Release, Route};
use crate::quantity::Unit;
use crate::request::Mismatch;
use crate::scan::{ScanFault, ScanFaultKind};
use crate::verdict::Right;

/// A site of the body: its code with spaces.
pub(in crate::phrase) fn site(code: &str) -> String {
    code.replace('-', " ")
}

/// The name of a vital sign or laboratory value; a code that the table does not know is shown as it is.
pub(in crate::phrase) fn observation(code: &str) -> &str {
    match code {
        "heart-rate" => "the heart rate",
        "systolic-blood-pressure" => "the systolic blood pressure",
        "diastolic-blood-pressure" => "the diastolic blood pressure",
        "respiratory-rate" => "the respiratory rate",
        "oxygen-saturation" => "the oxygen saturation",
        "body-temperature" => "the temperature",
        "body-weight" => "the weight",
        "glucose" => "the glucose",
        "potassium" => "the potassium",
        "inr" => "the INR",
        unknown => unknown,
    }
}

pub(in crate::phrase) const fn disposal(how: Disposal) -> &'static str {
    match how {
        Disposal::Wasted => "wasted",
        Disposal::Returned => "returned",
    }
}

pub(in crate::phrase) const fn role(role: Role) -> &'static str {
    match role {
        Role::Nurse => "nurse",
        Role::ChargeNurse => "charge nurse",
        Role::Pharmacist => "pharmacist",
        Role::Student => "student",
        Role::Provider => "provider",
        Role::Auditor => "auditor",
        Role::Administrator => "administrator",
    }
}

pub(in crate::phrase) fn mismatch_title(mismatches: &[Mismatch]) -> String {
    match mismatches {
        [Mismatch::Release] => "wrong release type".into(),
        [Mismatch::Form] => "wrong form".into(),
        [Mismatch::Form, Mismatch::Release] => "wrong form and release type".into(),
        _ => "wrong drug".into(),
    }
}

pub(in crate::phrase) fn thing(kind: &str) -> &'static str {
    match kind {
        "wristband" => "a wristband",
        "badge" => "a badge",
        "package" => "a medication package",
        "dose" => "a dose label",
        _ => "an unknown code",
    }
}

pub(in crate::phrase) fn faults_in_words(faults: &[ScanFault]) -> String {
    let all: Vec<String> = faults.iter().map(fault).collect();
    all.join(" ")
}

pub(in crate::phrase) fn fault(fault: &ScanFault) -> String {
    let part = &fault.part;
    let what = match fault.kind {
        ScanFaultKind::NotRecognised => return "No format that this site uses.".into(),
        ScanFaultKind::Ambiguous => return "Several codes at once: show one.".into(),
        ScanFaultKind::NotMarkedGs1 => return format!("{part}: a copy, not a GS1 symbol."),
        ScanFaultKind::CheckDigit => "check digit",
        ScanFaultKind::Length => "length",
        ScanFaultKind::Character => "character",
        ScanFaultKind::Date => "date",
        ScanFaultKind::UnknownIdentifier => "unknown identifier",
        ScanFaultKind::Separator => "separator",
        ScanFaultKind::Repeated => "repeated",
        ScanFaultKind::Pairing => "needs or excludes another part",
        ScanFaultKind::Symbology => "not allowed in this kind of symbol",
    };
    let found = fault.found.as_ref().map(|found| format!(" {found}")).unwrap_or_default();
    let expected =
        fault.expected.as_ref().map(|expected| format!(", expected {expected}")).unwrap_or_default();
    format!("{part}: {what}{found}{expected}.")
}

/// A duration in the largest whole unit that says it.
pub(in crate::phrase) fn duration(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().abs();
    if seconds >= 2 * 3_600 {
        format!("{} hours", seconds / 3_600)
    } else if seconds >= 120 {
        format!("{} minutes", seconds / 60)
    } else {
        format!("{seconds} seconds")
    }
}

pub(in crate::phrase) const fn recall(class: RecallClass) -> &'static str {
    class.name()
}

pub(in crate::phrase) const fn right(right: Right) -> &'static str {
    match right {
        Right::Patient => "Patient",
        Right::Medication => "Medication",
        Right::Dose => "Dose",
        Right::Route => "Route",
        Right::Time => "Time",
    }
}

pub(in crate::phrase) const fn route(route: Route) -> &'static str {
    match route {
        Route::Oral => "by mouth",
        Route::Intravenous => "into a vein (IV)",
        Route::Intramuscular => "into a muscle (IM)",
        Route::Subcutaneous => "under the skin (subcut)",
        Route::Transdermal => "patch on the skin",
        Route::Rectal => "rectal",
        Route::Inhaled => "inhaled",
        Route::Topical => "on the skin",
        Route::Ophthalmic => "into the eye",
        Route::Sublingual => "under the tongue",
        Route::Nasogastric => "by stomach tube",
    }
}

pub(in crate::phrase) fn form(form: Form, release: Release) -> String {
    let name = match form {
        Form::Tablet => "tablet",
        Form::Capsule => "capsule",
        Form::OralSolution => "oral liquid",
        Form::Injection => "injection",
        Form::Patch => "patch",
        Form::Suppository => "suppository",
        Form::Inhaler => "inhaler",
        Form::Topical => "cream or ointment",
        Form::EyeDrops => "eye drops",
    };
    match (release, form) {
        (Release::Extended, _) => format!("extended-release {name}"),
        (Release::Delayed, _) => format!("delayed-release {name}"),
        (Release::Immediate, Form::Tablet | Form::Capsule) => format!("immediate-release {name}"),
        (Release::Immediate, _) => name.to_string(),
    }
}

pub(in crate::phrase) const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Given => "given",
        Outcome::Partial => "partly given",
        Outcome::Held => "held",
        Outcome::Refused => "refused",
        Outcome::NotGiven => "not given",
        Outcome::Missing => "missing, pharmacy asked",
    }
}

pub(in crate::phrase) const fn unit(unit: Unit, one: bool) -> &'static str {
    match (unit, one) {
        (Unit::Kilogram, _) => "kg",
        (Unit::Gram, _) => "g",
        (Unit::Milligram, _) => "mg",
        (Unit::Microgram, _) => "mcg",
        (Unit::Nanogram, true) => "nanogram",
        (Unit::Nanogram, false) => "nanograms",
        (Unit::Litre, _) => "L",
        (Unit::Millilitre, _) => "mL",
        (Unit::InternationalUnit | Unit::UspUnit, true) => "unit",
        (Unit::InternationalUnit | Unit::UspUnit, false) => "units",
        (Unit::Milliequivalent, _) => "mEq",
        (Unit::Millimole, _) => "mmol",
        (Unit::Mole, _) => "mol",
        (Unit::Tablet, true) => "tablet",
        (Unit::Tablet, false) => "tablets",
        (Unit::Capsule, true) => "capsule",
        (Unit::Capsule, false) => "capsules",
        (Unit::Patch, true) => "patch",
        (Unit::Patch, false) => "patches",
        (Unit::Suppository, true) => "suppository",
        (Unit::Suppository, false) => "suppositories",
        (Unit::Puff, true) => "puff",
        (Unit::Puff, false) => "puffs",
        (Unit::Spray, true) => "spray",
        (Unit::Spray, false) => "sprays",
        (Unit::Drop, true) => "drop",
        (Unit::Drop, false) => "drops",
        (Unit::Application, true) => "application",
        (Unit::Application, false) => "applications",
        (Unit::PerMinute, _) => "per minute",
        (Unit::MillimetreOfMercury, _) => "mmHg",
        (Unit::Percent, _) => "%",
        (Unit::MilligramPerDecilitre, _) => "mg/dL",
        (Unit::GramPerLitre, _) => "g/L",
        (Unit::NanogramPerMillilitre, _) => "nanograms/mL",
        (Unit::MillimolePerLitre, _) => "mmol/L",
        (Unit::MilliequivalentPerLitre, _) => "mEq/L",
        (Unit::Inr, _) => "INR",
        (Unit::Celsius, _) => "\u{b0}C",
        (Unit::Score, true) => "point",
        (Unit::Score, false) => "points",
    }
}

pub(in crate::phrase) const fn month(month: i8) -> &'static str {
    match month {
        1 => "Jan",
        2 => "Feb",
        3 => "Mar",
        4 => "Apr",
        5 => "May",
        6 => "Jun",
        7 => "Jul",
        8 => "Aug",
        9 => "Sep",
        10 => "Oct",
        11 => "Nov",
        _ => "Dec",
    }
}

#[expect(clippy::too_many_lines, reason = "one table, one row for each code")]
pub(in crate::phrase) fn reason(code: &str) -> &str {
    match code {
        "procedure" => "Procedure",
        "patient-request" => "Patient's request",
        "clustered-care" => "Clustered care",
        "transport" => "Transport",
        "first-dose-retimed" => "First dose re-timed",
        "prescriber-ordered" => "Prescriber ordered it",
        "from-pharmacy" => "Late from pharmacy",
        "off-unit" => "Patient off the unit",
        "asleep" => "Patient asleep",
        "npo-or-procedure" => "Nothing by mouth or procedure",
        "iv-access" => "IV access",
        "awaiting-result" => "Awaiting lab or vital sign",
        "workload" => "Workload",
        "refused-earlier" => "Refused earlier",
        "downtime" => "Downtime",
        "scanner" => "Scanner",
        "refused" => "Patient refused",
        "npo" => "Nothing by mouth",
        "on-pass" => "Patient on pass",
        "vomiting" => "Vomiting",
        "no-iv-access" => "No IV access",
        "tube-not-usable" => "Tube not usable",
        "not-available" => "Medication not available",
        "order-unclear" => "Order unclear, prescriber called",
        "parameter-out-of-range" => "Vital sign or lab out of range",
        "allergy-suspected" => "Allergy suspected",
        "adverse-reaction-suspected" => "Adverse reaction suspected",
        "given-elsewhere" => "Given elsewhere",
        "duplicate-order" => "Duplicate order",
        "deceased-or-discharged" => "Deceased or discharged",
        "given-by-other-discipline" => "Given by another discipline",
        "self-administered" => "Self-administered",
        "remainder-later" => "Remainder later",
        "remainder-wasted" => "Remainder wasted",
        "remainder-refused" => "Remainder refused",
        "pharmacist-advised" => "Pharmacist advised it",
        "benefit-outweighs-risk" => "Benefit outweighs the risk",
        "tolerated-before" => "Tolerated before",
        "pain" => "Pain",
        "fever" => "Fever",
        "nausea" => "Nausea",
        "anxiety" => "Anxiety",
        "agitation" => "Agitation",
        "insomnia" => "Insomnia",
        "constipation" => "Constipation",
        "diarrhoea" => "Diarrhea",
        "cough" => "Cough",
        "dyspnoea" => "Shortness of breath",
        "itching" => "Itching",
        "dizziness" => "Dizziness",
        "headache" => "Headache",
        "high-blood-pressure" => "High blood pressure",
        "low-blood-pressure" => "Low blood pressure",
        "high-glucose" => "High glucose",
        "low-glucose" => "Low glucose",
        "muscle-spasm" => "Muscle spasm",
        "seizure" => "Seizure",
        "wheezing" => "Wheezing",
        "withdrawal" => "Withdrawal",
        "not-taken" => "Not taken after all",
        "wrong-patient-charted" => "Charted for the wrong patient",
        "wrong-dose-charted" => "Wrong dose charted",
        "wrong-time-charted" => "Wrong time charted",
        "charted-twice" => "Charted twice",
        "effective" => "It worked",
        "partly-effective" => "It worked in part",
        "not-effective" => "It did not work",
        "adverse-effect" => "Adverse effect",
        "worn-as-ordered" => "Worn as ordered",
        "order-stopped" => "Order stopped",
        "skin-reaction" => "Skin reaction",
        "fell-off" => "It fell off",
        "titrated" => "Titrated",
        "completed" => "Completed",
        "prescriber-told" => "Prescriber told",
        "only-one-taken" => "Only one dose was taken",
        "damaged" => "Band damaged",
        "missing-reprint-asked" => "Band missing, reprint asked",
        "cannot-be-reached" => "Band cannot be reached",
        "neonate-band-on-crib" => "Neonate, band on the crib",
        "equipment" => "Equipment",
        "emergency" => "Emergency",
        "no-barcode" => "No barcode",
        "unreadable" => "Barcode unreadable",
        "not-in-table" => "Not in the drug file",
        "wrong-strength-in-table" => "Wrong strength in the drug file",
        "opened-for-preparation" => "Opened for preparation",
        "partial-dose" => "Partial dose",
        "dropped" => "Dropped",
        "refused-after-opening" => "Refused after opening",
        "order-changed-after-preparation" => "Order changed after preparation",
        "spilled" => "Spilled",
        "expired-after-opening" => "Expired after opening",
        "vomited" => "Vomited",
        "line-primed" => "Line primed",
        "patch-removed" => "Patch removed",
        "cardiac-arrest" => "Cardiac arrest",
        "respiratory-failure" => "Respiratory failure",
        "anaphylaxis" => "Anaphylaxis",
        "haemorrhage" => "Hemorrhage",
        "severe-hypoglycaemia" => "Severe low glucose",
        "rapid-sedation" => "Rapid sedation",
        "systems-down" => "Systems down",
        "other" => "Other (type why)",
        unknown => unknown,
    }
}
