//! A ward from files: orders, drug file, staff. The journeys, the demo and the device all load through the same importer.

use std::mem;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use exchange::drugs::{self, DrugFile, DrugSources};
use exchange::fhir::{self, BundleError};
use exchange::policy::{self, PolicyFileError};
use exchange::rejection::Rejection;
use exchange::rules::SiteRules;
use exchange::site::Site;
use exchange::staff::{self, Pin, Staff};
use exchange::table::TableError;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rights::chart::Chart;
use rights::ident::ClinicianId;
use rights::person::Clinician;
use rights::policy::Policy;
use rights::product::Formulary;

use crate::pin::{Cost, PinError, Pins};

/// Where a ward's files are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WardFiles {
    /// Orders and drug file.
    pub orders: OrderFiles,
    /// Staff and policy.
    pub staff: StaffFiles,
}

/// Where orders and the drug file are, when no feed brings them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderFiles {
    /// FHIR Bundles.
    pub orders: Vec<PathBuf>,
    /// The folder with items.csv, barcodes.csv and recalls.csv.
    pub drugs: PathBuf,
}

/// Where the site's own files are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffFiles {
    /// staff.csv.
    pub staff: PathBuf,
    /// policy.toml; the defaults without it.
    pub policy: Option<PathBuf>,
}

/// A loaded ward.
#[derive(Debug)]
pub struct Ward {
    /// Patients, requests, doses and clinicians; the history stays empty.
    pub chart: Chart,
    /// The drug file.
    pub formulary: Formulary,
    /// The site's policy.
    pub policy: Arc<Policy>,
    /// The PINs, to be hashed at once.
    pub pins: Vec<(ClinicianId, Pin)>,
    /// Everything that was refused, with its reason.
    pub rejections: Vec<Rejection>,
}

/// Why a ward cannot be loaded. Single bad lines and resources are [`Ward::rejections`] instead.
#[derive(Debug, thiserror::Error)]
pub enum WardError {
    /// A file cannot be read.
    #[error("{path}: {source}; check that the file is there and can be read")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The time zone is not known.
    #[error("time zone \"{0}\" is not known; use a name such as America/New_York")]
    Zone(String),
    /// A Bundle as a whole.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// A table as a whole.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The policy, which is taken over as a whole or not at all.
    #[error(transparent)]
    Policy(#[from] PolicyFileError),
    /// A PIN.
    #[error(transparent)]
    Pin(#[from] PinError),
}

/// The zone of this name.
///
/// # Errors
/// When it is not known.
pub fn zone(name: &str) -> Result<TimeZone, WardError> {
    TimeZone::get(name).map_err(|_| WardError::Zone(name.to_owned()))
}

/// Loads a ward as of a local date (it decides which barcodes are in force).
///
/// # Errors
/// When a file cannot be read at all.
pub fn load(files: &WardFiles, zone: &TimeZone, today: Date) -> Result<Ward, WardError> {
    with_staff(orders(&files.orders, zone, today)?, &files.staff)
}

/// Orders and drug file as of a local date.
///
/// # Errors
/// When a file cannot be read at all.
pub fn orders(files: &OrderFiles, zone: &TimeZone, today: Date) -> Result<Site, WardError> {
    let rules = SiteRules::new(zone.clone());
    let drugs = load_drugs(&files.drugs, &rules, today)?;
    let mut site = Site::new(&drugs);
    for path in &files.orders {
        site.lay(fhir::read(&name(path), &read(path)?, &rules, &drugs)?);
    }
    Ok(site)
}

/// Orders and drug file, wherever they come from, with the site's staff and policy.
///
/// # Errors
/// When one of the files cannot be read, or the policy is not sound as a whole.
pub fn with_staff(site: Site, files: &StaffFiles) -> Result<Ward, WardError> {
    let mut ward = without_orders(files)?;
    ward.lay(site);
    Ok(ward)
}

/// Staff and policy alone: what a kiosk starts with whose orders cannot be read yet. It knows no patient and no drug, so it gives nothing.
///
/// # Errors
/// When one of the files cannot be read, or the policy is not sound as a whole.
pub fn without_orders(files: &StaffFiles) -> Result<Ward, WardError> {
    let policy = files.policy.as_deref().map_or_else(|| Ok(Policy::default()), policy::read_file)?;
    let staff = read_staff(files)?;
    let chart = Chart { clinicians: staff.clinicians, ..Chart::default() };
    let (formulary, policy) = (Formulary::default(), Arc::new(policy));
    Ok(Ward { chart, formulary, policy, pins: staff.pins, rejections: staff.rejections })
}

impl Ward {
    /// Lays orders and drug file over it; who works here stays.
    pub fn lay(&mut self, mut orders: Site) {
        self.chart = with_clinicians(orders.chart, mem::take(&mut self.chart.clinicians));
        self.formulary = orders.formulary;
        orders.rejections.append(&mut self.rejections);
        self.rejections = orders.rejections;
    }
}

/// Orders, with who works here.
pub(crate) fn with_clinicians(orders: Chart, clinicians: Vec<Clinician>) -> Chart {
    Chart { clinicians, ..orders }
}

/// Who works here.
///
/// # Errors
/// When the file cannot be read.
pub fn read_staff(files: &StaffFiles) -> Result<Staff, WardError> {
    Ok(staff::read(&name(&files.staff), &read(&files.staff)?)?)
}

fn load_drugs(folder: &Path, rules: &SiteRules, today: Date) -> Result<DrugFile, WardError> {
    let items = read(&folder.join("items.csv"))?;
    let barcodes = read(&folder.join("barcodes.csv"))?;
    let recalls = read(&folder.join("recalls.csv"))?;
    let sources = DrugSources {
        items: ("items.csv", &items),
        barcodes: Some(("barcodes.csv", &barcodes)),
        recalls: Some(("recalls.csv", &recalls)),
    };
    Ok(drugs::read(sources, &rules.units, today)?)
}

/// Hashes PINs, each with its own salt.
///
/// # Errors
/// When one cannot be hashed.
pub fn hash_pins(
    pins: &[(ClinicianId, Pin)],
    secret: &[u8],
    cost: Cost,
    mut salt: impl FnMut() -> [u8; 16],
) -> Result<Pins, WardError> {
    let mut hashed = Pins::new(secret, cost);
    for (clinician, pin) in pins {
        hashed.set(clinician, pin.as_str(), salt())?;
    }
    Ok(hashed)
}

fn read(path: &Path) -> Result<Vec<u8>, WardError> {
    std::fs::read(path).map_err(|source| WardError::File { path: path.to_owned(), source })
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}
