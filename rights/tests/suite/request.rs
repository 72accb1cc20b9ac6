//! The request: O1 to O4 and O6 to O8, and R1.

use std::sync::Arc;

use crate::common::*;
use rights::bedside::{Event, Step};
use rights::case::Choice;
use rights::entered::Entered;
use rights::history::Outcome;
use rights::product::{Product, Route};
use rights::request::{DoseOrder, Request, RequestStatus};
use rights::schedule::Timing;
use rights::verdict::{Check, Class, Variance};

fn pill() -> Product {
    tablet("metoprolol-25", "metoprolol tartrate", "25 mg")
}

fn daily_request() -> Request {
    order("r", &pill(), "25 mg")
}

fn scanned(requests: &[Request], now: &str) -> Bench {
    let mut ward = Ward::with(&[&pill()], requests);
    ward.now = at(now);
    ward.chart.orders_as_of = Some(ward.now);
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&pill()));
    bench
}

#[test]
fn o1_not_before_the_start_less_the_early_allowance() {
    let request = |start| Request { start: today(start), ..daily_request() };
    // A daily request has a window of two hours, so it may be given from two hours before its start.
    let bench = scanned(&[request("08:59")], "2026-06-10 06:59");
    assert_ne!(bench.class(Check::O1), Some(Class::Hard));
    let bench = scanned(&[request("09:00")], "2026-06-10 06:59");
    bench.assert_stopped_by(Check::O1);
    assert_eq!(bench.variance(Check::O1), Some(&Variance::NotStarted(today("09:00"))));
}

#[test]
fn o1_until_the_stop_and_not_at_it() {
    let request = Request { stop: Some(today("09:30")), ..daily_request() };
    scanned(std::slice::from_ref(&request), "2026-06-10 09:29").assert_ready();
    let bench = scanned(&[request], "2026-06-10 09:30");
    bench.assert_stopped_by(Check::O1);
    assert_eq!(bench.variance(Check::O1), Some(&Variance::Ended(today("09:30"))));
}

#[test]
fn o1_a_stopped_request_is_said_to_be_stopped_and_when() {
    let request =
        Request { status: RequestStatus::Stopped, status_since: Some(today("08:00")), ..daily_request() };
    let bench = scanned(&[request], "2026-06-10 09:00");
    bench.assert_stopped_by(Check::O1);
    assert_eq!(bench.variance(Check::O1), Some(&Variance::Stopped(Some(today("08:00")))));
}

#[test]
fn o1_a_timing_that_cannot_be_read_is_for_the_pharmacy() {
    let timing = Timing::Unscheduled { text: "per protocol".into() };
    scanned(&[Request { timing, ..daily_request() }], "2026-06-10 09:00").assert_stopped_by(Check::O1);
}

#[test]
fn o1_a_request_that_is_gone_from_the_orders_at_confirm_stops() {
    let mut bench = scanned(&[daily_request()], "2026-06-10 09:00");
    bench.assert_ready();
    bench.ward.chart.requests.clear();
    bench.confirm();
    assert_eq!(bench.step(), Step::Stopped);
    assert!(bench.given().is_empty());
}

#[test]
fn o2_unverified_asks_for_the_pharmacist_and_for_high_alert_stops() {
    let request = Request { verified: None, ..daily_request() };
    let mut bench = scanned(std::slice::from_ref(&request), "2026-06-10 09:00");
    bench.assert_class(Check::O2, Class::SoftContact);
    bench.answer(Check::O2, "pharmacist-advised").confirm();
    assert!(bench.given().is_empty(), "nobody was contacted");
    bench.call(Check::O2, "pharmacist-advised").confirm();
    assert_eq!(bench.given().len(), 1);

    // A call that is made while the question stands is later than the scan; one in the future was not made.
    let mut bench = scanned(std::slice::from_ref(&request), "2026-06-10 09:00");
    bench.wait(minutes(2)).call(Check::O2, "pharmacist-advised");
    assert_eq!(bench.step(), Step::Ready);
    let mut bench = scanned(std::slice::from_ref(&request), "2026-06-10 09:00");
    let tomorrow = at("2026-06-11 09:00");
    bench.event(Event::Answer(with_contact(answer(Check::O2, "pharmacist-advised"), tomorrow)));
    assert_ne!(bench.step(), Step::Ready);

    let risky = Product { high_alert: true, ..pill() };
    let mut bench = Bench::at_bedside(Ward::with(&[&risky], &[request]));
    bench.scan(package(&risky)).assert_class(Check::O2, Class::HardBreakGlass).assert_stopped_by(Check::O2);
    bench.call(Check::O2, "pharmacist-advised").confirm();
    assert!(bench.given().is_empty());
}

