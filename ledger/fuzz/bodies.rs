//! What each parser of hostile bytes must hold, whatever the bytes are: no panic, and what is accepted is printed back the same. Run
//! by libFuzzer (`make fuzz`) and, over a corpus with random changes, by `tests/fuzz.rs` in each test run.

#![allow(unreachable_pub, reason = "each target and the test use it as a module of their own")]

use ledger::checkpoint::Checkpoint;
use ledger::cosign::protocol::AddCheckpoint;
use ledger::cosign::signature::CosignerKey;
use ledger::leaf::Leaf;
use ledger::note::{Note, SignatureLine, VerifierKey};
use ledger::proof::TlogProof;
use ledger::tiles::first_entry;

fn text(data: &[u8]) -> Option<&str> {
    std::str::from_utf8(data).ok()
}

/// An entry, its enrolment and its detached data.
pub fn entry(data: &[u8]) {
    if let Ok(leaf) = Leaf::decode(data) {
        assert_eq!(leaf.encode(), data);
    }
    if let Ok(enrolled) = ledger::enrolment::Enrolled::decode(data) {
        assert_eq!(enrolled.encode(), data);
    }
    if let Ok(detached) = ledger::codec::decode(data, &|_| None) {
        assert_eq!(ledger::codec::encode(&detached).0, data);
    }
}

/// A signed note, a signature line, and keys.
pub fn note(data: &[u8]) {
    let Some(text) = text(data) else { return };
    if let Ok(note) = Note::parse(text) {
        assert_eq!(note.to_string(), text);
    }
    if let Ok(line) = SignatureLine::parse(text) {
        assert_eq!(line.to_string().trim_end(), text);
    }
    if let Ok(key) = VerifierKey::parse(text) {
        assert_eq!(key.to_string(), text);
    }
    // A key of type 1 is printed as the type 4 that it is taken for.
    if let Ok(key) = CosignerKey::parse(text) {
        assert_eq!(CosignerKey::parse(&key.to_string()), Ok(key));
    }
    let _ = ledger::verify::Policy::parse(text);
}

/// A checkpoint.
pub fn checkpoint(data: &[u8]) {
    if let Some(text) = text(data)
        && let Ok(checkpoint) = Checkpoint::parse(text)
    {
        assert_eq!(checkpoint.to_string(), text);
    }
}

/// A proof file.
pub fn proof(data: &[u8]) {
    if let Some(text) = text(data)
        && let Ok(proof) = TlogProof::parse(text)
    {
        assert_eq!(proof.to_string(), text);
        let key = VerifierKey::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
        assert!(key.is_ok_and(|key| proof.check(&key).is_err()), "nothing is proven by a stranger's key");
    }
}

/// An entry bundle of an export.
pub fn tile(data: &[u8]) {
    let (mut rest, mut length) = (data, 0);
    while let Some((entry, after)) = first_entry(rest) {
        length += 2 + entry.len();
        rest = after;
    }
    assert_eq!(length + rest.len(), data.len());
}

/// What a cosigner is sent, and what it answers.
pub fn request(data: &[u8]) {
    let Some(text) = text(data) else { return };
    if let Ok(request) = AddCheckpoint::parse(text) {
        assert_eq!(request.to_string(), text);
    }
    for status in [200, 400, 403, 404, 409, 422, 500] {
        let _ = ledger::cosign::protocol::Answer::parse(status, text);
    }
}
