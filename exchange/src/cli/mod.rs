//! The command line: arguments, exit codes, and which command does what.
//!
//! Exit 0 fine, 1 a negative finding, 2 could not do it, 64 usage.

mod discrepancies;
mod drugs;
mod held;
mod hub;
mod import;
mod parked;
mod reconcile;
mod station;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{CommandFactory as _, Parser, Subcommand, ValueEnum};
use exchange::outbox::export::{self, Format};
use exchange::rules::SiteRules;
use exchange::serve;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

const EXAMPLES: &str = "Examples:
  exchange import drugs --store /var/lib/bcma drugs/            items.csv, barcodes.csv, recalls.csv of a folder
  exchange import fhir --store /var/lib/bcma orders/ more.json  every .json of a folder, and a file
  exchange import --json fhir --store /var/lib/bcma orders/     one JSON object a file
  exchange export fhir /var/lib/kiosk/ledger out/               one MedicationAdministration a file
  exchange export hl7 /var/lib/kiosk/ledger out/                one RAS^O17 a file
  exchange serve --config /etc/bcma/exchange.toml               feeds in, the ledger out, until SIGTERM
  exchange hub --config /etc/bcma/hub.toml                      what the kiosks of a ward ask and tell each other, until SIGTERM
  exchange drugs unknown --store /var/lib/bcma /var/lib/kiosk/ledger
  exchange drugs link --store /var/lib/bcma --by jones gtin 00305910369019 loxapine-5mg-cap
  exchange drugs approve --store /var/lib/bcma --by smith 1
  exchange parked list --store /var/lib/bcma
  exchange station password < password.txt                      the line for the station's staff file
  exchange reconcile --store /var/lib/bcma --dispenses dispenses.csv /var/lib/kiosk/ledger

Exit codes: 0 all accepted, 1 some refused (each is listed), 2 could not do it, 64 usage.";

/// Other systems: orders and the drug file in, administrations out.
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
        kind: import::Kind,
        #[command(flatten)]
        site: SiteArguments,
        /// One JSON object a file on standard output.
        #[arg(long)]
        json: bool,
        /// Files or folders.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
    /// Write the administrations of a ledger, one file each, into a new folder. Needs the ledger's device key.
    #[command(after_help = EXAMPLES)]
    Export {
        /// In which words.
        format: ExportKind,
        /// The ledger's folder or file.
        source: PathBuf,
        /// The new folder.
        dir: PathBuf,
        /// The site's time zone.
        #[arg(long, value_name = "IANA", default_value = "America/New_York")]
        zone: String,
        /// The identifier system of record numbers.
        #[arg(long, value_name = "URI", default_value = "urn:bcma:mrn")]
        mrn_system: String,
        /// FHIR: a transaction Bundle with the overrides, the provenance and the audit event beside each administration.
        #[arg(long)]
        bundle: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// All feeds in, the outbox out, health and metrics, in one process until SIGTERM.
    #[command(after_help = EXAMPLES)]
    Serve {
        /// The configuration; `docs/operating.md` lists its keys.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// Check the configuration and stop.
        #[arg(long)]
        check: bool,
    },
    /// The hub of a ward: one dose, one kiosk; what one kiosk did, the others know. Until SIGTERM.
    #[command(after_help = EXAMPLES)]
    Hub(hub::Arguments),
    /// The drug file: what it holds, codes that nobody knows, and links of codes to items by two people.
    Drugs {
        #[command(subcommand)]
        command: drugs::DrugsCommand,
    },
    /// The station: passwords for its staff file.
    Station {
        #[command(subcommand)]
        command: station::StationCommand,
    },
    /// Hold the ledgers of a ward against what was dispensed.
    Reconcile(reconcile::Arguments),
    /// The steps that end a discrepancy of controlled substances, without a browser.
    Discrepancies {
        #[command(subcommand)]
        command: discrepancies::DiscrepanciesCommand,
    },
    /// Messages that could not be applied and wait for a person.
    Parked {
        #[command(subcommand)]
        command: parked::ParkedCommand,
    },
    /// Print a shell completion script.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page.
    Manual,
}

/// Which store, as of when.
#[derive(clap::Args)]
struct SiteArguments {
    /// The store; an absent or empty folder becomes one.
    #[arg(long, value_name = "DIR")]
    store: PathBuf,
    /// The site's time zone.
    #[arg(long, value_name = "IANA", default_value = "America/New_York")]
    zone: String,
    /// The date on which barcodes have to be in force [default: today].
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<Date>,
}

