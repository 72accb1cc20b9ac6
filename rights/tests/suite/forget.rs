//! What a chart forgets is what nothing can ask for (decision 0070): the same chart, forgetful and not, gives the same cases, due
//! lists, custody and tasks, and does not grow.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Weekday;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use rights::bedside::{Event, Phase};
use rights::chart::Chart;
use rights::course::InfusionState;
use rights::custody::{CustodyId, Disposal, Disposed, SetAside, in_custody};
use rights::due_list::due_list;
use rights::entered::Entered;
use rights::entry::IdempotencyKey;
use rights::follow_up::{Act, FollowUp, InfusionStep};
use rights::history::{
    Administration, Observed, OrderLinked, Outcome, PackageIdentity, Record, Reprint, Review, UsedPackage,
};
use rights::ident::*;
use rights::person::Flags;
use rights::product::{Controlled, Product, Route};
use rights::request::Request;
use rights::scan::PackageKey;
use rights::schedule::Timing;
use rights::tasks::tasks;

use crate::common::life::*;
use crate::common::*;

fn hours(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count)
}

fn ampoule() -> Product {
    Product {
        controlled: Some(Controlled::Two),
        ..vial("ampoule", "delta", "50 ug", "2 mL", &[Route::Intravenous])
    }
}

fn shelf() -> Vec<Product> {
    vec![
        tablet("daily", "alpha", "25 mg"),
        tablet("often", "alpha", "50 mg"),
        tablet("weekly", "beta", "10 mg"),
        tablet("needed", "gamma", "5 mg"),
        tablet("once", "theta", "10 mg"),
        patch("patch", "epsilon", "25 ug"),
        bag("bag", "zeta", "1 mg", "500 mL"),
        ampoule(),
        tablet("monthly", "eta", "70 mg"),
    ]
}

/// Three months of orders, one for each thing of the shelf; the last one is of no order any more.
fn orders() -> Vec<Request> {
    let shelf = shelf();
    let start = at("2026-03-01 08:00");
    let of = |id: &str, place: usize, dose: &str, timing: Timing| Request {
        timing,
        start,
        ..order(id, &shelf[place], dose)
    };
    let monthly =
        Timing::Monthly { times: vec![jiff::civil::time(9, 0, 0, 0)], days: vec![1], every_months: 1 };
    vec![
        of("daily", 0, "25 mg", daily(&[9, 21])),
        of("often", 1, "50 mg", every_hours(6)),
        of("weekly", 2, "10 mg", weekly(&[Weekday::Wednesday], 9)),
        of("needed", 3, "5 mg", as_needed(Some(9 * 24), Some(4))),
        of("once", 4, "10 mg", Timing::At(vec![at("2026-03-20 09:00")])),
        of("patch", 5, "1 {patch}", every_hours(72)),
        Request { start, ..infusion("bag", &shelf[6], "10 mL/h") },
        of("ampoule", 7, "25 ug", as_needed(None, None)),
        of("monthly", 8, "70 mg", monthly),
    ]
}

/// One thing that was done, so many minutes ago, and what followed it.
#[derive(Clone, Debug)]
pub(super) struct Done {
    place: usize,
    minutes_ago: i64,
    outcome: Outcome,
    serial: bool,
    followed: u8,
    after: i64,
}

pub(super) fn any_done() -> impl Strategy<Value = Done> {
    let outcome = prop_oneof![5 => Just(Outcome::Given), 1 => Just(Outcome::Partial), 1 => Just(Outcome::Held), 1 => Just(Outcome::Refused)];
    // As often in the last days as in the three months before.
    let ago = prop_oneof![1 => 1_i64..3 * 24 * 60, 2 => 1_i64..95 * 24 * 60];
    (0..10_usize, ago, outcome, any::<bool>(), 0..8_u8, 1_i64..4000).prop_map(
        |(place, minutes_ago, outcome, serial, followed, after)| Done {
            place,
            minutes_ago,
            outcome,
            serial,
            followed,
            after,
        },
    )
}

