//! From [`Model`] to the markup's `State`.

use slint::{ComponentHandle, SharedString};

use super::generated::{self as ui, AppWindow, Say, ScreenKind, State, Theme};
use super::lists::words;
use super::say::said;
use super::{dose, due, form, settings};
use crate::model::{Header, Line, Mark, Model, PinPad, Prompt, Screen, Status};

/// Shows `model`, changing only what differs from what is on the screen.
///
/// Call it on the window's thread. When another screen appears, or what is asked changes, the keyboard goes back to the window
/// itself: the focused element may be gone, and an Enter must never meet a button that a person has not looked at.
pub fn apply(model: &Model, ui: &AppWindow) {
    let state = ui.global::<State>();
    let before = shape(&state);
    let theme = ui.global::<Theme>();
    theme.set_night(model.night);
    theme.set_training(model.header.training);
    if state.get_said_in() != model.language.tag() {
        state.set_said_in(model.language.tag().into());
        ui.global::<Say>().set_w(said(model.language, text));
    }
    state.set_header(header(&model.header));
    state.set_has_banner(model.banner.is_some());
    state.set_banner(model.banner.as_ref().map_or_else(ui::Banner::default, |banner| ui::Banner {
        name: text(&banner.name),
        birth: text(&banner.birth),
        mrn: text(&banner.mrn),
        bed: text(&banner.bed),
        allergies: text(&banner.allergies),
        allergic: banner.allergic,
    }));
    state.set_preview(model.preview);
    state.set_alarm(optional(model.alarm.as_deref()));
    screen(&model.screen, &state);
    forget_others(&state);
    if shape(&state) != before {
        ui.invoke_take_focus();
    }
}

fn screen(screen: &Screen, state: &State<'_>) {
    match screen {
        Screen::Locked(asked) => {
            state.set_prompt(prompt(&state.get_prompt(), asked));
            state.set_screen(ScreenKind::Locked);
        }
        Screen::Pin(pad) => {
            state.set_pin(pin(pad));
            state.set_screen(ScreenKind::Pin);
        }
        Screen::Identify(asked) => {
            state.set_prompt(prompt(&state.get_prompt(), asked));
            state.set_screen(ScreenKind::Identify);
        }
        Screen::DueList(list) => {
            state.set_due(due::list(&state.get_due(), list));
            state.set_screen(ScreenKind::DueList);
        }
        Screen::Dose(panel) => {
            dose::show(panel, state);
            state.set_screen(ScreenKind::Dose);
        }
        Screen::NotGiven(panel) => {
            dose::show_not_given(panel, state);
            state.set_screen(ScreenKind::NotGiven);
        }
        Screen::Form(panel) => {
            form::show(panel, state);
            state.set_screen(ScreenKind::Form);
        }
        Screen::Tasks(list) => {
            state.set_due(due::list(&state.get_due(), list));
            state.set_screen(ScreenKind::Tasks);
        }
        Screen::Settings(panel) => {
            settings::show(panel, state);
            state.set_screen(ScreenKind::Settings);
        }
        Screen::Saving(what) => {
            state.set_saving(text(what));
            state.set_screen(ScreenKind::Saving);
        }
        Screen::Receipt(receipt) => {
            state.set_receipt(ui::Receipt {
                title: text(&receipt.title),
                what: text(&receipt.what),
                entry: text(&receipt.entry),
                remains: text(&receipt.remains),
                given: receipt.given,
            });
            state.set_screen(ScreenKind::Receipt);
        }
        Screen::NotRecorded(failure) => {
            state.set_not_recorded(ui::NotRecorded {
                title: text(&failure.title),
                what: text(&failure.what),
                action: text(&failure.action),
            });
            state.set_screen(ScreenKind::NotRecorded);
        }
    }
}

