//! Patient-specific checks: C1 to C6.

use alloc::format;

use crate::phrase::english::names::observation;
use crate::phrase::english::values::value_name;
use crate::phrase::families::{dose, medication, patient, request, route_and_time, safety};
use crate::phrase::write::{capital, phrase};
use crate::phrase::{Phrase, Words};
use crate::request::Side;
use crate::verdict::Variance;

pub(super) fn text(variance: &Variance, words: &Words<'_>) -> Option<Phrase> {
    let q = |quantity| words.quantity(quantity);
    let t = |at| words.time(at);
    Some(match variance {
        Variance::AllergyIngredient(text) => phrase(
            "patient is allergic to this",
            format!("Recorded: {text}."),
            "Do not give it. Call the prescriber.",
        ),
        Variance::AllergySince(text, at) => phrase(
            "allergy recorded after the dose",
            format!("Recorded at {}: {text}.", t(*at)),
            "Watch the patient and call the prescriber; say why it is charted afterwards.",
        ),
        Variance::AllergyClass(text) => phrase(
            "allergy to this class",
            format!("Recorded: {text}."),
            "Check with the patient; say why it can be given.",
        ),
        Variance::AllergyAccepted(text) => phrase(
            "allergy accepted by prescriber or pharmacist",
            format!("Recorded: {text}."),
            "Watch the patient.",
        ),
        Variance::AllergyTextOnly(text) => phrase(
            "allergy that the machine cannot check",
            format!("Recorded: {text}."),
            "Read it and check with the patient.",
        ),
        Variance::ObservationMissing(what, _, last) => phrase(
            format!("enter {}", observation(what.as_str())),
            last.as_ref().map_or_else(
                || "The order depends on it.".into(),
                |seen| format!("Last: {} at {}, too old.", q(&seen.value), t(seen.at)),
            ),
            "Measure it now and enter the value.",
        ),
        Variance::HoldParameter(seen, hold) => phrase(
            "value in the range where the dose is held",
            format!(
                "{}: {}. Ordered: hold {} {}.",
                value_name(seen),
                q(&seen.value),
                match hold.side {
                    Side::Below => "below",
                    Side::Above => "above",
                },
                q(&hold.limit),
            ),
            "Hold it. To give it, call the prescriber or pharmacist.",
        ),
        Variance::Contraindicated(ingredient, at) => phrase(
            "must not be given together",
            format!("{} was given {}.", capital(ingredient.as_str()), t(*at)),
            "Call the prescriber or pharmacist.",
        ),
        Variance::NilByMouth => {
            phrase("patient is nil by mouth", "", "Ask for another route, or say why it can be given.")
        }
        Variance::Hazardous => phrase(
            "hazardous drug",
            "",
            "Wear protection as the site's list says; dispose of all of it in the hazardous waste.",
        ),
        patient!() | medication!() | request!() | dose!() | route_and_time!() | safety!() => return None,
    })
}
