//! Pictures of packages for the pharmacy: of a barcode that nobody knows, of one that could not be scanned, of a stop.
//!
//! A picture is a help and no evidence, so it stands beside the database, is in no hash, and may be thrown away. It may show a name on a
//! label, so it is encrypted as the patient data of its entry is, and unreadable once that patient's key is destroyed. The file
//! `pictures/N` holds
//! `nonce (12 bytes, random) || AES-256-GCM(key, nonce, AAD, JPEG)`, the key by HKDF from the patient's key ("bcma-ledger/1 picture"),
//! AAD = `origin || 0x00 || N (8 bytes) || leaf hash (32)`: it opens for its own entry alone.

use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::Timestamp;
use ring::aead::{Aad, Nonce};
use zeroize::Zeroizing;

use crate::epoch::expand;
use crate::files::{self, Folder};
use crate::hash::Hash;
use crate::history::{History, HistoryError};
use crate::keys::{PatientKey, cipher};
use crate::random::{self, NoRandomness};
use crate::store::StoreError;
use crate::tree::leaf_hash;

/// The longest picture, in bytes; one of 1280 x 720 pixels stays far below it.
pub const MOST_BYTES: usize = 1 << 20;
/// Pictures that are kept at most; the oldest go first.
pub const MOST_KEPT: usize = 500;
/// Bytes of a nonce.
const NONCE: usize = 12;
/// Key purpose.
const PURPOSE: &[u8] = b"bcma-ledger/1 picture";

/// Why a picture is not kept or not shown.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// Too long.
    #[error("the picture has {0} bytes, at most {MOST_BYTES} are kept")]
    Length(usize),
    /// The entry has no patient data, or its key was destroyed.
    #[error(
        "there is no key for a picture of entry {0}: the entry has no patient data, or its key was destroyed"
    )]
    NoKey(u64),
    /// There is no entry with this idempotency key.
    #[error("the entry of the picture is not recorded")]
    NoEntry,
    /// The entry cannot be read.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No randomness.
    #[error(transparent)]
    Random(#[from] NoRandomness),
    /// The file.
    #[error("{path}: {error}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// It does not open.
    #[error("{path}: the picture does not open: it belongs to another entry, or was changed", path = path.display())]
    Cipher {
        /// Which.
        path: PathBuf,
    },
}

fn aad(origin: &str, sequence: u64, leaf: &Hash) -> Vec<u8> {
    [origin.as_bytes(), &[0], &sequence.to_be_bytes(), leaf].concat()
}

/// The key and hash of an entry, as a picture of it is sealed.
struct Place {
    key: Zeroizing<[u8; 32]>,
    aad: Vec<u8>,
}

impl Place {
    fn of(history: &mut History<'_>, origin: &str, sequence: u64) -> Result<Self, PictureError> {
        let leaf = history.leaf(sequence)?;
        let hash = leaf_hash(&leaf.encode());
        let key: &PatientKey = history.key_of(&leaf)?.ok_or(PictureError::NoKey(sequence))?;
        Ok(Self { key: expand(&key.secret, PURPOSE), aad: aad(origin, sequence, &hash) })
    }
}

/// Encrypts a picture for an entry and puts it beside the ledger; one that is there already is replaced.
pub(crate) fn keep(
    folder: &Folder,
    history: &mut History<'_>,
    origin: &str,
    sequence: u64,
    jpeg: &[u8],
) -> Result<(), PictureError> {
    if jpeg.len() > MOST_BYTES {
        return Err(PictureError::Length(jpeg.len()));
    }
    let path = folder.picture(sequence);
    let place = Place::of(history, origin, sequence)?;
    let nonce: [u8; NONCE] = random::public()?;
    let mut sealed = Zeroizing::new(jpeg.to_vec());
    cipher(&place.key)
        .and_then(|cipher| {
            let nonce = Nonce::assume_unique_for_key(nonce);
            cipher.seal_in_place_append_tag(nonce, Aad::from(&place.aad), &mut *sealed).ok()
        })
        .ok_or_else(|| PictureError::Cipher { path: path.clone() })?;
    let written = std::fs::create_dir_all(folder.pictures())
        .and_then(|()| files::replace(&path, &[nonce.as_slice(), &sealed].concat()));
    written.map_err(|error| failed(&path, error))
}

/// The picture of an entry as a JPEG; `None` when none was kept.
pub(crate) fn open(
    folder: &Folder,
    history: &mut History<'_>,
    origin: &str,
    sequence: u64,
) -> Result<Option<Zeroizing<Vec<u8>>>, PictureError> {
    let path = folder.picture(sequence);
    let mut bytes = match std::fs::read(&path) {
        Ok(bytes) => Zeroizing::new(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(&path, error)),
    };
    let place = Place::of(history, origin, sequence)?;
    let opened = bytes.split_first_chunk_mut::<NONCE>().and_then(|(nonce, sealed)| {
        let nonce = Nonce::assume_unique_for_key(*nonce);
        cipher(&place.key)?.open_in_place(nonce, Aad::from(&place.aad), sealed).ok().map(|plain| plain.len())
    });
    let length = opened.ok_or(PictureError::Cipher { path })?;
    bytes.truncate(NONCE + length);
    bytes.drain(..NONCE);
    Ok(Some(bytes))
}

/// The entries below `size` of which a picture is kept, in their order.
pub(crate) fn entries(folder: &Folder, size: u64) -> Result<Vec<u64>, PictureError> {
    let mut found: Vec<u64> = listed(folder)?
        .iter()
        .filter_map(|path| path.file_name()?.to_str()?.parse().ok())
        .filter(|sequence| *sequence < size)
        .collect();
    found.sort_unstable();
    Ok(found)
}

fn failed(path: &Path, error: io::Error) -> PictureError {
    PictureError::File { path: path.to_owned(), error }
}

/// The files of the pictures; none when there is no folder.
fn listed(folder: &Folder) -> Result<Vec<PathBuf>, PictureError> {
    let place = folder.pictures();
    let listed = match std::fs::read_dir(&place) {
        Ok(listed) => listed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(&place, error)),
    };
    listed.map(|file| file.map(|file| file.path()).map_err(|error| failed(&place, error))).collect()
}

/// Throws pictures away that were kept before an instant, and the oldest beyond [`MOST_KEPT`]: how many.
///
/// # Errors
/// When the folder cannot be read or a file not removed; no folder is none kept.
pub fn tidy(folder: &Folder, before: Timestamp) -> Result<usize, PictureError> {
    let mut kept = Vec::new();
    for path in listed(folder)? {
        let modified = std::fs::metadata(&path).and_then(|about| about.modified());
        kept.push((modified.map_err(|error| failed(&path, error))?, path));
    }
    kept.sort();
    let too_many = kept.len().saturating_sub(MOST_KEPT);
    let old = kept.partition_point(|(at, _)| *at < SystemTime::from(before));
    let over = &kept[..too_many.max(old)];
    for (_, path) in over {
        std::fs::remove_file(path).map_err(|error| failed(path, error))?;
    }
    Ok(over.len())
}
