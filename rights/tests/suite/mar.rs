//! The MAR and the due list as projections: the same records give the same MAR, and what is charted and what was missed can be
//! read from them alone.

use crate::common::life::*;
use crate::common::*;
use jiff::Timestamp;
use proptest::prelude::*;
use rights::bedside::{Bedside, Event, Phase};
use rights::due_list::{DueState, due_list};
use rights::follow_up::Act;
use rights::history::{Outcome, Record};
use rights::ident::Ingredient;
use rights::mar::{MarLine, mar};
use rights::person::{Allergen, Patient};
use rights::product::Product;
use rights::request::{Request, RequestStatus};
use rights::verdict::{Check, Class, Variance};

fn pill() -> Product {
    tablet("metoprolol-25", "metoprolol tartrate", "25 mg")
}

fn of_the_day(ward: &Ward) -> Vec<MarLine<'_>> {
    let patient = &ward.chart.patients[0].id;
    mar(&ward.chart, patient, &ward.policy, &ward.zone, (today("00:00"), today("23:59")), ward.now)
}

fn cells(ward: &Ward) -> Vec<(Option<Timestamp>, DueState)> {
    of_the_day(ward).iter().flat_map(|line| &line.cells).map(|cell| (cell.due, cell.state)).collect()
}

#[test]
fn mar_shows_every_dose_of_the_day_with_its_state() {
    let mut ward = Ward::with(
        &[&pill()],
        &[Request {
            timing: daily(&[3, 9, 15, 21]),
            stop: Some(today("20:00")),
            ..order("r", &pill(), "25 mg")
        }],
    );
    ward.now = today("15:30");
    ward.charted("r", Some(today("09:00")), Outcome::Held, today("09:05"));
    ward.charted("r", Some(today("09:00")), Outcome::Given, today("09:40"));
    let (three, nine, fifteen) = (Some(today("03:00")), Some(today("09:00")), Some(today("15:00")));
    let expected = [
        (three, DueState::Missed),
        (nine, DueState::Charted(Outcome::Given, today("09:40"))),
        (fifteen, DueState::DueNow),
    ];
    assert_eq!(cells(&ward), expected);
    let lines = of_the_day(&ward);
    assert_eq!(lines[0].cells[1].charted.len(), 2, "held and then given: both stay");
}

#[test]
fn mar_says_cancelled_when_the_order_ended_before_the_window_did() {
    let request = Request { timing: daily(&[9, 21]), ..order("r", &pill(), "25 mg") };
    for (stopped, nine) in
        [("08:59", DueState::Cancelled), ("09:30", DueState::Cancelled), ("10:00", DueState::Missed)]
    {
        let mut ward = Ward::with(&[&pill()], core::slice::from_ref(&request));
        ward.now = today("12:00");
        let request = ward.request("r");
        (request.status, request.status_since) = (RequestStatus::Stopped, Some(today(stopped)));
        assert_eq!(cells(&ward)[0], (Some(today("09:00")), nine), "{stopped}");
        assert_eq!(cells(&ward)[1].1, DueState::Cancelled);
    }
}

#[test]
fn mar_strikes_out_what_was_entered_in_error_and_shows_what_followed() {
    let mut bench = Bench::at_bedside(Ward::with(&[&pill()], &[order("r", &pill(), "25 mg")]));
    bench.give(&pill());
    let entry = bench.last_entry();
    bench.follow(entry, Act::EnteredInError, Some("not-taken")).event(Event::Continue).give(&pill());
    let lines = of_the_day(&bench.ward);
    let cell = &lines[0].cells[0];
    assert_eq!(cell.in_error.iter().map(|done| done.entry).collect::<Vec<_>>(), [Some(entry)]);
    assert_eq!(cell.charted.len(), 1);
    assert_eq!(cell.follow_ups.len(), 1);
    assert_eq!(cell.follow_ups[0].act, Act::EnteredInError);
}

