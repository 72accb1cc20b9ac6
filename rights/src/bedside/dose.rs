//! Building a dose, answering its questions, and the commit.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use jiff::Timestamp;

use super::phase::{Identified, Notice, Phase, Saving, Session};
use super::{Bedside, Effect, Tone, World, assemble, record};
use crate::amount::Amount;
use crate::case::{Answer, Answers, Choice, DoseCase, PackageInHand, Taken};
use crate::claims::{Claim, Grant};
use crate::custody::SetAside;
use crate::decide::{
    break_glass_until, choices, decide_dose, ingredients_in_hand, is_backdated, lot, package_identity,
};
use crate::entered::Wanted;
use crate::entry::{Actor, EntryKind, IdempotencyKey, Inputs};
use crate::history::{Administration, Outcome, Record, UsedPackage};
use crate::ident::Lot;
use crate::policy::{OTHER, Policy, ReasonList};
use crate::product::Route;
use crate::quantity::Quantity;
use crate::scan::{Meaning, Scan};
use crate::schedule::Timing;
use crate::verdict::{Check, Class, Finding, Plan, Variance, Verdict, Way, Why};

/// One scanned package, before anything is known about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) scan: Scan,
    pub(super) at: Timestamp,
    pub(super) taken: Taken,
}

/// How an evaluation is recorded.
pub(super) struct Recording {
    pub(super) kind: EntryKind,
    /// The code that it is about.
    pub(super) scan: Scan,
    /// Who acted, where it is not the giver.
    pub(super) actor: Option<Actor>,
}

/// Packages in hand, with the last evaluation.
#[derive(Clone, Debug)]
pub struct DoseInHand {
    pub(super) held: Vec<Held>,
    pub(super) answers: Answers,
    /// What was evaluated; shared with the entry that holds it.
    pub case: Arc<DoseCase>,
    /// What it came to.
    pub verdict: Verdict,
    /// Something changed between the scan and the confirmation; what is shown now is new.
    pub changed: bool,
    /// Something to say beside the verdict.
    pub notice: Option<Notice>,
}

/// What the nurse has to do next with the dose in hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Stop. Nothing can be given.
    Stopped,
    /// Choose a request and scheduled dose (O7).
    Choose,
    /// Declare how much of the last package is given: this much completes the dose (D4).
    Measure(Quantity),
    /// Scan the next package, or say that there is none (D3): so much of so much.
    ScanNext(Quantity, Quantity),
    /// Type or declare this value.
    Enter(Wanted),
    /// Break-glass: enter the spoken order for what is in hand (S4).
    VerbalOrder,
    /// Answer these checks.
    Questions(Vec<Check>),
    /// Call the witness: everything else is answered.
    Witness,
    /// All is well: confirm.
    Ready,
}

impl DoseInHand {
    pub(super) fn take(&mut self, place: usize, taken: Taken) {
        if let Some(held) = self.held.get_mut(place) {
            held.taken = taken;
        }
    }

    /// What comes next. Stops come before everything, then what is to be chosen, then what is to be answered.
    pub fn step(&self) -> Step {
        if self.verdict.stops().next().is_some() {
            return Step::Stopped;
        }
        let to_choose = |finding: &&Finding| finding.class == Class::Choice && !asks_for_witness(finding);
        if let Some(finding) = self.verdict.questions().find(to_choose) {
            let way = match &finding.why {
                Why::Variance(variance) => variance.way(),
                Why::Established(_) => None,
            };
            return match way {
                Some(Way::Choose) => Step::Choose,
                Some(Way::Measure(part)) => Step::Measure(part),
                Some(Way::ScanNext(total, ordered)) => Step::ScanNext(total, ordered),
                Some(Way::Enter(wanted)) => Step::Enter(wanted),
                Some(Way::VerbalOrder) => Step::VerbalOrder,
                Some(Way::CallWitness) => Step::Witness,
                // What asks for a choice and offers no way to make it must stop.
                None => Step::Stopped,
            };
        }
        let mut open: Vec<Check> = self
            .verdict
            .questions()
            .filter(|f| !asks_for_witness(f) && !self.is_answered(f))
            .map(|f| f.check)
            .collect();
        open.dedup();
        // Without a dose there is nothing to confirm, whatever break-glass makes of the questions.
        let dose_known = self.verdict.plan().is_some_and(|plan| plan.dose.is_some());
        if !open.is_empty() {
            Step::Questions(open)
        } else if !dose_known {
            Step::Stopped
        } else if self.lacks_witness() {
            Step::Witness
        } else {
            Step::Ready
        }
    }

