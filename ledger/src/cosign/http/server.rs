//! The cosigner's server: `POST /add-checkpoint`, one request a connection. Nobody who asks is known, so head, body, time and
//! connections are bounded before anything is believed, and nothing is set aside for what was only announced.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::protocol::{Answer, MOST_BYTES, SEEN_FIELD, SIZE_TYPE};
use super::super::state::{Answered, Cosigner};

/// How long a request may take to arrive.
const ARRIVES_WITHIN: Duration = Duration::from_secs(10);
/// How long its answer may take to be taken, however long the request took: what was signed is not withheld.
const TAKEN_WITHIN: Duration = Duration::from_secs(5);
/// Connections at once; the kiosks of a hospital ask once a minute each.
const MOST_CONNECTIONS: usize = 64;
/// Bytes of a head.
const MOST_HEAD: usize = 8 << 10;
/// Fields of a head.
const MOST_FIELDS: usize = 64;
/// Bytes that are still taken of a request that is refused, so that its sender comes to read the answer.
const MOST_IGNORED: usize = 1 << 20;

/// A cosigner that listens.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    cosigner: Cosigner,
    stopped: Arc<AtomicBool>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Server({})", self.address)
    }
}

impl Server {
    /// Listens on an address such as `127.0.0.1:8017`; port 0 takes a free one.
    ///
    /// # Errors
    /// When the address cannot be had.
    pub fn bind(address: &str, cosigner: Cosigner) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address, cosigner, stopped: Arc::default() })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until [`Stop::stop`] is called. `now` gives the time in seconds since 1970.
    pub fn run(&self, now: fn() -> u64) {
        let open = AtomicUsize::new(0);
        std::thread::scope(|threads| {
            for stream in self.listener.incoming() {
                if self.stopped.load(Ordering::Acquire) {
                    return;
                }
                let Ok(stream) = stream else {
                    // Such as no file left to open: the others end by themselves.
                    std::thread::sleep(Duration::from_millis(100));
                    continue;
                };
                if open.load(Ordering::Acquire) >= MOST_CONNECTIONS {
                    continue;
                }
                open.fetch_add(1, Ordering::AcqRel);
                let place = Place(&open);
                let answering = std::thread::Builder::new().spawn_scoped(threads, move || {
                    let _place = place;
                    if let Err(error) = self.respond(stream, now) {
                        tracing::debug!(%error, "a client went away");
                    }
                });
                if let Err(error) = answering {
                    tracing::warn!(%error, "a request could not be answered");
                }
            }
        });
    }

    /// What ends [`run`](Self::run) from another thread.
    pub fn stop(&self) -> Stop {
        Stop { address: self.address, stopped: Arc::clone(&self.stopped) }
    }

    fn respond(&self, stream: TcpStream, now: fn() -> u64) -> io::Result<()> {
        let mut client = Client { stream, until: Instant::now() + ARRIVES_WITHIN };
        let response = match client.request() {
            Ok(body) => self.cosigner.answer(&body, now).map_or_else(
                |error| {
                    tracing::error!(%error, "the cosigner's state could not be written; nothing was signed");
                    Response::said(500, "the state could not be written; nothing was signed")
                },
                Response::of,
            ),
            Err(Refused::Said(response)) => response,
            Err(Refused::Gone(error)) => return Err(error),
        };
        client.send(response.to_string().as_bytes())
    }
}

/// A place among the connections.
struct Place<'a>(&'a AtomicUsize);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Ends a server.
#[derive(Clone, Debug)]
pub struct Stop {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
}

impl Stop {
    /// Ends it; requests that are being answered are finished.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
        // It waits for a connection: this is one.
        let _ = TcpStream::connect_timeout(&self.address, Duration::from_secs(1));
    }
}

/// Why there is no request to answer.
enum Refused {
    /// It is answered so.
    Said(Response),
    /// Nobody is there to be answered.
    Gone(io::Error),
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        Self::Gone(error)
    }
}

fn refused<T>(status: u16, text: &str) -> Result<T, Refused> {
    Err(Refused::Said(Response::said(status, text)))
}

/// A connection with its end.
struct Client {
    stream: TcpStream,
    until: Instant,
}

