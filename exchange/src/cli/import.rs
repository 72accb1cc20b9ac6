//! `exchange import`: files into the store, each refusal with its reason.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::ValueEnum;
use exchange::drugs::{DrugSources, fda};
use exchange::rejection::{Note, Rejection};
use exchange::rules::SiteRules;
use exchange::site::{files_of, read_file};
use exchange::store::{Store, StoreError};
use jiff::civil::Date;

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Kind {
    /// FHIR R4 Bundles.
    Fhir,
    /// The drug file; or FDA's product.txt and package.txt, from which one is proposed.
    Drugs,
    /// The frequency table.
    Frequencies,
}

/// What became of one file.
#[derive(serde::Serialize)]
pub(super) struct Outcome {
    pub(super) file: String,
    pub(super) accepted: usize,
    pub(super) rejections: Vec<Rejection>,
    pub(super) notes: Vec<Note>,
}

pub(super) fn import(
    kind: Kind,
    dir: &Path,
    rules: &SiteRules,
    today: Date,
    paths: &[PathBuf],
) -> anyhow::Result<Vec<Outcome>> {
    let store = Store::open(dir)?;
    match kind {
        Kind::Drugs if is_fda(paths)? => propose(dir, paths).map(|outcome| vec![outcome]),
        Kind::Drugs => import_drugs(&store, rules, today, paths).map(|outcome| vec![outcome]),
        Kind::Fhir | Kind::Frequencies => {
            let ending = if matches!(kind, Kind::Fhir) { "json" } else { "csv" };
            let mut outcomes = Vec::new();
            for path in paths {
                let files = files_of(path, ending)?;
                anyhow::ensure!(!files.is_empty(), "{}: no .{ending} file in it", path.display());
                for file in files {
                    let name = file.display().to_string();
                    let bytes = read_file(&file)?;
                    let outcome = match kind {
                        Kind::Fhir => store.import_bundle(&name, &bytes, rules, today).map(|import| {
                            let chart = &import.chart;
                            let accepted =
                                chart.patients.len() + chart.requests.len() + chart.dispensed.len();
                            (accepted, import.rejections, import.notes)
                        }),
                        _ => store
                            .import_frequencies(&name, &bytes)
                            .map(|(codes, bad)| (codes, bad, Vec::new())),
                    };
                    outcomes.push(outcome_of(name, outcome)?);
                }
            }
            Ok(outcomes)
        }
    }
}

fn import_drugs(store: &Store, rules: &SiteRules, today: Date, paths: &[PathBuf]) -> anyhow::Result<Outcome> {
    let mut found: [Option<(String, Vec<u8>)>; 3] = [None, None, None];
    for path in paths {
        for file in files_of(path, "csv")? {
            let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let place = ["items.csv", "barcodes.csv", "recalls.csv"].iter().position(|known| *known == name);
            let slot = place.and_then(|place| found.get_mut(place));
            let slot = slot.with_context(|| {
                format!("{}: a drug file is items.csv, barcodes.csv and recalls.csv", file.display())
            })?;
            anyhow::ensure!(slot.is_none(), "{}: given twice", file.display());
            *slot = Some((file.display().to_string(), read_file(&file)?));
        }
    }
    let [items, barcodes, recalls] = &found;
    let items = items.as_ref().context("items.csv is missing: a drug file is imported as a whole")?;
    let sources = DrugSources {
        items: (&items.0, &items.1),
        barcodes: barcodes.as_ref().map(|(name, bytes)| (name.as_str(), bytes.as_slice())),
        recalls: recalls.as_ref().map(|(name, bytes)| (name.as_str(), bytes.as_slice())),
    };
    let imported = store.import_drugs(sources, rules, today);
    outcome_of(items.0.clone(), imported.map(|file| (file.accepted, file.rejections, file.notes)))
}

