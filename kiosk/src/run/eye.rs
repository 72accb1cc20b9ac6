//! The thread that sees: frames from a camera, or pictures that a person holds up in the demo, through the one decoder.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rights::scan::Scan;
use scanner::frame::Frame;
use scanner::interpret::Interpreter;
use scanner::pipeline::{Event, Reader};
use scanner::source::FrameSource;
use scanner::source::camera::{self, Camera};
use scanner::source::folder::Folder;
use scanner::source::live::CameraError;
use scanner::symbol::Wanted;
use slint::{Rgb8Pixel, SharedPixelBuffer};

use super::rest::Rest;
use super::{News, tell};
use crate::view::CameraState;
use crate::window::{PREVIEW_HEIGHT, PREVIEW_WIDTH, preview_buffer};

/// The interval of pictures that are held up.
const FRAME: Duration = Duration::from_millis(33);
/// How long a thing is held up: long enough for a steady read, short enough for the next thing.
const HELD_UP: u32 = 45;
/// Orders that may wait.
const QUEUE: usize = 16;

/// Where pictures come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CameraChoice {
    /// The camera with this number.
    Number(u32),
    /// No camera: pictures are held up, or a hand scanner is used.
    None,
}

impl CameraChoice {
    /// The cameras that the system shows, for a technician.
    pub fn names() -> Vec<String> {
        let all = camera::list().unwrap_or_default();
        all.into_iter().map(|(number, name)| format!("{number}: {name}")).collect()
    }
}

/// What the eye tells.
pub enum Seen {
    /// A steady, interpreted read, with the frame in which it became steady; a hand scanner has none.
    Scan(Scan, Option<Frame>),
    /// A picture for the preview.
    Preview(SharedPixelBuffer<Rgb8Pixel>),
    /// Nothing is held up.
    NoPicture,
    /// How the camera stands.
    Camera(CameraState),
    /// How many frames came in the last second.
    Rate(u32),
}

enum Order {
    /// What is sought, and whether the camera may rest while nobody comes.
    Want(Wanted, bool),
    Present(PathBuf),
    Stop,
}

/// The last frame in which something of a patient was sought and nothing was read: what cannot be scanned. What is read goes with its scan
/// and ends it, so that a thing that was read and taken away is never taken for a package that is typed; with a camera it is what stands in
/// view. In memory alone, and gone with the sign-on.
#[derive(Clone, Default)]
struct LastLook(Arc<Mutex<Option<Frame>>>);

impl LastLook {
    fn set(&self, frame: Option<Frame>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = frame;
    }
}

pub(super) struct Eye {
    orders: SyncSender<Order>,
    last: LastLook,
    thread: JoinHandle<()>,
}

impl Eye {
    pub(super) fn start(camera: CameraChoice, interpreter: Interpreter) -> std::io::Result<Self> {
        let (orders, queue) = sync_channel(QUEUE);
        let last = LastLook::default();
        let own = last.clone();
        let thread = std::thread::Builder::new().name("eye".into()).spawn(move || {
            Watcher::new(camera, interpreter, own).watch(&queue);
        })?;
        Ok(Self { orders, last, thread })
    }

