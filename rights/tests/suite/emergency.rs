//! Break-glass: S4.

use crate::common::*;
use rights::bedside::{Event, Notice, Phase, Step};
use rights::entry::EntryKind;
use rights::history::Outcome;
use rights::ident::{Ingredient, ReasonCode, RequestId};
use rights::person::Allergen;
use rights::product::{Product, Route};
use rights::request::{Request, RequestStatus};
use rights::verdict::{Check, Class, Right, Standing, Variance};

fn adrenaline() -> Product {
    Product { high_alert: true, ..vial("adrenaline", "adrenaline", "1 mg", "1 mL", &[Route::Intravenous]) }
}

fn tablet_ward(request: Request) -> Ward {
    Ward::with(&[&pill()], &[request])
}

fn pill() -> Product {
    tablet("metoprolol-25", "metoprolol tartrate", "25 mg")
}

fn second_named(bench: &Bench) -> Vec<(EntryKind, String)> {
    let of = bench.entries.iter().filter(|entry| entry.kind() == EntryKind::Override);
    of.map(|entry| (entry.kind(), entry.actor().unwrap().clinician.to_string())).collect()
}

#[test]
fn s4_needs_two_clinicians_and_both_are_recorded() {
    let mut bench = Bench::at_bedside(tablet_ward(order("r", &pill(), "25 mg")));
    bench.break_glass("n1");
    assert_eq!(bench.second().notice, Some(Notice::WitnessIsGiver));
    bench.scan(badge("s1"));
    assert_eq!(bench.second().notice, Some(Notice::WitnessNotLicensed));
    assert!(bench.bedside.session().unwrap().break_glass.is_none());
    bench.event(Event::Cancel);
    assert_eq!(bench.phase(), "due list");
    bench.break_glass("n2");
    let emergency = bench.bedside.session().unwrap().break_glass.clone().unwrap();
    assert_eq!((emergency.by.as_str(), emergency.second.as_str()), ("n1", "n2"));
    let both = [(EntryKind::Override, "n2".into()), (EntryKind::Override, "n1".into())];
    assert_eq!(second_named(&bench), both);
    let unlisted = ReasonCode::parse("workload").unwrap();
    let mut bench = Bench::at_bedside(tablet_ward(order("r", &pill(), "25 mg")));
    bench.event(Event::BreakGlass { reason: unlisted, note: None }).scan(badge("n2"));
    assert!(bench.bedside.session().unwrap().break_glass.is_none(), "the reason is of the list");
}

#[test]
fn s4_orders_and_time_are_told_and_stay_variances() {
    let late = Request { verified: None, ..order("r", &pill(), "25 mg") };
    let mut ward = tablet_ward(late);
    ward.now = today("11:30");
    ward.chart.orders_as_of = Some(ward.now);
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&pill())).assert_class(Check::T3, Class::SoftReason);
    bench.assert_class(Check::O2, Class::SoftContact);
    bench.break_glass("n2");
    bench.assert_class(Check::T3, Class::Info).assert_class(Check::O2, Class::Info);
    bench.assert_class(Check::S4, Class::Info);
    assert_eq!(bench.step(), Step::Ready);
    assert_eq!(bench.verdict().standing(Right::Time), Standing::Variance);
    assert_eq!(bench.verdict().standing(Right::Medication), Standing::Variance);
    bench.confirm();
    assert_eq!(bench.given().len(), 1);
    assert_eq!(bench.given()[0].order_link_due, None, "there is an order in force");
    assert!(bench.last().clear().findings.contains(&(Check::S4, Class::Info)));
}

#[test]
fn s4_a_stopped_order_may_be_given_and_is_to_be_linked_within_60_minutes() {
    let stopped = Request { status: RequestStatus::Stopped, ..order("r", &pill(), "25 mg") };
    let mut bench = Bench::at_bedside(tablet_ward(stopped));
    bench.scan(package(&pill())).assert_stopped_by(Check::O1);
    bench.break_glass("n2");
    bench.assert_class(Check::O1, Class::Info);
    bench.confirm();
    assert_eq!(bench.given()[0].order_link_due, Some(today("10:00")));
}

