//! Waste, return and custody of controlled substances: W4, and M4 with what was wasted or returned.

use crate::common::*;
use rights::bedside::{Event, Notice, Purpose, Stage, Waste};
use rights::custody::{Discrepancy, Disposal};
use rights::entry::{EntryKind, IdempotencyKey, Inputs};
use rights::follow_up::{Act, FollowUp};
use rights::history::{OrderLinked, Record, Reprint};
use rights::ident::{BandSerial, ClinicianId, ReasonCode, RequestId};
use rights::product::{Controlled, Product, Route};
use rights::quantity::Unit;
use rights::request::Request;
use rights::tasks::tasks;
use rights::verdict::{Check, Class, Variance};

/// 100 micrograms in an ampoule of 2 mL.
fn fentanyl() -> Product {
    Product {
        controlled: Some(Controlled::Two),
        ..vial("fentanyl", "fentanyl", "50 ug", "2 mL", &[Route::Intravenous])
    }
}

fn ward() -> Ward {
    let as_needed = Request { timing: as_needed(None, None), ..order("r", &fentanyl(), "25 ug") };
    Ward::with(&[&fentanyl()], &[as_needed])
}

/// A quarter of the ampoule is given; 75 micrograms are left.
fn quarter_given() -> Bench {
    let mut bench = Bench::at_bedside(ward());
    bench.scan(package_no(&fentanyl(), "F1")).measure("0.5 mL");
    bench.answer(Check::T6, "pain").event(Event::Enter(rights::entered::Entered::PainScore(6)));
    bench.assert_class(Check::W4, Class::Info);
    bench.confirm();
    assert_eq!(bench.given().len(), 1, "{:?}", bench.phase());
    bench.event(Event::Continue);
    bench
}

fn refusals(bench: &Bench) -> Vec<&str> {
    let refused = bench.entries.iter().filter(|entry| entry.kind() == EntryKind::SignOnRefused);
    refused.map(|entry| entry.clear().reason.as_ref().unwrap().as_str()).collect()
}

#[test]
fn scenario_29_w4_waste_is_due_at_30_minutes_never_witnessed_by_oneself_and_adds_up_exactly() {
    let mut bench = quarter_given();
    assert_eq!(bench.custody()[0].remaining, q("1.5 mL"));
    assert_eq!(bench.custody()[0].remaining_ingredient(&fentanyl()), Some(q("75 ug")));
    bench.wait(minutes(29));
    assert_eq!(bench.custody()[0].discrepancy, None);
    bench.wait(minutes(1));
    assert_eq!(bench.custody()[0].discrepancy, Some(Discrepancy::NoWaste));
    assert_eq!(Discrepancy::NoWaste.name(), "NO-WASTE");
    bench.wait(minutes(1));

    bench.waste("70 ug").scan(badge("n1"));
    assert_eq!(bench.second().notice, Some(Notice::WitnessIsGiver));
    assert_eq!(refusals(&bench), ["witness-self"]);
    bench.scan(badge("n2")).blind("70 ug");
    assert_eq!(bench.phase(), "done");
    assert_eq!(bench.last().kind(), EntryKind::Waste);
    assert_eq!(bench.last().clear().class, Some(Class::Info), "recorded, and it does not add up");
    assert!(bench.last().clear().findings.contains(&(Check::W4, Class::Info)));
    assert_eq!(bench.custody()[0].discrepancy, Some(Discrepancy::AmountMismatch));
    assert_eq!(bench.custody()[0].remaining_ingredient(&fentanyl()), Some(q("5 ug")));

    bench.event(Event::Continue).waste("0.1 mL").scan(badge("n2")).blind("5 ug");
    assert!(bench.last().clear().findings.contains(&(Check::W4, Class::Pass)));
    assert!(bench.custody().is_empty());
}

