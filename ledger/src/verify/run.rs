//! The order of the checks: who the ledger is, its entries, what stands beside them, who else has seen them.

use super::anchors::{brackets, prefix};
use super::chunk::Scope;
use super::finding::{Attack, Finding, FindingKind};
use super::keys::Keys;
use super::pass::{Pass, Start};
use super::report::Report;
use super::signatures::{SMALL, Signed};
use super::source::Source;
use super::{Options, Pace, Policy, beside};
use crate::checkpoint::Checkpoint;
use crate::enrolment::Enrolled;
use crate::glance::Glance;
use crate::hash::sha256;
use crate::kind::Kind;
use crate::leaf::CDDL;
use crate::note::{Note, NoteError};
use crate::store::Reading;
use crate::tree::{self, Frontier};

pub(super) fn run(source: &Source, options: &Options, report: &mut Report) -> Result<(), Finding> {
    report.state = source.state();
    let (enrolled, keys) = enrolment(source, &options.policy, report)?;
    if let Some(note) = &options.against {
        is_of_this_ledger(note, &enrolled.record().origin)?;
    }
    let end = source.size()?;
    let start = match &options.against {
        Some(note) if options.incremental => since(source, &enrolled, &keys, note, end)?,
        _ => Start { frontier: Frontier::default(), previous: enrolled.hash(), epoch: 0 },
    };
    let from = start.frontier.size();
    report.since = from;
    let thorough = options.thorough || end - from <= SMALL;
    let scope = Scope { source, enrolled: &enrolled, epochs: keys.count(), all_signatures: thorough };
    let signed = Signed::new(source, &keys, &enrolled.record().origin, from);
    let mut pass = Pass::new(&scope, signed, start);
    let older = options.against.as_ref().and_then(|note| Checkpoint::parse(note.text()).ok());
    pass.against = older.map(|older| (older.size, None));
    let done = entries(&mut pass, end, options).and_then(|()| last_signature(&mut pass));
    let repeated = pass.repeated(from);
    tell(&pass, report);
    done?;
    repeated?;
    if pass.frontier.size() == 0 {
        return Err(Finding::new(FindingKind::Missing, Some(0), "there is no entry at all"));
    }
    report.root = Some(pass.frontier.root());
    report.checkpoint = checkpoint(source, &pass, &keys);
    if let Source::Export(export) = source {
        last_checkpoint(export.checkpoint(), export.signature_bytes(), &pass, &keys)?;
    }
    if let Some(note) = &options.against {
        report.against = Some(prefix(source, &pass, &keys, note)?);
    }
    report.brackets = brackets(source, &pass, &keys, &options.policy)?;
    let cosigned = report.brackets.last().map_or(0, |bracket| bracket.size);
    report.not_cosigned = pass.frontier.size() - cosigned;
    report.bedside_not_cosigned = pass.bedside.is_some_and(|last| last >= cosigned);
    let last_epoch = last_entry(source, &pass, report)?;
    around(source, &keys, &pass, last_epoch, report)?;
    if thorough { pages(source, report) } else { Ok(()) }
}

/// An older checkpoint of another ledger says nothing of this one, and nothing is proven by it.
fn is_of_this_ledger(note: &Note, origin: &str) -> Result<(), Finding> {
    let other = |detail: String| Err(Finding::new(FindingKind::OtherCheckpoint, None, detail));
    match Checkpoint::parse(note.text()) {
        Ok(older) if older.origin != origin => other(format!(
            "nothing was verified: the older checkpoint is of {} and this ledger is {origin}; give one that was taken of this ledger",
            older.origin
        )),
        Err(error) => other(format!("nothing was verified: the older checkpoint: {error}")),
        Ok(_) => Ok(()),
    }
}

/// All entries. Where the pass rests, new ones came meanwhile: the last ones and what stands beside all of them are read in one snapshot.
fn entries(pass: &mut Pass<'_>, end: u64, options: &Options) -> Result<(), Finding> {
    pass.run(end, options.pace, options.progress)?;
    if options.pace == Pace::Resting {
        let source = pass.scope.source;
        source.let_go();
        pass.run(source.size()?, Pace::Full, None)?;
    }
    Ok(())
}

