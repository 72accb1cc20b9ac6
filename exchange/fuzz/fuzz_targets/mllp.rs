//! Any bytes on an MLLP connection: no panic, and never more than the limit in memory.
#![no_main]

use exchange::mllp::frame::Framer;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut framer = Framer::new(4096);
    let mut rest = bytes;
    while !rest.is_empty() {
        let Ok((taken, message)) = framer.push(rest) else { return };
        assert!(taken > 0 && message.is_none_or(|message| message.len() <= 4096));
        rest = &rest[taken..];
    }
});
