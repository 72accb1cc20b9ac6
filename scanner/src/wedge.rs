//! Hand scanners that type (USB HID keyboard wedge): bursts of keys, told apart from a person's typing.
//!
//! Pure: fed with keys and their moments. A burst begins with the configured prefix, or has at least
//! [`least`](WedgeSettings::least) characters; each key follows the last within [`gap`](WedgeSettings::gap), and a terminator ends
//! it. Timing authenticates nobody: it only keeps a scan out of a text field.
//!
//! A burst that stops in its middle is no scan, and neither is its rest: a UPC without its first digits may be the NDC of another
//! drug. So a burst without a prefix counts only after a terminator or a [`quiet`](WedgeSettings::quiet), and of one that is broken
//! nothing reaches a field or a button.

use std::time::Duration;

/// The longest burst that is kept, in characters.
const MAX_BURST: usize = 4_096;

/// How the scanner is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WedgeSettings {
    /// Characters that the scanner sends in front; empty for none.
    pub prefix: String,
    /// Characters that it sends behind, before the terminator; empty for none.
    pub suffix: String,
    /// The keys that end a burst, as scanners leave the factory: Enter (`'\r'`, which stands for `'\n'` too) or Tab.
    pub terminators: String,
    /// The longest time between two keys of a burst.
    pub gap: Duration,
    /// The fewest characters of a burst without a prefix.
    pub least: usize,
    /// How long no key may come before the rest of a broken burst cannot be still to come.
    pub quiet: Duration,
}

impl Default for WedgeSettings {
    fn default() -> Self {
        Self {
            prefix: String::new(),
            suffix: String::new(),
            terminators: "\r\t".into(),
            gap: Duration::from_millis(50),
            least: 6,
            quiet: Duration::from_secs(1),
        }
    }
}

/// What became of a key.
#[derive(Clone, PartialEq, Eq)]
pub enum Key {
    /// It may belong to a burst: hold it back from the screen.
    Held,
    /// It ended a burst: this is the text, without prefix, suffix and terminator.
    Scan(String),
    /// These characters were typed by a person: pass them on.
    Typed(String),
    /// So many keys were of a burst that broke: nobody is to see them.
    Dropped(usize),
}

impl std::fmt::Debug for Key {
    /// Never the text: it may be a wristband, or a PIN.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Held => f.write_str("Held"),
            Self::Scan(text) => write!(f, "Scan({} characters)", text.chars().count()),
            Self::Typed(text) => write!(f, "Typed({} characters)", text.chars().count()),
            Self::Dropped(keys) => write!(f, "Dropped({keys} keys)"),
        }
    }
}

/// Detects bursts among keys.
#[derive(Debug)]
pub struct Wedge {
    settings: WedgeSettings,
    held: String,
    last: Option<Duration>,
    /// When the last key came that was handed on without a terminator behind it.
    typed: Option<Duration>,
    /// The held keys came so soon after those that they may be the rest of one text.
    follows: bool,
    /// When the last key of a broken burst came, whose rest is dropped.
    broken: Option<Duration>,
}

impl Wedge {
    /// A detector for a scanner with this set-up.
    pub const fn new(settings: WedgeSettings) -> Self {
        Self { settings, held: String::new(), last: None, typed: None, follows: false, broken: None }
    }

    /// Whether keys are held back that may belong to a burst: what comes now may be in its middle.
    pub const fn holds(&self) -> bool {
        !self.held.is_empty()
    }

    /// Takes in a key at a moment (of any clock that does not go back). Modifier keys are not given. FNC1 comes as U+001D.
    ///
    /// The answers are in order: first what earlier keys turned out to be, then this key.
    pub fn key(&mut self, character: char, at: Duration) -> Vec<Key> {
        let mut answers = Vec::new();
        answers.extend(self.tick(at));
        let enter = if character == '\n' { '\r' } else { character };
        let ends = self.settings.terminators.contains(enter);
        if self.broken.take().is_some_and(|last| self.soon(last, at)) {
            self.broken = (!ends).then_some(at);
            answers.push(Key::Dropped(1));
            return answers;
        }
        if self.held.is_empty() {
            self.follows = self.typed.is_some_and(|last| self.soon(last, at));
        }
        answers.push(if ends { self.ended(character) } else { self.hold(character, at) });
        answers
    }

