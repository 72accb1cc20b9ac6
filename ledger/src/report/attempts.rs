//! Attempts to give a dose: from the first scan of a package, or a question about the patient, to the dose, its refusal or its end.
//! What an alert did is told by how its attempt ended.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use rights::verdict::Class;

use crate::kind::Kind;
use crate::reading::{Book, Line};

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    /// A dose was given.
    Given,
    /// No dose was given.
    NotGiven,
    /// The range ends before it does.
    Open,
}

/// What a rule's firing came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    /// The dose was given although it still stood.
    Overridden,
    /// No dose was given.
    Averted,
    /// The dose was given after what it said was put right.
    Changed,
    /// Not told within the range.
    Open,
}

/// One attempt.
pub(super) struct Attempt<'a> {
    /// The entries of it, in their order.
    pub(super) lines: Vec<&'a Line>,
    pub(super) end: End,
    /// Each check that asked or stopped, with its strictest class and what came of it.
    pub(super) alerts: Vec<(&'a str, Class, Effect)>,
}

impl<'a> Attempt<'a> {
    pub(super) fn first(&self) -> &'a Line {
        self.lines[0]
    }

    pub(super) fn last(&self) -> &'a Line {
        self.lines[self.lines.len() - 1]
    }
}

/// Checks whose answer holds for the patient as long as the session stays with them: they count once.
const FOR_THE_PATIENT: [&str; 3] = ["P5", "P6", "S2"];

/// An alert is what asks for an acknowledgement or a reason, or stops. A choice is part of building a dose.
fn is_alert(class: Class) -> bool {
    match class {
        Class::Acknowledge
        | Class::SoftReason
        | Class::SoftContact
        | Class::SoftWitness
        | Class::HardBreakGlass
        | Class::Hard => true,
        Class::Pass | Class::Info | Class::Choice => false,
    }
}

#[derive(Default)]
struct Session<'a> {
    open: Vec<&'a Line>,
    patient: Option<String>,
    told: HashSet<&'a str>,
}

impl<'a> Session<'a> {
    /// Ends the attempt that is open.
    fn ended(&mut self, end: End) -> Option<(Vec<&'a Line>, End)> {
        let lines = std::mem::take(&mut self.open);
        (!lines.is_empty()).then_some((lines, end))
    }
}

/// Whether an entry is about who the patient is, not about a dose.
fn is_identification(line: &Line) -> bool {
    let fact = &line.fact;
    match &fact.detail {
        Some(detail) => detail.packages.is_empty() && detail.band.is_some() && detail.record.is_none(),
        None => fact.product.is_none() && fact.findings.iter().all(|(check, _)| check.starts_with('P')),
    }
}

/// Whether a double check is one of a dose.
fn is_of_dose(line: &Line) -> bool {
    match &line.fact.detail {
        Some(detail) => !detail.packages.is_empty(),
        None => !is_identification(line) && !line.fact.found("W4"),
    }
}

/// The attempts of a book, in the order in which they end.
pub(super) fn attempts(book: &Book) -> Vec<Attempt<'_>> {
    let mut sessions: HashMap<(u16, [u8; 16]), Session<'_>> = HashMap::new();
    let mut found = Vec::new();
    for line in &book.lines {
        // A witness acts in the session of who called them.
        let session = line.fact.session().or_else(|| Some(*line.fact.key?.first_chunk::<16>()?));
        let Some(id) = session else { continue };
        let session = sessions.entry((line.part, id)).or_default();
        let ended = match line.fact.kind {
            Kind::VERDICT | Kind::UNIDENTIFIED if is_identification(line) => {
                identified(session, line, book).then(|| (vec![line], End::NotGiven))
            }
            // Of a typed band or a waste: no dose is in hand.
            Kind::WITNESS if !is_of_dose(line) => None,
            Kind::VERDICT | Kind::WITNESS => {
                session.open.push(line);
                None
            }
            Kind::GIVEN | Kind::PARTIAL => {
                session.open.push(line);
                session.ended(End::Given)
            }
            Kind::ABANDONED
                if line.fact.reason.as_deref() == Some("put-back") && !session.open.is_empty() =>
            {
                // What is left in hand goes on; an attempt of which nothing is left ends with the next dose, or here with the session.
                session.open.push(line);
                None
            }
            Kind::ABANDONED | Kind::HELD | Kind::REFUSED | Kind::NOT_GIVEN | Kind::MISSING => {
                if !session.open.is_empty() {
                    session.open.push(line);
                }
                session.ended(End::NotGiven)
            }
            Kind::SIGN_OFF => {
                let ended = session.ended(End::NotGiven);
                *session = Session::default();
                ended
            }
            _ => None,
        };
        if let Some((lines, end)) = ended {
            found.push(attempt(lines, end, session));
        }
    }
    let mut open: Vec<_> = sessions.into_iter().filter(|(_, session)| !session.open.is_empty()).collect();
    open.sort_by_key(|(id, _)| *id);
    for (_, mut session) in open {
        let lines = std::mem::take(&mut session.open);
        found.push(attempt(lines, End::Open, &mut session));
    }
    found
}

/// An identification; whether it stopped, and is an attempt of its own.
fn identified<'a>(session: &mut Session<'a>, line: &'a Line, book: &Book) -> bool {
    if line.fact.stops().next().is_some() {
        return true;
    }
    let patient = book.patient(line);
    if session.patient.as_ref() != Some(&patient) {
        session.patient = Some(patient);
        session.told.clear();
    }
    false
}

fn attempt<'a>(lines: Vec<&'a Line>, end: End, session: &mut Session<'a>) -> Attempt<'a> {
    let mut strictest: BTreeMap<&str, Class> = BTreeMap::new();
    for (check, class) in lines.iter().flat_map(|line| &line.fact.findings) {
        let Some(class) = Class::from_name(class).filter(|class| is_alert(*class)) else { continue };
        let known = strictest.entry(check.as_str()).or_insert(class);
        *known = (*known).max(class);
    }
    let last = lines.last().map(|line| &line.fact);
    let mut alerts = Vec::new();
    for (check, class) in strictest {
        if FOR_THE_PATIENT.contains(&check) && !class.stops() && !session.told.insert(check) {
            continue;
        }
        let stands = last.is_some_and(|fact| fact.found(check));
        // A question whose answer makes the check pass, such as the indication of an as-needed dose (T6), is part of the order.
        let answered = last.is_some_and(|fact| fact.reason_for(check).is_some());
        if end == End::Given && !stands && answered && !class.stops() {
            continue;
        }
        let effect = match end {
            End::Given if stands => Effect::Overridden,
            End::Given => Effect::Changed,
            End::NotGiven => Effect::Averted,
            End::Open => Effect::Open,
        };
        alerts.push((check, class, effect));
    }
    Attempt { lines, end, alerts }
}

/// The last scan of a package in an attempt.
pub(super) fn last_scan(line: &Line) -> Option<Timestamp> {
    line.fact.detail.as_ref()?.packages.iter().map(|package| package.at).max()
}
