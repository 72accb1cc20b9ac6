//! A report as plain data, and its forms as text. `html` and `pdf` draw its plots.

use std::fmt::Write as _;

use super::html;
use super::plot::Plot;

/// A report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its stable name.
    pub kind: &'static str,
    /// For people.
    pub title: &'static str,
    /// What it covers: names and values.
    pub facts: Vec<(String, String)>,
    /// The command that makes it again, with `LEDGER` for the ledger's folder.
    pub command: String,
    /// What it says in pictures.
    pub plots: Vec<Plot>,
    /// What it says.
    pub tables: Vec<Table>,
    /// What it leaves out.
    pub notes: &'static [&'static str],
}

/// One table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// For people.
    pub title: &'static str,
    /// Names of the columns.
    pub columns: Vec<&'static str>,
    /// Rows of as many cells.
    pub rows: Vec<Vec<String>>,
}

/// A form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For a terminal.
    Text,
    /// One object.
    Json,
    /// RFC 4180: facts and tables one after the other, an empty line between.
    Csv,
    /// One file that needs nothing else and prints.
    Html,
}

impl Page {
    /// The report in a form of text.
    pub fn print(&self, format: Format) -> String {
        match format {
            Format::Text => self.text(),
            Format::Json => format!("{}\n", self.json()),
            Format::Csv => self.csv(),
            Format::Html => html::page(self),
        }
    }

    fn text(&self) -> String {
        let mut out = format!("{}\n\n", self.title);
        for (name, value) in &self.facts {
            let _ = writeln!(out, "{name:<20}{value}");
        }
        if !self.command.is_empty() {
            let _ = writeln!(out, "{:<20}{}", "made again by", self.command);
        }
        for table in &self.tables {
            let columns: Vec<String> = table.columns.iter().map(|name| (*name).to_owned()).collect();
            text_table(&mut out, table.title, &columns, &table.rows);
        }
        for plot in &self.plots {
            let (columns, rows) = plot.table();
            text_table(&mut out, &format!("Plot: {}", plot.title), &columns, &rows);
        }
        for note in self.notes {
            let _ = writeln!(out, "\nNote: {note}");
        }
        out
    }

    fn json(&self) -> serde_json::Value {
        let facts: serde_json::Map<String, serde_json::Value> =
            self.facts.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
        let tables: Vec<_> = self
            .tables
            .iter()
            .map(|table| {
                let rows: Vec<serde_json::Map<String, serde_json::Value>> = table
                    .rows
                    .iter()
                    .map(|row| {
                        let cells = table.columns.iter().zip(row);
                        cells.map(|(name, cell)| ((*name).to_owned(), cell.as_str().into())).collect()
                    })
                    .collect();
                serde_json::json!({"title": table.title, "columns": table.columns, "rows": rows})
            })
            .collect();
        serde_json::json!({
            "report": self.kind, "title": self.title, "facts": facts, "command": self.command, "tables": tables,
            "plots": self.plots.iter().map(Plot::json).collect::<Vec<_>>(), "notes": self.notes,
        })
    }

    fn csv(&self) -> String {
        let mut out = String::new();
        let mut line = |cells: &[&str]| out.push_str(&csv_line(cells));
        line(&["report", self.kind]);
        for (name, value) in &self.facts {
            line(&[name, value]);
        }
        line(&["made again by", &self.command]);
        for table in &self.tables {
            line(&[""]);
            line(&["table", table.title]);
            line(&table.columns);
            for row in &table.rows {
                line(&row.iter().map(String::as_str).collect::<Vec<_>>());
            }
        }
        for plot in &self.plots {
            let (columns, rows) = plot.table();
            line(&[""]);
            line(&["plot", plot.title]);
            for row in std::iter::once(&columns).chain(&rows) {
                line(&row.iter().map(String::as_str).collect::<Vec<_>>());
            }
        }
        out
    }

