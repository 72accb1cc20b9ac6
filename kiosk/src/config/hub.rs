//! `[hub]` of kiosk.toml.

use std::path::{Path, PathBuf};

use exchange::hub::client::HubAddress;
use exchange::tls::Identity;
use serde::Deserialize;

use super::ConfigError;
use crate::hub::HubConfig;

/// As written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    url: String,
    ca: Option<PathBuf>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
}

pub(super) fn check(raw: Raw, path: &Path) -> Result<HubConfig, ConfigError> {
    let wrong = |key, value: &str, remedy: &str| ConfigError::Value {
        path: path.to_owned(),
        key,
        value: value.to_owned(),
        remedy: remedy.to_owned(),
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    let host = raw.url.strip_prefix("https://").or_else(|| raw.url.strip_prefix("http://"));
    if host.is_none_or(|host| host.is_empty() || host.contains(|c: char| c.is_whitespace() || c == '/')) {
        let remedy =
            "use what `exchange hub` prints, with the host's name: https://hub-3b.hospital.example:9190";
        return Err(wrong("hub.url", &raw.url, remedy));
    }
    if raw.url.starts_with("http://") {
        let local = ["127.0.0.1", "[::1]", "localhost"];
        let host = host.unwrap_or_default();
        if !local
            .iter()
            .any(|name| host.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(':')))
        {
            let remedy = "patient data would go in the clear: use https, with ca, certificate and key";
            return Err(wrong("hub.url", &raw.url, remedy));
        }
        if raw.ca.is_some() || raw.certificate.is_some() || raw.key.is_some() {
            return Err(wrong(
                "hub.url",
                &raw.url,
                "certificates are for https: change the address or remove them",
            ));
        }
        return Ok(HubConfig { address: HubAddress { url: raw.url, roots: None, identity: None } });
    }
    let needed = |key, value: Option<PathBuf>, what| {
        value.map(|value| folder.join(value)).ok_or_else(|| wrong(key, "missing", what))
    };
    let roots = needed("hub.ca", raw.ca, "name the authority of the hub's certificate")?;
    let certificate = needed("hub.certificate", raw.certificate, "name this kiosk's certificate")?;
    let key = needed("hub.key", raw.key, "name the key of this kiosk's certificate")?;
    let identity = Some(Identity { certificate, key });
    Ok(HubConfig { address: HubAddress { url: raw.url, roots: Some(roots), identity } })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<HubConfig, String> {
        let raw: Raw = toml::from_str(text).map_err(|error| error.to_string())?;
        check(raw, Path::new("/etc/bcma/kiosk.toml")).map_err(|error| error.to_string())
    }

    #[test]
    fn a_hub_is_read_and_what_is_wrong_is_named() {
        let tls = "ca = \"ca.pem\"\ncertificate = \"kiosk.pem\"\nkey = \"kiosk.key\"";
        let good = parsed(&format!("url = \"https://hub.example:9190\"\n{tls}")).unwrap().address;
        assert_eq!(good.roots.unwrap(), Path::new("/etc/bcma/ca.pem"));
        assert_eq!(good.identity.unwrap().key, Path::new("/etc/bcma/kiosk.key"));
        assert_eq!(parsed("url = \"http://127.0.0.1:9190\"").unwrap().address.identity, None);
        for (text, named) in [
            ("url = \"hub.example\"".to_owned(), "hub.url"),
            ("url = \"https://hub.example/x\"".to_owned(), "hub.url"),
            ("url = \"http://hub.example:9190\"".to_owned(), "in the clear"),
            ("url = \"http://localhost.example:9190\"".to_owned(), "in the clear"),
            (format!("url = \"http://127.0.0.1:9190\"\n{tls}"), "hub.url"),
            ("url = \"https://hub.example:9190\"".to_owned(), "hub.ca"),
            ("url = \"https://hub.example:9190\"\nca = \"ca.pem\"".to_owned(), "hub.certificate"),
            ("url = \"http://127.0.0.1:9190\"\ncolour = 1".to_owned(), "colour"),
        ] {
            let error = parsed(&text).unwrap_err();
            assert!(error.contains(named), "{named}: {error}");
        }
    }
}
