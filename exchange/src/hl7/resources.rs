//! What the feed said, as FHIR resources: so orders of both wires are read by the same rules (`fhir::read`), with the tables and
//! the drug file that are in force when they are read.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rights::ident::RequestId;
use rights::request::{Request, RequestStatus};
use rights::schedule::Timing as Schedule;

use super::encoded::Encoded;
use super::er7::{Field, Message, Segment};
use super::timing::{Timing, timings};
use super::transaction::begins;
use super::{Hl7Rules, codes, time};
use crate::drugs::DrugFile;
use crate::feed::state::{Code, DispenseState, OrderState, OrderStatus, PatientState, Stage};
use crate::fhir::{self, BundleError, Import};
use crate::json::Node;
use crate::rejection::Rejection;
use crate::rules::SiteRules;
use crate::units::UCUM;

const RXNORM: &str = "http://www.nlm.nih.gov/research/umls/rxnorm";
const NDC: &str = "http://hl7.org/fhir/sid/ndc";
const SNOMED: &str = "http://snomed.info/sct";
/// HL7 table 0162 (route of administration) in FHIR.
pub const ROUTES_0162: &str = "http://terminology.hl7.org/CodeSystem/v2-0162";
/// Our extension for words that the nurse has to see to (docs/fhir-import.md).
const FLAGGED_INSTRUCTION: &str = "https://bcma.example/fhir/StructureDefinition/flagged-instruction";

/// Everything that the feed said of one patient.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// Who.
    pub patient: PatientState,
    /// Their orders.
    pub orders: Vec<OrderState>,
    /// Their labelled doses.
    pub dispenses: Vec<DispenseState>,
}

/// Reads a record for the chart. `as_of` is when the feed was last heard; `file` names it in messages.
///
/// # Errors
/// When the resources made of it are none, which would be a fault of this program.
pub fn read(
    record: &Record,
    file: &str,
    as_of: jiff::Timestamp,
    hl7: &Hl7Rules,
    rules: &SiteRules,
    drugs: &DrugFile,
) -> Result<Import, BundleError> {
    let bundle = bundle(record, as_of, hl7, rules);
    let mut import = fhir::read(file, bundle.as_bytes(), rules, drugs)?;
    for request in &mut import.chart.requests {
        complete(request, record, hl7, rules);
    }
    for rejection in &mut import.rejections {
        say_in_hl7(rejection, file);
    }
    Ok(import)
}

/// What the resources cannot carry: the hash of the message itself, since when an order is held, all the words of an order that has no schedule, and further routes.
fn complete(request: &mut Request, record: &Record, hl7: &Hl7Rules, rules: &SiteRules) {
    let base = base(&request.id);
    let Some(order) = record.orders.iter().find(|order| order.id == base) else { return };
    if let Some(hash) = from_hex(&order.source) {
        request.source_sha256 = hash;
    }
    if request.status == RequestStatus::OnHold {
        request.status_since = order.status_since.as_deref().and_then(|since| since.parse().ok());
    }
    let Ok(message) = Message::read(order.segments.as_bytes()) else { return };
    let Some(encoded) = Encoded::of(&message) else { return };
    if let Schedule::Unscheduled { text } = &mut request.timing {
        // Several instructions are numbered from 1.
        let number = request.id.as_str().split_once('#').and_then(|(_, number)| number.parse::<usize>().ok());
        let timings = timings(&encoded, time::foreign_offset(&message, &hl7.zone));
        let words = timings.get(number.map_or(0, |number| number.saturating_sub(1))).map(Timing::words);
        if let Some(words) = words.filter(|words| !words.is_empty()) {
            *text = words;
        }
    }
    for rxr in encoded.routes().into_iter().skip(1) {
        let codes = route_codes(rxr);
        let route = codes.iter().find_map(|(system, code)| rules.routes.route(system, code));
        let further =
            route.filter(|route| *route != request.route && !request.alternate_routes.contains(route));
        request.alternate_routes.extend(further);
        // A route that is none here, or says more than it is here, goes on in words.
        let site = rxr.field(2).words();
        let says_more = codes.iter().any(|(system, code)| rules.routes.says_more(system, code));
        if further.is_none() || says_more || !site.is_empty() {
            let shown = |number: usize| said(&rxr.field(number)).unwrap_or_default();
            let words = format!("or route: {} {}", shown(1), shown(2));
            let words = words.trim_end().replace(char::is_control, " ");
            let before = request.instruction.take().map_or_else(String::new, |before| format!("{before}; "));
            request.instruction = Some(before + &words);
        }
    }
}

