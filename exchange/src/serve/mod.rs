//! `exchange serve`: all feeds and the outbox in one process.
//!
//! | thread | does | talks by |
//! |---|---|---|
//! | tokio, two workers | MLLP connections, health and metrics | the inbox |
//! | inbox | owns the feed store's writer, commits groups | a bounded queue of 512 |
//! | one for each FHIR server | pulls orders | the inbox |
//! | one for each target | delivers the ledger | the inbox, for its cursor |
//! | station, and tokio's | reads the kiosk's ledger; answers pages | a lock around what is known |
//!
//! Stopping: no connection is taken any more, what was read is stored and answered, every thread ends its step, the writer closes last.

pub mod config;
mod health;
mod work;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;

use crate::feed::db::{self, Db, DbError, FeedRecord};
use crate::feed::inbox::{Inbox, Writer};
use crate::feed::live::{Live, LiveError};
use crate::hl7::Hl7Rules;
use crate::mllp::server::{Counters, Server};
use crate::outbox::pump;
use crate::rules::SiteRules;
use crate::station::{Station, StationError, Web};
use crate::store::{Store, StoreError};
use config::{Config, ConfigError};
use work::Stop;

/// How long what was read may take to be answered when the service stops.
const STOPS_WITHIN: Duration = Duration::from_secs(10);

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The feed store.
    #[error("{path}: {source}")]
    Feed {
        /// Which file.
        path: String,
        /// Why.
        source: DbError,
    },
    /// An address cannot be listened on.
    #[error("{key}: {address} cannot be listened on ({source}): is another process using it, may this user?")]
    Listen {
        /// The key in the configuration.
        key: String,
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// The station.
    #[error(transparent)]
    Station(#[from] StationError),
    /// No runtime.
    #[error("the runtime cannot be started: {0}")]
    Runtime(std::io::Error),
}

/// What is shown of the service.
pub(crate) struct Shown {
    pub(crate) inbox: Inbox,
    pub(crate) clock: fn() -> Timestamp,
    pub(crate) feeds: Vec<(Arc<str>, Arc<Counters>)>,
    pub(crate) targets: Vec<(String, Arc<pump::Counters>)>,
}

/// The running service.
pub struct Running {
    runtime: Runtime,
    stopping: watch::Sender<bool>,
    servers: Vec<tokio::task::JoinHandle<()>>,
    threads: Vec<JoinHandle<()>>,
    stop: Stop,
    inbox: Inbox,
    writer: Writer,
    store: PathBuf,
    hl7: Hl7Rules,
    station: Option<Arc<Station>>,
    /// Each feed with the address it listens on.
    pub addresses: Vec<(String, SocketAddr)>,
    /// Where health and metrics are.
    pub http: Option<SocketAddr>,
    /// Where the station is, and whether with TLS.
    pub web: Option<(SocketAddr, bool)>,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Running({:?})", self.addresses)
    }
}

/// Starts everything, or nothing.
///
/// # Errors
/// When a store, an address, a certificate or a key cannot be used; the message names the key.
pub fn start(config: &Config, clock: fn() -> Timestamp) -> Result<Running, ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(ServeError::Runtime)?;
    // Everything that can be wrong is found before anything runs.
    Store::open(&config.store)?;
    let listeners = listeners(&runtime, config)?;
    let acceptors = config.mllp.iter().map(config::Mllp::acceptor).collect::<Result<Vec<_>, _>>()?;
    let pulls = config.fhir.iter().map(|fhir| fhir.server(clock)).collect::<Result<Vec<_>, _>>()?;
    let targets = config.targets(clock)?;
    let station = station(config, clock)?;
    let path = db::path_in(&config.store);
    let wrong = |source| ServeError::Feed { path: path.display().to_string(), source };
    let db = Arc::new(Db::open(&path).map_err(wrong)?);
    db.write(|txn| register(txn, config)).map_err(wrong)?;
    let (inbox, writer) = Inbox::start(db, Hl7Rules::clone(&config.hl7));
    let (stopping, stopped) = watch::channel(false);
    let stop = Stop::default();

    let (mut servers, mut feeds, mut addresses) = (Vec::new(), Vec::new(), Vec::new());
    for ((mllp, (listener, address)), tls) in config.mllp.iter().zip(listeners.mllp).zip(acceptors) {
        let feed: Arc<str> = Arc::from(mllp.name.as_str());
        let counters = Arc::new(Counters::default());
        feeds.push((Arc::clone(&feed), Arc::clone(&counters)));
        addresses.push((mllp.name.clone(), address));
        let server = Server { feed, inbox: inbox.clone(), tls, limits: mllp.limits, counters, clock };
        servers.push(runtime.spawn(server.serve(listener, stopped.clone())));
    }
    let mut threads = Vec::new();
    for (fhir, server) in config.fhir.iter().zip(pulls) {
        threads.push(work::pull(fhir.clone(), server, inbox.clone(), stop.clone()));
    }
    let mut shown_targets = Vec::new();
    for target in targets {
        let counters = Arc::new(pump::Counters::default());
        shown_targets.push((target.name().to_owned(), Arc::clone(&counters)));
        if let Some(outbox) = &config.outbox {
            let pump = pump::Pump::new(target, &outbox.ledger, inbox.clone(), counters);
            threads.push(work::deliver(pump, outbox.look_every, stop.clone()));
        }
    }
    let shown = Arc::new(Shown { inbox: inbox.clone(), clock, feeds, targets: shown_targets });
    let http = listeners.http.map(|(listener, address)| {
        servers.push(runtime.spawn(health::serve(listener, shown, stopped)));
        address
    });
    let mut web = None;
    let station = match (station, listeners.station) {
        (Some(Web { station, tls }), Some((listener, address))) => {
            web = Some((address, tls.is_some()));
            threads.push(work::station(Arc::clone(&station), config.look_every(), stop.clone()));
            let kept = Arc::clone(&station);
            servers.push(runtime.spawn(Web { station, tls }.serve(listener, stopping.subscribe())));
            Some(kept)
        }
        _ => None,
    };
    let (store, hl7) = (config.store.clone(), config.hl7.clone());
    Ok(Running {
        runtime,
        stopping,
        servers,
        threads,
        stop,
        inbox,
        writer,
        store,
        hl7,
        station,
        addresses,
        http,
        web,
    })
}

