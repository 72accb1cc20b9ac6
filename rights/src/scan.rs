//! What a barcode said: the boundary between the scanner, which knows light and symbols, and the decision, which knows
//! patients and medication.
//!
//! The scanner interprets a symbol into exactly one [`Meaning`], or into every reason why it has none. It never guesses,
//! pads or truncates. Whether a meaning may be *used* is decided here, in `rights`.

use alloc::string::String;
use alloc::vec::Vec;

use jiff::civil::{Date, Time};

use crate::ident::{BadgeId, BandSerial, DoseId, Gsrn, Gtin14, Lot, Mrn, Serial};

/// The kind of printed symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names are those of the symbologies")]
pub enum Symbology {
    QrCode,
    MicroQr,
    DataMatrix,
    Aztec,
    Pdf417,
    Code128,
    Code39,
    Code93,
    Codabar,
    Itf,
    Ean13,
    Ean8,
    UpcA,
    UpcE,
    DataBar,
    DataBarLimited,
    DataBarExpanded,
}

impl Symbology {
    /// Every symbology, in declaration order.
    pub const ALL: [Self; 17] = [
        Self::QrCode,
        Self::MicroQr,
        Self::DataMatrix,
        Self::Aztec,
        Self::Pdf417,
        Self::Code128,
        Self::Code39,
        Self::Code93,
        Self::Codabar,
        Self::Itf,
        Self::Ean13,
        Self::Ean8,
        Self::UpcA,
        Self::UpcE,
        Self::DataBar,
        Self::DataBarLimited,
        Self::DataBarExpanded,
    ];

    /// The stable name used in files, on the command line and in ledger entries.
    pub const fn name(self) -> &'static str {
        match self {
            Self::QrCode => "qr_code",
            Self::MicroQr => "micro_qr",
            Self::DataMatrix => "data_matrix",
            Self::Aztec => "aztec",
            Self::Pdf417 => "pdf417",
            Self::Code128 => "code_128",
            Self::Code39 => "code_39",
            Self::Code93 => "code_93",
            Self::Codabar => "codabar",
            Self::Itf => "itf",
            Self::Ean13 => "ean_13",
            Self::Ean8 => "ean_8",
            Self::UpcA => "upc_a",
            Self::UpcE => "upc_e",
            Self::DataBar => "databar",
            Self::DataBarLimited => "databar_limited",
            Self::DataBarExpanded => "databar_expanded",
        }
    }

    /// The symbology with this [`name`](Self::name).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|symbology| symbology.name() == name)
    }
}

/// How the code reached us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// A camera frame, steady over several frames.
    Camera,
    /// A hand scanner.
    HandScanner,
    /// Typed by a person, because the code cannot be scanned (P8, M9). Nothing was read from light.
    Keyed,
}

/// One read, steady and interpreted.
#[derive(Clone, PartialEq, Eq)]
pub struct Scan {
    /// The kind of symbol; `None` when a hand scanner does not say.
    pub symbology: Option<Symbology>,
    /// Camera or hand scanner.
    pub source: Source,
    /// The exact text that was read, group separators as U+001D. Kept as evidence; may lead to a patient.
    pub text: String,
    /// What it means.
    pub meaning: Meaning,
}

impl core::fmt::Debug for Scan {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Scan")
            .field("symbology", &self.symbology)
            .field("source", &self.source)
            .field("meaning", &self.meaning.kind())
            .finish_non_exhaustive()
    }
}

/// The meaning of a read: exactly one, or every reason why there is none.
#[derive(Clone, PartialEq, Eq)]
pub enum Meaning {
    /// A patient's wristband.
    Wristband(Wristband),
    /// A clinician's badge.
    Badge(Badge),
    /// A manufacturer's package.
    Package(PackageCode),
    /// A dose label of our own pharmacy: bound to one patient, used once.
    Dose(DoseId),
    /// Nothing that may be used, with each fault found.
    Nothing(Vec<ScanFault>),
}

impl Meaning {
    /// The stable name of the kind: `wristband`, `badge`, `package`, `dose` or `unknown`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Wristband(_) => "wristband",
            Self::Badge(_) => "badge",
            Self::Package(_) => "package",
            Self::Dose(_) => "dose",
            Self::Nothing(_) => "unknown",
        }
    }
}

/// What a wristband says.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wristband {
    /// GS1 AI (8018) GSRN of the recipient with AI (8019), the service relation instance: the number of this band.
    Gs1 {
        /// The patient's number.
        gsrn: Gsrn,
        /// Which band of this patient it is.
        serial: BandSerial,
    },
    /// The site's own format: prefix, record number, serial, check character.
    Site {
        /// The patient's record number.
        mrn: Mrn,
        /// Which band of this patient it is.
        serial: BandSerial,
    },
}

impl Wristband {
    /// Which band of the patient this is.
    pub const fn serial(&self) -> &BandSerial {
        match self {
            Self::Gs1 { serial, .. } | Self::Site { serial, .. } => serial,
        }
    }
}

/// What a badge says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Badge {
    /// GS1 AI (8017), the GSRN of a provider.
    Gs1(Gsrn),
    /// The site's own format.
    Site(BadgeId),
}

/// What a package says about itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageCode {
    /// Which product and level of packaging.
    pub key: PackageKey,
    /// Expiry as printed; `None` when the code carries none.
    pub expiry: Option<PrintedExpiry>,
    /// AI (10).
    pub lot: Option<Lot>,
    /// AI (21): with it, this one package.
    pub serial: Option<Serial>,
}

