//! What a person can do.

/// Everything a person can do on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// A digit of the PIN or of a measured volume; `.` for the decimal point.
    Key(char),
    /// Erase the last key.
    Erase,
    /// The PIN or the measured volume is complete.
    Enter,
    /// A choice of [`Ask::Choice`] or [`Input::Options`], a part of [`Ask::Number`].
    Option(usize),
    /// A reason of the open [`ReasonSheet`].
    Reason(usize),
    /// A contact of the open [`ReasonSheet`].
    Contact(usize),
    /// The note of the open [`ReasonSheet`] now reads so.
    Note(String),
    /// Send the open [`ReasonSheet`].
    Send,
    /// Nothing more will be scanned.
    NoMore,
    /// The button of [`Ask::Call`], or [`DosePanel::call`].
    Call,
    /// What is in hand was given before: when is asked next.
    Earlier,
    /// One of the things that the screen offers beside its content.
    Action(usize),
    /// The other way of a [`Form`].
    Extra,
    /// "Patient has taken it".
    Confirm,
    /// Put the last package back.
    PutBack,
    /// Leave: the dose, the patient, the PIN entry, the reasons.
    Cancel,
    /// Seen.
    Continue,
    /// Open the reasons of a due-list row.
    Row(usize),
    /// The outcome of [`NotGivenPanel`].
    Outcome(usize),
    /// Sign off.
    SignOff,
    /// Day or night palette.
    Night,
}
