//! Why a ledger does not open, and why nothing was recorded.

use std::path::PathBuf;

use crate::detached::DetachedError;
use crate::enrolment::EnrolmentError;
use crate::keys::KeyError;
use crate::random::NoRandomness;
use crate::store::StoreError;
use crate::tail::TailError;

/// Why a ledger does not open. It is never repaired into something else.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database is missing or unreadable.
    #[error("{path}: {error}{}", remedy(error))]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// An export.
    #[error("{0}: this is an export, which holds no database; name the kiosk's own ledger")]
    IsExport(PathBuf),
    /// The kiosk's keys are not beside it: it is a copy.
    #[error(
        "{path}: not there: this is a copy, or the kiosk's keys are lost. Without them it can be read and verified; recording and \
         shredding are done on the kiosk's own ledger, and a copy whose retention is over is destroyed as a whole"
    )]
    NoKeys {
        /// Which key.
        path: PathBuf,
    },
    /// Another file beside the database is missing or unreadable.
    #[error("{path}: {error}; it belongs to this ledger: put it back, or use the account that may read it")]
    Beside {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The database.
    #[error("{path}: {error}")]
    Store {
        /// Which.
        path: PathBuf,
        /// Why.
        error: StoreError,
    },
    /// Another kiosk's ledger.
    #[error("this is the ledger of {found}, not of {expected}; nothing was recorded in it")]
    OtherOrigin {
        /// Whose it is.
        found: String,
        /// Whose it should be.
        expected: String,
    },
    /// Another device key.
    #[error("keys/device.key is not the key of this ledger; put back the key that was made with it")]
    OtherDeviceKey,
    /// The epoch state is another ledger's.
    #[error(
        "keys/epoch.state does not belong to this ledger: its signing key is not the enrolled one of epoch {0}"
    )]
    OtherEpochKey(u32),
    /// The ledger is older than its keys: it was put back from a copy.
    #[error(
        "the keys are at epoch {keys}, the ledger ends in epoch {ledger}: an older ledger was put in its place"
    )]
    RolledBack {
        /// The keys' epoch.
        keys: u32,
        /// The ledger's.
        ledger: u32,
    },
    /// A cosigner saw more entries than there are, or others.
    #[error(
        "a cosigner saw {cosigned} entries of this ledger, and this is not a continuation of them (it has {size}): an older or another \
         ledger was put in its place"
    )]
    BehindCosigned {
        /// What was cosigned.
        cosigned: u64,
        /// Entries.
        size: u64,
    },
    /// The enrolment.
    #[error(transparent)]
    Enrolment(#[from] EnrolmentError),
    /// The files beside the database and the database say different things.
    #[error("{0} is not what the database holds")]
    Differs(&'static str),
    /// The end of the ledger does not hold.
    #[error(
        "the end of the ledger does not hold: {0}; run `ledger verify` and call whoever is responsible for it"
    )]
    Tail(#[from] TailError),
    /// Opening is an entry, and it could not be recorded.
    #[error("opening could not be recorded: {0}")]
    Boot(#[from] AppendError),
}

/// Only of a database that is not there it helps to say how one is made.
fn remedy(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::NotFound => "; a ledger is made by `ledger init`",
        std::io::ErrorKind::PermissionDenied => "; use the account that may write to it",
        _ => "",
    }
}

/// Why nothing was recorded. After any of these but [`KeyReused`](Self::KeyReused) and the limits the ledger is closed to further
/// entries until it is opened again.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// An earlier failure.
    #[error("not recorded: the ledger stopped after an earlier failure ({0}); it must be opened again")]
    Stopped(String),
    /// Another entry has this idempotency key.
    #[error("not recorded: entry {sequence} has the same idempotency key and another content")]
    KeyReused {
        /// Which.
        sequence: u64,
    },
    /// Longer than the format allows.
    #[error("not recorded: the entry has {0} bytes, more than 65,535")]
    TooLong(usize),
    /// More entries at once than one commit takes.
    #[error("not recorded: {0} entries at once, more than {most}", most = crate::ledger::Ledger::MOST_AT_ONCE)]
    TooMany(usize),
    /// What would be stored is not what was meant.
    #[error("not recorded: the encoded {0} does not decode to what was to be recorded")]
    Contradiction(&'static str),
    /// The database.
    #[error("not recorded: {0}")]
    Store(#[from] StoreError),
    /// A patient key.
    #[error("not recorded: {0}")]
    Key(#[from] KeyError),
    /// Encryption.
    #[error("not recorded: {0}")]
    Detached(#[from] DetachedError),
    /// No randomness.
    #[error("not recorded: {0}")]
    Random(#[from] NoRandomness),
    /// The epoch state could not be stored.
    #[error("not recorded: keys/epoch.state: {0}")]
    EpochState(std::io::Error),
    /// An earlier entry of the same key could not be read.
    #[error("not recorded: the earlier entry {0} of the same idempotency key cannot be read")]
    Earlier(u64),
}

impl AppendError {
    /// Whether the ledger may go on: nothing was begun.
    pub(super) const fn is_harmless(&self) -> bool {
        matches!(self, Self::KeyReused { .. } | Self::TooLong(_) | Self::TooMany(_) | Self::Stopped(_))
    }
}