fn identity(number: u32) -> PackageIdentity {
    let serial = Serial::parse(&format!("S{number}")).unwrap();
    PackageIdentity::Serial(PackageKey::Gtin(gtin(0, 77)), serial)
}

fn package_of(product: &Product, number: u32, done: &Done) -> UsedPackage {
    UsedPackage {
        product: product.id.clone(),
        identity: done.serial.then(|| identity(number)),
        lot: None,
        taken: q("0.5 mL"),
        left: if done.place == 7 { q("1.5 mL") } else { q("0 mL") },
        controlled: product.controlled,
    }
}

/// Charts it as the ledger would tell it.
fn chart(ward: &mut Ward, number: u32, done: &Done) {
    let at = ward.now - minutes(done.minutes_ago);
    let later = (at + minutes(done.after)).min(ward.now);
    let key = IdempotencyKey { session: [1; 16], count: 2 * number };
    let next = IdempotencyKey { count: 2 * number + 1, ..key };
    let by = ClinicianId::parse("n2").unwrap();
    let shelf = shelf();
    let (id, product) = match done.place {
        9 => ("gone".to_owned(), &shelf[3]),
        place => (shelf[place].id.to_string(), &shelf[place]),
    };
    let request = ward.chart.requests.iter().find(|request| request.id.as_str() == id).cloned();
    let slot = request.as_ref().and_then(|request| {
        let slots = request.timing.slots(request.start, None, &ward.zone, at, at);
        slots.into_iter().map(|slot| slot.due).min_by_key(|due| due.duration_since(at).abs())
    });
    let entered = done.outcome.entered_patient();
    let packages = vec![package_of(product, number, done)];
    let whole = SetAside {
        patient: patient_id("p1"),
        packages: vec![UsedPackage { taken: q("0 mL"), left: q("2 mL"), ..packages[0].clone() }],
        by: by.clone(),
        at,
    };
    if done.place == 7 && done.followed == 7 {
        ward.chart.learn(Record::SetAside(whole));
        return;
    }
    ward.chart.learn(Record::Administration(Administration {
        patient: patient_id("p1"),
        request: RequestId::parse(&id).unwrap(),
        version: 1,
        slot,
        outcome: done.outcome,
        at,
        by: by.clone(),
        dose: entered.then_some(product.package),
        ingredients: if entered { product.strengths.clone() } else { Vec::new() },
        route: entered.then_some(product.routes[0]),
        packages: if entered { packages } else { Vec::new() },
        reason: None,
        note: None,
        entry: Some(key),
        backdated: None,
        effect_due: (done.place == 3 && entered).then(|| at + minutes(60)),
        rate: (done.place == 6 && entered).then(|| rate("10 mL/h")),
        continues: None,
        grant: None,
        site: None,
        pain_score: None,
        witness: None,
        known: Vec::new(),
        order_link_due: (done.place == 9).then(|| at + minutes(60)),
    }));
    let follow = |act| {
        Record::FollowUp(FollowUp {
            patient: patient_id("p1"),
            request: RequestId::parse(&id).unwrap(),
            of: key,
            act,
            at: later,
            by: Some(by.clone()),
            reason: None,
            note: None,
            witness: None,
            entry: next,
        })
    };
    match (done.place, done.followed) {
        (5, 0..=5) => ward.chart.learn(follow(Act::PatchRemoved)),
        (6, 0..=4) => ward.chart.learn(follow(Act::Infusion(InfusionStep::Stopped))),
        (6, 5) => ward.chart.learn(follow(Act::Infusion(InfusionStep::Paused))),
        (7, 0..=4) => ward.chart.learn(Record::Disposed(Disposed {
            patient: patient_id("p1"),
            how: Disposal::Wasted,
            of: CustodyId { at, by: by.clone(), place: 0 },
            product: product.id.clone(),
            identity: done.serial.then(|| identity(number)),
            amount: if done.followed == 0 { q("1 mL") } else { q("1.5 mL") },
            reason: None,
            note: None,
            by: by.clone(),
            witness: None,
            at: later,
        })),
        (9, 0..=4) => ward.chart.learn(Record::OrderLinked(OrderLinked {
            patient: patient_id("p1"),
            given_under: RequestId::parse(&id).unwrap(),
            given_at: at,
            request: RequestId::parse("needed").unwrap(),
            by: by.clone(),
            at: later,
        })),
        (_, 6) => ward.chart.learn(follow(Act::EnteredInError)),
        _ => {}
    }
}

