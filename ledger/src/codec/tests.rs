//! One value, one encoding. Whole cases from the bedside are encoded and decoded in `tests/api.rs`; here are the values with
//! edges.

mod facts;
mod second;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use rights::amount::Amount;
use rights::claims::{BeingGiven, Grant};
use rights::entry::{Detached, IdempotencyKey};
use rights::follow_up::{Act, Conflict, FollowUp, InfusionStep};
use rights::history::{Administration, Outcome, Record};
use rights::ident::{ClinicianId, DoseId, PatientId, ReasonCode, RequestId};
use rights::policy::Policy;
use rights::quantity::Quantity;
use rights::rate::Rate;
use rights::scan::{Meaning, Scan, ScanFault, ScanFaultKind, Source, Symbology};
use rights::schedule::{AsNeeded, Timing};

use crate::cbor::{self, Cbor};

fn comes_back<T: Cbor + PartialEq>(value: &T) -> bool {
    let bytes = cbor::encode(value);
    let again = cbor::decode::<T>(&bytes).ok();
    again.as_ref() == Some(value) && again.map(|again| cbor::encode(&again)) == Some(bytes)
}

#[test]
fn edges_come_back() {
    for (numerator, denominator) in
        [(0, 1), (-1, 3), (i128::from(i64::MAX) + 1, 1), (1, i128::MAX), (i128::MIN + 1, 2)]
    {
        assert!(
            comes_back(&Amount::from_parts(numerator, denominator).unwrap()),
            "{numerator}/{denominator}"
        );
    }
    for at in [Timestamp::MIN, Timestamp::MAX, Timestamp::UNIX_EPOCH, Timestamp::new(-1, -1).unwrap()] {
        assert!(comes_back(&at), "{at}");
    }
    for duration in [SignedDuration::MIN, SignedDuration::MAX, SignedDuration::ZERO] {
        assert!(comes_back(&duration));
    }
}

#[test]
fn a_second_form_of_a_value_is_refused() {
    // 2/4 is 1/2, one second is not 10^9 nanoseconds, and an empty list is left out.
    for (hex, what) in [("820204", "amount"), ("8310500000000000000000000000000000000150", "wide amount")] {
        let bytes = crate::hash::from_hex(hex).unwrap();
        assert!(cbor::decode::<Amount>(&bytes).is_err(), "{what}");
    }
    let second = cbor::encode(&(0_i64, 1_000_000_000_i64));
    assert!(cbor::decode::<Timestamp>(&second).is_err() && cbor::decode::<SignedDuration>(&second).is_err());
    assert!(cbor::decode::<AsNeeded>(&[0xa1, 0x02, 0x80]).is_err());
}

#[test]
fn a_policy_is_stored_once_and_found_by_its_hash() {
    let policy = Policy::default();
    let mut writer = cbor::Writer::default();
    policy.write(&mut writer);
    let (bytes, beside) = writer.into_parts();
    assert_eq!((bytes.len(), beside.len()), (34, 1));
    let lookup = |hash: &[u8; 32]| beside.get(hash).cloned();
    assert_eq!(Policy::read(&mut cbor::Reader::with_lookup(&bytes, &lookup)).unwrap(), policy);
    let other = |_: &[u8; 32]| Some(vec![0xa0]);
    assert!(
        Policy::read(&mut cbor::Reader::with_lookup(&bytes, &other)).is_err(),
        "another content under the hash"
    );
    assert!(cbor::decode::<Policy>(&bytes).is_err(), "nothing stored beside");
}

#[test]
fn another_version_is_refused() {
    let detached = Detached {
        patient: PatientId::parse("p-1").ok(),
        inputs: None,
        record: None,
        answers: vec![],
        scanned: Some("]d2\u{1d}10L42".into()),
    };
    let (mut bytes, policies) = super::encode(&detached);
    assert!(policies.is_empty());
    assert_eq!(super::decode(&bytes, &|_| None).unwrap(), detached);
    bytes[1] = 2;
    assert!(super::decode(&bytes, &|_| None).is_err());
}

fn dose() -> Administration {
    Administration {
        patient: PatientId::parse("p-1").unwrap(),
        request: RequestId::parse("r-1").unwrap(),
        version: 3,
        slot: None,
        outcome: Outcome::Missing,
        at: Timestamp::UNIX_EPOCH,
        by: ClinicianId::parse("n-1").unwrap(),
        dose: None,
        ingredients: vec![],
        route: None,
        packages: vec![],
        reason: None,
        note: None,
        entry: None,
        backdated: None,
        effect_due: None,
        rate: None,
        continues: None,
        grant: None,
        site: None,
        pain_score: None,
        known: Vec::new(),
        order_link_due: None,
        witness: None,
    }
}

const KEY: IdempotencyKey = IdempotencyKey { session: [9; 16], count: 70_000 };

/// What older entries lack is absent: the bytes of a dose without the newer fields are those of before.
#[test]
fn a_dose_comes_back_with_and_without_what_follows_it() {
    let plain = cbor::encode(&dose());
    assert_eq!(plain[0], 0xa6, "a map of the six fields that are there");
    assert!(comes_back(&dose()));
    for grant in Grant::ALL {
        assert!(comes_back(&Administration {
            entry: Some(KEY),
            backdated: Some(Timestamp::MAX),
            effect_due: Some(Timestamp::UNIX_EPOCH),
            rate: Rate::parse("5 ug/kg/min").ok(),
            continues: Some(KEY),
            known: vec![KEY, IdempotencyKey { count: 0, ..KEY }],
            grant: Some(*grant),
            ..dose()
        }));
    }
}

