//! The command line: arguments, exit codes, and which command does what.
//!
//! Exit 0 fine, 1 a negative finding, 2 could not do it, 64 usage; `verify` as in the evidence specification, section 4.

mod bench;
mod cosign;
mod keep;
mod manual;
mod out;
mod report;
mod shift;
mod show;
mod synthetic;
mod verify;
mod ward;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser, Subcommand};
use ledger::clock::ClockEvidence;
use ledger::init::{InitOptions, init};
use ledger::inspect::{InspectError, Inspector};
use ledger::note::VerifierKey;
use ledger::proof::TlogProof;
use out::print;

/// Evidence of bedside medication administration: prove it, verify it, show it.
#[derive(Debug, Parser)]
#[command(
    name = "ledger",
    version,
    after_help = "Examples:\n  ledger init /var/lib/kiosk/ledger --origin hospital.example/3b/kiosk-03/g1\n  \
                  ledger verify /var/lib/kiosk/ledger\n  ledger show --from 100 --to 120 /var/lib/kiosk/ledger\n  \
                  ledger prove 17 /var/lib/kiosk/ledger > 17.tlog-proof\n  \
                  ledger check-proof 17.tlog-proof --key export/log.vkey\n  \
                  ledger report access --from 2026-06-01 --to 2026-06-08 --format html SOURCE > access.html\n  \
                  ledger backup /mnt/copy /var/lib/kiosk/ledger\n  \
                  ledger cosign --listen 127.0.0.1:8017 --state /var/lib/cosigner --name witness.example/w1 --log log.vkey\n\n\
                  Exit codes: 0 fine, 1 negative finding, 2 could not do it, 64 usage.\n\
                  verify: 0 valid, 1 tampering proven, 2 damaged or unreadable, 3 not cosigned, 4 policy, 64 usage."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes a ledger in a new or empty folder. Refuses to overwrite anything.
    #[command(after_help = "Examples:
  ledger init /var/lib/kiosk/ledger --origin hospital.example/3b/kiosk-03/g1
  ledger init /var/lib/kiosk/ledger --origin hospital.example/3b/kiosk-03/g1 --hospital-key /media/stick/hospital.key")]
    Init {
        /// The new ledger's folder.
        folder: PathBuf,
        /// The ledger's id, such as hospital.example/3b/kiosk-03/g1.
        #[arg(long)]
        origin: String,
        /// A file with the 32-byte seed of the hospital's key; one is made when left out.
        #[arg(long)]
        hospital_key: Option<PathBuf>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Recomputes everything from raw bytes and names the first contradiction.
    Verify(verify::Arguments),
    /// Prints entries; without patient data unless asked.
    Show(show::Arguments),
    /// Prints the proof of one entry, to be checked without the ledger.
    #[command(after_help = "Examples:
  ledger prove 17 /var/lib/kiosk/ledger > 17.tlog-proof")]
    Prove {
        /// Which entry.
        index: u64,
        /// The ledger's folder or file.
        source: PathBuf,
    },
    /// Checks a proof file against a key.
    #[command(after_help = "Examples:
  ledger check-proof 17.tlog-proof --key log.vkey
  ledger check-proof 17.tlog-proof --json --key hospital.example/3b/kiosk-03/g1+1c2d3e4f+AQ..")]
    CheckProof {
        /// The proof file.
        proof: PathBuf,
        /// A verifier key, a line of log.vkey, or a file of such lines, also of several ledgers.
        #[arg(long)]
        key: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Writes a C2SP tlog-tiles folder that other people's programs verify. It holds no patient data.
    #[command(after_help = "Examples:
  ledger export /mnt/auditor/export /var/lib/kiosk/ledger")]
    Export {
        /// The new folder.
        folder: PathBuf,
        /// The ledger's folder or file.
        source: PathBuf,
    },
    /// Decides every entry again from its recorded inputs and reports what differs. Needs the device key.
    #[command(after_help = "Examples:
  ledger recheck /var/lib/kiosk/ledger
  ledger recheck --json /var/lib/kiosk/ledger")]
    Recheck {
        /// The ledger's folder or file.
        source: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Counts what a range of entries says: scanning rate, alerts, near misses, timeliness, integrity, recall and more.
    Report(report::Arguments),
    /// Copies a ledger, live or closed, to a new folder, and verifies the copy.
    Backup(keep::Backup),
    /// Puts a copy into a new folder, and says whether it is older than what was recorded: exit 1 if it is, or if nobody can tell.
    Restore(keep::Restore),
    /// Destroys the keys of patients whose retention is over. The ledger must be closed.
    Shred(keep::Shred),
    /// Serves as a cosigner (c2sp.org/tlog-witness).
    Cosign(cosign::Serve),
    /// Has the last checkpoint of a closed ledger cosigned and records that.
    Anchor(cosign::Anchor),
    /// Makes the ledgers of a synthetic ward in a new folder, one for each kiosk, with a dispense file: for training and measuring.
    Ward(synthetic::Arguments),
    /// Measures recording, verifying and proving on this machine, each beside its peer.
    Bench(bench::Arguments),
    /// Prints a shell completion script.
    #[command(after_help = "Examples:
  ledger completions bash > /etc/bash_completion.d/ledger")]
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Prints the manual page of the program, or of one of its commands.
    #[command(after_help = "Examples:
  ledger manual > ledger.1
  ledger manual verify > ledger-verify.1
  ledger manual report | man -l -")]
    Manual {
        /// Which command.
        #[arg(value_parser = manual::page_of)]
        command: Option<String>,
    },
}

/// Parses, runs, and turns what came of it into an exit code.
pub(crate) fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    if arguments.get(1).is_some_and(|first| first == verify::CHILD) {
        return verify::child(&arguments[2..]);
    }
    let parsed = match Arguments::try_parse_from(&arguments) {
        Ok(parsed) => parsed,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(64) } else { ExitCode::SUCCESS };
        }
    };
    run(parsed.command, &arguments).unwrap_or_else(|error| {
        eprintln!("ledger: {error:#}");
        ExitCode::from(exit_of(&error))
    })
}

