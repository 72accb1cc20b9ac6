//! Random wards: a shelf, orders for what is on it, and patients who differ in what the checks look at.

use std::sync::Arc;

use jiff::ToSpan;
use proptest::prelude::*;
use rights::amount::Amount;
use rights::chart::Sighting;
use rights::history::Outcome;
use rights::ident::PersonName;
use rights::person::Admission;
use rights::product::{Divisible, Form, Product, Release, Route};
use rights::request::{Conditions, DoseOrder, Request, RequestStatus};
use rights::schedule::Timing;
use rights::witness::WitnessRule;

use super::measures::{due_instants, is_what_was_ordered, millionths, passed, same_kind, tier};
use super::table::Facts;
use crate::common::*;

/// What can be scanned.
pub(super) fn shelf() -> Vec<Product> {
    let scored = Product { divisible: Divisible::Half, ..tablet("a-25", "alpha", "25 mg") };
    let mut shelf = vec![
        scored,
        tablet("a-50", "alpha", "0.05 g"),
        Product { release: Release::Extended, ..tablet("a-50-er", "alpha", "50 mg") },
        tablet("a-salt", "alpha succinate", "25 mg"),
        liquid("a-syrup", "alpha", "5 mg", "20 mL"),
        Product { form: Form::Capsule, ..tablet("b-100", "beta", "100 mg") },
        Product {
            strengths: vec![strength("alpha", "25 mg"), strength("beta", "100 mg")],
            ..tablet("both", "alpha", "25 mg")
        },
        vial("a-vial", "alpha", "10 mg", "5 mL", &[Route::Intravenous]),
    ];
    shelf[5].controlled = Some(rights::product::Controlled::Two);
    shelf.push(tablet("g-10", "gamma", "10 mg"));
    shelf.push(vial("a-sub", "alpha", "50 mg", "2 mL", &[Route::Subcutaneous]));
    shelf[9].marks.witness = WitnessRule::Required;
    shelf.push(Product { high_alert: true, ..tablet("d-25", "delta", "25 mg") });
    shelf[10].marks.witness = WitnessRule::Recommended;
    shelf
}

fn any_timing() -> impl Strategy<Value = Timing> {
    prop_oneof![
        4 => prop_oneof![Just(vec![9_i8]), Just(vec![8, 20]), Just(vec![6, 12, 18]), Just(vec![9, 10])]
            .prop_map(|hours| daily(&hours)),
        3 => prop_oneof![Just(1_u32), Just(2), Just(4), Just(8), Just(24)].prop_map(every_hours),
        2 => (proptest::option::of(1_i64..6), proptest::option::of(1_u16..3)).prop_map(|(h, n)| as_needed(h, n)),
        1 => (-600_i64..600).prop_map(|offset| Timing::At(vec![today("09:00").checked_add(minutes(offset)).unwrap()])),
    ]
}

#[expect(clippy::struct_excessive_bools, reason = "what a generator may vary")]
#[derive(Clone, Debug)]
pub(super) struct AnyRequest {
    pub(super) drug: usize,
    pub(super) dose: &'static str,
    pub(super) range: bool,
    pub(super) timing: Timing,
    pub(super) starts_minutes_ago: i64,
    pub(super) stops_in: Option<i64>,
    pub(super) status: RequestStatus,
    pub(super) verified: bool,
    pub(super) critical: bool,
    pub(super) maximum: Option<&'static str>,
    pub(super) mine: bool,
    pub(super) route: Route,
    pub(super) per_kilogram: Option<&'static str>,
}

