//! `ledger report`.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use jiff::civil::Time;
use ledger::index::Index;
use ledger::reading::{Book, Options, read};
use ledger::report::{Bound, Exclusion, Format, Kind, Settings, pdf, recall_on, report_on};

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
    /// text, json, csv, html or pdf.
    #[arg(long, value_parser = form, default_value = "text")]
    format: Form,
    /// Write to a new file instead of standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The same as --format json.
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// For recall: the lot.
    #[arg(long)]
    lot: Option<String>,
    /// People and patients by their ids. Needs the device key beside each ledger.
    #[arg(long)]
    names: bool,
    /// An index of the ledger: made when it is not there, extended or made again when the ledger has moved on, never trusted. For one
    /// large ledger; it holds patient data, sealed under the device key.
    #[arg(long, value_name = "FILE")]
    index: Option<PathBuf>,
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

impl Arguments {
    /// What in these arguments contradicts itself.
    fn contradiction(&self) -> Option<String> {
        match (self.kind, &self.lot) {
            (Wanted::Recall, None) => Some("recall: which lot? name it with --lot LOT".to_owned()),
            (Wanted::Kind(kind), Some(_)) => Some(format!("--lot is for recall, not for {}", kind.name())),
            _ if self.index.is_some() && self.sources.len() != 1 => {
                Some("--index: an index is of one ledger; name one, or leave --index out".to_owned())
            }
            _ => None,
        }
    }
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    if let Some(why) = arguments.contradiction() {
        return Ok(super::misused("report", &why));
    }
    let form = if arguments.json { Form::Text(Format::Json) } else { arguments.format };
    let mut settings = Settings::default();
    if !arguments.shifts.is_empty() {
        settings.shifts.clone_from(&arguments.shifts);
        settings.shifts.sort_unstable();
    }
    if !arguments.exclude.is_empty() {
        settings.exclusions.clone_from(&arguments.exclude);
    }
    let options = Options { from: arguments.from.clone(), to: arguments.to.clone(), names: arguments.names };
    let book = book(arguments, &options)?;
    anyhow::ensure!(
        !arguments.names || book.is_open(),
        "--names: ids stand in the patient data, which opens only with keys/device.key beside each ledger"
    );
    let page = match (arguments.kind, &arguments.lot) {
        (Wanted::Kind(kind), _) => report_on(&book, &arguments.sources, kind, &settings)?,
        (Wanted::Recall, lot) => recall_on(&book, lot.as_deref().unwrap_or_default()),
    };
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
    let _ = super::out::put(&bytes)?;
    Ok(ExitCode::SUCCESS)
}

/// The book of the range, through the index where one is named.
fn book(arguments: &Arguments, options: &Options) -> anyhow::Result<Book> {
    let (Some(path), [ledger]) = (&arguments.index, arguments.sources.as_slice()) else {
        return Ok(read(&arguments.sources, options)?);
    };
    let index = Index::open(path, ledger)?;
    let whole = options.from.is_none() && options.to.is_none();
    Ok(match (arguments.kind, &arguments.lot) {
        (Wanted::Recall, Some(lot)) if whole => index.book_of_lot(lot, options.names)?,
        (Wanted::Kind(kind), None) => index.book_for(kind, options)?,
        _ => index.book(options)?,
    })
}
