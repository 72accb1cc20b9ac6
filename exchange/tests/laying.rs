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

fn dispense(id: &str, status: &str) -> String {
    format!(
        r#"{{"resourceType":"MedicationDispense","id":"{id}","status":"{status}",
        "identifier":[{{"system":"urn:bcma:dose-id","value":"D-1"}}],
        "medicationCodeableConcept":{{"coding":[{{"system":"urn:bcma:formulary","code":"metoprolol-25"}}]}},
        "subject":{{"reference":"Patient/p1"}}}}"#
    )
}

/// A dose that the pharmacy took back is not to be scanned, whatever the order of the files; an older Bundle takes nothing back.
#[test]
fn a_dose_that_was_withdrawn_is_not_given() {
    let dispensed = bundle(&[&dispense("d", "completed")]);
    for status in ["entered-in-error", "cancelled", "stopped", "declined", "on-hold"] {
        let withdrawn = at(&bundle(&[&dispense("d", status)]), "2026-11-30T14:00:00Z");
        for bundles in
            [vec![withdrawn.clone(), dispensed.clone()], vec![dispensed.clone(), withdrawn.clone()]]
        {
            let site = laid(&bundles);
            assert_eq!(site.chart.dispensed.len(), 0, "{status}");
            assert!(site.rejections.iter().any(|one| one.reason.contains("no dose to give")), "{status}");
        }
        let again = at(&dispensed, "2026-11-30T15:00:00Z");
        let site = laid(&[dispensed.clone(), again.clone(), withdrawn.clone()]);
        assert_eq!(site.chart.dispensed.len(), 1, "{status}: an older word");
        assert_eq!(
            laid(&[dispensed.clone(), withdrawn, again]).chart.dispensed.len(),
            1,
            "{status}: a newer word"
        );
    }
    // Without a time of its own, or in the same Bundle, the one that takes back counts.
    let timeless = |json: &str| json.replace(r#""timestamp":"2026-11-30T13:00:00Z","#, "");
    let withdrawn = timeless(&bundle(&[&dispense("d", "cancelled")]));
    assert_eq!(laid(&[dispensed.clone(), withdrawn.clone()]).chart.dispensed.len(), 0);
    assert_eq!(laid(&[withdrawn, dispensed.clone()]).chart.dispensed.len(), 0);
    for both in [["completed", "cancelled"], ["cancelled", "completed"]] {
        let both = bundle(&[&dispense("d", both[0]), &dispense("e", both[1])]);
        assert_eq!(laid(&[both]).chart.dispensed.len(), 0);
    }
    assert_eq!(laid(&[dispensed]).chart.dispensed.len(), 1);
}
