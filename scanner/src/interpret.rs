//! From a symbol, or the text of a hand scanner, to a [`Scan`]: exactly one meaning, or every reason why there is none.
//!
//! Nothing is guessed, padded or cut. What a text may mean depends on the symbol that carried it: a GS1 element string counts only
//! in a symbol that says it is GS1 (FNC1), a bare NDC only in a linear code, the site's formats only where [`SiteFormats`] allows.

use std::sync::Arc;
use std::sync::atomic::{AtomicI16, Ordering};

use rights::ident::{BandSerial, Gsrn, Gtin14, Lot, Serial};
use rights::scan::{
    Badge, Meaning, PackageCode, PackageKey, PrintedExpiry, Scan, ScanFault, ScanFaultKind, Source,
    Symbology, Wristband,
};

use crate::fault::{fault, of_ident};
use crate::gs1::{self, Day, ElementString};
use crate::site::SiteFormats;
use crate::symbol::Symbol;
use crate::{digital_link, hibc, ndc};

/// Whether the carrier said that it holds GS1 element strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Marked {
    /// FNC1 in first place, or a symbology that is GS1 by nature.
    Gs1,
    /// It said that it does not.
    Plain,
    /// A hand scanner that sends no symbology identifier.
    Unknown,
}

/// Interprets what was read. Holds the site's formats and the year of reading, which chooses the century of printed dates.
///
/// Clones share the year: each reader has one of its own, and a device outlives a year, or starts before its clock is set.
#[derive(Clone, Debug)]
pub struct Interpreter {
    site: SiteFormats,
    this_year: Arc<AtomicI16>,
}

impl Interpreter {
    /// An interpreter for this site, reading in this year (the kiosk's clock says which).
    pub fn new(site: SiteFormats, this_year: i16) -> Self {
        Self { site, this_year: Arc::new(AtomicI16::new(this_year)) }
    }

    /// From now on this and every clone of it read in this year.
    pub fn set_year(&self, this_year: i16) {
        self.this_year.store(this_year, Ordering::Relaxed);
    }

    fn this_year(&self) -> i16 {
        self.this_year.load(Ordering::Relaxed)
    }

    /// The site's formats.
    pub const fn site(&self) -> &SiteFormats {
        &self.site
    }

    /// What a symbol of a camera means.
    pub fn symbol(&self, symbol: &Symbol) -> Scan {
        let marked = if symbol.gs1 { Marked::Gs1 } else { Marked::Plain };
        Scan {
            symbology: Some(symbol.symbology),
            source: Source::Camera,
            text: symbol.text.clone(),
            meaning: self.meaning(&symbol.text, Some(symbol.symbology), marked),
        }
    }

    /// What the text of a hand scanner means: with a symbology identifier in front (`]d2`, `]C1`, `]Q3` ...) the carrier is
    /// known; FNC1 comes as U+001D.
    pub fn hand_scan(&self, text: &str) -> Scan {
        let (symbology, marked, content) = carrier(text);
        Scan {
            symbology,
            source: Source::HandScanner,
            text: text.to_owned(),
            meaning: self.meaning(content, symbology, marked),
        }
    }

    /// What a text typed by a technician means: like [`hand_scan`](Self::hand_scan), and element strings are taken for GS1
    /// without a mark, bracketed ones too.
    pub fn typed(&self, text: &str) -> Meaning {
        let (symbology, marked, content) = carrier(text);
        if content.starts_with('(') {
            return self.elements(gs1::parse_bracketed(content, self.this_year()).into_result(), symbology);
        }
        let gs1_text = marked == Marked::Unknown
            && !self.site.claims(content)
            && !content.starts_with('+')
            && !ndc::looks_like(content)
            && content.len() != 13
            && digital_link::claims(content).is_none()
            && content.starts_with(|first: char| first.is_ascii_digit() || first == gs1::GS);
        self.meaning(content, symbology, if gs1_text { Marked::Gs1 } else { marked })
    }

