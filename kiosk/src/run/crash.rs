//! What is said of a crash: where, never what. A panic's message can quote a value, and a value can be a patient.

use std::panic::{Location, PanicHookInfo};

/// From now on a panic is logged with its place only.
pub fn tell_only_the_place() {
    std::panic::set_hook(Box::new(|info: &PanicHookInfo<'_>| {
        let thread = std::thread::current();
        let name = thread.name().unwrap_or("unnamed");
        tracing::error!("{}", place(name, info.location()));
    }));
}

fn place(thread: &str, location: Option<&Location<'_>>) -> String {
    match location {
        Some(at) => format!("the thread \"{thread}\" panicked at {}:{}", at.file(), at.line()),
        None => format!("the thread \"{thread}\" panicked"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_by_its_place() {
        let told = place("ledger", Some(Location::caller()));
        assert!(told.contains("crash.rs:") && told.contains("ledger"), "{told}");
        assert_eq!(place("eye", None), "the thread \"eye\" panicked");
    }
}
