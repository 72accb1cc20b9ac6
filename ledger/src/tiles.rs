//! The export: a C2SP tlog-tiles folder (c2sp.org/tlog-tiles) that other people's programs verify, and reading it back.
//!
//! ```text
//! checkpoint            the last checkpoint, a signed note
//! log.vkey              one signed-note key a line, for each epoch up to the last
//! tile/L/N[.p/W]        hashes: 256 of 32 bytes, fewer in a partial tile
//! tile/entries/N[.p/W]  entries: each with its length in 2 bytes, big-endian
//! entry.cddl            the entry format
//! ledger/enrolment, ledger/epoch_keys, ledger/signatures      what only our verifier needs
//! ledger/cosigned       the last cosigned checkpoint, when there is one
//! ```
//!
//! Nothing in it is patient data: that stays in the database.

use std::fs;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::files;
use crate::hash::Hash;
use crate::note::Note;
use crate::store::{Row, StoreError, View};
use crate::tree::{leaf_hash, nodes_above};
use crate::unfinished::Unfinished;

/// Entries or hashes of a full tile.
const WIDTH: u64 = 256;
/// Bytes of an entry in a bundle, with its length.
const MOST_IN_BUNDLE: u64 = 2 + u16::MAX as u64;
/// Bytes of a bundle.
pub(crate) const MOST_BUNDLE: u64 = WIDTH * MOST_IN_BUNDLE;
/// Bytes of a file that is read as a whole: the keys of all epochs are the longest.
const MOST_FILE: u64 = 64 << 20;

/// Why nothing was exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The folder holds something.
    #[error("{0}: already exists; an export is made only in a new folder")]
    Exists(PathBuf),
    /// Another export was begun there.
    #[error("{0}: an export that is being made, or was interrupted; remove it if nobody is making one")]
    Begun(PathBuf),
    /// A file could not be made.
    #[error("{path}: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The ledger could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An entry is missing.
    #[error("entry {0} is missing; run `ledger verify`")]
    Missing(u64),
}

/// The path of tile `index` with `width` items: `x001/x234/067`, a partial one with `.p/W`.
pub fn tile_path(level: &str, index: u64, width: u64) -> String {
    let mut parts = vec![format!("{:03}", index % 1000)];
    let mut rest = index / 1000;
    while rest > 0 {
        parts.push(format!("x{:03}", rest % 1000));
        rest /= 1000;
    }
    parts.reverse();
    let partial = if width < WIDTH { format!(".p/{width}") } else { String::new() };
    format!("tile/{level}/{}{partial}", parts.join("/"))
}

/// The tiles of a level with `items` items: index and width.
fn tiles_of(items: u64) -> impl Iterator<Item = (u64, u64)> {
    (0..items.div_ceil(WIDTH)).map(move |index| (index, (items - index * WIDTH).min(WIDTH)))
}

