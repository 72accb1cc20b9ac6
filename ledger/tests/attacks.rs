//! Every attack of the evidence specification, section 5, that a ledger can see, carried out on a ledger of more than 10,000 entries:
//! found by the program, with its class, index and exit code. The whole outputs stand in `golden/attacks.txt`; hashes, keys and
//! paths differ in each run and are replaced. `UPDATE_GOLDEN=1` writes the file anew.

mod exported;
#[path = "../src/cli/shift.rs"]
mod shift;
mod tables;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ledger::checkpoint::Checkpoint;
use ledger::cosign::signature::CosignerSecret;
use ledger::epoch::{EpochPlan, EpochState};
use ledger::init::{InitOptions, init, init_on};
use ledger::inspect::Inspector;
use ledger::leaf::Leaf;
use ledger::ledger::{Ledger, OpenOptions};
use ledger::note::{SecretKey, VerifierKey};
use ledger::store::{Sharing, Unflushed};
use ledger::tree::{Frontier, leaf_hash};
use ledger::verify::{FindingKind, Options, Outcome, Pace, verify};
use redb::{ReadableTable as _, TableDefinition, WriteTransaction};
use shift::Shift;
use tables::{DETACHED, ENTRIES, IDEMPOTENCY, KEYS, SIGNATURES};

const ORIGIN: &str = "hospital.example/3b/kiosk-03/g1";
const TILES: TableDefinition<'_, u64, &[u8; 32]> = TableDefinition::new("tiles");

/// A closed ledger of at least `count` entries, nine epochs of twenty days.
fn build(path: &Path, count: usize, salt: u64) {
    let mut shift = Shift::new(shift::start(), salt);
    std::fs::create_dir_all(path).unwrap();
    let place = path.with_extension("redb");
    let plan = EpochPlan { count: 32, length_s: 20 * 86_400, start_s: shift::start().as_second() };
    let sharing = Sharing::Alone;
    let options = InitOptions { plan: Some(plan), sharing, ..InitOptions::new(ORIGIN) };
    init_on(Unflushed::open(&place).unwrap(), path, &options, &shift.clock()).unwrap();
    let open = OpenOptions { sharing, ..OpenOptions::default() };
    let mut ledger = Ledger::open_on(Unflushed::open(&place).unwrap(), path, &open, &shift.clock()).unwrap();
    for (entry, clock) in shift.entries(count) {
        let _ = ledger.append(&entry, &clock).unwrap();
    }
    ledger.close(&shift.clock()).unwrap();
    std::fs::rename(place, path.join("ledger.redb")).unwrap();
}

/// The ledger under attack: each attack gets a copy.
struct Scene {
    dir: tempfile::TempDir,
    size: u64,
    /// The first entry of the epoch that is not over: what the key of today can sign.
    today: u64,
    /// An entry with patient data.
    sealed: u64,
    /// Entries of another ledger and from earlier in this one.
    foreign: Vec<u8>,
    older: Vec<u8>,
    golden: String,
}

impl Scene {
    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A copy that `attack` changes as somebody with the file would.
    fn attacked(&self, attack: impl FnOnce(&WriteTransaction)) -> PathBuf {
        let (from, copy) = (self.path("ledger"), self.path("attacked"));
        let _ = std::fs::remove_dir_all(&copy);
        std::fs::create_dir_all(copy.join("keys")).unwrap();
        for file in ["ledger.redb", "enrolment", "log.vkey", "keys/device.key", "keys/epoch.state"] {
            std::fs::copy(from.join(file), copy.join(file)).unwrap();
        }
        tables::attack(&copy, attack);
        copy
    }

    /// Runs `ledger verify`, keeps its output as golden and compares exit code, class and index.
    fn verify(&mut self, title: &str, source: &Path, more: &[&str], expected: (i32, &str, Option<u64>)) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ledger"));
        let output = command.arg("verify").args(more).arg(source).output().unwrap();
        let (code, text) = (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap());
        let line = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let index = line("first bad ").and_then(|index| index.parse().ok());
        assert_eq!((code, line("class ").unwrap_or("-"), index), expected, "{title}: {text}");
        writeln!(self.golden, "== {title}\n{}exit        {code}\n", plain(&text)).unwrap();
    }
}

