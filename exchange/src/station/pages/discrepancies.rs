//! PH2: what does not add up, and the steps that end it: explained by a pharmacist with a second signature, then closed.

use ledger::report::Page as Report;
use maud::{Markup, html};
use rights::discrepancy::{DiscrepancyState, DiscrepancyStep, NOTE_CHARACTERS};

use super::{Page, frame, text};
use crate::pharmacy::Report as Which;
use crate::station::asked::{Answer, Asked};
use crate::station::grid::{Grid, link};
use crate::station::{Refusal, Signed, Station};

/// The table of all discrepancies in the report.
const TABLE: &str = "Discrepancies";

/// How many are not closed, by this kiosk's ledger alone; an error says why nobody knows.
pub(super) fn not_closed(station: &Station) -> Result<usize, String> {
    let report = station.pharmacy(Which::Discrepancies, None, None)?;
    let all = report.tables.iter().find(|table| table.title == TABLE);
    let closed = |row: &Vec<String>| state(row) == DiscrepancyState::Closed.name();
    Ok(all.map_or(0, |table| table.rows.iter().filter(|row| !closed(row)).count()))
}

/// The state in a row of that table.
fn state(row: &[String]) -> &str {
    row.get(1).map_or("", String::as_str)
}

pub(super) fn show(station: &Station, asked: &Asked, who: &Signed) -> Result<Answer, Refusal> {
    if !asked.second().is_empty() {
        return Err(Refusal::NotFound);
    }
    let content = match station.pharmacy(Which::Discrepancies, None, None) {
        Ok(report) => whole(asked, who, &report, &whose(station, who, asked.of_query("of"))?),
        Err(said) => html! { p.error role="alert" { "There is no list: " (said) "." } },
    };
    Ok(frame::page(Page::Discrepancies, text::DISCREPANCIES, text::DISCREPANCIES_LEAD, who, &content))
}

/// Whose hands and which patient a discrepancy is about. The lists name people by pseudonyms; who looks at one of it sees them, and
/// where it has a patient that is recorded as every look at one.
#[derive(Default)]
struct Whose {
    nurse: Option<String>,
    patient: Option<String>,
}

impl Whose {
    /// What a cell of the list says of a person, in plain words where they are known.
    fn plain<'a>(&'a self, column: &str, cell: &'a str) -> &'a str {
        let plain = match column {
            "nurse" => self.nurse.as_deref(),
            "patient" => self.patient.as_deref(),
            _ => None,
        };
        plain.unwrap_or(cell)
    }
}

fn whose(station: &Station, who: &Signed, name: &str) -> Result<Whose, Refusal> {
    if name.is_empty() {
        return Ok(Whose::default());
    }
    let Ok(Some(found)) = station.discrepancy(name) else { return Ok(Whose::default()) };
    station.saw(who, "discrepancy", found.patient.iter().cloned().collect())?;
    let patient = found.patient.map(|id| {
        let known = station.reading.known();
        let row = known.patients.iter().find(|row| row.id == id).and_then(|row| row.known.as_ref());
        row.map_or_else(|| id.to_string(), |(name, mrn, _)| format!("{name}, record no. {mrn}"))
    });
    Ok(Whose { nurse: found.by.map(|id| id.to_string()), patient })
}

fn whole(asked: &Asked, who: &Signed, report: &Report, whose: &Whose) -> Markup {
    let chosen = asked.of_query("of");
    let mut shown = html! {};
    for (number, table) in report.tables.iter().enumerate() {
        let mut columns: Vec<String> = table.columns.iter().map(|name| (*name).to_owned()).collect();
        let mut rows = table.rows.clone();
        let mut links = None;
        if table.title == TABLE {
            let names: Vec<String> = rows.iter().filter_map(|row| row.last().cloned()).collect();
            links = Some(names.iter().map(|name| link(asked, &[("of", name)]) + "#step").collect());
        } else {
            // Types of which there is none are no news.
            rows.retain(|row| row.get(1).is_none_or(|count| count != "0"));
            if rows.is_empty() {
                continue;
            }
        }
        columns.truncate(rows.first().map_or(columns.len(), Vec::len));
        let empty = text::DISCREPANCIES_EMPTY.to_owned();
        let grid = Grid { number, title: table.title.to_owned(), columns, rows, links, empty };
        shown = html! { (shown) h2 { (table.title) } (grid.markup(asked)) };
    }
    let all = report.tables.iter().find(|table| table.title == TABLE);
    let row =
        all.and_then(|table| table.rows.iter().find(|row| row.last().is_some_and(|name| name == chosen)));
    html! {
        (frame::attention(report))
        @if let (Some(table), Some(row)) = (all, row) {
            section #step.card aria-labelledby="step-title" {
                h2 #step-title { (row.first().map_or("", String::as_str)) }
                dl.facts { @for (name, cell) in table.columns.iter().zip(row).skip(1) { div { dt { (name) } dd { (whose.plain(name, cell)) } } } }
                (steps(who, chosen, state(row)))
            }
        }
        (shown)
        p.note { "Save as " a href="/reports/discrepancies?format=csv" { "CSV" } " or " a href="/reports/discrepancies?format=pdf" { "PDF" } "." }
        @for note in report.notes { p.note { (note) } }
        dl.facts { @for (name, value) in &report.facts { div { dt { (name) } dd { (value) } } } }
    }
}

/// What can be done next.
fn steps(who: &Signed, name: &str, state: &str) -> Markup {
    if !Page::Discrepancies.is_written_by(who.person.role) {
        return html! { p.note { "A pharmacist explains and closes it." } };
    }
    html! {
        @if state != DiscrepancyState::Closed.name() {
            form.stack method="post" action="/discrepancies/explain" {
                input type="hidden" name="csrf" value=(who.csrf);
                input type="hidden" name="of" value=(name);
                label { "Explanation, at least " (NOTE_CHARACTERS) " characters"
                    textarea name="note" required minlength=(NOTE_CHARACTERS) maxlength="2000" rows="3" {} }
                label { "Second pharmacist, user id" input name="second" required maxlength="64" autocomplete="off"; }
                label { "Second pharmacist, password" input type="password" name="password" required maxlength="256" autocomplete="off"; }
                button.main { "Explain, with both signatures" }
            }
        }
        @if state == DiscrepancyState::Explained.name() {
            form.stack.after method="post" action="/discrepancies/close" {
                input type="hidden" name="csrf" value=(who.csrf);
                input type="hidden" name="of" value=(name);
                button.main { "Close it" }
            }
        }
        @if state == DiscrepancyState::Closed.name() { p.note { "Closed. Nothing more can be recorded for it." } }
    }
}

pub(super) fn act(station: &Station, asked: &Asked, who: &Signed) -> Result<Answer, Refusal> {
    let name = asked.of_form("of");
    match asked.second() {
        "explain" => {
            let second =
                station.second(asked.of_form("second").trim(), asked.of_form("password"), asked.from)?;
            let note = asked.of_form("note").trim();
            station.step(who, name, DiscrepancyStep::Explained, (Some(&second), note))?;
        }
        "close" => station.step(who, name, DiscrepancyStep::Closed, (None, ""))?,
        _ => return Err(Refusal::NotFound),
    }
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("of", name).finish();
    Ok(Answer::see(format!("/discrepancies?{query}")))
}
