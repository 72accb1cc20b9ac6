//! Synthetic sequences through *steady*: no wrong Scan at any severity, codes that leave and return, two codes in view. The table by
//! severity is `cargo bench -p scanner --bench sequences`.

mod common;

use std::time::Duration;

use common::model::{Camera, Effect, print};
use common::{Noise, interpreter, reference};
use rights::ident::DoseId;
use rights::scan::{Meaning, Scan, ScanFaultKind};
use scanner::frame::Frame;
use scanner::label::{Carrier, Content, Label};
use scanner::pipeline::{Event, Reader};
use scanner::symbol::Wanted;

/// A matrix code, and the linear ones that a product carries.
const PRINTS: [&str; 4] =
    ["g1_gs1datamatrix.png", "g4_hibccode128.png", "h0_hibccode39.png", "g2_gs1qrcode.png"];

fn scans(reader: &mut Reader, frame: &Frame) -> Vec<Scan> {
    let events = reader.read(frame).unwrap();
    let scan = |event| if let Event::Scan(scan) = event { Some(scan) } else { None };
    events.into_iter().filter_map(scan).collect()
}

fn at(step: u64) -> Duration {
    Duration::from_millis(33 * step)
}

/// What the symbol says when nothing is in its way.
fn clean(path: &std::path::Path) -> (Frame, f32, String) {
    let (symbol, fits) = print(path);
    let mut reader = Reader::new(Wanted::bedside(), interpreter());
    let mut noise = Noise(1);
    let camera = Camera::new(fits);
    let read: Vec<Scan> = (0..5)
        .flat_map(|step| scans(&mut reader, &camera.frame(&symbol, [0.0; 2], &mut noise, at(step))))
        .collect();
    assert_eq!(read.len(), 1, "{}", path.display());
    (symbol, fits, read[0].text.clone())
}

#[test]
fn no_wrong_scan_at_any_severity() {
    let Some(folder) = reference("barcodes/odd") else { return };
    let (mut steady, mut sequences) = (0, 0);
    for (index, name) in PRINTS.iter().enumerate() {
        let (symbol, fits, text) = clean(&folder.join(name));
        for effect in Effect::ALL {
            for severity in [0.25, 0.5, 0.8] {
                let camera = Camera::new(fits).with(effect, severity);
                let mut noise = Noise(977 + 31 * index as u64 + effect as u64);
                let mut reader = Reader::new(Wanted::bedside(), interpreter());
                let mut read = false;
                for step in 0..5 {
                    for scan in scans(&mut reader, &camera.frame(&symbol, [0.0; 2], &mut noise, at(step))) {
                        assert_eq!(scan.text, text, "{name}, {effect:?} {severity}");
                        read = true;
                    }
                }
                steady += u32::from(read);
                sequences += 1;
            }
        }
    }
    println!("{steady} of {sequences} sequences became steady");
    assert!(steady * 2 > sequences, "{steady} of {sequences}");
}

#[test]
fn a_code_that_leaves_and_returns_counts_twice_and_one_that_stays_once() {
    let Some(folder) = reference("barcodes/odd") else { return };
    let (symbol, fits, _) = clean(&folder.join(PRINTS[0]));
    let camera = Camera::new(fits);
    let mut noise = Noise(5);
    let mut reader = Reader::new(Wanted::bedside(), interpreter());
    let mut counted = Vec::new();
    for step in 0..60 {
        // Out of the frame from 0.66 to 1.5 s.
        let place = if (20..46).contains(&step) { [2_000.0, 0.0] } else { [0.0; 2] };
        let read = scans(&mut reader, &camera.frame(&symbol, place, &mut noise, at(step)));
        counted.extend(read.iter().map(|_| step));
    }
    assert_eq!(counted.len(), 2, "{counted:?}");
    assert!(counted[0] < 5 && (46..52).contains(&counted[1]), "{counted:?}");
}

#[test]
fn two_dose_labels_in_one_frame_are_ambiguous_and_neither_counts() {
    let label = |id: &str| {
        let content = Content::Dose(DoseId::parse(id).unwrap());
        Label::new(&interpreter(), &content, Carrier::DataMatrix).unwrap().frame(5).unwrap()
    };
    let mut plane = vec![150_u8; 640 * 480];
    for (label, left) in [(label("7Q2M4X"), 60), (label("7Q2M4Y"), 380)] {
        let width = label.width() as usize;
        for (y, row) in label.plane().chunks(width).enumerate() {
            plane[(150 + y) * 640 + left..][..width].copy_from_slice(row);
        }
    }
    let mut reader = Reader::new(Wanted::bedside(), interpreter());
    let frame = Frame::new(640, 480, plane, Duration::ZERO).unwrap();
    let read: Vec<Scan> = (0..8).flat_map(|step| scans(&mut reader, &frame.at(at(step)))).collect();
    let [scan] = &read[..] else { panic!("{} scans", read.len()) };
    assert!(matches!(&scan.meaning, Meaning::Nothing(faults) if faults[0].kind == ScanFaultKind::Ambiguous));
}
