//! Second persons and safe operation: W1 to W4, S2 to S4, and values that are asked.

use alloc::format;

use crate::phrase::english::names::{duration, role};
use crate::phrase::english::values::{in_hand, missing};
use crate::phrase::families::{conditions, dose, medication, patient, request, route_and_time};
use crate::phrase::write::{capital, phrase};
use crate::phrase::{Phrase, Words};
use crate::verdict::Variance;

pub(super) fn text(variance: &Variance, words: &Words<'_>) -> Option<Phrase> {
    let q = |quantity| words.quantity(quantity);
    let t = |at| words.time(at);
    Some(match variance {
        Variance::OrdersOld(age) => phrase(
            "orders not current",
            format!("Last updated {} ago.", duration(*age)),
            "Check the order in the chart; say why it cannot wait.",
        ),
        Variance::OrdersAgeUnknown => phrase(
            "orders not current",
            "It is not known when they were last updated.",
            "Check the order in the chart; say why it cannot wait.",
        ),
        Variance::Backdated(at) => phrase(
            "charted later than given",
            format!("Given at {}.", t(*at)),
            "Say why it was not charted then.",
        ),
        Variance::GivenInTheFuture(at) => {
            phrase("this time is still to come", format!("You said {}.", t(*at)), "Correct the time.")
        }
        Variance::GivenTooLongAgo(at) => phrase(
            "given too long ago to chart here",
            format!("You said {}.", t(*at)),
            "Chart it on paper and tell the pharmacy.",
        ),
        Variance::ValueMissing(wanted) => missing(wanted),
        Variance::WitnessRequired => phrase(
            "a second clinician must check it",
            "",
            "Call a witness. They scan the package and enter the dose without seeing yours.",
        ),
        Variance::WitnessRecommended => phrase(
            "a second clinician should check it",
            "",
            "Call a witness, or say why it is given without one.",
        ),
        Variance::WitnessIsGiver => {
            phrase("the witness must be somebody else", "", "Ask another licensed clinician.")
        }
        Variance::WitnessNotLicensed(role_) => phrase(
            "this role may not witness",
            format!("Badge of a {}.", role(*role_)),
            "Ask a nurse or a pharmacist.",
        ),
        Variance::WitnessTooLate(within) => phrase(
            "the witness took too long",
            format!("At most {} after the PIN.", duration(*within)),
            "The witness signs and enters again.",
        ),
        Variance::WitnessDiffers(mine, theirs) => phrase(
            "the witness says another amount",
            format!("Prepared {}, the witness entered {}. Both are recorded.", q(mine), q(theirs)),
            "Do not go on. Check order, product and calculation together; then put it back and prepare it anew.",
        ),
        Variance::WitnessRateDiffers(mine, theirs) => phrase(
            "the witness says another rate",
            match theirs {
                Some(theirs) => format!(
                    "Set {}, the witness entered {}. Both are recorded.",
                    words.rate(mine),
                    words.rate(theirs)
                ),
                None => format!("Set {}, the witness entered none.", words.rate(mine)),
            },
            "Do not start it. Check order and pump together; then put it back and prepare it anew.",
        ),
        Variance::WitnessOtherProduct(name) => phrase(
            "the witness scanned another product",
            format!(
                "In hand: {}. The witness scanned {name}.",
                in_hand(words).unwrap_or_else(|| "another product".into())
            ),
            "Do not give it. Check the package together.",
        ),
        Variance::WasteDue(left, within) => phrase(
            "waste will be due",
            format!("{} is left.", capital(&q(left))),
            format!("Waste it before a witness within {}.", duration(*within)),
        ),
        Variance::WasteDiffers(left, wasted) => phrase(
            "the waste does not add up",
            format!("Left {}, wasted {} in all.", q(left), q(wasted)),
            "Account for the rest. Until then it stays open as a discrepancy.",
        ),
        Variance::WasteNotComparable(amount) => phrase(
            "this amount is no part of the package",
            capital(&q(amount)),
            "Enter it in the unit of the package or of its ingredient.",
        ),
        Variance::BreakGlass(until) => phrase(
            "break-glass",
            format!("Until {}. Checks are told, not asked.", t(*until)),
            "Everything is recorded. Have orders written afterwards.",
        ),
        patient!() | medication!() | request!() | dose!() | route_and_time!() | conditions!() => return None,
    })
}
