//! Each aim of kiosk.md section 5: `cargo bench -p kiosk --bench bedside`.
//!
//! Everything is measured in this process, or in a fresh one of the same program for the cold start and the locked kiosk, at 1280x720
//! frames and a 1280x800 screen with the software renderer. The run of many administrations takes minutes: it is played when
//! `KIOSK_BENCH_ADMINISTRATIONS` says how many (10000), and fails above 120 MB.

#[path = "bedside/device.rs"]
mod device;
#[path = "../tests/shift/long.rs"]
#[expect(dead_code, reason = "the test of whole shifts uses the rest")]
mod long;
#[path = "../tests/shift/robot.rs"]
mod robot;
#[path = "../tests/shift/ward.rs"]
mod ward;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use kiosk::headless::Headless;
use kiosk::journey::parse::parse;
use kiosk::journey::play::{Player, play};
use kiosk::window::{self, AppWindow, PREVIEW_HEIGHT, PREVIEW_WIDTH, preview_buffer};
use slint::ComponentHandle;

const COLD: &str = "KIOSK_BENCH_COLD_START";
const FRAME: Duration = Duration::from_millis(33);
const ROUNDS: usize = 100;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}

fn main() {
    if std::env::var_os(COLD).is_some() {
        return cold_start();
    }
    if device::is_the_locked_one() {
        return device::locked();
    }
    println!("| work | p50 | p99 | n |\n|---|---|---|---|");
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(fixtures().join("journeys/06-two-tablets-one-dose.journey")).unwrap();
    let journey = parse(&text, &fixtures().join("journeys")).unwrap();
    let mut player = Player::new(&journey.setup, &folder.path().join("ledger"), journey.steps[0].at).unwrap();
    for step in journey.steps.iter().take(3) {
        let _ = player.step(step).unwrap();
    }
    let screen = Headless::new(1280, 800).unwrap();
    let ui = AppWindow::new().unwrap();
    ui.show().unwrap();
    for name in ["dose-metoprolol-1", "pkg-lisinopril", "pkg-metformin"] {
        frame_to_read(name);
    }
    verdict_to_painted(&mut player, &journey.steps[3], &ui, &screen);
    device::frame_to_painted(&mut player, &journey.steps[3], &ui, &screen);
    let tap = kiosk::journey::JourneyStep {
        event: kiosk::journey::JourneyEvent::Taps("lisinopril 09:00".into()),
        ..journey.steps[3].clone()
    };
    device::tap_to_paint(&mut player, &tap, &ui, &screen);
    player.cancel();
    window::apply(&player.screen(), &ui);
    device::preview_rate(&ui, &screen);
    device::look_of_a_resting_camera();
    device::locked_share();
    memory_after_shifts();
    cold_starts();
    if let Some(count) =
        std::env::var("KIOSK_BENCH_ADMINISTRATIONS").ok().and_then(|count| count.parse().ok())
    {
        long::run(count);
    }
}

fn report(work: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let last = times.len() - 1;
    println!("| {work} | {:.1?} | {:.1?} | {} |", times[last / 2], times[last * 99 / 100], times.len());
}

/// The frame that makes a read steady: decode, vote, interpret.
fn frame_to_read(name: &str) {
    let mut reads = device::Reads::of(name);
    let times = (0..ROUNDS).filter_map(|_| reads.steady()).map(|started| started.elapsed()).collect();
    report(&format!("1280x720 frame to steady read, {name}"), times);
}

/// The scan's decision, its durable entry, the screen's model and its picture.
fn verdict_to_painted(
    player: &mut Player,
    step: &kiosk::journey::JourneyStep,
    ui: &AppWindow,
    screen: &Headless,
) {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let _ = player.step(step).unwrap();
        window::apply(&player.screen(), ui);
        black_box(screen.render().unwrap());
        times.push(started.elapsed());
        // The package goes back, so that the next round finds the same screen.
        player.cancel();
    }
    report("scan to verdict: decide, durable entry, paint 1280x800", times);
}

/// Resident memory of this process after shifts played with real ledgers, pictures decoded and screens painted.
fn memory_after_shifts() {
    let ward = fixtures().join("ward-3b");
    let text = std::fs::read_to_string(kiosk::demo::shift_of(&ward)).unwrap();
    let journey = parse(&text, &ward).unwrap();
    for round in [1, 5] {
        let mut events = 0;
        for _ in 0..round {
            let folder = tempfile::tempdir().unwrap();
            let played = play(&journey, &folder.path().join("ledger"), |_, player, _| {
                let frame = player.frame().map(|frame| frame.preview(PREVIEW_WIDTH, PREVIEW_HEIGHT));
                black_box(frame.and_then(|f| preview_buffer(f.plane(), f.width(), f.height())));
            })
            .unwrap();
            events += played.seen.len();
        }
        println!("| resident memory after {events} more events | {} KiB | - | 1 |", resident_kib());
    }
}

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|value| value.parse().ok()).unwrap_or(0)
}

/// What a process does before the first screen is painted: ward, ledger, window, picture.
fn cold_start() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(fixtures().join("journeys/06-two-tablets-one-dose.journey")).unwrap();
    let journey = parse(&text, &fixtures().join("journeys")).unwrap();
    let player = Player::new(&journey.setup, &folder.path().join("ledger"), journey.steps[0].at).unwrap();
    let screen = Headless::new(1280, 800).unwrap();
    let ui = AppWindow::new().unwrap();
    ui.show().unwrap();
    window::apply(&player.screen(), &ui);
    black_box(screen.render().unwrap());
}

fn cold_starts() {
    let program = std::env::current_exe().unwrap();
    let times = (0..15)
        .map(|_| {
            let started = Instant::now();
            let status = std::process::Command::new(&program).env(COLD, "1").status().unwrap();
            assert!(status.success());
            started.elapsed()
        })
        .collect();
    report("process start to first painted screen, new ledger included", times);
}
