//! What the answers of an errand come to: one event of the session, which decides.

use rights::amount::Amount;
use rights::bedside::{Charted, Event, TypedBand, TypedPackage, Waste, reason_list};
use rights::case::Taken;
use rights::entered::{Entered, Observation};
use rights::follow_up::{Act as FollowUpAct, InfusionStep};
use rights::policy::ReasonList;
use rights::quantity::{Quantity, Unit};

use super::{Again, Answers, Errand, FollowUp, Outcome, What};

impl Errand {
    /// What it comes to, once everything is answered.
    pub fn finish(&self) -> Option<Outcome> {
        if self.question().is_some() {
            return None;
        }
        let answers = &self.answers;
        let reason = || answers.reason.clone();
        let event = match &self.what {
            What::Menu(all) => return Some(Outcome::Begin(all.get(answers.option?)?.clone())),
            What::Band => {
                let (reason, note) = reason()?;
                let (birth_date, mrn_end) = (answers.birth_date?, answers.mrn_end.clone()?);
                Event::BandTyped(TypedBand { reason, note, birth_date, mrn_end })
            }
            What::Package => Event::PackageTyped(TypedPackage {
                ndc: answers.ndc.clone()?,
                lot: answers.lot.clone()?,
                expiry: None,
            }),
            What::BreakGlass => {
                let (reason, note) = reason()?;
                Event::BreakGlass { reason, note }
            }
            What::VerbalOrder(_, routes) => {
                Event::VerbalOrder { dose: answers.amount?, route: *routes.get(answers.option?)? }
            }
            What::Link { given_under, given_at, orders } => Event::LinkOrder {
                given_under: given_under.clone(),
                given_at: *given_at,
                request: orders.get(answers.option?)?.0.clone(),
            },
            What::Route(routes) => Event::Enter(Entered::Route(*routes.get(answers.option?)?)),
            What::GivenAt => Event::Enter(Entered::GivenAt(answers.given_at?)),
            What::Again(Again::Value(what, _)) => Event::Enter(Entered::Observation(Observation {
                what: what.clone(),
                value: answers.amount?,
                at: answers.amount_at?,
            })),
            What::Again(Again::PumpRate(_)) => Event::Enter(Entered::PumpRate(answers.rate?)),
            What::Again(Again::Part(place)) => Event::Take(*place, Taken::Whole),
            What::Waste(of, _) => {
                let (reason, note) = reason()?;
                Event::Waste(Waste { of: of.clone(), amount: answers.amount?, reason, note })
            }
            What::FollowUp(of, follow_up) => {
                let (reason, note) = reason().map_or((None, None), |(reason, note)| (Some(reason), note));
                let act = follow_up.act(answers)?;
                Event::Chart(Charted { of: *of, act, reason, note })
            }
        };
        Some(Outcome::Event(Box::new(event)))
    }
}

impl FollowUp {
    /// The list of its reasons, as the session has it.
    pub(super) fn list(&self) -> Option<ReasonList> {
        let zero = Quantity::new(Amount::ZERO, Unit::Millilitre);
        let act = match self {
            Self::InError => FollowUpAct::EnteredInError,
            Self::Effect { .. } => FollowUpAct::EffectNoted { pain: None },
            Self::PatchRemoved => FollowUpAct::PatchRemoved,
            Self::RateChanged(like) => FollowUpAct::Infusion(InfusionStep::RateChanged(*like)),
            Self::Bolus(_) => FollowUpAct::Infusion(InfusionStep::Bolus(zero)),
            Self::Paused => FollowUpAct::Infusion(InfusionStep::Paused),
            Self::Resumed => FollowUpAct::Infusion(InfusionStep::Resumed),
            Self::Stopped => FollowUpAct::Infusion(InfusionStep::Stopped),
            Self::Completed => FollowUpAct::Infusion(InfusionStep::Completed),
            Self::Conflict(conflict) => FollowUpAct::ConflictAnswered(conflict.clone()),
        };
        reason_list(&act)
    }

    fn act(&self, answers: &Answers) -> Option<FollowUpAct> {
        Some(match self {
            Self::InError => FollowUpAct::EnteredInError,
            Self::Effect { .. } => FollowUpAct::EffectNoted { pain: answers.pain },
            Self::PatchRemoved => FollowUpAct::PatchRemoved,
            Self::RateChanged(_) => FollowUpAct::Infusion(InfusionStep::RateChanged(answers.rate?)),
            Self::Bolus(_) => FollowUpAct::Infusion(InfusionStep::Bolus(answers.amount?)),
            Self::Paused => FollowUpAct::Infusion(InfusionStep::Paused),
            Self::Resumed => FollowUpAct::Infusion(InfusionStep::Resumed),
            Self::Stopped => FollowUpAct::Infusion(InfusionStep::Stopped),
            Self::Completed => FollowUpAct::Infusion(InfusionStep::Completed),
            Self::Conflict(conflict) => FollowUpAct::ConflictAnswered(conflict.clone()),
        })
    }
}
