//! The station in a real browser: Chromium, driven by puppeteer; accessibility by axe-core. Pictures stay in `target/tmp/station`, so that
//! people look at them.

mod common;

use std::path::{Path, PathBuf};

use common::peers::{peers, run};
use common::station::{Browser, PASSWORD, Place, read_up};

#[test]
fn people_find_their_way_by_mouse_and_by_keyboard_and_axe_finds_nothing() {
    let Some(peers) = peers() else { return };
    let place = Place::new();
    let package =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/ward-3b/pictures/pkg-unknown/frame-01.jpg");
    place.keep_picture(&std::fs::read(package).unwrap());
    let running = place.serve();
    read_up(&mut Browser::signed_in(&running, "ph-2"), 3);
    let pictures = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("station");
    std::fs::create_dir_all(&pictures).unwrap();
    let base = format!("http://{}", running.web.unwrap().0);
    let (said, content) = run(peers.node("station_browser.js").args([&base, PASSWORD]).arg(&pictures));
    assert!(content && said.is_empty(), "{said}");
    for name in ["overview", "picture", "report-alerts", "patient", "ledger-dark", "administrator-people"] {
        let size = std::fs::metadata(pictures.join(format!("{name}.png"))).unwrap().len();
        assert!(size > 5_000, "{name}: {size} bytes");
    }
    running.stop();
}
