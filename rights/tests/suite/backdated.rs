//! S3: charted when it was given; later than 15 minutes it is backdated, never of the future, and earns no scan credit. And what
//! that means for downtime (S2) and for orders that were stopped meanwhile.

use crate::common::*;
use jiff::{SignedDuration, Timestamp};
use rights::bedside::{Event, Notice, Step};
use rights::entered::Entered;
use rights::history::Outcome;
use rights::ident::Ingredient;
use rights::person::Allergen;
use rights::product::{Controlled, Product};
use rights::request::{Request, RequestStatus};
use rights::verdict::{Check, Class, Right, Standing, Variance};

fn pill() -> Product {
    tablet("metoprolol-25", "metoprolol tartrate", "25 mg")
}

/// The request began this night, so that no dose of yesterday is open.
fn ward(request: Request) -> Ward {
    Ward::with(&[&pill()], &[Request { start: today("01:00"), ..request }])
}

fn said(bench: &mut Bench, at: Timestamp) -> &mut Bench {
    bench.event(Event::Enter(Entered::GivenAt(at)))
}

#[test]
fn s3_later_than_15_minutes_is_backdated_with_a_reason_and_no_scan_credit() {
    for (ago, asked) in [(15, false), (16, true)] {
        let mut bench = Bench::at_bedside(ward(order("r", &pill(), "25 mg")));
        let given_at = bench.ward.now.checked_sub(minutes(ago)).unwrap();
        said(bench.scan(package(&pill())), given_at);
        assert_eq!(bench.class(Check::S3), asked.then_some(Class::SoftReason), "{ago}");
        if asked {
            assert_eq!(bench.step(), Step::Questions(vec![Check::S3]));
            assert_eq!(bench.verdict().standing(Right::Time), Standing::Variance, "no override verifies");
            bench.answer(Check::S3, "procedure");
            assert_eq!(bench.step(), Step::Questions(vec![Check::S3]), "not a reason of this list");
            bench.answer(Check::S3, "workload");
        }
        bench.confirm();
        let done = bench.last_given();
        assert_eq!(done.at, given_at, "it entered the patient then");
        assert_eq!(done.backdated, asked.then_some(today("09:00")));
        assert_eq!(bench.last().at().at, today("09:00"), "the entry has the time of its writing");
    }
}

#[test]
fn s3_never_of_the_future_nor_of_more_than_a_day_ago() {
    let mut bench = Bench::at_bedside(ward(order("r", &pill(), "25 mg")));
    let ahead = bench.ward.now.checked_add(SignedDuration::from_secs(1)).unwrap();
    said(bench.scan(package(&pill())), ahead);
    assert_eq!(bench.dose().notice, Some(Notice::ValueNotPossible));
    assert_eq!(bench.class(Check::S3), None, "it was not taken");
    // Entered in time, and the clock was set back since.
    let now = bench.ward.now;
    said(&mut bench, now).wait(SignedDuration::from_secs(-1)).scan(band("p1")).assert_stopped_by(Check::S3);
    assert_eq!(bench.variance(Check::S3), Some(&Variance::GivenInTheFuture(now)));
    for (hours, stopped) in [(24, false), (25, true)] {
        let mut bench = Bench::at_bedside(ward(order("r", &pill(), "25 mg")));
        let long_ago = bench.ward.now.checked_sub(SignedDuration::from_hours(hours)).unwrap();
        said(bench.scan(package(&pill())), long_ago);
        assert_eq!(bench.class(Check::S3), Some(if stopped { Class::Hard } else { Class::SoftReason }));
    }
    let mut bench = Bench::at_bedside(ward(order("r", &pill(), "25 mg")));
    said(bench.scan(package(&pill())), Timestamp::MIN).assert_stopped_by(Check::S3);
}

#[test]
fn s3_the_time_of_giving_decides_which_dose_it_was_and_whether_it_was_late() {
    let twice = Request { timing: daily(&[3, 9]), ..order("r", &pill(), "25 mg") };
    let mut bench = Bench::at_bedside(ward(twice));
    bench.scan(package(&pill())).assert_ready();
    said(&mut bench, today("03:30"));
    assert_eq!(bench.verdict().plan().unwrap().choice.slot, Some(today("03:00")));
    assert_eq!(bench.class(Check::T1), Some(Class::Pass), "it was in its window then");
    bench.answer(Check::S3, "workload").confirm();
    assert_eq!(bench.last_given().slot, Some(today("03:00")));
    bench.event(Event::Continue).scan(package(&pill()));
    assert_eq!(bench.verdict().plan().unwrap().choice.slot, Some(today("09:00")), "the present one is open");
}

#[test]
fn s3_a_new_time_of_giving_voids_the_reasons_for_the_old_one() {
    let mut bench = Bench::at_bedside(ward(order("r", &pill(), "25 mg")));
    said(bench.scan(package(&pill())), today("08:00")).answer(Check::S3, "workload");
    assert_eq!(bench.step(), Step::Ready);
    said(&mut bench, today("07:30"));
    assert_eq!(bench.step(), Step::Questions(vec![Check::S3]));
}

