//! Between the confirmation and the entry: the claim waits for the hub, and whatever changes meanwhile is decided and shown anew.

use crate::common::*;
use jiff::{SignedDuration, Timestamp};
use rights::bedside::{Event, Step};
use rights::claims::{Claim, Grant};
use rights::entry::{EntryKind, IdempotencyKey};
use rights::history::Outcome;
use rights::product::Product;
use rights::request::{DoseOrder, Request};
use rights::verdict::{Check, Class};

fn pill() -> Product {
    tablet("metoprolol-25", "metoprolol tartrate", "25 mg")
}

/// A dose is confirmed and its claim waits.
fn claiming(request: Request, prepare: fn(&mut Bench)) -> (Bench, Claim) {
    let mut bench = Bench::at_bedside(Ward::with(&[&pill()], &[request]));
    bench.hub_waits = true;
    bench.scan(package(&pill()));
    prepare(&mut bench);
    bench.confirm();
    assert_eq!(bench.phase(), "claiming");
    let claim = bench.claims.last().unwrap().clone();
    (bench, claim)
}

/// The order now allows a range: nothing new is asked, but it is not what the nurse saw.
#[test]
fn o4_an_order_that_reads_otherwise_in_the_same_version_is_shown_before_it_is_given() {
    let (mut bench, claim) = claiming(order("r", &pill(), "25 mg"), |_| {});
    bench.ward.request("r").dose = DoseOrder::Range(q("25 mg"), q("50 mg"));
    bench.event(Event::Claimed(claim.entry, Grant::Ward));
    assert!(bench.given().is_empty());
    assert_eq!(bench.released, [claim.entry]);
    assert!(bench.dose().changed && bench.phase() == "dose");
}

/// What is heard while a second person has the screen is shown when they leave it.
#[test]
fn o1_a_stop_that_is_heard_while_a_witness_is_asked_stops_the_dose_when_they_leave() {
    let mut product = pill();
    product.marks.witness = rights::witness::WitnessRule::Recommended;
    let mut bench = Bench::at_bedside(Ward::with(&[&product], &[order("r", &product, "25 mg")]));
    bench.scan(package(&product)).event(Event::CallWitness);
    assert_eq!(bench.phase(), "second");
    bench.ward.request("r").status = rights::request::RequestStatus::Stopped;
    bench.event(Event::Heard);
    assert_eq!(bench.phase(), "second");
    bench.event(Event::Cancel).assert_stopped_by(Check::O1);
    assert_eq!(bench.tones.last(), Some(&rights::bedside::Tone::Stop));
}

/// What the kiosk hears while the dose lies there is shown by itself: once, with its sound and its entry, and only when something differs.
#[test]
fn o1_a_stop_that_is_heard_while_the_dose_is_shown_stops_it_before_the_confirmation() {
    let mut bench = Bench::at_bedside(Ward::with(&[&pill()], &[order("r", &pill(), "25 mg")]));
    bench.scan(package(&pill())).assert_ready();
    let (entries, tones) = (bench.entries.len(), bench.tones.len());
    bench.wait(SignedDuration::from_secs(1)).event(Event::Heard);
    assert!(!bench.dose().changed, "nothing is new");
    assert_eq!((bench.entries.len(), bench.tones.len()), (entries, tones));
    bench.ward.request("r").status = rights::request::RequestStatus::Stopped;
    bench.event(Event::Tick);
    bench.assert_ready();
    bench.event(Event::Heard).assert_stopped_by(Check::O1);
    assert!(bench.dose().changed);
    assert_eq!((bench.entries.len(), bench.last().kind()), (entries + 1, EntryKind::Verdict));
    assert_eq!(bench.tones.last(), Some(&rights::bedside::Tone::Stop));
    bench.event(Event::Heard);
    assert_eq!((bench.entries.len(), bench.tones.len()), (entries + 1, tones + 1), "it is said once");
    // News are nobody's touch, and concern no other screen.
    bench.event(Event::PutBack);
    let before = bench.entries.len();
    bench.wait(SignedDuration::from_secs(50)).event(Event::Heard);
    assert_eq!((bench.entries.len(), bench.phase()), (before, "due list"));
    bench.wait(SignedDuration::from_secs(11)).event(Event::Tick);
    assert_eq!(bench.phase(), "locked");
}

