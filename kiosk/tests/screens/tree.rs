//! What a screen reader is told, and what a finger can reach.

use std::collections::HashSet;

use i_slint_backend_testing::AccessibleRole;
use kiosk::model::{Act, Ask, DosePanel, Mark, Model, Screen};

use crate::samples;
use crate::stage::Stage;

const TAP: f32 = 68.0;
const BIG_TAP: f32 = 118.0;

#[test]
fn everything_that_can_be_tapped_has_a_role_a_label_and_68_pixels() {
    let stage = Stage::new();
    let mut seen = 0;
    for (name, model) in samples::all() {
        stage.show(&model);
        for element in stage.tappable() {
            let label = element.accessible_label().unwrap_or_default();
            assert!(!label.is_empty(), "{name}: a control at {:?} has no label", element.absolute_position());
            let size = element.size();
            assert!(
                size.width >= TAP && size.height >= TAP,
                "{name}: {label:?} is {}x{}",
                size.width,
                size.height
            );
            seen += 1;
        }
    }
    assert!(seen > 150, "only {seen} controls were looked at");
}

/// The two ways a control could escape the test above: a bare touch area, or a control without a role.
#[test]
fn every_touch_area_belongs_to_a_labelled_control() {
    let stage = Stage::new();
    for (name, model) in samples::all() {
        stage.show(&model);
        let controls: HashSet<_> = stage.tappable().iter().map(place).collect();
        for element in stage.elements() {
            if element.type_name().is_some_and(|kind| kind == "TouchArea") && element.size().width > 0.0 {
                assert!(
                    controls.contains(&place(&element)),
                    "{name}: a touch area at {:?} is no control",
                    element.absolute_position()
                );
            }
        }
    }
}

fn place(element: &i_slint_backend_testing::ElementHandle) -> [String; 4] {
    let (at, size) = (element.absolute_position(), element.size());
    [at.x, at.y, size.width, size.height].map(|side| format!("{side:.0}"))
}

#[test]
fn give_override_stop_and_pin_keys_are_20_mm() {
    let stage = Stage::new();
    let big = |label: &str| {
        let size = stage.find(label).unwrap_or_else(|| panic!("no {label:?}")).size();
        assert!(
            size.width >= BIG_TAP && size.height >= BIG_TAP,
            "{label:?} is {}x{}",
            size.width,
            size.height
        );
    };
    stage.show(&samples::dose(samples::pass()));
    big("Patient has taken it");
    big("Put it back");
    big("Cancel");
    stage.show(&samples::dose(samples::late(Some(0))));
    big("Record the reason");
    stage.show(&samples::dose(samples::next_package()));
    big("Give less");
    stage.show(&samples::dose(samples::stop()));
    big("Put it back");
    for model in [samples::pin(), samples::witness_pin()] {
        stage.show(&model);
        for key in ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "Enter", "Erase the last digit"] {
            big(key);
        }
    }
}

/// The only way to say that a dose was given is the button with the model's words. Where the model has none, nothing says it.
#[test]
fn on_a_stop_no_control_confirms() {
    let stage = Stage::new();
    let confirm = samples::pass().confirm.unwrap();
    stage.show(&samples::dose(samples::pass()));
    assert!(stage.find(&confirm).is_some(), "the control exists when the model names it");
    for panel in
        [samples::stop(), samples::late(None), samples::next_package(), samples::choice(), samples::measure()]
    {
        assert_eq!(panel.confirm, None);
        stage.show(&samples::dose(panel));
        assert_eq!(stage.find(&confirm).map(|element| element.size()), None);
        assert!(!stage.words().iter().any(|words| words.contains(&confirm)));
        for element in stage.tappable() {
            element.invoke_accessible_default_action();
        }
        assert!(!stage.taken().contains(&Act::Confirm), "no control on this screen leads to Confirm");
    }
    let stopped: Vec<_> = {
        stage.show(&samples::dose(samples::stop()));
        stage.tappable().iter().filter_map(i_slint_backend_testing::ElementHandle::accessible_label).collect()
    };
    assert!(
        ["Cancel", "Put it back", "Night colours", "Sign off"]
            .iter()
            .all(|label| stopped.iter().any(|text| text == label))
    );
    assert_eq!(stopped.len(), 4, "a stop offers only ways back: {stopped:?}");
}

