//! From when to when each version of an order was in force.
//!
//! A kiosk shows which version it saw and when, not since when that version holds. An order says so of its status; of another change it
//! may say it by the time of a verification, of its start or of its end. Else a version holds since a kiosk saw it first.

use jiff::Timestamp;
use rights::request::{Request, RequestStatus};

/// A version that was to be given, from one instant on and before another one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span<'a> {
    /// The version.
    pub(super) request: &'a Request,
    /// Since when.
    pub(super) from: Timestamp,
    /// Until when.
    pub(super) to: Timestamp,
    /// Since when the order is known.
    pub(super) known: Timestamp,
}

/// The spans of one order in which it was active, from its versions, each with when it was seen. What is said of a version that was seen
/// by several kiosks is said once.
pub(super) fn spans(mut seen: Vec<(Timestamp, &Request)>) -> Vec<Span<'_>> {
    seen.sort_by_key(|(at, request)| (request.version, *at));
    seen.dedup_by(|(_, a), (_, b)| (a.version, a.status) == (b.version, b.status));
    let begins: Vec<Timestamp> = begins(&seen);
    let mut spans = Vec::new();
    let known = seen.iter().map(|(at, _)| *at).min().unwrap_or(Timestamp::MIN);
    for (place, (_, request)) in seen.iter().enumerate() {
        let from = begins.get(place).copied().unwrap_or(Timestamp::MIN);
        let next = seen.get(place + 1).zip(begins.get(place + 1));
        // A version that says when the order ends says it of those before it too.
        let to = next
            .map_or(Timestamp::MAX, |((_, next), begin)| next.stop.map_or(*begin, |stop| stop.min(*begin)));
        if request.status == RequestStatus::Active {
            spans.push(Span { request, from, to, known });
        } else if let (0, Some(since)) = (place, request.status_since) {
            // Nobody saw it before it was held or stopped, and yet it was active then.
            spans.push(Span { request, from, to: since.min(to), known });
        }
    }
    spans
}

/// Since when each version holds, never before the one before it.
fn begins(seen: &[(Timestamp, &Request)]) -> Vec<Timestamp> {
    let mut begins: Vec<Timestamp> = Vec::new();
    for (place, (at, request)) in seen.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|before| Some((seen.get(before)?, begins.get(before)?)));
        let begin = before.map_or(Timestamp::MIN, |((seen_before, earlier), floor)| {
            since(request, *at, (*seen_before, earlier)).max(*floor)
        });
        begins.push(begin);
    }
    begins
}

fn since(request: &Request, seen: Timestamp, (seen_before, before): (Timestamp, &Request)) -> Timestamp {
    if let Some(since) = request.status_since.filter(|_| request.status != before.status) {
        return since;
    }
    // The one before was still in force when it was seen.
    let between = |at: &Timestamp| *at > seen_before && *at <= seen;
    let said = [request.status_since, request.verified, Some(request.start), request.stop];
    said.into_iter().flatten().filter(between).max().unwrap_or(seen)
}