/// A strength that the pharmacy corrects meanwhile changes what enters the patient, though the order says "one tablet".
#[test]
fn m7_a_strength_that_is_corrected_after_the_scan_is_shown_before_it_is_given() {
    let by_tablet = order("r", &pill(), "1 {tablet}");
    let correct = |bench: &mut Bench| {
        let corrected = tablet("metoprolol-25", "metoprolol tartrate", "50 mg");
        bench.ward.formulary = rights::product::Formulary::default();
        bench.ward.stock(&corrected);
    };
    let mut bench = Bench::at_bedside(Ward::with(&[&pill()], std::slice::from_ref(&by_tablet)));
    bench.scan(package(&pill())).assert_ready();
    correct(&mut bench);
    bench.confirm();
    assert!(bench.given().is_empty(), "between scan and confirmation");

    let (mut bench, claim) = claiming(by_tablet, |_| {});
    correct(&mut bench);
    bench.event(Event::Claimed(claim.entry, Grant::Ward));
    assert!(bench.given().is_empty(), "between confirmation and entry");
}

/// What a witness checked was the tablet of 25 mg. After the correction the witness is asked again, and the change is said, whether it is
/// found by the confirmation or by another look before it.
#[test]
fn w3_a_strength_that_is_corrected_voids_what_the_witness_checked() {
    let marks = rights::product::Marks {
        witness: rights::witness::WitnessRule::Required,
        ..rights::product::Marks::default()
    };
    let of = |strength: &str| Product {
        marks: marks.clone(),
        ..tablet("metoprolol-25", "metoprolol tartrate", strength)
    };
    for when in ["at the confirmation", "before it"] {
        let product = of("25 mg");
        let mut bench = Bench::at_bedside(Ward::with(&[&product], &[order("r", &product, "1 {tablet}")]));
        bench.scan(package(&product)).call_witness("n2").scan(package(&product)).blind("1 {tablet}");
        assert_eq!(bench.step(), Step::Ready, "{:?}", bench.verdict().findings());
        bench.ward.formulary = rights::product::Formulary::default();
        bench.ward.stock(&of("50 mg"));
        if when == "before it" {
            bench.scan(band("p1"));
        } else {
            bench.confirm();
        }
        assert!(bench.dose().changed, "{when}");
        assert_eq!(bench.step(), Step::Witness, "{when}");
        bench.confirm();
        assert!(bench.given().is_empty(), "{when}");
    }
}

/// The clock is set back by ten seconds: a call that was made "now" lies in the future and is no answer, though the question is the
/// same.
#[test]
fn an_answer_that_ends_to_be_complete_while_the_claim_waits_gives_nothing() {
    let request = Request { timing: as_needed(Some(4), None), ..order("r", &pill(), "25 mg") };
    let mut ward = Ward::with(&[&pill()], &[request]);
    let before = ward.now - minutes(30);
    ward.charted("r", None, Outcome::Given, before);
    let mut bench = Bench::at_bedside(ward);
    bench.hub_waits = true;
    bench.scan(package(&pill())).assert_class(Check::T4, Class::SoftContact);
    let now = bench.ward.now;
    bench.answer(Check::T6, "pain");
    bench.event(Event::Answer(with_contact(answer(Check::T4, "prescriber-ordered"), now))).confirm();
    let claim = bench.claims.last().unwrap().clone();
    bench.wait(SignedDuration::from_secs(-10)).event(Event::Claimed(claim.entry, Grant::Ward));
    assert!(bench.given().is_empty());
    assert_eq!(bench.step(), Step::Questions(vec![Check::T4]));
}

