//! The resources of an event. The table is in `docs/wire.md`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rights::course::InfusionState;
use rights::history::Outcome;
use rights::ident::ClinicianId;
use rights::product::Route;
use rights::quantity::Quantity;
use rights::rate::Rate;
use rights::scan::{Meaning, PackageKey, PrintedExpiry};

use super::super::event::{Act, Event, Override};
use super::super::pump::Known;
use crate::digest::hex;
use crate::fhir::{DOSE_HUNG, EXTENSIONS};
use crate::json::Node;
use crate::units::UCUM;

/// The system of event ids.
pub const EVENT: &str = "urn:bcma:event";
/// The system of ledger entries: `origin#sequence`.
pub const LEDGER: &str = "urn:bcma:ledger";
const REASON: &str = "urn:bcma:reason";
const STAFF: &str = "urn:bcma:staff";
const KIOSK: &str = "urn:bcma:kiosk";
/// The system of the ids of requests at a kiosk, with the number of the dosage instruction where an order has several.
pub const REQUEST: &str = "urn:bcma:request";
const FORMULARY: &str = "urn:bcma:formulary";
const SNOMED: &str = "http://snomed.info/sct";
const NDC: &str = "http://hl7.org/fhir/sid/ndc";
const GTIN: &str = "https://www.gs1.org/gtin";
const BALP_CREATE: &str =
    "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientCreate";
const BALP_UPDATE: &str =
    "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientUpdate";

/// Where references of an event lead at the other system.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// `Patient/..`, where it is known there.
    pub patient: Option<String>,
    /// `MedicationRequest/..`, where it is known there.
    pub request: Option<String>,
    /// `MedicationAdministration/..`: the resource itself, for the ones beside it.
    pub administration: Option<String>,
    /// The id there and nothing else, for an update.
    pub id: Option<String>,
    /// The system of record numbers.
    pub mrn_system: String,
    /// The base address of the server.
    pub server: String,
}

/// The event id that the resource carries: that of the first event about this administration.
pub fn resource_event(event: &Event) -> &str {
    match &event.act {
        Act::Charted => &event.id,
        Act::Corrected(earlier) | Act::EnteredInError(earlier) | Act::Infusion(earlier) => earlier,
    }
}

fn text(text: impl Into<String>) -> Node {
    Node::text(text)
}

fn coding(system: &str, code: &str, display: Option<&str>) -> Node {
    Node::object([("system", text(system)), ("code", text(code)), ("display", Node::maybe(display))])
}

fn concept(codings: impl IntoIterator<Item = Node>, shown: Option<&str>) -> Node {
    Node::object([("coding", Node::list(codings)), ("text", Node::maybe(shown))])
}

fn identifier(system: &str, value: &str) -> Node {
    Node::object([("system", text(system)), ("value", text(value))])
}

/// A reference by address where it is known, and by identifier.
fn reference(place: Option<&str>, kind: &str, identifier: Node, display: Option<&str>) -> Node {
    Node::object([
        ("reference", Node::maybe(place)),
        ("type", text(kind)),
        ("identifier", identifier),
        ("display", Node::maybe(display)),
    ])
}