/// After a downtime a nurse charts a quarter ampoule for each of two patients, both at 08:20: what is left of one is not the other's.
#[test]
fn w4_two_doses_that_were_charted_for_the_same_minute_are_told_apart() {
    let mut ward = ward();
    let other = Request {
        id: RequestId::parse("other").unwrap(),
        patient: patient_id("p2"),
        ..ward.request("r").clone()
    };
    ward.chart.requests.push(other);
    let mut bench = Bench::at_bedside(ward);
    for (patient, serial) in [("p1", "F1"), ("p2", "F2")] {
        bench.scan(band(patient)).scan(package_no(&fentanyl(), serial)).measure("0.5 mL");
        bench.answer(Check::T6, "pain").event(Event::Enter(rights::entered::Entered::PainScore(6)));
        bench.event(Event::Enter(rights::entered::Entered::GivenAt(today("08:20"))));
        bench.answer(Check::S3, "downtime").confirm().event(Event::Continue);
    }
    assert_eq!(bench.custody().len(), 2, "{:?}", bench.given());
    bench.waste("1.5 mL").scan(badge("n2")).blind("1.5 mL");
    let left: Vec<_> = bench.custody().iter().map(|one| (one.patient.clone(), one.remaining)).collect();
    assert_eq!(left, [(patient_id("p2"), q("1.5 mL"))]);
}

#[test]
fn w4_the_witness_types_the_amount_blind_and_a_mismatch_is_recorded_and_wastes_nothing() {
    let mut bench = quarter_given();
    bench.waste("75 ug").scan(badge("n2"));
    assert_eq!(bench.second().purpose, Purpose::Waste);
    assert!(matches!(bench.second().stage, Stage::Wasted(_, Unit::Millilitre)));
    bench.blind("70 ug");
    assert_eq!(bench.phase(), "due list");
    assert_eq!(bench.last().kind(), EntryKind::Witness);
    assert_eq!(bench.last().actor().unwrap().clinician.as_str(), "n2");
    assert!(bench.last().clear().findings.contains(&(Check::W3, Class::Hard)));
    let Some(Inputs::Waste(case)) = &bench.last().detached().unwrap().inputs else { panic!("both amounts") };
    assert_eq!((case.amount, case.witness.as_ref().unwrap().amount), (q("75 ug"), q("70 ug")));
    assert_eq!(bench.custody()[0].remaining, q("1.5 mL"));
}

#[test]
fn w4_an_amount_that_is_no_part_and_a_reason_of_another_list_are_refused() {
    for (amount, reason, notice) in [
        ("3 {tablet}", "partial-dose", Notice::AmountNotPossible),
        ("0 mL", "partial-dose", Notice::AmountNotPossible),
        ("1.5 mL", "workload", Notice::AnswerIncomplete),
        ("1.5 mL", "other", Notice::AnswerIncomplete),
    ] {
        let mut bench = quarter_given();
        let of = bench.custody()[0].id.clone();
        let reason = ReasonCode::parse(reason).unwrap();
        let waste = Waste { of, amount: q(amount), reason, note: None };
        bench.event(Event::Waste(waste));
        assert_eq!(bench.phase(), "due list", "{amount}");
        assert!(
            matches!(bench.bedside.phase(), rights::bedside::Phase::DueList { notice: Some(said) } if *said == notice)
        );
    }
}

#[test]
fn w4_nothing_is_due_of_a_whole_dose_or_of_what_is_not_controlled() {
    let plain = Product { controlled: None, ..fentanyl() };
    let mut bench = Bench::at_bedside(Ward::with(&[&plain], &[order("r", &plain, "25 ug")]));
    bench.scan(package(&plain)).measure("0.5 mL");
    assert_eq!(bench.class(Check::W4), None);
    bench.confirm();
    assert!(bench.given().len() == 1 && bench.custody().is_empty());
    let mut bench = Bench::at_bedside(Ward::with(&[&fentanyl()], &[order("r", &fentanyl(), "100 ug")]));
    bench.scan(package(&fentanyl())).assert_ready();
    bench.confirm();
    assert!(bench.given().len() == 1 && bench.custody().is_empty());
}

