//! FDA's National Drug Code directory (`product.txt`, `package.txt`, tab-separated) to a proposed drug file.
//!
//! FDA says what is on the market: ingredients, strength, form, route, schedule, codes. It does not say what this site treats as
//! high-alert, what may be divided, or how much one unit-of-use package holds; those columns stay empty, and an empty one is refused when
//! the file is imported. No code is verified. So nothing of it comes into force before a pharmacist has completed it.

use std::collections::BTreeMap;

use crate::ndc::Ndc;
use crate::rejection::Rejection;
use crate::table::{self, Row, TableError};
use crate::units::short;

const PRODUCT: &[&str] = &[
    "PRODUCTID",
    "PRODUCTNDC",
    "PROPRIETARYNAME",
    "NONPROPRIETARYNAME",
    "DOSAGEFORMNAME",
    "ROUTENAME",
    "SUBSTANCENAME",
    "ACTIVE_NUMERATOR_STRENGTH",
    "ACTIVE_INGRED_UNIT",
    "DEASCHEDULE",
];
const PACKAGE: &[&str] =
    &["PRODUCTID", "PRODUCTNDC", "NDCPACKAGECODE", "STARTMARKETINGDATE", "ENDMARKETINGDATE"];

/// A drug file to be completed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposal {
    /// `items.csv`.
    pub items: String,
    /// `barcodes.csv`.
    pub barcodes: String,
    /// Products proposed.
    pub accepted: usize,
    /// Lines that could not be told.
    pub rejections: Vec<Rejection>,
}

/// Reads FDA's two files.
///
/// # Errors
/// When one of them is no such table.
pub fn propose(product: (&str, &[u8]), package: (&str, &[u8])) -> Result<Proposal, TableError> {
    let mut proposal = Proposal::default();
    let mut items = csv_text(super::items::COLUMNS);
    let (rows, rejections) = table::read_tabs(product.0, product.1, PRODUCT)?;
    proposal.rejections.extend(rejections);
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for row in rows {
        match item(&row) {
            Ok(cells) => {
                known.insert(row.get("PRODUCTID").to_owned(), cells[0].clone());
                let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
                items.push_str(&csv_text(&cells));
                proposal.accepted += 1;
            }
            Err(reason) => {
                let remedy = "add the item by hand where this site uses it";
                proposal.rejections.push(table::reject(product.0, row.line, reason, remedy));
            }
        }
    }
    let mut barcodes = csv_text(super::barcodes::COLUMNS);
    let (rows, rejections) = table::read_tabs(package.0, package.1, PACKAGE)?;
    proposal.rejections.extend(rejections);
    for row in rows {
        let Some(item) = known.get(row.get("PRODUCTID")) else {
            let reason = format!(
                "product {} is not in {} or was refused there",
                short(row.get("PRODUCTNDC")),
                product.0
            );
            proposal.rejections.push(table::reject(
                package.0,
                row.line,
                reason,
                "nothing, where the site does not use it",
            ));
            continue;
        };
        match code(&row) {
            Ok((ndc, from, to)) => {
                barcodes.push_str(&csv_text(&[item, "ndc", &ndc.to_string(), "FDA", "", &from, &to]));
                if let Ok(gtin) = ndc.gtin() {
                    barcodes.push_str(&csv_text(&[item, "gtin", gtin.as_str(), "FDA", "", &from, &to]));
                }
            }
            Err(reason) => {
                proposal.rejections.push(table::reject(package.0, row.line, reason, "add the code by hand"));
            }
        }
    }
    (proposal.items, proposal.barcodes) = (items, barcodes);
    Ok(proposal)
}

fn csv_text(cells: &[&str]) -> String {
    let quoted: Vec<String> = cells
        .iter()
        .map(|cell| {
            if cell.contains([',', '"', '\n']) {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                (*cell).to_owned()
            }
        })
        .collect();
    quoted.join(",") + "\n"
}

fn code(row: &Row) -> Result<(Ndc, String, String), String> {
    let ndc = Ndc::parse(row.get("NDCPACKAGECODE")).map_err(|error| error.to_string())?;
    let day = |text: &str| match text.len() {
        0 => Ok(String::new()),
        8 if text.bytes().all(|b| b.is_ascii_digit()) => {
            Ok(format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]))
        }
        _ => Err(format!("\"{}\" is no date (YYYYMMDD)", short(text))),
    };
    Ok((ndc, day(row.get("STARTMARKETINGDATE"))?, day(row.get("ENDMARKETINGDATE"))?))
}

