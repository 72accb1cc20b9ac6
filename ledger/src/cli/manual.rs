//! `ledger manual` and `ledger completions`: what follows from the definition of the command line.

use std::process::ExitCode;

use clap::{Command, CommandFactory as _};
use clap_complete::Shell;

/// The command line, without the `help` that is no page of its own.
fn command() -> Command {
    let mut command = super::Arguments::command().disable_help_subcommand(true);
    command.build();
    command
}

/// Whether a command has a page.
pub(super) fn page_of(name: &str) -> Result<String, String> {
    let known = command();
    if known.find_subcommand(name).is_some() {
        return Ok(name.to_owned());
    }
    let names: Vec<&str> = known.get_subcommands().map(Command::get_name).collect();
    Err(format!("expected one of {}", names.join(", ")))
}

/// Prints the page of the program, or of one of its commands.
pub(super) fn print(name: Option<&str>) -> anyhow::Result<ExitCode> {
    let whole = command();
    let page = name.and_then(|name| whole.find_subcommand(name)).unwrap_or(&whole);
    let mut text = Vec::new();
    let program = concat!("ledger ", env!("CARGO_PKG_VERSION"));
    clap_mangen::Man::new(page.clone()).source(program).render(&mut text)?;
    let _ = super::out::put(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// Prints a completion script. It is made in memory: what writes it panics when nobody reads.
pub(super) fn complete(shell: Shell) -> anyhow::Result<ExitCode> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut super::Arguments::command(), "ledger", &mut text);
    let _ = super::out::put(&text)?;
    Ok(ExitCode::SUCCESS)
}
