//! CM7: the rhythm of a round. Times that no one can keep at a bedside show trays that were scanned first, and charting afterwards.

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp};

use super::attempts::last_scan;
use super::doses::{quantile, seconds};
use super::page::Table;
use super::settings::Settings;
use crate::kind::Kind;
use crate::reading::{Book, Line};

/// One patient opened in a session, until the next one is.
pub(super) struct Visit<'a> {
    /// The entry that opened the patient.
    pub(super) band: &'a Line,
    pub(super) patient: String,
    /// The doses given.
    pub(super) doses: Vec<&'a Line>,
    /// From the last confirmation of the patient before, in the same session, to this band.
    pub(super) walk: Option<SignedDuration>,
}

/// From the last scan of a package to the confirmation.
pub(super) fn to_confirm(line: &Line) -> Option<SignedDuration> {
    Some(line.fact.moment().duration_since(last_scan(line)?))
}

/// The visits of each session, in the order of the book.
pub(super) fn visits(book: &Book) -> Vec<Vec<Visit<'_>>> {
    let mut open: HashMap<(u16, [u8; 16]), Vec<Visit<'_>>> = HashMap::new();
    let mut order = Vec::new();
    for line in &book.lines {
        let (Some(session), Some(detail)) = (line.fact.session(), &line.fact.detail) else { continue };
        let id = (line.part, session);
        match line.fact.kind {
            Kind::VERDICT if detail.packages.is_empty() && detail.band.is_some() => {
                if line.fact.stops().next().is_some() || detail.patient.is_none() {
                    continue;
                }
                let visits = open.entry(id).or_insert_with(|| {
                    order.push(id);
                    Vec::new()
                });
                let patient = book.patient(line);
                let before = visits.last();
                if before.is_some_and(|visit| visit.patient == patient) {
                    continue;
                }
                let confirmed: Option<Timestamp> =
                    before.and_then(|visit| visit.doses.last()).map(|line| line.fact.moment());
                let walk = confirmed.map(|at| line.fact.moment().duration_since(at));
                visits.push(Visit { band: line, patient, doses: Vec::new(), walk });
            }
            Kind::GIVEN | Kind::PARTIAL => {
                if let Some(visit) = open.get_mut(&id).and_then(|visits| visits.last_mut()) {
                    visit.doses.push(line);
                }
            }
            _ => {}
        }
    }
    order.into_iter().filter_map(|id| open.remove(&id)).collect()
}

/// The three intervals of a group.
#[derive(Default)]
struct Rhythm {
    band_to_package: Vec<SignedDuration>,
    to_confirm: Vec<SignedDuration>,
    walk: Vec<SignedDuration>,
}

impl Rhythm {
    fn cells(mut self, settings: &Settings) -> Vec<String> {
        let mut cells = vec![self.to_confirm.len().to_string()];
        let fast = |all: &[SignedDuration], least| all.iter().filter(|one| **one < least).count().to_string();
        let quick = fast(&self.to_confirm, settings.confirm_least);
        let near = fast(&self.walk, settings.walk_least);
        for all in [&mut self.band_to_package, &mut self.to_confirm, &mut self.walk] {
            all.sort_unstable();
            for rank in [50, 90] {
                cells.push(quantile(all, rank).map_or_else(|| "-".to_owned(), seconds));
            }
        }
        cells.extend([quick, near]);
        cells
    }
}

const COLUMNS: [&str; 9] = [
    "doses",
    "band to package p50, s",
    "p90, s",
    "scan to confirm p50, s",
    "p90 of it, s",
    "confirm to next band p50, s",
    "p90 of that, s",
    "confirmed too fast",
    "next band too fast",
];

pub(super) fn rhythm(book: &Book, settings: &Settings) -> Vec<Table> {
    let mut nurses: BTreeMap<String, Rhythm> = BTreeMap::new();
    let mut all = Rhythm::default();
    for visit in visits(book).iter().flatten() {
        let nurse = nurses.entry(book.actor(visit.band)).or_default();
        for rhythm in [nurse, &mut all] {
            rhythm.walk.extend(visit.walk);
            let first = visit.doses.first().and_then(|line| line.fact.detail.as_ref());
            let first = first.and_then(|detail| detail.packages.first());
            rhythm
                .band_to_package
                .extend(first.map(|package| package.at.duration_since(visit.band.fact.moment())));
            rhythm.to_confirm.extend(visit.doses.iter().filter_map(|line| to_confirm(line)));
        }
    }
    let columns = || ["nurse"].into_iter().chain(COLUMNS).collect::<Vec<_>>();
    let rows = nurses
        .into_iter()
        .map(|(nurse, rhythm)| [nurse].into_iter().chain(rhythm.cells(settings)).collect())
        .collect();
    let ward = vec![["all".to_owned()].into_iter().chain(all.cells(settings)).collect()];
    vec![
        Table { title: "CM7 All nurses", columns: columns(), rows: ward },
        Table { title: "By nurse", columns: columns(), rows },
    ]
}
