//! Golden pictures of every screen: day and night, English and Spanish, landscape and portrait. A change of the look is a change of these
//! files, and somebody looks at them.
//!
//! `make goldens` (or `KIOSK_GOLDENS=write cargo test -p kiosk --test screens golden`) writes them anew. They are kept at two fifths of their size with at most 256
//! colours, so that the whole set is some megabytes; they are compared by colour distance, because quantising is not exact.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use image::RgbImage;
use image::imageops::{FilterType, resize};
use kiosk::headless::Headless;
use kiosk::model::{Model, Screen};
use kiosk::window::{self, AppWindow, PREVIEW_HEIGHT, PREVIEW_WIDTH};
use rights::phrase::Language;
use slint::ComponentHandle;

use crate::play::{Scene, fixtures, play, shift};
use crate::{pictures, samples, small};

/// A pixel that is further away than this (Euclidean, of 441) is another colour.
const FAR: f64 = 60.0;
/// The share of such pixels at which a picture is another one.
const SHARE: f64 = 0.002;

fn folder(language: Language) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens").join(language.tag())
}

/// The steps of the demo shift that show something of its own, by their number; the rest are the same screens again.
const STEPS: [usize; 20] = [2, 3, 4, 5, 6, 7, 13, 16, 19, 23, 25, 29, 46, 47, 56, 57, 61, 64, 66, 86];

/// What the demo shift does not reach: these steps of a journey, or of all one of each kind of screen.
const JOURNEYS: [(&str, &str, &[usize]); 5] = [
    ("s1-disk-fails-at-confirm", "disk", &[]),
    ("p8-wristband-typed-with-a-witness", "typed-band", &[]),
    ("conflict-given-at-two-kiosks", "conflict", &[13, 14, 17, 19]),
    ("infusion-whose-order-is-held-and-stopped", "infusion", &[9, 13]),
    ("c2-a-slip-is-typed-again", "again", &[6, 7]),
];

fn scenes(language: Language) -> Vec<(String, Scene)> {
    let mut all: Vec<(String, Scene)> = shift(language)
        .into_iter()
        .enumerate()
        .filter(|(at, _)| STEPS.contains(&(at + 1)))
        .map(|(_, scene)| (scene.name.clone(), scene))
        .collect();
    for (journey, short, steps) in JOURNEYS {
        let path = fixtures().join(format!("journeys/{journey}.journey"));
        let mut kinds = BTreeSet::new();
        for (at, scene) in play(&path, language).into_iter().enumerate() {
            let kind = scene.name.split_once('-').map(|(_, kind)| kind.to_owned()).unwrap_or_default();
            let is_shown = if steps.is_empty() { kinds.insert(kind) } else { steps.contains(&(at + 1)) };
            if is_shown {
                all.push((format!("{short}-{}", scene.name), scene));
            }
        }
    }
    let of_samples = ["01-locked", "34-emergency-due", "38-settings", "39-training", "41-others-away"];
    for (name, model) in samples::all() {
        if of_samples.contains(&name) && language == Language::English {
            all.push((format!("sample-{name}"), Scene { name: name.into(), model, preview: None }));
        }
    }
    all
}

fn draw(screen: &Headless, ui: &AppWindow, scene: &Scene, night: bool) -> RgbImage {
    window::apply(&Model { night, ..scene.model.clone() }, ui);
    let striped = || window::preview_buffer(&pictures::picture(), PREVIEW_WIDTH, PREVIEW_HEIGHT);
    let picture = if scene.model.preview { scene.preview.clone().or_else(striped) } else { None };
    window::set_preview(ui, picture);
    screen.advance(Duration::from_millis(700));
    // A bar that moves is drawn at the same place each time.
    if matches!(scene.model.screen, Screen::Saving(_)) {
        screen.advance(Duration::from_millis(1));
    }
    let drawn = screen.render().unwrap();
    resize(&drawn, drawn.width() * 2 / 5, drawn.height() * 2 / 5, FilterType::Triangle)
}

/// Compares, or writes when it was asked for. Gives what differs.
fn compare(path: &Path, drawn: &RgbImage, write: bool) -> Option<String> {
    if write {
        save(path, drawn);
        return None;
    }
    let Ok(golden) = image::open(path) else { return Some(format!("{} is missing", path.display())) };
    let golden = golden.to_rgb8();
    if golden.dimensions() != drawn.dimensions() {
        return Some(format!("{} has another size", path.display()));
    }
    let far = golden.pixels().zip(drawn.pixels()).filter(|(a, b)| distance(a.0, b.0) > FAR).count();
    #[expect(clippy::cast_precision_loss, reason = "a count of pixels")]
    let share = far as f64 / f64::from(drawn.width() * drawn.height());
    (share > SHARE).then(|| {
        let seen =
            pictures::folder().join(format!("differs-{}", path.file_name().unwrap().to_string_lossy()));
        drawn.save(&seen).unwrap();
        format!("{}: {:.2} % differs; see {}", path.display(), share * 100.0, seen.display())
    })
}

