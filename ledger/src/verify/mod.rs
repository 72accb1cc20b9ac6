//! Verification from raw bytes: of a live ledger, a closed or crashed file, and an export.
//!
//! Everything is recomputed: entries decoded strictly, chain, tree, the signature of every checkpoint with its epoch's key, the
//! enrolment, the hashes of what is detached, idempotency keys and every row beside. The first contradiction is named with its
//! index, kind, expected and found hash. Verification never writes.
//!
//! A damaged file can make the database library panic or use much memory, so the program verifies in a child process with limits
//! ([`child`]); the library call catches panics.

pub mod child;
mod policy;
mod report;
mod run;
mod source;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

pub use policy::{Policy, PolicyError};
pub use report::{Finding, FindingKind, Outcome, Report};

use crate::note::Note;
use source::Source;

/// What to compare with.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// A checkpoint that was seen before.
    pub against: Option<Note>,
    /// What the auditor asks for.
    pub policy: Policy,
}

/// Verifies a ledger's folder, its database file, or an export. Never fails: what cannot be read is a result.
pub fn verify(source: &Path, options: &Options) -> Report {
    let mut report = Report::new(source);
    let done = catch_unwind(AssertUnwindSafe(|| match Source::open(source) {
        Ok(opened) => run::run(&opened, options, &mut report),
        Err(error) => Err(Finding::damaged(error.to_string())),
    }));
    match done {
        Ok(Ok(())) => {}
        Ok(Err(finding)) => report.find(finding),
        Err(_) => report
            .find(Finding::damaged("the database library stopped at a contradiction in the file".to_owned())),
    }
    report.judge(options);
    report
}
