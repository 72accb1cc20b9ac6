//! The site's observation table: LOINC and site codes of vital signs and laboratory values, as the names that hold parameters,
//! scales and doses by weight are written with. An observation is never known by its display text.

use rights::ident::ObservationCode;
use rights::request::ObservationKind;

use crate::coded::CodeTable;
use crate::rejection::Rejection;
use crate::table::{Row, TableError};

const DEFAULT: &str = include_str!("../tables/observations.csv");

/// (System, code) to observation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservationTable(CodeTable<Known>);

/// What the table says of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The name of what was observed.
    pub what: ObservationCode,
    /// Whether it is measured at the bedside (C2) or in the laboratory (C3).
    pub kind: ObservationKind,
}

impl ObservationTable {
    /// Reads `system,code,observation,kind` lines; `kind` is `vital_sign` or `laboratory`. Several codes may name one
    /// observation, of one kind.
    ///
    /// # Errors
    /// When it is no such table. Single bad lines are returned beside the table.
    pub fn read(file: &str, bytes: &[u8]) -> Result<(Self, Vec<Rejection>), TableError> {
        let columns = &["system", "code", "observation", "kind"];
        let (table, rejections) = CodeTable::read(file, bytes, columns, known)?;
        Ok((Self(table), rejections))
    }

    /// The observation of a code.
    pub fn known(&self, system: &str, code: &str) -> Option<&Known> {
        self.0.get(system, code)
    }
}

fn known(row: &Row, above: &CodeTable<Known>) -> Result<Known, String> {
    let what = ObservationCode::parse(row.get("observation")).map_err(|error| error.to_string())?;
    let kind = ObservationKind::from_name(row.get("kind"));
    let kind = kind.ok_or_else(|| "kind is neither vital_sign nor laboratory".to_owned())?;
    if above.meanings().any(|known| known.what == what && known.kind != kind) {
        return Err("the observation is of another kind above".to_owned());
    }
    Ok(Known { what, kind })
}

impl Default for ObservationTable {
    /// The table in `exchange/tables/observations.csv`; a test proves that each of its lines is good.
    fn default() -> Self {
        Self::read("observations.csv", DEFAULT.as_bytes())
            .map_or_else(|_| Self(CodeTable::default()), |(table, _)| table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_line_is_good() {
        let (table, rejections) = ObservationTable::read("observations.csv", DEFAULT.as_bytes()).unwrap();
        assert_eq!(rejections, []);
        assert!(table.0.meanings().any(|known| known.what == ObservationCode::body_weight()));
    }

    /// C2, C3: a code of one system means nothing in another, and a bad line is listed.
    #[test]
    fn c2_observations_come_from_the_table_alone() {
        let table = ObservationTable::default();
        let name = |system, code| table.known(system, code).map(|known| known.what.as_str());
        assert_eq!(name("http://loinc.org", "8867-4"), Some("heart-rate"));
        assert_eq!(name("http://snomed.info/sct", "8867-4"), None);
        assert_eq!(name("http://loinc.org", "heart-rate"), None);
        let text = "system,code,observation,kind\nurn:site,K,potassium,laboratory\nurn:site,K,glucose,laboratory\n\
                    urn:site,,inr,laboratory\nurn:site,X,,laboratory\nurn:site,Y,inr,blood\nurn:site,Z,potassium,vital_sign\n";
        let (table, bad) = ObservationTable::read("o.csv", text.as_bytes()).unwrap();
        let potassium = table.known("urn:site", "K").unwrap();
        assert_eq!((potassium.what.as_str(), potassium.kind), ("potassium", ObservationKind::Laboratory));
        let lines: Vec<String> = bad.iter().map(|bad| bad.place.clone()).collect();
        assert_eq!(lines, (3..=7).map(|line| format!("o.csv line {line}")).collect::<Vec<_>>());
    }
}
