//! What cannot be scanned: P8, M9, and the count of M10.

use crate::common::*;
use rights::bedside::{Event, Purpose, Stage, Step, TypedBand, TypedPackage};
use rights::entry::EntryKind;
use rights::ident::{Lot, ReasonCode};
use rights::person::Role;
use rights::product::{Controlled, Product};
use rights::scan::{NdcDigits, PackageKey, Source};
use rights::verdict::{Check, Class, Right, Standing, Variance};
use rights::witness::Blind;

fn pill() -> Product {
    tablet("metoprolol-25", "metoprolol tartrate", "25 mg")
}

fn ward_of(product: &Product) -> Ward {
    let mut ward = Ward::with(&[product], &[order("r", product, "25 mg")]);
    ward.formulary.link(PackageKey::Ndc(NdcDigits::parse("0591036901").unwrap()), product.id.clone());
    ward
}

fn typed_band(year: i16, mrn_end: &str, reason: &str) -> Event {
    Event::BandTyped(TypedBand {
        reason: ReasonCode::parse(reason).unwrap(),
        note: None,
        birth_date: local_date(year, 4, 3),
        mrn_end: mrn_end.into(),
    })
}

fn typed_package(ndc: &str) -> Event {
    let ndc = NdcDigits::parse(ndc).unwrap();
    Event::PackageTyped(TypedPackage { ndc, lot: Lot::parse("L42").unwrap(), expiry: None })
}

fn says_birth_date(year: i16) -> Event {
    Event::EnterBlind(Blind::BirthDate(local_date(year, 4, 3)))
}

/// Two patients of one birth date, whose record numbers end differently.
pub(super) fn identified_by_typing(product: &Product) -> Bench {
    let mut bench = Bench::locked(ward_of(product));
    bench.sign_on("n1").event(typed_band(1951, "0117", "damaged"));
    assert_eq!(bench.second().purpose, Purpose::Identity);
    assert!(bench.bedside.patient().is_none(), "nothing of the patient is shown before the witness agrees");
    bench.scan(badge("n2"));
    assert!(matches!(bench.second().stage, Stage::BirthDate(_)));
    bench.event(says_birth_date(1951));
    assert_eq!(bench.phase(), "due list");
    bench
}

#[test]
fn p8_birth_date_and_record_number_are_typed_and_a_witness_agrees() {
    let mut bench = identified_by_typing(&pill());
    assert_eq!(bench.bedside.patient().unwrap().id, patient_id("p1"));
    assert!(bench.kinds().contains(&EntryKind::Witness) && bench.kinds().contains(&EntryKind::Reprint));
    assert_eq!(bench.ward.chart.reprints.len(), 1);
    bench.scan(package(&pill())).assert_class(Check::P8, Class::SoftWitness);
    assert_eq!(bench.step(), Step::Ready, "reason and witness were given at the identification");
    assert!(!bench.dose().wants_witness(), "and none is offered again");
    assert_eq!(bench.verdict().standing(Right::Patient), Standing::Attested);
    bench.confirm();
    assert_eq!(bench.given().len(), 1);
}

#[test]
fn p8_what_fits_nobody_or_is_not_enough_identifies_nobody() {
    for (year, mrn_end, reason) in [
        (1951, "0118", "damaged"),
        (1952, "0117", "damaged"),
        (1951, "117", "damaged"),
        (1951, "", "damaged"),
        (1951, "0117", "workload"),
        (1951, "0117", "other"),
    ] {
        let mut bench = Bench::locked(ward_of(&pill()));
        bench.sign_on("n1").event(typed_band(year, mrn_end, reason));
        assert_eq!(bench.phase(), "identify", "{year} {mrn_end} {reason}");
        bench.scan(badge("n2")).event(says_birth_date(year));
        assert!(bench.bedside.patient().is_none());
    }
    let mut elsewhere = ward_of(&pill());
    elsewhere.patient("p1").ward = None;
    let mut bench = Bench::locked(elsewhere);
    bench.sign_on("n1").event(typed_band(1951, "0117", "damaged"));
    assert_eq!(bench.phase(), "identify", "only patients of this ward");
}