#[test]
fn s4_label_expiry_and_route_ask_for_a_reason_and_an_allergy_and_the_wrong_drug_still_stop() {
    let mut ward = tablet_ward(order("r", &pill(), "25 mg"));
    ward.dispense("d-1", "p2", &pill());
    let mut bench = Bench::at_bedside(ward);
    bench.scan(label("d-1")).assert_stopped_by(Check::M3);
    bench.break_glass("n2").assert_class(Check::M3, Class::SoftReason);
    bench.confirm();
    assert!(bench.given().is_empty(), "a reason is asked");
    bench.answer(Check::M3, "benefit-outweighs-risk").confirm();
    assert_eq!(bench.given().len(), 1);

    let rectal = Request { route: Route::Rectal, ..order("r", &pill(), "25 mg") };
    let mut bench = Bench::at_bedside(tablet_ward(rectal));
    bench.break_glass("n2").scan(package(&pill())).assert_class(Check::R1, Class::SoftReason);

    let mut ward = tablet_ward(order("r", &pill(), "25 mg"));
    ward.dispense("d-2", "p1", &pill()).beyond_use = Some(today("08:00"));
    let mut bench = Bench::at_bedside(ward);
    bench.break_glass("n2").scan(label("d-2")).assert_class(Check::M5, Class::SoftReason);

    let mut ward = tablet_ward(order("r", &pill(), "25 mg"));
    let ingredient = Ingredient::parse("metoprolol tartrate").unwrap();
    ward.patient("p1").allergies.push(allergy(Allergen::Ingredient(ingredient), None));
    let mut bench = Bench::at_bedside(ward);
    bench.break_glass("n2").scan(package(&pill())).assert_stopped_by(Check::C1);

    let mut bench = Bench::at_bedside(tablet_ward(order("r", &pill(), "25 mg")));
    bench.break_glass("n2").scan(label("nobody's")).assert_stopped_by(Check::M3);
    bench.confirm();
    assert!(bench.given().is_empty(), "what a label of nobody holds is not known");
}

#[test]
fn s4_ends_after_30_minutes_and_with_its_patient() {
    let late = |bench: &mut Bench| bench.scan(package(&pill())).class(Check::T3);
    for (passed, class) in [(29, Class::Info), (30, Class::SoftReason)] {
        let mut ward = tablet_ward(order("r", &pill(), "25 mg"));
        ward.now = today("11:30");
        let mut bench = Bench::at_bedside(ward);
        bench.break_glass("n2").wait(minutes(passed)).scan(band("p1"));
        assert_eq!(late(&mut bench), Some(class), "{passed}");
    }
    let mut bench = Bench::at_bedside(tablet_ward(order("r", &pill(), "25 mg")));
    bench.break_glass("n2").wait(minutes(30)).event(Event::Touched).event(Event::Tick);
    assert!(bench.bedside.session().unwrap().break_glass.is_none());
    assert_eq!(bench.last().clear().reason.as_ref().unwrap().as_str(), "break-glass-over");
    let mut bench = Bench::at_bedside(tablet_ward(order("r", &pill(), "25 mg")));
    bench.break_glass("n2").scan(band("p2"));
    assert!(bench.bedside.session().unwrap().break_glass.is_none(), "it was for the other patient");
    let mut bench = Bench::at_bedside(tablet_ward(order("r", &pill(), "25 mg")));
    bench.break_glass("n2").event(Event::Cancel).scan(band("p1"));
    assert!(bench.bedside.session().unwrap().break_glass.is_some(), "its own patient again");
    bench.event(Event::Cancel).scan(band("p2"));
    assert!(
        bench.bedside.session().unwrap().break_glass.is_none(),
        "whether or not that one was closed before"
    );
    let mut bench = Bench::at_bedside(tablet_ward(order("r", &pill(), "25 mg")));
    bench.break_glass("n2");
    bench.ward.patient("p1").merged_into = Some(rights::ident::PatientId::parse("p2").unwrap());
    bench.event(Event::Tick).scan(band("p2"));
    assert!(
        bench.bedside.session().unwrap().break_glass.is_some(),
        "the same person under the record that goes on"
    );
    let mut bench = Bench::locked(tablet_ward(order("r", &pill(), "25 mg")));
    bench.sign_on("n1").break_glass("n2").scan(band("p1")).scan(band("p2"));
    assert!(bench.bedside.session().unwrap().break_glass.is_none(), "it was of the first who was at hand");
    let mut bench = Bench::at_bedside(tablet_ward(order("r", &pill(), "25 mg")));
    bench.break_glass("n2").event(Event::EndBreakGlass);
    assert!(bench.bedside.session().unwrap().break_glass.is_none());
}

/// The mode that ended between the scan and the confirmation is found by the commit.
#[test]
fn s4_that_ended_meanwhile_is_changed_since_the_scan() {
    let mut ward = tablet_ward(order("r", &pill(), "25 mg"));
    ward.now = today("11:30");
    ward.chart.orders_as_of = Some(today("11:25"));
    let mut bench = Bench::at_bedside(ward);
    bench.break_glass("n2").wait(minutes(28)).scan(band("p1")).scan(package(&pill()));
    assert_eq!(bench.step(), Step::Ready);
    bench.wait(minutes(2)).confirm();
    assert!(bench.given().is_empty());
    assert!(bench.dose().changed);
    bench.assert_class(Check::T3, Class::SoftReason);
}

