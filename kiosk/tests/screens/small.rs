//! A screen of 7 inch: 1024x600 pixels at 170 an inch, drawn at 0.85 of the lengths of the design (`SLINT_SCALE_FACTOR`, deploy/README.md). A
//! key of 118 lengths is 15 mm there and not 20.

use kiosk::model::{DosePanel, Model};

use crate::samples;
use crate::stage::Stage;

pub(crate) const WIDTH: u32 = 1024;
pub(crate) const HEIGHT: u32 = 600;
pub(crate) const SCALE: f32 = 0.85;
/// Upright it is as narrow as the design's portrait is at this factor.
pub(crate) const UPRIGHT: f32 = 0.75;

/// The ways on of each screen, by their labels.
fn ways_on() -> Vec<(Model, Vec<&'static str>)> {
    let keys = vec!["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "Enter", "Erase the last digit"];
    let not_recorded = samples::all().into_iter().find(|(name, _)| *name == "23-not-recorded").unwrap().1;
    let receipt = samples::all().into_iter().find(|(name, _)| *name == "21-receipt-waste").unwrap().1;
    vec![
        (samples::pin(), [keys.clone(), vec!["Cancel"]].concat()),
        (samples::witness_pin(), [keys, vec!["Back"]].concat()),
        (samples::identify(None), samples::IDENTIFY.to_vec()),
        (samples::due(), [vec!["Close this patient", "Further down"], samples::AT_THE_BED.to_vec()].concat()),
        (samples::tasks(), vec!["Back"]),
        (samples::all_is_wrong(samples::due()), vec!["Close this patient", "Further down"]),
        (
            samples::all_is_wrong(samples::dose(samples::pass())),
            vec!["Patient has taken it", "Put it back", "Cancel"],
        ),
        (
            samples::dose(samples::pass()),
            vec!["Patient has taken it", "Put it back", "Cancel", "Taken earlier"],
        ),
        (
            samples::dose(DosePanel { call: Some("Call a witness".into()), ..samples::pass() }),
            vec!["Patient has taken it", "Put it back", "Cancel", "Taken earlier", "Call a witness"],
        ),
        (samples::training(samples::due()), vec!["Close this patient", "Further down"]),
        (samples::dose(samples::stop()), vec!["Put it back", "Cancel"]),
        (samples::dose(samples::late(Some(0))), vec!["Record the reason", "Cancel", "Put it back"]),
        (
            samples::dose(samples::measure()),
            vec!["This amount", "Decimal point", "0", "1", "9", "Erase the last digit", "Cancel"],
        ),
        (samples::dose(samples::next_package()), vec!["Give less", "Cancel"]),
        (samples::dose(samples::call()), vec!["Call the witness", "Cancel"]),
        (
            samples::witness_amount(),
            vec!["This amount", "Decimal point", "0", "1", "9", "Erase the last digit", "Back"],
        ),
        (samples::not_given(None), vec!["Record as refused", "Back", "Refused"]),
        (samples::form_reason(), vec!["Record the reason", "Back", "Spilled"]),
        (samples::lot("HP3310"), vec!["This is the lot", "Back"]),
        (samples::settings(), vec!["Back", "Louder", "Tone: stop"]),
        (receipt, vec!["Continue"]),
        (not_recorded, vec!["I have written it down"]),
    ]
}

fn every_way_on_is_in_sight(width: u32, height: u32, scale: f32) {
    let stage = Stage::sized(width, height, scale);
    let logical = |pixels: u32| f32::from(u16::try_from(pixels).unwrap()) / scale;
    let mut missing = Vec::new();
    for (at, (model, labels)) in ways_on().into_iter().enumerate() {
        // Break-glass ends with the sign-on.
        let signed_on = model.header.clinician.is_some();
        let emergency = signed_on.then(|| samples::emergency(model.clone()));
        for model in [model].into_iter().chain(emergency) {
            stage.show(&model);
            let mut places: Vec<(&str, [f32; 4])> = Vec::new();
            for label in &labels {
                let Some(element) = stage.find(label) else {
                    missing.push(format!("{at}: {label} (alarm: {}) is not there", model.alarm.is_some()));
                    continue;
                };
                let (place, size) = (element.absolute_position(), element.size());
                let sides = [place.x, place.y, place.x + size.width, place.y + size.height];
                let whole = place.x >= 0.0
                    && place.y >= 0.0
                    && sides[2] <= logical(width) + 0.5
                    && sides[3] <= logical(height) + 0.5
                    && size.width >= 68.0
                    && size.height >= 68.0;
                if !whole {
                    missing.push(format!("{at}: {label} (alarm: {}): {sides:?}", model.alarm.is_some()));
                }
                // One below the other would take the finger that is meant for it.
                let over = |other: &[f32; 4]| {
                    sides[0] + 1.0 < other[2]
                        && other[0] + 1.0 < sides[2]
                        && sides[1] + 1.0 < other[3]
                        && other[1] + 1.0 < sides[3]
                };
                for (other, _) in places.iter().filter(|(_, other)| over(other)) {
                    missing
                        .push(format!("{at}: {label} lies over {other} (alarm: {})", model.alarm.is_some()));
                }
                places.push((label, sides));
            }
        }
    }
    assert!(missing.is_empty(), "{width}x{height} is {}x{}: {missing:#?}", logical(width), logical(height));
}

#[test]
fn every_way_on_is_in_sight_at_10_inch() {
    every_way_on_is_in_sight(1280, 800, 1.0);
}

#[test]
fn every_way_on_is_in_sight_at_10_inch_in_portrait() {
    every_way_on_is_in_sight(800, 1280, 1.0);
}

#[test]
fn every_way_on_is_in_sight_at_7_inch() {
    every_way_on_is_in_sight(WIDTH, HEIGHT, SCALE);
}

#[test]
fn every_way_on_is_in_sight_at_7_inch_in_portrait() {
    every_way_on_is_in_sight(HEIGHT, WIDTH, UPRIGHT);
}

/// 15 mm for what is 20 mm at 10.1 inch, and 8.6 mm for the least: the sizes that docs/screens.md states.
#[test]
fn the_keys_are_15_mm_at_7_inch() {
    let stage = Stage::sized(WIDTH, HEIGHT, SCALE);
    let millimetres = |lengths: f32| lengths * SCALE / 170.0 * 25.4;
    stage.show(&samples::dose(samples::pass()));
    let give = stage.find("Patient has taken it").unwrap().size();
    assert!(millimetres(give.height) >= 14.9, "{} mm", millimetres(give.height));
    stage.show(&samples::pin());
    let key = stage.find("5").unwrap().size();
    assert!(millimetres(key.height.min(key.width)) >= 14.9, "{} mm", millimetres(key.height));
    for (name, model) in samples::all() {
        stage.show(&model);
        for element in stage.tappable() {
            let least = element.size().height.min(element.size().width);
            let label = element.accessible_label();
            assert!(millimetres(least) >= 8.5, "{name}: {label:?} is {} mm", millimetres(least));
        }
    }
}
