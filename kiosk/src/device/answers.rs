//! What was typed, tapped or written, as the event that it means where the session stands.

use rights::bedside::{Event, NotGiven, Notice, Phase, Second, Stage, Step};
use rights::case::{Answer, Contact, ContactRole, Taken};
use rights::entered::{Entered, Observation, Wanted};
use rights::history::Outcome as NotGivenAs;
use rights::moment::Moment;
use rights::policy::ReasonList;
use rights::quantity::{Quantity, Unit};
use rights::rate::Rate;
use rights::verdict::Class;
use rights::witness::Blind;

use super::notices::with_question_tone;
use super::opening::OUT_OF_RANGE;
use super::{Device, Output, world};
use crate::desk::{Keys, NOT_GIVEN, open_question};
use crate::errand::{self, Begin, Outcome, Question};
use crate::view;

/// The reason of a dose that is refused; a site that has it in its list finds it chosen.
const REFUSED: &str = "refused";

/// The reason that the screen itself chooses for an outcome.
const fn own_reason(outcome: NotGivenAs) -> Option<&'static str> {
    match outcome {
        NotGivenAs::Refused => Some(REFUSED),
        NotGivenAs::Held => Some(OUT_OF_RANGE),
        _ => None,
    }
}

impl Device {
    /// Which keys count now.
    pub(super) fn keys(&self) -> Keys {
        if let Some(errand) = &self.desk.errand {
            return match errand.question() {
                Some(Question::Amount(_) | Question::Rate(_)) => Keys::Decimal,
                Some(Question::BirthDate) => Keys::Digits(errand::DATE_DIGITS),
                Some(Question::TimeOfDay) => Keys::Digits(errand::TIME_DIGITS),
                _ => Keys::Whole,
            };
        }
        match self.bedside.phase() {
            Phase::Dose(dose) if view::takes_decimals(&dose.step()) => Keys::Decimal,
            Phase::Second(second) => match second.stage {
                Stage::Amount { .. }
                | Stage::Rate { .. }
                | Stage::Wasted(..)
                | Stage::NewRate(_)
                | Stage::Bolus(..) => Keys::Decimal,
                Stage::BirthDate(_) => Keys::Digits(errand::DATE_DIGITS),
                Stage::Badge | Stage::Pin { .. } | Stage::Product(_) => Keys::Whole,
            },
            _ => Keys::Whole,
        }
    }

    /// What is typed is complete.
    pub(super) fn enter(&mut self, now: Moment) -> Vec<Output> {
        if let Some(errand) = &mut self.desk.errand {
            errand.give_typed(self.desk.typed.as_str(), &now.at.to_zoned(self.site.zone.clone()));
            return self.go_on_with_errand(now);
        }
        if self.desk.typed.is_empty() {
            return Vec::new();
        }
        match self.bedside.phase() {
            Phase::Pin { clinician, .. } => {
                let clinician = clinician.id.clone();
                self.check_pin(&clinician, now)
            }
            Phase::Second(second) => {
                let second = second.clone();
                self.enter_second(&second, now)
            }
            Phase::DueList { .. } => {
                let typed = self.desk.typed.as_str().parse();
                match (self.wants_birth_year(), typed) {
                    (true, Ok(year)) => self.typed_event(Event::Enter(Entered::BirthYear(year)), now),
                    (true, Err(_)) => self.not_possible(now),
                    (false, _) => Vec::new(),
                }
            }
            Phase::Dose(dose) => {
                let (step, packages) = (dose.step(), dose.case.packages.len());
                let event = match step {
                    Step::Measure(_, part) => packages
                        .checked_sub(1)
                        .zip(self.typed_quantity(part.unit))
                        .map(|(last, measured)| Event::Take(last, Taken::Measured(measured))),
                    Step::Enter(wanted) => self.typed_value(&wanted, now).map(Event::Enter),
                    _ => return Vec::new(),
                };
                match event {
                    Some(event) => self.typed_event(event, now),
                    None => self.not_possible(now),
                }
            }
            _ => Vec::new(),
        }
    }

    fn typed_event(&mut self, event: Event, now: Moment) -> Vec<Output> {
        self.desk.typed.clear();
        self.desk.trouble = None;
        let outputs = self.handle(event, now);
        if self.notice() == Some(Notice::ValueNotPossible) { with_question_tone(outputs) } else { outputs }
    }

