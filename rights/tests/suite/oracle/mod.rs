//! A second, naive implementation of the five rights, written from the clinical specification and not from the code, and
//! what must hold for any sequence of events: what is given, the oracle allows; what the oracle finds clean, nothing stops.

mod acts;
mod measures;
mod people;
mod reach;
mod table;
mod wards;

use std::collections::BTreeSet;

use acts::{Act, Person, answered, any_act, change, events, trusted};
use proptest::prelude::*;
use rights::bedside::{Event, Phase, Step};
use rights::decide::{decide_dose, decide_patient, decide_waste};
use rights::entry::{Entry, EntryKind, Inputs};
use rights::product::Route;
use rights::quantity::Quantity;
use rights::request::RequestStatus;
use rights::verdict::{Class, Right, Standing, Verdict, Why};
use table::{Facts, Given};
use wards::{AnyPatient, AnyRequest, any_patient, any_request, is_clean, shelf, ward_of};

use crate::common::*;

/// What the test itself notes of an emergency, from what it said and from what was recorded.
#[derive(Default)]
struct Noted {
    emergency: Option<(jiff::Timestamp, Vec<String>)>,
    spoken: Option<(String, Quantity, Route)>,
}

impl Noted {
    fn said(&mut self, event: &Event, in_hand: Option<String>) {
        if let (Event::VerbalOrder { dose, route }, Some(product)) = (event, in_hand) {
            self.spoken = Some((product, *dose, *route));
        }
    }

    /// The beginning of an emergency is two entries, one of each clinician; its end is one.
    fn recorded(&mut self, entry: &Entry) {
        if entry.kind() != EntryKind::Override {
            return;
        }
        let reason = entry.clear().reason.as_ref().unwrap().as_str();
        let who = entry.actor().unwrap().clinician.to_string();
        match &mut self.emergency {
            _ if reason != "cardiac-arrest" => self.emergency = None,
            Some((since, both)) if *since == entry.at().at => both.push(who),
            _ => self.emergency = Some((entry.at().at, vec![who])),
        }
    }
}

/// What needs a decision has one, and the same inputs decide the same again (`ledger recheck`).
fn decided_again(entry: &Entry) -> Result<(), TestCaseError> {
    let inputs = entry.detached().and_then(|detached| detached.inputs.as_ref());
    let verdict = match inputs {
        Some(Inputs::Dose(case)) => decide_dose(case),
        Some(Inputs::Patient(case, _)) => decide_patient(case),
        Some(Inputs::Waste(case)) => decide_waste(case),
        Some(Inputs::Discrepancy(_)) => {
            return Err(TestCaseError::fail("a bedside decides no discrepancy"));
        }
        None => {
            let decided = matches!(
                entry.kind(),
                EntryKind::Given | EntryKind::Partial | EntryKind::Verdict | EntryKind::Unidentified
            );
            prop_assert!(!decided, "an entry without a decision: {:?}", entry.kind());
            return Ok(());
        }
    };
    // What was abandoned keeps what was in hand, and records no verdict of its own.
    if entry.kind() != EntryKind::Abandoned {
        let findings: Vec<_> = verdict.findings().iter().map(|f| (f.check, f.class)).collect();
        prop_assert_eq!(Some(verdict.class()), entry.clear().class);
        prop_assert_eq!(&findings, &entry.clear().findings);
    }
    Ok(())
}

/// A dose that was given: its entry stops nothing, and the oracle has no objection.
fn allowed(entry: &Entry, facts: &Facts<'_>) -> Result<(), TestCaseError> {
    let detached = entry.detached().unwrap();
    let done = detached.record.as_ref().unwrap().administration().unwrap();
    prop_assert!(entry.clear().class.is_some_and(|class| !class.stops()), "a hard finding was confirmed");
    let Some(Inputs::Dose(case)) = &detached.inputs else {
        return Err(TestCaseError::fail("no inputs"));
    };
    let objections = Given::new(facts, done, case, answered(entry)).objections();
    prop_assert!(objections.is_empty(), "{objections:?}");
    Ok(())
}

