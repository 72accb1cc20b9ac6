//! `ledger report`.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use ledger::report::{Bound, Format, Kind, pdf, report};

/// Counts what a range of entries says. Needs no key and shows no patient data.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Which report.
    #[arg(value_parser = kind)]
    kind: Kind,
    /// The ledger's folder or file.
    source: PathBuf,
    /// The first moment: an instant such as 2026-06-01T06:00:00Z, or a local time such as 2026-06-01 or 2026-06-01T06:00.
    #[arg(long)]
    from: Option<Bound>,
    /// The moment before which it ends.
    #[arg(long)]
    to: Option<Bound>,
    /// text, json, csv, html or pdf.
    #[arg(long, value_parser = form, default_value = "text")]
    format: Form,
    /// Write to a new file instead of standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The same as --format json.
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

fn kind(text: &str) -> Result<Kind, String> {
    let names = || Kind::ALL.map(Kind::name).join(", ");
    Kind::ALL
        .into_iter()
        .find(|kind| kind.name() == text)
        .ok_or_else(|| format!("expected one of {}", names()))
}

/// A form of a report.
#[derive(Clone, Copy, Debug)]
enum Form {
    Text(Format),
    Pdf,
}

fn form(text: &str) -> Result<Form, String> {
    match text {
        "text" => Ok(Form::Text(Format::Text)),
        "json" => Ok(Form::Text(Format::Json)),
        "csv" => Ok(Form::Text(Format::Csv)),
        "html" => Ok(Form::Text(Format::Html)),
        "pdf" => Ok(Form::Pdf),
        _ => Err("expected text, json, csv, html or pdf".to_owned()),
    }
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let form = if arguments.json { Form::Text(Format::Json) } else { arguments.format };
    let page = report(&arguments.source, arguments.kind, arguments.from.as_ref(), arguments.to.as_ref())?;
    let bytes = match form {
        Form::Text(format) => page.print(format).into_bytes(),
        Form::Pdf => pdf(&page)?,
    };
    if let Some(path) = &arguments.out {
        let name = || path.display().to_string();
        let mut file = std::fs::File::create_new(path).with_context(|| {
            format!("{}: cannot be made; name a file that is not there yet, in a folder that is", name())
        })?;
        file.write_all(&bytes).and_then(|()| file.sync_all()).with_context(name)?;
        return Ok(ExitCode::SUCCESS);
    }
    if matches!(form, Form::Pdf) && std::io::stdout().is_terminal() {
        anyhow::bail!("a PDF is not for a terminal: name a file with --out, or send standard output to one");
    }
    let mut out = std::io::stdout().lock();
    out.write_all(&bytes).and_then(|()| out.flush()).context("standard output")?;
    Ok(ExitCode::SUCCESS)
}