#[test]
fn each_act_after_a_dose_comes_back() {
    let rate = Rate::parse("0.5 mL/h").unwrap();
    let bolus = Quantity::parse("5 mL").unwrap();
    let steps = [
        InfusionStep::RateChanged(rate),
        InfusionStep::Paused,
        InfusionStep::Resumed,
        InfusionStep::Bolus(bolus),
        InfusionStep::Stopped,
        InfusionStep::Completed,
    ];
    let nurse = || ClinicianId::parse("n-1").unwrap();
    let mut acts = vec![
        Act::EnteredInError,
        Act::EffectNoted { pain: None },
        Act::EffectNoted { pain: Some(10) },
        Act::PatchRemoved,
        Act::Conflict(Conflict::StoppedBefore(Timestamp::UNIX_EPOCH)),
        Act::Conflict(Conflict::AlsoGiven(Timestamp::UNIX_EPOCH, nurse())),
        Act::ConflictAnswered(Conflict::StoppedBefore(Timestamp::UNIX_EPOCH)),
        Act::ConflictAnswered(Conflict::AlsoGiven(Timestamp::UNIX_EPOCH, nurse())),
    ];
    acts.extend(steps.map(Act::Infusion));
    for act in acts {
        for by in [None, Some(nurse())] {
            let follow_up = FollowUp {
                patient: PatientId::parse("p-1").unwrap(),
                request: RequestId::parse("r-1").unwrap(),
                of: KEY,
                act: act.clone(),
                at: Timestamp::MIN,
                by,
                reason: ReasonCode::parse("not-taken").ok(),
                note: Some("as the patient said".into()),
                witness: ClinicianId::parse("n-2").ok(),
                entry: IdempotencyKey { count: 0, ..KEY },
            };
            assert!(comes_back(&Record::FollowUp(follow_up)), "{act:?}");
        }
    }
    let being_given = BeingGiven {
        request: RequestId::parse("r-1").unwrap(),
        slot: Some(Timestamp::MAX),
        by: nurse(),
        since: Timestamp::MIN,
    };
    assert!(comes_back(&being_given));
}

fn any_timing() -> impl Strategy<Value = Timing> {
    let instant = (-9_000_000_000_i64..9_000_000_000, 0..1_000_000_000_i32)
        .prop_map(|(s, ns)| Timestamp::new(s, if s < 0 { -ns } else { ns }).unwrap());
    let time = (0_i8..24, 0_i8..60).prop_map(|(h, m)| jiff::civil::time(h, m, 0, 0));
    let day = (1_i8..=7).prop_map(|day| jiff::civil::Weekday::from_monday_one_offset(day).unwrap());
    prop_oneof![
        prop::collection::vec(instant, 0..4).prop_map(Timing::At),
        (prop::collection::vec(time, 0..4), prop::collection::vec(day, 0..7), any::<u16>())
            .prop_map(|(times, weekdays, every_days)| Timing::Daily { times, weekdays, every_days }),
        any::<u32>().prop_map(|minutes| Timing::Every { minutes }),
        (
            prop::option::of(any::<i32>()),
            prop::option::of(any::<u16>()),
            prop::collection::vec(".{0,9}", 0..3)
        )
            .prop_map(|(minimum, most_per_day, reasons)| {
                let minimum_interval = minimum.map(|s| SignedDuration::from_secs(i64::from(s)));
                Timing::AsNeeded(AsNeeded { minimum_interval, most_per_day, reasons })
            }),
        (
            prop::collection::vec((0_i8..24).prop_map(|h| jiff::civil::time(h, 30, 0, 0)), 0..4),
            prop::collection::vec(any::<u8>(), 0..4),
            any::<u16>()
        )
            .prop_map(|(times, days, every_months)| Timing::Monthly { times, days, every_months }),
        Just(Timing::Continuous),
        ".{0,30}".prop_map(|text| Timing::Unscheduled { text }),
    ]
}

fn any_scan() -> impl Strategy<Value = Scan> {
    let fault = (".{0,8}", prop::option::of(any::<u16>()), prop::option::of(".{0,5}")).prop_map(
        |(part, position, found)| ScanFault {
            kind: ScanFaultKind::CheckDigit,
            part,
            position,
            found,
            expected: None,
        },
    );
    let symbology = prop::option::of((0..Symbology::ALL.len()).prop_map(|at| Symbology::ALL[at]));
    let faults = prop::collection::vec(fault, 0..4);
    (symbology, any::<bool>(), ".{0,40}", faults).prop_map(|(symbology, camera, text, faults)| {
        let source = if camera { Source::Camera } else { Source::HandScanner };
        let meaning = if faults.is_empty() {
            Meaning::Dose(DoseId::parse("dose-1").unwrap())
        } else {
            Meaning::Nothing(faults)
        };
        Scan { symbology, source, text, meaning }
    })
}

proptest! {
    #[test]
    fn amounts_come_back(numerator in any::<i64>(), denominator in 1_i64..) {
        prop_assert!(comes_back(&Amount::fraction(numerator, denominator).unwrap()));
    }

    #[test]
    fn timings_come_back(timing in any_timing()) {
        prop_assert!(comes_back(&timing));
    }

    #[test]
    fn scans_come_back(scan in any_scan()) {
        prop_assert!(comes_back(&scan));
    }

    #[test]
    fn any_bytes_are_refused_or_come_back_the_same(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
        if let Ok(timing) = cbor::decode::<Timing>(&bytes) {
            prop_assert_eq!(cbor::encode(&timing), bytes.clone());
        }
        if let Ok(leaf) = crate::leaf::Leaf::decode(&bytes) {
            prop_assert_eq!(leaf.encode(), bytes);
        }
    }
}
