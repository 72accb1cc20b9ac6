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
mod pages;
mod supply_pages;
pub mod uses;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use ledger::reading::Book;
use ledger::report::Page;
use rights::policy::Policy;
use rights::request::Request;

pub use account::{Account, UnitsDiffer};
pub use desk::Steps;
pub use discrepancy::{Discrepancy, Limits};
pub use dispenses::{Dispense, Known};
pub use uses::Uses;

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
#[derive(Debug)]
pub struct Site<'a> {
    /// What the ledgers say; patient data must be open.
    pub book: &'a Book,
    /// The dispense file.
    pub dispenses: &'a [Dispense],
    /// Orders from elsewhere than the ledgers.
    pub orders: &'a [Request],
    /// The policy that windows of missed doses come from.
    pub policy: &'a Policy,
    /// The site's zone.
    pub zone: &'a TimeZone,
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

/// Makes one report.
///
/// # Errors
/// When amounts of one item cannot be added up.
pub fn report(site: &Site<'_>, which: Report) -> Result<Found, UnitsDiffer> {
    let uses = Uses::of(site.book);
    let accounts = account::accounts(&uses, site.dispenses, site.limits.matched)?;
    Ok(match which {
        Report::Doses => pages::doses(site, &accounts),
        Report::Discrepancies => pages::discrepancies(
            site,
            &discrepancy::discrepancies(&uses, site.dispenses, &accounts, site.limits),
        ),
        Report::Diversion => {
            pages::diversion(site, &diversion::standings(site.book, &uses, site.dispenses, site.limits.waste))
        }
        Report::Missed => {
            pages::missed(site, &missed::schedule(site.book, &uses, site.orders, site.policy, site.zone))
        }
        Report::Turnaround => supply_pages::turnaround(site, &missed::asked(site.book, site.dispenses)),
        Report::Barcodes => supply_pages::barcodes(site, &barcodes::codes(site.book)),
    })
}

/// A length as minutes with one decimal, towards zero.
fn minutes(length: SignedDuration) -> String {
    let tenths = length.as_secs() * 10 / 60;
    let sign = if tenths < 0 { "-" } else { "" };
    format!("{sign}{}.{}", tenths.abs() / 10, tenths.abs() % 10)
}
