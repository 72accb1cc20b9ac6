//! `kiosk replay`: plays journey files and says where they differ.

use std::path::{Path, PathBuf};

use crate::journey::parse::{JourneyError, parse};
use crate::journey::play::{PlayError, Played, play};

/// Why a journey file cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The file.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Its text.
    #[error("{path}: {error}")]
    Journey {
        /// Which.
        path: PathBuf,
        /// Why.
        error: JourneyError,
    },
    /// Its playing.
    #[error("{path}: {error}")]
    Play {
        /// Which.
        path: PathBuf,
        /// Why.
        error: PlayError,
    },
}

/// Plays one journey file. The ledger is made in `ledger`, or in a temporary folder that is removed afterwards.
///
/// # Errors
/// When it cannot be played at all; differences are in the result.
pub fn replay(file: &Path, ledger: Option<&Path>) -> Result<Played, ReplayError> {
    let path = || file.to_owned();
    let text = std::fs::read_to_string(file).map_err(|source| ReplayError::File { path: path(), source })?;
    let folder = file.parent().unwrap_or(Path::new("."));
    let journey = parse(&text, folder).map_err(|error| ReplayError::Journey { path: path(), error })?;
    let temporary = tempfile::tempdir().map_err(|source| ReplayError::File { path: path(), source })?;
    let own = temporary.path().join("ledger");
    play(&journey, ledger.unwrap_or(&own), |_, _, _| {})
        .map_err(|error| ReplayError::Play { path: path(), error })
}
