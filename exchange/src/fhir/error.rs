//! Why a whole Bundle was refused, and the limits of one.

/// The largest Bundle file, in bytes.
pub const MOST_BYTES: usize = 64 * 1024 * 1024;
/// The most entries of one Bundle.
pub const MOST_ENTRIES: usize = 100_000;

/// Why a whole Bundle was refused: nothing of it was taken over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// More than [`MOST_BYTES`].
    #[error("{file}: {bytes} bytes, the limit is {MOST_BYTES}: export fewer patients a file")]
    TooLarge {
        /// Which file.
        file: String,
        /// Its size.
        bytes: u64,
    },
    /// More than [`MOST_ENTRIES`].
    #[error("{file}: {entries} entries, the limit is {MOST_ENTRIES}: export fewer patients a file")]
    TooManyEntries {
        /// Which file.
        file: String,
        /// How many.
        entries: usize,
    },
    /// Nothing in it.
    #[error("{file}: empty: export it again")]
    Empty {
        /// Which file.
        file: String,
    },
    /// Not UTF-8, as FHIR JSON has to be.
    #[error("{file}: {found} at byte {at}: export it as FHIR JSON in UTF-8")]
    Encoding {
        /// Which file.
        file: String,
        /// What it looks like.
        found: &'static str,
        /// Offset of the first wrong byte.
        at: usize,
    },
    /// Not FHIR JSON at all.
    #[error("{file}: {found}, not FHIR JSON: export it as a FHIR R4 Bundle in JSON")]
    Format {
        /// Which file.
        file: String,
        /// What it looks like.
        found: &'static str,
    },
    /// Broken or truncated JSON.
    #[error("{file}: line {line} column {column}: {what}: nothing was imported, export the file again")]
    Syntax {
        /// Which file.
        file: String,
        /// Line from 1.
        line: usize,
        /// Column from 1.
        column: usize,
        /// What is wrong.
        what: String,
    },
    /// JSON, but no Bundle that can be read.
    #[error("{file}: {path}: {reason}: {remedy}")]
    Shape {
        /// Which file.
        file: String,
        /// Which element.
        path: String,
        /// What is wrong.
        reason: String,
        /// What to do.
        remedy: &'static str,
    },
    /// Another FHIR version: the same words may mean something else there.
    #[error("{file}: {path}: FHIR {found}, only R4 (4.0.1) is read: export it as R4")]
    Version {
        /// Which file.
        file: String,
        /// Which element says so.
        path: String,
        /// Which version.
        found: String,
    },
    /// The search behind it failed, wholly or in part: what is missing cannot be told.
    #[error(
        "{file}: entry[{entry}]: the search failed, so orders may be missing: orders are not current, search again"
    )]
    SearchFailed {
        /// Which file.
        file: String,
        /// Which entry says so.
        entry: usize,
    },
    /// Two entries claim the same identity, so that no reference to it has one meaning.
    #[error(
        "{file}: entry[{first}] and entry[{second}]: {what} stands there twice: remove the one that is not valid"
    )]
    Duplicate {
        /// Which file.
        file: String,
        /// The first entry, from 0.
        first: usize,
        /// The second entry.
        second: usize,
        /// Resource type and id, or the full URL.
        what: String,
    },
}
