//! RAS^O17 out (v2.5.1 section 4.13.7): one message for each administration. The table is in `docs/wire.md`.

use jiff::tz::TimeZone;
use rights::course::InfusionState;
use rights::follow_up::InfusionStep;
use rights::history::Outcome;
use rights::ident::ClinicianId;
use rights::product::Route;
use rights::quantity::{Quantity, Unit};
use rights::rate::RateTime;

use super::er7::Delimiters;
use super::time;
use crate::digest::hex;
use crate::feed::state::Number;
use crate::outbox::event::{Act, Event};
use crate::outbox::infusion::{Course, step_name};
use crate::outbox::pump::Known;

/// Who we are and whom we send to: MSH-3 to MSH-6.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// MSH-3.
    pub application: String,
    /// MSH-4.
    pub facility: String,
    /// MSH-5.
    pub to_application: String,
    /// MSH-6.
    pub to_facility: String,
}

impl Default for Sender {
    fn default() -> Self {
        Self {
            application: "BCMA".into(),
            facility: String::new(),
            to_application: "EHR".into(),
            to_facility: String::new(),
        }
    }
}

/// A segment that is being written: fields by number.
struct Line {
    name: &'static str,
    fields: Vec<String>,
}

impl Line {
    const fn new(name: &'static str) -> Self {
        Self { name, fields: Vec::new() }
    }

    /// Field `number`, raw.
    fn raw(mut self, number: usize, raw: impl Into<String>) -> Self {
        while self.fields.len() < number {
            self.fields.push(String::new());
        }
        self.fields[number - 1] = raw.into();
        self
    }

    /// Field `number` of one component.
    fn text(self, number: usize, text: &str) -> Self {
        let text = Delimiters::default().escape(text);
        self.raw(number, text)
    }

    /// Field `number` of these components; empty ones at the end are left out.
    fn parts(self, number: usize, parts: &[&str]) -> Self {
        let delimiters = Delimiters::default();
        let escaped: Vec<String> = parts.iter().map(|part| delimiters.escape(part)).collect();
        self.raw(number, escaped.join("^").trim_end_matches('^').to_owned())
    }

    fn print(&self) -> String {
        let mut text = self.name.to_owned();
        let last = self.fields.iter().rposition(|field| !field.is_empty()).map_or(0, |at| at + 1);
        for field in &self.fields[..last] {
            text.push('|');
            text.push_str(field);
        }
        text.push('\r');
        text
    }
}

/// RXA-20; empty while an infusion goes on.
const fn completion(outcome: Outcome, course: Option<&Course>) -> &'static str {
    if let Some(course) = course {
        return match course.state {
            InfusionState::Running | InfusionState::Paused => "",
            InfusionState::Stopped => "PA",
            InfusionState::Completed => "CP",
        };
    }
    match outcome {
        Outcome::Given => "CP",
        Outcome::Partial => "PA",
        Outcome::Refused => "RE",
        Outcome::Held | Outcome::NotGiven | Outcome::Missing => "NA",
    }
}

/// RXA-21.
const fn action(act: &Act) -> &'static str {
    match act {
        Act::Charted | Act::Infusion(_) => "A",
        Act::Corrected(_) => "U",
        Act::EnteredInError(_) => "D",
    }
}

/// HL7 table 0162.
pub const fn route_code(route: Route) -> (&'static str, &'static str) {
    match route {
        Route::Oral => ("PO", "Oral"),
        Route::Intravenous => ("IV", "Intravenous"),
        Route::Intramuscular => ("IM", "Intramuscular"),
        Route::Subcutaneous => ("SC", "Subcutaneous"),
        Route::Transdermal => ("TD", "Transdermal"),
        Route::Rectal => ("PR", "Rectal"),
        Route::Inhaled => ("IH", "Inhalation"),
        Route::Topical => ("TP", "Topical"),
        Route::Ophthalmic => ("OP", "Ophthalmic"),
        Route::Sublingual => ("SL", "Sublingual"),
        Route::Nasogastric => ("NG", "Nasogastric"),
    }
}

