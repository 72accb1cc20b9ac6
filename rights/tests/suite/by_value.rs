//! D6, D7, milliequivalents by table (D1) and the rate of an infusion (D1, D2).

use crate::common::*;
use jiff::{SignedDuration, Timestamp};
use rights::bedside::Step;
use rights::entered::{Entered, Wanted};
use rights::history::Outcome;
use rights::ident::ObservationCode;
use rights::product::{Product, Route};
use rights::quantity::Unit;
use rights::rate::{Rate, RateOrder};
use rights::request::{DoseOrder, Request, RequestStatus, Scale, ScaleRow};
use rights::verdict::{Check, Class, Evidence, Variance, Why};

fn insulin() -> Product {
    vial("lispro", "insulin lispro", "100 [iU]", "3 mL", &[Route::Subcutaneous])
}

fn scale_order() -> Request {
    let mut request = order("r1", &insulin(), "1 [iU]");
    request.dose = DoseOrder::Range(q("1 [iU]"), q("10 [iU]"));
    request.route = Route::Subcutaneous;
    let row = |from: &str, below: Option<&str>, dose: &str| ScaleRow {
        from: q(from),
        below: below.map(q),
        dose: q(dose),
    };
    request.conditions.scale = Some(Scale {
        what: ObservationCode::parse("glucose").unwrap(),
        rows: vec![
            row("70 mg/dL", Some("150 mg/dL"), "0 [iU]"),
            row("150 mg/dL", Some("200 mg/dL"), "2 [iU]"),
            row("200 mg/dL", Some("400 mg/dL"), "4 [iU]"),
        ],
    });
    request
}

fn with_glucose(value: &str, minutes_ago: i64) -> Bench {
    let mut ward = Ward::with(&[&insulin()], &[scale_order()]);
    let when = ward.now.checked_sub(minutes(minutes_ago)).unwrap();
    ward.chart.observations.push((patient_id("p1"), observation("glucose", value, when)));
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&insulin())).enter(site("left-abdomen"));
    bench
}

#[test]
fn d6_a_value_of_30_minutes_is_used_and_one_of_31_is_asked() {
    let bench = with_glucose("180 mg/dL", 30);
    assert_eq!(bench.step(), Step::Measure(q("0.02 mL"), q("0.02 mL")), "the row asks for 2 units");
    let old = with_glucose("180 mg/dL", 31);
    let glucose = ObservationCode::parse("glucose").unwrap();
    assert_eq!(old.step(), Step::Enter(Wanted::Observation(glucose, Unit::MilligramPerDecilitre)));
}

#[test]
fn d6_the_dose_is_the_one_of_the_row_at_both_of_its_ends() {
    for (value, dose) in [("150", "0.02 mL"), ("199.9", "0.02 mL"), ("200", "0.04 mL"), ("399", "0.04 mL")] {
        let mut bench = with_glucose(&format!("{value} mg/dL"), 5);
        bench.measure(dose);
        bench.assert_ready().assert_class(Check::D6, Class::Pass);
        bench.confirm();
        assert_eq!(bench.given()[0].outcome, Outcome::Given, "{value}");
    }
}

#[test]
fn d6_another_dose_than_the_row_calls_somebody_and_more_than_the_order_stops() {
    let mut bench = with_glucose("180 mg/dL", 5);
    bench.measure("0.04 mL").assert_class(Check::D6, Class::SoftContact);
    assert_eq!(bench.class(Check::D4), None);
    bench.call(Check::D6, "prescriber-ordered").confirm();
    assert_eq!(bench.given()[0].dose, Some(q("4 [iU]")));
    let mut bench = with_glucose("180 mg/dL", 5);
    bench.measure("0.11 mL").assert_stopped_by(Check::D4);
}

#[test]
fn d6_a_value_without_a_row_or_with_no_dose_gives_nothing() {
    with_glucose("69 mg/dL", 5).assert_stopped_by(Check::D6);
    with_glucose("400 mg/dL", 5).assert_stopped_by(Check::D6);
    let none = with_glucose("149 mg/dL", 5);
    none.assert_stopped_by(Check::D6);
    assert!(matches!(none.variance(Check::D6), Some(Variance::ScaleSaysNone(_))));
}

#[test]
fn d6_a_value_in_another_unit_is_not_converted_by_guess() {
    let bench = with_glucose("10 mmol/L", 5);
    assert!(matches!(bench.step(), Step::Enter(Wanted::Observation(..))));
}

fn child_dose(ordered: &str) -> (Product, Request) {
    let product = liquid("amox", "amoxicillin", "50 mg", "5 mL");
    let mut request = order("r1", &product, ordered);
    request.conditions.per_kilogram = Some(q("25 mg"));
    (product, request)
}

/// A patient born then, weighed so long ago with 10 kg; ordered is 25 mg/kg.
fn weighed(born: jiff::civil::Date, hours_ago: i64, ordered: &str) -> Bench {
    let (product, request) = child_dose(ordered);
    let mut ward = Ward::with(&[&product], &[request]);
    ward.patient("p1").birth_date = born;
    let when: Timestamp = ward.now.checked_sub(minutes(hours_ago * 60)).unwrap();
    ward.chart.observations.push((patient_id("p1"), observation("body-weight", "10 kg", when)));
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&product));
    bench
}

