//! Moving pictures: an animated GIF, APNG or WebP, and frames that another program writes into a pipe.

use std::io::{BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use image::codecs::gif::GifDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::{AnimationDecoder, Frames, ImageDecoder, ImageFormat};

use super::FrameSource;
use super::folder::{PictureError, check_file, flatten, limits, picture_error};
use super::pixels::{PixelError, PixelFormat, RawFrame, grey};
use crate::frame::{Frame, MAX_PIXELS, MAX_SIDE};

/// The most frames of an animation: five minutes at 30 a second.
const MAX_FRAMES: usize = 9_000;

/// A pause between two pictures that says nothing is taken for this.
const USUAL_PAUSE: Duration = Duration::from_millis(33);

/// The longest pause that is kept.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// An animated picture, one frame after the other. Frames are decoded when they are asked for.
pub struct Animation {
    path: PathBuf,
    frames: Option<Frames<'static>>,
    count: usize,
    at: Duration,
}

impl std::fmt::Debug for Animation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Animation({}, {} frames read)", self.path.display(), self.count)
    }
}

impl Animation {
    /// Opens an animated GIF, PNG or WebP. A picture that does not move is one frame.
    ///
    /// # Errors
    /// When the file cannot be read, is no such picture, or is too large.
    pub fn open(path: &Path) -> Result<Self, PictureError> {
        let file = check_file(path)?;
        let unreadable = |cause| PictureError::Unreadable { path: path.to_owned(), cause };
        let reader =
            image::ImageReader::new(BufReader::new(file)).with_guessed_format().map_err(unreadable)?;
        let format = reader.format();
        let failed = |error: image::ImageError| picture_error(path, &error);
        let frames = match format {
            Some(ImageFormat::Gif) => limited(GifDecoder::new(reader.into_inner()), path)?.into_frames(),
            Some(ImageFormat::WebP) => limited(WebPDecoder::new(reader.into_inner()), path)?.into_frames(),
            Some(ImageFormat::Png) => {
                limited(PngDecoder::new(reader.into_inner()), path)?.apng().map_err(failed)?.into_frames()
            }
            _ => {
                let reason = "no GIF, PNG or WebP".to_owned();
                return Err(PictureError::NotAPicture { path: path.to_owned(), reason });
            }
        };
        Ok(Self { path: path.to_owned(), frames: Some(frames), count: 0, at: Duration::ZERO })
    }
}

/// The decoder, when its picture is no bomb.
fn limited<D: ImageDecoder>(decoder: image::ImageResult<D>, path: &Path) -> Result<D, PictureError> {
    let mut decoder = decoder.map_err(|error| picture_error(path, &error))?;
    let (width, height) = decoder.dimensions();
    if width > MAX_SIDE || height > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
        let reason = format!("{width} x {height} pixels");
        return Err(PictureError::TooLarge { path: path.to_owned(), reason });
    }
    decoder.set_limits(limits()).map_err(|error| picture_error(path, &error))?;
    Ok(decoder)
}

impl FrameSource for Animation {
    type Error = PictureError;

    fn next_frame(&mut self) -> Result<Option<Frame>, PictureError> {
        let next = self.frames.as_mut().filter(|_| self.count < MAX_FRAMES).and_then(Iterator::next);
        let Some(next) = next else {
            self.frames = None;
            return Ok(None);
        };
        let next = match next {
            Ok(next) => next,
            Err(error) => {
                // A decoder that failed is in no state to go on.
                self.frames = None;
                return Err(picture_error(&self.path, &error));
            }
        };
        let pause: Duration = next.delay().into();
        let captured = self.at;
        self.at += if pause.is_zero() { USUAL_PAUSE } else { pause.min(LONGEST_PAUSE) };
        self.count += 1;
        let plane = flatten(&next.into_buffer().into());
        let (width, height) = plane.dimensions();
        Frame::new(width, height, plane.into_raw(), captured)
            .map(Some)
            .map_err(|error| PictureError::TooLarge { path: self.path.clone(), reason: error.to_string() })
    }

    fn ended(&self) -> bool {
        self.frames.is_none()
    }
}

/// Why a pipe gives no frames.
#[derive(Debug, thiserror::Error)]
pub enum PipeError {
    /// It cannot be read.
    #[error("pipe: cannot be read: {0}")]
    Read(#[from] std::io::Error),
    /// It ended within a frame.
    #[error(
        "pipe: it ended {bytes} bytes into a frame of {expected}; check the size and the format of the frames"
    )]
    Cut {
        /// Bytes of the last frame.
        bytes: usize,
        /// Bytes of a frame.
        expected: usize,
    },
    /// The bytes are no frame.
    #[error("pipe: {0}")]
    Pixels(#[from] PixelError),
    /// Frames of no fixed length cannot be told apart.
    #[error("pipe: MJPEG frames have no fixed length; send grey, YUYV or NV12")]
    NoLength,
}

/// Frames of a fixed size and format from a pipe, such as `ffmpeg .. -f rawvideo -pix_fmt gray -`.
#[derive(Debug)]
pub struct RawPipe<R> {
    reader: R,
    shape: RawFrame,
    length: usize,
    interval: Duration,
    count: u32,
    ended: bool,
}

impl<R: Read> RawPipe<R> {
    /// Frames of `width` by `height` pixels, `interval` apart.
    ///
    /// # Errors
    /// When the size is none of a frame, or the format has no fixed length.
    pub fn new(
        reader: R,
        width: u32,
        height: u32,
        format: PixelFormat,
        interval: Duration,
    ) -> Result<Self, PipeError> {
        let pixels = u64::from(width) * u64::from(height);
        if width == 0 || height == 0 || width > MAX_SIDE || height > MAX_SIDE || pixels > MAX_PIXELS {
            return Err(PixelError::Size(crate::frame::FrameError::Size { width, height }).into());
        }
        let pixels = usize::try_from(pixels).unwrap_or(usize::MAX);
        let length = match format {
            PixelFormat::Grey => pixels,
            PixelFormat::Yuyv => pixels * 2,
            PixelFormat::Nv12 => pixels + 2 * (width.div_ceil(2) as usize * height.div_ceil(2) as usize),
            PixelFormat::Mjpeg => return Err(PipeError::NoLength),
        };
        let shape = RawFrame { width, height, format, bytes: Vec::new() };
        Ok(Self { reader, shape, length, interval, count: 0, ended: false })
    }
}

impl<R: Read> FrameSource for RawPipe<R> {
    type Error = PipeError;

    /// Waits for the whole frame: the writer sets the pace.
    fn next_frame(&mut self) -> Result<Option<Frame>, PipeError> {
        if self.ended {
            return Ok(None);
        }
        let mut bytes = vec![0; self.length];
        let mut filled = 0;
        while filled < bytes.len() {
            match self.reader.read(&mut bytes[filled..]) {
                Ok(0) => {
                    self.ended = true;
                    return if filled == 0 {
                        Ok(None)
                    } else {
                        Err(PipeError::Cut { bytes: filled, expected: self.length })
                    };
                }
                Ok(count) => filled += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.ended = true;
                    return Err(error.into());
                }
            }
        }
        let captured = self.interval.saturating_mul(self.count);
        self.count = self.count.saturating_add(1);
        Ok(Some(grey(&RawFrame { bytes, ..self.shape.clone() }, captured)?))
    }

    fn ended(&self) -> bool {
        self.ended
    }
}
