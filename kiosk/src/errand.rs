//! Errands: what takes several answers before anything happens, such as a wristband that cannot be scanned, a waste, the effect of a
//! dose. An errand is a row of questions; when the last one is answered it becomes one [`Event`] of the session, which decides. Until
//! then nothing has happened: whoever walks away has charted nothing.

mod finish;
mod typed;

use jiff::civil::Date;
use jiff::{Timestamp, Zoned};
use rights::bedside::Event;
use rights::custody::CustodyId;
use rights::entry::IdempotencyKey;
use rights::follow_up::Conflict;
use rights::ident::{Lot, ObservationCode, ReasonCode, RequestId};
use rights::policy::ReasonList;
use rights::product::Route;
use rights::quantity::{Quantity, Unit};
use rights::rate::Rate;
use rights::scan::NdcDigits;

use crate::desk::Charting;
use crate::labels::Labels;

pub use typed::{DATE_DIGITS, TIME_DIGITS, Wrong, amount, date, date_so_far, time_before, time_so_far};

/// An errand under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errand {
    /// What it is about, for the title.
    pub title: String,
    /// What it is.
    pub what: What,
    /// What was answered so far.
    answers: Answers,
    /// Why the last answer was none.
    pub wrong: Option<Wrong>,
}

/// What an errand is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// One of several things that can be charted about a line of a list.
    Menu(Vec<Begin>),
    /// The wristband cannot be scanned (P8).
    Band,
    /// The package cannot be scanned (M9).
    Package,
    /// An emergency (S4).
    BreakGlass,
    /// What was ordered by word of mouth (S4), in this unit, by one of these routes.
    VerbalOrder(Unit, Vec<Route>),
    /// The order that was written after a dose (S4): one of these, each with its text.
    Link {
        /// The request under which it was given.
        given_under: RequestId,
        /// When.
        given_at: Timestamp,
        /// What it can be linked to.
        orders: Vec<(RequestId, String)>,
    },
    /// What is in hand was given before (S3).
    GivenAt,
    /// What is in hand goes by another route that the order allows (R2).
    Route(Vec<Route>),
    /// What was typed is typed again.
    Again(Again),
    /// A waste (W4), in this unit.
    Waste(CustodyId, Unit),
    /// Something about a dose that was given.
    FollowUp(IdempotencyKey, FollowUp),
}

/// What was typed for the dose in hand and can be typed again: a slip must not stand until the package is scanned anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Again {
    /// A value, in this unit.
    Value(ObservationCode, Unit),
    /// The rate of the pump, told like this one.
    PumpRate(Rate),
    /// How much of this package was taken.
    Part(usize),
}

/// What is charted about a dose that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FollowUp {
    /// It was entered in error.
    InError,
    /// How it worked; with the pain score where it was given for pain.
    Effect {
        /// Whether a pain score is asked.
        pain: bool,
    },
    /// The patch was taken off.
    PatchRemoved,
    /// The infusion runs at another rate, like this one.
    RateChanged(Rate),
    /// Something was given at once from the running bag, in this unit.
    Bolus(Unit),
    /// The infusion is paused.
    Paused,
    /// It goes on.
    Resumed,
    /// It was stopped.
    Stopped,
    /// It ran to its end.
    Completed,
    /// What was done about a dose that was given twice, or after its order was stopped.
    Conflict(Conflict),
}

/// What a line of a list can begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begin {
    /// The sheet for a dose that is not given.
    NotGiven(Box<Charting>),
    /// Another errand.
    Errand(Box<Errand>),
    /// What is whole is returned at once.
    Return(CustodyId),
}

impl Begin {
    /// What stands on its button.
    pub(crate) const fn label(&self, say: &Labels) -> &'static str {
        match self {
            Self::NotGiven(_) => say.errand.not_given,
            Self::Return(_) => say.errand.return_package,
            Self::Errand(errand) => errand.label(say),
        }
    }
}

#[derive(Clone, Default, PartialEq, Eq)]
struct Answers {
    reason: Option<(ReasonCode, Option<String>)>,
    birth_date: Option<Date>,
    mrn_end: Option<String>,
    ndc: Option<NdcDigits>,
    lot: Option<Lot>,
    amount: Option<Quantity>,
    /// When that was typed: what is typed at the bedside was measured there and then.
    amount_at: Option<Timestamp>,
    rate: Option<Rate>,
    pain: Option<u8>,
    option: Option<usize>,
    given_at: Option<Timestamp>,
}

/// What was typed of a patient stays out of logs.
impl std::fmt::Debug for Answers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answers(..)")
    }
}

