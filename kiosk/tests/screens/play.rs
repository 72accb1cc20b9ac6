//! The demo shift, played through the real decoder and a real ledger, once for each language: the screens as a nurse meets them.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use kiosk::journey::parse::parse;
use kiosk::journey::play::Player;
use kiosk::model::Model;
use kiosk::window::{PREVIEW_HEIGHT, PREVIEW_WIDTH, preview_buffer};
use rights::phrase::Language;
use slint::{Rgb8Pixel, SharedPixelBuffer};

/// One screen of the shift, with the picture that was held up.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) name: String,
    pub(crate) model: Model,
    pub(crate) preview: Option<SharedPixelBuffer<Rgb8Pixel>>,
}

pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}

/// Every screen of the shift, in order; played once for the whole run of the tests.
pub(crate) fn shift(language: Language) -> Vec<Scene> {
    static ENGLISH: OnceLock<Vec<Scene>> = OnceLock::new();
    static SPANISH: OnceLock<Vec<Scene>> = OnceLock::new();
    let known = match language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
    };
    known.get_or_init(|| play(&kiosk::demo::shift_of(&fixtures().join("ward-3b")), language)).clone()
}

/// The screens of a journey. What it expects is written in English and not compared here.
pub(crate) fn play(path: &Path, language: Language) -> Vec<Scene> {
    let text = std::fs::read_to_string(path).unwrap();
    let journey = parse(&text, path.parent().unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut player = Player::new(&journey.setup, &folder.path().join("ledger"), journey.steps[0].at).unwrap();
    player.speak(language);
    let mut scenes = Vec::new();
    for (at, step) in journey.steps.iter().enumerate() {
        let (seen, _) = player.step(step).unwrap_or_else(|problem| panic!("line {}: {problem}", step.line));
        let frame = player.frame().map(|frame| frame.preview(PREVIEW_WIDTH, PREVIEW_HEIGHT));
        let preview = frame.and_then(|frame| preview_buffer(frame.plane(), frame.width(), frame.height()));
        scenes.push(Scene {
            name: format!("{:02}-{}", at + 1, seen.screen),
            model: player.screen(),
            preview,
        });
    }
    player.finish();
    scenes
}
