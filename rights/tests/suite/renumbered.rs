//! Orders of which an instruction is added or taken away while doses are given: `r`, then `r#1` and `r#2` (decision 0084).

use crate::common::*;
use jiff::Timestamp;
use rights::bedside::Step;
use rights::claims::{Claim, Claims};
use rights::due_list::DueState;
use rights::history::{Administration, Outcome, Record};
use rights::ident::{ClinicianId, RequestId};
use rights::product::Product;
use rights::request::Request;
use rights::schedule::Timing;
use rights::verdict::Check;

fn pill() -> Product {
    tablet("metoprolol-25", "metoprolol tartrate", "25 mg")
}

fn step(id: &str, hour: i8) -> Request {
    Request { timing: daily(&[hour]), start: today("00:00"), version: 2, ..order(id, &pill(), "25 mg") }
}

/// Charts a dose under an id that the order may not have any more.
fn charted(ward: &mut Ward, given_under: &str, slot: Option<Timestamp>, when: Timestamp) {
    let stands = ward.chart.requests[0].id.clone();
    ward.charted(stands.as_str(), slot, Outcome::Given, when);
    ward.chart.history.last_mut().unwrap().request = RequestId::parse(given_under).unwrap();
}

/// The dose of 09:00 was given under the first id at 07:30; the order stands now as these steps.
fn after(given_under: &str, steps: &[Request], now: &str) -> Bench {
    let mut ward = Ward::with(&[&pill()], steps);
    charted(&mut ward, given_under, Some(today("09:00")), today("07:30"));
    ward.now = today(now);
    ward.chart.orders_as_of = Some(ward.now);
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&pill()));
    bench
}

/// The states of the scheduled doses that are due at a time of today, by request.
fn due_at<'b>(bench: &'b Bench, clock: &str) -> Vec<(&'b str, DueState)> {
    let due = bench.due().into_iter();
    let then = due.filter(|item| item.slot.is_some_and(|slot| slot.due == today(clock)));
    let mut then: Vec<_> = then.map(|item| (item.request.id.as_str(), item.state)).collect();
    then.sort();
    then
}

fn chosen(bench: &Bench) -> Option<&str> {
    bench.verdict().plan().map(|plan| plan.choice.request.as_str())
}

#[test]
fn o8_a_dose_counts_when_the_order_gets_another_instruction() {
    let bench = after("r", &[step("r#1", 9), step("r#2", 21)], "09:31");
    assert_eq!(chosen(&bench), Some("r#2"));
    assert!(bench.verdict().finding(Check::T2).is_some(), "the evening dose, twelve hours early");
    assert_eq!(due_at(&bench, "09:00"), [("r#1", DueState::Charted(Outcome::Given, today("07:30")))]);
}

#[test]
fn o8_a_dose_counts_when_an_earlier_instruction_is_taken_away() {
    for (was, is) in [("r#2", "r#1"), ("r#2", "r"), ("r#1", "r")] {
        let bench = after(was, &[step(is, 9)], "09:31");
        bench.assert_stopped_by(Check::O8);
        assert_eq!(due_at(&bench, "09:00"), [(is, DueState::Charted(Outcome::Given, today("07:30")))]);
    }
}

/// The dose of nine was the second step's and counts for no other one, although the first one has its number.
#[test]
fn o8_the_time_tells_the_instruction_before_its_number_does() {
    let steps = [step("r#1", 9), step("r#2", 21)];
    let given = DueState::Charted(Outcome::Given, today("07:30"));
    let evening = after("r#2", &steps, "20:30");
    assert_eq!(due_at(&evening, "09:00"), [("r#1", given)]);
    assert_eq!(due_at(&evening, "21:00"), [("r#2", DueState::DueNow)]);
}

#[test]
fn o8_of_two_instructions_that_are_due_together_one_does_not_satisfy_the_other() {
    let bench = after("r#1", &[step("r#1", 9), step("r#2", 9)], "09:31");
    assert!(bench.verdict().finding(Check::O8).is_none());
    assert_eq!(chosen(&bench), Some("r#2"));
    let given = DueState::Charted(Outcome::Given, today("07:30"));
    assert_eq!(due_at(&bench, "09:00"), [("r#1", given), ("r#2", DueState::DueNow)]);
}

#[test]
fn o6_a_dose_of_another_instruction_does_not_close_a_one_time_dose() {
    let once = Request { timing: Timing::At(vec![today("12:00")]), ..step("r", 12) };
    let bench = after("r#1", std::slice::from_ref(&once), "12:00");
    assert!(bench.verdict().finding(Check::O6).is_none(), "09:00 was another instruction's");
    let bench = after("r", std::slice::from_ref(&once), "12:00");
    assert!(bench.verdict().finding(Check::O6).is_some(), "its time was changed");
    // As needed, under an instruction that was taken out since; and a copy that names the order alone.
    for (given_under, closed) in [("r#2", false), ("r", true)] {
        let mut ward =
            Ward::with(&[&pill()], &[Request { id: RequestId::parse("r#1").unwrap(), ..once.clone() }]);
        charted(&mut ward, given_under, None, today("07:30"));
        ward.now = today("12:00");
        ward.chart.orders_as_of = Some(ward.now);
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&pill()));
        assert_eq!(bench.verdict().finding(Check::O6).is_some(), closed, "{given_under}");
    }
}