    fn ended(&mut self, terminator: char) -> Key {
        let mut keys = std::mem::take(&mut self.held);
        (self.last, self.typed) = (None, None);
        let tail = self.follows && self.settings.prefix.is_empty();
        if let Some(text) = self.burst(&keys).filter(|_| !tail) {
            return Key::Scan(text.to_owned());
        }
        if self.follows && self.is_fast(&keys) {
            return Key::Dropped(keys.chars().count() + 1);
        }
        keys.push(terminator);
        Key::Typed(keys)
    }

    fn hold(&mut self, character: char, at: Duration) -> Key {
        self.held.push(character);
        self.last = Some(at);
        if self.held.len() <= MAX_BURST {
            return Key::Held;
        }
        self.last = None;
        self.given_up(at)
    }

    /// Time has passed without a key: what was held too long was typed by a person, or is all that came of a burst. Call it at least
    /// every [`gap`](WedgeSettings::gap) while keys are held, so that typing appears without delay.
    pub fn tick(&mut self, at: Duration) -> Option<Key> {
        let last = self.last?;
        if at.saturating_sub(last) < self.settings.gap {
            return None;
        }
        self.last = None;
        (!self.held.is_empty()).then(|| self.given_up(last))
    }

    /// What is held will not be ended: so many keys so fast were a scanner's, fewer a person's.
    fn given_up(&mut self, last: Duration) -> Key {
        let keys = std::mem::take(&mut self.held);
        if self.is_fast(&keys) {
            self.broken = Some(last);
            return Key::Dropped(keys.chars().count());
        }
        self.typed = Some(last);
        Key::Typed(keys)
    }

    fn soon(&self, last: Duration, at: Duration) -> bool {
        at.saturating_sub(last) < self.settings.quiet
    }

    fn is_fast(&self, keys: &str) -> bool {
        keys.chars().count() >= self.settings.least
    }

