//! `ledger backup`, `restore` and `shred`: what the owner of a ledger does to keep it, and to let go of what must go.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use jiff::civil::Date;
use ledger::backup::{Restored, backup, restore};
use ledger::clock::ClockEvidence;
use ledger::ledger::{Retention, shred};
use ledger::note::Note;

/// Copies a ledger, live or closed, to a new folder, and verifies the copy.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  ledger backup /mnt/copy /var/lib/kiosk/ledger
  ledger backup --with-device-key /mnt/sealed/copy /var/lib/kiosk/ledger")]
pub(super) struct Backup {
    /// The new folder.
    folder: PathBuf,
    /// The ledger's folder.
    source: PathBuf,
    /// Copy keys/device.key too: with it the copy opens all patient data. The secrets that continue the ledger are never copied.
    #[arg(long)]
    with_device_key: bool,
    /// Print the verification of the copy as JSON.
    #[arg(long)]
    json: bool,
}

/// Puts a copy into a new folder, and says whether it is older than what was recorded.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  ledger restore /var/lib/kiosk/ledger /mnt/copy --against kept/checkpoint --keys /mnt/disk/keys
  ledger restore /tmp/look /mnt/copy")]
pub(super) struct Restore {
    /// The new folder.
    folder: PathBuf,
    /// The copy.
    copy: PathBuf,
    /// The latest checkpoint that anybody has: of a cosigner, the order system, an export.
    #[arg(long)]
    against: Option<PathBuf>,
    /// The kiosk's `keys` folder, taken over only when nothing is missing.
    #[arg(long, requires = "against")]
    keys: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Destroys the keys of patients whose retention is over. The ledger must be closed. Refuses every other key.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  ledger shred --dry-run /var/lib/kiosk/ledger
  ledger shred --years 30 /var/lib/kiosk/ledger")]
pub(super) struct Shred {
    /// The ledger's folder.
    folder: PathBuf,
    /// Only count.
    #[arg(long)]
    dry_run: bool,
    /// The day by which to count, as 2037-01-01; the clock's unless told. A clock far past the last entry, its epoch or the last cosignature is not believed.
    #[arg(long, value_name = "DAY")]
    today: Option<Date>,
    /// Years to keep.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(i16).range(1..200))]
    years: i16,
    /// Age of majority.
    #[arg(long, default_value_t = 18, value_parser = clap::value_parser!(i16).range(1..100))]
    majority: i16,
    /// Years to keep after majority.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(i16).range(0..100))]
    after_majority: i16,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run_backup(arguments: &Backup) -> anyhow::Result<ExitCode> {
    let report = backup(&arguments.folder, &arguments.source, arguments.with_device_key)?;
    if arguments.json {
        return super::print(&format!("{}\n", report.json()));
    }
    super::print(&format!(
        "{} entries of {} copied to {} and verified\n",
        report.entries,
        report.origin,
        arguments.folder.display()
    ))
}

pub(super) fn run_restore(arguments: &Restore) -> anyhow::Result<ExitCode> {
    let against = match &arguments.against {
        None => None,
        Some(path) => {
            let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
            Some(Note::parse(&text).with_context(|| path.display().to_string())?)
        }
    };
    let restored = restore(&arguments.folder, &arguments.copy, against.as_ref(), arguments.keys.as_deref())?;
    let (name, size, known, code) = match restored {
        Restored::Whole { size } => ("whole", size, Some(size), 0),
        Restored::Older { size, known } => ("older", size, Some(known), 1),
        Restored::Unknown { size } => ("unknown", size, None, 1),
    };
    if arguments.json {
        let value = serde_json::json!({"restored": name, "entries": size, "known": known, "exit": code});
        super::print(&format!("{value}\n"))?;
    } else {
        let folder = arguments.folder.display();
        super::print(&match restored {
            Restored::Whole { size } => {
                format!("{folder}: {size} entries, nothing known is missing; it may be continued\n")
            }
            Restored::Older { size, known } => format!(
                "{folder}: an older state: {size} entries, but {known} were recorded; entries {size} to {} are missing.\n\
                 It can be read and verified. It must not be continued: enrol a new generation.\n",
                known - 1
            ),
            Restored::Unknown { size } => format!(
                "{folder}: {size} entries; whether later ones are missing is not known without --against CHECKPOINT.\n\
                 It can be read and verified. It must not be continued: enrol a new generation.\n"
            ),
        })?;
    }
    Ok(ExitCode::from(code))
}

pub(super) fn run_shred(arguments: &Shred) -> anyhow::Result<ExitCode> {
    let retention = Retention {
        years: arguments.years,
        majority: arguments.majority,
        after_majority: arguments.after_majority,
    };
    let clock = ClockEvidence::now();
    let done = shred(&arguments.folder, retention, arguments.today, arguments.dry_run, &clock)?;
    if arguments.json {
        let value = serde_json::json!({
            "destroyed": done.destroyed, "kept": done.kept, "dry_run": arguments.dry_run,
            "next": done.next.map(|day| day.to_string()), "unfinished": done.unfinished,
        });
        return super::print(&format!("{value}\n"));
    }
    let next = done.next.map_or_else(String::new, |day| format!("; the next from {day} on"));
    let (verb, earlier) = if arguments.dry_run {
        (
            "would be destroyed",
            "; an earlier run is not finished, and old pages may still hold keys that it destroyed",
        )
    } else {
        ("destroyed", "; an earlier run that was not finished is finished")
    };
    let earlier = if done.unfinished { earlier } else { "" };
    super::print(&format!("{} patient keys {verb}, {} stay{next}{earlier}\n", done.destroyed, done.kept))
}