#[test]
fn d7_the_weight_lasts_by_age() {
    // Today is 10 June 2026: the 27th and the 28th day, the last day of childhood and the first after it.
    for (born, lasts_hours) in [
        (local_date(2026, 5, 14), 24),
        (local_date(2026, 5, 13), 7 * 24),
        (local_date(2008, 6, 11), 7 * 24),
        (local_date(2008, 6, 10), 30 * 24),
    ] {
        weighed(born, lasts_hours, "250 mg").assert_ready().assert_class(Check::D7, Class::Pass);
        weighed(born, lasts_hours + 1, "250 mg").assert_class(Check::D7, Class::SoftContact);
    }
}

#[test]
fn d7_without_a_weight_somebody_is_called() {
    let (product, request) = child_dose("250 mg");
    let mut bench = Bench::at_bedside(Ward::with(&[&product], &[request]));
    bench.scan(package(&product)).assert_class(Check::D7, Class::SoftContact);
    bench.observe("body-weight", "10000 g").assert_ready();
}

#[test]
fn d7_an_ordered_dose_off_by_more_than_ten_percent_calls_somebody() {
    let child = local_date(2020, 1, 1);
    for (ordered, class) in [
        ("225 mg", Class::Pass),
        ("224 mg", Class::SoftContact),
        ("275 mg", Class::Pass),
        ("276 mg", Class::SoftContact),
    ] {
        weighed(child, 1, ordered).assert_class(Check::D7, class);
    }
}

#[test]
fn d1_milliequivalents_are_compared_by_the_products_table() {
    let mut product = tablet("kcl", "potassium chloride", "1500 mg");
    let request = order("r1", &product, "20 meq");
    let mut bench = Bench::at_bedside(Ward::with(&[&product], std::slice::from_ref(&request)));
    bench.scan(package(&product)).assert_stopped_by(Check::D1);
    product.marks.equivalents = vec![strength("potassium chloride", "20 meq")];
    let mut bench = Bench::at_bedside(Ward::with(&[&product], std::slice::from_ref(&request)));
    bench.scan(package(&product)).assert_ready();
    bench.confirm();
    assert_eq!(bench.given()[0].dose, Some(q("20 meq")));
    // 10 meq of another product of the same salt are half of it.
    let mut half = tablet("kcl-10", "potassium chloride", "750 mg");
    half.marks.equivalents = vec![strength("potassium chloride", "10 meq")];
    let mut bench = Bench::at_bedside(Ward::with(&[&half], &[request]));
    bench.scan(package(&half));
    assert_eq!(bench.step(), Step::ScanNext(q("10 meq"), q("20 meq")));
}

fn infusion(ordered: RateOrder) -> (Product, Request) {
    let bag = vial("dopamine", "dopamine", "1.6 mg", "250 mL", &[Route::Intravenous]);
    let mut request = order("r1", &bag, "250 mL");
    request.route = Route::Intravenous;
    request.rate = Some(ordered);
    (bag, request)
}

fn rate(text: &str) -> Rate {
    Rate::parse(text).unwrap()
}

fn pump_at(ordered: RateOrder, set: &str, weight: Option<&str>) -> Bench {
    let (bag, request) = infusion(ordered);
    let mut ward = Ward::with(&[&bag], &[request]);
    if let Some(weight) = weight {
        let weighed = observation("body-weight", weight, ward.now);
        ward.chart.observations.push((patient_id("p1"), weighed));
    }
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&bag));
    assert_eq!(bench.step(), Step::Enter(Wanted::PumpRate), "the rate is asked, never assumed");
    bench.enter(Entered::PumpRate(rate(set)));
    bench
}

#[test]
fn d2_the_pump_must_be_set_to_the_ordered_rate() {
    let ordered = RateOrder::Exact(rate("125 mL/h"));
    pump_at(ordered, "125 mL/h", None).assert_ready();
    pump_at(ordered, "200 mg/h", None).assert_ready();
    pump_at(ordered, "125.1 mL/h", None).assert_stopped_by(Check::D2);
    pump_at(ordered, "12.5 mL/h", None).assert_stopped_by(Check::D2);
}

#[test]
fn d2_a_rate_by_weight_is_the_pumps_nearest_step() {
    // 5 ug/kg/min of 70 kg are 21 mg/h, 13.125 mL/h of 1.6 mg/mL.
    let ordered = RateOrder::Exact(rate("5 ug/kg/min"));
    pump_at(ordered, "13.1 mL/h", Some("70 kg")).assert_ready();
    for set in ["13 mL/h", "13.2 mL/h", "131 mL/h"] {
        pump_at(ordered, set, Some("70 kg")).assert_stopped_by(Check::D2);
    }
    pump_at(ordered, "13.1 mL/h", None).assert_stopped_by(Check::D1);
}

