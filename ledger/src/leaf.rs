//! The entry format, version 1 (evidence specification, section 1; `docs/ledger-format.md`; `entry.cddl`).
//!
//! An entry is hashed as stored and never re-encoded. It holds no patient data: that is encrypted, outside the leaf, and the
//! leaf holds its hash. Texts of the decision core (checks, classes, reasons) are kept as texts here, so that a verifier does
//! not need to know the rules that were in force.

use rights::entry::Entry;
use rights::moment::Moment;

use crate::cbor::{self, Cbor, CborError, Reader, Writer, record};
use crate::clock::ClockEvidence;
use crate::hash::Hash;
use crate::kind::Kind;

/// Field 0 of every entry.
pub const DOMAIN: &str = "bcma-ledger/1";
/// The longest entry, in bytes: C2SP entry bundles give each a 16-bit length.
pub const MOST_BYTES: usize = 65_535;
/// The format in CDDL (RFC 8610). Its SHA-256 stands in the genesis entry and in the enrolment record.
pub const CDDL: &str = include_str!("entry.cddl");
/// SHA-256 of the texts that earlier programs had, in hexadecimal. They describe the same format with fewer of its numbers; an export
/// holds the text of the program that made it.
pub(crate) const EARLIER_CDDL: [&str; 4] = [
    "18329e7b6d3d16ae845d19ab62c3168ede2ae70e5e21b4b41ca8633f0b9bbee7",
    "313180b8d1fc3154bbf56eb6d7a08355e89d224026e976a37e6c3e301b21607e",
    "d704e7a9697822f2394e8eeea795342b78cc3686ac990c783ee5145e2e6a5836",
    "d1a070695dd7f96977fc8cbf3ea1d039d4aa1bb21e77b237b966d02f891e7ab7",
];

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// The domain and version.
    pub domain: Domain,
    /// Which ledger.
    pub origin: String,
    /// Its place, from 0.
    pub sequence: u64,
    /// The leaf hash of the entry before; for the first, the hash of the enrolment record.
    pub previous: Hash,
    /// The signing epoch.
    pub epoch: u32,
    /// What the machine knew about time.
    pub clock: ClockEvidence,
    /// What happened.
    pub kind: Kind,
    /// Who acted.
    pub actor: Option<ActorField>,
    /// What anybody may read.
    pub clear: Clear,
    /// Where the patient data is and what it hashes to.
    pub detached: Option<DetachedRef>,
    /// Other entries and documents.
    pub references: Vec<Reference>,
    /// What makes one scan transaction unique.
    pub key: Option<[u8; 20]>,
}

/// The text [`DOMAIN`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Domain;

impl Cbor for Domain {
    fn write(&self, w: &mut Writer) {
        w.text(DOMAIN);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CborError> {
        let at = r.at();
        if r.text()? == DOMAIN {
            Ok(Self)
        } else {
            Err(CborError::Value { at, what: "entry of this format" })
        }
    }
}

/// Who acted, by pseudonym.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActorField {
    /// HMAC-SHA256 of the clinician's id under the ledger's pseudonym key.
    pub pseudonym: Hash,
    /// How they proved it: 1 badge and PIN. Left out when the session does not say.
    pub authentication: Option<u8>,
    /// The session.
    pub session: Option<[u8; 16]>,
    /// The role's stable name.
    pub role: String,
    /// What the name under this entry means, see [`Kind::meaning`].
    pub meaning: u8,
}

