//! The demo ward and the Bundles that must not simply pass.

mod common;

use common::{TODAY, fixtures, rules};
use exchange::drugs::DrugFile;
use exchange::fhir;
use exchange::site;
use rights::ident::{Gtin14, ProductId};
use rights::person::Admission;
use rights::product::Resolution;
use rights::request::RequestStatus;
use rights::scan::{NdcDigits, PackageKey};
use rights::schedule::Timing;

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