#[test]
fn p8_a_witness_who_types_another_birth_date_stops_and_that_is_recorded() {
    let mut bench = Bench::locked(ward_of(&pill()));
    bench.sign_on("n1").event(typed_band(1951, "0117", "damaged")).scan(badge("n2"));
    bench.event(says_birth_date(1957));
    let verdict = stopped_identification(&bench);
    assert_eq!(variance(verdict, Check::P8), Some(&Variance::TypedIdentityDiffers));
    assert_eq!(bench.last().kind(), EntryKind::Witness);
    assert_eq!(bench.last().actor().unwrap().clinician.as_str(), "n2");
    assert!(bench.bedside.patient().is_none());
    let mut bench = Bench::locked(ward_of(&pill()));
    bench.sign_on("n1").event(typed_band(1951, "0117", "damaged")).scan(badge("n1"));
    bench.event(says_birth_date(1951));
    assert!(bench.bedside.patient().is_none(), "the witness is somebody else");
}

#[test]
fn p8_holds_for_15_minutes_and_not_for_controlled_substances() {
    for (minute, given) in [(15, 1), (16, 0)] {
        let mut bench = identified_by_typing(&pill());
        bench.wait(minutes(minute)).scan(package(&pill())).confirm();
        assert_eq!(bench.given().len(), given, "{minute}");
    }
    let controlled = Product { controlled: Some(Controlled::Four), ..pill() };
    let mut bench = identified_by_typing(&controlled);
    bench.scan(package(&controlled)).assert_stopped_by(Check::P8);
    bench.break_glass("n2").assert_class(Check::P8, Class::Info);
    bench.scan(band("p1")).event(Event::EndBreakGlass);
    assert_eq!(bench.class(Check::P8), None, "the band was scanned after all");
}

#[test]
fn p8_in_break_glass_mode_no_witness_is_asked() {
    let mut bench = Bench::locked(ward_of(&pill()));
    bench.sign_on("n1").break_glass("n2").event(typed_band(1951, "0117", "emergency"));
    assert_eq!(bench.phase(), "due list");
    bench.scan(package(&pill())).assert_class(Check::P8, Class::Info);
    assert_eq!(bench.verdict().standing(Right::Patient), Standing::Attested);
}

#[test]
fn m9_a_typed_package_needs_reason_and_witness_and_stays_attested() {
    let mut bench = Bench::at_bedside(ward_of(&pill()));
    bench.event(typed_package("0591036901")).assert_class(Check::M9, Class::SoftWitness);
    assert_eq!(bench.last().clear().source, Some(Source::Keyed));
    assert_eq!(bench.dose().case.packages[0].scan.source, Source::Keyed);
    assert_eq!(bench.step(), Step::Questions(vec![Check::M9]));
    bench.answer(Check::M9, "workload").confirm();
    assert_eq!(bench.step(), Step::Questions(vec![Check::M9]), "a reason of its own list");
    bench.answer(Check::M9, "unreadable");
    assert_eq!(bench.step(), Step::Witness);
    assert!(bench.dose().wants_witness());
    bench.confirm();
    assert!(bench.given().is_empty());
    bench.call_witness("n2").event(typed_package("0591036901")).blind("1 {tablet}");
    assert_eq!(bench.step(), Step::Ready, "{:?}", bench.verdict().findings());
    assert_eq!(bench.verdict().standing(Right::Medication), Standing::Attested);
    bench.confirm();
    assert_eq!(bench.given().len(), 1);
    assert_eq!(bench.given()[0].packages[0].lot, Some(Lot::parse("L42").unwrap()));
}

