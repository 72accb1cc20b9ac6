//! What is still to be done after doses and attempts: waste, return, the written order, the new wristband, the dose that was given
//! twice. A pure function of the records and a moment, like the due list; nothing is stored as a task.

use alloc::vec::Vec;

use jiff::Timestamp;

use crate::chart::Chart;
use crate::conflict::{self, Open};
use crate::custody::{InCustody, in_custody};
use crate::history::{Administration, Reprint};
use crate::ident::PatientId;
use crate::policy::Policy;

/// One thing that is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task<'a> {
    /// W4: waste or return it, and add up exactly.
    Custody(InCustody<'a>),
    /// S4: have the order written, and link the dose to it.
    OrderLink {
        /// The dose that was given without an order.
        given: &'a Administration,
        /// Until when.
        due: Timestamp,
    },
    /// P8: print a new wristband and put it on.
    Reprint(&'a Reprint),
    /// A dose that contradicts the ward: see to the patient, and say what was done.
    Conflict(Open<'a>),
}

impl Task<'_> {
    /// Whom it concerns.
    pub fn patient(&self) -> &PatientId {
        match self {
            Self::Custody(item) => item.patient,
            Self::OrderLink { given, .. } => &given.patient,
            Self::Reprint(reprint) => &reprint.patient,
            Self::Conflict(open) => &open.given.patient,
        }
    }

    /// Until when it is to be done; a conflict since its dose was given. A new band has no time, but the old identification ends by
    /// itself.
    pub const fn due(&self) -> Option<Timestamp> {
        match self {
            Self::Custody(item) => Some(item.due),
            Self::OrderLink { due, .. } => Some(*due),
            Self::Conflict(open) => Some(open.given.at),
            Self::Reprint(_) => None,
        }
    }

    /// Whether its time is over, or what was done does not add up.
    pub fn is_late(&self, now: Timestamp) -> bool {
        match self {
            Self::Custody(item) => item.discrepancy.is_some(),
            Self::OrderLink { due, .. } => now >= *due,
            Self::Conflict(_) => true,
            Self::Reprint(_) => false,
        }
    }
}

/// Everything that is to be done on the ward, what is due first first, and what has no time last.
pub fn tasks<'a>(chart: &'a Chart, policy: &Policy, now: Timestamp) -> Vec<Task<'a>> {
    let custody = in_custody(chart, policy, now).into_iter().map(Task::Custody);
    let links = chart.history.iter().filter_map(|given| {
        let due = given.order_link_due?;
        chart.order_link_of(given).is_none().then_some(Task::OrderLink { given, due })
    });
    let conflicts = conflict::open(chart, now).into_iter().map(Task::Conflict);
    let mut found: Vec<Task<'a>> = custody.chain(links).chain(reprints(chart)).chain(conflicts).collect();
    found.sort_by_key(|task| task.due().unwrap_or(Timestamp::MAX));
    found
}

/// The last wish for each patient, until another band is issued.
fn reprints(chart: &Chart) -> impl Iterator<Item = Task<'_>> {
    chart.reprints.iter().enumerate().filter_map(|(place, reprint)| {
        let again = chart.reprints[place + 1..].iter().any(|later| later.patient == reprint.patient);
        let patient = chart.patient(&reprint.patient)?;
        (!again && patient.band_serial == reprint.band_serial).then_some(Task::Reprint(reprint))
    })
}
