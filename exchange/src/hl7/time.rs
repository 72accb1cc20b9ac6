//! HL7 times (DTM, v2.5.1 section 2.A.22) to FHIR times and back.
//!
//! A time without an offset is local time of the site, unless MSH-7 names the offset of another zone: that one is then the default
//! of the whole message (v2.5.1 section 2.14.9.7). In the repeated hour of an autumn night it is taken as the first of the
//! two, and one in the missing hour of spring as the next existing instant; a feed that sends offsets leaves nothing open.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::er7::Message;

/// A time as written: FHIR `date` or `dateTime`.
pub(crate) fn to_fhir(text: &str, zone: &TimeZone) -> Result<String, String> {
    let wrong = || format!("\"{}\" is no HL7 time (YYYYMMDD[HHMM[SS]][+ZZZZ])", crate::units::short(text));
    let (digits, offset) = match text.find(['+', '-']) {
        Some(at) => (&text[..at], Some(&text[at..])),
        None => (text, None),
    };
    let whole = digits.split('.').next().unwrap_or_default();
    if !whole.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong());
    }
    let part = |from: usize, to: usize| whole.get(from..to).and_then(|part| part.parse::<i16>().ok());
    let small = |value: Option<i16>| value.and_then(|value| i8::try_from(value).ok());
    match whole.len() {
        4 => Ok(whole.to_owned()),
        6 => Ok(format!("{}-{}", &whole[..4], &whole[4..])),
        8 | 10 | 12 | 14 => {
            let date = part(0, 4)
                .zip(small(part(4, 6)).zip(small(part(6, 8))))
                .and_then(|(year, (month, day))| Date::new(year, month, day).ok())
                .ok_or_else(wrong)?;
            if whole.len() == 8 {
                return Ok(date.to_string());
            }
            let at = |from: usize| if whole.len() > from { small(part(from, from + 2)) } else { Some(0) };
            let time = at(8)
                .zip(at(10).zip(at(12)))
                .and_then(|(hour, (minute, second))| Time::new(hour, minute, second, 0).ok())
                .ok_or_else(wrong)?;
            let local = date.to_datetime(time);
            let instant = match offset {
                Some(offset) => self::offset(offset).ok_or_else(wrong)?.to_timestamp(local),
                None => placed(local, zone),
            };
            instant.map(|instant| instant.to_string()).map_err(|_| wrong())
        }
        _ => Err(wrong()),
    }
}

/// Local time as the decision core places it: the first of two, and the end of a gap.
fn placed(local: DateTime, zone: &TimeZone) -> Result<Timestamp, jiff::Error> {
    let at = zone.to_timestamp(local)?;
    match zone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Gap { .. } => {
            Ok(zone.preceding(at).next().map_or(at, |transition| transition.timestamp()))
        }
        AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => Ok(at),
    }
}

/// An instant; a day or less is none.
pub(crate) fn instant(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    to_fhir(text, zone).ok().filter(|text| text.contains('T')).and_then(|text| text.parse().ok())
}

/// The last instant that a time may mean: an hour of an autumn night comes twice where no offset says which, and some systems write
/// minutes or hours only.
pub(crate) fn latest(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let first = instant(text, zone)?;
    let local = zone.to_datetime(first);
    let again = || zone.to_ambiguous_timestamp(local).later().ok();
    let at = if text.contains(['+', '-']) { first } else { again().map_or(first, |again| again.max(first)) };
    let open = match text.bytes().take_while(u8::is_ascii_digit).count() {
        ..=10 => SignedDuration::from_secs(3599),
        11..=13 => SignedDuration::from_secs(59),
        _ => SignedDuration::ZERO,
    };
    Some(at.checked_add(open).unwrap_or(at))
}

