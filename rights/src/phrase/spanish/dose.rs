//! Right dose: D1 to D8.

use alloc::format;

use crate::phrase::families::{conditions, medication, patient, request, route_and_time, safety};
use crate::phrase::spanish::values::{ordered_rate, value_name};
use crate::phrase::write::{capital, phrase};
use crate::phrase::{Phrase, Words};
use crate::verdict::Variance;

pub(super) fn text(variance: &Variance, words: &Words<'_>) -> Option<Phrase> {
    let q = |quantity| words.quantity(quantity);
    let t = |at| words.time(at);
    Some(match variance {
        Variance::NotComparable(ordered, package) => phrase(
            "la dosis no se puede comparar",
            format!("Indicado: {}; envase: {}.", q(ordered), q(package)),
            "Llame al farmacéutico.",
        ),
        Variance::Under(total, ordered) => phrase(
            "menos de lo indicado",
            format!("En la mano: {} de {}.", q(total), q(ordered)),
            "Escanee el siguiente envase o diga por qué se da menos.",
        ),
        Variance::Over(total, ordered) => phrase(
            "más de lo indicado",
            format!("En la mano: {}; indicado: {}.", q(total), q(ordered)),
            "Devuelva el último envase o corrija la cantidad.",
        ),
        Variance::MeasureOut(_, ordered, part) => phrase(
            "administre solo una parte de este envase",
            format!("Indicado {}: tome {}.", q(ordered), q(part)),
            "Introduzca la cantidad que ha preparado.",
        ),
        Variance::MeasureOutWithin((low, high), (from, to)) => phrase(
            "administre solo una parte de este envase",
            format!("Indicado de {} a {}: tome de {} a {}.", q(low), q(high), q(from), q(to)),
            "Introduzca la cantidad que ha preparado.",
        ),
        Variance::NotMeasurable(total, ordered) => phrase(
            "esta dosis no se puede medir como está indicada",
            format!("La marca más cercana da {}; indicado: {}.", q(total), q(ordered)),
            "Pida al farmacéutico otra concentración.",
        ),
        Variance::PartNotPossible(part) => phrase(
            "esta parte no se puede administrar",
            format!("{} no se puede tomar de este envase.", capital(&q(part))),
            "Corrija la cantidad o devuélvalo.",
        ),
        Variance::OutOfRange(total, low, high) => phrase(
            "fuera del intervalo indicado",
            format!("En la mano: {}; indicado: de {} a {}.", q(total), q(low), q(high)),
            "Corrija la dosis.",
        ),
        Variance::DailyMaximum(total, maximum) => phrase(
            "por encima del máximo diario",
            format!("Con esta dosis {} en 24 horas; máximo {}.", q(total), q(maximum)),
            "Llame al prescriptor o al farmacéutico.",
        ),
        Variance::DailyTotalUnknown => {
            phrase("el total de 24 horas no se puede calcular", "", "Llame al farmacéutico.")
        }
        Variance::NoRateOrdered => phrase(
            "no hay velocidad indicada",
            "Una infusión sin velocidad no se puede comprobar.",
            "Llame al prescriptor.",
        ),
        Variance::NotByScale(dose, seen) => phrase(
            "no es la dosis de la escala móvil",
            format!("{}: {} pide {}.", value_name(seen), q(&seen.value), q(dose)),
            "Corrija la dosis o llame al prescriptor.",
        ),
        Variance::NoScaleRow(seen) => phrase(
            "valor fuera de la escala móvil",
            format!("{}: {}; {}.", value_name(seen), q(&seen.value), t(seen.at)),
            "No administre nada. Llame al prescriptor.",
        ),
        Variance::ScaleSaysNone(seen) => phrase(
            "ninguna dosis con este valor",
            format!("{}: {}; {}.", value_name(seen), q(&seen.value), t(seen.at)),
            "No administre nada. Regístrela como retenida.",
        ),
        Variance::WeightUnknown => {
            phrase("falta el peso para una dosis por peso", "", "Pese al paciente o llame al farmacéutico.")
        }
        Variance::WeightOld(at) => phrase(
            "peso demasiado antiguo para una dosis por peso",
            format!("Medido: {}.", t(*at)),
            "Pese al paciente o llame al farmacéutico.",
        ),
        Variance::NotByWeight(ordered, by_weight) => phrase(
            "la dosis indicada no corresponde al peso",
            format!("Indicado: {}; por peso: {}.", q(ordered), q(by_weight)),
            "Llame al prescriptor o al farmacéutico.",
        ),
        Variance::RateDiffers(set, ordered) => phrase(
            "la velocidad de la bomba no es la indicada",
            format!("Ajustada: {}; indicada: {}.", words.rate(set), ordered_rate(ordered, words)),
            "Corrija la bomba o introduzca la velocidad de nuevo.",
        ),
        Variance::RateNotComparable(ordered) => phrase(
            "la velocidad no se puede comparar",
            format!("Indicado: {}.", ordered_rate(ordered, words)),
            "Llame al farmacéutico; una velocidad por peso necesita un peso.",
        ),
        patient!() | medication!() | request!() | route_and_time!() | conditions!() | safety!() => {
            return None;
        }
    })
}
