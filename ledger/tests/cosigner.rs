//! The cosigner over real HTTP on the loopback: every answer of c2sp.org/tlog-witness, its memory, and what the ledger makes of it.

#[path = "../src/cli/shift.rs"]
mod shift;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ledger::cosign::http::{CosignError, Server, cosign, submit};
use ledger::cosign::protocol::{AddCheckpoint, Answer};
use ledger::cosign::signature::CosignerKey;
use ledger::cosign::state;
use ledger::init::{InitOptions, init};
use ledger::ledger::{AnchorError, Ledger, OpenError, OpenOptions};
use ledger::note::{Note, SecretKey, SignatureLine, VerifierKey};
use ledger::verify::{Attack, FindingKind, Options, Outcome, Policy, Report, verify};
use shift::Shift;

const ORIGIN: &str = "hospital.example/3b/kiosk-03/g1";
const WAIT: Duration = Duration::from_secs(20);

/// `ledger cosign` as a process of its own, ended with the test.
struct Cosigner {
    child: Child,
    url: String,
    key: CosignerKey,
}

impl Cosigner {
    fn start(state: &Path, logs: &[PathBuf]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ledger"));
        command.args([
            "cosign",
            "--json",
            "--listen",
            "127.0.0.1:0",
            "--name",
            "witness.example/w1",
            "--state",
        ]);
        command.arg(state);
        for log in logs {
            command.arg("--log").arg(log);
        }
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: serde_json::Value = serde_json::from_str(&line).unwrap();
        let url = format!("http://{}", said["listen"].as_str().unwrap());
        Self { child, url, key: CosignerKey::parse(said["key"].as_str().unwrap()).unwrap() }
    }

    fn ask(&self, request: &AddCheckpoint) -> Answer {
        submit(&self.url, request, WAIT).unwrap().answer
    }

