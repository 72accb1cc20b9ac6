//! RDE: orders as the pharmacy encoded them (v2.5.1 section 4.13.3). ORC-1 says what becomes of an order, its group what it is.

use super::encoded::Encoded;
use super::er7::{Delimiters, Message, Segment};
use super::numbers::Numbers;
use super::timing::timings;
use super::transaction::Transaction;
use super::{ApplyError, Incoming, Refused, adt, allergies, resources, time};
use crate::feed::book::Book;
use crate::feed::state::{OrderState, OrderStatus, What};

/// What ORC-1 (table 0119) asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Control {
    /// NW.
    New,
    /// XO, XX: the content that stands there takes the place of the one before.
    Change,
    /// RP, RU: this order ends, and an RO of the same message takes its place.
    Replaced,
    /// RO.
    Replacement,
    /// DC, CA, OD.
    Stop,
    /// HD, OH.
    Hold,
    /// RL, OE.
    Release,
    /// SC: ORC-5 says.
    Status,
}

impl Control {
    fn parse(code: &str) -> Option<Self> {
        Some(match code {
            "NW" => Self::New,
            "XO" | "XX" => Self::Change,
            "RP" | "RU" => Self::Replaced,
            "RO" => Self::Replacement,
            "DC" | "CA" | "OD" => Self::Stop,
            "HD" | "OH" => Self::Hold,
            "RL" | "OE" => Self::Release,
            "SC" => Self::Status,
            _ => return None,
        })
    }
}

/// One ORC with what follows it.
struct Group<'a> {
    orc: &'a Segment,
    rest: Vec<&'a Segment>,
}

pub(super) fn apply(incoming: &Incoming<'_>, book: &mut Book<'_>) -> Result<Vec<String>, ApplyError> {
    let pid = adt::pid(incoming.message)?;
    let mut patient = adt::named(incoming, pid, book)?;
    let known = book.patient(&patient.id)?;
    let before = patient.clone();
    let mut refusal = Refusal::default();
    if known.is_none() {
        refusal.keep(adt::demographics(incoming, pid, &mut patient));
        // The order's own PV1 is all that is known of where the patient is.
        patient.visit = incoming.message.segment("PV1").map(adt::visit_of);
        book.changed(&patient.id, What::Arrived);
        adt::begun(incoming, None, &mut patient);
    }
    let mut notes = Vec::new();
    allergies::read(incoming, &mut patient, allergies::Reading::Adding, &mut notes)?;
    if before.allergies != patient.allergies {
        book.changed(&patient.id, What::Allergies);
    }
    let groups = groups(incoming).unwrap_or_else(|refused| {
        refusal.keep(Err(refused));
        Vec::new()
    });
    refusal.keep(check_replacement(&groups));
    for group in &groups {
        match order(incoming, group, &patient.id, book, &mut notes) {
            Err(ApplyError::Db(error)) => return Err(error.into()),
            Err(ApplyError::Refused(refused)) => refusal.keep(Err(refused)),
            Ok(()) => {}
        }
    }
    if let Some(refused) = refusal.first {
        if let Some(known) = &known {
            allergies::warn(known, &patient, book);
        }
        return Err(refused.into());
    }
    book.changed(&patient.id, What::Orders);
    if known.as_ref() != Some(&patient) {
        book.put_patient(patient);
    }
    Ok(notes)
}

/// Why a message is refused, said when all of it was read: whatever is wrong with one part, another may stop an order.
#[derive(Default)]
struct Refusal {
    first: Option<Refused>,
}

impl Refusal {
    fn keep(&mut self, read: Result<(), Refused>) {
        if let Err(refused) = read {
            self.first.get_or_insert(refused);
        }
    }
}

fn groups<'a>(incoming: &'a Incoming<'_>) -> Result<Vec<Group<'a>>, Refused> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for segment in incoming.message.segments() {
        match (segment.name(), groups.last_mut()) {
            ("ORC", _) => groups.push(Group { orc: segment, rest: Vec::new() }),
            (_, Some(group)) => group.rest.push(segment),
            (_, None) => {}
        }
    }
    if groups.is_empty() {
        return Err(Refused::error("ORC", "missing: no order in it", "send ORC and RXE"));
    }
    Ok(groups)
}

