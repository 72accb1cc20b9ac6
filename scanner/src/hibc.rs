//! HIBC supplier labels (ANSI/HIBC 2.6): primary data, secondary data joined to it with `/`, and the mod 43 check character.
//!
//! A secondary symbol of its own, without primary data, names no product: it is a fault here, never half a package.

use jiff::civil::{Date, date, time};
use rights::ident::{Lot, Serial};
use rights::scan::{HibcPrimary, PackageCode, PackageKey, PrintedExpiry, ScanFault, ScanFaultKind};

use crate::fault::{fault, of_ident};
use crate::gs1::full_year;

/// The characters in the order of their values, as in Code 39 (ANSI/HIBC 2.6, appendix B).
const ALPHABET: &[u8; 43] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%";

/// The check character over `text` (with its `+`, without the check character), or `None` for a character outside the set.
///
/// ```
/// assert_eq!(scanner::hibc::check_character("+A123BJC5D6E71"), Some('G'));
/// ```
pub fn check_character(text: &str) -> Option<char> {
    let mut sum = 0;
    for byte in text.bytes() {
        sum += ALPHABET.iter().position(|known| *known == byte)?;
    }
    Some(char::from(ALPHABET[sum % ALPHABET.len()]))
}

/// What a HIBC text says.
///
/// # Errors
/// With every fault found: check character, characters, primary and secondary data.
pub fn parse(text: &str, this_year: i16) -> Result<PackageCode, Vec<ScanFault>> {
    let body = checked_body(text).map_err(|fault| vec![fault])?;
    let mut faults = Vec::new();
    let mut sections = body.split('/');
    let primary = sections.next().unwrap_or_default();
    let key = HibcPrimary::parse(primary).map_err(|error| of_ident(&error, "HIBC primary", 1, primary));
    let mut secondary = Secondary { this_year, expiry: None, lot: None, serial: None };
    let mut at = 1 + primary.len();
    for section in sections {
        if let Err(fault) = secondary.read(section, at + 1) {
            faults.push(fault);
        }
        at += 1 + section.len();
    }
    match key {
        Ok(key) if faults.is_empty() => Ok(PackageCode {
            key: PackageKey::Hibc(key),
            expiry: secondary.expiry,
            lot: secondary.lot,
            serial: secondary.serial,
        }),
        Ok(_) => Err(faults),
        Err(fault) => {
            faults.insert(0, fault);
            Err(faults)
        }
    }
}

/// The text between `+` and the check character, once that character holds.
fn checked_body(text: &str) -> Result<&str, ScanFault> {
    if let Some(at) = text.chars().position(|c| !u8::try_from(c).is_ok_and(|byte| ALPHABET.contains(&byte))) {
        let found = text.chars().nth(at).map(|c| c.escape_default().to_string());
        return Err(fault(ScanFaultKind::Character, "HIBC", Some(at), found, "a character of Code 39"));
    }
    let length = text.len();
    let Some((head, check)) = text.split_at_checked(length.saturating_sub(1)).filter(|_| length >= 8) else {
        let found = Some(format!("{length} characters"));
        return Err(fault(ScanFaultKind::Length, "HIBC", None, found, "at least 8 characters"));
    };
    let Some(body) = head.strip_prefix('+') else {
        return Err(fault(ScanFaultKind::NotRecognised, "HIBC", Some(0), None, "+ in front"));
    };
    match check_character(head) {
        Some(computed) if check.starts_with(computed) => Ok(body),
        computed => {
            let expected = computed.map(String::from).unwrap_or_default();
            Err(fault(ScanFaultKind::CheckDigit, "HIBC", Some(length - 1), Some(check.to_owned()), &expected))
        }
    }
}

struct Secondary {
    this_year: i16,
    expiry: Option<PrintedExpiry>,
    lot: Option<Lot>,
    serial: Option<Serial>,
}

