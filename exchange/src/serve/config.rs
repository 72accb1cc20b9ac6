//! `exchange.toml`: read, checked and turned into values that cannot be wrong. Each error names the file, the key and the remedy.

mod raw;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio_rustls::TlsAcceptor;

use crate::hl7::Hl7Rules;
use crate::hl7::ras::Sender;
use crate::http::Http;
use crate::mllp::client::Client;
use crate::mllp::server::Limits;
use crate::outbox::fhir::FhirTarget;
use crate::outbox::hl7::Hl7Target;
use crate::outbox::pump::Target;
use crate::server::Server;
use crate::server::pull::Queries;
use crate::server::token::{Backend, TokenError};
use crate::station::StationConfig;
use crate::tls::{self, Identity, TlsError};
use raw::{RawAuth, RawConfig, RawFhir, RawFhirTarget, RawHl7, RawHl7Target, RawMllp, RawOutbox};

/// Unless `look_every_s` says otherwise.
const LOOK_EVERY_S: u64 = 2;

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file.
    #[error("{path}: cannot be read ({source}): check the path and its rights", path = path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Its form.
    #[error("{path}: {reason}", path = path.display())]
    Form {
        /// Which.
        path: PathBuf,
        /// Line, column, key and reason.
        reason: String,
    },
    /// A value.
    #[error("{key}: {reason}")]
    Value {
        /// The key, with the name of its table.
        key: String,
        /// Why, and what to do.
        reason: String,
    },
    /// Certificates or keys.
    #[error("{key}: {source}")]
    Tls {
        /// The name of the table.
        key: String,
        /// Why.
        source: TlsError,
    },
    /// The key of a client.
    #[error("{key}: {source}")]
    Token {
        /// The name of the table.
        key: String,
        /// Why.
        source: TokenError,
    },
}

/// The service's settings.
#[derive(Debug)]
pub struct Config {
    /// The store's folder.
    pub store: PathBuf,
    /// The site's zone.
    pub zone: TimeZone,
    /// Where health and metrics are served.
    pub http: Option<SocketAddr>,
    /// How many applied messages are kept with their bytes.
    pub keep_messages: u64,
    /// How HL7 v2 is read.
    pub hl7: Hl7Rules,
    /// Feeds that are listened to.
    pub mllp: Vec<Mllp>,
    /// Servers that are asked for orders.
    pub fhir: Vec<Fhir>,
    /// The ledger that is delivered, and where to.
    pub outbox: Option<Outbox>,
    /// The pages of pharmacists and auditors.
    pub station: Option<StationConfig>,
}

/// The ledger that is delivered, and where to.
#[derive(Debug)]
pub struct Outbox {
    /// The ledger's folder.
    pub ledger: PathBuf,
    /// How often it is looked at.
    pub look_every: Duration,
    hl7: Vec<RawHl7Target>,
    fhir: Vec<RawFhirTarget>,
}

/// A feed that is listened to.
#[derive(Clone, Debug)]
pub struct Mllp {
    /// Its name.
    pub name: String,
    /// Where.
    pub listen: SocketAddr,
    /// Its TLS identity.
    pub identity: Option<Identity>,
    /// Whose client certificates it takes.
    pub clients: Option<PathBuf>,
    /// Silent for so long: orders not current.
    pub silent_after_min: u32,
    /// Its bounds.
    pub limits: Limits,
}

/// A server that is asked for orders.
#[derive(Clone)]
pub struct Fhir {
    /// Its name.
    pub name: String,
    /// What is asked.
    pub queries: Queries,
    /// How often.
    pub every: Duration,
    /// Not answering for so long: orders not current.
    pub silent_after_min: u32,
    url: String,
    ca: Option<PathBuf>,
    auth: Option<RawAuth>,
    timeout: Duration,
}

impl std::fmt::Debug for Fhir {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fhir({})", self.name)
    }
}

fn value(key: impl Into<String>, reason: impl Into<String>) -> ConfigError {
    ConfigError::Value { key: key.into(), reason: reason.into() }
}

/// Reads and checks a configuration file. Paths start at its folder.
///
/// # Errors
/// When it cannot be used.
pub fn read(path: &Path) -> Result<Config, ConfigError> {
    let text =
        std::fs::read_to_string(path).map_err(|source| ConfigError::Io { path: path.to_owned(), source })?;
    let raw: RawConfig = toml::from_str(&text).map_err(|error| ConfigError::Form {
        path: path.to_owned(),
        reason: error.to_string().trim_end().to_owned(),
    })?;
    check(raw, path.parent().unwrap_or_else(|| Path::new("")))
}

