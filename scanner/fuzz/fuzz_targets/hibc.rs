//! Any text of a hand scanner, HIBC and the site's formats among them: no panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scanner::interpret::Interpreter;
use scanner::site::SiteFormats;

fuzz_target!(|text: &str| {
    let _ = scanner::hibc::parse(text, 2026);
    let interpreter = Interpreter::new(SiteFormats::default(), 2026);
    let _ = interpreter.hand_scan(text);
    let _ = interpreter.typed(text);
});