/// A ledger that does not hold is a finding about it; anything else is something that could not be done.
fn exit_of(error: &anyhow::Error) -> u8 {
    match error.downcast_ref() {
        Some(InspectError::DoesNotHold { .. }) => 1,
        _ => 2,
    }
}

fn run(command: Command, arguments: &[OsString]) -> anyhow::Result<ExitCode> {
    match command {
        Command::Init { folder, origin, hospital_key, json } => {
            make(&folder, &origin, hospital_key.as_deref(), json)
        }
        Command::Verify(_) => verify::parent(arguments),
        Command::Show(show) => show::run(&show),
        Command::Prove { index, source } => {
            let (proof, _) = Inspector::open(&source)?.prove(index)?;
            print(&proof.to_string())
        }
        Command::CheckProof { proof, key, json } => check_proof(&proof, &key, json),
        Command::Export { folder, source } => {
            let inspector = Inspector::open(&source)?;
            inspector.export(&folder)?;
            print(&format!(
                "{} entries of {} in {}\n",
                inspector.size(),
                inspector.origin(),
                folder.display()
            ))
        }
        Command::Recheck { source, json } => recheck(&source, json),
        Command::Report(arguments) => report::run(&arguments),
        Command::Backup(arguments) => keep::run_backup(&arguments),
        Command::Restore(arguments) => keep::run_restore(&arguments),
        Command::Shred(arguments) => keep::run_shred(&arguments),
        Command::Cosign(arguments) => cosign::serve(&arguments),
        Command::Anchor(arguments) => cosign::anchor(&arguments),
        Command::Ward(arguments) => synthetic::run(&arguments),
        Command::Bench(bench) => bench::run(&bench),
        Command::Completions { shell } => manual::complete(shell),
        Command::Manual { command } => manual::print(command.as_deref()),
    }
}

/// Arguments that contradict each other, told with how the command is called, before anything is read.
fn misused(command: &str, why: &str) -> ExitCode {
    let mut all = Arguments::command();
    all.build();
    let of = all.find_subcommand_mut(command);
    let error = match of {
        Some(command) => command.error(ErrorKind::ArgumentConflict, why),
        None => all.error(ErrorKind::ArgumentConflict, why),
    };
    let _ = error.print();
    ExitCode::from(64)
}

fn make(folder: &Path, origin: &str, hospital: Option<&Path>, json: bool) -> anyhow::Result<ExitCode> {
    let mut options = InitOptions::new(origin);
    if let Some(path) = hospital {
        let seed = std::fs::read(path).with_context(|| path.display().to_string())?;
        let seed: [u8; 32] = seed
            .try_into()
            .ok()
            .with_context(|| format!("{}: a hospital key is exactly 32 bytes", path.display()))?;
        options.hospital = Some(seed.into());
    }
    if let Ok(program) = std::env::current_exe().and_then(std::fs::read) {
        options.build = ledger::hash::sha256(&[&program]);
    }
    let enrolled = init(folder, &options, &ClockEvidence::now())?;
    let key = enrolled.hospital_key().map(|key| key.to_string()).unwrap_or_default();
    if json {
        let enrolment = ledger::hash::hex(&enrolled.hash());
        return print(&format!(
            "{}\n",
            serde_json::json!({"origin": origin, "hospital": key, "enrolment": enrolment})
        ));
    }
    let moved = if hospital.is_none() {
        "\nkeys/hospital.key is the hospital's key: move it off this machine"
    } else {
        ""
    };
    print(&format!("made the ledger of {origin} in {}\nhospital key {key}{moved}\n", folder.display()))
}

