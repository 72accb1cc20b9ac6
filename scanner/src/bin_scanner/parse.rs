//! `scanner parse`.

use std::io::Write as _;
use std::process::ExitCode;

use rights::scan::Meaning;
use scanner::gs1;
use scanner::interpret::Interpreter;
use serde_json::json;

use super::json;

pub(super) fn run(
    interpreter: &Interpreter,
    this_year: i16,
    as_json: bool,
    text: &str,
) -> anyhow::Result<ExitCode> {
    let meaning = interpreter.typed(text);
    let parsed = if text.starts_with('(') {
        gs1::parse_bracketed(text, this_year)
    } else {
        let content = text.strip_prefix(']').and_then(|rest| rest.get(2..)).unwrap_or(text);
        gs1::parse_raw(content, this_year)
    };
    // A text of another kind, such as an NDC, is no element string: its pieces would mislead.
    let is_gs1 = parsed.faults.is_empty();
    let mut out = std::io::stdout().lock();
    if as_json {
        let elements = if is_gs1 || text.starts_with('(') { json::elements(&parsed) } else { Vec::new() };
        writeln!(out, "{}", json!({ "text": text, "gs1": elements, "meaning": json::meaning(&meaning) }))?;
    } else {
        if is_gs1 {
            for element in &parsed.elements {
                writeln!(out, "({}) {}: {}", element.ai(), element.title(), element.value())?;
            }
        }
        match &meaning {
            Meaning::Nothing(faults) => {
                for fault in faults {
                    writeln!(out, "{}", json::fault_sentence(fault))?;
                }
            }
            other => writeln!(out, "{}", json::sentence(other))?,
        }
    }
    Ok(match meaning {
        Meaning::Nothing(_) => ExitCode::from(1),
        _ => ExitCode::SUCCESS,
    })
}
