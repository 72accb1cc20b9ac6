//! What waits to be delivered, in the order of the ledger.

use super::elsewhere::Elsewhere;
use super::event::{Act, Event};
use super::fhir::resources::resource_event;

/// An entry that waits.
pub(super) enum Waiting {
    /// To be delivered.
    Event(Box<Event>),
    /// To be parked.
    Elsewhere(Elsewhere),
    /// Not to be sent, though a person asked for it again.
    Outdated {
        /// The event id.
        id: String,
        /// The entry's place.
        sequence: u64,
        /// The entry that corrects it, which the other system has.
        by: u64,
    },
}

impl Waiting {
    /// Everything that was read, in order.
    pub(super) fn in_order(events: Vec<Event>, elsewhere: Vec<Elsewhere>) -> Vec<Self> {
        let events = events.into_iter().map(|event| Self::Event(Box::new(event)));
        let mut all: Vec<Self> = events.chain(elsewhere.into_iter().map(Self::Elsewhere)).collect();
        all.sort_by_key(Self::sequence);
        all
    }

    pub(super) const fn sequence(&self) -> u64 {
        match self {
            Self::Event(event) => event.sequence,
            Self::Elsewhere(elsewhere) => elsewhere.sequence,
            Self::Outdated { sequence, .. } => *sequence,
        }
    }

    /// Hears of a later event that the other system has: what it corrects or voids would stand there again if it were sent now.
    pub(super) fn hear(&mut self, later: &Event) {
        if let Self::Event(event) = self
            && matches!(later.act, Act::Corrected(_) | Act::EnteredInError(_))
            && resource_event(event) == resource_event(later)
            && event.sequence < later.sequence
        {
            let id = std::mem::take(&mut event.id);
            *self = Self::Outdated { id, sequence: event.sequence, by: later.sequence };
        }
    }
}
