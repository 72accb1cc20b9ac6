//! Questions with coded reasons, for a dose in hand and for one that is not given.

use rights::bedside::{DoseInHand, Notice, World};
use rights::case::ContactRole;
use rights::history::Outcome;
use rights::ident::ReasonCode;
use rights::phrase::Words;
use rights::policy::{OTHER, ReasonList};
use rights::verdict::{Check, Class, Finding, Why};

use crate::desk::{Charting, Desk, NOT_GIVEN};
use crate::model::{NotGivenPanel, ReasonSheet};

use super::capital;
use crate::labels::{self, Labels, fill};

/// The question that a check asks about the dose in hand.
pub(super) fn sheet(
    dose: &DoseInHand,
    check: Check,
    desk: &Desk,
    world: &World<'_>,
    words: &Words<'_>,
) -> ReasonSheet {
    let Some(finding) = dose.verdict.questions().find(|finding| finding.check == check) else {
        return build(String::new(), &[], false, desk, world, words);
    };
    let text = words.finding(finding).title;
    let contact = finding.class == Class::SoftContact;
    let reasons = reasons_for(finding, world);
    let said = dose.notice.map(|notice| words.notice(notice));
    let text = match said {
        Some(phrase) if phrase.action.is_empty() => format!("{}. {text}", phrase.title),
        Some(phrase) => format!("{text}. {}", phrase.action),
        None if text.ends_with('?') || finding.class == Class::Acknowledge => text,
        None => fill(labels::of(words.language).dose.why_question, &[&text]),
    };
    build(text, reasons, contact, desk, world, words)
}

/// The codes a finding can be answered with; none for a mere acknowledgement.
pub(crate) fn reasons_for<'a>(finding: &Finding, world: &World<'a>) -> &'a [ReasonCode] {
    match &finding.why {
        Why::Variance(variance) if finding.class != Class::Acknowledge => {
            world.policy.reasons(variance.reason_list())
        }
        _ => &[],
    }
}

/// An outcome on its button: `Missing`, without what follows from it.
fn short(outcome: Outcome, words: &Words<'_>) -> String {
    let name = words.outcome(outcome);
    capital(name.split_once(',').map_or(name, |(first, _)| first))
}

/// A coded reason that belongs to no finding.
pub(super) fn of_list(
    text: &str,
    list: ReasonList,
    desk: &Desk,
    world: &World<'_>,
    words: &Words<'_>,
) -> ReasonSheet {
    build(text.to_owned(), world.policy.reasons(list), false, desk, world, words)
}

pub(super) fn not_given(
    charting: &Charting,
    desk: &Desk,
    world: &World<'_>,
    words: &Words<'_>,
    notice: Option<Notice>,
) -> NotGivenPanel {
    let reasons = world.policy.reasons(ReasonList::NotGiven);
    let text =
        notice.map_or_else(|| labels::of(words.language).ask.why.into(), |notice| words.notice(notice).title);
    let mut reason = build(text, reasons, false, desk, world, words);
    reason.complete &= charting.outcome.is_some();
    NotGivenPanel {
        title: charting.title.clone(),
        outcomes: NOT_GIVEN.iter().map(|outcome| short(*outcome, words)).collect(),
        outcome: NOT_GIVEN.iter().position(|outcome| Some(*outcome) == charting.outcome),
        reason,
        cancel: labels::of(words.language).button.back.into(),
    }
}

fn build(
    text: String,
    reasons: &[ReasonCode],
    contact: bool,
    desk: &Desk,
    world: &World<'_>,
    words: &Words<'_>,
) -> ReasonSheet {
    let say = labels::of(words.language);
    let chosen = desk.reason.filter(|at| *at < reasons.len());
    let other = chosen.and_then(|at| reasons.get(at)).is_some_and(|reason| reason.as_str() == OTHER);
    let note_needed = usize::from(world.policy.other_note_characters);
    let noted = !other || desk.note.trim().chars().count() >= note_needed;
    let acknowledgement = reasons.is_empty();
    ReasonSheet {
        text,
        reasons: reasons.iter().map(|reason| words.reason(reason)).collect(),
        chosen,
        contact: contact.then(|| say.ask.whom_called.into()),
        contacts: if contact {
            ContactRole::ALL.iter().map(|role| contact_name(*role, say).into()).collect()
        } else {
            Vec::new()
        },
        contacted: desk.contact.filter(|_| contact),
        note: other.then(|| desk.note.clone()),
        complete: acknowledgement || (chosen.is_some() && noted && (!contact || desk.contact.is_some())),
        send: if acknowledgement { say.button.have_read } else { say.button.record_reason }.into(),
    }
}

const fn contact_name(role: ContactRole, say: &Labels) -> &'static str {
    match role {
        ContactRole::Prescriber => say.ask.prescriber,
        ContactRole::Pharmacist => say.ask.pharmacist,
    }
}
