//! The kiosk and its cosigner: a real ledger, and a real cosigner over HTTP on the loopback.

use std::cell::RefCell;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::time::Duration;

use jiff::tz::TimeZone;
use kiosk::clock::{Clock, SystemClock};
use kiosk::cosigner::{Anchoring, CosignerConfig, LedgerSays, Round, Rounds};
use kiosk::recorder::{Recorder, RecorderError};
use ledger::cosign::http::{Server, Stop};
use ledger::cosign::protocol::AddCheckpoint;
use ledger::cosign::signature::CosignerKey;
use ledger::cosign::state::Cosigner;
use ledger::inspect::Inspector;
use ledger::kind::Kind;
use ledger::note::Note;
use rights::desk::{self, Act};
use rights::entry::{Entry, IdempotencyKey};
use rights::policy::Policy;

const ORIGIN: &str = "hospital.example/3b/kiosk-03/g1";

fn clock() -> SystemClock {
    SystemClock::new(TimeZone::UTC)
}

/// Each opening records the policy in force, so that something is new.
fn opened(folder: &Path) -> Owned {
    Owned(RefCell::new(open(folder).unwrap()))
}

fn open(folder: &Path) -> Result<Recorder, RecorderError> {
    Recorder::open(folder, ORIGIN, true, &Policy::default(), &clock().evidence())
}

/// The ledger without its thread.
struct Owned(RefCell<Recorder>);

impl Owned {
    fn close(self) {
        self.0.into_inner().close(&clock().evidence());
    }
}

impl Anchoring for Owned {
    fn size(&self) -> Option<u64> {
        Some(self.0.borrow().size())
    }

    fn request(&self, known: u64) -> Result<AddCheckpoint, LedgerSays> {
        Ok(self.0.borrow().cosign_request(known)?)
    }

    fn anchor(&self, note: Note, key: CosignerKey) -> Result<u64, LedgerSays> {
        Ok(self.0.borrow_mut().anchor(&note, &key, &clock().evidence())?)
    }

    fn contradicted(&self, seen: Note) -> bool {
        self.0.borrow_mut().contradicted(&seen)
    }
}

struct Witness {
    config: CosignerConfig,
    stop: Stop,
}

impl Witness {
    /// Knows the ledger of this folder.
    fn start(state: &Path, ledger: Option<&Path>) -> Self {
        let mut cosigner = Cosigner::open(state, Some("witness.example/w1")).unwrap();
        if let Some(ledger) = ledger {
            cosigner.add(&std::fs::read_to_string(ledger.join("log.vkey")).unwrap()).unwrap();
        }
        let key = cosigner.key();
        let server = Server::bind("127.0.0.1:0", cosigner).unwrap();
        let url = format!("http://{}", server.address());
        let stop = server.stop();
        std::thread::spawn(move || server.run(ledger::clock::unix_seconds));
        Self { config: CosignerConfig { url, key, every: Duration::from_mins(1) }, stop }
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.stop.stop();
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let place = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &place);
        } else {
            std::fs::copy(&path, place).unwrap();
        }
    }
}

/// A refused sign-in at a desk: an entry that needs nobody.
fn entry(count: u32) -> Entry {
    let key = IdempotencyKey { session: [7; 16], count };
    desk::entry(
        &Act::Refused(rights::ident::ReasonCode::parse("wrong-pin").unwrap()),
        None,
        key,
        clock().moment(),
    )
    .unwrap()
}

#[test]
fn the_checkpoint_is_cosigned_once_for_what_is_new_and_the_answer_stands_in_the_chain() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("ledger");
    let ledger = opened(&folder);
    let witness = Witness::start(&dir.path().join("state"), Some(&folder));
    let mut rounds = Rounds::new(witness.config.clone());
    let size = ledger.size().unwrap();
    assert!(matches!(rounds.next(&ledger), Round::Anchored(place) if place == size));
    assert!(matches!(rounds.next(&ledger), Round::NothingNew));
    let _ = ledger.0.borrow_mut().append(&entry(1), &clock().evidence()).unwrap();
    assert!(matches!(rounds.next(&ledger), Round::Anchored(place) if place == size + 2));
    ledger.close();
    // A kiosk that starts again does not know what the cosigner knows: it is told.
    let ledger = opened(&folder);
    assert!(matches!(Rounds::new(witness.config.clone()).next(&ledger), Round::Anchored(_)));
    ledger.close();
    let inspector = Inspector::open(&folder).unwrap();
    let anchors = (0..inspector.size()).filter(|at| inspector.entry(*at).unwrap().0.kind == Kind::ANCHOR);
    assert_eq!(anchors.count(), 3);
}

