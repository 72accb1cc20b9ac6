//! Two kiosks, one dose (scenarios 17 and 30): a claim before each dose, a hub that lets one have it, and a conflict that is found
//! when a kiosk that was alone comes back.

use crate::common::life::*;
use crate::common::*;
use jiff::SignedDuration;
use proptest::prelude::*;
use rights::bedside::{Event, Phase, Step, Tone};
use rights::claims::{Claim, Claims, Grant, Refusal};
use rights::entry::{EntryKind, IdempotencyKey};
use rights::follow_up::{Act, Conflict};
use rights::history::{Outcome, Record};
use rights::person::Role;
use rights::product::Product;
use rights::request::{Request, RequestStatus};
use rights::schedule::{AsNeeded, Timing};
use rights::verdict::{Check, Class, Variance};

fn pill() -> Product {
    tablet("metoprolol-25", "metoprolol tartrate", "25 mg")
}

/// A kiosk whose claims wait for the test, with a nurse of its own.
fn kiosk(nurse: &str, session: u8, request: &Request) -> Bench {
    let mut ward = Ward::with(&[&pill()], core::slice::from_ref(request));
    employ(&mut ward, nurse, Role::Nurse);
    let mut bench = Bench::locked(ward);
    bench.sessions_from(session);
    bench.hub_waits = true;
    bench.sign_on(nurse).scan(band("p1"));
    bench
}

fn two(request: &Request) -> (Bench, Bench) {
    (kiosk("n1", 10, request), kiosk("n2", 20, request))
}

/// Asks the hub for what the kiosk claimed last and hands the answer back.
fn answer_claim(bench: &mut Bench, hub: &mut Claims) -> bool {
    let claim = bench.claims.last().unwrap().clone();
    match hub.claim(&claim, bench.ward.now) {
        Ok(()) => {
            bench.event(Event::Claimed(claim.entry, Grant::Ward));
            for record in records(bench) {
                if let Record::Administration(done) = record {
                    hub.recorded(&done);
                }
            }
            true
        }
        Err(refusal) => {
            bench.event(Event::ClaimRefused(claim.entry, refusal));
            false
        }
    }
}

#[test]
fn scenario_17_o8_two_kiosks_confirm_one_dose_and_one_gives_it() {
    let (mut one, mut other) = two(&order("r", &pill(), "25 mg"));
    let mut hub = Claims::new(one.ward.policy.claim_lasts);
    one.scan(package(&pill())).confirm();
    other.wait(SignedDuration::from_millis(100)).scan(package(&pill())).confirm();
    assert_eq!((one.phase(), other.phase()), ("claiming", "claiming"));
    assert!(answer_claim(&mut one, &mut hub));
    assert_eq!(one.phase(), "done");
    assert!(!answer_claim(&mut other, &mut hub));
    other.assert_stopped_by(Check::O8);
    let Some(Variance::AlreadyCharted(_, at, by)) = other.variance(Check::O8) else { panic!("who and when") };
    assert_eq!((*at, by.as_str()), (today("09:00"), "n1"));
    assert!(other.dose().changed);
    assert_eq!((one.given().len(), other.given().len()), (1, 0));
    assert_eq!(other.last().kind(), EntryKind::Verdict, "the attempt is recorded too");
    other.confirm();
    assert!(other.given().is_empty());
}

#[test]
fn scenario_17_o8_while_the_other_kiosk_is_writing_it_is_said_who_gives_the_dose() {
    let (mut one, mut other) = two(&order("r", &pill(), "25 mg"));
    let mut hub = Claims::new(one.ward.policy.claim_lasts);
    one.receipts_wait = true;
    one.scan(package(&pill())).confirm();
    let claim = one.claims[0].clone();
    hub.claim(&claim, one.ward.now).unwrap();
    other.scan(package(&pill())).confirm();
    assert!(!answer_claim(&mut other, &mut hub));
    let Some(Variance::BeingGivenElsewhere(by, _)) = other.variance(Check::O8) else { panic!("by whom") };
    assert_eq!(by.as_str(), "n1");
    other.assert_class(Check::O8, Class::Hard);
    // The first kiosk lost power: after the time of a claim the dose is free.
    other.later(minutes(9)).scan(package(&pill())).assert_stopped_by(Check::O8);
    other.event(Event::Cancel).later(minutes(1)).scan(package(&pill())).assert_ready();
    other.confirm();
    assert!(answer_claim(&mut other, &mut hub));
    assert_eq!(other.given().len(), 1);
}

#[test]
fn claim_is_given_back_when_the_dose_changed_meanwhile() {
    let (mut one, mut other) = two(&order("r", &pill(), "25 mg"));
    let mut hub = Claims::new(one.ward.policy.claim_lasts);
    one.scan(package(&pill())).confirm();
    one.ward.request("r").version = 2;
    let claim = one.claims[0].clone();
    hub.claim(&claim, one.ward.now).unwrap();
    one.event(Event::Claimed(claim.entry, Grant::Ward));
    assert_eq!(one.released, [claim.entry]);
    assert_eq!((one.given().len(), one.step()), (0, Step::Questions(vec![Check::O4])));
    hub.release(claim.entry);
    other.scan(package(&pill())).confirm();
    assert!(answer_claim(&mut other, &mut hub));
}

