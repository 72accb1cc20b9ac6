//! The demo ward and the Bundles that must not simply pass.

mod common;

use common::{TODAY, fixtures, rules};
use exchange::drugs::DrugFile;
use exchange::fhir;
use exchange::site;
use rights::ident::{Gtin14, PatientId, ProductId, RequestId};
use rights::person::{Admission, Role};
use rights::product::{Mark, Resolution, Route};
use rights::quantity::Quantity;
use rights::rate::{Rate, RateOrder};
use rights::request::{DoseOrder, RequestStatus};
use rights::scan::{NdcDigits, PackageKey};
use rights::schedule::Timing;
use rights::witness::WitnessRule;

fn ward() -> site::Site {
    site::read_folder(&fixtures().join("ward-3b"), &rules(), TODAY).unwrap()
}

#[test]
fn the_demo_ward_is_taken_over_without_a_refusal() {
    let ward = ward();
    let list: Vec<String> = ward.rejections.iter().map(ToString::to_string).collect();
    assert!(list.is_empty(), "{}", list.join("\n"));
    assert!(ward.chart.patients.len() >= 10 && ward.chart.requests.len() >= 25);
    assert_eq!(ward.chart.orders_as_of.unwrap().to_string(), "2026-11-30T12:55:00Z");
    assert_eq!(ward.pins.len(), ward.chart.clinicians.len());
    let unscheduled =
        ward.chart.requests.iter().filter(|r| matches!(r.timing, Timing::Unscheduled { .. })).count();
    assert_eq!(unscheduled, 0);
    let of_status = |status| ward.chart.requests.iter().filter(|request| request.status == status).count();
    assert!(of_status(RequestStatus::Stopped) >= 1 && of_status(RequestStatus::OnHold) >= 1);
    let of_admission = |a| ward.chart.patients.iter().filter(|patient| patient.admission == a).count();
    assert!(of_admission(Admission::Discharged) >= 1 && of_admission(Admission::Deceased) >= 1);
    let here = ward.chart.patients.iter().filter(|patient| patient.admission == Admission::Admitted);
    assert!(here.clone().all(|patient| patient.ward.is_some() && patient.bed.is_some()));
    assert!(ward.chart.dispensed.len() >= 5);
}

/// contract.md section 6: what the demo ward is for is there, as the checks read it.
#[test]
fn the_demo_ward_holds_every_fact_that_a_check_needs() {
    let ward = ward();
    let request = |id: &str| ward.chart.request(&RequestId::parse(id).unwrap()).unwrap();
    let quantity = |text: &str| Quantity::parse(text).unwrap();
    let patient = |id: &str| ward.chart.patient(&PatientId::parse(id).unwrap()).unwrap();
    assert_eq!((ward.chart.patients.len(), ward.chart.requests.len()), (15, 46));
    assert_eq!(request("mr-brandt-acetaminophen").conditions.per_kilogram, Some(quantity("15 mg")));
    assert_eq!(request("mr-brandt-acetaminophen").dose, DoseOrder::Exact(quantity("240 mg")));
    let digoxin = &request("mr-reyes-digoxin").conditions;
    assert_eq!(
        digoxin.hold_when.iter().map(|hold| hold.what.as_str()).collect::<Vec<_>>(),
        ["heart-rate", "potassium"]
    );
    let scale = request("mr-ferreira-insulin").conditions.scale.as_ref().unwrap();
    assert_eq!(scale.row(&quantity("212 mg/dL")).map(|row| row.dose), Some(quantity("4 [iU]")));
    assert!(request("mr-adeyemi-ibuprofen").conditions.do_not_give.is_some());
    assert!(request("mr-adeyemi-alendronate").conditions.instruction_flagged);
    assert_eq!(request("mr-adeyemi-levetiracetam").alternate_routes, [Route::Nasogastric]);
    assert!(request("mr-nilsson-cefazolin").conditions.on_call);
    let saline = request("mr-nilsson-saline");
    assert_eq!((&saline.timing, saline.rate), (&Timing::Continuous, Some(rate("75 mL/h"))));
    assert_eq!(request("mr-reyes-heparin").rate, Some(rate("12 [iU]/kg/h")));
    assert!(request("mr-nilsson-rivastigmine").patch_worn.is_some());
    assert!(patient("pt-nilsson").flags.nil_by_mouth && !patient("pt-reyes").flags.nil_by_mouth);
    let reyes = patient("pt-reyes").id.clone();
    let seen = ward.chart.observations_of(&reyes).filter(|seen| seen.what.as_str() == "heart-rate");
    assert_eq!(seen.map(|seen| seen.value).collect::<Vec<_>>(), [quantity("72 /min")]);
    let marks = |item: &str| &ward.formulary.product(&ProductId::parse(item).unwrap()).unwrap().marks;
    assert!(marks("methotrexate-15mg-tab").has(Mark::Hazardous));
    assert!(marks("fentanyl-50mcg-per-ml-2ml-vial").has(Mark::Opioid));
    assert_eq!(marks("heparin-10000-per-ml-vial").witness, WitnessRule::Required);
    let potassium = request("mr-reyes-potassium");
    let tablet =
        ward.formulary.product(&ProductId::parse("potassium-chloride-er-20meq-tab").unwrap()).unwrap();
    assert_eq!(
        potassium.content_for(tablet, potassium.dose.most()),
        Some(quantity("1 {tablet}")),
        "mEq by the table"
    );
    // Every order can be compared with the item that it names (D1), so that no demo stops for the file's sake.
    for request in &ward.chart.requests {
        let item = request.drug.item.as_ref().and_then(|item| ward.formulary.product(item));
        let Some(item) = item else { continue };
        assert!(request.content_for(item, request.dose.most()).is_some(), "{}", request.id);
    }
    let roles: Vec<Role> =
        Role::ALL.into_iter().filter(|role| ward.chart.clinicians.iter().any(|c| c.role == *role)).collect();
    // Auditors and administrators work at a desk and have no badge.
    let at_the_bedside: Vec<Role> =
        Role::ALL.into_iter().filter(|role| !matches!(role, Role::Auditor | Role::Administrator)).collect();
    assert_eq!(roles, at_the_bedside, "one of each role has a badge");
}

