//! The ideal laid under the measured edges: what is left over at single edges.

use super::edges::crossings;
use super::ideal::Width;

/// Samples of a module when the blurred ideal is drawn.
const DRAWN: f32 = 8.0;

/// White around the drawn ideal, in modules.
const QUIET: f32 = 8.0;

/// Blurs that are tried, in modules: the standard deviation of the lens, the movement and the pixels together.
const BLURS: [f32; 6] = [0.1, 0.25, 0.4, 0.5, 0.6, 0.75];

/// Neighbours on each side that say where an edge should be.
const NEIGHBOURS: usize = 7;

/// How many narrow elements a wide one may be worth: 2 to 3 (ISO/IEC 16388 and 16390), and what a printer makes of it.
const RATIO: std::ops::RangeInclusive<f32> = 1.7..=3.6;

/// The farthest deviation of any edge, in modules; `None` when there is nothing to fit.
pub(super) fn worst(ideal: &[f32], measured: &[Vec<f32>], sharpening: f32) -> Option<f32> {
    let measured: Vec<&Vec<f32>> = measured.iter().filter(|edges| edges.len() == ideal.len()).collect();
    if measured.is_empty() || ideal.len() < 2 * NEIGHBOURS {
        return None;
    }
    let (_, gain) = residuals(ideal, &measured)?;
    let mut best: Option<(f32, Vec<f32>)> = None;
    for blur in BLURS {
        let Some(seen) = drawn(ideal, gain, blur, sharpening) else { continue };
        let Some((left, _)) = residuals(&seen, &measured) else { continue };
        let sum: f32 = left.iter().map(|left| left.abs()).sum();
        if best.as_ref().is_none_or(|(least, _)| sum < *least) {
            best = Some((sum, left));
        }
    }
    let (_, left) = best?;
    (0..left.len()).map(|index| (left[index] - expected(ideal, &left, index)).abs()).max_by(f32::total_cmp)
}

/// What is left at each edge, in modules, when the places are bent smoothly onto the measured edges: the median over the bands.
/// And the bar gain, in modules.
fn residuals(places: &[f32], measured: &[&Vec<f32>]) -> Option<(Vec<f32>, f32)> {
    let length = places.last()? - places.first()?;
    let at = |place: f32| 2.0 * (place - places[0]) / length - 1.0;
    let mut by_edge: Vec<Vec<f32>> = vec![Vec::new(); places.len()];
    let mut gains = Vec::new();
    for edges in measured {
        let rows = places.iter().zip(edges.iter()).enumerate().map(|(index, (place, edge))| {
            let t = at(*place);
            ([1.0, t, t * t, t * t * t, side(index)], *edge)
        });
        let Some([offset, first, second, third, gain]) = least_squares(rows) else { continue };
        for (index, (place, edge)) in places.iter().zip(edges.iter()).enumerate() {
            let t = at(*place);
            let module = (first + 2.0 * second * t + 3.0 * third * t * t) * 2.0 / length;
            let fitted = offset + first * t + second * t * t + third * t * t * t + gain * side(index);
            by_edge[index].push((edge - fitted) / module.max(0.1));
        }
        gains.push(gain * length / first);
    }
    if gains.is_empty() {
        return None;
    }
    Some((by_edge.iter_mut().map(|left| median(left)).collect(), median(&mut gains)))
}

/// A bar begins at even edges and ends at odd ones; gain moves both outward.
fn side(index: usize) -> f32 {
    if index.is_multiple_of(2) { -1.0 } else { 1.0 }
}

/// Where the neighbours of an edge say that its residual should be: the line through theirs, without its own.
fn expected(places: &[f32], left: &[f32], index: usize) -> f32 {
    let from = index.saturating_sub(NEIGHBOURS);
    let to = (index + NEIGHBOURS + 1).min(left.len());
    let rows = (from..to)
        .filter(|other| *other != index)
        .map(|other| ([1.0, places[other] - places[index]], left[other]));
    least_squares(rows).map_or(0.0, |[here, _]| here)
}

