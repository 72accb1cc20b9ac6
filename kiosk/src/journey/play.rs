//! Plays a journey through the same device, decoder and ledger as the bedside.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use rights::chart::Sighting;
use rights::claims::Claims;
use rights::history::Record;
use rights::ident::WardId;
use rights::phrase::Language;
use scanner::frame::Frame;

use super::expect::{self, Scene};
use super::kiosk::{Kiosk, Ward};
use super::orders::{self, duration};
use super::words::in_words;
use super::{Expectation, Journey, JourneyEvent, JourneyStep, OrdersSay, Setup};
use crate::codes::Codes;
use crate::model::{Act, Model};
use crate::reading::{screen_name, verdict};
use crate::recorder::Recorder;
use crate::ward::{self, OrderFiles, StaffFiles, WardFiles};

pub use super::played::{Difference, Played, Seen};

/// How long what one kiosk recorded takes to reach the others.
const NEWS_TAKES: SignedDuration = SignedDuration::from_secs(1);

/// How often time passes for a kiosk, as for one that runs: what happens in between meets it unprepared.
const TICK: SignedDuration = SignedDuration::from_millis(250);

/// Every kiosk ticks once, this long before each step: a tap right after a list moved would be held.
const SETTLES: SignedDuration = SignedDuration::from_secs(1);

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

/// A ward under a journey: its kiosks, the hub between them, the order system.
pub struct Player {
    pub(super) ward: Ward,
    pub(super) kiosks: Vec<Kiosk>,
    /// Which kiosk the last step was about.
    pub(super) current: usize,
    pub(super) hub: Claims,
    /// Wristbands that were seen at a kiosk.
    pub(super) sightings: Vec<Sighting>,
    /// What kiosks recorded and others do not know yet: since when, whose.
    pub(super) on_its_way: Vec<(Timestamp, usize, Record)>,
    pub(super) codes: Codes,
    pub(super) files: Setup,
    folder: PathBuf,
    first: Timestamp,
    pub(super) now: Timestamp,
    silent: bool,
    /// How often the order system said something new.
    said: usize,
    language: Language,
}

impl Player {
    /// A locked kiosk in this journey's ward, with a ledger in `folder` (made when the folder is new). Other kiosks come into being
    /// with the first step that names them, each with a ledger beside it: `FOLDER-kiosk-B`.
    ///
    /// # Errors
    /// When the ward's files or the ledger cannot be used.
    pub fn new(setup: &Setup, folder: &Path, first: Timestamp) -> Result<Self, PlayError> {
        let zone = ward::zone(&setup.zone)?;
        let ward_id = WardId::parse(&setup.ward).map_err(|_| PlayError::WardId(setup.ward.clone()))?;
        let files = WardFiles {
            orders: OrderFiles { orders: setup.orders.clone(), drugs: setup.drugs.clone() },
            staff: StaffFiles { staff: setup.staff.clone(), policy: setup.policy.clone() },
        };
        let loaded = ward::load(&files, &zone, zone.to_datetime(first).date())?;
        for rejection in &loaded.rejections {
            tracing::info!(?rejection, "not taken over");
        }
        let hub = Claims::new(loaded.policy.claim_lasts);
        let ward = Ward {
            id: ward_id,
            zone,
            policy: loaded.policy,
            formulary: loaded.formulary,
            orders: loaded.chart,
            pins: loaded.pins,
        };
        let kiosk = Kiosk::new(FIRST, 1, &ward, folder, first)?;
        Ok(Self {
            ward,
            kiosks: vec![kiosk],
            current: 0,
            hub,
            sightings: Vec::new(),
            on_its_way: Vec::new(),
            codes: Codes::read(&setup.codes)?,
            files: setup.clone(),
            folder: folder.to_owned(),
            first,
            now: first,
            silent: false,
            said: 0,
            language: Language::English,
        })
    }

    pub(super) fn kiosk(&self) -> &Kiosk {
        &self.kiosks[self.current]
    }

    pub(super) fn kiosk_mut(&mut self) -> &mut Kiosk {
        &mut self.kiosks[self.current]
    }

    /// The screen now, of the kiosk that the last step was about.
    pub fn screen(&self) -> Model {
        self.kiosk().device.view(self.kiosk().now)
    }

    /// Every kiosk of the ward speaks this language from now on; what is tapped stays as the journey writes it, in English.
    pub fn speak(&mut self, language: Language) {
        self.language = language;
        for kiosk in &mut self.kiosks {
            kiosk.device.speak(language);
        }
    }

