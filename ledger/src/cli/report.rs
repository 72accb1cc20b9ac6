//! `ledger report`.

use std::path::PathBuf;
use std::process::ExitCode;

use jiff::civil::Time;
use ledger::reading::{Options, read};
use ledger::report::{Bound, Exclusion, Format, Kind, Settings, recall_on, report_on};

/// Counts what a range of entries says (docs/reports.md). Where the device key is beside a ledger, patient data is read too; people and
/// patients stand under pseudonyms unless --names is given.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  ledger report scanning /var/lib/kiosk/ledger
  ledger report alerts --from 2026-11-01 --to 2026-12-01 --format html kiosk-01/ kiosk-02/ > alerts.html
  ledger report recall --lot MT4402 --names /var/lib/kiosk/ledger")]
pub(super) struct Arguments {
    /// Which report: scanning, bypass, alerts, near-misses, timeliness, rhythm, witnesses, effects, corrections, integrity, access,
    /// workarounds, recall.
    #[arg(value_parser = wanted)]
    kind: Wanted,
    /// The ledgers' folders, files or exports: all kiosks of a ward make one report.
    #[arg(required = true)]
    sources: Vec<PathBuf>,
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
    /// For recall: the lot.
    #[arg(long)]
    lot: Option<String>,
    /// People and patients by their ids. Needs the device key beside each ledger.
    #[arg(long)]
    names: bool,
    /// When shifts begin, in local time.
    #[arg(long, value_delimiter = ',', value_name = "HH:MM,..")]
    shifts: Vec<Time>,
    /// Declared exclusions of the scanning rate: break-glass, downtime, no-barcode [default: all three].
    #[arg(long, value_delimiter = ',', value_parser = exclusion)]
    exclude: Vec<Exclusion>,
}

/// A report of its own, or the look-back for one lot.
#[derive(Clone, Copy, Debug)]
enum Wanted {
    Kind(Kind),
    Recall,
}

fn wanted(text: &str) -> Result<Wanted, String> {
    if text == "recall" {
        return Ok(Wanted::Recall);
    }
    let names = || Kind::ALL.map(Kind::name).join(", ");
    let found = Kind::ALL.into_iter().find(|kind| kind.name() == text);
    found.map(Wanted::Kind).ok_or_else(|| format!("expected one of {}, recall", names()))
}

fn exclusion(text: &str) -> Result<Exclusion, String> {
    let names = || Exclusion::ALL.map(Exclusion::name).join(", ");
    Exclusion::from_name(text).ok_or_else(|| format!("expected one of {}", names()))
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
    let mut settings = Settings::default();
    if !arguments.shifts.is_empty() {
        settings.shifts.clone_from(&arguments.shifts);
        settings.shifts.sort_unstable();
    }
    if !arguments.exclude.is_empty() {
        settings.exclusions.clone_from(&arguments.exclude);
    }
    let options = Options { from: arguments.from.clone(), to: arguments.to.clone(), names: arguments.names };
    let book = read(&arguments.sources, &options)?;
    anyhow::ensure!(
        !arguments.names || book.is_open(),
        "--names: ids stand in the patient data, which opens only with keys/device.key beside each ledger"
    );
    let page = match (arguments.kind, &arguments.lot) {
        (Wanted::Kind(kind), None) => report_on(&book, &arguments.sources, kind, &settings)?,
        (Wanted::Recall, Some(lot)) => recall_on(&book, lot),
        (Wanted::Recall, None) => anyhow::bail!("recall: which lot? name it with --lot"),
        (Wanted::Kind(kind), Some(_)) => anyhow::bail!("--lot is for recall, not for {}", kind.name()),
    };
    super::print(&page.print(format))
}
