//! One symbol as a decoder saw it in one picture: not yet steady, not yet interpreted.

use rights::scan::Symbology;

/// Which reading found a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Engine {
    /// zxing-cpp on the picture as it came.
    Plain,
    /// zxing-cpp on a rotated or otherwise derived picture of the same pixels.
    Rotated,
    /// zxing-cpp on a sharpened picture, tried only when the plain one showed nothing. Never counted alone.
    Sharpened,
}

impl Engine {
    /// The stable name, for the command line and the tables of measurements.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "zxing-cpp",
            Self::Rotated => "zxing-cpp-rotated",
            Self::Sharpened => "zxing-cpp-sharpened",
        }
    }
}

/// A corner of a symbol, in pixels of its frame.
pub type Point = [i32; 2];

/// A symbol found in a picture.
#[derive(Clone, PartialEq, Eq)]
pub struct Symbol {
    /// The kind of symbol.
    pub symbology: Symbology,
    /// The AIM symbology identifier (ISO/IEC 15424), such as `]d2` for a GS1 `DataMatrix`.
    pub aim: String,
    /// The decoded bytes, without the symbology identifier and without a leading FNC1.
    pub bytes: Vec<u8>,
    /// The bytes as text; a later FNC1 stands as U+001D.
    pub text: String,
    /// Whether the symbol itself says that it holds GS1 element strings (FNC1 in first place, or a `DataBar`).
    pub gs1: bool,
    /// The corners: top left, top right, bottom right, bottom left as the symbol itself is turned.
    pub position: [Point; 4],
    /// The reading that found it.
    pub engine: Engine,
}

impl Symbol {
    /// The upright box around the symbol: left, top, right, bottom, in pixels.
    pub fn bounds(&self) -> [i32; 4] {
        let mut bounds = [i32::MAX, i32::MAX, i32::MIN, i32::MIN];
        for [x, y] in self.position {
            bounds = [bounds[0].min(x), bounds[1].min(y), bounds[2].max(x), bounds[3].max(y)];
        }
        bounds
    }
}

impl std::fmt::Debug for Symbol {
    /// The kind and the place, never the content: it may lead to a patient.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Symbol")
            .field("symbology", &self.symbology)
            .field("aim", &self.aim)
            .field("length", &self.bytes.len())
            .field("position", &self.position)
            .field("engine", &self.engine)
            .finish_non_exhaustive()
    }
}

/// A set of symbologies: what the current screen can use. A symbol outside of it is neither sought nor reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Wanted(u32);

impl Wanted {
    /// Nothing.
    pub const NONE: Self = Self(0);

    /// Every symbology this crate knows.
    pub fn everything() -> Self {
        Symbology::ALL.into_iter().collect()
    }

    /// What is found on wristbands, badges, packages and dose labels (scanning specification, section 1).
    pub fn bedside() -> Self {
        use Symbology::{
            Aztec, Code39, Code128, DataBar, DataBarExpanded, DataBarLimited, DataMatrix, Ean13, QrCode, UpcA,
        };
        [DataMatrix, QrCode, Aztec, Code128, Code39, UpcA, Ean13, DataBar, DataBarLimited, DataBarExpanded]
            .into_iter()
            .collect()
    }

    /// What is found on wristbands.
    pub fn wristbands() -> Self {
        use Symbology::{Aztec, Code39, Code128, DataMatrix, QrCode};
        [DataMatrix, Aztec, QrCode, Code128, Code39].into_iter().collect()
    }

    /// What is found on badges.
    pub fn badges() -> Self {
        use Symbology::{Aztec, Code39, Code128, DataMatrix, QrCode};
        [Code128, Code39, QrCode, DataMatrix, Aztec].into_iter().collect()
    }

    /// Whether the symbology is in the set.
    pub const fn contains(self, symbology: Symbology) -> bool {
        self.0 & bit(symbology) != 0
    }

    /// The symbologies that are in both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether nothing is wanted.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The symbologies of the set, in declaration order.
    pub fn iter(self) -> impl Iterator<Item = Symbology> {
        Symbology::ALL.into_iter().filter(move |symbology| self.contains(*symbology))
    }
}

const fn bit(symbology: Symbology) -> u32 {
    1 << symbology as u32
}

impl FromIterator<Symbology> for Wanted {
    fn from_iter<I: IntoIterator<Item = Symbology>>(symbologies: I) -> Self {
        Self(symbologies.into_iter().fold(0, |set, symbology| set | bit(symbology)))
    }
}

/// Whether the symbology is read line by line (its rows repeat) rather than as a matrix of modules.
pub const fn is_linear(symbology: Symbology) -> bool {
    match symbology {
        Symbology::QrCode
        | Symbology::MicroQr
        | Symbology::DataMatrix
        | Symbology::Aztec
        | Symbology::Pdf417 => false,
        Symbology::Code128
        | Symbology::Code39
        | Symbology::Code93
        | Symbology::Codabar
        | Symbology::Itf
        | Symbology::Ean13
        | Symbology::Ean8
        | Symbology::UpcA
        | Symbology::UpcE
        | Symbology::DataBar
        | Symbology::DataBarLimited
        | Symbology::DataBarExpanded => true,
    }
}

/// Whether two readings stand at the same place, so that at most one of them can be right.
///
/// The middle of one in the box of the other; and for two linear readings, the same stretch of bars at any nearby height: the
/// engine reports only the lines that agreed, and a misread comes from other lines of the very same bars.
pub fn same_place(one: &Symbol, other: &Symbol) -> bool {
    let (a, b) = (one.bounds(), other.bounds());
    let holds_middle = |outer: [i32; 4], inner: [i32; 4]| {
        let (x, y) = (i32::midpoint(inner[0], inner[2]), i32::midpoint(inner[1], inner[3]));
        (outer[0]..=outer[2]).contains(&x) && (outer[1]..=outer[3]).contains(&y)
    };
    if holds_middle(a, b) || holds_middle(b, a) {
        return true;
    }
    let same_bars = |along: usize, across: usize| {
        let shared = a[along + 2].min(b[along + 2]) - a[along].max(b[along]);
        let whole = a[along + 2].max(b[along + 2]) - a[along].min(b[along]);
        let gap = a[across].max(b[across]) - a[across + 2].min(b[across + 2]);
        shared > 0 && shared * 10 >= whole * 7 && gap < whole
    };
    is_linear(one.symbology) && is_linear(other.symbology) && (same_bars(0, 1) || same_bars(1, 0))
}

/// Without the readings that another one at the same place contradicts: for a single picture, where there is no vote.
pub fn without_contradictions(symbols: Vec<Symbol>) -> Vec<Symbol> {
    let contradicted = |symbol: &Symbol| {
        symbols.iter().any(|other| other.bytes != symbol.bytes && same_place(symbol, other))
    };
    let kept: Vec<bool> = symbols.iter().map(|symbol| !contradicted(symbol)).collect();
    symbols.into_iter().zip(kept).filter_map(|(symbol, kept)| kept.then_some(symbol)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in_and_nothing_else() {
        let set: Wanted = [Symbology::QrCode, Symbology::DataBarExpanded].into_iter().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), [Symbology::QrCode, Symbology::DataBarExpanded]);
        assert_eq!(Wanted::everything().iter().count(), 17);
        assert!(Wanted::NONE.is_empty() && !Wanted::bedside().contains(Symbology::UpcE));
    }
}
