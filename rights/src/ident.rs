//! Identifiers. Each has one type, `parse` is the only way in, and `Display` is its exact inverse.
//!
//! Identifiers that point at a person do not print their content through `Debug`, so that no log line can leak one.

use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;

use crate::check_digit;

/// Why a text is not the identifier it was taken for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentError {
    /// The text is empty or too long.
    #[error("{what}: {length} characters, expected {expected}")]
    Length {
        /// Which identifier.
        what: &'static str,
        /// Characters found.
        length: usize,
        /// What would be right, for people.
        expected: &'static str,
    },
    /// A character that this identifier cannot hold.
    #[error("{what}: character {position} is not allowed")]
    Character {
        /// Which identifier.
        what: &'static str,
        /// Position of the first wrong character, from 1.
        position: usize,
    },
    /// The check digit does not fit the other digits.
    #[error("{what}: check digit {found}, computed {computed}")]
    CheckDigit {
        /// Which identifier.
        what: &'static str,
        /// The digit that stands there.
        found: char,
        /// The digit that should.
        computed: char,
    },
}

fn printable(what: &'static str, text: &str, most: usize) -> Result<(), IdentError> {
    let length = text.chars().count();
    if length == 0 || length > most {
        return Err(IdentError::Length { what, length, expected: "1 to the limit of its kind" });
    }
    match text.chars().position(|c| c.is_control() || c == '\u{FEFF}') {
        Some(at) => Err(IdentError::Character { what, position: at + 1 }),
        None => Ok(()),
    }
}

/// An identifier made of printable text. `$debug` says whether `Debug` may print the content.
macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $most:literal, $debug:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            #[doc = concat!("Parses ", $what, ".")]
            ///
            /// # Errors
            /// When the text is empty, too long or holds a control character.
            pub fn parse(text: &str) -> Result<Self, IdentError> {
                printable($what, text, $most)?;
                Ok(Self(text.to_string()))
            }

            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdentError;
            fn from_str(text: &str) -> Result<Self, IdentError> {
                Self::parse(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        text_id!(@debug $name, $debug);
    };
    (@debug $name:ident, open) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    };
    (@debug $name:ident, hidden) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    };
}

text_id!(
    /// The logical id of a patient in the order system.
    PatientId, "patient id", 64, hidden);
text_id!(
    /// A medical record number.
    Mrn, "medical record number", 32, hidden);
text_id!(
    /// A person's name as displayed.
    PersonName, "person name", 120, hidden);
text_id!(
    /// A clinician (nurse, pharmacist, prescriber).
    ClinicianId, "clinician id", 64, open);
text_id!(
    /// What a badge says: the site's number of its owner. Not a secret.
    BadgeId, "badge id", 64, open);
text_id!(
    /// A ward (the site's word for a nursing unit; *unit* is kept for units of measure).
    WardId, "ward id", 32, open);
text_id!(
    /// A MedicationRequest.
    RequestId, "request id", 128, open);
text_id!(
    /// An item of the site's drug file.
    ProductId, "product id", 64, open);
text_id!(
    /// The id of one dispensed dose: bound to one patient, used once. It leads to a patient, so it is not printed.
    DoseId, "dose id", 64, hidden);
text_id!(
    /// A batch or lot number, GS1 AI (10) or typed.
    Lot, "lot", 20, open);
text_id!(
    /// The serial number of one package, GS1 AI (21).
    Serial, "serial", 20, open);
text_id!(
    /// The serial (issue) number of a wristband, GS1 AI (8019) or the site's own.
    BandSerial, "band serial", 10, hidden);
text_id!(
    /// An ingredient of the drug file: the substance with its salt where the salt matters, in lower case.
    Ingredient, "ingredient", 120, open);
text_id!(
    /// An allergy class of the drug file, such as `penicillins`.
    AllergyClass, "allergy class", 60, open);
text_id!(
    /// A code of the site's reason lists, such as `refused` or `late-workload`.
    ReasonCode, "reason code", 60, open);
text_id!(
    /// What was observed of a patient: a vital sign or a laboratory value, such as `heart-rate` or `potassium`.
    ObservationCode, "observation code", 60, open);
text_id!(
    /// A site of the body where a dose is put, such as `left-deltoid`.
    SiteCode, "site code", 60, open);

impl Lot {
    /// Whether people mean one lot: capitals or not, and spaces between its parts, do not matter. A recall notice, a drug file and a package
    /// write them as they like, and a recalled lot must not pass for that.
    pub fn is_same(&self, other: &Self) -> bool {
        plain_lot(&self.0) == plain_lot(&other.0)
    }
}

/// A lot as it is compared (M6, PH7): capitals, without spaces.
pub fn plain_lot(lot: &str) -> String {
    lot.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect()
}