/// The key that must sign, and the tree that must be, after everything before an older checkpoint was taken from its root.
fn since(source: &Source, enrolled: &Enrolled, keys: &Keys, note: &Note, end: u64) -> Result<Start, Finding> {
    let bad = |detail: &str| Finding::new(FindingKind::Fork, None, detail);
    let older = Checkpoint::parse(note.text()).map_err(|error| bad(&error.to_string()))?;
    let ours = older.origin == enrolled.record().origin && keys.signed(note);
    if !ours || older.size == 0 || older.size > end {
        // What is wrong with it is named after the entries were read.
        return Ok(Start { frontier: Frontier::default(), previous: enrolled.hash(), epoch: 0 });
    }
    let frontier = Frontier::load(older.size, |level, index| source.node(level, index))?;
    if frontier.root() != older.root {
        return Ok(Start { frontier: Frontier::default(), previous: enrolled.hash(), epoch: 0 });
    }
    let last = older.size - 1;
    let mut found = None;
    source.rows(last, older.size, |row| {
        let glance = Glance::of(row.entry, &enrolled.record().origin).ok();
        found = glance.map(|glance| (tree::leaf_hash(row.entry), glance));
        true
    })?;
    let (hash, glance) =
        found.ok_or_else(|| Finding::new(FindingKind::Missing, Some(last), "the entry is missing"))?;
    // The entry itself may stand below a stored node, so its place is proven.
    let path = tree::inclusion_proof(last, older.size, |level, index| source.node(level, index))?;
    tree::check_inclusion(last, older.size, &hash, &path, &older.root).map_err(|error| {
        Finding::new(FindingKind::Signature, Some(last), format!("the last entry before it: {error}"))
    })?;
    let epoch =
        if glance.kind == Kind::ROTATE { glance.next_epoch.unwrap_or(glance.epoch) } else { glance.epoch };
    Ok(Start { frontier, previous: hash, epoch })
}

fn last_signature(pass: &mut Pass<'_>) -> Result<(), Finding> {
    let (size, root) = (pass.frontier.size(), pass.frontier.root());
    let epoch = pass.signed.epoch_of(size).unwrap_or(pass.epoch);
    pass.signed.last(size, epoch, root)
}

fn tell(pass: &Pass<'_>, report: &mut Report) {
    report.entries = pass.frontier.size();
    report.signatures = pass.signed.checked;
    report.signatures_present = pass.present;
    report.detached = pass.detached;
    report.epoch = pass.epoch;
    report.clock_sets.clone_from(&pass.clock_sets);
    let more = pass.clock_sets_in_all - pass.clock_sets.len() as u64;
    if more > 0 {
        report.notes.push(format!("the clock was set {more} more times"));
    }
    if pass.beyond_epoch > 0 {
        report.notes.push(format!("{} entries have a clock beyond their signing epoch", pass.beyond_epoch));
    }
    if pass.scope.enrolled.record().cddl != sha256(&[CDDL.as_bytes()]) {
        let text = "it was enrolled with an older text of the entry format than this program has";
        report.notes.push(text.to_owned());
    }
}

fn checkpoint(source: &Source, pass: &Pass<'_>, keys: &Keys) -> Option<String> {
    let (size, root) = (pass.frontier.size(), pass.frontier.root());
    let text = Checkpoint { origin: pass.scope.enrolled.record().origin.clone(), size, root }.to_string();
    let signature = source.signature(size).ok().flatten()?;
    let last = pass.signed.epoch_of(size)?;
    let key = keys.of(last).filter(|key| key.signed(text.as_bytes(), &signature))?;
    Some(Note::with_signature(text, &key, &signature).to_string())
}

/// The epoch of the last entry, which it may close itself.
fn last_entry(source: &Source, pass: &Pass<'_>, report: &mut Report) -> Result<u32, Finding> {
    let (last, mut epoch) = (pass.frontier.size() - 1, pass.epoch);
    source.rows(last, last + 1, |row| {
        if let Ok(glance) = Glance::of(row.entry, &report.origin) {
            epoch = glance.epoch;
            report.sealed = glance.kind == Kind::ROTATE;
            report.last_wall_s = glance.clock.wall_ns.div_euclid(1_000_000_000);
        }
        true
    })?;
    Ok(epoch)
}

