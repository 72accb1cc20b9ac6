//! The palettes, by the contrast formula of WCAG 2.2 (relative luminance).

use kiosk::headless::Headless;
use kiosk::window::{AppWindow, MarkShape, Theme};
use slint::{Color, ComponentHandle};

fn luminance(color: Color) -> f64 {
    let linear = |channel: u8| {
        let value = f64::from(channel) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(color.red()) + 0.7152 * linear(color.green()) + 0.0722 * linear(color.blue())
}

fn contrast(a: Color, b: Color) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

const MARKS: [MarkShape; 5] =
    [MarkShape::Pass, MarkShape::Info, MarkShape::Question, MarkShape::Stop, MarkShape::None];

#[test]
fn the_formula_gives_the_standards_figures() {
    let grey = |value| Color::from_rgb_u8(value, value, value);
    assert!((contrast(grey(0), grey(255)) - 21.0).abs() < 1e-9);
    assert!((contrast(grey(0x76), grey(255)) - 4.54).abs() < 0.01);
}

#[test]
fn every_text_role_has_seven_to_one_in_both_palettes() {
    let _screen = Headless::new(64, 64).unwrap();
    let ui = AppWindow::new().unwrap();
    let theme = ui.global::<Theme>();
    for night in [false, true] {
        theme.set_night(night);
        let mut pairs = Vec::new();
        for (place, ground) in
            [("page", theme.get_page()), ("surface", theme.get_surface()), ("sunk", theme.get_sunk())]
        {
            pairs.push((format!("text on {place}"), theme.get_text(), ground));
            pairs.push((format!("quiet text on {place}"), theme.get_quiet(), ground));
        }
        pairs.push(("header".into(), theme.get_on_head(), theme.get_head()));
        pairs.push(("mode".into(), theme.get_on_mode(), theme.get_mode()));
        pairs.push(("give".into(), theme.get_on_give(), theme.get_give()));
        pairs.push(("main".into(), theme.get_on_main(), theme.get_main()));
        for mark in MARKS {
            let tone = theme.invoke_tone(mark);
            pairs.push((format!("{mark:?} fill"), tone.on, tone.fill));
            pairs.push((format!("{mark:?} soft"), tone.on_soft, tone.soft));
        }
        for (name, text, ground) in pairs {
            let ratio = contrast(text, ground);
            assert!(ratio >= 7.0, "{name} (night: {night}) has {ratio:.2}:1");
        }
        let off = contrast(theme.get_off_text(), theme.get_sunk());
        assert!(off >= 4.5, "switched off (night: {night}) has {off:.2}:1");
    }
}

/// Shapes, edges of controls and the focus ring: 3:1 (WCAG 1.4.11).
#[test]
fn every_shape_and_edge_has_three_to_one() {
    let _screen = Headless::new(64, 64).unwrap();
    let ui = AppWindow::new().unwrap();
    let theme = ui.global::<Theme>();
    for night in [false, true] {
        theme.set_night(night);
        let mut pairs = Vec::new();
        for (place, ground) in [("page", theme.get_page()), ("surface", theme.get_surface())] {
            pairs.push((format!("edge on {place}"), theme.get_edge(), ground));
            pairs.push((format!("focus on {place}"), theme.get_focus(), ground));
            pairs.extend(
                MARKS.map(|mark| (format!("{mark:?} on {place}"), theme.invoke_tone(mark).edge, ground)),
            );
        }
        for mark in MARKS {
            pairs.push((
                format!("{mark:?} on its soft ground"),
                theme.invoke_tone(mark).edge,
                theme.invoke_tone(mark).soft,
            ));
            pairs.push((format!("{mark:?} on the header"), theme.invoke_head_mark(mark), theme.get_head()));
        }
        for (name, shape, ground) in pairs {
            let ratio = contrast(shape, ground);
            assert!(ratio >= 3.0, "{name} (night: {night}) has {ratio:.2}:1");
        }
    }
}

/// A stop loses nothing at night.
#[test]
fn stop_is_the_same_by_day_and_night() {
    let _screen = Headless::new(64, 64).unwrap();
    let ui = AppWindow::new().unwrap();
    let theme = ui.global::<Theme>();
    theme.set_night(false);
    let day = theme.invoke_tone(MarkShape::Stop);
    theme.set_night(true);
    let night = theme.invoke_tone(MarkShape::Stop);
    assert_eq!((day.fill, day.on), (night.fill, night.on));
}
