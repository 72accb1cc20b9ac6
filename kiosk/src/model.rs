//! What the screen shows: plain data, complete, in words. The markup holds no rule and computes nothing; a test reads a
//! [`Model`] as a person reads the screen.

/// Everything that is on the screen at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// The line at the top.
    pub header: Header,
    /// The patient, on every screen that concerns one.
    pub banner: Option<Banner>,
    /// The one screen that is shown.
    pub screen: Screen,
    /// The second palette, for dark rooms.
    pub night: bool,
    /// Whether the camera picture is shown on this screen (it has its own fixed box).
    pub preview: bool,
    /// Break-glass: said across every screen as long as it lasts.
    pub alarm: Option<String>,
}

/// The line at the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Ward and kiosk, `3B · kiosk-03`.
    pub place: String,
    /// Local time with its zone where it is ambiguous: `08:04` or `01:40 EST (2nd)`.
    pub clock: String,
    /// Who is signed on.
    pub clinician: Option<String>,
    /// How current the orders are.
    pub orders: Status,
    /// The camera.
    pub camera: Status,
    /// Training or demo: said on every screen, so that it is never taken for the real one.
    pub mode: Option<String>,
}

/// A short state with its weight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// How it stands.
    pub mark: Mark,
    /// In words.
    pub text: String,
}

/// The weight of a line. It is shown by shape, word and place, never by colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A check mark.
    Pass,
    /// A letter i.
    Info,
    /// A triangle: something is asked.
    Question,
    /// A cross: stop.
    Stop,
    /// An empty circle: not looked at.
    None,
}

/// The patient, on every screen that concerns one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Banner {
    /// `GARCIA, Maria`.
    pub name: String,
    /// `Born 1951-03-14 (75 y)`.
    pub birth: String,
    /// `MRN 3B0001`.
    pub mrn: String,
    /// `3B-12`.
    pub bed: String,
    /// The allergies, or that none are recorded.
    pub allergies: String,
    /// Whether there are allergies.
    pub allergic: bool,
}

/// The screens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Screen {
    /// Nobody is signed on: "Scan your badge".
    Locked(Prompt),
    /// A PIN is asked.
    Pin(PinPad),
    /// Signed on: "Scan the wristband". A stop says why the last scan was none.
    Identify(Prompt),
    /// The due list.
    DueList(DueList),
    /// Packages in hand: the verdict, and what it asks.
    Dose(DosePanel),
    /// A dose that is charted as not given: its reason.
    NotGiven(NotGivenPanel),
    /// One question of something that is charted, typed or asked of a second person.
    Form(Form),
    /// What is to be done on the whole ward.
    Tasks(DueList),
    /// Writing; nothing can be tapped.
    Saving(String),
    /// The ledger has it.
    Receipt(Receipt),
    /// The ledger could not write: red, chart on paper.
    NotRecorded(NotRecorded),
}

/// One thing to do, with what went wrong before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// `Scan your badge`.
    pub title: String,
    /// How.
    pub hint: String,
    /// What was wrong with the last scan.
    pub trouble: Option<Line>,
    /// What can be done instead: `The wristband cannot be scanned`.
    pub actions: Vec<String>,
}

/// A finding in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its weight.
    pub mark: Mark,
    /// What it is: `Stop: this is another patient's dose`.
    pub title: String,
    /// What was ordered and what was scanned; may be empty.
    pub detail: String,
    /// What to do; may be empty.
    pub action: String,
    /// The check's id, small: `M3`.
    pub check: String,
}

/// The PIN entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinPad {
    /// Whose PIN.
    pub name: String,
    /// How many digits are typed; they are never shown.
    pub typed: usize,
    /// Why the last one was refused.
    pub trouble: Option<String>,
}

/// The due list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueList {
    /// The lines, the most urgent first.
    pub rows: Vec<DueRow>,
    /// Something to say.
    pub notice: Option<Line>,
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

/// What the ledger has recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// `Given 08:04`.
    pub title: String,
    /// `metoprolol tartrate, dose 50 mg, by mouth`.
    pub what: String,
    /// `Entry 1,842`.
    pub entry: String,
    /// `Waste due: 7.5 mL`; may be empty.
    pub remains: String,
    /// Whether medication was given (a check mark) or charted as not given (an i).
    pub given: bool,
}

/// What could not be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotRecorded {
    /// `NOT RECORDED`.
    pub title: String,
    /// What to write on paper.
    pub what: String,
    /// What to do.
    pub action: String,
}

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
