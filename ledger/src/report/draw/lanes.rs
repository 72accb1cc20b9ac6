//! Plots without a second axis: funnels and time lines.

use jiff::civil::DateTime;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::super::plot::Plot;
use super::{AXIS, Area, Failed, GRID, colour, float, pixel, pos, short, text, value};

/// From one lying bar to the next.
pub(super) const LYING: i32 = 22;

/// Where bars and lanes begin: names stand left of it.
const LEFT: i32 = 190;

pub(super) fn funnel<DB: DrawingBackend>(area: &Area<DB>, plot: &Plot) -> Result<(), Failed<DB>> {
    let Some(series) = plot.series.first() else { return Ok(()) };
    let stages: Vec<(&str, &str, f64)> = series
        .points
        .iter()
        .filter_map(|point| Some((point.x.as_str(), point.y.as_str(), value(&point.y)?)))
        .collect();
    let most = stages.iter().map(|(_, _, value)| *value).fold(0.0_f64, f64::max).max(1.0);
    let (wide, _) = area.dim_in_pixel();
    let room = f64::from(i32::try_from(wide).unwrap_or(0) - LEFT - 130);
    let mut y = 8;
    for (at, (name, exact, value)) in stages.iter().enumerate() {
        let end = LEFT + pixel(room * value / most).max(1);
        area.draw_text(&short(name, 26), &text(pos(HPos::Right, VPos::Center)), (LEFT - 10, y + 12))?;
        area.draw(&Rectangle::new([(LEFT, y), (end, y + 24)], colour(0).filled()))?;
        let first = stages.first().map_or(0.0, |(_, _, first)| *first);
        let share = if at > 0 && first > 0.0 {
            format!("{exact} {} ({:.1} %)", plot.y.unit, (value / first * 1000.0).floor() / 10.0)
        } else {
            format!("{exact} {}", plot.y.unit)
        };
        let share = share.replace("  ", " ");
        area.draw_text(share.trim_end(), &text(pos(HPos::Left, VPos::Center)), (end + 8, y + 12))?;
        y += 34;
    }
    Ok(())
}

/// Characters of the longest name that is shown whole.
const NAME: usize = 40;

/// Bars of one series that lie, because their names are too long to stand under them.
pub(super) fn lying<DB: DrawingBackend>(area: &Area<DB>, plot: &Plot) -> Result<(), Failed<DB>> {
    let Some(series) = plot.series.first() else { return Ok(()) };
    let most = series.points.iter().filter_map(|point| value(&point.y)).fold(0.0_f64, f64::max).max(1.0);
    let longest = series.points.iter().map(|point| point.x.chars().count()).max().unwrap_or(0).min(NAME);
    let left = pixel(float(longest) * 6.6) + 14;
    let (wide, _) = area.dim_in_pixel();
    let room = f64::from(i32::try_from(wide).unwrap_or(0) - left - 80);
    let mut y = 8;
    for point in &series.points {
        let length = pixel(room * value(&point.y).unwrap_or(0.0) / most);
        let end = left + length;
        area.draw_text(&short(&point.x, NAME), &text(pos(HPos::Right, VPos::Center)), (left - 10, y + 8))?;
        if length > 0 {
            area.draw(&Rectangle::new([(left, y), (end, y + 16)], colour(0).filled()))?;
        }
        area.draw_text(&point.y, &text(pos(HPos::Left, VPos::Center)), (end + 8, y + 8))?;
        y += LYING;
    }
    area.draw(&PathElement::new([(left, 4), (left, y - 4)], AXIS))
}

/// Distances of marks on a time axis, in minutes.
const STEPS: [i64; 12] = [5, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10_080, 43_200];

/// Minutes since an arbitrary day.
fn minutes(time: DateTime) -> f64 {
    let days = time.date().since(jiff::civil::date(2020, 1, 1)).map_or(0, |span| span.get_days());
    f64::from(days) * 1440.0
        + f64::from(time.hour()) * 60.0
        + f64::from(time.minute())
        + f64::from(time.second()) / 60.0
}

