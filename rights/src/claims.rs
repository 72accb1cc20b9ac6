//! One dose, one kiosk. Before a dose is recorded as given, its kiosk asks for it; the ward's hub, which holds one [`Claims`],
//! lets one kiosk have it and tells the others who gives it. Without IO, like everything here: the hub calls it, and so does a
//! journey with two kiosks.
//!
//! A kiosk that cannot reach the hub goes on alone, and the dose says so ([`Grant::Offline`]). What contradicts the ward is found
//! when the kiosk is back ([`conflict`](crate::conflict)) and recorded beside the dose; nothing is rewritten.

use alloc::boxed::Box;
use alloc::vec::Vec;

use jiff::{SignedDuration, Timestamp};

use crate::entry::IdempotencyKey;
use crate::history::Administration;
use crate::ident::{ClinicianId, PatientId, RequestId};
use crate::product::named;

/// How far back a kiosk says which doses it knows. Older ones were loaded with the chart.
pub const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(24);

/// A kiosk asks for one dose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The key of the entry that will record it; it also names the claim.
    pub entry: IdempotencyKey,
    /// For whom.
    pub patient: PatientId,
    /// Of which request.
    pub request: RequestId,
    /// Which scheduled dose; `None` for doses without one.
    pub slot: Option<Timestamp>,
    /// Who gives it.
    pub by: ClinicianId,
    /// When it was asked.
    pub at: Timestamp,
    /// The doses of the last [`KNOWN_FOR`] that this kiosk knows, of the request or of one of its ingredients: a dose that it knows is no
    /// reason to refuse the rest of it (D3), or another one as needed.
    pub known: Vec<IdempotencyKey>,
}

named! {
    /// Who let the kiosk have the dose.
    Grant {
        /// The ward's hub.
        Ward = "ward",
        /// Nobody: there is no other kiosk.
        Alone = "alone",
        /// Nobody: the hub could not be asked.
        Offline = "offline",
    }
}

/// Why a kiosk may not have a dose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Another kiosk charted it; this kiosk did not know that yet.
    Charted(Box<Administration>),
    /// Another kiosk is giving it.
    BeingGiven(BeingGiven),
}

/// A dose that another kiosk is giving.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BeingGiven {
    /// Of which request.
    pub request: RequestId,
    /// Which scheduled dose.
    pub slot: Option<Timestamp>,
    /// By whom.
    pub by: ClinicianId,
    /// Since when.
    pub since: Timestamp,
}

/// The hub's memory of who may have which dose.
#[derive(Clone, Debug)]
pub struct Claims {
    lasts: SignedDuration,
    granted: Vec<Claim>,
    charted: Vec<Administration>,
    /// Doses that were entered in error, and when that was charted.
    in_error: Vec<(IdempotencyKey, Timestamp)>,
}

impl Claims {
    /// No claims yet. One that is neither recorded nor given back ends after `lasts` (`Policy::claim_lasts`), as when its kiosk
    /// lost power; until then the dose is nobody else's.
    pub const fn new(lasts: SignedDuration) -> Self {
        Self { lasts, granted: Vec::new(), charted: Vec::new(), in_error: Vec::new() }
    }

    /// Asks for a dose. Asking again with the same entry is the same claim.
    ///
    /// # Errors
    /// When another kiosk gave it or is giving it.
    pub fn claim(&mut self, claim: &Claim, now: Timestamp) -> Result<(), Refusal> {
        let lasts = self.lasts;
        self.granted.retain(|held| now.duration_since(held.at) < lasts);
        if self.granted.iter().any(|held| held.entry == claim.entry) {
            return Ok(());
        }
        if let Some(done) = self.charted.iter().rfind(|done| charted_before(done, claim)) {
            return Err(Refusal::Charted(Box::new(done.clone())));
        }
        let same = |held: &&Claim| held.request.order() == claim.request.order() && held.slot == claim.slot;
        if let Some(held) = self.granted.iter().find(same) {
            return Err(Refusal::BeingGiven(BeingGiven {
                request: held.request.clone(),
                slot: held.slot,
                by: held.by.clone(),
                since: held.at,
            }));
        }
        // The hub's clock decides how long a claim lasts, not the kiosk's.
        self.granted.push(Claim { at: now, ..claim.clone() });
        Ok(())
    }

    /// A dose was recorded; its claim is fulfilled.
    pub fn recorded(&mut self, done: &Administration) {
        if let Some(entry) = done.entry {
            self.release(entry);
            let known = self.charted.iter().any(|known| known.entry == done.entry);
            if known || self.in_error.iter().any(|(of, _)| *of == entry) {
                return;
            }
        }
        // O8: a scheduled dose that was charted as not given is closed too; as-needed doses are their own.
        let closes = done.outcome.is_final() && done.slot.is_some();
        if done.outcome.entered_patient() || closes {
            self.charted.push(done.clone());
        }
    }

    /// A dose was entered in error, as was charted then: it may be given after all.
    pub fn corrected(&mut self, entry: IdempotencyKey, at: Timestamp) {
        self.in_error.push((entry, at));
        self.charted.retain(|done| done.entry != Some(entry));
    }

    /// Forgets what was recorded before an instant; no schedule offers it any more.
    pub fn forget(&mut self, before: Timestamp) {
        self.charted.retain(|done| done.at >= before);
        self.in_error.retain(|(_, at)| *at >= before);
    }

    /// A claim is given back: its dose was not given.
    pub fn release(&mut self, entry: IdempotencyKey) {
        self.granted.retain(|held| held.entry != entry);
    }
}

/// Whether a recorded dose is the claimed one, or another as needed, and one that the kiosk does not know. The hub knows no orders, and
/// two kiosks may have two versions of one: of two instructions that are due together the second waits until its kiosk knows of the first.
fn charted_before(done: &Administration, claim: &Claim) -> bool {
    let recent = || claim.at.duration_since(done.at) < KNOWN_FOR;
    let unknown = || done.entry.is_none_or(|entry| !claim.known.contains(&entry));
    done.request.order() == claim.request.order()
        && done.slot == claim.slot
        && unknown()
        && (claim.slot.is_some() || recent())
}
