//! `kiosk demo` without a display: the demo shift, played through the real decoder and a real ledger, one picture a screen.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use slint::ComponentHandle;

use crate::headless::{Headless, HeadlessError};
use crate::journey::parse::{JourneyError, parse};
use crate::journey::play::{PlayError, Played, play};
use crate::window::{self, AppWindow, PREVIEW_HEIGHT, PREVIEW_WIDTH, preview_buffer};

/// The size of the device's screen in pixels.
const SCREEN: (u32, u32) = (1280, 800);

/// Why the demo shift cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A file.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The folder is in use.
    #[error("{0}: already holds files; remove it or name a new folder")]
    NotEmpty(PathBuf),
    /// The shift.
    #[error("{path}: {error}")]
    Journey {
        /// Which.
        path: PathBuf,
        /// Why.
        error: JourneyError,
    },
    /// Its playing.
    #[error(transparent)]
    Play(#[from] PlayError),
    /// The pictures.
    #[error(transparent)]
    Headless(#[from] HeadlessError),
    /// The window.
    #[error("the screen could not be made: {0}")]
    Window(#[from] slint::PlatformError),
}

/// The files of the demo ward.
pub fn shift_of(ward: &Path) -> PathBuf {
    ward.join("demo-shift.journey")
}

/// Plays the demo shift of a ward into `folder`: `NN-screen.png` for each event, `transcript.txt` and `ledger/`.
///
/// # Errors
/// When the folder holds files, the shift cannot be read or played, or a picture cannot be drawn. Differences are in the result.
pub fn headless(ward: &Path, folder: &Path) -> Result<Played, DemoError> {
    let file = |path: &Path| {
        let path = path.to_owned();
        move |source| DemoError::File { path, source }
    };
    fs::create_dir_all(folder).map_err(file(folder))?;
    if fs::read_dir(folder).map_err(file(folder))?.next().is_some() {
        return Err(DemoError::NotEmpty(folder.to_owned()));
    }
    let shift = shift_of(ward);
    let text = fs::read_to_string(&shift).map_err(file(&shift))?;
    let journey = parse(&text, ward).map_err(|error| DemoError::Journey { path: shift, error })?;

    let screen = Headless::new(SCREEN.0, SCREEN.1)?;
    let ui = AppWindow::new()?;
    ui.show()?;
    let mut transcript = format!("{}\n\n", journey.title);
    let mut drawn: Result<(), HeadlessError> = Ok(());
    let mut count = 0_usize;
    let played = play(&journey, &folder.join("ledger"), |step, player, seen| {
        count += 1;
        window::apply(&player.screen(), &ui);
        let frame = player.frame().map(|frame| frame.preview(PREVIEW_WIDTH, PREVIEW_HEIGHT));
        let picture = frame.and_then(|frame| preview_buffer(frame.plane(), frame.width(), frame.height()));
        window::set_preview(&ui, picture);
        let name = format!("{count:02}-{}.png", seen.screen);
        if drawn.is_ok() {
            drawn = screen.render_png(&folder.join(&name));
        }
        let local = step.offset.to_datetime(step.at);
        let verdict = seen.verdict.map(|verdict| format!(" [{verdict}]")).unwrap_or_default();
        let recorded = seen.recorded.join(", ");
        let recorded = if recorded.is_empty() { "-" } else { &recorded };
        // Writing to a String cannot fail.
        let _ = writeln!(
            transcript,
            "{} {}\n    {name}{verdict}\n    recorded: {recorded}",
            local.time(),
            seen.event
        );
    })?;
    drawn?;
    let path = folder.join("transcript.txt");
    fs::write(&path, &transcript).map_err(file(&path))?;
    Ok(played)
}
