//! What a line of a list is about, however the list is ordered and worded: what a tap on it means.

use std::mem::{Discriminant, discriminant};

use jiff::Timestamp;
use rights::custody::CustodyId;
use rights::due_list::{DueItem, DueState};
use rights::entry::IdempotencyKey;
use rights::follow_up::Conflict;
use rights::ident::RequestId;

/// What a line is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RowId {
    /// A dose, in this state: what can be charted about it follows from that.
    Dose {
        /// Of which request.
        request: RequestId,
        /// Which scheduled dose.
        slot: Option<Timestamp>,
        /// What was charted of it.
        of: Option<IdempotencyKey>,
        /// Due, overdue, given; not since when.
        state: Discriminant<DueState>,
    },
    /// A package in somebody's hands.
    Custody(CustodyId),
    /// A dose that contradicts what the ward knew.
    Conflict(Option<IdempotencyKey>, Conflict),
}

impl RowId {
    pub(super) fn of_dose(item: &DueItem<'_>) -> Self {
        Self::Dose {
            request: item.request.id.clone(),
            slot: item.slot.map(|slot| slot.due),
            of: item.of,
            state: discriminant(&item.state),
        }
    }
}
