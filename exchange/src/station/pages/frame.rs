//! What stands around every page.

use ledger::report::Page as Report;
use maud::{DOCTYPE, Markup, html};

use super::{Page, text};
use crate::station::Signed;
use crate::station::asked::Answer;

fn document(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · " (text::STATION) }
                link rel="icon" href="data:,";
                link rel="stylesheet" href="/style.css";
            }
            body { a.skip href="#content" { (text::SKIP) } (body) }
        }
    }
}

/// The head of a page: where one can go, and who is signed in.
fn head(here: Option<Page>, who: &Signed) -> Markup {
    let role = who.person.role;
    html! {
        header.top {
            p.name { a href="/" { (text::STATION) } }
            nav aria-label=(text::NAVIGATION) {
                ul {
                    @for page in Page::ALL.into_iter().filter(|page| page.is_for(role)) {
                        li { a href={ "/" (page.path()) } aria-current=[(Some(page) == here).then_some("page")] { (page.title()) } }
                    }
                }
            }
            form.who method="post" action="/sign-out" {
                input type="hidden" name="csrf" value=(who.csrf);
                span { (who.person.name) " · " (role.name()) }
                button { (text::SIGN_OUT) }
            }
        }
    }
}

/// A whole page.
pub(super) fn page(here: Page, title: &str, lead: &str, who: &Signed, content: &Markup) -> Answer {
    let body = html! {
        (head(Some(here), who))
        main #content tabindex="-1" {
            h1 { (title) }
            @if !lead.is_empty() { p.lead { (lead) } }
            (content)
        }
    };
    Answer::page(200, document(title, &body))
}

/// A page that only says what is wrong.
pub(super) fn refusal(status: u16, said: &str, who: Option<&Signed>) -> Answer {
    let body = html! {
        @if let Some(who) = who { (head(None, who)) }
        main #content tabindex="-1" {
            h1 { "Not shown" }
            p.error role="alert" { (said) }
            @if who.is_none() { p { a href="/sign-in" { (text::SIGN_IN) } } }
        }
    };
    Answer::page(status, document("Not shown", &body))
}

/// A page before the sign-in.
pub(super) fn outside(status: u16, title: &str, content: &Markup) -> Answer {
    let body = html! { main.narrow #content tabindex="-1" { h1 { (title) } (content) } };
    Answer::page(status, document(title, &body))
}

/// What a reader must know before they trust a report: its line "attention", first of all.
pub(super) fn attention(report: &Report) -> Markup {
    html! { @if let Some(said) = report.fact("attention") { p.warn role="status" { (said) } } }
}

/// A list of names and values.
pub(super) fn facts(facts: &[(&str, String)]) -> Markup {
    html! {
        dl.facts {
            @for (name, value) in facts { div { dt { (name) } dd { (value) } } }
        }
    }
}
