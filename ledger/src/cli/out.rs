//! Standard output, which may have a reader that goes away before the end: `ledger show LEDGER | head -1`.

use std::io::{self, Write as _};
use std::process::ExitCode;

/// Prints a text. When nobody reads it any more the command still ends as it would have.
pub(super) fn print(text: &str) -> anyhow::Result<ExitCode> {
    let _ = put(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// Writes bytes and says whether somebody still reads.
pub(super) fn put(bytes: &[u8]) -> anyhow::Result<bool> {
    let mut out = io::stdout().lock();
    is_read(out.write_all(bytes).and_then(|()| out.flush()))
}

fn is_read(written: io::Result<()>) -> anyhow::Result<bool> {
    match written {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(anyhow::Error::new(error).context("standard output")),
    }
}
