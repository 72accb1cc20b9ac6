//! One kiosk of a journey: its device, its ledger, its decoder, its clock.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use exchange::staff::Pin;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use ledger::clock::ClockEvidence;
use rights::chart::Chart;
use rights::entry::{EntryKind, IdempotencyKey};
use rights::ident::{ClinicianId, WardId};
use rights::moment::{ClockTrust, Moment};
use rights::policy::Policy;
use rights::product::Formulary;
use scanner::frame::Frame;
use scanner::interpret::Interpreter;
use scanner::pipeline::Reader;
use scanner::site::SiteFormats;
use scanner::symbol::Wanted;

use super::play::PlayError;
use crate::device::{Device, Site};
use crate::pin::Cost;
use crate::recorder::Recorder;
use crate::view::{CameraState, Mode, Surroundings, Technical};
use crate::ward;

/// What every kiosk of the ward starts with.
pub(super) struct Ward {
    pub(super) id: WardId,
    pub(super) zone: TimeZone,
    pub(super) policy: Arc<Policy>,
    pub(super) formulary: Formulary,
    pub(super) orders: Chart,
    pub(super) pins: Vec<(ClinicianId, Pin)>,
}

/// A kiosk under a journey.
pub(super) struct Kiosk {
    pub(super) name: String,
    pub(super) device: Device,
    pub(super) recorder: Option<Recorder>,
    pub(super) reader: Reader,
    pub(super) camera_time: Duration,
    pub(super) frame: Option<Frame>,
    pub(super) now: Moment,
    /// How much of what the order system said has arrived here.
    pub(super) told: Option<usize>,
    /// When time last passed for it.
    pub(super) ticked: Option<jiff::Timestamp>,
    /// By how much its clock differs from a trusted one.
    off: SignedDuration,
    /// By how much somebody set it back.
    back: SignedDuration,
    pub(super) online: bool,
    /// The doses that were given while the hub could not be asked.
    pub(super) offline: Vec<IdempotencyKey>,
    starts: u8,
    power_failures: u8,
    pub(super) recorded: Vec<EntryKind>,
}

impl Kiosk {
    /// A locked kiosk with a ledger in `folder`, made when the folder is new.
    pub(super) fn new(
        name: &str,
        number: usize,
        ward: &Ward,
        folder: &Path,
        first: jiff::Timestamp,
    ) -> Result<Self, PlayError> {
        let now = moment(first, &ward.zone, SignedDuration::ZERO, SignedDuration::ZERO);
        let origin = format!("demo.example/{}/kiosk-{number:02}/g1", ward.id.as_str().to_ascii_lowercase());
        let recorder = Recorder::open(folder, &origin, true, &ward.policy, &ClockEvidence::of_moment(now))?;
        let device = device(number, ward, &recorder, 1, now)?;
        let interpreter = Interpreter::new(SiteFormats::default(), now.date().year());
        Ok(Self {
            name: name.to_owned(),
            device,
            recorder: Some(recorder),
            reader: Reader::new(Wanted::bedside(), interpreter),
            camera_time: Duration::ZERO,
            frame: None,
            now,
            told: None,
            ticked: None,
            off: SignedDuration::ZERO,
            back: SignedDuration::ZERO,
            online: true,
            offline: Vec::new(),
            starts: 1,
            power_failures: 0,
            recorded: Vec::new(),
        })
    }

    /// It is this late, by a trusted clock.
    pub(super) fn tell_time(&mut self, at: jiff::Timestamp, zone: &TimeZone) {
        self.now = moment(at, zone, self.off, self.back);
        self.reader.interpreter().set_year(self.now.date().year());
    }

    pub(super) fn clock_off(&mut self, off: SignedDuration, at: jiff::Timestamp, zone: &TimeZone) {
        self.off = off;
        self.tell_time(at, zone);
    }

    pub(super) fn clock_back(&mut self, back: SignedDuration, at: jiff::Timestamp, zone: &TimeZone) {
        self.back = back;
        self.tell_time(at, zone);
    }

    pub(super) fn clock(&self) -> ClockEvidence {
        ClockEvidence::of_moment(self.now)
    }

    /// Off and on again. A power failure leaves the files as they are at that instant: they are copied as the disk holds them, and
    /// the kiosk wakes up with the copy.
    pub(super) fn restart(&mut self, number: usize, ward: &Ward, power_failed: bool) -> Result<(), String> {
        let Some(recorder) = self.recorder.take() else { return Err("there is no ledger".into()) };
        let mut folder = recorder.folder().to_owned();
        let origin = recorder.origin().to_owned();
        let clock = self.clock();
        if power_failed {
            self.power_failures += 1;
            let copy = folder.with_extension(format!("power-{}", self.power_failures));
            copy_folder(&folder, &copy).map_err(|error| format!("{}: {error}", copy.display()))?;
            folder = copy;
        } else {
            recorder.close(&clock);
        }
        let recorder = Recorder::open(&folder, &origin, false, &ward.policy, &clock)
            .map_err(|error| error.to_string())?;
        self.starts = self.starts.wrapping_add(1);
        self.device =
            device(number, ward, &recorder, self.starts, self.now).map_err(|error| error.to_string())?;
        self.recorder = Some(recorder);
        self.told = None;
        Ok(())
    }

    /// Where its ledger is now.
    pub(super) fn folder(&self) -> Option<PathBuf> {
        self.recorder.as_ref().map(|recorder| recorder.folder().to_owned())
    }
}

/// A locked screen, with what the ledger remembers.
fn device(
    number: usize,
    ward: &Ward,
    recorder: &Recorder,
    starts: u8,
    now: Moment,
) -> Result<Device, PlayError> {
    let site = Site {
        ward: ward.id.clone(),
        zone: ward.zone.clone(),
        policy: ward.policy.clone(),
        formulary: ward.formulary.clone(),
        alone: false,
    };
    let mut pins = ward::hash_pins(&ward.pins, b"journey", Cost::Demo, || [1; 16])?;
    recorder.recall_pins(&mut pins, now.at)?;
    let surroundings = Surroundings {
        place: format!("{} · kiosk-{number:02}", ward.id),
        camera: CameraState::Pictures,
        mode: Some(Mode::Demo),
        night: None,
        technical: Technical::starting(recorder.origin()),
    };
    // Session ids count up, so that the same journey makes the same entries, and each kiosk has its own.
    let mut count = u64::from(starts) << 32;
    let place = u8::try_from(number).unwrap_or(u8::MAX);
    let random = Box::new(move || {
        count += 1;
        let mut bytes = [0; 16];
        // The first kiosk counts as it did when there was one.
        bytes[0] = place.saturating_sub(1);
        bytes[8..].copy_from_slice(&count.to_be_bytes());
        bytes
    });
    let mut device = Device::new(site, ward.orders.clone(), pins, surroundings, random);
    device.learn(recorder.records()?);
    Ok(device)
}

fn moment(at: jiff::Timestamp, zone: &TimeZone, off: SignedDuration, back: SignedDuration) -> Moment {
    let at = at.checked_sub(back).unwrap_or(at);
    Moment { at, offset: zone.to_offset(at), clock: ClockTrust::Known(off - back) }
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
