//! The site's indication table: coded reasons of as-needed orders, as the reason codes among which a nurse chooses (T6). "Severe
//! pain" is a kind of the reason `pain`; which kinds belong to which reason is the site's to say.

use std::collections::BTreeMap;

use rights::ident::ReasonCode;

use crate::rejection::Rejection;
use crate::table::{self, TableError};

const DEFAULT: &str = include_str!("../tables/indications.csv");

/// (System, code) to reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndicationTable {
    reasons: BTreeMap<(String, String), ReasonCode>,
}

impl IndicationTable {
    /// Reads `system,code,reason` lines; `reason` is a code of the policy's list `as_needed`.
    ///
    /// # Errors
    /// When it is no such table. Single bad lines are returned beside the table.
    pub fn read(file: &str, bytes: &[u8]) -> Result<(Self, Vec<Rejection>), TableError> {
        let (rows, mut rejections) = table::read(file, bytes, &["system", "code", "reason"])?;
        let mut reasons = BTreeMap::new();
        for row in rows {
            let key = (row.get("system").to_owned(), row.get("code").to_owned());
            let refuse = |reason: String| table::reject(file, row.line, reason, "correct or remove the line");
            match ReasonCode::parse(row.get("reason")) {
                _ if key.0.is_empty() || key.1.is_empty() => {
                    rejections.push(refuse("an indication needs a system and a code".into()));
                }
                Err(error) => rejections.push(refuse(error.to_string())),
                Ok(_) if reasons.contains_key(&key) => {
                    rejections.push(refuse("the code stands there already".into()));
                }
                Ok(reason) => {
                    reasons.insert(key, reason);
                }
            }
        }
        Ok((Self { reasons }, rejections))
    }

    /// The reason of a code.
    pub fn reason(&self, system: &str, code: &str) -> Option<&ReasonCode> {
        self.reasons.get(&(system.to_owned(), code.to_owned()))
    }
}

impl Default for IndicationTable {
    /// The table in `exchange/tables/indications.csv`; a test proves that each of its lines is good.
    fn default() -> Self {
        Self::read("indications.csv", DEFAULT.as_bytes())
            .map_or_else(|_| Self { reasons: BTreeMap::new() }, |(table, _)| table)
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
        assert!(table.reasons.values().all(|reason| policy.reasons(ReasonList::AsNeeded).contains(reason)));
        let pain = table.reason("http://snomed.info/sct", "76948002").map(ReasonCode::as_str);
        assert_eq!(pain, Some("pain"));
        assert_eq!(table.reason("urn:other", "76948002"), None);
        let text = "system,code,reason\nurn:a,1,pain\nurn:a,1,fever\n,2,pain\nurn:a,3,\n";
        let (_, bad) = IndicationTable::read("i.csv", text.as_bytes()).unwrap();
        let lines: Vec<&str> = bad.iter().map(|bad| bad.place.as_str()).collect();
        assert_eq!(lines, ["i.csv line 3", "i.csv line 4", "i.csv line 5"]);
    }
}
