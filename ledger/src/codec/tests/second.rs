//! Second persons, custody and break-glass come back, with and without what is optional.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::Offset;
use rights::case::{Answers, BreakGlass, TypedIdentity, VerbalOrder};
use rights::custody::{CustodyId, Disposal, Disposed, SetAside, WasteCase, WasteWitness};
use rights::entry::{Detached, Inputs};
use rights::history::{OrderLinked, PackageIdentity, Record, Reprint, UsedPackage};
use rights::ident::{
    BandSerial, ClinicianId, DoseId, Ingredient, Lot, PatientId, ProductId, ReasonCode, RequestId,
};
use rights::moment::{ClockTrust, Moment};
use rights::person::Role;
use rights::product::{Controlled, Divisible, Form, Marks, Product, Release, Route, Strength};
use rights::quantity::Quantity;
use rights::rate::Rate;
use rights::scan::Source;
use rights::witness::{SecondPerson, Witness, WitnessRule};

use super::comes_back;

fn q(text: &str) -> Quantity {
    Quantity::parse(text).unwrap()
}

fn nurse(id: &str) -> ClinicianId {
    ClinicianId::parse(id).unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::new(1_780_000_000 + second, 5).unwrap()
}

fn second() -> SecondPerson {
    SecondPerson { id: nurse("n2"), role: Role::Pharmacist, signed_at: at(1) }
}

fn package() -> UsedPackage {
    UsedPackage {
        product: ProductId::parse("fentanyl").unwrap(),
        identity: Some(PackageIdentity::Dose(DoseId::parse("d-1").unwrap())),
        lot: Lot::parse("L42").ok(),
        taken: q("0.5 mL"),
        left: q("1.5 mL"),
        controlled: Some(Controlled::Two),
    }
}

fn custody_id() -> CustodyId {
    CustodyId { at: at(2), by: nurse("n1"), place: 3 }
}

#[test]
fn what_a_second_person_entered_comes_back() {
    let product = ProductId::parse("fentanyl").unwrap();
    let witness = |rate| Witness {
        who: second(),
        product: product.clone(),
        name: "fentaNYL".into(),
        dose: q("0.5 mL"),
        rate,
        at: at(3),
    };
    assert!(comes_back(&witness(None)) && comes_back(&witness(Rate::parse("1 mL/h").ok())));
    let verbal = VerbalOrder {
        id: RequestId::parse("verbal-1").unwrap(),
        at: at(4),
        product: product.clone(),
        dose: q("25 ug"),
        route: Route::Intravenous,
    };
    let answers = Answers { witness: Some(witness(None)), verbal: Some(verbal), ..Answers::default() };
    assert!(comes_back(&answers) && comes_back(&Answers::default()));
    let typed = |witness| TypedIdentity { birth_date: date(1951, 4, 3), mrn_end: "0117".into(), witness };
    assert!(comes_back(&typed(None)) && comes_back(&typed(Some((second(), date(1957, 4, 3))))));
    let reason = ReasonCode::parse("cardiac-arrest").unwrap();
    assert!(comes_back(&BreakGlass { since: at(5), by: nurse("n1"), second: nurse("n2"), reason }));
    assert!([Source::Camera, Source::HandScanner, Source::Keyed].iter().all(comes_back));
    for witness in WitnessRule::ALL {
        assert!(comes_back(&Marks { witness: *witness, ..Marks::default() }));
    }
}

#[test]
fn each_record_of_custody_comes_back() {
    let patient = || PatientId::parse("p-1").unwrap();
    let disposed = |how, reason: Option<&str>, witness| {
        Record::Disposed(Disposed {
            patient: patient(),
            how,
            of: custody_id(),
            product: package().product,
            identity: package().identity,
            amount: q("1.5 mL"),
            reason: reason.map(|reason| ReasonCode::parse(reason).unwrap()),
            note: reason.map(|_| "dropped twice".into()),
            by: nurse("n1"),
            witness,
            at: at(6),
        })
    };
    let linked = OrderLinked {
        patient: patient(),
        given_under: RequestId::parse("verbal-1").unwrap(),
        given_at: at(7),
        request: RequestId::parse("r").unwrap(),
        by: nurse("n1"),
        at: at(8),
    };
    let reprint = |band_serial| {
        Record::Reprint(Reprint { patient: patient(), band_serial, by: nurse("n1"), at: at(9) })
    };
    let aside = SetAside { patient: patient(), packages: vec![package()], by: nurse("n1"), at: at(10) };
    for record in [
        disposed(Disposal::Wasted, Some("other"), Some(nurse("n2"))),
        disposed(Disposal::Returned, None, None),
        Record::OrderLinked(linked),
        reprint(None),
        reprint(BandSerial::parse("2").ok()),
        Record::SetAside(aside),
    ] {
        assert!(comes_back(&record), "{record:?}");
    }
    assert!(comes_back(&package()));
    assert!(comes_back(&UsedPackage { controlled: None, identity: None, lot: None, ..package() }));
}

#[test]
fn the_inputs_of_a_waste_come_back_and_are_decided_the_same() {
    let product = Product {
        id: package().product,
        name: "fentanyl".into(),
        tall_man: None,
        brand: None,
        form: Form::Injection,
        release: Release::Immediate,
        strengths: vec![Strength { ingredient: Ingredient::parse("fentanyl").unwrap(), amount: q("50 ug") }],
        per: q("1 mL"),
        package: q("2 mL"),
        divisible: Divisible::Volume,
        routes: vec![Route::Intravenous],
        high_alert: true,
        controlled: Some(Controlled::Two),
        allergy_classes: vec![],
        look_alike: vec![],
        marks: Marks::default(),
    };
    for witness in [None, Some(WasteWitness { who: second(), amount: q("70 ug"), at: at(12) })] {
        let case = WasteCase {
            now: Moment { at: at(12), offset: Offset::UTC, clock: ClockTrust::Unknown },
            policy: Arc::default(),
            by: nurse("n1"),
            patient: PatientId::parse("p-1").unwrap(),
            of: custody_id(),
            package: package(),
            product: product.clone(),
            disposed: q("0 mL"),
            amount: q("75 ug"),
            reason: ReasonCode::parse("partial-dose").unwrap(),
            note: None,
            witness,
        };
        let detached = Detached {
            patient: Some(case.patient.clone()),
            inputs: Some(Inputs::Waste(case.clone().into())),
            record: None,
            answers: vec![],
            scanned: None,
        };
        let (bytes, policies) = crate::codec::encode(&detached);
        let again = crate::codec::decode(&bytes, &|hash| policies.get(hash).cloned()).unwrap();
        assert_eq!(again, detached);
        let Some(Inputs::Waste(stored)) = again.inputs else { panic!("the inputs of a waste") };
        assert_eq!(rights::decide::decide_waste(&stored), rights::decide::decide_waste(&case));
    }
}
