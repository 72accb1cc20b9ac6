//! A finger that is quicker than the eye: what is tapped right after the screen asks something else was meant for what stood at that
//! place before, such as the second tap of a double tap. It must not answer a question that nobody has read.

use jiff::{SignedDuration, Timestamp};
use rights::bedside::Phase;
use rights::case::{Choice, PackageInHand};
use rights::moment::Moment;
use rights::verdict::Verdict;

use super::{Device, world};
use crate::desk::Asked;
use crate::errand::Errand;
use crate::model::Act;
use crate::view::{self, Action, RowId};

/// A tap this soon after the screen began to ask was meant for what it asked before.
const TAP_AFTER: SignedDuration = SignedDuration::from_millis(600);

/// What a tap would answer now. When any part of it differs, the same place asks something else.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Question {
    asked: Asked,
    above: Above,
    dose: Option<Shown>,
    /// What each line of the list is about: the same place on the glass may be another one's a moment later.
    rows: Vec<RowId>,
    /// What each button beside the content begins.
    actions: Vec<Action>,
    /// How many lines stand above the list: one more moves them all.
    above_the_list: usize,
}

/// What lies above the session's own screen.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Above {
    Nothing,
    Errand(Box<Errand>),
    /// A dose that is not given. Its outcome is chosen on the sheet itself, beside the button that sends it.
    NotGiven(Choice),
    Tasks,
    Settings,
}

/// A dose as the nurse sees it; how often it is in hand and whether it changed is asked already.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shown {
    verdict: Verdict,
    packages: Vec<PackageInHand>,
}

/// What is asked, and since when.
#[derive(Debug)]
pub(super) struct Guard {
    /// `None` before anything was shown: nothing stood there before.
    question: Option<Question>,
    since: Timestamp,
}

impl Guard {
    pub(super) const fn new() -> Self {
        Self { question: None, since: Timestamp::MIN }
    }
}

impl Device {
    /// Remembers since when the screen asks what it asks.
    pub(super) fn note_question(&mut self, now: Moment) {
        let question = self.question(now);
        if self.guard.question.as_ref() == Some(&question) {
            return;
        }
        if self.guard.question.is_some() {
            self.guard.since = now.at;
        }
        self.guard.question = Some(question);
    }

    /// Whether this act was meant for another screen than the one that takes it.
    pub(super) fn comes_too_soon(&self, act: &Act, now: Moment) -> bool {
        let passed = now.at.duration_since(self.guard.since);
        self.decides(act) && !passed.is_negative() && passed < TAP_AFTER
    }

    /// Whether one tap is all that it takes. Typing and choosing are free: they decide nothing before they are sent. What leaves is not:
    /// the second tap on "Back" would give up the dose that lies below.
    const fn decides(&self, act: &Act) -> bool {
        match act {
            Act::Confirm
            | Act::Continue
            | Act::Option(_)
            | Act::Send
            | Act::Row(_)
            | Act::Action(_)
            | Act::Call
            | Act::NoMore
            | Act::PutBack
            | Act::Cancel
            | Act::Earlier => true,
            // Of what was typed it is the end; without that it is the second tap on the last one.
            Act::Enter => self.desk.typed.is_empty(),
            Act::Key(_)
            | Act::Erase
            | Act::Reason(_)
            | Act::Contact(_)
            | Act::Note(_)
            | Act::Outcome(_)
            | Act::Extra
            // Nothing else stands where it stands; whoever walks away means it.
            | Act::SignOff
            | Act::Night => false,
        }
    }

    fn question(&self, now: Moment) -> Question {
        let desk = &self.desk;
        let world = world(&self.site, &self.chart, now);
        let above = match (&desk.errand, &desk.charting) {
            (Some(errand), _) => Above::Errand(Box::new(errand.clone())),
            (None, Some(charting)) => Above::NotGiven(charting.choice.clone()),
            (None, None) if desk.tasks => Above::Tasks,
            (None, None) if desk.settings => Above::Settings,
            (None, None) => Above::Nothing,
        };
        let dose = match self.bedside.phase() {
            Phase::Dose(dose) => {
                Some(Shown { verdict: dose.verdict.clone(), packages: dose.case.packages.clone() })
            }
            _ => None,
        };
        let rows = match (&above, self.bedside.phase()) {
            (Above::Tasks, _) => view::task_ids(&world),
            (Above::Nothing, Phase::DueList { .. }) => view::row_ids(&self.bedside, &world),
            _ => Vec::new(),
        };
        let actions = match above {
            Above::Nothing => view::actions(&self.bedside, &world, desk.language),
            Above::Errand(_) | Above::NotGiven(_) | Above::Tasks | Above::Settings => Vec::new(),
        };
        let actions = actions.into_iter().map(|(action, _)| action).collect();
        let above_the_list = match (&above, self.bedside.phase()) {
            (Above::Nothing, Phase::DueList { notice }) => {
                view::lines_above(&self.bedside, &world, desk.language, *notice)
            }
            _ => 0,
        };
        Question { asked: desk.asked().clone(), above, dose, rows, actions, above_the_list }
    }
}