/// When an order begins: the earliest of its instructions, else when it was written, as `timing` reads it.
pub(super) fn start(order: &OrderState, hl7: &Hl7Rules) -> Option<Timestamp> {
    let message = Message::read(order.segments.as_bytes()).ok()?;
    let encoded = Encoded::of(&message)?;
    let zone = time::default_zone(&message, &hl7.zone);
    let starts = timings(&encoded, time::foreign_offset(&message, &hl7.zone)).into_iter().map(|timing| {
        let told = timing.start();
        let text = if told.is_empty() { order.ordered.clone() } else { time::to_fhir(told, &zone).ok() };
        text.and_then(|text| begins(&zone, &text))
    });
    // One whose start cannot be told may have begun.
    starts.min().flatten()
}

/// The id of the order that a request came from.
pub fn base(id: &RequestId) -> &str {
    id.as_str().split_once('#').map_or(id.as_str(), |(base, _)| base)
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut hash = [0; 32];
    for (at, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok()?;
    }
    Some(hash)
}

/// Places of the resources in the words of the sender.
fn say_in_hl7(rejection: &mut Rejection, file: &str) {
    const FIELDS: [(&str, &str); 14] = [
        ("identifier", "PID-3"),
        ("name", "PID-5"),
        ("birthDate", "PID-7"),
        ("medicationCodeableConcept", "RXE-2"),
        ("medication[x]", "RXE-2"),
        ("route", "RXR-1"),
        ("doseAndRate", "RXE-3 to RXE-5"),
        ("dose", "RXE-3 to RXE-5"),
        ("timing", "TQ1"),
        ("asNeeded", "TQ1-9"),
        ("dosageInstruction", "RXE"),
        ("authoredOn", "ORC-9"),
        ("code", "AL1-3"),
        ("recordedDate", "AL1-6"),
    ];
    let path = rejection.place.split_once(".resource.").map_or("", |(_, path)| path);
    let path = path
        .split_once("].")
        .filter(|(first, _)| first.starts_with("dosageInstruction"))
        .map_or(path, |p| p.1);
    let field = FIELDS.iter().find(|(start, _)| path.starts_with(start)).map(|(_, field)| *field);
    rejection.place = field.map_or_else(|| file.to_owned(), |field| format!("{file} {field}"));
    if let Some(id) = rejection.resource.strip_prefix("MedicationRequest/") {
        rejection.remedy = format!("{} (order {id})", rejection.remedy);
    }
}

fn bundle(record: &Record, as_of: jiff::Timestamp, hl7: &Hl7Rules, rules: &SiteRules) -> String {
    let mut entries = vec![patient(&record.patient, rules)];
    entries.extend(encounter(&record.patient, rules));
    entries.extend(
        record.patient.allergies.iter().enumerate().map(|(at, _)| allergy(&record.patient, at, hl7, rules)),
    );
    for order in &record.orders {
        if let Some(request) = request(order, hl7, rules) {
            entries.push(request);
        }
    }
    let known = |id: &str| record.orders.iter().any(|order| order.id == id && !order.segments.is_empty());
    entries.extend(record.dispenses.iter().map(|dose| dispense(dose, known(&dose.order), hl7, rules)));
    let entries = entries.into_iter().map(|resource| Node::object([("resource", resource)]));
    Node::object([
        ("resourceType", Node::text("Bundle")),
        ("type", Node::text("collection")),
        ("timestamp", Node::text(as_of.to_string())),
        ("entry", Node::list(entries)),
    ])
    .to_string()
}

fn reference(kind: &str, id: &str) -> Node {
    Node::object([("reference", Node::text(format!("{kind}/{id}")))])
}

fn identifier(system: &str, value: Option<&str>) -> Node {
    let Some(value) = value.filter(|value| !value.is_empty()) else { return Node::Absent };
    Node::object([("system", Node::text(system)), ("value", Node::text(value))])
}

fn extension(name: &str, member: &'static str, value: Node) -> Node {
    if value.is_absent() {
        return Node::Absent;
    }
    Node::object([("url", Node::text(format!("urn:bcma:{name}"))), (member, value)])
}

/// Only what is so is said.
fn flag(is: bool) -> Node {
    if is { Node::Flag(true) } else { Node::Absent }
}

