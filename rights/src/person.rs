//! Patients and clinicians.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::ident::{
    AllergyClass, BadgeId, BandSerial, ClinicianId, Gsrn, Ingredient, Mrn, PatientId, PersonName, WardId,
};

/// A patient as the order system knows them at one moment.
#[derive(Clone, PartialEq, Eq)]
pub struct Patient {
    /// The logical id.
    pub id: PatientId,
    /// As displayed.
    pub name: PersonName,
    /// The record number.
    pub mrn: Mrn,
    /// The GS1 number on the wristband, where the site uses it.
    pub gsrn: Option<Gsrn>,
    /// The serial of the wristband that was issued last; any other band is an old one (P3).
    pub band_serial: Option<BandSerial>,
    /// Birth date.
    pub birth_date: Date,
    /// Whether the patient is here.
    pub admission: Admission,
    /// The ward where the patient is.
    pub ward: Option<WardId>,
    /// The bed, as displayed.
    pub bed: Option<String>,
    /// Allergies and intolerances that are active.
    pub allergies: Vec<Allergy>,
    /// What holds for the patient at the moment.
    pub flags: Flags,
    /// The record that this one was merged into (HL7 A40). Both ids stay; nothing more is given under this one.
    pub merged_into: Option<PatientId>,
}

/// What holds for a patient at the moment; nothing by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// Nothing by mouth or tube into the stomach (C5).
    pub nil_by_mouth: bool,
}

/// `Debug` of a patient says that it is one, nothing else.
impl fmt::Debug for Patient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Patient(..)")
    }
}

/// Whether a patient is in the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// In the house.
    Admitted,
    /// No encounter in progress is known.
    NotAdmitted,
    /// Has left.
    Discharged,
    /// Has died.
    Deceased,
}

/// One recorded allergy or intolerance.
#[derive(Clone, PartialEq, Eq)]
pub struct Allergy {
    /// To what.
    pub to: Allergen,
    /// As displayed, with the reaction where known.
    pub text: String,
    /// When it was recorded; an override counts only when it is later. Where only the day is known, the midnight after it.
    pub recorded: Option<Timestamp>,
}

impl fmt::Debug for Allergy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Allergy(..)")
    }
}

/// What an allergy is to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Allergen {
    /// One ingredient.
    Ingredient(Ingredient),
    /// A class of the drug file.
    Class(AllergyClass),
    /// Recorded as text only: cannot be checked by machine, and the screen says so.
    TextOnly,
}

/// A clinician.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clinician {
    /// The id that entries name.
    pub id: ClinicianId,
    /// As displayed.
    pub name: PersonName,
    /// What they may do.
    pub role: Role,
    /// The site's badge.
    pub badge: Option<BadgeId>,
    /// The GS1 badge, AI (8017).
    pub gsrn: Option<Gsrn>,
}

/// What a clinician may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// May give medication.
    Nurse,
    /// May give medication and correct entries of others.
    ChargeNurse,
    /// Verifies requests and reconciles.
    Pharmacist,
    /// Learns; may not give alone nor witness.
    Student,
    /// Prescribes: a physician, or another one who may; witnesses, and does not give by this kiosk.
    Provider,
    /// Audits: reads reports and evidence at a desk, gives nothing.
    Auditor,
    /// Keeps a desk running, and sees no patient data there.
    Administrator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 7] = [
        Self::Nurse,
        Self::ChargeNurse,
        Self::Pharmacist,
        Self::Student,
        Self::Provider,
        Self::Auditor,
        Self::Administrator,
    ];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nurse => "nurse",
            Self::ChargeNurse => "charge_nurse",
            Self::Pharmacist => "pharmacist",
            Self::Student => "student",
            Self::Provider => "provider",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
        }
    }

    /// Whether this role may confirm what another clinician does (W2): licensed, and no student.
    pub const fn may_witness(self) -> bool {
        match self {
            Self::Nurse | Self::ChargeNurse | Self::Pharmacist | Self::Provider => true,
            Self::Student | Self::Auditor | Self::Administrator => false,
        }
    }

    /// Whether this role may sign on at the bedside to give medication.
    pub const fn may_give(self) -> bool {
        matches!(self, Self::Nurse | Self::ChargeNurse)
    }
}
