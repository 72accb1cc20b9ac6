//! The MLLP server. Each connection is read in its order; a message is acknowledged when it is durable, not before.
//!
//! Bounds: connections, bytes of a message, time for a handshake, for a whole frame, between frames and for taking an acknowledgement,
//! and messages in flight for a connection. Whoever exceeds one is disconnected; what was not acknowledged the sender keeps.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::frame::{Framer, frame};
use crate::feed::inbox::{Arrived, Inbox, Pending};
use crate::hl7::ack::AckCode;

/// Messages of one connection that may wait for their acknowledgement.
const MOST_IN_FLIGHT: usize = 32;

/// The clock of the program.
pub type Clock = fn() -> Timestamp;

/// The bounds of a server.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of one message.
    pub most_bytes: usize,
    /// Connections at a time.
    pub most_connections: usize,
    /// For the TLS handshake, and from the first to the last byte of a frame.
    pub frame_within: Duration,
    /// For taking an acknowledgement.
    pub write_within: Duration,
    /// From one frame to the next. A sender whose machine died without a word keeps its place no longer than that.
    pub idle_within: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            most_bytes: 1024 * 1024,
            most_connections: 64,
            frame_within: Duration::from_secs(30),
            write_within: Duration::from_secs(10),
            // A feed that is silent for so long is "orders not current" already (exchange.md, acceptance 12).
            idle_within: Duration::from_mins(15),
        }
    }
}

/// What a server counts, for its metrics.
#[derive(Debug, Default)]
pub struct Counters {
    /// Connections taken.
    pub connections: AtomicU64,
    /// Connections refused because there were too many.
    pub refused: AtomicU64,
    /// Connections ended because of broken or oversized frames, failed handshakes or slowness.
    pub broken: AtomicU64,
    /// Messages accepted.
    pub accepted: AtomicU64,
    /// Messages that had come before.
    pub repeated: AtomicU64,
    /// Messages parked.
    pub parked: AtomicU64,
    /// Messages that could not be stored.
    pub unstored: AtomicU64,
}

/// One feed that is listened to.
#[derive(Clone)]
pub struct Server {
    /// Its name.
    pub feed: Arc<str>,
    /// Where messages go.
    pub inbox: Inbox,
    /// With TLS.
    pub tls: Option<TlsAcceptor>,
    /// Its bounds.
    pub limits: Limits,
    /// What it counts.
    pub counters: Arc<Counters>,
    /// The time.
    pub clock: Clock,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Server({})", self.feed)
    }
}

