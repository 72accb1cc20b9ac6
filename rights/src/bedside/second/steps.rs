//! What the second person does, step by step, and what it comes to.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::super::dose::{DoseInHand, Recording};
use super::super::follow_up::Charted;
use super::super::phase::{Identified, Notice, Phase};
use super::super::{Bedside, Effect, PinOutcome, Tone, World, assemble, record};
use super::{Pending, Second, Stage};
use crate::case::{Answer, BreakGlass};
use crate::custody::{WasteCase, WasteWitness};
use crate::decide::{witness_is_too_late, witness_refusal};
use crate::entry::{Actor, EntryKind};
use crate::follow_up::{Act, InfusionStep};
use crate::person::Clinician;
use crate::product::Product;
use crate::scan::{Meaning, Scan};
use crate::verdict::{Check, Class, Variance};
use crate::witness::{Blind, SecondPerson, Witness};

impl Bedside {
    /// Asks for the witness of the dose in hand.
    pub(in crate::bedside) fn call_witness(&mut self) -> Vec<Effect> {
        match &self.phase {
            Phase::Dose(dose) if dose.can_be_witnessed() => {
                let pending = Pending::Dose(Box::new(dose.clone()));
                self.ask_second(pending)
            }
            _ => Vec::new(),
        }
    }

    /// P8: asks for the witness of a typed identification.
    pub(in crate::bedside) fn ask_identity_witness(&mut self, identified: Identified) -> Vec<Effect> {
        self.ask_second(Pending::Identity(Box::new(identified)))
    }

    /// W4: asks for the witness of a waste.
    pub(in crate::bedside) fn ask_waste_witness(&mut self, case: WasteCase, name: String) -> Vec<Effect> {
        self.ask_second(Pending::Waste(Box::new(case), name))
    }

    /// S4: asks for the second clinician.
    pub(in crate::bedside) fn ask_break_glass(&mut self, answer: Answer) -> Vec<Effect> {
        let back = Box::new(self.phase.clone());
        self.ask_second(Pending::BreakGlass(answer, back))
    }

    /// W3: asks for the witness of another rate or a bolus.
    pub(in crate::bedside) fn ask_infusion_witness(&mut self, charted: Charted) -> Vec<Effect> {
        self.ask_second(Pending::Infusion(Box::new(charted)))
    }

    fn ask_second(&mut self, pending: Pending) -> Vec<Effect> {
        self.phase = Phase::Second(Second::new(pending));
        alloc::vec![Effect::Sound(Tone::Question)]
    }

    /// The second person goes; what waited for them is as before.
    pub(in crate::bedside) fn leave_second(&mut self, notice: Option<Notice>) {
        let phase = core::mem::replace(&mut self.phase, Phase::Locked { notice: None });
        self.phase = match phase {
            Phase::Second(second) => match second.pending {
                Pending::Dose(dose) => Phase::Dose(DoseInHand { notice, ..*dose }),
                Pending::Waste(..) | Pending::Infusion(_) if self.patient().is_some() => {
                    Phase::DueList { notice }
                }
                Pending::Identity(_) | Pending::Waste(..) | Pending::Infusion(_) => {
                    Phase::Identify { stop: None, notice }
                }
                Pending::BreakGlass(_, back) => *back,
            },
            other => other,
        };
    }

    fn second(&mut self) -> Option<&mut Second> {
        match &mut self.phase {
            Phase::Second(second) => Some(second),
            _ => None,
        }
    }

    fn say_to_second(&mut self, notice: Notice) -> Vec<Effect> {
        if let Some(second) = self.second() {
            second.notice = Some(notice);
        }
        alloc::vec![Effect::Sound(Tone::Stop)]
    }

    /// A code while a second person is asked: their badge, or the package that they check.
    pub(in crate::bedside) fn second_scanned(&mut self, scan: &Scan, world: &World<'_>) -> Vec<Effect> {
        let Some(second) = self.second() else { return Vec::new() };
        match (second.stage.clone(), &scan.meaning) {
            (Stage::Badge | Stage::Pin { .. }, Meaning::Badge(badge)) => {
                match world.chart.clinician_of_badge(badge) {
                    Some(clinician) => self.second_badge(clinician, scan, world),
                    None => {
                        self.refuse_second(Notice::UnknownBadge, "unknown-badge", None, Some(scan), world)
                    }
                }
            }
            (Stage::Badge | Stage::Pin { .. }, _) => self.say_to_second(Notice::NotABadge),
            (Stage::Product(who), Meaning::Package(_) | Meaning::Dose(_)) => {
                match assemble::product_of(scan, world) {
                    Some(product) => self.second_product(who, product),
                    None => self.say_to_second(Notice::PackageNotKnown),
                }
            }
            (Stage::Product(_), _) => self.say_to_second(Notice::PackageNotKnown),
            // What is typed takes no code.
            _ => Vec::new(),
        }
    }

