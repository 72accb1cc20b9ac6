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
mod follow_up;
mod keyed;
mod phase;
mod record;
mod second;
mod sign_on;
mod waste;

use alloc::string::String;
use alloc::vec::Vec;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

pub use charting::NotGiven;
pub use dose::{DoseInHand, Step};
pub use follow_up::{Charted, reason_list};
pub use keyed::{TypedBand, TypedPackage};
pub use phase::{Claiming, Done, Identified, Notice, Phase, Saving, Session};
pub use second::{Purpose, Second, Stage};
pub use waste::Waste;

use crate::case::{Answer, Choice, Taken};
use crate::chart::Chart;
use crate::claims::{Claim, Grant, Refusal};
use crate::custody::CustodyId;
use crate::decide::decide_patient;
use crate::entered::Entered;
use crate::entry::{Entry, EntryKind, IdempotencyKey, Inputs, Recorded};
use crate::history::Record;
use crate::ident::{ClinicianId, ReasonCode, RequestId, WardId};
use crate::moment::Moment;
use crate::policy::Policy;
use crate::product::{Formulary, Route};
use crate::quantity::Quantity;
use crate::scan::{Meaning, Scan};
use crate::verdict::Class;
use crate::witness::Blind;

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
    pub policy: &'a Policy,
    /// The drug file.
    pub formulary: &'a Formulary,
    /// Patients, requests, history.
    pub chart: &'a Chart,
}

/// How long the ledger may take to answer before the nurse is told to chart on paper. A durable append takes milliseconds.
const LEDGER_ANSWERS_WITHIN: SignedDuration = SignedDuration::from_secs(10);

/// What can happen at the bedside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A steady, interpreted read.
    Scanned(Scan),
    /// The shell has checked the PIN that was typed.
    PinChecked {
        /// What it came to.
        outcome: PinOutcome,
        /// Random, for the session or the refused attempt.
        session: [u8; 16],
    },
    /// One request and scheduled dose is chosen (O7).
    Choose(Choice),
    /// How much of a package is to be given, by its place in hand.
    Take(usize, Taken),
    /// Nothing more will be scanned for this dose (D3).
    NoMore,
    /// A question is answered.
    Answer(Answer),
    /// A value that a check needs was typed or declared.
    Enter(Entered),
    /// Call a second person to check the dose in hand (W1).
    CallWitness,
    /// What the second person typed, without seeing the first one's numbers.
    EnterBlind(Blind),
    /// "The patient has taken it".
    Confirm,
    /// A scheduled dose is charted as held, refused or not given.
    ChartNotGiven(NotGiven),
    /// What followed a dose is charted: its correction, its effect, the patch taken off, the course of an infusion.
    Chart(Charted),
    /// The ward's hub, or the shell of a kiosk that is alone, lets this kiosk have the dose of a claim.
    Claimed(IdempotencyKey, Grant),
    /// Another kiosk has it.
    ClaimRefused(IdempotencyKey, Refusal),
    /// The kiosk reaches the ward again and the chart holds what the ward knows: the entries of the doses that this kiosk gave
    /// meanwhile ([`Grant::Offline`]).
    Reconnected(Vec<IdempotencyKey>),
    /// The wristband cannot be scanned: who it is was typed (P8).
    BandTyped(TypedBand),
    /// The package cannot be scanned: its NDC and lot were typed (M9), by the nurse or by the witness.
    PackageTyped(TypedPackage),
    /// An emergency: break-glass is asked for (S4). The second clinician is asked next.
    BreakGlass {
        /// Why, from the site's list.
        reason: ReasonCode,
        /// In the nurse's words; "other" needs it.
        note: Option<String>,
    },
    /// The emergency is over.
    EndBreakGlass,
    /// In break-glass mode: what was ordered by word of mouth, for the product in hand.
    VerbalOrder {
        /// How much.
        dose: Quantity,
        /// By which route.
        route: Route,
    },
    /// The order that was written afterwards for a dose of this patient that was given without one.
    LinkOrder {
        /// The request under which it was given.
        given_under: RequestId,
        /// When.
        given_at: Timestamp,
        /// The order.
        request: RequestId,
    },
    /// Something that is in custody is wasted (W4). The witness is asked next.
    Waste(Waste),
    /// A whole package that is in custody is returned.
    Return(CustodyId),
    /// Put the package that was scanned last aside.
    PutBack,
    /// Leave the dose, the patient, the PIN entry or the second person's screen.
    Cancel,
    /// Seen: go on after a receipt or a notice.
    Continue,
    /// End the session.
    SignOff,
    /// The ledger has it, durably.
    Recorded(Recorded),
    /// The ledger could not record it.
    NotRecorded(IdempotencyKey),
    /// The screen was touched without any of the above: somebody is there.
    Touched,
    /// Time passes; at least once a second.
    Tick,
}

/// What checking a PIN came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinOutcome {
    /// It is the right one.
    Accepted,
    /// It is not.
    Refused,
    /// Too many were not; nobody can sign on with this badge for a while.
    LockedOut,
}

/// What the shell must do, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Append to the ledger; answer with [`Event::Recorded`] or [`Event::NotRecorded`].
    Record(Entry),
    /// Ask for the PIN of this clinician; answer with [`Event::PinChecked`].
    AskPin(ClinicianId),
    /// Ask the ward's hub for this dose; answer with [`Event::Claimed`] or [`Event::ClaimRefused`]. A kiosk that is the only one
    /// answers [`Grant::Alone`] at once; one that cannot reach the hub [`Grant::Offline`].
    Claim(Claim),
    /// Tell the hub that the dose of this claim is not given after all.
    Release(IdempotencyKey),
    /// Sound.
    Sound(Tone),
}