/// Where the edges of the ideal are found when it is seen through this blur; `None` when one of them is not seen at all.
fn drawn(ideal: &[f32], gain: f32, blur: f32, sharpening: f32) -> Option<Vec<f32>> {
    let length = ideal.last()? + 2.0 * QUIET;
    let mut dark = vec![0.0_f32; (length * DRAWN) as usize + 1];
    for bar in ideal.chunks_exact(2) {
        let (from, to) = ((bar[0] - gain / 2.0 + QUIET) * DRAWN, (bar[1] + gain / 2.0 + QUIET) * DRAWN);
        for sample in from.floor().max(0.0) as usize..=(to.ceil() as usize).min(dark.len() - 1) {
            let sample_from = sample as f32;
            let covered = to.min(sample_from + 1.0) - from.max(sample_from);
            dark[sample] += covered.clamp(0.0, 1.0);
        }
    }
    let sigma = blur * DRAWN;
    let reach = (3.0 * sigma).ceil() as usize;
    let weights: Vec<f32> =
        (0..=2 * reach).map(|at| (-((at as f32 - reach as f32) / sigma).powi(2) / 2.0).exp()).collect();
    let whole: f32 = weights.iter().sum();
    let grey: Vec<f32> = (0..dark.len())
        .map(|at| {
            let sum: f32 = weights
                .iter()
                .enumerate()
                .map(|(weight, value)| {
                    let from = (at + weight).checked_sub(reach);
                    value * from.and_then(|from| dark.get(from)).copied().unwrap_or(0.0)
                })
                .sum();
            230.0 - 200.0 * sum / whole
        })
        .collect();
    let seen = crossings(&grey, DRAWN, sharpening);
    // Strong sharpening draws more edges than there are; each edge of the ideal takes the nearest of its kind.
    let nearest = |(index, place): (usize, &f32)| {
        // Half a sample: the samples of the drawing are areas, those of a picture are points.
        let places = seen.iter().filter(|edge| edge.darkens() == index.is_multiple_of(2));
        let places = places.map(|edge| (edge.at() + 0.5) / DRAWN - QUIET);
        let found = places.min_by(|one, other| (one - place).abs().total_cmp(&(other - place).abs()))?;
        ((found - place).abs() < 1.0).then_some(found)
    };
    ideal.iter().enumerate().map(nearest).collect()
}

/// How badly places bent smoothly onto the edges fit them: the root of the mean square, in modules.
pub(super) fn misfit(places: &[f32], edges: &[f32]) -> Option<f32> {
    let (left, _) = residuals(places, &[&edges.to_vec()])?;
    Some((left.iter().map(|left| left * left).sum::<f32>() / left.len() as f32).sqrt())
}

/// How many narrow elements a wide one and a gap are worth, by all bands.
pub(super) fn ratios(widths: &[Width], measured: &[Vec<f32>]) -> Option<(f32, f32)> {
    let (mut wides, mut gaps) = (Vec::new(), Vec::new());
    for edges in measured.iter().filter(|edges| edges.len() == widths.len() + 1) {
        let (mut narrow, mut wide, mut gap) = (0.0, 0.0, 0.0);
        let (first, last) = (edges[0], edges[widths.len()]);
        // Each character holds as many narrow and wide elements as the next: without the bend of perspective and of a
        // cylinder among the columns, their ratio would take it up.
        let row = |index: usize, narrow: f32, wide: f32, gap: f32| {
            let t = 2.0 * (edges[index] - first) / (last - first) - 1.0;
            ([1.0, narrow, wide, gap, side(index), t * t, t * t * t], edges[index])
        };
        let mut rows = vec![row(0, 0.0, 0.0, 0.0)];
        for (index, width) in widths.iter().enumerate() {
            match width {
                Width::Narrow => narrow += 1.0,
                Width::Wide => wide += 1.0,
                Width::Gap => gap += 1.0,
            }
            rows.push(row(index + 1, narrow, wide, gap));
        }
        if gap == 0.0 {
            // Without gaps that column says nothing; a row that sets it to 0 keeps the system solvable.
            rows.push(([0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0], 0.0));
        }
        let Some([_, narrow, wide, gap, ..]) = least_squares(rows.into_iter()) else { continue };
        wides.push(wide / narrow);
        gaps.push(gap / narrow);
    }
    if wides.is_empty() {
        return None;
    }
    let (wide, gap) = (median(&mut wides), median(&mut gaps));
    (RATIO.contains(&wide) && (0.0..=8.0).contains(&gap)).then_some((wide, gap))
}

