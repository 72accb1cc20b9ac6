//! The fence around zxing-cpp: the only file that reads with it. (`writer` prints with it.)
//!
//! Two traps of the wrapper are walked around here. `BarcodeFormat` has no Code 39 Standard, and asking for plain `Code39`
//! turns on the Extended variant, which changes HIBC `+A123` into `a123`, and Code 32: so the formats are asked for by name,
//! and Code 39 results are recognised by their symbology identifier, since `Barcode::format` is undefined for the variants
//! that the wrapper's enum lacks. And the wrapper's text defaults to a form for people, without separators: plain is set.

use rights::scan::Symbology;
use zxingcpp::{
    Barcode, BarcodeFormat, BarcodeFormats, BarcodeReader, Binarizer, ContentType, FromStr, ImageFormat,
    ImageView, TextMode,
};

use crate::decode::DecodeError;
use crate::frame::Frame;
use crate::symbol::{Engine, Symbol, Wanted};

/// More symbols than this in one picture are no bedside.
const MAX_SYMBOLS: i32 = 32;

/// The longest content that any symbology can hold (QR version 40, numeric); more is no symbol.
const MAX_BYTES: usize = 7_089;

/// How one search is made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request {
    /// What is sought.
    pub(crate) wanted: Wanted,
    /// Lines of a linear symbol that must agree.
    pub(crate) lines: i32,
    /// Also white symbols on black.
    pub(crate) invert: bool,
    /// Also in smaller copies.
    pub(crate) downscale: bool,
    /// One threshold for the whole picture instead of local ones: for symbols whose modules are large or noisy.
    pub(crate) global: bool,
    /// What the readings are marked with.
    pub(crate) engine: Engine,
}

/// A symbol, and how many lines agreed on it (linear ones).
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) symbol: Symbol,
    pub(crate) lines: i32,
}

/// Every symbol that the engine finds in a plane of the frame's size.
pub(crate) fn search(frame: &Frame, plane: &[u8], request: &Request) -> Result<Vec<Found>, DecodeError> {
    if request.wanted.is_empty() {
        return Ok(Vec::new());
    }
    let error = |error: zxingcpp::Error| DecodeError::Engine(error.to_string());
    let formats: Vec<&str> = request.wanted.iter().map(format_name).collect();
    let formats = BarcodeFormats::from_str(formats.join(",")).map_err(error)?;
    let reader = BarcodeReader::new()
        .formats(formats)
        .try_harder(true)
        .try_rotate(true)
        .try_invert(request.invert)
        .try_downscale(request.downscale)
        .binarizer(if request.global { Binarizer::GlobalHistogram } else { Binarizer::LocalAverage })
        .min_line_count(request.lines)
        .max_number_of_symbols(MAX_SYMBOLS)
        .text_mode(TextMode::Plain);
    let view =
        ImageView::from_slice(plane, frame.width(), frame.height(), ImageFormat::Lum).map_err(error)?;
    let barcodes = reader.from(view).map_err(error)?;
    let found = |barcode: &Barcode| {
        let symbol = symbol(barcode, request.wanted, request.engine)?;
        Some(Found { symbol, lines: barcode.line_count() })
    };
    Ok(barcodes.iter().filter_map(found).collect())
}

/// The engine's name of a symbology, as its own parser reads it.
const fn format_name(symbology: Symbology) -> &'static str {
    match symbology {
        Symbology::QrCode => "QRCodeModel2",
        Symbology::MicroQr => "MicroQRCode",
        Symbology::DataMatrix => "DataMatrix",
        Symbology::Aztec => "Aztec",
        Symbology::Pdf417 => "PDF417",
        Symbology::Code128 => "Code128",
        Symbology::Code39 => "Code39Std",
        Symbology::Code93 => "Code93",
        Symbology::Codabar => "Codabar",
        Symbology::Itf => "ITF",
        Symbology::Ean13 => "EAN13",
        Symbology::Ean8 => "EAN8",
        Symbology::UpcA => "UPCA",
        Symbology::UpcE => "UPCE",
        Symbology::DataBar => "DataBarOmni,DataBarStk,DataBarStkOmni",
        Symbology::DataBarLimited => "DataBarLtd",
        Symbology::DataBarExpanded => "DataBarExp,DataBarExpStk",
    }
}

fn symbol(barcode: &Barcode, wanted: Wanted, engine: Engine) -> Option<Symbol> {
    if !barcode.is_valid() {
        return None;
    }
    let aim = barcode.symbology_identifier();
    let bytes = barcode.bytes();
    let symbology = match symbology(barcode, &aim)? {
        // A UPC-A is an EAN-13 that begins with 0 (ISO/IEC 15420), and the engine names it so when both are wanted.
        Symbology::Ean13 if bytes.first() == Some(&b'0') && wanted.contains(Symbology::UpcA) => {
            Symbology::UpcA
        }
        other => other,
    };
    if !wanted.contains(symbology) {
        return None;
    }
    if bytes.is_empty() || bytes.len() > MAX_BYTES {
        return None;
    }
    // A part of a structured append is a part: it means nothing without the others. The engine says -1 of a symbol that stands alone, and
    // 0 of a part that does not say of how many.
    if !matches!(barcode.sequence_size(), -1 | 1) {
        return None;
    }
    let position = barcode.position();
    let corner = |point: zxingcpp::PointI| [point.x, point.y];
    Some(Symbol {
        symbology,
        gs1: barcode.content_type() == ContentType::GS1,
        text: barcode.text(),
        bytes,
        aim,
        position: [
            corner(position.top_left),
            corner(position.top_right),
            corner(position.bottom_right),
            corner(position.bottom_left),
        ],
        engine,
    })
}

/// The kind of symbol by its AIM identifier (ISO/IEC 15424); where one identifier stands for several kinds the engine's
/// format tells them apart, which is safe for those families: the wrapper's enum has all of their variants.
fn symbology(barcode: &Barcode, aim: &str) -> Option<Symbology> {
    match aim.as_bytes().get(1)? {
        b'A' => Some(Symbology::Code39),
        b'C' => Some(Symbology::Code128),
        b'd' => Some(Symbology::DataMatrix),
        b'F' => Some(Symbology::Codabar),
        b'G' => Some(Symbology::Code93),
        b'I' => Some(Symbology::Itf),
        b'L' => Some(Symbology::Pdf417),
        b'z' => Some(Symbology::Aztec),
        b'Q' => match barcode.format() {
            BarcodeFormat::MicroQRCode => Some(Symbology::MicroQr),
            BarcodeFormat::QRCode | BarcodeFormat::QRCodeModel2 => Some(Symbology::QrCode),
            _ => None,
        },
        b'E' => match barcode.format() {
            BarcodeFormat::EAN13 | BarcodeFormat::ISBN => Some(Symbology::Ean13),
            BarcodeFormat::EAN8 => Some(Symbology::Ean8),
            BarcodeFormat::UPCA => Some(Symbology::UpcA),
            BarcodeFormat::UPCE => Some(Symbology::UpcE),
            _ => None,
        },
        b'e' => match barcode.format() {
            BarcodeFormat::DataBar
            | BarcodeFormat::DataBarOmni
            | BarcodeFormat::DataBarStk
            | BarcodeFormat::DataBarStkOmni => Some(Symbology::DataBar),
            BarcodeFormat::DataBarLtd => Some(Symbology::DataBarLimited),
            BarcodeFormat::DataBarExp | BarcodeFormat::DataBarExpStk => Some(Symbology::DataBarExpanded),
            _ => None,
        },
        _ => None,
    }
}
