//! Plays a journey through the same device, decoder and ledger as the bedside.

use std::path::{Path, PathBuf};
use std::time::Duration;

use exchange::staff::Pin;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use ledger::clock::ClockEvidence;
use rights::chart::Chart;
use rights::entry::EntryKind;
use rights::ident::{ClinicianId, PatientId, RequestId, WardId};
use rights::moment::{ClockTrust, Moment};
use rights::person::Admission;
use rights::policy::Policy;
use rights::product::Formulary;
use rights::quantity::Quantity;
use rights::request::{DoseOrder, RequestStatus};
use rights::scan::{Meaning, Scan, Source, Symbology};
use scanner::frame::Frame;
use scanner::interpret::Interpreter;
use scanner::pipeline::{Event as ReaderEvent, Reader};
use scanner::site::SiteFormats;
use scanner::source::FrameSource;
use scanner::source::folder::Folder;
use scanner::symbol::Wanted;

use super::expect::{self, Scene};
use super::{Expectation, Journey, JourneyEvent, JourneyStep, OrderChange, Setup};
use crate::codes::{Codes, PrintedCode};
use crate::device::{Device, Output, Site};
use crate::model::{Act, Mark, Model, Status};
use crate::pin::Cost;
use crate::reading::{screen_name, taps, verdict};
use crate::recorder::Recorder;
use crate::view::Surroundings;
use crate::ward::{self, WardFiles};

/// The interval between two frames of pictures: 30 a second.
const FRAME: Duration = Duration::from_millis(33);
/// How many frames a code is held in front of the camera at the most.
const MOST_FRAMES: usize = 30;

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

