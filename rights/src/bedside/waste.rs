//! What ends the custody of a controlled substance: waste before a witness, and return of what is whole (W4).

use alloc::string::String;
use alloc::vec::Vec;

use super::phase::{Notice, Phase};
use super::{Bedside, Effect, Tone, World, record};
use crate::case::Answer;
use crate::custody::{
    CustodyId, Disposal, Disposed, InCustody, WasteCase, WasteWitness, as_content, in_custody,
};
use crate::decide::{clock_stops, decide_waste};
use crate::entry::{Actor, Clear, Detached, EntryKind, Inputs};
use crate::history::Record;
use crate::ident::ReasonCode;
use crate::policy::ReasonList;
use crate::quantity::Quantity;
use crate::verdict::{Check, Class};

/// What the nurse says is wasted.
#[derive(Clone, PartialEq, Eq)]
pub struct Waste {
    /// Of which package; see [`crate::custody::in_custody`].
    pub of: CustodyId,
    /// How much, as content of the package or as an amount of its ingredient.
    pub amount: Quantity,
    /// Why, from the site's list.
    pub reason: ReasonCode,
    /// In the nurse's words; "other" needs it.
    pub note: Option<String>,
}

/// Without the nurse's words and the amount, which the witness must not see.
impl core::fmt::Debug for Waste {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Waste({:?}, ..)", self.reason)
    }
}

impl Bedside {
    /// Whether something that is in custody can be disposed of now. It needs no wristband: waste is poured away elsewhere.
    fn may_dispose(&self, world: &World<'_>) -> Result<(), Notice> {
        let in_place = matches!(self.phase, Phase::Identify { .. } | Phase::DueList { .. } | Phase::Done(_));
        if self.session.is_none() || !in_place {
            return Err(Notice::CannotChart);
        }
        if clock_stops(&world.now, world.policy) { Err(Notice::RecordOnPaper) } else { Ok(()) }
    }

    /// W4: the witness is asked next.
    pub(super) fn waste(&mut self, waste: Waste, world: &World<'_>) -> Vec<Effect> {
        match self.waste_case(waste, world) {
            Ok((case, name)) => self.ask_waste_witness(case, name),
            Err(notice) => self.say(notice),
        }
    }

    fn waste_case(&self, waste: Waste, world: &World<'_>) -> Result<(WasteCase, String), Notice> {
        self.may_dispose(world)?;
        let session = self.session.as_ref().ok_or(Notice::CannotChart)?;
        let Waste { of, amount, reason, note } = waste;
        let answer =
            Answer { check: Check::W4, reason: Some(reason.clone()), note: note.clone(), contact: None };
        if !super::dose::is_complete(&answer, ReasonList::Waste, world.policy) {
            return Err(Notice::AnswerIncomplete);
        }
        let all = in_custody(world.chart, world.policy, world.now.at);
        let item = all.iter().find(|item| item.id == of).ok_or(Notice::CannotChart)?;
        let product = world.formulary.product(&item.package.product).ok_or(Notice::CannotChart)?;
        as_content(product, &amount)
            .filter(|content| content.amount.is_positive())
            .ok_or(Notice::AmountNotPossible)?;
        let name = product.display_name().into();
        let case = WasteCase {
            now: world.now,
            policy: world.policy.clone(),
            by: session.clinician.id.clone(),
            patient: item.patient.clone(),
            of,
            package: item.package.clone(),
            product: product.clone(),
            disposed: item.disposed,
            amount,
            reason,
            note,
            witness: None,
        };
        Ok((case, name))
    }

