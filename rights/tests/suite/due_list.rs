//! The due list: no open dose is lost, and as-needed doses say from when on they are permitted.

use crate::common::*;
use proptest::prelude::*;
use rights::due_list::{DueState, due_list};
use rights::history::Outcome;
use rights::product::Product;
use rights::request::{Request, RequestStatus};
use rights::schedule::Timing;

fn pill() -> Product {
    tablet("metoprolol-25", "metoprolol tartrate", "25 mg")
}

fn request(timing: Timing) -> Request {
    Request { timing, ..order("r", &pill(), "25 mg") }
}

fn states(ward: &Ward) -> Vec<(Option<jiff::Timestamp>, DueState)> {
    let patient = patient_id("p1");
    due_list(&ward.chart, &patient, &ward.policy, &ward.zone, ward.now)
        .into_iter()
        .map(|item| (item.slot.map(|slot| slot.due), item.state))
        .collect()
}

fn state_of(ward: &Ward, due: jiff::Timestamp) -> Option<DueState> {
    states(ward).into_iter().find(|(slot, _)| *slot == Some(due)).map(|(_, state)| state)
}

#[test]
fn due_list_tells_upcoming_due_overdue_and_charted() {
    let mut ward = Ward::with(&[&pill()], &[request(daily(&[9]))]);
    for (clock, state) in [
        ("06:59", DueState::Upcoming),
        ("07:00", DueState::DueNow),
        ("11:00", DueState::DueNow),
        ("11:01", DueState::Overdue),
    ] {
        ward.now = today(clock);
        assert_eq!(state_of(&ward, today("09:00")), Some(state), "{clock}");
    }
    ward.charted("r", Some(today("09:00")), Outcome::Held, today("11:02"));
    assert_eq!(
        state_of(&ward, today("09:00")),
        Some(DueState::MayStillBeGiven(Outcome::Held, today("11:02")))
    );
    ward.charted("r", Some(today("09:00")), Outcome::Given, today("11:03"));
    assert_eq!(state_of(&ward, today("09:00")), Some(DueState::Charted(Outcome::Given, today("11:03"))));
}

#[test]
fn due_list_keeps_an_open_dose_until_the_next_one_is_due() {
    let mut ward = Ward::with(&[&pill()], &[request(daily(&[9]))]);
    ward.now = at("2026-06-11 08:59");
    assert_eq!(
        state_of(&ward, today("09:00")),
        Some(DueState::Overdue),
        "23 hours later it can still be given"
    );
    let weekly = request(weekly(&[jiff::civil::Weekday::Monday], 9));
    let mut ward = Ward::with(&[&pill()], &[weekly]);
    ward.now = today("09:00");
    assert_eq!(state_of(&ward, at("2026-06-08 09:00")), Some(DueState::Overdue), "two days later too");
}

#[test]
fn due_list_says_from_when_an_as_needed_dose_is_permitted() {
    let only = |ward: &Ward| states(ward)[0].1;
    let mut ward = Ward::with(&[&pill()], &[request(as_needed(Some(4), Some(2)))]);
    assert_eq!(only(&ward), DueState::AsNeeded);
    ward.charted("r", None, Outcome::Given, today("06:00"));
    assert_eq!(only(&ward), DueState::AsNeededFrom(today("10:00")), "T4");
    ward.chart.history[0].at = at("2026-06-09 12:00");
    ward.charted("r", None, Outcome::Given, today("04:00"));
    assert_eq!(only(&ward), DueState::AsNeededFrom(today("12:00")), "T5: two in 24 hours");
    ward.chart.history.clear();
    ward.request("r").start = today("12:00");
    assert_eq!(only(&ward), DueState::AsNeededFrom(today("12:00")), "O1: not before its start");
}

#[test]
fn due_list_says_why_a_request_has_no_open_dose() {
    for (change, state) in [
        (Request { status: RequestStatus::OnHold, ..request(daily(&[9])) }, DueState::OnHold),
        (Request { status: RequestStatus::Stopped, ..request(daily(&[9])) }, DueState::Stopped),
        (Request { stop: Some(today("09:00")), ..request(daily(&[9])) }, DueState::Stopped),
        (request(Timing::Unscheduled { text: "per protocol".into() }), DueState::Unscheduled),
    ] {
        assert_eq!(states(&Ward::with(&[&pill()], &[change]))[0], (None, state));
    }
}

fn any_timing() -> impl Strategy<Value = Timing> {
    prop_oneof![
        proptest::collection::btree_set(0_i8..24, 1..5)
            .prop_map(|hours| daily(&hours.into_iter().collect::<Vec<_>>())),
        (1_u32..96).prop_map(every_hours),
        (0_i64..2000).prop_map(|ago| Timing::At(vec![today("09:00").checked_sub(minutes(ago)).unwrap()])),
        (1_i8..8)
            .prop_map(|day| { weekly(&[jiff::civil::Weekday::from_monday_one_offset(day).unwrap()], 9) }),
    ]
}

proptest! {
    /// What a scan would offer now stands on the list, and is not said to be charted.
    #[test]
    fn due_list_loses_no_open_slot(timing in any_timing(), later in 0_i64..6000, charted in any::<bool>()) {
        let mut ward = Ward::with(&[&pill()], &[request(timing)]);
        ward.now = today("09:00").checked_add(minutes(later)).unwrap();
        ward.chart.orders_as_of = Some(ward.now);
        if charted {
            let slot = states(&ward)[0].0;
            let when = ward.now.checked_sub(minutes(300)).unwrap();
            ward.charted("r", slot, Outcome::Given, when);
        }
        let listed = states(&ward);
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&pill()));
        for choice in bench.dose().choices() {
            let state = listed.iter().find(|(slot, _)| *slot == choice.slot).map(|(_, state)| *state);
            let early = choice.slot.is_some_and(|due| due > bench.ward.now);
            prop_assert!(early || matches!(state, Some(DueState::DueNow | DueState::Overdue)), "{state:?}");
        }
    }
}
