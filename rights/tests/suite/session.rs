//! The session: rules 1 to 6 of section 2 of the clinical specification, sign-on, and the entries that every end of a scan leaves.

use std::collections::BTreeSet;

use crate::common::*;
use jiff::civil::Weekday;
use jiff::{SignedDuration, Timestamp};
use rights::bedside::{Bedside, Effect, Event, Phase, PinOutcome, Step};
use rights::case::Choice;
use rights::entry::EntryKind;
use rights::history::Outcome;
use rights::ident::RequestId;
use rights::product::Product;
use rights::request::Request;
use rights::schedule::Timing;
use rights::verdict::{Check, Variance};

fn pill() -> Product {
    tablet("metoprolol-25", "metoprolol tartrate", "25 mg")
}

fn ward() -> Ward {
    Ward::with(&[&pill()], &[order("r", &pill(), "25 mg")])
}

fn abandoned(bench: &Bench) -> Vec<&str> {
    bench
        .entries
        .iter()
        .filter(|entry| entry.kind() == EntryKind::Abandoned)
        .map(|entry| entry.clear().reason.as_ref().unwrap().as_str())
        .collect()
}

#[test]
fn session_rule_1_wristband_before_medication() {
    let mut bench = Bench::locked(ward());
    bench.sign_on("n1").scan(package(&pill())).confirm();
    assert_eq!(bench.phase(), "identify");
    assert_eq!(bench.last().kind(), EntryKind::Unidentified);
    bench.scan(band("p1")).scan(package(&pill())).confirm();
    assert_eq!(bench.given().len(), 1);
}

#[test]
fn session_rule_2_a_band_scan_holds_five_minutes() {
    for (seconds, given) in [(300, 1), (301, 0)] {
        let mut bench = Bench::at_bedside(ward());
        bench.wait(jiff::SignedDuration::from_secs(seconds - 10)).scan(package(&pill()));
        bench.wait(jiff::SignedDuration::from_secs(10)).confirm();
        assert_eq!(bench.given().len(), given, "{seconds}");
    }
    let mut bench = Bench::at_bedside(ward());
    bench.wait(minutes(4)).scan(package(&pill())).wait(minutes(2)).confirm().assert_stopped_by(Check::P1);
    bench.scan(band("p1")).assert_ready();
    bench.confirm();
    assert_eq!(bench.given().len(), 1, "scanned again, the dose in hand is kept");
}

#[test]
fn session_rule_2_a_package_scan_holds_ten_minutes() {
    for (late, given) in [(0, 1), (1, 0)] {
        let mut bench = Bench::at_bedside(ward());
        bench.scan(package(&pill())).wait(minutes(5)).scan(band("p1"));
        bench.wait(minutes(5)).wait(jiff::SignedDuration::from_secs(late)).scan(band("p1")).confirm();
        assert_eq!(bench.given().len(), given);
    }
}

#[test]
fn session_rule_2_a_scan_from_the_future_does_not_hold() {
    let mut bench = Bench::at_bedside(ward());
    bench.scan(package(&pill())).wait(minutes(-60)).confirm();
    assert_eq!(bench.step(), Step::Stopped);
    assert!(bench.given().is_empty());
}

/// Two clocks may differ by half a minute; a scan from further ahead is of no known age.
#[test]
fn session_rule_2_a_scan_from_half_a_minute_ahead_still_holds() {
    for (seconds, stops) in [(30, false), (31, true)] {
        let mut bench = Bench::at_bedside(ward());
        bench.wait(jiff::SignedDuration::from_secs(-seconds)).scan(package(&pill()));
        assert_eq!(bench.step() == Step::Stopped, stops, "{seconds}");
    }
}

#[test]
fn session_rule_3_another_band_closes_the_patient_and_voids_what_is_in_hand() {
    let mut bench = Bench::at_bedside(ward());
    bench.scan(package(&pill())).scan(band("p2"));
    assert_eq!(abandoned(&bench), ["another-wristband"]);
    assert_eq!(bench.bedside.patient().unwrap().id, patient_id("p2"));
    bench.confirm();
    assert!(bench.given().is_empty());
    bench.scan(package(&pill())).assert_stopped_by(Check::M7);
}

#[test]
fn session_rule_3_an_old_band_of_the_same_patient_closes_the_patient_too() {
    let mut bench = Bench::at_bedside(ward());
    bench.scan(package(&pill())).scan(band_with("p1", "1"));
    assert_eq!(abandoned(&bench), ["another-wristband"]);
    assert!(bench.bedside.patient().is_none());
}

#[test]
fn session_rule_4_a_package_scan_belongs_to_one_session() {
    let mut bench = Bench::at_bedside(ward());
    bench.scan(package(&pill())).event(Event::SignOff);
    assert_eq!(abandoned(&bench), ["signed-off"]);
    bench.sign_on("n1").scan(band("p1")).confirm();
    assert_eq!(bench.phase(), "due list");
    assert!(bench.given().is_empty());
}

