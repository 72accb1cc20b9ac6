//! A shift through the real window: winit under Xvfb, pictures through the decoder's thread, the ledger's thread, touches on the window. A
//! robot nurse reads the screen and does what it asks; what her rounds do not meet (a witness, a call, break-glass, a waste, a correction)
//! is played from the journeys, at the same window; one kiosk of two, with the ward's hub between them; and one that is told to end.
//!
//! `cargo test -p kiosk --test shift` plays one round of two beds and two journeys; `make shift` (`-- --whole`) four rounds of eleven, over
//! 200 administrations, and all of them. It starts Xvfb itself. `-- --long 10000` plays so many administrations without a window system and
//! says how much memory that took.

#[path = "common/display.rs"]
mod display;
#[path = "shift/ends.rs"]
mod ends;
#[path = "shift/long.rs"]
mod long;
#[path = "shift/others.rs"]
mod others;
#[path = "shift/paths.rs"]
mod paths;
#[path = "shift/robot.rs"]
mod robot;
#[path = "shift/ward.rs"]
mod ward;

use std::cell::RefCell;
use std::process::{Command, ExitCode};
use std::rc::Rc;
use std::time::{Duration, Instant};

use display::Display;
use i_slint_backend_testing::{AccessibleRole, ElementHandle, ElementRoot as _};
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use kiosk::clock::Clock;
use kiosk::model::{Model, Screen};
use kiosk::run::{Parts, Rehearsal, Rehearsed, run};
use kiosk::window::AppWindow;
use ledger::clock::ClockEvidence;
use rights::moment::{ClockTrust, Moment};
use robot::{Move, Robot, Tally};
use slint::platform::{PointerEventButton, WindowEvent};
use slint::{ComponentHandle, LogicalPosition};

const START: &str = "2026-11-30T07:55:00-05:00";
/// How long an act of the robot takes by the shift's clock. While it waits for the window no time passes, however slow the machine is.
const ACT_TAKES: SignedDuration = SignedDuration::from_millis(900);

/// A clock that the robot's acts move on, and that is set ahead between two rounds.
#[derive(Clone)]
struct Fast {
    zone: TimeZone,
    at: Rc<RefCell<Timestamp>>,
}

impl Fast {
    fn ahead_to(&self, at: Timestamp) {
        *self.at.borrow_mut() = at;
    }
}

impl Clock for Fast {
    fn moment(&self) -> Moment {
        let at = *self.at.borrow();
        Moment { at, offset: self.zone.to_offset(at), clock: ClockTrust::Known(SignedDuration::ZERO) }
    }

    fn evidence(&self) -> ClockEvidence {
        ClockEvidence::of_moment(self.moment())
    }
}

/// The robot at the window.
struct AtWindow {
    robot: Robot,
    rounds: Vec<(Time, Vec<robot::Visit>)>,
    clock: Fast,
    tally: Rc<RefCell<Tally>>,
    deadline: Instant,
}

impl AtWindow {
    /// The next round at its time of day; none when the shift is over.
    fn next_round(&mut self) -> bool {
        let Some((time, visits)) = self.rounds.pop() else { return false };
        let today = self.clock.moment().date().to_datetime(time);
        self.clock.ahead_to(today.to_zoned(self.clock.zone.clone()).unwrap().timestamp());
        let tally = self.robot.tally.clone();
        self.robot = Robot::new("badge-alvarez", "2468", visits);
        self.robot.tally = tally;
        true
    }
}