fn given_on_a_spoken_order() -> Bench {
    let mut bench = Bench::at_bedside(Ward::with(&[&adrenaline(), &pill()], &[order("r", &pill(), "25 mg")]));
    bench.scan(package(&adrenaline())).assert_stopped_by(Check::M7);
    let spoken = || Event::VerbalOrder { dose: q("0.5 mg"), route: Route::Intravenous };
    bench.event(spoken());
    bench.assert_stopped_by(Check::M7);
    bench.break_glass("n2");
    assert_eq!(bench.step(), Step::VerbalOrder);
    bench.confirm();
    assert!(bench.given().is_empty());
    bench.event(spoken());
    assert!(matches!(bench.step(), Step::Measure(_, part) if part == q("0.5 mL")));
    bench.measure("0.5 mL");
    assert_eq!(bench.variance(Check::M7), Some(&Variance::VerbalOrder));
    assert_eq!(bench.verdict().standing(Right::Medication), Standing::Variance);
    assert_eq!(bench.step(), Step::Ready, "{:?}", bench.verdict().findings());
    bench.confirm();
    assert_eq!(bench.given().len(), 1);
    bench
}

#[test]
fn s4_without_an_order_the_spoken_one_is_entered_and_the_written_one_linked() {
    let mut bench = given_on_a_spoken_order();
    let given = bench.given()[0].clone();
    assert_eq!(given.order_link_due, Some(today("10:00")));
    assert_eq!(given.dose, Some(q("0.5 mg")));
    let link = |request: &str| Event::LinkOrder {
        given_under: given.request.clone(),
        given_at: given.at,
        request: rights::ident::RequestId::parse(request).unwrap(),
    };
    bench.event(Event::Continue).event(link("r"));
    assert!(matches!(bench.bedside.phase(), Phase::DueList { notice: Some(_) }), "another drug");
    bench.ward.chart.requests.push(order("written", &adrenaline(), "0.5 mg"));
    bench.event(link("written"));
    assert_eq!(bench.last().kind(), EntryKind::OrderLinked);
    assert!(bench.ward.chart.order_link_of(&given).is_some());
    bench.event(Event::Continue).event(link("written"));
    let links = bench.kinds().iter().filter(|kind| **kind == EntryKind::OrderLinked).count();
    assert_eq!(links, 1, "once");
}

/// A spoken order makes no other drug right than the one that was ordered, and no second one within the mode's end.
#[test]
fn s4_a_look_alike_of_what_is_ordered_still_stops() {
    let mut glargine = vial("glargine", "insulin glargine", "100 [iU]", "10 mL", &[Route::Subcutaneous]);
    let lispro = vial("lispro", "insulin lispro", "100 [iU]", "10 mL", &[Route::Subcutaneous]);
    glargine.look_alike.push(lispro.id.clone());
    let ward = Ward::with(&[&glargine, &lispro], &[order("r", &lispro, "5 [iU]")]);
    let mut bench = Bench::at_bedside(ward);
    bench.break_glass("n2").scan(package(&glargine)).assert_stopped_by(Check::M7);
    bench.event(Event::Cancel);

    let mut bench = given_on_a_spoken_order();
    bench.event(Event::Continue).event(Event::EndBreakGlass).scan(package(&adrenaline()));
    bench.assert_stopped_by(Check::M7);
}

#[test]
fn s4_a_wrong_clock_is_still_wrong() {
    let mut bench = Bench::at_bedside(tablet_ward(order("r", &pill(), "25 mg")));
    bench.break_glass("n2");
    bench.ward.clock = rights::moment::ClockTrust::Known(minutes(6));
    bench.scan(package(&pill())).assert_stopped_by(Check::T10);
}

