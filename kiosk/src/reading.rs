//! A screen as a person reads it: its words, and what can be tapped. Journeys and tests look at a [`Model`] only through this,
//! so that nothing counts as said that does not stand on the screen.

use crate::labels::{self, Fixed};
use crate::model::{Act, Ask, DosePanel, DueList, Form, Input, Line, Mark, Model, ReasonSheet, Screen};

/// The name of a screen in journeys.
pub const fn screen_name(screen: &Screen) -> &'static str {
    match screen {
        Screen::Locked(_) => "locked",
        Screen::Pin(_) => "pin",
        Screen::Identify(_) => "identify",
        Screen::DueList(_) => "due-list",
        Screen::Dose(_) => "dose",
        Screen::NotGiven(_) => "not-given",
        Screen::Form(_) => "form",
        Screen::Tasks(_) => "tasks",
        Screen::Settings(_) => "settings",
        Screen::Saving(_) => "saving",
        Screen::Receipt(_) => "receipt",
        Screen::NotRecorded(_) => "not-recorded",
    }
}

/// The verdict that the screen shows: `pass`, `question` or `stop`.
pub fn verdict(model: &Model) -> Option<&'static str> {
    let mark = match &model.screen {
        Screen::Dose(panel) => panel.mark,
        Screen::Identify(prompt) | Screen::Locked(prompt) => prompt.trouble.as_ref()?.mark,
        Screen::NotRecorded(_) => Mark::Stop,
        _ => return None,
    };
    Some(match mark {
        Mark::Pass | Mark::Info | Mark::None => "pass",
        Mark::Question => "question",
        Mark::Stop => "stop",
    })
}

/// Every text on the screen, in reading order. No-break spaces read as spaces.
pub fn texts(model: &Model) -> Vec<String> {
    let mut out = Vec::new();
    let header = &model.header;
    out.extend([
        header.place.clone(),
        header.clock.clone(),
        header.orders.text.clone(),
        header.camera.text.clone(),
    ]);
    out.extend(header.others.iter().chain(&header.sound).map(|status| status.text.clone()));
    out.extend(header.clinician.clone());
    out.extend(header.mode.clone());
    out.extend(model.alarm.clone());
    if let Some(banner) = &model.banner {
        out.extend(
            [&banner.name, &banner.birth, &banner.mrn, &banner.bed, &banner.allergies].map(Clone::clone),
        );
    }
    screen_texts(&model.screen, &mut out);
    out.retain(|text| !text.is_empty());
    out.iter().map(|text| text.replace('\u{a0}', " ")).collect()
}

fn screen_texts(screen: &Screen, out: &mut Vec<String>) {
    match screen {
        Screen::Locked(prompt) | Screen::Identify(prompt) => {
            out.extend([prompt.title.clone(), prompt.hint.clone()]);
            out.extend(prompt.trouble.iter().flat_map(line_texts));
            out.extend(prompt.actions.iter().cloned());
        }
        Screen::Pin(pad) => {
            out.push(pad.name.clone());
            out.extend(pad.trouble.clone());
        }
        Screen::DueList(list) | Screen::Tasks(list) => {
            out.extend(list.notices.iter().flat_map(line_texts));
            for row in &list.rows {
                out.extend([&row.name, &row.dose, &row.when, &row.state, &row.last].map(Clone::clone));
                out.extend(row.tags.iter().cloned());
            }
            out.extend(list.actions.iter().cloned());
            out.push(list.cancel.clone());
        }
        Screen::Form(form) => form_texts(form, out),
        Screen::Dose(panel) => dose_texts(panel, out),
        Screen::NotGiven(panel) => {
            out.push(panel.title.clone());
            out.extend(panel.outcomes.iter().cloned());
            sheet_texts(&panel.reason, out);
            out.push(panel.cancel.clone());
        }
        Screen::Settings(settings) => {
            out.push(settings.title.clone());
            for row in &settings.rows {
                out.push(format!("{}: {}", row.label, row.value));
            }
            out.extend(settings.actions.iter().cloned());
            out.push(settings.cancel.clone());
        }
        Screen::Saving(text) => out.push(text.clone()),
        Screen::Receipt(receipt) => {
            out.extend([&receipt.title, &receipt.what, &receipt.entry, &receipt.remains].map(Clone::clone));
        }
        Screen::NotRecorded(panel) => {
            out.extend([&panel.title, &panel.what, &panel.action].map(Clone::clone));
        }
    }
}

