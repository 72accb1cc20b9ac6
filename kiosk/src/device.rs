//! One kiosk: session, screen and orders together, still without IO. Whoever runs it (the window, a journey, the demo) brings
//! moments and scans in, and carries out what comes back: append to the ledger, make a sound.

mod answers;
mod guard;
mod memory;
mod notices;
mod opening;
mod people;
mod scanning;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use ledger::receipt::Receipt;
use rights::bedside::{Bedside, Effect, Event, Phase, Tone, World};
use rights::chart::{Chart, Sighting};
use rights::claims::{Claim, Grant, Refusal};
use rights::entry::{Entry, IdempotencyKey};
use rights::history::Record;
use rights::ident::WardId;
use rights::moment::Moment;
use rights::phrase::Language;
use rights::policy::Policy;
use rights::product::Formulary;
use rights::scan::{Meaning, Scan};

use crate::desk::Desk;
use crate::model::{Act, Model};
use crate::pin::Pins;
use crate::view::{self, CameraState, Surroundings, Technical};

/// What does not change during a shift.
#[derive(Debug)]
pub struct Site {
    /// The ward of this kiosk.
    pub ward: WardId,
    /// The site's time zone.
    pub zone: jiff::tz::TimeZone,
    /// The site's policy.
    pub policy: Arc<Policy>,
    /// The drug file.
    pub formulary: Formulary,
    /// There is no other kiosk: it lets itself have each dose.
    pub alone: bool,
}

/// What must be done.
#[derive(Debug)]
pub enum Output {
    /// Append to the ledger; answer with [`Device::appended`].
    Record(Box<Entry>),
    /// Sound.
    Sound(Tone),
    /// Ask the ward's hub for a dose; answer with [`Device::claimed`]. Never when the kiosk is alone.
    Claim(Claim),
    /// Tell the hub that the dose of this claim is not given after all.
    Release(IdempotencyKey),
}

/// One kiosk.
pub struct Device {
    bedside: Bedside,
    desk: Desk,
    site: Site,
    chart: Chart,
    pins: Pins,
    surroundings: Surroundings,
    receipt: Option<Receipt>,
    /// What was done, on its way into the ledger.
    awaited: BTreeMap<IdempotencyKey, Record>,
    guard: guard::Guard,
    languages: people::Languages,
    /// Whether there are news that a dose in hand was not decided with.
    heard: bool,
    /// When it was last looked for what can be let go.
    let_go_at: Option<Timestamp>,
    random: Box<dyn FnMut() -> [u8; 16] + Send>,
}

impl std::fmt::Debug for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Device").field("ward", &self.site.ward).finish_non_exhaustive()
    }
}

impl Device {
    /// A locked kiosk. `random` makes the ids of sessions.
    pub fn new(
        site: Site,
        chart: Chart,
        pins: Pins,
        surroundings: Surroundings,
        random: Box<dyn FnMut() -> [u8; 16] + Send>,
    ) -> Self {
        let bedside = Bedside::new();
        Self {
            bedside,
            desk: Desk::new(Language::English),
            site,
            chart,
            pins,
            surroundings,
            receipt: None,
            awaited: BTreeMap::new(),
            guard: guard::Guard::new(),
            languages: people::Languages::new(Language::English),
            heard: false,
            let_go_at: None,
            random,
        }
    }

    /// Where the session stands.
    pub const fn phase(&self) -> &Phase {
        self.bedside.phase()
    }

    /// The screen at this moment.
    pub fn view(&self, now: Moment) -> Model {
        let world = world(&self.site, &self.chart, now);
        view::view(&self.bedside, &self.desk, &world, &self.surroundings, self.receipt.as_ref())
    }

    /// The same screen in another language.
    pub fn view_in(&self, now: Moment, language: Language) -> Model {
        let world = world(&self.site, &self.chart, now);
        let mut desk = self.desk.clone();
        desk.language = language;
        view::view(&self.bedside, &desk, &world, &self.surroundings, self.receipt.as_ref())
    }

