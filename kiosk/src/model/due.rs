//! The due list, and the tasks of the ward.

use super::{Line, Mark};

/// The due list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueList {
    /// The hours around now on a drawn axis; none when nothing has a time near now.
    pub time_line: Option<TimeLine>,
    /// The lines, the most urgent first.
    pub rows: Vec<DueRow>,
    /// What is to be read before anything else.
    pub notices: Vec<Line>,
    /// What can be done beside scanning: `The package cannot be scanned`.
    pub actions: Vec<String>,
    /// `Close this patient`, `Back`.
    pub cancel: String,
}

/// One line of the due list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueRow {
    /// Which group it stands in.
    pub group: DueGroup,
    /// The shape beside its state: a question for overdue, a check for given, an i for charted as not given or held, none
    /// for the rest. The group alone cannot tell given from refused.
    pub mark: Mark,
    /// `metoprolol tartrate`, tall-man where listed; never cut off.
    pub name: String,
    /// `dose 50 mg · by mouth`.
    pub dose: String,
    /// `09:00` or `as needed`.
    pub when: String,
    /// `Overdue 45 min`, `Due now`, `Given 08:04`, `Allowed from 12:10`.
    pub state: String,
    /// `Last 21:02 yesterday`, `First dose`; may be empty.
    pub last: String,
    /// Tags beside the name: `PRN`, `STAT`, `High alert`.
    pub tags: Vec<String>,
    /// What a tap on it begins: `Chart as not given`, `Take the patch off`; absent when there is nothing.
    pub act: Option<String>,
}

/// The groups of the due list, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DueGroup {
    /// Its window has ended.
    Overdue,
    /// In its window.
    DueNow,
    /// Running: infusions, patches, effects that are to be noted.
    GoingOn,
    /// As needed.
    AsNeeded,
    /// Later.
    Later,
    /// On hold, stopped, or to be read by the pharmacy.
    NotNow,
    /// Done or charted as not given.
    Done,
}

/// The hours around now on an axis. Places are thousandths of its length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeLine {
    /// What a screen reader says of it.
    pub said: String,
    /// Where now is.
    pub now: u16,
    /// The hours that are named.
    pub hours: Vec<Hour>,
    /// What was done and what is to come, the earliest first.
    pub doses: Vec<Stand>,
}

/// An hour that is named below the axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hour {
    /// Where.
    pub at: u16,
    /// `12:00`.
    pub label: String,
}

/// Doses of one kind at one time, as one shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stand {
    /// Where.
    pub at: u16,
    /// In which row above the axis, from 0.
    pub lane: u16,
    /// Their group.
    pub group: DueGroup,
    /// Their shape; none for what is due, later or permitted.
    pub mark: Mark,
    /// How many.
    pub count: u16,
}