/// So slow that the pump's steps are coarse: the nearest one is another dose, for which somebody is asked, and none at all is no step.
#[test]
fn d2_a_step_of_the_pump_far_from_the_order_is_asked_about() {
    for (ordered, set, class) in [
        // 1.6 mg/mL: 0.1875 mL/h.
        ("5 ug/kg/min", "0.2 mL/h", Class::Pass),
        ("5 ug/kg/min", "0.1 mL/h", Class::Hard),
        // 0.1125 mL/h.
        ("3 ug/kg/min", "0.1 mL/h", Class::SoftContact),
        ("3 ug/kg/min", "0.2 mL/h", Class::Hard),
        // 0.0375 mL/h.
        ("1 ug/kg/min", "0 mL/h", Class::Hard),
        ("1 ug/kg/min", "0.1 mL/h", Class::Hard),
    ] {
        let bench = pump_at(RateOrder::Exact(rate(ordered)), set, Some("1 kg"));
        assert_eq!(bench.class(Check::D2), Some(class), "{ordered} at {set}");
    }
}

/// D8 in milliequivalents: tablets of 1500 mg that hold 20 meq, at most 60 meq a day, 40 of them under another order.
#[test]
fn d8_a_maximum_in_milliequivalents_counts_every_order() {
    let mut product = tablet("kcl", "potassium chloride", "1500 mg");
    product.marks.equivalents = vec![strength("potassium chloride", "20 meq")];
    let limited = Request { daily_maximum: Some(q("60 meq")), ..order("r", &product, "20 meq") };
    for (other, class, total) in [
        ("1500 mg", Class::Pass, "40 meq"),
        ("3000 mg", Class::Pass, "60 meq"),
        ("4500 mg", Class::Hard, "80 meq"),
    ] {
        let single = Request { status: RequestStatus::Stopped, ..order("other", &product, other) };
        let mut ward = Ward::with(&[&product], &[limited.clone(), single]);
        ward.charted("other", None, Outcome::Given, ward.now - SignedDuration::from_hours(3));
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&product));
        assert_eq!(bench.class(Check::D8), Some(class), "{other}");
        let why = bench.verdict().finding(Check::D8).map(|found| found.why.clone());
        let told = match &why {
            Some(
                Why::Established(Evidence::DailyTotal(found, _))
                | Why::Variance(Variance::DailyMaximum(found, _)),
            ) => Some(*found),
            _ => None,
        };
        assert_eq!(told, Some(q(total)), "in the unit of the order");
    }
}

#[test]
fn d2_a_range_of_rates_is_met_at_both_ends() {
    let ordered = RateOrder::Range(rate("10 mL/h"), rate("20 mL/h"));
    for (set, stops) in [("9.9 mL/h", true), ("10 mL/h", false), ("20 mL/h", false), ("20.1 mL/h", true)] {
        let bench = pump_at(ordered, set, None);
        assert_eq!(bench.step() == Step::Stopped, stops, "{set}");
    }
}

#[test]
fn d2_the_nearest_step_of_the_pump_is_less_than_a_step_away_at_either_end() {
    let ordered = RateOrder::Range(rate("1.25 mL/h"), rate("5.05 mL/h"));
    for (set, stops) in [
        ("1.15 mL/h", true),
        ("1.2 mL/h", false),
        ("3 mL/h", false),
        ("5.1 mL/h", false),
        ("5.15 mL/h", true),
        ("5.2 mL/h", true),
    ] {
        assert_eq!(pump_at(ordered, set, None).step() == Step::Stopped, stops, "{set}");
    }
}

#[test]
fn d7_a_rate_by_weight_needs_a_young_weight_and_another_rate_none() {
    for (text, hours_ago, class) in [
        ("5 ug/kg/min", 30 * 24, Class::Pass),
        ("5 ug/kg/min", 30 * 24 + 1, Class::SoftContact),
        ("125 mL/h", 30 * 24 + 1, Class::Pass),
    ] {
        let (bag, request) = infusion(RateOrder::Exact(rate(text)));
        let mut ward = Ward::with(&[&bag], &[request]);
        let seen = ward.now - jiff::SignedDuration::from_hours(hours_ago);
        ward.chart.observations.push((patient_id("p1"), observation("body-weight", "70 kg", seen)));
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&bag));
        assert_eq!(bench.class(Check::D7).unwrap_or(Class::Pass), class, "{text} {hours_ago}");
        assert_eq!(bench.class(Check::D7).is_some(), text.contains("kg"), "{text}");
    }
}

mod random {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        /// D6 by its table alone: what is given without a call is the row of a value at most 30 minutes old.
        #[test]
        fn d6_agrees_with_its_table(value in 0_i64..500, ago in 0_i64..60, units in 1_i64..12) {
            let mut bench = with_glucose(&format!("{value} mg/dL"), ago);
            bench.measure(&format!("0.{units:02} mL")).confirm();
            let row = match value {
                150..200 => 2,
                200..400 => 4,
                _ => 0,
            };
            prop_assert_eq!(bench.given().len() == 1, ago <= 30 && row == units, "{} {} {}", value, ago, units);
        }
    }
}
