//! How far a code is turned from the upright, told from its edges: all edges of a linear code have one direction, those of a matrix
//! code two at a right angle. So the direction is told up to a quarter turn, which is what the engine makes up for itself.

#![allow(clippy::cast_precision_loss, reason = "differences of greys, exact in f32")]

use crate::frame::Frame;

/// A difference of greys below this is noise.
const EDGE: f32 = 24.0;

/// How much of the edges' weight has to agree, from 0 (every direction alike) to 1 (one direction and its right angle).
const AGREE: f32 = 0.2;

/// Less than this the engine reads without help, in degrees.
const LEAST: f32 = 8.0;

/// The clockwise turn of the edges in a picture, in degrees, above -45 and at most 45; `None` when they have no common direction, or
/// stand upright within what the engine reads.
///
/// The mean direction of the gradients, each weighted by its square, with all angles taken four times so that a quarter turn is none.
pub(crate) fn slant(frame: &Frame) -> Option<f32> {
    let (width, height) = (frame.width() as usize, frame.height() as usize);
    let plane = frame.plane();
    let (mut along, mut across, mut weight) = (0.0_f64, 0.0_f64, 0.0_f64);
    for y in 1..height.saturating_sub(1) {
        let row = |y: usize| &plane[y * width..(y + 1) * width];
        let (above, here, below) = (row(y - 1), row(y), row(y + 1));
        let (mut row_along, mut row_across, mut row_weight) = (0.0_f32, 0.0_f32, 0.0_f32);
        for x in 1..width.saturating_sub(1) {
            let grey = |row: &[u8], x: usize| f32::from(row[x]);
            // Scharr: its angle errs by less than a degree at any direction.
            let gx = 3.0
                * (grey(above, x + 1) - grey(above, x - 1) + grey(below, x + 1) - grey(below, x - 1))
                + 10.0 * (grey(here, x + 1) - grey(here, x - 1));
            let gy = 3.0
                * (grey(below, x - 1) - grey(above, x - 1) + grey(below, x + 1) - grey(above, x + 1))
                + 10.0 * (grey(below, x) - grey(above, x));
            let square = gx * gx + gy * gy;
            if square < (EDGE * 16.0) * (EDGE * 16.0) {
                continue;
            }
            let (double_cos, double_sin) = (gx * gx - gy * gy, 2.0 * gx * gy);
            row_along += (double_cos * double_cos - double_sin * double_sin) / square;
            row_across += 2.0 * double_cos * double_sin / square;
            row_weight += square;
        }
        along += f64::from(row_along);
        across += f64::from(row_across);
        weight += f64::from(row_weight);
    }
    if along.hypot(across) <= weight * f64::from(AGREE) {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, reason = "an angle")]
    let degrees = (across.atan2(along).to_degrees() / 4.0) as f32;
    (degrees.abs() >= LEAST).then_some(degrees)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn bars(degrees: f32) -> Frame {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let grey = |x: f32, y: f32| {
            let place = x * cos + y * sin;
            // Bars of four pixels with soft edges.
            let wave = (place / 4.0 * std::f32::consts::PI).sin() * 3.0;
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a grey")]
            let grey = (128.0 + 100.0 * wave.clamp(-1.0, 1.0)) as u8;
            grey
        };
        let plane = (0..120_u16).flat_map(|y| (0..160_u16).map(move |x| (f32::from(x), f32::from(y))));
        let plane: Vec<u8> = plane.map(|(x, y)| grey(x, y)).collect();
        Frame::new(160, 120, plane, Duration::ZERO).unwrap()
    }

    #[test]
    fn the_turn_of_bars_is_told_to_two_degrees_up_to_a_quarter_turn() {
        for degrees in [-44.0_f32, -30.0, -12.0, 12.0, 30.0, 44.0] {
            for quarter in [0.0, 90.0] {
                let told = slant(&bars(degrees + quarter)).unwrap();
                assert!((told - degrees).abs() < 2.0, "{degrees} + {quarter}: {told}");
            }
        }
    }

    #[test]
    fn upright_bars_and_pictures_without_a_direction_need_no_turn() {
        assert_eq!(slant(&bars(0.0)), None);
        assert_eq!(slant(&bars(92.0)), None);
        let flat = Frame::new(20, 20, vec![9; 400], Duration::ZERO).unwrap();
        assert_eq!(slant(&flat), None);
        // Rings have every direction alike.
        let ring = |x: f32, y: f32| if (x.hypot(y) / 4.0).fract() < 0.5 { 20 } else { 230 };
        let plane =
            (0..120_u16).flat_map(|y| (0..120_u16).map(move |x| (f32::from(x) - 60.0, f32::from(y) - 60.0)));
        let plane: Vec<u8> = plane.map(|(x, y)| ring(x, y)).collect();
        assert_eq!(slant(&Frame::new(120, 120, plane, Duration::ZERO).unwrap()), None);
    }

    #[test]
    fn the_smallest_pictures_do_not_trouble_it() {
        for (width, height) in [(1, 1), (2, 1), (1, 3), (2, 2)] {
            let frame =
                Frame::new(width, height, vec![7; (width * height) as usize], Duration::ZERO).unwrap();
            assert_eq!(slant(&frame), None);
        }
    }
}
