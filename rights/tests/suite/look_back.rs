//! How far back the bedside looks: as far as a check can, from the earliest time at which a dose may be charted (S3). What is left
//! out of a case decides nothing.

use std::sync::Arc;

use crate::common::*;
use jiff::SignedDuration;
use jiff::civil::Weekday;
use rights::bedside::Event;
use rights::entered::Entered;
use rights::history::Outcome;
use rights::product::Product;
use rights::request::Request;
use rights::verdict::{Check, Class, Variance};

fn pill() -> Product {
    tablet("methotrexate-2.5", "methotrexate", "2.5 mg")
}

fn hours(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count)
}

/// The dose of a week ago was given, and this week's was given early last evening. A dose that is charted for an hour before that
/// is none of the two.
#[test]
fn o8_a_weekly_dose_of_a_week_ago_is_not_offered_again_when_one_is_charted_afterwards() {
    let weekly = Request { timing: weekly(&[Weekday::Wednesday], 9), ..order("r", &pill(), "2.5 mg") };
    let mut ward = Ward::with(&[&pill()], &[weekly]);
    ward.charted("r", Some(at("2026-06-03 09:00")), Outcome::Given, at("2026-06-03 09:05"));
    ward.charted("r", Some(today("09:00")), Outcome::Given, at("2026-06-09 20:00"));
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&pill()));
    bench.event(Event::Enter(Entered::GivenAt(at("2026-06-09 19:00"))));
    assert!(bench.dose().choices().is_empty(), "{:?}", bench.dose().choices());
    bench.assert_stopped_by(Check::O8);
}

/// Of three doses a day, a week of history: whatever time of the last day is charted, no scheduled dose is offered
/// that was given.
#[test]
fn o7_no_dose_of_the_last_day_is_offered_that_was_given() {
    let thrice = Request { timing: daily(&[6, 14, 22]), ..order("r", &pill(), "2.5 mg") };
    let mut ward = Ward::with(&[&pill()], &[thrice]);
    for day in 4..=10 {
        for clock in ["06:00", "14:00", "22:00"] {
            let due = at(&format!("2026-06-{day:02} {clock}"));
            if due <= ward.now {
                ward.charted("r", Some(due), Outcome::Given, due + minutes(5));
            }
        }
    }
    for ago in (30..=24 * 60).step_by(30) {
        let mut bench = Bench::at_bedside(clone(&ward));
        let given_at = bench.ward.now - minutes(ago);
        bench.scan(package(&pill()));
        bench.event(Event::Enter(Entered::GivenAt(given_at)));
        for offered in bench.dose().choices() {
            let again = ward.chart.history.iter().any(|done| done.slot == offered.slot);
            assert!(!again, "{ago} minutes ago: {offered:?}");
        }
    }
}

fn clone(ward: &Ward) -> Ward {
    let mut copy = Ward::with(&[&pill()], &ward.chart.requests);
    copy.chart.history.clone_from(&ward.chart.history);
    copy
}

/// A site that lets doses be charted two days later looks back a day from there.
#[test]
fn d8_the_day_before_a_dose_that_is_charted_two_days_later_counts() {
    let paracetamol = tablet("paracetamol-1000", "paracetamol", "1000 mg");
    let request = Request {
        timing: as_needed(None, None),
        daily_maximum: Some(q("4 g")),
        ..order("r", &paracetamol, "1000 mg")
    };
    let earlier = Request { timing: as_needed(None, None), ..order("earlier", &paracetamol, "4 g") };
    for (ago, class) in [(47 + 23, Class::SoftContact), (47 + 24, Class::Pass)] {
        let mut ward = Ward::with(&[&paracetamol], &[request.clone(), earlier.clone()]);
        Arc::make_mut(&mut ward.policy).backdated_most = hours(48);
        let when = ward.now - hours(ago);
        ward.charted("earlier", None, Outcome::Given, when);
        // The order is gone, what was given under it is not.
        ward.chart.requests.pop();
        let mut bench = Bench::at_bedside(ward);
        let given_at = bench.ward.now - hours(47);
        bench.scan(package(&paracetamol));
        bench.event(Event::Enter(Entered::GivenAt(given_at)));
        bench.assert_class(Check::D8, class);
    }
}

