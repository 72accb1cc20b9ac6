//! A second, naive implementation of the five rights, written from the clinical specification and not from the code, and
//! what must hold for any sequence of events: what is given, the oracle allows; what the oracle finds clean, nothing stops.

use std::collections::BTreeSet;

use crate::common::*;
use jiff::{SignedDuration, Timestamp, ToSpan};
use proptest::prelude::*;
use rights::amount::Amount;
use rights::bedside::{Event, Phase, Step};
use rights::case::{Answer, Choice, Taken};
use rights::chart::Chart;
use rights::decide::decide_dose;
use rights::entry::{Entry, EntryKind, Inputs};
use rights::history::{Administration, Outcome};
use rights::ident::RequestId;
use rights::person::{Admission, Allergen};
use rights::product::{Divisible, Form, Product, Release, Route};
use rights::quantity::{Quantity, Unit};
use rights::request::{DoseOrder, Request, RequestStatus};
use rights::schedule::Timing;
use rights::verdict::{Check, Class, Right, Standing};

// ---------------------------------------------------------------------------------------------------------- the oracle

/// What the oracle is told: the chart as it was, the shelf, and the instant.
struct Facts<'a> {
    chart: &'a Chart,
    shelf: &'a [Product],
    now: Timestamp,
    clock_ok: bool,
    orders_age_minutes: i64,
}

/// Millionths of a milligram, a millilitre or a piece, so that whole numbers suffice.
fn millionths(quantity: &Quantity) -> i128 {
    let (numerator, denominator) = quantity.amount.parts();
    let factor = match quantity.unit {
        Unit::Gram | Unit::Litre => 1_000_000_000,
        Unit::Microgram => 1_000,
        _ => 1_000_000,
    };
    numerator * factor / denominator
}

fn same_kind(a: Unit, b: Unit) -> bool {
    let kind = |unit| match unit {
        Unit::Kilogram | Unit::Gram | Unit::Milligram | Unit::Microgram | Unit::Nanogram => "mass",
        Unit::Litre | Unit::Millilitre => "volume",
        Unit::Tablet => "tablet",
        _ => "other",
    };
    kind(a) == kind(b) && kind(a) != "other"
}

/// M7, in words of the table: ingredient set, form family, release type.
fn is_what_was_ordered(request: &Request, product: &Product) -> bool {
    let family = |form| if form == Form::Capsule { Form::Tablet } else { form };
    let mut ordered: Vec<&str> =
        request.drug.ingredients.iter().map(rights::ident::Ingredient::as_str).collect();
    let mut inside: Vec<&str> = product.strengths.iter().map(|s| s.ingredient.as_str()).collect();
    ordered.sort_unstable();
    inside.sort_unstable();
    ordered == inside
        && family(request.drug.form) == family(product.form)
        && request.drug.release == product.release
}

/// Hours between two doses, minutes of the half window.
fn tier(timing: &Timing, critical: bool) -> Option<(i64, i64)> {
    let hours = match timing {
        Timing::Daily { times, .. } => 24 / i64::try_from(times.len()).unwrap(),
        Timing::Every { minutes } => i64::from(*minutes) / 60,
        _ => return None,
    };
    let half = if critical {
        30
    } else if hours < 4 {
        (hours * 15).min(30)
    } else if hours < 24 {
        60
    } else {
        120
    };
    Some((hours, half))
}

/// Every instant at which a dose is due, some days around now.
fn due_instants(request: &Request, now: Timestamp) -> Vec<Timestamp> {
    let zone = new_york();
    let mut found = Vec::new();
    match &request.timing {
        Timing::Daily { times, .. } => {
            let today = zone.to_datetime(now).date();
            for day in -5_i64..=5 {
                for clock in times {
                    let date = today.checked_add(day.days()).unwrap();
                    found.push(date.to_datetime(*clock).to_zoned(zone.clone()).unwrap().timestamp());
                }
            }
        }
        Timing::Every { minutes } => {
            let mut due = request.start;
            while due < now.checked_add(SignedDuration::from_hours(120)).unwrap() {
                found.push(due);
                due = due.checked_add(SignedDuration::from_mins(i64::from(*minutes))).unwrap();
            }
        }
        Timing::At(instants) => found.clone_from(instants),
        // The oracle orders no monthly doses and no infusions; `src/schedule/tests.rs` and `course.rs` have them.
        Timing::Monthly { .. } | Timing::Continuous | Timing::AsNeeded(_) | Timing::Unscheduled { .. } => {}
    }
    found.retain(|due| *due >= request.start && request.stop.is_none_or(|stop| *due < stop));
    found.sort_unstable();
    found
}

