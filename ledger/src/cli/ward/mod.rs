//! A synthetic ward for tests, benches and training: patients, nurses, kiosks and days, the same for the same seed. Every entry is a
//! decision of `rights`, made by driving the bedside as nurses do, small mishaps included. What is planted, and what really happened,
//! is noted beside it ([`truth::Truth`]), so that reports can be held against it.

#![allow(
    clippy::struct_excessive_bools,
    clippy::too_many_lines,
    reason = "lists of what happened and is planted"
)]
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::missing_panics_doc,
    reason = "each user takes another part"
)]

pub mod giving;
pub mod kiosk;
pub mod needed;
pub mod people;
pub mod plant;
pub mod random;
pub mod round;
pub mod stock;
pub mod truth;

use std::path::{Path, PathBuf};

use jiff::civil::date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ledger::clock::ClockEvidence;
use ledger::epoch::EpochPlan;
use ledger::init::{InitOptions, init_on};
use ledger::ledger::{Ledger, OpenOptions};
use ledger::store::{Sharing, Unflushed};
use rights::chart::Chart;
use rights::entry::Entry;
use rights::ident::{Lot, ProductId};
use rights::product::{Recall, RecallClass};

use kiosk::Kiosk;
use plant::Plant;
use random::Random;
use round::{Days, Manner};
use truth::Truth;

/// How large the ward is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub seed: u64,
    pub patients: usize,
    pub nurses: usize,
    pub kiosks: usize,
    pub days: i64,
    /// With workarounds, diversion and emergencies.
    pub planted: bool,
}

impl Size {
    /// Of the tests: some two thousand doses over the night in which daylight-saving time ends.
    pub const SMALL: Self = Self { seed: 7, patients: 12, nurses: 16, kiosks: 2, days: 5, planted: true };
    /// Of clinical.md: some 150,000 doses.
    pub const FULL: Self = Self { seed: 7, patients: 40, nurses: 30, kiosks: 4, days: 90, planted: true };
}

/// The rules of the zone, so that no zone database is needed.
pub fn zone() -> TimeZone {
    TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").unwrap()
}

/// Its name.
pub const ZONE: &str = "America/New_York";

/// The first local midnight; daylight-saving time ends in the night after.
pub fn start() -> Timestamp {
    date(2026, 10, 31).to_zoned(zone()).unwrap().timestamp()
}

/// The lot that is recalled, and of which item.
pub const RECALLED: (&str, &str) = ("LRECALL9", "lisinopril");

/// Lives the days of one kiosk; `sink` takes its entries in their order. What happened comes back.
pub fn live(size: &Size, number: usize, sink: kiosk::Sink<'_>) -> (Truth, ClockEvidence) {
    let (zone, start) = (zone(), start());
    let own = |patient: &usize| patient % size.kiosks == number;
    let patients: Vec<usize> = (0..size.patients).filter(own).collect();
    // The last nurse of each kiosk keeps the planted rounds and no other one.
    let mut nurses: Vec<usize> = (0..size.nurses).filter(|nurse| nurse % size.kiosks == number).collect();
    let planted_nurse = nurses.pop().unwrap();
    let orders: Vec<_> =
        patients.iter().flat_map(|patient| people::requests(*patient, start, &zone)).collect();
    let chart = Chart {
        orders_as_of: Some(start),
        patients: patients.iter().map(|patient| people::patient(*patient)).collect(),
        clinicians: (0..size.nurses).map(people::nurse).collect(),
        requests: orders.iter().map(|(request, _)| request.clone()).collect(),
        ..Chart::default()
    };
    let mut kiosk = Kiosk::new(number as u64, chart, stock::formulary(), start, &zone, sink);
    let random = Random::new(size.seed.wrapping_mul(1000).wrapping_add(number as u64));
    let mut days = Days {
        kiosk: &mut kiosk,
        random,
        zone: &zone,
        patients,
        orders,
        nurses,
        serial: 0,
        number: number as u64,
        unnoted: false,
    };
    let end = start + SignedDuration::from_hours(24 * size.days + 1);
    let rounds = days.rounds(start, end);
    let mut plants = Plant::ALL.iter().copied().filter(|_| size.planted && number == 0);
    let (mut recalled, mut values_copied) = (false, false);
    for (at, due) in rounds {
        let hour = zone.to_datetime(at).hour();
        let first_day = at.duration_since(start) < SignedDuration::from_hours(24);
        let sixth = matches!(hour, 6 | 12 | 18) && due.len() > 8;
        let last = size.planted && number == size.kiosks - 1;
        let copied =
            last && hour == 9 && at.duration_since(start) >= SignedDuration::from_hours(48) && !values_copied;
        match if sixth { plants.next() } else { None } {
            None if copied => {
                values_copied = true;
                days.copied_values(at, due, planted_nurse);
            }
            Some(plant) => days.planted(plant, at, due, planted_nurse),
            None => {
                let nurse = days.nurse();
                days.round(at, due, nurse, Manner::USUAL);
            }
        }
        let hours = SignedDuration::from_hours;
        let day = at.duration_since(start).as_hours() / 24;
        if day >= 1 && !recalled {
            days.kiosk.formulary.recall(recall());
            recalled = true;
        }
        // Two days on which one nurse has all wastes signed by one other, on the first of them without looking.
        let together = [(1, 1500), (2, 9000)].into_iter().find(|(of, _)| *of == day && hour == 9 && last);
        if let Some((_, ms)) = together {
            days.together(at + hours(1), planted_nurse, ms);
            continue;
        }
        match hour {
            0 => days.needed(at + hours(3), &stock::MORPHINE),
            9 => days.needed(at + hours(1), &stock::FENTANYL),
            12 => days.needed(at + SignedDuration::from_mins(100), &stock::MORPHINE),
            18 => days.needed(at + hours(2), &stock::FENTANYL),
            _ => {}
        }
        if last && hour == 8 && first_day {
            days.discrepancies(at + SignedDuration::from_mins(30), planted_nurse);
        }
    }
    let clock = kiosk.clock();
    (std::mem::take(&mut kiosk.truth), clock)
}

