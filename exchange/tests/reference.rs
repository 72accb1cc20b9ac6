//! Real vocabulary and the HL7 examples: everything is taken over or listed with its reason, nothing is guessed.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{drugs, reference, rules};
use exchange::fhir::{self, Import};
use exchange::frequency::{Frequency, FrequencyTable};
use exchange::ndc::Ndc;
use exchange::units::UnitTable;
use rights::product::Resolution;
use rights::scan::{NdcDigits, PackageKey};
use rights::schedule::Timing;
use serde_json::Value;

/// Puts single resources into a Bundle with a Patient for each subject.
fn wrapped(resource: &str) -> String {
    let value: Value = serde_json::from_str(resource).unwrap();
    let subject =
        value["subject"]["reference"].as_str().or(value["patient"]["reference"].as_str()).unwrap_or("");
    let id = subject.strip_prefix("Patient/").unwrap_or("nobody");
    let patient = common::PATIENT.replace(r#""id":"p1""#, &format!(r#""id":"{id}""#));
    format!(
        r#"{{"resourceType":"Bundle","type":"collection","timestamp":"2026-11-30T13:00:00Z",
        "entry":[{{"resource":{patient}}},{{"resource":{resource}}}]}}"#
    )
}

fn read(name: &str, json: &str) -> Import {
    fhir::read(name, json.as_bytes(), &rules(), &drugs()).unwrap_or_else(|error| panic!("{error}"))
}

/// The HL7 examples name drugs that no drug file here holds; the medication is replaced so that dose, route and timing are
/// judged too.
fn with_known_drug(resource: &str) -> String {
    let mut value: Value = serde_json::from_str(resource).unwrap();
    let object = value.as_object_mut().unwrap();
    object.remove("medicationReference");
    let coding = serde_json::json!({"coding": [{"system": "urn:bcma:formulary", "code": "metoprolol-25"}]});
    object.insert("medicationCodeableConcept".to_owned(), coding);
    value.to_string()
}

/// Acceptance 10, first half.
#[test]
fn acceptance_10_all_hl7_requests_are_taken_or_refused_with_a_reason() {
    let Some(dir) = reference() else { return };
    let files = exchange::site::files_of(&dir.join("hl7-r4-examples"), "json").unwrap();
    let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
    let mut count = 0;
    for path in files {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.starts_with("medicationrequest0") {
            continue;
        }
        count += 1;
        let json = std::fs::read_to_string(&path).unwrap();
        for resource in [json.clone(), with_known_drug(&json)] {
            let import = read(&name, &wrapped(&resource));
            let taken = !import.chart.requests.is_empty();
            assert!(
                taken != import.rejections.iter().any(|r| r.resource.starts_with("MedicationRequest")),
                "{name}"
            );
            for rejection in &import.rejections {
                assert!(
                    !rejection.reason.is_empty()
                        && !rejection.remedy.is_empty()
                        && rejection.place.contains(&name)
                );
            }
            for request in &import.chart.requests {
                // HL7's examples carry no table of this site, so a daily frequency has no times of day here.
                let daily = matches!(request.timing, Timing::Daily { .. });
                assert!(
                    !daily || resource.contains("timeOfDay") || resource.contains("\"when\""),
                    "{name}: invented times"
                );
            }
            let outcome = if taken { "taken".to_owned() } else { import.rejections[0].reason.clone() };
            *outcomes.entry(outcome).or_default() += 1;
        }
    }
    assert_eq!(count, 38);
    assert!(outcomes["taken"] >= 5, "{outcomes:#?}");
    assert_eq!(outcomes["status completed is not active"], 34, "17 examples, read twice");
}

/// Acceptance 10, second half: each of the 163 codes is a row of the table, and then the same kind that our reading of them says,
/// or it needs a person.
#[test]
fn acceptance_10_all_frequency_codes_are_classified_or_need_a_person() {
    let Some(dir) = reference() else { return };
    let draft = std::fs::read_to_string(dir.join("frequency_map_draft.csv")).unwrap();
    let table = FrequencyTable::default();
    let mut reader = draft.lines();
    reader.next();
    let (mut classified, mut person, mut site) = (0, 0, 0);
    for line in reader {
        let (code, rest) = match line.strip_prefix('"') {
            Some(quoted) => quoted.split_once("\",").unwrap(),
            None => line.split_once(',').unwrap(),
        };
        let kind = rest.split(',').next().unwrap();
        let as_needed = rest.ends_with(",PRN");
        let Some(row) = table.row(code) else {
            assert!(table.is_undecided(code), "{code} is not in the table");
            site += 1;
            assert_unscheduled(code);
            continue;
        };
        let expected = match &row.frequency {
            Frequency::Daily { .. } => "discrete",
            Frequency::Every { .. } => "interval",
            Frequency::Once => "one-time",
            Frequency::AsNeeded => "prn",
            Frequency::Continuous => "continuous",
            Frequency::NeedsPerson => {
                person += 1;
                assert_unscheduled(code);
                continue;
            }
        };
        classified += 1;
        assert_eq!((expected, row.as_needed), (kind, as_needed), "{code}");
    }
    assert_eq!(classified + person + site, 163);
    // The others depend on an event, a chart or a choice of the site: the table says so, one by one.
    assert_eq!((classified, person, site), (85, 15, 63));
}

