//! The window and its threads: Slint on the main thread, one thread for the camera and the decoder, one that owns the ledger, one
//! for the order feed, one for signals, and where the device has them one for the hand scanner, one for the cosigner and two for the ward's
//! hub. Channels are bounded. Camera, ledger, scanner, orders and signals are joined on exit; what only asks others, cosigner and hub, ends
//! with the process: what they were not told yet is in the ledger.
//!
//! ```text
//! eye ---scan, preview---> main (Device) ---entry---> ledger ---receipt---> main
//! orders ---chart---> main
//! ```

mod cosigner;
mod crash;
mod eye;
mod feed;
mod hand;
mod heartbeat;
mod hub;
mod keyboard;
mod ledger_thread;
mod others;
mod rest;
mod signals;
mod speaker;

use std::cell::RefCell;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use exchange::feed::live::FeedAge;
use jiff::tz::TimeZone;
use ledger::receipt::Receipt;
use rights::bedside::{Phase, Tone};
use rights::chart::Chart;
use rights::claims::Grant;
use rights::entry::IdempotencyKey;
use rights::history::Record;
use rights::moment::Moment;
use rights::product::Formulary;
use rights::scan::{Scan, Source};
use scanner::frame::Frame;
use scanner::interpret::Interpreter;
use scanner::site::SiteFormats;
use slint::{ComponentHandle, ModelRc, Timer, TimerMode, VecModel};

use crate::clock::Clock;
use crate::codes::PrintedCode;
use crate::cosigner::CosignerConfig;
use crate::device::{Device, Output};
use crate::hub::HubConfig;
use crate::model::{Act, Input, Model, Screen};
use crate::pictures::Keep;
use crate::recorder::Recorder;
use crate::view::{CosignerState, HubState, ScannerState};
use crate::window::{self, AppWindow, TrayItem, TrayWindow};

pub use crash::tell_only_the_place;
pub use eye::{CameraChoice, Seen};
pub use feed::{LiveOrders, OrderFeed};
pub use hand::{HandScannerChoice, ScannerFrame};
pub use hub::HubStartError;

/// So long what is on its way into the ledger is waited for at the end: a claim and an entry take less, and the supervisor waits longer.
const ENDS_WITHIN: Duration = Duration::from_secs(10);

/// How often time passes on the screen and in the session.
const TICK: Duration = Duration::from_millis(250);

/// Everything a running kiosk needs.
pub struct Parts {
    /// The kiosk.
    pub device: Device,
    /// The ledger.
    pub recorder: Recorder,
    /// The clock.
    pub clock: Box<dyn Clock>,
    /// Where pictures come from.
    pub camera: CameraChoice,
    /// A hand scanner that is a device of its own.
    pub scanner: Option<HandScannerChoice>,
    /// What a hand scanner of either kind sends around each text.
    pub scanner_frame: ScannerFrame,
    /// New orders while it runs.
    pub feed: Option<OrderFeed>,
    /// Who cosigns the ledger's checkpoints.
    pub cosigner: Option<CosignerConfig>,
    /// The ward's hub, and what this kiosk did before it started.
    pub hub: Option<(HubConfig, Vec<Record>)>,
    /// Which pictures of packages are kept for the pharmacy.
    pub pictures: Keep,
    /// The site's zone.
    pub zone: TimeZone,
    /// The things of the demo's tray; none on a device.
    pub tray: Vec<PrintedCode>,
    /// Without a window manager: the whole screen.
    pub fullscreen: bool,
    /// Somebody who works at the window by himself: the tests of whole shifts.
    pub rehearsal: Option<Box<dyn Rehearsal>>,
}

impl Parts {
    /// A kiosk in a window, with nothing attached to it.
    pub fn bare(device: Device, recorder: Recorder, clock: Box<dyn Clock>, zone: TimeZone) -> Self {
        Self {
            device,
            recorder,
            clock,
            camera: CameraChoice::None,
            scanner: None,
            scanner_frame: ScannerFrame::default(),
            feed: None,
            cosigner: None,
            hub: None,
            pictures: Keep::default(),
            zone,
            tray: Vec::new(),
            fullscreen: false,
            rehearsal: None,
        }
    }
}

