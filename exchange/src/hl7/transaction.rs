//! When what an ORC says happened (ORC-9, v2.5.1 section 4.5.1.9), and since when it holds (ORC-15, section 4.5.1.15).
//!
//! Messages are applied in the order in which they come, and that is not always the order in which they were entered: an interface
//! that replays a queue, or sends by hand, brings an older word after a newer one. The order keeps the time of the last one that
//! was applied, and an older one is for a person.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::er7::Segment;
use super::{Incoming, Refused};
use crate::feed::state::OrderState;

/// So far may the sender's clock be ahead of ours.
pub(super) const AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// The times of one ORC.
pub(super) struct Transaction {
    /// ORC-9, else MSH-7.
    at: Timestamp,
    /// Since when the status holds: ORC-15, else `at`. FHIR time.
    pub(super) effective: String,
    /// When it is to take effect, where that has not come yet.
    later: Option<Timestamp>,
    /// No time that has come by when it was received is later.
    latest: Timestamp,
}

impl Transaction {
    /// Reads the times of an ORC.
    pub(super) fn of(incoming: &Incoming<'_>, orc: &Segment) -> Result<Self, Refused> {
        let instant = |text: &String| text.parse::<Timestamp>().ok();
        let at = incoming.time(orc, 9)?.as_ref().and_then(instant).unwrap_or_else(|| incoming.sent());
        let told = incoming.time(orc, 15)?;
        let latest = incoming.received.checked_add(AHEAD).unwrap_or(incoming.received);
        let begins = told.as_ref().and_then(|text| begins(&incoming.zone, text));
        let later = begins.filter(|begins| *begins > latest);
        // A status that is kept now holds as of now, whatever is to come.
        let effective = told.filter(|text| later.is_none() && instant(text).is_some());
        Ok(Self { at, effective: effective.unwrap_or_else(|| at.min(latest).to_string()), later, latest })
    }

    /// Refuses what is to take effect later, unless that is not after the `start` of the order: of one that has not begun nothing is
    /// lost when it ends at once.
    pub(super) fn check_effect(&self, start: Option<Timestamp>) -> Result<(), Refused> {
        if self.later.is_none_or(|later| start.is_some_and(|start| later <= start)) {
            return Ok(());
        }
        let reason = "is to take effect later: what is kept here holds at once, so nothing was changed";
        Err(Refused::error(
            "ORC-15",
            reason,
            "send it when it takes effect; the end of an order belongs in TQ1-8",
        ))
    }

    /// Refuses what was entered before the last change of the order.
    pub(super) fn check_age(&self, known: &OrderState) -> Result<(), Refused> {
        // A store of before this was kept knows the time of the content, which may be one that has not come yet.
        let last = known.transaction.as_ref().or(known.ordered.as_ref());
        let last = last.and_then(|text| text.parse::<Timestamp>().ok()).filter(|last| *last <= self.latest);
        match last {
            Some(last) if self.at < last => {
                let reason = format!(
                    "was entered at {}, before the last change of this order ({last}): nothing was changed",
                    self.at
                );
                let remedy =
                    "see which of them is in force; if it is this one, send it anew with its own ORC-9";
                Err(Refused::error("ORC-9", reason, remedy))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Keeps its time with the order. A clock of the sender that is ahead must not have its later messages refused for long, and a
    /// stop that seems older does not make older words newer.
    pub(super) fn keep(&self, order: &mut OrderState) {
        let told = self.at.min(self.latest);
        let kept = order.transaction.as_ref().and_then(|text| text.parse::<Timestamp>().ok());
        order.transaction = Some(kept.map_or(told, |kept| kept.max(told)).to_string());
    }
}

/// The beginning of a FHIR time, which may be a day, a month or a year.
pub(super) fn begins(zone: &TimeZone, text: &str) -> Option<Timestamp> {
    let day = |text: &str| {
        let day: Date = text.parse().ok()?;
        zone.to_timestamp(day.at(0, 0, 0, 0)).ok()
    };
    let whole = text.parse().ok().or_else(|| day(text));
    whole.or_else(|| day(&format!("{text}-01"))).or_else(|| day(&format!("{text}-01-01")))
}