#[test]
fn o3_on_hold_stops_also_when_the_hold_comes_after_the_scan() {
    let held = Request { status: RequestStatus::OnHold, ..daily_request() };
    scanned(&[held], "2026-06-10 09:00").assert_stopped_by(Check::O3);
    let mut bench = scanned(&[daily_request()], "2026-06-10 09:00");
    bench.assert_ready();
    bench.ward.request("r").status = RequestStatus::OnHold;
    bench.confirm().assert_stopped_by(Check::O3);
}

#[test]
fn o4_a_version_that_was_not_displayed_is_shown_and_acknowledged_first() {
    let mut bench = scanned(&[daily_request()], "2026-06-10 09:00");
    bench.ward.request("r").version = 2;
    bench.confirm().assert_class(Check::O4, Class::Acknowledge);
    assert!(bench.dose().changed && bench.given().is_empty());
    bench.confirm();
    assert!(bench.given().is_empty(), "not acknowledged");
    acknowledge(&mut bench);
    bench.confirm();
    assert_eq!(bench.given()[0].version, 2);
}

/// An acknowledgement is of one version. The next one must be seen too.
#[test]
fn o4_every_further_version_is_acknowledged_anew() {
    let mut bench = scanned(&[daily_request()], "2026-06-10 09:00");
    bench.ward.request("r").version = 2;
    bench.confirm();
    acknowledge(&mut bench);
    bench.ward.request("r").version = 3;
    bench.confirm().assert_class(Check::O4, Class::Acknowledge);
    bench.confirm().confirm();
    assert!(bench.given().is_empty(), "version 3 was never acknowledged");
    acknowledge(&mut bench);
    bench.confirm();
    assert_eq!(bench.given()[0].version, 3);
}

#[test]
fn o4_a_changed_dose_is_found_whatever_the_version_says() {
    let mut bench = scanned(&[daily_request()], "2026-06-10 09:00");
    bench.ward.request("r").dose = DoseOrder::Exact(q("50 mg"));
    bench.confirm();
    assert!(matches!(bench.step(), Step::ScanNext(..)));
    assert!(bench.given().is_empty());
}

fn acknowledge(bench: &mut Bench) {
    let answer = rights::case::Answer { check: Check::O4, reason: None, note: None, contact: None };
    bench.event(Event::Answer(answer));
}

#[test]
fn o6_a_one_time_dose_is_given_once() {
    let once = Request { timing: Timing::At(vec![today("09:00")]), ..daily_request() };
    let mut bench = scanned(&[once], "2026-06-10 09:00");
    bench.assert_ready();
    bench.confirm();
    assert_eq!(bench.given().len(), 1);
    bench.scan(package(&pill())).assert_stopped_by(Check::O6);
}

/// A one-time dose that is re-timed after it was given is still the same one dose.
#[test]
fn o6_a_one_time_dose_stays_given_when_its_time_is_changed() {
    let once = Request { timing: Timing::At(vec![today("09:00")]), ..daily_request() };
    let mut bench = scanned(&[once], "2026-06-10 09:00");
    bench.confirm();
    bench.ward.request("r").timing = Timing::At(vec![today("09:30")]);
    bench.ward.request("r").version = 2;
    bench.ward.now = today("09:30");
    bench.scan(band("p1")).scan(package(&pill())).assert_stopped_by(Check::O6);
}

#[test]
fn o7_two_requests_for_one_product_ask_which_without_a_default() {
    let other = Request { id: rights::ident::RequestId::parse("s").unwrap(), ..daily_request() };
    let mut bench = scanned(&[daily_request(), other], "2026-06-10 09:00");
    assert_eq!(bench.step(), Step::Choose);
    bench.assert_class(Check::O7, Class::Choice);
    bench.confirm();
    assert!(bench.given().is_empty());
    assert_eq!(bench.dose().choices().len(), 2);
    bench.choose(1).assert_ready();
    bench.confirm();
    assert_eq!(bench.given()[0].request.as_str(), "s");
}

#[test]
fn o7_one_request_alone_needs_no_choice() {
    let bench = scanned(&[daily_request()], "2026-06-10 09:00");
    assert_eq!(bench.class(Check::O7), None);
}

