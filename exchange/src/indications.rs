//! The site's indication table: coded reasons of as-needed orders, as the reason codes among which a nurse chooses (T6). "Severe
//! pain" is a kind of the reason `pain`; which kinds belong to which reason is the site's to say.

use rights::ident::ReasonCode;

use crate::coded::CodeTable;
use crate::rejection::Rejection;
use crate::table::TableError;

const DEFAULT: &str = include_str!("../tables/indications.csv");

/// (System, code) to reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndicationTable(CodeTable<ReasonCode>);

impl IndicationTable {
    /// Reads `system,code,reason` lines; `reason` is a code of the policy's list `as_needed`.
    ///
    /// # Errors
    /// When it is no such table. Single bad lines are returned beside the table.
    pub fn read(file: &str, bytes: &[u8]) -> Result<(Self, Vec<Rejection>), TableError> {
        let (table, rejections) = CodeTable::read(file, bytes, &["system", "code", "reason"], |row, _| {
            ReasonCode::parse(row.get("reason")).map_err(|error| error.to_string())
        })?;
        Ok((Self(table), rejections))
    }

    /// The reason of a code.
    pub fn reason(&self, system: &str, code: &str) -> Option<&ReasonCode> {
        self.0.get(system, code)
    }
}

impl Default for IndicationTable {
    /// The table in `exchange/tables/indications.csv`; a test proves that each of its lines is good.
    fn default() -> Self {
        Self::read("indications.csv", DEFAULT.as_bytes())
            .map_or_else(|_| Self(CodeTable::default()), |(table, _)| table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rights::policy::{Policy, ReasonList};

    /// T6: a line whose reason no nurse could choose would never count.
    #[test]
    fn t6_every_default_line_names_a_reason_of_the_list() {
        let (table, rejections) = IndicationTable::read("indications.csv", DEFAULT.as_bytes()).unwrap();
        assert_eq!(rejections, []);
        let policy = Policy::default();
        assert!(table.0.meanings().all(|reason| policy.reasons(ReasonList::AsNeeded).contains(reason)));
        let pain = table.reason("http://snomed.info/sct", "76948002").map(ReasonCode::as_str);
        assert_eq!(pain, Some("pain"));
        assert_eq!(table.reason("urn:other", "76948002"), None);
        let (_, bad) = IndicationTable::read("i.csv", b"system,code,reason\nurn:a,3,\n").unwrap();
        assert_eq!(bad[0].place, "i.csv line 2");
    }
}
