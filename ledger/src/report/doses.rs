//! The doses of a book: each given dose with its scan credit, and what later entries say of it.

use std::collections::HashMap;

use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use rights::scan::Source;

use super::settings::Exclusion;
use crate::kind::Kind;
use crate::reading::{Book, Fact, Line};

/// Why a dose earns no scan credit (CM1); the first that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lack {
    /// Charted after it was given (S3).
    Backdated,
    /// The wristband was not scanned but typed (P8).
    BandTyped,
    /// A package was not scanned but typed (M9).
    PackageTyped,
    /// The band was not scanned before the package.
    Order,
    /// Nothing says that a package was scanned.
    NoScan,
}

impl Lack {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Backdated => "charted afterwards (S3)",
            Self::BandTyped => "wristband typed (P8)",
            Self::PackageTyped => "package typed (M9)",
            Self::Order => "wristband not before the package",
            Self::NoScan => "no scan of a package",
        }
    }
}

/// One dose that entered a patient.
pub(super) struct Dose<'a> {
    pub(super) line: &'a Line,
    /// Why it earns no scan credit; none when the band was scanned before the package and every package was scanned.
    pub(super) lack: Option<Lack>,
    /// The declared exclusion that it falls under.
    pub(super) exclusion: Option<Exclusion>,
}

impl Dose<'_> {
    pub(super) const fn fact(&self) -> &Fact {
        &self.line.fact
    }
}

/// Local time of a fact.
pub(super) fn local(fact: &Fact, at: Timestamp) -> DateTime {
    offset(fact).to_datetime(at)
}

pub(super) fn offset(fact: &Fact) -> Offset {
    let seconds = i32::try_from(fact.offset_s).ok();
    seconds.and_then(|seconds| Offset::from_seconds(seconds).ok()).unwrap_or(Offset::UTC)
}

/// The doses that were given and stand: what was entered in error within the range was not given.
pub(super) fn doses<'a>(book: &'a Book, wrong: &HashMap<[u8; 20], &'a Line>) -> Vec<Dose<'a>> {
    let given = book.lines.iter().filter(|line| line.fact.is_dose());
    let stands = |line: &&Line| line.fact.key.is_none_or(|key| !wrong.contains_key(&key));
    given.filter(stands).map(|line| dose(line)).collect()
}

/// The corrections of a book, by the key of the entry that they correct. A correction without patient data does not say which.
pub(super) fn corrections(book: &Book) -> HashMap<[u8; 20], &Line> {
    use rights::history::Record;
    let of = |line: &'_ Line| match line.fact.record() {
        Some(Record::FollowUp(done)) if line.fact.kind == Kind::CORRECTION => Some(done.of.to_bytes()),
        _ => None,
    };
    book.lines.iter().filter_map(|line| Some((of(line)?, line))).collect()
}

fn dose(line: &Line) -> Dose<'_> {
    let fact = &line.fact;
    Dose { line, lack: lack(fact), exclusion: exclusion(fact) }
}

/// With patient data the scans themselves are looked at; without it, what the checks said of them. A test holds the two together.
fn lack(fact: &Fact) -> Option<Lack> {
    let backdated = fact.given().is_some_and(|given| given.backdated) || fact.found("S3");
    if backdated {
        return Some(Lack::Backdated);
    }
    let Some(detail) = &fact.detail else {
        return match fact.source.as_deref() {
            _ if fact.found("P8") => Some(Lack::BandTyped),
            _ if fact.found("M9") => Some(Lack::PackageTyped),
            Some("camera" | "hand_scanner") => None,
            _ => Some(Lack::NoScan),
        };
    };
    let scanned = |source: Source| matches!(source, Source::Camera | Source::HandScanner);
    match &detail.band {
        Some(band) if band.typed || !scanned(band.source) => return Some(Lack::BandTyped),
        // A band that was scanned again later renews an earlier one; session rule 1 let no package come before the first.
        Some(_) => {}
        None => return Some(Lack::Order),
    }
    if detail.packages.is_empty() {
        return Some(Lack::NoScan);
    }
    let typed = detail.packages.iter().any(|package| !scanned(package.source));
    typed.then_some(Lack::PackageTyped)
}

fn exclusion(fact: &Fact) -> Option<Exclusion> {
    let emergency = fact.detail.as_ref().is_some_and(|detail| detail.emergency) || fact.found("S4");
    if emergency {
        Some(Exclusion::BreakGlass)
    } else if fact.reason_for("S3") == Some("downtime") {
        Some(Exclusion::Downtime)
    } else if fact.reason_for("M9") == Some("no-barcode") {
        Some(Exclusion::NoBarcode)
    } else {
        None
    }
}

/// When a dose entered the patient.
pub(super) fn given_at(fact: &Fact) -> Timestamp {
    fact.given().map_or_else(|| fact.moment(), |given| given.at)
}

/// Nearest rank of sorted values.
pub(super) fn quantile<T: Copy>(sorted: &[T], per_cent: usize) -> Option<T> {
    let rank = (sorted.len() * per_cent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

/// Minutes with one decimal, towards zero.
pub fn minutes(length: SignedDuration) -> String {
    let tenths = length.as_secs() * 10 / 60;
    let sign = if tenths < 0 { "-" } else { "" };
    format!("{sign}{}.{}", tenths.abs() / 10, tenths.abs() % 10)
}

/// Seconds with one decimal, towards zero.
pub(super) fn seconds(length: SignedDuration) -> String {
    let tenths = length.as_millis() / 100;
    let sign = if tenths < 0 { "-" } else { "" };
    format!("{sign}{}.{}", tenths.abs() / 10, tenths.abs() % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_nearest_ranks_and_lengths_keep_their_sign() {
        let sorted: Vec<i32> = (1..=10).collect();
        assert_eq!(
            [quantile(&sorted, 50), quantile(&sorted, 90), quantile(&sorted, 100)],
            [Some(5), Some(9), Some(10)]
        );
        assert_eq!(quantile::<i32>(&[], 50), None);
        assert_eq!(quantile(&[7], 90), Some(7));
        assert_eq!(
            [minutes(SignedDuration::from_secs(-90)), minutes(SignedDuration::from_secs(5))],
            ["-1.5", "0.0"]
        );
        assert_eq!(seconds(SignedDuration::from_millis(1250)), "1.2");
    }
}