    /// What was seen last and could not be read.
    pub(super) fn last_look(&self) -> Option<Frame> {
        self.last.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What is sought from now on. When the queue is full the next screen says it again.
    pub(super) fn want(&self, wanted: Wanted, may_rest: bool) {
        let _ = self.orders.try_send(Order::Want(wanted, may_rest));
    }

    /// Holds up the pictures of a folder.
    pub(super) fn present(&self, folder: PathBuf) {
        let _ = self.orders.try_send(Order::Present(folder));
    }

    pub(super) fn stop(self) {
        let _ = self.orders.send(Order::Stop);
        if self.thread.join().is_err() {
            tracing::error!("the camera's thread ended in a panic");
        }
    }
}

struct Watcher {
    camera: Option<Camera>,
    reader: Reader,
    wanted: Wanted,
    since: Instant,
    status: Option<CameraState>,
    /// The last preview is painted: only then is the next one made.
    painted: Arc<AtomicBool>,
    /// Frames since the second began.
    counted: (Instant, u32),
    rest: Rest,
    rests: bool,
    last: LastLook,
}

impl Watcher {
    fn new(choice: CameraChoice, interpreter: Interpreter, last: LastLook) -> Self {
        let mut watcher = Self {
            camera: None,
            reader: Reader::new(Wanted::badges(), interpreter),
            wanted: Wanted::badges(),
            since: Instant::now(),
            status: None,
            painted: Arc::new(AtomicBool::new(true)),
            counted: (Instant::now(), 0),
            rest: Rest::default(),
            rests: false,
            last,
        };
        match choice {
            CameraChoice::Number(index) => match camera::open(index) {
                Ok(camera) => watcher.camera = Some(camera),
                Err(error) => watcher.say(camera_status(&error)),
            },
            CameraChoice::None => watcher.say(CameraState::Absent),
        }
        watcher
    }