#[test]
fn claim_without_an_answer_for_two_seconds_goes_on_alone_and_says_so() {
    let mut one = kiosk("n1", 10, &order("r", &pill(), "25 mg"));
    one.scan(package(&pill())).confirm();
    one.wait(SignedDuration::from_millis(1_999)).event(Event::Tick);
    assert_eq!(one.phase(), "claiming");
    one.scan(package(&pill())).event(Event::SignOff).event(Event::Cancel);
    assert_eq!(one.phase(), "claiming", "nothing else begins meanwhile");
    one.wait(SignedDuration::from_millis(1)).event(Event::Tick);
    assert_eq!(one.phase(), "done");
    assert_eq!(one.last_given().grant, Some(Grant::Offline));
    let late = one.claims[0].entry;
    one.event(Event::Claimed(late, Grant::Ward));
    assert_eq!(one.given().len(), 1, "a late answer gives nothing twice");
}

#[test]
fn claim_of_an_as_needed_dose_is_refused_when_the_kiosk_does_not_know_the_last_one() {
    let request = Request { timing: as_needed(Some(4), None), ..order("r", &pill(), "25 mg") };
    let (mut one, mut other) = two(&request);
    let mut hub = Claims::new(one.ward.policy.claim_lasts);
    for bench in [&mut one, &mut other] {
        bench.scan(package(&pill())).answer(Check::T6, "pain").confirm();
    }
    assert!(answer_claim(&mut one, &mut hub));
    assert!(!answer_claim(&mut other, &mut hub));
    assert_eq!(
        other.variance(Check::T4),
        Some(&Variance::TooSoon(today("09:00"), today("13:00"))),
        "the dose of the other kiosk counts at once"
    );
    // Hours later, and knowing of it, the dose is a new one.
    other.event(Event::Cancel).later(minutes(240)).scan(package(&pill())).answer(Check::T6, "pain").confirm();
    assert!(answer_claim(&mut other, &mut hub));
}

#[test]
fn claim_hub_lets_a_corrected_dose_be_given_and_keeps_a_repeated_claim() {
    let mut one = kiosk("n1", 10, &order("r", &pill(), "25 mg"));
    let mut hub = Claims::new(one.ward.policy.claim_lasts);
    one.scan(package(&pill())).confirm();
    let claim = one.claims[0].clone();
    assert_eq!(hub.claim(&claim, one.ward.now), Ok(()));
    assert_eq!(hub.claim(&claim, one.ward.now), Ok(()), "the answer was lost and it asks again");
    one.event(Event::Claimed(claim.entry, Grant::Ward));
    hub.recorded(&one.last_given());
    let again = Claim { entry: IdempotencyKey { session: [7; 16], count: 0 }, ..claim.clone() };
    assert!(matches!(hub.claim(&again, one.ward.now), Err(Refusal::Charted(_))));
    hub.corrected(claim.entry, one.ward.now);
    assert_eq!(hub.claim(&again, one.ward.now), Ok(()));
    hub.recorded(&one.last_given());
    hub.release(again.entry);
    assert_eq!(
        hub.claim(&again, one.ward.now),
        Ok(()),
        "a record that comes late does not undo its correction"
    );
}

#[test]
fn scenario_30_a_dose_given_alone_after_a_central_stop_becomes_a_conflict_and_nothing_is_rewritten() {
    let mut alone = kiosk("n1", 10, &order("r", &pill(), "25 mg"));
    alone.wait(minutes(10)).scan(band("p1")).scan(package(&pill())).confirm();
    alone.wait(SignedDuration::from_secs(2)).event(Event::Tick);
    let given = alone.last_given();
    assert_eq!(given.grant, Some(Grant::Offline));
    let entry = given.entry.unwrap();
    // The ward comes back: the request was stopped five minutes before, and another nurse had given the dose.
    alone.ward.now = at("2026-06-10 09:40");
    let request = alone.ward.request("r");
    (request.status, request.status_since) = (RequestStatus::Stopped, Some(today("09:05")));
    let slot = Some(today("09:00"));
    alone.ward.charted("r", slot, rights::history::Outcome::Given, today("09:02"));
    alone.event(Event::Reconnected(vec![entry]));
    let found: Vec<_> = alone.ward.chart.follow_ups.iter().map(|done| done.act.clone()).collect();
    let other = rights::ident::ClinicianId::parse("n2").unwrap();
    assert_eq!(
        found,
        [
            Act::Conflict(Conflict::StoppedBefore(today("09:05"))),
            Act::Conflict(Conflict::AlsoGiven(today("09:02"), other))
        ]
    );
    assert_eq!(alone.last().kind(), EntryKind::Conflict);
    assert_eq!(alone.ward.chart.administration(&entry), Some(&given), "nothing is rewritten");
    alone.event(Event::Reconnected(vec![entry]));
    assert_eq!(alone.followed(), 2, "each is recorded once");
}

