//! Right time: T1 to T8 and T10.

use crate::common::*;
use jiff::SignedDuration;
use jiff::civil::Weekday;
use rights::bedside::Step;
use rights::decide::window;
use rights::history::Outcome;
use rights::moment::ClockTrust;
use rights::policy::Policy;
use rights::product::Product;
use rights::request::Request;
use rights::schedule::Timing;
use rights::verdict::{Check, Class, Variance};

pub(super) fn pill() -> Product {
    tablet("metoprolol-25", "metoprolol tartrate", "25 mg")
}

pub(super) fn request(timing: Timing) -> Request {
    Request { timing, ..order("r", &pill(), "25 mg") }
}

/// A ward at this instant with current orders.
pub(super) fn ward_at(product: &Product, requests: &[Request], now: &str) -> Ward {
    let mut ward = Ward::with(&[product], requests);
    ward.now = at(now);
    ward.chart.orders_as_of = Some(ward.now);
    ward
}

/// Yesterday's dose was given on time.
pub(super) fn scanned(product: &Product, request: Request, now: &str) -> Bench {
    let mut ward = ward_at(product, &[request], now);
    ward.charted("r", Some(at("2026-06-09 09:00")), Outcome::Given, at("2026-06-09 09:00"));
    if ward.request("r").timing.is_one_time() {
        ward.chart.history.clear();
    }
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(product));
    bench
}

#[test]
fn t1_the_tiers_are_those_of_the_policy() {
    let policy = Policy::default();
    let half = |request: &Request| window(&policy, request);
    assert_eq!(half(&request(every_hours(1))), Some(minutes(15)), "25 % of the interval");
    assert_eq!(half(&request(every_hours(2))), Some(minutes(30)));
    assert_eq!(half(&request(every_hours(3))), Some(minutes(30)), "at most 30 minutes");
    assert_eq!(half(&request(every_hours(4))), Some(minutes(60)));
    assert_eq!(half(&request(daily(&[9, 21]))), Some(minutes(60)));
    assert_eq!(half(&request(every_hours(24))), Some(minutes(120)));
    assert_eq!(half(&request(daily(&[9]))), Some(minutes(120)));
    assert_eq!(half(&request(weekly(&[Weekday::Wednesday], 9))), Some(minutes(120)));
    assert_eq!(half(&Request { time_critical: true, ..request(daily(&[9])) }), Some(minutes(30)));
    assert_eq!(half(&request(as_needed(Some(4), None))), None);
    assert_eq!(half(&request(Timing::At(vec![today("09:00")]))), None);
}

/// Twice daily at 08:00 and 10:00 is not every twelve hours: at 09:00 both doses would be right.
#[test]
fn t1_no_window_reaches_further_than_a_quarter_of_the_way_to_the_next_dose() {
    let policy = Policy::default();
    let half = |request: &Request| window(&policy, request);
    assert_eq!(half(&request(daily(&[8, 10]))), Some(minutes(30)));
    assert_eq!(half(&request(daily(&[8, 12, 18]))), Some(minutes(60)), "meals are far enough apart");
    assert_eq!(half(&request(daily(&[23, 1]))), Some(minutes(30)), "over midnight");
    assert_eq!(half(&Request { time_critical: true, ..request(every_hours(1)) }), Some(minutes(15)));
}

#[test]
fn t1_both_ends_of_the_window_are_inside() {
    for (clock, class) in
        [("06:59:59", None), ("07:00", Some(Class::Pass)), ("11:00", Some(Class::Pass)), ("11:00:01", None)]
    {
        let bench = scanned(&pill(), request(daily(&[9])), &format!("2026-06-10 {clock}"));
        assert_eq!(bench.class(Check::T1), class, "{clock}");
    }
    let critical = Request { time_critical: true, ..request(daily(&[9])) };
    for (clock, class) in [("08:30", Some(Class::Pass)), ("09:30", Some(Class::Pass)), ("09:31", None)] {
        let bench = scanned(&pill(), critical.clone(), &format!("2026-06-10 {clock}"));
        assert_eq!(bench.class(Check::T1), class, "{clock}");
    }
}

#[test]
fn t1_instants_one_by_one_have_the_tier_of_their_distance() {
    let twice = request(Timing::At(vec![today("08:00"), today("20:00")]));
    assert_eq!(window(&Policy::default(), &twice), Some(minutes(60)));
}

