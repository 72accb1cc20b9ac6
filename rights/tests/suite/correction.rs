//! Corrections: GIVEN -> ENTERED-IN-ERROR -> DUE (clinical.md section 3), by the giver for an hour, then by a charge nurse.

use crate::common::life::*;
use crate::common::*;
use jiff::SignedDuration;
use rights::bedside::{Event, Notice, Phase};
use rights::due_list::DueState;
use rights::entry::EntryKind;
use rights::follow_up::Act;
use rights::history::Outcome;
use rights::person::Role;
use rights::product::Product;
use rights::verdict::Check;

fn pill() -> Product {
    tablet("metoprolol-25", "metoprolol tartrate", "25 mg")
}

fn given() -> Bench {
    let mut ward = Ward::with(&[&pill()], &[order("r", &pill(), "25 mg")]);
    employ(&mut ward, "n2", Role::Nurse);
    employ(&mut ward, "c1", Role::ChargeNurse);
    let mut bench = Bench::at_bedside(ward);
    bench.give(&pill());
    bench
}

fn notice(bench: &Bench) -> Option<Notice> {
    match bench.bedside.phase() {
        Phase::DueList { notice } => *notice,
        _ => None,
    }
}

#[test]
fn correction_makes_the_dose_due_again_and_leaves_its_entry() {
    let mut bench = given();
    let entry = bench.last_entry();
    bench.scan(band("p1")).scan(package(&pill())).assert_stopped_by(Check::O8);
    bench.follow(entry, Act::EnteredInError, Some("not-taken"));
    assert_eq!(bench.phase(), "done");
    assert_eq!(bench.last().kind(), EntryKind::Correction);
    assert_eq!(bench.ward.chart.corrected.len(), 1, "it is struck out, not gone");
    assert!(bench.due_states().contains(&DueState::DueNow));
    bench.event(Event::Continue).give(&pill());
    assert_eq!(bench.given().len(), 2, "both entries stay");
    assert_ne!(bench.last_entry(), entry);
}

#[test]
fn correction_is_the_givers_for_60_minutes_and_then_a_charge_nurses() {
    for (minutes_later, by, corrected) in
        [(60, "n1", true), (61, "n1", false), (10, "n2", false), (10, "c1", true), (600, "c1", true)]
    {
        let mut bench = given();
        let entry = bench.last_entry();
        bench.event(Event::SignOff).wait(minutes(minutes_later)).sign_on(by).scan(band("p1"));
        bench.follow(entry, Act::EnteredInError, Some("charted-twice"));
        assert_eq!(bench.followed(), usize::from(corrected), "{by} after {minutes_later}");
        if !corrected {
            assert_eq!(notice(&bench), Some(Notice::MayNotCorrect));
        }
    }
}

#[test]
fn correction_needs_its_reason_and_happens_once() {
    let mut bench = given();
    let entry = bench.last_entry();
    for reason in [None, Some("refused"), Some("other")] {
        bench.follow(entry, Act::EnteredInError, reason);
        assert_eq!((bench.followed(), notice(&bench)), (0, Some(Notice::AnswerIncomplete)), "{reason:?}");
    }
    bench.follow(entry, Act::EnteredInError, Some("not-taken")).event(Event::Continue);
    bench.follow(entry, Act::EnteredInError, Some("not-taken"));
    assert_eq!((bench.followed(), notice(&bench)), (1, Some(Notice::CannotChart)));
}

#[test]
fn correction_needs_a_fresh_band_of_the_same_patient_and_a_clock() {
    let mut bench = given();
    let entry = bench.last_entry();
    bench.wait(minutes(6)).follow(entry, Act::EnteredInError, Some("not-taken"));
    assert_eq!(notice(&bench), Some(Notice::BandAgain));
    bench.scan(band("p2")).follow(entry, Act::EnteredInError, Some("not-taken"));
    assert_eq!(notice(&bench), Some(Notice::CannotChart), "another patient's dose");
    bench.scan(band("p1"));
    bench.ward.clock = rights::moment::ClockTrust::Known(SignedDuration::from_mins(6));
    bench.follow(entry, Act::EnteredInError, Some("not-taken"));
    assert_eq!((bench.followed(), notice(&bench)), (0, Some(Notice::RecordOnPaper)));
}

/// P8: what cannot be scanned cannot be scanned again; a typed identification holds for charting as long as for giving.
#[test]
fn correction_holds_a_typed_identification_as_long_as_giving_does() {
    let mut bench = crate::keyed::identified_by_typing(&pill());
    bench.scan(package(&pill())).confirm();
    let entry = bench.last_entry();
    bench.wait(minutes(14)).follow(entry, Act::EnteredInError, Some("not-taken"));
    assert_eq!((bench.followed(), notice(&bench)), (1, None));
    let mut bench = crate::keyed::identified_by_typing(&pill());
    bench.scan(package(&pill())).confirm();
    let entry = bench.last_entry();
    bench.wait(minutes(16)).follow(entry, Act::EnteredInError, Some("not-taken"));
    assert_eq!((bench.followed(), notice(&bench)), (0, Some(Notice::BandAgain)));
}

