//! Where evidence comes from: a database file, or an export folder. Every core reads from it at once.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::finding::{Finding, FindingKind};
use crate::files::{Folder, read_cosigned};
use crate::hash::Hash;
use crate::store::{Reading, Row, StoreError, View};
use crate::tiles::{Export, ReadError};

/// Why a source cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum SourceError {
    #[error("{0}: neither a ledger's folder, nor a ledger.redb, nor an export")]
    Nothing(PathBuf),
    #[error("{path}: {error}")]
    Store { path: PathBuf, error: StoreError },
    #[error("{path}: {error}")]
    File { path: PathBuf, error: io::Error },
    #[error(transparent)]
    Export(#[from] ReadError),
}

impl From<SourceError> for Finding {
    fn from(error: SourceError) -> Self {
        let is_consequence = matches!(error, SourceError::Store { error: StoreError::Closed, .. });
        Self { is_consequence, ..Self::damaged(error.to_string()) }
    }
}

impl From<StoreError> for Finding {
    fn from(error: StoreError) -> Self {
        Self { is_consequence: matches!(error, StoreError::Closed), ..Self::damaged(error.to_string()) }
    }
}

/// An opened source.
pub(super) enum Source {
    Database(Database),
    Export(Export),
}

/// A database, read in snapshots.
pub(super) struct Database {
    pub(super) path: PathBuf,
    pub(super) folder: Option<PathBuf>,
    /// The file `cosigned` as it stood before the first snapshot: each snapshot holds what is cosigned there.
    pub(super) cosigned: io::Result<Option<Vec<u8>>>,
    reading: Reading,
    /// The snapshot that is read now.
    view: Mutex<Option<Arc<View>>>,
}

impl Database {
    fn failed(&self, error: StoreError) -> SourceError {
        SourceError::Store { path: self.path.clone(), error }
    }

    /// The snapshot that is read now, which begins here when there is none.
    pub(super) fn view(&self) -> Result<Arc<View>, SourceError> {
        let mut view = self.view.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(view) = &*view {
            return Ok(Arc::clone(view));
        }
        let begun = Arc::new(self.reading.view().map_err(|error| self.failed(error))?);
        *view = Some(Arc::clone(&begun));
        Ok(begun)
    }

    /// The names of all tables.
    pub(super) fn tables(&self) -> Result<Vec<String>, SourceError> {
        self.reading.tables().map_err(|error| self.failed(error))
    }

    /// Asks the snapshot.
    fn ask<T>(&self, question: impl FnOnce(&View) -> Result<T, StoreError>) -> Result<T, SourceError> {
        question(&*self.view()?).map_err(|error| self.failed(error))
    }
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
        let reading =
            Reading::open_once(&path).map_err(|error| SourceError::Store { path: path.clone(), error })?;
        let cosigned = folder.as_deref().map_or(Ok(None), |folder| read_cosigned(&Folder::new(folder)));
        let database = Database { path, folder, cosigned, reading, view: Mutex::new(None) };
        database.view()?;
        Ok(Self::Database(database))
    }

    /// Lets the snapshot go; what is asked next begins a new one. As long as one is held, its writer can use no page again that it holds:
    /// the file grows, and each entry takes longer. Entries are never changed, so a later snapshot says the same of them.
    pub(super) fn let_go(&self) {
        if let Self::Database(database) = self {
            *database.view.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }

    /// `live`, `closed`, `crashed` or `export`.
    pub(super) fn state(&self) -> &'static str {
        match self {
            Self::Export(_) => "export",
            Self::Database(database) if database.reading.was_unclean() => "crashed",
            Self::Database(database) => match Reading::in_use(&database.path) {
                Ok(true) => "live",
                _ => "closed",
            },
        }
    }

    /// The one file that holds the entries, when it is one.
    pub(super) fn file(&self) -> Option<&Path> {
        match self {
            Self::Database(database) => Some(&database.path),
            Self::Export(_) => None,
        }
    }

    /// Entries, by the last one's number.
    pub(super) fn size(&self) -> Result<u64, SourceError> {
        match self {
            Self::Database(database) => database.ask(View::size),
            Self::Export(export) => Ok(export.size()),
        }
    }

    pub(super) fn meta(&self, name: &str) -> Result<Vec<u8>, SourceError> {
        match self {
            Self::Database(database) => Ok(database.ask(|view| view.meta(name))?.unwrap_or_default()),
            Self::Export(export) => {
                export.meta(name).map_err(|error| SourceError::File { path: export.path().to_owned(), error })
            }
        }
    }

    /// Entries `from..to` in their order, each with what stands beside it, until `visit` says `false`.
    pub(super) fn rows(
        &self,
        from: u64,
        to: u64,
        mut visit: impl FnMut(Row<'_>) -> bool,
    ) -> Result<(), SourceError> {
        self.blocks(from, to, |rows| rows.iter().all(|row| visit(*row)))
    }

    /// As [`rows`](Self::rows), with the entries that lie together at once.
    pub(super) fn blocks(
        &self,
        from: u64,
        to: u64,
        mut visit: impl FnMut(&[Row<'_>]) -> bool,
    ) -> Result<(), SourceError> {
        match self {
            Self::Database(database) => database.ask(|view| view.blocks_between(from, to, visit)),
            Self::Export(export) => Ok(export.bundles_between(from, to, &mut visit)?),
        }
    }

    /// The snapshot of a database.
    pub(super) fn view(&self) -> Result<Option<Arc<View>>, SourceError> {
        match self {
            Self::Database(database) => database.view().map(Some),
            Self::Export(_) => Ok(None),
        }
    }

    /// The signature over the checkpoint of a size.
    pub(super) fn signature(&self, size: u64) -> Result<Option<[u8; 64]>, SourceError> {
        match self {
            Self::Database(database) => database.ask(|view| view.signature(size)),
            Self::Export(export) => Ok(export.signature(size)),
        }
    }

    /// A stored node of level 8, 16 and so on, `None` when it is not there.
    pub(super) fn tile(&self, level: u8, index: u64) -> Result<Option<Hash>, SourceError> {
        match self {
            Self::Database(database) => database.ask(|view| view.tile(level, index)),
            Self::Export(export) => Ok(export.node(level, index)),
        }
    }

    /// Any node: stored, or computed from what is below it.
    pub(super) fn node(&self, level: u8, index: u64) -> Result<Hash, Finding> {
        let missing = || {
            let detail = format!("node {index} of level {level} is missing");
            Finding::new(FindingKind::Node, None, detail)
        };
        if level == 0 {
            let mut hash = None;
            self.rows(index, index + 1, |row| {
                hash = Some(crate::tree::leaf_hash(row.entry));
                true
            })?;
            return hash.ok_or_else(missing);
        }
        if level.is_multiple_of(8) {
            return self.tile(level, index)?.ok_or_else(missing);
        }
        Ok(crate::tree::node_hash(&self.node(level - 1, index * 2)?, &self.node(level - 1, index * 2 + 1)?))
    }

    /// The root of the first `size` entries, from stored nodes.
    pub(super) fn root(&self, size: u64) -> Result<Hash, Finding> {
        crate::tree::Frontier::load(size, |level, index| self.node(level, index))
            .map(|frontier| frontier.root())
    }
}
