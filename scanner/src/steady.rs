//! Steady reads: what several frames agree on, and nothing that any of them contradicts.
//!
//! Pure: fed with the moment of a frame and what was seen in it, it returns what became steady. The rules (scanning
//! specification, section 3):
//!
//! - A symbol counts after agreeing reads (same AIM identifier, same bytes) in 2 of the last 5 frames, in 3 for kinds with a weak
//!   or no check; at least one of them not from a sharpened copy.
//! - A different reading at the same place within those frames makes both wait until it has left them.
//! - The same symbol counts again only after it was out of sight for 700 ms.
//! - Two wristbands, badges or dose labels in view, two packages whose numbers cannot be of one product, or a wristband beside
//!   anything that could be given: ambiguous. Nothing of it counts until it has left the frame. (A HIBC beside a GTIN or an NDC cannot be
//!   compared: both count.)
//! - A symbol without a usable meaning is reported only while nothing usable is in view: packages carry other codes too.
//! - A dose label and a package code count both. Whether the label sticks on that package only the drug file can tell: the session compares
//!   them, and takes them for one package when they are of one item.
//! - Where two codes show the same product, the 2D code counts before the linear one and the GTIN before bare NDC digits, and a code
//!   that adds nothing is not reported again. A code that comes later and adds a lot, a serial number or an expiry is.

use std::collections::VecDeque;
use std::time::Duration;

use rights::scan::{
    Meaning, PackageCode, PackageKey, PrintedExpiry, Scan, ScanFault, ScanFaultKind, Symbology,
};

use crate::kinship::{Kinship, kinship};
use crate::symbol::{Engine, Symbol, is_linear, same_place};

/// Frames that vote.
const WINDOW: u64 = 5;

/// A vote older than this does not count, however slow the camera.
const VOTE_LIFE: Duration = Duration::from_secs(2);

/// How long a symbol must be out of sight before it counts again.
pub const ABSENCE: Duration = Duration::from_millis(700);

/// A symbol with its interpretation.
#[derive(Clone, Debug)]
pub struct Sighting {
    /// What the decoder saw.
    pub symbol: Symbol,
    /// What it would mean.
    pub scan: Scan,
}

/// What became steady with a frame.
#[derive(Clone, Debug)]
pub enum Steady {
    /// This symbol counts now.
    Read(Sighting),
    /// Things in view exclude each other; the scan's meaning is [`Meaning::Nothing`] with [`ScanFaultKind::Ambiguous`].
    Ambiguous(Scan),
}

#[derive(Clone, Copy, Debug)]
struct Vote {
    frame: u64,
    at: Duration,
    plain: bool,
}

#[derive(Debug)]
struct Track {
    sighting: Sighting,
    votes: VecDeque<Vote>,
    last_seen: Duration,
    /// The last frame in which something else was read at this place.
    contradicted: Option<u64>,
    counted: bool,
}

impl Track {
    fn is_same(&self, symbol: &Symbol) -> bool {
        self.sighting.symbol.aim == symbol.aim && self.sighting.symbol.bytes == symbol.bytes
    }

    fn in_view(&self, frame: u64) -> bool {
        self.votes.back().is_some_and(|vote| vote.frame + WINDOW > frame)
    }

    fn is_steady(&self, frame: u64, needed: usize) -> bool {
        let clear = self.contradicted.is_none_or(|last| last + WINDOW <= frame);
        clear && self.votes.len() >= needed && self.votes.iter().any(|vote| vote.plain)
    }
}

/// The memory of the last frames.
#[derive(Debug, Default)]
pub struct Voting {
    frame: u64,
    tracks: Vec<Track>,
}

/// How many agreeing frames a symbol needs.
pub fn votes_needed(symbol: &Symbol) -> usize {
    match symbol.symbology {
        Symbology::Code39 | Symbology::Itf | Symbology::UpcE | Symbology::Ean8 | Symbology::Codabar => 3,
        Symbology::Code128 if symbol.bytes.len() < 8 => 3,
        Symbology::Code128
        | Symbology::Code93
        | Symbology::QrCode
        | Symbology::MicroQr
        | Symbology::DataMatrix
        | Symbology::Aztec
        | Symbology::Pdf417
        | Symbology::Ean13
        | Symbology::UpcA
        | Symbology::DataBar
        | Symbology::DataBarLimited
        | Symbology::DataBarExpanded => 2,
    }
}

