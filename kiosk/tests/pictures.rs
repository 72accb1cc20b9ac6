//! Pictures of packages: kept where the site asks, opened by the pharmacy, and of nothing else.

use std::path::Path;

use kiosk::pictures::{Keep, Kept};
use kiosk::replay::replay;
use ledger::inspect::Inspector;
use ledger::kind::Kind;
use rights::decide::decide_dose;
use rights::entry::Inputs;
use rights::scan::Source;

/// Plays a journey with everything held in front of the camera; its ledger.
fn played(name: &str) -> (Inspector, tempfile::TempDir) {
    let journeys = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/journeys");
    let text = std::fs::read_to_string(journeys.join(format!("{name}.journey"))).unwrap();
    let text: String = text
        .lines()
        .map(|line| {
            if line.ends_with(" as data_matrix") {
                line.to_owned()
            } else {
                line.replace(" scans ", " shows ")
            }
        })
        .map(|line| line.replace(": ../", &format!(": {}/../", journeys.display())) + "\n")
        .collect();
    let dir = tempfile::tempdir().unwrap();
    let (file, ledger) = (dir.path().join("shown.journey"), dir.path().join("ledger"));
    std::fs::write(&file, text).unwrap();
    let played = replay(&file, Some(&ledger)).unwrap();
    assert!(played.differences.is_empty(), "{name}: {:?}", played.differences);
    (Inspector::open(&ledger).unwrap(), dir)
}

/// The entries with a picture, and how large it is.
fn kept(name: &str) -> Vec<(Kind, (u32, u32))> {
    let (inspector, _dir) = played(name);
    let device = inspector.device_key().unwrap();
    inspector
        .pictures()
        .unwrap()
        .into_iter()
        .map(|entry| {
            let jpeg = inspector.picture(&device, entry).unwrap().unwrap();
            let picture = image::load_from_memory(&jpeg).unwrap();
            (inspector.entry(entry).unwrap().0.kind, (picture.width(), picture.height()))
        })
        .collect()
}

/// PH6: the pharmacy sees the package whose code nobody knows.
#[test]
fn ph6_the_package_with_an_unknown_code_is_kept() {
    let pictures = kept("m2-unknown-and-withdrawn-barcodes");
    let [(kind, (width, height))] = pictures[..] else { panic!("{pictures:?}") };
    assert_eq!(kind, Kind::VERDICT);
    assert!(width >= 300 && height >= 200, "{width} x {height}");
}

#[test]
fn nothing_is_kept_of_a_known_package_a_stop_or_a_wristband() {
    for name in ["10-liquid-measured", "m5-expired", "p3-old-wristband"] {
        assert_eq!(kept(name), [], "{name}");
    }
}

/// Each kind of package by the decisions of journeys, with whether its picture is wanted when only that kind is kept.
#[test]
fn each_kind_of_package_is_kept_by_its_own_word() {
    let wants = |kept: Kept, journey: &str| {
        let keep = Keep { packages: vec![kept], days: 30 };
        let (inspector, _dir) = played(journey);
        let device = inspector.device_key().unwrap();
        let stored = inspector.stored(&device, 0, inspector.size()).unwrap();
        let verdicts = stored.into_iter().filter(|stored| stored.leaf.kind == Kind::VERDICT);
        let cases = verdicts.filter_map(|stored| match stored.detached?.inputs? {
            Inputs::Dose(case) => Some(case),
            _ => None,
        });
        let wanted: Vec<Source> =
            cases.filter_map(|case| keep.wants(&case, Some(decide_dose(&case).class()))).collect();
        wanted.first().copied()
    };
    for (kept, journey, right) in [
        (Kept::Unknown, "m2-unknown-and-withdrawn-barcodes", Some(Source::Camera)),
        (Kept::Unknown, "m5-expired", None),
        (Kept::Typed, "m9-package-typed", Some(Source::Keyed)),
        (Kept::Typed, "m5-expired", None),
        (Kept::Stopped, "m5-expired", Some(Source::Camera)),
        (Kept::Stopped, "10-liquid-measured", None),
        (Kept::HighAlert, "11-heparin-half-a-vial", Some(Source::Camera)),
        (Kept::HighAlert, "10-liquid-measured", None),
    ] {
        assert_eq!(wants(kept, journey), right, "{kept:?} in {journey}");
    }
}

#[test]
fn pictures_are_kept_for_as_long_as_the_site_says() {
    let now = "2026-11-30T12:00:00Z".parse().unwrap();
    assert_eq!(Keep::default().since(now), "2026-10-31T12:00:00Z".parse().unwrap());
}
