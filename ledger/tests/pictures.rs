//! Pictures of packages beside the ledger: encrypted for their own entry, bounded, and gone with the patient's key.

#[path = "../src/cli/shift.rs"]
mod shift;

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::date;
use ledger::files::Folder;
use ledger::init::{InitOptions, init};
use ledger::inspect::Inspector;
use ledger::ledger::{Ledger, OpenOptions, Retention, shred};
use ledger::pictures::{MOST_BYTES, MOST_KEPT, PictureError, tidy};
use ledger::verify::{Options, Outcome, verify};
use rights::entry::IdempotencyKey;
use shift::Shift;

const PICTURE: &[u8] = b"\xff\xd8 a label with a name \xff\xd9";

/// A ledger with the keys of its entries: those with patient data, and one without.
fn made(path: &Path) -> (Ledger, Shift, Vec<(u64, IdempotencyKey)>, IdempotencyKey) {
    let mut shift = Shift::new(shift::start(), 1);
    init(path, &InitOptions::new("hospital.example/3b/kiosk-03/g1"), &shift.clock()).unwrap();
    let mut ledger = Ledger::open(path, &OpenOptions::default(), &shift.clock()).unwrap();
    let (mut with, mut without) = (Vec::new(), None);
    for (entry, clock) in shift.entries(12) {
        let sequence = ledger.append(&entry, &clock).unwrap().receipt().sequence();
        if entry.detached().is_some() {
            with.push((sequence, entry.key()));
        } else {
            without = Some(entry.key());
        }
    }
    (ledger, shift, with, without.unwrap())
}

fn seen(path: &Path, sequence: u64) -> Result<Option<Vec<u8>>, PictureError> {
    let inspector = Inspector::open(path).unwrap();
    let device = inspector.device_key().unwrap();
    Ok(inspector.picture(&device, sequence)?.map(|picture| picture.to_vec()))
}

#[test]
fn a_picture_opens_for_its_own_entry_alone_and_changes_no_hash() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    let (ledger, shift, with, without) = made(&path);
    let ((one, key), (other, _)) = (with[0], with[1]);
    let size = ledger.size();
    ledger.keep_picture(&key, PICTURE).unwrap();
    assert_eq!(seen(&path, one).unwrap().as_deref(), Some(PICTURE), "beside the writer");
    assert_eq!(seen(&path, other).unwrap(), None);
    assert!(matches!(ledger.keep_picture(&without, PICTURE), Err(PictureError::NoKey(_))));
    let nobody = IdempotencyKey { session: [7; 16], count: 7 };
    assert!(matches!(ledger.keep_picture(&nobody, PICTURE), Err(PictureError::NoEntry)));
    assert!(matches!(ledger.keep_picture(&key, &vec![0; MOST_BYTES + 1]), Err(PictureError::Length(_))));
    assert_eq!(ledger.size(), size);
    let folder = Folder::new(&path);
    let sealed = std::fs::read(folder.picture(one)).unwrap();
    assert!(!sealed.windows(8).any(|part| PICTURE.windows(8).any(|plain| plain == part)), "encrypted");
    // Moved to another entry, changed by a bit, cut off: it does not open, and nothing panics.
    std::fs::write(folder.picture(other), &sealed).unwrap();
    assert!(matches!(seen(&path, other), Err(PictureError::Cipher { .. })));
    let mut changed = sealed.clone();
    changed[20] ^= 1;
    for bad in [&changed[..], &sealed[..5], &[]] {
        std::fs::write(folder.picture(one), bad).unwrap();
        assert!(matches!(seen(&path, one), Err(PictureError::Cipher { .. })));
    }
    // It is no evidence: thrown away, the ledger is as whole as before.
    ledger.close(&shift.clock()).unwrap();
    std::fs::remove_dir_all(folder.pictures()).unwrap();
    assert_eq!(verify(&path, &Options::default()).outcome, Outcome::Fine);
}

#[test]
fn a_picture_is_unreadable_once_the_patients_key_is_destroyed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    let (ledger, shift, with, _) = made(&path);
    ledger.keep_picture(&with[0].1, PICTURE).unwrap();
    ledger.close(&shift.clock()).unwrap();
    let shredded = shred(&path, Retention::default(), Some(date(2090, 1, 1)), false, &shift.clock()).unwrap();
    assert!(shredded.destroyed > 0);
    assert!(matches!(seen(&path, with[0].0), Err(PictureError::NoKey(_))));
}

#[test]
fn old_pictures_and_too_many_are_thrown_away() {
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::new(dir.path());
    assert_eq!(tidy(&folder, Timestamp::MAX).unwrap(), 0, "none were ever kept");
    std::fs::create_dir(folder.pictures()).unwrap();
    let day = std::time::Duration::from_hours(24);
    let first = std::time::UNIX_EPOCH + 20_000 * day;
    for sequence in 0..u64::try_from(MOST_KEPT).unwrap() + 3 {
        let file = std::fs::File::create(folder.picture(sequence)).unwrap();
        file.set_modified(first + day * u32::try_from(sequence).unwrap()).unwrap();
    }
    let at = |days: u64| Timestamp::from_second(i64::try_from((20_000 + days) * 86_400).unwrap()).unwrap();
    assert_eq!(tidy(&folder, at(0)).unwrap(), 3, "the oldest beyond the most that are kept");
    assert!(!folder.picture(2).exists() && folder.picture(3).exists());
    assert_eq!(tidy(&folder, at(10)).unwrap(), 7);
    assert!(!folder.picture(9).exists() && folder.picture(10).exists());
    assert_eq!(tidy(&folder, at(10)).unwrap(), 0);
}