    /// The raw answer to a raw request.
    fn raw(&self, method: &str, path: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(self.url.strip_prefix("http://").unwrap()).unwrap();
        stream.set_read_timeout(Some(WAIT)).unwrap();
        let length = body.len();
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: w\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for Cosigner {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn made(path: &Path, salt: u64, count: usize) -> (Ledger, Shift) {
    let mut shift = Shift::new(shift::start(), salt);
    init(path, &InitOptions::new(ORIGIN), &shift.clock()).unwrap();
    let mut ledger = Ledger::open(path, &OpenOptions::default(), &shift.clock()).unwrap();
    more(&mut ledger, &mut shift, count);
    (ledger, shift)
}

fn more(ledger: &mut Ledger, shift: &mut Shift, count: usize) {
    for (entry, clock) in shift.entries(count) {
        let _ = ledger.append(&entry, &clock).unwrap();
    }
}

#[test]
fn each_answer_is_that_of_the_specification() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    let (mut ledger, mut shift) = made(&path, 1, 30);
    let state = dir.path().join("state");
    let cosigner = Cosigner::start(&state, &[path.join("log.vkey")]);
    let first = ledger.cosign_request(0).unwrap();
    let size = ledger.size();

    // 400: no request, and an old size beyond the checkpoint.
    let answer = cosigner.raw("POST", "/add-checkpoint", "old x\n\n");
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    let beyond = AddCheckpoint { old: size + 1, ..first.clone() };
    assert!(matches!(cosigner.ask(&beyond), Answer::BadRequest(_)));
    let long = format!("old 0\n\n{}", "x".repeat(100_000));
    assert!(cosigner.raw("POST", "/add-checkpoint", &long).starts_with("HTTP/1.1 400"));
    // 403: signed by a stranger. 404: another origin.
    let stranger = SecretKey::from_seed(&[9; 32]);
    let signed = |origin: &str| {
        let text = first.note.text().replace(ORIGIN, origin);
        let key = VerifierKey::new(origin, &stranger.public()).unwrap();
        let note = Note::with_signature(text.clone(), &key, &stranger.sign(text.as_bytes()));
        AddCheckpoint { note, ..first.clone() }
    };
    assert_eq!(cosigner.ask(&signed(ORIGIN)), Answer::NotSigned);
    assert_eq!(cosigner.ask(&signed("elsewhere.example")), Answer::UnknownOrigin);
    assert!(cosigner.raw("POST", "/other", "").starts_with("HTTP/1.1 404"));
    assert!(cosigner.raw("GET", "/add-checkpoint", "").starts_with("HTTP/1.1 405"));
    // 422: from nothing with a proof.
    let proof = vec![[1; 32]];
    assert_eq!(cosigner.ask(&AddCheckpoint { proof, ..first.clone() }), Answer::NotConsistent);
    // 200, and the line holds.
    let Answer::Cosigned(lines) = cosigner.ask(&first) else { panic!("not cosigned") };
    let mut note = first.note.clone();
    note.add(lines);
    assert!(cosigner.key.cosigned(&note).is_some_and(|at| at > 1_700_000_000));
    // The same again from the size it knows; from nothing it is a conflict, which tells the size in its own content type.
    let again = AddCheckpoint { old: size, ..first.clone() };
    assert!(matches!(cosigner.ask(&again), Answer::Cosigned(_)));
    let conflict = cosigner.raw("POST", "/add-checkpoint", &first.to_string()).to_lowercase();
    assert!(
        conflict.starts_with("http/1.1 409") && conflict.ends_with(&format!("\r\n\r\n{size}\n")),
        "{conflict}"
    );
    assert!(conflict.contains("content-type: text/x.tlog.size"), "{conflict}");
    // 422: a proof that does not hold.
    more(&mut ledger, &mut shift, 20);
    let mut second = ledger.cosign_request(size).unwrap();
    second.proof[0][0] ^= 1;
    assert_eq!(cosigner.ask(&second), Answer::NotConsistent);
    second.proof[0][0] ^= 1;
    assert!(matches!(cosigner.ask(&second), Answer::Cosigned(_)));

    // Its memory outlives it: killed and started again, it knows the size, and a second history is refused.
    let known = ledger.size();
    drop(cosigner);
    let cosigner = Cosigner::start(&state, &[]);
    assert_eq!(cosigner.ask(&first), Answer::Conflict(known));
    ledger.close(&shift.clock()).unwrap();
}

/// Attack 8: of two histories of one ledger, one is cosigned. Two requests at once: the state moves once.
#[test]
fn a_fork_is_not_cosigned_and_a_race_moves_the_state_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    let (ledger, shift) = made(&path, 1, 20);
    ledger.close(&shift.clock()).unwrap();
    // Somebody copies the kiosk, keys and all, and both go on.
    let clone = dir.path().join("clone");
    std::fs::create_dir_all(clone.join("keys")).unwrap();
    for file in ["ledger.redb", "enrolment", "log.vkey", "keys/device.key", "keys/epoch.state"] {
        std::fs::copy(path.join(file), clone.join(file)).unwrap();
    }
    let cosigner = Cosigner::start(&dir.path().join("state"), &[path.join("log.vkey")]);
    let open = |path: &Path, salt| {
        let mut shift = Shift::new(shift::start() + jiff::SignedDuration::from_hours(1), salt);
        let mut ledger = Ledger::open(path, &OpenOptions::default(), &shift.clock()).unwrap();
        more(&mut ledger, &mut shift, 20);
        ledger
    };
    let (one, mut other) = (open(&path, 2), open(&clone, 3));
    assert_eq!(one.size(), other.size());
    let (first, second) = (one.cosign_request(0).unwrap(), other.cosign_request(0).unwrap());
    assert!(matches!(cosigner.ask(&first), Answer::Cosigned(_)));
    let size = one.size();
    assert_eq!(cosigner.ask(&AddCheckpoint { old: size, proof: vec![], ..second }), Answer::Conflict(size));
    let mut shift = Shift::new(shift::start() + jiff::SignedDuration::from_hours(2), 4);
    more(&mut other, &mut shift, 9);
    let forked = cosign(&cosigner.url, 0, WAIT, |known| other.cosign_request(known));
    assert!(matches!(forked, Err(CosignError::Refused { status: 422, .. })), "{forked:?}");
    // The two checkpoints of one size are a proof against the kiosk that needs neither ledger.
    let options = Options { against: Some(first.note.clone()), ..Options::default() };
    let report = verify(&clone, &options);
    let finding = report.finding.as_ref().unwrap();
    assert_eq!(
        (report.outcome, finding.kind, finding.attack),
        (Outcome::Tampered, FindingKind::Fork, Attack::Forked)
    );
    let notes: Vec<Note> =
        finding.evidence.as_ref().unwrap().notes().map(|note| Note::parse(note).unwrap()).collect();
    let keys = std::fs::read_to_string(path.join("log.vkey")).unwrap();
    let key = VerifierKey::parse(keys.lines().next().unwrap()).unwrap();
    assert!(notes.len() == 2 && notes.iter().all(|note| note.signed_by(&key)) && notes[0] != notes[1]);

    let race = dir.path().join("race");
    let (ledger, _) = made(&race, 5, 20);
    let cosigner = Cosigner::start(&dir.path().join("race-state"), &[race.join("log.vkey")]);
    let request = ledger.cosign_request(0).unwrap();
    let answers: Vec<Answer> = std::thread::scope(|threads| {
        let asked: Vec<_> = (0..8).map(|_| threads.spawn(|| cosigner.ask(&request))).collect();
        asked.into_iter().map(|asked| asked.join().unwrap()).collect()
    });
    let signed = answers.iter().filter(|answer| matches!(answer, Answer::Cosigned(_))).count();
    let conflicts = answers.iter().filter(|answer| **answer == Answer::Conflict(ledger.size())).count();
    assert_eq!((signed, conflicts), (1, 7), "{answers:?}");
}

/// Anchors bracket time, the policy asks for them, and a tail cut below a cosigned size is named by `verify` and refused by `open`.
#[test]
fn an_anchor_brackets_time_and_holds_the_tail() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    let (mut ledger, mut shift) = made(&path, 1, 30);
    let cosigner = Cosigner::start(&dir.path().join("state"), &[path.join("log.vkey")]);
    let policy =
        |rules: &str| Policy::parse(&format!("cosigner {}\ncosigners 1\n{rules}", cosigner.key)).unwrap();
    let judged = |path: &Path, rules: &str| -> Report {
        verify(path, &Options { policy: policy(rules), ..Options::default() })
    };
    assert_eq!(judged(&path, "").outcome, Outcome::NotCosigned);
    let size = ledger.size();
    let note = cosign(&cosigner.url, 0, WAIT, |known| ledger.cosign_request(known)).unwrap();
    let stranger = CosignerKey::new("other.example", &SecretKey::from_seed(&[3; 32]).public()).unwrap();
    let refused = ledger.anchor(&note, &[stranger], &shift.clock()).unwrap_err();
    assert!(matches!(refused, AnchorError::NotCosigned), "{refused}");
    let anchor = ledger.anchor(&note, std::slice::from_ref(&cosigner.key), &shift.clock()).unwrap();
    // Only the ledger's own entry stands after it.
    let report = judged(&path, "");
    assert_eq!((report.outcome, report.not_cosigned), (Outcome::Fine, 1), "{report}");
    let bracket = &report.brackets[0];
    assert_eq!((bracket.size, bracket.anchor), (size, Some(anchor.sequence())));
    assert_eq!(bracket.by, ["witness.example/w1"]);
    // The shift is in the future of the cosigner's clock or in its past: a stale rule notices the latter only.
    more(&mut ledger, &mut shift, 5);
    let report = judged(&path, "");
    assert_eq!(report.outcome, Outcome::NotCosigned, "{report}");
    assert!(report.to_string().contains("result      not_cosigned"));
    assert_eq!(judged(&path, "tail 50").outcome, Outcome::Fine);
    assert_eq!(judged(&path, "tail 50\nsealed").outcome, Outcome::Policy);
    let far = shift.clock().wall_ns / 1_000_000_000 - i64::try_from(bracket.at).unwrap();
    if far > 1 {
        assert_eq!(judged(&path, &format!("tail 50\nstale {}", far - 1)).outcome, Outcome::NotCosigned);
    }
    assert_eq!(judged(&path, &format!("tail 50\nstale {}", far.max(0) + 1)).outcome, Outcome::Fine);
    ledger.close(&shift.clock()).unwrap();

