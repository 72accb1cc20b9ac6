//! Right patient: P1 to P5 and P8.

use alloc::vec;
use alloc::vec::Vec;

use jiff::SignedDuration;

use super::near::is_near;
use super::witness;
use crate::case::{DoseCase, PatientCase};
use crate::entered::{Entered, Wanted};
use crate::person::{Admission, Patient};
use crate::policy::Policy;
use crate::scan::Meaning;
use crate::verdict::{Check, Class, Evidence, Finding, Variance};

pub(super) fn findings(case: &PatientCase) -> Vec<Finding> {
    let hard = |check, variance| vec![Finding::variance(check, Class::Hard, variance)];
    let band = match (&case.scan.meaning, &case.typed) {
        (_, Some(_)) => None,
        (Meaning::Wristband(band), None) => Some(band),
        (Meaning::Nothing(faults), None) => return hard(Check::P1, Variance::CodeFaulty(faults.clone())),
        (other, None) => return hard(Check::P1, Variance::NotAWristband(other.kind())),
    };
    let patient = match case.candidates.as_slice() {
        [patient] => patient,
        [] => return hard(Check::P2, Variance::PatientUnknown),
        _ => return hard(Check::P2, Variance::PatientAmbiguous),
    };
    if patient.merged_into.is_some() {
        return hard(Check::P2, Variance::PatientMerged);
    }
    let mut found = Vec::new();
    found.push(match (band, &patient.band_serial) {
        (None, _) => typed(case),
        (Some(band), Some(issued_last)) if issued_last == band.serial() => {
            Finding::pass(Check::P2, Evidence::BandScanned)
        }
        (Some(_), Some(_)) => Finding::variance(Check::P3, Class::Hard, Variance::OldBand),
        (Some(_), None) => Finding::variance(Check::P3, Class::Hard, Variance::BandSerialUnknown),
    });
    let gone = match patient.admission {
        Admission::Admitted => None,
        Admission::Discharged => Some(Variance::Discharged),
        Admission::Deceased => Some(Variance::Deceased),
        Admission::NotAdmitted => Some(Variance::NotAdmitted),
    };
    found.extend(gone.map(|variance| Finding::variance(Check::P4, Class::Hard, variance)));
    if patient.ward.as_ref() != Some(&case.ward) {
        found.push(Finding::variance(Check::P5, Class::SoftReason, Variance::OtherWard));
    }
    found.extend(seen_elsewhere(case));
    found.extend(told_apart(case, patient));
    found.extend(news(case));
    found
}

/// P6. A band cannot be at two kiosks; one of the two is a copy.
fn seen_elsewhere(case: &PatientCase) -> Option<Finding> {
    let within = case.policy.as_ref()?.same_band_within;
    let seen = case.seen_elsewhere?;
    (case.scanned_at.duration_since(seen).abs() < within)
        .then(|| Finding::variance(Check::P6, Class::SoftWitness, Variance::BandSeenElsewhere(seen)))
}

/// P7. The birth year is typed blind: it is not shown before.
fn told_apart(case: &PatientCase, patient: &Patient) -> Option<Finding> {
    let policy = case.policy.as_ref()?;
    if !case.near.iter().any(|other| is_near(patient, other, policy)) {
        return None;
    }
    let typed = case.entered.iter().rev().find_map(|value| match value {
        Entered::BirthYear(year) => Some(*year),
        _ => None,
    });
    Some(match typed {
        None => Finding::variance(Check::P7, Class::Choice, Variance::ValueMissing(Wanted::BirthYear)),
        Some(year) if year == patient.birth_date.year() => Finding::pass(Check::P7, Evidence::BirthYearFits),
        Some(year) => Finding::variance(Check::P7, Class::Hard, Variance::BirthYearWrong(year)),
    })
}

/// P9 and O9.
fn news(case: &PatientCase) -> Vec<Finding> {
    let allergies = case
        .news
        .allergies_or_flags
        .then(|| Finding::variance(Check::P9, Class::Acknowledge, Variance::AllergiesChanged));
    let orders = (!case.news.orders.is_empty()).then(|| {
        let names = case.news.orders.clone();
        Finding::variance(Check::O9, Class::Acknowledge, Variance::OrdersChanged(names))
    });
    allergies.into_iter().chain(orders).collect()
}

/// P8: the identification was typed, and what the witness typed must be the same.
fn typed(case: &PatientCase) -> Finding {
    let differs = case.typed.as_ref().is_some_and(|typed| {
        typed.witness.as_ref().is_some_and(|(_, birth_date)| *birth_date != typed.birth_date)
    });
    if differs {
        Finding::variance(Check::P8, Class::Hard, Variance::TypedIdentityDiffers)
    } else {
        Finding::variance(Check::P8, Class::SoftWitness, Variance::BandNotScanned)
    }
}

/// P8: no controlled substance without the band. In an emergency the mode says so.
pub(super) fn controlled_needs_band(case: &DoseCase) -> Option<Finding> {
    let controlled =
        case.packages.iter().any(|p| p.product().is_some_and(|product| product.controlled.is_some()));
    (controlled && case.patient.typed.is_some())
        .then(|| Finding::variance(Check::P8, Class::HardBreakGlass, Variance::ControlledNeedsBand))
}

/// W2 of a typed identification (P8): who confirmed it is not who gives, and may.
pub(super) fn identity_witness(case: &DoseCase) -> Option<Finding> {
    let (who, _) = case.patient.typed.as_ref()?.witness.as_ref()?;
    let variance = witness::refusal(case.giver.as_ref(), &who.id, who.role)?;
    Some(Finding::variance(Check::W2, Class::Hard, variance))
}

/// P2: the band led to this patient, and the orders and doses are another's: the number was merged or given anew meanwhile.
pub(super) fn other_patients_data(case: &DoseCase) -> Option<Finding> {
    let id = case.patient_id()?;
    let mixed = case.requests.iter().any(|r| r.request.patient != *id)
        || case.history.iter().any(|done| done.patient != *id);
    mixed.then(|| Finding::variance(Check::P2, Class::Hard, Variance::PatientAmbiguous))
}

/// How long an identification holds: a band that could not be scanned cannot be scanned again every few minutes either (P8).
pub(crate) fn identification_lasts(patient: &PatientCase, policy: &Policy) -> SignedDuration {
    match patient.typed {
        None => policy.band_scan_lasts,
        Some(_) => policy.typed_band_lasts,
    }
}

/// Session rule 2: at confirm the wristband must have been scanned a short time ago.
pub(super) fn band_age(case: &DoseCase) -> Option<Finding> {
    let lasts = identification_lasts(&case.patient, &case.policy);
    super::too_old(case.now.at, case.patient.scanned_at, lasts, &case.policy)
        .then(|| Finding::variance(Check::P1, Class::Hard, Variance::BandScanOld(lasts)))
}
