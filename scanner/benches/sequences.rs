//! `cargo bench -p scanner --bench sequences -- [SEQUENCES]`: how far each effect of the camera model may go: the share of sequences
//! of 10 frames that become steady, by severity, beside the share of frames that zxing-cpp alone reads, and the severities at which
//! 95 % and 50 % are still read.
#![allow(clippy::cast_precision_loss, reason = "counts of sequences")]

#[path = "../tests/common/mod.rs"]
mod common;

use std::time::Duration;

use common::model::{Camera, Effect, print};
use common::{Noise, interpreter, reference};
use scanner::decode::alone;
use scanner::pipeline::{Event, Reader};
use scanner::symbol::Wanted;

const PRINTS: [&str; 4] =
    ["g1_gs1datamatrix.png", "g4_hibccode128.png", "h0_hibccode39.png", "g2_gs1qrcode.png"];
const SEVERITIES: [f32; 10] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];

/// The severity up to which at least this share is read, in the effect's unit.
fn point(effect: Effect, shares: &[f64], share: f64) -> String {
    let good = shares.iter().take_while(|read| **read >= share).count();
    match good {
        0 => format!("< {:.2}", SEVERITIES[0] * effect.scale().0),
        good if good == SEVERITIES.len() => format!(">= {:.2}", effect.scale().0),
        good => format!("{:.2}", SEVERITIES[good - 1] * effect.scale().0),
    }
}

fn main() {
    let Some(folder) = reference("barcodes/odd") else { return };
    let count = std::env::args().skip(1).find_map(|argument| argument.parse::<u64>().ok()).unwrap_or(4);
    let mut wrong = 0;
    println!(
        "{:<22} {:<12} {:>22} {:>26}  unit",
        "symbol", "effect", "steady 95 % / 50 %", "zxing-cpp 95 % / 50 %"
    );
    for name in PRINTS {
        let (symbol, fits) = print(&folder.join(name));
        let mut expected: Option<String> = None;
        for effect in Effect::ALL {
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            for severity in SEVERITIES {
                let (mut steady, mut frames) = (0, 0);
                for seed in 1..=count {
                    let camera = Camera::new(fits).with(effect, severity);
                    let mut noise = Noise(seed * 7_919 + effect as u64);
                    let mut reader = Reader::new(Wanted::bedside(), interpreter());
                    let mut read = false;
                    for step in 0..10_u32 {
                        let frame =
                            camera.frame(&symbol, [0.0; 2], &mut noise, Duration::from_millis(33) * step);
                        frames += u64::from(!alone(&frame, Wanted::bedside(), 2).unwrap().is_empty());
                        for event in reader.read(&frame).unwrap() {
                            if let Event::Scan(scan) = event {
                                read = true;
                                wrong += u32::from(expected.get_or_insert(scan.text.clone()) != &scan.text);
                            }
                        }
                    }
                    steady += u64::from(read);
                }
                ours.push(steady as f64 / count as f64);
                theirs.push(frames as f64 / (count * 10) as f64);
            }
            let both =
                |shares: &[f64]| format!("{} / {}", point(effect, shares, 0.95), point(effect, shares, 0.5));
            println!(
                "{name:<22} {:<12} {:>22} {:>26}  {}",
                format!("{effect:?}"),
                both(&ours),
                both(&theirs),
                effect.scale().1
            );
        }
    }
    println!("wrong scans: {wrong}");
}
