//! Bare NDC digits in a linear symbol: 10, 11 or 12 of them, taken as they stand (21 CFR 201.25).
//!
//! Ten digits do not say where labeler, product and package end; only the drug file knows, so nothing is inserted here.

use rights::scan::{NdcDigits, PackageCode, PackageKey, ScanFault};

use crate::fault::of_ident;
use crate::hibc;

/// Whether the text has the form of a bare NDC.
pub fn looks_like(text: &str) -> bool {
    (10..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The package with these NDC digits.
///
/// # Errors
/// When they are not 10, 11 or 12 digits.
pub fn parse(text: &str) -> Result<PackageCode, ScanFault> {
    let digits = NdcDigits::parse(text).map_err(|error| of_ident(&error, "NDC", 0, text))?;
    Ok(PackageCode { key: PackageKey::Ndc(digits), expiry: None, lot: None, serial: None })
}

/// Whether the last digit may be the check character of a Code 39 (modulo 43, ISO/IEC 16388, annex A) behind an NDC that is shorter by
/// it: `68084089011` is 6808408901 and its check character, or another product.
pub fn may_end_with_check_character(text: &str) -> bool {
    let Some((head, last)) = text.split_at_checked(text.len().saturating_sub(1)) else { return false };
    looks_like(head) && hibc::check_character(head).is_some_and(|check| last.starts_with(check))
}

/// The digits again: the inverse of [`parse`].
pub fn print(digits: &NdcDigits) -> String {
    digits.as_str().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_eleven_or_twelve_digits_and_nothing_else() {
        for good in ["0591036901", "00591036901", "305910369019"] {
            let PackageKey::Ndc(digits) = parse(good).unwrap().key else { panic!("{good}") };
            assert_eq!(print(&digits), good);
        }
        assert!(may_end_with_check_character("68084089011") && !may_end_with_check_character("68084089012"));
        assert!(!may_end_with_check_character("0591036901"), "nine digits are no NDC");
        for bad in ["059103690", "0591-0369-01", "3059103690190", "059103690A"] {
            assert!(parse(bad).is_err() && !looks_like(bad), "{bad}");
        }
    }
}
