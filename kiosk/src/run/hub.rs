//! The two threads that talk with the ward's hub: one asks for doses, one tells and hears. So a claim never stands behind a long answer.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use exchange::hub::client::HubClient;
use exchange::tls::TlsError;
use rights::chart::Sighting;
use rights::claims::{Claim, Grant, Refusal};
use rights::entry::IdempotencyKey;
use rights::history::Record;

use super::{News, tell};
use crate::hub::{HubConfig, HubNews, Rounds};
use crate::view::HubState;

/// How often the hub is asked for news.
const EVERY: Duration = Duration::from_secs(1);
/// How long a round may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How soon a claim is asked again.
const AGAIN_AFTER: Duration = Duration::from_millis(200);
/// What may wait for a thread; a nurse does a few things a minute.
const QUEUE: usize = 64;

enum Asked {
    /// Until when an answer is worth something.
    Claim(Claim, Instant),
    Release(IdempotencyKey),
}

enum Doing {
    Did(Record),
    Saw(Vec<Sighting>),
}

/// What came from the hub.
pub(super) enum FromHub {
    /// The answer to a claim.
    Claimed(IdempotencyKey, Result<Grant, Refusal>),
    /// A round that began then.
    Heard(HubNews, Instant),
    /// It does not answer.
    Away,
}

/// What a grant is worth. A hub that grants a dose and is not told that it was given (it does not understand this kiosk's rounds, say) lets
/// another kiosk have it when the claim ends: such a dose was given alone, is recorded so and compared with everything later.
pub(super) fn worth(grant: Grant, hub: Option<HubState>) -> Grant {
    match hub {
        Some(HubState::Waits | HubState::Away(_)) => Grant::Offline,
        Some(HubState::Heard(_)) | None => grant,
    }
}

/// The way to the hub. A question that is on its way when this is dropped ends with the process: what was recorded is told at the next start.
pub(super) struct Hub {
    claims: SyncSender<Asked>,
    doings: SyncSender<Doing>,
    answers_within: Duration,
}

impl Hub {
    /// Starts both threads. A claim waits no longer than `answers_within`.
    pub(super) fn start(
        config: &HubConfig,
        origin: &str,
        own: Vec<Record>,
        answers_within: Duration,
    ) -> Result<Self, HubStartError> {
        let client = HubClient::new(&config.address, answers_within)?;
        let rounds = Rounds::new(HubClient::new(&config.address, PATIENCE)?, origin, own);
        let (claims, asked) = sync_channel(QUEUE);
        let (doings, done) = sync_channel(QUEUE);
        std::thread::Builder::new().name("hub claims".into()).spawn(move || answer_all(&client, &asked))?;
        std::thread::Builder::new().name("hub news".into()).spawn(move || talk(rounds, &done))?;
        Ok(Self { claims, doings, answers_within })
    }

    /// Asks for a dose; false when it cannot be asked.
    pub(super) fn claim(&self, claim: Claim) -> bool {
        self.claims.try_send(Asked::Claim(claim, Instant::now() + self.answers_within)).is_ok()
    }

    /// Gives a claim back. One that is not given back ends by itself.
    pub(super) fn release(&self, entry: IdempotencyKey) {
        let _ = self.claims.try_send(Asked::Release(entry));
    }

    /// Tells what was recorded; false when it cannot be told now and has to be told later.
    pub(super) fn did(&self, record: &Record) -> bool {
        self.doings.try_send(Doing::Did(record.clone())).is_ok()
    }

    /// Tells that a wristband was seen.
    pub(super) fn saw(&self, sightings: Vec<Sighting>) {
        // Worth a moment only.
        let _ = self.doings.try_send(Doing::Saw(sightings));
    }
}

/// Why the hub cannot be talked with.
#[derive(Debug, thiserror::Error)]
pub enum HubStartError {
    /// A certificate or key.
    #[error("hub: {0}")]
    Tls(#[from] TlsError),
    /// A thread.
    #[error("a thread could not be started: {0}")]
    Thread(#[from] std::io::Error),
}

fn answer_all(hub: &HubClient, asked: &Receiver<Asked>) {
    while let Ok(asked) = asked.recv() {
        match asked {
            Asked::Claim(claim, until) => {
                let answer = ask(hub, &claim, until);
                tell(News::Hub(FromHub::Claimed(claim.entry, answer)));
            }
            Asked::Release(entry) => {
                if let Err(error) = hub.release(entry) {
                    tracing::warn!(%error, "a claim was not given back; it ends by itself");
                }
            }
        }
    }
}

/// Asks again until it is over: an answer that was lost, or a hub that is just starting, must not make a kiosk go on alone. To the hub it is
/// the same claim. One that waited behind another question until its time was over is not asked any more: the kiosk went on.
fn ask(hub: &HubClient, claim: &Claim, until: Instant) -> Result<Grant, Refusal> {
    while Instant::now() < until {
        match hub.claim(claim) {
            Ok(answer) => return answer.map(|()| Grant::Ward),
            Err(error) if Instant::now() + AGAIN_AFTER >= until => {
                tracing::warn!(%error, "a dose is given without asking the other kiosks");
                return Ok(Grant::Offline);
            }
            Err(_) => std::thread::sleep(AGAIN_AFTER),
        }
    }
    Ok(Grant::Offline)
}

fn talk(mut rounds: Rounds, done: &Receiver<Doing>) {
    let mut is_away = false;
    let mut wait = Duration::ZERO;
    loop {
        match done.recv_timeout(wait) {
            Ok(doing) => {
                // What came together is told together.
                for doing in std::iter::once(doing).chain(done.try_iter()) {
                    match doing {
                        Doing::Did(record) => rounds.did(record),
                        Doing::Saw(sightings) => rounds.saw(sightings),
                    }
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        let began = Instant::now();
        match rounds.exchange() {
            Ok(news) => {
                wait = if news.more { Duration::ZERO } else { EVERY };
                is_away = false;
                tell(News::Hub(FromHub::Heard(news, began)));
            }
            Err(error) => {
                wait = EVERY;
                // Said once, not every second.
                if !is_away {
                    tracing::warn!(%error, "the ward's hub does not answer");
                }
                is_away = true;
                tell(News::Hub(FromHub::Away));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_grant_of_a_hub_that_is_not_told_what_was_given_is_none() {
        let heard = Timestamp::UNIX_EPOCH;
        assert_eq!(worth(Grant::Ward, Some(HubState::Heard(heard))), Grant::Ward);
        for state in [HubState::Waits, HubState::Away(None), HubState::Away(Some(heard))] {
            assert_eq!(worth(Grant::Ward, Some(state)), Grant::Offline);
        }
    }
}
