//! `recalls.csv`: lots that were called back (M6).

use rights::ident::{Lot, ProductId};
use rights::product::{Recall, RecallClass};

use super::{DrugFile, day};
use crate::table::{self, Row, TableError};

const COLUMNS: &[&str] = &["item", "lot", "class", "date"];

pub(super) fn read(file: &mut DrugFile, source: (&str, &[u8])) -> Result<(), TableError> {
    let (name, bytes) = source;
    let (rows, rejections) = table::read(name, bytes, COLUMNS)?;
    file.rejections.extend(rejections);
    for row in rows {
        match recall(&row, file) {
            Ok(recall) => {
                file.formulary.recall(recall);
                file.accepted += 1;
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
    Ok(())
}

/// A recall applies as soon as the file holds it; its date is checked for form only, since waiting could only do harm.
fn recall(row: &Row, file: &DrugFile) -> Result<Recall, String> {
    let product = ProductId::parse(row.get("item")).map_err(|error| error.to_string())?;
    if file.formulary.product(&product).is_none() {
        return Err(format!("{product} is no item of this drug file"));
    }
    let class = RecallClass::from_name(row.get("class"))
        .ok_or_else(|| format!("class is \"{}\", expected I, II or III", row.get("class")))?;
    day(row.get("date"))?;
    Ok(Recall { product, lot: Lot::parse(row.get("lot")).map_err(|error| error.to_string())?, class })
}
