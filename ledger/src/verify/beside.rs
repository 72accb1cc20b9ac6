//! Everything in the database and its folder beside the entries: nothing more than they account for, and nothing else.

use std::collections::BTreeMap;
use std::path::Path;

use super::finding::{Finding, FindingKind};
use super::keys::Keys;
use super::pass::Pass;
use crate::cbor;
use crate::enrolment::Enrolment;
use crate::files::read_at_most;
use crate::hash::{hex, sha256};
use crate::keys::KeyRecord;
use crate::leaf::{CDDL, EARLIER_CDDL};
use crate::ledger::index_key;
use crate::store::{View, is_of_a_ledger};
use crate::tiles::Export;

/// The tables.
pub(super) fn tables(view: &View, pass: &Pass<'_>) -> Result<(), Finding> {
    let size = pass.frontier.size();
    let surplus = |what: &str| {
        Finding::new(FindingKind::Surplus, None, format!("there are {what} that no entry accounts for"))
    };
    if view.has_beyond(size)? {
        return Err(surplus("rows"));
    }
    if let Some((signatures, detached)) = view.apart()? {
        if signatures != size {
            return Err(surplus("signatures"));
        }
        if detached != pass.detached {
            return Err(surplus("encrypted data"));
        }
    }
    if view.keyed()? != pass.keyed {
        return Err(surplus("idempotency keys"));
    }
    let mut nodes = 0;
    view.tiles(|_, _| nodes += 1)?;
    if nodes != pass.nodes {
        return Err(surplus("tree nodes"));
    }
    let mut metas = 0;
    view.metas(|_, _| metas += 1)?;
    if metas != 2 {
        return Err(surplus("meta values"));
    }
    patient_keys(view, pass)?;
    policies(view, pass)
}

fn policies(view: &View, pass: &Pass<'_>) -> Result<(), Finding> {
    let mut bad = None;
    let mut policies = 0;
    view.policies(|hash, bytes| {
        policies += 1;
        if sha256(&[bytes]) != *hash || !pass.policies.contains(hash) {
            bad = Some(
                Finding::new(FindingKind::Policy, None, "a stored policy was changed")
                    .hashes(Some(*hash), Some(sha256(&[bytes]))),
            );
        }
    })?;
    if bad.is_none() && policies != pass.policies.len() {
        bad = Some(Finding::new(FindingKind::Policy, None, "a policy that an entry names is missing"));
    }
    bad.map_or(Ok(()), Err)
}

/// Each key that an entry brought is there as it was, or a shred entry says that it was destroyed.
fn patient_keys(view: &View, pass: &Pass<'_>) -> Result<(), Finding> {
    let wrong = |at: Option<u64>, detail: &str| Finding::new(FindingKind::PatientKey, at, detail);
    let mut bad = None;
    let mut rows = BTreeMap::new();
    let mut there = 0;
    view.keys(|id, bytes| {
        there += 1;
        let (at, expected) = pass.key_records.get(id).copied().unzip();
        let found = Some(sha256(&[bytes]));
        let record = cbor::decode::<KeyRecord>(bytes).ok();
        if pass.shredded.contains(id) {
            bad = Some(wrong(at, "a patient key that was to be destroyed is still there"));
        } else if expected != found || record.is_none() {
            bad = Some(wrong(at, "the record of a patient key was changed").hashes(expected, found));
        }
        rows.extend(record.map(|record| (index_key(&record.pseudonym, record.year), *id)));
    })?;
    let missing = pass.key_ids.difference(&pass.shredded).count();
    if there != missing {
        let lost = pass
            .key_records
            .iter()
            .find(|(id, _)| !pass.shredded.contains(*id) && !matches!(view.key(id), Ok(Some(_))));
        let at = lost.map(|(_, (at, _))| *at);
        bad = bad.or_else(|| Some(wrong(at, "the record of a patient key is missing")));
    }
    let mut index = BTreeMap::new();
    view.key_index(|row, id| {
        index.insert(*row, *id);
    })?;
    if index != rows {
        bad = bad.or_else(|| Some(wrong(None, "the index of patient keys does not lead to their records")));
    }
    bad.map_or(Ok(()), Err)
}

/// Tables that are none of a ledger's.
pub(super) fn strangers(tables: &[String]) -> Result<(), Finding> {
    match tables.iter().find(|table| !is_of_a_ledger(table)) {
        None => Ok(()),
        Some(table) => {
            let detail = format!("there is a table `{table}`, which no ledger has");
            Err(Finding::new(FindingKind::Surplus, None, detail))
        }
    }
}

/// The files of an export that others verify it by, and read it by: the keys are those that the enrolment commits to, the entry format
/// is the enrolled one or that of this program or an earlier one.
pub(super) fn exported(
    export: &Export,
    keys: &Keys,
    last_epoch: u32,
    enrolled: &Enrolment,
) -> Result<(), Finding> {
    let wrong = |name: &str, what: &str| {
        Err(Finding::new(FindingKind::File, None, format!("the file `{name}` {what}")))
    };
    let Ok(lines) = export.file("log.vkey") else { return wrong("log.vkey", "cannot be read") };
    if !str::from_utf8(&lines).is_ok_and(|lines| keys.are_lines_up_to(last_epoch, lines)) {
        return wrong("log.vkey", "is not the list of the keys that the hospital enrolled");
    }
    let Ok(format) = export.file("entry.cddl") else { return wrong("entry.cddl", "cannot be read") };
    let hash = sha256(&[&format]);
    if format != CDDL.as_bytes() && hash != enrolled.cddl && !EARLIER_CDDL.contains(&hex(&hash).as_str()) {
        return wrong("entry.cddl", "is not the entry format that was enrolled");
    }
    Ok(())
}

/// The files beside a database say what it says.
pub(super) fn files(folder: &Path, view: &View, keys: &Keys) -> Result<(), Finding> {
    let differs = |name: &str| {
        Finding::new(FindingKind::File, None, format!("the file `{name}` is not what the database holds"))
    };
    let same = |name: &str, expected: &[u8]| match read_at_most(&folder.join(name), expected.len() as u64) {
        Ok(found) if found == expected => Ok(()),
        _ => Err(differs(name)),
    };
    same("enrolment", &view.meta("enrolment")?.unwrap_or_default())?;
    same("log.vkey", keys.lines().as_bytes())
}
