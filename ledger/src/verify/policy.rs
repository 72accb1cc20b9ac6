//! What an auditor asks for beyond the mathematics: whose key enrolled the ledger, and who must have cosigned it.

use crate::note::{NoteError, VerifierKey};

/// A policy file: one rule a line, `#` begins a comment.
///
/// ```text
/// hospital hospital+1c2d3e4f+AQ...      the enrolment must be signed by this key
/// cosigner witness.example+5a6b7c8d+AQ...
/// cosigners 1                           so many of them must have signed the checkpoint
/// ```
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// The hospital's key.
    pub hospital: Option<VerifierKey>,
    /// Cosigners.
    pub cosigners: Vec<VerifierKey>,
    /// How many of them.
    pub needed: usize,
}

/// Why a text is no policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// A line that is no rule.
    #[error("line {0}: expected `hospital KEY`, `cosigner KEY` or `cosigners NUMBER`")]
    Rule(usize),
    /// A key that is none.
    #[error("line {line}: {error}")]
    Key {
        /// Which line.
        line: usize,
        /// Why.
        error: NoteError,
    },
}

impl Policy {
    /// Parses a policy file.
    ///
    /// # Errors
    /// When a line is no rule.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let mut policy = Self::default();
        for (at, line) in text.lines().enumerate() {
            let line_number = at + 1;
            let rule = line.split('#').next().unwrap_or_default().trim();
            if rule.is_empty() {
                continue;
            }
            let (word, value) = rule.split_once(' ').ok_or(PolicyError::Rule(line_number))?;
            let key = |value: &str| {
                VerifierKey::parse(value.trim())
                    .map_err(|error| PolicyError::Key { line: line_number, error })
            };
            match word {
                "hospital" => policy.hospital = Some(key(value)?),
                "cosigner" => policy.cosigners.push(key(value)?),
                "cosigners" => {
                    policy.needed = value.trim().parse().map_err(|_| PolicyError::Rule(line_number))?;
                }
                _ => return Err(PolicyError::Rule(line_number)),
            }
        }
        Ok(policy)
    }
}
