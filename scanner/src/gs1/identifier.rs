//! The table of application identifiers, parsed once, with look-up by number.

use std::sync::LazyLock;

use super::checks::Check;
use super::table::{ROWS, Row};

/// The characters that a part of a value may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Set {
    /// `N`: digits.
    Digits,
    /// `X`: the 82 characters of GS1 General Specifications figure 7.11-1.
    Cset82,
    /// `Y`: the 39 characters of figure 7.11-2.
    Cset39,
    /// `Z`: base64url, RFC 4648.
    Base64Url,
}

impl Set {
    pub(super) fn allows(self, byte: u8) -> bool {
        match self {
            Self::Digits => byte.is_ascii_digit(),
            Self::Cset82 => byte.is_ascii_graphic() && !b"#$@[\\]^`{|}~".contains(&byte),
            Self::Cset39 => {
                byte.is_ascii_digit() || byte.is_ascii_uppercase() || matches!(byte, b'#' | b'-' | b'/')
            }
            Self::Base64Url => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'='),
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Digits => "digit",
            Self::Cset82 => "character of GS1 set 82",
            Self::Cset39 => "character of GS1 set 39",
            Self::Base64Url => "character of base64url",
        }
    }
}

/// A part of a value: its characters, its length and its checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) set: Set,
    pub(super) least: usize,
    pub(super) most: usize,
    pub(super) optional: bool,
    pub(super) checks: Vec<Check>,
}

/// An application identifier, or a run of them that differ in the last digit only.
#[derive(Clone, Debug)]
pub struct Identifier {
    pub(super) first: &'static str,
    pub(super) last: &'static str,
    pub(super) predefined: bool,
    pub(super) parts: Vec<Part>,
    pub(super) requires: &'static str,
    pub(super) excludes: &'static str,
    link_attribute: bool,
    link_key: &'static str,
    title: &'static str,
}

impl Identifier {
    /// The first and the last number that the row stands for; mostly the same.
    pub const fn range(&self) -> (&'static str, &'static str) {
        (self.first, self.last)
    }

    /// The data title, such as `EXPIRY`.
    pub const fn title(&self) -> &'static str {
        self.title
    }

    /// The shortest and the longest value, in characters.
    pub fn length(&self) -> (usize, usize) {
        let least = self.parts.iter().filter(|part| !part.optional).map(|part| part.least).sum();
        (least, self.parts.iter().map(|part| part.most).sum())
    }

    /// Whether another identifier may follow without a separator.
    pub const fn has_predefined_length(&self) -> bool {
        self.predefined
    }

    /// Whether it may stand in the query of a Digital Link.
    pub const fn is_link_attribute(&self) -> bool {
        self.link_attribute
    }

    /// For a primary key of a Digital Link, its qualifiers: alternatives, each in order.
    pub fn link_qualifiers(&self) -> Option<Vec<Vec<&'static str>>> {
        match self.link_key {
            "" => None,
            "-" => Some(Vec::new()),
            key => Some(key.split('|').map(|order| order.split(',').collect()).collect()),
        }
    }

    fn parse(row: &'static Row) -> Option<Self> {
        let (first, last) = row.ai.split_once('-').unwrap_or((row.ai, row.ai));
        Some(Self {
            first,
            last,
            predefined: row.flags.contains('*'),
            parts: row.format.split(' ').map(parse_part).collect::<Option<_>>()?,
            requires: row.requires,
            excludes: row.excludes,
            link_attribute: row.flags.contains('?'),
            link_key: row.link_key,
            title: row.title,
        })
    }
}

fn parse_part(text: &'static str) -> Option<Part> {
    let mut items = text.split(',');
    let format = items.next()?;
    let inner = format.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let optional = inner.is_some();
    let format = inner.unwrap_or(format);
    let (set, length) = format.split_at_checked(1)?;
    let set = match set {
        "N" => Set::Digits,
        "X" => Set::Cset82,
        "Y" => Set::Cset39,
        "Z" => Set::Base64Url,
        _ => return None,
    };
    let (least, most) = match length.strip_prefix("..") {
        Some(most) => (1, most.parse().ok()?),
        None => (length.parse().ok()?, length.parse().ok()?),
    };
    let checks = items.map(Check::from_name).collect::<Option<_>>()?;
    Some(Part { set, least, most, optional, checks })
}

struct Table {
    identifiers: Vec<Identifier>,
    /// By two, three and four digits: the index into `identifiers` plus one, 0 for none.
    by_digits: [Vec<u16>; 3],
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    // A row that does not parse is a mistake of ours in a constant; the tests parse every row.
    let identifiers: Vec<Identifier> = ROWS.iter().filter_map(Identifier::parse).collect();
    let mut by_digits = [vec![0; 100], vec![0; 1_000], vec![0; 10_000]];
    for (index, identifier) in identifiers.iter().enumerate() {
        let (Ok(first), Ok(last)) = (identifier.first.parse::<usize>(), identifier.last.parse::<usize>())
        else {
            continue;
        };
        let Some(map) = by_digits.get_mut(identifier.first.len().wrapping_sub(2)) else { continue };
        for slot in map.iter_mut().take(last + 1).skip(first) {
            *slot = u16::try_from(index + 1).unwrap_or(0);
        }
    }
    Table { identifiers, by_digits }
});

/// Every application identifier, in the order of the numbers as text.
pub fn identifiers() -> &'static [Identifier] {
    &TABLE.identifiers
}

/// The identifier with exactly this number (2 to 4 digits).
pub fn lookup(ai: &str) -> Option<&'static Identifier> {
    if !ai.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let table = &*TABLE;
    let map = table.by_digits.get(ai.len().checked_sub(2)?)?;
    let index = *map.get(ai.parse::<usize>().ok()?)?;
    table.identifiers.get(usize::from(index).checked_sub(1)?)
}

/// The identifier with which the text begins, and the length of its number. No identifier is the beginning of another one.
pub(super) fn leading(text: &str) -> Option<(&'static Identifier, usize)> {
    (2..=4).find_map(|length| Some((lookup(text.get(..length)?)?, length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_parses_and_is_found_by_each_of_its_numbers() {
        assert_eq!(identifiers().len(), ROWS.len());
        let mut numbers = 0;
        for identifier in identifiers() {
            let (first, last) = identifier.range();
            let width = first.len();
            for number in first.parse::<u32>().unwrap()..=last.parse().unwrap() {
                let ai = format!("{number:0width$}");
                assert_eq!(lookup(&ai).unwrap().range(), (first, last), "{ai}");
                numbers += 1;
            }
        }
        assert!(numbers > 450, "{numbers}");
    }

    #[test]
    fn no_identifier_is_the_beginning_of_another() {
        for identifier in identifiers() {
            for length in 2..identifier.range().0.len() {
                assert!(lookup(&identifier.range().0[..length]).is_none(), "{:?}", identifier.range());
            }
        }
    }

    #[test]
    fn character_set_82_has_82_characters_and_39_has_39() {
        let count = |set: Set| (0..=255_u8).filter(|byte| set.allows(*byte)).count();
        assert_eq!(count(Set::Cset82), 82);
        assert_eq!(count(Set::Cset39), 39);
        assert_eq!(count(Set::Digits), 10);
    }
}
