//! Right dose: D1 to D8.

use alloc::format;

use crate::phrase::english::values::{ordered_rate, value_name};
use crate::phrase::families::{conditions, medication, patient, request, route_and_time, safety};
use crate::phrase::write::{capital, phrase};
use crate::phrase::{Phrase, Words};
use crate::verdict::Variance;

pub(super) fn text(variance: &Variance, words: &Words<'_>) -> Option<Phrase> {
    let q = |quantity| words.quantity(quantity);
    let t = |at| words.time(at);
    Some(match variance {
        Variance::NotComparable(ordered, package) => phrase(
            "dose cannot be compared",
            format!("Ordered {}, package {}.", q(ordered), q(package)),
            "Call the pharmacist.",
        ),
        Variance::Under(total, ordered) => phrase(
            "less than ordered",
            format!("In hand {} of {}.", q(total), q(ordered)),
            "Scan the next package, or say why less is given.",
        ),
        Variance::Over(total, ordered) => phrase(
            "more than ordered",
            format!("In hand {}, ordered {}.", q(total), q(ordered)),
            "Put the last package back, or correct the amount.",
        ),
        Variance::MeasureOut(_, ordered, part) => phrase(
            "give only part of this package",
            format!("Ordered {}: take {}.", q(ordered), q(part)),
            "Enter the amount you have prepared.",
        ),
        Variance::MeasureOutWithin((low, high), (from, to)) => phrase(
            "give only part of this package",
            format!("Ordered {} to {}: take {} to {}.", q(low), q(high), q(from), q(to)),
            "Enter the amount you have prepared.",
        ),
        Variance::NotMeasurable(total, ordered) => phrase(
            "this dose cannot be measured as ordered",
            format!("The nearest mark gives {}; ordered {}.", q(total), q(ordered)),
            "Ask the pharmacist for another strength.",
        ),
        Variance::PartNotPossible(part) => phrase(
            "this part cannot be given",
            format!("{} cannot be taken from this package.", capital(&q(part))),
            "Correct the amount or put it back.",
        ),
        Variance::OutOfRange(total, low, high) => phrase(
            "outside the ordered range",
            format!("In hand {}, ordered {} to {}.", q(total), q(low), q(high)),
            "Correct the dose.",
        ),
        Variance::DailyMaximum(total, maximum) => phrase(
            "above the daily maximum",
            format!("With this dose {} in 24 hours; maximum {}.", q(total), q(maximum)),
            "Call the prescriber or pharmacist.",
        ),
        Variance::DailyTotalUnknown => phrase("24-hour total cannot be computed", "", "Call the pharmacist."),
        Variance::NoRateOrdered => phrase(
            "no rate is ordered",
            "An infusion without a rate cannot be checked.",
            "Call the prescriber.",
        ),
        Variance::NotByScale(dose, seen) => phrase(
            "not the dose of the sliding scale",
            format!("{}: {} asks for {}.", value_name(seen), q(&seen.value), q(dose)),
            "Correct the dose, or call the prescriber.",
        ),
        Variance::NoScaleRow(seen) => phrase(
            "value outside the sliding scale",
            format!("{}: {} at {}.", value_name(seen), q(&seen.value), t(seen.at)),
            "Give nothing. Call the prescriber.",
        ),
        Variance::ScaleSaysNone(seen) => phrase(
            "no dose at this value",
            format!("{}: {} at {}.", value_name(seen), q(&seen.value), t(seen.at)),
            "Give nothing. Chart it as held.",
        ),
        Variance::WeightUnknown => {
            phrase("no weight for a dose by weight", "", "Weigh the patient, or call the pharmacist.")
        }
        Variance::WeightOld(at) => phrase(
            "weight too old for a dose by weight",
            format!("Measured {}.", t(*at)),
            "Weigh the patient, or call the pharmacist.",
        ),
        Variance::NotByWeight(ordered, by_weight) => phrase(
            "ordered dose does not fit the weight",
            format!("Ordered {}; by weight {}.", q(ordered), q(by_weight)),
            "Call the prescriber or pharmacist.",
        ),
        Variance::RateDiffers(set, ordered) => phrase(
            "pump rate is not the ordered one",
            format!("Set {}, ordered {}.", words.rate(set), ordered_rate(ordered, words)),
            "Correct the pump, or enter the rate again.",
        ),
        Variance::RateNotComparable(ordered) => phrase(
            "rate cannot be compared",
            format!("Ordered {}.", ordered_rate(ordered, words)),
            "Call the pharmacist; a rate by weight needs a weight.",
        ),
        patient!() | medication!() | request!() | route_and_time!() | conditions!() | safety!() => {
            return None;
        }
    })
}
