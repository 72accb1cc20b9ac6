//! Steady voting (scanning specification, section 3).

mod common;

use std::time::Duration;

use common::interpreter;
use proptest::prelude::*;
use rights::scan::{Meaning, ScanFaultKind, Symbology};
use scanner::steady::{Sighting, Steady, Voting};
use scanner::symbol::{Engine, Symbol};

const FRAME: Duration = Duration::from_millis(33);

fn sighting(symbology: Symbology, text: &str, gs1: bool, x: i32, engine: Engine) -> Sighting {
    let symbol = Symbol {
        symbology,
        aim: format!("]{}{}", symbology.name(), i32::from(gs1)),
        bytes: text.as_bytes().to_vec(),
        text: text.to_owned(),
        gs1,
        position: [[x, 0], [x + 50, 0], [x + 50, 50], [x, 50]],
        engine,
    };
    Sighting { scan: interpreter().symbol(&symbol), symbol }
}

fn package(x: i32) -> Sighting {
    sighting(Symbology::DataMatrix, "0100305910369019", true, x, Engine::Plain)
}

fn band(mrn: &str, x: i32) -> Sighting {
    use rights::ident::{BandSerial, Mrn};
    let site = scanner::site::SiteFormats::default();
    let text = site.print_wristband(&Mrn::parse(mrn).unwrap(), &BandSerial::parse("1").unwrap()).unwrap();
    sighting(Symbology::Code128, &text, false, x, Engine::Plain)
}

/// Plays frames 33 ms apart; for each the texts that became steady, `?` for ambiguous.
fn play(frames: &[Vec<Sighting>]) -> Vec<Vec<String>> {
    let mut voting = Voting::new();
    frames
        .iter()
        .enumerate()
        .map(|(index, sightings)| {
            let at = FRAME * u32::try_from(index).unwrap();
            let text = |steady: Steady| match steady {
                Steady::Read(sighting) => sighting.scan.text,
                Steady::Ambiguous(scan) => {
                    let Meaning::Nothing(faults) = scan.meaning else { panic!("ambiguous means nothing") };
                    assert_eq!(faults[0].kind, ScanFaultKind::Ambiguous);
                    "?".to_owned()
                }
            };
            voting.frame(at, sightings.clone()).into_iter().map(text).collect()
        })
        .collect()
}

fn steady_at(frames: &[Vec<Sighting>]) -> Vec<usize> {
    play(frames).iter().enumerate().filter(|(_, texts)| !texts.is_empty()).map(|(index, _)| index).collect()
}

/// Two codes of one package, printed by different rules.
#[test]
fn a_day_and_the_end_of_its_month_and_a_lot_in_other_letters_are_one_package() {
    let two = |one: &str, other: &str| {
        let matrix =
            sighting(Symbology::DataMatrix, &format!("0100305910369019{one}"), true, 0, Engine::Plain);
        let linear =
            sighting(Symbology::Code128, &format!("0100305910369019{other}"), true, 200, Engine::Plain);
        let frame = vec![matrix, linear];
        play(&[frame.clone(), frame.clone(), frame]).concat()
    };
    for (one, other) in [("17280200", "17280229"), ("70032802291200", "17280229"), ("10a1", "10A1")] {
        assert_eq!(two(one, other), [format!("0100305910369019{one}")], "{one} {other}");
    }
    for (one, other) in [("17280200", "17280228"), ("70032802291200", "70032802291201"), ("10A1", "10A2")] {
        assert!(two(one, other).contains(&"?".to_owned()), "{one} {other}");
    }
}

#[test]
fn two_of_five_frames_and_three_for_weak_kinds() {
    let none = Vec::new;
    assert_eq!(steady_at(&[vec![package(0)], none(), none(), none(), vec![package(0)]]), [4]);
    let too_far = [vec![package(0)], none(), none(), none(), none(), vec![package(0)], none()];
    assert_eq!(steady_at(&too_far), [0_usize; 0]);
    let weak = || vec![sighting(Symbology::Code39, "0591036901", false, 0, Engine::Plain)];
    assert_eq!(steady_at(&[weak(), weak(), none(), weak()]), [3]);
}

