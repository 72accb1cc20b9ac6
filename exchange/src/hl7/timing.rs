//! When: TQ1 and TQ2 (v2.5.1 sections 4.5.4 and 4.5.5), and the quantity/timing of RXE-1 (type TQ, section 4.3) before v2.5.
//!
//! What a schedule can hold becomes a FHIR Timing. Whatever else stands there is neither left out nor guessed: the instruction is
//! then unscheduled, and the nurse and the pharmacy read all of it in words.

use std::cmp::Ordering;

use jiff::tz::{Offset, TimeZone};
use rights::amount::Amount;
use rights::quantity::{Quantity, Unit};

use super::encoded::Encoded;
use super::er7::{Field, Segment};
use super::time;
use crate::feed::state::Code;
use crate::fhir::whole_minutes;
use crate::json::Node;
use crate::units::UCUM;

/// Minutes.
const DAY: i64 = 24 * 60;
/// HL7 table 0485.
const AS_NEEDED: &str = "PRN";

/// One instruction: one TQ1, or RXE-1.
#[derive(Default)]
pub(super) struct Timing {
    /// TQ1-3: the frequency code, and how it is displayed.
    code: Code,
    /// RPT.5 and RPT.6: every so many of these.
    period: Option<Length>,
    /// TQ1-4, as sent.
    times: Vec<String>,
    /// TQ1-6.
    lasts: Option<Length>,
    start: String,
    end: String,
    /// TQ1-9, every repetition.
    priorities: Vec<String>,
    /// TQ1-10.
    condition: String,
    text: String,
    /// TQ1-13, in words.
    over: String,
    /// TQ1-12 `S` (table 0472): the next one begins after this one.
    pub(super) sequential: bool,
    /// TQ1-14.
    count: Option<u32>,
    /// Every part that says when, in words and in the order of the fields.
    words: Vec<String>,
    /// Whether one of the parts is more than a schedule can hold.
    beyond: bool,
}

/// A number of minutes, hours, days or weeks.
struct Length {
    value: String,
    /// In UCUM.
    unit: &'static str,
}

impl Length {
    /// `None` where the number is none, or where the unit is not known for certain: `M` is a minute in TQ.3 and a month elsewhere.
    fn read(value: &str, unit: &str) -> Option<Self> {
        let unit = match unit.to_ascii_lowercase().as_str() {
            "min" | "minute" | "minutes" => "min",
            "h" | "hr" | "hrs" | "hour" | "hours" => "h",
            "d" | "day" | "days" => "d",
            "w" | "wk" | "week" | "weeks" => "wk",
            _ => return None,
        };
        let amount = Amount::parse(value).ok().filter(Amount::is_positive)?;
        whole_minutes(amount, unit).map(|_| Self { value: amount.to_string(), unit })
    }

    fn minutes(&self) -> Option<i64> {
        Amount::parse(&self.value).ok().and_then(|value| whole_minutes(value, self.unit))
    }

    fn node(&self) -> Node {
        Node::object([
            ("value", Node::number(&self.value)),
            ("unit", Node::text(self.unit)),
            ("system", Node::text(UCUM)),
            ("code", Node::text(self.unit)),
        ])
    }
}

/// The instructions of an order: its TQ1, or else RXE-1. `foreign` is the offset of the sender where it is not that of the site.
pub(super) fn timings(encoded: &Encoded<'_>, foreign: Option<Offset>) -> Vec<Timing> {
    let told: Vec<Timing> =
        encoded.timings().into_iter().map(|tq1| Timing::of_tq1(tq1, encoded.rxe)).collect();
    let mut told = if told.is_empty() { vec![Timing::of_rxe(encoded.rxe)] } else { told };
    // ORC-15 of a new order is when it is to begin, where its timing (TQ1-7) does not say so; of a change, since when that holds. A
    // month or a year is no beginning.
    let orc = encoded.orc;
    let effective = orc.text(15);
    if matches!(orc.text(1).as_str(), "NW" | "RO") && effective.len() >= 8 {
        for timing in told.iter_mut().filter(|timing| timing.start.is_empty()) {
            timing.start.clone_from(&effective);
        }
    }
    // A time of day of another zone is another one here in summer than in winter.
    if let Some(offset) = foreign {
        for timing in told.iter_mut().filter(|timing| !timing.times.is_empty()) {
            timing.say(true, "times of day of the sender, UTC", &offset.to_string());
        }
    }
    // TQ2 ties the order to others (before, after, at the same time as), of which the bedside knows nothing.
    let ties: Vec<String> = encoded.sequences().into_iter().map(tie).filter(|tie| !tie.is_empty()).collect();
    for timing in &mut told {
        for tie in &ties {
            timing.say(true, "goes with other orders:", tie);
        }
    }
    told
}

