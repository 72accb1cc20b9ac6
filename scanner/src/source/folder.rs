//! Pictures in files, played as a sequence of frames: the demo, the tests and `scanner read` go this way.

use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits};

use super::FrameSource;
use crate::frame::{Frame, FrameError, MAX_PIXELS, MAX_SIDE};

/// The largest file that is opened, in bytes.
const MAX_FILE: u64 = 64 << 20;

/// The most memory that decoding one picture may take, in bytes: the largest frame in RGBA with 16 bits a channel.
const MAX_MEMORY: u64 = MAX_PIXELS * 8;

/// The names that pictures of a folder end with.
const EXTENSIONS: [&str; 9] = ["png", "jpg", "jpeg", "webp", "gif", "bmp", "pgm", "ppm", "pnm"];

/// Why a picture or a folder of pictures gives no frames.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The file or folder cannot be opened or read.
    #[error("{path}: cannot be read: {cause}; check that it exists and that you may read it")]
    Unreadable {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The file is no picture of a known kind, or a broken one.
    #[error(
        "{path}: no picture that can be decoded ({reason}); give a PNG or JPEG file, or WebP, GIF, BMP, PNM"
    )]
    NotAPicture {
        /// Which file.
        path: PathBuf,
        /// What the decoder said.
        reason: String,
    },
    /// The picture is larger than any camera's: perhaps a decompression bomb.
    #[error(
        "{path}: the picture is too large ({reason}); give at most {MAX_SIDE} pixels a side and {MAX_PIXELS} in all"
    )]
    TooLarge {
        /// Which file.
        path: PathBuf,
        /// Which limit.
        reason: String,
    },
    /// The folder has no picture in it.
    #[error(
        "{path}: no .png, .jpg or .webp file in this folder; put the pictures there or name another folder"
    )]
    EmptyFolder {
        /// Which folder.
        path: PathBuf,
    },
}

/// Decodes one picture file to a frame captured at `captured`, turned upright as its EXIF orientation says.
///
/// # Errors
/// When the file cannot be read, is no picture or too large. Size and memory are checked before pixels are decoded.
pub fn read_picture(path: &Path, captured: Duration) -> Result<Frame, PictureError> {
    let file = check_file(path)?;
    let unreadable = |cause| PictureError::Unreadable { path: path.to_owned(), cause };
    let reader = ImageReader::new(BufReader::new(file)).with_guessed_format().map_err(unreadable)?;
    let mut decoder = match limited(reader) {
        Ok(decoder) => decoder,
        Err(error) => return Err(picture_error(path, &error)),
    };
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(PictureError::TooLarge {
            path: path.to_owned(),
            reason: format!("{width} x {height} pixels"),
        });
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| picture_error(path, &error))?;
    picture.apply_orientation(orientation);
    let grey = flatten(&picture);
    let (width, height) = grey.dimensions();
    Frame::new(width, height, grey.into_raw(), captured).map_err(|error| match error {
        FrameError::Size { .. } | FrameError::Plane { .. } => {
            PictureError::TooLarge { path: path.to_owned(), reason: error.to_string() }
        }
    })
}

/// Opens a file whose size is that of a picture.
pub(super) fn check_file(path: &Path) -> Result<File, PictureError> {
    let unreadable = |cause| PictureError::Unreadable { path: path.to_owned(), cause };
    let mut file = File::open(path).map_err(unreadable)?;
    let length = file.metadata().map_err(unreadable)?.len();
    if length > MAX_FILE {
        return Err(PictureError::TooLarge { path: path.to_owned(), reason: format!("{length} bytes") });
    }
    // Reading once proves that it is a file that can be read (not a folder), so that later errors are about its content.
    file.read(&mut [0; 1]).map_err(unreadable)?;
    file.rewind().map_err(unreadable)?;
    Ok(file)
}

/// What decoding may take.
pub(super) fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    limits
}

fn limited(mut reader: ImageReader<BufReader<File>>) -> Result<impl ImageDecoder, image::ImageError> {
    reader.limits(limits());
    reader.into_decoder()
}

pub(super) fn picture_error(path: &Path, error: &image::ImageError) -> PictureError {
    match error {
        image::ImageError::Limits(limit) => {
            PictureError::TooLarge { path: path.to_owned(), reason: limit.to_string() }
        }
        other => PictureError::NotAPicture { path: path.to_owned(), reason: other.to_string() },
    }
}

/// Grey on white: what is transparent is paper.
pub(super) fn flatten(picture: &DynamicImage) -> image::GrayImage {
    if !picture.color().has_alpha() {
        return picture.to_luma8();
    }
    let with_alpha = picture.to_luma_alpha8();
    image::GrayImage::from_fn(with_alpha.width(), with_alpha.height(), |x, y| {
        let [grey, alpha] = with_alpha.get_pixel(x, y).0;
        let mixed = (u32::from(grey) * u32::from(alpha) + 255 * (255 - u32::from(alpha))) / 255;
        image::Luma([u8::try_from(mixed).unwrap_or(u8::MAX)])
    })
}

/// The pictures of a folder or a list, one a frame, at a nominal interval.
#[derive(Debug)]
pub struct Folder {
    files: Vec<PathBuf>,
    next: usize,
    interval: Duration,
}

impl Folder {
    /// The pictures of a folder (by their names: PNG, JPEG, WebP, GIF, BMP, PNM) in the order of their names, `interval` apart.
    ///
    /// # Errors
    /// When the folder cannot be read or holds no picture.
    pub fn open(folder: &Path, interval: Duration) -> Result<Self, PictureError> {
        let unreadable = |cause| PictureError::Unreadable { path: folder.to_owned(), cause };
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if is_picture_name(&path) {
                files.push(path);
            }
        }
        if files.is_empty() {
            return Err(PictureError::EmptyFolder { path: folder.to_owned() });
        }
        files.sort();
        Ok(Self::list(files, interval))
    }

    /// These files in this order, `interval` apart.
    pub fn list(files: Vec<PathBuf>, interval: Duration) -> Self {
        Self { files, next: 0, interval }
    }

    /// The files, in playing order.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }
}

fn is_picture_name(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    path.is_file() && EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known))
}

impl FrameSource for Folder {
    type Error = PictureError;

    /// Skips over a picture that gives an error, so that asking again goes on with the next one.
    fn next_frame(&mut self) -> Result<Option<Frame>, PictureError> {
        let Some(path) = self.files.get(self.next) else {
            return Ok(None);
        };
        let captured = self.interval.saturating_mul(u32::try_from(self.next).unwrap_or(u32::MAX));
        self.next += 1;
        read_picture(path, captured).map(Some)
    }

    fn ended(&self) -> bool {
        self.next >= self.files.len()
    }
}
