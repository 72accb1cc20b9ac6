//! Errands: what takes several answers before anything happens, such as a wristband that cannot be scanned, a waste, the effect of a
//! dose. An errand is a row of questions; when the last one is answered it becomes one [`Event`] of the session, which decides. Until
//! then nothing has happened: whoever walks away has charted nothing.

use jiff::civil::{Date, Time};
use jiff::{Timestamp, Zoned};
use rights::amount::Amount;
use rights::bedside::{Charted, Event, TypedBand, TypedPackage, Waste, reason_list};
use rights::custody::CustodyId;
use rights::entered::Entered;
use rights::entry::IdempotencyKey;
use rights::follow_up::{Act as FollowUpAct, InfusionStep};
use rights::ident::{Lot, ReasonCode, RequestId};
use rights::policy::ReasonList;
use rights::product::Route;
use rights::quantity::{Quantity, Unit};
use rights::rate::Rate;
use rights::scan::NdcDigits;

use crate::desk::Charting;

/// An errand under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errand {
    /// What it is about, for the title.
    pub title: String,
    /// What it is.
    pub what: What,
    /// What was answered so far.
    answers: Answers,
    /// The last answer was none.
    pub wrong: bool,
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
    /// What is in hand was given before this moment (S3).
    GivenAt(Zoned),
    /// What is in hand goes by another route that the order allows (R2).
    Route(Vec<Route>),
    /// A waste (W4), in this unit.
    Waste(CustodyId, Unit),
    /// Something about a dose that was given.
    FollowUp(IdempotencyKey, FollowUp),
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
    pub fn label(&self) -> String {
        match self {
            Self::NotGiven(_) => "Chart as not given".into(),
            Self::Return(_) => "Return the whole package".into(),
            Self::Errand(errand) => errand.label().into(),
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
        Self { title: title.into(), what, answers: Answers::default(), wrong: false }
    }

    /// What stands on the button that begins it.
    fn label(&self) -> &'static str {
        match &self.what {
            What::Menu(_) => "Chart",
            What::Band => "The wristband cannot be scanned",
            What::Package => "The package cannot be scanned",
            What::BreakGlass => "Break-glass: emergency",
            What::VerbalOrder(..) => "Enter the spoken order",
            What::Link { .. } => "Link the written order",
            What::GivenAt(_) => "Taken earlier",
            What::Route(_) => "Another route",
            What::Waste(..) => "Waste it with a witness",
            What::FollowUp(_, follow_up) => match follow_up {
                FollowUp::InError => "Entered in error",
                FollowUp::Effect { .. } => "Note the effect",
                FollowUp::PatchRemoved => "Take the patch off",
                FollowUp::RateChanged(_) => "Change the rate",
                FollowUp::Bolus(_) => "Give a bolus",
                FollowUp::Paused => "Pause the infusion",
                FollowUp::Resumed => "Resume the infusion",
                FollowUp::Stopped => "Stop the infusion",
                FollowUp::Completed => "The infusion is complete",
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
            What::GivenAt(_) => vec![Question::TimeOfDay],
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
                    | FollowUp::Completed => vec![],
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

    /// What was typed; it says whether that answers the question.
    pub fn give_typed(&mut self, typed: &str) {
        let before = self.answers.clone();
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
            }
            Some(Question::Rate(like)) => {
                let amount = amount(typed);
                self.answers.rate =
                    amount.map(|amount| Rate { amount: Quantity::new(amount, like.amount.unit), ..like });
            }
            Some(Question::Pain) => self.answers.pain = typed.parse().ok(),
            Some(Question::TimeOfDay) => {
                if let What::GivenAt(now) = &self.what {
                    self.answers.given_at = time_before(typed, now);
                }
            }
            Some(Question::Option | Question::Reason(_)) | None => {}
        }
        self.wrong = self.answers == before;
    }

    /// What it comes to, once everything is answered.
    pub fn finish(&self) -> Option<Outcome> {
        if self.question().is_some() {
            return None;
        }
        let answers = &self.answers;
        let reason = || answers.reason.clone();
        let event = match &self.what {
            What::Menu(all) => return Some(Outcome::Begin(all.get(answers.option?)?.clone())),
            What::Band => {
                let (reason, note) = reason()?;
                let (birth_date, mrn_end) = (answers.birth_date?, answers.mrn_end.clone()?);
                Event::BandTyped(TypedBand { reason, note, birth_date, mrn_end })
            }
            What::Package => Event::PackageTyped(TypedPackage {
                ndc: answers.ndc.clone()?,
                lot: answers.lot.clone()?,
                expiry: None,
            }),
            What::BreakGlass => {
                let (reason, note) = reason()?;
                Event::BreakGlass { reason, note }
            }
            What::VerbalOrder(_, routes) => {
                Event::VerbalOrder { dose: answers.amount?, route: *routes.get(answers.option?)? }
            }
            What::Link { given_under, given_at, orders } => Event::LinkOrder {
                given_under: given_under.clone(),
                given_at: *given_at,
                request: orders.get(answers.option?)?.0.clone(),
            },
            What::Route(routes) => Event::Enter(Entered::Route(*routes.get(answers.option?)?)),
            What::GivenAt(_) => Event::Enter(Entered::GivenAt(answers.given_at?)),
            What::Waste(of, _) => {
                let (reason, note) = reason()?;
                Event::Waste(Waste { of: of.clone(), amount: answers.amount?, reason, note })
            }
            What::FollowUp(of, follow_up) => {
                let (reason, note) = reason().map_or((None, None), |(reason, note)| (Some(reason), note));
                let act = follow_up.act(answers)?;
                Event::Chart(Charted { of: *of, act, reason, note })
            }
        };
        Some(Outcome::Event(Box::new(event)))
    }
}

