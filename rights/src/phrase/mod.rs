//! What is said to people. Every text about a decision comes from the table of its language here, keyed by the variance; no
//! other place builds one, and `Display` of a type is never shown.
//!
//! Doses are written as ISMP's list of error-prone abbreviations asks: a leading zero, never a trailing one, `mcg` and `units` in
//! full, a no-break space before the unit, separators from 1,000.

#[allow(clippy::unnested_or_patterns, reason = "the families are patterns of their own")]
mod english;
mod families;
#[allow(clippy::unnested_or_patterns, reason = "the families are patterns of their own")]
mod spanish;
mod write;

use alloc::string::String;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::bedside::Notice;
use crate::history::Outcome;
use crate::ident::{ReasonCode, SiteCode};
use crate::policy::Policy;
use crate::product::{Form, Release, Route};
use crate::quantity::Quantity;
use crate::rate::{Rate, RateTime};
use crate::verdict::{Finding, Right, Why};

pub use write::{amount, thousands};

/// A finding in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Phrase {
    /// What it is, in a few words.
    pub title: String,
    /// What was ordered, what was scanned, when; may be empty.
    pub detail: String,
    /// What to do; may be empty.
    pub action: String,
}

/// A language of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English, as hospitals of the United States write it.
    English,
    /// Spanish, as hospitals of the United States write it: a decimal point, not a comma.
    Spanish,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::English, Self::Spanish];

    /// Its BCP 47 tag, for settings.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
        }
    }

    /// The language with this tag.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }
}

/// What the table of a language has for something.
macro_rules! in_language {
    ($words:expr, $table:ident => $text:expr) => {
        match $words.language {
            Language::English => {
                use english as $table;
                $text
            }
            Language::Spanish => {
                use spanish as $table;
                $text
            }
        }
    };
}

/// What the phrases need beside the finding: the language and how local time is told.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    /// The language.
    pub language: Language,
    /// The site's zone.
    pub zone: &'a TimeZone,
    /// The local date; times of other days are told with theirs.
    pub today: Date,
    /// The name of the product in hand, for texts that compare it.
    pub in_hand: Option<&'a InHandNames<'a>>,
    /// The site's policy, for texts that name one of its limits.
    pub policy: &'a Policy,
}

/// How the product in hand is called.
#[derive(Clone, Copy, Debug)]
pub struct InHandNames<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its form.
    pub form: Form,
    /// Its release type.
    pub release: Release,
}

impl Words<'_> {
    /// A finding.
    pub fn finding(&self, finding: &Finding) -> Phrase {
        match &finding.why {
            Why::Variance(variance) => {
                in_language!(self, table => table::variance(variance, finding.class, self))
            }
            Why::Established(evidence) => in_language!(self, table => table::evidence(evidence, self)),
        }
    }

    /// A notice.
    pub fn notice(&self, notice: Notice) -> Phrase {
        in_language!(self, table => table::notice(notice, self.policy))
    }

    /// The label of a reason; a code that the table does not know is shown as it is.
    pub fn reason(&self, code: &ReasonCode) -> String {
        in_language!(self, table => table::reason(code.as_str()).into())
    }

    /// The name of a right.
    pub fn right(&self, right: Right) -> &'static str {
        in_language!(self, table => table::right(right))
    }

    /// A route, in full.
    pub fn route(&self, route: Route) -> &'static str {
        in_language!(self, table => table::route(route))
    }

    /// A dose form with its release type where that matters.
    pub fn form(&self, form: Form, release: Release) -> String {
        in_language!(self, table => table::form(form, release))
    }

    /// How a dose ended.
    pub fn outcome(&self, outcome: Outcome) -> &'static str {
        in_language!(self, table => table::outcome(outcome))
    }

    /// A quantity for people.
    pub fn quantity(&self, quantity: &Quantity) -> String {
        in_language!(self, table => write::quantity(quantity, table::unit))
    }

    /// A rate for people.
    pub fn rate(&self, rate: &Rate) -> String {
        let kilogram = if rate.per_kilogram { "/kg" } else { "" };
        let per = match rate.per {
            RateTime::Minute => "min",
            RateTime::Hour => "h",
            // "/d" is read as "a dose" (ISMP).
            RateTime::Day => in_language!(self, table => table::DAY),
        };
        alloc::format!("{}{kilogram}/{per}", self.quantity(&rate.amount))
    }

    /// A site of the body.
    pub fn site(&self, site: &SiteCode) -> String {
        in_language!(self, table => table::site(site.as_str()))
    }

    /// A time of day; with its date when that is not today, and with its zone when the hour is repeated.
    pub fn time(&self, at: Timestamp) -> String {
        in_language!(self, table => write::time(at, self.zone, self.today, table::month, table::SECOND))
    }

    /// A date.
    pub fn date(&self, date: Date) -> String {
        in_language!(self, table => write::date(date, table::month))
    }
}
