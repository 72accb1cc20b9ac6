//! The site's policy file, `policy.toml`: every threshold, tier, list and reason code of [`rights::policy::Policy`].
//!
//! Every key is optional and is named as the field of `Policy` it sets; what a file leaves out keeps its default. A number always
//! stands with its unit, in quotes (`"30 min"`, `"125 %"`), so that nobody has to know which unit was meant. Nothing is rounded,
//! clipped or passed over: an unknown key, a wrong unit and a value outside of what is allowed refuse the file, each with its line,
//! the value, what is allowed and what to do. All faults of a file are listed at once.
//!
//! ```
//! let policy = exchange::policy::read("policy.toml", b"window_daily = \"90 min\"\n[reasons]\nearly = [\"procedure\", \"other\"]\n")?;
//! assert_eq!(policy.window_daily, jiff::SignedDuration::from_mins(90));
//! assert_eq!(policy.idle_after, rights::policy::Policy::default().idle_after);
//!
//! let error = exchange::policy::read("policy.toml", b"window_daily = 90\n").unwrap_err();
//! assert!(error.to_string().contains("line 1: window_daily is 90, allowed are 1 min to 6 h"));
//! # Ok::<(), exchange::policy::PolicyFileError>(())
//! ```

mod keys;
mod value;

use std::fmt::Write as _;

use rights::policy::Policy;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::units::short;
use keys::{KEYS, Key};
use value::Fault;

/// The largest policy file, in bytes.
pub const MOST_BYTES: usize = 1024 * 1024;

/// Why a policy file was refused: nothing of it was taken over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyFileError {
    /// It cannot be read from the disk.
    #[error("{file}: cannot be read ({reason}): check that it exists and may be read")]
    Unreadable {
        /// Which file.
        file: String,
        /// What the system says.
        reason: String,
    },
    /// More than [`MOST_BYTES`].
    #[error("{file}: {bytes} bytes, the limit is {MOST_BYTES}: it is no policy file")]
    TooLarge {
        /// Which file.
        file: String,
        /// Its size.
        bytes: usize,
    },
    /// Not UTF-8.
    #[error("{file}: not UTF-8 at byte {at}: save it as UTF-8")]
    Encoding {
        /// Which file.
        file: String,
        /// Offset of the first wrong byte.
        at: usize,
    },
    /// Not TOML.
    #[error("{file}: line {line}: {reason}: correct the line, strings stand in double quotes")]
    Syntax {
        /// Which file.
        file: String,
        /// From 1.
        line: usize,
        /// What the parser says.
        reason: String,
    },
    /// Values that are not allowed.
    #[error("{}", list(file, problems))]
    Values {
        /// Which file.
        file: String,
        /// Every one, by line.
        problems: Vec<Problem>,
    },
}

/// One value that is not allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {key} is {value}, allowed are {allowed}: {remedy}")]
pub struct Problem {
    /// From 1.
    pub line: usize,
    /// Which key, with its table: `reasons.early`.
    pub key: String,
    /// The value as it stands there, shortened.
    pub value: String,
    /// What is allowed instead.
    pub allowed: String,
    /// What to do.
    pub remedy: String,
}

fn list(file: &str, problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(|problem| format!("{file}: {problem}")).collect();
    lines.join("\n")
}

/// Reads a policy file from the disk.
///
/// # Errors
/// When it cannot be read, and as [`read`].
pub fn read_file(path: &std::path::Path) -> Result<Policy, PolicyFileError> {
    let file = path.display().to_string();
    let unreadable = |error: &std::io::Error| PolicyFileError::Unreadable {
        file: file.clone(),
        reason: error.to_string(),
    };
    let length = std::fs::metadata(path).map_err(|error| unreadable(&error))?.len();
    if length > MOST_BYTES as u64 {
        return Err(PolicyFileError::TooLarge { file, bytes: usize::try_from(length).unwrap_or(usize::MAX) });
    }
    let bytes = std::fs::read(path).map_err(|error| unreadable(&error))?;
    read(&file, &bytes)
}

