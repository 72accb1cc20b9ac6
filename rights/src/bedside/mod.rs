//! The session at the bedside: a state machine without IO.
//!
//! One contract: give [`Bedside::handle`] an [`Event`] and the [`World`] as it is at that moment, then carry out every
//! [`Effect`] in order before the next event. Time, orders and randomness come in with the arguments; nothing is read.
//!
//! ```text
//! Locked --badge--> Pin --accepted--> Identify --wristband--> DueList --package--> Dose --confirm--> Saving --receipt--> Done
//! ```
//!
//! The commit evaluates everything again against the world of that moment. What differs is shown and asked again; nothing is
//! recorded as given that the nurse did not see.

mod assemble;
mod charting;
mod claim;
mod dose;
mod emergency;
mod enter;
mod event;
mod follow_up;
mod heard;
mod identify;
mod keyed;
mod phase;
mod pump;
mod record;
mod second;
mod sign_on;
mod waste;

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

pub(crate) use assemble::{first_meant, looks_back};
pub use charting::NotGiven;
pub use dose::{DoseInHand, Step};
pub use event::{Effect, Event, PinOutcome, Tone};
pub use follow_up::{Charted, reason_list};
pub use keyed::{TypedBand, TypedPackage};
pub use phase::{Claiming, Done, Identified, Notice, Phase, Saving, Session};
pub use pump::{recalled_bag, runs_as_ordered};
pub use second::{Purpose, Second, Stage};
pub use waste::Waste;

use crate::chart::Chart;
use crate::entry::{EntryKind, Recorded};
use crate::ident::WardId;
use crate::moment::Moment;
use crate::policy::Policy;
use crate::product::Formulary;
use crate::scan::{Meaning, Scan};

/// Everything the bedside may know at one moment. The shell reads it anew for each event.
#[derive(Clone, Copy, Debug)]
pub struct World<'a> {
    /// Now.
    pub now: Moment,
    /// The site's time zone.
    pub zone: &'a TimeZone,
    /// The ward of this kiosk.
    pub ward: &'a WardId,
    /// The site's policy.
    pub policy: &'a Arc<Policy>,
    /// The drug file.
    pub formulary: &'a Formulary,
    /// Patients, requests, history.
    pub chart: &'a Chart,
}

/// How long the ledger may take to answer before the nurse is told to chart on paper. A durable append takes milliseconds.
const LEDGER_ANSWERS_WITHIN: SignedDuration = SignedDuration::from_secs(10);

/// One kiosk's session.
#[derive(Debug)]
pub struct Bedside {
    session: Option<Session>,
    phase: Phase,
    /// Counts what was refused at the locked screen.
    refused_badges: u32,
}

impl Default for Bedside {
    fn default() -> Self {
        Self { session: None, phase: Phase::Locked { notice: None }, refused_badges: 0 }
    }
}

impl Bedside {
    /// A locked kiosk.
    pub fn new() -> Self {
        Self::default()
    }

    /// Where the session stands.
    pub const fn phase(&self) -> &Phase {
        &self.phase
    }

    /// The session, while somebody is signed on.
    pub const fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// The patient, once identified.
    pub fn patient(&self) -> Option<&Identified> {
        self.session.as_ref()?.patient.as_ref()
    }

    /// Takes one event and says what is to be done.
    #[must_use = "every effect must be carried out, in order"]
    pub fn handle(&mut self, event: Event, world: &World<'_>) -> Vec<Effect> {
        let from_a_person = !matches!(
            event,
            Event::Tick
                | Event::Recorded(_)
                | Event::NotRecorded(_)
                | Event::Claimed(..)
                | Event::ClaimRefused(..)
                | Event::Reconnected(_)
                | Event::Heard
        );
        if from_a_person && let Some(session) = &mut self.session {
            session.active_at = world.now.at;
        }
        let second_person = matches!(self.phase, Phase::Second(_));
        let mut effects = self.handled(event, world);
        if second_person {
            // What was heard while the second person had the screen.
            effects.extend(self.heard(world));
        }
        effects
    }

