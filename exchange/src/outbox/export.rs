//! `exchange export`: one file for each administration of a ledger.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use super::event::{Act, Cursor, Event, OutboxError};
use super::fhir::resources::{self, Places};
use super::pump::{Directory as _, Known, LedgerOnly};
use crate::hl7::ras::{self, Sender};

/// In which words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A `MedicationAdministration`.
    Fhir,
    /// A transaction Bundle with everything beside it.
    FhirBundle,
    /// A RAS^O17.
    Hl7,
}

/// Why an export failed.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The ledger cannot be read.
    #[error(transparent)]
    Ledger(#[from] OutboxError),
    /// The folder is not empty.
    #[error("{path}: is not empty: name a new folder", path = path.display())]
    NotEmpty {
        /// Which.
        path: PathBuf,
    },
    /// A file cannot be written.
    #[error("{path}: cannot be written ({source}): check space and permissions", path = path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Writes the events of a ledger to a new folder; returns how many. A correction writes the file of its administration anew, so that
/// there is one for each, as it stands at the end.
///
/// # Errors
/// When the ledger cannot be read or the folder cannot be written.
pub fn export(
    ledger: &Path,
    dir: &Path,
    format: Format,
    zone: &TimeZone,
    mrn_system: &str,
) -> Result<usize, ExportError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| ExportError::Io { path, source }
    };
    // The ledger first: when it cannot be read, no folder is made.
    let events = Cursor::new(ledger).read_all()?;
    fs::create_dir_all(dir).map_err(io(dir))?;
    if fs::read_dir(dir).map_err(io(dir))?.next().is_some() {
        return Err(ExportError::NotEmpty { path: dir.to_owned() });
    }
    let mut names: std::collections::BTreeMap<String, String> = std::collections::BTreeMap::new();
    for event in &events {
        let own = match (format, &event.act) {
            // A message says what was done, not how it stands: the start is not written over by the end.
            (Format::Hl7, Act::Infusion(_)) => event.id.clone(),
            _ => resources::resource_event(event).to_owned(),
        };
        let name = names.entry(own).or_insert_with(|| format!("{:08}-{}", event.sequence, event.id));
        let known = LedgerOnly.look_up(event);
        let (ending, text) = write(event, &known, format, zone, mrn_system);
        let path = dir.join(format!("{name}.{ending}"));
        private(&path, &text).map_err(io(&path))?;
    }
    Ok(names.len())
}

/// Patient data: for its owner alone.
fn private(path: &Path, text: &str) -> io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
}

fn write(
    event: &Event,
    known: &Known,
    format: Format,
    zone: &TimeZone,
    mrn_system: &str,
) -> (&'static str, String) {
    let places = Places { mrn_system: mrn_system.to_owned(), ..Places::default() };
    match format {
        Format::Fhir => ("json", resources::administration(event, known, &places, zone)),
        Format::FhirBundle => ("json", resources::transaction(event, known, zone, mrn_system)),
        Format::Hl7 => ("hl7", ras::write(event, known, &Sender::default(), zone)),
    }
}
