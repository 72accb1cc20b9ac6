//! Tables that are sorted and filtered by the query alone, so that they work without a script and a link to them says what it shows.

use maud::{Markup, html};

use super::asked::Asked;
use super::text;

/// Rows on one page.
pub(super) const ROWS: usize = 200;

/// A table with fewer rows is read at a glance and needs no filter.
const FEW: usize = 8;

/// A table with more columns breaks the words in its cells, so that its last column, often what it is about, stands on the page.
const MANY: usize = 9;

/// A table to be shown.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    /// The number of the table on its page: it stands in the names of the query.
    pub(super) number: usize,
    /// Its name for people who listen.
    pub(super) title: String,
    /// Names of the columns.
    pub(super) columns: Vec<String>,
    /// Cells, as many in each row as there are columns.
    pub(super) rows: Vec<Vec<String>>,
    /// Where the first cell of a row leads, where it leads anywhere.
    pub(super) links: Option<Vec<String>>,
    /// What is said when there is no row.
    pub(super) empty: String,
}

/// What a query asks of one table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wish {
    /// The column, and whether from large to small.
    pub(super) sort: Option<(usize, bool)>,
    /// A row stays when one of its cells contains this.
    pub(super) filter: String,
    /// Which page, from 0.
    pub(super) page: usize,
}

impl Wish {
    /// What the query says of table `number`. What makes no sense is as if it was not there.
    pub(super) fn of(asked: &Asked, number: usize) -> Self {
        let sort = asked.of_query(&format!("s{number}"));
        let down = sort.starts_with('-');
        let column = sort.trim_start_matches('-').parse().ok();
        Self {
            sort: column.map(|column| (column, down)),
            filter: asked.of_query(&format!("f{number}")).to_owned(),
            page: asked.of_query(&format!("p{number}")).parse().unwrap_or(0),
        }
    }
}

/// A number at the beginning of a cell, so that 9 comes before 10.
fn number(cell: &str) -> Option<f64> {
    let end = cell.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-')).unwrap_or(cell.len());
    cell.get(..end)?.parse().ok()
}

/// Whether all cells of a column are numbers, shares or empty.
fn is_numeric(rows: &[Vec<String>], column: usize) -> bool {
    let cells = || rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.trim_end_matches(" %"));
    let number = |cell: &str| !cell.is_empty() && cell.parse::<f64>().is_ok();
    cells().any(number) && cells().all(|cell| cell == "-" || number(cell))
}

/// Cells of so many characters are not broken: a time or a name stands in one line.
const WHOLE: usize = 27;

/// How a column is set: numbers to the right, what is short in one line.
fn class(rows: &[Vec<String>], column: usize) -> Option<&'static str> {
    let mut cells = rows.iter().filter_map(|row| row.get(column));
    if is_numeric(rows, column) {
        Some("n")
    } else if cells.all(|cell| cell.chars().count() <= WHOLE) {
        Some("s")
    } else {
        None
    }
}

/// The places of the rows that a wish leaves, in its order.
pub(super) fn places(rows: &[Vec<String>], wish: &Wish) -> Vec<usize> {
    let needle = wish.filter.to_lowercase();
    let fits =
        |row: &Vec<String>| needle.is_empty() || row.iter().any(|cell| cell.to_lowercase().contains(&needle));
    let mut places: Vec<usize> =
        rows.iter().enumerate().filter(|(_, row)| fits(row)).map(|(place, _)| place).collect();
    if let Some((column, down)) = wish.sort {
        let cell =
            |place: &usize| rows.get(*place).and_then(|row| row.get(column)).map_or("", String::as_str);
        places.sort_by(|a, b| {
            let (a, b) = (cell(a), cell(b));
            let order = match (number(a), number(b)) {
                (Some(x), Some(y)) => x.total_cmp(&y).then_with(|| a.cmp(b)),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (None, None) => a.cmp(b),
            };
            if down { order.reverse() } else { order }
        });
    }
    places
}

/// A link to the same page with one name of the query changed.
pub(super) fn link(asked: &Asked, changed: &[(&str, &str)]) -> String {
    let kept = asked.query.iter().filter(|(name, _)| changed.iter().all(|(other, _)| name != other));
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in kept {
        query.append_pair(name, value);
    }
    for (name, value) in changed.iter().filter(|(_, value)| !value.is_empty()) {
        query.append_pair(name, value);
    }
    format!("?{}", query.finish())
}