/// An older copy was put in the ledger's place. The cosigner knows better, and nothing more is recorded.
#[test]
fn a_ledger_that_was_put_back_is_found_and_takes_nothing_more() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, older) = (dir.path().join("ledger"), dir.path().join("older"));
    opened(&folder).close();
    copy(&folder, &older);
    let witness = Witness::start(&dir.path().join("state"), Some(&folder));
    let ledger = opened(&folder);
    for count in 1..5 {
        let _ = ledger.0.borrow_mut().append(&entry(count), &clock().evidence()).unwrap();
    }
    assert!(matches!(Rounds::new(witness.config.clone()).next(&ledger), Round::Anchored(_)));
    ledger.close();

    let ledger = opened(&older);
    assert!(ledger.0.borrow_mut().append(&entry(1), &clock().evidence()).is_some(), "nobody knows yet");
    let said = match Rounds::new(witness.config.clone()).next(&ledger) {
        Round::Contradicted(said) => said,
        other => panic!("{other:?}"),
    };
    assert!(said.contains("older copy"), "{said}");
    assert!(ledger.0.borrow_mut().append(&entry(2), &clock().evidence()).is_none(), "red, and paper");

    // Over a restart, too, while the cosigner is away; the file itself is left as it is, for the auditor.
    ledger.close();
    drop(witness);
    let again = open(&older).unwrap_err().to_string();
    assert!(
        again.contains("a cosigner has seen other entries") && again.contains("newest backup"),
        "{again}"
    );
    kiosk::audit::verify(&older).expect("what it holds is whole");
}

/// The older copy went on before the cosigner was reached, so that it is as long as what the cosigner saw: the other branch of a fork.
#[test]
fn a_ledger_that_was_put_back_and_went_on_is_found_too() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, older) = (dir.path().join("ledger"), dir.path().join("older"));
    opened(&folder).close();
    copy(&folder, &older);
    let witness = Witness::start(&dir.path().join("state"), Some(&folder));
    let ledger = opened(&folder);
    assert!(matches!(Rounds::new(witness.config.clone()).next(&ledger), Round::Anchored(_)));
    ledger.close();

    let ledger = opened(&older);
    for count in 1..9 {
        assert!(ledger.0.borrow_mut().append(&entry(count), &clock().evidence()).is_some());
    }
    let round = Rounds::new(witness.config.clone()).next(&ledger);
    assert!(matches!(&round, Round::Contradicted(why) if why.contains("422")), "{round:?}");
    assert!(ledger.0.borrow_mut().append(&entry(9), &clock().evidence()).is_none(), "red, and paper");
}

/// Both branches went on equally far: to the cosigner it is the same size with another root, which it answers with 409, not 422.
#[test]
fn a_fork_of_the_same_length_is_found_too() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, fork) = (dir.path().join("ledger"), dir.path().join("fork"));
    opened(&folder).close();
    copy(&folder, &fork);
    let witness = Witness::start(&dir.path().join("state"), Some(&folder));
    let (ledger, forked) = (opened(&folder), opened(&fork));
    assert_eq!(ledger.size(), forked.size());
    assert!(matches!(Rounds::new(witness.config.clone()).next(&ledger), Round::Anchored(_)));

    let round = Rounds::new(witness.config.clone()).next(&forked);
    assert!(matches!(&round, Round::Contradicted(why) if why.contains("409")), "{round:?}");
    assert!(forked.0.borrow_mut().append(&entry(1), &clock().evidence()).is_none(), "red, and paper");
}

/// Whoever stands on the way can say that the cosigner knows more, or other entries. It proves nothing, so it closes nothing.
#[test]
fn what_anybody_can_say_is_an_alarm_and_closes_no_ledger() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, other) = (dir.path().join("ledger"), dir.path().join("other"));
    let ledger = opened(&folder);
    // Its own checkpoint of before, and one of another ledger of that name.
    for proves_nothing in [ledger.request(0).unwrap().note, opened(&other).request(0).unwrap().note] {
        assert!(!ledger.contradicted(proves_nothing));
    }
    let mut count = 0;
    for head in ["", "Tlog-Seen: bm90ZQ==\r\n", "Tlog-Seen: %%%\r\n"] {
        // More entries, another root of as many, and fewer than it is told of, whatever it is told.
        for (status, body) in [
            ("409 Conflict", "999999\n"),
            ("409 Conflict", "0\n"),
            ("409 Conflict", "1\n"),
            ("422 Unprocessable Content", "no\n"),
        ] {
            let config = says(format!(
                "HTTP/1.1 {status}\r\n{head}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            ));
            let round = Rounds::new(config).next(&ledger);
            assert!(matches!(&round, Round::Doubted(_)), "{status} {head} {body}: {round:?}");
            count += 1;
            assert!(ledger.0.borrow_mut().append(&entry(count), &clock().evidence()).is_some());
        }
    }
    ledger.close();
    opened(&folder).close();
}

/// Somebody who gives one answer to everything.
fn says(answer: String) -> CosignerConfig {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 9000]);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    let seed = ledger::note::SecretKey::from_seed(&[7; 32]);
    let key = CosignerKey::new("witness.example/w1", &seed.public()).unwrap();
    CosignerConfig { url, key, every: Duration::from_mins(1) }
}

/// The network is no reason to stop: it is said, and tried again.
#[test]
fn a_cosigner_that_is_away_or_knows_nothing_of_this_ledger_stops_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("ledger");
    let ledger = opened(&folder);
    let stranger = Witness::start(&dir.path().join("state"), None);
    let mut rounds = Rounds::new(stranger.config.clone());
    assert!(matches!(rounds.next(&ledger), Round::NotNow(why) if why.contains("404")));
    let away = CosignerConfig { url: "http://127.0.0.1:1".into(), ..stranger.config.clone() };
    assert!(matches!(Rounds::new(away).next(&ledger), Round::NotNow(why) if why.contains("127.0.0.1:1")));
    assert!(ledger.0.borrow_mut().append(&entry(1), &clock().evidence()).is_some());
}
