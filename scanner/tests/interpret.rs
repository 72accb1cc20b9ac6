//! What a symbol or a text means, and every way in which it means nothing (issue 2, item 2; scanning specification, section 3).

mod common;

use common::interpreter;
use proptest::prelude::*;
use rights::scan::{Badge, Meaning, PackageKey, PrintedExpiry, ScanFaultKind, Symbology, Wristband};
use scanner::symbol::{Engine, Symbol};

fn symbol(symbology: Symbology, text: &str, gs1: bool) -> Symbol {
    Symbol {
        symbology,
        aim: "]xx".to_owned(),
        bytes: text.as_bytes().to_vec(),
        text: text.to_owned(),
        gs1,
        position: [[0, 0], [9, 0], [9, 9], [0, 9]],
        engine: Engine::Plain,
    }
}

fn meaning(symbology: Symbology, text: &str, gs1: bool) -> Meaning {
    interpreter().symbol(&symbol(symbology, text, gs1)).meaning
}

fn faults(meaning: Meaning) -> Vec<ScanFaultKind> {
    match meaning {
        Meaning::Nothing(faults) => faults.into_iter().map(|fault| fault.kind).collect(),
        other => panic!("it is a {}", other.kind()),
    }
}

const BAND: &str = "801893123456789012345";

fn gsrn(ai: &str) -> String {
    let body = "93123456789012345";
    format!("{ai}{body}{}", char::from(rights::check_digit::gs1(body.as_bytes()).unwrap()))
}

#[test]
fn a_gs1_band_needs_its_serial() {
    let text = format!("{}\u{1D}801912", gsrn("8018"));
    let Meaning::Wristband(Wristband::Gs1 { serial, .. }) = meaning(Symbology::DataMatrix, &text, true)
    else {
        panic!("no band")
    };
    assert_eq!(serial.as_str(), "12");
    assert_eq!(faults(meaning(Symbology::DataMatrix, &gsrn("8018"), true)), [ScanFaultKind::Pairing]);
    assert!(faults(meaning(Symbology::DataMatrix, BAND, true)).contains(&ScanFaultKind::Length));
    assert!(matches!(meaning(Symbology::Code128, &gsrn("8017"), true), Meaning::Badge(Badge::Gs1(_))));
}

#[test]
fn a_symbol_that_is_not_marked_gs1_is_no_package() {
    let text = "010030591036901917271231";
    assert_eq!(meaning(Symbology::DataMatrix, text, true).kind(), "package");
    assert_eq!(faults(meaning(Symbology::DataMatrix, text, false)), [ScanFaultKind::NotMarkedGs1]);
    let band = format!("{}\u{1D}801912", gsrn("8018"));
    assert_eq!(faults(meaning(Symbology::DataMatrix, &band, false)), [ScanFaultKind::NotMarkedGs1]);
    assert_eq!(
        faults(meaning(Symbology::QrCode, "(01)00305910369019", false)),
        [ScanFaultKind::NotMarkedGs1]
    );
}

#[test]
fn a_package_with_day_00_and_one_with_a_time() {
    let expiry = |text: &str| match meaning(Symbology::DataMatrix, text, true) {
        Meaning::Package(package) => package.expiry,
        other => panic!("{}", other.kind()),
    };
    let date = jiff::civil::date;
    assert_eq!(expiry("010030591036901917280200"), Some(PrintedExpiry::EndOfMonth(date(2028, 2, 29))));
    let time = jiff::civil::time(8, 30, 0, 0);
    assert_eq!(
        expiry("010030591036901970032802290830"),
        Some(PrintedExpiry::Minute(date(2028, 2, 29), time))
    );
    assert_eq!(
        faults(meaning(Symbology::DataMatrix, "01003059103690191728022870032802290830", true)),
        [ScanFaultKind::Date]
    );
}

#[test]
fn retail_codes_are_gtins_and_bare_digits_are_ndcs_in_linear_codes_only() {
    for (symbology, text) in [
        (Symbology::UpcA, "0305910369019"),
        (Symbology::UpcA, "305910369019"),
        (Symbology::Ean13, "4006381333931"),
    ] {
        let Meaning::Package(package) = meaning(symbology, text, false) else { panic!("{text}") };
        assert!(matches!(package.key, PackageKey::Gtin(_)));
    }
    assert_eq!(faults(meaning(Symbology::UpcA, "305910369014", false)), [ScanFaultKind::CheckDigit]);
    assert_eq!(meaning(Symbology::Code128, "0591036901", false).kind(), "package");
    assert_eq!(faults(meaning(Symbology::QrCode, "0591036901", false)), [ScanFaultKind::Symbology]);
    assert_eq!(faults(meaning(Symbology::Itf, "0591036901", false)), [ScanFaultKind::Symbology]);
}

#[test]
fn no_symbol_of_another_class_is_accepted() {
    let band = format!("{}\u{1D}801912", gsrn("8018"));
    assert_eq!(faults(meaning(Symbology::DataBarExpanded, &band, true)), [ScanFaultKind::Symbology]);
    assert_eq!(faults(meaning(Symbology::Aztec, "0100305910369019", true)), [ScanFaultKind::Symbology]);
    let both = format!("0100305910369019{band}");
    assert_eq!(faults(meaning(Symbology::DataMatrix, &both, true)), [ScanFaultKind::Ambiguous]);
    assert_eq!(
        faults(meaning(Symbology::DataMatrix, "001234567890123456\u{1D}", true))[0],
        ScanFaultKind::Length
    );
    // A site's code in a symbol that says it is GS1 is neither.
    assert_eq!(faults(meaning(Symbology::DataMatrix, "WB-1-1-1", true)), [ScanFaultKind::UnknownIdentifier]);
}

