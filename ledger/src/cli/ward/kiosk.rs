//! One kiosk of the ward: drives `rights::bedside::Bedside` as its nurses do, because nothing else can make an entry.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ledger::clock::ClockEvidence;
use rights::bedside::{Bedside, Effect, Event, Phase, PinOutcome, World};
use rights::chart::Chart;
use rights::claims::Grant;
use rights::entry::{Entry, EntryKind, IdempotencyKey, Inputs, Recorded};
use rights::ident::{RequestId, WardId};
use rights::moment::{ClockTrust, Moment};
use rights::policy::Policy;
use rights::product::Formulary;
use rights::quantity::Quantity;
use rights::scan::Scan;
use rights::verdict::{Check, Class};

use super::ZONE;
use super::people::{self, WARD};
use super::truth::Truth;

/// Where entries go.
pub type Sink<'a> = &'a mut dyn FnMut(Entry, ClockEvidence);

/// One kiosk.
pub struct Kiosk<'a> {
    pub chart: Chart,
    pub formulary: Formulary,
    pub policy: Arc<Policy>,
    pub now: Timestamp,
    pub truth: Truth,
    pub nurse: usize,
    /// Who signs for the nurse that always asks the same one.
    pub partner: Option<usize>,
    ward: WardId,
    zone: &'a TimeZone,
    bedside: Bedside,
    number: u64,
    sessions: u64,
    sink: Sink<'a>,
    attempt: BTreeMap<Check, Class>,
    /// What the last evaluation before the confirmation found.
    pub(super) standing: Vec<Check>,
    pub(super) last: Option<IdempotencyKey>,
}

/// How a dose is given.
#[derive(Clone, Debug)]
pub struct How {
    pub request: RequestId,
    /// What is scanned, in its order.
    pub packages: Vec<Scan>,
    /// Milliseconds from the last scan to the confirmation.
    pub confirm_ms: i64,
    /// Who witnesses, how long they take, and what they type where that is not what is right.
    pub witness: usize,
    pub witness_ms: i64,
    pub blind: Option<Quantity>,
    /// The dose was given before.
    pub given_at: Option<Timestamp>,
    /// The reason for what is asked, where another one than the first of the list is meant.
    pub reason: Option<&'static str>,
    /// The heart rate that is entered.
    pub rate: i64,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// Given; the entry.
    Given(IdempotencyKey),
    /// Stopped and put back.
    Stopped,
    /// Nothing was in hand in the end.
    Nothing,
}

impl<'a> Kiosk<'a> {
    pub fn new(
        number: u64,
        chart: Chart,
        formulary: Formulary,
        start: Timestamp,
        zone: &'a TimeZone,
        sink: Sink<'a>,
    ) -> Self {
        Self {
            chart,
            formulary,
            policy: Arc::default(),
            now: start,
            truth: Truth::default(),
            nurse: 0,
            partner: None,
            ward: WardId::parse(WARD).unwrap(),
            zone,
            bedside: Bedside::new(),
            number,
            sessions: 0,
            sink,
            attempt: BTreeMap::new(),
            standing: Vec::new(),
            last: None,
        }
    }

    pub fn wait(&mut self, ms: i64) {
        self.now += SignedDuration::from_millis(ms);
    }

    pub fn moment(&self) -> Moment {
        let offset = self.zone.to_offset(self.now);
        Moment { at: self.now, offset, clock: ClockTrust::Known(SignedDuration::from_millis(3)) }
    }

    pub fn clock(&self) -> ClockEvidence {
        ClockEvidence { zone: Some(ZONE.to_owned()), ..ClockEvidence::of_moment(self.moment()) }
    }

    /// One event and what follows from it.
    pub fn event(&mut self, event: Event) {
        let world = World {
            now: self.moment(),
            zone: self.zone,
            ward: &self.ward,
            policy: &self.policy,
            formulary: &self.formulary,
            chart: &self.chart,
        };
        for effect in self.bedside.handle(event, &world) {
            match effect {
                Effect::Record(entry) => self.record(entry),
                Effect::Claim(claim) => self.event(Event::Claimed(claim.entry, Grant::Alone)),
                Effect::Release(_) | Effect::AskPin(_) | Effect::Sound(_) => {}
            }
        }
    }

    fn record(&mut self, entry: Entry) {
        let recorded = Recorded { key: entry.key(), sequence: 0, at: entry.at().at };
        if let Some(record) = entry.detached().and_then(|detached| detached.record.clone()) {
            self.chart.learn(record);
        }
        // The alerts of an attempt are what its scans and double checks found.
        let of_dose =
            entry.detached().is_some_and(|detached| matches!(detached.inputs, Some(Inputs::Dose(_))));
        let counts = match entry.kind() {
            EntryKind::Verdict | EntryKind::Unidentified => true,
            EntryKind::Witness => of_dose,
            kind => matches!(kind, EntryKind::Given | EntryKind::Partial),
        };
        if counts {
            for (check, class) in &entry.clear().findings {
                if *class >= Class::Acknowledge && *class != Class::Choice {
                    let known = self.attempt.entry(*check).or_insert(*class);
                    *known = (*known).max(*class);
                }
            }
        }
        self.last = Some(entry.key());
        let clock = self.clock();
        self.truth.entries += 1;
        (self.sink)(entry, clock);
        self.event(Event::Recorded(recorded));
    }

    /// Somebody signs on.
    pub fn sign_on(&mut self, nurse: usize) {
        self.nurse = nurse;
        self.chart.orders_as_of = Some(self.now);
        self.event(Event::Scanned(people::badge(nurse)));
        self.wait(2500);
        self.sessions += 1;
        let mut session = [0; 16];
        session[..8].copy_from_slice(&self.number.to_be_bytes());
        session[8..].copy_from_slice(&self.sessions.to_be_bytes());
        self.event(Event::PinChecked { outcome: PinOutcome::Accepted, session });
        self.wait(1500);
        self.attempt.clear();
    }

    pub fn sign_off(&mut self) {
        self.event(Event::SignOff);
        self.attempt.clear();
    }

    /// A patient's band is scanned; whether the patient is open now.
    pub fn open(&mut self, band: Scan) -> bool {
        self.chart.orders_as_of = Some(self.now);
        self.attempt.clear();
        self.event(Event::Scanned(band));
        let open = matches!(self.bedside.phase(), Phase::DueList { .. } | Phase::Dose(_));
        if !open {
            self.settle(&Came::Stopped);
        }
        self.attempt.clear();
        open
    }

    pub fn phase(&self) -> &Phase {
        self.bedside.phase()
    }

    /// Notes what the alerts of the attempt came to.
    pub(super) fn settle(&mut self, came: &Came) {
        let stands = std::mem::take(&mut self.standing);
        for (check, class) in std::mem::take(&mut self.attempt) {
            let numbers = self.truth.alerts.entry((check.name().into(), class.name().into())).or_default();
            numbers[0] += 1;
            match came {
                Came::Given(_) if stands.contains(&check) => numbers[1] += 1,
                Came::Given(_) => numbers[3] += 1,
                Came::Stopped | Came::Nothing => numbers[2] += 1,
            }
        }
    }
}