/// A code that needs a person becomes no time of day and no interval.
fn assert_unscheduled(code: &str) {
    let timing = serde_json::json!({"code": {"text": code}}).to_string();
    let dosage = common::dosage(&timing, "");
    let import = common::import(&common::bundle(&[&common::request(r#""status":"active","#, &dosage)]));
    assert!(matches!(import.chart.requests[0].timing, Timing::Unscheduled { .. }), "{code}");
}

#[test]
fn whole_synthea_bundles_are_taken_or_listed() {
    let Some(dir) = reference() else { return };
    let mut rules = rules();
    // Their record numbers are longer than a wristband's; another of their identifiers stands in for it.
    rules.systems.mrn = "http://hl7.org/fhir/sid/us-ssn".to_owned();
    for path in exchange::site::files_of(&dir.join("synthea-r4"), "json").unwrap() {
        let bytes = std::fs::read(&path).unwrap();
        let import = fhir::read("synthea.json", &bytes, &rules, &drugs()).unwrap();
        assert_eq!(import.chart.patients.len(), 1);
        let value: Value = serde_json::from_slice(&bytes).unwrap();
        let count = |kind: &str| {
            value["entry"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|e| e["resource"]["resourceType"] == kind)
                .count()
        };
        let refused =
            import.rejections.iter().filter(|r| r.resource.starts_with("MedicationRequest")).count();
        assert_eq!(refused + import.chart.requests.len(), count("MedicationRequest"));
        assert!(import.rejections.iter().all(|r| r.patient.is_some()), "each refusal knows whose it is");
        let noted = import.notes.iter().filter(|n| n.resource.starts_with("AllergyIntolerance")).count();
        assert!(noted >= import.chart.patients[0].allergies.len() && count("AllergyIntolerance") >= 1);
    }
}

#[test]
fn interop_samples_are_taken_or_refused_as_their_names_say() {
    let Some(dir) = reference() else { return };
    let read = |name: &str| {
        read(name, &wrapped(&std::fs::read_to_string(dir.join("interop-samples").join(name)).unwrap()))
    };
    let bid = read("mr-bid.json");
    assert_eq!(bid.rejections, []);
    assert!(matches!(&bid.chart.requests[0].timing, Timing::Daily { times, .. } if times.len() == 2));
    assert!(bid.chart.requests[0].instruction.as_ref().unwrap().contains("hold for SBP"));
    assert!(read("mr-bad-nosubj.json").rejections[0].reason.contains("no patient"));
    let unit = read("mr-bad-unit.json");
    assert!(
        matches!(unit.chart.requests[0].timing, Timing::Unscheduled { .. }),
        "\"day\" is no unit of FHIR"
    );
    assert!(unit.notes.iter().any(|note| note.text.contains("\"day\"")));
    let allergy = read("allergy.json");
    assert_eq!(allergy.chart.patients[0].allergies.len(), 1);
    assert_eq!(allergy.chart.patients[0].allergies[0].text, "Penicillin (Anaphylaxis)");
    let core = read("uscore-mr.json");
    assert!(core.chart.requests.is_empty(), "a StructureDefinition");
    assert!(core.notes.iter().any(|note| note.resource == "StructureDefinition"));
}

/// exchange.md section 4: real unit strings are known exactly or not checkable; none becomes another unit than its letters say.
#[test]
fn d1_real_unit_strings_are_known_or_not_checkable() {
    let Some(dir) = reference() else { return };
    let text = std::fs::read_to_string(dir.join("mimic-terminology/CodeSystem-mimic-units.json")).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    let table = UnitTable::default();
    let codes: Vec<&str> =
        value["concept"].as_array().unwrap().iter().filter_map(|c| c["code"].as_str()).collect();
    let known: Vec<&str> = codes.iter().copied().filter(|code| table.dose_unit(code).is_some()).collect();
    // 505 strings: so many are units that the bedside compares; every other one is refused as "not checkable", with its text.
    assert_eq!((codes.len(), known.len()), (505, 62), "{known:?}");
    for never in ["Mg", "mg/kg", "U", "mcg/min", "HALF TAB", "Million Units", "mgmg", "mcq", "%"] {
        assert!(table.dose_unit(never).is_none(), "{never}");
    }
}

/// R1: of 106 real route codes so many are routes of the bedside; every other one needs a person, and no abbreviation is read.
#[test]
fn r1_real_route_codes_are_known_or_need_a_person() {
    let Some(dir) = reference() else { return };
    let text = std::fs::read_to_string(dir.join("mimic-terminology/CodeSystem-mimic-medication-route.json"))
        .unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    let codes: Vec<&str> =
        value["concept"].as_array().unwrap().iter().filter_map(|c| c["code"].as_str()).collect();
    let table = rules().routes;
    let known: Vec<&str> =
        codes.iter().copied().filter(|code| table.route("urn:bcma:route", code).is_some()).collect();
    assert_eq!((codes.len(), known.len()), (106, 29), "{known:?}");
    // OD, OS, AD, AU are error-prone abbreviations (ISMP); "PO/NG" is a choice that nobody made.
    for never in ["OD", "OS", "OU", "AD", "AU", "PO/NG", "PO/IV", "IVPCA", "EX-VIVO", "REPLACE"] {
        assert!(table.route("urn:bcma:route", never).is_none(), "{never}");
    }
}

/// M2 over every package of FDA's list of 2018: the hyphenated code is kept by NDC-11 and NDC-12, and bare digits that two
/// packages share are ambiguous, never one of them.
#[test]
fn m2_bare_ndc_digits_of_real_packages() {
    let Some(dir) = reference() else { return };
    let text = std::fs::read(dir.join("ndc/fda_unfinished_package_2018.txt")).unwrap();
    let text = String::from_utf8_lossy(&text);
    let mut by_bare: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut by_twelve: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let (mut read, mut refused) = (0, 0);
    for field in text.lines().skip(1).flat_map(|line| line.split('\t')) {
        let shaped = field.split('-').count() == 3 && field.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        if !shaped {
            continue;
        }
        if let Ok(ndc) = Ndc::parse(field) {
            read += 1;
            by_bare.entry(ndc.bare()).or_default().insert(ndc.to_string());
            by_twelve.entry(ndc.ndc12()).or_default().insert(ndc.to_string());
        } else {
            refused += 1;
        }
    }
    assert!(read > 10_000 && refused * 100 < read, "{read} read, {refused} refused");
    let shared = |codes: &BTreeMap<String, BTreeSet<String>>| -> Vec<String> {
        codes.values().filter(|codes| codes.len() > 1).flatten().cloned().collect()
    };
    // Real and surprising: padding makes one code of two packages, twice. Such digits resolve to nothing (see below).
    assert_eq!(shared(&by_twelve), ["40074-0001-1", "40074-001-01", "48589-0006-0", "48589-006-00"]);
    assert_eq!(shared(&by_bare), Vec::<String>::new());
    let lines = "lispro,ndc,40074-0001-1,A,B,2026-01-01,\nampicillin-500,ndc,40074-001-01,A,B,2026-01-01,\n";
    let barcodes = format!("item,type,value,added_by,verified_by,from,to\n{lines}");
    let sources = exchange::drugs::DrugSources {
        items: ("items.csv", common::ITEMS.as_bytes()),
        barcodes: Some(("barcodes.csv", barcodes.as_bytes())),
        recalls: None,
    };
    let file = exchange::drugs::read(sources, &rules().units, common::TODAY).unwrap();
    let resolve = |digits: &str| file.formulary.resolve(&PackageKey::Ndc(NdcDigits::parse(digits).unwrap()));
    assert_eq!(resolve("40074000101"), Resolution::Ambiguous);
    assert!(
        matches!(resolve("4007400011"), Resolution::One(_))
            && matches!(resolve("4007400101"), Resolution::One(_))
    );
}

/// Acceptance 6, M2.
#[test]
fn acceptance_6_6808404501_is_refused() {
    let file = drugs();
    let resolve = |digits: &str| file.formulary.resolve(&PackageKey::Ndc(NdcDigits::parse(digits).unwrap()));
    assert_eq!(resolve("6808404501"), Resolution::Ambiguous);
    assert!(
        matches!(resolve("68084004501"), Resolution::One(product) if product.name == "metoprolol tartrate")
    );
    assert!(matches!(resolve("68084045001"), Resolution::One(product) if product.name == "ampicillin"));
    assert!(file.notes.iter().any(|note| note.text.contains("6808404501 is ambiguous")));
    for digits in ["0904634061", "00904634061", "000904634061"] {
        assert!(
            matches!(resolve(digits), Resolution::One(product) if product.name == "insulin lispro"),
            "{digits}"
        );
    }
    assert_eq!(resolve("9046340610"), Resolution::Unknown);
}
