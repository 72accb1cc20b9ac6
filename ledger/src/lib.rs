//! Evidence of bedside medication administration: append, prove, verify, export.
//!
//! One kiosk has one ledger: a chain of entries in deterministic CBOR ([`leaf`]), an RFC 6962 Merkle tree over the same leaf hashes
//! ([`tree`]) and a checkpoint signed with the key of the day ([`checkpoint`], [`note`], [`epoch`]), in **one** durable redb
//! transaction for each entry ([`store`]). Patient data stands outside the leaf, encrypted ([`detached`]). The format is
//! `docs/ledger-format.md`.
//!
//! The ledger records nothing that `rights` did not decide: [`ledger::Ledger::append`] takes a `rights::entry::Entry`, which has no
//! public constructor. A dose is shown as given only with a [`receipt::Receipt`], which only a durable commit makes.
//!
//! Trust:
//!
//! | state | who is trusted with it | its loss | its theft |
//! |---|---|---|---|
//! | `ledger.redb` | nobody: it is verified | evidence since the last copy | pseudonymous facts about doses |
//! | `keys/epoch.state` | the kiosk | a new generation must be enrolled | entries from now on can be forged, none of the past: they are proven by the keys of their own epochs, and a proof by a later one is none |
//! | `keys/device.key` | the kiosk | patient data becomes unreadable, proofs hold | patient data, with the database |
//! | hospital's key | the hospital, off the kiosk | no new kiosk can be enrolled | a false ledger can be enrolled |
//!
//! Others verify it without trusting the kiosk: [`verify`] from raw bytes, [`tiles`] for programs that are not ours, [`cosign`] for third
//! parties that hold its tail, [`report`] for counting.
//!
//! What it deliberately lacks: screens and repair. Only [`cosign::http`] knows a network. A tail that was cut before anybody else saw
//! its checkpoint cannot be found from the file alone: the copies in the messages to the order system and cosigners are for that.
//!
//! ```
//! use ledger::clock::ClockEvidence;
//! use ledger::init::{InitOptions, init};
//! use ledger::ledger::{Ledger, OpenOptions};
//! use ledger::verify::{Options, Outcome, verify};
//!
//! let dir = tempfile::tempdir()?;
//! let folder = dir.path().join("ledger");
//! let clock = ClockEvidence::now();
//! init(&folder, &InitOptions::new("hospital.example/3b/kiosk-03/g1"), &clock)?;
//! let ledger = Ledger::open(&folder, &OpenOptions::default(), &clock)?;
//! // ... ledger.append(&entry, &clock)? gives a receipt for each entry of the bedside ...
//! ledger.close(&clock)?;
//! let report = verify(&folder, &Options::default());
//! assert_eq!((report.outcome, report.entries), (Outcome::Fine, 3)); // genesis, boot, close
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod backup;
pub mod cbor;
pub mod checkpoint;
pub mod clock;
pub mod codec;
pub mod cosign;
pub mod detached;
pub mod enrolment;
pub mod epoch;
pub mod files;
mod glance;
pub mod hash;
pub mod history;
pub mod index;
pub mod init;
pub mod inspect;
pub mod keys;
pub mod kind;
pub mod leaf;
pub mod ledger;
mod lock;
pub mod note;

pub mod pictures;
pub mod proof;
pub mod random;
pub mod reading;
pub mod receipt;
pub mod report;
pub mod store;
mod tail;
pub mod tiles;
pub mod tree;
mod unfinished;
pub mod verify;