fn dose_texts(panel: &DosePanel, out: &mut Vec<String>) {
    out.extend([panel.title.clone(), panel.drug.clone(), panel.progress.clone()]);
    out.extend(panel.changed.clone());
    out.extend(panel.findings.iter().flat_map(line_texts));
    for row in &panel.compare {
        out.extend([&row.label, &row.ordered, &row.scanned].map(Clone::clone));
    }
    for right in &panel.rights {
        out.push(format!("{}: {}", right.name, right.how));
    }
    match &panel.ask {
        Ask::Nothing => {}
        Ask::NextPackage { text, no_more } => out.extend([text.clone(), no_more.clone()]),
        Ask::Choice { text, options } => {
            out.push(text.clone());
            out.extend(options.iter().cloned());
        }
        Ask::Number { text, typed, unit, parts, .. } => {
            out.extend([text.clone(), format!("{typed} {unit}")]);
            out.extend(parts.iter().cloned());
        }
        Ask::Call { text, button } => out.extend([text.clone(), button.clone()]),
        Ask::Reason(sheet) => sheet_texts(sheet, out),
    }
    out.extend(panel.call.clone());
    out.extend(panel.earlier.clone());
    out.extend(panel.confirm.clone());
    out.extend(panel.put_back.clone());
    out.push(panel.cancel.clone());
}

fn form_texts(form: &Form, out: &mut Vec<String>) {
    out.extend([form.title.clone(), form.text.clone(), form.hint.clone()]);
    out.extend(form.trouble.iter().flat_map(line_texts));
    match &form.input {
        Input::Scan | Input::Pin(_) => {}
        Input::Number { typed, unit, enter, .. } => {
            out.extend([format!("{typed} {unit}"), enter.clone()]);
        }
        Input::Options(options) => out.extend(options.iter().cloned()),
        Input::Reason(sheet) => sheet_texts(sheet, out),
        Input::Text { typed, send, .. } => out.extend([typed.clone(), send.clone()]),
    }
    out.extend(form.extra.clone());
    out.push(form.cancel.clone());
}

fn sheet_texts(sheet: &ReasonSheet, out: &mut Vec<String>) {
    out.push(sheet.text.clone());
    out.extend(sheet.reasons.iter().cloned());
    out.extend(sheet.contact.clone());
    out.extend(sheet.contacts.iter().cloned());
    out.extend(sheet.note.clone());
    out.push(sheet.send.clone());
}

fn line_texts(line: &Line) -> Vec<String> {
    vec![line.title.clone(), line.detail.clone(), line.action.clone()]
}

