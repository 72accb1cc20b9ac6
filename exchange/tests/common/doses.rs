//! A dose as a kiosk tells it, for the hub's tests and its bench.

use jiff::Timestamp;
use rights::claims::{Claim, Grant};
use rights::history::{Administration, Outcome};

/// The dose of a claim that was granted.
pub fn given(claim: &Claim, at: Timestamp) -> Administration {
    Administration {
        patient: claim.patient.clone(),
        request: claim.request.clone(),
        version: 1,
        slot: claim.slot,
        outcome: Outcome::Given,
        at,
        by: claim.by.clone(),
        dose: None,
        ingredients: Vec::new(),
        route: None,
        packages: Vec::new(),
        reason: None,
        note: None,
        entry: Some(claim.entry),
        backdated: None,
        effect_due: None,
        rate: None,
        continues: None,
        grant: Some(Grant::Ward),
        site: None,
        pain_score: None,
        witness: None,
        known: claim.known.clone(),
        order_link_due: None,
    }
}