    fn typed_quantity(&self, unit: Unit) -> Option<Quantity> {
        errand::amount(self.desk.typed.as_str()).map(|amount| Quantity::new(amount, unit))
    }

    /// As a pump shows it.
    fn typed_rate(&self) -> Option<Rate> {
        Rate::parse(&format!("{} mL/h", self.desk.typed.as_str().trim_end_matches('.'))).ok()
    }

    /// What was typed, as the value that is wanted.
    fn typed_value(&self, wanted: &Wanted, now: Moment) -> Option<Entered> {
        let typed = self.desk.typed.as_str();
        match wanted {
            // What is typed at the bedside was measured there and then.
            Wanted::Observation(what, unit) => self
                .typed_quantity(*unit)
                .map(|value| Entered::Observation(Observation { what: what.clone(), value, at: now.at })),
            Wanted::BirthYear => typed.parse().ok().map(Entered::BirthYear),
            Wanted::CountInHand => typed.parse().ok().map(Entered::CountInHand),
            Wanted::PainScore => typed.parse().ok().map(Entered::PainScore),
            Wanted::PumpRate => self.typed_rate().map(Entered::PumpRate),
            Wanted::Site | Wanted::Crushed | Wanted::Route | Wanted::GivenAt => None,
        }
    }

    fn check_pin(&mut self, clinician: &rights::ident::ClinicianId, now: Moment) -> Vec<Output> {
        let outcome = self.pins.check(clinician, self.desk.typed.as_str(), now.at);
        let session = (self.random)();
        self.typed_event(Event::PinChecked { outcome, session }, now)
    }

    /// The second person's PIN, or what they enter without seeing the first one's numbers.
    fn enter_second(&mut self, second: &Second, now: Moment) -> Vec<Output> {
        let blind = match &second.stage {
            Stage::Pin { clinician, .. } => return self.check_pin(&clinician.id, now),
            Stage::Amount { unit, .. } | Stage::Wasted(_, unit) | Stage::Bolus(_, unit) => {
                self.typed_quantity(*unit).map(Blind::Amount)
            }
            Stage::Rate { .. } | Stage::NewRate(_) => self.typed_rate().map(Blind::Rate),
            Stage::BirthDate(_) => errand::date(self.desk.typed.as_str()).map(Blind::BirthDate),
            Stage::Badge | Stage::Product(_) => return Vec::new(),
        };
        match blind {
            Some(blind) => self.typed_event(Event::EnterBlind(blind), now),
            None => self.not_possible(now),
        }
    }

    fn wants_birth_year(&self) -> bool {
        self.bedside.patient().is_some_and(|identified| view::asks_birth_year(&identified.verdict))
    }

    /// One of several answers: a request to choose, a part of a scored tablet, a site, a line of a menu.
    pub(super) fn option(&mut self, at: usize, now: Moment) -> Vec<Output> {
        if let Some(errand) = &mut self.desk.errand {
            errand.give_option(at);
            return self.go_on_with_errand(now);
        }
        let Phase::Dose(dose) = self.bedside.phase() else { return Vec::new() };
        let event = match dose.step() {
            Step::Choose => dose.choices().into_iter().nth(at).map(Event::Choose),
            Step::Measure(..) => {
                let shares =
                    dose.case.product().map(|product| view::shares(product.divisible)).unwrap_or_default();
                let last = dose.case.packages.len().checked_sub(1);
                shares.get(at).zip(last).map(|(share, last)| Event::Take(last, Taken::Share(*share)))
            }
            Step::Enter(wanted) => {
                let all = view::answers_to(&wanted, dose, &self.site.policy);
                all.into_iter().nth(at).map(Event::Enter)
            }
            _ => None,
        };
        event.map_or_else(Vec::new, |event| self.handle(event, now))
    }