impl Grid {
    /// The table as it is, without a way to sort it: for an answer that has no address.
    pub(super) fn fixed(&self) -> Markup {
        if self.rows.is_empty() {
            return html! { p.empty { (self.empty) } };
        }
        let class = |column: usize| class(&self.rows, column);
        html! {
            div.scroll tabindex="0" role="region" aria-label=(self.title) {
                table {
                    thead { tr {
                        @for (at, name) in self.columns.iter().enumerate() { th scope="col" class=[class(at)] { (name) } }
                    } }
                    tbody {
                        @for (place, row) in self.rows.iter().enumerate() {
                            tr {
                                @for (at, cell) in row.iter().enumerate() {
                                    td class=[class(at)] {
                                        @match self.links.as_ref().filter(|_| at == 0) {
                                            Some(links) => a href=(links[place]) { (cell) },
                                            None => (cell),
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// The table as its query wants it, with the form to filter it.
    pub(super) fn markup(&self, asked: &Asked) -> Markup {
        let wish = Wish::of(asked, self.number);
        let (s, f, p) =
            (format!("s{}", self.number), format!("f{}", self.number), format!("p{}", self.number));
        if self.rows.is_empty() {
            return html! { p.empty { (self.empty) } };
        }
        let places = places(&self.rows, &wish);
        let pages = places.len().div_ceil(ROWS).max(1);
        let page = wish.page.min(pages - 1);
        let shown = places.iter().skip(page * ROWS).take(ROWS);
        let classes: Vec<Option<&str>> =
            (0..self.columns.len()).map(|column| class(&self.rows, column)).collect();
        html! {
            @if self.rows.len() >= FEW || !wish.filter.is_empty() {
            form.filter method="get" role="search" aria-label={ "Filter: " (self.title) } {
                @for (name, value) in asked.query.iter().filter(|(name, _)| *name != f && *name != p) {
                    input type="hidden" name=(name) value=(value);
                }
                label { (text::FILTER) " " input type="search" name=(f) value=(wish.filter) maxlength="100"; }
                button { (text::FILTER_DO) }
                @if !wish.filter.is_empty() {
                    a href=(link(asked, &[(&f, ""), (&p, "")])) { (text::FILTER_CLEAR) }
                }
                span.count { (places.len()) " of " (self.rows.len()) " rows" }
            }
            }
            div.scroll tabindex="0" role="region" aria-label=(self.title) {
                table.wide[self.columns.len() > MANY] {
                    thead { tr {
                        @for (at, name) in self.columns.iter().enumerate() {
                            @let sorted = wish.sort.filter(|(column, _)| *column == at).map(|(_, down)| down);
                            @let next = if sorted == Some(false) { format!("-{at}") } else { at.to_string() };
                            @let aria = match sorted { Some(false) => "ascending", Some(true) => "descending", None => "none" };
                            th scope="col" class=[classes[at]] aria-sort=(aria) {
                                a href=(link(asked, &[(&s, &next), (&p, "")])) {
                                    (name)
                                    @match sorted { Some(false) => " ▲", Some(true) => " ▼", None => "" }
                                }
                            }
                        }
                    } }
                    tbody {
                        @for place in shown {
                            tr {
                                @for (at, cell) in self.rows[*place].iter().enumerate() {
                                    td class=[classes.get(at).copied().flatten()] {
                                        @match self.links.as_ref().filter(|_| at == 0) {
                                            Some(links) => a href=(links[*place]) { (cell) },
                                            None => (cell),
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
            @if places.is_empty() { p.empty { (text::FILTER_NONE) } }
            @if pages > 1 {
                nav.pages aria-label=(format!("Pages of {}", self.title)) {
                    @if page > 0 { a href=(link(asked, &[(&p, &(page - 1).to_string())])) { (text::PAGE_BEFORE) } }
                    span { "page " (page + 1) " of " (pages) }
                    @if page + 1 < pages { a href=(link(asked, &[(&p, &(page + 1).to_string())])) { (text::PAGE_NEXT) } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Vec<String>> {
        [["b", "10"], ["a", "9"], ["C", "-"]].map(|row| row.map(str::to_owned).to_vec()).to_vec()
    }

    #[test]
    fn numbers_stand_right_and_times_are_not_broken() {
        let rows = [["1", "2026-11-02 06:00:04 UTC-05", "a text that is longer than a line"]]
            .map(|row| row.map(str::to_owned).to_vec());
        assert_eq!([0, 1, 2].map(|at| class(&rows, at)), [Some("n"), Some("s"), None]);
    }

    #[test]
    fn rows_are_sorted_by_number_where_there_is_one_and_filtered_in_any_cell() {
        let wish = |sort, filter: &str| Wish { sort, filter: filter.to_owned(), page: 0 };
        assert_eq!(places(&rows(), &wish(None, "")), [0, 1, 2]);
        assert_eq!(places(&rows(), &wish(Some((1, false)), "")), [1, 0, 2]);
        assert_eq!(places(&rows(), &wish(Some((1, true)), "")), [2, 0, 1]);
        assert_eq!(places(&rows(), &wish(Some((9, false)), "c")), [2]);
        assert_eq!(places(&rows(), &wish(None, "nothing")), [0_usize; 0]);
    }
}