/// The message of an event, segments ended by CR.
pub fn write(event: &Event, known: &Known, sender: &Sender, zone: &TimeZone) -> String {
    let administration = &event.administration;
    let at = time::print(event.course.as_ref().map_or(administration.at, |course| course.at), zone);
    let recorded = time::print(event.recorded, zone);
    let mut text = Line::new("MSH")
        .raw(1, "^~\\&")
        .text(2, &sender.application)
        .text(3, &sender.facility)
        .text(4, &sender.to_application)
        .text(5, &sender.to_facility)
        .raw(6, recorded.clone())
        .raw(8, "RAS^O17^RAS_O17")
        .text(9, &event.id)
        .raw(10, "P")
        .raw(11, "2.5.1")
        .raw(17, "UNICODE UTF-8")
        .print();
    text.push_str(&pid(event, known));
    text.push_str(&pv1(event, known));
    text.push_str(&orc(event, known, zone));
    text.push_str(&rxa(event, known, &at, &recorded));
    // RXR is required in this place; a refused dose whose order the kiosk never showed has no route that could be told.
    let route = administration.route.or_else(|| event.request.as_ref().map(|request| request.route));
    let (code, name, table) = route.map_or(("UNK", "Unknown", "99BCMA"), |route| {
        let (code, name) = route_code(route);
        (code, name, "HL70162")
    });
    text.push_str(&Line::new("RXR").parts(1, &[code, name, table]).print());
    text.push_str(&observations(event));
    text
}

fn pid(event: &Event, known: &Known) -> String {
    let patient = event.patient.as_ref();
    let mrn = known.number(event);
    let name = patient.map(|patient| patient.name.to_string()).unwrap_or_default();
    let (family, given) = name.split_once(", ").unwrap_or((name.as_str(), ""));
    let birth = patient.map(|patient| patient.birth_date.to_string());
    // The number and the name of one record: after a merge the name in the ledger is that of the other one.
    let (family, given, birth) = match &known.survivor {
        Some(survivor) => (survivor.family.as_str(), survivor.given.as_str(), survivor.birth_date.clone()),
        None => (family, given, birth),
    };
    let birth = birth.unwrap_or_default().replace('-', "");
    Line::new("PID")
        .raw(1, "1")
        .parts(3, &[mrn, "", "", &known.mrn.authority, "MR"])
        .parts(5, &[family, given])
        .raw(7, birth)
        .text(8, &known.sex)
        .print()
}

/// Where the patient is now. The number is that of the dose's visit, or none: a correction, or what waited, may go out in a later one.
fn pv1(event: &Event, known: &Known) -> String {
    let Some(visit) = &known.visit else { return String::new() };
    let given_in_it = visit.began().is_some_and(|began| began <= event.administration.at);
    let number = if given_in_it { visit.number.clone() } else { Number::default() };
    let of_kind = if number.value.is_empty() { "" } else { "VN" };
    Line::new("PV1")
        .raw(1, "1")
        .text(2, &visit.class)
        .parts(3, &[&visit.ward, &visit.room, &visit.bed])
        .parts(19, &[&number.value, "", "", &number.authority, of_kind])
        .print()
}

fn orc(event: &Event, known: &Known, zone: &TimeZone) -> String {
    let request = crate::hl7::resources::base(&event.administration.request);
    let placer = if known.placer.value.is_empty() { request } else { &known.placer.value };
    let mut line = Line::new("ORC")
        .raw(1, "RE")
        .parts(2, &[placer, &known.placer.authority])
        .parts(3, &[&known.filler.value, &known.filler.authority]);
    if let Some(slot) = event.administration.slot {
        // ORC-7 is for quantity/timing; the due time of the dose stands in TQ1 of the same order.
        line = line.raw(9, time::print(event.administration.at, zone));
        let due = Line::new("TQ1").raw(1, "1").raw(7, time::print(slot, zone)).print();
        return clinician(line, 10, event.by(), known).print() + &due;
    }
    clinician(line, 10, event.by(), known).print()
}

fn clinician(line: Line, field: usize, id: &ClinicianId, known: &Known) -> Line {
    line.parts(field, &[id.as_str(), "", "", "", "", "", "", "", &known.staff_authority])
}

