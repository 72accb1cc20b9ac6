//! ER7, the delimited encoding of HL7 v2 (v2.5.1 chapter 2): a strict, bounded reader and the writer that is its inverse.
//!
//! The delimiters are those of MSH-1 and MSH-2. Bytes become text by MSH-18 (ASCII, UNICODE UTF-8, 8859/1, nothing); a byte order
//! mark before MSH is dropped. Segments end with CR; LF and CR LF are taken too, since many senders write them.

use std::borrow::Cow;
use std::fmt;
use std::fmt::Write as _;

/// The most segments of one message.
pub const MOST_SEGMENTS: usize = 5_000;

/// MSH-18 of ISO 8859-1.
const LATIN_1: &[u8] = b"8859/1";

/// Why bytes are no message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Er7Error {
    /// Nothing in it.
    #[error("the message is empty")]
    Empty,
    /// It does not begin with MSH.
    #[error("the message does not begin with MSH")]
    NoHeader,
    /// MSH-1 or MSH-2 cannot be used.
    #[error("MSH-2: the encoding characters have to be four different punctuation marks, as in ^~\\&")]
    Delimiters,
    /// A character set that is not read.
    #[error(
        "MSH-18: character set \"{0}\" is not read: send ASCII, 8859/1 or UNICODE UTF-8, and name it in MSH-18"
    )]
    CharacterSet(String),
    /// The bytes are not what MSH-18 says.
    #[error("byte {at} is no {set}: send what MSH-18 names (empty: UTF-8)")]
    Encoding {
        /// What was expected.
        set: &'static str,
        /// Offset of the first wrong byte.
        at: usize,
    },
    /// A line that is no segment.
    #[error("segment {number}: does not begin with a segment name of three letters or digits")]
    Segment {
        /// From 1.
        number: usize,
    },
    /// Two messages in one frame: what belongs to which cannot be told.
    #[error("segment {number}: a second MSH: two messages stand in one frame")]
    SecondHeader {
        /// From 1.
        number: usize,
    },
    /// Too many segments.
    #[error("more than {MOST_SEGMENTS} segments")]
    TooManySegments,
}

/// The five characters that divide a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delimiters {
    /// MSH-1.
    pub field: char,
    /// MSH-2, first.
    pub component: char,
    /// MSH-2, second.
    pub repetition: char,
    /// MSH-2, third.
    pub escape: char,
    /// MSH-2, fourth.
    pub subcomponent: char,
}

impl Default for Delimiters {
    fn default() -> Self {
        Self { field: '|', component: '^', repetition: '~', escape: '\\', subcomponent: '&' }
    }
}

impl Delimiters {
    /// Reads MSH-1 and MSH-2 from the first characters of a header. A fifth character (truncation, v2.7) is taken and unused.
    fn of_header(header: &str) -> Result<Self, Er7Error> {
        let field = header.chars().nth(3).ok_or(Er7Error::Delimiters)?;
        let rest = header.get(3 + field.len_utf8()..).ok_or(Er7Error::Delimiters)?;
        let marks: Vec<char> = rest.split(field).next().unwrap_or_default().chars().collect();
        let [component, repetition, escape, subcomponent, more @ ..] = marks.as_slice() else {
            return Err(Er7Error::Delimiters);
        };
        let all = [field, *component, *repetition, *escape, *subcomponent];
        let distinct = all.iter().enumerate().all(|(at, mark)| !all[..at].contains(mark));
        if more.len() > 1 || !distinct || !all.iter().all(char::is_ascii_punctuation) {
            return Err(Er7Error::Delimiters);
        }
        Ok(Self {
            field,
            component: *component,
            repetition: *repetition,
            escape: *escape,
            subcomponent: *subcomponent,
        })
    }