    fn handled(&mut self, event: Event, world: &World<'_>) -> Vec<Effect> {
        match event {
            Event::Scanned(scan) => self.scanned(scan, world),
            Event::PinChecked { outcome, session } => self.pin_checked(outcome, session, world),
            Event::Choose(choice) => self.choose(choice, world),
            Event::Take(place, taken) => self.change_dose(world, |dose| dose.take(place, taken)),
            Event::NoMore => self.change_dose(world, |dose| dose.answers.no_more = true),
            Event::Answer(answer) => self.answer(answer, world),
            Event::Enter(entered) => self.enter(entered, world),
            Event::CallWitness => self.call_witness(),
            Event::EnterBlind(entered) => self.second_entered(&entered, world),
            Event::Confirm => self.confirm(world),
            Event::ChartNotGiven(not_given) => self.chart_not_given(&not_given, world),
            Event::Chart(charted) => self.chart_follow_up(&charted, world),
            Event::Claimed(entry, grant) => self.claimed(entry, grant, world),
            Event::ClaimRefused(entry, refusal) => self.claim_refused(entry, refusal, world),
            Event::Reconnected(offline) => self.reconnected(&offline, world),
            Event::Heard => self.heard(world),
            Event::BandTyped(band) => self.band_typed(band, world),
            Event::PackageTyped(package) => self.package_typed(package, world),
            Event::BreakGlass { reason, note } => self.break_glass(reason, note, world),
            Event::EndBreakGlass => self.end_break_glass("break-glass-ended", world),
            Event::VerbalOrder { dose, route } => self.verbal_order(dose, route, world),
            Event::LinkOrder { given_under, given_at, request } => {
                self.link_order(&given_under, given_at, &request, world)
            }
            Event::Waste(waste) => self.waste(waste, world),
            Event::Return(of) => self.return_package(&of, world),
            Event::PutBack => self.put_back(world),
            Event::Cancel => self.cancel(world),
            Event::Continue => self.go_on(),
            Event::SignOff => self.sign_off("signed-off", world),
            Event::Recorded(recorded) => self.recorded(recorded),
            Event::NotRecorded(_) => self.not_recorded(world),
            Event::Touched => Vec::new(),
            Event::Tick => self.tick(world),
        }
    }

    /// Whether anything comes of this code where the session stands.
    pub fn takes(&self, scan: &Scan) -> bool {
        match &self.phase {
            // While a dose is being written nothing else may begin; the code can be scanned again afterwards.
            Phase::Claiming(_) | Phase::Saving(_) | Phase::NotRecorded { .. } => false,
            Phase::Done(_) => self.session.is_some(),
            Phase::Second(second) => {
                second.stage.takes_codes() || matches!(scan.meaning, Meaning::Wristband(_))
            }
            Phase::Locked { .. }
            | Phase::Pin { .. }
            | Phase::Identify { .. }
            | Phase::DueList { .. }
            | Phase::Dose(_) => true,
        }
    }

    fn scanned(&mut self, scan: Scan, world: &World<'_>) -> Vec<Effect> {
        if !self.takes(&scan) {
            return Vec::new();
        }
        match (&self.phase, &scan.meaning) {
            (Phase::Locked { .. } | Phase::Pin { .. }, _) => self.badge_scanned(&scan, world),
            (Phase::Second(_), Meaning::Wristband(_)) => {
                self.leave_second(None);
                self.identify(scan, world)
            }
            (Phase::Second(_), _) => self.second_scanned(&scan, world),
            (_, Meaning::Wristband(_)) => self.identify(scan, world),
            _ if self.patient().is_none() => self.identify(scan, world),
            _ => self.package_scanned(&scan, world),
        }
    }

    fn cancel(&mut self, world: &World<'_>) -> Vec<Effect> {
        match &self.phase {
            Phase::Pin { .. } => {
                self.phase = Phase::Locked { notice: None };
                Vec::new()
            }
            Phase::Second(_) => {
                self.leave_second(None);
                Vec::new()
            }
            Phase::Dose(_) => {
                let effects = self.void_pending("cancelled", world);
                self.phase = Phase::DueList { notice: None };
                effects
            }
            Phase::Done(_) if self.session.is_none() => self.go_on(),
            Phase::DueList { .. } | Phase::Done(_) => {
                if let Some(session) = &mut self.session {
                    session.patient = None;
                }
                self.phase = Phase::Identify { stop: None, notice: None };
                Vec::new()
            }
            Phase::Identify { .. } => {
                self.phase = Phase::Identify { stop: None, notice: None };
                Vec::new()
            }
            Phase::Locked { .. } | Phase::Claiming(_) | Phase::Saving(_) | Phase::NotRecorded { .. } => {
                Vec::new()
            }
        }
    }

    fn go_on(&mut self) -> Vec<Effect> {
        self.phase = match &self.phase {
            Phase::Done(_) if self.session.is_none() => Phase::Locked { notice: Some(Notice::RecordOnPaper) },
            Phase::Done(_) | Phase::DueList { .. } => self.home(None),
            Phase::Identify { .. } => Phase::Identify { stop: None, notice: None },
            Phase::Locked { .. } => Phase::Locked { notice: None },
            // What could not be recorded ends the session: nothing more is given with this kiosk by this sign-on.
            Phase::NotRecorded { .. } => {
                self.session = None;
                Phase::Locked { notice: Some(Notice::RecordOnPaper) }
            }
            Phase::Pin { .. } | Phase::Dose(_) | Phase::Second(_) | Phase::Claiming(_) | Phase::Saving(_) => {
                return Vec::new();
            }
        };
        Vec::new()
    }