impl Voting {
    /// An empty memory.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets everything: the next sight of a symbol is its first.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Takes in one frame, also one without any symbol. Frames come in the order of their moments.
    pub fn frame(&mut self, at: Duration, sightings: Vec<Sighting>) -> Vec<Steady> {
        self.frame += 1;
        let frame = self.frame;
        self.tracks.retain(|track| at.saturating_sub(track.last_seen) < ABSENCE);
        for track in &mut self.tracks {
            track.votes.retain(|vote| vote.frame + WINDOW > frame && at.saturating_sub(vote.at) < VOTE_LIFE);
        }
        self.contradict(&sightings);
        for sighting in sightings {
            self.count(at, sighting);
        }
        self.settle()
    }

    /// Marks what is read differently at the same place, in this frame or within the window.
    fn contradict(&mut self, sightings: &[Sighting]) {
        let frame = self.frame;
        for sighting in sightings {
            let symbol = &sighting.symbol;
            for track in &mut self.tracks {
                // A symbol that is seen elsewhere in this frame has moved on; its old place is free.
                let seen_now = sightings.iter().find(|other| track.is_same(&other.symbol));
                let place = seen_now.map_or(&track.sighting.symbol, |other| &other.symbol);
                if !track.is_same(symbol) && track.in_view(frame) && same_place(place, symbol) {
                    track.contradicted = Some(frame);
                    track.votes.clear();
                }
            }
        }
    }

    fn count(&mut self, at: Duration, sighting: Sighting) {
        let frame = self.frame;
        let contradicted = self
            .tracks
            .iter()
            .filter(|track| {
                !track.is_same(&sighting.symbol) && same_place(&track.sighting.symbol, &sighting.symbol)
            })
            .filter_map(|track| track.contradicted.filter(|last| *last == frame))
            .max();
        let vote = Vote { frame, at, plain: sighting.symbol.engine != Engine::Sharpened };
        match self.tracks.iter_mut().find(|track| track.is_same(&sighting.symbol)) {
            Some(track) => {
                // Two prints of the same content in one frame are one vote.
                if track.votes.back().is_none_or(|last| last.frame < frame) {
                    track.votes.push_back(vote);
                } else if let Some(last) = track.votes.back_mut() {
                    last.plain |= vote.plain;
                }
                track.last_seen = at;
                track.sighting = sighting;
                track.contradicted = track.contradicted.max(contradicted);
            }
            None => self.tracks.push(Track {
                sighting,
                votes: VecDeque::from([vote]),
                last_seen: at,
                contradicted,
                counted: false,
            }),
        }
    }

    /// What counts now.
    fn settle(&mut self) -> Vec<Steady> {
        let frame = self.frame;
        let mut steady = Vec::new();
        for index in 0..self.tracks.len() {
            let track = &self.tracks[index];
            let fresh = track.votes.back().is_some_and(|vote| vote.frame == frame);
            if track.counted || !fresh || !track.is_steady(frame, votes_needed(&track.sighting.symbol)) {
                continue;
            }
            let in_view: Vec<usize> = (0..self.tracks.len())
                .filter(|other| *other != index && self.tracks[*other].in_view(frame))
                .collect();
            let meaning = |index: usize| &self.tracks[index].sighting.scan.meaning;
            let rivals: Vec<usize> =
                in_view.iter().copied().filter(|other| exclude(meaning(index), meaning(*other))).collect();
            if !rivals.is_empty() {
                // One glimpse of a rival makes this one wait; a rival read twice is really there.
                if rivals
                    .iter()
                    .any(|rival| self.tracks[*rival].votes.len() >= 2 || self.tracks[*rival].counted)
                {
                    steady.push(Steady::Ambiguous(ambiguous(&self.tracks[index].sighting.scan)));
                    for involved in rivals.into_iter().chain([index]) {
                        self.tracks[involved].counted = true;
                    }
                }
                continue;
            }
            let unusable = matches!(meaning(index), Meaning::Nothing(_));
            if unusable && in_view.iter().any(|other| !matches!(meaning(*other), Meaning::Nothing(_))) {
                continue;
            }
            let better_in_view = in_view.iter().any(|other| {
                !self.tracks[*other].counted
                    && covers(meaning(*other), meaning(index))
                    && says_it_better(&self.tracks[*other].sighting, &self.tracks[index].sighting)
            });
            if better_in_view {
                continue;
            }
            let told = self.tracks.iter().enumerate().any(|(other, track)| {
                other != index && track.counted && covers(&track.sighting.scan.meaning, meaning(index))
            });
            self.tracks[index].counted = true;
            if !told {
                steady.push(Steady::Read(self.tracks[index].sighting.clone()));
            }
        }
        steady
    }
}