pub(super) fn time_line<DB: DrawingBackend>(area: &Area<DB>, plot: &Plot) -> Result<(), Failed<DB>> {
    let times: Vec<f64> = plot
        .series
        .iter()
        .flat_map(|lane| &lane.points)
        .filter_map(|point| Some(minutes(point.x.parse().ok()?)))
        .collect();
    let first = times.iter().copied().fold(f64::INFINITY, f64::min);
    let last = times.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if !first.is_finite() {
        return Ok(());
    }
    let pad = ((last - first) * 0.03).max(5.0);
    let (first, last) = (first - pad, last + pad);
    let (wide, high) = area.dim_in_pixel();
    let right = i32::try_from(wide).unwrap_or(0) - 20;
    let base = i32::try_from(high).unwrap_or(0) - 34;
    let x = |at: f64| LEFT + pixel(f64::from(right - LEFT) * (at - first) / (last - first));
    axis(area, first, last, base, &x)?;
    // What can happen, in the order of its first appearance, has a colour and a letter.
    let mut whats: Vec<&str> = Vec::new();
    for (lane, series) in plot.series.iter().enumerate() {
        let y = 24 + 24 * i32::try_from(lane).unwrap_or(0) + 12;
        area.draw_text(&short(&series.name, 27), &text(pos(HPos::Right, VPos::Center)), (LEFT - 10, y))?;
        area.draw(&PathElement::new([(LEFT, y), (right, y)], GRID))?;
        for point in &series.points {
            let Ok(time) = point.x.parse::<DateTime>() else { continue };
            let what = whats.iter().position(|known| *known == point.y).unwrap_or_else(|| {
                whats.push(&point.y);
                whats.len() - 1
            });
            mark(area, what, (x(minutes(time)), y))?;
        }
    }
    let mut at = LEFT;
    for (what, name) in whats.iter().enumerate() {
        mark(area, what, (at + 5, 9))?;
        area.draw_text(name, &text(pos(HPos::Left, VPos::Center)), (at + 15, 9))?;
        at += 30 + pixel(float(name.chars().count()) * 6.6);
    }
    let bottom = i32::try_from(high).unwrap_or(0) - 2;
    let middle = i32::midpoint(LEFT, right);
    area.draw_text(&plot.x.label(), &text(pos(HPos::Center, VPos::Bottom)), (middle, bottom))
}

fn axis<DB: DrawingBackend>(
    area: &Area<DB>,
    first: f64,
    last: f64,
    base: i32,
    x: &impl Fn(f64) -> i32,
) -> Result<(), Failed<DB>> {
    let step = STEPS.into_iter().find(|step| (last - first) / minutes_of(*step) <= 8.0).unwrap_or(43_200);
    let mut at = (first / minutes_of(step)).ceil() * minutes_of(step);
    while at <= last {
        area.draw(&PathElement::new([(x(at), 22), (x(at), base + 3)], GRID))?;
        area.draw_text(&clock(at, step), &text(pos(HPos::Center, VPos::Top)), (x(at), base + 5))?;
        at += minutes_of(step);
    }
    area.draw(&PathElement::new([(x(first), base), (x(last), base)], AXIS))
}

fn minutes_of(step: i64) -> f64 {
    f64::from(i32::try_from(step).unwrap_or(i32::MAX))
}

/// The name of a mark on the time axis: with the day where days are told apart.
fn clock(at: f64, step: i64) -> String {
    let minutes = i64::from(pixel(at));
    let start = jiff::civil::date(2020, 1, 1).at(0, 0, 0, 0);
    let time = start.checked_add(jiff::SignedDuration::from_mins(minutes)).unwrap_or(start);
    if step >= 1440 {
        time.strftime("%m-%d").to_string()
    } else if time.hour() == 0 && time.minute() == 0 {
        time.strftime("%m-%d 00:00").to_string()
    } else {
        time.strftime("%H:%M").to_string()
    }
}

/// A mark whose form tells what happened, not its colour alone.
fn mark<DB: DrawingBackend>(area: &Area<DB>, what: usize, at: (i32, i32)) -> Result<(), Failed<DB>> {
    let style = colour(what);
    match what % 4 {
        0 => area.draw(&Circle::new(at, 5, style.filled())),
        1 => area.draw(&Cross::new(at, 5, style.stroke_width(2))),
        2 => area.draw(&TriangleMarker::new(at, 7, style.filled())),
        _ => area.draw(&Rectangle::new([(at.0 - 4, at.1 - 4), (at.0 + 4, at.1 + 4)], style.stroke_width(2))),
    }
}
