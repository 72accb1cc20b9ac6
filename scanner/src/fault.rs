//! Shorthand for [`ScanFault`]s.

use rights::ident::IdentError;
use rights::scan::{ScanFault, ScanFaultKind};

/// A fault with what is known of it. `at` counts characters from 0; the fault counts from 1.
pub(crate) fn fault(
    kind: ScanFaultKind,
    part: &str,
    at: Option<usize>,
    found: Option<String>,
    expected: &str,
) -> ScanFault {
    ScanFault {
        kind,
        part: part.to_owned(),
        position: at.and_then(|at| u16::try_from(at + 1).ok()),
        found,
        expected: Some(expected.to_owned()),
    }
}

/// An identifier that did not parse, as a fault of the part that begins at character `start` (from 0) of the text.
pub(crate) fn of_ident(error: &IdentError, part: &str, start: usize, text: &str) -> ScanFault {
    match error {
        IdentError::Length { length, expected, .. } => {
            fault(ScanFaultKind::Length, part, Some(start), Some(format!("{length} characters")), expected)
        }
        IdentError::Character { position, .. } => {
            let found =
                text.chars().nth(position - 1).map(|character| character.escape_default().to_string());
            fault(
                ScanFaultKind::Character,
                part,
                Some(start + position - 1),
                found,
                "a character of this part",
            )
        }
        IdentError::CheckDigit { found, computed, .. } => fault(
            ScanFaultKind::CheckDigit,
            part,
            Some(start + text.chars().count().saturating_sub(1)),
            Some(found.to_string()),
            &computed.to_string(),
        ),
    }
}