/// Screens that are not shown keep nothing: no patient's words stay behind in the window's memory.
fn forget_others(state: &State<'_>) {
    let shown = state.get_screen();
    if shown != ScreenKind::Locked && shown != ScreenKind::Identify {
        state.set_prompt(ui::Prompt::default());
    }
    if shown != ScreenKind::Pin {
        state.set_pin(ui::PinPad::default());
    }
    if shown != ScreenKind::DueList && shown != ScreenKind::Tasks {
        state.set_due(ui::DueList::default());
    }
    if shown != ScreenKind::Dose {
        state.set_dose(dose::nothing());
    }
    if shown != ScreenKind::NotGiven {
        state.set_not_given(ui::NotGivenPanel::default());
    }
    if shown != ScreenKind::Form {
        state.set_form(ui::FormPanel::default());
    }
    if shown != ScreenKind::Dose && shown != ScreenKind::NotGiven && shown != ScreenKind::Form {
        state.set_note(SharedString::new());
    }
    if shown != ScreenKind::Saving {
        state.set_saving(SharedString::new());
    }
    if shown != ScreenKind::Settings {
        state.set_settings(ui::Settings::default());
    }
    if shown != ScreenKind::Receipt {
        state.set_receipt(ui::Receipt::default());
    }
    if shown != ScreenKind::NotRecorded {
        state.set_not_recorded(ui::NotRecorded::default());
    }
}

/// What of the screen makes elements come and go.
fn shape(state: &State<'_>) -> Shape {
    let (dose, form) = (state.get_dose(), state.get_form());
    Shape {
        screen: state.get_screen(),
        asks: (dose.ask, form.input),
        words: [
            dose.title,
            dose.confirm,
            dose.put_back,
            dose.call,
            dose.earlier,
            form.title,
            form.text,
            form.extra,
        ],
        signed_on: !state.get_header().clinician.is_empty(),
    }
}

#[derive(PartialEq)]
struct Shape {
    screen: ScreenKind,
    asks: (ui::AskKind, ui::InputKind),
    words: [SharedString; 8],
    signed_on: bool,
}

fn header(header: &Header) -> ui::Header {
    ui::Header {
        place: text(&header.place),
        clock: text(&header.clock),
        clinician: optional(header.clinician.as_deref()),
        orders: status(&header.orders),
        camera: status(&header.camera),
        others: header.others.as_ref().map_or_else(ui::Status::default, status),
        sound: header.sound.as_ref().map_or_else(ui::Status::default, status),
        mode: optional(header.mode.as_deref()),
        training: header.training,
    }
}

fn status(status: &Status) -> ui::Status {
    ui::Status { mark: mark(status.mark), text: text(&status.text) }
}

fn prompt(shown: &ui::Prompt, prompt: &Prompt) -> ui::Prompt {
    ui::Prompt {
        title: text(&prompt.title),
        hint: text(&prompt.hint),
        trouble: prompt.trouble.as_ref().map_or_else(ui::Line::default, line),
        actions: words(&shown.actions, &prompt.actions),
    }
}

fn pin(pad: &PinPad) -> ui::PinPad {
    ui::PinPad { name: text(&pad.name), typed: dots(pad.typed), trouble: optional(pad.trouble.as_deref()) }
}

/// More dots than fit say nothing more.
pub(super) fn dots(typed: usize) -> i32 {
    i32::try_from(typed.min(12)).unwrap_or(12)
}

pub(super) fn line(line: &Line) -> ui::Line {
    ui::Line {
        mark: mark(line.mark),
        title: text(&line.title),
        detail: text(&line.detail),
        action: text(&line.action),
        check: text(&line.check),
    }
}

pub(super) fn mark(mark: Mark) -> ui::Mark {
    match mark {
        Mark::Pass => ui::Mark::Pass,
        Mark::Info => ui::Mark::Info,
        Mark::Question => ui::Mark::Question,
        Mark::Stop => ui::Mark::Stop,
        Mark::None => ui::Mark::None,
    }
}

pub(super) fn text(words: &str) -> SharedString {
    SharedString::from(words)
}

pub(super) fn optional(words: Option<&str>) -> SharedString {
    words.map(SharedString::from).unwrap_or_default()
}

/// An index for the markup, where -1 is none.
pub(super) fn chosen(index: Option<usize>) -> i32 {
    index.and_then(|index| i32::try_from(index).ok()).unwrap_or(-1)
}
