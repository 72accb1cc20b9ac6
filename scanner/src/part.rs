//! Which parts of a live frame are searched: what keeps a frame within its time.
//!
//! Up to a megapixel the box around all texture is searched as it is. Of larger frames two parts take turns: the middle, where the
//! guide on the screen asks for the code, with all of its pixels, and the whole with a quarter of them. The surroundings of what
//! was seen last are searched with all pixels each time. Of two frames in a row one is always a whole one, so a second code beside
//! the first is seen before the first one is steady, if a quarter of the pixels is enough to read it. One that needs them all is seen
//! only in the middle, and beside what was seen last.

use crate::frame::Frame;
use crate::symbol::{Point, Symbol};
use crate::texture;

/// Frames of at most this many pixels are searched at once.
const AT_ONCE: usize = 1_000_000;

/// For how many frames the place of a symbol is remembered.
const MEMORY: u32 = 10;

/// A part of a frame, perhaps with fewer pixels.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) frame: Frame,
    left: i32,
    top: i32,
    scale: i32,
}

impl Part {
    /// All of the frame.
    pub(crate) fn whole(frame: &Frame) -> Self {
        Self { frame: frame.clone(), left: 0, top: 0, scale: 1 }
    }

    fn cut(frame: &Frame, [left, top, width, height]: [u32; 4]) -> Option<Self> {
        let side = |pixels: u32| i32::try_from(pixels).unwrap_or(i32::MAX);
        Some(Self {
            frame: frame.crop(left, top, width, height)?,
            left: side(left),
            top: side(top),
            scale: 1,
        })
    }

    /// A place of the part in the frame.
    pub(crate) fn back(&self, [x, y]: Point) -> Point {
        let middle = self.scale / 2;
        [x * self.scale + middle + self.left, y * self.scale + middle + self.top]
    }
}

/// Chooses the parts, frame by frame.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    frames: u64,
    /// The box around what was seen last: left, top, right, bottom.
    seen: Option<[i32; 4]>,
    since: u32,
}

impl Survey {
    /// The parts of this frame; none when nothing in it looks like a code.
    pub(crate) fn parts(&mut self, frame: &Frame) -> Vec<Part> {
        self.frames += 1;
        let Some(area) = texture::code_like(frame) else { return Vec::new() };
        if frame.plane().len() <= AT_ONCE {
            return Part::cut(frame, area).into_iter().collect();
        }
        let (width, height) = (frame.width(), frame.height());
        let middle = [width / 4, height / 4, width / 2, height / 2];
        let mut parts = Vec::new();
        if self.frames.is_multiple_of(2) {
            parts.extend(Part::cut(frame, middle));
        } else {
            let scale = if width.min(height) > 2_000 { 3 } else { 2 };
            let small = frame.preview(width.div_ceil(scale), height.div_ceil(scale));
            let scale = i32::try_from(scale).unwrap_or(1);
            parts.push(Part { frame: small, left: 0, top: 0, scale });
        }
        parts.extend(self.around_seen(middle).and_then(|area| Part::cut(frame, area)));
        parts
    }

    /// What was read in the frame of the last [`parts`](Self::parts).
    pub(crate) fn saw(&mut self, symbols: &[Symbol]) {
        self.since = self.since.saturating_add(1);
        let bounds = symbols.iter().map(Symbol::bounds);
        let all = bounds.reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]);
        if all.is_some() {
            (self.seen, self.since) = (all, 0);
        } else if self.since > MEMORY {
            self.seen = None;
        }
    }

    /// The surroundings of what was seen last, unless the middle holds them.
    fn around_seen(&self, middle: [u32; 4]) -> Option<[u32; 4]> {
        let [left, top, right, bottom] = self.seen?;
        let margin = ((right - left).max(bottom - top) / 3).max(48);
        let edge = |at: i32| u32::try_from(at.max(0)).unwrap_or(0);
        let (left, top) = (edge(left - margin), edge(top - margin));
        let (right, bottom) = (edge(right + margin), edge(bottom + margin));
        let inside = left >= middle[0]
            && top >= middle[1]
            && right <= middle[0] + middle[2]
            && bottom <= middle[1] + middle[3];
        // Several codes all over the frame are no place to go back to.
        let small = u64::from(right - left) * u64::from(bottom - top) <= AT_ONCE as u64 / 2;
        (!inside && small).then_some([left, top, right - left, bottom - top])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn frame(width: u32, height: u32, texture: [u32; 4]) -> Frame {
        let [left, top, right, bottom] = texture;
        let grey = |x: u32, y: u32| {
            let inside = (left..right).contains(&x) && (top..bottom).contains(&y);
            if inside && (x / 3).is_multiple_of(2) { 20 } else { 230 }
        };
        let plane: Vec<u8> = (0..height).flat_map(|y| (0..width).map(move |x| grey(x, y))).collect();
        Frame::new(width, height, plane, Duration::ZERO).unwrap()
    }

    #[test]
    fn an_empty_frame_has_no_parts_and_a_small_one_the_box_around_its_texture() {
        let mut survey = Survey::default();
        assert!(survey.parts(&frame(1_280, 720, [0; 4])).is_empty());
        let parts = survey.parts(&frame(1_280, 720, [640, 320, 768, 448]));
        assert_eq!(parts.len(), 1);
        assert_eq!((parts[0].frame.width(), parts[0].back([0, 0])), (192, [608, 288]));
    }

    #[test]
    fn a_large_frame_is_searched_as_a_whole_and_in_its_middle_by_turns() {
        let mut survey = Survey::default();
        let large = frame(1_920, 1_080, [900, 500, 1_000, 600]);
        let places: Vec<Point> = (0..4)
            .map(|_| {
                let parts = survey.parts(&large);
                assert_eq!((parts.len(), parts[0].frame.plane().len()), (1, 960 * 540));
                parts[0].back([480, 270])
            })
            .collect();
        assert_eq!(places, [[961, 541], [960, 540], [961, 541], [960, 540]]);
    }
}
