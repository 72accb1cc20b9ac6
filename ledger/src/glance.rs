//! What a verifier needs of an entry, read from its bytes without copying texts and lists.
//!
//! A glance accepts only what [`Leaf::decode`] accepts, with the same values; a test holds the two together. What it does not know
//! itself (references, fields of later versions) it leaves to the full decoder, so a new field can make verification slower, never
//! laxer.

use crate::cbor::{CborError, Reader};
use crate::clock::ClockEvidence;
use crate::hash::Hash;
use crate::kind::Kind;
use crate::leaf::{DOMAIN, DetachedRef, Leaf, MOST_BYTES};

const DAY_S: i64 = 24 * 60 * 60;
/// The end of the year 2999.
const MOST_S: i64 = 32_503_679_999;

/// The parts of an entry that verification looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Glance {
    pub(crate) is_own_origin: bool,
    pub(crate) sequence: u64,
    pub(crate) previous: Hash,
    pub(crate) epoch: u32,
    pub(crate) clock: Clock,
    pub(crate) kind: Kind,
    pub(crate) policy: Option<Hash>,
    pub(crate) cddl: Option<Hash>,
    pub(crate) key_record: Option<Hash>,
    pub(crate) next_epoch: Option<u32>,
    /// Cosigned checkpoint of an anchor.
    pub(crate) cosigned: Option<String>,
    /// Keys that a shred entry destroyed.
    pub(crate) shredded: Vec<[u8; 16]>,
    pub(crate) detached: Option<DetachedRef>,
    pub(crate) key: Option<[u8; 20]>,
}

/// Of the clock evidence, what shows that the clock was set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Clock {
    pub(crate) wall_ns: i64,
    pub(crate) boottime_ns: u64,
    pub(crate) boot_id: [u8; 16],
}

impl Clock {
    /// Of the whole evidence.
    pub(crate) const fn of(clock: &ClockEvidence) -> Self {
        Self { wall_ns: clock.wall_ns, boottime_ns: clock.boottime_ns, boot_id: clock.boot_id }
    }
}

impl Glance {
    /// Reads an entry.
    ///
    /// # Errors
    /// When the bytes are not exactly one entry of this format.
    pub(crate) fn of(bytes: &[u8], origin: &str) -> Result<Self, CborError> {
        Self::with(bytes, origin, &mut Known::default())
    }

    /// Reads one entry of many.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub(crate) fn with(bytes: &[u8], origin: &str, known: &mut Known) -> Result<Self, CborError> {
        match quick(bytes, origin, known) {
            Some(glance) => Ok(glance),
            None => Leaf::decode(bytes).map(|leaf| Self::of_leaf(leaf, origin)),
        }
    }

    fn of_leaf(leaf: Leaf, origin: &str) -> Self {
        let clock = Clock::of(&leaf.clock);
        Self {
            is_own_origin: leaf.origin == origin,
            sequence: leaf.sequence,
            previous: leaf.previous,
            epoch: leaf.epoch,
            clock,
            kind: leaf.kind,
            policy: leaf.clear.policy,
            cddl: leaf.clear.cddl,
            key_record: leaf.clear.key_record,
            next_epoch: leaf.clear.next_epoch,
            cosigned: leaf.clear.cosigned,
            shredded: leaf.clear.shredded,
            detached: leaf.detached,
            key: leaf.key,
        }
    }
}

/// Lists of results that were read in entries before. Nearly every entry has one of a few, and what was accepted once need not be read
/// again: no item of CBOR is the beginning of another, so bytes that begin with one of these are that list.
#[derive(Debug, Default)]
pub(crate) struct Known {
    lists: Vec<Vec<u8>>,
    most: usize,
}

impl Known {
    /// Remembers the lists of the usual scans and doses.
    pub(crate) const fn usual() -> Self {
        Self::most(8)
    }

    /// Remembers so many lists.
    const fn most(most: usize) -> Self {
        Self { lists: Vec::new(), most }
    }