#[test]
fn o7_the_open_dose_and_the_one_whose_window_has_begun_ask_which() {
    let q4h = Request { timing: every_hours(4), start: at("2026-06-10 04:00"), ..daily_request() };
    // Due at 08:00 and 12:00: the next window begins at 11:00.
    assert_eq!(scanned(std::slice::from_ref(&q4h), "2026-06-10 10:59").class(Check::O7), None);
    let mut bench = scanned(&[q4h], "2026-06-10 11:00");
    assert_eq!(bench.step(), Step::Choose);
    let slots: Vec<_> = bench.dose().choices().iter().map(|choice| choice.slot).collect();
    assert_eq!(slots, [Some(today("08:00")), Some(today("12:00"))]);
    bench.choose(0).assert_class(Check::T3, Class::SoftContact);
}

/// What was not offered cannot be chosen, whatever a screen sends.
#[test]
fn o7_only_what_is_offered_can_be_chosen() {
    let other = Request { id: rights::ident::RequestId::parse("s").unwrap(), ..daily_request() };
    let mut bench = scanned(&[daily_request(), other], "2026-06-10 09:00");
    let offered = bench.dose().choices()[0].clone();
    for wrong in [
        Choice { slot: None, ..offered.clone() },
        Choice { slot: Some(at("2026-06-11 09:00")), ..offered.clone() },
        Choice { version: 7, ..offered },
    ] {
        bench.event(Event::Choose(wrong));
        assert_eq!(bench.step(), Step::Choose);
        bench.confirm();
        assert!(bench.given().is_empty());
    }
}

/// Reasons given for one scheduled dose say nothing about another.
#[test]
fn o7_another_choice_drops_the_answers_of_the_first() {
    let q4h = |id: &str| Request {
        id: rights::ident::RequestId::parse(id).unwrap(),
        timing: every_hours(4),
        start: at("2026-06-10 04:00"),
        ..daily_request()
    };
    let mut bench = scanned(&[q4h("r"), q4h("s")], "2026-06-10 09:30");
    bench.choose(0).answer(Check::T3, "workload");
    assert_eq!(bench.step(), Step::Ready);
    bench.choose(1);
    assert_eq!(bench.step(), Step::Questions(vec![Check::T3]));
}

#[test]
fn o8_a_dose_that_another_kiosk_charted_after_the_scan_is_not_given_again() {
    let mut bench = scanned(&[daily_request()], "2026-06-10 09:00");
    bench.ward.charted("r", Some(today("09:00")), Outcome::Given, today("08:59"));
    bench.confirm().assert_stopped_by(Check::O8);
    assert!(matches!(
        bench.variance(Check::O8),
        Some(Variance::AlreadyCharted(Outcome::Given, when, by)) if *when == today("08:59") && by.as_str() == "n2"
    ));
    assert!(bench.given().is_empty());
}

#[test]
fn o8_a_dose_charted_before_the_scan_stops_in_its_window_and_a_held_one_does_not() {
    for (outcome, stops) in [
        (Outcome::Given, true),
        (Outcome::Partial, true),
        // Another ward may have given it, or the patient: a correction comes first.
        (Outcome::NotGiven, true),
        (Outcome::Held, false),
        (Outcome::Refused, false),
        (Outcome::Missing, false),
    ] {
        let mut ward = Ward::with(&[&pill()], &[daily_request()]);
        ward.charted("r", Some(today("09:00")), outcome, today("08:30"));
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&pill()));
        assert_eq!(bench.class(Check::O8), stops.then_some(Class::Hard), "{outcome:?}");
    }
}

#[test]
fn o6_a_one_time_dose_that_was_charted_as_not_given_is_not_given_after_all() {
    for (outcome, class) in [(Outcome::NotGiven, Some(Class::Hard)), (Outcome::Held, None)] {
        let once = Request { timing: Timing::At(vec![today("09:00")]), ..daily_request() };
        let mut ward = Ward::with(&[&pill()], &[once]);
        ward.charted("r", Some(today("09:00")), outcome, today("08:30"));
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&pill()));
        assert_eq!(bench.class(Check::O6), class, "{outcome:?}");
        let told = bench.variance(Check::O6).is_none_or(|why| matches!(why, Variance::AlreadyCharted(..)));
        assert!(told, "nobody is said to have given it");
    }
}

