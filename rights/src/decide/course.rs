//! What a dose has to do with doses that are still going on: the patch on the skin (T9), the running infusion, and the dose that
//! another kiosk is giving (O8).

use alloc::vec::Vec;

use crate::case::{Choice, DoseCase};
use crate::course::patch_removed;
use crate::entry::IdempotencyKey;
use crate::history::Administration;
use crate::product::{Form, Product, Route};
use crate::rate::Rate;
use crate::request::Request;
use crate::schedule::Timing;
use crate::verdict::{Check, Class, Finding, Variance};

pub(super) fn findings(
    case: &DoseCase,
    product: &Product,
    request: &Request,
    choice: &Choice,
) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(being_given(case, choice));
    found.extend(patch_on(case, product, request));
    if request.timing == Timing::Continuous {
        if request.rate.is_none() {
            found.push(Finding::variance(Check::D1, Class::Hard, Variance::NoRateOrdered));
        }
        if let Some((start, _)) = case.continued_infusion(request) {
            found.push(Finding::variance(Check::O8, Class::Info, Variance::BagChange(start.at)));
        }
    }
    found
}

/// O8: only one kiosk gives a dose.
fn being_given(case: &DoseCase, choice: &Choice) -> Option<Finding> {
    let same =
        case.being_given.iter().find(|other| other.request == choice.request && other.slot == choice.slot)?;
    let variance = Variance::BeingGivenElsewhere(same.by.clone(), same.since);
    Some(Finding::variance(Check::O8, Class::Hard, variance))
}

/// T9: a patch with the same substance, of any request, is off before the next one is put on.
fn patch_on(case: &DoseCase, product: &Product, request: &Request) -> Option<Finding> {
    if product.form != Form::Patch && request.route != Route::Transdermal {
        return None;
    }
    // One for the place alone, such as lidocaine on a knee, is replaced by the next one of its order; another order is for another place.
    let replaced =
        |done: &Administration| done.route == Some(Route::Transdermal) || done.request == request.id;
    let applied =
        |done: &Administration| done.applied_patch() && shares_substance(product, done) && replaced(done);
    let own = || case.history.iter().filter(|done| done.entry.is_some() && applied(done));
    if let Some(on) = own().rfind(|done| patch_removed(done, &case.follow_ups).is_none()) {
        let variance = Variance::PatchStillOn(on.at, on.by.clone());
        return Some(Finding::variance(Check::T9, Class::Hard, variance));
    }
    // That a patch of another system is off can be charted nowhere here. Who puts the next one on says so, once.
    let elsewhere = case.history.iter().rfind(|done| done.entry.is_none() && applied(done))?;
    if own().any(|own| own.at > elsewhere.at) {
        return None;
    }
    let variance = Variance::PatchElsewhere(elsewhere.at, elsewhere.by.clone());
    Some(Finding::variance(Check::T9, Class::SoftReason, variance))
}

fn shares_substance(product: &Product, done: &Administration) -> bool {
    done.ingredients.iter().any(|entered| product.holds_substance(&entered.ingredient))
}

/// The rate at which a bag goes on: the one that the running infusion has now. An infusion that begins has the entered one.
pub(super) fn rate(case: &DoseCase, request: &Request) -> Option<Rate> {
    case.continued_infusion(request).map(|(_, infusion)| infusion.rate)
}

/// The running infusion that a bag continues.
pub(super) fn continued(case: &DoseCase, request: &Request) -> Option<IdempotencyKey> {
    case.continued_infusion(request).and_then(|(start, _)| start.entry)
}
