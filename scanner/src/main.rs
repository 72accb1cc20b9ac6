//! `scanner`: reads pictures, watches a camera and explains texts. See `scanner --help`.

mod bin_scanner;

fn main() -> std::process::ExitCode {
    bin_scanner::run()
}
