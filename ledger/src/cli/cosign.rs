//! `ledger cosign`, the cosigner's server, and `ledger anchor`, which asks one and records its answer.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use ledger::clock::{ClockEvidence, unix_seconds};
use ledger::cosign::http::{Server, cosign};
use ledger::cosign::signature::CosignerKey;
use ledger::cosign::state::Cosigner;
use ledger::ledger::{Ledger, OpenOptions};

/// Serves c2sp.org/tlog-witness: cosigns checkpoints that extend the ones before. Prints its key, then answers until it is ended.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  ledger cosign --listen 127.0.0.1:8017 --state /var/lib/cosigner --name witness.example/w1 --log log.vkey
  ledger cosign --listen 127.0.0.1:8017 --state /var/lib/cosigner")]
pub(super) struct Serve {
    /// Where to listen, such as 127.0.0.1:8017; port 0 takes a free one.
    #[arg(long)]
    listen: String,
    /// The folder of its key and of what it saw. If it is lost, the key must be retired.
    #[arg(long)]
    state: PathBuf,
    /// The cosigner's name, needed the first time, such as witness.example/w1.
    #[arg(long)]
    name: Option<String>,
    /// The log.vkey of a ledger to cosign; kept for later starts. May be repeated.
    #[arg(long)]
    log: Vec<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Asks a cosigner to sign the last checkpoint of a closed ledger and records the cosignature. The kiosk does the same for its own.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  ledger anchor /var/lib/kiosk/ledger --to http://witness.example:8017 --key witness.example/w1+5a6b7c8d+BA..")]
pub(super) struct Anchor {
    /// The ledger's folder.
    folder: PathBuf,
    /// The cosigner, such as `http://witness.example:8017`.
    #[arg(long)]
    to: String,
    /// The cosigner's key.
    #[arg(long)]
    key: String,
    /// Wait at most so many seconds.
    #[arg(long, default_value_t = 10, value_parser = super::seconds())]
    seconds: u64,
}

pub(super) fn serve(arguments: &Serve) -> anyhow::Result<ExitCode> {
    let mut cosigner = Cosigner::open(&arguments.state, arguments.name.as_deref()).with_context(|| {
        let hint = if arguments.name.is_none() { "; the first time it needs --name" } else { "" };
        format!("{}{hint}", arguments.state.display())
    })?;
    for path in &arguments.log {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        cosigner.add(&text)?;
    }
    let (key, logs) = (cosigner.key(), cosigner.logs());
    let server = Server::bind(&arguments.listen, cosigner).with_context(|| arguments.listen.clone())?;
    let address = server.address();
    super::print(&if arguments.json {
        format!(
            "{}\n",
            serde_json::json!({"listen": address.to_string(), "key": key.to_string(), "logs": logs})
        )
    } else {
        format!("cosigner key {key}\nlistening on http://{address}/ for {logs} ledgers\n")
    })?;
    server.run(unix_seconds);
    Ok(ExitCode::SUCCESS)
}

pub(super) fn anchor(arguments: &Anchor) -> anyhow::Result<ExitCode> {
    let key = CosignerKey::parse(&arguments.key).context("--key")?;
    let mut ledger = Ledger::open(&arguments.folder, &OpenOptions::default(), &ClockEvidence::now())?;
    let most = Duration::from_secs(arguments.seconds);
    let done = cosign(&arguments.to, 0, most, |known| ledger.cosign_request(known));
    let recorded = match &done {
        Ok(note) => Some(ledger.anchor(note, std::slice::from_ref(&key), &ClockEvidence::now())),
        Err(_) => None,
    };
    ledger.close(&ClockEvidence::now())?;
    let note = done?;
    let receipt = recorded.transpose()?.context("nothing was recorded")?;
    super::print(&format!("cosigned by {}, recorded as entry {}\n{note}", key.name(), receipt.sequence()))
}
