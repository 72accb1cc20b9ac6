//! `exchange station`.

use std::io::Read as _;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use exchange::station::staff;

use super::say;

#[derive(Subcommand)]
pub(super) enum StationCommand {
    /// Print the hash of a password, read from standard input (its first line), for the staff file.
    Password,
}

pub(super) fn run(command: &StationCommand) -> anyhow::Result<ExitCode> {
    match command {
        StationCommand::Password => {
            let mut text = String::new();
            let limit = u64::try_from(staff::LONGEST * 2).unwrap_or(u64::MAX);
            std::io::stdin().take(limit).read_to_string(&mut text).context("standard input")?;
            let password = text.lines().next().unwrap_or_default();
            let hash = staff::hash(password, ledger::random::public()?)?;
            say(&format!("password = \"{hash}\""))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