/// What differs in each run is replaced.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let (name, rest) = line.split_at(line.len().min(12));
        let stable = |word: &str| match word {
            path if path.contains("/attacked") => "FILE:".to_owned(),
            long if long.len() >= 40 => "HASH".to_owned(),
            word => word.to_owned(),
        };
        let rest = match name.trim() {
            "source" => "LEDGER (closed)".to_owned(),
            // How far each thread came before one of them met the damage differs.
            "covered" if text.starts_with("result      damaged") => "UP TO THE DAMAGE".to_owned(),
            _ => rest.split(' ').map(stable).collect::<Vec<_>>().join(" "),
        };
        writeln!(out, "{name}{rest}").unwrap();
    }
    out
}

fn entry(txn: &WriteTransaction, at: u64) -> Vec<u8> {
    txn.open_table(ENTRIES).unwrap().get(at).unwrap().unwrap().value().to_vec()
}

fn put(txn: &WriteTransaction, at: u64, bytes: &[u8]) {
    txn.open_table(ENTRIES).unwrap().insert(at, bytes).unwrap();
}

fn changed(txn: &WriteTransaction, at: u64) {
    let mut leaf = Leaf::decode(&entry(txn, at)).unwrap();
    leaf.clear.lot = Some("FORGED".into());
    put(txn, at, &leaf.encode());
}

/// Builds chain, tree and, with a key, signatures anew from `from` on, after `change` had its way with each entry.
fn rebuild(txn: &WriteTransaction, from: u64, key: Option<&SecretKey>, change: impl Fn(u64, &mut Leaf)) {
    let mut entries = txn.open_table(ENTRIES).unwrap();
    let mut signatures = txn.open_table(SIGNATURES).unwrap();
    let mut tiles = txn.open_table(TILES).unwrap();
    let size = entries.last().unwrap().unwrap().0.value() + 1;
    let (mut frontier, mut previous) = (Frontier::default(), [0; 32]);
    for at in 0..size {
        let mut bytes = entries.get(at).unwrap().unwrap().value().to_vec();
        if at >= from {
            let mut leaf = Leaf::decode(&bytes).unwrap();
            leaf.previous = previous;
            change(at, &mut leaf);
            bytes = leaf.encode();
            entries.insert(at, bytes.as_slice()).unwrap();
        }
        previous = leaf_hash(&bytes);
        frontier.push(previous, |level, index, node| {
            if level > 0 && level % 8 == 0 && at >= from {
                tiles.insert(u64::from(level) << 56 | index, node).unwrap();
            }
        });
        if let Some(key) = key.filter(|_| at >= from) {
            let checkpoint = Checkpoint { origin: ORIGIN.into(), size: at + 1, root: frontier.root() };
            signatures.insert(at + 1, &key.sign(checkpoint.to_string().as_bytes())).unwrap();
        }
    }
}

/// The signing key that a thief finds on the kiosk today.
fn stolen(path: &Path) -> SecretKey {
    let bytes = std::fs::read(path.join("keys/epoch.state")).unwrap();
    let (epoch, state) = bytes.split_at(4);
    let state = <[u8; 32]>::try_from(state).unwrap();
    EpochState::new(u32::from_be_bytes(epoch.try_into().unwrap()), state.into()).signing_key()
}

/// Forges one entry.
fn forge(at: u64) -> impl Fn(u64, &mut Leaf) {
    move |here, leaf| {
        if here == at {
            leaf.clear.lot = Some("FORGED".into());
        }
    }
}

fn scene() -> Scene {
    let dir = tempfile::tempdir().unwrap();
    build(&dir.path().join("ledger"), 10_200, 1);
    build(&dir.path().join("other"), 300, 2);
    init(
        &dir.path().join("elsewhere"),
        &InitOptions::new("elsewhere/g1"),
        &Shift::new(shift::start(), 3).clock(),
    )
    .unwrap();
    let inspector = Inspector::open(&dir.path().join("ledger")).unwrap();
    let size = inspector.size();
    assert!(size > 10_000);
    for (name, at) in [("halfway", 5100), ("checkpoint", size)] {
        let (checkpoint, _) = inspector.checkpoint(at).unwrap();
        std::fs::write(dir.path().join(name), checkpoint.to_string()).unwrap();
    }
    let leaf = |at: u64| inspector.entry(at).unwrap().0;
    let rotate = (0..size).rev().find(|at| leaf(*at).clear.next_epoch.is_some()).unwrap();
    Scene {
        size,
        today: rotate + 1,
        sealed: (5000..size).find(|at| leaf(*at).detached.is_some()).unwrap(),
        foreign: Inspector::open(&dir.path().join("other")).unwrap().entry(200).unwrap().1,
        older: inspector.entry(300).unwrap().1,
        golden: String::new(),
        dir,
    }
}

