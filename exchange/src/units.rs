//! The site's unit aliases: what order systems and drug files write, as a unit that the bedside can compare.
//!
//! Matching is exact and case sensitive (`mg` is not `Mg`, which UCUM reads as megagram). What no table knows is *not
//! checkable*: refused with its text, never guessed.

use std::collections::BTreeMap;

use rights::quantity::{Dimension, Unit};

use crate::rejection::Rejection;
use crate::table::{self, TableError};

/// The system of UCUM codes in FHIR.
pub const UCUM: &str = "http://unitsofmeasure.org";

const DEFAULT: &str = include_str!("../tables/units.csv");

/// Alias to unit. UCUM codes of [`Unit`] stand for themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitTable {
    aliases: BTreeMap<String, Unit>,
}

impl UnitTable {
    /// Reads `alias,unit` lines; `unit` is the UCUM code of a [`Unit`].
    ///
    /// # Errors
    /// When it is no such table. Single bad lines are returned beside the table.
    pub fn read(file: &str, bytes: &[u8]) -> Result<(Self, Vec<Rejection>), TableError> {
        let (rows, mut rejections) = table::read(file, bytes, &["alias", "unit"])?;
        let mut aliases = BTreeMap::new();
        for row in rows {
            let (alias, code) = (row.get("alias"), row.get("unit"));
            let refuse = |reason: String| table::reject(file, row.line, reason, "correct or remove the line");
            let known = Unit::from_code(alias).or_else(|| aliases.get(alias).copied());
            match Unit::from_code(code) {
                _ if alias.is_empty() => rejections.push(refuse("the alias is empty".into())),
                None => rejections.push(refuse(format!("\"{code}\" is no unit that the bedside compares"))),
                Some(unit) if known.is_some_and(|known| known != unit) => {
                    rejections.push(refuse(format!("\"{alias}\" already stands for another unit")));
                }
                Some(unit) => {
                    aliases.insert(alias.to_owned(), unit);
                }
            }
        }
        Ok((Self { aliases }, rejections))
    }

    /// The unit of a text, exactly as written.
    pub fn unit(&self, text: &str) -> Option<Unit> {
        Unit::from_code(text).or_else(|| self.aliases.get(text).copied())
    }

    /// The unit of a text, where it is one in which drugs are given: per cent, `mg/dL` and `/min` are measured of a patient, and a
    /// strength in per cent comes from the drug file in amounts.
    pub fn dose_unit(&self, text: &str) -> Option<Unit> {
        self.unit(text).filter(|unit| is_given(*unit))
    }

    /// The unit of a FHIR Quantity. A code outweighs the text shown for people, but the two may not say different units.
    ///
    /// # Errors
    /// With the reason, when there is none, it is unknown, or code and text contradict each other.
    pub fn of_quantity(
        &self,
        system: Option<&str>,
        code: Option<&str>,
        shown: Option<&str>,
    ) -> Result<Unit, String> {
        let from_shown = shown.and_then(|text| self.unit(text));
        let Some(code) = code else {
            return match (from_shown, shown) {
                (Some(unit), _) => Ok(unit),
                (None, Some(text)) => Err(format!("\"{}\" is in no unit table: not checkable", short(text))),
                (None, None) => Err("no unit: not checkable".to_owned()),
            };
        };
        // In UCUM "U" is the enzyme unit and "l" a litre: an alias of ours applies only where UCUM has no such code of its own.
        let unit = if system == Some(UCUM) && code == "U" { None } else { self.unit(code) };
        match (unit, from_shown) {
            (Some(unit), Some(shown)) if unit != shown => Err(format!(
                "code and displayed unit contradict each other ({} and {})",
                unit.code(),
                shown.code()
            )),
            (Some(unit), _) => Ok(unit),
            (None, _) => Err(format!("\"{}\" is in no unit table: not checkable", short(code))),
        }
    }
}

/// Whether drugs are given in it; otherwise it is measured of a patient.
pub(crate) const fn is_given(unit: Unit) -> bool {
    match unit.dimension() {
        Dimension::Mass
        | Dimension::Volume
        | Dimension::InternationalUnits
        | Dimension::UspUnits
        | Dimension::Equivalents
        | Dimension::Substance
        | Dimension::Tablets
        | Dimension::Capsules
        | Dimension::Patches
        | Dimension::Suppositories
        | Dimension::Puffs
        | Dimension::Sprays
        | Dimension::Drops
        | Dimension::Applications => true,
        Dimension::Frequency
        | Dimension::Pressure
        | Dimension::Share
        | Dimension::MassConcentration
        | Dimension::SubstanceConcentration
        | Dimension::EquivalentConcentration
        | Dimension::NormalisedRatio
        | Dimension::Temperature
        | Dimension::Scores => false,
    }
}

/// At most 40 characters of foreign text, for messages.
pub(crate) fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}

impl Default for UnitTable {
    /// The table in `exchange/tables/units.csv`; a test proves that each of its lines is good.
    fn default() -> Self {
        Self::read("units.csv", DEFAULT.as_bytes())
            .map_or_else(|_| Self { aliases: BTreeMap::new() }, |(table, _)| table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_line_is_good() {
        let (table, rejections) = UnitTable::read("units.csv", DEFAULT.as_bytes()).unwrap();
        assert_eq!(rejections, []);
        assert!(table.aliases.len() > 30);
    }

    /// exchange.md section 4: "mcg" is an alias of ug; case matters; mEq is not mmol; {tablet} is not {capsule}.
    #[test]
    fn d1_aliases_are_exact() {
        let table = UnitTable::default();
        assert_eq!(table.unit("mcg"), Some(Unit::Microgram));
        assert_eq!(table.unit("ug"), Some(Unit::Microgram));
        assert_eq!(table.unit("units"), Some(Unit::InternationalUnit));
        assert_eq!(table.unit("tabs"), Some(Unit::Tablet));
        assert_eq!(table.unit("mEq"), Some(Unit::Milliequivalent));
        for unknown in ["Mg", "MG", "mg/kg", "U", "ea", "", " mg", "cc"] {
            assert_eq!(table.unit(unknown), None, "{unknown}");
        }
        for measured in ["%", "mg/dL", "/min", "mm[Hg]", "mmol/L", "{INR}", "Cel"] {
            assert!(table.unit(measured).is_some() && table.dose_unit(measured).is_none(), "{measured}");
        }
    }

    #[test]
    fn d1_code_and_shown_unit_may_not_contradict() {
        let table = UnitTable::default();
        assert_eq!(table.of_quantity(Some(UCUM), Some("ug"), Some("mcg")), Ok(Unit::Microgram));
        assert_eq!(table.of_quantity(None, None, Some("units")), Ok(Unit::InternationalUnit));
        assert!(table.of_quantity(Some(UCUM), Some("g"), Some("mg")).unwrap_err().contains("contradict"));
        assert!(table.of_quantity(None, None, None).unwrap_err().contains("no unit"));
        assert!(table.of_quantity(Some(UCUM), Some("mg/kg"), None).is_err());
    }
}
