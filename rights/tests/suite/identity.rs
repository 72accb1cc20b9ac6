//! Who the patient is and what changed since the last look: P6, P7, P9 and O9.

use crate::common::*;
use rights::bedside::{Event, Step};
use rights::entered::{Entered, Wanted};
use rights::entry::{EntryKind, Inputs};
use rights::ident::{BadgeId, ClinicianId, PersonName};
use rights::person::{Admission, Allergen};
use rights::verdict::{Check, Class, Variance, Verdict};

fn seen_elsewhere(seconds_ago: i64) -> Bench {
    let mut ward = Ward::new();
    let at = ward.now.checked_sub(jiff::SignedDuration::from_secs(seconds_ago)).unwrap();
    ward.chart.sightings.push(rights::chart::Sighting { patient: patient_id("p1"), at });
    Bench::at_bedside(ward)
}

fn identification(bench: &Bench) -> &Verdict {
    &bench.bedside.patient().unwrap().verdict
}

#[test]
fn p6_a_band_seen_elsewhere_under_two_minutes_ago_needs_a_second_nurse() {
    let class = |seconds| identification(&seen_elsewhere(seconds)).finding(Check::P6).map(|f| f.class);
    assert_eq!(class(119), Some(Class::SoftWitness));
    assert_eq!(class(120), None);
    // The incident is an entry, whatever follows.
    let bench = seen_elsewhere(60);
    assert!(bench.entries.iter().any(|e| e.clear().findings.contains(&(Check::P6, Class::SoftWitness))));
}

/// Maria Garcia of 1951 and a neighbour.
fn garcia(other: &str, born: jiff::civil::Date) -> Bench {
    let mut ward = Ward::with(&[&metformin()], &[order("r1", &metformin(), "500 mg")]);
    ward.patient("p1").name = PersonName::parse("Garcia, Maria").unwrap();
    ward.patient("p2").name = PersonName::parse(other).unwrap();
    ward.patient("p2").birth_date = born;
    Bench::at_bedside(ward)
}

fn metformin() -> rights::product::Product {
    tablet("metformin-500", "metformin hydrochloride", "500 mg")
}

#[test]
fn p7_a_near_name_or_the_same_birth_date_asks_and_others_do_not() {
    let other_day = local_date(1957, 2, 2);
    for (name, born, asks) in [
        ("GARCIA, Jon", other_day, true),
        ("Garcias, Maria", other_day, true),
        ("Garci, Mari", other_day, true),
        ("Garc, Mari", other_day, false),
        ("Nguyen, Ann", local_date(1951, 4, 3), true),
        ("Nguyen, Ann", local_date(1951, 4, 4), false),
    ] {
        let bench = garcia(name, born);
        let asked = identification(&bench).finding(Check::P7).map(|finding| finding.class);
        assert_eq!(asked, asks.then_some(Class::Choice), "{name} {born}");
    }
}

#[test]
fn p7_a_neighbour_of_another_ward_or_who_has_left_is_no_neighbour() {
    let bench = garcia("Garcia, Mariah", local_date(1957, 2, 2));
    let changes: [fn(&mut rights::person::Patient); 3] = [
        |p| p.ward = None,
        |p| p.admission = Admission::Discharged,
        // One person under two numbers is nobody to be confused with.
        |p| p.merged_into = Some(rights::ident::PatientId::parse("p1").unwrap()),
    ];
    for change in changes {
        let mut ward = Ward::new();
        ward.chart = bench.ward.chart.clone();
        change(ward.patient("p2"));
        assert!(identification(&Bench::at_bedside(ward)).finding(Check::P7).is_none());
    }
}

#[test]
fn p7_nothing_is_given_before_the_year_is_typed() {
    let mut bench = garcia("Garcia, Mariah", local_date(1957, 2, 2));
    bench.scan(package(&metformin())).answer(Check::P7, "benefit-outweighs-risk").confirm();
    assert_eq!(bench.step(), Step::Enter(Wanted::BirthYear));
    assert!(bench.given().is_empty());
    bench.enter(Entered::BirthYear(1951)).assert_ready();
    bench.confirm();
    assert_eq!(bench.given().len(), 1);
}

/// Scenario 27: 1957 typed for the band of 1951.
#[test]
fn scenario_27_p7_the_other_birth_year_closes_the_patient_and_is_a_near_miss() {
    let mut bench = garcia("Garcia, Mariah", local_date(1957, 2, 2));
    bench.scan(package(&metformin())).enter(Entered::BirthYear(1957));
    assert!(bench.bedside.patient().is_none());
    let stop = stopped_identification(&bench);
    assert!(matches!(variance(stop, Check::P7), Some(Variance::BirthYearWrong(1957))));
    let kinds = bench.kinds();
    assert_eq!(kinds[kinds.len() - 2..], [EntryKind::Abandoned, EntryKind::Verdict]);
    let clear = bench.last().clear();
    assert!(clear.findings.contains(&(Check::P7, Class::Hard)));
    let detached = bench.last().detached().unwrap();
    assert!(
        matches!(&detached.inputs, Some(Inputs::Patient(case, _)) if case.entered == [Entered::BirthYear(1957)])
    );
    assert!(bench.given().is_empty());
}

