//! What the tests share: the reference data, frames, a reader.
#![allow(dead_code, unreachable_pub, reason = "each test includes this file and uses a part of it")]

pub mod defects;
pub mod model;

use std::path::{Path, PathBuf};
use std::time::Duration;

use scanner::frame::Frame;
use scanner::interpret::Interpreter;
use scanner::site::SiteFormats;

/// The year in which the tests read.
pub const YEAR: i16 = 2026;

/// A file of the reference data; says so and gives `None` when the data is absent.
pub fn reference(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("BCMA_REFERENCE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
        |root| Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(root),
    );
    let file = root.join(path);
    if file.exists() {
        return Some(file);
    }
    eprintln!("skipped: no reference data at {} (set BCMA_REFERENCE)", file.display());
    None
}

pub fn interpreter() -> Interpreter {
    Interpreter::new(SiteFormats::default(), YEAR)
}

/// A small generator of numbers, the same in every run (xorshift64*).
pub struct Noise(pub u64);

impl Noise {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    pub fn within(&mut self, low: i64, high: i64) -> i64 {
        low + i64::try_from(self.next() % u64::try_from(high - low + 1).unwrap()).unwrap()
    }
}

/// The frame as a hand would hold it the next moment: moved by up to 2 pixels, a little lighter or darker, with sensor noise.
pub fn jittered(frame: &Frame, noise: &mut Noise, at: Duration) -> Frame {
    let (width, height) = (i64::from(frame.width()), i64::from(frame.height()));
    let (dx, dy, light) = (noise.within(-2, 2), noise.within(-2, 2), noise.within(-12, 12));
    let mut plane = Vec::with_capacity(frame.plane().len());
    for y in 0..height {
        for x in 0..width {
            let (from_x, from_y) = ((x + dx).clamp(0, width - 1), (y + dy).clamp(0, height - 1));
            let grey = frame.plane()[usize::try_from(from_y * width + from_x).unwrap()];
            let value = i64::from(grey) + light + noise.within(-4, 4);
            plane.push(u8::try_from(value.clamp(0, 255)).unwrap());
        }
    }
    Frame::new(frame.width(), frame.height(), plane, at).unwrap()
}

/// Whether what was read is what is printed. The manifest differs from our reading in four argued ways.
pub fn right(image: &str, printed: Option<&str>, read: &str) -> bool {
    let Some(text) = printed else { return false };
    if read == text {
        return true;
    }
    match image {
        // The digits under the bars are these; the manifest has another book's number.
        "ean13-2/23.webp" => read == "9784872348880",
        // Standard Code 39 is asked for, so that HIBC stays what it is: full ASCII and Code 32 come as they are encoded.
        "code39-1/code32-1.png" => read == "3PRM8N",
        "code39-2/1.png" => read == "E+X+T+E+N+D+E+D /A%J/J/C",
        "code39-2/wide.png" => read == "A+A-1234",
        // Add-ons of periodicals are not read: the main symbol is whole without them.
        name if name.contains("extension") => read.len() == 13 && text.starts_with(read),
        // Two codes are in this picture.
        "qrcode-2/16.webp" => read.starts_with("[\u{5916}\u{5074}QR"),
        _ => false,
    }
}
