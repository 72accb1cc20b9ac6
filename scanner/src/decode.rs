//! The fence around zxing-cpp: the only file that knows it.
//!
//! How it is used, and why (scanning specification, section 2):
//!
//! - 5 agreeing lines for a linear symbol: with 2 it misread 9 of 1,831 photographs, with 5 none.
//! - Only the wanted symbologies are asked for; a symbol that comes back as anything else is dropped.
//! - Matrix and linear symbols are sought on two threads.
//! - When nothing at all was read, one sharpened retry; its reading is marked and never counts alone.
//!
//! Two traps of the wrapper are walked around here. `BarcodeFormat` has no Code 39 Standard, and asking for plain `Code39`
//! turns on the Extended variant, which changes HIBC `+A123` into `a123`, and Code 32: so the formats are asked for by name,
//! and Code 39 results are recognised by their symbology identifier, since `Barcode::format` is undefined for the variants
//! that the wrapper's enum lacks. And the wrapper's text defaults to a form for people, without separators: plain is set.

use rights::scan::Symbology;
use zxingcpp::{
    Barcode, BarcodeFormat, BarcodeFormats, BarcodeReader, ContentType, FromStr, ImageFormat, ImageView,
    TextMode,
};

use crate::frame::Frame;
use crate::sharpen::unsharp;
use crate::symbol::{Engine, Symbol, Wanted, is_linear};

/// Lines of a linear symbol that must agree within one picture.
const MIN_LINES: i32 = 5;

/// More symbols than this in one picture are no bedside.
const MAX_SYMBOLS: i32 = 32;

/// The longest content that any symbology can hold (QR version 40, numeric); more is no symbol.
const MAX_BYTES: usize = 7_089;

/// Why a picture could not be searched. A picture without a symbol is no error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The engine refused the picture or the request.
    #[error("zxing-cpp could not search the picture: {0}")]
    Engine(String),
}

/// How much is spent on a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Also white symbols on black.
    pub invert: bool,
    /// Also in smaller copies of the picture: large or noisy symbols.
    pub downscale: bool,
    /// Also in a sharpened copy when nothing was read.
    pub sharpen: bool,
}

impl Effort {
    /// Everything: for a single picture.
    pub const FULL: Self = Self { invert: true, downscale: true, sharpen: true };
}

/// Every symbol of the wanted kinds in the picture.
///
/// # Errors
/// When the engine refuses the picture.
pub fn decode(frame: &Frame, wanted: Wanted, effort: Effort) -> Result<Vec<Symbol>, DecodeError> {
    let found = search(frame, frame.plane(), wanted, effort, Engine::Plain)?;
    if !found.is_empty() || !effort.sharpen {
        return Ok(found);
    }
    search(frame, &unsharp(frame), wanted, effort, Engine::Sharpened)
}

fn search(
    frame: &Frame,
    plane: &[u8],
    wanted: Wanted,
    effort: Effort,
    engine: Engine,
) -> Result<Vec<Symbol>, DecodeError> {
    let linear: Wanted = wanted.iter().filter(|symbology| is_linear(*symbology)).collect();
    let matrix: Wanted = wanted.iter().filter(|symbology| !is_linear(*symbology)).collect();
    let run = |part: Wanted| search_part(frame, plane, part, effort, engine);
    if linear.is_empty() || matrix.is_empty() {
        return run(if linear.is_empty() { matrix } else { linear });
    }
    let (lines, modules) = std::thread::scope(|scope| {
        let lines = scope.spawn(|| run(linear));
        let modules = run(matrix);
        // A panic of the other thread is this one's: the engine's state is not to be trusted then.
        (lines.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), modules)
    });
    let mut symbols = modules?;
    symbols.extend(lines?);
    Ok(symbols)
}

fn search_part(
    frame: &Frame,
    plane: &[u8],
    wanted: Wanted,
    effort: Effort,
    engine: Engine,
) -> Result<Vec<Symbol>, DecodeError> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let error = |error: zxingcpp::Error| DecodeError::Engine(error.to_string());
    let formats: Vec<&str> = wanted.iter().map(format_name).collect();
    let formats = BarcodeFormats::from_str(formats.join(",")).map_err(error)?;
    let reader = BarcodeReader::new()
        .formats(formats)
        .try_harder(true)
        .try_rotate(true)
        .try_invert(effort.invert)
        .try_downscale(effort.downscale)
        .min_line_count(MIN_LINES)
        .max_number_of_symbols(MAX_SYMBOLS)
        .text_mode(TextMode::Plain);
    let view =
        ImageView::from_slice(plane, frame.width(), frame.height(), ImageFormat::Lum).map_err(error)?;
    let barcodes = reader.from(view).map_err(error)?;
    Ok(barcodes.iter().filter_map(|barcode| symbol(barcode, wanted, engine)).collect())
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
    // A part of a structured append is a part: it means nothing without the others.
    if barcode.sequence_size() > 1 {
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