/// The first entry of a bundle and what follows it; `None` when the bundle ends inside it.
pub fn first_entry(bundle: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bundle.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

/// Writes an export of the first `size` entries, durably, which has its name when it is whole. `keys` are the lines of `log.vkey`, `checkpoint` the signed note of that size,
/// `cosigned` the last cosigned one.
///
/// # Errors
/// When the folder exists, a file cannot be made or the ledger cannot be read.
pub fn export(
    folder: &Path,
    view: &View,
    size: u64,
    keys: &str,
    checkpoint: &Note,
    cosigned: Option<&[u8]>,
) -> Result<(), ExportError> {
    if folder.exists() {
        return Err(ExportError::Exists(folder.to_owned()));
    }
    let made = Unfinished::export(folder).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => ExportError::Begun(Unfinished::path_for(folder)),
        _ => ExportError::File { path: folder.to_owned(), error },
    })?;
    let to = made.folder().path();
    let write = |name: &str, bytes: &[u8]| {
        let path = to.join(name);
        let made = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, bytes));
        made.map_err(|error| ExportError::File { path, error })
    };
    write("entry.cddl", crate::leaf::CDDL.as_bytes())?;
    write("log.vkey", keys.as_bytes())?;
    for name in ["enrolment", "epoch_keys"] {
        write(&format!("ledger/{name}"), &view.meta(name)?.unwrap_or_default())?;
    }
    if let Some(cosigned) = cosigned {
        write("ledger/cosigned", cosigned)?;
    }
    let (mut signatures, mut bundle, mut level_hashes) = (Vec::new(), Vec::new(), Vec::new());
    let mut failed = None;
    view.rows_between(0, size, |row| {
        let here = level_hashes.len() as u64;
        let length = u16::try_from(row.entry.len()).ok().filter(|_| row.index == here);
        let (Some(length), Some(signature)) = (length, row.signature) else {
            failed = Some(ExportError::Missing(here));
            return false;
        };
        signatures.extend_from_slice(signature);
        bundle.extend(length.to_be_bytes());
        bundle.extend_from_slice(row.entry);
        level_hashes.push(leaf_hash(row.entry));
        let items = level_hashes.len() as u64;
        if items.is_multiple_of(WIDTH) || items == size {
            failed = write(&tile_path("entries", here / WIDTH, items - here / WIDTH * WIDTH), &bundle).err();
            bundle.clear();
        }
        failed.is_none()
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    if level_hashes.len() as u64 != size {
        return Err(ExportError::Missing(level_hashes.len() as u64));
    }
    write("ledger/signatures", &signatures)?;
    let mut level = 0;
    while !level_hashes.is_empty() {
        for (index, width) in tiles_of(level_hashes.len() as u64) {
            let from = usize::try_from(index * WIDTH).unwrap_or(usize::MAX);
            let tile = &level_hashes[from..from + usize::try_from(width).unwrap_or(0)];
            write(&tile_path(&level.to_string(), index, width), tile.as_flattened())?;
        }
        level_hashes = level_hashes.chunks_exact(256).map(root_of).collect();
        level += 1;
    }
    write("checkpoint", checkpoint.to_string().as_bytes())?;
    made.finish().map_err(|error| ExportError::File { path: folder.to_owned(), error })
}

/// The root over a full tile.
fn root_of(hashes: &[Hash]) -> Hash {
    let mut hashes = hashes.to_vec();
    while hashes.len() > 1 {
        hashes = nodes_above(&hashes);
    }
    hashes.first().copied().unwrap_or_default()
}

/// An export that is read.
#[derive(Debug)]
pub struct Export {
    path: PathBuf,
    checkpoint: String,
    /// The file of signatures, 64 bytes for each entry, and its length.
    signatures: Option<(fs::File, u64)>,
    size: u64,
    /// The tile of nodes that was read last: the next node mostly stands beside it.
    last_tile: Mutex<(String, Vec<u8>)>,
}

impl Export {
    /// Opens an export.
    ///
    /// # Errors
    /// When its checkpoint or its signatures cannot be read, or the checkpoint names no size.
    pub fn open(path: &Path) -> io::Result<Self> {
        let checkpoint = files::read_at_most(&path.join("checkpoint"), files::MOST_NOTE)?;
        let checkpoint = String::from_utf8(checkpoint)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "`checkpoint` is not text"))?;
        let signatures = match files::open_regular(&path.join("ledger/signatures")) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            other => Some(other.and_then(|file| Ok((file.metadata()?.len(), file)))?),
        };
        let signatures = signatures.map(|(length, file)| (file, length));
        let size = checkpoint.lines().nth(1).and_then(|size| size.parse().ok()).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, "the second line of `checkpoint` is no size")
        })?;
        Ok(Self { path: path.to_owned(), checkpoint, signatures, size, last_tile: Mutex::default() })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The checkpoint, as it stands.
    pub fn checkpoint(&self) -> &str {
        &self.checkpoint
    }

    /// Bytes of signatures, 64 for each entry.
    pub fn signature_bytes(&self) -> u64 {
        self.signatures.as_ref().map_or(0, |(_, length)| *length)
    }

    pub(crate) fn meta(&self, name: &str) -> io::Result<Vec<u8>> {
        self.file(&format!("ledger/{name}"))
    }

    /// A file of it, by its path.
    pub(crate) fn file(&self, name: &str) -> io::Result<Vec<u8>> {
        files::read_at_most(&self.path.join(name), MOST_FILE)
    }

    /// The last cosigned checkpoint, where there is one.
    pub(crate) fn cosigned(&self) -> io::Result<Option<Vec<u8>>> {
        match files::read_at_most(&self.path.join("ledger/cosigned"), files::MOST_NOTE) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn signature(&self, size: u64) -> Option<[u8; 64]> {
        let mut bytes = Vec::new();
        self.signatures_from(size.checked_sub(1)?, 1, &mut bytes);
        bytes.as_chunks::<64>().0.first().copied().filter(is_signature)
    }

    /// The signatures after entries `from..`, at most so many; fewer when they are not there.
    fn signatures_from(&self, from: u64, most: u64, into: &mut Vec<u8>) {
        into.clear();
        let Some((file, length)) = &self.signatures else { return };
        let at = from.saturating_mul(64);
        let bytes = length.saturating_sub(at).min(most.saturating_mul(64));
        into.resize(usize::try_from(bytes).unwrap_or_default(), 0);
        if file.read_exact_at(into, at).is_err() {
            into.clear();
        }
    }

    /// A node of level 8, 16 ..: the last hash that a full tile below leads to, as the tile above holds it.
    pub(crate) fn node(&self, level: u8, index: u64) -> Option<Hash> {
        let tile = (index / WIDTH, usize::try_from(index % WIDTH).ok()?);
        let items = self.size.checked_shr(u32::from(level))?;
        let width = (items - (tile.0 * WIDTH).min(items)).min(WIDTH);
        let name = tile_path(&(level / 8).to_string(), tile.0, width);
        let mut last = self.last_tile.lock().unwrap_or_else(PoisonError::into_inner);
        if last.0 != name {
            let tile = files::read_at_most(&self.path.join(&name), width * 32).ok();
            let tile = tile.filter(|tile| tile.len() as u64 == width * 32)?;
            *last = (name, tile);
        }
        last.1.as_chunks::<32>().0.get(tile.1).copied()
    }

    /// Entries, as the checkpoint says.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The names of the files that [`rows`](Self::rows) reads, in their order: bundle by bundle its entries and their hashes.
    pub(crate) fn bundles(&self) -> impl Fn(u64) -> Option<[PathBuf; 2]> + Clone + Send + 'static {
        let size = self.size;
        move |index| {
            let width = size.checked_sub(index.checked_mul(WIDTH)?)?.min(WIDTH);
            let path = |level| tile_path(level, index, width).into();
            (width > 0).then(|| [path("entries"), path("0")])
        }
    }

    /// Entries `from..to` in their order, until `visit` says `false`.
    pub(crate) fn rows(
        &self,
        from: u64,
        to: u64,
        visit: &mut dyn FnMut(Row<'_>) -> bool,
    ) -> Result<(), ReadError> {
        self.bundles_between(from, to, &mut |rows| rows.iter().all(|row| visit(*row)))
    }

    /// As [`rows`](Self::rows), with the entries of a bundle at once.
    pub(crate) fn bundles_between(
        &self,
        from: u64,
        to: u64,
        visit: &mut dyn FnMut(&[Row<'_>]) -> bool,
    ) -> Result<(), ReadError> {
        let bundle = |name: &str, what: String| ReadError(format!("{name}: {what}"));
        let to = to.min(self.size);
        // One bundle after the other is read to the same place.
        let (mut bytes, mut leaves, mut signatures) = (Vec::new(), Vec::new(), Vec::new());
        for index in from / WIDTH..to.div_ceil(WIDTH) {
            let width = (self.size - index * WIDTH).min(WIDTH);
            let read = |name: &str, most: u64, into: &mut Vec<u8>| {
                let read = files::read_into(&self.path.join(name), most, into);
                read.map_err(|error| bundle(name, error.to_string()))
            };
            let (name, hashes) = (tile_path("entries", index, width), tile_path("0", index, width));
            read(&name, width * MOST_IN_BUNDLE, &mut bytes)?;
            read(&hashes, width * 32, &mut leaves)?;
            self.signatures_from(index * WIDTH, width, &mut signatures);
            let mut signed = signatures.as_chunks::<64>().0.iter();
            if leaves.len() as u64 != width * 32 {
                return Err(bundle(&hashes, format!("{} bytes instead of {}", leaves.len(), width * 32)));
            }
            let (first, mut rest) = (index * WIDTH, bytes.as_slice());
            let mut rows = Vec::with_capacity(leaves.len() / 32);
            for (index, leaf) in (first..).zip(leaves.as_chunks::<32>().0) {
                let Some((entry, after)) = first_entry(rest) else { break };
                rest = after;
                let signature = signed.next().filter(|signature| is_signature(signature));
                rows.push(Row { index, entry, signature, detached: None, leaf: Some(leaf) });
            }
            let whole = first + rows.len() as u64;
            rows.retain(|row| (from..to).contains(&row.index));
            if !visit(&rows) {
                return Ok(());
            }
            if whole < to.min(first + width) {
                return Err(bundle(&name, format!("ends inside entry {whole}")));
            }
            if to >= first + width && !rest.is_empty() {
                return Err(bundle(&name, "bytes follow its last entry".to_owned()));
            }
        }
        Ok(())
    }
}

/// A signature of zeros is none, as in the database.
fn is_signature(bytes: &[u8; 64]) -> bool {
    *bytes != [0; 64]
}

/// Why an export cannot be read on: a file is missing or not in its form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ReadError(String);

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of the specification.
    #[test]
    fn paths_are_those_of_the_specification() {
        assert_eq!(tile_path("0", 0, 256), "tile/0/000");
        assert_eq!(tile_path("1", 1_234_067, 256), "tile/1/x001/x234/067");
        assert_eq!(tile_path("entries", 273, 112), "tile/entries/273.p/112");
    }
}
