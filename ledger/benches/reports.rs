//! Reports from an index beside the same questions to `sqlite3`, over one ledger of the synthetic ward.
//!
//! `cargo bench -p ledger --bench reports -- ENTRIES [FOLDER]`, by default 100,000 in the temporary folder. Needs the program `sqlite3`
//! (`apt-get install sqlite3`); without it only our side is measured. The ledger is made by `ledger ward`, some 4,200 entries a day of
//! 40 patients, and left in FOLDER, so that a second run finds it.
//!
//! `sqlite3` gets the opened facts as tables with the indexes that its questions want; both sides start with the file in the page cache,
//! and every time is that of opening, reading and counting, until the page is there (`REPORTS_STAGES=1` tells them apart). Where both count the same, the counts are held against each other.

#![allow(clippy::cast_precision_loss, reason = "figures for people")]

use std::fmt::Write as _;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use ledger::index::Index;
use ledger::reading::{Book, Line, Options};
use ledger::report::{Kind, Page, Settings, recall_on, report_on};
use rights::history::Record;
use rights::ident::plain_lot;

/// Entries that `ledger ward` makes of a day of 40 patients.
const A_DAY: u64 = 4_180;
/// The lot of which doses are looked for.
const LOT: &str = "LRECALL9";

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let first = arguments.next();
    if first.as_deref() == Some("--test") {
        return Ok(());
    }
    let entries: u64 = first.map_or(Ok(100_000), |text| text.parse()).context("ENTRIES")?;
    let folder = arguments.next().map_or_else(|| std::env::temp_dir().join("ledger-reports"), PathBuf::from);
    std::fs::create_dir_all(&folder)?;
    let ledger = ward(&folder, entries)?;
    let index = folder.join(format!("index-{entries}"));
    let _ = std::fs::remove_file(&index);
    let began = Instant::now();
    drop(Index::open(&index, &ledger)?);
    let built = began.elapsed();
    let began = Instant::now();
    let book = Index::open(&index, &ledger)?.book(&Options::default())?;
    let size = book.parts.first().map_or(0, |part| part.entries);
    println!("{size} entries; ledger {:.0} MB", megabytes(&ledger.join("ledger.redb"))?);
    println!(
        "index built: {built:.1?}, {:.0} MB; everything opened: {:.2?}",
        megabytes(&index)?,
        began.elapsed()
    );
    let sqlite = folder.join(format!("facts-{entries}.sqlite"));
    let has_sqlite = Command::new("sqlite3").arg("--version").output().is_ok();
    if has_sqlite {
        let began = Instant::now();
        export(&book, &folder)?;
        let exported = began.elapsed();
        let began = Instant::now();
        import(&folder, &sqlite)?;
        let imported = began.elapsed();
        println!(
            "SQLite: facts written as text {exported:.1?}, imported and indexed {imported:.1?}, {:.0} MB",
            megabytes(&sqlite)?
        );
    }
    drop(book);
    let sources = [ledger.clone()];
    let stages = std::env::var_os("REPORTS_STAGES").is_some();
    for kind in Kind::ALL {
        let (page, took) = best(|| {
            let began = Instant::now();
            let index = Index::open(&index, &ledger)?;
            let opened = began.elapsed();
            let book = index.book_for(kind, &Options::default())?;
            let read = began.elapsed().saturating_sub(opened);
            let page = report_on(&book, &sources, kind, &Settings::default())?;
            let counted = began.elapsed().saturating_sub(opened + read);
            if stages {
                println!("  opened {opened:.1?}, read {read:.1?}, counted {counted:.1?}");
            }
            Ok((page, book))
        })?;
        told(kind.name(), took, has_sqlite.then_some(sqlite.as_path()), question(kind), &page)?;
    }
    let (page, took) = best(|| {
        let book = Index::open(&index, &ledger)?.book_of_lot(LOT, false)?;
        Ok((recall_on(&book, LOT), book))
    })?;
    let asked = format!("select count(distinct patient) from packages where lot = '{LOT}' and in_error = 0");
    told("recall", took, has_sqlite.then_some(sqlite.as_path()), &asked, &page)
}

fn megabytes(path: &Path) -> anyhow::Result<f64> {
    Ok(std::fs::metadata(path)?.len() as f64 / 1e6)
}

/// The best of three, until the page is there; what it was made of is given back afterwards.
fn best(make: impl Fn() -> anyhow::Result<(Page, Book)>) -> anyhow::Result<(Page, Duration)> {
    let mut best: Option<(Page, Duration)> = None;
    for _ in 0..3 {
        let began = Instant::now();
        let (page, book) = make()?;
        let took = began.elapsed();
        drop(book);
        if best.as_ref().is_none_or(|(_, known)| took < *known) {
            best = Some((page, took));
        }
    }
    best.context("no run")
}