#[test]
fn every_attack_is_found_with_its_class_index_and_exit_code() {
    let mut scene = scene();
    let (whole, seen) = (scene.path("ledger"), scene.path("checkpoint").display().to_string());
    scene.verify("nothing was done", &whole, &["--against", &seen], (0, "-", None));
    resting(&scene, &whole);
    prefixes(&whole);
    edits(&mut scene);
    with_the_key(&mut scene, &["--against", &seen]);
    content(&mut scene);
    signatures(&mut scene);
    since_a_checkpoint(&mut scene, &whole);
    crafted(&mut scene);
    exported::attacks(&mut scene, &whole);
    asked_for(&mut scene, &whole);

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/attacks.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &scene.golden).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    assert!(scene.golden == expected, "the outputs are not those of {}:\n{}", path.display(), scene.golden);
}

/// A ledger that grows while it is verified, chunk after chunk in snapshots of their own, is valid up to its end at the end.
#[test]
fn a_ledger_is_verified_while_it_grows() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    build(&path, 8_300, 3);
    let mut shift = Shift::new(shift::start() + jiff::SignedDuration::from_hours(24 * 400), 4);
    let options = OpenOptions { sharing: Sharing::LiveReaders, ..OpenOptions::default() };
    let mut ledger = Ledger::open(&path, &options, &shift.clock()).unwrap();
    let before = ledger.size();
    let mut command = Command::new(env!("CARGO_BIN_EXE_ledger"));
    let mut child = command.args(["verify", "--json"]).arg(&path).stdout(Stdio::piped()).spawn().unwrap();
    while child.try_wait().unwrap().is_none() {
        for (entry, clock) in shift.entries(20) {
            let _ = ledger.append(&entry, &clock).unwrap();
        }
    }
    let output = child.wait_with_output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (report["state"].as_str(), report["result"].as_str()),
        (Some("live"), Some("valid")),
        "{report}"
    );
    let verified = report["entries"].as_u64().unwrap();
    assert!(verified > before && verified <= ledger.size(), "{before} {verified} {}", ledger.size());
    ledger.close(&shift.clock()).unwrap();
}

/// Beside a live ledger one thread verifies and rests in between: it finds what all of them find.
fn resting(scene: &Scene, whole: &Path) {
    let resting = Options { pace: Pace::Resting, ..Options::default() };
    let (fast, slow) = (verify(whole, &Options::default()), verify(whole, &resting));
    assert_eq!((slow.outcome, slow.entries, slow.root), (Outcome::Fine, fast.entries, fast.root), "{slow}");
    let at = scene.size - 100;
    let attacked = scene.attacked(|txn| changed(txn, at));
    let finding = verify(&attacked, &resting).finding.expect("found");
    assert_eq!((finding.kind, finding.index), (FindingKind::Signature, Some(at)));
}

/// A checkpoint of any size is a prefix: at the ends of the pieces in which the entries are read, inside of them, and in the last one.
fn prefixes(whole: &Path) {
    let inspector = Inspector::open(whole).unwrap();
    for size in [1, 4095, 4096, 4097, 5100, 8191, 8192, 8193, inspector.size() - 1] {
        let against = Some(inspector.checkpoint(size).unwrap().0);
        let report = verify(whole, &Options { against, ..Options::default() });
        assert_eq!((report.outcome, report.against), (Outcome::Fine, Some(size)), "{report}");
    }
}

