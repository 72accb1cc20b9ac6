//! Events in words, for the transcript. What was typed and written is left out: it may be a PIN.

use super::{JourneyEvent, OrderChange, OrdersSay};

/// An event as it is written in a journey.
pub(super) fn in_words(event: &JourneyEvent) -> String {
    match event {
        JourneyEvent::Scans(name) => format!("nurse scans {name}"),
        JourneyEvent::ScansText(text, symbology) => format!("nurse scans \"{text}\" as {symbology}"),
        JourneyEvent::Shows(name) => format!("nurse shows {name}"),
        JourneyEvent::Types(keys) => format!("nurse types {} keys", keys.len()),
        JourneyEvent::Taps(label) => format!("nurse taps \"{label}\""),
        JourneyEvent::Writes(_) => "nurse writes a note".into(),
        JourneyEvent::Orders(said) => said_in_words(said),
        JourneyEvent::Waits => "kiosk waits".into(),
        JourneyEvent::Restarts => "kiosk restarts".into(),
        JourneyEvent::PowerFails => "power fails".into(),
        JourneyEvent::DiskFails => "disk fails".into(),
        JourneyEvent::DiskWorks => "disk works".into(),
        JourneyEvent::ClockOff(by) => format!("clock off \"{by}\""),
        JourneyEvent::ClockBack(by) => format!("clock back \"{by}\""),
        JourneyEvent::NetworkFails => "network fails".into(),
        JourneyEvent::NetworkWorks => "network works".into(),
    }
}

fn said_in_words(said: &OrdersSay) -> String {
    match said {
        OrdersSay::Status(id, change) => {
            let verb = match change {
                OrderChange::Stop => "stop",
                OrderChange::Hold => "hold",
                OrderChange::Resume => "resume",
            };
            format!("orders {verb} {id}")
        }
        OrdersSay::Set(id, what, value) => format!("orders set {id} {what} \"{value}\""),
        OrdersSay::New(id, like) => format!("orders new {id} like {like}"),
        OrdersSay::Value { patient, what, .. } => format!("orders value {patient} {what}"),
        OrdersSay::NilByMouth(patient, true) => format!("orders nil-by-mouth {patient}"),
        OrdersSay::NilByMouth(patient, false) => format!("orders food {patient}"),
        OrdersSay::Allergy(patient, ..) => format!("orders allergy {patient}"),
        OrdersSay::Discharge(patient) => format!("orders discharge {patient}"),
        OrdersSay::Move(patient, ward) => format!("orders move {patient} to \"{ward}\""),
        OrdersSay::Band(patient, _) => format!("orders band {patient}"),
        OrdersSay::Merge(patient, into) => format!("orders merge {patient} into {into}"),
        OrdersSay::Silent => "orders silent".into(),
        OrdersSay::Speak => "orders speak".into(),
        OrdersSay::Drug(item, what, value) => format!("drugs set {item} {what} \"{value}\""),
    }
}
