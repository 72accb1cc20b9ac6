//! A hand scanner that types. Its burst is taken before a focused field sees it; a person's keys are given back.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use scanner::interpret::Interpreter;
use scanner::wedge::{Key as Burst, Wedge, WedgeSettings};
use slint::{Timer, TimerMode};

use super::{ScannerFrame, with_kiosk};
use crate::window::{AppWindow, Handled, Key, KeyReplay, on_key};

/// Keys that type nothing: Slint gives them private code points; Backspace and Escape are told by the screen. Enter and Tab may end a burst.
fn typed(key: &Key) -> Option<char> {
    let mut characters = key.text.chars();
    match (characters.next(), characters.next()) {
        (Some(c), None)
            if matches!(c, '\n' | '\t' | '\u{1d}')
                || (!c.is_control() && !('\u{f700}'..='\u{f8ff}').contains(&c)) =>
        {
            Some(c)
        }
        _ => None,
    }
}

struct Listener {
    wedge: Wedge,
    since: Instant,
    replay: Option<KeyReplay>,
    interpreter: Interpreter,
}

/// Listens until the timer is dropped.
pub(super) fn listen(ui: &AppWindow, interpreter: Interpreter, frame: ScannerFrame) -> Timer {
    let ScannerFrame { prefix, suffix } = frame;
    let wedge = Wedge::new(WedgeSettings { prefix, suffix, ..WedgeSettings::default() });
    let listener =
        Rc::new(RefCell::new(Listener { wedge, since: Instant::now(), replay: None, interpreter }));
    let hook = Rc::clone(&listener);
    let replay = on_key(ui, Box::new(move |key| hook.borrow_mut().key(key)));
    listener.borrow_mut().replay = Some(replay);
    let timer = Timer::default();
    timer.start(TimerMode::Repeated, Duration::from_millis(25), move || {
        let late = {
            let mut listener = listener.borrow_mut();
            let at = listener.since.elapsed();
            listener.wedge.tick(at)
        };
        if let Some(burst) = late {
            carry_out(&listener, vec![burst]);
        }
    });
    timer
}

impl Listener {
    fn key(&mut self, key: &Key) -> Handled {
        let Some(character) = typed(key) else { return Handled::Passed };
        if key.repeat {
            return Handled::Passed;
        }
        if !key.pressed {
            // Its press was held back; a field that never saw it must not see its release.
            return Handled::Taken;
        }
        let at = self.since.elapsed();
        let answers = self.wedge.key(character, at);
        let replay = self.replay.clone();
        let interpreter = self.interpreter.clone();
        // After this event: giving keys back from inside it would nest.
        Timer::single_shot(Duration::ZERO, move || deliver(answers, replay.as_ref(), &interpreter));
        Handled::Taken
    }
}

fn carry_out(listener: &Rc<RefCell<Listener>>, answers: Vec<Burst>) {
    let (replay, interpreter) = {
        let listener = listener.borrow();
        (listener.replay.clone(), listener.interpreter.clone())
    };
    deliver(answers, replay.as_ref(), &interpreter);
}

fn deliver(answers: Vec<Burst>, replay: Option<&KeyReplay>, interpreter: &Interpreter) {
    for answer in answers {
        match answer {
            Burst::Held => {}
            Burst::Scan(text) => {
                let scan = interpreter.hand_scan(&text);
                with_kiosk(|kiosk| kiosk.scanned(scan, None));
            }
            Burst::Typed(text) => {
                let Some(replay) = replay else { continue };
                for character in text.chars() {
                    let press = |pressed| Key { text: character.into(), pressed, repeat: false };
                    replay.send(&[press(true), press(false)]);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_end_a_burst_is_held_back_and_what_types_nothing_is_not() {
        let key = |text: &str| typed(&Key { text: text.into(), pressed: true, repeat: false });
        assert_eq!([key("\t"), key("\n"), key("7")], [Some('\t'), Some('\n'), Some('7')]);
        // Shift with Tab goes back to the control before; no scanner sends it.
        for nothing in ["\u{19}", "\u{8}", "\u{1b}", "\u{f700}", "ab"] {
            assert_eq!(key(nothing), None, "{nothing:?}");
        }
    }
}
