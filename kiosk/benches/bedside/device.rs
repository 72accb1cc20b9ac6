//! The device as a whole: from a frame to the painted verdict, from a finger to the painted answer, the preview beside the decoder, and what
//! a locked kiosk takes of a core.

use std::hint::black_box;
use std::io::Read as _;
use std::process::{Command, Stdio};
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use kiosk::headless::Headless;
use kiosk::journey::JourneyStep;
use kiosk::journey::play::Player;
use kiosk::model::Model;
use kiosk::run::{Parts, Rehearsal, Rehearsed, run};
use kiosk::window::{self, AppWindow, PREVIEW_HEIGHT, PREVIEW_WIDTH, preview_buffer};
use ledger::clock::ClockEvidence;
use scanner::frame::Frame;
use scanner::interpret::Interpreter;
use scanner::pipeline::{Event, Reader};
use scanner::site::SiteFormats;
use scanner::source::FrameSource as _;
use scanner::source::folder::Folder;
use scanner::source::pixels::{PixelFormat, RawFrame, grey};
use scanner::symbol::Wanted;

use super::{FRAME, ROUNDS, fixtures, report};
use crate::ward;

/// The frames of a thing that is held up.
pub(crate) fn frames(name: &str) -> Vec<Frame> {
    let mut source = Folder::open(&fixtures().join("ward-3b/pictures").join(name), FRAME).unwrap();
    let mut frames = Vec::new();
    while let Some(frame) = source.next_frame().unwrap() {
        frames.push(frame);
    }
    frames
}

/// A thing that is held up again and again.
pub(crate) struct Reads {
    frames: Vec<Frame>,
    reader: Reader,
    at: Duration,
}

impl Reads {
    pub(crate) fn of(name: &str) -> Self {
        let interpreter = Interpreter::new(SiteFormats::default(), 2026);
        let reader = Reader::new(Wanted::bedside(), interpreter);
        Self { frames: frames(name), reader, at: Duration::ZERO }
    }

    /// Reads until it is steady: when the frame that made it so came.
    pub(crate) fn steady(&mut self) -> Option<Instant> {
        self.reader.forget();
        for frame in self.frames.iter().cycle().take(10) {
            self.at += FRAME;
            let started = Instant::now();
            let events = self.reader.read(&frame.at(self.at)).unwrap();
            if events.iter().any(|event| matches!(event, Event::Scan(_))) {
                return Some(started);
            }
        }
        None
    }
}

/// kiosk.md section 5, first row: the frame that makes the read steady, decoded; the decision; its durable entry; the picture of the
/// verdict. What it leaves out is the camera itself and the wait for that second frame (33 ms at 30 a second).
pub(crate) fn frame_to_painted(player: &mut Player, step: &JourneyStep, ui: &AppWindow, screen: &Headless) {
    let mut reads = Reads::of("dose-metoprolol-1");
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        if let Some(started) = reads.steady() {
            let _ = player.step(step).unwrap();
            window::apply(&player.screen(), ui);
            black_box(screen.render().unwrap());
            times.push(started.elapsed());
        }
        player.cancel();
    }
    report("frame 1280x720 to painted verdict", times);
}

/// A finger on a line of the due list: the touch, the act, the new screen's model, its picture.
pub(crate) fn tap_to_paint(player: &mut Player, tap: &JourneyStep, ui: &AppWindow, screen: &Headless) {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        window::apply(&player.screen(), ui);
        black_box(screen.render().unwrap());
        let started = Instant::now();
        // Where the finger lands is looked up by the window, whatever lies there; the act itself is the journey's.
        screen.tap(300.0, 420.0);
        let _ = player.step(tap).unwrap();
        window::apply(&player.screen(), ui);
        black_box(screen.render().unwrap());
        times.push(started.elapsed());
        player.cancel();
    }
    report("tap to paint", times);
}

