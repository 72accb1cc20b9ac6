//! Right dose: D1 to D5 and D8.

use crate::common::*;
use rights::amount::Amount;
use rights::bedside::{Event, Step};
use rights::case::Taken;
use rights::history::Outcome;
use rights::product::{Divisible, Product, Route};
use rights::request::{DoseOrder, Request, RequestStatus};
use rights::verdict::{Check, Class, Right, Standing, Variance};

fn bench(product: &Product, request: Request) -> Bench {
    Bench::at_bedside(Ward::with(&[product], &[request]))
}

fn scanned(product: &Product, dose: &str) -> Bench {
    let mut bench = bench(product, order("r", product, dose));
    bench.scan(package(product));
    bench
}

fn ranged(product: &Product, low: &str, high: &str) -> Bench {
    let dose = DoseOrder::Range(q(low), q(high));
    let mut bench = bench(product, Request { dose, ..order("r", product, low) });
    bench.scan(package(product));
    bench
}

fn metoprolol() -> Product {
    tablet("metoprolol-25", "metoprolol tartrate", "25 mg")
}

#[test]
fn d1_units_that_measure_different_things_stop() {
    scanned(&metoprolol(), "25 mg").assert_ready();
    scanned(&metoprolol(), "1 {tablet}").assert_ready();
    scanned(&metoprolol(), "25000 ug").assert_ready();
    for dose in ["25 mL", "25 [iU]", "25 meq", "1 {capsule}"] {
        scanned(&metoprolol(), dose).assert_stopped_by(Check::D1);
    }
    let potassium = liquid("kcl", "potassium chloride", "1.33 meq", "15 mL");
    scanned(&potassium, "20 mmol").assert_stopped_by(Check::D1);
}

#[test]
fn d1_a_combination_ordered_by_weight_cannot_be_compared_and_by_count_can() {
    let both = Product {
        strengths: vec![strength("oxycodone", "5 mg"), strength("paracetamol", "325 mg")],
        ..tablet("combination", "oxycodone", "5 mg")
    };
    scanned(&both, "5 mg").assert_stopped_by(Check::D1);
    scanned(&both, "1 {tablet}").assert_ready();
}

/// A drug file that says how much is in zero tablets says nothing.
#[test]
fn d1_a_product_without_a_basis_or_content_cannot_be_compared() {
    for product in [
        Product { per: q("0 {tablet}"), ..metoprolol() },
        Product { per: q("1 mL"), ..metoprolol() },
        Product { package: q("0 {tablet}"), ..metoprolol() },
    ] {
        for dose in ["25 mg", "1 {tablet}"] {
            scanned(&product, dose).assert_stopped_by(Check::D1);
        }
    }
}

#[test]
fn d1_what_does_not_fit_into_exact_numbers_stops_instead_of_being_wrong() {
    let huge = Amount::from_parts(i128::MAX, 7).unwrap();
    let mut product = metoprolol();
    product.strengths[0].amount.amount = huge;
    product.per.amount = Amount::from_parts(3, i128::MAX).unwrap();
    scanned(&product, "25 mg").assert_stopped_by(Check::D1);
    let mut bench = scanned(&product, "1 {tablet}");
    bench.assert_stopped_by(Check::D1);
    bench.confirm();
    assert!(bench.given().is_empty());
}

#[test]
fn d2_packages_add_up_exactly() {
    let mut bench = scanned(&metoprolol(), "50 mg");
    assert_eq!(bench.step(), Step::ScanNext(q("25 mg"), q("50 mg")));
    bench.scan(package(&metoprolol())).count(2).assert_class(Check::D2, Class::Pass).assert_ready();
    assert_eq!(bench.verdict().standing(Right::Dose), Standing::Verified);
    let third = tablet("third", "levothyroxine", "0.1 mg");
    let mut bench = scanned(&third, "300 ug");
    bench.scan(package(&third)).scan(package(&third)).assert_class(Check::D2, Class::Pass);
}