/// The digits go through as acts and come back as a number of dots.
#[test]
fn pin_digits_never_appear() {
    let stage = Stage::new();
    stage.show(&samples::pin());
    let before = stage.words();
    for digit in ["7", "3", "9"] {
        stage.tap(digit);
    }
    assert_eq!(stage.taken(), [Act::Key('7'), Act::Key('3'), Act::Key('9')]);
    stage.show(&samples::pin());
    assert_eq!(stage.words(), before, "what was typed changes no word on the screen");
    assert!(before.iter().any(|words| words == "Digits typed: 3"));
}

#[test]
fn the_locked_screen_says_nothing_about_a_patient() {
    let stage = Stage::new();
    stage.show(&samples::due());
    assert!(stage.words().iter().any(|words| words.contains("GARCIA")));
    stage.show(&samples::locked(None));
    let words = stage.words().join("\n");
    for secret in ["GARCIA", "3B0001", "1951", "penicillin", "metoprolol", "ALVAREZ"] {
        assert!(!words.contains(secret), "{secret} is still said");
    }
    assert!(stage.find("Sign off").is_none());
}

#[test]
fn each_word_of_the_model_is_on_the_screen() {
    let stage = Stage::new();
    let panel = short_stop();
    stage.show(&samples::dose(panel.clone()));
    let words = stage.words();
    let said = |text: &str| words.iter().any(|words| words == text || words.ends_with(text));
    let DosePanel { title, drug, cancel, put_back, findings, compare, rights, .. } = &panel;
    for text in [title, drug, cancel, put_back.as_ref().unwrap()] {
        assert!(said(text), "{text:?} is missing");
    }
    for line in findings {
        assert!(said(&line.title) && said(&line.check), "{:?} is missing", line.title);
        assert!(
            (line.detail.is_empty() || said(&line.detail)) && (line.action.is_empty() || said(&line.action))
        );
    }
    for row in compare {
        assert!(said(&row.label) && said(&row.ordered) && said(&row.scanned), "{:?} is missing", row.label);
    }
    for right in rights {
        assert!(said(&right.name) && said(&right.how), "{:?} is missing", right.name);
    }
}

/// W3: what the giver has prepared is nowhere on the screens of the second person; and break-glass is said on every screen.
#[test]
fn a_second_person_sees_no_number_and_an_emergency_is_said_everywhere() {
    let stage = Stage::new();
    stage.show(&samples::dose(samples::measure()));
    for model in [samples::witness_scans(), samples::witness_pin()] {
        stage.show(&model);
        let words = stage.words().join("\n");
        for secret in ["0.25", "0.2 mL", "morphine"] {
            assert!(!words.contains(secret), "{secret} is still said");
        }
    }
    for (name, model) in samples::all() {
        let model = samples::emergency(model);
        stage.show(&model);
        let alarm = model.alarm.unwrap();
        assert!(stage.words().contains(&alarm), "{name}");
    }
}

/// The way out is in sight on each list, also while the alarm takes a part of the height.
#[test]
fn the_way_back_is_in_sight_on_every_list_and_form() {
    let stage = Stage::new();
    let all = [
        (samples::due(), "Close this patient"),
        (samples::tasks(), "Back"),
        (samples::options(), "Back"),
        (samples::witness_pin(), "Back"),
        (samples::witness_amount(), "Back"),
        (samples::form_reason(), "Back"),
        (
            samples::all().into_iter().find(|(name, _)| *name == "23-not-recorded").unwrap().1,
            "I have written it down",
        ),
    ];
    for (model, label) in all {
        for model in [model.clone(), samples::emergency(model)] {
            stage.show(&model);
            let element = stage.find(label).unwrap_or_else(|| panic!("{label} is not in sight"));
            let bottom = element.absolute_position().y + element.size().height;
            assert!(bottom <= 800.0, "{label} ends at {bottom} (alarm: {:?})", model.alarm);
        }
    }
}