impl Rehearsal for AtWindow {
    fn look(&mut self, shown: &Model, ui: &AppWindow) -> Rehearsed {
        assert!(Instant::now() < self.deadline, "the shift takes too long, on {:?}", shown.screen);
        let next = self.robot.next(shown);
        if std::env::var_os("KIOSK_SHIFT_TRACE").is_some() && next != Move::Wait {
            eprintln!("{} {next:?}", kiosk::reading::screen_name(&shown.screen));
        }
        if next != Move::Wait {
            let now = self.clock.moment().at;
            self.clock.ahead_to(now + ACT_TAKES);
        }
        match next {
            Move::Wait => Rehearsed::Nothing,
            Move::Hold(name) => Rehearsed::HoldUp(ward::fixtures().join("pictures").join(name)),
            Move::Tap(label) => {
                // What is not there yet comes with the next look.
                let _ = touch(ui, &label, shown);
                Rehearsed::Nothing
            }
            Move::Done if self.next_round() => Rehearsed::Nothing,
            Move::Done => {
                *self.tally.borrow_mut() = self.robot.tally.clone();
                Rehearsed::End
            }
        }
    }
}

/// A finger on what is labelled so; a list is scrolled until it is in sight. False when it is nowhere.
fn touch(ui: &AppWindow, label: &str, shown: &Model) -> bool {
    for _ in 0..6 {
        if let Some(element) = find(ui, label, shown) {
            let (place, size) = (element.absolute_position(), element.size());
            tap(ui, LogicalPosition::new(place.x + size.width / 2.0, place.y + size.height / 2.0));
            return true;
        }
        let Some(down) = find(ui, "Further down", shown) else { break };
        let (place, size) = (down.absolute_position(), down.size());
        tap(ui, LogicalPosition::new(place.x + size.width / 2.0, place.y + size.height / 2.0));
    }
    false
}

fn find(ui: &AppWindow, label: &str, shown: &Model) -> Option<ElementHandle> {
    let wanted = label.replace('\u{a0}', " ");
    let rows = matches!(shown.screen, Screen::DueList(_) | Screen::Tasks(_));
    ui.root_element().query_descendants().find_all().into_iter().find(|element| {
        let said = element.accessible_label().unwrap_or_default().replace('\u{a0}', " ");
        // What is typed so far may read as a key does.
        let role = element
            .accessible_role()
            .is_some_and(|role| matches!(role, AccessibleRole::Button | AccessibleRole::RadioButton));
        // A row says its name, dose, time and state, and what a tap on it begins.
        let is_row = rows
            && said.contains(". ")
            && wanted.split(' ').next().is_some_and(|name| said.starts_with(name))
            && wanted.split(' ').next_back().is_some_and(|time| said.contains(&format!(", {time},")));
        role && (said == wanted || is_row)
            && element.accessible_enabled() != Some(false)
            && element.size().width >= 60.0
    })
}

fn tap(ui: &AppWindow, position: LogicalPosition) {
    let button = PointerEventButton::Left;
    for event in [
        WindowEvent::PointerMoved { position },
        WindowEvent::PointerPressed { position, button },
        WindowEvent::PointerReleased { position, button },
        WindowEvent::PointerExited,
    ] {
        ui.window().dispatch_event(event);
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.iter().any(|argument| argument == "--list") {
        println!("a_shift_through_the_real_window: test");
        return ExitCode::SUCCESS;
    }
    if let Some(at) = arguments.iter().position(|argument| argument == "--long") {
        long::run(arguments.get(at + 1).and_then(|count| count.parse().ok()).unwrap_or(10_000));
        return ExitCode::SUCCESS;
    }
    let whole = arguments.iter().any(|argument| argument == "--whole");
    match std::env::var("KIOSK_SHIFT_CHILD") {
        Err(_) => {
            long::bounded();
            let rounds = [ROUNDS, OTHERS, ENDS].into_iter().chain(paths::names(whole));
            return if under_a_display(&arguments, rounds) { ExitCode::SUCCESS } else { ExitCode::FAILURE };
        }
        Ok(part) if part == ROUNDS => shift(whole),
        Ok(part) if part == OTHERS => others::play(),
        Ok(part) if part == ENDS => ends::play(),
        Ok(journey) => paths::play(&journey),
    }
    ExitCode::SUCCESS
}

/// The part of the test that is the rounds of a shift; the others are named by their journeys.
const ROUNDS: &str = "rounds";
/// The part with another kiosk and the ward's hub.
const OTHERS: &str = "others";
/// The part that is told to end in its middle.
const ENDS: &str = "ends";

/// Plays each part in a process of its own, with one display for all of them.
fn under_a_display<'a>(arguments: &[String], parts: impl Iterator<Item = &'a str>) -> bool {
    let display = Display::start();
    let mut all_well = true;
    for part in parts {
        let mut child = Command::new(&arguments[0]);
        child.args(&arguments[1..]).env("KIOSK_SHIFT_CHILD", part).env("SLINT_BACKEND", "winit-software");
        child.env_remove("WAYLAND_DISPLAY").env("DISPLAY", &display.name);
        all_well &= child.status().expect("the test starts itself").success();
    }
    all_well
}

