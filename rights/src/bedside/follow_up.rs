//! Charting what follows a dose: corrections, effects, patches taken off, the course of an infusion. No package is scanned; the
//! patient must be identified.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cmp::Ordering;

use jiff::Timestamp;

use super::assemble::{add_related_allergies, patient_now};
use super::dose::note_is_long_enough;
use super::phase::{Identified, Notice, Phase, Session};
use super::pump::{bag_product, pump_permits, recalled_bag, runs_as_ordered};
use super::{Bedside, Effect, Tone, World, record};
use crate::case::Answer;
use crate::chart::Chart;
use crate::conflict::{self, Open};
use crate::course;
use crate::decide::{allergies, clock_stops, decide_patient, too_old};
use crate::entered::MOST_PAIN;
use crate::entry::{Actor, Detached, EntryKind, IdempotencyKey};
use crate::follow_up::{Act, Conflict, FollowUp, InfusionStep};
use crate::history::{Administration, Record};
use crate::ident::{PatientId, ReasonCode};
use crate::person::Role;
use crate::policy::{OTHER, ReasonList};
use crate::product::RecallClass;
use crate::request::{Request, RequestStatus};
use crate::steps::Steps;
use crate::verdict::{Check, Class, Finding};
use crate::witness::{Blind, SecondPerson, WitnessRule};

/// What a nurse charts about a dose that was given.
#[derive(Clone, PartialEq, Eq)]
pub struct Charted {
    /// The entry of the dose.
    pub of: IdempotencyKey,
    /// What was done.
    pub act: Act,
    /// Why, from the list of [`reason_list`].
    pub reason: Option<ReasonCode>,
    /// In the nurse's words; "other" needs it.
    pub note: Option<String>,
}

/// Without the nurse's words.
impl core::fmt::Debug for Charted {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Charted({}, {:?}, ..)", self.act.entry_kind().name(), self.reason)
    }
}

/// The list from which the reason for an act is chosen; `None` for one that needs none.
pub const fn reason_list(act: &Act) -> Option<ReasonList> {
    match act {
        Act::EnteredInError => Some(ReasonList::Correction),
        Act::EffectNoted { .. } => Some(ReasonList::Effect),
        Act::PatchRemoved => Some(ReasonList::PatchRemoved),
        Act::ConflictAnswered(_) => Some(ReasonList::Conflict),
        Act::Infusion(InfusionStep::Resumed | InfusionStep::Completed) | Act::Conflict(_) => None,
        Act::Infusion(
            InfusionStep::RateChanged(_)
            | InfusionStep::Paused
            | InfusionStep::Stopped
            | InfusionStep::Bolus(_),
        ) => Some(ReasonList::Infusion),
    }
}

impl Bedside {
    pub(super) fn chart_follow_up(&mut self, charted: &Charted, world: &World<'_>) -> Vec<Effect> {
        match self.follow_up(charted, world) {
            // W3: another rate or a bolus of such a product is not one person's alone.
            Ok((done, _)) if needs_witness(&done, world) => {
                let mut effects = self.void_pending("charted-something-else", world);
                effects.extend(self.ask_infusion_witness(charted.clone()));
                effects
            }
            Ok((done, name)) => {
                let mut effects = self.void_pending("charted-something-else", world);
                effects.extend(self.save(draft(&done), Record::FollowUp(done), name, world));
                effects
            }
            Err(notice) => self.refuse_charting(notice),
        }
    }