fn entered(outcome: Outcome) -> bool {
    outcome == Outcome::Given || outcome == Outcome::Partial
}

fn passed(earlier: Timestamp, later: Timestamp) -> SignedDuration {
    later.duration_since(earlier)
}

#[expect(clippy::too_many_lines, reason = "the table of the specification, read from top to bottom")]
/// Why this administration must not have happened; empty when it may.
fn objections(facts: &Facts<'_>, done: &Administration, answered: &BTreeSet<Check>) -> Vec<String> {
    let mut no: Vec<String> = Vec::new();
    let mut object = |wrong: bool, why: &str| {
        if wrong {
            no.push(why.into());
        }
    };
    let Some(patient) = facts.chart.patients.iter().find(|patient| patient.id == done.patient) else {
        return vec!["no patient".into()];
    };
    object(patient.admission != Admission::Admitted, "P4 gone");
    object(patient.band_serial.as_ref().is_none_or(|serial| serial.as_str() != "2"), "P3 old band");
    object(!facts.clock_ok, "T10 clock");
    object(facts.orders_age_minutes > 240, "S2 orders");
    object(facts.orders_age_minutes > 60 && !answered.contains(&Check::S2), "S2 unanswered");
    let Some(request) = facts.chart.requests.iter().find(|request| request.id == done.request) else {
        return vec!["no request".into()];
    };
    object(request.patient != done.patient, "another patient's request");
    object(request.status != RequestStatus::Active, "O1/O3 not active");
    object(request.stop.is_some_and(|stop| facts.now >= stop), "O1 over");
    object(request.version != done.version, "O4 another version");
    object(request.verified.is_none() && !answered.contains(&Check::O2), "O2 unverified");
    let half = tier(&request.timing, request.time_critical).map_or(30, |(_, half)| half);
    object(passed(facts.now, request.start) > minutes(half), "O1 not started");

    let used: Vec<&Product> = done
        .packages
        .iter()
        .filter_map(|package| facts.shelf.iter().find(|product| product.id == package.product))
        .collect();
    object(used.is_empty() || used.len() != done.packages.len(), "M2 unknown product");
    let Some(product) = used.first() else { return no };
    object(used.iter().any(|other| other.id != product.id), "M2 several products");
    object(!is_what_was_ordered(request, product), "M7 not what was ordered");
    object(!product.routes.contains(&request.route) || done.route != Some(request.route), "R1 route");
    for (place, package) in done.packages.iter().enumerate() {
        if let Some(identity) = &package.identity {
            let before = facts
                .chart
                .history
                .iter()
                .any(|old| old.packages.iter().any(|p| p.identity.as_ref() == Some(identity)));
            let twice = done.packages[..place].iter().any(|p| p.identity.as_ref() == Some(identity));
            object(before || twice, "M4 used twice");
        }
        let share = (millionths(&package.taken), millionths(&product.package));
        let possible = match product.divisible {
            Divisible::No => share.0 == share.1,
            Divisible::Half => share.0 * 2 % share.1 == 0,
            Divisible::Quarter => share.0 * 4 % share.1 == 0,
            Divisible::Volume => true,
        };
        object(!possible || share.0 <= 0 || share.0 > share.1, "D4 impossible part");
        object(millionths(&package.left) != share.1 - share.0, "the rest is wrong");
    }

    // D1 to D5: the content itself when it was ordered by content, else the weight of the one ingredient.
    let content: i128 = done.packages.iter().map(|package| millionths(&package.taken)).sum();
    let unit = request.dose.least().unit;
    let per = millionths(&product.per);
    let weight = |strength: &rights::product::Strength| content * millionths(&strength.amount) / per;
    let given = if same_kind(unit, product.package.unit) {
        content
    } else if product.strengths.len() == 1 && same_kind(unit, product.strengths[0].amount.unit) {
        weight(&product.strengths[0])
    } else {
        return vec!["D1 not comparable".into()];
    };
    let (low, high) = (millionths(request.dose.least()), millionths(request.dose.most()));
    object(given > high, "D4 over");
    object(done.outcome == Outcome::Given && given < low, "D3 under, said to be whole");
    object(done.outcome == Outcome::Partial && given >= low, "whole, said to be partial");
    object(done.outcome == Outcome::Partial && !answered.contains(&Check::D3), "D3 unanswered");
    object(done.dose.as_ref().map(millionths) != Some(given), "recorded dose");

    for strength in &product.strengths {
        let total: i128 = facts
            .chart
            .history
            .iter()
            .filter(|old| old.patient == done.patient && entered(old.outcome))
            .filter(|old| passed(old.at, facts.now) < minutes(1440))
            .flat_map(|old| &old.ingredients)
            .filter(|old| old.ingredient == strength.ingredient)
            .map(|old| millionths(&old.amount))
            .sum::<i128>()
            + weight(strength);
        let maximum = facts
            .chart
            .requests
            .iter()
            .filter(|r| r.patient == done.patient && r.drug.ingredients.contains(&strength.ingredient))
            .filter_map(|r| r.daily_maximum.as_ref().map(millionths))
            .min();
        object(maximum.is_some_and(|maximum| total * 4 > maximum * 5), "D8 above 125 %");
        let above = maximum.is_some_and(|maximum| total > maximum);
        object(above && !answered.contains(&Check::D8), "D8 unanswered");
        let allergic =
            patient.allergies.iter().any(|a| a.to == Allergen::Ingredient(strength.ingredient.clone()));
        object(allergic, "C1 allergic");
    }

    let own = || facts.chart.history.iter().filter(|old| old.request == done.request && entered(old.outcome));
    match (&request.timing, done.slot) {
        (Timing::AsNeeded(limits), None) => {
            object(!answered.contains(&Check::T6), "T6 no reason");
            let last = facts
                .chart
                .history
                .iter()
                .filter(|old| old.patient == done.patient && entered(old.outcome))
                .filter(|old| {
                    old.ingredients.iter().any(|s| request.drug.ingredients.contains(&s.ingredient))
                })
                .map(|old| old.at)
                .max();
            let soon = last
                .zip(limits.minimum_interval)
                .is_some_and(|(last, interval)| facts.now.duration_since(last) < interval);
            object(soon && product.controlled.is_some(), "T4 controlled too soon");
            object(soon && !answered.contains(&Check::T4), "T4 unanswered");
        }
        (Timing::AsNeeded(_), Some(_)) | (_, None) => object(true, "slot does not fit the timing"),
        (timing, Some(due)) => {
            let dues = due_instants(request, facts.now);
            object(!dues.contains(&due), "no such slot");
            object(own().any(|old| old.slot == Some(due)), "O8 given twice");
            object(
                matches!(timing, Timing::At(all) if all.len() == 1) && own().count() > 0,
                "O6 given twice",
            );
            object(own().any(|old| old.slot.is_some_and(|slot| slot > due)), "T8 a later one was given");
            let late = passed(due, facts.now);
            let (_, half) = tier(timing, request.time_critical).unwrap_or((0, 30));
            object(late < minutes(-half) && !answered.contains(&Check::T2), "T2 unanswered");
            let windowed = tier(timing, false).is_some() && !first_of_all(request, due);
            object(windowed && late > minutes(half) && !answered.contains(&Check::T3), "T3 unanswered");
        }
    }
    no
}