/// Whether the two may not be in view together when one of them is to count.
fn exclude(one: &Meaning, other: &Meaning) -> bool {
    match (one, other) {
        (Meaning::Wristband(a), Meaning::Wristband(b)) => a != b,
        (Meaning::Badge(a), Meaning::Badge(b)) => a != b,
        (Meaning::Dose(a), Meaning::Dose(b)) => a != b,
        (Meaning::Package(a), Meaning::Package(b)) => packages_differ(a, b),
        (Meaning::Wristband(_), Meaning::Package(_) | Meaning::Dose(_))
        | (Meaning::Package(_) | Meaning::Dose(_), Meaning::Wristband(_)) => true,
        // A dose label sticks on a package; a badge hangs beside everything; a code without meaning decides nothing.
        (Meaning::Badge(_), Meaning::Wristband(_) | Meaning::Package(_) | Meaning::Dose(_))
        | (Meaning::Wristband(_) | Meaning::Package(_) | Meaning::Dose(_), Meaning::Badge(_))
        | (Meaning::Package(_), Meaning::Dose(_))
        | (Meaning::Dose(_), Meaning::Package(_))
        | (Meaning::Nothing(_), _)
        | (_, Meaning::Nothing(_)) => false,
    }
}

/// Of two codes of one product: the 2D code before the linear one, and the GTIN before the bare digits of an NDC.
fn says_it_better(one: &Sighting, other: &Sighting) -> bool {
    let bare = |sighting: &Sighting| {
        matches!(&sighting.scan.meaning, Meaning::Package(PackageCode { key: PackageKey::Ndc(_), .. }))
    };
    let matrix = |sighting: &Sighting| !is_linear(sighting.symbol.symbology);
    (matrix(one) && !matrix(other)) || (bare(other) && !bare(one))
}

/// Two packages are surely different when their numbers cannot be of one product, or lot, serial or expiry differ.
fn packages_differ(one: &PackageCode, other: &PackageCode) -> bool {
    kinship(&one.key, &other.key) == Kinship::Different
        || one.lot.as_ref().zip(other.lot.as_ref()).is_some_and(|(one, other)| !one.is_same(other))
        || one.serial.as_ref().zip(other.serial.as_ref()).is_some_and(|(one, other)| one != other)
        || one.expiry.zip(other.expiry).is_some_and(|(one, other)| !one.agrees_with(other))
}

/// Whether the first says everything that the second says.
fn covers(more: &Meaning, less: &Meaning) -> bool {
    match (more, less) {
        (Meaning::Package(more), Meaning::Package(less)) => {
            kinship(&more.key, &less.key) == Kinship::Same
                && less.expiry.is_none_or(|less| more.expiry.is_some_and(|more| says_the_day(more, less)))
                && less
                    .lot
                    .as_ref()
                    .is_none_or(|less| more.lot.as_ref().is_some_and(|more| more.is_same(less)))
                && (less.serial.is_none() || more.serial == less.serial)
        }
        (Meaning::Nothing(_), _) | (_, Meaning::Nothing(_)) => false,
        _ => more == less,
    }
}

/// A day with a time says the day too, and not the other way round.
fn says_the_day(more: PrintedExpiry, less: PrintedExpiry) -> bool {
    more.agrees_with(less)
        && (matches!(more, PrintedExpiry::Minute(..)) || !matches!(less, PrintedExpiry::Minute(..)))
}

fn ambiguous(scan: &Scan) -> Scan {
    let fault = ScanFault {
        kind: ScanFaultKind::Ambiguous,
        part: "picture".to_owned(),
        position: None,
        found: Some("several things that exclude each other".to_owned()),
        expected: Some("one thing at a time in front of the camera".to_owned()),
    };
    Scan { meaning: Meaning::Nothing(vec![fault]), ..scan.clone() }
}
