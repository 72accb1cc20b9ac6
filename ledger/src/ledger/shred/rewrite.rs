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
        if exists(&self.mark).map_err(not_begun(&self.mark))? {
            return Ok(true);
        }
        for path in [&self.old, &self.new] {
            if exists(path).map_err(not_begun(path))? {
                return Err(ShredError::InTheWay(path.clone()));
            }
        }
        Ok(false)
    }

    /// Notes durably, before any key is taken out, that old pages are to be overwritten, and sees that the old database can get its
    /// second name: there is no way on without it, and none back.
    ///
    /// # Errors
    /// When that cannot be written, or the file system makes no hard links.
    pub(super) fn begin(&self) -> Result<(), ShredError> {
        let begins = match files::create(&self.mark, 0o644, SAID.as_bytes()) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => false,
            Err(error) => return Err(not_begun(&self.mark)(error)),
        };
        self.sync_folder().map_err(not_begun(self.folder.path()))?;
        let linked = self.try_link();
        if linked.is_err() && begins {
            // Nothing is to be finished. Where the mark stays all the same, the next run tries again.
            let _ = fs::remove_file(&self.mark).and_then(|()| self.sync_folder());
        }
        linked
    }

    /// Whether the database can get a second name. Also with a mark that was there: power may have failed before this was tried.
    fn try_link(&self) -> Result<(), ShredError> {
        let probe = self.folder.database().with_extension("link");
        if exists(&probe).map_err(not_begun(&probe))? {
            // A second name that a power cut left: the rewriting overwrites what it names.
            fs::remove_file(&probe).map_err(not_begun(&probe))?;
        }
        fs::hard_link(self.folder.database(), &probe)
            .map_err(|error| ShredError::NoLink { path: probe.clone(), error })?;
        fs::remove_file(&probe).map_err(not_begun(&probe))
    }

    /// Writes the closed database anew and overwrites what is left of the old one, and of an attempt before.
    ///
    /// # Errors
    /// When anything could not be done; it is then still begun.
    pub(super) fn finish(&self) -> Result<(), ShredError> {
        self.wipe(&self.new)?;
        self.wipe(&self.old)?;
        if let Err(error) = self.replace() {
            // The failure is what is told; the room that the attempt took is given back where that can be done.
            let _ = self.wipe(&self.new);
            return Err(error);
        }
        self.sync()?;
        self.wipe(&self.old)?;
        self.sync()?;
        fs::remove_file(&self.mark).map_err(at(&self.mark))?;
        self.sync()
    }

    /// Puts a copy in the place of the database, which keeps its second name.
    fn replace(&self) -> Result<(), ShredError> {
        let database = self.folder.database();
        backup::copy_database(&database, &self.new)?;
        fs::hard_link(&database, &self.old).map_err(at(&self.old))?;
        fs::rename(&self.new, &database).map_err(at(&self.new))
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
        self.sync_folder().map_err(at(self.folder.path()))
    }

    fn sync_folder(&self) -> io::Result<()> {
        fs::File::open(self.folder.path())?.sync_all()
    }
}

/// Of a failure after keys were taken out.
fn at(path: &Path) -> impl FnOnce(io::Error) -> ShredError {
    let path = path.to_owned();
    move |error| ShredError::Old { path, error }
}

fn not_begun(path: &Path) -> impl FnOnce(io::Error) -> ShredError {
    let path = path.to_owned();
    move |error| ShredError::NotBegun { path, error }
}

fn exists(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Such as a disk that is full: here what is to be copied is no database.
    #[test]
    fn a_copy_that_fails_gives_its_room_back_and_stays_to_be_finished() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::new(dir.path());
        fs::write(folder.database(), "no database").unwrap();
        let rewriting = Rewriting::of(&folder);
        rewriting.begin().unwrap();
        assert!(matches!(rewriting.finish(), Err(ShredError::Rewrite(_))));
        assert!(rewriting.is_begun().unwrap());
        assert!(!rewriting.new.exists() && !rewriting.old.exists());
        assert_eq!(fs::read(folder.database()).unwrap(), b"no database", "what is there stays");
    }

    /// Where a hard link cannot be made the shred would never be finished, so it is not begun.
    #[test]
    fn without_hard_links_nothing_is_begun() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::new(dir.path());
        let rewriting = Rewriting::of(&folder);
        // A folder gets no second name, on any file system.
        fs::create_dir(folder.database()).unwrap();
        assert!(matches!(rewriting.begin(), Err(ShredError::NoLink { .. })));
        assert!(!rewriting.is_begun().unwrap());
        // A mark that was there before the power failed does not make it possible.
        fs::write(&rewriting.mark, SAID).unwrap();
        assert!(matches!(rewriting.begin(), Err(ShredError::NoLink { .. })));
    }
}
