//! What may happen at the bedside, in any order.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rights::bedside::{Event, Phase, TypedBand};
use rights::case::{Answer, Choice, Taken};
use rights::chart::Sighting;
use rights::entered::Entered;
use rights::history::Outcome;
use rights::ident::{ReasonCode, RequestId};
use rights::person::{Admission, Allergen};
use rights::product::{Product, Route};
use rights::quantity::Quantity;
use rights::request::RequestStatus;
use rights::verdict::Check;
use rights::witness::Blind;

use super::measures::due_instants;
use super::wards::shelf;
use crate::common::*;

/// One thing that somebody does, or that happens.
#[derive(Clone, Debug)]
pub(super) enum Act {
    Package(usize, Option<&'static str>),
    Band,
    OldBand,
    OtherBand,
    Choose(usize),
    Take(u8),
    NoMore,
    AnswerAll,
    AnswerOne(usize),
    Confirm,
    PutBack,
    Cancel,
    NotGiven(usize),
    Wait(i64),
    Stop(usize),
    Version(usize),
    Discharge,
    Allergy,
    Clock,
    Elsewhere,
    DiskFails,
    Continue,
    SignOn,
    /// A dose label of this patient, or of another one.
    Label(bool),
    /// The band is typed, rightly or not.
    TypeBand(bool),
    /// Who is called, and whether they type the amount in hand.
    Witness(Person, bool),
    /// Break-glass with this second person.
    Emergency(Person),
    EmergencyOver,
    /// A spoken order: which dose, and whether by the product's route.
    Spoken(usize, bool),
    /// A site of the route, or one of another route.
    Site(bool),
    /// The birth year, or another one.
    Year(bool),
    /// The patient is weighed.
    Weigh(&'static str),
    /// Another kiosk sees the band.
    Seen,
    /// So many seconds pass.
    Seconds(i64),
}

/// A second person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Person {
    Nurse,
    Giver,
    Student,
}

impl Person {
    fn badge(self) -> &'static str {
        match self {
            Self::Nurse => "n2",
            Self::Giver => "n1",
            Self::Student => "s1",
        }
    }
}

fn any_person() -> impl Strategy<Value = Person> {
    prop_oneof![6 => Just(Person::Nurse), 1 => Just(Person::Giver), 1 => Just(Person::Student)]
}

/// The doses of spoken orders.
const SPOKEN: [&str; 3] = ["25 mg", "50 mg", "1 {tablet}"];

pub(super) fn any_act() -> impl Strategy<Value = Act> {
    let serial = prop_oneof![2 => Just(None), 1 => Just(Some("S1")), 1 => Just(Some("S2"))];
    prop_oneof![
        12 => (0..11_usize, serial).prop_map(|(product, serial)| Act::Package(product, serial)),
        4 => Just(Act::Band),
        1 => Just(Act::OldBand),
        1 => Just(Act::OtherBand),
        4 => (0..4_usize).prop_map(Act::Choose),
        3 => (0..4_u8).prop_map(Act::Take),
        3 => Just(Act::NoMore),
        10 => Just(Act::AnswerAll),
        2 => (0..Check::ALL.len()).prop_map(Act::AnswerOne),
        12 => Just(Act::Confirm),
        3 => Just(Act::PutBack),
        1 => Just(Act::Cancel),
        2 => (0..3_usize).prop_map(Act::NotGiven),
        4 => prop_oneof![0_i64..3, 0_i64..400, -90_i64..0].prop_map(Act::Wait),
        1 => (0..3_usize).prop_map(Act::Stop),
        2 => (0..3_usize).prop_map(Act::Version),
        1 => Just(Act::Discharge),
        1 => Just(Act::Allergy),
        1 => Just(Act::Clock),
        2 => Just(Act::Elsewhere),
        1 => Just(Act::DiskFails),
        3 => Just(Act::Continue),
        3 => Just(Act::SignOn),
        2 => any::<bool>().prop_map(Act::Label),
        1 => proptest::bool::weighted(0.8).prop_map(Act::TypeBand),
        5 => (any_person(), proptest::bool::weighted(0.8)).prop_map(|(who, right)| Act::Witness(who, right)),
        2 => any_person().prop_map(Act::Emergency),
        1 => Just(Act::EmergencyOver),
        3 => (0..SPOKEN.len(), proptest::bool::weighted(0.8)).prop_map(|(dose, right)| Act::Spoken(dose, right)),
        4 => proptest::bool::weighted(0.8).prop_map(Act::Site),
        3 => proptest::bool::weighted(0.8).prop_map(Act::Year),
        2 => prop_oneof![Just("50 kg"), Just("55 kg"), Just("100 kg")].prop_map(Act::Weigh),
        1 => Just(Act::Seen),
        2 => (0_i64..90).prop_map(Act::Seconds),
    ]
}