#[test]
fn p7_the_year_holds_when_the_same_band_is_scanned_again_and_not_for_another_patient() {
    let mut bench = garcia("Garcia, Mariah", local_date(1957, 2, 2));
    bench.enter(Entered::BirthYear(1951)).scan(band("p1")).scan(package(&metformin())).assert_ready();
    bench.scan(band("p2"));
    assert_eq!(identification(&bench).finding(Check::P7).map(|f| f.class), Some(Class::Choice));
}

#[test]
fn p9_a_change_of_allergies_or_flags_since_the_last_look_is_acknowledged_once() {
    for change in
        [(|ward: &mut Ward| ward.patient("p1").flags.nil_by_mouth = true) as fn(&mut Ward), |ward| {
            ward.patient("p1").allergies.push(allergy(Allergen::TextOnly, None));
        }]
    {
        let mut bench =
            Bench::at_bedside(Ward::with(&[&metformin()], &[order("r1", &metformin(), "500 mg")]));
        assert!(bench.kinds().contains(&EntryKind::View), "the first look is recorded");
        assert!(
            identification(&bench).finding(Check::P9).is_none(),
            "who sees all for the first time knows all"
        );
        // The same nurse comes back to the patient, and nothing has changed.
        bench.scan(band("p2")).scan(band("p1"));
        assert!(identification(&bench).finding(Check::P9).is_none());
        change(&mut bench.ward);
        bench.scan(band("p2")).scan(band("p1")).scan(package(&metformin()));
        bench.assert_class(Check::P9, Class::Acknowledge);
        bench.acknowledge(Check::P9);
        assert_eq!(bench.last().kind(), EntryKind::View);
        assert_eq!(bench.class(Check::P9), None);
        bench.scan(band("p2")).scan(band("p1"));
        assert!(identification(&bench).finding(Check::P9).is_none(), "acknowledged once is enough");
    }
}

#[test]
fn o9_new_and_changed_requests_are_acknowledged_before_the_first_dose() {
    let mut bench = Bench::at_bedside(Ward::with(&[&metformin()], &[order("r1", &metformin(), "500 mg")]));
    bench.scan(package(&metformin())).assert_ready();
    let lisinopril = tablet("lisinopril-10", "lisinopril", "10 mg");
    bench.ward.chart.requests.push(order("r2", &lisinopril, "10 mg"));
    bench.ward.request("r1").version = 2;
    bench.scan(band("p2")).scan(band("p1")).scan(package(&metformin())).confirm();
    assert!(bench.given().is_empty());
    let Some(Variance::OrdersChanged(names)) = bench.variance(Check::O9) else { panic!() };
    assert_eq!(names.len(), 2, "{names:?}");
    bench.acknowledge(Check::O9).assert_ready();
    bench.confirm();
    assert_eq!(bench.given().len(), 1);
    // A request that stops is nothing to review: nothing of it will be given.
    bench.ward.request("r2").version = 2;
    bench.ward.request("r2").status = rights::request::RequestStatus::Stopped;
    bench.scan(band("p2")).scan(band("p1"));
    assert!(identification(&bench).finding(Check::O9).is_none());
}

#[test]
fn o9_acknowledging_the_allergies_does_not_acknowledge_the_orders() {
    let mut bench = Bench::at_bedside(Ward::with(&[&metformin()], &[order("r1", &metformin(), "500 mg")]));
    bench.ward.patient("p1").flags.nil_by_mouth = true;
    bench.ward.request("r1").version = 2;
    bench.scan(band("p2")).scan(band("p1")).scan(package(&metformin())).acknowledge(Check::P9);
    assert_eq!(bench.class(Check::P9), None);
    bench.assert_class(Check::O9, Class::Acknowledge);
    bench.scan(band("p2")).scan(band("p1"));
    assert!(
        identification(&bench).finding(Check::O9).is_some()
            && identification(&bench).finding(Check::P9).is_none()
    );
}

#[test]
fn o9_what_one_nurse_has_reviewed_is_news_for_another_who_looked_earlier() {
    let mut bench = Bench::locked(Ward::with(&[&metformin()], &[order("r1", &metformin(), "500 mg")]));
    let second = rights::person::Clinician {
        id: ClinicianId::parse("n3").unwrap(),
        badge: Some(BadgeId::parse("badge-n3").unwrap()),
        ..bench.ward.chart.clinicians[0].clone()
    };
    bench.ward.chart.clinicians.push(second);
    bench.sign_on("n1").scan(band("p1")).event(Event::SignOff);
    bench.ward.request("r1").version = 2;
    bench.sign_on("n3").scan(band("p1"));
    assert!(identification(&bench).finding(Check::O9).is_none(), "n3 sees all for the first time");
    bench.event(Event::SignOff).sign_on("n1").scan(band("p1"));
    assert!(identification(&bench).finding(Check::O9).is_some());
}
