//! What was not taken over, and why. Nothing is dropped without one of these.

use std::fmt;

use rights::ident::PatientId;
use serde::Serialize;

/// One resource or line that was refused.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Rejection {
    /// What: `MedicationRequest/mr-1`, `barcodes.csv`.
    pub resource: String,
    /// Where: file, entry and element, or file and line (from 1).
    pub place: String,
    /// Why.
    pub reason: String,
    /// What to do about it.
    pub remedy: String,
    /// Whose it is, where known: the bedside tells the nurse that a record of this patient could not be read.
    #[serde(skip)]
    pub patient: Option<PatientId>,
    /// The version of the refused resource, where it says one; it ends an older version that was accepted before.
    #[serde(skip)]
    pub version: Option<u32>,
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}; {}", self.place, self.resource, self.reason, self.remedy)
    }
}

/// Prints neither ids nor reasons, so that no log line can lead to a patient. People read [`Display`](fmt::Display).
impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.resource.split('/').next().unwrap_or_default();
        write!(f, "Rejection({kind}, ..)")
    }
}

/// Something that was taken over but deserves a person's eye.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// About what.
    pub resource: String,
    /// What there is to know.
    pub text: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.resource, self.text)
    }
}

/// As for [`Rejection`].
impl fmt::Debug for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.resource.split('/').next().unwrap_or_default();
        write!(f, "Note({kind}, ..)")
    }
}

/// Why one element cannot be taken over: the [`Rejection`] before its resource and file are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The element, relative to its resource; empty for the resource itself.
    pub(crate) path: String,
    /// Why.
    pub(crate) reason: String,
    /// What to do.
    pub(crate) remedy: String,
}

impl Refusal {
    pub(crate) fn new(path: impl Into<String>, reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { path: path.into(), reason: reason.into(), remedy: remedy.into() }
    }

    /// The same, one level further out.
    pub(crate) fn within(mut self, parent: &str) -> Self {
        self.path = match (parent.is_empty(), self.path.is_empty()) {
            (true, _) => self.path,
            (false, true) => parent.to_owned(),
            (false, false) => format!("{parent}.{}", self.path),
        };
        self
    }
}
