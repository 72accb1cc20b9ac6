//! One entry as reports see it: what anybody may read of it, and, where the device key opens it, what its patient data says.
//!
//! A fact holds no verdict of its own: checks and classes stand in it as the entry recorded them. It has one encoding, so that an
//! index can keep it.

use jiff::{SignedDuration, Timestamp};
use rights::discrepancy::DiscrepancyCase;
use rights::history::{Administration, Record};
use rights::ident::{ClinicianId, Lot, PatientId, ProductId, RequestId, WardId};
use rights::product::Controlled;
use rights::request::Request;
use rights::scan::Source;
use rights::verdict::Class;

use crate::cbor::{named_text, record};
use crate::hash::Hash;
use crate::kind::Kind;

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Its place in its ledger.
    pub sequence: u64,
    /// What happened.
    pub kind: Kind,
    /// When it was recorded, by the wall clock.
    pub at: Timestamp,
    /// Seconds east of UTC of local time then.
    pub offset_s: i64,
    /// The moment of the decision, where there was one.
    pub decided: Option<Timestamp>,
    /// Who acted.
    pub actor: Option<Actor>,
    /// Each check that did not simply pass, with its class, by their stable names.
    pub findings: Vec<(String, String)>,
    /// Each answered check with its coded reason.
    pub reasons: Vec<(String, Option<String>)>,
    /// Why a dose was not given or a session ended.
    pub reason: Option<String>,
    /// The product in hand.
    pub product: Option<String>,
    /// Its lot.
    pub lot: Option<String>,
    /// How the last code reached the kiosk.
    pub source: Option<String>,
    /// Its symbology.
    pub symbology: Option<String>,
    /// The key of its patient data: the same patient in one year has one.
    pub patient_key: Option<[u8; 16]>,
    /// The idempotency key of its scan transaction.
    pub key: Option<[u8; 20]>,
    /// What its patient data says.
    pub detail: Option<Box<Detail>>,
}

record!(Fact {
    0 => sequence,
    1 => kind,
    2 => at,
    3 => offset_s,
    4 => decided,
    5 => actor,
    6 => findings,
    7 => reasons,
    8 => reason,
    9 => product,
    10 => lot,
    11 => source,
    12 => symbology,
    13 => patient_key,
    14 => key,
    15 => detail,
});

/// Who acted, by pseudonym.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The pseudonym in the entry.
    pub pseudonym: Hash,
    /// The role's stable name.
    pub role: String,
    /// The session.
    pub session: Option<[u8; 16]>,
}

record!(Actor { 0 => pseudonym, 1 => role, 2 => session });

/// What the patient data of an entry says. `Debug` says that there is some, nothing of it. What is large and often not there is boxed: a
/// report over a million entries holds as many of these.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Detail {
    /// The patient, where known.
    pub patient: Option<PatientId>,
    /// The ward of the kiosk.
    pub ward: Option<WardId>,
    /// Who gave or prepared the dose.
    pub giver: Option<ClinicianId>,
    /// How the patient was identified.
    pub band: Option<Band>,
    /// What was in hand.
    pub packages: Vec<Package>,
    /// The order that it is about.
    pub order: Option<Box<Order>>,
    /// The second person who checked it.
    pub second: Option<Box<Second>>,
    /// Break-glass mode was on.
    pub emergency: bool,
    /// What was done.
    pub record: Option<Box<Record>>,
    /// What was scanned, where nothing in hand says it.
    pub scanned: Option<String>,
    /// Orders that were not seen before in the reading.
    pub requests: Vec<Request>,
    /// A step that ends a discrepancy of controlled substances.
    pub discrepancy: Option<Box<DiscrepancyCase>>,
    /// Of a dose in `record`, what most reports ask: they need not open the rest.
    pub given: Option<Given>,
}

record!(Detail {
    0 => patient,
    1 => ward,
    2 => giver,
    3 => band,
    4 => packages,
    5 => order,
    6 => second,
    7 => emergency (default),
    8 => record,
    9 => scanned,
    10 => requests,
    11 => discrepancy,
    12 => given,
});

/// What most reports ask of an administration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// When it was given, held or refused.
    pub at: Timestamp,
    /// By whom.
    pub by: ClinicianId,
    /// It was charted afterwards.
    pub backdated: bool,
    /// When the effect of an as-needed dose is due.
    pub effect_due: Option<Timestamp>,
    /// A part of a controlled package was left over.
    pub left_over: bool,
}

record!(Given { 0 => at, 1 => by, 2 => backdated (default), 3 => effect_due, 4 => left_over (default) });

impl Given {
    /// Of an administration.
    pub fn of(done: &Administration) -> Self {
        let left =
            |used: &rights::history::UsedPackage| used.controlled.is_some() && used.left.amount.is_positive();
        Self {
            at: done.at,
            by: done.by.clone(),
            backdated: done.backdated.is_some(),
            effect_due: done.effect_due,
            left_over: done.packages.iter().any(left),
        }
    }
}

impl std::fmt::Debug for Detail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Detail(..)")
    }
}

/// How a patient was identified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Band {
    /// When the band was scanned or the identification typed.
    pub at: Timestamp,
    /// How the code reached the kiosk.
    pub source: Source,
    /// It was typed, because the band could not be scanned (P8).
    pub typed: bool,
    /// When another kiosk saw the same band (P6).
    pub elsewhere: Option<Timestamp>,
}

record!(Band { 0 => at, 1 => source, 2 => typed (default), 3 => elsewhere });