#[test]
fn session_rule_5_given_only_after_the_receipt() {
    let mut bench = Bench::at_bedside(ward());
    bench.scan(package(&pill()));
    bench.receipts_wait = true;
    bench.confirm();
    assert!(matches!(bench.bedside.phase(), Phase::Saving(_)));
    bench.receipts(&[true]);
    assert!(matches!(bench.bedside.phase(), Phase::Done(_)));
}

#[test]
fn session_rule_6_a_hard_stop_is_in_the_commit_and_no_event_skips_it() {
    let mut bench = Bench::at_bedside(ward());
    bench.scan(package(&pill())).scan(package(&pill())).assert_stopped_by(Check::D4);
    for check in Check::ALL {
        bench.answer(*check, "prescriber-ordered").call(*check, "benefit-outweighs-risk");
    }
    bench.event(Event::NoMore).event(Event::Continue).confirm();
    assert!(bench.given().is_empty());
}

#[test]
fn session_idle_60_seconds_voids_and_locks_and_59_do_not() {
    let mut bench = Bench::at_bedside(ward());
    bench.scan(package(&pill())).wait(jiff::SignedDuration::from_secs(59)).event(Event::Tick);
    assert_eq!(bench.phase(), "dose");
    bench.wait(jiff::SignedDuration::from_secs(1)).event(Event::Tick);
    assert_eq!(bench.phase(), "locked");
    assert_eq!(abandoned(&bench), ["idle"]);
    assert_eq!(bench.last().kind(), EntryKind::SignOff);
    let mut bench = Bench::at_bedside(ward());
    bench.wait(jiff::SignedDuration::from_secs(50)).scan(package(&pill()));
    bench.wait(jiff::SignedDuration::from_secs(50)).event(Event::Tick);
    assert_eq!(bench.phase(), "dose", "an act begins the time anew");
}

/// Choosing a reason or writing a note is no event of the session, but somebody is there.
#[test]
fn session_touching_the_screen_is_not_idle() {
    let mut bench = Bench::at_bedside(ward());
    bench.scan(package(&pill())).wait(jiff::SignedDuration::from_secs(50)).event(Event::Touched);
    bench.wait(jiff::SignedDuration::from_secs(50)).event(Event::Tick);
    assert_eq!(bench.phase(), "dose");
}

#[test]
fn session_a_clock_set_back_does_not_keep_it_open() {
    let mut bench = Bench::at_bedside(ward());
    bench.wait(minutes(-60)).event(Event::Tick);
    assert_eq!(bench.phase(), "locked");
}

#[test]
fn session_every_way_out_of_a_dose_is_an_abandoned_entry() {
    let choice = Choice { request: RequestId::parse("r").unwrap(), version: 1, slot: Some(today("09:00")) };
    for (way, reason) in [
        (Event::Cancel, "cancelled"),
        (Event::PutBack, "put-back"),
        (Event::SignOff, "signed-off"),
        (Event::Scanned(band("p2")), "another-wristband"),
        (
            Event::ChartNotGiven(rights::bedside::NotGiven {
                choice,
                outcome: Outcome::Refused,
                reason: rights::ident::ReasonCode::parse("refused").unwrap(),
                note: None,
            }),
            "charted-not-given",
        ),
    ] {
        let mut bench = Bench::at_bedside(ward());
        bench.scan(package(&pill())).event(way);
        assert_eq!(abandoned(&bench), [reason]);
        assert_ne!(bench.phase(), "dose");
        assert!(bench.given().is_empty());
    }
}

#[test]
fn session_pin_is_asked_and_only_roles_that_may_give_sign_on() {
    let ward = ward();
    let mut bedside = Bedside::new();
    let asked = bedside.handle(Event::Scanned(badge("n1")), &ward.world());
    assert!(matches!(asked.as_slice(), [Effect::AskPin(id)] if id.as_str() == "n1"));
    let refused = Event::PinChecked { outcome: PinOutcome::Refused, session: [1; 16] };
    let effects = bedside.handle(refused, &ward.world());
    assert!(matches!(&effects[0], Effect::Record(entry) if entry.kind() == EntryKind::SignOnRefused));
    assert!(bedside.session().is_none() && matches!(bedside.phase(), Phase::Pin { refused: true, .. }));
    let locked = Event::PinChecked { outcome: PinOutcome::LockedOut, session: [2; 16] };
    let _ = bedside.handle(locked, &ward.world());
    assert!(matches!(bedside.phase(), Phase::Locked { notice: Some(_) }));
    let unasked = Event::PinChecked { outcome: PinOutcome::Accepted, session: [3; 16] };
    assert!(bedside.handle(unasked, &ward.world()).is_empty(), "nobody's PIN was asked");
    assert!(bedside.session().is_none());

    let mut student = Bench::locked(ward);
    student.sign_on("s1");
    assert_eq!(student.phase(), "locked");
    student.scan(band("p1")).scan(package(&pill()));
    assert_eq!(student.phase(), "locked");
}

