//! `hub.toml`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use serde::Deserialize;

use crate::tls::Identity;

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HubConfigError {
    /// The file.
    #[error("{path}: cannot be read ({source}): check the path and its rights", path = path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Its text.
    #[error("{path}: {error}", path = path.display())]
    Toml {
        /// Which.
        path: PathBuf,
        /// Why, with line and column.
        error: Box<toml::de::Error>,
    },
    /// One value.
    #[error("{path}: {key}: {reason}", path = path.display())]
    Value {
        /// Which file.
        path: PathBuf,
        /// Which key.
        key: &'static str,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// The site's policy.
    #[error(transparent)]
    Policy(#[from] crate::policy::PolicyFileError),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    listen: SocketAddr,
    store: PathBuf,
    policy: Option<PathBuf>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    clients: Option<PathBuf>,
}

/// A valid configuration.
#[derive(Clone, Debug)]
pub struct HubConfig {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Its file; made when it is not there.
    pub store: PathBuf,
    /// How long a claim lasts that is neither recorded nor given back.
    pub claim_lasts: SignedDuration,
    /// Who it is and whose kiosks it takes; none on this machine alone.
    pub tls: Option<HubTls>,
}

/// Mutual TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HubTls {
    /// Who the hub is.
    pub identity: Identity,
    /// The authority of the kiosks' certificates: whoever claims doses and tells what was given has to be one of them.
    pub clients: PathBuf,
}

/// Reads and checks a configuration. Paths in it start at its own folder.
///
/// # Errors
/// At the first thing that is wrong.
pub fn read(path: &Path) -> Result<HubConfig, HubConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| HubConfigError::Io { path: path.to_owned(), source })?;
    let raw: Raw = toml::from_str(&text)
        .map_err(|error| HubConfigError::Toml { path: path.to_owned(), error: Box::new(error) })?;
    let dir = path.parent().unwrap_or(Path::new("."));
    let wrong =
        |key, reason: &str| HubConfigError::Value { path: path.to_owned(), key, reason: reason.to_owned() };
    let tls = match (raw.certificate, raw.key, raw.clients) {
        (Some(certificate), Some(key), Some(clients)) => Some(HubTls {
            identity: Identity { certificate: dir.join(certificate), key: dir.join(key) },
            clients: dir.join(clients),
        }),
        (None, None, None) if raw.listen.ip().is_loopback() => None,
        (None, None, None) => {
            let reason = "patient data would go in the clear, and anybody could claim doses: add certificate, key and clients, or listen on 127.0.0.1";
            return Err(wrong("listen", reason));
        }
        (None, _, _) => {
            return Err(wrong("certificate", "missing: certificate, key and clients go together"));
        }
        (_, None, _) => return Err(wrong("key", "missing: certificate, key and clients go together")),
        (_, _, None) => {
            let reason =
                "missing: name the authority of the kiosks' certificates, so that nobody else claims doses";
            return Err(wrong("clients", reason));
        }
    };
    let policy = match raw.policy {
        Some(policy) => crate::policy::read_file(&dir.join(policy))?,
        None => rights::policy::Policy::default(),
    };
    Ok(HubConfig { listen: raw.listen, store: dir.join(raw.store), claim_lasts: policy.claim_lasts, tls })
}
