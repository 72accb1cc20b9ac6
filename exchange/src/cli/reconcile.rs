//! `exchange reconcile`: the pharmacy's reports from ledgers and the dispense file. Exit 0 balanced, 1 a finding, 2 could not do it.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::ValueEnum;
use exchange::pharmacy::{self, Limits, Report, Site, Steps, Uses, dispenses};
use exchange::rules::SiteRules;
use exchange::site::read_file;
use exchange::store::Store;
use jiff::SignedDuration;
use jiff::Timestamp;
use ledger::reading::{Options, read};
use ledger::report::{Bound, Format, recall_on};

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
    /// The ledgers' folders: all kiosks of the ward.
    #[arg(required = true)]
    sources: Vec<PathBuf>,
    /// Which report.
    #[arg(long, value_enum, default_value = "doses")]
    report: Wanted,
    /// The dispense file, CSV. Needed but for missed, barcodes and recall.
    #[arg(long, value_name = "FILE")]
    dispenses: Option<PathBuf>,
    /// The store with orders and drug file, for requests and items that no kiosk has seen.
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,
    /// The pharmacy's own ledger, with the steps taken for discrepancies.
    #[arg(long, value_name = "DIR")]
    steps: Option<PathBuf>,
    /// For recall: the lot.
    #[arg(long)]
    lot: Option<String>,
    /// The first moment: an instant, or a local time such as 2026-11-30 or 2026-11-30T07:00.
    #[arg(long)]
    from: Option<Bound>,
    /// The moment before which it ends.
    #[arg(long)]
    to: Option<Bound>,
    /// From a removal to what was done with it, in minutes.
    #[arg(long, value_name = "MINUTES", default_value_t = 60)]
    window: i64,
    /// The site's time zone.
    #[arg(long, value_name = "IANA", default_value = "America/New_York")]
    zone: String,
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
    let zone = super::zone(&arguments.zone)?;
    let options = Options { from: arguments.from.clone(), to: arguments.to.clone(), names: arguments.names };
    let book = read(&arguments.sources, &options)?;
    anyhow::ensure!(
        book.is_open(),
        "reconciliation reads patient data, which opens only with keys/device.key beside each ledger"
    );
    let which = match arguments.report {
        Wanted::Doses => Report::Doses,
        Wanted::Discrepancies => Report::Discrepancies,
        Wanted::Diversion => Report::Diversion,
        Wanted::Missed => Report::Missed,
        Wanted::Turnaround => Report::Turnaround,
        Wanted::Barcodes => Report::Barcodes,
        Wanted::Recall => {
            let lot = arguments.lot.as_ref().context("--report recall: name the lot with --lot")?;
            let page = recall_on(&book, lot);
            let given = page.tables.iter().any(|table| !table.rows.is_empty());
            print(arguments, &page)?;
            return Ok(super::found(given));
        }
    };
    let (orders, mut known) = elsewhere(arguments, now)?;
    let uses = Uses::of(&book);
    let of_ledgers = uses.known(&book);
    known.requests.extend(of_ledgers.requests);
    for (product, unit) in of_ledgers.products {
        known.products.entry(product).or_insert(unit);
    }
    let needs_file = !matches!(which, Report::Missed | Report::Barcodes);
    let rows = match &arguments.dispenses {
        Some(path) => {
            let name = path.display().to_string();
            let (rows, rejections) = dispenses::read(&name, &read_file(path)?, &known)?;
            if !rejections.is_empty() {
                for rejection in &rejections {
                    eprintln!("{}: {}; {}", rejection.place, rejection.reason, rejection.remedy);
                }
                anyhow::bail!("{name}: {} lines cannot be used; nothing was reconciled", rejections.len());
            }
            rows
        }
        None if needs_file => {
            anyhow::bail!("--report {}: name the dispense file with --dispenses", which.name())
        }
        None => Vec::new(),
    };
    let steps = match &arguments.steps {
        Some(ledger) => Steps::of(&read(std::slice::from_ref(ledger), &Options::default())?),
        None => Steps::default(),
    };
    let matched = SignedDuration::from_mins(arguments.window.max(0));
    let site = Site {
        book: &book,
        dispenses: &rows,
        orders: &orders,
        policy: &rights::policy::Policy::default(),
        zone: &zone,
        steps: &steps,
        limits: Limits { matched, ..Limits::default() },
    };
    let found = pharmacy::report(&site, which)?;
    print(arguments, &found.page)?;
    Ok(super::found(found.findings > 0))
}

/// Orders and items of the store.
fn elsewhere(
    arguments: &Arguments,
    now: Timestamp,
) -> anyhow::Result<(Vec<rights::request::Request>, pharmacy::Known)> {
    let mut known = pharmacy::Known::default();
    let Some(dir) = &arguments.store else { return Ok((Vec::new(), known)) };
    anyhow::ensure!(
        dir.join("imports").exists(),
        "{}: there is no store; `exchange import` makes one",
        dir.display()
    );
    let zone = super::zone(&arguments.zone)?;
    let today = now.to_zoned(zone.clone()).date();
    let site = Store::open(dir)?.load(&SiteRules::new(zone), today)?;
    for request in &site.chart.requests {
        known.requests.insert(request.id.clone(), Some(request.patient.clone()));
    }
    for product in site.formulary.products() {
        known.products.insert(product.id.clone(), product.package.unit);
    }
    Ok((site.chart.requests, known))
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
