//! What was recorded here of a dose that another kiosk gave. That kiosk's ledger alone knows under which event id the dose was told, so
//! nothing that is sent from here could be matched with it: a person has to say it to the other system.

use ledger::history::Stored;
use ledger::leaf::{CORRECTS, FOLLOWS};
use rights::entry::IdempotencyKey;
use rights::follow_up::{Act, FollowUp};
use rights::history::Record;

use super::event::event_id;
use super::infusion::step_name;
use crate::digest::hex;

/// A correction or a step of an infusion that cannot be told as an event. It holds no patient data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// The event id of the entry that says it.
    pub id: String,
    /// The entry's place.
    pub sequence: u64,
    /// The entry that recorded the dose, in another kiosk's ledger.
    pub of: IdempotencyKey,
    /// What was done with the dose, by its name in messages.
    pub act: &'static str,
}

impl Elsewhere {
    /// Of an entry about a dose that this ledger does not hold; `None` of any other.
    pub(super) fn of(stored: &Stored, leaf: &[u8; 32]) -> Option<Self> {
        let Record::FollowUp(FollowUp { of, act, .. }) = stored.detached.as_ref()?.record.as_ref()? else {
            return None;
        };
        let act = match act {
            Act::EnteredInError => "entered-in-error",
            Act::Infusion(step) => step_name(step),
            // No other system hears of these.
            Act::EffectNoted { .. } | Act::PatchRemoved | Act::Conflict(_) | Act::ConflictAnswered(_) => {
                return None;
            }
        };
        // The leaf names the dose's entry where it stands in the same ledger, and then alone.
        let here =
            stored.leaf.references.iter().any(|reference| {
                [CORRECTS, FOLLOWS].contains(&reference.relation) && reference.hash.is_some()
            });
        let (id, sequence) = (event_id(leaf), stored.leaf.sequence);
        (!here).then_some(Self { id, sequence, of: *of, act })
    }

    /// For the person who has to look.
    pub fn said(&self) -> String {
        format!(
            "{} of the dose of entry key {}, which stands in another kiosk's ledger: chart it in the other system by hand",
            self.act,
            hex(&self.of.to_bytes())
        )
    }
}
