//! Scanning specification, section 4: every application identifier of the dictionary, good and each way of bad.

mod common;

use common::{YEAR, reference};
use proptest::prelude::*;
use rights::scan::ScanFaultKind;
use scanner::gs1::{GS, identifiers, lookup, parse_bracketed, parse_raw};

/// One line of the dictionary: identifiers, flags, components, attributes.
struct Line {
    ais: Vec<String>,
    predefined: bool,
    attribute: bool,
    components: Vec<String>,
    attributes: Vec<String>,
    title: String,
}

fn dictionary() -> Option<Vec<Line>> {
    let text = std::fs::read_to_string(reference("gs1/gs1-syntax-dictionary.txt")?).unwrap();
    let mut lines = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (body, title) = line.split_once('#').unwrap_or((line, ""));
        let mut words = body.split_whitespace().peekable();
        let range = words.next().unwrap();
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let width = first.len();
        let ais = (first.parse::<u32>().unwrap()..=last.parse().unwrap())
            .map(|ai| format!("{ai:0width$}"))
            .collect();
        let flags = words.next_if(|word| word.chars().all(|c| "*?".contains(c))).unwrap_or("");
        let is_component = |word: &&str| word.trim_start_matches('[').starts_with(['N', 'X', 'Y', 'Z']);
        let (components, attributes): (Vec<&str>, Vec<&str>) = words.partition(is_component);
        lines.push(Line {
            ais,
            predefined: flags.contains('*'),
            attribute: flags.contains('?'),
            components: components.into_iter().map(ToOwned::to_owned).collect(),
            attributes: attributes.into_iter().map(ToOwned::to_owned).collect(),
            title: title.trim().to_owned(),
        });
    }
    Some(lines)
}

/// A value that the component's format and linters accept.
fn good(component: &str) -> String {
    let mut items = component.trim_matches(['[', ']']).split(',');
    let format = items.next().unwrap().trim_end_matches(']');
    let most: usize = format[1..].trim_start_matches("..").parse().unwrap();
    let linters: Vec<&str> = items.collect();
    for linter in &linters {
        let fixed = match *linter {
            "yymmd0" | "yymmdd" => "270228",
            "yyyymmdd" => "19800229",
            "hhmi" => "2359",
            "hh" => "23",
            "mi" | "ss" => "59",
            "iso4217" => "978",
            "iso3166" | "iso3166999" => "840",
            "iso3166alpha2" => "US",
            "iso5218" | "winding" | "yesno" => "1",
            "hyphen" => "-",
            "iban" => "GB82WEST12345698765432",
            "pieceoftotal" => "0102",
            "posinseqslash" => "1/2",
            "mediatype" => "80",
            "packagetype" => "1A",
            "importeridx" => "A",
            "latitude" | "longitude" => "0123456789",
            "zero" => "0",
            "csumalpha" if linters.contains(&"hasnondigit") => "1987654Ad4X4bL5ttr2310c2K",
            "csumalpha" => "1987654Ad4X4bL5ttr2310c2K",
            _ => continue,
        };
        return fixed.to_owned();
    }
    let mut value: String = "123456789012345678901234567890".chars().cycle().take(most).collect();
    if linters.contains(&"csum") {
        value.pop();
        value.push(char::from(rights::check_digit::gs1(value.as_bytes()).unwrap()));
    }
    value
}

fn value(line: &Line) -> String {
    line.components.iter().map(|component| good(component)).collect()
}

/// The element and, before it, the first alternative of what it needs.
fn with_company(lines: &[Line], ai: &str, value_text: &str) -> String {
    let find = |ai: &str| lines.iter().find(|line| line.ais.iter().any(|known| known == ai));
    let list = |line: &Line, name: &str| -> Vec<String> {
        let list = line.attributes.iter().find_map(|attribute| attribute.strip_prefix(name));
        list.map(|list| list.split(',').map(ToOwned::to_owned).collect()).unwrap_or_default()
    };
    let excluded = list(find(ai).unwrap(), "ex=");
    let mut needed: Vec<String> = Vec::new();
    let mut open = vec![ai.to_owned()];
    while let Some(next) = open.pop() {
        let requires = list(find(&next).unwrap(), "req=");
        let Some(choice) =
            requires.iter().find(|all| !all.split('+').any(|one| excluded.iter().any(|known| known == one)))
        else {
            continue;
        };
        for one in choice.split('+').map(|one| one.replace('n', "0")) {
            if one != ai && !needed.contains(&one) {
                needed.push(one.clone());
                open.push(one);
            }
        }
    }
    let mut text = String::new();
    for one in needed {
        text.extend([one.as_str(), &value(find(&one).unwrap()), "\u{1D}"]);
    }
    format!("{text}{ai}{value_text}")
}

#[test]
fn the_table_is_the_dictionary() {
    let Some(lines) = dictionary() else { return };
    assert_eq!(lines.len(), identifiers().len());
    for line in &lines {
        let identifier = lookup(&line.ais[0]).unwrap();
        assert_eq!(identifier.range(), (line.ais[0].as_str(), line.ais.last().unwrap().as_str()));
        assert_eq!(identifier.has_predefined_length(), line.predefined, "{:?}", line.ais);
        assert_eq!(identifier.is_link_attribute(), line.attribute, "{:?}", line.ais);
        assert_eq!(identifier.title(), line.title);
        let key = line.attributes.iter().find(|attribute| attribute.starts_with("dlpkey"));
        let qualifiers = key.map(|key| match key.split_once('=') {
            None => Vec::new(),
            Some((_, orders)) => {
                orders.split('|').map(|order| order.split(',').collect::<Vec<_>>()).collect()
            }
        });
        assert_eq!(identifier.link_qualifiers(), qualifiers, "{:?}", line.ais);
    }
}

