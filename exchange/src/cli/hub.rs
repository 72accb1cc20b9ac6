//! `exchange hub`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use exchange::hub::{config, serve};
use jiff::Timestamp;

use super::say;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The configuration; `docs/operating.md` lists its keys.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Check the configuration and stop.
    #[arg(long)]
    check: bool,
}

pub(super) fn run(arguments: &Arguments, clock: fn() -> Timestamp) -> anyhow::Result<ExitCode> {
    let path = arguments.config.display().to_string();
    let config = config::read(&arguments.config)?;
    super::log();
    if arguments.check {
        serve::acceptor(&config).with_context(|| path.clone())?;
        say(&format!("{path}: good"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let running =
        serve::start(&config, ledger::random::public()?, serve::steady(clock)).with_context(|| path)?;
    say(&format!(
        "listening: hub {}://{}",
        if config.tls.is_some() { "https" } else { "http" },
        running.address
    ))?;
    let told = running.wait_for_signal()?;
    running.stop();
    anyhow::ensure!(
        told,
        "the hub's store fails: see to the disk, then start it again; kiosks go on alone meanwhile"
    );
    say("stopped")?;
    Ok(ExitCode::SUCCESS)
}