    /// Text with its delimiters escaped (section 2.7.1). Control characters become `\Xdd\`, so that no text can end a segment.
    pub fn escape(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            let letter = match c {
                c if c == self.field => 'F',
                c if c == self.component => 'S',
                c if c == self.subcomponent => 'T',
                c if c == self.repetition => 'R',
                c if c == self.escape => 'E',
                c if c.is_ascii_control() => {
                    let (escape, code) = (self.escape, u32::from(c));
                    // Writing to a String cannot fail.
                    let _ = write!(out, "{escape}X{code:02X}{escape}");
                    continue;
                }
                c => {
                    out.push(c);
                    continue;
                }
            };
            out.extend([self.escape, letter, self.escape]);
        }
        out
    }

    /// The inverse of [`escape`](Self::escape). Highlighting is dropped, line breaks become a line feed; a sequence that is not
    /// understood stays as it stands, so that nothing is lost silently.
    pub fn unescape<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.each_escape(text, |code| self.meaning(code))
    }

    /// Hexadecimal of ISO 8859-1 as that of UTF-8, in which everything is kept.
    fn hex_in_utf8<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.each_escape(text, |code| {
            let text: String = hex_of(code)?.into_iter().map(char::from).collect();
            let code = text.bytes().fold("X".to_owned(), |mut code, byte| {
                // Writing to a String cannot fail.
                let _ = write!(code, "{byte:02X}");
                code
            });
            Some(format!("{}{code}{}", self.escape, self.escape))
        })
    }

    /// Puts for each escape sequence what it means, and leaves it where that is nothing.
    fn each_escape<'a>(&self, text: &'a str, meaning: impl Fn(&str) -> Option<String>) -> Cow<'a, str> {
        if !text.contains(self.escape) {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(self.escape) {
            out.push_str(&rest[..at]);
            let after = &rest[at + self.escape.len_utf8()..];
            let Some(end) = after.find(self.escape) else {
                out.push_str(&rest[at..]);
                return Cow::Owned(out);
            };
            let code = &after[..end];
            match meaning(code) {
                Some(meaning) => out.push_str(&meaning),
                None => {
                    out.push(self.escape);
                    out.push_str(code);
                    out.push(self.escape);
                }
            }
            rest = &after[end + self.escape.len_utf8()..];
        }
        out.push_str(rest);
        Cow::Owned(out)
    }

    fn meaning(&self, code: &str) -> Option<String> {
        Some(match code {
            "F" => self.field.to_string(),
            "S" => self.component.to_string(),
            "T" => self.subcomponent.to_string(),
            "R" => self.repetition.to_string(),
            "E" => self.escape.to_string(),
            "H" | "N" => String::new(),
            ".br" | ".sp" | ".ce" => "\n".to_owned(),
            _ => String::from_utf8(hex_of(code)?).ok()?,
        })
    }
}

/// The bytes of `\Xdd..\`.
fn hex_of(code: &str) -> Option<Vec<u8>> {
    let hex = code.strip_prefix('X').filter(|hex| !hex.is_empty() && hex.len() % 2 == 0)?;
    (0..hex.len())
        .step_by(2)
        .map(|at| hex.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect()
}

/// What a field says: nothing (no change), "delete", or a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// Empty: no change (section 2.5.3).
    Nothing,
    /// `""`: delete what is there.
    Delete,
    /// A value.
    Value(String),
}

/// One segment.
#[derive(Clone, PartialEq, Eq)]
pub struct Segment {
    delimiters: Delimiters,
    name: String,
    /// Raw fields; index 0 is field 1.
    fields: Vec<String>,
}

/// Its name alone: the content may be a patient's.
impl fmt::Debug for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Segment({}, ..)", self.name)
    }
}

impl Segment {
    /// Its name, such as `PID`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The raw text of field `number` (from 1); empty when it is not there.
    pub fn raw(&self, number: usize) -> &str {
        number.checked_sub(1).and_then(|at| self.fields.get(at)).map_or("", String::as_str)
    }

    /// The repetitions of a field; none when it is empty.
    pub fn repetitions(&self, number: usize) -> impl Iterator<Item = Field<'_>> {
        let raw = self.raw(number);
        let delimiters = self.delimiters;
        raw.split(delimiters.repetition)
            .filter(|part| !part.is_empty())
            .map(move |raw| Field { raw, delimiters })
    }

    /// The first repetition of a field; an empty one when it is not there.
    pub fn field(&self, number: usize) -> Field<'_> {
        self.repetitions(number).next().unwrap_or(Field { raw: "", delimiters: self.delimiters })
    }

    /// The first component of the first repetition.
    pub fn text(&self, number: usize) -> String {
        self.field(number).component(1)
    }
}

/// One repetition of a field.
#[derive(Clone, Copy)]
pub struct Field<'a> {
    raw: &'a str,
    delimiters: Delimiters,
}

