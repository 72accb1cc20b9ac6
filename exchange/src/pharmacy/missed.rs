//! PH4: scheduled doses whose window ended with nothing terminal, and PH5: how long the ward waited for missing doses.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ledger::kind::Kind;
use ledger::reading::{Book, Line};
use rights::decide::window;
use rights::history::Outcome;
use rights::ident::{PatientId, RequestId};
use rights::policy::Policy;
use rights::request::Request;

use super::discrepancy::Limits;
use super::dispenses::{Dispense, Kind as Handed};
use super::range::Range;
use super::uses::{Uses, corrections};
use super::versions::{Orders, Span, Versions, of_order};

/// A scheduled dose that nobody charted.
#[derive(Clone, Debug)]
pub struct Missed {
    /// Which patient.
    pub patient: PatientId,
    /// Which request.
    pub request: RequestId,
    /// The drug as ordered.
    pub drug: String,
    /// When it was due.
    pub due: Timestamp,
    /// What is known of why.
    pub why: String,
}

/// The scheduled doses of a range.
#[derive(Clone, Debug, Default)]
pub struct Schedule {
    /// Scheduled doses whose window ended within the range.
    pub due: u64,
    /// Those with a terminal outcome, by its name.
    pub terminal: BTreeMap<&'static str, u64>,
    /// The others.
    pub missed: Vec<Missed>,
}

/// How long after the last entry of a patient an order is taken to run on.
const SEEN_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// How a slot ended, with the reason.
type Charted<'a> = (Outcome, Option<&'a str>);

/// What was charted for each slot of an order, by the id that it was charted under.
type BySlot<'a, S, T> = BTreeMap<(&'a str, S), BTreeMap<&'a RequestId, T>>;

/// What the ledgers say of scheduled doses.
#[derive(Default)]
struct Told<'a> {
    /// How each slot ended, with the reason.
    charted: BySlot<'a, Timestamp, Charted<'a>>,
    /// When each patient was seen, in the order of time.
    seen: BTreeMap<&'a PatientId, Vec<Timestamp>>,
    /// What became of an attempt.
    tried: BySlot<'a, Option<Timestamp>, String>,
}

impl<'a> Told<'a> {
    fn of(book: &'a Book) -> Self {
        let wrong = corrections(book);
        let mut told = Self::default();
        for line in &book.lines {
            let Some(detail) = &line.fact.detail else { continue };
            if let Some(patient) = &detail.patient {
                told.seen.entry(patient).or_default().push(line.fact.at);
            }
            if let Some(done) = line.fact.administration() {
                if line.fact.key.is_some_and(|key| wrong.contains_key(&key)) {
                    continue;
                }
                if let Some(slot) = done.slot {
                    let of_slot = told.charted.entry((done.request.order(), slot)).or_default();
                    let outcome = of_slot.entry(&done.request).or_insert((done.outcome, None));
                    if done.outcome != Outcome::Missing {
                        outcome.0 = done.outcome;
                    }
                    outcome.1 = done.reason.as_ref().map(rights::ident::ReasonCode::as_str);
                }
            } else if let (Kind::VERDICT, Some(order)) = (line.fact.kind, &detail.order) {
                let stops: Vec<&str> = line.fact.stops().collect();
                if !stops.is_empty() {
                    let of_slot = told.tried.entry((order.id.order(), order.slot)).or_default();
                    of_slot.insert(&order.id, format!("stopped by {}", stops.join(", ")));
                }
            } else if let (Kind::ABANDONED, Some(order)) = (line.fact.kind, &detail.order) {
                let reason = line.fact.reason.as_deref().unwrap_or("-");
                let of_slot = told.tried.entry((order.id.order(), order.slot)).or_default();
                of_slot.entry(&order.id).or_insert_with(|| format!("put back: {reason}"));
            }
        }
        told.seen.values_mut().for_each(|times| times.sort_unstable());
        told
    }
}

