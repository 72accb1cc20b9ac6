//! Building a dose and answering its questions.

mod answers;
mod commit;
mod one_package;
mod put_aside;

use alloc::sync::Arc;
use alloc::vec::Vec;

use jiff::Timestamp;

use answers::keep_answers;
pub(super) use answers::{is_complete, note_is_long_enough};
pub(super) use put_aside::lot_in_hand;

use super::phase::{Notice, Phase};
use super::{Bedside, Effect, Tone, World, assemble, record};
use crate::case::{Answer, Answers, Choice, DoseCase, Taken};
use crate::decide::{choices, decide_dose};
use crate::entered::Wanted;
use crate::entry::{Actor, EntryKind, Inputs};
use crate::quantity::Quantity;
use crate::scan::{Meaning, Scan};
use crate::verdict::{Check, Class, Finding, Variance, Verdict, Way, Why};

/// One scanned package, before anything is known about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) scan: Scan,
    pub(super) at: Timestamp,
    pub(super) taken: Taken,
    /// The maker's code of the package that a dose label sticks on, where it was read too.
    pub(super) beside: Option<Scan>,
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
    /// Declare how much of the last package is given: from so much to so much completes the dose (D4); both are one unless a range is
    /// ordered.
    Measure(Quantity, Quantity),
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

    /// Whether it is what was shown: the same questions, the same plan, and packages that are known for the same. A strength that the
    /// pharmacy corrected changes what is given, though the order says "one tablet" before and after.
    pub(super) fn is_as_shown(&self, shown: &Self) -> bool {
        self.verdict.asks_the_same_as(&shown.verdict)
            && self.verdict.plan() == shown.verdict.plan()
            && self.case.packages == shown.case.packages
    }

    /// Whether a package that was shown is known for something else in this case: the drug file was corrected meanwhile.
    fn is_known_otherwise(&self, case: &DoseCase) -> bool {
        let pairs = self.case.packages.iter().zip(&case.packages);
        pairs.into_iter().any(|(shown, now)| shown.scan == now.scan && shown.known != now.known)
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
                Some(Way::Measure(from, to)) => Step::Measure(from, to),
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
            | Step::Measure(..)
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

    /// Whether a second person would settle something: one is asked for or recommended, and nobody has been one.
    pub fn wants_witness(&self) -> bool {
        let recommends =
            |finding: &Finding| matches!(finding.why, Why::Variance(Variance::WitnessRecommended));
        self.lacks_witness()
            || (self.case.answers.witness.is_none() && self.verdict.questions().any(recommends))
    }

    /// Whether what is asked now is a value that lies where the order says to hold the dose (C2, C3): charting it as held is what the screen
    /// offers first.
    pub fn hold_is_suggested(&self) -> bool {
        let Step::Questions(open) = self.step() else { return false };
        self.verdict.questions().any(|finding| {
            open.first() == Some(&finding.check)
                && matches!(finding.why, Why::Variance(Variance::HoldParameter(..)))
        })
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
                .is_some_and(|answer| answers::answers(answer, finding, &self.case.policy, self.case.now.at))
    }
}

/// W1: the witness comes after everything else, so that what they see is final.
const fn asks_for_witness(finding: &Finding) -> bool {
    matches!(finding.why, Why::Variance(Variance::WitnessRequired))
}

impl Bedside {
    /// Anything but a wristband, with a patient identified: a package, or what should have been one.
    pub(super) fn package_scanned(&mut self, scan: &Scan, world: &World<'_>) -> Vec<Effect> {
        let mut held = Held { scan: scan.clone(), at: world.now.at, taken: Taken::Whole, beside: None };
        let (mut all, mut answers) = match &self.phase {
            Phase::Dose(dose) => (dose.held.clone(), dose.answers.clone()),
            _ => (Vec::new(), Answers::default()),
        };
        if let Some(place) = all.iter().position(|known| one_package::seen_together(known, &held, world)) {
            if matches!(scan.meaning, Meaning::Package(_)) {
                // The label is in hand already; what its package says besides is kept with it.
                all[place].beside = Some(held.scan);
                return self.joined(all, answers, world);
            }
            held.beside = Some(all.remove(place).scan);
        }
        all.push(held);
        // "Nothing more" was said before this package; it is more.
        answers.no_more = false;
        let recording = Recording { kind: EntryKind::Verdict, scan: scan.clone(), actor: None };
        self.evaluate(all, answers, world, Some(recording))
    }

