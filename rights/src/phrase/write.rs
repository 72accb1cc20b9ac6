//! Numbers, quantities and times as people read them, in any language.

use alloc::format;
use alloc::string::{String, ToString};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::Phrase;
use crate::amount::Amount;
use crate::quantity::{Quantity, Unit};

/// No-break space: a number and its unit never part at the end of a line.
const NO_BREAK: char = '\u{a0}';

/// A date that is no further away is told without its year.
const NO_YEAR_WITHIN_DAYS: u32 = 300;

/// A phrase of its three parts.
pub(super) fn phrase(
    title: impl Into<String>,
    detail: impl Into<String>,
    action: impl Into<String>,
) -> Phrase {
    Phrase { title: title.into(), detail: detail.into(), action: action.into() }
}

/// With the first letter in upper case; of a Spanish question it stands behind the mark.
pub(super) fn capital(text: &str) -> String {
    let word = text.trim_start_matches(['¿', '¡']);
    let mark = text.chars().take(text.chars().count() - word.chars().count());
    let mut letters = word.chars();
    mark.chain(letters.next().into_iter().flat_map(char::to_uppercase)).chain(letters).collect()
}

/// A span of time, in whole minutes where it is more than one of them.
pub(super) fn span(time: SignedDuration, seconds: &str, minutes: &str) -> String {
    let whole = time.as_secs();
    if whole > 60 && whole % 60 == 0 {
        format!("{}{NO_BREAK}{minutes}", whole / 60)
    } else {
        format!("{whole}{NO_BREAK}{seconds}")
    }
}

/// A whole number with separators from 1,000.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    grouped(&digits)
}