/// A kiosk that gave alone a dose that another one gave too, and found it: the other dose's entry, its time and who gave it.
fn given_twice() -> (Bench, IdempotencyKey, Conflict) {
    let mut kiosk = kiosk("n1", 10, &order("r", &pill(), "25 mg"));
    kiosk.scan(package(&pill())).confirm();
    kiosk.wait(SignedDuration::from_secs(2)).event(Event::Tick);
    let entry = kiosk.last_given().entry.unwrap();
    kiosk.ward.charted("r", Some(today("09:00")), rights::history::Outcome::Given, today("09:02"));
    kiosk.event(Event::Reconnected(vec![entry]));
    let found = Conflict::AlsoGiven(today("09:02"), rights::ident::ClinicianId::parse("n2").unwrap());
    (kiosk, entry, found)
}

/// The two doses of a patient, as the other kiosk finds them: its own dose and ours.
fn found_by_the_other(kiosk: &mut Bench, ours: IdempotencyKey) -> IdempotencyKey {
    let ours = kiosk.ward.chart.administration(&ours).unwrap().clone();
    let theirs =
        kiosk.ward.chart.history.iter().find(|done| done.by.as_str() == "n2").unwrap().entry.unwrap();
    let (patient, request) = (ours.patient.clone(), ours.request.clone());
    kiosk.ward.chart.learn(Record::FollowUp(rights::follow_up::FollowUp {
        patient,
        request,
        of: theirs,
        act: Act::Conflict(Conflict::AlsoGiven(ours.at, ours.by.clone())),
        at: kiosk.ward.now,
        by: None,
        reason: None,
        note: None,
        witness: None,
        entry: IdempotencyKey { session: [77; 16], count: 2 },
    }));
    theirs
}

fn open(kiosk: &Bench) -> Vec<Conflict> {
    rights::conflict::open(&kiosk.ward.chart, kiosk.ward.now)
        .into_iter()
        .map(|open| open.conflict.clone())
        .collect()
}

/// A dose that was given twice is to be done about, once, until somebody at the bed says what was done; that takes a reason.
#[test]
fn conflict_is_a_task_until_somebody_says_what_was_done() {
    let (mut kiosk, entry, found) = given_twice();
    let one = std::slice::from_ref(&found);
    assert_eq!(open(&kiosk), one);
    found_by_the_other(&mut kiosk, entry);
    assert_eq!(open(&kiosk), one, "two kiosks found one conflict");
    let to_do = |kiosk: &Bench| {
        let all = rights::tasks::tasks(&kiosk.ward.chart, &kiosk.ward.policy, kiosk.ward.now);
        all.iter()
            .filter(|task| matches!(task, rights::tasks::Task::Conflict(_)) && task.is_late(kiosk.ward.now))
            .count()
    };
    assert_eq!(to_do(&kiosk), 1);
    let answer = Act::ConflictAnswered(found.clone());
    let before = kiosk.followed();
    kiosk.follow(entry, answer.clone(), None).follow(entry, answer.clone(), Some("titrated"));
    kiosk.follow(
        entry,
        Act::ConflictAnswered(Conflict::StoppedBefore(today("09:02"))),
        Some("prescriber-told"),
    );
    assert_eq!(kiosk.followed(), before, "without one of its reasons, or about nothing, nothing is charted");
    kiosk.follow(entry, answer.clone(), Some("prescriber-told"));
    assert_eq!((kiosk.last().kind(), open(&kiosk).len(), to_do(&kiosk)), (EntryKind::ConflictAnswered, 0, 0));
    kiosk.event(Event::Continue).follow(entry, answer, Some("prescriber-told"));
    assert_eq!(kiosk.followed(), before + 1, "it is answered once");
    kiosk.ward.now = at("2026-06-10 10:30");
    kiosk.ward.charted("r", Some(today("09:00")), rights::history::Outcome::Given, today("09:05"));
    kiosk.event(Event::Reconnected(vec![entry]));
    assert_eq!(open(&kiosk).len(), 1, "a third dose is another conflict");
}

