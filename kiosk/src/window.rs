//! The window: a [`Model`] goes in, an [`Act`] comes out. Nothing here decides; it copies words to the markup and taps to a closure.
//!
//! The markup is in `kiosk/ui`. Its one global `State` is the [`Model`] field by field, its one global `Acts` has a callback per
//! [`Act`]. [`apply`] changes only what differs, so that a tick of the clock neither scrolls a list back nor takes the keyboard's
//! focus away, and it keeps no state of its own: it can be called from `Weak::upgrade_in_event_loop`.
//!
//! Not here: sound, the camera, timing of a hand scanner's keys ([`on_key`] hands them over), and any clinical word.
//!
//! ```
//! use kiosk::headless::Headless;
//! use kiosk::model::{Header, Mark, Model, Screen, Status};
//! use kiosk::window::{self, AppWindow};
//! use rights::phrase::Language;
//! use slint::ComponentHandle;
//!
//! let fine = |text: &str| Status { mark: Mark::Pass, text: text.into() };
//! let (orders, camera) = (fine("Orders as of 08:01"), fine("Camera"));
//! let header = Header { place: "3B".into(), clock: "08:04".into(), clinician: None, orders, others: None, camera, sound: None, mode: None, training: false };
//! let screen_now = Screen::Saving("Writing".into());
//! let model = Model { header, banner: None, screen: screen_now, night: false, language: Language::English, preview: false, alarm: None };
//!
//! let screen = Headless::new(1280, 800)?;
//! let ui = AppWindow::new()?;
//! ui.show()?;
//! window::on_act(&ui, Box::new(|act| println!("{act:?}")));
//! window::apply(&model, &ui);
//! let picture = screen.render()?;
//! assert_eq!((picture.width(), picture.height()), (1280, 800));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Model`]: crate::model::Model
//! [`Act`]: crate::model::Act

mod acts;
mod apply;
mod dose;
mod due;
mod form;
mod keys;
mod lists;
mod preview;
mod say;
mod settings;

/// The fence around Slint's generated code, the one place of the workspace where `unsafe` is not forbidden.
#[allow(unsafe_code, missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]
mod generated {
    slint::include_modules!();
}

pub use acts::on_act;
pub use apply::apply;
pub use generated::{AppWindow, Mark as MarkShape, Say, State, Theme, Tone, TrayItem, TrayWindow};
pub use keys::{Handled, Key, KeyReplay, on_key};
pub use preview::{PREVIEW_HEIGHT, PREVIEW_WIDTH, preview_buffer, set_preview};
pub use say::said;
