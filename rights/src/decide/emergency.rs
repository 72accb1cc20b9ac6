//! Break-glass: S4. It takes questions and stops away, never a variance: each stays in the verdict and in the entry.

use alloc::vec::Vec;

use jiff::Timestamp;

use crate::case::DoseCase;
use crate::verdict::{Check, Class, Finding, Variance, Why};

/// Until when the emergency of the case holds; `None` when there is none or it is over.
pub(crate) fn holds_until(case: &DoseCase) -> Option<Timestamp> {
    let emergency = case.break_glass.as_ref()?;
    let until = emergency.since.checked_add(case.policy.break_glass_lasts).ok()?;
    (emergency.since <= case.now.at && case.now.at < until).then_some(until)
}

/// The findings as they stand in break-glass mode.
pub(super) fn relaxed(case: &DoseCase, findings: Vec<Finding>) -> Vec<Finding> {
    let Some(until) = holds_until(case) else { return findings };
    let mut found: Vec<Finding> =
        findings.into_iter().map(|finding| Finding { class: class_of(&finding), ..finding }).collect();
    found.push(Finding::variance(Check::S4, Class::Info, Variance::BreakGlass(until)));
    found
}

/// The list of S4: these are told, those (M3, M5, R1) ask for a reason. What is stopped "except in break-glass mode" elsewhere asks for one too.
/// A choice stays one: without it nothing is known that could be given.
fn class_of(finding: &Finding) -> Class {
    let class = finding.class;
    let Why::Variance(variance) = &finding.why else { return class };
    let asks_why = matches!(
        variance,
        Variance::OtherPatientsDose
            | Variance::Expired(_)
            | Variance::BeyondUse(_)
            | Variance::RouteDiffers(_)
    );
    if class == Class::Choice {
        class
    } else if finding.check.is_told_in_break_glass() {
        class.min(Class::Info)
    } else if class == Class::HardBreakGlass || asks_why {
        Class::SoftReason
    } else {
        class
    }
}
