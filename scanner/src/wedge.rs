//! Hand scanners that type (USB HID keyboard wedge): bursts of keys, told apart from a person's typing.
//!
//! Pure: fed with keys and their moments. A burst begins with the configured prefix, or has at least
//! [`least`](WedgeSettings::least) characters; each key follows the last within [`gap`](WedgeSettings::gap), and a terminator ends
//! it. Timing authenticates nobody: it only keeps a scan out of a text field.

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
}

impl Default for WedgeSettings {
    fn default() -> Self {
        Self {
            prefix: String::new(),
            suffix: String::new(),
            terminators: "\r\t".into(),
            gap: Duration::from_millis(50),
            least: 6,
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
}

impl std::fmt::Debug for Key {
    /// Never the text: it may be a wristband, or a PIN.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Held => f.write_str("Held"),
            Self::Scan(text) => write!(f, "Scan({} characters)", text.chars().count()),
            Self::Typed(text) => write!(f, "Typed({} characters)", text.chars().count()),
        }
    }
}

/// Detects bursts among keys.
#[derive(Debug)]
pub struct Wedge {
    settings: WedgeSettings,
    held: String,
    last: Option<Duration>,
}

impl Wedge {
    /// A detector for a scanner with this set-up.
    pub const fn new(settings: WedgeSettings) -> Self {
        Self { settings, held: String::new(), last: None }
    }

    /// Takes in a key at a moment (of any clock that does not go back). Modifier keys are not given. FNC1 comes as U+001D.
    ///
    /// The answers are in order: first what earlier keys turned out to be, then this key.
    pub fn key(&mut self, character: char, at: Duration) -> Vec<Key> {
        let mut answers = Vec::new();
        answers.extend(self.tick(at));
        self.last = Some(at);
        let enter = if character == '\n' { '\r' } else { character };
        if self.settings.terminators.contains(enter) {
            let mut keys = std::mem::take(&mut self.held);
            self.last = None;
            if let Some(text) = self.burst(&keys) {
                answers.push(Key::Scan(text.to_owned()));
            } else {
                keys.push(character);
                answers.push(Key::Typed(keys));
            }
            return answers;
        }
        self.held.push(character);
        if self.held.len() > MAX_BURST {
            answers.push(Key::Typed(std::mem::take(&mut self.held)));
        } else {
            answers.push(Key::Held);
        }
        answers
    }

    /// Time has passed without a key: what was held too long was typed by a person. Call it at least every
    /// [`gap`](WedgeSettings::gap) while keys are held, so that typing appears without delay.
    pub fn tick(&mut self, at: Duration) -> Option<Key> {
        let last = self.last?;
        if at.saturating_sub(last) < self.settings.gap {
            return None;
        }
        self.last = None;
        let keys = std::mem::take(&mut self.held);
        (!keys.is_empty()).then_some(Key::Typed(keys))
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
