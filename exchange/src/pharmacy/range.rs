//! Which part of what was recorded a report counts.
//!
//! Packages are held against each other over everything before `--to`: a removal of yesterday belongs to a dose of today. What comes out
//! is then counted in the range in which it came about, so that daily reports lose nothing and count nothing twice.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ledger::reading::Book;
use ledger::report::Bound;

use super::Known;
use super::uses::Uses;

/// A range of instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// `--from`: counted is what came about then or later.
    pub from: Option<Timestamp>,
    /// `--to`: counted is what came about before, and nothing later is looked at.
    pub to: Option<Timestamp>,
    /// The first entry that was read: what was due before it is not known.
    pub first: Timestamp,
    /// Up to when it is known that something was not done: `to`, or the last entry where there is no `to` or it still lies ahead.
    pub end: Timestamp,
}

impl Range {
    /// The range that a book was asked for, its local times in the site's zone. What lies after `now` is not known yet.
    pub fn of(book: &Book, zone: &TimeZone, now: Timestamp) -> Self {
        let times = || book.lines.iter().map(|line| line.fact.at);
        let instant = |bound: &Option<Bound>| bound.as_ref().and_then(|bound| instant(bound, zone));
        let (from, to) = (instant(&book.options.from), instant(&book.options.to));
        let last = times().max().unwrap_or(Timestamp::MIN);
        let end = to.map_or(last, |to| last.max(to.min(now)));
        Self { from, to, first: times().min().unwrap_or(Timestamp::MIN), end }
    }

    /// Whether something that came about then is counted.
    pub fn holds(&self, at: Timestamp) -> bool {
        self.is_begun(at) && self.to.is_none_or(|to| at < to)
    }

    /// Whether the range had begun then.
    pub(super) fn is_begun(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at)
    }
}

/// What the ledgers say before the end of a range, and what is known of requests and items whatever the range: the dispense file may go
/// on after it, and its later lines are read too, and then left out. `read` reads everything before a bound.
///
/// # Errors
/// Those of `read`.
pub fn book_of_range<E>(
    to: Option<&Bound>,
    zone: &TimeZone,
    read: impl Fn(Option<Bound>) -> Result<Book, E>,
) -> Result<(Book, Known), E> {
    let book = read(to.map(|to| by_zone(to, zone)))?;
    let whole = to.map(|_| read(None)).transpose()?;
    let all = whole.as_ref().unwrap_or(&book);
    let known = Uses::of(all).known(all);
    Ok((book, known))
}

/// A bound as the instant that it is in the site's zone. What is read has to end with the range that is counted; an entry's own local time may
/// be of another zone, or of an hour that came twice.
fn by_zone(bound: &Bound, zone: &TimeZone) -> Bound {
    instant(bound, zone).map_or_else(|| bound.clone(), Bound::Instant)
}

/// The end of a list that goes on up to now. Nothing that was recorded lies after it, also where the clock of a kiosk is ahead.
pub fn up_to_now(book: &Book, now: Timestamp) -> Bound {
    let last = book.lines.iter().map(|line| line.fact.at).max();
    let after = last.and_then(|last| last.checked_add(SignedDuration::from_nanos(1)).ok());
    Bound::Instant(after.map_or(now, |after| after.max(now)))
}

/// A local time that came twice is the first one; one that never came is the instant when it would have been.
fn instant(bound: &Bound, zone: &TimeZone) -> Option<Timestamp> {
    match bound {
        Bound::Instant(at) => Some(*at),
        Bound::Local(local) => {
            zone.to_ambiguous_zoned(*local).compatible().ok().map(|zoned| zoned.timestamp())
        }
    }
}
