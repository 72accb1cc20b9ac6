//! A question on a screen of its own.

use super::{Line, ReasonSheet};

/// One question on a screen of its own. What takes several questions shows one after the other; nothing is sent before the last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// What it is about: `The wristband cannot be scanned`, `Second clinician`.
    pub title: String,
    /// The question.
    pub text: String,
    /// How to answer it; may be empty.
    pub hint: String,
    /// What was wrong with the last answer.
    pub trouble: Option<Line>,
    /// What is asked for.
    pub input: Input,
    /// Another way: `The package cannot be scanned`.
    pub extra: Option<String>,
    /// `Back`.
    pub cancel: String,
}

/// What a [`Form`] asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A code is scanned.
    Scan,
    /// A PIN: how many digits are typed; they are never shown.
    Pin(usize),
    /// A number.
    Number {
        /// What is typed so far.
        typed: String,
        /// `mL`; empty for a number without one.
        unit: String,
        /// Whether it may have a decimal point.
        decimal: bool,
        /// `This amount`.
        enter: String,
    },
    /// One of several answers, no default.
    Options(Vec<String>),
    /// A coded reason.
    Reason(ReasonSheet),
    /// A short text, written with the keyboard of the screen.
    Text {
        /// What is written so far.
        typed: String,
        /// Whether it can be sent.
        complete: bool,
        /// `This is the lot`.
        send: String,
    },
}
