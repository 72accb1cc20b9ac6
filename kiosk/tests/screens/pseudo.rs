//! Longer words, with accents: what a translation may need must fit on every screen, in both orientations. The real renderer paints over
//! each text that has too little room ([`Theme::probe`]); one violet pixel fails.

use kiosk::headless::Headless;
use kiosk::model::Model;
use kiosk::window::{self, AppWindow, Say, Theme, said};
use rights::phrase::Language;
use slint::{ComponentHandle, SharedString};

use crate::words::each_text;
use crate::{play, samples, small};

/// `Scan the wristband` as `Šçåñ ţĥé ŵŕíšţƀåñð ··`: a third longer, the same words to break between. Numbers and units stay as they are:
/// nobody translates them.
fn pseudo(text: &str) -> String {
    let accented: String = text
        .chars()
        .map(|c| match c {
            'a' => 'å',
            'c' => 'ç',
            'e' => 'é',
            'i' => 'í',
            'n' => 'ñ',
            'o' => 'ö',
            'u' => 'ü',
            'y' => 'ÿ',
            'A' => 'Å',
            'E' => 'É',
            'O' => 'Ö',
            'U' => 'Ü',
            other => other,
        })
        .collect();
    let longer = text.chars().filter(|c| c.is_alphabetic()).count() / 4;
    if longer == 0 { accented } else { format!("{accented} {}", "·".repeat(longer.min(6))) }
}

fn covered(model: &Model, ui: &AppWindow, screen: &Headless) -> usize {
    window::apply(model, ui);
    ui.global::<Say>().set_w(said(Language::English, |text| SharedString::from(pseudo(text))));
    screen.advance(std::time::Duration::from_millis(50));
    let picture = screen.render().unwrap();
    picture.pixels().filter(|pixel| pixel.0 == [255, 0, 255]).count()
}

fn every_text_fits(width: u32, height: u32, scale: f32) {
    let screen = Headless::new(width, height).unwrap();
    screen.set_scale_factor(scale);
    let ui = AppWindow::new().unwrap();
    ui.show().unwrap();
    ui.global::<Theme>().set_probe(true);
    let mut all: Vec<(String, Model)> =
        samples::all().into_iter().map(|(name, model)| (name.to_owned(), model)).collect();
    all.extend(play::shift(Language::Spanish).into_iter().map(|scene| (scene.name, scene.model)));
    let mut cut = Vec::new();
    for (name, model) in all {
        for (kind, longer) in [("as it is", false), ("longer", true)] {
            let mut model = model.clone();
            if longer {
                each_text(&mut model, &mut |text| *text = pseudo(text));
            }
            let pixels = covered(&model, &ui, &screen);
            if pixels > 0 {
                screen
                    .render_png(&crate::pictures::folder().join(format!("cut-{width}-{name}.png")))
                    .unwrap();
                cut.push(format!("{name} ({kind}): {pixels}"));
            }
        }
    }
    assert!(cut.is_empty(), "{width}x{height}: texts are cut on {cut:#?}");
}

#[test]
fn every_text_fits_in_landscape_with_longer_words() {
    every_text_fits(1280, 800, 1.0);
}

#[test]
fn every_text_fits_in_portrait_with_longer_words() {
    every_text_fits(800, 1280, 1.0);
}

/// 7 inch.
#[test]
fn every_text_fits_on_a_small_screen_with_longer_words() {
    every_text_fits(small::WIDTH, small::HEIGHT, small::SCALE);
}

#[test]
fn every_text_fits_on_a_small_screen_in_portrait_with_longer_words() {
    every_text_fits(small::HEIGHT, small::WIDTH, small::UPRIGHT);
}

/// The probe itself: a text in too small a box is painted over, or the tests above could not fail.
#[test]
fn a_text_without_room_is_found() {
    let screen = Headless::new(1280, 800).unwrap();
    let ui = AppWindow::new().unwrap();
    ui.show().unwrap();
    ui.global::<Theme>().set_probe(true);
    let mut model = samples::pin();
    model.header.clock = "a clock that nobody could ever fit into the line at the top of a kiosk ".repeat(3);
    assert!(covered(&model, &ui, &screen) > 100);
    // And one that wraps, in a box of a fixed height.
    let mut wraps = samples::emergency(samples::identify(None));
    wraps.alarm = wraps.alarm.map(|alarm| alarm.repeat(4));
    assert!(covered(&wraps, &ui, &screen) > 100);
}