    // An export carries the cosignature along.
    let export = dir.path().join("export");
    ledger::inspect::Inspector::open(&path).unwrap().export(&export).unwrap();
    assert_eq!(judged(&export, "tail 50").outcome, Outcome::Fine);

    // Attacks 5 and 7: another, shorter ledger with the same keys in its place.
    let backup = dir.path().join("backup");
    ledger::backup::backup(&backup, &path, false).unwrap();
    let short = dir.path().join("short");
    let (mut shorter, again) = made(&short, 1, 5);
    let note = Note::parse(&std::fs::read_to_string(path.join("cosigned")).unwrap()).unwrap();
    let refused = shorter.anchor(&note, std::slice::from_ref(&cosigner.key), &again.clock()).unwrap_err();
    assert!(matches!(refused, AnchorError::NotOurs), "{refused}");
    shorter.close(&again.clock()).unwrap();
    std::fs::copy(path.join("cosigned"), short.join("cosigned")).unwrap();
    let error = Ledger::open(&short, &OpenOptions::default(), &again.clock()).unwrap_err();
    assert!(matches!(error, OpenError::BehindCosigned { .. }), "{error}");
}

/// A line in the form of a signature, by nobody.
fn junk(number: u8) -> SignatureLine {
    SignatureLine { name: format!("nobody.example/{number}"), id: [number; 4], bytes: vec![number; 72] }
}

