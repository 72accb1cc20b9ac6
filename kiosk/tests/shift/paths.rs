//! The paths that a round does not take, through the real window: the journeys of the fixtures with a second person, break-glass, a return,
//! a correction, a patch, an infusion, a call before the dose, a waste, an effect. Each is played in a process of its own: things are held in
//! front of the decoder, the glass is touched, the ledger writes; what the journey says of the screens must come true, and the ledger must
//! hold it.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use kiosk::journey::parse::parse;
use kiosk::journey::{Expectation, Journey, JourneyEvent};
use kiosk::model::{Ask, DosePanel, Form, Input, Model, Screen};
use kiosk::reading::{screen_name, taps, texts, verdict};
use kiosk::recorder::Recorder;
use kiosk::run::{Parts, Rehearsal, Rehearsed, run};
use kiosk::ward::{self as wards, OrderFiles, StaffFiles, WardFiles};
use kiosk::window::AppWindow;
use ledger::clock::ClockEvidence;
use ledger::inspect::Inspector;
use rights::custody::Disposal;
use rights::follow_up::Act;
use rights::history::Record;

use crate::{Fast, touch, ward};

/// What the ledger must hold after a journey.
type Holds = fn(&[Record]) -> bool;

/// The journeys with what each leaves in the ledger.
const ALL: [(&str, Holds); 12] = [
    ("11-heparin-half-a-vial", |all| given(all).any(|done| done.witness.is_some() && done.site.is_some())),
    ("s4-break-glass", |all| given(all).any(|done| done.order_link_due.is_some())),
    (UNKNOWN, |all| given(all).count() == 0),
    ("m9-package-typed", |all| given(all).any(|done| done.witness.is_some())),
    ("w4-returned-whole", |all| disposed(all, Disposal::Returned)),
    ("correction-by-the-giver", |all| followed(all, |act| *act == Act::EnteredInError)),
    ("infusion-from-bag-to-stop", |all| {
        all.iter().filter(|record| matches!(record, Record::FollowUp(_))).count() == 3
    }),
    ("t9-one-patch-after-the-other", |all| followed(all, |act| *act == Act::PatchRemoved)),
    ("p8-wristband-typed-with-a-witness", |all| {
        all.iter().any(|record| matches!(record, Record::Reprint(_)))
    }),
    ("t4-prn-too-soon-with-a-call", |all| given(all).count() == 2),
    ("29-fentanyl-waste", |all| disposed(all, Disposal::Wasted)),
    ("prn-effect", |all| followed(all, |act| matches!(act, Act::EffectNoted { .. }))),
];
/// The one with a package that nobody knows: its picture is kept.
const UNKNOWN: &str = "ph6-picture-of-an-unknown-package";
/// Those of a usual test run.
const FEW: usize = 4;

fn given(all: &[Record]) -> impl Iterator<Item = &rights::history::Administration> {
    all.iter().filter_map(Record::administration).filter(|done| done.outcome.entered_patient())
}

fn disposed(all: &[Record], how: Disposal) -> bool {
    all.iter().any(|record| matches!(record, Record::Disposed(done) if done.how == how))
}

fn followed(all: &[Record], is: fn(&Act) -> bool) -> bool {
    all.iter().any(|record| matches!(record, Record::FollowUp(done) if is(&done.act)))
}

/// The names of the journeys to play.
pub(crate) fn names(whole: bool) -> Vec<&'static str> {
    ALL.iter().map(|(name, _)| *name).take(if whole { ALL.len() } else { FEW }).collect()
}

/// Somebody who does at the window what the journey says.
pub(crate) struct AtTheBed {
    journey: Journey,
    clock: Fast,
    /// The next step.
    at: usize,
    /// Taps of this step that are still to be made, by their labels.
    queue: Vec<String>,
    /// Whether the kiosk has seen the time of the next step.
    told_the_time: bool,
    /// What was shown before this step; none when it may stay as it is.
    before: Option<Screen>,
    looks: usize,
    done: Rc<RefCell<usize>>,
    deadline: Instant,
}

/// So many looks the window may take for one step.
const PATIENCE: usize = 4_000;