fn median(values: &mut [f32]) -> f32 {
    values.sort_by(f32::total_cmp);
    match values.len() {
        0 => 0.0,
        odd if !odd.is_multiple_of(2) => values[odd / 2],
        even => f32::midpoint(values[even / 2 - 1], values[even / 2]),
    }
}

/// The coefficients with the least squared error, by the normal equations; `None` when they are not determined.
fn least_squares<const N: usize>(rows: impl Iterator<Item = ([f32; N], f32)>) -> Option<[f32; N]> {
    let mut matrix = [[0.0_f64; N]; N];
    let mut right = [0.0_f64; N];
    for (row, value) in rows {
        for i in 0..N {
            for j in 0..N {
                matrix[i][j] += f64::from(row[i]) * f64::from(row[j]);
            }
            right[i] += f64::from(row[i]) * f64::from(value);
        }
    }
    for pivot in 0..N {
        let largest =
            (pivot..N).max_by(|a, b| matrix[*a][pivot].abs().total_cmp(&matrix[*b][pivot].abs()))?;
        matrix.swap(pivot, largest);
        right.swap(pivot, largest);
        if matrix[pivot][pivot].abs() < 1e-9 {
            return None;
        }
        for row in pivot + 1..N {
            let factor = matrix[row][pivot] / matrix[pivot][pivot];
            let above = matrix[pivot];
            for (below, above) in matrix[row].iter_mut().zip(above).skip(pivot) {
                *below -= factor * above;
            }
            right[row] -= factor * right[pivot];
        }
    }
    let mut solution = [0.0_f64; N];
    for row in (0..N).rev() {
        let known: f64 = (row + 1..N).map(|column| matrix[row][column] * solution[column]).sum();
        solution[row] = (right[row] - known) / matrix[row][row];
    }
    Some(solution.map(|value| value as f32))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An EAN-like run of elements.
    fn ideal() -> Vec<f32> {
        let widths =
            [1, 1, 1, 3, 2, 1, 1, 2, 2, 2, 1, 1, 4, 1, 1, 2, 3, 1, 1, 1, 1, 1, 3, 1, 2, 1, 1, 2, 3, 1, 1];
        let mut edges = vec![0.0];
        for width in widths {
            edges.push(edges.last().unwrap() + f32::from(u8::try_from(width).unwrap()));
        }
        edges
    }

    #[test]
    fn an_ideal_symbol_fits_also_when_it_is_blurred_bent_and_its_ink_has_spread() {
        let ideal = ideal();
        for (gain, blur) in [(0.0, 0.1), (0.25, 0.3), (-0.2, 0.4)] {
            let seen = drawn(&ideal, gain, blur, 0.0).unwrap();
            let bent = seen.iter().map(|place| 40.0 + 3.0 * place + 0.004 * place * place).collect();
            let worst = worst(&ideal, &[bent], 0.0).unwrap();
            assert!(worst < 0.1, "gain {gain}, blur {blur}: {worst}");
        }
    }

    #[test]
    fn an_edge_that_is_half_a_module_off_is_seen() {
        let ideal = ideal();
        for index in 1..ideal.len() - 1 {
            let mut moved: Vec<f32> = ideal.iter().map(|place| 3.0 * place).collect();
            moved[index] += if index % 2 == 0 { 1.5 } else { -1.5 };
            let worst = worst(&ideal, &[moved], 0.0).unwrap();
            assert!(worst > 0.45, "edge {index}: {worst}");
        }
    }
}