    /// W3: what the witness typed without seeing it is compared by the machine. What differs is recorded with both values, and
    /// nothing is charted.
    pub(super) fn infusion_witnessed(
        &mut self,
        charted: &Charted,
        who: &SecondPerson,
        typed: &Blind,
        world: &World<'_>,
    ) -> Vec<Effect> {
        let same = match (&charted.act, typed) {
            (Act::Infusion(InfusionStep::RateChanged(rate)), Blind::Rate(typed)) => {
                rate.compare(typed).is_some_and(Ordering::is_eq)
            }
            (Act::Infusion(InfusionStep::Bolus(amount)), Blind::Amount(typed)) => {
                amount.compare(typed).is_some_and(Ordering::is_eq)
            }
            // A value of another kind than was asked for: it is still asked for.
            (_, Blind::Rate(_) | Blind::Amount(_) | Blind::BirthDate(_)) => return Vec::new(),
        };
        self.leave_second(None);
        match self.follow_up(charted, world) {
            Ok((done, name)) if same => {
                let done = FollowUp { witness: Some(who.id.clone()), ..done };
                self.save(draft(&done), Record::FollowUp(done), name, world)
            }
            Ok((done, _)) => {
                let mut draft = draft(&done);
                draft.kind = EntryKind::Witness;
                draft.clear.class = Some(Class::Hard);
                draft.clear.findings = alloc::vec![(Check::W3, Class::Hard)];
                draft.actor = Some(Actor { clinician: who.id.clone(), role: who.role });
                if let Some(detached) = &mut draft.detached {
                    let note = Some(both_values(&charted.act, typed));
                    detached.record = None;
                    detached.answers =
                        alloc::vec![Answer { check: Check::W3, reason: None, note, contact: None }];
                }
                let mut effects: Vec<Effect> = self.record(draft, world).into_iter().collect();
                effects.extend(self.refuse_charting(Notice::WitnessReadsAnother));
                effects
            }
            Err(notice) => self.refuse_charting(notice),
        }
    }

    /// Says why something is not charted, where the nurse stands.
    pub(super) fn refuse_charting(&mut self, notice: Notice) -> Vec<Effect> {
        if self.session.is_none() {
            return Vec::new();
        }
        match &mut self.phase {
            Phase::Dose(dose) => dose.notice = Some(notice),
            Phase::DueList { .. } | Phase::Identify { .. } | Phase::Done(_) => {
                self.phase = self.home(Some(notice));
            }
            _ => return Vec::new(),
        }
        alloc::vec![Effect::Sound(Tone::Stop)]
    }

    /// Somebody is signed on, a patient's band is fresh, the clock can be trusted, and nothing else is going on.
    pub(super) fn may_chart(&self, world: &World<'_>) -> Result<(&Session, &Identified), Notice> {
        let in_place = matches!(self.phase, Phase::Dose(_) | Phase::DueList { .. } | Phase::Done(_));
        let (Some(session), Some(identified), true) = (&self.session, self.patient(), in_place) else {
            return Err(Notice::CannotChart);
        };
        // T10: with a wrong clock nothing is recorded but on paper.
        if clock_stops(&world.now, world.policy) {
            return Err(Notice::RecordOnPaper);
        }
        let lasts = crate::decide::identification_lasts(&identified.case, world.policy);
        if too_old(world.now.at, identified.case.scanned_at, lasts, world.policy) {
            return Err(Notice::BandAgain);
        }
        // P7: until it is told which of two patients this is, nothing is charted for either.
        if identified.verdict.findings().iter().any(|found| found.class == Class::Choice) {
            return Err(Notice::CannotChart);
        }
        Ok((session, identified))
    }

    /// What was done about a conflict can be said where the ward's list is, once nobody can stand at the patient's bed any more. It needs no
    /// wristband, as a waste needs none.
    fn may_answer(&self, world: &World<'_>) -> Result<&Session, Notice> {
        let in_place = matches!(self.phase, Phase::Identify { .. } | Phase::DueList { .. } | Phase::Done(_));
        let session = self.session.as_ref().filter(|_| in_place).ok_or(Notice::CannotChart)?;
        if clock_stops(&world.now, world.policy) { Err(Notice::RecordOnPaper) } else { Ok(session) }
    }

