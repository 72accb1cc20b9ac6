//! `exchange parked`: messages that could not be applied, with their bytes, those that were not taken as they were sent, and deliveries
//! that another system refused.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use exchange::feed::db::{self, Db, DbReader, Delivery, MessageRecord, View};
use jiff::Timestamp;

#[derive(Subcommand)]
pub(super) enum ParkedCommand {
    /// List them; exit 1 when there is one.
    List {
        /// The store.
        #[arg(long, value_name = "DIR")]
        store: PathBuf,
        /// One JSON object a message.
        #[arg(long)]
        json: bool,
    },
    /// Print one exactly as it came. It holds patient data.
    Show {
        /// The store.
        #[arg(long, value_name = "DIR")]
        store: PathBuf,
        /// Its number.
        number: u64,
    },
    /// Take one off the list: a person has dealt with it. Its bytes stay. `exchange serve` has to be stopped.
    Dismiss {
        /// The store.
        #[arg(long, value_name = "DIR")]
        store: PathBuf,
        /// Its number.
        number: u64,
    },
    /// List the messages that were applied, but not as they were sent, with what was left out.
    Notes {
        /// The store.
        #[arg(long, value_name = "DIR")]
        store: PathBuf,
        /// Only those after this message.
        #[arg(long, default_value_t = 0, value_name = "NUMBER")]
        after: u64,
        /// One JSON object a message.
        #[arg(long)]
        json: bool,
    },
    /// List the ledger entries that another system refused; exit 1 when there is one.
    Deliveries {
        /// The store.
        #[arg(long, value_name = "DIR")]
        store: PathBuf,
        /// One JSON object a delivery.
        #[arg(long)]
        json: bool,
    },
    /// Have a refused ledger entry delivered again when `exchange serve` starts next; it has to be stopped now.
    Again {
        /// The store.
        #[arg(long, value_name = "DIR")]
        store: PathBuf,
        /// The target, as listed.
        target: String,
        /// The ledger entry.
        entry: u64,
    },
}

pub(super) fn run(command: ParkedCommand, _: fn() -> Timestamp) -> anyhow::Result<ExitCode> {
    let view = |store: &PathBuf| -> anyhow::Result<View> {
        let path = db::path_in(store);
        let reader = DbReader::open(&path).with_context(|| path.display().to_string())?;
        let reader = reader.with_context(|| format!("{}: there is no feed store", path.display()))?;
        Ok(reader.view()?)
    };
    match command {
        ParkedCommand::List { store, json } => {
            let parked = view(&store)?.parked()?;
            for record in &parked {
                super::say(&line(record, json)?)?;
            }
            Ok(super::found(!parked.is_empty()))
        }
        ParkedCommand::Show { store, number } => {
            let bytes = view(&store)?.message_bytes(number)?;
            let bytes =
                bytes.with_context(|| format!("there is no message {number}, or it is kept no more"))?;
            std::io::stdout().write_all(&bytes).context("standard output")?;
            Ok(ExitCode::SUCCESS)
        }
        ParkedCommand::Notes { store, after, json } => {
            for record in view(&store)?.noted(after)? {
                let MessageRecord { number, received, feed, kind, control_id, notes, .. } = &record;
                super::say(&if json {
                    serde_json::to_string(&record)?
                } else {
                    format!("{number}  {received}  {feed}  {kind} {control_id}: {}", notes.join("; "))
                })?;
            }
            Ok(ExitCode::SUCCESS)
        }
        ParkedCommand::Deliveries { store, json } => {
            let view = view(&store)?;
            let mut any = false;
            for target in view.targets()? {
                for (entry, Delivery { event, said, .. }) in view.parked_deliveries(&target)? {
                    any = true;
                    super::say(&if json {
                        let line = serde_json::json!({ "target": target, "entry": entry, "event": event, "said": said });
                        line.to_string()
                    } else {
                        format!("\"{target}\" {entry}  event {event}: {said}")
                    })?;
                }
            }
            Ok(super::found(any))
        }
        ParkedCommand::Again { store, target, entry } => {
            let was = open(&store)?.write(|txn| txn.deliver_again(&target, entry))?;
            super::say(if was { "delivered again at the next start" } else { "no such delivery is parked" })?;
            Ok(super::found(!was))
        }
        ParkedCommand::Dismiss { store, number } => {
            let was = open(&store)?.write(|txn| txn.dismiss(number))?;
            super::say(if was { "taken off the list" } else { "it was not on the list" })?;
            Ok(super::found(!was))
        }
    }
}

/// The feed store for writing; `exchange serve` must not run.
fn open(store: &std::path::Path) -> anyhow::Result<Db> {
    let path = db::path_in(store);
    anyhow::ensure!(path.exists(), "{}: there is no feed store", path.display());
    Db::open(&path).with_context(|| path.display().to_string())
}

fn line(record: &MessageRecord, json: bool) -> anyhow::Result<String> {
    if json {
        return Ok(serde_json::to_string(record)?);
    }
    let MessageRecord { number, received, feed, kind, control_id, place, reason, remedy, .. } = record;
    Ok(format!("{number}  {received}  {feed}  {kind} {control_id}: {place}: {reason}; {remedy}"))
}
