//! `[pictures]` of kiosk.toml: which pictures of packages are kept for the pharmacy, and for how long.

use std::path::Path;

use serde::Deserialize;

use super::ConfigError;
use crate::pictures::{Keep, Kept};

/// The longest time, in days: a picture is a help for days, no record.
const MOST_DAYS: u16 = 400;

/// As written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    keep: Option<Vec<String>>,
    days: Option<u16>,
}

pub(super) fn check(raw: Raw, path: &Path) -> Result<Keep, ConfigError> {
    let wrong = |key, value: String, remedy: &str| ConfigError::Value {
        path: path.to_owned(),
        key,
        value,
        remedy: remedy.to_owned(),
    };
    let usual = Keep::default();
    let days = raw.days.unwrap_or(usual.days);
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(wrong("pictures.days", days.to_string(), "use 1 to 400; keep = [] keeps none"));
    }
    let Some(names) = raw.keep else { return Ok(Keep { days, ..usual }) };
    let kept = |name: &String| {
        let remedy = "use \"unknown\", \"typed\", \"stopped\", \"high-alert\"";
        Kept::from_name(name).ok_or_else(|| wrong("pictures.keep", format!("\"{name}\""), remedy))
    };
    Ok(Keep { packages: names.iter().map(kept).collect::<Result<_, _>>()?, days })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Keep, String> {
        check(toml::from_str(text).map_err(|error| error.to_string())?, Path::new("kiosk.toml"))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_kept_is_read_or_refused_with_its_remedy() {
        assert_eq!(parsed(""), Ok(Keep::default()));
        assert_eq!(parsed("keep = []"), Ok(Keep { packages: Vec::new(), days: 30 }));
        let packages = vec![Kept::Unknown, Kept::Typed, Kept::Stopped, Kept::HighAlert];
        let all = Keep { packages, days: 7 };
        assert_eq!(parsed("keep = [\"unknown\", \"typed\", \"stopped\", \"high-alert\"]\ndays = 7"), Ok(all));
        for (text, named) in
            [("keep = [\"all\"]", "\"high-alert\""), ("days = 0", "pictures.days"), ("for = 1", "for")]
        {
            let error = parsed(text).unwrap_err();
            assert!(error.contains(named), "{error}");
        }
    }
}
