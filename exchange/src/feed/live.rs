//! What the bedside reads: the chart and the drug file as of now, how old each feed is, and what changed since it last looked.
//!
//! ```no_run
//! use exchange::feed::live::Live;
//! use exchange::{hl7::Hl7Rules, rules::SiteRules};
//! use jiff::{Timestamp, civil::date, tz::TimeZone};
//!
//! let zone = TimeZone::get("America/New_York")?;
//! let mut live = Live::open("/var/lib/bcma/store".as_ref(), SiteRules::new(zone.clone()), Hl7Rules::new(zone))?;
//! let now: Timestamp = "2026-11-30T13:00:00Z".parse()?;
//! let site = live.load(date(2026, 11, 30))?; // chart, drug file, rejections
//! let more = live.pulse(date(2026, 11, 30))?; // whether to load again
//! let silent = live.silent_feeds(now)?; // not empty: "orders not current"
//! let news = live.news()?; // sessions of these patients end: news.ends_session(id)
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::path::Path;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::db::{self, Db, DbError, DbReader, FeedRecord, View};
use super::laid::Laid;
use super::refused;
use super::state::Change;
use crate::fhir;
use crate::hl7::Hl7Rules;
use crate::rejection::Rejection;
use crate::rules::SiteRules;
use crate::site::Site;
use crate::store::{Store, StoreError};

/// Why the store could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// The imported files.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What the feeds brought.
    #[error(transparent)]
    Feed(#[from] DbError),
    /// A pulled Bundle cannot be read any more.
    #[error(transparent)]
    Bundle(#[from] fhir::BundleError),
}

/// How a feed is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedAge {
    /// Its name in `exchange.toml`.
    pub name: String,
    /// When it was last heard; `None`: never.
    pub heard: Option<Timestamp>,
    /// Why the last attempt failed, for a feed that is asked.
    pub failure: Option<String>,
    /// Silent for longer than its site allows.
    pub silent: bool,
}

/// What changed since the last look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// These changes, oldest first; none: nothing to read anew.
    Changes(Vec<Change>),
    /// More than is kept: read everything anew, and end sessions whose patient is not as before.
    Everything,
}

impl News {
    /// Whether there is nothing new.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Changes(changes) if changes.is_empty())
    }

    /// Whether an open session with this patient has to end.
    pub fn ends_session(&self, patient: &rights::ident::PatientId) -> bool {
        match self {
            Self::Changes(changes) => {
                changes.iter().any(|change| change.what.ends_session() && change.patient == patient.as_str())
            }
            Self::Everything => true,
        }
    }
}

/// Where the feeds are read: from the writer of this process, or beside the writer of another one.
#[derive(Debug)]
enum Source {
    Own(std::sync::Arc<Db>),
    /// Opened when it is there; a store without feeds has none.
    Beside(Option<DbReader>),
}

/// A store read by the bedside.
#[derive(Debug)]
pub struct Live {
    store: Store,
    source: Source,
    path: std::path::PathBuf,
    rules: SiteRules,
    hl7: Hl7Rules,
    /// The revision up to which changes were told.
    revision: u64,
    /// What was read, and the state of the store then.
    laid: Option<Laid>,
    loaded: Option<State>,
}

/// What decides what [`Live::load`] gives.
#[derive(Clone, Debug, PartialEq, Eq)]
struct State {
    list: String,
    today: Date,
    revision: u64,
    feeds: Vec<(String, FeedRecord)>,
    /// Messages that wait for a person, by number.
    parked: Vec<u64>,
}

/// Whether there is something to load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pulse {
    /// All is as it was.
    Same,
    /// Feeds were heard and said nothing new: orders are the same, and more current.
    Heard,
    /// Something else.
    Changed,
}

