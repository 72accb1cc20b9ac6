//! One kiosk of two: the window of this process, and another kiosk that talks with the same hub over the network. A dose that the other one
//! is giving is stopped at the confirmation; while the hub is away the kiosk goes on alone and says so; when it is back, the dose that both
//! gave is recorded as a conflict (scenarios 17 and 30, P6).

use std::cell::RefCell;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use exchange::hub::client::{HubAddress, HubClient};
use exchange::hub::config::HubConfig as ServerConfig;
use exchange::hub::serve::{Running, start};
use jiff::{SignedDuration, Timestamp};
use kiosk::hub::{HubConfig, Rounds};
use kiosk::journey::parse::parse;
use kiosk::model::{Mark, Model};
use kiosk::recorder::Recorder;
use kiosk::run::{Parts, Rehearsal, Rehearsed, run};
use kiosk::window::AppWindow;
use ledger::clock::ClockEvidence;
use rights::chart::Sighting;
use rights::claims::{Claim, Grant};
use rights::entry::IdempotencyKey;
use rights::follow_up::{Act, Conflict};
use rights::history::{Administration, Record};
use rights::ident::{ClinicianId, PatientId, RequestId};

use crate::paths::AtTheBed;
use crate::{Fast, ward};

const JOURNEY: &str = "journey: one of two kiosks
orders: ../ward-3b/orders/ward-3b.json
drugs: ../ward-3b/drugs
staff: ../ward-3b/staff.csv
codes: ../ward-3b/codes.csv

2026-11-30 09:01:00 -05:00  nurse shows badge-alvarez
    screen pin
2026-11-30 09:01:04 -05:00  nurse types \"2468\"
    screen identify
2026-11-30 09:01:10 -05:00  nurse shows band-kowalski
    screen due-list
2026-11-30 09:01:20 -05:00  nurse shows dose-metoprolol-1
    screen dose
2026-11-30 09:01:24 -05:00  nurse shows dose-metoprolol-2
    verdict pass
2026-11-30 09:01:30 -05:00  nurse taps \"Patient has taken it\"
    screen receipt
2026-11-30 09:01:40 -05:00  nurse shows pkg-lisinopril
    verdict pass
2026-11-30 09:01:50 -05:00  nurse taps \"Patient has taken it\"
    verdict stop
    says \"Ask the other nurse\"
    does not say \"Patient has taken it\"
2026-11-30 09:02:00 -05:00  nurse taps \"Put it back\"
    screen due-list
2026-11-30 09:02:10 -05:00  nurse taps \"Sign off\"
    screen locked
2026-11-30 09:03:00 -05:00  nurse shows badge-alvarez
    screen pin
2026-11-30 09:03:04 -05:00  nurse types \"2468\"
    screen identify
2026-11-30 09:03:10 -05:00  nurse shows band-kowalski
    screen due-list
2026-11-30 09:03:20 -05:00  nurse shows pkg-lisinopril
    verdict pass
2026-11-30 09:03:30 -05:00  nurse taps \"Patient has taken it\"
    screen receipt
2026-11-30 09:03:40 -05:00  kiosk waits
";
/// The steps after which the hub goes away, and after which it is back.
const HUB_GOES_AFTER: usize = 10;
const HUB_IS_BACK_AFTER: usize = 15;

fn hub_time() -> Timestamp {
    "2026-11-30T09:02:00-05:00".parse().unwrap()
}

/// The other kiosk.
struct Other {
    asks: HubClient,
    rounds: Rounds,
    heard: Vec<Record>,
    seen: Vec<Sighting>,
    claim: Claim,
}

impl Other {
    fn at(hub: SocketAddr) -> Self {
        let address = HubAddress { url: format!("http://{hub}"), roots: None, identity: None };
        let client = || HubClient::new(&address, Duration::from_secs(10)).unwrap();
        let claim = Claim {
            entry: IdempotencyKey { session: [66; 16], count: 1 },
            patient: PatientId::parse("pt-kowalski").unwrap(),
            request: RequestId::parse("mr-kowalski-lisinopril").unwrap(),
            slot: Some("2026-11-30T09:00:00-05:00".parse().unwrap()),
            by: ClinicianId::parse("C1001").unwrap(),
            at: hub_time(),
            known: Vec::new(),
        };
        let rounds = Rounds::new(client(), "demo.example/3b/other/g1", Vec::new());
        Self { asks: client(), rounds, heard: Vec::new(), seen: Vec::new(), claim }
    }

    fn listen(&mut self) {
        loop {
            let news = self.rounds.exchange().unwrap();
            self.heard.extend(news.records);
            self.seen.extend(news.sightings);
            if !news.more {
                return;
            }
        }
    }

    /// What it gave while nobody could ask: as the first kiosk gave the dose, under an entry and a name of its own.
    fn gave_it_too(&mut self, given: &Administration) {
        self.rounds.did(Record::Administration(Administration {
            entry: Some(self.claim.entry),
            by: self.claim.by.clone(),
            at: given.at - SignedDuration::from_secs(20),
            ..given.clone()
        }));
    }

