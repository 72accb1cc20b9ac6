//! Units of measure and quantities. Units are a closed list of UCUM codes that the bedside can compare; everything else is
//! mapped to one of these by the site's alias table (in `exchange`) or is *not checkable*, which is said, never assumed.

use alloc::string::{String, ToString};
use core::cmp::Ordering;
use core::fmt;

use crate::amount::Amount;

macro_rules! units {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $dimension:ident, $n:literal / $d:literal;)+) => {
        /// A unit that the bedside can compare.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Unit { $($(#[$doc])* $name,)+ }

        impl Unit {
            /// Every unit.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The UCUM code, case sensitive.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// What kind of quantity it measures. Only units of one dimension can be compared.
            pub const fn dimension(self) -> Dimension {
                match self { $(Self::$name => Dimension::$dimension,)+ }
            }

            /// How many base units of its dimension it is, as a fraction.
            const fn factor(self) -> (i64, i64) {
                match self { $(Self::$name => ($n, $d),)+ }
            }
        }
    };
}

units! {
    /// Kilogram.
    Kilogram = "kg", Mass, 1_000_000 / 1;
    /// Gram.
    Gram = "g", Mass, 1_000 / 1;
    /// Milligram, the base of mass.
    Milligram = "mg", Mass, 1 / 1;
    /// Microgram; written "mcg" for people.
    Microgram = "ug", Mass, 1 / 1_000;
    /// Nanogram.
    Nanogram = "ng", Mass, 1 / 1_000_000;
    /// Litre.
    Litre = "L", Volume, 1_000 / 1;
    /// Millilitre, the base of volume.
    Millilitre = "mL", Volume, 1 / 1;
    /// International units of a substance; comparable only for the same substance, which the ingredient says.
    InternationalUnit = "[iU]", InternationalUnits, 1 / 1;
    /// Units of the United States Pharmacopeia.
    UspUnit = "[USP'U]", UspUnits, 1 / 1;
    /// Milliequivalent. Not a millimole: the charge differs.
    Milliequivalent = "meq", Equivalents, 1 / 1;
    /// Millimole.
    Millimole = "mmol", Substance, 1 / 1;
    /// Mole.
    Mole = "mol", Substance, 1_000 / 1;
    /// Tablets, counted.
    Tablet = "{tablet}", Tablets, 1 / 1;
    /// Capsules, counted.
    Capsule = "{capsule}", Capsules, 1 / 1;
    /// Patches, counted.
    Patch = "{patch}", Patches, 1 / 1;
    /// Suppositories, counted.
    Suppository = "{suppository}", Suppositories, 1 / 1;
    /// Puffs of an inhaler.
    Puff = "{puff}", Puffs, 1 / 1;
    /// Sprays.
    Spray = "{spray}", Sprays, 1 / 1;
    /// Drops.
    Drop = "[drp]", Drops, 1 / 1;
    /// Applications of a cream or ointment.
    Application = "{application}", Applications, 1 / 1;
    /// Beats or breaths in a minute.
    PerMinute = "/min", Frequency, 1 / 1;
    /// Millimetres of mercury.
    MillimetreOfMercury = "mm[Hg]", Pressure, 1 / 1;
    /// Per cent, of oxygen saturation.
    Percent = "%", Share, 1 / 1;
    /// Milligrams in a decilitre, the base of mass concentration.
    MilligramPerDecilitre = "mg/dL", MassConcentration, 1 / 1;
    /// Grams in a litre.
    GramPerLitre = "g/L", MassConcentration, 100 / 1;
    /// Nanograms in a millilitre.
    NanogramPerMillilitre = "ng/mL", MassConcentration, 1 / 10_000;
    /// Millimoles in a litre. Not a mass concentration: the molar mass differs.
    MillimolePerLitre = "mmol/L", SubstanceConcentration, 1 / 1;
    /// Milliequivalents in a litre.
    MilliequivalentPerLitre = "meq/L", EquivalentConcentration, 1 / 1;
    /// The international normalised ratio.
    Inr = "{INR}", NormalisedRatio, 1 / 1;
    /// Degrees Celsius.
    Celsius = "Cel", Temperature, 1 / 1;
    /// Points of a score.
    Score = "{score}", Scores, 1 / 1;
}

/// What a unit measures. UCUM annotations are compared as such: a tablet is not a capsule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Dimension {
    Mass,
    Volume,
    InternationalUnits,
    UspUnits,
    Equivalents,
    Substance,
    Tablets,
    Capsules,
    Patches,
    Suppositories,
    Puffs,
    Sprays,
    Drops,
    Applications,
    Frequency,
    Pressure,
    Share,
    MassConcentration,
    SubstanceConcentration,
    EquivalentConcentration,
    NormalisedRatio,
    Temperature,
    Scores,
}

impl Unit {
    /// The unit with this UCUM code, exactly as written: case matters (`mg` is not `Mg`).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|unit| unit.code() == code)
    }
}

