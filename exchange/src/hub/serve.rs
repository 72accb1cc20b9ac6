//! `exchange hub`: the hub of one ward as a service.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use super::config::HubConfig;
use super::{Hub, HubDbError, web};
use crate::tls::{self, TlsError};

/// How long what was asked may take to be answered when the service stops.
const STOPS_WITHIN: Duration = Duration::from_secs(10);

/// Why the hub does not start.
#[derive(Debug, thiserror::Error)]
pub enum HubServeError {
    /// Its certificate, its key, or the authority of the kiosks.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Its store.
    #[error("{path}: {error}")]
    Store {
        /// Which file.
        path: String,
        /// Why.
        error: HubDbError,
    },
    /// Its address.
    #[error(
        "listen: {address} cannot be listened on ({source}): is another process using it, may this user?"
    )]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// No runtime.
    #[error("the runtime cannot be started: {0}")]
    Runtime(std::io::Error),
}

/// The TLS of a configuration, when it has one.
///
/// # Errors
/// When a certificate or key cannot be used.
pub fn acceptor(config: &HubConfig) -> Result<Option<TlsAcceptor>, TlsError> {
    let server = config.tls.as_ref().map(|tls| tls::server(&tls.identity, Some(&tls.clients)));
    Ok(server.transpose()?.map(TlsAcceptor::from))
}

/// The running hub.
#[derive(Debug)]
pub struct Running {
    runtime: Runtime,
    hub: Arc<Hub>,
    stopping: watch::Sender<bool>,
    server: JoinHandle<()>,
    /// Where it listens.
    pub address: SocketAddr,
}

/// What time it is.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The time of day now, and from then on the machine's own time: a clock that is set while the hub runs ends no claim.
pub fn steady(clock: fn() -> Timestamp) -> Clock {
    let (began, at) = (Instant::now(), clock());
    Arc::new(move || {
        let passed = SignedDuration::try_from(began.elapsed()).unwrap_or(SignedDuration::MAX);
        at.saturating_add(passed).unwrap_or(Timestamp::MAX)
    })
}

/// Starts the hub, with this generation for a store that is new (random).
///
/// # Errors
/// When the store, the address or a certificate cannot be used.
pub fn start(config: &HubConfig, generation: [u8; 16], clock: Clock) -> Result<Running, HubServeError> {
    let tls = acceptor(config)?;
    let hub = Hub::open(&config.store, config.claim_lasts, generation, clock())
        .map_err(|error| HubServeError::Store { path: config.store.display().to_string(), error })?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(HubServeError::Runtime)?;
    let bound = runtime.block_on(TcpListener::bind(config.listen));
    let bound = bound.and_then(|listener| listener.local_addr().map(|address| (listener, address)));
    let (listener, address) =
        bound.map_err(|source| HubServeError::Listen { address: config.listen, source })?;
    let (stopping, stopped) = watch::channel(false);
    let hub = Arc::new(hub);
    let server = runtime.spawn(web::serve(Arc::clone(&hub), clock, listener, tls, stopped));
    Ok(Running { runtime, hub, stopping, server, address })
}

impl Running {
    /// Waits for SIGTERM or SIGINT (`true`), or until the store fails (`false`).
    ///
    /// # Errors
    /// When signals cannot be waited for.
    pub fn wait_for_signal(&self) -> std::io::Result<bool> {
        self.runtime.block_on(crate::signal::wait(|| self.hub.has_failed()))
    }

    /// Stops in order.
    pub fn stop(self) {
        let _ = self.stopping.send(true);
        let _ = self.runtime.block_on(async { tokio::time::timeout(STOPS_WITHIN, self.server).await });
        self.runtime.shutdown_timeout(Duration::from_secs(1));
    }
}
