//! Pictures of packages that the kiosk kept for the pharmacy: of codes that nobody knows, of packages that could not be scanned. A picture
//! may show a name on a label, so each look at one is recorded.

use jiff::Timestamp;
use ledger::inspect::Inspector;
use ledger::keys::DeviceKey;
use maud::{Markup, html};
use rights::case::{DoseCase, PackageKnown};
use rights::entry::Inputs;
use rights::ident::PatientId;
use rights::scan::{Meaning, Source};

use super::{Page, frame, text};
use crate::station::asked::{Answer, Asked};
use crate::station::grid::Grid;
use crate::station::{Refusal, Signed, Station};

/// Pictures that one page lists, the newest first.
const MOST_LISTED: usize = 200;

/// A kept picture with what its entry says of the package.
struct Row {
    entry: u64,
    at: Timestamp,
    code: String,
    item: String,
    why: &'static str,
    patient: Option<PatientId>,
}

fn failed(error: impl std::fmt::Display) -> Refusal {
    Refusal::Failed(format!("The picture cannot be shown: {error}."))
}

/// What an entry says of the package in its picture; `None` when its patient data is gone, and the picture with it.
fn row(inspector: &Inspector, device: &DeviceKey, entry: u64) -> Result<Option<Row>, Refusal> {
    let stored = inspector.stored(device, entry, entry.saturating_add(1)).map_err(failed)?;
    let Some(detached) = stored.into_iter().next().and_then(|stored| stored.detached) else {
        return Ok(None);
    };
    let Some(Inputs::Dose(case)) = &detached.inputs else { return Ok(None) };
    let Some((code, item, why, at)) = of_package(case) else { return Ok(None) };
    Ok(Some(Row { entry, at, code, item, why, patient: detached.patient }))
}

fn of_package(case: &DoseCase) -> Option<(String, String, &'static str, Timestamp)> {
    let package = case.packages.last()?;
    let code = match &package.scan.meaning {
        Meaning::Package(code) => crate::drugs::code_of(&code.key).1,
        _ => package.scan.text.clone(),
    };
    let item = package.product().map(|product| product.name.clone()).unwrap_or_default();
    let why = match (&package.known, package.scan.source) {
        (_, Source::Keyed) => "could not be scanned",
        (PackageKnown::Unknown, _) => "not in the drug file",
        (PackageKnown::Ambiguous, _) => "several items",
        (PackageKnown::Product { .. }, _) => "kept by the site's rule",
    };
    Some((code, item, why, package.scanned_at))
}

/// The list of what was kept.
pub(super) fn list(station: &Station, asked: &Asked) -> Result<Markup, Refusal> {
    let inspector = Inspector::open(station.reading.path()).map_err(failed)?;
    let device = inspector.device_key().map_err(failed)?;
    let mut rows = Vec::new();
    for entry in inspector.pictures().map_err(failed)?.into_iter().rev() {
        rows.extend(row(&inspector, &device, entry)?);
        if rows.len() == MOST_LISTED {
            break;
        }
    }
    let cells = |row: &Row| {
        vec![
            text::PICTURE_LOOK.to_owned(),
            row.code.clone(),
            row.item.clone(),
            row.why.to_owned(),
            station.local(row.at),
            row.entry.to_string(),
        ]
    };
    let grid = Grid {
        number: 1,
        title: text::PICTURES.to_owned(),
        columns: ["picture", "code", "item", "why it was kept", "scanned", "entry"]
            .map(str::to_owned)
            .to_vec(),
        rows: rows.iter().map(cells).collect(),
        links: Some(rows.iter().map(|row| format!("/barcodes/{}", row.entry)).collect()),
        empty: text::PICTURES_EMPTY.to_owned(),
    };
    Ok(html! { h2 { (text::PICTURES) } p.note { (text::PICTURES_NOTE) } (grid.markup(asked)) })
}

/// One picture: its page, or the picture itself (`format=jpeg`), which is recorded as seen before it leaves.
pub(super) fn show(station: &Station, asked: &Asked, who: &Signed, entry: u64) -> Result<Answer, Refusal> {
    let inspector = Inspector::open(station.reading.path()).map_err(failed)?;
    if entry >= inspector.size() || !inspector.has_picture(entry) {
        return Err(Refusal::NotFound);
    }
    let device = inspector.device_key().map_err(failed)?;
    let row = row(&inspector, &device, entry)?.ok_or(Refusal::NotFound)?;
    match asked.of_query("format") {
        "" => Ok(frame::page(Page::Barcodes, text::PICTURE, text::PICTURE_LEAD, who, &one(station, &row))),
        "jpeg" => {
            let picture = inspector.picture(&device, entry).map_err(failed)?.ok_or(Refusal::NotFound)?;
            let patient = row.patient.ok_or(Refusal::NotFound)?;
            station.saw(who, "package-picture", vec![patient])?;
            Ok(Answer { kind: "image/jpeg", ..Answer::shown(picture.to_vec()) })
        }
        _ => Err(Refusal::Bad("This form does not exist: take jpeg.".to_owned())),
    }
}

fn one(station: &Station, row: &Row) -> Markup {
    html! {
        figure {
            img.plot src={ "/barcodes/" (row.entry) "?format=jpeg" } alt={ "The package with the code " (row.code) };
            figcaption { (row.code) @if !row.item.is_empty() { ", " (row.item) } ": " (row.why) ", " (station.local(row.at)) ", entry " (row.entry) }
        }
        p { a href="/barcodes" { (text::BARCODES) } }
    }
}