#[test]
fn mar_keeps_as_needed_doses_and_doses_of_orders_that_are_gone() {
    let as_needed = Request { timing: as_needed(None, None), ..order("r", &pill(), "25 mg") };
    let mut bench = Bench::at_bedside(Ward::with(&[&pill()], &[as_needed]));
    bench.scan(package(&pill())).answer(Check::T6, "pain").confirm();
    bench.ward.chart.requests.clear();
    let lines = of_the_day(&bench.ward);
    assert_eq!((lines.len(), lines[0].request), (1, None));
    assert_eq!(cells(&bench.ward), [(None, DueState::Charted(Outcome::Given, today("09:00")))]);
}

#[test]
fn merge_ends_the_session_and_the_kept_record_shows_what_was_given_under_the_other() {
    let mut bench = Bench::at_bedside(Ward::with(&[&pill()], &[order("r", &pill(), "25 mg")]));
    bench.give(&pill()).event(Event::Continue).scan(package(&pill()));
    bench.ward.patient("p1").merged_into = Some(patient_id("p2"));
    bench.event(Event::Tick);
    let Phase::Identify { stop: Some(stop), .. } = bench.bedside.phase() else {
        panic!("the session goes on")
    };
    assert_eq!(variance(stop, Check::P2), Some(&Variance::PatientMerged));
    assert!(bench.bedside.patient().is_none());
    bench.scan(band("p1"));
    assert_eq!(bench.phase(), "identify", "its band leads nowhere any more");
    bench.scan(band("p2")).scan(package(&pill())).assert_stopped_by(Check::O8);
    let kept = patient_id("p2");
    let lines = due_list(&bench.ward.chart, &kept, &bench.ward.policy, &bench.ward.zone, bench.ward.now);
    assert!(lines.iter().any(|line| line.state == DueState::Charted(Outcome::Given, today("09:00"))));
    assert_eq!(bench.ward.chart.history[0].patient, patient_id("p1"), "both ids stay");
}

/// An allergy is true of the person, whichever record still holds it.
#[test]
fn merge_keeps_what_the_old_record_says_of_allergies_and_fasting() {
    let mut bench = Bench::at_bedside(Ward::with(&[&pill()], &[order("r", &pill(), "25 mg")]));
    bench.event(Event::Cancel);
    bench.ward.request("r").patient = patient_id("p2");
    let to = Allergen::Ingredient(Ingredient::parse("metoprolol tartrate").unwrap());
    bench.ward.patient("p1").allergies.push(allergy(to, None));
    bench.ward.patient("p1").flags.nil_by_mouth = true;
    bench.scan(band("p2")).scan(package(&pill()));
    assert_eq!(
        (bench.class(Check::C1), bench.class(Check::C5)),
        (Some(Class::Pass), None),
        "another patient's"
    );
    bench.event(Event::Cancel);
    bench.ward.patient("p1").merged_into = Some(patient_id("p2"));
    bench.scan(band("p2")).scan(package(&pill())).assert_stopped_by(Check::C1);
    bench.assert_class(Check::C5, Class::SoftReason);
}

#[test]
fn merge_between_scan_and_confirm_stops_the_commit_and_a_circle_of_merges_ends() {
    let mut bench = Bench::at_bedside(Ward::with(&[&pill()], &[order("r", &pill(), "25 mg")]));
    bench.scan(package(&pill())).assert_ready();
    bench.ward.patient("p1").merged_into = Some(patient_id("p2"));
    bench.confirm().assert_stopped_by(Check::P2);
    let circle =
        |patient: &Patient, into: &str| Patient { merged_into: Some(patient_id(into)), ..patient.clone() };
    let patients = &bench.ward.chart.patients;
    bench.ward.chart.patients = vec![circle(&patients[0], "p2"), circle(&patients[1], "p1")];
    bench.event(Event::Tick).event(Event::Tick);
    assert!(bench.given().is_empty());
}

