//! Right route: R1, R2 and R3.

use alloc::vec::Vec;

use crate::case::DoseCase;
use crate::entered::Wanted;
use crate::product::{Form, Mark, Product, Release, Route};
use crate::request::Request;
use crate::verdict::{Check, Class, Evidence, Finding, Variance};

/// The route that would be charted: the one that was chosen, else the ordered one.
pub(super) fn charted(case: &DoseCase, request: &Request) -> Route {
    case.answers.route().unwrap_or(request.route)
}

pub(super) fn findings(case: &DoseCase, product: &Product, request: &Request) -> Vec<Finding> {
    let route = charted(case, request);
    let mut found = Vec::new();
    if route != request.route {
        found.push(if request.alternate_routes.contains(&route) {
            Finding::pass(Check::R2, Evidence::RouteAllowed(route))
        } else {
            Finding::variance(Check::R2, Class::Hard, Variance::RouteNotAllowed(route))
        });
    }
    found.push(made_for(case, product, request, route));
    found.extend(site(case, product, route));
    found.extend(crushed(case, product, route));
    found
}

/// R1. Where the order allows another route and the product is made for it, the route is asked instead of assumed.
fn made_for(case: &DoseCase, product: &Product, request: &Request, route: Route) -> Finding {
    let alternate = request.alternate_routes.iter().any(|other| product.routes.contains(other));
    if product.routes.contains(&route) {
        Finding::pass(Check::R1, Evidence::RouteFits(route))
    } else if case.answers.route().is_none() && alternate {
        Finding::variance(Check::R1, Class::Choice, Variance::ValueMissing(Wanted::Route))
    } else {
        Finding::variance(Check::R1, Class::Hard, Variance::RouteDiffers(route))
    }
}

/// R3: the site, where the route needs one, and whether it is the one of last time.
fn site(case: &DoseCase, product: &Product, route: Route) -> Vec<Finding> {
    let sites = case.policy.sites_of(route);
    if sites.is_empty() {
        return Vec::new();
    }
    let Some(site) = case.answers.site() else {
        let missing = Variance::ValueMissing(Wanted::Site);
        return alloc::vec![Finding::variance(Check::R3, Class::Choice, missing)];
    };
    if !sites.contains(site) {
        let wrong = Variance::SiteNotOfRoute(site.clone());
        return alloc::vec![Finding::variance(Check::R3, Class::Hard, wrong)];
    }
    let last = case
        .history
        .iter()
        .filter(|done| done.outcome.entered_patient() && done.site.is_some())
        .filter(|done| done.ingredients.iter().any(|entered| product.holds(&entered.ingredient)))
        .max_by_key(|done| done.at);
    let same = last.filter(|done| done.site.as_ref() == Some(site));
    let mut found = alloc::vec![Finding::pass(Check::R3, Evidence::PutAt(site.clone()))];
    found.extend(
        same.map(|done| Finding::variance(Check::R3, Class::Info, Variance::SameSite(site.clone(), done.at))),
    );
    found
}

/// R3: by tube a tablet or capsule is crushed or opened; what must not be, stops.
fn crushed(case: &DoseCase, product: &Product, route: Route) -> Option<Finding> {
    let solid = matches!(product.form, Form::Tablet | Form::Capsule);
    if !solid || !case.policy.tube_routes.contains(&route) {
        return None;
    }
    let must_not = product.release != Release::Immediate || product.marks.has(Mark::DoNotCrush);
    Some(match case.answers.crushed() {
        None => Finding::variance(Check::R3, Class::Choice, Variance::ValueMissing(Wanted::Crushed)),
        Some(true) if must_not => Finding::variance(Check::R3, Class::Hard, Variance::MustNotBeCrushed),
        Some(_) => Finding::pass(Check::R3, Evidence::MayBeTubed),
    })
}
