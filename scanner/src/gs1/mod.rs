//! GS1 element strings: application identifiers (AI) with their values, strictly by the whole table of the GS1 General
//! Specifications (section 3) and the GS1 barcode syntax dictionary.
//!
//! [`parse_raw`] reads what a GS1 symbol holds, separators as U+001D; [`parse_bracketed`] reads the text for people, such as
//! `(01)00305910369019(10)A1`; [`ElementString`] prints both again, the exact inverse. Every fault is listed, none is repaired.
//!
//! What is checked: the identifier, lengths, character sets, check digits and check characters, dates, the code lists of ISO
//! 3166 and ISO 4217, separators, repeats, and which identifiers need or exclude each other. What is not: whether a company
//! prefix was ever issued, the inner structure of North American coupons (8110, 8112), and the UN/ECE list behind (7041).

mod checks;
mod codes;
mod dates;
mod element;
mod identifier;
mod table;

pub(crate) use dates::full_year;
pub use dates::{DateError, Day, date_time, day_of};
pub use element::{Element, ElementString, Parsed, parse_bracketed, parse_raw};
pub use identifier::{Identifier, identifiers, lookup};

/// The group separator, ASCII 29: how FNC1 between two element strings is transmitted (GS1 General Specifications 7.8.3).
pub const GS: char = '\u{1D}';