/// What anybody may read. Nothing in it leads to a patient.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clear {
    /// The moment of the decision.
    pub decided: Option<Moment>,
    /// The strictest class.
    pub class: Option<String>,
    /// Each check with its class.
    pub findings: Vec<(String, String)>,
    /// Each answered check with its coded reason.
    pub reasons: Vec<(String, Option<String>)>,
    /// Why a dose was not given or a session ended.
    pub reason: Option<String>,
    /// The product in hand.
    pub product: Option<String>,
    /// Its lot.
    pub lot: Option<String>,
    /// How the code reached us.
    pub source: Option<String>,
    /// Its symbology.
    pub symbology: Option<String>,
    /// SHA-256 of the program.
    pub build: Option<Hash>,
    /// SHA-256 of the policy in force, which is stored beside.
    pub policy: Option<Hash>,
    /// SHA-256 of the CDDL.
    pub cddl: Option<Hash>,
    /// SHA-256 of the record of a patient key that this entry brought.
    pub key_record: Option<Hash>,
    /// On a rotate entry: the epoch that follows. All from this entry's up to it are closed.
    pub next_epoch: Option<u32>,
    /// What the program says about itself, on entries of the ledger's own.
    pub note: Option<String>,
    /// On an anchor: the cosigned checkpoint, a signed note with the cosigners' lines.
    pub cosigned: Option<String>,
    /// On a shred entry: the ids of the patient keys that were destroyed.
    pub shredded: Vec<[u8; 16]>,
    /// Fields of later versions: one map, kept as it is.
    pub extra: Option<Raw>,
}

/// One item, kept as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw(pub Vec<u8>);

impl Cbor for Raw {
    fn write(&self, w: &mut Writer) {
        w.raw(&self.0);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CborError> {
        r.skip().map(|item| Self(item.to_vec()))
    }
}

/// Where patient data is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DetachedRef {
    /// SHA-256 of the ciphertext with its nonce.
    pub sha256: Hash,
    /// Its bytes.
    pub length: u32,
    /// Which key opens it.
    pub key_id: [u8; 16],
    /// Commits to that key: no other one opens it.
    pub commitment: Hash,
}

impl DetachedRef {
    /// Whether it names these bytes, which have this SHA-256.
    pub(crate) fn names(&self, sealed: &[u8], sha256: &Hash) -> bool {
        sealed.len() as u64 == u64::from(self.length) && *sha256 == self.sha256
    }
}

/// The relation of an entry that corrects an earlier one.
pub const CORRECTS: u8 = 1;
/// The relation of an entry that says what followed an earlier one: its effect, a patch taken off, a step of an infusion.
pub const FOLLOWS: u8 = 5;

/// Another entry or document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// 1 [corrects](CORRECTS), 2 confirms, 3 request, 4 message to the order system, 5 [follows](FOLLOWS).
    pub relation: u8,
    /// Its hash.
    pub hash: Option<Hash>,
    /// Its id.
    pub id: Option<String>,
}

record!(Leaf {
    0 => domain,
    1 => origin,
    2 => sequence,
    3 => previous,
    4 => epoch,
    5 => clock,
    6 => kind,
    7 => actor,
    8 => clear,
    9 => detached,
    10 => references,
    11 => key,
});
record!(ActorField { 0 => pseudonym, 1 => authentication, 2 => session, 3 => role, 4 => meaning });
record!(Clear {
    0 => decided,
    1 => class,
    2 => findings,
    3 => reasons,
    4 => reason,
    5 => product,
    6 => lot,
    7 => source,
    8 => symbology,
    9 => build,
    10 => policy,
    11 => cddl,
    12 => key_record,
    13 => next_epoch,
    14 => note,
    20 => cosigned,
    21 => shredded,
    63 => extra,
});
record!(DetachedRef { 0 => sha256, 1 => length, 2 => key_id, 3 => commitment });
record!(Reference { 0 => relation, 1 => hash, 2 => id });

impl Clear {
    /// What of a bedside entry anybody may read.
    pub fn of(entry: &Entry) -> Self {
        let clear = entry.clear();
        Self {
            decided: Some(entry.at()),
            class: clear.class.map(|class| class.name().to_owned()),
            findings: clear
                .findings
                .iter()
                .map(|(c, class)| (c.name().to_owned(), class.name().to_owned()))
                .collect(),
            reasons: clear
                .reasons
                .iter()
                .map(|(check, reason)| (check.name().to_owned(), reason.as_ref().map(ToString::to_string)))
                .collect(),
            reason: clear.reason.as_ref().map(ToString::to_string),
            product: clear.product.as_ref().map(ToString::to_string),
            lot: clear.lot.as_ref().map(ToString::to_string),
            source: clear.source.map(|source| crate::codec::source_name(source).to_owned()),
            symbology: clear.symbology.map(|symbology| symbology.name().to_owned()),
            ..Self::default()
        }
    }
}