    /// Whether a second person could check it now: what is in hand is a whole dose.
    pub fn can_be_witnessed(&self) -> bool {
        match self.step() {
            Step::Questions(_) | Step::Witness | Step::Ready => {
                self.verdict.plan().is_some_and(|plan| plan.dose.is_some())
            }
            Step::Stopped
            | Step::Choose
            | Step::Measure(_)
            | Step::ScanNext(..)
            | Step::Enter(_)
            | Step::VerbalOrder => false,
        }
    }

    /// Whether a rule or a variance asks for a witness, and nobody has been one.
    fn lacks_witness(&self) -> bool {
        let of_identity = self.case.patient.typed.as_ref().is_some_and(|typed| typed.witness.is_some());
        self.verdict.questions().any(|finding| {
            asks_for_witness(finding)
                || (finding.class == Class::SoftWitness
                    && self.case.answers.witness.is_none()
                    && !(finding.check == Check::P8 && of_identity))
        })
    }

    /// Whether a value lies where the order says to hold the dose (C2, C3): charting it as held is what the screen offers first.
    pub fn hold_is_suggested(&self) -> bool {
        let held = |finding: &&Finding| matches!(finding.why, Why::Variance(Variance::HoldParameter(..)));
        self.verdict.questions().any(|finding| held(&finding))
    }

    /// What can be chosen when several requests or scheduled doses match.
    pub fn choices(&self) -> Vec<Choice> {
        let Some(product) = self.case.product() else { return Vec::new() };
        choices(&self.case, product).into_iter().map(|(_, choice)| choice).collect()
    }

    /// The answer to a check, when there is one.
    pub fn answer_to(&self, check: Check) -> Option<&Answer> {
        self.case.answers.reasons.iter().rfind(|answer| answer.check == check)
    }

    /// A changed request is acknowledged by displaying its new version (O4); as long as that is asked, no answer has done it.
    fn is_answered(&self, finding: &Finding) -> bool {
        finding.check != Check::O4
            && self
                .answer_to(finding.check)
                .is_some_and(|answer| answers(answer, finding, &self.case.policy, self.case.now.at))
    }
}

/// W1: the witness comes after everything else, so that what they see is final.
const fn asks_for_witness(finding: &Finding) -> bool {
    matches!(finding.why, Why::Variance(Variance::WitnessRequired))
}

/// Whether an answer is complete for what was asked: a reason of the right list, a note where "other" needs one, a contact
/// that is not in the future.
fn answers(answer: &Answer, finding: &Finding, policy: &Policy, now: Timestamp) -> bool {
    let Why::Variance(variance) = &finding.why else { return true };
    if finding.class == Class::Acknowledge {
        return true;
    }
    let contacted = finding.class != Class::SoftContact
        || answer.contact.as_ref().is_some_and(|contact| contact.at <= now);
    is_complete(answer, variance.reason_list(), policy) && contacted
}

/// Whether an answer has a reason of this list, and a note where "other" needs one.
pub(super) fn is_complete(answer: &Answer, list: ReasonList, policy: &Policy) -> bool {
    answer.reason.as_ref().is_some_and(|reason| {
        policy.reasons(list).contains(reason)
            && (reason.as_str() != OTHER
                || note_is_long_enough(answer.note.as_ref(), policy.other_note_characters))
    })
}

pub(super) fn note_is_long_enough(note: Option<&String>, characters: u16) -> bool {
    note.is_some_and(|note| note.trim().chars().count() >= usize::from(characters))
}