impl SiteArguments {
    fn rules(&self) -> anyhow::Result<SiteRules> {
        zone(&self.zone).map(SiteRules::new)
    }

    fn today(&self, now: Timestamp) -> anyhow::Result<Date> {
        Ok(self.date.unwrap_or(now.to_zoned(zone(&self.zone)?).date()))
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum ExportKind {
    /// FHIR R4.
    Fhir,
    /// HL7 v2.5.1.
    Hl7,
}

fn zone(name: &str) -> anyhow::Result<TimeZone> {
    TimeZone::get(name)
        .with_context(|| format!("zone \"{name}\" is unknown: name one as in America/New_York"))
}

/// Parses, runs, and turns what came of it into an exit code.
pub(crate) fn main(clock: fn() -> Timestamp) -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(64) } else { ExitCode::SUCCESS };
        }
    };
    run(cli.command, clock).unwrap_or_else(|error| {
        eprintln!("exchange: {error:#}");
        ExitCode::from(2)
    })
}

fn run(command: Command, clock: fn() -> Timestamp) -> anyhow::Result<ExitCode> {
    match command {
        Command::Import { kind, site, json, paths } => {
            let outcomes = import::import(kind, &site.store, &site.rules()?, site.today(clock())?, &paths)?;
            import::print(&outcomes, json).context("standard output")?;
            Ok(found(outcomes.iter().any(|outcome| !outcome.rejections.is_empty())))
        }
        Command::Export { format, source, dir, zone: name, mrn_system, bundle, json } => {
            let format = match (format, bundle) {
                (ExportKind::Fhir, false) => Format::Fhir,
                (ExportKind::Fhir, true) => Format::FhirBundle,
                (ExportKind::Hl7, false) => Format::Hl7,
                (ExportKind::Hl7, true) => anyhow::bail!("--bundle is for fhir"),
            };
            let count = export::export(&source, &dir, format, &zone(&name)?, &mrn_system)?;
            say(&if json {
                serde_json::json!({ "administrations": count }).to_string()
            } else {
                format!("{count} administrations in {}", dir.display())
            })?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Serve { config, check } => serve_until_told(&config, check, clock),
        Command::Hub(arguments) => hub::run(&arguments, clock),
        Command::Drugs { command } => drugs::run(command, clock),
        Command::Reconcile(arguments) => reconcile::run(&arguments, clock()),
        Command::Discrepancies { command } => discrepancies::run(&command, clock()),
        Command::Parked { command } => parked::run(command, clock),
        Command::Station { command } => station::run(&command),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "exchange", &mut std::io::stdout());
            Ok(ExitCode::SUCCESS)
        }
        Command::Manual => {
            clap_mangen::Man::new(Cli::command()).render(&mut std::io::stdout())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// 1 for a negative finding.
fn found(negative: bool) -> ExitCode {
    ExitCode::from(u8::from(negative))
}

fn say(line: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).context("standard output")
}

/// The journal of a service, on standard error.
fn log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("EXCHANGE_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,exchange=info"));
    // A second subscriber cannot be set; the first one does.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}

fn serve_until_told(config: &Path, check: bool, clock: fn() -> Timestamp) -> anyhow::Result<ExitCode> {
    let config_path = config.display().to_string();
    let config = serve::config::read(config)?;
    log();
    if check {
        for mllp in &config.mllp {
            mllp.acceptor()?;
        }
        for fhir in &config.fhir {
            fhir.server(clock)?;
        }
        config.targets(clock)?;
        if let Some(station) = &config.station {
            station.acceptor()?;
            exchange::station::Station::check(station)?;
        }
        say(&format!("{config_path}: good"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let running = serve::start(&config, clock).with_context(|| config_path)?;
    for (name, address) in &running.addresses {
        say(&format!("listening: {name} {address}"))?;
    }
    if let Some(address) = running.http {
        say(&format!("listening: http {address}"))?;
    }
    if let Some((address, tls)) = running.web {
        say(&format!("listening: station {}://{address}/", if tls { "https" } else { "http" }))?;
    }
    let told = running.wait_for_signal()?;
    running.stop();
    anyhow::ensure!(
        told,
        "the feed store takes nothing any more: free the disk or repair it, then start again"
    );
    say("stopped")?;
    Ok(ExitCode::SUCCESS)
}
