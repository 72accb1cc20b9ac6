//! The days of a kiosk: rounds by the clock, as-needed doses between them, effects after those.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rights::bedside::{Event, NotGiven};
use rights::case::Choice;
use rights::entry::IdempotencyKey;
use rights::history::Outcome;
use rights::ident::ReasonCode;
use rights::request::Request;
use rights::scan::{Scan, Source};

use super::kiosk::{Came, How, Kiosk};
use super::people;
use super::random::Random;
use super::stock::{self, EXPIRY, FENTANYL, HEPARIN, Item, MORPHINE};
use super::truth::{GivenDose, Handed};

/// One scheduled dose.
#[derive(Clone)]
pub struct Due {
    pub patient: usize,
    pub request: Request,
    pub item: &'static Item,
    pub slot: Timestamp,
}

/// A kiosk with what its days need.
pub struct Days<'k, 'a> {
    pub kiosk: &'k mut Kiosk<'a>,
    pub random: Random,
    pub zone: &'a TimeZone,
    pub patients: Vec<usize>,
    pub orders: Vec<(Request, &'static Item)>,
    pub nurses: Vec<usize>,
    pub serial: u64,
    pub number: u64,
    /// What is dispensed is not noted, because the pharmacy never handed it out.
    pub unnoted: bool,
}

/// How a round is kept.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    pub confirm_ms: (i64, i64),
    /// Every second dose is confirmed so soon instead.
    pub every_second_ms: Option<i64>,
    pub walk_ms: (i64, i64),
    /// The first so many doses are typed.
    pub typed: usize,
    /// So many doses of the first patient are charted afterwards, for this reason.
    pub backdated: (usize, &'static str),
    /// The heart rate for everybody.
    pub rate: Option<i64>,
    /// Without the small things that happen on any day.
    pub smooth: bool,
}

impl Manner {
    pub const USUAL: Self = Self {
        confirm_ms: (4000, 9000),
        every_second_ms: None,
        walk_ms: (20_000, 45_000),
        typed: 0,
        backdated: (0, "workload"),
        rate: None,
        smooth: false,
    };
}

pub fn code(text: &str) -> ReasonCode {
    ReasonCode::parse(text).unwrap()
}

impl Days<'_, '_> {
    /// The rounds of all days: each instant with what is due then.
    pub fn rounds(&self, from: Timestamp, to: Timestamp) -> BTreeMap<Timestamp, Vec<Due>> {
        let mut rounds: BTreeMap<Timestamp, Vec<Due>> = BTreeMap::new();
        for (request, item) in &self.orders {
            let patient: usize = request.patient.as_str()[8..].parse().unwrap();
            for slot in request.timing.slots(request.start, request.stop, self.zone, from, to) {
                if slot.due >= from && slot.due < to {
                    let due = Due { patient, request: request.clone(), item, slot: slot.due };
                    rounds.entry(slot.due).or_default().push(due);
                }
            }
        }
        rounds
    }

    pub fn nurse(&mut self) -> usize {
        let at = usize::try_from(self.random.below(self.nurses.len() as u64)).unwrap();
        self.nurses[at]
    }

    pub fn other_nurse(&mut self, than: usize) -> usize {
        loop {
            let nurse = self.nurse();
            if nurse != than {
                return nurse;
            }
        }
    }

    /// A round, as one nurse keeps it.
    pub fn round(&mut self, at: Timestamp, mut due: Vec<Due>, nurse: usize, manner: Manner) {
        due.sort_by(|a, b| (a.patient, a.slot, &a.request.id).cmp(&(b.patient, b.slot, &b.request.id)));
        self.kiosk.now = self.kiosk.now.max(at);
        self.kiosk.sign_on(nurse);
        let (mut late, mut asked): (Vec<Due>, Vec<(Due, Timestamp)>) = (Vec::new(), Vec::new());
        let (mut count, mut typed, mut backdated) = (0, manner.typed, manner.backdated.0);
        for patient in self.patients.clone() {
            let mut of: Vec<Due> = due.iter().filter(|due| due.patient == patient).cloned().collect();
            if of.is_empty() {
                continue;
            }
            if !manner.smooth && self.random.chance(25) {
                late.append(&mut of);
                continue;
            }
            if !self.kiosk.open(people::band(patient, "2")) {
                continue;
            }
            self.kiosk.wait(3000);
            for due in of {
                count += 1;
                let confirm = match manner.every_second_ms {
                    Some(ms) if count % 2 == 0 => ms,
                    _ => self.random.between(manner.confirm_ms.0, manner.confirm_ms.1),
                };
                let chance = if manner.smooth { 1000 } else { self.random.below(1000) };
                match chance {
                    0..=9 => self.chart(&due, Outcome::Refused, "refused"),
                    10..=14 => drop(self.kiosk.truth.missed.insert((due.request.id.to_string(), due.slot))),
                    15..=18 => {
                        self.chart(&due, Outcome::Missing, "not-available");
                        asked.push((due, self.kiosk.now));
                    }
                    _ => {
                        let back = backdated > 0;
                        backdated -= usize::from(back);
                        let type_it = typed > 0 && due.item.id != HEPARIN.id;
                        typed -= usize::from(type_it);
                        let by_chance = chance == 19 && due.item.id != HEPARIN.id;
                        if chance == 20 || chance == 21 {
                            self.near_miss(&due);
                        }
                        let given_at = back.then(|| self.kiosk.now - SignedDuration::from_mins(40));
                        let reason = back.then_some(manner.backdated.1);
                        let rate = manner.rate.unwrap_or_else(|| self.random.between(61, 98));
                        self.dose(&due, confirm, type_it || by_chance, given_at, reason, rate);
                    }
                }
                self.kiosk.wait(1200);
            }
            self.kiosk.event(Event::Cancel);
            let walk = self.random.between(manner.walk_ms.0, manner.walk_ms.1);
            self.kiosk.wait(walk);
        }
        self.kiosk.sign_off();
        self.catch_up(at, late, asked);
        self.forget();
    }