pub(super) fn ward_of(all: &[Done]) -> Ward {
    let shelf = shelf();
    let mut ward = Ward::with(&shelf.iter().collect::<Vec<_>>(), &orders());
    Arc::make_mut(&mut ward.policy).contraindicated = vec![(ingredient("alpha"), ingredient("gamma"))];
    let mut in_order: Vec<(usize, &Done)> = all.iter().enumerate().collect();
    in_order.sort_by_key(|(_, done)| -done.minutes_ago);
    for (number, done) in in_order {
        chart(&mut ward, u32::try_from(number).unwrap(), done);
    }
    ward.chart.orders_as_of = Some(ward.now);
    ward
}

/// What the bedside says of each thing of the shelf: the case that is decided, for now and for doses that were given earlier.
fn cases(ward: Ward) -> Vec<String> {
    let mut bench = Bench::at_bedside(ward);
    let mut told = Vec::new();
    for product in shelf() {
        for ago in [0, 30, 12 * 60, 24 * 60] {
            bench.scan(package(&product));
            if ago > 0 && matches!(bench.bedside.phase(), Phase::Dose(_)) {
                let given_at = bench.ward.now - minutes(ago);
                bench.event(Event::Enter(Entered::GivenAt(given_at)));
            }
            if let Phase::Dose(dose) = bench.bedside.phase() {
                let kept: Vec<_> = dose.case.history.iter().map(|done| (done.entry, done.at)).collect();
                let followed: Vec<_> = dose.case.follow_ups.iter().map(|done| done.entry).collect();
                told.push(format!(
                    "{} {ago}: {kept:?} {followed:?} {:?}",
                    product.id,
                    dose.verdict.findings()
                ));
            }
            bench.event(Event::Cancel);
        }
    }
    assert!(told.len() > 20, "only {} cases", told.len());
    told
}

fn copy(ward: &Ward) -> Ward {
    Ward {
        now: ward.now,
        clock: ward.clock,
        zone: ward.zone.clone(),
        place: ward.place.clone(),
        policy: ward.policy.clone(),
        formulary: ward.formulary.clone(),
        chart: ward.chart.clone(),
    }
}

fn forgetful(ward: &Ward) -> Ward {
    let mut ward = copy(ward);
    ward.chart.forget(&ward.policy, &ward.zone, ward.now);
    ward
}

/// When it was done or seen.
fn when(record: &Record) -> Timestamp {
    match record {
        Record::Administration(done) => done.at,
        Record::FollowUp(done) => done.at,
        Record::Observed(seen) => seen.observation.at,
        Record::Review(review) => review.at,
        Record::SetAside(done) => done.at,
        Record::Disposed(done) => done.at,
        Record::OrderLinked(done) => done.at,
        Record::Reprint(done) => done.at,
    }
}

