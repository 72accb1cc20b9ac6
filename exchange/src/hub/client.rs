//! A kiosk's side of the hub: three questions over HTTP.

use std::path::PathBuf;
use std::time::Duration;

use ledger::cbor;
use rights::claims::{Claim, Refusal};
use rights::entry::IdempotencyKey;

use super::message::{CBOR, CLAIM, Heard, RELEASE, ROUND, Round};
use crate::http::{Answer, Ask, Http, HttpError};
use crate::tls::{Identity, TlsError};

/// Where the hub is, and by what both know each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HubAddress {
    /// Such as `https://hub-3b.hospital.example:9190`.
    pub url: String,
    /// Whose servers are taken; needed for `https`.
    pub roots: Option<PathBuf>,
    /// What the kiosk shows of itself.
    pub identity: Option<Identity>,
}

/// Why the hub did not do its part. Nothing of it names a patient.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// No answer.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// An answer that says no.
    #[error("{url}: the hub answered {status}")]
    Status {
        /// The address that was asked.
        url: String,
        /// What it said.
        status: u16,
    },
    /// An answer that makes no sense.
    #[error("{url}: the answer makes no sense ({error}): do kiosk and hub have the same version?")]
    Nonsense {
        /// The address that was asked.
        url: String,
        /// What is wrong with it.
        error: cbor::CborError,
    },
}

/// Asks the hub.
#[derive(Clone, Debug)]
pub struct HubClient {
    http: Http,
    url: String,
}

impl HubClient {
    /// A client that waits so long for an answer.
    ///
    /// # Errors
    /// When a certificate or key cannot be read.
    pub fn new(address: &HubAddress, patience: Duration) -> Result<Self, TlsError> {
        let http = Http::with_identity(address.roots.as_deref(), address.identity.as_ref(), patience)?;
        Ok(Self { http, url: address.url.trim_end_matches('/').to_owned() })
    }

    /// Asks for a dose.
    ///
    /// # Errors
    /// The outer one when the hub does not answer.
    pub fn claim(&self, claim: &Claim) -> Result<Result<(), Refusal>, HubError> {
        let (url, answer) = self.ask(CLAIM, &cbor::encode(claim))?;
        match answer.status {
            204 => Ok(Ok(())),
            409 => read(url, &answer).map(Err),
            status => Err(HubError::Status { url, status }),
        }
    }

    /// Gives a claim back.
    ///
    /// # Errors
    /// When the hub does not answer; the claim then ends by itself.
    pub fn release(&self, entry: IdempotencyKey) -> Result<(), HubError> {
        match self.ask(RELEASE, &cbor::encode(&entry))? {
            (_, Answer { status: 204, .. }) => Ok(()),
            (url, Answer { status, .. }) => Err(HubError::Status { url, status }),
        }
    }

    /// Tells and hears. With an answer, what was told is durable.
    ///
    /// # Errors
    /// When the hub does not answer: it is told again.
    pub fn round(&self, round: &Round) -> Result<Heard, HubError> {
        match self.ask(ROUND, &cbor::encode(round))? {
            (url, answer) if answer.status == 200 => read(url, &answer),
            (url, Answer { status, .. }) => Err(HubError::Status { url, status }),
        }
    }

    fn ask(&self, path: &str, body: &[u8]) -> Result<(String, Answer), HubError> {
        let url = format!("{}{path}", self.url);
        let headers = vec![("content-type", CBOR.to_owned())];
        let answer = self.http.ask(&Ask { method: "POST", url: &url, headers, body: Some(body) })?;
        Ok((url, answer))
    }
}

fn read<T: cbor::Cbor>(url: String, answer: &Answer) -> Result<T, HubError> {
    cbor::decode(&answer.body).map_err(|error| HubError::Nonsense { url, error })
}
