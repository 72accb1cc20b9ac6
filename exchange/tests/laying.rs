//! Bundles laid over each other in any order: nothing that protects a patient gets lost between them.

mod common;

use common::{DOSE, ROUTE, bundle, drugs, import, request};
use exchange::site::Site;
use rights::person::Allergen;
use rights::request::RequestStatus;

const ALLERGY: &str = r#"{"resourceType":"AllergyIntolerance","id":"al-1",
 "clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}]},
 "code":{"coding":[{"system":"urn:bcma:allergy-class","code":"penicillins"}],"text":"penicillins"},
 "patient":{"reference":"Patient/p1"}}"#;

fn laid(bundles: &[String]) -> Site {
    let mut site = Site::new(&drugs());
    for json in bundles {
        site.lay(import(json));
    }
    site
}

fn at(json: &str, time: &str) -> String {
    json.replace("2026-11-30T13:00:00Z", time)
}

fn classes(site: &Site) -> usize {
    let allergies = site.chart.patients.iter().flat_map(|patient| &patient.allergies);
    allergies.filter(|allergy| matches!(allergy.to, Allergen::Class(_))).count()
}

/// C1: a later Bundle of the same patient that does not speak of allergies takes none away, and saying one twice is one.
#[test]
fn c1_a_bundle_without_allergies_takes_none_away() {
    let with = bundle(&[ALLERGY]);
    let without = at(&bundle(&[]), "2026-11-30T14:00:00Z");
    assert_eq!(classes(&laid(&[with.clone(), without.clone()])), 1);
    assert_eq!(classes(&laid(&[without, with.clone(), with])), 1);
}

/// C1: an allergy in a Bundle of its own reaches its patient, whichever comes first.
#[test]
fn c1_an_allergy_without_its_patient_waits_for_them() {
    let alone = format!(
        r#"{{"resourceType":"Bundle","type":"collection","timestamp":"2026-11-30T13:00:00Z","entry":[{{"resource":{ALLERGY}}}]}}"#
    );
    for bundles in [[alone.clone(), bundle(&[])], [bundle(&[]), alone]] {
        let site = laid(&bundles);
        assert_eq!(classes(&site), 1);
        assert!(!site.rejections.is_empty(), "it is still said that the Bundle lacks its patient");
    }
}

fn order(status: &str) -> String {
    let dosage = format!(r#"[{{"timing":{{"repeat":{{"timeOfDay":["09:00:00"]}}}},{ROUTE},{DOSE}}}]"#);
    bundle(&[&request(&format!(r#""status":"{status}","#), &dosage)])
}

/// O1: without version numbers the time of the Bundle decides, not the order of the files.
#[test]
fn o1_an_older_bundle_does_not_revive_a_stopped_order() {
    let stopped = at(&order("stopped"), "2026-11-30T14:00:00Z");
    for bundles in [[stopped.clone(), order("active")], [order("active"), stopped]] {
        let site = laid(&bundles);
        let statuses: Vec<RequestStatus> = site.chart.requests.iter().map(|request| request.status).collect();
        assert_eq!(statuses, [RequestStatus::Stopped]);
    }
}

/// What could not be read is known with its patient, so that the bedside says that the list is not complete.
#[test]
fn a_patient_with_a_refused_order_is_known() {
    let dosage = format!(r#"[{{"timing":{{"repeat":{{"timeOfDay":["09:00:00"]}}}},{ROUTE},{DOSE}}}]"#);
    let bad = request(r#""status":"active","implicitRules":"urn:x","#, &dosage);
    let site = laid(&[bundle(&[&bad])]);
    assert_eq!(site.chart.unreadable.len(), 1);
    assert!(laid(&[order("active")]).chart.unreadable.is_empty());
}
