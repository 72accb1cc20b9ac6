//! Doses in hand.

use kiosk::model::{Ask, CompareRow, DosePanel, Mark, Model, ReasonSheet, RightRow, Screen};

use super::{line, patient};

pub(crate) fn call() -> DosePanel {
    let text = "A second clinician must check it, without seeing your numbers.";
    question("Witness needed", Ask::Call { text: text.into(), button: "Call the witness".into() })
}

pub(crate) fn heart_rate() -> DosePanel {
    let mut panel = question(
        "Enter the heart rate",
        Ask::Number {
            text: "Measure it now, then type it".into(),
            typed: "54".into(),
            unit: "/min".into(),
            decimal: false,
            parts: vec![],
            enter: "This value".into(),
        },
    );
    panel.findings = vec![line(
        Mark::Question,
        "Heart rate: too old",
        "Hold if below 60 /min. Last: 72 /min at 05:02.",
        "Measure it and type it",
        "C2",
    )];
    panel
}

pub(crate) fn dose(panel: DosePanel) -> Model {
    let preview = matches!(panel.ask, Ask::NextPackage { .. });
    Model { preview, ..patient(Screen::Dose(panel)) }
}

fn compare(label: &str, ordered: &str, scanned: &str, mark: Mark) -> CompareRow {
    CompareRow { label: label.into(), ordered: dose_text(ordered), scanned: dose_text(scanned), mark }
}

fn right(name: &str, mark: Mark, how: &str) -> RightRow {
    RightRow { name: name.into(), mark, how: dose_text(how) }
}

/// With the no-break space before the unit that the phrases have.
fn dose_text(text: &str) -> String {
    [" mg", " mL"].iter().fold(text.to_owned(), |text, unit| text.replace(unit, &unit.replace(' ', "\u{a0}")))
}

pub(crate) fn pass() -> DosePanel {
    DosePanel {
        mark: Mark::Pass,
        title: "All five rights".into(),
        drug: dose_text("metoprolol tartrate 25 mg tablet"),
        progress: "2 of 2 tablets scanned".into(),
        compare: vec![
            compare("Drug", "metoprolol tartrate", "metoprolol tartrate", Mark::Pass),
            compare("Dose", "50 mg", "2 × 25 mg = 50 mg", Mark::Pass),
            compare("Form", "tablet", "tablet", Mark::Pass),
            compare("Route", "by mouth", "by mouth", Mark::Pass),
            compare("Time", "08:00", "08:04", Mark::Pass),
        ],
        rights: vec![
            right("Patient", Mark::Pass, "Wristband scanned 08:03"),
            right("Medication", Mark::Pass, "2 packages scanned 08:04"),
            right("Dose", Mark::Pass, "50 mg of 50 mg, exactly"),
            right("Route", Mark::Pass, "By mouth suits a tablet"),
            right("Time", Mark::Pass, "In the window 07:00 to 09:00"),
        ],
        findings: vec![line(
            Mark::Info,
            "Looks like: metoprolol SUCCINATE",
            "Also ordered for this ward.",
            "",
            "M8",
        )],
        changed: None,
        ask: Ask::Nothing,
        call: None,
        earlier: Some("Taken earlier".into()),
        confirm: Some("Patient has taken it".into()),
        put_back: Some("Put it back".into()),
        cancel: "Cancel".into(),
    }
}

/// The most rows that are compared: an infusion by weight, charted for an earlier time.
pub(crate) fn infusion() -> DosePanel {
    let mut panel = pass();
    panel.drug = dose_text("heparin sodium, dose 250 mL");
    panel.compare[0] = compare("Drug", "heparin sodium", "heparin sodium", Mark::Pass);
    panel.compare[1] = compare("Dose", "25,000 units", "25,000 units", Mark::Pass);
    panel.compare[2] = compare("Form", "injection", "injection", Mark::Pass);
    panel.compare[3] = compare("Route", "into a vein (IV)", "into a vein (IV)", Mark::Pass);
    panel.compare[4] = compare("Time", "continuous", "29 Nov, 23:30 (taken earlier)", Mark::Pass);
    panel.compare.insert(3, compare("Rate", "840 units/h to 1,000 units/h", "pump at 8.4 mL/h", Mark::Pass));
    panel.rights[2] = right("Dose", Mark::Pass, "Pump at 8.4 mL/h, as ordered");
    panel
}

fn question(title: &str, ask: Ask) -> DosePanel {
    let earlier = matches!(ask, Ask::Reason(_)).then(|| "Taken earlier".into());
    DosePanel { mark: Mark::Question, title: title.into(), ask, confirm: None, earlier, ..pass() }
}

pub(crate) fn next_package() -> DosePanel {
    let mut panel = question(
        "Scan 1 more tablet",
        Ask::NextPackage { text: "Scan the next tablet: 25 mg of 50 mg".into(), no_more: "Give less".into() },
    );
    panel.progress = "1 of 2 tablets scanned".into();
    panel.findings = vec![];
    panel.compare[1] = compare("Dose", "50 mg", "25 mg so far", Mark::Question);
    panel.rights[2] = right("Dose", Mark::Question, "25 mg of 50 mg");
    panel
}

