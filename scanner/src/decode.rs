//! From a picture to the symbols in it: which looks are taken, and what a reading must pass.
//!
//! How the engine is used, and why (scanning specification, section 2):
//!
//! - A linear symbol needs agreeing lines and bars that stand where the reading says ([`geometry`](crate::geometry)). With the
//!   bars measured over the whole height, 2 lines of the engine are enough; where they cannot be measured (`DataBar`), 5 are asked
//!   for: with 2 it misread 9 of 1,831 photographs, with 5 none.
//! - Only the wanted symbologies are asked for; a symbol that comes back as anything else is dropped.
//! - Matrix and linear symbols are sought on two threads.
//! - When nothing was read and the picture has texture like a code, second looks follow: sharpened, larger, turned, with another
//!   threshold. They cost only the pictures that need them, and their readings pass the same checks on the picture as it came.
//! - What a sharpened look reads is marked and never counts alone.

use crate::engine::{self, Found, Request};
use crate::frame::Frame;
use crate::geometry::{self, Geometry};
use crate::level::levelled;
use crate::part::Part;
use crate::sharpen::unsharp;
use crate::slant::slant;
use crate::symbol::{Engine, Symbol, Wanted, is_linear, same_place};
use crate::texture;
use crate::turn::Turned;

/// Lines of a linear symbol that must agree within one picture when its bars are measured too.
const LINES: i32 = 2;

/// Lines that must agree when the bars are not measured.
const LINES_UNMEASURED: i32 = 5;

/// Second looks are taken at no more than this many pixels of a live frame, and not at all where texture covers so much of a
/// frame that too little would be left of it.
const LIVE_PIXELS: f32 = 300_000.0;

/// And of a single picture, where time matters less.
const STILL_PIXELS: f32 = 4_000_000.0;

/// All second looks at a picture together see no more than this many pixels: all looks at a picture of 640 x 480, some at one of a
/// telephone.
const BUDGET: f32 = 16_000_000.0;

/// Why a picture could not be searched. A picture without a symbol is no error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The engine refused the picture or the request.
    #[error("zxing-cpp could not search the picture: {0}")]
    Engine(String),
}

/// How much is spent on a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Also white symbols on black.
    pub invert: bool,
    /// Also in smaller copies of the picture: large or noisy symbols.
    pub downscale: bool,
    /// What follows when nothing was read.
    pub second: Second,
}

/// Which second looks are taken when nothing was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Second {
    /// None.
    None,
    /// One, by a number that goes round: over some frames each has its turn.
    Turn(usize),
    /// All, until one reads something.
    All,
}

impl Effort {
    /// Everything: for a single picture.
    pub const FULL: Self = Self { invert: true, downscale: true, second: Second::All };

    /// One look at the picture as it is.
    pub const LIGHT: Self = Self { invert: false, downscale: false, second: Second::None };
}

/// Which symbologies of the wanted ones a look seeks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kinds {
    All,
    Matrix,
}

/// A second look: how the picture is changed, and what is sought in it.
#[derive(Clone, Copy, Debug)]
struct Look {
    turn: f32,
    scale: f32,
    sharpen: bool,
    level: bool,
    global: bool,
    kinds: Kinds,
}

const PLAIN: Look =
    Look { turn: 0.0, scale: 1.0, sharpen: false, level: false, global: false, kinds: Kinds::All };

/// In the order of what they read, for their cost, of the photographs that the first look missed.
///
/// The engine reads linear codes along rows and columns, up to about 20 degrees aslant: the turns close the cone between.
const SECOND_LOOKS: [Look; 11] = [
    Look { sharpen: true, ..PLAIN },
    Look { level: true, ..PLAIN },
    Look { scale: 2.0, sharpen: true, ..PLAIN },
    Look { scale: 2.0, sharpen: true, level: true, ..PLAIN },
    Look { turn: 30.0, scale: 1.5, level: true, ..PLAIN },
    Look { turn: 60.0, scale: 1.5, level: true, ..PLAIN },
    Look { global: true, kinds: Kinds::Matrix, ..PLAIN },
    Look { scale: 2.0, ..PLAIN },
    Look { turn: 30.0, scale: 2.0, sharpen: true, level: true, ..PLAIN },
    Look { turn: 60.0, scale: 2.0, sharpen: true, level: true, ..PLAIN },
    Look { turn: 45.0, scale: 2.0, sharpen: true, level: true, ..PLAIN },
];

