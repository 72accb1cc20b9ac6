//! The one path from a frame to a Scan, over pictures in a folder (issue 2, item 2), and how far a code that is not there gets.

mod common;

use std::time::Duration;

use common::{Noise, interpreter, jittered, reference};
use rights::scan::Source;
use scanner::frame::Frame;
use scanner::pipeline::{Event, Reader};
use scanner::source::FrameSource as _;
use scanner::source::folder::{Folder, read_picture};
use scanner::symbol::Wanted;

fn scans(reader: &mut Reader, frame: &Frame) -> Vec<rights::scan::Scan> {
    let events = reader.read(frame).unwrap();
    events
        .into_iter()
        .filter_map(|event| if let Event::Scan(scan) = event { Some(scan) } else { None })
        .collect()
}

#[test]
fn pictures_of_a_folder_become_one_scan_in_the_second_frame() {
    let Some(image) = reference("barcodes/odd/g1_gs1datamatrix.png") else { return };
    let mut folder = Folder::list(vec![image; 6], Duration::from_millis(33));
    let mut reader = Reader::new(Wanted::bedside(), interpreter());
    let mut counted = Vec::new();
    while let Some(frame) = folder.next_frame().unwrap() {
        counted.push(scans(&mut reader, &frame).len());
    }
    assert_eq!(counted, [0, 1, 0, 0, 0, 0]);
}

#[test]
fn a_scan_says_what_it_is_and_a_screen_that_wants_no_packages_sees_none() {
    let Some(image) = reference("barcodes/odd/g3_databarexpandedstacked.png") else { return };
    let frame = read_picture(&image, Duration::ZERO).unwrap();
    let mut reader = Reader::new(Wanted::bedside(), interpreter());
    let mut noise = Noise(7);
    let mut all = Vec::new();
    for step in 0..4 {
        all.extend(scans(&mut reader, &jittered(&frame, &mut noise, Duration::from_millis(33 * step))));
    }
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].source, all[0].meaning.kind()), (Source::Camera, "package"));
    assert!(!format!("{:?}", all[0]).contains(&all[0].text), "no content in a debug line");

    let mut reader = Reader::new(Wanted::wristbands(), interpreter());
    for step in 0..4 {
        assert!(reader.read(&frame.at(Duration::from_millis(33 * step))).unwrap().is_empty());
    }
}

#[test]
fn noise_and_flat_frames_of_every_size_give_nothing() {
    let mut noise = Noise(99);
    let mut reader = Reader::new(Wanted::everything(), interpreter());
    for (step, (width, height)) in
        [(1, 1), (1, 300), (300, 1), (3, 3), (64, 64), (320, 240)].into_iter().enumerate()
    {
        for flat in [true, false] {
            let grey = |noise: &mut Noise| if flat { 255 } else { u8::try_from(noise.next() % 256).unwrap() };
            let plane: Vec<u8> = (0..width * height).map(|_| grey(&mut noise)).collect();
            let frame = Frame::new(width, height, plane, Duration::from_millis(33 * step as u64)).unwrap();
            assert!(reader.read(&frame).unwrap().is_empty(), "{width} x {height}");
        }
    }
}