/// A patch that was worn for three days still holds much of its drug.
#[test]
fn w4_a_controlled_patch_that_was_taken_off_is_wasted_before_a_witness() {
    for controlled in [Some(Controlled::Two), None] {
        let patch = Product { controlled, ..life::patch("fentanyl-25", "fentanyl", "25 ug") };
        let mut bench = Bench::at_bedside(Ward::with(&[&patch], &[order("r", &patch, "25 ug")]));
        bench.give(&patch);
        let applied = bench.last_entry();
        assert!(bench.custody().is_empty(), "it is on the skin");
        bench.later(minutes(72 * 60)).follow(applied, Act::PatchRemoved, Some("worn-as-ordered"));
        if controlled.is_none() {
            assert!(bench.custody().is_empty());
            continue;
        }
        let custody = bench.custody();
        assert_eq!((custody.len(), custody[0].remaining), (1, q("1 {patch}")));
        assert_eq!(custody[0].id.by.as_str(), "n1", "who took it off has it");
        assert_eq!(custody[0].due, bench.ward.now + bench.ward.policy.waste_within);
        assert!(!custody[0].is_whole(), "nothing goes back to the cabinet from a patient's skin");
        // A kiosk that did not know of it had it taken off too.
        let mut again = bench.ward.chart.follow_ups.last().unwrap().clone();
        (again.by, again.at) = (Some(ClinicianId::parse("n2").unwrap()), again.at + minutes(5));
        bench.ward.chart.follow_ups.push(again);
        let still = bench.custody();
        assert_eq!((still.len(), still[0].id.by.as_str()), (1, "n1"), "it came off once");
        let mut before = bench.ward.chart.follow_ups[0].clone();
        (before.by, before.at) = (Some(ClinicianId::parse("n2").unwrap()), before.at - minutes(5));
        before.entry.session = [9; 16];
        bench.event(Event::Continue).waste("1 {patch}").scan(badge("n2")).blind("1 {patch}");
        assert_eq!(bench.last().kind(), EntryKind::Waste);
        assert!(bench.last().clear().findings.contains(&(Check::W4, Class::Pass)));
        assert!(bench.custody().is_empty());
        // Heard when it is wasted already: it came off once, and who wasted it had it.
        bench.ward.chart.learn(Record::FollowUp(before.clone()));
        assert_eq!(bench.ward.chart.follow_ups[0], before);
        assert!(bench.custody().is_empty());
        // Entered in error after all: what was wasted comes back to nobody.
        let entry = IdempotencyKey { count: 99, ..before.entry };
        let wrong = FollowUp { act: Act::EnteredInError, at: bench.ward.now, entry, ..before };
        bench.ward.chart.learn(Record::FollowUp(wrong));
        assert!(bench.custody().is_empty());
    }
}

/// However long ago: a chart that forgets does not lose it, and does not find it again once it was wasted.
#[test]
fn w4_a_patch_that_was_taken_off_long_ago_and_not_wasted_is_not_forgotten() {
    for wasted in [false, true] {
        let patch =
            Product { controlled: Some(Controlled::Two), ..life::patch("fentanyl-25", "fentanyl", "25 ug") };
        let every = Request { timing: every_hours(72), start: today("09:00"), ..order("r", &patch, "25 ug") };
        let mut bench = Bench::at_bedside(Ward::with(&[&patch], &[every]));
        bench.give(&patch);
        let applied = bench.last_entry();
        bench.later(minutes(72 * 60)).follow(applied, Act::PatchRemoved, Some("worn-as-ordered"));
        bench.event(Event::Continue);
        if wasted {
            bench.waste("1 {patch}").scan(badge("n2")).blind("1 {patch}").event(Event::Continue);
        }
        bench.ward.now += jiff::SignedDuration::from_hours(40 * 24);
        let (now, zone, policy) = (bench.ward.now, bench.ward.zone.clone(), bench.ward.policy.clone());
        // Time is told by the doses that were given.
        bench.ward.charted("r", None, rights::history::Outcome::Given, now);
        bench.ward.chart.forget(&policy, &zone, now);
        assert_eq!(bench.custody().len(), usize::from(!wasted));
    }
}

