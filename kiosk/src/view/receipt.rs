//! What the ledger has recorded, and what could not be recorded, in a few words.

use ledger::receipt::Receipt as LedgerReceipt;
use rights::bedside::{Done, DoseInHand, Saving, Step, World};
use rights::custody::{Disposal, Disposed};
use rights::entry::Recorded;
use rights::follow_up::{Act, Conflict, FollowUp, InfusionStep};
use rights::history::{Administration, Record};
use rights::ident::PatientId;
use rights::phrase::{Words, thousands};
use rights::quantity::Quantity;

use super::{capital, due};
use crate::labels::{self, fill};
use crate::model::Receipt;

pub(super) fn panel(done: &Done, receipt: &LedgerReceipt, world: &World<'_>, words: &Words<'_>) -> Receipt {
    let Recorded { sequence, .. } = receipt.recorded();
    Receipt {
        title: title(&done.record, words),
        what: summary(&done.name, &done.record, words),
        entry: fill(labels::of(words.language).receipt.entry, &[&thousands(sequence)]),
        remains: match &done.record {
            Record::Administration(administration) => remains(administration, world, words),
            _ => String::new(),
        },
        given: match &done.record {
            Record::Administration(administration) => administration.outcome.entered_patient(),
            Record::Disposed(_) => true,
            _ => false,
        },
    }
}

fn title(record: &Record, words: &Words<'_>) -> String {
    let say = &labels::of(words.language).receipt;
    match record {
        Record::Administration(done) => {
            format!("{} {}", capital(words.outcome(done.outcome)), words.time(done.at))
        }
        Record::FollowUp(done) => format!("{} {}", act(done, words), words.time(done.at)),
        Record::Disposed(done) => match done.how {
            Disposal::Wasted => fill(say.wasted, &[&words.time(done.at)]),
            Disposal::Returned => fill(say.returned, &[&words.time(done.at)]),
        },
        Record::OrderLinked(done) => fill(say.linked, &[&words.time(done.at)]),
        // These are recorded beside something else and have no screen of their own.
        Record::SetAside(_) | Record::Reprint(_) | Record::Observed(_) | Record::Review(_) => {
            say.recorded.into()
        }
    }
}

fn act(done: &FollowUp, words: &Words<'_>) -> String {
    let say = &labels::of(words.language).receipt;
    match &done.act {
        Act::EnteredInError => say.in_error.into(),
        Act::EffectNoted { pain: Some(pain) } => fill(say.effect_pain, &[&pain.to_string()]),
        Act::EffectNoted { pain: None } => say.effect.into(),
        Act::PatchRemoved => say.patch_off.into(),
        Act::Infusion(step) => match step {
            InfusionStep::RateChanged(rate) => fill(say.rate_changed, &[&words.rate(rate)]),
            InfusionStep::Paused => say.paused.into(),
            InfusionStep::Resumed => say.resumed.into(),
            InfusionStep::Bolus(amount) => fill(say.bolus, &[&words.quantity(amount)]),
            InfusionStep::Stopped => say.stopped.into(),
            InfusionStep::Completed => say.complete.into(),
        },
        Act::Conflict(Conflict::StoppedBefore(at)) => fill(say.order_was_stopped, &[&words.time(*at)]),
        Act::Conflict(Conflict::AlsoGiven(at, _)) => fill(say.also_given, &[&words.time(*at)]),
        Act::ConflictAnswered(_) => say.conflict_answered.into(),
    }
}

/// `metoprolol tartrate, dose 50 mg, by mouth`, or with the reason why it was not given.
fn summary(name: &str, record: &Record, words: &Words<'_>) -> String {
    let mut parts = vec![name.to_owned()];
    match record {
        Record::Administration(done) => parts.extend(administration(done, words)),
        Record::FollowUp(done) => parts.extend(done.reason.as_ref().map(|reason| words.reason(reason))),
        Record::Disposed(Disposed { amount, reason, .. }) => {
            parts.push(words.quantity(amount));
            parts.extend(reason.as_ref().map(|reason| words.reason(reason)));
        }
        Record::OrderLinked(_)
        | Record::SetAside(_)
        | Record::Reprint(_)
        | Record::Observed(_)
        | Record::Review(_) => {}
    }
    parts.join(", ")
}

