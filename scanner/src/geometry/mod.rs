//! Whether the bars of a linear symbol stand where its reading says: the check against printed defects.
//!
//! A dead dot of a thermal print head removes the same sliver of a bar in every row and in every label, so no vote of rows or
//! frames sees it, and the check digit passes one in ten (scanning specification, section 2). What it cannot do is move an edge by
//! nothing: a decoder accepts a bar that is half a module too thin, and that half module is measured here.
//!
//! 1. *Ideal*: the symbol that the reading would print is made anew (`ideal`), as widths in modules.
//! 2. *Rows*: the picture is sampled over the whole height of the bars, not only where the decoder's lines agreed (`rows`).
//! 3. *Edges*: each row's edges are measured below the pixel (`edges`).
//! 4. *Fit*: the ideal is laid under them, bent as a smooth function of the place (perspective, a curved wristband), with one bar
//!    gain (ink spread) and one blur for the whole symbol, the blur applied to the ideal too; what is left over at single edges is
//!    the answer (`fit`).
//!
//! A whole module lost fits an ideal again, but that of no character: in UPC, EAN and Code 128 the bars of a character have a fixed
//! parity, and in Code 39 a fixed count of wide bars. So half a module is what has to be told from none.
//!
//! Not checked: the `DataBar` family, whose ideal the generator does not hand out (it has its own checksum, modulo 79 to 211),
//! and Codabar, which nothing at the bedside carries.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "places in a picture: at most 8,192 pixels, exact in f32 to a thousandth"
)]

mod code_128;
mod edges;
mod fit;
mod ideal;
mod rows;

use rights::scan::Symbology;

use crate::frame::Frame;
use crate::symbol::Symbol;

/// The farthest that any edge may stand from its place, in modules. A dead dot at 2 dots a module moves one by 0.5.
const LIMIT: f32 = 0.36;

/// The share of the rows that must be measurable.
const ROWS_MEASURED: f32 = 0.4;

/// What the bars say of a reading.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Geometry {
    /// Each edge is where it should be; the farthest deviation, in modules.
    Fits(f32),
    /// An edge is not: another symbol, or a printed defect.
    Deviates(f32),
    /// Too blurred, too small or too damaged to say.
    Unmeasured,
    /// A symbology without this check.
    NotApplicable,
}

impl Geometry {
    /// Whether the reading may be used.
    pub const fn passes(self) -> bool {
        match self {
            Self::Fits(_) | Self::NotApplicable => true,
            Self::Deviates(_) | Self::Unmeasured => false,
        }
    }
}

/// Measures the bars of a linear symbol that was read in this frame.
pub fn check(frame: &Frame, symbol: &Symbol) -> Geometry {
    if !is_checked(symbol.symbology) {
        return Geometry::NotApplicable;
    }
    let Some(ideal) = ideal::of(symbol) else { return Geometry::Unmeasured };
    // Lines aslant leave a leaning symbol before its last bar, except near its middle; lines at a right angle leave one that was
    // seen in perspective, or cut short.
    let seen = [rows::Lines::AsRead, rows::Lines::Straightened]
        .into_iter()
        .find_map(|lines| measure(&rows::bands(frame, symbol, lines), &ideal));
    let Some((sharpening, measured)) = seen else { return Geometry::Unmeasured };
    let Some(places) = ideal.places(&measured) else { return Geometry::Unmeasured };
    match fit::worst(&places, &measured, sharpening) {
        Some(worst) if worst <= LIMIT => Geometry::Fits(worst),
        Some(worst) => Geometry::Deviates(worst),
        None => Geometry::Unmeasured,
    }
}

/// The edges of the bands, with the least sharpening that shows them all; `None` when too few rows show them.
fn measure(bands: &[rows::Band], ideal: &ideal::Ideal) -> Option<(f32, Vec<Vec<f32>>)> {
    let mut best: Option<(f32, Vec<Vec<f32>>)> = None;
    for sharpening in edges::SHARPENINGS {
        let found: Vec<Vec<f32>> = bands
            .iter()
            .filter_map(|band| {
                let module = (band.end - band.start) / ideal.modules();
                ideal.best(edges::candidates(band, ideal.elements(), module, sharpening))
            })
            .collect();
        let all = found.len() == bands.len();
        if best.as_ref().is_none_or(|(_, most)| found.len() > most.len()) {
            best = Some((sharpening, found));
        }
        if all {
            break;
        }
    }
    best.filter(|(_, found)| found.len() as f32 >= (bands.len() as f32 * ROWS_MEASURED).max(2.0))
}

const fn is_checked(symbology: Symbology) -> bool {
    match symbology {
        Symbology::Code128
        | Symbology::Code39
        | Symbology::Code93
        | Symbology::Itf
        | Symbology::Ean13
        | Symbology::Ean8
        | Symbology::UpcA
        | Symbology::UpcE => true,
        Symbology::QrCode
        | Symbology::MicroQr
        | Symbology::DataMatrix
        | Symbology::Aztec
        | Symbology::Pdf417
        | Symbology::DataBar
        | Symbology::DataBarLimited
        | Symbology::DataBarExpanded
        | Symbology::Codabar => false,
    }
}
