//! When an answer is complete, and how long it stands.

use alloc::string::String;

use jiff::Timestamp;

use super::super::phase::Identified;
use crate::case::{Answer, Answers, DoseCase};
use crate::policy::{OTHER, Policy, ReasonList};
use crate::verdict::{Check, Class, Finding, Verdict, Why};

/// Whether an answer is complete for what was asked: a reason of the right list, a note where "other" needs one, a contact
/// that is not in the future.
pub(super) fn answers(answer: &Answer, finding: &Finding, policy: &Policy, now: Timestamp) -> bool {
    let Why::Variance(variance) = &finding.why else { return true };
    if finding.class == Class::Acknowledge {
        return true;
    }
    let contacted = finding.class != Class::SoftContact
        || answer.contact.as_ref().is_some_and(|contact| contact.at <= now);
    is_complete(answer, variance.reason_list(), policy) && contacted
}

/// Whether an answer has a reason of this list, and a note where "other" needs one.
pub(in crate::bedside) fn is_complete(answer: &Answer, list: ReasonList, policy: &Policy) -> bool {
    answer.reason.as_ref().is_some_and(|reason| {
        policy.reasons(list).contains(reason)
            && (reason.as_str() != OTHER
                || note_is_long_enough(answer.note.as_ref(), policy.other_note_characters))
    })
}

pub(in crate::bedside) fn note_is_long_enough(note: Option<&String>, characters: u16) -> bool {
    note.is_some_and(|note| note.trim().chars().count() >= usize::from(characters))
}

/// An answer is to exactly what was asked: when a check now asks something else, its answer is void, and when it asks nothing
/// any more there is nothing to answer. What remains is the acknowledgement of a change and the reason of an as-needed dose.
pub(in crate::bedside) fn keep_answers(
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
pub(super) const fn holds_for_the_patient(check: Check) -> bool {
    matches!(check, Check::P5 | Check::P6 | Check::S2)
}
