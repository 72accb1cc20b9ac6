//! What is planted: each workaround of clinical.md section 7 that data can show, discrepancies of controlled substances, emergencies
//! and downtimes. Each takes over one round of a kiosk and is noted as a case.

use jiff::{SignedDuration, Timestamp};
use rights::bedside::{Charted, Event, TypedBand};
use rights::chart::Sighting;
use rights::follow_up::Act;
use rights::witness::Blind;

use super::kiosk::{Came, How};
use super::people;
use super::round::{Days, Due, Manner, code};
use super::stock::{self, EXPIRY, HEPARIN};

/// What takes over a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plant {
    Tray,
    AfterGiving,
    NotScanned,
    ClickedAway,
    ChartedLater,
    Downtime,
    BandCopy,
    OtherThanBand,
    Proxy,
    SamePackage,
    InError,
    Emergency,
    TypedBand,
}

impl Plant {
    /// Those of the first kiosk, one for each round at six, twelve and eighteen.
    pub const ALL: [Self; 13] = [
        Self::Tray,
        Self::AfterGiving,
        Self::NotScanned,
        Self::ClickedAway,
        Self::ChartedLater,
        Self::Downtime,
        Self::BandCopy,
        Self::OtherThanBand,
        Self::Proxy,
        Self::SamePackage,
        Self::InError,
        Self::Emergency,
        Self::TypedBand,
    ];
}

impl Days<'_, '_> {
    /// A round with something planted, by a nurse who has no other one.
    pub fn planted(&mut self, plant: Plant, at: Timestamp, due: Vec<Due>, nurse: usize) {
        let smooth = Manner { smooth: true, ..Manner::USUAL };
        let manner = match plant {
            Plant::Tray => Manner { walk_ms: (3000, 5000), ..smooth },
            Plant::AfterGiving => {
                // One patient's doses only; the others are given as usual.
                let first = due.iter().map(|due| due.patient).min();
                let (one, rest): (Vec<Due>, Vec<Due>) = due
                    .into_iter()
                    .filter(|due| due.item.id != HEPARIN.id)
                    .partition(|due| Some(due.patient) == first);
                self.round(at, one, nurse, Manner { confirm_ms: (900, 1500), ..smooth });
                self.case("confirmed sooner than taken");
                let usual = self.other_nurse(nurse);
                return self.round(at, rest, usual, smooth);
            }
            Plant::NotScanned => Manner { typed: due.len() / 8 + 5, ..smooth },
            Plant::ClickedAway => Manner { every_second_ms: Some(1400), ..smooth },
            Plant::ChartedLater => Manner { backdated: (3, "workload"), ..smooth },
            Plant::Downtime => Manner { backdated: (6, "downtime"), ..smooth },
            Plant::BandCopy
            | Plant::OtherThanBand
            | Plant::Proxy
            | Plant::SamePackage
            | Plant::InError
            | Plant::Emergency
            | Plant::TypedBand => return self.single(plant, at, due, nurse),
        };
        // Given an hour late, so that each dose asks for a reason.
        let late =
            if plant == Plant::ClickedAway { SignedDuration::from_mins(62) } else { SignedDuration::ZERO };
        self.round(at + late, due, nurse, manner);
        match plant {
            Plant::Tray => self.case("several patients' doses scanned in a row"),
            Plant::NotScanned => self.case("typed instead of scanned"),
            Plant::ClickedAway => self.case("questions clicked away"),
            Plant::ChartedLater => (0..3).for_each(|_| self.case("charted after giving")),
            _ => {}
        }
    }

    pub fn case(&mut self, pattern: &'static str) {
        let now = self.kiosk.now;
        self.kiosk.truth.cases.push((pattern, now));
    }

