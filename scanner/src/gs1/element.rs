//! Element strings: parse, with every fault, and print, the exact inverse.

use rights::scan::{ScanFault, ScanFaultKind};

use super::GS;
use super::identifier::{Identifier, leading, lookup};
use crate::fault::fault;

/// The longest text that is looked at, in characters: more than any GS1 symbol holds.
const MAX_TEXT: usize = 8_192;

/// One application identifier with its value.
#[derive(Clone, PartialEq, Eq)]
pub struct Element {
    ai: String,
    value: String,
    identifier: &'static Identifier,
}

impl PartialEq for Identifier {
    fn eq(&self, other: &Self) -> bool {
        self.range() == other.range()
    }
}

impl Eq for Identifier {}

impl Element {
    /// The digits of the identifier, such as `01`.
    pub fn ai(&self) -> &str {
        &self.ai
    }

    /// The value, without a separator.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The identifier's data title, such as `EXPIRY`.
    pub const fn title(&self) -> &'static str {
        self.identifier.title()
    }
}

impl std::fmt::Debug for Element {
    /// The identifier alone: (8018), (7253) and others are about a patient.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "({})..", self.ai)
    }
}

/// A valid sequence of elements: made by parsing only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElementString(Vec<Element>);

impl ElementString {
    /// The elements in their order; at least one.
    pub fn elements(&self) -> &[Element] {
        &self.0
    }

    /// The value of the identifier, when it is there. (An identifier that stands twice has the same value twice.)
    pub fn value(&self, ai: &str) -> Option<&str> {
        self.0.iter().find(|element| element.ai == ai).map(|element| element.value.as_str())
    }

    /// The element string as a GS1 symbol holds it, with U+001D only where it must stand (7.8.6).
    pub fn to_raw(&self) -> String {
        let mut text = String::new();
        for (index, element) in self.0.iter().enumerate() {
            text.push_str(&element.ai);
            text.push_str(&element.value);
            if index + 1 < self.0.len() && !element.identifier.predefined {
                text.push(GS);
            }
        }
        text
    }

    /// The element string for people: identifiers in brackets; a bracket inside a value is written `\(`.
    pub fn to_bracketed(&self) -> String {
        let mut text = String::new();
        for element in &self.0 {
            text.extend(["(", &element.ai, ")", &element.value.replace('(', "\\(")]);
        }
        text
    }
}

/// What a text holds: the elements that are right by themselves, and every fault. Usable only without a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// The elements whose identifier, length, characters and checks are right, in their order.
    pub elements: Vec<Element>,
    /// Everything that is wrong, in the order of the text, then the pairings.
    pub faults: Vec<ScanFault>,
}

impl Parsed {
    /// The valid element string, or every fault.
    ///
    /// # Errors
    /// With all the faults, at least one.
    pub fn into_result(self) -> Result<ElementString, Vec<ScanFault>> {
        if self.faults.is_empty() && !self.elements.is_empty() {
            return Ok(ElementString(self.elements));
        }
        let mut faults = self.faults;
        if faults.is_empty() {
            faults.push(fault(ScanFaultKind::Length, "GS1", None, Some(String::new()), "an element string"));
        }
        Err(faults)
    }
}

/// Parses what a GS1 symbol holds: U+001D for FNC1, one at the very beginning is passed over. `this_year` chooses the century of
/// dates.
pub fn parse_raw(text: &str, this_year: i16) -> Parsed {
    let mut reader = Reader::new(this_year);
    if let Some(refused) = refuse(text) {
        reader.faults.push(refused);
        return reader.finish();
    }
    // The text is ASCII from here on: bytes are characters.
    let mut at = usize::from(text.starts_with(GS));
    while at < text.len() {
        let rest = &text[at..];
        let until_separator = rest.find(GS).unwrap_or(rest.len());
        if until_separator == 0 {
            reader.faults.push(fault(
                ScanFaultKind::Separator,
                "GS1",
                Some(at),
                None,
                "an application identifier",
            ));
            at += 1;
            continue;
        }
        let Some((identifier, digits)) = leading(&rest[..until_separator]) else {
            let found = rest[..until_separator].chars().take(4).collect();
            let expected = "an application identifier of GS1";
            reader.faults.push(fault(
                ScanFaultKind::UnknownIdentifier,
                "GS1",
                Some(at),
                Some(found),
                expected,
            ));
            // What follows cannot be cut into elements; the next separator is the next sure beginning.
            at += until_separator + 1;
            continue;
        };
        let (_, most) = identifier.length();
        let end = if identifier.predefined { until_separator.min(digits + most) } else { until_separator };
        reader.element(identifier, &rest[..digits], &rest[digits..end], at + digits);
        // A separator after a value of predefined length is needless and harmless (7.8.6.2).
        at += end + usize::from(end == until_separator);
    }
    reader.finish()
}

