//! `ledger verify`: the parent starts a child with limits, the child verifies.

use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Parser as _;
use ledger::note::Note;
use ledger::verify::child::{Ended, limit, run, step_back};
use ledger::verify::{Options, Policy, verify};

/// The hidden first argument of the child.
pub(super) const CHILD: &str = "__verify-child";

/// Recomputes everything from raw bytes and names the first contradiction.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  ledger verify /var/lib/kiosk/ledger
  ledger verify --json --policy hospital.policy --against kept/checkpoint /var/lib/kiosk/ledger
  ledger verify --thorough /mnt/auditor/export")]
pub(super) struct Arguments {
    /// A ledger's folder or file, live, closed or crashed, or an export.
    source: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// A checkpoint that was seen before: it must be a prefix.
    #[arg(long)]
    against: Option<PathBuf>,
    /// Read only what follows that checkpoint; everything before is taken from its root.
    #[arg(long, requires = "against")]
    incremental: bool,
    /// Check every signature and the checksum of every page too. The last signature of each epoch, which is always checked, proves
    /// all entries before it. Up to 4,096 entries this is always done.
    #[arg(long)]
    thorough: bool,
    /// What is asked for beyond the mathematics, one rule a line: `hospital KEY`, `cosigner KEY`, `cosigners N`, `tail N`,
    /// `stale SECONDS`, `sealed`.
    #[arg(long)]
    policy: Option<PathBuf>,
    /// Give up after so many seconds.
    #[arg(long, default_value_t = 3600, value_parser = super::seconds())]
    seconds: u64,
}

#[derive(Debug, clap::Parser)]
struct Child {
    #[command(flatten)]
    arguments: Arguments,
}

impl Arguments {
    fn options(&self) -> anyhow::Result<Options> {
        let mut options =
            Options { incremental: self.incremental, thorough: self.thorough, ..Options::default() };
        if let Some(path) = &self.against {
            let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
            options.against = Some(Note::parse(&text).with_context(|| path.display().to_string())?);
        }
        if let Some(path) = &self.policy {
            let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
            options.policy = Policy::parse(&text).with_context(|| path.display().to_string())?;
        }
        Ok(options)
    }
}

/// Verifies in a child, so that no file can make this program stop.
pub(super) fn parent(arguments: &[OsString]) -> anyhow::Result<ExitCode> {
    let position = arguments.iter().position(|a| a == "verify").context("verify")?;
    let rest = &arguments[position + 1..];
    let own = Child::parse_from(std::iter::once(OsString::from("ledger verify")).chain(rest.iter().cloned()))
        .arguments;
    // Files of the auditor are read here too, so that their faults are told as usual.
    own.options()?;
    let program = std::env::current_exe().context("the path of this program")?;
    let command: Vec<OsString> = std::iter::once(CHILD.into()).chain(rest.iter().cloned()).collect();
    let watch: Option<fn(&str)> = std::io::stderr().is_terminal().then_some(show_progress);
    let ended = run(&program, &command, Duration::from_secs(own.seconds), watch);
    match ended.context("starting the reading process")? {
        Ended::Reported(code, text) => {
            super::print(&text)?;
            Ok(ExitCode::from(code))
        }
        Ended::Stopped(why) => {
            if own.json {
                let source = own.source.display().to_string();
                let finding = serde_json::json!({"index": null, "kind": "storage", "detail": why});
                let report =
                    serde_json::json!({"source": source, "result": "damaged", "exit": 2, "finding": finding});
                super::print(&format!("{report}\n"))?;
            } else {
                super::print(&format!(
                    "result      damaged\nsource      {}\nkind        storage\ndetail      {why}\n",
                    own.source.display()
                ))?;
            }
            Ok(ExitCode::from(2))
        }
    }
}

/// The child tells how far it is, one line each, on its standard error, which the parent reads.
fn tell_progress(done: u64, of: u64) {
    eprintln!("progress {done} of {of} entries");
}

/// On a terminal, one line that is written over.
fn show_progress(line: &str) {
    if let Some(rest) = line.strip_prefix("progress ") {
        eprint!("\r\x1b[K{rest}");
    } else if line.is_empty() {
        eprint!("\r\x1b[K");
    }
}

/// The child: limits itself, verifies, prints once at the end.
pub(super) fn child(arguments: &[OsString]) -> ExitCode {
    limit();
    let child =
        Child::parse_from(std::iter::once(OsString::from("ledger verify")).chain(arguments.iter().cloned()));
    let pace = step_back(&child.arguments.source);
    let Ok(mut options) = child.arguments.options() else { return ExitCode::from(2) };
    options.pace = pace;
    options.progress = Some(tell_progress);
    let report = verify(&child.arguments.source, &options);
    let text = if child.arguments.json { format!("{}\n", report.json()) } else { report.to_string() };
    match super::print(&text) {
        Ok(_) => ExitCode::from(report.outcome.exit()),
        Err(_) => ExitCode::from(2),
    }
}