fn told(name: &str, took: Duration, sqlite: Option<&Path>, sql: &str, page: &Page) -> anyhow::Result<()> {
    let ms = took.as_secs_f64() * 1000.0;
    let (Some(sqlite), false) = (sqlite, sql.is_empty()) else {
        println!("{name:<14} {ms:>9.1} ms");
        return Ok(());
    };
    let (answer, theirs) = ask(sqlite, sql)?;
    let theirs = theirs.as_secs_f64() * 1000.0;
    println!("{name:<14} {ms:>9.1} ms   SQLite {theirs:>9.1} ms   ratio {:.2}", ms / theirs);
    let ours = counted(name, page);
    anyhow::ensure!(
        ours.is_empty() || answer.trim() == ours,
        "{name}: SQLite says {answer:?}, the report {ours:?}"
    );
    Ok(())
}

/// What the report says to the last line of its question to `sqlite3`.
fn counted(name: &str, page: &Page) -> String {
    let table = |title: &str| page.tables.iter().find(|table| table.title.starts_with(title));
    let cell = |title: &str, column: usize| {
        table(title).and_then(|table| table.rows.first()?.get(column).cloned()).unwrap_or_default()
    };
    match name {
        "scanning" => format!("{}|{}", cell("CM1", 1), cell("CM1", 2)),
        "recall" => table("PH7").map_or(0, |table| table.rows.len()).to_string(),
        "timeliness" => {
            let sum = |column: usize| -> u64 {
                let rows = table("CM6").map_or(&[][..], |table| &table.rows);
                rows.iter().filter_map(|row| row.get(column)?.parse::<u64>().ok()).sum()
            };
            format!("{}|{}", sum(1), sum(2))
        }
        _ => String::new(),
    }
}

/// The question to `sqlite3` that comes nearest to a report; its last statement is compared where [`counted`] knows it.
fn question(kind: Kind) -> &'static str {
    match kind {
        Kind::Scanning => {
            "select unit, count(*), sum(lack = '') from doses where in_error = 0 group by unit;
             select shift, count(*), sum(lack = '') from doses where in_error = 0 group by shift;
             select nurse, count(*), sum(lack = '') from doses where in_error = 0 group by nurse;
             select week, count(*), sum(lack = '') from doses where in_error = 0 group by week;
             select lack, count(*) from doses where in_error = 0 group by lack;
             select source, symbology, count(*) from entries where source <> '' group by source, symbology;
             select kind, count(*) from entries group by kind;
             select count(*), sum(lack = '') from doses where in_error = 0"
        }
        Kind::Bypass => {
            "select nurse, count(*), sum(lack like 'wristband%'), sum(lack like 'package%') from doses where in_error = 0 group by nurse;
             select unit, count(*), sum(lack like 'wristband%'), sum(lack like 'package%') from doses where in_error = 0 group by unit;
             select product, count(*), sum(lack like 'wristband%'), sum(lack like 'package%') from doses where in_error = 0 group by product;
             select week, count(*), sum(lack like 'wristband%'), sum(lack like 'package%') from doses where in_error = 0 group by week"
        }
        Kind::Alerts => {
            "select f.rule, f.class, count(distinct e.session) from findings f join entries e using (sequence) group by f.rule, f.class;
             select e.nurse, count(*) from findings f join entries e using (sequence) group by e.nurse;
             select e.week, count(*) from findings f join entries e using (sequence) group by e.week;
             select rule, reason, count(*) from reasons group by rule, reason"
        }
        Kind::NearMisses => {
            "select f.rule, f.class, count(*) from findings f where f.class like 'hard%' group by f.rule, f.class;
             select e.nurse, f.rule, count(*) from findings f join entries e using (sequence) where f.class like 'hard%' group by e.nurse, f.rule;
             select e.product, f.rule, count(*) from findings f join entries e using (sequence) where f.class like 'hard%' group by e.product, f.rule"
        }
        Kind::Timeliness => {
            "select nurse, count(*), sum(abs(off) <= half) from doses where in_error = 0 and half is not null group by nurse;
             select week, count(*), sum(abs(off) <= half) from doses where in_error = 0 and half is not null group by week;
             with r as (select tier, abs(off) as away, row_number() over (partition by tier order by abs(off)) as n, count(*) over (partition by tier) as c from doses where in_error = 0 and half is not null)
               select tier, min(case when n >= c * 0.5 then away end), min(case when n >= c * 0.9 then away end) from r group by tier;
             select count(*), sum(abs(off) <= half) from doses where in_error = 0 and half is not null"
        }
        Kind::Rhythm => {
            "with v as (select session, at, kind, lag(at) over (partition by session order by sequence) as before from entries where kind in ('verdict', 'given', 'partial'))
               select count(*), avg(at - before) from v where kind <> 'verdict'"
        }
        Kind::Witnesses => "select nurse, count(*) from entries where kind in ('witness', 'waste') group by nurse",
        Kind::Effects => {
            "select d.nurse, count(*), sum(f.at is not null and f.at <= d.effect_due + 900) from doses d left join follow_ups f on f.of = d.key and f.act = 'effect'
               where d.effect_due is not null and d.in_error = 0 group by d.nurse"
        }
        Kind::Corrections => {
            "select nurse, count(*), sum(in_error), sum(lack like 'charted%') from doses group by nurse;
             select sequence, at, nurse, kind from entries where kind in ('correction', 'witness', 'override', 'waste')"
        }
        Kind::Access => {
            "select nurse, count(*), min(at), max(at), count(distinct patient) from entries where nurse <> '' group by nurse;
             select nurse, patient, count(*), min(at), max(at) from entries where nurse <> '' and patient <> '' group by nurse, patient"
        }
        // SQLite has no chain to compute again, and the patterns are programs.
        Kind::Integrity | Kind::Workarounds => "",
    }
}