    /// What is in hand is the same, and more is known of it. That is no change under the nurse's eyes; what changed beside it is.
    fn joined(&mut self, held: Vec<Held>, answers: Answers, world: &World<'_>) -> Vec<Effect> {
        let changed = match &self.phase {
            Phase::Dose(shown) => self.decided_again(shown, world).is_some_and(|now| now.changed),
            _ => false,
        };
        let effects = self.evaluate(held, answers, world, None);
        if let Phase::Dose(dose) = &mut self.phase {
            dose.changed = changed;
        }
        effects
    }

    /// M10: so many packages are in hand. Where that is fewer than codes were read, a label and the code of the package under it are one.
    pub(super) fn counted(&mut self, said: u16, world: &World<'_>) -> Vec<Effect> {
        let Phase::Dose(dose) = &self.phase else { return Vec::new() };
        let mut held = dose.held.clone();
        while held.len() > usize::from(said) && one_package::join_one(&mut held, world) {}
        if held.len() == dose.held.len() {
            return Vec::new();
        }
        let answers = dose.answers.clone();
        self.joined(held, answers, world)
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

    /// What is in hand as a case, and whether a package in it is known for something else than what was shown. A witness saw what was
    /// shown, so that what they checked is void then.
    fn case_in_hand(
        &self,
        held: &[Held],
        answers: &mut Answers,
        shown: Option<&DoseInHand>,
        world: &World<'_>,
    ) -> Option<(DoseCase, bool)> {
        let (session, identified) = (self.session.as_ref()?, self.patient()?);
        let case = assemble::dose_case(session, identified, held, answers, world);
        let otherwise = shown.is_some_and(|shown| shown.is_known_otherwise(&case));
        if otherwise && answers.witness.take().is_some() {
            return Some((assemble::dose_case(session, identified, held, answers, world), otherwise));
        }
        Some((case, otherwise))
    }

    /// A dose that was shown, decided again with the world of this moment.
    pub(super) fn decided_again(&self, shown: &DoseInHand, world: &World<'_>) -> Option<DoseInHand> {
        let (held, mut answers) = (shown.held.clone(), shown.answers.clone());
        let (mut case, _) = self.case_in_hand(&held, &mut answers, Some(shown), world)?;
        let verdict = decide_dose(&case);
        keep_answers(&mut answers, &mut case, self.patient()?, Some(&shown.verdict), &verdict);
        let mut now =
            DoseInHand { held, answers, case: Arc::new(case), verdict, changed: false, notice: None };
        now.changed = !now.is_as_shown(shown);
        Some(now)
    }

    /// Evaluates what is in hand. A new scan is recorded with its verdict and sounds.
    pub(super) fn evaluate(
        &mut self,
        held: Vec<Held>,
        mut answers: Answers,
        world: &World<'_>,
        recording: Option<Recording>,
    ) -> Vec<Effect> {
        let Some(identified) = self.patient() else { return Vec::new() };
        let patient = identified.id.clone();
        let shown = match &self.phase {
            Phase::Dose(shown) => Some(shown),
            _ => None,
        };
        if shown.is_some_and(|shown| shown.held != held) {
            // What was counted and witnessed was what was in hand before.
            answers.witness = None;
            answers.entered.retain(|value| value.wanted() != Wanted::CountInHand);
        }
        let in_hand = self.case_in_hand(&held, &mut answers, shown, world);
        let Some((mut case, changed)) = in_hand else { return Vec::new() };
        let verdict = decide_dose(&case);
        keep_answers(&mut answers, &mut case, identified, shown.map(|shown| &shown.verdict), &verdict);
        // What was found first is what is meant from now on, so that a later change is seen as one.
        if answers.chosen.is_none() && verdict.class() < Class::HardBreakGlass {
            answers.chosen = verdict.plan().map(|plan| plan.choice.clone());
        }
        let dose = DoseInHand { held, answers, case: Arc::new(case), verdict, changed, notice: None };
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
        if !answers::answers(&answer, finding, world.policy, world.now.at) {
            dose.notice = Some(Notice::AnswerIncomplete);
            return Vec::new();
        }
        if matches!(answer.check, Check::P9 | Check::O9) {
            return self.acknowledge_news(&answer, world);
        }
        if answers::holds_for_the_patient(answer.check) {
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
}

pub(super) const fn tone(step: &Step) -> Tone {
    match step {
        Step::Stopped => Tone::Stop,
        Step::Choose
        | Step::Measure(..)
        | Step::ScanNext(..)
        | Step::Enter(_)
        | Step::VerbalOrder
        | Step::Questions(_)
        | Step::Witness => Tone::Question,
        Step::Ready => Tone::Pass,
    }
}
