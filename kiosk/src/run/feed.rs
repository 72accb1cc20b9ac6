//! The order feed of a device, on a thread of its own: what changed is read and handed on to the screen.
//!
//! Files of orders are looked at every two seconds; the store of the hospital's feeds twenty times a second, which costs a
//! thousandth of a core, so that a new order is on the due list before anybody can look for it. What cannot be read leaves
//! the orders as they are, growing old on the screen.

use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use exchange::feed::live::{FeedAge, Pulse};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tokio::sync::oneshot;

use super::{News, tell};
use crate::clock::{Clock as _, SystemClock};
use crate::feeds::Feeds;
use crate::ward::{self, StaffFiles, Ward, WardFiles};

/// How often files are looked at.
const FILES_EVERY: Duration = Duration::from_secs(2);
/// How often the feeds' store is looked at.
const STORE_EVERY: Duration = Duration::from_millis(50);
/// How often "still the same" is told: the screen shows minutes.
const HEARD_EVERY: Duration = Duration::from_secs(20);

/// Where orders come from while the kiosk runs.
#[derive(Debug)]
pub enum OrderFeed {
    /// Files that another program writes.
    Files(WardFiles),
    /// The hospital's feeds, with the staff who are laid over their orders.
    Feeds(Box<Feeds>, StaffFiles),
}

/// A feed on its thread.
pub(super) struct Following {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl OrderFeed {
    pub(super) fn start(self, zone: TimeZone) -> std::io::Result<Following> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name("orders".into()).spawn(move || match self {
            Self::Files(files) => runtime.block_on(follow_files(&files, zone, stopped)),
            Self::Feeds(mut feeds, staff) => {
                runtime.block_on(follow_store(&mut feeds, &staff, zone, stopped));
                feeds.stop();
            }
        })?;
        Ok(Following { stop, thread })
    }
}

impl Following {
    pub(super) fn stop(self) {
        let _ = self.stop.send(());
        if self.thread.join().is_err() {
            tracing::error!("the orders' thread ended in a panic");
        }
    }
}

async fn follow_files(files: &WardFiles, zone: TimeZone, mut stopped: oneshot::Receiver<()>) {
    let clock = SystemClock::new(zone.clone());
    let mut stamps = Stamps::default();
    let mut timer = tokio::time::interval(FILES_EVERY);
    while goes_on(&mut timer, &mut stopped).await {
        let today = clock.today();
        if !stamps.differ(files, today) {
            continue;
        }
        match ward::load(files, &zone, today) {
            Ok(ward) => hand_on(ward),
            // Why stands in the check, not here: the reason can name a record.
            Err(_) => tracing::error!("orders not read, the ones before stay; run `kiosk check-config`"),
        }
    }
}

async fn follow_store(
    feeds: &mut Feeds,
    staff: &StaffFiles,
    zone: TimeZone,
    mut stopped: oneshot::Receiver<()>,
) {
    let clock = SystemClock::new(zone);
    let mut timer = tokio::time::interval(STORE_EVERY);
    timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut follower = Follower { feeds, staff, clock, handed_on: None, silent: None };
    let mut failed = false;
    while goes_on(&mut timer, &mut stopped).await {
        let looked = follower.look();
        // Said once, not twenty times a second; the reason can name a record, so it stands in the check.
        if looked.is_err() && !failed {
            tracing::error!("orders cannot be read, the ones before stay; run `kiosk check-config`");
        }
        failed = looked.is_err();
        if failed {
            // What could not be read is tried again, but a whole house is not laid twenty times a second for it.
            timer.reset_after(FILES_EVERY);
        }
    }
}

/// What was told of the feeds so far.
struct Follower<'a> {
    feeds: &'a mut Feeds,
    staff: &'a StaffFiles,
    clock: SystemClock,
    /// When orders were handed on last; `None`: what was read is not handed on yet.
    handed_on: Option<Instant>,
    silent: Option<FeedAge>,
}

impl Follower<'_> {
    fn look(&mut self) -> anyhow::Result<()> {
        let today = self.clock.today();
        let pulse = self.feeds.pulse(today)?;
        let due = match (pulse, self.handed_on) {
            (Pulse::Changed, _) | (_, None) => true,
            (Pulse::Heard, Some(at)) => at.elapsed() >= HEARD_EVERY,
            (Pulse::Same, Some(_)) => false,
        };
        if due {
            self.handed_on = None;
            hand_on(ward::with_staff(self.feeds.orders(today)?, self.staff)?);
            self.handed_on = Some(Instant::now());
        }
        let silent = self.feeds.silent(self.clock.moment().at)?;
        if silent != self.silent {
            tell(News::SilentFeed(silent.clone()));
            self.silent = silent;
        }
        Ok(())
    }
}

fn hand_on(ward: Ward) {
    tracing::info!(refused = ward.rejections.len(), "orders read again");
    tell(News::Orders(Box::new((ward.chart, ward.formulary))));
}

/// Waits for the next look; false when the kiosk stops.
async fn goes_on(timer: &mut tokio::time::Interval, stopped: &mut oneshot::Receiver<()>) -> bool {
    tokio::select! {
        _ = stopped => false,
        _ = timer.tick() => true,
    }
}

/// When the files were written that were read last, and on which day they were read: it decides which barcodes are in force, and a kiosk
/// may start before its clock is set.
#[derive(Default)]
struct Stamps(Option<(Date, Vec<Option<SystemTime>>)>);

impl Stamps {
    /// Whether the files are others than at the last look, or the day is. At the first look they are: what was written while the kiosk started may not be
    /// in what it started with. A file that cannot be read is said once for each change, not every two seconds until it is mended.
    fn differ(&mut self, files: &WardFiles, today: Date) -> bool {
        let seen = Some((today, changed_at(files)));
        let differ = self.0 != seen;
        self.0 = seen;
        differ
    }
}

/// When the orders and the drug file were last written.
fn changed_at(files: &WardFiles) -> Vec<Option<SystemTime>> {
    let drugs = ["items.csv", "barcodes.csv", "recalls.csv"].map(|name| files.orders.drugs.join(name));
    let paths = files.orders.orders.iter().chain(&drugs);
    paths.map(|path| path.metadata().and_then(|file| file.modified()).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ward::OrderFiles;

    #[test]
    fn orders_that_were_written_while_the_kiosk_started_are_read_at_the_first_look() {
        let folder = tempfile::tempdir().unwrap();
        let orders = folder.path().join("orders.json");
        std::fs::write(&orders, "{}").unwrap();
        let files = WardFiles {
            orders: OrderFiles { orders: vec![orders.clone()], drugs: folder.path().join("drugs") },
            staff: StaffFiles { staff: folder.path().join("staff.csv"), policy: None },
        };
        let (today, tomorrow) = (jiff::civil::date(2026, 11, 30), jiff::civil::date(2026, 12, 1));
        let mut stamps = Stamps::default();
        assert!(stamps.differ(&files, today), "whatever the kiosk started with may be older");
        assert!(!stamps.differ(&files, today));
        let later = SystemTime::now() + Duration::from_mins(1);
        std::fs::File::options().write(true).open(&orders).unwrap().set_modified(later).unwrap();
        assert!(stamps.differ(&files, today));
        assert!(!stamps.differ(&files, today));
        assert!(stamps.differ(&files, tomorrow), "other barcodes may be in force");
        assert!(!stamps.differ(&files, tomorrow));
    }
}