/// Attacks 1, 2 and 3.
fn edits(scene: &mut Scene) {
    let last = scene.size - 1;
    let at = scene.attacked(|txn| changed(txn, 5000));
    scene.verify("1 an entry is edited", &at, &[], (1, "edited", Some(5000)));
    let at = scene.attacked(|txn| changed(txn, last));
    scene.verify("1 the last entry is edited", &at, &[], (1, "edited", Some(last)));

    let at = scene.attacked(|txn| drop(txn.open_table(ENTRIES).unwrap().remove(5000).unwrap()));
    scene.verify("2 an entry is deleted", &at, &[], (1, "deleted", Some(5000)));
    let at = scene.attacked(|txn| {
        for at in 5000..last {
            put(txn, at, &entry(txn, at + 1));
        }
        txn.open_table(ENTRIES).unwrap().remove(last).unwrap();
        txn.open_table(SIGNATURES).unwrap().remove(last + 1).unwrap();
    });
    scene.verify("2 an entry is deleted and the others moved up", &at, &[], (1, "deleted", Some(5000)));
    let at = scene.attacked(|txn| {
        for at in (5001..=last).rev() {
            put(txn, at, &entry(txn, at - 1));
        }
    });
    scene.verify("2 an entry is inserted", &at, &[], (1, "inserted", Some(5001)));
    let at = scene.attacked(|txn| {
        let (one, other) = (entry(txn, 5000), entry(txn, 5001));
        put(txn, 5000, &other);
        put(txn, 5001, &one);
    });
    scene.verify("2 two entries change places", &at, &[], (1, "reordered", Some(5000)));

    let at = scene.attacked(|txn| rebuild(txn, 5000, None, forge(5000)));
    scene.verify("3 all later hashes are rebuilt without the key", &at, &[], (1, "rewritten", Some(5000)));
}

/// Attacks 4 to 8, 10, 11 and 14: with what a thief finds on the kiosk, or by cutting.
fn with_the_key(scene: &mut Scene, against: &[&str]) {
    let Scene { size, today, .. } = *scene;
    let (last, key) = (size - 1, stolen(&scene.path("ledger")));
    // With the key of today the entries of today can be rewritten: the file alone cannot tell, any checkpoint that left it can.
    let at = scene.attacked(|txn| rebuild(txn, today + 3, Some(&key), forge(today + 3)));
    scene.verify("4 the same with the key of today, the file alone", &at, &[], (0, "-", None));
    scene.verify("4, 8 the same, against a checkpoint that was seen", &at, against, (1, "forked", None));

    let cut = |count: u64| {
        move |txn: &WriteTransaction| {
            for at in size - count..size {
                let leaf = Leaf::decode(&entry(txn, at)).unwrap();
                txn.open_table(ENTRIES).unwrap().remove(at).unwrap();
                txn.open_table(SIGNATURES).unwrap().remove(at + 1).unwrap();
                txn.open_table(DETACHED).unwrap().remove(at).unwrap();
                if let Some(key) = leaf.key {
                    txn.open_table(IDEMPOTENCY).unwrap().remove(&key).unwrap();
                }
            }
        }
    };
    let at = scene.attacked(cut(5));
    let whole_again = size - 5;
    scene.verify(
        "5, 6, 7 the tail is cut, against a checkpoint of a cosigner, a receipt or the order system",
        &at,
        against,
        (1, "cut_or_rolled_back", Some(whole_again)),
    );

    let at = scene.attacked(|txn| {
        rebuild(txn, today + 5, Some(&key), |here, leaf| {
            if here >= today + 5 {
                leaf.clock.wall_ns -= 7_200_000_000_000;
            }
        });
    });
    scene.verify("10 the clock is set back two hours: shown, no error in itself", &at, &[], (0, "-", None));

    let at = scene.attacked(|txn| rebuild(txn, 2000, Some(&key), forge(2000)));
    scene.verify("11 a stolen key forges the past", &at, &[], (1, "rewritten", Some(2000)));
    let epoch = u32::from_be_bytes(
        std::fs::read(scene.path("ledger").join("keys/epoch.state")).unwrap()[..4].try_into().unwrap(),
    );
    let at = scene.attacked(|txn| {
        let mut leaf = Leaf::decode(&entry(txn, last)).unwrap();
        leaf.epoch = epoch - 1;
        put(txn, last, &leaf.encode());
        rebuild(txn, last, Some(&key), |_, _| {});
    });
    scene.verify("11 an entry under an epoch that is closed", &at, &[], (1, "forged_past", Some(last)));

    let at = scene.attacked(|txn| {
        let mut keys = (today..last).map(|at| (at, Leaf::decode(&entry(txn, at)).unwrap().key));
        let (first, key_of) = keys.find_map(|(at, key)| Some((at, key?))).unwrap();
        let again = (first + 1..last)
            .find(|at| Leaf::decode(&entry(txn, *at)).unwrap().key.is_some_and(|key| key != key_of))
            .unwrap();
        assert_eq!((first, again), (today, today + 1), "the index in the golden output");
        let old = Leaf::decode(&entry(txn, again)).unwrap().key.unwrap();
        txn.open_table(IDEMPOTENCY).unwrap().remove(&old).unwrap();
        rebuild(txn, again, Some(&key), |here, leaf| {
            if here == again {
                leaf.key = Some(key_of);
            }
        });
    });
    scene.verify("14 one scan is recorded twice", &at, &[], (1, "recorded_twice", Some(today + 1)));
}