/// Lays the schedule of every order that is known over what was charted, each version for as long as it was in force. A slot is counted in
/// the range in which it became known that it was due and that nobody charted it.
pub fn schedule(
    book: &Book,
    uses: &Uses<'_>,
    elsewhere: &[Request],
    (policy, zone): (&Policy, &TimeZone),
    range: Range,
) -> Schedule {
    let end = range.end;
    let Told { charted, seen, tried } = Told::of(book);
    let mut orders = seen_orders(uses);
    let came = |request: &'_ Request| {
        let last = seen.get(&request.patient).and_then(|times| times.last()).copied();
        came_unseen(orders.get(request.id.order()), request, last.unwrap_or(end))
    };
    let unseen: Vec<_> = elsewhere.iter().filter_map(|request| Some((came(request)?, request))).collect();
    for (at, request) in unseen {
        let order = orders.entry(request.id.order()).or_default();
        order.entry(&request.id).or_default().push((at, request));
    }
    let mut schedule = Schedule::default();
    for Span { request, from, to, known } in orders.values().flat_map(of_order) {
        let Some(half) = window(policy, request) else { continue };
        let least = earliest(seen.get(&request.patient), known, half, range);
        let begin = range.first.max(from).max(request.start).max(least);
        let until = to.min(end);
        let slots = request.timing.slots(request.start, request.stop, zone, begin, until.max(begin));
        for slot in slots.iter().filter(|slot| slot.due >= begin && slot.due < until) {
            let over = slot.due.checked_add(half).unwrap_or(Timestamp::MAX);
            let known_since = known_since(seen.get(&request.patient), slot.due, over);
            if over > end || !known_since.is_some_and(|at| range.holds(at.max(known))) {
                continue;
            }
            schedule.due += 1;
            let beside = |id: &RequestId| is_beside(&orders, request, id);
            let order = request.id.order();
            let outcome = own_or_renumbered(charted.get(&(order, slot.due)), &request.id, beside);
            match outcome {
                Some((outcome, _)) if *outcome != Outcome::Missing => {
                    *schedule.terminal.entry(outcome.name()).or_default() += 1;
                }
                _ => {
                    let why = match outcome {
                        Some((_, reason)) => {
                            format!("the pharmacy was asked for it: {}", reason.unwrap_or("-"))
                        }
                        None => {
                            let tried = tried.get(&(order, Some(slot.due)));
                            let tried = own_or_renumbered(tried, &request.id, beside);
                            tried.cloned().unwrap_or_else(|| "nobody tried".to_owned())
                        }
                    };
                    schedule.missed.push(Missed {
                        patient: request.patient.clone(),
                        request: request.id.clone(),
                        drug: request.drug.name.clone(),
                        due: slot.due,
                        why,
                    });
                }
            }
        }
    }
    schedule.missed.sort_by(|a, b| (a.due, &a.request).cmp(&(b.due, &b.request)));
    schedule
}

/// Every version of an order that a kiosk saw.
fn seen_orders<'a>(uses: &Uses<'a>) -> Orders<'a> {
    let mut orders: Orders<'_> = BTreeMap::new();
    for (id, versions) in &uses.versions {
        orders.entry(id.order()).or_default().insert(id, versions.clone());
    }
    orders
}

/// What is known under the id of an instruction, else under one of its order that was numbered anew.
fn own_or_renumbered<'a, T>(
    of_slot: Option<&'a BTreeMap<&RequestId, T>>,
    own: &RequestId,
    beside: impl Fn(&RequestId) -> bool,
) -> Option<&'a T> {
    let of_slot = of_slot?;
    let renumbered = || of_slot.iter().find(|(id, _)| !beside(id)).map(|(_, told)| told);
    of_slot.get(own).or_else(renumbered)
}

/// When what a store knows of an order came, as far as kiosks tell; `None` where one saw it itself. A version is all instructions of its order:
/// which of them a kiosk showed does not matter.
fn came_unseen(
    order: Option<&BTreeMap<&RequestId, Versions<'_>>>,
    request: &Request,
    last: Timestamp,
) -> Option<Timestamp> {
    // An order that no kiosk saw is as it always was.
    let Some(order) = order else { return Some(Timestamp::MIN) };
    let as_new = |(_, seen): &&(Timestamp, &Request)| seen.version >= request.version;
    if order.get(&request.id).is_some_and(|versions| versions.iter().any(|version| as_new(&version))) {
        return None;
    }
    let with_others = order.values().flatten().filter(as_new).map(|(at, _)| *at).min();
    // Else it came after the last time that a kiosk saw the patient.
    Some(with_others.unwrap_or(last))
}

/// Whether the order has both instructions in one version: what was charted for one of them is not charted for the other. An id that it had
/// before it was edited stands for the instruction that has its time.
fn is_beside(orders: &Orders<'_>, request: &Request, id: &RequestId) -> bool {
    let versions = orders.get(request.id.order()).and_then(|order| order.get(id));
    versions.is_some_and(|versions| versions.iter().any(|(_, other)| other.version == request.version))
}