fn shift(whole: bool) {
    let start: Timestamp = START.parse().unwrap();
    let zone = kiosk::ward::zone("America/New_York").unwrap();
    let clock = Fast { zone, at: Rc::new(RefCell::new(start)) };
    let at = |hour| Time::constant(hour, 0, 0, 0);
    let hours: &[i8] = if whole { &[8, 12, 16, 20] } else { &[8] };
    let times: Vec<Time> = hours.iter().map(|hour| at(*hour)).collect();
    let mut loaded = ward::load(start);
    ward::busy(&mut loaded, &times, start - SignedDuration::from_hours(2));
    let mut rounds: Vec<(Time, Vec<robot::Visit>)> = hours
        .iter()
        .enumerate()
        .map(|(round, hour)| {
            let mut visits = ward::round(round % 2 == 1 || !whole);
            if !whole {
                visits.retain(|visit| ["band-kowalski", "band-nilsson"].contains(&visit.band.as_str()));
            }
            // The third round is late.
            (if round == 2 { Time::constant(*hour + 2, 40, 0, 0) } else { at(*hour) }, visits)
        })
        .collect();
    rounds.reverse();
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("ledger");
    let (device, recorder) = ward::kiosk(loaded, &ledger, &clock.evidence());
    let tally = Rc::new(RefCell::new(Tally::default()));
    let (_, first) = rounds.pop().unwrap();
    let rehearsal = AtWindow {
        robot: Robot::new("badge-alvarez", "2468", first),
        rounds,
        clock: clock.clone(),
        tally: Rc::clone(&tally),
        deadline: Instant::now() + Duration::from_secs(if whole { 3_000 } else { 400 }),
    };
    clock.ahead_to(start);
    let began = Instant::now();
    run(Parts {
        rehearsal: Some(Box::new(rehearsal)),
        ..Parts::bare(device, recorder, Box::new(clock), kiosk::ward::zone("America/New_York").unwrap())
    })
    .unwrap();
    kiosk::audit::verify(&ledger).expect("the ledger of the shift verifies");
    let tally = tally.borrow();
    println!("{tally:#?}\n{} charted in {:.0?}, ledger verified", tally.charted(), began.elapsed());
    let given = tally.receipts.get("Given").copied().unwrap_or_default();
    if whole {
        assert!(tally.charted() >= 200, "only {} were charted", tally.charted());
        for outcome in ["Refused", "Held", "Missing,", "Not"] {
            assert!(tally.receipts.contains_key(outcome), "nothing was {outcome}: {:?}", tally.receipts);
        }
        for finding in [
            "Stop M5",
            "Stop M2",
            "Stop M7",
            "Question M6",
            "Stop M3",
            "Question T3",
            "Question C5",
            "Info M5",
        ] {
            assert!(tally.findings.contains_key(finding), "{finding} was never met: {:?}", tally.findings);
        }
    }
    assert!(given >= if whole { 190 } else { 8 }, "only {given} were given: {:?}", tally.receipts);
}