#[test]
fn a_sharpened_reading_never_counts_alone() {
    let sharp = || vec![sighting(Symbology::DataMatrix, "0100305910369019", true, 0, Engine::Sharpened)];
    assert_eq!(steady_at(&[sharp(), sharp(), sharp(), sharp()]), [0_usize; 0]);
    assert_eq!(steady_at(&[sharp(), sharp(), vec![package(0)]]), [2]);
}

#[test]
fn a_contradiction_at_the_same_place_resets_both() {
    let other = || vec![sighting(Symbology::DataMatrix, "010030591036901910X", true, 3, Engine::Plain)];
    let mine = || vec![package(0)];
    assert_eq!(steady_at(&[mine(), other(), mine(), other(), mine(), other()]), [0_usize; 0]);
    assert_eq!(
        steady_at(&[other(), mine(), mine(), mine(), mine(), mine(), mine()]),
        [6],
        "5 clear frames later"
    );
    let both = || vec![package(0), other().remove(0)];
    assert_eq!(steady_at(&[both(), both(), both(), both()]), [0_usize; 0], "in one frame");
}

#[test]
fn the_same_symbol_counts_again_after_700_ms_out_of_sight() {
    let mut frames = vec![vec![package(0)]; 40];
    assert_eq!(steady_at(&frames), [1]);
    frames.extend(vec![Vec::new(); 10]);
    frames.extend(vec![vec![package(0)]; 5]);
    assert_eq!(steady_at(&frames), [1], "330 ms away");
    frames.extend(vec![Vec::new(); 22]);
    frames.extend(vec![vec![package(0)]; 5]);
    assert_eq!(steady_at(&frames), [1, 78], "759 ms away");
}

#[test]
fn two_bands_or_a_band_beside_a_package_are_ambiguous() {
    let two = vec![vec![band("30017", 0), band("30018", 200)]; 30];
    assert_eq!(play(&two).concat(), ["?"]);
    let beside = vec![vec![band("30017", 0), package(200)]; 30];
    assert_eq!(play(&beside).concat(), ["?"]);
    // One band printed twice is one band.
    let twice = vec![vec![band("30017", 0), band("30017", 200)]; 9];
    assert_eq!(play(&twice).concat().len(), 1);
    // A band, and after it has left the package.
    let mut frames = vec![vec![band("30017", 0)]; 5];
    frames.extend(vec![Vec::new(); 6]);
    frames.extend(vec![vec![package(200)]; 5]);
    assert_eq!(play(&frames).concat().len(), 2);
    assert!(!play(&frames).concat().contains(&"?".to_owned()));
}

#[test]
fn the_2d_code_of_a_package_counts_and_the_linear_one_adds_nothing() {
    let upc = || sighting(Symbology::UpcA, "0305910369019", false, 0, Engine::Plain);
    let matrix = || sighting(Symbology::DataMatrix, "010030591036901917271231", true, 200, Engine::Plain);
    let texts = play(&vec![vec![upc(), matrix()]; 9]).concat();
    assert_eq!(texts, ["010030591036901917271231"]);
    let unknown = || sighting(Symbology::QrCode, "https://example.org", false, 400, Engine::Plain);
    let texts = play(&vec![vec![unknown(), matrix()]; 9]).concat();
    assert_eq!(texts, ["010030591036901917271231"]);
}

proptest! {
    /// Whatever is seen: nothing counts that was not seen twice within five frames, never two things of one place at once, and
    /// never twice within 700 ms.
    #[test]
    fn nothing_counts_without_agreement(
        frames in prop::collection::vec(prop::collection::vec((0_usize..4, 0_i32..3, any::<bool>()), 0..4), 1..60)
    ) {
        let texts = ["010030591036901910A", "010030591036901910B", "010030591036901910C", "010030591036901910D"];
        let frames: Vec<Vec<Sighting>> = frames
            .into_iter()
            .map(|frame| {
                let engine = |plain| if plain { Engine::Plain } else { Engine::Sharpened };
                let one = |(text, x, plain): (usize, i32, bool)| {
                    sighting(Symbology::DataMatrix, texts[text], true, x * 100, engine(plain))
                };
                frame.into_iter().map(one).collect()
            })
            .collect();
        let steady = play(&frames);
        let mut last: std::collections::HashMap<&str, usize> = std::collections::HashMap::new();
        for (index, read) in steady.iter().enumerate() {
            for text in read.iter().filter(|text| *text != "?") {
                let window = &frames[index.saturating_sub(4)..=index];
                let seen = |frame: &Vec<Sighting>| frame.iter().any(|s| s.symbol.text == *text);
                let plain = |frame: &Vec<Sighting>| {
                    frame.iter().any(|s| s.symbol.text == *text && s.symbol.engine == Engine::Plain)
                };
                prop_assert!(window.iter().filter(|frame| seen(frame)).count() >= 2);
                prop_assert!(window.iter().any(plain));
                if let Some(before) = last.insert(text, index) {
                    prop_assert!(index - before >= 21, "again after {} frames", index - before);
                }
            }
        }
    }
}

