//! Every text of a model, and texts that nobody translates.

use kiosk::model::{Ask, Form, Input, Line, Model, ReasonSheet, Screen};

/// Calls `change` for every text that people read.
pub(crate) fn each_text(model: &mut Model, change: &mut dyn FnMut(&mut String)) {
    let header = &mut model.header;
    change(&mut header.orders.text);
    change(&mut header.camera.text);
    header.others.iter_mut().chain(&mut header.sound).for_each(|status| change(&mut status.text));
    header.mode.iter_mut().for_each(&mut *change);
    model.alarm.iter_mut().for_each(&mut *change);
    if let Some(banner) = &mut model.banner {
        change(&mut banner.allergies);
    }
    match &mut model.screen {
        Screen::Locked(prompt) | Screen::Identify(prompt) => {
            change(&mut prompt.title);
            change(&mut prompt.hint);
            line(prompt.trouble.as_mut(), change);
            prompt.actions.iter_mut().for_each(change);
        }
        Screen::Pin(pad) => pad.trouble.iter_mut().for_each(change),
        Screen::DueList(list) | Screen::Tasks(list) => {
            list.notices.iter_mut().for_each(|notice| line(Some(notice), change));
            list.time_line.iter_mut().for_each(|axis| change(&mut axis.said));
            for row in &mut list.rows {
                [&mut row.dose, &mut row.state, &mut row.last].into_iter().for_each(&mut *change);
                row.act.iter_mut().for_each(&mut *change);
            }
            list.actions.iter_mut().for_each(&mut *change);
            change(&mut list.cancel);
        }
        Screen::Dose(panel) => {
            change(&mut panel.title);
            change(&mut panel.progress);
            panel.changed.iter_mut().for_each(&mut *change);
            panel.findings.iter_mut().for_each(|finding| line(Some(finding), change));
            for row in &mut panel.compare {
                change(&mut row.label);
            }
            for right in &mut panel.rights {
                change(&mut right.how);
            }
            match &mut panel.ask {
                Ask::Nothing => {}
                Ask::NextPackage { text, no_more } => [text, no_more].into_iter().for_each(&mut *change),
                Ask::Choice { text, options } => {
                    change(text);
                    options.iter_mut().for_each(&mut *change);
                }
                Ask::Number { text, parts, enter, .. } => {
                    change(text);
                    change(enter);
                    parts.iter_mut().for_each(&mut *change);
                }
                Ask::Call { text, button } => [text, button].into_iter().for_each(&mut *change),
                Ask::Reason(asked) => sheet(asked, change),
            }
            for button in [&mut panel.call, &mut panel.earlier, &mut panel.confirm, &mut panel.put_back] {
                button.iter_mut().for_each(&mut *change);
            }
            change(&mut panel.cancel);
        }
        Screen::NotGiven(panel) => {
            panel.outcomes.iter_mut().for_each(&mut *change);
            sheet(&mut panel.reason, change);
            change(&mut panel.cancel);
        }
        Screen::Form(panel) => form(panel, change),
        Screen::Settings(settings) => {
            change(&mut settings.title);
            for row in &mut settings.rows {
                change(&mut row.label);
                change(&mut row.value);
            }
            settings.actions.iter_mut().for_each(&mut *change);
            change(&mut settings.cancel);
        }
        Screen::Saving(text) => change(text),
        Screen::Receipt(receipt) => {
            [&mut receipt.title, &mut receipt.entry, &mut receipt.remains].into_iter().for_each(change);
        }
        Screen::NotRecorded(panel) => {
            [&mut panel.title, &mut panel.action].into_iter().for_each(change);
        }
    }
}

fn form(panel: &mut Form, change: &mut dyn FnMut(&mut String)) {
    [&mut panel.text, &mut panel.hint].into_iter().for_each(&mut *change);
    line(panel.trouble.as_mut(), change);
    match &mut panel.input {
        Input::Scan | Input::Pin(_) => {}
        Input::Number { enter, .. } => change(enter),
        Input::Options(options) => options.iter_mut().for_each(&mut *change),
        Input::Reason(asked) => sheet(asked, change),
        Input::Text { send, .. } => change(send),
    }
    panel.extra.iter_mut().for_each(&mut *change);
    change(&mut panel.cancel);
}

