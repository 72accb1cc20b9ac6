//! The dose in hand, and the dose that is charted as not given.

use slint::SharedString;

use super::apply::{chosen, line, mark, optional, text};
use super::generated::{self as ui, AskKind, State};
use super::lists::{sync, words};
use crate::model::{Ask, DosePanel, NotGivenPanel, ReasonSheet};

pub(super) fn show(panel: &DosePanel, state: &State<'_>) {
    let shown = state.get_dose();
    let mut next = ui::DosePanel {
        mark: mark(panel.mark),
        title: text(&panel.title),
        drug: text(&panel.drug),
        progress: text(&panel.progress),
        compare: sync(&shown.compare, panel.compare.iter().map(compare_row).collect()),
        rights: sync(&shown.rights, panel.rights.iter().map(right_row).collect()),
        findings: sync(&shown.findings, panel.findings.iter().map(line).collect()),
        changed: optional(panel.changed.as_deref()),
        call: optional(match &panel.ask {
            Ask::Call { button, .. } => Some(button.as_str()),
            _ => panel.call.as_deref(),
        }),
        earlier: optional(panel.earlier.as_deref()),
        confirm: optional(panel.confirm.as_deref()),
        put_back: optional(panel.put_back.as_deref()),
        cancel: text(&panel.cancel),
        ..nothing()
    };
    let mut note = None;
    match &panel.ask {
        Ask::Nothing => {}
        Ask::NextPackage { text: asked, no_more } => {
            next.ask = AskKind::NextPackage;
            next.ask_text = text(asked);
            next.no_more = text(no_more);
        }
        Ask::Choice { text: asked, options } => {
            next.ask = AskKind::Choice;
            next.ask_text = text(asked);
            next.options = words(&shown.options, options);
        }
        Ask::Number { text: asked, typed, unit, decimal, parts, enter } => {
            next.ask = AskKind::Number;
            next.ask_text = text(asked);
            next.typed = text(typed);
            next.unit = text(unit);
            next.decimal = *decimal;
            next.enter = text(enter);
            next.options = words(&shown.options, parts);
        }
        Ask::Call { text: asked, .. } => {
            next.ask = AskKind::Call;
            next.ask_text = text(asked);
        }
        Ask::Reason(sheet) => {
            next.ask = AskKind::Reason;
            next.reason = reason(&shown.reason, sheet);
            note = sheet.note.as_deref();
        }
    }
    state.set_note(optional(note));
    state.set_dose(next);
}

pub(super) fn show_not_given(panel: &NotGivenPanel, state: &State<'_>) {
    let shown = state.get_not_given();
    state.set_note(optional(panel.reason.note.as_deref()));
    state.set_not_given(ui::NotGivenPanel {
        title: text(&panel.title),
        outcomes: words(&shown.outcomes, &panel.outcomes),
        outcome: chosen(panel.outcome),
        reason: reason(&shown.reason, &panel.reason),
        cancel: text(&panel.cancel),
    });
}

/// No dose in hand.
pub(super) fn nothing() -> ui::DosePanel {
    ui::DosePanel { ask: AskKind::Nothing, ..ui::DosePanel::default() }
}

pub(super) fn reason(shown: &ui::ReasonSheet, sheet: &ReasonSheet) -> ui::ReasonSheet {
    ui::ReasonSheet {
        text: text(&sheet.text),
        reasons: words(&shown.reasons, &sheet.reasons),
        chosen: chosen(sheet.chosen),
        contact: optional(sheet.contact.as_deref()),
        contacts: words(&shown.contacts, if sheet.contact.is_some() { &sheet.contacts } else { &[] }),
        contacted: chosen(sheet.contacted),
        wants_note: sheet.note.is_some(),
        complete: sheet.complete,
        send: SharedString::from(&sheet.send),
    }
}

fn compare_row(row: &crate::model::CompareRow) -> ui::CompareRow {
    ui::CompareRow {
        label: text(&row.label),
        ordered: text(&row.ordered),
        scanned: text(&row.scanned),
        mark: mark(row.mark),
    }
}

fn right_row(row: &crate::model::RightRow) -> ui::RightRow {
    ui::RightRow { name: text(&row.name), mark: mark(row.mark), how: text(&row.how) }
}
