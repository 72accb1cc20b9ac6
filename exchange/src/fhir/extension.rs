//! The site's own extensions (`urn:bcma:...`). One of them with the wrong type of value is refused, never ignored.

use jiff::{SignedDuration, Timestamp};

use super::model::Extension;
use super::{DateTime, duration};
use crate::rejection::Refusal;

const REMEDY: &str = "send the extension once, with the type of value that the mapping names";

/// The extension of a resource with this name after `urn:bcma:`.
fn one<'a>(extensions: &'a [Extension], name: &str) -> Result<Option<&'a Extension>, Refusal> {
    let url = format!("urn:bcma:{name}");
    let mut hits = extensions.iter().filter(|extension| extension.url.as_deref() == Some(&url));
    match (hits.next(), hits.next()) {
        (found, None) => Ok(found),
        _ => Err(Refusal::new("extension", format!("{url} stands there twice"), REMEDY)),
    }
}

fn wrong(name: &str, expected: &str) -> Refusal {
    Refusal::new("extension", format!("urn:bcma:{name} has no {expected}"), REMEDY)
}

pub(super) fn text<'a>(extensions: &'a [Extension], name: &str) -> Result<Option<&'a str>, Refusal> {
    let found = one(extensions, name)?;
    found.map(|found| found.value_string.as_deref().ok_or_else(|| wrong(name, "valueString"))).transpose()
}

pub(super) fn instant(extensions: &[Extension], name: &str) -> Result<Option<Timestamp>, Refusal> {
    let Some(found) = one(extensions, name)? else { return Ok(None) };
    match found.value_date_time.as_deref().map(DateTime::parse) {
        Some(Ok(DateTime::Instant(at))) => Ok(Some(at)),
        _ => Err(wrong(name, "valueDateTime with a time of day and an offset")),
    }
}

pub(super) fn flag(extensions: &[Extension], name: &str) -> Result<bool, Refusal> {
    let found = one(extensions, name)?;
    let value =
        found.map(|found| found.value_boolean.ok_or_else(|| wrong(name, "valueBoolean"))).transpose()?;
    Ok(value.unwrap_or(false))
}

pub(super) fn interval(extensions: &[Extension], name: &str) -> Result<Option<SignedDuration>, Refusal> {
    let Some(found) = one(extensions, name)? else { return Ok(None) };
    let value = found.value_duration.as_ref().ok_or_else(|| wrong(name, "valueDuration"))?;
    duration(value).map(Some).map_err(|refusal| refusal.within("extension"))
}
