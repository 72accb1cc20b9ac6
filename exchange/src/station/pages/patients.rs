//! Patients, and the doses of one over time.

use ledger::report::{Axis, Plot, PlotKind, Series, svg};
use maud::{Markup, PreEscaped, html};
use rights::ident::PatientId;

use super::{Page, frame, text};
use crate::station::asked::{Answer, Asked};
use crate::station::grid::{Grid, link};
use crate::station::reading::{DoseRow, PatientRow};
use crate::station::{Refusal, Signed, Station};

/// Doses that a time line can show legibly.
const MOST_DRAWN: usize = 500;

/// Patients that a search shows at most: a list of everybody is nobody's need.
const MOST_FOUND: usize = 20;

pub(super) fn show(station: &Station, asked: &Asked, who: &Signed) -> Result<Answer, Refusal> {
    if asked.second().is_empty() {
        return Ok(frame::page(Page::Patients, text::PATIENTS, text::PATIENTS_LEAD, who, &form("", who)));
    }
    // On the path stands the place in this process' list, never a name or a record number: addresses end up in histories.
    let place: usize = asked.second().parse().map_err(|_| Refusal::NotFound)?;
    let (patient, doses) = {
        let known = station.reading.known();
        let patient = known.patient(place).cloned().ok_or(Refusal::NotFound)?;
        let doses: Vec<DoseRow> =
            patient.doses.iter().filter_map(|dose| known.doses.get(*dose)).cloned().collect();
        (patient, doses)
    };
    let range = Range::of(asked, &doses)?;
    station.saw(who, "patient", vec![patient.id.clone()])?;
    if asked.of_query("format") == "fhir" {
        let shown = doses.iter().filter(|dose| range.holds(dose)).map(|dose| dose.entry).collect();
        return station.fhir(&doses, &shown);
    }
    let doses: Vec<DoseRow> = doses.into_iter().filter(|dose| range.holds(dose)).collect();
    let grid = doses_grid(&doses);
    match asked.of_query("format") {
        "" => Ok(one(asked, who, &patient, (&range, &doses), &grid)),
        "csv" => Ok(csv("doses.csv", &grid)),
        _ => Err(Refusal::Bad("This form does not exist: take csv or fhir.".to_owned())),
    }
}

/// What is searched for stands in the form, not in the address: addresses end up in histories.
fn form(wanted: &str, who: &Signed) -> Markup {
    html! {
        form.range method="post" action="/patients/search" role="search" aria-label=(text::PATIENTS) {
            input type="hidden" name="csrf" value=(who.csrf);
            label { "Name or record number " input type="search" name="q" required maxlength="80" autocomplete="off" value=(wanted); }
            button { "Search" }
        }
    }
}

/// A search. It changes nothing but the record of who was seen.
pub(super) fn act(station: &Station, asked: &Asked, who: &Signed) -> Result<Answer, Refusal> {
    if asked.second() != "search" {
        return Err(Refusal::NotFound);
    }
    let typed = asked.of_form("q").trim();
    let wanted = typed.to_lowercase();
    let mut found: Vec<(usize, PatientRow)> = Vec::new();
    if !wanted.is_empty() {
        let known = station.reading.known();
        let fits = |row: &PatientRow| match &row.known {
            Some((name, mrn, _)) => name.to_lowercase().contains(&wanted) || mrn.to_lowercase() == wanted,
            None => row.id.to_string().to_lowercase() == wanted,
        };
        let all = known.patients.iter().enumerate().filter(|(_, row)| fits(row));
        found = all.take(MOST_FOUND + 1).map(|(place, row)| (place, row.clone())).collect();
    }
    let many = found.len() > MOST_FOUND;
    if many {
        found.clear();
    }
    let ids: Vec<PatientId> = found.iter().map(|(_, row)| row.id.clone()).collect();
    station.saw(who, "patient-search", ids)?;
    let rows = found.iter().map(|(_, row)| {
        let (name, mrn, born) = named(row);
        vec![name, mrn, born, row.doses.len().to_string()]
    });
    let grid = Grid {
        number: 0,
        title: text::PATIENTS.to_owned(),
        columns: ["patient", "record no.", "born", "doses"].map(str::to_owned).to_vec(),
        rows: rows.collect(),
        links: Some(found.iter().map(|(place, _)| format!("/patients/{place}")).collect()),
        empty: if many { text::PATIENTS_MANY } else { text::PATIENTS_EMPTY }.to_owned(),
    };
    let content = html! {
        (form(typed, who))
        @if !wanted.is_empty() { (grid.fixed()) }
    };
    Ok(frame::page(Page::Patients, text::PATIENTS, text::PATIENTS_LEAD, who, &content))
}

fn named(row: &PatientRow) -> (String, String, String) {
    row.known.clone().map_or_else(
        || (row.id.to_string(), String::new(), String::new()),
        |(name, mrn, born)| (name, mrn, born.to_string()),
    )
}

