//! Laws of the values that doses are made of: comparing is symmetric and transitive, adding and taking away undo each other, and
//! parsing is the exact inverse of printing.

use core::cmp::Ordering;

use proptest::prelude::*;
use rights::amount::Amount;
use rights::ident::*;
use rights::person::Role;
use rights::policy::{OnCall, ReasonList};
use rights::product::{Controlled, Divisible, Form, Mark, RecallClass, Release, Route};
use rights::quantity::{Quantity, Unit};
use rights::rate::{Rate, RateOrder, RateTime};
use rights::scan::{HibcPrimary, NdcDigits, ScanFaultKind, Symbology};
use rights::verdict::{Check, Class, Right};
use rights::witness::WitnessRule;

/// A decimal that people write.
fn any_amount() -> impl Strategy<Value = Amount> {
    (0_u32..100_000, 0_u32..1_000)
        .prop_map(|(whole, part)| Amount::parse(&format!("{whole}.{part:03}")).unwrap())
}

fn any_unit() -> impl Strategy<Value = Unit> {
    (0..Unit::ALL.len()).prop_map(|place| Unit::ALL[place])
}

/// Of few values in the units of one dimension, so that equal ones meet.
fn any_mass() -> impl Strategy<Value = Quantity> {
    let units = prop_oneof![
        Just(Unit::Kilogram),
        Just(Unit::Gram),
        Just(Unit::Milligram),
        Just(Unit::Microgram),
        Just(Unit::Nanogram)
    ];
    let values = prop_oneof![Just(1_i64), Just(1_000), Just(1_000_000), Just(2), Just(2_000)];
    (values, units).prop_map(|(value, unit)| Quantity::new(Amount::whole(value), unit))
}