/// Of a patient who has left, or whom no feed tells of any more, it is said wherever the ward's list is; of one in the house at the bed alone.
#[test]
fn conflict_of_a_patient_who_is_gone_is_answered_without_the_wristband() {
    let leave = |kiosk: &mut Bench, how: &str| match how {
        "discharged" => kiosk.ward.chart.patients[0].admission = rights::person::Admission::Discharged,
        "unknown" => kiosk.ward.chart.patients.retain(|patient| patient.id.as_str() != "p1"),
        _ => {}
    };
    for how in ["admitted", "discharged", "unknown"] {
        let (mut kiosk, entry, found) = given_twice();
        kiosk.event(Event::Continue).event(Event::Cancel);
        leave(&mut kiosk, how);
        let answer = Act::ConflictAnswered(found);
        let before = kiosk.followed();
        kiosk.follow(entry, answer.clone(), Some("prescriber-told"));
        if how == "admitted" {
            assert_eq!((kiosk.followed(), open(&kiosk).len()), (before, 1), "the bed is the place");
            assert_eq!(kiosk.phase(), "identify");
            continue;
        }
        assert_eq!(kiosk.last().kind(), EntryKind::ConflictAnswered, "{how}");
        assert_eq!((kiosk.followed(), open(&kiosk).len()), (before + 1, 0), "{how}");
        kiosk.event(Event::Continue);
        assert_eq!(kiosk.phase(), "identify", "there is no due list of nobody");
        // With a wrong clock nothing is recorded but on paper.
        let (mut kiosk, entry, _) = given_twice();
        kiosk.event(Event::Continue).event(Event::Cancel);
        leave(&mut kiosk, how);
        kiosk.ward.clock = rights::moment::ClockTrust::Known(SignedDuration::from_mins(6));
        let before = kiosk.followed();
        kiosk.follow(entry, answer, Some("prescriber-told"));
        assert_eq!(kiosk.followed(), before);
    }
}

/// The tone of a stop sounds where the conflict is read, and not over what else is on the screen.
#[test]
fn conflict_sounds_at_the_due_list_of_its_patient_alone() {
    for (at_the_list, patient) in [(true, "p1"), (false, "p1"), (true, "p2")] {
        let mut kiosk = kiosk("n1", 10, &order("r", &pill(), "25 mg"));
        kiosk.scan(package(&pill())).confirm();
        kiosk.wait(SignedDuration::from_secs(2)).event(Event::Tick);
        let given = kiosk.last_given();
        if at_the_list {
            kiosk.event(Event::Continue);
        }
        if patient == "p2" {
            kiosk.scan(band("p2"));
        }
        kiosk.ward.charted("r", given.slot, rights::history::Outcome::Given, today("09:02"));
        let before = kiosk.tones.len();
        kiosk.event(Event::Reconnected(vec![given.entry.unwrap()]));
        assert_eq!(kiosk.followed(), 1);
        let sounded = kiosk.tones[before..] == [Tone::Stop];
        assert_eq!(sounded, at_the_list && patient == "p1", "{} {patient}", kiosk.phase());
    }
}

/// An answer at one kiosk counts for what the other one found; a dose that was entered in error contradicts nothing.
#[test]
fn conflict_is_none_when_the_other_kiosk_answered_or_one_dose_was_not_given() {
    let (mut kiosk, entry, _) = given_twice();
    let theirs = found_by_the_other(&mut kiosk, entry);
    let ours = kiosk.ward.chart.administration(&entry).unwrap().clone();
    let corrected = kiosk.ward.chart.clone();
    let mut told = kiosk.ward.chart.follow_ups.last().unwrap().clone();
    (told.of, told.act) = (theirs, Act::ConflictAnswered(Conflict::AlsoGiven(ours.at, ours.by)));
    told.entry.count += 1;
    kiosk.ward.chart.learn(Record::FollowUp(told.clone()));
    assert_eq!(open(&kiosk), []);
    for of in [entry, theirs] {
        (told.of, told.act) = (of, Act::EnteredInError);
        let mut chart = corrected.clone();
        chart.learn(Record::FollowUp(told.clone()));
        assert!(rights::conflict::open(&chart, kiosk.ward.now).is_empty());
    }
    let after = |hours| ours.at + SignedDuration::from_hours(hours);
    let open_after = |hours| rights::conflict::open(&corrected, after(hours)).len();
    assert_eq!((open_after(7 * 24 - 1), open_after(7 * 24 + 1)), (1, 0), "after a week it is in the reports");
    // Whatever else the chart forgets; and the other dose need not be known any more, only not be in error.
    let mut forgotten = corrected.clone();
    forgotten.forget(&kiosk.ward.policy, &kiosk.ward.zone, after(7 * 24 - 1));
    forgotten.history.retain(|done| done.entry == Some(entry));
    assert_eq!(rights::conflict::open(&forgotten, after(7 * 24 - 1)).len(), 1);
}

