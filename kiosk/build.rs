//! Compiles the markup, with the type faces inside the binary.

use slint_build::{CompilerConfiguration, EmbedResourcesKind};

fn main() {
    // The tests find elements by what a screen reader is told; that needs the elements' names, which a release does not carry.
    let debug = std::env::var("PROFILE").is_ok_and(|profile| profile != "release");
    let config = CompilerConfiguration::new()
        .with_style("fluent".into())
        .embed_resources(EmbedResourcesKind::EmbedFiles)
        .with_debug_info(debug);
    slint_build::compile_with_config("ui/app.slint", config).expect("the markup in kiosk/ui compiles");
}
