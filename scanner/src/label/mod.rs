//! Labels that this product prints itself: dose labels, wristbands and badges, as SVG, PNG or ZPL.
//!
//! The generator is zint, which zxing-cpp bundles ([decision 0032](../../docs/decisions/0032-labels-by-the-bundled-zint.md)). A label
//! exists only after this scanner has read it back and found in it what was asked for: [`Label::new`] does both. All three forms
//! draw the same modules, so what was read back is what is printed; the printer encodes nothing by itself.

mod draw;

use std::time::Duration;

use rights::ident::{BadgeId, BandSerial, DoseId, Gsrn, Mrn};
use rights::scan::{Badge, Meaning, Symbology, Wristband};

use crate::decode::{Effort, decode};
use crate::frame::{Frame, FrameError};
use crate::interpret::Interpreter;
use crate::site::SiteError;
use crate::symbol::{Symbol, Wanted};
use crate::writer::{self, Kind};

/// The symbology of a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the symbologies")]
pub enum Carrier {
    QrCode,
    DataMatrix,
    Aztec,
    Code128,
}

impl Carrier {
    /// Every carrier, in declaration order.
    pub const ALL: [Self; 4] = [Self::QrCode, Self::DataMatrix, Self::Aztec, Self::Code128];

    /// The symbology that is read from it.
    pub const fn symbology(self) -> Symbology {
        match self {
            Self::QrCode => Symbology::QrCode,
            Self::DataMatrix => Symbology::DataMatrix,
            Self::Aztec => Symbology::Aztec,
            Self::Code128 => Symbology::Code128,
        }
    }

    /// White around the symbol, in modules: the symbology's own and a little more.
    const fn quiet(self) -> usize {
        match self {
            Self::QrCode => 4,
            Self::DataMatrix | Self::Aztec => 3,
            Self::Code128 => 12,
        }
    }

    const fn kind(self) -> Kind {
        match self {
            Self::QrCode => Kind::QrCode,
            Self::DataMatrix => Kind::DataMatrix,
            Self::Aztec => Kind::Aztec,
            Self::Code128 => Kind::Code128,
        }
    }
}

/// What a label is for.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    /// A dose that pharmacy prepared: patient-bound and single use.
    Dose(DoseId),
    /// A patient's wristband.
    Wristband(Wristband),
    /// A staff member's badge.
    Badge(Badge),
}

impl std::fmt::Debug for Content {
    /// The kind, never the number.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.meaning().kind())
    }
}

impl Content {
    fn meaning(&self) -> Meaning {
        match self {
            Self::Dose(dose) => Meaning::Dose(dose.clone()),
            Self::Wristband(band) => Meaning::Wristband(band.clone()),
            Self::Badge(badge) => Meaning::Badge(badge.clone()),
        }
    }
}

/// Why there is no label.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// The site's format cannot carry the number.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// The generator cannot make the symbol.
    #[error(
        "{symbology}: the symbol cannot be made ({reason}); choose another symbology or a shorter number"
    )]
    Generator {
        /// Which symbology.
        symbology: &'static str,
        /// The generator's words.
        reason: String,
    },
    /// The drawing is no frame.
    #[error(transparent)]
    Size(#[from] FrameError),
    /// This scanner does not read it, or reads something else.
    #[error("{symbology}: the label was not read back as what it should say; nothing was printed")]
    ReadBack {
        /// Which symbology.
        symbology: &'static str,
    },
    /// The picture cannot be written.
    #[error("the picture cannot be encoded: {0}")]
    Picture(String),
}

/// Dots in a module when a label is read back.
const READ_BACK_DOTS: usize = 4;

/// A label that was read back.
#[derive(Clone)]
pub struct Label {
    modules: Vec<Vec<bool>>,
    carrier: Carrier,
    caption: String,
}

impl std::fmt::Debug for Label {
    /// The form, never the content.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Label({})", self.carrier.symbology().name())
    }
}

