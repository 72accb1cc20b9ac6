//! What is opened from a list or a button: a line of the due list, a task of the ward, an errand.

use rights::bedside::{Event, Phase, Stage, Step, Tone};
use rights::moment::Moment;
use rights::policy::ReasonList;

use super::{Device, Output, world};
use crate::errand::{Begin, Errand, What};
use crate::labels;
use crate::view::{self, Action, LOUDEST, Trial};

/// The reason of a dose that is held for a value; a site that has it in its list finds it chosen.
pub(super) const OUT_OF_RANGE: &str = "parameter-out-of-range";

impl Device {
    /// A line of the due list or of the ward's tasks: what can be charted about it, or the one thing that can.
    pub(super) fn open_row(&mut self, at: usize, now: Moment) -> Vec<Output> {
        let world = world(&self.site, &self.chart, now);
        let opened = if self.desk.tasks {
            view::task_menu(at, &world, self.desk.language)
        } else if matches!(self.bedside.phase(), Phase::DueList { .. }) {
            view::row_menu(&self.bedside, at, &world, self.desk.language)
        } else {
            None
        };
        let Some((title, mut menu)) = opened else { return self.handle(Event::Touched, now) };
        match menu.pop() {
            None => self.handle(Event::Touched, now),
            Some(only) if menu.is_empty() => self.begin(only, now),
            Some(last) => {
                menu.push(last);
                self.begin(Begin::Errand(Box::new(Errand::new(title, What::Menu(menu)))), now)
            }
        }
    }

    /// A button beside the content of the screen.
    pub(super) fn action(&mut self, at: usize, now: Moment) -> Vec<Output> {
        if self.desk.settings && matches!(self.bedside.phase(), Phase::Locked { .. }) {
            return Trial::ALL.get(at).map_or_else(Vec::new, |trial| self.try_out(*trial));
        }
        let world = world(&self.site, &self.chart, now);
        let actions = view::actions(&self.bedside, &world, self.desk.language);
        let action = actions.into_iter().nth(at).map(|(action, _)| action);
        match action {
            None => Vec::new(),
            Some(Action::Tasks) => {
                self.desk.tasks = true;
                let mut outputs = self.forget_notice(now);
                outputs.extend(self.handle(Event::Touched, now));
                outputs
            }
            Some(Action::Begin(errand)) => self.begin(Begin::Errand(errand), now),
            Some(Action::Language) => {
                self.switch_language();
                self.handle(Event::Touched, now)
            }
            Some(Action::Settings) => {
                self.desk.settings = true;
                self.handle(Event::Touched, now)
            }
            Some(Action::EndBreakGlass) => self.handle(Event::EndBreakGlass, now),
        }
    }

    /// What a technician tries.
    fn try_out(&mut self, trial: Trial) -> Vec<Output> {
        let tone = match trial {
            Trial::Pass => Tone::Pass,
            Trial::Question => Tone::Question,
            Trial::Stop => Tone::Stop,
            Trial::Louder | Trial::Quieter => {
                let sound = &mut self.surroundings.technical.sound;
                if sound.card {
                    let up = trial == Trial::Louder;
                    let volume = if up { sound.volume + 1 } else { sound.volume.saturating_sub(1) };
                    sound.volume = volume.min(LOUDEST);
                }
                Tone::Pass
            }
        };
        vec![Output::Sound(tone)]
    }

    /// The other way of the open form.
    pub(super) fn extra(&mut self) {
        let Phase::Second(second) = self.bedside.phase() else { return };
        if matches!(second.stage, Stage::Product(_)) && self.desk.errand.is_none() {
            self.desk.errand =
                Some(Errand::new(labels::of(self.desk.language).errand.package, What::Package));
        }
    }

    /// What is in hand was given before, goes another way, or was typed wrong: which is asked next.
    pub(super) fn earlier(&mut self, now: Moment) -> Vec<Output> {
        let Phase::Dose(dose) = self.bedside.phase() else { return Vec::new() };
        let world = world(&self.site, &self.chart, now);
        let errand = view::as_one(dose, &world, self.desk.language);
        errand.map_or_else(Vec::new, |errand| self.begin(Begin::Errand(Box::new(errand)), now))
    }

    /// A second person is called, or the spoken order is entered.
    pub(super) fn call(&mut self, now: Moment) -> Vec<Output> {
        let Phase::Dose(dose) = self.bedside.phase() else { return Vec::new() };
        let (step, product) = (dose.step(), dose.case.product());
        match (step, product) {
            (Step::VerbalOrder, Some(product)) => {
                let unit = view::ordered_unit(product);
                let what = What::VerbalOrder(unit, product.routes.clone());
                let errand = Errand::new(product.display_name(), what);
                self.begin(Begin::Errand(Box::new(errand)), now)
            }
            _ if dose.hold_is_suggested() => {
                let world = world(&self.site, &self.chart, now);
                self.desk.charting = view::hold_sheet(dose, &world, self.desk.language);
                let reasons = self.site.policy.reasons(ReasonList::NotGiven);
                self.desk.reason = reasons.iter().position(|reason| reason.as_str() == OUT_OF_RANGE);
                self.handle(Event::Touched, now)
            }
            _ => self.handle(Event::CallWitness, now),
        }
    }
}