impl Field<'_> {
    /// Component `number` (from 1), its first subcomponent, unescaped and without spaces around it; empty when it is not there or
    /// deleted.
    pub fn component(&self, number: usize) -> String {
        match self.said(number) {
            Said::Value(text) => text,
            Said::Nothing | Said::Delete => String::new(),
        }
    }

    /// As [`component`](Self::component), telling "nothing" from "delete".
    pub fn said(&self, number: usize) -> Said {
        self.part(number, 1)
    }

    /// Subcomponent `part` (from 1) of component `number`, as [`component`](Self::component) reads the first.
    pub fn subcomponent(&self, number: usize, part: usize) -> String {
        match self.part(number, part) {
            Said::Value(text) => text,
            Said::Nothing | Said::Delete => String::new(),
        }
    }

    fn part(&self, component: usize, subcomponent: usize) -> Said {
        let raw = self.raw.split(self.delimiters.component).nth(component.saturating_sub(1)).unwrap_or("");
        let raw = raw.split(self.delimiters.subcomponent).nth(subcomponent.saturating_sub(1)).unwrap_or("");
        match raw {
            "" => Said::Nothing,
            "\"\"" => Said::Delete,
            raw => match self.delimiters.unescape(raw).trim() {
                "" => Said::Nothing,
                text => Said::Value(text.to_owned()),
            },
        }
    }

    /// Everything that stands in it, for people: its parts with a space between them.
    pub fn words(&self) -> String {
        let parts = self.raw.split([self.delimiters.component, self.delimiters.subcomponent]);
        let parts = parts.filter(|part| *part != "\"\"").map(|part| self.delimiters.unescape(part));
        let parts: Vec<String> =
            parts.map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect();
        parts.join(" ")
    }

    /// Whether the whole field says "delete".
    pub fn is_delete(&self) -> bool {
        self.raw == "\"\""
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    delimiters: Delimiters,
    segments: Vec<Segment>,
}

impl Message {
    /// Reads one message.
    ///
    /// # Errors
    /// When it is none; see [`Er7Error`].
    pub fn read(bytes: &[u8]) -> Result<Self, Er7Error> {
        let text = text_of(bytes)?;
        let mut lines = text.split(['\r', '\n']).filter(|line| !line.is_empty());
        let header = lines.next().ok_or(Er7Error::Empty)?;
        if !header.starts_with("MSH") {
            return Err(Er7Error::NoHeader);
        }
        let delimiters = Delimiters::of_header(header)?;
        let is_latin_1 = trimmed(bytes).and_then(|(bytes, _)| set_of(bytes))? == LATIN_1;
        let mut segments = vec![segment(header, 1, delimiters)?];
        for (at, line) in lines.enumerate() {
            if segments.len() >= MOST_SEGMENTS {
                return Err(Er7Error::TooManySegments);
            }
            if line.starts_with("MSH") {
                return Err(Er7Error::SecondHeader { number: at + 2 });
            }
            let line = if is_latin_1 { delimiters.hex_in_utf8(line) } else { Cow::Borrowed(line) };
            segments.push(segment(&line, at + 2, delimiters)?);
        }
        Ok(Self { delimiters, segments })
    }

    /// The header of bytes that are no message as a whole, so that the answer can name it: it is ASCII, whatever follows.
    pub fn header_of(bytes: &[u8]) -> Option<Self> {
        let (bytes, _) = trimmed(bytes).ok()?;
        let header = String::from_utf8_lossy(first_line(bytes));
        let delimiters = Delimiters::of_header(&header).ok()?;
        let segments = vec![segment(&header, 1, delimiters).ok()?];
        Some(Self { delimiters, segments })
    }

    /// The header and the first PID of bytes that are no message as a whole, so that the bedside can be told whose it was. The
    /// numbers in it are ASCII; what is broken there stays broken and is nobody's number.
    pub fn patient_of(bytes: &[u8]) -> Option<Self> {
        let Self { delimiters, mut segments } = Self::header_of(bytes)?;
        let mut lines = bytes.split(|b| matches!(b, b'\r' | b'\n'));
        let line = String::from_utf8_lossy(lines.find(|line| line.starts_with(b"PID"))?);
        segments.push(segment(&line, 2, delimiters).ok()?);
        Some(Self { delimiters, segments })
    }

