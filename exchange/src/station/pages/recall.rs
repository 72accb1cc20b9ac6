//! PH7: every patient who was given a lot.

use ledger::report::plain_lot;
use maud::html;

use super::{Page, frame, text};
use crate::station::asked::{Answer, Asked};
use crate::station::grid::Grid;
use crate::station::{Refusal, Signed, Station};

const COLUMNS: [&str; 8] = ["patient", "record no.", "born", "item", "dose", "given, local", "by", "entry"];

pub(super) fn show(station: &Station, asked: &Asked, who: &Signed) -> Result<Answer, Refusal> {
    let lot = asked.of_query("lot");
    let (mut rows, mut patients) = (Vec::new(), Vec::new());
    if !lot.is_empty() {
        let known = station.reading.known();
        for place in known.by_lot.get(&plain_lot(lot)).into_iter().flatten() {
            let Some(dose) = known.doses.get(*place).filter(|dose| dose.error.is_none()) else { continue };
            let Some(patient) = known.patient(dose.patient) else { continue };
            patients.push(patient.id.clone());
            let (name, mrn, born) = patient.known.clone().map_or_else(
                || (patient.id.to_string(), String::new(), String::new()),
                |(name, mrn, born)| (name, mrn, born.to_string()),
            );
            rows.push(vec![
                name,
                mrn,
                born,
                dose.item.clone(),
                dose.dose.clone(),
                dose.local(),
                dose.by.clone(),
                dose.entry.to_string(),
            ]);
        }
    }
    patients.sort();
    patients.dedup();
    let count = patients.len();
    station.saw(who, "recall", patients)?;
    let grid = Grid {
        number: 0,
        title: format!("Doses of lot {lot}"),
        columns: COLUMNS.map(str::to_owned).to_vec(),
        rows,
        links: None,
        empty: text::RECALL_EMPTY.to_owned(),
    };
    if asked.of_query("format") == "csv" {
        return Ok(super::patients::csv("recall.csv", &grid));
    }
    let content = html! {
        form.range method="get" aria-label="Lot" {
            label { "Lot " input name="lot" required maxlength="20" value=(lot); }
            button { "Find doses" }
        }
        @if !lot.is_empty() {
            @if !grid.rows.is_empty() {
                p role="status" { strong { (count) @if count == 1 { " patient" } @else { " patients" } ", " (grid.rows.len()) " doses" } " of lot " (lot) ". "
                    a href=(crate::station::grid::link(asked, &[("format", "csv")])) { "Save as CSV" } }
            }
            (grid.markup(asked))
        }
    };
    Ok(frame::page(Page::Recall, text::RECALL, text::RECALL_LEAD, who, &content))
}
