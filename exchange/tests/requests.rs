//! Requests, doses, drugs and patients that are not as they should be.

mod common;

use common::{DOSE, PATIENT, ROUTE, bundle, dosage, import, request};
use exchange::fhir::Import;
use rights::person::Allergen;
use rights::quantity::Quantity;
use rights::request::{DoseOrder, RequestStatus};

const TIMES: &str = r#"{"repeat":{"timeOfDay":["09:00:00"]}}"#;

fn sound() -> String {
    request(r#""status":"active","#, &dosage(TIMES, ""))
}

fn refused(json: &str, why: &str) {
    let import = import(&bundle(&[json]));
    assert!(import.chart.requests.is_empty(), "{why}");
    let rejection = &import.rejections[0];
    assert!(rejection.reason.contains(why), "expected {why:?}, found {rejection}");
    assert_eq!(rejection.resource, "MedicationRequest/mr-1");
    assert!(rejection.place.starts_with("test.json entry[1]"), "{}", rejection.place);
    assert!(!rejection.remedy.is_empty());
}

#[test]
fn what_is_no_order_is_refused_with_its_reason() {
    let good = sound();
    assert_eq!(import(&bundle(&[&good])).rejections, []);
    for (from, to, why) in [
        (r#""intent":"order""#, r#""intent":"plan""#, "intent plan"),
        (r#""intent":"order""#, r#""intent":"order","doNotPerform":true"#, "doNotPerform"),
        (r#""intent":"order""#, r#""intent":"order","reportedBoolean":true"#, "reported"),
        (r#""intent":"order""#, r#""intent":"order","reported":false"#, "R5"),
        (r#""intent":"order""#, r#""intent":"order","implicitRules":"urn:x""#, "implicitRules"),
        (r#""intent":"order""#, r#""intent":"order","status":"active""#, "stands there twice"),
        (r#""timing""#, r#""modifierExtension":[{"url":"urn:x"}],"timing""#, "modifierExtension urn:x"),
        (r#""value":25"#, r#""value":25,"comparator":"<""#, "no amount to give"),
        (r#""value":25"#, r#""value":-25"#, "not a number"),
        (r#""value":25"#, r#""value":2.5e1"#, "not a number"),
        (r#""value":25"#, r#""value":0"#, "not more than zero"),
        (r#""value":25"#, r#""value":"25 for Smith""#, "not a number"),
        (r#""code":"mg""#, r#""code":"g""#, "contradict"),
        (r#""code":"mg""#, r#""code":"mg/kg""#, "without the one dose that was calculated"),
        (
            r#""unit":"mg","system":"http://unitsofmeasure.org","code":"mg""#,
            r#""code":"%""#,
            "is measured of a patient",
        ),
        (r#""code":"26643006""#, r#""code":"1""#, "route table"),
        ("Patient/p1", "Patient/p2", "not in the Bundle"),
        ("metoprolol-25", "unheard-of", "no item of the drug file"),
        ("2026-11-28T09:00:00-05:00", "2026-11", "no start"),
        (r#""doseQuantity""#, r#""rateQuantity""#, "no unit of a rate"),
    ] {
        assert!(good.contains(from), "{from}");
        refused(&good.replacen(from, to, 1), why);
    }
    for status in ["draft", "cancelled", "completed", "entered-in-error", "unknown"] {
        refused(&good.replace(r#""status":"active""#, &format!(r#""status":"{status}""#)), "is not active");
    }
}

/// O1, O3: the nurse is told "stopped" or "on hold", not "no order".
#[test]
fn o3_on_hold_and_stopped_are_taken_over_as_such() {
    for (status, expected) in [("on-hold", RequestStatus::OnHold), ("stopped", RequestStatus::Stopped)] {
        let import = import(&bundle(&[&request(&format!(r#""status":"{status}","#), &dosage(TIMES, ""))]));
        assert_eq!(import.chart.requests[0].status, expected);
    }
}

/// Acceptance 5, D1: exact comparison over units; what measures different things is not compared.
#[test]
fn acceptance_5_units_are_compared_exactly_or_not_at_all() {
    let read = |dose: &str| {
        let json = sound().replace(DOSE, &format!(r#""doseAndRate":[{{"doseQuantity":{dose}}}]"#));
        let import = import(&bundle(&[&json]));
        let DoseOrder::Exact(dose) = import.chart.requests[0].dose else { panic!("a range") };
        (dose, import.notes)
    };
    let ucum = |value: &str, code: &str| {
        read(&format!(r#"{{"value":{value},"system":"http://unitsofmeasure.org","code":"{code}"}}"#))
    };
    let equal = Some(std::cmp::Ordering::Equal);
    assert_eq!(ucum("500", "mg").0.compare(&ucum("0.50", "g").0), equal);
    assert_eq!(ucum("0.1", "mg").0.compare(&read(r#"{"value":100.0,"unit":"mcg"}"#).0), equal);
    assert_eq!(ucum("1", "{tablet}").0.compare(&ucum("1", "{capsule}").0), None);
    assert_eq!(ucum("20", "meq").0.compare(&ucum("20", "mmol").0), None);
    assert_eq!(
        ucum("0.300000000000000001", "mg").0,
        Quantity::parse("0.300000000000000001 mg").unwrap(),
        "no float"
    );
    assert!(ucum("20", "mmol").1.iter().any(|note| note.text.contains("cannot be compared")));
}

#[test]
fn the_source_bytes_are_hashed_as_they_stand() {
    let json = sound();
    let import = import(&bundle(&[&json]));
    assert_eq!(import.chart.requests[0].source_sha256, exchange::digest::sha256(json.as_bytes()));
}

fn named(coding: &str) -> Import {
    let json = sound().replace(r#"{"system":"urn:bcma:formulary","code":"metoprolol-25"}"#, coding);
    import(&bundle(&[&json]))
}

/// M7: which drug an order names.
#[test]
fn m7_formulary_first_then_rxnorm_and_ndc_as_a_hint() {
    let rxnorm =
        |code: &str| format!(r#"{{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"{code}"}}"#);
    let ndc = |code: &str| format!(r#"{{"system":"http://hl7.org/fhir/sid/ndc","code":"{code}"}}"#);
    let by_rxnorm = named(&rxnorm("866924"));
    assert_eq!(by_rxnorm.chart.requests[0].drug.item, None, "two equal items");
    assert_eq!(by_rxnorm.chart.requests[0].drug.name, "metoprolol tartrate");
    assert!(named(&rxnorm("1")).rejections[0].reason.contains("RxNorm"));
    let by_ndc = named(&ndc("68084-045-01"));
    assert_eq!(by_ndc.chart.requests[0].drug.item, None);
    assert!(by_ndc.notes.iter().any(|note| note.text.contains("NDC alone")));
    // Acceptance 6: ten digits with two readings name nothing.
    assert!(named(&ndc("6808404501")).rejections[0].reason.contains("no code of the drug file"));
    let both = format!(r#"{{"system":"urn:bcma:formulary","code":"lispro"}},{}"#, rxnorm("866924"));
    assert!(named(&both).rejections[0].reason.contains("different drugs"));
}

#[test]
fn m7_contained_medications_are_followed() {
    let contained = |drug: &str| {
        let json = sound().replace(
            r#""medicationCodeableConcept":{"coding":[{"system":"urn:bcma:formulary","code":"metoprolol-25"}]}"#,
            &format!(r##""medicationReference":{{"reference":"#m"}},"contained":[{drug}]"##),
        );
        import(&bundle(&[&json]))
    };
    let code = r#""code":{"coding":[{"system":"urn:bcma:formulary","code":"lispro"}]}"#;
    let good = contained(&format!(r#"{{"resourceType":"Medication","id":"m",{code}}}"#));
    assert_eq!(good.chart.requests[0].drug.name, "insulin lispro");
    assert!(contained("").rejections[0].reason.contains("missing"));
    let modified =
        format!(r#"{{"resourceType":"Medication","id":"m","modifierExtension":[{{"url":"urn:x"}}],{code}}}"#);
    assert!(contained(&modified).rejections[0].reason.contains("modifierExtension"));
}

/// A refused Patient takes its requests with it, and each says so.
#[test]
fn what_depends_on_a_refused_patient_is_refused() {
    let json = bundle(&[&sound()]).replace(r#""birthDate":"1950-02-03""#, r#""birthDate":"1950""#);
    let import = import(&json);
    assert!(import.chart.patients.is_empty() && import.chart.requests.is_empty());
    assert_eq!(import.rejections.len(), 2);
    assert!(import.rejections[1].reason.contains("patient was refused"));
}

/// C1: an allergy that cannot be read or matched is shown, never dropped.
#[test]
fn c1_allergies_are_coded_shown_or_marked() {
    let allergy = |id: u8, status: &str, code: &str, more: &str| {
        format!(
            r#"{{"resourceType":"AllergyIntolerance","id":"a{id}",{more}"clinicalStatus":{{"coding":[{{"code":"{status}"}}]}},
            "code":{code},"patient":{{"reference":"Patient/p1"}},"reaction":[{{"manifestation":[{{"text":"rash"}}]}}]}}"#
        )
    };
    let coded =
        |system: &str, code: &str| format!(r#"{{"coding":[{{"system":"{system}","code":"{code}"}}]}}"#);
    let all = [
        allergy(1, "active", &coded("urn:bcma:allergy-class", "penicillins"), ""),
        allergy(2, "active", &coded("urn:bcma:ingredient", "ampicillin"), ""),
        allergy(3, "active", &coded("urn:bcma:allergy-class", "pencillins"), ""),
        allergy(4, "active", r#"{"text":"latex"}"#, ""),
        allergy(5, "resolved", r#"{"text":"eggs"}"#, ""),
        allergy(6, "active", r#"{"text":"nuts"}"#, r#""modifierExtension":[{"url":"urn:x"}],"#),
        allergy(7, "active", &coded("http://snomed.info/sct", "716186003"), ""),
        // The drug file has a salt of it.
        allergy(8, "active", &coded("urn:bcma:ingredient", "metoprolol"), ""),
    ];
    let import = import(&bundle(&all.iter().map(String::as_str).collect::<Vec<_>>()));
    let found: Vec<(&Allergen, &str)> = import.chart.patients[0]
        .allergies
        .iter()
        .map(|allergy| (&allergy.to, allergy.text.as_str()))
        .collect();
    let class = Allergen::Class("penicillins".parse().unwrap());
    let ingredient = Allergen::Ingredient("ampicillin".parse().unwrap());
    let metoprolol = Allergen::Ingredient("metoprolol".parse().unwrap());
    assert_eq!(
        found,
        [
            (&class, "penicillins (rash)"),
            (&ingredient, "ampicillin (rash)"),
            (&Allergen::TextOnly, "pencillins (rash)"),
            (&Allergen::TextOnly, "latex (rash)"),
            (&Allergen::TextOnly, "an allergy record could not be read: ask the pharmacy"),
            (&metoprolol, "metoprolol (rash)"),
        ]
    );
    assert_eq!(import.rejections.len(), 1);
}

/// Nothing that a resource says of a patient is repeated by an error or by `Debug`.
#[test]
fn no_patient_data_in_messages() {
    let json = format!("[{}]", PATIENT.replace(r#""family":"Test""#, r#""family":["Test"]"#));
    let import = import(&bundle(&[&sound()]).replace(PATIENT, json.trim_matches(['[', ']'])));
    let text: String = import.rejections.iter().map(ToString::to_string).collect();
    assert!(text.contains("wrong type") && !text.contains("Pat\"") && !text.contains("\"Test"), "{text}");
    assert!(!format!("{:?} {:?}", import.rejections, import.chart).contains("p1"));
}

#[test]
fn a_missing_dose_or_route_is_said() {
    refused(&request(r#""status":"active","#, &format!(r#"[{{"timing":{TIMES},{ROUTE}}}]"#)), "no dose");
    refused(&request(r#""status":"active","#, &format!(r#"[{{"timing":{TIMES},{DOSE}}}]"#)), "no route");
    refused(&request(r#""status":"active","#, "[]"), "no dose");
}