/// A right with a variance that asks or stops is not said to be verified, whatever was answered.
fn override_never_verifies(verdict: &Verdict) -> Result<(), TestCaseError> {
    for right in Right::ALL {
        let varies = verdict.findings().iter().any(|finding| {
            finding.check.right() == Some(*right)
                && finding.class > Class::Info
                && matches!(finding.why, Why::Variance(_))
        });
        // A statement where a scan should stand is attested, which is not verified either.
        prop_assert!(!varies || verdict.standing(*right) != Standing::Verified, "{right:?}");
    }
    Ok(())
}

/// Plays the acts and checks after each of them what must always hold.
fn play(requests: &[AnyRequest], patient: &AnyPatient, acts: &[Act]) -> Result<Bench, TestCaseError> {
    let shelf = shelf();
    let mut bench = Bench::at_bedside(ward_of(requests, patient));
    let mut noted = Noted::default();
    let (mut failed_in_this_session, mut in_hand) = (false, 0);
    for act in acts {
        change(&mut bench, act);
        for event in events(&bench, act) {
            let (before, now) = (bench.entries.len(), bench.ward.now);
            // As it was before the dose is filed; nothing else gives one.
            let before_the_dose = (event == Event::Confirm).then(|| bench.ward.chart.clone());
            let clock_ok = bench.ward.clock == trusted();
            let ready = matches!(bench.bedside.phase(), Phase::Dose(dose) if dose.step() == Step::Ready);
            in_hand = match bench.bedside.phase() {
                Phase::Dose(dose) => dose.case.packages.len(),
                // It waits for the second person.
                Phase::Second(_) => in_hand,
                _ => 0,
            };
            let works = bench.disk_works;
            let product = match bench.bedside.phase() {
                Phase::Dose(dose) => dose.case.product().map(|product| product.id.to_string()),
                _ => None,
            };
            noted.said(&event, product);
            bench.event(event.clone());
            for entry in &bench.entries[before..] {
                noted.recorded(entry);
                if entry.kind() == EntryKind::Abandoned {
                    in_hand = 0;
                }
            }
            let chart = before_the_dose.as_ref().unwrap_or(&bench.ward.chart);
            let facts = Facts {
                chart,
                shelf: &shelf,
                policy: &bench.ward.policy,
                now,
                clock_ok,
                orders_age_minutes: chart.orders_as_of.map_or(0, |at| now.duration_since(at).as_mins()),
                emergency: noted.emergency.clone(),
                spoken: noted.spoken.clone(),
            };
            if let Some((_, both)) = &facts.emergency {
                let two: BTreeSet<&String> = both.iter().collect();
                prop_assert_eq!(two.len(), 2, "S4 needs two clinicians: {:?}", both);
                prop_assert!(!both.contains(&"s1".to_owned()), "S4 by a student");
            }
            for entry in &bench.entries[before..] {
                decided_again(entry)?;
                if matches!(entry.kind(), EntryKind::Given | EntryKind::Partial) {
                    prop_assert!(
                        ready && event == Event::Confirm,
                        "given without a ready verdict and a confirmation"
                    );
                    prop_assert!(!failed_in_this_session, "given after an entry could not be recorded");
                    allowed(entry, &facts)?;
                }
            }
            if let Phase::Dose(dose) = bench.bedside.phase() {
                override_never_verifies(&dose.verdict)?;
                if let (Act::Package(product, _), [_]) = (act, dose.case.packages.as_slice())
                    && dose.case.patient.candidates.first().is_some_and(|p| p.id.as_str() == "p1")
                    && is_clean(&facts, &shelf[*product])
                    && dose.case.packages[0].taken == rights::case::Taken::Whole
                    && now.duration_since(dose.case.patient.scanned_at) <= minutes(5)
                    && now >= dose.case.patient.scanned_at
                    && dose.case.patient.typed.is_none()
                {
                    prop_assert!(dose.verdict.class() <= Class::Info, "{:?}", dose.verdict.findings());
                }
            } else if in_hand > 0 && !matches!(bench.bedside.phase(), Phase::Saving(_) | Phase::Second(_)) {
                let new: Vec<EntryKind> = bench.entries[before..].iter().map(Entry::kind).collect();
                let ended = new
                    .iter()
                    .any(|kind| matches!(kind, EntryKind::Abandoned | EntryKind::Given | EntryKind::Partial));
                prop_assert!(ended || !works, "packages vanished without an entry: {new:?} at {event:?}");
            }
            failed_in_this_session |= bench.phase() == "not recorded";
            if bench.bedside.session().is_none() {
                failed_in_this_session = false;
                bench.disk_works = true;
            }
        }
    }
    let keys: BTreeSet<_> = bench.entries.iter().map(Entry::key).collect();
    prop_assert_eq!(keys.len(), bench.entries.len(), "an entry key twice");
    let identities: Vec<_> = bench
        .ward
        .chart
        .history
        .iter()
        .flat_map(|done| &done.packages)
        .filter_map(|p| p.identity.as_ref())
        .collect();
    prop_assert_eq!(
        identities.iter().collect::<BTreeSet<_>>().len(),
        identities.len(),
        "M4: an identity given twice"
    );
    Ok(bench)
}

