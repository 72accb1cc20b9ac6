//! Salts of one substance: M7 tells them apart; an allergy, a pair, the last dose, the patch and the day's total do not.

use crate::common::life::patch;
use crate::common::*;
use rights::history::Outcome;
use rights::ident::Ingredient;
use rights::person::Allergen;
use rights::product::{Controlled, Mark, Product, Route};
use rights::request::Request;
use rights::verdict::{Check, Class, Variance};

fn tartrate() -> Product {
    tablet("metoprolol-tartrate", "metoprolol tartrate", "25 mg")
}

fn succinate() -> Product {
    tablet("metoprolol-succinate", "metoprolol succinate", "25 mg")
}

#[test]
fn c1_an_allergy_to_one_salt_is_one_to_every_salt() {
    for (to, class) in [
        ("metoprolol", Class::Hard),
        ("metoprolol succinate", Class::Hard),
        ("metoprolol tartrate", Class::Hard),
        ("propranolol hydrochloride", Class::Pass),
    ] {
        let mut ward = Ward::with(&[&tartrate()], &[order("r", &tartrate(), "25 mg")]);
        let to = Allergen::Ingredient(Ingredient::parse(to).unwrap());
        ward.patient("p1").allergies = vec![allergy(to.clone(), Some(today("07:00")))];
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&tartrate())).assert_class(Check::C1, class);
        if class == Class::Hard {
            bench.ward.request("r").allergy_accepted = Some(today("08:00"));
            bench.scan(band("p1")).assert_class(Check::C1, Class::Info);
        }
    }
}

#[test]
fn m7_another_salt_is_not_what_was_ordered() {
    let mut bench = Bench::at_bedside(Ward::with(
        &[&tartrate(), &succinate()],
        &[order("r", &tartrate(), "25 mg"), order("s", &tablet("x", "lisinopril", "5 mg"), "5 mg")],
    ));
    bench.scan(package(&succinate())).assert_stopped_by(Check::M7);
    assert_eq!(bench.variance(Check::M7), Some(&Variance::NotOrdered));
    assert_eq!(bench.dose().case.requests.len(), 2, "decided over all orders");
}

#[test]
fn c4_a_pair_is_one_of_substances() {
    let sildenafil = tablet("sildenafil", "sildenafil citrate", "20 mg");
    let nitroglycerin = tablet("nitroglycerin", "nitroglycerin", "400 ug");
    for (first, second) in [(&sildenafil, &nitroglycerin), (&nitroglycerin, &sildenafil)] {
        let dose = |product: &Product| product.strengths[0].amount.to_string();
        let requests = [order("r1", first, &dose(first)), order("r2", second, &dose(second))];
        let mut ward = Ward::with(&[first, second], &requests);
        ward.charted("r1", Some(today("09:00")), Outcome::Given, today("08:00"));
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(second)).assert_class(Check::C4, Class::SoftContact);
    }
}

/// Fentanyl as a patch half an hour ago, and fentanyl citrate into the vein.
#[test]
fn t4_the_last_dose_of_another_salt_counts() {
    let on = patch("fentanyl-25", "fentanyl", "25 ug");
    let mut strong = vial("fentanyl-50", "fentanyl citrate", "50 ug", "2 mL", &[Route::Intravenous]);
    strong.controlled = Some(Controlled::Two);
    strong.marks.kinds = vec![Mark::Opioid];
    let requests = [
        Request { timing: every_hours(72), ..order("p", &on, "1 {patch}") },
        Request {
            timing: as_needed(Some(1), None),
            route: Route::Intravenous,
            ..order("r", &strong, "50 ug")
        },
    ];
    let mut ward = Ward::with(&[&on, &strong], &requests);
    ward.charted("p", Some(today("08:30")), Outcome::Given, today("08:30"));
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&strong)).assert_class(Check::T4, Class::HardBreakGlass);
    assert_eq!(bench.variance(Check::T4), Some(&Variance::TooSoon(today("08:30"), today("09:30"))));
}

/// Held says that somebody had a cause, whichever salt was held.
#[test]
fn t7_another_salt_a_short_time_ago_asks() {
    for outcome in [Outcome::Given, Outcome::Held] {
        let requests = [order("r", &tartrate(), "25 mg"), order("s", &succinate(), "25 mg")];
        let mut ward = Ward::with(&[&tartrate(), &succinate()], &requests);
        ward.charted("s", Some(today("09:00")), outcome, today("08:30"));
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&tartrate())).assert_class(Check::T7, Class::SoftReason);
    }
}

#[test]
fn t9_a_patch_of_another_salt_is_taken_off_first() {
    let (base, salt) =
        (patch("base", "rivastigmine", "9.5 mg"), patch("salt", "rivastigmine tartrate", "9.5 mg"));
    let requests = [order("r", &base, "1 {patch}"), order("s", &salt, "1 {patch}")];
    let mut ward = Ward::with(&[&base, &salt], &requests);
    ward.charted("s", Some(today("06:00")), Outcome::Given, today("06:00"));
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&base)).assert_stopped_by(Check::T9);
}

/// A milligram of one salt is not exactly one of another: more than the maximum asks, however much it is.
#[test]
fn d8_doses_and_maxima_of_other_salts_count_and_ask() {
    for (own, of_other, before, class) in [
        (Some("100 mg"), None, "75 mg", Class::Pass),
        (Some("100 mg"), None, "75.1 mg", Class::SoftContact),
        (Some("100 mg"), None, "1000 mg", Class::SoftContact),
        (None, Some("100 mg"), "75 mg", Class::Pass),
        (None, Some("100 mg"), "75.1 mg", Class::SoftContact),
        // Its own maximum stops as ever.
        (Some("19 mg"), None, "0.1 mg", Class::Hard),
    ] {
        let requests = [
            Request { daily_maximum: own.map(q), ..order("r", &tartrate(), "25 mg") },
            Request { daily_maximum: of_other.map(q), ..order("s", &succinate(), "25 mg") },
        ];
        let mut ward = Ward::with(&[&tartrate(), &succinate()], &requests);
        ward.charted("s", Some(today("03:00")), Outcome::Given, today("03:00"));
        ward.chart.history[0].ingredients = vec![strength("metoprolol succinate", before)];
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&tartrate()));
        assert_eq!(bench.class(Check::D8).unwrap_or(Class::Pass), class, "{own:?} {of_other:?} {before}");
    }
}