/// An answer is to exactly what was asked: when a check now asks something else, its answer is void, and when it asks nothing
/// any more there is nothing to answer. What remains is the acknowledgement of a change and the reason of an as-needed dose.
pub(super) fn keep_answers(
    answers: &mut Answers,
    case: &mut DoseCase,
    identified: &Identified,
    before: Option<&Verdict>,
    now: &Verdict,
) {
    answers.reasons.retain(|answer| {
        let asks = now.asked_by(answer.check).next().is_some();
        let same = before.is_some_and(|before| before.asked_by(answer.check).eq(now.asked_by(answer.check)));
        if asks { same } else { matches!(answer.check, Check::O4 | Check::T6) }
    });
    case.answers.reasons = answers.reasons.iter().chain(&identified.answers).cloned().collect();
}

/// Answers to these checks hold for the patient, not only for one dose.
const fn holds_for_the_patient(check: Check) -> bool {
    matches!(check, Check::P5 | Check::P6 | Check::S2)
}

impl Bedside {
    /// Anything but a wristband, with a patient identified: a package, or what should have been one.
    pub(super) fn package_scanned(&mut self, scan: &Scan, world: &World<'_>) -> Vec<Effect> {
        let held = Held { scan: scan.clone(), at: world.now.at, taken: Taken::Whole };
        let (mut all, mut answers) = match &self.phase {
            Phase::Dose(dose) => (dose.held.clone(), dose.answers.clone()),
            _ => (Vec::new(), Answers::default()),
        };
        all.push(held);
        // "Nothing more" was said before this package; it is more.
        answers.no_more = false;
        let recording = Recording { kind: EntryKind::Verdict, scan: scan.clone(), actor: None };
        self.evaluate(all, answers, world, Some(recording))
    }

    /// The verdict on the screen.
    const fn shown(&self) -> Option<&Verdict> {
        match &self.phase {
            Phase::Dose(dose) => Some(&dose.verdict),
            _ => None,
        }
    }

    /// One of the choices that are offered (O7). Answers to questions about another dose are void.
    pub(super) fn choose(&mut self, choice: Choice, world: &World<'_>) -> Vec<Effect> {
        match &self.phase {
            Phase::Dose(dose) if dose.choices().contains(&choice) => self.change_dose(world, |dose| {
                if dose.answers.chosen.as_ref() != Some(&choice) {
                    dose.answers.reasons.clear();
                    dose.answers.entered.clear();
                    dose.answers.witness = None;
                }
                dose.answers.chosen = Some(choice);
            }),
            _ => Vec::new(),
        }
    }

    /// Changes the dose in hand and evaluates it again.
    pub(super) fn change_dose(
        &mut self,
        world: &World<'_>,
        change: impl FnOnce(&mut DoseInHand),
    ) -> Vec<Effect> {
        let Phase::Dose(dose) = &self.phase else { return Vec::new() };
        let mut dose = dose.clone();
        change(&mut dose);
        self.evaluate(dose.held, dose.answers, world, None)
    }

    /// Evaluates what is in hand. A new scan is recorded with its verdict and sounds.
    pub(super) fn evaluate(
        &mut self,
        held: Vec<Held>,
        mut answers: Answers,
        world: &World<'_>,
        recording: Option<Recording>,
    ) -> Vec<Effect> {
        let (Some(session), Some(identified)) = (&self.session, self.patient()) else { return Vec::new() };
        let patient = identified.id.clone();
        if let Phase::Dose(shown) = &self.phase
            && shown.held != held
        {
            // What was counted and witnessed was what was in hand before.
            answers.witness = None;
            answers.entered.retain(|value| value.wanted() != Wanted::CountInHand);
        }
        let mut case = assemble::dose_case(session, identified, &held, &answers, world);
        let verdict = decide_dose(&case);
        keep_answers(&mut answers, &mut case, identified, self.shown(), &verdict);
        // What was found first is what is meant from now on, so that a later change is seen as one.
        if answers.chosen.is_none() && verdict.class() < Class::HardBreakGlass {
            answers.chosen = verdict.plan().map(|plan| plan.choice.clone());
        }
        let dose = DoseInHand { held, answers, case: Arc::new(case), verdict, changed: false, notice: None };
        let tone = tone(&dose.step());
        let mut effects = Vec::new();
        if let Some(Recording { kind, scan, actor }) = recording {
            let inputs = Inputs::Dose(Arc::clone(&dose.case));
            let mut draft = record::verdict(kind, &dose.verdict, Some(patient), inputs, &scan);
            draft.actor = actor;
            effects.extend(self.record(draft, world));
            effects.push(Effect::Sound(tone));
        }
        self.phase = Phase::Dose(dose);
        effects
    }