fn check(raw: RawConfig, dir: &Path) -> Result<Config, ConfigError> {
    let zone = TimeZone::get(&raw.zone).map_err(|_| {
        value("zone", format!("\"{}\" is unknown: name one as in America/New_York", raw.zone))
    })?;
    let hl7 = check_hl7(raw.hl7, &zone);
    let mllp = raw.mllp.into_iter().map(|mllp| check_mllp(mllp, dir)).collect::<Result<Vec<_>, _>>()?;
    let fhir = raw.fhir.into_iter().map(|fhir| check_fhir(fhir, dir)).collect::<Result<Vec<_>, _>>()?;
    let names = mllp.iter().map(|feed| &feed.name).chain(fhir.iter().map(|feed| &feed.name));
    distinct("mllp and fhir", names)?;
    let outbox = raw.outbox.map(|outbox| check_outbox(outbox, dir)).transpose()?;
    let station = raw.station.map(|station| station.check(dir)).transpose();
    let station = station.map_err(|(key, reason)| value(key, reason))?;
    if mllp.is_empty() && fhir.is_empty() && outbox.is_none() && station.is_none() {
        return Err(value("mllp, fhir, outbox, station", "none of them is there: nothing would be done"));
    }
    Ok(Config {
        store: dir.join(raw.store),
        zone,
        http: raw.http,
        keep_messages: raw.keep_messages.unwrap_or(1_000_000),
        hl7,
        mllp,
        fhir,
        outbox,
        station,
    })
}

fn check_hl7(raw: RawHl7, zone: &TimeZone) -> Hl7Rules {
    let rules = Hl7Rules::new(zone.clone());
    Hl7Rules {
        mrn_type: raw.mrn_type.unwrap_or(rules.mrn_type),
        mrn_authority: raw.mrn_authority,
        gsrn_type: raw.gsrn_type.unwrap_or(rules.gsrn_type),
        band_type: raw.band_type.unwrap_or(rules.band_type),
        processing: raw.processing.unwrap_or(rules.processing),
        formulary: raw.formulary.unwrap_or(rules.formulary),
        allergy_class: raw.allergy_class.unwrap_or(rules.allergy_class),
        ingredient: raw.ingredient.unwrap_or(rules.ingredient),
        ..rules
    }
}

fn check_outbox(raw: RawOutbox, dir: &Path) -> Result<Outbox, ConfigError> {
    let (mut hl7, mut fhir) = (raw.hl7, raw.fhir);
    for target in &mut hl7 {
        for path in [&mut target.ca, &mut target.certificate, &mut target.key] {
            *path = path.take().map(|path| dir.join(path));
        }
    }
    for target in &mut fhir {
        target.ca = target.ca.take().map(|path| dir.join(path));
        if let Some(auth) = &mut target.auth {
            auth.key = dir.join(&auth.key);
        }
    }
    if hl7.is_empty() && fhir.is_empty() {
        return Err(value(
            "outbox",
            "has no target: add [[outbox.hl7]] or [[outbox.fhir]], or remove [outbox]",
        ));
    }
    distinct("outbox", hl7.iter().map(|target| &target.name).chain(fhir.iter().map(|target| &target.name)))?;
    let look_every = seconds("outbox.look_every_s", raw.look_every_s, LOOK_EVERY_S)?;
    Ok(Outbox { ledger: dir.join(raw.ledger), look_every, hl7, fhir })
}

fn distinct<'a>(key: &str, names: impl Iterator<Item = &'a String>) -> Result<(), ConfigError> {
    let mut seen = BTreeSet::new();
    for name in names {
        let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        if name.is_empty() || !plain {
            return Err(value(format!("{key} name"), format!("\"{name}\": letters, digits, - and _ only")));
        }
        if !seen.insert(name) {
            return Err(value(
                format!("{key} name"),
                format!("\"{name}\" stands there twice: cursors and ages go by name"),
            ));
        }
    }
    Ok(())
}

fn seconds(key: &str, told: Option<u64>, default: u64) -> Result<Duration, ConfigError> {
    match told.unwrap_or(default) {
        seconds @ 1..=3600 => Ok(Duration::from_secs(seconds)),
        other => Err(value(key, format!("{other}: from 1 to 3600 seconds"))),
    }
}

fn minutes(key: &str, told: Option<u32>) -> Result<u32, ConfigError> {
    match told.unwrap_or(15) {
        minutes @ 1..=1440 => Ok(minutes),
        other => Err(value(key, format!("{other}: from 1 to 1440 minutes"))),
    }
}

