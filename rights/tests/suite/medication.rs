//! Right medication: M1 to M8 and M11.

use crate::common::*;
use rights::ident::Lot;
use rights::product::{Form, Product, Recall, RecallClass, Release, Route};
use rights::scan::{
    HibcPrimary, Meaning, NdcDigits, PackageKey, PrintedExpiry, Scan, ScanFault, ScanFaultKind,
};
use rights::verdict::{Check, Class, Right, Standing, Variance};

fn metoprolol() -> Product {
    tablet("metoprolol-25", "metoprolol tartrate", "25 mg")
}

fn ward() -> Ward {
    let pill = metoprolol();
    Ward::with(&[&pill], &[order("r", &pill, "25 mg")])
}

fn scanned(ward: Ward, scan: Scan) -> Bench {
    let mut bench = Bench::at_bedside(ward);
    bench.scan(scan);
    bench
}

fn key() -> PackageKey {
    PackageKey::Gtin(gtin_of(&metoprolol().id))
}

fn printed(printed: &Printed) -> Scan {
    code(key(), printed)
}

#[test]
fn m1_a_code_with_a_fault_or_of_another_kind_is_no_package() {
    let fault = ScanFault {
        kind: ScanFaultKind::CheckDigit,
        part: "(01)".into(),
        position: None,
        found: None,
        expected: None,
    };
    let bench = scanned(ward(), scan_of(Meaning::Nothing(vec![fault.clone()]), "x"));
    bench.assert_stopped_by(Check::M1);
    assert_eq!(bench.variance(Check::M1), Some(&Variance::CodeFaulty(vec![fault])));
    scanned(ward(), badge("n1")).assert_stopped_by(Check::M1);
    scanned(ward(), package(&metoprolol())).assert_ready();
}

#[test]
fn m2_resolves_by_the_table_alone() {
    for digits in ["0591036901", "00591036901", "305910369019"] {
        let key = PackageKey::Ndc(NdcDigits::parse(digits).unwrap());
        let bench = scanned(ward(), code(key.clone(), &Printed::default()));
        bench.assert_stopped_by(Check::M2);
        assert_eq!(bench.variance(Check::M2), Some(&Variance::ProductUnknown));
        let mut linked = ward();
        linked.formulary.link(key.clone(), metoprolol().id);
        scanned(linked, code(key, &Printed::default())).assert_ready();
    }
    let hibc = PackageKey::Hibc(HibcPrimary::parse("A123BJC5D6E71").unwrap());
    let mut linked = ward();
    linked.formulary.link(hibc.clone(), metoprolol().id);
    scanned(linked, code(hibc, &Printed::default())).assert_ready();
}

#[test]
fn m2_two_products_for_one_code_stop_without_a_pick_list() {
    let other = tablet("metoprolol-50", "metoprolol tartrate", "50 mg");
    let mut ambiguous = ward();
    ambiguous.stock(&other);
    ambiguous.formulary.link(key(), other.id);
    let bench = scanned(ambiguous, package(&metoprolol()));
    bench.assert_stopped_by(Check::M2);
    assert!(bench.dose().choices().is_empty());
}

#[test]
fn m2_packages_of_two_products_are_no_one_dose() {
    let fifty = tablet("metoprolol-50", "metoprolol tartrate", "50 mg");
    let ward = Ward::with(&[&metoprolol(), &fifty], &[order("r", &metoprolol(), "75 mg")]);
    let mut bench = scanned(ward, package(&metoprolol()));
    bench.scan(package(&fifty)).assert_stopped_by(Check::M2);
    assert_eq!(bench.variance(Check::M2), Some(&Variance::DifferentProducts));
}