fn any_rate() -> impl Strategy<Value = Rate> {
    let time = (0..RateTime::ALL.len()).prop_map(|place| RateTime::ALL[place]);
    (any_mass(), any::<bool>(), time).prop_map(|(amount, per_kilogram, per)| Rate {
        amount,
        per_kilogram,
        per,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn d1_comparing_is_symmetric_and_transitive(a in any_mass(), b in any_mass(), c in any_mass()) {
        prop_assert_eq!(a.compare(&b), b.compare(&a).map(Ordering::reverse));
        let (ab, bc) = (a.compare(&b).unwrap(), b.compare(&c).unwrap());
        if ab.is_le() && bc.is_le() {
            let ac = a.compare(&c).unwrap();
            prop_assert!(ac.is_le() && (ac.is_eq() == (ab.is_eq() && bc.is_eq())));
        }
    }

    #[test]
    fn d1_rates_are_compared_as_their_amounts_are(a in any_rate(), b in any_rate(), c in any_rate()) {
        prop_assert_eq!(a.compare(&b), b.compare(&a).map(Ordering::reverse));
        prop_assert_eq!(a.compare(&b).is_some(), a.per_kilogram == b.per_kilogram);
        if let (Some(ab), Some(bc)) = (a.compare(&b), b.compare(&c)) && ab.is_le() && bc.is_le() {
            prop_assert!(a.compare(&c).unwrap().is_le());
        }
        // The two ends of a range go by weight or neither does.
        let b = Rate { per_kilogram: a.per_kilogram, ..b };
        let range = RateOrder::Range(a, b);
        let inside = c.compare(&a).zip(c.compare(&b)).map(|(low, high)| low.is_ge() && high.is_le());
        prop_assert_eq!(range.permits(&c), inside);
    }

    #[test]
    fn d2_adding_and_taking_away_undo_each_other(a in any_mass(), b in any_mass()) {
        let sum = a.plus(&b).unwrap();
        prop_assert_eq!(sum.minus(&b), Some(a));
        prop_assert_eq!(sum.compare(&b.plus(&a).unwrap()), Some(Ordering::Equal));
        prop_assert_eq!(a.minus(&a).map(|nothing| nothing.amount.is_zero()), Some(true));
    }

    #[test]
    fn parse_is_the_inverse_of_print_for_quantities_and_rates(
        amount in any_amount(),
        unit in any_unit(),
        per_kilogram in any::<bool>(),
        time in 0..RateTime::ALL.len(),
    ) {
        let quantity = Quantity::new(amount, unit);
        prop_assert_eq!(Quantity::parse(&quantity.to_string()).unwrap(), quantity);
        let rate = Rate { amount: quantity, per_kilogram, per: RateTime::ALL[time] };
        prop_assert_eq!(Rate::parse(&rate.to_string()).unwrap(), rate);
    }

    #[test]
    fn parse_is_the_inverse_of_print_for_identifiers(text in "[ -~äß]{1,20}") {
        macro_rules! inverse {
            ($($id:ident)+) => {
                $(if let Ok(id) = $id::parse(&text) {
                    prop_assert_eq!(&id.to_string(), &text);
                    prop_assert_eq!(&text.parse::<$id>().unwrap(), &id);
                })+
            };
        }
        inverse!(PatientId Mrn PersonName ClinicianId BadgeId WardId RequestId ProductId DoseId Lot Serial);
        inverse!(BandSerial Ingredient AllergyClass ReasonCode ObservationCode SiteCode);
        prop_assert!(PatientId::parse(&text).is_ok(), "any printable text names a patient");
    }

    /// One digit of ten fits: the check digit finds every single wrong digit.
    #[test]
    fn a_gs1_key_has_one_check_digit(body in "[0-9]{13}", wide in "[0-9]{17}") {
        let fits = |body: &str| -> Vec<String> { ('0'..='9').map(|digit| format!("{body}{digit}")).collect() };
        let gtin: Vec<Gtin14> = fits(&body).iter().filter_map(|text| Gtin14::parse(text).ok()).collect();
        prop_assert_eq!(gtin.len(), 1);
        prop_assert_eq!(Gtin14::parse(&gtin[0].to_string()).unwrap(), gtin[0].clone());
        prop_assert_eq!(char::from(b'0' + gtin[0].indicator()), body.chars().next().unwrap());
        prop_assert_eq!(fits(&wide).iter().filter(|text| Gsrn::parse(text).is_ok()).count(), 1);
    }
}

#[test]
fn every_name_leads_back_to_its_value_and_no_two_are_alike() {
    macro_rules! names {
        ($($type:ident)+) => {
            $(
                let names: std::collections::BTreeSet<&str> = $type::ALL.iter().map(|one| one.name()).collect();
                assert_eq!(names.len(), $type::ALL.len(), stringify!($type));
                for one in $type::ALL {
                    assert_eq!($type::from_name(one.name()), Some(*one));
                }
                assert_eq!($type::from_name("nothing of the kind"), None);
            )+
        };
    }
    names!(Check Class Right Form Release Route Divisible Controlled RecallClass Mark RateTime);
    names!(OnCall ReasonList WitnessRule);
    for unit in Unit::ALL {
        assert_eq!(Unit::from_code(unit.code()), Some(*unit));
    }
}

/// What is no identifier says which one, where and what would be right.
#[test]
fn what_is_no_identifier_says_where_and_what_would_be_right() {
    let said = |error: Result<(), IdentError>| error.unwrap_err().to_string();
    let gtin = |text: &str| said(Gtin14::parse(text).map(|_| ()));
    assert_eq!(gtin("123"), "GTIN-14: 3 characters, expected 14 digits with a check digit");
    assert_eq!(gtin("0030591036901X"), "GTIN-14: character 14 is not allowed");
    assert_eq!(gtin("X0305910369019"), "GTIN-14: character 1 is not allowed");
    assert_eq!(gtin("00305910369014"), "GTIN-14: check digit 4, computed 9");
    let upc = |text: &str| said(Gtin14::from_upc_or_ean(text).map(|_| ()));
    assert_eq!(upc("30591036901"), "UPC-A or EAN-13: 11 characters, expected 12 or 13 digits");
    let ndc = |text: &str| said(NdcDigits::parse(text).map(|_| ()));
    assert_eq!(ndc("059103690"), "NDC: 9 characters, expected 10, 11 or 12 digits");
    assert_eq!(ndc("0591036901234"), "NDC: 13 characters, expected 10, 11 or 12 digits");
    assert_eq!(ndc("0591-036901"), "NDC: character 5 is not allowed");
    for digits in ["0591036901", "05910369012", "059103690123"] {
        assert_eq!(NdcDigits::parse(digits).unwrap().as_str(), digits);
    }
    let hibc = |text: &str| said(HibcPrimary::parse(text).map(|_| ()));
    assert_eq!(hibc("A1230"), "HIBC primary data: 5 characters, expected 6 to 23 characters");
    assert_eq!(
        hibc(&format!("A123{}1", "B".repeat(19))),
        "HIBC primary data: 24 characters, expected 6 to 23 characters"
    );
    assert_eq!(hibc("1123B0"), "HIBC primary data: character 1 is not allowed");
    assert_eq!(hibc("A12-B0"), "HIBC primary data: character 4 is not allowed");
    assert_eq!(hibc("A123BX"), "HIBC primary data: character 6 is not allowed");
    for text in ["A123B0", &format!("A123{}1", "B".repeat(18))] {
        assert_eq!(HibcPrimary::parse(text).unwrap().as_str(), text);
    }
    assert_eq!(said(Lot::parse("A\tB").map(|_| ())), "lot: character 2 is not allowed");
    assert_eq!(said(Lot::parse("").map(|_| ())), "lot: 0 characters, expected 1 to the limit of its kind");
}

#[test]
fn the_key_of_an_entry_is_its_session_and_then_its_count() {
    let key = rights::entry::IdempotencyKey { session: [0xab; 16], count: 0x0102_0304 };
    assert_eq!(key.to_bytes()[..16], [0xab; 16]);
    assert_eq!(key.to_bytes()[16..], [1, 2, 3, 4]);
}

#[test]
fn symbologies_faults_and_roles_have_names_of_their_own() {
    for symbology in Symbology::ALL {
        assert_eq!(Symbology::from_name(symbology.name()), Some(symbology));
    }
    assert_eq!(Symbology::from_name("morse"), None);
    let roles: std::collections::BTreeSet<&str> = Role::ALL.iter().map(|role| role.name()).collect();
    assert_eq!(roles.len(), Role::ALL.len());
    let kinds = [
        ScanFaultKind::NotRecognised,
        ScanFaultKind::CheckDigit,
        ScanFaultKind::Length,
        ScanFaultKind::Character,
        ScanFaultKind::Date,
        ScanFaultKind::UnknownIdentifier,
        ScanFaultKind::Separator,
        ScanFaultKind::Repeated,
        ScanFaultKind::Pairing,
        ScanFaultKind::NotMarkedGs1,
        ScanFaultKind::Symbology,
        ScanFaultKind::Ambiguous,
    ];
    let names: std::collections::BTreeSet<&str> = kinds.iter().map(|kind| kind.name()).collect();
    assert_eq!(names.len(), kinds.len());
    assert!(
        names
            .iter()
            .all(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit()))
    );
}
