//! What the kiosk hears while a dose is in hand: its order was stopped, the drug file was corrected, another kiosk gave it.

use alloc::vec::Vec;

use super::dose::Step;
use super::phase::Phase;
use super::{Bedside, Effect, World};

impl Bedside {
    /// The dose in hand is decided again with what was heard: what the kiosk knows to be wrong must not stand there as right until somebody
    /// confirms it. As long as the screen asks the same, nothing happens.
    pub(super) fn heard(&mut self, world: &World<'_>) -> Vec<Effect> {
        let Phase::Dose(shown) = &self.phase else { return Vec::new() };
        let Some(now) = self.decided_again(shown, world) else { return Vec::new() };
        let stops = now.step() == Step::Stopped && shown.step() != Step::Stopped;
        if now.changed || stops { self.show_change(now, world) } else { Vec::new() }
    }
}
