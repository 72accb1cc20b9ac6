//! `ledger show`: entries as text or JSON. A one-way projection: it prints the leaf hash beside each entry.

use std::path::PathBuf;
use std::process::ExitCode;

use jiff::Timestamp;
use ledger::hash::hex;
use ledger::inspect::Inspector;
use ledger::leaf::Leaf;
use ledger::tree::leaf_hash;
use rights::entry::Detached;
use rights::history::Record;
use rights::ident::ClinicianId;

/// Prints entries.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  ledger show --from 100 --to 120 /var/lib/kiosk/ledger
  ledger show --json /var/lib/kiosk/ledger | head -1
  ledger show --with-patient-data --from 17 --to 17 /var/lib/kiosk/ledger")]
pub(super) struct Arguments {
    /// The ledger's folder or file.
    source: PathBuf,
    /// Print one JSON object a line.
    #[arg(long)]
    json: bool,
    /// The first entry.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// The last entry.
    #[arg(long)]
    to: Option<u64>,
    /// Print patient, request and dose too; needs keys/device.key.
    #[arg(long)]
    with_patient_data: bool,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    if let Some(to) = arguments.to.filter(|to| *to < arguments.from) {
        let why = format!("--from {} is after --to {to}: no entry lies between", arguments.from);
        return Ok(super::misused("show", &why));
    }
    let inspector = Inspector::open(&arguments.source)?;
    // Refused as `prove` refuses it: nothing printed would read as nothing recorded.
    let _ = inspector.entry(arguments.from)?;
    let end = arguments.to.map_or(inspector.size(), |to| to.saturating_add(1).min(inspector.size()));
    if arguments.with_patient_data {
        let device = inspector.device_key()?;
        let mut text = String::new();
        inspector.with_patient_data(&device, arguments.from, end, |stored| {
            text += &print(arguments.json, &stored.leaf, stored.detached.as_ref());
        })?;
        return super::print(&text);
    }
    for index in arguments.from..end {
        let (leaf, _) = inspector.entry(index)?;
        if !super::out::put(print(arguments.json, &leaf, None).as_bytes())? {
            break;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn print(as_json: bool, leaf: &Leaf, detached: Option<&Detached>) -> String {
    if as_json {
        return format!("{}\n", json(leaf, detached));
    }
    let mut lines = vec![line(leaf)];
    if let Some(data) = detached {
        lines.extend(data.patient.as_ref().map(|patient| format!("         patient {patient}")));
        if let Some(done) = data.record.as_ref().and_then(rights::history::Record::administration) {
            let dose = done.dose.map(|dose| dose.to_string()).unwrap_or_default();
            let (outcome, request, by) = (done.outcome.name(), &done.request, &done.by);
            lines.push(format!("         {outcome} request {request} {dose} by {by}"));
        }
        if let Some(Record::FollowUp(done)) = &data.record {
            let (act, request, of) = (done.act.entry_kind().name(), &done.request, hex(&done.of.to_bytes()));
            let by = done.by.as_ref().map_or("the kiosk", ClinicianId::as_str);
            lines.push(format!("         {act} of entry with key {of}, request {request}, by {by}"));
        }
        lines.extend(data.record.as_ref().and_then(custody_line));
    }
    lines.join("\n") + "\n"
}

/// What happened to a package, or to a dose that was given without an order.
fn custody_line(record: &Record) -> Option<String> {
    let text = match record {
        Record::Disposed(done) => {
            let seen = done.witness.as_ref().map_or_else(String::new, |who| format!(", witness {who}"));
            format!("{} {} of {} by {}{seen}", done.how.name(), done.amount, done.product, done.by)
        }
        Record::SetAside(done) => {
            let products: Vec<&str> = done.packages.iter().map(|package| package.product.as_str()).collect();
            format!("in the hands of {}: {}", done.by, products.join(", "))
        }
        Record::OrderLinked(done) => format!("{} linked to request {}", done.given_under, done.request),
        Record::Reprint(done) => format!("new wristband asked for by {}", done.by),
        Record::Administration(_) | Record::FollowUp(_) | Record::Observed(_) | Record::Review(_) => {
            return None;
        }
    };
    Some(format!("         {text}"))
}

fn wall(leaf: &Leaf) -> String {
    Timestamp::from_nanosecond(i128::from(leaf.clock.wall_ns))
        .map(|at| format!("{at:.3}"))
        .unwrap_or_default()
}

/// One entry on one line.
pub(super) fn line(leaf: &Leaf) -> String {
    let clear = &leaf.clear;
    let mut parts = vec![format!("{:>8} {} {:<12}", leaf.sequence, wall(leaf), leaf.kind)];
    parts.extend(clear.class.clone());
    let not_pass = clear
        .findings
        .iter()
        .filter(|(_, class)| class != "pass")
        .map(|(check, class)| format!("{check}:{class}"));
    parts.extend(not_pass);
    for (name, value) in [("product", &clear.product), ("lot", &clear.lot), ("reason", &clear.reason)] {
        parts.extend(value.as_ref().map(|value| format!("{name} {value}")));
    }
    parts.extend(
        leaf.actor.as_ref().map(|actor| format!("by {} {}", actor.role, &hex(&actor.pseudonym)[..12])),
    );
    parts.extend(clear.next_epoch.map(|epoch| format!("next epoch {epoch}")));
    parts.push(hex(&leaf_hash(&leaf.encode()))[..16].to_owned());
    parts.join("  ")
}

/// One entry as JSON; fields are added, not renamed.
pub(super) fn json(leaf: &Leaf, detached: Option<&Detached>) -> serde_json::Value {
    let clear = &leaf.clear;
    let mut value = serde_json::json!({
        "sequence": leaf.sequence,
        "origin": leaf.origin,
        "leaf": hex(&leaf_hash(&leaf.encode())),
        "previous": hex(&leaf.previous),
        "epoch": leaf.epoch,
        "kind": leaf.kind.to_string(),
        "wall": wall(leaf),
        "boot": hex(&leaf.clock.boot_id),
        "boottime_ns": leaf.clock.boottime_ns,
        "class": clear.class,
        "findings": clear.findings,
        "reasons": clear.reasons,
        "reason": clear.reason,
        "product": clear.product,
        "lot": clear.lot,
        "source": clear.source,
        "symbology": clear.symbology,
        "policy": clear.policy.map(|hash| hex(&hash)),
        "next_epoch": clear.next_epoch,
        "actor": leaf.actor.as_ref().map(|actor| serde_json::json!({
            "pseudonym": hex(&actor.pseudonym), "role": actor.role, "meaning": actor.meaning,
        })),
        "detached": leaf.detached.as_ref().map(|d| serde_json::json!({
            "sha256": hex(&d.sha256), "length": d.length, "key": hex(&d.key_id), "commitment": hex(&d.commitment),
        })),
        "idempotency": leaf.key.map(|key| hex(&key)),
    });
    if let (Some(data), Some(object)) = (detached, value.as_object_mut()) {
        let done = data.record.as_ref().and_then(rights::history::Record::administration);
        let administration = done.map(|done| {
            serde_json::json!({
                "request": done.request.as_str(),
                "version": done.version,
                "outcome": done.outcome.name(),
                "at": done.at.to_string(),
                "by": done.by.as_str(),
                "dose": done.dose.map(|dose| dose.to_string()),
                "note": done.note,
                "backdated": done.backdated.map(|at| at.to_string()),
                "grant": done.grant.map(rights::claims::Grant::name),
                "witness": done.witness.as_ref().map(ClinicianId::as_str),
            })
        });
        let patient = data.patient.as_ref().map(rights::ident::PatientId::as_str);
        object.insert("patient".into(), serde_json::json!(patient));
        object.insert("administration".into(), serde_json::json!(administration));
        if let Some(Record::FollowUp(done)) = &data.record {
            let follow_up = serde_json::json!({
                "act": done.act.entry_kind().name(),
                "request": done.request.as_str(),
                "of": hex(&done.of.to_bytes()),
                "at": done.at.to_string(),
                "by": done.by.as_ref().map(ClinicianId::as_str),
                "note": done.note,
            });
            object.insert("follow_up".into(), follow_up);
        }
        if let Some(Record::Disposed(done)) = &data.record {
            let disposed = serde_json::json!({
                "how": done.how.name(),
                "product": done.product.as_str(),
                "amount": done.amount.to_string(),
                "at": done.at.to_string(),
                "by": done.by.as_str(),
                "witness": done.witness.as_ref().map(ClinicianId::as_str),
                "note": done.note,
            });
            object.insert("disposed".into(), disposed);
        }
        object.insert("scanned".into(), serde_json::json!(data.scanned));
    }
    value
}