/// The ledger of so many entries.
fn ward(folder: &Path, entries: u64) -> anyhow::Result<PathBuf> {
    let ward = folder.join(format!("ward-{entries}"));
    let ledger = ward.join("kiosk-01");
    if !ledger.exists() {
        let began = Instant::now();
        let days = entries.div_ceil(A_DAY).max(2).to_string();
        let status = Command::new(env!("CARGO_BIN_EXE_ledger"))
            .args(["ward", "--kiosks", "1", "--patients", "40", "--nurses", "30", "--days", &days])
            .arg(&ward)
            .status()?;
        anyhow::ensure!(status.success(), "ledger ward");
        println!("made in {:.0?}", began.elapsed());
    }
    Ok(ledger)
}

/// Asks `sqlite3`; the answer to the last statement, and the time of all of them with opening.
fn ask(sqlite: &Path, sql: &str) -> anyhow::Result<(String, Duration)> {
    let mut best: Option<(String, Duration)> = None;
    for _ in 0..3 {
        let began = Instant::now();
        let output = Command::new("sqlite3").arg(sqlite).arg(sql).output()?;
        let took = began.elapsed();
        anyhow::ensure!(output.status.success(), "sqlite3: {}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout)?;
        let last = text.lines().next_back().unwrap_or_default().to_owned();
        if best.as_ref().is_none_or(|(_, known)| took < *known) {
            best = Some((last, took));
        }
    }
    best.context("no run")
}

const TABLES: &str = "
create table entries (sequence integer primary key, kind text, at integer, nurse text, session text, patient text, unit text, week text, product text, source text, symbology text);
create table findings (sequence integer, rule text, class text);
create table reasons (sequence integer, rule text, reason text);
create table doses (sequence integer primary key, key text, at integer, nurse text, patient text, unit text, shift text, week text, product text, lack text, in_error integer, tier text, off integer, half integer, effect_due integer);
create table packages (sequence integer, patient text, lot text, in_error integer);
create table follow_ups (of text, act text, at integer);
";

const INDEXES: &str = "
create index of_lot on packages (lot);
create index of_finding on findings (sequence);
create index of_kind on entries (kind);
create index of_follow_up on follow_ups (of);
analyze;
";

fn import(folder: &Path, sqlite: &Path) -> anyhow::Result<()> {
    let _ = std::fs::remove_file(sqlite);
    let mut script = String::from("pragma journal_mode = off;\npragma synchronous = off;\n");
    script.push_str(TABLES);
    script.push_str(".mode tabs\n");
    for table in ["entries", "findings", "reasons", "doses", "packages", "follow_ups"] {
        writeln!(script, ".import {} {table}", folder.join(format!("{table}.tsv")).display())?;
    }
    // An empty field is an empty text: numbers that are not there become null.
    script.push_str("update doses set half = null where half = '';\nupdate doses set effect_due = null where effect_due = '';\n");
    script.push_str(INDEXES);
    std::fs::write(folder.join("import.sql"), &script)?;
    let output = Command::new("sqlite3")
        .arg(sqlite)
        .arg(format!(".read {}", folder.join("import.sql").display()))
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success() && said.trim().is_empty(), "sqlite3: {said}");
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    ledger::hash::hex(bytes)
}

