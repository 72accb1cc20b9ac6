//! Key events of a scanner that pretends to be a US keyboard, turned into characters. Pure.

/// The keyboard's state: which shift, control and lock keys are down.
#[allow(clippy::struct_excessive_bools, reason = "four keys, each up or down")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keyboard {
    shift: bool,
    control: bool,
    alt: bool,
    capitals: bool,
}

/// What a key event gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stroke {
    /// A modifier, a release or a repeat: nothing to collect.
    Nothing,
    /// A character; carriage return for Enter.
    Character(char),
    /// A key that stands for no character of a code.
    Unknown,
}

const LEFT_CONTROL: u16 = 29;
const RIGHT_CONTROL: u16 = 97;
const LEFT_SHIFT: u16 = 42;
const RIGHT_SHIFT: u16 = 54;
const LEFT_ALT: u16 = 56;
const RIGHT_ALT: u16 = 100;
const CAPS_LOCK: u16 = 58;
/// Locks that change no character of the main block.
const NUM_LOCK: u16 = 69;
const SCROLL_LOCK: u16 = 70;

impl Keyboard {
    /// Takes in a key event of Linux: the key's code (`input-event-codes.h`) and its value, 1 for pressed, 0 for released, 2 for
    /// repeated. A repeat is dropped: scanners send none, and a stuck key would invent digits.
    pub fn event(&mut self, code: u16, value: i32) -> Stroke {
        let down = value != 0;
        match code {
            LEFT_SHIFT | RIGHT_SHIFT => self.shift = down,
            LEFT_CONTROL | RIGHT_CONTROL => self.control = down,
            LEFT_ALT | RIGHT_ALT => self.alt = down,
            CAPS_LOCK if value == 1 => self.capitals = !self.capitals,
            CAPS_LOCK | NUM_LOCK | SCROLL_LOCK => {}
            _ if value == 1 => return self.pressed(code),
            _ => {}
        }
        Stroke::Nothing
    }

    /// Key events were lost, perhaps the release of one of these: they are taken as up until they are pressed.
    pub const fn release(&mut self) {
        (self.shift, self.control, self.alt) = (false, false, false);
    }

    fn pressed(self, code: u16) -> Stroke {
        let Some((plain, shifted)) = characters(code) else { return Stroke::Unknown };
        if self.alt {
            return Stroke::Unknown;
        }
        let upper = self.shift != (self.capitals && plain.is_ascii_lowercase());
        let character = if upper { shifted } else { plain };
        if !self.control {
            return Stroke::Character(character);
        }
        with_control(character).map_or(Stroke::Unknown, Stroke::Character)
    }
}

/// The control character that Control with a key stands for, if any: scanners send it as the key of column 4 or 5 of ASCII. Control
/// and ] is U+001D, FNC1.
pub fn with_control(character: char) -> Option<char> {
    match character.to_ascii_uppercase() {
        upper @ '@'..='_' => Some(char::from(upper as u8 & 0x1F)),
        _ => None,
    }
}

/// What a key of the US layout types, without and with shift.
const fn characters(code: u16) -> Option<(char, char)> {
    Some(match code {
        2 => ('1', '!'),
        3 => ('2', '@'),
        4 => ('3', '#'),
        5 => ('4', '$'),
        6 => ('5', '%'),
        7 => ('6', '^'),
        8 => ('7', '&'),
        9 => ('8', '*'),
        10 => ('9', '('),
        11 => ('0', ')'),
        12 => ('-', '_'),
        13 => ('=', '+'),
        15 => ('\t', '\t'),
        16 => ('q', 'Q'),
        17 => ('w', 'W'),
        18 => ('e', 'E'),
        19 => ('r', 'R'),
        20 => ('t', 'T'),
        21 => ('y', 'Y'),
        22 => ('u', 'U'),
        23 => ('i', 'I'),
        24 => ('o', 'O'),
        25 => ('p', 'P'),
        26 => ('[', '{'),
        27 => (']', '}'),
        // Enter, and Enter of the number block.
        28 | 96 => ('\r', '\r'),
        30 => ('a', 'A'),
        31 => ('s', 'S'),
        32 => ('d', 'D'),
        33 => ('f', 'F'),
        34 => ('g', 'G'),
        35 => ('h', 'H'),
        36 => ('j', 'J'),
        37 => ('k', 'K'),
        38 => ('l', 'L'),
        39 => (';', ':'),
        40 => ('\'', '"'),
        41 => ('`', '~'),
        43 => ('\\', '|'),
        44 => ('z', 'Z'),
        45 => ('x', 'X'),
        46 => ('c', 'C'),
        47 => ('v', 'V'),
        48 => ('b', 'B'),
        49 => ('n', 'N'),
        50 => ('m', 'M'),
        51 => (',', '<'),
        52 => ('.', '>'),
        53 => ('/', '?'),
        55 => ('*', '*'),
        57 => (' ', ' '),
        71 => ('7', '7'),
        72 => ('8', '8'),
        73 => ('9', '9'),
        74 => ('-', '-'),
        75 => ('4', '4'),
        76 => ('5', '5'),
        77 => ('6', '6'),
        78 => ('+', '+'),
        79 => ('1', '1'),
        80 => ('2', '2'),
        81 => ('3', '3'),
        82 => ('0', '0'),
        83 => ('.', '.'),
        98 => ('/', '/'),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(events: &[(u16, i32)]) -> Vec<Stroke> {
        let mut keyboard = Keyboard::default();
        let strokes = events.iter().map(|(code, value)| keyboard.event(*code, *value));
        strokes.filter(|stroke| *stroke != Stroke::Nothing).collect()
    }

    /// As recorded from a scanner with a GS1 `DataMatrix`: `]d2`, FNC1 as Control and ], Enter.
    #[test]
    fn a_recorded_scan_with_its_separator() {
        let events = [
            (27, 1),
            (27, 0),
            (32, 1),
            (32, 0),
            (3, 1),
            (3, 0),
            (42, 1),
            (30, 1),
            (30, 0),
            (42, 0),
            (29, 1),
            (27, 1),
            (27, 0),
            (29, 0),
            (11, 1),
            (11, 2),
            (11, 0),
            (28, 1),
            (28, 0),
        ];
        let expected = [']', 'd', '2', 'A', '\u{1D}', '0', '\r'].map(Stroke::Character);
        assert_eq!(typed(&events), expected);
    }

    #[test]
    fn capitals_lock_turns_letters_and_not_digits() {
        let events = [(58, 1), (58, 0), (30, 1), (2, 1), (42, 1), (30, 1), (42, 0), (58, 1), (30, 1)];
        assert_eq!(typed(&events), ['A', '1', 'a', 'a'].map(Stroke::Character));
    }

    #[test]
    fn keys_without_a_character_are_not_swallowed_silently() {
        assert_eq!(typed(&[(59, 1)]), [Stroke::Unknown], "F1");
        assert_eq!(typed(&[(100, 1), (16, 1)]), [Stroke::Unknown], "AltGr of another layout");
        assert_eq!(typed(&[(29, 1), (2, 1)]), [Stroke::Unknown]);
    }
}
