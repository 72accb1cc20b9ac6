//! The due list and the tasks of the ward.

use kiosk::model::{DueGroup, DueList, DueRow, Hour, Mark, Model, Screen, Stand, TimeLine};

use super::{AT_THE_BED, model, patient};

/// `words` are name, dose, when, state and last.
fn due_row(group: DueGroup, mark: Mark, words: [&str; 5], tags: &[&str]) -> DueRow {
    let [name, dose, when, state, last] = words.map(String::from);
    let tags = tags.iter().map(|&tag| tag.into()).collect();
    let act = match group {
        DueGroup::Done | DueGroup::Later => None,
        DueGroup::GoingOn => Some("Change or end the infusion".into()),
        DueGroup::Overdue | DueGroup::DueNow | DueGroup::AsNeeded | DueGroup::NotNow => {
            Some("Chart as not given".into())
        }
    };
    DueRow { group, mark, name, dose, when, state, last, tags, act }
}

pub(crate) fn due() -> Model {
    use DueGroup::{AsNeeded, Done, DueNow, GoingOn, Later, NotNow, Overdue};
    let metoprolol =
        ["metoprolol tartrate", "dose 50 mg · by mouth", "07:00", "Overdue 64 min", "Last 21:02 yesterday"];
    let heparin = ["heparin", "dose 5,000 units · under the skin", "08:00", "Due now", "Last 00:04"];
    let long = "amoxicillin and clavulanate potassium oral suspension";
    let amoxicillin = [long, "dose 10 mL · by mouth", "08:00", "Due now", "First dose"];
    let opioid = [
        "HYDROmorphone",
        "dose 0.5 mg · into a vein",
        "as needed",
        "Allowed from 12:10",
        "Last 08:10 · pain",
    ];
    let acetaminophen = ["acetaminophen", "dose 650 mg · by mouth", "as needed", "Allowed now", ""];
    let lisinopril = ["lisinopril", "dose 10 mg · by mouth", "12:00", "Allowed from 11:00", ""];
    let warfarin = ["warfarin", "dose 5 mg · by mouth", "18:00", "On hold by the prescriber", ""];
    let pantoprazole = ["pantoprazole", "dose 40 mg · by mouth", "07:00", "Given 07:12", ""];
    let docusate = ["docusate", "dose 100 mg · by mouth", "07:00", "Refused 07:13", ""];
    let rows = vec![
        due_row(Overdue, Mark::Question, metoprolol, &[]),
        due_row(DueNow, Mark::None, heparin, &["High alert"]),
        due_row(DueNow, Mark::None, amoxicillin, &["STAT"]),
        due_row(
            GoingOn,
            Mark::Info,
            ["sodium chloride 0.9 %", "100 mL/h · into a vein", "", "Running since 06:40", ""],
            &[],
        ),
        due_row(AsNeeded, Mark::None, opioid, &["PRN", "High alert"]),
        due_row(AsNeeded, Mark::None, acetaminophen, &["PRN"]),
        due_row(Later, Mark::None, lisinopril, &[]),
        due_row(NotNow, Mark::Info, warfarin, &["High alert"]),
        due_row(Done, Mark::Pass, pantoprazole, &[]),
        due_row(Done, Mark::Info, docusate, &[]),
    ];
    let list = DueList { time_line: Some(time_line()), ..due_list(rows, &AT_THE_BED, "Close this patient") };
    Model { preview: true, ..patient(Screen::DueList(list)) }
}

/// The axis at 08:04 of the lines above.
fn time_line() -> TimeLine {
    let hour = |at, label: &str| Hour { at, label: label.into() };
    let stand = |at, lane, group, mark, count| Stand { at, lane, group, mark, count };
    TimeLine {
        said: "Time line: 07:00 Overdue; 07:12 Done; 07:13 Done; 08:00 Due now × 2; 12:00 Later".into(),
        now: 500,
        hours: vec![
            hour(164, "00:00"),
            hour(331, "04:00"),
            hour(497, "08:00"),
            hour(664, "12:00"),
            hour(831, "16:00"),
            hour(997, "20:00"),
        ],
        doses: vec![
            stand(455, 0, DueGroup::Overdue, Mark::Question, 1),
            stand(464, 1, DueGroup::Done, Mark::Pass, 1),
            stand(465, 2, DueGroup::Done, Mark::Info, 1),
            stand(497, 0, DueGroup::DueNow, Mark::None, 2),
            stand(664, 0, DueGroup::Later, Mark::None, 1),
            stand(671, 1, DueGroup::AsNeeded, Mark::None, 1),
        ],
    }
}

fn due_list(rows: Vec<DueRow>, actions: &[&str], cancel: &str) -> DueList {
    let actions = actions.iter().map(|&action| action.into()).collect();
    DueList { time_line: None, rows, notices: Vec::new(), actions, cancel: cancel.into() }
}

pub(crate) fn tasks() -> Model {
    let waste =
        ["fentanyl", "75 mcg left (1.5 mL) · 3B-05", "", "Waste or return by 11:01", "R. ALVAREZ, RN"];
    let late = [
        "HYDROmorphone",
        "0.5 mg left (0.25 mL) · 3B-02",
        "",
        "Not wasted in time: 42 min",
        "C. BRENNAN, RN",
    ];
    let patch = ["nicotine", "21 mg patch · 3B-04", "", "Take it off: since 08:00", ""];
    let rows = vec![
        due_row(DueGroup::Overdue, Mark::Stop, late, &["C-II"]),
        due_row(DueGroup::Overdue, Mark::Question, waste, &["C-II"]),
        DueRow { act: None, ..due_row(DueGroup::DueNow, Mark::None, patch, &[]) },
    ];
    model(Screen::Tasks(due_list(rows, &[], "Back")), Some("R. ALVAREZ, RN"))
}
