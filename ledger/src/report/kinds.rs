//! What each report counts.

use std::collections::{BTreeMap, BTreeSet};

use super::count::{Count, share};
use super::page::Table;
use super::plot::Plot;
use super::plots;
use super::range::{hour, local, utc};
use crate::hash::hex;
use crate::kind::Kind as EntryKind;
use crate::leaf::Leaf;
use crate::verify::ClockSet;

/// The reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// How doses and people were scanned.
    Scanning,
    /// What was warned of, and what came of it.
    Alerts,
    /// When doses were given beside their windows.
    Timeliness,
    /// Starts, stops, epochs, cosignatures, clocks, destroyed keys.
    Integrity,
    /// Who did and saw what.
    Access,
    /// What was corrected, witnessed, overridden or wasted.
    Corrections,
}

impl Kind {
    /// Every report.
    pub const ALL: [Self; 6] =
        [Self::Scanning, Self::Alerts, Self::Timeliness, Self::Integrity, Self::Access, Self::Corrections];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scanning => "scanning",
            Self::Alerts => "alerts",
            Self::Timeliness => "timeliness",
            Self::Integrity => "integrity",
            Self::Access => "access",
            Self::Corrections => "corrections",
        }
    }

    /// For people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Scanning => "Scanning",
            Self::Alerts => "Alerts and what came of them",
            Self::Timeliness => "Timeliness of doses",
            Self::Integrity => "Integrity of the ledger",
            Self::Access => "Access: who did and saw what",
            Self::Corrections => "Corrections, witnesses, overrides and waste",
        }
    }

    pub(super) const fn notes(self) -> &'static [&'static str] {
        match self {
            Self::Scanning => &["A dose charted as given without a code in hand has no source."],
            Self::Alerts => &["Checks and classes are those in force when each entry was made."],
            Self::Timeliness => &[
                "Counted from the time checks that each dose passed or did not; the minutes stand in the patient data, which is not opened here.",
            ],
            Self::Integrity => &[
                "Run `ledger verify` for the proof; this report only tells what the entries say.",
                "A clock that was set is shown, never an error in itself. Without the machine's own time only a step back can be seen.",
            ],
            Self::Access => &[
                "People and patients stand under pseudonyms. A patient has another pseudonym each year, and the holder of the device key can tell whose it is.",
            ],
            Self::Corrections => {
                &["Reference hashes are leaf hashes of entries of this ledger, unless an id is given."]
            }
        }
    }

    pub(super) fn tables(self, entries: &[Leaf]) -> Vec<Table> {
        match self {
            Self::Scanning => scanning(entries),
            Self::Alerts => alerts(entries),
            Self::Timeliness => timeliness(entries),
            Self::Integrity => integrity(entries),
            Self::Access => access(entries),
            Self::Corrections => corrections(entries),
        }
    }
}

impl Kind {
    pub(super) fn plots(self, entries: &[Leaf]) -> Vec<Plot> {
        match self {
            Self::Scanning => vec![plots::scanning_rate(entries)],
            Self::Alerts => vec![plots::alert_funnel(entries)],
            Self::Timeliness => vec![plots::on_time(entries), plots::hours(entries)],
            Self::Integrity | Self::Access => vec![plots::entries_by_day(entries)],
            Self::Corrections => vec![plots::corrections_by_day(entries)],
        }
    }
}

fn or_dash(text: Option<&String>) -> String {
    text.cloned().unwrap_or_else(|| "-".to_owned())
}

pub(super) const fn is_given(kind: EntryKind) -> bool {
    matches!(kind, EntryKind::GIVEN | EntryKind::PARTIAL)
}

fn scanning(entries: &[Leaf]) -> Vec<Table> {
    let (mut codes, mut outcomes) = (Count::<2, 1>::default(), Count::<1, 1>::default());
    let (mut given, mut scanned) = (0, 0);
    for leaf in entries {
        if leaf.clear.source.is_some() {
            codes.add([or_dash(leaf.clear.source.as_ref()), or_dash(leaf.clear.symbology.as_ref())], 0);
        }
        if !leaf.kind.is_own() {
            outcomes.add([leaf.kind.to_string()], 0);
        }
        given += u64::from(is_given(leaf.kind));
        scanned += u64::from(is_given(leaf.kind) && leaf.clear.source.is_some());
    }
    let rate = vec![vec![given.to_string(), scanned.to_string(), share(scanned, given)]];
    vec![
        Table {
            title: "Doses given with a scanned code",
            columns: vec!["given", "scanned", "share"],
            rows: rate,
        },
        codes.table("Codes read", &["source", "symbology", "entries"]),
        outcomes.table("What was recorded", &["kind", "entries"]),
    ]
}

