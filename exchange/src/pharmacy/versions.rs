//! From when to when each version of an order was in force.
//!
//! A kiosk shows which version it saw and when, not since when that version holds. An order says so of its status; of another change it
//! may say it by the time of a verification, of its start or of its end. Else a version holds since a kiosk saw it first.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rights::ident::RequestId;
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

/// Versions, each with when a kiosk saw it first.
pub(super) type Versions<'a> = Vec<(Timestamp, &'a Request)>;

/// By order, then by instruction: an order with several instructions is several requests.
pub(super) type Orders<'a> = BTreeMap<&'a str, BTreeMap<&'a RequestId, Versions<'a>>>;

/// The spans of all instructions of an order. An id that the order did not have in an earlier version begins, and one that it has no more in
/// a later version ends, when that version was seen.
pub(super) fn of_order<'a>(order: &BTreeMap<&'a RequestId, Versions<'a>>) -> Vec<Span<'a>> {
    let mut found = Vec::new();
    for (id, versions) in order {
        let others = || order.iter().filter(|(other, _)| *other != id).flat_map(|(_, seen)| seen);
        let numbers = || versions.iter().map(|(_, request)| request.version);
        let is_later = others().any(|(_, other)| numbers().all(|own| own > other.version));
        let begin = versions.iter().map(|(at, _)| *at).min().filter(|_| is_later);
        let after = others().filter(|(_, other)| numbers().all(|own| own < other.version));
        let end = after.map(|(at, _)| *at).min();
        found.extend(spans(versions.clone()).into_iter().map(|span| Span {
            from: begin.map_or(span.from, |begin| span.from.max(begin)),
            to: end.map_or(span.to, |end| span.to.min(end)),
            ..span
        }));
    }
    found
}

/// The spans of one request in which it was active, from its versions, each with when it was seen. What is said of a version that was seen
/// by several kiosks is said once.
fn spans(mut seen: Versions<'_>) -> Vec<Span<'_>> {
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
