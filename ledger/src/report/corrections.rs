//! CM10: what was entered in error, backdated or late, and every entry that refers to another one, contradicts one or overrides something.

use std::collections::{BTreeMap, HashMap};

use rights::follow_up::{Act, Conflict};
use rights::history::Record;

use super::count::share;
use super::doses::corrections as corrected;
use super::page::Table;
use super::range::{local_text, utc_text};
use crate::kind::Kind;
use crate::reading::Book;

pub(super) fn corrections(book: &Book) -> Vec<Table> {
    let wrong = corrected(book);
    let mut nurses: BTreeMap<String, [u64; 4]> = BTreeMap::new();
    for line in book.lines.iter().filter(|line| line.fact.is_dose()) {
        let fact = &line.fact;
        let [given, in_error, backdated, late] = nurses.entry(book.actor(line)).or_default();
        *given += 1;
        *in_error += u64::from(fact.key.is_some_and(|key| wrong.contains_key(&key)));
        *backdated += u64::from(fact.found("S3"));
        *late += u64::from(fact.found("T3"));
    }
    let rows = nurses.into_iter().map(|(nurse, [given, in_error, backdated, late])| {
        let shares = [share(in_error, given), share(backdated, given), share(late, given)];
        [nurse]
            .into_iter()
            .chain([given, in_error, backdated, late].map(|number| number.to_string()))
            .chain(shares)
            .collect()
    });
    let columns = vec![
        "nurse",
        "given",
        "entered in error",
        "backdated",
        "late",
        "share in error",
        "share backdated",
        "share late",
    ];
    vec![Table { title: "CM10 By the nurse who gave", columns, rows: rows.collect() }, entries(book)]
}

fn entries(book: &Book) -> Table {
    let mut rows = Vec::new();
    let keyed = book.lines.iter().filter_map(|line| Some((line.fact.key?, line.fact.sequence)));
    let keyed: HashMap<[u8; 20], u64> = keyed.collect();
    for line in &book.lines {
        let fact = &line.fact;
        let what = match fact.kind {
            Kind::CORRECTION
            | Kind::WITNESS
            | Kind::OVERRIDE
            | Kind::WASTE
            | Kind::CONFLICT
            | Kind::CONFLICT_ANSWERED => fact.kind.to_string(),
            Kind::GIVEN | Kind::PARTIAL if fact.found("S3") => format!("{}, backdated", fact.kind),
            _ => continue,
        };
        let follows = match fact.record() {
            Some(Record::FollowUp(done)) => Some(done),
            _ => None,
        };
        let of = follows.map(|done| done.of.to_bytes());
        let found = follows.and_then(|done| match done.act {
            Act::Conflict(Conflict::AlsoGiven(..)) => Some("given at another kiosk too"),
            Act::Conflict(Conflict::StoppedBefore(_)) => Some("the order had been stopped"),
            _ => None,
        });
        let about = of.and_then(|key| keyed.get(&key)).map(|sequence| format!("entry {sequence}"));
        let reason = fact.reason.as_deref().or_else(|| fact.reason_for("S3")).or(found).unwrap_or("-");
        rows.push(vec![
            fact.sequence.to_string(),
            local_text(fact.at, fact.offset_s),
            utc_text(fact.at),
            what,
            book.actor(line),
            reason.to_owned(),
            about.unwrap_or_else(|| "-".to_owned()),
        ]);
    }
    let columns = vec!["entry", "local time", "UTC", "kind", "person", "reason", "corrects"];
    Table { title: "Entries", columns, rows }
}
