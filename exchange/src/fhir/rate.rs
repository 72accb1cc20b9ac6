//! How fast an infusion runs: `rateQuantity`, `rateRange`, `rateRatio`.

use rights::quantity::Quantity;
use rights::rate::{Rate, RateOrder, RateTime};

use super::dosage::{ends, unit_of};
use super::model;
use super::quantity::{positive, quantity};
use crate::rejection::Refusal;
use crate::units::{UnitTable, short};

/// How fast it runs: one rate, a range of them (titration), or so much in so much time.
pub(super) fn rate(raw: &model::DoseAndRate, units: &UnitTable) -> Result<Option<RateOrder>, Refusal> {
    let ask = "the prescriber has to state one rate, such as 75 mL/h or 5 ug/kg/min";
    match (&raw.rate_quantity, &raw.rate_range, &raw.rate_ratio) {
        (None, None, None) => Ok(None),
        (Some(exact), None, None) => {
            let rate = one_rate(exact, units).map_err(|refusal| refusal.within("rateQuantity"))?;
            Ok(Some(RateOrder::Exact(rate)))
        }
        (None, Some(range), None) => {
            let (low, high) = ends(range, "rateRange", |part| one_rate(part, units))?;
            match low.compare(&high) {
                Some(std::cmp::Ordering::Greater) => {
                    Err(Refusal::new("rateRange", "ends below its beginning", ask))
                }
                Some(_) => Ok(Some(RateOrder::Range(low, high))),
                None => Err(Refusal::new("rateRange", "its ends measure different things", ask)),
            }
        }
        (None, None, Some(ratio)) => {
            let rate = ratio_rate(ratio, units).map_err(|refusal| refusal.within("rateRatio"))?;
            Ok(Some(RateOrder::Exact(rate)))
        }
        _ => Err(Refusal::new("rate[x]", "stands there twice", ask)),
    }
}

/// `75 mL/h`, `5 ug/kg/min`: the amount, for each kilogram where it says so, and the time.
fn one_rate(raw: &model::Quantity, units: &UnitTable) -> Result<Rate, Refusal> {
    let amount = positive(raw)?;
    let read = || {
        let (rest, time) = unit_of(raw).rsplit_once('/')?;
        let (unit, per_kilogram) = match rest.strip_suffix("/kg") {
            Some(unit) => (unit, true),
            None => (rest, false),
        };
        let per = RateTime::from_name(time)?;
        Some(Rate { amount: Quantity::new(amount, units.dose_unit(unit)?), per_kilogram, per })
    };
    read().ok_or_else(|| {
        let reason = format!("\"{}\" is no unit of a rate: not checkable", short(unit_of(raw)));
        Refusal::new("unit", reason, "use UCUM, such as mL/h, [iU]/kg/h or ug/kg/min")
    })
}

/// So much in so many minutes, hours or days.
fn ratio_rate(raw: &model::Ratio, units: &UnitTable) -> Result<Rate, Refusal> {
    let ask = "state amount and time";
    let (Some(amount), Some(time)) = (&raw.numerator, &raw.denominator) else {
        return Err(Refusal::new("", "is incomplete", ask));
    };
    let whole = quantity(amount, units).map_err(|refusal| refusal.within("numerator"))?;
    let length = positive(time).map_err(|refusal| refusal.within("denominator"))?;
    let per = RateTime::from_name(unit_of(time));
    let per = per.ok_or_else(|| Refusal::new("denominator.unit", "is none of min, h, d", ask))?;
    let amount = whole.amount.over(length).ok_or_else(|| Refusal::new("", "is no rate", ask))?;
    Ok(Rate { amount: Quantity::new(amount, whole.unit), per_kilogram: false, per })
}

/// The rate in words.
pub(super) fn rate_text(raw: &model::DoseAndRate) -> Option<String> {
    let shown = |quantity: &Option<model::Quantity>| {
        let quantity = quantity.as_ref()?;
        let value = quantity.value.as_deref().map_or("?", |value| value.get());
        let unit = quantity.unit.as_deref().or(quantity.code.as_deref()).unwrap_or_default();
        Some(format!("{} {}", short(value), short(unit)).trim_end().to_owned())
    };
    let pair = |a: Option<String>, word: &str, b: Option<String>| match (a, b) {
        (Some(a), Some(b)) => Some(format!("{a} {word} {b}")),
        (a, b) => a.or(b),
    };
    let of_range =
        raw.rate_range.as_ref().and_then(|range| pair(shown(&range.low), "to", shown(&range.high)));
    let of_ratio = raw
        .rate_ratio
        .as_ref()
        .and_then(|ratio| pair(shown(&ratio.numerator), "in", shown(&ratio.denominator)));
    shown(&raw.rate_quantity).or(of_range).or(of_ratio)
}