/// The looks at a picture whose edges are turned: upright first, at the angle that was told.
const UPRIGHTED: [Look; 3] = [
    Look { scale: 1.5, level: true, ..PLAIN },
    Look { scale: 2.0, sharpen: true, level: true, ..PLAIN },
    Look { sharpen: true, ..PLAIN },
];

/// The second looks at a region, the most promising first. Over the frames of a camera each has its turn; at edges that are turned
/// every second one is an upright one.
fn second_looks(region: &Frame, second: Second) -> Vec<Look> {
    let uprighted = slant(region).map(|by| UPRIGHTED.map(|look| Look { turn: -by, ..look }));
    match (second, uprighted) {
        (Second::None, _) => Vec::new(),
        (Second::All, uprighted) => uprighted.into_iter().flatten().chain(SECOND_LOOKS).collect(),
        (Second::Turn(turn), Some(uprighted)) if turn % 2 == 0 => vec![uprighted[turn / 2 % UPRIGHTED.len()]],
        (Second::Turn(turn), Some(_)) => vec![SECOND_LOOKS[turn / 2 % SECOND_LOOKS.len()]],
        (Second::Turn(turn), None) => vec![SECOND_LOOKS[turn % SECOND_LOOKS.len()]],
    }
}

/// Every symbol of the wanted kinds in the picture that passes its checks.
///
/// # Errors
/// When the engine refuses the picture.
pub fn decode(frame: &Frame, wanted: Wanted, effort: Effort) -> Result<Vec<Symbol>, DecodeError> {
    decode_parts(frame, &[Part::whole(frame)], wanted, effort)
}

/// Every symbol of the wanted kinds in parts of the picture, such as the middle of a large frame.
pub(crate) fn decode_parts(
    frame: &Frame,
    parts: &[Part],
    wanted: Wanted,
    effort: Effort,
) -> Result<Vec<Symbol>, DecodeError> {
    let mut checked = Checked::default();
    for part in parts {
        let mut found = look(&part.frame, wanted, effort, &PLAIN)?;
        for found in &mut found {
            found.symbol.position = found.symbol.position.map(|point| part.back(point));
        }
        checked.add(frame, found);
    }
    // Bars that were measured and stand wrong do not get better by another look.
    if checked.passed.is_empty() && !checked.deviates && effort.second != Second::None {
        checked.look_again(frame, wanted, effort)?;
    }
    Ok(checked.agreed())
}

/// What the engine reads by itself with its own defaults, unchecked: for measurements only.
///
/// # Errors
/// When the engine refuses the picture.
pub fn alone(frame: &Frame, wanted: Wanted, lines: i32) -> Result<Vec<Symbol>, DecodeError> {
    let request =
        Request { wanted, lines, invert: true, downscale: true, global: false, engine: Engine::Plain };
    let found = engine::search(frame, frame.plane(), &request)?;
    Ok(found.into_iter().map(|found| found.symbol).collect())
}

/// Readings that passed, and those that did not.
#[derive(Debug, Default)]
struct Checked {
    passed: Vec<Symbol>,
    doubted: Vec<Symbol>,
    /// Whether the bars of one of them were measured and stand elsewhere.
    deviates: bool,
}

impl Checked {
    fn add(&mut self, frame: &Frame, found: Vec<Found>) {
        for Found { symbol, lines } in found {
            let geometry = geometry::check(frame, &symbol);
            self.deviates |= matches!(geometry, Geometry::Deviates(_));
            let passes = match geometry {
                Geometry::Fits(_) => true,
                Geometry::NotApplicable => !is_linear(symbol.symbology) || lines >= LINES_UNMEASURED,
                Geometry::Deviates(_) | Geometry::Unmeasured => false,
            };
            if passes {
                // Parts overlap.
                let known = |other: &Symbol| {
                    other.aim == symbol.aim && other.bytes == symbol.bytes && same_place(other, &symbol)
                };
                if !self.passed.iter().any(known) {
                    self.passed.push(symbol);
                }
            } else {
                tracing::debug!(
                    symbology = symbol.symbology.name(),
                    "a reading failed its checks and was dropped"
                );
                self.doubted.push(symbol);
            }
        }
    }