/// How a unit is written for people, beside its UCUM code.
fn unit_text(unit: Unit) -> String {
    unit.code().trim_matches(['{', '}', '[', ']']).to_owned()
}

/// Number and unit of a dose, where its decimal ends.
fn dose(event: &Event) -> Option<(String, Unit)> {
    let Quantity { amount, unit } = event.administration.dose?;
    let digits = amount.to_string();
    (!digits.contains('/')).then_some((digits, unit))
}

fn rxa(event: &Event, known: &Known, at: &str, recorded: &str) -> String {
    let administration = &event.administration;
    let code = code(event);
    let entered = administration.outcome.entered_patient();
    let mut line =
        Line::new("RXA").raw(1, "0").raw(2, known.counter.to_string()).raw(3, at).raw(4, at).raw(5, code);
    line = match dose(event).filter(|_| entered) {
        _ if event.course.is_some() => flow(line, event),
        Some((digits, unit)) => line.raw(6, digits).parts(7, &[unit.code(), &unit_text(unit), "UCUM"]),
        // 999: not known (v2.5.1 section 4.14.7.6); 0 where nothing was given.
        None if entered => line.raw(6, "999"),
        None => line.raw(6, "0"),
    };
    // What is corrected or voided was given by who gave it; a step of an infusion is an administration of its own.
    let by = if matches!(event.act, Act::Infusion(_)) { event.by() } else { &administration.by };
    line = clinician(line, 10, by, known);
    if let Some(patient) = &event.patient
        && let Some(ward) = &patient.ward
    {
        line = line.parts(11, &[ward.as_str(), "", patient.bed.as_deref().unwrap_or_default()]);
    }
    let lots = administration.packages.iter().filter_map(|package| package.lot.as_ref());
    let lots: Vec<String> = lots.map(|lot| Delimiters::default().escape(lot.as_str())).collect();
    line = line.raw(15, distinct(lots).join("~"));
    line = line.raw(16, distinct(expiries(event)).join("~"));
    if let Some(reason) = &administration.reason {
        let note = administration.note.as_deref().unwrap_or_default();
        let text = if note.is_empty() { reason.as_str().to_owned() } else { format!("{reason}: {note}") };
        line = line.parts(18, &[reason.as_str(), &text, "99REASON"]);
    }
    line.raw(20, completion(administration.outcome, event.course.as_ref()))
        .raw(21, action(&event.act))
        .raw(22, recorded)
        .print()
}

/// RXA-6, -7 and -12 of an infusion: how much flows in which time, or what was given at once.
fn flow(line: Line, event: &Event) -> Line {
    let Some(course) = &event.course else { return line };
    let (quantity, per) = match &course.step {
        None | Some(InfusionStep::RateChanged(_) | InfusionStep::Resumed) => {
            (Some(course.rate.amount), Some(course.rate.per))
        }
        Some(InfusionStep::Bolus(amount)) => (Some(*amount), None),
        Some(InfusionStep::Paused) => return line.raw(6, "0"),
        // How much had run is what the pump knows: 999, not known.
        Some(InfusionStep::Stopped | InfusionStep::Completed) => (None, None),
    };
    let exact = quantity.filter(|quantity| !quantity.amount.to_string().contains('/'));
    let Some(quantity) = exact else { return line.raw(6, "999") };
    let by_weight = if per.is_some() && course.rate.per_kilogram { "/kg" } else { "" };
    let [code, shown] =
        [quantity.unit.code().to_owned(), unit_text(quantity.unit)].map(|unit| unit + by_weight);
    let line = line.raw(6, quantity.amount.to_string()).parts(7, &[&code, &shown, "UCUM"]);
    match per {
        Some(RateTime::Minute) => line.raw(12, "M1"),
        Some(RateTime::Hour) => line.raw(12, "H1"),
        Some(RateTime::Day) => line.raw(12, "D1"),
        None => line,
    }
}

fn distinct(mut values: Vec<String>) -> Vec<String> {
    values.sort();
    values.dedup();
    values
}

