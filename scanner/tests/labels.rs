//! Labels: each kind in each carrier and each form is read back by this scanner, and by a second reader where there is one.

mod common;

use std::process::Command;
use std::time::Duration;

use common::interpreter;
use rights::ident::{BadgeId, BandSerial, DoseId, Gsrn, Mrn};
use rights::scan::Meaning;
use scanner::decode::{Effort, decode};
use scanner::frame::Frame;
use scanner::label::{Carrier, Content, Label, LabelError};
use scanner::symbol::Wanted;

fn gsrn() -> Gsrn {
    let body = b"95201234567891234";
    let check = rights::check_digit::gs1(body).unwrap();
    Gsrn::parse(&format!("{}{}", String::from_utf8_lossy(body), char::from(check))).unwrap()
}

fn contents() -> Vec<(Content, &'static str)> {
    let serial = || BandSerial::parse("12").unwrap();
    vec![
        (Content::Dose(DoseId::parse("7Q2M4X").unwrap()), "dose"),
        (Content::site_wristband(Mrn::parse("30017").unwrap(), serial()), "wristband"),
        (Content::gs1_wristband(gsrn(), serial()), "wristband"),
        (Content::site_badge(BadgeId::parse("4711").unwrap()), "badge"),
        (Content::gs1_badge(gsrn()), "badge"),
    ]
}

fn read(frame: &Frame) -> Vec<Meaning> {
    let symbols = decode(frame, Wanted::bedside(), Effort::FULL).unwrap();
    symbols.iter().map(|symbol| interpreter().symbol(symbol).meaning).collect()
}

/// The picture that a ZPL graphic draws.
fn graphic(zpl: &str) -> Frame {
    let graphic = zpl.split("^GFA,").nth(1).unwrap().split("^FS").next().unwrap();
    let fields: Vec<&str> = graphic.splitn(4, ',').collect();
    let bytes_a_row: usize = fields[2].parse().unwrap();
    let bytes: Vec<u8> = (0..fields[3].len() / 2)
        .map(|at| u8::from_str_radix(&fields[3][at * 2..at * 2 + 2], 16).unwrap())
        .collect();
    assert_eq!(bytes.len().to_string(), fields[0]);
    let plane: Vec<u8> = bytes
        .iter()
        .flat_map(|byte| (0..8).map(move |bit| if byte & 0x80 >> bit == 0 { 255 } else { 0 }))
        .collect();
    let width = u32::try_from(bytes_a_row * 8).unwrap();
    Frame::new(width, u32::try_from(plane.len()).unwrap() / width, plane, Duration::ZERO).unwrap()
}

/// The picture that the rectangles of the SVG draw, 3 pixels a module.
fn drawn(svg: &str) -> Frame {
    let between = |from: &str, to: &str| svg.split(from).nth(1).unwrap().split(to).next().unwrap();
    let view: Vec<usize> = between("viewBox=\"", "\"").split(' ').map(|n| n.parse().unwrap()).collect();
    let (width, height) = (view[2] * 3, view[3] * 3);
    let mut plane = vec![255_u8; width * height];
    for part in between("<path d=\"", "\"").split('M').skip(1) {
        let numbers: Vec<usize> = part
            .split(|c: char| !c.is_ascii_digit())
            .filter(|n| !n.is_empty())
            .map(|n| n.parse().unwrap())
            .collect();
        let [x, y, wide, high, back] = numbers[..] else { panic!("{part}") };
        assert_eq!(wide, back);
        for row in y * 3..(y + high) * 3 {
            plane[row * width + x * 3..row * width + (x + wide) * 3].fill(0);
        }
    }
    let side = |pixels: usize| u32::try_from(pixels).unwrap();
    Frame::new(side(width), side(height), plane, Duration::ZERO).unwrap()
}

#[test]
fn every_label_in_every_form_is_read_back() {
    for (content, kind) in contents() {
        for carrier in Carrier::ALL {
            let label = Label::new(&interpreter(), &content, carrier).unwrap();
            let png = image::load_from_memory(&label.png(3).unwrap()).unwrap().to_luma8();
            let png = Frame::new(png.width(), png.height(), png.into_raw(), Duration::ZERO).unwrap();
            for (form, frame) in
                [("png", png), ("zpl", graphic(&label.zpl(3))), ("svg", drawn(&label.svg(0.5)))]
            {
                let meanings = read(&frame);
                assert!(
                    matches!(&meanings[..], [meaning] if meaning.kind() == kind),
                    "{kind} as {carrier:?} in {form}: {:?}",
                    meanings.iter().map(Meaning::kind).collect::<Vec<_>>()
                );
            }
        }
    }
}

/// rqrr is no part of the generator or of the engine.
#[test]
fn a_second_reader_reads_the_qr_code_of_a_dose_label() {
    let label = Label::new(&interpreter(), &contents()[0].0, Carrier::QrCode).unwrap();
    let frame = label.frame(4).unwrap();
    let (width, height) = (frame.width() as usize, frame.height() as usize);
    let mut picture =
        rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| frame.plane()[y * width + x]);
    let grids = picture.detect_grids();
    let (_, text) = grids[0].decode().unwrap();
    assert!(text.starts_with("DS-") && text.contains("7Q2M4X"), "{text}");
}

#[test]
fn what_the_site_format_cannot_carry_is_an_error() {
    let hyphen = Content::site_wristband(Mrn::parse("30017").unwrap(), BandSerial::parse("1-2").unwrap());
    assert!(matches!(Label::new(&interpreter(), &hyphen, Carrier::QrCode), Err(LabelError::Site(_))));
}

#[test]
fn the_command_writes_a_file_that_the_command_reads() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("badge.png");
    let scanner =
        |arguments: &[&str]| Command::new(env!("CARGO_BIN_EXE_scanner")).args(arguments).output().unwrap();
    let name = file.to_str().unwrap();
    let output = scanner(&["label", "--output", name, "badge", "4711", "--format", "png", "--dots", "3"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let output = scanner(&["read", "--json", name]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.contains("\"kind\":\"badge\"") && text.contains("4711") && text.contains("code_128"),
        "{text}"
    );
    let output = scanner(&["label", "badge", ""]);
    assert_eq!(output.status.code(), Some(64), "{output:?}");
    let output = scanner(&["label", "--output", "/nowhere/x.svg", "badge", "4711"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let output = scanner(&["label", "dose", "7Q2M4X"]);
    assert!(output.stdout.starts_with(b"<svg"), "{output:?}");
}
