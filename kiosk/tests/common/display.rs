//! A display without a screen, for a real window.

use std::io::Read as _;
use std::process::{Child, Command, Stdio};

/// An Xvfb of its own; it ends with this.
pub(crate) struct Display {
    server: Child,
    /// What `DISPLAY` has to be.
    pub(crate) name: String,
}

impl Display {
    pub(crate) fn start() -> Self {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb: install it with `make system-packages`");
        let mut number = [0; 8];
        let read = server.stdout.as_mut().unwrap().read(&mut number).unwrap();
        let name = format!(":{}", String::from_utf8_lossy(&number[..read]).trim());
        Self { server, name }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
