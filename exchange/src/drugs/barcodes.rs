//! `barcodes.csv`: which code on a package is which item.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rights::ident::{Gtin14, ProductId};
use rights::scan::{HibcPrimary, PackageKey};

use super::{DrugFile, day};
use crate::ndc::Ndc;
use crate::rejection::Note;
use crate::table::{self, Row, TableError};

pub(super) const COLUMNS: &[&str] = &["item", "type", "value", "added_by", "verified_by", "from", "to"];

/// Type and value of a code, as `barcodes.csv` and links have them; an NDC without the hyphens that only the package tells.
pub fn code_of(key: &PackageKey) -> (&'static str, String) {
    match key {
        PackageKey::Gtin(gtin) => ("gtin", gtin.to_string()),
        PackageKey::Ndc(digits) => ("ndc", digits.as_str().to_owned()),
        PackageKey::Hibc(primary) => ("hibc", primary.as_str().to_owned()),
    }
}

pub(super) fn read(file: &mut DrugFile, source: (&str, &[u8]), today: Date) -> Result<(), TableError> {
    let (name, bytes) = source;
    let (rows, rejections) = table::read(name, bytes, COLUMNS)?;
    file.rejections.extend(rejections);
    let mut taken: BTreeMap<(String, String), (u64, ProductId)> = BTreeMap::new();
    let mut items_of: BTreeMap<PackageKey, BTreeSet<ProductId>> = BTreeMap::new();
    let mut out_of_force = 0_usize;
    for row in rows {
        let link = match link(&row, file) {
            Ok(link) => link,
            Err(reason) => {
                file.rejections.push(table::reject(
                    name,
                    row.line,
                    reason,
                    "correct the line and import again",
                ));
                continue;
            }
        };
        if link.from > today || link.to.is_some_and(|last| today > last) {
            out_of_force += 1;
            continue;
        }
        let written = (row.get("type").to_owned(), row.get("value").to_owned());
        if let Some((line, other)) = taken.get(&written) {
            let same = *other == link.item;
            let reason = if same {
                format!("this code stands on line {line} already")
            } else {
                format!("this code stands on line {line} for {other}: ambiguous from now on, never resolved")
            };
            file.rejections.push(table::reject(
                name,
                row.line,
                reason,
                "find out which item it is and remove the other line",
            ));
            if same {
                continue;
            }
        } else {
            taken.insert(written, (row.line, link.item.clone()));
            file.accepted += 1;
        }
        for key in link.keys {
            items_of.entry(key.clone()).or_default().insert(link.item.clone());
            file.formulary.link(key, link.item.clone());
        }
    }
    note_ambiguous(file, name, &items_of);
    if out_of_force > 0 {
        let text = format!("{out_of_force} links are not in force on {today}");
        file.notes.push(Note { resource: name.to_owned(), text });
    }
    Ok(())
}

/// M2: digits that mean two items are told to the pharmacist when they are imported, not to the nurse at night.
fn note_ambiguous(file: &mut DrugFile, name: &str, items_of: &BTreeMap<PackageKey, BTreeSet<ProductId>>) {
    for (key, items) in items_of.iter().filter(|(_, items)| items.len() > 1) {
        let digits = match key {
            PackageKey::Gtin(gtin) => gtin.as_str(),
            PackageKey::Ndc(digits) => digits.as_str(),
            PackageKey::Hibc(primary) => primary.as_str(),
        };
        let items: Vec<&str> = items.iter().map(ProductId::as_str).collect();
        let text = format!("{digits} is ambiguous ({}): a scan of it is refused", items.join(", "));
        file.notes.push(Note { resource: name.to_owned(), text });
    }
}

struct Link {
    item: ProductId,
    keys: Vec<PackageKey>,
    from: Date,
    to: Option<Date>,
}

fn link(row: &Row, file: &DrugFile) -> Result<Link, String> {
    let item = ProductId::parse(row.get("item")).map_err(|error| error.to_string())?;
    if file.formulary.product(&item).is_none() {
        return Err(format!("{item} is no item of this drug file"));
    }
    let keys = keys(row.get("type"), row.get("value"))?;
    match (row.get("added_by"), row.get("verified_by")) {
        ("", _) => return Err("added_by is missing".to_owned()),
        (_, "") => return Err("not verified yet: a second person has to".to_owned()),
        (added, verified) if is_same_person(added, verified) => {
            return Err("added and verified by the same person: a second person has to verify".to_owned());
        }
        _ => {}
    }
    let from = day(row.get("from"))?;
    let to = Some(row.get("to")).filter(|text| !text.is_empty()).map(day).transpose()?;
    if to.is_some_and(|last| last < from) {
        return Err("ends before it begins".to_owned());
    }
    Ok(Link { item, keys, from, to })
}

/// Whether two names are of one person: one who writes it in another way is no second person.
fn is_same_person(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// Every key under which a code of this type is scanned.
pub(super) fn keys(kind: &str, value: &str) -> Result<Vec<PackageKey>, String> {
    Ok(match kind {
        "gtin" => vec![PackageKey::Gtin(gtin(value)?)],
        "ndc" => {
            let ndc = Ndc::parse(value).map_err(|error| error.to_string())?;
            ndc.keys().into_iter().map(PackageKey::Ndc).collect()
        }
        "hibc" => vec![PackageKey::Hibc(HibcPrimary::parse(value).map_err(|error| error.to_string())?)],
        other => return Err(format!("type is \"{other}\", expected gtin, ndc or hibc")),
    })
}

/// 14 digits, or a UPC-A (12) or EAN-13 (13) with zeros put in front.
fn gtin(value: &str) -> Result<Gtin14, String> {
    let parsed = if value.len() == 14 { Gtin14::parse(value) } else { Gtin14::from_upc_or_ean(value) };
    parsed.map_err(|error| error.to_string())
}