/// The doses by which the hub sees whether this kiosk knows the last one: of this request or its ingredients, of less than a day.
#[test]
fn claim_names_the_doses_of_the_request_and_its_ingredients_of_the_last_24_hours() {
    let request = Request { timing: as_needed(None, None), ..order("r", &pill(), "25 mg") };
    let other = Request { id: rights::ident::RequestId::parse("s").unwrap(), ..request.clone() };
    let elsewhere = order("t", &tablet("lisinopril-10", "lisinopril", "10 mg"), "10 mg");
    let known = |request_id: &str, when: fn(Timestamp) -> Timestamp| {
        let mut ward = Ward::with(&[&pill()], &[request.clone(), other.clone(), elsewhere.clone()]);
        let at = when(ward.now);
        ward.charted(request_id, None, Outcome::Given, at);
        let mut bench = Bench::at_bedside(ward);
        bench.hub_waits = true;
        bench.scan(package(&pill()));
        if bench.step() == Step::Choose {
            let place = bench.dose().choices().iter().position(|one| one.request.as_str() == "r").unwrap();
            bench.choose(place);
        }
        bench.answer(Check::T6, "pain").call(Check::T4, "prescriber-ordered");
        for check in [Check::M8, Check::T3, Check::T7, Check::O6, Check::D8] {
            bench.call(check, "benefit-outweighs-risk").call(check, "prescriber-ordered");
        }
        bench.confirm();
        bench.claims.last().map(|claim| claim.known.len())
    };
    assert_eq!(
        known("r", |now| now - SignedDuration::from_hours(24) + SignedDuration::from_secs(1)),
        Some(1)
    );
    assert_eq!(known("r", |now| now - SignedDuration::from_hours(24)), Some(0));
    assert_eq!(known("s", |now| now - SignedDuration::from_hours(5)), Some(1));
    assert_eq!(known("t", |now| now - SignedDuration::from_hours(5)), Some(0));
}

/// A clock that was set back keeps no claim waiting for longer than two clocks may differ, and that difference it does.
#[test]
fn claim_waits_while_the_clock_is_behind_by_no_more_than_30_seconds() {
    for (seconds, waits) in [(30, true), (31, false)] {
        let (mut bench, _) = claiming(order("r", &pill(), "25 mg"), |_| {});
        bench.wait(SignedDuration::from_secs(-seconds)).event(Event::Tick);
        assert_eq!(bench.phase() == "claiming", waits, "{seconds} s");
    }
}

/// After the receipt of a dose whose session has ended there is nothing to go on with: Cancel locks as "understood" does, and it is
/// still said what to do.
#[test]
fn s1_after_a_late_receipt_a_scan_does_nothing_and_cancel_locks() {
    let late = || {
        let mut bench = Bench::at_bedside(Ward::with(&[&pill()], &[order("r", &pill(), "25 mg")]));
        bench.scan(package(&pill()));
        bench.receipts_wait = true;
        bench.confirm();
        let own = bench.last().key();
        let recorded = rights::entry::Recorded { key: own, sequence: 2, at: today("09:00") };
        bench.event(Event::NotRecorded(own)).event(Event::Recorded(recorded));
        assert_eq!((bench.phase(), bench.bedside.session().is_none()), ("done", true));
        bench
    };
    let mut bench = late();
    bench.scan(badge("n1"));
    assert_eq!(bench.phase(), "done", "it has to be read first");
    bench.scan(package(&pill())).scan(band("p2"));
    assert_eq!((bench.phase(), bench.last().kind()), ("done", EntryKind::Given));
    let mut bench = late();
    bench.event(Event::Cancel);
    assert!(matches!(bench.bedside.phase(), rights::bedside::Phase::Locked { notice: Some(_) }));
}

/// After a receipt in an open session a scan goes on: the next package is judged.
#[test]
fn a_scan_on_the_receipt_of_an_open_session_is_the_next_one() {
    let mut bench = Bench::at_bedside(Ward::with(&[&pill()], &[order("r", &pill(), "25 mg")]));
    bench.scan(package(&pill())).confirm();
    assert_eq!(bench.phase(), "done");
    bench.scan(package(&pill()));
    assert_eq!(bench.phase(), "dose");
    let mut bench = Bench::at_bedside(Ward::with(&[&pill()], &[order("r", &pill(), "25 mg")]));
    bench.scan(package(&pill())).confirm().event(Event::Cancel);
    assert_eq!(bench.phase(), "identify", "leaves the patient");
}

