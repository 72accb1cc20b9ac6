//! Everything without a finger, and a hand scanner's keys before any field.

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;

use i_slint_backend_testing::ElementRoot as _;
use kiosk::model::{Act, Model, Screen};
use kiosk::window::{self, Handled};

use crate::samples;
use crate::stage::Stage;

const TAB: &str = "\t";
const ENTER: &str = "\n";
const ESCAPE: &str = "\u{1b}";
const BACKSPACE: &str = "\u{8}";

/// Tab to each control in turn and Space there do what a finger on each control does.
#[test]
fn every_control_is_reached_by_tab_and_pressed_by_space() {
    let stage = Stage::new();
    for (name, model) in samples::all() {
        stage.show(&model);
        for element in stage.tappable() {
            element.invoke_accessible_default_action();
        }
        let by_finger: HashSet<_> = stage.taken().iter().map(kind).collect();
        assert!(!by_finger.is_empty(), "{name}: nothing can be done");

        let mut by_keyboard = HashSet::new();
        // The keyboard starts afresh on each screen, and brings into view what lies under the edge.
        for tabs in 1..=by_finger.len() + 10 {
            stage.show(&between());
            stage.show(&model);
            for _ in 0..tabs {
                stage.screen.key(TAB);
            }
            stage.screen.key(" ");
            by_keyboard.extend(stage.taken().iter().map(kind));
        }
        let missed: Vec<_> = by_finger.difference(&by_keyboard).collect();
        assert!(missed.is_empty(), "{name}: the keyboard does not reach {missed:?}");
    }
}

/// Another screen, so that the next one is a fresh one.
fn between() -> Model {
    Model { screen: Screen::Saving("Writing".into()), ..samples::locked(None) }
}

/// An act; what a note says depends on the order of the keys.
fn kind(act: &Act) -> String {
    if let Act::Note(_) = act { "Note".into() } else { format!("{act:?}") }
}

/// Nothing has the keyboard when a screen appears: an Enter that comes too early gives nothing.
#[test]
fn an_enter_on_a_fresh_screen_does_nothing() {
    let stage = Stage::new();
    for (name, model) in samples::all() {
        stage.show(&between());
        if ["03", "10", "11", "25", "26", "27", "33"].iter().any(|number| name.starts_with(number)) {
            continue; // A PIN and a number are ended by Enter.
        }
        stage.show(&model);
        stage.screen.key(ENTER);
        stage.screen.key(" ");
        assert_eq!(stage.taken(), [], "{name}");
    }
}

/// A tap leaves the keyboard where it was, so that the Enter at the end of a scan does not press the same control again.
#[test]
fn a_tap_does_not_take_the_keyboard() {
    let stage = Stage::new();
    stage.show(&samples::dose(samples::pass()));
    stage.tap("Put it back");
    assert_eq!(stage.taken(), [Act::PutBack]);
    stage.screen.key(ENTER);
    assert_eq!(stage.taken(), []);
}

#[test]
fn digits_go_to_the_pin_and_to_an_amount_and_nowhere_else() {
    let stage = Stage::new();
    stage.show(&samples::pin());
    for key in ["4", "x", BACKSPACE, ENTER, ESCAPE] {
        stage.screen.key(key);
    }
    assert_eq!(stage.taken(), [Act::Key('4'), Act::Erase, Act::Enter, Act::Cancel]);
    stage.show(&samples::dose(samples::measure()));
    for key in ["0", ".", "5"] {
        stage.screen.key(key);
    }
    assert_eq!(stage.taken(), [Act::Key('0'), Act::Key('.'), Act::Key('5')]);
    stage.show(&samples::dose(samples::pass()));
    stage.screen.key("4");
    assert_eq!(stage.taken(), []);
    stage.screen.key(ESCAPE);
    assert_eq!(stage.taken(), [Act::Cancel]);
}