/// TQ2 without its set id.
fn tie(tq2: &Segment) -> String {
    joined((2..=10).flat_map(|number| tq2.repetitions(number).map(|field| field.words())), " ")
}

/// Every repetition of a field in words.
fn all_of(segment: &Segment, number: usize) -> String {
    joined(segment.repetitions(number).map(|field| field.words()), ", ")
}

fn joined(parts: impl Iterator<Item = String>, between: &str) -> String {
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(between)
}

impl Timing {
    fn of_tq1(tq1: &Segment, rxe: &Segment) -> Self {
        let lasts = tq1.field(6);
        let lasts = Length::read(&lasts.component(1), &lasts.component(2));
        let mut timing = Self {
            times: tq1.repetitions(4).map(|time| time.component(1)).collect(),
            start: tq1.text(7),
            end: tq1.text(8),
            priorities: tq1.repetitions(9).map(|priority| priority.component(1)).collect(),
            condition: all_of(tq1, 10),
            text: tq1.text(11),
            sequential: tq1.text(12) == "S",
            count: doses(&tq1.text(14)),
            ..Self::default()
        };
        timing.say(
            !is_once(&tq1.text(2), &tq1.field(2).subcomponent(2, 1), rxe),
            "quantity",
            &all_of(tq1, 2),
        );
        let patterns = tq1.repetitions(3).filter(|pattern| !pattern.words().is_empty()).count();
        timing.pattern(&tq1.field(3));
        timing.say(patterns > 1, "", &all_of(tq1, 3));
        timing.say(!timing.times.iter().all(|time| is_time_of_day(time)), "at", &all_of(tq1, 4));
        timing.say(true, "relative time", &all_of(tq1, 5));
        timing.say(lasts.is_none(), "for", &all_of(tq1, 6));
        timing.lasts = lasts;
        timing.check_length();
        timing.say_priority_condition_and_text();
        timing.say(!matches!(tq1.text(12).as_str(), "S" | "A"), "conjunction", &all_of(tq1, 12));
        timing.over(&all_of(tq1, 13));
        timing.say(timing.count.is_none(), "doses in all:", &all_of(tq1, 14));
        timing
    }

    fn of_rxe(rxe: &Segment) -> Self {
        let old = rxe.field(1);
        let mut timing = Self {
            start: old.component(4),
            end: old.component(5),
            priorities: vec![old.component(6)],
            condition: old.component(7),
            text: old.component(8),
            count: doses(&old.component(12)),
            ..Self::default()
        };
        timing.say(!is_once(&old.component(1), &old.subcomponent(1, 2), rxe), "quantity", &old.component(1));
        timing.code = Code { code: old.component(2), ..Code::default() };
        timing.say(false, "", &old.component(2));
        // RI.2 is a list with commas.
        let times = old.subcomponent(2, 2);
        timing.times =
            times.split(',').map(str::trim).filter(|time| !time.is_empty()).map(Into::into).collect();
        timing.say(!timing.times.iter().all(|time| is_time_of_day(time)), "at", &times);
        timing.old_duration(&old.component(3));
        timing.check_length();
        timing.say_priority_condition_and_text();
        timing.say(!matches!(old.component(9).as_str(), "S" | "A"), "conjunction", &old.component(9));
        timing.say(true, "goes with other orders:", &old.component(10));
        timing.over(&old.component(11));
        timing.say(timing.count.is_none(), "doses in all:", &old.component(12));
        if rxe.repetitions(1).count() > 1 {
            timing.say(true, "all of it:", &all_of(rxe, 1));
        }
        timing
    }

    fn say_priority_condition_and_text(&mut self) {
        let priorities = joined(self.priorities.iter().cloned(), ", ");
        self.say(false, "priority", &priorities);
        let (condition, text) = (self.condition.clone(), self.text.clone());
        self.say(false, "condition:", &condition);
        self.say(false, "", &text);
    }

