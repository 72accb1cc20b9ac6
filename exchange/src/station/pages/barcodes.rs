//! Unknown codes, and the links that two people make.

use jiff::Timestamp;
use maud::html;
use rights::product::Resolution;
use rights::scan::PackageKey;

use super::{Page, frame, pictures, text};
use crate::drugs::code_of;
use crate::drugs::links::Link;
use crate::station::asked::{Answer, Asked};
use crate::station::grid::Grid;
use crate::station::{Refusal, Signed, Station};

pub(super) fn show(station: &Station, asked: &Asked, who: &Signed) -> Result<Answer, Refusal> {
    if !asked.second().is_empty() {
        let entry = asked.second().parse().map_err(|_| Refusal::NotFound)?;
        return pictures::show(station, asked, who, entry);
    }
    let drugs = station.drugs()?;
    let links = station.links()?;
    let unknown: Vec<_> = {
        let known = station.reading.known();
        let open = |key: &PackageKey| matches!(drugs.formulary.resolve(key), Resolution::Unknown);
        let codes = known.unknown.iter().filter(|(key, _)| open(key));
        codes.map(|(key, scans)| (code_of(key), scans.clone())).collect()
    };
    let writes = Page::Barcodes.is_written_by(who.person.role);
    let local = |at: Option<Timestamp>| at.map(|at| station.local(at)).unwrap_or_default();
    let rows = unknown.iter().map(|((kind, value), scans)| {
        vec![
            value.clone(),
            (*kind).to_owned(),
            scans.count().to_string(),
            local(scans.first()),
            local(scans.last()),
            scans.entry().to_string(),
        ]
    });
    let prefill = unknown.iter().map(|((kind, value), _)| {
        // Where the hyphens of an NDC stand only the package tells.
        if *kind == "ndc" {
            "?kind=ndc#propose".to_owned()
        } else {
            format!("?kind={kind}&value={value}#propose")
        }
    });
    let grid = Grid {
        number: 0,
        title: text::BARCODES.to_owned(),
        columns: ["code", "type", "scans", "first scan", "last scan", "last entry"]
            .map(str::to_owned)
            .to_vec(),
        rows: rows.collect(),
        links: writes.then(|| prefill.collect()),
        empty: text::BARCODES_EMPTY.to_owned(),
    };
    let chosen = asked.of_query("kind");
    let content = html! {
        (grid.markup(asked))
        @if writes {
            h2 #propose { "Propose a link" }
            form.stack method="post" action="/barcodes/propose" {
                input type="hidden" name="csrf" value=(who.csrf);
                label { "Type " select name="kind" {
                    @for kind in ["gtin", "ndc", "hibc"] { option value=(kind) selected[kind == chosen] { (kind) } }
                } }
                label { "Code " input name="value" required maxlength="60" value=(asked.of_query("value")); }
                p.note { (text::NDC_NOTE) }
                label { "Item of the drug file " input name="item" required maxlength="60" list="items"; }
                datalist id="items" {
                    @for product in drugs.formulary.products() { option value=(product.id) { (product.name) } }
                }
                button.main { "Propose" }
            }
        }
        (pictures::list(station, asked)?)
        h2 { "Links" }
        (proposals(&links, who, writes))
    };
    Ok(frame::page(Page::Barcodes, text::BARCODES, text::BARCODES_LEAD, who, &content))
}

fn proposals(links: &[Link], who: &Signed, writes: bool) -> maud::Markup {
    let mine = |link: &Link| link.by.eq_ignore_ascii_case(who.person.id.as_str());
    html! {
        @if links.is_empty() { p.empty { (text::LINKS_EMPTY) } } @else {
            div.scroll tabindex="0" role="region" aria-label="Links" { table {
                thead { tr {
                    th.n scope="col" { "link" } th scope="col" { "type" } th scope="col" { "code" } th scope="col" { "item" }
                    th scope="col" { "proposed" } th scope="col" { "state" }
                } }
                tbody { @for link in links {
                    tr {
                        td.n { (link.number) } td { (link.kind) } td { (link.value) } td { (link.item) }
                        td { (link.by) ", " (link.on) }
                        td {
                            @match &link.approved_by {
                                Some(by) => { "approved by " (by) },
                                None if mine(link) => "waits for another person",
                                None if writes => {
                                    form method="post" action="/barcodes/approve" {
                                        input type="hidden" name="csrf" value=(who.csrf);
                                        input type="hidden" name="number" value=(link.number);
                                        button aria-label={ "Approve link " (link.number) ": " (link.value) " is " (link.item) } {
                                            "I looked at the package: approve"
                                        }
                                    }
                                },
                                None => "waits for a second pharmacist",
                            }
                        }
                    }
                } }
            } }
        }
    }
}

pub(super) fn act(station: &Station, asked: &Asked, who: &Signed) -> Result<Answer, Refusal> {
    let by = who.person.id.as_str();
    let (store, rules, today) = station.store()?;
    let done = match asked.second() {
        "propose" => {
            let (kind, value, item) = (asked.of_form("kind"), asked.of_form("value"), asked.of_form("item"));
            store.propose_link(kind, value.trim(), item.trim(), by, rules, today)
        }
        "approve" => {
            let number = asked.of_form("number").parse();
            let number = number.map_err(|_| Refusal::Bad("The number of the link is missing.".to_owned()))?;
            store.approve_link(number, by, rules, today)
        }
        _ => return Err(Refusal::NotFound),
    };
    let _ = done.map_err(|error| Refusal::Bad(format!("Nothing was changed: {error}.")))?;
    Ok(Answer::see("/barcodes"))
}