    /// W2: another person, licensed.
    fn second_badge(&mut self, clinician: &Clinician, scan: &Scan, world: &World<'_>) -> Vec<Effect> {
        let first = self.session.as_ref().map(|session| &session.clinician.id);
        if let Some(variance) = witness_refusal(first, &clinician.id, clinician.role) {
            let (notice, reason) = match variance {
                Variance::WitnessIsGiver => (Notice::WitnessIsGiver, "witness-self"),
                _ => (Notice::WitnessNotLicensed, "witness-role"),
            };
            let actor = Actor { clinician: clinician.id.clone(), role: clinician.role };
            return self.refuse_second(notice, reason, Some(actor), Some(scan), world);
        }
        let id = clinician.id.clone();
        if let Some(second) = self.second() {
            second.stage = Stage::Pin { clinician: clinician.clone(), refused: false };
            second.notice = None;
        }
        alloc::vec![Effect::AskPin(id)]
    }

    /// A refusal is evidence: whose badge it was, or what was no badge.
    fn refuse_second(
        &mut self,
        notice: Notice,
        reason: &str,
        actor: Option<Actor>,
        scan: Option<&Scan>,
        world: &World<'_>,
    ) -> Vec<Effect> {
        let mut draft = record::plain(EntryKind::SignOnRefused, Some(reason));
        draft.clear.class = Some(Class::Hard);
        draft.clear.findings = alloc::vec![(Check::W2, Class::Hard)];
        draft.clear.source = scan.map(|scan| scan.source);
        draft.clear.symbology = scan.and_then(|scan| scan.symbology);
        draft.actor = actor;
        let mut effects: Vec<Effect> = self.record(draft, world).into_iter().collect();
        if let Some(second) = self.second() {
            second.stage = Stage::Badge;
        }
        effects.extend(self.say_to_second(notice));
        effects
    }

    /// The second person's own PIN.
    pub(in crate::bedside) fn second_pin(&mut self, outcome: PinOutcome, world: &World<'_>) -> Vec<Effect> {
        let Some(second) = self.second() else { return Vec::new() };
        let Stage::Pin { clinician, .. } = second.stage.clone() else { return Vec::new() };
        let actor = || Some(Actor { clinician: clinician.id.clone(), role: clinician.role });
        match outcome {
            PinOutcome::Accepted => {
                let who = SecondPerson { id: clinician.id, role: clinician.role, signed_at: world.now.at };
                self.second_signed(who, world)
            }
            PinOutcome::LockedOut => {
                self.refuse_second(Notice::LockedOut, "locked-out", actor(), None, world)
            }
            PinOutcome::Refused => {
                let effects = self.refuse_second(Notice::WrongPin, "wrong-pin", actor(), None, world);
                if let Some(second) = self.second() {
                    second.stage = Stage::Pin { clinician, refused: true };
                }
                effects
            }
        }
    }

    fn second_signed(&mut self, who: SecondPerson, world: &World<'_>) -> Vec<Effect> {
        let Some(second) = self.second() else { return Vec::new() };
        second.notice = None;
        second.stage = match &second.pending {
            Pending::Dose(_) => Stage::Product(who),
            Pending::Identity(_) => Stage::BirthDate(who),
            Pending::Waste(case, _) => Stage::Wasted(who, case.product.package.unit),
            Pending::Infusion(charted) => match charted.act {
                Act::Infusion(InfusionStep::Bolus(amount)) => Stage::Bolus(who, amount.unit),
                Act::Infusion(
                    InfusionStep::RateChanged(_)
                    | InfusionStep::Paused
                    | InfusionStep::Resumed
                    | InfusionStep::Stopped
                    | InfusionStep::Completed,
                )
                | Act::EnteredInError
                | Act::EffectNoted { .. }
                | Act::PatchRemoved
                | Act::Conflict(_)
                | Act::ConflictAnswered(_) => Stage::NewRate(who),
            },
            Pending::BreakGlass(answer, _) => {
                let answer = answer.clone();
                return self.begin_break_glass(who, &answer, world);
            }
        };
        Vec::new()
    }

    fn second_product(&mut self, who: SecondPerson, product: &Product) -> Vec<Effect> {
        if let Some(second) = self.second() {
            second.notice = None;
            second.stage = Stage::Amount {
                who,
                product: product.id.clone(),
                name: product.display_name().into(),
                unit: product.package.unit,
            };
        }
        Vec::new()
    }