impl ObservationCode {
    /// The body weight (D7, and rates by weight).
    pub fn body_weight() -> Self {
        Self("body-weight".to_string())
    }
}

impl Mrn {
    /// Whether these are its last four characters (P8); shorter ends tell too little.
    pub fn ends_with(&self, end: &str) -> bool {
        end.chars().count() == 4 && self.0.ends_with(end)
    }
}

/// Digits with a GS1 check digit at the end, of a fixed length.
macro_rules! gs1_number {
    ($(#[$doc:meta])* $name:ident, $what:literal, $length:literal, $expected:literal, $debug:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            #[doc = concat!("Parses ", $what, ": ", $expected, ".")]
            ///
            /// # Errors
            /// When the length is another, a character is no digit or the check digit does not hold.
            pub fn parse(text: &str) -> Result<Self, IdentError> {
                let bytes = text.as_bytes();
                if bytes.len() != $length {
                    return Err(IdentError::Length { what: $what, length: text.chars().count(), expected: $expected });
                }
                let (body, last) = bytes.split_at($length - 1);
                let Some(computed) = check_digit::gs1(body) else {
                    let at = bytes.iter().position(|b| !b.is_ascii_digit()).unwrap_or(0);
                    return Err(IdentError::Character { what: $what, position: at + 1 });
                };
                if !last[0].is_ascii_digit() {
                    return Err(IdentError::Character { what: $what, position: $length });
                }
                if last[0] != computed {
                    return Err(IdentError::CheckDigit {
                        what: $what,
                        found: char::from(last[0]),
                        computed: char::from(computed),
                    });
                }
                Ok(Self(text.to_string()))
            }

            /// The digits.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdentError;
            fn from_str(text: &str) -> Result<Self, IdentError> {
                Self::parse(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        text_id!(@debug $name, $debug);
    };
}

gs1_number!(
    /// A GTIN-14, the canonical key of a package (GS1 General Specifications, section 3.2).
    Gtin14, "GTIN-14", 14, "14 digits with a check digit", open);
gs1_number!(
    /// A GSRN: a patient, AI (8018), or a provider, AI (8017) (GS1 General Specifications, section 3.9).
    Gsrn, "GSRN", 18, "18 digits with a check digit", hidden);

impl RequestId {
    /// The id of the order: an order with several dosage instructions is several requests, `mr-1#1` and `mr-1#2`. FHIR ids hold no `#`.
    pub fn order(&self) -> &str {
        self.as_str().split_once('#').map_or(self.as_str(), |(order, _)| order)
    }

    /// Whether it is the id of the whole order.
    pub fn is_order(&self) -> bool {
        self.as_str().bytes().all(|byte| byte != b'#')
    }
}

impl Gtin14 {
    /// The indicator digit: 0 for the unit of use itself, 1 to 8 for a grouping of it, 9 for variable measure.
    pub fn indicator(&self) -> u8 {
        self.0.as_bytes()[0] - b'0'
    }

    /// The GTIN-14 of a UPC-A (12 digits) or EAN-13 (13 digits) symbol: zeros in front, nothing else changes.
    ///
    /// # Errors
    /// As [`Gtin14::parse`].
    pub fn from_upc_or_ean(digits: &str) -> Result<Self, IdentError> {
        match digits.len() {
            12 | 13 if digits.is_ascii() => {
                let zeros = &"00"[..14 - digits.len()];
                Self::parse(&alloc::format!("{zeros}{digits}"))
            }
            _ => Err(IdentError::Length {
                what: "UPC-A or EAN-13",
                length: digits.chars().count(),
                expected: "12 or 13 digits",
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn upc_and_gtin_of_the_same_package_are_one_key() {
        let from_upc = Gtin14::from_upc_or_ean("305910369019").unwrap();
        assert_eq!(from_upc, Gtin14::parse("00305910369019").unwrap());
        assert_eq!(from_upc.indicator(), 0);
    }

    #[test]
    fn a_wrong_check_digit_is_named() {
        let error = Gtin14::parse("00305910369014").unwrap_err();
        assert_eq!(error.to_string(), "GTIN-14: check digit 4, computed 9");
    }

    #[test]
    fn debug_never_prints_who_a_patient_is() {
        let text = format!("{:?} {:?}", PatientId::parse("p-17").unwrap(), Mrn::parse("0012").unwrap());
        assert!(!text.contains("17") && !text.contains("0012"), "{text}");
    }

    #[test]
    fn control_characters_never_enter_an_identifier() {
        assert!(RequestId::parse("mr-1\n").is_err());
        assert!(RequestId::parse("").is_err());
        assert!(RequestId::parse(&"x".repeat(129)).is_err());
    }
}
