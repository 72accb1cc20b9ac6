//! Verifies an export as a client of a log does, with the crates `signed_note` and `tlog_tiles`: the signed note, every tile up to the signed
//! root, every entry against its tile. Of the chain, the entries' content and the epochs these crates know nothing.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use tlog_tiles::tlog::Error;
use tlog_tiles::{Hash, HashReader as _, Tile, TileHashReader, TileReader, record_hash, stored_hash_index};

/// Entries of a bundle.
const WIDTH: u64 = 256;
/// Entries whose hashes are asked for at once: with each question the reader authenticates the tiles above anew.
const AT_ONCE: u64 = WIDTH * WIDTH;

/// An export's tiles; those that were found good are kept in memory.
struct Tiles<'a> {
    export: &'a Path,
    good: RefCell<HashMap<Tile, Vec<u8>>>,
}

impl TileReader for Tiles<'_> {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, Error> {
        let good = self.good.borrow();
        let read = |tile: &Tile| match good.get(tile) {
            Some(data) => Ok(data.clone()),
            // x/mod, which the crate follows, names a tile tile/8/L/N, C2SP tile/L/N.
            None => std::fs::read(self.export.join(tile.path().replacen("tile/8/", "tile/", 1)))
                .map_err(|_| Error::InvalidTile),
        };
        tiles.iter().map(read).collect()
    }

    fn save_tiles(&self, tiles: &[Tile], data: &[Vec<u8>]) {
        let mut good = self.good.borrow_mut();
        // Each tile of level 0 is asked for once.
        good.extend(tiles.iter().copied().zip(data.iter().cloned()).filter(|(tile, _)| tile.level() > 0));
    }
}

/// How many entries hold, or what does not.
pub(super) fn verify(export: &Path) -> Result<u64, String> {
    let read = |name: &str| std::fs::read_to_string(export.join(name)).map_err(|e| format!("{name}: {e}"));
    let (note, keys) = (read("checkpoint")?, read("log.vkey")?);
    let note = signed_note::Note::from_bytes(note.as_bytes()).map_err(|e| e.to_string())?;
    let verifiers = keys.lines().map(|key| {
        let verifier = signed_note::StandardVerifier::new(key).map_err(|e| e.to_string())?;
        Ok(Box::new(verifier) as Box<dyn signed_note::Verifier>)
    });
    let verifiers = signed_note::VerifierList::new(verifiers.collect::<Result<_, String>>()?);
    let (verified, _) = note.verify(&verifiers).map_err(|e| e.to_string())?;
    let checkpoint = tlog_tiles::Checkpoint::from_bytes(note.text()).map_err(|e| e.to_string())?;
    if !verified.iter().any(|signature| signature.name() == checkpoint.origin()) {
        return Err("another log signed the checkpoint".to_owned());
    }
    let (size, root) = (checkpoint.size(), *checkpoint.hash());
    let tiles = Tiles { export, good: RefCell::default() };
    let hashes = TileHashReader::new(size, root, &tiles);
    for from in (0..size).step_by(usize::try_from(AT_ONCE).unwrap_or(usize::MAX)) {
        let to = size.min(from + AT_ONCE);
        let indexes: Vec<u64> = (from..to).map(|entry| stored_hash_index(0, entry)).collect();
        let expected = hashes.read_hashes(&indexes).map_err(|e| format!("tiles from entry {from}: {e}"))?;
        for (bundle, expected) in (from / WIDTH..).zip(expected.chunks(256)) {
            check(export, bundle, expected)?;
        }
    }
    Ok(size)
}

/// The entries of a bundle are those of its tile, and no byte more.
fn check(export: &Path, bundle: u64, expected: &[Hash]) -> Result<(), String> {
    let name = bundle_path(bundle, u32::try_from(expected.len()).unwrap_or(u32::MAX));
    let bytes = std::fs::read(export.join(&name)).map_err(|e| format!("{}: {e}", name.display()))?;
    let mut rest = bytes.as_slice();
    for hash in expected {
        let (entry, after) = split(rest).ok_or_else(|| format!("{} ends inside an entry", name.display()))?;
        if record_hash(entry) != *hash {
            return Err(format!("an entry of {} is not what its tile says", name.display()));
        }
        rest = after;
    }
    if rest.is_empty() { Ok(()) } else { Err(format!("bytes follow the last entry of {}", name.display())) }
}

fn split(bundle: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bundle.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

fn bundle_path(index: u64, width: u32) -> PathBuf {
    let mut tile = Tile::new(8, 0, index, width, false);
    tile.set_is_data();
    tile.path().replacen("tile/8/data/", "tile/entries/", 1).into()
}
