//! The window without a display: the same markup, drawn by the same software renderer, into memory or a PNG file.
//!
//! The type faces are inside the binary, so a picture is the same on every machine. It still needs one font that fontconfig knows
//! (any: Slint asks for a fallback at start), which is why the packages of `make demo` include one.
//!
//! Time stands still unless [`Headless::advance`] moves it, so that a progress bar is drawn at the same place each time.

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use image::{ImageError, RgbImage};
use slint::platform::software_renderer::{MinimalSoftwareWindow, RepaintBufferType};
use slint::platform::{Platform, PointerEventButton, WindowAdapter, WindowEvent};
use slint::{LogicalPosition, PhysicalSize, PlatformError, Rgb8Pixel, SharedString};

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum HeadlessError {
    /// Slint runs on another platform in this thread already.
    #[error("this thread has a window system already: make the headless screen before any window")]
    PlatformTaken,
    /// The renderer failed.
    #[error("the screen could not be drawn: {0}")]
    Platform(#[from] PlatformError),
    /// A size of nought, or one beyond memory.
    #[error("a screen of {0}x{1} pixels cannot be drawn")]
    Size(u32, u32),
    /// The file could not be written.
    #[error("the picture could not be written to {path}: {source}")]
    Write {
        /// Where.
        path: std::path::PathBuf,
        /// Why.
        source: ImageError,
    },
}

/// What the thread's platform and its screens share.
#[derive(Clone)]
struct Shared {
    window: Rc<MinimalSoftwareWindow>,
    now: Rc<Cell<Duration>>,
}

impl Platform for Shared {
    fn create_window_adapter(&self) -> Result<Rc<dyn WindowAdapter>, PlatformError> {
        Ok(Rc::<MinimalSoftwareWindow>::clone(&self.window))
    }

    fn duration_since_start(&self) -> Duration {
        self.now.get()
    }
}

thread_local! {
    /// Slint takes one platform per thread, for good; the next screen in the thread uses it again.
    static PLATFORM: RefCell<Option<Shared>> = const { RefCell::new(None) };
}

/// A screen in memory. Make it before the window; one window is shown at a time in a thread.
pub struct Headless {
    shared: Shared,
    size: PhysicalSize,
    pixels: RefCell<Vec<Rgb8Pixel>>,
}

impl Headless {
    /// A screen of `width` by `height` pixels, 1280 by 800 for the device.
    ///
    /// # Errors
    /// When the thread has another window system, or a side is nought or more than 16,384.
    pub fn new(width: u32, height: u32) -> Result<Self, HeadlessError> {
        if !(1..=16_384).contains(&width) || !(1..=16_384).contains(&height) {
            return Err(HeadlessError::Size(width, height));
        }
        let shared = PLATFORM.with_borrow_mut(|platform| match platform {
            Some(shared) => Ok::<Shared, HeadlessError>(shared.clone()),
            None => {
                let window = MinimalSoftwareWindow::new(RepaintBufferType::NewBuffer);
                let shared = Shared { window, now: Rc::new(Cell::new(Duration::from_secs(1))) };
                slint::platform::set_platform(Box::new(shared.clone()))
                    .map_err(|_| HeadlessError::PlatformTaken)?;
                Ok(platform.insert(shared).clone())
            }
        })?;
        let size = PhysicalSize::new(width, height);
        shared.window.set_size(size);
        let count = width as usize * height as usize;
        Ok(Self { shared, size, pixels: RefCell::new(vec![Rgb8Pixel::default(); count]) })
    }

    /// Shows twice the dots an inch with 2.0, and so on. The size in pixels stays.
    pub fn set_scale_factor(&self, scale_factor: f32) {
        self.shared.window.dispatch_event(WindowEvent::ScaleFactorChanged { scale_factor });
        self.shared.window.set_size(self.size);
    }

    /// Lets time pass for animations and timers.
    pub fn advance(&self, by: Duration) {
        self.shared.now.set(self.shared.now.get() + by);
        slint::platform::update_timers_and_animations();
    }

    /// Draws the window that is shown in this thread.
    ///
    /// # Errors
    /// When the renderer's picture has not the size of the screen.
    pub fn render(&self) -> Result<RgbImage, HeadlessError> {
        slint::platform::update_timers_and_animations();
        self.shared.window.request_redraw();
        let mut pixels = self.pixels.borrow_mut();
        self.shared.window.draw_if_needed(|renderer| {
            renderer.render(pixels.as_mut_slice(), self.size.width as usize);
        });
        let bytes = pixels.iter().flat_map(|pixel| [pixel.r, pixel.g, pixel.b]).collect();
        RgbImage::from_raw(self.size.width, self.size.height, bytes)
            .ok_or(HeadlessError::Size(self.size.width, self.size.height))
    }

    /// Draws the window into a PNG file.
    ///
    /// # Errors
    /// As [`Headless::render`], or when the file cannot be written.
    pub fn render_png(&self, path: &Path) -> Result<(), HeadlessError> {
        self.render()?
            .save_with_format(path, image::ImageFormat::Png)
            .map_err(|source| HeadlessError::Write { path: path.to_owned(), source })
    }

    /// A finger on the screen at this place, and off again.
    pub fn tap(&self, x: f32, y: f32) {
        let position = LogicalPosition::new(x, y);
        let button = PointerEventButton::Left;
        for event in [
            WindowEvent::PointerMoved { position },
            WindowEvent::PointerPressed { position, button },
            WindowEvent::PointerReleased { position, button },
            WindowEvent::PointerExited,
        ] {
            self.shared.window.dispatch_event(event);
            // A list waits a moment to see whether the finger scrolls.
            self.advance(Duration::from_millis(150));
        }
    }

    /// A key pressed and released.
    pub fn key(&self, text: impl Into<SharedString>) {
        let text = text.into();
        self.shared.window.dispatch_event(WindowEvent::KeyPressed { text: text.clone() });
        self.shared.window.dispatch_event(WindowEvent::KeyReleased { text });
        slint::platform::update_timers_and_animations();
    }
}
