//! The rows of a linear symbol over its whole height, sampled along the reading direction.

use crate::frame::Frame;
use crate::symbol::Symbol;

/// Samples for each pixel along a row.
const PER_PIXEL: f32 = 2.0;

/// A row belongs to the symbol while it looks like its neighbour: the correlation that is asked for.
const ALIKE: f32 = 0.7;

/// Rows so much alike are laid over each other without a further search.
const CLEARLY_ALIKE: f32 = 0.93;

/// Rows that may be missed, for a scratch or a glare, before the symbol is taken to end.
const MAX_MISSED: u32 = 3;

/// Bands that the rows are averaged to.
const MAX_BANDS: usize = 16;

/// Symbols shorter than this cannot be measured, in pixels.
const MIN_LENGTH: f32 = 24.0;

/// From this height of bars on, in pixels, their direction is known well enough to turn the rows by it.
const MIN_HEIGHT: f32 = 5.0;

/// Bars that lean by less, as the sine of the angle, stay as they are.
const LEAN: f32 = 0.06;

/// Some neighbouring rows, averaged.
#[derive(Debug)]
pub(super) struct Band {
    /// Grey along the reading direction, before the first bar and after the last one too.
    pub(super) profile: Vec<f32>,
    /// Where the decoder saw the first bar begin, as an index into the profile.
    pub(super) start: f32,
    /// Where it saw the last bar end.
    pub(super) end: f32,
}

/// Along which lines a symbol is sampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lines {
    /// Those of the decoder, which may cross the bars aslant.
    AsRead,
    /// Lines that meet the bars at a right angle.
    Straightened,
}

struct Geometry {
    origin: [f32; 2],
    along: [f32; 2],
    across: [f32; 2],
    margin: f32,
    count: usize,
    step: f32,
}

/// The bands, from one end of the bars to the other. Empty when the symbol is too small.
pub(super) fn bands(frame: &Frame, symbol: &Symbol, lines: Lines) -> Vec<Band> {
    let [tl, tr, br, bl] = symbol.position.map(|[x, y]| [x as f32, y as f32]);
    let along = [(tr[0] - tl[0] + br[0] - bl[0]) / 2.0, (tr[1] - tl[1] + br[1] - bl[1]) / 2.0];
    let length = along[0].hypot(along[1]);
    if length < MIN_LENGTH {
        return Vec::new();
    }
    let along = [along[0] / length, along[1] / length];
    let across = [(bl[0] - tl[0] + br[0] - tr[0]) / 2.0, (bl[1] - tl[1] + br[1] - tr[1]) / 2.0];
    let height = across[0].hypot(across[1]);
    // The direction of a short stretch of lines says nothing: the bars are then taken to stand upright on the line.
    let across = if height < 4.0 { [-along[1], along[0]] } else { [across[0] / height, across[1] / height] };
    let origin = [f32::midpoint(tl[0], bl[0]), f32::midpoint(tl[1], bl[1])];
    let first = Geometry::new(origin, along, across, length);
    let rows = collect(frame, &first, length);
    match lines {
        Lines::AsRead => average(&rows, first.margin * PER_PIXEL, length * PER_PIXEL),
        Lines::Straightened => {
            let Some((straight, length)) = first.straightened(&rows, length) else { return Vec::new() };
            let rows = collect(frame, &straight, length);
            average(&rows, straight.margin * PER_PIXEL, length * PER_PIXEL)
        }
    }
}

impl Geometry {
    fn new(origin: [f32; 2], along: [f32; 2], across: [f32; 2], length: f32) -> Self {
        let margin = (length * 0.06).max(8.0);
        Self {
            origin,
            along,
            across,
            margin,
            count: ((length + 2.0 * margin) * PER_PIXEL) as usize,
            step: (length / 100.0).max(1.5),
        }
    }

    /// The same symbol along lines that meet the bars at a right angle, and its length on them; `None` when they do already. A
    /// line that crosses a leaning symbol aslant leaves it before its last bar, except near the middle.
    fn straightened(&self, rows: &[Row], length: f32) -> Option<(Self, f32)> {
        let (top, bottom) = (rows.first()?, rows.last()?);
        let away = (bottom.index - top.index) as f32 * self.step;
        let moved = (bottom.shift - top.shift) as f32 / PER_PIXEL;
        let bars =
            [self.across[0] * away + self.along[0] * moved, self.across[1] * away + self.along[1] * moved];
        let height = bars[0].hypot(bars[1]);
        if height < MIN_HEIGHT {
            return None;
        }
        let bars = [bars[0] / height, bars[1] / height];
        let lean = bars[0] * self.along[0] + bars[1] * self.along[1];
        if lean.abs() < LEAN {
            return None;
        }
        let mut along = [bars[1], -bars[0]];
        if along[0] * self.along[0] + along[1] * self.along[1] < 0.0 {
            along = [-along[0], -along[1]];
        }
        let shorter = length * (1.0 - lean * lean).sqrt();
        let middle =
            [self.origin[0] + self.along[0] * length / 2.0, self.origin[1] + self.along[1] * length / 2.0];
        let origin = [middle[0] - along[0] * shorter / 2.0, middle[1] - along[1] * shorter / 2.0];
        (shorter >= MIN_LENGTH).then(|| (Self::new(origin, along, bars, shorter), shorter))
    }
}

