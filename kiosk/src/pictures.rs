//! Which pictures of packages are kept for the pharmacy (scanning specification, section 3: "if the policy asks, encrypted"). All other
//! frames are dropped once they are decoded.

use jiff::{SignedDuration, Timestamp};
use rights::case::PackageKnown;
use rights::entry::{Entry, EntryKind, Inputs};
use rights::scan::Source;
use rights::verdict::Class;

/// A package whose picture may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Its barcode is none, or several, in the drug file: the pharmacy links it.
    Unknown,
    /// It could not be scanned and was typed (M9).
    Typed,
    /// It was stopped.
    Stopped,
    /// A high-alert drug.
    HighAlert,
}

impl Kept {
    /// By its name in `kiosk.toml`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "unknown" => Some(Self::Unknown),
            "typed" => Some(Self::Typed),
            "stopped" => Some(Self::Stopped),
            "high-alert" => Some(Self::HighAlert),
            _ => None,
        }
    }
}

/// What is kept, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Of which packages.
    pub packages: Vec<Kept>,
    /// Days until a picture is thrown away.
    pub days: u16,
}

impl Default for Keep {
    fn default() -> Self {
        Self { packages: vec![Kept::Unknown, Kept::Typed], days: 30 }
    }
}

impl Keep {
    /// Whether the picture that led to an entry is kept. What a hand scanner read was in front of no camera.
    pub fn asks(&self, entry: &Entry) -> bool {
        let Some(Inputs::Dose(case)) = entry.detached().and_then(|detached| detached.inputs.as_ref()) else {
            return false;
        };
        let (Some(package), EntryKind::Verdict) = (case.packages.last(), entry.kind()) else { return false };
        let typed = package.scan.source == Source::Keyed;
        let is = |kept: &Kept| match kept {
            Kept::Unknown => matches!(package.known, PackageKnown::Unknown | PackageKnown::Ambiguous),
            Kept::Typed => typed,
            Kept::Stopped => entry.clear().class == Some(Class::Hard),
            Kept::HighAlert => package.product().is_some_and(|product| product.high_alert),
        };
        (typed || package.scan.source == Source::Camera) && self.packages.iter().any(is)
    }

    /// What was kept before this instant is thrown away.
    pub fn since(&self, now: Timestamp) -> Timestamp {
        now.checked_sub(SignedDuration::from_hours(24 * i64::from(self.days))).unwrap_or(Timestamp::MIN)
    }
}
