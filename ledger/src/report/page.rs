//! A report as plain data, and its four forms.

use std::fmt::Write as _;

/// A report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its stable name.
    pub kind: &'static str,
    /// For people.
    pub title: &'static str,
    /// What it covers: names and values.
    pub facts: Vec<(String, String)>,
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
    /// The report in a form.
    pub fn print(&self, format: Format) -> String {
        match format {
            Format::Text => self.text(),
            Format::Json => format!("{}\n", self.json()),
            Format::Csv => self.csv(),
            Format::Html => self.html(),
        }
    }

    fn text(&self) -> String {
        let mut out = format!("{}\n\n", self.title);
        for (name, value) in &self.facts {
            let _ = writeln!(out, "{name:<20}{value}");
        }
        for table in &self.tables {
            let _ = writeln!(out, "\n{}", table.title);
            let width = |at: usize| {
                let cells = table.rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count());
                cells.chain([table.columns.get(at).map_or(0, |name| name.len())]).max().unwrap_or(0)
            };
            let widths: Vec<usize> = (0..table.columns.len()).map(width).collect();
            let mut line = |cells: &mut dyn Iterator<Item = &str>| {
                let cells: Vec<_> =
                    cells.zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
                let _ = writeln!(out, "  {}", cells.join("  ").trim_end());
            };
            line(&mut table.columns.iter().copied());
            for row in &table.rows {
                line(&mut row.iter().map(String::as_str));
            }
            if table.rows.is_empty() {
                out.push_str("  none\n");
            }
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
            "report": self.kind, "title": self.title, "facts": facts, "tables": tables, "notes": self.notes,
        })
    }

    fn csv(&self) -> String {
        let mut out = String::new();
        let mut line = |cells: &[&str]| {
            let cells: Vec<_> = cells.iter().map(|cell| csv_cell(cell)).collect();
            out.push_str(&cells.join(","));
            out.push_str("\r\n");
        };
        line(&["report", self.kind]);
        for (name, value) in &self.facts {
            line(&[name, value]);
        }
        for table in &self.tables {
            line(&[""]);
            line(&["table", table.title]);
            line(&table.columns);
            for row in &table.rows {
                line(&row.iter().map(String::as_str).collect::<Vec<_>>());
            }
        }
        out
    }

    fn html(&self) -> String {
        let mut out = format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n\
             </head>\n<body>\n<h1>{title}</h1>\n<table class=\"facts\">\n",
            title = escape(self.title)
        );
        for (name, value) in &self.facts {
            let _ = writeln!(out, "<tr><th>{}</th><td>{}</td></tr>", escape(name), escape(value));
        }
        out.push_str("</table>\n");
        for table in &self.tables {
            let _ = write!(out, "<h2>{}</h2>\n<table>\n<thead><tr>", escape(table.title));
            for name in &table.columns {
                let _ = write!(out, "<th>{}</th>", escape(name));
            }
            out.push_str("</tr></thead>\n<tbody>\n");
            for row in &table.rows {
                out.push_str("<tr>");
                for cell in row {
                    let _ = write!(out, "<td>{}</td>", escape(cell));
                }
                out.push_str("</tr>\n");
            }
            out.push_str("</tbody>\n</table>\n");
            if table.rows.is_empty() {
                out.push_str("<p>none</p>\n");
            }
        }
        for note in self.notes {
            let _ = writeln!(out, "<p class=\"note\">{}</p>", escape(note));
        }
        out.push_str("</body>\n</html>\n");
        out
    }
}

/// Black on white, repeated table heads, no row torn across pages.
const STYLE: &str = "\
body { font: 10pt/1.4 sans-serif; color: #000; background: #fff; margin: 2em; max-width: 60em; }
h1 { font-size: 16pt; } h2 { font-size: 12pt; margin-top: 1.6em; break-after: avoid; }
table { border-collapse: collapse; width: 100%; } thead { display: table-header-group; }
th, td { text-align: left; vertical-align: top; padding: 2pt 6pt; border-bottom: 0.5pt solid #999; overflow-wrap: anywhere; }
tr { break-inside: avoid; } .facts th { width: 14em; font-weight: normal; } .note { font-size: 9pt; }
@page { margin: 15mm; } @media print { body { margin: 0; max-width: none; } }
";

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Quoted where needed; a cell that a spreadsheet would take for a formula begins with an apostrophe.
fn csv_cell(cell: &str) -> String {
    let cell = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.len() > 1 {
        format!("'{cell}")
    } else {
        cell.to_owned()
    };
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Page {
        Page {
            kind: "access",
            title: "Access & <more>",
            facts: vec![("ledger".into(), "hospital.example/g1".into())],
            tables: vec![Table {
                title: "People",
                columns: vec!["who", "what"],
                rows: vec![vec!["=1+1".into(), "a,\"b\"".into()], vec!["x".into(), "<script>".into()]],
            }],
            notes: &["nothing is left out"],
        }
    }

    #[test]
    fn no_form_lets_content_become_markup_or_a_formula() {
        let html = page().print(Format::Html);
        assert!(html.contains("&lt;script&gt;") && html.contains("<title>Access &amp; &lt;more&gt;</title>"));
        assert!(!html.contains("<script") && !html.contains("http"), "one file, no network");
        let csv = page().print(Format::Csv);
        assert!(csv.contains("'=1+1,\"a,\"\"b\"\"\"\r\n"), "{csv}");
        let json: serde_json::Value = serde_json::from_str(&page().print(Format::Json)).unwrap();
        assert_eq!(json["tables"][0]["rows"][0]["what"].as_str(), Some("a,\"b\""));
        assert!(page().print(Format::Text).contains("  who   what\n  =1+1  a,\"b\"\n"));
    }
}
