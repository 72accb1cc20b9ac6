//! Patients, and the doses of one over time.

use ledger::report::{Axis, Plot, PlotKind, Series, svg};
use maud::{PreEscaped, html};
use rights::ident::PatientId;

use super::{Page, frame, text};
use crate::station::asked::{Answer, Asked};
use crate::station::grid::{Grid, link};
use crate::station::reading::{DoseRow, PatientRow};
use crate::station::{Refusal, Signed, Station};

/// Patients that a search shows at most: a list of everybody is nobody's need.
const MOST_FOUND: usize = 20;

pub(super) fn show(station: &Station, asked: &Asked, who: &Signed) -> Result<Answer, Refusal> {
    if asked.second().is_empty() {
        return search(station, asked, who);
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
    station.saw(who, "patient", vec![patient.id.clone()])?;
    let grid = doses_grid(&doses);
    match asked.of_query("format") {
        "" => Ok(one(asked, who, &patient, &doses, &grid)),
        "csv" => Ok(csv("doses.csv", &grid)),
        "fhir" => station.fhir(&patient.id),
        _ => Err(Refusal::Bad("This form does not exist: take csv or fhir.".to_owned())),
    }
}

fn search(station: &Station, asked: &Asked, who: &Signed) -> Result<Answer, Refusal> {
    let wanted = asked.of_query("q").to_lowercase();
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
        form.range method="get" role="search" aria-label=(text::PATIENTS) {
            label { "Name or record number " input type="search" name="q" required maxlength="80" value=(asked.of_query("q")); }
            button { "Search" }
        }
        @if !wanted.is_empty() { (grid.markup(asked)) }
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

fn one(asked: &Asked, who: &Signed, patient: &PatientRow, doses: &[DoseRow], grid: &Grid) -> Answer {
    let (name, mrn, born) = named(patient);
    let plot = time_line(doses);
    let content = html! {
        (frame::facts(&[("record number", mrn), ("born", born), ("doses charted", doses.len().to_string())]))
        p.files { "Save as " a href=(link(asked, &[("format", "csv")])) { "CSV" } " " a href=(link(asked, &[("format", "fhir")])) { "FHIR" } }
        @if !plot.is_empty() { figure { figcaption { (plot.title) } (PreEscaped(svg(&plot))) } }
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
