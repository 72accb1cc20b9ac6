//! FHIR `dateTime`: an instant with its offset, a local day, or less than that.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// A FHIR date or time, as precise as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DateTime {
    Instant(Timestamp),
    Day(Date),
    /// A year or a month: no day can be told from it.
    Coarse,
}

impl DateTime {
    /// Parses `YYYY`, `YYYY-MM`, `YYYY-MM-DD` or a full time with its offset (FHIR R4, datatypes, dateTime).
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "is no FHIR date or time".to_owned();
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        match text.len() {
            4 if digits(text) => Ok(Self::Coarse),
            7 => match text.split_once('-') {
                Some((year, month)) if year.len() == 4 && digits(year) && digits(month) => Ok(Self::Coarse),
                _ => Err(wrong()),
            },
            10 => text.parse().map(Self::Day).map_err(|_| wrong()),
            20..=40 if text.is_ascii() && text.as_bytes()[10] == b'T' => {
                let offset = text.ends_with('Z') || matches!(text.as_bytes()[text.len() - 6], b'+' | b'-');
                if !offset {
                    return Err("has a time of day without an offset from UTC".to_owned());
                }
                text.parse().map(Self::Instant).map_err(|_| wrong())
            }
            19 if text.as_bytes()[10] == b'T' => {
                Err("has a time of day without an offset from UTC".to_owned())
            }
            _ => Err(wrong()),
        }
    }

    /// The first instant of it; a day begins at local midnight. `None` for less than a day.
    pub(crate) fn first(self, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::Instant(at) => Some(at),
            Self::Day(day) => midnight(day, zone),
            Self::Coarse => None,
        }
    }

    /// The first instant after it, where it is the end of a period: an end that is a day lasts until that day is over. An end
    /// that is an instant is the first one that no longer belongs to the order.
    pub(crate) fn after(self, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::Instant(at) => Some(at),
            Self::Day(day) => midnight(day.checked_add(1.day()).ok()?, zone),
            Self::Coarse => None,
        }
    }
}

fn midnight(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    zone.to_zoned(day.at(0, 0, 0, 0)).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precision_is_kept_and_a_time_without_offset_is_refused() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let parse = |text| DateTime::parse(text);
        assert_eq!(parse("2026-11").unwrap(), DateTime::Coarse);
        let day = parse("2026-11-01").unwrap();
        assert_eq!(day.first(&zone).unwrap().to_string(), "2026-11-01T04:00:00Z");
        assert_eq!(day.after(&zone).unwrap().to_string(), "2026-11-02T05:00:00Z");
        assert_eq!(
            parse("2026-11-30T09:00:00-05:00").unwrap().first(&zone).unwrap().to_string(),
            "2026-11-30T14:00:00Z"
        );
        assert!(parse("2026-11-30T09:00:00").unwrap_err().contains("without an offset"));
        for wrong in [
            "",
            "20",
            "2026-13-01",
            "2026-1-1",
            "yesterday",
            "2026-11-30 09:00:00Z",
            "2026-11-30T09:00:00+5",
            "ü026-11-30T09:00:00Z",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
