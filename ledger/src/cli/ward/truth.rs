//! What really happened on the ward, noted while it was done and never read from a ledger, so that reports can be held against it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use jiff::Timestamp;

/// One dose that was given.
#[derive(Clone, Debug)]
pub struct GivenDose {
    pub key: [u8; 20],
    pub nurse: usize,
    pub patient: usize,
    pub item: &'static str,
    pub at: Timestamp,
    pub slot: Option<Timestamp>,
    /// Half the window in seconds; none for doses without one.
    pub half_s: Option<i64>,
    pub tier: &'static str,
    pub lots: Vec<String>,
    pub band_typed: bool,
    pub package_typed: bool,
    pub no_barcode: bool,
    pub backdated: Option<&'static str>,
    pub emergency: bool,
    pub late: bool,
    pub effect_due: Option<Timestamp>,
    pub effect_noted: Option<Timestamp>,
    pub in_error: bool,
}

impl GivenDose {
    pub const fn has_credit(&self) -> bool {
        !self.band_typed && !self.package_typed && self.backdated.is_none()
    }

    pub fn is_excluded(&self) -> bool {
        self.emergency || self.backdated == Some("downtime") || (self.package_typed && self.no_barcode)
    }
}

/// A package that left the pharmacy or a cabinet.
#[derive(Clone, Debug)]
pub struct Handed {
    pub at: Timestamp,
    pub kind: &'static str,
    pub patient: usize,
    pub request: String,
    pub item: &'static str,
    pub quantity: String,
    pub nurse: usize,
    pub dose_id: Option<String>,
    pub lot: String,
}

/// What happened.
#[derive(Clone, Debug, Default)]
pub struct Truth {
    pub doses: Vec<GivenDose>,
    /// Check and class: fired, overridden, averted, changed the action.
    pub alerts: BTreeMap<(String, String), [u64; 4]>,
    /// Blind entries: all, different, under 3 s.
    pub blind: [u64; 3],
    /// Scheduled doses that nobody charted.
    pub missed: BTreeSet<(String, Timestamp)>,
    /// Missing doses: asked, dispensed, given.
    pub asked: Vec<(Timestamp, Option<Timestamp>, Option<Timestamp>)>,
    /// Planted workarounds, by the name of the pattern.
    pub cases: Vec<(&'static str, Timestamp)>,
    /// Planted discrepancies of controlled substances, by type.
    pub discrepancies: Vec<&'static str>,
    pub handed: Vec<Handed>,
    /// Scans of a code that the drug file does not have.
    pub unknown: u64,
    pub entries: u64,
}

impl Truth {
    pub fn absorb(&mut self, other: Self) {
        self.doses.extend(other.doses);
        for (key, numbers) in other.alerts {
            let sum = self.alerts.entry(key).or_default();
            sum.iter_mut().zip(numbers).for_each(|(sum, number)| *sum += number);
        }
        self.blind.iter_mut().zip(other.blind).for_each(|(sum, number)| *sum += number);
        self.missed.extend(other.missed);
        self.asked.extend(other.asked);
        self.cases.extend(other.cases);
        self.discrepancies.extend(other.discrepancies);
        self.handed.extend(other.handed);
        self.unknown += other.unknown;
        self.entries += other.entries;
    }

    /// The doses that stand.
    pub fn standing(&self) -> impl Iterator<Item = &GivenDose> {
        self.doses.iter().filter(|dose| !dose.in_error)
    }

    /// The dispense file (docs/reports.md).
    pub fn dispenses(&self) -> String {
        let mut rows: Vec<&Handed> = self.handed.iter().collect();
        rows.sort_by(|a, b| (a.at, a.nurse, &a.request).cmp(&(b.at, b.nurse, &b.request)));
        let mut text = "id,at,kind,patient,request,product,quantity,unit,by,dose_id,lot\r\n".to_owned();
        for (number, row) in rows.iter().enumerate() {
            let (amount, unit) = row.quantity.split_once(' ').unwrap_or((&row.quantity, ""));
            let dose = row.dose_id.as_deref().unwrap_or("");
            let _ = write!(
                text,
                "D{:06},{},{},patient-{:02},{},{},{amount},{unit},nurse-{:02},{dose},{}\r\n",
                number + 1,
                row.at,
                row.kind,
                row.patient,
                row.request,
                row.item,
                row.nurse,
                row.lot
            );
        }
        text
    }
}
