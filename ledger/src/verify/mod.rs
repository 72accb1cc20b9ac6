//! Verification from raw bytes: of a live ledger, a closed or crashed file, and an export.
//!
//! Everything is recomputed, on all cores: entries decoded strictly, chain, tree, the signature that closes each epoch, the enrolment,
//! the hashes of what is detached, idempotency keys and every row beside. The first contradiction is named with its index, kind,
//! expected and found hash. Verification never writes.
//!
//! A damaged file can make the database library panic or use much memory, so the program verifies in a child process with limits
//! ([`child`]); the library call catches panics.

mod ahead;
mod anchors;
mod beside;
pub mod child;
mod chunk;
mod finding;
mod hashes;
mod keys;
mod pass;
mod policy;
mod report;
mod run;
mod signatures;
mod source;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

pub use anchors::Bracket;
pub use chunk::ClockSet;
pub(crate) use chunk::clock_set;
pub use finding::{Attack, Evidence, Finding, FindingKind};
pub use policy::{Policy, PolicyError};
pub use report::{Outcome, Report};

use crate::note::Note;
use source::Source;

/// What to compare with, and how much to check.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// A checkpoint that was seen before.
    pub against: Option<Note>,
    /// Whether only what follows that checkpoint is read; what stands before it is taken from its root.
    pub incremental: bool,
    /// Whether every signature is checked, not only the last one of each epoch, which proves all entries before it, and the
    /// checksum of every page of the file. A ledger of up to 4,096 entries is always checked so.
    pub thorough: bool,
    /// What the auditor asks for.
    pub policy: Policy,
    /// Is told how many entries of how many were read.
    pub progress: Option<fn(u64, u64)>,
    /// How much of the machine it takes.
    pub pace: Pace,
}

/// How much of the machine a verification takes. It changes no result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// Every processor, and the file read ahead.
    #[default]
    Full,
    /// One thread, which rests between chunks: for a ledger that somebody is writing, because the bedside comes first.
    Resting,
}

/// Verifies a ledger's folder, its database file, or an export. Never fails: what cannot be read is a result.
pub fn verify(source: &Path, options: &Options) -> Report {
    let mut report = Report::new(source);
    let done = catch_unwind(AssertUnwindSafe(|| match Source::open(source) {
        Ok(opened) => {
            let _ahead = (options.pace == Pace::Full).then(|| ahead::Ahead::of(&opened));
            run::run(&opened, options, &mut report)
        }
        Err(error) => Err(error.into()),
    }));
    match done {
        Ok(Ok(())) => {}
        Ok(Err(finding)) => report.find(finding),
        Err(_) => report
            .find(Finding::damaged("the database library stopped at a contradiction in the file".to_owned())),
    }
    report.judge(&options.policy);
    report
}