    /// The value of a fact.
    pub fn fact(&self, name: &str) -> Option<&str> {
        self.facts.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Table {
    /// Whether each cell of a column is a number, a share or a dash, so that it is set to the right.
    pub fn is_numeric(&self, column: usize) -> bool {
        let mut cells = self.rows.iter().filter_map(|row| row.get(column));
        let mut any = false;
        cells.by_ref().inspect(|cell| any |= *cell != "-").all(|cell| is_number(cell)) && any
    }
}

fn is_number(cell: &str) -> bool {
    let number = cell.strip_suffix(" %").unwrap_or(cell);
    let number = number.strip_prefix('-').unwrap_or(number);
    number.is_empty() == (cell == "-") && number.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

/// Text inside markup.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

fn text_table(out: &mut String, title: &str, columns: &[String], rows: &[Vec<String>]) {
    let _ = writeln!(out, "\n{title}");
    let width = |at: usize| {
        let cells = rows.iter().filter_map(|row| row.get(at)).chain(columns.get(at));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    for row in std::iter::once(columns).chain(rows.iter().map(Vec::as_slice)) {
        let cells: Vec<_> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        let _ = writeln!(out, "  {}", cells.join("  ").trim_end());
    }
    if rows.is_empty() {
        out.push_str("  none\n");
    }
}

/// Cells as a line of CSV, with its end.
pub fn csv_line<T: AsRef<str>>(cells: &[T]) -> String {
    let cells: Vec<_> = cells.iter().map(|cell| csv_cell(cell.as_ref())).collect();
    cells.join(",") + "\r\n"
}

/// Whether a cell is a number below zero, by itself or with a unit behind a space: no formula, whatever a spreadsheet makes of it. A
/// unit holds nothing with which a formula could call or refer to anything.
fn is_below_zero(cell: &str) -> bool {
    let Some(rest) = cell.strip_prefix('-') else { return false };
    let (number, unit) = rest.split_once(' ').unwrap_or((rest, ""));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let number = match number.split_once(['.', '/']) {
        Some((whole, part)) => digits(whole) && digits(part),
        None => digits(number),
    };
    let of_unit =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '%' | '/' | '.' | '[' | ']' | '{' | '}' | '_');
    number && unit.chars().all(of_unit)
}

/// Quoted where needed; a cell that a spreadsheet would take for a formula begins with an apostrophe.
fn csv_cell(cell: &str) -> String {
    let suspect = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.len() > 1;
    let cell = if suspect && !is_below_zero(cell) { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::plot::{Axis, PlotKind, Series};

    fn page() -> Page {
        Page {
            kind: "access",
            title: "Access & <more>",
            facts: vec![("ledger".into(), "hospital.example/g1".into())],
            command: "ledger report access LEDGER".to_owned(),
            plots: vec![Plot {
                kind: PlotKind::Bars,
                title: "Acts & <more>",
                x: Axis::of("person"),
                y: Axis::of("acts"),
                target: None,
                series: vec![Series::new("acts", [("<script>alert(1)</script>", "3")])],
            }],
            tables: vec![Table {
                title: "People",
                columns: vec!["who", "what"],
                rows: vec![vec!["=1+1".into(), "a,\"b\"".into()], vec!["x".into(), "<script>".into()]],
            }],
            notes: &["nothing is left out"],
        }
    }

    #[test]
    fn amounts_below_zero_stay_numbers_in_csv_and_formulas_do_not() {
        for number in
            ["-", "-5", "-0.5", "-1/3", "-5 mL", "-33.3 %", "-5 mL/h", "-2 {tablet}", "-1 [iU]", "5 mL"]
        {
            assert_eq!(csv_cell(number), number);
        }
        for formula in [
            "-1+1",
            "-A1",
            "-5 mL+cmd|' /C calc'!A0",
            "-5 SUM(A1)",
            "--5",
            "-.5",
            "-5.",
            "-1/2/3",
            "-5 mL mL",
            "+5",
            "=5",
            "@5",
        ] {
            assert_eq!(csv_cell(formula), format!("'{formula}"));
        }
    }

    #[test]
    fn no_form_lets_content_become_markup_or_a_formula() {
        let html = page().print(Format::Html);
        assert!(html.contains("&lt;script&gt;") && html.contains("<title>Access &amp; &lt;more&gt;</title>"));
        assert!(!html.contains("<script") && !html.contains("http"), "one file, no network");
        assert!(html.contains("<svg role=\"img\" aria-label=\"Acts &amp; &lt;more&gt;\""), "{html}");
        let csv = page().print(Format::Csv);
        assert!(csv.contains("'=1+1,\"a,\"\"b\"\"\"\r\n"), "{csv}");
        let json: serde_json::Value = serde_json::from_str(&page().print(Format::Json)).unwrap();
        assert_eq!(json["tables"][0]["rows"][0]["what"].as_str(), Some("a,\"b\""));
        assert_eq!(json["plots"][0]["series"][0]["points"][0]["y"].as_str(), Some("3"));
        assert!(page().print(Format::Text).contains("  who   what\n  =1+1  a,\"b\"\n"));
    }
}
