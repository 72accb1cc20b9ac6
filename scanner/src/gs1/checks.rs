//! The checks of values that go beyond length and character set, by the names of the GS1 syntax dictionary.

use jiff::civil::Date;
use rights::check_digit;
use rights::scan::ScanFaultKind;

use super::codes::{COUNTRIES, COUNTRY_LETTERS, CURRENCIES};
use super::dates::{Day, day_of};

/// What a check found: where in the part (from 0), what stands there and what should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) kind: ScanFaultKind,
    pub(super) at: usize,
    pub(super) length: usize,
    pub(super) expected: String,
}

/// A check by the name that the dictionary gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    LastDigit,
    LastPair,
    CompanyPrefix {
        at: usize,
    },
    HasNonDigit,
    Hour,
    Minute,
    HourMinute,
    Hyphen,
    Iban,
    ImporterIndex,
    Country,
    CountryOr999,
    CountryLetters,
    Currency,
    Sex,
    Latitude,
    Longitude,
    MediaType,
    NonZero,
    NoZeroPrefix,
    PackageType,
    PercentEncoded,
    PieceOfTotal,
    PlaceInSequence,
    Winding,
    YesNo,
    DateDay0,
    Date,
    FullDate,
    Zero,
    /// Coupons: no inner structure is checked, see the module's documentation.
    Coupon,
}

impl Check {
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "csum" => Self::LastDigit,
            "csumalpha" => Self::LastPair,
            "gcppos1" => Self::CompanyPrefix { at: 0 },
            "gcppos2" => Self::CompanyPrefix { at: 1 },
            "hasnondigit" => Self::HasNonDigit,
            "hh" => Self::Hour,
            "mi" | "ss" => Self::Minute,
            "hhmi" => Self::HourMinute,
            "hyphen" => Self::Hyphen,
            "iban" => Self::Iban,
            "importeridx" => Self::ImporterIndex,
            "iso3166" => Self::Country,
            "iso3166999" => Self::CountryOr999,
            "iso3166alpha2" => Self::CountryLetters,
            "iso4217" => Self::Currency,
            "iso5218" => Self::Sex,
            "latitude" => Self::Latitude,
            "longitude" => Self::Longitude,
            "mediatype" => Self::MediaType,
            "nonzero" => Self::NonZero,
            "nozeroprefix" => Self::NoZeroPrefix,
            "packagetype" => Self::PackageType,
            "pcenc" => Self::PercentEncoded,
            "pieceoftotal" => Self::PieceOfTotal,
            "posinseqslash" => Self::PlaceInSequence,
            "winding" => Self::Winding,
            "yesno" => Self::YesNo,
            "yymmd0" => Self::DateDay0,
            "yymmdd" => Self::Date,
            "yyyymmdd" => Self::FullDate,
            "zero" => Self::Zero,
            "couponcode" | "couponposoffer" => Self::Coupon,
            _ => return None,
        })
    }

    /// Runs the check on a part whose length and characters are right already.
    pub(super) fn run(self, part: &str, this_year: i16) -> Option<Problem> {
        let bytes = part.as_bytes();
        let number = || part.parse::<u64>().unwrap_or(u64::MAX);
        let wrong = |kind: ScanFaultKind, expected: &str| {
            Some(Problem { kind, at: 0, length: bytes.len(), expected: expected.to_owned() })
        };
        let unless = |good: bool, expected: &str| {
            if good { None } else { wrong(ScanFaultKind::Character, expected) }
        };
        match self {
            Self::LastDigit => check_digit_of(bytes),
            Self::LastPair => check_pair_of(bytes),
            Self::CompanyPrefix { at } => company_prefix(bytes, at),
            Self::HasNonDigit => {
                unless(bytes.iter().any(|b| !b.is_ascii_digit()), "a character that is no digit")
            }
            Self::Hour => unless(number() <= 23, "an hour 00 to 23"),
            Self::Minute => unless(number() <= 59, "00 to 59"),
            Self::HourMinute => {
                unless(number() <= 2_359 && number() % 100 <= 59, "a time of day 0000 to 2359")
            }
            Self::Hyphen => unless(part == "-", "a hyphen"),
            Self::Iban => unless(is_iban(bytes), "an IBAN with its check digits"),
            Self::ImporterIndex => unless(
                matches!(bytes, [b] if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')),
                "an importer index",
            ),
            Self::Country => unless(listed(COUNTRIES, part), "a country code of ISO 3166"),
            Self::CountryOr999 => {
                unless(part == "999" || listed(COUNTRIES, part), "a country code of ISO 3166, or 999")
            }
            Self::CountryLetters => unless(listed(COUNTRY_LETTERS, part), "two country letters of ISO 3166"),
            Self::Currency => unless(listed(CURRENCIES, part), "a currency code of ISO 4217"),
            Self::Sex => unless(matches!(part, "0" | "1" | "2" | "9"), "0, 1, 2 or 9 (ISO 5218)"),
            Self::Latitude => unless(number() <= 1_800_000_000, "at most 1800000000"),
            Self::Longitude => unless(number() <= 3_600_000_000, "at most 3600000000"),
            Self::MediaType => {
                unless(matches!(number(), 1..=10 | 80..=99), "a media type 01 to 10 or 80 to 99")
            }
            Self::NonZero => unless(bytes.iter().any(|b| *b != b'0'), "a number other than zero"),
            Self::NoZeroPrefix => unless(part == "0" || !part.starts_with('0'), "no leading zero"),
            Self::PackageType => unless(
                bytes.len() <= 3 && bytes.iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()),
                "a package type of 1 to 3 capitals and digits",
            ),
            Self::PercentEncoded => percent_encoded(bytes),
            Self::PieceOfTotal => {
                let (piece, total) = (number() / 100, number() % 100);
                unless(piece > 0 && total > 0 && piece <= total, "piece and total, such as 0102")
            }
            Self::PlaceInSequence => unless(
                matches!(bytes, [place @ b'1'..=b'9', b'/', total @ b'1'..=b'9'] if place <= total),
                "place and total, such as 1/2",
            ),
            Self::Winding => unless(matches!(part, "0" | "1" | "9"), "0, 1 or 9"),
            Self::YesNo => unless(matches!(part, "0" | "1"), "0 or 1"),
            Self::DateDay0 => match day_of(bytes, this_year) {
                Ok(_) => None,
                Err(_) => wrong(ScanFaultKind::Date, "a date YYMMDD, the day 00 for the end of the month"),
            },
            Self::Date => match day_of(bytes, this_year) {
                Ok(Day::Exactly(_)) => None,
                _ => wrong(ScanFaultKind::Date, "a date YYMMDD"),
            },
            Self::FullDate => {
                if is_full_date(bytes) {
                    None
                } else {
                    wrong(ScanFaultKind::Date, "a date YYYYMMDD")
                }
            }
            Self::Zero => unless(bytes.iter().all(|b| *b == b'0'), "0"),
            Self::Coupon => None,
        }
    }
}