    fn watch(mut self, queue: &Receiver<Order>) {
        loop {
            let wait = if self.camera.is_some() { Duration::ZERO } else { Duration::from_secs(1) };
            match queue.recv_timeout(wait) {
                Ok(Order::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(Order::Want(wanted, may_rest)) => self.want(wanted, may_rest),
                Ok(Order::Present(folder)) => self.guarded(|watcher| watcher.hold_up(&folder)),
                Err(RecvTimeoutError::Timeout) => self.guarded(Self::look),
            }
        }
    }

    fn want(&mut self, wanted: Wanted, may_rest: bool) {
        self.wanted = wanted;
        if wanted == Wanted::badges() {
            self.last.set(None);
        }
        self.rest.allow(may_rest);
        if !may_rest {
            self.let_rest(false);
        }
        // While nothing is wanted the reader goes on looking, so that a code that never left counts once.
        self.reader.want(if wanted.is_empty() { Wanted::bedside() } else { wanted });
    }

    /// A decoder that panics on a picture must not leave the kiosk deaf behind a green camera.
    fn guarded(&mut self, act: impl FnOnce(&mut Self)) {
        if catch_unwind(AssertUnwindSafe(|| act(self))).is_err() {
            tracing::error!("the decoder panicked on a picture; it starts anew");
            self.reader = Reader::new(Wanted::bedside(), self.reader.interpreter().clone());
            self.say(CameraState::Fault);
        }
    }

    /// The next frame of the camera.
    fn look(&mut self) {
        let Some(camera) = &mut self.camera else { return };
        match camera.next_frame() {
            Ok(Some(frame)) => {
                self.say(CameraState::Works);
                self.count();
                let rests = self.rest.look(&frame);
                self.let_rest(rests);
                // What did not change for so long is no badge that is held up.
                if !rests {
                    self.read(&frame);
                }
            }
            Ok(None) => {}
            Err(error) => {
                self.say(camera_status(&error));
                tell(News::Seen(Seen::NoPicture));
                std::thread::sleep(Duration::from_millis(200));
            }
        }
    }

    /// Lets the camera rest, or wakes it.
    fn let_rest(&mut self, rests: bool) {
        if rests == self.rests {
            return;
        }
        self.rests = rests;
        if let Some(camera) = &mut self.camera {
            camera.rest(rests);
        }
    }

    /// Pictures of a folder, as if the thing were held in front of the camera, until it is read.
    fn hold_up(&mut self, folder: &Path) {
        let mut frames = Vec::new();
        match Folder::open(folder, FRAME) {
            Ok(mut source) => loop {
                match source.next_frame() {
                    Ok(Some(frame)) => frames.push(frame),
                    Ok(None) => break,
                    Err(error) => tracing::warn!(%error, "a picture was left out"),
                }
            },
            Err(error) => tracing::warn!(%error, "nothing to hold up"),
        }
        // The thing before was taken away.
        self.reader.forget();
        for frame in frames.iter().cycle().take(HELD_UP as usize) {
            let started = Instant::now();
            if self.read(&frame.at(self.since.elapsed())) {
                break;
            }
            std::thread::sleep(FRAME.saturating_sub(started.elapsed()));
        }
        // It is taken away: a wristband must not stay in the picture of a locked screen.
        tell(News::Seen(Seen::NoPicture));
    }

    /// Decodes one frame; true when it gave a steady read.
    fn read(&mut self, frame: &Frame) -> bool {
        self.preview(frame);
        let events = match self.reader.read(frame) {
            Ok(events) => events,
            Err(error) => {
                tracing::warn!(%error, "a frame was not decoded");
                return false;
            }
        };
        let mut steady = false;
        for event in events {
            if let Event::Scan(scan) = event
                && !self.wanted.is_empty()
            {
                steady = true;
                tell(News::Seen(Seen::Scan(scan, Some(frame.clone()))));
            }
        }
        if !self.wanted.is_empty() && self.wanted != Wanted::badges() {
            self.last.set((!steady).then(|| frame.clone()));
        }
        steady
    }

    fn preview(&self, frame: &Frame) {
        if !self.painted.swap(false, Ordering::AcqRel) {
            return;
        }
        let small = frame.preview(PREVIEW_WIDTH, PREVIEW_HEIGHT);
        let Some(picture) = preview_buffer(small.plane(), small.width(), small.height()) else { return };
        tell(News::Seen(Seen::Preview(picture)));
        let painted = Arc::clone(&self.painted);
        let _ = slint::invoke_from_event_loop(move || painted.store(true, Ordering::Release));
    }

    /// Tells once a second how many frames came.
    fn count(&mut self) {
        let (since, frames) = self.counted;
        if since.elapsed() < Duration::from_secs(1) {
            self.counted.1 = frames + 1;
            return;
        }
        self.counted = (Instant::now(), 1);
        tell(News::Seen(Seen::Rate(frames)));
    }

    /// Tells the camera's state when it changed.
    fn say(&mut self, status: CameraState) {
        if self.status != Some(status) {
            tracing::info!(camera = ?status, "the camera's state changed");
            self.status = Some(status);
            tell(News::Seen(Seen::Camera(status)));
        }
    }
}

const fn camera_status(error: &CameraError) -> CameraState {
    match error {
        CameraError::NotFound { .. } => CameraState::NotFound,
        CameraError::Permission { .. } => CameraState::NoPermission,
        CameraError::Busy { .. } => CameraState::Busy,
        CameraError::Unplugged { .. } => CameraState::Unplugged,
        CameraError::Frozen { .. } => CameraState::Frozen,
        _ => CameraState::Fault,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use scanner::site::SiteFormats;

    /// M9: the picture of a package that is typed is what could not be read, never the thing that was read before it.
    #[test]
    fn the_last_look_is_what_could_not_be_read() {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
        let last = LastLook::default();
        let interpreter = Interpreter::new(SiteFormats::default(), 2026);
        let mut watcher = Watcher::new(CameraChoice::None, interpreter, last.clone());
        let seen = || last.0.lock().unwrap().is_some();
        watcher.want(Wanted::bedside(), false);
        watcher.hold_up(&fixtures.join("pictures-bad/no-code"));
        assert!(seen(), "nothing was read of it");
        watcher.hold_up(&fixtures.join("ward-3b/pictures/band-kowalski"));
        assert!(!seen(), "the wristband was read: it is no package");
        watcher.hold_up(&fixtures.join("pictures-bad/no-code"));
        watcher.want(Wanted::NONE, false);
        watcher.hold_up(&fixtures.join("ward-3b/pictures/pkg-heparin"));
        assert!(seen(), "while something is typed nothing is looked at");
        watcher.want(Wanted::badges(), true);
        assert!(!seen(), "it is gone with the sign-on");
    }
}