    fn meaning(&self, text: &str, symbology: Option<Symbology>, marked: Marked) -> Meaning {
        if let Some(symbology) = symbology {
            match symbology {
                Symbology::UpcA | Symbology::Ean13 => return retail(text),
                Symbology::QrCode
                | Symbology::DataMatrix
                | Symbology::Aztec
                | Symbology::Code128
                | Symbology::Code39
                | Symbology::DataBar
                | Symbology::DataBarLimited
                | Symbology::DataBarExpanded => {}
                Symbology::MicroQr
                | Symbology::Pdf417
                | Symbology::Code93
                | Symbology::Codabar
                | Symbology::Itf
                | Symbology::Ean8
                | Symbology::UpcE => {
                    return nothing(wrong_symbology(symbology, "symbol", "a symbology of section 1"));
                }
            }
        }
        if marked == Marked::Gs1 {
            return self.elements(gs1::parse_raw(text, self.this_year()).into_result(), symbology);
        }
        let linear = matches!(symbology, Some(Symbology::Code128 | Symbology::Code39) | None);
        if self.site.claims(text) {
            return match symbology {
                Some(symbology) if !SiteFormats::allowed_in(symbology) => nothing(wrong_symbology(
                    symbology,
                    "site format",
                    "Code 128, Code 39, QR, Data Matrix or Aztec",
                )),
                _ => self.site.parse(text),
            };
        }
        if text.starts_with('+') {
            return hibc::parse(text, self.this_year()).map_or_else(Meaning::Nothing, Meaning::Package);
        }
        if let Some(elements) = digital_link::claims(text) {
            return self.elements(elements.parse(self.this_year()), symbology);
        }
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        if symbology.is_none() && digits && matches!(text.len(), 12 | 13) {
            // A hand scanner that sends no identifier: a UPC-A or EAN-13 with its check digit, or nothing.
            return retail(text);
        }
        if ndc::looks_like(text) {
            return if linear {
                ndc::parse(text).map_or_else(nothing, Meaning::Package)
            } else {
                nothing(fault(ScanFaultKind::Symbology, "NDC", None, None, "a linear code (21 CFR 201.25)"))
            };
        }
        self.unmarked(text, marked)
    }

    /// A text of no known form: if it would be GS1 with a mark, say so, for a copied label looks like that.
    fn unmarked(&self, text: &str, marked: Marked) -> Meaning {
        let bracketed = gs1::parse_bracketed(text, self.this_year());
        let raw = gs1::parse_raw(text, self.this_year());
        let known =
            |parsed: gs1::Parsed| parsed.elements.iter().any(|e| matches!(e.ai(), "01" | "8017" | "8018"));
        if known(raw) || known(bracketed) {
            let expected = match marked {
                Marked::Unknown => "a symbology identifier (]d2, ]C1, ]Q3): switch it on in the hand scanner",
                Marked::Gs1 | Marked::Plain => {
                    "FNC1 in first place (]d2, ]C1, ]Q3): this symbol is no GS1 original"
                }
            };
            return nothing(fault(ScanFaultKind::NotMarkedGs1, "GS1", None, None, expected));
        }
        let expected = "GS1, NDC, HIBC or a format of this site";
        nothing(fault(ScanFaultKind::NotRecognised, "text", None, None, expected))
    }

    fn elements(
        &self,
        elements: Result<ElementString, Vec<ScanFault>>,
        symbology: Option<Symbology>,
    ) -> Meaning {
        let elements = match elements {
            Ok(elements) => elements,
            Err(faults) => return Meaning::Nothing(faults),
        };
        let kinds: Vec<&str> =
            ["8018", "8017", "01"].into_iter().filter(|ai| elements.value(ai).is_some()).collect();
        let result = match kinds[..] {
            ["8018"] => band(&elements, symbology),
            ["8017"] => badge(&elements, symbology),
            ["01"] => self.package(&elements, symbology),
            [] => {
                let found = bracketed(elements.elements().iter().map(gs1::Element::ai));
                let expected = "(01), (8018) with (8019), or (8017)";
                Err(vec![fault(ScanFaultKind::NotRecognised, "GS1", None, Some(found), expected)])
            }
            _ => {
                let found = bracketed(kinds.iter().copied());
                let expected = "one of (01), (8017), (8018)";
                Err(vec![fault(ScanFaultKind::Ambiguous, "GS1", None, Some(found), expected)])
            }
        };
        result.unwrap_or_else(Meaning::Nothing)
    }

