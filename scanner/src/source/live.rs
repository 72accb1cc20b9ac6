//! A camera on its own thread: the newest frame wins, a frozen stream is noticed, a lost device is opened again.
//!
//! Knows no camera library: the device is behind [`Opener`] and [`Device`], so all of this is tested with a device made of code.
//! This is the one place of the crate that reads a clock: frames are stamped when they arrive.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::FrameSource;
use super::pixels::{PixelError, RawFrame, grey};
use crate::frame::Frame;

/// Why a camera gives no frames.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CameraError {
    /// There is no such device.
    #[error("camera {index}: none found; plug one in, or choose another number")]
    NotFound {
        /// The number of the camera.
        index: u32,
    },
    /// The system does not let us.
    #[error("camera {index}: no permission; add the kiosk's user to the group `video` and sign in again")]
    Permission {
        /// The number of the camera.
        index: u32,
    },
    /// Another program has it.
    #[error("camera {index}: busy; close the other program that uses it")]
    Busy {
        /// The number of the camera.
        index: u32,
    },
    /// It was there and is gone.
    #[error("camera {index}: unplugged; plug it in again, it is opened by itself")]
    Unplugged {
        /// The number of the camera.
        index: u32,
    },
    /// It is there and sends nothing.
    #[error("camera: no picture for {seconds} s; unplug the camera and plug it in again")]
    Frozen {
        /// How long nothing came.
        seconds: u64,
    },
    /// It has no format that is understood.
    #[error("camera {index}: no usable format (MJPEG, YUYV, NV12 or GREY); use another camera")]
    Format {
        /// The number of the camera.
        index: u32,
    },
    /// Frames come and none can be decoded.
    #[error("camera: broken pictures: {0}; check the cable")]
    Broken(#[from] PixelError),
    /// The thread could not be started.
    #[error("camera: its thread could not be started: {0}")]
    Thread(String),
    /// Anything else that the device said.
    #[error("camera {index}: {reason}")]
    Device {
        /// The number of the camera.
        index: u32,
        /// What it said.
        reason: String,
    },
}

/// Opens a device, again and again.
pub trait Opener: Send + Sync + 'static {
    /// What it opens. Stays on the thread that opened it.
    type Device: Device;

    /// Opens the device and starts its stream.
    ///
    /// # Errors
    /// When it cannot be opened now.
    fn open(&self) -> Result<Self::Device, CameraError>;
}

/// An open device.
pub trait Device {
    /// Waits for the next frame, perhaps for ever: the watchdog stands outside.
    ///
    /// # Errors
    /// When the device is lost; it is then dropped and opened again.
    fn next(&mut self) -> Result<RawFrame, CameraError>;
}

/// The times of a [`Live`] camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveSettings {
    /// How long [`next_frame`](FrameSource::next_frame) waits for a frame.
    pub wait: Duration,
    /// After how long without a frame the stream counts as frozen.
    pub freeze: Duration,
    /// How long to wait between attempts to open the device.
    pub retry: Duration,
    /// How often a camera that rests gives a frame; the frames between are dropped before they are turned into grey.
    pub rest: Duration,
}

impl Default for LiveSettings {
    fn default() -> Self {
        Self {
            wait: Duration::from_millis(40),
            freeze: Duration::from_secs(2),
            retry: Duration::from_millis(500),
            rest: Duration::from_millis(400),
        }
    }
}

/// Threads that hang in a device are given up, but not without limit: each holds a few kilobytes and the device.
const MAX_GIVEN_UP: u32 = 3;

/// Frames in a row that cannot be decoded before it is said.
const BROKEN_LIMIT: u32 = 10;

#[derive(Debug)]
struct Slot {
    newest: Option<Frame>,
    error: Option<CameraError>,
    /// Which thread may write; one that was given up finds another number here and ends.
    generation: u32,
    last_sign: Instant,
    running: u32,
    /// Nobody needs more than a look now and then.
    rests: bool,
}

