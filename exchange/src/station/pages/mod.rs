//! The pages: which there are, who may see them, and what they show.

mod access;
mod barcodes;
mod discrepancies;
mod frame;
mod ledger;
mod overview;
mod patients;
mod pictures;
mod recall;
mod reports;
pub(super) mod sign_in;

use rights::person::Role;

use super::asked::{Answer, Asked};
use super::{Refusal, Signed, Station, text};

/// A page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// What there is to do.
    Overview,
    /// Reports, and one report.
    Reports,
    /// What does not add up.
    Discrepancies,
    /// Unknown barcodes and links.
    Barcodes,
    /// Who was given a lot.
    Recall,
    /// Patients, and one patient.
    Patients,
    /// The state of the ledger, and how to prove it.
    Ledger,
    /// Who was here.
    Access,
    /// Who may be here.
    People,
}

impl Page {
    /// Every page, in the order of the navigation.
    pub const ALL: [Self; 9] = [
        Self::Overview,
        Self::Reports,
        Self::Discrepancies,
        Self::Barcodes,
        Self::Recall,
        Self::Patients,
        Self::Ledger,
        Self::Access,
        Self::People,
    ];

    /// The first part of its path.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Overview => "",
            Self::Reports => "reports",
            Self::Discrepancies => "discrepancies",
            Self::Barcodes => "barcodes",
            Self::Recall => "recall",
            Self::Patients => "patients",
            Self::Ledger => "ledger",
            Self::Access => "access",
            Self::People => "people",
        }
    }

    /// Its title.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Overview => text::OVERVIEW,
            Self::Reports => text::REPORTS,
            Self::Discrepancies => text::DISCREPANCIES,
            Self::Barcodes => text::BARCODES,
            Self::Recall => text::RECALL,
            Self::Patients => text::PATIENTS,
            Self::Ledger => text::LEDGER,
            Self::Access => text::ACCESS,
            Self::People => text::PEOPLE,
        }
    }

    /// Whether a role may see it.
    pub const fn is_for(self, role: Role) -> bool {
        match self {
            Self::Overview | Self::Ledger => rights::desk::may_sign_on(role),
            Self::Reports | Self::Discrepancies | Self::Barcodes | Self::Recall | Self::Patients => {
                rights::desk::may_see_patients(role)
            }
            Self::Access => matches!(role, Role::Auditor | Role::Administrator),
            Self::People => matches!(role, Role::Administrator),
        }
    }

    /// Whether a role may change something on it.
    pub const fn is_written_by(self, role: Role) -> bool {
        match self {
            Self::Barcodes | Self::Discrepancies => matches!(role, Role::Pharmacist),
            // A search for a patient is a form, too: its words stand in no address.
            Self::Ledger | Self::Patients => self.is_for(role),
            Self::Overview | Self::Reports | Self::Recall | Self::Access | Self::People => false,
        }
    }

    /// The page of a path.
    pub fn of(asked: &Asked) -> Option<Self> {
        let first = asked.path.first().map_or("", String::as_str);
        let deepest = |page: Self| match page {
            Self::Reports | Self::Discrepancies | Self::Patients | Self::Barcodes | Self::Ledger => 2,
            Self::Overview | Self::Recall | Self::Access | Self::People => 1,
        };
        Self::ALL.into_iter().find(|page| page.path() == first && asked.path.len() <= deepest(*page))
    }
}

/// What a page shows to somebody who may see it.
pub(super) fn show(page: Page, station: &Station, asked: &Asked, who: &Signed) -> Result<Answer, Refusal> {
    match page {
        Page::Overview => Ok(overview::show(station, asked, who)),
        Page::Reports => reports::show(station, asked, who),
        Page::Discrepancies => discrepancies::show(station, asked, who),
        Page::Barcodes => barcodes::show(station, asked, who),
        Page::Recall => recall::show(station, asked, who),
        Page::Patients => patients::show(station, asked, who),
        Page::Ledger => ledger::show(station, asked, who),
        Page::Access => access::show(station, asked, who),
        Page::People => Ok(access::people(station, asked, who)),
    }
}

/// What a form of a page does for somebody who may.
pub(super) fn act(page: Page, station: &Station, asked: &Asked, who: &Signed) -> Result<Answer, Refusal> {
    match page {
        Page::Discrepancies => discrepancies::act(station, asked, who),
        Page::Barcodes => barcodes::act(station, asked, who),
        Page::Patients => patients::act(station, asked, who),
        Page::Ledger => ledger::act(station, asked, who),
        Page::Overview | Page::Reports | Page::Recall | Page::Access | Page::People => Err(Refusal::NotFound),
    }
}

/// What is said instead of a page.
pub(super) fn refusal(refusal: &Refusal, who: Option<&Signed>) -> Answer {
    let (status, said) = match refusal {
        Refusal::SignIn => return Answer::see("/sign-in"),
        Refusal::NotFound => (404, text::NOT_FOUND.to_owned()),
        Refusal::NotYours => (403, text::NOT_YOURS.to_owned()),
        Refusal::OldForm => (403, text::FORM_OLD.to_owned()),
        Refusal::Foreign => (403, text::FORM_FOREIGN.to_owned()),
        Refusal::NotRecorded => (503, text::NOT_RECORDED.to_owned()),
        Refusal::Bad(said) => (400, said.clone()),
        Refusal::Failed(said) => (503, said.clone()),
    };
    frame::refusal(status, &said, who)
}