    /// Time passes; at least once a second.
    pub fn tick(&mut self, now: Moment) -> Vec<Output> {
        let mut outputs = self.handle(Event::Tick, now);
        if std::mem::take(&mut self.heard) {
            outputs.extend(self.handle(Event::Heard, now));
        }
        self.let_go(now);
        outputs
    }

    /// What the ledger said to an entry of [`Output::Record`]. Only with its receipt is anything said to be recorded.
    pub fn appended(&mut self, key: IdempotencyKey, receipt: Option<Receipt>, now: Moment) -> Vec<Output> {
        self.surroundings.technical.ledger_fails = receipt.is_none();
        let Some(receipt) = receipt.filter(|receipt| receipt.recorded().key == key) else {
            return self.handle(Event::NotRecorded(key), now);
        };
        // Whatever the screen shows meanwhile: what the ledger holds was done.
        if let Some(done) = self.awaited.remove(&key) {
            self.chart.learn(done);
        }
        let recorded = receipt.recorded();
        self.surroundings.technical.last_entry = Some((recorded.sequence, now.at));
        let outputs = self.handle(Event::Recorded(recorded), now);
        // Another entry, such as a conflict that was found, must not take away the receipt that is being read.
        if matches!(self.bedside.phase(), Phase::Done(done) if done.recorded == recorded) {
            self.receipt = Some(receipt);
        }
        outputs
    }

    /// New orders from the order system. What was done stays. With the next tick a dose in hand is looked at again.
    pub fn orders_arrived(&mut self, orders: Chart) {
        self.heard = true;
        self.chart = std::mem::take(&mut self.chart).with_orders(orders);
    }

    /// A new drug file. With the next tick a dose in hand is looked at again.
    pub fn drug_file_arrived(&mut self, formulary: Formulary) {
        self.heard = true;
        self.site.formulary = formulary;
    }

    /// The order system was heard at this instant and nothing had changed.
    pub const fn orders_current(&mut self, at: jiff::Timestamp) {
        self.chart.orders_as_of = Some(at);
    }

    /// The feed that is silent for longer than its site allows, with when it was last heard.
    pub fn silent_feed(&mut self, feed: Option<(String, Option<Timestamp>)>) {
        self.surroundings.technical.silent_feed = feed;
    }

    /// The orders as they are.
    pub const fn chart(&self) -> &Chart {
        &self.chart
    }

    /// What another source knows was done: other kiosks, the ledger of a former run. With the next tick a dose in hand is looked at again.
    pub fn learn(&mut self, done: Vec<Record>) {
        self.heard |= !done.is_empty();
        self.chart.learn_all(done);
    }

    /// What the ward's hub said to [`Output::Claim`].
    pub fn claimed(
        &mut self,
        entry: IdempotencyKey,
        answer: Result<Grant, Refusal>,
        now: Moment,
    ) -> Vec<Output> {
        match answer {
            Ok(grant) => self.handle(Event::Claimed(entry, grant), now),
            Err(refusal) => self.handle(Event::ClaimRefused(entry, refusal), now),
        }
    }

    /// What the ward knows was learned: these doses of this kiosk are compared with it.
    pub fn reconnected(&mut self, offline: Vec<IdempotencyKey>, now: Moment) -> Vec<Output> {
        self.handle(Event::Reconnected(offline), now)
    }

    /// Whose wristband a scan shows, for the ward's other kiosks (P6).
    pub fn sightings(&self, scan: &Scan, now: Moment) -> Vec<Sighting> {
        let Meaning::Wristband(band) = &scan.meaning else { return Vec::new() };
        let patients = self.chart.patients_of_band(band);
        patients.iter().map(|patient| Sighting { patient: patient.id.clone(), at: now.at }).collect()
    }

    /// The site's policy.
    pub fn policy(&self) -> &Policy {
        &self.site.policy
    }

    /// Another kiosk saw a wristband (P6).
    pub fn seen_elsewhere(&mut self, sighting: Sighting) {
        self.chart.sightings.push(sighting);
        self.heard = true;
    }

    /// How the camera stands.
    pub const fn camera(&mut self, state: CameraState) {
        self.surroundings.camera = state;
    }

