//! Who is this: from a wristband or what was typed to a case.

use alloc::string::String;
use alloc::vec::Vec;

use super::super::World;
use crate::case::{Neighbour, News, PatientCase, TypedIdentity};
use crate::decide::is_near;
use crate::history::Review;
use crate::ident::ClinicianId;
use crate::person::{Admission, Patient};
use crate::request::{Request, RequestStatus};
use crate::scan::{Meaning, Scan, Source};

/// Who is this?
pub(in crate::bedside) fn patient_case(scan: Scan, nurse: &ClinicianId, world: &World<'_>) -> PatientCase {
    let candidates = match &scan.meaning {
        Meaning::Wristband(band) => world.chart.patients_of_band(band),
        _ => Vec::new(),
    };
    case_of(scan, candidates, nurse, world)
}

fn case_of(scan: Scan, candidates: Vec<&Patient>, nurse: &ClinicianId, world: &World<'_>) -> PatientCase {
    let candidates: Vec<Patient> = candidates.into_iter().map(|one| world.chart.whole(one)).collect();
    let (near, seen_elsewhere, news) = match candidates.as_slice() {
        [patient] => (
            neighbours(patient, world),
            world.chart.seen_elsewhere(&patient.id),
            news(patient, world.chart.review_of(nurse, &patient.id), world),
        ),
        _ => (Vec::new(), None, News::default()),
    };
    PatientCase {
        ward: world.ward.clone(),
        scan,
        scanned_at: world.now.at,
        candidates,
        entered: Vec::new(),
        policy: Some(world.policy.clone()),
        near,
        seen_elsewhere,
        news,
        typed: None,
    }
}

/// P7: only those of the ward who are near; the names of the others are nobody's business here.
fn neighbours(patient: &Patient, world: &World<'_>) -> Vec<Neighbour> {
    world
        .chart
        .patients
        .iter()
        .filter(|other| other.id != patient.id && other.merged_into.is_none())
        .filter(|other| other.admission == Admission::Admitted)
        .filter(|other| other.ward.as_ref() == Some(world.ward))
        .map(|other| Neighbour { name: other.name.clone(), birth_date: other.birth_date })
        .filter(|other| is_near(patient, other, world.policy))
        .collect()
}

/// P9, O9: against what this nurse saw last. Who sees a patient for the first time sees everything, and nothing is news.
fn news(patient: &Patient, review: Option<&Review>, world: &World<'_>) -> News {
    let Some(review) = review else { return News::default() };
    let unknown = |request: &&Request| {
        request.status != RequestStatus::Stopped
            && review
                .requests
                .binary_search_by(|(id, version)| (id, version).cmp(&(&request.id, &request.version)))
                .is_err()
    };
    News {
        allergies_or_flags: review.allergies != patient.allergies || review.flags != patient.flags,
        orders: world
            .chart
            .requests_of(&patient.id)
            .filter(unknown)
            .map(|request| request.drug.name.clone())
            .collect(),
    }
}

/// What a nurse sees of a patient who is opened now.
pub(in crate::bedside) fn review(patient: &Patient, nurse: &ClinicianId, world: &World<'_>) -> Review {
    let mut requests: Vec<_> =
        world.chart.requests_of(&patient.id).map(|request| (request.id.clone(), request.version)).collect();
    requests.sort_unstable();
    Review {
        patient: patient.id.clone(),
        by: nurse.clone(),
        at: world.now.at,
        allergies: patient.allergies.clone(),
        flags: patient.flags,
        requests,
    }
}

/// P8: who is it, by what was typed?
pub(in crate::bedside) fn typed_patient_case(
    typed: TypedIdentity,
    nurse: &ClinicianId,
    world: &World<'_>,
) -> PatientCase {
    let scan = Scan {
        symbology: None,
        source: Source::Keyed,
        text: String::new(),
        meaning: Meaning::Nothing(Vec::new()),
    };
    let candidates = world.chart.patients_typed(world.ward, &typed);
    PatientCase { typed: Some(typed), ..case_of(scan, candidates, nurse, world) }
}