#[test]
fn t5_doses_as_needed_count_when_the_order_gets_another_instruction() {
    let needed = Request { timing: as_needed(None, Some(1)), ..step("r#1", 9) };
    let mut ward = Ward::with(&[&pill()], &[needed]);
    charted(&mut ward, "r", None, today("03:00"));
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&pill()));
    assert!(matches!(bench.step(), Step::Questions(asked) if asked.contains(&Check::T5)));
}

/// A rate tells an infusion from a dose as needed, whatever their numbers were.
#[test]
fn an_infusion_counts_for_the_continuous_instruction() {
    let rate = Some(rights::rate::RateOrder::Exact(rights::rate::Rate::parse("2 mL/h").unwrap()));
    let bolus = Request { timing: as_needed(None, None), ..step("r#1", 9) };
    let running = Request { timing: Timing::Continuous, rate, ..step("r#2", 9) };
    let mut ward = Ward::with(&[&pill()], &[bolus, running]);
    charted(&mut ward, "r#1", None, today("07:30"));
    let counts = |ward: &Ward| ward.chart.counts_for(&ward.chart.history[0], &ward.zone).clone();
    assert_eq!(counts(&ward).as_str(), "r#1");
    ward.chart.history[0].rate = Some(rights::rate::Rate::parse("2 mL/h").unwrap());
    assert_eq!(counts(&ward).as_str(), "r#2");
}

#[test]
fn the_mar_shows_a_dose_with_the_instruction_that_it_was_given_by() {
    let bench = after("r", &[step("r#1", 9), step("r#2", 21)], "09:31");
    let ward = &bench.ward;
    let day = (today("00:00"), today("23:59"));
    let lines =
        rights::mar::mar(&ward.chart, &ward.chart.patients[0].id, &ward.policy, &ward.zone, day, ward.now);
    let cells: Vec<_> =
        lines.iter().flat_map(|line| line.cells.iter().map(|cell| (line.id.as_str(), cell.state))).collect();
    let given = DueState::Charted(Outcome::Given, today("07:30"));
    assert_eq!(cells, [("r#1", given), ("r#2", DueState::Upcoming)]);
}

/// Another system names the order, not its instruction: a copy of a dose of ours is the dose.
#[test]
fn a_copy_that_names_the_order_alone_is_the_dose() {
    let mut ward = Ward::with(&[&pill()], &[step("r#1", 9), step("r#2", 21)]);
    ward.charted("r#1", Some(today("09:00")), Outcome::Given, today("09:02"));
    let ours = ward.chart.history.remove(0);
    let request = RequestId::parse("r").unwrap();
    ward.chart.history.push(Administration { request, slot: None, entry: None, ..ours.clone() });
    ward.chart.learn(Record::Administration(ours.clone()));
    assert_eq!(ward.chart.history, [ours]);
}

/// The kiosk knows what was charted for this time under the other instruction, and the hub does not refuse for it.
#[test]
fn o8_an_instruction_that_was_charted_as_not_given_holds_up_no_other_one() {
    let mut ward = Ward::with(&[&pill()], &[step("r#1", 9), step("r#2", 9)]);
    ward.charted("r#1", Some(today("09:00")), Outcome::NotGiven, today("08:50"));
    ward.chart.history[0].ingredients.clear();
    let not_given = ward.chart.history[0].clone();
    let mut bench = Bench::locked(ward);
    bench.hub_waits = true;
    bench.sign_on("n1").scan(band("p1")).scan(package(&pill()));
    bench.confirm();
    let claim = &bench.claims[0];
    assert_eq!(claim.request.as_str(), "r#2");
    let mut hub = Claims::new(bench.ward.policy.claim_lasts);
    hub.recorded(&not_given);
    assert!(hub.claim(&Claim { known: Vec::new(), ..claim.clone() }, bench.ward.now).is_err());
    assert!(hub.claim(claim, bench.ward.now).is_ok());
}

/// The hub knows no orders: one kiosk has the old version of it, the other one the new version.
#[test]
fn o8_two_kiosks_with_two_versions_of_an_order_give_a_dose_once() {
    let mut one = Bench::locked(Ward::with(&[&pill()], &[step("r#1", 9)]));
    one.hub_waits = true;
    one.sign_on("n1").scan(band("p1")).scan(package(&pill())).confirm();
    let claim = one.claims[0].clone();
    let mut hub = Claims::new(one.ward.policy.claim_lasts);
    hub.claim(&claim, one.ward.now).unwrap();
    let by = ClinicianId::parse("n2").unwrap();
    let mut entry = claim.entry;
    entry.count += 1;
    let other = Claim { request: RequestId::parse("r").unwrap(), by, entry, ..claim };
    assert!(hub.claim(&other, one.ward.now).is_err());
}
