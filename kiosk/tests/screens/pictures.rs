//! Every screen as a picture, by day and by night, under `target/screens`.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use kiosk::model::Model;
use kiosk::window::{self, PREVIEW_HEIGHT, PREVIEW_WIDTH};

use crate::samples;
use crate::stage::Stage;

pub(crate) fn folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target"), PathBuf::from);
    let folder = target.join("screens");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Stripes with a light field, so that the camera's box is seen to be filled.
pub(crate) fn picture() -> Vec<u8> {
    (0..PREVIEW_WIDTH * PREVIEW_HEIGHT)
        .map(|i| {
            let (x, y) = (i % PREVIEW_WIDTH, i / PREVIEW_WIDTH);
            let inside = (200..440).contains(&x) && (100..260).contains(&y);
            if inside {
                if (x / 7 + y / 7) % 3 == 0 { 20 } else { 235 }
            } else {
                u8::try_from(60 + y / 6).unwrap()
            }
        })
        .collect()
}

#[test]
fn every_screen_is_drawn_by_day_and_by_night() {
    let stage = Stage::new();
    let (screen, ui) = (&stage.screen, &stage.ui);
    window::set_preview(ui, window::preview_buffer(&picture(), PREVIEW_WIDTH, PREVIEW_HEIGHT));
    let folder = folder();
    let mut slowest = Duration::ZERO;
    for (name, model) in samples::all() {
        for night in [false, true] {
            window::apply(&Model { night, ..model.clone() }, ui);
            screen.advance(Duration::from_millis(700));
            let start = Instant::now();
            let picture = screen.render().unwrap();
            let took = start.elapsed();
            slowest = slowest.max(took);
            println!("{name} {} {took:?}", if night { "night" } else { "day" });
            picture.save(folder.join(format!("{name}-{}.png", if night { "night" } else { "day" }))).unwrap();
        }
    }
    println!("slowest {slowest:?}");
    stage.show(&samples::due());
    stage.tap("Further down");
    stage.screen.render_png(&folder.join("06-due-lower-day.png")).unwrap();
    assert!(stage.find("Further down").is_some_and(|button| button.accessible_enabled() == Some(true)));
}