fn item(row: &Row) -> Result<Vec<String>, String> {
    let form = row.get("DOSAGEFORMNAME");
    let (kind, release) =
        form_of(form).ok_or_else(|| format!("form \"{}\" is none of the bedside's", short(form)))?;
    let routes = row
        .list("ROUTENAME")
        .map(|route| {
            route_of(route).ok_or_else(|| format!("route \"{}\" is none of the bedside's", short(route)))
        })
        .collect::<Result<Vec<_>, _>>()?;
    if routes.is_empty() {
        return Err("no route".to_owned());
    }
    let split =
        |column: &str| row.get(column).split(';').map(|part| part.trim().to_owned()).collect::<Vec<String>>();
    let names: Vec<String> = split("SUBSTANCENAME");
    let (amounts, units) = (split("ACTIVE_NUMERATOR_STRENGTH"), split("ACTIVE_INGRED_UNIT"));
    if names.len() != amounts.len() || names.len() != units.len() || names.iter().any(String::is_empty) {
        return Err("substances, strengths and units are not equally many".to_owned());
    }
    let mut per = None;
    let mut ingredients = Vec::new();
    for ((name, amount), unit) in names.iter().zip(&amounts).zip(&units) {
        let (unit, basis) =
            unit.split_once('/').ok_or_else(|| format!("unit \"{}\" has no basis", short(unit)))?;
        let basis =
            basis_of(basis, kind).ok_or_else(|| format!("basis \"{}\" cannot be told", short(basis)))?;
        if per.get_or_insert_with(|| basis.clone()) != &basis {
            return Err("its strengths have different bases".to_owned());
        }
        let amount = amount.strip_prefix('.').map_or_else(|| amount.clone(), |rest| format!("0.{rest}"));
        rights::amount::Amount::parse(&amount).map_err(|error| error.to_string())?;
        let unit =
            unit_of(unit).ok_or_else(|| format!("unit \"{}\" is none of the bedside's", short(unit)))?;
        ingredients.push(format!("{} {amount} {unit}", name.to_lowercase()));
    }
    let controlled = match row.get("DEASCHEDULE") {
        "" => "",
        "CII" => "II",
        "CIII" => "III",
        "CIV" => "IV",
        "CV" => "V",
        other => return Err(format!("schedule \"{}\" is not given at a bedside", short(other))),
    };
    Ok([
        row.get("PRODUCTNDC"),
        "",
        &row.get("NONPROPRIETARYNAME").to_lowercase(),
        "",
        row.get("PROPRIETARYNAME"),
        kind,
        release,
        &ingredients.join(";"),
        &per.unwrap_or_default(),
        "",
        "",
        &routes.join(";"),
        "",
        controlled,
        "",
        "",
    ]
    .map(str::to_owned)
    .to_vec())
}

/// Form and release by FDA's own words (SPL dosage form); what is not here needs a person.
fn form_of(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "TABLET" | "TABLET, FILM COATED" | "TABLET, COATED" | "TABLET, SUGAR COATED" => {
            ("tablet", "immediate")
        }
        "TABLET, EXTENDED RELEASE" | "TABLET, FILM COATED, EXTENDED RELEASE" => ("tablet", "extended"),
        "TABLET, DELAYED RELEASE" => ("tablet", "delayed"),
        "CAPSULE" | "CAPSULE, GELATIN COATED" | "CAPSULE, LIQUID FILLED" => ("capsule", "immediate"),
        "CAPSULE, EXTENDED RELEASE" | "CAPSULE, COATED, EXTENDED RELEASE" => ("capsule", "extended"),
        "CAPSULE, DELAYED RELEASE" | "CAPSULE, DELAYED RELEASE PELLETS" => ("capsule", "delayed"),
        "SOLUTION" | "SUSPENSION" | "SYRUP" | "ELIXIR" => ("oral_solution", "immediate"),
        "INJECTION" | "INJECTION, SOLUTION" | "INJECTION, EMULSION" | "INJECTION, SUSPENSION" => {
            ("injection", "immediate")
        }
        "PATCH" | "PATCH, EXTENDED RELEASE" => ("patch", "extended"),
        "SUPPOSITORY" => ("suppository", "immediate"),
        "CREAM" | "OINTMENT" | "GEL" | "LOTION" => ("topical", "immediate"),
        "SOLUTION/ DROPS" => ("eye_drops", "immediate"),
        _ => return None,
    })
}

fn route_of(name: &str) -> Option<&'static str> {
    Some(match name {
        "ORAL" => "oral",
        "INTRAVENOUS" => "iv",
        "INTRAMUSCULAR" => "im",
        "SUBCUTANEOUS" => "subcut",
        "TRANSDERMAL" => "transdermal",
        "RECTAL" => "rectal",
        "RESPIRATORY (INHALATION)" => "inhaled",
        "TOPICAL" | "CUTANEOUS" => "topical",
        "OPHTHALMIC" => "ophthalmic",
        "SUBLINGUAL" => "sublingual",
        "NASOGASTRIC" => "nasogastric",
        _ => return None,
    })
}

/// FDA's units as the bedside's. Only equal words: "unt" and "[USP'U]" are left to a person.
fn unit_of(unit: &str) -> Option<&'static str> {
    Some(match unit {
        "mg" => "mg",
        "g" => "g",
        "ug" => "ug",
        "mL" => "mL",
        "meq" => "meq",
        "[iU]" => "[iU]",
        _ => return None,
    })
}

/// `mg/1` is for one piece of the form; `mg/mL` and `mg/5mL` are for a volume.
fn basis_of(basis: &str, kind: &str) -> Option<String> {
    let piece = match kind {
        "tablet" => "{tablet}",
        "capsule" => "{capsule}",
        "patch" => "{patch}",
        "suppository" => "{suppository}",
        _ => "",
    };
    match basis {
        "1" if !piece.is_empty() => Some(format!("1 {piece}")),
        "mL" => Some("1 mL".to_owned()),
        "g" => Some("1 g".to_owned()),
        _ => {
            let number = basis.strip_suffix("mL")?;
            rights::amount::Amount::parse(number).ok().map(|amount| format!("{amount} mL"))
        }
    }
}
