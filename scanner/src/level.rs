//! A picture whose light is the same everywhere: the darkest of each neighbourhood black, the lightest white, and paper where
//! nothing stands out.
//!
//! The engine sets one threshold for a whole row of a linear code; a shadow, a glare or a dark table beside the label then hides
//! the bars.

use crate::frame::Frame;

/// The side of a block, in pixels; a neighbourhood is three blocks wide.
const BLOCK: usize = 16;

/// The least difference between dark and light that is stretched; less is paper, or a dark table.
const LEAST: i32 = 36;

/// The frame with its contrast stretched block by block, without steps between the blocks.
pub(crate) fn levelled(frame: &Frame) -> Vec<u8> {
    let (width, height) = (frame.width() as usize, frame.height() as usize);
    let (columns, rows) = (width.div_ceil(BLOCK), height.div_ceil(BLOCK));
    let extremes = around(&extremes(frame, columns, rows), columns, rows);
    let mut out = Vec::with_capacity(width * height);
    for y in 0..height {
        let (top, bottom, down) = between(y, rows);
        // The limits of this row at each block's middle, in 1/16.
        let line: Vec<(i32, i32)> = (0..columns)
            .map(|column| {
                let (a, b) = (extremes[top * columns + column], extremes[bottom * columns + column]);
                (a.0 * (16 - down) + b.0 * down, a.1 * (16 - down) + b.1 * down)
            })
            .collect();
        for x in 0..width {
            let (left, right, across) = between(x, columns);
            let mix = |a: i32, b: i32| (a * (16 - across) + b * across) / 256;
            let (dark, light) = (mix(line[left].0, line[right].0), mix(line[left].1, line[right].1));
            let grey = i32::from(frame.plane()[y * width + x]);
            let stretched = if light - dark < LEAST { 255 } else { (grey - dark) * 255 / (light - dark) };
            out.push(u8::try_from(stretched.clamp(0, 255)).unwrap_or(u8::MAX));
        }
    }
    out
}

/// The two blocks whose middles enclose a pixel, and how far it lies towards the second one, in 1/16.
fn between(at: usize, blocks: usize) -> (usize, usize, i32) {
    let from_middle = at.saturating_sub(BLOCK / 2);
    let first = (from_middle / BLOCK).min(blocks - 1);
    let part = if at < BLOCK / 2 { 0 } else { i32::try_from(from_middle % BLOCK).unwrap_or(0) };
    (first, (first + 1).min(blocks - 1), part * 16 / i32::try_from(BLOCK).unwrap_or(16))
}

/// The darkest and the lightest pixel of each block.
fn extremes(frame: &Frame, columns: usize, rows: usize) -> Vec<(i32, i32)> {
    let width = frame.width() as usize;
    let mut blocks = vec![(255, 0); columns * rows];
    for (y, row) in frame.plane().chunks_exact(width).enumerate() {
        let line = &mut blocks[y / BLOCK * columns..][..columns];
        for (block, part) in line.iter_mut().zip(row.chunks(BLOCK)) {
            for grey in part {
                let grey = i32::from(*grey);
                *block = (block.0.min(grey), block.1.max(grey));
            }
        }
    }
    blocks
}

/// The extremes of each block and its neighbours.
fn around(blocks: &[(i32, i32)], columns: usize, rows: usize) -> Vec<(i32, i32)> {
    let mut out = Vec::with_capacity(blocks.len());
    for row in 0..rows {
        for column in 0..columns {
            let mut extremes = (255, 0);
            for y in row.saturating_sub(1)..(row + 2).min(rows) {
                for x in column.saturating_sub(1)..(column + 2).min(columns) {
                    let (dark, light) = blocks[y * columns + x];
                    extremes = (extremes.0.min(dark), extremes.1.max(light));
                }
            }
            out.push(extremes);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn bars_under_a_shadow_reach_black_and_white_and_a_dark_table_becomes_paper() {
        let (width, height) = (500_u32, 64_u32);
        let bars = |x: u32, dark: u8, light: u8| if (x / 3).is_multiple_of(2) { dark } else { light };
        let grey = |x: u32| match x {
            0..100 => 40,
            100..300 => bars(x, 60, 110),
            _ => bars(x, 120, 220),
        };
        let plane: Vec<u8> = (0..height).flat_map(|_| (0..width).map(grey)).collect();
        let frame = Frame::new(width, height, plane, Duration::ZERO).unwrap();
        let row = &levelled(&frame)[32 * 500..33 * 500];
        assert!(row[..50].iter().all(|grey| *grey == 255), "{row:?}");
        for x in (170_usize..240).chain(360..490) {
            let dark = (x / 3).is_multiple_of(2);
            assert!(if dark { row[x] < 60 } else { row[x] > 180 }, "{x}: {row:?}");
        }
    }

    #[test]
    fn pictures_smaller_than_a_block_do_not_trouble_it() {
        for (width, height) in [(1, 1), (1, 40), (40, 1), (17, 15)] {
            let frame =
                Frame::new(width, height, vec![9; (width * height) as usize], Duration::ZERO).unwrap();
            assert_eq!(levelled(&frame), vec![255; (width * height) as usize]);
        }
    }
}