impl Label {
    /// Makes the symbol and reads it back with this interpreter.
    ///
    /// # Errors
    /// When the number does not fit the site's format or the symbology, or the symbol is not read back as this content.
    pub fn new(interpreter: &Interpreter, content: &Content, carrier: Carrier) -> Result<Self, LabelError> {
        let (text, caption, gs1) = text(interpreter, content)?;
        let options = if gs1 { "gs1:true,forceSquare:true,ecLevel:Q" } else { "forceSquare:true,ecLevel:Q" };
        let options = match carrier {
            Carrier::QrCode => options.to_owned(),
            Carrier::DataMatrix | Carrier::Aztec | Carrier::Code128 => options.replace(",ecLevel:Q", ""),
        };
        let name = carrier.symbology().name();
        let modules = writer::modules(carrier.kind(), &text, &options)
            .map_err(|reason| LabelError::Generator { symbology: name, reason })?;
        let modules = match carrier {
            Carrier::Code128 => draw::tall(&modules),
            Carrier::QrCode | Carrier::DataMatrix | Carrier::Aztec => modules,
        };
        let label = Self { modules: draw::with_quiet(&modules, carrier.quiet()), carrier, caption };
        if label.read_back(interpreter)? == content.meaning() {
            Ok(label)
        } else {
            Err(LabelError::ReadBack { symbology: name })
        }
    }

    /// The line under the symbol, for people.
    pub fn caption(&self) -> &str {
        &self.caption
    }

    /// The label as a frame, `dots` pixels for each module.
    ///
    /// # Errors
    /// When that is larger than a frame may be.
    pub fn frame(&self, dots: usize) -> Result<Frame, LabelError> {
        let (width, height, plane) = draw::plane(&self.modules, dots);
        Ok(Frame::new(width, height, plane, Duration::ZERO)?)
    }

    fn read_back(&self, interpreter: &Interpreter) -> Result<Meaning, LabelError> {
        let frame = self.frame(READ_BACK_DOTS)?;
        let wanted: Wanted = [self.carrier.symbology()].into_iter().collect();
        let symbols: Vec<Symbol> = decode(&frame, wanted, Effort::FULL).unwrap_or_default();
        Ok(match &symbols[..] {
            [symbol] => interpreter.symbol(symbol).meaning,
            _ => Meaning::Nothing(Vec::new()),
        })
    }
}

/// The text to encode, the caption, and whether it is a GS1 element string in brackets.
fn text(interpreter: &Interpreter, content: &Content) -> Result<(String, String, bool), LabelError> {
    let site = interpreter.site();
    let plain = |text: String| (text.clone(), text, false);
    let element_string = |elements: &[(&str, &str)]| {
        let joined = |open: &str, close: &str| -> String {
            elements.iter().flat_map(|(ai, value)| [open, ai, close, value]).collect()
        };
        // No value of set 82 holds a square bracket, so the generator cannot take one apart wrongly.
        (joined("[", "]"), joined("(", ")"), true)
    };
    Ok(match content {
        Content::Dose(dose) => plain(site.print_dose(dose)?),
        Content::Wristband(Wristband::Site { mrn, serial }) => plain(site.print_wristband(mrn, serial)?),
        Content::Badge(Badge::Site(badge)) => plain(site.print_badge(badge)?),
        Content::Wristband(Wristband::Gs1 { gsrn, serial }) => {
            element_string(&[("8018", gsrn.as_str()), ("8019", serial.as_str())])
        }
        Content::Badge(Badge::Gs1(gsrn)) => element_string(&[("8017", gsrn.as_str())]),
    })
}

impl Content {
    /// A wristband in the site's format.
    pub const fn site_wristband(mrn: Mrn, serial: BandSerial) -> Self {
        Self::Wristband(Wristband::Site { mrn, serial })
    }

    /// A wristband with GS1 numbers, (8018) and (8019).
    pub const fn gs1_wristband(gsrn: Gsrn, serial: BandSerial) -> Self {
        Self::Wristband(Wristband::Gs1 { gsrn, serial })
    }

    /// A badge in the site's format.
    pub const fn site_badge(badge: BadgeId) -> Self {
        Self::Badge(Badge::Site(badge))
    }

    /// A badge with a GS1 number, (8017).
    pub const fn gs1_badge(gsrn: Gsrn) -> Self {
        Self::Badge(Badge::Gs1(gsrn))
    }
}
