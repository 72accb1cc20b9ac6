//! The font of a PDF, which stands in the program, and how wide words are in it.

use krilla::text::Font;

const REGULAR: &[u8] = include_bytes!("../../../fonts/B612-Regular.otf");
const BOLD: &[u8] = include_bytes!("../../../fonts/B612-Bold.otf");

/// Which cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Face {
    Regular,
    Bold,
}

/// Both cuts.
pub(super) struct Fonts {
    regular: (Font, ttf_parser::Face<'static>),
    bold: (Font, ttf_parser::Face<'static>),
}

impl Fonts {
    pub(super) fn new() -> Option<Self> {
        let read = |bytes: &'static [u8]| {
            let drawn = Font::new(bytes.to_vec().into(), 0)?;
            Some((drawn, ttf_parser::Face::parse(bytes, 0).ok()?))
        };
        Some(Self { regular: read(REGULAR)?, bold: read(BOLD)? })
    }

    const fn both(&self, face: Face) -> &(Font, ttf_parser::Face<'static>) {
        match face {
            Face::Regular => &self.regular,
            Face::Bold => &self.bold,
        }
    }

    pub(super) fn krilla(&self, face: Face) -> Font {
        self.both(face).0.clone()
    }

    /// The width of a text in points.
    pub(super) fn width(&self, face: Face, size: f32, text: &str) -> f32 {
        let (_, metrics) = self.both(face);
        let units = f32::from(metrics.units_per_em());
        let advance = |c: char| {
            let glyph = metrics.glyph_index(c).unwrap_or(ttf_parser::GlyphId(0));
            f32::from(metrics.glyph_hor_advance(glyph).unwrap_or(0))
        };
        text.chars().map(advance).sum::<f32>() / units * size
    }

    /// The text in lines that are not wider than `most`. A word that is, such as a hash, is broken where it must be.
    pub(super) fn wrap(&self, face: Face, size: f32, text: &str, most: f32) -> Vec<String> {
        let mut lines = vec![String::new()];
        for word in text.split_whitespace() {
            let Some(line) = lines.last_mut() else { break };
            let joined = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if self.width(face, size, &joined) <= most {
                *line = joined;
                continue;
            }
            let mut rest = word.to_owned();
            if line.is_empty() {
                lines.pop();
            }
            while self.width(face, size, &rest) > most && rest.chars().count() > 1 {
                let mut fits = String::new();
                for c in rest.chars() {
                    fits.push(c);
                    if self.width(face, size, &fits) > most && fits.chars().count() > 1 {
                        fits.pop();
                        break;
                    }
                }
                rest = rest.split_off(fits.len());
                lines.push(fits);
            }
            lines.push(rest);
        }
        lines
    }
}
