//! Cosigned checkpoints: in anchors of the chain, and beside it. Each must be one that this ledger signed and a prefix of it; then it
//! brackets time, and the greatest one tells how much of the tail nobody else has seen.

use super::finding::{Attack, Evidence, Finding, FindingKind};
use super::keys::Keys;
use super::pass::Pass;
use super::policy::Policy;
use super::source::Source;
use crate::checkpoint::Checkpoint;
use crate::hash::Hash;
use crate::note::Note;

/// A checkpoint that enough cosigners signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bracket {
    /// Entries before this existed when it was cosigned.
    pub size: u64,
    /// When the last of the needed cosigners signed, in seconds since 1970.
    pub at: u64,
    /// Who signed.
    pub by: Vec<String>,
    /// The anchor entry that holds it; entries after it did not exist then. `None` when it stands beside the chain.
    pub anchor: Option<u64>,
    /// How far the kiosk's clock was ahead of the cosigner's when the anchor was made, in seconds; negative when it was behind. It
    /// holds the way of the answer too, a few seconds.
    pub clock_ahead_s: Option<i64>,
}

/// Every cosigned checkpoint that holds, by size. Without cosigner keys in the policy no signature can be checked and there is none.
pub(super) fn brackets(
    source: &Source,
    pass: &Pass<'_>,
    keys: &Keys,
    policy: &Policy,
) -> Result<Vec<Bracket>, Finding> {
    let mut found = Vec::new();
    for (index, wall_ns, text) in &pass.anchors {
        let bad = |detail: String| Finding::new(FindingKind::Anchor, Some(*index), detail);
        let note = Note::parse(text).map_err(|error| bad(error.to_string()))?;
        let size = prefix(source, pass, keys, &note).map_err(|finding| Finding {
            index: Some(*index),
            kind: FindingKind::Anchor,
            ..finding
        })?;
        if size > *index {
            return Err(bad(format!("it anchors a checkpoint of size {size}, which did not exist yet")));
        }
        found.extend(bracket(policy, &note, size, Some((*index, *wall_ns))));
    }
    for note in beside(source)? {
        let size = prefix(source, pass, keys, &note)?;
        found.extend(bracket(policy, &note, size, None));
    }
    found.sort_by_key(|bracket| (bracket.size, bracket.at));
    Ok(found)
}

fn bracket(policy: &Policy, note: &Note, size: u64, anchor: Option<(u64, i64)>) -> Option<Bracket> {
    let mut signed: Vec<(u64, &str)> =
        policy.cosigners.iter().filter_map(|key| key.cosigned(note).map(|at| (at, key.name()))).collect();
    signed.sort_unstable();
    signed.dedup_by_key(|(_, name)| *name);
    let needed = policy.needed.max(1);
    let at = signed.get(needed - 1)?.0;
    let by = signed.iter().map(|(_, name)| (*name).to_owned()).collect();
    let ahead = |wall_ns: i64| Some(wall_ns.div_euclid(1_000_000_000) - i64::try_from(at).ok()?);
    let clock_ahead_s = anchor.and_then(|(_, wall_ns)| ahead(wall_ns));
    Some(Bracket { size, at, by, anchor: anchor.map(|(index, _)| index), clock_ahead_s })
}

/// Notes beside the chain: the file `cosigned`, and the checkpoint of an export.
fn beside(source: &Source) -> Result<Vec<Note>, Finding> {
    let wrong = |name: &str, error: &dyn std::fmt::Display| {
        Finding::new(FindingKind::File, None, format!("the file `{name}`: {error}"))
    };
    let mut notes = Vec::new();
    let (name, cosigned) = match source {
        Source::Database(database) => ("cosigned", &database.cosigned),
        Source::Export(export) => {
            let checkpoint = Note::parse(export.checkpoint());
            notes.push(checkpoint.map_err(|error| wrong("checkpoint", &error))?);
            ("ledger/cosigned", &export.cosigned())
        }
    };
    if let Some(bytes) = cosigned.as_ref().map_err(|error| wrong(name, error))? {
        let text = str::from_utf8(bytes).map_err(|error| wrong(name, &error))?;
        notes.push(Note::parse(text).map_err(|error| wrong(name, &error))?);
    }
    Ok(notes)
}

/// The size of an older checkpoint of this ledger that is a prefix of it (attacks 5, 7 and 8).
pub(super) fn prefix(source: &Source, pass: &Pass<'_>, keys: &Keys, note: &Note) -> Result<u64, Finding> {
    let bad = |detail: &str| Finding::new(FindingKind::Fork, None, detail).by(Attack::Impersonated);
    let older = Checkpoint::parse(note.text()).map_err(|error| bad(&error.to_string()))?;
    if older.origin != pass.scope.enrolled.record().origin {
        return Err(bad("the older checkpoint is another ledger's"));
    }
    if !keys.signed(note) {
        return Err(bad("the older checkpoint is not signed by a key of this ledger: \
                        this is not the ledger that it was taken of, or somebody changed it since"));
    }
    let size = pass.frontier.size();
    if older.size > size {
        let detail = format!("{} entries were there before, now there are {size}", older.size);
        let mut finding = Finding::new(FindingKind::Fork, Some(size), detail).by(Attack::CutOrRolledBack);
        finding.evidence = Some(Box::new(Evidence { older: note.to_string(), other: None }));
        return Err(finding);
    }
    let root = root(source, pass, older.size)?;
    if root != older.root {
        let detail = "the older checkpoint, signed by this ledger, has other entries: a fork";
        let mut finding = Finding::new(FindingKind::Fork, None, detail)
            .by(Attack::Forked)
            .hashes(Some(older.root), Some(root));
        finding.evidence = Some(Box::new(evidence(source, pass, keys, note, older.size, root)));
        return Err(finding);
    }
    Ok(older.size)
}

fn root(source: &Source, pass: &Pass<'_>, size: u64) -> Result<Hash, Finding> {
    match pass.against {
        _ if size == 0 => Ok(crate::tree::empty_root()),
        _ if size == pass.frontier.size() => Ok(pass.frontier.root()),
        Some((at, Some(root))) if at == size => Ok(root),
        _ => source.root(size),
    }
}

/// Two signed checkpoints of one size: a proof against the ledger that needs neither version of it.
fn evidence(source: &Source, pass: &Pass<'_>, keys: &Keys, older: &Note, size: u64, root: Hash) -> Evidence {
    let origin = pass.scope.enrolled.record().origin.clone();
    let text = Checkpoint { origin, size, root }.to_string();
    let signature = source.signature(size).ok().flatten();
    let other = signature.and_then(|signature| {
        let key = keys.signer(&text, &signature)?;
        Some(Note::with_signature(text, &key, &signature).to_string())
    });
    Evidence { older: older.to_string(), other }
}