fn rate(text: &str) -> RateOrder {
    RateOrder::Exact(Rate::parse(text).unwrap())
}

/// M2, scenario 1, scenario 2 on the ward's drug file.
#[test]
fn m2_the_wards_barcodes_resolve_by_table() {
    let ward = ward();
    let item = |resolution| match resolution {
        Resolution::One(product) => Some(product.id.clone()),
        _ => None,
    };
    let gtin = |digits: &str| PackageKey::Gtin(Gtin14::parse(digits).unwrap());
    let ndc = |digits: &str| PackageKey::Ndc(NdcDigits::parse(digits).unwrap());
    let loxapine = Some(ProductId::parse("loxapine-5mg-cap").unwrap());
    assert_eq!(item(ward.formulary.resolve(&gtin("00305910369019"))), loxapine);
    for digits in ["0591036901", "00591036901", "000591036901"] {
        assert_eq!(item(ward.formulary.resolve(&ndc(digits))), loxapine, "{digits}");
    }
    assert_eq!(ward.formulary.resolve(&ndc("9980123456")), Resolution::Ambiguous);
}

/// Every file of `bundles-bad`: refused whole, refused in part, or kept with a remark; never plain acceptance, and its one
/// sound request survives where the file is not refused whole.
#[test]
fn every_bad_bundle_is_caught() {
    let drugs: DrugFile = site::read_drug_folder(&fixtures().join("ward-3b/drugs"), &rules(), TODAY).unwrap();
    let files = site::files_of(&fixtures().join("bundles-bad"), "json").unwrap();
    assert!(files.len() >= 47);
    let whole = [
        "broken-json",
        "truncated",
        "empty",
        "not-utf8",
        "not-fhir",
        "not-a-bundle",
        "r5-bundle",
        "implicit-rules-bundle",
        "search-failed",
        "two-requests-one-id",
    ];
    for path in files {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).unwrap();
        match fhir::read(&name, &bytes, &rules(), &drugs) {
            Err(error) => {
                assert!(whole.contains(&name.as_str()), "{error}");
                assert!(error.to_string().starts_with(&name), "{error}");
            }
            Ok(import) => {
                assert!(!whole.contains(&name.as_str()), "{name} was not refused whole");
                let ids: Vec<&str> =
                    import.chart.requests.iter().map(|request| request.id.as_str()).collect();
                assert!(ids.contains(&"mr-bishop-ampicillin"), "{name}: the sound request is gone");
                if name == "timing-text-only" {
                    let broken = import
                        .chart
                        .requests
                        .iter()
                        .find(|request| request.id.as_str() == "mr-broken")
                        .unwrap();
                    assert!(matches!(&broken.timing, Timing::Unscheduled { .. }));
                    continue;
                }
                assert!(!ids.contains(&"mr-broken"), "{name}: passed");
                assert!(!import.rejections.is_empty(), "{name}: nothing was listed");
                let text: String = import.rejections.iter().map(ToString::to_string).collect();
                let modifier = "modifierExtension http://example.org/fhir/StructureDefinition/";
                assert!(name != "unknown-modifier-extension" || text.contains(modifier), "{text}");
                assert!(!text.contains("Bishop") && !text.contains("Joan"), "{text}");
            }
        }
    }
}
