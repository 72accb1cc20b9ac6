//! The order feed of a device, on a thread of its own: what changed is read and handed on to the screen.
//!
//! Files of orders are looked at every two seconds; the store of the hospital's feeds twenty times a second, which costs a
//! thousandth of a core, so that a new order is on the due list before anybody can look for it. What cannot be read leaves
//! the orders as they are, growing old on the screen, and is tried again. Who works here is as it was at the start.

use std::fmt::Display;
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use exchange::feed::live::{FeedAge, Pulse};
use exchange::site::Site;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rights::person::Clinician;
use tokio::sync::oneshot;

use super::{News, tell};
use crate::clock::{Clock as _, SystemClock};
use crate::feeds::{Feeds, FeedsError};
use crate::ward::{self, OrderFiles, WardError};

/// How often files are looked at.
const FILES_EVERY: Duration = Duration::from_secs(2);
/// How often the feeds' store is looked at.
const STORE_EVERY: Duration = Duration::from_millis(50);
/// How often "still the same" is told: the screen shows minutes.
const HEARD_EVERY: Duration = Duration::from_secs(20);

/// Where orders come from while the kiosk runs.
#[derive(Debug)]
pub enum LiveOrders {
    /// Files that another program writes.
    Files(OrderFiles),
    /// The hospital's feeds.
    Feeds(Box<Feeds>),
}