/// A kiosk that learned everything in its order and forgot after each few records.
fn gone_on(ward: &Ward, few: usize) -> Ward {
    let mut records = crate::heard::told(&ward.chart);
    records.sort_by_key(when);
    let mut ward = copy(ward);
    ward.chart = ward_of(&[]).chart;
    for few in records.chunks(few) {
        few.iter().cloned().for_each(|record| ward.chart.learn(record));
        ward.chart.forget(&ward.policy, &ward.zone, ward.now);
    }
    ward
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// It makes no difference when a chart forgets, whatever is entered in error afterwards: a kiosk that went on knows what one knows that
    /// starts again.
    #[test]
    fn when_it_forgets_makes_no_difference(all in proptest::collection::vec(any_done(), 0..60), few in 1_usize..20) {
        let whole = ward_of(&all);
        let (started, gone_on) = (forgetful(&whole), gone_on(&whole, few));
        for number in 0..60 {
            prop_assert_eq!(started.chart.used_at(&identity(number)), gone_on.chart.used_at(&identity(number)));
        }
        prop_assert!(cases(started) == cases(gone_on), "cases");
    }

    #[test]
    fn forgetting_changes_no_case_due_list_custody_task_or_used_package(all in proptest::collection::vec(any_done(), 0..60)) {
        let whole = ward_of(&all);
        let less = forgetful(&whole);
        prop_assert_eq!(cases(copy(&whole)), cases(copy(&less)));
        let p1 = patient_id("p1");
        let due = |ward: &Ward| -> Vec<String> {
            let items = due_list(&ward.chart, &p1, &ward.policy, &ward.zone, ward.now);
            items.iter().map(|item| format!("{} {:?} {:?} {:?} {:?}", item.request.id, item.slot, item.state, item.last_given, item.of)).collect()
        };
        prop_assert_eq!(due(&whole), due(&less));
        let held = |ward: &Ward| format!("{:?}", in_custody(&ward.chart, &ward.policy, ward.now).iter().map(|item| (&item.id, item.remaining, item.discrepancy)).collect::<Vec<_>>());
        prop_assert_eq!(held(&whole), held(&less));
        let to_do = |ward: &Ward| -> Vec<_> { tasks(&ward.chart, &ward.policy, ward.now).iter().map(rights::tasks::Task::due).collect() };
        prop_assert_eq!(to_do(&whole), to_do(&less));
        for number in 0..60 {
            prop_assert_eq!(whole.chart.used_at(&identity(number)), less.chart.used_at(&identity(number)));
            let (before, after) = (whole.chart.disposed_as(&identity(number)), less.chart.disposed_as(&identity(number)));
            prop_assert_eq!(before, after);
        }
        // Whatever a line of the due list can be charted about is still there.
        for item in due_list(&less.chart, &p1, &less.policy, &less.zone, less.now) {
            prop_assert!(item.of.is_none_or(|of| less.chart.administration(&of).is_some()));
        }
        let twice = forgetful(&less);
        prop_assert_eq!(&twice.chart.history, &less.chart.history, "nothing more is forgotten at the same instant");
    }
}

/// How many records a chart holds, and what it remembers of packages.
fn count(chart: &Chart) -> usize {
    chart.history.len()
        + chart.corrected.len()
        + chart.follow_ups.len()
        + chart.observed.len()
        + chart.reviews.len()
        + chart.set_aside.len()
        + chart.disposed.len()
        + chart.order_links.len()
        + chart.sightings.len()
        + chart.reprints.len()
}

/// One day after the other on one ward: after the first two weeks the chart holds no more than before, and of 60 days not a third.
#[test]
fn a_chart_of_many_days_does_not_grow() {
    let mut ward = Ward::with(&shelf().iter().collect::<Vec<_>>(), &orders());
    let start = at("2026-03-02 09:00");
    let mut number = 0;
    let mut charted = 0;
    let mut held = Vec::new();
    for day in 0..60 {
        ward.now = start + hours(24 * day);
        let thrice = [0, 1, 3, 5, 7, 9].into_iter().flat_map(|place| [1, 7, 13].map(|hour| (place, hour)));
        let weekly = (day % 7 == 2).then_some((2, 0));
        for (place, hour) in thrice.chain(weekly) {
            let followed = if place == 7 { 3 } else { 1 };
            let minutes_ago = hour * 60;
            let done = Done { followed, after: 20, ..given(place, minutes_ago) };
            chart(&mut ward, number, &done);
            number += 1;
            charted += 1;
        }
        let seen = observation("heart-rate", "72 /min", ward.now);
        let by = ClinicianId::parse("n1").unwrap();
        ward.chart.learn(Record::Observed(Observed { patient: patient_id("p1"), by, observation: seen }));
        ward.chart.forget(&ward.policy, &ward.zone, ward.now);
        held.push(count(&ward.chart));
    }
    let most = held[14..30].iter().max().unwrap();
    assert!(held[30..].iter().all(|count| count <= most), "{held:?}");
    assert!(held[59] * 3 < charted, "{} of {charted}: {held:?}", held[59]);
    assert_eq!(ward.chart.spent.len() + packages(&ward.chart), charted, "no package is forgotten");
}