fn identity(
    key: &str,
    certificate: Option<PathBuf>,
    private: Option<PathBuf>,
) -> Result<Option<Identity>, ConfigError> {
    match (certificate, private) {
        (Some(certificate), Some(key)) => Ok(Some(Identity { certificate, key })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(value(format!("{key} key"), "missing: a certificate needs its key")),
        (None, Some(_)) => Err(value(format!("{key} certificate"), "missing: a key needs its certificate")),
    }
}

fn check_mllp(raw: RawMllp, dir: &Path) -> Result<Mllp, ConfigError> {
    let key = format!("mllp \"{}\"", raw.name);
    let at = |path: Option<PathBuf>| path.map(|path| dir.join(path));
    let identity = identity(&key, at(raw.certificate), at(raw.key))?;
    if raw.clients.is_some() && identity.is_none() {
        return Err(value(
            format!("{key} clients"),
            "needs certificate and key: without TLS no client shows a certificate",
        ));
    }
    let default = Limits::default();
    let most_bytes = raw.most_bytes.unwrap_or(default.most_bytes);
    if !(1024..=64 * 1024 * 1024).contains(&most_bytes) {
        return Err(value(format!("{key} most_bytes"), format!("{most_bytes}: from 1024 to 67108864")));
    }
    let most_connections = raw.most_connections.unwrap_or(default.most_connections);
    if !(1..=10_000).contains(&most_connections) {
        return Err(value(format!("{key} most_connections"), format!("{most_connections}: from 1 to 10000")));
    }
    let frame_within = seconds(&format!("{key} frame_within_s"), raw.frame_within_s, 30)?;
    let idle_within_s = raw.idle_within_s.unwrap_or(default.idle_within.as_secs());
    if !(1..=86_400).contains(&idle_within_s) {
        return Err(value(
            format!("{key} idle_within_s"),
            format!("{idle_within_s}: from 1 to 86400 seconds"),
        ));
    }
    let idle_within = Duration::from_secs(idle_within_s);
    Ok(Mllp {
        silent_after_min: minutes(&format!("{key} silent_after_min"), raw.silent_after_min)?,
        name: raw.name,
        listen: raw.listen,
        identity,
        clients: at(raw.clients),
        limits: Limits { most_bytes, most_connections, frame_within, idle_within, ..default },
    })
}

fn check_url(key: &str, url: &str, auth: Option<&RawAuth>) -> Result<(), ConfigError> {
    for (name, url) in [("url", Some(url)), ("auth.token_url", auth.map(|auth| auth.token_url.as_str()))] {
        let Some(url) = url else { continue };
        let good = url.starts_with("https://") || is_loopback(url);
        if !good {
            let reason = format!("\"{url}\": https is needed; http only to this machine itself");
            return Err(value(format!("{key} {name}"), reason));
        }
    }
    Ok(())
}

fn is_loopback(url: &str) -> bool {
    let host = url.strip_prefix("http://").and_then(|rest| rest.split(['/', '?']).next()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    name == "localhost"
        || name.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn check_fhir(raw: RawFhir, dir: &Path) -> Result<Fhir, ConfigError> {
    let key = format!("fhir \"{}\"", raw.name);
    check_url(&key, &raw.url, raw.auth.as_ref())?;
    let mut queries = Queries::default();
    for (name, slot, told, patient) in [
        ("census", &mut queries.census, raw.census, false),
        ("orders", &mut queries.orders, raw.orders, true),
        ("allergies", &mut queries.allergies, raw.allergies, true),
        ("observations", &mut queries.observations, raw.observations, true),
        ("administrations", &mut queries.administrations, raw.administrations, true),
    ] {
        let Some(told) = told else { continue };
        if patient && !told.contains("{patient}") {
            return Err(value(
                format!("{key} {name}"),
                "does not name {patient}: it would bring everybody's",
            ));
        }
        *slot = told;
    }
    let auth = raw.auth.map(|auth| RawAuth { key: dir.join(&auth.key), ..auth });
    Ok(Fhir {
        queries,
        every: seconds(&format!("{key} every_s"), raw.every_s, 60)?,
        timeout: seconds(&format!("{key} timeout_s"), raw.timeout_s, 30)?,
        silent_after_min: minutes(&format!("{key} silent_after_min"), raw.silent_after_min)?,
        name: raw.name,
        url: raw.url,
        ca: raw.ca.map(|path| dir.join(path)),
        auth,
    })
}

fn server(
    key: &str,
    url: &str,
    ca: Option<&Path>,
    auth: Option<&RawAuth>,
    timeout: Duration,
    clock: fn() -> Timestamp,
) -> Result<Server, ConfigError> {
    if url.starts_with("https://") && ca.is_none() {
        return Err(value(
            format!("{key} ca"),
            "missing: name the PEM file of the CA that signed the server's certificate",
        ));
    }
    let http = Http::new(ca, timeout).map_err(|source| ConfigError::Tls { key: key.to_owned(), source })?;
    let backend = auth
        .map(|auth| Backend::new(&auth.key, &auth.key_id, &auth.client_id, &auth.token_url, &auth.scope))
        .transpose()
        .map_err(|source| ConfigError::Token { key: format!("{key} auth"), source })?;
    Ok(Server::new(http, url, backend, clock))
}

impl Mllp {
    /// Its TLS, where it has one.
    ///
    /// # Errors
    /// When certificate or key cannot be used.
    pub fn acceptor(&self) -> Result<Option<TlsAcceptor>, ConfigError> {
        let Some(identity) = &self.identity else { return Ok(None) };
        let config = tls::server(identity, self.clients.as_deref())
            .map_err(|source| ConfigError::Tls { key: format!("mllp \"{}\"", self.name), source })?;
        Ok(Some(TlsAcceptor::from(config)))
    }
}

impl Fhir {
    /// A client for it.
    ///
    /// # Errors
    /// When a certificate or a key cannot be used.
    pub fn server(&self, clock: fn() -> Timestamp) -> Result<Server, ConfigError> {
        let key = format!("fhir \"{}\"", self.name);
        server(&key, &self.url, self.ca.as_deref(), self.auth.as_ref(), self.timeout, clock)
    }
}

impl StationConfig {
    /// Its TLS, where it has one.
    ///
    /// # Errors
    /// When certificate or key cannot be used.
    pub fn acceptor(&self) -> Result<Option<TlsAcceptor>, ConfigError> {
        let Some(identity) = &self.identity else { return Ok(None) };
        let config = tls::server(identity, None)
            .map_err(|source| ConfigError::Tls { key: "station".to_owned(), source })?;
        Ok(Some(TlsAcceptor::from(config)))
    }
}

impl Config {
    /// How often the ledger is looked at, to be delivered and to be shown.
    pub fn look_every(&self) -> Duration {
        self.outbox.as_ref().map_or(Duration::from_secs(LOOK_EVERY_S), |outbox| outbox.look_every)
    }

    /// The other systems that the ledger is delivered to.
    ///
    /// # Errors
    /// When a certificate or a key cannot be used.
    pub fn targets(&self, clock: fn() -> Timestamp) -> Result<Vec<Box<dyn Target>>, ConfigError> {
        let mut targets: Vec<Box<dyn Target>> = Vec::new();
        let Some(outbox) = &self.outbox else { return Ok(targets) };
        for raw in &outbox.hl7 {
            let key = format!("outbox.hl7 \"{}\"", raw.name);
            let identity = identity(&key, raw.certificate.clone(), raw.key.clone())?;
            let wrong = |source| ConfigError::Tls { key: key.clone(), source };
            let tls =
                raw.ca.as_ref().map(|ca| tls::client(ca, identity.as_ref())).transpose().map_err(wrong)?;
            let timeout = seconds(&format!("{key} timeout_s"), raw.timeout_s, 30)?;
            if raw.address.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok()).is_none() {
                return Err(value(
                    format!("{key} address"),
                    format!("\"{}\": expected host:port", raw.address),
                ));
            }
            let default = Sender::default();
            let told = |told: &Option<String>, default: String| told.clone().unwrap_or(default);
            let sender = Sender {
                application: told(&raw.application, default.application),
                facility: told(&raw.facility, default.facility),
                to_application: told(&raw.to_application, default.to_application),
                to_facility: told(&raw.to_facility, default.to_facility),
            };
            let client = Client::new(raw.address.clone(), tls, timeout);
            targets.push(Box::new(Hl7Target::new(raw.name.clone(), client, sender, self.zone.clone())));
        }
        for raw in &outbox.fhir {
            let key = format!("outbox.fhir \"{}\"", raw.name);
            check_url(&key, &raw.url, raw.auth.as_ref())?;
            let timeout = seconds(&format!("{key} timeout_s"), raw.timeout_s, 30)?;
            let server = server(&key, &raw.url, raw.ca.as_deref(), raw.auth.as_ref(), timeout, clock)?;
            let target = FhirTarget::new(raw.name.clone(), server, self.zone.clone(), raw.mrn_system.clone());
            targets.push(Box::new(if raw.audit == Some(false) { target.without_audit() } else { target }));
        }
        Ok(targets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Result<Config, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("exchange.toml");
        std::fs::write(&path, text).unwrap();
        read(&path).map_err(|error| error.to_string())
    }

    const STATION: &str = "[station]\nledger = \"l\"\nrecord = \"r\"\nstaff = \"staff.toml\"\n";
    const BASE: &str = "store = \"s\"\nzone = \"America/New_York\"\n";

    /// The one that README names.
    #[test]
    fn the_example_is_read() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/exchange.toml");
        let config = read(&path).unwrap();
        assert_eq!(config.mllp.len(), 1);
        let addresses = config.mllp.iter().map(|mllp| mllp.listen).chain(config.http);
        assert!(addresses.into_iter().all(|address| address.ip().is_loopback()), "patient data without TLS");
    }

    #[test]
    fn a_whole_configuration_is_read() {
        let text = format!(
            "{BASE}http = \"127.0.0.1:0\"\n[hl7]\nmrn_authority = \"GEN\"\n[[mllp]]\nname = \"adt\"\nlisten = \"127.0.0.1:0\"\n\
             [[fhir]]\nname = \"ehr\"\nurl = \"http://127.0.0.1:1/fhir\"\n[outbox]\nledger = \"l\"\n\
             [[outbox.hl7]]\nname = \"ehr\"\naddress = \"127.0.0.1:1\"\n"
        );
        let config = config(&text).unwrap();
        assert_eq!((config.mllp.len(), config.fhir.len(), config.mllp[0].silent_after_min), (1, 1, 15));
        assert!(config.store.is_absolute() && config.hl7.mrn_authority.as_deref() == Some("GEN"));
        assert_eq!(config.targets(|| Timestamp::UNIX_EPOCH).unwrap().len(), 1);
    }

    #[test]
    fn each_fault_names_its_key_and_what_to_do() {
        let mllp = "[[mllp]]\nname = \"adt\"\nlisten = \"127.0.0.1:0\"\n";
        for (text, expected) in [
            (format!("{BASE}stor = 1\n"), "unknown field `stor`"),
            ("zone = \"America/New_York\"\n".to_owned(), "missing field `store`"),
            (BASE.to_owned(), "nothing would be done"),
            (BASE.replace("America/New_York", "Mars") + mllp, "zone: \"Mars\" is unknown"),
            (format!("{BASE}{mllp}{mllp}"), "stands there twice"),
            (format!("{BASE}{mllp}certificate = \"c\"\n"), "mllp \"adt\" key: missing"),
            (format!("{BASE}{mllp}clients = \"c\"\n"), "mllp \"adt\" clients: needs certificate"),
            (format!("{BASE}{mllp}silent_after_min = 0\n"), "silent_after_min: 0: from 1 to 1440"),
            (format!("{BASE}{mllp}most_bytes = 1\n"), "most_bytes: 1: from 1024"),
            (format!("{BASE}[[fhir]]\nname = \"e\"\nurl = \"http://ehr/fhir\"\n"), "https is needed"),
            (
                format!(
                    "{BASE}[[fhir]]\nname = \"e\"\nurl = \"https://ehr/fhir\"\norders = \"MedicationRequest\"\n"
                ),
                "does not name {patient}",
            ),
            (format!("{BASE}[outbox]\nledger = \"l\"\n"), "has no target"),
            (mllp.replace("127.0.0.1:0", "nowhere") + BASE, "line 3"),
            (
                format!("{BASE}{STATION}listen = \"0.0.0.0:1\"\n"),
                "station listen: 0.0.0.0:1: passwords and patient data",
            ),
            (
                format!("{BASE}{STATION}listen = \"127.0.0.1:1\"\nkey = \"k\"\n"),
                "station certificate: missing",
            ),
            (
                format!("{BASE}{STATION}listen = \"127.0.0.1:1\"\nidle_min = 0\n"),
                "station idle_min: 0: from 1 to 60",
            ),
            (
                format!("{BASE}{STATION}listen = \"127.0.0.1:1\"\nlongest_h = 13\n"),
                "station longest_h: 13: from 1",
            ),
            (format!("{BASE}{STATION}listen = \"127.0.0.1:1\"\ncolour = 1\n"), "unknown field `colour`"),
            (
                format!("{BASE}{STATION}listen = \"127.0.0.1:1\"\n").replace("\"r\"", "\"l\""),
                "station record: is the kiosk's ledger",
            ),
        ] {
            let error = config(&text).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
