//! The one folder that knows redb. One durable transaction for each entry or batch of entries; entries are never changed or removed. The one thing
//! that is ever destroyed is the key of a patient whose retention is over, together with an entry that says so.
//!
//! | table | key | value |
//! |---|---|---|
//! | `tail` | sequence | row: entry bytes as hashed, signature of the checkpoint after it, nonce and ciphertext; with its idempotency key |
//! | `blocks` | first sequence | rows that left the tail together |
//! | `idempotency` | idempotency key of a row in a block | sequence |
//! | `tiles` | level * 2^56 + index, levels 8, 16, 24 .. | node hash |
//! | `keys` | key id | wrapped patient key |
//! | `key_index` | patient pseudonym, year | key id |
//! | `policies` | SHA-256 | policy |
//! | `meta` | name | enrolment, epoch keys |

mod apart;
mod index;
mod overlay;
mod packed;
mod read;
mod row;
mod unflushed;
mod write;

pub use redb::StorageBackend;
use redb::{Builder, TableDefinition, TableHandle as _};

pub(crate) use index::{IndexFile, LotPlace, Sections};
pub use read::{KeyWalk, Reading, View};
pub use row::Row;
pub use unflushed::Unflushed;
pub use write::{NewEntry, Store, copy};

const IDEMPOTENCY: TableDefinition<'_, &[u8; 20], u64> = TableDefinition::new("idempotency");
const TILES: TableDefinition<'_, u64, &[u8; 32]> = TableDefinition::new("tiles");
const KEYS: TableDefinition<'_, &[u8; 16], &[u8]> = TableDefinition::new("keys");
const KEY_INDEX: TableDefinition<'_, &[u8; 34], &[u8; 16]> = TableDefinition::new("key_index");
const POLICIES: TableDefinition<'_, &[u8; 32], &[u8]> = TableDefinition::new("policies");
const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");

/// Whether a ledger's file has a table of this name, in this or an earlier form.
pub(crate) fn is_of_a_ledger(table: &str) -> bool {
    let beside =
        [IDEMPOTENCY.name(), TILES.name(), KEYS.name(), KEY_INDEX.name(), POLICIES.name(), META.name()];
    let rows = packed::TABLES.into_iter().chain(apart::TABLES);
    beside.into_iter().chain(rows).any(|known| known == table)
}

/// Cached pages, in bytes. A kiosk has little memory, and appending touches few pages.
const CACHE_BYTES: usize = 32 << 20;
/// The same for a reader who goes through a file once: what is kept is never asked for again, and memory that is used again at once is
/// quicker than new memory (an eighth of the time of a verification).
const CACHE_BYTES_ONCE: usize = 1 << 20;

/// How processes share the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sharing {
    /// One process writes, others may read meanwhile (redb `SingleWriter`): two flushes a commit.
    #[default]
    LiveReaders,
    /// One process alone has the file (redb `ExclusiveWriter`): one flush a commit.
    Alone,
}

impl Sharing {
    fn builder(self) -> Builder {
        self.builder_with(CACHE_BYTES)
    }

    fn builder_with(self, cache_bytes: usize) -> Builder {
        let mut builder = Builder::new();
        builder.set_cache_size(cache_bytes).set_concurrency_mode(match self {
            Self::LiveReaders => redb::ConcurrencyMode::SingleWriter,
            Self::Alone => redb::ConcurrencyMode::ExclusiveWriter,
        });
        builder
    }
}

/// Why the database did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No space is left.
    #[error("the disk is full; free space on the ledger's disk, then open the ledger again")]
    Full,
    /// Another process has it.
    #[error("another process has the ledger open")]
    Busy,
    /// It was not closed in an orderly way and may not be repaired here.
    #[error("the ledger was not closed in an orderly way; its owner repairs it when it opens it")]
    Unclean,
    /// Reading or writing failed.
    #[error("reading or writing the ledger failed: {0}")]
    Io(std::io::Error),
    /// An earlier failure closed it.
    #[error("an earlier failure closed the ledger; open it again")]
    Closed,
    /// The file's content makes no sense.
    #[error("the ledger's file is damaged: {0}")]
    Damaged(String),
}

fn stop(error: impl Into<redb::Error>) -> StoreError {
    match error.into() {
        redb::Error::Io(error) if error.kind() == std::io::ErrorKind::StorageFull => StoreError::Full,
        redb::Error::Io(error) => StoreError::Io(error),
        redb::Error::DatabaseAlreadyOpen => StoreError::Busy,
        redb::Error::RepairAborted => StoreError::Unclean,
        redb::Error::PreviousIo | redb::Error::DatabaseClosed | redb::Error::TransactionPoisoned => {
            StoreError::Closed
        }
        other => StoreError::Damaged(other.to_string()),
    }
}

const fn tile_key(level: u8, index: u64) -> u64 {
    ((level as u64) << 56) | index
}