fn listed(codes: &str, code: &str) -> bool {
    !code.is_empty() && !code.contains(' ') && codes.split(' ').any(|known| known == code)
}

/// GS1 General Specifications 7.9.1.
fn check_digit_of(bytes: &[u8]) -> Option<Problem> {
    let (last, body) = bytes.split_last()?;
    let computed = check_digit::gs1(body)?;
    (computed != *last).then(|| Problem {
        kind: ScanFaultKind::CheckDigit,
        at: body.len(),
        length: 1,
        expected: char::from(computed).to_string(),
    })
}

/// GS1 General Specifications 7.9.5: the pair of check characters of alphanumeric keys.
fn check_pair_of(bytes: &[u8]) -> Option<Problem> {
    const SET_82: &[u8] =
        b"!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
    const SET_32: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let problem = |expected: String| {
        Some(Problem {
            kind: ScanFaultKind::CheckDigit,
            at: bytes.len().saturating_sub(2),
            length: bytes.len().min(2),
            expected,
        })
    };
    let Some(split) = bytes.len().checked_sub(2) else {
        return problem("two check characters".to_owned());
    };
    let (body, pair) = bytes.split_at(split);
    let mut sum = 0_u32;
    for (byte, prime) in body.iter().rev().zip(primes()) {
        let Some(value) = SET_82.iter().position(|known| known == byte) else {
            return problem("check characters over set 82".to_owned());
        };
        sum = (sum + u32::try_from(value).unwrap_or(0) * prime) % 1_021;
    }
    // 1,021 is below 32 * 32, so both halves are below 32.
    let computed = [SET_32[(sum >> 5) as usize % 32], SET_32[(sum & 31) as usize]];
    if pair == computed { None } else { problem(String::from_utf8_lossy(&computed).into_owned()) }
}