    fn burst<'a>(&self, keys: &'a str) -> Option<&'a str> {
        let text = keys.strip_prefix(self.settings.prefix.as_str())?;
        let text = text.strip_suffix(self.settings.suffix.as_str())?;
        let enough = !self.settings.prefix.is_empty() || text.chars().count() >= self.settings.least;
        (enough && !text.is_empty()).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn play(wedge: &mut Wedge, text: &str, gap_ms: u64) -> Vec<Key> {
        let mut at = Duration::from_secs(1);
        let mut answers = Vec::new();
        for character in text.chars() {
            at += Duration::from_millis(gap_ms);
            answers.extend(wedge.key(character, at));
        }
        answers.extend(wedge.tick(at + Duration::from_secs(1)));
        answers.retain(|key| *key != Key::Held);
        answers
    }

    #[test]
    fn a_burst_is_a_scan_and_typing_is_not() {
        let mut wedge = Wedge::new(WedgeSettings::default());
        assert_eq!(play(&mut wedge, "]d2010030\u{1D}10A\r", 5), [Key::Scan("]d2010030\u{1D}10A".into())]);
        let typed = play(&mut wedge, "1234567\r", 120);
        assert!(!typed.iter().any(|key| matches!(key, Key::Scan(_))));
        let text: String =
            typed.iter().map(|key| if let Key::Typed(text) = key { text.as_str() } else { "" }).collect();
        assert_eq!(text, "1234567\r", "nothing typed is lost");
    }

    /// A scan with pauses in it, in ms after each piece.
    fn pieces(settings: WedgeSettings, pieces: &[(&str, u64)]) -> Vec<Key> {
        let mut wedge = Wedge::new(settings);
        let mut at = Duration::from_secs(1);
        let mut answers = Vec::new();
        for (text, pause_ms) in pieces {
            for character in text.chars() {
                at += Duration::from_millis(5);
                answers.extend(wedge.key(character, at));
            }
            at += Duration::from_millis(*pause_ms);
            answers.extend(wedge.tick(at));
        }
        answers.retain(|key| !matches!(key, Key::Held | Key::Dropped(1)));
        answers
    }

    /// A UPC without its first digit is eleven digits that a drug file may know as an NDC.
    #[test]
    fn the_tail_of_a_broken_burst_is_no_scan_of_its_own() {
        let usual = WedgeSettings::default;
        let typed = |text: &str| Key::Typed(text.into());
        let scan = |text: &str| Key::Scan(text.into());
        assert_eq!(pieces(usual(), &[("3", 80), ("05910369019\r", 0)]), [typed("3"), Key::Dropped(12)]);
        assert_eq!(pieces(usual(), &[("30591", 900), ("0369019\r", 0)]), [typed("30591"), Key::Dropped(8)]);
        // Six fast keys are a scanner's: neither a field nor a button sees anything of them.
        for rest in ["19\r", "\r", "910369019\r"] {
            assert_eq!(pieces(usual(), &[("3059103690", 80), (rest, 0)]), [Key::Dropped(10)], "{rest:?}");
        }
        let three = [("305910", 80), ("3690", 900), ("19\r", 1), ("305910369019\r", 0)];
        assert_eq!(pieces(usual(), &three), [Key::Dropped(6), scan("305910369019")]);
        assert_eq!(
            pieces(usual(), &[("305910", 1_100), ("0369019\r", 0)]),
            [Key::Dropped(6), scan("0369019")]
        );
        assert_eq!(pieces(usual(), &[("3", 1_100), ("0369019\r", 0)]), [typed("3"), scan("0369019")]);
        // A prefix says where a text begins.
        let framed = || WedgeSettings { prefix: "~".into(), ..usual() };
        assert_eq!(pieces(framed(), &[("x", 80), ("~12\r", 0)]), [typed("x"), scan("12")]);
        assert_eq!(pieces(framed(), &[("~3", 80), ("05910369019\r", 0)]), [typed("~3"), Key::Dropped(12)]);
        let long = "7".repeat(MAX_BURST + 9) + "\r";
        assert_eq!(pieces(usual(), &[(&long, 0)]), [Key::Dropped(MAX_BURST + 1)]);
    }

    #[test]
    fn the_gap_is_measured_to_the_millisecond() {
        let mut wedge = Wedge::new(WedgeSettings::default());
        assert_eq!(play(&mut wedge, "123456\r", 49), [Key::Scan("123456".into())]);
        assert!(!play(&mut wedge, "123456\r", 50).contains(&Key::Scan("123456".into())));
    }

    /// Many scanners end with Tab: the burst must not go into the field, and a person's Tab must.
    #[test]
    fn a_tab_ends_a_burst_and_is_handed_on_when_it_was_none() {
        let mut wedge = Wedge::new(WedgeSettings::default());
        assert_eq!(play(&mut wedge, "]d20100\t", 5), [Key::Scan("]d20100".into())]);
        assert_eq!(play(&mut wedge, "\t", 5), [Key::Typed("\t".into())]);
        assert_eq!(play(&mut wedge, "2468\t", 5), [Key::Typed("2468\t".into())]);
        let enter = WedgeSettings { terminators: "\r".into(), ..WedgeSettings::default() };
        assert_eq!(play(&mut Wedge::new(enter), "123456\t7\n", 5), [Key::Scan("123456\t7".into())]);
    }

    #[test]
    fn short_bursts_need_the_prefix() {
        let mut wedge = Wedge::new(WedgeSettings::default());
        assert_eq!(play(&mut wedge, "1234\r", 5), [Key::Typed("1234\r".into())]);
        let settings = WedgeSettings { prefix: "~".into(), suffix: "#".into(), ..WedgeSettings::default() };
        let mut wedge = Wedge::new(settings);
        assert_eq!(play(&mut wedge, "~12#\n", 5), [Key::Scan("12".into())]);
        assert_eq!(play(&mut wedge, "123456789#\r", 5), [Key::Typed("123456789#\r".into())]);
        assert_eq!(play(&mut wedge, "~#\r", 5), [Key::Typed("~#\r".into())]);
    }
}