impl Server {
    /// Serves until `stop` says so; then no connection is taken any more, and what was read is answered.
    pub async fn serve(self, listener: TcpListener, mut stop: watch::Receiver<bool>) {
        let places = Arc::new(Semaphore::new(self.limits.most_connections));
        let mut connections = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                _ = stop.wait_for(|stop| *stop) => break,
            };
            // What has ended is forgotten, so that the set does not grow.
            while connections.try_join_next().is_some() {}
            match accepted {
                Ok((socket, peer)) => match Arc::clone(&places).try_acquire_owned() {
                    Ok(place) => {
                        self.counters.connections.fetch_add(1, Ordering::Relaxed);
                        let (server, stop) = (self.clone(), stop.clone());
                        connections.spawn(async move {
                            server.connection(socket, peer, stop).await;
                            drop(place);
                        });
                    }
                    Err(_) => {
                        let refused = self.counters.refused.fetch_add(1, Ordering::Relaxed) + 1;
                        // Each doubling of the count: a flood of connections must not become one of log lines.
                        if refused.is_power_of_two() {
                            tracing::warn!(feed = %self.feed, refused, "too many connections: refused so many");
                        }
                        drop(socket);
                    }
                },
                Err(error) => {
                    // Out of file descriptors, mostly: waiting lets others end.
                    tracing::warn!(feed = %self.feed, %error, "a connection could not be taken");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
        while connections.join_next().await.is_some() {}
    }

    async fn connection(self, socket: TcpStream, peer: SocketAddr, stop: watch::Receiver<bool>) {
        // An acknowledgement is small and must not wait for more.
        let _ = socket.set_nodelay(true);
        match &self.tls {
            None => self.converse(socket, peer, stop).await,
            Some(acceptor) => match timeout(self.limits.frame_within, acceptor.accept(socket)).await {
                Ok(Ok(stream)) => self.converse(stream, peer, stop).await,
                Ok(Err(error)) => self.broken(peer, &format!("the TLS handshake failed: {error}")),
                Err(_) => self.broken(peer, "the TLS handshake took too long"),
            },
        }
    }

    fn broken(&self, peer: SocketAddr, why: &str) {
        self.counters.broken.fetch_add(1, Ordering::Relaxed);
        tracing::warn!(feed = %self.feed, %peer, why, "a connection was ended");
    }

    async fn converse<S>(&self, stream: S, peer: SocketAddr, stop: watch::Receiver<bool>)
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let (reader, mut writer) = tokio::io::split(stream);
        let (answers, mut waiting) = mpsc::channel::<Pending>(MOST_IN_FLIGHT);
        let server = self.clone();
        let answering = tokio::spawn(async move {
            while let Some(answer) = waiting.recv().await {
                // No answer: it is not stored. To say nothing and close makes the sender send again.
                let Ok(Ok(reply)) = answer.await else {
                    server.counters.unstored.fetch_add(1, Ordering::Relaxed);
                    break;
                };
                let counters = &server.counters;
                let counter = match (reply.repeated, reply.code) {
                    (true, _) => &counters.repeated,
                    (false, AckCode::Accept) => &counters.accepted,
                    (false, AckCode::Error | AckCode::Reject) => &counters.parked,
                };
                counter.fetch_add(1, Ordering::Relaxed);
                let bytes = frame(reply.text.as_bytes());
                let written = timeout(server.limits.write_within, async {
                    writer.write_all(&bytes).await?;
                    writer.flush().await
                });
                if !matches!(written.await, Ok(Ok(()))) {
                    server.broken(peer, "an acknowledgement was not taken");
                    break;
                }
            }
            let _ = timeout(server.limits.write_within, writer.shutdown()).await;
        });
        if let Err(why) = self.read(reader, &answers, stop).await {
            self.broken(peer, &why);
        }
        drop(answers);
        let _ = answering.await;
    }

    /// Reads frames until the other side ends, breaks the rules, or the service stops.
    async fn read<R>(
        &self,
        mut reader: R,
        answers: &mpsc::Sender<Pending>,
        mut stop: watch::Receiver<bool>,
    ) -> Result<(), String>
    where
        R: AsyncRead + Unpin,
    {
        let mut framer = Framer::new(self.limits.most_bytes);
        let mut buffer = vec![0; 16 * 1024];
        let mut began: Option<tokio::time::Instant> = None;
        let mut idle_since = tokio::time::Instant::now();
        loop {
            let until =
                began.map_or(idle_since + self.limits.idle_within, |at| at + self.limits.frame_within);
            let read = tokio::select! {
                read = tokio::time::timeout_at(until, reader.read(&mut buffer)) => read,
                _ = stop.wait_for(|stop| *stop) => return Ok(()),
            };
            let read = match read {
                Ok(read) => read,
                Err(_) if began.is_some() => return Err("a frame was begun and not ended in time".to_owned()),
                // No fault: whoever is still there connects again.
                Err(_) => {
                    tracing::info!(feed = %self.feed, "a connection that was idle for too long was ended");
                    return Ok(());
                }
            };
            let count = match read {
                Ok(0) if framer.is_inside() => return Err("it ended inside a frame".to_owned()),
                Ok(0) => return Ok(()),
                Ok(count) => count,
                Err(error) => return Err(error.to_string()),
            };
            let mut rest = &buffer[..count];
            while !rest.is_empty() {
                let (taken, message) = framer.push(rest).map_err(|error| error.to_string())?;
                rest = &rest[taken..];
                let Some(bytes) = message else { continue };
                began = None;
                idle_since = tokio::time::Instant::now();
                let arrived = Arrived { feed: Arc::clone(&self.feed), bytes, received: (self.clock)() };
                let Ok(answer) = self.inbox.offer(arrived).await else {
                    return Err("the feed store has stopped".to_owned());
                };
                if answers.send(answer).await.is_err() {
                    return Ok(());
                }
            }
            if framer.is_inside() {
                began.get_or_insert_with(tokio::time::Instant::now);
            } else {
                began = None;
            }
        }
    }
}
