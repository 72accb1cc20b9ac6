//! Everything that is ever said of a decision, in both languages, as people read it: `table.txt` beside this file. A change of
//! a text is a change of that file, which a pharmacist can read from top to bottom; `RIGHTS_PHRASES=write` writes it anew.

mod lists;

use std::fmt::Write as _;
use std::path::Path;

use crate::common::life::rate;
use crate::common::*;
use lists::{NOTICES, differs, evidence, variances};
use rights::history::Outcome;
use rights::ident::ReasonCode;
use rights::phrase::{InHandNames, Language, Phrase, Words};
use rights::policy::Policy;
use rights::product::{Form, Release, Route};
use rights::quantity::{Quantity, Unit};
use rights::request::Mismatch;
use rights::verdict::{Check, Class, Evidence, Finding, Right, Variance, Why};

fn line(text: &mut String, phrase: &Phrase) {
    let parts = [&phrase.title, &phrase.detail, &phrase.action];
    let said: Vec<&str> = parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    writeln!(text, "{}", said.join(" | ").replace('\u{a0}', " ")).unwrap();
}

fn table(language: Language) -> String {
    let zone = new_york();
    let product = InHandNames { name: "morphine sulfate", form: Form::Tablet, release: Release::Extended };
    let (today, in_hand) = (local_date(2026, 6, 10), Some(&product));
    let policy = Policy::default();
    let words = Words { language, zone: &zone, today, in_hand, policy: &policy };
    let finding = |class, why| words.finding(&Finding { check: Check::M7, class, why });
    let mut text = format!(
        "== {}: variances, then the same as a stop where the product in hand is named\n",
        language.tag()
    );
    for variance in variances() {
        line(&mut text, &finding(Class::Info, Why::Variance(variance)));
    }
    for variance in [Variance::NotOrdered, differs(vec![Mismatch::Release]), Variance::ClockOff(minutes(6))] {
        line(&mut text, &finding(Class::Hard, Why::Variance(variance.clone())));
        let nothing = Words { in_hand: None, ..words };
        line(
            &mut text,
            &nothing.finding(&Finding { check: Check::M7, class: Class::Hard, why: Why::Variance(variance) }),
        );
    }
    writeln!(text, "== {}: established", language.tag()).unwrap();
    for evidence in evidence() {
        line(&mut text, &finding(Class::Pass, Why::Established(evidence)));
    }
    writeln!(text, "== {}: notices", language.tag()).unwrap();
    for notice in NOTICES {
        line(&mut text, &words.notice(*notice));
    }
    names(&mut text, &words);
    text
}

/// The words that stand in the texts and on the screen.
fn names(text: &mut String, words: &Words<'_>) {
    let mut list = |what: &str, names: Vec<String>| {
        writeln!(text, "== {}: {what}", words.language.tag()).unwrap();
        writeln!(text, "{}", names.join(" | ").replace('\u{a0}', " ")).unwrap();
    };
    list("rights", Right::ALL.iter().map(|right| words.right(*right).into()).collect());
    list("routes", Route::ALL.iter().map(|route| words.route(*route).into()).collect());
    let forms =
        Form::ALL.iter().flat_map(|form| Release::ALL.iter().map(|release| words.form(*form, *release)));
    list("forms", forms.collect());
    list("outcomes", Outcome::ALL.iter().map(|outcome| words.outcome(*outcome).into()).collect());
    let amounts = ["1", "2", "1500", "0.5"].map(|amount| rights::amount::Amount::parse(amount).unwrap());
    let units =
        Unit::ALL.iter().flat_map(|unit| amounts.map(|amount| words.quantity(&Quantity::new(amount, *unit))));
    list("units", units.collect());
    list("months", (1..=12).map(|month| words.date(local_date(2026, month, 3))).collect());
    let codes = rights::policy::Policy::default().reasons.into_iter().flat_map(|(_, codes)| codes);
    let unknown = ReasonCode::parse("of-this-site-alone").unwrap();
    list("reasons", codes.chain([unknown]).map(|code| format!("{code}: {}", words.reason(&code))).collect());
    let sites = rights::policy::Policy::default().sites.into_iter().flat_map(|(_, sites)| sites);
    list("sites", sites.map(|site| words.site(&site)).collect());
    let rates = ["1 mg/min", "75 mL/h", "0.5 mg/d", "5 ug/kg/min", "1200 [iU]/h"];
    list("rates", rates.map(|text| words.rate(&rate(text))).to_vec());
    let times = [
        "2026-06-10T13:00:00Z",
        "2026-06-11T03:30:00Z",
        "2026-06-09T13:00:00Z",
        "2026-11-01T05:40:00Z",
        "2026-11-01T06:40:00Z",
    ];
    list("times", times.map(|text| words.time(at(text))).to_vec());
    let values = [
        "heart-rate",
        "systolic-blood-pressure",
        "diastolic-blood-pressure",
        "respiratory-rate",
        "oxygen-saturation",
        "body-temperature",
        "body-weight",
        "glucose",
        "potassium",
        "inr",
        "of-this-site-alone",
    ];
    let seen = values.map(|code| Evidence::WithinParameter(observation(code, "60 /min", today("08:00"))));
    let said = seen.map(|why| {
        words.finding(&Finding { check: Check::C2, class: Class::Pass, why: Why::Established(why) }).title
    });
    list("values", said.to_vec());
}

#[test]
fn what_is_said_is_what_the_table_of_the_tests_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/phrase_table/table.txt");
    let said: String = Language::ALL.into_iter().map(table).collect();
    if std::env::var_os("RIGHTS_PHRASES").is_some() {
        std::fs::write(&path, &said).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    for (place, (said, expected)) in said.lines().zip(expected.lines()).enumerate() {
        assert_eq!(said, expected, "line {}", place + 1);
    }
    assert_eq!(said.lines().count(), expected.lines().count());
}

/// A variance, an evidence or a notice that is not listed above would be said by nobody here.
#[test]
fn every_variance_evidence_and_notice_is_in_the_table_of_the_tests() {
    let source = |file: &str| {
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file)).unwrap()
    };
    let declared = |file: &str, name: &str| -> Vec<String> {
        let text = source(file);
        let body = text
            .split(&format!("pub enum {name} {{"))
            .nth(1)
            .unwrap()
            .split("\n}\n")
            .next()
            .unwrap()
            .to_owned();
        let names = body
            .lines()
            .filter_map(|line| line.strip_prefix("    "))
            .filter(|line| line.starts_with(char::is_uppercase));
        names.map(|line| line.split(|c: char| !c.is_alphanumeric()).next().unwrap().to_owned()).collect()
    };
    let listed = |all: Vec<String>| -> std::collections::BTreeSet<String> {
        all.iter().map(|text| text.split(|c: char| !c.is_alphanumeric()).next().unwrap().to_owned()).collect()
    };
    let debug = |all: Vec<Variance>| all.iter().map(|one| format!("{one:?}")).collect::<Vec<_>>();
    for (file, name, listed) in [
        ("verdict/variance.rs", "Variance", listed(debug(variances()))),
        (
            "verdict/evidence.rs",
            "Evidence",
            listed(evidence().iter().map(|one| format!("{one:?}")).collect()),
        ),
        ("bedside/phase.rs", "Notice", listed(NOTICES.iter().map(|one| format!("{one:?}")).collect())),
    ] {
        let declared = declared(file, name);
        assert!(declared.len() >= 20, "{name}: {}", declared.len());
        for one in declared {
            assert!(listed.contains(&one), "{name}::{one} is not listed");
        }
    }
}