fn check_proof(path: &Path, key_file: &str, json: bool) -> anyhow::Result<ExitCode> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let keys = verifier_keys(key_file)?;
    let proof = TlogProof::parse(&text).with_context(|| path.display().to_string())?;
    let not = |why: &dyn std::fmt::Display| {
        eprintln!("ledger: {}: not proven: {why}", path.display());
        Ok(ExitCode::from(1))
    };
    let Some(first) = keys.first() else { anyhow::bail!("--key {key_file}: no key given") };
    let signer = keys.iter().find(|key| proof.note.signed_by(key));
    let leaf = match proof.check(signer.unwrap_or(first)) {
        Ok(leaf) => leaf,
        Err(error) => return not(&error),
    };
    // The epochs of each ledger are counted alone.
    let of_ledger: Vec<_> = keys.iter().filter(|key| key.name() == leaf.origin).collect();
    let own = usize::try_from(leaf.epoch).unwrap_or(usize::MAX);
    let counts = of_ledger.len() > 1;
    if counts && own >= of_ledger.len() {
        anyhow::bail!(
            "--key {key_file}: not the whole log.vkey of {}: it has no key of epoch {own}, that of the entry",
            leaf.origin
        );
    }
    if counts && of_ledger.get(own).copied() != signer {
        return not(&format_args!(
            "the entry is of epoch {own}, the checkpoint is signed by the key of another epoch: whoever holds a later key can make such a \
             proof of what never was. `ledger prove` makes one with the key of the entry's own epoch. This counts the keys of {} in \
             {key_file}, which must stand in their order, as in log.vkey",
            leaf.origin,
        ));
    }
    if json {
        return print(&format!("{}\n", show::json(&leaf, None)));
    }
    let by =
        if counts { "by the key of its own epoch" } else { "by the key given; it says that it is of epoch" };
    let (index, epoch) = (proof.index, leaf.epoch);
    print(&format!("proven: entry {index} of {}, {by} {epoch}\n{}\n", leaf.origin, show::line(&leaf)))
}

/// So many seconds that can be waited for, up to a year.
fn seconds() -> clap::builder::RangedU64ValueParser {
    clap::value_parser!(u64).range(1..=31_536_000)
}

/// The keys of a file of them, each once, or the one that the argument itself is.
fn verifier_keys(key: &str) -> anyhow::Result<Vec<VerifierKey>> {
    match std::fs::read_to_string(key) {
        Ok(lines) => {
            let mut keys = Vec::new();
            for line in lines.lines() {
                let parsed = VerifierKey::parse(line).with_context(|| format!("--key {key}"))?;
                if !keys.contains(&parsed) {
                    keys.push(parsed);
                }
            }
            Ok(keys)
        }
        Err(unread) => VerifierKey::parse(key).map(|key| vec![key]).map_err(|error| {
            anyhow::anyhow!(
                "--key {key}: neither a file of keys that can be read ({unread}) nor a key ({error})"
            )
        }),
    }
}

fn recheck(source: &Path, json: bool) -> anyhow::Result<ExitCode> {
    let (decided, differences) = Inspector::open(source)?.recheck()?;
    if json {
        let rows: Vec<_> = differences
            .iter()
            .map(
                |d| serde_json::json!({"sequence": d.sequence, "recorded": d.recorded, "decided": d.decided}),
            )
            .collect();
        print(&format!("{}\n", serde_json::json!({"decided": decided, "differences": rows})))?;
    } else {
        for difference in &differences {
            let only = |a: &[(String, String)], b: &[(String, String)]| {
                let own = a
                    .iter()
                    .filter(|pair| !b.contains(pair))
                    .map(|(check, class)| format!("{check} {class}"));
                own.collect::<Vec<_>>().join(", ")
            };
            let (recorded, now) = (&difference.recorded, &difference.decided);
            let text = format!(
                "entry {}: recorded [{}], decided now [{}]",
                difference.sequence,
                only(recorded, now),
                only(now, recorded)
            );
            print(&format!("{text}\n"))?;
        }
        print(&format!("{decided} decisions made again, {} differ\n", differences.len()))?;
    }
    Ok(ExitCode::from(u8::from(!differences.is_empty())))
}
