//! `ledger report`.

use std::path::PathBuf;
use std::process::ExitCode;

use ledger::report::{Bound, Format, Kind, report};

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
    /// text, json, csv or html.
    #[arg(long, value_parser = format, default_value = "text")]
    format: Format,
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

fn format(text: &str) -> Result<Format, String> {
    match text {
        "text" => Ok(Format::Text),
        "json" => Ok(Format::Json),
        "csv" => Ok(Format::Csv),
        "html" => Ok(Format::Html),
        _ => Err("expected text, json, csv or html".to_owned()),
    }
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let format = if arguments.json { Format::Json } else { arguments.format };
    let page = report(&arguments.source, arguments.kind, arguments.from.as_ref(), arguments.to.as_ref())?;
    super::print(&page.print(format))
}
