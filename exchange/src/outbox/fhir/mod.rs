//! Events as FHIR R4 resources, and to a FHIR server.
//!
//! An event is a `MedicationAdministration` with, beside it, a `DetectedIssue` for each variance that was overridden, a
//! `Provenance` that names the ledger entry and its checkpoint, and an `AuditEvent` (IHE BALP).

pub mod resources;
mod target;

pub use target::FhirTarget;
