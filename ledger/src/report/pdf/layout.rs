//! Where everything stands on which page.

use super::column::widths;
use super::font::{Face, Fonts};
use super::{BAND, Colour, INK, Mark, Paint, RULE, SOFT, rectangle, surface};
use crate::report::page::{Page, Table};
use crate::report::plot::Plot;

const MARGIN: f32 = 42.0;
const TOP: f32 = 58.0;
/// From one line of the foot to the next.
const FOOT_LINE: f32 = 10.0;
/// Ledgers that the foot names; more stand on the first page.
const MOST_NAMED: usize = 16;
const SIZE: f32 = 8.0;
const LEADING: f32 = 11.0;
const GAP: f32 = 10.0;

/// The sheet, in points.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paper {
    pub(super) width: f32,
    pub(super) height: f32,
    /// What its foot takes.
    foot: f32,
}

impl Paper {
    /// US letter; on its side for wide tables.
    pub(super) fn of(page: &Page) -> Self {
        let foot = foot(page).iter().fold(46.0, |height, _| height + FOOT_LINE);
        if page.tables.iter().any(|table| table.columns.len() > 8) {
            Self { width: 792.0, height: 612.0, foot }
        } else {
            Self { width: 612.0, height: 792.0, foot }
        }
    }

    fn room(self) -> f32 {
        self.width - 2.0 * MARGIN
    }

    fn bottom(self) -> f32 {
        self.height - self.foot
    }
}

struct Pen<'a> {
    fonts: &'a Fonts,
    paper: Paper,
    pages: Vec<Vec<Mark>>,
    y: f32,
}

impl Pen<'_> {
    fn put(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }

    fn text(&mut self, text: &str, face: Face, size: f32, colour: Colour, x: f32) {
        let y = self.y + size;
        self.put(Mark::Text { text: text.to_owned(), face, size, colour, x, y, upright: false });
    }

    fn rule(&mut self, y: f32) {
        let points = vec![(MARGIN, y), (self.paper.width - MARGIN, y)];
        self.put(Mark::Path { points, paint: Paint::Stroke(0.5), colour: RULE });
    }

    fn turn(&mut self) {
        self.pages.push(Vec::new());
        self.y = TOP;
    }

    /// Goes to the next page when less than so much is left.
    fn need(&mut self, height: f32) -> bool {
        let turned = self.y + height > self.paper.bottom() && self.y > TOP;
        if turned {
            self.turn();
        }
        turned
    }

    fn paragraph(&mut self, text: &str, face: Face, size: f32, colour: Colour) {
        for line in self.fonts.wrap(face, size, text, self.paper.room()) {
            self.need(size * 1.4);
            self.text(&line, face, size, colour, MARGIN);
            self.y += size * 1.4;
        }
    }
}

/// The marks of every page, without its edges.
pub(super) fn pages(page: &Page, fonts: &Fonts, paper: Paper) -> Vec<Vec<Mark>> {
    let mut pen = Pen { fonts, paper, pages: vec![Vec::new()], y: TOP };
    pen.paragraph(page.title, Face::Bold, 16.0, INK);
    pen.y += 6.0;
    let facts = page.facts.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    for (name, value) in facts.chain([("made again by", page.command.as_str())]) {
        let lines = fonts.wrap(Face::Regular, SIZE, value, paper.room() - 110.0);
        pen.need(LEADING);
        pen.text(name, Face::Regular, SIZE, SOFT, MARGIN);
        for line in lines {
            pen.text(&line, Face::Regular, SIZE, INK, MARGIN + 110.0);
            pen.y += LEADING;
        }
    }
    for plot in &page.plots {
        picture(&mut pen, plot);
    }
    for one in &page.tables {
        table(&mut pen, one);
    }
    for note in page.notes {
        pen.y += 8.0;
        pen.paragraph(&format!("Note: {note}"), Face::Regular, SIZE, SOFT);
    }
    pen.pages
}

fn picture(pen: &mut Pen<'_>, plot: &Plot) {
    let (marks, height) = surface::marks(plot, pen.fonts, pen.paper.room().min(528.0));
    pen.y += 16.0;
    pen.need(height + 18.0);
    pen.text(plot.title, Face::Bold, 10.0, INK, MARGIN);
    pen.y += 18.0;
    if plot.is_empty() {
        pen.paragraph("Nothing to draw: the range holds no such entry.", Face::Regular, SIZE, SOFT);
        return;
    }
    let y = pen.y;
    for mark in marks {
        pen.put(surface::moved(mark, MARGIN, y));
    }
    pen.y += height;
}