/// A sound. The scanner itself makes none: a beep would be taken for "right".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// All is well.
    Pass,
    /// Something is asked.
    Question,
    /// Stop. Cannot be muted.
    Stop,
    /// Recorded.
    Recorded,
}

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
        );
        if from_a_person && let Some(session) = &mut self.session {
            session.active_at = world.now.at;
        }
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
            Event::NotRecorded(key) => self.not_recorded(key),
            Event::Touched => Vec::new(),
            Event::Tick => self.tick(world),
        }
    }

    fn scanned(&mut self, scan: Scan, world: &World<'_>) -> Vec<Effect> {
        match (&self.phase, &scan.meaning) {
            // While a dose is being written nothing else may begin; the code can be scanned again afterwards.
            (Phase::Claiming(_) | Phase::Saving(_) | Phase::NotRecorded { .. }, _) => Vec::new(),
            (Phase::Done(_), _) if self.session.is_none() => Vec::new(),
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

    /// A wristband, or what should have been one. Session rule 3: it closes the patient before, unless it is the same one.
    fn identify(&mut self, scan: Scan, world: &World<'_>) -> Vec<Effect> {
        let Some(session) = &self.session else { return Vec::new() };
        let nurse = session.clinician.id.clone();
        let mut case = assemble::patient_case(scan, &nurse, world);
        // What was entered to tell who the patient is holds while it is the same one.
        if let (Some(identified), [candidate]) = (&session.patient, case.candidates.as_slice())
            && identified.id == candidate.id
        {
            case.entered.clone_from(&identified.case.entered);
        }
        let verdict = decide_patient(&case);
        let same = match (self.patient(), case.candidates.as_slice()) {
            (Some(identified), [candidate]) => {
                identified.id == candidate.id && verdict.class() < Class::HardBreakGlass
            }
            _ => false,
        };
        if same {
            return self.band_again(case, verdict, world);
        }
        let mut effects = self.void_pending("another-wristband", world);
        self.end_break_glass_of_another(case.candidates.first().map(|one| &one.id), world, &mut effects);
        let kind = if case.candidates.is_empty() { EntryKind::Unidentified } else { EntryKind::Verdict };
        let patient = match case.candidates.as_slice() {
            [one] => Some(one.id.clone()),
            _ => None,
        };
        let entry = record::verdict(
            kind,
            &verdict,
            patient.clone(),
            Inputs::Patient(case.clone(), world.now),
            &case.scan,
        );
        effects.extend(self.record(entry, world));
        let seen = case.candidates.first().map(|patient| assemble::review(patient, &nurse, world));
        let Some(session) = &mut self.session else { return effects };
        match (patient, seen) {
            (Some(id), Some(seen)) if verdict.class() < Class::HardBreakGlass => {
                let first_look = world.chart.review_of(&nurse, &id).is_none();
                session.patient = Some(Identified::new(id, case, verdict, Vec::new(), seen.clone()));
                self.phase = Phase::DueList { notice: None };
                if first_look {
                    effects.extend(self.record(record::done(EntryKind::View, Record::Review(seen)), world));
                }
                effects.push(Effect::Sound(Tone::Pass));
            }
            _ => {
                session.patient = None;
                self.phase = Phase::Identify { stop: Some(verdict), notice: None };
                effects.push(Effect::Sound(Tone::Stop));
            }
        }
        effects
    }

    /// The same patient's band again: it renews the identification and keeps what is in hand.
    fn band_again(
        &mut self,
        case: crate::case::PatientCase,
        verdict: crate::verdict::Verdict,
        world: &World<'_>,
    ) -> Vec<Effect> {
        let patient = self.patient().map(|identified| identified.id.clone());
        let inputs = Inputs::Patient(case.clone(), world.now);
        let entry = record::verdict(EntryKind::Verdict, &verdict, patient, inputs, &case.scan);
        let mut effects: Vec<Effect> = self.record(entry, world).into_iter().collect();
        if let Some(identified) = self.session.as_mut().and_then(|session| session.patient.as_mut()) {
            identified.case = case;
            identified.verdict = verdict;
        }
        match &self.phase {
            Phase::Dose(_) => effects.extend(self.change_dose(world, |_| {})),
            _ => self.phase = Phase::DueList { notice: None },
        }
        effects
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
            Phase::Done(_) | Phase::DueList { .. } => Phase::DueList { notice: None },
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
            (_, Phase::Saving(saving)) if waited_too_long(saving.since) => {
                let key = saving.key;
                self.not_recorded(key)
            }
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
            Phase::NotRecorded { pending: Some(saving) } if saving.key == recorded.key => {
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
    /// stays pending until the ledger says that it has it.
    fn not_recorded(&mut self, _key: IdempotencyKey) -> Vec<Effect> {
        let pending = match core::mem::replace(&mut self.phase, Phase::NotRecorded { pending: None }) {
            Phase::Saving(saving) => Some(saving),
            Phase::NotRecorded { pending } => pending,
            _ => None,
        };
        self.phase = Phase::NotRecorded { pending };
        alloc::vec![Effect::Sound(Tone::Stop)]
    }
}
