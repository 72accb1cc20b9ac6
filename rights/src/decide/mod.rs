//! The decision. Each check of clinical.md section 4 stands in the file of its family; this file says in which order they are
//! looked at and what makes looking further pointless.
//!
//! Deciding never fails: it returns a [`Verdict`] whose strictest finding decides. Nothing is read but the case.

mod by_value;
mod conditions;
mod course;
mod custody;
mod day;
mod dose;
mod emergency;
mod marks;
mod near;
mod order;
mod package;
mod patient;
pub(crate) mod pump;
mod route;
mod safety;
mod time;
mod witness;

pub(crate) use conditions::forms_a_pair;
pub use custody::decide_waste;
pub(crate) use dose::ingredients_in_hand;
pub(crate) use emergency::holds_until as break_glass_until;
pub(crate) use near::is_near;
pub(crate) use order::choices;
pub(crate) use package::{identity as package_identity, is_expired, lot};
pub(crate) use patient::identification_lasts;
pub(crate) use safety::{allergies, clock_stops, is_backdated};
pub use time::{first_permitted, window};
pub(crate) use witness::{is_too_late as witness_is_too_late, refusal as witness_refusal};

use alloc::vec::Vec;

use jiff::{SignedDuration, Timestamp};

use crate::case::{DoseCase, PatientCase};
use crate::policy::Policy;
use crate::verdict::{Finding, Plan, Variance, Verdict, Why};

/// Who is this? P1 to P9.
pub fn decide_patient(case: &PatientCase) -> Verdict {
    Verdict::new(patient::findings(case), None)
}

/// May this be given to this patient now? Every check.
pub fn decide_dose(case: &DoseCase) -> Verdict {
    let mut findings = patient::findings(&case.patient);
    findings.extend(patient::other_patients_data(case));
    findings.extend(patient::band_age(case));
    findings.extend(patient::controlled_needs_band(case));
    findings.extend(patient::identity_witness(case));
    findings.extend(safety::clock(case));
    findings.extend(safety::orders_age(case));
    findings.extend(safety::effective_time(case));
    findings.extend(package::findings(case));
    let plan = match (case.patient(), case.product()) {
        (Some(patient), Some(product)) => {
            let matched = order::matching(case, product);
            findings.extend(matched.findings);
            matched.chosen.map(|(in_case, choice)| {
                let request = &in_case.request;
                findings.extend(order::findings(case, product, in_case, &choice));
                findings.extend(conditions::hold_parameters(case, request));
                let (dose_findings, dose, ordered) = by_value::findings(case, product, request);
                // Of a bottle or a vial the part is still to be measured out: what will be given has no amount yet, and all of it is
                // not what is given. The verdict is not ready before the part is declared, and then the totals are judged.
                let undivided = dose_findings.iter().any(|f| {
                    matches!(f.why, Why::Variance(Variance::MeasureOut(..) | Variance::MeasureOutWithin(..)))
                });
                findings.extend(dose_findings);
                // After the dose: it is asked when nothing more is to be scanned.
                findings.extend(package::count(case));
                if !undivided {
                    findings.extend(dose::daily_total(case, product, request, dose.as_ref()));
                }
                findings.extend(by_value::weight(case, patient, request));
                findings.extend(by_value::rate(case, product, request));
                findings.extend(route::findings(case, product, request));
                let mut timing = time::findings(case, product, in_case, &choice, dose.as_ref());
                timing
                    .retain(|f| !(undivided && matches!(f.why, Why::Variance(Variance::AmountReached(..)))));
                findings.extend(timing);
                findings.extend(safety::allergies(patient, product, request, case.answers.given_at()));
                findings.extend(course::findings(case, product, request, &choice));
                let route = route::charted(case, request);
                findings.extend(conditions::contraindicated(case, product, request));
                findings.extend(conditions::nil_by_mouth(case, patient, route));
                findings.extend(conditions::hazardous(product));
                findings.extend(custody::waste_due(case, product));
                findings.extend(witness::findings(case, product, dose.as_ref()));
                Plan {
                    choice,
                    dose,
                    ordered,
                    route,
                    rate: case.answers.pump_rate().or_else(|| course::rate(case, request)),
                    continues: course::continued(case, request),
                }
            })
        }
        _ => None,
    };
    Verdict::new(without_repetition(emergency::relaxed(case, findings)), plan)
}

/// Whether a scan no longer holds. One from the future does not either: the clock was set back, and its age is not known.
pub(crate) fn too_old(now: Timestamp, scanned_at: Timestamp, lasts: SignedDuration, policy: &Policy) -> bool {
    let age = now.duration_since(scanned_at);
    age > lasts || age < -policy.clock_warns
}

/// Two packages with the same fault are said once.
fn without_repetition(findings: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings {
        if !kept.contains(&finding) {
            kept.push(finding);
        }
    }
    kept
}
