//! What is heard of other kiosks: once or again, from the ward's hub or as the order system had it from them.

use crate::common::*;
use crate::forget::{any_done, ward_of};
use jiff::SignedDuration;
use proptest::prelude::*;
use rights::chart::Chart;
use rights::history::{Administration, Observed, Outcome, Record, Reprint, Review};
use rights::ident::ClinicianId;
use rights::person::{Flags, Patient};

/// Everything that was done, as it is told.
pub(super) fn told(chart: &Chart) -> Vec<Record> {
    let doses = chart.history.iter().chain(&chart.corrected).cloned().map(Record::Administration);
    doses
        .chain(chart.follow_ups.iter().cloned().map(Record::FollowUp))
        .chain(chart.observed.iter().cloned().map(Record::Observed))
        .chain(chart.reviews.iter().cloned().map(Record::Review))
        .chain(chart.set_aside.iter().cloned().map(Record::SetAside))
        .chain(chart.disposed.iter().cloned().map(Record::Disposed))
        .chain(chart.order_links.iter().cloned().map(Record::OrderLinked))
        .chain(chart.reprints.iter().cloned().map(Record::Reprint))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A hub with a new store is told everything again, and tells it to everybody.
    #[test]
    fn what_is_told_again_changes_nothing(all in proptest::collection::vec(any_done(), 0..40)) {
        let mut ward = ward_of(&all);
        let by = ClinicianId::parse("n1").unwrap();
        for ago in [90, 30] {
            let (patient, at) = (patient_id("p1"), ward.now - minutes(ago));
            let observation = observation("heart-rate", "72 /min", at);
            ward.chart.learn(Record::Observed(Observed { patient: patient.clone(), by: by.clone(), observation }));
            ward.chart.learn(Record::Reprint(Reprint { patient: patient.clone(), band_serial: None, by: by.clone(), at }));
            let (allergies, requests) = (Vec::new(), Vec::new());
            ward.chart.learn(Record::Review(Review { patient, by: by.clone(), at, allergies, flags: Flags::default(), requests }));
        }
        let before = told(&ward.chart);
        for record in before.iter().chain(before.iter().rev()) {
            ward.chart.learn(record.clone());
        }
        prop_assert!(told(&ward.chart) == before);
    }

    /// Many at once are learned as they are one by one, some of them known and some copied by the order system before.
    #[test]
    fn many_are_learned_as_one_by_one(
        all in proptest::collection::vec(any_done(), 0..40),
        known in 0..40_usize,
        copied in any::<u64>(),
    ) {
        let ward = ward_of(&all);
        // The order system writes whole seconds, and tells doses of its own.
        let exact = |record| match record {
            Record::Administration(done) => {
                let at = done.at + SignedDuration::from_millis(250);
                Record::Administration(Administration { at, ..done })
            }
            other => other,
        };
        let mut records: Vec<Record> = told(&ward.chart).into_iter().map(exact).collect();
        if let Some(done) = ward.chart.history.last().cloned() {
            records.insert(records.len() / 2, Record::Administration(Administration { entry: None, ..done }));
        }
        let copies = ward.chart.history.iter().enumerate().filter(|(at, _)| copied >> (at % 64) & 1 == 1);
        let history = copies.map(|(_, done)| Administration { entry: None, ..done.clone() }).collect();
        let blank = Chart { history, ..ward_of(&[]).chart };
        let (mut one_by_one, mut at_once) = (blank.clone(), blank);
        for record in records.iter().take(known) {
            one_by_one.learn(record.clone());
            at_once.learn(record.clone());
        }
        records.iter().chain(records.iter().rev()).for_each(|record| one_by_one.learn(record.clone()));
        at_once.learn_all(records.iter().chain(records.iter().rev()).cloned());
        prop_assert!(at_once.history == one_by_one.history);
        prop_assert!(told(&at_once) == told(&one_by_one));
    }
}

/// P9, O9: of what a nurse has seen the latest counts, in whichever order it is heard.
#[test]
fn p9_an_older_review_does_not_replace_a_newer_one() {
    let mut ward = ward_of(&[]);
    let review = |ago| Review {
        patient: patient_id("p1"),
        by: ClinicianId::parse("n1").unwrap(),
        at: at("2026-06-10 09:00") - minutes(ago),
        allergies: Vec::new(),
        flags: Flags::default(),
        requests: Vec::new(),
    };
    ward.chart.learn(Record::Review(review(5)));
    ward.chart.learn(Record::Review(review(50)));
    assert!(ward.chart.reviews == [review(5)]);
}

/// D8, T5: a dose of another kiosk counts once, whether the hub or the order system tells it first, and not any more when it was entered in
/// error.
#[test]
fn d8_a_dose_that_comes_from_the_order_system_too_counts_once() {
    let pill = tablet("metoprolol-25", "metoprolol tartrate", "25 mg");
    let mut ward = Ward::with(&[&pill], &[order("r", &pill, "25 mg")]);
    ward.charted(
        "r",
        None,
        Outcome::Given,
        today("08:00").checked_add(SignedDuration::from_millis(250)).unwrap(),
    );
    let own = ward.chart.history.pop().unwrap();
    let copy = Administration { entry: None, at: today("08:00"), packages: Vec::new(), ..own.clone() };
    let orders = Chart { history: vec![copy.clone()], ..ward.chart.clone() };
    let count = |chart: &Chart| chart.history.iter().filter(|done| done.request == own.request).count();

    let mut first_the_copy = ward.chart.clone().with_orders(orders.clone());
    assert_eq!(count(&first_the_copy), 1);
    first_the_copy.learn(Record::Administration(own.clone()));
    assert_eq!(count(&first_the_copy), 1);
    let mut chart = first_the_copy.with_orders(orders.clone());
    assert!(chart.history == vec![own.clone()]);

    // The order system has it under the record into which this one was merged.
    let mut merged = orders.clone();
    let kept = patient_id("p2");
    merged.patients.push(Patient { id: kept.clone(), ..merged.patients[0].clone() });
    merged.history[0].patient = kept.clone();
    assert_eq!(count(&chart.clone().with_orders(merged.clone())), 2, "nobody said that they are one");
    merged.patients[0].merged_into = Some(kept);
    assert_eq!(count(&chart.clone().with_orders(merged.clone())), 1);
    let mut first_the_copy = ward.chart.clone().with_orders(merged);
    first_the_copy.learn(Record::Administration(own.clone()));
    assert!(first_the_copy.history == vec![own.clone()]);

    // Another dose of the same request stays.
    let later = Administration { at: today("08:01"), ..copy };
    let both = Chart { history: vec![later], ..orders.clone() };
    assert_eq!(count(&chart.clone().with_orders(both)), 2);

    chart.learn(in_error(&own));
    assert_eq!(count(&chart.with_orders(orders)), 0);
}

fn in_error(done: &Administration) -> Record {
    use rights::entry::IdempotencyKey;
    use rights::follow_up::{Act, FollowUp};
    Record::FollowUp(FollowUp {
        patient: done.patient.clone(),
        request: done.request.clone(),
        of: done.entry.unwrap(),
        act: Act::EnteredInError,
        at: today("09:00"),
        by: None,
        reason: None,
        note: None,
        witness: None,
        entry: IdempotencyKey { session: [99; 16], count: 1 },
    })
}
