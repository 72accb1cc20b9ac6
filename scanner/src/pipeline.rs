//! The one path from a frame, or a hand scanner, to a [`Scan`]: decode, vote, interpret.

use rights::scan::Scan;

use crate::decode::{DecodeError, Effort, Second, decode_parts};
use crate::frame::Frame;
use crate::interpret::Interpreter;
use crate::opinion::SecondOpinion;
use crate::part::Survey;
use crate::steady::{Sighting, Steady, Voting};
use crate::symbol::{Engine, Symbol, Wanted};

/// What a frame gave.
#[derive(Clone, Debug)]
pub enum Event {
    /// Seen in this frame and not counted yet: for the outline on the preview, never for a decision.
    Seen(Symbol),
    /// Steady and interpreted: this counts.
    Scan(Scan),
}

/// Reads frames. One for each screen session; camera, folder and tests all go through it.
#[derive(Debug)]
pub struct Reader {
    wanted: Wanted,
    interpreter: Interpreter,
    voting: Voting,
    opinion: SecondOpinion,
    frames: u64,
    /// The second look whose turn it is.
    turn: usize,
    survey: Survey,
}

impl Reader {
    /// A reader for these symbologies.
    pub fn new(wanted: Wanted, interpreter: Interpreter) -> Self {
        Self {
            wanted,
            interpreter,
            voting: Voting::new(),
            opinion: SecondOpinion::new(),
            frames: 0,
            turn: 0,
            survey: Survey::default(),
        }
    }

    /// Changes what is sought, for another screen. What was seen so far stays seen.
    pub const fn want(&mut self, wanted: Wanted) {
        self.wanted = wanted;
    }

    /// Forgets what was seen: the next sight of a symbol counts anew. For a new session.
    pub fn forget(&mut self) {
        self.voting.forget();
    }

    /// The interpreter, for texts that come another way.
    pub const fn interpreter(&self) -> &Interpreter {
        &self.interpreter
    }

    /// Takes in the next frame, in the order of capture.
    ///
    /// # Errors
    /// When the engine refuses the frame; the frame then counts as one without symbols.
    pub fn read(&mut self, frame: &Frame) -> Result<Vec<Event>, DecodeError> {
        // White on black and large symbols are rare: every other frame pays for them.
        let full = self.frames.is_multiple_of(2);
        self.frames += 1;
        let effort = Effort { invert: full, downscale: full, second: Second::Turn(self.turn) };
        let parts = self.survey.parts(frame);
        // Nothing like a code anywhere: an idle kiosk pays for nothing else.
        let found =
            if parts.is_empty() { Ok(Vec::new()) } else { decode_parts(frame, &parts, self.wanted, effort) };
        // A second look that read something has the next turn again: a symbol needs agreeing frames.
        let by_second_look =
            |symbols: &Vec<Symbol>| symbols.iter().any(|symbol| symbol.engine != Engine::Plain);
        if !found.as_ref().is_ok_and(by_second_look) {
            self.turn = self.turn.wrapping_add(1);
        }
        let symbols = match &found {
            Ok(symbols) => symbols.clone(),
            Err(_) => Vec::new(),
        };
        self.survey.saw(&symbols);
        let symbols: Vec<Symbol> =
            symbols.into_iter().filter(|symbol| !self.opinion.contradicts(frame, symbol)).collect();
        let sightings = symbols.iter().map(|symbol| {
            let scan = self.interpreter.symbol(symbol);
            Sighting { symbol: symbol.clone(), scan }
        });
        let steady = self.voting.frame(frame.captured(), sightings.collect());
        found?;
        let mut events: Vec<Event> = symbols.into_iter().map(Event::Seen).collect();
        events.extend(steady.into_iter().map(|steady| match steady {
            Steady::Read(sighting) => Event::Scan(sighting.scan),
            Steady::Ambiguous(scan) => Event::Scan(scan),
        }));
        Ok(events)
    }

    /// The text of a hand scanner, complete and without prefix and terminator: counts at once.
    pub fn hand_scan(&self, text: &str) -> Scan {
        self.interpreter.hand_scan(text)
    }
}
