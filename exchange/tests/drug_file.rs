//! Lines of a drug file that are not as they should be.

mod common;

use common::{ITEMS, TODAY, rules};
use exchange::drugs::{self, DrugFile, DrugSources};
use exchange::table::TableError;
use jiff::civil::{Date, date};
use rights::ident::{Gtin14, Lot, ProductId};
use rights::product::{Mark, Marks, RecallClass, Resolution};
use rights::quantity::Quantity;
use rights::scan::PackageKey;
use rights::witness::WitnessRule;

const HEAD: &str = "item,type,value,added_by,verified_by,from,to";

fn read(items: &str, barcodes: &str, recalls: &str, today: Date) -> Result<DrugFile, TableError> {
    let sources = DrugSources {
        items: ("items.csv", items.as_bytes()),
        barcodes: Some(("barcodes.csv", barcodes.as_bytes())),
        recalls: Some(("recalls.csv", recalls.as_bytes())),
    };
    drugs::read(sources, &rules().units, today)
}

fn barcodes(lines: &str, today: Date) -> DrugFile {
    read(ITEMS, &format!("{HEAD}\n{lines}"), "item,lot,class,date\n", today).unwrap()
}

fn gtin(digits: &str) -> PackageKey {
    PackageKey::Gtin(Gtin14::parse(digits).unwrap())
}

/// M2; acceptance 7 for the drug file.
#[test]
fn m2_bad_barcode_lines_are_listed_by_line() {
    let file = barcodes(
        "lispro,gtin,00305910369014,A,B,2026-01-01,\nnone,gtin,00305910369019,A,B,2026-01-01,\nlispro,gtin,03059103690,A,B,2026-01-01,\n\
         lispro,ndc,0591036901,A,B,2026-01-01,\nlispro,gtin,00305910369019,A,A,2026-01-01,\nlispro,gtin,00305910369019,A,,2026-01-01,\n\
         lispro,ean,1,A,B,2026-01-01,\nlispro,gtin,00305910369019,A,B,soon,\nlispro,gtin,00305910369019,A,B,2026-02-01,2026-01-01\n",
        TODAY,
    );
    let lines: Vec<&str> = file.rejections.iter().map(|rejection| rejection.place.as_str()).collect();
    assert_eq!(lines, (2..=10).map(|line| format!("barcodes.csv line {line}")).collect::<Vec<_>>());
    let reasons = [
        "check digit 4, computed 9",
        "no item",
        "digits",
        "hyphens",
        "same person",
        "not verified",
        "type is",
        "no date",
        "ends before",
    ];
    for (rejection, reason) in file.rejections.iter().zip(reasons) {
        assert!(rejection.reason.contains(reason), "{rejection}");
    }
    assert_eq!(file.formulary.resolve(&gtin("00305910369019")), Resolution::Unknown);
}

/// M2: who writes their name in another way is no second person.
#[test]
fn m2_a_code_is_not_verified_by_who_added_it_however_they_write_their_name() {
    for (added, verified) in [("jdoe", "JDoe"), ("J. Doe ", " j. doe"), ("OLÉ", "olé")] {
        let file = barcodes(&format!("lispro,gtin,00305910369019,{added},{verified},2026-01-01,\n"), TODAY);
        assert_eq!(file.rejections.len(), 1, "{added} {verified}");
        assert!(file.rejections[0].reason.contains("same person"), "{}", file.rejections[0]);
        assert_eq!(file.formulary.resolve(&gtin("00305910369019")), Resolution::Unknown);
    }
}

#[test]
fn m2_a_code_of_two_items_is_ambiguous_and_listed() {
    let one = "lispro,gtin,00305910369019,A,B,2026-01-01,\n";
    let two = "ampicillin-500,gtin,00305910369019,A,B,2026-01-01,\n";
    let file = barcodes(&format!("{one}{one}{two}"), TODAY);
    assert_eq!(file.rejections.len(), 2);
    assert!(file.rejections[0].reason.contains("already"));
    assert!(file.rejections[1].reason.contains("ambiguous"));
    assert_eq!(file.formulary.resolve(&gtin("00305910369019")), Resolution::Ambiguous);
}

#[test]
fn links_count_from_their_first_to_their_last_day() {
    for (today, found) in [
        (date(2025, 12, 31), false),
        (date(2026, 1, 1), true),
        (date(2026, 3, 31), true),
        (date(2026, 4, 1), false),
    ] {
        let file = barcodes("lispro,gtin,305910369019,A,B,2026-01-01,2026-03-31\n", today);
        assert_eq!(file.rejections, []);
        assert_eq!(
            matches!(file.formulary.resolve(&gtin("00305910369019")), Resolution::One(_)),
            found,
            "{today}"
        );
    }
}