    /// TQ1-13, TQ.11: how long one of them takes changes nothing about when it is due.
    fn over(&mut self, length: &str) {
        self.say(false, "each over", length);
        if !length.is_empty() {
            self.over = format!("each over {length}");
        }
    }

    /// What repeats and lasts less than one turn, or without a period less than a day, may be meant as how long one of them takes
    /// (TQ1-13): as the end of the order it would end it before its second dose.
    fn check_length(&mut self) {
        let repeats = !self.code.code.is_empty() || self.period.is_some() || !self.times.is_empty();
        let turn = self.period.as_ref().and_then(Length::minutes).unwrap_or(DAY);
        if repeats && self.lasts.as_ref().and_then(Length::minutes).is_some_and(|lasts| lasts < turn) {
            self.lasts = None;
            self.beyond = true;
        }
    }

    /// Keeps a part in words, where there is one; `beyond` when a schedule cannot hold it.
    fn say(&mut self, beyond: bool, name: &str, part: &str) {
        if !part.is_empty() {
            self.words.push(format!("{name} {part}").trim().to_owned());
            self.beyond |= beyond;
        }
    }

    /// RPT (section 2.A.64): a code, or a period; its alignment, phases and events are more than a schedule can hold.
    fn pattern(&mut self, pattern: &Field<'_>) {
        let displayed = [pattern.subcomponent(1, 2), pattern.component(2)];
        let displayed = displayed.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
        self.code = Code { code: pattern.component(1), text: displayed, system: String::new() };
        let (value, unit) = (pattern.component(5), pattern.component(6));
        self.period = Length::read(&value, &unit);
        let half = self.period.is_none() && !(value.is_empty() && unit.is_empty());
        // Before v2.5, and from many senders still, it is a CWE: RPT.3 is then a coding system and RPT.4 an alternate code. The
        // phase of an RPT is a number.
        let phased = [3, 4].iter().any(|at| Amount::parse(&pattern.component(*at)).is_ok());
        // RPT.7: whether the house sets the times of day, which it does in its table.
        let housed = matches!(pattern.component(7).as_str(), "" | "Y" | "N");
        // A text without a code is in no table.
        self.beyond |= self.code.code.is_empty() && !self.code.text.is_empty();
        self.beyond |= half || phased || !housed;
        self.beyond |= [8, 9, 10, 11].iter().any(|at| !pattern.component(*at).is_empty());
    }

    /// TQ.3: a letter and a number.
    fn old_duration(&mut self, text: &str) {
        let number = text.get(1..).unwrap_or_default();
        self.lasts = match text.get(..1) {
            Some("M") => Length::read(number, "min"),
            Some(letter @ ("H" | "D" | "W")) => Length::read(number, letter),
            _ => None,
        };
        let doses = doses(number).filter(|_| text.starts_with('X') && self.count.is_none());
        self.count = doses.or(self.count);
        self.say(self.lasts.is_none() && doses.is_none() && text != "INDEF", "for", text);
    }

    /// TQ1-7, TQ.4, or ORC-15 instead; as sent.
    pub(super) fn start(&self) -> &str {
        &self.start
    }

    pub(super) fn is_time_critical(&self) -> bool {
        self.priorities.iter().any(|priority| priority.starts_with('T'))
    }

    /// TQ1-10: to be seen to by the nurse before each dose.
    pub(super) fn condition(&self) -> Option<&str> {
        Some(self.condition.as_str()).filter(|text| !text.is_empty())
    }

    /// Every part that says when.
    pub(super) fn words(&self) -> String {
        self.words.join("; ").replace(char::is_control, " ")
    }

    /// The text of the instruction; with what a schedule cannot hold, all of it.
    pub(super) fn text(&self) -> Node {
        if self.beyond {
            return Node::maybe(Some(self.words()));
        }
        let text = joined([self.text.clone(), self.over.clone()].into_iter(), "; ");
        let text = text.replace(char::is_control, " ");
        Node::maybe(Some(text))
    }

    /// Unscheduled is neither scheduled nor as needed: what its limits are cannot be told.
    pub(super) fn as_needed(&self) -> Node {
        let prn = self.priorities.iter().any(|priority| priority == AS_NEEDED);
        if prn && !self.beyond { Node::Flag(true) } else { Node::Absent }
    }

