//! From the markup's callbacks to [`Act`].

use std::rc::Rc;

use slint::{ComponentHandle, SharedString};

use super::generated::{Acts, AppWindow, State};
use crate::model::Act;

/// Calls `listener` for everything a person does on the screen. A second call replaces the first listener.
///
/// The listener runs on the thread of the window, inside the event; it may call [`super::apply`].
pub fn on_act(ui: &AppWindow, listener: Box<dyn Fn(Act)>) {
    let listener: Rc<dyn Fn(Act)> = listener.into();
    let acts = ui.global::<Acts>();
    let simple = |act: Act| {
        let listener = Rc::clone(&listener);
        move || listener(act.clone())
    };
    acts.on_erase(simple(Act::Erase));
    acts.on_enter(simple(Act::Enter));
    acts.on_send(simple(Act::Send));
    acts.on_no_more(simple(Act::NoMore));
    acts.on_call(simple(Act::Call));
    acts.on_earlier(simple(Act::Earlier));
    acts.on_extra(simple(Act::Extra));
    acts.on_confirm(simple(Act::Confirm));
    acts.on_put_back(simple(Act::PutBack));
    acts.on_cancel(simple(Act::Cancel));
    acts.on_continue(simple(Act::Continue));
    acts.on_sign_off(simple(Act::SignOff));
    acts.on_night(simple(Act::Night));

    let numbered = |make: fn(usize) -> Act| {
        let listener = Rc::clone(&listener);
        move |index: i32| {
            if let Ok(index) = usize::try_from(index) {
                listener(make(index));
            }
        }
    };
    acts.on_option(numbered(Act::Option));
    acts.on_reason(numbered(Act::Reason));
    acts.on_contact(numbered(Act::Contact));
    acts.on_action(numbered(Act::Action));
    acts.on_row(numbered(Act::Row));
    acts.on_outcome(numbered(Act::Outcome));

    let key = Rc::clone(&listener);
    acts.on_key(move |text: SharedString| {
        if let Some(digit) = text.chars().next() {
            key(Act::Key(digit));
        }
    });
    notes(ui, &listener);
}

/// The note is written by a field, or key by key on the screen's own keyboard.
fn notes(ui: &AppWindow, listener: &Rc<dyn Fn(Act)>) {
    let acts = ui.global::<Acts>();
    let edited = Rc::clone(listener);
    acts.on_note(move |text| edited(Act::Note(text.into())));

    let change = |edit: fn(&mut String, &str)| {
        let (listener, ui) = (Rc::clone(listener), ui.as_weak());
        move |key: SharedString| {
            let Some(ui) = ui.upgrade() else { return };
            let mut text = String::from(ui.global::<State>().get_note());
            edit(&mut text, &key);
            ui.global::<State>().set_note(SharedString::from(&text));
            listener(Act::Note(text));
        }
    };
    acts.on_note_key(change(String::push_str));
    let erase = change(|text, _| {
        text.pop();
    });
    acts.on_note_erase(move || erase(SharedString::new()));
}
