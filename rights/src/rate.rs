//! Rates of infusion: so much in so much time, for each kilogram where the order says so. Exact, like doses.

use alloc::string::{String, ToString};
use core::cmp::Ordering;
use core::fmt;

use crate::amount::Amount;
use crate::product::{Product, named};
use crate::quantity::{Quantity, QuantityError, Unit};

named! {
    /// The time of a rate, by its UCUM code.
    RateTime {
        /// In a minute.
        Minute = "min",
        /// In an hour.
        Hour = "h",
        /// In a day of 24 hours.
        Day = "d",
    }
}

impl RateTime {
    const fn minutes(self) -> i64 {
        match self {
            Self::Minute => 1,
            Self::Hour => 60,
            Self::Day => 24 * 60,
        }
    }
}

/// How fast an infusion runs: `100 mL/h`, `5 ug/kg/min`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    /// So much.
    pub amount: Quantity,
    /// For each kilogram of the patient.
    pub per_kilogram: bool,
    /// In this time.
    pub per: RateTime,
}

/// The rates that an order permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateOrder {
    /// Exactly this.
    Exact(Rate),
    /// Anything from the first to the second, both included (titration).
    Range(Rate, Rate),
}

/// Why a text is no [`Rate`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RateError {
    /// The quantity.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    /// The time, or something beside `kg` before it.
    #[error("\"{text}\" is no rate; write a quantity and its time, such as 100 mL/h or 5 ug/kg/min")]
    Time {
        /// As given.
        text: String,
    },
}

impl Rate {
    /// Parses a quantity, `/kg` where it is meant, and the time: `100 mL/h`.
    ///
    /// # Errors
    /// When the quantity or the time is missing or unknown.
    pub fn parse(text: &str) -> Result<Self, RateError> {
        let time = || RateError::Time { text: text.to_string() };
        let (rest, per) = text.rsplit_once('/').ok_or_else(time)?;
        let per = RateTime::from_name(per).ok_or_else(time)?;
        let (quantity, per_kilogram) = match rest.strip_suffix("/kg") {
            Some(quantity) => (quantity, true),
            None => (rest, false),
        };
        Ok(Self { amount: Quantity::parse(quantity)?, per_kilogram, per })
    }

    /// How much flows in a minute, in the unit of the rate.
    fn in_a_minute(&self) -> Option<Quantity> {
        self.amount.times(Amount::fraction(1, self.per.minutes())?)
    }

    /// Compares exactly; `None` when the two measure different things, or one of them goes by weight.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        if self.per_kilogram != other.per_kilogram {
            return None;
        }
        self.in_a_minute()?.compare(&other.in_a_minute()?)
    }

    /// The rate at which a pump moves this product, in millilitres an hour: through the strength of its one ingredient, and
    /// through the weight where the rate goes by it. `None` when that cannot be computed exactly.
    pub fn in_millilitres_an_hour(&self, product: &Product, weight: Option<&Quantity>) -> Option<Amount> {
        let mut amount = self.in_a_minute()?.times(Amount::whole(60))?;
        if self.per_kilogram {
            amount = amount.times(weight?.in_unit(Unit::Kilogram)?)?;
        }
        if let Some(volume) = amount.in_unit(Unit::Millilitre) {
            return Some(volume);
        }
        let one = product.single_ingredient_in(&product.per, amount.unit)?;
        let times = amount.amount.over(one.amount)?;
        product.per.times(times)?.in_unit(Unit::Millilitre)
    }
}

impl RateOrder {
    /// Whether it goes by the patient's weight.
    pub const fn per_kilogram(&self) -> bool {
        match self {
            Self::Exact(rate) | Self::Range(rate, _) => rate.per_kilogram,
        }
    }

    /// Whether the order permits this rate; `None` when they cannot be compared.
    pub fn permits(&self, rate: &Rate) -> Option<bool> {
        match self {
            Self::Exact(ordered) => Some(rate.compare(ordered)?.is_eq()),
            Self::Range(low, high) => Some(rate.compare(low)?.is_ge() && rate.compare(high)?.is_le()),
        }
    }
}

/// The inverse of [`Rate::parse`]. For machines.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by_weight = if self.per_kilogram { "/kg" } else { "" };
        write!(f, "{}{by_weight}/{}", self.amount, self.per.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(text: &str) -> Rate {
        Rate::parse(text).unwrap()
    }

    #[test]
    fn printing_is_the_inverse_of_parsing() {
        for text in ["100 mL/h", "5 ug/kg/min", "1200 [iU]/h", "0.5 mg/d"] {
            assert_eq!(rate(text).to_string(), text);
        }
        for text in ["100 mL", "100 mL/kg", "100/h", "100 mL/week", "5 ug/m2/min", ""] {
            assert!(Rate::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn rates_are_compared_exactly_and_only_with_their_like() {
        assert_eq!(rate("1 mg/h").compare(&rate("1000 ug/h")), Some(Ordering::Equal));
        assert_eq!(rate("60 mL/h").compare(&rate("1 mL/min")), Some(Ordering::Equal));
        assert_eq!(rate("1 mL/h").compare(&rate("24 mL/d")), Some(Ordering::Equal));
        assert_eq!(rate("5 ug/kg/min").compare(&rate("5 ug/min")), None);
        assert_eq!(rate("5 mg/h").compare(&rate("5 mL/h")), None);
    }

    #[test]
    fn an_order_permits_its_own_rate_or_its_range_with_both_ends() {
        let exact = RateOrder::Exact(rate("100 mL/h"));
        assert_eq!(exact.permits(&rate("100 mL/h")), Some(true));
        assert_eq!(exact.permits(&rate("101 mL/h")), Some(false));
        let range = RateOrder::Range(rate("2 ug/kg/min"), rate("10 ug/kg/min"));
        for (text, permitted) in [("1.9", false), ("2", true), ("10", true), ("10.1", false)] {
            let asked = rate(&alloc::format!("{text} ug/kg/min"));
            assert_eq!(range.permits(&asked), Some(permitted), "{text}");
        }
        assert_eq!(range.permits(&rate("5 ug/min")), None);
    }
}