#[test]
fn w4_what_is_put_aside_is_in_custody_until_it_is_given_wasted_or_returned() {
    let put_aside = || {
        let mut bench = Bench::at_bedside(ward());
        bench.scan(package_no(&fentanyl(), "F1")).event(Event::Cancel);
        assert_eq!(bench.custody().len(), 1);
        assert!(bench.custody()[0].is_whole());
        bench
    };
    let mut returned = put_aside();
    let id = returned.custody()[0].id.clone();
    returned.event(Event::Return(id.clone()));
    assert_eq!(returned.last().kind(), EntryKind::Returned);
    assert!(returned.custody().is_empty());
    returned.event(Event::Continue).event(Event::Return(id));
    let returns = returned.kinds().iter().filter(|kind| **kind == EntryKind::Returned).count();
    assert_eq!(returns, 1, "once");

    let mut wasted = put_aside();
    wasted.waste("2 mL").scan(badge("ph1")).blind("100 ug");
    assert!(wasted.custody().is_empty());

    let mut given = put_aside();
    given.wait(minutes(1)).scan(package_no(&fentanyl(), "F1"));
    assert_eq!(given.custody().len(), 1);
    given.measure("0.5 mL").answer(Check::T6, "pain");
    given.event(Event::Enter(rights::entered::Entered::PainScore(6))).confirm();
    assert_eq!(given.given().len(), 1);
    assert_eq!(given.custody()[0].remaining, q("1.5 mL"), "only what is left of the dose");
    assert_eq!(given.custody().len(), 1);
}

/// Two packages without a serial number are two, one that is scanned twice is one.
#[test]
fn w4_a_package_without_a_serial_that_is_scanned_again_is_not_a_second_one() {
    let mut bench = Bench::at_bedside(ward());
    bench.scan(package(&fentanyl())).event(Event::Cancel).wait(minutes(1));
    bench.scan(package(&fentanyl())).event(Event::Cancel).wait(minutes(1));
    assert_eq!(bench.custody().len(), 1);
    bench.scan(package(&fentanyl())).scan(package(&fentanyl())).event(Event::Cancel);
    assert_eq!(bench.custody().len(), 2);
}

/// Two ampoules without serial numbers are put aside, one of them is scanned again twice: put aside, then given. The other one is still in
/// somebody's hands.
#[test]
fn w4_a_package_without_a_serial_that_is_given_accounts_for_one_that_was_put_aside() {
    let mut bench = Bench::at_bedside(ward());
    bench.scan(package(&fentanyl())).scan(package(&fentanyl())).event(Event::Cancel).wait(minutes(1));
    assert_eq!(bench.custody().len(), 2);
    bench.scan(package(&fentanyl())).event(Event::Cancel).wait(minutes(1));
    assert_eq!(bench.custody().len(), 2, "scanned again, and put aside again");
    bench.scan(package(&fentanyl())).measure("0.5 mL").answer(Check::T6, "pain");
    bench.event(Event::Enter(rights::entered::Entered::PainScore(6))).confirm();
    let left: Vec<_> = bench.custody().iter().map(|one| one.remaining).collect();
    assert_eq!(left.len(), 2, "{left:?}");
    assert!(left.contains(&q("2 mL")) && left.contains(&q("1.5 mL")), "{left:?}");
}

/// Two ampoules are put aside and one of them is wasted; what is scanned and given after that is the other one.
#[test]
fn w4_a_package_that_was_wasted_is_not_the_one_that_is_scanned_later() {
    let mut bench = Bench::at_bedside(ward());
    bench.scan(package(&fentanyl())).scan(package(&fentanyl())).event(Event::Cancel).wait(minutes(1));
    assert_eq!(bench.custody().len(), 2);
    bench.waste("2 mL").scan(badge("n2")).blind("2 mL");
    bench.event(Event::Continue).wait(minutes(1));
    assert_eq!(bench.custody().len(), 1);
    bench.scan(package(&fentanyl())).measure("0.5 mL").answer(Check::T6, "pain");
    bench.event(Event::Enter(rights::entered::Entered::PainScore(6))).confirm();
    let left: Vec<_> = bench.custody().iter().map(|one| one.remaining).collect();
    assert_eq!(left, [q("1.5 mL")]);
}

#[test]
fn w4_opened_packages_are_wasted_not_returned() {
    let mut bench = quarter_given();
    let of = bench.custody()[0].id.clone();
    bench.event(Event::Return(of));
    assert_ne!(bench.last().kind(), EntryKind::Returned);
    assert_eq!(bench.custody().len(), 1);
}

