//! Reports that are kept, so that many people who look at one wait for one computation, and nobody waits because a kiosk recorded
//! something a moment ago. A report says itself at which tree size it was made.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use ledger::inspect::Inspector;
use ledger::report::{Bound, Kind, Page as Report};

use super::reading::Reading;

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
    kind: Kind,
    from: Option<Bound>,
    to: Option<Bound>,
    size: u64,
    made: Timestamp,
    asked: Timestamp,
    report: Arc<Report>,
}

/// Reports as they were made last.
#[derive(Debug, Default)]
pub(super) struct Reports(Mutex<Vec<Kept>>);

fn make(
    reading: &Reading,
    kind: Kind,
    from: Option<&Bound>,
    to: Option<&Bound>,
) -> Result<Arc<Report>, String> {
    ledger::report::report(reading.path(), kind, from, to).map(Arc::new).map_err(|error| error.to_string())
}

fn size(reading: &Reading) -> Result<u64, String> {
    Inspector::open(reading.path()).map(|inspector| inspector.size()).map_err(|error| error.to_string())
}

impl Reports {
    fn kept(&self) -> std::sync::MutexGuard<'_, Vec<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A report, made now when none that is young enough is kept.
    pub(super) fn get(
        &self,
        reading: &Reading,
        (kind, from, to): (Kind, Option<&Bound>, Option<&Bound>),
        now: Timestamp,
    ) -> Result<Arc<Report>, String> {
        let size = size(reading)?;
        // Held while a report is made: whoever asks for the same one waits for it.
        let mut kept = self.kept();
        let same = |one: &Kept| one.kind == kind && one.from.as_ref() == from && one.to.as_ref() == to;
        if let Some(one) = kept.iter_mut().find(|one| same(one)) {
            one.asked = now;
            if one.size == size || now.duration_since(one.made) < SHOWN_FOR {
                return Ok(Arc::clone(&one.report));
            }
        }
        let report = make(reading, kind, from, to)?;
        kept.retain(|one| !same(one));
        if kept.len() >= MOST {
            kept.sort_by_key(|one| one.asked);
            kept.remove(0);
        }
        let (from, to) = (from.cloned(), to.cloned());
        kept.push(Kept { kind, from, to, size, made: now, asked: now, report: Arc::clone(&report) });
        Ok(report)
    }

    /// Makes those again that people look at and that the ledger has outgrown.
    pub(super) fn refresh(&self, reading: &Reading, now: Timestamp) {
        let Ok(size) = size(reading) else { return };
        let old: Vec<Kept> = self
            .kept()
            .iter()
            .filter(|one| one.size != size && now.duration_since(one.made) >= AGAIN_AFTER)
            .filter(|one| now.duration_since(one.asked) < ASKED_WITHIN)
            .cloned()
            .collect();
        for one in old {
            let Ok(report) = make(reading, one.kind, one.from.as_ref(), one.to.as_ref()) else { continue };
            let mut kept = self.kept();
            let same =
                |other: &&mut Kept| other.kind == one.kind && other.from == one.from && other.to == one.to;
            if let Some(place) = kept.iter_mut().find(same) {
                (place.size, place.made, place.report) = (size, now, report);
            }
        }
    }
}
