//! The drug file of the ward: invented items with real kinds of packages.

use jiff::civil::date;
use rights::ident::{Gtin14, Ingredient, Lot, ProductId, Serial};
use rights::product::{
    Controlled, Divisible, Form, Formulary, Mark, Marks, Product, Release, Route, Strength,
};
use rights::quantity::Quantity;
use rights::scan::{Meaning, PackageCode, PackageKey, PrintedExpiry, Scan, Source, Symbology};
use rights::witness::WitnessRule;

/// An item: its name, strength of one package, and the ordered dose.
pub struct Item {
    pub id: &'static str,
    pub strength: &'static str,
    pub per: &'static str,
    pub package: &'static str,
    pub dose: &'static str,
    pub route: Route,
}

const fn tablet(id: &'static str, strength: &'static str, dose: &'static str) -> Item {
    Item { id, strength, per: "1 {tablet}", package: "1 {tablet}", dose, route: Route::Oral }
}

/// Given four times a day. The first needs two packages, the second half of one.
pub const REGULAR: [Item; 14] = [
    tablet("metformin", "500 mg", "1000 mg"),
    tablet("carvedilol", "12.5 mg", "6.25 mg"),
    tablet("lisinopril", "10 mg", "10 mg"),
    tablet("amlodipine", "5 mg", "5 mg"),
    tablet("furosemide", "40 mg", "40 mg"),
    tablet("atorvastatin", "20 mg", "20 mg"),
    tablet("levetiracetam", "500 mg", "500 mg"),
    tablet("pantoprazole", "40 mg", "40 mg"),
    tablet("sertraline", "50 mg", "50 mg"),
    tablet("gabapentin", "300 mg", "300 mg"),
    tablet("ondansetron", "4 mg", "4 mg"),
    tablet("hydralazine", "25 mg", "25 mg"),
    tablet("baclofen", "10 mg", "10 mg"),
    tablet("buspirone", "5 mg", "5 mg"),
];
/// Once a day.
pub const DAILY: Item = tablet("aspirin", "81 mg", "81 mg");
/// Three times a day, time-critical.
pub const CRITICAL: Item = tablet("levodopa", "100 mg", "100 mg");
/// Every eight hours, high alert, witness required; a dose label of the pharmacy.
pub const HEPARIN: Item = Item {
    id: "heparin",
    strength: "5000 [USP'U]",
    per: "1 mL",
    package: "1 mL",
    dose: "5000 [USP'U]",
    route: Route::Subcutaneous,
};
/// As needed, a controlled tablet.
pub const MORPHINE: Item = tablet("morphine", "15 mg", "15 mg");
/// As needed, a controlled vial of which a quarter is given.
pub const FENTANYL: Item = Item {
    id: "fentanyl",
    strength: "50 ug",
    per: "1 mL",
    package: "2 mL",
    dose: "25 ug",
    route: Route::Intravenous,
};
/// Once a day, held below a heart rate of 60.
pub const DIGOXIN: Item = tablet("digoxin", "0.125 mg", "0.125 mg");

/// Every item.
pub fn items() -> impl Iterator<Item = &'static Item> {
    const OTHERS: [&Item; 7] = [&DAILY, &CRITICAL, &HEPARIN, &MORPHINE, &FENTANYL, &DIGOXIN, &ITEM_OF_NOBODY];
    REGULAR.iter().chain(OTHERS)
}

pub fn quantity(text: &str) -> Quantity {
    Quantity::parse(text).unwrap()
}

pub fn ingredient(item: &Item) -> Ingredient {
    Ingredient::parse(item.id).unwrap()
}

fn product(item: &Item) -> Product {
    let controlled = [MORPHINE.id, FENTANYL.id].contains(&item.id);
    Product {
        id: ProductId::parse(item.id).unwrap(),
        name: item.id.into(),
        tall_man: None,
        brand: None,
        form: if item.per == "1 mL" { Form::Injection } else { Form::Tablet },
        release: Release::Immediate,
        strengths: vec![Strength { ingredient: ingredient(item), amount: quantity(item.strength) }],
        per: quantity(item.per),
        package: quantity(item.package),
        divisible: if item.per == "1 mL" { Divisible::Volume } else { Divisible::Half },
        routes: vec![item.route],
        high_alert: item.id == HEPARIN.id,
        controlled: controlled.then_some(Controlled::Two),
        allergy_classes: vec![],
        look_alike: vec![],
        marks: Marks {
            kinds: if controlled { vec![Mark::Opioid] } else { vec![] },
            equivalents: vec![],
            witness: if item.id == HEPARIN.id { WitnessRule::Required } else { WitnessRule::No },
        },
    }
}

/// The GTIN of an item, by its place.
pub fn gtin(item: &Item) -> Gtin14 {
    let place = items().position(|known| known.id == item.id).unwrap_or(0);
    let body = format!("003{place:010}");
    let sum: u32 = body
        .bytes()
        .enumerate()
        .map(|(at, digit)| u32::from(digit - b'0') * if at % 2 == 0 { 3 } else { 1 })
        .sum();
    Gtin14::parse(&format!("{body}{}", (10 - sum % 10) % 10)).unwrap()
}

pub fn formulary() -> Formulary {
    let mut formulary = Formulary::default();
    for item in items() {
        let product = product(item);
        formulary.link(PackageKey::Gtin(gtin(item)), product.id.clone());
        let ndc = rights::scan::NdcDigits::parse(&format!("{}", 10_000_000_000 + place(item)));
        formulary.link(PackageKey::Ndc(ndc.unwrap()), product.id.clone());
        formulary.add(product);
    }
    formulary
}

/// The place of an item, by which its NDC is made.
pub fn place(item: &Item) -> u64 {
    items().position(|known| known.id == item.id).unwrap_or(0) as u64
}

pub fn scan(text: String, meaning: Meaning) -> Scan {
    Scan { symbology: Some(Symbology::DataMatrix), source: Source::Camera, text, meaning }
}

/// A package of an item with a serial number.
pub fn package(item: &Item, lot: &str, serial: &str, expiry: jiff::civil::Date) -> Scan {
    let code = PackageCode {
        key: PackageKey::Gtin(gtin(item)),
        expiry: Some(PrintedExpiry::Day(expiry)),
        lot: Some(Lot::parse(lot).unwrap()),
        serial: Some(Serial::parse(serial).unwrap()),
    };
    let text = format!("(01){}(17){}(10){lot}(21){serial}", gtin(item), expiry.strftime("%y%m%d"));
    scan(text, Meaning::Package(code))
}

/// When everything on the ward expires.
pub const EXPIRY: jiff::civil::Date = date(2035, 1, 31);

/// An item that is on the ward and ordered for nobody.
pub const ITEM_OF_NOBODY: Item = tablet("warfarin", "3 mg", "3 mg");

/// A code that the drug file does not have.
pub const UNKNOWN: &str = "00305910369019";

pub fn unknown() -> Scan {
    let code = PackageCode {
        key: PackageKey::Gtin(Gtin14::parse(UNKNOWN).unwrap()),
        expiry: None,
        lot: None,
        serial: None,
    };
    scan(format!("(01){UNKNOWN}"), Meaning::Package(code))
}
