//! C2SP checkpoints (c2sp.org/tlog-checkpoint): origin, tree size and root hash, one a line; no time, no extension lines.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::hash::Hash;
use crate::note::valid_name;

/// A tree head. Signed, it is the text of a [`Note`](crate::note::Note).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Of which log.
    pub origin: String,
    /// Entries.
    pub size: u64,
    /// The root hash of the tree over them.
    pub root: Hash,
}

/// Why a text is no checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a checkpoint (origin, size, root hash, one a line): {0}")]
pub struct CheckpointError(&'static str);

impl Checkpoint {
    /// Parses the text of a checkpoint note.
    ///
    /// # Errors
    /// When it is anything but the three lines.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let wrong = CheckpointError;
        let mut lines = text.strip_suffix('\n').ok_or(wrong("it does not end in a newline"))?.split('\n');
        let (Some(origin), Some(size), Some(root), None) =
            (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(wrong("it has not three lines"));
        };
        if !valid_name(origin) {
            return Err(wrong("the origin is empty or holds a space or plus"));
        }
        let number: u64 = size.parse().map_err(|_| wrong("the size is no number"))?;
        if number.to_string() != size {
            return Err(wrong("the size has a sign or leading zeros"));
        }
        let root = STANDARD.decode(root).ok().and_then(|bytes| bytes.try_into().ok());
        let root = root.ok_or(wrong("the root is not base64 of 32 bytes"))?;
        Ok(Self { origin: origin.to_owned(), size: number, root })
    }
}

/// The text that is signed.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, STANDARD.encode(self.root))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parse_is_the_inverse_of_print(size in any::<u64>(), root in any::<[u8; 32]>()) {
            let checkpoint = Checkpoint { origin: "hospital.example/3b/kiosk-03/g1".to_owned(), size, root };
            prop_assert_eq!(Checkpoint::parse(&checkpoint.to_string()), Ok(checkpoint));
        }

        #[test]
        fn any_text_is_refused_or_printed_back(text in "(?s).{0,60}|o\n[0-9+]{1,3}\n[A-Za-z0-9+/]{43}=\n") {
            if let Ok(checkpoint) = Checkpoint::parse(&text) {
                prop_assert_eq!(checkpoint.to_string(), text);
            }
        }
    }
}
