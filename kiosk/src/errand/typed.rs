//! What is typed into an errand, as a value.

use jiff::civil::{Date, Time};
use jiff::{Timestamp, Zoned};
use rights::amount::Amount;

/// A typed number; a point at its end is one that nobody went on with.
pub fn amount(typed: &str) -> Option<Amount> {
    Amount::parse(typed.trim_end_matches('.')).ok()
}

/// A date typed as year, month, day: `19510314`.
pub fn date(typed: &str) -> Option<Date> {
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    if digits.len() != 8 {
        return None;
    }
    let (year, rest) = digits.split_at(4);
    let (month, day) = rest.split_at(2);
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// The last time before now when the clock showed this: `0815`.
pub fn time_before(typed: &str, now: &Zoned) -> Option<Timestamp> {
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    if digits.len() != 4 {
        return None;
    }
    let (hour, minute) = digits.split_at(2);
    let time = Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()?;
    let today = now.date().to_datetime(time).to_zoned(now.time_zone().clone()).ok()?;
    let then = if today > *now { today.yesterday().ok()? } else { today };
    Some(then.timestamp())
}

/// A time of day while it is typed: `08:1`.
pub fn time_so_far(typed: &str) -> String {
    let digits: String = typed.chars().filter(char::is_ascii_digit).take(4).collect();
    if digits.len() < 2 { digits } else { format!("{}:{}", &digits[..2], &digits[2..]) }
}

/// A date while it is typed: `1951-03-`.
pub fn date_so_far(typed: &str) -> String {
    let mut out = String::new();
    for (at, digit) in typed.chars().filter(char::is_ascii_digit).take(8).enumerate() {
        out.push(digit);
        if at == 3 || at == 5 {
            out.push('-');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s3_a_time_of_day_is_the_last_one_before_now() {
        let now: Zoned = "2026-11-30T09:10[America/New_York]".parse().unwrap();
        let at = |typed: &str| time_before(typed, &now).map(|at| at.to_string());
        assert_eq!(at("0815").as_deref(), Some("2026-11-30T13:15:00Z"));
        assert_eq!(at("0910").as_deref(), Some("2026-11-30T14:10:00Z"));
        assert_eq!(at("2330").as_deref(), Some("2026-11-30T04:30:00Z"), "yesterday evening");
        assert_eq!([at("2460"), at("815"), at("")], [None, None, None]);
        assert_eq!(["0", "08", "081", "0815"].map(time_so_far), ["0", "08:", "08:1", "08:15"]);
    }

    #[test]
    fn a_date_is_shown_as_it_is_typed() {
        let shown: Vec<String> =
            ["", "195", "1951", "195103", "19510314", "195103149"].map(date_so_far).to_vec();
        assert_eq!(shown, ["", "195", "1951-", "1951-03-", "1951-03-14", "1951-03-14"]);
    }
}
