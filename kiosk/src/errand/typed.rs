//! What is typed into an errand, as a value.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, Zoned};
use rights::amount::Amount;
use rights::entered::MOST_PAIN;

/// A typed number; a point at its end is one that nobody went on with.
pub fn amount(typed: &str) -> Option<Amount> {
    Amount::parse(typed.trim_end_matches('.')).ok()
}

/// How many digits a date has.
pub const DATE_DIGITS: usize = 8;
/// How many digits a time of day has.
pub const TIME_DIGITS: usize = 4;

/// A date typed as year, month, day: `19510314`.
pub fn date(typed: &str) -> Option<Date> {
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    if digits.len() != DATE_DIGITS {
        return None;
    }
    let (year, rest) = digits.split_at(4);
    let (month, day) = rest.split_at(2);
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// Why a typed answer is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It cannot be meant, such as a thirteenth month.
    NotPossible,
    /// The time is still to come.
    StillToCome,
}

/// A pain score; eleven is none, however well it reads as a number.
pub(super) fn pain(typed: &str) -> Option<u8> {
    typed.parse().ok().filter(|score| *score <= MOST_PAIN)
}

/// A watch may be so far ahead of this clock, and a nurse may say so much too early when the dose will have been given.
const AHEAD: SignedDuration = SignedDuration::from_hours(2);

/// When the clock last showed this: `0815`. A time that comes soon is one that is still to come, and must not become yesterday's.
///
/// # Errors
/// When it is no time, when it comes within two hours, or was left out where the clocks were set forward.
pub fn time_before(typed: &str, now: &Zoned) -> Result<Timestamp, Wrong> {
    let time = time_of_day(typed).ok_or(Wrong::NotPossible)?;
    let today = now.date();
    let days = [today.yesterday(), Ok(today), today.tomorrow()];
    let shown = days.into_iter().flatten().flat_map(|day| instants(day.to_datetime(time), now.time_zone()));
    // Those that come soon and all that were: the nearest. Of two that are as near as each other the one that has been.
    let away = |at: &Timestamp| (at.duration_since(now.timestamp()).abs(), *at > now.timestamp());
    let meant = shown.filter(|(at, _)| at.duration_since(now.timestamp()) <= AHEAD);
    match meant.min_by_key(|(at, _)| away(at)) {
        Some((at, true)) if at <= now.timestamp() => Ok(at),
        Some((_, true)) => Err(Wrong::StillToCome),
        Some((_, false)) | None => Err(Wrong::NotPossible),
    }
}