/// Frames at 30 a second through the decoder on one thread, the preview of each painted on the other; one that comes while the last is not
/// painted is left out, as in the kiosk. The whole window is painted each time, which the kiosk does not.
pub(crate) fn preview_rate(ui: &AppWindow, screen: &Headless) {
    const SECONDS: u32 = 4;
    let frames = frames("pkg-metformin");
    let (pictures, painted) = sync_channel(1);
    let decoder = std::thread::spawn(move || {
        let mut reader = Reader::new(Wanted::bedside(), Interpreter::new(SiteFormats::default(), 2026));
        let start = Instant::now();
        for (count, frame) in (0_u32..).zip(frames.iter().cycle()) {
            let due = FRAME * count;
            if due > Duration::from_secs(SECONDS.into()) {
                return count;
            }
            std::thread::sleep(due.saturating_sub(start.elapsed()));
            let small = frame.preview(PREVIEW_WIDTH, PREVIEW_HEIGHT);
            if let Some(picture) = preview_buffer(small.plane(), small.width(), small.height()) {
                let _ = pictures.try_send(picture);
            }
            black_box(reader.read(&frame.at(due)).unwrap());
        }
        0
    });
    let mut shown = 0_u32;
    while let Ok(picture) = painted.recv() {
        window::set_preview(ui, Some(picture));
        black_box(screen.render().unwrap());
        shown += 1;
    }
    let sent = decoder.join().unwrap();
    println!(
        "| preview beside decoding: painted a second (of {} sent) | {} | - | {shown} |",
        sent / SECONDS,
        shown / SECONDS
    );
}

/// A frame of a resting camera: brought to grey and compared. It is looked at 2.5 times a second.
pub(crate) fn look_of_a_resting_camera() {
    let frame = frames("pkg-metformin").remove(0);
    let bytes: Vec<u8> = frame.plane().iter().flat_map(|level| [*level, 128]).collect();
    let raw = RawFrame { width: frame.width(), height: frame.height(), format: PixelFormat::Yuyv, bytes };
    let times = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            black_box(grey(&raw, Duration::ZERO).unwrap());
            started.elapsed()
        })
        .collect();
    report("a look of a resting camera, 2.5 a second (YUYV to grey)", times);
}

const LOCKED: &str = "KIOSK_BENCH_LOCKED";
const SETTLES: Duration = Duration::from_secs(3);
const MEASURED: Duration = Duration::from_secs(20);

/// Nobody comes.
struct Nobody {
    began: Instant,
    before: Option<Duration>,
}

impl Rehearsal for Nobody {
    fn look(&mut self, _: &Model, _: &AppWindow) -> Rehearsed {
        let passed = self.began.elapsed();
        if passed >= SETTLES && self.before.is_none() {
            self.before = Some(processor_time());
        }
        match self.before {
            Some(before) if passed >= SETTLES + MEASURED => {
                let used = processor_time().saturating_sub(before);
                let share = used.as_secs_f64() / MEASURED.as_secs_f64() * 100.0;
                println!(
                    "| locked and idle, real window, no camera: share of a core | {share:.2} % | - | 1 |"
                );
                Rehearsed::End
            }
            _ => Rehearsed::Nothing,
        }
    }
}

/// What this process took of the processors so far; a tick of Linux is 10 ms.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|ticks| ticks.parse::<u64>().ok()).unwrap_or(0);
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}

/// In a process of its own: the program, locked, at a real window.
pub(crate) fn is_the_locked_one() -> bool {
    std::env::var_os(LOCKED).is_some()
}

pub(crate) fn locked() {
    let clock = kiosk::clock::SystemClock::new(kiosk::ward::zone("America/New_York").unwrap());
    let now = kiosk::clock::Clock::moment(&clock);
    let folder = tempfile::tempdir().unwrap();
    let (device, recorder) =
        ward::kiosk(ward::load(now.at), &folder.path().join("ledger"), &ClockEvidence::of_moment(now));
    run(Parts {
        rehearsal: Some(Box::new(Nobody { began: Instant::now(), before: None })),
        ..Parts::bare(device, recorder, Box::new(clock), kiosk::ward::zone("America/New_York").unwrap())
    })
    .unwrap();
}

/// Starts the locked kiosk under an X server without a screen. The rehearsal's own timer, 66 times a second, is part of what is measured.
pub(crate) fn locked_share() {
    let Ok(mut xvfb) = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
    else {
        println!("| locked and idle: share of a core | not measured: no Xvfb | - | 0 |");
        return;
    };
    let mut number = [0; 8];
    let read = xvfb.stdout.as_mut().unwrap().read(&mut number).unwrap();
    let display = format!(":{}", String::from_utf8_lossy(&number[..read]).trim());
    let status = Command::new(std::env::current_exe().unwrap())
        .env(LOCKED, "1")
        .env("SLINT_BACKEND", "winit-software")
        .env("DISPLAY", display)
        .env_remove("WAYLAND_DISPLAY")
        .status()
        .unwrap();
    let _ = xvfb.kill();
    let _ = xvfb.wait();
    assert!(status.success());
}
