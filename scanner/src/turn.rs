//! A picture turned, or made larger: the second looks that make up for what the engine's fixed scan lines miss.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "places in a picture: at most 8,192 pixels, exact in f32 to a thousandth"
)]

use crate::frame::{Frame, MAX_PIXELS, MAX_SIDE};
use crate::symbol::Point;

/// What stands where the turned picture has nothing: paper, so that no edge of a code is made up.
const PAPER: u8 = 255;

/// A turned picture, and the way back.
#[derive(Debug)]
pub(crate) struct Turned {
    /// The turned picture, large enough to hold all of the first one.
    pub(crate) frame: Frame,
    sin: f32,
    cos: f32,
    /// Half the sizes of the first picture and of the turned one.
    half: [f32; 2],
    half_after: [f32; 2],
    scale: f32,
}

impl Turned {
    /// The frame turned clockwise by `degrees` about its middle and scaled; `None` when the result would be too large.
    pub(crate) fn new(frame: &Frame, degrees: f32, scale: f32) -> Option<Self> {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let (w, h) = (frame.width() as f32 * scale, frame.height() as f32 * scale);
        let width = ((w * cos).abs() + (h * sin).abs()).round().max(1.0) as u32;
        let height = ((w * sin).abs() + (h * cos).abs()).round().max(1.0) as u32;
        if width > MAX_SIDE || height > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
            return None;
        }
        let half = [frame.width() as f32 / 2.0, frame.height() as f32 / 2.0];
        let half_after = [width as f32 / 2.0, height as f32 / 2.0];
        let mut plane = vec![PAPER; width as usize * height as usize];
        let (dx, dy) = (cos / scale, -sin / scale);
        let (columns, rows) = (frame.width() as usize, frame.height() as usize);
        let source = frame.plane();
        for (y, row) in plane.chunks_exact_mut(width as usize).enumerate() {
            let away = [0.5 - half_after[0], y as f32 + 0.5 - half_after[1]];
            let mut x = (away[0] * cos + away[1] * sin) / scale + half[0] - 0.5;
            let mut y = (away[1] * cos - away[0] * sin) / scale + half[1] - 0.5;
            for grey in row {
                if x > -0.5 && y > -0.5 && x < columns as f32 - 0.5 && y < rows as f32 - 0.5 {
                    *grey = cubic(source, columns, rows, x, y);
                }
                x += dx;
                y += dy;
            }
        }
        let frame = Frame::new(width, height, plane, frame.captured()).ok()?;
        Some(Self { frame, sin, cos, half, half_after, scale })
    }

    /// A place of the turned picture in the first one.
    pub(crate) fn back(&self, [x, y]: Point) -> Point {
        let away = [x as f32 + 0.5 - self.half_after[0], y as f32 + 0.5 - self.half_after[1]];
        let x = (away[0] * self.cos + away[1] * self.sin) / self.scale + self.half[0] - 0.5;
        let y = (away[1] * self.cos - away[0] * self.sin) / self.scale + self.half[1] - 0.5;
        [x.round() as i32, y.round() as i32]
    }
}

/// The grey between the pixels by a cubic through four of them in each direction (Catmull and Rom): narrow bars keep their
/// contrast, which the straight line between two pixels takes away.
fn cubic(plane: &[u8], columns: usize, rows: usize, x: f32, y: f32) -> u8 {
    let (left, top) = (x.floor(), y.floor());
    let (across, down) = (weights(x - left), weights(y - top));
    let (left, top) = (left as isize - 1, top as isize - 1);
    let mut sum = 0.0;
    let inside = left >= 0 && top >= 0 && left + 3 < columns as isize && top + 3 < rows as isize;
    for (row, weight) in down.iter().enumerate() {
        let line = if inside {
            let at = (top as usize + row) * columns + left as usize;
            let four = &plane[at..at + 4];
            (0..4).map(|column| across[column] * f32::from(four[column])).sum::<f32>()
        } else {
            let y = (top + row as isize).clamp(0, rows as isize - 1) as usize;
            let at = |column: usize| (left + column as isize).clamp(0, columns as isize - 1) as usize;
            (0..4).map(|column| across[column] * f32::from(plane[y * columns + at(column)])).sum::<f32>()
        };
        sum += weight * line;
    }
    (sum + 0.5).clamp(0.0, 255.0) as u8
}

fn weights(part: f32) -> [f32; 4] {
    let (square, cube) = (part * part, part * part * part);
    [
        -0.5 * part + square - 0.5 * cube,
        1.0 - 2.5 * square + 1.5 * cube,
        0.5 * part + 2.0 * square - 1.5 * cube,
        -0.5 * square + 0.5 * cube,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_dark_spot_is_found_again_where_it_was() {
        let mut plane = vec![255_u8; 90 * 60];
        for y in 20..24 {
            for x in 70..74 {
                plane[y * 90 + x] = 0;
            }
        }
        let frame = Frame::new(90, 60, plane, Duration::ZERO).unwrap();
        for (degrees, scale) in [(0.0, 2.0), (30.0, 1.0), (-65.0, 1.5), (180.0, 1.0)] {
            let turned = Turned::new(&frame, degrees, scale).unwrap();
            let width = turned.frame.width() as usize;
            let darkest = turned.frame.plane().iter().enumerate().min_by_key(|(_, grey)| **grey).unwrap().0;
            let [x, y] = turned.back([(darkest % width) as i32, (darkest / width) as i32]);
            assert!((69..=74).contains(&x) && (19..=24).contains(&y), "{degrees}: {x}, {y}");
        }
        assert!(Turned::new(&frame, 0.0, 200.0).is_none());
    }
}
