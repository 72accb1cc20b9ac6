//! Whoever works in a folder has it alone.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

/// A folder that no other holder has, until this is dropped or the process ends.
#[derive(Debug)]
pub(crate) struct FolderLock(File);

impl FolderLock {
    /// Takes the folder.
    ///
    /// # Errors
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when somebody has it; otherwise why it cannot be opened.
    pub(crate) fn take(folder: &Path) -> io::Result<Self> {
        let file = File::open(folder)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(io::ErrorKind::WouldBlock.into()),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        // A child that is just being started has a copy of the file until its program begins, and would hold it for as long.
        let _ = self.0.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_has_it_until_it_is_let_go() {
        let dir = tempfile::tempdir().unwrap();
        let held = FolderLock::take(dir.path()).unwrap();
        assert_eq!(FolderLock::take(dir.path()).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        drop(held);
        FolderLock::take(dir.path()).unwrap();
        assert_eq!(FolderLock::take(&dir.path().join("none")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
