//! The file of hashed PINs. Its first line tells for which device key they were made, because under another one every PIN would be wrong
//! and nobody would know why.
//!
//! ```text
//! kiosk-pins 1 <first 8 bytes of HMAC-SHA-256(device secret, "kiosk pin file 1"), hex>
//! <clinician> $argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>
//! ```

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use argon2::password_hash::phc::PasswordHash;
use ledger::hash::hex;
use rights::ident::ClinicianId;
use ring::hmac;

const FORMAT: &str = "kiosk-pins 1";

/// Why a file of hashed PINs cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PinFileError {
    /// It cannot be read or written.
    #[error("{path}: {source}; PINs are set with `kiosk set-pins`")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is no such file.
    #[error(
        "{path}: line {line}: {what}; correct it, or remove the file and set all PINs with `kiosk set-pins`"
    )]
    Malformed {
        /// Which.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// It was made for another device.
    #[error("{0}: these PINs were set for another device key: set them again with `kiosk set-pins`")]
    OtherDevice(PathBuf),
}

/// Hashes by person.
pub type Hashes = BTreeMap<ClinicianId, String>;

/// Reads a file.
///
/// # Errors
/// When it cannot be read, makes no sense, or belongs to another device.
pub fn read(path: &Path, secret: &[u8]) -> Result<Hashes, PinFileError> {
    let text =
        std::fs::read_to_string(path).map_err(|source| PinFileError::Io { path: path.to_owned(), source })?;
    let malformed = |line, what| PinFileError::Malformed { path: path.to_owned(), line, what };
    let mut lines = text.lines().zip(1..);
    let first = lines.next().and_then(|(line, _)| line.strip_prefix(FORMAT)?.strip_prefix(' '));
    let made_for = first.ok_or_else(|| malformed(1, "not a file of hashed PINs"))?;
    if made_for != check(secret) {
        return Err(PinFileError::OtherDevice(path.to_owned()));
    }
    lines
        .map(|(line, number)| {
            let (id, hash) = line.rsplit_once(' ').ok_or_else(|| malformed(number, "no hash"))?;
            let id = ClinicianId::parse(id).map_err(|_| malformed(number, "no id of a clinician"))?;
            PasswordHash::new(hash).map_err(|_| malformed(number, "no Argon2 hash"))?;
            Ok((id, hash.to_owned()))
        })
        .collect()
}

/// Puts a file in the place of an older one, durably, for its owner alone: after a power cut one of the two is there, whole.
///
/// # Errors
/// When it cannot be written.
pub fn write(path: &Path, secret: &[u8], hashes: &Hashes) -> Result<(), PinFileError> {
    let lines = hashes.iter().map(|(id, hash)| format!("{id} {hash}\n"));
    let text: String = std::iter::once(format!("{FORMAT} {}\n", check(secret))).chain(lines).collect();
    replace(path, text.as_bytes()).map_err(|source| PinFileError::Io { path: path.to_owned(), source })
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut new = path.as_os_str().to_owned();
    new.push(format!(".new.{}", std::process::id()));
    let new = PathBuf::from(new);
    // A file that is there already, or a link, is somebody else's.
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
    let written =
        file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| std::fs::rename(&new, path));
    if let Err(error) = written {
        let _ = std::fs::remove_file(&new);
        return Err(error);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn check(secret: &[u8]) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), b"kiosk pin file 1");
    hex(&tag.as_ref()[..8])
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::super::{Cost, Pins};
    use super::*;

    fn one() -> Hashes {
        let mut pins = Pins::new(b"device secret", Cost::Demo);
        pins.set(&ClinicianId::parse("rn-1").unwrap(), "2468", [7; 16]).unwrap();
        pins.into_hashes()
    }

    #[test]
    fn what_is_written_is_read_by_its_device_alone_and_holds_no_pin() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pins");
        write(&path, b"device secret", &one()).unwrap();
        assert_eq!(read(&path, b"device secret").unwrap(), one());
        assert!(!std::fs::read_to_string(&path).unwrap().contains("2468"));
        // Whatever the rights of the file before, and of what lies around.
        for name in ["pins", "pins.new"] {
            std::fs::write(folder.path().join(name), "older").unwrap();
            std::fs::set_permissions(folder.path().join(name), std::fs::Permissions::from_mode(0o644))
                .unwrap();
        }
        write(&path, b"device secret", &one()).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left behind");
        let other = read(&path, b"another").unwrap_err();
        assert!(matches!(other, PinFileError::OtherDevice(_)), "{other}");
        write(&path, b"device secret", &Hashes::new()).unwrap();
        assert_eq!(read(&path, b"device secret").unwrap(), Hashes::new(), "one takes the place of the other");
    }

    #[test]
    fn a_file_that_makes_no_sense_names_the_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pins");
        assert!(read(&path, b"s").unwrap_err().to_string().contains("set-pins"), "it is not there");
        let head = format!("{FORMAT} {}", check(b"s"));
        for (text, line) in [
            (String::new(), 1),
            ("id,name\n".to_owned(), 1),
            (format!("{head}\nrn-1\n"), 2),
            (format!("{head}\nrn-1 2468\n"), 2),
        ] {
            std::fs::write(&path, &text).unwrap();
            let error = read(&path, b"s").unwrap_err().to_string();
            assert!(error.contains(&format!("line {line}:")) && !error.contains("2468"), "{error}");
        }
    }
}