fn local(at: Timestamp, zone: &TimeZone) -> Node {
    // FHIR wants an offset with a colon, and seconds.
    text(at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
}

fn staff(id: &ClinicianId) -> Node {
    reference(None, "Practitioner", identifier(STAFF, id.as_str()), None)
}

fn device(event: &Event) -> Node {
    reference(None, "Device", identifier(KIOSK, &event.origin), Some(&event.origin))
}

fn subject(event: &Event, known: &Known, places: &Places) -> Node {
    let mrn = known.number(event);
    let number = if mrn.is_empty() {
        identifier("urn:bcma:patient", event.administration.patient.as_str())
    } else {
        identifier(&places.mrn_system, mrn)
    };
    reference(places.patient.as_deref(), "Patient", number, None)
}

/// SNOMED CT.
const fn route(route: Route) -> (&'static str, &'static str) {
    match route {
        Route::Oral => ("26643006", "Oral route"),
        Route::Intravenous => ("47625008", "Intravenous route"),
        Route::Intramuscular => ("78421000", "Intramuscular route"),
        Route::Subcutaneous => ("34206005", "Subcutaneous route"),
        Route::Transdermal => ("45890007", "Transdermal route"),
        Route::Rectal => ("37161004", "Rectal route"),
        Route::Inhaled => ("447694001", "Respiratory tract route"),
        Route::Topical => ("6064005", "Topical route"),
        Route::Ophthalmic => ("54485002", "Ophthalmic route"),
        Route::Sublingual => ("37839007", "Sublingual route"),
        Route::Nasogastric => ("127492001", "Nasogastric route"),
    }
}

fn status(event: &Event) -> &'static str {
    if event.act.voids() {
        return "entered-in-error";
    }
    // A further bag was hung: that is done, and how the infusion goes on stands in its first administration.
    if let Some(course) = event.course.as_ref().filter(|_| event.administration.continues.is_none()) {
        return match course.state {
            InfusionState::Running => "in-progress",
            InfusionState::Paused => "on-hold",
            InfusionState::Stopped => "stopped",
            InfusionState::Completed => "completed",
        };
    }
    match event.administration.outcome {
        Outcome::Given | Outcome::Partial => "completed",
        Outcome::Held | Outcome::Refused | Outcome::NotGiven | Outcome::Missing => "not-done",
    }
}

fn status_reason(event: &Event) -> Node {
    let administration = &event.administration;
    let code = administration.reason.as_ref().map(ToString::to_string);
    let general = match (administration.outcome, code.as_deref()) {
        (Outcome::Given | Outcome::Partial, _) => return Node::Absent,
        (Outcome::Refused, _) => coding(SNOMED, "182895007", Some("Drug declined by patient")),
        (Outcome::Missing, _) | (Outcome::Held | Outcome::NotGiven, Some("not-available")) => {
            coding(SNOMED, "242990004", Some("Drug not available for administration"))
        }
        (Outcome::Held | Outcome::NotGiven, _) => Node::Absent,
    };
    let site = code.as_deref().map_or(Node::Absent, |code| coding(REASON, code, None));
    let shown = code.as_deref().unwrap_or(administration.outcome.name());
    Node::list([concept([general, site], Some(shown))])
}

/// What was scanned, else what was ordered.
fn medication(event: &Event) -> Node {
    let mut codings = Vec::new();
    let name = match (&event.product, &event.request) {
        (Some(product), _) => {
            codings.push(coding(FORMULARY, product.id.as_str(), Some(&product.name)));
            Some(product.name.clone())
        }
        (None, Some(request)) => {
            codings.extend(request.drug.item.as_ref().map(|item| coding(FORMULARY, item.as_str(), None)));
            Some(request.drug.name.clone())
        }
        (None, None) => None,
    };
    let keys = event.packages.iter().find_map(|package| match &package.scan.meaning {
        Meaning::Package(code) => Some(&code.key),
        Meaning::Wristband(_) | Meaning::Badge(_) | Meaning::Dose(_) | Meaning::Nothing(_) => None,
    });
    codings.extend(keys.map(|key| match key {
        PackageKey::Gtin(gtin) => coding(GTIN, gtin.as_str(), None),
        PackageKey::Ndc(digits) => coding(NDC, digits.as_str(), None),
        PackageKey::Hibc(primary) => coding("urn:bcma:hibc", primary.as_str(), None),
    }));
    let shown = name.unwrap_or_else(|| format!("as ordered by {}", event.administration.request));
    concept(codings, Some(&shown))
}

/// A contained Medication carries lot and expiry, where one lot was used.
fn batch(event: &Event) -> Option<Node> {
    let mut lots: Vec<&str> = event
        .administration
        .packages
        .iter()
        .filter_map(|package| package.lot.as_ref())
        .map(rights::ident::Lot::as_str)
        .collect();
    lots.sort_unstable();
    lots.dedup();
    let [lot] = lots.as_slice() else { return None };
    let expiry = event.packages.iter().find_map(|package| match &package.scan.meaning {
        Meaning::Package(code) => code.expiry.as_ref(),
        Meaning::Wristband(_) | Meaning::Badge(_) | Meaning::Dose(_) | Meaning::Nothing(_) => None,
    });
    let expiry = expiry.map(|expiry| match expiry {
        PrintedExpiry::Day(day) | PrintedExpiry::EndOfMonth(day) | PrintedExpiry::Minute(day, _) => {
            day.to_string()
        }
    });
    Some(Node::object([
        ("resourceType", text("Medication")),
        ("id", text("medication")),
        ("code", medication(event)),
        ("batch", Node::object([("lotNumber", text(*lot)), ("expirationDate", Node::maybe(expiry))])),
    ]))
}