fn distance(a: [u8; 3], b: [u8; 3]) -> f64 {
    let squares = a.into_iter().zip(b).map(|(a, b)| (f64::from(a) - f64::from(b)).powi(2));
    squares.sum::<f64>().sqrt()
}

/// With a palette of the 256 commonest colours (of 32 levels a channel), each pixel the nearest of them: small and sharp.
fn save(path: &Path, picture: &RgbImage) {
    let coarse = |pixel: [u8; 3]| pixel.map(|channel| channel & 0xf8);
    let mut counts: BTreeMap<[u8; 3], (usize, [u8; 3])> = BTreeMap::new();
    for pixel in picture.pixels() {
        let entry = counts.entry(coarse(pixel.0)).or_insert((0, pixel.0));
        entry.0 += 1;
    }
    let mut common: Vec<(usize, [u8; 3])> = counts.values().copied().collect();
    common.sort_unstable_by(|a, b| b.cmp(a));
    let palette: Vec<[u8; 3]> = common.into_iter().take(256).map(|(_, colour)| colour).collect();
    let mut nearest: BTreeMap<[u8; 3], u8> = BTreeMap::new();
    let indices: Vec<u8> = picture
        .pixels()
        .map(|pixel| {
            *nearest.entry(pixel.0).or_insert_with(|| {
                let best = palette
                    .iter()
                    .enumerate()
                    .min_by(|(_, a), (_, b)| distance(**a, pixel.0).total_cmp(&distance(**b, pixel.0)));
                u8::try_from(best.unwrap().0).unwrap()
            })
        })
        .collect();
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    let mut encoder = png::Encoder::new(file, picture.width(), picture.height());
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    encoder.set_palette(palette.concat());
    encoder.write_header().unwrap().write_image_data(&indices).unwrap();
}

fn golden(language: Language, width: u32, height: u32, orientation: &str) {
    golden_at(language, (width, height, 1.0), orientation, &[(false, "day"), (true, "night")]);
}

fn golden_at(
    language: Language,
    (width, height, scale): (u32, u32, f32),
    orientation: &str,
    palettes: &[(bool, &str)],
) {
    let write = std::env::var_os("KIOSK_GOLDENS").is_some_and(|value| value == "write");
    let screen = Headless::new(width, height).unwrap();
    screen.set_scale_factor(scale);
    let ui = AppWindow::new().unwrap();
    ui.show().unwrap();
    let mut differences = Vec::new();
    let mut known = BTreeSet::new();
    for (name, scene) in scenes(language) {
        for &(night, palette) in palettes {
            let file = format!("{name}-{orientation}-{palette}.png");
            let drawn = draw(&screen, &ui, &scene, night);
            differences.extend(compare(&folder(language).join(&file), &drawn, write));
            known.insert(file);
        }
    }
    assert!(known.len() > 25 * palettes.len(), "only {} pictures", known.len());
    for entry in std::fs::read_dir(folder(language)).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        if name.contains(&format!("-{orientation}-")) && !known.contains(&name) {
            if write {
                std::fs::remove_file(folder(language).join(&name)).unwrap();
            } else {
                differences.push(format!("{name} is of no screen any more"));
            }
        }
    }
    assert!(differences.is_empty(), "look at them, then `make goldens`: {differences:#?}");
}

#[test]
fn golden_pictures_in_english_landscape() {
    golden(Language::English, 1280, 800, "wide");
}

#[test]
fn golden_pictures_in_english_portrait() {
    golden(Language::English, 800, 1280, "tall");
}

/// At 7 inch, by day: what is other there is the room, not the colours.
#[test]
fn golden_pictures_on_a_small_screen() {
    let small = (small::WIDTH, small::HEIGHT, small::SCALE);
    golden_at(Language::English, small, "small", &[(false, "day")]);
}

#[test]
fn golden_pictures_in_spanish_landscape() {
    golden(Language::Spanish, 1280, 800, "wide");
}

#[test]
fn golden_pictures_in_spanish_portrait() {
    golden(Language::Spanish, 800, 1280, "tall");
}

#[test]
fn another_colour_and_a_moved_word_are_differences() {
    let path = tempfile::tempdir().unwrap().keep().join("a.png");
    let mut picture = RgbImage::from_pixel(100, 100, image::Rgb([255, 255, 255]));
    save(&path, &picture);
    assert_eq!(compare(&path, &picture, false), None);
    for x in 10..40 {
        picture.put_pixel(x, 50, image::Rgb([176, 0, 32]));
    }
    assert!(compare(&path, &picture, false).is_some());
    std::fs::remove_dir_all(path.parent().unwrap()).unwrap();
}
