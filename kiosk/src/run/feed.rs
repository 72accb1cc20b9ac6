//! The order feed of a device: the files of the orders and the drug file are looked at again and again; what changed is imported and handed on.
//! A file that cannot be read leaves the orders as they are, growing old on the screen.

use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use jiff::tz::TimeZone;
use tokio::sync::oneshot;

use super::{News, tell};
use crate::clock::SystemClock;
use crate::ward::{self, WardFiles};

/// How often the files are looked at.
const EVERY: Duration = Duration::from_secs(2);

/// The order feed, not started or running.
pub struct OrderFeed {
    files: WardFiles,
    zone: TimeZone,
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl OrderFeed {
    /// A feed of these files.
    pub const fn new(files: WardFiles, zone: TimeZone) -> Self {
        Self { files, zone, running: None }
    }

    pub(super) fn start(self) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let (stop, stopped) = oneshot::channel();
        let (files, zone) = (self.files.clone(), self.zone.clone());
        let thread = std::thread::Builder::new()
            .name("orders".into())
            .spawn(move || runtime.block_on(follow(files, zone, stopped)))?;
        Ok(Self { running: Some((stop, thread)), ..self })
    }

    pub(super) fn stop(self) {
        if let Some((stop, thread)) = self.running {
            let _ = stop.send(());
            if thread.join().is_err() {
                tracing::error!("the orders' thread ended in a panic");
            }
        }
    }
}

async fn follow(files: WardFiles, zone: TimeZone, mut stopped: oneshot::Receiver<()>) {
    let clock = SystemClock::new(zone.clone());
    let mut known = changed_at(&files);
    let mut timer = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            _ = &mut stopped => return,
            _ = timer.tick() => {}
        }
        let seen = changed_at(&files);
        if seen == known {
            continue;
        }
        // Said once for each change, not every two seconds until the file is mended.
        known = seen;
        match ward::load(&files, &zone, clock.today()) {
            Ok(ward) => {
                tracing::info!(refused = ward.rejections.len(), "orders read again");
                tell(News::Orders(Box::new((ward.chart, ward.formulary))));
            }
            // Why stands in the check, not here: the reason can name a record.
            Err(_) => tracing::error!("orders not read, the ones before stay; run `kiosk check-config`"),
        }
    }
}

/// When the orders and the drug file were last written.
fn changed_at(files: &WardFiles) -> Vec<Option<SystemTime>> {
    let drugs = ["items.csv", "barcodes.csv", "recalls.csv"].map(|name| files.drugs.join(name));
    let paths = files.orders.iter().chain(&drugs);
    paths.map(|path| path.metadata().and_then(|file| file.modified()).ok()).collect()
}
