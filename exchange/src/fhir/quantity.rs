//! FHIR Quantity to an exact quantity of a known unit.

use jiff::SignedDuration;
use rights::amount::Amount;
use rights::quantity::{Quantity, Unit};
use serde_json::value::RawValue;

use super::model;
use crate::rejection::Refusal;
use crate::units::{UnitTable, is_given};

/// A decimal, digit for digit as it stands in the JSON: no float is ever made of it.
pub(crate) fn decimal(value: &RawValue) -> Result<Amount, String> {
    Amount::parse(value.get()).map_err(|error| error.to_string())
}

/// The exact value of a Quantity, more than zero.
pub(crate) fn positive(quantity: &model::Quantity) -> Result<Amount, Refusal> {
    let ask = "the prescriber has to state an exact amount";
    if quantity.comparator.is_some() {
        return Err(Refusal::new("comparator", "\"less than\" or \"more than\" is no amount to give", ask));
    }
    let value = quantity.value.as_deref().ok_or_else(|| Refusal::new("value", "missing", ask))?;
    let amount = decimal(value).map_err(|reason| Refusal::new("value", reason, ask))?;
    if amount.is_positive() { Ok(amount) } else { Err(Refusal::new("value", "not more than zero", ask)) }
}

/// A value that was measured, or a limit for one: also zero. A comparator is for the caller to read.
pub(super) fn measured(quantity: &model::Quantity, units: &UnitTable) -> Result<Quantity, Refusal> {
    let ask = "the sending system has to send an exact value";
    let value = quantity.value.as_deref().ok_or_else(|| Refusal::new("value", "missing", ask))?;
    let amount = decimal(value).map_err(|reason| Refusal::new("value", reason, ask))?;
    Ok(Quantity::new(amount, unit(quantity, units)?))
}

/// A quantity that is given, and that the bedside can compare.
pub(crate) fn quantity(quantity: &model::Quantity, units: &UnitTable) -> Result<Quantity, Refusal> {
    let amount = positive(quantity)?;
    let unit = unit(quantity, units)?;
    if !is_given(unit) {
        let reason = format!("{} is measured of a patient, not given: not checkable", unit.code());
        return Err(Refusal::new("unit", reason, "state the dose as an amount"));
    }
    Ok(Quantity::new(amount, unit))
}

fn unit(quantity: &model::Quantity, units: &UnitTable) -> Result<Unit, Refusal> {
    units
        .of_quantity(quantity.system.as_deref(), quantity.code.as_deref(), quantity.unit.as_deref())
        .map_err(|reason| Refusal::new("unit", reason, "use a UCUM unit, or add the alias to the unit table"))
}

/// A FHIR unit of time in minutes, where it has a fixed length.
pub(crate) fn minutes_of(unit: &str) -> Option<i64> {
    Some(match unit {
        "min" => 1,
        "h" => 60,
        "d" => 24 * 60,
        "wk" => 7 * 24 * 60,
        _ => return None,
    })
}

/// A value with a unit of time, in whole minutes.
pub(crate) fn whole_minutes(value: Amount, unit: &str) -> Option<i64> {
    let minutes = value.times(Amount::whole(minutes_of(unit)?))?.whole_multiple_of(Amount::ONE)?;
    i64::try_from(minutes).ok().filter(|minutes| (1..=1_000_000).contains(minutes))
}

/// A FHIR Duration in whole minutes.
pub(crate) fn duration(quantity: &model::Quantity) -> Result<SignedDuration, Refusal> {
    let value = positive(quantity)?;
    let unit = quantity.code.as_deref().or(quantity.unit.as_deref()).unwrap_or_default();
    whole_minutes(value, unit).map(SignedDuration::from_mins).ok_or_else(|| {
        Refusal::new(
            "",
            "is no duration in whole minutes, hours, days or weeks",
            "state it in min, h, d or wk",
        )
    })
}