    fn follow_up(&self, charted: &Charted, world: &World<'_>) -> Result<(FollowUp, String), Notice> {
        let given = world.chart.administration(&charted.of).ok_or(Notice::CannotChart)?;
        let patient = world.chart.current(&given.patient);
        let without_band = matches!(charted.act, Act::ConflictAnswered(_))
            && conflict::patient_is_gone(&given.patient, world.chart);
        let session = if without_band {
            self.may_answer(world)?
        } else {
            let (session, identified) = self.may_chart(world)?;
            if world.chart.current(&identified.id) != patient {
                return Err(Notice::CannotChart);
            }
            session
        };
        if world.now.at < given.at {
            return Err(Notice::CannotChart);
        }
        let steps = Steps::of_patient(world.chart, patient, world.zone);
        let request = world.chart.request(steps.of(given));
        let followed: Vec<&FollowUp> = world.chart.follow_ups_of(&charted.of).collect();
        match &charted.act {
            Act::EnteredInError => may_correct(session, given, world)?,
            Act::EffectNoted { pain } => {
                let open = given.effect_due.is_some() && course::effect_noted(given, followed).is_none();
                if !open || pain.is_some_and(|pain| pain > MOST_PAIN) {
                    return Err(Notice::CannotChart);
                }
            }
            Act::PatchRemoved => {
                if !given.applied_patch() || course::patch_removed(given, followed).is_some() {
                    return Err(Notice::CannotChart);
                }
            }
            Act::Infusion(step) => {
                let identified = self.patient().ok_or(Notice::CannotChart)?;
                may_step((session, identified), given, request, step, world)?;
            }
            Act::ConflictAnswered(conflict) => {
                let asks = |open: &Open<'_>| conflict::is_same(open.given, open.conflict, given, conflict);
                if !conflict::open(world.chart, world.now.at).iter().any(asks) {
                    return Err(Notice::CannotChart);
                }
            }
            // The kiosk finds these itself.
            Act::Conflict(_) => return Err(Notice::CannotChart),
        }
        reason_is_complete(charted, world)?;
        let name = request.map(|request| request.drug.name.clone());
        let name = name.or_else(|| package_name(given, world)).unwrap_or_default();
        let entry = session.next_key();
        let done = FollowUp {
            patient: patient.clone(),
            request: given.request.clone(),
            of: charted.of,
            act: charted.act.clone(),
            at: world.now.at,
            by: Some(session.clinician.id.clone()),
            reason: charted.reason.clone(),
            note: charted.note.clone(),
            witness: None,
            entry,
        };
        Ok((done, name))
    }

    /// What this kiosk gave, by its entries, is compared with what the ward knows by now.
    pub(super) fn reconnected(&mut self, given: &[IdempotencyKey], world: &World<'_>) -> Vec<Effect> {
        let mut effects = Vec::new();
        let mut at_this_bed = false;
        for entry in given {
            let Some(dose) = world.chart.administration(entry) else { continue };
            for conflict in conflict::found(dose, world.chart, world.policy, world.zone) {
                if !is_known(world.chart, entry, &conflict) {
                    let patient = self.patient().map(|identified| &identified.id);
                    at_this_bed |= patient.is_some_and(|id| *id == dose.patient);
                    effects.push(self.record_conflict(dose, *entry, conflict, world));
                }
            }
        }
        // On any other screen the tone would be taken for what is shown there.
        if at_this_bed && matches!(self.phase, Phase::DueList { .. }) {
            effects.push(Effect::Sound(Tone::Stop));
        }
        effects
    }

    fn record_conflict(
        &mut self,
        given: &Administration,
        of: IdempotencyKey,
        conflict: Conflict,
        world: &World<'_>,
    ) -> Effect {
        let entry = self.key_without_session(world);
        let done = FollowUp {
            patient: given.patient.clone(),
            request: given.request.clone(),
            of,
            act: Act::Conflict(conflict),
            at: world.now.at,
            by: None,
            reason: None,
            note: None,
            witness: None,
            entry,
        };
        let record::Draft { kind, clear, detached, .. } = draft(&done);
        Effect::Record(crate::entry::Entry::new(kind, entry, world.now, None, clear, detached))
    }