/// Two clocks may differ by half a minute: a clock set back by just that does not end the session, by more it does.
#[test]
fn session_ends_when_the_clock_is_set_back_by_more_than_30_seconds() {
    for (seconds, open) in [(30, true), (31, false)] {
        let mut bench = Bench::at_bedside(Ward::new());
        bench.wait(SignedDuration::from_secs(-seconds)).event(Event::Tick);
        assert_eq!(bench.bedside.session().is_some(), open, "{seconds} s");
    }
}

/// "Not given" is impossible for a dose that was given, and for that one alone.
#[test]
fn charted_not_given_is_refused_only_by_this_dose_of_this_order_when_it_was_given() {
    let chart = |request: &str, slot: &str, outcome: Outcome| {
        let mut twice = order("r", &pill(), "25 mg");
        twice.timing = daily(&[9, 21]);
        let other = Request { id: rights::ident::RequestId::parse("s").unwrap(), ..twice.clone() };
        let mut ward = Ward::with(&[&pill()], &[twice, other]);
        ward.charted(request, Some(today(slot)), outcome, today("08:50"));
        let mut bench = Bench::at_bedside(ward);
        let request = rights::ident::RequestId::parse("r").unwrap();
        let choice = rights::case::Choice { request, version: 1, slot: Some(today("09:00")) };
        bench.not_given(choice, Outcome::Refused, "refused");
        bench.last().kind() == EntryKind::Refused
    };
    assert!(!chart("r", "09:00", Outcome::Given));
    assert!(!chart("r", "09:00", Outcome::Partial));
    assert!(chart("r", "09:00", Outcome::Held), "held, then refused");
    assert!(chart("r", "21:00", Outcome::Given), "another time");
    assert!(chart("s", "09:00", Outcome::Given), "another order");
}

/// An as-needed dose has no scheduled time: that one was given before does not forbid to chart that it is refused now.
#[test]
fn charted_not_given_of_an_as_needed_dose_is_possible_after_one_was_given() {
    let request = Request { timing: as_needed(Some(4), None), ..order("r", &pill(), "25 mg") };
    let mut ward = Ward::with(&[&pill()], &[request]);
    let before = ward.now - minutes(300);
    ward.charted("r", None, Outcome::Given, before);
    let mut bench = Bench::at_bedside(ward);
    let request = rights::ident::RequestId::parse("r").unwrap();
    bench.not_given(rights::case::Choice { request, version: 1, slot: None }, Outcome::Refused, "refused");
    assert_eq!(bench.last().kind(), EntryKind::Refused);
}

/// Only a value outside of what the order allows makes "held" the way that is offered first.
#[test]
fn c2_hold_is_not_suggested_by_any_other_question() {
    let mut ward = Ward::with(&[&pill()], &[order("r", &pill(), "25 mg")]);
    ward.now = today("11:05");
    ward.chart.orders_as_of = Some(ward.now);
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&pill()));
    assert!(bench.verdict().questions().next().is_some());
    assert!(!bench.dose().hold_is_suggested());
}

/// Of two keys the session takes a new one for each entry, also while a claim waits.
#[test]
fn claim_has_the_key_of_the_entry_that_fulfils_it() {
    let (mut bench, claim) = claiming(order("r", &pill(), "25 mg"), |_| {});
    bench.event(Event::Claimed(claim.entry, Grant::Ward));
    assert_eq!(bench.last_entry(), claim.entry);
    assert_ne!(claim.entry, IdempotencyKey { session: [0; 16], count: 0 });
}

/// The order ends at this very moment, half an hour after the dose was due: it is charted before, and not at, the stop.
#[test]
fn o1_charted_not_given_ends_with_the_order_also_after_the_scheduled_time() {
    for (stop, charted) in [("09:31", true), ("09:30", false)] {
        let mut bench = Bench::at_bedside(Ward::with(&[&pill()], &[order("r", &pill(), "25 mg")]));
        bench.wait(minutes(30)).scan(band("p1"));
        bench.ward.request("r").stop = Some(today(stop));
        let request = rights::ident::RequestId::parse("r").unwrap();
        let choice = rights::case::Choice { request, version: 1, slot: Some(today("09:00")) };
        bench.not_given(choice, Outcome::Refused, "refused");
        assert_eq!(bench.last().kind() == EntryKind::Refused, charted, "{stop}");
    }
}
