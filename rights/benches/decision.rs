//! How long a decision takes: `cargo bench -p rights`. Times are for people; no test depends on them.

#[path = "../tests/common/mod.rs"]
#[allow(clippy::wildcard_imports, reason = "the ward of the tests, where that is the custom")]
mod common;

use std::time::{Duration, Instant};

use common::{Bench, Ward, order, package, patient_id, tablet};
use jiff::SignedDuration;
use rights::bedside::Event;
use rights::due_list::due_list;
use rights::history::Outcome;
use rights::product::Product;
use rights::request::Request;

const REQUESTS: usize = 200;
const HISTORY: usize = 10_000;
const ROUNDS: usize = 400;

fn products(count: usize) -> Vec<Product> {
    (0..count)
        .map(|number| tablet(&format!("item-{number}"), &format!("ingredient {number}"), "5 mg"))
        .collect()
}

/// One patient with many requests and a long history of all of them, ten minutes apart.
fn one_patient() -> (Ward, Vec<Product>) {
    let products = products(REQUESTS + 1);
    let requests: Vec<Request> = products[..REQUESTS]
        .iter()
        .enumerate()
        .map(|(number, product)| order(&format!("r{number}"), product, "5 mg"))
        .collect();
    let mut ward = Ward::with(&products.iter().collect::<Vec<_>>(), &requests);
    for number in (1..=HISTORY).rev() {
        let ago = SignedDuration::from_mins(10 * i64::try_from(number).unwrap_or(0))
            + SignedDuration::from_hours(26);
        let when = ward.now - ago;
        ward.charted(&format!("r{}", number % REQUESTS), None, Outcome::Given, when);
    }
    (ward, products)
}

/// Forty patients with twenty requests each, and the same length of history over all of them.
fn forty_patients() -> Ward {
    let products = products(20);
    let mut ward = Ward::with(&products.iter().collect::<Vec<_>>(), &[]);
    let template = ward.chart.patients[0].clone();
    ward.chart.patients.clear();
    for number in 0..40 {
        let id = patient_id(&format!("patient-{number}"));
        ward.chart.patients.push(rights::person::Patient { id: id.clone(), ..template.clone() });
        for (place, product) in products.iter().enumerate() {
            let request = order(&format!("r{number}-{place}"), product, "5 mg");
            ward.chart.requests.push(Request { patient: id.clone(), ..request });
        }
    }
    for number in (1..=HISTORY).rev() {
        let when = ward.now - SignedDuration::from_mins(i64::try_from(number).unwrap_or(0));
        ward.charted(&format!("r{}-{}", number % 40, number % 20), None, Outcome::Given, when);
    }
    ward
}

fn report(what: &str, mut took: Vec<Duration>) {
    took.sort_unstable();
    let of = |share: usize| took[(took.len() * share / 100).min(took.len() - 1)];
    println!("{what}: p50 {:?}, p99 {:?}, {} rounds", of(50), of(99), took.len());
}

fn scans(bench: &mut Bench, product: &Product) -> Vec<Duration> {
    let mut took = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let scan = package(product);
        let started = Instant::now();
        bench.scan(scan);
        took.push(started.elapsed());
        bench.event(Event::Cancel);
    }
    took
}

fn main() {
    let (ward, products) = one_patient();
    let mut bench = Bench::at_bedside(ward);
    let asked = format!("one scan, {REQUESTS} requests, history of {HISTORY}");
    report(&format!("{asked}, as ordered"), scans(&mut bench, &products[7]));
    report(
        &format!("{asked}, not ordered: all requests are looked at"),
        scans(&mut bench, &products[REQUESTS]),
    );

    let ward = forty_patients();
    let mut took = Vec::with_capacity(ROUNDS / 4);
    for _ in 0..ROUNDS / 4 {
        let started = Instant::now();
        let lines: usize = ward
            .chart
            .patients
            .iter()
            .map(|patient| due_list(&ward.chart, &patient.id, &ward.policy, &ward.zone, ward.now).len())
            .sum();
        took.push(started.elapsed());
        assert!(lines >= 800, "each request has a line");
    }
    report(&format!("due list of 40 patients, 800 requests, history of {HISTORY}"), took);
}
