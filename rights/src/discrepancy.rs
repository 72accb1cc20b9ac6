//! Discrepancies of controlled substances (PH2): what does not add up, and how it is closed. A pharmacist explains it with a second
//! signature, and afterwards it is closed; each step is an entry, decided here.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use jiff::Timestamp;

use crate::entry::{Actor, Clear, Detached, Entry, EntryKind, IdempotencyKey, Inputs};
use crate::ident::PatientId;
use crate::moment::Moment;
use crate::person::Role;
use crate::product::named;
use crate::witness::SecondPerson;

named! {
    /// What does not add up (clinical.md, PH2).
    DiscrepancyType {
        /// Removed, and nothing was done with it.
        NoAdmin = "NO-ADMIN",
        /// What was left was not wasted or returned in time.
        NoWaste = "NO-WASTE",
        /// Wasted without a witness.
        WasteNoWitness = "WASTE-NO-WITNESS",
        /// Wasted before oneself.
        WitnessSelf = "WITNESS-SELF",
        /// The amounts do not add up.
        AmountMismatch = "AMOUNT-MISMATCH",
        /// Given, and nothing was removed for it.
        AdminNoRemoval = "ADMIN-NO-REMOVAL",
        /// Removed for no request.
        RemovalNoOrder = "REMOVAL-NO-ORDER",
        /// Removed after the request had ended.
        RemovalAfterStop = "REMOVAL-AFTER-STOP",
        /// One dose id twice.
        DuplicateId = "DUPLICATE-ID",
        /// All of it was wasted.
        FullDoseWaste = "FULL-DOSE-WASTE",
    }
}

named! {
    /// A step towards the end of a discrepancy.
    DiscrepancyStep {
        /// A pharmacist says how it came about, and a second person signs.
        Explained = "explained",
        /// A pharmacist closes it.
        Closed = "closed",
    }
}

named! {
    /// Where a discrepancy stands.
    DiscrepancyState {
        /// Nobody has explained it.
        Open = "open",
        /// It was explained.
        Explained = "explained",
        /// It was closed.
        Closed = "closed",
    }
}

/// The question "may this step be recorded?". Nothing else is looked at.
#[derive(Clone, PartialEq, Eq)]
pub struct DiscrepancyCase {
    /// Now.
    pub now: Moment,
    /// What the discrepancy is named by; the report gives the same name for the same data.
    pub id: String,
    /// What does not add up.
    pub of: DiscrepancyType,
    /// For whom it was removed, where that is known.
    pub patient: Option<PatientId>,
    /// The step.
    pub step: DiscrepancyStep,
    /// Who takes it.
    pub by: SecondPerson,
    /// Who signs too.
    pub second: Option<SecondPerson>,
    /// In the pharmacist's words.
    pub note: String,
    /// The steps that were recorded before, oldest first.
    pub before: Vec<(DiscrepancyStep, Timestamp)>,
}

/// Without the patient and the words.
impl core::fmt::Debug for DiscrepancyCase {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "DiscrepancyCase({}, {}, ..)", self.of.name(), self.step.name())
    }
}

/// Fewer characters explain nothing (clinical.md, section 5: "other").
pub const NOTE_CHARACTERS: usize = 10;

/// Why a step is not recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepRefused {
    /// Another role than a pharmacist's.
    #[error("only a pharmacist explains or closes a discrepancy")]
    NotPharmacist,
    /// Nobody signed too.
    #[error("an explanation needs a second signature")]
    NoSecond,
    /// The same person twice.
    #[error("the second signature is somebody else's")]
    SecondIsSame,
    /// A role that may not witness.
    #[error("this role may not sign a second time: a nurse, pharmacist or provider does")]
    SecondNotLicensed,
    /// Too short.
    #[error("the explanation needs at least 10 characters")]
    NoteTooShort,
    /// Nothing to close.
    #[error("it was not explained yet")]
    NotExplained,
    /// Nothing more to do.
    #[error("it was closed already")]
    Closed,
}

/// Where a discrepancy stands after these steps.
pub fn state(steps: &[(DiscrepancyStep, Timestamp)]) -> DiscrepancyState {
    match steps.iter().map(|(step, _)| *step).max() {
        None => DiscrepancyState::Open,
        Some(DiscrepancyStep::Explained) => DiscrepancyState::Explained,
        Some(DiscrepancyStep::Closed) => DiscrepancyState::Closed,
    }
}