/// Everything that can be tapped, with its label.
pub fn taps(model: &Model) -> Vec<(String, Act)> {
    let mut out: Vec<(String, Act)> = Vec::new();
    let say = &labels::of(model.language).fixed;
    match &model.screen {
        // The next scan is all there is to do.
        Screen::Locked(prompt) | Screen::Identify(prompt) => {
            out.extend(numbered(&prompt.actions, Act::Action));
        }
        Screen::Pin(_) => {
            out.extend([
                (say.erase.into(), Act::Erase),
                (say.enter.into(), Act::Enter),
                (say.cancel.into(), Act::Cancel),
            ]);
        }
        Screen::DueList(list) | Screen::Tasks(list) => list_taps(list, &mut out),
        Screen::Form(form) => form_taps(form, say, &mut out),
        Screen::Dose(panel) => dose_taps(panel, say, &mut out),
        Screen::NotGiven(panel) => {
            out.extend(numbered(&panel.outcomes, Act::Outcome));
            sheet_taps(&panel.reason, &mut out);
            out.push((panel.cancel.clone(), Act::Cancel));
        }
        Screen::Settings(settings) => {
            out.extend(numbered(&settings.actions, Act::Action));
            out.push((settings.cancel.clone(), Act::Cancel));
        }
        Screen::Saving(_) => return Vec::new(),
        Screen::Receipt(_) => out.push((say.continue_on.into(), Act::Continue)),
        Screen::NotRecorded(_) => out.push((say.written_down.into(), Act::Continue)),
    }
    if model.header.clinician.is_some() {
        out.push((say.sign_off.into(), Act::SignOff));
    }
    out.push((if model.night { say.day_colours } else { say.night_colours }.into(), Act::Night));
    out.iter().map(|(label, act)| (label.replace('\u{a0}', " "), act.clone())).collect()
}

fn dose_taps(panel: &DosePanel, say: &Fixed, out: &mut Vec<(String, Act)>) {
    match &panel.ask {
        Ask::Nothing => {}
        Ask::NextPackage { no_more, .. } => out.push((no_more.clone(), Act::NoMore)),
        Ask::Choice { options, .. } => out.extend(numbered(options, Act::Option)),
        Ask::Number { parts, enter, .. } if parts.is_empty() => {
            out.extend([(say.erase.into(), Act::Erase), (enter.clone(), Act::Enter)]);
        }
        Ask::Number { parts, .. } => out.extend(numbered(parts, Act::Option)),
        Ask::Call { button, .. } => out.push((button.clone(), Act::Call)),
        Ask::Reason(sheet) => sheet_taps(sheet, out),
    }
    out.extend(panel.call.clone().map(|label| (label, Act::Call)));
    out.extend(panel.earlier.clone().map(|label| (label, Act::Earlier)));
    out.extend(panel.confirm.clone().map(|label| (label, Act::Confirm)));
    out.extend(panel.put_back.clone().map(|label| (label, Act::PutBack)));
    out.push((panel.cancel.clone(), Act::Cancel));
}

fn list_taps(list: &DueList, out: &mut Vec<(String, Act)>) {
    let rows = list.rows.iter().enumerate().filter(|(_, row)| row.act.is_some());
    out.extend(rows.map(|(at, row)| (format!("{} {}", row.name, row.when).trim().to_owned(), Act::Row(at))));
    out.extend(numbered(&list.actions, Act::Action));
    out.push((list.cancel.clone(), Act::Cancel));
}

fn form_taps(form: &Form, say: &Fixed, out: &mut Vec<(String, Act)>) {
    match &form.input {
        Input::Scan | Input::Text { complete: false, .. } => {}
        Input::Pin(_) => out.extend([(say.erase.into(), Act::Erase), (say.enter.into(), Act::Enter)]),
        Input::Number { enter, .. } => {
            out.extend([(say.erase.into(), Act::Erase), (enter.clone(), Act::Enter)]);
        }
        Input::Options(options) => out.extend(numbered(options, Act::Option)),
        Input::Reason(sheet) => sheet_taps(sheet, out),
        Input::Text { complete: true, send, .. } => out.push((send.clone(), Act::Send)),
    }
    out.extend(form.extra.clone().map(|label| (label, Act::Extra)));
    out.push((form.cancel.clone(), Act::Cancel));
}

fn sheet_taps(sheet: &ReasonSheet, out: &mut Vec<(String, Act)>) {
    out.extend(numbered(&sheet.reasons, Act::Reason));
    out.extend(numbered(&sheet.contacts, Act::Contact));
    if sheet.complete {
        out.push((sheet.send.clone(), Act::Send));
    }
}

fn numbered(labels: &[String], act: fn(usize) -> Act) -> impl Iterator<Item = (String, Act)> {
    labels.iter().cloned().enumerate().map(move |(at, label)| (label, act(at)))
}
