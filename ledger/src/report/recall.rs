//! PH7: every patient who was given a lot, and every dose of which nobody can say that it was another one.

use std::collections::{BTreeMap, BTreeSet};

use rights::ident::plain_lot;

use super::doses::{corrections, given_at, local};
use super::page::Table;
use super::range::{local_text, utc_text};
use crate::reading::{Book, Fact, Line};

/// A lot as people write it: letters' case and spaces do not matter.
pub(crate) fn same_lot(lot: &str, other: &str) -> bool {
    plain_lot(lot) == plain_lot(other)
}

/// The lots of a given dose: of each package, or of the last one where patient data is closed.
pub(crate) fn lots(fact: &Fact) -> Vec<(Option<String>, String)> {
    match fact.administration() {
        Some(done) => done
            .packages
            .iter()
            .filter_map(|used| Some((Some(used.product.to_string()), used.lot.as_ref()?.to_string())))
            .collect(),
        None => fact.lot.iter().map(|lot| (fact.product.clone(), lot.clone())).collect(),
    }
}

/// The items of a given dose of which no lot is recorded: of each package whose code held none (UPC-A and linear NDC hold none), or of
/// the last one where patient data is closed. `None` stands for a dose of which not even the item is.
pub(crate) fn without_lot(fact: &Fact) -> Vec<Option<String>> {
    match fact.administration() {
        Some(done) if !done.packages.is_empty() => {
            let bare = done.packages.iter().filter(|used| used.lot.is_none());
            bare.map(|used| Some(used.product.to_string())).collect()
        }
        _ if fact.lot.is_none() => vec![fact.product.clone()],
        _ => Vec::new(),
    }
}

/// The items of which doses of a lot are recorded. A lot is a number of its manufacturer, so there may be several.
pub(crate) fn items<'a>(facts: impl Iterator<Item = &'a Fact>, lot: &str) -> BTreeSet<String> {
    let of_lot = facts.filter(|fact| fact.is_dose()).flat_map(lots).filter(|(_, found)| same_lot(found, lot));
    of_lot.filter_map(|(product, _)| product).collect()
}

/// What a look-back found.
pub(super) struct Found {
    pub(super) tables: Vec<Table>,
    /// What the page says before them.
    pub(super) facts: Vec<(String, String)>,
}

/// Doses and patients, without what was entered in error.
#[derive(Default)]
struct Counted {
    doses: u64,
    /// How many doses each had, and on which local day the last one.
    patients: BTreeMap<String, (u64, String)>,
}

impl Counted {
    fn add(&mut self, book: &Book, line: &Line) {
        self.doses += 1;
        let patient = self.patients.entry(book.patient(line)).or_default();
        patient.0 += 1;
        patient.1 = local(&line.fact, given_at(&line.fact)).date().to_string();
    }
}

fn plural(number: u64, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

impl std::fmt::Display for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let patients = plural(self.patients.len() as u64, "patient");
        write!(f, "{}, {patients}", plural(self.doses, "dose"))
    }
}

pub(super) fn recall(book: &Book, lot: &str) -> Found {
    let wrong = corrections(book);
    let items = items(book.lines.iter().map(|line| &line.fact), lot);
    let (mut given, mut doubtful) = (Counted::default(), Counted::default());
    let (mut rows, mut doubtful_rows) = (Vec::new(), Vec::new());
    for line in book.lines.iter().filter(|line| line.fact.is_dose()) {
        let in_error = line.fact.key.is_some_and(|key| wrong.contains_key(&key));
        let of_lot: Vec<_> = lots(&line.fact).into_iter().filter(|(_, found)| same_lot(found, lot)).collect();
        let (count, rows, row) = if let Some((product, found)) = of_lot.first() {
            (&mut given, &mut rows, row(book, line, product.as_deref(), found, of_lot.len(), in_error))
        } else {
            // Nobody can say that it was another lot. While no dose tells which item the lot is of, that holds for every item.
            let meant = |item: &Option<String>| {
                items.is_empty() || item.as_ref().is_none_or(|item| items.contains(item))
            };
            let bare: Vec<_> = without_lot(&line.fact).into_iter().filter(meant).collect();
            let Some(product) = bare.first() else { continue };
            (
                &mut doubtful,
                &mut doubtful_rows,
                row(book, line, product.as_deref(), "not recorded", bare.len(), in_error),
            )
        };
        if !in_error {
            count.add(book, line);
        }
        rows.push(row);
    }
    let of_items = if items.is_empty() {
        "of any item, for no dose of this lot tells which item it is of".to_owned()
    } else {
        format!("of {}", items.into_iter().collect::<Vec<_>>().join(", "))
    };
    let facts = vec![
        ("of this lot".to_owned(), given.to_string()),
        (
            "lot not recorded".to_owned(),
            format!(
                "{doubtful}, {of_items}: each may be of this lot, for a code without one (UPC-A, a linear NDC) leaves none in the ledger"
            ),
        ),
    ];
    let patients = given.patients.into_iter();
    let patients = patients.map(|(patient, (doses, last))| vec![patient, doses.to_string(), last]).collect();
    let tables = vec![
        Table {
            title: "PH7 Patients who were given this lot",
            columns: vec!["patient", "doses", "last, local day"],
            rows: patients,
        },
        Table { title: "Doses of this lot", columns: COLUMNS.to_vec(), rows },
        Table {
            title: "Doses that may be of this lot: none was recorded",
            columns: COLUMNS.to_vec(),
            rows: doubtful_rows,
        },
    ];
    Found { tables, facts }
}

const COLUMNS: [&str; 11] = [
    "entry",
    "local time",
    "UTC",
    "patient",
    "unit",
    "nurse",
    "product",
    "lot",
    "packages",
    "dose",
    "stands",
];

fn row(
    book: &Book,
    line: &Line,
    product: Option<&str>,
    lot: &str,
    packages: usize,
    in_error: bool,
) -> Vec<String> {
    let fact = &line.fact;
    let dose = fact.administration().and_then(|done| done.dose);
    vec![
        fact.sequence.to_string(),
        local_text(given_at(fact), fact.offset_s),
        utc_text(given_at(fact)),
        book.patient(line),
        book.unit(line).to_owned(),
        book.actor(line),
        product.unwrap_or("-").to_owned(),
        lot.to_owned(),
        packages.to_string(),
        dose.map_or_else(|| "-".to_owned(), |dose| dose.to_string()),
        if in_error { "entered in error" } else { "given" }.to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lot_is_found_as_people_write_it() {
        assert!(same_lot("mt 4402", "MT4402") && !same_lot("MT4403", "MT4402"));
    }
}