/// kiosk.md section 4: a burst is consumed before a focused field sees it, whatever has the focus and after any screen.
#[test]
fn a_hand_scanners_keys_come_before_any_field() {
    let stage = Stage::new();
    let burst = Rc::new(RefCell::new(String::new()));
    let heard = Rc::clone(&burst);
    let _replay = window::on_key(
        &stage.ui,
        Box::new(move |key| {
            if key.pressed {
                heard.borrow_mut().push_str(&key.text);
            }
            Handled::Taken
        }),
    );
    for (name, model) in samples::all() {
        stage.show(&model);
        for key in ["]", "d", "2", "9", ENTER] {
            stage.screen.key(key);
        }
        assert_eq!(burst.take(), "]d29\n", "{name}: a key was lost");
        assert_eq!(stage.taken(), [], "{name}");
    }
    // Also while a control has the focus, and when that control has gone.
    stage.show(&samples::dose(samples::pass()));
    let confirm = stage.find("Patient has taken it").unwrap();
    assert!(confirm.is_valid());
    stage.ui.root_element();
    stage.show(&samples::dose(samples::stop()));
    stage.screen.key(ENTER);
    assert_eq!(burst.take(), ENTER);
}

/// On Linux a scanner's FNC1 comes as the key `]` while Control is down, or as digits while Alt is.
#[test]
fn a_key_says_whether_control_or_alt_is_down() {
    use slint::ComponentHandle as _;
    use slint::platform::{Key, WindowEvent};
    let stage = Stage::new();
    let heard = Rc::new(RefCell::new(Vec::new()));
    let keep = Rc::clone(&heard);
    let _replay = window::on_key(
        &stage.ui,
        Box::new(move |key| {
            keep.borrow_mut().push((key.text.to_string(), key.pressed, key.control, key.alt));
            Handled::Taken
        }),
    );
    stage.show(&samples::pin());
    for (down, control, alt) in
        [(Some(Key::Control), true, false), (Some(Key::Alt), false, true), (None, false, false)]
    {
        let modifier = down.map(slint::SharedString::from);
        if let Some(text) = modifier.clone() {
            stage.ui.window().dispatch_event(WindowEvent::KeyPressed { text });
        }
        heard.take();
        stage.screen.key("]");
        let both = [true, false].map(|pressed| ("]".to_owned(), pressed, control, alt));
        assert_eq!(heard.take(), both, "{down:?}");
        if let Some(text) = modifier {
            stage.ui.window().dispatch_event(WindowEvent::KeyReleased { text });
        }
    }
}

/// Keys that turn out to be a person's are given back, once, to what has the focus.
#[test]
fn keys_that_were_held_back_are_given_back() {
    let stage = Stage::new();
    let held = Rc::new(RefCell::new(Vec::new()));
    let keep = Rc::clone(&held);
    let replay = window::on_key(
        &stage.ui,
        Box::new(move |key| {
            keep.borrow_mut().push(key.clone());
            Handled::Taken
        }),
    );
    stage.show(&samples::pin());
    stage.screen.key("4");
    stage.screen.key("2");
    assert_eq!(stage.taken(), []);
    let keys = held.take();
    assert_eq!(keys.len(), 4, "pressed and released, twice");
    assert!(!format!("{keys:?}").contains('4'), "a key's text is not printed");
    replay.send(&keys);
    assert_eq!(stage.taken(), [Act::Key('4'), Act::Key('2')]);
    assert_eq!(held.take(), [], "what is given back does not come to the hook again");
}

/// A control that had the keyboard disappears with its screen; the next key is still heard.
#[test]
fn the_window_hears_keys_after_the_focused_control_has_gone() {
    let stage = Stage::new();
    stage.show(&samples::dose(samples::pass()));
    for _ in 0..5 {
        stage.screen.key(TAB);
    }
    stage.show(&samples::pin());
    stage.screen.key("8");
    assert_eq!(stage.taken(), [Act::Key('8')]);
}
