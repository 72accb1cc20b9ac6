//! The demo ward at the bedside: what the checks find for each fact that the ward is there for, from its files to the verdict.

mod common;

use std::sync::Arc;

use common::{TODAY, fixtures, rules};
use exchange::site::{self, Site};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rights::bedside::{Bedside, Effect, Event, Phase, PinOutcome, World};
use rights::case::Taken;
use rights::claims::Grant;
use rights::entry::Recorded;
use rights::ident::{BadgeId, BandSerial, DoseId, Gsrn, Gtin14, Lot, Mrn, Serial, WardId};
use rights::moment::{ClockTrust, Moment};
use rights::policy::Policy;
use rights::quantity::Quantity;
use rights::scan::{
    Badge, Meaning, PackageCode, PackageKey, PrintedExpiry, Scan, Source, Symbology, Wristband,
};
use rights::verdict::Class;

/// The codes of codes.csv, as the scanner would understand them.
fn scan(name: &str) -> Scan {
    let text = std::fs::read_to_string(fixtures().join("ward-3b/codes.csv")).unwrap();
    let line = text
        .lines()
        .find(|line| line.split(',').next() == Some(name))
        .unwrap_or_else(|| panic!("no code {name}"));
    let cells: Vec<&str> = line.split(',').collect();
    let (text, elements) = (cells[2], cells[3]);
    Scan {
        symbology: Some(Symbology::DataMatrix),
        source: Source::Camera,
        text: text.into(),
        meaning: meaning(text, elements),
    }
}

fn meaning(text: &str, elements: &str) -> Meaning {
    let element = |ai: &str| {
        let (_, rest) = elements.split_once(&format!("({ai})"))?;
        Some(rest.split('(').next().unwrap_or(rest))
    };
    if let (Some(number), Some(serial)) = (element("8018"), element("8019")) {
        let (gsrn, serial) = (Gsrn::parse(number).unwrap(), BandSerial::parse(serial).unwrap());
        return Meaning::Wristband(Wristband::Gs1 { gsrn, serial });
    }
    match text.split('-').collect::<Vec<_>>().as_slice() {
        ["WB", mrn, serial, _] => {
            let (mrn, serial) = (Mrn::parse(mrn).unwrap(), BandSerial::parse(serial).unwrap());
            return Meaning::Wristband(Wristband::Site { mrn, serial });
        }
        ["BG", badge, _] => return Meaning::Badge(Badge::Site(BadgeId::parse(badge).unwrap())),
        ["DS", dose, _] => return Meaning::Dose(DoseId::parse(dose).unwrap()),
        _ => {}
    }
    let gtin = element("01").map_or_else(|| format!("00{text}"), str::to_owned);
    let day = |text: &str| {
        Date::new(
            2000 + text[..2].parse::<i16>().unwrap(),
            text[2..4].parse().unwrap(),
            text[4..].parse().unwrap(),
        )
    };
    Meaning::Package(PackageCode {
        key: PackageKey::Gtin(Gtin14::parse(&gtin).unwrap()),
        expiry: element("17").map(|text| PrintedExpiry::Day(day(text).unwrap())),
        lot: element("10").map(|lot| Lot::parse(lot).unwrap()),
        serial: element("21").map(|serial| Serial::parse(serial).unwrap()),
    })
}

struct Bench {
    site: Site,
    bedside: Bedside,
    zone: TimeZone,
    ward: WardId,
    policy: Arc<Policy>,
    now: Timestamp,
}

impl Bench {
    /// Priya Alvarez is signed on at this time of the demo day.
    fn at(clock: &str) -> Self {
        let mut site = site::read_folder(&fixtures().join("ward-3b"), &rules(), TODAY).unwrap();
        let now = format!("2026-11-30T{clock}:00-05:00").parse().unwrap();
        site.chart.orders_as_of = Some(now);
        let mut bench = Self {
            site,
            bedside: Bedside::new(),
            zone: rules().zone,
            ward: WardId::parse("3B").unwrap(),
            policy: Arc::default(),
            now,
        };
        bench.event(Event::Scanned(scan("badge-alvarez")));
        bench
    }

    fn event(&mut self, event: Event) {
        let offset = self.zone.to_offset(self.now);
        let world = World {
            now: Moment { at: self.now, offset, clock: ClockTrust::Known(jiff::SignedDuration::ZERO) },
            zone: &self.zone,
            ward: &self.ward,
            policy: &self.policy,
            formulary: &self.site.formulary,
            chart: &self.site.chart,
        };
        for effect in self.bedside.handle(event, &world) {
            match effect {
                Effect::Record(entry) => {
                    if let Some(record) = entry.detached().and_then(|detached| detached.record.clone()) {
                        self.site.chart.learn(record);
                    }
                    let recorded = Recorded { key: entry.key(), sequence: 1, at: entry.at().at };
                    self.event(Event::Recorded(recorded));
                }
                Effect::AskPin(_) => {
                    self.event(Event::PinChecked { outcome: PinOutcome::Accepted, session: [1; 16] });
                }
                Effect::Claim(claim) => self.event(Event::Claimed(claim.entry, Grant::Alone)),
                Effect::Release(_) | Effect::Sound(_) => {}
            }
        }
    }

