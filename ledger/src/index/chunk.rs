//! How the facts of a stretch of entries are laid out: in sections by what they are about and by how deep one looks, so that a report
//! opens only what it counts.
//!
//! | section | holds |
//! |---|---|
//! | heads | of each entry: kind, time, group, whether its key is lost, how a code was read, ward |
//! | a group's *clear* layer | what anybody may read, and whose it is |
//! | its *near* layer | who, how the patient was identified, packages, order |
//! | its *far* layer | what was done, orders, steps of discrepancies |
//!
//! A layer is a row of frames, one for each entry of the group in its order: a length in four bytes and so many bytes of CBOR.

use jiff::Timestamp;

use super::needs::{Depth, Group, Needs};
use crate::cbor::{self, CborError, record};
use crate::kind::Kind;
use crate::reading::{Detail, Fact, Options, Tally};

/// Entries of one stretch.
pub(super) const CHUNK: u64 = 256;
/// The section of heads; the layers of the groups come before it.
pub(super) const HEADS: u8 = 15;

/// How deep a layer lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layer {
    Clear,
    Near,
    Far,
}

const fn section(group: Group, layer: Layer) -> u8 {
    group as u8 * 3 + layer as u8
}

/// What reports count of every entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    kind: Kind,
    at: Timestamp,
    offset_s: i64,
    group: u8,
    lost: bool,
    /// One more than the place in the list of codes; 0 for none.
    code: u16,
    /// The same for wards.
    ward: u16,
}

record!(Head {
    0 => kind,
    1 => at,
    2 => offset_s,
    3 => group (default),
    4 => lost (default),
    5 => code (default),
    6 => ward (default),
});

/// The heads of a stretch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Heads {
    pub(super) all: Vec<Head>,
    codes: Vec<(String, Option<String>)>,
    wards: Vec<String>,
}

record!(Heads { 0 => all, 1 => codes, 2 => wards });

/// The place of an item in a list, which it joins when it is new; one more than that.
fn place<T: PartialEq>(list: &mut Vec<T>, item: T) -> u16 {
    let at = list.iter().position(|known| *known == item).unwrap_or_else(|| {
        list.push(item);
        list.len() - 1
    });
    u16::try_from(at + 1).unwrap_or(0)
}

fn frame(section: &mut Vec<u8>, bytes: &[u8]) {
    section.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
    section.extend(bytes);
}

/// Takes the next frame off a layer.
fn next<'a>(layer: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = layer.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let (frame, rest) = rest.split_at_checked(length)?;
    *layer = rest;
    Some(frame)
}

/// The sections of the facts of one stretch, by their numbers.
pub(super) fn sections(facts: Vec<Fact>) -> Vec<(u8, Vec<u8>)> {
    let mut heads = Heads::default();
    let mut layers: [Vec<u8>; HEADS as usize] = Default::default();
    for mut fact in facts {
        let group = Group::of(&fact);
        let detail = fact.detail.take();
        let code = fact.source.clone().map(|source| (source, fact.symbology.clone()));
        let ward = detail.as_ref().and_then(|detail| detail.ward.as_ref()).map(ToString::to_string);
        heads.all.push(Head {
            kind: fact.kind,
            at: fact.at,
            offset_s: fact.offset_s,
            group: group as u8,
            lost: fact.patient_key.is_some() && detail.is_none(),
            code: code.map_or(0, |code| place(&mut heads.codes, code)),
            ward: ward.map_or(0, |ward| place(&mut heads.wards, ward)),
        });
        let (mut near, mut far) = (Vec::new(), Vec::new());
        if let Some(mut detail) = detail {
            let who =
                Detail { patient: detail.patient.take(), ward: detail.ward.take(), ..Detail::default() };
            fact.detail = Some(Box::new(who));
            let deep = Detail {
                record: detail.record.take(),
                requests: std::mem::take(&mut detail.requests),
                discrepancy: detail.discrepancy.take(),
                ..Detail::default()
            };
            let encode = |detail: &Detail| {
                if *detail == Detail::default() { Vec::new() } else { cbor::encode(detail) }
            };
            (near, far) = (encode(&detail), encode(&deep));
        }
        for (layer, bytes) in [(Layer::Clear, cbor::encode(&fact)), (Layer::Near, near), (Layer::Far, far)] {
            if let Some(of_layer) = layers.get_mut(usize::from(section(group, layer))) {
                frame(of_layer, &bytes);
            }
        }
    }
    let filled = layers.into_iter().zip(0_u8..).filter(|(layer, _)| !layer.is_empty());
    let mut sections: Vec<(u8, Vec<u8>)> = filled.map(|(layer, number)| (number, layer)).collect();
    sections.push((HEADS, cbor::encode(&heads)));
    sections
}

/// What was gathered of a span of entries.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) facts: Vec<Fact>,
    pub(super) tally: Tally,
    /// The numbers of the first and the last entry in the range.
    pub(super) ends: Option<(u64, u64)>,
    pub(super) entries: u64,
    pub(super) lost: u64,
}

impl Gathered {
    /// Puts the next span behind this one.
    pub(super) fn then(&mut self, next: Self) {
        if self.facts.is_empty() {
            self.facts = next.facts;
        } else {
            self.facts.extend(next.facts);
        }
        self.tally.then(next.tally);
        self.ends = match (self.ends, next.ends) {
            (Some((first, _)), Some((_, last))) => Some((first, last)),
            (one, other) => one.or(other),
        };
        self.entries += next.entries;
        self.lost += next.lost;
    }