/// T4, T7: what was given as needed at two kiosks that did not know of each other, granted or not, sooner than the order allows.
#[test]
fn t4_conflict_of_as_needed_doses_is_one_sooner_than_the_order_allows() {
    let repeat = Ward::with(&[], &[]).policy.repeat_within;
    let second = SignedDuration::from_secs(1);
    let four_hours = Some(minutes(240));
    for (interval, after, granted, found) in [
        (four_hours, minutes(239), false, 1),
        (four_hours, minutes(239), true, 1),
        (four_hours, minutes(240), false, 0),
        (None, repeat - second, false, 1),
        (None, repeat, false, 0),
    ] {
        let (mut kiosk, given) = as_needed_dose(interval, granted);
        kiosk.ward.charted("r", None, rights::history::Outcome::Given, given.at - after);
        kiosk.event(Event::Reconnected(vec![given.entry.unwrap()]));
        assert_eq!(kiosk.followed(), found, "{interval:?} {after} {granted}");
    }
    // Another request of the same ingredient counts as it does for T4; another ingredient does not.
    for (ingredient, found) in [("metoprolol tartrate", 1), ("lisinopril", 0)] {
        let (mut kiosk, given) = as_needed_dose(four_hours, false);
        kiosk.ward.charted("r", None, rights::history::Outcome::Given, given.at - minutes(10));
        let other = kiosk.ward.chart.history.last_mut().unwrap();
        other.request = rights::ident::RequestId::parse("another").unwrap();
        other.ingredients = vec![strength(ingredient, "25 mg")];
        kiosk.event(Event::Reconnected(vec![given.entry.unwrap()]));
        assert_eq!(kiosk.followed(), found, "{ingredient}");
    }
}

/// A dose as needed at one kiosk of two.
fn as_needed_dose(
    minimum_interval: Option<SignedDuration>,
    granted: bool,
) -> (Bench, rights::history::Administration) {
    let limits = AsNeeded { minimum_interval, most_per_day: None, reasons: Vec::new() };
    let request = Request { timing: Timing::AsNeeded(limits), ..order("r", &pill(), "25 mg") };
    let mut kiosk = kiosk("n1", 10, &request);
    kiosk.scan(package(&pill())).answer(Check::T6, "pain").confirm();
    if granted {
        let claimed = kiosk.claims[0].entry;
        kiosk.event(Event::Claimed(claimed, Grant::Ward));
    } else {
        kiosk.wait(SignedDuration::from_secs(2)).event(Event::Tick);
    }
    let given = kiosk.last_given();
    (kiosk, given)
}

/// A nurse who gave a dose sooner than the order allows knew of the one before, and had called: that is no conflict, at whichever kiosk that
/// was.
#[test]
fn conflict_is_none_with_a_dose_that_the_kiosk_knew() {
    let limits = AsNeeded { minimum_interval: Some(minutes(240)), most_per_day: None, reasons: Vec::new() };
    let request = Request { timing: Timing::AsNeeded(limits), ..order("r", &pill(), "25 mg") };
    let mut kiosk = kiosk("n1", 10, &request);
    let before = kiosk.ward.now - minutes(120);
    kiosk.ward.charted("r", None, rights::history::Outcome::Given, before);
    kiosk.scan(package(&pill())).answer(Check::T6, "pain").call(Check::T4, "prescriber-ordered");
    kiosk.confirm().wait(SignedDuration::from_secs(2)).event(Event::Tick);
    let given = kiosk.last_given();
    assert_eq!((given.grant, given.known.len()), (Some(Grant::Offline), 1));
    // Neither the dose that was given knowingly, nor, at its own kiosk, the one before.
    let both: Vec<_> = kiosk.ward.chart.history.iter().filter_map(|done| done.entry).collect();
    assert_eq!(both.len(), 2);
    kiosk.event(Event::Reconnected(both));
    assert_eq!(kiosk.followed(), 0);
}

/// D3: the rest of a dose is given under its scheduled time. The hub lets a kiosk that knows of the first part have it, and it is no conflict.
#[test]
fn d3_the_rest_of_a_dose_is_no_second_one() {
    let mut kiosk = kiosk("n1", 10, &order("r", &pill(), "25 mg"));
    let mut hub = Claims::new(kiosk.ward.policy.claim_lasts);
    kiosk.ward.charted("r", Some(today("09:00")), rights::history::Outcome::Partial, today("08:30"));
    let part = kiosk.ward.chart.history.last_mut().unwrap();
    part.dose = Some(strength("metoprolol tartrate", "12.5 mg").amount);
    part.ingredients = vec![strength("metoprolol tartrate", "12.5 mg")];
    let part = part.clone();
    hub.recorded(&part);
    let rest = Claim {
        entry: IdempotencyKey { session: [10; 16], count: 9 },
        patient: part.patient.clone(),
        request: part.request.clone(),
        slot: part.slot,
        by: part.by.clone(),
        at: today("09:05"),
        known: vec![part.entry.unwrap()],
    };
    let without = Claim { known: Vec::new(), ..rest.clone() };
    assert!(matches!(hub.claim(&without, today("09:05")), Err(Refusal::Charted(_))));
    assert_eq!(hub.claim(&rest, today("09:05")), Ok(()));
    // Another kiosk that knows of the first part alone may not have the rest too, neither now nor when it is recorded.
    let other = IdempotencyKey { session: [20; 16], count: 1 };
    let again = Claim { entry: other, ..rest.clone() };
    assert!(matches!(hub.claim(&again, today("09:06")), Err(Refusal::BeingGiven(_))));
    let given = rights::history::Administration {
        entry: Some(rest.entry),
        at: today("09:05"),
        known: rest.known,
        ..part.clone()
    };
    hub.recorded(&given);
    assert!(matches!(hub.claim(&again, today("09:07")), Err(Refusal::Charted(_))));
    kiosk.ward.chart.learn(Record::Administration(given));
    kiosk.event(Event::Reconnected(vec![part.entry.unwrap(), rest.entry]));
    assert_eq!(kiosk.followed(), 0, "neither the rest nor the part");
}