fn alerts(entries: &[Leaf]) -> Vec<Table> {
    let (mut findings, mut reasons) = (Count::<2, 3>::default(), Count::<2, 1>::default());
    for leaf in entries {
        let column = match leaf.kind {
            EntryKind::VERDICT => 0,
            kind if is_given(kind) => 1,
            _ => 2,
        };
        for (check, class) in leaf.clear.findings.iter().filter(|(_, class)| class != "pass") {
            findings.add([check.clone(), class.clone()], column);
        }
        for (check, reason) in &leaf.clear.reasons {
            reasons.add([check.clone(), or_dash(reason.as_ref())], 0);
        }
    }
    vec![
        findings.table("Findings", &["check", "class", "shown", "given despite", "other entries"]),
        reasons.table("Answers", &["check", "reason", "entries"]),
    ]
}

fn timeliness(entries: &[Leaf]) -> Vec<Table> {
    let (mut checks, mut hours) = (Count::<2, 1>::default(), Count::<1, 1>::default());
    let (mut given, mut on_time) = (0, 0);
    for leaf in entries.iter().filter(|leaf| is_given(leaf.kind)) {
        given += 1;
        let checked = || leaf.clear.findings.iter().filter(|(check, _)| check.starts_with('T'));
        on_time += u64::from(checked().all(|(_, class)| class == "pass"));
        for (check, class) in checked() {
            checks.add([check.clone(), class.clone()], 0);
        }
        hours.add([format!("{:02}:00", hour(&leaf.clock))], 0);
    }
    let late = given - on_time;
    let rows = vec![vec![given.to_string(), on_time.to_string(), late.to_string(), share(on_time, given)]];
    vec![
        Table {
            title: "Doses whose time checks all passed",
            columns: vec!["given", "all passed", "not all", "share"],
            rows,
        },
        checks.table("Time checks of doses given", &["check", "class", "doses"]),
        hours.table("Doses by hour of the local day", &["hour", "doses"]),
    ]
}

/// While a ledger is open, so long without an entry is told: auditing may have been off.
const SILENCE_NS: i64 = 12 * 3600 * 1_000_000_000;

fn integrity(entries: &[Leaf]) -> Vec<Table> {
    let mut events = Vec::new();
    let (mut clocks, mut silences) = (Vec::new(), Vec::new());
    let mut open: Option<bool> = None;
    for (at, leaf) in entries.iter().enumerate() {
        let what = match leaf.kind {
            EntryKind::GENESIS => Some("the ledger was made".to_owned()),
            EntryKind::BOOT if open == Some(true) => Some("opened; it had not been closed before".to_owned()),
            EntryKind::BOOT => Some("opened".to_owned()),
            EntryKind::CLOSE => Some("closed".to_owned()),
            EntryKind::ROTATE => {
                let next = leaf.clear.next_epoch.unwrap_or_default();
                Some(format!("epochs {} to {} closed", leaf.epoch, next.saturating_sub(1)))
            }
            EntryKind::ANCHOR => {
                let size = leaf.clear.cosigned.as_ref().and_then(|note| note.lines().nth(1));
                Some(format!("checkpoint of size {} cosigned", size.unwrap_or("?")))
            }
            EntryKind::SHRED => Some(format!("{} patient keys destroyed", leaf.clear.shredded.len())),
            EntryKind::AUDIT_STATE | EntryKind::PRIVILEGE | EntryKind::POLICY => {
                Some(leaf.clear.note.clone().unwrap_or_default())
            }
            _ => None,
        };
        open = match leaf.kind {
            EntryKind::CLOSE => Some(false),
            _ => Some(true),
        };
        if let Some(what) = what {
            let kind = leaf.kind.to_string();
            events.push(vec![leaf.sequence.to_string(), local(&leaf.clock), utc(&leaf.clock), kind, what]);
        }
        let before = at.checked_sub(1).and_then(|at| entries.get(at));
        let before = before.filter(|before| before.sequence + 1 == leaf.sequence);
        let silent = before.filter(|before| before.kind != EntryKind::CLOSE);
        let silent = silent.map_or(0, |before| leaf.clock.wall_ns.saturating_sub(before.clock.wall_ns));
        if silent > SILENCE_NS {
            let length = format!("{:#}", jiff::SignedDuration::from_nanos(silent));
            silences.push(vec![leaf.sequence.to_string(), local(&leaf.clock), utc(&leaf.clock), length]);
        }
        let set = before.and_then(|before| ClockSet::between(&before.clock, &leaf.clock, leaf.sequence));
        if let Some(set) = set {
            let by = format!("{:#}", jiff::SignedDuration::from_nanos(set.by_ns));
            clocks.push(vec![leaf.sequence.to_string(), local(&leaf.clock), utc(&leaf.clock), by]);
        }
    }
    let columns = vec!["entry", "local time", "UTC", "kind", "what"];
    let set = vec!["before entry", "local time", "UTC", "by"];
    vec![
        Table { title: "Events", columns, rows: events },
        Table { title: "Clock set", columns: set.clone(), rows: clocks },
        Table { title: "Silences of more than 12 hours while open", columns: set, rows: silences },
    ]
}

