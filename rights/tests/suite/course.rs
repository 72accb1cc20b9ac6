//! What goes on after a dose: patches (T9), infusions and the effect of as-needed doses (clinical.md section 3).

use crate::common::life::*;
use crate::common::*;
use rights::bedside::{Event, Notice, Phase, Step};
use rights::course::{self, InfusionState};
use rights::due_list::DueState;
use rights::entered::{Entered, Wanted};
use rights::entry::EntryKind;
use rights::follow_up::{Act, InfusionStep};
use rights::history::Outcome;
use rights::ident::Ingredient;
use rights::person::{Admission, Allergen};
use rights::product::{Form, Product, Route};
use rights::rate::RateOrder;
use rights::request::{DoseOrder, Request, RequestStatus};
use rights::schedule::Timing;
use rights::verdict::{Check, Class, Evidence, Variance, Why};
use rights::witness::Blind;

fn fentanyl() -> Product {
    patch("fentanyl-25", "fentanyl", "25 ug")
}

fn every_three_days() -> Request {
    Request { timing: every_hours(72), start: today("09:00"), ..order("r", &fentanyl(), "1 {patch}") }
}

fn notice(bench: &Bench) -> Option<Notice> {
    match bench.bedside.phase() {
        Phase::DueList { notice } => *notice,
        _ => None,
    }
}

/// A patch for the place alone is ordered topically, and is a patch all the same.
#[test]
fn t9_a_patch_that_is_ordered_topically_is_a_patch() {
    let lidocaine = Product { routes: vec![Route::Topical], ..patch("lidocaine", "lidocaine", "700 mg") };
    let daily = Request { route: Route::Topical, ..order("r", &lidocaine, "1 {patch}") };
    let mut bench = Bench::at_bedside(Ward::with(&[&lidocaine], &[daily]));
    bench.give(&lidocaine);
    let first = bench.last_entry();
    bench.later(jiff::SignedDuration::from_hours(24)).scan(package(&lidocaine)).assert_stopped_by(Check::T9);
    bench.event(Event::Cancel).follow(first, Act::PatchRemoved, Some("worn-as-ordered"));
    bench.event(Event::Continue).scan(package(&lidocaine)).settle().assert_ready();
}

/// Lidocaine on a knee and on the back: each order replaces its own patch.
#[test]
fn t9_patches_of_two_topical_orders_are_for_two_places() {
    let lidocaine = Product { routes: vec![Route::Topical], ..patch("lidocaine", "lidocaine", "700 mg") };
    let knee = Request { route: Route::Topical, ..order("r", &lidocaine, "1 {patch}") };
    let back = Request { id: rights::ident::RequestId::parse("back").unwrap(), ..knee.clone() };
    let mut bench = Bench::at_bedside(Ward::with(&[&lidocaine], &[knee]));
    bench.give(&lidocaine);
    bench.ward.chart.requests = vec![back];
    bench.event(Event::Continue).scan(package(&lidocaine)).settle();
    assert_eq!(bench.class(Check::T9), None);
}

#[test]
fn t9_the_earlier_patch_is_off_before_the_next_one_is_put_on() {
    let mut bench = Bench::at_bedside(Ward::with(&[&fentanyl()], &[every_three_days()]));
    bench.give(&fentanyl());
    let first = bench.last_entry();
    bench.later(jiff::SignedDuration::from_hours(72)).scan(package(&fentanyl())).assert_stopped_by(Check::T9);
    let on = Variance::PatchStillOn(today("09:00"), bench.last_given().by);
    assert_eq!(bench.variance(Check::T9), Some(&on), "three days later, past the usual look-back");
    bench.event(Event::Cancel).follow(first, Act::PatchRemoved, Some("worn-as-ordered"));
    assert_eq!(bench.last().kind(), EntryKind::PatchRemoved);
    bench.event(Event::Continue).give(&fentanyl());
    assert_eq!(bench.given().len(), 2);
}

#[test]
fn t9_counts_a_patch_of_the_same_ingredient_on_any_request_and_no_other() {
    let stronger = patch("fentanyl-50", "fentanyl", "50 ug");
    let nicotine = patch("nicotine-21", "nicotine", "21 mg");
    let other = Request { patient: patient_id("p1"), ..order("s", &stronger, "50 ug") };
    let requests = [every_three_days(), other, order("n", &nicotine, "1 {patch}")];
    let mut bench = Bench::at_bedside(Ward::with(&[&fentanyl(), &stronger, &nicotine], &requests));
    bench.give(&nicotine).event(Event::Continue).scan(package(&fentanyl())).settle();
    assert_eq!(bench.class(Check::T9), None, "another ingredient");
}

