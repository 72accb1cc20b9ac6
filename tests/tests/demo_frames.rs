//! The demo's pictures as a camera would send them, for minutes: things come into view, are held, tremble, leave and come back. Whatever is read
//! must be what is printed on the thing that is held up, and nothing is read of a thing that is half out of view but its own code.

use std::time::Duration;

use kiosk::codes::Codes;
use product_tests::fixture;
use scanner::frame::Frame;
use scanner::interpret::Interpreter;
use scanner::pipeline::{Event, Reader};
use scanner::site::SiteFormats;
use scanner::source::FrameSource as _;
use scanner::source::folder::Folder;
use scanner::symbol::Wanted;

/// Frames a second.
const RATE: u32 = 30;
const FRAME: Duration = Duration::from_micros(1_000_000 / RATE as u64);
/// Frames for which a thing is held up: a second and a half, of which it comes and goes for a quarter each.
const HELD: u32 = 45;
/// How far a hand trembles, in pixels.
const TREMOR: u64 = 14;

/// Numbers that look random and are the same each time (`SplitMix64`, public domain).
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((z ^ (z >> 31)) % end).unwrap()
    }
}

/// The thing as it is seen in frame `at` of those for which it is held up.
fn seen(frame: &Frame, at: u32, slides: bool, random: &mut Random) -> Option<Frame> {
    let (x, y) = (random.below(TREMOR), random.below(TREMOR));
    let (width, height) = (frame.width() - 14, frame.height() - 14);
    // Half of them slide in from the left and out to the right; the others are there at once.
    let part = |share: u32| width * share.min(100) / 100;
    match at {
        0..WHOLE if slides => frame.crop(x + width - part(at * 10), y, part(at * 10), height),
        0..=34 => frame.crop(x, y, width, height),
        _ => frame.crop(x, y, part((HELD - at) * 10), height),
    }
}

/// The first frame in which a thing that slides in is there whole.
const WHOLE: u32 = 11;

/// What came of the things that were held up.
struct Watched {
    held: usize,
    read: usize,
    /// Of those that were there at once, frames after the first one until the steady read.
    waited: Vec<u32>,
}

impl Watched {
    /// The wait of this share of the things, in milliseconds.
    fn percentile(&self, share: usize) -> u32 {
        self.waited[(self.waited.len() - 1) * share / 100] * 1_000 / RATE
    }
}

/// Holds things up for so many frames.
fn watch(frames: u32) -> Watched {
    let codes = Codes::read(&fixture("ward-3b/codes.csv")).unwrap();
    let codes: Vec<_> = codes.iter().collect();
    let interpreter = Interpreter::new(SiteFormats::default(), 2026);
    let mut reader = Reader::new(Wanted::bedside(), interpreter.clone());
    let mut random = Random(11);
    let (mut sent, mut watched) = (0, Watched { held: 0, read: 0, waited: Vec::new() });
    while sent < frames {
        let code = codes[random.below(codes.len() as u64) as usize];
        let right = interpreter.hand_scan(&code.as_hand_scan()).meaning;
        let mut pictures = Vec::new();
        let mut folder = Folder::open(&code.pictures, FRAME).unwrap();
        while let Some(picture) = folder.next_frame().unwrap() {
            pictures.push(picture);
        }
        reader.want(if code.name.starts_with("badge") { Wanted::badges() } else { Wanted::bedside() });
        let (mut first, slides) = (None, random.below(2) == 0);
        for at in 0..HELD {
            let picture = &pictures[random.below(pictures.len() as u64) as usize];
            sent += 1;
            let Some(frame) = seen(picture, at, slides, &mut random) else { continue };
            for event in reader.read(&frame.at(FRAME * sent)).unwrap() {
                let Event::Scan(scan) = event else { continue };
                assert!(scan.meaning == right, "{}, frame {sent}: {:?}", code.name, scan.text);
                first = first.or(Some(at));
            }
        }
        watched.held += 1;
        watched.read += usize::from(first.is_some());
        watched.waited.extend(first.filter(|_| !slides));
        // Nothing is in view for a second.
        sent += RATE;
    }
    watched.waited.sort_unstable();
    watched
}

#[test]
fn half_a_minute_of_the_demo_gives_no_wrong_scan() {
    let watched = watch(RATE * 30);
    assert!(watched.read * 10 >= watched.held * 9, "{} of {}", watched.read, watched.held);
}

/// Acceptance of the scanner: ten minutes. `cargo test --workspace --test demo_frames -- --ignored --nocapture`.
#[test]
#[ignore = "ten minutes of frames"]
fn ten_minutes_of_the_demo_give_no_wrong_scan() {
    let watched = watch(RATE * 600);
    println!("{} of {} things read, none wrong", watched.read, watched.held);
    println!("presented to steady: p50 {} ms, p95 {} ms", watched.percentile(50), watched.percentile(95));
    assert!(watched.read * 10 >= watched.held * 9);
}
