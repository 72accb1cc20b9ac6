//! Right route and right time: R1 to R3, T1 to T10.

use alloc::format;

use crate::phrase::english::names::{duration, outcome, route, site};
use crate::phrase::families::{conditions, dose, medication, patient, request, safety};
use crate::phrase::write::{capital, phrase};
use crate::phrase::{Phrase, Words};
use crate::verdict::Variance;

pub(super) fn text(variance: &Variance, words: &Words<'_>) -> Option<Phrase> {
    let q = |quantity| words.quantity(quantity);
    let t = |at| words.time(at);
    Some(match variance {
        Variance::RouteDiffers(ordered) => phrase(
            "wrong route for this product",
            format!("Ordered {}; this product is not made for it.", route(*ordered)),
            "Put it back. Get the product for the ordered route.",
        ),
        Variance::Early(due) => {
            phrase("early", format!("Due at {}.", t(*due)), "Wait, or say why it is given early.")
        }
        Variance::EarlyAfterLast(due, last) => phrase(
            "too early after the last dose",
            format!("Last dose {}; due at {}.", t(*last), t(*due)),
            "Call the prescriber or pharmacist, or wait.",
        ),
        Variance::Late(due) => phrase("late", format!("Was due at {}.", t(*due)), "Say why it is late."),
        Variance::LatePastMiddle(due, next) => phrase(
            "late, nearer to the next dose",
            format!("Was due at {}; the next is due at {}.", t(*due), t(*next)),
            "Call the prescriber or pharmacist: give it late or skip it.",
        ),
        Variance::TooSoon(last, next) => phrase(
            "too soon",
            format!("Last dose {}. Allowed from {}.", t(*last), t(*next)),
            "Wait, or call the prescriber.",
        ),
        Variance::TooSoonBefore(later, next) => phrase(
            "too soon before the next dose",
            format!("A dose was given {}. After this one it was allowed from {}.", t(*later), t(*next)),
            "Check the time of giving. Call the prescriber.",
        ),
        Variance::CountReached(count) => {
            phrase("24-hour limit reached", format!("{count} doses in 24 hours."), "Call the prescriber.")
        }
        Variance::ReasonAsked => phrase("as-needed dose: for what?", "", "Choose the reason."),
        Variance::SameIngredientRecently(at, outcome_) => phrase(
            "same ingredient a short time ago",
            format!("{} at {}.", capital(outcome(*outcome_)), t(*at)),
            "Check that this is not a second dose; say why it is given.",
        ),
        Variance::LaterGiven(at) => phrase(
            "a later dose was already given",
            format!("Given at {}.", t(*at)),
            "Give nothing for the earlier time.",
        ),
        Variance::ClockOff(off) => phrase(
            "kiosk clock is wrong",
            format!("It differs by {}.", duration(*off)),
            "Chart on paper. Call the technician.",
        ),
        Variance::ClockUnknown => phrase("kiosk clock not compared lately", "", ""),
        Variance::PatchStillOn(at, by) => phrase(
            "an earlier patch is still on",
            format!("Applied at {} by {by}.", t(*at)),
            "Take it off and chart that first.",
        ),
        Variance::PatchElsewhere(at, by) => phrase(
            "a patch of another ward may still be on",
            format!("Applied at {} by {by}.", t(*at)),
            "Look for it and take it off. Say why it is off.",
        ),
        Variance::RouteNotAllowed(charted) => phrase(
            "route not allowed by the order",
            format!("Chosen: {}.", route(*charted)),
            "Choose an allowed route, or call the prescriber.",
        ),
        Variance::SiteNotOfRoute(code) => phrase(
            "this site does not belong to the route",
            format!("Chosen: {}.", site(code.as_str())),
            "Choose another site.",
        ),
        Variance::SameSite(code, at) => phrase(
            "same site as last time",
            format!("{} at {}.", capital(&site(code.as_str())), t(*at)),
            "Consider another site.",
        ),
        Variance::MustNotBeCrushed => phrase(
            "this must not be crushed",
            "Crushed, it would release everything at once, or harm.",
            "Do not give it. Ask the pharmacy for another form.",
        ),
        Variance::AmountReached(total, maximum) => phrase(
            "24-hour amount reached",
            format!("With this dose {} in 24 hours; allowed {}.", q(total), q(maximum)),
            "Call the prescriber.",
        ),
        patient!() | medication!() | request!() | dose!() | conditions!() | safety!() => return None,
    })
}
