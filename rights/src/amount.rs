//! Exact numbers. Doses are compared as fractions of integers; there is no floating point anywhere in this crate.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;

use num_rational::Ratio;
use num_traits::{CheckedAdd, CheckedDiv, CheckedMul, CheckedSub, Signed, Zero};

/// An exact rational number. Arithmetic is checked: what does not fit in 128-bit fractions is `None`, never wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(Ratio<i128>);

/// Why a text is no [`Amount`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{text}\" is not a number: expected digits, optionally with one decimal point, at most 18 digits on each side"
)]
pub struct AmountError {
    /// The text as given.
    pub text: String,
}

impl Amount {
    /// Zero.
    pub const ZERO: Self = Self(Ratio::new_raw(0, 1));
    /// One.
    pub const ONE: Self = Self(Ratio::new_raw(1, 1));

    /// A whole number.
    pub const fn whole(value: i64) -> Self {
        Self(Ratio::new_raw(value as i128, 1))
    }

    /// The fraction `numerator / denominator`, or `None` when the denominator is zero.
    pub fn fraction(numerator: i64, denominator: i64) -> Option<Self> {
        (denominator != 0).then(|| Self(Ratio::new(i128::from(numerator), i128::from(denominator))))
    }

    /// Numerator and denominator in lowest terms, the denominator positive.
    pub fn parts(&self) -> (i128, i128) {
        (*self.0.numer(), *self.0.denom())
    }

    /// The inverse of [`parts`](Self::parts); `None` when the denominator is not positive or the terms are not the lowest, so
    /// that one number has one encoding.
    pub fn from_parts(numerator: i128, denominator: i128) -> Option<Self> {
        if denominator <= 0 || numerator == i128::MIN {
            return None;
        }
        let reduced = Self(Ratio::new(numerator, denominator));
        (reduced.parts() == (numerator, denominator)).then_some(reduced)
    }

    /// Parses a decimal number: FHIR decimals and typed numbers. No sign, no exponent, no thousands separator.
    ///
    /// # Errors
    /// When the text is anything else.
    pub fn parse(text: &str) -> Result<Self, AmountError> {
        let wrong = || AmountError { text: text.chars().take(40).collect() };
        let (whole, decimals) = match text.split_once('.') {
            Some((whole, decimals)) if !decimals.is_empty() => (whole, decimals),
            Some(_) => return Err(wrong()),
            None => (text, ""),
        };
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit()) && part.len() <= 18;
        if whole.is_empty() || !digits(whole) || !digits(decimals) {
            return Err(wrong());
        }
        let mut numerator: i128 = 0;
        let mut denominator: i128 = 1;
        for digit in whole.bytes() {
            numerator = numerator * 10 + i128::from(digit - b'0');
        }
        for digit in decimals.bytes() {
            numerator = numerator * 10 + i128::from(digit - b'0');
            denominator *= 10;
        }
        Ok(Self(Ratio::new(numerator, denominator)))
    }

    /// The sum, or `None` when it does not fit.
    pub fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(&other.0).map(Self)
    }

    /// The difference, or `None` when it does not fit.
    pub fn minus(self, other: Self) -> Option<Self> {
        self.0.checked_sub(&other.0).map(Self)
    }

    /// The product, or `None` when it does not fit.
    pub fn times(self, other: Self) -> Option<Self> {
        self.0.checked_mul(&other.0).map(Self)
    }

    /// The quotient, or `None` when it does not fit or `other` is zero.
    pub fn over(self, other: Self) -> Option<Self> {
        if other.0.is_zero() { None } else { self.0.checked_div(&other.0).map(Self) }
    }

    /// More than zero.
    pub fn is_positive(&self) -> bool {
        self.0.is_positive()
    }

    /// Exactly zero.
    pub fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    /// The multiple of `step` that is nearest to this number, the greater of two; `None` when it does not fit or the step is not positive.
    pub fn nearest(self, step: Self) -> Option<Self> {
        let times = self.over(step.is_positive().then_some(step)?)?;
        let half = Ratio::new_raw(1, 2);
        step.times(Self(times.0.checked_add(&half)?.floor()))
    }

    /// The greatest multiple of `step` that is not more than this number; `None` when it does not fit or the step is not positive.
    pub fn down_to(self, step: Self) -> Option<Self> {
        let times = self.over(step.is_positive().then_some(step)?)?;
        step.times(Self(times.0.floor()))
    }

    /// The least multiple of `step` that is not less than this number; `None` when it does not fit or the step is not positive.
    pub fn up_to(self, step: Self) -> Option<Self> {
        let times = self.over(step.is_positive().then_some(step)?)?;
        step.times(Self(times.0.ceil()))
    }

    /// How often `part` goes into this number when it does so without a remainder.
    pub fn whole_multiple_of(self, part: Self) -> Option<i128> {
        let quotient = self.over(part)?;
        quotient.0.is_integer().then(|| *quotient.0.numer())
    }
}

