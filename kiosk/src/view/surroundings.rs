//! What the screen says beside the session: where it stands, the camera, whether it is the real thing.

use jiff::Timestamp;
use jiff::civil::Time;

use crate::labels::Labels;
use crate::model::{Mark, Status};

/// What the screen says beside the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surroundings {
    /// Ward and kiosk.
    pub place: String,
    /// The camera.
    pub camera: CameraState,
    /// Training or demo; none for the real thing.
    pub mode: Option<Mode>,
    /// When the second palette comes by itself; never, without.
    pub night: Option<NightHours>,
    /// What a technician asks for.
    pub technical: Technical,
}

/// From when to when it is night, by the local clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NightHours {
    from: Time,
    to: Time,
}

impl NightHours {
    /// From `from` up to `to`, over midnight when `from` is the later one. Equal times are no night.
    pub const fn new(from: Time, to: Time) -> Self {
        Self { from, to }
    }

    /// Whether it is night then.
    pub fn contains(&self, time: Time) -> bool {
        if self.from <= self.to {
            self.from <= time && time < self.to
        } else {
            self.from <= time || time < self.to
        }
    }

    pub(super) fn from(&self) -> String {
        self.from.strftime("%H:%M").to_string()
    }

    pub(super) fn to(&self) -> String {
        self.to.strftime("%H:%M").to_string()
    }
}

/// How loud at the most.
pub const LOUDEST: u8 = 5;

/// What a technician asks for: no word of it is about a patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Technical {
    /// The cameras of this machine by name.
    pub cameras: Vec<String>,
    /// How many pictures came in the last second.
    pub frames_per_second: Option<u32>,
    /// The hand scanner.
    pub scanner: ScannerState,
    /// When a code was read last.
    pub last_code: Option<Timestamp>,
    /// The sound.
    pub sound: Sound,
    /// Which ledger is open.
    pub origin: String,
    /// The last entry and when it was written.
    pub last_entry: Option<(u64, Timestamp)>,
    /// The last entry could not be written.
    pub ledger_fails: bool,
    /// A feed that is silent for longer than its site allows: its name, and when it was last heard.
    pub silent_feed: Option<(String, Option<Timestamp>)>,
    /// Who cosigns the ledger's checkpoints; none where nobody does.
    pub cosigner: Option<CosignerState>,
    /// The ward's hub; none where this is the only kiosk.
    pub hub: Option<HubState>,
    /// The program's version.
    pub version: &'static str,
}

/// What came of asking the cosigner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CosignerState {
    /// It was not asked yet.
    Waits,
    /// The checkpoint of this entry is cosigned, since this moment.
    Signed(u64, Timestamp),
    /// It did not answer, or not as it should.
    Away,
    /// It says that it has seen other entries, and does not prove it.
    Doubts,
    /// It has seen entries that are not there: nothing is recorded.
    Contradicts,
}

/// How the ward's hub stands, by way of which the kiosks know of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HubState {
    /// It was not asked yet.
    Waits,
    /// Everything that it knew then is known.
    Heard(Timestamp),
    /// It does not answer: what other kiosks did since is not known. `None`: it was not heard since the start.
    Away(Option<Timestamp>),
}

impl Technical {
    /// A kiosk that has just started, with the ledger of this origin.
    pub fn starting(origin: &str) -> Self {
        Self {
            cameras: Vec::new(),
            frames_per_second: None,
            scanner: ScannerState::Keyboard,
            last_code: None,
            sound: Sound { card: true, volume: 3 },
            origin: origin.to_owned(),
            last_entry: None,
            ledger_fails: false,
            silent_feed: None,
            cosigner: None,
            hub: None,
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

/// How hand scanners are heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScannerState {
    /// As keys.
    Keyboard,
    /// As this device, beside the keys.
    Device(String),
    /// This device is wanted and not there.
    Missing(String),
}

/// Whether tones are heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sound {
    /// There is a sound card.
    pub card: bool,
    /// How loud, from 0 to [`LOUDEST`]; a card that was away is as loud as it was before. At 0 a stop still sounds.
    pub volume: u8,
}

impl Sound {
    /// What stands in the header: nothing while all is well.
    pub(super) fn status(self, say: &Labels) -> Option<Status> {
        match (self.card, self.volume) {
            (false, _) => Some(Status { mark: Mark::Question, text: say.frame.sound_off.into() }),
            (true, 0) => Some(Status { mark: Mark::Info, text: say.frame.sound_low.into() }),
            (true, _) => None,
        }
    }
}

/// Not the real thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The demo ward.
    Demo,
    /// Learning at the device, with its own patients and its own ledger.
    Training,
}

impl Mode {
    pub(super) const fn text(self, say: &Labels) -> &'static str {
        match self {
            Self::Demo => say.frame.demo,
            Self::Training => say.frame.training,
        }
    }
}

/// How the camera stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CameraState {
    /// It has not given a picture yet.
    Starts,
    /// It gives pictures.
    Works,
    /// Pictures from files, in journeys.
    Pictures,
    /// There is none, and none is wanted.
    Absent,
    /// None is found.
    NotFound,
    /// It may not be opened.
    NoPermission,
    /// Another program has it.
    Busy,
    /// It was there.
    Unplugged,
    /// It gives the same picture again and again.
    Frozen,
    /// Something else.
    Fault,
}

impl CameraState {
    /// What stands in the header.
    pub(crate) fn status(self, say: &Labels) -> Status {
        let say = &say.frame;
        let (mark, text) = match self {
            Self::Starts => (Mark::Info, say.camera_starts),
            Self::Works => (Mark::Pass, say.camera),
            Self::Pictures => (Mark::Pass, say.camera_pictures),
            Self::Absent => (Mark::Info, say.camera_absent),
            Self::NotFound => (Mark::Stop, say.camera_absent),
            Self::NoPermission => (Mark::Stop, say.camera_permission),
            Self::Busy => (Mark::Stop, say.camera_busy),
            Self::Unplugged => (Mark::Stop, say.camera_unplugged),
            Self::Frozen => (Mark::Stop, say.camera_frozen),
            Self::Fault => (Mark::Stop, say.camera_fault),
        };
        Status { mark, text: text.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn night_goes_over_midnight_and_ends_when_it_says() {
        let at = |hour, minute| Time::constant(hour, minute, 0, 0);
        let hours = NightHours::new(at(21, 0), at(6, 30));
        let night = [at(21, 0), at(23, 59), at(0, 0), at(6, 29)];
        let day = [at(20, 59), at(6, 30), at(12, 0)];
        assert!(night.iter().all(|time| hours.contains(*time)));
        assert!(!day.iter().any(|time| hours.contains(*time)));
        assert!(!NightHours::new(at(7, 0), at(7, 0)).contains(at(7, 0)));
        assert!(NightHours::new(at(1, 0), at(5, 0)).contains(at(3, 0)));
    }
}
