//! Real entries for tests and benches: a synthetic shift through `rights::bedside::Bedside`, because nothing else can make an
//! entry.

#![allow(dead_code, unreachable_pub, reason = "each test uses another part")]

use std::sync::Arc;

use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use ledger::clock::ClockEvidence;
use rights::bedside::{Bedside, Effect, Event, PinOutcome, World};
use rights::chart::Chart;
use rights::claims::Grant;
use rights::entry::{Entry, Recorded};
use rights::ident::{
    AllergyClass, BadgeId, BandSerial, ClinicianId, Gtin14, Ingredient, Lot, Mrn, PatientId, PersonName,
    ProductId, RequestId, WardId,
};
use rights::moment::{ClockTrust, Moment};
use rights::person::{Admission, Allergen, Allergy, Clinician, Flags, Patient, Role};
use rights::policy::Policy;
use rights::product::{Divisible, Form, Formulary, Marks, Product, Release, Route, Strength};
use rights::quantity::Quantity;
use rights::request::{Conditions, DoseOrder, OrderedDrug, Request, RequestStatus};
use rights::scan::{
    Badge, Meaning, PackageCode, PackageKey, PrintedExpiry, Scan, Source, Symbology, Wristband,
};
use rights::schedule::Timing;

/// The ward of the shift.
pub struct Shift {
    policy: Arc<Policy>,
    ward: WardId,
    formulary: Formulary,
    chart: Chart,
    bedside: Bedside,
    now: Timestamp,
    sessions: u64,
    salt: u64,
    /// The lot that the codes of its packages hold; none where they are like UPC-A.
    pub lot: Option<&'static str>,
}

fn quantity(text: &str) -> Quantity {
    Quantity::parse(text).unwrap()
}

fn product() -> Product {
    Product {
        id: ProductId::parse("metoprolol-25").unwrap(),
        name: "metoprolol tartrate".into(),
        tall_man: None,
        brand: None,
        form: Form::Tablet,
        release: Release::Immediate,
        strengths: vec![Strength {
            ingredient: Ingredient::parse("metoprolol tartrate").unwrap(),
            amount: quantity("25 mg"),
        }],
        per: quantity("1 {tablet}"),
        package: quantity("1 {tablet}"),
        divisible: Divisible::Half,
        routes: vec![Route::Oral],
        high_alert: false,
        controlled: None,
        allergy_classes: vec![],
        look_alike: vec![],
        marks: Marks::default(),
    }
}

fn patient(number: u8) -> Patient {
    Patient {
        id: PatientId::parse(&format!("patient-{number}")).unwrap(),
        // No two are near in the sense of P7, so no birth year is asked.
        name: PersonName::parse(&format!(
            "Zebedee Testperson{}",
            ["", "-Quill", "-Abernathy", "-Lomond"][usize::from(number) - 1]
        ))
        .unwrap(),
        mrn: Mrn::parse(&format!("MRN{number:06}")).unwrap(),
        gsrn: None,
        band_serial: Some(BandSerial::parse("1").unwrap()),
        birth_date: jiff::civil::date(1951, 3, 3 + i8::try_from(number).unwrap()),
        admission: Admission::Admitted,
        ward: Some(WardId::parse("3B").unwrap()),
        bed: Some(format!("{number}A")),
        allergies: vec![Allergy {
            to: Allergen::Class(AllergyClass::parse("penicillins").unwrap()),
            text: "Penicillin: rash".into(),
            recorded: None,
        }],
        flags: Flags::default(),
        merged_into: None,
    }
}

