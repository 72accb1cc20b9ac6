//! Events to a FHIR server: searched for before it is created, created only if none exists, corrected by PUT with the version that was
//! read.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::super::event::{Act, Event};
use super::super::pump::{Delivered, Directory, Known, Target};
use super::resources::{self, EVENT, Places};
use crate::http::{Answer, encode};
use crate::server::search::{Found, SearchError, search};
use crate::server::{Server, ServerError, asked_pause};

/// How often a version conflict is met by reading again before the event waits.
const CONFLICTS: usize = 3;
/// So long a patient who was found there is not looked for again: records are merged there, too, and what is sent to one that was
/// replaced is read by nobody.
const FOUND_FOR: SignedDuration = SignedDuration::from_mins(5);

/// A FHIR server that takes events.
#[derive(Debug)]
pub struct FhirTarget {
    name: String,
    server: Server,
    zone: TimeZone,
    mrn_system: String,
    audit: bool,
    /// Record number to the patient's reference there, and when it was found.
    patients: BTreeMap<String, (String, Timestamp)>,
}

/// Why an event was not delivered.
enum Problem {
    Later(String, Option<std::time::Duration>),
    Parked(String),
}

impl From<ServerError> for Problem {
    fn from(error: ServerError) -> Self {
        Self::Later(error.to_string(), None)
    }
}

impl From<SearchError> for Problem {
    fn from(error: SearchError) -> Self {
        Self::Later(error.to_string(), None)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
    id: Option<String>,
    meta: Option<Meta>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    version_id: Option<String>,
    #[serde(default)]
    tag: Vec<Coding>,
}

#[derive(Deserialize)]
struct Coding {
    system: Option<String>,
    code: Option<String>,
}

#[derive(PartialEq, Eq, Deserialize)]
struct Identifier {
    system: Option<String>,
    value: Option<String>,
}

#[derive(Deserialize)]
struct Request {
    subject: Option<Subject>,
}

#[derive(Deserialize)]
struct Subject {
    reference: Option<String>,
    identifier: Option<Identifier>,
}

impl Subject {
    /// Whether it names this patient of this server: by reference, with or without its base and a version; without one by the record number.
    fn is(&self, base: &str, patient: &str, number: &Identifier) -> bool {
        let Some(reference) = &self.reference else { return self.identifier.as_ref() == Some(number) };
        let reference = reference.split("/_history/").next().unwrap_or_default();
        let relative = reference.strip_prefix(base).and_then(|rest| rest.strip_prefix('/'));
        relative.unwrap_or(reference) == patient
    }
}

#[derive(Deserialize)]
struct Marked {
    meta: Option<Meta>,
    #[serde(default)]
    identifier: Vec<Identifier>,
}

/// The mark by which a resource is found again at the server.
#[derive(Clone, Copy)]
enum Mark<'a> {
    /// `identifier`: system and value.
    Identifier(&'a str, &'a str),
    /// `_tag`: system and code, for the resources that have no identifier of their own.
    Tag(&'a str, &'a str),
}

impl Mark<'_> {
    /// As a search parameter.
    fn query(self) -> String {
        let (name, system, value) = match self {
            Self::Identifier(system, value) => ("identifier", system, value),
            Self::Tag(system, code) => ("_tag", system, code),
        };
        format!("{name}={}", encode(&format!("{system}|{value}")))
    }

    /// Whether a resource has it. A server may leave out a search parameter that it does not know (FHIR R4 search, 3.1.1.3), and then any
    /// resource comes: the administrations and patients of others are not to be taken for these.
    fn is_on(self, json: &str) -> bool {
        let Ok(marked) = serde_json::from_str::<Marked>(json) else { return false };
        match self {
            Self::Identifier(system, value) => marked.identifier.iter().any(|identifier| {
                identifier.system.as_deref() == Some(system) && identifier.value.as_deref() == Some(value)
            }),
            Self::Tag(system, code) => marked.meta.is_some_and(|meta| {
                let is =
                    |tag: &Coding| tag.system.as_deref() == Some(system) && tag.code.as_deref() == Some(code);
                meta.tag.iter().any(is)
            }),
        }
    }
}

impl FhirTarget {
    /// A target of this name. `mrn_system` is the system of record numbers at that server.
    pub const fn new(name: String, server: Server, zone: TimeZone, mrn_system: String) -> Self {
        Self { name, server, zone, mrn_system, audit: true, patients: BTreeMap::new() }
    }

    /// Without `AuditEvent`: some servers write their own audit and take nobody else's. The ledger and the Provenance stay the evidence.
    #[must_use]
    pub const fn without_audit(mut self) -> Self {
        self.audit = false;
        self
    }

