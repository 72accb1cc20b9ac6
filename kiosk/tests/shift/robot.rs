//! A nurse who reads the screen and does what it asks: for whole shifts through the window, and for long runs without one. It knows no
//! clinical rule; what it taps stands on the screen.

use std::collections::{BTreeMap, VecDeque};

use kiosk::model::{Act, Ask, Input, Mark, Model, Screen};
use kiosk::reading::taps;

/// What the nurse does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    /// Holds up the thing of this name.
    Hold(String),
    /// Taps what is labelled so.
    Tap(String),
    /// Looks again.
    Wait,
    /// The round is over.
    Done,
}

/// What is to be done at one bed.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    /// The wristband.
    pub(crate) band: String,
    /// The year of birth, when it is asked.
    pub(crate) birth_year: String,
    /// The packages that are given, one after the other.
    pub(crate) packages: VecDeque<String>,
    /// How many of the open lines are charted as not given, with their outcomes by the labels of the screen.
    pub(crate) not_given: VecDeque<String>,
}

/// What was seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// Receipts by their first word: `Given`, `Refused` ...
    pub(crate) receipts: BTreeMap<String, usize>,
    /// Verdicts of doses in hand by their weight and check: `Stop M5`.
    pub(crate) findings: BTreeMap<String, usize>,
    /// Taps and things held up.
    pub(crate) acts: usize,
}

impl Tally {
    /// All that was charted.
    pub(crate) fn charted(&self) -> usize {
        self.receipts.values().sum()
    }
}

/// The nurse.
pub(crate) struct Robot {
    badge: String,
    pin: String,
    visits: VecDeque<Visit>,
    at: Option<Visit>,
    /// Taps that belong together: a PIN, a number, a reason and its button.
    queue: VecDeque<String>,
    last: Option<Move>,
    /// How often the screen stayed as it was after a move.
    stuck: usize,
    seen: Option<String>,
    /// What was seen.
    pub(crate) tally: Tally,
}

impl Robot {
    /// A nurse with a badge, a PIN and a round to make.
    pub(crate) fn new(badge: &str, pin: &str, visits: Vec<Visit>) -> Self {
        Self {
            badge: badge.into(),
            pin: pin.into(),
            visits: visits.into(),
            at: None,
            queue: VecDeque::new(),
            last: None,
            stuck: 0,
            seen: None,
            tally: Tally::default(),
        }
    }

    /// The next move on this screen.
    ///
    /// # Panics
    /// When the screen does not go on after many attempts: a dead end.
    pub(crate) fn next(&mut self, model: &Model) -> Move {
        // The clock goes on, digits are typed: the question is the same.
        let question = question(&model.screen);
        let same = self.seen.as_deref() == Some(question.as_str());
        if same && self.queue.is_empty() {
            self.stuck += 1;
            assert!(self.stuck < 8_000, "a dead end on {:?} after {:?}", model.screen, self.last);
            // A reader needs a moment, a fresh button too: the move is made again only after a while.
            if !self.stuck.is_multiple_of(400) {
                return Move::Wait;
            }
        } else {
            self.stuck = 0;
        }
        if !same {
            self.note(model);
            self.queue.clear();
        }
        self.seen = Some(question);
        let next = self.queue.pop_front().map_or_else(|| self.decide(model), Move::Tap);
        if !matches!(next, Move::Wait | Move::Done) {
            self.tally.acts += 1;
        }
        self.last = Some(next.clone());
        next
    }

    fn note(&mut self, model: &Model) {
        match &model.screen {
            Screen::Receipt(receipt) => {
                let word = receipt.title.split_whitespace().next().unwrap_or_default().to_owned();
                *self.tally.receipts.entry(word).or_default() += 1;
            }
            Screen::Dose(panel) => {
                for finding in &panel.findings {
                    let key = format!("{:?} {}", finding.mark, finding.check);
                    *self.tally.findings.entry(key).or_default() += 1;
                }
            }
            _ => {}
        }
    }

