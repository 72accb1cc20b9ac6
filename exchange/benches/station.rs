//! Pages of the station while twenty people ask at once, over a large ledger and real connections. `STATION_BENCH_ENTRIES` (default
//! 100,000), `STATION_BENCH_PEOPLE` (default 20), `STATION_BENCH_PAGES` (each person's requests, default 100).

#![allow(clippy::cast_precision_loss, reason = "counts for people, below 2^52")]

#[path = "../../ledger/src/cli/shift.rs"]
mod shift;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use exchange::serve;
use exchange::station::staff;
use jiff::Timestamp;
use ledger::init::{InitOptions, init};
use ledger::ledger::{Ledger, OpenOptions};
use ledger::store::Unflushed;
use shift::Shift;

const PASSWORD: &str = "several words in a row";
const PAGES: [&str; 6] =
    ["/", "/reports/scanning", "/reports/timeliness", "/recall?lot=NOSUCHLOT", "/patients/2", "/patients/1"];

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn ask(address: SocketAddr, request: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).expect("the station");
    stream.write_all(request.as_bytes()).expect("a request");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("an answer");
    let text = String::from_utf8_lossy(&bytes).into_owned();
    text.split_once("\r\n\r\n").map(|(head, body)| (head.to_owned(), body.to_owned())).expect("an answer")
}

fn get(address: SocketAddr, path: &str, token: &str) -> (String, String) {
    ask(
        address,
        &format!("GET {path} HTTP/1.1\r\nHost: s\r\nConnection: close\r\nCookie: station={token}\r\n\r\n"),
    )
}

fn token(head: &str) -> String {
    let set = head.lines().find(|line| line.starts_with("set-cookie")).expect("a cookie");
    set.split(['=', ';']).nth(1).expect("a token").to_owned()
}

fn signed_in(address: SocketAddr) -> String {
    let (head, body) = get(address, "/sign-in", "");
    let csrf =
        body.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a form");
    let form = format!("csrf={csrf}&id=ph-1&password={}", PASSWORD.replace(' ', "+"));
    let before = token(&head);
    let (head, _) = ask(
        address,
        &format!(
            "POST /sign-in HTTP/1.1\r\nHost: s\r\nConnection: close\r\nCookie: station={before}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        ),
    );
    token(&head)
}

fn ledger(folder: &Path, entries: usize) {
    let mut shift = Shift::new(shift::start(), 1);
    let place = folder.join("ledger.redb");
    let open = || {
        std::fs::create_dir_all(folder).expect("a folder");
        Unflushed::open(&place).expect("a file")
    };
    std::fs::create_dir_all(folder.parent().expect("a parent")).expect("a folder");
    init(folder, &InitOptions::new("hospital.example/3b/kiosk-03/g1"), &shift.clock()).expect("a ledger");
    let mut ledger =
        Ledger::open_on(open(), folder, &OpenOptions::default(), &shift.clock()).expect("the ledger");
    let mut made = 0;
    while made < entries {
        let count = (entries - made).min(10_000);
        for (entry, clock) in shift.entries(count) {
            let _ = ledger.append(&entry, &clock).expect("an entry");
        }
        made += count;
    }
    ledger.close(&shift.clock()).expect("the end");
}

fn main() {
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let (entries, people, pages) = (
        number("STATION_BENCH_ENTRIES", 100_000),
        number("STATION_BENCH_PEOPLE", 20),
        number("STATION_BENCH_PAGES", 100),
    );
    let dir = tempfile::tempdir().expect("a folder");
    let began = Instant::now();
    ledger(&dir.path().join("ledger"), entries);
    println!("{entries} entries recorded, not flushed, in {:.1?}", began.elapsed());
    let clock = ledger::clock::ClockEvidence::now();
    init(&dir.path().join("record"), &InitOptions::new("hospital.example/station/g1"), &clock)
        .expect("a ledger");
    let hash = staff::hash(PASSWORD, [1; 16]).expect("a hash");
    let staff =
        format!("[[person]]\nid = \"ph-1\"\nname = \"P\"\nrole = \"pharmacist\"\npassword = \"{hash}\"\n");
    std::fs::write(dir.path().join("staff.toml"), staff).expect("the staff");
    let text = "store = \"store\"\nzone = \"America/New_York\"\n[station]\nlisten = \"127.0.0.1:0\"\nledger = \"ledger\"\nrecord = \"record\"\nstaff = \"staff.toml\"\n";
    std::fs::write(dir.path().join("exchange.toml"), text).expect("the configuration");
    let config = serve::config::read(&dir.path().join("exchange.toml")).expect("the configuration");
    let began = Instant::now();
    let running = serve::start(&config, Timestamp::now).expect("the service");
    let address = running.web.expect("the station").0;
    let first = signed_in(address);
    while get(address, "/", &first).1.contains("still being read")
        || get(address, "/", &first).1.contains(">0 entries")
    {
        std::thread::sleep(Duration::from_millis(50));
    }
    println!("the whole ledger read into memory in {:.1?}", began.elapsed());
    for page in PAGES {
        let began = Instant::now();
        let (head, _) = get(address, page, &first);
        println!("first time {page}: {:.1?} ({})", began.elapsed(), head.lines().next().unwrap_or_default());
    }
    let threads: Vec<_> = (0..people)
        .map(|person| {
            let token = signed_in(address);
            std::thread::spawn(move || {
                let mut times = Vec::new();
                for at in 0..pages {
                    let page = (person + at) % PAGES.len();
                    let began = Instant::now();
                    let (head, _) = get(address, PAGES[page], &token);
                    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
                    times.push((page, began.elapsed()));
                }
                times
            })
        })
        .collect();
    let times: Vec<(usize, Duration)> =
        threads.into_iter().flat_map(|thread| thread.join().expect("a person")).collect();
    let print = |name: &str, mut all: Vec<Duration>| {
        all.sort_unstable();
        let at = |share: usize| all[(all.len() - 1) * share / 1000];
        println!(
            "{people} people at once, {name}: p50 {:.1?} p99 {:.1?} most {:.1?}",
            at(500),
            at(990),
            at(1000)
        );
    };
    for (at, name) in PAGES.iter().enumerate() {
        print(name, times.iter().filter(|(page, _)| *page == at).map(|(_, took)| *took).collect());
    }
    print("all pages", times.iter().map(|(_, took)| *took).collect());
    running.stop();
}