/// What a cosigner, or somebody on the way, adds to its answer does not come into the chain, where every verifier would have to read it.
#[test]
fn of_an_answer_only_the_lines_that_hold_are_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    let (mut ledger, mut shift) = made(&path, 1, 10);
    let mut cosigner = state::Cosigner::open(&dir.path().join("state"), Some("witness.example/w1")).unwrap();
    cosigner.add(&std::fs::read_to_string(path.join("log.vkey")).unwrap()).unwrap();
    let request = ledger.cosign_request(0).unwrap();
    let Answer::Cosigned(lines) = cosigner.answer(&request.to_string(), || 1_790_000_000).unwrap().answer
    else {
        panic!("not cosigned")
    };
    let mut note = request.note;
    note.add((0..150).map(junk).chain(lines).collect());
    let _ = ledger.anchor(&note, &[cosigner.key()], &shift.clock()).unwrap();
    more(&mut ledger, &mut shift, 3);
    ledger.close(&shift.clock()).unwrap();
    let kept = Note::parse(&std::fs::read_to_string(path.join("cosigned")).unwrap()).unwrap();
    assert_eq!(kept.signatures().len(), 2);
    assert_eq!(verify(&path, &Options::default()).outcome, Outcome::Fine);
    Ledger::open(&path, &OpenOptions::default(), &shift.clock()).unwrap().close(&shift.clock()).unwrap();
    // A spoilt one is said, not passed over.
    std::fs::write(path.join("cosigned"), [0xff]).unwrap();
    assert_eq!(
        verify(&path, &Options::default()).finding.map(|finding| finding.kind),
        Some(FindingKind::File)
    );
}

#[test]
fn what_is_sent_to_a_cosigner_cannot_keep_it_from_starting_again() {
    let dir = tempfile::tempdir().unwrap();
    let (path, state) = (dir.path().join("ledger"), dir.path().join("state"));
    let (ledger, _) = made(&path, 1, 10);
    let keys = std::fs::read_to_string(path.join("log.vkey")).unwrap();
    let open = || state::Cosigner::open(&state, Some("witness.example/w1"));
    let mut cosigner = open().unwrap();
    cosigner.add(&keys).unwrap();
    assert!(matches!(open(), Err(state::StateError::InUse(_))), "two would sign two histories");
    let mut request = ledger.cosign_request(0).unwrap();
    request.note.add((0..99).map(junk).collect());
    let answered = cosigner.answer(&request.to_string(), || 1_790_000_000).unwrap();
    assert!(matches!(answered.answer, Answer::Cosigned(_)), "{answered:?}");
    drop(cosigner);
    let cosigner = open().unwrap();
    // Asked from nothing again, it shows what it has seen: what the ledger signed, and itself.
    let answered = cosigner.answer(&request.to_string(), || 1_790_000_000).unwrap();
    assert_eq!(answered.answer, Answer::Conflict(ledger.size()));
    let seen = answered.seen.unwrap();
    assert_eq!((seen.text(), seen.signatures().len()), (request.note.text(), 2));
    assert!(!ledger.is_contradicted_by(&seen).unwrap(), "it is of this ledger");
}