    pub(super) fn answer(&mut self, answer: Answer, world: &World<'_>) -> Vec<Effect> {
        let Phase::Dose(dose) = &mut self.phase else { return Vec::new() };
        let Some(finding) = dose.verdict.questions().find(|finding| finding.check == answer.check) else {
            return Vec::new();
        };
        // Against this moment, not the one of the last evaluation: the call was made in between.
        if !answers(&answer, finding, world.policy, world.now.at) {
            dose.notice = Some(Notice::AnswerIncomplete);
            return Vec::new();
        }
        if matches!(answer.check, Check::P9 | Check::O9) {
            return self.acknowledge_news(&answer, world);
        }
        if holds_for_the_patient(answer.check) {
            if let Some(identified) = self.session.as_mut().and_then(|session| session.patient.as_mut()) {
                identified.answers.retain(|known| known.check != answer.check);
                identified.answers.push(answer);
            }
            return self.change_dose(world, |_| {});
        }
        self.change_dose(world, |dose| {
            if answer.check == Check::O4 {
                // The new version was seen: it is the displayed one now.
                if let (Some(chosen), Some(plan)) = (&mut dose.answers.chosen, dose.verdict.plan()) {
                    let current = dose.case.requests.iter().find(|r| r.request.id == plan.choice.request);
                    chosen.version = current.map_or(chosen.version, |r| r.request.version);
                }
            }
            dose.answers.reasons.retain(|known| known.check != answer.check);
            dose.answers.reasons.push(answer);
        })
    }

    /// The package scanned last is put aside, and that is recorded. What is left is evaluated again.
    pub(super) fn put_back(&mut self, world: &World<'_>) -> Vec<Effect> {
        let mut effects = self.void("put-back", true, world);
        let Phase::Dose(dose) = &self.phase else { return effects };
        let mut held = dose.held.clone();
        held.pop();
        if held.is_empty() {
            self.phase = Phase::DueList { notice: None };
            return effects;
        }
        let answers = dose.answers.clone();
        effects.extend(self.evaluate(held, answers, world, None));
        effects
    }

    /// Pending packages become void, and that is recorded.
    pub(super) fn void_pending(&mut self, reason: &str, world: &World<'_>) -> Vec<Effect> {
        self.void(reason, false, world)
    }

    fn void(&mut self, reason: &str, only_last: bool, world: &World<'_>) -> Vec<Effect> {
        self.leave_second(None);
        let Phase::Dose(dose) = &self.phase else { return Vec::new() };
        let from = if only_last { dose.case.packages.len().saturating_sub(1) } else { 0 };
        let mut draft = record::plain(EntryKind::Abandoned, Some(reason));
        draft.clear.product = dose.case.product().map(|product| product.id.clone());
        draft.clear.lot = lot_in_hand(&dose.case);
        draft.detached = Some(crate::entry::Detached {
            patient: self.patient().map(|identified| identified.id.clone()),
            inputs: Some(Inputs::Dose(Arc::clone(&dose.case))),
            record: self.set_aside(&dose.case, from, world).map(Record::SetAside),
            answers: dose.answers.reasons.clone(),
            scanned: dose.held.last().map(|held| held.scan.text.clone()),
        });
        self.record(draft, world).into_iter().collect()
    }

    /// The controlled packages among these stay in the nurse's custody.
    fn set_aside(&self, case: &DoseCase, from: usize, world: &World<'_>) -> Option<SetAside> {
        let controlled = |package: &&PackageInHand| {
            let of_nobody = package.used_at.is_none() && package.disposed.is_none();
            of_nobody && package.product().is_some_and(|product| product.controlled.is_some())
        };
        let packages: Vec<UsedPackage> =
            case.packages.iter().skip(from).filter(controlled).filter_map(untouched).collect();
        if packages.is_empty() {
            return None;
        }
        let session = self.session.as_ref()?;
        let patient = self.patient()?.id.clone();
        Some(SetAside { patient, packages, by: session.clinician.id.clone(), at: world.now.at })
    }