/// Everything about an entry but its `Debug`, which hides what must be compared.
fn same_entries(a: &Bench, b: &Bench) -> bool {
    a.entries == b.entries
}

/// 400 cases, or as many as `PROPTEST_CASES` says: fewer under mutation testing.
fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    let told = std::env::var_os("PROPTEST_CASES").is_some();
    ProptestConfig { cases: if told { default.cases } else { 400 }, ..default }
}

proptest! {
    #![proptest_config(config())]

    /// M1 to T10 and C1: whatever happens, what is given is what the oracle allows.
    #[test]
    fn oracle_agrees_with_everything_that_is_given(
        requests in proptest::collection::vec(any_request(), 1..4),
        patient in any_patient(),
        acts in proptest::collection::vec(any_act(), 1..40),
    ) {
        play(&requests, &patient, &acts)?;
    }

    /// The usual case, so that the oracle sees many doses: scan, choose, measure, answer, confirm.
    #[test]
    fn oracle_agrees_with_ordinary_doses(
        any in any_request(),
        patient in any_patient(),
        product in 0..11_usize,
        choice in 0..3_usize,
        share in 0..4_u8,
        wait in 0_i64..2000,
        again in any::<bool>(),
    ) {
        let any = AnyRequest { status: RequestStatus::Active, mine: true, ..any };
        let product = if again { any.drug } else { product };
        let mut acts = vec![Act::Wait(wait + 1), Act::SignOn, Act::Year(true), Act::Package(product, None), Act::Choose(choice), Act::Site(true)];
        if share > 0 {
            acts.push(Act::Take(share));
        }
        acts.extend([Act::NoMore, Act::Witness(Person::Nurse, true), Act::AnswerAll, Act::Confirm, Act::Package(product, None), Act::Choose(choice), Act::AnswerAll, Act::Confirm]);
        play(&[any], &patient, &acts)?;
    }

    /// What the oracle finds clean is not stopped and nothing is asked; most of these are clean.
    #[test]
    fn oracle_clean_pass_is_never_stopped(
        any in any_request(),
        starts in 0_i64..119,
        timing in prop_oneof![Just(daily(&[9])), Just(every_hours(8)), Just(every_hours(24)), Just(daily(&[9, 21]))],
    ) {
        let clean = AnyRequest {
            drug: 0, dose: "25 mg", timing, starts_minutes_ago: starts, status: RequestStatus::Active,
            verified: true, mine: true, route: Route::Oral, stops_in: None, critical: false, per_kilogram: None, ..any
        };
        play(&[clean], &AnyPatient::default(), &[Act::Package(0, Some("S1")), Act::Confirm])?;
    }

    /// S4: orders that are stopped, not verified or not there, labels of others, and what two clinicians may do about it.
    #[test]
    fn oracle_agrees_with_what_is_given_in_an_emergency(
        any in any_request(),
        patient in any_patient(),
        who in prop_oneof![4 => Just(Person::Nurse), 1 => Just(Person::Student)],
        (product, spoken, by_its_route) in (0..11_usize, proptest::option::of(0..3_usize), any::<bool>()),
        (typed, own_label) in (proptest::bool::weighted(0.2), proptest::option::of(any::<bool>())),
        waits in prop_oneof![Just(0_i64), Just(4), Just(29), Just(30)],
        share in 0..4_u8,
    ) {
        let mut acts = vec![Act::Year(true), Act::Emergency(who)];
        if typed {
            acts.push(Act::TypeBand(true));
        }
        acts.push(own_label.map_or(Act::Package(product, None), Act::Label));
        acts.extend(spoken.map(|dose| Act::Spoken(dose, by_its_route)));
        acts.extend([Act::Choose(0), Act::Take(share), Act::Site(true), Act::NoMore]);
        acts.extend([Act::Witness(Person::Nurse, true), Act::AnswerAll, Act::Wait(waits), Act::Band]);
        acts.extend([Act::AnswerAll, Act::Confirm, Act::AnswerAll, Act::Confirm]);
        play(&[any], &patient, &acts)?;
    }

    /// W1 to W3, P6 and P8: who the second person is, what they type, and how long they take.
    #[test]
    fn oracle_agrees_with_second_persons(
        any in any_request(),
        patient in any_patient(),
        (who, right) in (prop_oneof![4 => Just(Person::Nurse), 1 => Just(Person::Giver), 1 => Just(Person::Student)], proptest::bool::weighted(0.8)),
        typed in proptest::bool::weighted(0.3),
        again in any::<bool>(),
        share in 0..4_u8,
    ) {
        let any = AnyRequest { status: RequestStatus::Active, mine: true, ..any };
        let product = any.drug;
        let mut acts = vec![if typed { Act::TypeBand(true) } else { Act::Seen }, Act::Band, Act::Year(true)];
        if typed {
            acts.swap(0, 1);
        }
        acts.extend([Act::Package(product, None), Act::Choose(0), Act::Take(share), Act::Site(true)]);
        acts.extend([Act::NoMore, Act::AnswerAll, Act::Witness(who, right), Act::Confirm]);
        if again {
            acts.extend([Act::PutBack, Act::Package(product, None), Act::Take(share), Act::Site(true)]);
            acts.extend([Act::NoMore, Act::AnswerAll, Act::Witness(Person::Nurse, true), Act::Confirm]);
        }
        play(&[any], &patient, &acts)?;
    }

    #[test]
    fn the_same_events_give_the_same_entries(
        requests in proptest::collection::vec(any_request(), 1..3),
        patient in any_patient(),
        acts in proptest::collection::vec(any_act(), 1..25),
    ) {
        let once = play(&requests, &patient, &acts)?;
        prop_assert!(same_entries(&once, &play(&requests, &patient, &acts)?));
    }

    /// A kiosk that starts again and hears the records of the ledger in any order knows the same.
    #[test]
    fn replaying_the_records_of_any_sequence_gives_the_same_chart(
        requests in proptest::collection::vec(any_request(), 1..3),
        acts in proptest::collection::vec(any_act(), 1..30),
        seed in any::<u64>(),
    ) {
        // What another kiosk gives and what could not be written stand in no entry of this one.
        let of_this_kiosk = |act: &Act| !matches!(act, Act::Elsewhere | Act::DiskFails);
        let acts: Vec<Act> = acts.into_iter().filter(of_this_kiosk).collect();
        let bench = play(&requests, &AnyPatient::default(), &acts)?;
        let mut records: Vec<_> =
            bench.entries.iter().filter_map(|entry| entry.detached()?.record.clone()).collect();
        // Nurses' reviews follow each other: the last one counts.
        let reviews = |record: &rights::history::Record| matches!(record, rights::history::Record::Review(_));
        records.retain(|record| !reviews(record));
        let mut state = seed;
        records.sort_by_cached_key(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state >> 32
        });
        let mut again = ward_of(&requests, &AnyPatient::default()).chart;
        again.requests.clone_from(&bench.ward.chart.requests);
        again.patients.clone_from(&bench.ward.chart.patients);
        for record in records.iter().chain(&records) {
            again.learn(record.clone());
        }
        let chart = &bench.ward.chart;
        prop_assert_eq!(&again.history, &chart.history);
        prop_assert_eq!(&again.follow_ups, &chart.follow_ups);
        let patient = patient_id("p1");
        let (now, ward) = (bench.ward.now, &bench.ward);
        let between = (now - minutes(3 * 1440), now + minutes(1440));
        let of = |chart| rights::mar::mar(chart, &patient, &ward.policy, &ward.zone, between, now);
        prop_assert_eq!(of(&again), of(chart));
        let due = |chart| rights::due_list::due_list(chart, &patient, &ward.policy, &ward.zone, now);
        prop_assert_eq!(due(&again), due(chart));
    }
}