/// The instant, or since when an infusion runs and when it ended.
fn effective(event: &Event, zone: &TimeZone) -> (&'static str, Node) {
    let start = local(event.administration.at, zone);
    match event.course.as_ref().filter(|_| event.administration.continues.is_none()) {
        None => ("effectiveDateTime", start),
        Some(course) => {
            let end = if course.state.is_open() { Node::Absent } else { local(course.at, zone) };
            ("effectivePeriod", Node::object([("start", start), ("end", end)]))
        }
    }
}

/// A rate in UCUM, such as `mL/h` or `ug/kg/min`.
fn rate_quantity(rate: &Rate) -> Node {
    let by_weight = if rate.per_kilogram { "/kg" } else { "" };
    let code = format!("{}{by_weight}/{}", rate.amount.unit.code(), rate.per.name());
    Node::object([
        ("value", Node::number(&rate.amount.amount.to_string())),
        ("unit", text(code.clone())),
        ("system", text(UCUM)),
        ("code", text(code)),
    ])
}

/// The first clinician, and the second one who checked it without seeing the first one's numbers.
fn performers(event: &Event) -> Node {
    let performer = |function: &'static str, shown: &'static str, id: &ClinicianId| {
        let system = "http://terminology.hl7.org/CodeSystem/med-admin-perform-function";
        Node::object([
            ("function", concept([coding(system, function, Some(shown))], None)),
            ("actor", staff(id)),
        ])
    };
    let first = performer("performer", "Performer", &event.administration.by);
    let second = event.witness.as_ref().map(|witness| performer("witness", "Witness", witness));
    Node::list([Some(first), second].into_iter().flatten())
}

/// A dose, where its decimal ends.
fn quantity(dose: &Quantity) -> Option<Node> {
    let value = Some(Node::number(&dose.amount.to_string())).filter(|value| !value.is_absent())?;
    Some(Node::object([
        ("value", value),
        ("unit", text(dose.unit.code())),
        ("system", text(UCUM)),
        ("code", text(dose.unit.code())),
    ]))
}

/// With a dose or a rate, or not at all (mad-1); absent where nothing was given. What was hung is no dose to R4, since it is not in the patient
/// yet; the ledger counts it as one, and so have the other kiosks to.
fn dosage(event: &Event) -> Node {
    let administration = &event.administration;
    let dose = administration.dose.filter(|_| administration.outcome.entered_patient());
    let route = administration.route.map(route);
    let route = route.map_or(Node::Absent, |(code, name)| concept([coding(SNOMED, code, Some(name))], None));
    if let Some(course) = &event.course {
        let hung = dose.as_ref().and_then(quantity).map(|quantity| {
            Node::object([("url", text(format!("{EXTENSIONS}{DOSE_HUNG}"))), ("valueQuantity", quantity)])
        });
        return Node::object([
            ("extension", Node::list(hung)),
            ("text", text(course.rate.to_string())),
            ("route", route),
            ("rateQuantity", rate_quantity(&course.rate)),
        ]);
    }
    let Some((dose, quantity)) = dose.and_then(|dose| Some((dose, quantity(&dose)?))) else {
        return Node::Absent;
    };
    Node::object([("text", text(dose.to_string())), ("route", route), ("dose", quantity)])
}

/// What the nurse said of the dose, and what was said of it later: by whom and why it was corrected, or a step taken.
fn notes(event: &Event, zone: &TimeZone) -> Node {
    let given = event.administration.note.as_deref().map(|note| Node::object([("text", text(note))]));
    let later = event.why().map(|why| {
        Node::object([
            ("authorReference", staff(event.by())),
            ("time", local(event.at(), zone)),
            ("text", text(why)),
        ])
    });
    Node::list([given, later].into_iter().flatten())
}

