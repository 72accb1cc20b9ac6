//! Moving pictures: animations and raw frames in a pipe, through the same path as a camera; and pictures that are bombs.

mod common;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use common::interpreter;
use image::codecs::gif::GifEncoder;
use image::{Delay, DynamicImage, GrayImage};
use rights::ident::DoseId;
use scanner::label::{Carrier, Content, Label};
use scanner::source::FrameSource as _;
use scanner::source::folder::{PictureError, read_picture};
use scanner::source::pixels::PixelFormat;
use scanner::source::sequence::{Animation, PipeError, RawPipe};

fn label() -> scanner::frame::Frame {
    let content = Content::Dose(DoseId::parse("7Q2M4X").unwrap());
    Label::new(&interpreter(), &content, Carrier::QrCode).unwrap().frame(4).unwrap()
}

/// An animation of six frames, 40 ms apart.
fn animation(path: &Path) {
    let label = label();
    let picture = GrayImage::from_raw(label.width(), label.height(), label.plane().to_vec()).unwrap();
    let mut encoder = GifEncoder::new(std::fs::File::create(path).unwrap());
    for _ in 0..6 {
        let colour = DynamicImage::ImageLuma8(picture.clone()).to_rgba8();
        let delay = Delay::from_numer_denom_ms(40, 1);
        encoder.encode_frame(image::Frame::from_parts(colour, 0, 0, delay)).unwrap();
    }
}

fn watch(arguments: &[&str], input: &[u8]) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_scanner"))
        .arg("watch")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses its arguments reads nothing.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn an_animation_plays_with_its_own_pauses_and_becomes_one_scan() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hand.gif");
    animation(&file);
    let mut source = Animation::open(&file).unwrap();
    let mut moments = Vec::new();
    while let Some(frame) = source.next_frame().unwrap() {
        moments.push(frame.captured().as_millis());
    }
    assert_eq!(moments, [0, 40, 80, 120, 160, 200]);
    assert!(source.ended());
    let (code, out, err) = watch(&["--animation", file.to_str().unwrap()], b"");
    assert_eq!((code, out.matches("qr_code: dose").count()), (0, 1), "{out}{err}");
}

#[test]
fn raw_frames_come_through_a_pipe_and_a_cut_one_is_named() {
    let label = label();
    let size = format!("{}x{}", label.width(), label.height());
    let frames = label.plane().repeat(5);
    let (code, out, err) = watch(&["--pipe", &size], &frames);
    assert_eq!((code, out.matches("qr_code: dose").count()), (0, 1), "{out}{err}");
    let (code, _, err) = watch(&["--pipe", &size], &frames[..frames.len() - 3]);
    assert!(code == 2 && err.contains("check the size and the format"), "{err}");
    assert_eq!(watch(&["--pipe", "12"], b"").0, 64);
    let pipe = |width, format| RawPipe::new(&b""[..], width, 4, format, Duration::ZERO).map(|_| ());
    assert!(matches!(pipe(100_000, PixelFormat::Grey), Err(PipeError::Pixels(_))));
    assert!(matches!(pipe(4, PixelFormat::Mjpeg), Err(PipeError::NoLength)));
}

/// A picture of 100 megapixels in a few kilobytes: refused by its header, as a picture and as an animation.
#[test]
fn a_hundred_megapixels_are_refused_before_they_are_decoded() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bomb.gif");
    // The logical screen of a GIF: 10,000 by 10,000, with one picture of a single pixel.
    let mut bytes = b"GIF89a".to_vec();
    bytes.extend([0x10, 0x27, 0x10, 0x27, 0x80, 0, 0, 0, 0, 0, 255, 255, 255]);
    bytes.extend([0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B]);
    std::fs::write(&file, bytes).unwrap();
    let opened = Animation::open(&file);
    assert!(matches!(opened, Err(PictureError::TooLarge { .. })), "{opened:?}");
    assert!(read_picture(&file, Duration::ZERO).is_err());
    let broken = folder.path().join("broken.gif");
    animation(&broken);
    let whole = std::fs::read(&broken).unwrap();
    for length in (0..whole.len()).step_by(97) {
        std::fs::write(&broken, &whole[..length]).unwrap();
        let Ok(mut source) = Animation::open(&broken) else { continue };
        while matches!(source.next_frame(), Ok(Some(_))) {}
        assert!(source.ended() || source.next_frame().is_ok());
    }
}
