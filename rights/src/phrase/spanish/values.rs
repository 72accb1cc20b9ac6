//! Values that are asked, and what is in hand.

use alloc::format;
use alloc::string::String;

use crate::entered::{Observation, Wanted};
use crate::phrase::spanish::names::{form, observation};
use crate::phrase::write::{capital, phrase};
use crate::phrase::{Phrase, Words};
use crate::rate::RateOrder;

pub(in crate::phrase) fn ordered_rate(ordered: &RateOrder, words: &Words<'_>) -> String {
    match ordered {
        RateOrder::Exact(rate) => words.rate(rate),
        RateOrder::Range(low, high) => format!("de {} a {}", words.rate(low), words.rate(high)),
    }
}

pub(in crate::phrase) fn missing(wanted: &Wanted) -> Phrase {
    match wanted {
        Wanted::Observation(what, _) => phrase(
            format!("falta un valor: {}", observation(what.as_str())),
            "La orden depende de él y ningún valor es bastante reciente.",
            "Mídalo ahora e introduzca el valor.",
        ),
        Wanted::BirthYear => phrase(
            "otro paciente de aquí tiene un nombre parecido",
            "",
            "Pregunte al paciente su año de nacimiento y escríbalo.",
        ),
        Wanted::CountInHand => phrase(
            "¿cuántos hay en la mano?",
            "Este código no tiene número de serie.",
            "Cuente los envases e introduzca el número.",
        ),
        Wanted::Site => phrase("¿dónde se pone?", "", "Elija el sitio."),
        Wanted::PainScore => {
            phrase("puntuación de dolor", "", "Pregunte al paciente: 0 es sin dolor, 10 el peor.")
        }
        Wanted::Route => {
            phrase("¿por qué vía?", "Este producto no es para la vía indicada.", "Elija la vía.")
        }
        Wanted::PumpRate => {
            phrase("¿a qué velocidad va la bomba?", "", "Introduzca lo que muestra la bomba.")
        }
        Wanted::Crushed => phrase("¿triturado?", "Se administra por sonda.", "Diga si se trituró."),
        Wanted::GivenAt => phrase("¿cuándo se administró?", "", "Introduzca la hora."),
    }
}

/// The name of a value, as the beginning of a sentence.
pub(in crate::phrase) fn value_name(seen: &Observation) -> String {
    capital(observation(seen.what.as_str()))
}

pub(in crate::phrase) fn in_hand(words: &Words<'_>) -> Option<String> {
    words.in_hand.map(|names| format!("{}, {}", names.name, form(names.form, names.release)))
}