/// The `MedicationAdministration`.
pub fn administration(event: &Event, known: &Known, places: &Places, zone: &TimeZone) -> String {
    administration_node(event, known, places, zone).to_string()
}

fn administration_node(event: &Event, known: &Known, places: &Places, zone: &TimeZone) -> Node {
    let contained = batch(event);
    let (concept_of, reference_to) = match contained {
        Some(_) => (Node::Absent, Node::object([("reference", text("#medication"))])),
        None => (medication(event), Node::Absent),
    };
    let entry = format!("{}#{}", event.origin, event.sequence);
    let request = event.administration.request.as_str();
    let effective = effective(event, zone);
    Node::object([
        ("resourceType", text("MedicationAdministration")),
        ("id", Node::maybe(places.id.as_deref())),
        ("contained", Node::list(contained)),
        ("identifier", Node::list([identifier(EVENT, resource_event(event)), identifier(LEDGER, &entry)])),
        ("status", text(status(event))),
        ("statusReason", status_reason(event)),
        (
            "category",
            concept(
                [coding(
                    "http://terminology.hl7.org/CodeSystem/medication-admin-category",
                    "inpatient",
                    Some("Inpatient"),
                )],
                None,
            ),
        ),
        ("medicationCodeableConcept", concept_of),
        ("medicationReference", reference_to),
        ("subject", subject(event, known, places)),
        effective,
        ("performer", performers(event)),
        (
            "request",
            reference(places.request.as_deref(), "MedicationRequest", identifier(REQUEST, request), None),
        ),
        ("device", Node::list([device(event)])),
        ("note", notes(event, zone)),
        ("dosage", dosage(event)),
    ])
}

fn administration_reference(event: &Event, places: &Places) -> Node {
    reference(
        places.administration.as_deref(),
        "MedicationAdministration",
        identifier(EVENT, resource_event(event)),
        None,
    )
}

/// The identifier of the issue of one override. What is entered in error has the overrides with which it was charted: the same issues.
pub fn issue_id(event: &Event, over: &Override) -> String {
    let answered = match &event.act {
        Act::EnteredInError(earlier) => earlier,
        Act::Charted | Act::Corrected(_) | Act::Infusion(_) => &event.id,
    };
    format!("{answered}-{}", over.check)
}

/// A `DetectedIssue` for a variance that was overridden, with the mitigation.
pub fn issue(event: &Event, over: &Override, known: &Known, places: &Places, zone: &TimeZone) -> String {
    issue_node(event, over, known, places, zone).to_string()
}

fn issue_node(event: &Event, over: &Override, known: &Known, places: &Places, zone: &TimeZone) -> Node {
    let severity = match over.class.as_str() {
        "soft_rp" | "soft_w" | "hard_bg" | "hard" => "high",
        "soft_r" => "moderate",
        _ => "low",
    };
    let answer = over.answer.as_ref();
    let words = answer.and_then(|answer| answer.note.clone());
    let contact = answer.and_then(|answer| answer.contact.as_ref());
    let contacted = contact.map(|contact| format!("{} contacted at {}", contact.who.name(), contact.at));
    let reason = over.reason.as_deref().unwrap_or("acknowledged");
    let shown =
        [Some(reason.to_owned()), words, contacted].into_iter().flatten().collect::<Vec<_>>().join("; ");
    let mitigation = Node::object([
        ("action", concept([coding(REASON, reason, None)], Some(&shown))),
        ("date", local(event.administration.at, zone)),
        ("author", staff(&event.administration.by)),
    ]);
    Node::object([
        ("resourceType", text("DetectedIssue")),
        ("identifier", Node::list([identifier(EVENT, &issue_id(event, over))])),
        ("status", text("final")),
        (
            "code",
            concept(
                [coding("urn:bcma:check", &over.check, None)],
                Some(&format!("check {} ({})", over.check, over.class)),
            ),
        ),
        ("severity", text(severity)),
        ("patient", subject(event, known, places)),
        ("identifiedDateTime", local(event.administration.at, zone)),
        ("author", device(event)),
        ("implicated", Node::list([administration_reference(event, places)])),
        ("mitigation", Node::list([mitigation])),
    ])
}

