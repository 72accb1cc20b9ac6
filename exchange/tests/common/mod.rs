//! Bundles and a drug file for tests, and where the fixtures and the reference data are.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]

pub mod doses;
pub mod feed;
pub mod fhir_server;
pub mod peers;
pub mod shift;
pub mod station;
pub mod tls;

use std::path::PathBuf;

use exchange::drugs::{self, DrugFile, DrugSources};
use exchange::fhir::{self, Import};
use exchange::rules::SiteRules;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

pub const TODAY: Date = date(2026, 11, 30);

pub fn rules() -> SiteRules {
    SiteRules::new(TimeZone::get("America/New_York").unwrap())
}

pub const ITEMS: &str = "item,rxnorm,name,tall_man,brand,form,release,ingredients,per,package,divisible,routes,high_alert,controlled,allergy_classes,look_alike
metoprolol-25,866924,metoprolol tartrate,,,tablet,immediate,metoprolol tartrate 25 mg,1 {tablet},1 {tablet},half,oral,no,,,
metoprolol-25-b,866924,metoprolol tartrate,,,tablet,immediate,metoprolol tartrate 25 mg,1 {tablet},1 {tablet},half,oral,no,,,
metoprolol-er-25,,metoprolol succinate,,,tablet,extended,metoprolol succinate 25 mg,1 {tablet},1 {tablet},half,oral,no,,,
lispro,,insulin lispro,,,injection,immediate,insulin lispro 100 [iU],1 mL,10 mL,volume,subcut,yes,,,
ampicillin-500,,ampicillin,,,capsule,immediate,ampicillin 500 mg,1 {capsule},1 {capsule},no,oral,no,,penicillins,
kcl-20,,potassium chloride,,,tablet,extended,potassium chloride 20 meq,1 {tablet},1 {tablet},half,oral,yes,,,
";

pub const BARCODES: &str = "item,type,value,added_by,verified_by,from,to
metoprolol-25,ndc,68084-045-01,A,B,2026-01-01,
ampicillin-500,ndc,68084-0450-1,A,B,2026-01-01,
lispro,ndc,0904-6340-61,A,B,2026-01-01,
";

pub fn drugs() -> DrugFile {
    let sources = DrugSources {
        items: ("items.csv", ITEMS.as_bytes()),
        barcodes: Some(("barcodes.csv", BARCODES.as_bytes())),
        recalls: None,
    };
    let file = drugs::read(sources, &rules().units, TODAY).unwrap();
    assert_eq!(file.rejections, []);
    file
}

pub const PATIENT: &str = r#"{"resourceType":"Patient","id":"p1","identifier":[{"system":"urn:bcma:mrn","value":"300001"}],
 "name":[{"use":"official","family":"Test","given":["Pat"]}],"birthDate":"1950-02-03"}"#;

/// A Bundle of these resources and the patient `p1`.
pub fn bundle(resources: &[&str]) -> String {
    let mut all = vec![PATIENT];
    all.extend(resources);
    let entries: Vec<String> = all.iter().map(|resource| format!(r#"{{"resource":{resource}}}"#)).collect();
    let entries = entries.join(",\n");
    format!(
        r#"{{"resourceType":"Bundle","type":"collection","timestamp":"2026-11-30T13:00:00Z","entry":[{entries}]}}"#
    )
}

/// A sound request with another dosage instruction, status and so on: `more` is put in front.
pub fn request(more: &str, dosage: &str) -> String {
    format!(
        r#"{{"resourceType":"MedicationRequest","id":"mr-1",{more}"intent":"order",
        "medicationCodeableConcept":{{"coding":[{{"system":"urn:bcma:formulary","code":"metoprolol-25"}}]}},
        "subject":{{"reference":"Patient/p1"}},"authoredOn":"2026-11-28T09:00:00-05:00","dosageInstruction":{dosage}}}"#
    )
}

pub const ROUTE: &str = r#""route":{"coding":[{"system":"http://snomed.info/sct","code":"26643006"}]}"#;
pub const DOSE: &str = r#""doseAndRate":[{"doseQuantity":{"value":25,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}]"#;

/// One dosage instruction with this timing and these members.
pub fn dosage(timing: &str, more: &str) -> String {
    format!(r#"[{{"text":"as ordered","timing":{timing},{more}{ROUTE},{DOSE}}}]"#)
}

pub fn import(json: &str) -> Import {
    fhir::read("test.json", json.as_bytes(), &rules(), &drugs()).unwrap()
}

/// The workspace's fixtures.
pub fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}

/// The reference data, or `None` with a line that says so.
pub fn reference() -> Option<PathBuf> {
    let dir = std::env::var_os("BCMA_REFERENCE")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    let found = dir.is_dir();
    if !found {
        eprintln!("skipped: no reference data at {} (set BCMA_REFERENCE)", dir.display());
    }
    found.then_some(dir)
}