fn packages(chart: &Chart) -> usize {
    let known: BTreeSet<&PackageIdentity> = chart
        .history
        .iter()
        .flat_map(|done| &done.packages)
        .filter_map(|package| package.identity.as_ref())
        .filter(|identity| !chart.spent.contains_key(*identity))
        .collect();
    known.len()
}

fn given(place: usize, minutes_ago: i64) -> Done {
    Done { place, minutes_ago, outcome: Outcome::Given, serial: true, followed: 7, after: 1 }
}

const MONTH: i64 = 30 * 24 * 60;

/// The clock jumps a year ahead and back: nothing was given by it, so nothing is forgotten by it.
#[test]
fn a_clock_that_runs_ahead_makes_nothing_old() {
    // Of each order more than the last dose, which would stay in any case.
    let whole = ward_of(&[given(0, 12 * 60), given(0, 10), given(3, 30 * 60), given(3, 2 * 24 * 60)]);
    let mut ahead = copy(&whole);
    ahead.chart.forget(&ahead.policy, &ahead.zone, whole.now + hours(24 * 365));
    assert_eq!(ahead.chart.history, whole.chart.history);
    // With that clock nothing is given, since the orders are a year old; but a refusal is charted.
    let later = whole.now + hours(24 * 365);
    ahead.charted("daily", None, Outcome::Refused, later);
    ahead.chart.forget(&ahead.policy, &ahead.zone, later);
    assert_eq!(ahead.chart.history.len(), whole.chart.history.len() + 1);
}

/// A dose of long ago that is corrected elsewhere: its package was not used after all.
#[test]
fn m4_the_package_of_a_forgotten_dose_is_used_until_the_dose_is_corrected() {
    let mut ward = forgetful(&ward_of(&[given(0, 2 * MONTH), given(0, MONTH), given(0, 10)]));
    let key = IdempotencyKey { session: [1; 16], count: 0 };
    assert!(ward.chart.administration(&key).is_none(), "it is forgotten");
    assert_eq!(ward.chart.used_at(&identity(0)), Some(ward.now - minutes(2 * MONTH)));
    ward.chart.learn(in_error("daily", key, ward.now));
    assert_eq!(ward.chart.used_at(&identity(0)), None);
    assert!(ward.chart.used_at(&identity(1)).is_some());
}

fn in_error(request: &str, of: IdempotencyKey, at: Timestamp) -> Record {
    Record::FollowUp(FollowUp {
        patient: patient_id("p1"),
        request: RequestId::parse(request).unwrap(),
        of,
        act: Act::EnteredInError,
        at,
        by: None,
        reason: None,
        note: None,
        witness: None,
        entry: IdempotencyKey { session: [9; 16], count: 0 },
    })
}

/// T2, O6: the dose that was the last one is entered in error after the chart forgot: the one before it is the last again.
#[test]
fn the_dose_before_the_last_is_the_last_again_when_that_was_an_error() {
    for (place, request) in [(9, "gone"), (8, "monthly"), (3, "needed")] {
        let mut ward = forgetful(&ward_of(&[given(place, 20 * 24 * 60), given(place, 60)]));
        let (before, last) =
            (IdempotencyKey { session: [1; 16], count: 0 }, IdempotencyKey { session: [1; 16], count: 2 });
        ward.chart.learn(in_error(request, last, ward.now));
        assert!(
            ward.chart.administration(&last).is_none() && ward.chart.administration(&before).is_some(),
            "{request}"
        );
    }
}