fn meta(event: &Event, profile: Option<&str>) -> Node {
    Node::object([
        ("profile", Node::list(profile.map(text))),
        ("tag", Node::list([Node::object([("system", text(EVENT)), ("code", text(&event.id))])])),
    ])
}

/// The `Provenance`: which ledger entry it comes from, and the signed checkpoint after it.
pub fn provenance(event: &Event, places: &Places, zone: &TimeZone) -> String {
    provenance_node(event, places, zone).to_string()
}

fn provenance_node(event: &Event, places: &Places, zone: &TimeZone) -> Node {
    let participant = |code: &str, who: Node| {
        Node::object([
            (
                "type",
                concept(
                    [coding("http://terminology.hl7.org/CodeSystem/provenance-participant-type", code, None)],
                    None,
                ),
            ),
            ("who", who),
        ])
    };
    let activity = match event.act {
        Act::Charted => "CREATE",
        Act::Corrected(_) | Act::EnteredInError(_) | Act::Infusion(_) => "UPDATE",
    };
    let entry = format!("{}#{} sha256:{}", event.origin, event.sequence, hex(&event.leaf));
    let witness = match &event.follow_up {
        Some(done) => done.witness.as_ref(),
        None => event.witness.as_ref(),
    };
    let agents = [
        Some(participant("performer", staff(event.by()))),
        witness.map(|witness| participant("verifier", staff(witness))),
        Some(participant("assembler", device(event))),
    ];
    let reason = event.follow_up.as_ref().and_then(|done| done.reason.as_ref());
    let reason =
        reason.map(|reason| concept([coding(REASON, reason.as_str(), None)], event.why().as_deref()));
    let signature = event.checkpoint.as_ref().map(|note| {
        Node::object([
            (
                "type",
                Node::list([coding(
                    "urn:iso-astm:E1762-95:2013",
                    "1.2.840.10065.1.12.1.14",
                    Some("Source Signature"),
                )]),
            ),
            ("when", local(event.recorded, zone)),
            ("who", device(event)),
            ("sigFormat", text("text/plain")),
            ("data", text(STANDARD.encode(note))),
        ])
    });
    Node::object([
        ("resourceType", text("Provenance")),
        ("meta", meta(event, None)),
        ("target", Node::list([administration_reference(event, places)])),
        ("occurredDateTime", local(event.at(), zone)),
        ("recorded", local(event.recorded, zone)),
        ("reason", Node::list(reason)),
        (
            "activity",
            concept([coding("http://terminology.hl7.org/CodeSystem/v3-DataOperation", activity, None)], None),
        ),
        ("agent", Node::list(agents.into_iter().flatten())),
        (
            "entity",
            Node::list([Node::object([
                ("role", text("source")),
                ("what", Node::object([("identifier", identifier(LEDGER, &entry))])),
            ])]),
        ),
        ("signature", Node::list(signature)),
    ])
}

/// The `AuditEvent` of sending it (IHE BALP, patient create or update).
pub fn audit(event: &Event, known: &Known, places: &Places, zone: &TimeZone) -> String {
    audit_node(event, known, places, zone).to_string()
}