/// What brings a running kiosk its orders.
#[derive(Debug)]
pub struct OrderFeed {
    /// Where they come from.
    pub from: LiveOrders,
    /// Who works here; orders do not tell.
    pub clinicians: Vec<Clinician>,
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
        let Self { from, clinicians } = self;
        let thread = std::thread::Builder::new().name("orders".into()).spawn(move || match from {
            LiveOrders::Files(files) => {
                runtime.block_on(follow_files(&files, &clinicians, zone, stopped));
            }
            LiveOrders::Feeds(mut feeds) => {
                runtime.block_on(follow_store(&mut feeds, &clinicians, zone, stopped));
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

async fn follow_files(
    files: &OrderFiles,
    clinicians: &[Clinician],
    zone: TimeZone,
    mut stopped: oneshot::Receiver<()>,
) {
    let clock = SystemClock::new(zone.clone());
    let mut files = ChangedFiles::new(files, zone);
    let mut failure = Failure::default();
    let mut timer = tokio::time::interval(FILES_EVERY);
    while goes_on(&mut timer, &mut stopped).await {
        let read = files.read(clock.today());
        failure.tell(read.as_ref().err());
        if let Ok(Some(site)) = read {
            hand_on(site, clinicians);
        }
    }
}

async fn follow_store(
    feeds: &mut Feeds,
    clinicians: &[Clinician],
    zone: TimeZone,
    mut stopped: oneshot::Receiver<()>,
) {
    let clock = SystemClock::new(zone);
    let mut timer = tokio::time::interval(STORE_EVERY);
    timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut follower = Follower { feeds, clinicians, clock, handed_on: None, silent: None };
    let mut failure = Failure::default();
    while goes_on(&mut timer, &mut stopped).await {
        let looked = follower.look();
        failure.tell(looked.as_ref().err());
        if looked.is_err() {
            // What could not be read is tried again, but a whole house is not laid twenty times a second for it.
            timer.reset_after(FILES_EVERY);
        }
    }
}

/// Why orders could not be read at the last look.
#[derive(Default)]
struct Failure(Option<String>);

impl Failure {
    /// Says once that orders cannot be read, and again when the cause is another one. The cause can name a record, so it stands in the check
    /// and not here.
    fn tell(&mut self, error: Option<&impl Display>) {
        let cause = error.map(ToString::to_string);
        if cause.is_some() && cause != self.0 {
            tracing::error!("orders cannot be read, the ones before stay; run `kiosk check-config`");
        }
        self.0 = cause;
    }
}

/// What was told of the feeds so far.
struct Follower<'a> {
    feeds: &'a mut Feeds,
    clinicians: &'a [Clinician],
    clock: SystemClock,
    /// When orders were handed on last; `None`: what was read is not handed on yet.
    handed_on: Option<Instant>,
    silent: Option<FeedAge>,
}

impl Follower<'_> {
    fn look(&mut self) -> Result<(), FeedsError> {
        let today = self.clock.today();
        let pulse = self.feeds.pulse(today)?;
        let due = match (pulse, self.handed_on) {
            (Pulse::Changed, _) | (_, None) => true,
            (Pulse::Heard, Some(at)) => at.elapsed() >= HEARD_EVERY,
            (Pulse::Same, Some(_)) => false,
        };
        if due {
            self.handed_on = None;
            hand_on(self.feeds.orders(today)?, self.clinicians);
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

fn hand_on(site: Site, clinicians: &[Clinician]) {
    tracing::info!(refused = site.rejections.len(), "orders read again");
    let chart = ward::with_clinicians(site.chart, clinicians.to_vec());
    tell(News::Orders(Box::new((chart, site.formulary))));
}

/// Waits for the next look; false when the kiosk stops.
async fn goes_on(timer: &mut tokio::time::Interval, stopped: &mut oneshot::Receiver<()>) -> bool {
    tokio::select! {
        _ = stopped => false,
        _ = timer.tick() => true,
    }
}

/// Order files, read when they are others than they were read last, or when the day is: it decides which barcodes are in force, and a kiosk
/// may start before its clock is set.
struct ChangedFiles<'a> {
    files: &'a OrderFiles,
    zone: TimeZone,
    /// What was read last, and on which day; `None`: whatever is there is still to be read.
    read: Option<(Date, Vec<Option<SystemTime>>)>,
}

impl<'a> ChangedFiles<'a> {
    /// The first look reads: what was written while the kiosk started may not be in what it started with.
    const fn new(files: &'a OrderFiles, zone: TimeZone) -> Self {
        Self { files, zone, read: None }
    }

    /// The orders, when they may be others than were read last. What cannot be read is read at the next look, whether a file changed or not:
    /// what stood in the way may be none of them.
    fn read(&mut self, today: Date) -> Result<Option<Site>, WardError> {
        let seen = Some((today, self.changed_at()));
        if self.read == seen {
            return Ok(None);
        }
        self.read = None;
        let site = ward::orders(self.files, &self.zone, today)?;
        self.read = seen;
        Ok(Some(site))
    }

    /// When the orders and the drug file were last written.
    fn changed_at(&self) -> Vec<Option<SystemTime>> {
        let drugs = ["items.csv", "barcodes.csv", "recalls.csv"].map(|name| self.files.drugs.join(name));
        let paths = self.files.orders.iter().chain(&drugs);
        paths.map(|path| path.metadata().and_then(|file| file.modified()).ok()).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const TODAY: Date = jiff::civil::date(2026, 11, 30);

    /// Orders and drug file of the demo ward, as copies.
    fn copied(folder: &Path) -> OrderFiles {
        let ward = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/ward-3b");
        let drugs = folder.join("drugs");
        std::fs::create_dir(&drugs).unwrap();
        for name in ["items.csv", "barcodes.csv", "recalls.csv"] {
            std::fs::copy(ward.join("drugs").join(name), drugs.join(name)).unwrap();
        }
        let orders = folder.join("orders.json");
        std::fs::copy(ward.join("orders/ward-3b.json"), &orders).unwrap();
        OrderFiles { orders: vec![orders], drugs }
    }

    fn zone() -> TimeZone {
        TimeZone::get("America/New_York").unwrap()
    }

    #[test]
    fn orders_that_were_written_while_the_kiosk_started_are_read_at_the_first_look() {
        let folder = tempfile::tempdir().unwrap();
        let files = copied(folder.path());
        let mut changed = ChangedFiles::new(&files, zone());
        let mut reads = |today| changed.read(today).unwrap().is_some();
        assert!(reads(TODAY), "whatever the kiosk started with may be older");
        assert!(!reads(TODAY));
        let later = SystemTime::now() + Duration::from_mins(1);
        std::fs::File::options().write(true).open(&files.orders[0]).unwrap().set_modified(later).unwrap();
        assert!(reads(TODAY));
        assert!(!reads(TODAY));
        let tomorrow = TODAY.tomorrow().unwrap();
        assert!(reads(tomorrow), "other barcodes may be in force");
        assert!(!reads(tomorrow));
    }

    #[test]
    fn s2_orders_that_cannot_be_read_are_tried_until_they_can() {
        let folder = tempfile::tempdir().unwrap();
        let files = copied(folder.path());
        let mut changed = ChangedFiles::new(&files, zone());
        assert!(changed.read(TODAY).unwrap().is_some());
        // Half of it is written; the other half comes within the same instant of the file system's clock.
        let whole = std::fs::read(&files.orders[0]).unwrap();
        let at = SystemTime::now() + Duration::from_mins(1);
        let write = |bytes: &[u8]| {
            std::fs::write(&files.orders[0], bytes).unwrap();
            std::fs::File::options().write(true).open(&files.orders[0]).unwrap().set_modified(at).unwrap();
        };
        write(&whole[..whole.len() / 2]);
        assert!(changed.read(TODAY).is_err());
        assert!(changed.read(TODAY).is_err(), "still");
        write(&whole);
        assert!(changed.read(TODAY).unwrap().is_some());
        // A table of the drug file that is missing stands in the way of all orders.
        let recalls = files.drugs.join("recalls.csv");
        std::fs::rename(&recalls, folder.path().join("elsewhere")).unwrap();
        assert!(changed.read(TODAY).is_err());
        std::fs::rename(folder.path().join("elsewhere"), &recalls).unwrap();
        assert!(changed.read(TODAY).unwrap().is_some());
    }
}