/// S1 holds for a waste too: nothing is said to be wasted before the ledger has it.
#[test]
fn w4_a_waste_that_could_not_be_written_is_red() {
    let mut bench = quarter_given();
    bench.waste("75 ug").scan(badge("n2"));
    bench.disk_works = false;
    bench.blind("75 ug");
    assert_eq!(bench.phase(), "not recorded");
    assert_eq!(bench.custody().len(), 1);
}

#[test]
fn w4_a_dose_that_was_entered_in_error_is_in_custody_whole_until_it_is_given_after_all() {
    let mut bench = quarter_given();
    let entry = bench.last_entry();
    bench.wait(minutes(1)).follow(entry, Act::EnteredInError, Some("not-taken")).event(Event::Continue);
    assert_eq!(bench.custody().len(), 1);
    assert_eq!(bench.custody()[0].remaining, q("2 mL"));
    bench.wait(minutes(1)).scan(package_no(&fentanyl(), "F1")).measure("0.5 mL");
    bench.answer(Check::T6, "pain").event(Event::Enter(rights::entered::Entered::PainScore(6)));
    bench.answer(Check::T7, "prescriber-ordered").confirm();
    assert_eq!(bench.given().len(), 2, "{:?}", bench.phase());
    assert_eq!(bench.custody().len(), 1);
    assert_eq!(bench.custody()[0].remaining, q("1.5 mL"));
}

#[test]
fn tasks_are_told_by_their_time() {
    let mut bench = quarter_given();
    let told = |bench: &Bench| {
        let all = tasks(&bench.ward.chart, &bench.ward.policy, bench.ward.now);
        all.iter().map(|task| (task.due(), task.is_late(bench.ward.now))).collect::<Vec<_>>()
    };
    assert_eq!(told(&bench), [(Some(today("09:30")), false)]);
    bench.ward.chart.reprints.push(Reprint {
        patient: patient_id("p1"),
        band_serial: Some(BandSerial::parse("2").unwrap()),
        by: ClinicianId::parse("n1").unwrap(),
        at: today("09:00"),
    });
    let mut without_order = bench.given()[0].clone();
    without_order.request = RequestId::parse("verbal-1").unwrap();
    without_order.packages.clear();
    without_order.order_link_due = Some(today("09:20"));
    bench.ward.chart.history.push(without_order.clone());
    bench.wait(minutes(25));
    assert_eq!(told(&bench), [(Some(today("09:20")), true), (Some(today("09:30")), false), (None, false)]);
    bench.ward.chart.learn(Record::OrderLinked(OrderLinked {
        patient: patient_id("p1"),
        given_under: without_order.request,
        given_at: without_order.at,
        request: RequestId::parse("r").unwrap(),
        by: ClinicianId::parse("n1").unwrap(),
        at: bench.ward.now,
    }));
    bench.ward.patient("p1").band_serial = Some(BandSerial::parse("3").unwrap());
    assert_eq!(told(&bench), [(Some(today("09:30")), false)], "linked, and a new band was printed");
    bench.wait(minutes(5));
    assert_eq!(told(&bench), [(Some(today("09:30")), true)]);
}

#[test]
fn m4_what_was_wasted_or_returned_is_not_given() {
    for how in [Disposal::Wasted, Disposal::Returned] {
        let mut bench = Bench::at_bedside(ward());
        bench.scan(package_no(&fentanyl(), "F1")).event(Event::Cancel);
        match how {
            Disposal::Wasted => bench.waste("2 mL").scan(badge("n2")).blind("2 mL"),
            Disposal::Returned => {
                let of = bench.custody()[0].id.clone();
                bench.event(Event::Return(of))
            }
        };
        bench.event(Event::Continue).scan(package_no(&fentanyl(), "F1")).assert_stopped_by(Check::M4);
        assert_eq!(
            bench.variance(Check::M4),
            Some(&Variance::PackageDisposed(how, bench.ward.now)),
            "{}",
            how.name()
        );
        bench.event(Event::PutBack).scan(package_no(&fentanyl(), "F2"));
        bench.assert_class(Check::M4, Class::Pass);
    }
}

