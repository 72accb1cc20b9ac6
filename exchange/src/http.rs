//! HTTP to other systems (the fence for ureq): blocking, bounded in time and size, no redirects, roots from the site's own file.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig};

use crate::tls::{Identity, TlsError};

/// The largest answer that is read, in bytes.
pub const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// Why no answer came.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{address}: {reason}")]
pub struct HttpError {
    /// Scheme, host and path, without the query: that may name a patient. A FHIR server's path may, too, and is cut by who asks it.
    pub address: String,
    /// Why.
    pub reason: String,
}

/// An answer of any status.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// `ETag`.
    pub etag: Option<String>,
    /// `Location`.
    pub location: Option<String>,
    /// `Retry-After` in seconds.
    pub retry_after: Option<u64>,
    /// The body.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answer({}, {} bytes)", self.status, self.body.len())
    }
}

/// What is asked.
#[derive(Debug)]
pub struct Ask<'a> {
    /// `GET`, `POST` or `PUT`.
    pub method: &'static str,
    /// The whole address.
    pub url: &'a str,
    /// Name and value.
    pub headers: Vec<(&'static str, String)>,
    /// For POST and PUT.
    pub body: Option<&'a [u8]>,
}

/// A client.
#[derive(Clone, Debug)]
pub struct Http {
    agent: ureq::Agent,
}

impl Http {
    /// A client that takes servers of these roots; without them only plain HTTP works.
    ///
    /// # Errors
    /// When the file holds no certificate.
    pub fn new(roots: Option<&Path>, timeout: Duration) -> Result<Self, TlsError> {
        Self::with_identity(roots, None, timeout)
    }

    /// The same, which shows who it is to a server that asks (mutual TLS).
    ///
    /// # Errors
    /// When a file holds no certificate or key.
    pub fn with_identity(
        roots: Option<&Path>,
        identity: Option<&Identity>,
        timeout: Duration,
    ) -> Result<Self, TlsError> {
        let client = identity.map(client_certificate).transpose()?;
        let certificates = match roots {
            Some(path) => crate::tls::certificates(path)?,
            None => Vec::new(),
        };
        let certificates: Vec<Certificate<'static>> =
            certificates.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect();
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(certificates)))
            .client_cert(client)
            .unversioned_rustls_crypto_provider(crate::tls::crypto())
            .build();
        let config = ureq::Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(timeout))
            // Servers, ours too, close a connection that was idle for ten seconds; a question must not meet that.
            .max_idle_age(Duration::from_secs(5))
            .timeout_connect(Some(Duration::from_secs(5).min(timeout)))
            .user_agent("bcma-exchange")
            .build();
        Ok(Self { agent: config.new_agent() })
    }

    /// Asks, and reads the whole answer.
    ///
    /// # Errors
    /// When none came in time, or it is too large.
    pub fn ask(&self, ask: &Ask<'_>) -> Result<Answer, HttpError> {
        let address = ask.url.split('?').next().unwrap_or_default().to_owned();
        let wrong = |reason: String| HttpError { address: address.clone(), reason };
        let mut request = ureq::http::Request::builder().method(ask.method).uri(ask.url);
        for (name, value) in &ask.headers {
            request = request.header(*name, value);
        }
        let sent = match ask.body {
            Some(body) => self.agent.run(request.body(body).map_err(|error| wrong(error.to_string()))?),
            None => self.agent.run(request.body(()).map_err(|error| wrong(error.to_string()))?),
        };
        let mut response = sent.map_err(|error| wrong(error.to_string()))?;
        let header = |name: &str| {
            response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        let (etag, location) = (header("etag"), header("location"));
        let retry_after = header("retry-after").and_then(|text| text.parse().ok());
        let status = response.status().as_u16();
        let body = response.body_mut().with_config().limit(MOST_BYTES).read_to_vec();
        let body = body.map_err(|error| wrong(error.to_string()))?;
        Ok(Answer { status, etag, location, retry_after, body })
    }
}

fn client_certificate(identity: &Identity) -> Result<ClientCert, TlsError> {
    let chain = crate::tls::certificates(&identity.certificate)?;
    let chain: Vec<Certificate<'static>> =
        chain.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect();
    let no_key = || TlsError::File { path: identity.key.clone(), what: "private key" };
    let key = std::fs::read(&identity.key).map_err(|_| no_key())?;
    let key = PrivateKey::from_pem(&key).map_err(|_| no_key())?;
    Ok(ClientCert::new_with_certs(&chain, key))
}

/// A value for a query, percent-encoded (RFC 3986, all but unreserved characters).
pub fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}
