//! Whether there is anything like a code in a picture, and where: the cheap question before the expensive ones.

use crate::frame::Frame;

/// The side of a tile, in pixels: some modules of any code that can be read.
const TILE: u32 = 32;

/// How far two pixels must differ to be an edge.
const EDGE: i32 = 20;

/// The share of a tile's pixels that are edges, in 1/16, from which it looks like a code: text, bars and modules have more,
/// faces, walls and blankets less.
const SHARE: u32 = 2;

/// Every second pixel of every second row is looked at.
const STEP: usize = 2;

/// The box around all tiles that look like a code, with a tile more on each side for quiet zones: left, top, width, height.
/// `None` when no tile does.
pub(crate) fn code_like(frame: &Frame) -> Option<[u32; 4]> {
    let (columns, rows) = (frame.width().div_ceil(TILE), frame.height().div_ceil(TILE));
    let mut area: Option<[u32; 4]> = None;
    for row in 0..rows {
        for column in 0..columns {
            if !is_code_like(frame, column * TILE, row * TILE) {
                continue;
            }
            area = Some(match area {
                None => [column, row, column, row],
                Some([left, top, right, bottom]) => {
                    [left.min(column), top, right.max(column), bottom.max(row)]
                }
            });
        }
    }
    let [left, top, right, bottom] = area?;
    let (x, y) = (left.saturating_sub(1) * TILE, top.saturating_sub(1) * TILE);
    let end = |tile: u32, most: u32| ((tile + 2) * TILE).min(most);
    Some([x, y, end(right, frame.width()) - x, end(bottom, frame.height()) - y])
}

fn is_code_like(frame: &Frame, left: u32, top: u32) -> bool {
    let width = frame.width() as usize;
    let (right, bottom) =
        ((left + TILE).min(frame.width()) as usize, (top + TILE).min(frame.height()) as usize);
    let plane = frame.plane();
    let (mut edges, mut pixels) = (0_u32, 0_u32);
    for y in (top as usize..bottom.saturating_sub(STEP)).step_by(STEP) {
        for x in (left as usize..right.saturating_sub(STEP)).step_by(STEP) {
            let at = y * width + x;
            let grey = i32::from(plane[at]);
            let across = (grey - i32::from(plane[at + STEP])).abs();
            let down = (grey - i32::from(plane[at + STEP * width])).abs();
            pixels += 1;
            edges += u32::from(across.max(down) > EDGE);
        }
    }
    // A sliver at the border is too small to say no.
    pixels < 16 && edges > 0 || pixels >= 16 && edges * 16 > pixels * SHARE
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn frame(grey: impl Fn(u32, u32) -> u8) -> Frame {
        let plane: Vec<u8> =
            (0..240).flat_map(|y| (0..320).map(move |x| (x, y))).map(|(x, y)| grey(x, y)).collect();
        Frame::new(320, 240, plane, Duration::ZERO).unwrap()
    }

    #[test]
    fn flat_and_slowly_changing_pictures_have_nothing_like_a_code() {
        assert_eq!(code_like(&frame(|_, _| 255)), None);
        assert_eq!(code_like(&frame(|x, y| u8::try_from((x + y) * 255 / 560).unwrap())), None);
        assert_eq!(code_like(&frame(|x, _| if x < 160 { 20 } else { 230 })), None, "one edge is no code");
    }

    #[test]
    fn bars_are_found_where_they_are_with_their_quiet_zone() {
        let bars =
            |x: u32, y: u32| (96..160).contains(&x) && (64..128).contains(&y) && (x / 3).is_multiple_of(2);
        let area = code_like(&frame(|x, y| if bars(x, y) { 20 } else { 230 })).unwrap();
        assert_eq!(area, [64, 32, 128, 128]);
    }
}