/// All reasons are in reach without scrolling: two rows of them are never under the edge.
#[test]
fn reasons_fit_on_one_screen() {
    let stage = Stage::new();
    stage.show(&samples::not_given(None));
    for reason in samples::NOT_GIVEN {
        let element = stage.find(reason).unwrap_or_else(|| panic!("{reason} is not in sight"));
        let bottom = element.absolute_position().y + element.size().height;
        assert!(bottom <= 800.0 - BIG_TAP, "{reason} ends at {bottom}");
    }
    stage.show(&samples::dose(samples::contact()));
    let Screen::Dose(DosePanel { ask: Ask::Reason(sheet), .. }) = samples::dose(samples::contact()).screen
    else {
        panic!("the sample asks for a reason");
    };
    for reason in &sheet.reasons {
        let element = stage.find(reason).unwrap_or_else(|| panic!("{reason} is not in sight"));
        assert!(element.absolute_position().y + element.size().height <= 800.0 - BIG_TAP, "{reason} is cut");
    }
}

#[test]
fn each_control_leads_to_its_act() {
    let stage = Stage::new();
    let check = |model: &Model, label: &str, act: Act| {
        stage.show(model);
        stage.tap(label);
        assert_eq!(stage.taken(), [act], "{label}");
    };
    check(&samples::pin(), "Enter", Act::Enter);
    check(&samples::pin(), "Erase the last digit", Act::Erase);
    check(&samples::pin(), "Cancel", Act::Cancel);
    check(&samples::pin(), "Night colours", Act::Night);
    check(&samples::due(), "Sign off", Act::SignOff);
    check(&samples::due(), "Close this patient", Act::Cancel);
    check(
        &samples::due(),
        "metoprolol tartrate, dose 50 mg · by mouth, 07:00, Overdue 64 min. Chart as not given",
        Act::Row(0),
    );
    check(&samples::dose(samples::pass()), "Patient has taken it", Act::Confirm);
    check(&samples::dose(samples::pass()), "Put it back", Act::PutBack);
    check(&samples::dose(samples::pass()), "Cancel", Act::Cancel);
    check(&samples::dose(samples::next_package()), "Give less", Act::NoMore);
    check(
        &samples::dose(samples::choice()),
        "fentaNYL citrate, dose 25 mcg, into a vein (IV), due 08:00",
        Act::Option(0),
    );
    check(&samples::dose(samples::measure()), "Decimal point", Act::Key('.'));
    check(&samples::dose(samples::measure()), "This amount", Act::Enter);
    check(&samples::dose(samples::parts()), "½ tablet", Act::Option(0));
    check(&samples::dose(samples::late(None)), "asleep", Act::Reason(2));
    check(&samples::dose(samples::late(Some(2))), "Record the reason", Act::Send);
    check(&samples::not_given(None), "Refused", Act::Outcome(1));
    check(&samples::not_given(None), "on pass", Act::Reason(4));
    let receipt = samples::all().into_iter().find(|(name, _)| *name == "20-receipt").unwrap().1;
    check(&receipt, "Continue", Act::Continue);
    check(&samples::identify(None), samples::IDENTIFY[0], Act::Action(0));
    check(&samples::due(), samples::AT_THE_BED[2], Act::Action(2));
    check(&samples::tasks(), "Back", Act::Cancel);
    check(
        &samples::tasks(),
        "HYDROmorphone, 0.5 mg left (0.25 mL) · 3B-02, , Not wasted in time: 42 min. Chart as not given",
        Act::Row(0),
    );
    check(&samples::dose(samples::call()), "Call the witness", Act::Call);
    check(&samples::dose(samples::pass()), "Taken earlier", Act::Earlier);
    check(&samples::dose(samples::heart_rate()), "This value", Act::Enter);
    check(&samples::witness_scans(), "The package cannot be scanned", Act::Extra);
    check(&samples::witness_pin(), "Enter", Act::Enter);
    check(&samples::witness_amount(), "This amount", Act::Enter);
    check(&samples::witness_amount(), "Decimal point", Act::Key('.'));
    check(&samples::birth_date(), "This date", Act::Enter);
    check(&samples::options(), "Give a bolus", Act::Option(2));
    check(&samples::form_reason(), "Spilled", Act::Reason(4));
    check(&samples::form_reason(), "Record the reason", Act::Send);
    check(&samples::lot("HP3310"), "This is the lot", Act::Send);
    let failure = samples::all().into_iter().find(|(name, _)| *name == "23-not-recorded").unwrap().1;
    check(&failure, "I have written it down", Act::Continue);
}

