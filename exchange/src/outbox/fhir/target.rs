//! Events to a FHIR server: searched for before it is created, created only if none exists, corrected by PUT with the version that was
//! read.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde::Deserialize;

use super::super::event::{Act, Event};
use super::super::pump::{Delivered, Directory, Known, Target};
use super::resources::{self, EVENT, Places};
use crate::http::{Answer, encode};
use crate::server::search::{SearchError, search};
use crate::server::{Server, ServerError, asked_pause};

/// How often a version conflict is met by reading again before the event waits.
const CONFLICTS: usize = 3;

/// A FHIR server that takes events.
#[derive(Debug)]
pub struct FhirTarget {
    name: String,
    server: Server,
    zone: TimeZone,
    mrn_system: String,
    /// Record number to the patient's reference there.
    patients: BTreeMap<String, String>,
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
}

impl FhirTarget {
    /// A target of this name. `mrn_system` is the system of record numbers at that server.
    pub const fn new(name: String, server: Server, zone: TimeZone, mrn_system: String) -> Self {
        Self { name, server, zone, mrn_system, patients: BTreeMap::new() }
    }

    fn try_deliver(&mut self, event: &Event, known: &Known) -> Result<String, Problem> {
        let mut places = Places {
            mrn_system: self.mrn_system.clone(),
            server: self.server.base().to_owned(),
            ..Places::default()
        };
        places.patient = Some(self.patient(event, known)?);
        places.request = self.request(event)?;
        let id = match &event.act {
            Act::Charted => {
                let body = resources::administration(event, known, &places, &self.zone);
                self.create("MedicationAdministration", &format!("identifier={EVENT}|{}", event.id), &body)?
            }
            Act::Corrected(_) | Act::EnteredInError(_) | Act::Infusion(_) => {
                self.update(event, known, &mut places)?
            }
        };
        places.administration = Some(format!("MedicationAdministration/{id}"));
        for over in resources::overridden(event) {
            let body = resources::issue(event, over, known, &places, &self.zone);
            let condition = format!("identifier={EVENT}|{}", resources::issue_id(event, over));
            self.create("DetectedIssue", &condition, &body)?;
        }
        let tagged = format!("_tag={EVENT}|{}", event.id);
        let body = resources::provenance(event, &places, &self.zone);
        self.create("Provenance", &tagged, &body)?;
        let body = resources::audit(event, known, &places, &self.zone);
        self.create("AuditEvent", &tagged, &body)?;
        Ok(places.administration.unwrap_or_default())
    }

    /// Exactly one patient has the record number, else a person has to look.
    fn patient(&mut self, event: &Event, known: &Known) -> Result<String, Problem> {
        let mrn = event.patient.as_ref().map_or(known.mrn.value.as_str(), |patient| patient.mrn.as_str());
        if mrn.is_empty() {
            return Err(Problem::Parked("the ledger does not say the patient's record number".to_owned()));
        }
        if let Some(place) = self.patients.get(mrn) {
            return Ok(place.clone());
        }
        let query = format!("Patient?identifier={}", encode(&format!("{}|{mrn}", self.mrn_system)));
        let found = search(&mut self.server, &query)?;
        let mut hits = found.iter().filter(|found| found.kind == "Patient");
        match (hits.next(), hits.next()) {
            (Some(one), None) => {
                let place = format!("Patient/{}", one.id);
                self.patients.insert(mrn.to_owned(), place.clone());
                Ok(place)
            }
            (None, _) => Err(Problem::Parked("no patient there has this record number".to_owned())),
            (Some(_), Some(_)) => {
                Err(Problem::Parked("several patients there have this record number".to_owned()))
            }
        }
    }

    /// The request by its id, where the server has it.
    fn request(&mut self, event: &Event) -> Result<Option<String>, Problem> {
        let id = crate::hl7::resources::base(&event.administration.request);
        let place = format!("MedicationRequest/{}", encode(id));
        let answer = self.server.ask("GET", &place, &[], None)?;
        match answer.status {
            200 => Ok(Some(place)),
            400 | 404 | 410 => Ok(None),
            _ => Err(problem(&answer)),
        }
    }

    /// Searched for, and created when it is not there. The server's answer to If-None-Exist decides a race.
    fn create(&mut self, kind: &str, condition: &str, body: &str) -> Result<String, Problem> {
        let encoded = condition
            .split_once('=')
            .map_or_else(String::new, |(name, value)| format!("{name}={}", encode(value)));
        let found = search(&mut self.server, &format!("{kind}?{encoded}"))?;
        let mut hits = found.iter().filter(|found| found.kind == kind);
        match (hits.next(), hits.next()) {
            (Some(one), None) => return Ok(one.id.clone()),
            (Some(_), Some(_)) => {
                return Err(Problem::Parked(format!("several {kind} there have this event's identifier")));
            }
            (None, _) => {}
        }
        let answer = self.server.ask("POST", kind, &[("If-None-Exist", encoded)], Some(body))?;
        match answer.status {
            200 | 201 => id_of(&answer)
                .ok_or_else(|| Problem::Later(format!("{kind} was taken and its id was not told"), None)),
            412 => Err(Problem::Parked(format!("several {kind} there have this event's identifier"))),
            _ => Err(problem(&answer)),
        }
    }

    /// The same resource in its new version. One that never came is created as it is now.
    fn update(&mut self, event: &Event, known: &Known, places: &mut Places) -> Result<String, Problem> {
        let condition = format!("identifier={EVENT}|{}", resources::resource_event(event));
        let encoded =
            format!("identifier={}", encode(&format!("{EVENT}|{}", resources::resource_event(event))));
        for _ in 0..CONFLICTS {
            let found = search(&mut self.server, &format!("MedicationAdministration?{encoded}"))?;
            let mut hits = found.iter().filter(|found| found.kind == "MedicationAdministration");
            let one = match (hits.next(), hits.next()) {
                (Some(one), None) => one,
                (None, _) => {
                    let body = resources::administration(event, known, places, &self.zone);
                    return self.create("MedicationAdministration", &condition, &body);
                }
                (Some(_), Some(_)) => {
                    return Err(Problem::Parked(
                        "several administrations there have this event's identifier".into(),
                    ));
                }
            };
            let id = one.id.clone();
            let version = serde_json::from_str::<Stored>(&one.json).ok().and_then(|stored| stored.meta);
            let version = version.and_then(|meta| meta.version_id);
            places.id = Some(id.clone());
            let body = resources::administration(event, known, places, &self.zone);
            let headers: Vec<(&'static str, String)> =
                version.map(|version| ("If-Match", format!("W/\"{version}\""))).into_iter().collect();
            let place = format!("MedicationAdministration/{}", encode(&id));
            let answer = self.server.ask("PUT", &place, &headers, Some(&body))?;
            match answer.status {
                200 | 201 => return Ok(id),
                // Somebody changed it meanwhile: read again, decide again.
                409 | 412 => {}
                _ => return Err(problem(&answer)),
            }
        }
        Err(Problem::Later("it is being changed there again and again (412)".to_owned(), None))
    }
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
fn problem(answer: &Answer) -> Problem {
    let said = format!("status {}{}", answer.status, crate::server::search::outcome(&answer.body));
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
        match self.try_deliver(event, &directory.look_up(event)) {
            Ok(remote) => Delivered::Done { remote, said: String::new() },
            Err(Problem::Later(why, after)) => Delivered::Later { why, after },
            Err(Problem::Parked(said)) => Delivered::Parked { said },
        }
    }
}
