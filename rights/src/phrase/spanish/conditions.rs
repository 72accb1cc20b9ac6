//! Patient-specific checks: C1 to C6.

use alloc::format;

use crate::phrase::families::{dose, medication, patient, request, route_and_time, safety};
use crate::phrase::spanish::names::observation;
use crate::phrase::spanish::values::value_name;
use crate::phrase::write::{capital, phrase};
use crate::phrase::{Phrase, Words};
use crate::request::Side;
use crate::verdict::Variance;

pub(super) fn text(variance: &Variance, words: &Words<'_>) -> Option<Phrase> {
    let q = |quantity| words.quantity(quantity);
    let t = |at| words.time(at);
    Some(match variance {
        Variance::AllergyIngredient(text) => phrase(
            "el paciente es alérgico a esto",
            format!("Registrado: {text}."),
            "No lo administre. Llame al prescriptor.",
        ),
        Variance::AllergySince(text, at) => phrase(
            "alergia registrada después de la dosis",
            format!("Registrado: {}, {text}.", t(*at)),
            "Vigile al paciente y llame al prescriptor; diga por qué se registra después.",
        ),
        Variance::AllergyClass(text) => phrase(
            "alergia a esta clase",
            format!("Registrado: {text}."),
            "Compruébelo con el paciente; diga por qué se puede administrar.",
        ),
        Variance::AllergyAccepted(text) => phrase(
            "alergia aceptada por prescriptor o farmacéutico",
            format!("Registrado: {text}."),
            "Vigile al paciente.",
        ),
        Variance::AllergyTextOnly(text) => phrase(
            "alergia que la máquina no puede comprobar",
            format!("Registrado: {text}."),
            "Léala y compruébela con el paciente.",
        ),
        Variance::ObservationMissing(what, _, last) => phrase(
            format!("falta un valor: {}", observation(what.as_str())),
            last.as_ref().map_or_else(
                || "La orden depende de él.".into(),
                |seen| format!("Último: {}; {}; demasiado antiguo.", q(&seen.value), t(seen.at)),
            ),
            "Mídalo ahora e introduzca el valor.",
        ),
        Variance::HoldParameter(seen, hold) => phrase(
            "valor en el que la dosis se retiene",
            format!(
                "{}: {}. Indicado: retener {} {}.",
                value_name(seen),
                q(&seen.value),
                match hold.side {
                    Side::Below => "por debajo de",
                    Side::Above => "por encima de",
                },
                q(&hold.limit),
            ),
            "Reténgala. Para administrarla, llame al prescriptor o al farmacéutico.",
        ),
        Variance::Contraindicated(ingredient, at) => phrase(
            "no se deben administrar juntos",
            format!("{} se administró: {}.", capital(ingredient.as_str()), t(*at)),
            "Llame al prescriptor o al farmacéutico.",
        ),
        Variance::NilByMouth => {
            phrase("el paciente está en ayunas", "", "Pida otra vía o diga por qué se puede administrar.")
        }
        Variance::Hazardous => phrase(
            "medicamento peligroso",
            "",
            "Use la protección de la lista del centro; deseche todo en los residuos peligrosos.",
        ),
        patient!() | medication!() | request!() | dose!() | route_and_time!() | safety!() => return None,
    })
}
