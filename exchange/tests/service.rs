//! `exchange serve` and whoever connects to it: half frames, floods, slow senders, certificates, and an orderly stop.

mod common;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use common::feed::{fill, message, order};
use common::peers::{post, write};
use common::tls::certificates;
use exchange::http::{Ask, Http};
use exchange::mllp::client::Client;
use exchange::mllp::frame::frame;
use exchange::serve::{self, Running};
use exchange::tls::{self, Identity};
use jiff::Timestamp;

fn clock() -> Timestamp {
    "2026-11-30T13:00:00Z".parse().unwrap()
}

fn start(dir: &Path, more: &str) -> Running {
    fill(&dir.join("store"));
    let text = format!(
        "store = \"store\"\nzone = \"America/New_York\"\nhttp = \"127.0.0.1:0\"\n\
         [[mllp]]\nname = \"adt\"\nlisten = \"127.0.0.1:0\"\n{more}"
    );
    let config = serve::config::read(&write(dir, "exchange.toml", &text)).unwrap();
    serve::start(&config, clock).unwrap()
}

fn connect(running: &Running) -> TcpStream {
    let stream = TcpStream::connect(running.addresses[0].1).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

/// What comes until the other side ends.
fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset is an end, too.
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

fn metrics(running: &Running) -> String {
    post(running.http.unwrap().port(), "/metrics", "")
}

#[test]
fn half_frames_noise_and_oversized_messages_are_ended_and_others_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let running = start(dir.path(), "most_bytes = 2048\nframe_within_s = 1\n");
    let mut half = connect(&running);
    half.write_all(b"\x0BMSH|^~\\&|half").unwrap();
    let mut noise = connect(&running);
    noise.write_all(&[b'G'; 4096]).unwrap();
    let mut large = connect(&running);
    large.write_all(&frame(&vec![b'x'; 4096])).unwrap();
    let mut good = connect(&running);
    // Interleaved, in pieces, two at once.
    let two = [
        frame(message("ADT^A01", "1", "300001", "").as_bytes()),
        frame(message("ADT^A08", "2", "300001", "").as_bytes()),
    ]
    .concat();
    for piece in two.chunks(7) {
        good.write_all(piece).unwrap();
    }
    good.shutdown(std::net::Shutdown::Write).unwrap();
    let answers = rest(&mut good);
    assert!(answers.contains("MSA|AA|1") && answers.contains("MSA|AA|2"), "{answers}");
    for (name, stream) in [("noise", &mut noise), ("large", &mut large), ("slow half", &mut half)] {
        assert_eq!(rest(stream), "", "{name} is ended without an answer");
    }
    assert!(metrics(&running).contains("result=\"broken\"} 3"), "{}", metrics(&running));
    running.stop();
}

#[test]
fn too_many_connections_are_refused_and_places_come_back() {
    let dir = tempfile::tempdir().unwrap();
    let running = start(dir.path(), "most_connections = 4\n");
    let mut held: Vec<TcpStream> = (0..4).map(|_| connect(&running)).collect();
    let mut probe = connect(&running);
    let waiting = std::time::Instant::now();
    while !metrics(&running).contains("result=\"taken\"} 4") {
        assert!(waiting.elapsed() < Duration::from_secs(20));
    }
    assert_eq!(rest(&mut probe), "", "closed at once");
    // Ten thousand more, some hundred of them at a time; whoever has a place is served meanwhile.
    for round in 0..50 {
        let crowd: Vec<TcpStream> = (0..200).map(|_| connect(&running)).collect();
        for mut one in crowd {
            assert_eq!(rest(&mut one), "", "closed without a word, and at once");
        }
        let id = format!("crowd-{round}");
        held[0].write_all(&frame(message("ADT^A08", &id, "300001", "").as_bytes())).unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\x1C\r") {
            let mut byte = [0];
            held[0].read_exact(&mut byte).unwrap();
            answer.push(byte[0]);
        }
        assert!(String::from_utf8_lossy(&answer).contains(&format!("|{id}")));
    }
    let counted = metrics(&running);
    assert!(counted.contains("result=\"refused\"} 10001"), "{counted}");
    drop(held);
    let mut client = Client::new(running.addresses[0].1.to_string(), None, Duration::from_secs(10));
    let text = message("ADT^A01", "1", "300001", "");
    let waiting = std::time::Instant::now();
    while client.send(text.as_bytes(), "1").is_err() {
        assert!(waiting.elapsed() < Duration::from_secs(20), "no place came back");
    }
    running.stop();
}

/// A sender whose machine died without a word keeps its place no longer than that; who speaks stays.
#[test]
fn a_connection_that_is_idle_gives_its_place_back() {
    let dir = tempfile::tempdir().unwrap();
    let running = start(dir.path(), "most_connections = 2\nidle_within_s = 2\n");
    let mut dead = connect(&running);
    let mut alive = connect(&running);
    let began = std::time::Instant::now();
    for number in 0..8 {
        alive.write_all(&frame(message("ADT^A08", &format!("a{number}"), "300001", "").as_bytes())).unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\x1C\r") {
            let mut byte = [0];
            alive.read_exact(&mut byte).unwrap();
            answer.push(byte[0]);
        }
        std::thread::sleep(Duration::from_millis(500));
    }
    assert!(began.elapsed() > Duration::from_secs(3));
    assert_eq!(rest(&mut dead), "", "ended without a word");
    let mut client = Client::new(running.addresses[0].1.to_string(), None, Duration::from_secs(10));
    client.send(message("ADT^A01", "1", "300001", "").as_bytes(), "1").unwrap();
    assert!(metrics(&running).contains("result=\"broken\"} 0"), "{}", metrics(&running));
    running.stop();
}

