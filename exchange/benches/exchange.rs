//! Throughput of what comes in. `EXCHANGE_BENCH_MESSAGES` (default 20,000), `EXCHANGE_BENCH_CONNECTIONS` (default 16),
//! `EXCHANGE_BENCH_DIR` (which disk; default the temporary folder), `EXCHANGE_BENCH_MB` (size of the imported Bundles, default 256), `EXCHANGE_BENCH_ADDRESS` (another
//! MLLP server, on this machine, to compare with: `exchange/tests/peers/hl7_server.py`).

#![allow(clippy::cast_precision_loss, reason = "counts for people, below 2^52")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use exchange::drugs::DrugFile;
use exchange::mllp::client::Client;
use exchange::rules::SiteRules;
use exchange::{fhir, serve};
use jiff::Timestamp;
use jiff::tz::TimeZone;

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn message(id: &str, order: &str, patient: usize) -> String {
    format!(
        "MSH|^~\\&|CPOE|GEN|BCMA|3B|20261130080000-0500||RDE^O11^RDE_O11|{id}|P|2.5.1\r\
         PID|1||3{patient:05}^^^GEN^MR||DOE^JANE^Q||19500203|F\rPV1|1|I|3B^12^A^GEN||||||||||||||||V1^^^GEN^VN\r\
         ORC|NW|{order}^CPOE|RX-{order}^PHARM||IP||||20261129090000-0500|||1234^WELBY^MARCUS\r\
         RXE|^BID|metoprolol-25^metoprolol tartrate 25 mg^99FORM|25||mg^milligram^UCUM\r\
         TQ1|1||BID|0900~2100|||20261129090000-0500\rRXR|PO^Oral^HL70162\r"
    )
}

/// Each connection waits for its acknowledgement before it sends the next message, as real senders do.
fn messages() {
    let (count, connections) =
        (number("EXCHANGE_BENCH_MESSAGES", 20_000), number("EXCHANGE_BENCH_CONNECTIONS", 16));
    let place = std::env::var_os("EXCHANGE_BENCH_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let dir = tempfile::tempdir_in(place).expect("a folder for the store");
    let text = "store = \"store\"\nzone = \"America/New_York\"\n[[mllp]]\nname = \"rde\"\nlisten = \"127.0.0.1:0\"\n";
    let config = dir.path().join("exchange.toml");
    std::fs::write(&config, text).expect("the configuration");
    let config = serve::config::read(&config).expect("the configuration");
    let running = serve::start(&config, || Timestamp::UNIX_EPOCH).expect("the service");
    // Another server, to compare with: one of the peers, which keeps nothing.
    let other = std::env::var("EXCHANGE_BENCH_ADDRESS").ok();
    let address = other.clone().unwrap_or_else(|| running.addresses[0].1.to_string());
    let each = count / connections;
    let began = Instant::now();
    let threads: Vec<_> = (0..connections)
        .map(|sender| {
            let address = address.clone();
            std::thread::spawn(move || {
                let mut client = Client::new(address, None, Duration::from_mins(1));
                let mut times = Vec::with_capacity(each);
                for number in 0..each {
                    let id = format!("{sender}-{number}");
                    let text = message(&id, &format!("O{sender}x{number}"), (sender * each + number) / 5);
                    let sent = Instant::now();
                    let answer = client.send(text.as_bytes(), &id).expect("an acknowledgement");
                    assert_eq!(answer.code, exchange::hl7::ack::AckCode::Accept, "{}", answer.text);
                    times.push(sent.elapsed());
                }
                times
            })
        })
        .collect();
    let mut times: Vec<Duration> =
        threads.into_iter().flat_map(|thread| thread.join().expect("a sender")).collect();
    let took = began.elapsed();
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 1000];
    println!(
        "RDE in, {}: {} messages on {connections} connections, {:.0}/s, sent to acknowledged p50 {:?} p99 {:?}",
        if other.is_some() { "another server, not durable" } else { "durable before each acknowledgement" },
        times.len(),
        times.len() as f64 / took.as_secs_f64(),
        at(500),
        at(990)
    );
    running.stop();
    if other.is_some() {
        return;
    }
    let rules = SiteRules::new(TimeZone::UTC);
    let hl7 = exchange::hl7::Hl7Rules::new(TimeZone::UTC);
    let mut live =
        exchange::feed::live::Live::open(&dir.path().join("store"), rules, hl7).expect("the store");
    let began = Instant::now();
    let site = live.load(jiff::civil::date(2026, 11, 30)).expect("the chart");
    println!(
        "chart of {} patients and {} orders read from the feed store in {:?}",
        site.chart.patients.len(),
        site.rejections.len() + site.chart.requests.len(),
        began.elapsed()
    );
}

fn resident_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kb = line.and_then(|line| line.split_whitespace().next()).and_then(|text| text.parse::<f64>().ok());
    kb.unwrap_or(0.0) / 1024.0
}

/// Bundles of 8 MB, one after the other, as a folder is imported.
fn bundles() {
    let request = |number: usize| {
        format!(
            r#"{{"resource":{{"resourceType":"MedicationRequest","id":"mr-{number}","status":"active","intent":"order",
            "medicationCodeableConcept":{{"coding":[{{"system":"urn:bcma:formulary","code":"none"}}],"text":"metoprolol tartrate 25 mg tablet"}},
            "subject":{{"reference":"Patient/p1"}},"authoredOn":"2026-11-28T09:00:00-05:00",
            "dosageInstruction":[{{"text":"one tablet twice a day","timing":{{"repeat":{{"timeOfDay":["09:00:00","21:00:00"]}}}},
            "route":{{"coding":[{{"system":"http://snomed.info/sct","code":"26643006"}}]}},
            "doseAndRate":[{{"doseQuantity":{{"value":25,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}}}]}}]}}}}"#
        )
    };
    let patient = r#"{"resource":{"resourceType":"Patient","id":"p1","identifier":[{"system":"urn:bcma:mrn","value":"300001"}],"name":[{"family":"Test"}],"birthDate":"1950-02-03"}}"#;
    let mut bundle = format!(
        r#"{{"resourceType":"Bundle","type":"collection","timestamp":"2026-11-30T13:00:00Z","entry":[{patient}"#
    );
    let mut next = 0;
    while bundle.len() < 8 << 20 {
        bundle.push(',');
        bundle.push_str(&request(next));
        next += 1;
    }
    bundle.push_str("]}");
    let (rules, drugs) = (SiteRules::new(TimeZone::UTC), DrugFile::default());
    let total = number("EXCHANGE_BENCH_MB", 256) << 20;
    let began = Instant::now();
    let (mut bytes, mut requests) = (0, 0);
    while bytes < total {
        let import = fhir::read("bench.json", bundle.as_bytes(), &rules, &drugs).expect("a Bundle");
        requests += import.rejections.len() + import.chart.requests.len();
        bytes += bundle.len();
    }
    let took = began.elapsed();
    let parse = Instant::now();
    let value: serde_json::Value = serde_json::from_str(&bundle).expect("JSON");
    let parsed = parse.elapsed();
    assert!(value.is_object());
    let rate = bytes as f64 / 1e6 / took.as_secs_f64();
    println!(
        "Bundles: {:.0} MB, {requests} requests judged, {rate:.1} MB/s; serde_json to a Value of the same bytes {:.1} MB/s; peak {:.0} MB",
        bytes as f64 / 1e6,
        bundle.len() as f64 / 1e6 / parsed.as_secs_f64(),
        resident_mb()
    );
}

fn main() {
    // `cargo test --benches` runs this, too: then it only shows that it works.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    bundles();
    messages();
}
