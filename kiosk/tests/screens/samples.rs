//! Screens as the view would make them, with invented people, for the pictures and the accessibility tests.

use kiosk::model::{
    Ask, Banner, CompareRow, DosePanel, DueGroup, DueList, DueRow, Form, Header, Input, Line, Mark, Model,
    NotGivenPanel, NotRecorded, PinPad, Prompt, ReasonSheet, Receipt, RightRow, Screen, Status,
};

/// Every screen with the name of its picture.
pub(crate) fn all() -> Vec<(&'static str, Model)> {
    vec![
        ("01-locked", locked(None)),
        ("02-locked-trouble", locked(Some(line(Mark::Question, "This badge is not known here", "", "Ask the charge nurse", "")))),
        ("03-pin", pin()),
        ("04-identify", identify(None)),
        ("05-identify-stop", identify(Some(line(
            Mark::Stop,
            "Stop: this is not a wristband",
            "Scanned: a label from the chart. Only the band on the wrist tells who is in the bed.",
            "Scan the band on the patient's wrist",
            "P1",
        )))),
        ("06-due", due()),
        ("07-dose-pass", dose(pass())),
        ("08-dose-next", dose(next_package())),
        ("09-dose-choice", dose(choice())),
        ("10-dose-measure", dose(measure())),
        ("11-dose-parts", dose(parts())),
        ("12-dose-late", dose(late(None))),
        ("13-dose-early-contact", dose(contact())),
        ("14-dose-stop", dose(stop())),
        ("15-dose-long-name", dose(long_name())),
        ("16-dose-changed", dose(DosePanel { changed: Some("The order has changed since the scan: dose 25 mg, not 50 mg".into()), ..stop() })),
        ("17-not-given", not_given(None)),
        ("18-not-given-note", not_given(Some("Daughter asks to wait".into()))),
        ("19-saving", patient(Screen::Saving("Writing …".into()))),
        ("20-receipt", patient(Screen::Receipt(Receipt {
            title: "Given 08:04".into(),
            what: "metoprolol tartrate, dose 50 mg, by mouth".into(),
            entry: "Entry 1,842".into(),
            remains: String::new(),
            given: true,
        }))),
        ("21-receipt-waste", patient(Screen::Receipt(Receipt {
            title: "Given 10:31".into(),
            what: "morphine, dose 2.5 mg, into a vein".into(),
            entry: "Entry 1,843".into(),
            remains: "Waste due by 11:01: 7.5 mg, with a witness".into(),
            given: true,
        }))),
        ("22-receipt-refused", patient(Screen::Receipt(Receipt {
            title: "Refused 09:12".into(),
            what: "docusate, dose 100 mg, by mouth".into(),
            entry: "Entry 1,844".into(),
            remains: String::new(),
            given: false,
        }))),
        ("23-not-recorded", patient(Screen::NotRecorded(NotRecorded {
            title: "NOT RECORDED".into(),
            what: "metoprolol tartrate, dose 50 mg, by mouth, 08:04, GARCIA, Maria, MRN 3B0001, R. ALVAREZ RN".into(),
            action: "The kiosk could not write to its ledger. Do not scan on. Call biomedical engineering: 4410.".into(),
        }))),
        ("24-witness-scans", witness_scans()),
        ("25-witness-pin", witness_pin()),
        ("26-witness-amount", witness_amount()),
        ("27-birth-date", birth_date()),
        ("28-options", options()),
        ("29-form-reason", form_reason()),
        ("30-lot", lot("HP3310")),
        ("31-tasks", tasks()),
        ("32-dose-call", dose(call())),
        ("33-dose-heart-rate", dose(heart_rate())),
        ("34-emergency-due", emergency(due())),
        ("35-emergency-dose", emergency(dose(DosePanel { call: Some("Call a witness".into()), ..pass() }))),
        ("36-emergency-identify", emergency(identify(None))),
        ("37-late-or-witness", dose(DosePanel { call: Some("Call a witness".into()), ..late(Some(1)) })),
    ]
}

