//! Bundles laid over each other in any order: nothing that protects a patient gets lost between them.

mod common;

use common::feed::Feed;
use common::{DOSE, PATIENT, ROUTE, bundle, drugs, import, request};
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

const R5: &str = r#""meta":{"profile":["http://hl7.org/fhir/5.0/StructureDefinition/Resource"]},"#;

fn of_r5(json: &str) -> String {
    json.replacen(r#","id":"#, &format!(r#",{R5}"id":"#), 1)
}

/// One resource of another FHIR version is refused alone, and its patient is marked.
#[test]
fn a_resource_of_another_version_is_refused_alone() {
    let dosage = format!(r#"[{{"timing":{{"repeat":{{"timeOfDay":["09:00:00"]}}}},{ROUTE},{DOSE}}}]"#);
    let good = request(r#""status":"active","#, &dosage);
    let other = good.replace("mr-1", "mr-2");
    let site = laid(&[bundle(&[&good, &of_r5(&other)])]);
    assert_eq!(site.chart.requests.len(), 1);
    let refused: Vec<String> = site.rejections.iter().map(ToString::to_string).collect();
    assert!(
        refused.len() == 1 && refused[0].contains("mr-2") && refused[0].contains("FHIR 5.0"),
        "{refused:?}"
    );
    assert_eq!(site.chart.unreadable.len(), 1, "the nurse is told that an order could not be read");
    // The Patient: then nothing is that patient's. An allergy: a warning stands for it.
    let site = laid(&[bundle(&[&good]).replace(PATIENT, &of_r5(PATIENT))]);
    assert_eq!((site.chart.patients.len(), site.chart.requests.len()), (0, 0));
    let site = laid(&[bundle(&[&of_r5(ALLERGY)])]);
    assert_eq!((site.chart.patients[0].allergies.len(), classes(&site)), (1, 0));
    let given = r#"{"resourceType":"MedicationAdministration","id":"ma-1","status":"completed","subject":{"reference":"Patient/p1"}}"#;
    let site = laid(&[bundle(&[&of_r5(given)])]);
    assert_eq!(
        (site.chart.history.len(), site.chart.unreadable.len()),
        (0, 1),
        "a dose that cannot be counted"
    );
}

/// A pulled Bundle that cannot be read as a whole: of its patient what was held grows old, and the others do not notice.
#[test]
fn one_bundle_that_cannot_be_read_does_not_stop_the_house() {
    let mut feed = Feed::new();
    let good = order("active");
    let others = good.replace("300001", "300002").replace("p1", "p2").replace("mr-1", "mr-2");
    let put = |feed: &Feed, first: &str, second: &str| {
        let bundles =
            [("p1", first), ("p2", second)].map(|(id, json)| (id.to_owned(), json.as_bytes().to_vec()));
        feed.inbox.write_blocking(move |txn| txn.put_bundles("ehr", &bundles)).unwrap();
    };
    put(&feed, &good, &others);
    assert_eq!(feed.site().chart.requests.len(), 2);
    let later = others.replace("2026-11-30T13:00:00Z", "2026-11-30T14:00:00Z");
    put(&feed, "[", &later);
    assert_eq!(feed.site().rejections.len(), 1);
    put(&feed, "{", &later);
    let site = feed.site();
    assert_eq!(site.chart.requests.len(), 2);
    assert_eq!(site.rejections.len(), 1, "said once");
    let marked: Vec<&str> = site.chart.unreadable.iter().map(rights::ident::PatientId::as_str).collect();
    assert_eq!(marked, ["p1"]);
    let as_of = site.chart.orders_as_of.map(|at| at.to_string());
    assert_eq!(as_of.as_deref(), Some("2026-11-30T13:00:00Z"), "what was held of the one grows old");
    // After a restart nothing is held of that patient.
    let mut feed = feed.reopened();
    let site = feed.site();
    assert_eq!((site.chart.patients.len(), site.chart.requests.len(), site.rejections.len()), (1, 1, 1));
    put(&feed, &good, &later);
    let site = feed.site();
    assert_eq!((site.chart.requests.len(), site.rejections.len()), (2, 0));
}
