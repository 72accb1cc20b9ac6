//! Reports that are kept, so that many people who look at one wait for one computation, and nobody waits because a kiosk recorded
//! something a moment ago. A report says itself at which tree size it was made.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use jiff::{SignedDuration, Timestamp};
use ledger::report::{Bound, Kind, Page as Report};

use crate::pharmacy::Report as Pharmacy;

/// Which report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// From the ledger alone.
    Ledger(Kind),
    /// From the ledger and the dispense file.
    Pharmacy(Pharmacy),
}

/// What a report is made from, as it is now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Version {
    /// Entries of the kiosk's ledger.
    pub(super) entries: u64,
    /// The files that the pharmacy's reports are made from besides, each with its length and when it was changed.
    pub(super) files: Vec<Option<(u64, SystemTime)>>,
}

impl Version {
    /// Whether a report says the same of both. The ledger's own reports look at no file beside it, and a feed changes one all the time.
    fn is_same(&self, other: &Self, wanted: Wanted) -> bool {
        self.entries == other.entries && (matches!(wanted, Wanted::Ledger(_)) || self.files == other.files)
    }
}

/// How reports are made.
pub(super) trait Maker {
    /// What they are made from now.
    fn version(&self) -> Result<Version, String>;
    /// Makes one.
    fn make(&self, wanted: Wanted, from: Option<&Bound>, to: Option<&Bound>) -> Result<Report, String>;
}

/// Reports that are kept at most.
const MOST: usize = 32;
/// A report of an older end is shown for so long.
const SHOWN_FOR: SignedDuration = SignedDuration::from_mins(2);
/// It is made again in the background after this, while somebody asks for it.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_secs(30);
/// And no longer made again when nobody asked for so long.
const ASKED_WITHIN: SignedDuration = SignedDuration::from_mins(10);

#[derive(Clone, Debug)]
struct Kept {
    wanted: Wanted,
    from: Option<Bound>,
    to: Option<Bound>,
    version: Version,
    made: Timestamp,
    asked: Timestamp,
    report: Arc<Report>,
}

impl Kept {
    /// Whether only what it is made from can change it. A range of the pharmacy's whose end lies ahead ends now, and so does the list of
    /// discrepancies without an end: doses are missed while nobody records anything.
    fn is_of_versions(&self) -> bool {
        match self.wanted {
            Wanted::Ledger(_) => true,
            Wanted::Pharmacy(Pharmacy::Discrepancies) => false,
            Wanted::Pharmacy(_) => self.to.is_none(),
        }
    }
}

/// Reports as they were made last.
#[derive(Debug, Default)]
pub(super) struct Reports(Mutex<Vec<Kept>>);

impl Reports {
    fn kept(&self) -> std::sync::MutexGuard<'_, Vec<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A report, made now when none that is young enough is kept.
    pub(super) fn get(
        &self,
        maker: &dyn Maker,
        (wanted, from, to): (Wanted, Option<&Bound>, Option<&Bound>),
        now: Timestamp,
    ) -> Result<Arc<Report>, String> {
        let version = maker.version()?;
        // Held while a report is made: whoever asks for the same one waits for it.
        let mut kept = self.kept();
        let same = |one: &Kept| one.wanted == wanted && one.from.as_ref() == from && one.to.as_ref() == to;
        if let Some(one) = kept.iter_mut().find(|one| same(one)) {
            one.asked = now;
            if (one.version.is_same(&version, wanted) && one.is_of_versions())
                || now.duration_since(one.made) < SHOWN_FOR
            {
                return Ok(Arc::clone(&one.report));
            }
        }
        let report = Arc::new(maker.make(wanted, from, to)?);
        kept.retain(|one| !same(one));
        if kept.len() >= MOST {
            kept.sort_by_key(|one| one.asked);
            kept.remove(0);
        }
        let (from, to) = (from.cloned(), to.cloned());
        kept.push(Kept { wanted, from, to, version, made: now, asked: now, report: Arc::clone(&report) });
        Ok(report)
    }

    /// Makes those again that people look at and that the ledger has outgrown.
    pub(super) fn refresh(&self, maker: &dyn Maker, now: Timestamp) {
        let Ok(version) = maker.version() else { return };
        let old: Vec<Kept> = self
            .kept()
            .iter()
            .filter(|one| {
                !one.version.is_same(&version, one.wanted) && now.duration_since(one.made) >= AGAIN_AFTER
            })
            .filter(|one| now.duration_since(one.asked) < ASKED_WITHIN)
            .cloned()
            .collect();
        for one in old {
            let Ok(report) = maker.make(one.wanted, one.from.as_ref(), one.to.as_ref()) else { continue };
            let mut kept = self.kept();
            let same = |other: &&mut Kept| {
                other.wanted == one.wanted && other.from == one.from && other.to == one.to
            };
            if let Some(place) = kept.iter_mut().find(same) {
                (place.version, place.made, place.report) = (version.clone(), now, Arc::new(report));
            }
        }
    }

    /// Forgets those of the pharmacy: a step was taken, or found nothing under a name that a list shows.
    pub(super) fn forget_pharmacy(&self) {
        self.kept().retain(|one| matches!(one.wanted, Wanted::Ledger(_)));
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Counts how often it made one.
    #[derive(Default)]
    struct Counting(Cell<usize>);

    impl Maker for Counting {
        fn version(&self) -> Result<Version, String> {
            Ok(Version::default())
        }

        fn make(&self, _: Wanted, _: Option<&Bound>, _: Option<&Bound>) -> Result<Report, String> {
            self.0.set(self.0.get() + 1);
            Ok(ledger::report::page("missed", "Missed doses", Vec::new(), Vec::new(), &[]))
        }
    }

    #[test]
    fn doses_are_missed_while_nobody_records_anything() {
        let now = Timestamp::UNIX_EPOCH;
        let to: Bound = "2026-12-01".parse().unwrap();
        let made = |wanted, to: Option<&Bound>, minutes: i64| {
            let (reports, maker) = (Reports::default(), Counting::default());
            for at in [now, now + SignedDuration::from_mins(minutes)] {
                let _ = reports.get(&maker, (wanted, None, to), at).unwrap();
            }
            maker.0.get()
        };
        let missed = Wanted::Pharmacy(Pharmacy::Missed);
        assert_eq!(made(missed, Some(&to), 10), 2);
        assert_eq!(made(missed, Some(&to), 1), 1);
        assert_eq!(made(missed, None, 10), 1);
        let discrepancies = Wanted::Pharmacy(Pharmacy::Discrepancies);
        assert_eq!((made(discrepancies, None, 10), made(discrepancies, None, 1)), (2, 1));
        assert_eq!(made(Wanted::Ledger(Kind::Scanning), Some(&to), 10), 1);
    }
}
