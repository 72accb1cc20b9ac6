//! The kiosk's side of the cosigner's HTTP, blocking and small; `server` is the other one. No other file of this room knows HTTP.
//!
//! There is no TLS: checkpoints and cosignatures are public and signed, so a wire that changes them is noticed.

mod server;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::protocol::{AddCheckpoint, Answer, MOST_BYTES, SEEN_FIELD};
use super::state::Answered;
use crate::note::Note;

pub use server::{Server, Stop};

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
pub fn submit(prefix: &str, request: &AddCheckpoint, most: Duration) -> Result<Answered, SubmitError> {
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
    let seen = response.headers().get(SEEN_FIELD).and_then(|value| STANDARD.decode(value).ok());
    let seen = seen.and_then(|bytes| Note::parse(str::from_utf8(&bytes).ok()?).ok());
    let body = response.body_mut().with_config().limit(MOST_BYTES as u64).read_to_string();
    let body = body.map_err(unreachable)?;
    let answer = Answer::parse(status, &body).ok_or(SubmitError::Answer { url, status })?;
    Ok(Answered { answer, seen })
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
    let first = |error| CosignError::Request { error, seen: None };
    let mut asked = request(known).map_err(first)?;
    let mut answered = submit(prefix, &asked, most)?;
    if let Answer::Conflict(size) = answered.answer
        && size != asked.old
    {
        let seen = answered.seen.map(Box::new);
        asked = request(size).map_err(|error| CosignError::Request { error, seen })?;
        answered = submit(prefix, &asked, most)?;
    }
    match answered.answer {
        Answer::Cosigned(lines) => {
            let mut note = asked.note;
            note.add(lines);
            Ok(note)
        }
        refused => {
            let (status, why, seen) = (refused.status(), refused.body(), answered.seen.map(Box::new));
            Err(CosignError::Refused { status, why, seen })
        }
    }
}

/// Why a checkpoint was not cosigned.
#[derive(Debug, thiserror::Error)]
pub enum CosignError<E> {
    /// The request could not be made.
    #[error("{error}")]
    Request {
        /// Why.
        error: E,
        /// What the cosigner has seen of the ledger, where its answer led to this and shows it.
        seen: Option<Box<Note>>,
    },
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
        /// What it has seen of the ledger, where it shows that.
        seen: Option<Box<Note>>,
    },
}

impl<E> CosignError<E> {
    /// What the cosigner has seen of the ledger, where it refuses because of that and shows it. Not verified.
    pub fn seen(&self) -> Option<&Note> {
        match self {
            Self::Request { seen, .. } | Self::Refused { seen, .. } => seen.as_deref(),
            Self::Submit(_) => None,
        }
    }
}