#[test]
fn d3_less_needs_a_reason_and_is_recorded_as_partial() {
    let mut bench = scanned(&metoprolol(), "50 mg");
    bench.confirm();
    assert!(bench.given().is_empty());
    bench.event(Event::NoMore).assert_class(Check::D3, Class::SoftReason);
    bench.confirm();
    assert!(bench.given().is_empty(), "no reason yet");
    bench.answer(Check::D3, "workload");
    assert_eq!(bench.step(), Step::Questions(vec![Check::D3]), "not a reason of this list");
    bench.answer(Check::D3, "not-available").confirm();
    assert_eq!(bench.given()[0].outcome, Outcome::Partial);
    assert_eq!(bench.given()[0].dose, Some(q("25 mg")));
}

#[test]
fn d3_a_reason_for_one_remainder_does_not_hold_for_another() {
    let mut bench = scanned(&metoprolol(), "100 mg");
    bench.scan(package(&metoprolol())).event(Event::NoMore).count(2).answer(Check::D3, "not-available");
    assert_eq!(bench.step(), Step::Ready);
    bench.event(Event::PutBack);
    assert_eq!(bench.step(), Step::Questions(vec![Check::D3]));
    bench.scan(package(&metoprolol()));
    assert!(matches!(bench.step(), Step::ScanNext(..)), "another package: asked again whether more comes");
}

#[test]
fn d4_over_with_a_whole_tablet_stops() {
    let mut bench = scanned(&metoprolol(), "25 mg");
    bench.scan(package(&metoprolol())).assert_stopped_by(Check::D4);
    bench.event(Event::PutBack).assert_ready();
    scanned(&metoprolol(), "12.5 mg").assert_stopped_by(Check::D4);
}

#[test]
fn d4_a_scored_tablet_asks_for_its_half_and_no_other_share() {
    let scored = Product { divisible: Divisible::Half, ..metoprolol() };
    let mut bench = scanned(&scored, "12.5 mg");
    assert_eq!(bench.step(), Step::Measure(q("0.5 {tablet}"), q("0.5 {tablet}")));
    bench.confirm();
    assert!(bench.given().is_empty());
    let quarter = Taken::Share(Amount::fraction(1, 4).unwrap());
    bench.event(Event::Take(0, quarter)).assert_stopped_by(Check::D4);
    bench.event(Event::Take(0, half())).assert_ready();
    bench.confirm();
    let used = &bench.given()[0].packages[0];
    assert_eq!((used.taken, used.left), (q("0.5 {tablet}"), q("0.5 {tablet}")), "the rest is to be wasted");
    let fourths = Product { divisible: Divisible::Quarter, ..metoprolol() };
    scanned(&fourths, "6.25 mg").event(Event::Take(0, quarter)).assert_ready();
    scanned(&scored, "6.25 mg").assert_stopped_by(Check::D4);
}

/// 1 g of 350 mg/mL is 20/7 mL: no syringe measures it, and a mark beside it is the dose.
#[test]
fn d2_a_mark_beside_the_dose_is_the_dose_that_lies_between_two() {
    let strong = vial("ceftriaxone", "ceftriaxone", "350 mg", "3 mL", &[Route::Intravenous]);
    let mut bench = scanned(&strong, "1000 mg");
    assert_eq!(bench.step(), Step::Measure(q("2.85 mL"), q("2.85 mL")), "never more than ordered");
    for wrong in ["2.87 mL", "2.9 mL", "2.858 mL"] {
        bench.measure(wrong);
        assert_eq!(bench.step(), Step::Stopped, "{wrong}");
    }
    for less in ["2.84 mL", "2.852 mL"] {
        bench.measure(less);
        assert!(matches!(bench.step(), Step::ScanNext(..)), "{less}");
    }
    for (measured, dose) in [("2.86 mL", "1001 mg"), ("2.85 mL", "997.5 mg")] {
        let mut bench = scanned(&strong, "1000 mg");
        bench.measure(measured).assert_ready();
        bench.confirm();
        let given = &bench.given()[0];
        assert_eq!(
            (given.outcome, given.dose),
            (Outcome::Given, Some(q(dose))),
            "what was drawn up is charted"
        );
    }
    // A dose that a mark meets exactly has no other.
    let mut bench = scanned(&liquid("syrup", "morphine sulfate", "2 mg", "10 mL"), "5 mg");
    bench.measure("2.51 mL").assert_stopped_by(Check::D4);
    bench.measure("2.49 mL");
    assert!(matches!(bench.step(), Step::ScanNext(..)));
}