/// That a patch of another system came off can be charted nowhere: the nurse says so when the next one is put on.
#[test]
fn t9_a_patch_of_another_system_is_asked_about_once() {
    let mut ward = Ward::with(&[&fentanyl()], &[every_three_days()]);
    ward.charted("r", None, Outcome::Given, today("03:00"));
    ward.chart.history[0].entry = None;
    ward.chart.history[0].request = rights::ident::RequestId::parse("other-system").unwrap();
    let asked = Variance::PatchElsewhere(today("03:00"), ward.chart.history[0].by.clone());
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&fentanyl()));
    bench.assert_class(Check::T9, Class::SoftReason);
    assert_eq!(bench.variance(Check::T9), Some(&asked));
    bench.answer(Check::T9, "fell-off").settle().confirm();
    let first = bench.last_entry();
    bench.event(Event::Continue).follow(first, Act::PatchRemoved, Some("worn-as-ordered"));
    bench.later(jiff::SignedDuration::from_hours(72)).scan(package(&fentanyl()));
    assert_eq!(bench.class(Check::T9), None, "a patch of our own was put on since");
}

/// A patch by any route, and whatever goes through the skin; a tablet of the same ingredient does not.
#[test]
fn t9_asks_for_patches_and_for_the_skin_alone() {
    let on = fentanyl();
    let gel = Product {
        form: Form::Topical,
        routes: vec![Route::Transdermal],
        ..patch("gel", "fentanyl", "25 ug")
    };
    let odd = Product { routes: vec![Route::Topical], ..patch("odd", "fentanyl", "25 ug") };
    let lozenge = tablet("lozenge", "fentanyl", "200 ug");
    for (second, stops) in [(&gel, true), (&odd, true), (&lozenge, false)] {
        let request = order("s", second, if stops { "25 ug" } else { "200 ug" });
        let mut ward = Ward::with(&[&on, second], &[every_three_days(), request]);
        ward.charted("r", Some(today("09:00")), Outcome::Given, today("06:00"));
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(second));
        assert_eq!(bench.class(Check::T9), stops.then_some(Class::Hard), "{}", second.id);
    }
    let nicotine = patch("nicotine-21", "nicotine", "21 mg");
    let requests = [every_three_days(), order("n", &nicotine, "21 mg")];
    let mut ward = Ward::with(&[&on, &nicotine], &requests);
    ward.charted("n", Some(today("09:00")), Outcome::Given, today("06:00"));
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&on));
    assert_eq!(bench.class(Check::T9), None, "another ingredient is on");
    assert!(bench.dose().case.history.iter().any(rights::history::Administration::applied_patch));
}

#[test]
fn t9_a_patch_that_was_entered_in_error_is_not_on() {
    let mut bench = Bench::at_bedside(Ward::with(&[&fentanyl()], &[every_three_days()]));
    bench.give(&fentanyl());
    let first = bench.last_entry();
    bench.follow(first, Act::EnteredInError, Some("not-taken")).event(Event::Continue);
    bench.give(&fentanyl());
}

#[test]
fn patches_come_off_after_their_time_or_when_the_next_is_due_or_the_order_ends() {
    for (request, comes_off) in [
        (every_three_days(), at("2026-06-13 09:00")),
        (Request { patch_worn: Some(minutes(12 * 60)), ..every_three_days() }, today("21:00")),
        (Request { stop: Some(today("15:00")), ..every_three_days() }, today("15:00")),
    ] {
        let mut bench = Bench::at_bedside(Ward::with(&[&fentanyl()], &[request]));
        bench.give(&fentanyl());
        let entry = bench.last_entry();
        bench.ward.now = comes_off.checked_sub(minutes(1)).unwrap();
        assert!(bench.due_states().contains(&DueState::PatchOn(today("09:00"))), "{:?}", bench.due_states());
        bench.ward.now = comes_off;
        let due = bench.due();
        let line = due.iter().find(|item| item.state == DueState::RemovePatch(comes_off));
        assert_eq!(line.and_then(|line| line.of), Some(entry), "{due:?}");
        drop(due);
        bench.scan(band("p1")).follow(entry, Act::PatchRemoved, Some("worn-as-ordered"));
        assert!(!bench.due().iter().any(|item| item.of == Some(entry) && item.slot.is_none()));
        bench.event(Event::Continue).follow(entry, Act::PatchRemoved, Some("worn-as-ordered"));
        assert_eq!((bench.followed(), notice(&bench)), (1, Some(Notice::CannotChart)), "only once");
    }
}

#[test]
fn prn_effect_is_due_30_45_or_60_minutes_after_the_dose_by_its_route() {
    for (route, after) in [
        (Route::Intravenous, 30),
        (Route::Intramuscular, 45),
        (Route::Subcutaneous, 45),
        (Route::Oral, 60),
        (Route::Rectal, 60),
    ] {
        let product = Product { routes: vec![route], ..tablet("x", "morphine sulfate", "10 mg") };
        let request = Request { timing: as_needed(Some(4), None), ..order("r", &product, "10 mg") };
        let mut bench = Bench::at_bedside(Ward::with(&[&product], &[request]));
        bench.scan(package(&product)).settle().answer(Check::T6, "pain").settle().confirm();
        let due = today("09:00").checked_add(minutes(after)).unwrap();
        assert_eq!(bench.last_given().effect_due, Some(due), "{route:?}");
        bench.ward.now = due.checked_add(minutes(30)).unwrap();
        assert!(bench.due_states().contains(&DueState::EffectDue(due)));
        bench.ward.now = due.checked_add(minutes(31)).unwrap();
        assert!(bench.due_states().contains(&DueState::EffectLate(due)));
    }
}