fn control(orc: &Segment) -> Result<Control, Refused> {
    let code = orc.text(1);
    Control::parse(&code).ok_or_else(|| {
        let reason =
            format!("order control \"{}\" is unknown: nothing was changed", crate::units::short(&code));
        Refused::error(
            "ORC-1",
            reason,
            "a person has to see what was meant; known are NW XO XX RP RU RO DC CA OD HD OH RL OE SC",
        )
    })
}

/// Replacing is one act: who ends an order so has to bring the one that takes its place, and the reverse.
fn check_replacement(groups: &[Group<'_>]) -> Result<(), Refused> {
    let mut replaced = 0_usize;
    let mut replacements = 0_usize;
    for group in groups {
        match Control::parse(&group.orc.text(1)) {
            Some(Control::Replaced) => replaced += 1,
            Some(Control::Replacement) => replacements += 1,
            Some(
                Control::New
                | Control::Change
                | Control::Stop
                | Control::Hold
                | Control::Release
                | Control::Status,
            )
            | None => {}
        }
    }
    if (replaced == 0) == (replacements == 0) {
        return Ok(());
    }
    let reason = if replacements == 0 {
        "an order is replaced (RP, RU) and what takes its place (RO) is missing: nothing was changed"
    } else {
        "an order takes the place (RO) of one that is not named (RP, RU): nothing was changed"
    };
    Err(Refused::error("ORC-1", reason, "send both in one message"))
}

/// One group.
fn order(
    incoming: &Incoming<'_>,
    group: &Group<'_>,
    patient: &str,
    book: &mut Book<'_>,
    notes: &mut Vec<String>,
) -> Result<(), ApplyError> {
    let orc = group.orc;
    let control = control(orc)?;
    let no_number = || Refused::error("ORC-2", "no order number", "send ORC-2 or ORC-3");
    let numbers = Numbers::of(orc).ok_or_else(no_number)?;
    let begins = matches!(control, Control::New | Control::Replacement);
    let known = numbers.known(book, begins)?;
    if let Some(known) = &known
        && book.survivor(&known.patient)? != patient
    {
        let reason = "this order number belongs to another patient: nothing was changed";
        return Err(Refused::error("PID-3", reason, "find out whose order it is").into());
    }
    let transaction = Transaction::of(incoming, orc)?;
    let stops = control == Control::Stop
        || (control == Control::Status && by_status(orc).is_ok_and(|status| status == OrderStatus::Stopped));
    // A new order that is to begin later says so to its timing (resources::start).
    if !begins {
        let start =
            known.as_ref().filter(|_| stops).and_then(|known| resources::start(known, incoming.rules));
        transaction.check_effect(start)?;
    }
    if (stops || control == Control::Replaced) && known.as_ref().is_none_or(is_stopped_number) {
        // The order itself may be parked: sent again, it must not begin after it was stopped.
        let id = numbers.chart_id();
        if book.order(&id)?.is_none() {
            let mut stopped =
                OrderState { id, version: 1, status: OrderStatus::Stopped, ..OrderState::default() };
            patient.clone_into(&mut stopped.patient);
            stopped.status_since = Some(transaction.effective.clone());
            numbers.keep(&mut stopped);
            transaction.keep(&mut stopped);
            book.put_stopped(stopped);
        }
        let reason = "no order with these numbers is known here: none was stopped, and one that is sent later is refused";
        let remedy = "see whether it is known under another number, and active";
        return Err(Refused::error("ORC-2", reason, remedy).into());
    }
    let newly = known.as_ref().is_some_and(|known| known.status != OrderStatus::Stopped);
    let mut state = match known {
        Some(known) => {
            // A stop counts even when it seems older: clocks of two senders differ, some write minutes only, and an hour of an autumn
            // night comes twice. What is stopped does not come back, so nothing newer is undone by it.
            if !stops && known.status != OrderStatus::Stopped {
                transaction.check_age(&known)?;
            }
            if begins && is_same(incoming, group, &known) {
                notes.push("orders what is known already: nothing was changed".to_owned());
                let mut same = known;
                numbers.keep(&mut same);
                book.put_order(same);
                return Ok(());
            }
            changed(incoming, group, control, known, &transaction)?
        }
        None if !begins => return Err(unknown().into()),
        None => begun(incoming, group, &numbers, &transaction, book)?,
    };
    patient.clone_into(&mut state.patient);
    numbers.keep(&mut state);
    transaction.keep(&mut state);
    if stops && newly {
        // Whatever else refuses the message: what is stopped is given by nobody any more. One that comes again stops nothing anew.
        book.put_stopped(state.clone());
    }
    book.put_order(state);
    Ok(())
}

/// Whether all that is known of an order is that it was stopped.
const fn is_stopped_number(order: &OrderState) -> bool {
    order.segments.is_empty() && matches!(order.status, OrderStatus::Stopped)
}

fn unknown() -> Refused {
    let reason = "no order with these numbers is known here: nothing was changed";
    let remedy = "send the order itself first (NW); see whether it is known under another number, and active";
    Refused::error("ORC-2", reason, remedy)
}

/// An order that was not known: only its content can begin it. What stops, holds or changes it may be meant for one that we know
/// by another number, and kept as the status of a new one it would look as if it were done.
fn begun(
    incoming: &Incoming<'_>,
    group: &Group<'_>,
    numbers: &Numbers,
    transaction: &Transaction,
    book: &Book<'_>,
) -> Result<OrderState, ApplyError> {
    let id = numbers.chart_id();
    if book.order(&id)?.is_some() {
        let reason = "this number stands for another order here: nothing was changed";
        return Err(Refused::error("ORC-2", reason, "order it under a new number").into());
    }
    let mut state = OrderState { id, version: 1, ..OrderState::default() };
    content(incoming, group, &mut state)?;
    state.status_since = Some(transaction.effective.clone());
    Ok(state)
}

/// A known order as ORC-1 leaves it.
fn changed(
    incoming: &Incoming<'_>,
    group: &Group<'_>,
    control: Control,
    mut state: OrderState,
    transaction: &Transaction,
) -> Result<OrderState, Refused> {
    let stopped = state.status == OrderStatus::Stopped;
    let under_a_new_number = |place, reason| {
        let remedy = "order it under a new number";
        Err(Refused::error(place, reason, remedy))
    };
    let status = match control {
        Control::New | Control::Replacement if stopped => {
            let reason = "this order was stopped before: a new order may not take its number";
            return under_a_new_number("ORC-2", reason);
        }
        // Earlier stores hold orders of which only a status was told: there is nothing that the content would take the place of.
        Control::New | Control::Replacement if !state.segments.is_empty() => {
            let reason = "this order is known with another content: a new order may not take its number";
            let remedy = "send a change as XO, or order it under a new number";
            return Err(Refused::error("ORC-2", reason, remedy));
        }
        Control::Change if stopped => {
            return under_a_new_number("ORC-1", "a change of an order that was stopped: nothing was changed");
        }
        Control::Change
            if begins_later(&state, incoming)
                && starts(&text_of(incoming, group)).iter().any(String::is_empty) =>
        {
            let reason =
                "changes an order that has not begun, and does not say when it begins: nothing was changed";
            return Err(Refused::error("TQ1-7", reason, "send TQ1-7 with the change"));
        }
        Control::New | Control::Replacement | Control::Change => {
            content(incoming, group, &mut state)?;
            // A change of content does not release what is held.
            state.status
        }
        Control::Replaced | Control::Stop => OrderStatus::Stopped,
        Control::Hold => OrderStatus::OnHold,
        Control::Release => OrderStatus::Active,
        Control::Status => by_status(group.orc)?,
    };
    if stopped && status != OrderStatus::Stopped {
        let reason = "this order was stopped before: it cannot be held or released";
        return under_a_new_number("ORC-1", reason);
    }
    if state.status != status || state.status_since.is_none() {
        state.status_since = Some(transaction.effective.clone());
    }
    state.status = status;
    state.version = state.version.saturating_add(1);
    Ok(state)
}

fn by_status(orc: &Segment) -> Result<OrderStatus, Refused> {
    match orc.text(5).as_str() {
        "IP" | "A" | "SC" => Ok(OrderStatus::Active),
        "HD" => Ok(OrderStatus::OnHold),
        "CM" | "DC" | "CA" | "RP" | "ER" => Ok(OrderStatus::Stopped),
        other => {
            let reason = format!("status \"{}\" is unknown: nothing was changed", crate::units::short(other));
            Err(Refused::error("ORC-5", reason, "send IP, SC, A, HD, CM, DC, CA, RP or ER"))
        }
    }
}

/// The content of an order as it was sent. An encoded order is a whole: without RXE there is nothing to give.
fn content(incoming: &Incoming<'_>, group: &Group<'_>, state: &mut OrderState) -> Result<(), Refused> {
    let refused = |reason, remedy| Err(Refused::error("RXE", reason, remedy));
    match group.rest.iter().filter(|segment| segment.name() == "RXE").count() {
        1 => {}
        0 => return refused("missing: what is ordered cannot be told", "send RXE with the order"),
        _ => return refused("several of them under one ORC: one order has one RXE", "send an ORC with each"),
    }
    state.segments = text_of(incoming, group);
    state.ordered = incoming.time(group.orc, 9)?.or_else(|| Some(incoming.sent().to_string()));
    incoming.sha256.clone_into(&mut state.source);
    Ok(())
}

/// ORC and what is ordered, as sent, behind a header with the delimiters, and with MSH-7 where that says in which zone the times are.
fn text_of(incoming: &Incoming<'_>, group: &Group<'_>) -> String {
    let Delimiters { field, component, repetition, escape, subcomponent } = incoming.message.delimiters();
    let mut text = format!("MSH{field}{component}{repetition}{escape}{subcomponent}");
    if time::foreign_offset(incoming.message, &incoming.rules.zone).is_some() {
        text.extend([field; 5]);
        text.push_str(incoming.message.header().raw(7));
    }
    text.push('\r');
    let of_order =
        |segment: &&&Segment| matches!(segment.name(), "RXE" | "TQ1" | "TQ2" | "RXR" | "RXC" | "NTE" | "RXO");
    for segment in std::iter::once(&group.orc).chain(group.rest.iter().filter(of_order)) {
        text.push_str(&segment.print());
        text.push('\r');
    }
    text
}

/// Whether an order is to begin later. Its start may stand in the ORC-15 of its NW, which a change does not bring again.
fn begins_later(order: &OrderState, incoming: &Incoming<'_>) -> bool {
    resources::start(order, incoming.rules).is_some_and(|start| start > incoming.received)
}

/// When the instructions of an order begin, as sent; empty where one does not say so.
fn starts(text: &str) -> Vec<String> {
    let message = Message::read(text.as_bytes()).ok();
    let encoded = message.as_ref().and_then(Encoded::of);
    let timings = encoded.map(|encoded| timings(&encoded, None)).unwrap_or_default();
    timings.iter().map(|timing| timing.start().to_owned()).collect()
}

/// Whether a known order in force has this content and begins when it was to. Of ORC nothing else counts: it is about the message.
fn is_same(incoming: &Incoming<'_>, group: &Group<'_>, known: &OrderState) -> bool {
    let content = |text: &str| {
        let message = Message::read(text.as_bytes()).ok()?;
        let site = &incoming.rules.zone;
        let segments = message.segments().iter().filter(|segment| !matches!(segment.name(), "MSH" | "ORC"));
        let segments: Vec<Segment> = segments.cloned().collect();
        Some((message.delimiters(), time::foreign_offset(&message, site), segments, starts(text)))
    };
    let (told, held) = (content(&text_of(incoming, group)), content(&known.segments));
    known.status != OrderStatus::Stopped && told.is_some() && told == held
}