#[test]
fn s3_the_as_needed_interval_counts_from_when_it_was_given() {
    let request = Request { timing: as_needed(Some(4), None), ..order("r", &pill(), "25 mg") };
    let mut bench = Bench::at_bedside(ward(request));
    said(bench.scan(package(&pill())), today("06:00"))
        .answer(Check::T6, "pain")
        .answer(Check::S3, "emergency");
    bench.confirm();
    bench.later(minutes(59)).scan(package(&pill()));
    assert_eq!(bench.variance(Check::T4), Some(&Variance::TooSoon(today("06:00"), today("10:00"))));
    bench.event(Event::Cancel).later(minutes(1)).scan(package(&pill()));
    assert_eq!(bench.class(Check::T4), Some(Class::Pass));
}

#[test]
fn s3_a_dose_given_before_the_stop_is_charted_after_it_and_none_is_given() {
    let stopped = Request {
        status: RequestStatus::Stopped,
        status_since: Some(today("08:30")),
        ..order("r", &pill(), "25 mg")
    };
    for (given_at, charted) in [("08:29", true), ("08:30", false)] {
        let mut bench = Bench::at_bedside(ward(stopped.clone()));
        bench.scan(package(&pill())).assert_stopped_by(Check::O1);
        said(&mut bench, today(given_at));
        bench.answer(Check::S3, "emergency").confirm();
        assert_eq!(bench.given().len(), usize::from(charted), "{given_at}");
    }
}

#[test]
fn s2_orders_older_than_4_hours_allow_documentation_only() {
    let mut downtime = ward(order("r", &pill(), "25 mg"));
    downtime.chart.orders_as_of = Some(today("04:59"));
    let mut bench = Bench::at_bedside(downtime);
    bench.scan(package(&pill())).assert_stopped_by(Check::S2);
    said(&mut bench, today("08:30"));
    assert_eq!(bench.class(Check::S2), Some(Class::SoftReason), "what was given on paper is documented");
    bench.answer(Check::S3, "downtime").answer(Check::S2, "prescriber-ordered").confirm();
    assert_eq!(bench.given().len(), 1);
    assert!(bench.last_given().backdated.is_some());
}

/// Held, or found to be allergic, after the dose: it was right then, and whoever charts it says why it is charted now.
#[test]
fn s3_what_came_after_the_dose_asks_and_does_not_stop() {
    type Change = fn(&mut Bench);
    let changes: [(Check, Change); 2] = [
        (Check::O3, |bench| {
            let request = bench.ward.request("r");
            (request.status, request.status_since) = (RequestStatus::OnHold, Some(today("08:50")));
        }),
        (Check::C1, |bench| {
            let to = Allergen::Ingredient(Ingredient::parse("metoprolol tartrate").unwrap());
            bench.ward.patient("p1").allergies = vec![allergy(to, Some(today("08:50")))];
        }),
    ];
    for (check, change) in changes {
        for (given_at, class) in [
            ("08:30", Class::SoftReason),
            ("08:49", Class::SoftReason),
            ("08:50", Class::Hard),
            ("08:55", Class::Hard),
        ] {
            let mut bench = Bench::at_bedside(ward(order("r", &pill(), "25 mg")));
            change(&mut bench);
            bench.scan(package(&pill())).assert_stopped_by(check);
            said(&mut bench, today(given_at)).assert_class(check, class);
            bench.answer(Check::S3, "workload").confirm();
            assert!(bench.given().is_empty(), "{check:?} is not answered");
            bench.answer(check, "workload").confirm();
            assert_eq!(bench.given().len(), usize::from(class == Class::SoftReason), "{check:?} {given_at}");
            if class == Class::SoftReason {
                assert!(bench.last().clear().findings.contains(&(check, class)), "it stands in the entry");
            }
        }
    }
}

/// Nobody knows since when: it may have been so before the dose.
#[test]
fn s3_a_hold_or_an_allergy_without_a_time_stops_also_a_dose_of_before() {
    let mut bench = Bench::at_bedside(ward(order("r", &pill(), "25 mg")));
    bench.ward.request("r").status = RequestStatus::OnHold;
    said(bench.scan(package(&pill())), today("08:30")).assert_stopped_by(Check::O3);
    let mut bench = Bench::at_bedside(ward(order("r", &pill(), "25 mg")));
    let to = Allergen::Ingredient(Ingredient::parse("metoprolol tartrate").unwrap());
    bench.ward.patient("p1").allergies = vec![allergy(to.clone(), None)];
    said(bench.scan(package(&pill())), today("08:30")).assert_stopped_by(Check::C1);
    // Of that day, and nobody knows when: the midnight after it.
    let mut bench = Bench::at_bedside(ward(order("r", &pill(), "25 mg")));
    bench.ward.patient("p1").allergies = vec![allergy(to, Some(today("00:00") + minutes(24 * 60)))];
    said(bench.scan(package(&pill())), today("08:30")).assert_stopped_by(Check::C1);
}