fn patient(state: &PatientState, rules: &SiteRules) -> Node {
    let systems = &rules.systems;
    let name = Node::object([
        ("use", Node::text("official")),
        ("family", Node::maybe(Some(state.family.as_str()))),
        ("given", Node::list([Node::maybe(Some(state.given.as_str()))])),
    ]);
    let named = !state.family.is_empty() || !state.given.is_empty();
    Node::object([
        ("resourceType", Node::text("Patient")),
        ("id", Node::text(&state.id)),
        (
            "extension",
            Node::list([extension("band-serial", "valueString", Node::maybe(state.band.as_deref()))]),
        ),
        (
            "identifier",
            Node::list([
                identifier(&systems.mrn, Some(&state.mrn.value)),
                identifier(&systems.gsrn, state.gsrn.as_deref()),
            ]),
        ),
        ("name", Node::list(named.then_some(name))),
        ("birthDate", Node::maybe(state.birth_date.as_deref())),
        ("deceasedBoolean", flag(state.deceased)),
    ])
}

/// The visit and, for its ward, a location of its own.
fn encounter(state: &PatientState, rules: &SiteRules) -> Vec<Node> {
    let Some(visit) = &state.visit else { return Vec::new() };
    let status = match visit.stage {
        Stage::InProgress => "in-progress",
        Stage::Finished => "finished",
        Stage::Cancelled => "cancelled",
    };
    // HL7 table 0004 to v3 ActCode. A class that is none of these is no stay in the house.
    let class = match visit.class.as_str() {
        "I" | "B" => "IMP",
        "E" => "EMER",
        "P" => "PRENC",
        _ => "AMB",
    };
    let bed = [visit.room.as_str(), visit.bed.as_str()]
        .iter()
        .filter(|part| !part.is_empty())
        .copied()
        .collect::<Vec<_>>();
    let location = Node::object([
        ("resourceType", Node::text("Location")),
        ("id", Node::text("ward")),
        ("identifier", Node::list([identifier(&rules.systems.ward, Some(&visit.ward))])),
    ]);
    let place = Node::object([
        (
            "location",
            Node::object([
                ("reference", Node::text("Location/ward")),
                ("display", Node::maybe(Some(bed.join(" ")))),
            ]),
        ),
        ("status", Node::text("active")),
    ]);
    let encounter = Node::object([
        ("resourceType", Node::text("Encounter")),
        ("id", Node::text("visit")),
        ("status", Node::text(status)),
        ("class", Node::object([("code", Node::text(class))])),
        ("subject", reference("Patient", &state.id)),
        ("location", Node::list((!visit.ward.is_empty()).then_some(place))),
    ]);
    vec![encounter, location]
}

fn coding(system: &str, code: &Code) -> Node {
    Node::object([
        ("system", Node::maybe(Some(system))),
        ("code", Node::maybe(Some(code.code.as_str()))),
        ("display", Node::maybe(Some(code.text.as_str()))),
    ])
}

fn concept(codes: &[Code], system_of: impl Fn(&str) -> String) -> Node {
    let text = codes.iter().map(|code| code.text.as_str()).find(|text| !text.is_empty());
    Node::object([
        (
            "coding",
            Node::list(
                codes
                    .iter()
                    .filter(|code| !code.code.is_empty())
                    .map(|code| coding(&system_of(&code.system), code)),
            ),
        ),
        ("text", Node::maybe(text)),
    ])
}

/// The FHIR system of an HL7 coding system; one that is not known keeps a name of its own, so that it matches nothing.
fn drug_system(name: &str, hl7: &Hl7Rules, rules: &SiteRules) -> String {
    match name {
        _ if hl7.formulary.iter().any(|known| known == name) => rules.systems.formulary.clone(),
        "RXNORM" | "RXN" => RXNORM.to_owned(),
        "NDC" => NDC.to_owned(),
        other => format!("urn:hl7:{other}"),
    }
}

