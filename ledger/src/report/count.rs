//! Counting rows by their key, in the order of the keys.

use std::collections::BTreeMap;

use super::page::Table;

/// How often each key came.
#[derive(Debug, Default)]
pub(super) struct Count<const KEYS: usize, const NUMBERS: usize>(BTreeMap<[String; KEYS], [u64; NUMBERS]>);

impl<const KEYS: usize, const NUMBERS: usize> Count<KEYS, NUMBERS> {
    /// One more in a column of a key.
    pub(super) fn add(&mut self, key: [String; KEYS], column: usize) {
        self.add_many(key, column, 1);
    }

    /// So many more.
    pub(super) fn add_many(&mut self, key: [String; KEYS], column: usize, more: u64) {
        if let Some(number) = self.0.entry(key).or_insert([0; NUMBERS]).get_mut(column) {
            *number += more;
        }
    }

    pub(super) fn table(self, title: &'static str, columns: &[&'static str]) -> Table {
        let rows = self
            .0
            .into_iter()
            .map(|(key, numbers)| key.into_iter().chain(numbers.iter().map(ToString::to_string)).collect());
        Table { title, columns: columns.to_vec(), rows: rows.collect() }
    }
}

/// A share in per cent with one decimal, rounded down; a dash of nothing.
pub fn share(part: u64, of: u64) -> String {
    match (part * 1000).checked_div(of) {
        None => "-".to_owned(),
        Some(thousandths) => format!("{}.{} %", thousandths / 10, thousandths % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_down_and_of_nothing_there_is_none() {
        assert_eq!([share(2, 3), share(3, 3), share(0, 0)], ["66.6 %", "100.0 %", "-"]);
    }
}