#[test]
fn prn_effect_is_noted_once_with_a_pain_score_of_0_to_10() {
    let product = tablet("x", "ibuprofen", "400 mg");
    let request = Request { timing: as_needed(Some(4), None), ..order("r", &product, "400 mg") };
    let daily = order("d", &tablet("y", "metoprolol tartrate", "25 mg"), "25 mg");
    let mut bench = Bench::at_bedside(Ward::with(&[&product], &[request, daily]));
    bench.scan(package(&product)).settle().answer(Check::T6, "pain").settle().confirm();
    let entry = bench.last_entry();
    bench.later(minutes(60));
    bench.follow(entry, Act::EffectNoted { pain: Some(11) }, Some("effective"));
    assert_eq!((bench.followed(), notice(&bench)), (0, Some(Notice::CannotChart)));
    bench.follow(entry, Act::EffectNoted { pain: Some(10) }, None);
    assert_eq!((bench.followed(), notice(&bench)), (0, Some(Notice::AnswerIncomplete)));
    bench.follow(entry, Act::EffectNoted { pain: Some(2) }, Some("effective"));
    assert_eq!((bench.followed(), bench.last().kind()), (1, EntryKind::Effect));
    assert!(
        !bench.due_states().iter().any(|s| matches!(s, DueState::EffectDue(_) | DueState::EffectLate(_)))
    );
    bench.event(Event::Continue).follow(entry, Act::EffectNoted { pain: None }, Some("effective"));
    assert_eq!(bench.followed(), 1);
}

#[test]
fn prn_effect_is_asked_of_as_needed_doses_only() {
    let product = tablet("y", "metoprolol tartrate", "25 mg");
    let mut bench = Bench::at_bedside(Ward::with(&[&product], &[order("r", &product, "25 mg")]));
    bench.give(&product);
    assert_eq!(bench.last_given().effect_due, None);
    let entry = bench.last_entry();
    bench.follow(entry, Act::EffectNoted { pain: None }, Some("effective"));
    assert_eq!(notice(&bench), Some(Notice::CannotChart));
}

fn dopamine() -> Product {
    bag("dopamine-400", "dopamine", "1.6 mg", "250 mL")
}

fn drip() -> Request {
    Request {
        rate: Some(RateOrder::Range(rate("2 mL/h"), rate("20 mL/h"))),
        bolus: Some(q("5 mL")),
        ..infusion("r", &dopamine(), "5 mL/h")
    }
}

/// The infusion runs since 09:00.
fn running() -> Bench {
    let mut bench = Bench::at_bedside(Ward::with(&[&dopamine()], &[drip()]));
    assert!(bench.due_states().contains(&DueState::HangInfusion));
    start(&mut bench);
    bench
}

/// Hangs a bag at the ordered rate.
fn start(bench: &mut Bench) {
    bench.scan(band("p1")).scan(package(&dopamine())).settle().confirm();
    assert_eq!(bench.phase(), "done");
    bench.event(Event::Continue);
}

fn stands(bench: &Bench, entry: rights::entry::IdempotencyKey) -> course::Infusion {
    let chart = &bench.ward.chart;
    let dose = chart.administration(&entry).unwrap();
    course::infusion(dose, &chart.history, &chart.follow_ups).unwrap()
}

#[test]
fn infusion_runs_from_its_start_at_the_ordered_rate() {
    let bench = running();
    let infusion = stands(&bench, bench.last_entry());
    assert_eq!((infusion.state, infusion.since), (InfusionState::Running, today("09:00")));
    assert_eq!(infusion.rate, rate("5 mL/h"));
    assert_eq!(bench.due_states(), [DueState::Infusing(today("09:00"))]);
    assert_eq!(bench.last_given().outcome, Outcome::Given);
}

/// The pump does not know that its order is over.
#[test]
fn infusion_whose_order_is_over_or_on_hold_is_to_be_stopped_or_paused() {
    let mut bench = running();
    let entry = bench.last_entry();
    bench.later(minutes(30)).ward.request("r").status = RequestStatus::OnHold;
    assert!(bench.due_states().contains(&DueState::PauseInfusion(today("09:00"))));
    bench.ward.request("r").status = RequestStatus::Stopped;
    assert!(bench.due_states().contains(&DueState::StopInfusion(today("09:00"))), "since when is not known");
    bench.ward.request("r").status_since = Some(today("09:20"));
    assert_eq!(bench.due_states()[0], DueState::StopInfusion(today("09:20")), "what needs doing first");
    bench.step_infusion(entry, InfusionStep::Paused, Some("procedure")).event(Event::Continue);
    assert_eq!(bench.due_states()[0], DueState::StopInfusion(today("09:20")), "it still hangs");
    bench.step_infusion(entry, InfusionStep::Stopped, Some("order-stopped"));
    assert!(!bench.due_states().contains(&DueState::StopInfusion(today("09:20"))));
}

