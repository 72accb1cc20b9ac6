//! What an auditor asks for beyond the mathematics: whose key enrolled the ledger, and who must have cosigned it.

use crate::cosign::signature::CosignerKey;
use crate::note::{NoteError, VerifierKey};

/// A policy file: one rule a line, `#` begins a comment.
///
/// ```text
/// hospital hospital+1c2d3e4f+AQ...           # the enrolment must be signed by this key
/// cosigner witness.example+5a6b7c8d+BA...    # a cosigner, one line for each
/// cosigners 1    # so many must have signed a checkpoint that covers every bedside entry (1 once one is named; 0 only shows them)
/// tail 20        # so many entries may stand after it all the same (default 0)
/// stale 86400    # and it may be so many seconds older than the last entry (default: any age)
/// sealed         # the last epoch must be closed
/// ```
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// The hospital's key.
    pub hospital: Option<VerifierKey>,
    /// Cosigners.
    pub cosigners: Vec<CosignerKey>,
    /// How many of them.
    pub needed: usize,
    /// Entries that may stand after the cosigned size.
    pub tail: u64,
    /// Seconds that the cosignature may be older than the last entry.
    pub stale: Option<u64>,
    /// Whether the last epoch must be closed.
    pub sealed: bool,
}

/// Why a text is no policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// A line that is no rule.
    #[error(
        "line {0}: expected `hospital KEY`, `cosigner KEY`, `cosigners NUMBER`, `tail NUMBER`, `stale SECONDS` or `sealed`"
    )]
    Rule(usize),
    /// A rule about cosigners where none is asked for: it would ask for nothing.
    #[error(
        "line {0}: asks for nothing, because no cosigner's signature is asked for; add `cosigner KEY`, or take `cosigners 0` away"
    )]
    AsksNothing(usize),
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
        let (mut needed, mut of_cosigners) = (None, None);
        for (at, line) in text.lines().enumerate() {
            let line_number = at + 1;
            let rule = line.split('#').next().unwrap_or_default().trim();
            if rule.is_empty() {
                continue;
            }
            let (word, value) = rule.split_once(' ').unwrap_or((rule, ""));
            let value = value.trim();
            let wrong_key = |error| PolicyError::Key { line: line_number, error };
            let number = || value.parse().map_err(|_| PolicyError::Rule(line_number));
            if matches!(word, "tail" | "stale") {
                of_cosigners.get_or_insert(line_number);
            }
            match word {
                "hospital" => policy.hospital = Some(VerifierKey::parse(value).map_err(wrong_key)?),
                "cosigner" => policy.cosigners.push(CosignerKey::parse(value).map_err(wrong_key)?),
                "cosigners" => {
                    needed = Some(value.parse().map_err(|_| PolicyError::Rule(line_number))?);
                }
                "tail" => policy.tail = number()?,
                "stale" => policy.stale = Some(number()?),
                "sealed" if value.is_empty() => policy.sealed = true,
                _ => return Err(PolicyError::Rule(line_number)),
            }
        }
        // Whoever names a cosigner asks for what it signed.
        policy.needed = needed.unwrap_or_else(|| policy.cosigners.len().min(1));
        match of_cosigners {
            Some(line) if policy.needed == 0 => Err(PolicyError::AsksNothing(line)),
            _ => Ok(policy),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cosign::signature::CosignerSecret;

    #[test]
    fn every_rule_is_read_and_anything_else_is_refused_with_its_line() {
        let key = CosignerSecret::new("witness.example/w1", &[7; 32]).unwrap().key();
        let text = format!("# asked for\ncosigner {key}\ncosigners 1 # one\ntail 20\nstale 3600\n\nsealed\n");
        let policy = Policy::parse(&text).unwrap();
        assert_eq!((policy.cosigners, policy.needed), (vec![key], 1));
        assert_eq!((policy.tail, policy.stale, policy.sealed), (20, Some(3600), true));
        for (wrong, line) in [("tail", 1), ("\nsealed yes", 2), ("cosigners many", 1), ("witness x", 1)] {
            assert_eq!(Policy::parse(wrong).unwrap_err(), PolicyError::Rule(line), "{wrong}");
        }
        // To name a cosigner is to ask for it, and a rule that would ask for nothing is refused.
        let key = CosignerSecret::new("witness.example/w1", &[7; 32]).unwrap().key();
        let needed = |text: &str| Policy::parse(text).map(|policy| policy.needed);
        assert_eq!(needed(&format!("cosigner {key}")), Ok(1));
        assert_eq!(needed(&format!("cosigner {key}\ncosigners 0")), Ok(0));
        assert_eq!(needed("sealed"), Ok(0));
        assert_eq!(needed("tail 0\nstale 1"), Err(PolicyError::AsksNothing(1)));
        assert_eq!(
            needed(&format!("cosigner {key}\ncosigners 0\nstale 1")),
            Err(PolicyError::AsksNothing(3))
        );
        assert!(matches!(Policy::parse("\n\nhospital x"), Err(PolicyError::Key { line: 3, .. })));
    }
}