#[test]
fn m9_by_the_table_alone_and_never_for_controlled_or_high_alert() {
    let mut bench = Bench::at_bedside(ward_of(&pill()));
    bench.event(typed_package("00591036901")).assert_stopped_by(Check::M2);
    for product in
        [Product { controlled: Some(Controlled::Two), ..pill() }, Product { high_alert: true, ..pill() }]
    {
        let mut bench = Bench::at_bedside(ward_of(&product));
        bench.event(typed_package("0591036901")).assert_stopped_by(Check::M9);
        bench.break_glass("n2").assert_class(Check::M9, Class::Info);
        assert_eq!(bench.step(), Step::Ready);
    }
}

#[test]
fn scenario_8_m10_the_same_code_again_asks_how_many_are_in_hand() {
    let two = || {
        let product = pill();
        let mut bench = Bench::at_bedside(Ward::with(&[&product], &[order("r", &product, "50 mg")]));
        bench.scan(package(&product));
        assert_eq!(bench.class(Check::M10), None);
        bench.scan(package(&product)).assert_class(Check::M10, Class::Choice);
        bench.confirm();
        assert!(bench.given().is_empty());
        bench
    };
    let mut bench = two();
    bench.count(2).assert_ready();
    bench.confirm();
    assert_eq!(bench.given().len(), 1);

    let mut bench = two();
    bench.count(1).assert_stopped_by(Check::M10);
    assert_eq!(bench.variance(Check::M10), Some(&Variance::CountDiffers(2, 1)));
    assert_eq!(bench.last().kind(), EntryKind::Verdict);
    assert!(bench.last().clear().findings.contains(&(Check::M10, Class::Hard)), "a near miss, recorded");
    bench.confirm();
    assert!(bench.given().is_empty());

    let mut bench = two();
    bench.count(2).event(Event::PutBack).scan(package(&pill())).assert_class(Check::M10, Class::Choice);
}

#[test]
fn m10_is_asked_when_nothing_more_is_to_be_scanned_and_not_with_serial_numbers() {
    let product = pill();
    let mut bench = Bench::at_bedside(Ward::with(&[&product], &[order("r", &product, "75 mg")]));
    bench.scan(package(&product)).scan(package(&product));
    assert!(matches!(bench.step(), Step::ScanNext(..)));
    bench.scan(package(&product));
    assert!(matches!(bench.step(), Step::Enter(_)));
    bench.count(3).assert_ready();
    let mut bench = Bench::at_bedside(Ward::with(&[&product], &[order("r", &product, "50 mg")]));
    bench.scan(package_no(&product, "S1")).scan(package_no(&product, "S2")).assert_ready();
}

#[test]
fn w2_roles_that_may_witness_are_licensed() {
    let may: Vec<Role> = Role::ALL.into_iter().filter(|role| role.may_witness()).collect();
    assert_eq!(may, [Role::Nurse, Role::ChargeNurse, Role::Pharmacist, Role::Provider]);
}

/// A carton carries a UPC and a 2D code, a label of ours sticks on a package with codes of its own: two codes are two packages when
/// somebody has counted two.
#[test]
fn m10_two_codes_that_one_package_can_carry_ask_how_many_are_in_hand() {
    let product = pill();
    let other = PackageKey::Gtin(gtin(0, 424_242));
    let ward = || {
        let mut ward = Ward::with(&[&product], &[order("r", &product, "50 mg")]);
        ward.formulary.link(other.clone(), product.id.clone());
        ward.dispense("dose-1", "p1", &product);
        ward.dispense("dose-2", "p1", &product);
        ward
    };
    for (one, two) in [
        (package(&product), code(other.clone(), &Printed::default())),
        (package_no(&product, "S1"), code(other.clone(), &Printed::default())),
        (label("dose-1"), package(&product)),
        (label("dose-1"), package_no(&product, "S1")),
    ] {
        let mut bench = Bench::at_bedside(ward());
        bench
            .scan(one)
            .wait(jiff::SignedDuration::from_secs(2))
            .scan(two)
            .assert_class(Check::M10, Class::Choice);
        bench.confirm();
        assert!(bench.given().is_empty());
        bench.count(2).assert_ready();
    }
    let mut bench = Bench::at_bedside(ward());
    bench.scan(label("dose-1")).scan(label("dose-2")).assert_ready();
    assert_eq!(bench.class(Check::M10), None);
}

