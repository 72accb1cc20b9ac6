//! No input makes the import panic or half succeed.

mod common;

use common::{bundle, dosage, drugs, request, rules};
use exchange::fhir::{self, BundleError};
use proptest::prelude::*;

fn sound() -> String {
    bundle(&[&request(r#""status":"active","#, &dosage(r#"{"repeat":{"timeOfDay":["09:00:00"]}}"#, ""))])
}

/// An order with a hold parameter, for a patient who is nil by mouth and whose heart rate was measured.
fn restricted() -> String {
    let hold = r#""modifierExtension":[{"url":"https://bcma.example/fhir/StructureDefinition/hold-parameter","extension":[
        {"url":"observation","valueCoding":{"system":"http://loinc.org","code":"8867-4"}},
        {"url":"hold-if","valueQuantity":{"value":60,"comparator":"<","system":"http://unitsofmeasure.org","code":"/min"}}]}],"#;
    let order = request(
        &format!(r#""status":"active",{hold}"#),
        &dosage(r#"{"repeat":{"timeOfDay":["09:00:00"]}}"#, ""),
    );
    let flag = r#"{"resourceType":"Flag","id":"f1","status":"active","subject":{"reference":"Patient/p1"},
        "code":{"coding":[{"system":"http://snomed.info/sct","code":"182923009"}]}}"#;
    let pulse = r#"{"resourceType":"Observation","id":"o1","status":"final","subject":{"reference":"Patient/p1"},
        "code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}]},"effectiveDateTime":"2026-11-30T06:00:00-05:00",
        "valueQuantity":{"value":72,"system":"http://unitsofmeasure.org","code":"/min"}}"#;
    bundle(&[&order, flag, pulse])
}

#[test]
fn broken_bundles_say_where_and_what_to_do() {
    let read = |bytes: &[u8]| fhir::read("orders.json", bytes, &rules(), &drugs()).unwrap_err();
    let json = sound();
    assert!(matches!(read(&json.as_bytes()[..json.len() / 2]), BundleError::Syntax { line: 2.., .. }));
    assert!(matches!(read(b"  \n"), BundleError::Empty { .. }));
    assert!(matches!(
        read(b"<Bundle xmlns=\"http://hl7.org/fhir\"/>"),
        BundleError::Format { found: "XML", .. }
    ));
    assert!(matches!(read(b"\xFF\xFE{\0"), BundleError::Encoding { found: "UTF-16", .. }));
    assert!(matches!(
        read(b"{\"resourceType\":\"Bundle\",\"x\":\"\xE9\"}"),
        BundleError::Encoding { at: 30, .. }
    ));
    assert!(matches!(read(format!("{json}{json}").as_bytes()), BundleError::Syntax { .. }));
    assert!(matches!(read(json.replace("collection", "history").as_bytes()), BundleError::Shape { .. }));
    assert!(matches!(read(b"[1,2]"), BundleError::Shape { .. }));
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(!read(deep.as_bytes()).to_string().is_empty());
    let twice = read(
        json.replace(r#""id":"mr-1""#, r#""id":"p1""#).replace("MedicationRequest", "Patient").as_bytes(),
    );
    assert!(matches!(twice, BundleError::Duplicate { first: 0, second: 1, .. }), "{twice}");
}

#[test]
fn a_file_beyond_the_limit_is_refused_before_it_is_parsed() {
    let bytes = vec![b' '; fhir::MOST_BYTES + 1];
    let error = fhir::read("orders.json", &bytes, &rules(), &drugs()).unwrap_err();
    assert!(matches!(error, BundleError::TooLarge { .. }));
}

#[test]
fn a_byte_order_mark_is_ignored_and_said() {
    let marked = format!("\u{FEFF}{}", sound());
    let import = fhir::read("orders.json", marked.as_bytes(), &rules(), &drugs()).unwrap();
    assert_eq!(import.chart.requests.len(), 1);
    assert!(import.notes.iter().any(|note| note.text.contains("byte order mark")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Any change of bytes.
    #[test]
    fn changed_bytes_never_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut bytes = sound().into_bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = fhir::read("orders.json", &bytes, &rules(), &drugs());
    }

    /// A value replaced by one of another kind: what comes out was either not touched or is listed.
    #[test]
    fn replaced_values_never_panic(
        at in any::<prop::sample::Index>(),
        value in prop::sample::select(vec!["null", "[]", "{}", "1e400", "-0", "\"\"", "true", "[null]", "99999999999999999999", "\"\\u0000\""]),
    ) {
        let json = sound();
        let places: Vec<usize> = json.match_indices(':').map(|(place, _)| place + 1).collect();
        let start = places[at.index(places.len())];
        let end = json[start..].find([',', '}', ']']).map_or(json.len(), |length| start + length);
        let changed = format!("{}{value}{}", &json[..start], &json[end..]);
        if let Ok(import) = fhir::read("orders.json", changed.as_bytes(), &rules(), &drugs()) {
            let listed = !import.rejections.is_empty() || import.chart.requests.len() == 1;
            prop_assert!(listed, "neither taken nor listed: {changed}");
        }
    }

    /// No change of one value makes an order lose its hold parameter, or a patient "nil by mouth", without a word.
    #[test]
    fn no_changed_value_loses_a_restriction(
        at in any::<prop::sample::Index>(),
        value in prop::sample::select(vec!["null", "[]", "{}", "1e400", "0", "\"\"", "false", "[null]", "\"x\"", "\"2026-11-30\""]),
    ) {
        let json = restricted();
        let places: Vec<usize> = json.match_indices(':').map(|(place, _)| place + 1).collect();
        let start = places[at.index(places.len())];
        let end = json[start..].find([',', '}', ']']).map_or(json.len(), |length| start + length);
        let changed = format!("{}{value}{}", &json[..start], &json[end..]);
        if let Ok(import) = fhir::read("orders.json", changed.as_bytes(), &rules(), &drugs()) {
            let said = !import.rejections.is_empty() || !import.notes.is_empty();
            for request in &import.chart.requests {
                prop_assert_eq!(request.conditions.hold_when.len(), 1, "{}", changed);
            }
            let nil = import.chart.patients.iter().any(|patient| patient.flags.nil_by_mouth);
            prop_assert!(said || (import.chart.requests.len() == 1 && nil), "lost without a word: {changed}");
        }
    }

    #[test]
    fn any_bytes_are_taken_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(fhir::read("orders.json", &bytes, &rules(), &drugs()).is_err());
        let _ = exchange::staff::read("staff.csv", &bytes);
        let _ = exchange::frequency::FrequencyTable::read("f.csv", &bytes);
    }
}
