//! kiosk.toml: raw text to a configuration that cannot be wrong, or an error that names the key and the remedy.

mod cosigner;
mod device;
mod hub;
mod pictures;

use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use rights::ident::WardId;
use serde::Deserialize;

use crate::cosigner::CosignerConfig;
use crate::feeds::{FeedsConfig, Run};
use crate::hub::HubConfig;
use crate::origin;
use crate::pictures::Keep;
use crate::ward::{self, OrderFiles, StaffFiles};

pub use device::DeviceSettings;

/// A valid configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// The ward of this kiosk.
    pub ward: WardId,
    /// Its name.
    pub kiosk: String,
    /// The site's zone.
    pub zone: TimeZone,
    /// The ledger's id.
    pub origin: String,
    /// The ledger's folder; made by `ledger init`.
    pub ledger: PathBuf,
    /// Where orders and the drug file come from.
    pub orders: OrderSource,
    /// Staff and policy.
    pub staff: StaffFiles,
    /// The hashed PINs; without it they stand in the clear in staff.csv.
    pub pins: Option<PathBuf>,
    /// The camera's number; none with a hand scanner only.
    pub camera: Option<u32>,
    /// The whole screen.
    pub fullscreen: bool,
    /// What belongs to this piece of hardware.
    pub device: DeviceSettings,
    /// Who cosigns the ledger's checkpoints.
    pub cosigner: Option<CosignerConfig>,
    /// The ward's hub; none where this is the only kiosk.
    pub hub: Option<HubConfig>,
    /// Which pictures of packages are kept for the pharmacy.
    pub pictures: Keep,
}

/// Where orders and the drug file come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderSource {
    /// Files that another program writes.
    Files(OrderFiles),
    /// The hospital's feeds.
    Feeds(FeedsConfig),
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Its text.
    #[error("{path}: {error}")]
    Toml {
        /// Which.
        path: PathBuf,
        /// Why, with line and column.
        error: Box<toml::de::Error>,
    },
    /// One value.
    #[error("{path}: {key} = {value}: {remedy}")]
    Value {
        /// Which file.
        path: PathBuf,
        /// Which key.
        key: &'static str,
        /// What stands there.
        value: String,
        /// What would be right.
        remedy: String,
    },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    ward: String,
    kiosk: String,
    zone: String,
    origin: String,
    ledger: PathBuf,
    orders: Option<Vec<PathBuf>>,
    drugs: Option<PathBuf>,
    feeds: Option<RawFeeds>,
    staff: PathBuf,
    pins: Option<PathBuf>,
    camera: Option<u32>,
    #[serde(default)]
    fullscreen: bool,
    policy: Option<PathBuf>,
    #[serde(default)]
    device: device::Raw,
    cosigner: Option<cosigner::Raw>,
    hub: Option<hub::Raw>,
    #[serde(default)]
    pictures: pictures::Raw,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFeeds {
    config: PathBuf,
    #[serde(default)]
    run: RawRun,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RawRun {
    #[default]
    Here,
    Beside,
}

/// Reads and checks a configuration. Paths in it start at its own folder.
///
/// # Errors
/// At the first thing that is wrong.
pub fn read(path: &Path) -> Result<Config, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigError::File { path: path.to_owned(), source })?;
    let raw: Raw = toml::from_str(&text)
        .map_err(|error| ConfigError::Toml { path: path.to_owned(), error: Box::new(error) })?;
    check(raw, path)
}

