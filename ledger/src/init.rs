//! Making a ledger: an explicit act that refuses to overwrite anything.

use std::io;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::clock::ClockEvidence;
use crate::enrolment::{Enrolled, Enrolment, EnrolmentDomain};
use crate::epoch::{EpochPlan, EpochState, key_root};
use crate::files::{self, Folder};
use crate::hash::{Hash, sha256};
use crate::keys::DeviceKey;
use crate::leaf::CDDL;
use crate::ledger::{AppendError, Ledger};
use crate::note::{SecretKey, valid_name};
use crate::random::{self, NoRandomness};
use crate::store::{Sharing, StorageBackend, Store, StoreError};

/// What a new ledger is to be.
#[derive(Clone, Debug)]
pub struct InitOptions {
    /// Its id: a schema-less URL such as `hospital.example/3b/kiosk-03/g1`, without spaces and plus.
    pub origin: String,
    /// The signing epochs; 4,096 days from now when left out.
    pub plan: Option<EpochPlan>,
    /// The seed of the hospital's key; a new one is made and left in `keys/hospital.key` when there is none.
    pub hospital: Option<Zeroizing<[u8; 32]>>,
    /// SHA-256 of the program, all zeros when unknown.
    pub build: Hash,
    /// How processes share the file.
    pub sharing: Sharing,
}

impl InitOptions {
    /// The usual ledger.
    pub fn new(origin: &str) -> Self {
        let (plan, hospital, build, sharing) = (None, None, [0; 32], Sharing::default());
        Self { origin: origin.to_owned(), plan, hospital, build, sharing }
    }
}

/// Why no ledger was made.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// The folder holds something.
    #[error("{0}: already holds files; a ledger is made only in a new or empty folder")]
    NotEmpty(PathBuf),
    /// The origin cannot name a ledger.
    #[error(
        "origin \"{0}\": must not be empty, longer than 200 bytes, or hold spaces, control characters or a plus"
    )]
    Origin(String),
    /// A file could not be made.
    #[error("{path}: {error}; remove the unfinished folder, then try again")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// No randomness.
    #[error(transparent)]
    Random(#[from] NoRandomness),
    /// The database.
    #[error("the database could not be made: {0}; remove the unfinished folder, then try again")]
    Store(#[from] StoreError),
    /// The first entry.
    #[error("the first entry could not be recorded: {0}; remove the unfinished folder, then try again")]
    Genesis(#[from] AppendError),
}

/// Makes a ledger in a new or empty folder, with its first entry, and gives its enrolment.
///
/// # Errors
/// When the folder holds anything, the origin cannot be one, or a file cannot be made.
pub fn init(folder: &Path, options: &InitOptions, clock: &ClockEvidence) -> Result<Enrolled, InitError> {
    let path = Folder::new(folder).database();
    init_with(folder, options, clock, |meta| Store::create(&path, options.sharing, meta))
}

/// As [`init`], with the database on another storage: for tests of power cuts and full disks.
///
/// # Errors
/// As there.
pub fn init_on(
    backend: impl StorageBackend,
    folder: &Path,
    options: &InitOptions,
    clock: &ClockEvidence,
) -> Result<Enrolled, InitError> {
    init_with(folder, options, clock, |meta| Store::create_on(backend, options.sharing, meta))
}

fn init_with(
    path: &Path,
    options: &InitOptions,
    clock: &ClockEvidence,
    create: impl FnOnce(&[(&str, &[u8])]) -> Result<Store, StoreError>,
) -> Result<Enrolled, InitError> {
    if !valid_name(&options.origin) {
        return Err(InitError::Origin(options.origin.clone()));
    }
    let folder = Folder::new(path);
    let at = |path: PathBuf| move |error: io::Error| InitError::File { path, error };
    folder.create().map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => InitError::NotEmpty(path.to_owned()),
        _ => at(path.to_owned())(error),
    })?;
    let secret = random::secret::<32>()?;
    let device = DeviceKey::from_secret(&secret);
    let plan = options.plan.unwrap_or_else(|| EpochPlan::daily(clock.wall_ns.div_euclid(1_000_000_000)));
    let state = EpochState::new(0, random::secret()?);
    let keys = state.public_keys(plan.count);
    let (seed, made) = match &options.hospital {
        Some(seed) => (seed.clone(), false),
        None => (random::secret()?, true),
    };
    let hospital = SecretKey::from_seed(&seed);
    let record = Enrolment {
        domain: EnrolmentDomain,
        origin: options.origin.clone(),
        plan,
        key_root: key_root(&keys),
        cddl: sha256(&[CDDL.as_bytes()]),
        build: options.build,
        device_check: *device.check(),
        hospital: hospital.public(),
        wall_ns: clock.wall_ns,
    };
    let enrolled = Enrolled::sign(record, &hospital);
    let bytes = enrolled.encode();
    let create_file =
        |path: PathBuf, mode: u32, bytes: &[u8]| files::create(&path, mode, bytes).map_err(at(path));
    create_file(folder.device_key(), 0o600, &*secret)?;
    folder.write_epoch_state(&state).map_err(at(folder.epoch_state()))?;
    if made {
        create_file(folder.hospital_key(), 0o600, &*seed)?;
    }
    let vkeys = (0..plan.count)
        .filter_map(|epoch| enrolled.verifier(&keys, epoch))
        .fold(String::new(), |text, key| text + &key.to_string() + "\n");
    create_file(folder.verifier_keys(), 0o644, vkeys.as_bytes())?;
    create_file(folder.enrolment(), 0o644, &bytes)?;
    let store = create(&[("enrolment", &bytes), ("epoch_keys", keys.as_flattened())])?;
    Ledger::found(store, folder.clone(), enrolled.clone(), keys, device, state, clock)?;
    folder.sync().map_err(at(path.to_owned()))?;
    Ok(enrolled)
}
