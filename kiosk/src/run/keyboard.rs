//! A hand scanner that types. Its burst is taken before a focused field sees it; a person's keys are given back.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use scanner::hand::keys::with_control;
use scanner::interpret::Interpreter;
use scanner::wedge::{Key as Burst, Wedge, WedgeSettings};
use slint::{Timer, TimerMode};

use super::{ScannerFrame, with_kiosk};
use crate::window::{AppWindow, Handled, Key, KeyReplay, on_key};

/// FNC1, as scanners that type send it.
const GS: char = '\u{1d}';

/// Added to a character that came with Control and is no separator: a code point for private use, which is in no code of ours. So a text
/// with such a key means nothing, instead of something with a letter that was never in it, and a person's key can be given back.
const WITH_CONTROL: u32 = 0xE000;

/// The character that a key adds to a burst. None for keys that type nothing: Slint gives them private code points; Backspace and Escape
/// are told by the screen. Enter and Tab may end a burst.
fn typed(key: &Key) -> Option<char> {
    let mut characters = key.text.chars();
    let (Some(c), None) = (characters.next(), characters.next()) else { return None };
    match c {
        '\n' | '\t' | GS => Some(c),
        _ if c.is_control() || ('\u{f700}'..='\u{f8ff}').contains(&c) => None,
        // Linux tells the key, and that Control is down.
        _ if key.control => match with_control(c) {
            Some(control @ (GS | '\n' | '\t')) => Some(control),
            Some('\r') => Some('\n'),
            _ => char::from_u32(WITH_CONTROL + u32::from(c)).filter(|_| c.is_ascii()),
        },
        _ => Some(c),
    }
}

/// The key that a person pressed for a held character.
fn pressed(character: char) -> char {
    let key = u32::from(character).checked_sub(WITH_CONTROL).and_then(char::from_u32);
    key.filter(char::is_ascii).unwrap_or(character)
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
            // The keys behind the first ones of a broken burst come one by one.
            Burst::Held | Burst::Dropped(..=1) => {}
            Burst::Dropped(keys) => {
                tracing::warn!(keys, "a broken scan of a scanner that types was dropped");
                with_kiosk(super::Kiosk::scan_dropped);
            }
            Burst::Scan(text) => {
                let scan = interpreter.hand_scan(&text);
                with_kiosk(|kiosk| kiosk.scanned(scan, None));
            }
            Burst::Typed(text) => {
                let Some(replay) = replay else { continue };
                for character in text.chars() {
                    let text = slint::SharedString::from(pressed(character));
                    let press = |pressed| Key { text: text.clone(), pressed, repeat: false, control: false };
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
        let key =
            |text: &str| typed(&Key { text: text.into(), pressed: true, repeat: false, control: false });
        assert_eq!([key("\t"), key("\n"), key("7")], [Some('\t'), Some('\n'), Some('7')]);
        // Shift with Tab goes back to the control before; no scanner sends it.
        for nothing in ["\u{19}", "\u{8}", "\u{1b}", "\u{f700}", "ab"] {
            assert_eq!(key(nothing), None, "{nothing:?}");
        }
    }

    /// Without its separators no GS1 wristband is one: (8018) and (8019) run together.
    #[test]
    fn control_and_a_bracket_are_fnc1_and_a_letter_with_control_is_no_letter() {
        let key = |text: &str, control| {
            let key = Key { text: text.into(), pressed: true, repeat: false, control };
            typed(&key).map(|typed| (typed, pressed(typed)))
        };
        assert_eq!(key("]", true), Some((GS, GS)));
        assert_eq!(key("]", false), Some((']', ']')));
        assert_eq!(key("\u{1d}", true), Some((GS, GS)));
        for (text, given_back) in [("c", 'c'), ("V", 'V'), ("1", '1')] {
            let (held, back) = key(text, true).unwrap();
            assert!(!held.is_ascii(), "{text}");
            assert_eq!(back, given_back, "what a person pressed is given back");
        }
        assert_eq!([key("m", true), key("\n", true)], [Some(('\n', '\n')); 2]);
        assert_eq!(key("\u{11}", true), None, "Control itself");
        let scan = Interpreter::new(scanner::site::SiteFormats::default(), 2026);
        let text: String = "]d28018952123400000001175".chars().chain([GS]).chain("80191".chars()).collect();
        assert_eq!(scan.hand_scan(&text).meaning.kind(), "wristband");
    }
}