/// The evening dose of two ordered instants is not due at half past ten in the morning.
#[test]
fn t2_the_second_of_two_ordered_instants_is_early_in_the_morning() {
    let twice = request(Timing::At(vec![today("08:00"), today("20:00")]));
    let mut ward = ward_at(&pill(), &[twice], "2026-06-10 10:30");
    ward.charted("r", Some(today("08:00")), Outcome::Given, today("08:05"));
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&pill())).assert_class(Check::T2, Class::SoftContact);
}

/// A one-time dose has no window, but tomorrow's is not for today.
#[test]
fn t2_a_one_time_dose_for_tomorrow_is_early_today() {
    let tomorrow = at("2026-06-11 09:00");
    let once = request(Timing::At(vec![tomorrow]));
    let bench = scanned(&pill(), once.clone(), "2026-06-10 09:00");
    bench.assert_class(Check::T2, Class::SoftReason);
    assert_eq!(bench.variance(Check::T2), Some(&Variance::Early(tomorrow)));
    scanned(&pill(), once.clone(), "2026-06-11 08:30").assert_ready();
    scanned(&pill(), once, "2026-06-11 08:29").assert_class(Check::T2, Class::SoftReason);
}

#[test]
fn t2_early_asks_and_within_75_percent_of_the_interval_the_prescriber_is_called() {
    // Daily: 75 % are 18 hours.
    for (last, class) in
        [("12:59", Class::SoftReason), ("12:00", Class::SoftReason), ("13:01", Class::SoftContact)]
    {
        let mut ward = ward_at(&pill(), &[request(daily(&[9]))], "2026-06-10 06:59");
        ward.charted("r", Some(at("2026-06-09 09:00")), Outcome::Given, at(&format!("2026-06-09 {last}")));
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&pill())).assert_class(Check::T2, class);
    }
    scanned(&pill(), request(daily(&[9])), "2026-06-10 07:00").assert_ready();
}

#[test]
fn t2_high_alert_within_75_percent_of_the_interval_stops() {
    let risky = Product { high_alert: true, ..pill() };
    let mut ward = ward_at(&risky, &[request(every_hours(8))], "2026-06-10 10:00");
    ward.charted("r", Some(today("08:00")), Outcome::Given, today("07:55"));
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&risky)).assert_class(Check::T2, Class::HardBreakGlass);
    assert_eq!(bench.step(), Step::Stopped);
}

/// The weekly interval of two weekdays is their distance, not a day.
#[test]
fn t2_two_weekdays_are_days_apart() {
    let twice_a_week = request(weekly(&[Weekday::Monday, Weekday::Thursday], 9));
    assert_eq!(twice_a_week.interval(), Some(SignedDuration::from_hours(72)));
    assert_eq!(request(weekly(&[Weekday::Monday], 9)).interval(), Some(SignedDuration::from_hours(168)));
    let weekdays =
        [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];
    assert_eq!(request(weekly(&weekdays, 9)).interval(), Some(SignedDuration::from_hours(24)));
}

#[test]
fn t3_daily_dose_at_11_05_is_late_and_at_10_59_is_not() {
    scanned(&pill(), request(daily(&[9])), "2026-06-10 10:59").assert_ready();
    let mut bench = scanned(&pill(), request(daily(&[9])), "2026-06-10 11:05");
    bench.assert_class(Check::T3, Class::SoftReason);
    assert_eq!(bench.variance(Check::T3), Some(&Variance::Late(today("09:00"))));
    bench.confirm();
    assert!(bench.given().is_empty());
    bench.answer(Check::T3, "workload").confirm();
    assert_eq!(bench.given().len(), 1);
}

#[test]
fn t3_past_the_midpoint_to_the_next_dose_the_prescriber_is_called() {
    for (clock, class) in [("21:00", Class::SoftReason), ("21:01", Class::SoftContact)] {
        let bench = scanned(&pill(), request(daily(&[9])), &format!("2026-06-10 {clock}"));
        bench.assert_class(Check::T3, class);
    }
}

#[test]
fn t3_a_window_that_ends_between_scan_and_confirm_is_found() {
    let mut bench = scanned(&pill(), request(daily(&[9])), "2026-06-10 10:59:50");
    bench.assert_ready();
    bench.wait(SignedDuration::from_secs(20)).confirm().assert_class(Check::T3, Class::SoftReason);
    assert!(bench.dose().changed && bench.given().is_empty());
}

#[test]
fn t3_the_first_dose_is_never_late() {
    let first = Request { start: at("2026-06-10 08:00"), ..request(daily(&[9])) };
    scanned(&pill(), first, "2026-06-10 13:00").assert_class(Check::T1, Class::Pass).assert_ready();
}

