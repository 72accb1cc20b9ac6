//! A frame as a still picture, for people who look at it later.

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder as _};

use crate::frame::Frame;

/// The largest still, in pixels: the print of a small label can be read in it.
const WIDTH: u32 = 1_280;
const HEIGHT: u32 = 960;
/// Of 100.
const QUALITY: u8 = 75;

/// The frame as a grey JPEG of at most 1280 x 960 pixels; `None` when it cannot be encoded.
pub fn jpeg(frame: &Frame) -> Option<Vec<u8>> {
    let still = frame.preview(WIDTH, HEIGHT);
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY)
        .write_image(still.plane(), still.width(), still.height(), ExtendedColorType::L8)
        .ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_large_frame_becomes_a_small_picture_of_the_same() {
        let (width, height) = (2_600_u32, 1_300_u32);
        let grey = |x: u32| if x < width / 2 { 20 } else { 220 };
        let plane: Vec<u8> = (0..height).flat_map(|_| (0..width).map(grey)).collect();
        let frame = Frame::new(width, height, plane, Duration::ZERO).unwrap();
        let bytes = jpeg(&frame).unwrap();
        let seen = image::load_from_memory(&bytes).unwrap().into_luma8();
        assert!(seen.width() <= WIDTH && seen.height() <= HEIGHT && seen.width() > 800);
        let at = |x: u32| i32::from(seen.get_pixel(x, seen.height() / 2).0[0]);
        assert!((at(5) - 20).abs() < 8 && (at(seen.width() - 5) - 220).abs() < 8);
        assert!(bytes.len() < 200_000);
    }
}
