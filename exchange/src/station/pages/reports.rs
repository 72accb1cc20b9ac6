//! The ledger's reports: as a page with tables that sort and filter, and as files.

use std::sync::Arc;

use ledger::report::{Bound, Format, Kind, Page as Report, pdf, svg};
use maud::{Markup, PreEscaped, html};

use super::{Page, frame, text};
use crate::pharmacy::Report as Pharmacy;
use crate::station::asked::{Answer, Asked};
use crate::station::grid::{Grid, link};
use crate::station::reports::Wanted;
use crate::station::{Refusal, Signed, Station};

pub(super) fn show(station: &Station, asked: &Asked, who: &Signed) -> Result<Answer, Refusal> {
    let name = asked.second();
    if name.is_empty() {
        return Ok(list(who));
    }
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name).map(Wanted::Ledger);
    let wanted = kind.or_else(|| Pharmacy::from_name(name).map(Wanted::Pharmacy)).ok_or(Refusal::NotFound)?;
    let (from, to) = (bound(asked, "from")?, bound(asked, "to")?);
    let report = station.kept(wanted, from.as_ref(), to.as_ref());
    let file = |ending: &str| format!("{name}.{ending}");
    match asked.of_query("format") {
        "" => Ok(page(asked, who, title(wanted), report.as_deref())),
        "csv" => Ok(Answer::file(
            "text/csv; charset=utf-8",
            file("csv"),
            made(report)?.print(Format::Csv).into_bytes(),
        )),
        "json" => {
            Ok(Answer::file("application/json", file("json"), made(report)?.print(Format::Json).into_bytes()))
        }
        "html" => Ok(Answer::file(
            "text/html; charset=utf-8",
            file("html"),
            made(report)?.print(Format::Html).into_bytes(),
        )),
        "pdf" => {
            let bytes = pdf(made(report)?.as_ref()).map_err(|error| Refusal::Failed(error.to_string()))?;
            Ok(Answer::file("application/pdf", file("pdf"), bytes))
        }
        _ => {
            Err(Refusal::Bad("This form of a report does not exist: take csv, json, html or pdf.".to_owned()))
        }
    }
}

fn made(report: Result<Arc<Report>, String>) -> Result<Arc<Report>, Refusal> {
    report.map_err(|said| Refusal::Bad(format!("There is no report: {said}.")))
}

/// A bound as the form or a link says it. A `datetime-local` field gives minutes, a date field a day.
fn bound(asked: &Asked, name: &str) -> Result<Option<Bound>, Refusal> {
    match asked.of_query(name) {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|error: ledger::report::BoundError| Refusal::Bad(error.to_string())),
    }
}

/// Links to every report.
pub(super) fn links() -> Markup {
    html! {
        ul.plain {
            @for kind in Kind::ALL { li { a href={ "/reports/" (kind.name()) } { (kind.title()) } } }
            @for which in Pharmacy::ALL {
                li { a href={ "/reports/" (which.name()) } { (title(Wanted::Pharmacy(which))) } }
            }
        }
    }
}

const fn title(wanted: Wanted) -> &'static str {
    match wanted {
        Wanted::Ledger(kind) => kind.title(),
        Wanted::Pharmacy(Pharmacy::Doses) => "Dose reconciliation",
        Wanted::Pharmacy(Pharmacy::Discrepancies) => "Controlled-substance discrepancies",
        Wanted::Pharmacy(Pharmacy::Diversion) => "Diversion screen",
        Wanted::Pharmacy(Pharmacy::Missed) => "Missed doses",
        Wanted::Pharmacy(Pharmacy::Turnaround) => "Turnaround of missing doses",
        Wanted::Pharmacy(Pharmacy::Barcodes) => "Barcode quality",
    }
}

fn list(who: &Signed) -> Answer {
    let content = links();
    frame::page(Page::Reports, text::REPORTS, text::REPORTS_LEAD, who, &content)
}

fn page(asked: &Asked, who: &Signed, title: &str, report: Result<&Report, &String>) -> Answer {
    let content = html! {
        form.range method="get" aria-label="Range" {
            label { "From " input name="from" value=(asked.of_query("from")) placeholder="2026-06-01" maxlength="40" size="22"; }
            label { "Before " input name="to" value=(asked.of_query("to")) placeholder="2026-06-02T06:00" maxlength="40" size="22"; }
            button { "Show" }
            span.note { "A day or a local time; empty is without end." }
        }
        @match report {
            Ok(report) => (whole(asked, report)),
            Err(said) => p.error role="alert" { "There is no report: " (said) ". Choose another range, or put right what it names." },
        }
    };
    frame::page(Page::Reports, title, "", who, &content)
}

fn whole(asked: &Asked, report: &Report) -> Markup {
    html! {
        (frame::attention(report))
        p.files {
            "Save as "
            @for form in ["csv", "json", "html", "pdf"] { a href=(link(asked, &[("format", form)])) { (form.to_uppercase()) } " " }
        }
        @for plot in &report.plots {
            figure {
                figcaption { (plot.title) }
                @if plot.is_empty() {
                    p.empty { "Nothing to draw: the range holds no such entry." }
                } @else {
                    // Drawn from the report by the ledger's own code, which escapes every text.
                    (PreEscaped(svg(plot)))
                }
            }
        }
        @for (number, table) in report.tables.iter().enumerate() {
            h2 { (table.title) }
            (Grid {
                number,
                title: table.title.to_owned(),
                columns: table.columns.iter().map(|name| (*name).to_owned()).collect(),
                rows: table.rows.clone(),
                links: None,
                empty: "The range holds no such entry.".to_owned(),
            }.markup(asked))
        }
        @for note in report.notes { p.note { (note) } }
        h2 { "What it covers" }
        dl.facts {
            @for (name, value) in &report.facts { div { dt { (name) } dd { (value) } } }
            @if !report.command.is_empty() { div { dt { "made again by" } dd { code { (report.command) } } } }
        }
    }
}
