//! The end of a discrepancy: open, explained by a pharmacist with a second signature, closed. Each step is decided in
//! `rights::discrepancy` and appended to a ledger, the pharmacy's own (docs/decisions/0060).

use std::collections::BTreeMap;

use jiff::Timestamp;
use ledger::clock::ClockEvidence;
use ledger::ledger::{AppendError, Ledger};
use ledger::reading::Book;
use ledger::receipt::Appended;
use rights::discrepancy::{
    DiscrepancyCase, DiscrepancyState, DiscrepancyStep, StepRefused, record_step, state,
};
use rights::entry::IdempotencyKey;
use rights::ident::ClinicianId;

use super::naming::unbound;

/// One step that was recorded.
#[derive(Clone, Debug)]
pub struct Step {
    /// Which.
    pub step: DiscrepancyStep,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: ClinicianId,
    /// Who signed too.
    pub second: Option<ClinicianId>,
    /// In the pharmacist's words.
    pub note: String,
    /// Its entry.
    pub sequence: u64,
}

/// The steps of every discrepancy, by its name.
#[derive(Clone, Debug, Default)]
pub struct Steps(BTreeMap<String, Vec<Step>>);

/// Why a step is not recorded.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The rules.
    #[error(transparent)]
    Refused(#[from] StepRefused),
    /// The ledger.
    #[error(transparent)]
    Append(#[from] AppendError),
}

impl Steps {
    /// Reads the steps of a ledger whose patient data is open.
    pub fn of(book: &Book) -> Self {
        let mut steps = Self::default();
        for line in &book.lines {
            let case = line.fact.detail.as_ref().and_then(|detail| detail.discrepancy.as_ref());
            let Some(case) = case else { continue };
            steps.0.entry(case.id.clone()).or_default().push(Step {
                step: case.step,
                at: case.now.at,
                by: case.by.id.clone(),
                second: case.second.as_ref().map(|second| second.id.clone()),
                note: case.note.clone(),
                sequence: line.fact.sequence,
            });
        }
        steps
    }

    /// The steps of one discrepancy, oldest first.
    pub fn of_one(&self, id: &str) -> &[Step] {
        self.0.get(id).map_or(&[], Vec::as_slice)
    }

    /// What was said of the same line or package when something else was found of it, oldest first: it explains nothing of what is found now.
    pub fn of_others(&self, id: &str) -> impl Iterator<Item = &Step> {
        let line = unbound(id);
        self.0
            .iter()
            .filter(move |(name, _)| *name != id && unbound(name) == line)
            .flat_map(|(_, steps)| steps)
    }

    /// Every discrepancy of which there are steps, by its name.
    pub fn all(&self) -> impl Iterator<Item = (&str, &[Step])> {
        self.0.iter().map(|(name, steps)| (name.as_str(), steps.as_slice()))
    }

    /// Where one stands.
    pub fn state(&self, id: &str) -> DiscrepancyState {
        state(&self.before(id))
    }

    /// What `rights` is told of the steps before.
    pub fn before(&self, id: &str) -> Vec<(DiscrepancyStep, Timestamp)> {
        self.of_one(id).iter().map(|step| (step.step, step.at)).collect()
    }
}

/// Decides a step anew from the steps that are recorded, and appends it durably.
///
/// # Errors
/// When it may not be taken, or the ledger cannot record it.
pub fn take(
    ledger: &mut Ledger,
    steps: &Steps,
    mut case: DiscrepancyCase,
    key: IdempotencyKey,
    clock: &ClockEvidence,
) -> Result<Appended, DeskError> {
    case.before = steps.before(&case.id);
    let entry = record_step(case, key)?;
    Ok(ledger.append(&entry, clock)?)
}
