//! A picture of numbers as plain data: what is drawn in HTML and PDF stands as a table in the other forms, with the same exact values.

/// How the numbers are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlotKind {
    /// Values over an ordered axis, often time: a line for each series. A value that is no number leaves a gap.
    Line,
    /// Values of categories, side by side.
    Bars,
    /// Counts of neighbouring classes of one quantity, without gaps between them.
    Histogram,
    /// Stages of which each is a part of the one before, from above to below. One series.
    Funnel,
    /// What happened when: each series is a lane, `x` a local time (`2026-06-01T09:02`), `y` what happened.
    TimeLine,
}

impl PlotKind {
    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Bars => "bars",
            Self::Histogram => "histogram",
            Self::Funnel => "funnel",
            Self::TimeLine => "time line",
        }
    }
}

/// What an axis measures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Axis {
    /// For people.
    pub title: &'static str,
    /// The unit, such as `%` or `min`; empty for numbers and names.
    pub unit: &'static str,
}

impl Axis {
    /// An axis of numbers without a unit, or of names.
    pub const fn of(title: &'static str) -> Self {
        Self { title, unit: "" }
    }

    /// Title and unit.
    pub fn label(&self) -> String {
        if self.unit.is_empty() { self.title.to_owned() } else { format!("{} ({})", self.title, self.unit) }
    }
}

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// Where on the axis: a name, a class, a day; a local time in a time line.
    pub x: String,
    /// An exact decimal such as `66.6`; what happened in a time line.
    pub y: String,
}

/// Values that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// For people.
    pub name: String,
    /// In the order of the axis.
    pub points: Vec<Point>,
}

impl Series {
    /// A series from pairs of `x` and `y`.
    pub fn new<X: ToString, Y: ToString>(
        name: impl Into<String>,
        points: impl IntoIterator<Item = (X, Y)>,
    ) -> Self {
        let points = points.into_iter().map(|(x, y)| Point { x: x.to_string(), y: y.to_string() });
        Self { name: name.into(), points: points.collect() }
    }
}

/// One plot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plot {
    /// How it is drawn.
    pub kind: PlotKind,
    /// For people.
    pub title: &'static str,
    /// The first axis.
    pub x: Axis,
    /// The second axis.
    pub y: Axis,
    /// The value that is aimed at, drawn as a line: an exact decimal.
    pub target: Option<&'static str>,
    /// What is drawn.
    pub series: Vec<Series>,
}

impl Plot {
    /// Whether there is nothing to draw: no point, or nothing but zeros.
    pub fn is_empty(&self) -> bool {
        let mut points = self.series.iter().flat_map(|series| &series.points);
        let is_zero = |y: &str| y.bytes().all(|b| matches!(b, b'0' | b'.' | b'-'));
        points.all(|point| self.kind != PlotKind::TimeLine && is_zero(&point.y))
    }

    /// The places on the first axis, each once, in the order in which they come.
    pub fn places(&self) -> Vec<&str> {
        let mut seen = std::collections::BTreeSet::new();
        let points = self.series.iter().flat_map(|series| &series.points);
        points.map(|point| point.x.as_str()).filter(|x| seen.insert(*x)).collect()
    }

    /// The same numbers as a table: head and rows. A time line has a row for each point, the others one for each place.
    pub fn table(&self) -> (Vec<String>, Vec<Vec<String>>) {
        if self.kind == PlotKind::TimeLine {
            let head = vec!["lane".to_owned(), self.x.label(), self.y.label()];
            let rows = self.series.iter().flat_map(|lane| {
                lane.points.iter().map(|point| vec![lane.name.clone(), point.x.clone(), point.y.clone()])
            });
            return (head, rows.collect());
        }
        let names = self.series.iter().map(|series| match (self.series.len(), self.y.unit) {
            (1, _) => self.y.label(),
            (_, "") => series.name.clone(),
            (_, unit) => format!("{} ({unit})", series.name),
        });
        let head = [self.x.label()].into_iter().chain(names).collect();
        let by_place: Vec<std::collections::BTreeMap<&str, &str>> = self
            .series
            .iter()
            .map(|series| series.points.iter().map(|point| (point.x.as_str(), point.y.as_str())).collect())
            .collect();
        let row = |place: &str| {
            let values = by_place.iter().map(|series| (*series.get(place).unwrap_or(&"-")).to_owned());
            [place.to_owned()].into_iter().chain(values).collect()
        };
        (head, self.places().into_iter().map(row).collect())
    }

    pub(super) fn json(&self) -> serde_json::Value {
        let axis = |axis: &Axis| serde_json::json!({"title": axis.title, "unit": axis.unit});
        let series: Vec<_> = self
            .series
            .iter()
            .map(|series| {
                let points: Vec<_> = series
                    .points
                    .iter()
                    .map(|point| serde_json::json!({"x": point.x, "y": point.y}))
                    .collect();
                serde_json::json!({"name": series.name, "points": points})
            })
            .collect();
        serde_json::json!({
            "kind": self.kind.name(), "title": self.title, "x": axis(&self.x), "y": axis(&self.y),
            "target": self.target, "series": series,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plot_as_a_table_has_every_value_of_every_series() {
        let mut plot = Plot {
            kind: PlotKind::Line,
            title: "Rate",
            x: Axis::of("day"),
            y: Axis { title: "scanned", unit: "%" },
            target: Some("95"),
            series: vec![
                Series::new("3B", [("2026-06-01", "96.1"), ("2026-06-02", "94.0")]),
                Series::new("4A", [("2026-06-02", "91.5")]),
            ],
        };
        let (head, rows) = plot.table();
        assert_eq!(head, ["day", "3B (%)", "4A (%)"]);
        assert_eq!(rows, [["2026-06-01", "96.1", "-"], ["2026-06-02", "94.0", "91.5"]]);
        plot.kind = PlotKind::TimeLine;
        assert_eq!(plot.table().1.len(), 3);
    }
}
