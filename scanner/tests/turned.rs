//! The reference photographs turned: a nurse holds a package at any angle. Turned here by an interpolation of the tests' own, at the
//! size of the photograph, so that no detail is added.

mod common;

use std::time::Duration;

use common::{reference, right};
use scanner::decode::{Effort, alone, decode};
use scanner::frame::Frame;
use scanner::source::folder::read_picture;
use scanner::symbol::{Wanted, without_contradictions};

struct Photograph {
    name: String,
    text: String,
    frame: Frame,
}

fn photographs() -> Option<Vec<Photograph>> {
    let manifest = reference("barcodes/manifest.jsonl")?;
    let lines = std::fs::read_to_string(&manifest).unwrap();
    let with_code = lines.lines().filter_map(|line| {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap();
        let name = entry["image"].as_str().unwrap().to_owned();
        let frame = read_picture(&manifest.with_file_name(&name), Duration::ZERO).unwrap();
        Some(Photograph { text: entry["text"].as_str()?.to_owned(), name, frame })
    });
    Some(with_code.collect())
}

/// Turned clockwise, on a canvas that holds all of it, with the mean grey of its border around it.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "places in a picture"
)]
fn turned(frame: &Frame, degrees: f64) -> Frame {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (w, h) = (frame.width() as usize, frame.height() as usize);
    let (wide, high) = (w as f64, h as f64);
    let width = ((wide * cos).abs() + (high * sin).abs() - 1e-9).ceil() as usize;
    let height = ((wide * sin).abs() + (high * cos).abs() - 1e-9).ceil() as usize;
    let plane = frame.plane();
    let border: u64 = plane[..w].iter().chain(&plane[(h - 1) * w..]).map(|grey| u64::from(*grey)).sum();
    let border = (border / (2 * w as u64)) as u8;
    let mut out = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            let (dx, dy) = (x as f64 + 0.5 - width as f64 / 2.0, y as f64 + 0.5 - height as f64 / 2.0);
            let from_x = dx * cos + dy * sin + wide / 2.0 - 0.5;
            let from_y = dy * cos - dx * sin + high / 2.0 - 0.5;
            let outside = from_x < -0.5 || from_y < -0.5 || from_x > wide - 0.5 || from_y > high - 0.5;
            out.push(if outside { border } else { cubic(plane, w, h, from_x, from_y) });
        }
    }
    Frame::new(width as u32, height as u32, out, frame.captured()).unwrap()
}

/// Catmull-Rom.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "places in a picture"
)]
fn cubic(plane: &[u8], width: usize, height: usize, x: f64, y: f64) -> u8 {
    let weights = |part: f64| {
        let (square, cube) = (part * part, part * part * part);
        let (first, last) = (-0.5 * part + square - 0.5 * cube, 0.5 * (cube - square));
        [first, 1.0 - 2.5 * square + 1.5 * cube, 0.5 * part + 2.0 * square - 1.5 * cube, last]
    };
    let (left, top) = (x.floor(), y.floor());
    let (across, down) = (weights(x - left), weights(y - top));
    let at = |column: i64, row: i64| {
        let column = column.clamp(0, width as i64 - 1) as usize;
        let row = row.clamp(0, height as i64 - 1) as usize;
        f64::from(plane[row * width + column])
    };
    let mut sum = 0.0;
    for (row, down) in (0..).zip(down) {
        for (column, across) in (0..).zip(across) {
            sum += down * across * at(left as i64 + column - 1, top as i64 + row - 1);
        }
    }
    sum.round().clamp(0.0, 255.0) as u8
}

#[derive(Default, Debug, PartialEq, Eq)]
struct Counts {
    right: usize,
    misread: Vec<String>,
    missed: Vec<String>,
}

fn count(photographs: &[Photograph], degrees: f64, read: impl Fn(&Frame) -> Vec<String>) -> Counts {
    let mut counts = Counts::default();
    for photograph in photographs {
        let turned = turned(&photograph.frame, degrees);
        let texts = read(&turned);
        let fits = |text: &String| right(&photograph.name, Some(&photograph.text), text);
        if texts.is_empty() {
            counts.missed.push(photograph.name.clone());
        } else if texts.iter().all(fits) {
            counts.right += 1;
        } else {
            counts.misread.push(format!("{} read as {texts:?}", photograph.name));
        }
    }
    counts
}

fn ours(frame: &Frame) -> Vec<String> {
    let symbols = decode(frame, Wanted::everything(), Effort::FULL).unwrap();
    without_contradictions(symbols).into_iter().map(|symbol| symbol.text).collect()
}

/// Every sixth photograph; all of them and all angles in the test below.
#[test]
fn a_sample_of_photographs_turned_by_30_degrees_is_read_and_none_misread() {
    let Some(photographs) = photographs() else { return };
    let sample: Vec<Photograph> = photographs.into_iter().step_by(6).collect();
    for degrees in [30.0, -30.0] {
        let counts = count(&sample, degrees, ours);
        println!("{degrees}: {} of {} right, missed {:?}", counts.right, sample.len(), counts.missed);
        assert_eq!(counts.misread, [""; 0]);
        assert!(counts.right * 100 >= sample.len() * 84, "{degrees}: {} of {}", counts.right, sample.len());
    }
}

#[test]
#[ignore = "a table, some minutes: cargo test -p scanner --test turned -- --ignored --nocapture"]
fn all_photographs_by_angle() {
    let Some(photographs) = photographs() else { return };
    println!("| turned by | right | misread | not read | zxing-cpp alone, 2 lines |\n|---|---|---|---|---|");
    for degrees in [0.0, 90.0, 180.0, 270.0, 30.0, -30.0] {
        let counts = count(&photographs, degrees, ours);
        let other = count(&photographs, degrees, |frame| {
            let found = alone(frame, Wanted::everything(), 2).unwrap();
            found.into_iter().map(|symbol| symbol.text).collect()
        });
        println!(
            "| {degrees} | {} | {} | {} | {} / {} / {} |",
            counts.right,
            counts.misread.len(),
            counts.missed.len(),
            other.right,
            other.misread.len(),
            other.missed.len()
        );
        if std::env::var_os("MISSED").is_some() {
            println!("missed {:?}", counts.missed);
        }
        assert_eq!(counts.misread, [""; 0]);
    }
}
