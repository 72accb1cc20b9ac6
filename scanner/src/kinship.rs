//! Whether two package codes in one picture are of one product: a package may carry its number as a GTIN and as bare NDC digits.

use rights::ident::Gtin14;
use rights::scan::{NdcDigits, PackageKey};

/// How the numbers of two packages stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kinship {
    /// One product.
    Same,
    /// Two products.
    Different,
    /// Only the drug file could tell.
    Unknown,
}

/// Compares what the numbers themselves say.
pub(crate) fn kinship(one: &PackageKey, other: &PackageKey) -> Kinship {
    match (one, other) {
        _ if one == other => Kinship::Same,
        (PackageKey::Gtin(_), PackageKey::Gtin(_)) | (PackageKey::Hibc(_), PackageKey::Hibc(_)) => {
            Kinship::Different
        }
        (PackageKey::Ndc(a), PackageKey::Ndc(b)) if a.as_str().len() == b.as_str().len() => {
            Kinship::Different
        }
        _ => match (&ten_digits(one)[..], &ten_digits(other)[..]) {
            ([], _) | (_, []) => Kinship::Unknown,
            ([a], [b]) if a == b && !holds_several(one) && !holds_several(other) => Kinship::Same,
            (a, b) if a.iter().any(|digits| b.contains(digits)) => Kinship::Unknown,
            _ => Kinship::Different,
        },
    }
}

/// A GTIN with an indicator is a level of packaging above the one that the NDC in it names.
fn holds_several(key: &PackageKey) -> bool {
    matches!(key, PackageKey::Gtin(gtin) if !gtin.as_str().starts_with('0'))
}

/// The NDCs of ten digits that a number may stand for; none when it holds no NDC, several when it does not say which.
fn ten_digits(key: &PackageKey) -> Vec<String> {
    match key {
        // An NDC in a GTIN: indicator, 03, ten digits, check digit.
        PackageKey::Gtin(gtin) => {
            let digits = gtin.as_str();
            let ndc = (digits.get(1..3) == Some("03")).then(|| digits.get(3..13)).flatten();
            ndc.map(str::to_owned).into_iter().collect()
        }
        PackageKey::Ndc(digits) => of_ndc(digits),
        PackageKey::Hibc(_) => Vec::new(),
    }
}

fn of_ndc(digits: &NdcDigits) -> Vec<String> {
    let text = digits.as_str();
    match text.len() {
        10 => vec![text.to_owned()],
        // Eleven digits are ten with a zero in front of the labeler, the product or the package (5-4-2).
        11 => {
            let zeros = [0, 5, 9].into_iter().filter(|at| text.as_bytes()[*at] == b'0');
            let mut without: Vec<String> = zeros.map(|at| [&text[..at], &text[at + 1..]].concat()).collect();
            without.dedup();
            without
        }
        // Twelve digits are those of a UPC-A: 3, ten digits, check digit.
        _ => {
            let checked = Gtin14::from_upc_or_ean(text).is_ok();
            match text.strip_prefix('3') {
                Some(rest) if checked => vec![rest[..10].to_owned()],
                _ => Vec::new(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gtin(text: &str) -> PackageKey {
        PackageKey::Gtin(Gtin14::parse(text).unwrap())
    }

    fn ndc(text: &str) -> PackageKey {
        PackageKey::Ndc(NdcDigits::parse(text).unwrap())
    }

    #[test]
    fn a_gtin_is_compared_with_the_ndc_in_it() {
        let ours = gtin("00305910369019");
        for (other, expected) in [
            (gtin("00305910369019"), Kinship::Same),
            (gtin("50305910369014"), Kinship::Different),
            (ndc("0591036901"), Kinship::Same),
            (ndc("305910369019"), Kinship::Same),
            (ndc("0591036902"), Kinship::Different),
            (ndc("00591036901"), Kinship::Unknown),
            (ndc("00591036902"), Kinship::Different),
            // No UPC-A of an NDC, and a wrong check digit.
            (ndc("405910369019"), Kinship::Unknown),
            (ndc("305910369018"), Kinship::Unknown),
        ] {
            assert_eq!(kinship(&ours, &other), expected, "{other:?}");
            assert_eq!(kinship(&other, &ours), expected, "{other:?}");
        }
        // A carton, and the box that is in it.
        assert_eq!(kinship(&gtin("50305910369014"), &ndc("0591036901")), Kinship::Unknown);
        assert_eq!(kinship(&gtin("50305910369014"), &ndc("0591036902")), Kinship::Different);
        assert_eq!(kinship(&gtin("04006381333931"), &ndc("0591036901")), Kinship::Unknown);
        assert_eq!(kinship(&ndc("0591036901"), &ndc("305910369019")), Kinship::Same);
        assert_eq!(kinship(&ndc("12345067891"), &ndc("1234567891")), Kinship::Same);
    }
}