/// A file that is refused whole is a finding; a store that cannot be written is not.
fn outcome_of(
    file: String,
    imported: Result<(usize, Vec<Rejection>, Vec<Note>), StoreError>,
) -> anyhow::Result<Outcome> {
    match imported {
        Ok((accepted, rejections, notes)) => Ok(Outcome { file, accepted, rejections, notes }),
        Err(error @ (StoreError::Bundle(_) | StoreError::Table(_))) => {
            Ok(refused_whole(file, &error, Vec::new()))
        }
        Err(StoreError::Recalls { error, rejections }) => Ok(refused_whole(file, &error, rejections)),
        Err(error) => Err(error.into()),
    }
}

/// What is said of a file of which nothing was imported, with the lines that cannot be used.
fn refused_whole(file: String, error: &dyn std::error::Error, mut rejections: Vec<Rejection>) -> Outcome {
    let text = error.to_string();
    rejections.push(Rejection {
        resource: "file".to_owned(),
        place: file.clone(),
        reason: text.strip_prefix(&format!("{file}: ")).unwrap_or(&text).to_owned(),
        remedy: "nothing of it was imported; what was imported before stands".to_owned(),
        patient: None,
        version: None,
    });
    Outcome { file, accepted: 0, rejections, notes: Vec::new() }
}

pub(super) fn print(outcomes: &[Outcome], json: bool) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for outcome in outcomes {
        if json {
            serde_json::to_writer(&mut out, outcome)?;
            writeln!(out)?;
            continue;
        }
        let refused = outcome.rejections.len();
        writeln!(out, "{}: {} accepted, {refused} refused", outcome.file, outcome.accepted)?;
        for rejection in &outcome.rejections {
            writeln!(out, "  refused  {rejection}")?;
        }
        for note in &outcome.notes {
            writeln!(out, "  note     {note}")?;
        }
    }
    out.flush()
}

/// Whether these are FDA's files: `product.txt` and `package.txt`.
fn is_fda(paths: &[PathBuf]) -> anyhow::Result<bool> {
    for path in paths {
        let named = |name: &str| path.file_name().is_some_and(|found| found == name);
        let inside = path.is_dir() && files_of(path, "txt")?.iter().any(|file| file.ends_with("product.txt"));
        if named("product.txt") || named("package.txt") || inside {
            return Ok(true);
        }
    }
    Ok(false)
}

/// FDA's files say what is on the market, not what this site gives and how: a pharmacist completes the proposal and imports that.
fn propose(dir: &Path, paths: &[PathBuf]) -> anyhow::Result<Outcome> {
    let mut found: [Option<(String, Vec<u8>)>; 2] = [None, None];
    for path in paths {
        for file in files_of(path, "txt")? {
            let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let slot = ["product.txt", "package.txt"].iter().position(|known| *known == name);
            if let Some(slot) = slot.and_then(|at| found.get_mut(at)) {
                *slot = Some((file.display().to_string(), read_file(&file)?));
            }
        }
    }
    let [Some(product), Some(package)] = &found else {
        anyhow::bail!("FDA's drug list is two files: name product.txt and package.txt, or their folder");
    };
    let proposal = fda::propose((&product.0, &product.1), (&package.0, &package.1))?;
    let out = dir.join("proposed");
    std::fs::create_dir_all(&out).with_context(|| format!("{}: cannot be made", out.display()))?;
    for (name, text) in [("items.csv", &proposal.items), ("barcodes.csv", &proposal.barcodes)] {
        let path = out.join(name);
        std::fs::write(&path, text).with_context(|| format!("{}: cannot be written", path.display()))?;
    }
    let text = format!(
        "{} items and their codes are proposed in {}; nothing is in force yet: complete high_alert, divisible and package, have \
         the codes verified, and import that folder",
        proposal.accepted,
        out.display()
    );
    let notes = vec![Note { resource: "product.txt".to_owned(), text }];
    Ok(Outcome {
        file: product.0.clone(),
        accepted: proposal.accepted,
        rejections: proposal.rejections,
        notes,
    })
}