    /// FHIR Timing.
    pub(super) fn node(&self, zone: &TimeZone) -> Node {
        // What cannot be read as a time is handed on as it stands: the reader of the resource refuses it with its place.
        let fhir_time = |text: &str| {
            let read =
                (!text.is_empty()).then(|| time::to_fhir(text, zone).unwrap_or_else(|_| text.to_owned()));
            Node::maybe(read)
        };
        let period = Node::object([("start", fhir_time(&self.start)), ("end", fhir_time(&self.end))]);
        let lasts = self.lasts.as_ref().map_or(Node::Absent, Length::node);
        if self.beyond {
            let bounds = Node::object([("boundsPeriod", period), ("boundsDuration", lasts)]);
            return Node::object([("repeat", bounds)]);
        }
        let wall = |text: &String| {
            let (hour, minute) = (text.get(..2).unwrap_or(text), text.get(2..4).unwrap_or("00"));
            Node::text(format!("{hour}:{minute}:00"))
        };
        let (frequency, every, unit) = self.frequency();
        let repeat = Node::object([
            ("boundsPeriod", period),
            ("boundsDuration", lasts),
            ("count", self.count.map_or(Node::Absent, |count| Node::number(&count.to_string()))),
            ("frequency", frequency),
            ("period", every),
            ("periodUnit", unit),
            ("timeOfDay", Node::list(self.times.iter().map(wall))),
        ]);
        Node::object([("repeat", repeat), ("code", self.code_node())])
    }

    /// RPT.5 and RPT.6 as frequency, period and unit. Beside times of day, every 12 hours is twice a day.
    fn frequency(&self) -> (Node, Node, Node) {
        let Some(Length { value, unit }) = &self.period else {
            return (Node::Absent, Node::Absent, Node::Absent);
        };
        let minutes = self.period.as_ref().and_then(Length::minutes);
        let a_day = minutes.filter(|minutes| !self.times.is_empty() && DAY % minutes == 0);
        match a_day {
            Some(minutes) => (Node::number(&(DAY / minutes).to_string()), Node::number("1"), Node::text("d")),
            None => (Node::number("1"), Node::number(value), Node::text(*unit)),
        }
    }

    fn code_node(&self) -> Node {
        if self.code.code.is_empty() {
            return Node::Absent;
        }
        let displayed = || Node::maybe(Some(self.code.text.as_str()));
        let coding = Node::object([
            ("system", Node::text("urn:bcma:frequency")),
            ("code", Node::text(&self.code.code)),
            ("display", displayed()),
        ]);
        Node::object([("coding", Node::list([coding])), ("text", displayed())])
    }
}

/// HH, HHMM or HHMMSS (type TM, section 2.A.75), without an offset.
fn is_time_of_day(text: &str) -> bool {
    let below = |at: usize, end: u8| {
        text.get(at..at + 2).is_none_or(|part| part.parse().is_ok_and(|it: u8| it < end))
    };
    let digits = matches!(text.len(), 2 | 4 | 6) && text.bytes().all(|b| b.is_ascii_digit());
    digits && below(0, 24) && below(2, 60) && below(4, 60)
}

/// A number of doses; none is no number of them.
fn doses(text: &str) -> Option<u32> {
    text.parse().ok().filter(|doses| *doses > 0)
}

/// Whether the quantity of each time (a CQ) is the dose of RXE-3 or RXE-4, or one of it: another one would multiply the dose, or
/// contradict it.
fn is_once(quantity: &str, unit: &str, rxe: &Segment) -> bool {
    let Ok(told) = Amount::parse(quantity) else { return quantity.is_empty() };
    let ordered = rxe.text(5);
    let as_ordered = unit.is_empty() || unit == ordered;
    let dose = |field: usize| {
        let text = rxe.text(field);
        // Of two units the amounts are compared: 0.5 g is 500 mg.
        let with = |number: &str, unit: &str| Quantity::parse(&format!("{number} {unit}")).ok();
        let told_amount = with(quantity, unit);
        let amount = told_amount.zip(with(&text, &ordered)).and_then(|(told, dose)| told.compare(&dose));
        (as_ordered && Amount::parse(&text) == Ok(told)) || amount == Some(Ordering::Equal)
    };
    // One of it is a dose, a tablet or nothing that is named; one of the unit of the dose is an amount.
    let one = told == Amount::ONE && (unit.is_empty() || Unit::from_code(unit).is_none() || dose(3));
    one || dose(3) || dose(4)
}