pub(super) fn events(bench: &Bench, act: &Act) -> Vec<Event> {
    let shelf = shelf();
    match act {
        Act::Package(product, None) => vec![Event::Scanned(package(&shelf[*product]))],
        Act::Package(product, Some(serial)) => vec![Event::Scanned(package_no(&shelf[*product], serial))],
        Act::Band => vec![Event::Scanned(band("p1"))],
        Act::OldBand => vec![Event::Scanned(band_with("p1", "1"))],
        Act::OtherBand => vec![Event::Scanned(band("p2"))],
        Act::Choose(place) => match bench.bedside.phase() {
            Phase::Dose(dose) => dose.choices().get(*place).cloned().map(Event::Choose).into_iter().collect(),
            _ => vec![Event::Choose(Choice {
                request: RequestId::parse("r0").unwrap(),
                version: 1,
                slot: None,
            })],
        },
        Act::Take(share) => {
            let taken = match share {
                0 => Taken::Whole,
                1 => half(),
                2 => Taken::Measured(q("5 mL")),
                _ => Taken::Measured(q("2.5 mL")),
            };
            vec![Event::Take(0, taken), Event::Take(1, taken)]
        }
        Act::NoMore => vec![Event::NoMore],
        Act::AnswerAll => asked(bench).into_iter().flat_map(|check| answers(bench, check)).collect(),
        Act::AnswerOne(place) => answers(bench, Check::ALL[*place]),
        Act::Confirm => vec![Event::Confirm],
        Act::PutBack => vec![Event::PutBack],
        Act::Cancel => vec![Event::Cancel],
        Act::NotGiven(place) => {
            let slot = bench
                .ward
                .chart
                .requests
                .get(*place)
                .and_then(|r| due_instants(r, bench.ward.now).first().copied());
            let choice =
                Choice { request: RequestId::parse(&format!("r{place}")).unwrap(), version: 1, slot };
            let reason = ReasonCode::parse("refused").unwrap();
            vec![Event::ChartNotGiven(rights::bedside::NotGiven {
                choice,
                outcome: Outcome::Refused,
                reason,
                note: None,
            })]
        }
        Act::Continue => vec![Event::Continue],
        Act::SignOn => vec![Event::Scanned(badge("n1")), Event::Scanned(band("p1"))],
        Act::Label(own) => vec![Event::Scanned(label(if *own { "own" } else { "other" }))],
        Act::TypeBand(right) => type_band(bench, *right),
        Act::Witness(who, right) => witness(bench, *who, *right),
        Act::Emergency(who) => emergency(bench, *who),
        Act::EmergencyOver => vec![Event::EndBreakGlass],
        Act::Spoken(dose, right) => {
            let route = in_hand(bench).map_or(Route::Oral, |product| product.routes[0]);
            let route = if *right { route } else { Route::Rectal };
            vec![Event::VerbalOrder { dose: q(SPOKEN[*dose]), route }]
        }
        Act::Site(right) => vec![Event::Enter(site(if *right { "left-abdomen" } else { "left-deltoid" }))],
        Act::Year(right) => {
            let year = bench.ward.chart.patients[0].birth_date.year();
            vec![Event::Enter(Entered::BirthYear(if *right { year } else { year - 6 }))]
        }
        Act::Wait(_)
        | Act::Seconds(_)
        | Act::Weigh(_)
        | Act::Seen
        | Act::Stop(_)
        | Act::Version(_)
        | Act::Discharge
        | Act::Allergy
        | Act::Clock
        | Act::Elsewhere
        | Act::DiskFails => {
            vec![Event::Tick]
        }
    }
}

fn in_hand(bench: &Bench) -> Option<&Product> {
    match bench.bedside.phase() {
        Phase::Dose(dose) => dose.case.product(),
        _ => None,
    }
}

/// Everybody types; a person who may not be the second one goes again.
fn witness(bench: &Bench, who: Person, right: bool) -> Vec<Event> {
    let Phase::Dose(dose) = bench.bedside.phase() else { return vec![Event::CallWitness] };
    let Some(product) = dose.case.product().filter(|_| dose.can_be_witnessed()) else {
        return vec![Event::CallWitness];
    };
    let zero = Quantity::new(rights::amount::Amount::ZERO, product.package.unit);
    let content = dose.case.packages.iter().filter_map(rights::case::PackageInHand::content_taken);
    let content = content.fold(zero, |sum, content| sum.plus(&content).unwrap());
    let amount = if right { content } else { content.times(rights::amount::Amount::whole(2)).unwrap() };
    let scanned = Event::Scanned(package(product));
    let last = if who == Person::Nurse { Event::Tick } else { Event::Cancel };
    vec![
        Event::CallWitness,
        Event::Scanned(badge(who.badge())),
        scanned,
        Event::EnterBlind(Blind::Amount(amount)),
        last,
    ]
}

