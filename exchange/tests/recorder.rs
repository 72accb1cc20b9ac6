//! The station's own ledger under many people at once: whatever was answered with "recorded" is there, in whole requests.

use std::collections::BTreeMap;
use std::path::Path;

use exchange::station::Recorder;
use exchange::station::staff::Person;
use jiff::tz::TimeZone;
use ledger::clock::ClockEvidence;
use ledger::init::{InitOptions, init};
use ledger::inspect::Inspector;
use ledger::kind::Kind;
use ledger::leaf::Leaf;
use ledger::verify::{Options, Outcome, verify};
use rights::desk::Act;
use rights::entry::IdempotencyKey;
use rights::ident::{ClinicianId, PatientId, ReasonCode};
use rights::person::Role;

fn made(folder: &Path) -> Recorder {
    init(folder, &InitOptions::new("hospital.example/station/g1"), &ClockEvidence::now()).unwrap();
    Recorder::open(folder, TimeZone::UTC).unwrap()
}

fn person(role: Role) -> Person {
    Person { id: ClinicianId::parse("ph-1").unwrap(), name: "P".to_owned(), role }
}

/// The looks of one request: so many patients on one page.
fn looks(who: u8, request: u32, patients: u32) -> Vec<(Act, IdempotencyKey)> {
    let look = |patient: u32| {
        let page = ReasonCode::parse("patient").unwrap();
        let patient_id = PatientId::parse(&format!("patient-{patient}")).unwrap();
        let key = IdempotencyKey { session: [who; 16], count: request * 1000 + patient };
        (Act::Saw { page, patient: patient_id }, key)
    };
    (0..patients).map(look).collect()
}

fn views(folder: &Path) -> Vec<Leaf> {
    let inspector = Inspector::open(folder).unwrap();
    let leaves = (0..inspector.size()).map(|at| inspector.entry(at).unwrap().0);
    leaves.filter(|leaf| leaf.kind == Kind::VIEW).collect()
}

#[test]
fn twenty_people_at_once_are_all_recorded_and_each_request_in_one_commit() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("ledger");
    let recorder = made(&folder);
    let now = "2026-12-01T17:00:00Z".parse().unwrap();
    std::thread::scope(|scope| {
        for who in 1..=20 {
            let recorder = &recorder;
            scope.spawn(move || {
                for request in 0..5 {
                    let acts = looks(who, request, 1 + request);
                    recorder.record_all(&acts, Some(&person(Role::Pharmacist)), now).unwrap();
                }
            });
        }
    });
    let views = views(&folder);
    assert_eq!(views.len(), 20 * (1 + 2 + 3 + 4 + 5));
    // One commit has one reading of the clock. No request stands in two.
    let mut clocks: BTreeMap<(u8, u32), Vec<u64>> = BTreeMap::new();
    for leaf in &views {
        let key = leaf.key.unwrap();
        let count = u32::from_be_bytes(key[16..].try_into().unwrap());
        clocks.entry((key[0], count / 1000)).or_default().push(leaf.clock.boottime_ns);
    }
    assert_eq!(clocks.len(), 100);
    assert!(clocks.values().all(|of| of.iter().all(|at| *at == of[0])), "{clocks:?}");
    recorder.close();
    let report = verify(&folder, &Options::default());
    assert_eq!((report.outcome, report.state), (Outcome::Fine, "closed"), "{report}");
}

#[test]
fn more_than_one_commit_takes_is_recorded_before_the_answer() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("ledger");
    let recorder = made(&folder);
    let now = "2026-12-01T17:00:00Z".parse().unwrap();
    recorder.record_all(&looks(1, 0, 300), Some(&person(Role::Auditor)), now).unwrap();
    assert_eq!(views(&folder).len(), 300);
}

#[test]
fn what_is_refused_or_comes_after_the_end_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("ledger");
    let recorder = made(&folder);
    let now = "2026-12-01T17:00:00Z".parse().unwrap();
    let record = |acts: &[(Act, IdempotencyKey)], role| recorder.record_all(acts, Some(&person(role)), now);
    let refused = record(&looks(1, 0, 1), Role::Administrator).unwrap_err();
    assert_eq!(refused.to_string(), "this role may not do that");
    record(&looks(1, 0, 1), Role::Auditor).unwrap();
    // The key of the first with another patient: this request is refused, the ledger goes on.
    let mut taken = looks(1, 0, 2);
    taken.swap(0, 1);
    taken[0].1 = looks(1, 0, 1)[0].1;
    taken[1].1 = looks(1, 1, 1)[0].1;
    let refused = record(&taken, Role::Auditor).unwrap_err();
    assert!(refused.to_string().contains("same idempotency key"), "{refused}");
    record(&looks(2, 0, 1), Role::Auditor).unwrap();
    record(&[], Role::Administrator).unwrap();
    recorder.close();
    let closed = record(&looks(3, 0, 1), Role::Auditor).unwrap_err();
    assert!(closed.to_string().contains("it is closed"), "{closed}");
    assert_eq!(views(&folder).len(), 3);
}