#[test]
fn transfer_between_scan_and_confirm_asks_and_the_last_dose_is_seen_on_the_new_ward() {
    let request = Request { timing: as_needed(Some(4), None), ..order("r", &pill(), "25 mg") };
    let mut bench = Bench::at_bedside(Ward::with(&[&pill()], &[request]));
    bench.scan(package(&pill())).answer(Check::T6, "pain").confirm();
    bench.event(Event::Continue).wait(minutes(5));
    bench.ward.patient("p1").ward = rights::ident::WardId::parse("ICU").ok();
    bench.scan(band("p1")).scan(package(&pill()));
    assert!(bench.verdict().finding(Check::P5).is_some(), "scenario 26: listed on another ward");
    bench.ward.place = rights::ident::WardId::parse("ICU").unwrap();
    bench.event(Event::Cancel).scan(band("p1")).scan(package(&pill()));
    assert!(bench.verdict().finding(Check::P5).is_none());
    assert_eq!(bench.variance(Check::T4), Some(&Variance::TooSoon(today("09:00"), today("13:00"))));
}

/// The records of a shift: doses, corrections, patches taken off.
fn shift() -> (Ward, Vec<Record>) {
    let nicotine = patch("nicotine-21", "nicotine", "21 mg");
    let requests = [
        Request { timing: daily(&[9, 15]), ..order("r", &pill(), "25 mg") },
        Request { start: today("08:00"), ..order("n", &nicotine, "1 {patch}") },
    ];
    let ward = Ward::with(&[&pill(), &nicotine], &requests);
    let mut bench = Bench::at_bedside(ward);
    bench.give(&pill());
    let wrong = bench.last_entry();
    bench.follow(wrong, Act::EnteredInError, Some("charted-twice")).event(Event::Continue);
    bench.give(&pill()).event(Event::Continue).give(&nicotine);
    let on = bench.last_entry();
    bench.later(minutes(360)).follow(on, Act::PatchRemoved, Some("skin-reaction"));
    bench.event(Event::Continue).give(&pill());
    let of_a_dose = |record: &Record| matches!(record, Record::Administration(_) | Record::FollowUp(_));
    let all: Vec<Record> = records(&bench).into_iter().filter(of_a_dose).collect();
    assert_eq!(all.len(), 6);
    let mut ward = bench.ward;
    ward.chart.history.clear();
    ward.chart.corrected.clear();
    ward.chart.follow_ups.clear();
    (ward, all)
}

