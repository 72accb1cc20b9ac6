//! Custody of controlled substances: W4, when a dose is given and when what is left of it is wasted.

use alloc::vec::Vec;

use super::witness;
use crate::amount::Amount;
use crate::case::DoseCase;
use crate::custody::{WasteCase, as_content};
use crate::product::Product;
use crate::quantity::Quantity;
use crate::verdict::{Check, Class, Evidence, Finding, Variance, Verdict};

/// W4 when it is given: how much will be left of what is opened.
pub(super) fn waste_due(case: &DoseCase, product: &Product) -> Option<Finding> {
    product.controlled?;
    let mut left = Quantity::new(Amount::ZERO, product.package.unit);
    for package in &case.packages {
        left = left.plus(&product.package.minus(&package.content_taken()?)?)?;
    }
    let within = case.policy.waste_within;
    left.amount
        .is_positive()
        .then(|| Finding::variance(Check::W4, Class::Info, Variance::WasteDue(left, within)))
}

/// May this be recorded as wasted? Who saw it (W2), whether both say the same amount (W3), and whether it adds up (W4). What does
/// not add up is recorded all the same, and stays a discrepancy: what was done was done.
pub fn decide_waste(case: &WasteCase) -> Verdict {
    let mut findings: Vec<Finding> = Vec::new();
    let product = &case.product;
    let content = as_content(product, &case.amount).filter(|content| content.amount.is_positive());
    let sum = content.and_then(|content| case.disposed.plus(&content));
    findings.push(match sum {
        None => Finding::variance(Check::W4, Class::Hard, Variance::WasteNotComparable(case.amount)),
        Some(sum) if sum.compare(&case.package.left).is_some_and(core::cmp::Ordering::is_eq) => {
            Finding::pass(Check::W4, Evidence::WasteAddsUp(case.package.left))
        }
        Some(sum) => {
            Finding::variance(Check::W4, Class::Info, Variance::WasteDiffers(case.package.left, sum))
        }
    });
    match &case.witness {
        None => findings.push(Finding::variance(Check::W2, Class::Choice, Variance::WitnessRequired)),
        Some(seen) => {
            findings.extend(witness::person(Some(&case.by), &seen.who, seen.at, &case.policy));
            let theirs = as_content(product, &seen.amount);
            let agree = theirs
                .zip(content)
                .and_then(|(theirs, mine)| mine.compare(&theirs))
                .is_some_and(core::cmp::Ordering::is_eq);
            findings.push(if agree {
                Finding::pass(Check::W3, Evidence::Witnessed(seen.who.id.clone()))
            } else {
                let differs = Variance::WitnessDiffers(case.amount, seen.amount);
                Finding::variance(Check::W3, Class::Hard, differs)
            });
        }
    }
    Verdict::new(findings, None)
}
