//! The stable JSON shapes of the command line: fields are added, never renamed.

use rights::scan::{Badge, Meaning, PackageKey, PrintedExpiry, ScanFault, Wristband};
use scanner::gs1::Parsed;
use scanner::symbol::Symbol;
use serde_json::{Value, json};

/// A symbol with its interpretation; `gs1` is empty unless the symbol says that it is GS1.
pub(super) fn symbol(symbol: &Symbol, elements: &[Value], meaning: &Meaning) -> Value {
    json!({
        "symbology": symbol.symbology.name(),
        "identifier": symbol.aim,
        "text": symbol.text,
        "gs1": elements,
        "position": symbol.position,
        "engine": symbol.engine.name(),
        "meaning": self::meaning(meaning),
    })
}

/// The elements of an element string, those that are right by themselves.
pub(super) fn elements(parsed: &Parsed) -> Vec<Value> {
    parsed
        .elements
        .iter()
        .map(|element| json!({ "ai": element.ai(), "value": element.value(), "title": element.title() }))
        .collect()
}

/// What was read, or every fault.
pub(super) fn meaning(meaning: &Meaning) -> Value {
    let kind = meaning.kind();
    match meaning {
        Meaning::Wristband(Wristband::Gs1 { gsrn, serial }) => {
            json!({ "kind": kind, "format": "gs1", "gsrn": gsrn.as_str(), "serial": serial.as_str() })
        }
        Meaning::Wristband(Wristband::Site { mrn, serial }) => {
            json!({ "kind": kind, "format": "site", "mrn": mrn.as_str(), "serial": serial.as_str() })
        }
        Meaning::Badge(Badge::Gs1(gsrn)) => json!({ "kind": kind, "format": "gs1", "gsrn": gsrn.as_str() }),
        Meaning::Badge(Badge::Site(badge)) => {
            json!({ "kind": kind, "format": "site", "badge": badge.as_str() })
        }
        Meaning::Dose(dose) => json!({ "kind": kind, "dose": dose.as_str() }),
        Meaning::Nothing(faults) => {
            json!({ "kind": kind, "faults": faults.iter().map(fault).collect::<Vec<_>>() })
        }
        Meaning::Package(package) => {
            let (format, key) = match &package.key {
                PackageKey::Gtin(gtin) => ("gtin", gtin.as_str()),
                PackageKey::Ndc(ndc) => ("ndc", ndc.as_str()),
                PackageKey::Hibc(hibc) => ("hibc", hibc.as_str()),
            };
            let mut value = json!({ "kind": kind, "format": format, format: key });
            if let Some(expiry) = &package.expiry {
                let (precision, text) = match expiry {
                    PrintedExpiry::Day(day) => ("day", day.to_string()),
                    PrintedExpiry::EndOfMonth(day) => ("end_of_month", day.to_string()),
                    PrintedExpiry::Minute(day, time) => {
                        ("minute", format!("{day}T{}", time.strftime("%H:%M")))
                    }
                };
                value["expiry"] = json!(text);
                value["expiry_precision"] = json!(precision);
            }
            if let Some(lot) = &package.lot {
                value["lot"] = json!(lot.as_str());
            }
            if let Some(serial) = &package.serial {
                value["serial"] = json!(serial.as_str());
            }
            value
        }
    }
}

fn fault(fault: &ScanFault) -> Value {
    json!({
        "fault": fault.kind.name(),
        "part": fault.part,
        "position": fault.position,
        "found": fault.found,
        "expected": fault.expected,
    })
}

/// A meaning in one line for people.
pub(super) fn sentence(meaning: &Meaning) -> String {
    match meaning {
        Meaning::Nothing(faults) => faults.iter().map(fault_sentence).collect::<Vec<_>>().join("; "),
        other => {
            let value = self::meaning(other);
            let fields = value.as_object().into_iter().flatten();
            let pairs: Vec<String> = fields
                .filter(|(name, _)| *name != "kind" && *name != "format")
                .map(|(name, value)| format!("{name} {}", value.as_str().unwrap_or_default()))
                .collect();
            format!("{}: {}", other.kind(), pairs.join(", "))
        }
    }
}

/// One fault as a pharmacist would say it.
pub(super) fn fault_sentence(fault: &ScanFault) -> String {
    let place = fault.position.map(|at| format!(", character {at}")).unwrap_or_default();
    let found = fault.found.as_ref().map(|found| format!(" {found},")).unwrap_or_default();
    let expected = fault.expected.as_deref().unwrap_or("nothing");
    let kind = fault.kind.name().replace('_', " ");
    format!("{}{place}: {kind}{found} expected {expected}", fault.part)
}
