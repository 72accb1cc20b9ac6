//! Where the edges of the bars lie along a row, to a fraction of a pixel.

use super::rows::Band;

/// How much the row is sharpened before its edges are sought: narrow elements of a blurred symbol do not reach the middle grey.
/// The same is done to the ideal, so that what it shifts is shifted on both sides.
pub(super) const SHARPENINGS: [f32; 3] = [0.0, 1.0, 2.0];

/// Runs of edges that are looked at in a band.
const MAX_CANDIDATES: usize = 8;

/// Half the width of the neighbourhood that says what is dark and what is light, in modules.
const SURROUNDINGS: f32 = 6.0;

/// The least contrast of a neighbourhood, as a share of the whole row's.
const LEAST_CONTRAST: f32 = 0.2;

/// Where the edges of the symbol may be in a band: runs of edges from a bar's beginning to a bar's end near the places that the
/// decoder gave, nearest first.
///
/// `elements`: how many bars and spaces the symbol has, when that is known; otherwise it has to be one more than a multiple of 6
/// (Code 128). `module`: the module in samples, roughly.
pub(super) fn candidates(
    band: &Band,
    elements: Option<usize>,
    module: f32,
    sharpening: f32,
) -> Vec<Vec<f32>> {
    let crossings = crossings(&band.profile, module, sharpening);
    let reach = (module * 5.0).max(8.0);
    let mut found: Vec<(f32, usize, usize)> = Vec::new();
    for (first, edge) in crossings.iter().enumerate() {
        let off = (edge.at - band.start).abs();
        if !edge.darkens || off > reach {
            continue;
        }
        let last = match elements {
            Some(elements) => first + elements..first + elements + 1,
            None => first + 1..crossings.len(),
        };
        for last in last {
            let Some(end) = crossings.get(last) else { break };
            let fits = !end.darkens && (elements.is_some() || (last - first) % 6 == 1);
            let off_at_end = (end.at - band.end).abs();
            if fits && off_at_end <= reach {
                found.push((off + off_at_end, first, last));
            }
        }
    }
    found.sort_by(|one, other| one.0.total_cmp(&other.0));
    let edges = |(_, first, last): &(f32, usize, usize)| {
        crossings[*first..=*last].iter().map(|edge| edge.at).collect()
    };
    found.iter().take(MAX_CANDIDATES).map(edges).collect()
}

/// An edge.
#[derive(Clone, Copy, Debug)]
pub(super) struct Crossing {
    at: f32,
    darkens: bool,
}

impl Crossing {
    /// Its place, in samples.
    pub(super) const fn at(self) -> f32 {
        self.at
    }

    /// Whether a bar begins here.
    pub(super) const fn darkens(self) -> bool {
        self.darkens
    }
}

/// Every place where the row crosses the middle between the lightest and the darkest of its neighbourhood.
pub(super) fn crossings(profile: &[f32], module: f32, sharpening: f32) -> Vec<Crossing> {
    let row = sharpened(profile, module, sharpening);
    let half = (module * SURROUNDINGS).max(3.0) as usize;
    let (darkest, lightest) = (extremes(&row, half, f32::min), extremes(&row, half, f32::max));
    let whole = row.iter().copied().fold(f32::MIN, f32::max) - row.iter().copied().fold(f32::MAX, f32::min);
    let least = (whole * LEAST_CONTRAST).max(8.0);
    let mut found = Vec::new();
    let mut before: Option<(usize, f32)> = None;
    for (index, grey) in row.iter().enumerate() {
        let contrast = lightest[index] - darkest[index];
        if contrast < least {
            before = None;
            continue;
        }
        let level = grey - f32::midpoint(lightest[index], darkest[index]);
        if let Some((at, last)) = before
            && (last < 0.0) != (level < 0.0)
        {
            found.push(Crossing { at: at as f32 + last / (last - level), darkens: level < 0.0 });
        }
        before = Some((index, level));
    }
    found
}

fn sharpened(profile: &[f32], module: f32, amount: f32) -> Vec<f32> {
    if amount == 0.0 {
        return profile.to_vec();
    }
    let radius = module.round().max(1.0) as usize;
    let last = profile.len().saturating_sub(1);
    let around = |index: usize| {
        f32::midpoint(profile[index.saturating_sub(radius)], profile[(index + radius).min(last)])
    };
    profile.iter().enumerate().map(|(index, grey)| grey + amount * (grey - around(index))).collect()
}

/// The running extreme over `half` samples on both sides, by blocks (van Herk).
fn extremes(row: &[f32], half: usize, pick: fn(f32, f32) -> f32) -> Vec<f32> {
    let width = 2 * half + 1;
    let padded = |index: usize| row[index.saturating_sub(half).min(row.len() - 1)];
    let length = row.len() + 2 * half;
    let (mut forward, mut backward) = (vec![0.0; length], vec![0.0; length]);
    for index in 0..length {
        let grey = padded(index);
        forward[index] = if index % width == 0 { grey } else { pick(forward[index - 1], grey) };
    }
    for index in (0..length).rev() {
        let grey = padded(index);
        let begins = index + 1 == length || (index + 1) % width == 0;
        backward[index] = if begins { grey } else { pick(backward[index + 1], grey) };
    }
    (0..row.len()).map(|index| pick(backward[index], forward[index + width - 1])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn running_extremes_are_those_of_the_window() {
        let row: Vec<f32> = (0..97_u32).map(|index| (index * 7_919 % 251) as f32).collect();
        for half in [1, 3, 10, 60, 200] {
            let fast = extremes(&row, half, f32::max);
            for (index, value) in fast.iter().enumerate() {
                let window = &row[index.saturating_sub(half)..(index + half + 1).min(row.len())];
                let slow = window.iter().copied().fold(f32::MIN, f32::max);
                assert_eq!(value.to_bits(), slow.to_bits(), "{index} of {half}");
            }
        }
    }

    #[test]
    fn an_edge_between_two_samples_is_found_there() {
        let row = [200.0, 200.0, 200.0, 150.0, 20.0, 20.0, 20.0, 20.0, 200.0, 200.0];
        let found = crossings(&row, 1.0, 0.0);
        assert_eq!(found.len(), 2);
        assert!((found[0].at - 3.31).abs() < 0.02 && found[0].darkens, "{found:?}");
        assert!((found[1].at - 7.5).abs() < 0.02 && !found[1].darkens, "{found:?}");
    }
}
