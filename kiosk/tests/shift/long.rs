//! Many days of the same kiosk without a window system: the device, a real ledger, the real markup drawn into memory. For what grows.

use std::path::Path;
use std::time::Duration;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use kiosk::codes::Codes;
use kiosk::device::{Device, Output};
use kiosk::headless::Headless;
use kiosk::model::{Act, Model};
use kiosk::reading::taps;
use kiosk::recorder::Recorder;
use kiosk::window::{self, AppWindow};
use ledger::clock::ClockEvidence;
use rights::claims::Grant;
use rights::moment::{ClockTrust, Moment};
use scanner::interpret::Interpreter;
use scanner::site::SiteFormats;
use slint::ComponentHandle;

use crate::robot::{Move, Robot};
use crate::ward;

struct Shell {
    device: Device,
    recorder: Recorder,
    codes: Codes,
    interpreter: Interpreter,
    zone: TimeZone,
    at: Timestamp,
}

impl Shell {
    fn now(&self) -> Moment {
        Moment {
            at: self.at,
            offset: self.zone.to_offset(self.at),
            clock: ClockTrust::Known(SignedDuration::ZERO),
        }
    }

    fn carry_out(&mut self, outputs: Vec<Output>) {
        let now = self.now();
        for output in outputs {
            let more = match output {
                Output::Record(entry) => {
                    let receipt = self.recorder.append(&entry, &ClockEvidence::of_moment(now));
                    self.device.appended(entry.key(), receipt, now)
                }
                Output::Claim(claim) => self.device.claimed(claim.entry, Ok(Grant::Alone), now),
                Output::Sound(_) | Output::Release(_) => continue,
            };
            self.carry_out(more);
        }
    }

    /// The kiosk is locked and looks at its clock.
    fn let_time_pass(&mut self) {
        let outputs = self.device.tick(self.now());
        self.carry_out(outputs);
    }

    fn make(&mut self, step: &Move, model: &Model) {
        let now = self.now();
        let outputs = match step {
            Move::Hold(name) => {
                let code = self.codes.get(name).unwrap_or_else(|| panic!("no code {name}"));
                self.device.scan(self.interpreter.hand_scan(&code.as_hand_scan()), now)
            }
            Move::Tap(label) => {
                let known = taps(model).into_iter().find(|(text, _)| *text == label.replace('\u{a0}', " "));
                let mut characters = label.chars();
                match (known, characters.next(), characters.next()) {
                    (Some((_, act)), ..) => self.device.act(act, now),
                    (None, Some(digit), None) => self.device.act(Act::Key(digit), now),
                    (None, ..) => Vec::new(),
                }
            }
            Move::Wait | Move::Done => self.device.tick(now),
        };
        self.carry_out(outputs);
    }
}

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|value| value.parse().ok()).unwrap_or(0)
}

/// A kiosk of the busy ward that starts at `start`, with orders for these hours.
fn shell(start: Timestamp, hours: &[Time], ledger: &Path) -> Shell {
    let zone = kiosk::ward::zone("America/New_York").unwrap();
    let mut loaded = ward::load(start);
    ward::busy(&mut loaded, hours, start - SignedDuration::from_hours(48));
    let clock = ClockEvidence::of_moment(Moment {
        at: start,
        offset: zone.to_offset(start),
        clock: ClockTrust::Known(SignedDuration::ZERO),
    });
    let (device, recorder) = ward::kiosk(loaded, ledger, &clock);
    let codes = Codes::read(&ward::fixtures().join("codes.csv")).unwrap();
    let interpreter = Interpreter::new(SiteFormats::default(), 2026);
    Shell { device, recorder, codes, interpreter, zone, at: start }
}

