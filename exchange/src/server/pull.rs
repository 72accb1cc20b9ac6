//! Orders pulled from a FHIR server: who is here, and for each patient every order and allergy. All of it, or the pull failed and what
//! was held before grows old.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Deserialize;

use super::Server;
use super::search::{Found, SearchError, search};
use crate::http::encode;
use crate::json::Node;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queries {
    /// The patients in the house.
    pub census: String,
    /// Their orders; `{patient}` stands for the id.
    pub orders: String,
    /// Their allergies.
    pub allergies: String,
    /// Their vital signs and laboratory values; `{since}` stands for a day, eight days ago.
    pub observations: String,
    /// What other systems gave them; `{since}` as above.
    pub administrations: String,
}

/// The weight of a child counts for seven days (D7), and a day is in another zone at the server.
const LOOKS_BACK_DAYS: i64 = 8;

impl Default for Queries {
    /// As exchange.md section 1, with orders on hold and stopped ones, so that the nurse is told so instead of "no order".
    fn default() -> Self {
        Self {
            census: "Encounter?status=in-progress&_include=Encounter:patient&_include=Encounter:location".into(),
            orders: "MedicationRequest?patient=Patient/{patient}&status=active,on-hold,stopped&intent=order,instance-order\
                     &_include=MedicationRequest:medication"
                .into(),
            allergies: "AllergyIntolerance?patient=Patient/{patient}".into(),
            // The LOINC codes of the observation table, and the panel of the blood pressure.
            observations: "Observation?patient=Patient/{patient}&code=29463-7,8867-4,8480-6,8462-4,85354-9,9279-1,59408-5,2708-6,\
                           8310-5,2823-3,6301-6,2339-0,2345-7,41653-7&date=ge{since}"
                .into(),
            administrations: "MedicationAdministration?patient=Patient/{patient}&effective-time=ge{since}\
                              &_include=MedicationAdministration:medication"
                .into(),
        }
    }
}

#[derive(Deserialize)]
struct Subject {
    #[serde(alias = "patient")]
    subject: Option<Reference>,
}

impl Subject {
    /// The id of the patient whom a resource is about.
    fn of(json: &str) -> Option<String> {
        patient_id(&serde_json::from_str::<Self>(json).ok()?.subject?.reference?)
    }
}

#[derive(Deserialize)]
struct Reference {
    reference: Option<String>,
}

/// A search that the pull needs was not complete: none of it is to be used, and what was held before grows old.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("orders not current: {0}")]
pub struct NotCurrent(#[from] SearchError);

/// A Bundle for each patient in the house, by patient id.
///
/// # Errors
/// When any search is not complete.
pub fn pull(server: &mut Server, queries: &Queries) -> Result<Vec<(String, Vec<u8>)>, NotCurrent> {
    let started = server.now();
    let since =
        started.checked_sub(jiff::SignedDuration::from_hours(24 * LOOKS_BACK_DAYS)).unwrap_or(started);
    let since = since.strftime("%Y-%m-%d").to_string();
    let census = search(server, &queries.census)?;
    let mut stays: BTreeMap<String, Vec<Found>> = BTreeMap::new();
    let mut shared = Vec::new();
    let mut patients: BTreeMap<String, Found> = BTreeMap::new();
    for found in census {
        match found.kind.as_str() {
            "Patient" => {
                patients.insert(found.id.clone(), found);
            }
            "Encounter" => {
                // Without it a patient would be missing, and the others would look like all there are.
                let Some(id) = Subject::of(&found.json) else {
                    let reason = "a stay does not say whose it is: send subject.reference".to_owned();
                    return Err(SearchError::Partial { what: found.kind, reason }.into());
                };
                stays.entry(id).or_default().push(found);
            }
            _ => shared.push(found),
        }
    }
    let mut bundles = Vec::new();
    for (id, encounters) in stays {
        let patient = match patients.remove(&id) {
            Some(patient) => patient,
            None => read_patient(server, &id)?,
        };
        let mut entries = vec![patient];
        entries.extend(encounters);
        entries.extend(shared.iter().cloned());
        for query in [&queries.orders, &queries.allergies, &queries.observations, &queries.administrations] {
            let query = query.replace("{patient}", &encode(&id)).replace("{since}", &since);
            let found = search(server, &query)?;
            if let Some(other) = found.iter().find(|found| is_of_another(found, &id)) {
                let reason = "asked for one patient, the server answers with another's".into();
                return Err(SearchError::Partial { what: other.kind.clone(), reason }.into());
            }
            entries.extend(found);
        }
        bundles.push((id, bundle(started, entries)));
    }
    Ok(bundles)
}

/// Whether a resource is about somebody else than this patient. What is included (a drug, a place) is about nobody.
fn is_of_another(found: &Found, patient: &str) -> bool {
    Subject::of(&found.json).is_some_and(|of| of != patient)
}

fn patient_id(reference: &str) -> Option<String> {
    let plain = reference.split("/_history/").next()?;
    let (before, id) = plain.rsplit_once('/')?;
    (before == "Patient" || before.ends_with("/Patient")).then(|| id.to_owned())
}

/// A server that did not include the patient is asked for it.
fn read_patient(server: &mut Server, id: &str) -> Result<Found, SearchError> {
    let answer = server.ask("GET", &format!("Patient/{}", encode(id)), &[], None)?;
    if answer.status != 200 {
        let said = super::search::outcome(&answer.body);
        return Err(SearchError::Status { what: "Patient".into(), status: answer.status, said });
    }
    let json = String::from_utf8(answer.body)
        .map_err(|_| SearchError::Partial { what: "Patient".into(), reason: "is not UTF-8".into() })?;
    Ok(Found { full_url: None, kind: "Patient".into(), id: id.to_owned(), json })
}

/// One Bundle, each resource once.
fn bundle(started: jiff::Timestamp, entries: Vec<Found>) -> Vec<u8> {
    let mut seen = BTreeSet::new();
    let timestamp = Node::text(started.to_string());
    let mut text =
        format!(r#"{{"resourceType":"Bundle","type":"collection","timestamp":{timestamp},"entry":["#);
    let mut first = true;
    for found in entries {
        if !seen.insert((found.kind.clone(), found.id.clone())) {
            continue;
        }
        if !first {
            text.push(',');
        }
        first = false;
        text.push('{');
        if let Some(url) = &found.full_url {
            // Writing to a String cannot fail.
            let _ = write!(text, r#""fullUrl":{},"#, Node::text(url));
        }
        text.push_str(r#""resource":"#);
        text.push_str(&found.json);
        text.push('}');
    }
    text.push_str("]}");
    text.into_bytes()
}