/// The offset of MSH-7 where it is another one than that of the site at that instant. Where it is the site's, the site's zone goes
/// on to count: it knows when the clocks change, and an offset does not.
pub(crate) fn foreign_offset(message: &Message, site: &TimeZone) -> Option<Offset> {
    let sent = message.header().text(7);
    let (digits, offset) = sent.split_at(sent.find(['+', '-'])?);
    let own = self::offset(offset)?;
    // A day alone begins at its midnight.
    let at = instant(&sent, site).or_else(|| instant(&format!("{}0000{offset}", digits.get(..8)?), site))?;
    (site.to_offset(at) != own).then_some(own)
}

/// Where the times of a message without an offset are local.
pub(crate) fn default_zone(message: &Message, site: &TimeZone) -> TimeZone {
    foreign_offset(message, site).map_or_else(|| site.clone(), TimeZone::fixed)
}

fn offset(text: &str) -> Option<Offset> {
    let digits =
        text.get(1..).filter(|digits| digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()))?;
    let minutes = digits[..2].parse::<i32>().ok()? * 60 + digits[2..].parse::<i32>().ok()?;
    let sign = if text.starts_with('-') { -60 } else { 60 };
    Offset::from_seconds(sign * minutes).ok()
}

/// Local time with its offset, to the second: `20261108080411-0500`.
pub(crate) fn print(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y%m%d%H%M%S%z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// MSH-7 with the offset of the site says nothing of the other half of the year; with another one it does.
    #[test]
    fn the_offset_of_msh_7_is_the_default_where_it_is_not_the_sites() {
        let site = TimeZone::get("America/New_York").unwrap();
        let with = |sent: &str| {
            let message = Message::read(format!("MSH|^~\\&|A|B|C|D|{sent}\r").as_bytes()).unwrap();
            to_fhir("202612010900", &default_zone(&message, &site)).unwrap()
        };
        for local in ["20261130080000-0500", "20261001080000-0400", "20261130", "", "20261001-0400", "x-0400"]
        {
            assert_eq!(with(local), "2026-12-01T14:00:00Z", "{local}");
        }
        assert_eq!(with("20261130080000-0600"), "2026-12-01T15:00:00Z");
        assert_eq!(with("20261130080000+0000"), "2026-12-01T09:00:00Z");
        assert_eq!(with("20261130+0100"), "2026-12-01T08:00:00Z");
        assert_eq!(with("20261001080000-0500"), "2026-12-01T14:00:00Z");
    }

    #[test]
    fn acceptance_11_hl7_times_in_both_nights() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let fhir = |text: &str| to_fhir(text, &zone);
        assert_eq!(fhir("20261108080411-0500").unwrap(), "2026-11-08T13:04:11Z");
        assert_eq!(fhir("202611010140-0400").unwrap(), "2026-11-01T05:40:00Z");
        assert_eq!(fhir("202611010140-0500").unwrap(), "2026-11-01T06:40:00Z");
        assert_eq!(fhir("202611010140").unwrap(), "2026-11-01T05:40:00Z", "the first of the two");
        assert_eq!(fhir("202603080230").unwrap(), "2026-03-08T07:00:00Z", "the next existing one");
        assert_eq!(fhir("19500203").unwrap(), "1950-02-03");
        assert_eq!(fhir("1950").unwrap(), "1950");
        for text in ["2026-11-01T05:40:00Z", "2026-11-01T06:40:00Z"] {
            let at: Timestamp = text.parse().unwrap();
            assert_eq!(instant(&print(at, &zone), &zone), Some(at), "the way back");
        }
        let until = |text: &str| latest(text, &zone).unwrap().to_string();
        assert_eq!(until("20261101014000"), "2026-11-01T06:40:00Z", "the second of the two");
        assert_eq!(until("202611010140"), "2026-11-01T06:40:59Z");
        assert_eq!(until("202611010140-0400"), "2026-11-01T05:40:59Z");
        assert_eq!(until("2026110100"), "2026-11-01T04:59:59Z");
        assert_eq!(until("202603080230"), "2026-03-08T07:00:59Z");
        for wrong in
            ["", "2026110", "20261301", "20260230", "202611012560", "20261101T0140", "202611010140+5", "ü"]
        {
            assert!(fhir(wrong).is_err(), "{wrong}");
        }
    }
}