#[test]
fn t3_a_reason_of_another_list_or_other_without_a_note_is_none() {
    let mut bench = scanned(&pill(), request(daily(&[9])), "2026-06-10 11:05");
    for wrong in ["transport", "other", "pain"] {
        bench.answer(Check::T3, wrong);
        assert_eq!(bench.step(), Step::Questions(vec![Check::T3]), "{wrong}");
    }
    for (note, enough) in [("too short", false), ("ten chars!", true)] {
        let answer = rights::case::Answer { note: Some(note.into()), ..answer(Check::T3, "other") };
        bench.event(rights::bedside::Event::Answer(answer));
        assert_eq!(bench.step() == Step::Ready, enough, "{note}");
    }
}

#[test]
fn t7_the_same_ingredient_less_than_two_hours_ago_asks_and_two_hours_ago_does_not() {
    for (clock, class) in [("07:00", None), ("07:01", Some(Class::SoftReason))] {
        for outcome in [Outcome::Given, Outcome::Held, Outcome::Refused] {
            let other = Request { stop: Some(today("08:00")), ..order("other", &pill(), "25 mg") };
            let mut ward = ward_at(&pill(), &[request(daily(&[9])), other], "2026-06-10 09:00");
            ward.charted("other", Some(at("2026-06-10 07:00")), outcome, today(clock));
            let mut bench = Bench::at_bedside(ward);
            bench.scan(package(&pill()));
            assert_eq!(bench.class(Check::T7), class, "{outcome:?} at {clock}");
        }
    }
}

/// Somebody had a cause to hold it: giving it an hour later says why.
#[test]
fn t7_a_dose_that_was_held_or_refused_an_hour_ago_asks_when_it_is_given_after_all() {
    for (outcome, class) in [
        (Outcome::Held, Some(Class::SoftReason)),
        (Outcome::Refused, Some(Class::SoftReason)),
        (Outcome::Missing, None),
    ] {
        let mut ward = ward_at(&pill(), &[request(daily(&[9]))], "2026-06-10 09:30");
        ward.charted("r", Some(today("09:00")), outcome, today("08:30"));
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&pill()));
        assert_eq!(bench.class(Check::T7), class, "{outcome:?}");
    }
}

#[test]
fn t7_a_dose_ordered_every_hour_does_not_ask_about_itself_but_about_another_request() {
    let hourly = Request { start: at("2026-06-10 05:00"), ..request(every_hours(1)) };
    let mut ward = ward_at(&pill(), std::slice::from_ref(&hourly), "2026-06-10 09:00");
    ward.charted("r", Some(today("08:00")), Outcome::Given, today("08:00"));
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&pill())).assert_ready();

    let other = Request { stop: Some(today("08:59")), ..order("other", &pill(), "25 mg") };
    let mut ward = ward_at(&pill(), &[hourly, other], "2026-06-10 09:00");
    ward.charted("other", Some(at("2026-06-10 07:00")), Outcome::Given, today("08:55"));
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&pill())).assert_class(Check::T7, Class::SoftReason);
}

/// Without a minimum interval nothing else would notice the second dose within minutes.
#[test]
fn t7_an_as_needed_dose_without_an_interval_asks_about_the_one_five_minutes_ago() {
    let mut ward = ward_at(&pill(), &[super::as_needed::prn(None, None)], "2026-06-10 09:00");
    ward.charted("r", None, Outcome::Given, today("08:55"));
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&pill())).assert_class(Check::T7, Class::SoftReason);
}

/// Yesterday's dose of 09:00 was given in the night or this morning: today's, at its time, follows it too closely for two doses of a day.
#[test]
fn t2_a_dose_in_its_window_that_follows_a_late_one_too_closely_calls_somebody() {
    for (given, crowds) in
        [("06:45", true), ("00:00", true), ("2026-06-09 15:01", true), ("2026-06-09 15:00", false)]
    {
        // Its time has come: somebody is called for a high-alert one too, and it is not stopped.
        for high_alert in [false, true] {
            let product = Product { high_alert, ..pill() };
            let start = at("2026-06-08 09:00");
            let mut ward =
                ward_at(&product, &[Request { start, ..request(daily(&[9])) }], "2026-06-10 09:00");
            let when = if given.len() == 5 { today(given) } else { at(given) };
            ward.charted("r", Some(at("2026-06-09 09:00")), Outcome::Given, when);
            let mut bench = Bench::at_bedside(ward);
            bench.scan(package(&product));
            assert_eq!(bench.class(Check::T2), crowds.then_some(Class::SoftContact), "{given}");
            assert_eq!(bench.class(Check::T1), (!crowds).then_some(Class::Pass), "{given}");
        }
    }
}

