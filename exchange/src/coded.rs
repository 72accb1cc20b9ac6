//! Tables from a code of a system (SNOMED CT, LOINC, the site's own) to what the site means by it. A code of one system means nothing
//! in another, and a display text means nothing at all.

use std::collections::BTreeMap;

use crate::rejection::Rejection;
use crate::table::{self, Row, TableError};

/// (System, code) to its meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CodeTable<T>(BTreeMap<(String, String), T>);

impl<T> Default for CodeTable<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T> CodeTable<T> {
    /// Reads lines whose columns `system` and `code` are the key; `parse` reads the others, beside what stands above.
    ///
    /// # Errors
    /// When it is no such table. Single bad lines are returned beside the table.
    pub(crate) fn read(
        file: &str,
        bytes: &[u8],
        columns: &'static [&'static str],
        parse: impl Fn(&Row, &Self) -> Result<T, String>,
    ) -> Result<(Self, Vec<Rejection>), TableError> {
        let (rows, mut rejections) = table::read(file, bytes, columns)?;
        let mut table = Self::default();
        for row in rows {
            let key = (row.get("system").to_owned(), row.get("code").to_owned());
            let read = if key.0.is_empty() || key.1.is_empty() {
                Err("a line needs a system and a code".to_owned())
            } else if table.0.contains_key(&key) {
                Err("the code stands there already".to_owned())
            } else {
                parse(&row, &table)
            };
            match read {
                Ok(meaning) => {
                    table.0.insert(key, meaning);
                }
                Err(reason) => {
                    rejections.push(table::reject(file, row.line, reason, "correct or remove the line"));
                }
            }
        }
        Ok((table, rejections))
    }

    /// What a code means.
    pub(crate) fn get(&self, system: &str, code: &str) -> Option<&T> {
        self.0.get(&(system.to_owned(), code.to_owned()))
    }

    /// The other codes of the same system, each with its meaning.
    pub(crate) fn others<'a>(&'a self, system: &'a str, code: &'a str) -> impl Iterator<Item = &'a T> {
        let of_system = self.0.iter().filter(move |((known, _), _)| known == system);
        of_system.filter(move |((_, known), _)| known != code).map(|(_, meaning)| meaning)
    }

    /// Every meaning; one stands there as often as it has codes.
    pub(crate) fn meanings(&self) -> impl Iterator<Item = &T> {
        self.0.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_stands_once_with_its_system() {
        let text = "system,code,x\nurn:a,1,one\nurn:a,1,two\n,1,three\nurn:a,,four\nurn:b,1,\n";
        let parse = |row: &Row, _: &CodeTable<String>| match row.get("x") {
            "" => Err("x is missing".to_owned()),
            x => Ok(x.to_owned()),
        };
        let (table, bad) =
            CodeTable::read("t.csv", text.as_bytes(), &["system", "code", "x"], parse).unwrap();
        assert_eq!(table.get("urn:a", "1").map(String::as_str), Some("one"));
        assert_eq!((table.get("urn:b", "1"), table.meanings().count()), (None, 1));
        let lines: Vec<&str> = bad.iter().map(|bad| bad.place.as_str()).collect();
        assert_eq!(lines, ["t.csv line 3", "t.csv line 4", "t.csv line 5", "t.csv line 6"]);
    }
}
