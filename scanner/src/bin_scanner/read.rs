//! `scanner read`.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use rights::scan::{Meaning, Symbology};
use scanner::decode::{Effort, decode};
use scanner::gs1;
use scanner::interpret::Interpreter;
use scanner::source::folder::read_picture;
use scanner::symbol::{Symbol, Wanted, without_contradictions};
use serde_json::json;

use super::json;

pub(super) fn run(
    interpreter: &Interpreter,
    this_year: i16,
    as_json: bool,
    only: &[Symbology],
    images: &[PathBuf],
) -> anyhow::Result<ExitCode> {
    let wanted = if only.is_empty() { Wanted::everything() } else { only.iter().copied().collect() };
    let mut failed = false;
    for image in images {
        // A picture that cannot be read does not keep the others from being read.
        if let Err(error) = one(interpreter, this_year, as_json, wanted, image)? {
            eprintln!("scanner: {error:#}");
            failed = true;
        }
    }
    Ok(if failed { ExitCode::from(2) } else { ExitCode::SUCCESS })
}

/// The outer error is about the output, the inner one about the picture.
fn one(
    interpreter: &Interpreter,
    this_year: i16,
    as_json: bool,
    wanted: Wanted,
    image: &Path,
) -> anyhow::Result<anyhow::Result<()>> {
    let frame = match read_picture(image, Duration::ZERO) {
        Ok(frame) => frame,
        Err(error) => return Ok(Err(error.into())),
    };
    let start = Instant::now();
    let symbols = match decode(&frame, wanted, Effort::FULL) {
        Ok(symbols) => without_contradictions(symbols),
        Err(error) => return Ok(Err(anyhow::Error::new(error).context(image.display().to_string()))),
    };
    let ms = start.elapsed().as_secs_f64() * 1_000.0;
    let read: Vec<(Symbol, Meaning)> = symbols
        .into_iter()
        .map(|symbol| {
            let meaning = interpreter.symbol(&symbol).meaning;
            (symbol, meaning)
        })
        .collect();
    let mut out = std::io::stdout().lock();
    if as_json {
        let symbols: Vec<_> = read
            .iter()
            .map(|(symbol, meaning)| {
                let parsed = symbol.gs1.then(|| gs1::parse_raw(&symbol.text, this_year));
                json::symbol(symbol, &parsed.as_ref().map(json::elements).unwrap_or_default(), meaning)
            })
            .collect();
        let line = json!({ "image": image.display().to_string(), "symbols": symbols, "ms": (ms * 1_000.0).round() / 1_000.0 });
        writeln!(out, "{line}")?;
    } else if read.is_empty() {
        writeln!(out, "{}: no symbol ({ms:.1} ms)", image.display())?;
    } else {
        for (symbol, meaning) in &read {
            let text = symbol.text.replace(gs1::GS, "<GS>");
            let name = symbol.symbology.name();
            writeln!(out, "{}: {name} {text:?} = {} ({ms:.1} ms)", image.display(), json::sentence(meaning))?;
        }
    }
    Ok(Ok(()))
}
