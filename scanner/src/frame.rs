//! One picture: a grey plane, its size and the moment of its capture.

use std::sync::Arc;
use std::time::Duration;

/// The longest side that a [`Frame`] may have, in pixels.
pub const MAX_SIDE: u32 = 8_192;

/// The most pixels that a [`Frame`] may have: a 40-megapixel photograph passes, a bomb does not.
pub const MAX_PIXELS: u64 = 40_000_000;

/// Why a grey plane is no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// A side is 0, or too long, or the area is too large.
    #[error(
        "frame of {width} x {height} pixels: expected 1 to {MAX_SIDE} a side and at most {MAX_PIXELS} in all"
    )]
    Size {
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// The plane is not `width * height` bytes.
    #[error("frame of {width} x {height} pixels: the plane has {bytes} bytes, expected {expected}")]
    Plane {
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
        /// Bytes given.
        bytes: usize,
        /// Bytes that this size needs.
        expected: u64,
    },
}

/// One picture from a camera or a file. Cheap to clone: the plane is shared.
#[derive(Clone)]
pub struct Frame {
    width: u32,
    height: u32,
    plane: Arc<[u8]>,
    captured: Duration,
}

impl Frame {
    /// A frame of `width * height` grey bytes, rows from the top, captured this long after the source was opened.
    ///
    /// # Errors
    /// When the size is out of range or does not fit the plane.
    pub fn new(
        width: u32,
        height: u32,
        plane: impl Into<Arc<[u8]>>,
        captured: Duration,
    ) -> Result<Self, FrameError> {
        let plane = plane.into();
        let expected = u64::from(width) * u64::from(height);
        if width == 0 || height == 0 || width > MAX_SIDE || height > MAX_SIDE || expected > MAX_PIXELS {
            return Err(FrameError::Size { width, height });
        }
        if plane.len() as u64 != expected {
            return Err(FrameError::Plane { width, height, bytes: plane.len(), expected });
        }
        Ok(Self { width, height, plane, captured })
    }

    /// Pixels in a row.
    pub const fn width(&self) -> u32 {
        self.width
    }

    /// Rows.
    pub const fn height(&self) -> u32 {
        self.height
    }

    /// The grey bytes, `width() * height()` of them, rows from the top; 0 is black.
    pub fn plane(&self) -> &[u8] {
        &self.plane
    }

    /// When the picture was taken, since its source was opened.
    pub const fn captured(&self) -> Duration {
        self.captured
    }

    /// The same picture at another moment (a still picture played again).
    #[must_use]
    pub fn at(&self, captured: Duration) -> Self {
        Self { captured, ..self.clone() }
    }

    /// A smaller grey picture for a screen of at most `width` x `height` pixels, by averaging whole blocks; the frame itself
    /// when it already fits. Meant to run on the thread of the source or the decoder, not on the one that paints.
    #[must_use]
    pub fn preview(&self, width: u32, height: u32) -> Self {
        let step = self.width.div_ceil(width.max(1)).max(self.height.div_ceil(height.max(1))).max(1);
        if step == 1 {
            return self.clone();
        }
        let (columns, rows) = ((self.width / step).max(1), (self.height / step).max(1));
        let mut plane = Vec::with_capacity(columns as usize * rows as usize);
        for row in 0..rows {
            for column in 0..columns {
                plane.push(self.block_mean(column * step, row * step, step));
            }
        }
        Self { width: columns, height: rows, plane: plane.into(), captured: self.captured }
    }

    fn block_mean(&self, left: u32, top: u32, step: u32) -> u8 {
        let (right, bottom) = ((left + step).min(self.width), (top + step).min(self.height));
        let (mut sum, mut count) = (0_u64, 0_u64);
        for y in top..bottom {
            let start = y as usize * self.width as usize;
            for grey in &self.plane[start + left as usize..start + right as usize] {
                sum += u64::from(*grey);
                count += 1;
            }
        }
        u8::try_from(sum / count.max(1)).unwrap_or(u8::MAX)
    }

    /// The part of the picture inside the rectangle, cut at the edges; `None` when nothing is left.
    pub fn crop(&self, left: u32, top: u32, width: u32, height: u32) -> Option<Self> {
        let right = left.checked_add(width)?.min(self.width);
        let bottom = top.checked_add(height)?.min(self.height);
        if left >= right || top >= bottom {
            return None;
        }
        let mut plane = Vec::with_capacity((right - left) as usize * (bottom - top) as usize);
        for y in top..bottom {
            let start = y as usize * self.width as usize;
            plane.extend_from_slice(&self.plane[start + left as usize..start + right as usize]);
        }
        Some(Self { width: right - left, height: bottom - top, plane: plane.into(), captured: self.captured })
    }
}

impl std::fmt::Debug for Frame {
    /// The size and the moment, never the picture: it may show a patient.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Frame({} x {} at {:?})", self.width, self.height, self.captured)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plane_must_fit_the_size() {
        assert!(Frame::new(3, 2, vec![0; 6], Duration::ZERO).is_ok());
        assert!(matches!(
            Frame::new(3, 2, vec![0; 5], Duration::ZERO),
            Err(FrameError::Plane { bytes: 5, .. })
        ));
        assert!(matches!(Frame::new(0, 2, vec![], Duration::ZERO), Err(FrameError::Size { .. })));
        assert!(matches!(
            Frame::new(u32::MAX, u32::MAX, vec![], Duration::ZERO),
            Err(FrameError::Size { .. })
        ));
    }

    #[test]
    fn a_preview_keeps_the_mean_and_a_crop_the_pixels() {
        let frame = Frame::new(4, 2, vec![0, 10, 20, 30, 0, 10, 20, 30], Duration::ZERO).unwrap();
        let small = frame.preview(2, 1);
        assert_eq!((small.width(), small.height(), small.plane()), (2, 1, &[5, 25][..]));
        assert_eq!(frame.crop(1, 0, 2, 9).unwrap().plane(), &[10, 20, 10, 20]);
        assert!(frame.crop(4, 0, 1, 1).is_none());
    }
}
