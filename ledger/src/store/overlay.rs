//! Copy-on-write over a file: reads come from the file, writes stay in memory. With it a file that needs a repair is read without
//! being touched.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::{PoisonError, RwLock};

use redb::StorageBackend;

/// Bytes of a block that is copied when one of its bytes changes.
const BLOCK: u64 = 4096;

/// A file with changes in memory.
#[derive(Debug)]
pub(crate) struct Overlay {
    file: File,
    file_length: u64,
    changes: RwLock<Changes>,
}

#[derive(Debug)]
struct Changes {
    length: u64,
    blocks: BTreeMap<u64, Vec<u8>>,
}

impl Overlay {
    /// Over a file, which is opened for reading only.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok(Self {
            file,
            file_length: length,
            changes: RwLock::new(Changes { length, blocks: BTreeMap::new() }),
        })
    }

    fn block(&self, changes: &Changes, number: u64) -> io::Result<Vec<u8>> {
        if let Some(block) = changes.blocks.get(&number) {
            return Ok(block.clone());
        }
        let mut block = vec![0; usize::try_from(BLOCK).unwrap_or(4096)];
        let start = number * BLOCK;
        let inside = self.file_length.saturating_sub(start).min(BLOCK);
        if let Some(part) = usize::try_from(inside).ok().and_then(|inside| block.get_mut(..inside)) {
            self.file.read_exact_at(part, start)?;
        }
        Ok(block)
    }

    /// Calls `visit` with each block that `offset..offset + length` touches: its number, the range inside it, the position in
    /// the caller's bytes.
    fn each(
        offset: u64,
        length: usize,
        mut visit: impl FnMut(u64, usize, usize, usize) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut done = 0;
        while done < length {
            let at = offset + done as u64;
            let inside = usize::try_from(at % BLOCK).unwrap_or(0);
            let count = (length - done).min(usize::try_from(BLOCK).unwrap_or(4096) - inside);
            visit(at / BLOCK, inside, count, done)?;
            done += count;
        }
        Ok(())
    }
}

impl StorageBackend for Overlay {
    fn len(&self) -> io::Result<u64> {
        Ok(self.changes.read().unwrap_or_else(PoisonError::into_inner).length)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let changes = self.changes.read().unwrap_or_else(PoisonError::into_inner);
        let end = offset.checked_add(out.len() as u64).filter(|end| *end <= changes.length);
        let Some(end) = end else { return Err(io::ErrorKind::UnexpectedEof.into()) };
        let unchanged = changes.blocks.range(offset / BLOCK..end.div_ceil(BLOCK)).next().is_none();
        if unchanged && end <= self.file_length {
            return self.file.read_exact_at(out, offset);
        }
        Self::each(offset, out.len(), |number, inside, count, done| {
            let block = self.block(&changes, number)?;
            out[done..done + count].copy_from_slice(&block[inside..inside + count]);
            Ok(())
        })
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let mut changes = self.changes.write().unwrap_or_else(PoisonError::into_inner);
        if length < changes.length {
            // What is cut off reads as zeros when the storage grows again.
            let first = length / BLOCK;
            let mut edge = self.block(&changes, first)?;
            edge[usize::try_from(length % BLOCK).unwrap_or(0)..].fill(0);
            changes.blocks.insert(first, edge);
            for number in first + 1..changes.length.div_ceil(BLOCK) {
                changes.blocks.insert(number, vec![0; usize::try_from(BLOCK).unwrap_or(4096)]);
            }
        }
        changes.length = length;
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut changes = self.changes.write().unwrap_or_else(PoisonError::into_inner);
        Self::each(offset, data.len(), |number, inside, count, done| {
            let mut block = self.block(&changes, number)?;
            block[inside..inside + count].copy_from_slice(&data[done..done + count]);
            changes.blocks.insert(number, block);
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Debug)]
    enum Act {
        Write(u64, Vec<u8>),
        Length(u64),
    }

    fn any_act() -> impl Strategy<Value = Act> {
        prop_oneof![
            (0_u64..9000, prop::collection::vec(any::<u8>(), 1..5000))
                .prop_map(|(at, data)| Act::Write(at, data)),
            (0_u64..14_000).prop_map(Act::Length),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn it_behaves_as_a_byte_vector_and_leaves_the_file(
            start in prop::collection::vec(any::<u8>(), 0..9000),
            acts in prop::collection::vec(any_act(), 0..12),
        ) {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), &start).unwrap();
            let overlay = Overlay::open(file.path()).unwrap();
            let mut model = start.clone();
            for act in acts {
                match act {
                    Act::Write(at, data) => {
                        let end = usize::try_from(at).unwrap() + data.len();
                        if end > model.len() {
                            model.resize(end, 0);
                            overlay.set_len(end as u64).unwrap();
                        }
                        model[end - data.len()..end].copy_from_slice(&data);
                        overlay.write(at, &data).unwrap();
                    }
                    Act::Length(length) => {
                        model.resize(usize::try_from(length).unwrap(), 0);
                        overlay.set_len(length).unwrap();
                    }
                }
            }
            let mut read = vec![0; model.len()];
            overlay.read(0, &mut read).unwrap();
            prop_assert!(read == model);
            prop_assert!(overlay.read(model.len() as u64, &mut [0]).is_err());
            prop_assert!(std::fs::read(file.path()).unwrap() == start);
        }
    }
}
