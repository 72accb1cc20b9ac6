//! Other people's programs. Where they are not installed the test fails in CI and says so elsewhere.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use exchange::outbox::event::{Act, Cursor, Event};
use rights::follow_up::{self, InfusionStep};
use rights::history::Outcome;

use super::feed::{Feed, message, order};
use super::rules;
use super::shift::Shift;

/// The patient of [`worked`].
pub const MRN: &str = "300001";

pub struct Peers {
    root: PathBuf,
    scripts: PathBuf,
}

/// The installed peers.
pub fn peers() -> Option<Peers> {
    let manifest = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let root = std::env::var_os("BCMA_PEERS").map_or_else(|| manifest.join("../target/peers"), PathBuf::from);
    if root.join("installed").exists() {
        return Some(Peers { root, scripts: manifest.join("tests/peers") });
    }
    assert!(std::env::var_os("CI").is_none(), "no peers at {}: run `make peers-setup`", root.display());
    eprintln!("skipped: no peers at {} (run `make peers-setup`)", root.display());
    None
}

impl Peers {
    pub fn python(&self, script: &str) -> Command {
        let mut command = Command::new(self.root.join("venv/bin/python"));
        command.arg(self.scripts.join(script));
        command
    }

    pub fn tool(&self, name: &str) -> Command {
        Command::new(self.root.join("venv/bin").join(name))
    }

    pub fn node(&self, script: &str) -> Command {
        let mut command = Command::new("node");
        command.arg(self.scripts.join(script)).env("NODE_PATH", self.root.join("node_modules"));
        command
    }

    /// A program that was installed beside them.
    pub fn installed(&self, program: &str) -> PathBuf {
        self.root.join(program)
    }

    /// Starts a server that prints its port first and ends with its standard input.
    pub fn serve(mut command: Command) -> Serving {
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        Serving { port: line.trim().parse().expect("the port of the peer"), child, out }
    }
}

pub struct Serving {
    pub port: u16,
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Serving {
    /// Ends it and gives what it printed.
    pub fn end(mut self) -> String {
        drop(self.child.stdin.take());
        let mut text = String::new();
        self.out.read_to_string(&mut text).unwrap();
        self.child.wait().unwrap();
        text
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs to the end; what it printed, and whether it was content.
pub fn run(command: &mut Command) -> (String, bool) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (text, output.status.success())
}

/// A moment.
pub fn at(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

/// Asks a loopback server of the tests.
pub fn post(port: u16, path: &str, body: &str) -> String {
    let http = exchange::http::Http::new(None, std::time::Duration::from_secs(20)).unwrap();
    let url = format!("http://127.0.0.1:{port}{path}");
    let (method, body) = if body.is_empty() { ("GET", None) } else { ("POST", Some(body.as_bytes())) };
    let headers = vec![("Content-Type", "application/json".to_owned())];
    let answer = http.ask(&exchange::http::Ask { method, url: &url, headers, body }).unwrap();
    assert!(answer.status < 300, "{} {path}: {}", answer.status, String::from_utf8_lossy(&answer.body));
    String::from_utf8(answer.body).unwrap()
}

pub fn write(dir: &Path, name: &str, text: &str) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// A ledger with a dose given, one refused, one held and one given late.
pub fn worked(feed: &mut Feed, folder: &Path) -> Vec<Event> {
    feed.take(&message("ADT^A01", "1", MRN, ""));
    feed.take(&message("RDE^O11", "2", MRN, &order("NW", "ORD1")));
    let mut shift = Shift::new(folder, feed.site(), at("2026-11-30T14:05:00Z"), rules().zone);
    let mut round = |now: &str, act: &dyn Fn(&mut Shift)| {
        shift.now = at(now);
        shift.chart.orders_as_of = Some(shift.now);
        shift.sign_on();
        act(&mut shift);
    };
    let request = "ORD1.CPOE";
    round("2026-11-30T14:05:00Z", &|shift| shift.give(MRN, request, at("2026-11-30T14:00:00Z")));
    round("2026-12-01T02:00:00Z", &|shift| {
        shift.not_given(MRN, request, at("2026-12-01T02:00:00Z"), Outcome::Refused, "refused");
    });
    round("2026-12-01T14:00:00Z", &|shift| {
        shift.not_given(MRN, request, at("2026-12-01T14:00:00Z"), Outcome::NotGiven, "not-available");
    });
    round("2026-12-02T05:30:00Z", &|shift| shift.give(MRN, request, at("2026-12-02T02:00:00Z")));
    assert_eq!(shift.recorded, 4);
    Cursor::new(folder).read_all().unwrap()
}

/// A ledger with a dose that a charge nurse corrected, and an infusion that was started and stopped.
pub fn followed(folder: &Path) {
    let mut feed = Feed::new();
    feed.take(&message("ADT^A01", "1", MRN, ""));
    feed.take(&message("RDE^O11", "2", MRN, &order("NW", "ORD1")));
    let mut shift = Shift::new(folder, feed.site(), at("2026-11-30T14:05:00Z"), rules().zone);
    shift.sign_on();
    shift.give(MRN, "ORD1.CPOE", at("2026-11-30T14:00:00Z"));
    let given = shift.chart.history[0].clone();
    let started = shift.infuse(MRN);
    let words = Some("the cannula was swollen");
    shift.charge_nurse_charts(MRN, &started, follow_up::Act::Infusion(InfusionStep::Stopped), words);
    shift.charge_nurse_charts(MRN, &given, follow_up::Act::EnteredInError, Some("the cup was found full"));
    assert_eq!(Cursor::new(folder).read_all().unwrap().len(), 4);
}

/// The event that says that another one was entered in error.
pub fn in_error(event: &Event) -> Event {
    Event {
        id: "00000000000000000009".into(),
        act: Act::EnteredInError(event.id.clone()),
        sequence: 99,
        ..event.clone()
    }
}

/// A key pair for the assertions of SMART Backend Services: the file of the private one, and the public one.
pub fn keys(dir: &Path, rsa: bool) -> (std::path::PathBuf, String) {
    let (private, public) = (dir.join("key.pem"), dir.join("public.pem"));
    let mut command = std::process::Command::new("openssl");
    command.args(["genpkey", "-out"]).arg(&private);
    let made = if rsa {
        command.args(["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"])
    } else {
        command.args(["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"])
    };
    assert!(run(made).1);
    let mut command = std::process::Command::new("openssl");
    assert!(run(command.args(["pkey", "-pubout", "-in"]).arg(&private).arg("-out").arg(&public)).1);
    (private, std::fs::read_to_string(public).unwrap())
}