    /// The open sheet is complete.
    pub(super) fn send(&mut self, now: Moment) -> Vec<Output> {
        if self.desk.errand.is_some() {
            return self.send_errand(now);
        }
        if self.desk.charting.is_some() {
            return self.send_not_given(now);
        }
        let Phase::Dose(dose) = self.bedside.phase() else { return Vec::new() };
        let Some(check) = open_question(dose) else { return Vec::new() };
        let Some(finding) = dose.verdict.questions().find(|finding| finding.check == check) else {
            return Vec::new();
        };
        let world = world(&self.site, &self.chart, now);
        let reason = self.desk.reason.and_then(|at| view::reasons_for(finding, &world).get(at)).cloned();
        let contact = self.desk.contact.and_then(|at| ContactRole::ALL.get(at).copied());
        let contact =
            contact.filter(|_| finding.class == Class::SoftContact).map(|who| Contact { who, at: now.at });
        let answer = Answer { check, reason, note: self.desk.noted(), contact };
        self.handle(Event::Answer(answer), now)
    }

    fn send_not_given(&mut self, now: Moment) -> Vec<Output> {
        let Some(charting) = &self.desk.charting else { return Vec::new() };
        let reasons = self.site.policy.reasons(ReasonList::NotGiven);
        let (Some(outcome), Some(reason)) =
            (charting.outcome, self.desk.reason.and_then(|at| reasons.get(at)))
        else {
            return Vec::new();
        };
        let not_given = NotGiven {
            choice: charting.choice.clone(),
            outcome,
            reason: reason.clone(),
            note: self.desk.noted(),
        };
        self.handle(Event::ChartNotGiven(not_given), now)
    }

    pub(super) fn choose_outcome(&mut self, at: usize) {
        let Some(charting) = &mut self.desk.charting else { return };
        let chosen = NOT_GIVEN.get(at).copied();
        let before = std::mem::replace(&mut charting.outcome, chosen);
        let reasons = self.site.policy.reasons(ReasonList::NotGiven);
        let own = |outcome: Option<NotGivenAs>| {
            let code = outcome.and_then(own_reason)?;
            reasons.iter().position(|reason| reason.as_str() == code)
        };
        // What said why of the outcome before does not say it of this one: "Held: patient refused".
        if before != chosen && self.desk.reason == own(before) {
            self.desk.reason = None;
        }
        // Who says "refused" has said why; another reason can still be chosen, or the same outcome looked at twice.
        if chosen == Some(NotGivenAs::Refused) && self.desk.reason.is_none() {
            self.desk.reason = own(chosen);
        }
    }

    /// A reason or a text of the open errand.
    fn send_errand(&mut self, now: Moment) -> Vec<Output> {
        let (chosen, note) = (self.desk.reason, self.desk.noted());
        let Some(errand) = &mut self.desk.errand else { return Vec::new() };
        if let Some(Question::Reason(list)) = errand.question() {
            let Some(reason) = chosen.and_then(|at| self.site.policy.reasons(list).get(at)) else {
                return Vec::new();
            };
            errand.give_reason(reason.clone(), note);
        } else {
            errand.give_typed(&note.unwrap_or_default(), &now.at.to_zoned(self.site.zone.clone()));
        }
        self.go_on_with_errand(now)
    }

    /// The next question, or what the answers come to.
    pub(super) fn go_on_with_errand(&mut self, now: Moment) -> Vec<Output> {
        self.desk.clear();
        match self.desk.errand.as_ref().and_then(errand::Errand::finish) {
            None => {
                let wrong = self.desk.errand.as_ref().is_some_and(|errand| errand.wrong.is_some());
                let outputs = self.handle(Event::Touched, now);
                if wrong { with_question_tone(outputs) } else { outputs }
            }
            Some(Outcome::Event(event)) => {
                self.desk.errand = None;
                let outputs = self.handle(*event, now);
                // Whoever typed a value that cannot be meant must hear it, also when the form is gone.
                if self.notice() == Some(Notice::ValueNotPossible) {
                    with_question_tone(outputs)
                } else {
                    outputs
                }
            }
            Some(Outcome::Begin(begin)) => self.begin(begin, now),
        }
    }

    /// Something begins on top of the session's own screen.
    pub(super) fn begin(&mut self, begin: Begin, now: Moment) -> Vec<Output> {
        self.desk.errand = None;
        let mut outputs = self.forget_notice(now);
        outputs.extend(match begin {
            Begin::NotGiven(charting) => {
                self.desk.charting = Some(*charting);
                self.handle(Event::Touched, now)
            }
            Begin::Errand(errand) => {
                self.desk.errand = Some(*errand);
                self.go_on_with_errand(now)
            }
            Begin::Return(of) => self.handle(Event::Return(of), now),
        });
        outputs
    }
}
