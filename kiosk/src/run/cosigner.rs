//! The thread that asks the cosigner.

use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use super::ledger_thread::Asker;
use super::{News, tell};
use crate::cosigner::{CosignerConfig, Round, Rounds};
use crate::view::CosignerState;

/// The first round comes soon after the start, so that a ledger that was put back is found before much is given.
const FIRST: Duration = Duration::from_secs(1);

/// Asks until it is dropped. A question that is on its way then ends with the process: it changes nothing that is not recorded.
pub(super) struct Cosigner {
    _stop: SyncSender<()>,
}

impl Cosigner {
    pub(super) fn start(config: CosignerConfig, ledger: Asker) -> std::io::Result<Self> {
        let (stop, stopped) = sync_channel(0);
        std::thread::Builder::new().name("cosigner".into()).spawn(move || {
            let mut rounds = Rounds::new(config);
            let mut wait = FIRST;
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(wait) {
                wait = rounds.every();
                match rounds.next(&ledger) {
                    Round::NothingNew => {}
                    Round::Anchored(entry) => {
                        tracing::info!(entry, "the checkpoint is cosigned");
                        tell(News::Cosigned(Ok(entry)));
                    }
                    Round::NotNow(why) => {
                        tracing::warn!(why, "the checkpoint is not cosigned");
                        tell(News::Cosigned(Err(CosignerState::Away)));
                    }
                    Round::Doubted(why) => {
                        tracing::error!(
                            why,
                            "the cosigner says that it has seen other entries; it is asked again"
                        );
                        tell(News::Cosigned(Err(CosignerState::Doubts)));
                    }
                    Round::Contradicted(why) => {
                        tracing::error!(why, "nothing more is recorded in this ledger");
                        tell(News::Cosigned(Err(CosignerState::Contradicts)));
                        return;
                    }
                    Round::Closed => return,
                }
            }
        })?;
        Ok(Self { _stop: stop })
    }
}