/// Every eight hours: the dose of 08:00 was given at 14:30. That of 16:00 comes too soon in its window, and also when it is late.
#[test]
fn t2_a_late_dose_that_follows_a_later_one_too_closely_calls_somebody_too() {
    for (now, t2, t3) in [
        ("16:30", Some(Class::SoftContact), None),
        ("17:05", Some(Class::SoftContact), Some(Class::SoftReason)),
        ("20:29", Some(Class::SoftContact), Some(Class::SoftContact)),
        ("20:30", None, Some(Class::SoftContact)),
    ] {
        let start = at("2026-06-09 08:00");
        let thrice = Request { start, ..request(daily(&[0, 8, 16])) };
        let mut ward = ward_at(&pill(), &[thrice], &format!("2026-06-10 {now}"));
        ward.charted("r", Some(today("08:00")), Outcome::Given, today("14:30"));
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&pill()));
        assert_eq!((bench.class(Check::T2), bench.class(Check::T3)), (t2, t3), "{now}");
        assert_eq!(bench.class(Check::T1), None, "{now}");
    }
}

/// The schedule begins anew with the changed order, and the patient had a dose of it a short time ago.
#[test]
fn t2_the_first_dose_of_a_changed_order_is_compared_with_what_was_given_under_it() {
    for (given, class) in [("09:30", Some(Class::SoftContact)), ("04:00", None)] {
        let changed = Request { start: today("10:00"), ..request(every_hours(8)) };
        let mut ward = ward_at(&pill(), &[changed], "2026-06-10 11:30");
        ward.charted("r", Some(today("08:00")), Outcome::Given, today(given));
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&pill()));
        assert_eq!(bench.class(Check::T2), class, "{given}");
        assert_eq!(bench.class(Check::T3), None, "a first dose is never late");
    }
}

/// Uneven times of a day are compared with their own distance.
#[test]
fn t2_uneven_times_do_not_crowd_each_other() {
    let start = at("2026-06-08 08:00");
    let uneven = Request { start, ..request(daily(&[6, 9, 20])) };
    let mut ward = ward_at(&pill(), &[uneven], "2026-06-10 09:00");
    ward.charted("r", Some(today("06:00")), Outcome::Given, today("07:00"));
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&pill()));
    assert_eq!((bench.class(Check::T2), bench.class(Check::T1)), (None, Some(Class::Pass)));
}

#[test]
fn t8_an_earlier_dose_is_not_given_after_a_later_one() {
    let twice = request(daily(&[9, 12]));
    let mut ward = ward_at(&pill(), &[twice], "2026-06-10 11:00");
    ward.charted("r", Some(today("12:00")), Outcome::Given, today("10:58"));
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&pill())).assert_class(Check::T8, Class::Hard);
    bench.assert_stopped_by(Check::T8);

    let mut ward = ward_at(&pill(), &[request(daily(&[9, 12]))], "2026-06-10 10:30");
    ward.charted("r", Some(at("2026-06-09 12:00")), Outcome::Given, at("2026-06-09 12:00"));
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&pill()));
    assert_eq!(bench.class(Check::T8), None);
}

#[test]
fn t10_a_clock_more_than_30_seconds_off_warns_and_more_than_five_minutes_stops() {
    for (seconds, class) in
        [(30, None), (31, Some(Class::Info)), (300, Some(Class::Info)), (301, Some(Class::Hard))]
    {
        for sign in [1, -1] {
            let mut ward = ward_at(&pill(), &[request(daily(&[9]))], "2026-06-10 09:00");
            ward.clock = ClockTrust::Known(SignedDuration::from_secs(seconds * sign));
            let mut bench = Bench::at_bedside(ward);
            bench.scan(package(&pill()));
            assert_eq!(bench.class(Check::T10), class, "{seconds}");
        }
    }
    let mut ward = ward_at(&pill(), &[request(daily(&[9]))], "2026-06-10 09:00");
    ward.clock = ClockTrust::Unknown;
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&pill())).assert_class(Check::T10, Class::Info);
}

/// T10: with a wrong clock the kiosk records nothing but paper-chart notices: no held or refused dose either.
#[test]
fn t10_with_a_wrong_clock_nothing_is_charted_as_held_or_refused() {
    let mut ward = ward_at(&pill(), &[request(daily(&[9]))], "2026-06-10 09:00");
    ward.clock = ClockTrust::Known(SignedDuration::from_secs(301));
    let mut bench = Bench::at_bedside(ward);
    let choice = rights::case::Choice {
        request: rights::ident::RequestId::parse("r").unwrap(),
        version: 1,
        slot: Some(today("09:00")),
    };
    bench.not_given(choice, Outcome::Refused, "refused");
    assert!(!bench.kinds().contains(&rights::entry::EntryKind::Refused));
}

