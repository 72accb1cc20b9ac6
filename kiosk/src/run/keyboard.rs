//! A hand scanner that types. Its burst is taken before a focused field sees it; a person's keys are given back.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use scanner::interpret::Interpreter;
use scanner::wedge::{Key as Burst, Wedge, WedgeSettings};
use slint::{Timer, TimerMode};

use super::with_kiosk;
use crate::window::{AppWindow, Handled, Key, KeyReplay, on_key};

/// Keys that type nothing: Slint gives them private code points; Enter, Tab and Backspace are told by the screen.
fn typed(key: &Key) -> Option<char> {
    let mut characters = key.text.chars();
    match (characters.next(), characters.next()) {
        (Some(c), None)
            if c == '\n' || c == '\u{1d}' || (!c.is_control() && !('\u{f700}'..='\u{f8ff}').contains(&c)) =>
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
pub(super) fn listen(ui: &AppWindow, interpreter: Interpreter) -> Timer {
    let wedge = Wedge::new(WedgeSettings::default());
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