#[test]
fn infusion_that_runs_at_a_rate_that_is_no_longer_ordered_is_told() {
    let runs = |ordered: RateOrder| {
        let mut bench = running();
        let entry = bench.last_entry();
        bench.ward.request("r").rate = Some(ordered);
        let world = bench.ward.world();
        let start = world.chart.administration(&entry).unwrap();
        let request = world.chart.request(&start.request).unwrap();
        rights::bedside::runs_as_ordered(start, &rate("5 mL/h"), request, &world)
    };
    assert!(runs(RateOrder::Exact(rate("5 mL/h"))));
    assert!(runs(RateOrder::Range(rate("4 mL/h"), rate("6 mL/h"))));
    assert!(!runs(RateOrder::Exact(rate("3 mL/h"))));
    assert!(!runs(RateOrder::Range(rate("6 mL/h"), rate("8 mL/h"))));
}

#[test]
fn infusion_is_paused_resumed_and_ended_and_nothing_else() {
    let mut bench = running();
    let entry = bench.last_entry();
    let mut step = |step, reason, state| {
        bench.later(minutes(1)).step_infusion(entry, step, reason);
        assert_eq!(stands(&bench, entry).state, state, "{step:?}");
        bench.followed()
    };
    assert_eq!(step(InfusionStep::Resumed, None, InfusionState::Running), 0, "it runs");
    assert_eq!(step(InfusionStep::Paused, None, InfusionState::Running), 0, "a pause needs its reason");
    assert_eq!(step(InfusionStep::Paused, Some("procedure"), InfusionState::Paused), 1);
    assert_eq!(step(InfusionStep::Completed, None, InfusionState::Paused), 1);
    let bolus = InfusionStep::Bolus(q("1 mL"));
    assert_eq!(step(bolus, Some("prescriber-ordered"), InfusionState::Paused), 1);
    assert_eq!(step(InfusionStep::Resumed, None, InfusionState::Running), 2);
    assert_eq!(step(InfusionStep::Completed, None, InfusionState::Completed), 3);
    assert_eq!(step(InfusionStep::Stopped, Some("order-stopped"), InfusionState::Completed), 3);
    assert_eq!(bench.due_states(), [DueState::HangInfusion]);
}

#[test]
fn infusion_rate_and_bolus_are_those_of_the_order() {
    for (text, permitted) in [
        ("5 mL/h", true),
        ("2 mL/h", true),
        ("20 mL/h", true),
        ("1.9 mL/h", false),
        ("20.1 mL/h", false),
        // Through the concentration of the bag: 3.125 and 25 mL/h. Without a weight nothing is said of a rate that goes by it.
        ("5 mg/h", true),
        ("40 mg/h", false),
        ("5 ug/kg/min", false),
    ] {
        let mut bench = running();
        let entry = bench.last_entry();
        bench.step_infusion(entry, InfusionStep::RateChanged(rate(text)), Some("titrated"));
        assert_eq!(bench.followed(), usize::from(permitted), "{text}");
        let expected = if permitted { rate(text) } else { rate("5 mL/h") };
        assert_eq!(stands(&bench, entry).rate, expected);
    }
    for (text, permitted) in [("5 mL", true), ("5.1 mL", false), ("0 mL", false), ("5 mg", false)] {
        let mut bench = running();
        let entry = bench.last_entry();
        bench.step_infusion(entry, InfusionStep::Bolus(q(text)), Some("prescriber-ordered"));
        assert_eq!(bench.followed(), usize::from(permitted), "{text}");
    }
    let mut bench = running();
    let request = bench.ward.request("r");
    (request.rate, request.bolus) = (Some(RateOrder::Exact(rate("5 mL/h"))), None);
    let entry = bench.last_entry();
    bench.step_infusion(entry, InfusionStep::Bolus(q("1 mL")), Some("prescriber-ordered"));
    assert_eq!(notice(&bench), Some(Notice::BolusNotOrdered));
    bench.step_infusion(entry, InfusionStep::RateChanged(rate("6 mL/h")), Some("titrated"));
    assert_eq!(notice(&bench), Some(Notice::RateNotOrdered));
}