/// The order asks for a combination; what is in hand is one half of it. No spoken order is asked for, and one that is entered all the
/// same changes nothing.
#[test]
fn s4_a_spoken_order_does_not_make_another_drug_than_the_ordered_one_right() {
    let both = Product {
        strengths: vec![strength("metoprolol tartrate", "25 mg"), strength("hydrochlorothiazide", "25 mg")],
        ..tablet("both", "metoprolol tartrate", "25 mg")
    };
    let mut ward = Ward::with(&[&pill(), &both], &[order("r", &both, "1 {tablet}")]);
    let spoken = || Event::VerbalOrder { dose: q("25 mg"), route: Route::Oral };
    let mut bench = Bench::at_bedside(ward);
    bench.break_glass("n2").scan(package(&pill())).assert_stopped_by(Check::M7);
    bench.event(spoken()).assert_stopped_by(Check::M7);
    assert!(matches!(bench.variance(Check::M7), Some(Variance::Differs { .. })));
    bench.confirm();
    assert!(bench.given().is_empty());

    // Beside a written order for it, a spoken one may change the dose.
    ward = Ward::with(&[&pill(), &both], &[order("r", &both, "1 {tablet}"), order("r2", &pill(), "50 mg")]);
    let mut bench = Bench::at_bedside(ward);
    bench.break_glass("n2").scan(package(&pill())).event(spoken()).confirm();
    assert_eq!(bench.given().len(), 1);
}

/// What was written as the most of a drug in a day holds for a spoken order too. Found by the oracle.
#[test]
fn d8_s4_a_spoken_order_stays_within_the_maximum_that_was_written_for_the_same_drug() {
    let both = Product {
        strengths: vec![strength("hydrochlorothiazide", "25 mg"), strength("metoprolol tartrate", "100 mg")],
        ..tablet("both", "metoprolol tartrate", "25 mg")
    };
    for (maximum, before, class) in [
        ("2 {tablet}", 1, Class::Pass),
        ("4 {tablet}", 4, Class::SoftContact),
        ("2 {tablet}", 2, Class::Hard),
        // Of which ingredient, nobody can know.
        ("60 mg", 0, Class::Hard),
    ] {
        let written = Request { daily_maximum: Some(q(maximum)), ..order("r", &both, "1 {tablet}") };
        let mut ward = Ward::with(&[&both], &[written]);
        for _ in 0..before {
            ward.charted("r", None, Outcome::Given, today("01:00"));
            ward.chart.history.last_mut().unwrap().dose = Some(q("1 {tablet}"));
        }
        ward.chart.requests[0].status = RequestStatus::Stopped;
        let mut bench = Bench::at_bedside(ward);
        bench.break_glass("n2").scan(package(&both));
        bench.event(Event::VerbalOrder { dose: q("1 {tablet}"), route: Route::Oral });
        bench.assert_class(Check::D8, class);
    }
    // What was given of it in an emergency counts, for the next spoken order and for the written one.
    for spoken_again in [true, false] {
        let written = Request {
            daily_maximum: Some(q("1 {tablet}")),
            timing: as_needed(None, None),
            ..order("r", &both, "1 {tablet}")
        };
        let mut ward = Ward::with(&[&both], &[written]);
        ward.charted("r", None, Outcome::Given, today("01:00"));
        let said = ward.chart.history.last_mut().unwrap();
        said.request = RequestId::parse("said").unwrap();
        said.dose = Some(q("1 {tablet}"));
        said.ingredients.clone_from(&both.strengths);
        said.order_link_due = Some(today("02:00"));
        let mut bench = Bench::at_bedside(ward);
        if spoken_again {
            bench.break_glass("n2").scan(package(&both));
            bench.event(Event::VerbalOrder { dose: q("1 {tablet}"), route: Route::Oral });
        } else {
            bench.scan(package(&both));
        }
        bench.assert_class(Check::D8, Class::Hard);
    }
    // Another drug's maximum says nothing of this one.
    let written = Request { daily_maximum: Some(q("1 {tablet}")), ..order("r", &both, "1 {tablet}") };
    let mut bench = Bench::at_bedside(Ward::with(&[&both, &pill()], &[written]));
    bench.break_glass("n2").scan(package(&pill()));
    bench.event(Event::VerbalOrder { dose: q("25 mg"), route: Route::Oral });
    assert!(bench.variance(Check::D8).is_none());
}

/// The case itself is judged, whatever the session says: from its beginning on, for half an hour.
#[test]
fn s4_an_emergency_holds_from_its_beginning_for_30_minutes() {
    let mut bench =
        Bench::at_bedside(tablet_ward(Request { verified: None, ..order("r", &pill(), "25 mg") }));
    bench.break_glass("n2").scan(package(&pill())).assert_class(Check::O2, Class::Info);
    let now = bench.ward.now;
    let second = jiff::SignedDuration::from_secs(1);
    for (since, class) in [
        (now + second, Class::SoftContact),
        (now, Class::Info),
        (now - minutes(30) + second, Class::Info),
        (now - minutes(30), Class::SoftContact),
    ] {
        let mut case = rights::case::DoseCase::clone(&bench.dose().case);
        case.break_glass.as_mut().unwrap().since = since;
        let verdict = rights::decide::decide_dose(&case);
        assert_eq!(verdict.finding(Check::O2).map(|finding| finding.class), Some(class), "{since}");
    }
}

