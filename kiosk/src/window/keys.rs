//! Keys before any field sees them: a hand scanner types, and its Enter must not press a button.

use std::cell::Cell;
use std::rc::Rc;

use slint::platform::WindowEvent;
use slint::{ComponentHandle, SharedString, Weak};

use super::generated::{Acts, AppWindow};

/// One key as the window received it.
#[allow(clippy::struct_excessive_bools, reason = "as the window tells them")]
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    /// What it types; keys that type nothing have Slint's private code points (`\u{10}` is Shift, `\n` Enter).
    pub text: SharedString,
    /// Pressed, or released.
    pub pressed: bool,
    /// Sent again because it is held down; a hand scanner's keys never are.
    pub repeat: bool,
    /// Control is down: on Linux `]` with it is what a scanner sends for FNC1.
    pub control: bool,
    /// Alt or Meta is down: what it types is no character of a text.
    pub alt: bool,
}

/// A key may be of a PIN: its text is not printed.
impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key")
            .field("pressed", &self.pressed)
            .field("repeat", &self.repeat)
            .field("control", &self.control)
            .field("alt", &self.alt)
            .finish_non_exhaustive()
    }
}

/// What became of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handled {
    /// Taken: nothing on the screen sees it.
    Taken,
    /// Not wanted: it goes on to what has the focus.
    Passed,
}

/// Gives back keys that were taken and turned out to be a person's.
#[derive(Clone)]
pub struct KeyReplay {
    ui: Weak<AppWindow>,
    replaying: Rc<Cell<bool>>,
}

/// Calls `hook` for every key before the focused element sees it. A second call replaces the first hook.
///
/// A hook that takes keys while it waits for more of a burst gives them back by [`KeyReplay::send`]; those do not come to it again.
pub fn on_key(ui: &AppWindow, hook: Box<dyn Fn(&Key) -> Handled>) -> KeyReplay {
    let replaying = Rc::new(Cell::new(false));
    let passing = Rc::clone(&replaying);
    ui.global::<Acts>().on_raw_key(move |text, pressed, repeat, control, alt| {
        !passing.get() && hook(&Key { text, pressed, repeat, control, alt }) == Handled::Taken
    });
    KeyReplay { ui: ui.as_weak(), replaying }
}

impl KeyReplay {
    /// Sends `keys` to what has the focus now, past the hook.
    pub fn send(&self, keys: &[Key]) {
        let Some(ui) = self.ui.upgrade() else { return };
        self.replaying.set(true);
        for key in keys {
            let text = key.text.clone();
            ui.window().dispatch_event(match (key.pressed, key.repeat) {
                (true, false) => WindowEvent::KeyPressed { text },
                (true, true) => WindowEvent::KeyPressRepeated { text },
                (false, _) => WindowEvent::KeyReleased { text },
            });
        }
        self.replaying.set(false);
    }
}