impl Days<'_, '_> {
    fn needed(&mut self, at: Timestamp, item: &'static stock::Item) {
        let nurse = self.nurse();
        self.as_needed(at, item, nurse, None);
    }
}

/// The ledgers of a ward, one for each kiosk, built without flushes in a new folder, with `dispenses.csv` beside them.
///
/// # Errors
/// When a ledger cannot be made.
pub fn make(dir: &Path, size: &Size) -> anyhow::Result<(Vec<PathBuf>, Truth)> {
    std::fs::create_dir_all(dir)?;
    let (mut folders, mut truth) = (Vec::new(), Truth::default());
    for number in 0..size.kiosks {
        let folder = dir.join(format!("kiosk-{:02}", number + 1));
        truth.absorb(one(&folder, size, number)?);
        folders.push(folder);
    }
    std::fs::write(dir.join("dispenses.csv"), truth.dispenses())?;
    Ok((folders, truth))
}

fn one(folder: &Path, size: &Size, number: usize) -> anyhow::Result<Truth> {
    std::fs::create_dir_all(folder)?;
    let place = folder.with_extension("redb");
    let unflushed = |path: &Path| Unflushed::open(path);
    let plan = EpochPlan { count: 1024, length_s: 24 * 60 * 60, start_s: start().as_second() };
    let origin = format!("hospital.example/3b/kiosk-{:02}/g1", number + 1);
    let options = InitOptions { plan: Some(plan), sharing: Sharing::Alone, ..InitOptions::new(&origin) };
    let clock = ClockEvidence {
        zone: Some(ZONE.to_owned()),
        offset_s: i64::from(zone().to_offset(start()).seconds()),
        ..ClockEvidence::of_moment(rights::moment::Moment {
            at: start(),
            offset: zone().to_offset(start()),
            clock: rights::moment::ClockTrust::Known(SignedDuration::ZERO),
        })
    };
    init_on(unflushed(&place)?, folder, &options, &clock)?;
    let open = OpenOptions { sharing: Sharing::Alone, ..OpenOptions::default() };
    let mut ledger = Ledger::open_on(unflushed(&place)?, folder, &open, &clock)?;
    let mut failed = None;
    let mut sink = |entry: Entry, clock: ClockEvidence| {
        if failed.is_none() {
            failed = ledger.append(&entry, &clock).err();
        }
    };
    let (truth, last) = live(size, number, &mut sink);
    if let Some(error) = failed {
        return Err(error.into());
    }
    ledger.close(&last)?;
    std::fs::rename(&place, folder.join("ledger.redb"))?;
    Ok(truth)
}

/// The recall of the planted lot, for the drug file of a later day.
pub fn recall() -> Recall {
    Recall {
        product: ProductId::parse(RECALLED.1).unwrap(),
        lot: Lot::parse(RECALLED.0).unwrap(),
        class: RecallClass::Two,
    }
}
