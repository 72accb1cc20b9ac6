//! `[cosigner]` of kiosk.toml.

use std::path::Path;
use std::time::Duration;

use ledger::cosign::signature::CosignerKey;
use serde::Deserialize;

use super::ConfigError;
use crate::cosigner::CosignerConfig;

/// A quarter of an hour: what can be cut from the end of a ledger without a third party having seen it.
const USUAL_MINUTES: u64 = 15;

/// As written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    url: String,
    key: String,
    every_min: Option<u64>,
}

pub(super) fn check(raw: &Raw, path: &Path) -> Result<CosignerConfig, ConfigError> {
    let wrong = |key, value: &str, remedy: String| ConfigError::Value {
        path: path.to_owned(),
        key,
        value: value.to_owned(),
        remedy,
    };
    let host = raw.url.strip_prefix("http://").unwrap_or_default();
    if host.is_empty() || host.contains(char::is_whitespace) {
        let remedy = "use the address that `ledger cosign` prints, such as http://witness.example:8017 (its answers are signed)";
        return Err(wrong("cosigner.url", &raw.url, remedy.to_owned()));
    }
    let key = CosignerKey::parse(&raw.key).map_err(|error| {
        wrong(
            "cosigner.key",
            &raw.key,
            format!("{error}; use the line that `ledger cosign` prints as its key"),
        )
    })?;
    let minutes = raw.every_min.unwrap_or(USUAL_MINUTES);
    if !(1..=24 * 60).contains(&minutes) {
        let remedy = "use 1 to 1440 minutes".to_owned();
        return Err(wrong("cosigner.every_min", &minutes.to_string(), remedy));
    }
    Ok(CosignerConfig { url: raw.url.clone(), key, every: Duration::from_mins(minutes) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::cosign::signature::CosignerSecret;

    fn parsed(url: &str, key: &str, more: &str) -> Result<CosignerConfig, String> {
        let text = format!("url = \"{url}\"\nkey = \"{key}\"\n{more}");
        let raw: Raw = toml::from_str(&text).map_err(|error| error.to_string())?;
        check(&raw, Path::new("kiosk.toml")).map_err(|error| error.to_string())
    }

    #[test]
    fn a_cosigner_is_read_and_what_is_wrong_is_named() {
        let key = CosignerSecret::new("witness.example/w1", &[7; 32]).unwrap().key().to_string();
        let good = parsed("http://witness.example:8017", &key, "").unwrap();
        assert_eq!((good.key.name(), good.every), ("witness.example/w1", Duration::from_mins(15)));
        assert_eq!(parsed("http://w.example", &key, "every_min = 1").unwrap().every.as_secs(), 60);
        for (url, key, more, named) in [
            ("witness.example", key.as_str(), "", "cosigner.url"),
            ("http://", &key, "", "cosigner.url"),
            ("http://w.example", "w1+0+AA", "", "cosigner.key"),
            ("http://w.example", &key, "every_min = 0", "cosigner.every_min"),
            ("http://w.example", &key, "colour = 1", "colour"),
        ] {
            let error = parsed(url, key, more).unwrap_err();
            assert!(error.contains(named), "{named}: {error}");
        }
    }
}
