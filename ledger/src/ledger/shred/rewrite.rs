//! The database written anew, without the pages that still hold what was taken out, and the old one overwritten.
//!
//! | file of the folder | what |
//! |---|---|
//! | `shredding` | stands from before the first key is taken out until the last old page is overwritten |
//! | `ledger.new` | the new database while it is written |
//! | `ledger.old` | the old one until it is overwritten |
//!
//! Whoever finds `shredding` does all of it again: after a full disk or a power cut nothing is forgotten. At every moment `ledger.redb`
//! is a whole database.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::ShredError;
use crate::backup;
use crate::files::{self, Folder};

/// What `shredding` says to whoever finds it.
const SAID: &str = "Patient keys were taken out of this ledger, and the files beside this one may still hold them. `ledger shred` finishes it.\n";

/// The rewriting of a ledger's database, whose folder nobody else has.
pub(super) struct Rewriting<'a> {
    folder: &'a Folder,
    mark: PathBuf,
    old: PathBuf,
    new: PathBuf,
}

impl<'a> Rewriting<'a> {
    pub(super) fn of(folder: &'a Folder) -> Self {
        let database = folder.database();
        let (old, new) = (database.with_extension("old"), database.with_extension("new"));
        Self { folder, mark: folder.path().join("shredding"), old, new }
    }

    /// Whether it was begun and not finished.
    ///
    /// # Errors
    /// When that cannot be told, or files of other people have the names that it needs.
    pub(super) fn is_begun(&self) -> Result<bool, ShredError> {
        if exists(&self.mark).map_err(at(&self.mark))? {
            return Ok(true);
        }
        for path in [&self.old, &self.new] {
            if exists(path).map_err(at(path))? {
                return Err(ShredError::InTheWay(path.clone()));
            }
        }
        Ok(false)
    }

    /// Notes durably, before any key is taken out, that old pages are to be overwritten.
    ///
    /// # Errors
    /// When that cannot be written.
    pub(super) fn begin(&self) -> Result<(), ShredError> {
        match files::create(&self.mark, 0o644, SAID.as_bytes()) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(at(&self.mark)(error)),
            _ => {}
        }
        self.sync()
    }

    /// Writes the closed database anew and overwrites what is left of the old one, and of an attempt before.
    ///
    /// # Errors
    /// When anything could not be done; it is then still begun.
    pub(super) fn finish(&self) -> Result<(), ShredError> {
        let database = self.folder.database();
        self.wipe(&self.new)?;
        self.wipe(&self.old)?;
        if let Err(error) = backup::copy_database(&database, &self.new) {
            // The failure is what is told; the room that the attempt took is given back where that can be done.
            let _ = self.wipe(&self.new);
            return Err(error.into());
        }
        fs::hard_link(&database, &self.old).map_err(at(&self.old))?;
        fs::rename(&self.new, &database).map_err(at(&self.new))?;
        self.sync()?;
        self.wipe(&self.old)?;
        self.sync()?;
        fs::remove_file(&self.mark).map_err(at(&self.mark))?;
        self.sync()
    }

    /// Overwrites a file and removes it; a second name of the database itself is only removed.
    fn wipe(&self, path: &Path) -> Result<(), ShredError> {
        if !exists(path).map_err(at(path))? {
            return Ok(());
        }
        let (is, database) = (fs::metadata(path), fs::metadata(self.folder.database()));
        let (is, database) = (is.map_err(at(path))?, database.map_err(at(path))?);
        if (is.dev(), is.ino()) == (database.dev(), database.ino()) {
            return fs::remove_file(path).map_err(at(path));
        }
        files::overwrite_and_remove(path).map_err(at(path))
    }

    fn sync(&self) -> Result<(), ShredError> {
        let path = self.folder.path();
        fs::File::open(path).and_then(|folder| folder.sync_all()).map_err(at(path))
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> ShredError {
    let path = path.to_owned();
    move |error| ShredError::Old { path, error }
}

fn exists(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
