//! The English table.

mod conditions;
mod dose;
mod evidence;
mod medication;
mod names;
mod notice;
mod patient;
mod request;
mod route_and_time;
mod safety;
mod values;

pub(super) use evidence::evidence;
pub(super) use names::{form, month, outcome, reason, right, route, site, unit};
pub(super) use notice::notice;

use alloc::format;

use crate::phrase::families::{conditions, dose, medication, patient, request, route_and_time, safety};
use crate::phrase::write::capital;
use crate::phrase::{Phrase, Words};
use crate::verdict::{Class, Variance};

/// Said of the second of two equal wall times.
pub(super) const SECOND: &str = "2nd";
/// The time of a rate, after its stroke.
pub(super) const DAY: &str = "day";

pub(super) fn variance(variance: &Variance, class: Class, words: &Words<'_>) -> Phrase {
    let Phrase { title, detail, action } = text(variance, words);
    let title = if class.stops() { format!("Stop: {title}") } else { capital(&title) };
    // A clock that is off by so little still records; only the stop sends to paper.
    let action = match variance {
        Variance::ClockOff(_) if !class.stops() => "Call the technician.".into(),
        _ => action,
    };
    Phrase { title, detail, action }
}

fn text(variance: &Variance, words: &Words<'_>) -> Phrase {
    let phrase = match variance {
        patient!() => patient::text(variance, words),
        medication!() => medication::text(variance, words),
        request!() => request::text(variance, words),
        dose!() => dose::text(variance, words),
        route_and_time!() => route_and_time::text(variance, words),
        conditions!() => conditions::text(variance, words),
        safety!() => safety::text(variance, words),
    };
    phrase.unwrap_or_default()
}