    /// The delimiters of this message.
    pub const fn delimiters(&self) -> Delimiters {
        self.delimiters
    }

    /// All segments, MSH first.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The header.
    pub fn header(&self) -> &Segment {
        &self.segments[0]
    }

    /// The first segment of this name.
    pub fn segment(&self, name: &str) -> Option<&Segment> {
        self.segments.iter().find(|segment| segment.name == name)
    }

    /// The message with CR after each segment: the inverse of [`read`](Self::read).
    pub fn print(&self) -> String {
        self.segments.iter().fold(String::new(), |mut text, segment| {
            text.push_str(&segment.print());
            text.push('\r');
            text
        })
    }
}

impl Segment {
    /// Name and raw fields, without the CR.
    pub fn print(&self) -> String {
        let field = self.delimiters.field;
        let mut text = self.name.clone();
        // MSH-1 is the separator itself.
        let from = usize::from(self.name == "MSH");
        for raw in self.fields.iter().skip(from) {
            text.push(field);
            text.push_str(raw);
        }
        text
    }
}

fn segment(line: &str, number: usize, delimiters: Delimiters) -> Result<Segment, Er7Error> {
    let name =
        line.get(..3).filter(|name| name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()));
    let name = name.ok_or(Er7Error::Segment { number })?;
    let rest = &line[3..];
    if !rest.is_empty() && !rest.starts_with(delimiters.field) {
        return Err(Er7Error::Segment { number });
    }
    let mut fields: Vec<String> = rest.split(delimiters.field).skip(1).map(str::to_owned).collect();
    if name == "MSH" {
        fields.insert(0, delimiters.field.to_string());
    }
    Ok(Segment { delimiters, name: name.to_owned(), fields })
}

/// The text by MSH-18. The header is ASCII up to its field 18 in every character set that is read.
fn text_of(bytes: &[u8]) -> Result<Cow<'_, str>, Er7Error> {
    let (bytes, start) = trimmed(bytes)?;
    match set_of(bytes)? {
        b"" | b"ASCII" | b"UNICODE UTF-8" | b"UTF-8" => std::str::from_utf8(bytes)
            .map(Cow::Borrowed)
            .map_err(|error| Er7Error::Encoding { set: "UTF-8", at: start + error.valid_up_to() }),
        LATIN_1 => Ok(Cow::Owned(bytes.iter().map(|b| char::from(*b)).collect())),
        other => Err(Er7Error::CharacterSet(crate::units::short(&String::from_utf8_lossy(other)))),
    }
}

/// MSH-18. Repetitions name sets for escape sequences; the first one is that of the message.
fn set_of(bytes: &[u8]) -> Result<&[u8], Er7Error> {
    let header = first_line(bytes);
    let separator = header.get(3).copied().ok_or(Er7Error::Delimiters)?;
    let named = header.split(|b| *b == separator).nth(17).unwrap_or_default();
    Ok(named.split(|b| *b == b'~').next().unwrap_or_default())
}

/// From the header on, and how far in that is.
fn trimmed(bytes: &[u8]) -> Result<(&[u8], usize), Er7Error> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let start = bytes.iter().position(|b| !matches!(b, b'\r' | b'\n' | b' ')).ok_or(Er7Error::Empty)?;
    let bytes = &bytes[start..];
    if bytes.starts_with(b"MSH") { Ok((bytes, start)) } else { Err(Er7Error::NoHeader) }
}