#[test]
fn m5_what_expired_after_the_dose_was_given_asks() {
    for (given_at, class) in [("08:59", Class::SoftReason), ("09:00", Class::Hard)] {
        let mut ward = ward(order("r", &pill(), "25 mg"));
        ward.dispense("dose-1", "p1", &pill()).beyond_use = Some(today("09:00"));
        let mut bench = Bench::at_bedside(ward);
        bench.scan(label("dose-1")).assert_stopped_by(Check::M5);
        said(&mut bench, today(given_at)).assert_class(Check::M5, class);
    }
    let mut ward = ward(order("r", &pill(), "25 mg"));
    ward.now = at("2026-06-10 00:10");
    ward.chart.orders_as_of = Some(ward.now);
    ward.chart.requests[0].start = at("2026-06-09 20:00");
    let mut bench = Bench::at_bedside(ward);
    let key = rights::scan::PackageKey::Gtin(gtin(0, 424_242));
    bench.ward.formulary.link(key.clone(), pill().id);
    let expiry = rights::scan::PrintedExpiry::Day(local_date(2026, 6, 9));
    bench.scan(code(key, &Printed { expiry: Some(expiry), ..Printed::default() }));
    bench.assert_stopped_by(Check::M5);
    said(&mut bench, at("2026-06-09 23:59")).assert_class(Check::M5, Class::SoftReason);
}

fn opioid() -> Product {
    Product { controlled: Some(Controlled::Two), ..tablet("morphine-15", "morphine sulfate", "15 mg") }
}

/// Given on paper at night, charted after the dose of the morning.
fn after_a_later_one(later: &str, limits: rights::schedule::Timing) -> Bench {
    let request = Request {
        timing: limits,
        start: today("01:00"),
        daily_maximum: Some(q("45 mg")),
        ..order("r", &opioid(), "15 mg")
    };
    let mut ward = Ward::with(&[&opioid()], &[request]);
    ward.now = today("09:30");
    ward.chart.orders_as_of = Some(ward.now);
    ward.charted("r", None, Outcome::Given, today(later));
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&opioid()));
    bench
}

#[test]
fn t4_a_dose_that_is_charted_after_a_later_one_is_compared_with_both() {
    for (given_at, class) in [
        ("05:00", Class::Pass),
        ("05:02", Class::Pass),
        ("05:03", Class::HardBreakGlass),
        ("09:01", Class::HardBreakGlass),
        ("09:02", Class::HardBreakGlass),
        ("09:30", Class::HardBreakGlass),
    ] {
        let mut bench = after_a_later_one("09:02", as_needed(Some(4), None));
        said(&mut bench, today(given_at)).assert_class(Check::T4, class);
    }
    let mut bench = after_a_later_one("09:02", as_needed(Some(4), None));
    said(&mut bench, today("06:00"));
    let soon = Variance::TooSoonBefore(today("09:02"), today("10:00"));
    assert_eq!(bench.variance(Check::T4), Some(&soon));
    said(&mut bench, today("05:00")).answer(Check::S3, "workload").answer(Check::T6, "pain");
    bench.confirm();
    let given = bench.given();
    assert_eq!((given.len(), given[0].at), (1, today("05:00")));
    assert!(given[0].backdated.is_some());
}

/// Every 24 hours that hold the dose count, those that end with a later one too, and no longer time than that.
#[test]
fn t5_d8_a_dose_that_is_charted_afterwards_counts_in_every_day_that_holds_it() {
    for (earlier, count, total) in [
        // From 09:02 back to the evening before it are two, and this one.
        ("2026-06-09 10:00", Class::HardBreakGlass, Class::Pass),
        // Not in the 24 hours before 09:02, and in those before 05:00.
        ("2026-06-09 08:00", Class::Pass, Class::Pass),
        ("2026-06-09 05:01", Class::Pass, Class::Pass),
        ("2026-06-09 05:00", Class::Pass, Class::Pass),
    ] {
        let mut bench = after_a_later_one("09:02", as_needed(None, Some(2)));
        bench.ward.charted("r", None, Outcome::Given, at(earlier));
        said(&mut bench, today("05:00"));
        let counted = bench.variance(Check::T5).is_some();
        assert_eq!(counted, count == Class::HardBreakGlass, "{earlier}");
        bench.assert_class(Check::D8, total);
        bench.ward.request("r").daily_maximum = Some(q("30 mg"));
        bench.scan(band("p1"));
        let above = bench.class(Check::D8) > Some(Class::Pass);
        assert_eq!(above, count == Class::HardBreakGlass, "{earlier}");
    }
}