/// Everything that became steady, in order.
fn told(frames: &[Vec<Sighting>]) -> Vec<String> {
    play(frames).concat()
}

fn dose_label(x: i32) -> Sighting {
    let site = scanner::site::SiteFormats::default();
    let text = site.print_dose(&rights::ident::DoseId::parse("A1").unwrap()).unwrap();
    sighting(Symbology::DataMatrix, &text, false, x, Engine::Plain)
}

/// A dose label sticks on a package. Whether on the right one must be compared, so the package's code is never swallowed.
#[test]
fn a_dose_label_and_the_package_under_it_are_both_told() {
    let label = dose_label(0).scan.text;
    let both = told(&vec![vec![package(200), dose_label(0)]; 9]);
    assert_eq!(both.len(), 2, "{both:?}");
    assert!(both.contains(&label) && both.contains(&"0100305910369019".to_owned()));
}

/// One package may carry its number as UPC-A and as bare NDC digits.
#[test]
fn two_codes_of_one_product_are_one_package() {
    let upc = || sighting(Symbology::UpcA, "0305910369019", false, 0, Engine::Plain);
    let ndc = |text: &str| sighting(Symbology::Code128, text, false, 200, Engine::Plain);
    for text in ["0591036901", "305910369019"] {
        assert_eq!(told(&vec![vec![ndc(text), upc()]; 9]), ["0305910369019"], "{text}");
        let late = [vec![vec![ndc(text)]; 3], vec![vec![ndc(text), upc()]; 9]].concat();
        assert_eq!(told(&late), [text], "{text}");
    }
    let matrix = || sighting(Symbology::DataMatrix, "010030591036901910A", true, 0, Engine::Plain);
    assert_eq!(told(&vec![vec![ndc("0591036901"), matrix()]; 9]), ["010030591036901910A"]);
    // Lot and expiry that come late are never lost.
    let late = [vec![vec![ndc("0591036901")]; 3], vec![vec![ndc("0591036901"), matrix()]; 9]].concat();
    assert_eq!(told(&late), ["0591036901", "010030591036901910A"]);
    // Eleven digits have a zero too many, and only the drug file knows which: they may be of this product, so nothing is swallowed.
    assert_eq!(told(&vec![vec![ndc("00591036901"), upc()]; 9]).len(), 2);
    assert_eq!(
        told(&vec![
            vec![
                ndc("12345067891"),
                sighting(Symbology::UpcA, "0312345678913", false, 0, Engine::Plain)
            ];
            9
        ])
        .len(),
        1
    );
}

#[test]
fn a_gtin_beside_the_ndc_of_another_drug_is_ambiguous() {
    let upc = || sighting(Symbology::UpcA, "0305910369019", false, 0, Engine::Plain);
    for text in ["0591036902", "00591036902", "0060505282"] {
        let ndc = sighting(Symbology::Code128, text, false, 200, Engine::Plain);
        assert_eq!(told(&vec![vec![ndc, upc()]; 9]), ["?"], "{text}");
    }
    // A GTIN that holds no NDC can be compared with none.
    let foreign = sighting(Symbology::Ean13, "4006381333931", false, 0, Engine::Plain);
    let ndc = sighting(Symbology::Code128, "0591036902", false, 200, Engine::Plain);
    assert_eq!(told(&vec![vec![ndc, foreign]; 9]).len(), 2);
}
