//! The one file of this room that knows HTTP: the cosigner's server and the kiosk's client, both blocking and small.
//!
//! The server answers `POST /add-checkpoint` and nothing else. There is no TLS: checkpoints and cosignatures are public and signed,
//! so a wire that changes them is noticed. A request that never ends is cut off by its length limit and the client's time limit.

use std::io::{self, Read as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::protocol::{AddCheckpoint, Answer, MOST_BYTES, SIZE_TYPE};
use super::state::Cosigner;
use crate::note::Note;

/// A cosigner that listens.
pub struct Server {
    server: Arc<tiny_http::Server>,
    cosigner: Arc<Cosigner>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Server({:?})", self.address())
    }
}

/// Threads that answer; each holds one request.
const THREADS: usize = 4;

impl Server {
    /// Listens on an address such as `127.0.0.1:8017`; port 0 takes a free one.
    ///
    /// # Errors
    /// When the address cannot be had.
    pub fn bind(address: &str, cosigner: Cosigner) -> io::Result<Self> {
        let server = tiny_http::Server::http(address).map_err(io::Error::other)?;
        Ok(Self { server: Arc::new(server), cosigner: Arc::new(cosigner) })
    }

    /// Where it listens.
    pub fn address(&self) -> Option<SocketAddr> {
        self.server.server_addr().to_ip()
    }

    /// Answers until [`Stop::stop`] is called. `now` gives the time in seconds since 1970.
    pub fn run(&self, now: fn() -> u64) {
        std::thread::scope(|threads| {
            for _ in 0..THREADS {
                threads.spawn(|| {
                    for request in self.server.incoming_requests() {
                        self.respond(request, now());
                    }
                });
            }
        });
    }

    /// What ends [`run`](Self::run) from another thread.
    pub fn stop(&self) -> Stop {
        Stop(Arc::clone(&self.server))
    }

    fn respond(&self, mut request: tiny_http::Request, time: u64) {
        let path = request.url().trim_end_matches('/').to_owned();
        let answered = if path != "/add-checkpoint" {
            Err((404, "only /add-checkpoint is served here\n"))
        } else if *request.method() != tiny_http::Method::Post {
            Err((405, "only POST is answered here\n"))
        } else {
            let mut body = String::new();
            let most = MOST_BYTES as u64 + 1;
            match request.as_reader().take(most).read_to_string(&mut body) {
                Err(_) => Ok(Answer::BadRequest("the body is not text".to_owned())),
                Ok(_) => self.cosigner.answer(&body, time).map_err(|error| {
                    tracing::error!(%error, "the cosigner's state could not be written; nothing was signed");
                    (500, "the state could not be written; nothing was signed\n")
                }),
            }
        };
        let (status, text, kind) = match &answered {
            Ok(answer @ Answer::Conflict(_)) => (answer.status(), answer.body(), SIZE_TYPE),
            Ok(answer) => (answer.status(), answer.body(), "text/plain; charset=utf-8"),
            Err((status, text)) => (*status, (*text).to_owned(), "text/plain; charset=utf-8"),
        };
        let mut response = tiny_http::Response::from_string(text).with_status_code(status);
        if let Ok(header) = tiny_http::Header::from_bytes("Content-Type", kind) {
            response = response.with_header(header);
        }
        if let Err(error) = request.respond(response) {
            tracing::debug!(%error, "a client went away");
        }
    }
}

/// Ends a server.
#[derive(Clone)]
pub struct Stop(Arc<tiny_http::Server>);

impl std::fmt::Debug for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stop(..)")
    }
}

impl Stop {
    /// Ends it; requests that are being answered are finished.
    pub fn stop(&self) {
        (0..THREADS).for_each(|_| self.0.unblock());
    }
}

/// Why a cosigner could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// It was not reached.
    #[error("the cosigner at {url} was not reached: {why}")]
    Unreachable {
        /// Where.
        url: String,
        /// Why.
        why: String,
    },
    /// It answered something else.
    #[error("the cosigner at {url} answered {status}, which is no answer of c2sp.org/tlog-witness")]
    Answer {
        /// Where.
        url: String,
        /// The status code.
        status: u16,
    },
}

/// Asks the cosigner at a submission prefix such as `http://witness.example:8017`, for at most `most`.
///
/// # Errors
/// When it was not reached, or did not answer as a cosigner.
pub fn submit(prefix: &str, request: &AddCheckpoint, most: Duration) -> Result<Answer, SubmitError> {
    let url = format!("{}/add-checkpoint", prefix.trim_end_matches('/'));
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(most))
        .http_status_as_error(false)
        .max_redirects(0)
        .build()
        .into();
    let unreachable =
        |error: ureq::Error| SubmitError::Unreachable { url: url.clone(), why: error.to_string() };
    let mut response =
        agent.post(&url).content_type("text/plain").send(request.to_string()).map_err(unreachable)?;
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(MOST_BYTES as u64).read_to_string();
    let body = body.map_err(unreachable)?;
    Answer::parse(status, &body).ok_or(SubmitError::Answer { url, status })
}

/// Asks a cosigner to sign what `request` makes for the size that it knows, at first thought to be `known`; when it says that it knows
/// another, once more from there. Gives the cosigned checkpoint, to be recorded by
/// [`Ledger::anchor`](crate::ledger::Ledger::anchor).
///
/// # Errors
/// When it was not reached, refused, or `request` failed.
pub fn cosign<E>(
    prefix: &str,
    known: u64,
    most: Duration,
    mut request: impl FnMut(u64) -> Result<AddCheckpoint, E>,
) -> Result<Note, CosignError<E>> {
    let mut asked = request(known).map_err(CosignError::Request)?;
    let mut answer = submit(prefix, &asked, most)?;
    if let Answer::Conflict(size) = answer
        && size != asked.old
    {
        asked = request(size).map_err(CosignError::Request)?;
        answer = submit(prefix, &asked, most)?;
    }
    match answer {
        Answer::Cosigned(lines) => {
            let mut note = asked.note;
            note.add(lines);
            Ok(note)
        }
        refused => Err(CosignError::Refused { status: refused.status(), why: refused.body() }),
    }
}

/// Why a checkpoint was not cosigned.
#[derive(Debug, thiserror::Error)]
pub enum CosignError<E> {
    /// The request could not be made.
    #[error("{0}")]
    Request(E),
    /// The cosigner was not reached.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// It refused.
    #[error("the cosigner refused ({status}): {}", why.trim_end())]
    Refused {
        /// The status code.
        status: u16,
        /// What it said.
        why: String,
    },
}
