//! S3: charted when it was given; later than 15 minutes it is backdated, never of the future, and earns no scan credit. And what
//! that means for downtime (S2) and for orders that were stopped meanwhile.

use crate::common::*;
use jiff::{SignedDuration, Timestamp};
use rights::bedside::{Event, Notice, Step};
use rights::entered::Entered;
use rights::product::Product;
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
