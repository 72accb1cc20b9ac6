//! The MLLP client: sends one message and waits for its acknowledgement. Blocking; one thread for each target.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::ClientConfig;

use super::frame::{Framer, frame};
use crate::hl7::ack::{self, Answer};
use crate::tls;

/// The largest acknowledgement.
const MOST_BYTES: usize = 256 * 1024;

/// Why no acknowledgement came. The message has to be sent again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{address}: {reason}")]
pub struct SendError {
    /// The address.
    pub address: String,
    /// Why.
    pub reason: String,
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<tls::ClientStream>),
}

impl Stream {
    fn parts(&mut self) -> &mut dyn ReadWrite {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => stream.as_mut(),
        }
    }
}

trait ReadWrite: Read + Write {}
impl<T: Read + Write> ReadWrite for T {}

/// A target.
pub struct Client {
    /// Host and port.
    address: String,
    tls: Option<Arc<ClientConfig>>,
    timeout: Duration,
    stream: Option<Stream>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Client({})", self.address)
    }
}

impl Client {
    /// A target that is connected to when something is to be sent.
    pub const fn new(address: String, tls: Option<Arc<ClientConfig>>, timeout: Duration) -> Self {
        Self { address, tls, timeout, stream: None }
    }

    /// Sends a message and waits for the answer that names it. A connection that fails is dropped; the next call makes a new one.
    ///
    /// # Errors
    /// When no acknowledgement of this message came in time.
    pub fn send(&mut self, message: &[u8], control_id: &str) -> Result<Answer, SendError> {
        let sent = self.try_send(message, control_id);
        if sent.is_err() {
            self.stream = None;
        }
        sent.map_err(|reason| SendError { address: self.address.clone(), reason })
    }

    fn try_send(&mut self, message: &[u8], control_id: &str) -> Result<Answer, String> {
        if self.stream.is_none() {
            self.stream = Some(self.connect()?);
        }
        let stream = self.stream.as_mut().ok_or("not connected")?.parts();
        let io = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut => "no answer in time".to_owned(),
            _ => error.to_string(),
        };
        stream.write_all(&frame(message)).and_then(|()| stream.flush()).map_err(io)?;
        let until = Instant::now() + self.timeout;
        let mut framer = Framer::new(MOST_BYTES);
        let mut buffer = [0; 4096];
        loop {
            if Instant::now() >= until {
                return Err("no answer in time".to_owned());
            }
            let count = stream.read(&mut buffer).map_err(io)?;
            if count == 0 {
                return Err("the connection was closed before the answer".to_owned());
            }
            let mut rest = &buffer[..count];
            while !rest.is_empty() {
                let (taken, answer) = framer.push(rest).map_err(|error| error.to_string())?;
                rest = &rest[taken..];
                let Some(bytes) = answer else { continue };
                let answer = ack::read(&bytes)?;
                // A late answer to an earlier message says nothing about this one.
                if answer.control_id == control_id {
                    return Ok(answer);
                }
            }
        }
    }

    fn connect(&self) -> Result<Stream, String> {
        let text = |error: std::io::Error| error.to_string();
        let address =
            self.address.to_socket_addrs().map_err(text)?.next().ok_or("the name has no address")?;
        let socket = TcpStream::connect_timeout(&address, self.timeout).map_err(text)?;
        socket.set_read_timeout(Some(self.timeout)).map_err(text)?;
        socket.set_write_timeout(Some(self.timeout)).map_err(text)?;
        socket.set_nodelay(true).map_err(text)?;
        let Some(config) = &self.tls else { return Ok(Stream::Plain(socket)) };
        let host = self.address.rsplit_once(':').map_or(self.address.as_str(), |(host, _)| host);
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let stream = tls::connect(config, host, socket).map_err(|error| error.to_string())?;
        Ok(Stream::Tls(Box::new(stream)))
    }
}