/// The case of a waste is judged by itself: without a witness it waits for one, and an amount of another kind is none of the package.
#[test]
fn w4_the_case_of_a_waste_needs_a_witness_and_an_amount_of_the_package() {
    use rights::decide::decide_waste;
    use rights::entry::Inputs;
    let vial = Product { controlled: Some(Controlled::Two), ..liquid("vial", "fentanyl", "50 ug", "2 mL") };
    let request = Request { timing: as_needed(None, None), ..order("r", &vial, "25 ug") };
    let mut bench = Bench::at_bedside(Ward::with(&[&vial], &[request]));
    bench.scan(package_no(&vial, "S1")).measure("0.5 mL").answer(Check::T6, "pain").confirm();
    bench.event(rights::bedside::Event::Continue).waste("1.5 mL").scan(badge("n2")).blind("1.5 mL");
    let inputs = bench.entries.iter().rev().find_map(|entry| match &entry.detached()?.inputs {
        Some(Inputs::Waste(case)) => Some(case.clone()),
        _ => None,
    });
    let case = inputs.unwrap();
    let class = |case: &rights::custody::WasteCase, check| decide_waste(case).finding(check).map(|f| f.class);
    assert_eq!((class(&case, Check::W4), class(&case, Check::W3)), (Some(Class::Pass), Some(Class::Pass)));
    let alone = rights::custody::WasteCase { witness: None, ..(*case).clone() };
    assert_eq!(class(&alone, Check::W2), Some(Class::Choice));
    for amount in ["1 {tablet}", "0 mL"] {
        let odd = rights::custody::WasteCase { amount: q(amount), ..(*case).clone() };
        assert_eq!(class(&odd, Check::W4), Some(Class::Hard), "{amount}");
    }
    let less = rights::custody::WasteCase { amount: q("70 ug"), ..(*case).clone() };
    assert_eq!(class(&less, Check::W4), Some(Class::Info), "a discrepancy of 5 ug");
}

/// Waste and return begin where the nurse stands free: not with another dose in hand, and not after the sign-on has ended.
#[test]
fn w4_nothing_is_disposed_of_with_a_dose_in_hand_or_without_a_session() {
    let mut bench = quarter_given();
    bench.scan(package_no(&fentanyl(), "F2")).waste("1.5 mL");
    assert_eq!(bench.dose().notice, Some(Notice::CannotChart));
    let of = bench.custody()[0].id.clone();
    bench.event(Event::Return(of));
    assert_eq!(bench.phase(), "dose");

    let mut bench = quarter_given();
    let of = bench.custody()[0].id.clone();
    let reason = ReasonCode::parse("partial-dose").unwrap();
    bench.event(Event::SignOff);
    let entries = bench.entries.len();
    bench.event(Event::Waste(Waste { of, amount: q("1.5 mL"), reason, note: None }));
    assert_eq!((bench.phase(), bench.entries.len()), ("locked", entries));
}

/// From the receipt of a dose, what cannot be done is said on the due list.
#[test]
fn w4_what_cannot_be_wasted_is_said_after_the_receipt_too() {
    let mut bench = Bench::at_bedside(ward());
    bench.scan(package_no(&fentanyl(), "F1")).measure("0.5 mL");
    bench.answer(Check::T6, "pain").event(Event::Enter(rights::entered::Entered::PainScore(6))).confirm();
    assert_eq!(bench.phase(), "done");
    bench.waste("0 mL");
    assert!(matches!(
        bench.bedside.phase(),
        rights::bedside::Phase::DueList { notice: Some(Notice::AmountNotPossible) }
    ));
    // A late receipt has no session any more: it stays, and nothing sounds.
    let mut bench = Bench::at_bedside(ward());
    bench.scan(package_no(&fentanyl(), "F1")).measure("0.5 mL");
    bench.answer(Check::T6, "pain").event(Event::Enter(rights::entered::Entered::PainScore(6)));
    bench.receipts_wait = true;
    bench.confirm();
    let own = bench.last().key();
    let recorded = rights::entry::Recorded { key: own, sequence: 2, at: today("09:00") };
    bench.event(Event::NotRecorded(own)).event(Event::Recorded(recorded));
    let tones = bench.tones.len();
    let reason = ReasonCode::parse("partial-dose").unwrap();
    let by = ClinicianId::parse("n1").unwrap();
    let of = rights::custody::CustodyId { at: today("09:00"), by, place: 0 };
    bench.event(Event::Waste(Waste { of, amount: q("1.5 mL"), reason, note: None }));
    assert_eq!((bench.phase(), bench.tones.len()), ("done", tones));
}