/// A dose that the hub granted can be given twice when its kiosk could not tell it before the claim ended. That its order was stopped is no
/// conflict then: the kiosk knew the orders.
#[test]
fn conflict_of_a_granted_dose_is_only_that_it_was_given_elsewhere() {
    let mut kiosk = kiosk("n1", 10, &order("r", &pill(), "25 mg"));
    kiosk.scan(package(&pill())).confirm();
    let claimed = kiosk.claims[0].entry;
    kiosk.event(Event::Claimed(claimed, Grant::Ward));
    let given = kiosk.last_given();
    assert_eq!(given.grant, Some(Grant::Ward));
    let request = kiosk.ward.request("r");
    (request.status, request.status_since) = (RequestStatus::Stopped, Some(today("08:55")));
    kiosk.event(Event::Reconnected(vec![given.entry.unwrap()]));
    assert_eq!(kiosk.followed(), 0);
    kiosk.ward.charted("r", Some(today("09:00")), rights::history::Outcome::Given, today("09:12"));
    kiosk.event(Event::Reconnected(vec![given.entry.unwrap()]));
    assert_eq!(kiosk.followed(), 1);
}

#[test]
fn conflict_is_none_when_the_order_stood_and_nobody_else_gave_the_dose() {
    let mut alone = kiosk("n1", 10, &order("r", &pill(), "25 mg"));
    alone.scan(package(&pill())).confirm();
    alone.wait(SignedDuration::from_secs(2)).event(Event::Tick);
    let entry = alone.last_entry();
    let given_at = alone.last_given().at;
    let request = alone.ward.request("r");
    request.status = RequestStatus::Stopped;
    request.status_since = given_at.checked_add(SignedDuration::from_secs(1)).ok();
    alone.event(Event::Reconnected(vec![entry]));
    assert_eq!(alone.followed(), 0);
    alone.ward.request("r").status_since = Some(given_at);
    alone.event(Event::Reconnected(vec![entry]));
    assert_eq!(alone.followed(), 1, "stopped at the very instant");
}

/// What can happen at one of two kiosks.
#[derive(Clone, Copy, Debug)]
enum Happening {
    Scan,
    Confirm,
    HubAnswers,
    LedgerAnswers,
    HubHears,
    Leave,
    Wait(u16),
}