impl FollowUp {
    /// The list of its reasons, as the session has it.
    fn list(&self) -> Option<ReasonList> {
        let zero = Quantity::new(Amount::ZERO, Unit::Millilitre);
        let act = match self {
            Self::InError => FollowUpAct::EnteredInError,
            Self::Effect { .. } => FollowUpAct::EffectNoted { pain: None },
            Self::PatchRemoved => FollowUpAct::PatchRemoved,
            Self::RateChanged(like) => FollowUpAct::Infusion(InfusionStep::RateChanged(*like)),
            Self::Bolus(_) => FollowUpAct::Infusion(InfusionStep::Bolus(zero)),
            Self::Paused => FollowUpAct::Infusion(InfusionStep::Paused),
            Self::Resumed => FollowUpAct::Infusion(InfusionStep::Resumed),
            Self::Stopped => FollowUpAct::Infusion(InfusionStep::Stopped),
            Self::Completed => FollowUpAct::Infusion(InfusionStep::Completed),
        };
        reason_list(&act)
    }

    fn act(&self, answers: &Answers) -> Option<FollowUpAct> {
        Some(match self {
            Self::InError => FollowUpAct::EnteredInError,
            Self::Effect { .. } => FollowUpAct::EffectNoted { pain: answers.pain },
            Self::PatchRemoved => FollowUpAct::PatchRemoved,
            Self::RateChanged(_) => FollowUpAct::Infusion(InfusionStep::RateChanged(answers.rate?)),
            Self::Bolus(_) => FollowUpAct::Infusion(InfusionStep::Bolus(answers.amount?)),
            Self::Paused => FollowUpAct::Infusion(InfusionStep::Paused),
            Self::Resumed => FollowUpAct::Infusion(InfusionStep::Resumed),
            Self::Stopped => FollowUpAct::Infusion(InfusionStep::Stopped),
            Self::Completed => FollowUpAct::Infusion(InfusionStep::Completed),
        })
    }
}

/// A typed number; a point at its end is one that nobody went on with.
pub fn amount(typed: &str) -> Option<Amount> {
    Amount::parse(typed.trim_end_matches('.')).ok()
}