    /// Nothing more is done under a record that was merged into another one (A40): what is in hand is void.
    pub(super) fn leave_merged_patient(&mut self, world: &World<'_>) -> Vec<Effect> {
        let merged = |id: &PatientId| world.chart.current(id) != id;
        let busy = matches!(self.phase, Phase::Claiming(_) | Phase::Saving(_) | Phase::NotRecorded { .. });
        let Some(identified) = self.patient().filter(|identified| merged(&identified.id) && !busy) else {
            return Vec::new();
        };
        let case = super::assemble::patient_case(identified.case.scan.clone(), &identified.seen.by, world);
        let verdict = crate::decide::decide_patient(&case);
        self.leave_second(None);
        let mut effects = self.void_pending("patient-merged", world);
        if let Some(session) = &mut self.session {
            session.patient = None;
        }
        self.phase = Phase::Identify { stop: Some(verdict), notice: None };
        effects.push(Effect::Sound(Tone::Stop));
        effects
    }
}

/// Of an order that is gone from the feed too, what was given is known by its package.
fn package_name(given: &Administration, world: &World<'_>) -> Option<String> {
    let package = given.packages.first()?;
    Some(world.formulary.product(&package.product)?.display_name().into())
}

fn is_known(chart: &Chart, of: &IdempotencyKey, conflict: &Conflict) -> bool {
    chart
        .follow_ups_of(of)
        .any(|done| matches!(&done.act, Act::Conflict(known) if conflict::is_alike(known, conflict)))
}

/// The giver for a while, then a charge nurse.
fn may_correct(session: &Session, dose: &Administration, world: &World<'_>) -> Result<(), Notice> {
    let charted: Timestamp = dose.backdated.unwrap_or(dose.at);
    let own = dose.by == session.clinician.id
        && world.now.at.duration_since(charted) <= world.policy.correct_within;
    if own || session.clinician.role == Role::ChargeNurse { Ok(()) } else { Err(Notice::MayNotCorrect) }
}

fn may_step(
    who: (&Session, &Identified),
    start: &Administration,
    request: Option<&Request>,
    step: &InfusionStep,
    world: &World<'_>,
) -> Result<(), Notice> {
    let stands = course::infusion(start, &world.chart.history, &world.chart.follow_ups);
    let Some(stands) = stands.filter(|infusion| infusion.state.allows(step)) else {
        return Err(Notice::CannotChart);
    };
    let in_force = request.filter(|request| {
        request.status == RequestStatus::Active && request.stop.is_none_or(|stop| world.now.at < stop)
    });
    match step {
        // An infusion can be paused and ended whatever became of its request.
        InfusionStep::Paused | InfusionStep::Stopped | InfusionStep::Completed => Ok(()),
        InfusionStep::Resumed => {
            let request = in_force.ok_or(Notice::CannotChart)?;
            // It would go on at the rate it had.
            if !runs_as_ordered(start, &stands.rate, request, world) {
                return Err(Notice::RateNotOrdered);
            }
            may_flow(who, start, request, world)
        }
        InfusionStep::RateChanged(rate) => {
            let order = in_force.and_then(|request| request.rate).ok_or(Notice::RateNotOrdered)?;
            let permitted = order.permits(rate) == Some(true) || pump_permits(&order, rate, start, world);
            let request = in_force.filter(|_| permitted).ok_or(Notice::RateNotOrdered)?;
            may_flow(who, start, request, world)
        }
        InfusionStep::Bolus(quantity) => {
            let most = in_force.and_then(|request| request.bolus).ok_or(Notice::BolusNotOrdered)?;
            let within =
                quantity.amount.is_positive() && quantity.compare(&most).is_some_and(Ordering::is_le);
            let request = in_force.filter(|_| within).ok_or(Notice::BolusNotOrdered)?;
            may_flow(who, start, request, world)?;
            // S2: on orders as old as this nothing is given.
            let unusable = world.policy.orders_unusable;
            let old =
                world.chart.orders_as_of.is_some_and(|as_of| world.now.at.duration_since(as_of) > unusable);
            if old { Err(Notice::MustNotBeGiven) } else { Ok(()) }
        }
    }
}