    fn package(
        &self,
        elements: &ElementString,
        symbology: Option<Symbology>,
    ) -> Result<Meaning, Vec<ScanFault>> {
        if symbology == Some(Symbology::Aztec) {
            return Err(vec![wrong_symbology(Symbology::Aztec, "(01)", "a symbology for packages")]);
        }
        let mut faults = Vec::new();
        let gtin = ident(elements, "01", Gtin14::parse, &mut faults);
        let lot = ident(elements, "10", Lot::parse, &mut faults);
        let serial = ident(elements, "21", Serial::parse, &mut faults);
        let expiry = self.expiry(elements).unwrap_or_else(|fault| {
            faults.push(fault);
            None
        });
        match gtin {
            Some(gtin) if faults.is_empty() => {
                Ok(Meaning::Package(PackageCode { key: PackageKey::Gtin(gtin), expiry, lot, serial }))
            }
            _ => Err(faults),
        }
    }

    fn expiry(&self, elements: &ElementString) -> Result<Option<PrintedExpiry>, ScanFault> {
        let wrong = |ai: &str, value: &str, expected: &str| {
            fault(ScanFaultKind::Date, &format!("({ai})"), None, Some(value.to_owned()), expected)
        };
        let day = match elements.value("17") {
            Some(value) => match gs1::day_of(value.as_bytes(), self.this_year()) {
                Ok(Day::Exactly(day)) => Some(PrintedExpiry::Day(day)),
                Ok(Day::EndOfMonth(day)) => Some(PrintedExpiry::EndOfMonth(day)),
                Err(_) => return Err(wrong("17", value, "a date that exists")),
            },
            None => None,
        };
        let Some(value) = elements.value("7003") else { return Ok(day) };
        let (date, time) = gs1::date_time(value.as_bytes(), self.this_year())
            .map_err(|_| wrong("7003", value, "a date and time that exist"))?;
        match day {
            Some(PrintedExpiry::Day(other) | PrintedExpiry::EndOfMonth(other)) if other != date => {
                Err(wrong("7003", value, "the same day as (17)"))
            }
            _ => Ok(Some(PrintedExpiry::Minute(date, time))),
        }
    }
}

/// Identifiers as people write them: `(01)(10)`.
fn bracketed<'a>(ais: impl Iterator<Item = &'a str>) -> String {
    ais.flat_map(|ai| ["(", ai, ")"]).collect()
}

fn nothing(fault: ScanFault) -> Meaning {
    Meaning::Nothing(vec![fault])
}

fn wrong_symbology(symbology: Symbology, part: &str, expected: &str) -> ScanFault {
    fault(ScanFaultKind::Symbology, part, None, Some(symbology.name().to_owned()), expected)
}

fn retail(text: &str) -> Meaning {
    match Gtin14::from_upc_or_ean(text) {
        Ok(gtin) => Meaning::Package(PackageCode {
            key: PackageKey::Gtin(gtin),
            expiry: None,
            lot: None,
            serial: None,
        }),
        Err(error) => nothing(of_ident(&error, "UPC or EAN", 0, text)),
    }
}

/// The identifier's value parsed to its type; `None` when it is absent or wrong, which adds a fault.
fn ident<T>(
    elements: &ElementString,
    ai: &str,
    parse: impl Fn(&str) -> Result<T, rights::ident::IdentError>,
    faults: &mut Vec<ScanFault>,
) -> Option<T> {
    let value = elements.value(ai)?;
    match parse(value) {
        Ok(parsed) => Some(parsed),
        Err(error) => {
            faults.push(ScanFault { position: None, ..of_ident(&error, &format!("({ai})"), 0, value) });
            None
        }
    }
}

