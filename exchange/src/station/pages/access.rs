//! Who was here, and who may be.

use ledger::report::Kind;
use maud::html;

use super::{Page, frame, text};
use crate::station::asked::{Answer, Asked};
use crate::station::grid::Grid;
use crate::station::{Refusal, Signed, Station};

pub(super) fn show(station: &Station, asked: &Asked, who: &Signed) -> Result<Answer, Refusal> {
    let report = ledger::report::report(station.recorder.folder(), Kind::Access, None, None)
        .map_err(|error| Refusal::Failed(format!("The station's ledger cannot be read: {error}.")))?;
    let content = html! {
        @for (number, table) in report.tables.iter().enumerate() {
            h2 { (table.title) }
            (Grid {
                number,
                title: table.title.to_owned(),
                columns: table.columns.iter().map(|name| (*name).to_owned()).collect(),
                rows: table.rows.clone(),
                links: None,
                empty: "Nothing is recorded yet.".to_owned(),
            }.markup(asked))
        }
        dl.facts { @for (name, value) in &report.facts { div { dt { (name) } dd { (value) } } } }
    };
    Ok(frame::page(Page::Access, text::ACCESS, text::ACCESS_LEAD, who, &content))
}

pub(super) fn people(station: &Station, asked: &Asked, who: &Signed) -> Answer {
    let rows = station
        .staff
        .people()
        .map(|person| vec![person.id.to_string(), person.name.clone(), person.role.name().to_owned()]);
    let grid = Grid {
        number: 0,
        title: text::PEOPLE.to_owned(),
        columns: ["id", "name", "role"].map(str::to_owned).to_vec(),
        rows: rows.collect(),
        links: None,
        empty: String::new(),
    };
    frame::page(Page::People, text::PEOPLE, text::PEOPLE_LEAD, who, &grid.markup(asked))
}