    /// Something small before an ordinary round.
    fn single(&mut self, plant: Plant, at: Timestamp, mut due: Vec<Due>, nurse: usize) {
        due.sort_by(|a, b| (a.patient, &a.request.id).cmp(&(b.patient, &b.request.id)));
        let patient = self.patients[0];
        let place = due.iter().position(|due| {
            due.patient == patient && due.item.id != HEPARIN.id && due.item.id != stock::REGULAR[0].id
        });
        let one = due.remove(place.unwrap_or(0));
        self.kiosk.now = self.kiosk.now.max(at);
        self.kiosk.sign_on(nurse);
        match plant {
            Plant::BandCopy => {
                self.kiosk.open(people::band(patient, "1"));
                self.case("copy of a wristband");
                self.kiosk.wait(8000);
                let seen = self.kiosk.now - SignedDuration::from_secs(50);
                let patient = people::patient_id(patient);
                self.kiosk.chart.sightings.push(Sighting { patient, at: seen });
                self.kiosk.open(people::band(one.patient, "2"));
                self.case("copy of a wristband");
                self.kiosk.wait(3000);
                self.dose(&one, 5000, false, None, None, 80);
                self.kiosk.chart.sightings.clear();
            }
            Plant::OtherThanBand => {
                let serial = self.serial();
                self.kiosk.open(stock::package(one.item, "L1", &serial, EXPIRY));
                self.case("another thing scanned for a wristband");
                self.kiosk.wait(5000);
                self.usual(&one);
            }
            Plant::Proxy => {
                self.kiosk.open(people::band(patient, "2"));
                self.kiosk.wait(3000);
                let packages = self.hand(&one, false);
                let how = How { ..self.how(&one, packages.clone(), 5000) };
                self.give(&one, &how);
                let other = due.iter().position(|due| due.patient != patient && due.item.id == one.item.id);
                if let Some(other) = other {
                    let other = due[other].clone();
                    self.kiosk.event(Event::Cancel);
                    self.kiosk.wait(25_000);
                    self.kiosk.open(people::band(other.patient, "2"));
                    self.kiosk.wait(3000);
                    let how = self.how(&other, packages, 5000);
                    assert_eq!(self.kiosk.give(&how), Came::Stopped);
                    self.case("used package scanned again");
                }
            }
            Plant::SamePackage => {
                let two = due.iter().position(|due| due.item.id == stock::REGULAR[0].id);
                self.usual(&one);
                if let Some(two) = two {
                    let two = due.remove(two);
                    self.kiosk.event(Event::Cancel);
                    self.kiosk.wait(25_000);
                    self.kiosk.open(people::band(two.patient, "2"));
                    self.kiosk.wait(3000);
                    let serial = self.serial();
                    let one = stock::package(two.item, "LSAME", &serial, EXPIRY);
                    let how = self.how(&two, vec![one.clone(), one], 5000);
                    assert_eq!(self.kiosk.give(&how), Came::Stopped);
                    self.case("one package scanned several times");
                    self.kiosk.wait(2000);
                    self.dose(&two, 5000, false, None, None, 80);
                }
            }
            Plant::InError => {
                self.usual(&one);
                let key = self.kiosk.last.unwrap();
                let charted = Charted {
                    of: key,
                    act: Act::EnteredInError,
                    reason: Some(code("not-taken")),
                    note: None,
                };
                self.kiosk.wait(30_000);
                self.kiosk.event(Event::Chart(charted));
                self.kiosk.event(Event::Continue);
                let dose = self.kiosk.truth.doses.last_mut().unwrap();
                dose.in_error = true;
                self.kiosk.truth.missed.insert((one.request.id.to_string(), one.slot));
            }
            Plant::Emergency => {
                self.kiosk.open(people::band(patient, "2"));
                self.kiosk.wait(2000);
                let reason = code("cardiac-arrest");
                self.kiosk.event(Event::BreakGlass { reason, note: None });
                let second = self.other_nurse(nurse);
                self.kiosk.second_signs(second);
                self.dose(&one, 5000, false, None, None, 80);
                self.kiosk.truth.doses.last_mut().unwrap().emergency = true;
                self.kiosk.event(Event::EndBreakGlass);
            }
            Plant::TypedBand => {
                let (birth, mrn) = (people::patient(patient).birth_date, format!("{:04}", patient % 10_000));
                let band = TypedBand { reason: code("damaged"), note: None, birth_date: birth, mrn_end: mrn };
                self.kiosk.event(Event::BandTyped(band));
                let second = self.other_nurse(nurse);
                self.kiosk.second_signs(second);
                self.kiosk.wait(7000);
                self.kiosk.event(Event::EnterBlind(Blind::BirthDate(birth)));
                self.kiosk.truth.blind[0] += 1;
                self.kiosk.wait(3000);
                if let Came::Given(_) = self.dose(&one, 5000, false, None, None, 80) {
                    self.kiosk.truth.doses.last_mut().unwrap().band_typed = true;
                }
            }
            _ => {}
        }
        self.kiosk.event(Event::Cancel);
        self.kiosk.sign_off();
        let usual = self.other_nurse(nurse);
        self.round(at, due, usual, Manner { smooth: true, ..Manner::USUAL });
    }

