//! Plots with two axes.

use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::super::plot::{Plot, PlotKind};
use super::{AXIS, Area, Failed, GRID, TARGET, colour, float, pixel, pos, short, text, value};

type Chart<'a, DB> = ChartContext<'a, DB, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

pub(super) fn draw<DB: DrawingBackend>(area: &Area<DB>, plot: &Plot) -> Result<(), Failed<DB>> {
    let places = plot.places();
    let top = top(plot);
    // There is no half of an entry.
    let counts = plot.y.unit.is_empty();
    let legend = if plot.series.len() > 1 || plot.target.is_some() { 22 } else { 6 };
    let mut chart = ChartBuilder::on(area)
        .margin_top(legend)
        .margin_right(14)
        .margin_left(16)
        .x_label_area_size(40)
        .y_label_area_size(46)
        .build_cartesian_2d(-0.5..float(places.len().max(1)) - 0.5, 0.0..top)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .disable_x_axis()
        .y_labels(6)
        .y_label_formatter(&|value| if counts && value.fract() != 0.0 { String::new() } else { trim(*value) })
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(AXIS)
        .label_style(text(pos(HPos::Left, VPos::Top)))
        .draw()?;
    match plot.kind {
        PlotKind::Line => lines(&mut chart, plot, &places)?,
        _ => bars(&mut chart, plot, &places)?,
    }
    if let Some(target) = plot.target.and_then(value) {
        let end = float(places.len().max(1)) - 0.5;
        chart.draw_series([PathElement::new([(-0.5, target), (end, target)], TARGET.stroke_width(1))])?;
    }
    labels(area, &chart, plot, &places)
}

/// A decimal without needless zeros.
fn trim(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Where the second axis ends: at all of it for shares, else above the largest value.
fn top(plot: &Plot) -> f64 {
    let values = plot.series.iter().flat_map(|series| &series.points).filter_map(|point| value(&point.y));
    let target = plot.target.and_then(value);
    let most = values.chain(target).fold(0.0_f64, f64::max);
    if plot.y.unit == "%" && most <= 100.0 {
        104.0
    } else if most <= 0.0 {
        1.0
    } else {
        most * 1.12
    }
}

fn lines<DB: DrawingBackend>(
    chart: &mut Chart<'_, DB>,
    plot: &Plot,
    places: &[&str],
) -> Result<(), Failed<DB>> {
    for (at, series) in plot.series.iter().enumerate() {
        let style = colour(at);
        let found: std::collections::BTreeMap<&str, f64> =
            series.points.iter().filter_map(|point| Some((point.x.as_str(), value(&point.y)?))).collect();
        let mut run: Vec<(f64, f64)> = Vec::new();
        let mut runs = Vec::new();
        for (place, name) in places.iter().enumerate() {
            match found.get(name) {
                Some(value) => run.push((float(place), *value)),
                None => runs.push(std::mem::take(&mut run)),
            }
        }
        runs.push(run);
        for run in runs.into_iter().filter(|run| !run.is_empty()) {
            chart.draw_series([PathElement::new(run.clone(), style.stroke_width(2))])?;
            if places.len() <= 62 || run.len() == 1 {
                // Two series have different marks too.
                if at % 2 == 0 {
                    chart.draw_series(run.into_iter().map(|at| Circle::new(at, 3, style.filled())))?;
                } else {
                    chart
                        .draw_series(run.into_iter().map(|at| TriangleMarker::new(at, 4, style.filled())))?;
                }
            }
        }
    }
    Ok(())
}

fn bars<DB: DrawingBackend>(
    chart: &mut Chart<'_, DB>,
    plot: &Plot,
    places: &[&str],
) -> Result<(), Failed<DB>> {
    // A bar is a bar and no block, however few there are.
    let most = 96.0 * float(plot.series.len().max(1)) * float(places.len().max(1)) / 640.0;
    let wide = if plot.kind == PlotKind::Histogram { 0.98 } else { 0.72_f64.min(most) };
    let each = wide / float(plot.series.len().max(1));
    let numbered = places.len() * plot.series.len() <= 26;
    for (at, series) in plot.series.iter().enumerate() {
        let style = colour(at);
        for point in &series.points {
            let (Some(height), Some(place)) =
                (value(&point.y), places.iter().position(|place| *place == point.x))
            else {
                continue;
            };
            let left = float(place) - wide / 2.0 + each * float(at);
            let right = left + each;
            chart.draw_series([Rectangle::new([(left, 0.0), (right, height)], style.filled())])?;
            if numbered && height > 0.0 {
                let style = text(pos(HPos::Center, VPos::Bottom));
                let middle = f64::midpoint(left, right);
                let label = EmptyElement::at((middle, height)) + Text::new(point.y.clone(), (0, -2), style);
                chart.draw_series([label])?;
            }
        }
    }
    Ok(())
}

/// Names under the first axis, titles of both, and which colour is which series.
fn labels<DB: DrawingBackend>(
    area: &Area<DB>,
    chart: &Chart<'_, DB>,
    plot: &Plot,
    places: &[&str],
) -> Result<(), Failed<DB>> {
    let (left, base) = chart.backend_coord(&(-0.5, 0.0));
    let (right, _) = chart.backend_coord(&(float(places.len().max(1)) - 0.5, 0.0));
    area.draw(&PathElement::new([(left, base), (right, base)], AXIS))?;
    let room = f64::from(right - left) / float(places.len().max(1));
    let longest = places.iter().map(|place| place.chars().count()).max().unwrap_or(0).clamp(1, 14);
    let every = pixel((float(longest) * 6.4 / room.max(1.0)).ceil()).max(1);
    let every = usize::try_from(every).unwrap_or(1);
    for (place, name) in places.iter().enumerate().step_by(every) {
        let (x, _) = chart.backend_coord(&(float(place), 0.0));
        area.draw(&PathElement::new([(x, base), (x, base + 4)], AXIS))?;
        area.draw_text(&short(name, 14), &text(pos(HPos::Center, VPos::Top)), (x, base + 7))?;
    }
    let (wide, high) = area.dim_in_pixel();
    let bottom = i32::try_from(high).unwrap_or(0) - 2;
    let middle = i32::midpoint(left, right);
    area.draw_text(&plot.x.label(), &text(pos(HPos::Center, VPos::Bottom)), (middle, bottom))?;
    let upright = text(pos(HPos::Center, VPos::Top)).transform(FontTransform::Rotate270);
    area.draw_text(&plot.y.label(), &upright, (2, base / 2))?;
    let mut x = left;
    let mut legend: Vec<(String, RGBColor)> = Vec::new();
    if plot.series.len() > 1 {
        legend
            .extend(plot.series.iter().enumerate().map(|(at, series)| (short(&series.name, 24), colour(at))));
    }
    legend.extend(plot.target.map(|target| (format!("target {target} {}", plot.y.unit), TARGET)));
    for (name, colour) in legend {
        let name = name.trim_end().to_owned();
        let needs = i32::try_from(name.chars().count()).unwrap_or(0) * 7 + 30;
        if x + needs > i32::try_from(wide).unwrap_or(0) {
            break;
        }
        area.draw(&Rectangle::new([(x, 5), (x + 10, 13)], colour.filled()))?;
        area.draw_text(&name, &text(pos(HPos::Left, VPos::Top)), (x + 15, 4))?;
        x += needs;
    }
    Ok(())
}
