//! CM4 alerts and what came of them, CM5 near misses.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use rights::verdict::Class;

use super::attempts::{Attempt, Effect, End, attempts};
use super::count::{Count, share};
use super::page::Table;
use super::scanning::{product, shift, week};
use super::settings::Settings;
use crate::reading::Book;

/// What became of a rule's firings.
#[derive(Clone, Copy, Default)]
struct Burden {
    fired: u64,
    overridden: u64,
    averted: u64,
    changed: u64,
    open: u64,
}

impl Burden {
    fn add(&mut self, effect: Effect) {
        self.fired += 1;
        match effect {
            Effect::Overridden => self.overridden += 1,
            Effect::Averted => self.averted += 1,
            Effect::Changed => self.changed += 1,
            Effect::Open => self.open += 1,
        }
    }

    fn cells(&self) -> Vec<String> {
        let numbers = [self.fired, self.overridden, self.averted, self.changed, self.open];
        let cells = numbers.iter().map(ToString::to_string);
        cells.chain([share(self.overridden, self.fired)]).collect()
    }
}

const BURDEN: [&str; 6] =
    ["fired", "overridden", "averted", "changed the action", "not ended", "share overridden"];

/// Whether a class asks for a coded reason.
fn is_soft(class: Class) -> bool {
    match class {
        Class::SoftReason | Class::SoftContact | Class::SoftWitness => true,
        Class::Pass
        | Class::Info
        | Class::Acknowledge
        | Class::Choice
        | Class::HardBreakGlass
        | Class::Hard => false,
    }
}

/// CM4.
pub(super) fn alerts(book: &Book, settings: &Settings) -> Vec<Table> {
    let attempts = attempts(book);
    let mut rules: BTreeMap<(String, &'static str), Burden> = BTreeMap::new();
    let mut groups: [BTreeMap<String, Burden>; 4] = Default::default();
    for attempt in &attempts {
        let line = attempt.first();
        let keys = [book.unit(line).to_owned(), shift(settings, line), book.actor(line), week(line)];
        for (check, class, effect) in &attempt.alerts {
            rules.entry(((*check).to_owned(), class.name())).or_default().add(*effect);
            for (group, key) in groups.iter_mut().zip(&keys) {
                group.entry(key.clone()).or_default().add(*effect);
            }
        }
    }
    let rule_rows = rules.iter().map(|((check, class), burden)| {
        [check.clone(), (*class).to_owned()].into_iter().chain(burden.cells()).collect()
    });
    let columns = ["check", "class"].into_iter().chain(BURDEN).collect();
    let mut tables = vec![
        budget(&attempts),
        Table { title: "CM4 By rule", columns, rows: rule_rows.collect() },
        review(book, &attempts, settings),
    ];
    let names =
        [("By unit", "unit"), ("By shift", "shift"), ("By nurse", "nurse"), ("By week, from Monday", "week")];
    tables.extend(groups.into_iter().zip(names).map(|(group, (title, column))| {
        let rows = group.into_iter().map(|(key, burden)| [key].into_iter().chain(burden.cells()).collect());
        Table { title, columns: [column].into_iter().chain(BURDEN).collect(), rows: rows.collect() }
    }));
    let mut reasons: Count<2, 1> = Count::default();
    for line in &book.lines {
        for (check, reason) in &line.fact.reasons {
            reasons.add([check.clone(), reason.clone().unwrap_or_else(|| "acknowledged".to_owned())], 0);
        }
    }
    tables.push(reasons.table("Answers", &["check", "reason", "entries"]));
    tables
}

/// The alert budget: doses that met a question for a reason.
fn budget(attempts: &[Attempt<'_>]) -> Table {
    let given = attempts.iter().filter(|attempt| attempt.end == End::Given);
    let (mut doses, mut asked) = (0_u64, 0_u64);
    for attempt in given {
        doses += 1;
        asked += u64::from(attempt.alerts.iter().any(|(_, class, _)| is_soft(*class)));
    }
    let kept = match asked * 100 < doses * 5 {
        _ if doses == 0 => "-",
        true => "below 5 %, kept",
        false => "5 % or more, exceeded",
    };
    let row = vec![doses.to_string(), asked.to_string(), share(asked, doses), kept.to_owned()];
    let columns = vec!["doses given", "met a question for a reason", "share", "budget"];
    Table { title: "Alert budget", columns, rows: vec![row] }
}

/// Rules whose questions are nearly always overridden, in the last days of the range.
fn review(book: &Book, attempts: &[Attempt<'_>], settings: &Settings) -> Table {
    let end = book.tally.latest;
    let from =
        end.and_then(|end| end.checked_sub(SignedDuration::from_hours(24 * settings.review_days)).ok());
    let mut rules: BTreeMap<&str, Burden> = BTreeMap::new();
    for attempt in attempts.iter().filter(|attempt| from.is_none_or(|from| attempt.last().fact.at >= from)) {
        for (check, _, effect) in attempt.alerts.iter().filter(|(_, class, _)| is_soft(*class)) {
            rules.entry(check).or_default().add(*effect);
        }
    }
    let often = |burden: &Burden| burden.overridden * 100 > burden.fired * settings.review_above;
    let rows = rules.into_iter().filter(|(_, burden)| often(burden));
    let rows = rows.map(|(check, burden)| [check.to_owned()].into_iter().chain(burden.cells()).collect());
    let columns = ["check"].into_iter().chain(BURDEN).collect();
    Table { title: "Rules to review: overridden in more than 90 % of 30 days", columns, rows: rows.collect() }
}

/// CM5: what was stopped.
pub(super) fn near_misses(book: &Book, settings: &Settings) -> Vec<Table> {
    let attempts = attempts(book);
    let mut stops: BTreeMap<(String, &'static str), Burden> = BTreeMap::new();
    let mut groups: [Count<2, 1>; 5] = Default::default();
    for attempt in &attempts {
        for (check, class, effect) in attempt.alerts.iter().filter(|(_, class, _)| class.stops()) {
            stops.entry(((*check).to_owned(), class.name())).or_default().add(*effect);
            let line = attempt.lines.iter().find(|line| line.fact.found(check)).unwrap_or(&attempt.lines[0]);
            let keys = [
                book.unit(line).to_owned(),
                shift(settings, line),
                book.actor(line),
                product(line),
                week(line),
            ];
            for (group, key) in groups.iter_mut().zip(keys) {
                group.add([key, (*check).to_owned()], 0);
            }
        }
    }
    let rows = stops.iter().map(|((check, class), burden)| {
        let numbers = [burden.fired, burden.averted, burden.changed, burden.overridden, burden.open];
        [check.clone(), (*class).to_owned()].into_iter().chain(numbers.map(|n| n.to_string())).collect()
    });
    let columns = vec![
        "check",
        "class",
        "stops",
        "nothing given",
        "given after it was put right",
        "given in break-glass",
        "not ended",
    ];
    let mut tables = vec![Table { title: "CM5 Stops by kind", columns, rows: rows.collect() }];
    let names: [(&str, [&str; 3]); 5] = [
        ("By unit", ["unit", "check", "stops"]),
        ("By shift", ["shift", "check", "stops"]),
        ("By nurse", ["nurse", "check", "stops"]),
        ("By product in hand", ["product", "check", "stops"]),
        ("By week, from Monday", ["week", "check", "stops"]),
    ];
    tables
        .extend(groups.into_iter().zip(names).map(|(group, (title, columns))| group.table(title, &columns)));
    tables
}