/// A syringe for insulin has halves of a mark: 5.5 units are told as they are.
#[test]
fn d2_thousandths_are_told_as_they_are() {
    let insulin = vial("insulin", "insulin regular", "100 [iU]", "10 mL", &[Route::Intravenous]);
    let mut bench = scanned(&insulin, "5.5 [iU]");
    assert_eq!(bench.step(), Step::Measure(q("0.055 mL"), q("0.055 mL")));
    bench.measure("0.055 mL").assert_ready();
    let mut bench = scanned(&insulin, "2.5 [iU]");
    bench.measure("0.03 mL").assert_class(Check::D2, Class::SoftContact);
}

/// Where the nearest mark is far from the dose, as in the smallest of syringes, somebody must look; further, and it is another dose.
#[test]
fn d2_a_mark_that_is_too_far_from_the_dose_is_asked_about_or_none() {
    let strong = vial("morphine", "morphine sulfate", "10 mg", "1 mL", &[Route::Intravenous]);
    let mut bench = scanned(&strong, "0.1225 mg");
    assert_eq!(bench.step(), Step::Measure(q("0.01 mL"), q("0.01 mL")));
    bench.measure("0.01 mL").assert_class(Check::D2, Class::SoftContact);
    for hopeless in ["0.0403 mg", "0.0707 mg"] {
        scanned(&strong, hopeless).assert_stopped_by(Check::D4);
    }
}

/// The last of three ampoules: what matters is the dose, not the part of the last.
#[test]
fn d2_a_mark_is_judged_by_the_whole_dose() {
    let ampoule = vial("drug", "drug", "50 mg", "1 mL", &[Route::Intravenous]);
    let mut bench = bench(&ampoule, order("r", &ampoule, "101.2345 mg"));
    for serial in ["1", "2", "3"] {
        bench.scan(package_no(&ampoule, serial));
    }
    assert_eq!(bench.step(), Step::Measure(q("0.02 mL"), q("0.02 mL")));
    bench.measure("0.02 mL").assert_ready();
}

/// A range is not anchored at its top.
#[test]
fn d5_of_a_range_both_ends_are_told_to_whoever_draws_it_up() {
    let strong = vial("morphine", "morphine sulfate", "10 mg", "1 mL", &[Route::Intravenous]);
    let mut bench = ranged(&strong, "2 mg", "4 mg");
    assert_eq!(bench.step(), Step::Measure(q("0.2 mL"), q("0.4 mL")));
    for (measured, ready) in [("0.2 mL", true), ("0.3 mL", true), ("0.4 mL", true), ("0.41 mL", false)] {
        bench.measure(measured);
        assert_eq!(bench.step() == Step::Ready, ready, "{measured}");
    }
    // The whole of a vial is no more the nurse's word than any other part.
    let small = vial("morphine", "morphine sulfate", "4 mg", "1 mL", &[Route::Intravenous]);
    let mut bench = ranged(&small, "2 mg", "4 mg");
    assert_eq!(bench.step(), Step::Measure(q("0.5 mL"), q("1 mL")));
    bench.measure("1 mL").assert_ready();
    bench.measure("0.5 mL").assert_ready();
    // One that lies within the range, too.
    let mut bench = ranged(&small, "2 mg", "6 mg");
    assert_eq!(bench.step(), Step::Measure(q("0.5 mL"), q("1 mL")));
    bench.measure("0.5 mL").assert_ready();
}

/// A site that tolerates no difference of a dose by weight still has syringes with marks.
#[test]
fn d2_without_tolerance_a_mark_is_asked_about() {
    let strong = vial("ceftriaxone", "ceftriaxone", "350 mg", "3 mL", &[Route::Intravenous]);
    let mut ward = Ward::with(&[&strong], &[order("r", &strong, "1000 mg")]);
    std::sync::Arc::make_mut(&mut ward.policy).weight_dose_tolerance = Amount::ZERO;
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&strong));
    assert_eq!(bench.step(), Step::Measure(q("2.85 mL"), q("2.85 mL")));
    bench.measure("2.85 mL").assert_class(Check::D2, Class::SoftContact);
}

