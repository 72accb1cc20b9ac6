//! The state of the ledger, the verification on demand, and how to prove it without this page.

use maud::html;

use super::{Page, frame, text};
use crate::station::asked::{Answer, Asked};
use crate::station::{Refusal, Signed, Station};

pub(super) fn show(station: &Station, asked: &Asked, who: &Signed) -> Result<Answer, Refusal> {
    if !asked.second().is_empty() {
        return Err(Refusal::NotFound);
    }
    let head = station.head();
    let content = html! {
        @match &head {
            Err(said) => p.error role="alert" { "The ledger cannot be read: " (said) ". Check the path `ledger` of [station] and the rights of its files." },
            Ok(head) => {
                (frame::facts(&[
                    ("ledger", head.origin.clone()),
                    ("entries (tree size)", head.size.to_string()),
                    ("root hash", head.root.clone()),
                    ("signing key", head.key.clone()),
                ]))
                h2 { "Signed checkpoint" }
                pre tabindex="0" { (head.note) }
            }
        }
        h2 { "Verification" }
        @match station.verified() {
            None => p.empty { "Not verified since this service started. Verification reads every entry; on a large ledger it takes a while." },
            Some(verified) => {
                (frame::facts(&[
                    ("result", verified.outcome.clone()),
                    ("entries that hold", verified.entries.to_string()),
                    ("root hash", verified.root.clone()),
                    ("verified at", verified.at.clone()),
                    ("finding", verified.finding.clone()),
                ]))
            }
        }
        form method="post" action="/ledger/verify" {
            input type="hidden" name="csrf" value=(who.csrf);
            button.main { "Verify every entry now" }
        }
        h2 { "Prove it yourself" }
        p { "This page is made by the program that you may want to check. These commands need none of it; run them on your own machine with a copy of the ledger." }
        ol.steps {
            li { "Copy the ledger beside its writer: " code { "ledger backup COPY LEDGER" } }
            li { "Verify every byte: " code { "ledger verify COPY" } " and compare entries and root hash with those above." }
            li { "Keep the checkpoint above; next time " code { "ledger verify COPY --against CHECKPOINT" } " proves that nothing before it was changed." }
            li { "With a program of somebody else: " code { "ledger export FOLDER COPY" } ", then " code { "python3 docs/verify-export.py FOLDER" } }
        }
    };
    Ok(frame::page(Page::Ledger, text::LEDGER, "", who, &content))
}

pub(super) fn act(station: &Station, asked: &Asked, _: &Signed) -> Result<Answer, Refusal> {
    if asked.second() != "verify" {
        return Err(Refusal::NotFound);
    }
    station.verify()?;
    Ok(Answer::see("/ledger"))
}
