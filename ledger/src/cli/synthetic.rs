//! `ledger ward`: a synthetic ward.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use ledger::inspect::Inspector;

use super::ward::{Size, make};

/// Makes the ledgers of a synthetic ward. Nobody in it exists. The same arguments make the same decisions; keys are random.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  ledger ward /tmp/ward
  ledger ward --kiosks 3 --nurses 12 --patients 24 --days 30 --json /tmp/ward")]
pub(super) struct Arguments {
    /// The new folder: one ledger for each kiosk, and dispenses.csv.
    folder: PathBuf,
    /// What the ward's small mishaps follow from.
    #[arg(long, default_value_t = Size::SMALL.seed)]
    seed: u64,
    /// Patients, 8 to 64.
    #[arg(long, default_value_t = Size::SMALL.patients, value_parser = at_most(8, 64))]
    patients: usize,
    /// Nurses, three for each kiosk at least, at most 99.
    #[arg(long, default_value_t = Size::SMALL.nurses, value_parser = at_most(3, 99))]
    nurses: usize,
    /// Kiosks, each with its own patients.
    #[arg(long, default_value_t = Size::SMALL.kiosks, value_parser = at_most(1, 8))]
    kiosks: usize,
    /// Days; each patient is given some forty doses a day.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(i64).range(1..=400))]
    days: i64,
    /// Without workarounds, discrepancies and emergencies.
    #[arg(long)]
    clean: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

fn at_most(least: usize, most: usize) -> impl Fn(&str) -> Result<usize, String> + Clone {
    move |text| {
        let number = text.parse().ok().filter(|number| (least..=most).contains(number));
        number.ok_or_else(|| format!("expected a number from {least} to {most}"))
    }
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let Arguments { folder, seed, patients, nurses, kiosks, days, clean, json } = arguments;
    anyhow::ensure!(
        nurses / kiosks >= 3 && patients / kiosks >= 4,
        "each kiosk needs 3 nurses and 4 patients"
    );
    anyhow::ensure!(!folder.exists(), "{}: exists; name a new folder", folder.display());
    let size = Size {
        seed: *seed,
        patients: *patients,
        nurses: *nurses,
        kiosks: *kiosks,
        days: *days,
        planted: !clean,
    };
    let (folders, truth) = make(folder, &size).with_context(|| folder.display().to_string())?;
    let doses = truth.standing().count();
    // Those of the acts, and what a ledger records of itself: its beginning, its start and its end.
    let mut entries = 0;
    for folder in &folders {
        entries += Inspector::open(folder).with_context(|| folder.display().to_string())?.size();
    }
    let text = if *json {
        let cases: Vec<_> = truth.cases.iter().map(|(pattern, at)| format!("{pattern} {at}")).collect();
        serde_json::json!({
            "ledgers": folders.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>(),
            "entries": entries, "doses": doses, "dispenses": truth.handed.len(), "planted": cases,
            "discrepancies": truth.discrepancies,
        })
        .to_string()
    } else {
        format!(
            "{} ledgers with {entries} entries and {doses} doses, {} packages handed out, {} cases planted, in {}",
            folders.len(),
            truth.handed.len(),
            truth.cases.len() + truth.discrepancies.len(),
            folder.display()
        )
    };
    super::print(&format!("{text}\n"))
}