/// A one-time dose has no window, but its instant was ordered: half an hour before it is in time.
#[test]
fn t2_a_one_time_dose_is_given_half_an_hour_before_its_instant_without_a_word() {
    for (due, class) in [("09:30", None), ("09:31", Some(Class::SoftReason))] {
        let once = request(Timing::At(vec![today(due)]));
        let bench = scanned(&pill(), Request { start: today("08:00"), ..once }, "2026-06-10 09:00");
        assert_eq!(bench.class(Check::T2), class, "{due}");
    }
}

/// "The last actual dose": one that was held is none, and another order's is another.
#[test]
fn t2_only_what_was_given_of_this_order_is_its_last_dose() {
    for (under, outcome, class) in [
        ("r", Outcome::Given, Class::SoftContact),
        ("r", Outcome::Partial, Class::SoftContact),
        ("r", Outcome::Held, Class::SoftReason),
        ("other", Outcome::Given, Class::SoftReason),
    ] {
        let other = Request { stop: Some(today("00:00")), ..order("other", &pill(), "25 mg") };
        // It began after yesterday's dose, so that none of yesterday is open.
        let own = Request { start: at("2026-06-09 10:00"), ..request(daily(&[9])) };
        let mut ward = ward_at(&pill(), &[own, other], "2026-06-10 06:00");
        ward.charted(under, None, outcome, at("2026-06-09 20:00"));
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&pill())).assert_class(Check::T2, class);
    }
}

/// A later dose of another order, or one that was held, stands in nobody's way.
#[test]
fn t8_counts_later_doses_of_this_order_that_were_given() {
    for (under, outcome, class) in [
        ("r", Outcome::Given, Some(Class::Hard)),
        ("r", Outcome::Partial, Some(Class::Hard)),
        ("r", Outcome::Held, None),
        ("other", Outcome::Given, None),
    ] {
        let other = Request { stop: Some(today("01:00")), ..order("other", &pill(), "25 mg") };
        let mut ward = ward_at(&pill(), &[request(daily(&[9, 12])), other], "2026-06-10 10:30");
        ward.charted(under, Some(today("12:00")), outcome, today("08:00"));
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&pill()));
        assert_eq!(bench.class(Check::T8), class, "{under} {outcome:?}");
    }
}

/// Held or refused counts when the order was for an ingredient in hand; another drug's does not.
#[test]
fn t7_another_drug_a_short_time_ago_is_no_repetition() {
    let other = tablet("amlodipine-5", "amlodipine", "5 mg");
    for outcome in [Outcome::Given, Outcome::Held, Outcome::Refused] {
        let requests = [request(daily(&[9])), order("other", &other, "5 mg")];
        let mut ward = Ward::with(&[&pill(), &other], &requests);
        ward.charted("other", Some(today("09:00")), outcome, today("08:55"));
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&pill()));
        assert_eq!(bench.class(Check::T7), None, "{outcome:?}");
    }
}

/// The dose itself, charted already, is O8's; T8 is about later ones.
#[test]
fn t8_the_dose_itself_is_not_a_later_one() {
    let mut ward = ward_at(&pill(), &[request(daily(&[9]))], "2026-06-10 09:30");
    ward.charted("r", Some(today("09:00")), Outcome::Given, today("09:00"));
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&pill())).assert_stopped_by(Check::O8);
    assert_eq!(bench.class(Check::T8), None);
}

/// What the schedule expects is no repetition: a dose of an hourly order, yet not one of the same time that was held; of two times an
/// hour apart the second one asks.
#[test]
fn t7_another_time_of_the_same_order_asks_unless_it_is_due_so_often() {
    let hourly = Request { start: at("2026-06-10 05:00"), ..request(every_hours(1)) };
    let mut ward = ward_at(&pill(), &[hourly], "2026-06-10 09:10");
    ward.charted("r", Some(today("09:00")), Outcome::Held, today("08:50"));
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&pill())).assert_class(Check::T7, Class::SoftReason);

    let mut ward = ward_at(&pill(), &[request(daily(&[9, 10]))], "2026-06-10 10:00");
    ward.charted("r", Some(today("09:00")), Outcome::Given, today("09:05"));
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&pill())).assert_class(Check::T7, Class::SoftReason);
}
