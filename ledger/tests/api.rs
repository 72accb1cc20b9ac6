//! The ledger as the kiosk uses it: init, open, append, receipt, history, again.

#[path = "../src/cli/shift.rs"]
mod shift;

use ledger::clock::ClockEvidence;
use ledger::init::{InitError, InitOptions, init};
use ledger::ledger::{AppendError, Ledger, OpenError, OpenOptions};
use ledger::receipt::Appended;
use ledger::verify::{Options, Outcome, verify};
use rights::entry::EntryKind;
use shift::Shift;

const ORIGIN: &str = "hospital.example/3b/kiosk-03/g1";

fn made(dir: &std::path::Path) -> Shift {
    let shift = Shift::new(shift::start(), 1);
    init(dir, &InitOptions::new(ORIGIN), &shift.clock()).unwrap();
    shift
}

#[test]
fn a_shift_is_recorded_verified_and_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    let mut shift = made(&path);
    let mut ledger = Ledger::open(&path, &OpenOptions::default(), &shift.clock()).unwrap();
    let entries = shift.entries(40);
    let kinds: Vec<EntryKind> = entries.iter().map(|(entry, _)| entry.kind()).collect();
    assert!(kinds.contains(&EntryKind::Given), "{kinds:?}");
    let mut receipts = Vec::new();
    for (entry, clock) in &entries {
        let Appended::New(receipt) = ledger.append(entry, clock).unwrap() else { panic!("recorded before") };
        assert_eq!(receipt.recorded().key, entry.key());
        assert_eq!(receipt.recorded().at, entry.at().at);
        assert_eq!(receipt.size(), ledger.size());
        receipts.push(receipt);
    }
    // Beside the writer.
    let report = verify(&path, &Options::default());
    assert_eq!((report.outcome, report.state), (Outcome::Fine, "live"), "{report}");
    assert_eq!(report.entries, ledger.size());
    // The same again: the same receipts, nothing written.
    let size = ledger.size();
    for ((entry, clock), receipt) in entries.iter().zip(&receipts) {
        assert_eq!(ledger.append(entry, clock).unwrap(), Appended::AlreadyRecorded(receipt.clone()));
    }
    assert_eq!(ledger.size(), size);
    // What comes back is what was decided.
    let mut decided = entries.iter();
    for stored in ledger.history(0).unwrap() {
        let stored = stored.unwrap();
        if stored.leaf.key.is_some() {
            assert_eq!(stored.detached.as_ref(), decided.next().unwrap().0.detached());
        }
    }
    assert!(decided.next().is_none());
    let given = entries.iter().filter_map(|(entry, _)| entry.detached()?.record.clone());
    assert_eq!(ledger.records().unwrap(), given.collect::<Vec<_>>());
    ledger.close(&shift.clock()).unwrap();
    let report = verify(&path, &Options::default());
    assert_eq!((report.outcome, report.state), (Outcome::Fine, "closed"), "{report}");
    // Again after opening.
    let mut ledger = Ledger::open(&path, &OpenOptions::default(), &shift.clock()).unwrap();
    assert_eq!(ledger.append(&entries[0].0, &entries[0].1).unwrap().receipt(), &receipts[0]);
    drop(ledger);
    let report = verify(&path, &Options::default());
    assert_eq!(report.outcome, Outcome::Fine, "{report}");
}

/// Attack 14.
#[test]
fn another_content_under_the_same_key_is_refused_and_the_ledger_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    let mut first = made(&path);
    let mut ledger = Ledger::open(&path, &OpenOptions::default(), &first.clock()).unwrap();
    // The second shift has the same session ids, but another time.
    let mut second = Shift::new(shift::start() + jiff::SignedDuration::from_secs(7), 1);
    let (one, other) = (first.entries(5), second.entries(5));
    let _ = ledger.append(&one[0].0, &one[0].1).unwrap();
    let refused = ledger.append(&other[0].0, &other[0].1).unwrap_err();
    assert!(matches!(refused, AppendError::KeyReused { sequence: 2 }), "{refused}");
    assert!(matches!(ledger.append(&one[1].0, &one[1].1), Ok(Appended::New(_))));
    assert_eq!(ledger.failed(), None);
}