/// Whether nothing of the request was due before.
fn first_of_all(request: &Request, due: Timestamp) -> bool {
    due_instants(request, request.start).into_iter().next() == Some(due)
}

/// Whether everything is as simple as on most days: one package, one order for it, its time is now, nothing else charted.
fn is_clean(facts: &Facts<'_>, product: &Product) -> bool {
    let patient = &facts.chart.patients[0];
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
    } else if product.strengths.len() == 1 {
        millionths(&product.package) * millionths(&product.strengths[0].amount) / millionths(&product.per)
    } else {
        return false;
    };
    let Some((_, half)) = tier(&request.timing, request.time_critical) else { return false };
    let dues = due_instants(request, facts.now);
    let in_window = |due: &Timestamp| passed(*due, facts.now).abs() <= minutes(half);
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
        && request.daily_maximum.as_ref().is_none_or(|maximum| {
            product.strengths.len() == 1
                && millionths(&product.package) * millionths(&product.strengths[0].amount)
                    / millionths(&product.per)
                    <= millionths(maximum)
        })
}

// ------------------------------------------------------------------------------------------------------- random wards

fn shelf() -> Vec<Product> {
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
struct AnyRequest {
    drug: usize,
    dose: &'static str,
    range: bool,
    timing: Timing,
    starts_minutes_ago: i64,
    stops_in: Option<i64>,
    status: RequestStatus,
    verified: bool,
    critical: bool,
    maximum: Option<&'static str>,
    mine: bool,
    route: Route,
}

fn any_request() -> impl Strategy<Value = AnyRequest> {
    let dose = prop_oneof![
        4 => Just("25 mg"), 2 => Just("50 mg"), 1 => Just("12500 ug"), 1 => Just("1 {tablet}"), 1 => Just("0.1 g"), 1 => Just("5 mL"),
    ];
    let status = prop_oneof![12 => Just(RequestStatus::Active), 1 => Just(RequestStatus::OnHold), 1 => Just(RequestStatus::Stopped)];
    (
        (
            0..8_usize,
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
            prop_oneof![3 => Just(None), 1 => Just(Some("60 mg")), 1 => Just(Some("0.2 g"))],
            proptest::bool::weighted(0.9),
            prop_oneof![12 => Just(None), 1 => Just(Some(Route::Rectal))],
        ),
    )
        .prop_map(
            |(
                (drug, dose, range, timing, starts_minutes_ago),
                (stops_in, status, verified, critical, maximum, mine, route),
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
        ..order(&format!("r{number}"), product, any.dose)
    }
}

#[derive(Clone, Debug)]
enum Act {
    Package(usize, Option<&'static str>),
    Band,
    OldBand,
    OtherBand,
    Choose(usize),
    Take(u8),
    NoMore,
    AnswerAll,
    AnswerOne(usize),
    Confirm,
    PutBack,
    Cancel,
    NotGiven(usize),
    Wait(i64),
    Stop(usize),
    Version(usize),
    Discharge,
    Allergy,
    Clock,
    Elsewhere,
    DiskFails,
    Continue,
    SignOn,
}

fn any_act() -> impl Strategy<Value = Act> {
    let serial = prop_oneof![2 => Just(None), 1 => Just(Some("S1")), 1 => Just(Some("S2"))];
    prop_oneof![
        12 => (0..8_usize, serial).prop_map(|(product, serial)| Act::Package(product, serial)),
        4 => Just(Act::Band),
        1 => Just(Act::OldBand),
        1 => Just(Act::OtherBand),
        4 => (0..4_usize).prop_map(Act::Choose),
        3 => (0..4_u8).prop_map(Act::Take),
        3 => Just(Act::NoMore),
        10 => Just(Act::AnswerAll),
        2 => (0..Check::ALL.len()).prop_map(Act::AnswerOne),
        12 => Just(Act::Confirm),
        3 => Just(Act::PutBack),
        1 => Just(Act::Cancel),
        2 => (0..3_usize).prop_map(Act::NotGiven),
        4 => prop_oneof![0_i64..3, 0_i64..400, -90_i64..0].prop_map(Act::Wait),
        1 => (0..3_usize).prop_map(Act::Stop),
        2 => (0..3_usize).prop_map(Act::Version),
        1 => Just(Act::Discharge),
        1 => Just(Act::Allergy),
        1 => Just(Act::Clock),
        2 => Just(Act::Elsewhere),
        1 => Just(Act::DiskFails),
        3 => Just(Act::Continue),
        3 => Just(Act::SignOn),
    ]
}

fn events(bench: &Bench, act: &Act) -> Vec<Event> {
    let shelf = shelf();
    match act {
        Act::Package(product, None) => vec![Event::Scanned(package(&shelf[*product]))],
        Act::Package(product, Some(serial)) => vec![Event::Scanned(package_no(&shelf[*product], serial))],
        Act::Band => vec![Event::Scanned(band("p1"))],
        Act::OldBand => vec![Event::Scanned(band_with("p1", "1"))],
        Act::OtherBand => vec![Event::Scanned(band("p2"))],
        Act::Choose(place) => match bench.bedside.phase() {
            Phase::Dose(dose) => dose.choices().get(*place).cloned().map(Event::Choose).into_iter().collect(),
            _ => vec![Event::Choose(Choice {
                request: RequestId::parse("r0").unwrap(),
                version: 1,
                slot: None,
            })],
        },
        Act::Take(share) => {
            let taken = match share {
                0 => Taken::Whole,
                1 => half(),
                2 => Taken::Measured(q("5 mL")),
                _ => Taken::Measured(q("2.5 mL")),
            };
            vec![Event::Take(0, taken), Event::Take(1, taken)]
        }
        Act::NoMore => vec![Event::NoMore],
        Act::AnswerAll => Check::ALL.iter().flat_map(|check| answers(bench, *check)).collect(),
        Act::AnswerOne(place) => answers(bench, Check::ALL[*place]),
        Act::Confirm => vec![Event::Confirm],
        Act::PutBack => vec![Event::PutBack],
        Act::Cancel => vec![Event::Cancel],
        Act::NotGiven(place) => {
            let slot = bench
                .ward
                .chart
                .requests
                .get(*place)
                .and_then(|r| due_instants(r, bench.ward.now).first().copied());
            let choice =
                Choice { request: RequestId::parse(&format!("r{place}")).unwrap(), version: 1, slot };
            let reason = rights::ident::ReasonCode::parse("refused").unwrap();
            vec![Event::ChartNotGiven(rights::bedside::NotGiven {
                choice,
                outcome: Outcome::Refused,
                reason,
                note: None,
            })]
        }
        Act::Continue => vec![Event::Continue],
        Act::SignOn => vec![Event::Scanned(badge("n1")), Event::Scanned(band("p1"))],
        Act::Wait(_)
        | Act::Stop(_)
        | Act::Version(_)
        | Act::Discharge
        | Act::Allergy
        | Act::Clock
        | Act::Elsewhere
        | Act::DiskFails => {
            vec![Event::Tick]
        }
    }
}

/// An answer from every list, and the acknowledgement.
fn answers(bench: &Bench, check: Check) -> Vec<Event> {
    let when = bench.ward.now.checked_sub(minutes(1)).unwrap();
    let mut all: Vec<Event> = ["procedure", "workload", "not-available", "prescriber-ordered", "pain"]
        .into_iter()
        .map(|reason| Event::Answer(with_contact(answer(check, reason), when)))
        .collect();
    all.push(Event::Answer(Answer { check, reason: None, note: None, contact: None }));
    if let (Check::M10, Phase::Dose(dose)) = (check, bench.bedside.phase()) {
        let count = u16::try_from(dose.case.packages.len()).unwrap();
        all.push(Event::Enter(rights::entered::Entered::CountInHand(count)));
    }
    all
}

fn change(bench: &mut Bench, act: &Act) {
    let ward = &mut bench.ward;
    match act {
        Act::Wait(passed) => {
            ward.now = ward.now.checked_add(minutes(*passed)).unwrap();
            // Every other time the order system has been heard meanwhile.
            if passed % 2 == 0 {
                ward.chart.orders_as_of = Some(ward.now);
            }
        }
        Act::Stop(place) => {
            if let Some(request) = ward.chart.requests.get_mut(*place) {
                request.status = RequestStatus::Stopped;
            }
        }
        Act::Version(place) => {
            if let Some(request) = ward.chart.requests.get_mut(*place) {
                request.version += 1;
            }
        }
        Act::Discharge => ward.patient("p1").admission = Admission::Discharged,
        Act::Allergy => {
            let alpha = rights::ident::Ingredient::parse("alpha").unwrap();
            ward.patient("p1").allergies.push(allergy(Allergen::Ingredient(alpha), None));
        }
        Act::Elsewhere => {
            // Another kiosk is faster with the very dose that is in hand here.
            if let Phase::Dose(dose) = bench.bedside.phase()
                && let Some(plan) = dose.verdict.plan()
                && ward.chart.request(&plan.choice.request).is_some()
            {
                ward.charted(plan.choice.request.as_str(), plan.choice.slot, Outcome::Given, ward.now);
            }
        }
        Act::Clock => ward.clock = rights::moment::ClockTrust::Known(minutes(6)),
        Act::DiskFails => bench.disk_works = false,
        _ => {}
    }
}

fn ward_of(requests: &[AnyRequest]) -> Ward {
    let shelf = shelf();
    let all: Vec<Request> = requests.iter().enumerate().map(|(number, any)| request(number, any)).collect();
    Ward::with(&shelf.iter().collect::<Vec<_>>(), &all)
}

fn facts<'a>(chart: &'a Chart, shelf: &'a [Product], now: Timestamp, clock_ok: bool) -> Facts<'a> {
    let age = chart.orders_as_of.map_or(0, |at| now.duration_since(at).as_mins());
    Facts { chart, shelf, now, clock_ok, orders_age_minutes: age }
}

fn answered(entry: &Entry) -> BTreeSet<Check> {
    entry.clear().reasons.iter().map(|(check, _)| *check).collect()
}

/// Plays the acts and checks after each of them what must always hold.
fn play(requests: &[AnyRequest], acts: &[Act]) -> Result<Bench, TestCaseError> {
    let shelf = shelf();
    let mut bench = Bench::at_bedside(ward_of(requests));
    let mut failed_in_this_session = false;
    for act in acts {
        change(&mut bench, act);
        for event in events(&bench, act) {
            let (before, chart, now) = (bench.entries.len(), bench.ward.chart.clone(), bench.ward.now);
            let clock_ok = bench.ward.clock == rights::moment::ClockTrust::Known(SignedDuration::ZERO);
            let (in_hand, ready) = match bench.bedside.phase() {
                Phase::Dose(dose) => (dose.case.packages.len(), dose.step() == Step::Ready),
                _ => (0, false),
            };
            let works = bench.disk_works;
            bench.event(event.clone());
            let facts = facts(&chart, &shelf, now, clock_ok);
            for entry in &bench.entries[before..] {
                if matches!(entry.kind(), EntryKind::Given | EntryKind::Partial) {
                    prop_assert!(
                        ready && event == Event::Confirm,
                        "given without a ready verdict and a confirmation"
                    );
                    prop_assert!(!failed_in_this_session, "given after an entry could not be recorded");
                    let detached = entry.detached().unwrap();
                    let done = detached.record.as_ref().unwrap().administration().unwrap();
                    let objections = objections(&facts, done, &answered(entry));
                    prop_assert!(objections.is_empty(), "{objections:?}");
                    prop_assert!(
                        entry.clear().class.is_some_and(|class| !class.stops()),
                        "a hard finding was confirmed"
                    );
                    let Some(Inputs::Dose(case)) = &detached.inputs else {
                        return Err(TestCaseError::fail("no inputs"));
                    };
                    let again = decide_dose(case);
                    prop_assert_eq!(again.stops().count(), 0, "decided again, it is stopped");
                }
            }
            if let Phase::Dose(dose) = bench.bedside.phase() {
                // An override never verifies: a right with a variance that asks or stops is not said to be verified.
                for right in Right::ALL {
                    let varies = dose.verdict.findings().iter().any(|finding| {
                        finding.check.right() == Some(*right)
                            && finding.class > Class::Info
                            && matches!(finding.why, rights::verdict::Why::Variance(_))
                    });
                    prop_assert!(!varies || dose.verdict.standing(*right) == Standing::Variance);
                }
                if let (Act::Package(product, _), [_]) = (act, dose.case.packages.as_slice())
                    && dose.case.patient.candidates.first().is_some_and(|p| p.id.as_str() == "p1")
                    && is_clean(&facts, &shelf[*product])
                    && dose.case.packages[0].taken == Taken::Whole
                    && now.duration_since(dose.case.patient.scanned_at) <= minutes(5)
                    && now >= dose.case.patient.scanned_at
                {
                    prop_assert!(dose.verdict.class() <= Class::Info, "{:?}", dose.verdict.findings());
                }
            } else if in_hand > 0 && !matches!(bench.bedside.phase(), Phase::Saving(_)) {
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
        acts in proptest::collection::vec(any_act(), 1..40),
    ) {
        play(&requests, &acts)?;
    }

    /// The usual case, so that the oracle sees many doses: scan, choose, measure, answer, confirm.
    #[test]
    fn oracle_agrees_with_ordinary_doses(
        any in any_request(),
        product in 0..8_usize,
        choice in 0..3_usize,
        share in 0..4_u8,
        wait in 0_i64..2000,
        again in any::<bool>(),
    ) {
        let any = AnyRequest { status: RequestStatus::Active, mine: true, ..any };
        let product = if again { any.drug } else { product };
        let mut acts = vec![Act::Wait(wait + 1), Act::SignOn, Act::Package(product, None), Act::Choose(choice)];
        if share > 0 {
            acts.push(Act::Take(share));
        }
        acts.extend([Act::NoMore, Act::AnswerAll, Act::Confirm, Act::Package(product, None), Act::Choose(choice), Act::AnswerAll, Act::Confirm]);
        play(&[any], &acts)?;
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
            verified: true, mine: true, route: Route::Oral, stops_in: None, critical: false, ..any
        };
        play(&[clean], &[Act::Package(0, Some("S1")), Act::Confirm])?;
    }

    #[test]
    fn the_same_events_give_the_same_entries(
        requests in proptest::collection::vec(any_request(), 1..3),
        acts in proptest::collection::vec(any_act(), 1..25),
    ) {
        prop_assert!(same_entries(&play(&requests, &acts)?, &play(&requests, &acts)?));
    }
}

/// The generators must reach what the properties are about, or they prove nothing.
#[test]
fn the_random_wards_reach_given_partial_clean_and_stopped() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let (mut given, mut partial, mut clean, mut stopped) = (0, 0, 0, 0);
    for _ in 0..800 {
        let any = any_request().new_tree(&mut runner).unwrap().current();
        let any = AnyRequest { status: RequestStatus::Active, mine: true, ..any };
        let acts = [Act::Package(any.drug, None), Act::Choose(0), Act::Take(1), Act::NoMore, Act::AnswerAll];
        let ward = ward_of(std::slice::from_ref(&any));
        clean += usize::from(is_clean(&facts(&ward.chart, &shelf(), ward.now, true), &shelf()[any.drug]));
        for length in [3, 5] {
            let acts: Vec<Act> =
                acts.iter().take(length - 3 + 2).cloned().chain([Act::AnswerAll, Act::Confirm]).collect();
            let bench = play(std::slice::from_ref(&any), &acts).unwrap();
            given += bench.kinds().iter().filter(|kind| **kind == EntryKind::Given).count();
            partial += bench.kinds().iter().filter(|kind| **kind == EntryKind::Partial).count();
            stopped += usize::from(
                matches!(bench.bedside.phase(), Phase::Dose(dose) if dose.step() == Step::Stopped),
            );
        }
    }
    assert!(given > 50 && partial > 10 && clean > 5 && stopped > 50, "{given} {partial} {clean} {stopped}");
}
