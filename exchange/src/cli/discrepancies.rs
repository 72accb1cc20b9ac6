//! `exchange discrepancies`: the steps of a discrepancy without a browser. Each is decided in `rights` and an entry of the pharmacy's own
//! ledger, as on the station.

use std::io::{BufRead as _, IsTerminal as _, Read as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use exchange::pharmacy::{self, Discrepancy, Report, Steps, desk};
use exchange::station::staff::{self, Person, Staff};
use jiff::Timestamp;
use ledger::clock::ClockEvidence;
use ledger::ledger::{Ledger, OpenOptions};
use ledger::reading::{Options, read};
use ledger::report::Format;
use rights::desk::Act;
use rights::discrepancy::{DiscrepancyCase, DiscrepancyStep};
use rights::entry::{Actor, IdempotencyKey};
use rights::ident::ReasonCode;
use rights::moment::{ClockTrust, Moment};
use rights::witness::SecondPerson;

use super::held::Held;

const EXAMPLES: &str = "Examples:
  exchange discrepancies list --dispenses dispenses.csv --steps /var/lib/pharmacy/ledger /var/lib/kiosk/ledger
  exchange discrepancies explain NO-WASTE:5e..:0:9c0f42a1b7d3e855 --note \"vial broke, pieces seen\" \\
      --by ph-1 --second ph-2 --staff staff.toml --dispenses dispenses.csv --steps /var/lib/pharmacy/ledger /var/lib/kiosk/ledger
  exchange discrepancies close NO-WASTE:5e..:0:9c0f42a1b7d3e855 --by ph-1 --staff staff.toml \\
      --dispenses dispenses.csv --steps /var/lib/pharmacy/ledger /var/lib/kiosk/ledger
Passwords are read from standard input, a line each: first of --by, then of --second. While `exchange serve` runs, its station holds the
ledger of --steps: take the step there.";

#[derive(Subcommand)]
#[command(after_help = EXAMPLES)]
pub(super) enum DiscrepanciesCommand {
    /// What does not add up by now, and where each stands; its name is in the last column. Exit 1 when one is open.
    List {
        #[command(flatten)]
        held: Held,
        /// People and patients by their ids instead of pseudonyms.
        #[arg(long)]
        names: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Say how one came about, signed by two people.
    Explain {
        /// Its name, as the list has it.
        id: String,
        /// How it came about, at least 10 characters.
        #[arg(long)]
        note: String,
        /// Who signs too: another pharmacist of the staff file.
        #[arg(long, value_name = "ID")]
        second: String,
        #[command(flatten)]
        signing: Signing,
        #[command(flatten)]
        held: Held,
    },
    /// Close one that was explained.
    Close {
        /// Its name, as the list has it.
        id: String,
        #[command(flatten)]
        signing: Signing,
        #[command(flatten)]
        held: Held,
    },
}

/// Who takes a step.
#[derive(clap::Args)]
pub(super) struct Signing {
    /// The pharmacist who takes the step.
    #[arg(long, value_name = "ID")]
    by: String,
    /// The staff file with their password hashes, as of the station.
    #[arg(long, value_name = "FILE")]
    staff: PathBuf,
}

pub(super) fn run(command: &DiscrepanciesCommand, now: Timestamp) -> anyhow::Result<ExitCode> {
    match command {
        DiscrepanciesCommand::List { held, names, json } => {
            anyhow::ensure!(held.dispenses.is_some(), "name the dispense file with --dispenses");
            let found =
                held.with_all(*names, now, |site| Ok(pharmacy::report(site, Report::Discrepancies)))?;
            let format = if *json { Format::Json } else { Format::Text };
            super::say(found.page.print(format).trim_end_matches('\n'))?;
            Ok(super::found(found.findings > 0))
        }
        DiscrepanciesCommand::Explain { id, note, second, signing, held } => {
            step(id, DiscrepancyStep::Explained, (Some(second), note), signing, held, now)
        }
        DiscrepanciesCommand::Close { id, signing, held } => {
            step(id, DiscrepancyStep::Closed, (None, ""), signing, held, now)
        }
    }
}

fn step(
    id: &str,
    step: DiscrepancyStep,
    (second, note): (Option<&String>, &str),
    signing: &Signing,
    held: &Held,
    now: Timestamp,
) -> anyhow::Result<ExitCode> {
    let folder = held.steps.as_ref().context("name the pharmacy's own ledger with --steps")?;
    anyhow::ensure!(held.dispenses.is_some(), "name the dispense file with --dispenses");
    let found = held.with_all(false, now, |site| {
        Ok(pharmacy::discrepancies(site).into_iter().find(|one| one.id == id))
    })?;
    let found: Discrepancy = found.with_context(|| {
        format!("there is no discrepancy \"{id}\": take a name from the last column of `exchange discrepancies list`")
    })?;
    let staff = Staff::read(&signing.staff)?;
    let ids: Vec<&str> = [signing.by.as_str()].into_iter().chain(second.map(String::as_str)).collect();
    let passwords = passwords(&ids)?;
    let clock = ClockEvidence::now();
    let mut ledger = Ledger::open(folder, &OpenOptions::default(), &clock).map_err(|error| {
        anyhow::anyhow!(
            "--steps {}: {error}; while `exchange serve` has it open, take the step on its station",
            folder.display()
        )
    })?;
    let taken = Desk::new(&mut ledger, held, now)?.signed(&staff, &ids, &passwords, |own, people| {
        let signed =
            |person: &Person| SecondPerson { id: person.id.clone(), role: person.role, signed_at: now };
        let (by, second) = people.split_first().context("nobody signs")?;
        let case = DiscrepancyCase {
            now: own.moment,
            id: found.id,
            of: found.of,
            patient: found.patient,
            step,
            by: signed(by),
            second: second.first().map(|person| signed(person)),
            note: note.trim().to_owned(),
            before: Vec::new(),
        };
        // Read while this process alone has the ledger: no other step can come between.
        let steps = Steps::of(&read(std::slice::from_ref(folder), &Options::default())?);
        let key = own.key();
        Ok(desk::take(own.ledger, &steps, case, key, &ClockEvidence::now())?.receipt().sequence())
    });
    // Whatever came of it, the ledger is closed in an orderly way.
    ledger.close(&ClockEvidence::now())?;
    let sequence = taken.map_err(|error| error.context("nothing was changed"))?;
    super::say(&format!("{id}: {}, entry {sequence} of {}", step.name(), folder.display()))?;
    Ok(ExitCode::SUCCESS)
}

/// One password a line, for each of these people.
fn passwords(ids: &[&str]) -> anyhow::Result<Vec<String>> {
    let asked = std::io::stdin().is_terminal();
    let most = u64::try_from(staff::LONGEST * 4).unwrap_or(u64::MAX);
    let mut lines = std::io::stdin().lock().take(most).lines();
    let mut passwords = Vec::new();
    for id in ids {
        if asked {
            eprintln!("password of {id} (it is shown while it is typed; `stty -echo` hides it):");
        }
        let line = lines.next().transpose().context("standard input")?;
        passwords.push(line.with_context(|| format!("standard input ended before the password of {id}"))?);
    }
    Ok(passwords)
}

/// One person's session at the pharmacy's ledger.
struct Desk<'a> {
    ledger: &'a mut Ledger,
    moment: Moment,
    session: [u8; 16],
    count: u32,
}

impl<'a> Desk<'a> {
    fn new(ledger: &'a mut Ledger, held: &Held, now: Timestamp) -> anyhow::Result<Self> {
        let offset = super::zone(&held.zone)?.to_offset(now);
        let moment = Moment { at: now, offset, clock: ClockTrust::Unknown };
        Ok(Self { ledger, moment, session: ledger::random::public()?, count: 0 })
    }

    fn key(&mut self) -> IdempotencyKey {
        self.count += 1;
        IdempotencyKey { session: self.session, count: self.count }
    }

    fn record(&mut self, act: &Act, person: Option<&Person>) -> anyhow::Result<()> {
        let actor = person.map(|person| Actor { clinician: person.id.clone(), role: person.role });
        let key = self.key();
        let entry = rights::desk::entry(act, actor, key, self.moment).context("this role may not do that")?;
        let _ = self.ledger.append(&entry, &ClockEvidence::now())?;
        Ok(())
    }

    /// Does something for people whose passwords are right; a wrong one is recorded, and so are sign-on and sign-off of the first.
    fn signed<T>(
        mut self,
        staff: &Staff,
        ids: &[&str],
        passwords: &[String],
        act: impl FnOnce(&mut Self, &[&Person]) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let code = |text: &str| ReasonCode::parse(text).context("a reason's code");
        let mut people = Vec::new();
        for (id, password) in ids.iter().zip(passwords) {
            let Some(person) = staff.check(id, password) else {
                let why = if staff.person(id).is_some() { "wrong-password" } else { "unknown-id" };
                self.record(&Act::Refused(code(why)?), staff.person(id))?;
                anyhow::bail!("id or password of \"{id}\" is not right; this was recorded");
            };
            people.push(person);
        }
        let first = *people.first().context("nobody signs")?;
        self.record(&Act::SignOn, Some(first))?;
        let done = act(&mut self, &people);
        self.record(&Act::SignOff(code("signed-out")?), Some(first))?;
        done
    }
}