proptest! {
    /// A kiosk that restarts, one that hears the records of another kiosk late, and one that hears them twice show the same MAR.
    #[test]
    fn replaying_the_entries_gives_the_same_mar(order in Just((0..6).collect::<Vec<usize>>()).prop_shuffle(), twice in 0..6_usize) {
        let (mut straight, records) = shift();
        let (mut shuffled, again) = (Ward::with(&[], &straight.chart.requests), records.clone());
        shuffled.now = straight.now;
        for record in records {
            straight.chart.learn(record);
        }
        for at in order {
            shuffled.chart.learn(again[at].clone());
        }
        shuffled.chart.learn(again[twice].clone());
        prop_assert_eq!(of_the_day(&straight), of_the_day(&shuffled));
        prop_assert_eq!(&straight.chart.history, &shuffled.chart.history);
        prop_assert_eq!(&straight.chart.corrected, &shuffled.chart.corrected);
    }

    /// New orders do not change what was done.
    #[test]
    fn reloading_the_orders_keeps_the_mar(taken in 0..6_usize) {
        let (mut ward, records) = shift();
        for record in records.into_iter().take(taken) {
            ward.chart.learn(record);
        }
        let before = format!("{:?}", of_the_day(&ward));
        let orders = rights::chart::Chart {
            patients: ward.chart.patients.clone(),
            requests: ward.chart.requests.clone(),
            ..rights::chart::Chart::default()
        };
        ward.chart = core::mem::take(&mut ward.chart).with_orders(orders);
        prop_assert_eq!(before, format!("{:?}", of_the_day(&ward)));
    }

    /// Without a record, time moves a scheduled dose in one direction only: later, due, overdue, missed. With records and time
    /// standing still, the list is theirs alone.
    #[test]
    fn due_list_is_monotone_in_nothing_but_time(hour in 0_i8..24, every in 1_u32..25, moments in proptest::collection::vec(0_i64..2880, 1..8)) {
        let rank = |state: DueState| match state {
            DueState::Upcoming => 0,
            DueState::DueNow => 1,
            DueState::Overdue => 2,
            DueState::Missed => 3,
            other => panic!("nothing was charted: {other:?}"),
        };
        for timing in [daily(&[hour]), every_hours(every)] {
            let mut ward = Ward::with(&[], &[Request { timing, ..order("r", &pill(), "25 mg") }]);
            let mut moments = moments.clone();
            moments.sort_unstable();
            let mut seen: std::collections::BTreeMap<Timestamp, i32> = std::collections::BTreeMap::new();
            for moment in moments {
                ward.now = today("00:00").checked_add(minutes(moment)).unwrap();
                let patient = patient_id("p1");
                for item in due_list(&ward.chart, &patient, &ward.policy, &ward.zone, ward.now) {
                    let (due, now) = (item.slot.unwrap().due, rank(item.state));
                    let before = seen.insert(due, now).unwrap_or(0);
                    prop_assert!(now >= before, "{due}: {before} then {now}");
                }
                let again = due_list(&ward.chart, &patient, &ward.policy, &ward.zone, ward.now);
                prop_assert_eq!(again, due_list(&ward.chart, &patient, &ward.policy, &ward.zone, ward.now));
            }
        }
    }
}

#[test]
fn a_new_bedside_needs_nothing_but_the_chart() {
    let (mut ward, records) = shift();
    for record in records {
        ward.chart.learn(record);
    }
    let mut bench = Bench::at_bedside(ward);
    bench.bedside = Bedside::new();
    bench.sign_on("n1").scan(band("p1")).scan(package(&pill()));
    bench.assert_stopped_by(Check::O8);
}

/// Under the kept record everything of the other one is the patient's own: the order, what was given, and what followed it.
#[test]
fn merge_gives_the_kept_record_the_orders_doses_and_follow_ups_of_the_other() {
    let nicotine = patch("nicotine-21", "nicotine", "21 mg");
    let two_days = Request {
        timing: daily(&[9]),
        patch_worn: Some(jiff::SignedDuration::from_hours(24)),
        ..order("n", &nicotine, "21 mg")
    };
    let mut bench = Bench::at_bedside(Ward::with(&[&nicotine], &[two_days]));
    bench.give(&nicotine);
    let on = bench.last_entry();
    bench.event(Event::Continue).follow(on, Act::PatchRemoved, Some("skin-reaction"));
    let record = bench.last().detached().unwrap().record.clone().unwrap();
    let rights::history::Record::FollowUp(removed) = record else { panic!("the patch was taken off") };
    assert_eq!((removed.entry, removed.of), (bench.last().key(), on), "it stands in its own entry");
    bench.event(Event::SignOff);
    bench.ward.patient("p1").merged_into = Some(patient_id("p2"));
    bench.ward.now = at("2026-06-11 09:00");
    bench.ward.chart.orders_as_of = Some(bench.ward.now);
    bench.sign_on("n1").scan(band("p2")).scan(package(&nicotine)).settle();
    let kept = patient_id("p2");
    let case = &bench.dose().case;
    assert!(case.requests.iter().all(|in_case| in_case.request.patient == kept));
    assert!(!case.history.is_empty() && case.history.iter().all(|done| done.patient == kept));
    assert!(!case.follow_ups.is_empty() && case.follow_ups.iter().all(|done| done.patient == kept));
    bench.assert_ready();
}
