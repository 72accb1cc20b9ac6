//! The files of a ledger's folder.
//!
//! | file | what | who may read it |
//! |---|---|---|
//! | `ledger.redb` | everything that is proven | auditors |
//! | `enrolment` | the enrolment record, as in the database | everybody |
//! | `log.vkey` | one signed-note key a line for each epoch | everybody |
//! | `cosigned` | the last cosigned checkpoint, a signed note, once there is one | everybody |
//! | `shredding`, `ledger.old`, `ledger.new` | only while keys are destroyed, or after that was cut off | the kiosk alone |
//! | `pictures/N` | the picture of the package of entry N, encrypted, where the site keeps it ([`crate::pictures`]) | the kiosk and the pharmacy |
//! | `keys/device.key` | 32 bytes: wraps patient keys, makes pseudonyms | the kiosk alone |
//! | `keys/epoch.state` | epoch (4 bytes) and secret (32): signs | the kiosk alone |
//! | `keys/hospital.key` | 32 bytes, only when `init` made one | nobody on the kiosk: move it away |

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::epoch::EpochState;

/// The longest signed note that is read from a file, in bytes.
pub(crate) const MOST_NOTE: u64 = 1 << 20;

/// Where a ledger's files are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder at `path`, which need not exist.
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        self.0.join("ledger.redb")
    }

    /// The enrolment record.
    pub fn enrolment(&self) -> PathBuf {
        self.0.join("enrolment")
    }

    /// The verifier keys.
    pub fn verifier_keys(&self) -> PathBuf {
        self.0.join("log.vkey")
    }

    /// The device key.
    pub fn device_key(&self) -> PathBuf {
        self.0.join("keys/device.key")
    }

    /// The epoch state.
    pub fn epoch_state(&self) -> PathBuf {
        self.0.join("keys/epoch.state")
    }

    /// The hospital's key, when `init` made one.
    pub fn hospital_key(&self) -> PathBuf {
        self.0.join("keys/hospital.key")
    }

    /// The last cosigned checkpoint, when there is one.
    pub fn cosigned(&self) -> PathBuf {
        self.0.join("cosigned")
    }

    /// The kept pictures.
    pub fn pictures(&self) -> PathBuf {
        self.0.join("pictures")
    }

    /// The kept picture of an entry.
    pub fn picture(&self, sequence: u64) -> PathBuf {
        self.pictures().join(sequence.to_string())
    }

    /// Makes the folder and its `keys`; refuses one that holds anything.
    pub(crate) fn create(&self) -> io::Result<()> {
        match fs::read_dir(&self.0) {
            Ok(mut held) => {
                if held.next().is_some() {
                    return Err(io::ErrorKind::AlreadyExists.into());
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => fs::create_dir_all(&self.0)?,
            Err(error) => return Err(error),
        }
        fs::DirBuilder::new().mode(0o700).create(self.0.join("keys"))
    }

    /// Makes the names in the folder durable.
    pub(crate) fn sync(&self) -> io::Result<()> {
        File::open(self.0.join("keys"))?.sync_all()?;
        File::open(&self.0)?.sync_all()
    }

    /// The epoch state.
    pub(crate) fn read_epoch_state(&self) -> io::Result<EpochState> {
        read_epoch_state(&self.epoch_state())
    }

    /// Puts a new epoch state in the place of the old one, then overwrites the old one's bytes. A file system that copies on
    /// write, or flash, may still hold them: full-disk encryption is asked for in the operating manual.
    pub(crate) fn write_epoch_state(&self, state: &EpochState) -> io::Result<()> {
        let mut bytes = Zeroizing::new([0; 36]);
        bytes[..4].copy_from_slice(&state.epoch().to_be_bytes());
        bytes[4..].copy_from_slice(state.secret());
        let (path, new) = (self.epoch_state(), self.0.join("keys/epoch.state.new"));
        let old = OpenOptions::new().write(true).open(&path);
        // A power cut can have left it, with a secret that signs for days that are over.
        match overwrite_and_remove(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        create(&new, 0o600, &*bytes)?;
        fs::rename(&new, &path)?;
        self.sync()?;
        if let Ok(mut old) = old {
            old.rewind()?;
            old.write_all(&[0; 36])?;
            old.sync_all()?;
        }
        Ok(())
    }
}

/// Whether a folder is an export and not a ledger.
pub(crate) fn is_export(path: &Path) -> bool {
    path.join("checkpoint").is_file() && !path.join("ledger.redb").is_file()
}

/// The epoch state of a file.
pub(crate) fn read_epoch_state(path: &Path) -> io::Result<EpochState> {
    let bytes = read_secret::<36>(path)?;
    let (epoch, secret) = bytes.split_at(4);
    let mut state = Zeroizing::new([0; 32]);
    state.copy_from_slice(secret);
    let epoch = epoch.try_into().map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
    Ok(EpochState::new(u32::from_be_bytes(epoch), state))
}

/// Makes a file that must not exist, durably.
pub(crate) fn create(path: &Path, mode: u32, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Puts a file in the place of an older one, durably: after a power cut one of the two is there, whole.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o644).open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// Overwrites a file with zeros, durably, and removes it. What flash or a copying file system keeps is beyond it.
pub(crate) fn overwrite_and_remove(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    let mut left = file.metadata()?.len();
    let zeros = vec![0; 1 << 20];
    while left > 0 {
        let part = zeros.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        file.write_all(&zeros[..part])?;
        left -= part as u64;
    }
    file.sync_all()?;
    fs::remove_file(path)
}

/// Reads a file that somebody else may have put there: a regular one of at most so many bytes.
pub(crate) fn read_at_most(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    read_into(path, most, &mut bytes)?;
    Ok(bytes)
}

/// As [`read_at_most`], to a place that is used again.
pub(crate) fn read_into(path: &Path, most: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
    bytes.clear();
    open_regular(path)?.take(most.saturating_add(1)).read_to_end(bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it is longer than {most} bytes")));
    }
    Ok(())
}

/// Opens a regular file; a pipe would be waited for.
pub(crate) fn open_regular(path: &Path) -> io::Result<File> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
    }
    File::open(path)
}