    /// "The patient has taken it": everything is evaluated again against the world of this moment.
    pub(super) fn confirm(&mut self, world: &World<'_>) -> Vec<Effect> {
        let (Phase::Dose(shown), Some(session), Some(identified)) =
            (&self.phase, &self.session, self.patient())
        else {
            return Vec::new();
        };
        if shown.step() != Step::Ready {
            return Vec::new();
        }
        let mut case = assemble::dose_case(session, identified, &shown.held, &shown.answers, world);
        let verdict = decide_dose(&case);
        let differs = !verdict.asks_the_same_as(&shown.verdict) || verdict.plan() != shown.verdict.plan();
        let (held, mut answers) = (shown.held.clone(), shown.answers.clone());
        keep_answers(&mut answers, &mut case, identified, Some(&shown.verdict), &verdict);
        let now_in_hand =
            DoseInHand { held, answers, case: Arc::new(case), verdict, changed: differs, notice: None };
        if differs || now_in_hand.step() != Step::Ready {
            return self.show_change(now_in_hand, world);
        }
        self.ask_for(now_in_hand, world)
    }

    /// Records the dose that was decided last, under the key of its claim.
    pub(super) fn commit(
        &mut self,
        dose: &DoseInHand,
        claim: &Claim,
        grant: Grant,
        world: &World<'_>,
    ) -> Vec<Effect> {
        let (Some(session), Some(scan)) = (&self.session, dose.held.last().map(|held| &held.scan)) else {
            return Vec::new();
        };
        let Some(mut administration) = administration(dose, session.clinician.id.clone(), world) else {
            // The decision computed the same amounts; if this one cannot, nothing was given and that is said.
            self.phase = Phase::Dose(DoseInHand { notice: Some(Notice::CannotChart), ..dose.clone() });
            return alloc::vec![Effect::Release(claim.entry), Effect::Sound(Tone::Stop)];
        };
        administration.grant = Some(grant);
        let kind =
            if administration.outcome == Outcome::Given { EntryKind::Given } else { EntryKind::Partial };
        let inputs = Inputs::Dose(Arc::clone(&dose.case));
        let mut draft =
            record::verdict(kind, &dose.verdict, Some(administration.patient.clone()), inputs, scan);
        if let Some(detached) = &mut draft.detached {
            detached.answers.clone_from(&dose.case.answers.reasons);
        }
        let name = dose.case.product().map(|product| product.display_name().into()).unwrap_or_default();
        self.save_under(claim.entry, draft, Record::Administration(administration), name, world)
    }

    /// Hands what was done to the ledger and waits for its answer. The draft has its patient data.
    pub(super) fn save(
        &mut self,
        draft: record::Draft,
        done: Record,
        name: String,
        world: &World<'_>,
    ) -> Vec<Effect> {
        let Some(key) = self.session.as_mut().map(Session::take_key) else { return Vec::new() };
        self.save_under(key, draft, done, name, world)
    }

    /// The same, under a key that was taken before.
    pub(super) fn save_under(
        &mut self,
        key: IdempotencyKey,
        mut draft: record::Draft,
        done: Record,
        name: String,
        world: &World<'_>,
    ) -> Vec<Effect> {
        let done = done.in_entry(key);
        if let Some(detached) = &mut draft.detached {
            detached.record = Some(done.clone());
        }
        let Some(Effect::Record(entry)) = self.record_under(key, draft, world) else { return Vec::new() };
        self.phase = Phase::Saving(Saving { key: entry.key(), since: world.now.at, record: done, name });
        alloc::vec![Effect::Record(entry)]
    }
}

pub(super) const fn tone(step: &Step) -> Tone {
    match step {
        Step::Stopped => Tone::Stop,
        Step::Choose
        | Step::Measure(_)
        | Step::ScanNext(..)
        | Step::Enter(_)
        | Step::VerbalOrder
        | Step::Questions(_)
        | Step::Witness => Tone::Question,
        Step::Ready => Tone::Pass,
    }
}

