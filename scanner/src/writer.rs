//! The generator of symbols, zint, as zxing-cpp bundles it: for labels, and for the ideal that a reading is compared with.

use zxingcpp::{BarcodeCreator, BarcodeFormat, BarcodeWriter};

/// What is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the symbologies")]
pub(crate) enum Kind {
    QrCode,
    DataMatrix,
    Aztec,
    Code128,
    Code39,
    Code93,
    Itf,
    Ean13,
    Ean8,
    UpcE,
}

impl Kind {
    const fn format(self) -> BarcodeFormat {
        match self {
            Self::QrCode => BarcodeFormat::QRCode,
            Self::DataMatrix => BarcodeFormat::DataMatrix,
            Self::Aztec => BarcodeFormat::Aztec,
            Self::Code128 => BarcodeFormat::Code128,
            Self::Code39 => BarcodeFormat::Code39,
            Self::Code93 => BarcodeFormat::Code93,
            Self::Itf => BarcodeFormat::ITF,
            Self::Ean13 => BarcodeFormat::EAN13,
            Self::Ean8 => BarcodeFormat::EAN8,
            Self::UpcE => BarcodeFormat::UPCE,
        }
    }
}

/// The modules of a symbol: rows of dark (`true`) and light ones, without a quiet zone. `options` are zxing-cpp's, such as `gs1`.
///
/// # Errors
/// When the generator cannot encode the text in this symbology; its own words.
pub(crate) fn modules(kind: Kind, text: &str, options: &str) -> Result<Vec<Vec<bool>>, String> {
    let creator = BarcodeCreator::new(kind.format()).options(options);
    let say = |error: zxingcpp::Error| error.to_string();
    let barcode = creator.from_str(text).map_err(say)?;
    let writer = BarcodeWriter::new().scale(1).add_hrt(false).add_quiet_zones(false);
    let image = barcode.to_image_with(&writer).map_err(say)?;
    let width = usize::try_from(image.width()).unwrap_or_default().max(1);
    Ok(image.data().chunks(width).map(|row| row.iter().map(|grey| *grey < 128).collect()).collect())
}

/// The widths of the bars and spaces of a linear symbol, in modules, from the first bar to the last; `None` when it cannot be
/// encoded.
pub(crate) fn bars(kind: Kind, text: &str) -> Option<Vec<u32>> {
    let rows = modules(kind, text, "").ok()?;
    let row = rows.get(rows.len() / 2)?;
    let first = row.iter().position(|dark| *dark)?;
    let last = row.iter().rposition(|dark| *dark)?;
    let mut widths = Vec::new();
    let mut before = false;
    for dark in &row[first..=last] {
        if *dark == before
            && let Some(width) = widths.last_mut()
        {
            *width += 1;
        } else {
            widths.push(1);
        }
        before = *dark;
    }
    Some(widths)
}