/// Works at the window, for tests of the whole program: sees what is shown, touches the window as a finger does, holds things up.
pub trait Rehearsal {
    /// What is shown now, and the window to touch. What it gives is held in front of the decoder.
    fn look(&mut self, shown: &Model, ui: &AppWindow) -> Rehearsed;
}

/// What a [`Rehearsal`] wants.
pub enum Rehearsed {
    /// Nothing, or it touched the window itself.
    Nothing,
    /// The pictures of this folder are held up.
    HoldUp(PathBuf),
    /// Time was moved on: the kiosk looks at its clock before the next look.
    Tick,
    /// The window is closed.
    End,
}

/// Why the kiosk cannot run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The window.
    #[error("the window could not be opened: {0}; is there a display?")]
    Window(#[from] slint::PlatformError),
    /// A thread.
    #[error("a thread could not be started: {0}")]
    Thread(#[from] std::io::Error),
    /// The ward's hub.
    #[error(transparent)]
    Hub(#[from] HubStartError),
}

/// What lives on the main thread while the window is open.
struct Kiosk {
    device: Device,
    clock: Box<dyn Clock>,
    /// Its year is that of every reader: of the camera, of a hand scanner, of the keyboard.
    interpreter: Interpreter,
    ui: AppWindow,
    ledger: ledger_thread::LedgerThread,
    eye: eye::Eye,
    others: others::Others,
    pictures: Keep,
    /// The frame of the scan that is being handled.
    frame: Option<Frame>,
    speaker: speaker::Speaker,
    heartbeat: heartbeat::Heartbeat,
    shown: Option<Model>,
    orders_always_current: bool,
    /// When it was asked to end, while what is on its way into the ledger is waited for.
    ends: Option<Instant>,
}

thread_local! {
    static KIOSK: RefCell<Option<Kiosk>> = const { RefCell::new(None) };
}

/// What another thread tells the kiosk.
enum News {
    Seen(Seen),
    Appended(IdempotencyKey, Option<Box<Receipt>>),
    Orders(Box<(Chart, Formulary)>),
    SilentFeed(Option<FeedAge>),
    Scanner(ScannerState),
    /// A hand scanner sent something that is no scan.
    ScanDropped,
    /// What came of asking the cosigner: the anchor's entry, or none and whether it has seen others.
    Cosigned(Result<u64, CosignerState>),
    Hub(hub::FromHub),
}

/// Hands news to the main thread. When the window is gone there is nobody to tell.
fn tell(news: News) {
    let _ = slint::invoke_from_event_loop(move || with_kiosk(|kiosk| kiosk.news(news)));
}

/// An act inside an act (a closure that runs while the kiosk is borrowed) cannot happen: each comes from the event loop.
fn with_kiosk(act: impl FnOnce(&mut Kiosk)) {
    KIOSK.with_borrow_mut(|kiosk| {
        if let Some(kiosk) = kiosk {
            act(kiosk);
        }
    });
}

/// Opens the window and runs until it is closed.
///
/// # Errors
/// When the window or a thread cannot be had.
pub fn run(parts: Parts) -> Result<(), RunError> {
    let signals = signals::Signals::listen()?;
    let ui = AppWindow::new()?;
    ui.window().set_fullscreen(parts.fullscreen);
    let year = parts.clock.moment().date().year();
    let interpreter = Interpreter::new(SiteFormats::default(), year);
    parts.recorder.tidy_pictures(parts.pictures.since(parts.clock.moment().at));
    let others = others(&parts.device, parts.recorder.origin(), parts.hub)?;
    let ledger = ledger_thread::LedgerThread::start(parts.recorder, parts.pictures.clone())?;
    let cosigner =
        parts.cosigner.map(|config| cosigner::Cosigner::start(config, ledger.asker())).transpose()?;
    let eye = eye::Eye::start(parts.camera, interpreter.clone())?;
    let frame = parts.scanner_frame;
    let start_hand = |choice| hand::Hand::start(choice, frame.clone(), interpreter.clone());
    let hand = parts.scanner.map(start_hand).transpose()?;
    let feed = parts.feed.map(|feed| feed.start(parts.zone)).transpose()?;
    let tray = tray_window(&parts.tray)?;
    window::on_act(&ui, Box::new(|act| with_kiosk(|kiosk| kiosk.act(act))));
    let keyboard = keyboard::listen(&ui, interpreter.clone(), frame);
    let kiosk = Kiosk {
        device: parts.device,
        clock: parts.clock,
        interpreter,
        ui: ui.clone_strong(),
        ledger,
        eye,
        others,
        pictures: parts.pictures,
        frame: None,
        speaker: speaker::Speaker::open(),
        heartbeat: heartbeat::Heartbeat::new(),
        shown: None,
        orders_always_current: feed.is_none(),
        ends: None,
    };
    KIOSK.set(Some(kiosk));
    with_kiosk(|kiosk| kiosk.device.technical().hub = kiosk.others.is_there().then_some(HubState::Waits));
    with_kiosk(|kiosk| kiosk.device.sound_works(kiosk.speaker.works()));
    with_kiosk(|kiosk| kiosk.device.technical().cosigner = cosigner.as_ref().map(|_| CosignerState::Waits));
    with_kiosk(Kiosk::refresh);
    let timer = Timer::default();
    timer.start(TimerMode::Repeated, TICK, || with_kiosk(Kiosk::tick));
    let rehearsal = parts.rehearsal.map(|rehearsal| rehearse(rehearsal, ui.as_weak()));
    if let Some(tray) = &tray {
        tray.show()?;
        // Beside the kiosk's window, where a window manager lets it.
        tray.window().set_position(slint::LogicalPosition::new(1_290.0, 0.0));
    }
    let ran = ui.run();
    timer.stop();
    drop(rehearsal);
    drop(keyboard);
    drop(cosigner);
    let asked_to_end = signals.stop();
    if let Some(mut kiosk) = KIOSK.take() {
        heartbeat::Heartbeat::ends();
        // However the window was closed.
        kiosk.act(Act::SignOff);
        kiosk.eye.stop();
        kiosk.ledger.stop(&kiosk.clock.evidence());
    }
    if let Some(hand) = hand {
        hand.stop();
    }
    if let Some(feed) = feed {
        feed.stop();
    }
    // Who ends the kiosk may have ended its display, too.
    if asked_to_end { Ok(()) } else { Ok(ran?) }
}

/// The way to the other kiosks.
fn others(
    device: &Device,
    origin: &str,
    hub: Option<(HubConfig, Vec<Record>)>,
) -> Result<others::Others, HubStartError> {
    let started = Instant::now();
    let Some((config, own)) = hub else { return Ok(others::Others::new(None, &[], started)) };
    let within = device.policy().claim_answers_within.unsigned_abs();
    let hub = hub::Hub::start(&config, origin, own.clone(), within)?;
    Ok(others::Others::new(Some(hub), &own, started))
}

/// Lets somebody else work at the window, as often as frames come.
fn rehearse(mut rehearsal: Box<dyn Rehearsal>, ui: slint::Weak<AppWindow>) -> Timer {
    let timer = Timer::default();
    timer.start(TimerMode::Repeated, Duration::from_millis(15), move || {
        let Some(ui) = ui.upgrade() else { return };
        // The kiosk is not borrowed while the window is touched: what is touched is an act of the kiosk.
        let shown = KIOSK.with_borrow(|kiosk| kiosk.as_ref().and_then(|kiosk| kiosk.shown.clone()));
        let Some(shown) = shown else { return };
        match rehearsal.look(&shown, &ui) {
            Rehearsed::Nothing => {}
            Rehearsed::HoldUp(folder) => with_kiosk(|kiosk| kiosk.eye.present(folder)),
            Rehearsed::Tick => with_kiosk(Kiosk::tick),
            Rehearsed::End => {
                let _ = slint::quit_event_loop();
            }
        }
    });
    timer
}

/// The demo's things; a tap holds one in front of the decoder.
fn tray_window(codes: &[PrintedCode]) -> Result<Option<TrayWindow>, RunError> {
    if codes.is_empty() {
        return Ok(None);
    }
    let tray = TrayWindow::new()?;
    let items: Vec<TrayItem> = codes
        .iter()
        .map(|code| TrayItem { name: code.name.as_str().into(), what: code.what.as_str().into() })
        .collect();
    tray.set_items(ModelRc::new(VecModel::from(items)));
    let folders: Vec<PathBuf> = codes.iter().map(|code| code.pictures.clone()).collect();
    tray.on_present(move |at| {
        if let Some(folder) = usize::try_from(at).ok().and_then(|at| folders.get(at)) {
            with_kiosk(|kiosk| kiosk.eye.present(folder.clone()));
        }
    });
    Ok(Some(tray))
}

impl Kiosk {
    fn act(&mut self, act: Act) {
        let now = self.clock.moment();
        let outputs = self.device.act(act, now);
        self.carry_out(outputs);
    }

    fn scanned(&mut self, scan: Scan, frame: Option<Frame>) {
        let now = self.clock.moment();
        self.others.saw(self.device.sightings(&scan, now));
        let outputs = self.device.scan(scan, now);
        self.frame = frame;
        self.carry_out(outputs);
        self.frame = None;
    }

    /// The scanner's own beep is off: without a tone the nurse would wait for a scan that never came.
    fn scan_dropped(&mut self) {
        self.carry_out(vec![Output::Sound(Tone::Question)]);
    }

    /// It is to end. A dose that was confirmed is recorded before, where its claim and the ledger answer within [`ENDS_WITHIN`] and the
    /// event loop goes on for as long. One whose claim is still asked for when the loop ends is not recorded: nobody was told that it is.
    fn ends(&mut self) {
        self.ends.get_or_insert_with(Instant::now);
        self.end_when_idle();
    }

    fn end_when_idle(&self) {
        let Some(since) = self.ends else { return };
        let waits = matches!(self.device.phase(), Phase::Claiming(_) | Phase::Saving(_));
        if !waits || since.elapsed() >= ENDS_WITHIN {
            let _ = slint::quit_event_loop();
        }
    }

    fn tick(&mut self) {
        let now = self.clock.moment();
        // The clock may be set after the start, and a year ends: printed dates are read in the year that it is.
        self.interpreter.set_year(now.date().year());
        if self.orders_always_current {
            self.device.orders_current(now.at);
        }
        // A card that was unplugged is said before the next sound is missed.
        self.device.sound_works(self.speaker.works());
        let outputs = self.device.tick(now);
        self.carry_out(outputs);
        self.others.tell();
        self.heartbeat.beat();
        self.end_when_idle();
    }

    fn news(&mut self, news: News) {
        let now = self.clock.moment();
        match news {
            News::Seen(Seen::Scan(scan, frame)) => return self.scanned(scan, frame),
            News::ScanDropped => return self.scan_dropped(),
            News::Seen(Seen::Preview(picture)) => return window::set_preview(&self.ui, Some(picture)),
            News::Seen(Seen::NoPicture) => return window::set_preview(&self.ui, None),
            News::Seen(Seen::Camera(status)) => {
                self.device.technical().frames_per_second = None;
                self.device.camera(status);
            }
            News::Seen(Seen::Rate(frames)) => self.device.technical().frames_per_second = Some(frames),
            News::Appended(key, receipt) => {
                self.others.recorded(key, receipt.is_some());
                let outputs = self.device.appended(key, receipt.map(|receipt| *receipt), now);
                return self.carry_out(outputs);
            }
            News::Hub(news) => return self.hub_news(news, now),
            News::Scanner(state) => self.device.technical().scanner = state,
            News::Cosigned(asked) => {
                let state = asked.map_or_else(|state| state, |entry| CosignerState::Signed(entry, now.at));
                self.device.technical().cosigner = Some(state);
            }
            News::Orders(orders) => {
                let (chart, formulary) = *orders;
                self.device.drug_file_arrived(formulary);
                self.device.orders_arrived(chart);
                self.others.changed(Instant::now());
            }
            News::SilentFeed(feed) => self.device.silent_feed(feed.map(|feed| (feed.name, feed.heard))),
        }
        self.refresh();
    }

    fn hub_news(&mut self, news: hub::FromHub, now: Moment) {
        let outputs = match news {
            hub::FromHub::Claimed(entry, answer) => {
                let hub = self.device.technical().hub;
                self.device.claimed(entry, answer.map(|grant| hub::worth(grant, hub)), now)
            }
            hub::FromHub::Heard(heard, began) => {
                if !heard.records.is_empty() {
                    self.others.changed(began);
                }
                self.device.learn(heard.records);
                heard.sightings.into_iter().for_each(|sighting| self.device.seen_elsewhere(sighting));
                if heard.more {
                    return self.refresh();
                }
                self.device.technical().hub = Some(HubState::Heard(now.at));
                let given = self.others.due_for_comparison(began, now.at);
                if given.is_empty() { Vec::new() } else { self.device.reconnected(given, now) }
            }
            hub::FromHub::Away => {
                let hub = &mut self.device.technical().hub;
                *hub = Some(match *hub {
                    Some(HubState::Heard(at)) => HubState::Away(Some(at)),
                    Some(HubState::Away(since)) => HubState::Away(since),
                    Some(HubState::Waits) | None => HubState::Away(None),
                });
                Vec::new()
            }
        };
        self.carry_out(outputs);
    }

    fn carry_out(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            let entry = match output {
                Output::Record(entry) => entry,
                Output::Sound(tone) => {
                    self.sound(tone);
                    continue;
                }
                Output::Release(entry) => {
                    self.others.release(entry);
                    continue;
                }
                Output::Claim(claim) => {
                    let entry = claim.entry;
                    if !self.others.claim(claim) {
                        let now = self.clock.moment();
                        let more = self.device.claimed(entry, Ok(Grant::Offline), now);
                        self.carry_out(more);
                    }
                    continue;
                }
            };
            self.others.records(&entry);
            let key = entry.key();
            let picture = match self.pictures.asks(&entry) {
                Some(Source::Camera) => self.frame.clone(),
                Some(Source::Keyed) => self.eye.last_look(),
                _ => None,
            };
            if !self.ledger.append(entry, self.clock.evidence(), picture) {
                // The queue is full or its thread is gone: nothing is recorded, and the screen says so.
                tracing::error!("not recorded: the ledger's queue does not take the entry");
                self.others.recorded(key, false);
                let now = self.clock.moment();
                let more = self.device.appended(key, None, now);
                self.carry_out(more);
            }
        }
        self.refresh();
    }

    /// The verdict sounds. Without a sound card the screen says so; it never fails.
    fn sound(&mut self, tone: Tone) {
        let volume = self.device.technical().sound.volume;
        self.speaker.play(tone, volume);
        self.device.sound_works(self.speaker.works());
    }

    /// Shows what changed.
    fn refresh(&mut self) {
        let model = self.device.view(self.clock.moment());
        if self.shown.as_ref() == Some(&model) {
            return;
        }
        let may_rest = matches!(model.screen, Screen::Locked(_));
        self.eye.want(wanted(&model.screen), may_rest);
        window::apply(&model, &self.ui);
        self.shown = Some(model);
    }
}

/// Only what the screen can use is sought.
fn wanted(screen: &Screen) -> scanner::symbol::Wanted {
    use scanner::symbol::Wanted;
    match screen {
        Screen::Locked(_) | Screen::Settings(_) => Wanted::badges(),
        // While a dose is written, a PIN typed or an alarm read, nothing may be scanned by accident.
        Screen::Form(form) if form.input != Input::Scan => Wanted::NONE,
        Screen::Pin(_) | Screen::Saving(_) | Screen::NotRecorded(_) => Wanted::NONE,
        Screen::Form(_)
        | Screen::Identify(_)
        | Screen::DueList(_)
        | Screen::Dose(_)
        | Screen::NotGiven(_)
        | Screen::Tasks(_)
        | Screen::Receipt(_) => Wanted::bedside(),
    }
}
