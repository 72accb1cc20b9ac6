//! Labels of a thermal printer with dead dots, seen by a camera: the simulation of scanning specification, section 2.
//!
//! Independent of the scanner: the bars come from the crate `barcoders`, the print head and the camera from this file.
#![allow(dead_code, unreachable_pub, reason = "each test includes this file and uses a part of it")]
#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a drawing of a few hundred pixels"
)]

use std::time::Duration;

use barcoders::sym::code39::Code39;
use barcoders::sym::code128::Code128;
use barcoders::sym::ean13::EAN13;
use rights::scan::Symbology;
use scanner::frame::Frame;

use super::Noise;

/// What is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Print {
    UpcA,
    Code128,
    Code39,
}

impl Print {
    pub const ALL: [Self; 3] = [Self::UpcA, Self::Code128, Self::Code39];

    pub const fn symbology(self) -> Symbology {
        match self {
            Self::UpcA => Symbology::UpcA,
            Self::Code128 => Symbology::Code128,
            Self::Code39 => Symbology::Code39,
        }
    }
}

/// A label: what it should say and how it is seen.
pub struct Label {
    pub text: String,
    pub dead: usize,
    pub frame: Frame,
}

fn digits(noise: &mut Noise, count: usize) -> String {
    (0..count).map(|_| char::from(b'0' + (noise.next() % 10) as u8)).collect()
}

/// A text as it is read, and its modules.
fn modules(print: Print, noise: &mut Noise) -> (String, Vec<u8>) {
    match print {
        Print::UpcA => {
            let body = format!("0{}", digits(noise, 11));
            let check = rights::check_digit::gs1(body.as_bytes()).unwrap();
            let text = format!("{body}{}", char::from(check));
            let bars = EAN13::new(&body).unwrap().encode();
            (text, bars)
        }
        Print::Code128 => {
            let text = digits(noise, 10);
            let set = if noise.next().is_multiple_of(2) { '\u{106}' } else { '\u{181}' };
            (text.clone(), Code128::new(format!("{set}{text}")).unwrap().encode())
        }
        Print::Code39 => {
            let set = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
            let text: String = (0..8).map(|_| char::from(set[(noise.next() % 36) as usize])).collect();
            (text.clone(), Code39::new(&text).unwrap().encode())
        }
    }
}

fn uniform(noise: &mut Noise, low: f32, high: f32) -> f32 {
    low + (noise.next() >> 40) as f32 / (1_u64 << 24) as f32 * (high - low)
}

/// A label with `dead` adjacent dead dots somewhere in its bars, printed with 2 dots a module.
pub fn label(print: Print, dead: usize, noise: &mut Noise) -> Label {
    let (text, modules) = modules(print, noise);
    let mut dots: Vec<f32> = modules.iter().flat_map(|module| [f32::from(*module); 2]).collect();
    if dead > 0 {
        let first = (noise.next() as usize) % (dots.len() - dead);
        dots[first..first + dead].fill(0.0);
    }
    // Ink spreads by up to a third of a dot on each side, or dries up by a sixth; the dots that are dead stay white.
    let spread = uniform(noise, -0.15, 0.3);
    let scale = uniform(noise, 1.0, 2.6);
    let blur = uniform(noise, 0.2, 0.45) * scale.max(1.2);
    let (dark, light) = (uniform(noise, 15.0, 70.0), uniform(noise, 170.0, 240.0));
    let grain = uniform(noise, 0.0, 6.0);
    let slant = uniform(noise, -0.15, 0.15);
    let offset = uniform(noise, 0.0, 1.0);
    let quiet = 24.0 * scale;
    let width = (dots.len() as f32 * scale + 2.0 * quiet) as usize;
    let height = 24 + (noise.next() % 24) as usize;
    let ink_along = row(&dots, spread, scale, blur, quiet + offset, width + 16);
    let mut plane = Vec::with_capacity(width * height);
    for y in 0..height {
        let moved = (y as f32 - height as f32 / 2.0) * slant + 8.0;
        for x in 0..width {
            let along = (x as f32 + moved).max(0.0);
            let (left, part) = (along as usize, along.fract());
            let ink = ink_along[left.min(ink_along.len() - 2)] * (1.0 - part)
                + ink_along[(left + 1).min(ink_along.len() - 1)] * part;
            let grey = light - (light - dark) * ink + uniform(noise, -grain, grain);
            plane.push(grey.clamp(0.0, 255.0) as u8);
        }
    }
    let frame = Frame::new(width as u32, height as u32, plane, Duration::ZERO).unwrap();
    Label { text, dead, frame }
}

/// The ink along a row of pixels, 0 to 1: dots with spread edges, blurred by lens and pixel.
fn row(dots: &[f32], spread: f32, scale: f32, blur: f32, start: f32, width: usize) -> Vec<f32> {
    const FINE: usize = 4;
    let mut fine = vec![0.0_f32; width * FINE];
    let mut at = 0;
    while at < dots.len() {
        if dots[at] == 0.0 {
            at += 1;
            continue;
        }
        let end = dots[at..].iter().position(|dot| *dot == 0.0).map_or(dots.len(), |length| at + length);
        let place = |dot: f32| ((start + 8.0 + dot * scale) * FINE as f32).max(0.0);
        let (from, to) = (place(at as f32 - spread), place(end as f32 + spread));
        for (index, ink) in fine.iter_mut().enumerate().take(to as usize + 2).skip(from as usize) {
            let covered = to.min(index as f32 + 1.0) - from.max(index as f32);
            *ink = (*ink + covered.clamp(0.0, 1.0)).min(1.0);
        }
        at = end;
    }
    let sigma = blur * FINE as f32;
    let reach = (3.0 * sigma).ceil() as usize;
    let weights: Vec<f32> =
        (0..=2 * reach).map(|at| (-((at as f32 - reach as f32) / sigma).powi(2) / 2.0).exp()).collect();
    let whole: f32 = weights.iter().sum();
    (0..width)
        .map(|pixel| {
            let middle = pixel * FINE + FINE / 2;
            let sum: f32 = weights
                .iter()
                .enumerate()
                .map(|(at, weight)| {
                    weight
                        * (middle + at).checked_sub(reach).and_then(|at| fine.get(at)).copied().unwrap_or(0.0)
                })
                .sum();
            sum / whole
        })
        .collect()
}