fn grouped(digits: &str) -> String {
    if digits.len() < 4 {
        return digits.into();
    }
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// An amount: exact, no trailing zeros, separators from 1,000. One whose decimals do not end is told to four digits, as about that much:
/// a fraction of two numbers is misread.
pub fn amount(amount: &Amount) -> String {
    let text = amount.to_string();
    match text.split_once('.') {
        _ if text.starts_with('-') => text,
        _ if text.contains('/') => about(amount).unwrap_or(text),
        Some((whole, decimals)) => format!("{}.{decimals}", grouped(whole)),
        None => grouped(&text),
    }
}

fn about(endless: &Amount) -> Option<String> {
    let mut step = Amount::whole(1);
    let thousand = Amount::whole(1000);
    while endless.over(step)? < thousand {
        step = step.over(Amount::whole(10))?;
    }
    Some(format!("≈{NO_BREAK}{}", amount(&endless.nearest(step)?)))
}

/// A quantity in the unit that avoids decimals where there is one: 100 mcg rather than 0.1 mg.
pub(super) fn quantity(quantity: &Quantity, unit: fn(Unit, bool) -> &'static str) -> String {
    let shown = without_decimals(quantity);
    let one = shown.amount == Amount::ONE;
    format!("{}{NO_BREAK}{}", amount(&shown.amount), unit(shown.unit, one))
}

fn without_decimals(quantity: &Quantity) -> Quantity {
    let smaller = match quantity.unit {
        Unit::Milligram if quantity.amount < Amount::ONE => Unit::Microgram,
        Unit::Gram if quantity.amount < Amount::ONE => Unit::Milligram,
        _ => return *quantity,
    };
    match quantity.in_unit(smaller) {
        Some(amount) if amount.parts().1 == 1 => Quantity::new(amount, smaller),
        _ => *quantity,
    }
}

pub(super) fn date(date: Date, month: fn(i8) -> &'static str) -> String {
    format!("{} {} {}", date.day(), month(date.month()), date.year())
}

pub(super) fn time(
    at: Timestamp,
    zone: &TimeZone,
    today: Date,
    month: fn(i8) -> &'static str,
    second: &str,
) -> String {
    let local = zone.to_datetime(at);
    let clock = format!("{:02}:{:02}{}", local.hour(), local.minute(), repeated(at, zone, second));
    let day = local.date();
    if day == today {
        return clock;
    }
    // Twelve months ago reads as last week without its year.
    let far = today.until(day).is_ok_and(|away| away.get_days().unsigned_abs() > NO_YEAR_WITHIN_DAYS);
    let day = if far { date(day, month) } else { format!("{} {}", day.day(), month(day.month())) };
    format!("{day}, {clock}")
}

/// The zone's abbreviation, and "(2nd)" in the language the second time, when the wall time exists twice.
fn repeated(at: Timestamp, zone: &TimeZone, second: &str) -> String {
    let ambiguous = zone.to_ambiguous_timestamp(zone.to_datetime(at));
    if !matches!(ambiguous.offset(), jiff::tz::AmbiguousOffset::Fold { .. }) {
        return String::new();
    }
    let info = zone.to_offset_info(at);
    if ambiguous.later().is_ok_and(|later| later == at) {
        format!(" {} ({second})", info.abbreviation())
    } else {
        format!(" {}", info.abbreviation())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phrase::english;

    fn shown(text: &str) -> String {
        quantity(&Quantity::parse(text).unwrap(), english::unit).replace(NO_BREAK, " ")
    }

    #[test]
    fn doses_are_written_as_ismp_asks() {
        assert_eq!(shown("0.1 mg"), "100 mcg");
        assert_eq!(shown("2.50 mL"), "2.5 mL");
        assert_eq!(shown("5000 [iU]"), "5,000 units");
        assert_eq!(shown("1 {tablet}"), "1 tablet");
        assert_eq!(shown("0.5 {tablet}"), "0.5 tablets");
        assert_eq!(shown("0.5 g"), "500 mg");
        assert_eq!(shown("10000 [USP'U]"), "10,000 units");
        assert_eq!(shown("12.5 mg"), "12.5 mg");
    }

    #[test]
    fn decimals_that_do_not_end_are_told_as_about_so_much() {
        let told = |n, d| amount(&Amount::fraction(n, d).unwrap()).replace(NO_BREAK, " ");
        assert_eq!([told(20, 7), told(10_000, 3), told(1, 300)], ["≈ 2.857", "≈ 3,333", "≈ 0.003333"]);
        assert_eq!(told(81_250, 8000), "10.15625", "exact as long as it ends");
    }

    /// Scenario 20: the repeated hour is told apart.
    #[test]
    fn the_repeated_hour_says_which_one_it_is() {
        let zone = TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").unwrap();
        let day = jiff::civil::date(2026, 11, 1);
        let told = |text: &str| time(text.parse().unwrap(), &zone, day, english::month, "2nd");
        assert_eq!(told("2026-11-01T05:40:00Z"), "01:40 EDT");
        assert_eq!(told("2026-11-01T06:40:00Z"), "01:40 EST (2nd)");
        assert_eq!(told("2026-11-01T14:05:00Z"), "09:05");
        assert_eq!(told("2026-10-31T14:05:00Z"), "31 Oct, 10:05");
    }

    #[test]
    fn a_date_that_is_far_away_has_its_year() {
        let (zone, day) = (TimeZone::UTC, jiff::civil::date(2027, 1, 2));
        let told = |text: &str| time(text.parse().unwrap(), &zone, day, english::month, "2nd");
        assert_eq!(told("2026-12-31T08:00:00Z"), "31 Dec, 08:00", "another year, and no doubt which");
        assert_eq!(told("2026-03-08T08:00:00Z"), "8 Mar, 08:00");
        assert_eq!(told("2026-03-07T08:00:00Z"), "7 Mar 2026, 08:00");
        assert_eq!(told("2026-01-03T08:00:00Z"), "3 Jan 2026, 08:00", "not tomorrow's, and not last week's");
        assert_eq!(told("2027-10-30T08:00:00Z"), "30 Oct 2027, 08:00");
    }
}