impl Live {
    /// Opens a store's folder for reading beside `exchange serve`.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn open(dir: &Path, rules: SiteRules, hl7: Hl7Rules) -> Result<Self, LiveError> {
        let store = Store::open(dir)?;
        let path = db::path_in(dir);
        let reader = DbReader::open(&path)?;
        let source = Source::Beside(reader);
        let mut live = Self { store, source, path, rules, hl7, revision: 0, laid: None, loaded: None };
        live.revision = live.view()?.map_or(Ok(0), |view| view.revision())?;
        Ok(live)
    }

    /// The same in the process that writes.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn beside(
        dir: &Path,
        db: std::sync::Arc<Db>,
        rules: SiteRules,
        hl7: Hl7Rules,
    ) -> Result<Self, LiveError> {
        let revision = db.view()?.revision()?;
        let store = Store::open(dir)?;
        let (source, path) = (Source::Own(db), db::path_in(dir));
        Ok(Self { store, source, path, rules, hl7, revision, laid: None, loaded: None })
    }

    fn view(&mut self) -> Result<Option<View>, DbError> {
        match &mut self.source {
            Source::Own(db) => db.view().map(Some),
            Source::Beside(reader) => {
                if reader.is_none() {
                    *reader = DbReader::open(&self.path)?;
                }
                reader.as_ref().map(DbReader::view).transpose()
            }
        }
    }

    /// Everything that is in force as of `today`: imported Bundles, pulled ones, and what HL7 v2 said. Only what changed since the
    /// last call is read anew.
    ///
    /// # Errors
    /// When something stored cannot be read any more.
    pub fn load(&mut self, today: Date) -> Result<Site, LiveError> {
        let state = self.state(today)?;
        let view = self.view()?;
        let mut laid = match self.laid.take().filter(|laid| laid.is_of(&state.list, today)) {
            Some(laid) => laid,
            None => Laid::read(&self.store, &self.rules, state.list.clone(), today)?,
        };
        if let Some(view) = &view {
            laid.catch_up(view, &self.hl7)?;
        }
        let site = laid.lay(&state.feeds);
        self.laid = Some(laid);
        self.loaded = Some(state);
        Ok(site)
    }

    /// Whether [`load`](Self::load) would give something else than it did last. Cheap: nothing is read anew.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn pulse(&mut self, today: Date) -> Result<Pulse, LiveError> {
        let now = self.state(today)?;
        Ok(match &self.loaded {
            Some(then) if *then == now => Pulse::Same,
            Some(then) if State { feeds: then.feeds.clone(), ..now } == *then => Pulse::Heard,
            Some(_) | None => Pulse::Changed,
        })
    }

    fn state(&mut self, today: Date) -> Result<State, LiveError> {
        let list = self.store.list()?;
        let (revision, feeds, parked) = match self.view()? {
            Some(view) => (view.revision()?, view.feeds()?, view.parked_numbers()?),
            None => (0, Vec::new(), Vec::new()),
        };
        Ok(State { list, today, revision, feeds, parked })
    }

    /// Each feed with its age.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn feeds(&mut self, now: Timestamp) -> Result<Vec<FeedAge>, LiveError> {
        let Some(view) = self.view()? else { return Ok(Vec::new()) };
        let ages = view.feeds()?.into_iter().map(|(name, feed)| {
            let heard: Option<Timestamp> = feed.heard.parse().ok();
            let most = SignedDuration::from_mins(i64::from(feed.silent_after_min));
            let silent = heard.is_none_or(|heard| now.duration_since(heard) >= most);
            let failure = Some(feed.failure).filter(|text| !text.is_empty());
            FeedAge { name, heard, failure, silent }
        });
        Ok(ages.collect())
    }

    /// The feeds that are silent for longer than the site allows: when there is one, the screen says "orders not current".
    ///
    /// # Errors
    /// As [`feeds`](Self::feeds).
    pub fn silent_feeds(&mut self, now: Timestamp) -> Result<Vec<FeedAge>, LiveError> {
        Ok(self.feeds(now)?.into_iter().filter(|feed| feed.silent).collect())
    }

    /// What changed since the last call (the first one: since opening). Files imported by hand are not in it: their list has a
    /// time of change of its own (`imports`).
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn news(&mut self) -> Result<News, LiveError> {
        let Some(view) = self.view()? else { return Ok(News::Changes(Vec::new())) };
        let news = match view.changes_after(self.revision)? {
            Some(changes) => News::Changes(changes),
            None => News::Everything,
        };
        self.revision = view.revision()?;
        Ok(news)
    }

    /// Messages that wait for a person, as rejections.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn parked(&mut self) -> Result<Vec<Rejection>, LiveError> {
        let Some(view) = self.view()? else { return Ok(Vec::new()) };
        Ok(view.parked()?.iter().map(|record| refused::rejection(record, None)).collect())
    }
}