/// Why a journey cannot be played at all.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// The ward.
    #[error(transparent)]
    Ward(#[from] ward::WardError),
    /// The codes.
    #[error(transparent)]
    Codes(#[from] crate::codes::CodesError),
    /// The ledger.
    #[error(transparent)]
    Recorder(#[from] crate::recorder::RecorderError),
    /// The ward's name.
    #[error("ward \"{0}\" cannot be a ward id")]
    WardId(String),
}

/// The parts of a ward that a device starts with.
struct Loaded<'a> {
    ward: &'a WardId,
    zone: &'a TimeZone,
    formulary: &'a Formulary,
}

/// A kiosk under a journey.
pub struct Player {
    device: Device,
    recorder: Option<Recorder>,
    reader: Reader,
    codes: Codes,
    orders: Chart,
    formulary: Formulary,
    ward: WardId,
    zone: TimeZone,
    files: Setup,
    now: Moment,
    camera_time: Duration,
    frame: Option<Frame>,
    silent: bool,
    starts: u8,
    pins: Vec<(ClinicianId, Pin)>,
    power_failures: u8,
    recorded: Vec<EntryKind>,
}

impl Player {
    /// A locked kiosk in this journey's ward, with a ledger in `folder` (made when the folder is new).
    ///
    /// # Errors
    /// When the ward's files or the ledger cannot be used.
    pub fn new(setup: &Setup, folder: &Path, first: jiff::Timestamp) -> Result<Self, PlayError> {
        let zone = ward::zone(&setup.zone)?;
        let now = moment(first, &zone, SignedDuration::ZERO);
        let ward_id = WardId::parse(&setup.ward).map_err(|_| PlayError::WardId(setup.ward.clone()))?;
        let files = WardFiles {
            orders: setup.orders.clone(),
            drugs: setup.drugs.clone(),
            staff: setup.staff.clone(),
        };
        let loaded = ward::load(&files, &zone, now.date())?;
        for rejection in &loaded.rejections {
            tracing::info!(?rejection, "not taken over");
        }
        let recorder = Recorder::open(folder, &origin(&setup.ward), true, &ClockEvidence::of_moment(now))?;
        let interpreter = Interpreter::new(SiteFormats::default(), now.date().year());
        let device = Self::device(
            &Loaded { ward: &ward_id, zone: &zone, formulary: &loaded.formulary },
            &loaded.chart,
            &loaded.pins,
            &recorder,
            1,
        )?;
        Ok(Self {
            device,
            recorder: Some(recorder),
            reader: Reader::new(Wanted::bedside(), interpreter),
            codes: Codes::read(&setup.codes)?,
            orders: loaded.chart,
            formulary: loaded.formulary,
            ward: ward_id,
            zone,
            files: setup.clone(),
            now,
            camera_time: Duration::ZERO,
            frame: None,
            silent: false,
            starts: 1,
            pins: loaded.pins,
            power_failures: 0,
            recorded: Vec::new(),
        })
    }

    /// The screen now.
    pub fn screen(&self) -> Model {
        self.device.view(self.now)
    }

    /// The picture that is held in front of the camera.
    pub const fn frame(&self) -> Option<&Frame> {
        self.frame.as_ref()
    }

    /// Where the ledger is now (another folder after a power failure).
    pub fn ledger_folder(&self) -> Option<&Path> {
        self.recorder.as_ref().map(Recorder::folder)
    }

    /// The kiosk starts: a locked screen, with what the ledger remembers.
    fn device(
        ward: &Loaded<'_>,
        orders: &Chart,
        pins: &[(ClinicianId, Pin)],
        recorder: &Recorder,
        starts: u8,
    ) -> Result<Device, PlayError> {
        let site = Site {
            ward: ward.ward.clone(),
            zone: ward.zone.clone(),
            policy: Policy::default(),
            formulary: ward.formulary.clone(),
        };
        let pins = ward::hash_pins(pins, b"journey", Cost::Demo, || [1; 16])?;
        let surroundings = Surroundings {
            place: format!("{} · kiosk-01", ward.ward),
            camera: Status { mark: Mark::Pass, text: "Pictures".into() },
            mode: Some("DEMO – no real patients".into()),
        };
        // Session ids count up, so that the same journey makes the same entries.
        let mut count = u64::from(starts) << 32;
        let random = Box::new(move || {
            count += 1;
            let mut bytes = [0; 16];
            bytes[8..].copy_from_slice(&count.to_be_bytes());
            bytes
        });
        let mut device = Device::new(site, orders.clone(), pins, surroundings, random);
        device.learn(recorder.records()?);
        Ok(device)
    }

    /// One step: the event, then each expectation.
    ///
    /// # Errors
    /// When the event cannot be carried out at all, and why.
    pub fn step(&mut self, step: &JourneyStep) -> Result<(Seen, Vec<Difference>), String> {
        let off = match self.now.clock {
            ClockTrust::Known(off) => off,
            ClockTrust::Unknown => SignedDuration::ZERO,
        };
        self.now = moment(step.at, &self.zone, off);
        self.recorded.clear();
        // What was held up is gone: a wristband must not stay in the picture of a locked screen.
        self.frame = None;
        self.news();
        let outputs = self.device.tick(self.now);
        self.carry_out(outputs);
        self.event(&step.event)?;
        let recorded: Vec<&'static str> = self.recorded.iter().map(|kind| kind.name()).collect();
        let differences = self.compare(step);
        let model = self.screen();
        let seen = Seen {
            line: step.line,
            event: in_words(&step.event),
            screen: screen_name(&model.screen),
            verdict: verdict(&model),
            recorded,
        };
        Ok((seen, differences))
    }

    fn compare(&mut self, step: &JourneyStep) -> Vec<Difference> {
        let model = self.screen();
        let mut remaining = std::mem::take(&mut self.recorded);
        let names_recorded = step
            .expected
            .iter()
            .any(|(_, e)| matches!(e, Expectation::Recorded(_) | Expectation::RecordedNothing));
        let chart = self.device.chart();
        let given = |request: &str| {
            let done = chart.history.iter().filter(|done| done.request.as_str() == request);
            done.filter(|done| done.outcome.entered_patient()).count()
        };
        let folder = self.recorder.as_ref().map(|recorder| recorder.folder().to_owned());
        let mut verify = || match &folder {
            Some(folder) => crate::audit::verify(folder),
            None => Err("there is no ledger".into()),
        };
        let mut differences = Vec::new();
        for (line, expected) in &step.expected {
            let mut scene = Scene {
                model: &model,
                phase: self.device.phase(),
                recorded: &mut remaining,
                given: &given,
                verify: &mut verify,
            };
            if let Err(problem) = expect::check(expected, &mut scene) {
                differences.push(Difference { line: *line, problem });
            }
        }
        if names_recorded && !remaining.is_empty() {
            let names: Vec<&str> = remaining.iter().map(|kind| kind.name()).collect();
            differences
                .push(Difference { line: step.line, problem: format!("also recorded {}", names.join(", ")) });
        }
        differences
    }

    /// The order system speaks up to now, unless it went silent.
    fn news(&mut self) {
        if !self.silent {
            self.orders.orders_as_of = Some(self.now.at);
        }
        self.device.orders_arrived(self.orders.clone());
    }

    fn event(&mut self, event: &JourneyEvent) -> Result<(), String> {
        match event {
            JourneyEvent::Scans(name) => {
                let text = self.code(name)?.as_hand_scan();
                let scan = self.reader.hand_scan(&text);
                self.scan(scan);
            }
            JourneyEvent::ScansText(text, symbology) => {
                let scan = self.typed_code(text, symbology)?;
                self.scan(scan);
            }
            JourneyEvent::Shows(name) => self.show(name)?,
            JourneyEvent::Types(keys) => {
                for key in keys.chars() {
                    self.act(Act::Key(key));
                }
                self.act(Act::Enter);
            }
            JourneyEvent::Taps(label) => self.tap(label)?,
            JourneyEvent::Writes(note) => self.act(Act::Note(note.clone())),
            JourneyEvent::OrdersStatus(id, change) => self.change_status(id, *change)?,
            JourneyEvent::OrdersDose(id, dose) => self.change_dose(id, dose)?,
            JourneyEvent::Discharge(id) => self.discharge(id)?,
            JourneyEvent::Silent => self.silent = true,
            JourneyEvent::Waits => {}
            JourneyEvent::Restarts => self.restart(false)?,
            JourneyEvent::PowerFails => self.restart(true)?,
            JourneyEvent::DiskFails => self.disk(true),
            JourneyEvent::DiskWorks => self.disk(false),
            JourneyEvent::ClockOff(by) => {
                let off: SignedDuration =
                    by.parse().map_err(|_| format!("\"{by}\" is no duration such as 6 min"))?;
                self.now = moment(self.now.at, &self.zone, off);
            }
        }
        Ok(())
    }

    fn code(&self, name: &str) -> Result<&PrintedCode, String> {
        self.codes.get(name).ok_or_else(|| format!("no code \"{name}\" in {}", self.files.codes.display()))
    }

    /// A text as a symbol of this kind would give it; a bracketed one is a GS1 symbol.
    fn typed_code(&self, text: &str, symbology: &str) -> Result<Scan, String> {
        let symbology =
            Symbology::from_name(symbology).ok_or_else(|| format!("unknown symbology \"{symbology}\""))?;
        let interpreter = self.reader.interpreter();
        if text.starts_with('(') {
            let meaning: Meaning = interpreter.typed(text);
            return Ok(Scan {
                symbology: Some(symbology),
                source: Source::HandScanner,
                text: text.into(),
                meaning,
            });
        }
        let code = PrintedCode {
            name: String::new(),
            symbology,
            text: text.into(),
            gs1: false,
            what: String::new(),
            pictures: PathBuf::new(),
        };
        Ok(self.reader.hand_scan(&code.as_hand_scan()))
    }

    /// Holds the pictures of a code in front of the decoder until it is read, then takes them away.
    fn show(&mut self, name: &str) -> Result<(), String> {
        let pictures = self.code(name)?.pictures.clone();
        let mut frames = Vec::new();
        let mut folder = Folder::open(&pictures, FRAME).map_err(|error| error.to_string())?;
        while let Some(frame) = folder.next_frame().map_err(|error| error.to_string())? {
            frames.push(frame);
        }
        // Nothing was in view for a second.
        self.camera_time += Duration::from_secs(1);
        self.reader.forget();
        for frame in frames.iter().cycle().take(MOST_FRAMES) {
            self.camera_time += FRAME;
            let events = self.reader.read(&frame.at(self.camera_time)).map_err(|error| error.to_string())?;
            let scans: Vec<Scan> = events
                .into_iter()
                .filter_map(|event| match event {
                    ReaderEvent::Scan(scan) => Some(scan),
                    ReaderEvent::Seen(_) => None,
                })
                .collect();
            if !scans.is_empty() {
                self.frame = Some(frame.clone());
                for scan in scans {
                    self.scan(scan);
                }
                return Ok(());
            }
        }
        Err(format!("the pictures of \"{name}\" were not read in {MOST_FRAMES} frames"))
    }

    fn tap(&mut self, label: &str) -> Result<(), String> {
        let model = self.screen();
        let all = taps(&model);
        let act = all.iter().find(|(known, _)| known == label).map(|(_, act)| act.clone());
        match act {
            Some(act) => {
                self.act(act);
                Ok(())
            }
            None => {
                let labels: Vec<&str> = all.iter().map(|(label, _)| label.as_str()).collect();
                let screen = screen_name(&model.screen);
                Err(format!(
                    "nothing on screen {screen} is labelled \"{label}\"; there are: {}",
                    labels.join(" | ")
                ))
            }
        }
    }

    fn change_status(&mut self, id: &str, change: OrderChange) -> Result<(), String> {
        let now = self.now.at;
        let request = self.request(id)?;
        request.status = match change {
            OrderChange::Stop => RequestStatus::Stopped,
            OrderChange::Hold => RequestStatus::OnHold,
            OrderChange::Resume => RequestStatus::Active,
        };
        request.status_since = Some(now);
        request.version += 1;
        self.news();
        Ok(())
    }

    fn change_dose(&mut self, id: &str, dose: &str) -> Result<(), String> {
        let dose = Quantity::parse(dose).map_err(|error| error.to_string())?;
        let request = self.request(id)?;
        request.dose = DoseOrder::Exact(dose);
        request.version += 1;
        self.news();
        Ok(())
    }

    fn request(&mut self, id: &str) -> Result<&mut rights::request::Request, String> {
        let known = RequestId::parse(id).map_err(|error| error.to_string())?;
        let found = self.orders.requests.iter_mut().find(|request| request.id == known);
        found.ok_or_else(|| format!("no request \"{id}\" in the orders"))
    }

    fn discharge(&mut self, id: &str) -> Result<(), String> {
        let known = PatientId::parse(id).map_err(|error| error.to_string())?;
        let patient = self.orders.patients.iter_mut().find(|patient| patient.id == known);
        patient.ok_or_else(|| format!("no patient \"{id}\" in the orders"))?.admission =
            Admission::Discharged;
        self.news();
        Ok(())
    }

    const fn disk(&mut self, fails: bool) {
        if let Some(recorder) = &mut self.recorder {
            recorder.set_fails(fails);
        }
    }

    /// Off and on again. A power failure leaves the files as they are at that instant: they are copied as the disk holds them, and
    /// the kiosk wakes up with the copy.
    fn restart(&mut self, power_failed: bool) -> Result<(), String> {
        let Some(recorder) = self.recorder.take() else { return Err("there is no ledger".into()) };
        let mut folder = recorder.folder().to_owned();
        let origin = recorder.origin().to_owned();
        let clock = ClockEvidence::of_moment(self.now);
        if power_failed {
            self.power_failures += 1;
            let copy = folder.with_extension(format!("power-{}", self.power_failures));
            copy_folder(&folder, &copy).map_err(|error| format!("{}: {error}", copy.display()))?;
            folder = copy;
        } else {
            recorder.close(&clock);
        }
        let recorder = Recorder::open(&folder, &origin, false, &clock).map_err(|error| error.to_string())?;
        self.starts = self.starts.wrapping_add(1);
        let ward = Loaded { ward: &self.ward, zone: &self.zone, formulary: &self.formulary };
        self.device = Self::device(&ward, &self.orders, &self.pins, &recorder, self.starts)
            .map_err(|error| error.to_string())?;
        self.recorder = Some(recorder);
        self.news();
        Ok(())
    }

    fn scan(&mut self, scan: Scan) {
        let outputs = self.device.scan(scan, self.now);
        self.carry_out(outputs);
    }

    fn act(&mut self, act: Act) {
        let outputs = self.device.act(act, self.now);
        self.carry_out(outputs);
    }

    fn carry_out(&mut self, outputs: Vec<Output>) {
        let clock = ClockEvidence::of_moment(self.now);
        for output in outputs {
            let Output::Record(entry) = output else { continue };
            let receipt = self.recorder.as_mut().and_then(|recorder| recorder.append(&entry, &clock));
            if receipt.is_some() {
                self.recorded.push(entry.kind());
            }
            let more = self.device.appended(entry.key(), receipt, self.now);
            self.carry_out(more);
        }
    }

    /// Leaves what is on the screen, as the Cancel button does.
    pub fn cancel(&mut self) {
        self.act(Act::Cancel);
    }

    /// Ends the journey: the ledger is closed in order.
    pub fn finish(mut self) {
        if let Some(recorder) = self.recorder.take() {
            recorder.close(&ClockEvidence::of_moment(self.now));
        }
    }
}

/// Plays a whole journey with its ledger in `folder`. `after` sees the kiosk after each event.
///
/// # Errors
/// When it cannot be played at all; a difference is no error.
pub fn play(
    journey: &Journey,
    folder: &Path,
    mut after: impl FnMut(&JourneyStep, &Player, &Seen),
) -> Result<Played, PlayError> {
    let first = journey.steps.first().map_or(jiff::Timestamp::UNIX_EPOCH, |step| step.at);
    let mut kiosk = Player::new(&journey.setup, folder, first)?;
    let mut played = Played { title: journey.title.clone(), ..Played::default() };
    for step in &journey.steps {
        match kiosk.step(step) {
            Ok((seen, differences)) => {
                after(step, &kiosk, &seen);
                played.seen.push(seen);
                played.differences.extend(differences);
            }
            // What cannot be done at all is a difference too, and what follows makes no sense any more.
            Err(problem) => {
                played.differences.push(Difference { line: step.line, problem });
                break;
            }
        }
    }
    kiosk.finish();
    Ok(played)
}

fn moment(at: jiff::Timestamp, zone: &TimeZone, off: SignedDuration) -> Moment {
    Moment { at, offset: zone.to_offset(at), clock: ClockTrust::Known(off) }
}

fn origin(ward: &str) -> String {
    format!("demo.example/{}/kiosk-01/g1", ward.to_ascii_lowercase())
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

/// An event as it is written in a journey.
fn in_words(event: &JourneyEvent) -> String {
    match event {
        JourneyEvent::Scans(name) => format!("nurse scans {name}"),
        JourneyEvent::ScansText(text, symbology) => format!("nurse scans \"{text}\" as {symbology}"),
        JourneyEvent::Shows(name) => format!("nurse shows {name}"),
        JourneyEvent::Types(keys) => format!("nurse types {} keys", keys.len()),
        JourneyEvent::Taps(label) => format!("nurse taps \"{label}\""),
        JourneyEvent::Writes(_) => "nurse writes a note".into(),
        JourneyEvent::OrdersStatus(id, change) => {
            let verb = match change {
                OrderChange::Stop => "stop",
                OrderChange::Hold => "hold",
                OrderChange::Resume => "resume",
            };
            format!("orders {verb} {id}")
        }
        JourneyEvent::OrdersDose(id, dose) => format!("orders change {id} dose \"{dose}\""),
        JourneyEvent::Discharge(id) => format!("orders discharge {id}"),
        JourneyEvent::Silent => "orders silent".into(),
        JourneyEvent::Waits => "kiosk waits".into(),
        JourneyEvent::Restarts => "kiosk restarts".into(),
        JourneyEvent::PowerFails => "power fails".into(),
        JourneyEvent::DiskFails => "disk fails".into(),
        JourneyEvent::DiskWorks => "disk works".into(),
        JourneyEvent::ClockOff(by) => format!("clock off \"{by}\""),
    }
}