#[test]
fn an_incomplete_answer_cannot_be_sent() {
    let stage = Stage::new();
    stage.show(&samples::dose(samples::late(None)));
    stage.tap("Record the reason");
    assert_eq!(stage.taken(), []);
    let send = stage.find("Record the reason").unwrap();
    assert_eq!(send.accessible_enabled(), Some(false));
    send.invoke_accessible_default_action();
    assert_eq!(stage.taken(), []);
}

#[test]
fn a_note_is_written_on_the_screens_own_keyboard() {
    let stage = Stage::new();
    stage.show(&samples::dose(samples::late(None)));
    stage.show(&samples::not_given(Some(String::new())));
    assert!(stage.find("q").is_some(), "a reason that needs a note opens the keyboard");
    for key in ["n", "o", "space"] {
        stage.tap(key);
    }
    stage.tap("Erase");
    let notes = ["n", "no", "no ", "no"].map(|text| Act::Note(text.into()));
    assert_eq!(stage.taken(), notes);
    stage.tap("Done");
    assert!(stage.find("q").is_none());
    assert!(stage.find("Note: no").is_some());
}

/// A tick of the clock keeps the list where the finger has moved it.
#[test]
fn a_new_minute_does_not_move_the_list() {
    let stage = Stage::new();
    let model = samples::due();
    stage.show(&model);
    let place = |stage: &Stage| stage.tappable().iter().map(place).collect::<Vec<_>>();
    let top = place(&stage);
    stage.tap("Further down");
    let moved = place(&stage);
    assert_ne!(top, moved);
    let mut later = model;
    later.header.clock = "08:05".into();
    if let Screen::DueList(list) = &mut later.screen {
        list.rows[0].state = "Overdue 65 min".into();
    }
    stage.show(&later);
    assert_eq!(place(&stage), moved);
    assert!(stage.words().iter().any(|words| words == "08:05"));
}

/// A stop with so few lines that nothing lies under the edge, where the tree leaves it out.
fn short_stop() -> DosePanel {
    let mut panel = samples::stop();
    panel.compare.truncate(1);
    panel.findings.truncate(1);
    panel.findings[0].detail = String::new();
    panel.drug = "metoprolol SUCCINATE 50 mg".into();
    panel
}

#[test]
fn weights_are_said_in_words() {
    let stage = Stage::new();
    stage.show(&samples::dose(short_stop()));
    let shapes = |label: &str| {
        stage
            .elements()
            .iter()
            .filter(|element| element.accessible_role() == Some(AccessibleRole::Image))
            .filter(|element| element.accessible_label().is_some_and(|text| text == label))
            .count()
    };
    let panel = short_stop();
    let stops = panel.compare.iter().map(|row| row.mark).chain(panel.rights.iter().map(|right| right.mark));
    let stops =
        stops.chain(panel.findings.iter().map(|line| line.mark)).filter(|&mark| mark == Mark::Stop).count();
    assert!(
        shapes("Stop") >= stops,
        "each weight has its shape with its word: {} of {stops}",
        shapes("Stop")
    );
}
