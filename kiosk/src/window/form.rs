//! One question on a screen of its own.

use super::apply::{dots, line, optional, text};
use super::dose::reason;
use super::generated::{self as ui, InputKind, State};
use super::lists::words;
use crate::model::{Form, Input};

pub(super) fn show(panel: &Form, state: &State<'_>) {
    let shown = state.get_form();
    let mut next = ui::FormPanel {
        title: text(&panel.title),
        text: text(&panel.text),
        hint: text(&panel.hint),
        trouble: panel.trouble.as_ref().map_or_else(ui::Line::default, line),
        extra: optional(panel.extra.as_deref()),
        cancel: text(&panel.cancel),
        ..ui::FormPanel::default()
    };
    let mut note = None;
    match &panel.input {
        Input::Scan => next.input = InputKind::Scan,
        Input::Pin(typed) => {
            next.input = InputKind::Pin;
            next.count = dots(*typed);
        }
        Input::Number { typed, unit, decimal, enter } => {
            next.input = InputKind::Number;
            next.typed = text(typed);
            next.unit = text(unit);
            next.decimal = *decimal;
            next.complete = !typed.is_empty();
            next.send = text(enter);
        }
        Input::Options(options) => {
            next.input = InputKind::Options;
            next.options = words(&shown.options, options);
        }
        Input::Reason(sheet) => {
            next.input = InputKind::Reason;
            next.reason = reason(&shown.reason, sheet);
            next.complete = sheet.complete;
            next.send = text(&sheet.send);
            note = sheet.note.as_deref();
        }
        Input::Text { typed, complete, send } => {
            next.input = InputKind::Text;
            next.complete = *complete;
            next.send = text(send);
            note = Some(typed.as_str());
        }
    }
    state.set_note(optional(note));
    state.set_form(next);
}
