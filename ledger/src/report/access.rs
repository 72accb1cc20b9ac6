//! Who did and saw what.

use std::collections::{BTreeMap, BTreeSet};

use super::page::Table;
use super::range::local_text;
use crate::reading::Book;

/// What one person did.
#[derive(Default)]
struct Acts {
    kinds: BTreeMap<String, u64>,
    patients: BTreeSet<String>,
    first: String,
    last: String,
}

pub(super) fn access(book: &Book) -> Vec<Table> {
    let mut people: BTreeMap<(String, String), Acts> = BTreeMap::new();
    let mut seen: BTreeMap<(String, String), (u64, String, String)> = BTreeMap::new();
    for line in &book.lines {
        let Some(actor) = &line.fact.actor else { continue };
        let who = book.actor(line);
        let at = local_text(line.fact.at, line.fact.offset_s);
        let acts = people.entry((who.clone(), actor.role.clone())).or_default();
        *acts.kinds.entry(line.fact.kind.to_string()).or_default() += 1;
        if acts.first.is_empty() {
            acts.first.clone_from(&at);
        }
        acts.last.clone_from(&at);
        if line.fact.patient_key.is_some() {
            let patient = book.patient(line);
            acts.patients.insert(patient.clone());
            let row = seen.entry((who, patient)).or_insert((0, at.clone(), String::new()));
            row.0 += 1;
            row.2 = at;
        }
    }
    let people = people.into_iter().map(|((who, role), acts)| {
        let kinds: Vec<_> = acts.kinds.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
        vec![who, role, acts.patients.len().to_string(), kinds.join(", "), acts.first, acts.last]
    });
    let columns = vec!["person", "role", "patients", "entries", "first, local", "last, local"];
    let seen_columns = vec!["person", "patient", "entries", "first, local", "last, local"];
    let rows = seen
        .into_iter()
        .map(|((who, patient), (count, first, last))| vec![who, patient, count.to_string(), first, last]);
    vec![
        Table { title: "People", columns, rows: people.collect() },
        Table { title: "Who saw which patient", columns: seen_columns, rows: rows.collect() },
    ]
}