pub(crate) fn choice() -> DosePanel {
    let options = [
        "fentaNYL citrate, dose 25 mcg, into a vein (IV), due 08:00",
        "fentaNYL citrate, dose 25 mcg, into a muscle (IM), for severe pain, as needed",
        "fentaNYL citrate, dose 25 mcg, into a vein (IV), for severe pain, as needed",
    ];
    question(
        "Which order is this for?",
        Ask::Choice {
            text: "Two orders fit this package. Choose one.".into(),
            options: options.map(String::from).to_vec(),
        },
    )
}

pub(crate) fn measure() -> DosePanel {
    DosePanel {
        drug: "morphine 10 mg/mL injection".into(),
        progress: "1 vial scanned".into(),
        findings: vec![],
        ..question(
            "Measure the dose",
            Ask::Number {
                text: "Draw up 0.25 mL, then type what is in the syringe".into(),
                typed: "0.2".into(),
                unit: "mL".into(),
                decimal: true,
                parts: vec![],
                enter: "This amount".into(),
            },
        )
    }
}

pub(crate) fn parts() -> DosePanel {
    DosePanel {
        findings: vec![],
        ..question(
            "More than ordered",
            Ask::Number {
                text: "The tablet has a score. Which part is given?".into(),
                typed: String::new(),
                unit: "tablet".into(),
                decimal: false,
                parts: vec!["½ tablet".into(), "1 tablet".into()],
                enter: "This amount".into(),
            },
        )
    }
}

pub(super) fn reasons(text: &str, list: &[&str]) -> ReasonSheet {
    ReasonSheet {
        text: text.into(),
        reasons: list.iter().map(|&reason| reason.into()).collect(),
        chosen: None,
        contact: None,
        contacts: vec![],
        contacted: None,
        note: None,
        complete: false,
        send: "Record the reason".into(),
    }
}

const LATE: [&str; 11] = [
    "from pharmacy",
    "off unit",
    "asleep",
    "NPO or procedure",
    "IV access",
    "awaiting lab or vital sign",
    "workload",
    "refused earlier",
    "downtime",
    "scanner",
    "other",
];

pub(crate) fn late(chosen: Option<usize>) -> DosePanel {
    let sheet = ReasonSheet { chosen, complete: chosen.is_some(), ..reasons("Late. Why?", &LATE) };
    let mut panel = question("Late: say why", Ask::Reason(sheet));
    panel.findings = vec![line(
        Mark::Question,
        "Late by 64 min",
        "Due 07:00, allowed until 08:00. Now 09:04.",
        "Say why, then give it",
        "T3",
    )];
    panel.compare[4] = compare("Time", "07:00", "09:04", Mark::Question);
    panel.rights[4] = right("Time", Mark::Question, "64 min after the window");
    panel
}

pub(crate) fn contact() -> DosePanel {
    let sheet = ReasonSheet {
        chosen: Some(10),
        contact: Some("Whom did you call?".into()),
        contacts: vec!["Prescriber".into(), "Pharmacist".into()],
        contacted: Some(1),
        note: Some("Procedure moved to 10:00".into()),
        complete: true,
        ..reasons("Too early. Why?", &LATE)
    };
    let mut panel = question("Too early: call first", Ask::Reason(sheet));
    panel.findings = vec![line(
        Mark::Question,
        "Only 3 h since the last dose",
        "Ordered every 6 h. Last given 05:02.",
        "Call the prescriber or the pharmacist",
        "T2",
    )];
    panel
}

pub(crate) fn stop() -> DosePanel {
    let mut panel = pass();
    panel.mark = Mark::Stop;
    panel.title = "Stop: not ordered for this patient".into();
    panel.drug = "metoprolol SUCCINATE extended-release 50 mg tablet".into();
    panel.progress = String::new();
    panel.compare[0] = compare("Drug", "metoprolol tartrate", "metoprolol SUCCINATE", Mark::Stop);
    panel.compare[1] = compare("Dose", "50 mg", "50 mg", Mark::None);
    panel.compare[2] = compare("Form", "tablet", "extended-release tablet", Mark::Stop);
    panel.rights[1] = right("Medication", Mark::Stop, "No active order for it");
    panel.rights[2] = right("Dose", Mark::None, "Not looked at");
    panel.findings = vec![
        line(
            Mark::Stop,
            "No active order for metoprolol SUCCINATE",
            "Ordered is metoprolol tartrate: another salt, with another duration.",
            "Put it back. Ask the pharmacy for metoprolol tartrate 25 mg tablets",
            "M7",
        ),
        line(Mark::Info, "Lot unknown", "The code on this package carries no lot.", "", "M6"),
    ];
    panel.confirm = None;
    panel.earlier = None;
    panel
}

pub(crate) fn long_name() -> DosePanel {
    DosePanel {
        drug: "sulfamethoxazole 400 mg and trimethoprim 80 mg per 5 mL concentrate for solution for infusion"
            .into(),
        ..pass()
    }
}
