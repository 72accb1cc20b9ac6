//! `exchange reconcile`: the pharmacy's reports from ledgers and the dispense file. Exit 0 balanced, 1 a finding, 2 could not do it.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::ValueEnum;
use exchange::pharmacy::{self, Report};
use jiff::Timestamp;
use ledger::reading::Options;
use ledger::report::{Bound, Format, recall_on};

use super::held::Held;

/// The forms of a report.
#[derive(Clone, Copy, ValueEnum)]
enum Form {
    Text,
    Json,
    Csv,
    Html,
}

/// Which report.
#[derive(Clone, Copy, ValueEnum)]
enum Wanted {
    /// PH1: every package accounted for.
    Doses,
    /// PH2: controlled substances that do not add up.
    Discrepancies,
    /// PH3: who stands out among peers.
    Diversion,
    /// PH4: scheduled doses that nobody charted.
    Missed,
    /// PH5: how long missing doses took.
    Turnaround,
    /// PH6: codes that led to no single item.
    Barcodes,
    /// PH7: every patient who was given a lot.
    Recall,
}

/// Holds the ledgers of a ward against what the pharmacy and the cabinets handed out (docs/reports.md). Needs the device key beside each
/// ledger. Exit 0: balanced, nothing open. 1: a finding, on standard output. 2: the dispense file or a ledger cannot be used.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  exchange reconcile --store /var/lib/bcma --dispenses dispenses.csv /var/lib/kiosk/ledger
  exchange reconcile --report discrepancies --dispenses dispenses.csv --steps /var/lib/pharmacy/ledger kiosk-01/ kiosk-02/
  exchange reconcile --report recall --lot MT4402 --names /var/lib/kiosk/ledger")]
pub(super) struct Arguments {
    #[command(flatten)]
    held: Held,
    /// Which report.
    #[arg(long, value_enum, default_value = "doses")]
    report: Wanted,
    /// For recall: the lot.
    #[arg(long)]
    lot: Option<String>,
    /// The first moment: an instant, or a local time such as 2026-11-30 or 2026-11-30T07:00.
    #[arg(long)]
    from: Option<Bound>,
    /// The moment before which it ends.
    #[arg(long)]
    to: Option<Bound>,
    /// In which form.
    #[arg(long, value_enum, default_value = "text")]
    format: Form,
    /// The same as --format json.
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// People and patients by their ids instead of pseudonyms.
    #[arg(long)]
    names: bool,
}

pub(super) fn run(arguments: &Arguments, now: Timestamp) -> anyhow::Result<ExitCode> {
    let options = Options { from: arguments.from.clone(), to: arguments.to.clone(), names: arguments.names };
    let which = match arguments.report {
        Wanted::Doses => Report::Doses,
        Wanted::Discrepancies => Report::Discrepancies,
        Wanted::Diversion => Report::Diversion,
        Wanted::Missed => Report::Missed,
        Wanted::Turnaround => Report::Turnaround,
        Wanted::Barcodes => Report::Barcodes,
        Wanted::Recall => {
            let book = arguments.held.book(&options)?;
            let lot = arguments.lot.as_ref().context("--report recall: name the lot with --lot")?;
            let page = recall_on(&book, lot);
            let given = page.tables.iter().any(|table| !table.rows.is_empty());
            print(arguments, &page)?;
            return Ok(super::found(given));
        }
    };
    let needs_file = !matches!(which, Report::Missed | Report::Barcodes);
    anyhow::ensure!(
        arguments.held.dispenses.is_some() || !needs_file,
        "--report {}: name the dispense file with --dispenses",
        which.name()
    );
    let found = arguments.held.with_site(&options, now, |site| Ok(pharmacy::report(site, which)))?;
    print(arguments, &found.page)?;
    Ok(super::found(found.findings > 0))
}

fn print(arguments: &Arguments, page: &ledger::report::Page) -> anyhow::Result<()> {
    let format = match arguments.format {
        _ if arguments.json => Format::Json,
        Form::Text => Format::Text,
        Form::Json => Format::Json,
        Form::Csv => Format::Csv,
        Form::Html => Format::Html,
    };
    super::say(page.print(format).trim_end_matches('\n'))
}