/// What flows on, otherwise or at once is given now: what stops a dose stops it. To stop the infusion is always possible.
#[test]
fn infusion_is_not_changed_against_what_would_stop_a_dose_of_it() {
    type Happens = fn(&mut Bench);
    let happens: [(&str, Happens); 5] = [
        ("nothing", |_| {}),
        ("an allergy", |bench| {
            let to = Allergen::Ingredient(Ingredient::parse("dopamine").unwrap());
            bench.ward.patient("p1").allergies.push(allergy(to, None));
        }),
        ("do not give", |bench| {
            bench.ward.request("r").conditions.do_not_give = Some("call first".into());
        }),
        ("a discharge", |bench| bench.ward.patient("p1").admission = Admission::Discharged),
        ("another band", |bench| {
            bench.ward.patient("p1").band_serial = rights::ident::BandSerial::parse("9").ok();
        }),
    ];
    for (what, happens) in happens {
        let charted = usize::from(what == "nothing");
        for step in [InfusionStep::RateChanged(rate("6 mL/h")), InfusionStep::Bolus(q("1 mL"))] {
            let mut bench = running();
            let entry = bench.last_entry();
            happens(&mut bench);
            bench.step_infusion(entry, step, Some("prescriber-ordered"));
            assert_eq!(bench.followed(), charted, "{what}: {step:?}");
            let said = (charted == 0).then_some(Notice::MustNotBeGiven);
            assert_eq!(notice(&bench), said, "{what}: {step:?}");
            bench.event(Event::Continue).step_infusion(entry, InfusionStep::Stopped, Some("order-stopped"));
            assert_eq!(stands(&bench, entry).state, InfusionState::Stopped, "{what}");
        }
        let mut bench = running();
        let entry = bench.last_entry();
        bench.step_infusion(entry, InfusionStep::Paused, Some("procedure")).event(Event::Continue);
        happens(&mut bench);
        bench.step_infusion(entry, InfusionStep::Resumed, None);
        assert_eq!(bench.followed(), 1 + charted, "{what}: resumed");
    }
}

/// P8 and O2 stop a dose: a controlled drug for a patient whose band was typed, a high-alert order that nobody verified. In an emergency
/// neither does.
#[test]
fn infusion_is_not_changed_on_what_only_an_emergency_lifts() {
    let strict = Product { high_alert: true, ..dopamine() };
    for (verified, emergency, changed) in [(true, false, 1), (false, false, 0), (false, true, 1)] {
        let mut ward = Ward::with(&[&strict], &[drip()]);
        employ(&mut ward, "n2", rights::person::Role::Nurse);
        let mut bench = Bench::at_bedside(ward);
        start(&mut bench);
        let entry = bench.last_entry();
        if !verified {
            bench.ward.request("r").verified = None;
        }
        if emergency {
            bench.break_glass("n2");
        }
        bench.step_infusion(entry, InfusionStep::RateChanged(rate("6 mL/h")), Some("titrated"));
        assert_eq!(bench.followed(), changed, "{verified} {emergency}");
    }
}

/// The weight stands under the record that was merged into the patient's.
#[test]
fn infusion_by_weight_goes_on_after_a_merge() {
    let mut bench = running();
    let entry = bench.last_entry();
    bench.ward.request("r").rate = Some(RateOrder::Exact(rate("1.9 ug/kg/min")));
    let weighed = observation("body-weight", "70 kg", bench.ward.now);
    bench.ward.chart.observations.push((patient_id("p1"), weighed));
    bench.ward.patient("p1").merged_into = Some(patient_id("p2"));
    bench.event(Event::Tick).later(minutes(60)).scan(band("p2")).scan(package(&dopamine()));
    assert_eq!(bench.class(Check::D7), Some(Class::Pass), "{:?}", bench.phase());
    bench.settle().confirm();
    assert_eq!(bench.last_given().continues, Some(entry));
}

/// S2: on orders that are too old nothing is given; that a rate was changed is still documented.
#[test]
fn infusion_gets_no_bolus_on_orders_that_are_too_old() {
    for (hours, given) in [(4, 1), (5, 0)] {
        let mut bench = running();
        let entry = bench.last_entry();
        bench.ward.chart.orders_as_of = Some(bench.ward.now - jiff::SignedDuration::from_hours(hours));
        bench.step_infusion(entry, InfusionStep::Bolus(q("1 mL")), Some("prescriber-ordered"));
        assert_eq!(bench.followed(), given, "{hours} h");
        bench.event(Event::Continue);
        bench.step_infusion(entry, InfusionStep::RateChanged(rate("6 mL/h")), Some("titrated"));
        assert_eq!(bench.followed(), given + 1, "{hours} h");
    }
}

/// The order changed while it was paused: it does not go on as it ran, and the pump can be set first.
#[test]
fn infusion_is_resumed_at_a_rate_that_is_still_ordered() {
    let mut bench = running();
    let entry = bench.last_entry();
    bench.step_infusion(entry, InfusionStep::Paused, Some("procedure")).event(Event::Continue);
    bench.ward.request("r").rate = Some(RateOrder::Exact(rate("3 mL/h")));
    bench.later(minutes(1)).step_infusion(entry, InfusionStep::Resumed, None);
    assert_eq!((bench.followed(), notice(&bench)), (1, Some(Notice::RateNotOrdered)));
    let set = InfusionStep::RateChanged(rate("3 mL/h"));
    bench.step_infusion(entry, set, Some("prescriber-ordered")).event(Event::Continue);
    bench.later(minutes(1)).step_infusion(entry, InfusionStep::Resumed, None);
    let stands = stands(&bench, entry);
    assert_eq!((stands.state, stands.rate), (InfusionState::Running, rate("3 mL/h")));
}