    fn look_again(&mut self, frame: &Frame, wanted: Wanted, effort: Effort) -> Result<(), DecodeError> {
        let Some([left, top, width, height]) = texture::code_like(frame) else { return Ok(()) };
        let Some(region) = frame.crop(left, top, width, height) else { return Ok(()) };
        let shift = [i32::try_from(left).unwrap_or(0), i32::try_from(top).unwrap_or(0)];
        #[allow(clippy::cast_precision_loss, reason = "an area, only compared")]
        let area = region.plane().len() as f32;
        let most = if effort.second == Second::All { STILL_PIXELS } else { LIVE_PIXELS };
        let mut spent = 0.0;
        for second in second_looks(&region, effort.second) {
            // A region that is too large is turned with fewer pixels, and not enlarged.
            let scale = second.scale.min((most / area).sqrt());
            if (second.turn == 0.0 && second.scale > 1.0 && scale < 1.5) || scale < 0.4 {
                continue;
            }
            // A turned picture is up to twice as large.
            spent += area * scale * scale * if second.turn == 0.0 { 1.0 } else { 2.0 };
            if spent > BUDGET {
                break;
            }
            let mut found = look(&region, wanted, effort, &Look { scale, ..second })?;
            for found in &mut found {
                found.symbol.position = found.symbol.position.map(|[x, y]| [x + shift[0], y + shift[1]]);
            }
            self.add(frame, found);
            if !self.passed.is_empty() {
                break;
            }
        }
        Ok(())
    }

    /// Those that no doubted reading of the same bars contradicts.
    fn agreed(self) -> Vec<Symbol> {
        let Self { passed, doubted, .. } = self;
        let contradicted = |symbol: &Symbol| {
            doubted.iter().any(|other| other.bytes != symbol.bytes && same_place(symbol, other))
        };
        passed.into_iter().filter(|symbol| !contradicted(symbol)).collect()
    }
}

/// One look at the picture. The places are those of the picture as it came.
fn look(frame: &Frame, wanted: Wanted, effort: Effort, look: &Look) -> Result<Vec<Found>, DecodeError> {
    let levelled = if look.level {
        let plane = levelled(frame);
        Frame::new(frame.width(), frame.height(), plane, frame.captured()).ok()
    } else {
        None
    };
    let frame = levelled.as_ref().unwrap_or(frame);
    let derived = (look.turn != 0.0 || (look.scale - 1.0).abs() > 0.01)
        .then(|| Turned::new(frame, look.turn, look.scale))
        .flatten();
    let seen = derived.as_ref().map_or(frame, |derived| &derived.frame);
    let sharpened = look.sharpen.then(|| unsharp(seen));
    let plane = sharpened.as_deref().unwrap_or(seen.plane());
    let engine = match (look.sharpen, derived.is_some() || look.level) {
        (true, _) => Engine::Sharpened,
        (false, true) => Engine::Rotated,
        (false, false) => Engine::Plain,
    };
    let part = |linear: bool| -> Wanted {
        wanted.iter().filter(|symbology| is_linear(*symbology) == linear).collect()
    };
    let linear = match look.kinds {
        Kinds::All => part(true),
        Kinds::Matrix => Wanted::NONE,
    };
    let matrix = part(false);
    let run = |wanted: Wanted| {
        let request = Request {
            wanted,
            lines: LINES,
            invert: effort.invert,
            downscale: effort.downscale,
            global: look.global,
            engine,
        };
        engine::search(seen, plane, &request)
    };
    let mut found = if linear.is_empty() || matrix.is_empty() {
        run(if linear.is_empty() { matrix } else { linear })?
    } else {
        let (lines, modules) = std::thread::scope(|scope| {
            let lines = scope.spawn(|| run(linear));
            let modules = run(matrix);
            // A panic of the other thread is this one's: the engine's state is not to be trusted then.
            (lines.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), modules)
        });
        let mut found = modules?;
        found.extend(lines?);
        found
    };
    if let Some(derived) = &derived {
        for found in &mut found {
            found.symbol.position = found.symbol.position.map(|point| derived.back(point));
        }
    }
    Ok(found)
}
