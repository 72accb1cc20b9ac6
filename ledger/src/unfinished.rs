//! A folder that is being made. It stands under another name until it is whole, so that nobody takes half a copy for one, and it goes
//! when it cannot be finished, so that the same command can be given again.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::files::{self, Folder};

/// A folder that is gone when this is dropped, unless it was finished.
#[derive(Debug)]
pub(crate) struct Unfinished {
    folder: Folder,
    /// Its name when it is whole.
    target: PathBuf,
    finished: bool,
}

impl Unfinished {
    /// Where a folder stands while it is being made.
    pub(crate) fn path_for(target: &Path) -> PathBuf {
        let mut name = target.file_name().unwrap_or_default().to_owned();
        name.push(".partial");
        target.with_file_name(name)
    }

    /// Makes the folder and its `keys`.
    ///
    /// # Errors
    /// When it is there already, which is never touched, or cannot be made.
    pub(crate) fn create(target: &Path) -> io::Result<Self> {
        let made = Self::export(target)?;
        made.folder.create()?;
        Ok(made)
    }

    /// As [`create`](Self::create), without `keys`.
    ///
    /// # Errors
    /// As there.
    pub(crate) fn export(target: &Path) -> io::Result<Self> {
        let path = Self::path_for(target);
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            fs::create_dir_all(parent)?;
        }
        fs::create_dir(&path)?;
        Ok(Self { folder: Folder::new(&path), target: target.to_owned(), finished: false })
    }

    /// The folder under the name that it has for now.
    pub(crate) const fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Gives it its name, durably.
    ///
    /// # Errors
    /// When that cannot be done, also because something has the name meanwhile.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        // Thousands of files in many folders: all of them at once.
        rustix::fs::syncfs(File::open(self.folder.path())?)?;
        fs::rename(self.folder.path(), &self.target)?;
        self.finished = true;
        let parent = self.target.parent().filter(|parent| !parent.as_os_str().is_empty());
        File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        // The failure that led here is what is told; one of cleaning up leaves a name that says what it is.
        for secret in [self.folder.device_key(), self.folder.epoch_state()] {
            let _ = files::overwrite_and_remove(&secret);
        }
        let _ = fs::remove_dir_all(self.folder.path());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_its_name_when_it_is_finished_and_is_gone_when_it_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let (target, partial) = (dir.path().join("new/copy"), dir.path().join("new/copy.partial"));
        let made = Unfinished::create(&target).unwrap();
        files::create(&made.folder().device_key(), 0o600, &[1; 32]).unwrap();
        assert!(partial.is_dir() && !target.exists());
        assert!(Unfinished::create(&target).is_err(), "another one is being made");
        assert!(partial.join("keys/device.key").is_file(), "and stays");
        drop(made);
        assert!(!partial.exists() && !target.exists());
        Unfinished::create(&target).unwrap().finish().unwrap();
        assert!(target.join("keys").is_dir() && !partial.exists());
        // Something took the name: it stays as it is.
        fs::write(target.join("other"), "x").unwrap();
        assert!(Unfinished::create(&target).unwrap().finish().is_err());
        assert!(target.join("other").is_file() && !partial.exists());
    }
}
