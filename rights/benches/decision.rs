//! How long a decision takes: `cargo bench -p rights`. Times are for people; no test depends on them.

#[path = "../tests/suite/common/mod.rs"]
#[allow(clippy::wildcard_imports, reason = "the ward of the tests, where that is the custom")]
mod common;

use std::time::{Duration, Instant};

use common::{Bench, Ward, order, package_no, patient_id, tablet};
use jiff::SignedDuration;
use rights::bedside::Event;
use rights::due_list::due_list;
use rights::history::Outcome;
use rights::product::Product;
use rights::request::Request;

const REQUESTS: usize = 200;
const HISTORY: usize = 10_000;

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

/// How often each piece of work is repeated. The fastest is what the work takes; the others tell of the machine's other work.
const REPEATED: usize = 5;

/// What each piece of work took, `REPEATED` times.
struct Took(Vec<[Duration; REPEATED]>);

impl Took {
    fn report(&self, what: &str) {
        let of = |mut took: Vec<Duration>, share: usize| {
            took.sort_unstable();
            took[(took.len() * share / 100).min(took.len() - 1)]
        };
        let all: Vec<Duration> = self.0.iter().flatten().copied().collect();
        let fastest: Vec<Duration> = self.0.iter().filter_map(|took| took.iter().min()).copied().collect();
        println!(
            "{what}: p50 {:?}, p99 {:?}, {} rounds; each at its fastest of {REPEATED}: p50 {:?}, p99 {:?}",
            of(all.clone(), 50),
            of(all.clone(), 99),
            all.len(),
            of(fastest.clone(), 50),
            of(fastest, 99),
        );
    }
}

/// One scan of a package of each product, the dose cancelled after each.
fn scans(bench: &mut Bench, products: &[Product]) -> Took {
    let took = products.iter().map(|product| {
        [(); REPEATED].map(|()| {
            let scan = package_no(product, "S1");
            let started = Instant::now();
            bench.scan(scan);
            let took = started.elapsed();
            bench.event(Event::Cancel);
            took
        })
    });
    Took(took.collect())
}

fn main() {
    let (ward, products) = one_patient();
    let mut bench = Bench::at_bedside(ward);
    let asked = format!("one scan, {REQUESTS} requests, history of {HISTORY}");
    scans(&mut bench, &products[..REQUESTS]).report(&format!("{asked}, as ordered, each of them"));
    let not_ordered = vec![products[REQUESTS].clone(); REQUESTS];
    scans(&mut bench, &not_ordered).report(&format!("{asked}, not ordered: all requests are looked at"));

    let ward = forty_patients();
    let lists = (0..50).map(|_| {
        [(); REPEATED].map(|()| {
            let started = Instant::now();
            let due = |id| due_list(&ward.chart, id, &ward.policy, &ward.zone, ward.now).len();
            let lines: usize = ward.chart.patients.iter().map(|patient| due(&patient.id)).sum();
            let took = started.elapsed();
            assert!(lines >= 800, "each request has a line");
            took
        })
    });
    Took(lists.collect()).report(&format!("due list of 40 patients, 800 requests, history of {HISTORY}"));
}