#[test]
fn correction_frees_the_package_and_the_as_needed_interval() {
    let request =
        rights::request::Request { timing: as_needed(Some(4), None), ..order("r", &pill(), "25 mg") };
    let mut bench = Bench::at_bedside(Ward::with(&[&pill()], &[request]));
    bench.scan(package_no(&pill(), "S1")).answer(Check::T6, "pain").confirm();
    let entry = bench.last_entry();
    bench.event(Event::Continue).scan(package_no(&pill(), "S1"));
    assert!(bench.verdict().finding(Check::T4).is_some_and(|f| f.class > rights::verdict::Class::Info));
    assert!(bench.verdict().stops().any(|finding| finding.check == Check::M4));
    bench.event(Event::Cancel).follow(entry, Act::EnteredInError, Some("not-taken"));
    bench.event(Event::Continue).scan(package_no(&pill(), "S1")).answer(Check::T6, "pain");
    bench.confirm();
    assert_eq!(bench.given().len(), 2);
}

#[test]
fn w4_a_controlled_dose_that_was_not_taken_after_all_is_in_its_nurses_custody() {
    let morphine = Product {
        controlled: Some(rights::product::Controlled::Two),
        ..tablet("morphine-15", "morphine sulfate", "15 mg")
    };
    let mut bench = Bench::at_bedside(Ward::with(&[&morphine], &[order("r", &morphine, "15 mg")]));
    bench.give(&morphine);
    let custody = |bench: &Bench| -> Vec<_> {
        rights::custody::in_custody(&bench.ward.chart, &bench.ward.policy, bench.ward.now)
            .into_iter()
            .map(|item| (item.id.clone(), item.remaining, item.is_whole()))
            .collect()
    };
    assert!(custody(&bench).is_empty(), "all of it was taken");
    let entry = bench.last_entry();
    bench.wait(minutes(1)).follow(entry, Act::EnteredInError, Some("not-taken"));
    let open = custody(&bench);
    assert_eq!(open.len(), 1);
    let (id, remaining, whole) = open[0].clone();
    assert_eq!((remaining, whole, id.by.as_str()), (q("1 {tablet}"), true, "n1"));
    bench.later(minutes(1)).give(&morphine);
    assert!(custody(&bench).is_empty(), "given after all");
    let again: Vec<_> = records(&bench);
    bench.ward.chart.set_aside.clear();
    bench.ward.chart.history.clear();
    bench.ward.chart.corrected.clear();
    bench.ward.chart.follow_ups.clear();
    for record in again.into_iter().rev() {
        bench.ward.chart.learn(record);
    }
    assert!(custody(&bench).is_empty(), "in whichever order it is learned");
    assert_eq!(bench.ward.chart.set_aside.len(), 1);
}

#[test]
fn missing_is_charted_and_told_until_it_is_given() {
    let mut bench = Bench::at_bedside(Ward::with(&[&pill()], &[order("r", &pill(), "25 mg")]));
    let request = rights::ident::RequestId::parse("r").unwrap();
    let choice = rights::case::Choice { request, version: 1, slot: Some(today("09:00")) };
    bench.not_given(choice, Outcome::Missing, "not-available");
    assert_eq!(bench.last().kind(), EntryKind::Missing);
    let state = DueState::MayStillBeGiven(Outcome::Missing, today("09:00"));
    assert!(bench.due_states().contains(&state));
    bench.later(minutes(30)).scan(package(&pill()));
    bench.confirm();
    assert_eq!(bench.given().len(), 1, "it came");
    assert!(!bench.due_states().contains(&state));
}

#[test]
fn missed_and_cancelled_are_told_by_time_alone() {
    let request = rights::request::Request { timing: daily(&[9, 21]), ..order("r", &pill(), "25 mg") };
    let mut bench = Bench::at_bedside(Ward::with(&[&pill()], &[request]));
    let state_at = |bench: &mut Bench, clock: &str| {
        bench.ward.now = today(clock);
        let nine = Some(today("09:00"));
        bench.due().into_iter().find(|item| item.slot.map(|slot| slot.due) == nine).map(|item| item.state)
    };
    assert_eq!(state_at(&mut bench, "10:00"), Some(DueState::DueNow));
    assert_eq!(state_at(&mut bench, "10:01"), Some(DueState::Overdue));
    assert_eq!(state_at(&mut bench, "20:59"), Some(DueState::Overdue));
    assert_eq!(state_at(&mut bench, "21:00"), Some(DueState::Missed));
    assert_eq!(state_at(&mut bench, "10:00"), Some(DueState::DueNow), "nothing was stored");
    assert!(bench.ward.chart.history.is_empty());
}
