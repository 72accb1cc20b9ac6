//! GS1 dates: two digits of the year, the month, and a day that may be 00 (GS1 General Specifications, sections 3.4 and 7.12).

use jiff::civil::{Date, Time, date, time};

/// Why six digits are no date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateError {
    /// Not six digits.
    Digits,
    /// No month 01 to 12.
    Month,
    /// No such day in this month, or day 00 where a day must stand.
    Day,
}

/// A GS1 date: a day, or day 00, which means the last day of its month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day {
    /// This day.
    Exactly(Date),
    /// Day 00: the date is the last day of the month.
    EndOfMonth(Date),
}

/// The date of `YYMMDD`, the century chosen as section 7.12 says: the year lies at most 49 years after and 50 years before
/// `this_year`.
///
/// # Errors
/// When it is no date.
pub fn day_of(digits: &[u8], this_year: i16) -> Result<Day, DateError> {
    let &[y1, y2, m1, m2, d1, d2] = digits else {
        return Err(DateError::Digits);
    };
    let two = |tens: u8, ones: u8| -> Result<i8, DateError> {
        if tens.is_ascii_digit() && ones.is_ascii_digit() {
            i8::try_from((tens - b'0') * 10 + (ones - b'0')).map_err(|_| DateError::Digits)
        } else {
            Err(DateError::Digits)
        }
    };
    let (year, month, day) = (two(y1, y2)?, two(m1, m2)?, two(d1, d2)?);
    let year = full_year(year, this_year);
    if !(1..=12).contains(&month) {
        return Err(DateError::Month);
    }
    if day == 0 {
        return Ok(Day::EndOfMonth(date(year, month, 1).last_of_month()));
    }
    Date::new(year, month, day).map(Day::Exactly).map_err(|_| DateError::Day)
}

pub(crate) fn full_year(two_digits: i8, this_year: i16) -> i16 {
    // The standard counts in centuries; years outside of 1950 to 8000 would be a broken clock, and must not overflow.
    let this_year = this_year.clamp(1950, 8000);
    let century = this_year / 100 * 100;
    let difference = i16::from(two_digits) - this_year % 100;
    match difference {
        51.. => century - 100 + i16::from(two_digits),
        ..=-50 => century + 100 + i16::from(two_digits),
        _ => century + i16::from(two_digits),
    }
}

/// The date and time of `YYMMDDHHMM`, AI (7003).
///
/// # Errors
/// When it is no date with a day, or no time of day.
pub fn date_time(digits: &[u8], this_year: i16) -> Result<(Date, Time), DateError> {
    if digits.len() != 10 || !digits.iter().all(u8::is_ascii_digit) {
        return Err(DateError::Digits);
    }
    let (day, clock) = digits.split_at(6);
    let Day::Exactly(day) = day_of(day, this_year)? else {
        return Err(DateError::Day);
    };
    let two = |at: usize| i8::try_from((clock[at] - b'0') * 10 + (clock[at + 1] - b'0')).unwrap_or(i8::MAX);
    match (two(0), two(2)) {
        (hour @ 0..=23, minute @ 0..=59) => Ok((day, time(hour, minute, 0, 0))),
        _ => Err(DateError::Digits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_00_is_the_last_day_of_the_month() {
        assert_eq!(day_of(b"280200", 2026), Ok(Day::EndOfMonth(date(2028, 2, 29))));
        assert_eq!(day_of(b"270200", 2026), Ok(Day::EndOfMonth(date(2027, 2, 28))));
        assert_eq!(day_of(b"271231", 2026), Ok(Day::Exactly(date(2027, 12, 31))));
    }

    #[test]
    fn dates_that_do_not_exist_are_refused() {
        assert_eq!(day_of(b"270229", 2026), Err(DateError::Day));
        assert_eq!(day_of(b"271301", 2026), Err(DateError::Month));
        assert_eq!(day_of(b"2713", 2026), Err(DateError::Digits));
        assert_eq!(day_of(b"27A301", 2026), Err(DateError::Digits));
        assert_eq!(date_time(b"2701002359", 2026), Err(DateError::Day));
        assert_eq!(date_time(b"2701012460", 2026), Err(DateError::Digits));
        assert_eq!(date_time(b"2701012359", 2026), Ok((date(2027, 1, 1), time(23, 59, 0, 0))));
    }

    #[test]
    fn the_century_moves_with_the_year_of_reading() {
        assert_eq!(full_year(76, 2026), 2076);
        assert_eq!(full_year(77, 2026), 2077 - 100);
        assert_eq!(full_year(24, 2074), 2124);
        assert_eq!(full_year(99, 2051), 2099);
        assert_eq!(full_year(0, 1951), 2000);
    }
}