    /// What a technician asks for, to be brought up to date.
    pub const fn technical(&mut self) -> &mut Technical {
        &mut self.surroundings.technical
    }

    /// Whether there is a sound card. One that comes back is as loud as it was before.
    pub const fn sound_works(&mut self, works: bool) {
        self.surroundings.technical.sound.card = works;
    }

    /// What a person did on the screen.
    pub fn act(&mut self, act: Act, now: Moment) -> Vec<Output> {
        // What stands on the screen may be another thing than a moment ago, with nothing done meanwhile: the minute turned, orders came.
        self.note_question(now);
        if self.comes_too_soon(&act, now) {
            return self.handle(Event::Touched, now);
        }
        match act {
            Act::Key(key) => {
                let keys = self.keys();
                self.desk.typed.push(key, keys);
            }
            Act::Erase => self.desk.typed.erase(),
            Act::Reason(at) => self.desk.reason = Some(at),
            Act::Contact(at) => self.desk.contact = Some(at),
            Act::Note(note) => self.desk.write_note(&note),
            Act::Night => {
                let world = world(&self.site, &self.chart, now);
                self.desk.night = Some(!view::is_night(&self.desk, &self.surroundings, &world));
            }
            Act::Outcome(at) => self.choose_outcome(at),
            Act::Row(at) => return self.open_row(at, now),
            Act::Enter => return self.enter(now),
            Act::Option(at) => return self.option(at, now),
            Act::Send => return self.send(now),
            Act::Action(at) => return self.action(at, now),
            Act::Extra => self.extra(),
            Act::Call => return self.call(now),
            Act::Earlier => return self.earlier(now),
            Act::NoMore => return self.handle(Event::NoMore, now),
            Act::Confirm => return self.handle(Event::Confirm, now),
            Act::PutBack => return self.handle(Event::PutBack, now),
            Act::Continue => return self.handle(Event::Continue, now),
            Act::SignOff => return self.handle(Event::SignOff, now),
            Act::Cancel if self.desk.close() => {
                let mut outputs = self.forget_notice(now);
                outputs.extend(self.handle(Event::Touched, now));
                return outputs;
            }
            Act::Cancel => return self.handle(Event::Cancel, now),
        }
        // The session knows nothing of half-entered input, but it must know that somebody is there.
        self.handle(Event::Touched, now)
    }

    fn handle(&mut self, event: Event, now: Moment) -> Vec<Output> {
        let world = world(&self.site, &self.chart, now);
        let effects = self.bedside.handle(event, &world);
        self.desk.follow(&self.bedside);
        self.follow_person();
        self.follow_night(now);
        self.note_question(now);
        for effect in &effects {
            if let Effect::Record(entry) = effect
                && let Some(done) = entry.detached().and_then(|detached| detached.record.clone())
            {
                self.awaited.insert(entry.key(), done);
            }
        }
        let mut outputs = Vec::new();
        for effect in effects {
            match effect {
                Effect::Record(entry) => outputs.push(Output::Record(Box::new(entry))),
                Effect::Sound(tone) => outputs.push(Output::Sound(tone)),
                // The screen asks by itself: it shows the PIN pad.
                Effect::AskPin(_) => {}
                Effect::Claim(claim) if self.site.alone => {
                    outputs.extend(self.handle(Event::Claimed(claim.entry, Grant::Alone), now));
                }
                Effect::Claim(claim) => outputs.push(Output::Claim(claim)),
                Effect::Release(entry) => outputs.push(Output::Release(entry)),
            }
        }
        outputs
    }

    /// A palette that was chosen by hand lasts until the clock says the same.
    fn follow_night(&mut self, now: Moment) {
        let world = world(&self.site, &self.chart, now);
        if self.desk.night == Some(view::night_by_clock(&self.surroundings, &world)) {
            self.desk.night = None;
        }
    }
}

const fn world<'a>(site: &'a Site, chart: &'a Chart, now: Moment) -> World<'a> {
    World { now, zone: &site.zone, ward: &site.ward, policy: &site.policy, formulary: &site.formulary, chart }
}