fn station(config: &Config, clock: fn() -> Timestamp) -> Result<Option<Web>, ServeError> {
    let Some(settings) = &config.station else { return Ok(None) };
    let tls = settings.acceptor()?;
    let station = Station::open(settings.clone(), config.store.clone(), config.zone.clone(), clock)?;
    Ok(Some(Web { station: Arc::new(station), tls }))
}

/// Each configured feed has a record from the start, so that one that is never heard is silent and not unknown.
fn register(txn: &db::Txn, config: &Config) -> Result<(), DbError> {
    let mllp = config.mllp.iter().map(|feed| (&feed.name, feed.silent_after_min));
    let fhir = config.fhir.iter().map(|feed| (&feed.name, feed.silent_after_min));
    for (name, silent_after_min) in mllp.chain(fhir) {
        let known = txn.feed(name)?.unwrap_or_default();
        txn.put_feed(name, &FeedRecord { silent_after_min, ..known })?;
    }
    let newest = txn.messages()?;
    if let Some(before) = newest.checked_sub(config.keep_messages) {
        txn.forget_messages(before)?;
    }
    Ok(())
}

type Bound = (TcpListener, SocketAddr);

struct Listeners {
    mllp: Vec<Bound>,
    http: Option<Bound>,
    station: Option<Bound>,
}

fn listeners(runtime: &Runtime, config: &Config) -> Result<Listeners, ServeError> {
    let bind = |key: String, address: SocketAddr| {
        let bound = runtime.block_on(TcpListener::bind(address));
        let bound = bound.and_then(|listener| listener.local_addr().map(|address| (listener, address)));
        bound.map_err(|source| ServeError::Listen { key, address, source })
    };
    let mllp = config
        .mllp
        .iter()
        .map(|mllp| bind(format!("mllp \"{}\" listen", mllp.name), mllp.listen))
        .collect::<Result<Vec<_>, _>>()?;
    let http = config.http.map(|address| bind("http".to_owned(), address)).transpose()?;
    let station = config.station.as_ref().map(|station| bind("station listen".to_owned(), station.listen));
    Ok(Listeners { mllp, http, station: station.transpose()? })
}

impl Running {
    /// The way into the feed store, for the same process.
    pub const fn inbox(&self) -> &Inbox {
        &self.inbox
    }

    /// What the feeds bring, for a bedside in the same process.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn live(&self, rules: SiteRules) -> Result<Live, LiveError> {
        Live::beside(&self.store, self.inbox.shared_db(), rules, self.hl7.clone())
    }

    /// Waits for SIGTERM or SIGINT (`true`), or until the feed store takes nothing any more (`false`).
    ///
    /// # Errors
    /// When signals cannot be waited for.
    pub fn wait_for_signal(&self) -> std::io::Result<bool> {
        self.runtime.block_on(crate::signal::wait(|| self.inbox.is_stopped()))
    }

    /// Stops in order: nothing that was acknowledged is lost.
    pub fn stop(self) {
        let Self { runtime, stopping, servers, threads, stop, inbox, writer, station, .. } = self;
        stop.now();
        let _ = stopping.send(true);
        runtime.block_on(async {
            let all = async {
                for server in servers {
                    let _ = server.await;
                }
            };
            if tokio::time::timeout(STOPS_WITHIN, all).await.is_err() {
                tracing::warn!("a connection did not end in time");
            }
        });
        runtime.shutdown_timeout(Duration::from_secs(1));
        for thread in threads {
            // A panic of the thread has been printed.
            let _ = thread.join();
        }
        if let Some(station) = station {
            station.close();
        }
        drop(inbox);
        writer.join();
    }
}