    /// The id there, and what there is to say.
    fn try_deliver(&mut self, event: &Event, known: &Known) -> Result<(String, String), Problem> {
        let mut places = Places {
            mrn_system: self.mrn_system.clone(),
            server: self.server.base().to_owned(),
            ..Places::default()
        };
        let patient = self.patient(event, known)?;
        places.request = self.request(event, known, &patient)?;
        places.patient = Some(patient);
        let id = match &event.act {
            Act::Charted => {
                let body = resources::administration(event, known, &places, &self.zone);
                self.create("MedicationAdministration", Mark::Identifier(EVENT, &event.id), &body)?
            }
            Act::Corrected(_) | Act::EnteredInError(_) | Act::Infusion(_) => {
                match self.update(event, known, &mut places)? {
                    Updated::Said(id) => id,
                    Updated::Newer(id, entry) => {
                        let said = format!("not sent: what entry {entry} says of it later is there already");
                        return Ok((format!("MedicationAdministration/{id}"), said));
                    }
                }
            }
        };
        places.administration = Some(format!("MedicationAdministration/{id}"));
        for over in resources::overridden(event) {
            let body = resources::issue(event, over, known, &places, &self.zone);
            let id = resources::issue_id(event, over);
            self.create("DetectedIssue", Mark::Identifier(EVENT, &id), &body)?;
        }
        let tag = Mark::Tag(EVENT, &event.id);
        let body = resources::provenance(event, &places, &self.zone);
        self.create("Provenance", tag, &body)?;
        if self.audit {
            let body = resources::audit(event, known, &places, &self.zone);
            self.create("AuditEvent", tag, &body)?;
        }
        Ok((places.administration.unwrap_or_default(), String::new()))
    }

    /// Exactly one patient has the record number, else a person has to look.
    fn patient(&mut self, event: &Event, known: &Known) -> Result<String, Problem> {
        let mrn = known.number(event);
        if mrn.is_empty() {
            return Err(Problem::Parked("the ledger does not say the patient's record number".to_owned()));
        }
        let now = self.server.now();
        if let Some((place, found)) = self.patients.get(mrn)
            && now.duration_since(*found).abs() < FOUND_FOR
        {
            return Ok(place.clone());
        }
        let mrn = mrn.to_owned();
        let found = self.only("Patient", Mark::Identifier(&self.mrn_system.clone(), &mrn))?;
        let Some(found) = found else {
            return Err(Problem::Parked("no patient there has this record number".to_owned()));
        };
        let place = format!("Patient/{}", found.id);
        self.patients.insert(mrn, (place.clone(), now));
        Ok(place)
    }

    /// The one resource with a mark, or none. Of several a person has to look which is right.
    fn only(&mut self, kind: &str, mark: Mark<'_>) -> Result<Option<Found>, Problem> {
        let found = search(&mut self.server, &format!("{kind}?{}", mark.query()))?;
        let mut hits = found.into_iter().filter(|found| found.kind == kind);
        let (first, second) = (hits.next(), hits.next());
        if [&first, &second].into_iter().flatten().any(|found| !mark.is_on(&found.json)) {
            let why = format!("{kind} there cannot be searched: it answers with others than were asked for");
            return Err(Problem::Later(why, None));
        }
        if second.is_some() {
            return Err(Problem::Parked(format!("several {kind} there have the same identifier")));
        }
        Ok(first)
    }

    /// The request by its id, where the server has it and it is this patient's. The id can be a number that came by HL7, and then what the server
    /// has under it can be another order, of anybody.
    fn request(&mut self, event: &Event, known: &Known, patient: &str) -> Result<Option<String>, Problem> {
        let id = crate::hl7::resources::base(&event.administration.request);
        let place = format!("MedicationRequest/{}", encode(id));
        let answer = self.server.ask("GET", &place, &[], None)?;
        match answer.status {
            200 => {
                let number = Identifier {
                    system: Some(self.mrn_system.clone()),
                    value: Some(known.number(event).to_owned()),
                };
                let is_of = |subject: Subject| subject.is(self.server.base(), patient, &number);
                let request = serde_json::from_slice::<Request>(&answer.body).ok();
                let own = request.and_then(|request| request.subject).is_some_and(is_of);
                Ok(own.then_some(place))
            }
            400 | 404 | 410 => Ok(None),
            _ => Err(problem("MedicationRequest", &answer)),
        }
    }

