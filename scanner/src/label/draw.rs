//! The modules of a label drawn as pixels, as SVG and as ZPL.

use std::fmt::Write as _;
use std::io::Cursor;

use super::{Label, LabelError};

/// Rows of modules of a linear symbol: about a sixth of its length, as ISO/IEC 15417 asks, and never less than a thumb's width.
const LEAST_ROWS: usize = 40;

/// Space for the caption, in modules.
const CAPTION: usize = 10;

/// The rows of a linear symbol, all like its middle one.
pub(super) fn tall(modules: &[Vec<bool>]) -> Vec<Vec<bool>> {
    let row = modules.get(modules.len() / 2).cloned().unwrap_or_default();
    let rows = (row.len() / 6).max(LEAST_ROWS);
    vec![row; rows]
}

/// The symbol with white around it.
pub(super) fn with_quiet(modules: &[Vec<bool>], quiet: usize) -> Vec<Vec<bool>> {
    let width = modules.first().map_or(0, Vec::len) + 2 * quiet;
    let blank = vec![vec![false; width]; quiet];
    let middle = modules.iter().map(|row| {
        let mut wide = vec![false; quiet];
        wide.extend(row);
        wide.resize(width, false);
        wide
    });
    blank.iter().cloned().chain(middle).chain(blank.iter().cloned()).collect()
}

/// Width, height and grey bytes, `dots` pixels for each module.
pub(super) fn plane(modules: &[Vec<bool>], dots: usize) -> (u32, u32, Vec<u8>) {
    let dots = dots.max(1);
    let width = modules.first().map_or(0, Vec::len) * dots;
    let mut plane = Vec::with_capacity(width * modules.len() * dots);
    for row in modules {
        let line: Vec<u8> =
            row.iter().flat_map(|dark| std::iter::repeat_n(if *dark { 0 } else { 255 }, dots)).collect();
        for _ in 0..dots {
            plane.extend(&line);
        }
    }
    let side = |pixels: usize| u32::try_from(pixels).unwrap_or(u32::MAX);
    (side(width), side(modules.len() * dots), plane)
}

/// The dark stretches of a row: from and length.
fn runs(row: &[bool]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (at, dark) in row.iter().enumerate() {
        match runs.last_mut() {
            Some((from, length)) if *dark && *from + *length == at => *length += 1,
            _ if *dark => runs.push((at, 1)),
            _ => {}
        }
    }
    runs
}

impl Label {
    /// The label as SVG, `module` millimetres for each module, with the caption below.
    pub fn svg(&self, module: f64) -> String {
        let (columns, rows) = (self.modules.first().map_or(0, Vec::len), self.modules.len());
        let height = rows + CAPTION;
        let mut path = String::new();
        let mut at = 0;
        // Rows that are alike are one rectangle: no hairlines between the rows of a linear symbol.
        while at < rows {
            let alike = self.modules[at..].iter().take_while(|row| **row == self.modules[at]).count();
            for (from, length) in runs(&self.modules[at]) {
                // Writing to a String cannot fail.
                let _ = write!(path, "M{from} {at}h{length}v{alike}h-{length}z");
            }
            at += alike;
        }
        let millimetres = |modules: usize| f64::from(u32::try_from(modules).unwrap_or(u32::MAX)) * module;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{:.3}mm\" height=\"{:.3}mm\" viewBox=\"0 0 {columns} {height}\" \
             shape-rendering=\"crispEdges\">\n<rect width=\"{columns}\" height=\"{height}\" fill=\"#fff\"/>\n<path d=\"{path}\"/>\n\
             <text x=\"{}\" y=\"{}\" font-family=\"sans-serif\" font-size=\"5\" text-anchor=\"middle\" textLength=\"{}\" \
             lengthAdjust=\"spacingAndGlyphs\">{}</text>\n</svg>\n",
            millimetres(columns),
            millimetres(height),
            columns / 2,
            rows + CAPTION / 2 + 2,
            (self.caption.chars().count() * 3).min(columns.saturating_sub(2)),
            escaped(&self.caption),
        )
    }

    /// The label as PNG, `dots` pixels for each module, without the caption: a picture for a printer that adds its own text.
    ///
    /// # Errors
    /// When it is larger than a frame may be.
    pub fn png(&self, dots: usize) -> Result<Vec<u8>, LabelError> {
        let frame = self.frame(dots)?;
        let wrong = || LabelError::Picture("the plane does not fit the size".to_owned());
        let picture = image::GrayImage::from_raw(frame.width(), frame.height(), frame.plane().to_vec())
            .ok_or_else(wrong)?;
        let mut bytes = Vec::new();
        picture
            .write_to(&mut Cursor::new(&mut bytes), image::ImageFormat::Png)
            .map_err(|error| LabelError::Picture(error.to_string()))?;
        Ok(bytes)
    }

    /// The label as ZPL II for a label printer, `dots` of the print head for each module, with the caption below.
    ///
    /// The symbol goes as a graphic (`^GFA`), not as a barcode command: the printer prints the modules that were read back, and no
    /// firmware chooses code sets or FNC1 for us.
    pub fn zpl(&self, dots: usize) -> String {
        let dots = dots.max(1);
        let (width, height, plane) = plane(&self.modules, dots);
        let bytes_a_row = width.div_ceil(8);
        let mut graphic = String::new();
        for row in plane.chunks(usize::try_from(width).unwrap_or(1).max(1)) {
            for eight in row.chunks(8) {
                let byte = eight
                    .iter()
                    .enumerate()
                    .fold(0_u8, |byte, (bit, grey)| if *grey == 0 { byte | 0x80 >> bit } else { byte });
                let _ = write!(graphic, "{byte:02X}");
            }
        }
        let total = bytes_a_row * height;
        let letter = 5 * dots;
        // Carets, tildes and the escape itself would be commands: they go as hexadecimal.
        let caption: String =
            self.caption
                .chars()
                .map(|c| {
                    if matches!(c, '^' | '~' | '_') {
                        format!("_{:02X}", u32::from(c))
                    } else {
                        c.to_string()
                    }
                })
                .collect();
        format!(
            "^XA\n^CI28\n^FO0,0^GFA,{total},{total},{bytes_a_row},{graphic}^FS\n^FO{letter},{height}^A0N,{letter},{letter}^FH^FD{caption}^FS\n^XZ\n"
        )
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