impl Rehearsal for AtTheBed {
    fn look(&mut self, shown: &Model, ui: &AppWindow) -> Rehearsed {
        assert!(Instant::now() < self.deadline, "the journey takes too long, at step {}", self.at);
        self.looks += 1;
        if let Some(label) = self.queue.first().cloned() {
            let label = label_on(shown, &label);
            if touch(ui, &label, shown) {
                self.queue.remove(0);
                self.looks = 0;
            }
            assert!(self.looks < PATIENCE, "{label:?} cannot be touched on {:?}", texts(shown));
            return Rehearsed::Nothing;
        }
        if self.at > 0 && !self.told_the_time && !self.has_come(shown) {
            return Rehearsed::Nothing;
        }
        self.begin(shown)
    }
}

impl AtTheBed {
    /// Before the first step.
    pub(crate) fn new(journey: Journey, clock: Fast, done: Rc<RefCell<usize>>) -> Self {
        Self {
            journey,
            clock,
            at: 0,
            queue: Vec::new(),
            told_the_time: false,
            before: None,
            looks: 0,
            done,
            deadline: Instant::now() + Duration::from_mins(5),
        }
    }

    /// How many steps were begun, and whether what the last one brings is shown.
    pub(crate) fn stands(&mut self, shown: &Model) -> (usize, bool) {
        assert!(Instant::now() < self.deadline, "it takes too long, at step {}: {:?}", self.at, texts(shown));
        let has_come = self.at == 0 || self.told_the_time || self.has_come(shown);
        (self.at, self.queue.is_empty() && has_come)
    }

    /// Whether what the last step brings is shown.
    fn has_come(&mut self, shown: &Model) -> bool {
        if self.before.as_ref().is_some_and(|before| *before == shown.screen)
            || matches!(shown.screen, Screen::Saving(_))
        {
            assert!(self.looks < PATIENCE, "nothing came of step {}: {:?}", self.at, texts(shown));
            return false;
        }
        let step = &self.journey.steps[self.at - 1];
        let problems: Vec<String> = step
            .expected
            .iter()
            .filter_map(|(line, expected)| {
                differs(expected, shown).map(|problem| format!("line {line}: {problem}"))
            })
            .collect();
        assert!(problems.is_empty() || self.looks < PATIENCE, "{problems:?} on {:?}", texts(shown));
        problems.is_empty()
    }

    /// The next step.
    fn begin(&mut self, shown: &Model) -> Rehearsed {
        let Some(step) = self.journey.steps.get(self.at) else {
            *self.done.borrow_mut() = self.at;
            return Rehearsed::End;
        };
        if !std::mem::replace(&mut self.told_the_time, true) {
            // What a later minute changes on the screen is not what the step brings.
            self.clock.ahead_to(step.at);
            return Rehearsed::Tick;
        }
        let enter = enter_label(shown);
        if matches!(step.event, JourneyEvent::Types(_)) && enter.is_none() {
            assert!(self.looks < PATIENCE, "nothing can be typed on {:?}", texts(shown));
            return Rehearsed::Nothing;
        }
        self.told_the_time = false;
        self.at += 1;
        self.looks = 0;
        self.before = Some(shown.screen.clone());
        match &step.event {
            JourneyEvent::Scans(name) | JourneyEvent::Shows(name) => {
                return Rehearsed::HoldUp(ward::fixtures().join("pictures").join(name));
            }
            JourneyEvent::Types(keys) => {
                self.queue = keys.chars().filter(|key| *key != '-').map(key_label).collect();
                self.queue.extend(enter);
            }
            JourneyEvent::Writes(text) => {
                self.queue = text.chars().map(String::from).collect();
                self.queue.push("Done".into());
            }
            JourneyEvent::Taps(label) => self.queue = vec![label.clone()],
            // Nothing but time: the screen may stay as it is.
            JourneyEvent::Waits => self.before = None,
            other => panic!("nobody at a window can do {other:?}"),
        }
        Rehearsed::Nothing
    }
}

