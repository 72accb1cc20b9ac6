//! The phrase table says the same in each language. That each variance has a phrase the compiler sees; that it is translated and
//! loses nothing is seen here.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::common::*;
use rights::bedside::Notice;
use rights::phrase::{Language, Phrase, Words};
use rights::product::{Form, Release, Route};
use rights::verdict::{Check, Right};

/// The files of the table of a language, by name.
fn files(language: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/phrase").join(language);
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort_unstable();
    files
}

/// The texts of a table, in their order.
fn texts(language: &str) -> Vec<String> {
    files(language).iter().flat_map(|file| texts_of(file)).collect()
}

/// The string literals of a file that are no pattern.
fn texts_of(file: &Path) -> Vec<String> {
    let source = fs::read_to_string(file).unwrap();
    let mut texts = Vec::new();
    for line in source.lines().filter(|line| !line.trim_start().starts_with("//")) {
        let pieces: Vec<&str> = line.split('"').collect();
        // Every other piece stands between quotes; what is before `=>` is a code.
        for (place, piece) in pieces.iter().enumerate().skip(1).step_by(2) {
            let is_pattern = pieces[place + 1..].iter().any(|rest| rest.trim_start().starts_with("=>"));
            if !is_pattern {
                texts.push((*piece).to_owned());
            }
        }
    }
    texts
}

#[test]
fn no_english_text_of_several_words_stands_in_the_spanish_table() {
    let spanish = texts("spanish");
    let mut translated = 0;
    for text in texts("english").iter().filter(|text| text.split_whitespace().count() > 2) {
        if text.starts_with("one table") {
            continue;
        }
        let words = text.chars().filter(|c| c.is_alphabetic()).count();
        assert!(words < 4 || text.starts_with("{part}") || !spanish.contains(text), "not translated: {text}");
        translated += 1;
    }
    assert!(translated > 250, "{translated} texts are compared");
}

/// What is filled in stands in both, so that no number or name is lost in translation.
#[test]
fn each_table_fills_in_as_many_values() {
    let blanks = |file: &Path| -> usize { texts_of(file).iter().map(|text| text.matches('{').count()).sum() };
    let (english, spanish) = (files("english"), files("spanish"));
    assert_eq!(english.len(), spanish.len());
    for (english, spanish) in english.iter().zip(&spanish) {
        assert_eq!(blanks(english), blanks(spanish), "{}", english.display());
    }
}

fn words(language: Language, ward: &Ward) -> Words<'_> {
    Words { language, zone: &ward.zone, today: local_date(2026, 6, 10), in_hand: None, policy: &ward.policy }
}

fn phrase_of(bench: &Bench, check: Check, language: Language) -> Phrase {
    words(language, &bench.ward).finding(bench.verdict().finding(check).unwrap())
}

#[test]
fn a_late_dose_is_said_in_both_languages() {
    let product = tablet("m", "metoprolol tartrate", "50 mg");
    let mut ward = Ward::with(&[&product], &[order("r1", &product, "50 mg")]);
    ward.now = today("11:05");
    ward.chart.orders_as_of = Some(ward.now);
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&product));
    let english = phrase_of(&bench, Check::T3, Language::English);
    let spanish = phrase_of(&bench, Check::T3, Language::Spanish);
    assert_eq!((english.title.as_str(), english.detail.as_str()), ("Late", "Was due at 09:00."));
    assert_eq!((spanish.title.as_str(), spanish.detail.as_str()), ("Tarde", "Estaba prevista: 09:00."));
    assert_eq!(spanish.action, "Diga por qué se retrasa.");
}

#[test]
fn a_stop_is_called_one_in_both_languages() {
    let product = tablet("m", "metoprolol tartrate", "50 mg");
    let mut bench = Bench::at_bedside(Ward::with(&[&product], &[]));
    bench.scan(package(&product));
    assert!(phrase_of(&bench, Check::M7, Language::English).title.starts_with("Stop: "));
    assert_eq!(phrase_of(&bench, Check::M7, Language::Spanish).title, "Alto: no indicado para este paciente");
}

#[test]
fn names_times_and_quantities_are_said_in_spanish() {
    let ward = Ward::new();
    let spanish = words(Language::Spanish, &ward);
    assert_eq!(spanish.right(Right::Route), "Vía");
    assert_eq!(spanish.route(Route::Subcutaneous), "bajo la piel (subcutánea)");
    assert_eq!(spanish.form(Form::Tablet, Release::Extended), "tableta de liberación prolongada");
    assert_eq!(spanish.quantity(&q("5000 [iU]")), "5,000\u{a0}unidades");
    assert_eq!(spanish.quantity(&q("0.1 mg")), "100\u{a0}mcg");
    assert_eq!(spanish.time(at("2026-11-01T06:40:00Z")), "1 nov, 01:40 EST (2.ª)");
    assert_eq!(
        spanish.site(&rights::ident::SiteCode::parse("left-upper-arm").unwrap()),
        "brazo, lado izquierdo"
    );
    assert_eq!(words(Language::English, &ward).time(at("2026-11-01T06:40:00Z")), "1 Nov, 01:40 EST (2nd)");
}

/// Every code of the default lists has a label of its own in each language.
#[test]
fn each_default_reason_has_a_label() {
    let ward = Ward::new();
    for (_, codes) in &rights::policy::Policy::default().reasons {
        for code in codes {
            for language in Language::ALL {
                let label = words(language, &ward).reason(code);
                assert!(
                    label != code.as_str() && label.starts_with(char::is_uppercase),
                    "{code} {language:?}"
                );
            }
        }
    }
}

#[test]
fn each_default_site_is_named_in_spanish() {
    let ward = Ward::new();
    for (_, sites) in &rights::policy::Policy::default().sites {
        for site in sites {
            let name = words(Language::Spanish, &ward).site(site);
            assert!(name.contains("lado "), "{site}: {name}");
        }
    }
}

#[test]
fn a_language_is_found_by_its_tag() {
    for language in Language::ALL {
        assert_eq!(Language::from_tag(language.tag()), Some(language));
    }
    assert_eq!(Language::from_tag("de"), None);
}

/// Where a notice names a limit, it is the site's and not the default.
#[test]
fn notices_name_the_limits_of_the_site() {
    let mut ward = Ward::new();
    Arc::make_mut(&mut ward.policy).other_note_characters = 25;
    Arc::make_mut(&mut ward.policy).witness_within = jiff::SignedDuration::from_secs(90);
    Arc::make_mut(&mut ward.policy).correct_within = minutes(45);
    for (notice, english, spanish) in [
        (Notice::AnswerIncomplete, "25 characters", "25 caracteres"),
        (Notice::WitnessTooLate, "90 seconds", "90 segundos"),
        (Notice::MayNotCorrect, "45 minutes", "45 minutos"),
    ] {
        for (language, text) in [(Language::English, english), (Language::Spanish, spanish)] {
            let said = words(language, &ward).notice(notice);
            let said = format!("{} {}", said.detail, said.action).replace('\u{a0}', " ");
            assert!(said.contains(text), "{said}");
        }
    }
}
