//! How something was established.

use alloc::format;

use crate::phrase::english::names::{route, site};
use crate::phrase::english::values::value_name;
use crate::phrase::write::{capital, phrase};
use crate::phrase::{Phrase, Words};
use crate::verdict::Evidence;

pub(in crate::phrase) fn evidence(evidence: &Evidence, words: &Words<'_>) -> Phrase {
    let title = match evidence {
        Evidence::BandScanned => "Wristband scanned".into(),
        Evidence::PackageResolved => "Package scanned".into(),
        Evidence::DoseOfThisPatient => "Labelled for this patient".into(),
        Evidence::PackageUnused => "Package not used before".into(),
        Evidence::ExpiresAt(last) => format!("Usable until {}", words.date(last.date())),
        Evidence::LotNotRecalled(lot) => format!("Lot {lot} not recalled"),
        Evidence::SatisfiesRequest(_) => "As ordered".into(),
        Evidence::RequestInForce => "Order is active".into(),
        Evidence::PharmacistVerified(_) => "Verified by a pharmacist".into(),
        Evidence::DoseExact(dose) => format!("{}, exactly as ordered", words.quantity(dose)),
        Evidence::DoseMeasured(dose, ordered) => {
            let (dose, ordered) = (words.quantity(dose), words.quantity(ordered));
            format!("{dose}, as near to the {ordered} ordered as can be measured")
        }
        Evidence::DoseInRange(dose) => format!("{}, inside the ordered range", words.quantity(dose)),
        Evidence::DailyTotal(total, maximum) => {
            format!("{} of at most {} in 24 hours", words.quantity(total), words.quantity(maximum))
        }
        Evidence::RouteFits(fits) => capital(route(*fits)),
        Evidence::InWindow(due) => format!("Due at {}", words.time(*due)),
        Evidence::NoWindow => "One-time or first dose: no fixed window".into(),
        Evidence::IntervalElapsed => "Allowed now".into(),
        Evidence::Indicated(reason) => format!("For {}, as ordered", words.reason(reason).to_lowercase()),
        Evidence::NoAllergy => "No recorded allergy concerns it".into(),
        Evidence::BirthYearFits => "Birth year fits".into(),
        Evidence::DoseByScale(dose, seen) => {
            format!(
                "{} by the scale, {} {}",
                words.quantity(dose),
                value_name(seen),
                words.quantity(&seen.value)
            )
        }
        Evidence::DoseByWeight(seen) => format!("Fits the weight of {}", words.quantity(&seen.value)),
        Evidence::RateAsOrdered(rate) => format!("Pump at {}, as ordered", words.rate(rate)),
        Evidence::RouteAllowed(allowed) => format!("{}, as the order allows", capital(route(*allowed))),
        Evidence::PutAt(code) => capital(&site(code.as_str())),
        Evidence::MayBeTubed => "May be given by tube so".into(),
        Evidence::WithinParameter(seen) => {
            format!("{} {}: give", value_name(seen), words.quantity(&seen.value))
        }
        Evidence::PainScored(score) => format!("Pain {score} of 10"),
        Evidence::PackagesCounted(count) => format!("{count} packages counted"),
        Evidence::Witnessed(who) => format!("Checked independently by {who}"),
        Evidence::WasteAddsUp(left) => format!("All of {} accounted for", words.quantity(left)),
    };
    phrase(title, "", "")
}