impl FromStr for Amount {
    type Err = AmountError;
    fn from_str(text: &str) -> Result<Self, AmountError> {
        Self::parse(text)
    }
}

/// The exact decimal without trailing zeros (ISMP: never `1.0`), a leading zero where needed (never `.5`), or `n/d` when the
/// decimal would not end.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (numerator, denominator) = self.parts();
        let mut rest = denominator;
        let (mut twos, mut fives) = (0_u32, 0_u32);
        while rest % 2 == 0 {
            rest /= 2;
            twos += 1;
        }
        while rest % 5 == 0 {
            rest /= 5;
            fives += 1;
        }
        let places = twos.max(fives);
        let scaled = (rest == 1)
            .then(|| 10_i128.checked_pow(places))
            .flatten()
            .and_then(|power| numerator.checked_mul(power / denominator));
        let Some(scaled) = scaled else {
            return write!(f, "{numerator}/{denominator}");
        };
        if places == 0 {
            return write!(f, "{scaled}");
        }
        let sign = if scaled < 0 { "-" } else { "" };
        let digits = scaled.unsigned_abs().to_string();
        let places = places as usize;
        let padded =
            if digits.len() <= places { format!("{digits:0>width$}", width = places + 1) } else { digits };
        let (whole, decimals) = padded.split_at(padded.len() - places);
        write!(f, "{sign}{whole}.{decimals}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decimals_are_exact_and_print_as_ismp_asks() {
        for (text, printed) in
            [("0.1", "0.1"), ("2.50", "2.5"), ("10", "10"), ("1.0", "1"), ("0.000125", "0.000125")]
        {
            assert_eq!(Amount::parse(text).unwrap().to_string(), printed);
        }
        assert_eq!(Amount::fraction(1, 3).unwrap().to_string(), "1/3");
        for wrong in
            ["", ".5", "5.", "1e3", "-1", "+1", "1,000", "1.2.3", "0x1", " 1", "\u{0661}", &"9".repeat(19)]
        {
            assert!(Amount::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_nearest_step_is_within_half_of_one() {
        let nearest = |of: (i64, i64), step: &str| {
            Amount::fraction(of.0, of.1).unwrap().nearest(Amount::parse(step).unwrap()).unwrap().to_string()
        };
        assert_eq!(nearest((20, 7), "0.01"), "2.86");
        assert_eq!(nearest((1, 200), "0.01"), "0.01", "the greater of two");
        assert_eq!(nearest((1, 300), "0.01"), "0");
        assert_eq!(nearest((5, 2), "0.1"), "2.5");
        assert_eq!(Amount::ONE.nearest(Amount::ZERO), None);
        let (endless, step) = (Amount::fraction(20, 7).unwrap(), Amount::parse("0.01").unwrap());
        assert_eq!(endless.down_to(step).unwrap().to_string(), "2.85");
        assert_eq!(endless.up_to(step).unwrap().to_string(), "2.86");
        assert_eq!(step.down_to(step), step.up_to(step), "a multiple is its own");
    }

    #[test]
    fn what_does_not_fit_is_none_never_wrong() {
        let huge = Amount::from_parts(i128::MAX, 1).unwrap();
        assert_eq!(huge.plus(Amount::ONE), None);
        assert_eq!(huge.times(Amount::whole(2)), None);
        assert_eq!(Amount::ONE.over(Amount::ZERO), None);
    }

    proptest! {
        #[test]
        fn parse_is_the_inverse_of_print(whole in 0_u64..1_000_000_000_000, decimals in 0_u32..1_000_000) {
            let amount = Amount::parse(&format!("{whole}.{decimals:06}")).unwrap();
            prop_assert_eq!(Amount::parse(&amount.to_string()).unwrap(), amount);
            let (n, d) = amount.parts();
            prop_assert_eq!(Amount::from_parts(n, d), Some(amount));
        }

        #[test]
        fn division_undoes_multiplication(a in 1_i64..1_000_000, b in 1_i64..1_000_000) {
            let (a, b) = (Amount::whole(a), Amount::whole(b));
            prop_assert_eq!(a.times(b).and_then(|p| p.over(b)), Some(a));
        }
    }
}
