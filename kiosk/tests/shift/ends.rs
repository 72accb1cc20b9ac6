//! The kiosk is told to end (SIGTERM) while a dose is in hand: it signs off, and the ledger is closed in order.

use std::cell::RefCell;
use std::process::Command;
use std::rc::Rc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use kiosk::clock::Clock as _;
use kiosk::model::{Model, Screen};
use kiosk::run::{Parts, Rehearsal, Rehearsed, run};
use kiosk::window::AppWindow;
use ledger::inspect::Inspector;
use ledger::kind::Kind;

use crate::robot::{Move, Robot};
use crate::{ACT_TAKES, Fast, START, touch, ward};

/// A nurse who has a dose in hand when the kiosk is told to end.
struct Interrupted {
    nurse: Robot,
    clock: Fast,
    told: bool,
    deadline: Instant,
}

impl Rehearsal for Interrupted {
    fn look(&mut self, shown: &Model, ui: &AppWindow) -> Rehearsed {
        assert!(Instant::now() < self.deadline, "it does not end, on {:?}", shown.screen);
        if self.told {
            return Rehearsed::Nothing;
        }
        if matches!(shown.screen, Screen::Dose(_)) {
            self.told = true;
            let me = std::process::id().to_string();
            assert!(Command::new("kill").args(["-TERM", &me]).status().unwrap().success());
            return Rehearsed::Nothing;
        }
        let next = self.nurse.next(shown);
        if next != Move::Wait {
            let now = self.clock.moment().at;
            self.clock.ahead_to(now + ACT_TAKES);
        }
        match next {
            Move::Wait | Move::Done => {}
            Move::Hold(name) => return Rehearsed::HoldUp(ward::fixtures().join("pictures").join(name)),
            Move::Tap(label) => drop(touch(ui, &label, shown)),
        }
        Rehearsed::Nothing
    }
}

pub(crate) fn play() {
    let start: Timestamp = START.parse().unwrap();
    let zone = kiosk::ward::zone("America/New_York").unwrap();
    let clock = Fast { zone: zone.clone(), at: Rc::new(RefCell::new(start)) };
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("ledger");
    let (device, recorder) = ward::kiosk(ward::load(start), &ledger, &clock.evidence());
    let mut visits = ward::round(false);
    visits.retain(|visit| visit.band == "band-kowalski");
    let nurse = Robot::new("badge-alvarez", "2468", visits);
    let deadline = Instant::now() + Duration::from_mins(2);
    let rehearsal = Interrupted { nurse, clock: clock.clone(), told: false, deadline };
    run(Parts {
        rehearsal: Some(Box::new(rehearsal)),
        ..Parts::bare(device, recorder, Box::new(clock), zone)
    })
    .expect("it ended in order");
    kiosk::audit::verify(&ledger).expect("the ledger verifies");
    let inspector = Inspector::open(&ledger).unwrap();
    let kind = |at| inspector.entry(at).unwrap().0.kind;
    let kinds: Vec<Kind> = (0..inspector.size()).map(kind).collect();
    assert!(kinds.ends_with(&[Kind::ABANDONED, Kind::SIGN_OFF, Kind::CLOSE]), "{kinds:?}");
    println!("told to end with a dose in hand: {} entries, the ledger verified", kinds.len());
}