fn table(pen: &mut Pen<'_>, table: &Table) {
    let head: Vec<String> = table.columns.iter().map(|name| (*name).to_owned()).collect();
    let widths = widths(pen.fonts, SIZE, &head, &table.rows, pen.paper.room(), GAP);
    let right: Vec<bool> = (0..head.len()).map(|column| table.is_numeric(column)).collect();
    pen.y += 16.0;
    // A title stays with its head and the first rows.
    pen.need(10.0 + 8.0 + 3.0 * (LEADING + 4.0));
    pen.text(table.title, Face::Bold, 10.0, INK, MARGIN);
    pen.y += 17.0;
    if table.rows.is_empty() {
        pen.paragraph("none", Face::Regular, SIZE, SOFT);
        return;
    }
    let head = cells(pen, &head, &widths, Face::Bold);
    let tall = |lines: &[Vec<String>]| {
        f32::from(u16::try_from(lines.iter().map(Vec::len).max().unwrap_or(1).max(1)).unwrap_or(u16::MAX))
            * LEADING
            + 4.0
    };
    let head_height = tall(&head);
    let draw_head = |pen: &mut Pen<'_>| {
        let (left, end) = (MARGIN, pen.paper.width - MARGIN);
        let points = rectangle((left, pen.y), (end, pen.y + head_height));
        pen.put(Mark::Path { points, paint: Paint::Fill, colour: BAND });
        row(pen, &head, &widths, &right, Face::Bold);
        pen.y += head_height;
    };
    draw_head(pen);
    // A row that no page could hold is cut into such that one can.
    let most = ((pen.paper.bottom() - TOP - head_height - 4.0) / LEADING).floor();
    let mut most_lines = 1_usize;
    while f32::from(u16::try_from(most_lines + 1).unwrap_or(u16::MAX)) <= most {
        most_lines += 1;
    }
    for cells_of in &table.rows {
        let mut lines = cells(pen, cells_of, &widths, Face::Regular);
        while lines.iter().any(|cell| !cell.is_empty()) {
            let rest: Vec<Vec<String>> =
                lines.iter_mut().map(|cell| cell.split_off(cell.len().min(most_lines))).collect();
            let height = tall(&lines);
            if pen.need(height) {
                draw_head(pen);
            }
            row(pen, &lines, &widths, &right, Face::Regular);
            pen.y += height;
            pen.rule(pen.y);
            lines = rest;
        }
    }
}

fn cells(pen: &Pen<'_>, texts: &[String], widths: &[f32], face: Face) -> Vec<Vec<String>> {
    texts
        .iter()
        .zip(widths)
        .map(|(text, width)| pen.fonts.wrap(face, SIZE, text, width - GAP + 0.05))
        .collect()
}

fn row(pen: &mut Pen<'_>, lines: &[Vec<String>], widths: &[f32], right: &[bool], face: Face) {
    let top = pen.y;
    let mut x = MARGIN + 4.0;
    for ((cell, width), right) in lines.iter().zip(widths).zip(right) {
        pen.y = top + 2.0;
        for line in cell {
            let shift = if *right { width - GAP - pen.fonts.width(face, SIZE, line) } else { 0.0 };
            pen.text(line, face, SIZE, INK, x + shift);
            pen.y += LEADING;
        }
        x += width;
    }
    pen.y = top;
}

/// What every page says of its range: the entries, and the root hash of each ledger.
fn foot(page: &Page) -> Vec<String> {
    let fact = |name: &str| page.fact(name).unwrap_or("-");
    let range = format!("from {}; before {}", fact("from"), fact("before"));
    if page.fact("root hash").is_some() || page.fact("1: ledger").is_none() {
        let root = format!("root hash {} at tree size {}", fact("root hash"), fact("tree size"));
        return vec![format!("entries {}; {range}", fact("entries")), root];
    }
    let ledgers = (1..).map_while(|at: usize| Some((at, page.fact(&format!("{at}: ledger"))?)));
    let mut lines = vec![format!("{} ledgers; {range}", fact("ledgers"))];
    for (at, ledger) in ledgers {
        if at > MOST_NAMED {
            lines.push("the root hashes of the others stand on the first page".to_owned());
            break;
        }
        let of = |name: &str| page.fact(&format!("{at}: {name}")).unwrap_or("-");
        lines.push(format!("{at}: {ledger}: root hash {} at tree size {}", of("root hash"), of("tree size")));
    }
    lines
}

/// What stands on every page: title and range above; root hash, command and number below.
pub(super) fn edges(page: &Page, fonts: &Fonts, paper: Paper, number: usize, of: usize) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut put = |text: &str, y: f32, right: bool, colour: Colour| {
        let size = 7.0;
        // The last line shares its room with the number.
        let most = if y > paper.height - 30.0 { paper.room() * 0.8 } else { paper.room() };
        let line = fonts.wrap(Face::Regular, size, text, most);
        let text = match line.as_slice() {
            [one] => one.clone(),
            [first, ..] => format!("{first} \u{2026}"),
            [] => String::new(),
        };
        let width = fonts.width(Face::Regular, size, &text);
        let x = if right { paper.width - MARGIN - width } else { MARGIN };
        marks.push(Mark::Text { text, face: Face::Regular, size, colour, x, y, upright: false });
    };
    put(page.title, 30.0, false, SOFT);
    let ledgers = page.fact("ledgers").map(|ledgers| format!("{ledgers} ledgers"));
    put(ledgers.as_deref().unwrap_or_else(|| page.fact("ledger").unwrap_or("-")), 30.0, true, SOFT);
    let mut y = paper.height - 24.0;
    for line in foot(page).iter().rev() {
        y -= FOOT_LINE;
        put(line, y, false, SOFT);
    }
    put(&page.command, paper.height - 24.0, false, SOFT);
    put(&format!("{number} of {of}"), paper.height - 24.0, true, INK);
    for y in [36.0, paper.bottom() + FOOT_LINE] {
        let points = vec![(MARGIN, y), (paper.width - MARGIN, y)];
        marks.push(Mark::Path { points, paint: Paint::Stroke(0.5), colour: RULE });
    }
    marks
}