fn expiries(event: &Event) -> Vec<String> {
    use rights::scan::{Meaning, PrintedExpiry};
    let printed = event.packages.iter().filter_map(|package| match &package.scan.meaning {
        Meaning::Package(code) => code.expiry.as_ref(),
        Meaning::Wristband(_) | Meaning::Badge(_) | Meaning::Dose(_) | Meaning::Nothing(_) => None,
    });
    printed
        .map(|expiry| match expiry {
            PrintedExpiry::Day(day) | PrintedExpiry::EndOfMonth(day) => day.strftime("%Y%m%d").to_string(),
            PrintedExpiry::Minute(day, time) => day.to_datetime(*time).strftime("%Y%m%d%H%M").to_string(),
        })
        .collect()
}

/// RXA-5: what was scanned where something was, else what was ordered.
fn code(event: &Event) -> String {
    use rights::scan::{Meaning, PackageKey};
    let delimiters = Delimiters::default();
    let (item, name) = match (&event.product, &event.request) {
        (Some(product), _) => (product.id.to_string(), product.name.clone()),
        (None, Some(request)) => (
            request.drug.item.as_ref().map(ToString::to_string).unwrap_or_default(),
            request.drug.name.clone(),
        ),
        (None, None) => (String::new(), String::new()),
    };
    let key = event.packages.iter().find_map(|package| match &package.scan.meaning {
        Meaning::Package(code) => Some(match &code.key {
            PackageKey::Gtin(gtin) => (gtin.as_str().to_owned(), "GTIN"),
            PackageKey::Ndc(digits) => (digits.as_str().to_owned(), "NDC"),
            PackageKey::Hibc(primary) => (primary.as_str().to_owned(), "HIBC"),
        }),
        Meaning::Wristband(_) | Meaning::Badge(_) | Meaning::Dose(_) | Meaning::Nothing(_) => None,
    });
    let [item, name] = [item, name].map(|text| delimiters.escape(&text));
    match key {
        Some((key, system)) => {
            format!("{}^{name}^{system}^{item}^{name}^99FORM", delimiters.escape(&key))
        }
        None if item.is_empty() && name.is_empty() => "UNKNOWN^not recorded which^99BCMA".to_owned(),
        None if item.is_empty() => format!("^{name}^99FORM"),
        None => format!("{item}^{name}^99FORM"),
    }
}

/// OBX: the raw scan of each package, the overrides, and where the entry stands in the ledger (the copy that other people run).
fn observations(event: &Event) -> String {
    let mut text = String::new();
    let mut number = 0;
    let mut add = |code: [&str; 2], value: &str| {
        number += 1;
        let line = Line::new("OBX")
            .raw(1, number.to_string())
            .raw(2, "ST")
            .parts(3, &[code[0], code[1], "99BCMA"])
            .text(5, value)
            .raw(11, "F");
        text.push_str(&line.print());
    };
    // What was scanned for the start is told once.
    for package in event.packages.iter().filter(|_| !matches!(event.act, Act::Infusion(_))) {
        add(["SCAN", "Raw scan"], &package.scan.text);
    }
    if let Some(step) = event.course.as_ref().and_then(|course| course.step.as_ref()) {
        add(["INFUSION", "Step of an infusion"], step_name(step));
    }
    if let Act::Infusion(start) = &event.act {
        add(["CONTINUES", "Event that started it"], start);
    }
    let witness = match (&event.act, &event.follow_up) {
        (Act::Infusion(_), Some(step)) => step.witness.as_ref(),
        _ => event.witness.as_ref(),
    };
    if let Some(witness) = witness {
        add(["WITNESS", "Second clinician"], witness.as_str());
    }
    // Not in RXA-18: any entry there says that the patient did not take it (v2.5.1 section 4.14.7.18).
    if let Some(why) = event.why() {
        add(["REASON", "Reason and words"], &why);
    }
    for over in &event.overrides {
        let reason = over.reason.as_deref().unwrap_or("acknowledged");
        add(["OVERRIDE", "Variance and reason"], &format!("{} {} {reason}", over.check, over.class));
    }
    if let Act::Corrected(earlier) | Act::EnteredInError(earlier) = &event.act {
        add(["CORRECTS", "Event that is corrected"], earlier);
    }
    add(["LEDGER", "Ledger entry"], &format!("{}#{} {}", event.origin, event.sequence, hex(&event.leaf)));
    text
}