    /// The picture that is held in front of its camera.
    pub fn frame(&self) -> Option<&Frame> {
        self.kiosk().frame.as_ref()
    }

    /// Where its ledger is now (another folder after a power failure).
    pub fn ledger_folder(&self) -> Option<PathBuf> {
        self.kiosk().folder()
    }

    /// The kiosk of this name, which begins to be when it is named first.
    fn turn_to(&mut self, name: &str) -> Result<(), String> {
        if let Some(at) = self.kiosks.iter().position(|kiosk| kiosk.name == name) {
            self.current = at;
            return Ok(());
        }
        let number = self.kiosks.len() + 1;
        let mut folder = self.folder.clone().into_os_string();
        folder.push(format!("-kiosk-{name}"));
        let mut kiosk = Kiosk::new(name, number, &self.ward, Path::new(&folder), self.first)
            .map_err(|error| error.to_string())?;
        // What was done before is known on the ward.
        let known =
            self.kiosks.iter().filter(|kiosk| kiosk.online).filter_map(|kiosk| kiosk.recorder.as_ref());
        for recorder in known {
            kiosk.device.learn(recorder.records().map_err(|error| error.to_string())?);
        }
        for sighting in &self.sightings {
            kiosk.device.seen_elsewhere(sighting.clone());
        }
        kiosk.device.speak(self.language);
        self.current = self.kiosks.len();
        self.kiosks.push(kiosk);
        Ok(())
    }