    /// Where somebody stands who has nothing in hand: at the bed of the patient who is open, or before one.
    fn home(&self, notice: Option<Notice>) -> Phase {
        if self.patient().is_some() {
            Phase::DueList { notice }
        } else {
            Phase::Identify { stop: None, notice }
        }
    }

    fn sign_off(&mut self, reason: &str, world: &World<'_>) -> Vec<Effect> {
        // The red screen tells what to write on paper: it goes only when somebody says that it is written.
        let busy = matches!(self.phase, Phase::Claiming(_) | Phase::Saving(_) | Phase::NotRecorded { .. });
        if self.session.is_none() || busy {
            return Vec::new();
        }
        let mut effects = self.void_pending(reason, world);
        self.phase = Phase::Identify { stop: None, notice: None };
        effects.extend(self.end_break_glass("break-glass-signed-off", world));
        effects.extend(self.record(record::plain(EntryKind::SignOff, Some(reason)), world));
        self.session = None;
        self.phase = Phase::Locked { notice: None };
        effects
    }

    fn tick(&mut self, world: &World<'_>) -> Vec<Effect> {
        // A clock that was set back must not keep a session open for as long.
        let idle = |since: Timestamp| {
            let passed = world.now.at.duration_since(since);
            passed >= world.policy.idle_after || passed < -world.policy.clock_warns
        };
        let waited_too_long = |since: Timestamp| world.now.at.duration_since(since) >= LEDGER_ANSWERS_WITHIN;
        let left = self.leave_merged_patient(world);
        if !left.is_empty() {
            return left;
        }
        match (&self.session, &self.phase) {
            (_, Phase::Claiming(claiming)) => {
                let claim = claiming.claim.clone();
                self.claim_waits(&claim, world)
            }
            // A ledger that does not answer has not recorded. Its late answer is still heard.
            (_, Phase::Saving(saving)) if waited_too_long(saving.since) => self.not_recorded(world),
            // The red screen stays until somebody has seen it.
            (_, Phase::Saving(_) | Phase::NotRecorded { .. }) => Vec::new(),
            (Some(session), _) if idle(session.active_at) => self.sign_off("idle", world),
            (None, Phase::Pin { since, .. }) if idle(*since) => {
                self.phase = Phase::Locked { notice: None };
                Vec::new()
            }
            (Some(_), Phase::Second(_)) => self.second_tick(world),
            (Some(_), _) => self.tick_break_glass(world),
            (None, _) => Vec::new(),
        }
    }

    fn recorded(&mut self, recorded: Recorded) -> Vec<Effect> {
        let done = |saving: Saving| {
            let Saving { record, name, .. } = saving;
            Phase::Done(Done { record, name, recorded })
        };
        match core::mem::replace(&mut self.phase, Phase::Locked { notice: None }) {
            Phase::Saving(saving) if saving.key == recorded.key => self.phase = done(saving),
            // Another entry failed while this one was on its way. It is in the ledger, so it must not go on paper too; but
            // nothing more is given by this sign-on.
            Phase::NotRecorded { pending: Some(saving), .. } if saving.key == recorded.key => {
                self.session = None;
                self.phase = done(saving);
            }
            other => {
                self.phase = other;
                return Vec::new();
            }
        }
        alloc::vec![Effect::Sound(Tone::Recorded)]
    }

    /// S1: whatever could not be written, the nurse must know, and nothing goes on as if it had been. A dose that was on its way
    /// stays pending until the ledger says that it has it; one that the nurse confirmed and the ward was asked for goes on paper as well.
    fn not_recorded(&mut self, world: &World<'_>) -> Vec<Effect> {
        let (pending, in_hand) = match core::mem::replace(&mut self.phase, Phase::Locked { notice: None }) {
            Phase::Saving(saving) => (Some(saving), None),
            Phase::NotRecorded { pending, in_hand } => (pending, in_hand),
            // The patient has taken it: its claim is kept, so that another kiosk that asks is told of it as long as the claim lasts.
            Phase::Claiming(claiming) => (self.confirmed(&claiming, world), None),
            // What is stopped is given by nobody; anything else may have been taken before the nurse could say so.
            Phase::Dose(dose) if dose.step() != Step::Stopped => (None, Some(Box::new(dose))),
            Phase::Second(second) => (None, second.into_dose()),
            _ => (None, None),
        };
        self.phase = Phase::NotRecorded { pending, in_hand };
        alloc::vec![Effect::Sound(Tone::Stop)]
    }
}