/// "One" says that they are: of a label and the code under it one package is left, and nobody has a second one in custody. Of two codes
/// of the maker's it is a package that was shown twice, a near miss.
#[test]
fn m10_one_in_hand_joins_a_label_and_the_code_under_it_and_stops_what_was_shown_twice() {
    let product = Product { controlled: Some(Controlled::Two), ..pill() };
    let other = PackageKey::Gtin(gtin(0, 424_242));
    let ward = |dose: &str| {
        let mut ward = Ward::with(&[&product], &[order("r", &product, dose)]);
        ward.formulary.link(other.clone(), product.id.clone());
        ward.dispense("dose-1", "p1", &product);
        ward
    };
    let later = jiff::SignedDuration::from_secs(5);
    for (one, two) in [(label("dose-1"), package(&product)), (package(&product), label("dose-1"))] {
        let mut bench = Bench::at_bedside(ward("50 mg"));
        bench.scan(one).wait(later).scan(two).assert_class(Check::M10, Class::Choice);
        bench.count(1);
        assert!(
            matches!(bench.step(), Step::ScanNext(..)),
            "one of the two that are ordered: {:?}",
            bench.step()
        );
        assert!(!bench.dose().changed);
        bench.event(Event::NoMore).answer(Check::D3, "not-available").confirm();
        let used = &bench.given()[0].packages;
        assert!(matches!(&used[..], [only] if only.identity.is_some()), "the label: {used:?}");
        assert!(bench.ward.chart.set_aside.is_empty());
    }
    let mut bench = Bench::at_bedside(ward("50 mg"));
    bench
        .scan(package(&product))
        .scan(code(other, &Printed::default()))
        .count(1)
        .assert_stopped_by(Check::M10);
}

/// What the camera sees in one picture is a label on its package, as long as both are of one item and the maker's code says nothing
/// against it.
#[test]
fn m10_a_label_and_the_code_of_the_package_under_it_are_one_package_when_they_agree() {
    let (product, other) = (pill(), tablet("other", "metformin", "25 mg"));
    let ward = || {
        let mut ward = Ward::with(&[&product, &other], &[order("r", &product, "25 mg")]);
        ward.dispense("dose-1", "p1", &product);
        ward
    };
    for (one, two) in [(label("dose-1"), package(&product)), (package(&product), label("dose-1"))] {
        let mut bench = Bench::at_bedside(ward());
        bench.scan(one).scan(two).assert_ready();
        bench.confirm();
        let used = &bench.given()[0].packages;
        assert!(matches!(&used[..], [only] if only.identity.is_some()), "the label: {used:?}");
    }
    // What only the package says is kept with the label.
    let mut bench = Bench::at_bedside(ward());
    let printed = Printed { lot: Some("B2"), ..Printed::default() };
    bench.scan(label("dose-1")).scan(code(PackageKey::Gtin(gtin_of(&product.id)), &printed)).assert_ready();
    assert!(!bench.dose().changed);
    bench.confirm();
    assert_eq!(bench.given()[0].packages[0].lot.as_ref().map(rights::ident::Lot::as_str), Some("B2"));
    // What the drug file says otherwise in that second is a change all the same.
    let mut bench = Bench::at_bedside(ward());
    bench.scan(label("dose-1"));
    bench.ward.stock(&Product { high_alert: true, ..product.clone() });
    bench.scan(code(PackageKey::Gtin(gtin_of(&product.id)), &printed));
    assert!(bench.dose().changed);
    // Another lot than the dispensed one is another package.
    let mut of_a_lot = ward();
    of_a_lot.dispense("dose-2", "p1", &product).lot = Some(rights::ident::Lot::parse("A1").unwrap());
    let mut bench = Bench::at_bedside(of_a_lot);
    bench
        .scan(label("dose-2"))
        .scan(code(PackageKey::Gtin(gtin_of(&product.id)), &printed))
        .assert_stopped_by(Check::D4);
    let mut wrong = Bench::at_bedside(ward());
    wrong.scan(label("dose-1")).scan(package(&other)).assert_stopped_by(Check::M2);
    let mut recalled = ward();
    let lot = rights::ident::Lot::parse("A1").unwrap();
    let class = rights::product::RecallClass::One;
    recalled.formulary.recall(rights::product::Recall { product: product.id.clone(), lot, class });
    let key = PackageKey::Gtin(gtin(0, 424_242));
    recalled.formulary.link(key.clone(), product.id.clone());
    let mut bench = Bench::at_bedside(recalled);
    bench.scan(label("dose-1")).scan(code(key, &Printed { lot: Some("A1"), ..Printed::default() }));
    bench.assert_stopped_by(Check::M6);
}

