//! What is held against each other: ledgers, the dispense file, the store, the steps that were taken.

use std::path::PathBuf;

use exchange::pharmacy::range::{book_of_range, up_to_now};
use exchange::pharmacy::{self, Limits, Site, Steps, Stored, Uses, dispenses};
use exchange::policy;
use exchange::site::read_file;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ledger::reading::{Book, Options, read};
use rights::policy::Policy;

/// Where it stands.
#[derive(clap::Args)]
pub(super) struct Held {
    /// The ledgers' folders: all kiosks of the ward.
    #[arg(required = true)]
    pub(super) sources: Vec<PathBuf>,
    /// The dispense file, CSV. Needed but for missed, barcodes and recall.
    #[arg(long, value_name = "FILE")]
    pub(super) dispenses: Option<PathBuf>,
    /// The store with orders and drug file, for requests and items that no kiosk has seen.
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,
    /// The pharmacy's own ledger, with the steps taken for discrepancies.
    #[arg(long, value_name = "DIR")]
    pub(super) steps: Option<PathBuf>,
    /// The site's policy file, as the kiosks have it: windows of scheduled doses, and within which time a rest is to be wasted. Defaults without.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// From a removal to what was done with it, in minutes.
    #[arg(long, value_name = "MINUTES", default_value_t = 60)]
    window: i64,
    /// The site's time zone.
    #[arg(long, value_name = "IANA", default_value = pharmacy::ZONE)]
    pub(super) zone: String,
}

impl Held {
    /// What the ledgers say.
    pub(super) fn book(&self, options: &Options) -> anyhow::Result<Book> {
        let book = read(&self.sources, options)?;
        anyhow::ensure!(
            book.is_open(),
            "reconciliation reads patient data, which opens only with keys/device.key beside each ledger"
        );
        Ok(book)
    }

    /// What the ledgers say before the end of the range, and what is known of requests and items whatever the range.
    fn book_of_range(&self, options: &Options, zone: &TimeZone) -> anyhow::Result<(Book, pharmacy::Known)> {
        let read = |to| self.book(&Options { from: None, to, ..options.clone() });
        let (mut book, known) = book_of_range(options.to.as_ref(), zone, read)?;
        // The page says the range as it was asked for.
        book.options.clone_from(options);
        Ok((book, known))
    }

    /// Reads everything and hands it to `make`.
    pub(super) fn with_site<T>(
        &self,
        options: &Options,
        now: Timestamp,
        make: impl FnOnce(&Site<'_>) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let zone = super::zone(&self.zone)?;
        self.with_book(self.book_of_range(options, &zone)?, (&zone, now), make)
    }

    /// The same of everything up to now: what a step is taken for has to be what the list shows, and a discrepancy also comes about when
    /// nobody records anything any more.
    pub(super) fn with_all<T>(
        &self,
        names: bool,
        now: Timestamp,
        make: impl FnOnce(&Site<'_>) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let mut book = self.book(&Options { names, ..Options::default() })?;
        let known = Uses::of(&book).known(&book);
        book.options.to = Some(up_to_now(&book, now));
        self.with_book((book, known), (&super::zone(&self.zone)?, now), make)
    }

    fn with_book<T>(
        &self,
        (book, of_ledgers): (Book, pharmacy::Known),
        (zone, now): (&TimeZone, Timestamp),
        make: impl FnOnce(&Site<'_>) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let stored = self.stored(now)?;
        let known = stored.known(of_ledgers);
        let rows = match &self.dispenses {
            Some(path) => {
                let name = path.display().to_string();
                let (rows, rejections) = dispenses::read(&name, &read_file(path)?, &known)?;
                if !rejections.is_empty() {
                    for rejection in &rejections {
                        eprintln!("{}: {}; {}", rejection.place, rejection.reason, rejection.remedy);
                    }
                    anyhow::bail!(
                        "{name}: {} lines cannot be used; nothing was reconciled",
                        rejections.len()
                    );
                }
                rows
            }
            None => Vec::new(),
        };
        let steps = match &self.steps {
            Some(ledger) => Steps::of(&read(std::slice::from_ref(ledger), &Options::default())?),
            None => Steps::default(),
        };
        let policy = self.policy.as_deref().map_or_else(|| Ok(Policy::default()), policy::read_file)?;
        let matched = SignedDuration::from_mins(self.window.max(0));
        make(&Site {
            book: &book,
            dispenses: &rows,
            stored: &stored,
            known: &known,
            policy: &policy,
            zone,
            now,
            steps: &steps,
            limits: Limits { matched, ..Limits::of(&policy) },
        })
    }

    /// What the store knows.
    fn stored(&self, now: Timestamp) -> anyhow::Result<Stored> {
        let Some(dir) = &self.store else { return Ok(Stored::default()) };
        anyhow::ensure!(
            dir.join("imports").exists(),
            "{}: there is no store; `exchange import` makes one",
            dir.display()
        );
        let zone = super::zone(&self.zone)?;
        let today = now.to_zoned(zone.clone()).date();
        Ok(Stored::read(dir, &zone, today)?)
    }
}
