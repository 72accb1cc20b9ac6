//! Any keys at any moments: no panic, and no key is lost or invented.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use scanner::wedge::{Key, Wedge, WedgeSettings};

fuzz_target!(|keys: Vec<(char, u8)>| {
    let mut wedge = Wedge::new(WedgeSettings::default());
    let (mut at, mut given, mut taken) = (Duration::ZERO, 0, 0);
    let mut count = |key: Key| match key {
        Key::Held => {}
        Key::Scan(text) => taken += text.chars().count() + 1,
        Key::Typed(text) => taken += text.chars().count(),
        Key::Dropped(keys) => taken += keys,
    };
    for (character, gap) in keys {
        at += Duration::from_millis(u64::from(gap));
        given += 1;
        wedge.key(character, at).into_iter().for_each(&mut count);
    }
    wedge.tick(at + Duration::from_secs(1)).into_iter().for_each(&mut count);
    assert_eq!(given, taken);
});