#[test]
fn hand_scanners_are_believed_by_their_identifier_only() {
    let interpreter = interpreter();
    let hand = |text: &str| interpreter.hand_scan(text);
    assert_eq!(hand("]C10100305910369019").symbology, Some(Symbology::Code128));
    assert_eq!(hand("]Q30100305910369019").meaning.kind(), "package");
    assert_eq!(faults(hand("]d10100305910369019").meaning), [ScanFaultKind::NotMarkedGs1]);
    assert_eq!(faults(hand("0100305910369019").meaning), [ScanFaultKind::NotMarkedGs1]);
    assert_eq!(hand("305910369019").meaning.kind(), "package");
    assert_eq!(
        faults(hand("305910369014").meaning),
        [ScanFaultKind::CheckDigit],
        "no NDC out of a misread UPC"
    );
    assert_eq!(hand("0591036901").meaning.kind(), "package");
    assert_eq!(hand("]A0+A123BJC5D6E71G").meaning.kind(), "package");
}

/// One HIBC label in 43 reads without its check character: its lot would lose its end.
#[test]
fn a_hibc_text_without_its_check_character_is_refused() {
    let hand = |text: &str| interpreter().hand_scan(text).meaning;
    let cut = "+A123BJC5D6E71/$$3271231L125";
    assert_eq!(hand(&format!("]A0{cut}")).kind(), "package", "the 5 happens to hold");
    for identifier in ["]A3", "]A7"] {
        assert_eq!(faults(hand(&format!("{identifier}{cut}"))), [ScanFaultKind::CheckDigit]);
        assert_eq!(hand(&format!("{identifier}0591036901")).kind(), "package", "a bare NDC has none");
    }
}

/// 6808408901 with the check character of Code 39, and 68084-0890-11.
#[test]
fn an_ndc_that_may_end_with_a_check_character_is_refused_in_code_39() {
    let text = "68084089011";
    assert_eq!(faults(meaning(Symbology::Code39, text, false)), [ScanFaultKind::Ambiguous]);
    assert_eq!(faults(interpreter().hand_scan(&format!("]A1{text}")).meaning), [ScanFaultKind::Ambiguous]);
    assert_eq!(interpreter().hand_scan(&format!("]A3{text}")).meaning.kind(), "package", "it was taken away");
    assert_eq!(
        faults(interpreter().hand_scan(text).meaning),
        [ScanFaultKind::Ambiguous],
        "it may be Code 39"
    );
    assert_eq!(meaning(Symbology::Code39, "68084089012", false).kind(), "package");
    assert_eq!(meaning(Symbology::Code128, text, false).kind(), "package", "it has a check of its own");
}

#[test]
fn an_ndc_beside_the_gtin_is_of_the_same_product() {
    let read = |number: &str| meaning(Symbology::DataMatrix, &format!("0100305910369019715{number}"), true);
    for same in ["0591036901", "00591036901", "000591036901", "123456000101", "NHRN"] {
        assert_eq!(read(same).kind(), "package", "{same}");
    }
    for other in ["0591036902", "00591036902", "000591036902"] {
        assert_eq!(faults(read(other)), [ScanFaultKind::Ambiguous], "{other}");
    }
}

#[test]
fn a_text_of_nothing_but_faults_tells_the_first_of_them() {
    let separators = "\u{1D}".repeat(2_900);
    assert_eq!(faults(meaning(Symbology::QrCode, &separators, true)).len(), 20);
}

#[test]
fn a_rectangular_data_matrix_of_a_hand_scanner_is_one() {
    let scan = interpreter().hand_scan("]d80100305910369019");
    assert_eq!((scan.symbology, scan.meaning.kind()), (Some(Symbology::DataMatrix), "package"));
}

proptest! {
    #[test]
    fn no_text_panics_and_none_of_a_random_one_is_a_person(text in "\\PC{0,40}") {
        let interpreter = interpreter();
        for scan in [interpreter.hand_scan(&text), interpreter.symbol(&symbol(Symbology::QrCode, &text, true))] {
            prop_assert!(!matches!(scan.meaning, Meaning::Wristband(_) | Meaning::Badge(_)));
        }
        let _ = interpreter.typed(&text);
    }
}

/// Every kind of `DataBar` has the identifier `]e0`; a kind that nobody named is not recorded as if somebody had.
#[test]
fn a_databar_of_a_hand_scanner_is_of_a_kind_only_where_that_is_certain() {
    let read = |text: &str| {
        let scan = interpreter().hand_scan(text);
        (scan.symbology, scan.meaning.kind())
    };
    assert_eq!(read("]e00100305910369019"), (None, "package"));
    assert_eq!(
        read("]e0010030591036901917271231"),
        (None, "package"),
        "an Expanded one, or one of another kind with a composite component"
    );
    let band = format!("]e0{}\u{1D}801912", gsrn("8018"));
    assert_eq!(read(&band), (Some(Symbology::DataBarExpanded), "unknown"));
}

/// A kiosk that starts before its clock is set, or runs over New Year, reads in the year of the clock.
#[test]
fn every_clone_reads_in_the_year_that_was_set_last() {
    let first = scanner::interpret::Interpreter::new(scanner::site::SiteFormats::default(), 1970);
    let clone = first.clone();
    let expiry = || match clone.hand_scan("]d2010030591036901917271231").meaning {
        Meaning::Package(package) => package.expiry,
        other => panic!("it is a {}", other.kind()),
    };
    let day = |year| Some(PrintedExpiry::Day(jiff::civil::date(year, 12, 31)));
    assert_eq!(expiry(), day(1927));
    first.set_year(2026);
    assert_eq!(expiry(), day(2027));
}
