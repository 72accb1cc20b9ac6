//! The alert budget of the clinical specification: of the ordinary doses of the sample ward fewer than 5 % meet a check that asks for
//! a reason, a call or a witness despite a variance. And what the leaf of an entry says of the entry that it follows.

use std::path::Path;

use kiosk::replay::replay;
use ledger::inspect::Inspector;
use ledger::leaf::Leaf;
use product_tests::fixture;

/// Plays a journey of the fixtures into a ledger and returns its leaves with their bytes.
fn leaves(journey: &Path) -> Vec<(Leaf, Vec<u8>)> {
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("ledger");
    let played = replay(journey, Some(&ledger)).unwrap();
    let differences: Vec<String> =
        played.differences.iter().map(|d| format!("line {}: {}", d.line, d.problem)).collect();
    assert!(differences.is_empty(), "{}: {differences:?}", journey.display());
    let inspector = Inspector::open(&ledger).unwrap();
    (0..inspector.size()).map(|index| inspector.entry(index).unwrap()).collect()
}

#[test]
fn alert_rate_of_a_normal_shift_is_below_5_percent() {
    let all = leaves(&fixture("ward-3b/normal-shift.journey"));
    let doses: Vec<&Leaf> = all.iter().map(|(leaf, _)| leaf).filter(|leaf| is_dose(leaf)).collect();
    assert!(doses.len() >= 40, "only {} doses", doses.len());
    let soft = |leaf: &&&Leaf| leaf.clear.findings.iter().any(|(_, class)| class.starts_with("soft"));
    let alerted: Vec<_> = doses.iter().filter(soft).map(|leaf| &leaf.clear.findings).collect();
    assert!(alerted.len() * 20 < doses.len(), "{} of {}: {alerted:?}", alerted.len(), doses.len());
    println!("{} of {} doses met a SOFT class", alerted.len(), doses.len());
}

fn is_dose(leaf: &Leaf) -> bool {
    matches!(leaf.kind.known_name(), Some("given" | "partial"))
}

/// An auditor without any key sees which dose was entered in error (1) and which one something followed (5).
#[test]
fn a_correction_and_a_follow_up_name_the_entry_of_their_dose_in_the_leaf() {
    for (journey, kind, relation) in [
        ("correction-by-the-giver.journey", "correction", 1),
        ("prn-effect.journey", "effect", 5),
        ("infusion-from-bag-to-stop.journey", "infusion", 5),
    ] {
        let all = leaves(&fixture("journeys").join(journey));
        let given = all.iter().find(|(leaf, _)| is_dose(leaf)).unwrap();
        let hash = ledger::tree::leaf_hash(&given.1);
        let following: Vec<&Leaf> =
            all.iter().map(|(leaf, _)| leaf).filter(|leaf| leaf.kind.known_name() == Some(kind)).collect();
        assert!(!following.is_empty(), "{journey}");
        for leaf in following {
            let [reference] = leaf.references.as_slice() else { panic!("{journey}: one reference") };
            assert_eq!((reference.relation, reference.hash), (relation, Some(hash)), "{journey}");
        }
        // Nothing else refers to another entry so.
        let refers =
            |leaf: &Leaf| leaf.references.iter().any(|reference| [1, 5].contains(&reference.relation));
        assert!(
            all.iter().all(|(leaf, _)| leaf.kind.known_name() == Some(kind) || !refers(leaf)),
            "{journey}"
        );
    }
}
