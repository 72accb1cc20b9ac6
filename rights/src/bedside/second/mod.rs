//! The second person: badge, PIN, and what they enter without seeing the first person's numbers. One way for the witness of a dose
//! (W1 to W3), of a typed identification (P8) and of a waste (W4), and for the second clinician of break-glass (S4).
//!
//! What waits for the second person is out of reach while they are asked: no screen can show it.

mod steps;

use alloc::boxed::Box;
use alloc::string::String;

use super::dose::DoseInHand;
use super::follow_up::Charted;
use super::phase::{Identified, Notice, Phase};
use crate::case::Answer;
use crate::custody::WasteCase;
use crate::ident::{PatientId, ProductId};
use crate::person::Clinician;
use crate::quantity::{Quantity, Unit};
use crate::witness::SecondPerson;

/// A second person is asked.
#[derive(Clone, Debug)]
pub struct Second {
    /// For what.
    pub purpose: Purpose,
    /// What they have to do next.
    pub stage: Stage,
    /// Something to say beside it.
    pub notice: Option<Notice>,
    pending: Pending,
}

/// For what a second person is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The independent double check of a dose (W3).
    Dose,
    /// An identification that was typed (P8).
    Identity,
    /// A waste (W4).
    Waste,
    /// Break-glass (S4).
    BreakGlass,
    /// Another rate or a bolus of a running infusion (W3).
    Infusion,
}

/// What the second person has to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Scan their badge.
    Badge,
    /// Type their PIN.
    Pin {
        /// Whose.
        clinician: Clinician,
        /// The last one was wrong.
        refused: bool,
    },
    /// Scan the package, or type its NDC and lot.
    Product(SecondPerson),
    /// Type how much is to be given, in this unit or in that of the order.
    Amount {
        /// Who.
        who: SecondPerson,
        /// What they scanned.
        product: ProductId,
        /// Its name, as displayed.
        name: String,
        /// The unit of its content.
        unit: Unit,
    },
    /// Type at which rate the pump is to run.
    Rate {
        /// Who.
        who: SecondPerson,
        /// What they scanned.
        product: ProductId,
        /// Its name, as displayed.
        name: String,
        /// How much they say is to be given.
        dose: Quantity,
    },
    /// Type how much is wasted, in this unit or in that of the ingredient.
    Wasted(SecondPerson, Unit),
    /// Type the patient's whole birth date.
    BirthDate(SecondPerson),
    /// Type the new rate.
    NewRate(SecondPerson),
    /// Type the bolus, in this unit.
    Bolus(SecondPerson, Unit),
}

impl Stage {
    /// Whether a badge or a package is scanned next; everything else is typed.
    pub const fn takes_codes(&self) -> bool {
        match self {
            Self::Badge | Self::Pin { .. } | Self::Product(_) => true,
            Self::Amount { .. }
            | Self::Rate { .. }
            | Self::Wasted(..)
            | Self::BirthDate(_)
            | Self::NewRate(_)
            | Self::Bolus(..) => false,
        }
    }
}

/// What waits for the second person.
#[derive(Clone, Debug)]
enum Pending {
    Dose(Box<DoseInHand>),
    Identity(Box<Identified>),
    Waste(Box<WasteCase>, String),
    BreakGlass(Answer, Box<Phase>),
    Infusion(Box<Charted>),
}

impl Second {
    fn new(pending: Pending) -> Self {
        let purpose = match &pending {
            Pending::Dose(_) => Purpose::Dose,
            Pending::Identity(_) => Purpose::Identity,
            Pending::Waste(..) => Purpose::Waste,
            Pending::BreakGlass(..) => Purpose::BreakGlass,
            Pending::Infusion(_) => Purpose::Infusion,
        };
        Self { purpose, stage: Stage::Badge, notice: None, pending }
    }

    /// Of whose package the waste is that waits. The witness must know which one to look at; how much is theirs to say.
    pub fn waste_of(&self) -> Option<&PatientId> {
        match &self.pending {
            Pending::Waste(case, _) => Some(&case.patient),
            Pending::Dose(_) | Pending::Identity(_) | Pending::BreakGlass(..) | Pending::Infusion(_) => None,
        }
    }

    /// The dose that waits for a witness.
    pub(super) fn into_dose(self) -> Option<Box<DoseInHand>> {
        match self.pending {
            Pending::Dose(dose) => Some(dose),
            Pending::Identity(_) | Pending::Waste(..) | Pending::BreakGlass(..) | Pending::Infusion(_) => {
                None
            }
        }
    }

    /// Whose PIN was right.
    pub const fn who(&self) -> Option<&SecondPerson> {
        match &self.stage {
            Stage::Badge | Stage::Pin { .. } => None,
            Stage::Product(who)
            | Stage::Amount { who, .. }
            | Stage::Rate { who, .. }
            | Stage::Wasted(who, _)
            | Stage::BirthDate(who)
            | Stage::NewRate(who)
            | Stage::Bolus(who, _) => Some(who),
        }
    }
}
