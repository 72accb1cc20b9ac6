//! What the nurse has half entered: digits of a PIN, a chosen reason, a note. It belongs to the screen, not to the session; it is
//! cleared whenever the screen asks something else.

use rights::bedside::{Bedside, DoseInHand, Notice, Phase, Stage, Step};
use rights::case::Choice;
use rights::history::Outcome;
use rights::ident::{ClinicianId, PatientId};
use rights::phrase::Language;
use rights::verdict::Check;

use crate::errand::Errand;

/// Half-entered input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desk {
    /// Digits of a PIN or of a measured volume.
    pub typed: Typed,
    /// The chosen reason of the open sheet.
    pub reason: Option<usize>,
    /// The chosen contact of the open sheet.
    pub contact: Option<usize>,
    /// The note of the open sheet.
    pub note: String,
    /// The dose whose "not given" sheet is open.
    pub charting: Option<Charting>,
    /// What takes several answers.
    pub errand: Option<Errand>,
    /// Why what was typed last did not even come before the session.
    pub trouble: Option<Notice>,
    /// Whether the list of what is to be done on the ward is open.
    pub tasks: bool,
    /// The second palette, by hand.
    pub night: Option<bool>,
    /// Whether the technician's screen is open, on a locked kiosk.
    pub settings: bool,
    /// The language of whoever stands before the kiosk.
    pub language: Language,
    /// What the input above belongs to.
    asked: Asked,
}

/// Typed digits. `Debug` does not show them: they may be a PIN.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Typed(String);

impl std::fmt::Debug for Typed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Typed({} keys)", self.0.len())
    }
}

/// A dose that is being charted as not given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charting {
    /// Which dose.
    pub choice: Choice,
    /// The drug and dose, for the title.
    pub title: String,
    /// Held, refused or not given, once chosen.
    pub outcome: Option<Outcome>,
}

/// The outcomes that can be charted without giving, in the order of the screen.
pub const NOT_GIVEN: [Outcome; 4] = [Outcome::Refused, Outcome::Held, Outcome::Missing, Outcome::NotGiven];

/// What the screen asks for; when it changes, half-entered input is void.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Asked {
    #[default]
    Nothing,
    /// Nothing that could be half entered, on this screen.
    Screen(&'static str),
    Pin(ClinicianId),
    /// What is to be done with so many packages in hand, and whether it changed since they were scanned.
    Dose(usize, bool, Step),
    Second(&'static str),
    Identify,
    DueList(Option<PatientId>),
}

/// The most keys of a PIN or a volume.
const MOST_KEYS: usize = 12;

/// Which keys count where something is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// Digits and one decimal point.
    Decimal,
    /// Digits.
    Whole,
    /// So many digits: of one more nothing would be seen where a date or a time is written, and it would make it wrong.
    Digits(usize),
}
/// The most characters of a note.
const MOST_NOTE: usize = 500;

impl Typed {
    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How many keys.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Nothing typed.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a key that counts. A point that comes first has its zero before it: ".5" is read as 5 (ISMP).
    pub fn push(&mut self, key: char, keys: Keys) {
        let point = key == '.' && keys == Keys::Decimal && !self.0.contains('.');
        if point && self.0.is_empty() {
            self.0.push('0');
        }
        let most = match keys {
            Keys::Decimal | Keys::Whole => MOST_KEYS,
            Keys::Digits(most) => most,
        };
        if self.0.len() < most && (key.is_ascii_digit() || point) {
            self.0.push(key);
        }
    }

    /// Removes the last key.
    pub fn erase(&mut self) {
        self.0.pop();
    }

    /// Removes everything.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

impl Desk {
    /// Nothing entered.
    pub fn new(language: Language) -> Self {
        Self {
            typed: Typed::default(),
            reason: None,
            contact: None,
            note: String::new(),
            charting: None,
            errand: None,
            trouble: None,
            tasks: false,
            night: None,
            settings: false,
            language,
            asked: Asked::default(),
        }
    }

    /// What the session asks for.
    pub(crate) const fn asked(&self) -> &Asked {
        &self.asked
    }

    /// Voids half-entered input when the session asks for something else than before.
    pub fn follow(&mut self, bedside: &Bedside) {
        let asked = asked(bedside);
        if asked == self.asked {
            return;
        }
        *self = Self { night: self.night, asked, ..Self::new(self.language) };
    }