impl Client {
    fn left(&self) -> io::Result<Duration> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
    }

    fn read(&mut self, into: &mut Vec<u8>) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(self.left()?))?;
        let mut part = [0; 4096];
        let read = self.stream.read(&mut part)?;
        into.extend_from_slice(&part[..read]);
        Ok(read)
    }

    /// The body of a request to add a checkpoint.
    fn request(&mut self) -> Result<String, Refused> {
        let mut bytes = Vec::new();
        let head = loop {
            if self.read(&mut bytes)? == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            match Head::parse(&bytes)? {
                Some(head) => break head,
                None if bytes.len() >= MOST_HEAD => return refused(431, "the head is too long"),
                None => {}
            }
        };
        if head.length > MOST_BYTES {
            return refused(400, "not an add-checkpoint request: it is longer than 64 KiB");
        }
        if head.waits {
            self.stream.set_write_timeout(Some(self.left()?))?;
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let mut body = bytes.split_off(head.bytes);
        while body.len() < head.length {
            if self.read(&mut body)? == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
        }
        body.truncate(head.length);
        String::from_utf8(body).or_else(|_| refused(400, "the body is not text"))
    }

    fn send(&mut self, response: &[u8]) -> io::Result<()> {
        self.until = Instant::now() + TAKEN_WITHIN;
        self.stream.set_write_timeout(Some(self.left()?))?;
        self.stream.write_all(response)?;
        self.stream.shutdown(Shutdown::Write)?;
        // A connection that is closed with bytes unread takes the answer with it.
        let (mut ignored, mut part) = (0, Vec::new());
        while ignored < MOST_IGNORED {
            part.clear();
            match self.read(&mut part)? {
                0 => break,
                read => ignored += read,
            }
        }
        Ok(())
    }
}

/// What the head of a request to add a checkpoint says.
struct Head {
    /// Its own bytes.
    bytes: usize,
    /// The bytes of the body.
    length: usize,
    /// The client waits for a word before it sends the body.
    waits: bool,
}

impl Head {
    /// `None` as long as it is not whole.
    fn parse(bytes: &[u8]) -> Result<Option<Self>, Refused> {
        let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
        let mut request = httparse::Request::new(&mut fields);
        let at = match request.parse(bytes) {
            Ok(httparse::Status::Complete(at)) => at,
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(error) => return refused(400, &format!("not a request: {error}")),
        };
        if request.path.is_none_or(|path| path.trim_end_matches('/') != "/add-checkpoint") {
            return refused(404, "only /add-checkpoint is served here");
        }
        if request.method != Some("POST") {
            return refused(405, "only POST is answered here");
        }
        let mut head = Self { bytes: at, length: 0, waits: false };
        let mut lengths = 0;
        for field in request.headers.iter() {
            let value = str::from_utf8(field.value).unwrap_or_default().trim();
            if field.name.eq_ignore_ascii_case("Transfer-Encoding") {
                return refused(411, "the length of the body must be told");
            }
            if field.name.eq_ignore_ascii_case("Content-Length") {
                lengths += 1;
                let digits = !value.is_empty() && value.bytes().all(|digit| digit.is_ascii_digit());
                head.length = value.parse().unwrap_or(usize::MAX);
                if !digits || lengths > 1 {
                    return refused(400, "the length of the body is no number");
                }
            }
            head.waits |=
                field.name.eq_ignore_ascii_case("Expect") && value.eq_ignore_ascii_case("100-continue");
        }
        Ok(Some(head))
    }
}

struct Response {
    status: u16,
    kind: &'static str,
    seen: Option<String>,
    body: String,
}

impl Response {
    fn said(status: u16, text: &str) -> Self {
        Self { status, kind: "text/plain; charset=utf-8", seen: None, body: format!("{text}\n") }
    }

    fn of(answered: Answered) -> Self {
        let Answered { answer, seen } = answered;
        let kind = match &answer {
            Answer::Conflict(_) => SIZE_TYPE,
            _ => "text/plain; charset=utf-8",
        };
        let seen = seen.map(|note| STANDARD.encode(note.to_string()));
        Self { status: answer.status(), kind, seen, body: answer.body() }
    }
}

/// The bytes that are sent.
impl std::fmt::Display for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { status, kind, seen, body } = self;
        write!(f, "HTTP/1.1 {status} {}\r\nContent-Type: {kind}\r\n", reason(*status))?;
        if let Some(seen) = seen {
            write!(f, "{SEEN_FIELD}: {seen}\r\n")?;
        }
        write!(f, "Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
    }
}

const fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        411 => "Length Required",
        422 => "Unprocessable Content",
        431 => "Request Header Fields Too Large",
        _ => "Internal Server Error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_sent_though_the_request_took_all_of_its_time() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut asks = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (stream, _) = listener.accept().unwrap();
        let sending = std::thread::spawn(move || {
            let mut client = Client { stream, until: Instant::now() };
            assert!(client.read(&mut Vec::new()).is_err(), "nothing more is waited for");
            client.send(b"signed").unwrap();
        });
        let mut answer = String::new();
        asks.read_to_string(&mut answer).unwrap();
        drop(asks);
        sending.join().unwrap();
        assert_eq!(answer, "signed");
    }
}
