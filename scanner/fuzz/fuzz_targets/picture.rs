//! Any bytes as a picture, an animation and a camera's JPEG: no panic and no more memory than a frame may take.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use scanner::source::FrameSource as _;
use scanner::source::folder::read_picture;
use scanner::source::pixels::{PixelFormat, RawFrame, grey};
use scanner::source::sequence::Animation;

fuzz_target!(|bytes: &[u8]| {
    let raw = RawFrame { width: 64, height: 64, format: PixelFormat::Mjpeg, bytes: bytes.to_vec() };
    let _ = grey(&raw, Duration::ZERO);
    let file = std::env::temp_dir().join(format!("scanner-fuzz-{}", std::process::id()));
    if std::fs::write(&file, bytes).is_ok() {
        let _ = read_picture(&file, Duration::ZERO);
        if let Ok(mut animation) = Animation::open(&file) {
            while matches!(animation.next_frame(), Ok(Some(_))) {}
        }
    }
});