/// A spoken order counts only while the emergency lasts, whatever the case still holds of it.
#[test]
fn s4_a_spoken_order_is_none_without_the_emergency() {
    let mut bench = Bench::at_bedside(Ward::with(&[&pill()], &[]));
    bench.break_glass("n2").scan(package(&pill()));
    bench.event(Event::VerbalOrder { dose: q("25 mg"), route: Route::Oral });
    assert_eq!(bench.step(), Step::Ready);
    let mut case = rights::case::DoseCase::clone(&bench.dose().case);
    assert_eq!(case.requests.len(), 1, "the spoken one");
    assert_eq!(rights::decide::decide_dose(&case).stops().count(), 0);
    case.break_glass = None;
    let verdict = rights::decide::decide_dose(&case);
    assert_eq!(verdict.finding(Check::M7).map(|finding| finding.class), Some(Class::Hard));
    assert!(verdict.plan().is_none());
    // A written order beside it is none of its business.
    let written = order("written", &pill(), "25 mg");
    case.requests[0].request =
        rights::request::Request { id: written.id.clone(), ..case.requests[0].request.clone() };
    let verdict = rights::decide::decide_dose(&case);
    assert_eq!(verdict.finding(Check::M7).map(|finding| finding.class), Some(Class::Pass));
}

/// It is declared where the nurse stands free: not while a dose is being claimed or written, and not after the sign-on has ended.
#[test]
fn s4_is_not_declared_while_a_dose_is_being_written_nor_without_a_session() {
    let mut bench = Bench::at_bedside(tablet_ward(order("r", &pill(), "25 mg")));
    bench.hub_waits = true;
    bench.scan(package(&pill())).confirm().break_glass("n2");
    assert_eq!(bench.phase(), "claiming");
    let mut bench = Bench::at_bedside(tablet_ward(order("r", &pill(), "25 mg")));
    bench.receipts_wait = true;
    bench.scan(package(&pill())).confirm();
    let own = bench.last().key();
    let recorded = rights::entry::Recorded { key: own, sequence: 2, at: today("09:00") };
    bench.event(Event::NotRecorded(own)).event(Event::Recorded(recorded));
    let reason = ReasonCode::parse("cardiac-arrest").unwrap();
    bench.event(Event::BreakGlass { reason, note: None });
    assert_eq!((bench.phase(), bench.bedside.session().is_none()), ("done", true));
}

#[test]
fn s4_goes_on_while_time_passes_within_its_30_minutes() {
    let mut bench = Bench::at_bedside(tablet_ward(order("r", &pill(), "25 mg")));
    bench.break_glass("n2").wait(jiff::SignedDuration::from_secs(30)).event(Event::Tick);
    assert!(bench.bedside.session().unwrap().break_glass.is_some());
    let mut bench = Bench::at_bedside(tablet_ward(order("r", &pill(), "25 mg")));
    let entries = bench.entries.len();
    bench.event(Event::Tick);
    assert_eq!(bench.entries.len(), entries, "without it there is nothing to end");
}

/// The written order is linked to that dose, by its spoken order and its time, and only to one that was given without an order.
#[test]
fn s4_an_order_is_linked_to_the_dose_that_was_given_without_one_and_to_no_other() {
    let linked = |change: fn(&mut rights::history::Administration)| {
        let mut bench = given_on_a_spoken_order();
        let mut given = bench.given()[0].clone();
        change(&mut given);
        bench.ward.chart.requests.push(order("written", &adrenaline(), "0.5 mg"));
        let request = rights::ident::RequestId::parse("written").unwrap();
        let link = Event::LinkOrder { given_under: given.request, given_at: given.at, request };
        bench.event(Event::Continue).event(link);
        bench.last().kind() == EntryKind::OrderLinked
    };
    assert!(linked(|_| {}));
    assert!(!linked(|given| given.at += jiff::SignedDuration::from_secs(1)), "another time");
    assert!(!linked(|given| given.request = rights::ident::RequestId::parse("r").unwrap()), "another order");

    // An ordinary dose needs no order of its own.
    let mut bench = Bench::at_bedside(tablet_ward(order("r", &pill(), "25 mg")));
    bench.scan(package(&pill())).confirm();
    let given = bench.given()[0].clone();
    let link =
        Event::LinkOrder { given_under: given.request.clone(), given_at: given.at, request: given.request };
    bench.event(Event::Continue).event(link);
    assert_eq!(bench.last().kind(), EntryKind::Given);
}
