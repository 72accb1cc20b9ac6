//! What is scanned, entered and answered.

use jiff::Timestamp;
use rights::case::{Answer, Contact, ContactRole};
use rights::check_digit;
use rights::entered::{Entered, Observation};
use rights::ident::*;
use rights::product::Product;
use rights::scan::{
    Badge, Meaning, PackageCode, PackageKey, PrintedExpiry, Scan, Source, Symbology, Wristband,
};
use rights::verdict::Check;

use super::*;

/// A GTIN-14 for a product, from its id.
pub fn gtin_of(product: &ProductId) -> Gtin14 {
    gtin(0, product.as_str().bytes().fold(7, |sum, byte| (sum * 31 + u64::from(byte)) % 1_000_000_000))
}

/// A GTIN-14 with this indicator digit.
pub fn gtin(indicator: u8, number: u64) -> Gtin14 {
    let body = format!("{indicator}003{number:09}");
    let check = char::from(check_digit::gs1(body.as_bytes()).unwrap());
    Gtin14::parse(&format!("{body}{check}")).unwrap()
}

pub fn scan_of(meaning: Meaning, text: &str) -> Scan {
    Scan { symbology: Some(Symbology::DataMatrix), source: Source::Camera, text: text.into(), meaning }
}

/// A wristband of patient `p1` or `p2` with this serial.
pub fn band_with(patient: &str, serial: &str) -> Scan {
    let mrn = if patient == "p1" { "000117" } else { "000242" };
    let band = Wristband::Site { mrn: Mrn::parse(mrn).unwrap(), serial: BandSerial::parse(serial).unwrap() };
    scan_of(Meaning::Wristband(band), "W")
}

/// The wristband that was issued last.
pub fn band(patient: &str) -> Scan {
    band_with(patient, "2")
}

pub fn badge(id: &str) -> Scan {
    scan_of(Meaning::Badge(Badge::Site(BadgeId::parse(&format!("badge-{id}")).unwrap())), "B")
}

/// What is printed on a package.
#[derive(Clone, Default)]
pub struct Printed {
    pub expiry: Option<PrintedExpiry>,
    pub lot: Option<&'static str>,
    pub serial: Option<&'static str>,
}

pub fn code(key: PackageKey, printed: &Printed) -> Scan {
    let code = PackageCode {
        key,
        expiry: printed.expiry,
        lot: printed.lot.map(|lot| Lot::parse(lot).unwrap()),
        serial: printed.serial.map(|serial| Serial::parse(serial).unwrap()),
    };
    scan_of(Meaning::Package(code), "P")
}

/// A package of this product without anything but its GTIN.
pub fn package(product: &Product) -> Scan {
    code(PackageKey::Gtin(gtin_of(&product.id)), &Printed::default())
}

/// A package with a serial number of its own.
pub fn package_no(product: &Product, serial: &'static str) -> Scan {
    code(PackageKey::Gtin(gtin_of(&product.id)), &Printed { serial: Some(serial), ..Printed::default() })
}

/// A dose label of our own pharmacy.
pub fn label(id: &str) -> Scan {
    scan_of(Meaning::Dose(DoseId::parse(id).unwrap()), "D")
}

pub fn observation(what: &str, value: &str, when: Timestamp) -> Observation {
    Observation { what: ObservationCode::parse(what).unwrap(), value: q(value), at: when }
}

pub fn site(code: &str) -> Entered {
    Entered::Site(SiteCode::parse(code).unwrap())
}

pub fn ingredient(name: &str) -> Ingredient {
    Ingredient::parse(name).unwrap()
}

pub fn answer(check: Check, reason: &str) -> Answer {
    Answer { check, reason: Some(ReasonCode::parse(reason).unwrap()), note: None, contact: None }
}

pub fn with_contact(answer: Answer, when: Timestamp) -> Answer {
    Answer { contact: Some(Contact { who: ContactRole::Prescriber, at: when }), ..answer }
}
