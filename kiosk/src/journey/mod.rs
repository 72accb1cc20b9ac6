//! Journeys: a shift at the bedside as plain text that a nurse educator can read, write and correct. The format is documented
//! in `fixtures/journeys/README.md`.

mod effects;
pub mod expect;
mod hands;
mod kiosk;
mod orders;
pub mod parse;
pub mod play;
mod played;
mod words;

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::tz::Offset;

/// A journey, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journey {
    /// The first line.
    pub title: String,
    /// The settings before the first event.
    pub setup: Setup,
    /// The events, in order.
    pub steps: Vec<JourneyStep>,
}

/// What stands before the first event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// `orders:` — FHIR Bundles, relative to the journey file. At least one.
    pub orders: Vec<PathBuf>,
    /// `drugs:` — a folder with items.csv, barcodes.csv, recalls.csv.
    pub drugs: PathBuf,
    /// `staff:` — staff.csv.
    pub staff: PathBuf,
    /// `codes:` — codes.csv, the names that `scans` and `shows` use.
    pub codes: PathBuf,
    /// `ward:` — the ward of the kiosk; 3B unless said.
    pub ward: String,
    /// `zone:` — `America/New_York` unless said.
    pub zone: String,
    /// `policy:` — the site's policy, a TOML file; the defaults unless said.
    pub policy: Option<PathBuf>,
}

/// One event with what is expected after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JourneyStep {
    /// The line in the file, from 1.
    pub line: usize,
    /// When.
    pub at: Timestamp,
    /// The offset that was written: it must be the zone's at that instant.
    pub offset: Offset,
    /// At which kiosk: `A` unless the line begins with `kiosk B:`.
    pub kiosk: String,
    /// What happens.
    pub event: JourneyEvent,
    /// What is expected then, each with its line.
    pub expected: Vec<(usize, Expectation)>,
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JourneyEvent {
    /// `nurse scans NAME`: the text of a code of codes.csv, as a hand scanner or a steady camera read gives it.
    Scans(String),
    /// `nurse scans "TEXT" as SYMBOLOGY`.
    ScansText(String, String),
    /// `nurse shows NAME`: its pictures, through the real decoder.
    Shows(String),
    /// `nurse types "DIGITS"`: on the keys of the screen, then Enter.
    Types(String),
    /// `nurse taps "LABEL"`: something that can be tapped on the screen.
    Taps(String),
    /// `nurse writes "TEXT"`: into the note.
    Writes(String),
    /// `orders ...`, `drugs ...`: another system says something.
    Orders(OrdersSay),
    /// `kiosk waits`: time passes, nothing else.
    Waits,
    /// `kiosk restarts`: closed in order and opened again.
    Restarts,
    /// `power fails`: the kiosk dies at once and starts again.
    PowerFails,
    /// `disk fails`: from now on the ledger cannot write.
    DiskFails,
    /// `disk works`: it can again, after a restart.
    DiskWorks,
    /// `clock off "DURATION"`: the kiosk's clock differs by this from a trusted one.
    ClockOff(String),
    /// `clock back "DURATION"`: somebody sets the kiosk's clock back by this; a trusted one is still heard.
    ClockBack(String),
    /// `network fails`: this kiosk reaches neither the order system nor the other kiosks.
    NetworkFails,
    /// `network works`: it reaches them again.
    NetworkWorks,
}

/// What other systems say. Every text is read when the journey is played, against the orders as they are then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrdersSay {
    /// `orders stop|hold|resume REQUEST`.
    Status(String, OrderChange),
    /// `orders set REQUEST WHAT "VALUE"`: a new version that differs in this; `orders change REQUEST dose "VALUE"` says the same.
    Set(String, String, String),
    /// `orders new REQUEST like REQUEST`: a new request that is like another one.
    New(String, String),
    /// `orders value PATIENT WHAT "VALUE"`, with `taken "DURATION" ago`: a vital sign, a laboratory value, the weight.
    Value {
        /// Of whom.
        patient: String,
        /// Of what.
        what: String,
        /// Number and unit.
        value: String,
        /// How long ago it was taken.
        ago: Option<String>,
    },
    /// `orders nil-by-mouth PATIENT` and `orders food PATIENT`.
    NilByMouth(String, bool),
    /// `orders allergy PATIENT ingredient|class "NAME"`.
    Allergy(String, bool, String),
    /// `orders discharge PATIENT`.
    Discharge(String),
    /// `orders move PATIENT to "WARD"`.
    Move(String, String),
    /// `orders band PATIENT "SERIAL"`: a new wristband is printed.
    Band(String, String),
    /// `orders merge PATIENT into PATIENT`.
    Merge(String, String),
    /// `orders silent`: from now on no news from the order system.
    Silent,
    /// `orders speak`: it is heard again.
    Speak,
    /// `drugs set ITEM WHAT "VALUE"`: the drug file says so from now on.
    Drug(String, String, String),
}

/// What the order system says of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderChange {
    /// Stopped.
    Stop,
    /// On hold.
    Hold,
    /// Active again.
    Resume,
}

/// What is expected after an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// `screen NAME`.
    Screen(String),
    /// `verdict pass|question|stop`.
    Verdict(String),
    /// `finding ID CLASS`.
    Finding(String, String),
    /// `no finding ID`.
    NoFinding(String),
    /// `right NAME verified|attested|variance|open`.
    Right(String, String),
    /// `says "TEXT"`: the text stands on the screen.
    Says(String),
    /// `does not say "TEXT"`.
    DoesNotSay(String),
    /// `recorded KIND`, in order; all entries since the event must be named.
    Recorded(String),
    /// `recorded nothing`.
    RecordedNothing,
    /// `given REQUEST N`: so many administrations of this request entered the patient so far.
    Given(String, usize),
    /// `ledger verifies`: the whole ledger, with the auditor's program.
    LedgerVerifies,
}