impl Secondary {
    /// One section after a `/`; `at` is where it begins in the text.
    fn read(&mut self, section: &str, at: usize) -> Result<(), ScanFault> {
        if let Some(rest) = section.strip_prefix("$$+") {
            let rest = self.dated(rest, at + 3)?;
            self.set_serial(rest, at)
        } else if let Some(rest) = section.strip_prefix("$$") {
            let rest = after_quantity(rest, at + 2)?;
            let rest = self.dated(rest, at + 2)?;
            self.set_lot(rest, at)
        } else if let Some(rest) = section.strip_prefix("$+") {
            self.set_serial(rest, at)
        } else if let Some(rest) = section.strip_prefix('$') {
            self.set_lot(rest, at)
        } else if let Some(rest) = section.strip_prefix("14D") {
            let day = long_date(rest, at + 3)?;
            self.set_expiry(PrintedExpiry::Day(day), at)
        } else if let Some(rest) = section.strip_prefix("16D") {
            // The day of manufacture is checked, and no right depends on it.
            long_date(rest, at + 3).map(drop)
        } else if let Some(rest) = section.strip_prefix('S') {
            self.set_serial(rest, at + 1)
        } else if let Some(rest) = section.strip_prefix('Q') {
            digits(rest, 1..=5, at + 1).map(drop)
        } else if section.as_bytes().first().is_some_and(u8::is_ascii_digit) {
            let (day, lot) = split(section, 5, at)?;
            let day = self.day_of_year(day, at)?;
            self.set_expiry(PrintedExpiry::Day(day), at)?;
            self.set_lot(lot, at + 5)
        } else {
            let found = Some(section.chars().take(3).collect());
            Err(fault(
                ScanFaultKind::UnknownIdentifier,
                "HIBC secondary",
                Some(at),
                found,
                "$, $$, $+, S, Q, 14D or 16D",
            ))
        }
    }

    /// The date in front of a lot or serial number, by its flag (ANSI/HIBC 2.6, table 2).
    fn dated<'a>(&mut self, text: &'a str, at: usize) -> Result<&'a str, ScanFault> {
        let wrong = || date_fault(text, at);
        let number = |text: &str| digits(text, 1..=8, at);
        let two = |text: &str| number(text).and_then(|n| i8::try_from(n).map_err(|_| wrong()));
        let (date_text, rest, expiry) = match text.as_bytes().first() {
            None => return Ok(text),
            Some(b'0' | b'1') => {
                let (text, rest) = split(text, 4, at)?;
                let (month, year) = (two(&text[..2])?, two(&text[2..])?);
                let first = Date::new(full_year(year, self.this_year), month, 1).map_err(|_| wrong())?;
                (text, rest, Some(PrintedExpiry::EndOfMonth(first.last_of_month())))
            }
            Some(b'2') => {
                let (text, rest) = split(&text[1..], 6, at + 1)?;
                let (month, day, year) = (two(&text[..2])?, two(&text[2..4])?, two(&text[4..])?);
                let day = Date::new(full_year(year, self.this_year), month, day).map_err(|_| wrong())?;
                (text, rest, Some(PrintedExpiry::Day(day)))
            }
            Some(flag @ (b'3' | b'4')) => {
                let length = if *flag == b'3' { 6 } else { 8 };
                let (text, rest) = split(&text[1..], length, at + 1)?;
                let (year, month, day) = (two(&text[..2])?, two(&text[2..4])?, two(&text[4..6])?);
                let day = Date::new(full_year(year, self.this_year), month, day).map_err(|_| wrong())?;
                (text, rest, Some(until(day, &text[6..], at)?))
            }
            Some(flag @ (b'5' | b'6')) => {
                let length = if *flag == b'5' { 5 } else { 7 };
                let (text, rest) = split(&text[1..], length, at + 1)?;
                let day = self.day_of_year(&text[..5], at + 1)?;
                (text, rest, Some(until(day, &text[5..], at)?))
            }
            Some(b'7') => ("", &text[1..], None),
            Some(_) => return Err(wrong()),
        };
        if !date_text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong());
        }
        if let Some(expiry) = expiry {
            self.set_expiry(expiry, at)?;
        }
        Ok(rest)
    }

    fn day_of_year(&self, text: &str, at: usize) -> Result<Date, ScanFault> {
        let wrong = || date_fault(text, at);
        digits(text, 5..=5, at)?;
        let year = text[..2].parse::<i8>().map_err(|_| wrong())?;
        let day = text[2..].parse::<i16>().map_err(|_| wrong())?;
        let first = date(full_year(year, self.this_year), 1, 1);
        if day < 1 || day > first.days_in_year() {
            return Err(wrong());
        }
        first.with().day_of_year(day).build().map_err(|_| wrong())
    }

    /// One package expires once: a date that is said again may be there, another one may not. Of a day and a time on it the time
    /// counts.
    fn set_expiry(&mut self, expiry: PrintedExpiry, at: usize) -> Result<(), ScanFault> {
        self.expiry = match self.expiry {
            Some(known) if !known.agrees_with(expiry) => {
                return Err(fault(ScanFaultKind::Repeated, "HIBC expiry", Some(at), None, "one expiry"));
            }
            Some(known @ PrintedExpiry::Minute(..)) => Some(known),
            _ => Some(expiry),
        };
        Ok(())
    }

    fn set_lot(&mut self, text: &str, at: usize) -> Result<(), ScanFault> {
        if text.is_empty() {
            return Ok(());
        }
        if self.lot.is_some() {
            return Err(fault(ScanFaultKind::Repeated, "HIBC lot", Some(at), None, "one lot"));
        }
        self.lot = Some(Lot::parse(text).map_err(|error| of_ident(&error, "HIBC lot", at, text))?);
        Ok(())
    }

    fn set_serial(&mut self, text: &str, at: usize) -> Result<(), ScanFault> {
        if self.serial.is_some() {
            return Err(fault(ScanFaultKind::Repeated, "HIBC serial", Some(at), None, "one serial number"));
        }
        self.serial = Some(Serial::parse(text).map_err(|error| of_ident(&error, "HIBC serial", at, text))?);
        Ok(())
    }
}