/// The facts as text files, one for each table. What counts as scanned is taken from the plain facts, not from the reports.
fn export(book: &Book, folder: &Path) -> anyhow::Result<()> {
    let file = |name: &str| -> anyhow::Result<BufWriter<std::fs::File>> {
        Ok(BufWriter::new(std::fs::File::create(folder.join(format!("{name}.tsv")))?))
    };
    let (mut entries, mut findings, mut reasons) = (file("entries")?, file("findings")?, file("reasons")?);
    let (mut doses, mut packages, mut follow_ups) = (file("doses")?, file("packages")?, file("follow_ups")?);
    let mut wrong = std::collections::HashSet::new();
    for line in &book.lines {
        if let (Some(Record::FollowUp(done)), ledger::kind::Kind::CORRECTION) =
            (line.fact.record(), line.fact.kind)
        {
            wrong.insert(done.of.to_bytes());
        }
    }
    for line in &book.lines {
        let fact = &line.fact;
        let (nurse, patient, unit) = (book.actor(line), book.patient(line), book.unit(line));
        let (shift, week) = local(line);
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let session = fact.session().map_or_else(String::new, |id| hex(&id));
        writeln!(
            entries,
            "{}\t{}\t{}\t{nurse}\t{session}\t{patient}\t{unit}\t{week}\t{}\t{}\t{}",
            fact.sequence,
            fact.kind,
            fact.at.as_second(),
            text(&fact.product),
            text(&fact.source),
            text(&fact.symbology)
        )?;
        for (rule, class) in &fact.findings {
            writeln!(findings, "{}\t{rule}\t{class}", fact.sequence)?;
        }
        for (rule, reason) in &fact.reasons {
            writeln!(reasons, "{}\t{rule}\t{}", fact.sequence, text(reason))?;
        }
        if let Some(Record::FollowUp(done)) = fact.record() {
            let act = if matches!(done.act, rights::follow_up::Act::EffectNoted { .. }) {
                "effect"
            } else {
                "other"
            };
            writeln!(follow_ups, "{}\t{act}\t{}", hex(&done.of.to_bytes()), done.at.as_second())?;
        }
        let (true, Some(detail), Some(done)) = (fact.is_dose(), &fact.detail, fact.administration()) else {
            continue;
        };
        let in_error = u8::from(fact.key.is_some_and(|key| wrong.contains(&key)));
        let scanned = |source: rights::scan::Source| source != rights::scan::Source::Keyed;
        let lack = match &detail.band {
            _ if done.backdated.is_some() || fact.found("S3") => "charted afterwards",
            Some(band) if band.typed || !scanned(band.source) => "wristband typed",
            None => "no band",
            _ if detail.packages.is_empty() => "no scan",
            _ if detail.packages.iter().any(|package| !scanned(package.source)) => "package typed",
            _ => "",
        };
        let order = detail.order.as_ref();
        let timed = order
            .filter(|order| !order.first)
            .and_then(|order| Some((order.tier, order.slot?, order.half_s?)));
        let (tier, off, half) = timed.map_or_else(Default::default, |(tier, slot, half)| {
            (
                tier.name().to_owned(),
                done.at.duration_since(slot).as_millis().to_string(),
                (half * 1000).to_string(),
            )
        });
        let due = done.effect_due.map_or_else(String::new, |due| due.as_second().to_string());
        writeln!(
            doses,
            "{}\t{}\t{}\t{nurse}\t{patient}\t{unit}\t{shift}\t{week}\t{}\t{lack}\t{in_error}\t{tier}\t{off}\t{half}\t{due}",
            fact.sequence,
            fact.key.map_or_else(String::new, |key| hex(&key)),
            done.at.as_second(),
            text(&fact.product)
        )?;
        for lot in done.packages.iter().filter_map(|used| used.lot.as_ref()) {
            writeln!(packages, "{}\t{patient}\t{}\t{in_error}", fact.sequence, plain_lot(lot.as_str()))?;
        }
    }
    for mut file in [entries, findings, reasons, doses, packages, follow_ups] {
        file.flush()?;
    }
    Ok(())
}

/// The local shift and week of an entry, computed beside the reports.
fn local(line: &Line) -> (String, String) {
    let offset = i32::try_from(line.fact.offset_s).ok().and_then(|s| jiff::tz::Offset::from_seconds(s).ok());
    let at = offset.unwrap_or(jiff::tz::Offset::UTC).to_datetime(line.fact.moment());
    let back = i64::from(at.date().weekday().to_monday_zero_offset());
    let week = at.date().saturating_sub(jiff::Span::new().days(back)).to_string();
    let shift = match at.hour() {
        7..15 => "day",
        15..23 => "evening",
        _ => "night",
    };
    (shift.to_owned(), week)
}
