//! A kiosk whose orders cannot be read at its start, as after a power cut: it runs, says that they are not current, gives nothing, and has
//! them as soon as they can be read.

#[path = "common/display.rs"]
mod display;
#[path = "common/ward_3b.rs"]
mod ward_3b;

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use display::Display;
use jiff::SignedDuration;
use kiosk::device::{Device, Output};
use kiosk::model::{Act, Mark, Screen, Status};
use kiosk::ward::{self, OrderFiles};
use ledger::clock::ClockEvidence;
use ledger::init::{InitOptions, init};
use ledger::inspect::Inspector;
use ledger::kind::Kind;
use rights::amount::Amount;
use rights::entry::{EntryKind, IdempotencyKey};
use rights::history::{Administration, Outcome, Record};
use rights::ident::ClinicianId;
use rights::quantity::{Quantity, Unit};
use scanner::interpret::Interpreter;
use scanner::site::SiteFormats;
use ward_3b::{BADGE, TODAY, moment, now, staff, zone};

const ORIGIN: &str = "hospital.example/3b/kiosk-03/g1";

/// A kiosk of the demo ward without orders.
fn device() -> Device {
    ward_3b::device(ward::without_orders(&staff()).unwrap(), ORIGIN)
}

fn scan(device: &mut Device, text: &str, seconds: i64) -> Vec<Output> {
    let scan = Interpreter::new(SiteFormats::default(), 2026).hand_scan(text);
    device.scan(scan, moment(now() + SignedDuration::from_secs(seconds)))
}

#[test]
fn s2_without_orders_a_kiosk_says_so_and_gives_nothing() {
    let mut device = device();
    let header = device.view(moment(now())).header;
    assert_eq!(header.orders, Status { mark: Mark::Stop, text: "Orders not current".into() });
    scan(&mut device, BADGE, 1);
    for key in "2468".chars() {
        let _ = device.act(Act::Key(key), moment(now() + SignedDuration::from_secs(2)));
    }
    let _ = device.act(Act::Enter, moment(now() + SignedDuration::from_secs(3)));
    assert!(matches!(device.view(moment(now())).screen, Screen::Identify(_)), "who works here is known");
    // The band of a patient and a package of the ward: neither is known.
    for (seconds, text) in [(5, "]d28018952123400000000079\u{1D}80191"), (8, "]d20100305910369019")] {
        let outputs = scan(&mut device, text, seconds);
        let kinds: Vec<EntryKind> = outputs
            .iter()
            .filter_map(|output| match output {
                Output::Record(entry) => Some(entry.kind()),
                _ => None,
            })
            .collect();
        assert!(kinds.iter().all(|kind| !matches!(kind, EntryKind::Given | EntryKind::View)), "{kinds:?}");
        assert!(matches!(device.view(moment(now())).screen, Screen::Identify(_)));
    }
}

/// What orders would still ask for is not let go before there are any.
#[test]
fn s2_without_orders_nothing_is_forgotten() {
    let files =
        OrderFiles { orders: vec![ward_3b::file("orders/ward-3b.json")], drugs: ward_3b::file("drugs") };
    let orders = ward::orders(&files, &zone(), TODAY).unwrap();
    let request = orders.chart.requests[0].clone();
    let given = |count, days: i64| {
        Record::Administration(Administration {
            patient: request.patient.clone(),
            request: request.id.clone(),
            version: 1,
            slot: None,
            outcome: Outcome::Given,
            at: now() - SignedDuration::from_hours(24 * days),
            by: ClinicianId::parse("C1001").unwrap(),
            dose: Some(Quantity::new(Amount::parse("1").unwrap(), Unit::Tablet)),
            ingredients: Vec::new(),
            route: None,
            packages: Vec::new(),
            reason: None,
            note: None,
            entry: Some(IdempotencyKey { session: [9; 16], count }),
            backdated: None,
            effect_due: None,
            rate: None,
            continues: None,
            grant: None,
            known: Vec::new(),
            site: None,
            pain_score: None,
            witness: None,
            order_link_due: None,
        })
    };
    let mut device = device();
    device.learn(vec![given(1, 0), given(2, 200)]);
    let _ = device.tick(moment(now()));
    assert_eq!(device.chart().history.len(), 2);
    device.orders_arrived(orders.chart);
    assert_eq!(device.chart().history.iter().filter(|done| done.entry.is_some()).count(), 2);
}

/// Waits until the program says this.
fn until(said: &Receiver<String>, wanted: &str) {
    let mut all = Vec::new();
    while let Ok(line) = said.recv_timeout(Duration::from_mins(1)) {
        let found = line.contains(wanted);
        all.push(line);
        if found {
            return;
        }
    }
    panic!("it never said {wanted:?}: {all:#?}");
}

#[test]
fn the_program_starts_without_orders_finds_them_later_and_ends_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let config = format!(
        "ward = \"3B\"\nkiosk = \"kiosk-03\"\nzone = \"America/New_York\"\norigin = \"{ORIGIN}\"\nledger = \"ledger\"\n\
         orders = [\"orders.json\"]\ndrugs = \"drugs\"\nstaff = \"staff.csv\"\npolicy = \"policy.toml\"\n",
    );
    std::fs::write(at("kiosk.toml"), config).unwrap();
    std::fs::copy(ward_3b::file("staff.csv"), at("staff.csv")).unwrap();
    std::fs::copy(ward_3b::file("policy.toml"), at("policy.toml")).unwrap();
    std::fs::create_dir(at("drugs")).unwrap();
    for name in ["items.csv", "barcodes.csv"] {
        std::fs::copy(ward_3b::file("drugs").join(name), at("drugs").join(name)).unwrap();
    }
    let whole = std::fs::read(ward_3b::file("orders/ward-3b.json")).unwrap();
    std::fs::write(at("orders.json"), &whole[..1_000]).unwrap();
    init(&at("ledger"), &InitOptions::new(ORIGIN), &ClockEvidence::now()).unwrap();

    let display = Display::start();
    let mut kiosk = Command::new(env!("CARGO_BIN_EXE_kiosk"))
        .args(["run", "--config"])
        .arg(at("kiosk.toml"))
        .env("DISPLAY", &display.name)
        .env_remove("WAYLAND_DISPLAY")
        .env("SLINT_BACKEND", "winit-software")
        .env("KIOSK_LOG", "kiosk=info")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (lines, said) = channel();
    let errors = kiosk.stderr.take().unwrap();
    std::thread::spawn(move || {
        BufReader::new(errors).lines().map_while(Result::ok).try_for_each(|line| lines.send(line))
    });
    until(&said, "orders cannot be read, so none are current");
    until(&said, "orders cannot be read, the ones before stay");
    // What the site changes meanwhile is for the next start, and stands in no way.
    std::fs::write(at("policy.toml"), "no policy").unwrap();
    std::fs::write(at("staff.csv"), "no staff").unwrap();
    std::fs::copy(ward_3b::file("drugs/recalls.csv"), at("drugs/recalls.csv")).unwrap();
    std::fs::write(at("orders.json"), &whole).unwrap();
    until(&said, "orders read again");
    assert!(Command::new("kill").arg("-TERM").arg(kiosk.id().to_string()).status().unwrap().success());
    assert_eq!(kiosk.wait().unwrap().code(), Some(0));
    let ledger = Inspector::open(&at("ledger")).unwrap();
    assert_eq!(ledger.entry(ledger.size() - 1).unwrap().0.kind, Kind::CLOSE);
}
