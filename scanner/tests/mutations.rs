//! What the fuzz targets of `scanner/fuzz` do, briefly and the same in every run: good input, changed in a few places.

mod common;

use std::time::Duration;

use common::{Noise, interpreter};
use scanner::gs1::{parse_bracketed, parse_raw};
use scanner::source::FrameSource as _;
use scanner::source::folder::read_picture;
use scanner::source::pixels::{PixelFormat, RawFrame, grey};
use scanner::source::sequence::Animation;
use scanner::wedge::{Key, Wedge, WedgeSettings};

/// One to four bytes changed, dropped, doubled or cut off.
fn mutated(seed: &[u8], noise: &mut Noise) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=noise.next() % 4 {
        if bytes.is_empty() {
            break;
        }
        let at = usize::try_from(noise.next()).unwrap_or(0) % bytes.len();
        match noise.next() % 5 {
            0 => bytes[at] = u8::try_from(noise.next() % 256).unwrap(),
            1 => bytes[at] ^= 1 << (noise.next() % 8),
            2 => {
                bytes.remove(at);
            }
            3 => bytes.insert(at, bytes[at]),
            _ => bytes.truncate(at),
        }
    }
    bytes
}

#[test]
fn texts_never_panic_and_print_is_the_inverse_of_parse() {
    let seeds = [
        "010030591036901917271231\u{1D}10A1B2C3\u{1D}21SER0001",
        "(01)00305910369019(17)271231(10)A1(7003)2712311200",
        "]d2801812345678901234567880191\u{1D}",
        "+A123BJC5D6E71G/$$31227LOT123",
        "+$$3271231LOT/S123",
        "https://id.gs1.org/01/00305910369019/10/A1?17=271231",
        "WB-30017-1-X",
        "\u{1D}\u{1D}8008260101120000",
    ];
    let mut noise = Noise(0xF022);
    for _ in 0..6_000 {
        let seed = seeds[usize::try_from(noise.next() % 8).unwrap()];
        let text = String::from_utf8_lossy(&mutated(seed.as_bytes(), &mut noise)).into_owned();
        for parsed in [parse_raw(&text, 2026), parse_bracketed(&text, 2026)] {
            if let Ok(elements) = parsed.into_result() {
                assert_eq!(
                    parse_bracketed(&elements.to_bracketed(), 2026).into_result(),
                    Ok(elements),
                    "{text:?}"
                );
            }
        }
        let _ = scanner::hibc::parse(&text, 2026);
        let _ = interpreter().hand_scan(&text);
        let _ = interpreter().typed(&text);
    }
}

#[test]
fn no_key_of_a_wedge_is_lost_or_invented() {
    let mut noise = Noise(0xF023);
    for _ in 0..500 {
        let mut wedge = Wedge::new(WedgeSettings::default());
        let (mut at, mut given, mut taken) = (Duration::ZERO, 0, 0);
        let mut count = |key: Key| match key {
            Key::Held => {}
            // The terminator is the key more.
            Key::Scan(text) => taken += text.chars().count() + 1,
            Key::Typed(text) => taken += text.chars().count(),
            Key::Dropped(keys) => taken += keys,
        };
        for _ in 0..noise.next() % 60 {
            let character = ['0', '1', 'A', '\r', '\n', '\u{1D}'][usize::try_from(noise.next() % 6).unwrap()];
            at += Duration::from_millis(noise.next() % 80);
            given += 1;
            wedge.key(character, at).into_iter().for_each(&mut count);
        }
        wedge.tick(at + Duration::from_secs(1)).into_iter().for_each(&mut count);
        assert_eq!(given, taken);
    }
}

#[test]
fn broken_pictures_are_errors_or_frames() {
    let folder = tempfile::tempdir().unwrap();
    let picture = image::GrayImage::from_fn(48, 32, |x, y| image::Luma([u8::try_from(x * y % 251).unwrap()]));
    let mut noise = Noise(0xF024);
    for name in ["a.png", "a.jpg", "a.gif", "a.webp", "a.bmp", "a.pgm"] {
        let whole = folder.path().join(name);
        let colour = image::DynamicImage::ImageLuma8(picture.clone());
        let colour =
            if name == "a.gif" { image::DynamicImage::ImageRgba8(colour.to_rgba8()) } else { colour };
        if name == "a.webp" {
            colour.to_rgb8().save(&whole).unwrap();
        } else {
            colour.save(&whole).unwrap();
        }
        let seed = std::fs::read(&whole).unwrap();
        assert!(read_picture(&whole, Duration::ZERO).is_ok(), "{name}");
        for _ in 0..150 {
            let bytes = mutated(&seed, &mut noise);
            let changed = folder.path().join("changed.bin");
            std::fs::write(&changed, &bytes).unwrap();
            let _ = read_picture(&changed, Duration::ZERO);
            if let Ok(mut animation) = Animation::open(&changed) {
                while matches!(animation.next_frame(), Ok(Some(_))) {}
            }
            let _ =
                grey(&RawFrame { width: 48, height: 32, format: PixelFormat::Mjpeg, bytes }, Duration::ZERO);
        }
    }
}
