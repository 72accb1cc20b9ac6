//! Every linear symbology that an independent generator (`barcoders`) makes is read, with its bars measured where they are; upright,
//! upside down, by a quarter turn and with a defect.

mod common;

use std::time::Duration;

use barcoders::sym::codabar::Codabar;
use barcoders::sym::code39::Code39;
use barcoders::sym::code93::Code93;
use barcoders::sym::code128::Code128;
use barcoders::sym::ean8::EAN8;
use barcoders::sym::ean13::EAN13;
use barcoders::sym::tf::TF;
use rights::scan::Symbology;
use scanner::decode::{Effort, decode};
use scanner::frame::Frame;
use scanner::geometry::{self, Geometry};
use scanner::symbol::Wanted;

/// The text, its symbology and its modules.
fn symbols() -> Vec<(Symbology, &'static str, Vec<u8>)> {
    vec![
        (Symbology::Ean13, "9780441014989", EAN13::new("9780441014989").unwrap().encode()),
        (Symbology::UpcA, "0305910369019", EAN13::new("0305910369019").unwrap().encode()),
        (Symbology::Ean8, "50487066", EAN8::new("50487066").unwrap().encode()),
        (Symbology::Code128, "WB-30017-1", Code128::new("\u{181}WB-30017-1").unwrap().encode()),
        (Symbology::Code128, "0123456789", Code128::new("\u{106}0123456789").unwrap().encode()),
        (Symbology::Code39, "BG-4711", Code39::new("BG-4711").unwrap().encode()),
        (Symbology::Code93, "TEST93", Code93::new("TEST93").unwrap().encode()),
        (Symbology::Itf, "12345678901231", interleaved("12345678901231")),
        (Symbology::Codabar, "A1234567A", Codabar::new("A1234567A").unwrap().encode()),
    ]
}

/// `barcoders` 2.0.0 makes wide elements 3 modules wide, but the wide bar of the stop pattern 2 (the geometry found it).
fn interleaved(text: &str) -> Vec<u8> {
    let mut modules = TF::interleaved(text).unwrap().encode();
    assert!(modules.ends_with(&[0, 1, 1, 0, 1]));
    modules.splice(modules.len() - 4.., [1, 1, 1, 0, 1]);
    modules
}

/// The modules as bars, 3 pixels a module and 90 high.
fn drawn(modules: &[u8]) -> (u32, u32, Vec<u8>) {
    let quiet = std::iter::repeat_n(230_u8, 45);
    let bars = modules.iter().flat_map(|module| [if *module == 1 { 25 } else { 230 }; 3]);
    let row: Vec<u8> = quiet.clone().chain(bars).chain(quiet).collect();
    let width = row.len();
    let mut plane = vec![230; width * 20];
    plane.extend(row.repeat(90));
    plane.extend(vec![230; width * 20]);
    (u32::try_from(width).unwrap(), 130, plane)
}

/// Turned by quarters, clockwise.
fn turned((width, height, plane): (u32, u32, Vec<u8>), quarters: u32) -> Frame {
    let (mut width, mut height, mut plane) = (width as usize, height as usize, plane);
    for _ in 0..quarters {
        plane = (0..width)
            .flat_map(|x| (0..height).rev().map(move |y| (x, y)))
            .map(|(x, y)| plane[y * width + x])
            .collect();
        (width, height) = (height, width);
    }
    let side = |pixels: usize| u32::try_from(pixels).unwrap();
    Frame::new(side(width), side(height), plane, Duration::ZERO).unwrap()
}

#[test]
fn each_is_read_in_four_directions() {
    for (symbology, text, modules) in symbols() {
        let wanted: Wanted = [symbology].into_iter().collect();
        for quarters in 0..4 {
            let frame = turned(drawn(&modules), quarters);
            let symbols = decode(&frame, wanted, Effort::FULL).unwrap();
            let [symbol] = &symbols[..] else { panic!("{symbology:?} turned {quarters}: {symbols:?}") };
            assert_eq!((symbol.symbology, symbol.text.as_str()), (symbology, text));
            match geometry::check(&frame, symbol) {
                Geometry::Fits(worst) => assert!(worst < 0.1, "{symbology:?} turned {quarters}: {worst}"),
                Geometry::NotApplicable => assert_eq!(symbology, Symbology::Codabar),
                other => panic!("{symbology:?} turned {quarters}: {other:?}"),
            }
        }
    }
}

/// A reading whose bars say something else is refused, whatever the engine made of them.
#[test]
fn bars_of_another_text_do_not_pass() {
    for (symbology, _, modules) in symbols() {
        let wanted: Wanted = [symbology].into_iter().collect();
        let frame = turned(drawn(&modules), 0);
        let mut symbol = decode(&frame, wanted, Effort::FULL).unwrap().remove(0);
        let last = symbol.bytes.len() - 2;
        symbol.bytes[last] = if symbol.bytes[last] == b'1' { b'2' } else { b'1' };
        if symbology != Symbology::Codabar {
            assert!(!geometry::check(&frame, &symbol).passes(), "{symbology:?}");
        }
    }
}
