//! Values of a policy file: numbers with their units, and lists of codes.

use jiff::SignedDuration;
use rights::amount::Amount;
use toml::de::DeValue;

/// What is allowed instead, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) allowed: String,
    pub(super) remedy: String,
}

impl Fault {
    pub(super) fn new(allowed: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { allowed: allowed.into(), remedy: remedy.into() }
    }
}

/// The units of a time, longest first, each in milliseconds.
const TIMES: [(&str, i64); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1)];

/// `90 min`: a whole number, a space and one of ms, s, min, h, d.
pub(super) fn parse_time(text: &str) -> Option<SignedDuration> {
    let (number, unit) = text.split_once(' ')?;
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let number: i64 = digits.then(|| number.parse().ok())??;
    let (_, length) = TIMES.into_iter().find(|(name, _)| *name == unit)?;
    Some(SignedDuration::from_millis(number.checked_mul(length)?))
}

/// In the longest unit that leaves a whole number: the inverse of [`parse_time`] for whole milliseconds.
pub(super) fn show_time(time: SignedDuration) -> String {
    let milliseconds = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    let (name, length) = TIMES
        .into_iter()
        .find(|(_, length)| milliseconds != 0 && milliseconds % length == 0)
        .unwrap_or(("s", 1_000));
    format!("{} {name}", milliseconds / length)
}

/// `12.5 %`, `0.1 mL/h`: a decimal number, a space and this unit.
pub(super) fn parse_amount(text: &str, unit: &str) -> Option<Amount> {
    let number = text.strip_suffix(unit)?.strip_suffix(' ')?;
    Amount::parse(number).ok()
}

pub(super) fn text<'v>(value: &'v DeValue<'_>) -> Option<&'v str> {
    value.as_str()
}

/// A list of texts; `None` when it is anything else.
pub(super) fn texts<'v>(value: &'v DeValue<'_>) -> Option<Vec<&'v str>> {
    value.as_array()?.iter().map(|one| one.get_ref().as_str()).collect()
}

/// A list of codes, each once and readable. The error says what is wrong with which.
pub(super) fn codes<T: PartialEq>(
    value: &DeValue<'_>,
    parse: impl Fn(&str) -> Option<T>,
    allowed: &str,
) -> Result<Vec<T>, Fault> {
    let list = || Fault::new(format!("a list of {allowed}"), "write it as [\"one\", \"other\"]");
    let mut found = Vec::new();
    for text in texts(value).ok_or_else(list)? {
        let Some(code) = parse(text) else {
            return Err(Fault::new(allowed, format!("correct or remove \"{}\"", crate::units::short(text))));
        };
        if found.contains(&code) {
            return Err(Fault::new(
                "each only once",
                format!("remove the second \"{}\"", crate::units::short(text)),
            ));
        }
        found.push(code);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_need_a_whole_number_and_a_unit() {
        assert_eq!(parse_time("90 min"), Some(SignedDuration::from_mins(90)));
        assert_eq!(parse_time("700 ms"), Some(SignedDuration::from_millis(700)));
        assert_eq!(parse_time("7 d"), Some(SignedDuration::from_hours(168)));
        for wrong in [
            "",
            "90",
            "90min",
            " 90 min",
            "90  min",
            "-1 min",
            "+1 min",
            "1.5 h",
            "90 m",
            "1 wk",
            "99999999999999999 d",
        ] {
            assert_eq!(parse_time(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn amounts_need_their_unit() {
        assert_eq!(parse_amount("12.5 %", "%"), Amount::fraction(25, 2));
        for wrong in ["12.5", "12.5%", "12,5 %", "x %", "%", "12.5 mL"] {
            assert_eq!(parse_amount(wrong, "%"), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn a_time_is_printed_as_it_is_parsed(milliseconds in 0_i64..1_000_000_000_000) {
            let time = SignedDuration::from_millis(milliseconds);
            prop_assert_eq!(parse_time(&show_time(time)), Some(time));
        }
    }
}
