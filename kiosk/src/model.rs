//! What the screen shows: plain data, complete, in words. The markup holds no rule and computes nothing; a test reads a
//! [`Model`] as a person reads the screen.

mod act;
mod dose;
mod due;
mod form;

pub use act::Act;
pub use dose::{Ask, CompareRow, DosePanel, NotGivenPanel, ReasonSheet, RightRow};
pub use due::{DueGroup, DueList, DueRow, Hour, Stand, TimeLine};
pub use form::{Form, Input};

use rights::phrase::Language;

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
    /// The language of the words, also of those that stand in the markup.
    pub language: Language,
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
    /// How current the orders are; where they are and this kiosk is alone, that it is.
    pub orders: Status,
    /// That this kiosk is alone, where the orders are not current either.
    pub others: Option<Status>,
    /// The camera.
    pub camera: Status,
    /// The sound, when it is not as it should be.
    pub sound: Option<Status>,
    /// Training or demo: said on every screen, so that it is never taken for the real one.
    pub mode: Option<String>,
    /// Training looks other from two metres away, not only in its words.
    pub training: bool,
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
    /// For the technician of the site: how the device stands. No patient data.
    Settings(Settings),
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

/// How the device stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `Settings of this kiosk`.
    pub title: String,
    /// Its parts.
    pub rows: Vec<SettingRow>,
    /// What can be tried: a tone, louder, the colours.
    pub actions: Vec<String>,
    /// `Back`.
    pub cancel: String,
}

/// One part of the device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingRow {
    /// `Camera`.
    pub label: String,
    /// How it stands.
    pub mark: Mark,
    /// In words.
    pub value: String,
}
