//! Packages in hand, and a dose that is not given.

use super::{Line, Mark};

/// Packages in hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DosePanel {
    /// Pass, question or stop.
    pub mark: Mark,
    /// `All five rights`, `Late: say why`, `Stop: not ordered`.
    pub title: String,
    /// The drug in hand, tall-man, never cut off.
    pub drug: String,
    /// `1 of 2 tablets scanned`; may be empty.
    pub progress: String,
    /// Ordered against scanned, row by row.
    pub compare: Vec<CompareRow>,
    /// The five rights.
    pub rights: Vec<RightRow>,
    /// The findings, the strictest first.
    pub findings: Vec<Line>,
    /// Between scan and confirmation something changed.
    pub changed: Option<String>,
    /// What is asked, if something is.
    pub ask: Ask,
    /// `Call a witness`, when a second clinician can check what is in hand.
    pub call: Option<String>,
    /// `It was given earlier`, when what is in hand can be charted for an earlier time.
    pub earlier: Option<String>,
    /// The big button: `Patient has taken it`. Absent whenever the dose may not be given.
    pub confirm: Option<String>,
    /// `Put it back`, when the last package can be put aside.
    pub put_back: Option<String>,
    /// `Cancel`.
    pub cancel: String,
}

/// One row of ordered against scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompareRow {
    /// `Drug`, `Dose`, `Form`, `Route`, `Time`.
    pub label: String,
    /// As ordered.
    pub ordered: String,
    /// As scanned.
    pub scanned: String,
    /// Whether the two agree.
    pub mark: Mark,
}

/// One of the five rights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RightRow {
    /// `Patient`.
    pub name: String,
    /// How it ended.
    pub mark: Mark,
    /// `Wristband scanned 08:03`: by which evidence.
    pub how: String,
}

/// What is asked of the nurse beside the findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Nothing.
    Nothing,
    /// Scan the next package, or say that there is none.
    NextPackage {
        /// `Scan the next tablet: 25 mg of 50 mg`.
        text: String,
        /// `Give less`.
        no_more: String,
    },
    /// Choose one of several requests or scheduled doses. No default.
    Choice {
        /// `Which dose?`.
        text: String,
        /// The choices.
        options: Vec<String>,
    },
    /// Type a number: how much of the package is given, a heart rate, how many are in hand.
    Number {
        /// `Measure 2.5 mL, then type what is in the syringe`.
        text: String,
        /// What is typed so far.
        typed: String,
        /// `mL`.
        unit: String,
        /// Whether it may have a decimal point.
        decimal: bool,
        /// Answers to tap instead of typing: `½ tablet`.
        parts: Vec<String>,
        /// `This amount`.
        enter: String,
    },
    /// Something that begins with a button: a second person who is called.
    Call {
        /// `A second clinician must check it`.
        text: String,
        /// `Call the witness`.
        button: String,
    },
    /// Answer one finding.
    Reason(ReasonSheet),
}

/// A question with coded reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReasonSheet {
    /// `Late. Why?`.
    pub text: String,
    /// The reasons, no default.
    pub reasons: Vec<String>,
    /// Which one is chosen.
    pub chosen: Option<usize>,
    /// `Who did you call?` when someone must be contacted.
    pub contact: Option<String>,
    /// The two roles to choose from, when someone must be contacted.
    pub contacts: Vec<String>,
    /// Which of the two is chosen.
    pub contacted: Option<usize>,
    /// When the chosen reason needs a note: what is typed so far.
    pub note: Option<String>,
    /// Whether the answer can be sent.
    pub complete: bool,
    /// `Record the reason`.
    pub send: String,
}

/// A dose that is charted as not given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotGivenPanel {
    /// The drug and dose.
    pub title: String,
    /// Held, refused, not given.
    pub outcomes: Vec<String>,
    /// Which one is chosen.
    pub outcome: Option<usize>,
    /// Its reason.
    pub reason: ReasonSheet,
    /// `Back`.
    pub cancel: String,
}
