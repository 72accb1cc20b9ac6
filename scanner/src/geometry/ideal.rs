//! The bars and spaces that a reading would print, in modules.

use rights::scan::Symbology;

use super::code_128;
use crate::symbol::Symbol;
use crate::writer::{self, Kind};

/// Elements of a Code 39 character with the gap behind it (ISO/IEC 16388).
const CODE_39_ELEMENTS: usize = 10;

/// What is known of the elements before the bars are measured.
#[derive(Debug)]
pub(super) enum Ideal {
    /// Each element's width in modules.
    Modules(Vec<u8>),
    /// Narrow and wide ones, whose ratio each printer chooses, and gaps between characters of a width of their own.
    TwoWidths(Vec<Width>),
    /// Code 128: the printer chose the code sets. The text that the bars must say.
    Characters(Vec<u8>),
}

/// The width of an element of a symbol with two widths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Width {
    Narrow,
    Wide,
    Gap,
}

/// The ideal of a reading; `None` when it cannot be made.
pub(super) fn of(symbol: &Symbol) -> Option<Ideal> {
    let text = &symbol.bytes[..];
    let made = |kind: Kind, text: &[u8]| {
        let elements = writer::bars(kind, std::str::from_utf8(text).ok()?)?;
        elements.iter().map(|width| u8::try_from(*width).ok()).collect::<Option<Vec<u8>>>()
    };
    match symbol.symbology {
        Symbology::Code128 => Some(Ideal::Characters(text.to_vec())),
        Symbology::Code39 => {
            let elements = made(Kind::Code39, text)?;
            let width = |(place, width): (usize, &u8)| {
                if place % CODE_39_ELEMENTS == CODE_39_ELEMENTS - 1 {
                    Width::Gap
                } else if *width > 1 {
                    Width::Wide
                } else {
                    Width::Narrow
                }
            };
            Some(Ideal::TwoWidths(elements.iter().enumerate().map(width).collect()))
        }
        Symbology::Itf => {
            let elements = made(Kind::Itf, text)?;
            let width = |width: &u8| if *width > 1 { Width::Wide } else { Width::Narrow };
            Some(Ideal::TwoWidths(elements.iter().map(width).collect()))
        }
        // A UPC-A is an EAN-13 that begins with 0.
        Symbology::UpcA | Symbology::Ean13 => {
            let digits = [&b"0"[..], text].concat();
            made(Kind::Ean13, if text.len() == 12 { &digits } else { text }).map(Ideal::Modules)
        }
        Symbology::Ean8 => made(Kind::Ean8, text).map(Ideal::Modules),
        Symbology::UpcE => made(Kind::UpcE, &shortened(text)?).map(Ideal::Modules),
        Symbology::Code93 => made(Kind::Code93, text).map(Ideal::Modules),
        Symbology::Codabar
        | Symbology::QrCode
        | Symbology::MicroQr
        | Symbology::DataMatrix
        | Symbology::Aztec
        | Symbology::Pdf417
        | Symbology::DataBar
        | Symbology::DataBarLimited
        | Symbology::DataBarExpanded => None,
    }
}

/// The eight digits of the UPC-E that holds this UPC-A (GS1 General Specifications, 5.2.2.4): which zeros were left out.
#[allow(clippy::many_single_char_names, reason = "the digits of a number, in their order")]
fn shortened(text: &[u8]) -> Option<Vec<u8>> {
    let digits = match text.len() {
        8 => return Some(text.to_vec()),
        12 => text,
        13 => text.strip_prefix(b"0")?,
        _ => return None,
    };
    let [system, maker @ .., check] = digits else { return None };
    let six = match maker {
        [a, b, c @ b'0'..=b'2', b'0', b'0', b'0', b'0', d, e, f] => [*a, *b, *d, *e, *f, *c],
        [a, b, c, b'0', b'0', b'0', b'0', b'0', d, e] => [*a, *b, *c, *d, *e, b'3'],
        [a, b, c, d, b'0', b'0', b'0', b'0', b'0', e] => [*a, *b, *c, *d, *e, b'4'],
        [a, b, c, d, e, b'0', b'0', b'0', b'0', f @ b'5'..=b'9'] => [*a, *b, *c, *d, *e, *f],
        _ => return None,
    };
    Some([&[*system][..], &six, &[*check]].concat())
}

impl Ideal {
    /// How many elements there are, where that is known.
    pub(super) fn elements(&self) -> Option<usize> {
        match self {
            Self::Modules(widths) => Some(widths.len()),
            Self::TwoWidths(widths) => Some(widths.len()),
            Self::Characters(_) => None,
        }
    }

    /// The length of the symbol in modules, roughly.
    pub(super) fn modules(&self) -> f32 {
        match self {
            Self::Modules(widths) => widths.iter().map(|width| f32::from(*width)).sum(),
            Self::TwoWidths(widths) => {
                widths.iter().map(|width| if *width == Width::Wide { 2.5 } else { 1.0 }).sum()
            }
            Self::Characters(text) => {
                let pairs = text.iter().all(u8::is_ascii_digit);
                let characters = if pairs { text.len().div_ceil(2) } else { text.len() };
                (characters + 2) as f32 * 11.0 + 13.0
            }
        }
    }

    /// Where each edge belongs, in modules from the first bar's beginning, given what was measured; `None` when the bars say
    /// something else than the reading.
    pub(super) fn places(&self, measured: &[Vec<f32>]) -> Option<Vec<f32>> {
        match self {
            Self::Modules(widths) => Some(running(widths.iter().map(|width| f32::from(*width)))),
            Self::TwoWidths(widths) => {
                let (ratio, gap) = super::fit::ratios(widths, measured)?;
                Some(running(widths.iter().map(|width| match width {
                    Width::Narrow => 1.0,
                    Width::Wide => ratio,
                    Width::Gap => gap,
                })))
            }
            Self::Characters(text) => measured.iter().find_map(|edges| {
                let (values, widths) = code_128::characters(edges)?;
                let says = code_128::text(&values)? == *text;
                says.then(|| running(widths.iter().map(|width| f32::from(*width))))
            }),
        }
    }

    /// The run of edges that fits best, of those that are possible in a band.
    pub(super) fn best(&self, candidates: Vec<Vec<f32>>) -> Option<Vec<f32>> {
        let misfit = |edges: &Vec<f32>| {
            let places = self.places(std::slice::from_ref(edges))?;
            super::fit::misfit(&places, edges)
        };
        // The bars of a Code 128 say themselves whether they are the right ones.
        if matches!(self, Self::Characters(_)) {
            return candidates.into_iter().find(|edges| self.places(std::slice::from_ref(edges)).is_some());
        }
        if candidates.len() < 2 {
            return candidates.into_iter().next();
        }
        let rated = candidates.into_iter().map(|edges| (misfit(&edges).unwrap_or(f32::MAX), edges));
        rated.min_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, edges)| edges)
    }
}

fn running(widths: impl Iterator<Item = f32>) -> Vec<f32> {
    let mut sum = 0.0;
    let mut edges = vec![0.0];
    edges.extend(widths.map(|width| {
        sum += width;
        sum
    }));
    edges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_zeros_that_upc_e_leaves_out() {
        for (long, short) in [
            ("012345000065", "01234565"),
            ("0012345000065", "01234565"),
            ("042100005264", "04252614"),
            ("012000000133", "01201303"),
        ] {
            assert_eq!(shortened(long.as_bytes()).as_deref(), Some(short.as_bytes()), "{long}");
        }
        assert_eq!(shortened(b"012345678905"), None);
    }
}