/// The next question of an errand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// One of the menu, of the routes, of the orders.
    Option,
    /// A coded reason.
    Reason(ReasonList),
    /// The whole birth date of the patient.
    BirthDate,
    /// The last four characters of the record number.
    MrnEnd,
    /// The digits of the NDC.
    Ndc,
    /// The lot.
    Lot,
    /// How much, in this unit.
    Amount(Unit),
    /// At which rate, told like this one.
    Rate(Rate),
    /// The pain score.
    Pain,
    /// The time of day at which it was given.
    TimeOfDay,
}

/// What the answers come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An event of the session.
    Event(Box<Event>),
    /// Something else begins.
    Begin(Begin),
}

/// How many characters of the record number are typed.
const MRN_END: usize = 4;

impl Errand {
    /// A new errand.
    pub fn new(title: impl Into<String>, what: What) -> Self {
        Self { title: title.into(), what, answers: Answers::default(), wrong: None }
    }

    /// What stands on the button that begins it.
    pub(crate) const fn label(&self, say: &Labels) -> &'static str {
        match &self.what {
            What::Menu(_) => say.errand.chart,
            What::Band => say.errand.band,
            What::Package => say.errand.package,
            What::BreakGlass => say.errand.emergency,
            What::VerbalOrder(..) => say.button.spoken_order,
            What::Link { .. } => say.errand.link,
            What::GivenAt => say.button.taken_earlier,
            What::Route(_) => say.errand.other_route,
            What::Again(Again::Value(..)) => say.errand.value_again,
            What::Again(Again::PumpRate(_)) => say.errand.rate_again,
            What::Again(Again::Part(_)) => say.errand.amount_again,
            What::Waste(..) => say.errand.waste,
            What::FollowUp(_, follow_up) => match follow_up {
                FollowUp::InError => say.errand.in_error,
                FollowUp::Effect { .. } => say.errand.effect,
                FollowUp::PatchRemoved => say.errand.patch_off,
                FollowUp::RateChanged(_) => say.errand.change_rate,
                FollowUp::Bolus(_) => say.errand.bolus,
                FollowUp::Paused => say.errand.pause,
                FollowUp::Resumed => say.errand.resume,
                FollowUp::Stopped => say.errand.stop,
                FollowUp::Completed => say.errand.complete,
                FollowUp::Conflict(_) => say.errand.conflict,
            },
        }
    }

    /// What is asked next; `None` when everything is answered.
    pub fn question(&self) -> Option<Question> {
        self.questions().into_iter().find(|question| !self.has(question))
    }

    fn questions(&self) -> Vec<Question> {
        use Question::{Amount, BirthDate, Lot, MrnEnd, Ndc, Option, Pain, Reason};
        match &self.what {
            What::Menu(_) | What::Link { .. } | What::Route(_) => vec![Option],
            What::Band => vec![Reason(ReasonList::BandNotScanned), BirthDate, MrnEnd],
            What::Package => vec![Ndc, Lot],
            What::BreakGlass => vec![Reason(ReasonList::BreakGlass)],
            What::VerbalOrder(unit, _) => vec![Amount(*unit), Option],
            What::GivenAt => vec![Question::TimeOfDay],
            What::Again(Again::Value(_, unit)) => vec![Amount(*unit)],
            What::Again(Again::PumpRate(like)) => vec![Question::Rate(*like)],
            What::Again(Again::Part(_)) => vec![],
            What::Waste(_, unit) => vec![Amount(*unit), Reason(ReasonList::Waste)],
            What::FollowUp(_, follow_up) => {
                let mut all = match follow_up {
                    FollowUp::Effect { pain: true } => vec![Pain],
                    FollowUp::RateChanged(like) => vec![Question::Rate(*like)],
                    FollowUp::Bolus(unit) => vec![Amount(*unit)],
                    FollowUp::InError
                    | FollowUp::Effect { pain: false }
                    | FollowUp::PatchRemoved
                    | FollowUp::Paused
                    | FollowUp::Resumed
                    | FollowUp::Stopped
                    | FollowUp::Completed
                    | FollowUp::Conflict(_) => vec![],
                };
                // The core says which list; the values it needs for that are not looked at.
                all.extend(follow_up.list().map(Reason));
                all
            }
        }
    }

    fn has(&self, question: &Question) -> bool {
        let answers = &self.answers;
        match question {
            Question::Option => answers.option.is_some(),
            Question::Reason(_) => answers.reason.is_some(),
            Question::BirthDate => answers.birth_date.is_some(),
            Question::MrnEnd => answers.mrn_end.is_some(),
            Question::Ndc => answers.ndc.is_some(),
            Question::Lot => answers.lot.is_some(),
            Question::Amount(_) => answers.amount.is_some(),
            Question::Rate(_) => answers.rate.is_some(),
            Question::Pain => answers.pain.is_some(),
            Question::TimeOfDay => answers.given_at.is_some(),
        }
    }

    /// A coded reason, with its note.
    pub fn give_reason(&mut self, reason: ReasonCode, note: Option<String>) {
        self.answers.reason = Some((reason, note));
    }

    /// One of the options.
    pub fn give_option(&mut self, at: usize) {
        self.answers.option = Some(at);
    }

    /// What was typed at this moment; [`wrong`](Self::wrong) says whether that answers the question.
    pub fn give_typed(&mut self, typed: &str, now: &Zoned) {
        let before = self.answers.clone();
        let mut wrong = Wrong::NotPossible;
        match self.questions().into_iter().find(|question| !self.has(question)) {
            Some(Question::BirthDate) => self.answers.birth_date = date(typed),
            Some(Question::MrnEnd) => {
                let end = typed.trim().to_uppercase();
                self.answers.mrn_end = (end.chars().count() == MRN_END).then_some(end);
            }
            Some(Question::Ndc) => self.answers.ndc = NdcDigits::parse(typed).ok(),
            // Lots are printed in capitals; the keyboard of the screen begins with small letters.
            Some(Question::Lot) => self.answers.lot = Lot::parse(&typed.trim().to_uppercase()).ok(),
            Some(Question::Amount(unit)) => {
                self.answers.amount = amount(typed).map(|amount| Quantity::new(amount, unit));
                self.answers.amount_at = self.answers.amount.map(|_| now.timestamp());
            }
            Some(Question::Rate(like)) => {
                let amount = amount(typed);
                self.answers.rate =
                    amount.map(|amount| Rate { amount: Quantity::new(amount, like.amount.unit), ..like });
            }
            Some(Question::Pain) => self.answers.pain = typed::pain(typed),
            Some(Question::TimeOfDay) => match time_before(typed, now) {
                Ok(at) => self.answers.given_at = Some(at),
                Err(why) => wrong = why,
            },
            Some(Question::Option | Question::Reason(_)) | None => {}
        }
        self.wrong = (self.answers == before).then_some(wrong);
    }
}