    fn decide(&mut self, model: &Model) -> Move {
        match &model.screen {
            Screen::Locked(_) if self.visits.is_empty() && self.at.is_none() => Move::Done,
            Screen::Locked(_) => Move::Hold(self.badge.clone()),
            Screen::Pin(_) => self.type_in(&self.pin.clone(), "Enter"),
            Screen::Identify(_) => {
                if self.at.as_ref().is_none_or(Visit::is_over) {
                    self.at = self.visits.pop_front();
                }
                self.at.as_ref().map_or(Move::Done, |visit| Move::Hold(visit.band.clone()))
            }
            Screen::DueList(_) => self.at_bed(model),
            Screen::Dose(panel) => match (&panel.ask, &panel.confirm, panel.mark) {
                (_, Some(confirm), _) => Move::Tap(confirm.clone()),
                (_, None, Mark::Stop) => Move::Tap("Put it back".into()),
                (Ask::Reason(sheet), ..) => self.answer(&sheet.reasons, &sheet.contacts, &sheet.send),
                (Ask::Choice { options, .. }, ..) => Move::Tap(options.first().cloned().unwrap_or_default()),
                (Ask::Number { parts, .. }, ..) if !parts.is_empty() => Move::Tap(parts[0].clone()),
                (Ask::Number { enter, text, .. }, ..) => {
                    let value = if text.contains("pain") { "4" } else { "1" };
                    self.type_in(value, &enter.clone())
                }
                (Ask::NextPackage { no_more, .. }, ..) => Move::Tap(no_more.clone()),
                (Ask::Call { .. } | Ask::Nothing, ..) => Move::Tap("Cancel".into()),
            },
            Screen::NotGiven(panel) => {
                let outcome = self.at.as_mut().and_then(|visit| visit.not_given.pop_front());
                let outcome = outcome.unwrap_or_else(|| "Not given".into());
                self.queue.push_back(panel.reason.reasons.first().cloned().unwrap_or_default());
                self.queue.push_back(panel.reason.send.clone());
                Move::Tap(outcome)
            }
            Screen::Form(form) => match &form.input {
                Input::Number { enter, .. } => {
                    let year = self.at.as_ref().map(|visit| visit.birth_year.clone()).unwrap_or_default();
                    self.type_in(&year, &enter.clone())
                }
                Input::Options(options) => Move::Tap(options.first().cloned().unwrap_or_default()),
                Input::Reason(sheet) => self.answer(&sheet.reasons, &sheet.contacts, &sheet.send),
                Input::Scan | Input::Pin(_) | Input::Text { .. } => Move::Tap(form.cancel.clone()),
            },
            Screen::Receipt(_) => Move::Tap("Continue".into()),
            Screen::NotRecorded(_) => Move::Tap("I have written it down".into()),
            Screen::Tasks(list) => Move::Tap(list.cancel.clone()),
            Screen::Settings(settings) => Move::Tap(settings.cancel.clone()),
            Screen::Saving(_) => Move::Wait,
        }
    }

    /// The next package of this bed, or a line that is not given, or away.
    fn at_bed(&mut self, model: &Model) -> Move {
        let Some(visit) = &mut self.at else { return Move::Tap("Close this patient".into()) };
        if let Some(package) = visit.packages.pop_front() {
            return Move::Hold(package);
        }
        if visit.not_given.is_empty() {
            let over = self.visits.is_empty();
            return Move::Tap(if over { "Sign off" } else { "Close this patient" }.into());
        }
        // A line that is open: its tap leads to the sheet.
        let line = match &model.screen {
            Screen::DueList(list) => list
                .rows
                .iter()
                .position(|row| row.act.as_deref().is_some_and(|act| act == "Chart as not given")),
            _ => None,
        };
        let label = line.and_then(|at| {
            taps(model).into_iter().find(|(_, act)| *act == Act::Row(at)).map(|(label, _)| label)
        });
        match label {
            Some(label) => Move::Tap(label),
            None => {
                visit.not_given.clear();
                Move::Wait
            }
        }
    }

    fn type_in(&mut self, text: &str, enter: &str) -> Move {
        self.queue = text.chars().skip(1).map(String::from).chain([enter.to_owned()]).collect();
        Move::Tap(text.chars().next().map(String::from).unwrap_or_default())
    }

    fn answer(&mut self, reasons: &[String], contacts: &[String], send: &str) -> Move {
        let mut taps: VecDeque<String> = reasons.first().cloned().into_iter().collect();
        taps.extend(contacts.first().cloned());
        taps.push_back(send.to_owned());
        let first = taps.pop_front().unwrap_or_default();
        self.queue = taps;
        Move::Tap(first)
    }
}

/// What a screen asks, without what was typed or chosen so far.
fn question(screen: &Screen) -> String {
    match screen {
        Screen::Pin(_) => "pin".into(),
        Screen::NotGiven(panel) => panel.title.clone(),
        Screen::Form(form) => [form.title.as_str(), &form.text].join("/"),
        Screen::Dose(panel) => {
            let asked = match &panel.ask {
                Ask::Number { text, .. } | Ask::Choice { text, .. } | Ask::NextPackage { text, .. } => text,
                Ask::Reason(sheet) => &sheet.text,
                Ask::Nothing | Ask::Call { .. } => &panel.title,
            };
            format!("{}/{}/{asked}/{}", panel.title, panel.drug, panel.progress)
        }
        other => format!("{other:?}"),
    }
}

impl Visit {
    fn is_over(&self) -> bool {
        self.packages.is_empty() && self.not_given.is_empty()
    }
}