    /// The witness has typed the amount. Everything is looked up again: somebody else may have wasted it meanwhile.
    pub(super) fn waste_witnessed(
        &mut self,
        case: &WasteCase,
        name: String,
        world: &World<'_>,
    ) -> Vec<Effect> {
        let all = in_custody(world.chart, world.policy, world.now.at);
        let unchanged = all.iter().any(|item| item.id == case.of && item.disposed == case.disposed);
        self.leave_second(None);
        if !unchanged {
            return self.say(Notice::CannotChart);
        }
        let verdict = decide_waste(case);
        let mut clear = Clear::of(&verdict);
        clear.reason = Some(case.reason.clone());
        clear.product = Some(case.package.product.clone());
        clear.lot.clone_from(&case.package.lot);
        let detached = Detached {
            patient: Some(case.patient.clone()),
            inputs: Some(Inputs::Waste(case.clone().into())),
            record: None,
            answers: Vec::new(),
            scanned: None,
        };
        let mut draft =
            record::Draft { kind: EntryKind::Waste, clear, detached: Some(detached), actor: None };
        let (Some(WasteWitness { who, .. }), Some(amount)) =
            (&case.witness, as_content(&case.product, &case.amount))
        else {
            return self.say(Notice::CannotChart);
        };
        // Both amounts stand in the entry, and nothing is wasted on paper before both say the same.
        if verdict.class() >= Class::HardBreakGlass {
            draft.kind = EntryKind::Witness;
            draft.actor = Some(Actor { clinician: who.id.clone(), role: who.role });
            let mut effects: Vec<Effect> = self.record(draft, world).into_iter().collect();
            effects.extend(self.say(Notice::WitnessDiffers));
            return effects;
        }
        let done = Disposed {
            patient: case.patient.clone(),
            how: Disposal::Wasted,
            of: case.of.clone(),
            product: case.package.product.clone(),
            identity: case.package.identity.clone(),
            amount,
            reason: Some(case.reason.clone()),
            note: case.note.clone(),
            by: case.by.clone(),
            witness: Some(who.id.clone()),
            at: world.now.at,
        };
        self.save(draft, Record::Disposed(done), name, world)
    }

    /// What is whole goes back to the cabinet or the pharmacy.
    pub(super) fn return_package(&mut self, of: &CustodyId, world: &World<'_>) -> Vec<Effect> {
        if let Err(notice) = self.may_dispose(world) {
            return self.say(notice);
        }
        let Some(by) = self.session.as_ref().map(|session| session.clinician.id.clone()) else {
            return Vec::new();
        };
        let all = in_custody(world.chart, world.policy, world.now.at);
        let Some(item) = all.iter().find(|item| item.id == *of).filter(|item| item.is_whole()) else {
            return self.say(Notice::CannotChart);
        };
        let product = world.formulary.product(&item.package.product);
        let name = product.map_or_else(|| item.package.product.as_str().into(), |p| p.display_name().into());
        let done = returned(item, by, world);
        let mut draft = record::done(EntryKind::Returned, Record::Disposed(done.clone()));
        draft.clear.product = Some(done.product.clone());
        draft.clear.lot.clone_from(&item.package.lot);
        self.save(draft, Record::Disposed(done), name, world)
    }

    /// Something to say where the session stands.
    pub(super) fn say(&mut self, notice: Notice) -> Vec<Effect> {
        match &mut self.phase {
            Phase::Dose(dose) => dose.notice = Some(notice),
            Phase::DueList { notice: shown } | Phase::Identify { notice: shown, .. } => *shown = Some(notice),
            Phase::Done(_) if self.session.is_some() => self.phase = self.home(Some(notice)),
            Phase::Second(second) => second.notice = Some(notice),
            Phase::Locked { .. }
            | Phase::Pin { .. }
            | Phase::Claiming(_)
            | Phase::Saving(_)
            | Phase::Done(_)
            | Phase::NotRecorded { .. } => return Vec::new(),
        }
        alloc::vec![Effect::Sound(Tone::Stop)]
    }
}

fn returned(item: &InCustody<'_>, by: crate::ident::ClinicianId, world: &World<'_>) -> Disposed {
    Disposed {
        patient: item.patient.clone(),
        how: Disposal::Returned,
        of: item.id.clone(),
        product: item.package.product.clone(),
        identity: item.package.identity.clone(),
        amount: item.package.left,
        reason: None,
        note: None,
        by,
        witness: None,
        at: world.now.at,
    }
}
