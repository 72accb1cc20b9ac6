//! The auditor's verification, from inside the kiosk: for journeys and the end of the demo.

use std::path::Path;

use ledger::verify::{Options, Outcome, verify as verify_source};

/// Verifies a ledger folder.
///
/// # Errors
/// With the name of the result and the first finding, when it is anything but valid.
pub fn verify(folder: &Path) -> Result<(), String> {
    let report = verify_source(folder, &Options::default());
    if report.outcome == Outcome::Fine {
        return Ok(());
    }
    let finding = report.finding.map(|finding| finding.detail).unwrap_or_default();
    Err(format!("the ledger does not verify: {}: {finding}", report.outcome.name()))
}
