//! What can be measured of a living patient at all. A slip of a digit, 540 for 54, makes a value that no parameter and no row of a scale
//! would doubt: the first "above 60", the other the largest dose of insulin.
//!
//! The limits are wider than what is ever seen in a patient who is given a drug, so that no true value is refused; they find slips of the
//! key, not sick people. What has no row here has no limit.

use crate::amount::Amount;
use crate::entered::Observation;
use crate::quantity::Unit;

/// Observation, unit, least and most.
const LIMITS: &[(&str, Unit, i64, i64)] = &[
    ("heart-rate", Unit::PerMinute, 10, 320),
    ("respiratory-rate", Unit::PerMinute, 2, 120),
    ("systolic-blood-pressure", Unit::MillimetreOfMercury, 20, 320),
    ("diastolic-blood-pressure", Unit::MillimetreOfMercury, 5, 220),
    ("oxygen-saturation", Unit::Percent, 20, 100),
    ("body-temperature", Unit::Celsius, 20, 45),
    ("body-weight", Unit::Gram, 200, 650_000),
    ("glucose", Unit::MilligramPerDecilitre, 5, 1_800),
    ("glucose", Unit::MillimolePerLitre, 0, 100),
    ("potassium", Unit::MillimolePerLitre, 1, 13),
    ("potassium", Unit::MilliequivalentPerLitre, 1, 13),
    ("inr", Unit::Inr, 0, 30),
];

/// Whether a value can be one of a living patient.
pub(crate) fn is_plausible(seen: &Observation) -> bool {
    let of_this = LIMITS.iter().filter(|(what, ..)| *what == seen.what.as_str());
    let within = |unit, least, most| {
        let value = seen.value.in_unit(unit)?;
        Some(Amount::whole(least) <= value && value <= Amount::whole(most))
    };
    of_this.filter_map(|(_, unit, least, most)| within(*unit, *least, *most)).all(|within| within)
}
