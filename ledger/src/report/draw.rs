//! Drawing a plot on any surface of plotters (the fence for plotters, with `svg` and the PDF's `surface`). Floats are for the eye
//! alone: no number of a report is computed here.

mod chart;
mod lanes;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::plot::{Plot, PlotKind};

/// Width of a plot in points of its surface.
pub(super) const WIDTH: u32 = 720;

/// Why a plot cannot be drawn: its surface failed.
pub(super) type Failed<DB> = DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>;

/// A surface of a plot.
pub(super) type Area<DB> = DrawingArea<DB, Shift>;

/// Ink, with the contrast of text on white and above it.
const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
const GRID: RGBColor = RGBColor(0xdd, 0xdd, 0xdd);
const AXIS: RGBColor = RGBColor(0x76, 0x76, 0x76);
const TARGET: RGBColor = RGBColor(0xb0, 0x00, 0x20);
/// Told apart by people who do not see colours by their lightness, and by their mark too.
const SERIES: [RGBColor; 6] = [
    RGBColor(0x1b, 0x5e, 0xa6),
    RGBColor(0xb4, 0x53, 0x09),
    RGBColor(0x2b, 0x76, 0x3b),
    RGBColor(0x7a, 0x3e, 0x9d),
    RGBColor(0x00, 0x72, 0x80),
    RGBColor(0x5a, 0x5a, 0x5a),
];

fn colour(at: usize) -> RGBColor {
    SERIES.get(at % SERIES.len()).copied().unwrap_or(INK)
}

fn text(pos: Pos) -> TextStyle<'static> {
    TextStyle::from(("sans-serif", 13).into_font()).color(&INK).pos(pos)
}

fn pos(h: HPos, v: VPos) -> Pos {
    Pos::new(h, v)
}

/// A float of a small number.
fn float(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// A pixel.
#[allow(clippy::cast_possible_truncation, reason = "pixels of a plot are a few thousand at most")]
fn pixel(position: f64) -> i32 {
    position.round() as i32
}

/// A decimal, where it is one.
fn value(text: &str) -> Option<f64> {
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

/// Cut to so many characters.
fn short(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['\u{2026}']).collect()
}

/// Whether bars lie: of one series, with names that have no room under them.
fn lies(plot: &Plot) -> bool {
    let long = |name: &&str| name.chars().count() > 14;
    plot.series.len() == 1
        && plot.target.is_none()
        && plot.y.unit.is_empty()
        && plot.places().iter().any(long)
}

/// The height that a plot needs.
pub(super) fn height(plot: &Plot) -> u32 {
    let lanes = |each: u32| 56 + each * u32::try_from(plot.series.len()).unwrap_or(1).min(60);
    match plot.kind {
        PlotKind::Bars if lies(plot) => {
            let bars = plot.series.first().map_or(0, |series| series.points.len());
            16 + lanes::LYING.unsigned_abs() * u32::try_from(bars).unwrap_or(1).clamp(1, 60)
        }
        PlotKind::Line | PlotKind::Bars | PlotKind::Histogram => 280,
        PlotKind::Funnel => {
            let stages = plot.series.first().map_or(0, |series| series.points.len());
            16 + 34 * u32::try_from(stages).unwrap_or(1).clamp(1, 20)
        }
        PlotKind::TimeLine => lanes(24),
    }
}

/// Draws a plot.
///
/// # Errors
/// When the surface fails.
pub(super) fn draw<DB: DrawingBackend>(area: &Area<DB>, plot: &Plot) -> Result<(), Failed<DB>> {
    match plot.kind {
        PlotKind::Bars if lies(plot) => lanes::lying(area, plot),
        PlotKind::Line | PlotKind::Bars | PlotKind::Histogram => chart::draw(area, plot),
        PlotKind::Funnel => lanes::funnel(area, plot),
        PlotKind::TimeLine => lanes::time_line(area, plot),
    }
}
