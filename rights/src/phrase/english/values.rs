//! Values that are asked, and what is in hand.

use alloc::format;
use alloc::string::String;

use crate::entered::{Observation, Wanted};
use crate::phrase::english::names::{form, observation};
use crate::phrase::write::{capital, phrase};
use crate::phrase::{Phrase, Words};
use crate::rate::RateOrder;

pub(in crate::phrase) fn ordered_rate(ordered: &RateOrder, words: &Words<'_>) -> String {
    match ordered {
        RateOrder::Exact(rate) => words.rate(rate),
        RateOrder::Range(low, high) => format!("{} to {}", words.rate(low), words.rate(high)),
    }
}

pub(in crate::phrase) fn missing(wanted: &Wanted) -> Phrase {
    match wanted {
        Wanted::Observation(what, _) => phrase(
            format!("enter {}", observation(what.as_str())),
            "The order depends on it, and no value is young enough.",
            "Measure it now and enter the value.",
        ),
        Wanted::BirthYear => phrase(
            "another patient here has a similar name",
            "",
            "Ask the patient for the year of birth and type it.",
        ),
        Wanted::CountInHand => phrase(
            "how many are in hand?",
            "This code has no serial number.",
            "Count the packages and enter the number.",
        ),
        Wanted::Site => phrase("where is it put?", "", "Choose the site."),
        Wanted::PainScore => phrase("pain score", "", "Ask the patient: 0 is no pain, 10 the worst."),
        Wanted::Route => {
            phrase("by which route?", "This product is not made for the ordered one.", "Choose the route.")
        }
        Wanted::PumpRate => phrase("at which rate does the pump run?", "", "Enter what the pump shows."),
        Wanted::Crushed => phrase("crushed?", "Given by tube.", "Say whether it was crushed."),
        Wanted::GivenAt => phrase("when was it given?", "", "Enter the time."),
    }
}

/// The name of a value, as the beginning of a sentence.
pub(in crate::phrase) fn value_name(seen: &Observation) -> String {
    let name = observation(seen.what.as_str());
    capital(name.strip_prefix("the ").unwrap_or(name))
}

pub(in crate::phrase) fn in_hand(words: &Words<'_>) -> Option<String> {
    words.in_hand.map(|names| format!("{}, {}", names.name, form(names.form, names.release)))
}