#[test]
fn m3_a_label_of_another_patient_or_of_nobody_stops_and_names_nobody() {
    let mut ward = ward();
    ward.dispense("dose-1", "p1", &metoprolol());
    ward.dispense("dose-2", "p2", &metoprolol());
    let mut bench = scanned(ward, label("dose-1"));
    bench.assert_ready();
    bench.event(rights::bedside::Event::PutBack).scan(label("dose-2")).assert_stopped_by(Check::M3);
    assert_eq!(bench.variance(Check::M3), Some(&Variance::OtherPatientsDose));
    bench.event(rights::bedside::Event::PutBack).scan(label("dose-3")).assert_stopped_by(Check::M3);
    assert_eq!(bench.variance(Check::M3), Some(&Variance::DoseUnknown));
}

/// The label was printed before the two records became one.
#[test]
fn m3_a_label_of_a_record_that_was_merged_into_this_one_is_this_patients() {
    let mut ward = ward();
    ward.dispense("dose-1", "p2", &metoprolol());
    ward.dispense("dose-2", "p1", &metoprolol());
    ward.patient("p2").merged_into = Some(patient_id("p1"));
    let mut bench = scanned(ward, label("dose-1"));
    bench.assert_class(Check::M3, Class::Pass).assert_ready();
    bench.event(rights::bedside::Event::PutBack);
    bench.ward.patient("p2").merged_into = None;
    bench.scan(label("dose-1")).assert_stopped_by(Check::M3);
}

#[test]
fn m4_a_package_identity_is_used_once() {
    let mut bench = scanned(ward(), package_no(&metoprolol(), "S1"));
    bench.assert_ready();
    bench.confirm();
    assert_eq!(bench.given().len(), 1);
    bench.ward.now = at("2026-06-11 09:00");
    bench.ward.chart.orders_as_of = Some(bench.ward.now);
    bench
        .event(rights::bedside::Event::Continue)
        .scan(band("p1"))
        .scan(package_no(&metoprolol(), "S1"))
        .assert_stopped_by(Check::M4);
    assert_eq!(bench.variance(Check::M4), Some(&Variance::PackageUsed(today("09:00"))));
    bench.event(rights::bedside::Event::PutBack).scan(package_no(&metoprolol(), "S2")).assert_ready();
}

#[test]
fn m4_a_package_given_to_somebody_else_meanwhile_stops_the_commit() {
    let mut bench = scanned(ward(), package_no(&metoprolol(), "S1"));
    bench.assert_ready();
    bench.confirm();
    let elsewhere = bench.given()[0].clone();
    let mut bench = scanned(ward(), package_no(&metoprolol(), "S1"));
    bench.assert_ready();
    bench.ward.chart.history.push(rights::history::Administration {
        patient: patient_id("p2"),
        request: rights::ident::RequestId::parse("other").unwrap(),
        ..elsewhere
    });
    bench.confirm().assert_stopped_by(Check::M4);
    assert!(bench.given().is_empty());
}

#[test]
fn m5_a_day_lasts_to_its_local_midnight_and_unknown_expiry_is_said() {
    let today_only =
        Printed { expiry: Some(PrintedExpiry::Day(local_date(2026, 6, 10))), ..Printed::default() };
    let mut late = ward();
    late.now = at("2026-06-10 23:59");
    late.chart.orders_as_of = Some(late.now);
    let bench = scanned(late, printed(&today_only));
    assert_eq!(bench.class(Check::M5), Some(Class::Pass));
    let mut after = ward();
    after.now = at("2026-06-11 00:00");
    after.chart.orders_as_of = Some(after.now);
    scanned(after, printed(&today_only)).assert_stopped_by(Check::M5);
    scanned(ward(), printed(&Printed::default())).assert_class(Check::M5, Class::Info);
}

#[test]
fn m5_a_printed_minute_and_a_beyond_use_time_are_exact() {
    for (minute, class) in [(0, Class::Pass), (59, Class::Hard)] {
        let hour = if minute == 0 { 9 } else { 8 };
        let expiry = PrintedExpiry::Minute(local_date(2026, 6, 10), clock_time(hour, minute));
        let bench = scanned(ward(), printed(&Printed { expiry: Some(expiry), ..Printed::default() }));
        bench.assert_class(Check::M5, class);
    }
    for (clock, class) in [("09:01", Class::Pass), ("09:00", Class::Hard)] {
        let mut ward = ward();
        ward.dispense("dose-1", "p1", &metoprolol()).beyond_use = Some(today(clock));
        scanned(ward, label("dose-1")).assert_class(Check::M5, class);
    }
}

