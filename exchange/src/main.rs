//! `exchange`: takes orders, the drug file and the frequency table into the kiosk's store.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, Subcommand, ValueEnum};
use exchange::drugs::DrugSources;
use exchange::rejection::{Note, Rejection};
use exchange::rules::SiteRules;
use exchange::site::{files_of, read_file};
use exchange::store::{Store, StoreError};
use jiff::civil::Date;
use jiff::tz::TimeZone;

const EXAMPLES: &str = "Examples:
  exchange import drugs --store /var/lib/bcma drugs/            items.csv, barcodes.csv, recalls.csv of a folder
  exchange import fhir --store /var/lib/bcma orders/ more.json  every .json of a folder, and a file
  exchange import --json fhir --store /var/lib/bcma orders/     one JSON object a file

Exit codes: 0 all accepted, 1 some refused (each is listed), 2 could not do it, 64 usage.";

/// Other systems: orders, drug file and frequency table into the kiosk's store.
#[derive(Parser)]
#[command(name = "exchange", version, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Import files, each refusal with its reason.
    #[command(after_help = EXAMPLES)]
    Import {
        /// What the files are.
        kind: Kind,
        /// The store; an absent or empty folder becomes one.
        #[arg(long, value_name = "DIR")]
        store: PathBuf,
        /// The site's time zone.
        #[arg(long, value_name = "IANA", default_value = "America/New_York")]
        zone: String,
        /// The date on which barcodes have to be in force [default: today].
        #[arg(long, value_name = "YYYY-MM-DD")]
        date: Option<Date>,
        /// One JSON object a file on standard output.
        #[arg(long)]
        json: bool,
        /// Files or folders.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    /// FHIR R4 Bundles.
    Fhir,
    /// The drug file.
    Drugs,
    /// The frequency table.
    Frequencies,
}

/// What became of one file.
#[derive(serde::Serialize)]
struct Outcome {
    file: String,
    accepted: usize,
    rejections: Vec<Rejection>,
    notes: Vec<Note>,
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(64) } else { ExitCode::SUCCESS };
        }
    };
    let Command::Import { kind, store, zone, date, json, paths } = cli.command;
    match import(kind, &store, &zone, date, &paths) {
        Ok(outcomes) => {
            if let Err(error) = print(&outcomes, json) {
                eprintln!("exchange: standard output: {error}");
                return ExitCode::from(2);
            }
            ExitCode::from(u8::from(outcomes.iter().any(|outcome| !outcome.rejections.is_empty())))
        }
        Err(error) => {
            eprintln!("exchange: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn import(
    kind: Kind,
    store: &std::path::Path,
    zone: &str,
    date: Option<Date>,
    paths: &[PathBuf],
) -> anyhow::Result<Vec<Outcome>> {
    let zone = TimeZone::get(zone)
        .with_context(|| format!("zone \"{zone}\" is unknown: name one as in America/New_York"))?;
    // The only place of this program that asks for the time.
    let today = date.unwrap_or_else(|| jiff::Timestamp::now().to_zoned(zone.clone()).date());
    let rules = SiteRules::new(zone);
    let store = Store::open(store)?;
    match kind {
        Kind::Drugs => import_drugs(&store, &rules, today, paths).map(|outcome| vec![outcome]),
        Kind::Fhir | Kind::Frequencies => {
            let ending = if matches!(kind, Kind::Fhir) { "json" } else { "csv" };
            let mut outcomes = Vec::new();
            for path in paths {
                let files = files_of(path, ending)?;
                anyhow::ensure!(!files.is_empty(), "{}: no .{ending} file in it", path.display());
                for file in files {
                    let name = file.display().to_string();
                    let bytes = read_file(&file)?;
                    let outcome = match kind {
                        Kind::Fhir => store.import_bundle(&name, &bytes, &rules, today).map(|import| {
                            let chart = &import.chart;
                            let accepted =
                                chart.patients.len() + chart.requests.len() + chart.dispensed.len();
                            (accepted, import.rejections, import.notes)
                        }),
                        _ => store
                            .import_frequencies(&name, &bytes)
                            .map(|(codes, bad)| (codes, bad, Vec::new())),
                    };
                    outcomes.push(outcome_of(name, outcome)?);
                }
            }
            Ok(outcomes)
        }
    }
}

fn import_drugs(store: &Store, rules: &SiteRules, today: Date, paths: &[PathBuf]) -> anyhow::Result<Outcome> {
    let mut found: [Option<(String, Vec<u8>)>; 3] = [None, None, None];
    for path in paths {
        for file in files_of(path, "csv")? {
            let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let place = ["items.csv", "barcodes.csv", "recalls.csv"].iter().position(|known| *known == name);
            let slot = place.and_then(|place| found.get_mut(place));
            let slot = slot.with_context(|| {
                format!("{}: a drug file is items.csv, barcodes.csv and recalls.csv", file.display())
            })?;
            anyhow::ensure!(slot.is_none(), "{}: given twice", file.display());
            *slot = Some((file.display().to_string(), read_file(&file)?));
        }
    }
    let [items, barcodes, recalls] = &found;
    let items = items.as_ref().context("items.csv is missing: a drug file is imported as a whole")?;
    let sources = DrugSources {
        items: (&items.0, &items.1),
        barcodes: barcodes.as_ref().map(|(name, bytes)| (name.as_str(), bytes.as_slice())),
        recalls: recalls.as_ref().map(|(name, bytes)| (name.as_str(), bytes.as_slice())),
    };
    let imported = store.import_drugs(sources, rules, today);
    outcome_of(items.0.clone(), imported.map(|file| (file.accepted, file.rejections, file.notes)))
}

/// A file that is refused whole is a finding; a store that cannot be written is not.
fn outcome_of(
    file: String,
    imported: Result<(usize, Vec<Rejection>, Vec<Note>), StoreError>,
) -> anyhow::Result<Outcome> {
    match imported {
        Ok((accepted, rejections, notes)) => Ok(Outcome { file, accepted, rejections, notes }),
        Err(error @ (StoreError::Bundle(_) | StoreError::Table(_))) => {
            let text = error.to_string();
            let reason = text.strip_prefix(&format!("{file}: ")).unwrap_or(&text).to_owned();
            let rejection = Rejection {
                resource: "file".to_owned(),
                place: file.clone(),
                reason,
                remedy: "nothing of it was imported; what was imported before stands".to_owned(),
                patient: None,
                version: None,
            };
            Ok(Outcome { file, accepted: 0, rejections: vec![rejection], notes: Vec::new() })
        }
        Err(error) => Err(error.into()),
    }
}

fn print(outcomes: &[Outcome], json: bool) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for outcome in outcomes {
        if json {
            serde_json::to_writer(&mut out, outcome)?;
            writeln!(out)?;
            continue;
        }
        let refused = outcome.rejections.len();
        writeln!(out, "{}: {} accepted, {refused} refused", outcome.file, outcome.accepted)?;
        for rejection in &outcome.rejections {
            writeln!(out, "  refused  {rejection}")?;
        }
        for note in &outcome.notes {
            writeln!(out, "  note     {note}")?;
        }
    }
    out.flush()
}
