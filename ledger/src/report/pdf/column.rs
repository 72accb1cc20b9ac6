//! How wide the columns of a table are.

use super::font::{Face, Fonts};

/// A column gets no wider than this before the others have what they need, in points.
const MOST: f32 = 240.0;
/// A word is broken only when it is longer than this, in points.
const WORD: f32 = 84.0;

/// Widths of columns that fill `room`, each with `gap` between text and the next column.
pub(super) fn widths(
    fonts: &Fonts,
    size: f32,
    head: &[String],
    rows: &[Vec<String>],
    room: f32,
    gap: f32,
) -> Vec<f32> {
    let mut needs = Vec::new();
    for (at, name) in head.iter().enumerate() {
        let (mut whole, mut word) =
            (fonts.width(Face::Bold, size, name), longest(fonts, Face::Bold, size, name));
        // Of a long table the first rows tell enough; what is wider is wrapped.
        for cell in rows.iter().take(2000).filter_map(|row| row.get(at)) {
            whole = whole.max(fonts.width(Face::Regular, size, cell));
            word = word.max(longest(fonts, Face::Regular, size, cell));
        }
        needs.push((whole.min(MOST) + gap, word.min(WORD).min(whole) + gap));
    }
    let wanted: f32 = needs.iter().map(|(whole, _)| whole).sum();
    let least: f32 = needs.iter().map(|(_, word)| word).sum();
    if wanted <= room {
        // What is left over goes to the last column when its text runs to the left, so that numbers stay near their names.
        return needs.iter().map(|(whole, _)| *whole).collect();
    }
    let share = if wanted > least { ((room - least) / (wanted - least)).clamp(0.0, 1.0) } else { 0.0 };
    let shrink = if least > room { room / least } else { 1.0 };
    needs.iter().map(|(whole, word)| (word + (whole - word) * share) * shrink).collect()
}

fn longest(fonts: &Fonts, face: Face, size: f32, text: &str) -> f32 {
    text.split_whitespace().map(|word| fonts.width(face, size, word)).fold(0.0, f32::max)
}