#[test]
fn m6_recalls_of_class_one_and_two_stop_three_asks_and_an_unknown_lot_is_said() {
    for (recall, class) in [
        (Some(RecallClass::One), Class::Hard),
        (Some(RecallClass::Two), Class::Hard),
        (Some(RecallClass::Three), Class::SoftContact),
        (None, Class::Pass),
    ] {
        let mut ward = ward();
        let lot = Lot::parse("A1B2").unwrap();
        if let Some(class) = recall {
            ward.formulary.recall(Recall { product: metoprolol().id, lot, class });
        }
        let bench = scanned(ward, printed(&Printed { lot: Some("A1B2"), ..Printed::default() }));
        bench.assert_class(Check::M6, class);
    }
    scanned(ward(), printed(&Printed::default())).assert_class(Check::M6, Class::Info);
}

/// A recall notice, a drug file and a package write a lot as they like.
#[test]
fn m6_a_recalled_lot_is_one_however_its_letters_are_written() {
    for (notice, on_package) in [("mt4402", "MT4402"), ("MT 4402", "MT4402"), ("MT4402", "mt4402")] {
        let mut ward = ward();
        let lot = Lot::parse(notice).unwrap();
        ward.formulary.recall(Recall { product: metoprolol().id, lot, class: RecallClass::One });
        scanned(ward, printed(&Printed { lot: Some(on_package), ..Printed::default() }))
            .assert_stopped_by(Check::M6);
    }
}

#[test]
fn m6_the_lot_that_the_pharmacy_dispensed_is_looked_up_for_a_dose_label() {
    let mut ward = ward();
    let lot = Lot::parse("A1B2").unwrap();
    ward.formulary.recall(Recall { product: metoprolol().id, lot: lot.clone(), class: RecallClass::One });
    ward.dispense("dose-1", "p1", &metoprolol()).lot = Some(lot);
    scanned(ward, label("dose-1")).assert_stopped_by(Check::M6);
}

#[test]
fn m7_ingredient_form_and_release_must_be_the_ordered_ones() {
    let pill = metoprolol();
    let variants = [
        tablet("other", "metformin", "25 mg"),
        tablet("salt", "metoprolol succinate", "25 mg"),
        Product { release: Release::Extended, ..tablet("er", "metoprolol tartrate", "25 mg") },
        Product { form: Form::Suppository, ..tablet("supp", "metoprolol tartrate", "25 mg") },
        Product {
            strengths: vec![
                strength("metoprolol tartrate", "25 mg"),
                strength("hydrochlorothiazide", "25 mg"),
            ],
            ..tablet("combination", "metoprolol tartrate", "25 mg")
        },
        Product { strengths: Vec::new(), ..tablet("nothing", "metoprolol tartrate", "25 mg") },
    ];
    for variant in variants {
        let ward = Ward::with(&[&pill, &variant], &[order("r", &pill, "25 mg")]);
        let bench = scanned(ward, package(&variant));
        bench.assert_stopped_by(Check::M7);
        assert_eq!(bench.verdict().standing(Right::Medication), Standing::Variance);
        assert_eq!(bench.verdict().standing(Right::Dose), Standing::NotReached);
    }
    let capsule = Product { form: Form::Capsule, ..tablet("capsule", "metoprolol tartrate", "25 mg") };
    let ward = Ward::with(&[&pill, &capsule], &[order("r", &pill, "25 mg")]);
    scanned(ward, package(&capsule)).assert_ready();
}