fn band(elements: &ElementString, symbology: Option<Symbology>) -> Result<Meaning, Vec<ScanFault>> {
    use Symbology::{Aztec, Code128, DataMatrix, QrCode};
    let mut faults = Vec::new();
    if let Some(symbology) = symbology.filter(|s| !matches!(s, Aztec | Code128 | DataMatrix | QrCode)) {
        faults.push(wrong_symbology(symbology, "(8018)", "Data Matrix, Aztec, QR or Code 128"));
    }
    let gsrn = ident(elements, "8018", Gsrn::parse, &mut faults);
    let serial = ident(elements, "8019", BandSerial::parse, &mut faults);
    if elements.value("8019").is_none() {
        let expected = "the number of the band, (8019), beside (8018)";
        faults.push(fault(ScanFaultKind::Pairing, "(8019)", None, None, expected));
    }
    match (gsrn, serial) {
        (Some(gsrn), Some(serial)) if faults.is_empty() => {
            Ok(Meaning::Wristband(Wristband::Gs1 { gsrn, serial }))
        }
        _ => Err(faults),
    }
}

fn badge(elements: &ElementString, symbology: Option<Symbology>) -> Result<Meaning, Vec<ScanFault>> {
    use Symbology::{Aztec, Code128, DataMatrix, QrCode};
    let mut faults = Vec::new();
    if let Some(symbology) = symbology.filter(|s| !matches!(s, Aztec | Code128 | DataMatrix | QrCode)) {
        faults.push(wrong_symbology(symbology, "(8017)", "Code 128, QR, Data Matrix or Aztec"));
    }
    match ident(elements, "8017", Gsrn::parse, &mut faults) {
        Some(gsrn) if faults.is_empty() => Ok(Meaning::Badge(Badge::Gs1(gsrn))),
        _ => Err(faults),
    }
}

/// The carrier by a symbology identifier in front of the text (ISO/IEC 15424), and the text without it.
fn carrier(text: &str) -> (Option<Symbology>, Marked, &str) {
    let unknown = (None, Marked::Unknown, text);
    let Some((identifier, content)) = text.split_at_checked(3).filter(|_| text.starts_with(']')) else {
        return unknown;
    };
    let symbology = match identifier {
        "]d2" => return (Some(Symbology::DataMatrix), Marked::Gs1, content),
        "]C1" => return (Some(Symbology::Code128), Marked::Gs1, content),
        "]Q3" => return (Some(Symbology::QrCode), Marked::Gs1, content),
        "]z1" => return (Some(Symbology::Aztec), Marked::Gs1, content),
        // Every DataBar says ]e0; only an Expanded one can hold more than a GTIN, and of the others nobody says which it was.
        "]e0" if content.len() == 16 && content.starts_with("01") => return (None, Marked::Gs1, content),
        "]e0" => return (Some(Symbology::DataBarExpanded), Marked::Gs1, content),
        "]E4" => Symbology::Ean8,
        "]E0" if content.len() == 8 => Symbology::UpcE,
        "]E0" => Symbology::Ean13,
        _ => match identifier.as_bytes() {
            [_, b'A', _] => Symbology::Code39,
            [_, b'C', b'0'] => Symbology::Code128,
            [_, b'd', b'0' | b'1'] => Symbology::DataMatrix,
            [_, b'Q', b'0' | b'1'] => Symbology::QrCode,
            [_, b'z', b'0'] => Symbology::Aztec,
            [_, b'G', _] => Symbology::Code93,
            [_, b'F', _] => Symbology::Codabar,
            [_, b'I', _] => Symbology::Itf,
            [_, b'L', _] => Symbology::Pdf417,
            _ => return unknown,
        },
    };
    (Some(symbology), Marked::Plain, content)
}