/// Reads a policy file. `file` is its name in messages.
///
/// # Errors
/// When it is not TOML in UTF-8, has a key that does not exist, or a value that is not allowed.
pub fn read(file: &str, bytes: &[u8]) -> Result<Policy, PolicyFileError> {
    if bytes.len() > MOST_BYTES {
        return Err(PolicyFileError::TooLarge { file: file.to_owned(), bytes: bytes.len() });
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes)
        .map_err(|error| PolicyFileError::Encoding { file: file.to_owned(), at: error.valid_up_to() })?;
    let line = |at: usize| text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
    let table = DeTable::parse(text).map_err(|error| PolicyFileError::Syntax {
        file: file.to_owned(),
        line: error.span().map_or(1, |span| line(span.start)),
        reason: error.message().trim().replace('\n', ", "),
    })?;
    let mut policy = Policy::default();
    let mut problems = Vec::new();
    let mut problem = |key: &str, at: usize, value: String, fault: Fault| {
        let Fault { allowed, remedy } = fault;
        problems.push(Problem { line: line(at), key: short(key), value, allowed, remedy });
    };
    for (name, value) in table.get_ref() {
        let key = name.get_ref();
        let at = name.span().start;
        match KEYS.iter().find(|known| known.name == key) {
            None => problem(key, at, shown(value.get_ref()), unknown_key()),
            Some(known) => set(known, value, &mut policy, &mut problem),
        }
    }
    for (key, value, fault) in keys::contradictions(&policy) {
        let at = table
            .get_ref()
            .iter()
            .find(|(name, _)| name.get_ref() == key)
            .map_or(0, |(name, _)| name.span().start);
        problem(key, at, value, fault);
    }
    if problems.is_empty() {
        return Ok(policy);
    }
    problems.sort_by_key(|problem| problem.line);
    Err(PolicyFileError::Values { file: file.to_owned(), problems })
}

fn unknown_key() -> Fault {
    Fault::new("the keys of docs/operating.md", "correct the key or remove the line")
}

/// Sets one key; of a table, each of its lines.
fn set(
    key: &Key,
    value: &Spanned<DeValue<'_>>,
    policy: &mut Policy,
    problem: &mut dyn FnMut(&str, usize, String, Fault),
) {
    let Some(set_line) = key.kind.table() else {
        if let Err(fault) = key.kind.set(policy, value.get_ref()) {
            problem(key.name, value.span().start, shown(value.get_ref()), fault);
        }
        return;
    };
    let Some(lines) = value.get_ref().as_table() else {
        let fault = Fault::new(format!("a table [{}]", key.name), "write it as the example does");
        problem(key.name, value.span().start, shown(value.get_ref()), fault);
        return;
    };
    for (name, value) in lines {
        if let Err(fault) = set_line(policy, name.get_ref(), value.get_ref()) {
            problem(
                &format!("{}.{}", key.name, name.get_ref()),
                name.span().start,
                shown(value.get_ref()),
                fault,
            );
        }
    }
}

/// A value for a message, in a few characters.
fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("\"{}\"", short(text)),
        DeValue::Integer(number) => short(number.as_str()),
        DeValue::Float(number) => short(number.as_str()),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(when) => short(&when.to_string()),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

/// The whole policy as a file, every key with its value: the inverse of [`read`].
pub fn print(policy: &Policy) -> String {
    // A table ends where the next one begins, so the tables stand last.
    let (tables, single): (Vec<&Key>, Vec<&Key>) = KEYS.iter().partition(|key| key.kind.table().is_some());
    let mut text = String::new();
    for key in single {
        let _ = writeln!(text, "{} = {}", key.name, key.kind.show(policy));
    }
    for key in tables {
        let _ = write!(text, "\n[{}]\n{}", key.name, key.kind.show(policy));
    }
    text
}
