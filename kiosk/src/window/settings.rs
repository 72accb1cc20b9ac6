//! The technician's screen.

use super::apply::{mark, text};
use super::generated::{self as ui, State};
use super::lists::{sync, words};
use crate::model::Settings;

pub(super) fn show(settings: &Settings, state: &State<'_>) {
    let shown = state.get_settings();
    let rows = settings.rows.iter().map(|row| ui::SettingRow {
        label: text(&row.label),
        mark: mark(row.mark),
        value: text(&row.value),
    });
    state.set_settings(ui::Settings {
        title: text(&settings.title),
        rows: sync(&shown.rows, rows.collect()),
        actions: words(&shown.actions, &settings.actions),
        cancel: text(&settings.cancel),
    });
}
