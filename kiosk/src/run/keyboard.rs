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

/// Added to a character that is none of a code: one that came with Control and is no separator, with Alt, or a control character. The sum is
/// a code point for private use, as Slint's function keys have by themselves, which is in no code of ours. So a text with such a key means
/// nothing, instead of something without the key or with a letter that was never in it, and a person's key can be given back.
const NO_CHARACTER: u32 = 0xE000;

/// A key that Slint gives no single character: nothing that could be given back.
const NAMELESS: char = '\u{f8ff}';

/// What a pressed key is to a burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Typed {
    /// It adds this character, or ends the burst.
    Character(char),
    /// It types nothing, such as Escape or F8. By itself it is a person's, and told by the screen; inside a burst it is a character that the
    /// scanner could not type, and what lies on its two sides must not become one text.
    Nothing(char),
    /// Shift and its like, which come between any two keys.
    Modifier,
}

/// What a key adds to a burst. Enter and Tab may end one.
fn typed(key: &Key) -> Typed {
    let mut characters = key.text.chars();
    let (Some(c), None) = (characters.next(), characters.next()) else { return Typed::Nothing(NAMELESS) };
    match c {
        // From Shift to the right Meta key, as Slint numbers them.
        '\u{10}'..='\u{18}' => Typed::Modifier,
        // With Alt a scanner writes the number of a character that has no key: its digits are none of the text.
        _ if key.alt => Typed::Character(no_character(c)),
        '\n' | '\t' | GS => Typed::Character(c),
        _ if c.is_control() || ('\u{f700}'..='\u{f8ff}').contains(&c) => Typed::Nothing(no_character(c)),
        // Linux tells the key, and that Control is down.
        _ if key.control => match with_control(c) {
            Some(control @ (GS | '\n' | '\t')) => Typed::Character(control),
            Some('\r') => Typed::Character('\n'),
            _ => Typed::Character(no_character(c)),
        },
        _ => Typed::Character(c),
    }
}

/// A key as a character that is in no code.
fn no_character(key: char) -> char {
    if key.is_ascii() { char::from_u32(NO_CHARACTER + u32::from(key)).unwrap_or(NAMELESS) } else { key }
}

/// The key that a person pressed for a held character.
fn pressed(character: char) -> Option<char> {
    let key = u32::from(character).checked_sub(NO_CHARACTER).and_then(char::from_u32);
    Some(key.filter(char::is_ascii).unwrap_or(character)).filter(|key| *key != NAMELESS)
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
    /// What a key adds to the burst, if it is held back.
    fn character(&self, key: &Key) -> Option<char> {
        match typed(key) {
            Typed::Character(character) => Some(character),
            Typed::Nothing(character) => (key.pressed && self.wedge.holds()).then_some(character),
            Typed::Modifier => None,
        }
    }

    fn key(&mut self, key: &Key) -> Handled {
        let Some(character) = self.character(key).filter(|_| !key.repeat) else { return Handled::Passed };
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
                for character in text.chars().filter_map(pressed) {
                    let text = slint::SharedString::from(character);
                    let press = |pressed| Key {
                        text: text.clone(),
                        pressed,
                        repeat: false,
                        control: false,
                        alt: false,
                    };
                    replay.send(&[press(true), press(false)]);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use scanner::site::SiteFormats;

    use super::*;

    fn key(text: &str) -> Key {
        Key { text: text.into(), pressed: true, repeat: false, control: false, alt: false }
    }

    #[test]
    fn what_can_end_a_burst_is_held_back_and_what_types_nothing_is_not() {
        let ends = ["\t", "\n", "7"].map(|text| typed(&key(text)));
        assert_eq!(ends, ['\t', '\n', '7'].map(Typed::Character));
        // Shift with Tab goes back to the control before; no scanner sends it.
        for nothing in ["\u{19}", "\u{8}", "\u{1b}", "\u{f700}"] {
            let Typed::Nothing(held) = typed(&key(nothing)) else { panic!("{nothing:?}") };
            assert_eq!(pressed(held), nothing.chars().next(), "given back as it was");
        }
        for nameless in ["", "ab"] {
            assert_eq!(typed(&key(nameless)), Typed::Nothing(NAMELESS));
        }
        assert_eq!(pressed(NAMELESS), None);
        assert_eq!(["\u{10}", "\u{12}", "\u{18}"].map(|text| typed(&key(text))), [Typed::Modifier; 3]);
    }

    /// Without its separators no GS1 wristband is one: (8018) and (8019) run together.
    #[test]
    fn control_and_a_bracket_are_fnc1_and_a_letter_with_control_is_no_letter() {
        let with = |text: &str, control, alt| match typed(&Key { control, alt, ..key(text) }) {
            Typed::Character(held) => Some((held, pressed(held)?)),
            _ => None,
        };
        assert_eq!(with("]", true, false), Some((GS, GS)));
        assert_eq!(with("]", false, false), Some((']', ']')));
        assert_eq!(with("\u{1d}", true, false), Some((GS, GS)));
        for (control, alt) in [(true, false), (false, true), (true, true)] {
            for (text, given_back) in [("c", 'c'), ("V", 'V'), ("1", '1')] {
                let (held, back) = with(text, control, alt).unwrap();
                assert!(!held.is_ascii(), "{text}");
                assert_eq!(back, given_back, "what a person pressed is given back");
            }
        }
        assert_eq!([with("m", true, false), with("\n", true, false)], [Some(('\n', '\n')); 2]);
        let scan = Interpreter::new(SiteFormats::default(), 2026);
        let text: String = "]d28018952123400000001175".chars().chain([GS]).chain("80191".chars()).collect();
        assert_eq!(scan.hand_scan(&text).meaning.kind(), "wristband");
    }

    /// What a burst means to which a scanner sends these keys, Enter last.
    fn burst(keys: &[Key]) -> Option<String> {
        let mut listener = Listener {
            wedge: Wedge::new(WedgeSettings::default()),
            since: Instant::now(),
            replay: None,
            interpreter: Interpreter::new(SiteFormats::default(), 2026),
        };
        let enter = key("\n");
        let mut last = Vec::new();
        for (place, key) in keys.iter().chain([&enter]).enumerate() {
            if let Some(character) = listener.character(key) {
                last = listener.wedge.key(character, Duration::from_millis(5 * place as u64));
            }
        }
        match last.as_slice() {
            [Burst::Scan(text)] => Some(listener.interpreter.hand_scan(text).meaning.kind().to_owned()),
            _ => None,
        }
    }

    #[test]
    fn a_key_that_cannot_be_typed_does_not_fall_out_of_a_burst() {
        let keys = |text: &str| text.chars().map(|c| key(&c.to_string())).collect::<Vec<_>>();
        let between = |middle: &[Key]| [&keys("]d2010030591036901910A1"), middle, &keys("21S9")].concat();
        assert_eq!(burst(&between(&[])).as_deref(), Some("package"));
        assert_eq!(burst(&between(&[key("\u{10}")])).as_deref(), Some("package"), "Shift types nothing");
        for lost in ["\u{f70b}", "\u{8}", "\u{1b}", "", "ab"] {
            let meant = burst(&between(&[key(lost)]));
            assert!(meant.as_deref().is_none_or(|kind| kind != "package"), "{lost:?}: {meant:?}");
        }
        // Alt with the number of FNC1, as a scanner in its "ALT mode" sends it.
        let number = ["0", "2", "9"].map(|digit| Key { alt: true, ..key(digit) });
        let meant = burst(&between(&number));
        assert!(meant.as_deref().is_none_or(|kind| kind != "package"), "{meant:?}");
    }
}
