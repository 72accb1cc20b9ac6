//! Cosigners: third parties that see every checkpoint and sign that each one extends the one before (c2sp.org/tlog-witness,
//! c2sp.org/tlog-cosignature).
//!
//! A ledger's own file cannot tell that its tail was cut before anybody saw it, or that two versions of it exist. A cosigner can: it
//! remembers the last checkpoint of each ledger and signs only what follows from it. Its answer comes back into the chain as an
//! *anchor* entry, which also brackets time: what stands before the cosigned size existed when the cosigner signed, what stands after
//! the anchor did not.
//!
//! - [`signature`]: cosigners' keys and timestamped signatures;
//! - [`protocol`]: the request and its answers, as text and status codes;
//! - [`state`]: the cosigner itself, without network;
//! - [`http`]: the one file that knows HTTP, for both sides.

pub mod http;
pub mod protocol;
pub mod signature;
pub mod state;
