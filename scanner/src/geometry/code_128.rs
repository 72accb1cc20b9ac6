//! Code 128 (ISO/IEC 15417) from the widths of its elements: which code sets a printer chose cannot be known from the text, so the
//! characters are taken from the bars, and must say what the reading said.

/// Elements of a symbol character: three bars and three spaces.
pub(super) const ELEMENTS: usize = 6;

/// Modules of a symbol character.
const MODULES: f32 = 11.0;

/// The widths of each symbol character, as digits: ISO/IEC 15417, table 1. The stop character's last bar (2) follows it.
const PATTERNS: [u32; 107] = [
    212_222, 222_122, 222_221, 121_223, 121_322, 131_222, 122_213, 122_312, 132_212, 221_213, 221_312,
    231_212, 112_232, 122_132, 122_231, 113_222, 123_122, 123_221, 223_211, 221_132, 221_231, 213_212,
    223_112, 312_131, 311_222, 321_122, 321_221, 312_212, 322_112, 322_211, 212_123, 212_321, 232_121,
    111_323, 131_123, 131_321, 112_313, 132_113, 132_311, 211_313, 231_113, 231_311, 112_133, 112_331,
    132_131, 113_123, 113_321, 133_121, 313_121, 211_331, 231_131, 213_113, 213_311, 213_131, 311_123,
    311_321, 331_121, 312_113, 312_311, 332_111, 314_111, 221_411, 431_111, 111_224, 111_422, 121_124,
    121_421, 141_122, 141_221, 112_214, 112_412, 122_114, 122_411, 142_112, 142_211, 241_211, 221_114,
    413_111, 241_112, 134_111, 111_242, 121_142, 121_241, 114_212, 124_112, 124_211, 411_212, 421_112,
    421_211, 212_141, 214_121, 412_121, 111_143, 111_341, 131_141, 114_113, 114_311, 411_113, 411_311,
    113_141, 114_131, 311_141, 411_131, 211_412, 211_214, 211_232, 233_111,
];

const STOP: usize = 106;
const FNC1: usize = 102;

fn widths(value: usize) -> [u8; ELEMENTS] {
    let mut digits = PATTERNS[value];
    let mut widths = [0; ELEMENTS];
    for width in widths.iter_mut().rev() {
        *width = (digits % 10) as u8;
        digits /= 10;
    }
    widths
}

/// The symbol characters whose widths are nearest to those between the edges, with their widths in modules; `None` when the
/// edges are no Code 128.
pub(super) fn characters(edges: &[f32]) -> Option<(Vec<usize>, Vec<u8>)> {
    // Characters of 6 elements, and the last bar of the stop character.
    let count = edges.len().checked_sub(2)? / ELEMENTS;
    if count < 3 || edges.len() != count * ELEMENTS + 2 {
        return None;
    }
    // Ink spread makes every bar wider by the same; it is seen only after a first guess.
    let mut gain = 0.0;
    let mut values = Vec::new();
    for _ in 0..2 {
        values.clear();
        let (mut surplus, mut bars) = (0.0, 0.0);
        for character in 0..count {
            let edges = &edges[character * ELEMENTS..=(character + 1) * ELEMENTS];
            let module = (edges[ELEMENTS] - edges[0]) / MODULES;
            let measured: Vec<f32> = edges.windows(2).map(|pair| (pair[1] - pair[0]) / module).collect();
            let spread = |element: usize| if element.is_multiple_of(2) { gain } else { -gain };
            let distance = |value: usize| -> f32 {
                let ideal = widths(value);
                (0..ELEMENTS).map(|e| (measured[e] - spread(e) - f32::from(ideal[e])).powi(2)).sum()
            };
            let nearest =
                (0..PATTERNS.len()).min_by(|one, other| distance(*one).total_cmp(&distance(*other)))?;
            let ideal = widths(nearest);
            for element in [0, 2, 4] {
                surplus += measured[element] - f32::from(ideal[element]);
                bars += 1.0;
            }
            values.push(nearest);
        }
        gain = surplus / bars;
    }
    if values.last() != Some(&STOP) || !holds(&values) {
        return None;
    }
    let mut elements: Vec<u8> = values.iter().flat_map(|value| widths(*value)).collect();
    elements.push(2);
    Some((values, elements))
}

/// The check character: the values weighted by their place, modulo 103.
fn holds(values: &[usize]) -> bool {
    let [start, data @ .., check, _stop] = values else { return false };
    let sum = data.iter().zip(1_usize..).fold(*start, |sum, (value, weight)| (sum + value * weight) % 103);
    matches!(start, 103..=105) && sum % 103 == *check
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Set {
    A,
    B,
    C,
}

/// The text of the characters, FNC1 as U+001D except in first place; `None` for what is no text of its own (FNC2 joins it to the next
/// symbol, FNC3 sets up the reader) and for what no hospital prints (FNC4, a second start).
pub(super) fn text(values: &[usize]) -> Option<Vec<u8>> {
    let [start, data @ .., _check, _stop] = values else { return None };
    let mut set = match start {
        103 => Set::A,
        104 => Set::B,
        105 => Set::C,
        _ => return None,
    };
    let mut text = Vec::new();
    let mut shifted = false;
    for (place, value) in data.iter().enumerate() {
        let this = match (shifted, set) {
            (true, Set::A) => Set::B,
            (true, Set::B) => Set::A,
            (_, set) => set,
        };
        shifted = false;
        match (this, *value) {
            (_, FNC1) => {
                if place > 0 {
                    text.push(0x1D);
                }
            }
            (Set::C, value @ 0..=99) => text.extend([b'0' + (value / 10) as u8, b'0' + (value % 10) as u8]),
            (Set::A, value @ 0..=63) | (Set::B, value @ 0..=95) => text.push(value as u8 + 32),
            (Set::A, value @ 64..=95) => text.push((value - 64) as u8),
            (Set::A | Set::B, 98) => shifted = true,
            (Set::A | Set::B, 99) => set = Set::C,
            (Set::A | Set::C, 100) => set = Set::B,
            (Set::B | Set::C, 101) => set = Set::A,
            _ => return None,
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_has_eleven_modules_and_an_even_count_of_dark_ones() {
        for value in 0..PATTERNS.len() {
            let widths = widths(value);
            assert_eq!(widths.iter().sum::<u8>(), 11, "{value}");
            assert_eq!((widths[0] + widths[2] + widths[4]) % 2, 0, "{value}");
            assert!((0..value).all(|other| super::widths(other) != widths), "{value} stands once");
        }
    }
}