#[test]
fn session_entry_keys_are_unique_and_entries_name_who() {
    let mut bench = Bench::at_bedside(ward());
    bench.scan(package(&pill())).event(Event::PutBack).scan(package(&pill())).confirm();
    bench.event(Event::SignOff).sign_on("n1").scan(band("p1")).scan(package(&pill())).event(Event::Cancel);
    let keys: BTreeSet<_> = bench.entries.iter().map(rights::entry::Entry::key).collect();
    assert_eq!(keys.len(), bench.entries.len());
    assert!(bench.entries.iter().all(|e| e.actor().is_some_and(|a| a.clinician.as_str() == "n1")));
}

#[test]
fn charted_not_given_needs_a_listed_reason_a_fresh_band_and_an_open_scheduled_dose() {
    let choice = |slot| Choice { request: RequestId::parse("r").unwrap(), version: 1, slot };
    let nine = Some(today("09:00"));
    for (slot, reason, wait, charted) in [
        (nine, "refused", 0, true),
        (nine, "pain", 0, false),
        (nine, "other", 0, false),
        (nine, "refused", 6, false),
        (Some(today("09:30")), "refused", 0, false),
        (None, "refused", 0, false),
    ] {
        let mut bench = Bench::at_bedside(ward());
        bench.wait(minutes(wait)).not_given(choice(slot), Outcome::Refused, reason);
        assert_eq!(bench.last().kind() == EntryKind::Refused, charted, "{slot:?} {reason} {wait}");
    }
    let mut bench = Bench::at_bedside(ward());
    bench.scan(package(&pill())).confirm();
    bench.not_given(choice(nine), Outcome::Held, "asleep");
    assert_ne!(bench.last().kind(), EntryKind::Held, "it was given");
    bench.not_given(choice(nine), Outcome::Given, "asleep");
    assert_eq!(bench.given().len(), 1, "nothing is given without a scan");
}

#[test]
fn charted_not_given_of_a_one_time_dose_names_its_instant() {
    let once = Request { timing: Timing::At(vec![today("09:00")]), ..order("r", &pill(), "25 mg") };
    let mut bench = Bench::at_bedside(Ward::with(&[&pill()], &[once]));
    let choice = |slot| Choice { request: RequestId::parse("r").unwrap(), version: 1, slot };
    bench.not_given(choice(None), Outcome::Refused, "refused");
    assert_ne!(bench.last().kind(), EntryKind::Refused);
    bench.not_given(choice(Some(today("09:00"))), Outcome::Refused, "refused");
    assert_eq!(bench.last().kind(), EntryKind::Refused);
}

#[test]
fn held_then_given_is_possible_and_the_last_outcome_counts() {
    let mut bench = Bench::at_bedside(ward());
    let choice = Choice { request: RequestId::parse("r").unwrap(), version: 1, slot: Some(today("09:00")) };
    bench.not_given(choice, Outcome::Held, "asleep");
    assert_eq!(bench.last().kind(), EntryKind::Held);
    bench.wait(minutes(1)).scan(package(&pill())).answer(Check::T7, "prescriber-ordered").confirm();
    assert_eq!(bench.given().len(), 1);
    bench.scan(package(&pill())).assert_stopped_by(Check::O8);
    assert!(matches!(bench.variance(Check::O8), Some(Variance::AlreadyCharted(Outcome::Given, ..))));
}

/// A rejection at the locked screen is an entry: what was scanned stands with the patient data, for it may be a wristband.
#[test]
fn session_what_is_no_badge_is_recorded_and_opens_nothing() {
    let mut bench = Bench::locked(ward());
    bench.scan(band("p1"));
    assert_eq!(bench.kinds(), [EntryKind::SignOnRefused]);
    assert_eq!(bench.phase(), "locked");
    assert!(bench.last().actor().is_none());
    assert!(bench.last().detached().is_some_and(|detached| detached.scanned.is_some()));
    bench.scan(band("p1"));
    assert_ne!(bench.entries[0].key(), bench.entries[1].key(), "each attempt is one entry");
}