/// Attacks 15, 16 and 17: entries and patient data that belong elsewhere.
fn content(scene: &mut Scene) {
    let (sealed, foreign, older) = (scene.sealed, scene.foreign.clone(), scene.older.clone());
    let at = scene.attacked(|txn| put(txn, 5000, &foreign));
    scene.verify("15 an entry of another ledger", &at, &[], (1, "reordered", Some(5000)));
    let at = scene.attacked(|txn| {
        let mut leaf = Leaf::decode(&foreign).unwrap();
        leaf.sequence = 5000;
        put(txn, 5000, &leaf.encode());
    });
    scene.verify("15 an entry of another ledger with its number", &at, &[], (1, "transplanted", Some(5000)));
    let at = scene.attacked(|txn| put(txn, 5000, &older));
    scene.verify("15 an older entry of the same ledger", &at, &[], (1, "reordered", Some(5000)));

    let at = scene.attacked(|txn| {
        // The sequence in three bytes becomes one in five: the same entry, encoded otherwise.
        let bytes = entry(txn, 5000);
        let place = bytes.windows(4).position(|part| part == [0x02, 0x19, 0x13, 0x88]).unwrap();
        let longer = [&bytes[..place], &[0x02, 0x1a, 0, 0, 0x13, 0x88], &bytes[place + 4..]].concat();
        put(txn, 5000, &longer);
    });
    scene.verify("16 a second encoding of an entry", &at, &[], (1, "not_an_entry", Some(5000)));

    let at = scene.attacked(|txn| {
        let mut table = txn.open_table(DETACHED).unwrap();
        let mut bytes = table.get(sealed).unwrap().unwrap().value().to_vec();
        bytes[30] ^= 1;
        table.insert(sealed, bytes.as_slice()).unwrap();
    });
    scene.verify("17 patient data is changed", &at, &[], (1, "patient_data_changed", Some(sealed)));
    let at = scene.attacked(|txn| {
        // Each of two patients' keys in the place of the other: the ciphertexts would open to other doses.
        let mut table = txn.open_table(KEYS).unwrap();
        let pairs: Vec<_> = table
            .iter()
            .unwrap()
            .take(2)
            .map(|pair| pair.map(|(id, record)| (*id.value(), record.value().to_vec())).unwrap())
            .collect();
        table.insert(&pairs[0].0, pairs[1].1.as_slice()).unwrap();
        table.insert(&pairs[1].0, pairs[0].1.as_slice()).unwrap();
    });
    let report = ledger::verify::verify(&at, &ledger::verify::Options::default());
    let finding = report.finding.unwrap();
    assert_eq!(finding.attack.name(), "patient_data_changed", "17 keys change places");
    assert!(finding.index.is_some_and(|index| index < 60), "the entry that brought one of the keys");
}

