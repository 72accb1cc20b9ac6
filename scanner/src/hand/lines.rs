//! From single characters to whole texts. Pure: fed with characters and their moments.

use std::time::Duration;

use super::HandError;

/// How the scanner is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineSettings {
    /// Characters that it sends in front of each text; empty for none.
    pub prefix: String,
    /// Characters that it sends behind each text, before the terminator; empty for none.
    pub suffix: String,
    /// The longest time between two characters of a text.
    pub gap: Duration,
    /// The most characters of a text.
    pub longest: usize,
}

impl Default for LineSettings {
    fn default() -> Self {
        Self { prefix: String::new(), suffix: String::new(), gap: Duration::from_millis(200), longest: 4_096 }
    }
}

/// Collects characters up to a terminator: carriage return or line feed.
#[derive(Debug)]
pub struct Lines {
    settings: LineSettings,
    text: String,
    /// The rest of a text that was refused is dropped up to its terminator.
    dropping: bool,
    last: Duration,
}

impl Lines {
    /// An empty collector for a scanner with this set-up.
    pub const fn new(settings: LineSettings) -> Self {
        Self { settings, text: String::new(), dropping: false, last: Duration::ZERO }
    }

    /// Takes in a character, `None` for one that is no text, at a moment of any clock that does not go back.
    ///
    /// # Errors
    /// When the text is refused; nothing of it is handed on.
    pub fn take(&mut self, character: Option<char>, at: Duration) -> Result<Option<String>, HandError> {
        let stale = self.tick(at);
        self.last = at;
        let result = self.add(character);
        // The older fault is told first; a terminator of a new text is then only late, not lost, since the text is whole.
        match (stale, result) {
            (Err(error), Ok(None)) => Err(error),
            (_, result) => result,
        }
    }

    fn add(&mut self, character: Option<char>) -> Result<Option<String>, HandError> {
        match character {
            Some('\r' | '\n') => {
                let text = std::mem::take(&mut self.text);
                if std::mem::take(&mut self.dropping) || text.is_empty() {
                    return Ok(None);
                }
                let inner = text
                    .strip_prefix(self.settings.prefix.as_str())
                    .and_then(|text| text.strip_suffix(self.settings.suffix.as_str()));
                inner
                    .filter(|text| !text.is_empty())
                    .map(|text| Some(text.to_owned()))
                    .ok_or(HandError::Unframed)
            }
            _ if self.dropping => Ok(None),
            Some(character) if self.text.chars().count() < self.settings.longest => {
                self.text.push(character);
                Ok(None)
            }
            refused => {
                self.text.clear();
                self.dropping = true;
                Err(match refused {
                    Some(_) => HandError::TooLong { limit: self.settings.longest },
                    None => HandError::NotText,
                })
            }
        }
    }

    /// Time has passed without a character: a text that stopped in its middle is dropped, so that it is never joined with the
    /// next one.
    ///
    /// # Errors
    /// When a text was dropped.
    pub fn tick(&mut self, at: Duration) -> Result<(), HandError> {
        if at.saturating_sub(self.last) < self.settings.gap {
            return Ok(());
        }
        self.dropping = false;
        let unfinished = !std::mem::take(&mut self.text).is_empty();
        if unfinished { Err(HandError::Incomplete) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn play(settings: LineSettings, text: &str, gap_ms: u64) -> Vec<Result<Option<String>, HandError>> {
        let mut lines = Lines::new(settings);
        let mut at = Duration::ZERO;
        let mut answers = Vec::new();
        for character in text.chars() {
            at += Duration::from_millis(gap_ms);
            let known = (character != '\u{FFFD}').then_some(character);
            let answer = lines.take(known, at);
            if answer != Ok(None) {
                answers.push(answer);
            }
        }
        answers
    }

    #[test]
    fn a_text_ends_at_its_terminator_and_keeps_its_separators() {
        let read = play(LineSettings::default(), "]d201\u{1D}10A\r\nB\n", 1);
        assert_eq!(read, [Ok(Some("]d201\u{1D}10A".to_owned())), Ok(Some("B".to_owned()))]);
    }

    #[test]
    fn a_text_is_never_joined_with_the_rest_of_another_one() {
        let mut lines = Lines::new(LineSettings::default());
        let ms = Duration::from_millis;
        assert_eq!(lines.take(Some('A'), ms(10)), Ok(None));
        assert_eq!(lines.take(Some('B'), ms(210)), Err(HandError::Incomplete), "the A was dropped");
        assert_eq!(lines.take(Some('\r'), ms(220)), Ok(Some("B".to_owned())));
    }

    #[test]
    fn what_is_refused_is_dropped_whole() {
        let short = LineSettings { longest: 3, ..LineSettings::default() };
        let read = play(short, "ABCDEF\rXY\r", 1);
        assert_eq!(read, [Err(HandError::TooLong { limit: 3 }), Ok(Some("XY".to_owned()))]);
        let read = play(LineSettings::default(), "AB\u{FFFD}CD\rXY\r", 1);
        assert_eq!(read, [Err(HandError::NotText), Ok(Some("XY".to_owned()))]);
        let framed = LineSettings { prefix: "~".into(), suffix: "#".into(), ..LineSettings::default() };
        let read = play(framed, "~A#\rA#\r~#\r", 1);
        assert_eq!(read, [Ok(Some("A".to_owned())), Err(HandError::Unframed), Err(HandError::Unframed)]);
    }
}