/// What follows `8qq` or `9qqqqq` in front of a date: a quantity, passed over.
fn after_quantity(text: &str, at: usize) -> Result<&str, ScanFault> {
    let length = match text.as_bytes().first() {
        Some(b'8') => 2,
        Some(b'9') => 5,
        _ => return Ok(text),
    };
    let (quantity, rest) = split(&text[1..], length, at)?;
    digits(quantity, length..=length, at + 1)?;
    Ok(rest)
}

/// A day, with the hour of it when two digits are given.
fn until(day: Date, hour: &str, at: usize) -> Result<PrintedExpiry, ScanFault> {
    if hour.is_empty() {
        return Ok(PrintedExpiry::Day(day));
    }
    match hour.parse::<i8>() {
        Ok(hour @ 0..=23) => Ok(PrintedExpiry::Minute(day, time(hour, 0, 0, 0))),
        _ => Err(date_fault(hour, at)),
    }
}

/// A date as YYYYMMDD.
fn long_date(text: &str, at: usize) -> Result<Date, ScanFault> {
    let wrong = || date_fault(text, at);
    digits(text, 8..=8, at)?;
    let number = |range: std::ops::Range<usize>| text[range].parse::<i16>().map_err(|_| wrong());
    let (month, day) = (number(4..6)?, number(6..8)?);
    let small = |n: i16| i8::try_from(n).map_err(|_| wrong());
    Date::new(number(0..4)?, small(month)?, small(day)?).map_err(|_| wrong())
}

fn split(text: &str, length: usize, at: usize) -> Result<(&str, &str), ScanFault> {
    text.split_at_checked(length).ok_or_else(|| {
        let found = Some(format!("{} characters", text.len()));
        fault(
            ScanFaultKind::Length,
            "HIBC secondary",
            Some(at),
            found,
            &format!("at least {length} characters"),
        )
    })
}

fn digits(text: &str, length: std::ops::RangeInclusive<usize>, at: usize) -> Result<u32, ScanFault> {
    if length.contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && let Ok(number) = text.parse()
    {
        return Ok(number);
    }
    Err(fault(ScanFaultKind::Character, "HIBC secondary", Some(at), Some(text.to_owned()), "digits"))
}