/// S1: a ledger that does not answer has not recorded; its late answer is still heard.
#[test]
fn session_a_silent_ledger_is_not_recorded_after_ten_seconds() {
    let mut bench = Bench::at_bedside(ward());
    bench.receipts_wait = true;
    bench.scan(package(&pill())).confirm();
    assert_eq!(bench.phase(), "saving");
    bench.wait(jiff::SignedDuration::from_secs(9)).event(Event::Tick);
    assert_eq!(bench.phase(), "saving");
    bench.wait(jiff::SignedDuration::from_secs(1)).event(Event::Tick);
    assert_eq!(bench.phase(), "not recorded");
    // The red screen tells what to write on paper; signing off does not take that away.
    bench.event(Event::SignOff);
    assert_eq!(bench.phase(), "not recorded");
}

/// A long stay does not make the decision longer: of a request the last dose is looked up, and what was charted since.
#[test]
fn session_looks_up_the_last_dose_of_a_request_and_not_every_one_before() {
    let product = tablet("digoxin", "digoxin", "125 ug");
    let mut ward = Ward::with(
        &[&product],
        &[Request { timing: weekly(&[Weekday::Wednesday], 9), ..order("r1", &product, "125 ug") }],
    );
    ward.request("r1").start = ward.now - SignedDuration::from_hours(24 * 100);
    let ago = |weeks: i64| ward.now - SignedDuration::from_hours(24 * 7 * weeks);
    let (third, second, first) = (ago(3), ago(2), ago(1));
    ward.charted("r1", Some(third), Outcome::Given, third);
    ward.charted("r1", Some(second), Outcome::Given, second);
    ward.charted("r1", Some(first), Outcome::Refused, first);
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&product));
    let looked_up: Vec<Timestamp> = bench.dose().case.history.iter().map(|done| done.at).collect();
    assert_eq!(looked_up, [second, first]);
}

/// The PIN is asked of nobody: after a minute, or when the nurse goes, the kiosk is locked as before.
#[test]
fn a_pin_that_nobody_types_is_asked_for_a_minute() {
    use rights::bedside::{Bedside, Effect, Event};
    for (seconds, phase) in [(59, "pin"), (60, "locked")] {
        let mut ward = ward();
        let mut bedside = Bedside::new();
        let effects = bedside.handle(Event::Scanned(badge("n1")), &ward.world());
        assert!(effects.iter().any(|effect| matches!(effect, Effect::AskPin(_))));
        ward.now += jiff::SignedDuration::from_secs(seconds);
        assert!(bedside.handle(Event::Tick, &ward.world()).is_empty());
        assert_eq!(phase_name(bedside.phase()), phase, "{seconds}");
    }
    let ward = ward();
    let mut bedside = Bedside::new();
    let _ = bedside.handle(Event::Scanned(badge("n1")), &ward.world());
    assert!(bedside.handle(Event::Cancel, &ward.world()).is_empty());
    assert_eq!(phase_name(bedside.phase()), "locked");
}

/// A value that cannot be meant is said where the nurse stands, and is not recorded.
#[test]
fn a_value_of_the_future_is_refused_on_the_due_list_too() {
    let mut bench = Bench::at_bedside(ward());
    let entries = bench.entries.len();
    let later = bench.ward.now + minutes(1);
    bench.enter(rights::entered::Entered::Observation(observation("heart-rate", "72 /min", later)));
    assert!(matches!(
        bench.bedside.phase(),
        rights::bedside::Phase::DueList { notice: Some(rights::bedside::Notice::ValueNotPossible) }
    ));
    assert_eq!(bench.entries.len(), entries);
}

/// A refused sign-on says why, and how the code reached us.
#[test]
fn a_refused_sign_on_says_why_and_how_the_badge_was_read() {
    let mut bench = Bench::locked(ward());
    bench.scan(badge("nobody"));
    let refused = bench.last();
    assert_eq!(refused.kind(), EntryKind::SignOnRefused);
    assert_eq!(refused.clear().reason.as_ref().unwrap().as_str(), "unknown-badge");
    assert_eq!(refused.clear().source, Some(rights::scan::Source::Camera));
    assert_eq!(refused.clear().symbology, Some(rights::scan::Symbology::DataMatrix));
    bench.pins.push(rights::bedside::PinOutcome::Refused);
    bench.scan(badge("n1"));
    let refused = bench.last();
    assert_eq!(refused.kind(), EntryKind::SignOnRefused);
    assert_eq!(refused.clear().reason.as_ref().unwrap().as_str(), "wrong-pin");
}

/// Why something is not charted is said where the nurse stands, with the tone of a stop.
#[test]
fn charted_not_given_with_a_package_in_hand_says_why_not_and_keeps_it_in_hand() {
    let mut bench = Bench::at_bedside(ward());
    bench.scan(package(&pill()));
    let choice = bench.verdict().plan().unwrap().choice.clone();
    bench.not_given(choice, Outcome::Refused, "pain");
    assert_eq!(bench.dose().notice, Some(rights::bedside::Notice::AnswerIncomplete));
    assert_eq!(bench.tones.last(), Some(&rights::bedside::Tone::Stop));
}