#[test]
fn bad_items_and_recalls_are_listed_and_the_rest_counts() {
    let line = |name: &str, ingredients: &str, per: &str, package: &str, more: &str| {
        format!("{name},,drug,,,tablet,immediate,{ingredients},{per},{package},no,oral,{more}\n")
    };
    let items = format!(
        "{ITEMS}{}{}{}{}{}{}lispro,,again,,,injection,immediate,insulin lispro 1 [iU],1 mL,1 mL,volume,subcut,no,,,\n",
        line("a", "drug 5 Mg", "1 {tablet}", "1 {tablet}", "no,,,"),
        line("b", "drug", "1 {tablet}", "1 {tablet}", "no,,,"),
        line("c", "drug 0 mg", "1 {tablet}", "1 {tablet}", "no,,,"),
        line("d", "drug 5 mg", "1 {tablet}", "1 mL", "no,,,"),
        line("e", "Drug 5 mg", "1 {tablet}", "1 {tablet}", "no,,,"),
        line("f", "drug 5 mg", "1 {tablet}", "1 {tablet}", "perhaps,,,"),
    );
    let recalls =
        "item,lot,class,date\nlispro,L1,II,2026-11-01\nlispro,L2,IV,2026-11-01\nz,L3,I,2026-11-01\n";
    let file = read(&items, HEAD, recalls, TODAY).unwrap();
    assert_eq!(file.formulary.products().count(), 6);
    assert_eq!(file.rejections.len(), 9);
    assert!(file.rejections[0].reason.contains("unit \"Mg\""), "{}", file.rejections[0]);
    let lispro = ProductId::parse("lispro").unwrap();
    assert_eq!(file.formulary.recall_of(&lispro, &Lot::parse("L1").unwrap()), Some(RecallClass::Two));
}

/// D1, C6, T4, R3: what the pharmacist says beside the label is optional, and checked by line and column.
#[test]
fn d1_w1_marks_equivalents_and_witness_rules_are_optional_and_checked() {
    let head = ITEMS.lines().next().unwrap();
    let line = |name: &str, strength: &str, more: &str| {
        format!("{name},,drug,,,tablet,extended,{strength},1 {{tablet}},1 {{tablet}},no,oral,no,,,,{more}\n")
    };
    let table = |lines: &[String]| format!("{head},marks,equivalents,witness\n{}", lines.concat());
    let good = table(&[
        line("a", "potassium chloride 1500 mg", "do_not_crush;hazardous,potassium chloride 20 mEq,required"),
        line("b", "drug 5 mg", ",,"),
        line("c", "drug 5 mg", ",,recommended"),
    ]);
    let file = read(&good, HEAD, "item,lot,class,date\n", TODAY).unwrap();
    assert_eq!(file.rejections, []);
    let product = |id: &str| file.formulary.product(&ProductId::parse(id).unwrap()).unwrap();
    let marks = &product("a").marks;
    assert!(marks.has(Mark::DoNotCrush) && marks.has(Mark::Hazardous) && !marks.has(Mark::Opioid));
    let [twenty] = marks.equivalents.as_slice() else { panic!("one expected") };
    assert_eq!(twenty.amount, Quantity::parse("20 meq").unwrap());
    assert_eq!(marks.witness, WitnessRule::Required);
    assert_eq!(product("b").marks, Marks::default());
    assert_eq!(product("c").marks.witness, WitnessRule::Recommended);
    let bad = table(&[
        line("a", "drug 5 mg", "dangerous,,"),
        line("b", "drug 5 mg", "opioid;opioid,,"),
        line("c", "drug 5 mg", ",drug 5 ounces,"),
        line("d", "drug 5 mg", ",other 5 meq,"),
        line("e", "drug 5 mg", ",drug 0.005 g,"),
        line("f", "drug 5 mg", ",drug 5 meq;drug 6 meq,"),
        line("g", "drug 5 mg", ",drug 5 %,"),
        line("h", "drug 5 %", ",,"),
        line("i", "drug 5 mg", ",,perhaps"),
        line("sound", "drug 5 mg", ",,no"),
    ]);
    let file = read(&bad, HEAD, "item,lot,class,date\n", TODAY).unwrap();
    let reasons = [
        "column marks: \"dangerous\" is none of opioid, sedative",
        "column marks: opioid stands there twice",
        "column equivalents: ingredient \"drug 5 ounces\"",
        "column equivalents: other is no ingredient of the item",
        "measures what stands there already",
        "measures what stands there already",
        "unit \"%\"",
        "unit \"%\"",
        "column witness: \"perhaps\" is none of no, recommended, required",
    ];
    assert_eq!(file.rejections.len(), reasons.len());
    for (at, (rejection, reason)) in file.rejections.iter().zip(reasons).enumerate() {
        assert!(rejection.reason.contains(reason), "{rejection}");
        assert_eq!(rejection.place, format!("items.csv line {}", at + 2));
        assert!(!rejection.remedy.is_empty());
    }
}

#[test]
fn a_file_without_a_usable_item_is_refused_whole() {
    let header = ITEMS.lines().next().unwrap();
    assert!(matches!(read(header, HEAD, "item,lot,class,date\n", TODAY), Err(TableError::Empty { .. })));
    assert!(matches!(
        read("item\nx\n", HEAD, "item,lot,class,date\n", TODAY),
        Err(TableError::Column { .. })
    ));
}
