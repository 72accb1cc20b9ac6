//! What cameras deliver, turned into a grey frame. Hostile or broken buffers are errors, never a panic.

use std::time::Duration;

use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use crate::frame::{Frame, FrameError, MAX_SIDE};

/// How the bytes of a raw frame are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PixelFormat {
    /// One JPEG picture a frame.
    Mjpeg,
    /// Two bytes a pixel, the first of which is grey.
    Yuyv,
    /// A grey plane, then the colours at half the size.
    Nv12,
    /// A grey plane.
    Grey,
}

/// A frame as the device delivers it.
#[derive(Clone, PartialEq, Eq)]
pub struct RawFrame {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// How to read the bytes.
    pub format: PixelFormat,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for RawFrame {
    /// The form, never the picture.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RawFrame({} x {} {:?}, {} bytes)", self.width, self.height, self.format, self.bytes.len())
    }
}

/// Why a raw frame is no picture. The next one may well be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PixelError {
    /// Fewer bytes than the size needs.
    #[error("{format:?} frame of {width} x {height}: {bytes} bytes, expected at least {expected}")]
    Short {
        /// The format.
        format: PixelFormat,
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
        /// Bytes delivered.
        bytes: usize,
        /// Bytes needed.
        expected: usize,
    },
    /// The JPEG is broken.
    #[error("jpeg frame cannot be decoded: {0}")]
    Jpeg(String),
    /// The size is none that is handled.
    #[error(transparent)]
    Size(#[from] FrameError),
}

/// The grey frame of what the device delivered.
///
/// # Errors
/// When the bytes do not fit the size or the JPEG is broken.
pub fn grey(raw: &RawFrame, captured: Duration) -> Result<Frame, PixelError> {
    if raw.format == PixelFormat::Mjpeg {
        return jpeg(&raw.bytes, captured);
    }
    // The size is checked before anything is multiplied or allocated with it.
    if raw.width == 0 || raw.height == 0 || raw.width > MAX_SIDE || raw.height > MAX_SIDE {
        return Err(FrameError::Size { width: raw.width, height: raw.height }.into());
    }
    let pixels = raw.width as usize * raw.height as usize;
    let expected = if raw.format == PixelFormat::Yuyv { pixels * 2 } else { pixels };
    let Some(bytes) = raw.bytes.get(..expected) else {
        return Err(PixelError::Short {
            format: raw.format,
            width: raw.width,
            height: raw.height,
            bytes: raw.bytes.len(),
            expected,
        });
    };
    let plane = match raw.format {
        PixelFormat::Yuyv => bytes.iter().step_by(2).copied().collect(),
        PixelFormat::Nv12 | PixelFormat::Grey | PixelFormat::Mjpeg => bytes.to_vec(),
    };
    Ok(Frame::new(raw.width, raw.height, plane, captured)?)
}

fn jpeg(bytes: &[u8], captured: Duration) -> Result<Frame, PixelError> {
    let options = DecoderOptions::new_fast()
        .set_max_width(MAX_SIDE as usize)
        .set_max_height(MAX_SIDE as usize)
        .jpeg_set_out_colorspace(ColorSpace::Luma);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let error = |error: zune_jpeg::errors::DecodeErrors| PixelError::Jpeg(error.to_string());
    decoder.decode_headers().map_err(error)?;
    let (width, height) =
        decoder.dimensions().ok_or_else(|| PixelError::Jpeg("it has no dimensions".to_owned()))?;
    let size = |side: usize| u32::try_from(side).unwrap_or(u32::MAX);
    // The area is checked before the pixels are decoded.
    if width as u64 * height as u64 > crate::frame::MAX_PIXELS {
        return Err(FrameError::Size { width: size(width), height: size(height) }.into());
    }
    let plane = decoder.decode().map_err(error)?;
    Ok(Frame::new(size(width), size(height), plane, captured)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(format: PixelFormat, bytes: Vec<u8>) -> RawFrame {
        RawFrame { width: 2, height: 2, format, bytes }
    }

    #[test]
    fn the_grey_of_each_format() {
        for (format, bytes) in [
            (PixelFormat::Grey, vec![1, 2, 3, 4]),
            (PixelFormat::Nv12, vec![1, 2, 3, 4, 128, 128]),
            (PixelFormat::Yuyv, vec![1, 128, 2, 128, 3, 128, 4, 128]),
        ] {
            assert_eq!(
                grey(&raw(format, bytes), Duration::ZERO).unwrap().plane(),
                [1, 2, 3, 4],
                "{format:?}"
            );
        }
    }

    #[test]
    fn a_jpeg_frame_is_decoded_to_its_grey() {
        let mut bytes = Vec::new();
        let picture = image::GrayImage::from_pixel(16, 8, image::Luma([77]));
        picture.write_to(&mut std::io::Cursor::new(&mut bytes), image::ImageFormat::Jpeg).unwrap();
        let frame = grey(&raw(PixelFormat::Mjpeg, bytes.clone()), Duration::ZERO).unwrap();
        assert_eq!((frame.width(), frame.height()), (16, 8));
        assert!(frame.plane().iter().all(|grey| grey.abs_diff(77) <= 2));
        for cut in [0, 1, 10, bytes.len() / 2] {
            let _ = grey(&raw(PixelFormat::Mjpeg, bytes[..cut].to_vec()), Duration::ZERO);
        }
        assert!(grey(&raw(PixelFormat::Mjpeg, vec![0; 40]), Duration::ZERO).is_err());
    }

    #[test]
    fn short_and_absurd_frames_are_errors() {
        for format in [PixelFormat::Grey, PixelFormat::Nv12, PixelFormat::Yuyv] {
            assert!(matches!(grey(&raw(format, vec![0; 3]), Duration::ZERO), Err(PixelError::Short { .. })));
            let huge = RawFrame { width: u32::MAX, height: u32::MAX, format, bytes: vec![] };
            assert!(matches!(grey(&huge, Duration::ZERO), Err(PixelError::Size(_))));
        }
    }
}