/// What was given, from the dose that the verdict passed.
fn administration(
    dose: &DoseInHand,
    by: crate::ident::ClinicianId,
    world: &World<'_>,
) -> Option<Administration> {
    let plan = dose.verdict.plan()?;
    let given = plan.dose?;
    let less = given.compare(plan.ordered.least())?.is_lt();
    let packages: Vec<UsedPackage> = dose.case.packages.iter().map(used).collect::<Option<_>>()?;
    Some(Administration {
        patient: dose.case.patient_id()?.clone(),
        request: plan.choice.request.clone(),
        version: plan.choice.version,
        slot: plan.choice.slot,
        outcome: if less { Outcome::Partial } else { Outcome::Given },
        at: dose.case.at(),
        by,
        dose: Some(given),
        ingredients: ingredients_in_hand(&dose.case)?,
        route: Some(plan.route),
        packages,
        reason: None,
        note: None,
        entry: None,
        backdated: is_backdated(&dose.case).then_some(world.now.at),
        effect_due: effect_due(dose, plan, world),
        rate: plan.rate,
        continues: plan.continues,
        grant: None,
        site: dose.case.answers.site().cloned(),
        pain_score: dose.case.answers.pain_score(),
        witness: dose.case.answers.witness.as_ref().map(|witness| witness.who.id.clone()),
        order_link_due: order_link_due(dose, world),
    })
}

/// S4: it was given in an emergency without an order in force, so one must be written.
fn order_link_due(dose: &DoseInHand, world: &World<'_>) -> Option<Timestamp> {
    break_glass_until(&dose.case)?;
    let without_order = dose.verdict.findings().iter().any(|finding| {
        matches!(finding.check, Check::O1 | Check::M7) && matches!(finding.why, Why::Variance(_))
    });
    let due = world.now.at.checked_add(world.policy.order_link_within).ok();
    due.filter(|_| without_order)
}

/// A package of which nothing was taken.
fn untouched(package: &PackageInHand) -> Option<UsedPackage> {
    let product = package.product()?;
    Some(UsedPackage {
        product: product.id.clone(),
        identity: package_identity(&package.scan),
        lot: lot_of(package).cloned(),
        taken: Quantity::new(Amount::ZERO, product.package.unit),
        left: product.package,
        controlled: product.controlled,
    })
}

/// When the effect of an as-needed dose is to be looked at.
fn effect_due(dose: &DoseInHand, plan: &Plan, world: &World<'_>) -> Option<Timestamp> {
    let chosen = dose.case.requests.iter().find(|r| r.request.id == plan.choice.request)?;
    let Timing::AsNeeded(_) = chosen.request.timing else { return None };
    let policy = world.policy;
    let after = match plan.route {
        Route::Intravenous => policy.effect_after_iv,
        Route::Intramuscular | Route::Subcutaneous => policy.effect_after_injection,
        Route::Oral
        | Route::Transdermal
        | Route::Rectal
        | Route::Inhaled
        | Route::Topical
        | Route::Ophthalmic
        | Route::Sublingual
        | Route::Nasogastric => policy.effect_after_oral,
    };
    dose.case.at().checked_add(after).ok()
}

fn used(package: &PackageInHand) -> Option<UsedPackage> {
    let product = package.product()?;
    let taken = package.content_taken()?;
    Some(UsedPackage {
        product: product.id.clone(),
        identity: package_identity(&package.scan),
        lot: lot_of(package).cloned(),
        taken,
        left: product.package.minus(&taken)?,
        controlled: product.controlled,
    })
}

fn lot_of(package: &PackageInHand) -> Option<&Lot> {
    use crate::case::PackageKnown;
    let code = match &package.scan.meaning {
        Meaning::Package(code) => Some(code),
        _ => None,
    };
    let dose = match &package.known {
        PackageKnown::Product { dose, .. } => dose.as_ref(),
        PackageKnown::Unknown | PackageKnown::Ambiguous => None,
    };
    lot(code, dose)
}

/// The lot of the package scanned last.
pub(super) fn lot_in_hand(case: &DoseCase) -> Option<Lot> {
    case.packages.last().and_then(lot_of).cloned()
}