/// Most recalls come when the bag hangs already.
#[test]
fn m6_of_a_lot_that_was_recalled_since_it_was_hung_nothing_more_flows() {
    use rights::product::{Recall, RecallClass};
    let request = Request {
        rate: Some(RateOrder::Range(rate("1 mL/h"), rate("10 mL/h"))),
        ..infusion("r", &dopamine(), "5 mL/h")
    };
    let mut bench = Bench::at_bedside(Ward::with(&[&dopamine()], &[request]));
    let key = rights::scan::PackageKey::Gtin(gtin(0, 424_242));
    bench.ward.formulary.link(key.clone(), dopamine().id);
    bench.scan(code(key, &Printed { lot: Some("A1"), ..Printed::default() })).settle();
    bench.enter(Entered::PumpRate(rate("5 mL/h"))).confirm();
    let entry = bench.last_entry();
    bench.event(Event::Continue);
    let lot = rights::ident::Lot::parse("a1").unwrap();
    bench.ward.formulary.recall(Recall { product: dopamine().id, lot, class: RecallClass::One });
    let faster = InfusionStep::RateChanged(rate("6 mL/h"));
    bench.step_infusion(entry, faster, Some("titrated"));
    assert_eq!((bench.followed(), notice(&bench)), (0, Some(Notice::MustNotBeGiven)));
    let start = bench.ward.chart.administration(&entry).unwrap();
    assert!(rights::bedside::recalled_bag(start, &bench.ward.world()).is_some());
    bench.step_infusion(entry, InfusionStep::Stopped, Some("adverse-reaction-suspected"));
    assert_eq!(stands(&bench, entry).state, InfusionState::Stopped);
}

#[test]
fn infusion_of_a_stopped_order_is_stopped_and_never_resumed_or_changed() {
    let mut bench = running();
    let entry = bench.last_entry();
    bench.step_infusion(entry, InfusionStep::Paused, Some("procedure")).event(Event::Continue);
    bench.ward.request("r").status = RequestStatus::Stopped;
    assert!(bench.due_states().contains(&DueState::StopInfusion(today("09:00"))), "it still hangs there");
    bench.step_infusion(entry, InfusionStep::Resumed, None);
    assert_eq!((bench.followed(), notice(&bench)), (1, Some(Notice::CannotChart)));
    bench.step_infusion(entry, InfusionStep::Stopped, Some("order-stopped"));
    assert_eq!(stands(&bench, entry).state, InfusionState::Stopped);
}

#[test]
fn infusion_goes_on_with_the_next_bag_and_starts_anew_after_its_end() {
    let mut bench = running();
    let first = bench.last_entry();
    bench.later(minutes(60)).scan(package(&dopamine()));
    assert_eq!(bench.variance(Check::O8), Some(&Variance::BagChange(today("09:00"))));
    assert_eq!(bench.class(Check::T7), None, "an empty bag is no repetition");
    bench.confirm();
    assert_eq!(bench.last_given().continues, Some(first));
    assert_eq!(bench.last_given().rate, Some(rate("5 mL/h")), "it goes on as it ran");
    assert_eq!(stands(&bench, first).bag_since, today("10:00"));
    bench.event(Event::Continue).step_infusion(first, InfusionStep::Completed, None);
    bench.later(minutes(60));
    start(&mut bench);
    assert_eq!(bench.last_given().continues, None);
}

/// Nobody charted that the first bag ran to its end. The second one is a dose of its own, and somebody reads the pump.
#[test]
fn d2_each_dose_of_an_intermittent_infusion_asks_for_the_rate() {
    let witnessed = rights::product::Marks {
        witness: rights::witness::WitnessRule::Required,
        ..rights::product::Marks::default()
    };
    let cefoxitin = Product { marks: witnessed, ..bag("cefoxitin", "cefoxitin", "20 mg", "50 mL") };
    for timing in [every_hours(6), as_needed(Some(6), None)] {
        let request = Request { timing, start: today("09:00"), ..infusion("r", &cefoxitin, "100 mL/h") };
        let mut bench = Bench::at_bedside(Ward::with(&[&cefoxitin], &[request]));
        for hours in [0, 6] {
            bench.later(jiff::SignedDuration::from_hours(hours)).scan(package(&cefoxitin));
            assert_eq!(bench.step(), Step::Enter(Wanted::PumpRate), "after {hours} hours");
            assert_eq!(bench.verdict().plan().unwrap().rate, None, "the screen invents none");
            bench.enter(Entered::PumpRate(rate("100 mL/h"))).answer(Check::T6, "nausea");
            bench.call_witness("n2").scan(package(&cefoxitin)).blind("50 mL");
            bench.event(Event::EnterBlind(Blind::Rate(rate("100 mL/h"))));
            bench.assert_class(Check::W3, Class::Pass);
            bench.confirm();
            assert_eq!(
                (bench.last_given().rate, bench.last_given().continues),
                (Some(rate("100 mL/h")), None)
            );
            bench.event(Event::Continue);
        }
    }
}