/// Group commit: each entry is as if it had come alone, and a refused one leaves the others alone.
#[test]
fn a_batch_gives_each_entry_its_own_place_link_and_checkpoint() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    let mut shift = made(&path);
    let mut ledger = Ledger::open(&path, &OpenOptions::default(), &shift.clock()).unwrap();
    let entries: Vec<_> = shift.entries(40).into_iter().map(|(entry, _)| entry).collect();
    let mut other = Shift::new(shift::start() + jiff::SignedDuration::from_secs(7), 1);
    let stranger = other.entries(1)[0].0.clone();
    // The key of the stranger is that of the first entry, which stands in the same batch.
    let mut batch = entries.clone();
    batch.push(stranger.clone());
    let mut appended = ledger.append_all(&batch, &shift.clock()).unwrap();
    let refused = appended.pop().unwrap().unwrap_err();
    assert!(matches!(refused, AppendError::KeyReused { sequence: 2 }), "{refused}");
    assert_eq!(ledger.size(), 2 + entries.len() as u64);
    let leaves: Vec<_> = ledger.history(0).unwrap().map(|stored| stored.unwrap().leaf).collect();
    for (at, one) in appended.iter().enumerate() {
        let Ok(Appended::New(receipt)) = one else { panic!("entry {at}") };
        assert_eq!((receipt.sequence(), receipt.recorded().key), (at as u64 + 2, entries[at].key()));
        assert!(receipt.checkpoint().contains(&format!("\n{}\n", receipt.size())));
        assert_eq!(ledger::tree::leaf_hash(&leaves[at + 2].encode()), *receipt.leaf());
        if let Some(next) = leaves.get(at + 3) {
            assert_eq!(next.previous, *receipt.leaf());
        }
    }
    // Once more, in another order: the first receipts, and nothing is written.
    let again: Vec<_> = entries.iter().rev().cloned().collect();
    for (one, first) in ledger.append_all(&again, &shift.clock()).unwrap().iter().zip(appended.iter().rev()) {
        assert!(matches!(one, Ok(Appended::AlreadyRecorded(_))));
        assert_eq!(one.as_ref().unwrap().receipt(), first.as_ref().unwrap().receipt());
    }
    // The stranger alone is refused by what is stored now; too many at once are refused before anything is done.
    let refused = ledger.append_all(&[stranger], &shift.clock()).unwrap().pop().unwrap();
    assert!(matches!(refused, Err(AppendError::KeyReused { sequence: 2 })));
    let many = vec![entries[0].clone(); Ledger::MOST_AT_ONCE + 1];
    assert!(matches!(ledger.append_all(&many, &shift.clock()), Err(AppendError::TooMany(257))));
    assert!(ledger.append_all(&[], &shift.clock()).unwrap().is_empty());
    assert_eq!((ledger.size(), ledger.failed()), (2 + entries.len() as u64, None));
    ledger.close(&shift.clock()).unwrap();
    let report = verify(&path, &Options::default());
    assert_eq!(report.outcome, Outcome::Fine, "{report}");
}

#[test]
fn init_refuses_to_overwrite_and_open_refuses_what_is_not_this_kiosks() {
    let dir = tempfile::tempdir().unwrap();
    let (path, other) = (dir.path().join("a"), dir.path().join("b"));
    let shift = made(&path);
    let again = init(&path, &InitOptions::new(ORIGIN), &shift.clock()).unwrap_err();
    assert!(matches!(again, InitError::NotEmpty(_)), "{again}");
    let wrong = init(&other, &InitOptions::new("with space"), &shift.clock()).unwrap_err();
    assert!(matches!(wrong, InitError::Origin(_)), "{wrong}");
    init(&other, &InitOptions::new("hospital.example/3b/kiosk-04/g1"), &shift.clock()).unwrap();
    let options = OpenOptions { origin: Some(ORIGIN.into()), ..OpenOptions::default() };
    let before = std::fs::read(other.join("ledger.redb")).unwrap();
    let error = Ledger::open(&other, &options, &shift.clock()).unwrap_err();
    assert!(matches!(error, OpenError::OtherOrigin { .. }), "{error}");
    assert!(std::fs::read(other.join("ledger.redb")).unwrap() == before, "it was touched");
    std::fs::copy(other.join("keys/device.key"), path.join("keys/device.key")).unwrap();
    let error = Ledger::open(&path, &options, &shift.clock()).unwrap_err();
    assert!(matches!(error, OpenError::OtherDeviceKey), "{error}");
    let error = Ledger::open(&dir.path().join("none"), &options, &shift.clock()).unwrap_err();
    assert!(matches!(error, OpenError::File { .. }), "{error}");
}