/// A cosignature says that its checkpoint existed no later than its time. Whoever connects early and sends late does not get an earlier one.
#[test]
fn the_time_of_a_cosignature_is_after_its_request_has_arrived() {
    static NOW: AtomicU64 = AtomicU64::new(1_790_000_000);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    let (ledger, _) = made(&path, 1, 10);
    let mut cosigner = state::Cosigner::open(&dir.path().join("state"), Some("witness.example/w1")).unwrap();
    cosigner.add(&std::fs::read_to_string(path.join("log.vkey")).unwrap()).unwrap();
    let key = cosigner.key();
    let server = Server::bind("127.0.0.1:0", cosigner).unwrap();
    let (address, stop) = (server.address(), server.stop());
    let serving = std::thread::spawn(move || server.run(|| NOW.load(Ordering::SeqCst)));

    let mut note = ledger.cosign_request(0).unwrap().note;
    let body = ledger.cosign_request(0).unwrap().to_string();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(WAIT)).unwrap();
    let head = "POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nExpect: 100-continue\r\n";
    write!(stream, "{head}Content-Length: {}\r\n\r\n", body.len()).unwrap();
    let mut waits = [0; 25];
    stream.read_exact(&mut waits).unwrap();
    NOW.fetch_add(9, Ordering::SeqCst);
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (_, line) = answer.split_once("\r\n\r\n").unwrap();
    note.add(vec![SignatureLine::parse(line.trim_end()).unwrap()]);
    assert_eq!(key.cosigned(&note), Some(1_790_000_009));
    stop.stop();
    serving.join().unwrap();
}

/// Nobody who asks is known: neither a length, nor a head, nor silence keeps the others from being answered.
#[test]
fn one_request_does_not_stop_the_cosigner() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    let (ledger, _) = made(&path, 1, 10);
    let cosigner = Cosigner::start(&dir.path().join("state"), &[path.join("log.vkey")]);
    let send = |text: &str| {
        let mut stream = TcpStream::connect(cosigner.url.strip_prefix("http://").unwrap()).unwrap();
        stream.set_read_timeout(Some(WAIT)).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        stream
    };
    let answer = |text: &str| {
        let mut answer = [0; 12];
        send(text).read_exact(&mut answer).unwrap();
        String::from_utf8(answer.to_vec()).unwrap()
    };
    let head = "POST /add-checkpoint HTTP/1.1\r\nHost: w\r\n";
    let silent: Vec<_> = (0..20).map(|_| send(&format!("{head}Content-Length: 100\r\n\r\nold"))).collect();
    for length in ["10000000000000", "99999999999999999999999999", "65537"] {
        assert_eq!(answer(&format!("{head}Content-Length: {length}\r\n\r\nold 0")), "HTTP/1.1 400");
    }
    for field in
        ["Content-Length: -1", "Content-Length: 1\r\nContent-Length: 2", "Content-Length: ", "no field"]
    {
        assert_eq!(answer(&format!("{head}{field}\r\n\r\nold 0")), "HTTP/1.1 400", "{field}");
    }
    assert_eq!(answer(&format!("{head}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")), "HTTP/1.1 411");
    assert_eq!(answer(&format!("POST /{}", "x".repeat(20_000))), "HTTP/1.1 431");
    assert_eq!(answer(&format!("{head}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n")), "HTTP/1.1 100");
    assert!(matches!(cosigner.ask(&ledger.cosign_request(0).unwrap()), Answer::Cosigned(_)));
    drop(silent);
}
