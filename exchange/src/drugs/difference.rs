//! What a new drug file would change, shown before it is imported.

use std::collections::{BTreeMap, BTreeSet};

use super::{DrugFile, recalls};
use crate::table;

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Difference {
    /// `item`, `code` or `recall`.
    pub what: &'static str,
    /// Item id, type and value of the code, or item and lot of the recall.
    pub which: String,
    /// `added`, `removed` or `changed`.
    pub change: &'static str,
    /// From what to what, where it changed.
    pub detail: String,
}

/// Everything that differs between two drug files, by item, by code and by recall. The bytes are their `barcodes.csv`.
pub fn between(old: (&DrugFile, &[u8]), new: (&DrugFile, &[u8])) -> Vec<Difference> {
    let mut found = Vec::new();
    let items = |file: &DrugFile| -> BTreeMap<String, String> {
        file.formulary.products().map(|product| (product.id.to_string(), format!("{product:?}"))).collect()
    };
    let parts = |before: &str, after: &str| {
        let split = |text: &str| -> Vec<String> { text.split(", ").map(str::to_owned).collect() };
        let (before, after) = (split(before), split(after));
        let only = |of: &[String], other: &[String]| {
            of.iter().filter(|part| !other.contains(part)).cloned().collect::<Vec<_>>().join(", ")
        };
        format!("{} -> {}", only(&before, &after), only(&after, &before))
    };
    differ("item", &items(old.0), &items(new.0), parts, &mut found);
    let plain = |before: &str, after: &str| format!("{before} -> {after}");
    differ("code", &codes(old.1), &codes(new.1), plain, &mut found);
    let recalls = |file: &DrugFile| -> BTreeMap<String, String> {
        let named = |class: rights::product::RecallClass| format!("class {}", class.name());
        recalls::in_force(file).into_iter().map(|(of_lot, class)| (of_lot, named(class))).collect()
    };
    differ("recall", &recalls(old.0), &recalls(new.0), plain, &mut found);
    found
}

fn differ(
    what: &'static str,
    old: &BTreeMap<String, String>,
    new: &BTreeMap<String, String>,
    detail: impl Fn(&str, &str) -> String,
    found: &mut Vec<Difference>,
) {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in names {
        let (change, detail) = match (old.get(name), new.get(name)) {
            (Some(before), Some(after)) if before == after => continue,
            (Some(before), Some(after)) => ("changed", detail(before, after)),
            (None, Some(_)) => ("added", String::new()),
            (Some(_), None) => ("removed", String::new()),
            (None, None) => continue,
        };
        found.push(Difference { what, which: name.clone(), change, detail });
    }
}

/// Type and value to item, who verified it and until when.
fn codes(bytes: &[u8]) -> BTreeMap<String, String> {
    const COLUMNS: &[&str] = &["item", "type", "value", "added_by", "verified_by", "from", "to"];
    let rows = table::read("barcodes.csv", bytes, COLUMNS).map(|(rows, _)| rows).unwrap_or_default();
    let line = |row: &table::Row| {
        let name = format!("{} {}", row.get("type"), row.get("value"));
        let rest = [row.get("item"), row.get("verified_by"), row.get("from"), row.get("to")].join(" ");
        (name, rest.trim().to_owned())
    };
    rows.iter().map(line).collect()
}
