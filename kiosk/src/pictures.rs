//! Which pictures of packages are kept for the pharmacy (scanning specification, section 3: "if the policy asks, encrypted"). All other
//! frames are dropped once they are decoded.

use jiff::{SignedDuration, Timestamp};
use rights::case::{DoseCase, PackageKnown};
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
    /// How the package came whose picture is kept with an entry; none where no picture is kept.
    pub fn asks(&self, entry: &Entry) -> Option<Source> {
        match (entry.kind(), entry.detached()?.inputs.as_ref()?) {
            (EntryKind::Verdict, Inputs::Dose(case)) => self.wants(case, entry.clear().class),
            _ => None,
        }
    }

    /// The same of a decision. What a hand scanner read was in front of no camera.
    pub fn wants(&self, case: &DoseCase, class: Option<Class>) -> Option<Source> {
        let package = case.packages.last()?;
        let source = package.scan.source;
        let is = |kept: &Kept| match kept {
            Kept::Unknown => matches!(package.known, PackageKnown::Unknown | PackageKnown::Ambiguous),
            Kept::Typed => source == Source::Keyed,
            Kept::Stopped => class == Some(Class::Hard),
            Kept::HighAlert => package.product().is_some_and(|product| product.high_alert),
        };
        let seen = matches!(source, Source::Camera | Source::Keyed);
        (seen && self.packages.iter().any(is)).then_some(source)
    }

    /// What was kept before this instant is thrown away.
    pub fn since(&self, now: Timestamp) -> Timestamp {
        now.checked_sub(SignedDuration::from_hours(24 * i64::from(self.days))).unwrap_or(Timestamp::MIN)
    }
}
