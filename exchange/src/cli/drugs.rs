//! `exchange drugs`: what the drug file holds, codes that nobody knows, and links of codes to items by two people.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use exchange::drugs::recalls::may_replace;
use exchange::drugs::unknown::UnknownCodes;
use exchange::drugs::{self, DrugFile, DrugSources, difference};
use exchange::site::read_file;
use exchange::store::Store;
use jiff::Timestamp;
use ledger::inspect::Inspector;
use rights::entry::Inputs;
use rights::product::Resolution;
use serde::Serialize;

use super::{SiteArguments, found, say};

#[derive(Subcommand)]
pub(super) enum DrugsCommand {
    /// List the items in force and the links that wait for a second person; exit 1 when one waits.
    List {
        #[command(flatten)]
        site: SiteArguments,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// List the codes that were scanned at the bedside and that no item has; exit 1 when there is one. Needs the ledger's device key.
    Unknown {
        #[command(flatten)]
        site: SiteArguments,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
        /// The ledger's folder or file.
        source: PathBuf,
    },
    /// Propose that a code is an item. Another person has to approve it.
    Link {
        #[command(flatten)]
        site: SiteArguments,
        /// Who proposes it.
        #[arg(long)]
        by: String,
        /// gtin, ndc or hibc.
        kind: String,
        /// The code: 12 to 14 digits, or an NDC with its hyphens.
        value: String,
        /// The item of the drug file.
        item: String,
    },
    /// Show what a proposed link changes, and with --by approve it.
    Approve {
        #[command(flatten)]
        site: SiteArguments,
        /// Who approves it: not who proposed it.
        #[arg(long)]
        by: Option<String>,
        /// The number of the link.
        number: usize,
    },
    /// Show what a new drug file would change before it is imported; exit 1 when it changes something.
    Diff {
        #[command(flatten)]
        site: SiteArguments,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
        /// The folder with items.csv, barcodes.csv and recalls.csv.
        dir: PathBuf,
    },
}

pub(super) fn run(command: DrugsCommand, clock: fn() -> Timestamp) -> anyhow::Result<ExitCode> {
    match command {
        DrugsCommand::List { site, json } => list(&site, json, clock()),
        DrugsCommand::Unknown { site, json, source } => unknown(&site, json, &source, clock()),
        DrugsCommand::Link { site, by, kind, value, item } => {
            let store = existing(&site.store)?;
            let link = store.propose_link(&kind, &value, &item, &by, &site.rules()?, site.today(clock())?)?;
            say(&format!(
                "link {}: {kind} {value} is {item}, proposed by {by}; another person has to approve it",
                link.number
            ))?;
            Ok(ExitCode::SUCCESS)
        }
        DrugsCommand::Approve { site, by, number } => {
            let store = existing(&site.store)?;
            let links = store.links()?;
            let link = links.iter().find(|link| link.number == number);
            let link = link.with_context(|| format!("there is no proposed link {number}"))?;
            let drugs = store.drugs(&site.rules()?, site.today(clock())?)?;
            let (item, _) = link.check(&drugs).with_context(|| format!("link {number}"))?;
            let name = drugs.formulary.product(&item).map(|product| product.name.clone()).unwrap_or_default();
            say(&format!(
                "{} {}: not known -> {} ({name}), proposed by {} on {}",
                link.kind, link.value, link.item, link.by, link.on
            ))?;
            let Some(by) = by else {
                say("nothing was changed: look at the package, then approve with --by NAME")?;
                return Ok(found(true));
            };
            store.approve_link(number, &by, &site.rules()?, site.today(clock())?)?;
            say(&format!("approved by {by}"))?;
            Ok(ExitCode::SUCCESS)
        }
        DrugsCommand::Diff { site, json, dir } => diff(&site, json, &dir, clock()),
    }
}

/// A store that is there: asking must not make one.
fn existing(dir: &Path) -> anyhow::Result<Store> {
    anyhow::ensure!(
        dir.join("imports").exists(),
        "{}: there is no store; `exchange import` makes one",
        dir.display()
    );
    Ok(Store::open(dir)?)
}

fn list(site: &SiteArguments, json: bool, now: Timestamp) -> anyhow::Result<ExitCode> {
    let store = existing(&site.store)?;
    let drugs = store.drugs(&site.rules()?, site.today(now)?)?;
    for product in drugs.formulary.products() {
        let strengths: Vec<String> = product
            .strengths
            .iter()
            .map(|strength| format!("{} {}", strength.ingredient, strength.amount))
            .collect();
        let line = if json {
            serde_json::json!({
                "item": product.id.as_str(), "name": product.name, "form": product.form.name(),
                "release": product.release.name(), "strengths": strengths, "per": product.per.to_string(),
                "high_alert": product.high_alert,
            })
            .to_string()
        } else {
            format!(
                "{}  {}  {}, {} per {}",
                product.id,
                product.name,
                product.form.name(),
                strengths.join(" + "),
                product.per
            )
        };
        say(&line)?;
    }
    let mut waits = false;
    for link in store.links()? {
        waits |= link.approved_by.is_none();
        let state = link
            .approved_by
            .as_ref()
            .map_or("waits for a second person".to_owned(), |by| format!("approved by {by}"));
        let line = if json {
            serde_json::to_string(&link)?
        } else {
            format!(
                "link {}: {} {} is {}, proposed by {} on {}, {state}",
                link.number, link.kind, link.value, link.item, link.by, link.on
            )
        };
        say(&line)?;
    }
    Ok(found(waits))
}

#[derive(Serialize)]
struct Unknown {
    kind: &'static str,
    value: String,
    scans: u64,
    first: Option<String>,
    last: Option<String>,
    last_entry: u64,
}

fn unknown(site: &SiteArguments, json: bool, source: &Path, now: Timestamp) -> anyhow::Result<ExitCode> {
    let store = existing(&site.store)?;
    let drugs = store.drugs(&site.rules()?, site.today(now)?)?;
    let inspector = Inspector::open(source).with_context(|| source.display().to_string())?;
    let device = inspector.device_key()?;
    let mut codes = UnknownCodes::default();
    inspector.with_patient_data(&device, 0, u64::MAX, |stored| {
        if let Some(Inputs::Dose(case)) = stored.detached.and_then(|detached| detached.inputs) {
            codes.hear(&case, stored.leaf.sequence);
        }
    })?;
    let mut any = false;
    for (key, scans) in codes.iter() {
        if !matches!(drugs.formulary.resolve(key), Resolution::Unknown) {
            continue;
        }
        any = true;
        let (kind, value) = drugs::code_of(key);
        let [first, last] = [scans.first(), scans.last()].map(|at| at.map(|at| at.to_string()));
        let code = Unknown { kind, value, scans: scans.count(), first, last, last_entry: scans.entry() };
        let line = if json {
            serde_json::to_string(&code)?
        } else {
            let Unknown { kind, value, scans, last, last_entry, .. } = code;
            format!("{kind} {value}  {scans} scans, last {} (entry {last_entry})", last.unwrap_or_default())
        };
        say(&line)?;
    }
    Ok(found(any))
}

fn diff(site: &SiteArguments, json: bool, dir: &Path, now: Timestamp) -> anyhow::Result<ExitCode> {
    let store = existing(&site.store)?;
    let (rules, today) = (site.rules()?, site.today(now)?);
    let held = store.drug_file_bytes()?.unwrap_or_default();
    let old = if held.items.is_empty() {
        DrugFile::default()
    } else {
        let barcodes = held.barcodes.as_deref().map(|bytes| ("barcodes.csv", bytes));
        let recalls = held.recalls.as_deref().map(|bytes| ("recalls.csv", bytes));
        let sources = DrugSources { items: ("items.csv", &held.items), barcodes, recalls };
        drugs::read(sources, &rules.units, today)?
    };
    let items = read_file(&dir.join("items.csv"))?;
    let optional = |name: &str| -> anyhow::Result<Option<Vec<u8>>> {
        let path = dir.join(name);
        Ok(if path.exists() { Some(read_file(&path)?) } else { None })
    };
    let (barcodes, recalls) = (optional("barcodes.csv")?, optional("recalls.csv")?);
    let sources = DrugSources {
        items: ("items.csv", &items),
        barcodes: barcodes.as_deref().map(|bytes| ("barcodes.csv", bytes)),
        recalls: recalls.as_deref().map(|bytes| ("recalls.csv", bytes)),
    };
    let new = drugs::read(sources, &rules.units, today)?;
    let barcodes = barcodes.unwrap_or_default();
    // What `exchange import` will say to it.
    let refused = may_replace(Some(&old), &new, recalls.is_some()).err();
    let differences =
        difference::between((&old, held.barcodes.as_deref().unwrap_or_default()), (&new, &barcodes));
    for one in &differences {
        let line = if json {
            serde_json::to_string(one)?
        } else {
            format!("{} {} {} {}", one.change, one.what, one.which, one.detail).trim_end().to_owned()
        };
        say(&line)?;
    }
    for rejection in &new.rejections {
        say(&format!("refused  {rejection}"))?;
    }
    if let Some(error) = &refused {
        say(&format!("refused  {}: {error}", dir.display()))?;
    }
    Ok(found(!differences.is_empty() || !new.rejections.is_empty() || refused.is_some()))
}
