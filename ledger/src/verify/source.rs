//! Where evidence comes from: a database file, or an export folder.

use std::io;
use std::path::{Path, PathBuf};

use crate::hash::Hash;
use crate::store::{Reading, StoreError, View};
use crate::tiles::Export;

/// Why a source cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum SourceError {
    #[error("{0}: neither a ledger's folder, nor a ledger.redb, nor an export")]
    Nothing(PathBuf),
    #[error("{path}: {error}")]
    Store { path: PathBuf, error: StoreError },
    #[error("{path}: {error}")]
    File { path: PathBuf, error: io::Error },
    #[error("{0}")]
    Bundle(String),
}

/// An opened source.
pub(super) enum Source {
    Database { path: PathBuf, folder: Option<PathBuf>, reading: Reading, view: View },
    Export(Export),
}

impl Source {
    pub(super) fn open(source: &Path) -> Result<Self, SourceError> {
        let database = source.join("ledger.redb");
        if source.is_file() {
            Self::database(source.to_owned(), None)
        } else if database.is_file() {
            Self::database(database, Some(source.to_owned()))
        } else if source.join("checkpoint").is_file() {
            Export::open(source)
                .map(Self::Export)
                .map_err(|error| SourceError::File { path: source.to_owned(), error })
        } else {
            Err(SourceError::Nothing(source.to_owned()))
        }
    }

    fn database(path: PathBuf, folder: Option<PathBuf>) -> Result<Self, SourceError> {
        let at = |error| SourceError::Store { path: path.clone(), error };
        let reading = Reading::open(&path).map_err(at)?;
        let view = reading.view().map_err(at)?;
        Ok(Self::Database { path, folder, reading, view })
    }

    /// `live`, `closed`, `crashed` or `export`.
    pub(super) fn state(&self) -> &'static str {
        match self {
            Self::Export(_) => "export",
            Self::Database { reading, .. } if reading.was_unclean() => "crashed",
            Self::Database { path, .. } => match Reading::in_use(path) {
                Ok(true) => "live",
                _ => "closed",
            },
        }
    }

    pub(super) fn meta(&self, name: &str) -> Result<Vec<u8>, SourceError> {
        match self {
            Self::Database { view, path, .. } => {
                let value =
                    view.meta(name).map_err(|error| SourceError::Store { path: path.clone(), error })?;
                Ok(value.unwrap_or_default())
            }
            Self::Export(export) => {
                export.meta(name).map_err(|error| SourceError::File { path: export.path().to_owned(), error })
            }
        }
    }

    /// Every entry in its order, until `visit` says `false`.
    pub(super) fn entries(&self, mut visit: impl FnMut(u64, &[u8]) -> bool) -> Result<(), SourceError> {
        match self {
            Self::Database { view, path, .. } => {
                view.entries(0, visit).map_err(|error| SourceError::Store { path: path.clone(), error })
            }
            Self::Export(export) => export.entries(&mut visit).map_err(SourceError::Bundle),
        }
    }

    /// The signature over the checkpoint of a size.
    pub(super) fn signature(&self, size: u64) -> Result<Option<[u8; 64]>, SourceError> {
        match self {
            Self::Database { view, path, .. } => {
                view.signature(size).map_err(|error| SourceError::Store { path: path.clone(), error })
            }
            Self::Export(export) => Ok(export.signature(size)),
        }
    }

    /// A stored node, `None` when it is not there.
    pub(super) fn tile(&self, level: u8, index: u64) -> Result<Option<Hash>, SourceError> {
        match self {
            Self::Database { view, path, .. } => {
                view.tile(level, index).map_err(|error| SourceError::Store { path: path.clone(), error })
            }
            Self::Export(export) => Ok(export.node(level, index)),
        }
    }
}