fn primes() -> impl Iterator<Item = u32> {
    (2_u32..).filter(|number| (2..*number).take_while(|d| d * d <= *number).all(|d| number % d != 0))
}

/// A company prefix has at least four digits.
fn company_prefix(bytes: &[u8], at: usize) -> Option<Problem> {
    let prefix = bytes.get(at..at + 4).unwrap_or_default();
    let wrong = prefix.iter().position(|byte| !byte.is_ascii_digit());
    let (at, length) = match wrong {
        Some(offset) => (at + offset, 1),
        None if prefix.is_empty() => (0, bytes.len()),
        None => return None,
    };
    Some(Problem {
        kind: ScanFaultKind::Character,
        at,
        length,
        expected: "a company prefix of at least four digits".to_owned(),
    })
}

/// ISO 13616: country letters, check digits, then mod 97 over everything rotated by four.
fn is_iban(bytes: &[u8]) -> bool {
    let form = bytes.len() > 4
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2..4].iter().all(u8::is_ascii_digit)
        && bytes[4..].iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
    if !form || !listed(COUNTRY_LETTERS, &String::from_utf8_lossy(&bytes[..2])) {
        return false;
    }
    let remainder = bytes[4..].iter().chain(&bytes[..4]).fold(0_u32, |sum, byte| match byte {
        b'0'..=b'9' => (sum * 10 + u32::from(byte - b'0')) % 97,
        _ => (sum * 100 + u32::from(byte - b'A') + 10) % 97,
    });
    remainder == 1
}

fn percent_encoded(bytes: &[u8]) -> Option<Problem> {
    let wrong = bytes.iter().enumerate().position(|(at, byte)| {
        let pair = bytes.get(at + 1..at + 3);
        *byte == b'%' && !pair.is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit))
    })?;
    Some(Problem {
        kind: ScanFaultKind::Character,
        at: wrong,
        length: (bytes.len() - wrong).min(3),
        expected: "% with two hexadecimal digits".to_owned(),
    })
}

fn is_full_date(bytes: &[u8]) -> bool {
    let number = |range: std::ops::Range<usize>| {
        bytes
            .get(range)
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| digits.parse::<i16>().ok())
    };
    let (Some(year), Some(month), Some(day)) = (number(0..4), number(4..6), number(6..8)) else {
        return false;
    };
    let (Ok(month), Ok(day)) = (i8::try_from(month), i8::try_from(day)) else {
        return false;
    };
    Date::new(year, month, day).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(name: &str, part: &str) -> bool {
        Check::from_name(name).unwrap().run(part, 2026).is_none()
    }

    #[test]
    fn check_digits_are_named_with_what_was_computed() {
        let problem = Check::LastDigit.run("00305910369014", 2026).unwrap();
        assert_eq!((problem.at, problem.expected.as_str()), (13, "9"));
    }

    #[test]
    fn check_pairs_of_the_general_specifications() {
        assert!(holds("csumalpha", "1987654Ad4X4bL5ttr2310c2K"));
        assert!(holds("csumalpha", "12345678901234567890123NT"));
        assert!(!holds("csumalpha", "1987654Ad4X4bL5ttr2310c2X"));
        assert!(!holds("csumalpha", "2"));
    }

    #[test]
    fn codes_and_forms() {
        for (name, good, bad) in [
            ("iso3166", "840", "999"),
            ("iso3166999", "999", "998"),
            ("iso3166alpha2", "US", "XX"),
            ("iso4217", "978", "000"),
            ("iso5218", "9", "3"),
            ("iban", "GB82WEST12345698765432", "GB82WEST12345698765433"),
            ("latitude", "1800000000", "1800000001"),
            ("longitude", "3600000000", "3600000001"),
            ("mediatype", "80", "11"),
            ("hhmi", "2359", "2360"),
            ("pieceoftotal", "0202", "0302"),
            ("posinseqslash", "1/2", "3/2"),
            ("pcenc", "a%20b", "a%2"),
            ("winding", "9", "2"),
            ("nozeroprefix", "0", "01"),
            ("yymmd0", "270200", "270230"),
            ("yymmdd", "270228", "270200"),
            ("yyyymmdd", "20260228", "20260229"),
            ("hasnondigit", "1a", "12"),
            ("gcppos1", "1234A", "123A"),
            ("importeridx", "_", "+"),
            ("packagetype", "1A", "a"),
        ] {
            assert!(holds(name, good), "{name} {good}");
            assert!(!holds(name, bad), "{name} {bad}");
        }
    }
}