/// The order ended at 08:55; it is 09:00.
#[test]
fn o1_an_order_that_ended_is_not_given_under_by_an_earlier_time_without_saying_why() {
    for (given, class) in [
        ("08:50", Class::SoftReason),
        ("08:54", Class::SoftReason),
        // S3 asks why.
        ("08:40", Class::Pass),
        ("08:55", Class::Hard),
        ("08:56", Class::Hard),
    ] {
        let mut ward = Ward::with(&[&pill()], &[daily_request()]);
        ward.request("r").stop = Some(today("08:55"));
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&pill())).enter(Entered::GivenAt(today(given)));
        bench.assert_class(Check::O1, class);
        if class == Class::SoftReason {
            assert_eq!(bench.variance(Check::O1), Some(&Variance::EndedSince(today("08:55"))));
            bench.confirm();
            assert!(bench.given().is_empty(), "unanswered");
            bench.answer(Check::T3, "workload").confirm();
            assert!(bench.given().is_empty(), "nobody said why it is charted now");
            bench.answer(Check::O1, "workload").confirm();
            assert_eq!(bench.given().len(), 1);
            assert!(bench.last().clear().findings.contains(&(Check::O1, Class::SoftReason)));
        }
    }
}

/// A dose given early, before its window: the next scan is of the same dose, not of tomorrow's.
#[test]
fn o8_a_dose_given_before_its_window_is_found_by_the_next_scan() {
    let mut ward = Ward::with(&[&pill()], &[daily_request()]);
    ward.charted("r", Some(at("2026-06-09 09:00")), Outcome::Given, at("2026-06-09 09:00"));
    ward.now = today("06:30");
    ward.chart.orders_as_of = Some(ward.now);
    ward.charted("r", Some(today("09:00")), Outcome::Given, today("06:25"));
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&pill())).assert_stopped_by(Check::O8);
    assert!(matches!(
        bench.variance(Check::O8),
        Some(Variance::AlreadyCharted(_, when, _)) if *when == today("06:25")
    ));
}

#[test]
fn r1_the_product_must_be_made_for_the_ordered_route() {
    let routes = [Route::Intravenous, Route::Intramuscular];
    let ampoule = vial("ketorolac", "ketorolac", "30 mg", "1 mL", &routes);
    for (route, class) in [
        (Route::Intravenous, Class::Pass),
        (Route::Intramuscular, Class::Pass),
        (Route::Oral, Class::Hard),
        (Route::Subcutaneous, Class::Hard),
    ] {
        let request = Request { route, ..order("r", &ampoule, "30 mg") };
        let mut bench = Bench::at_bedside(Ward::with(&[&ampoule], &[request]));
        bench.scan(package(&ampoule)).assert_class(Check::R1, class);
    }
}

#[test]
fn o3_a_do_not_give_flag_stops_with_its_text() {
    let product = tablet("m", "metoprolol tartrate", "50 mg");
    let mut request = order("r1", &product, "50 mg");
    request.conditions.do_not_give = Some("procedure on 10 June".into());
    let mut bench = Bench::at_bedside(Ward::with(&[&product], &[request]));
    bench.scan(package(&product)).assert_stopped_by(Check::O3);
    assert!(
        matches!(bench.variance(Check::O3), Some(Variance::DoNotGive(text)) if text.contains("procedure"))
    );
}

#[test]
fn o5_a_flagged_instruction_is_acknowledged_and_another_text_anew() {
    let product = tablet("m", "metoprolol tartrate", "50 mg");
    let mut request = order("r1", &product, "50 mg");
    request.instruction = Some("give with food".into());
    let mut plain = Bench::at_bedside(Ward::with(&[&product], std::slice::from_ref(&request)));
    plain.scan(package(&product)).assert_ready();
    request.conditions.instruction_flagged = true;
    let mut bench = Bench::at_bedside(Ward::with(&[&product], &[request]));
    bench.scan(package(&product)).confirm();
    assert_eq!(bench.step(), Step::Questions(vec![Check::O5]));
    bench.acknowledge(Check::O5);
    assert_eq!(bench.step(), Step::Ready);
    bench.ward.request("r1").instruction = Some("give on an empty stomach".into());
    bench.confirm();
    assert!(bench.given().is_empty(), "another instruction was not read");
    assert_eq!(bench.step(), Step::Questions(vec![Check::O5]));
    bench.acknowledge(Check::O5).confirm();
    assert_eq!(bench.given().len(), 1);
    assert!(bench.last().clear().reasons.contains(&(Check::O5, None)));
}