/// What the screen tells of itself; what only the session knows is checked from the ledger at the end.
fn differs(expected: &Expectation, shown: &Model) -> Option<String> {
    let says = |text: &str| texts(shown).iter().any(|line| line.contains(text));
    let holds = match expected {
        Expectation::Screen(name) => screen_name(&shown.screen) == name,
        Expectation::Verdict(class) => verdict(shown) == Some(class),
        Expectation::Says(text) => says(text),
        Expectation::DoesNotSay(text) => !says(text),
        Expectation::Finding(..)
        | Expectation::NoFinding(_)
        | Expectation::Right(..)
        | Expectation::Recorded(_)
        | Expectation::RecordedNothing
        | Expectation::Given(..)
        | Expectation::LedgerVerifies => true,
    };
    (!holds).then(|| format!("expected {expected:?}"))
}

fn key_label(key: char) -> String {
    if key == '.' { "Decimal point".into() } else { key.into() }
}

/// What stands on the key that says that all is typed; none where nothing is typed.
fn enter_label(shown: &Model) -> Option<String> {
    match &shown.screen {
        Screen::Dose(DosePanel { ask: Ask::Number { enter, .. }, .. })
        | Screen::Form(Form { input: Input::Number { enter, .. }, .. }) => Some(enter.clone()),
        Screen::Pin(_) | Screen::Form(Form { input: Input::Pin(_), .. }) => Some("Enter".into()),
        _ => None,
    }
}

/// The whole label of what begins so: the number of tasks changes.
fn label_on(shown: &Model, label: &str) -> String {
    let all = taps(shown);
    if all.iter().any(|(known, _)| known == label) {
        return label.to_owned();
    }
    let mut begins = all.into_iter().map(|(known, _)| known).filter(|known| known.starts_with(label));
    match (label.len() > 1, begins.next(), begins.next()) {
        (true, Some(only), None) => only,
        _ => label.to_owned(),
    }
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/journeys").join(format!("{name}.journey"))
}

/// Plays one journey at the window of this process.
pub(crate) fn play(name: &str) {
    let (_, holds) = ALL.iter().find(|(known, _)| *known == name).expect("a journey of the list");
    let path = file(name);
    let journey = parse(&std::fs::read_to_string(&path).unwrap(), path.parent().unwrap()).unwrap();
    let zone = wards::zone(&journey.setup.zone).unwrap();
    let first: Timestamp = journey.steps[0].at;
    let files = WardFiles {
        orders: OrderFiles { orders: journey.setup.orders.clone(), drugs: journey.setup.drugs.clone() },
        staff: StaffFiles { staff: journey.setup.staff.clone(), policy: journey.setup.policy.clone() },
    };
    let loaded = wards::load(&files, &zone, zone.to_datetime(first).date()).unwrap();
    let policy = loaded.policy.clone();
    let clock = Fast { zone: zone.clone(), at: Rc::new(RefCell::new(first)) };
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("ledger");
    let now = ClockEvidence::of_moment(kiosk::clock::Clock::moment(&clock));
    let (device, recorder) = ward::kiosk(loaded, &ledger, &now);
    let origin = recorder.origin().to_owned();
    let done = Rc::new(RefCell::new(0));
    let steps = journey.steps.len();
    let path = AtTheBed::new(journey, clock.clone(), Rc::clone(&done));
    run(Parts { rehearsal: Some(Box::new(path)), ..Parts::bare(device, recorder, Box::new(clock), zone) })
        .unwrap();
    assert_eq!(*done.borrow(), steps, "{name} was played to its end");
    kiosk::audit::verify(&ledger).expect("the ledger of the journey verifies");
    // Of a typed package too there is none: what was held up before it is the wristband, which was read.
    let pictures = Inspector::open(&ledger).unwrap().pictures().unwrap();
    assert_eq!(pictures.len(), usize::from(name == UNKNOWN), "{name}: {pictures:?}");
    let records = Recorder::open(&ledger, &origin, false, &policy, &now).unwrap().records().unwrap();
    assert!(holds(&records), "{name}: {records:?}");
    println!("{name}: {steps} steps at the window, {} records, ledger verified", records.len());
}