fn date_fault(text: &str, at: usize) -> ScanFault {
    let found = Some(text.chars().take(8).collect());
    fault(ScanFaultKind::Date, "HIBC secondary", Some(at), found, "a date that exists")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_check(text: &str) -> String {
        format!("{text}{}", check_character(text).unwrap())
    }

    #[test]
    fn the_example_of_the_standard() {
        let code = parse("+A123BJC5D6E71G", 2026).unwrap();
        assert_eq!(code.key, PackageKey::Hibc(HibcPrimary::parse("A123BJC5D6E71").unwrap()));
        assert_eq!(code.lot, None);
    }

    #[test]
    fn a_wrong_check_character_names_both() {
        let faults = parse("+A123BJC5D6E71H", 2026).unwrap_err();
        assert_eq!((faults[0].kind, faults[0].position), (ScanFaultKind::CheckDigit, Some(15)));
        assert_eq!((faults[0].found.as_deref(), faults[0].expected.as_deref()), (Some("H"), Some("G")));
    }

    #[test]
    fn secondary_data_in_every_form_of_date() {
        let day = |y, m, d| Some(PrintedExpiry::Day(date(y, m, d)));
        for (secondary, expiry, lot, serial) in [
            ("$$52800110X3", day(2028, 1, 1), Some("10X3"), None),
            ("$$0228LOT", Some(PrintedExpiry::EndOfMonth(date(2028, 2, 29))), Some("LOT"), None),
            ("$$2022928LOT", day(2028, 2, 29), Some("LOT"), None),
            ("$$3280229LOT", day(2028, 2, 29), Some("LOT"), None),
            (
                "$$428022923LOT",
                Some(PrintedExpiry::Minute(date(2028, 2, 29), time(23, 0, 0, 0))),
                Some("LOT"),
                None,
            ),
            (
                "$$62836612LOT",
                Some(PrintedExpiry::Minute(date(2028, 12, 31), time(12, 0, 0, 0))),
                Some("LOT"),
                None,
            ),
            ("$$7LOT", None, Some("LOT"), None),
            ("$$8253280229LOT", day(2028, 2, 29), Some("LOT"), None),
            ("28060LOT", day(2028, 2, 29), Some("LOT"), None),
            ("$LOT", None, Some("LOT"), None),
            ("$+SN7", None, None, Some("SN7")),
            ("$$+3280229SN7", day(2028, 2, 29), None, Some("SN7")),
            ("$$3280229LOT/16D20260101/SSN7", day(2028, 2, 29), Some("LOT"), Some("SN7")),
            ("14D20280229", day(2028, 2, 29), None, None),
        ] {
            let text = with_check(&format!("+A123BJC5D6E71/{secondary}"));
            let code = parse(&text, 2026).unwrap_or_else(|faults| panic!("{secondary}: {faults:?}"));
            assert_eq!(code.expiry, expiry, "{secondary}");
            assert_eq!(code.lot.as_ref().map(Lot::as_str), lot, "{secondary}");
            assert_eq!(code.serial.as_ref().map(Serial::as_str), serial, "{secondary}");
        }
    }

    #[test]
    fn two_dates_are_one_only_when_they_agree() {
        let read = |secondary: &str| parse(&with_check(&format!("+A123BJC5D6E71/{secondary}")), 2026);
        let day = |y, m, d| Some(PrintedExpiry::Day(date(y, m, d)));
        // No date beside a date takes nothing away.
        assert_eq!(read("14D20250101/$$7LOTQ").unwrap().expiry, day(2025, 1, 1));
        assert_eq!(read("14D20250101/$$").unwrap().expiry, day(2025, 1, 1));
        assert_eq!(read("$$3250101LOT/14D20250101").unwrap().expiry, day(2025, 1, 1), "said twice");
        // The end of a month is a day, and a time on a day is earlier than its end.
        assert_eq!(read("$$0128LOT/14D20280131").unwrap().expiry, day(2028, 1, 31));
        let noon = Some(PrintedExpiry::Minute(date(2028, 1, 31), time(12, 0, 0, 0)));
        for both in ["$$428013112LOT/14D20280131", "14D20280131/$$428013112LOT"] {
            assert_eq!(read(both).unwrap().expiry, noon, "{both}");
        }
        let others = [
            "$$3250101LOT/14D20281231",
            "14D20281231/25001LOT",
            "$$0128LOT/14D20280130",
            "$$428013112LOT/$$+428013113SN",
        ];
        for other in others {
            assert_eq!(read(other).unwrap_err()[0].kind, ScanFaultKind::Repeated, "{other}");
        }
    }

    #[test]
    fn what_is_wrong_is_refused() {
        for secondary in
            ["$$3280230LOT", "$$52836710X3", "$$1328LOT", "$$3AB0230", "$$328", "!", "", "X9", "$A/$B"]
        {
            let text = with_check(&format!("+A123BJC5D6E71/{secondary}").replace('!', "%"));
            assert!(parse(&text, 2026).is_err(), "{secondary}");
        }
        for text in
            ["", "+", "+A123", "A123BJC5D6E71G", "+a123BJC5D6E71G", &with_check("+$$3280229LOT"), "+é"]
        {
            assert!(parse(text, 2026).is_err(), "{text}");
        }
    }
}