impl Leaf {
    /// The bytes that are stored and hashed.
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(self)
    }

    /// The entry of stored bytes.
    ///
    /// # Errors
    /// When they are not exactly one entry of this format.
    pub fn decode(bytes: &[u8]) -> Result<Self, CborError> {
        if bytes.len() > MOST_BYTES {
            return Err(CborError::Value { at: 0, what: "entry of at most 65,535 bytes" });
        }
        cbor::decode(bytes)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::clock::Synchronised;
    use crate::hash::{hex, sha256};
    use proptest::prelude::*;

    pub(crate) fn example() -> Leaf {
        Leaf {
            domain: Domain,
            origin: "hospital.example/3b/kiosk-03/g1".into(),
            sequence: 1842,
            previous: [1; 32],
            epoch: 3,
            clock: ClockEvidence {
                wall_ns: 1_780_300_800_000_000_000,
                boottime_ns: 86_400_000_000_123,
                boot_id: [2; 16],
                synchronised: Synchronised::Yes,
                error_ns: Some(3_000_000),
                offset_s: -18_000,
                zone: Some("America/New_York".into()),
            },
            kind: Kind::GIVEN,
            actor: Some(ActorField {
                pseudonym: [3; 32],
                authentication: Some(1),
                session: Some([4; 16]),
                role: "nurse".into(),
                meaning: 1,
            }),
            clear: Clear {
                class: Some("soft_r".into()),
                findings: vec![("T3".into(), "soft_r".into()), ("P2".into(), "pass".into())],
                reasons: vec![("T3".into(), Some("workload".into())), ("M8".into(), None)],
                product: Some("metoprolol-25".into()),
                lot: Some("L42".into()),
                source: Some("camera".into()),
                symbology: Some("data_matrix".into()),
                policy: Some([5; 32]),
                ..Clear::default()
            },
            detached: Some(DetachedRef {
                sha256: [6; 32],
                length: 1052,
                key_id: [7; 16],
                commitment: [8; 32],
            }),
            references: vec![Reference { relation: 1, hash: Some([9; 32]), id: None }],
            key: Some([10; 20]),
        }
    }

    /// Format version 1 must not change: these bytes were made once and are written down.
    #[test]
    fn golden_bytes() {
        let bytes = example().encode();
        assert!(hex(&bytes).starts_with(
            "ac006d62636d612d6c65646765722f3101781f686f73706974616c2e6578616d706c652f33622f6b696f736b2d30332f6731021907320358200101"
        ));
        assert_eq!((bytes.len(), hex(&sha256(&[&[0], &bytes])).as_str()), GOLDEN);
        assert_eq!(Leaf::decode(&bytes).unwrap(), example());
    }
    const GOLDEN: (usize, &str) = (516, "ccd5e4c1bf018543b6d8e9faa4ef134f11fd7a430bbec60c5f9f3ec274f30ffb");

    /// A text that changes joins the earlier ones.
    #[test]
    fn the_text_of_the_format_is_known() {
        let now = hex(&sha256(&[CDDL.as_bytes()]));
        assert_eq!(
            now, "b7a327fada6f947fcd62d21b1c0138cfa1e9dda982326b8cc713d07b7bec40ed",
            "keep the hash of the one before"
        );
        assert!(!EARLIER_CDDL.contains(&now.as_str()));
    }

    #[test]
    fn what_a_later_version_adds_is_kept() {
        let mut leaf = example();
        leaf.kind = Kind(300);
        leaf.clear.extra = Some(Raw(vec![0xa1, 0x18, 0x40, 0x63, b'n', b'e', b'w']));
        assert_eq!(Leaf::decode(&leaf.encode()).unwrap(), leaf);
        assert_eq!(leaf.kind.to_string(), "kind-300");
    }

    proptest! {
        /// Attack 16: no second encoding of an entry is accepted.
        #[test]
        fn a_changed_byte_is_refused_or_another_entry(at in 0_usize..516, bit in 0_u8..8) {
            let bytes = example().encode();
            let mut changed = bytes.clone();
            let at = at % changed.len();
            changed[at] ^= 1 << bit;
            if let Ok(leaf) = Leaf::decode(&changed) {
                prop_assert_ne!(&leaf, &example());
                prop_assert_eq!(leaf.encode(), changed);
            }
        }
    }
}