fn audit_node(event: &Event, known: &Known, places: &Places, zone: &TimeZone) -> Node {
    let (profile, code, action) = match event.act {
        Act::Charted => (BALP_CREATE, "create", "C"),
        Act::Corrected(_) | Act::EnteredInError(_) | Act::Infusion(_) => (BALP_UPDATE, "update", "U"),
    };
    let agent = |system: &str, kind: &str, who: Node, requestor: bool, address: Option<&str>| {
        Node::object([
            ("type", concept([coding(system, kind, None)], None)),
            ("who", who),
            ("requestor", Node::Flag(requestor)),
            (
                "network",
                address.map_or(Node::Absent, |address| {
                    Node::object([("address", text(address)), ("type", text("5"))])
                }),
            ),
        ])
    };
    let dicom = "http://dicom.nema.org/resources/ontology/DCM";
    let server = if places.server.is_empty() { "urn:bcma:export" } else { &places.server };
    let entity = |what: Node, kind: &str, role: &str| {
        Node::object([
            ("what", what),
            ("type", coding("http://terminology.hl7.org/CodeSystem/audit-entity-type", kind, None)),
            ("role", coding("http://terminology.hl7.org/CodeSystem/object-role", role, None)),
        ])
    };
    Node::object([
        ("resourceType", text("AuditEvent")),
        ("meta", meta(event, Some(profile))),
        (
            "type",
            coding(
                "http://terminology.hl7.org/CodeSystem/audit-event-type",
                "rest",
                Some("Restful Operation"),
            ),
        ),
        ("subtype", Node::list([coding("http://hl7.org/fhir/restful-interaction", code, None)])),
        ("action", text(action)),
        ("recorded", local(event.recorded, zone)),
        ("outcome", text("0")),
        (
            "agent",
            Node::list([
                agent(dicom, "110153", device(event), false, None),
                agent(
                    dicom,
                    "110152",
                    Node::object([("identifier", Node::object([("value", text(server))]))]),
                    false,
                    Some(server),
                ),
                agent(
                    "http://terminology.hl7.org/CodeSystem/v3-ParticipationType",
                    "AUT",
                    staff(event.by()),
                    true,
                    None,
                ),
            ]),
        ),
        (
            "source",
            Node::object([
                ("observer", device(event)),
                (
                    "type",
                    Node::list([coding(
                        "http://terminology.hl7.org/CodeSystem/security-source-type",
                        "4",
                        Some("Application Server"),
                    )]),
                ),
            ]),
        ),
        (
            "entity",
            Node::list([
                entity(subject(event, known, places), "1", "1"),
                entity(administration_reference(event, places), "2", "4"),
            ]),
        ),
    ])
}

/// All of an event as one transaction, each part created only when it is not there yet.
pub fn transaction(event: &Event, known: &Known, zone: &TimeZone, mrn_system: &str) -> String {
    let own = uuid(&event.leaf, 0);
    let places =
        Places { administration: Some(own.clone()), mrn_system: mrn_system.to_owned(), ..Places::default() };
    let entry = |url: String, resource: Node, kind: &str, condition: String| {
        Node::object([
            ("fullUrl", text(url)),
            ("resource", resource),
            (
                "request",
                Node::object([
                    ("method", text("POST")),
                    ("url", text(kind)),
                    ("ifNoneExist", text(condition)),
                ]),
            ),
        ])
    };
    let mut entries = vec![entry(
        own,
        administration_node(event, known, &places, zone),
        "MedicationAdministration",
        format!("identifier={EVENT}|{}", resource_event(event)),
    )];
    for (at, over) in overridden(event).enumerate() {
        entries.push(entry(
            uuid(&event.leaf, u8::try_from(at + 3).unwrap_or(u8::MAX)),
            issue_node(event, over, known, &places, zone),
            "DetectedIssue",
            format!("identifier={EVENT}|{}", issue_id(event, over)),
        ));
    }
    let tagged = || format!("_tag={EVENT}|{}", event.id);
    entries.push(entry(uuid(&event.leaf, 1), provenance_node(event, &places, zone), "Provenance", tagged()));
    entries.push(entry(
        uuid(&event.leaf, 2),
        audit_node(event, known, &places, zone),
        "AuditEvent",
        tagged(),
    ));
    Node::object([
        ("resourceType", text("Bundle")),
        ("type", text("transaction")),
        ("entry", Node::list(entries)),
    ])
    .to_string()
}

/// The overrides that are issues: acknowledgements without a reason are not.
pub fn overridden(event: &Event) -> impl Iterator<Item = &Override> {
    event.overrides.iter().filter(|over| over.reason.is_some())
}

/// A name-based UUID (version 8, RFC 9562 section 5.8) of a leaf and a part.
fn uuid(leaf: &[u8; 32], part: u8) -> String {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&leaf[16..]);
    bytes[15] ^= part;
    bytes[6] = (bytes[6] & 0x0F) | 0x80;
    bytes[8] = (bytes[8] & 0x3F) | 0x80;
    let text = hex(&bytes);
    format!("urn:uuid:{}-{}-{}-{}-{}", &text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..])
}