    /// What the second person typed. It is compared by the machine, and what it came to is recorded in their name.
    pub(in crate::bedside) fn second_entered(&mut self, entered: &Blind, world: &World<'_>) -> Vec<Effect> {
        let Phase::Second(second) = &self.phase else { return Vec::new() };
        if second.who().is_some_and(|who| witness_is_too_late(who, world.now.at, world.policy)) {
            return self.second_too_late(world);
        }
        match (&second.pending, second.stage.clone(), entered) {
            (Pending::Dose(pending), Stage::Amount { who, product, name, .. }, Blind::Amount(dose)) => {
                let dose = *dose;
                if pending.case.answers.pump_rate().is_some() {
                    if let Some(second) = self.second() {
                        second.stage = Stage::Rate { who, product, name, dose };
                    }
                    return Vec::new();
                }
                let pending = pending.as_ref().clone();
                let witness = Witness { who, product, name, dose, rate: None, at: world.now.at };
                self.dose_witnessed(pending, witness, world)
            }
            (Pending::Dose(pending), Stage::Rate { who, product, name, dose }, Blind::Rate(rate)) => {
                let pending = pending.as_ref().clone();
                let witness = Witness { who, product, name, dose, rate: Some(*rate), at: world.now.at };
                self.dose_witnessed(pending, witness, world)
            }
            (Pending::Waste(case, name), Stage::Wasted(who, _), Blind::Amount(amount)) => {
                let (mut case, name) = (case.as_ref().clone(), name.clone());
                case.witness = Some(WasteWitness { who, amount: *amount, at: world.now.at });
                case.now = world.now;
                self.waste_witnessed(&case, name, world)
            }
            (Pending::Infusion(charted), Stage::NewRate(who) | Stage::Bolus(who, _), typed) => {
                let charted = charted.as_ref().clone();
                self.infusion_witnessed(&charted, &who, typed, world)
            }
            (Pending::Identity(identified), Stage::BirthDate(who), Blind::BirthDate(date)) => {
                let mut identified = identified.as_ref().clone();
                if let Some(typed) = &mut identified.case.typed {
                    typed.witness = Some((who, *date));
                }
                self.identity_witnessed(identified, world)
            }
            _ => Vec::new(),
        }
    }

    /// The double check stands with the dose; whether it agrees, the decision says.
    fn dose_witnessed(&mut self, mut dose: DoseInHand, witness: Witness, world: &World<'_>) -> Vec<Effect> {
        let actor = Actor { clinician: witness.who.id.clone(), role: witness.who.role };
        let scan = dose.held.last().map(|held| held.scan.clone());
        dose.answers.witness = Some(witness);
        let (held, answers) = (dose.held.clone(), dose.answers.clone());
        self.phase = Phase::Dose(dose);
        let recording = scan.map(|scan| Recording { kind: EntryKind::Witness, scan, actor: Some(actor) });
        self.evaluate(held, answers, world, recording)
    }

    /// W2: the time since the PIN is over; whoever it was must sign again.
    fn second_too_late(&mut self, world: &World<'_>) -> Vec<Effect> {
        let Some(who) = self.second().and_then(|second| second.who().cloned()) else { return Vec::new() };
        let actor = Actor { clinician: who.id, role: who.role };
        self.refuse_second(Notice::WitnessTooLate, "witness-too-late", Some(actor), None, world)
    }

    /// Time passes while a second person is asked.
    pub(in crate::bedside) fn second_tick(&mut self, world: &World<'_>) -> Vec<Effect> {
        let Phase::Second(second) = &self.phase else { return Vec::new() };
        if second.who().is_some_and(|who| witness_is_too_late(who, world.now.at, world.policy)) {
            return self.second_too_late(world);
        }
        Vec::new()
    }

    fn begin_break_glass(&mut self, who: SecondPerson, answer: &Answer, world: &World<'_>) -> Vec<Effect> {
        let (Some(session), Some(reason)) = (&mut self.session, answer.reason.clone()) else {
            return Vec::new();
        };
        session.break_glass = Some(BreakGlass {
            since: world.now.at,
            by: session.clinician.id.clone(),
            second: who.id.clone(),
            reason,
        });
        let patient = session.patient.as_ref().map(|identified| identified.id.clone());
        session.break_glass_of.clone_from(&patient);
        let both = [Some(Actor { clinician: who.id, role: who.role }), None];
        let mut effects = Vec::new();
        for actor in both {
            effects.extend(self.record(record::break_glass(answer, patient.clone(), actor), world));
        }
        self.leave_second(None);
        effects.extend(self.change_dose(world, |_| {}));
        effects
    }
}
