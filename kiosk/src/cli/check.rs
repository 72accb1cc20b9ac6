//! `kiosk check-config`: whether a configuration, and everything that it names, can be used.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use exchange::hub::client::HubClient;
use jiff::civil::Date;
use kiosk::clock::SystemClock;
use kiosk::config::{self, Config, OrderSource};
use kiosk::feeds::Feeds;
use kiosk::recorder::not_contradicted;
use kiosk::ward::{self, Ward, WardError, WardFiles};
use ledger::inspect::Inspector;

use super::pins;

/// The place of a record, for a journal: what was pulled from a feed is filed under its patient's number, which no journal may hold.
pub(crate) fn without_patient(place: &str) -> &str {
    place.split_once(" patient ").map_or(place, |(feed, _)| feed)
}

/// Says what is wrong; false when something is. With `places` only where, for it is printed into a journal then.
pub(crate) fn check(path: &Path, places: bool) -> anyhow::Result<bool> {
    let config = config::read(path)?;
    let today = SystemClock::new(config.zone.clone()).today();
    let loaded =
        orders(&config, today).map_err(|error| if places { without_records(error, path) } else { error })?;
    for rejection in &loaded.rejections {
        if places {
            println!("not taken over: {}", without_patient(&rejection.place));
        } else {
            println!("not taken over: {rejection}");
        }
    }
    if places && !loaded.rejections.is_empty() {
        println!(
            "{} not taken over; `kiosk check-config {}` says why",
            loaded.rejections.len(),
            path.display()
        );
    }
    if let Some(hub) = &config.hub {
        HubClient::new(&hub.address, Duration::from_secs(1)).context("hub")?;
    }
    let has_ledger = has_ledger(&config);
    let pins_are_good = !has_ledger || pins::check(&config, &loaded)?;
    let chart = &loaded.chart;
    println!(
        "{} patients, {} requests, {} clinicians",
        chart.patients.len(),
        chart.requests.len(),
        chart.clinicians.len()
    );
    Ok(loaded.rejections.is_empty() && has_ledger && pins_are_good)
}

/// The ward as the device would load it, and nothing started.
fn orders(config: &Config, today: Date) -> anyhow::Result<Ward> {
    let staff = config.staff.clone();
    Ok(match &config.orders {
        OrderSource::Files(orders) => {
            ward::load(&WardFiles { orders: orders.clone(), staff }, &config.zone, today)?
        }
        OrderSource::Feeds(named) => {
            ward::with_staff(Feeds::look(named, &config.zone)?.orders(today)?, &staff)?
        }
    })
}

/// Whether the folder holds this kiosk's ledger: not none, and none that the kiosk would refuse to open, as another's.
fn has_ledger(config: &Config) -> bool {
    let folder = config.ledger.display();
    if std::fs::read_dir(&config.ledger).map_or(true, |mut files| files.next().is_none()) {
        println!("{folder}: no ledger yet; make it once with `ledger init`");
        return false;
    }
    if let Err(error) = not_contradicted(&config.ledger) {
        println!("{error}");
        return false;
    }
    match Inspector::open(&config.ledger) {
        Ok(ledger) if ledger.origin() == config.origin => true,
        Ok(ledger) => {
            let (found, origin) = (ledger.origin(), &config.origin);
            println!("{folder}: this is the ledger of {found}; the configuration says origin = \"{origin}\"");
            false
        }
        Err(error) => {
            println!("{folder}: no ledger that can be read: {error}");
            false
        }
    }
}

/// Why orders cannot be read at all, without what could name a record: a Bundle's error can hold its ids.
pub(crate) fn without_records(error: anyhow::Error, path: &Path) -> anyhow::Error {
    match error.downcast_ref::<WardError>() {
        Some(WardError::Bundle(_)) => {
            anyhow::anyhow!("orders cannot be read: `kiosk check-config {}` says why", path.display())
        }
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_a_journal_names_no_patient() {
        assert_eq!(without_patient("ehr patient pt-0117 entry 3"), "ehr");
        assert_eq!(
            without_patient("ward-3b.json entry 3, MedicationRequest"),
            "ward-3b.json entry 3, MedicationRequest"
        );
    }
}
