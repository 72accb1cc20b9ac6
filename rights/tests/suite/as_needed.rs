//! As-needed doses: T4 to T6.

use crate::common::*;
use rights::bedside::Step;
use rights::entered::{Entered, Wanted};
use rights::history::Outcome;
use rights::product::{Controlled, Mark, Product};
use rights::request::Request;
use rights::schedule::Timing;
use rights::verdict::{Check, Class, Right, Standing, Variance};

use super::time::{pill, request, scanned, ward_at};

pub(super) fn prn(minimum_hours: Option<i64>, most: Option<u16>) -> Request {
    request(as_needed(minimum_hours, most))
}

/// The classes of T4 and T5 after doses of `r` this long ago.
fn after(product: &Product, prn: &Request, ago: &[i64]) -> (Option<Class>, Option<Class>) {
    let mut ward = ward_at(product, std::slice::from_ref(prn), "2026-06-10 09:00");
    for ago in ago {
        let when = ward.now.checked_sub(minutes(*ago)).unwrap();
        ward.charted("r", None, Outcome::Given, when);
    }
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(product));
    (bench.class(Check::T4), bench.class(Check::T5))
}

#[test]
fn t4_the_interval_counts_from_the_last_dose_and_its_end_is_allowed() {
    let q4h = prn(Some(4), None);
    assert_eq!(after(&pill(), &q4h, &[]), (Some(Class::Pass), None));
    assert_eq!(after(&pill(), &q4h, &[240]), (Some(Class::Pass), None));
    assert_eq!(after(&pill(), &q4h, &[239, 500]), (Some(Class::SoftContact), None));
    let opioid = Product { controlled: Some(Controlled::Two), ..pill() };
    assert_eq!(after(&opioid, &q4h, &[239]), (Some(Class::HardBreakGlass), None));
    assert_eq!(after(&opioid, &q4h, &[240]), (Some(Class::Pass), None));
}

#[test]
fn t4_a_dose_of_another_request_or_of_a_combination_counts_and_says_when_the_next_is_allowed() {
    let both = Product {
        strengths: vec![strength("metoprolol tartrate", "25 mg"), strength("hydrochlorothiazide", "12.5 mg")],
        ..tablet("combination", "metoprolol tartrate", "25 mg")
    };
    let mut ward =
        ward_at(&pill(), &[prn(Some(4), None), order("c", &both, "1 {tablet}")], "2026-06-10 09:00");
    ward.charted("c", Some(at("2026-06-10 09:00")), Outcome::Given, at("2026-06-10 06:00"));
    ward.chart.history.last_mut().unwrap().ingredients = both.strengths.clone();
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&pill())).assert_class(Check::T4, Class::SoftContact);
    assert_eq!(
        bench.variance(Check::T4),
        Some(&Variance::TooSoon(today("06:00"), today("10:00"))),
        "the next time is shown"
    );
}

/// An interval longer than the usual look-back.
#[test]
fn t4_an_interval_of_three_days_sees_the_dose_of_another_request_two_and_a_half_days_ago() {
    let requests =
        [prn(Some(72), None), Request { stop: Some(today("08:00")), ..order("c", &pill(), "25 mg") }];
    let mut ward = ward_at(&pill(), &requests, "2026-06-10 09:00");
    ward.charted("c", Some(at("2026-06-07 21:00")), Outcome::Given, at("2026-06-07 21:00"));
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&pill())).assert_class(Check::T4, Class::SoftContact);
}

#[test]
fn t5_the_count_of_24_hours_is_reached_and_not_before() {
    let twice = prn(None, Some(2));
    assert_eq!(after(&pill(), &twice, &[300]), (Some(Class::Pass), None));
    assert_eq!(after(&pill(), &twice, &[300, 1439]), (None, Some(Class::SoftContact)));
    assert_eq!(after(&pill(), &twice, &[300, 1440]), (Some(Class::Pass), None), "24 hours ago is over");
    let opioid = Product { controlled: Some(Controlled::Two), ..pill() };
    assert_eq!(after(&opioid, &twice, &[300, 600]), (None, Some(Class::HardBreakGlass)));
}

#[test]
fn t6_an_as_needed_dose_needs_its_reason_and_an_ordered_one_is_verified() {
    let mut bench = scanned(&pill(), prn(Some(4), None), "2026-06-10 09:00");
    assert_eq!(bench.step(), Step::Questions(vec![Check::T6]));
    assert_eq!(bench.verdict().standing(Right::Time), Standing::Variance);
    bench.confirm();
    assert!(bench.given().is_empty());
    bench.answer(Check::T6, "pain").assert_ready();
    assert_eq!(bench.verdict().standing(Right::Time), Standing::Verified, "pain is what was ordered");
    bench.confirm();
    assert_eq!(bench.given().len(), 1);
    assert!(bench.last().clear().reasons.iter().any(|(check, _)| *check == Check::T6));
}