/// What lies in the bottle is not what is given: the maximum is judged when the part is known.
#[test]
fn d8_a_range_from_a_bottle_is_measured_before_its_total_is_judged() {
    let bottle = liquid("solution", "morphine sulfate", "2 mg", "100 mL");
    let dose = DoseOrder::Range(q("2 mg"), q("4 mg"));
    let request = Request { dose, daily_maximum: Some(q("24 mg")), ..order("r", &bottle, "2 mg") };
    let mut bench = bench(&bottle, request);
    bench.scan(package(&bottle));
    assert_eq!(bench.step(), Step::Measure(q("1 mL"), q("2 mL")));
    bench.measure("2 mL").assert_ready();
}

#[test]
fn d4_a_liquid_is_measured_and_what_is_not_the_dose_stops() {
    let syrup = liquid("syrup", "morphine sulfate", "2 mg", "10 mL");
    let mut bench = scanned(&syrup, "5 mg");
    assert_eq!(bench.step(), Step::Measure(q("2.5 mL"), q("2.5 mL")));
    for wrong in ["2.6 mL", "10.1 mL", "25 mL", "0 mL", "2.5 mg", "1 {tablet}"] {
        bench.measure(wrong);
        assert_eq!(bench.step(), Step::Stopped, "{wrong}");
    }
    bench.measure("0.0025 L").assert_ready();
    bench.measure("2.4 mL");
    assert!(matches!(bench.step(), Step::ScanNext(..)), "less than ordered");
}

#[test]
fn d5_a_range_is_met_at_both_ends_and_not_outside() {
    let request =
        Request { dose: DoseOrder::Range(q("50 mg"), q("0.075 g")), ..order("r", &metoprolol(), "25 mg") };
    let mut bench = bench(&metoprolol(), request);
    bench.scan(package(&metoprolol()));
    assert!(matches!(bench.step(), Step::ScanNext(..)));
    bench.event(Event::NoMore).assert_stopped_by(Check::D5);
    bench.scan(package(&metoprolol())).count(2).assert_class(Check::D5, Class::Pass).assert_ready();
    bench.scan(package(&metoprolol())).count(3).assert_class(Check::D5, Class::Pass).assert_ready();
    bench.scan(package(&metoprolol())).assert_stopped_by(Check::D4);
}

#[test]
fn d5_a_range_in_two_dimensions_is_met_by_nothing() {
    let request =
        Request { dose: DoseOrder::Range(q("25 mg"), q("2 {tablet}")), ..order("r", &metoprolol(), "25 mg") };
    let mut bench = bench(&metoprolol(), request);
    bench.scan(package(&metoprolol()));
    assert_eq!(bench.step(), Step::Stopped);
}

fn paracetamol(strength: &str) -> Product {
    tablet("paracetamol", "paracetamol", strength)
}

/// 4,000 mg a day at most; this much was given three hours ago and this much is in hand.
fn with_total(before: &str, in_hand: &str) -> Bench {
    let pill = paracetamol(in_hand);
    let request = Request {
        timing: as_needed(None, None),
        daily_maximum: Some(q("4 g")),
        ..order("r", &pill, in_hand)
    };
    let other = order("other", &pill, before);
    let mut ward = Ward::with(&[&pill], &[request, other]);
    ward.charted("other", Some(at("2026-06-10 09:00")), Outcome::Given, at("2026-06-10 06:00"));
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&pill));
    bench
}

#[test]
fn d8_the_maximum_itself_passes_above_asks_and_above_125_percent_stops() {
    for (before, in_hand, class) in [
        ("3350 mg", "650 mg", Class::Pass),
        ("3350.1 mg", "650 mg", Class::SoftContact),
        ("4350 mg", "650 mg", Class::SoftContact),
        ("4350.1 mg", "650 mg", Class::Hard),
    ] {
        with_total(before, in_hand).assert_class(Check::D8, class);
    }
}

#[test]
fn d8_counts_24_hours_back_and_no_further() {
    for (clock, class) in [("09:00", Class::Pass), ("09:01", Class::SoftContact)] {
        let pill = paracetamol("1000 mg");
        let request = Request {
            timing: as_needed(None, None),
            daily_maximum: Some(q("4 g")),
            ..order("r", &pill, "1000 mg")
        };
        let mut ward = Ward::with(&[&pill], &[request]);
        ward.charted("r", None, Outcome::Given, at(&format!("2026-06-09 {clock}")));
        for _ in 0..3 {
            ward.charted("r", None, Outcome::Given, at("2026-06-10 01:00"));
        }
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&pill)).assert_class(Check::D8, class);
    }
}

