//! `recalls.csv`: lots that were called back (M6), and why a drug file may not take the place of another one without them.

use std::collections::BTreeMap;

use rights::ident::plain_lot;
use rights::ident::{Lot, ProductId};
use rights::product::{Recall, RecallClass};

use super::{DrugFile, day};
use crate::table::{self, Row, TableError};

const COLUMNS: &[&str] = &["item", "lot", "class", "date"];

/// Why a drug file was not imported: lots that are stopped today would not be stopped any more, or some that should be would not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecallsError {
    /// No list came, and there are recalls in force.
    #[error(
        "recalls.csv is missing, and without it {in_force} would end: import it with the others; to end recalls on purpose, import a \
         recalls.csv without their lines, or with its header alone ({})",
        COLUMNS.join(",")
    )]
    Missing {
        /// What is in force.
        in_force: String,
    },
    /// A line cannot be used.
    #[error(
        "{lines} of recalls.csv cannot be used, so that a lot could be given that was called back: correct each and import again \
         (a spreadsheet rewrites dates: they are YYYY-MM-DD)"
    )]
    Refused {
        /// How many.
        lines: String,
    },
}

pub(super) fn read(file: &mut DrugFile, source: (&str, &[u8])) -> Result<(), TableError> {
    let (name, bytes) = source;
    let (rows, rejections) = table::read(name, bytes, COLUMNS)?;
    let before = file.rejections.len();
    file.rejections.extend(rejections);
    for row in rows {
        match recall(&row, file) {
            Ok((recall, date)) => {
                file.recalls.push(recall.clone());
                file.formulary.recall(recall);
                match date {
                    Ok(()) => file.accepted += 1,
                    Err(reason) => file.rejections.push(table::reject(
                        name,
                        row.line,
                        reason,
                        "correct the line and import again; where the list is used as it is, the lot is stopped all the same",
                    )),
                }
            }
            Err(reason) => {
                file.rejections.push(table::reject(
                    name,
                    row.line,
                    reason,
                    "correct the line and import again",
                ));
            }
        }
    }
    file.recalls_refused = file.rejections.len() - before;
    Ok(())
}

/// A recall applies as soon as the file holds it, and whatever its date: waiting could only do harm. The date is checked for its form.
fn recall(row: &Row, file: &DrugFile) -> Result<(Recall, Result<(), String>), String> {
    let product = ProductId::parse(row.get("item")).map_err(|error| error.to_string())?;
    if file.formulary.product(&product).is_none() {
        return Err(format!("{product} is no item of this drug file"));
    }
    let class = RecallClass::from_name(row.get("class"))
        .ok_or_else(|| format!("class is \"{}\", expected I, II or III", row.get("class")))?;
    let lot = Lot::parse(row.get("lot")).map_err(|error| error.to_string())?;
    Ok((Recall { product, lot, class }, day(row.get("date")).map(|_| ())))
}

/// The recalls of a drug file: item and lot, as lots are compared, with the strictest class.
pub(super) fn in_force(file: &DrugFile) -> BTreeMap<String, RecallClass> {
    let mut found = BTreeMap::new();
    for recall in &file.recalls {
        let of_lot = format!("{} lot {}", recall.product, plain_lot(recall.lot.as_str()));
        let class = found.entry(of_lot).or_insert(recall.class);
        *class = recall.class.min(*class);
    }
    found
}

/// Whether a new drug file may take the place of the one in force (`None` when that one cannot be read any more).
///
/// # Errors
/// When recalls would be lost without anybody having said so.
pub fn may_replace(old: Option<&DrugFile>, new: &DrugFile, names_recalls: bool) -> Result<(), RecallsError> {
    let counted = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    if new.recalls_refused > 0 {
        return Err(RecallsError::Refused { lines: counted(new.recalls_refused, "line") });
    }
    let in_force = match old {
        Some(old) => counted(in_force(old).len().max(old.recalls_refused), "recall"),
        None => "the recalls of a list that cannot be read any more".to_owned(),
    };
    let none = old.is_some_and(|old| old.recalls.is_empty() && old.recalls_refused == 0);
    if names_recalls || none { Ok(()) } else { Err(RecallsError::Missing { in_force }) }
}

/// The recalls of the old drug file that the new one does not have: whoever imports it is told.
pub(crate) fn ended(old: &DrugFile, new: &DrugFile) -> Vec<String> {
    let new = in_force(new);
    in_force(old).into_keys().filter(|of_lot| !new.contains_key(of_lot)).collect()
}