fn emergency(bench: &Bench, who: Person) -> Vec<Event> {
    let asked = Event::BreakGlass { reason: ReasonCode::parse("cardiac-arrest").unwrap(), note: None };
    let places = matches!(
        bench.bedside.phase(),
        Phase::Identify { .. } | Phase::DueList { .. } | Phase::Dose(_) | Phase::Done(_)
    );
    if !places || bench.bedside.session().is_none() || bench.ward.clock != trusted() {
        return vec![asked];
    }
    let last = if who == Person::Nurse { Event::Tick } else { Event::Cancel };
    vec![asked, Event::Scanned(badge(who.badge())), last]
}

/// Birth date and record number are typed, and the second nurse types the date too.
fn type_band(bench: &Bench, right: bool) -> Vec<Event> {
    let patient = &bench.ward.chart.patients[0];
    let birth_date = patient.birth_date;
    let reason = ReasonCode::parse("damaged").unwrap();
    let typed = |mrn_end: &str| {
        Event::BandTyped(TypedBand {
            reason: reason.clone(),
            note: None,
            birth_date,
            mrn_end: mrn_end.into(),
        })
    };
    if !right {
        return vec![typed("0242")];
    }
    let mut all = vec![typed("0117")];
    // In an emergency nobody is asked.
    if bench.bedside.session().is_some_and(|session| session.break_glass.is_none()) {
        all.push(Event::Scanned(badge("n2")));
        all.push(Event::EnterBlind(Blind::BirthDate(birth_date)));
    }
    all
}

/// A clock that is right.
pub(super) const fn trusted() -> rights::moment::ClockTrust {
    rights::moment::ClockTrust::Known(jiff::SignedDuration::ZERO)
}

/// What is asked now.
fn asked(bench: &Bench) -> BTreeSet<Check> {
    match bench.bedside.phase() {
        Phase::Dose(dose) => dose.verdict.questions().map(|finding| finding.check).collect(),
        _ => BTreeSet::new(),
    }
}

/// An answer from every list, and the acknowledgement.
fn answers(bench: &Bench, check: Check) -> Vec<Event> {
    let when = bench.ward.now.checked_sub(minutes(1)).unwrap();
    let mut all: Vec<Event> =
        ["procedure", "workload", "not-available", "prescriber-ordered", "pain", "damaged", "unreadable"]
            .into_iter()
            .map(|reason| Event::Answer(with_contact(answer(check, reason), when)))
            .collect();
    all.push(Event::Answer(Answer { check, reason: None, note: None, contact: None }));
    if let (Check::M10, Phase::Dose(dose)) = (check, bench.bedside.phase()) {
        let count = u16::try_from(dose.case.packages.len()).unwrap();
        all.push(Event::Enter(Entered::CountInHand(count)));
    }
    all
}

pub(super) fn change(bench: &mut Bench, act: &Act) {
    let ward = &mut bench.ward;
    match act {
        Act::Wait(passed) => {
            ward.now = ward.now.checked_add(minutes(*passed)).unwrap();
            // Every other time the order system has been heard meanwhile.
            if passed % 2 == 0 {
                ward.chart.orders_as_of = Some(ward.now);
            }
        }
        Act::Stop(place) => {
            if let Some(request) = ward.chart.requests.get_mut(*place) {
                request.status = RequestStatus::Stopped;
            }
        }
        Act::Version(place) => {
            if let Some(request) = ward.chart.requests.get_mut(*place) {
                request.version += 1;
            }
        }
        Act::Discharge => ward.patient("p1").admission = Admission::Discharged,
        Act::Allergy => {
            let alpha = rights::ident::Ingredient::parse("alpha").unwrap();
            ward.patient("p1").allergies.push(allergy(Allergen::Ingredient(alpha), None));
        }
        Act::Elsewhere => {
            // Another kiosk is faster with the very dose that is in hand here.
            if let Phase::Dose(dose) = bench.bedside.phase()
                && let Some(plan) = dose.verdict.plan()
                && ward.chart.request(&plan.choice.request).is_some()
            {
                ward.charted(plan.choice.request.as_str(), plan.choice.slot, Outcome::Given, ward.now);
            }
        }
        Act::Clock => ward.clock = rights::moment::ClockTrust::Known(minutes(6)),
        Act::DiskFails => bench.disk_works = false,
        Act::Seconds(passed) => ward.now += jiff::SignedDuration::from_secs(*passed),
        Act::Weigh(weight) => {
            let seen = observation("body-weight", weight, ward.now);
            ward.chart.observations.push((patient_id("p1"), seen));
        }
        Act::Seen => {
            let at = ward.now;
            ward.chart.sightings.push(Sighting { patient: patient_id("p1"), at });
        }
        _ => {}
    }
}

/// What was answered, by the leaf of the entry.
pub(super) fn answered(entry: &rights::entry::Entry) -> BTreeSet<Check> {
    entry.clear().reasons.iter().map(|(check, _)| *check).collect()
}