fn request(number: u64, start: Timestamp) -> Request {
    Request {
        id: RequestId::parse(&format!("request-{number}")).unwrap(),
        version: 1,
        patient: PatientId::parse(&format!("patient-{number}")).unwrap(),
        status: RequestStatus::Active,
        status_since: None,
        verified: Some(start),
        drug: OrderedDrug {
            name: "metoprolol tartrate".into(),
            item: None,
            ingredients: vec![Ingredient::parse("metoprolol tartrate").unwrap()],
            form: Form::Tablet,
            release: Release::Immediate,
        },
        dose: DoseOrder::Exact(quantity("25 mg")),
        route: Route::Oral,
        alternate_routes: vec![],
        timing: Timing::Every { minutes: 360 },
        start,
        stop: None,
        time_critical: false,
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

fn scan(text: &str, meaning: Meaning) -> Scan {
    Scan { symbology: Some(Symbology::DataMatrix), source: Source::Camera, text: text.into(), meaning }
}

impl Shift {
    /// A shift that begins at `start`. Shifts of different `salt` have different sessions.
    pub fn new(start: Timestamp, salt: u64) -> Self {
        let mut formulary = Formulary::default();
        formulary.add(product());
        formulary.link(PackageKey::Gtin(gtin()), product().id);
        let chart = Chart {
            orders_as_of: Some(start),
            patients: (1..=4).map(patient).collect(),
            clinicians: vec![Clinician {
                id: ClinicianId::parse("nurse-17").unwrap(),
                name: PersonName::parse("Nora Testnurse").unwrap(),
                role: Role::Nurse,
                badge: Some(BadgeId::parse("B17").unwrap()),
                gsrn: None,
            }],
            requests: (1..=4).map(|number| request(number, start)).collect(),
            ..Chart::default()
        };
        Self {
            policy: Arc::default(),
            ward: WardId::parse("3B").unwrap(),
            formulary,
            chart,
            bedside: Bedside::new(),
            now: start,
            sessions: 0,
            salt,
            lot: Some("L42"),
        }
    }

    /// The moment of the shift.
    pub fn moment(&self) -> Moment {
        Moment { at: self.now, offset: Offset::UTC, clock: ClockTrust::Known(SignedDuration::from_millis(3)) }
    }

    /// The clock evidence of that moment.
    pub fn clock(&self) -> ClockEvidence {
        ClockEvidence::of_moment(self.moment())
    }

    fn handle(&mut self, event: Event, out: &mut Vec<(Entry, ClockEvidence)>) {
        self.now += SignedDuration::from_millis(1500);
        let moment = self.moment();
        let world = World {
            now: moment,
            zone: &TimeZone::UTC,
            ward: &self.ward,
            policy: &self.policy,
            formulary: &self.formulary,
            chart: &self.chart,
        };
        let effects = self.bedside.handle(event, &world);
        for effect in effects {
            match effect {
                Effect::Record(entry) => {
                    let recorded = Recorded { key: entry.key(), sequence: 0, at: entry.at().at };
                    if let Some(record) = entry.detached().and_then(|d| d.record.clone()) {
                        self.chart.learn(record);
                    }
                    out.push((entry, self.clock()));
                    self.handle(Event::Recorded(recorded), out);
                }
                Effect::Claim(claim) => self.handle(Event::Claimed(claim.entry, Grant::Alone), out),
                Effect::Release(_) | Effect::AskPin(_) | Effect::Sound(_) => {}
            }
        }
    }

    /// One round: sign on, four patients, one dose each, sign off. Some six hours pass.
    pub fn round(&mut self) -> Vec<(Entry, ClockEvidence)> {
        let mut out = Vec::new();
        self.chart.orders_as_of = Some(self.now);
        let badge = Meaning::Badge(Badge::Site(BadgeId::parse("B17").unwrap()));
        self.handle(Event::Scanned(scan("badge B17", badge)), &mut out);
        self.sessions += 1;
        let mut session = [0; 16];
        session[..8].copy_from_slice(&self.salt.to_be_bytes());
        session[8..].copy_from_slice(&self.sessions.to_be_bytes());
        self.handle(Event::PinChecked { outcome: PinOutcome::Accepted, session }, &mut out);
        for number in 1..=4 {
            let band = Wristband::Site {
                mrn: Mrn::parse(&format!("MRN{number:06}")).unwrap(),
                serial: BandSerial::parse("1").unwrap(),
            };
            self.handle(Event::Scanned(scan(&format!("band {number}"), Meaning::Wristband(band))), &mut out);
            let code = PackageCode {
                key: PackageKey::Gtin(gtin()),
                expiry: Some(PrintedExpiry::Day(jiff::civil::date(2035, 1, 31))),
                lot: self.lot.map(|lot| Lot::parse(lot).unwrap()),
                serial: None,
            };
            let lot = self.lot.map(|lot| format!("(10){lot}")).unwrap_or_default();
            let text = format!("(01)00305910369019(17)350131{lot}");
            self.handle(Event::Scanned(scan(&text, Meaning::Package(code))), &mut out);
            self.handle(Event::Confirm, &mut out);
            self.handle(Event::Continue, &mut out);
        }
        self.handle(Event::SignOff, &mut out);
        self.now += SignedDuration::from_mins(359);
        out
    }

    /// At least `count` entries.
    pub fn entries(&mut self, count: usize) -> Vec<(Entry, ClockEvidence)> {
        let mut out = Vec::new();
        while out.len() < count {
            out.extend(self.round());
            // The history of a long test would make each case longer; a real kiosk loads what matters.
            let keep = self.chart.history.len().saturating_sub(8);
            self.chart.history.drain(..keep);
        }
        out
    }
}

fn gtin() -> Gtin14 {
    Gtin14::parse("00305910369019").unwrap()
}

/// When shifts begin.
pub fn start() -> Timestamp {
    "2026-06-01T06:00:00Z".parse().unwrap()
}