fn check(raw: Raw, path: &Path) -> Result<Config, ConfigError> {
    let wrong = |key, value: &str, remedy: &str| ConfigError::Value {
        path: path.to_owned(),
        key,
        value: value.to_owned(),
        remedy: remedy.to_owned(),
    };
    origin::check(&raw.origin, None).map_err(|error| wrong("origin", &raw.origin, &error.to_string()))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let ward = WardId::parse(&raw.ward).map_err(|error| wrong("ward", &raw.ward, &error.to_string()))?;
    let zone = ward::zone(&raw.zone).map_err(|error| wrong("zone", &raw.zone, &error.to_string()))?;
    if raw.kiosk.is_empty() {
        return Err(wrong("kiosk", "\"\"", "give the kiosk a name such as kiosk-03"));
    }
    let orders = match (raw.orders, raw.drugs, raw.feeds) {
        (Some(orders), _, None) if orders.is_empty() => {
            return Err(wrong("orders", "[]", "name at least one FHIR Bundle"));
        }
        (Some(orders), Some(drugs), None) => OrderSource::Files(OrderFiles {
            orders: orders.into_iter().map(|path| folder.join(path)).collect(),
            drugs: folder.join(drugs),
        }),
        (None, None, Some(feeds)) => OrderSource::Feeds(FeedsConfig {
            origin: raw.origin.clone(),
            exchange: folder.join(feeds.config),
            run: match feeds.run {
                RawRun::Here => Run::Here,
                RawRun::Beside => Run::Beside,
            },
        }),
        (Some(_), None, None) => return Err(wrong("drugs", "missing", "name the folder of the drug file")),
        (None, _, None) => {
            return Err(wrong("orders", "missing", "name FHIR Bundles and `drugs`, or a [feeds] table"));
        }
        (_, _, Some(_)) => {
            let remedy = "with [feeds] orders and drug file come from the store: remove `orders` and `drugs`";
            return Err(wrong("feeds", "given beside files", remedy));
        }
    };
    Ok(Config {
        ward,
        kiosk: raw.kiosk,
        zone,
        origin: raw.origin,
        ledger: folder.join(raw.ledger),
        orders,
        staff: StaffFiles { staff: folder.join(raw.staff), policy: raw.policy.map(|path| folder.join(path)) },
        pins: raw.pins.map(|path| folder.join(path)),
        camera: raw.camera,
        fullscreen: raw.fullscreen,
        device: device::check(raw.device, path)?,
        cosigner: raw.cosigner.map(|raw| cosigner::check(&raw, path)).transpose()?,
        hub: raw.hub.map(|raw| hub::check(raw, path)).transpose()?,
        pictures: pictures::check(raw.pictures, path)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        ward = "3B"
        kiosk = "kiosk-03"
        zone = "America/New_York"
        origin = "hospital.example/3b/kiosk-03/g1"
        ledger = "ledger"
        orders = ["orders.json"]
        drugs = "drugs"
        staff = "staff.csv"
    "#;

    fn parsed(text: &str) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kiosk.toml");
        std::fs::write(&path, text).unwrap();
        read(&path)
    }

    #[test]
    fn a_good_configuration_is_read_and_its_paths_start_beside_it() {
        let config = parsed(&format!("{GOOD}\npolicy = \"policy.toml\"")).unwrap();
        assert!(config.ledger.is_absolute() && config.ledger.ends_with("ledger"));
        assert!(config.staff.policy.is_some_and(|path| path.is_absolute() && path.ends_with("policy.toml")));
        assert_eq!(parsed(GOOD).unwrap().staff.policy, None);
    }

    const FEEDS: &str = r#"
        ward = "3B"
        kiosk = "kiosk-03"
        zone = "America/New_York"
        origin = "hospital.example/3b/kiosk-03/g1"
        ledger = "ledger"
        staff = "staff.csv"
        [feeds]
        config = "exchange.toml"
    "#;

    #[test]
    fn orders_come_from_files_or_from_feeds() {
        let feeds = |text: &str| match parsed(text).unwrap().orders {
            OrderSource::Feeds(feeds) => (feeds.exchange.is_absolute(), feeds.run),
            OrderSource::Files(files) => panic!("{files:?}"),
        };
        assert_eq!(feeds(FEEDS), (true, Run::Here));
        assert_eq!(feeds(&format!("{FEEDS}\nrun = \"beside\"")), (true, Run::Beside));
        assert!(matches!(parsed(GOOD).unwrap().orders, OrderSource::Files(_)));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_key() {
        let cases = [
            (GOOD.replace("America/New_York", "Mars/Base"), "zone"),
            (GOOD.replace("[\"orders.json\"]", "[]"), "orders"),
            (GOOD.replace("orders = [\"orders.json\"]", ""), "orders"),
            (GOOD.replace("drugs = \"drugs\"", ""), "drugs"),
            (format!("{GOOD}\n[feeds]\nconfig = \"exchange.toml\""), "feeds"),
            (format!("{FEEDS}\nrun = \"there\""), "run"),
            (GOOD.replace("ward = \"3B\"", "ward = \"\""), "ward"),
            (format!("{GOOD}\ncolour = 1"), "colour"),
            // Thresholds stand in a file of their own.
            (format!("{GOOD}\n[policy]\nidle_after_min = 1"), "policy"),
            ("ward = ".to_owned(), "kiosk.toml"),
        ];
        for (text, named) in cases {
            let error = parsed(&text).unwrap_err().to_string();
            assert!(error.contains(named), "{named}: {error}");
        }
    }
}