    /// One step: the event, then each expectation.
    ///
    /// # Errors
    /// When the event cannot be carried out at all, and why.
    pub fn step(&mut self, step: &JourneyStep) -> Result<(Seen, Vec<Difference>), String> {
        self.turn_to(&step.kiosk)?;
        self.time_passes(step.at);
        self.now = step.at;
        for kiosk in &mut self.kiosks {
            kiosk.tell_time(step.at, &self.ward.zone);
        }
        // What was held up is gone: a wristband must not stay in the picture of a locked screen.
        self.kiosk_mut().frame = None;
        self.news();
        // Time passes everywhere; the kiosk of this step is asked last, so that its screen is the one that is compared.
        let current = self.current;
        for at in (0..self.kiosks.len()).filter(|at| *at != current).chain([current]) {
            if self.kiosks[at].ticked.is_some_and(|ticked| self.now.duration_since(ticked) < TICK) {
                continue;
            }
            self.kiosks[at].ticked = Some(self.now);
            let now = self.kiosks[at].now;
            let outputs = self.kiosks[at].device.tick(now);
            self.carry_out(at, outputs);
        }
        self.event(&step.event)?;
        let recorded: Vec<&'static str> = self.kiosk().recorded.iter().map(|kind| kind.name()).collect();
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

    /// A kiosk that runs looks at the time all along: what a minute's turn moved stands on the screen before somebody taps on it.
    fn time_passes(&mut self, until: Timestamp) {
        let before = until.checked_sub(SETTLES).unwrap_or(until);
        for at in 0..self.kiosks.len() {
            let kiosk = &mut self.kiosks[at];
            kiosk.recorded.clear();
            if kiosk.ticked.is_some_and(|ticked| ticked < before) {
                kiosk.ticked = Some(before);
                kiosk.tell_time(before, &self.ward.zone);
                self.now = before;
                let outputs = kiosk.device.tick(kiosk.now);
                self.carry_out(at, outputs);
            }
        }
    }

    fn compare(&mut self, step: &JourneyStep) -> Vec<Difference> {
        let model = self.screen();
        let mut remaining = std::mem::take(&mut self.kiosk_mut().recorded);
        let names_recorded = step
            .expected
            .iter()
            .any(|(_, e)| matches!(e, Expectation::Recorded(_) | Expectation::RecordedNothing));
        let chart = self.kiosk().device.chart();
        let given = |request: &str| {
            let done = chart.history.iter().filter(|done| done.request.as_str() == request);
            done.filter(|done| done.outcome.entered_patient()).count()
        };
        let folders: Vec<PathBuf> = self.kiosks.iter().filter_map(Kiosk::folder).collect();
        let mut verify = || folders.iter().try_for_each(|folder| crate::audit::verify(folder));
        let mut differences = Vec::new();
        for (line, expected) in &step.expected {
            let mut scene = Scene {
                model: &model,
                phase: self.kiosk().device.phase(),
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

    /// The order system speaks up to now, unless it went silent; and what other kiosks recorded arrives.
    fn news(&mut self) {
        if !self.silent {
            self.ward.orders.orders_as_of = Some(self.now);
        }
        for kiosk in self.kiosks.iter_mut().filter(|kiosk| kiosk.online) {
            if kiosk.told != Some(self.said) {
                kiosk.told = Some(self.said);
                kiosk.device.orders_arrived(self.ward.orders.clone());
                kiosk.device.drug_file_arrived(self.ward.formulary.clone());
            } else if let Some(at) = self.ward.orders.orders_as_of {
                kiosk.device.orders_current(at);
            }
        }
        let (now, kiosks) = (self.now, &mut self.kiosks);
        self.on_its_way.retain(|(since, from, record)| {
            // What a kiosk without the network recorded waits until it is back.
            let arrives = kiosks[*from].online && now.duration_since(*since) >= NEWS_TAKES;
            if arrives {
                for (at, kiosk) in kiosks.iter_mut().enumerate() {
                    if at != *from && kiosk.online {
                        kiosk.device.learn(vec![record.clone()]);
                    }
                }
            }
            !arrives
        });
    }

    /// The network is back: what was recorded on both sides is exchanged, then compared.
    fn reconnect(&mut self) -> Result<(), String> {
        self.kiosk_mut().online = true;
        for (_, from, record) in std::mem::take(&mut self.on_its_way) {
            for (at, kiosk) in self.kiosks.iter_mut().enumerate() {
                if at != from {
                    kiosk.device.learn(vec![record.clone()]);
                }
            }
        }
        let mut known = Vec::new();
        for kiosk in &self.kiosks {
            if let Some(recorder) = &kiosk.recorder {
                known.extend(recorder.records().map_err(|error| error.to_string())?);
            }
        }
        self.kiosk_mut().device.learn(known);
        self.news();
        let at = self.current;
        let kiosk = self.kiosk_mut();
        let offline = std::mem::take(&mut kiosk.offline);
        let now = kiosk.now;
        let outputs = kiosk.device.reconnected(offline, now);
        self.carry_out(at, outputs);
        Ok(())
    }

    fn event(&mut self, event: &JourneyEvent) -> Result<(), String> {
        let (at, now) = (self.current, self.now);
        let number = at + 1;
        match event {
            JourneyEvent::Scans(name) => {
                let text = self.code(name)?.as_hand_scan();
                let scan = self.kiosk().reader.hand_scan(&text);
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
            JourneyEvent::Orders(said) => {
                match said {
                    OrdersSay::Silent => self.silent = true,
                    OrdersSay::Speak => self.silent = false,
                    _ => {
                        orders::say(said, &mut self.ward.orders, &mut self.ward.formulary, now)?;
                        self.said += 1;
                    }
                }
                self.news();
            }
            JourneyEvent::Waits => {}
            JourneyEvent::Restarts => self.kiosks[at].restart(number, &self.ward, false)?,
            JourneyEvent::PowerFails => self.kiosks[at].restart(number, &self.ward, true)?,
            JourneyEvent::DiskFails => self.disk(true),
            JourneyEvent::DiskWorks => self.disk(false),
            JourneyEvent::ClockOff(by) => self.kiosks[at].clock_off(duration(by)?, now, &self.ward.zone),
            JourneyEvent::ClockBack(by) => self.kiosks[at].clock_back(duration(by)?, now, &self.ward.zone),
            JourneyEvent::NetworkFails => self.kiosk_mut().online = false,
            JourneyEvent::NetworkWorks => self.reconnect()?,
        }
        if matches!(event, JourneyEvent::Restarts | JourneyEvent::PowerFails) {
            self.speak(self.language);
            self.news();
        }
        Ok(())
    }

    /// Leaves what is on the screen, as the Cancel button does.
    pub fn cancel(&mut self) {
        self.act(Act::Cancel);
    }

    /// Ends the journey: the ledgers are closed in order.
    pub fn finish(mut self) {
        for kiosk in &mut self.kiosks {
            let clock = kiosk.clock();
            kiosk.recorder.take().into_iter().for_each(|recorder: Recorder| recorder.close(&clock));
        }
    }
}

/// The name of the kiosk that a line without one is about.
const FIRST: &str = "A";

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
