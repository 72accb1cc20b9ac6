//! The outbox: the ledger, with a cursor for each other system. Nothing is queued anywhere else, so nothing can be queued wrongly.
//!
//! [`event`] reads the ledger's entries as administrations; [`hl7`] and [`fhir`] say them in the words of a wire; [`pump`] delivers
//! them in order and moves the cursor only when the other system has answered.

pub mod elsewhere;
pub mod event;
pub mod export;
pub mod fhir;
pub mod hl7;
pub mod infusion;
pub mod pump;
mod waiting;
