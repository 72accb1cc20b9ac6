//! Check digits and check characters of the identifiers that are scanned at the bedside.
//!
//! - GS1 mod 10: GS1 General Specifications, section 7.9.1 (GTIN, GSRN, UPC-A, EAN-13).
//! - ISO/IEC 7064 MOD 37,36: the check character of the site's own wristbands, badges and dose labels. It finds every
//!   single substitution and every transposition of neighbours, which the GS1 digit does not.

/// The alphabet of ISO/IEC 7064 MOD 37,36: digits, then capital letters.
const ALPHANUMERIC: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// The GS1 check digit for `digits` (which do not include it yet), or `None` when one of them is no digit.
///
/// ```
/// // The first eleven digits of UPC-A 305910369019.
/// assert_eq!(rights::check_digit::gs1(b"30591036901"), Some(b'9'));
/// ```
pub fn gs1(digits: &[u8]) -> Option<u8> {
    let mut sum: u32 = 0;
    for (place, digit) in digits.iter().rev().enumerate() {
        if !digit.is_ascii_digit() {
            return None;
        }
        let weight = if place % 2 == 0 { 3 } else { 1 };
        sum += u32::from(digit - b'0') * weight;
    }
    u8::try_from((10 - sum % 10) % 10).ok().map(|value| b'0' + value)
}

/// The ISO/IEC 7064 MOD 37,36 check character for `text`, or `None` when it holds anything but digits and capitals.
///
/// ```
/// // The example of ISO/IEC 7064, section 8.
/// assert_eq!(rights::check_digit::mod_37_36(b"A12425GABC1234002"), Some(b'M'));
/// ```
pub fn mod_37_36(text: &[u8]) -> Option<u8> {
    let mut product: usize = 36;
    for character in text {
        let value = ALPHANUMERIC.iter().position(|known| known == character)?;
        let sum = (product + value) % 36;
        product = (if sum == 0 { 36 } else { sum }) * 2 % 37;
    }
    Some(ALPHANUMERIC[(37 - product) % 36])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gs1_digit_of_known_numbers() {
        assert_eq!(gs1(b"0030591036901"), Some(b'9'), "GTIN 00305910369019");
        assert_eq!(gs1(b"400638133393"), Some(b'1'), "EAN-13 4006381333931");
        assert_eq!(gs1(b"12X"), None);
    }

    #[test]
    fn mod_37_36_gives_the_character_of_the_standards_example() {
        assert_eq!(mod_37_36(b"A12425GABC1234002"), Some(b'M'), "ISO/IEC 7064, section 8");
        assert_eq!(mod_37_36(b"a"), None);
    }

    #[test]
    fn mod_37_36_finds_every_single_substitution_and_neighbour_swap() {
        let text = b"3B0001X7";
        let good = mod_37_36(text).unwrap();
        for place in 0..text.len() {
            for replacement in ALPHANUMERIC {
                let mut changed = *text;
                changed[place] = *replacement;
                assert_eq!(mod_37_36(&changed) == Some(good), changed == *text);
            }
            if place > 0 && text[place] != text[place - 1] {
                let mut swapped = *text;
                swapped.swap(place, place - 1);
                assert_ne!(mod_37_36(&swapped), Some(good));
            }
        }
    }
}
