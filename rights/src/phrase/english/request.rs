//! The request: O1 to O9.

use alloc::format;

use crate::phrase::english::names::outcome;
use crate::phrase::families::{conditions, dose, medication, patient, route_and_time, safety};
use crate::phrase::write::{capital, phrase};
use crate::phrase::{Phrase, Words};
use crate::verdict::Variance;

pub(super) fn text(variance: &Variance, words: &Words<'_>) -> Option<Phrase> {
    let t = |at| words.time(at);
    Some(match variance {
        Variance::NotStarted(at) => {
            phrase("order has not started", format!("It starts at {}.", t(*at)), "Do not give it yet.")
        }
        Variance::Stopped(at) => phrase(
            "order stopped",
            at.map(|at| format!("Stopped at {}.", t(at))).unwrap_or_default(),
            "Give nothing. Return or waste what is open.",
        ),
        Variance::Ended(at) => {
            phrase("order has ended", format!("It ended at {}.", t(*at)), "Give nothing. Ask the prescriber.")
        }
        Variance::EndedSince(at) => phrase(
            "order ended after the dose",
            format!("Stopped or ended at {}.", t(*at)),
            "Check the time of giving; say why it is charted afterwards.",
        ),
        Variance::NotVerified => phrase(
            "not verified by a pharmacist",
            "",
            "Call the pharmacist; record whom you called and why it cannot wait.",
        ),
        Variance::OnHold => phrase("order on hold", "", "Do not give it. Ask the prescriber."),
        Variance::HeldSince(at) => phrase(
            "order put on hold after the dose",
            format!("On hold since {}.", t(*at)),
            "Check the time of giving; say why it is charted afterwards.",
        ),
        Variance::RequestChanged => {
            phrase("order changed since the scan", "", "Read the order as it is now.")
        }
        Variance::OneTimeGiven(at, by) => {
            phrase("one-time dose already given", format!("Given at {} by {by}.", t(*at)), "Give nothing.")
        }
        Variance::ChoiceNeeded(count) => {
            phrase("which dose?", format!("{count} orders or times fit."), "Choose one.")
        }
        Variance::AlreadyCharted(outcome_, at, by) => phrase(
            "already charted",
            format!("{} at {} by {by}.", capital(outcome(*outcome_)), t(*at)),
            "Give nothing.",
        ),
        Variance::NothingScheduled => {
            phrase("no dose is scheduled now", "", "Check the due list or ask the pharmacy.")
        }
        Variance::Unscheduled(text) => phrase(
            "timing must be read by the pharmacy",
            format!("Ordered as: {text}"),
            "Call the pharmacist.",
        ),
        Variance::BeingGivenElsewhere(by, since) => phrase(
            "another nurse is giving this dose",
            format!("By {by} since {}.", t(*since)),
            "Do not give it. Ask the other nurse.",
        ),
        Variance::BagChange(since) => {
            phrase("next bag of a running infusion", format!("It runs since {}.", t(*since)), "")
        }
        Variance::DoNotGive(text) => {
            phrase("marked: do not give", format!("Noted: {text}"), "Do not give it. Ask the prescriber.")
        }
        Variance::InstructionFlagged(text) => {
            phrase("read the instruction", format!("Ordered with: {text}"), "Confirm that you have read it.")
        }
        Variance::OrdersChanged(names) => phrase(
            "orders are new or changed",
            format!("Since you last looked: {}.", names.join(", ")),
            "Review them before the first dose.",
        ),
        Variance::OnCallGiven(at, by) => {
            phrase("on-call dose already given", format!("Given at {} by {by}.", t(*at)), "Give nothing.")
        }
        patient!() | medication!() | dose!() | route_and_time!() | conditions!() | safety!() => return None,
    })
}