    /// The findings that are more than a pass, such as `C5 soft_r`, for these scans.
    fn findings(&mut self, names: &[&str]) -> Vec<String> {
        for name in names {
            self.event(Event::Scanned(scan(name)));
        }
        let Phase::Dose(dose) = self.bedside.phase() else {
            panic!("{names:?}: no dose in hand: {:?}", self.bedside.phase())
        };
        let more = dose.verdict.findings().iter().filter(|finding| finding.class != Class::Pass);
        more.map(|finding| format!("{} {}", finding.check.name(), finding.class.name())).collect()
    }
}

/// What is more than a pass when this package is scanned for this patient, at this time of the demo day.
#[test]
fn each_fact_of_the_ward_is_found_at_the_bedside() {
    for (clock, band, package, expected) in [
        // Doses by weight, measured out or in a syringe (D7).
        ("09:05", "band-brandt", "pkg-amoxicillin-susp", &["D4 choice"][..]),
        ("09:05", "band-brandt", "dose-amoxicillin-susp", &[]),
        // Nil by mouth and a tablet (C5), a patch (R3), an infusion (D2), on call (O6).
        ("09:05", "band-nilsson", "pkg-amlodipine", &["C5 soft_r", "M5 info", "M6 info"]),
        ("09:05", "band-nilsson", "pkg-rivastigmine", &["R3 choice"]),
        ("09:05", "band-nilsson", "pkg-saline", &["D2 choice"]),
        ("09:05", "band-nilsson", "pkg-cefazolin", &[]),
        // The heart rate is three hours old (C2, scenario 24); the potassium is young enough (C3).
        ("09:05", "band-reyes", "pkg-digoxin", &["C2 choice"]),
        ("09:05", "band-reyes", "pkg-potassium", &[]),
        ("09:05", "band-reyes", "pkg-heparin-bag", &["D2 choice", "W1 choice"]),
        ("17:00", "band-reyes", "pkg-warfarin-recalled", &["M6 hard"]),
        ("08:05", "band-tran", "pkg-metformin-recalled", &["M6 soft_rp"]),
        // An opioid as needed, of which most is wasted (D4, W4); look-alikes (M8); a scale by a glucose of 07:45 (D6).
        ("09:05", "band-ferreira", "pkg-fentanyl", &["T6 soft_r", "D4 choice"]),
        ("09:05", "band-ferreira", "pkg-hydralazine", &["M7 hard", "M8 info"]),
        ("08:05", "band-ferreira", "pkg-insulin-regular", &["W1 soft_r", "D4 choice", "R3 choice"]),
        ("08:20", "band-ferreira", "pkg-furosemide-vial", &[]),
        // Hazardous (C6), a flagged instruction (O5), do not give (O3).
        ("09:05", "band-adeyemi", "dose-methotrexate", &["W1 soft_r", "C6 info"]),
        ("08:05", "band-adeyemi", "pkg-alendronate", &["O5 ack"]),
        ("08:05", "band-adeyemi", "pkg-ibuprofen", &["O3 hard", "M5 info", "M6 info"]),
        // Near names (P7), and a witness for the vial of scenario 11 (W1).
        ("09:05", "band-garcia-maria", "pkg-levothyroxine", &["P7 choice", "C1 info", "M6 info"]),
        ("09:05", "band-kowalski", "pkg-heparin", &["D4 choice", "R3 choice", "W1 choice"]),
    ] {
        let mut found = Bench::at(clock).findings(&[band, package]);
        let mut expected: Vec<String> = expected.iter().map(|text| (*text).to_owned()).collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{band} {package} {clock}");
    }
}

/// D6: the glucose of 07:45 is too old at 08:16, and nothing else takes its place.
#[test]
fn d6_an_old_glucose_is_measured_again() {
    let found = Bench::at("08:15").findings(&["band-ferreira", "pkg-insulin-regular"]);
    assert!(!found.contains(&"D6 choice".to_owned()), "{found:?}");
    let found = Bench::at("08:16").findings(&["band-ferreira", "pkg-insulin-regular"]);
    assert!(found.contains(&"D6 choice".to_owned()), "{found:?}");
}

/// D7: 15 mg/kg of 16.0 kg is 240 mg, 7.5 mL of the bottle; all that is left to ask is the reason.
#[test]
fn d7_the_child_gets_the_dose_of_its_weight() {
    let mut bench = Bench::at("09:05");
    // The whole bottle would be three times the daily maximum: nobody gives it (D8).
    assert_eq!(bench.findings(&["band-brandt", "pkg-acetaminophen-susp"]), ["T6 soft_r", "D4 choice"]);
    bench.event(Event::Take(0, Taken::Measured(Quantity::parse("7.5 mL").unwrap())));
    assert_eq!(bench.findings(&[]), ["T6 soft_r"]);
}
