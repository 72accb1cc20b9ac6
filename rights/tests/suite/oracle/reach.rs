//! The generators must reach what the properties are about, or they prove nothing.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use rights::bedside::{Phase, Step};
use rights::entry::{EntryKind, Inputs};
use rights::request::RequestStatus;
use rights::verdict::Check;

use super::acts::{Act, Person, answered};
use super::play;
use super::table::Facts;
use super::wards::{AnyPatient, AnyRequest, any_patient, any_request, is_clean, shelf, ward_of};
use crate::common::*;

#[test]
fn the_random_wards_reach_given_partial_clean_and_stopped() {
    let mut runner = TestRunner::deterministic();
    let mut reached = Reached { clean: clean_wards(&mut runner), ..Reached::default() };
    for _ in 0..400 {
        let any = any_request().new_tree(&mut runner).unwrap().current();
        let patient = any_patient().new_tree(&mut runner).unwrap().current();
        let any = AnyRequest { status: RequestStatus::Active, mine: true, ..any };
        let drug = any.drug;
        let requests = std::slice::from_ref(&any);
        let ordinary = [Act::Package(drug, None), Act::Choose(0), Act::Take(1), Act::NoMore, Act::AnswerAll];
        let usual = [&ordinary[..], &[Act::AnswerAll, Act::Confirm]].concat();
        reached.played(&play(requests, &AnyPatient::default(), &usual).unwrap());
        let all = [
            &[Act::Year(true), Act::Package(drug, None), Act::Choose(0), Act::Site(true), Act::NoMore][..],
            &[Act::AnswerAll, Act::Witness(Person::Nurse, true), Act::AnswerAll, Act::Confirm],
        ];
        reached.played(&play(requests, &patient, &all.concat()).unwrap());
        let typed = [&[Act::TypeBand(true)][..], &all.concat()].concat();
        reached.played(&play(requests, &patient, &typed).unwrap());
        let spoken = [
            &[Act::Emergency(Person::Nurse), Act::Package(drug, None), Act::Spoken(0, true)][..],
            &[Act::Take(1), Act::Site(true), Act::NoMore, Act::AnswerAll],
            &[Act::Witness(Person::Nurse, true), Act::AnswerAll, Act::Confirm],
        ];
        reached.played(&play(&[], &patient, &spoken.concat()).unwrap());
        let theirs = [Act::Emergency(Person::Nurse), Act::Label(false), Act::AnswerAll, Act::Confirm];
        reached.played(&play(requests, &AnyPatient::default(), &theirs).unwrap());
    }
    let enough = reached.all().iter().all(|(_, count)| *count >= 5) && reached.given > 50;
    assert!(enough, "{:?}", reached.all());
}

/// How many of many random wards are as simple as can be.
fn clean_wards(runner: &mut TestRunner) -> usize {
    let is_one = |runner: &mut TestRunner| {
        let any = any_request().new_tree(runner).unwrap().current();
        let any = AnyRequest { status: RequestStatus::Active, mine: true, ..any };
        let ward = ward_of(std::slice::from_ref(&any), &AnyPatient::default());
        let facts = Facts {
            chart: &ward.chart,
            shelf: &shelf(),
            policy: &ward.policy,
            now: ward.now,
            clock_ok: true,
            orders_age_minutes: 0,
            emergency: None,
            spoken: None,
        };
        is_clean(&facts, &shelf()[any.drug])
    };
    (0..3000).filter(|_| is_one(runner)).count()
}

#[derive(Default)]
struct Reached {
    clean: usize,
    given: usize,
    partial: usize,
    stopped: usize,
    witnessed: usize,
    typed: usize,
    spoken: usize,
    near: usize,
    site: usize,
    of_another: usize,
    weight: usize,
    pair: usize,
    seen: usize,
}

impl Reached {
    fn all(&self) -> [(&'static str, usize); 12] {
        [
            ("clean", self.clean),
            ("partial", self.partial),
            ("stopped", self.stopped),
            ("witnessed", self.witnessed),
            ("typed", self.typed),
            ("spoken", self.spoken),
            ("near", self.near),
            ("site", self.site),
            ("of another", self.of_another),
            ("weight", self.weight),
            ("pair", self.pair),
            ("seen", self.seen),
        ]
    }

    fn played(&mut self, bench: &Bench) {
        let stopped = matches!(bench.bedside.phase(), Phase::Dose(dose) if dose.step() == Step::Stopped);
        self.stopped += usize::from(stopped);
        for entry in &bench.entries {
            let Some(detached) = entry.detached() else { continue };
            let done = detached.record.as_ref().and_then(rights::history::Record::administration);
            let (Some(done), Some(Inputs::Dose(case))) = (done, &detached.inputs) else { continue };
            let asked = |check: Check| usize::from(answered(entry).contains(&check));
            self.given += usize::from(entry.kind() == EntryKind::Given);
            self.partial += usize::from(entry.kind() == EntryKind::Partial);
            self.witnessed += usize::from(done.witness.is_some());
            self.typed += usize::from(case.patient.typed.is_some());
            self.spoken += usize::from(done.request.as_str().starts_with("verbal-"));
            self.near += usize::from(!case.patient.entered.is_empty());
            self.site += usize::from(done.site.is_some());
            self.of_another += asked(Check::M3);
            self.weight += asked(Check::D7);
            self.pair += asked(Check::C4);
            self.seen += asked(Check::P6);
        }
    }
}