/// What the drug file said to a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    /// Exactly one item.
    One,
    /// No item, or a dose label that the pharmacy did not make.
    Unknown,
    /// Several items.
    Ambiguous,
    /// The code itself has a fault, or is of another kind.
    NoPackage,
}

impl Known {
    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Unknown => "unknown",
            Self::Ambiguous => "ambiguous",
            Self::NoPackage => "no-package",
        }
    }
}

named_text!(
    Known: |known| known.name().into(),
        |text| [Known::One, Known::Unknown, Known::Ambiguous, Known::NoPackage].into_iter().find(|known| known.name() == text);
);

/// One package in hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// When it was scanned.
    pub at: Timestamp,
    /// How the code reached the kiosk; typed for a package that cannot be scanned (M9).
    pub source: Source,
    /// What the drug file said.
    pub known: Known,
    /// The item, when it is one.
    pub product: Option<ProductId>,
    /// The lot, where known.
    pub lot: Option<Lot>,
    /// The code: its GTIN, NDC, HIBC or dose id; of a code with a fault, its text.
    pub code: String,
    /// It has an identity of its own: a serial number or a dose id.
    pub single: bool,
    /// High alert.
    pub high_alert: bool,
    /// Its schedule.
    pub controlled: Option<Controlled>,
}

record!(Package {
    0 => at,
    1 => source,
    2 => known,
    3 => product,
    4 => lot,
    5 => code,
    6 => single (default),
    7 => high_alert (default),
    8 => controlled,
});

/// The tier of an order's time window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Time-critical.
    Critical,
    /// More often than every four hours.
    Frequent,
    /// More often than daily.
    SeveralDaily,
    /// Daily, weekly, monthly.
    Daily,
    /// One-time and on-call doses: no window.
    Once,
    /// As needed: no window.
    AsNeeded,
    /// Infusions, and orders whose timing could not be read.
    None,
}

impl Tier {
    /// Every tier.
    pub const ALL: [Self; 7] = [
        Self::Critical,
        Self::Frequent,
        Self::SeveralDaily,
        Self::Daily,
        Self::Once,
        Self::AsNeeded,
        Self::None,
    ];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Critical => "time-critical",
            Self::Frequent => "more often than every 4 h",
            Self::SeveralDaily => "several a day",
            Self::Daily => "daily or less often",
            Self::Once => "one-time",
            Self::AsNeeded => "as needed",
            Self::None => "no schedule",
        }
    }
}

named_text!(
    Tier: |tier| tier.name().into(), |text| Tier::ALL.into_iter().find(|tier| tier.name() == text);
);

/// The order that a dose is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its id.
    pub id: RequestId,
    /// Its version.
    pub version: u32,
    /// The scheduled dose; `None` for as-needed doses and infusions.
    pub slot: Option<Timestamp>,
    /// The tier of its window.
    pub tier: Tier,
    /// Half the width of its window, in seconds, where it has one.
    pub half_s: Option<i64>,
    /// It is the first dose of the order, which has no window.
    pub first: bool,
    /// For how many seconds after it is due the effect of an as-needed dose is in time, by the policy in force.
    pub grace_s: Option<i64>,
}

record!(Order { 0 => id, 1 => version, 2 => slot, 3 => tier, 4 => half_s, 5 => first (default), 6 => grace_s });

impl Order {
    /// Half the width of its window.
    pub fn half(&self) -> Option<SignedDuration> {
        self.half_s.map(SignedDuration::from_secs)
    }
}

/// The second person who checked a dose or a waste.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Second {
    /// Who.
    pub id: ClinicianId,
    /// When the PIN was right.
    pub signed_at: Timestamp,
    /// When everything was entered.
    pub entered_at: Timestamp,
}

record!(Second { 0 => id, 1 => signed_at, 2 => entered_at });

impl Fact {
    /// The moment it is about: of the decision, or of the recording.
    pub fn moment(&self) -> Timestamp {
        self.decided.unwrap_or(self.at)
    }

    /// The class of a check that did not simply pass; the strictest.
    pub fn class(&self, check: &str) -> Option<Class> {
        let of_check = self.findings.iter().filter(|(found, _)| found == check);
        of_check.filter_map(|(_, class)| Class::from_name(class)).max()
    }

    /// Whether the check did not simply pass.
    pub fn found(&self, check: &str) -> bool {
        self.findings.iter().any(|(found, _)| found == check)
    }

    /// The checks that stop, in the order in which they stand.
    pub fn stops(&self) -> impl Iterator<Item = &str> {
        let stops = |class: &str| Class::from_name(class).is_some_and(Class::stops);
        self.findings.iter().filter(move |(_, class)| stops(class)).map(|(check, _)| check.as_str())
    }

    /// The coded reason that answered a check.
    pub fn reason_for(&self, check: &str) -> Option<&str> {
        let answers = self.reasons.iter().filter(|(answered, _)| answered == check);
        answers.filter_map(|(_, reason)| reason.as_deref()).next_back()
    }

    /// Whether a dose entered the patient.
    pub const fn is_dose(&self) -> bool {
        matches!(self.kind, Kind::GIVEN | Kind::PARTIAL)
    }

    /// The session.
    pub fn session(&self) -> Option<[u8; 16]> {
        self.actor.as_ref().and_then(|actor| actor.session)
    }

    /// What was done, where the patient data says it.
    pub fn record(&self) -> Option<&Record> {
        self.detail.as_ref()?.record.as_deref()
    }

    /// What most reports ask of the administration that it holds.
    pub fn given(&self) -> Option<&Given> {
        self.detail.as_ref()?.given.as_ref()
    }

    /// The administration that it holds.
    pub fn administration(&self) -> Option<&Administration> {
        self.record()?.administration()
    }
}
