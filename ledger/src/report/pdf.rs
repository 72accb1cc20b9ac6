//! A report as one PDF (the fence for krilla): US letter, every page with its number, the range, the root hash and the command that
//! makes it again. It holds no time and no path, so that the same range gives the same bytes.

mod column;
mod font;
mod layout;
mod surface;

use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect, Transform};
use krilla::metadata::Metadata;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::text::TextDirection;

use self::font::{Face, Fonts};
use super::page::Page;

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// The font that is built in cannot be read.
    #[error("the font of the report cannot be read; this program is damaged, install it again")]
    Font,
    /// The file cannot be put together.
    #[error("the report cannot be written as PDF: {0}; take another form and tell us")]
    Write(String),
}

/// A colour: red, green, blue.
type Colour = (u8, u8, u8);

const INK: Colour = (0x1a, 0x1a, 0x1a);
const SOFT: Colour = (0x55, 0x55, 0x55);
const RULE: Colour = (0xbb, 0xbb, 0xbb);
const BAND: Colour = (0xee, 0xf0, 0xf3);

/// Something drawn. Lengths in points from the upper left corner.
#[derive(Clone, Debug)]
enum Mark {
    /// A line of text, its base line at `y`.
    Text { text: String, face: Face, size: f32, colour: Colour, x: f32, y: f32, upright: bool },
    /// A polygon, or a line through several points.
    Path { points: Vec<(f32, f32)>, paint: Paint, colour: Colour },
    /// A circle.
    Circle { x: f32, y: f32, radius: f32, paint: Paint, colour: Colour },
}

#[derive(Clone, Copy, Debug)]
enum Paint {
    Fill,
    Stroke(f32),
}

/// The report as the bytes of a PDF.
///
/// # Errors
/// When it cannot be put together; that is a fault of this program, not of the report.
pub fn pdf(page: &Page) -> Result<Vec<u8>, PdfError> {
    let fonts = Fonts::new().ok_or(PdfError::Font)?;
    let paper = layout::Paper::of(page);
    let pages = layout::pages(page, &fonts, paper);
    let mut document = krilla::Document::new();
    let of = pages.len();
    for (at, marks) in pages.iter().enumerate() {
        let settings = krilla::page::PageSettings::from_wh(paper.width, paper.height);
        let mut sheet =
            document.start_page_with(settings.ok_or_else(|| PdfError::Write("paper".to_owned()))?);
        let mut surface = sheet.surface();
        for mark in marks.iter().chain(&layout::edges(page, &fonts, paper, at + 1, of)) {
            emit(&mut surface, &fonts, mark);
        }
        surface.finish();
        sheet.finish();
    }
    let metadata = Metadata::new()
        .title(page.title.to_owned())
        .description(format!(
            "{} of {}",
            page.kind,
            page.fact("ledger").or(page.fact("1: ledger")).unwrap_or_default()
        ))
        .language("en".to_owned());
    document.set_metadata(metadata);
    document.finish().map_err(|error| PdfError::Write(format!("{error:?}")))
}

fn emit(surface: &mut Surface<'_>, fonts: &Fonts, mark: &Mark) {
    let set = |surface: &mut Surface<'_>, paint: Paint, (red, green, blue): Colour| {
        let colour = rgb::Color::new(red, green, blue);
        let (fill, stroke) = match paint {
            Paint::Fill => (Some(Fill { paint: colour.into(), ..Fill::default() }), None),
            Paint::Stroke(width) => (None, Some(Stroke { paint: colour.into(), width, ..Stroke::default() })),
        };
        surface.set_fill(fill);
        surface.set_stroke(stroke);
    };
    match mark {
        Mark::Text { text, face, size, colour, x, y, upright } => {
            set(surface, Paint::Fill, *colour);
            if *upright {
                surface.push_transform(&Transform::from_rotate_at(-90.0, *x, *y));
            }
            let at = Point::from_xy(*x, *y);
            surface.draw_text(at, fonts.krilla(*face), *size, text, false, TextDirection::Auto);
            if *upright {
                surface.pop();
            }
        }
        Mark::Path { points, paint, colour } => {
            let mut path = PathBuilder::new();
            for (at, (x, y)) in points.iter().enumerate() {
                if at == 0 { path.move_to(*x, *y) } else { path.line_to(*x, *y) }
            }
            if matches!(paint, Paint::Fill) {
                path.close();
            }
            if let Some(path) = path.finish() {
                set(surface, *paint, *colour);
                surface.draw_path(&path);
            }
        }
        Mark::Circle { x, y, radius, paint, colour } => {
            let Some(box_) = Rect::from_xywh(x - radius, y - radius, 2.0 * radius, 2.0 * radius) else {
                return;
            };
            if let Some(path) = circle(box_) {
                set(surface, *paint, *colour);
                surface.draw_path(&path);
            }
        }
    }
}

/// A circle of four cubic curves, as everybody draws it in PDF.
fn circle(inside: Rect) -> Option<krilla::geom::Path> {
    let (x, y) = (f32::midpoint(inside.left(), inside.right()), f32::midpoint(inside.top(), inside.bottom()));
    let radius = inside.width() / 2.0;
    let bend = radius * 0.552_285;
    let mut path = PathBuilder::new();
    path.move_to(x + radius, y);
    path.cubic_to(x + radius, y + bend, x + bend, y + radius, x, y + radius);
    path.cubic_to(x - bend, y + radius, x - radius, y + bend, x - radius, y);
    path.cubic_to(x - radius, y - bend, x - bend, y - radius, x, y - radius);
    path.cubic_to(x + bend, y - radius, x + radius, y - bend, x + radius, y);
    path.close();
    path.finish()
}

fn rectangle((left, top): (f32, f32), (right, bottom): (f32, f32)) -> Vec<(f32, f32)> {
    vec![(left, top), (right, top), (right, bottom), (left, bottom)]
}
