//! PH7: every patient who was given a lot, and every dose of which nobody can say that it was another one.

use std::collections::BTreeSet;

use maud::{Markup, html};
use rights::ident::plain_lot;
use rights::ident::{PatientId, ProductId};

use super::{Page, frame, text};
use crate::station::asked::{Answer, Asked};
use crate::station::grid::{Grid, link};
use crate::station::reading::Known;
use crate::station::{Refusal, Signed, Station};

const COLUMNS: [&str; 9] =
    ["patient", "record no.", "born", "item", "dose", "given, local", "by", "entry", "lot"];
/// In the address: the doses whose item is not recorded.
const NO_ITEM: &str = "-";

/// Doses, as rows, with whose they are.
#[derive(Default)]
struct Doses {
    rows: Vec<Vec<String>>,
    patients: BTreeSet<PatientId>,
}

impl Doses {
    /// What was entered in error was not given.
    fn add(&mut self, known: &Known, place: usize, lot: Option<&str>) {
        let Some(dose) = known.doses.get(place).filter(|dose| dose.error.is_none()) else { return };
        let Some(patient) = known.patient(dose.patient) else { return };
        self.patients.insert(patient.id.clone());
        let (name, mrn, born) = patient.known.clone().map_or_else(
            || (patient.id.to_string(), String::new(), String::new()),
            |(name, mrn, born)| (name, mrn, born.to_string()),
        );
        let (item, amount, by) = (dose.item.clone(), dose.dose.clone(), dose.by.clone());
        let lot = lot.map_or_else(|| dose.lots.join(", "), str::to_owned);
        self.rows.push(vec![name, mrn, born, item, amount, dose.local(), by, dose.entry.to_string(), lot]);
    }

    fn counted(&self) -> String {
        let plural = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
        format!("{}, {}", plural(self.patients.len(), "patient"), plural(self.rows.len(), "dose"))
    }

    fn grid(&self, number: usize, title: String, empty: &str) -> Grid {
        Grid {
            number,
            title,
            columns: COLUMNS.map(str::to_owned).to_vec(),
            rows: self.rows.clone(),
            links: None,
            empty: empty.to_owned(),
        }
    }
}

/// What was found of a lot.
#[derive(Default)]
struct Found {
    given: Doses,
    /// Doses of which no lot is recorded, of the items of the lot and of the item that was chosen; `None` while neither is known.
    doubtful: Option<Doses>,
    /// Each other item with doses of which no lot is recorded, its name, and how many: a number may be a lot of several makers, and the
    /// recalled one may be the one that was never recorded.
    items: Vec<(String, String, usize)>,
}

fn look(known: &Known, lot: &str, item: &str) -> Found {
    let mut found = Found::default();
    let lot = plain_lot(lot);
    let of_lot: BTreeSet<usize> = known.by_lot.get(&lot).into_iter().flatten().copied().collect();
    for place in &of_lot {
        found.given.add(known, *place, None);
    }
    let mut items: BTreeSet<Option<ProductId>> = BTreeSet::new();
    items.extend(known.items_of_lot.get(&lot).into_iter().flatten().cloned().map(Some));
    items.extend(ProductId::parse(item).ok().filter(|_| item != NO_ITEM).map(Some));
    if !items.is_empty() || !item.is_empty() {
        items.insert(None);
        let doubtful = items.iter().filter_map(|item| known.without_lot.get(item)).flatten();
        let doubtful: BTreeSet<usize> = doubtful.copied().filter(|place| !of_lot.contains(place)).collect();
        let doses = found.doubtful.get_or_insert_default();
        for place in doubtful {
            doses.add(known, place, Some("not recorded"));
        }
    }
    let others = known.without_lot.iter().filter(|(item, _)| !items.contains(item));
    found.items = others.map(|(item, doses)| named(known, item.as_ref(), doses)).collect();
    found
}

/// An item as the address names it, its name, and how many of its doses stand.
fn named(known: &Known, item: Option<&ProductId>, doses: &[usize]) -> (String, String, usize) {
    let stands = |place: &&usize| known.doses.get(**place).is_some_and(|dose| dose.error.is_none());
    let count = doses.iter().filter(stands).count();
    match item {
        Some(item) => (item.to_string(), known.name(item).to_owned(), count),
        None => (NO_ITEM.to_owned(), "item not recorded".to_owned(), count),
    }
}

pub(super) fn show(station: &Station, asked: &Asked, who: &Signed) -> Result<Answer, Refusal> {
    let (lot, item) = (asked.of_query("lot"), asked.of_query("item"));
    let found = if lot.is_empty() { Found::default() } else { look(&station.reading.known(), lot, item) };
    let doubtful = found.doubtful.as_ref().map(|doses| &doses.patients).into_iter().flatten();
    let seen = found.given.patients.iter().chain(doubtful).cloned().collect();
    station.saw(who, "recall", seen)?;
    if asked.of_query("format") == "csv" {
        let mut grid = found.given.grid(0, String::new(), "");
        grid.rows.extend(found.doubtful.unwrap_or_default().rows);
        return Ok(super::patients::csv("recall.csv", &grid));
    }
    let content = html! {
        form.range method="get" aria-label="Lot" {
            label { "Lot " input name="lot" required maxlength="20" value=(lot); }
            button { "Find doses" }
        }
        @if !lot.is_empty() { (whole(asked, lot, &found)) }
        p.note { (text::RECALL_NOTE) }
    };
    Ok(frame::page(Page::Recall, text::RECALL, text::RECALL_LEAD, who, &content))
}

fn whole(asked: &Asked, lot: &str, found: &Found) -> Markup {
    let Found { given, doubtful, items } = found;
    let counted = doubtful.as_ref().filter(|doubtful| !given.rows.is_empty() || !doubtful.rows.is_empty());
    html! {
        @if let Some(doubtful) = counted {
            p role="status" {
                strong { (given.counted()) } " of lot " (lot) "; "
                strong { (doubtful.counted()) } " that may be of it, for no lot was recorded. "
                a href=(link(asked, &[("format", "csv")])) { "Save as CSV" }
            }
        }
        (given.grid(0, format!("Doses of lot {lot}"), text::RECALL_EMPTY).markup(asked))
        h2 { (text::RECALL_DOUBTFUL) }
        @if let Some(doubtful) = doubtful {
            (doubtful.grid(1, text::RECALL_DOUBTFUL.to_owned(), text::RECALL_DOUBTFUL_EMPTY).markup(asked))
        }
        @if !items.is_empty() {
            p { @if doubtful.is_some() { (text::RECALL_OTHER_ITEMS) } @else { (text::RECALL_ITEMS) } }
            ul.plain {
                @for (item, name, doses) in items {
                    li { a href=(link(asked, &[("item", item.as_str())])) { (name) } ", " (doses) @if *doses == 1 { " dose" } @else { " doses" } }
                }
            }
        }
    }
}
