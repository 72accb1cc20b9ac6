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
    /// How long it must be silent before the rest of a refused text cannot be still to come.
    pub quiet: Duration,
    /// The most characters of a text.
    pub longest: usize,
}

impl Default for LineSettings {
    fn default() -> Self {
        Self {
            prefix: String::new(),
            suffix: String::new(),
            gap: Duration::from_millis(200),
            quiet: Duration::from_secs(1),
            longest: 4_096,
        }
    }
}

/// Collects characters up to a terminator: carriage return, line feed or tab.
#[derive(Debug)]
pub struct Lines {
    settings: LineSettings,
    text: String,
    /// The rest of a text whose beginning is not here is dropped, up to its terminator or until it was silent for this long.
    dropping: Option<Duration>,
    last: Duration,
}

impl Lines {
    /// A collector for a scanner with this set-up that begins to listen at the moment zero. What comes at once may be the rest of a text
    /// that began before: a UPC without its first digits looks like an NDC.
    pub const fn new(settings: LineSettings) -> Self {
        let dropping = Some(settings.gap);
        Self { settings, text: String::new(), dropping, last: Duration::ZERO }
    }

    /// Takes in a character, `None` for one that is no text, at a moment of any clock that does not go back.
    ///
    /// # Errors
    /// When the text is refused; nothing of it is handed on.
    pub fn take(&mut self, character: Option<char>, at: Duration) -> Result<Option<String>, HandError> {
        let stale = self.tick(at);
        self.last = at;
        let result = self.add(character);
        // What comes after a pause in a text is the rest of that text and gives nothing.
        stale.and(result)
    }

    /// Characters were lost on their way to us, nobody knows which: what is being sent is no text.
    ///
    /// # Errors
    /// Always: that is the answer for whoever waits for the text.
    pub fn lost(&mut self, at: Duration) -> Result<Option<String>, HandError> {
        self.last = at;
        self.text.clear();
        self.dropping = Some(self.settings.quiet);
        Err(HandError::Overrun)
    }

    fn add(&mut self, character: Option<char>) -> Result<Option<String>, HandError> {
        match character {
            // Scanners end with Enter or with Tab, as they are set; no text holds one.
            Some('\r' | '\n' | '\t') => {
                let text = std::mem::take(&mut self.text);
                if self.dropping.take().is_some() || text.is_empty() {
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
            _ if self.dropping.is_some() => Ok(None),
            Some(character) if self.text.chars().count() < self.settings.longest => {
                self.text.push(character);
                Ok(None)
            }
            refused => {
                self.text.clear();
                self.dropping = Some(self.settings.quiet);
                Err(match refused {
                    Some(_) => HandError::TooLong { limit: self.settings.longest },
                    None => HandError::NotText,
                })
            }
        }
    }

    /// Time has passed without a character: a text that stopped in its middle is dropped, so that it is never joined with the
    /// next one. Its rest may come late, and would look like a text of its own: a UPC without its first digits like an NDC. So what
    /// comes is dropped too, up to the terminator or after a long quiet.
    ///
    /// # Errors
    /// When a text was dropped.
    pub fn tick(&mut self, at: Duration) -> Result<(), HandError> {
        if at.saturating_sub(self.last) < self.settings.gap {
            return Ok(());
        }
        if std::mem::take(&mut self.text).is_empty() {
            self.dropping = self.dropping.filter(|quiet| at.saturating_sub(self.last) < *quiet);
            return Ok(());
        }
        // The quiet begins now: where it was this program that stood still, the rest waits to be read.
        (self.dropping, self.last) = (Some(self.settings.quiet), at);
        Err(HandError::Incomplete)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn play(settings: LineSettings, text: &str, gap_ms: u64) -> Vec<Result<Option<String>, HandError>> {
        let mut at = settings.gap;
        let mut lines = Lines::new(settings);
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

    /// A port that is opened in the middle of a scan.
    #[test]
    fn what_comes_at_once_is_the_rest_of_something() {
        let mut lines = Lines::new(LineSettings::default());
        let ms = Duration::from_millis;
        for (at, character) in (1..).zip("05910369019\rA\r".chars()) {
            let expected = (at == 14).then(|| "A".to_owned());
            assert_eq!(lines.take(Some(character), ms(at)), Ok(expected), "{at}");
        }
        let mut lines = Lines::new(LineSettings::default());
        assert_eq!(lines.take(Some('A'), ms(200)), Ok(None));
        assert_eq!(lines.take(Some('\r'), ms(210)), Ok(Some("A".to_owned())));
    }

    #[test]
    fn a_text_is_never_joined_with_the_rest_of_another_one() {
        let mut lines = Lines::new(LineSettings::default());
        let ms = |ms: u64| Duration::from_millis(1_000 + ms);
        assert_eq!(lines.take(Some('A'), ms(10)), Ok(None));
        assert_eq!(lines.take(Some('B'), ms(210)), Err(HandError::Incomplete), "the A was dropped");
        assert_eq!(lines.take(Some('\r'), ms(220)), Ok(None), "the B is the tail of the same text");
        assert_eq!(lines.take(Some('C'), ms(230)), Ok(None));
        assert_eq!(lines.take(Some('\r'), ms(240)), Ok(Some("C".to_owned())));
    }

    /// A scanner that was silent for long has begun anew; one whose text came in three pieces has not.
    #[test]
    fn the_rest_of_a_broken_text_ends_with_its_terminator_or_a_long_quiet() {
        let mut lines = Lines::new(LineSettings::default());
        let ms = |ms: u64| Duration::from_millis(1_000 + ms);
        assert_eq!(lines.take(Some('A'), ms(10)), Ok(None));
        assert_eq!(lines.tick(ms(210)), Err(HandError::Incomplete));
        assert_eq!(lines.take(Some('B'), ms(600)), Ok(None));
        assert_eq!(lines.tick(ms(900)), Ok(()), "told once");
        assert_eq!(lines.take(Some('C'), ms(1_300)), Ok(None));
        assert_eq!(lines.take(Some('D'), ms(2_300)), Ok(None), "a second later");
        assert_eq!(lines.take(Some('\r'), ms(2_310)), Ok(Some("D".to_owned())));
    }

    #[test]
    fn lost_characters_void_the_text_that_they_were_of() {
        let mut lines = Lines::new(LineSettings::default());
        let ms = |ms: u64| Duration::from_millis(1_000 + ms);
        assert_eq!(lines.take(Some('A'), ms(10)), Ok(None));
        assert_eq!(lines.lost(ms(20)), Err(HandError::Overrun));
        assert_eq!(lines.take(Some('C'), ms(30)), Ok(None));
        assert_eq!(lines.take(Some('\r'), ms(40)), Ok(None));
        assert_eq!(lines.take(Some('D'), ms(50)), Ok(None));
        assert_eq!(lines.take(Some('\r'), ms(60)), Ok(Some("D".to_owned())));
        // Perhaps the first ones of a text.
        assert_eq!(lines.lost(ms(70)), Err(HandError::Overrun));
        assert_eq!(lines.take(Some('E'), ms(80)), Ok(None));
        assert_eq!(lines.take(Some('\r'), ms(90)), Ok(None));
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