pub(super) fn any_request() -> impl Strategy<Value = AnyRequest> {
    let dose = prop_oneof![
        4 => Just("25 mg"), 2 => Just("50 mg"), 1 => Just("12500 ug"), 1 => Just("1 {tablet}"), 1 => Just("0.1 g"), 1 => Just("5 mL"),
    ];
    let status = prop_oneof![12 => Just(RequestStatus::Active), 1 => Just(RequestStatus::OnHold), 1 => Just(RequestStatus::Stopped)];
    (
        (
            0..11_usize,
            dose,
            proptest::bool::weighted(0.1),
            any_timing(),
            prop_oneof![3 => 1_i64..9000, 1 => -300_i64..300],
        ),
        (
            prop_oneof![5 => Just(None), 1 => (-100_i64..500).prop_map(Some)],
            status,
            proptest::bool::weighted(0.9),
            proptest::bool::weighted(0.1),
            prop_oneof![
                6 => Just(None),
                2 => Just(Some("60 mg")),
                2 => Just(Some("0.2 g")),
                1 => Just(Some("1 {tablet}")),
                1 => Just(Some("2 {tablet}")),
            ],
            proptest::bool::weighted(0.9),
            prop_oneof![12 => Just(None), 1 => Just(Some(Route::Rectal))],
            prop_oneof![4 => Just(None), 1 => Just(Some("0.5 mg"))],
        ),
    )
        .prop_map(
            |(
                (drug, dose, range, timing, starts_minutes_ago),
                (stops_in, status, verified, critical, maximum, mine, route, per_kilogram),
            )| {
                let route = route.unwrap_or(shelf()[drug].routes[0]);
                AnyRequest {
                    drug,
                    dose,
                    range,
                    timing,
                    starts_minutes_ago,
                    stops_in,
                    status,
                    verified,
                    critical,
                    maximum,
                    mine,
                    route,
                    per_kilogram,
                }
            },
        )
}

fn request(number: usize, any: &AnyRequest) -> Request {
    let ago = |minutes_ago| today("09:00").checked_sub(minutes(minutes_ago)).unwrap();
    let product = &shelf()[any.drug];
    let least = q(any.dose);
    let most = least.times(Amount::whole(2)).unwrap();
    Request {
        patient: patient_id(if any.mine { "p1" } else { "p2" }),
        dose: if any.range { DoseOrder::Range(least, most) } else { DoseOrder::Exact(least) },
        timing: any.timing.clone(),
        start: ago(any.starts_minutes_ago),
        stop: any.stops_in.map(|minutes| ago(-minutes)),
        status: any.status,
        verified: any.verified.then(|| ago(10_000)),
        time_critical: any.critical,
        daily_maximum: any.maximum.map(q),
        route: any.route,
        conditions: Conditions { per_kilogram: any.per_kilogram.map(q), ..Conditions::default() },
        ..order(&format!("r{number}"), product, any.dose)
    }
}