/// New orders keep what is remembered of packages, and what other systems told is theirs to forget.
#[test]
fn new_orders_forget_nothing_more() {
    let mut ward = ward_of(&[given(0, 2 * MONTH), given(0, MONTH), given(0, 10)]);
    ward.charted("weekly", None, Outcome::Given, ward.now - hours(24 * 80));
    ward.chart.history.last_mut().unwrap().entry = None;
    ward.chart.history.sort_by_key(|done| done.at);
    ward.chart.forget(&ward.policy, &ward.zone, ward.now);
    assert!(ward.chart.history.iter().any(|done| done.entry.is_none()));
    let orders = Chart { requests: orders(), ..Chart::default() };
    ward.chart = ward.chart.with_orders(orders);
    assert!(ward.chart.used_at(&identity(0)).is_some());
}

/// Orders that are lost on the way for a while and come back: a one-time dose is not given twice.
#[test]
fn o6_the_dose_of_an_order_that_is_gone_for_a_while_is_remembered() {
    let mut ward = ward_of(&[given(4, 2 * MONTH), given(0, 10)]);
    let requests = std::mem::take(&mut ward.chart.requests);
    ward.chart.forget(&ward.policy, &ward.zone, ward.now);
    ward.chart.requests = requests;
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&shelf()[4])).assert_stopped_by(rights::verdict::Check::O6);
}

/// An old infusion of an order that is gone still runs; so does its bag.
#[test]
fn an_infusion_that_runs_is_not_forgotten_with_its_order() {
    let mut ward = ward_of(&[given(6, 3 * MONTH), given(0, 10)]);
    ward.chart.requests.retain(|request| request.id.as_str() != "bag");
    ward.chart.forget(&ward.policy, &ward.zone, ward.now);
    let key = IdempotencyKey { session: [1; 16], count: 0 };
    let start = ward.chart.administration(&key).unwrap();
    let stands = rights::course::infusion(start, &ward.chart.history, &ward.chart.follow_ups).unwrap();
    assert_eq!(stands.state, InfusionState::Running);
}

/// Of what was seen and wished the last stays as long as the patient is here.
#[test]
fn the_last_value_review_and_wish_of_a_patient_stay() {
    let mut ward = ward_of(&[given(0, 10)]);
    let by = ClinicianId::parse("n1").unwrap();
    let gone = patient_id("gone");
    for (patient, ago) in [(patient_id("p1"), 100), (patient_id("p1"), 90), (gone.clone(), 100)] {
        let when: Timestamp = ward.now - hours(24 * ago);
        let seen = observation("body-weight", "70 kg", when);
        ward.chart.learn(Record::Observed(Observed {
            patient: patient.clone(),
            by: by.clone(),
            observation: seen,
        }));
        ward.chart.learn(Record::Reprint(Reprint {
            patient: patient.clone(),
            band_serial: None,
            by: by.clone(),
            at: when,
        }));
        ward.chart.learn(Record::Review(Review {
            patient,
            by: by.clone(),
            at: when,
            allergies: Vec::new(),
            flags: Flags::default(),
            requests: Vec::new(),
        }));
    }
    ward.chart.forget(&ward.policy, &ward.zone, ward.now);
    let last = ward.now - hours(24 * 90);
    let observed: Vec<_> = ward.chart.observed.iter().map(|seen| seen.observation.at).collect();
    let wished: Vec<_> = ward.chart.reprints.iter().map(|wish| wish.at).collect();
    let reviewed: Vec<_> = ward.chart.reviews.iter().map(|review| review.at).collect();
    assert_eq!((observed, wished, reviewed), (vec![last], vec![last], vec![last]));
    assert!(ward.chart.reviews.iter().all(|review| review.patient != gone));
}