/// A row and how far its bars lie from those of the middle row, in samples.
struct Row {
    /// Steps from the middle row.
    index: i32,
    profile: Vec<f32>,
    shift: i32,
}

fn collect(frame: &Frame, geometry: &Geometry, length: f32) -> Vec<Row> {
    let Some(middle) = sample(frame, geometry, 0) else { return Vec::new() };
    let most = (length * 1.2 / geometry.step) as i32;
    // A line that crosses the bars aslant, by up to about 50 degrees, meets them that much farther on in the next row.
    let reach = (geometry.step * 1.2 * PER_PIXEL).ceil() as i32 + 1;
    let walk = |direction: i32| {
        let mut rows: Vec<Row> = Vec::new();
        let (mut last, mut shift, mut lean, mut missed) = (middle.clone(), 0, 0, 0);
        for index in 1..=most {
            let Some(profile) = sample(frame, geometry, direction * index) else { break };
            let search = |shifts: std::ops::RangeInclusive<i32>| {
                shifts
                    .map(|more| (more, correlation(&last, &profile, more)))
                    .max_by(|one, other| one.1.total_cmp(&other.1))
                    .unwrap_or((0, 0.0))
            };
            // Bars go on as they went; only where they do not is the whole reach searched.
            let mut found = search(lean - 1..=lean + 1);
            if found.1 < CLEARLY_ALIKE {
                found = search(-reach..=reach);
            }
            let (best, likeness) = found;
            if likeness < ALIKE {
                missed += 1;
                if missed >= MAX_MISSED {
                    break;
                }
                continue;
            }
            missed = 0;
            shift += best;
            lean = best;
            last.clone_from(&profile);
            rows.push(Row { index: direction * index, profile, shift });
        }
        rows
    };
    let mut rows = walk(-1);
    rows.reverse();
    let below = walk(1);
    rows.push(Row { index: 0, profile: middle, shift: 0 });
    rows.extend(below);
    rows
}

/// One row; `None` when a good part of it lies outside of the picture.
fn sample(frame: &Frame, geometry: &Geometry, index: i32) -> Option<Vec<f32>> {
    let away = index as f32 * geometry.step;
    let at = |place: f32| {
        [
            geometry.origin[0] + geometry.across[0] * away + geometry.along[0] * place,
            geometry.origin[1] + geometry.across[1] * away + geometry.along[1] * place,
        ]
    };
    let (width, height) = (frame.width() as i32, frame.height() as i32);
    let plane = frame.plane();
    let pixel = |x: i32, y: i32| f32::from(plane[(y * width + x) as usize]);
    let mut outside = 0;
    let mut profile = Vec::with_capacity(geometry.count);
    for sample in 0..geometry.count {
        let [x, y] = at(sample as f32 / PER_PIXEL - geometry.margin);
        let (left, top) = (x.floor() as i32, y.floor() as i32);
        if left < 0 || top < 0 || left >= width || top >= height {
            outside += 1;
        }
        let (x0, y0) = (left.clamp(0, width - 1), top.clamp(0, height - 1));
        let (x1, y1) = ((left + 1).clamp(0, width - 1), (top + 1).clamp(0, height - 1));
        let (fx, fy) = (x - left as f32, y - top as f32);
        let upper = pixel(x0, y0) * (1.0 - fx) + pixel(x1, y0) * fx;
        let lower = pixel(x0, y1) * (1.0 - fx) + pixel(x1, y1) * fx;
        profile.push(upper * (1.0 - fy) + lower * fy);
    }
    (outside * 8 < geometry.count).then_some(profile)
}

/// How alike two profiles are, -1 to 1, the second one read `shift` samples farther.
fn correlation(one: &[f32], other: &[f32], shift: i32) -> f32 {
    let ahead = shift.max(0) as usize;
    let behind = (-shift).max(0) as usize;
    let (one, other) = (&one[behind.min(one.len())..], &other[ahead.min(other.len())..]);
    let (mut n, mut sx, mut sy, mut sxx, mut syy, mut sxy) = (0.0_f32, 0.0_f32, 0.0, 0.0_f32, 0.0, 0.0);
    // Every second sample is a pixel: enough to compare.
    for (x, y) in one.iter().zip(other).step_by(2) {
        n += 1.0;
        sx += x;
        sy += y;
        sxx += x * x;
        syy += y * y;
        sxy += x * y;
    }
    let spread = (n * sxx - sx * sx) * (n * syy - sy * sy);
    if spread <= 1.0 { 0.0 } else { (n * sxy - sx * sy) / spread.sqrt() }
}

fn average(rows: &[Row], start: f32, length: f32) -> Vec<Band> {
    let count = (rows.len() / 2).clamp(1, MAX_BANDS);
    (0..count)
        .filter_map(|band| {
            let part = &rows[band * rows.len() / count..(band + 1) * rows.len() / count];
            let shift = part.get(part.len() / 2)?.shift;
            let samples = part.iter().map(|row| row.profile.len()).min()?;
            let mut profile = vec![0.0_f32; samples];
            for (index, sum) in profile.iter_mut().enumerate() {
                for row in part {
                    let from = index as i32 + row.shift - shift;
                    let from = from.clamp(0, row.profile.len() as i32 - 1);
                    *sum += row.profile[from as usize];
                }
                *sum /= part.len() as f32;
            }
            let start = start + shift as f32;
            Some(Band { profile, start, end: start + length })
        })
        .collect()
}