/// Health says alive, ready says whether orders are current, parked says what waits. None of it names a patient.
#[test]
fn health_and_metrics_hold_no_patient_data() {
    let dir = tempfile::tempdir().unwrap();
    let running = start(dir.path(), "");
    let port = running.http.unwrap().port();
    let http = Http::new(None, Duration::from_secs(10)).unwrap();
    let ask = |path: &str| {
        let url = format!("http://127.0.0.1:{port}{path}");
        let answer = http.ask(&Ask { method: "GET", url: &url, headers: vec![], body: None }).unwrap();
        (answer.status, String::from_utf8(answer.body).unwrap())
    };
    assert_eq!((ask("/health").0, ask("/ready").0), (200, 503));
    assert!(ask("/ready").1.contains("orders not current"));
    let mut client = Client::new(running.addresses[0].1.to_string(), None, Duration::from_secs(10));
    client.send(message("ADT^A01", "1", "300001", "").as_bytes(), "1").unwrap();
    let answer = client.send(message("RDE^O11", "2", "300001", &order("ZZ", "O1")).as_bytes(), "2").unwrap();
    assert!(answer.text.contains("ORC-1"), "{answer:?}");
    assert_eq!(ask("/ready").0, 200);
    let all = [ask("/health").1, ask("/parked").1, ask("/metrics").1].concat();
    assert!(all.contains("ORC-1") && all.contains("exchange_messages_parked 1"), "{all}");
    assert!(!all.contains("300001") && !all.contains("DOE"), "{all}");
    assert_eq!((ask("/else").0, ask("/").0), (404, 404));
    running.stop();
}

#[test]
fn tls_takes_known_certificates_and_no_others() {
    let dir = tempfile::tempdir().unwrap();
    let (ours, others) = (certificates(dir.path(), "ours"), certificates(dir.path(), "others"));
    let running = start(
        dir.path(),
        "certificate = \"ours-good.pem\"\nkey = \"ours-good.key\"\nclients = \"ours-ca.pem\"\n\
         [[mllp]]\nname = \"old\"\nlisten = \"127.0.0.1:0\"\ncertificate = \"ours-expired.pem\"\nkey = \"ours-expired.key\"\n",
    );
    let send = |feed: usize, ca: &Path, identity: Option<&Identity>| {
        let config = tls::client(ca, identity).unwrap();
        let address = running.addresses[feed].1.to_string();
        let mut client = Client::new(address, Some(config), Duration::from_secs(10));
        client.send(message("ADT^A01", "1", "300001", "").as_bytes(), "1").map(|answer| answer.control_id)
    };
    assert_eq!(send(0, &ours.ca, Some(&ours.identity)).unwrap(), "1");
    for (name, result, why) in [
        ("no client certificate", send(0, &ours.ca, None), ""),
        ("another CA's client", send(0, &ours.ca, Some(&others.identity)), ""),
        ("an expired client", send(0, &ours.ca, Some(&ours.expired)), ""),
        ("a server of another CA", send(0, &others.ca, Some(&ours.identity)), "UnknownIssuer"),
        ("an expired server", send(1, &ours.ca, None), "xpired"),
    ] {
        let error = result.unwrap_err().to_string();
        assert!(error.contains(why), "{name}: {error}");
    }
    // Plain text to a TLS port gets no answer.
    let mut plain = connect(&running);
    plain.write_all(&frame(message("ADT^A01", "9", "300001", "").as_bytes())).unwrap();
    assert!(!rest(&mut plain).contains("MSA|AA"));
    running.stop();
}

/// What was acknowledged is there after a stop and a start; a second service on the same store does not start.
#[test]
fn a_stop_loses_nothing_that_was_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let running = start(dir.path(), "");
    let address = running.addresses[0].1;
    let senders: Vec<_> = (0..4)
        .map(|sender| {
            std::thread::spawn(move || {
                let mut client = Client::new(address.to_string(), None, Duration::from_secs(10));
                let mut acknowledged = 0;
                for number in 0..200 {
                    let mrn = format!("4{sender}{number:04}");
                    let text = message("ADT^A01", &format!("{sender}-{number}"), &mrn, "");
                    match client.send(text.as_bytes(), &format!("{sender}-{number}")) {
                        Ok(_) => acknowledged += 1,
                        Err(_) => break,
                    }
                }
                acknowledged
            })
        })
        .collect();
    let config = serve::config::read(&dir.path().join("exchange.toml")).unwrap();
    let error = serve::start(&config, clock).unwrap_err().to_string();
    assert!(error.contains("another process has the feed store open"), "{error}");
    std::thread::sleep(Duration::from_millis(100));
    running.stop();
    let acknowledged: u64 = senders.into_iter().map(|sender| sender.join().unwrap()).sum();
    let db = exchange::feed::db::Db::open(&exchange::feed::db::path_in(&dir.path().join("store"))).unwrap();
    let stored = db.view().unwrap().messages().unwrap();
    assert!(stored >= acknowledged, "{stored} stored, {acknowledged} acknowledged");
}