    /// Something was scanned: nothing that was half entered, and no form, may lie above what comes of it. The technician's screen shows
    /// codes as they are read and stays.
    pub fn give_way(&mut self) {
        let asked = std::mem::take(&mut self.asked);
        *self = Self { night: self.night, settings: self.settings, asked, ..Self::new(self.language) };
    }

    /// Voids the answer that was just sent or refused.
    pub fn clear(&mut self) {
        let (asked, charting, errand) = (self.asked.clone(), self.charting.take(), self.errand.take());
        *self = Self {
            night: self.night,
            tasks: self.tasks,
            settings: self.settings,
            asked,
            charting,
            errand,
            ..Self::new(self.language)
        };
    }

    /// Closes what is open on top of the session's own screen; `false` when nothing is.
    pub fn close(&mut self) -> bool {
        let open = self.charting.is_some() || self.errand.is_some() || self.tasks || self.settings;
        if self.charting.take().is_none() && self.errand.take().is_none() {
            self.tasks = false;
            self.settings = false;
        }
        self.clear();
        open
    }

    /// Replaces the note, cut to what an entry may hold.
    pub fn write_note(&mut self, note: &str) {
        self.note = note.chars().filter(|c| !c.is_control()).take(MOST_NOTE).collect();
    }

    /// The note, when there is one.
    pub fn noted(&self) -> Option<String> {
        let note = self.note.trim();
        (!note.is_empty()).then(|| note.to_owned())
    }
}

fn asked(bedside: &Bedside) -> Asked {
    match bedside.phase() {
        Phase::Pin { clinician, .. } => Asked::Pin(clinician.id.clone()),
        Phase::Identify { .. } => Asked::Identify,
        Phase::Second(second) => Asked::Second(match second.stage {
            Stage::Badge => "badge",
            Stage::Pin { .. } => "pin",
            Stage::Product(_) => "product",
            Stage::Amount { .. } => "amount",
            Stage::Rate { .. } => "rate",
            Stage::Wasted(..) => "wasted",
            Stage::NewRate(_) => "new-rate",
            Stage::Bolus(..) => "bolus",
            Stage::BirthDate(_) => "birth-date",
        }),
        Phase::DueList { .. } => Asked::DueList(bedside.patient().map(|identified| identified.id.clone())),
        Phase::Dose(dose) => Asked::Dose(dose.case.packages.len(), dose.changed, dose.step()),
        // What lay open above the session's screen must never hide what comes now.
        Phase::Locked { .. } => Asked::Screen("locked"),
        Phase::Claiming(_) => Asked::Screen("claiming"),
        Phase::Saving(_) => Asked::Screen("saving"),
        Phase::Done(_) => Asked::Screen("done"),
        Phase::NotRecorded { .. } => Asked::Screen("not-recorded"),
    }
}

/// The question that the screen asks first.
pub fn open_question(dose: &DoseInHand) -> Option<Check> {
    match dose.step() {
        Step::Questions(checks) => checks.first().copied(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_digits_are_never_printed() {
        let mut typed = Typed::default();
        for key in "24x6.8".chars() {
            typed.push(key, Keys::Whole);
        }
        assert_eq!(typed.as_str(), "2468");
        assert_eq!(format!("{typed:?}"), "Typed(4 keys)");
    }

    #[test]
    fn a_volume_has_one_decimal_point_and_an_end() {
        let mut typed = Typed::default();
        for key in "2.5.1234567890123".chars() {
            typed.push(key, Keys::Decimal);
        }
        assert_eq!(typed.as_str(), "2.5123456789");
    }

    #[test]
    fn a_point_never_stands_without_a_zero_before_it() {
        let typed = |pressed: &str, keys| {
            let mut typed = Typed::default();
            pressed.chars().for_each(|key| typed.push(key, keys));
            typed.as_str().to_owned()
        };
        assert_eq!([typed(".5", Keys::Decimal), typed("..5", Keys::Decimal)], ["0.5", "0.5"]);
        assert_eq!(typed(".5", Keys::Whole), "5");
    }

    #[test]
    fn a_date_that_is_typed_stays_as_it_is_shown() {
        let mut typed = Typed::default();
        "195103149".chars().for_each(|key| typed.push(key, Keys::Digits(8)));
        assert_eq!(typed.as_str(), "19510314");
    }
}