/// The last cosigned checkpoint beside a database, where there is one.
pub(crate) fn read_cosigned(folder: &Folder) -> io::Result<Option<Vec<u8>>> {
    match read_at_most(&folder.cosigned(), MOST_NOTE) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads a secret of exactly `N` bytes.
pub(crate) fn read_secret<const N: usize>(path: &Path) -> io::Result<Zeroizing<[u8; N]>> {
    let mut bytes = Zeroizing::new([0; N]);
    let mut file = File::open(path)?;
    file.read_exact(&mut *bytes)?;
    if file.read(&mut [0])? == 0 { Ok(bytes) } else { Err(io::ErrorKind::InvalidData.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_a_power_cut_left_is_overwritten_before_it_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::new(&dir.path().join("ledger"));
        folder.create().unwrap();
        let (left, seen) = (folder.path().join("keys/epoch.state.new"), dir.path().join("seen"));
        fs::write(&left, [7; 36]).unwrap();
        fs::hard_link(&left, &seen).unwrap();
        folder.write_epoch_state(&EpochState::new(3, Zeroizing::new([9; 32]))).unwrap();
        assert_eq!(fs::read(&seen).unwrap(), [0; 36]);
        assert!(!left.exists());
        assert_eq!(folder.read_epoch_state().unwrap().epoch(), 3);
    }

    #[test]
    fn a_file_is_read_up_to_its_bound_and_a_pipe_is_not_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        fs::write(&path, [1; 8]).unwrap();
        assert_eq!(read_at_most(&path, 8).unwrap(), [1; 8]);
        assert_eq!(read_at_most(&path, 7).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(read_at_most(dir.path(), 7).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }
}