fn first_line(bytes: &[u8]) -> &[u8] {
    bytes.split(|b| matches!(b, b'\r' | b'\n')).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Message {
        Message::read(text.as_bytes()).unwrap()
    }

    #[test]
    fn fields_components_and_repetitions_are_counted_from_one() {
        let message = read("MSH|^~\\&|A|B\rPID|1||X^^^AUTH&1.2&ISO^MR~Y^^^^SS||DOE^JANE|\"\"\r");
        assert_eq!((message.header().raw(1), message.header().raw(2)), ("|", "^~\\&"));
        assert_eq!(message.header().text(3), "A");
        let pid = message.segment("PID").unwrap();
        let ids: Vec<String> = pid.repetitions(3).map(|id| id.component(1) + &id.component(4)).collect();
        assert_eq!(ids, ["XAUTH", "Y"]);
        assert_eq!(pid.field(5).component(2), "JANE");
        assert!(pid.field(6).is_delete() && pid.field(6).said(1) == Said::Delete);
        assert_eq!(pid.field(60).said(1), Said::Nothing);
        assert_eq!(
            (pid.field(3).subcomponent(4, 2).as_str(), pid.field(3).subcomponent(4, 9).as_str()),
            ("1.2", "")
        );
        assert_eq!((pid.field(3).words().as_str(), pid.field(6).words().as_str()), ("X AUTH 1.2 ISO MR", ""));
    }

    #[test]
    fn other_delimiters_and_escapes_are_honoured() {
        let message = read("MSH#*+/:#A\rNTE#1##5 /T/ 6 /F/ /S/ /R/ /E/ /X41/ /.br/x /H/b/N/ /Zq/ 7/\r");
        let text = message.segment("NTE").unwrap().text(3);
        assert_eq!(text, "5 : 6 # * + / A \nx b /Zq/ 7/");
        assert!(matches!(Message::read(b"MSH|^^\\&|A\r"), Err(Er7Error::Delimiters)));
        assert!(matches!(Message::read(b"MSH|^~\r"), Err(Er7Error::Delimiters)));
        assert!(matches!(Message::read(b"MSHA^~\\&A\r"), Err(Er7Error::Delimiters)));
    }

    #[test]
    fn character_sets_are_those_of_msh_18() {
        let with = |set: &str, name: &[u8]| {
            let mut bytes = format!("MSH|^~\\&|A|||||||1|P|2.5.1||||||{set}\rPID|1||||").into_bytes();
            bytes.extend(name);
            Message::read(&bytes).map(|message| message.segment("PID").unwrap().text(5))
        };
        assert_eq!(with("8859/1", b"M\xFCller").unwrap(), "Müller");
        assert_eq!(
            with("8859/1", b"M\\XFC\\ller \\XC3BC\\ \\T\\ \\X4\\ \xFC").unwrap(),
            "Müller Ã¼ & \\X4\\ ü"
        );
        assert_eq!(with("UNICODE UTF-8", b"M\\XC3BC\\ller M\\XFC\\ller").unwrap(), "Müller M\\XFC\\ller");
        assert_eq!(with("UNICODE UTF-8", "Müller".as_bytes()).unwrap(), "Müller");
        assert_eq!(with("", "Müller".as_bytes()).unwrap(), "Müller");
        assert!(matches!(with("", b"M\xFCller"), Err(Er7Error::Encoding { set: "UTF-8", .. })));
        assert!(matches!(with("BIG-5", b"x"), Err(Er7Error::CharacterSet(_))));
        let marked = Message::read(b"\xEF\xBB\xBFMSH|^~\\&|A\r").unwrap();
        assert_eq!(marked.header().text(3), "A");
    }

    #[test]
    fn what_is_no_message_says_why() {
        assert_eq!(Message::read(b""), Err(Er7Error::Empty));
        assert_eq!(Message::read(b"PID|1\r"), Err(Er7Error::NoHeader));
        let two = b"MSH|^~\\&|A\rPID|1\rMSH|^~\\&|B\r";
        assert_eq!(Message::read(two), Err(Er7Error::SecondHeader { number: 3 }));
        assert_eq!(Message::read(b"MSH|^~\\&|A\rpid|1\r"), Err(Er7Error::Segment { number: 2 }));
        let many = format!("MSH|^~\\&|A\r{}", "NTE|1\r".repeat(MOST_SEGMENTS));
        assert_eq!(Message::read(many.as_bytes()), Err(Er7Error::TooManySegments));
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), header in any::<bool>()) {
            let mut all = if header { b"MSH|^~\\&|".to_vec() } else { Vec::new() };
            all.extend(bytes);
            if let Ok(message) = Message::read(&all) {
                prop_assert_eq!(&Message::read(message.print().as_bytes()).unwrap().segments.len(), &message.segments.len());
            }
        }

        #[test]
        fn unescape_is_the_inverse_of_escape(text in "\\PC*|[|^~\\\\&\r\n\t]{0,12}") {
            let delimiters = Delimiters::default();
            let escaped = delimiters.escape(&text);
            prop_assert!(!escaped.contains(['|', '^', '~', '&', '\r', '\n']));
            prop_assert_eq!(delimiters.unescape(&escaped), text);
        }
    }
}
