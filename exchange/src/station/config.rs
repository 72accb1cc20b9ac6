//! `[station]` of `exchange.toml`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use serde::Deserialize;

use super::session::Lasting;
use crate::tls::Identity;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawStation {
    listen: SocketAddr,
    ledger: PathBuf,
    record: PathBuf,
    staff: PathBuf,
    dispenses: Option<PathBuf>,
    policy: Option<PathBuf>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    idle_min: Option<i64>,
    longest_h: Option<i64>,
    most_connections: Option<usize>,
}

/// The station's settings.
#[derive(Clone, Debug)]
pub struct StationConfig {
    /// Where it listens.
    pub listen: SocketAddr,
    /// The kiosk's ledger that is shown.
    pub ledger: PathBuf,
    /// The station's own ledger.
    pub record: PathBuf,
    /// Who may sign in.
    pub staff: PathBuf,
    /// What the pharmacy and the cabinets handed out, for reconciliation.
    pub dispenses: Option<PathBuf>,
    /// The site's policy file, as the kiosks have it.
    pub policy: Option<PathBuf>,
    /// Its TLS identity; without one it listens on this machine alone.
    pub identity: Option<Identity>,
    /// How long a session lasts.
    pub lasting: Lasting,
    /// Connections at once.
    pub most_connections: usize,
}

impl RawStation {
    /// Checks it. Gives the key and the reason of the first fault.
    pub(crate) fn check(self, dir: &Path) -> Result<StationConfig, (String, String)> {
        let wrong = |key: &str, reason: String| (format!("station {key}"), reason);
        let identity = match (self.certificate, self.key) {
            (Some(certificate), Some(key)) => {
                Some(Identity { certificate: dir.join(certificate), key: dir.join(key) })
            }
            (None, None) => None,
            (Some(_), None) => return Err(wrong("key", "missing: a certificate needs its key".to_owned())),
            (None, Some(_)) => {
                return Err(wrong("certificate", "missing: a key needs its certificate".to_owned()));
            }
        };
        if identity.is_none() && !self.listen.ip().is_loopback() {
            let reason = format!(
                "{}: passwords and patient data would go in the clear; add certificate and key, or listen on 127.0.0.1",
                self.listen
            );
            return Err(wrong("listen", reason));
        }
        let bounded = |key: &str, told: Option<i64>, default: i64, most: i64, unit: &str| match told {
            None => Ok(default),
            Some(number) if (1..=most).contains(&number) => Ok(number),
            Some(other) => Err(wrong(key, format!("{other}: from 1 to {most} {unit}"))),
        };
        let idle = SignedDuration::from_mins(bounded("idle_min", self.idle_min, 15, 60, "minutes")?);
        let longest = SignedDuration::from_hours(bounded("longest_h", self.longest_h, 10, 12, "hours")?);
        let most_connections = self.most_connections.unwrap_or(128);
        if !(1..=10_000).contains(&most_connections) {
            return Err(wrong("most_connections", format!("{most_connections}: from 1 to 10000")));
        }
        let (ledger, record) = (dir.join(self.ledger), dir.join(self.record));
        if ledger == record {
            let reason =
                "is the kiosk's ledger: it has one writer already; make another one with `ledger init`";
            return Err(wrong("record", reason.to_owned()));
        }
        Ok(StationConfig {
            listen: self.listen,
            ledger,
            record,
            staff: dir.join(self.staff),
            dispenses: self.dispenses.map(|path| dir.join(path)),
            policy: self.policy.map(|path| dir.join(path)),
            identity,
            lasting: Lasting { idle, longest },
            most_connections,
        })
    }
}