fn happenings() -> impl Strategy<Value = Vec<(bool, Happening)>> {
    let one = prop_oneof![
        3 => Just(Happening::Scan),
        3 => Just(Happening::Confirm),
        3 => Just(Happening::HubAnswers),
        2 => Just(Happening::LedgerAnswers),
        2 => Just(Happening::HubHears),
        1 => Just(Happening::Leave),
        1 => (0_u16..1900).prop_map(Happening::Wait),
    ];
    proptest::collection::vec((any::<bool>(), one), 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// However the events of two kiosks, the hub and the ledgers interleave, one scheduled dose enters the patient once: as long as
    /// the hub answers, whatever it has heard of what was recorded.
    #[test]
    fn two_kiosks_never_both_give_one_slot(events in happenings()) {
        let (one, other) = two(&order("r", &pill(), "25 mg"));
        let mut kiosks = [one, other];
        let mut hub = Claims::new(kiosks[0].ward.policy.claim_lasts);
        let mut heard = [0, 0];
        kiosks[0].receipts_wait = true;
        kiosks[1].receipts_wait = true;
        for (which, event) in events {
            let bench = &mut kiosks[usize::from(which)];
            match event {
                Happening::Scan => { bench.scan(band("p1")).scan(package(&pill())); }
                Happening::Confirm => { bench.confirm(); }
                Happening::HubAnswers => {
                    if let Phase::Claiming(claiming) = bench.bedside.phase() {
                        let claim = claiming.claim.clone();
                        let answer = hub.claim(&claim, bench.ward.now);
                        match answer {
                            Ok(()) => bench.event(Event::Claimed(claim.entry, Grant::Ward)),
                            Err(refusal) => bench.event(Event::ClaimRefused(claim.entry, refusal)),
                        };
                        for released in core::mem::take(&mut bench.released) {
                            hub.release(released);
                        }
                    }
                }
                Happening::LedgerAnswers => { bench.all_receipts(); }
                Happening::HubHears => {
                    let all = records(bench);
                    for record in &all[heard[usize::from(which)]..] {
                        if let Record::Administration(done) = record {
                            hub.recorded(done);
                        }
                    }
                    heard[usize::from(which)] = all.len();
                }
                Happening::Leave => { bench.event(Event::Continue).event(Event::Cancel); }
                Happening::Wait(millis) => {
                    let time = SignedDuration::from_millis(i64::from(millis));
                    for bench in &mut kiosks {
                        // Each tick comes after the hub had its say; a kiosk that waits longer goes on alone, which is scenario 30.
                        if !matches!(bench.bedside.phase(), Phase::Claiming(_)) {
                            bench.wait(time).event(Event::Tick);
                        }
                    }
                }
            }
        }
        let given: usize = kiosks.iter().map(|bench| bench.given().len()).sum();
        prop_assert!(given <= 1, "{given}");
    }
}

/// What another kiosk gives is this dose only when the request and the scheduled time are the same.
#[test]
fn o8_another_kiosk_gives_this_dose_only_when_order_and_time_are_the_same() {
    let mut one = kiosk("n1", 10, &order("r", &pill(), "25 mg"));
    one.scan(package(&pill())).assert_ready();
    let mut case = rights::case::DoseCase::clone(&one.dose().case);
    for (request, slot, stops) in
        [("r", "09:00", true), ("r", "21:00", false), ("s", "09:00", false), ("s", "21:00", false)]
    {
        case.being_given = vec![rights::claims::BeingGiven {
            request: rights::ident::RequestId::parse(request).unwrap(),
            slot: Some(today(slot)),
            by: rights::ident::ClinicianId::parse("n2").unwrap(),
            since: today("09:00"),
        }];
        let verdict = rights::decide::decide_dose(&case);
        assert_eq!(verdict.finding(Check::O8).is_some(), stops, "{request} {slot}");
    }
}

/// How long a claim lasts is counted by the hub's clock, however wrong the kiosk's is.
#[test]
fn a_claim_lasts_by_the_clock_of_the_hub() {
    let (mut one, mut other) = two(&order("r", &pill(), "25 mg"));
    let mut hub = Claims::new(one.ward.policy.claim_lasts);
    one.scan(package(&pill())).confirm();
    other.scan(package(&pill())).confirm();
    let now = one.ward.now;
    let behind = rights::claims::Claim { at: now - SignedDuration::from_hours(1), ..one.claims[0].clone() };
    hub.claim(&behind, now).unwrap();
    let later = now + minutes(9);
    let Err(rights::claims::Refusal::BeingGiven(held)) = hub.claim(&other.claims[0], later) else {
        panic!("the first kiosk has it")
    };
    assert_eq!(held.since, now);
    assert!(hub.claim(&other.claims[0], now + minutes(10)).is_ok());
}

/// What the hub told of the other kiosk's dose counts in its place, once, and no longer when that dose was entered in error.
#[test]
fn o8_a_dose_that_the_hub_told_of_counts_once_in_its_place_and_not_after_its_correction() {
    let request = Request { timing: as_needed(Some(4), None), ..order("r", &pill(), "25 mg") };
    let told = |prepare: &dyn Fn(&mut Bench, &rights::history::Administration)| {
        let (mut one, mut other) = two(&request);
        let mut hub = Claims::new(one.ward.policy.claim_lasts);
        for bench in [&mut one, &mut other] {
            bench.scan(package(&pill())).answer(Check::T6, "pain").confirm();
        }
        assert!(answer_claim(&mut one, &mut hub) && !answer_claim(&mut other, &mut hub));
        prepare(&mut other, &one.last_given());
        other.scan(band("p1"));
        let history = other.dose().case.history.clone();
        assert!(history.is_sorted_by_key(|done| done.at));
        (history.len(), matches!(other.variance(Check::T4), Some(Variance::TooSoon(..))))
    };
    assert_eq!(told(&|_, _| {}), (1, true));
    // The ledger of the ward tells it too.
    assert_eq!(told(&|other, done| other.ward.chart.history.push(done.clone())), (1, true));
    // Another dose of the afternoon before: both, the earlier one first.
    let before = |other: &mut Bench, _: &rights::history::Administration| {
        other.ward.charted("r", None, rights::history::Outcome::Given, at("2026-06-09 15:00"));
    };
    assert_eq!(told(&before), (2, true));
    // Entered in error, and another one that was.
    let corrected = |other: &mut Bench, done: &rights::history::Administration| {
        other.ward.chart.corrected.push(done.clone());
    };
    assert_eq!(told(&corrected), (0, false));
    let another = |other: &mut Bench, done: &rights::history::Administration| {
        let entry = Some(IdempotencyKey { session: [9; 16], count: 9 });
        other.ward.chart.corrected.push(rights::history::Administration { entry, ..done.clone() });
    };
    assert_eq!(told(&another), (1, true));
}

/// The hub may tell of a dose under the number that the record had before a merge: it is this patient's.
#[test]
fn o8_a_dose_told_under_a_merged_number_is_this_patients() {
    let request = Request { timing: as_needed(Some(4), None), ..order("r", &pill(), "25 mg") };
    let (mut one, mut other) = two(&request);
    for bench in [&mut one, &mut other] {
        bench.scan(package(&pill())).answer(Check::T6, "pain").confirm();
    }
    let claim = one.claims[0].clone();
    one.event(Event::Claimed(claim.entry, Grant::Ward));
    let told = rights::history::Administration { patient: patient_id("before"), ..one.last_given() };
    let claim = other.claims[0].clone();
    other.event(Event::ClaimRefused(claim.entry, Refusal::Charted(told.into())));
    assert_eq!(other.dose().case.history[0].patient, patient_id("p1"));
}

/// Two doses are two claims: another order, or another time of the same order, is nobody else's.
#[test]
fn claims_of_another_order_or_time_stand_beside_each_other() {
    let mut one = kiosk("n1", 10, &order("r", &pill(), "25 mg"));
    let mut hub = Claims::new(one.ward.policy.claim_lasts);
    one.scan(package(&pill())).confirm();
    let claim = one.claims[0].clone();
    let now = one.ward.now;
    hub.claim(&claim, now).unwrap();
    let other = |count| Claim { entry: IdempotencyKey { session: [7; 16], count }, ..claim.clone() };
    assert_eq!(hub.claim(&Claim { slot: Some(today("21:00")), ..other(1) }, now), Ok(()));
    let request = rights::ident::RequestId::parse("s").unwrap();
    assert_eq!(hub.claim(&Claim { request, ..other(2) }, now), Ok(()));
    assert!(matches!(hub.claim(&other(3), now), Err(Refusal::BeingGiven(_))));
}

/// What the hub knows of recorded doses: each once, a day back for doses without a scheduled time, until it is told to forget.
/// "Not given" closes a dose as a dose does (decision 0079): the other kiosk is told before it gives it.
#[test]
fn o8_a_dose_that_was_charted_as_not_given_elsewhere_is_not_granted() {
    let request = Request { timing: daily(&[9]), ..order("r", &pill(), "25 mg") };
    let (mut one, mut other) = two(&request);
    let mut hub = Claims::new(one.ward.policy.claim_lasts);
    let choice = rights::case::Choice {
        request: request.id.clone(),
        version: request.version,
        slot: Some(today("09:00")),
    };
    other.scan(package(&pill())).confirm();
    let claim = other.claims.last().unwrap().clone();
    for (outcome, reason, granted) in
        [(Outcome::Held, "asleep", true), (Outcome::NotGiven, "given-elsewhere", false)]
    {
        one.not_given(choice.clone(), outcome, reason).event(Event::Continue);
        for record in records(&one) {
            if let Record::Administration(done) = record {
                hub.recorded(&done);
            }
        }
        assert_eq!(hub.claim(&claim, other.ward.now).is_ok(), granted, "{outcome:?}");
        hub.release(claim.entry);
    }
}

#[test]
fn claim_hub_knows_each_recorded_dose_once_and_until_it_forgets() {
    let request = Request { timing: as_needed(None, None), ..order("r", &pill(), "25 mg") };
    let (mut one, mut other) = two(&request);
    let mut hub = Claims::new(one.ward.policy.claim_lasts);
    for bench in [&mut one, &mut other] {
        bench.scan(package(&pill())).answer(Check::T6, "pain").confirm();
    }
    assert!(answer_claim(&mut one, &mut hub));
    let given = one.last_given();
    hub.recorded(&given);
    let claim = other.claims[0].clone();
    let at = |after: SignedDuration| Claim { at: given.at + after, ..claim.clone() };
    let day = SignedDuration::from_hours(24);
    let refused = |hub: &mut Claims, claim: &Claim| hub.claim(claim, claim.at).is_err();
    assert!(
        refused(&mut hub, &at(day - SignedDuration::from_secs(1))),
        "not known here, and of less than a day"
    );
    assert!(!refused(&mut hub.clone(), &at(day)));
    // Told twice it is one: after its correction nothing is left of it.
    let mut corrected = hub.clone();
    corrected.corrected(given.entry.unwrap(), given.at);
    assert!(!refused(&mut corrected, &at(SignedDuration::ZERO)));
    // A correction is remembered for as long as its dose may be told.
    corrected.release(claim.entry);
    corrected.forget(given.at);
    corrected.recorded(&given);
    assert!(!refused(&mut corrected.clone(), &at(SignedDuration::ZERO)));
    corrected.forget(given.at + SignedDuration::from_secs(1));
    corrected.recorded(&given);
    assert!(refused(&mut corrected, &at(SignedDuration::ZERO)));
    // It stays when what was before it is forgotten, and goes when it is before.
    let mut kept = hub.clone();
    kept.forget(given.at);
    assert!(refused(&mut kept, &at(SignedDuration::ZERO)));
    hub.forget(given.at + SignedDuration::from_secs(1));
    assert!(!refused(&mut hub, &at(SignedDuration::ZERO)));
}
