//! The attacks on an export: on its entries, its signatures, and each file by which somebody else would verify or read it.

use std::path::{Path, PathBuf};
use std::process::Command;

use ledger::inspect::Inspector;
use ledger::leaf::Leaf;
use ledger::store::Reading;
use ledger::tiles::{self, first_entry};
use ledger::verify::{Options, Outcome, verify};

use super::Scene;

/// Carries them out.
pub(super) fn attacks(scene: &mut Scene, whole: &Path) {
    let export = scene.path("export");
    Inspector::open(whole).unwrap().export(&export).unwrap();
    scene.verify("an export: nothing was done", &export, &[], (0, "-", None));
    for (name, of) in [("an edit", 5000), ("an edit of the last entry", scene.size - 1)] {
        let at = changed(scene, &bundle(scene.size, of), |bytes| edit(bytes, of));
        scene.verify(&format!("an export: {name}"), &at, &[], (1, "edited", Some(of)));
    }
    nothing_since(&export);
    nothing_since(&closed_by_its_last_entry(scene, whole, &export));
    signatures(scene);
    checkpoint(scene);
    others_keys_and_format(scene);
}

/// Nothing came since the last checkpoint, whether or not the last entry closed its epoch.
fn nothing_since(export: &Path) {
    let against = std::fs::read_to_string(export.join("checkpoint")).unwrap();
    let against = Some(ledger::note::Note::parse(&against).unwrap());
    let options = Options { against, incremental: true, ..Options::default() };
    for options in [options, Options::default()] {
        let report = verify(export, &options);
        assert_eq!(report.outcome, Outcome::Fine, "{report}");
    }
}

/// The export as it was made when the entry that closed an epoch was the last one.
fn closed_by_its_last_entry(scene: &Scene, whole: &Path, export: &Path) -> PathBuf {
    let (inspector, folder, size) = (Inspector::open(whole).unwrap(), scene.path("rotated"), scene.today);
    let (last, _) = inspector.entry(size - 1).unwrap();
    assert!(last.clear.next_epoch.is_some(), "a rotation");
    let keys = std::fs::read_to_string(export.join("log.vkey")).unwrap();
    let epochs = usize::try_from(last.epoch).unwrap() + 1;
    let keys: String = keys.split_inclusive('\n').take(epochs).collect();
    let view = Reading::open(&whole.join("ledger.redb")).unwrap().view().unwrap();
    tiles::export(&folder, &view, size, &keys, &inspector.checkpoint(size).unwrap().0, None).unwrap();
    folder
}

fn signatures(scene: &mut Scene) {
    let stripped = |keep: fn(usize) -> bool| {
        move |bytes: &mut Vec<u8>| {
            let each = bytes.chunks_exact_mut(64).enumerate();
            each.filter(|(at, _)| !keep(*at)).for_each(|(_, signature)| signature.fill(0));
        }
    };
    let signatures = "ledger/signatures";
    let at = changed(scene, signatures, stripped(|at| at != 5000));
    scene.verify("18 an export: a signature is stripped", &at, &[], (1, "signatures_stripped", Some(5000)));
    let at = changed(scene, signatures, stripped(|_| false));
    scene.verify("18 an export: all are stripped", &at, &[], (1, "signatures_stripped", Some(0)));
}

fn checkpoint(scene: &mut Scene) {
    let line = |bytes: &mut Vec<u8>| {
        let at = bytes.windows(2).position(|two| two == b"\n\n").unwrap();
        bytes.truncate(at + 2);
    };
    let at = changed(scene, "checkpoint", line);
    let title = "18 an export: the checkpoint's signature is stripped";
    scene.verify(title, &at, &[], (1, "signatures_stripped", None));
    let at = changed(scene, "checkpoint", |bytes| {
        let at = bytes.iter().position(|byte| *byte == b'\n').unwrap();
        let end = at + bytes[at + 1..].iter().position(|byte| *byte == b'\n').unwrap() + 3;
        bytes[end] = if bytes[end] == b'A' { b'B' } else { b'A' };
    });
    scene.verify("an export: the checkpoint names another root", &at, &[], (1, "edited", None));
    let at = changed(scene, "checkpoint", Vec::clear);
    scene.verify("an export: the checkpoint is emptied", &at, &[], (2, "damage", None));
}

/// What other people's programs go by: with a key of the thief's in it, they would take the thief's proofs for this ledger's.
fn others_keys_and_format(scene: &mut Scene) {
    let other = std::fs::read(scene.path("other").join("log.vkey")).unwrap();
    let key = other.split_inclusive(|byte| *byte == b'\n').next().unwrap().to_vec();
    let beside = (1, "beside_the_entries", None);
    let at = changed(scene, "log.vkey", |bytes| bytes.extend(&key));
    scene.verify("an export: a key is added to log.vkey", &at, &[], beside);
    let at = changed(scene, "log.vkey", |bytes| bytes.clone_from(&other));
    scene.verify("an export: log.vkey is another ledger's", &at, &[], beside);
    let at = changed(scene, "log.vkey", |bytes| bytes.truncate(key.len()));
    scene.verify("an export: the keys of later epochs are taken from log.vkey", &at, &[], beside);
    let at = changed(scene, "entry.cddl", |bytes| bytes.extend(b"; \n"));
    scene.verify("an export: the entry format is another one", &at, &[], beside);
    for name in ["log.vkey", "entry.cddl"] {
        let at = changed(scene, name, |_| {});
        std::fs::remove_file(at.join(name)).unwrap();
        scene.verify(&format!("an export: {name} is missing"), &at, &[], beside);
    }
    let above = format!("tile/1/000.p/{}", scene.size / 256);
    let at = changed(scene, &above, |bytes| bytes.extend([0; 32]));
    scene.verify("an export: a tile is longer than it says", &at, &[], (1, "beside_the_entries", Some(255)));
}

/// A copy of the export with one file changed.
fn changed(scene: &Scene, file: &str, act: impl Fn(&mut Vec<u8>)) -> PathBuf {
    let copy = scene.path("attacked");
    let _ = std::fs::remove_dir_all(&copy);
    let copied = Command::new("cp").arg("-r").arg(scene.path("export")).arg(&copy).status().unwrap();
    assert!(copied.success());
    let mut bytes = std::fs::read(copy.join(file)).unwrap();
    act(&mut bytes);
    std::fs::write(copy.join(file), bytes).unwrap();
    copy
}

/// The bundle of an entry.
fn bundle(size: u64, of: u64) -> String {
    let (index, width) = (of / 256, (size - of / 256 * 256).min(256));
    tiles::tile_path("entries", index, width)
}

/// An entry of a bundle is forged.
fn edit(bytes: &mut Vec<u8>, of: u64) {
    let (mut forged, mut rest, mut index) = (Vec::new(), bytes.as_slice(), of / 256 * 256);
    while let Some((entry, after)) = first_entry(rest) {
        let mut entry = entry.to_vec();
        if index == of {
            let mut leaf = Leaf::decode(&entry).unwrap();
            leaf.clear.lot = Some("FORGED".into());
            entry = leaf.encode();
        }
        forged.extend(u16::try_from(entry.len()).unwrap().to_be_bytes());
        forged.extend(entry);
        (rest, index) = (after, index + 1);
    }
    *bytes = forged;
}
