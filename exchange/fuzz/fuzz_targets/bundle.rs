//! Any bytes as a Bundle: no panic.
#![no_main]

use exchange::{drugs::DrugFile, fhir, rules::SiteRules};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = fhir::read("fuzz", bytes, &SiteRules::new(jiff::tz::TimeZone::UTC), &DrugFile::default());
});
