//! What kiosks and hub say to each other: deterministic CBOR, the encoding of entries (`docs/wire.md`).

use jiff::Timestamp;
use ledger::cbor::record;
use rights::chart::Sighting;
use rights::history::Record;

/// The path of a claim: a `Claim` in; nothing back, or with 409 a `Refusal`.
pub const CLAIM: &str = "/v1/claim";
/// The path of giving one back: an `IdempotencyKey` in, nothing back.
pub const RELEASE: &str = "/v1/release";
/// The path of a round: a [`Round`] in, [`Heard`] back.
pub const ROUND: &str = "/v1/round";
/// The media type of all bodies.
pub const CBOR: &str = "application/cbor";
/// Records in one round, in each direction.
pub const MOST_RECORDS: usize = 256;

/// How far a kiosk has heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// Of which store of a hub; zeros: of none yet.
    pub generation: [u8; 16],
    /// The number of the last record.
    pub record: u64,
    /// The number of the last sighting.
    pub sighting: u64,
    /// SHA-256 of the hub's row with the last record; zeros before the first. A store that was put back from a copy may have given the
    /// number anew.
    pub row: [u8; 32],
}

/// What a kiosk tells, and how far it has heard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Which kiosk, by the origin of its ledger. What it told is not told back to it.
    pub kiosk: String,
    /// How far it has heard.
    pub heard: Cursor,
    /// What it recorded.
    pub records: Vec<Record>,
    /// Wristbands that it saw.
    pub sightings: Vec<Sighting>,
}

/// What a kiosk hears. What it told is durable then.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// How far that is. Another generation than the kiosk's: this hub knows nothing of what the kiosk told before.
    pub cursor: Cursor,
    /// Whether there is more to hear at once.
    pub more: bool,
    /// What other kiosks recorded.
    pub records: Vec<Record>,
    /// Wristbands that they saw.
    pub sightings: Vec<Sighting>,
}

/// A record as the hub keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) kiosk: String,
    /// By the hub's clock.
    pub(super) at: Timestamp,
    pub(super) record: Record,
}

record!(Cursor { 0 => generation, 1 => record, 2 => sighting, 3 => row });
record!(Round { 0 => kiosk, 1 => heard, 2 => records, 3 => sightings });
record!(Heard { 0 => cursor, 1 => more, 2 => records, 3 => sightings });
record!(Told { 0 => kiosk, 1 => at, 2 => record });