fn allergy(state: &PatientState, at: usize, hl7: &Hl7Rules, rules: &SiteRules) -> Node {
    let allergy = &state.allergies[at];
    let system = |name: &str| match name {
        _ if hl7.allergy_class.iter().any(|known| known == name) => rules.systems.allergy_class.clone(),
        _ if hl7.ingredient.iter().any(|known| known == name) => rules.systems.ingredient.clone(),
        other => drug_system(other, hl7, rules),
    };
    let reactions = allergy.reactions.iter().map(|text| Node::object([("text", Node::text(text))]));
    Node::object([
        ("resourceType", Node::text("AllergyIntolerance")),
        ("id", Node::text(format!("al{at}"))),
        ("patient", reference("Patient", &state.id)),
        ("code", concept(&allergy.codes, system)),
        ("recordedDate", Node::maybe(allergy.recorded.as_deref())),
        ("reaction", Node::list([Node::object([("manifestation", Node::list(reactions))])])),
    ])
}

fn route_codes(rxr: &Segment) -> Vec<(String, String)> {
    codes(&rxr.field(1)).into_iter().map(|code| (route_system(&code.system), code.code)).collect()
}

fn route_system(name: &str) -> String {
    match name {
        "HL70162" => ROUTES_0162.to_owned(),
        "SCT" => SNOMED.to_owned(),
        "99ROUTE" | "L" => "urn:bcma:route".to_owned(),
        other => format!("urn:hl7:{other}"),
    }
}

fn quantity(value: &str, unit: &[Code]) -> Node {
    let ucum = unit.iter().find(|code| code.system == "UCUM" && !code.code.is_empty());
    let shown = unit.iter().map(|code| code.code.as_str()).find(|code| !code.is_empty());
    Node::object([
        ("value", Node::number(value)),
        ("unit", Node::maybe(shown)),
        ("system", Node::maybe(ucum.map(|_| UCUM))),
        ("code", Node::maybe(ucum.map(|code| code.code.as_str()))),
    ])
}

fn request(order: &OrderState, hl7: &Hl7Rules, rules: &SiteRules) -> Option<Node> {
    let message = Message::read(order.segments.as_bytes()).ok()?;
    let encoded = Encoded::of(&message)?;
    let (orc, rxe) = (encoded.orc, encoded.rxe);
    let status = match order.status {
        OrderStatus::Active => "active",
        OrderStatus::OnHold => "on-hold",
        OrderStatus::Stopped => "stopped",
    };
    let verified = (!rxe.text(14).is_empty()).then(|| order.ordered.clone()).flatten();
    let verified = verified.filter(|at| at.contains('T'));
    let zone = time::default_zone(&message, &hl7.zone);
    let instructions = timings(&encoded, time::foreign_offset(&message, &hl7.zone));
    let critical = instructions.iter().any(Timing::is_time_critical);
    let conditional = instructions.iter().any(|timing| timing.condition().is_some());
    let prescriber = orc.text(12);
    let several = instructions.len() > 1;
    let dosages = instructions
        .iter()
        .enumerate()
        .map(|(at, timing)| dosage(&encoded, timing, several.then_some(at), conditional, &zone));
    let reasons =
        rxe.repetitions(27).map(|reason| concept(&codes(&reason), |name| format!("urn:hl7:{name}")));
    Some(Node::object([
        ("resourceType", Node::text("MedicationRequest")),
        ("id", Node::text(&order.id)),
        (
            "meta",
            Node::object([
                ("versionId", Node::text(order.version.to_string())),
                ("lastUpdated", Node::maybe(order.status_since.as_deref())),
            ]),
        ),
        (
            "extension",
            Node::list([
                extension("verified", "valueDateTime", Node::maybe(verified)),
                extension("time-critical", "valueBoolean", flag(critical)),
                // TQ1-10: a condition that the nurse has to see to before each dose.
                Node::object([
                    ("url", Node::maybe(conditional.then_some(FLAGGED_INSTRUCTION))),
                    ("valueBoolean", flag(conditional)),
                ]),
            ]),
        ),
        ("status", Node::text(status)),
        ("intent", Node::text("order")),
        ("medicationCodeableConcept", concept(&codes(&rxe.field(2)), |name| drug_system(name, hl7, rules))),
        ("subject", reference("Patient", &order.patient)),
        ("authoredOn", Node::maybe(order.ordered.as_deref())),
        (
            "requester",
            if prescriber.is_empty() { Node::Absent } else { reference("Practitioner", &prescriber) },
        ),
        ("reasonCode", Node::list(reasons)),
        ("dosageInstruction", Node::list(dosages)),
    ]))
}

