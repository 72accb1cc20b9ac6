//! `cargo bench -p ledger` runs `ledger bench`, which anybody with the program can run too. Arguments after `--` go to it.

use std::process::{Command, exit};

fn main() {
    // cargo adds its own.
    let arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let status = Command::new(env!("CARGO_BIN_EXE_ledger")).arg("bench").args(arguments).status();
    exit(status.ok().and_then(|status| status.code()).unwrap_or(2));
}
