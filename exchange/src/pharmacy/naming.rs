//! How a discrepancy is named. The ids of a dispense file are unique within one file alone, and what was explained is explained as it was
//! found: a name therefore holds what its line says and how much was found. Tomorrow's line of the same id, or another amount under the
//! same line, is another discrepancy, and nobody explained it yet.

use ledger::reading::Line;
use rights::discrepancy::DiscrepancyType;
use rights::ident::{DoseId, RequestId};

use super::dispenses::Dispense;
use crate::digest::{hex, sha256};

/// So many hexadecimal digits tell what was found.
const DIGITS: usize = 16;

/// `NO-ADMIN:D1:9c0f42a1b7d3e855`: the type, the line's id, and what it is bound to. Who took it is left out: the digits follow from what else
/// stands on the page, and tried against a list of the staff they would tell who is behind a page's pseudonym.
pub(super) fn of_row(row: &Dispense, of: DiscrepancyType, found: &str) -> String {
    let bound = digits(&[
        of.name(),
        &row.at.to_string(),
        row.kind.name(),
        row.product.as_str(),
        &row.quantity.to_string(),
        row.request.as_ref().map_or("", RequestId::as_str),
        row.dose.as_ref().map_or("", DoseId::as_str),
        found,
    ]);
    format!("{}:{}:{bound}", of.name(), row.id)
}

/// `NO-WASTE:5e..:0:9c0f42a1b7d3e855`: the type, the key of the entry, the place in it, and what it is bound to. The ledger keeps the key,
/// the session and counter of the entry, for ever.
pub(super) fn of_package((line, place): (&Line, u16), of: DiscrepancyType, found: &str) -> String {
    let key = ledger::hash::hex(&line.fact.key.unwrap_or_default());
    format!("{}:{key}:{place}:{}", of.name(), digits(&[of.name(), found]))
}

/// The name without what it is bound to: that of the line or the package. Names were so before they were bound to anything.
pub(super) fn unbound(name: &str) -> &str {
    match name.rsplit_once(':') {
        Some((before, bound)) if bound.len() == DIGITS && bound.bytes().all(|b| b.is_ascii_hexdigit()) => {
            before
        }
        Some(_) | None => name,
    }
}

fn digits(parts: &[&str]) -> String {
    let mut bytes = Vec::new();
    for part in parts {
        // With its length before it, no part can be mistaken for two.
        bytes.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    hex(&sha256(&bytes)).chars().take(DIGITS).collect()
}