    fn heard_given(&self, request: &str) -> Option<&Administration> {
        let mut given = self.heard.iter().filter_map(Record::administration);
        given.find(|done| done.request.as_str() == request)
    }
}

/// The nurse, with the hub coming and going around her.
struct BesideAHub {
    nurse: AtTheBed,
    config: ServerConfig,
    hub: Option<Running>,
    other: Other,
    /// The hub was away, and this kiosk has said so.
    was_away: bool,
    ended: Rc<RefCell<bool>>,
}

impl Rehearsal for BesideAHub {
    fn look(&mut self, shown: &Model, ui: &AppWindow) -> Rehearsed {
        let (step, has_come) = self.nurse.stands(shown);
        if step == HUB_GOES_AFTER && has_come && !self.was_away {
            if let Some(hub) = self.hub.take() {
                self.other.listen();
                self.other.asks.release(self.other.claim.entry).unwrap();
                hub.stop();
            }
            let orders = &shown.header.orders;
            self.was_away = orders.mark == Mark::Question && orders.text.starts_with("Kiosk alone since");
            return Rehearsed::Tick;
        }
        if step == HUB_IS_BACK_AFTER && has_come {
            if self.hub.is_none() {
                self.hub = Some(start(&self.config, [1; 16], Arc::new(hub_time)).unwrap());
            }
            self.other.listen();
            // The other kiosk is back as well, and tells of the same dose; then this one finds the conflict.
            if let Some(given) = self.other.heard_given("mr-kowalski-lisinopril").cloned() {
                self.other.gave_it_too(&given);
                self.other.listen();
            }
            let conflict = |record: &Record| matches!(record, Record::FollowUp(done) if matches!(done.act, Act::Conflict(_)));
            if !self.other.heard.iter().any(conflict) {
                return Rehearsed::Tick;
            }
            *self.ended.borrow_mut() = true;
        }
        self.nurse.look(shown, ui)
    }
}

/// Plays it at the window of this process.
pub(crate) fn play() {
    let folder = tempfile::tempdir().unwrap();
    let journeys: PathBuf = ward::fixtures().join("../journeys");
    let journey = parse(JOURNEY, &journeys).unwrap();
    let first = journey.steps[0].at;
    let steps = journey.steps.len();
    let mut config = ServerConfig {
        listen: "127.0.0.1:0".parse().unwrap(),
        store: folder.path().join("hub.redb"),
        claim_lasts: SignedDuration::from_mins(10),
        tls: None,
    };
    let hub = start(&config, [1; 16], Arc::new(hub_time)).unwrap();
    config.listen = hub.address;
    let mut other = Other::at(hub.address);
    other.listen();
    other.asks.claim(&other.claim).unwrap().unwrap();

    let zone = kiosk::ward::zone(&journey.setup.zone).unwrap();
    let clock = Fast { zone: zone.clone(), at: Rc::new(RefCell::new(first)) };
    let now = ClockEvidence::of_moment(kiosk::clock::Clock::moment(&clock));
    let loaded = ward::load(first);
    let policy = loaded.policy.clone();
    let ledger = folder.path().join("ledger");
    let (device, recorder) = ward::kiosk_of(loaded, &ledger, &now, false);
    let origin = recorder.origin().to_owned();
    let url = format!("http://{}", config.listen);
    let address = HubAddress { url, roots: None, identity: None };
    let (done, ended) = (Rc::new(RefCell::new(0)), Rc::new(RefCell::new(false)));
    let rehearsal = BesideAHub {
        nurse: AtTheBed::new(journey, clock.clone(), Rc::clone(&done)),
        config,
        hub: Some(hub),
        other,
        was_away: false,
        ended: Rc::clone(&ended),
    };
    run(Parts {
        rehearsal: Some(Box::new(rehearsal)),
        hub: Some((HubConfig { address }, Vec::new())),
        ..Parts::bare(device, recorder, Box::new(clock), zone)
    })
    .unwrap();
    assert_eq!((*done.borrow(), *ended.borrow()), (steps, true), "it was played to its end");
    kiosk::audit::verify(&ledger).expect("the ledger verifies");
    let records = Recorder::open(&ledger, &origin, false, &policy, &now).unwrap().records().unwrap();
    let grants: Vec<Option<Grant>> = records
        .iter()
        .filter_map(Record::administration)
        .filter(|done| done.outcome.entered_patient())
        .map(|done| done.grant)
        .collect();
    assert_eq!(grants, [Some(Grant::Ward), Some(Grant::Offline)]);
    let conflicts: Vec<&Conflict> = records
        .iter()
        .filter_map(|record| match record {
            Record::FollowUp(done) => match &done.act {
                Act::Conflict(conflict) => Some(conflict),
                _ => None,
            },
            _ => None,
        })
        .collect();
    let by = ClinicianId::parse("C1001").unwrap();
    assert!(matches!(conflicts.as_slice(), [Conflict::AlsoGiven(_, found)] if *found == by), "{conflicts:?}");
    println!("two kiosks and a hub: {steps} steps at the window, the ledger verified");
}