/// The confirmation of a typed identification is judged again with each dose.
#[test]
fn w2_who_confirmed_a_typed_identification_is_not_who_gives() {
    let mut bench = identified_by_typing(&pill());
    bench.scan(package(&pill()));
    assert_eq!(bench.class(Check::W2), None);
    let case = &bench.dose().case;
    let said = |giver: &str, role| {
        let mut case = rights::case::DoseCase::clone(case);
        case.giver = Some(rights::ident::ClinicianId::parse(giver).unwrap());
        case.patient.typed.as_mut().unwrap().witness.as_mut().unwrap().0.role = role;
        let verdict = rights::decide::decide_dose(&case);
        variance(&verdict, Check::W2).cloned()
    };
    assert_eq!(said("n1", Role::Nurse), None);
    assert_eq!(said("n2", Role::Nurse), Some(Variance::WitnessIsGiver));
    assert_eq!(said("n1", Role::Student), Some(Variance::WitnessNotLicensed(Role::Student)));
}

/// The witness of the identification is none of the package: a package that is typed asks for one of its own.
#[test]
fn m9_the_witness_of_the_identity_is_not_that_of_the_package() {
    let mut bench = identified_by_typing(&pill());
    bench.event(typed_package("0591036901")).answer(Check::M9, "unreadable");
    assert_eq!(bench.step(), Step::Witness, "{:?}", bench.verdict().findings());
    bench.confirm();
    assert!(bench.given().is_empty());
}

/// None in hand is no count.
#[test]
fn m10_a_count_of_none_is_no_answer() {
    let product = pill();
    let mut bench = Bench::at_bedside(Ward::with(&[&product], &[order("r", &product, "50 mg")]));
    bench.scan(package(&product)).scan(package(&product)).count(0);
    assert_eq!(bench.dose().notice, Some(rights::bedside::Notice::ValueNotPossible));
    bench.confirm();
    assert!(bench.given().is_empty());
}

/// Who was typed and may not be given anything is refused before a witness is called.
#[test]
fn p8_p4_a_typed_patient_who_was_discharged_stops_at_once() {
    let mut ward = ward_of(&pill());
    ward.patient("p1").admission = rights::person::Admission::Discharged;
    let mut bench = Bench::locked(ward);
    bench.sign_on("n1").event(typed_band(1951, "0117", "damaged"));
    assert_eq!(bench.phase(), "identify");
    assert!(stopped_identification(&bench).stops().any(|finding| finding.check == Check::P4));
}

/// The discharge comes while the witness types: nothing is given any more.
#[test]
fn p8_p4_a_discharge_while_the_witness_types_stops_the_dose() {
    let mut bench = Bench::locked(ward_of(&pill()));
    bench.sign_on("n1").event(typed_band(1951, "0117", "damaged")).scan(badge("n2"));
    bench.ward.patient("p1").admission = rights::person::Admission::Discharged;
    bench.event(says_birth_date(1951)).scan(package(&pill())).assert_stopped_by(Check::P4);
}

#[test]
fn m9_a_package_is_typed_only_for_a_patient() {
    let mut bench = Bench::locked(ward_of(&pill()));
    bench.sign_on("n1");
    let entries = bench.entries.len();
    bench.event(typed_package("0591036901"));
    assert_eq!((bench.phase(), bench.entries.len()), ("identify", entries));
}
