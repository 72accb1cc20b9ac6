//! What kiosks and hub say to each other: deterministic CBOR, the encoding of entries (`docs/wire.md`).

use jiff::Timestamp;
use ledger::cbor::{Cbor, CborError, Reader, Writer};
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

/// An array of the fields, one after the other.
macro_rules! fields {
    ($type:ident { $first:ident, $($rest:ident),+ }) => {
        impl Cbor for $type {
            fn write(&self, w: &mut Writer) {
                w.array([stringify!($first), $(stringify!($rest)),+].len() as u64);
                self.$first.write(w);
                $(self.$rest.write(w);)+
            }

            fn read(r: &mut Reader<'_>) -> Result<Self, CborError> {
                let at = r.at();
                if r.array()? != [stringify!($first), $(stringify!($rest)),+].len() {
                    return Err(CborError::Value { at, what: concat!("array of the fields of ", stringify!($type)) });
                }
                Ok(Self { $first: Cbor::read(r)?, $($rest: Cbor::read(r)?),+ })
            }
        }
    };
}

fields!(Cursor { generation, record, sighting });
fields!(Round { kiosk, heard, records, sightings });
fields!(Heard { cursor, more, records, sightings });
fields!(Told { kiosk, at, record });