    /// Patients who were away, and doses that came from the pharmacy.
    fn catch_up(&mut self, at: Timestamp, late: Vec<Due>, asked: Vec<(Due, Timestamp)>) {
        if !asked.is_empty() {
            self.kiosk.now = self.kiosk.now.max(at + SignedDuration::from_mins(48));
            let nurse = self.nurse();
            self.kiosk.sign_on(nurse);
            for (due, since) in asked {
                self.kiosk.open(people::band(due.patient, "2"));
                self.kiosk.wait(3000);
                let came = self.dose(&due, 5000, false, None, None, 80);
                let dispensed = self.kiosk.truth.handed.last().map(|row| row.at).filter(|at| *at >= since);
                let given = matches!(came, Came::Given(_)).then(|| self.kiosk.truth.doses.last().unwrap().at);
                self.kiosk.truth.asked.push((since, dispensed, given));
                self.kiosk.event(Event::Cancel);
                self.kiosk.wait(25_000);
            }
            self.kiosk.sign_off();
        }
        if late.is_empty() {
            return;
        }
        self.kiosk.now = self.kiosk.now.max(at + SignedDuration::from_mins(64));
        let nurse = self.nurse();
        self.kiosk.sign_on(nurse);
        let mut open = None;
        for due in late {
            if open != Some(due.patient) {
                self.kiosk.event(Event::Cancel);
                self.kiosk.wait(25_000);
                self.kiosk.open(people::band(due.patient, "2"));
                self.kiosk.wait(3000);
                open = Some(due.patient);
            }
            let confirm = self.random.between(4000, 9000);
            self.dose(&due, confirm, false, None, None, 80);
            self.kiosk.wait(1200);
        }
        self.kiosk.sign_off();
    }

    /// What is older than the checks look back is not needed any more.
    pub fn forget(&mut self) {
        let before = self.kiosk.now - SignedDuration::from_hours(50);
        let chart = &mut self.kiosk.chart;
        chart.history.retain(|done| done.at >= before);
        chart.corrected.retain(|done| done.at >= before);
        chart.follow_ups.retain(|done| done.at >= before);
        chart.observed.retain(|done| done.observation.at >= before);
        chart.disposed.retain(|done| done.at >= before);
        chart.set_aside.retain(|done| done.at >= before);
        chart.dispensed.clear();
        chart.sightings.clear();
    }

    pub fn chart(&mut self, due: &Due, outcome: Outcome, reason: &str) {
        self.kiosk.wait(2000);
        let choice = Choice { request: due.request.id.clone(), version: 1, slot: Some(due.slot) };
        let not_given = NotGiven { choice, outcome, reason: code(reason), note: None };
        self.kiosk.event(Event::ChartNotGiven(not_given));
        self.kiosk.event(Event::Continue);
    }

    /// An expired package or one of another drug is scanned first, and stopped.
    pub fn near_miss(&mut self, due: &Due) {
        let recalled =
            self.kiosk.formulary.recall_of(&super::recall().product, &super::recall().lot).is_some();
        let (item, lot, expiry) = match self.random.below(4) {
            0 => (due.item, "OLD1", jiff::civil::date(2020, 1, 31)),
            1 if recalled => (&stock::REGULAR[2], super::RECALLED.0, EXPIRY),
            _ => (&stock::ITEM_OF_NOBODY, "W1", EXPIRY),
        };
        let mut scan = stock::package(item, lot, &self.serial(), expiry);
        if item.id == stock::ITEM_OF_NOBODY.id && self.random.chance(500) {
            scan = stock::unknown();
            self.kiosk.truth.unknown += 1;
        }
        let came = self.kiosk.give(&self.how(due, vec![scan], 5000));
        assert_eq!(came, Came::Stopped, "{} was not stopped", item.id);
        self.kiosk.wait(2000);
    }

    pub fn serial(&mut self) -> String {
        self.serial += 1;
        format!("S{}{:07}", self.number, self.serial)
    }