fn sheet(sheet: &mut ReasonSheet, change: &mut dyn FnMut(&mut String)) {
    change(&mut sheet.text);
    sheet.reasons.iter_mut().for_each(&mut *change);
    sheet.contact.iter_mut().for_each(&mut *change);
    sheet.contacts.iter_mut().for_each(&mut *change);
    change(&mut sheet.send);
}

fn line(line: Option<&mut Line>, change: &mut dyn FnMut(&mut String)) {
    if let Some(line) = line {
        [&mut line.title, &mut line.detail, &mut line.action].into_iter().for_each(change);
    }
}

/// What stands in quotes in the sources of the screens and is read by people must come from the tables.
mod literal {
    use std::path::{Path, PathBuf};

    fn files(folder: &Path, ending: &str, out: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, ending, out);
            } else if path.extension().is_some_and(|found| found == ending) {
                out.push(path);
            }
        }
    }

    fn of(folder: &str, ending: &str) -> Vec<(PathBuf, String)> {
        let mut all = Vec::new();
        files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), ending, &mut all);
        all.sort();
        assert!(all.len() > 5, "{folder} has {} files", all.len());
        all.into_iter()
            .map(|path| {
                let text = std::fs::read_to_string(&path).unwrap();
                (path, text)
            })
            .collect()
    }

    /// The contents of each pair of quotes on a line, comments left out.
    fn quoted(line: &str) -> Vec<&str> {
        if line.trim_start().starts_with("//") {
            return Vec::new();
        }
        line.split('"').skip(1).step_by(2).collect()
    }

    /// Two letters in a row are a word.
    fn is_word(text: &str) -> bool {
        text.as_bytes().windows(2).any(|pair| pair.iter().all(u8::is_ascii_alphabetic))
    }

    /// In the markup every word comes from `State` or `Say`; the previews at the end of a file may say what they like.
    #[test]
    fn the_markup_says_no_word_of_its_own() {
        let mut found = Vec::new();
        for (path, text) in of("ui", "slint") {
            if path.ends_with("say.slint") || path.ends_with("tray.slint") {
                continue; // The table itself; the tray of the demo stands beside the kiosk.
            }
            let text = text
                .find("inherits Window")
                .filter(|_| !path.ends_with("app.slint"))
                .map_or(text.as_str(), |end| &text[..end]);
            assert!(!text.contains("@tr"), "{}: one way to translate, not two", path.display());
            for (number, line) in text.lines().enumerate() {
                let is_import = line.starts_with("import") || line.trim_start().starts_with("commands:");
                // A family of type, the window's title (it names no patient and is never seen in fullscreen), the shift key.
                let known = ["B612", "Bedside medication kiosk", "abc", "ABC"];
                for words in quoted(line)
                    .into_iter()
                    .filter(|words| !is_import && is_word(words) && !known.contains(words))
                {
                    found.push(format!("{}:{}: {words}", path.display(), number + 1));
                }
            }
        }
        assert!(found.is_empty(), "untranslated: {found:#?}");
    }

    #[test]
    fn the_view_says_no_word_of_its_own() {
        let mut found = Vec::new();
        for (path, text) in of("src/view", "rs") {
            let text = text.split("#[cfg(test)]").next().unwrap();
            for (number, line) in text.lines().enumerate() {
                // Names of checks, formats of times, units that every language writes so.
                let known = ["P7", "W2", "mL/h", "%H:%M", "CARGO_PKG_VERSION"];
                for words in quoted(line).into_iter().filter(|words| {
                    let without_holes =
                        words.replace("{brand}", "").replace("{text}", "").replace("{more}", "");
                    is_word(&without_holes) && !known.contains(words)
                }) {
                    found.push(format!("{}:{}: {words}", path.display(), number + 1));
                }
            }
        }
        assert!(found.is_empty(), "untranslated: {found:#?}");
    }
}