    /// Searched for, and created when it is not there. The server's answer to If-None-Exist decides a race.
    fn create(&mut self, kind: &str, mark: Mark<'_>, body: &str) -> Result<String, Problem> {
        if let Some(one) = self.only(kind, mark)? {
            return Ok(one.id);
        }
        let answer = self.server.ask("POST", kind, &[("If-None-Exist", mark.query())], Some(body))?;
        match answer.status {
            200 | 201 => id_of(&answer)
                .ok_or_else(|| Problem::Later(format!("{kind} was taken and its id was not told"), None)),
            412 => Err(Problem::Parked(format!("several {kind} there have the same identifier"))),
            _ => Err(problem(kind, &answer)),
        }
    }

    /// The same resource in its new version. One that never came is created as it is now. One that a later entry of this ledger was sent to
    /// stays: an event that was parked and is sent again would undo that ("stopped" would run again).
    fn update(&mut self, event: &Event, known: &Known, places: &mut Places) -> Result<Updated, Problem> {
        let own = resources::resource_event(event);
        let mark = Mark::Identifier(EVENT, own);
        for _ in 0..CONFLICTS {
            let Some(one) = self.only("MedicationAdministration", mark)? else {
                let body = resources::administration(event, known, places, &self.zone);
                return self.create("MedicationAdministration", mark, &body).map(Updated::Said);
            };
            if let Some(entry) = entry_there(&one.json, event).filter(|entry| *entry > event.sequence) {
                return Ok(Updated::Newer(one.id, entry));
            }
            let id = one.id;
            let version = serde_json::from_str::<Stored>(&one.json).ok().and_then(|stored| stored.meta);
            let version = version.and_then(|meta| meta.version_id);
            places.id = Some(id.clone());
            let body = resources::administration(event, known, places, &self.zone);
            let headers: Vec<(&'static str, String)> =
                version.map(|version| ("If-Match", format!("W/\"{version}\""))).into_iter().collect();
            let place = format!("MedicationAdministration/{}", encode(&id));
            let answer = self.server.ask("PUT", &place, &headers, Some(&body))?;
            match answer.status {
                200 | 201 => return Ok(Updated::Said(id)),
                // Somebody changed it meanwhile: read again, decide again.
                409 | 412 => {}
                _ => return Err(problem("MedicationAdministration", &answer)),
            }
        }
        Err(Problem::Later("it is being changed there again and again (412)".to_owned(), None))
    }
}

/// What came of an update.
enum Updated {
    /// The resource with this id says it now.
    Said(String),
    /// The resource with this id says what this later entry says.
    Newer(String, u64),
}

/// The entry of this ledger that a resource there was sent for last: `origin#sequence`.
fn entry_there(json: &str, event: &Event) -> Option<u64> {
    let marked: Marked = serde_json::from_str(json).ok()?;
    let entries =
        marked.identifier.into_iter().filter(|one| one.system.as_deref() == Some(resources::LEDGER));
    let of_origin = |value: String| value.strip_prefix(&event.origin)?.strip_prefix('#')?.parse().ok();
    entries.filter_map(|one| of_origin(one.value?)).max()
}

fn id_of(answer: &Answer) -> Option<String> {
    let of_body = serde_json::from_slice::<Stored>(&answer.body).ok().and_then(|stored| stored.id);
    let of_location = || {
        let location = answer.location.as_deref()?.split("/_history/").next()?;
        location.rsplit('/').next().map(str::to_owned)
    };
    of_body.or_else(of_location).filter(|id| !id.is_empty())
}

/// What a status means: wait, or never.
fn problem(kind: &str, answer: &Answer) -> Problem {
    let said = format!("{kind}: status {}{}", answer.status, crate::server::search::outcome(&answer.body));
    match answer.status {
        // Not the message's fault: access, load, or the server itself.
        401 | 403 | 404 | 405 | 408 | 425 | 429 | 500..=599 => Problem::Later(said, asked_pause(answer)),
        _ => Problem::Parked(said),
    }
}

impl Target for FhirTarget {
    fn name(&self) -> &str {
        &self.name
    }

    fn deliver(&mut self, event: &Event, directory: &dyn Directory) -> Delivered {
        let known = directory.look_up(event);
        let problem = match self.try_deliver(event, &known) {
            Ok((remote, said)) => return Delivered::Done { remote, said },
            Err(problem) => problem,
        };
        // What was refused may have been sent to a record that is none any more.
        self.patients.remove(known.number(event));
        match problem {
            Problem::Later(why, after) => Delivered::Later { why, after },
            Problem::Parked(said) => Delivered::Parked { said },
        }
    }
}
