//! The drug file: `items.csv`, `barcodes.csv`, `recalls.csv` to a [`Formulary`].
//!
//! | file | columns |
//! |---|---|
//! | items | `item,rxnorm,name,tall_man,brand,form,release,ingredients,per,package,divisible,routes,high_alert,controlled,allergy_classes,look_alike` |
//! | barcodes | `item,type,value,added_by,verified_by,from,to` |
//! | recalls | `item,lot,class,date` |
//!
//! Lists inside a cell are separated by semicolons; an ingredient is `name amount unit`. A barcode is used only when a second
//! person verified it, and only from `from` to `to`, both days included.

mod barcodes;
pub mod difference;
pub mod fda;
mod items;
pub mod links;
pub mod recalls;
pub mod unknown;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rights::ident::ProductId;
use rights::product::{Formulary, Recall};

use crate::rejection::{Note, Rejection};
use crate::table::TableError;
use crate::units::UnitTable;

pub use barcodes::code_of;

/// The three files, as bytes with the names they are reported under.
#[derive(Clone, Copy, Debug)]
pub struct DrugSources<'a> {
    /// Items.
    pub items: (&'a str, &'a [u8]),
    /// Barcodes.
    pub barcodes: Option<(&'a str, &'a [u8])>,
    /// Recalls.
    pub recalls: Option<(&'a str, &'a [u8])>,
}

/// The drug file as read, with each line that was not.
#[derive(Clone, Debug, Default)]
pub struct DrugFile {
    /// Items, barcodes in force, recalls.
    pub formulary: Formulary,
    /// The recalls that it puts into force, by line.
    pub recalls: Vec<Recall>,
    /// Lines of `recalls.csv` that were refused.
    pub recalls_refused: usize,
    /// `RxNorm` concept to items.
    pub(crate) rxnorm: BTreeMap<String, BTreeSet<ProductId>>,
    /// Every line that was refused.
    pub rejections: Vec<Rejection>,
    /// What a pharmacist should look at.
    pub notes: Vec<Note>,
    /// Lines taken over.
    pub accepted: usize,
}

impl DrugFile {
    /// The items with this `RxNorm` concept.
    pub fn items_of_rxnorm(&self, code: &str) -> impl Iterator<Item = &ProductId> {
        self.rxnorm.get(code).into_iter().flatten()
    }
}

/// Reads a drug file as of `today` (the local date; it decides which barcodes are in force).
///
/// # Errors
/// When a file is no such table, or no item of it can be used. Single bad lines are listed in the result.
pub fn read(sources: DrugSources<'_>, units: &UnitTable, today: Date) -> Result<DrugFile, TableError> {
    let mut file = DrugFile::default();
    items::read(&mut file, sources.items, units)?;
    if file.formulary.products().next().is_none() {
        return Err(TableError::Empty { file: sources.items.0.to_owned() });
    }
    if let Some(source) = sources.barcodes {
        barcodes::read(&mut file, source, today)?;
    }
    if let Some(source) = sources.recalls {
        recalls::read(&mut file, source)?;
    }
    Ok(file)
}

/// A day of a CSV cell, `YYYY-MM-DD`.
fn day(text: &str) -> Result<Date, String> {
    let shape = text.len() == 10;
    shape.then(|| text.parse().ok()).flatten().ok_or_else(|| format!("\"{text}\" is no date (YYYY-MM-DD)"))
}