/// An order without ingredients asks for nothing; a product without any must not be taken for it.
#[test]
fn m7_nothing_does_not_satisfy_nothing() {
    let empty = Product { strengths: Vec::new(), ..metoprolol() };
    let mut request = order("r", &empty, "1 {tablet}");
    request.drug.ingredients.clear();
    scanned(Ward::with(&[&empty], &[request]), package(&empty)).assert_stopped_by(Check::M7);
}

#[test]
fn m7_what_another_patient_was_ordered_is_not_ordered_here() {
    let pill = metoprolol();
    let request = rights::request::Request { patient: patient_id("p2"), ..order("r", &pill, "25 mg") };
    let bench = scanned(Ward::with(&[&pill], &[request]), package(&pill));
    bench.assert_stopped_by(Check::M7);
    assert_eq!(bench.variance(Check::M7), Some(&Variance::NotOrdered));
}

#[test]
fn m8_the_other_name_is_shown_and_nothing_is_asked() {
    let one =
        Product { tall_man: Some("hydrOXYzine".into()), ..tablet("hydroxyzine", "hydroxyzine", "25 mg") };
    let mut two = tablet("hydralazine", "hydralazine", "25 mg");
    two.look_alike = vec![one.id.clone()];
    let orders = [order("r", &one, "25 mg"), order("s", &two, "25 mg")];
    let bench = scanned(Ward::with(&[&one, &two], &orders), package(&two));
    bench.assert_class(Check::M8, Class::Info).assert_ready();
    assert_eq!(bench.variance(Check::M8), Some(&Variance::LookAlike("hydrOXYzine".into())));
    let alone = scanned(Ward::with(&[&one, &two], &orders[1..]), package(&two));
    assert_eq!(alone.class(Check::M8), None, "not ordered, so not confused with");
}

#[test]
fn m11_a_case_is_no_unit_of_use() {
    for (indicator, stops) in [(0, false), (1, true), (8, true), (9, true)] {
        let mut ward = ward();
        let key = PackageKey::Gtin(gtin(indicator, 42));
        ward.formulary.link(key.clone(), metoprolol().id);
        let bench = scanned(ward, code(key, &Printed::default()));
        if stops {
            bench.assert_stopped_by(Check::M11);
        } else {
            bench.assert_ready();
        }
    }
}

/// A route that the site's drug file lists is not one that any other check assumed.
#[test]
fn m7_a_liquid_is_not_a_tablet_of_the_same_ingredient() {
    let pill = metoprolol();
    let syrup = liquid("syrup", "metoprolol tartrate", "5 mg", "100 mL");
    assert_eq!(syrup.routes, [Route::Oral]);
    let ward = Ward::with(&[&pill, &syrup], &[order("r", &pill, "25 mg")]);
    scanned(ward, package(&syrup)).assert_stopped_by(Check::M7);
}

/// Only a package that says which one it is can be established as unused.
#[test]
fn m4_without_a_serial_number_nothing_is_said_of_its_use() {
    let mut bench = scanned(ward(), package(&metoprolol()));
    assert_eq!(bench.class(Check::M4), None);
    bench.event(rights::bedside::Event::Cancel).scan(package_no(&metoprolol(), "S1"));
    assert_eq!(bench.class(Check::M4), Some(Class::Pass));
}

/// An as-needed order for another form of the drug is near, and is not offered for this one.
#[test]
fn o7_what_the_product_does_not_satisfy_is_not_offered() {
    let er = Product { release: Release::Extended, ..tablet("m-er", "metoprolol tartrate", "25 mg") };
    let other = rights::request::Request { timing: as_needed(None, None), ..order("er", &er, "25 mg") };
    let mut ward = ward();
    ward.stock(&er);
    ward.chart.requests.push(other);
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&metoprolol()));
    assert_eq!(bench.dose().case.requests.len(), 2, "it is looked at");
    assert_eq!(bench.class(Check::O7), None);
    assert_eq!(bench.dose().choices().len(), 1);
}