/// What the patient brings beside the orders.
#[derive(Clone, Debug, Default)]
pub(super) struct AnyPatient {
    /// The name of the other patient of the ward.
    pub(super) near: bool,
    /// Born so many days ago; `None` for somebody old.
    pub(super) days_old: Option<i64>,
    /// A weight in kilograms, so many hours old.
    pub(super) weight: Option<(&'static str, i64)>,
    /// Gamma was given so many minutes ago.
    pub(super) gamma_ago: Option<i64>,
    /// Another kiosk saw the band so many seconds ago.
    pub(super) seen_ago: Option<i64>,
}

pub(super) fn any_patient() -> impl Strategy<Value = AnyPatient> {
    let weight = prop_oneof![Just("50 kg"), Just("55 kg"), Just("100 kg"), Just("25 kg"), Just("3 kg")];
    let hours = prop_oneof![Just(1_i64), Just(24), Just(25), Just(168), Just(169), Just(720), Just(721)];
    (
        proptest::bool::weighted(0.1),
        prop_oneof![6 => Just(None), 1 => Just(Some(27_i64)), 1 => Just(Some(28)), 1 => Just(Some(3000))],
        proptest::option::of((weight, hours)),
        prop_oneof![4 => Just(None), 1 => prop_oneof![Just(60_i64), Just(1440), Just(1441)].prop_map(Some)],
        prop_oneof![8 => Just(None), 1 => prop_oneof![Just(60_i64), Just(119), Just(120)].prop_map(Some)],
    )
        .prop_map(|(near, days_old, weight, gamma_ago, seen_ago)| AnyPatient {
            near,
            days_old,
            weight,
            gamma_ago,
            seen_ago,
        })
}

pub(super) fn ward_of(requests: &[AnyRequest], any: &AnyPatient) -> Ward {
    let shelf = shelf();
    let all: Vec<Request> = requests.iter().enumerate().map(|(number, any)| request(number, any)).collect();
    let mut ward = Ward::with(&shelf.iter().collect::<Vec<_>>(), &all);
    Arc::make_mut(&mut ward.policy).contraindicated = vec![(ingredient("alpha"), ingredient("gamma"))];
    for (id, patient) in [("own", "p1"), ("other", "p2")] {
        ward.dispense(id, patient, &shelf[0]);
    }
    if any.near {
        ward.patient("p2").name = PersonName::parse("Testwelk, Adelheid").unwrap();
    }
    let now = ward.now;
    if let Some(days) = any.days_old {
        ward.patient("p1").birth_date = new_york().to_datetime(now).date().checked_sub(days.days()).unwrap();
    }
    if let Some((weight, hours)) = any.weight {
        let seen = observation("body-weight", weight, now - minutes(60 * hours));
        ward.chart.observations.push((patient_id("p1"), seen));
    }
    if let Some(ago) = any.gamma_ago {
        let gamma = Request { timing: as_needed(None, None), ..order("gamma", &shelf[8], "10 mg") };
        ward.chart.requests.push(gamma);
        ward.charted("gamma", None, Outcome::Given, now - minutes(ago));
    }
    if let Some(ago) = any.seen_ago {
        let at = now - jiff::SignedDuration::from_secs(ago);
        ward.chart.sightings.push(Sighting { patient: patient_id("p1"), at });
    }
    ward
}

/// Whether everything is as simple as on most days: one package, one order for it, its time is now, nothing else charted.
pub(super) fn is_clean(facts: &Facts<'_>, product: &Product) -> bool {
    let patient = &facts.chart.patients[0];
    let other = &facts.chart.patients[1];
    let mine: Vec<&Request> = facts
        .chart
        .requests
        .iter()
        .filter(|r| r.patient == patient.id)
        .filter(|r| r.drug.ingredients.iter().any(|i| product.strengths.iter().any(|s| s.ingredient == *i)))
        .collect();
    let [request] = mine.as_slice() else { return false };
    let whole = if same_kind(request.dose.least().unit, product.package.unit) {
        millionths(&product.package)
    } else if product.strengths.len() == 1
        && same_kind(request.dose.least().unit, product.strengths[0].amount.unit)
    {
        millionths(&product.package) * millionths(&product.strengths[0].amount) / millionths(&product.per)
    } else {
        // D1: 10 mg are not 5 to 10 mL of a tablet.
        return false;
    };
    let Some((_, half)) = tier(&request.timing, request.time_critical) else { return false };
    let dues = due_instants(request, facts.now);
    let in_window = |due: &jiff::Timestamp| passed(*due, facts.now).abs() <= minutes(half);
    let open_before = dues.iter().rfind(|due| **due <= facts.now && !in_window(due));
    patient.admission == Admission::Admitted
        && patient.band_serial.as_ref().is_some_and(|serial| serial.as_str() == "2")
        && patient.allergies.is_empty()
        && facts.clock_ok
        && facts.orders_age_minutes <= 60
        && request.status == RequestStatus::Active
        && request.verified.is_some()
        && request.start <= facts.now
        && request.stop.is_none_or(|stop| facts.now < stop)
        && is_what_was_ordered(request, product)
        && product.routes.contains(&request.route)
        && millionths(request.dose.least()) <= whole
        && whole <= millionths(request.dose.most())
        && dues.iter().filter(|due| in_window(due)).count() == 1
        && open_before.is_none()
        && facts.chart.history.is_empty()
        && facts.chart.sightings.is_empty()
        && facts.emergency.is_none()
        && other.name.as_str() == "Mockford, Bo"
        && other.birth_date != patient.birth_date
        && request.conditions.per_kilogram.is_none()
        && product.marks.witness == WitnessRule::No
        && request.route == Route::Oral
        && request.daily_maximum.as_ref().is_none_or(|maximum| {
            product.strengths.len() == 1
                && same_kind(maximum.unit, product.strengths[0].amount.unit)
                && millionths(&product.package) * millionths(&product.strengths[0].amount)
                    / millionths(&product.per)
                    <= millionths(maximum)
        })
}