#[test]
fn two_processes_cannot_write() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    let shift = made(&path);
    let ledger = Ledger::open(&path, &OpenOptions::default(), &shift.clock()).unwrap();
    let error = Ledger::open(&path, &OpenOptions::default(), &shift.clock()).unwrap_err();
    assert!(error.to_string().contains("another process"), "{error}");
    drop(ledger);
}

/// Epochs: closed once, also when empty; a key of yesterday cannot come back; a jump of years moves nothing.
#[test]
fn days_pass_and_each_is_signed_with_its_own_key() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    let mut shift = made(&path);
    let mut ledger = Ledger::open(&path, &OpenOptions::default(), &shift.clock()).unwrap();
    let before = std::fs::read(path.join("keys/epoch.state")).unwrap();
    for (entry, clock) in shift.entries(120) {
        let _ = ledger.append(&entry, &clock).unwrap();
    }
    assert!(ledger.epoch() >= 1, "epoch {}", ledger.epoch());
    assert_ne!(std::fs::read(path.join("keys/epoch.state")).unwrap(), before);
    let epoch = ledger.epoch();
    let far =
        ClockEvidence { wall_ns: shift.clock().wall_ns + 9 * 365 * 86_400 * 1_000_000_000, ..shift.clock() };
    let entry = &shift.entries(1)[0].0;
    let _ = ledger.append(entry, &far).unwrap();
    assert_eq!(ledger.epoch(), epoch);
    let day = 86_400_000_000_000;
    let later = ClockEvidence { wall_ns: shift.clock().wall_ns + 5 * day, ..shift.clock() };
    ledger.close(&later).unwrap();
    let report = verify(&path, &Options::default());
    assert_eq!(report.outcome, Outcome::Fine, "{report}");
    assert!(report.epoch >= epoch + 4, "empty epochs are closed too: {}", report.epoch);
    // The keys of an older copy with the ledger of today, and the other way round.
    std::fs::write(path.join("keys/epoch.state"), &before).unwrap();
    let error = Ledger::open(&path, &OpenOptions::default(), &later);
    assert!(
        error.is_ok(),
        "an older state advances to the ledger's epoch: a power cut between the two looks the same"
    );
}

/// The site's policy is an entry of its own: its hash in the leaf, the policy beside, and the next entries decided by it.
#[test]
fn the_policy_in_force_is_an_entry() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    let mut shift = made(&path);
    let mut ledger = Ledger::open(&path, &OpenOptions::default(), &shift.clock()).unwrap();
    let at = ledger.size();
    let _ = ledger.policy_in_force(&rights::policy::Policy::default(), &shift.clock()).unwrap();
    for (entry, clock) in shift.entries(10) {
        let _ = ledger.append(&entry, &clock).unwrap();
    }
    let named: Vec<_> =
        ledger.history(at).unwrap().filter_map(|stored| stored.unwrap().leaf.clear.policy).collect();
    assert!(
        named.len() > 3 && named.iter().all(|hash| *hash == named[0]),
        "the shift was decided by the same policy"
    );
    let first = ledger.history(at).unwrap().next().unwrap().unwrap().leaf;
    assert_eq!((first.kind, first.actor), (ledger::kind::Kind::POLICY, None));
    let stored = ledger.view().unwrap().policy(&named[0]).unwrap().unwrap();
    assert_eq!(ledger::hash::sha256(&[&stored]), named[0]);
    ledger.close(&shift.clock()).unwrap();
    assert_eq!(verify(&path, &Options::default()).outcome, Outcome::Fine);
}