/// Decides one step. Signatures and roles are looked at, not whether the explanation is true.
///
/// # Errors
/// When it may not be recorded.
pub fn decide_step(case: &DiscrepancyCase) -> Result<(), StepRefused> {
    if case.by.role != Role::Pharmacist {
        return Err(StepRefused::NotPharmacist);
    }
    let state = state(&case.before);
    if state == DiscrepancyState::Closed {
        return Err(StepRefused::Closed);
    }
    match case.step {
        DiscrepancyStep::Explained => {
            let second = case.second.as_ref().ok_or(StepRefused::NoSecond)?;
            if second.id == case.by.id {
                return Err(StepRefused::SecondIsSame);
            }
            if !second.role.may_witness() {
                return Err(StepRefused::SecondNotLicensed);
            }
            if case.note.trim().chars().count() < NOTE_CHARACTERS {
                return Err(StepRefused::NoteTooShort);
            }
            Ok(())
        }
        DiscrepancyStep::Closed if state == DiscrepancyState::Open => Err(StepRefused::NotExplained),
        DiscrepancyStep::Closed => Ok(()),
    }
}

/// The entry of a step that may be recorded, under a key of the session in which it was taken.
///
/// # Errors
/// When it may not.
pub fn record_step(case: DiscrepancyCase, key: IdempotencyKey) -> Result<Entry, StepRefused> {
    decide_step(&case)?;
    let actor = Actor { clinician: case.by.id.clone(), role: case.by.role };
    let at = case.now;
    let detached = Detached {
        patient: case.patient.clone(),
        inputs: Some(Inputs::Discrepancy(Box::new(case))),
        record: None,
        answers: Vec::new(),
        scanned: None,
    };
    Ok(Entry::new(EntryKind::Discrepancy, key, at, Some(actor), Clear::default(), Some(detached)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ident::ClinicianId;
    use crate::moment::ClockTrust;
    use jiff::tz::Offset;

    fn person(id: &str, role: Role) -> SecondPerson {
        SecondPerson { id: ClinicianId::parse(id).unwrap(), role, signed_at: Timestamp::UNIX_EPOCH }
    }

    fn case(step: DiscrepancyStep) -> DiscrepancyCase {
        DiscrepancyCase {
            now: Moment { at: Timestamp::UNIX_EPOCH, offset: Offset::UTC, clock: ClockTrust::Unknown },
            id: "NO-WASTE:d17".into(),
            of: DiscrepancyType::NoWaste,
            patient: None,
            step,
            by: person("p1", Role::Pharmacist),
            second: Some(person("n1", Role::Nurse)),
            note: "vial broke in the sink, glass seen".into(),
            before: Vec::new(),
        }
    }

    #[test]
    fn ph2_an_explanation_needs_a_pharmacist_and_another_signature() {
        use StepRefused as R;
        let good = case(DiscrepancyStep::Explained);
        assert_eq!(decide_step(&good), Ok(()));
        let with = |change: fn(&mut DiscrepancyCase)| {
            let mut case = good.clone();
            change(&mut case);
            decide_step(&case)
        };
        assert_eq!(with(|case| case.by.role = Role::ChargeNurse), Err(R::NotPharmacist));
        assert_eq!(with(|case| case.second = None), Err(R::NoSecond));
        assert_eq!(with(|case| case.second = Some(case.by.clone())), Err(R::SecondIsSame));
        assert_eq!(with(|case| case.second = Some(person("s1", Role::Student))), Err(R::SecondNotLicensed));
        assert_eq!(with(|case| case.note = "  too short ".into()), Err(R::NoteTooShort));
    }

    #[test]
    fn ph2_open_explained_closed_and_no_step_back() {
        let at = Timestamp::UNIX_EPOCH;
        let mut close = case(DiscrepancyStep::Closed);
        close.second = None;
        assert_eq!(decide_step(&close), Err(StepRefused::NotExplained));
        close.before = alloc::vec![(DiscrepancyStep::Explained, at)];
        assert_eq!((state(&close.before), decide_step(&close)), (DiscrepancyState::Explained, Ok(())));
        let key = IdempotencyKey { session: [1; 16], count: 0 };
        let entry = record_step(close.clone(), key).unwrap();
        assert_eq!((entry.kind(), entry.key()), (EntryKind::Discrepancy, key));
        close.before.push((DiscrepancyStep::Closed, at));
        assert_eq!(decide_step(&close), Err(StepRefused::Closed));
        let mut again = case(DiscrepancyStep::Explained);
        again.before = close.before;
        assert_eq!(record_step(again, key), Err(StepRefused::Closed));
    }
}
