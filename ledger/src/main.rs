//! `ledger`: what auditors and the kiosk's owner do with a ledger. The bedside itself uses the library.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
