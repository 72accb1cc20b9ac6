//! The pure decision core of bedside medication administration: what may be given, to whom, and why.
//!
//! It holds the five rights and the other checks of `clinical.md` section 4 ([`decide`]), the session at the bedside as a state
//! machine without IO ([`bedside`]), the due list ([`due_list`]), schedules ([`schedule`]) and the phrase table ([`phrase`]).
//!
//! What is deliberately absent: a clock, files, threads, randomness, floating point, serialisation and any knowledge of barcodes
//! as pictures, of ledgers as files or of screens. Time, orders and randomness come in as arguments. Deciding never fails, it
//! returns a [`verdict::Verdict`]; parsing may fail. An [`entry::Entry`] cannot be made outside this crate, so that nothing is
//! recorded that was not decided here.
//!
//! ```
//! use rights::quantity::Quantity;
//!
//! // D1, D2: doses are compared exactly, whatever the unit they are written in.
//! let ordered = Quantity::parse("100 ug")?;
//! let package = Quantity::parse("0.1 mg")?;
//! assert!(package.compare(&ordered).is_some_and(|order| order.is_eq()));
//! # Ok::<(), rights::quantity::QuantityError>(())
//! ```
#![no_std]

extern crate alloc;

pub mod amount;
pub mod bedside;
pub mod case;
pub mod chart;
pub mod check_digit;
pub mod claims;
pub mod conflict;
pub mod course;
pub mod custody;
pub mod decide;
pub mod desk;
pub mod discrepancy;
pub mod due_list;
pub mod entered;
pub mod entry;
pub mod follow_up;
pub mod history;
pub mod ident;
pub mod mar;
pub mod moment;
pub mod person;
pub mod phrase;
mod plausible;
pub mod policy;
pub mod product;
pub mod quantity;
pub mod rate;
pub mod request;
pub mod scan;
pub mod schedule;
mod steps;
mod substance;
pub mod tasks;
pub mod verdict;
pub mod witness;
