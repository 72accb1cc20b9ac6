//! The harness of the tests that look at the product from outside: paths, and the programs as a user starts them.
//!
//! It holds no product code and no expectation; those stand in `tests/tests`.
//!
//! ```
//! assert!(product_tests::root().join("Cargo.toml").is_file());
//! ```

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The root of the workspace.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// A file of the fixtures.
pub fn fixture(path: &str) -> PathBuf {
    root().join("fixtures").join(path)
}

/// One of the product's programs (`kiosk`, `ledger`, `scanner`, `exchange`), built like the tests themselves.
///
/// # Panics
/// When it cannot be built: the tests cannot go on then.
pub fn program(name: &str) -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let folder = BUILT.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let packages = ["kiosk", "ledger", "scanner", "exchange"];
        let arguments = packages.iter().flat_map(|package| ["-p", package]);
        let mut command = Command::new(cargo);
        command.current_dir(root()).args(["build", "--locked", "--bins", "--quiet"]).args(arguments);
        // What cargo tells this test of its own package would make build scripts run again, and half of the workspace with them.
        for (name, _) in std::env::vars_os() {
            let of_the_test = name
                .to_str()
                .is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST"));
            if of_the_test {
                command.env_remove(name);
            }
        }
        let built = command.status();
        assert!(built.is_ok_and(|status| status.success()), "the programs could not be built");
        // The tests lie in target/debug/deps, the programs beside that folder.
        let own = std::env::current_exe().unwrap_or_default();
        own.ancestors().nth(2).map(Path::to_owned).unwrap_or_default()
    });
    folder.join(name)
}

/// Runs one of the programs.
///
/// # Panics
/// When it cannot be started.
pub fn run(name: &str, arguments: &[&str]) -> Output {
    let program = program(name);
    match Command::new(&program).current_dir(root()).args(arguments).output() {
        Ok(output) => output,
        Err(error) => panic!("{}: {error}", program.display()),
    }
}

/// What a program said on stderr.
pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What a program printed.
pub fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}
