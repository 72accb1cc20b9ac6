//! Unsharp mask for the second look at a picture in which nothing was read: it makes up for slight defocus.

use crate::frame::Frame;

/// Radius of the box blur, in pixels: about the half width of the defocus that still leaves the modules apart.
const RADIUS: usize = 2;

/// How much of the difference to the blurred picture is added, in halves.
const AMOUNT_HALVES: i32 = 3;

/// The frame with each pixel moved away from the mean of its surroundings.
pub(crate) fn unsharp(frame: &Frame) -> Vec<u8> {
    let (width, height) = (frame.width() as usize, frame.height() as usize);
    let blurred = blur_columns(&blur_rows(frame.plane(), width), width, height);
    frame
        .plane()
        .iter()
        .zip(&blurred)
        .map(|(&grey, &mean)| {
            let sharp = i32::from(grey) + (i32::from(grey) - i32::from(mean)) * AMOUNT_HALVES / 2;
            u8::try_from(sharp.clamp(0, 255)).unwrap_or(u8::MAX)
        })
        .collect()
}

fn blur_rows(plane: &[u8], width: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(plane.len());
    for row in plane.chunks_exact(width) {
        for x in 0..width {
            let window = &row[x.saturating_sub(RADIUS)..(x + RADIUS + 1).min(width)];
            out.push(mean(window.iter().map(|grey| u32::from(*grey)).sum(), window.len()));
        }
    }
    out
}

fn blur_columns(plane: &[u8], width: usize, height: usize) -> Vec<u8> {
    // Running sums per column keep the memory access in row order.
    let row = |y: usize| &plane[y * width..(y + 1) * width];
    let mut sums: Vec<u32> = vec![0; width];
    let mut rows_in_sum = 0_usize;
    for y in 0..RADIUS.min(height) {
        add(&mut sums, row(y));
        rows_in_sum += 1;
    }
    let mut out = Vec::with_capacity(plane.len());
    for y in 0..height {
        if y + RADIUS < height {
            add(&mut sums, row(y + RADIUS));
            rows_in_sum += 1;
        }
        if y > RADIUS {
            for (sum, grey) in sums.iter_mut().zip(row(y - RADIUS - 1)) {
                *sum -= u32::from(*grey);
            }
            rows_in_sum -= 1;
        }
        out.extend(sums.iter().map(|sum| mean(*sum, rows_in_sum)));
    }
    out
}

fn add(sums: &mut [u32], row: &[u8]) {
    for (sum, grey) in sums.iter_mut().zip(row) {
        *sum += u32::from(*grey);
    }
}

fn mean(sum: u32, count: usize) -> u8 {
    u8::try_from(sum / u32::try_from(count).unwrap_or(1).max(1)).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_flat_picture_stays_flat_and_an_edge_gets_steeper() {
        let flat = Frame::new(9, 7, vec![120; 63], Duration::ZERO).unwrap();
        assert_eq!(unsharp(&flat), vec![120; 63]);

        let row = [50, 50, 50, 80, 120, 150, 150, 150];
        let edge = Frame::new(8, 4, row.repeat(4), Duration::ZERO).unwrap();
        let sharp = unsharp(&edge);
        assert!(sharp[3] < 80 && sharp[4] > 120, "{sharp:?}");
    }

    #[test]
    fn pictures_smaller_than_the_radius_do_not_trouble_it() {
        for (width, height) in [(1, 1), (1, 2), (2, 1), (3, 3)] {
            let frame =
                Frame::new(width, height, vec![7; (width * height) as usize], Duration::ZERO).unwrap();
            assert_eq!(unsharp(&frame).len(), (width * height) as usize);
        }
    }
}
