//! A report as one HTML file: no script, no address, light and dark, prints with repeated table heads.

use std::fmt::Write as _;

use super::page::{Page, Table, escape};
use super::svg::svg;

/// The whole file.
pub(super) fn page(page: &Page) -> String {
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n",
        title = escape(page.title)
    );
    out.push_str(&body(page));
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

/// What stands below the title: facts, plots, tables and notes.
pub(super) fn body(page: &Page) -> String {
    let mut out = "<table class=\"facts\">\n<caption>What it covers</caption>\n<tbody>\n".to_owned();
    for (name, value) in &page.facts {
        let _ = writeln!(out, "<tr><th scope=\"row\">{}</th><td>{}</td></tr>", escape(name), escape(value));
    }
    let _ = writeln!(
        out,
        "<tr><th scope=\"row\">made again by</th><td><code>{}</code></td></tr>\n</tbody>\n</table>",
        escape(&page.command)
    );
    for plot in &page.plots {
        let _ = writeln!(out, "<figure>\n<figcaption>{}</figcaption>", escape(plot.title));
        if plot.is_empty() {
            out.push_str("<p>Nothing to draw: the range holds no such entry.</p>\n</figure>\n");
        } else {
            let _ = writeln!(out, "{}</figure>", svg(plot));
        }
    }
    for table in &page.tables {
        let _ = writeln!(out, "<h2>{}</h2>", escape(table.title));
        out.push_str(&self::table(table));
    }
    for note in page.notes {
        let _ = writeln!(out, "<p class=\"note\">{}</p>", escape(note));
    }
    out
}

fn table(table: &Table) -> String {
    if table.rows.is_empty() {
        return "<p>none</p>\n".to_owned();
    }
    let class: Vec<&str> = (0..table.columns.len())
        .map(|column| if table.is_numeric(column) { " class=\"n\"" } else { "" })
        .collect();
    let mut out = "<table>\n<thead><tr>".to_owned();
    for (name, class) in table.columns.iter().zip(&class) {
        let _ = write!(out, "<th scope=\"col\"{class}>{}</th>", escape(name));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in &table.rows {
        out.push_str("<tr>");
        for (cell, class) in row.iter().zip(&class) {
            let _ = write!(out, "<td{class}>{}</td>", escape(cell));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n");
    out
}

/// Dark where the reader's screen is dark; always black on white on paper. The colours of plots are their attributes, which rules
/// of a style sheet precede.
const STYLE: &str = "\
:root { --ink: #1a1a1a; --paper: #fff; --soft: #555; --line: #bbb; --band: #f3f4f6; }
@media screen and (prefers-color-scheme: dark) {
  :root { --ink: #e8e8e8; --paper: #16181c; --soft: #b0b4ba; --line: #4a4f57; --band: #21252b; }
  .plot [fill=\"#222222\"] { fill: var(--ink); } .plot [stroke=\"#DDDDDD\"] { stroke: #3a3f47; }
  .plot [stroke=\"#1B5EA6\"] { stroke: #6fb1f5; } .plot [fill=\"#1B5EA6\"] { fill: #6fb1f5; }
  .plot [stroke=\"#B45309\"] { stroke: #f0a35a; } .plot [fill=\"#B45309\"] { fill: #f0a35a; }
  .plot [stroke=\"#2B763B\"] { stroke: #7ccf8c; } .plot [fill=\"#2B763B\"] { fill: #7ccf8c; }
  .plot [stroke=\"#7A3E9D\"] { stroke: #c79be0; } .plot [fill=\"#7A3E9D\"] { fill: #c79be0; }
  .plot [stroke=\"#007280\"] { stroke: #5cc6d3; } .plot [fill=\"#007280\"] { fill: #5cc6d3; }
  .plot [stroke=\"#B00020\"] { stroke: #ff8a9a; } .plot [fill=\"#B00020\"] { fill: #ff8a9a; }
}
body { font: 10pt/1.4 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2em; }
main { max-width: 64em; } h1 { font-size: 16pt; } h2 { font-size: 12pt; margin-top: 1.6em; break-after: avoid; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; } thead { display: table-header-group; }
caption { text-align: left; color: var(--soft); padding-bottom: 2pt; }
th, td { text-align: left; vertical-align: top; padding: 2pt 6pt; border-bottom: 0.5pt solid var(--line); overflow-wrap: anywhere; }
thead th { background: var(--band); } .n { text-align: right; white-space: nowrap; }
tr { break-inside: avoid; } .facts th { width: 14em; font-weight: normal; color: var(--soft); } .note { font-size: 9pt; color: var(--soft); }
figure { margin: 1.4em 0; break-inside: avoid; } figcaption { font-weight: bold; margin-bottom: 4pt; } svg { max-width: 100%; height: auto; }
@page { margin: 15mm; } @media print { body { margin: 0; } main { max-width: none; } }
";
