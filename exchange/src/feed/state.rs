//! What the feeds have said so far, by patient and order. It is kept as it was said; what it means is read anew against the
//! tables and the drug file that are in force (`hl7::resources`).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An identifier with who gave it out (HL7 EI and CX).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Number {
    /// The number.
    pub value: String,
    /// Whose number it is.
    pub authority: String,
}

/// A code with its system and text (HL7 CWE).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// The code.
    pub code: String,
    /// As displayed.
    pub text: String,
    /// The coding system as the sender names it.
    pub system: String,
}

/// One patient.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatientState {
    /// The logical id in the chart.
    pub id: String,
    /// The record number.
    pub mrn: Number,
    /// The GS1 number on the wristband.
    pub gsrn: Option<String>,
    /// The serial of the wristband that was issued last.
    pub band: Option<String>,
    /// Family name.
    pub family: String,
    /// Given names.
    pub given: String,
    /// FHIR date.
    pub birth_date: Option<String>,
    /// HL7 table 0001.
    pub sex: String,
    /// Whether a death was reported.
    pub deceased: bool,
    /// The visit in the house, as far as told.
    pub visit: Option<Visit>,
    /// Allergies.
    pub allergies: Vec<AllergyState>,
    /// Numbers that were merged into this record (A40): both stay.
    pub merged: Vec<Number>,
    /// EVN-2, else MSH-7, of the last ADT that was applied: an older one only adds allergies. `None` in stores of before it was kept.
    #[serde(default)]
    pub recorded: Option<String>,
}

/// `Debug` of a patient says that it is one, nothing else.
impl std::fmt::Debug for PatientState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PatientState(..)")
    }
}

/// A visit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// PV1-19.
    pub number: Number,
    /// PV1-2.
    pub class: String,
    /// Whether it goes on.
    pub stage: Stage,
    /// PV1-3.1.
    pub ward: String,
    /// PV1-3.2.
    pub room: String,
    /// PV1-3.3.
    pub bed: String,
    /// Since when it is this visit: the earlier of PV1-44 and when its number was first told. `None` in stores of before it was kept.
    #[serde(default)]
    pub began: Option<String>,
}

impl Visit {
    /// Since when it is this visit, where that is known.
    pub fn began(&self) -> Option<Timestamp> {
        self.began.as_ref().and_then(|at| at.parse().ok())
    }
}

/// Whether a visit goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// It does.
    #[default]
    InProgress,
    /// The patient has left.
    Finished,
    /// The admission was cancelled.
    Cancelled,
}

/// One allergy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllergyState {
    /// AL1-3, IAM-3.
    pub codes: Vec<Code>,
    /// AL1-5, IAM-5.
    pub reactions: Vec<String>,
    /// AL1-6, IAM-13; FHIR date.
    pub recorded: Option<String>,
    /// IAM-7: the sender's number of it, where it has one.
    #[serde(default)]
    pub number: Number,
}

/// Whose number of an order it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// ORC-2: of the system that ordered.
    Placer,
    /// ORC-3: of the pharmacy.
    Filler,
}

/// One order.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderState {
    /// The request id in the chart.
    pub id: String,
    /// Whose.
    pub patient: String,
    /// ORC-2.
    pub placer: Number,
    /// ORC-3.
    pub filler: Number,
    /// Counts the messages that changed it.
    pub version: u32,
    /// Whether it may be acted on.
    pub status: OrderStatus,
    /// Since when.
    pub status_since: Option<String>,
    /// ORC, RXO, RXE, TQ1, TQ2, RXR, RXC and NTE as sent, in UTF-8 behind an MSH that holds the delimiters, and MSH-7 where its offset
    /// is not that of the site; empty when only a status was ever told (stores of before that was refused).
    pub segments: String,
    /// ORC-9 of the content, FHIR time.
    pub ordered: Option<String>,
    /// ORC-9, else MSH-7, of the last message that was applied: an older one changes nothing. `None` in stores of before it was kept.
    #[serde(default)]
    pub transaction: Option<String>,
    /// SHA-256 of the whole message that brought the content, in hexadecimal.
    pub source: String,
}

impl OrderState {
    /// ORC-2 or ORC-3.
    pub const fn number(&self, role: Role) -> &Number {
        match role {
            Role::Placer => &self.placer,
            Role::Filler => &self.filler,
        }
    }
}

/// Whose order it is stays out of `Debug`.
impl std::fmt::Debug for OrderState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OrderState({:?}, version {}, ..)", self.status, self.version)
    }
}

/// Whether an order may be acted on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OrderStatus {
    /// It may.
    #[default]
    Active,
    /// Held by the provider.
    OnHold,
    /// Discontinued, cancelled, completed or replaced.
    Stopped,
}

/// One dispensed and labelled dose (RDS).
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DispenseState {
    /// The dose id on the label.
    pub dose: String,
    /// Whose.
    pub patient: String,
    /// For which order.
    pub order: String,
    /// RXD-2.
    pub codes: Vec<Code>,
    /// RXD-18.
    pub lot: Option<String>,
    /// RXD-19, FHIR time.
    pub expires: Option<String>,
}

/// As for [`OrderState`].
impl std::fmt::Debug for DispenseState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DispenseState(..)")
    }
}

/// What a message changed, for whoever has a patient open at a bedside.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Which patient.
    pub patient: String,
    /// What.
    pub what: What,
}

impl std::fmt::Debug for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Change({:?}, ..)", self.what)
    }
}

/// The kinds of change. The first four end an open session of that patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// The record was merged into another one.
    Merged,
    /// The patient was discharged, or has died.
    Left,
    /// The admission was cancelled.
    AdmissionCancelled,
    /// The patient is somewhere else now.
    Moved,
    /// Admitted or registered, or back after a cancelled discharge.
    Arrived,
    /// Name, birth date, numbers.
    Record,
    /// Allergies.
    Allergies,
    /// Orders.
    Orders,
    /// Dispensed doses.
    Dispenses,
}

impl What {
    /// Whether a bedside session with this patient has to end: what was identified is no longer so.
    pub const fn ends_session(self) -> bool {
        match self {
            Self::Merged | Self::Left | Self::AdmissionCancelled | Self::Moved => true,
            Self::Arrived | Self::Record | Self::Allergies | Self::Orders | Self::Dispenses => false,
        }
    }
}
