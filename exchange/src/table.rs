//! CSV tables with a header and line numbers (the fence for the `csv` crate).

use std::collections::BTreeMap;

use crate::rejection::Rejection;

/// The largest table file; a drug file of 100,000 lines stays below it.
pub const MOST_BYTES: usize = 64 * 1024 * 1024;

/// Why a table cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// More than [`MOST_BYTES`].
    #[error("{file}: {bytes} bytes, the limit is {MOST_BYTES}: split it or remove what is not a table")]
    TooLarge {
        /// Which file.
        file: String,
        /// Its size.
        bytes: usize,
    },
    /// Not UTF-8.
    #[error("{file}: not UTF-8 at byte {at}: export it as CSV in UTF-8")]
    Encoding {
        /// Which file.
        file: String,
        /// Offset of the first wrong byte.
        at: usize,
    },
    /// A column is missing from the header.
    #[error("{file}: line 1: no column \"{column}\": the header must hold {expected}")]
    Column {
        /// Which file.
        file: String,
        /// The first column missing.
        column: &'static str,
        /// All that are needed.
        expected: String,
    },
    /// A column stands in the header twice.
    #[error("{file}: line 1: a column stands there twice: remove one")]
    RepeatedColumn {
        /// Which file.
        file: String,
    },
    /// A file of a set is missing.
    #[error("{file}: missing: the drug file needs it")]
    Missing {
        /// Which file.
        file: String,
    },
    /// Nothing in it could be used.
    #[error("{file}: no usable line: nothing was changed")]
    Empty {
        /// Which file.
        file: String,
    },
}

/// One line, by column name, trimmed.
pub(crate) struct Row {
    /// From 1, the header being line 1.
    pub(crate) line: u64,
    values: BTreeMap<&'static str, String>,
}

impl Row {
    /// The value of a column that [`read`] was asked for; empty when the cell is, and when the table lacks an optional column.
    pub(crate) fn get(&self, column: &str) -> &str {
        self.values.get(column).map_or("", String::as_str)
    }

    /// The non-empty parts of a cell that holds a list.
    pub(crate) fn list(&self, column: &str) -> impl Iterator<Item = &str> {
        self.get(column).split(';').map(str::trim).filter(|part| !part.is_empty())
    }
}

/// A rejection of one line.
pub(crate) fn reject(
    file: &str,
    line: u64,
    reason: impl Into<String>,
    remedy: impl Into<String>,
) -> Rejection {
    Rejection {
        resource: file.rsplit('/').next().unwrap_or(file).to_owned(),
        place: format!("{file} line {line}"),
        reason: reason.into(),
        remedy: remedy.into(),
        patient: None,
        version: None,
    }
}

/// Reads a table: its lines, and those that are no lines of it. Other columns are left alone.
pub(crate) fn read(
    file: &str,
    bytes: &[u8],
    columns: &'static [&'static str],
) -> Result<(Vec<Row>, Vec<Rejection>), TableError> {
    read_with(file, bytes, columns, &[])
}

/// As [`read`], with columns that the table may lack.
pub(crate) fn read_with(
    file: &str,
    bytes: &[u8],
    columns: &'static [&'static str],
    optional: &'static [&'static str],
) -> Result<(Vec<Row>, Vec<Rejection>), TableError> {
    read_by(file, bytes, columns, optional, csv::ReaderBuilder::new().trim(csv::Trim::All))
}

/// As [`read`], for values separated by tabs, in which a quotation mark is a letter like any other.
pub(crate) fn read_tabs(
    file: &str,
    bytes: &[u8],
    columns: &'static [&'static str],
) -> Result<(Vec<Row>, Vec<Rejection>), TableError> {
    let mut builder = csv::ReaderBuilder::new();
    read_by(file, bytes, columns, &[], builder.trim(csv::Trim::All).delimiter(b'\t').quoting(false))
}

fn read_by(
    file: &str,
    bytes: &[u8],
    columns: &'static [&'static str],
    optional: &'static [&'static str],
    builder: &csv::ReaderBuilder,
) -> Result<(Vec<Row>, Vec<Rejection>), TableError> {
    if bytes.len() > MOST_BYTES {
        return Err(TableError::TooLarge { file: file.to_owned(), bytes: bytes.len() });
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes)
        .map_err(|error| TableError::Encoding { file: file.to_owned(), at: error.valid_up_to() })?;
    // With CR LF the reader would count each line one too few.
    let text = text.replace("\r\n", "\n");
    let mut reader = builder.from_reader(text.as_bytes());
    let header = reader.headers().cloned().unwrap_or_default();
    let mut places = BTreeMap::new();
    for column in columns.iter().chain(optional) {
        let mut hits = header.iter().enumerate().filter(|(_, name)| name == column);
        match (hits.next(), hits.next()) {
            (Some((at, _)), None) => places.insert(*column, at),
            (Some(_), Some(_)) => return Err(TableError::RepeatedColumn { file: file.to_owned() }),
            (None, _) if optional.contains(column) => continue,
            (None, _) => {
                return Err(TableError::Column {
                    file: file.to_owned(),
                    column,
                    expected: columns.join(","),
                });
            }
        };
    }
    let (mut rows, mut rejections) = (Vec::new(), Vec::new());
    for record in reader.records() {
        match record {
            Ok(record) => {
                let line = record.position().map_or(0, csv::Position::line);
                let values = places
                    .iter()
                    .map(|(name, at)| (*name, record.get(*at).unwrap_or_default().to_owned()))
                    .collect();
                rows.push(Row { line, values });
            }
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                rejections.push(reject(
                    file,
                    line,
                    "has another number of columns than the header",
                    "put a value with a comma in double quotes, or add the missing commas",
                ));
            }
        }
    }
    Ok((rows, rejections))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_and_bad_ones_are_listed() {
        let (rows, bad) =
            read("t.csv", "\u{FEFF}a,b\n1,\"x,y\"\n2\n3, z \n".as_bytes(), &["a", "b"]).unwrap();
        assert_eq!(rows.iter().map(|r| (r.line, r.get("b"))).collect::<Vec<_>>(), [(2, "x,y"), (4, "z")]);
        assert_eq!(bad.len(), 1);
        assert_eq!(bad[0].place, "t.csv line 3");
    }

    #[test]
    fn lines_that_end_as_on_windows_are_counted_as_the_others() {
        let (rows, bad) = read("t.csv", b"a,b\r\n1,2\r\n3\r\n", &["a", "b"]).unwrap();
        assert_eq!((rows[0].line, bad[0].place.as_str()), (2, "t.csv line 3"));
    }

    #[test]
    fn a_file_that_is_no_such_table_is_refused_whole() {
        assert!(matches!(read("t", b"a\n1\n", &["a", "b"]), Err(TableError::Column { column: "b", .. })));
        assert!(matches!(read("t", b"a,a\n1,2\n", &["a"]), Err(TableError::RepeatedColumn { .. })));
        assert!(matches!(read("t", b"\xFF\xFEa", &["a"]), Err(TableError::Encoding { at: 0, .. })));
    }
}