    /// Reads a list of results, or passes over one that is known.
    fn results(&mut self, r: &mut Reader<'_>) -> Option<()> {
        if let Some(at) = self.lists.iter().position(|known| r.pass_over(known)) {
            self.lists.swap(0, at);
            return Some(());
        }
        let start = r.at();
        pairs(r, |r| r.skip_text().ok())?;
        if self.most > 0 {
            self.lists.truncate(self.most - 1);
            self.lists.push(r.since(start).to_vec());
        }
        Some(())
    }
}

/// The usual entry; `None` for anything else, which may still be a valid one.
fn quick(bytes: &[u8], origin: &str, known: &mut Known) -> Option<Glance> {
    if bytes.len() > MOST_BYTES {
        return None;
    }
    let mut reader = Reader::new(bytes);
    let r = &mut reader;
    let mut fields = r.map().ok()?;
    let mut next = |r: &mut Reader<'_>, key| fields.has(r, key).ok();
    let needed = |has: Option<bool>| has.filter(|has| *has);
    needed(next(r, 0))?;
    if !r.text_is(DOMAIN).ok()? {
        return None;
    }
    needed(next(r, 1))?;
    let is_own_origin = r.text_is(origin).ok()?;
    needed(next(r, 2))?;
    let sequence = r.uint().ok()?;
    needed(next(r, 3))?;
    let previous = r.fixed().ok()?;
    needed(next(r, 4))?;
    let epoch = number(r)?;
    needed(next(r, 5))?;
    let clock = clock(r)?;
    needed(next(r, 6))?;
    let kind = Kind(number(r)?);
    if next(r, 7)? {
        actor(r)?;
    }
    needed(next(r, 8))?;
    let clear = clear(r, known)?;
    let detached = if next(r, 9)? { Some(detached(r)?) } else { None };
    let key = if next(r, 11)? { Some(r.fixed().ok()?) } else { None };
    fields.finish(r).ok()?;
    r.finish().ok()?;
    Some(Glance {
        is_own_origin,
        sequence,
        previous,
        epoch,
        clock,
        kind,
        policy: clear.policy,
        cddl: clear.cddl,
        key_record: clear.key_record,
        next_epoch: clear.next_epoch,
        cosigned: None,
        shredded: Vec::new(),
        detached,
        key,
    })
}

fn clock(r: &mut Reader<'_>) -> Option<Clock> {
    let mut fields = r.map().ok()?;
    let mut is = |r: &mut Reader<'_>, key| fields.has(r, key).ok();
    let wall_ns = is(r, 0)?.then(|| r.int().ok())??;
    let boottime_ns = is(r, 1)?.then(|| r.uint().ok())??;
    let boot_id = is(r, 2)?.then(|| r.fixed().ok())??;
    is(r, 3)?.then(|| one_of_three(r))??;
    if is(r, 4)? {
        r.uint().ok()?;
    }
    is(r, 5)?.then(|| r.int().ok())??;
    if is(r, 6)? {
        r.skip_text().ok()?;
    }
    fields.finish(r).ok()?;
    Some(Clock { wall_ns, boottime_ns, boot_id })
}

fn actor(r: &mut Reader<'_>) -> Option<()> {
    let mut fields = r.map().ok()?;
    let mut is = |r: &mut Reader<'_>, key| fields.has(r, key).ok();
    is(r, 0)?.then(|| r.fixed::<32>().ok())??;
    if is(r, 1)? {
        number::<u8>(r)?;
    }
    if is(r, 2)? {
        r.fixed::<16>().ok()?;
    }
    is(r, 3)?.then(|| r.skip_text().ok())??;
    is(r, 4)?.then(|| number::<u8>(r))??;
    fields.finish(r).ok()
}

/// A number in the range of its type.
#[inline]
fn number<T: TryFrom<u64>>(r: &mut Reader<'_>) -> Option<T> {
    r.uint().ok()?.try_into().ok()
}

/// [`Synchronised`](crate::clock::Synchronised).
#[inline]
fn one_of_three(r: &mut Reader<'_>) -> Option<()> {
    (r.array().ok()? == 1 && r.uint().ok()? < 3).then_some(())
}

