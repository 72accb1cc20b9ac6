//! From a symbol, or the text of a hand scanner, to a [`Scan`]: exactly one meaning, or every reason why there is none.
//!
//! Nothing is guessed, padded or cut. What a text may mean depends on the symbol that carried it: a GS1 element string counts only
//! in a symbol that says it is GS1 (FNC1), a bare NDC only in a linear code, the site's formats only where [`SiteFormats`] allows.

use std::sync::Arc;
use std::sync::atomic::{AtomicI16, Ordering};

use rights::ident::{BandSerial, Gsrn, Gtin14, Lot, Serial};
use rights::scan::{
    Badge, Meaning, NdcDigits, PackageCode, PackageKey, PrintedExpiry, Scan, ScanFault, ScanFaultKind,
    Source, Symbology, Wristband,
};

use crate::fault::{fault, of_ident};
use crate::gs1::{self, Day, ElementString};
use crate::kinship::{Kinship, kinship};
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

/// The most faults that are told of one text: a person reads them, and a text with thousands is no label.
const MOST_FAULTS: usize = 20;

/// How a text was carried.
struct Carrier<'a> {
    symbology: Option<Symbology>,
    marked: Marked,
    /// The reader took the check character of a Code 39 away (`]A3`, `]A7`).
    check_taken: bool,
    content: &'a str,
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
            meaning: self.meaning(&Carrier {
                symbology: Some(symbol.symbology),
                marked,
                check_taken: false,
                content: &symbol.text,
            }),
        }
    }

    /// What the text of a hand scanner means: with a symbology identifier in front (`]d2`, `]C1`, `]Q3` ...) the carrier is
    /// known; FNC1 comes as U+001D.
    pub fn hand_scan(&self, text: &str) -> Scan {
        let carrier = carrier(text);
        Scan {
            symbology: carrier.symbology,
            source: Source::HandScanner,
            text: text.to_owned(),
            meaning: self.meaning(&carrier),
        }
    }

    /// What a text typed by a technician means: like [`hand_scan`](Self::hand_scan), and element strings are taken for GS1
    /// without a mark, bracketed ones too.
    pub fn typed(&self, text: &str) -> Meaning {
        let mut carrier = carrier(text);
        let content = carrier.content;
        if content.starts_with('(') {
            let elements = gs1::parse_bracketed(content, self.this_year()).into_result();
            return self.elements(elements, carrier.symbology);
        }
        let gs1_text = carrier.marked == Marked::Unknown
            && !self.site.claims(content)
            && !content.starts_with('+')
            && !ndc::looks_like(content)
            && content.len() != 13
            && digital_link::claims(content).is_none()
            && content.starts_with(|first: char| first.is_ascii_digit() || first == gs1::GS);
        if gs1_text {
            carrier.marked = Marked::Gs1;
        }
        self.meaning(&carrier)
    }

    fn meaning(&self, carrier: &Carrier<'_>) -> Meaning {
        let mut meaning = self.any_meaning(carrier);
        if let Meaning::Nothing(faults) = &mut meaning {
            faults.truncate(MOST_FAULTS);
        }
        meaning
    }

    fn any_meaning(&self, carrier: &Carrier<'_>) -> Meaning {
        let Carrier { symbology, marked, check_taken, content: text } = *carrier;
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
        if text.starts_with('+') && check_taken {
            // It is HIBC's own check character too: without it the last character of a lot would be taken for it.
            let expected = "the check character: have the hand scanner send that of Code 39";
            return nothing(fault(ScanFaultKind::CheckDigit, "HIBC", None, None, expected));
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
        let perhaps_code_39 = matches!(symbology, None | Some(Symbology::Code39));
        if perhaps_code_39 && !check_taken && ndc::may_end_with_check_character(text) {
            let expected = "an NDC, or one with a check character: nobody can tell which; scan another code of the package, \
                            with symbology identifiers on";
            return nothing(fault(ScanFaultKind::Ambiguous, "NDC", None, Some(text.to_owned()), expected));
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
        if let (Some(gtin), Some(number)) = (&gtin, elements.value("715"))
            && names_another(gtin, number)
        {
            let expected = "the product of (01)";
            faults.push(fault(ScanFaultKind::Ambiguous, "(715)", None, Some(number.to_owned()), expected));
        }
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
        let minute = PrintedExpiry::Minute(date, time);
        if day.is_some_and(|day| !day.agrees_with(minute)) {
            return Err(wrong("7003", value, "the same day as (17)"));
        }
        Ok(Some(minute))
    }
}

/// Whether an NDC beside a GTIN, (715), is surely of another product. Only the GTIN says what the package is; the drug file knows what
/// belongs to it. An NDC of twelve digits (6-4-2) that begins with 0 is one of eleven; the others stand in no GTIN.
fn names_another(gtin: &Gtin14, number: &str) -> bool {
    let number = number.strip_prefix('0').filter(|rest| rest.len() == 11).unwrap_or(number);
    let comparable = matches!(number.len(), 10 | 11);
    let ndc = NdcDigits::parse(number).ok().filter(|_| comparable).map(PackageKey::Ndc);
    ndc.is_some_and(|ndc| kinship(&PackageKey::Gtin(gtin.clone()), &ndc) == Kinship::Different)
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
fn carrier(text: &str) -> Carrier<'_> {
    let carried = |symbology, marked, content| Carrier { symbology, marked, check_taken: false, content };
    let unknown = carried(None, Marked::Unknown, text);
    let Some((identifier, content)) = text.split_at_checked(3).filter(|_| text.starts_with(']')) else {
        return unknown;
    };
    let gs1 = |symbology| carried(symbology, Marked::Gs1, content);
    let plain = |symbology| carried(Some(symbology), Marked::Plain, content);
    match identifier.as_bytes() {
        // The second of each pair is the rectangular extension (ISO/IEC 21471).
        b"]d2" | b"]d8" => gs1(Some(Symbology::DataMatrix)),
        b"]d0" | b"]d1" | b"]d7" => plain(Symbology::DataMatrix),
        b"]C1" => gs1(Some(Symbology::Code128)),
        b"]C0" => plain(Symbology::Code128),
        b"]Q3" => gs1(Some(Symbology::QrCode)),
        b"]Q0" | b"]Q1" => plain(Symbology::QrCode),
        b"]z1" => gs1(Some(Symbology::Aztec)),
        b"]z0" => plain(Symbology::Aztec),
        // Every DataBar says ]e0. With a GTIN in front it can be any of them, also one with a composite component behind it.
        b"]e0" if content.starts_with("01") => gs1(None),
        b"]e0" => gs1(Some(Symbology::DataBarExpanded)),
        b"]E4" => plain(Symbology::Ean8),
        b"]E0" if content.len() == 8 => plain(Symbology::UpcE),
        b"]E0" => plain(Symbology::Ean13),
        [_, b'A', modifier] => {
            Carrier { check_taken: matches!(modifier, b'3' | b'7'), ..plain(Symbology::Code39) }
        }
        [_, b'G', _] => plain(Symbology::Code93),
        [_, b'F', _] => plain(Symbology::Codabar),
        [_, b'I', _] => plain(Symbology::Itf),
        [_, b'L', _] => plain(Symbology::Pdf417),
        _ => unknown,
    }
}