/// What one person did.
#[derive(Default)]
struct Acts {
    kinds: BTreeMap<String, u64>,
    patients: BTreeSet<[u8; 16]>,
    first: String,
    last: String,
}

fn access(entries: &[Leaf]) -> Vec<Table> {
    let mut people: BTreeMap<(String, String), Acts> = BTreeMap::new();
    let mut seen: BTreeMap<(String, String), (u64, String, String)> = BTreeMap::new();
    for leaf in entries {
        let Some(actor) = &leaf.actor else { continue };
        let who = short(&actor.pseudonym);
        let at = local(&leaf.clock);
        let acts = people.entry((who.clone(), actor.role.clone())).or_default();
        *acts.kinds.entry(leaf.kind.to_string()).or_default() += 1;
        if acts.first.is_empty() {
            acts.first.clone_from(&at);
        }
        acts.last.clone_from(&at);
        if let Some(detached) = &leaf.detached {
            acts.patients.insert(detached.key_id);
            let row = seen.entry((who, short(&detached.key_id))).or_insert((0, at.clone(), String::new()));
            row.0 += 1;
            row.2 = at;
        }
    }
    let people = people.into_iter().map(|((who, role), acts)| {
        let kinds: Vec<_> = acts.kinds.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
        vec![who, role, acts.patients.len().to_string(), kinds.join(", "), acts.first, acts.last]
    });
    let columns = vec!["person", "role", "patients", "entries", "first, local", "last, local"];
    let seen_columns = vec!["person", "patient", "entries", "first, local", "last, local"];
    let rows = seen
        .into_iter()
        .map(|((who, patient), (count, first, last))| vec![who, patient, count.to_string(), first, last]);
    vec![
        Table { title: "People", columns, rows: people.collect() },
        Table { title: "Who saw which patient", columns: seen_columns, rows: rows.collect() },
    ]
}

fn corrections(entries: &[Leaf]) -> Vec<Table> {
    let mut rows = Vec::new();
    for leaf in entries {
        let named = matches!(
            leaf.kind,
            EntryKind::CORRECTION | EntryKind::WITNESS | EntryKind::OVERRIDE | EntryKind::WASTE
        );
        if !named && leaf.references.is_empty() {
            continue;
        }
        let references: Vec<_> = leaf
            .references
            .iter()
            .map(|reference| {
                let relation = match reference.relation {
                    1 => "corrects",
                    2 => "confirms",
                    3 => "request",
                    4 => "message",
                    5 => "follows",
                    _ => "refers to",
                };
                let hash = reference.hash.map(|hash| hex(&hash));
                format!("{relation} {}", hash.or_else(|| reference.id.clone()).unwrap_or_default())
            })
            .collect();
        let who = leaf.actor.as_ref().map_or_else(|| "-".to_owned(), |actor| short(&actor.pseudonym));
        rows.push(vec![
            leaf.sequence.to_string(),
            local(&leaf.clock),
            utc(&leaf.clock),
            leaf.kind.to_string(),
            who,
            or_dash(leaf.clear.reason.as_ref()),
            references.join("; "),
        ]);
    }
    let columns = vec!["entry", "local time", "UTC", "kind", "person", "reason", "references"];
    vec![Table { title: "Entries", columns, rows }]
}

/// Enough of a pseudonym to tell people apart.
fn short(bytes: &[u8]) -> String {
    hex(bytes).chars().take(16).collect()
}