/// What stands beside the entries.
fn around(
    source: &Source,
    keys: &Keys,
    pass: &Pass<'_>,
    last_epoch: u32,
    report: &mut Report,
) -> Result<(), Finding> {
    match source {
        Source::Database(database) => {
            if report.since > 0 {
                let text =
                    "only the entries since the older checkpoint were read, nothing beside those before it";
                report.notes.push(text.to_owned());
                return Ok(());
            }
            let view = database.view()?;
            beside::tables(&view, pass)?;
            beside::strangers(&database.tables()?)?;
            if let Some(folder) = &database.folder {
                beside::files(folder, &view, keys)?;
            }
            if report.state == "crashed" {
                report.notes.push(
                    "the file was not closed in an orderly way; it was repaired in memory only".to_owned(),
                );
            }
            Ok(())
        }
        Source::Export(export) => {
            report.notes.push("an export holds no patient data; its hashes alone were covered".to_owned());
            beside::exported(export, keys, last_epoch, pass.scope.enrolled.record())
        }
    }
}

/// The checksums of all pages, of a file that nobody writes. They say nothing about tampering.
fn pages(source: &Source, report: &Report) -> Result<(), Finding> {
    match source.file() {
        Some(path) if report.state == "closed" && !Reading::pages_hold(path)? => {
            let detail = "a page's checksum does not hold; every entry and everything beside them does";
            Err(Finding::new(FindingKind::Page, None, detail))
        }
        _ => Ok(()),
    }
}

fn enrolment(source: &Source, policy: &Policy, report: &mut Report) -> Result<(Enrolled, Keys), Finding> {
    let wrong = |kind, error: &dyn std::fmt::Display| Finding::new(kind, None, error.to_string());
    let enrolled = Enrolled::decode(&source.meta("enrolment")?)
        .map_err(|error| wrong(FindingKind::Enrolment, &error))?;
    report.origin.clone_from(&enrolled.record().origin);
    let hospital =
        enrolled.hospital_key().ok_or_else(|| wrong(FindingKind::Enrolment, &"no hospital key"))?;
    report.hospital = match &policy.hospital {
        None => format!("{hospital} (not pinned)"),
        Some(expected) if expected.public() == hospital.public() => {
            format!("{hospital} (as the policy asks)")
        }
        Some(expected) => {
            report.hospital = format!("{hospital} (NOT the one that the policy asks for: {expected})");
            return Err(wrong(
                FindingKind::Hospital,
                &"another key enrolled this ledger than the policy asks",
            ));
        }
    };
    let keys = enrolled
        .epoch_keys(&source.meta("epoch_keys")?)
        .map_err(|error| wrong(FindingKind::EpochKeys, &error))?;
    let keys = Keys::new(enrolled.record().origin.clone(), keys);
    Ok((enrolled, keys))
}

/// The checkpoint of an export is that of its entries, signed by the epoch's key.
fn last_checkpoint(text: &str, signature_bytes: u64, pass: &Pass<'_>, keys: &Keys) -> Result<(), Finding> {
    let bad = |detail: &str| Finding::new(FindingKind::Checkpoint, None, detail);
    let stripped = |error: NoteError| bad(&format!("`checkpoint`: {error}")).by(Attack::Stripped);
    let note = Note::parse(text).map_err(stripped)?;
    let checkpoint = Checkpoint::parse(note.text()).map_err(|error| bad(&error.to_string()))?;
    let root = pass.frontier.root();
    if checkpoint.origin != pass.scope.enrolled.record().origin || checkpoint.size != pass.frontier.size() {
        return Err(bad("the checkpoint is another ledger's or of another size"));
    }
    if checkpoint.root != root {
        return Err(
            bad("the checkpoint is not that of the entries").hashes(Some(checkpoint.root), Some(root))
        );
    }
    if !keys.signed(&note) {
        return Err(bad("the checkpoint is not signed by a key of this ledger"));
    }
    if signature_bytes != checkpoint.size * 64 {
        return Err(bad("the folder's signatures are not one for each entry"));
    }
    Ok(())
}