fn doses_grid(doses: &[DoseRow]) -> Grid {
    let rows = doses.iter().map(|dose| {
        let outcome = match dose.error {
            Some(entry) => format!("{}, entered in error (entry {entry})", dose.outcome.name()),
            None => dose.outcome.name().to_owned(),
        };
        vec![
            dose.local(),
            dose.item.clone(),
            dose.dose.clone(),
            outcome,
            dose.reason.clone(),
            dose.lots.join(", "),
            dose.by.clone(),
            dose.entry.to_string(),
        ]
    });
    Grid {
        number: 0,
        title: text::DOSES.to_owned(),
        columns: ["local time", "item", "dose", "outcome", "reason", "lots", "by", "entry"]
            .map(str::to_owned)
            .to_vec(),
        rows: rows.collect(),
        links: None,
        empty: text::DOSES_EMPTY.to_owned(),
    }
}

/// Which doses are shown, by the local time of their entries.
struct Range {
    from: String,
    to: String,
}

impl Range {
    /// As the query says, or the last week with a dose.
    fn of(asked: &Asked, doses: &[DoseRow]) -> Result<Self, Refusal> {
        let (from, to) = (bound(asked, "from")?, bound(asked, "to")?);
        let told = asked.query.iter().any(|(name, _)| name == "from" || name == "to");
        let week = doses.last().and_then(|dose| {
            let last = dose.offset.to_datetime(dose.at).date();
            last.checked_sub(jiff::Span::new().days(6)).ok()
        });
        let from = if told { from } else { week.map(|day| day.to_string()).unwrap_or_default() };
        Ok(Self { from, to })
    }

    /// Times of one form stand in the order of their letters.
    fn holds(&self, dose: &DoseRow) -> bool {
        let at = dose.local();
        at >= self.from && (self.to.is_empty() || at < self.to)
    }
}

/// A day or a local time, in the form in which doses tell theirs; empty when it is not there.
fn bound(asked: &Asked, name: &str) -> Result<String, Refusal> {
    let told = asked.of_query(name);
    let day = told.parse::<jiff::civil::Date>().map(|day| day.to_string());
    let time = || told.parse::<jiff::civil::DateTime>().map(|at| at.strftime("%Y-%m-%dT%H:%M").to_string());
    let known = if told.len() > 10 { time() } else { day };
    if told.is_empty() {
        return Ok(String::new());
    }
    known.map_err(|_| {
        Refusal::Bad(format!(
            "\"{told}\": expected a day such as 2026-06-01, or a local time such as 2026-06-01T06:00."
        ))
    })
}

/// One lane for each item, in the order of their first dose.
fn time_line(doses: &[DoseRow]) -> Plot {
    let mut series: Vec<Series> = Vec::new();
    for dose in doses {
        let what = if dose.error.is_some() { "entered in error" } else { dose.outcome.name() };
        let point = ledger::report::Point { x: dose.local(), y: what.replace('_', " ") };
        match series.iter_mut().find(|lane| lane.name == dose.item) {
            Some(lane) => lane.points.push(point),
            None => series.push(Series { name: dose.item.clone(), points: vec![point] }),
        }
    }
    Plot {
        kind: PlotKind::TimeLine,
        title: "Doses over time",
        x: Axis::of("local time"),
        y: Axis::of("what happened"),
        target: None,
        series,
    }
}

fn one(
    asked: &Asked,
    who: &Signed,
    patient: &PatientRow,
    (range, doses): (&Range, &[DoseRow]),
    grid: &Grid,
) -> Answer {
    let (name, mrn, born) = named(patient);
    let plot = time_line(doses);
    let content = html! {
        (frame::facts(&[("record number", mrn), ("born", born), ("doses charted", format!("{} in this range, {} in all", doses.len(), patient.doses.len()))]))
        form.range method="get" aria-label="Range" {
            label { "From " input name="from" value=(range.from) maxlength="20" size="18"; }
            label { "Before " input name="to" value=(range.to) maxlength="20" size="18"; }
            button { "Show" }
            span.note { "A day or a local time. At first the last week with a dose." }
        }
        p.files { "Save as " a href=(link(asked, &[("format", "csv")])) { "CSV" } " " a href=(link(asked, &[("format", "fhir")])) { "FHIR" } }
        @if doses.len() > MOST_DRAWN { p.empty { (text::DOSES_MANY) } }
        @else if !plot.is_empty() { figure { figcaption { (plot.title) } (PreEscaped(svg(&plot))) } }
        h2 { (text::DOSES) }
        (grid.markup(asked))
    };
    frame::page(Page::Patients, &name, "", who, &content)
}

/// A grid as a file, every row of it.
pub(super) fn csv(name: &str, grid: &Grid) -> Answer {
    let lines = std::iter::once(&grid.columns).chain(&grid.rows);
    let text: String = lines.map(|row| ledger::report::csv_line(row)).collect();
    Answer::file("text/csv; charset=utf-8", name.to_owned(), text.into_bytes())
}
