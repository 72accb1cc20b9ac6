//! Pharmacy: from the ledgers of the kiosks and the dispense file to answers (clinical.md section 6, PH1 to PH7). Everything is computed
//! from what was recorded, in exact arithmetic; the same range and file give the same bytes.
//!
//! What is deliberately absent: changing anything. A discrepancy ends by entries of its own ([`desk`]), decided in `rights`.

pub mod account;
mod again;
mod allot;
pub mod barcodes;
pub mod desk;
pub mod discrepancy;
pub mod dispenses;
pub mod diversion;
pub mod missed;
mod naming;
mod pages;
pub mod range;
mod rest;
pub mod stored;
mod supply_pages;
pub mod uses;
mod versions;
mod ward_store;
mod worked;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ledger::reading::Book;
use ledger::report::Page;
use rights::policy::Policy;

pub use account::{Account, Fault};
pub use desk::Steps;
pub use discrepancy::{Discrepancy, Limits};
pub use dispenses::{Dispense, Known};
pub use range::Range;
pub use stored::Stored;
pub use uses::Uses;

/// The site's zone when nobody names one.
pub const ZONE: &str = "America/New_York";

/// ` --zone ZONE`, where a command has to name it.
pub(crate) fn zone_option(zone: &TimeZone) -> String {
    let named = zone.iana_name().filter(|name| *name != ZONE);
    named.map_or_else(String::new, |name| format!(" --zone {name}"))
}

/// A report of the pharmacy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// PH1.
    Doses,
    /// PH2.
    Discrepancies,
    /// PH3.
    Diversion,
    /// PH4.
    Missed,
    /// PH5.
    Turnaround,
    /// PH6.
    Barcodes,
}

impl Report {
    /// Every report.
    pub const ALL: [Self; 6] =
        [Self::Doses, Self::Discrepancies, Self::Diversion, Self::Missed, Self::Turnaround, Self::Barcodes];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Doses => "doses",
            Self::Discrepancies => "discrepancies",
            Self::Diversion => "diversion",
            Self::Missed => "missed",
            Self::Turnaround => "turnaround",
            Self::Barcodes => "barcodes",
        }
    }

    /// The report with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|report| report.name() == name)
    }
}

/// What the reports are made from.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    /// What the ledgers say up to the end of the range, with all that was before it; patient data must be open. Its `options` name the range.
    pub book: &'a Book,
    /// The dispense file.
    pub dispenses: &'a [Dispense],
    /// What the store knows beside them.
    pub stored: &'a Stored,
    /// What is known of requests and items whatever the range: what the dispense file was checked against.
    pub known: &'a Known,
    /// The policy that windows of missed doses come from.
    pub policy: &'a Policy,
    /// The site's zone.
    pub zone: &'a TimeZone,
    /// Now: a range that ends later is known up to here.
    pub now: Timestamp,
    /// The steps that were taken for discrepancies.
    pub steps: &'a Steps,
    /// The time limits.
    pub limits: Limits,
}

/// A report with its negative findings: how many accounts do not balance, discrepancies are open, nurses stand out.
#[derive(Debug)]
pub struct Found {
    /// The page.
    pub page: Page,
    /// The findings.
    pub findings: usize,
}

impl<'a> Site<'a> {
    /// The range that is counted.
    pub fn range(&self) -> Range {
        Range::of(self.book, self.zone, self.now)
    }

    /// What the ledgers say up to the end of the range.
    fn uses(&self) -> Uses<'a> {
        let mut uses = Uses { end: Some(self.range().end), ..Uses::beside(self.book, self.stored) };
        // An item that a kiosk scans first after the range is what it is within it too, or a report would accuse whom the next one clears.
        self.known.controlled.iter().for_each(|(product, controlled)| uses.learn(product, *controlled));
        uses
    }

    /// Without the lines of the dispense file that lie after the range.
    fn cut(self) -> Self {
        let before = |to| self.dispenses.partition_point(|row| row.at < to);
        let rows = self.range().to.map_or(self.dispenses.len(), before);
        Self { dispenses: &self.dispenses[..rows], ..self }
    }
}

/// The discrepancies of controlled substances, whenever they came about.
fn all_discrepancies(site: &Site<'_>) -> Vec<Discrepancy> {
    let uses = site.uses();
    let accounts = account::accounts(&uses, site.dispenses, site.limits.matched);
    discrepancy::discrepancies(&uses, site.dispenses, &accounts, site.limits)
}

/// The discrepancies of controlled substances that came about in the range.
pub fn discrepancies(site: &Site<'_>) -> Vec<Discrepancy> {
    let mut found = all_discrepancies(&site.cut());
    found.retain(|one| site.range().holds(one.at));
    found
}

/// Makes one report.
pub fn report(site: &Site<'_>, which: Report) -> Found {
    let (site, range) = (&site.cut(), site.range());
    let uses = site.uses();
    match which {
        Report::Doses => {
            let accounts = account::accounts(&uses, site.dispenses, site.limits.matched);
            let settles = |account: &account::Account<'_>| account.settles(site.limits.matched);
            // What moved a moment before the end may still be given: as in PH2, it is no finding yet.
            let (mut settled, mut moving): (Vec<_>, Vec<_>) =
                accounts.into_iter().partition(|one| settles(one).is_none_or(|at| at < range.end));
            settled.retain(|one| settles(one).is_none_or(|at| range.holds(at)));
            moving.retain(|one| settles(one).is_none_or(|at| range.is_begun(at)));
            pages::doses(site, &settled, &moving)
        }
        Report::Discrepancies => pages::discrepancies(site, &all_discrepancies(site)),
        Report::Diversion => pages::diversion(
            site,
            &diversion::standings(site.book, &uses, site.dispenses, (site.limits, range)),
        ),
        Report::Missed => pages::missed(
            site,
            &missed::schedule(site.book, &uses, &site.stored.orders, (site.policy, site.zone), range),
        ),
        Report::Turnaround => {
            let mut asked = missed::asked(site.book, &uses, site.dispenses, (site.policy, site.limits));
            asked.retain(|one| one.is_of(range));
            supply_pages::turnaround(site, &asked)
        }
        Report::Barcodes => supply_pages::barcodes(site, &barcodes::codes(site.book, range)),
    }
}
