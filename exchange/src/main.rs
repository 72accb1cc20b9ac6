//! `exchange`: orders and the drug file into the kiosk's store, feeds in, administrations out.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    // The only place of this program that asks for the time.
    cli::main(jiff::Timestamp::now)
}
