//! The plots of reports, drawn from their tables: what a picture shows stands as a number beside it.

use super::page::Table;
use super::plot::{Axis, Plot, PlotKind, Point, Series};

/// The plots of a report with this name.
pub(super) fn of(kind: &str, tables: &[Table]) -> Vec<Plot> {
    let drawn = match kind {
        "scanning" => vec![
            week(
                tables,
                "Scanning rate by week",
                &[("share", "all given"), ("share of these", "without exclusions")],
                Some("95"),
            ),
            shares(tables, "Scanning rate by shift", "By shift", "shift", "share"),
        ],
        "bypass" => {
            vec![week(
                tables,
                "Typed instead of scanned, by week",
                &[("share of bands", "wristbands"), ("share of packages", "packages")],
                None,
            )]
        }
        "alerts" => vec![funnel(tables), rules(tables)],
        "near-misses" => vec![counts(tables, "Stops by kind", "CM5 Stops by kind", "check", &["stops"])],
        "timeliness" => vec![
            shares(tables, "Doses in their window, by tier", "CM6 By tier", "tier", "share"),
            histogram(
                tables,
                "Minutes after the time due",
                "Distribution, quarters of an hour",
                "from, min after due",
            ),
            histogram(tables, "Doses by hour of the local day", "Doses by hour of the local day", "hour"),
        ],
        "workarounds" => vec![counts(tables, "Cases by pattern", "Patterns", "pattern", &["cases"])],
        "missed" => {
            vec![counts(tables, "How scheduled doses ended", "How the others ended", "outcome", &["doses"])]
        }
        _ => Vec::new(),
    };
    drawn.into_iter().flatten().collect()
}

fn table<'a>(tables: &'a [Table], title: &str) -> Option<&'a Table> {
    tables.iter().find(|table| table.title == title)
}

/// The cells of two columns as points. A share loses its sign: the axis has it.
fn points(table: &Table, x: &str, y: &str) -> Option<Vec<Point>> {
    let place = |name: &str| table.columns.iter().position(|column| *column == name);
    let (x, y) = (place(x)?, place(y)?);
    let cell = |row: &[String], at: usize| row.get(at).cloned().unwrap_or_default();
    let points = table
        .rows
        .iter()
        .map(|row| Point { x: cell(row, x), y: cell(row, y).trim_end_matches(" %").to_owned() });
    Some(points.collect())
}

/// Points of the same place, such as a check that stands there with several classes, become one.
fn summed(points: Vec<Point>) -> Vec<Point> {
    let mut sums: Vec<(String, u64)> = Vec::new();
    for point in points {
        let Ok(number) = point.y.parse::<u64>() else { continue };
        match sums.iter_mut().find(|(x, _)| *x == point.x) {
            Some((_, sum)) => *sum += number,
            None => sums.push((point.x, number)),
        }
    }
    sums.into_iter().map(|(x, y)| Point { x, y: y.to_string() }).collect()
}

fn series(table: &Table, x: &str, names: &[&str]) -> Option<Vec<Series>> {
    names
        .iter()
        .map(|name| Some(Series { name: (*name).to_owned(), points: points(table, x, name)? }))
        .collect()
}

fn week(
    tables: &[Table],
    title: &'static str,
    names: &[(&str, &str)],
    target: Option<&'static str>,
) -> Option<Plot> {
    let columns: Vec<&str> = names.iter().map(|(column, _)| *column).collect();
    let mut series = series(table(tables, "By week, from Monday")?, "week", &columns)?;
    for (one, (_, name)) in series.iter_mut().zip(names) {
        (*name).clone_into(&mut one.name);
    }
    let y = Axis { title: "share", unit: "%" };
    Some(Plot { kind: PlotKind::Line, title, x: Axis::of("week, from Monday"), y, target, series })
}

fn shares(tables: &[Table], title: &'static str, of: &str, x: &'static str, name: &str) -> Option<Plot> {
    let series = series(table(tables, of)?, x, &[name])?;
    let y = Axis { title: "share", unit: "%" };
    Some(Plot { kind: PlotKind::Bars, title, x: Axis::of(x), y, target: None, series })
}

fn counts(tables: &[Table], title: &'static str, of: &str, x: &'static str, names: &[&str]) -> Option<Plot> {
    let mut series = series(table(tables, of)?, x, names)?;
    for one in &mut series {
        one.points = summed(std::mem::take(&mut one.points));
    }
    Some(Plot { kind: PlotKind::Bars, title, x: Axis::of(x), y: Axis::of("number"), target: None, series })
}

fn histogram(tables: &[Table], title: &'static str, of: &str, x: &'static str) -> Option<Plot> {
    let series = series(table(tables, of)?, x, &["doses"])?;
    let kind = PlotKind::Histogram;
    Some(Plot { kind, title, x: Axis::of(x), y: Axis::of("doses"), target: None, series })
}

/// From the alerts that fired to the doses that were given over them. What is missing from one stage to the next did its work.
fn funnel(tables: &[Table]) -> Option<Plot> {
    let rules = table(tables, "CM4 By rule")?;
    let sum = |name: &str| -> Option<u64> {
        Some(points(rules, "check", name)?.iter().filter_map(|point| point.y.parse::<u64>().ok()).sum())
    };
    let (fired, overridden, changed) = (sum("fired")?, sum("overridden")?, sum("changed the action")?);
    let stages = [("fired", fired), ("then given", changed + overridden), ("given over it", overridden)];
    let points = stages.map(|(x, y)| Point { x: x.to_owned(), y: y.to_string() }).to_vec();
    Some(Plot {
        kind: PlotKind::Funnel,
        title: "What came of the alerts",
        x: Axis::of("stage"),
        y: Axis::of("alerts"),
        target: None,
        series: vec![Series { name: "alerts".to_owned(), points }],
    })
}

fn rules(tables: &[Table]) -> Option<Plot> {
    counts(tables, "Alerts by rule", "CM4 By rule", "check", &["fired", "overridden"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_plots_are_those_of_the_tables_and_what_has_no_table_has_no_plot() {
        let row = |cells: [&str; 8]| cells.map(str::to_owned).to_vec();
        let columns = vec![
            "check",
            "class",
            "fired",
            "overridden",
            "averted",
            "changed the action",
            "not ended",
            "share overridden",
        ];
        let rows = vec![
            row(["C1", "hard", "3", "0", "2", "1", "0", "0.0 %"]),
            row(["C1", "soft_r", "5", "4", "1", "0", "0", "80.0 %"]),
        ];
        let tables = vec![Table { title: "CM4 By rule", columns, rows }];
        let plots = of("alerts", &tables);
        let numbers: Vec<&str> = plots[0].series[0].points.iter().map(|point| point.y.as_str()).collect();
        assert_eq!(numbers, ["8", "5", "4"]);
        assert_eq!(plots[1].table().1, [["C1", "8", "4"]], "one check with two classes is one bar");
        assert!(of("scanning", &tables).is_empty() && of("weather", &tables).is_empty());
    }
}
