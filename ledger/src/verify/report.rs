//! What a verification says.

use std::fmt;
use std::path::{Path, PathBuf};

use super::anchors::Bracket;
use super::chunk::ClockSet;
use super::finding::{Finding, FindingKind};
use super::policy::Policy;
use crate::hash::{Hash, hex};

/// A kiosk's clock that differs from the cosigner's by more than this is told, in seconds.
const CLOCK_OFF_S: i64 = 60;

/// The result, with its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All covered, signed, and cosigned as the policy asks.
    Fine,
    /// Tampering proven.
    Tampered,
    /// Damaged or unreadable.
    Damaged,
    /// Valid, but the tail is not cosigned, or the cosignature is stale.
    NotCosigned,
    /// The policy is not or cannot be fulfilled: it asks for cosigners and names too few keys, or for a closed epoch.
    Policy,
}

impl Outcome {
    /// The exit code (evidence specification, section 4).
    pub const fn exit(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Tampered => 1,
            Self::Damaged => 2,
            Self::NotCosigned => 3,
            Self::Policy => 4,
        }
    }

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fine => "valid",
            Self::Tampered => "tampered",
            Self::Damaged => "damaged",
            Self::NotCosigned => "not_cosigned",
            Self::Policy => "policy",
        }
    }
}

/// What was covered and what came of it.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was verified.
    pub source: PathBuf,
    /// `live`, `closed`, `crashed` or `export`; empty when it could not be told.
    pub state: &'static str,
    /// The result.
    pub outcome: Outcome,
    /// The first contradiction.
    pub finding: Option<Finding>,
    /// Which ledger.
    pub origin: String,
    /// The hospital's key that enrolled it, and whether the policy pins it.
    pub hospital: String,
    /// Entries that hold.
    pub entries: u64,
    /// The first entry that was read; more than 0 when only what followed an older checkpoint was asked for.
    pub since: u64,
    /// Signatures of checkpoints that were checked and hold. The last one of an epoch proves all entries before it.
    pub signatures: u64,
    /// Signatures that are there.
    pub signatures_present: u64,
    /// Encrypted patient data whose hash holds.
    pub detached: u64,
    /// The last epoch.
    pub epoch: u32,
    /// Whether the last epoch is closed.
    pub sealed: bool,
    /// The root over all entries.
    pub root: Option<Hash>,
    /// The last checkpoint, as a signed note: keep it for a later `--against`.
    pub checkpoint: Option<String>,
    /// The size of the older checkpoint that is a prefix, when one was given.
    pub against: Option<u64>,
    /// What the policy asks of cosigners and what there is, in words.
    pub cosigned: String,
    /// The cosigned checkpoints that hold, by size.
    pub brackets: Vec<Bracket>,
    /// Entries after the last cosigned size; all of them when there is none.
    pub not_cosigned: u64,
    /// Where the clock was set; shown, never an error in itself.
    pub clock_sets: Vec<ClockSet>,
    /// Things to know that are no contradiction.
    pub notes: Vec<String>,
    /// Whether an entry of the bedside stands after the last cosigned size.
    pub(super) bedside_not_cosigned: bool,
    pub(super) last_wall_s: i64,
}

impl Report {
    pub(super) fn new(source: &Path) -> Self {
        Self {
            source: source.to_owned(),
            state: "",
            outcome: Outcome::Fine,
            finding: None,
            origin: String::new(),
            hospital: String::new(),
            entries: 0,
            since: 0,
            signatures: 0,
            signatures_present: 0,
            detached: 0,
            epoch: 0,
            sealed: false,
            root: None,
            checkpoint: None,
            against: None,
            cosigned: "no (policy asks for none)".to_owned(),
            brackets: Vec::new(),
            not_cosigned: 0,
            clock_sets: Vec::new(),
            notes: Vec::new(),
            bedside_not_cosigned: false,
            last_wall_s: 0,
        }
    }

    pub(super) fn find(&mut self, finding: Finding) {
        // What holds is what stands before the first bad entry.
        self.entries = finding.index.map_or(self.entries, |index| index.min(self.entries));
        self.finding = Some(finding);
    }

    pub(super) fn judge(&mut self, policy: &Policy) {
        let last = self.brackets.last();
        let stale = policy.stale.zip(last).is_some_and(|(stale, bracket)| {
            i128::from(self.last_wall_s) - i128::from(bracket.at) > i128::from(stale)
        });
        let tail = last.is_none() || self.bedside_not_cosigned && self.not_cosigned > policy.tail;
        self.outcome = match &self.finding {
            Some(Finding {
                kind: FindingKind::Storage | FindingKind::Page | FindingKind::OtherCheckpoint,
                ..
            }) => Outcome::Damaged,
            Some(_) => Outcome::Tampered,
            None if policy.needed > policy.cosigners.len() => Outcome::Policy,
            None if policy.sealed && !self.sealed => Outcome::Policy,
            None if policy.needed > 0 && (tail || stale) => Outcome::NotCosigned,
            None => Outcome::Fine,
        };
        let asked = if policy.needed > 0 { "policy asks for it" } else { "policy asks for none" };
        self.cosigned = match last {
            None => format!("no ({asked})"),
            Some(bracket) => {
                let stale = if stale { ", stale" } else { "" };
                let (size, by, after) = (bracket.size, bracket.by.join(", "), self.not_cosigned);
                format!(
                    "size {size} by {by} at {}; {after} entries after it{stale} ({asked})",
                    utc(bracket.at)
                )
            }
        };
        self.say_what_the_policy_misses(policy, stale);
    }