/// A [`Moment`](rights::moment::Moment) since 1970; no bound is wider than the full decoder's.
fn moment(r: &mut Reader<'_>) -> Option<()> {
    let mut fields = r.map().ok()?;
    let mut is = |r: &mut Reader<'_>, key| fields.has(r, key).ok();
    is(r, 0)?.then(|| seconds(r))??;
    is(r, 1)?.then(|| r.int().ok().filter(|offset| (-DAY_S..DAY_S).contains(offset)))??;
    is(r, 2)?.then(|| match (r.array().ok()?, r.uint().ok()?) {
        (1, 0) => Some(()),
        (2, 1) => seconds(r),
        _ => None,
    })??;
    fields.finish(r).ok()
}

/// Seconds, not negative and of this millennium at most, and nanoseconds.
#[inline]
fn seconds(r: &mut Reader<'_>) -> Option<()> {
    let pair = (r.array().ok()?, r.int().ok()?, r.int().ok()?);
    matches!(pair, (2, 0..=MOST_S, 0..=999_999_999)).then_some(())
}

fn detached(r: &mut Reader<'_>) -> Option<DetachedRef> {
    let mut fields = r.map().ok()?;
    let mut is = |r: &mut Reader<'_>, key| fields.has(r, key).ok();
    let sha256 = is(r, 0)?.then(|| r.fixed().ok())??;
    let length = is(r, 1)?.then(|| number(r))??;
    let key_id = is(r, 2)?.then(|| r.fixed().ok())??;
    let commitment = is(r, 3)?.then(|| r.fixed().ok())??;
    fields.finish(r).ok()?;
    Some(DetachedRef { sha256, length, key_id, commitment })
}

#[derive(Default)]
struct ClearPart {
    policy: Option<Hash>,
    cddl: Option<Hash>,
    key_record: Option<Hash>,
    next_epoch: Option<u32>,
}

fn clear(r: &mut Reader<'_>, known: &mut Known) -> Option<ClearPart> {
    let mut part = ClearPart::default();
    let mut fields = r.map().ok()?;
    while let Some(key) = fields.next_key(r).ok()? {
        match key {
            0 => moment(r)?,
            1 | 4..=8 | 14 => r.skip_text().ok()?,
            2 => known.results(r)?,
            3 => pairs(r, optional_text)?,
            9 => {
                r.fixed::<32>().ok()?;
            }
            10 => part.policy = Some(r.fixed().ok()?),
            11 => part.cddl = Some(r.fixed().ok()?),
            12 => part.key_record = Some(r.fixed().ok()?),
            13 => part.next_epoch = Some(number(r)?),
            _ => return None,
        }
    }
    Some(part)
}

fn optional_text(r: &mut Reader<'_>) -> Option<()> {
    match r.array().ok()? {
        0 => Some(()),
        1 => r.skip_text().ok(),
        _ => None,
    }
}

