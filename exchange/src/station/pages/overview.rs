//! What there is to do, and whether the ledger can be read.

use maud::html;

use super::{Page, discrepancies, frame, text};
use crate::station::asked::{Answer, Asked};
use crate::station::{Signed, Station};

pub(super) fn show(station: &Station, _: &Asked, who: &Signed) -> Answer {
    let role = who.person.role;
    let (read, size, failure, origin, unknown, doses, patients) = {
        let known = station.reading.known();
        let failure = known.failure.clone();
        (
            known.read,
            known.size,
            failure,
            known.origin.clone(),
            known.unknown.len(),
            known.doses.len(),
            known.patients.len(),
        )
    };
    let verified = station.verified().map_or_else(
        || "not since this service started".to_owned(),
        |verified| format!("{} at {}: {}", verified.entries, verified.at, verified.outcome),
    );
    let content = html! {
        @if let Some(failure) = &failure {
            p.error role="alert" {
                "The ledger cannot be read: " (failure) ". What is shown may be old. Check the path `ledger` of [station] and the rights of its files."
            }
        }
        @if read < size {
            p.warn role="status" { "The ledger is still being read: " (read) " of " (size) " entries. Counts grow until it is." }
        }
        div.cards {
            section.card aria-labelledby="c-ledger" {
                h2 #c-ledger { a href="/ledger" { (text::LEDGER) } }
                p.big { (size) " entries" }
                p { (origin) }
                p { "Last verification: " (verified) }
            }
            @if Page::Discrepancies.is_for(role) {
                section.card aria-labelledby="c-discrepancies" {
                    h2 #c-discrepancies { a href="/discrepancies" { (text::DISCREPANCIES) } }
                    @match discrepancies::not_closed(station) {
                        Ok(open) => {
                            p.big { (open) " not closed" }
                            p { @if open == 0 { (text::DISCREPANCIES_EMPTY) } @else { "Controlled substances that do not add up to zero." } }
                            p.warn { (text::DISCREPANCIES_PART) }
                        }
                        Err(why) => { p { "Not known: " (why) "." } }
                    }
                }
            }
            @if Page::Barcodes.is_for(role) {
                section.card aria-labelledby="c-codes" {
                    h2 #c-codes { a href="/barcodes" { (text::BARCODES) } }
                    p.big { (unknown) @if unknown == 1 { " code" } @else { " codes" } }
                    p { @if unknown == 0 { "Nothing to do." } @else { "Each needs a link that two people make." } }
                }
                section.card aria-labelledby="c-patients" {
                    h2 #c-patients { a href="/patients" { (text::PATIENTS) } }
                    p.big { (patients) @if patients == 1 { " patient" } @else { " patients" } }
                    p { (doses) " doses charted" }
                }
                section.card aria-labelledby="c-recall" {
                    h2 #c-recall { a href="/recall" { (text::RECALL) } }
                    form method="get" action="/recall" {
                        label { "Lot " input name="lot" maxlength="20" required; }
                        button { "Find doses" }
                    }
                }
            }
        }
        @if Page::Reports.is_for(role) {
            h2 { (text::REPORTS) }
            (super::reports::links())
        }
    };
    frame::page(Page::Overview, text::OVERVIEW, "", who, &content)
}
