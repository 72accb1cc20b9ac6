//! Schedules over the changes of the clock, the weeks and the months.

use super::*;
use alloc::vec;
use jiff::ToSpan;
use jiff::civil::{date, time};
use proptest::prelude::*;

/// Local time of New York without a time-zone database: the rule of 2007, as a POSIX string.
fn new_york() -> TimeZone {
    TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn dues(timing: &Timing, start: &str, from: &str, to: &str) -> Vec<Timestamp> {
    let (from, to) = (at(from), at(to));
    let slots = timing.slots(at(start), None, &new_york(), from, to);
    slots.into_iter().map(|slot| slot.due).filter(|due| *due >= from && *due <= to).collect()
}

#[test]
fn a_daily_time_stays_wall_time_over_both_changes() {
    let nine = Timing::Daily { times: vec![time(9, 0, 0, 0)], weekdays: vec![], every_days: 1 };
    let autumn = dues(&nine, "2026-10-01T00:00:00Z", "2026-10-31T00:00:00Z", "2026-11-02T00:00:00Z");
    assert_eq!(autumn, [at("2026-10-31T13:00:00Z"), at("2026-11-01T14:00:00Z")]);
    let spring = dues(&nine, "2026-03-01T00:00:00Z", "2026-03-07T12:00:00Z", "2026-03-09T00:00:00Z");
    assert_eq!(spring, [at("2026-03-07T14:00:00Z"), at("2026-03-08T13:00:00Z")]);
}

#[test]
fn a_wall_time_in_the_missing_hour_falls_on_the_next_existing_instant() {
    let half_past_two = Timing::Daily { times: vec![time(2, 30, 0, 0)], weekdays: vec![], every_days: 1 };
    let night = dues(&half_past_two, "2026-03-01T00:00:00Z", "2026-03-08T05:00:00Z", "2026-03-08T12:00:00Z");
    assert_eq!(night, [at("2026-03-08T07:00:00Z")], "02:30 does not exist, 03:00 EDT does");
}

#[test]
fn a_wall_time_in_the_repeated_hour_is_due_once_the_first_time() {
    let half_past_one = Timing::Daily { times: vec![time(1, 30, 0, 0)], weekdays: vec![], every_days: 1 };
    let night = dues(&half_past_one, "2026-10-01T00:00:00Z", "2026-11-01T04:00:00Z", "2026-11-01T12:00:00Z");
    assert_eq!(night, [at("2026-11-01T05:30:00Z")], "01:30 EDT, not again 01:30 EST");
}

#[test]
fn an_interval_is_elapsed_time_over_a_change() {
    let q4h = Timing::Every { minutes: 240 };
    let night = dues(&q4h, "2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z", "2026-11-01T12:00:00Z");
    let expected = ["T00", "T04", "T08", "T12"].map(|t| at(&alloc::format!("2026-11-01{t}:00:00Z")));
    assert_eq!(night, expected);
}

#[test]
fn every_other_day_counts_from_the_start_date() {
    let rule = Timing::Daily { times: vec![time(8, 0, 0, 0)], weekdays: vec![], every_days: 2 };
    let found = dues(&rule, "2026-06-01T04:00:00Z", "2026-06-02T00:00:00Z", "2026-06-06T00:00:00Z");
    assert_eq!(found, [at("2026-06-03T12:00:00Z"), at("2026-06-05T12:00:00Z")]);
}

#[test]
fn only_the_first_slot_is_first_and_each_knows_its_successor() {
    let twice =
        Timing::Daily { times: vec![time(9, 0, 0, 0), time(21, 0, 0, 0)], weekdays: vec![], every_days: 1 };
    let start = at("2026-06-01T15:00:00Z");
    let slots = twice.slots(start, None, &new_york(), start, at("2026-06-02T15:00:00Z"));
    assert_eq!(slots[0].due, at("2026-06-02T01:00:00Z"), "09:00 of the first day was before the start");
    assert!(slots[0].first && slots[1..].iter().all(|slot| !slot.first));
    assert!(slots.windows(2).all(|pair| pair[0].next == Some(pair[1].due)));
    assert_eq!(new_york().to_datetime(slots[0].due).date(), date(2026, 6, 1));
}

#[test]
fn a_stopped_request_has_no_slots_from_its_stop_on() {
    let q4h = Timing::Every { minutes: 240 };
    let start = at("2026-06-01T00:00:00Z");
    let stop = at("2026-06-01T08:00:00Z");
    let slots = q4h.slots(start, Some(stop), &new_york(), start, at("2026-06-02T00:00:00Z"));
    assert_eq!(slots.len(), 2);
    assert_eq!(slots[1].next, None);
}

#[test]
fn weekdays_of_every_second_week_count_from_the_week_of_the_start() {
    // The start is a Wednesday; its week counts although Monday is past.
    let rule = Timing::Daily {
        times: vec![time(9, 0, 0, 0)],
        weekdays: vec![Weekday::Monday, Weekday::Thursday],
        every_days: 14,
    };
    let found = dues(&rule, "2026-06-10T04:00:00Z", "2026-06-10T00:00:00Z", "2026-06-27T00:00:00Z");
    let expected =
        ["2026-06-11", "2026-06-22", "2026-06-25"].map(|day| at(&alloc::format!("{day}T13:00:00Z")));
    assert_eq!(found, expected);
    assert_eq!(rule.interval(), Some(SignedDuration::from_hours(72)));
    let weekly =
        Timing::Daily { times: vec![time(9, 0, 0, 0)], weekdays: vec![Weekday::Monday], every_days: 14 };
    assert_eq!(weekly.interval(), Some(SignedDuration::from_hours(14 * 24)));
}

#[test]
fn a_monthly_dose_keeps_its_day_and_wall_time_and_skips_a_month_without_it() {
    let rule = Timing::Monthly { times: vec![time(9, 0, 0, 0)], days: vec![31], every_months: 1 };
    let found = dues(&rule, "2026-01-01T05:00:00Z", "2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z");
    let expected = ["2026-01-31T14:00:00Z", "2026-03-31T13:00:00Z", "2026-05-31T13:00:00Z"].map(at);
    assert_eq!(found, expected);
    let quarterly = Timing::Monthly { times: vec![time(9, 0, 0, 0)], days: vec![1], every_months: 3 };
    let found = dues(&quarterly, "2026-01-01T05:00:00Z", "2026-01-01T00:00:00Z", "2026-12-31T00:00:00Z");
    assert_eq!(found.len(), 4);
    let slots = rule.slots(
        at("2026-01-01T05:00:00Z"),
        None,
        &new_york(),
        at("2026-02-15T00:00:00Z"),
        at("2026-02-16T00:00:00Z"),
    );
    assert_eq!(slots[0].due, at("2026-01-31T14:00:00Z"), "the one before is found");
    assert_eq!(slots[0].next, Some(at("2026-03-31T13:00:00Z")));
}

#[test]
fn the_interval_of_a_monthly_dose_is_never_less_than_daily() {
    let on = |days: &[u8], every_months| {
        let rule = Timing::Monthly { times: vec![time(9, 0, 0, 0)], days: days.to_vec(), every_months };
        rule.interval().map(|interval| interval.as_hours() / 24)
    };
    assert_eq!(on(&[1], 1), Some(28));
    assert_eq!(on(&[1], 2), Some(56));
    assert_eq!(on(&[1, 15], 1), Some(14));
    assert_eq!(on(&[1, 2], 1), Some(1));
}

#[test]
fn a_continuous_infusion_has_no_single_doses() {
    let from = at("2026-06-01T00:00:00Z");
    assert!(Timing::Continuous.slots(from, None, &new_york(), from, at("2026-06-02T00:00:00Z")).is_empty());
    assert_eq!(Timing::Continuous.interval(), None);
    assert!(!Timing::Continuous.is_one_time());
}

/// Every due instant of two years, found by walking through all days of the calendar.
fn by_walking(timing: &Timing, start: Timestamp, stop: Option<Timestamp>) -> Vec<Timestamp> {
    let zone = new_york();
    let first = zone.to_datetime(start).date();
    let mut found = Vec::new();
    for day in 0_i64..800 {
        let date = first.checked_add(day.days()).unwrap();
        let (times, meant): (&[Time], bool) = match timing {
            Timing::Daily { times, weekdays, every_days } => {
                let every = i64::from(*every_days);
                let on_weekday = weekdays.is_empty() || weekdays.contains(&date.weekday());
                let counted = if every % 7 == 0 && !weekdays.is_empty() {
                    let monday = i64::from(first.weekday().to_monday_zero_offset());
                    (day + monday).div_euclid(7) % (every / 7) == 0
                } else {
                    day % every == 0
                };
                (times, on_weekday && counted)
            }
            Timing::Monthly { times, days, every_months } => {
                let mut months = 0;
                let mut walked = first;
                while (walked.year(), walked.month()) != (date.year(), date.month()) {
                    walked = walked.first_of_month().checked_add(1.month()).unwrap();
                    months += 1;
                }
                let on_day = days.iter().any(|day| i16::from(*day) == i16::from(date.day()));
                (times, on_day && months % i32::from(*every_months) == 0)
            }
            _ => panic!("no rule of the calendar"),
        };
        if meant {
            // Of a time that is missing the first minute that exists.
            found.extend(times.iter().map(|time| {
                let mut local = date.to_datetime(*time);
                loop {
                    let instant = zone.to_ambiguous_timestamp(local).earlier().unwrap();
                    if zone.to_datetime(instant) == local {
                        return instant;
                    }
                    local = local.checked_add(1.minute()).unwrap();
                }
            }));
        }
    }
    found.retain(|at| *at >= start && stop.is_none_or(|stop| *at < stop));
    found.sort_unstable();
    found.dedup();
    found
}

fn any_rule() -> impl Strategy<Value = Timing> {
    let times = || {
        proptest::collection::btree_set((0_i8..24, prop_oneof![Just(0_i8), Just(30), Just(45)]), 1..4)
            .prop_map(|set| {
                set.into_iter().map(|(hour, minute)| time(hour, minute, 0, 0)).collect::<Vec<_>>()
            })
    };
    let weekdays = proptest::collection::btree_set(0_i8..7, 0..4).prop_map(|set| {
        set.into_iter().map(|day| Weekday::from_monday_zero_offset(day).unwrap()).collect::<Vec<_>>()
    });
    let daily = (times(), weekdays, prop_oneof![4 => Just(1_u16), 1 => Just(2), 1 => Just(3), 1 => Just(14)])
        .prop_map(|(times, weekdays, every_days)| Timing::Daily {
            times,
            // A weekday that counts every third day falls rarely; no order says so.
            every_days: if weekdays.is_empty() || every_days == 14 { every_days } else { 1 },
            weekdays,
        });
    let days =
        proptest::collection::btree_set(1_u8..=31, 1..3).prop_map(|set| set.into_iter().collect::<Vec<_>>());
    let monthly = (times(), days, 1_u16..4).prop_map(|(times, days, every_months)| Timing::Monthly {
        times,
        days,
        every_months,
    });
    prop_oneof![3 => daily, 1 => monthly]
}

/// Looked at days before the order begins, the first dose still knows the second one, two weeks after it.
#[test]
fn the_second_dose_is_known_before_the_order_begins() {
    let timing = Timing::Daily { times: vec![time(0, 0, 0, 0)], weekdays: vec![], every_days: 14 };
    let start = at("2026-01-20T05:01:00Z");
    let early = start - SignedDuration::from_mins(3_709);
    let slots = timing.slots(start, None, &new_york(), early, early);
    let (first, second) = (at("2026-02-03T05:00:00Z"), at("2026-02-17T05:00:00Z"));
    assert_eq!(slots, [Slot { due: first, next: Some(second), first: true }]);
}

proptest! {
    #[test]
    fn slots_are_those_of_every_day_of_the_calendar(
        timing in any_rule(),
        start in 0_i64..24 * 60 * 40,
        lasts in proptest::option::of(1_i64..24 * 60 * 90),
        from in -24_i64 * 60 * 4..24 * 60 * 300,
        length in 0_i64..24 * 60 * 3,
    ) {
        let zero = at("2026-01-20T05:00:00Z");
        let minutes = |count: i64| SignedDuration::from_mins(count);
        let start = zero + minutes(start);
        let stop = lasts.map(|lasts| start + minutes(lasts));
        let from = start + minutes(from);
        let to = from + minutes(length);
        let all = by_walking(&timing, start, stop);
        let expected: Vec<Slot> = all
            .iter()
            .enumerate()
            .map(|(place, due)| Slot { due: *due, next: all.get(place + 1).copied(), first: place == 0 })
            .filter(|slot| slot.next.is_none_or(|next| next >= from))
            .filter(|slot| slot.due <= to || all.iter().find(|due| **due > to) == Some(&slot.due))
            .collect();
        let last_before = expected.iter().rposition(|slot| slot.due < from).unwrap_or(0);
        let found = timing.slots(start, stop, &new_york(), from, to);
        prop_assert_eq!(&found[..], &expected[last_before.min(expected.len())..]);
    }
}
