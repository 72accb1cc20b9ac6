//! A FHIR server as a client sees it: asked with a token, searched page by page, orders pulled from it.

pub mod pull;
pub mod search;
pub mod token;

use std::time::Duration;

use jiff::Timestamp;

use crate::http::{Answer, Ask, Http, HttpError};
use token::{Backend, TokenError};

/// The media type of FHIR JSON.
pub const FHIR_JSON: &str = "application/fhir+json";

/// Why a server did not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServerError {
    /// No answer.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// No token.
    #[error(transparent)]
    Token(#[from] TokenError),
}

/// A FHIR server.
#[derive(Debug)]
pub struct Server {
    http: Http,
    base: String,
    auth: Option<Backend>,
    clock: fn() -> Timestamp,
}

impl Server {
    /// A server at this base address, such as `https://ehr.hospital.example/fhir`.
    pub fn new(http: Http, base: &str, auth: Option<Backend>, clock: fn() -> Timestamp) -> Self {
        Self { http, base: base.trim_end_matches('/').to_owned(), auth, clock }
    }

    /// Its base address.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Asks for a path below the base, or an address of the same server. A token that is refused is renewed once.
    ///
    /// # Errors
    /// When no answer came; an answer of any status is one.
    pub fn ask(
        &mut self,
        method: &'static str,
        path: &str,
        headers: &[(&'static str, String)],
        body: Option<&str>,
    ) -> Result<Answer, ServerError> {
        let url = if path.starts_with("http://") || path.starts_with("https://") {
            path.to_owned()
        } else {
            format!("{}/{path}", self.base)
        };
        let answer = self.ask_once(method, &url, headers, body)?;
        if answer.status != 401 || self.auth.is_none() {
            return Ok(answer);
        }
        if let Some(auth) = &mut self.auth {
            auth.forget();
        }
        self.ask_once(method, &url, headers, body)
    }

    fn ask_once(
        &mut self,
        method: &'static str,
        url: &str,
        headers: &[(&'static str, String)],
        body: Option<&str>,
    ) -> Result<Answer, ServerError> {
        let now = self.now();
        let mut all = vec![("Accept", FHIR_JSON.to_owned())];
        if body.is_some() {
            all.push(("Content-Type", FHIR_JSON.to_owned()));
        }
        if let Some(auth) = &mut self.auth {
            all.push(("Authorization", format!("Bearer {}", auth.token(&self.http, now)?)));
        }
        all.extend(headers.iter().cloned());
        let answer = self.http.ask(&Ask { method, url, headers: all, body: body.map(str::as_bytes) });
        Ok(answer.map_err(|error| HttpError { address: self.without_id(url), ..error })?)
    }

    /// An address as it may stand in a log: up to the type of the resource, since what follows names a patient.
    fn without_id(&self, url: &str) -> String {
        let below = url.strip_prefix(&self.base).and_then(|rest| rest.strip_prefix('/'));
        below.map_or_else(|| self.base.clone(), |below| format!("{}/{}", self.base, kind_of(below)))
    }
}

/// The type that is asked for by a path below the base.
fn kind_of(path: &str) -> &str {
    path.split(['/', '?']).next().unwrap_or_default()
}

/// How long the server asks to wait.
pub(crate) fn asked_pause(answer: &Answer) -> Option<Duration> {
    answer.retry_after.map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reason goes to the log and to `/health`.
    #[test]
    fn an_error_names_no_patient() {
        let http = Http::new(None, Duration::from_secs(1)).unwrap();
        // The port of a listener that is gone: nobody answers.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let base = format!("http://127.0.0.1:{port}/fhir");
        let mut server = Server::new(http, &base, None, Timestamp::now);
        for (path, shown) in [
            ("Patient/300001", "/fhir/Patient: "),
            ("Patient/300001/Encounter?status=in-progress", "/fhir/Patient: "),
            ("Patient?identifier=300001", "/fhir/Patient: "),
            (&format!("{base}?page=300001"), "/fhir: "),
            (&format!("http://127.0.0.1:{port}/page/300001"), "/fhir: "),
        ] {
            let error = server.ask("GET", path, &[], None).unwrap_err().to_string();
            assert!(error.contains(shown) && !error.contains("300001"), "{error}");
            let error = search::search(&mut server, path).unwrap_err().to_string();
            assert!(!error.contains("300001"), "{error}");
        }
    }
}