#[test]
fn d8_the_lowest_maximum_of_all_requests_counts() {
    let pill = paracetamol("1000 mg");
    let request = Request { daily_maximum: Some(q("4 g")), ..order("r", &pill, "1000 mg") };
    let strict = Request {
        daily_maximum: Some(q("900 mg")),
        timing: as_needed(Some(4), None),
        ..order("s", &pill, "500 mg")
    };
    let mut bench = Bench::at_bedside(Ward::with(&[&pill], &[request, strict]));
    bench.scan(package(&pill)).choose(0).assert_class(Check::D8, Class::SoftContact);
}

/// An order that was replaced by one with a higher maximum. What was given under it counts all the same.
#[test]
fn d8_the_maximum_of_an_order_that_is_over_limits_no_other_one() {
    let pill = paracetamol("1300 mg");
    let order = |id, maximum| Request {
        daily_maximum: Some(q(maximum)),
        timing: as_needed(None, None),
        ..order(id, &pill, "1300 mg")
    };
    let old = order("old", "650 mg");
    let stopped = |since| Request { status: RequestStatus::Stopped, status_since: since, ..old.clone() };
    for (old, class) in [
        (old.clone(), Class::Hard),
        (Request { status: RequestStatus::OnHold, ..old.clone() }, Class::Hard),
        (stopped(Some(today("08:59"))), Class::Pass),
        (stopped(None), Class::Pass),
        (Request { stop: Some(today("09:00")), ..old.clone() }, Class::Pass),
        (Request { stop: Some(today("09:01")), ..old.clone() }, Class::Hard),
    ] {
        let mut ward = Ward::with(&[&pill], &[order("r", "4 g"), old]);
        ward.charted("old", None, Outcome::Given, today("05:00"));
        ward.chart.history[0].ingredients = vec![strength("paracetamol", "2700 mg")];
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&pill));
        if bench.step() == Step::Choose {
            bench.choose(0);
        }
        bench.assert_class(Check::D8, class);
        bench.ward.chart.history[0].ingredients = vec![strength("paracetamol", "2701 mg")];
        bench.scan(band("p1"));
        assert!(bench.class(Check::D8) >= Some(Class::SoftContact), "its doses count");
    }
}

#[test]
fn d8_a_total_that_cannot_be_computed_stops() {
    let pill = paracetamol("1000 mg");
    let request = Request { daily_maximum: Some(q("4000 mL")), ..order("r", &pill, "1000 mg") };
    let mut bench = bench(&pill, request);
    bench.scan(package(&pill)).assert_stopped_by(Check::D8);
    assert_eq!(bench.variance(Check::D8), Some(&Variance::DailyTotalUnknown));
}

/// One answer is to what was asked. What comes later under the same id is asked anew.
#[test]
fn d8_a_contact_about_one_total_does_not_hold_for_a_higher_one() {
    let mut bench = with_total("3400 mg", "650 mg");
    bench
        .call(Check::D8, "prescriber-ordered")
        .answer(Check::T6, "pain")
        .answer(Check::T7, "prescriber-ordered");
    assert_eq!(bench.step(), Step::Ready);
    bench.ward.charted("other", Some(at("2026-06-09 09:00")), Outcome::Given, at("2026-06-10 05:00"));
    bench.ward.chart.history.last_mut().unwrap().ingredients[0].amount = q("100 mg");
    bench.confirm();
    assert!(bench.dose().changed && bench.given().is_empty());
    bench.confirm();
    assert!(bench.given().is_empty(), "the new total was not answered: {:?}", bench.step());
}

/// A maximum in tablets is one of its own request: it counts that request's doses, and says nothing of an ingredient in milligrams.
#[test]
fn d8_a_maximum_in_tablets_counts_the_doses_of_its_request() {
    let pill = paracetamol("325 mg");
    for (before, class) in [(3, Class::Pass), (4, Class::SoftContact), (5, Class::Hard)] {
        let request = Request {
            daily_maximum: Some(q("4 {tablet}")),
            timing: as_needed(None, None),
            ..order("r", &pill, "1 {tablet}")
        };
        let mut ward = Ward::with(&[&pill], &[request]);
        for _ in 0..before {
            ward.charted("r", None, Outcome::Given, at("2026-06-10 01:00"));
            ward.chart.history.last_mut().unwrap().dose = Some(q("1 {tablet}"));
        }
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&pill)).assert_class(Check::D8, class);
    }
}