    /// Takes one stretch, whose sections `open` gives; `false` when it is damaged.
    pub(super) fn take(
        &mut self,
        first: u64,
        (options, needs): (&Options, Needs),
        mut open: impl FnMut(u8) -> Option<Vec<u8>>,
    ) -> bool {
        let read = |bytes: Vec<u8>| cbor::decode::<Heads>(&bytes).ok();
        let Some(heads) = open(HEADS).and_then(read) else { return false };
        if !heads.all.iter().any(|head| options.holds(head.at, head.offset_s)) {
            return true;
        }
        let mut layers: [Vec<u8>; HEADS as usize] = Default::default();
        for group in Group::ALL {
            let is_there = heads.all.iter().any(|head| head.group == group as u8);
            for layer in needs.of(group).layers().iter().filter(|_| is_there) {
                let number = section(group, *layer);
                let (Some(opened), Some(place)) = (open(number), layers.get_mut(usize::from(number))) else {
                    return false;
                };
                *place = opened;
            }
        }
        let mut rests: [&[u8]; HEADS as usize] = layers.each_ref().map(Vec::as_slice);
        for (sequence, head) in (first..).zip(&heads.all) {
            let Some(group) = Group::ALL.into_iter().find(|group| *group as u8 == head.group) else {
                return false;
            };
            let inside = options.holds(head.at, head.offset_s);
            if inside {
                self.count(sequence, head, &heads);
            }
            let depth = needs.of(group);
            let mut frames: [Option<&[u8]>; 3] = [None; 3];
            for layer in depth.layers() {
                let rest = rests.get_mut(usize::from(section(group, *layer)));
                let Some(frame) = rest.and_then(next) else { return false };
                if let Some(place) = frames.get_mut(*layer as usize) {
                    *place = Some(frame);
                }
            }
            if let ([Some(clear), near, far], true) = (frames, inside) {
                match fact(clear, near, far) {
                    Ok(fact) if fact.sequence == sequence => self.facts.push(fact),
                    _ => return false,
                }
            }
        }
        true
    }

    fn count(&mut self, sequence: u64, head: &Head, heads: &Heads) {
        let of_list = |place: u16| usize::from(place).checked_sub(1);
        let code = of_list(head.code).and_then(|at| heads.codes.get(at));
        let ward = of_list(head.ward).and_then(|at| heads.wards.get(at));
        let code = code.map(|(source, symbology)| (source.as_str(), symbology.as_deref()));
        self.tally.add(head.at, head.kind, code, ward.map(String::as_str));
        self.ends = Some((self.ends.map_or(sequence, |(first, _)| first), sequence));
        self.entries += 1;
        self.lost += u64::from(head.lost);
    }
}

/// A fact from its layers.
fn fact(clear: &[u8], near: Option<&[u8]>, far: Option<&[u8]>) -> Result<Fact, CborError> {
    let mut fact: Fact = cbor::decode(clear)?;
    let filled = |layer: Option<&[u8]>| {
        layer.filter(|bytes| !bytes.is_empty()).map(cbor::decode::<Detail>).transpose()
    };
    let (near, far) = (filled(near)?, filled(far)?);
    if let Some(who) = &mut fact.detail {
        if let Some(near) = near {
            **who = Detail { patient: who.patient.take(), ward: who.ward.take(), ..near };
        }
        if let Some(far) = far {
            (who.record, who.requests, who.discrepancy) = (far.record, far.requests, far.discrepancy);
        }
    }
    Ok(fact)
}

/// The facts of some entries of one stretch, whose sections `open` gives; `None` when it is damaged.
pub(super) fn pick(
    first: u64,
    places: &[u64],
    mut open: impl FnMut(u8) -> Option<Vec<u8>>,
) -> Option<Vec<Fact>> {
    let heads: Heads = cbor::decode(&open(HEADS)?).ok()?;
    let mut found = Vec::new();
    for group in Group::ALL {
        let of_group = |(_, head): &(u64, &Head)| head.group == group as u8;
        let all = (first..).zip(&heads.all);
        if !all.clone().filter(of_group).any(|(sequence, _)| places.contains(&sequence)) {
            continue;
        }
        let layers = [Layer::Clear, Layer::Near, Layer::Far].map(|layer| open(section(group, layer)));
        let [Some(clear), Some(near), Some(far)] = &layers else { return None };
        let mut rests = [clear.as_slice(), near.as_slice(), far.as_slice()];
        for (sequence, _) in all.filter(of_group) {
            let [clear, near, far] = rests.each_mut().map(next);
            if places.contains(&sequence) {
                found.push(fact(clear?, near, far).ok().filter(|fact| fact.sequence == sequence)?);
            }
        }
    }
    found.sort_by_key(|fact| fact.sequence);
    Some(found)
}

impl Depth {
    /// The layers down to this depth.
    const fn layers(self) -> &'static [Layer] {
        match self {
            Self::Nothing => &[],
            Self::Clear => &[Layer::Clear],
            Self::Near => &[Layer::Clear, Layer::Near],
            Self::Far => &[Layer::Clear, Layer::Near, Layer::Far],
        }
    }
}