/// Days of one bed, without a picture: the records in memory stop to grow once the look-back is full, and the ledger holds all of them.
pub(crate) fn bounded() {
    let start: Timestamp = "2026-11-30T07:55:00-05:00".parse().unwrap();
    let hour = Time::constant(8, 0, 0, 0);
    let folder = tempfile::tempdir().unwrap();
    let mut shell = shell(start, &[hour], &folder.path().join("ledger"));
    let mut held = Vec::new();
    let mut charted = 0;
    for day in 0..20 {
        let date = shell.zone.to_datetime(start).date() + day.days();
        shell.at = date.to_datetime(hour).to_zoned(shell.zone.clone()).unwrap().timestamp();
        let mut visits = ward::round(false);
        visits.retain(|visit| visit.band == "band-kowalski");
        let mut robot = Robot::new("badge-alvarez", "2468", visits);
        shell.let_time_pass();
        loop {
            shell.device.orders_current(shell.at);
            let model = shell.device.view(shell.now());
            let step = robot.next(&model);
            if step == Move::Done {
                break;
            }
            if step != Move::Wait {
                shell.at += SignedDuration::from_millis(900);
            }
            shell.make(&step, &model);
        }
        charted += robot.tally.charted();
        held.push(shell.device.chart().history.len());
    }
    let most = held[..12].iter().max().unwrap();
    assert!(charted >= 100, "only {charted} were charted");
    assert!(held[12..].iter().all(|count| count <= most), "records in memory by day: {held:?}");
    assert!(held[19] < charted * 2 / 3, "{} of {charted} are in memory", held[19]);
    let recorded = shell.recorder.records().unwrap();
    assert_eq!(recorded.iter().filter(|record| record.administration().is_some()).count(), charted);
    println!("{charted} administrations in 20 days, {} in memory, all in the ledger", held[19]);
}

/// Plays rounds until so many administrations are recorded, and says how much memory that took.
pub(crate) fn run(administrations: usize) {
    let start: Timestamp = "2026-11-30T07:55:00-05:00".parse().unwrap();
    let hours = [8, 12, 16, 20].map(|hour| Time::constant(hour, 0, 0, 0));
    let folder = tempfile::tempdir().unwrap();
    let mut shell = shell(start, &hours, &folder.path().join("ledger"));
    let screen = Headless::new(1280, 800).unwrap();
    let ui = AppWindow::new().unwrap();
    ui.show().unwrap();

    let mut charted = 0;
    let mut told = 0;
    let mut first = None;
    for slot in 0.. {
        let day = shell.zone.to_datetime(start).date() + (slot / 4).days();
        let hour = hours[usize::try_from(slot % 4).unwrap()];
        shell.at = day.to_datetime(hour).to_zoned(shell.zone.clone()).unwrap().timestamp();
        shell.device.orders_current(shell.at);
        shell.let_time_pass();
        let mut robot = Robot::new("badge-alvarez", "2468", ward::round(false));
        let mut steps = 0_u32;
        loop {
            let model = shell.device.view(shell.now());
            window::apply(&model, &ui);
            if steps.is_multiple_of(16) {
                screen.advance(Duration::from_millis(16));
                let _ = screen.render().unwrap();
            }
            steps += 1;
            let step = robot.next(&model);
            if step == Move::Done {
                break;
            }
            if step != Move::Wait {
                shell.at += SignedDuration::from_millis(900);
                shell.device.orders_current(shell.at);
            }
            shell.make(&step, &model);
        }
        charted += robot.tally.charted();
        if charted >= told + 1_000 || first.is_none() {
            told = charted - charted % 1_000;
            let records = shell.device.chart().history.len();
            println!("| {charted} administrations | {records} in memory | {} KiB resident |", resident_kib());
        }
        first.get_or_insert_with(|| (charted, resident_kib()));
        if charted >= administrations {
            break;
        }
    }
    let (_, before) = first.unwrap();
    let after = resident_kib();
    let size = folder_size(folder.path());
    println!(
        "{charted} administrations: {before} KiB after the first round, {after} KiB now; ledger {} MB",
        size / 1_000_000
    );
    assert!(after <= 120 * 1024, "{after} KiB resident");
}

fn folder_size(folder: &Path) -> u64 {
    std::fs::read_dir(folder).map_or(0, |entries| {
        entries
            .flatten()
            .map(|entry| {
                let path = entry.path();
                if path.is_dir() { folder_size(&path) } else { entry.metadata().map_or(0, |file| file.len()) }
            })
            .sum()
    })
}