/// An amount of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Quantity {
    /// How many.
    pub amount: Amount,
    /// Of what.
    pub unit: Unit,
}

/// Why a text is no [`Quantity`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// The number.
    #[error(transparent)]
    Amount(#[from] crate::amount::AmountError),
    /// The unit is not one the bedside can compare.
    #[error("unit \"{unit}\" is not one of the UCUM units of this product; add it to the site's alias table")]
    Unit {
        /// As given.
        unit: String,
    },
    /// No unit at all.
    #[error("\"{text}\" has no unit: a dose without a unit cannot be checked")]
    Missing {
        /// As given.
        text: String,
    },
}

impl Quantity {
    /// An amount of a unit.
    pub const fn new(amount: Amount, unit: Unit) -> Self {
        Self { amount, unit }
    }

    /// Parses a number, a space and a UCUM code: `2.5 mL`.
    ///
    /// # Errors
    /// When the number or the unit is missing or unknown.
    pub fn parse(text: &str) -> Result<Self, QuantityError> {
        let (amount, unit) =
            text.split_once(' ').ok_or_else(|| QuantityError::Missing { text: text.to_string() })?;
        let amount = Amount::parse(amount)?;
        let unit = Unit::from_code(unit).ok_or_else(|| QuantityError::Unit { unit: unit.to_string() })?;
        Ok(Self { amount, unit })
    }

    /// The amount in another unit, or `None` when the two measure different things.
    pub fn in_unit(&self, unit: Unit) -> Option<Amount> {
        if self.unit.dimension() != unit.dimension() {
            return None;
        }
        if self.unit == unit {
            return Some(self.amount);
        }
        let (n, d) = self.unit.factor();
        let (to_n, to_d) = unit.factor();
        self.amount.times(Amount::fraction(n, d)?)?.over(Amount::fraction(to_n, to_d)?)
    }

    /// Compares exactly; `None` when the two measure different things.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        Some(self.amount.cmp(&other.in_unit(self.unit)?))
    }

    /// The sum in this quantity's unit; `None` when the two measure different things or it does not fit.
    pub fn plus(&self, other: &Self) -> Option<Self> {
        Some(Self::new(self.amount.plus(other.in_unit(self.unit)?)?, self.unit))
    }

    /// The difference in this quantity's unit; `None` when the two measure different things or it does not fit.
    pub fn minus(&self, other: &Self) -> Option<Self> {
        Some(Self::new(self.amount.minus(other.in_unit(self.unit)?)?, self.unit))
    }

    /// This quantity taken `factor` times.
    pub fn times(&self, factor: Amount) -> Option<Self> {
        Some(Self::new(self.amount.times(factor)?, self.unit))
    }
}

/// Number, space, UCUM code: the inverse of [`Quantity::parse`]. For machines; people read [`crate::phrase`].
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.unit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn quantity(text: &str) -> Quantity {
        Quantity::parse(text).unwrap()
    }

    /// D1; scenario 12.
    #[test]
    fn equal_amounts_in_different_units_are_equal() {
        assert_eq!(quantity("0.1 mg").compare(&quantity("100 ug")), Some(Ordering::Equal));
        assert_eq!(quantity("0.5 g").compare(&quantity("500 mg")), Some(Ordering::Equal));
    }

    /// D1; exchange.md section 7, check 5.
    #[test]
    fn what_measures_different_things_is_not_comparable() {
        for (a, b) in
            [("1 {tablet}", "1 {capsule}"), ("1 meq", "1 mmol"), ("1 mg", "1 mL"), ("1 [iU]", "1 [USP'U]")]
        {
            assert_eq!(quantity(a).compare(&quantity(b)), None);
        }
        assert!(matches!(Quantity::parse("1 Mg"), Err(QuantityError::Unit { .. })), "case matters");
        assert!(matches!(Quantity::parse("5"), Err(QuantityError::Missing { .. })));
    }

    fn any_quantity() -> impl Strategy<Value = Quantity> {
        (1_i64..100_000, 1_i64..1_000, 0..Unit::ALL.len())
            .prop_map(|(n, d, unit)| Quantity::new(Amount::fraction(n, d).unwrap(), Unit::ALL[unit]))
    }

    proptest! {
        #[test]
        fn comparison_is_symmetric_and_transitive(a in any_quantity(), b in any_quantity(), c in any_quantity()) {
            prop_assert_eq!(a.compare(&b), b.compare(&a).map(Ordering::reverse));
            if let (Some(ab), Some(bc)) = (a.compare(&b), b.compare(&c)) && ab == bc {
                prop_assert_eq!(a.compare(&c), Some(ab));
            }
        }

        #[test]
        fn changing_the_unit_and_back_changes_nothing(a in any_quantity(), unit in 0..Unit::ALL.len()) {
            let unit = Unit::ALL[unit];
            if let Some(there) = a.in_unit(unit) {
                prop_assert_eq!(Quantity::new(there, unit).in_unit(a.unit), Some(a.amount));
            }
        }
    }
}