/// The same with its own patient, whoever's band was scanned last: it is copied from the screen into a chart.
pub(super) fn on_paper(pending: &Saving, world: &World<'_>, words: &Words<'_>) -> String {
    of_patient(summary(&pending.name, &pending.record, words), pending.record.patient(), world, words)
}

/// A dose that was in hand when the ledger failed: whether the patient has taken it only the nurse knows.
pub(super) fn perhaps_on_paper(dose: &DoseInHand, world: &World<'_>, words: &Words<'_>) -> String {
    let say = &labels::of(words.language).prompt;
    let (Some(product), [patient, ..]) = (dose.case.product(), dose.case.patient.candidates.as_slice())
    else {
        return say.cannot_write.into();
    };
    let amount = dose.verdict.plan().map(|plan| match (dose.step(), &plan.dose) {
        (Step::Ready | Step::Questions(_) | Step::Witness, Some(amount)) => words.quantity(amount),
        // What is in hand is not yet what is given.
        _ => due::dose(&plan.ordered, words),
    });
    let name = product.display_name().to_owned();
    let what = std::iter::once(name).chain(amount).collect::<Vec<_>>().join(" · ");
    fill(say.in_hand, &[&of_patient(what, &patient.id, world, words)])
}

fn of_patient(what: String, patient: &PatientId, world: &World<'_>, words: &Words<'_>) -> String {
    let Some(patient) = world.chart.patient(world.chart.current(patient)) else { return what };
    let mrn = fill(labels::of(words.language).frame.mrn, &[&patient.mrn.to_string()]);
    [what.as_str(), &patient.name.to_string(), &mrn].join(" · ")
}

fn administration(done: &Administration, words: &Words<'_>) -> Vec<String> {
    let say = &labels::of(words.language).receipt;
    let mut parts = Vec::new();
    // Which of several doses was not given must be told; a given one says its amount.
    let not_given = done.slot.filter(|_| !done.outcome.entered_patient());
    parts.extend(not_given.map(|due| fill(say.due, &[&words.time(due)])));
    parts.extend(done.dose.as_ref().map(|dose| fill(say.dose, &[&words.quantity(dose)])));
    parts.extend(done.rate.as_ref().map(|rate| words.rate(rate)));
    parts.extend(done.route.map(|route| words.route(route).to_owned()));
    parts.extend(done.site.as_ref().map(|site| words.site(site)));
    parts.extend(done.reason.as_ref().map(|reason| words.reason(reason)));
    parts
}

/// What is left of opened packages, and what is to be done about it and until when.
fn remains(done: &Administration, world: &World<'_>, words: &Words<'_>) -> String {
    let say = &labels::of(words.language).receipt;
    let sum = |controlled: bool| {
        done.packages
            .iter()
            .filter(|package| package.controlled.is_some() == controlled)
            .map(|package| package.left)
            .filter(|left| !left.amount.is_zero())
            .reduce(|a: Quantity, b| a.plus(&b).unwrap_or(a))
    };
    let mut parts = Vec::new();
    if let (Some(left), Ok(by)) = (sum(true), done.at.checked_add(world.policy.waste_within)) {
        let (left, by) = (words.quantity(&left), words.time(by));
        parts.push(fill(say.controlled_left, &[&left, &by]));
    }
    if let Some(left) = sum(false) {
        let left = words.quantity(&left);
        parts.push(fill(say.left, &[&left]));
    }
    if let Some(due) = done.effect_due {
        parts.push(fill(say.note_effect, &[&words.time(due)]));
    }
    if let Some(due) = done.order_link_due {
        parts.push(fill(say.link_by, &[&words.time(due)]));
    }
    parts.join(" ")
}
