//! What a report measures with. Thresholds of the bedside come from the policy that each entry kept; these are the reader's own.

use jiff::SignedDuration;
use jiff::civil::Time;

/// A declared exclusion of the scanning rate (CM1): doses that no scan was possible for. The rate always stands beside it without any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exclusion {
    /// Given in break-glass mode.
    BreakGlass,
    /// Charted afterwards with the reason "downtime".
    Downtime,
    /// The package carries no barcode, as the reason says.
    NoBarcode,
}

impl Exclusion {
    /// Every exclusion.
    pub const ALL: [Self; 3] = [Self::BreakGlass, Self::Downtime, Self::NoBarcode];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BreakGlass => "break-glass",
            Self::Downtime => "downtime",
            Self::NoBarcode => "no-barcode",
        }
    }

    /// The exclusion with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// What a report measures with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// When shifts begin, in local time, ascending; the last one goes on to the first of the next day.
    pub shifts: Vec<Time>,
    /// Doses that the second scanning rate leaves out.
    pub exclusions: Vec<Exclusion>,
    /// The scanning rate that is aimed at, in per cent (Leapfrog: 95).
    pub target: u64,
    /// A rule that is overridden in more than so many per cent of its firings is listed for review.
    pub review_above: u64,
    /// The days before the end of the range in which that is counted.
    pub review_days: i64,
    /// A blind entry that took less than this was hardly independent.
    pub witness_least: SignedDuration,
    /// Confirmed sooner than this after the last scan: nobody swallows so fast.
    pub confirm_least: SignedDuration,
    /// The next patient's band sooner than this after a confirmation: nobody walks so fast.
    pub walk_least: SignedDuration,
    /// So many in a row make a pattern of what may happen once.
    pub pattern: usize,
    /// The same band at two kiosks within this time (P6).
    pub band_within: SignedDuration,
    /// So many typed doses make a habit when their share is also more than so many times that of all other nurses.
    pub habit: (u64, u64),
    /// One pair of giver and witness of so many doses is listed when it is more than this share of the giver's witnessed doses.
    pub pair: (u64, u64),
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            shifts: [7, 15, 23].map(|hour| Time::constant(hour, 0, 0, 0)).to_vec(),
            exclusions: Exclusion::ALL.to_vec(),
            target: 95,
            review_above: 90,
            review_days: 30,
            witness_least: SignedDuration::from_secs(3),
            confirm_least: SignedDuration::from_secs(3),
            walk_least: SignedDuration::from_secs(10),
            pattern: 3,
            band_within: SignedDuration::from_mins(2),
            habit: (5, 5),
            pair: (10, 60),
        }
    }
}

impl Settings {
    /// The shift of a local time of day, such as `07:00`; `-` when there are none.
    pub fn shift(&self, time: Time) -> String {
        let begun = self.shifts.iter().rfind(|start| **start <= time).or(self.shifts.last());
        begun.map_or_else(|| "-".to_owned(), |start| start.strftime("from %H:%M").to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_shift_goes_over_midnight() {
        let settings = Settings::default();
        let at = |hour, minute| settings.shift(Time::constant(hour, minute, 0, 0));
        assert_eq!([at(7, 0), at(14, 59), at(6, 59)], ["from 07:00", "from 07:00", "from 23:00"]);
        assert!(Exclusion::ALL.into_iter().all(|one| Exclusion::from_name(one.name()) == Some(one)));
    }
}
