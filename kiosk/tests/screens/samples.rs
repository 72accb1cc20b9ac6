//! Screens as the view would make them, with invented people, for the pictures and the accessibility tests.

mod dose;
mod forms;
mod lists;

use kiosk::model::{
    Banner, DosePanel, Header, Line, Mark, Model, NotRecorded, PinPad, Prompt, Receipt, Screen, SettingRow,
    Settings, Status,
};
use rights::phrase::Language;

pub(crate) use dose::{
    call, choice, contact, dose, heart_rate, infusion, late, long_name, measure, next_package, parts, pass,
    stop,
};
pub(crate) use forms::{
    NOT_GIVEN, birth_date, form_reason, lot, not_given, options, witness_amount, witness_pin, witness_scans,
};
pub(crate) use lists::{due, tasks};

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
        ("38-settings", settings()),
        ("39-training", training(due())),
        ("40-no-sound", Model { header: Header { sound: Some(Status { mark: Mark::Question, text: "Sound off".into() }), ..due().header }, ..due() }),
        ("41-others-away", others_away(due())),
        ("42-dose-infusion", dose(infusion())),
        ("37-late-or-witness", dose(DosePanel { call: Some("Call a witness".into()), ..late(Some(1)) })),
    ]
}

pub(crate) fn line(mark: Mark, title: &str, detail: &str, action: &str, check: &str) -> Line {
    Line { mark, title: title.into(), detail: detail.into(), action: action.into(), check: check.into() }
}

pub(crate) fn header(clinician: Option<&str>) -> Header {
    Header {
        sound: None,
        others: None,
        training: false,
        place: "3B · kiosk-03".into(),
        clock: "08:04".into(),
        clinician: clinician.map(Into::into),
        orders: Status { mark: Mark::Pass, text: "Orders as of 08:01".into() },
        camera: Status { mark: Mark::Question, text: "No camera: pictures".into() },
        mode: Some("DEMO: no real patients".into()),
    }
}

fn model(screen: Screen, clinician: Option<&str>) -> Model {
    Model {
        header: header(clinician),
        banner: None,
        screen,
        night: false,
        language: Language::English,
        preview: false,
        alarm: None,
    }
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

/// Training says so on every screen, in words, colour and behind everything.
pub(crate) fn training(model: Model) -> Model {
    let mode = Some("TRAINING – no real patients".into());
    Model { header: Header { training: true, mode, ..model.header }, ..model }
}

pub(crate) fn settings() -> Model {
    let row = |label: &str, mark, value: &str| SettingRow { label: label.into(), mark, value: value.into() };
    let settings = Settings {
        title: "Settings of this kiosk".into(),
        rows: vec![
            row("Camera", Mark::Pass, "Camera · 30 pictures a second · 0: Integrated camera"),
            row("Hand scanner", Mark::Stop, "Not found: /dev/kiosk-scanner · No code read yet"),
            row("Sound", Mark::Stop, "Off: no sound card"),
            row("Clock", Mark::Pass, "Checked against a trusted clock"),
            row("Ledger", Mark::Pass, "Open: hospital.example/3b/kiosk-03/g1 · Entry 1,842 written 08:04"),
            row("Cosigner", Mark::Pass, "Entry 1,836 cosigned 08:00"),
            row("Other kiosks", Mark::Question, "The ward's hub does not answer since 08:01"),
            row("Orders", Mark::Pass, "Heard 08:01"),
            row("Screen", Mark::Info, "Night colours by the clock · Night 21:00 to 06:30"),
            row("Version", Mark::Info, "0.1.0"),
        ],
        actions: ["Tone: pass", "Tone: question", "Tone: stop", "Louder", "Quieter"]
            .map(String::from)
            .to_vec(),
        cancel: "Back".into(),
    };
    Model { preview: true, ..model(Screen::Settings(settings), None) }
}

/// The ward's hub does not answer: what other kiosks gave is not known.
pub(crate) fn others_away(model: Model) -> Model {
    let orders = Status { mark: Mark::Question, text: "Kiosk alone since 08:01".into() };
    Model { header: Header { orders, ..model.header }, ..model }
}

/// Nothing at the top is as it should be.
pub(crate) fn all_is_wrong(model: Model) -> Model {
    let status = |mark, text: &str| Status { mark, text: text.into() };
    let header = Header {
        orders: status(Mark::Stop, "Orders not current: 08:01"),
        others: Some(status(Mark::Question, "Kiosk alone since 08:01")),
        camera: status(Mark::Stop, "Camera unplugged"),
        sound: Some(status(Mark::Question, "Sound off")),
        mode: None,
        ..model.header
    };
    Model { header, ..model }
}

/// Break-glass is said on every screen as long as it lasts.
pub(crate) fn emergency(model: Model) -> Model {
    Model { alarm: Some("BREAK-GLASS until 08:34 · emergency · checks are only told".into()), ..model }
}