/// A list, not empty, of pairs of a text and something.
fn pairs(r: &mut Reader<'_>, mut second: impl FnMut(&mut Reader<'_>) -> Option<()>) -> Option<()> {
    let items = r.array().ok().filter(|items| *items > 0)?;
    for _ in 0..items {
        if r.array().ok()? != 2 {
            return None;
        }
        r.skip_text().ok()?;
        second(r)?;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leaf::tests::example;
    use jiff::{SignedDuration, Timestamp};
    use proptest::prelude::*;
    use rights::moment::{ClockTrust, Moment};

    const ORIGIN: &str = "hospital.example/3b/kiosk-03/g1";

    /// The quick way sees what the full decoder sees, and nothing that it would refuse, whatever it read before.
    fn agree(bytes: &[u8]) {
        let mut known = Known::most(2);
        for before in [&usual().encode(), bytes] {
            let _ = quick(before, ORIGIN, &mut known);
        }
        for known in [&mut Known::default(), &mut known] {
            if let Some(glance) = quick(bytes, ORIGIN, known) {
                let leaf = Leaf::decode(bytes).expect("the full decoder accepts what a glance accepts");
                assert_eq!(glance, Glance::of_leaf(leaf, ORIGIN));
            }
        }
    }

    fn usual() -> Leaf {
        decided(Timestamp::new(1_780_300_800, 500_000_000).unwrap(), Some(3_000_000))
    }

    /// The usual entry, decided at an instant, by a clock that is off by so many nanoseconds.
    fn decided(at: Timestamp, off_ns: Option<i64>) -> Leaf {
        let clock =
            off_ns.map_or(ClockTrust::Unknown, |off| ClockTrust::Known(SignedDuration::from_nanos(off)));
        let mut leaf = Leaf { references: Vec::new(), ..example() };
        leaf.clear.decided = Some(Moment { at, offset: jiff::tz::offset(-5), clock });
        leaf
    }

    /// What stands for 500,000,000 nanoseconds, replaced.
    fn with_nanoseconds(nanoseconds: u32) -> Vec<u8> {
        let bytes = usual().encode();
        let half = [&[0x1a][..], &500_000_000_u32.to_be_bytes()].concat();
        let at = bytes.windows(5).position(|part| part == half).unwrap();
        [&bytes[..=at], &nanoseconds.to_be_bytes(), &bytes[at + 5..]].concat()
    }

    #[test]
    fn a_second_has_so_many_nanoseconds_and_no_more() {
        for (nanoseconds, holds) in [(999_999_999, true), (1_000_000_000, false), (u32::MAX, false)] {
            let bytes = with_nanoseconds(nanoseconds);
            assert_eq!(quick(&bytes, ORIGIN, &mut Known::default()).is_some(), holds, "{nanoseconds}");
            assert_eq!(Leaf::decode(&bytes).is_ok(), holds, "{nanoseconds}");
        }
    }

    #[test]
    fn a_known_list_is_passed_over_where_it_stands_and_nowhere_else() {
        let (mut known, mut other) = (Known::most(1), usual());
        assert!(!usual().clear.findings.is_empty());
        let whole = usual().encode();
        let first = quick(&whole, ORIGIN, &mut known);
        assert_eq!(known.lists.len(), 1);
        assert_eq!(quick(&whole, ORIGIN, &mut known), first);
        // A list that only begins as the known one does is read, and takes its place.
        other.clear.findings.push(("Z9".to_owned(), "stop".to_owned()));
        let longer = other.encode();
        assert_eq!(quick(&longer, ORIGIN, &mut known), quick(&longer, ORIGIN, &mut Known::default()));
        assert!(
            known.lists.len() == 1 && longer.windows(known.lists[0].len()).any(|part| part == known.lists[0])
        );
    }

    #[test]
    fn a_usual_entry_takes_the_quick_way() {
        let bytes = usual().encode();
        assert!(quick(&bytes, ORIGIN, &mut Known::default()).is_some());
        agree(&bytes);
        assert!(!Glance::of(&bytes, "another").unwrap().is_own_origin);
        // What it does not know goes to the full decoder.
        let with_reference = example().encode();
        assert!(
            quick(&with_reference, ORIGIN, &mut Known::default()).is_none()
                && Glance::of(&with_reference, ORIGIN).is_ok()
        );
    }

    proptest! {
        /// Instants beyond the usual ones go to the full decoder; the usual ones take the quick way.
        #[test]
        fn no_instant_parts_them(
            second in prop_oneof![-377_705_023_201_i64..=253_402_207_200, -2_i64..2, MOST_S - 1..MOST_S + 2],
            nanosecond in 0_i32..1_000_000_000,
            off_ns: Option<i64>,
        ) {
            let Ok(at) = Timestamp::new(second, nanosecond) else { return Ok(()) };
            let bytes = decided(at, off_ns).encode();
            agree(&bytes);
            let is_usual = (0..=MOST_S).contains(&at.as_second()) && off_ns.is_none_or(|off| off >= 0);
            let before_1970 = at < Timestamp::UNIX_EPOCH;
            prop_assert_eq!(quick(&bytes, ORIGIN, &mut Known::default()).is_some(), is_usual && !before_1970);
        }

        #[test]
        fn a_changed_byte_does_not_part_them(at in 0_usize..500, change in 1_u8..) {
            let mut bytes = usual().encode();
            let at = at % bytes.len();
            bytes[at] ^= change;
            agree(&bytes);
        }

        #[test]
        fn a_cut_or_longer_entry_does_not_part_them(length in 0_usize..600) {
            let mut bytes = usual().encode();
            bytes.resize(length, 0);
            agree(&bytes);
        }
    }
}