/// What is in a bottle is all that can be taken of it, and nothing is no part.
#[test]
fn d4_no_more_than_the_bottle_holds_and_no_nothing_is_measured() {
    let syrup = liquid("syrup", "metoprolol tartrate", "5 mg", "20 mL");
    for (dose, measured, possible) in
        [("100 mg", "20 mL", true), ("125 mg", "25 mL", false), ("100 mg", "0 mL", false)]
    {
        let mut bench = scanned(&syrup, dose);
        bench.measure(measured);
        assert_eq!(bench.step() == Step::Ready, possible, "{measured} for {dose}");
        if !possible {
            bench.assert_stopped_by(Check::D4);
            assert_eq!(bench.variance(Check::D4), Some(&Variance::PartNotPossible(q(measured))));
        }
    }
}

/// Each ingredient of each package is added to its own sum.
#[test]
fn d8_the_ingredients_of_several_combination_packages_add_up_each_for_itself() {
    let both = Product {
        strengths: vec![strength("alpha", "25 mg"), strength("beta", "100 mg")],
        ..tablet("both", "alpha", "25 mg")
    };
    let mut bench = Bench::at_bedside(Ward::with(&[&both], &[order("r", &both, "2 {tablet}")]));
    bench.scan(package_no(&both, "S1")).scan(package_no(&both, "S2")).confirm();
    let given = bench.given()[0].ingredients.clone();
    assert_eq!(given, [strength("alpha", "50 mg"), strength("beta", "200 mg")]);
}

/// A maximum in milligrams limits the ingredient also where the order counts tablets, and it is judged once.
#[test]
fn d8_a_maximum_by_weight_limits_the_ingredient_of_an_order_in_tablets() {
    let pill = paracetamol("500 mg");
    for (dose, before, class) in [
        ("1 {tablet}", "3500 mg", Class::Pass),
        ("1 {tablet}", "3501 mg", Class::SoftContact),
        ("500 mg", "3500 mg", Class::Pass),
        ("500 mg", "3501 mg", Class::SoftContact),
    ] {
        let request = Request {
            timing: as_needed(None, None),
            daily_maximum: Some(q("4 g")),
            ..order("r", &pill, dose)
        };
        let earlier = Request { timing: as_needed(None, None), ..order("other", &pill, before) };
        let mut ward = Ward::with(&[&pill], &[request, earlier]);
        ward.charted("other", None, Outcome::Given, today("05:00"));
        ward.chart.requests.pop();
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&pill)).assert_class(Check::D8, class);
        let said = bench.verdict().findings().iter().filter(|finding| finding.check == Check::D8).count();
        assert_eq!(said, 1, "{dose}");
    }
}

/// A maximum in tablets counts what was given of this order in the last 24 hours, and nothing else.
#[test]
fn d8_a_maximum_in_tablets_counts_neither_other_orders_nor_held_doses_nor_what_is_a_day_ago() {
    let pill = paracetamol("325 mg");
    for (under, outcome, when, class) in [
        ("r", Outcome::Given, "2026-06-09 09:01", Class::Hard),
        ("r", Outcome::Given, "2026-06-09 09:00", Class::Pass),
        ("r", Outcome::Held, "2026-06-10 01:00", Class::Pass),
        ("s", Outcome::Given, "2026-06-10 01:00", Class::Pass),
    ] {
        let request = Request {
            daily_maximum: Some(q("1 {tablet}")),
            timing: as_needed(None, None),
            ..order("r", &pill, "1 {tablet}")
        };
        let other = Request { timing: as_needed(None, None), ..order("s", &pill, "325 mg") };
        let mut ward = Ward::with(&[&pill], &[request, other]);
        ward.charted(under, None, outcome, at(when));
        ward.chart.history.last_mut().unwrap().dose = Some(q("1 {tablet}"));
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&pill)).choose(0);
        bench.assert_class(Check::D8, class);
    }
}
