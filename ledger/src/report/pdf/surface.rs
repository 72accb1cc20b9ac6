//! A surface of plotters that remembers marks for a PDF.

use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingErrorKind};

use super::font::{Face, Fonts};
use super::{Mark, Paint, rectangle};
use crate::report::draw;
use crate::report::plot::Plot;

type Done = Result<(), DrawingErrorKind<Infallible>>;

struct Surface<'a> {
    marks: Rc<RefCell<Vec<Mark>>>,
    fonts: &'a Fonts,
    size: (u32, u32),
}

#[allow(clippy::cast_precision_loss, reason = "pixels of a plot are a few thousand at most")]
fn point((x, y): BackendCoord) -> (f32, f32) {
    (x as f32, y as f32)
}

#[allow(clippy::cast_precision_loss, reason = "pixels of a plot are a few thousand at most")]
const fn wide(pixels: u32) -> f32 {
    pixels as f32
}

impl Surface<'_> {
    #[allow(clippy::unnecessary_wraps, reason = "what plotters asks of every mark")]
    fn put(&self, colour: BackendColor, mark: impl FnOnce((u8, u8, u8)) -> Mark) -> Done {
        if colour.alpha > 0.0 {
            self.marks.borrow_mut().push(mark(colour.rgb));
        }
        Ok(())
    }
}

impl DrawingBackend for Surface<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Done {
        Ok(())
    }

    fn present(&mut self) -> Done {
        Ok(())
    }

    fn draw_pixel(&mut self, at: BackendCoord, colour: BackendColor) -> Done {
        let (x, y) = point(at);
        let points = rectangle((x, y), (x + 1.0, y + 1.0));
        self.put(colour, |colour| Mark::Path { points, paint: Paint::Fill, colour })
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Done {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        a: BackendCoord,
        b: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Done {
        let mut points = rectangle(point(a), point(b));
        let paint = if fill {
            Paint::Fill
        } else {
            points.extend(points.first().copied());
            Paint::Stroke(wide(style.stroke_width()))
        };
        self.put(style.color(), |colour| Mark::Path { points, paint, colour })
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Done {
        let (points, paint) =
            (path.into_iter().map(point).collect(), Paint::Stroke(wide(style.stroke_width())));
        self.put(style.color(), |colour| Mark::Path { points, paint, colour })
    }

    fn draw_circle<S: BackendStyle>(&mut self, at: BackendCoord, radius: u32, style: &S, fill: bool) -> Done {
        let (x, y) = point(at);
        let paint = if fill { Paint::Fill } else { Paint::Stroke(wide(style.stroke_width())) };
        self.put(style.color(), |colour| Mark::Circle { x, y, radius: wide(radius), paint, colour })
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vert: I,
        style: &S,
    ) -> Done {
        let points = vert.into_iter().map(point).collect();
        self.put(style.color(), |colour| Mark::Path { points, paint: Paint::Fill, colour })
    }

    #[allow(clippy::cast_possible_truncation, reason = "sizes of text are below a hundred")]
    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, at: BackendCoord) -> Done {
        // Plotters' sizes are those of a line; letters are a little smaller.
        let size = style.size() as f32 / 1.24;
        let width = self.fonts.width(Face::Regular, size, text);
        let along = match style.anchor().h_pos {
            HPos::Left => 0.0,
            HPos::Center => -width / 2.0,
            HPos::Right => -width,
        };
        let below = match style.anchor().v_pos {
            VPos::Top => size * 0.85,
            VPos::Center => size * 0.35,
            VPos::Bottom => -size * 0.15,
        };
        let (x, y) = point(at);
        let upright = matches!(style.transform(), FontTransform::Rotate270);
        let (x, y) = if upright { (x + below, y - along) } else { (x + along, y + below) };
        let text = text.to_owned();
        self.put(style.color(), |colour| Mark::Text {
            text,
            face: Face::Regular,
            size,
            colour,
            x,
            y,
            upright,
        })
    }

    fn estimate_text_size<T: BackendTextStyle>(
        &self,
        text: &str,
        style: &T,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let ((left, top), (right, bottom)) = style.layout_box(text).unwrap_or_default();
        Ok(((right - left).unsigned_abs(), (bottom - top).unsigned_abs()))
    }
}

/// A plot as marks in a box of this width, and its height. Lengths in points.
pub(super) fn marks(plot: &Plot, fonts: &Fonts, width: f32) -> (Vec<Mark>, f32) {
    let marks = Rc::new(RefCell::new(Vec::new()));
    let height = draw::height(plot);
    let surface = Surface { marks: Rc::clone(&marks), fonts, size: (draw::WIDTH, height) };
    let area = surface.into_drawing_area();
    // The surface cannot fail.
    let _ = draw::draw(&area, plot);
    drop(area);
    let scale = width / wide(draw::WIDTH);
    let marks = marks.take().into_iter().map(|mark| scaled(mark, scale)).collect();
    (marks, wide(height) * scale)
}

fn scaled(mark: Mark, by: f32) -> Mark {
    let width = |paint| match paint {
        Paint::Fill => Paint::Fill,
        Paint::Stroke(width) => Paint::Stroke(width * by),
    };
    match mark {
        Mark::Text { text, face, size, colour, x, y, upright } => {
            Mark::Text { text, face, size: size * by, colour, x: x * by, y: y * by, upright }
        }
        Mark::Path { points, paint, colour } => {
            let points = points.into_iter().map(|(x, y)| (x * by, y * by)).collect();
            Mark::Path { points, paint: width(paint), colour }
        }
        Mark::Circle { x, y, radius, paint, colour } => {
            Mark::Circle { x: x * by, y: y * by, radius: radius * by, paint: width(paint), colour }
        }
    }
}

/// A mark somewhere else.
pub(super) fn moved(mark: Mark, right: f32, down: f32) -> Mark {
    match mark {
        Mark::Text { text, face, size, colour, x, y, upright } => {
            Mark::Text { text, face, size, colour, x: x + right, y: y + down, upright }
        }
        Mark::Path { points, paint, colour } => {
            let points = points.into_iter().map(|(x, y)| (x + right, y + down)).collect();
            Mark::Path { points, paint, colour }
        }
        Mark::Circle { x, y, radius, paint, colour } => {
            Mark::Circle { x: x + right, y: y + down, radius, paint, colour }
        }
    }
}