/// Before when no slot can have become known in the range. A schedule is laid so far and no further at once: laid from the beginning of an old
/// ledger, it would end before the range.
fn earliest(
    seen: Option<&Vec<Timestamp>>,
    known: Timestamp,
    half: SignedDuration,
    range: Range,
) -> Timestamp {
    // All of an order that is new to everybody is.
    let Some(from) = range.from.filter(|from| known < *from) else { return Timestamp::MIN };
    // What was over when a kiosk last saw the patient before the range became known then; a patient whom none ever saw is there.
    let last = match seen {
        None => Some(from),
        Some(times) => {
            let before = times.partition_point(|at| *at < from).checked_sub(1);
            before.and_then(|at| times.get(at)).copied()
        }
    };
    last.and_then(|last| last.checked_sub(half).ok()).unwrap_or(Timestamp::MIN)
}

/// Since when it is known that a slot was missed, if nobody charted it: since its window ended, while the patient was there, or since a
/// kiosk saw the patient again. A patient whom no kiosk ever saw is taken to be there.
fn known_since(seen: Option<&Vec<Timestamp>>, due: Timestamp, over: Timestamp) -> Option<Timestamp> {
    let Some(seen) = seen else { return Some(over) };
    let later = seen.partition_point(|at| *at <= over);
    let last = later.checked_sub(1).and_then(|at| seen.get(at));
    let there = last.is_some_and(|last| last.checked_add(SEEN_WITHIN).is_ok_and(|until| due < until));
    if there { Some(over) } else { seen.get(later).copied() }
}

/// A dose that the ward asked the pharmacy for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// For whom.
    pub patient: PatientId,
    /// For which request.
    pub request: RequestId,
    /// When.
    pub asked: Timestamp,
    /// Why it was missing.
    pub reason: String,
    /// When the pharmacy handed it out.
    pub dispensed: Option<Timestamp>,
    /// When it was given.
    pub given: Option<Timestamp>,
    /// Until when it is to be given.
    pub due_by: Timestamp,
}

impl Asked {
    /// Whether it is counted in a range: the one in which it was given, and before that the one in which its time was over. What was asked for
    /// a moment before the end of a day is given after it, and is no finding of either day.
    pub fn is_of(&self, range: Range) -> bool {
        match self.given {
            Some(at) => range.holds(at),
            None => range.holds(self.due_by) && self.due_by <= range.end,
        }
    }
}

/// Every missing dose with what followed. It is to be given within the window of its schedule, or, where it has none, within the time for what
/// was taken out; and when it was asked for later than it was due, so long after that.
pub fn asked(
    book: &Book,
    uses: &Uses<'_>,
    dispenses: &[Dispense],
    (policy, limits): (&Policy, Limits),
) -> Vec<Asked> {
    let mut found = Vec::new();
    let mut taken: BTreeSet<u64> = BTreeSet::new();
    let orders = seen_orders(uses);
    let mut given: BySlot<'_, Option<Timestamp>, Vec<Timestamp>> = BTreeMap::new();
    let wrong = corrections(book);
    let stands = |line: &&Line| !line.fact.key.is_some_and(|key| wrong.contains_key(&key));
    for done in book.lines.iter().filter(stands).filter_map(|line| line.fact.administration()) {
        if done.outcome.entered_patient() {
            let of_slot = given.entry((done.request.order(), done.slot)).or_default();
            of_slot.entry(&done.request).or_default().push(done.at);
        }
    }
    for line in book.lines.iter().filter(stands).filter(|line| line.fact.kind == Kind::MISSING) {
        let Some(done) = line.fact.administration() else { continue };
        let after = |at: &Timestamp| *at >= done.at;
        let own = orders.get(done.request.order()).and_then(|order| order.get(&done.request));
        let beside = |id: &RequestId| {
            own.is_some_and(|own| own.iter().any(|(_, request)| is_beside(&orders, request, id)))
        };
        let is_for =
            |id: &RequestId| *id == done.request || (id.order() == done.request.order() && !beside(id));
        let of_slot = given.get(&(done.request.order(), done.slot)).into_iter().flatten();
        let given =
            of_slot.filter(|(id, _)| is_for(id)).flat_map(|(_, all)| all).copied().filter(after).min();
        let row = dispenses.iter().find(|row| {
            row.kind != Handed::Return
                && row.request.as_ref().is_some_and(is_for)
                && after(&row.at)
                && given.is_none_or(|given| row.at <= given)
                && !taken.contains(&row.line)
        });
        taken.extend(row.map(|row| row.line));
        let half = uses.requests.get(&done.request).and_then(|request| window(policy, request));
        let from = done.slot.map_or(done.at, |slot| slot.max(done.at));
        let due_by = from.checked_add(half.unwrap_or(limits.matched)).unwrap_or(Timestamp::MAX);
        found.push(Asked {
            patient: done.patient.clone(),
            request: done.request.clone(),
            asked: done.at,
            reason: done.reason.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string),
            dispensed: row.map(|row| row.at),
            given,
            due_by,
        });
    }
    found
}