    /// Each rule of the policy that does not hold, in words.
    fn say_what_the_policy_misses(&mut self, policy: &Policy, stale: bool) {
        if self.finding.is_some() {
            return;
        }
        let (needed, named) = (policy.needed, policy.cosigners.len());
        if needed > named {
            let text =
                format!("the policy asks for {needed} cosigners and names {named}; add `cosigner KEY`");
            self.notes.push(text);
        }
        if policy.sealed && !self.sealed {
            let text = format!("the policy asks that the last epoch is closed; epoch {} is not", self.epoch);
            self.notes.push(text);
        }
        if needed == 0 || needed > named {
            return;
        }
        match self.brackets.last() {
            None => {
                let text = format!("no checkpoint is signed by {needed} of the policy's cosigners");
                self.notes.push(text);
            }
            Some(bracket) if stale => {
                let old = i128::from(self.last_wall_s) - i128::from(bracket.at);
                let most = policy.stale.unwrap_or_default();
                self.notes.push(format!(
                    "the last cosignature is {old} s older than the last entry; the policy lets {most}"
                ));
            }
            Some(_) if self.bedside_not_cosigned && self.not_cosigned > policy.tail => {
                let (after, most) = (self.not_cosigned, policy.tail);
                self.notes
                    .push(format!("{after} entries stand after what was cosigned; the policy lets {most}"));
            }
            Some(_) => {}
        }
    }

    /// What was read.
    pub fn covered(&self) -> String {
        match (&self.finding, self.since) {
            (Some(_), _) => "up to the finding".to_owned(),
            (None, 0) => "full".to_owned(),
            (None, since) => format!("since checkpoint {since}"),
        }
    }

    /// One JSON object; fields are added, not renamed.
    pub fn json(&self) -> serde_json::Value {
        let brackets: Vec<_> = self
            .brackets
            .iter()
            .map(|b| serde_json::json!({"size": b.size, "at": utc(b.at), "by": b.by, "anchor": b.anchor, "clock_ahead_s": b.clock_ahead_s}))
            .collect();
        let clock: Vec<_> = self
            .clock_sets
            .iter()
            .map(|set| serde_json::json!({"index": set.index, "by_ns": set.by_ns}))
            .collect();
        serde_json::json!({
            "source": self.source.display().to_string(),
            "state": self.state,
            "result": self.outcome.name(),
            "exit": self.outcome.exit(),
            "finding": self.finding.as_ref().map(Finding::json),
            "origin": self.origin,
            "hospital": self.hospital,
            "entries": self.entries,
            "since": self.since,
            "signatures": self.signatures,
            "signatures_present": self.signatures_present,
            "detached": self.detached,
            "epoch": self.epoch,
            "sealed": self.sealed,
            "root": self.root.map(|hash| hex(&hash)),
            "checkpoint": self.checkpoint,
            "against": self.against,
            "cosigned": self.cosigned,
            "brackets": brackets,
            "not_cosigned": self.not_cosigned,
            "clock_set": clock,
            "covered": self.covered(),
            "notes": self.notes,
        })
    }
}

/// Seconds since 1970 in RFC 3339.
fn utc(seconds: u64) -> String {
    let at = i64::try_from(seconds).ok().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    at.map_or_else(|| format!("{seconds} s"), |at| at.to_string())
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "result      {}", self.outcome.name())?;
        writeln!(
            f,
            "source      {} ({})",
            self.source.display(),
            if self.state.is_empty() { "?" } else { self.state }
        )?;
        if let Some(finding) = &self.finding {
            let index = finding.index.map_or_else(|| "-".to_owned(), |index| index.to_string());
            writeln!(
                f,
                "first bad   {index}\nkind        {}\nclass       {}\ndetail      {}",
                finding.kind.name(),
                finding.attack.name(),
                finding.detail
            )?;
            for (name, hash) in [("expected  ", finding.expected), ("found     ", finding.found)] {
                if let Some(hash) = hash {
                    writeln!(f, "{name}  {}", hex(&hash))?;
                }
            }
            for note in finding.evidence.iter().flat_map(|evidence| evidence.notes()) {
                writeln!(f, "evidence    a signed checkpoint, proof in itself:")?;
                note.lines().try_for_each(|line| writeln!(f, "            {line}"))?;
            }
        }
        if !self.origin.is_empty() {
            writeln!(f, "origin      {}\nhospital    {}", self.origin, self.hospital)?;
            let of = self.finding.is_none().then(|| format!(" of {}", self.signatures_present));
            writeln!(
                f,
                "covered     {}: {} entries, {}{} signatures checked, {} encrypted; epoch {}",
                self.covered(),
                self.entries,
                self.signatures,
                of.unwrap_or_default(),
                self.detached,
                self.epoch
            )?;
        }
        if let Some(root) = &self.root {
            writeln!(f, "root        {}", hex(root))?;
        }
        if let Some(size) = self.against {
            writeln!(f, "against     checkpoint of size {size} is a prefix")?;
        }
        writeln!(f, "cosigned    {}", self.cosigned)?;
        for bracket in &self.brackets {
            let after = bracket.anchor.map(|anchor| format!("; entries after {anchor} did not"));
            let (last, at) = (bracket.size.saturating_sub(1), utc(bracket.at));
            let clock = bracket.clock_ahead_s.filter(|ahead| ahead.abs() > CLOCK_OFF_S);
            let clock =
                clock.map(|ahead| format!("; the kiosk's clock was {ahead} s ahead of the cosigner's"));
            let (after, clock) = (after.unwrap_or_default(), clock.unwrap_or_default());
            writeln!(f, "bracket     entries up to {last} existed at {at}{after}{clock}")?;
        }
        for set in &self.clock_sets {
            let by = jiff::SignedDuration::from_nanos(set.by_ns);
            writeln!(f, "clock set   by {by:#} before entry {}", set.index)?;
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "note        {note}"))
    }
}