/// A date typed as year, month, day: `19510314`.
pub fn date(typed: &str) -> Option<Date> {
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    if digits.len() != 8 {
        return None;
    }
    let (year, rest) = digits.split_at(4);
    let (month, day) = rest.split_at(2);
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// The last time before now when the clock showed this: `0815`.
pub fn time_before(typed: &str, now: &Zoned) -> Option<Timestamp> {
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    if digits.len() != 4 {
        return None;
    }
    let (hour, minute) = digits.split_at(2);
    let time = Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()?;
    let today = now.date().to_datetime(time).to_zoned(now.time_zone().clone()).ok()?;
    let then = if today > *now { today.yesterday().ok()? } else { today };
    Some(then.timestamp())
}

/// A time of day while it is typed: `08:1`.
pub fn time_so_far(typed: &str) -> String {
    let digits: String = typed.chars().filter(char::is_ascii_digit).take(4).collect();
    if digits.len() < 2 { digits } else { format!("{}:{}", &digits[..2], &digits[2..]) }
}

/// A date while it is typed: `1951-03-`.
pub fn date_so_far(typed: &str) -> String {
    let mut out = String::new();
    for (at, digit) in typed.chars().filter(char::is_ascii_digit).take(8).enumerate() {
        out.push(digit);
        if at == 3 || at == 5 {
            out.push('-');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(code: &str) -> ReasonCode {
        ReasonCode::parse(code).unwrap()
    }

    #[test]
    fn p8_a_wristband_that_cannot_be_scanned_takes_three_answers_and_then_one_event() {
        let mut errand = Errand::new("The wristband cannot be scanned", What::Band);
        assert_eq!(errand.question(), Some(Question::Reason(ReasonList::BandNotScanned)));
        errand.give_reason(reason("damaged"), None);
        assert_eq!(errand.question(), Some(Question::BirthDate));
        errand.give_typed("19511314");
        assert!(errand.wrong && errand.finish().is_none(), "there is no thirteenth month");
        errand.give_typed("19510314");
        assert_eq!((errand.question(), errand.wrong), (Some(Question::MrnEnd), false));
        errand.give_typed("117");
        assert!(errand.wrong);
        errand.give_typed("0117");
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
        changed.give_typed("125.");
        assert_eq!(changed.question(), Some(Question::Reason(ReasonList::Infusion)));
        changed.give_reason(reason("titrated"), None);
        let Some(Outcome::Event(event)) = changed.finish() else { panic!("all is answered") };
        let Event::Chart(charted) = *event else { panic!("something is charted") };
        let rate = Rate::parse("125 mL/h").unwrap();
        assert_eq!(charted.act, FollowUpAct::Infusion(InfusionStep::RateChanged(rate)));
    }

    #[test]
    fn s3_a_time_of_day_is_the_last_one_before_now() {
        let now: Zoned = "2026-11-30T09:10[America/New_York]".parse().unwrap();
        let at = |typed: &str| time_before(typed, &now).map(|at| at.to_string());
        assert_eq!(at("0815").as_deref(), Some("2026-11-30T13:15:00Z"));
        assert_eq!(at("0910").as_deref(), Some("2026-11-30T14:10:00Z"));
        assert_eq!(at("2330").as_deref(), Some("2026-11-30T04:30:00Z"), "yesterday evening");
        assert_eq!([at("2460"), at("815"), at("")], [None, None, None]);
        assert_eq!(["0", "08", "081", "0815"].map(time_so_far), ["0", "08:", "08:1", "08:15"]);
    }

    #[test]
    fn a_date_is_shown_as_it_is_typed() {
        let shown: Vec<String> =
            ["", "195", "1951", "195103", "19510314", "195103149"].map(date_so_far).to_vec();
        assert_eq!(shown, ["", "195", "1951-", "1951-03-", "1951-03-14", "1951-03-14"]);
    }
}
