//! `cargo bench -p scanner`: milliseconds to decode a photograph, by symbology, and a cluttered 1280 x 720 frame without a code;
//! element strings parsed a second; misreads of all jittered sequences are a test: `cargo test --release -- --ignored`.

#[path = "../tests/common/mod.rs"]
mod common;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use common::{Noise, interpreter, reference};
use rights::ident::DoseId;
use scanner::decode::{Effort, alone, decode};
use scanner::frame::Frame;
use scanner::gs1::parse_raw;
use scanner::label::{Carrier, Content, Label};
use scanner::pipeline::Reader;
use scanner::source::folder::read_picture;
use scanner::symbol::Wanted;

fn main() {
    live();
    photographs();
    clutter();
    element_strings();
}

fn ms(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64() * 1_000.0
}

fn report(name: &str, mut times: Vec<f64>) {
    times.sort_by(f64::total_cmp);
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    println!(
        "{name:<44} n {:>4}  p50 {:>6.2} ms  p95 {:>6.2} ms  max {:>6.2} ms",
        times.len(),
        at(50),
        at(95),
        at(100)
    );
}

fn photographs() {
    let Some(manifest) = reference("barcodes/manifest.jsonl") else { return };
    let mut by_kind: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for line in std::fs::read_to_string(&manifest).unwrap().lines() {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap();
        let image = manifest.with_file_name(entry["image"].as_str().unwrap());
        let frame = read_picture(&image, Duration::ZERO).unwrap();
        let kind = entry["symbology"].as_str().unwrap_or("none");
        let time = ms(|| {
            black_box(decode(&frame, Wanted::everything(), Effort::FULL).unwrap());
        });
        by_kind.entry(kind.to_owned()).or_default().push(time);
        by_kind.entry("all photographs".to_owned()).or_default().push(time);
    }
    for (kind, times) in by_kind {
        report(&format!("photograph, every symbology: {kind}"), times);
    }
}

/// Edges, stripes and noise, as a bedside table has, and no code.
fn cluttered(seed: u64, width: i64, height: i64) -> Frame {
    let mut noise = Noise(seed);
    let mut plane = vec![150_u8; usize::try_from(width * height).unwrap()];
    for _ in 0..width * height / 2_300 {
        let (left, top) = (noise.within(0, width - 1), noise.within(0, height - 1));
        let (wide, high) = (noise.within(2, 120), noise.within(2, 90));
        let (grey, stripe) = (noise.within(20, 235), noise.within(1, 9));
        for y in top..(top + high).min(height) {
            for x in left..(left + wide).min(width) {
                if (x - left) / stripe % 2 == 0 {
                    plane[usize::try_from(y * width + x).unwrap()] = u8::try_from(grey).unwrap();
                }
            }
        }
    }
    for grey in &mut plane {
        *grey = u8::try_from((i64::from(*grey) + noise.within(-8, 8)).clamp(0, 255)).unwrap();
    }
    let side = |pixels: i64| u32::try_from(pixels).unwrap();
    Frame::new(side(width), side(height), plane, Duration::ZERO).unwrap()
}

fn clutter() {
    for (name, wanted, effort) in [
        ("clutter 1280x720, bedside, full", Wanted::bedside(), Effort::FULL),
        ("clutter 1280x720, bedside, light", Wanted::bedside(), Effort::LIGHT),
        ("clutter 1280x720, wristbands, light", Wanted::wristbands(), Effort::LIGHT),
    ] {
        let times = (1..=40_u64).map(|seed| {
            let frame = cluttered(seed * 7_919, 1_280, 720);
            ms(|| {
                assert!(black_box(decode(&frame, wanted, effort).unwrap()).is_empty(), "a code was invented");
            })
        });
        report(name, times.collect());
    }
}

/// Frames of 1920 x 1080 through the live path, and the engine alone on the same ones.
fn live() {
    let size = (1_920, 1_080);
    let clutter: Vec<Frame> = (1..=20).map(|seed| cluttered(seed * 104_729, size.0, size.1)).collect();
    let flat = Frame::new(1_920, 1_080, vec![140; 1_920 * 1_080], Duration::ZERO).unwrap();
    let pattern = |of: fn(usize, usize) -> bool| {
        let plane: Vec<u8> =
            (0..1_080).flat_map(|y| (0..1_920).map(move |x| if of(x, y) { 30 } else { 220 })).collect();
        Frame::new(1_920, 1_080, plane, Duration::ZERO).unwrap()
    };
    let patterned = vec![
        pattern(|x, y| (x / 3 + y / 3).is_multiple_of(2)),
        pattern(|x, _| (x / 4).is_multiple_of(2)),
        pattern(|x, y| (x * x / 97 + y * y / 89).is_multiple_of(2)),
        pattern(|x, y| (x * 7_919 + y * 104_729 + x * y) % 5 < 2),
        pattern(|x, y| (x / 12).is_multiple_of(2) ^ ((x + y) / 7).is_multiple_of(3)),
    ];
    let content = Content::Dose(DoseId::parse("7Q2M4X").unwrap());
    let label = Label::new(&interpreter(), &content, Carrier::DataMatrix).unwrap().frame(6).unwrap();
    let mut plane = vec![150_u8; 1_920 * 1_080];
    for (y, row) in label.plane().chunks(label.width() as usize).enumerate() {
        plane[(450 + y) * 1_920 + 850..][..row.len()].copy_from_slice(row);
    }
    let symbol = Frame::new(1_920, 1_080, plane, Duration::ZERO).unwrap();
    for (name, frames) in [
        ("clutter without a code", clutter),
        ("patterns without a code", patterned),
        ("one symbol in the guide area", vec![symbol; 20]),
        ("nothing at all (idle)", vec![flat; 20]),
    ] {
        let mut reader = Reader::new(Wanted::bedside(), interpreter());
        let mut step = 0;
        let mut times = Vec::new();
        for frame in frames.iter().cycle().take(frames.len().max(20)) {
            step += 1;
            let frame = frame.at(Duration::from_millis(33) * step);
            times.push(ms(|| {
                black_box(reader.read(&frame).unwrap());
            }));
        }
        report(&format!("1920x1080, {name}"), times);
        let times = frames.iter().map(|frame| {
            ms(|| {
                black_box(alone(frame, Wanted::everything(), 2).unwrap());
            })
        });
        report(&format!("  zxing-cpp alone, {name}"), times.collect());
    }
}

fn element_strings() {
    let text = "010030591036901917271231\u{1D}10A1B2C3\u{1D}21SER0001";
    let count = 200_000;
    let time = ms(|| {
        for _ in 0..count {
            black_box(parse_raw(black_box(text), 2026).into_result().is_ok());
        }
    });
    println!("element strings: {:.2} M a second", f64::from(count) / time / 1_000.0);
}