/// Parses the text for people, such as `(01)00305910369019(10)A1`; `\(` stands for a bracket inside a value.
pub fn parse_bracketed(text: &str, this_year: i16) -> Parsed {
    let mut reader = Reader::new(this_year);
    if let Some(refused) = refuse(text) {
        reader.faults.push(refused);
        return reader.finish();
    }
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let closing = rest.find(')').filter(|_| rest.starts_with('('));
        let Some(closing) = closing else {
            let found = rest.chars().take(6).collect();
            reader.faults.push(fault(
                ScanFaultKind::Separator,
                "GS1",
                Some(at),
                Some(found),
                "an identifier in brackets",
            ));
            break;
        };
        let ai = &rest[1..closing];
        let (value, length) = unescape(&rest[closing + 1..]);
        match lookup(ai) {
            Some(identifier) => reader.element(identifier, ai, &value, at + closing + 1),
            None => reader.faults.push(fault(
                ScanFaultKind::UnknownIdentifier,
                "GS1",
                Some(at + 1),
                Some(ai.chars().take(4).collect()),
                "an application identifier of GS1",
            )),
        }
        at += closing + 1 + length;
    }
    reader.finish()
}

/// The value up to the next opening bracket, and how many characters it takes in the text.
fn unescape(text: &str) -> (String, usize) {
    let mut value = String::new();
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            '\\' if !escaped && text[at + 1..].starts_with('(') => escaped = true,
            '(' if !escaped => return (value, at),
            _ => {
                escaped = false;
                value.push(character);
            }
        }
    }
    (value, text.len())
}

fn refuse(text: &str) -> Option<ScanFault> {
    if let Some(at) = text.chars().position(|character| !character.is_ascii()) {
        return Some(fault(ScanFaultKind::Character, "GS1", Some(at), None, "characters of GS1 set 82"));
    }
    if text.len() > MAX_TEXT {
        return Some(fault(
            ScanFaultKind::Length,
            "GS1",
            None,
            Some(format!("{} characters", text.len())),
            "an element string that fits into a symbol",
        ));
    }
    None
}

struct Reader {
    this_year: i16,
    elements: Vec<Element>,
    faults: Vec<ScanFault>,
    /// Identifiers whose value was wrong: they are there, so the pairings do not miss them.
    seen: Vec<String>,
}

impl Reader {
    fn new(this_year: i16) -> Self {
        Self { this_year, elements: Vec::new(), faults: Vec::new(), seen: Vec::new() }
    }

    /// Checks one element; `at` is where its value begins in the text.
    fn element(&mut self, identifier: &'static Identifier, ai: &str, value: &str, at: usize) {
        let part = format!("({ai})");
        let before = self.faults.len();
        self.value(identifier, &part, value, at);
        let earlier = self.elements.iter().find(|element| element.ai == ai);
        if earlier.is_some_and(|element| element.value != value) {
            self.faults.push(fault(
                ScanFaultKind::Repeated,
                &part,
                Some(at),
                None,
                "the identifier only once",
            ));
        }
        self.seen.push(ai.to_owned());
        if self.faults.len() == before {
            self.elements.push(Element { ai: ai.to_owned(), value: value.to_owned(), identifier });
        }
    }

    fn value(&mut self, identifier: &Identifier, ai: &str, value: &str, at: usize) {
        let (least, most) = identifier.length();
        if value.len() < least || value.len() > most {
            let expected = if least == most {
                format!("{most} characters")
            } else {
                format!("{least} to {most} characters, then a separator or the end")
            };
            let found = Some(format!("{} characters", value.len()));
            self.faults.push(fault(ScanFaultKind::Length, ai, Some(at), found, &expected));
            return;
        }
        let mut rest = value;
        let mut place = at;
        for part in &identifier.parts {
            if rest.is_empty() && part.optional {
                break;
            }
            let length = part.most.min(rest.len());
            if length < part.least {
                let found = Some(format!("{length} characters"));
                let expected = format!("{} characters in this part", part.least);
                self.faults.push(fault(ScanFaultKind::Length, ai, Some(place), found, &expected));
                return;
            }
            let (this, after) = rest.split_at(length);
            self.part(part, ai, this, place);
            rest = after;
            place += length;
        }
    }

    fn part(&mut self, part: &super::identifier::Part, ai: &str, text: &str, at: usize) {
        if let Some(wrong) = text.bytes().position(|byte| !part.set.allows(byte)) {
            let found = text.chars().nth(wrong).map(|character| character.escape_default().to_string());
            self.faults.push(fault(ScanFaultKind::Character, ai, Some(at + wrong), found, part.set.name()));
            return;
        }
        for check in &part.checks {
            if let Some(problem) = check.run(text, self.this_year) {
                let found = text.get(problem.at..problem.at + problem.length).map(ToOwned::to_owned);
                self.faults.push(fault(problem.kind, ai, Some(at + problem.at), found, &problem.expected));
            }
        }
    }