#[test]
fn every_identifier_good() {
    let Some(lines) = dictionary() else { return };
    for line in &lines {
        for ai in &line.ais {
            let text = with_company(&lines, ai, &value(line));
            let elements = parse_raw(&text, YEAR)
                .into_result()
                .unwrap_or_else(|faults| panic!("({ai}) {text:?}: {faults:?}"));
            assert_eq!(elements.value(ai), Some(value(line).as_str()), "({ai})");
            assert_eq!(
                parse_raw(&elements.to_raw(), YEAR).into_result().as_ref(),
                Ok(&elements),
                "({ai}) raw"
            );
            let bracketed = elements.to_bracketed();
            assert_eq!(
                parse_bracketed(&bracketed, YEAR).into_result().as_ref(),
                Ok(&elements),
                "({ai}) {bracketed}"
            );
        }
    }
}

#[test]
fn every_identifier_bad() {
    let Some(lines) = dictionary() else { return };
    for line in &lines {
        let ai = &line.ais[0];
        let good = value(line);
        let fault_kinds = |text: &str| -> Vec<ScanFaultKind> {
            parse_bracketed(text, YEAR).faults.into_iter().map(|fault| fault.kind).collect()
        };
        let has = |text: &str, kind: ScanFaultKind| fault_kinds(&format!("({ai}){text}")).contains(&kind);
        assert!(has("", ScanFaultKind::Length), "({ai}) empty");
        let (least, most) = lookup(ai).unwrap().length();
        assert!(has(&"1".repeat(most + 1), ScanFaultKind::Length), "({ai}) too long");
        if least > 1 {
            assert!(has(&"1".repeat(least - 1), ScanFaultKind::Length), "({ai}) too short");
        }
        let broken = format!("{}^", &good[..good.len() - 1]);
        assert!(has(&broken, ScanFaultKind::Character), "({ai}) a character outside its set");
        if line.attributes.iter().any(|attribute| attribute.starts_with("req=")) {
            assert!(has(&good, ScanFaultKind::Pairing), "({ai}) alone");
        }
        // Every component with a linter, broken alone.
        for (index, component) in line.components.iter().enumerate() {
            let before: String = line.components[..index].iter().map(|c| self::good(c)).collect();
            let after: String = line.components[index + 1..].iter().map(|c| self::good(c)).collect();
            let this = self::good(component);
            let (bad, kind) = if component.contains("csum") {
                let digit = if this.ends_with('2') { '3' } else { '2' };
                (format!("{}{digit}", &this[..this.len() - 1]), ScanFaultKind::CheckDigit)
            } else if component.contains("yymmd") || component.contains("yyyymmdd") {
                let bad = if this.len() == 6 { "271328" } else { "19801329" };
                (bad.to_owned(), ScanFaultKind::Date)
            } else if ["iso", "hhmi", "winding", "yesno", "mediatype"]
                .iter()
                .any(|linter| component.contains(linter))
            {
                let bad = if component.contains("alpha2") { "XX".to_owned() } else { "7".repeat(this.len()) };
                let bad = if component.contains("mediatype") { "77".to_owned() } else { bad };
                (bad, ScanFaultKind::Character)
            } else {
                continue;
            };
            assert!(has(&format!("{before}{bad}{after}"), kind), "({ai}) {component} with {bad}");
        }
    }
    assert_eq!(parse_raw("0500", YEAR).faults[0].kind, ScanFaultKind::UnknownIdentifier);
}

proptest! {
    /// Parsing is total, and print is its inverse: whatever parses prints to a text that parses to the same.
    #[test]
    fn print_is_the_inverse_of_parse(text in "(\\(?(01|10|17|21|30|240|8018|8019|9[0-9]|710)\\)?[0-9A-Za-z()\\\\\u{1D}]{0,20}){0,4}") {
        for parsed in [parse_raw(&text, YEAR), parse_bracketed(&text, YEAR)] {
            if let Ok(elements) = parsed.into_result() {
                prop_assert_eq!(parse_raw(&elements.to_raw(), YEAR).into_result().unwrap().to_raw(), elements.to_raw());
                let again = parse_bracketed(&elements.to_bracketed(), YEAR).into_result().unwrap();
                prop_assert_eq!(again, elements);
            }
        }
    }

    #[test]
    fn lots_and_serials_of_any_allowed_character_survive(lot in "[!-\"%-?A-Z_a-z]{1,20}", serial in "[!-\"%-?A-Z_a-z]{1,20}") {
        let text = format!("0100305910369019{}10{lot}{GS}21{serial}", "");
        let elements = parse_raw(&text, YEAR).into_result().unwrap();
        prop_assert_eq!(elements.value("10"), Some(lot.as_str()));
        prop_assert_eq!(elements.value("21"), Some(serial.as_str()));
        prop_assert_eq!(elements.to_raw(), text);
        let again = parse_bracketed(&elements.to_bracketed(), YEAR).into_result().unwrap();
        prop_assert_eq!(again, elements);
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,60}") {
        let _ = parse_raw(&text, YEAR);
        let _ = parse_bracketed(&text, YEAR);
    }
}