/// The key under which the drug file may know a package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PackageKey {
    /// AI (01), UPC-A, EAN-13 or DataBar.
    Gtin(Gtin14),
    /// Bare NDC digits, exactly as they stand: 10, 11 or 12 of them. Which labeler and product they mean is a matter of the
    /// drug file's table alone.
    Ndc(NdcDigits),
    /// HIBC primary data (ANSI/HIBC 2.6): labeler, product and unit of measure, without `+` and check character.
    Hibc(HibcPrimary),
}

/// The digits of a bare NDC, without hyphens: 10, 11 or 12.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NdcDigits(String);

impl NdcDigits {
    /// Parses 10, 11 or 12 digits.
    ///
    /// # Errors
    /// For any other length, or a character that is no digit.
    pub fn parse(text: &str) -> Result<Self, crate::ident::IdentError> {
        use crate::ident::IdentError;
        if let Some(at) = text.chars().position(|c| !c.is_ascii_digit()) {
            return Err(IdentError::Character { what: "NDC", position: at + 1 });
        }
        if !(10..=12).contains(&text.len()) {
            return Err(IdentError::Length {
                what: "NDC",
                length: text.len(),
                expected: "10, 11 or 12 digits",
            });
        }
        Ok(Self(text.into()))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// HIBC primary data: a labeler code (letter and three characters), 1 to 18 characters of product, one unit-of-measure digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HibcPrimary(String);

impl HibcPrimary {
    /// Parses primary data whose check character was verified and removed.
    ///
    /// # Errors
    /// When it is not a letter, 4 to 21 alphanumerics and a unit-of-measure digit (ANSI/HIBC 2.6, section 2.2).
    pub fn parse(text: &str) -> Result<Self, crate::ident::IdentError> {
        use crate::ident::IdentError;
        if !(6..=23).contains(&text.len()) {
            return Err(IdentError::Length {
                what: "HIBC primary data",
                length: text.len(),
                expected: "6 to 23 characters",
            });
        }
        let bytes = text.as_bytes();
        let last = bytes.len() - 1;
        let wrong = bytes.iter().enumerate().position(|(at, b)| match at {
            0 => !b.is_ascii_uppercase(),
            _ if at == last => !b.is_ascii_digit(),
            _ => !(b.is_ascii_uppercase() || b.is_ascii_digit()),
        });
        match wrong {
            Some(at) => Err(IdentError::Character { what: "HIBC primary data", position: at + 1 }),
            None => Ok(Self(text.into())),
        }
    }

    /// The primary data.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An expiry as the package prints it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrintedExpiry {
    /// AI (17) with a day: usable until the end of that local day.
    Day(Date),
    /// AI (17) with day 00: usable until the end of the month; the date is the month's last day.
    EndOfMonth(Date),
    /// AI (7003): date and time, local, usable until then.
    Minute(Date, Time),
}

impl PrintedExpiry {
    /// The last day on which the package may be used.
    pub const fn day(self) -> Date {
        match self {
            Self::Day(day) | Self::EndOfMonth(day) | Self::Minute(day, _) => day,
        }
    }

    /// Whether both may be printed on one package: they name one day, and one time where both name a time.
    pub fn agrees_with(self, other: Self) -> bool {
        match (self, other) {
            (Self::Minute(..), Self::Minute(..)) => self == other,
            _ => self.day() == other.day(),
        }
    }
}

/// Why a read has no usable meaning. Several may hold; all are shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScanFault {
    /// What is wrong.
    pub kind: ScanFaultKind,
    /// Which application identifier or format, such as `(01)`, `HIBC`, `wristband`.
    pub part: String,
    /// The position in the text, in characters from 1, where known.
    pub position: Option<u16>,
    /// What stands there (never the whole text).
    pub found: Option<String>,
    /// What should stand there.
    pub expected: Option<String>,
}

/// The kinds of [`ScanFault`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScanFaultKind {
    /// No format that this site uses.
    NotRecognised,
    /// A check digit or check character does not hold.
    CheckDigit,
    /// Too short, too long or cut off.
    Length,
    /// A character that this part cannot hold.
    Character,
    /// A date that does not exist.
    Date,
    /// An application identifier that GS1 does not know.
    UnknownIdentifier,
    /// A group separator missing or where none may be.
    Separator,
    /// The same identifier twice with different values.
    Repeated,
    /// An identifier that needs another one, or excludes one, by the GS1 syntax dictionary.
    Pairing,
    /// A valid GS1 text in a symbol without FNC1: a copy, not a GS1 symbol.
    NotMarkedGs1,
    /// A symbology that may not carry this content.
    Symbology,
    /// Several things at once: two bands, or a band and another patient's dose in one picture.
    Ambiguous,
}

impl ScanFaultKind {
    /// The stable name used in files and ledger entries.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotRecognised => "not_recognised",
            Self::CheckDigit => "check_digit",
            Self::Length => "length",
            Self::Character => "character",
            Self::Date => "date",
            Self::UnknownIdentifier => "unknown_identifier",
            Self::Separator => "separator",
            Self::Repeated => "repeated",
            Self::Pairing => "pairing",
            Self::NotMarkedGs1 => "not_marked_gs1",
            Self::Symbology => "symbology",
            Self::Ambiguous => "ambiguous",
        }
    }
}
