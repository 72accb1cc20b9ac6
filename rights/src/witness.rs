//! Second persons: a clinician with a badge and PIN of their own who confirms what another one does, and what they entered without
//! having seen the other one's numbers.

use alloc::string::String;
use core::fmt;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::ident::{ClinicianId, ProductId};
use crate::person::Role;
use crate::product::named;
use crate::quantity::Quantity;
use crate::rate::Rate;

named! {
    /// The site's rule for a product (W1): whether a second clinician checks the dose independently.
    #[derive(Default)]
    WitnessRule {
        /// Nobody is asked.
        #[default]
        No = "no",
        /// Somebody should; proceeding alone needs a reason.
        Recommended = "recommended",
        /// Nothing is given without.
        Required = "required",
    }
}

/// Somebody whose badge was scanned and whose PIN was right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondPerson {
    /// Who.
    pub id: ClinicianId,
    /// In which role.
    pub role: Role,
    /// When the PIN was right.
    pub signed_at: Timestamp,
}

/// The independent double check of a dose (W3). `Debug` leaves out the numbers.
#[derive(Clone, PartialEq, Eq)]
pub struct Witness {
    /// Who checked.
    pub who: SecondPerson,
    /// The product whose code they scanned or typed.
    pub product: ProductId,
    /// Its name, as displayed.
    pub name: String,
    /// How much they say is to be given, of the product's content or of what was ordered.
    pub dose: Quantity,
    /// At which rate they say the pump is to run, where a rate is set.
    pub rate: Option<Rate>,
    /// When they had entered everything.
    pub at: Timestamp,
}

impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Witness({}, ..)", self.who.id)
    }
}

/// What a second person types, on a screen that shows none of the first one's numbers. `Debug` leaves out the value.
#[derive(Clone, PartialEq, Eq)]
pub enum Blind {
    /// How much is to be given, or is wasted.
    Amount(Quantity),
    /// At which rate the pump is to run.
    Rate(Rate),
    /// The patient's whole birth date.
    BirthDate(Date),
}

impl fmt::Debug for Blind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Amount(_) => "Amount(..)",
            Self::Rate(_) => "Rate(..)",
            Self::BirthDate(_) => "BirthDate(..)",
        })
    }
}