    fn finish(mut self) -> Parsed {
        self.pairings();
        Parsed { elements: self.elements, faults: self.faults }
    }

    /// Which identifiers need or exclude each other, over everything in the text.
    fn pairings(&mut self) {
        let mut done: Vec<&str> = Vec::new();
        for ai in &self.seen {
            if done.contains(&ai.as_str()) {
                continue;
            }
            done.push(ai);
            let Some(identifier) = lookup(ai) else { continue };
            let there =
                |pattern: &str| self.seen.iter().any(|seen| seen != ai && matches_pattern(pattern, seen));
            let satisfied = identifier.requires.is_empty()
                || identifier.requires.split(',').any(|all| all.split('+').all(there));
            if !satisfied {
                let expected = format!("also one of {}", identifier.requires);
                self.faults.push(fault(ScanFaultKind::Pairing, &format!("({ai})"), None, None, &expected));
            }
            for pattern in identifier.excludes.split(',').filter(|pattern| !pattern.is_empty()) {
                if let Some(other) =
                    self.seen.iter().find(|seen| *seen != ai && matches_pattern(pattern, seen))
                {
                    let found = Some(format!("({other})"));
                    let expected = format!("not together with ({other})");
                    self.faults.push(fault(
                        ScanFaultKind::Pairing,
                        &format!("({ai})"),
                        None,
                        found,
                        &expected,
                    ));
                }
            }
        }
    }
}

/// Whether the identifier fits the pattern, in which `n` stands for any digit.
fn matches_pattern(pattern: &str, ai: &str) -> bool {
    pattern.len() == ai.len() && pattern.bytes().zip(ai.bytes()).all(|(p, a)| p == b'n' || p == a)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<(ScanFaultKind, String, Option<u16>)> {
        let parsed = parse_raw(text, 2026);
        parsed.faults.into_iter().map(|fault| (fault.kind, fault.part, fault.position)).collect()
    }

    #[test]
    fn a_package_with_lot_expiry_and_serial() {
        let text = "010030591036901917271231\u{1D}10A1(2\u{1D}21S9";
        let parsed = parse_raw(text, 2026).into_result().unwrap();
        assert_eq!(parsed.value("01"), Some("00305910369019"));
        assert_eq!(parsed.value("10"), Some("A1(2"));
        assert_eq!(parsed.to_raw(), "01003059103690191727123110A1(2\u{1D}21S9");
        assert_eq!(parsed.to_bracketed(), "(01)00305910369019(17)271231(10)A1\\(2(21)S9");
        assert_eq!(parse_bracketed(&parsed.to_bracketed(), 2026).into_result().unwrap(), parsed);
    }

    #[test]
    fn a_wrong_check_digit_names_both() {
        let parsed = parse_raw("0100305910369014", 2026);
        let fault = &parsed.faults[0];
        assert_eq!(fault.kind, ScanFaultKind::CheckDigit);
        assert_eq!((fault.part.as_str(), fault.position), ("(01)", Some(16)));
        assert_eq!((fault.found.as_deref(), fault.expected.as_deref()), (Some("4"), Some("9")));
    }

    #[test]
    fn every_fault_is_listed_not_only_the_first() {
        let found = faults("010030591036901417271331\u{1D}10A#\u{1D}99");
        assert_eq!(
            found,
            [
                (ScanFaultKind::CheckDigit, "(01)".to_owned(), Some(16)),
                (ScanFaultKind::Date, "(17)".to_owned(), Some(19)),
                (ScanFaultKind::Character, "(10)".to_owned(), Some(29)),
                (ScanFaultKind::Length, "(99)".to_owned(), Some(33)),
            ]
        );
    }

    #[test]
    fn a_band_needs_a_recipient_and_pairs_are_held() {
        assert_eq!(faults("8019123"), [(ScanFaultKind::Pairing, "(8019)".to_owned(), None)]);
        assert_eq!(faults("10A1")[0].0, ScanFaultKind::Pairing);
        assert_eq!(faults("01003059103690193712").len(), 2, "(01) excludes (37), (37) needs (00) or (02)");
    }

    #[test]
    fn repeats_are_refused_unless_they_agree() {
        assert_eq!(faults("010030591036901910A\u{1D}10B")[0].0, ScanFaultKind::Repeated);
        assert!(faults("010030591036901910A\u{1D}10A").is_empty());
    }

    #[test]
    fn cut_off_or_empty_texts_are_faults_not_panics() {
        for text in
            ["", "\u{1D}", "0", "01", "010030591", "(01", "(01)", "()", "\u{1D}\u{1D}", "\\(", "(10)\\", "é"]
        {
            assert!(parse_raw(text, 2026).into_result().is_err(), "{text:?}");
            assert!(parse_bracketed(text, 2026).into_result().is_err(), "{text:?}");
        }
    }
}