/// The same drug at twice the strength: what the pump was set to is another dose now.
#[test]
fn infusion_goes_on_with_another_concentration_at_a_rate_that_is_asked_and_checked() {
    let strong = bag("dopamine-3.2", "dopamine", "3.2 mg", "250 mL");
    let permitted = RateOrder::Range(rate("5 mg/h"), rate("10 mg/h"));
    for (set, class) in [("5 mL/h", Class::Hard), ("2.5 mL/h", Class::Pass)] {
        let mut bench = running();
        let first = bench.last_entry();
        bench.ward.stock(&strong);
        bench.ward.request("r").rate = Some(permitted);
        bench.ward.request("r").dose = DoseOrder::Exact(q("250 mL"));
        bench.later(minutes(60)).scan(package(&strong));
        assert_eq!(bench.step(), Step::Enter(Wanted::PumpRate), "{set}");
        bench.enter(Entered::PumpRate(rate(set))).assert_class(Check::D2, class);
        if class == Class::Pass {
            bench.settle().confirm();
            assert_eq!(bench.last_given().continues, Some(first));
            assert_eq!(stands(&bench, first).rate, rate(set));
            // What is changed from here on is judged by the bag that hangs: 4 mL/h of it are 12.8 mg/h.
            bench.event(Event::Continue);
            for (set, changed) in [("4 mL/h", 0), ("3 mL/h", 1)] {
                bench.step_infusion(first, InfusionStep::RateChanged(rate(set)), Some("titrated"));
                assert_eq!(bench.followed(), changed, "{set}");
            }
        }
    }
}

/// The order was changed while the infusion ran and nobody changed the pump.
#[test]
fn infusion_that_runs_at_a_rate_that_is_not_ordered_any_more_does_not_go_on_so() {
    let mut bench = running();
    bench.ward.request("r").rate = Some(RateOrder::Range(rate("6 mL/h"), rate("10 mL/h")));
    bench.later(minutes(60)).scan(package(&dopamine()));
    assert_eq!(bench.step(), Step::Enter(Wanted::PumpRate));
    bench.enter(Entered::PumpRate(rate("6 mL/h"))).assert_class(Check::D2, Class::Pass);
}

/// By weight: another weight within the tolerance asks for nothing, one beyond it does.
#[test]
fn infusion_by_weight_goes_on_with_the_next_bag_while_the_weight_hardly_changed() {
    for (weight, asked) in [("70 kg", false), ("73 kg", false), ("90 kg", true), ("", false)] {
        let mut bench = running();
        // 5 mL/h of 1.6 mg/mL are 8 mg/h, of 70 kg 1.9 ug/kg/min.
        bench.ward.request("r").rate = Some(RateOrder::Exact(rate("1.9 ug/kg/min")));
        if !weight.is_empty() {
            let weighed = observation("body-weight", weight, bench.ward.now);
            bench.ward.chart.observations.push((patient_id("p1"), weighed));
        }
        bench.later(minutes(60)).scan(package(&dopamine()));
        assert_eq!(bench.step() == Step::Enter(Wanted::PumpRate), asked, "{weight}");
        assert_ne!(bench.class(Check::D1), Some(Class::Hard), "{weight}");
    }
}

#[test]
fn infusion_without_an_ordered_rate_is_not_started() {
    let request = Request { rate: None, ..drip() };
    let mut bench = Bench::at_bedside(Ward::with(&[&dopamine()], &[request]));
    bench.scan(package(&dopamine())).assert_stopped_by(Check::D1);
}

#[test]
fn infusion_has_no_window() {
    let request = Request { timing: Timing::Continuous, ..drip() };
    let mut bench = Bench::at_bedside(Ward::with(&[&dopamine()], &[request]));
    bench.scan(package(&dopamine()));
    let time = bench.verdict().finding(Check::T1).unwrap();
    assert_eq!((time.class, &time.why), (Class::Pass, &Why::Established(Evidence::NoWindow)));
}

/// Insulin by pump, whose product asks for a witness; the infusion runs at 5 mL/h.
fn witnessed() -> (Bench, rights::entry::IdempotencyKey) {
    let insulin = bag("insulin", "insulin regular", "1 [iU]", "100 mL");
    let request = Request {
        rate: Some(RateOrder::Range(rate("1 mL/h"), rate("10 mL/h"))),
        bolus: Some(q("5 mL")),
        ..infusion("r", &insulin, "5 mL/h")
    };
    let mut ward = Ward::with(&[&insulin], &[request]);
    employ(&mut ward, "n2", rights::person::Role::Nurse);
    let mut bench = Bench::at_bedside(ward);
    bench.give(&insulin).event(Event::Continue);
    let mut marked = insulin.clone();
    marked.marks.witness = rights::witness::WitnessRule::Required;
    bench.ward.stock(&marked);
    let entry = bench.last_entry();
    (bench, entry)
}