fn time_of_day(typed: &str) -> Option<Time> {
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    if digits.len() != TIME_DIGITS {
        return None;
    }
    let (hour, minute) = digits.split_at(2);
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

/// The instants at which the clock shows this: two in the hour that is repeated. In the hour that is left out none, said with where it
/// would have been.
fn instants(shown: DateTime, zone: &TimeZone) -> Vec<(Timestamp, bool)> {
    let either = zone.to_ambiguous_timestamp(shown);
    let exists = !matches!(either.offset(), AmbiguousOffset::Gap { .. });
    let mut all: Vec<Timestamp> = [either.earlier(), either.later()].into_iter().flatten().collect();
    all.dedup();
    all.into_iter().map(|at| (at, exists)).collect()
}

/// A time of day while it is typed: `08:1`.
pub fn time_so_far(typed: &str) -> String {
    let digits: String = typed.chars().filter(char::is_ascii_digit).take(TIME_DIGITS).collect();
    if digits.len() < 2 { digits } else { format!("{}:{}", &digits[..2], &digits[2..]) }
}

/// A date while it is typed: `1951-03-`.
pub fn date_so_far(typed: &str) -> String {
    let mut out = String::new();
    for (at, digit) in typed.chars().filter(char::is_ascii_digit).take(DATE_DIGITS).enumerate() {
        out.push(digit);
        if at == 3 || at == 5 {
            out.push('-');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn before(typed: &str, now: &str) -> Result<String, Wrong> {
        time_before(typed, &now.parse().unwrap()).map(|at| at.to_string())
    }

    #[test]
    fn s3_a_time_of_day_is_the_last_one_and_not_still_to_come() {
        let now = "2026-11-30T09:10[America/New_York]";
        let at = |typed: &str| before(typed, now);
        assert_eq!(at("0815").as_deref(), Ok("2026-11-30T13:15:00Z"));
        assert_eq!(at("0910").as_deref(), Ok("2026-11-30T14:10:00Z"));
        assert_eq!(at("2330").as_deref(), Ok("2026-11-30T04:30:00Z"), "yesterday evening");
        assert_eq!(at("0911"), Err(Wrong::StillToCome), "not yesterday's");
        assert_eq!(at("1110"), Err(Wrong::StillToCome));
        assert_eq!(at("1111").as_deref(), Ok("2026-11-29T16:11:00Z"), "22 hours ago, after a long downtime");
        for typed in ["2460", "815", ""] {
            assert_eq!(at(typed), Err(Wrong::NotPossible), "{typed}");
        }
        assert_eq!(["0", "08", "081", "0815"].map(time_so_far), ["0", "08:", "08:1", "08:15"]);
    }

    #[test]
    fn s3_in_the_repeated_hour_it_is_the_last_time_the_clock_showed_it() {
        let (first, second) = ("2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z");
        assert_eq!(before("0130", "2026-11-01T01:45-04:00[America/New_York]").as_deref(), Ok(first));
        assert_eq!(before("0130", "2026-11-01T01:45-05:00[America/New_York]").as_deref(), Ok(second));
        assert_eq!(before("0130", "2026-11-01T09:00-05:00[America/New_York]").as_deref(), Ok(second));
        let ahead = before("0130", "2026-11-01T01:29-05:00[America/New_York]");
        assert_eq!(ahead, Err(Wrong::StillToCome), "a watch that is a minute ahead");
    }

    #[test]
    fn s3_a_time_that_was_left_out_is_none() {
        for now in ["2026-03-08T03:05", "2026-03-08T09:00", "2026-03-08T01:55"] {
            assert_eq!(before("0230", &format!("{now}[America/New_York]")), Err(Wrong::NotPossible), "{now}");
        }
        let next_night = before("0230", "2026-03-09T03:00[America/New_York]");
        assert_eq!(next_night.as_deref(), Ok("2026-03-09T06:30:00Z"));
    }

    #[test]
    fn a_pain_score_ends_at_ten() {
        assert_eq!(["0", "10", "11", "300", ""].map(pain), [Some(0), Some(10), None, None, None]);
    }

    proptest! {
        /// Around both changes of the clocks and on any other day: what is taken has been, within a day and the hour that a clock is set,
        /// the clock showed it then, and it never showed it since nor will soon.
        #[test]
        fn s3_what_is_taken_is_the_latest_such_instant(
            start in prop_oneof![Just("2026-11-01T00:00:00Z"), Just("2026-03-08T00:00:00Z"), Just("2026-07-01T00:00:00Z")],
            minutes in 0_i64..3 * 24 * 60,
            hour in 0_i8..24,
            minute in 0_i8..60,
        ) {
            let start: Timestamp = start.parse().unwrap();
            let now = (start + SignedDuration::from_mins(minutes)).in_tz("America/New_York").unwrap();
            let shows = |at: Timestamp| {
                let local = at.to_zoned(now.time_zone().clone());
                (local.hour(), local.minute()) == (hour, minute)
            };
            let ago = |minutes| now.timestamp() - SignedDuration::from_mins(minutes);
            let last = (0..26 * 60).map(ago).find(|at| shows(*at));
            match time_before(&format!("{hour:02}{minute:02}"), &now) {
                Ok(at) => {
                    prop_assert_eq!(Some(at), last);
                    prop_assert!(ago(25 * 60) <= at && at <= now.timestamp());
                    let since = now.timestamp().duration_since(at).as_mins();
                    prop_assert!(!(1..=120.min(since - 1)).any(|minutes| shows(ago(-minutes))));
                }
                Err(Wrong::StillToCome) => prop_assert!((1..=120).any(|minutes| shows(ago(-minutes)))),
                Err(Wrong::NotPossible) => prop_assert!(hour == 2, "only the hour that is left out"),
            }
        }
    }

    #[test]
    fn a_date_is_shown_as_it_is_typed() {
        let shown: Vec<String> =
            ["", "195", "1951", "195103", "19510314", "195103149"].map(date_so_far).to_vec();
        assert_eq!(shown, ["", "195", "1951-", "1951-03-", "1951-03-14", "1951-03-14"]);
    }
}
