//! Patients, staff and orders of the ward. Nobody of them exists.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rights::ident::{
    BadgeId, BandSerial, ClinicianId, Mrn, ObservationCode, PatientId, PersonName, RequestId, WardId,
};
use rights::person::{Admission, Clinician, Flags, Patient, Role};
use rights::product::{Form, Release};
use rights::request::{
    Conditions, DoseOrder, HoldWhen, ObservationKind, OrderedDrug, Request, RequestStatus, Side,
};
use rights::scan::{Badge, Meaning, Scan, Wristband};
use rights::schedule::{AsNeeded, Timing};

use super::stock::{
    CRITICAL, DAILY, DIGOXIN, FENTANYL, HEPARIN, Item, MORPHINE, REGULAR, ingredient, quantity, scan,
};

/// Syllables that keep any two names more than two edits apart.
const HEADS: [&str; 8] = ["Abra", "Bolin", "Cystre", "Dorwen", "Elmqui", "Fastor", "Ghumle", "Hoxtar"];
const TAILS: [&str; 8] =
    ["mander", "klovic", "ssagrov", "tweitz", "boromir", "quenneth", "pfadelm", "zimmich"];

pub const WARD: &str = "3B";

pub fn patient_id(number: usize) -> PatientId {
    PatientId::parse(&format!("patient-{number:02}")).unwrap()
}

pub fn nurse_id(number: usize) -> ClinicianId {
    ClinicianId::parse(&format!("nurse-{number:02}")).unwrap()
}

pub fn patient(number: usize) -> Patient {
    let (head, tail) = (HEADS[number % 8], TAILS[number / 8 % 8]);
    let day = i8::try_from(1 + number % 28).unwrap();
    let year = i16::try_from(1931 + number).unwrap();
    Patient {
        id: patient_id(number),
        name: PersonName::parse(&format!("{tail}{number:02} {head}{tail}{head}")).unwrap(),
        mrn: Mrn::parse(&format!("{:06}", 400_000 + number)).unwrap(),
        gsrn: None,
        band_serial: Some(BandSerial::parse("2").unwrap()),
        birth_date: jiff::civil::date(year, i8::try_from(1 + number % 12).unwrap(), day),
        admission: Admission::Admitted,
        ward: Some(WardId::parse(WARD).unwrap()),
        bed: Some(format!("{number:02}")),
        allergies: vec![],
        flags: Flags::default(),
        merged_into: None,
    }
}

pub fn nurse(number: usize) -> Clinician {
    Clinician {
        id: nurse_id(number),
        name: PersonName::parse(&format!("Nurse Number {number:02}")).unwrap(),
        role: if number.is_multiple_of(10) { Role::ChargeNurse } else { Role::Nurse },
        badge: Some(BadgeId::parse(&format!("B{number:02}")).unwrap()),
        gsrn: None,
    }
}

pub fn badge(number: usize) -> Scan {
    let id = BadgeId::parse(&format!("B{number:02}")).unwrap();
    scan(format!("BG-B{number:02}"), Meaning::Badge(Badge::Site(id)))
}

/// A wristband; serial 2 is the one issued last.
pub fn band(number: usize, serial: &str) -> Scan {
    let mrn = Mrn::parse(&format!("{:06}", 400_000 + number)).unwrap();
    let band = Wristband::Site { mrn, serial: BandSerial::parse(serial).unwrap() };
    scan(format!("WB-{:06}-{serial}", 400_000 + number), Meaning::Wristband(band))
}

fn request(number: usize, item: &Item, timing: Timing, start: Timestamp) -> Request {
    Request {
        id: RequestId::parse(&format!("order-{number:02}-{}", item.id)).unwrap(),
        version: 1,
        patient: patient_id(number),
        status: RequestStatus::Active,
        status_since: None,
        verified: Some(start),
        drug: OrderedDrug {
            name: item.id.into(),
            item: None,
            ingredients: vec![ingredient(item)],
            form: if item.per == "1 mL" { Form::Injection } else { Form::Tablet },
            release: Release::Immediate,
        },
        dose: DoseOrder::Exact(quantity(item.dose)),
        route: item.route,
        alternate_routes: vec![],
        timing,
        start,
        stop: None,
        time_critical: item.id == CRITICAL.id,
        daily_maximum: None,
        allergy_accepted: None,
        prescriber: None,
        rate: None,
        bolus: None,
        patch_worn: None,
        instruction: None,
        source_sha256: [5; 32],
        conditions: Conditions::default(),
    }
}

fn daily(hours: &[i8]) -> Timing {
    let times = hours.iter().map(|hour| jiff::civil::time(*hour, 0, 0, 0)).collect();
    Timing::Daily { times, weekdays: vec![], every_days: 1 }
}

/// The orders of a patient, each with its item: eight items four times a day, three others by the clock, two as needed.
pub fn requests(number: usize, start: Timestamp, zone: &TimeZone) -> Vec<(Request, &'static Item)> {
    let midnight = zone.to_datetime(start).date().to_zoned(zone.clone()).map_or(start, |day| day.timestamp());
    let mut orders = Vec::new();
    for place in 0..8 {
        let item = &REGULAR[(number * 3 + place) % REGULAR.len()];
        orders.push((request(number, item, daily(&[0, 6, 12, 18]), start), item));
    }
    orders.push((request(number, &DAILY, daily(&[9]), start), &DAILY));
    orders.push((request(number, &CRITICAL, daily(&[8, 12, 17]), start), &CRITICAL));
    if number.is_multiple_of(2) {
        orders.push((request(number, &HEPARIN, Timing::Every { minutes: 480 }, midnight), &HEPARIN));
    } else {
        let mut digoxin = request(number, &DIGOXIN, daily(&[9]), start);
        digoxin.conditions.hold_when = vec![HoldWhen {
            what: heart_rate(),
            kind: ObservationKind::VitalSign,
            side: Side::Below,
            limit: quantity("60 /min"),
        }];
        orders.push((digoxin, &DIGOXIN));
    }
    let as_needed = |hours| {
        Timing::AsNeeded(AsNeeded {
            minimum_interval: Some(SignedDuration::from_hours(hours)),
            most_per_day: Some(8),
            reasons: vec!["pain".into()],
        })
    };
    orders.push((request(number, &MORPHINE, as_needed(4), start), &MORPHINE));
    orders.push((request(number, &FENTANYL, as_needed(1), start), &FENTANYL));
    orders
}

pub fn heart_rate() -> ObservationCode {
    ObservationCode::parse("heart-rate").unwrap()
}
