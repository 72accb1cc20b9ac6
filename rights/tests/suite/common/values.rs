//! Instants, products and orders in a few words.

use jiff::civil::{DateTime, Weekday, date, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rights::ident::*;
use rights::person::{Admission, Flags, Patient};
use rights::product::{Divisible, Form, Marks, Product, Release, Route, Strength};
use rights::quantity::Quantity;
use rights::request::{Conditions, DoseOrder, OrderedDrug, Request, RequestStatus};
use rights::schedule::{AsNeeded, Timing};

/// Local time of New York by the rule of 2007; this crate carries no time-zone database.
pub fn new_york() -> TimeZone {
    TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").unwrap()
}

/// An instant: `2026-06-10 09:00` local, or RFC 3339 in UTC with a `Z`.
pub fn at(text: &str) -> Timestamp {
    if text.ends_with('Z') {
        return text.parse().unwrap();
    }
    let local: DateTime = text.replace(' ', "T").parse().unwrap();
    new_york().to_ambiguous_timestamp(local).earlier().unwrap()
}

/// Wednesday, an ordinary day: `09:00` and so on.
pub fn today(clock: &str) -> Timestamp {
    at(&format!("2026-06-10 {clock}"))
}

pub fn q(text: &str) -> Quantity {
    Quantity::parse(text).unwrap()
}

pub fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

pub fn patient_id(id: &str) -> PatientId {
    PatientId::parse(id).unwrap()
}

pub fn patient(id: &str, mrn: &str) -> Patient {
    Patient {
        id: patient_id(id),
        // Nobody could be taken for the other one (P7).
        name: PersonName::parse(if id == "p1" { "Testwell, Adelheid" } else { "Mockford, Bo" }).unwrap(),
        mrn: Mrn::parse(mrn).unwrap(),
        gsrn: None,
        band_serial: Some(BandSerial::parse("2").unwrap()),
        birth_date: if id == "p1" { date(1951, 4, 3) } else { date(1962, 11, 30) },
        admission: Admission::Admitted,
        ward: Some(WardId::parse("3B").unwrap()),
        bed: None,
        allergies: Vec::new(),
        flags: Flags::default(),
        merged_into: None,
    }
}

/// A tablet of one ingredient, whole only, by mouth.
pub fn tablet(id: &str, ingredient: &str, strength: &str) -> Product {
    Product {
        id: ProductId::parse(id).unwrap(),
        name: ingredient.into(),
        tall_man: None,
        brand: None,
        form: Form::Tablet,
        release: Release::Immediate,
        strengths: vec![self::strength(ingredient, strength)],
        per: q("1 {tablet}"),
        package: q("1 {tablet}"),
        divisible: Divisible::No,
        routes: vec![Route::Oral],
        high_alert: false,
        controlled: None,
        allergy_classes: Vec::new(),
        look_alike: Vec::new(),
        marks: Marks::default(),
    }
}

/// A liquid to drink: so much in a millilitre, so many millilitres in the bottle.
pub fn liquid(id: &str, ingredient: &str, in_one_ml: &str, bottle: &str) -> Product {
    Product {
        form: Form::OralSolution,
        per: q("1 mL"),
        package: q(bottle),
        divisible: Divisible::Volume,
        ..tablet(id, ingredient, in_one_ml)
    }
}

/// A vial for injection.
pub fn vial(id: &str, ingredient: &str, in_one_ml: &str, volume: &str, routes: &[Route]) -> Product {
    Product { form: Form::Injection, routes: routes.to_vec(), ..liquid(id, ingredient, in_one_ml, volume) }
}

pub fn strength(ingredient: &str, amount: &str) -> Strength {
    Strength { ingredient: Ingredient::parse(ingredient).unwrap(), amount: q(amount) }
}

/// A verified request of patient `p1` for what this product is, daily at 09:00 since a week ago.
pub fn order(id: &str, product: &Product, dose: &str) -> Request {
    Request {
        id: RequestId::parse(id).unwrap(),
        version: 1,
        patient: patient_id("p1"),
        status: RequestStatus::Active,
        status_since: None,
        verified: Some(at("2026-06-03 08:00")),
        drug: OrderedDrug {
            name: product.name.clone(),
            item: Some(product.id.clone()),
            ingredients: product.ingredients().into_iter().cloned().collect(),
            form: product.form,
            release: product.release,
        },
        dose: DoseOrder::Exact(q(dose)),
        route: product.routes[0],
        alternate_routes: Vec::new(),
        timing: daily(&[9]),
        start: at("2026-06-03 08:00"),
        stop: None,
        time_critical: false,
        daily_maximum: None,
        allergy_accepted: None,
        rate: None,
        bolus: None,
        patch_worn: None,
        prescriber: None,
        instruction: None,
        source_sha256: [0; 32],
        conditions: Conditions::default(),
    }
}

/// Every day at these hours.
pub fn daily(hours: &[i8]) -> Timing {
    Timing::Daily {
        times: hours.iter().map(|hour| time(*hour, 0, 0, 0)).collect(),
        weekdays: Vec::new(),
        every_days: 1,
    }
}

pub fn weekly(weekdays: &[Weekday], hour: i8) -> Timing {
    Timing::Daily { times: vec![time(hour, 0, 0, 0)], weekdays: weekdays.to_vec(), every_days: 1 }
}

pub fn every_hours(hours: u32) -> Timing {
    Timing::Every { minutes: hours * 60 }
}

pub fn as_needed(minimum_hours: Option<i64>, most_per_day: Option<u16>) -> Timing {
    Timing::AsNeeded(AsNeeded {
        minimum_interval: minimum_hours.map(SignedDuration::from_hours),
        most_per_day,
        reasons: vec!["pain".into()],
    })
}