/// Somebody else wasted a part while the witness typed: what was agreed on is not there any more.
#[test]
fn w4_what_was_wasted_meanwhile_is_found_when_the_witness_has_typed() {
    for meanwhile in [false, true] {
        let mut bench = quarter_given();
        bench.waste("1.5 mL").scan(badge("n2"));
        if meanwhile {
            let item = bench.custody()[0].id.clone();
            bench.ward.chart.disposed.push(rights::custody::Disposed {
                patient: patient_id("p1"),
                how: Disposal::Wasted,
                of: item,
                product: fentanyl().id,
                identity: None,
                amount: q("0.5 mL"),
                reason: None,
                note: None,
                by: ClinicianId::parse("n1").unwrap(),
                witness: Some(ClinicianId::parse("n2").unwrap()),
                at: bench.ward.now,
            });
        }
        bench.blind("1.5 mL");
        assert_eq!(bench.kinds().contains(&EntryKind::Waste), !meanwhile);
    }
}

/// What is put aside is what is still somebody's to account for: controlled, and neither given nor disposed of before.
#[test]
fn w4_only_a_controlled_package_that_is_still_whole_is_put_aside() {
    // Given before, and scanned again.
    let mut bench = quarter_given();
    bench.scan(band("p1")).scan(package_no(&fentanyl(), "F1")).assert_stopped_by(Check::M4);
    bench.event(Event::Cancel);
    assert_eq!(bench.custody().len(), 1, "the rest of the one that was given");
    // Returned before, and scanned again.
    let mut bench = Bench::at_bedside(ward());
    bench.scan(package_no(&fentanyl(), "F1")).event(Event::Cancel);
    let of = bench.custody()[0].id.clone();
    bench.event(Event::Return(of)).event(Event::Continue);
    assert!(bench.custody().is_empty());
    bench.scan(package_no(&fentanyl(), "F1")).assert_stopped_by(Check::M4);
    bench.event(Event::Cancel);
    assert!(bench.custody().is_empty());
    // Not controlled.
    let pill = tablet("metoprolol-25", "metoprolol tartrate", "25 mg");
    let mut bench = Bench::at_bedside(Ward::with(&[&pill], &[order("r", &pill, "25 mg")]));
    bench.scan(package_no(&pill, "T1")).event(Event::Cancel);
    assert_eq!(bench.last().kind(), EntryKind::Abandoned);
    assert!(bench.custody().is_empty());
}

/// The entry of what was given up names the lot, as every entry about a package does.
#[test]
fn w4_the_entry_of_a_package_that_is_given_up_names_its_lot() {
    let mut bench = Bench::at_bedside(ward());
    let printed = Printed { lot: Some("L7"), ..Printed::default() };
    let scan = code(rights::scan::PackageKey::Gtin(gtin_of(&fentanyl().id)), &printed);
    bench.scan(scan).event(Event::Cancel);
    assert_eq!(bench.last().kind(), EntryKind::Abandoned);
    assert_eq!(bench.last().clear().lot.as_ref().map(ToString::to_string), Some("L7".into()));
}

/// Waste is begun without a patient, too; who gives it up stands where the waste was begun.
#[test]
fn w4_a_waste_that_is_given_up_without_a_patient_leads_to_no_due_list() {
    let mut bench = quarter_given();
    bench.event(Event::Cancel);
    assert_eq!(bench.phase(), "identify");
    bench.waste("1.5 mL").event(Event::Cancel);
    assert_eq!(bench.phase(), "identify");
    bench.scan(band("p1")).waste("1.5 mL").event(Event::Cancel);
    assert_eq!(bench.phase(), "due list");
}
