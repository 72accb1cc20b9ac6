//! What other systems gave (exchange.md section 1): it counts, our own comes back uncounted, and what cannot be counted is said.

mod common;

use common::{import, rules};
use exchange::drugs::{self, DrugSources};
use exchange::fhir;
use rights::history::Outcome;
use rights::quantity::Quantity;

const PATIENT: &str = common::PATIENT;

fn given(id: &str, more: &str) -> String {
    format!(
        r#"{{"resourceType":"MedicationAdministration","id":"{id}","status":"completed",
        "medicationCodeableConcept":{{"coding":[{{"system":"urn:bcma:formulary","code":"metoprolol-25"}}]}},
        "subject":{{"reference":"Patient/p1"}},"effectiveDateTime":"2026-11-30T08:05:00-05:00",
        "performer":[{{"actor":{{"identifier":{{"value":"ANES-4"}}}}}}],
        "request":{{"reference":"MedicationRequest/mr-1"}},
        "dosage":{{"dose":{{"value":50,"system":"http://unitsofmeasure.org","code":"mg"}}}}{more}}}"#
    )
}

fn bundle(resources: &[String]) -> String {
    let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
    common::bundle(&resources)
}

#[test]
fn d8_a_dose_of_another_system_counts_with_its_ingredients() {
    let read = import(&bundle(&[given("a", "")]));
    assert_eq!(read.rejections, []);
    let [done] = read.chart.history.as_slice() else { panic!("{:?}", read.chart.history) };
    assert_eq!((done.outcome, done.entry, done.slot), (Outcome::Given, None, None));
    assert_eq!((done.by.as_str(), done.request.as_str()), ("ANES-4", "mr-1"));
    assert_eq!(done.at.to_string(), "2026-11-30T13:05:00Z");
    assert_eq!(done.ingredients[0].amount, Quantity::parse("50 mg").unwrap());
    // Two tablets are as much.
    let tablets = given("a", "")
        .replace(r#""value":50,"#, r#""value":2,"#)
        .replace(r#""code":"mg""#, r#""code":"{tablet}""#);
    assert_eq!(import(&bundle(&[tablets])).chart.history[0].ingredients, done.ingredients);
}

#[test]
fn our_own_and_what_was_not_given_are_not_counted() {
    let of = |origin: &str| {
        given(origin, &format!(r#","identifier":[{{"system":"urn:bcma:ledger","value":"{origin}#12"}}]"#))
    };
    let (ours, kiosk_04) = (of("hospital.example/kiosk-03/g1"), of("hospital.example/kiosk-04/g1"));
    let refused = given("c", "").replace("completed", "not-done");
    let wrong = given("d", "").replace("completed", "entered-in-error");
    let own_ledger = Some("hospital.example/kiosk-03/g1".to_owned());
    let rules = exchange::rules::SiteRules { own_ledger, ..rules() };
    let text = bundle(&[ours, refused, wrong]);
    let read = fhir::read("t.json", text.as_bytes(), &rules, &common::drugs()).unwrap();
    assert_eq!((read.chart.history.len(), read.rejections.len()), (0, 0));
    // Another kiosk's dose is in no ledger of this one.
    let other = bundle(&[kiosk_04]);
    assert_eq!(
        fhir::read("t.json", other.as_bytes(), &rules, &common::drugs()).unwrap().chart.history.len(),
        1
    );
    assert!(read.notes.iter().any(|note| note.text.contains("1 of this kiosk")), "{:?}", read.notes);
}

/// A total without it would be too low: the patient is marked, and the list says what to do.
#[test]
fn what_cannot_be_counted_marks_its_patient() {
    let good = given("e", "");
    let cases = [
        (good.replace(r#""dose":{"#, r#""amount":{"#), "how much was given is not known"),
        (good.replace(r#""code":"mg""#, r#""code":"mL""#), "cannot be counted in the strength of metoprolol"),
        (good.replace("metoprolol-25", "unheard-of"), "is no item of the drug file"),
        (good.replace("2026-11-30T08:05:00-05:00", "2026-11-30"), "has no time of day"),
        (good.replace("effectiveDateTime", "effectiveInstant"), "export when it was given"),
    ];
    for (json, says) in cases {
        let read = import(&bundle(&[json]));
        assert_eq!(read.chart.history, []);
        let [refused] = read.rejections.as_slice() else { panic!("{:?}", read.rejections) };
        let text = refused.to_string();
        assert!(text.contains(says), "{says}: {text}");
        assert!(refused.patient.is_some(), "{text}");
    }
}

/// New orders bring what other systems say now, and keep what this one did.
#[test]
fn a_withdrawn_dose_of_another_system_leaves_the_history() {
    let before = import(&bundle(&[given("f", "")])).chart;
    let after = import(&bundle(&[given("f", "").replace("completed", "entered-in-error")])).chart;
    let chart = rights::chart::Chart::default().with_orders(before);
    assert_eq!(chart.history.len(), 1);
    assert_eq!(chart.with_orders(after).history, []);
}

/// A record that was merged into another one (`Patient.link`) is kept as such.
#[test]
fn p2_a_replaced_record_names_the_one_that_goes_on() {
    let replaced = PATIENT
        .replace(
            r#""id":"p1""#,
            r#""id":"p0","active":false,"link":[{"type":"replaced-by","other":{"reference":"Patient/p1"}}]"#,
        )
        .replace("300001", "300000");
    let read = import(&bundle(std::slice::from_ref(&replaced)));
    assert_eq!(read.rejections, []);
    let merged = read.chart.patients.iter().find(|patient| patient.id.as_str() == "p0").unwrap();
    assert_eq!(merged.merged_into.as_ref().map(ToString::to_string).as_deref(), Some("p1"));
    let nowhere = replaced.replace(r#","other":{"reference":"Patient/p1"}"#, "");
    let sources =
        DrugSources { items: ("items.csv", common::ITEMS.as_bytes()), barcodes: None, recalls: None };
    let drugs = drugs::read(sources, &rules().units, common::TODAY).unwrap();
    let read = fhir::read("t.json", bundle(&[nowhere]).as_bytes(), &rules(), &drugs).unwrap();
    assert!(read.rejections[0].to_string().contains("into which one is not said"), "{:?}", read.rejections);
}

/// A later word on the same dose replaces the earlier one, in whatever order the Bundles are laid.
#[test]
fn d8_a_dose_of_another_system_counts_as_its_last_word_says() {
    let version = |version: u8, from: &str, to: &str| {
        let more = format!(r#","meta":{{"versionId":"{version}"}}"#);
        import(&bundle(&[given("g", &more).replace(from, to)]))
    };
    let laid = |imports: [exchange::fhir::Import; 2]| {
        let mut site = exchange::site::Site::new(&common::drugs());
        for import in imports {
            site.lay(import);
        }
        site.chart.history
    };
    let first = || version(1, "", "");
    let wrong = || version(2, "completed", "entered-in-error");
    assert_eq!(laid([first(), wrong()]), []);
    assert_eq!(laid([wrong(), first()]), []);
    let amended = || version(2, "\"value\":50", "\"value\":25");
    for imports in [[first(), amended()], [amended(), first()]] {
        let [done] = laid(imports).try_into().unwrap();
        assert_eq!(done.dose, Some(Quantity::parse("25 mg").unwrap()));
    }
    let unversioned = |status: &str| import(&bundle(&[given("g", "").replace("completed", status)]));
    assert_eq!(laid([unversioned("completed"), unversioned("entered-in-error")]), []);
}

/// Two servers that number their resources themselves: neither's word is one on the other's dose.
#[test]
fn d8_doses_of_two_patients_with_one_number_both_count() {
    let dose = |patient: &str, status: &str| {
        let json = bundle(&[given("1", "").replace("completed", status)]);
        import(&json.replace("Patient/p1", &format!("Patient/{patient}")).replace(
            r#""id":"p1","identifier":[{"system":"urn:bcma:mrn","value":"300001""#,
            &format!(
                r#""id":"{patient}","identifier":[{{"system":"urn:bcma:mrn","value":"30000{}""#,
                &patient[1..]
            ),
        ))
    };
    let laid = |imports: Vec<exchange::fhir::Import>| {
        let mut site = exchange::site::Site::new(&common::drugs());
        for import in imports {
            site.lay(import);
        }
        site.chart.history.iter().map(|done| done.patient.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(laid(vec![dose("p1", "completed"), dose("p2", "completed")]), ["p1", "p2"]);
    assert_eq!(laid(vec![dose("p1", "completed"), dose("p2", "entered-in-error")]), ["p1"]);
    assert_eq!(laid(vec![dose("p1", "completed"), dose("p1", "not-done")]), [""; 0]);
}

/// A Bundle need not hold the Patient whose dose it takes back.
#[test]
fn d8_a_word_without_its_patient_is_about_the_only_dose_with_its_number() {
    let wrong = given("g", "").replace("completed", "entered-in-error");
    let alone =
        format!(r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"resource":{wrong}}}]}}"#);
    let mut site = exchange::site::Site::new(&common::drugs());
    site.lay(import(&bundle(&[given("g", "")])));
    assert_eq!(site.chart.history.len(), 1);
    site.lay(import(&alone));
    assert_eq!(site.chart.history, []);
}

/// Its subject is the record that goes on, in the newer word.
#[test]
fn d8_a_dose_counts_once_when_its_patients_records_were_merged() {
    let version = |version: u8| format!(r#","meta":{{"versionId":"{version}"}}"#);
    let replaced = PATIENT
        .replace(
            r#""id":"p1""#,
            r#""id":"p0","active":false,"link":[{"type":"replaced-by","other":{"reference":"Patient/p1"}}]"#,
        )
        .replace("300001", "300000");
    let before = given("g", &version(1)).replace("Patient/p1", "Patient/p0");
    let record = replaced
        .replace(r#","active":false,"link":[{"type":"replaced-by","other":{"reference":"Patient/p1"}}]"#, "");
    let mut site = exchange::site::Site::new(&common::drugs());
    site.lay(import(&bundle(&[record, before])));
    site.lay(import(&bundle(&[replaced, given("g", &version(2))])));
    let patients: Vec<_> = site.chart.history.iter().map(|done| done.patient.as_str()).collect();
    assert_eq!(patients, ["p1"]);
}

/// T9: the end of its period is when a patch was taken off.
#[test]
fn t9_a_patch_of_another_system_is_off_at_the_end_of_its_period() {
    let patch = |status: &str, end: &str| {
        let route = r#""route":{"coding":[{"system":"http://snomed.info/sct","code":"45890007"}]},"dose":{"#;
        let period = format!(r#""effectivePeriod":{{"start":"2026-11-30T08:05:00-05:00"{end}}}"#);
        let json = given("h", "").replace(r#""dose":{"#, route).replace("completed", status);
        let json = json.replace(r#""effectiveDateTime":"2026-11-30T08:05:00-05:00""#, &period);
        let history = import(&bundle(&[json])).chart.history;
        history[0].applied_patch()
    };
    let end = r#","end":"2026-12-01T08:05:00-05:00""#;
    assert!(patch("completed", ""));
    assert!(!patch("completed", end));
    assert!(patch("in-progress", end), "an end that is planned");
}