#[test]
fn o6_an_on_call_dose_is_given_as_the_policy_says() {
    let product = tablet("m", "metoprolol tartrate", "50 mg");
    let mut request = order("r1", &product, "50 mg");
    request.timing = as_needed(None, None);
    request.conditions.on_call = true;
    let given_before = |on_call| {
        let mut ward = Ward::with(&[&product], std::slice::from_ref(&request));
        Arc::make_mut(&mut ward.policy).on_call = on_call;
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&product)).assert_ready();
        bench.confirm().wait(minutes(180)).event(Event::Continue);
        bench.ward.chart.orders_as_of = Some(bench.ward.now);
        bench.scan(band("p1")).scan(package(&product));
        bench
    };
    given_before(rights::policy::OnCall::Once).assert_stopped_by(Check::O6);
    assert_eq!(given_before(rights::policy::OnCall::EachCall).step(), Step::Ready);
}

/// Of two orders for the product one is on hold, stopped or over: nothing is asked, the other one is meant.
#[test]
fn o7_what_is_not_in_force_or_on_hold_is_not_offered() {
    let product = tablet("metoprolol-25", "metoprolol tartrate", "25 mg");
    for other in [
        Request { status: RequestStatus::OnHold, ..order("other", &product, "25 mg") },
        Request { status: RequestStatus::Stopped, ..order("other", &product, "25 mg") },
        Request { stop: Some(today("08:59")), ..order("other", &product, "25 mg") },
    ] {
        let requests = [order("r", &product, "25 mg"), other];
        let mut bench = Bench::at_bedside(Ward::with(&[&product], &requests));
        bench.scan(package(&product));
        assert_eq!(bench.class(Check::O7), None);
        assert_eq!(bench.dose().choices().len(), 1);
        assert_eq!(bench.verdict().plan().unwrap().choice.request.as_str(), "r");
    }
}

/// A dose of another order, or one that was held, does not use a one-time or an on-call order up.
#[test]
fn o6_only_what_was_given_of_this_order_uses_it_up() {
    let product = tablet("cefazolin", "cefazolin", "1 g");
    let once =
        Request { timing: rights::schedule::Timing::At(vec![today("09:00")]), ..order("r", &product, "1 g") };
    let mut on_call = Request { timing: as_needed(None, None), ..order("r", &product, "1 g") };
    on_call.conditions.on_call = true;
    for request in [once, on_call] {
        for (under, outcome, class) in [
            ("r", rights::history::Outcome::Given, Some(Class::Hard)),
            ("r", rights::history::Outcome::Held, None),
            ("other", rights::history::Outcome::Given, None),
        ] {
            let other = Request { stop: Some(today("06:00")), ..order("other", &product, "1 g") };
            let mut ward = Ward::with(&[&product], &[request.clone(), other]);
            ward.charted(under, None, outcome, today("05:00"));
            let mut bench = Bench::at_bedside(ward);
            bench.scan(package(&product));
            assert_eq!(bench.class(Check::O6), class, "{under} {outcome:?}");
        }
    }
}

/// What was found first is what is meant: another look at the same dose does not make a new version the displayed one.
#[test]
fn o4_a_new_version_stays_a_question_however_often_it_is_looked_at() {
    let pill = tablet("metoprolol-25", "metoprolol tartrate", "25 mg");
    let mut bench = Bench::at_bedside(Ward::with(&[&pill], &[order("r", &pill, "25 mg")]));
    bench.scan(package(&pill)).assert_ready();
    bench.ward.request("r").version = 2;
    for _ in 0..3 {
        bench.scan(band("p1")).assert_class(Check::O4, Class::Acknowledge);
    }
    bench.confirm();
    assert!(bench.given().is_empty());
}

/// What stopped is not yet what is meant: a high-alert order that is verified after the scan is simply in force.
#[test]
fn o2_o4_an_order_that_stopped_and_is_verified_meanwhile_is_no_change_of_what_was_meant() {
    let pill = rights::product::Product {
        high_alert: true,
        ..tablet("metoprolol-25", "metoprolol tartrate", "25 mg")
    };
    let unverified = Request { verified: None, ..order("r", &pill, "25 mg") };
    let mut bench = Bench::at_bedside(Ward::with(&[&pill], &[unverified]));
    bench.scan(package(&pill)).assert_stopped_by(Check::O2);
    let now = bench.ward.now;
    let request = bench.ward.request("r");
    (request.version, request.verified) = (2, Some(now));
    bench.scan(band("p1"));
    assert_eq!(bench.class(Check::O4), None);
    assert_eq!(bench.step(), Step::Questions(vec![Check::O9]), "that it is new is said");
}