/// Attack 18, and everything beside the entries.
fn signatures(scene: &mut Scene) {
    let at = scene.attacked(|txn| drop(txn.open_table(SIGNATURES).unwrap().remove(5001).unwrap()));
    scene.verify("18 a signature is stripped", &at, &[], (1, "signatures_stripped", Some(5000)));
    let at = scene.attacked(|txn| txn.open_table(SIGNATURES).unwrap().retain(|_, _| false).unwrap());
    scene.verify("18 all signatures are stripped", &at, &[], (1, "signatures_stripped", Some(0)));
    let at = scene.attacked(|txn| {
        let mut table = txn.open_table(SIGNATURES).unwrap();
        let mut signature = *table.get(4000).unwrap().unwrap().value();
        signature[7] ^= 1;
        table.insert(4000, &signature).unwrap();
    });
    // It proves nothing that a later one does not; asked for all, it is found.
    scene.verify("18 a signature inside an epoch is spoilt", &at, &[], (0, "-", None));
    scene.verify("18 the same, all checked", &at, &["--thorough"], (1, "signatures_stripped", Some(3999)));

    let at = scene.attacked(|txn| {
        let mut table = txn.open_table(TILES).unwrap();
        table.insert((8 << 56) | 7, &[5; 32]).unwrap();
    });
    scene.verify("a node of the tree is changed", &at, &[], (1, "beside_the_entries", Some(7 * 256 + 255)));
    let at = scene.attacked(|txn| drop(txn.open_table(IDEMPOTENCY).unwrap().insert(&[9; 20], 1).unwrap()));
    scene.verify("a row that no entry accounts for", &at, &[], (1, "beside_the_entries", None));
    let hidden: TableDefinition<'_, u64, u64> = TableDefinition::new("hidden");
    let at = scene.attacked(|txn| drop(txn.open_table(hidden).unwrap()));
    scene.verify("a table that no ledger has", &at, &[], (1, "beside_the_entries", None));
}

/// What follows an older checkpoint is read, what stands before is taken from its root, and the result says so.
fn since_a_checkpoint(scene: &mut Scene, whole: &Path) {
    let halfway = scene.path("halfway").display().to_string();
    let since = ["--incremental", "--against", halfway.as_str()];
    scene.verify("since a checkpoint: nothing was done", whole, &since, (0, "-", None));
    let at = scene.attacked(|txn| changed(txn, 7000));
    scene.verify("since a checkpoint: an edit after it", &at, &since, (1, "edited", Some(7000)));
    let at = scene.attacked(|txn| changed(txn, 5098));
    scene.verify("since a checkpoint: an edit in its last tile", &at, &since, (1, "edited", Some(5098)));
    let at = scene.attacked(|txn| changed(txn, 100));
    scene.verify("since a checkpoint: an edit long before it is not read", &at, &since, (0, "-", None));
}

/// What an auditor asks for and does not get is said, with what there is instead; it is no attack.
fn asked_for(scene: &mut Scene, whole: &Path) {
    let path = scene.path("policy");
    let policy = path.display().to_string();
    let (cosigner, hospital) = (
        CosignerSecret::new("witness.example/w1", &[7; 32]).unwrap().key(),
        VerifierKey::new("hospital", &SecretKey::from_seed(&[7; 32]).public()).unwrap(),
    );
    for (title, text, expected) in [
        ("for a cosigner that never signed", format!("cosigner {cosigner}"), (3, "-", None)),
        ("for more cosigners than it names", format!("cosigner {cosigner}\ncosigners 2"), (4, "-", None)),
        ("that the last epoch is closed", "sealed".to_owned(), (4, "-", None)),
        ("for another hospital", format!("hospital {hospital}"), (1, "impersonated", None)),
    ] {
        std::fs::write(&path, text).unwrap();
        scene.verify(&format!("the policy asks {title}"), whole, &["--policy", &policy], expected);
    }
    let other = Inspector::open(&scene.path("elsewhere")).unwrap();
    std::fs::write(&path, other.checkpoint(other.size()).unwrap().0.to_string()).unwrap();
    let against = ["--against", policy.as_str()];
    scene.verify("an older checkpoint of another kiosk proves nothing", whole, &against, (2, "damage", None));
    let other = Inspector::open(&scene.path("other")).unwrap();
    std::fs::write(&path, other.checkpoint(other.size()).unwrap().0.to_string()).unwrap();
    scene.verify("9 another ledger of the same name", whole, &against, (1, "impersonated", None));
}

/// Attack 19.
fn crafted(scene: &mut Scene) {
    let at = scene.attacked(|_| {});
    let database = at.join("ledger.redb");
    let bytes = std::fs::read(&database).unwrap();
    std::fs::write(&database, &bytes[..bytes.len() / 2]).unwrap();
    scene.verify("19 half a file", &at, &[], (2, "damage", None));
    std::fs::write(&database, vec![0x5a; 1 << 20]).unwrap();
    scene.verify("19 a file of something else", &at, &[], (2, "damage", None));
}
