//! How a journey went.

/// Where a journey went otherwise than expected.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Difference {
    /// The line of the journey.
    pub line: usize,
    /// What is there instead.
    pub problem: String,
}

/// What was seen after an event.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Seen {
    /// The line of the journey.
    pub line: usize,
    /// The event in words.
    pub event: String,
    /// The screen.
    pub screen: &'static str,
    /// The verdict on it.
    pub verdict: Option<&'static str>,
    /// The entries that were recorded.
    pub recorded: Vec<&'static str>,
}

/// How a journey went.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Played {
    /// Its title.
    pub title: String,
    /// After each event.
    pub seen: Vec<Seen>,
    /// Where it differed. Empty is good.
    pub differences: Vec<Difference>,
}