    pub fn how(&self, due: &Due, packages: Vec<Scan>, confirm_ms: i64) -> How {
        How {
            request: due.request.id.clone(),
            packages,
            confirm_ms,
            witness: self.nurses.iter().copied().find(|nurse| *nurse != self.kiosk.nurse).unwrap_or(0),
            witness_ms: 8000,
            blind: None,
            given_at: None,
            reason: None,
            rate: 80,
        }
    }

    /// The lot of an item at a moment: a new one every week, so that each package has one.
    pub fn lot(item: &Item, at: Timestamp) -> String {
        if item.id == super::RECALLED.1 && at.duration_since(super::start()) < SignedDuration::from_hours(24)
        {
            return super::RECALLED.0.to_owned();
        }
        let week = at.as_second() / (7 * 24 * 3600) % 1000;
        format!("L{}{week:03}", item.id[..3].to_uppercase())
    }

    /// The packages for a dose, handed out some minutes before.
    pub fn hand(&mut self, due: &Due, typed: bool) -> Vec<Scan> {
        let count = if due.item.id == stock::REGULAR[0].id { 2 } else { 1 };
        let back = SignedDuration::from_secs(self.random.between(60, 420));
        let lot = Self::lot(due.item, self.kiosk.now);
        let mut scans = Vec::new();
        for _ in 0..count {
            let serial = self.serial();
            scans.push(if typed {
                let ndc = 10_000_000_000 + stock::place(due.item);
                let mut scan = stock::package(due.item, &lot, &serial, EXPIRY);
                (scan.text, scan.source) = (format!("{ndc} {lot}"), Source::Keyed);
                scan
            } else {
                stock::package(due.item, &lot, &serial, EXPIRY)
            });
            if !self.unnoted {
                let controlled = [MORPHINE.id, FENTANYL.id].contains(&due.item.id);
                let (kiosk, item) = (&mut *self.kiosk, due.item);
                kiosk.truth.handed.push(Handed {
                    at: kiosk.now - back,
                    kind: if controlled { "removal" } else { "dispense" },
                    patient: due.patient,
                    request: due.request.id.to_string(),
                    item: item.id,
                    quantity: item.package.to_owned(),
                    nurse: kiosk.nurse,
                    dose_id: None,
                    lot: lot.clone(),
                });
            }
        }
        scans
    }

    /// Gives one dose and notes it.
    pub fn dose(
        &mut self,
        due: &Due,
        confirm_ms: i64,
        typed: bool,
        given_at: Option<Timestamp>,
        reason: Option<&'static str>,
        rate: i64,
    ) -> Came {
        let packages = self.hand(due, typed);
        let witness = self.other_nurse(self.kiosk.nurse);
        let witness_ms = self.random.between(6000, 15_000);
        let how = How { witness, witness_ms, given_at, reason, rate, ..self.how(due, packages, confirm_ms) };
        self.give(due, &how)
    }

    /// Gives one dose as it is said, and notes it.
    pub fn give(&mut self, due: &Due, how: &How) -> Came {
        let came = self.kiosk.give(how);
        if let Came::Given(key) = came {
            self.note(due, how, key);
        }
        came
    }

    fn note(&mut self, due: &Due, how: &How, key: IdempotencyKey) {
        let scheduled = due.request.interval().is_some();
        let kiosk = &mut *self.kiosk;
        let done = kiosk.chart.history.iter().rfind(|done| done.entry == Some(key)).expect("recorded");
        let half = rights::decide::window(&kiosk.policy, &due.request).filter(|_| scheduled);
        let off = done.at.duration_since(due.slot);
        let first = due.request.timing.slots(due.request.start, None, self.zone, due.slot, due.slot);
        let first = first.iter().any(|slot| slot.due == due.slot && slot.first);
        let half = half.filter(|_| !first);
        let tier = match (scheduled, due.request.time_critical) {
            (false, _) => "as needed",
            (true, true) => "time-critical",
            (true, false) if due.item.id == stock::DAILY.id || due.item.id == stock::DIGOXIN.id => {
                "daily or less often"
            }
            (true, false) => "several a day",
        };
        let typed = how.packages.iter().any(|scan| scan.source == Source::Keyed);
        let noted = GivenDose {
            key: key.to_bytes(),
            nurse: kiosk.nurse,
            patient: due.patient,
            item: due.item.id,
            at: done.at,
            slot: scheduled.then_some(due.slot),
            half_s: half.map(|half| half.as_secs()),
            tier,
            lots: done.packages.iter().filter_map(|used| Some(used.lot.as_ref()?.to_string())).collect(),
            band_typed: false,
            package_typed: typed,
            no_barcode: typed,
            backdated: how.given_at.and(how.reason),
            emergency: false,
            late: half.is_some_and(|half| off > half),
            effect_due: done.effect_due,
            effect_noted: None,
            in_error: false,
        };
        kiosk.truth.doses.push(noted);
    }
}