#[test]
fn t6_a_reason_that_was_not_ordered_is_recorded_as_a_variance() {
    let mut bench = scanned(&pill(), prn(Some(4), None), "2026-06-10 09:00");
    bench.answer(Check::T6, "nausea").assert_class(Check::T6, Class::SoftReason);
    assert_eq!(bench.step(), Step::Ready);
    assert_eq!(bench.verdict().standing(Right::Time), Standing::Variance);
}

#[test]
fn t4_opioids_and_sedatives_are_strict_as_controlled_substances_are() {
    for (marks, class) in [
        (vec![], Class::SoftContact),
        (vec![Mark::Analgesic], Class::SoftContact),
        (vec![Mark::Opioid], Class::HardBreakGlass),
        (vec![Mark::Sedative], Class::HardBreakGlass),
    ] {
        let mut product = tablet("t", "tramadol hydrochloride", "50 mg");
        product.marks.kinds = marks;
        let request = prn_order(&product, as_needed(Some(6), Some(1)));
        let mut ward = Ward::with(&[&product], &[request]);
        ward.charted("r1", None, Outcome::Given, today("03:01"));
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&product)).assert_class(Check::T4, class).assert_class(Check::T5, class);
    }
}

fn prn_order(product: &Product, timing: Timing) -> Request {
    let mut request = order("r1", product, "50 mg");
    request.timing = timing;
    request
}

#[test]
fn t5_the_amount_of_24_hours_is_strict_for_an_opioid() {
    for (marks, maximum, class) in [
        (vec![Mark::Opioid], "100 mg", None),
        (vec![Mark::Opioid], "99 mg", Some(Class::HardBreakGlass)),
        (vec![], "99 mg", None),
    ] {
        let mut product = tablet("t", "tramadol hydrochloride", "50 mg");
        product.marks.kinds = marks;
        let mut request = prn_order(&product, as_needed(Some(1), None));
        request.daily_maximum = Some(q(maximum));
        let mut ward = Ward::with(&[&product], &[request]);
        ward.charted("r1", None, Outcome::Given, today("03:00"));
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&product));
        assert_eq!(bench.class(Check::T5), class, "{maximum}");
    }
}

#[test]
fn t6_an_analgesic_for_pain_needs_the_score_and_for_fever_none() {
    let mut product = tablet("t", "tramadol hydrochloride", "50 mg");
    product.marks.kinds = vec![Mark::Analgesic];
    let mut bench =
        Bench::at_bedside(Ward::with(&[&product], &[prn_order(&product, as_needed(Some(1), None))]));
    bench.scan(package(&product)).answer(Check::T6, "pain");
    assert_eq!(bench.step(), Step::Enter(Wanted::PainScore));
    bench.confirm().enter(Entered::PainScore(11));
    assert_eq!(bench.step(), Step::Enter(Wanted::PainScore), "the scale ends at 10");
    bench.enter(Entered::PainScore(10));
    assert_eq!(bench.step(), Step::Ready);
    bench.confirm();
    assert_eq!(bench.given()[0].pain_score, Some(10));
    let mut bench =
        Bench::at_bedside(Ward::with(&[&product], &[prn_order(&product, as_needed(Some(1), None))]));
    bench.scan(package(&product)).answer(Check::T6, "fever");
    assert_eq!(bench.step(), Step::Ready);
}

/// Neither another order of another drug nor a dose that was held counts.
#[test]
fn t5_counts_what_was_given_of_this_order() {
    let twice = prn(None, Some(1));
    for (under, outcome, class) in [
        ("r", Outcome::Given, Some(Class::SoftContact)),
        ("r", Outcome::Partial, Some(Class::SoftContact)),
        ("r", Outcome::Held, None),
        ("other", Outcome::Given, None),
    ] {
        let other = Request { stop: Some(today("08:00")), ..order("other", &pill(), "25 mg") };
        let mut ward = ward_at(&pill(), &[twice.clone(), other], "2026-06-10 09:00");
        ward.charted(under, None, outcome, today("05:00"));
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&pill()));
        assert_eq!(bench.class(Check::T5), class, "{under} {outcome:?}");
    }
}

#[test]
fn t6_what_is_no_analgesic_asks_for_no_pain_score() {
    let mut bench = Bench::at_bedside(Ward::with(&[&pill()], &[prn(Some(4), None)]));
    bench.scan(package(&pill())).answer(Check::T6, "pain");
    assert_eq!(bench.step(), Step::Ready);
}
