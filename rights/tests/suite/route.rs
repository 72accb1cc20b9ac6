//! R2 and R3: the charted route, the site, and what is crushed.

use crate::common::*;
use rights::bedside::Step;
use rights::entered::{Entered, Wanted};
use rights::history::Outcome;
use rights::product::{Form, Mark, Product, Release, Route};
use rights::request::Request;
use rights::verdict::{Check, Class};

fn enoxaparin() -> Product {
    vial("enoxaparin", "enoxaparin sodium", "100 mg", "0.4 mL", &[Route::Subcutaneous, Route::Intravenous])
}

fn subcutaneous() -> Request {
    Request { route: Route::Subcutaneous, ..order("r1", &enoxaparin(), "40 mg") }
}

fn scanned(product: &Product, request: Request) -> Bench {
    let mut bench = Bench::at_bedside(Ward::with(&[product], &[request]));
    bench.scan(package(product));
    bench
}

#[test]
fn r2_the_ordered_route_or_a_listed_alternate_is_charted() {
    let mut request = subcutaneous();
    request.alternate_routes = vec![Route::Intravenous];
    let mut bench = scanned(&enoxaparin(), request);
    bench.enter(Entered::Route(Route::Intravenous));
    bench.assert_ready().assert_class(Check::R2, Class::Pass);
    bench.confirm();
    assert_eq!(bench.given()[0].route, Some(Route::Intravenous));
    let mut bench = scanned(&enoxaparin(), subcutaneous());
    bench.enter(Entered::Route(Route::Intravenous)).assert_stopped_by(Check::R2);
}

#[test]
fn r1_where_only_an_alternate_route_fits_the_product_the_route_is_asked() {
    let product = vial("metoprolol-iv", "metoprolol tartrate", "1 mg", "5 mL", &[Route::Intravenous]);
    let mut request = order("r1", &product, "5 mg");
    request.route = Route::Intramuscular;
    scanned(&product, request.clone()).assert_stopped_by(Check::R1);
    request.alternate_routes = vec![Route::Intravenous];
    let mut bench = scanned(&product, request);
    // The site of the ordered route is not asked of a product that is not made for it.
    bench.enter(Entered::Route(Route::Intravenous)).assert_ready();
}

#[test]
fn r3_a_site_is_needed_and_none_is_assumed() {
    let mut bench = scanned(&enoxaparin(), subcutaneous());
    assert_eq!(bench.step(), Step::Enter(Wanted::Site));
    bench.answer(Check::R3, "benefit-outweighs-risk").confirm();
    assert!(bench.given().is_empty());
    bench.enter(site("left-abdomen")).assert_ready();
    bench.confirm();
    assert_eq!(bench.given()[0].site.as_ref().map(rights::ident::SiteCode::as_str), Some("left-abdomen"));
    let mut bench = scanned(&enoxaparin(), subcutaneous());
    bench.enter(site("left-deltoid")).assert_stopped_by(Check::R3);
}

#[test]
fn r3_a_tablet_by_mouth_needs_no_site() {
    let product = tablet("m", "metoprolol tartrate", "50 mg");
    scanned(&product, order("r1", &product, "50 mg")).assert_ready();
}

#[test]
fn r3_the_same_site_as_last_time_is_said() {
    let mut bench = scanned(&enoxaparin(), subcutaneous());
    bench.enter(site("left-abdomen")).confirm();
    bench.wait(minutes(24 * 60)).event(rights::bedside::Event::Continue);
    bench.scan(band("p1")).scan(package(&enoxaparin())).enter(site("left-abdomen"));
    let said = |bench: &Bench| {
        bench.verdict().findings().iter().any(|f| f.check == Check::R3 && f.class == Class::Info)
    };
    assert!(said(&bench) && bench.given()[0].outcome == Outcome::Given);
    bench.enter(site("right-abdomen"));
    assert!(!said(&bench));
}

#[test]
fn r3_by_tube_what_is_crushed_must_be_allowed_to_be() {
    let by_tube = |release, form, marks: &[Mark]| {
        let mut product = tablet("m", "metoprolol succinate", "50 mg");
        product.release = release;
        product.form = form;
        product.routes = vec![Route::Oral, Route::Nasogastric];
        product.marks.kinds = marks.to_vec();
        let request = Request { route: Route::Nasogastric, ..order("r1", &product, "50 mg") };
        scanned(&product, request)
    };
    for (release, form, marks, stops) in [
        (Release::Immediate, Form::Tablet, &[][..], false),
        (Release::Extended, Form::Tablet, &[][..], true),
        (Release::Delayed, Form::Capsule, &[][..], true),
        (Release::Immediate, Form::Tablet, &[Mark::DoNotCrush][..], true),
    ] {
        let mut bench = by_tube(release, form, marks);
        assert_eq!(bench.step(), Step::Enter(Wanted::Crushed));
        bench.enter(Entered::Crushed(true));
        assert_eq!(bench.step() == Step::Stopped, stops, "{release:?} {marks:?}");
        bench.enter(Entered::Crushed(false)).assert_ready();
    }
    by_tube(Release::Immediate, Form::OralSolution, &[]).assert_ready();
}

/// A dose without a site, such as one of another system, does not make the last one forgotten.
#[test]
fn r3_the_last_site_is_that_of_the_last_dose_that_has_one() {
    let mut ward = Ward::with(&[&enoxaparin()], &[subcutaneous()]);
    for (when, put_at) in [("2026-06-08 09:00", Some("left-abdomen")), ("2026-06-09 09:00", None)] {
        ward.charted(subcutaneous().id.as_str(), Some(at(when)), Outcome::Given, at(when));
        let done = ward.chart.history.last_mut().unwrap();
        done.site = put_at.map(|code| rights::ident::SiteCode::parse(code).unwrap());
    }
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&enoxaparin())).enter(site("left-abdomen"));
    let same = rights::verdict::Variance::SameSite(
        rights::ident::SiteCode::parse("left-abdomen").unwrap(),
        at("2026-06-08 09:00"),
    );
    let said =
        bench.verdict().findings().iter().any(|f| f.why == rights::verdict::Why::Variance(same.clone()));
    assert!(said, "{:?}", bench.verdict().findings());
}
