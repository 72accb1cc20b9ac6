//! PH7: every patient who was given a lot.

use super::doses::{corrections, given_at, local};
use super::page::Table;
use super::range::{local_text, utc_text};
use crate::reading::{Book, Line};

/// A lot as people write it: letters' case and spaces do not matter.
pub(crate) fn same_lot(lot: &str, other: &str) -> bool {
    plain(lot) == plain(other)
}

/// A lot as it is compared, here and wherever doses of a lot are looked for: capitals, without spaces.
pub fn plain(lot: &str) -> String {
    lot.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect()
}

/// The lots of a given dose: of each package, or of the last one where patient data is closed.
pub(crate) fn lots(fact: &crate::reading::Fact) -> Vec<(Option<String>, String)> {
    match fact.administration() {
        Some(done) => done
            .packages
            .iter()
            .filter_map(|used| Some((Some(used.product.to_string()), used.lot.as_ref()?.to_string())))
            .collect(),
        None => fact.lot.iter().map(|lot| (fact.product.clone(), lot.clone())).collect(),
    }
}

pub(super) fn recall(book: &Book, lot: &str) -> Vec<Table> {
    let wrong = corrections(book);
    let (mut rows, mut patients) = (Vec::new(), std::collections::BTreeMap::<String, (u64, String)>::new());
    for line in book.lines.iter().filter(|line| line.fact.is_dose()) {
        let of_lot: Vec<_> = lots(&line.fact).into_iter().filter(|(_, found)| same_lot(found, lot)).collect();
        let Some((product, found)) = of_lot.first() else { continue };
        let in_error = line.fact.key.is_some_and(|key| wrong.contains_key(&key));
        let row = row(book, line, product.as_deref(), found, of_lot.len(), in_error);
        if !in_error {
            let last = local(&line.fact, given_at(&line.fact)).date().to_string();
            let patient = patients.entry(book.patient(line)).or_default();
            patient.0 += 1;
            patient.1 = last;
        }
        rows.push(row);
    }
    let patients =
        patients.into_iter().map(|(patient, (doses, last))| vec![patient, doses.to_string(), last]).collect();
    let columns = vec![
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
    vec![
        Table {
            title: "PH7 Patients who were given this lot",
            columns: vec!["patient", "doses", "last, local day"],
            rows: patients,
        },
        Table { title: "Doses of this lot", columns, rows },
    ]
}

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