pub(crate) fn line(mark: Mark, title: &str, detail: &str, action: &str, check: &str) -> Line {
    Line { mark, title: title.into(), detail: detail.into(), action: action.into(), check: check.into() }
}

fn header(clinician: Option<&str>) -> Header {
    Header {
        place: "3B · kiosk-03".into(),
        clock: "08:04".into(),
        clinician: clinician.map(Into::into),
        orders: Status { mark: Mark::Pass, text: "Orders as of 08:01".into() },
        camera: Status { mark: Mark::Question, text: "No camera: pictures".into() },
        mode: Some("DEMO: no real patients".into()),
    }
}

fn model(screen: Screen, clinician: Option<&str>) -> Model {
    Model { header: header(clinician), banner: None, screen, night: false, preview: false, alarm: None }
}

pub(crate) fn locked(trouble: Option<Line>) -> Model {
    let prompt = Prompt {
        title: "Scan your badge".into(),
        hint: "Hold the code on your badge in the frame.".into(),
        trouble,
        actions: vec![],
    };
    Model { preview: true, ..model(Screen::Locked(prompt), None) }
}

pub(crate) fn pin() -> Model {
    let pad = PinPad {
        name: "R. ALVAREZ, RN".into(),
        typed: 3,
        trouble: Some("Wrong PIN. 2 tries are left before the badge is locked.".into()),
    };
    model(Screen::Pin(pad), None)
}

pub(crate) fn identify(trouble: Option<Line>) -> Model {
    let prompt = Prompt {
        title: "Scan the wristband".into(),
        hint: "On the patient's wrist. Ask for name and birth date.".into(),
        trouble,
        actions: IDENTIFY.map(String::from).to_vec(),
    };
    Model { preview: true, ..model(Screen::Identify(prompt), Some("R. ALVAREZ, RN")) }
}

pub(crate) fn patient(screen: Screen) -> Model {
    Model {
        banner: Some(Banner {
            name: "GARCIA, Maria".into(),
            birth: "Born 1951-03-14 (75 y)".into(),
            mrn: "MRN 3B0001".into(),
            bed: "Bed 3B-12".into(),
            allergies: "Allergies: penicillin (anaphylaxis), sulfonamides (rash)".into(),
            allergic: true,
        }),
        ..model(screen, Some("R. ALVAREZ, RN"))
    }
}

pub(crate) const IDENTIFY: [&str; 3] =
    ["The wristband cannot be scanned", "To do on the ward: 3", "Break-glass: emergency"];
pub(crate) const AT_THE_BED: [&str; 3] =
    ["The package cannot be scanned", "To do on the ward: 3", "Break-glass: emergency"];

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
    Model { preview: true, ..patient(Screen::DueList(due_list(rows, &AT_THE_BED, "Close this patient"))) }
}