/// What flows again, flows otherwise or is given at once is given now: what stops a dose of it stops this too, whatever screen it was
/// charted on (clinical.md, section 2, rule 6).
fn may_flow(
    (session, identified): (&Session, &Identified),
    start: &Administration,
    request: &Request,
    world: &World<'_>,
) -> Result<(), Notice> {
    let stops = |findings: &[Finding]| findings.iter().any(|found| found.class >= Class::HardBreakGlass);
    let mut case = patient_now(identified, world);
    let who = decide_patient(&case);
    let product = bag_product(start, world);
    // P8, O2: only an emergency lifts these.
    let attested = product.is_none_or(|product| {
        let typed = product.controlled.is_some() && case.typed.is_some();
        typed || (product.high_alert && request.verified.is_none())
    });
    let attested = attested && session.break_glass_at(world).is_none();
    let allergic = product.is_none_or(|product| {
        case.candidates.iter_mut().any(|patient| {
            add_related_allergies(patient, &[product], world);
            stops(&allergies(patient, product, request, None))
        })
    });
    // M6: of a lot that was recalled since it was hung nothing more flows.
    let recalled = recalled_bag(start, world).is_some_and(|(_, class)| class <= RecallClass::Two);
    let forbidden = request.conditions.do_not_give.is_some();
    if stops(who.findings()) || allergic || attested || recalled || forbidden {
        return Err(Notice::MustNotBeGiven);
    }
    Ok(())
}

/// W1: whether the product of the infusion asks for a witness, and the step for one.
fn needs_witness(done: &FollowUp, world: &World<'_>) -> bool {
    let stepped = matches!(done.act, Act::Infusion(InfusionStep::RateChanged(_) | InfusionStep::Bolus(_)));
    let rule = || {
        let start = world.chart.administration(&done.of)?;
        Some(bag_product(start, world)?.marks.witness)
    };
    stepped && rule().is_none_or(|rule| rule == WitnessRule::Required)
}

/// For the entry, not for a screen: the value that was charted and the one that the witness typed.
fn both_values(act: &Act, typed: &Blind) -> String {
    let typed = match typed {
        Blind::Rate(rate) => rate.to_string(),
        Blind::Amount(amount) => amount.to_string(),
        Blind::BirthDate(_) => String::new(),
    };
    let charted = match act {
        Act::Infusion(InfusionStep::RateChanged(rate)) => rate.to_string(),
        Act::Infusion(InfusionStep::Bolus(amount)) => amount.to_string(),
        Act::Infusion(
            InfusionStep::Paused | InfusionStep::Resumed | InfusionStep::Stopped | InfusionStep::Completed,
        )
        | Act::EnteredInError
        | Act::EffectNoted { .. }
        | Act::PatchRemoved
        | Act::Conflict(_)
        | Act::ConflictAnswered(_) => String::new(),
    };
    alloc::format!("charted {charted}, witness {typed}")
}

fn reason_is_complete(charted: &Charted, world: &World<'_>) -> Result<(), Notice> {
    let Some(list) = reason_list(&charted.act) else { return Ok(()) };
    let Some(reason) = &charted.reason else { return Err(Notice::AnswerIncomplete) };
    let listed = world.policy.reasons(list).contains(reason);
    let noted = reason.as_str() != OTHER
        || note_is_long_enough(charted.note.as_ref(), world.policy.other_note_characters);
    if listed && noted { Ok(()) } else { Err(Notice::AnswerIncomplete) }
}

fn draft(done: &FollowUp) -> record::Draft {
    let mut draft = record::plain(done.act.entry_kind(), None);
    draft.clear.reason.clone_from(&done.reason);
    draft.detached = Some(Detached {
        patient: Some(done.patient.clone()),
        inputs: None,
        record: Some(Record::FollowUp(done.clone())),
        answers: Vec::new(),
        scanned: None,
    });
    draft
}