fn dosage(
    encoded: &Encoded<'_>,
    timing: &Timing,
    at: Option<usize>,
    conditional: bool,
    zone: &TimeZone,
) -> Node {
    let rxe = encoded.rxe;
    let unit = codes(&rxe.field(5));
    let (least, most) = (rxe.text(3), rxe.text(4));
    let dose = if most.is_empty() || most == least {
        ("doseQuantity", quantity(&least, &unit))
    } else {
        let range = [("low", quantity(&least, &unit)), ("high", quantity(&most, &unit))];
        ("doseRange", Node::object(range))
    };
    let rate = quantity(&rxe.text(23), &codes(&rxe.field(24)));
    let rate = if rxe.text(23).is_empty() { Node::Absent } else { rate };
    let dose_and_rate = if least.is_empty() && rate.is_absent() {
        Node::Absent
    } else {
        Node::object([dose, ("rateQuantity", rate)])
    };
    let rxr = encoded.routes().into_iter().next();
    let route = rxr.map(|rxr| concept(&codes(&rxr.field(1)), route_system));
    let site = rxr.map(|rxr| concept(&codes(&rxr.field(2)), |name| format!("urn:hl7:{name}")));
    let mut words = words(encoded);
    match timing.condition() {
        Some(condition) => words.insert(0, format!("condition: {condition}").replace(char::is_control, " ")),
        // The flag is on the whole order: each of its instructions has to say what is to be seen to.
        None if conditional => words.push("this instruction has no condition of its own".to_owned()),
        None => {}
    }
    let sequence = at.filter(|_| timing.sequential).map(|at| (at + 1).to_string());
    Node::object([
        ("sequence", sequence.map_or(Node::Absent, Node::Number)),
        ("text", timing.text()),
        (
            "additionalInstruction",
            Node::list(words.into_iter().map(|text| Node::object([("text", Node::text(text))]))),
        ),
        ("timing", timing.node(zone)),
        ("asNeededBoolean", timing.as_needed()),
        ("site", site.unwrap_or(Node::Absent)),
        ("route", route.unwrap_or(Node::Absent)),
        ("doseAndRate", Node::list([dose_and_rate])),
    ])
}

/// A code as it is displayed.
fn said(field: &Field<'_>) -> Option<String> {
    [field.component(2), field.component(1)].into_iter().find(|text| !text.is_empty())
}

/// Instructions for the nurse: RXE-7, RXE-21, what a compound holds (RXC), notes (NTE).
fn words(encoded: &Encoded<'_>) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    words.extend(encoded.rxe.repetitions(7).filter_map(|field| said(&field)));
    words.extend(encoded.rxe.repetitions(21).filter_map(|field| said(&field)));
    for rxc in encoded.components() {
        let name = said(&rxc.field(2)).unwrap_or_default();
        words.push(format!("contains {name} {} {}", rxc.text(3), rxc.text(4)).trim_end().to_owned());
    }
    for note in encoded.notes() {
        words.extend(note.repetitions(3).map(|text| text.component(1)).filter(|text| !text.is_empty()));
    }
    words.iter().map(|text| text.replace(char::is_control, " ")).collect()
}

fn dispense(dose: &DispenseState, order_known: bool, hl7: &Hl7Rules, rules: &SiteRules) -> Node {
    let expires =
        dose.expires.as_ref().map(|at| if at.contains('T') { at.clone() } else { end_of_day(at, hl7) });
    Node::object([
        ("resourceType", Node::text("MedicationDispense")),
        (
            "extension",
            Node::list([
                extension("lot", "valueString", Node::maybe(dose.lot.as_deref())),
                extension("beyond-use", "valueDateTime", Node::maybe(expires)),
            ]),
        ),
        ("identifier", Node::list([identifier(&rules.systems.dose_id, Some(&dose.dose))])),
        ("status", Node::text("completed")),
        ("medicationCodeableConcept", concept(&dose.codes, |name| drug_system(name, hl7, rules))),
        ("subject", reference("Patient", &dose.patient)),
        (
            "authorizingPrescription",
            Node::list(order_known.then(|| reference("MedicationRequest", &dose.order))),
        ),
    ])
}

/// A day of expiry lasts to its end.
fn end_of_day(day: &str, hl7: &Hl7Rules) -> String {
    let next = day.parse::<jiff::civil::Date>().ok().and_then(|day| day.tomorrow().ok());
    let at = next.and_then(|day| hl7.zone.to_timestamp(day.at(0, 0, 0, 0)).ok());
    at.map_or_else(|| day.to_owned(), |at| at.to_string())
}