    fn usual(&mut self, one: &Due) {
        self.kiosk.open(people::band(one.patient, "2"));
        self.kiosk.wait(3000);
        self.dose(one, 5000, false, None, None, 80);
    }

    /// Controlled substances that do not add up, one of each kind that the bedside lets happen.
    pub fn discrepancies(&mut self, at: Timestamp, nurse: usize) {
        self.kiosk.now = self.kiosk.now.max(at);
        self.kiosk.sign_on(nurse);
        let kinds = ["NO-WASTE", "AMOUNT-MISMATCH", "ADMIN-NO-REMOVAL", "NO-ADMIN", "FULL-DOSE-WASTE"];
        for (kind, patient) in kinds.into_iter().zip(self.patients.clone()) {
            let due = self.prn(patient, &stock::FENTANYL);
            if kind == "NO-ADMIN" {
                self.hand(&due, false);
                self.kiosk.truth.discrepancies.push(kind);
                continue;
            }
            self.kiosk.open(people::band(patient, "2"));
            self.kiosk.wait(3000);
            if kind == "FULL-DOSE-WASTE" {
                let vial = self.hand(&due, false).remove(0);
                self.kiosk.event(Event::Scanned(vial));
                self.kiosk.wait(4000);
                self.kiosk.event(Event::Cancel);
                let witness = self.other_nurse(nurse);
                assert!(self.kiosk.waste(witness, 9000, None), "{kind}");
                self.kiosk.truth.discrepancies.push(kind);
                self.kiosk.event(Event::Cancel);
                self.kiosk.wait(22_000);
                continue;
            }
            self.unnoted = kind == "ADMIN-NO-REMOVAL";
            let came = self.dose(&due, 6000, false, None, Some("pain"), 80);
            self.unnoted = false;
            assert!(matches!(came, Came::Given(_)), "{kind}: {came:?}");
            self.kiosk.wait(4000);
            let witness = self.other_nurse(nurse);
            let amount: Option<&str> = (kind == "AMOUNT-MISMATCH").then_some("1.4 mL");
            match kind {
                "NO-WASTE" => self.case("remainder without waste"),
                _ => {
                    if kind == "AMOUNT-MISMATCH" {
                        self.kiosk.waste_seen_otherwise(witness, "1.5 mL", "1.4 mL");
                    }
                    assert!(self.kiosk.waste(witness, 9000, amount), "{kind}");
                }
            }
            self.kiosk.truth.discrepancies.push(kind);
            self.kiosk.event(Event::Cancel);
            self.kiosk.wait(22_000);
        }
        self.kiosk.sign_off();
    }

    /// The vials of one nurse, each waste signed by the same other one.
    pub fn together(&mut self, at: Timestamp, nurse: usize, ms: i64) {
        let witness = self.other_nurse(nurse);
        let witness = *self.kiosk.partner.get_or_insert(witness);
        self.as_needed(at, &stock::FENTANYL, nurse, Some((witness, ms)));
        if ms >= 3000 {
            self.case("second signature without a check");
        }
    }

    /// One heart rate for every patient.
    pub fn copied_values(&mut self, at: Timestamp, due: Vec<Due>, nurse: usize) {
        self.round(at, due, nurse, Manner { rate: Some(72), smooth: true, ..Manner::USUAL });
        self.case("one value for several patients");
    }
}
