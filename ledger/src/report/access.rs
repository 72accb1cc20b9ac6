//! Who did and saw what.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rights::ident::PatientId;

use super::page::Table;
use super::range::local_text;
use crate::hash::Hash;
use crate::kind::Kind;
use crate::reading::Book;

/// What one person did; first and last as places in the book.
#[derive(Default)]
struct Acts {
    kinds: BTreeMap<Kind, u64>,
    patients: BTreeSet<String>,
    first: usize,
    last: usize,
}

/// Whose data an entry is about, before anybody is named.
type About<'a> = (u16, Option<&'a PatientId>, Option<[u8; 16]>);

/// Entries with their places of first and last.
#[derive(Clone, Copy)]
struct Span {
    entries: u64,
    first: usize,
    last: usize,
}

impl Span {
    const fn then(self, next: Self) -> Self {
        let first = if next.first < self.first { next.first } else { self.first };
        let last = if next.last > self.last { next.last } else { self.last };
        Self { entries: self.entries + next.entries, first, last }
    }
}

/// Adds to a group.
fn add<K: std::hash::Hash + Eq>(groups: &mut HashMap<K, Span>, key: K, span: Span) {
    groups.entry(key).and_modify(|known| *known = known.then(span)).or_insert(span);
}

pub(super) fn access(book: &Book) -> Vec<Table> {
    // Counted by what the entries themselves say; people are named once for each group, not for each entry.
    let mut did: HashMap<(u16, Hash, &str, Kind), Span> = HashMap::new();
    let mut saw: HashMap<(u16, Hash, &str, About<'_>), Span> = HashMap::new();
    for (at, line) in book.lines.iter().enumerate() {
        let Some(actor) = &line.fact.actor else { continue };
        let span = Span { entries: 1, first: at, last: at };
        add(&mut did, (line.part, actor.pseudonym, &actor.role, line.fact.kind), span);
        if line.fact.patient_key.is_some() {
            let patient = line.fact.detail.as_ref().and_then(|detail| detail.patient.as_ref());
            let about = (line.part, patient, line.fact.patient_key.filter(|_| patient.is_none()));
            add(&mut saw, (line.part, actor.pseudonym, &actor.role, about), span);
        }
    }
    let line = |at: usize| book.lines.get(at);
    let who = |at: usize| line(at).map_or_else(String::new, |line| book.actor(line));
    let when =
        |at: usize| line(at).map_or_else(String::new, |line| local_text(line.fact.at, line.fact.offset_s));
    let mut people: BTreeMap<(String, String), Acts> = BTreeMap::new();
    for ((_, _, role, kind), span) in did {
        let start = || Acts { first: span.first, last: span.last, ..Acts::default() };
        let acts = people.entry((who(span.first), role.to_owned())).or_insert_with(start);
        *acts.kinds.entry(kind).or_default() += span.entries;
        acts.first = acts.first.min(span.first);
        acts.last = acts.last.max(span.last);
    }
    let mut seen: HashMap<(String, String), Span> = HashMap::new();
    for ((_, _, role, _), span) in saw {
        let (person, patient) =
            (who(span.first), line(span.first).map_or_else(String::new, |line| book.patient(line)));
        if let Some(acts) = people.get_mut(&(person.clone(), role.to_owned())) {
            acts.patients.insert(patient.clone());
        }
        add(&mut seen, (person, patient), span);
    }
    let seen: BTreeMap<(String, String), Span> = seen.into_iter().collect();
    let people = people.into_iter().map(|((who, role), acts)| {
        let mut kinds: Vec<_> = acts.kinds.iter().map(|(kind, count)| (kind.to_string(), count)).collect();
        kinds.sort_unstable();
        let kinds: Vec<_> = kinds.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
        vec![who, role, acts.patients.len().to_string(), kinds.join(", "), when(acts.first), when(acts.last)]
    });
    let columns = vec!["person", "role", "patients", "entries", "first, local", "last, local"];
    let seen_columns = vec!["person", "patient", "entries", "first, local", "last, local"];
    let rows = seen.into_iter().map(|((who, patient), span)| {
        vec![who, patient, span.entries.to_string(), when(span.first), when(span.last)]
    });
    vec![
        Table { title: "People", columns, rows: people.collect() },
        Table { title: "Who saw which patient", columns: seen_columns, rows: rows.collect() },
    ]
}
