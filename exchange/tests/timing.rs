//! Timings of requests, in the order of exchange.md section 1.

mod common;

use common::{DOSE, ROUTE, bundle, dosage, import, request};
use exchange::fhir::Import;
use jiff::SignedDuration;
use jiff::civil::{Time, Weekday, time};
use rights::schedule::{AsNeeded, Timing};

fn timed(timing: &str, more: &str) -> Import {
    import(&bundle(&[&request(r#""status":"active","#, &dosage(timing, more))]))
}

fn timing_of(timing: &str) -> Timing {
    with(timing, "")
}

fn with(timing: &str, more: &str) -> Timing {
    let import = timed(timing, more);
    assert_eq!(
        import.rejections,
        [],
        "{}",
        import.rejections.iter().map(ToString::to_string).collect::<String>()
    );
    import.chart.requests[0].timing.clone()
}

fn daily(times: &[Time]) -> Timing {
    Timing::Daily { times: times.to_vec(), weekdays: vec![], every_days: 1 }
}

fn is_unscheduled(timing: &str, why: &str) {
    let import = timed(timing, "");
    assert!(matches!(import.chart.requests[0].timing, Timing::Unscheduled { .. }), "{timing}");
    assert!(import.notes.iter().any(|note| note.text.contains(why)), "{timing}: {}", import.notes[0]);
}

const NINE: Time = time(9, 0, 0, 0);
const TWENTY_ONE: Time = time(21, 0, 0, 0);

#[test]
fn o6_an_event_is_an_instant() {
    let at = timing_of(r#"{"event":["2026-11-30T08:30:00-05:00"]}"#);
    assert_eq!(at, Timing::At(vec!["2026-11-30T13:30:00Z".parse().unwrap()]));
    is_unscheduled(r#"{"event":["2026-11-30"]}"#, "no time of day");
    is_unscheduled(
        r#"{"event":["2026-11-30T08:30:00Z"],"repeat":{"frequency":2,"period":1,"periodUnit":"d"}}"#,
        "contradict",
    );
}

#[test]
fn t1_times_of_day_with_weekdays_and_periods() {
    let twice =
        r#"{"repeat":{"frequency":2,"period":1,"periodUnit":"d","timeOfDay":["21:00:00","09:00:00"]}}"#;
    assert_eq!(timing_of(twice), daily(&[NINE, TWENTY_ONE]));
    let weekly = r#"{"repeat":{"timeOfDay":["09:00:00"],"dayOfWeek":["wed","mon"],"frequency":2,"period":1,"periodUnit":"wk"}}"#;
    let weekdays = vec![Weekday::Monday, Weekday::Wednesday];
    assert_eq!(timing_of(weekly), Timing::Daily { times: vec![NINE], weekdays, every_days: 1 });
    let other = r#"{"repeat":{"timeOfDay":["09:00:00"],"frequency":1,"period":2,"periodUnit":"d"}}"#;
    assert_eq!(timing_of(other), Timing::Daily { times: vec![NINE], weekdays: vec![], every_days: 2 });
    is_unscheduled(
        r#"{"repeat":{"frequency":3,"period":1,"periodUnit":"d","timeOfDay":["09:00:00"]}}"#,
        "contradicts its times",
    );
}

#[test]
fn t1_meals_come_from_the_sites_table() {
    assert_eq!(timing_of(r#"{"repeat":{"when":["ACM"],"offset":10}}"#), daily(&[time(7, 50, 0, 0)]));
    is_unscheduled(r#"{"repeat":{"when":["NOON"],"offset":10}}"#, "offset has no meaning");
    is_unscheduled(r#"{"repeat":{"when":["FULLMOON"]}}"#, "not in the site's table");
}

#[test]
fn t1_codes_come_from_the_sites_frequency_table() {
    assert_eq!(timing_of(r#"{"code":{"text":"BID"}}"#), daily(&[NINE, TWENTY_ONE]));
    assert_eq!(timing_of(r#"{"code":{"coding":[{"code":"Q6H"}]}}"#), Timing::Every { minutes: 360 });
    assert!(matches!(timing_of(r#"{"code":{"text":"STAT"}}"#), Timing::At(at) if at.len() == 1));
    is_unscheduled(r#"{"code":{"text":"5X/DAY"}}"#, "has no times in the site's frequency table yet");
    is_unscheduled(r#"{"code":{"text":"5X/FORTNIGHT"}}"#, "is not in the site's frequency table");
    // A code that the site has not decided on does not stand against the times that the order names.
    let named = r#"{"code":{"text":"2X/DAY"},"repeat":{"timeOfDay":["09:00:00","21:00:00"]}}"#;
    assert_eq!(timing_of(named), daily(&[NINE, TWENTY_ONE]));
}

/// exchange.md section 1: a code contradicting its repeat is flagged, not chosen.
#[test]
fn a_code_that_contradicts_its_repeat_is_flagged() {
    is_unscheduled(
        r#"{"code":{"text":"BID"},"repeat":{"frequency":3,"period":1,"periodUnit":"d"}}"#,
        "contradicts its repeat",
    );
    is_unscheduled(
        r#"{"code":{"text":"BID"},"repeat":{"timeOfDay":["09:00:00"]}}"#,
        "contradicts its repeat",
    );
    is_unscheduled(
        r#"{"code":{"text":"Q8H"},"repeat":{"frequency":1,"period":6,"periodUnit":"h"}}"#,
        "contradicts its repeat",
    );
    is_unscheduled(
        r#"{"code":{"text":"ONCE"},"repeat":{"frequency":1,"period":6,"periodUnit":"h"}}"#,
        "contradicts its repeat",
    );
    is_unscheduled(r#"{"code":{"coding":[{"code":"BID"},{"code":"TID"}]}}"#, "contradict each other");
    let same = r#"{"code":{"text":"Q12H"},"repeat":{"frequency":2,"period":1,"periodUnit":"d"}}"#;
    assert_eq!(timing_of(same), Timing::Every { minutes: 720 });
}

/// exchange.md section 1: never invented times.
#[test]
fn a_daily_frequency_without_a_row_is_unscheduled() {
    is_unscheduled(r#"{"repeat":{"frequency":2,"period":1,"periodUnit":"d"}}"#, "no times for 2/1d");
    is_unscheduled(r#"{"repeat":{"frequency":1,"period":1,"periodUnit":"mo"}}"#, "needs its times of day");
}

/// T1: weeks are counted from the week of the start, months have the day of the start.
#[test]
fn t1_every_second_week_and_every_third_month() {
    let repeat = |more: &str| {
        let start = r#""boundsPeriod":{"start":"2026-11-16T08:00:00-05:00"}"#;
        format!(r#"{{"repeat":{{{start},"frequency":1,"timeOfDay":["09:00:00"],{more}}}}}"#)
    };
    let fortnight = timing_of(&repeat(r#""period":2,"periodUnit":"wk","dayOfWeek":["mon"]"#));
    assert_eq!(
        fortnight,
        Timing::Daily { times: vec![NINE], weekdays: vec![Weekday::Monday], every_days: 14 }
    );
    let monthly = timing_of(&repeat(r#""period":3,"periodUnit":"mo""#));
    assert_eq!(monthly, Timing::Monthly { times: vec![NINE], days: vec![16], every_months: 3 });
    is_unscheduled(&repeat(r#""period":10,"periodUnit":"d","dayOfWeek":["mon"]"#), "do not fit its period");
    is_unscheduled(
        &repeat(r#""period":2,"periodUnit":"wk","dayOfWeek":["mon","thu"]"#),
        "contradicts its times of day",
    );
    is_unscheduled(&repeat(r#""period":1.5,"periodUnit":"mo""#), "no whole number of months");
    is_unscheduled(&repeat(r#""period":1,"periodUnit":"mo","dayOfWeek":["mon"]"#), "contradicts the rest");
    is_unscheduled(&repeat(r#""period":1,"periodUnit":"mo","frequencyMax":2"#), "contradicts the rest");
    let late = repeat(r#""period":1,"periodUnit":"mo""#).replace("11-16", "10-31");
    is_unscheduled(&late.replace("-05:00", "-04:00"), "not every month has");
}

/// exchange.md section 1: a duration without a frequency, or a continuous code, is an infusion without single doses.
#[test]
fn a_duration_without_a_frequency_is_continuous() {
    assert_eq!(timing_of(r#"{"repeat":{"duration":4,"durationUnit":"h"}}"#), Timing::Continuous);
    assert_eq!(timing_of(r#"{"code":{"text":"INFUSION"}}"#), Timing::Continuous);
    is_unscheduled(
        r#"{"code":{"text":"INFUSION"},"repeat":{"frequency":1,"period":6,"periodUnit":"h"}}"#,
        "contradicts",
    );
}

#[test]
fn an_hourly_period_is_an_interval_from_the_first_dose() {
    let start = r#""boundsPeriod":{"start":"2026-11-29T17:00:00-05:00"}"#;
    let import =
        timed(&format!(r#"{{"repeat":{{{start},"frequency":1,"period":8.0,"periodUnit":"h"}}}}"#), "");
    let request = &import.chart.requests[0];
    assert_eq!(request.timing, Timing::Every { minutes: 480 });
    assert_eq!(request.start.to_string(), "2026-11-29T22:00:00Z");
    let day =
        r#"{"repeat":{"boundsPeriod":{"start":"2026-11-29"},"frequency":1,"period":8,"periodUnit":"h"}}"#;
    is_unscheduled(day, "time of the first dose");
    let counted = timed(
        &format!(r#"{{"repeat":{{{start},"count":3,"frequency":1,"period":8,"periodUnit":"h"}}}}"#),
        "",
    );
    assert_eq!(counted.chart.requests[0].stop.unwrap().to_string(), "2026-11-30T22:00:00Z");
}

#[test]
fn t4_as_needed_and_ranges_become_limits() {
    let pain = r#""asNeededCodeableConcept":{"text":"pain"},"#;
    let six = r#"{"repeat":{"frequency":1,"period":6,"periodUnit":"h"}}"#;
    let limits = AsNeeded {
        minimum_interval: Some(SignedDuration::from_hours(6)),
        most_per_day: None,
        reasons: vec!["pain".into()],
    };
    assert_eq!(with(six, pain), Timing::AsNeeded(limits));
    let range = timing_of(r#"{"repeat":{"frequency":1,"period":4,"periodMax":6,"periodUnit":"h"}}"#);
    assert!(
        matches!(range, Timing::AsNeeded(limits) if limits.minimum_interval == Some(SignedDuration::from_hours(4)))
    );
    let daily =
        with(r#"{"repeat":{"frequency":4,"period":1,"periodUnit":"d"}}"#, r#""asNeededBoolean":true,"#);
    assert!(matches!(daily, Timing::AsNeeded(limits) if limits.most_per_day == Some(4)));
    let lost = r#"{"repeat":{"frequency":2,"period":6,"periodUnit":"h"}}"#;
    assert!(
        matches!(with(lost, pain), Timing::Unscheduled { .. }),
        "a limit that cannot be told is not left out"
    );
    let no = with(r#"{"code":{"text":"Q6H:PRN"}}"#, r#""asNeededBoolean":false,"#);
    assert!(matches!(no, Timing::Unscheduled { .. }));
}

/// Acceptance 4: visible, unscheduled, with its text.
#[test]
fn acceptance_4_see_insulin_chart_is_visible_and_unscheduled() {
    let json = request(
        r#""status":"active","#,
        &format!(r#"[{{"timing":{{"code":{{"text":"SEE INSULIN CHART"}}}},{ROUTE},{DOSE}}}]"#),
    );
    let import = import(&bundle(&[&json]));
    let Timing::Unscheduled { text } = &import.chart.requests[0].timing else { panic!("scheduled") };
    assert_eq!(text, "SEE INSULIN CHART");
}

#[test]
fn several_instructions_are_concurrent_or_refused() {
    let one = |sequence: u8, bounds: &str| {
        format!(
            r#"{{"sequence":{sequence},"timing":{{"repeat":{{{bounds}"timeOfDay":["09:00:00"]}}}},{ROUTE},{DOSE}}}"#
        )
    };
    let read =
        |a: &str, b: &str| import(&bundle(&[&request(r#""status":"active","#, &format!("[{a},{b}]"))]));
    let both = read(&one(1, ""), &one(1, ""));
    let ids: Vec<&str> = both.chart.requests.iter().map(|request| request.id.as_str()).collect();
    assert_eq!(ids, ["mr-1#1", "mr-1#2"]);
    let steps = read(&one(1, ""), &one(2, ""));
    assert!(steps.chart.requests.is_empty());
    assert!(steps.rejections[0].reason.contains("follow each other"));
    let bounded = read(
        &one(1, r#""boundsPeriod":{"start":"2026-11-28","end":"2026-11-29"},"#),
        &one(2, r#""boundsPeriod":{"start":"2026-11-30","end":"2026-12-02"},"#),
    );
    assert_eq!(bounded.chart.requests.len(), 2);
    // The first step ends when the next one begins, although its last dose could be given until the day after.
    let counted = read(
        &one(1, r#""boundsPeriod":{"start":"2026-11-28"},"count":2,"#),
        &one(2, r#""boundsPeriod":{"start":"2026-11-30"},"#),
    );
    assert_eq!(counted.chart.requests[0].stop, Some(counted.chart.requests[1].start));
    let within = read(
        &one(1, r#""boundsPeriod":{"start":"2026-11-28"},"count":3,"#),
        &one(2, r#""boundsPeriod":{"start":"2026-11-30"},"#),
    );
    assert!(within.chart.requests.is_empty(), "its last dose is due in the next step");
}

/// O1, T1: a count of doses ends when another one would be due: the last of them has its time like the others.
#[test]
fn o1_the_last_of_a_count_of_doses_can_be_given_after_its_minute() {
    let stop = |repeat: &str| {
        let start = r#""boundsPeriod":{"start":"2026-11-28T08:00:00-05:00"}"#;
        let import = timed(&format!(r#"{{"repeat":{{{start},{repeat}}}}}"#), "");
        import.chart.requests[0].stop.map(|stop| stop.to_string())
    };
    let daily = stop(r#""count":3,"frequency":1,"period":1,"periodUnit":"d","timeOfDay":["09:00:00"]"#);
    assert_eq!(daily.as_deref(), Some("2026-12-01T14:00:00Z"));
    let mondays = stop(
        r#""count":2,"frequency":1,"period":1,"periodUnit":"wk","dayOfWeek":["mon"],"timeOfDay":["09:00:00"]"#,
    );
    assert_eq!(mondays.as_deref(), Some("2026-12-14T14:00:00Z"));
    let one = stop(r#""count":1,"frequency":1,"period":8,"periodUnit":"h""#);
    assert_eq!(one.as_deref(), Some("2026-11-28T21:00:00Z"));
}
