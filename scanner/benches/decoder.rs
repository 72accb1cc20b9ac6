//! `cargo bench -p scanner`: milliseconds to decode a photograph, by symbology, and a cluttered 1280 x 720 frame without a code;
//! element strings parsed a second; misreads of all jittered sequences are a test: `cargo test --release -- --ignored`.

#[path = "../tests/common/mod.rs"]
mod common;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use common::{Noise, reference};
use scanner::decode::{Effort, decode};
use scanner::frame::Frame;
use scanner::gs1::parse_raw;
use scanner::source::folder::read_picture;
use scanner::symbol::Wanted;

fn main() {
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
fn cluttered(seed: u64) -> Frame {
    let (width, height) = (1_280_i64, 720_i64);
    let mut noise = Noise(seed);
    let mut plane = vec![150_u8; usize::try_from(width * height).unwrap()];
    for _ in 0..400 {
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
    Frame::new(1_280, 720, plane, Duration::ZERO).unwrap()
}

fn clutter() {
    for (name, wanted, effort) in [
        ("clutter 1280x720, bedside, full", Wanted::bedside(), Effort::FULL),
        ("clutter 1280x720, bedside, light", Wanted::bedside(), Effort::LIGHT),
        ("clutter 1280x720, wristbands, light", Wanted::wristbands(), Effort::LIGHT),
    ] {
        let times = (1..=40_u64).map(|seed| {
            let frame = cluttered(seed * 7_919);
            ms(|| {
                assert!(black_box(decode(&frame, wanted, effort).unwrap()).is_empty(), "a code was invented");
            })
        });
        report(name, times.collect());
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