/// The pair is judged from when the dose was given, not from when it is charted.
#[test]
fn c4_the_other_one_of_a_pair_counts_from_when_the_dose_was_given() {
    let (one, other) = (tablet("s", "simvastatin", "20 mg"), tablet("c", "clarithromycin", "500 mg"));
    for (given_before, class) in [(hours(24), Some(Class::SoftContact)), (hours(24) + minutes(1), None)] {
        let mut ward =
            Ward::with(&[&one, &other], &[order("r1", &one, "20 mg"), order("r2", &other, "500 mg")]);
        let given_at = ward.now - hours(20);
        let when = given_at - given_before;
        ward.charted("r2", None, Outcome::Given, when);
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&one));
        bench.event(Event::Enter(Entered::GivenAt(given_at)));
        assert_eq!(bench.class(Check::C4), class);
    }
}

/// What was charted before the look-back for a daily order is not kept, and the last dose of it is, however long ago.
#[test]
fn t2_the_last_dose_is_kept_however_long_ago_and_older_ones_are_not() {
    let mut ward = Ward::with(&[&pill()], &[order("r", &pill(), "2.5 mg")]);
    for day in 3..=7 {
        let due = at(&format!("2026-06-{day:02} 09:00"));
        ward.charted("r", Some(due), Outcome::Given, due);
    }
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&pill())).assert_ready();
    let kept: Vec<_> = bench.dose().case.history.iter().map(|done| done.at).collect();
    assert_eq!(kept, [at("2026-06-07 09:00")], "the last one, and none of the schedule around now");
}

/// What is in hand does not fit an order: its schedule is not looked at, and it is named all the same.
#[test]
fn m7_what_was_not_ordered_is_decided_over_all_orders() {
    let other = tablet("amlodipine-5", "amlodipine", "5 mg");
    let requests = [order("r1", &pill(), "2.5 mg"), order("r2", &pill(), "5 mg")];
    let mut bench = Bench::at_bedside(Ward::with(&[&pill(), &other], &requests));
    bench.scan(package(&other)).assert_stopped_by(Check::M7);
    assert_eq!(bench.variance(Check::M7), Some(&Variance::NotOrdered));
    assert_eq!(bench.dose().case.requests.len(), 2);
    assert!(bench.dose().case.requests.iter().all(|in_case| in_case.slots.is_empty()));
    bench.event(Event::Cancel).scan(package(&pill()));
    assert!(bench.dose().case.requests.iter().all(|in_case| !in_case.slots.is_empty()));
}

/// In the case stand the orders that share an ingredient with what is in hand or are confused with it, and no other one.
#[test]
fn m8_the_case_holds_the_orders_that_share_or_look_alike_and_names_each_look_alike_once() {
    let of = |name: &str| tablet(name, name, "5 mg");
    let (hydralazine, hydroxyzine, neither) = (of("hydralazine"), of("hydroxyzine"), of("furosemide"));
    let mut pill = of("hydrochlorothiazide");
    pill.look_alike = vec![hydralazine.id.clone(), hydroxyzine.id.clone(), of("never-ordered").id];
    let requests = [
        order("own", &pill, "5 mg"),
        order("alike-1", &hydralazine, "5 mg"),
        order("alike-2", &hydroxyzine, "5 mg"),
        order("alike-again", &hydralazine, "5 mg"),
        order("neither", &neither, "5 mg"),
    ];
    let mut bench = Bench::at_bedside(Ward::with(&[&pill, &hydralazine, &hydroxyzine, &neither], &requests));
    bench.scan(package(&pill)).assert_ready();
    let ids: Vec<&str> =
        bench.dose().case.requests.iter().map(|in_case| in_case.request.id.as_str()).collect();
    assert_eq!(ids, ["own", "alike-1", "alike-2", "alike-again"]);
    let named: Vec<&str> = bench.dose().case.look_alikes.iter().map(|other| other.name.as_str()).collect();
    assert_eq!(named, ["hydralazine", "hydroxyzine"]);
}
