//! Journeys: a shift at the bedside as plain text that a nurse educator can read, write and correct. The format is documented
//! in `fixtures/journeys/README.md`.

pub mod expect;
pub mod parse;
pub mod play;

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
    /// `orders stop REQUEST`, `orders hold REQUEST`, `orders resume REQUEST`.
    OrdersStatus(String, OrderChange),
    /// `orders change REQUEST dose "QUANTITY"`: a new version with another dose.
    OrdersDose(String, String),
    /// `orders discharge PATIENT`.
    Discharge(String),
    /// `orders silent`: from now on no news from the order system.
    Silent,
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
