//! Any text as an element string: no panic, and whatever parses prints to a text that parses to the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scanner::gs1::{parse_bracketed, parse_raw};

fuzz_target!(|text: &str| {
    for parsed in [parse_raw(text, 2026), parse_bracketed(text, 2026)] {
        if let Ok(elements) = parsed.into_result() {
            assert_eq!(parse_bracketed(&elements.to_bracketed(), 2026).into_result(), Ok(elements));
        }
    }
});
