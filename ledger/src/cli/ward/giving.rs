//! Giving a dose: what a nurse does at each step until it is recorded, stopped or put back.

use jiff::SignedDuration;
use rights::amount::Amount;
use rights::bedside::{DoseInHand, Event, Phase, PinOutcome, Stage, Step, TypedPackage, Waste};
use rights::case::{Answer, Contact, ContactRole, Taken};
use rights::custody::in_custody;
use rights::entered::{Entered, Observation, Wanted};
use rights::ident::{ReasonCode, SiteCode};
use rights::product::Form;
use rights::quantity::Quantity;
use rights::scan::{Scan, Source};
use rights::verdict::{Check, Class, Why};
use rights::witness::Blind;

use super::kiosk::{Came, How, Kiosk};
use super::people;
use super::stock::quantity;

fn code(text: &str) -> ReasonCode {
    ReasonCode::parse(text).unwrap()
}

impl Kiosk<'_> {
    /// Scans, answers, and confirms, unless something stops it.
    pub fn give(&mut self, how: &How) -> Came {
        let mut packages = how.packages.iter();
        let mut next = packages.next();
        if let Some(scan) = next.take() {
            self.hold(scan);
        }
        for _ in 0..40 {
            let dose = match self.phase() {
                Phase::Dose(dose) => dose.clone(),
                Phase::Done(_) => {
                    let key =
                        self.last.unwrap_or(rights::entry::IdempotencyKey { session: [0; 16], count: 0 });
                    self.event(Event::Continue);
                    self.settle(&Came::Given(key));
                    return Came::Given(key);
                }
                _ => break,
            };
            match dose.step() {
                Step::Stopped => {
                    self.wait(4000);
                    self.event(Event::Cancel);
                    self.settle(&Came::Stopped);
                    return Came::Stopped;
                }
                Step::Choose => match dose.choices().into_iter().find(|choice| choice.request == how.request)
                {
                    Some(choice) => self.event(Event::Choose(choice)),
                    None => break,
                },
                Step::Measure(_, part) => {
                    self.event(Event::Take(dose.case.packages.len() - 1, share(&dose, part)));
                }
                Step::ScanNext(..) => match packages.next() {
                    Some(scan) => {
                        self.wait(2500);
                        self.hold(scan);
                    }
                    None => self.event(Event::NoMore),
                },
                Step::Enter(wanted) => self.value(&wanted, how),
                Step::VerbalOrder => break,
                Step::Questions(checks) => self.answer(&dose, checks[0], how),
                Step::Witness => self.witness(&dose, how),
                Step::Ready => {
                    if let Some(at) = how.given_at.filter(|_| dose.case.answers.given_at().is_none()) {
                        self.event(Event::Enter(Entered::GivenAt(at)));
                        continue;
                    }
                    let findings = dose.verdict.findings().iter();
                    self.standing =
                        findings.filter(|f| f.class != Class::Pass).map(|finding| finding.check).collect();
                    let last = dose.case.packages.iter().map(|package| package.scanned_at).max();
                    let until = last.map(|at| at + SignedDuration::from_millis(how.confirm_ms));
                    self.now = until.unwrap_or(self.now).max(self.now + SignedDuration::from_millis(200));
                    self.event(Event::Confirm);
                }
            }
        }
        self.event(Event::Cancel);
        self.settle(&Came::Nothing);
        Came::Nothing
    }

    /// A package is scanned, or typed.
    fn hold(&mut self, scan: &Scan) {
        self.wait(1500);
        if scan.source == Source::Keyed {
            let (ndc, lot) = scan.text.split_once(' ').unwrap();
            self.event(Event::PackageTyped(TypedPackage {
                ndc: rights::scan::NdcDigits::parse(ndc).unwrap(),
                lot: rights::ident::Lot::parse(lot).unwrap(),
                expiry: None,
            }));
        } else {
            self.event(Event::Scanned(scan.clone()));
        }
    }

    fn value(&mut self, wanted: &Wanted, how: &How) {
        self.wait(900);
        let value = match wanted {
            Wanted::Observation(what, unit) => {
                let value = Quantity::new(Amount::whole(how.rate), *unit);
                Entered::Observation(Observation { what: what.clone(), value, at: self.now })
            }
            Wanted::Site => Entered::Site(SiteCode::parse("left-thigh").unwrap()),
            Wanted::CountInHand => Entered::CountInHand(u16::try_from(how.packages.len()).unwrap()),
            Wanted::PainScore => Entered::PainScore(6),
            other => panic!("the ward has no {other:?}"),
        };
        self.event(Event::Enter(value));
    }

    fn answer(&mut self, dose: &DoseInHand, check: Check, how: &How) {
        self.wait(300);
        let finding = dose.verdict.questions().find(|finding| finding.check == check).unwrap().clone();
        let reason = match (&finding.why, finding.class) {
            (Why::Established(_), _) | (_, Class::Acknowledge) => None,
            (Why::Variance(variance), _) => {
                let listed = self.policy.reasons(variance.reason_list());
                let wanted = how.reason.map(code).filter(|reason| listed.contains(reason));
                Some(wanted.unwrap_or_else(|| listed[0].clone()))
            }
        };
        let contact = (finding.class == Class::SoftContact)
            .then_some(Contact { who: ContactRole::Pharmacist, at: self.now });
        self.event(Event::Answer(Answer { check, reason, note: None, contact }));
    }

    /// The double check of the dose in hand.
    fn witness(&mut self, dose: &DoseInHand, how: &How) {
        let right = dose.verdict.plan().and_then(|plan| plan.dose).unwrap();
        let package = dose.case.packages[0].scan.clone();
        self.wait(3000);
        self.event(Event::CallWitness);
        let typed = how.blind.unwrap_or(right);
        self.second(how.witness, how.witness_ms, Some(package), typed);
        self.truth.blind[1] += u64::from(typed != right);
    }

    /// A second person signs.
    pub fn second_signs(&mut self, who: usize) {
        self.wait(4000);
        self.event(Event::Scanned(people::badge(who)));
        self.wait(2000);
        self.event(Event::PinChecked { outcome: PinOutcome::Accepted, session: [9; 16] });
    }

    /// A second person signs and types.
    pub fn second(&mut self, who: usize, ms: i64, package: Option<Scan>, typed: Quantity) {
        self.second_signs(who);
        let half = ms / 2;
        self.wait(half);
        if let Some(package) = package {
            if package.source == Source::Keyed {
                self.hold(&package);
            } else {
                self.event(Event::Scanned(package));
            }
        }
        self.wait(ms - half);
        self.event(Event::EnterBlind(Blind::Amount(typed)));
        self.truth.blind[0] += 1;
        self.truth.blind[2] += u64::from(ms < 3000);
    }

    /// A waste for which the witness types another amount: nothing is wasted.
    pub fn waste_seen_otherwise(&mut self, witness: usize, amount: &str, typed: &str) {
        let nurse = people::nurse_id(self.nurse);
        let open = in_custody(&self.chart, &self.policy, self.now);
        let of = open.iter().rev().find(|item| item.id.by == nurse).map(|item| item.id.clone()).unwrap();
        let amount = quantity(amount);
        self.event(Event::Waste(Waste { of, amount, reason: code("partial-dose"), note: None }));
        self.second(witness, 9000, None, quantity(typed));
        self.truth.blind[1] += 1;
        self.event(Event::Continue);
        self.wait(5000);
    }

    /// Wastes what is left of the last dose of this nurse, in the unit of its content.
    pub fn waste(&mut self, witness: usize, ms: i64, amount: Option<&str>) -> bool {
        let nurse = people::nurse_id(self.nurse);
        let open = in_custody(&self.chart, &self.policy, self.now);
        let Some(item) = open.iter().rev().find(|item| item.id.by == nurse) else { return false };
        let (of, left) = (item.id.clone(), item.remaining);
        let amount = amount.map_or(left, quantity);
        self.event(Event::Waste(Waste { of, amount, reason: code("partial-dose"), note: None }));
        if !matches!(self.phase(), Phase::Second(second) if matches!(second.stage, Stage::Badge)) {
            return false;
        }
        self.second(witness, ms, None, amount);
        self.event(Event::Continue);
        true
    }
}

/// The part of the last package that completes the dose.
fn share(dose: &DoseInHand, part: Quantity) -> Taken {
    let tablet = dose.case.product().is_some_and(|product| product.form == Form::Tablet);
    if tablet { Taken::Share(part.amount) } else { Taken::Measured(part) }
}