#[derive(Debug)]
struct Shared {
    slot: Mutex<Slot>,
    arrived: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Slot> {
        // A poisoned slot holds no half-written state that matters: every write is one assignment.
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread that counts as running until this is dropped, also by a panic in the device's driver or the decoder.
struct Running(Arc<Shared>);

impl Drop for Running {
    fn drop(&mut self) {
        let mut slot = self.0.lock();
        slot.running = slot.running.saturating_sub(1);
    }
}

/// A camera that is kept open.
#[derive(Debug)]
pub struct Live<O> {
    opener: Arc<O>,
    shared: Arc<Shared>,
    settings: LiveSettings,
    start: Instant,
    threads: Vec<JoinHandle<()>>,
    generation: u32,
}

impl<O: Opener> Live<O> {
    /// Starts the camera's thread. Whether the device can be opened shows with the first frames.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn start(opener: O, settings: LiveSettings) -> Result<Self, CameraError> {
        let start = Instant::now();
        let slot =
            Slot { newest: None, error: None, generation: 0, last_sign: start, running: 0, rests: false };
        let shared = Arc::new(Shared { slot: Mutex::new(slot), arrived: Condvar::new() });
        let mut live =
            Self { opener: Arc::new(opener), shared, settings, start, threads: Vec::new(), generation: 0 };
        live.spawn()?;
        Ok(live)
    }

    /// Lets the camera rest, or wakes it: turning each frame into grey is most of what an idle camera costs.
    pub fn rest(&mut self, rests: bool) {
        self.shared.lock().rests = rests;
    }

    fn spawn(&mut self) -> Result<(), CameraError> {
        self.generation += 1;
        {
            let mut slot = self.shared.lock();
            slot.generation = self.generation;
            slot.last_sign = Instant::now();
            slot.running += 1;
        }
        // Not sent to a thread that does not start, it counts down all the same.
        let running = Running(Arc::clone(&self.shared));
        let (opener, shared) = (Arc::clone(&self.opener), Arc::clone(&self.shared));
        let (settings, start, generation) = (self.settings, self.start, self.generation);
        let thread = std::thread::Builder::new()
            .name("camera".to_owned())
            .spawn(move || {
                let _running = running;
                capture(opener.as_ref(), &shared, settings, start, generation);
            })
            .map_err(|error| CameraError::Thread(error.to_string()))?;
        self.threads.push(thread);
        Ok(())
    }
}

/// The thread: open, read, and again, until another thread has taken over.
fn capture<O: Opener>(opener: &O, shared: &Shared, settings: LiveSettings, start: Instant, generation: u32) {
    let mut opened_before = false;
    while shared.lock().generation == generation {
        match opener.open() {
            Ok(mut device) => {
                opened_before = true;
                stream(&mut device, shared, settings, start, generation);
            }
            Err(error) => {
                // A device that was there and cannot be found now was unplugged.
                let error = match error {
                    CameraError::NotFound { index } if opened_before => CameraError::Unplugged { index },
                    other => other,
                };
                if !report(shared, generation, error) {
                    return;
                }
            }
        }
        let slot = shared.lock();
        if slot.generation == generation {
            // Woken early when the camera is closed.
            drop(shared.arrived.wait_timeout(slot, settings.retry));
        }
    }
}

fn stream(
    device: &mut impl Device,
    shared: &Shared,
    settings: LiveSettings,
    start: Instant,
    generation: u32,
) {
    let mut broken = 0;
    let mut looked: Option<Instant> = None;
    loop {
        let raw = match device.next() {
            Ok(raw) => raw,
            Err(error) => {
                report(shared, generation, error);
                return;
            }
        };
        {
            let mut slot = shared.lock();
            if slot.rests && looked.is_some_and(|at| at.elapsed() < settings.rest) {
                // It sends, so it is not frozen.
                slot.last_sign = Instant::now();
                continue;
            }
        }
        looked = Some(Instant::now());
        match grey(&raw, start.elapsed()) {
            Ok(frame) => {
                broken = 0;
                let mut slot = shared.lock();
                if slot.generation != generation {
                    return;
                }
                slot.newest = Some(frame);
                slot.error = None;
                slot.last_sign = Instant::now();
                drop(slot);
                shared.arrived.notify_all();
            }
            Err(error) => {
                broken += 1;
                tracing::debug!(%error, "a camera frame was dropped");
                if broken >= BROKEN_LIMIT && !report(shared, generation, error.into()) {
                    return;
                }
            }
        }
    }
}

/// Whether this thread is still the one in charge.
fn report(shared: &Shared, generation: u32, error: CameraError) -> bool {
    let mut slot = shared.lock();
    if slot.generation != generation {
        return false;
    }
    slot.error = Some(error);
    slot.newest = None;
    slot.last_sign = Instant::now();
    drop(slot);
    shared.arrived.notify_all();
    true
}

impl<O: Opener> FrameSource for Live<O> {
    type Error = CameraError;

    fn next_frame(&mut self) -> Result<Option<Frame>, CameraError> {
        let slot = self.shared.lock();
        let waiting = |slot: &mut Slot| slot.newest.is_none() && slot.error.is_none();
        let (mut slot, _) = self
            .shared
            .arrived
            .wait_timeout_while(slot, self.settings.wait, waiting)
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(frame) = slot.newest.take() {
            return Ok(Some(frame));
        }
        if let Some(error) = slot.error.take() {
            return Err(error);
        }
        let silent = slot.last_sign.elapsed();
        if silent < self.settings.freeze {
            return Ok(None);
        }
        // The thread hangs in the device. It is given up, and another one tries, as long as there are not too many.
        let hanging = slot.running;
        slot.last_sign = Instant::now();
        drop(slot);
        tracing::warn!(?silent, hanging, "the camera's stream is frozen");
        if hanging <= MAX_GIVEN_UP {
            self.threads.retain(|thread| !thread.is_finished());
            self.spawn()?;
        }
        Err(CameraError::Frozen { seconds: silent.as_secs() })
    }

    fn ended(&self) -> bool {
        false
    }
}

impl<O> Drop for Live<O> {
    /// Ends the thread and waits for it, except for one that hangs in the device: that one ends with the process.
    fn drop(&mut self) {
        self.shared.lock().generation = 0;
        self.shared.arrived.notify_all();
        let patience = Instant::now() + self.settings.freeze;
        for thread in self.threads.drain(..) {
            while !thread.is_finished() && Instant::now() < patience {
                std::thread::sleep(Duration::from_millis(2));
            }
            if thread.is_finished() {
                // A panic of the camera's thread has been seen as a frozen stream already.
                let _ = thread.join();
            }
        }
    }
}
