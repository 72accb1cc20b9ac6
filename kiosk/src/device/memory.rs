//! A kiosk runs for months. What nothing on it can ask for any more is let go; the ledger holds it (decision 0070).

use jiff::SignedDuration;
use rights::bedside::Phase;
use rights::moment::Moment;

use super::Device;

/// How often a locked kiosk looks for what it can let go.
const EVERY: SignedDuration = SignedDuration::from_hours(1);

impl Device {
    /// Lets go of old records while nobody works with them. A clock that is set back does not stop it for long. Before there are orders it
    /// waits: they decide what is still asked for.
    pub(super) fn let_go(&mut self, now: Moment) {
        let has_orders = self.chart.orders_as_of.is_some();
        let due = has_orders && self.let_go_at.is_none_or(|at| now.at.duration_since(at).abs() >= EVERY);
        if due && matches!(self.bedside.phase(), Phase::Locked { .. }) {
            self.chart.forget(&self.site.policy, &self.site.zone, now.at);
            self.let_go_at = Some(now.at);
        }
    }
}