#[test]
fn w3_another_rate_or_a_bolus_is_typed_blind_by_the_witness_and_compared() {
    use rights::witness::Blind;
    let change = InfusionStep::RateChanged(rate("6 mL/h"));
    let bolus = InfusionStep::Bolus(q("2 mL"));
    for (step, typed, reason, same) in [
        (change, Blind::Rate(rate("6 mL/h")), "titrated", true),
        (change, Blind::Rate(rate("0.1 mL/min")), "titrated", true),
        (change, Blind::Rate(rate("60 mL/h")), "titrated", false),
        (bolus, Blind::Amount(q("2 mL")), "prescriber-ordered", true),
        (bolus, Blind::Amount(q("20 mL")), "prescriber-ordered", false),
    ] {
        let (mut bench, entry) = witnessed();
        bench.step_infusion(entry, step, Some(reason));
        assert_eq!(bench.second().purpose, rights::bedside::Purpose::Infusion);
        assert_eq!(bench.followed(), 0, "nothing before the witness");
        bench.scan(badge("n1"));
        assert_eq!(bench.second().notice, Some(Notice::WitnessIsGiver));
        bench.scan(badge("n2")).event(Event::EnterBlind(typed.clone()));
        assert_eq!(bench.followed(), usize::from(same), "{step:?} {typed:?}");
        if same {
            let done = bench.ward.chart.follow_ups[0].clone();
            assert_eq!(done.witness.unwrap().as_str(), "n2");
        } else {
            assert_eq!(
                (bench.last().kind(), notice(&bench)),
                (EntryKind::Witness, Some(Notice::WitnessReadsAnother))
            );
            let note = bench.last().detached().unwrap().answers[0].note.clone().unwrap();
            assert!(note.contains("60 mL/h") || note.contains("20 mL"), "both values: {note}");
            assert_eq!(stands(&bench, entry).rate, rate("5 mL/h"));
        }
    }
}

/// Whoever orders a bolus in units means units, and the witness is asked in them.
#[test]
fn w3_a_bolus_is_witnessed_in_the_unit_of_its_order() {
    use rights::bedside::Stage;
    let (mut bench, entry) = witnessed();
    bench.ward.request("r").bolus = Some(q("5 [iU]"));
    bench.step_infusion(entry, InfusionStep::Bolus(q("2 [iU]")), Some("prescriber-ordered"));
    bench.scan(badge("n2"));
    assert!(matches!(bench.second().stage, Stage::Bolus(_, unit) if unit == q("1 [iU]").unit));
    bench.event(Event::EnterBlind(rights::witness::Blind::Amount(q("2 [iU]"))));
    assert_eq!(bench.followed(), 1);
}

#[test]
fn w3_a_pause_or_a_stop_waits_for_nobody() {
    let (mut bench, entry) = witnessed();
    bench.step_infusion(entry, InfusionStep::Stopped, Some("adverse-reaction-suspected"));
    assert_eq!(stands(&bench, entry).state, InfusionState::Stopped);
}

/// An order by weight, the pump in millilitres: through the bag's concentration and the youngest weight that is not of the future.
#[test]
fn infusion_rate_by_weight_is_judged_by_the_youngest_weight() {
    let permitted = |set: &str, seen: &[(&str, &str, i64)]| {
        let mut bench = running();
        bench.ward.request("r").rate = Some(RateOrder::Range(rate("5 ug/kg/min"), rate("10 ug/kg/min")));
        for (what, value, ago) in seen {
            let at = bench.ward.now - minutes(*ago);
            bench.ward.chart.observations.push((patient_id("p1"), observation(what, value, at)));
        }
        let entry = bench.last_entry();
        bench.step_infusion(entry, InfusionStep::RateChanged(rate(set)), Some("titrated"));
        bench.followed() == 1
    };
    // 70 kg: 350 to 700 ug a minute, at 1.6 mg a millilitre.
    for (set, within) in [
        ("13.125 mL/h", true),
        ("26.25 mL/h", true),
        // The nearest steps of the pump, and the ones after them.
        ("13.1 mL/h", true),
        ("26.3 mL/h", true),
        ("13 mL/h", false),
        ("26.4 mL/h", false),
    ] {
        assert_eq!(permitted(set, &[("body-weight", "70 kg", 0)]), within, "{set}");
    }
    assert!(!permitted("20 mL/h", &[]), "without a weight");
    assert!(!permitted("20 mL/h", &[("body-weight", "70 kg", 120), ("body-weight", "40 kg", 60)]));
    assert!(permitted("20 mL/h", &[("body-weight", "40 kg", 120), ("body-weight", "70 kg", 60)]));
    assert!(
        !permitted("20 mL/h", &[("body-weight", "40 kg", 60), ("body-weight", "70 kg", -1)]),
        "of the future"
    );
    assert!(permitted("20 mL/h", &[("body-weight", "70 kg", 60), ("heart-rate", "72 /min", 0)]), "no weight");
}

/// The rate is changed before the order's stop, and not at it.
#[test]
fn infusion_rate_is_changed_up_to_the_stop_of_the_order() {
    for (later, changed) in [(1, true), (0, false), (-1, false)] {
        let mut bench = running();
        let stop = bench.ward.now + minutes(later);
        bench.ward.request("r").stop = Some(stop);
        let entry = bench.last_entry();
        bench.step_infusion(entry, InfusionStep::RateChanged(rate("6 mL/h")), Some("titrated"));
        assert_eq!(bench.followed() == 1, changed, "{later} min");
    }
}