#[cfg(test)]
mod tests {
    use rights::follow_up::{Act as FollowUpAct, InfusionStep};

    use super::*;

    fn now() -> Zoned {
        "2026-11-30T09:10[America/New_York]".parse().unwrap()
    }

    fn reason(code: &str) -> ReasonCode {
        ReasonCode::parse(code).unwrap()
    }

    #[test]
    fn p8_a_wristband_that_cannot_be_scanned_takes_three_answers_and_then_one_event() {
        let mut errand = Errand::new("The wristband cannot be scanned", What::Band);
        assert_eq!(errand.question(), Some(Question::Reason(ReasonList::BandNotScanned)));
        errand.give_reason(reason("damaged"), None);
        assert_eq!(errand.question(), Some(Question::BirthDate));
        errand.give_typed("19511314", &now());
        assert!(errand.wrong.is_some() && errand.finish().is_none(), "there is no thirteenth month");
        errand.give_typed("19510314", &now());
        assert_eq!((errand.question(), errand.wrong), (Some(Question::MrnEnd), None));
        errand.give_typed("117", &now());
        assert!(errand.wrong.is_some());
        errand.give_typed("0117", &now());
        let Some(Outcome::Event(event)) = errand.finish() else { panic!("all is answered") };
        let Event::BandTyped(typed) = *event else { panic!("a typed band") };
        assert_eq!((typed.birth_date, typed.mrn_end.as_str()), (Date::constant(1951, 3, 14), "0117"));
        assert!(!format!("{errand:?}").contains("0117"), "what was typed of a patient is not printed");
    }

    #[test]
    fn an_infusion_that_goes_on_needs_no_reason_and_a_changed_rate_does() {
        let key = IdempotencyKey { session: [1; 16], count: 3 };
        let resumed = Errand::new("", What::FollowUp(key, FollowUp::Resumed));
        assert_eq!(resumed.question(), None);
        let like = Rate::parse("100 mL/h").unwrap();
        let mut changed = Errand::new("", What::FollowUp(key, FollowUp::RateChanged(like)));
        changed.give_typed("125.", &now());
        assert_eq!(changed.question(), Some(Question::Reason(ReasonList::Infusion)));
        changed.give_reason(reason("titrated"), None);
        let Some(Outcome::Event(event)) = changed.finish() else { panic!("all is answered") };
        let Event::Chart(charted) = *event else { panic!("something is charted") };
        let rate = Rate::parse("125 mL/h").unwrap();
        assert_eq!(charted.act, FollowUpAct::Infusion(InfusionStep::RateChanged(rate)));
    }
}