fn due_list(rows: Vec<DueRow>, actions: &[&str], cancel: &str) -> DueList {
    let actions = actions.iter().map(|&action| action.into()).collect();
    DueList { rows, notice: None, actions, cancel: cancel.into() }
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

fn form(title: &str, text: &str, hint: &str, input: Input) -> Form {
    let (title, text, hint) = (title.into(), text.into(), hint.into());
    Form { title, text, hint, trouble: None, input, extra: None, cancel: "Back".into() }
}

/// The witness scans: no number of the giver is on the screen.
pub(crate) fn witness_scans() -> Model {
    let form = Form {
        extra: Some("The package cannot be scanned".into()),
        ..form(
            "Second clinician: C. BRENNAN, RN",
            "Scan the package",
            "The code on the medication that is to be given.",
            Input::Scan,
        )
    };
    Model { preview: true, ..patient(Screen::Form(form)) }
}

pub(crate) fn witness_pin() -> Model {
    let wrong = line(Mark::Stop, "Wrong PIN", "", "Type it again", "W2");
    let form = form("Second clinician", "Colm Brennan: type your PIN", "", Input::Pin(3));
    model(Screen::Form(Form { trouble: Some(wrong), ..form }), Some("R. ALVAREZ, RN"))
}

pub(crate) fn witness_amount() -> Model {
    let input =
        Input::Number { typed: "0.5".into(), unit: "mL".into(), decimal: true, enter: "This amount".into() };
    let hint = "Read the order and the syringe yourself. Nobody tells you the amount.";
    patient(Screen::Form(form(
        "Second clinician: C. BRENNAN, RN",
        "heparin: how much is to be given?",
        hint,
        input,
    )))
}

pub(crate) fn birth_date() -> Model {
    let input = Input::Number {
        typed: "1951-03-".into(),
        unit: String::new(),
        decimal: false,
        enter: "This date".into(),
    };
    let hint = "Ask the patient. Year, month, day.";
    model(
        Screen::Form(form("The wristband cannot be scanned", "The patient's birth date", hint, input)),
        Some("R. ALVAREZ, RN"),
    )
}

pub(crate) fn options() -> Model {
    let all =
        ["Change the rate", "Pause the infusion", "Give a bolus", "Stop the infusion", "The bag is empty"];
    let input = Input::Options(all.map(String::from).to_vec());
    patient(Screen::Form(form("sodium chloride 0.9 %, 100 mL/h", "What do you chart?", "", input)))
}

pub(crate) fn form_reason() -> Model {
    let sheet = ReasonSheet { chosen: Some(2), complete: true, ..reasons("Why is it wasted?", &WASTE) };
    let mut form = form("Waste: fentanyl", "", "", Input::Reason(sheet));
    form.trouble = Some(line(Mark::Question, "The reason is not complete", "", "Choose one", ""));
    patient(Screen::Form(form))
}

pub(crate) fn lot(typed: &str) -> Model {
    let input =
        Input::Text { typed: typed.into(), complete: !typed.is_empty(), send: "This is the lot".into() };
    patient(Screen::Form(form(
        "The package cannot be scanned",
        "The lot, as printed",
        "It stands beside the word LOT.",
        input,
    )))
}

pub(crate) const WASTE: [&str; 10] = [
    "Partial dose",
    "Dropped",
    "Refused after opening",
    "Order changed after preparation",
    "Spilled",
    "Expired after opening",
    "Vomited",
    "Line primed",
    "Patch removed",
    "Other",
];

/// Break-glass is said on every screen as long as it lasts.
pub(crate) fn emergency(model: Model) -> Model {
    Model { alarm: Some("BREAK-GLASS until 08:34 · emergency · checks are only told".into()), ..model }
}

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
    let options =
        ["08:00 · dose 50 mg · by mouth", "As needed · dose 25 mg · by mouth · systolic pressure over 180"];
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
                parts: vec!["½ tablet".into(), "1 tablet".into()],
                enter: "This amount".into(),
            },
        )
    }
}

fn reasons(text: &str, list: &[&str]) -> ReasonSheet {
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

pub(crate) const NOT_GIVEN: [&str; 19] = [
    "refused",
    "NPO",
    "asleep",
    "off unit",
    "on pass",
    "vomiting",
    "no IV access",
    "tube not usable",
    "not available",
    "order unclear, prescriber called",
    "parameter out of range",
    "allergy suspected",
    "adverse reaction suspected",
    "given elsewhere",
    "duplicate order",
    "deceased or discharged",
    "given by another discipline",
    "self-administered",
    "other",
];

pub(crate) fn not_given(note: Option<String>) -> Model {
    let sheet = ReasonSheet {
        chosen: note.as_ref().map(|_| 18),
        complete: note.is_some(),
        note,
        send: "Record as refused".into(),
        ..reasons("Why was it not given?", &NOT_GIVEN)
    };
    patient(Screen::NotGiven(NotGivenPanel {
        title: "metoprolol tartrate, dose 50 mg, by mouth, 08:00".into(),
        outcomes: ["Held", "Refused", "Missing", "Not given"].map(String::from).to_vec(),
        outcome: Some(1),
        reason: sheet,
        cancel: "Back".into(),
    }))
}
