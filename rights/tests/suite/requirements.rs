//! Traceability: `docs/requirements.md` and the tests say the same.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rights::verdict::Check;

/// The ids of section 4 of the clinical specification.
fn specified() -> BTreeSet<String> {
    let families =
        [('P', 9), ('M', 11), ('O', 9), ('D', 8), ('R', 3), ('T', 10), ('C', 6), ('W', 4), ('S', 4)];
    families.into_iter().flat_map(|(family, last)| (1..=last).map(move |n| format!("{family}{n}"))).collect()
}

/// The rows of the table under a heading: the first cell, and the test names of the last one.
fn rows(text: &str, heading: &str) -> Vec<(String, Vec<String>)> {
    let section = text.split("\n## ").find(|section| section.starts_with(heading)).unwrap_or_default();
    section
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| id "))
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let tests = cells.last().unwrap_or(&"").split('`').skip(1).step_by(2).map(String::from).collect();
            (cells[0].to_owned(), tests)
        })
        .collect()
}

/// The names of all tests of the suite.
fn test_names() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite");
    let mut names = BTreeSet::new();
    for file in fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()) {
        if file.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let after_attribute = text.split("#[test]").skip(1);
        names.extend(after_attribute.filter_map(|rest| {
            let name = rest.split_once("fn ")?.1.split_once('(')?.0;
            Some(name.to_owned())
        }));
    }
    names
}

fn table() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/requirements.md");
    fs::read_to_string(path).unwrap()
}

#[test]
fn every_implemented_id_has_tests_that_name_it() {
    let names = test_names();
    let text = table();
    for (id, tests) in rows(&text, "Implemented").into_iter().chain(rows(&text, "Session rules")) {
        let prefix = format!("{}_", id.to_lowercase().replace(' ', "_"));
        assert!(names.iter().any(|name| name.starts_with(&prefix)), "{id}: no test begins with {prefix}");
        assert!(!tests.is_empty(), "{id}: no test in the table");
        for test in tests {
            assert!(names.contains(&test), "{id}: there is no test {test}");
        }
    }
}

#[test]
fn every_specified_id_is_implemented_or_said_not_to_be() {
    let text = table();
    let ids = |heading| -> BTreeSet<String> { rows(&text, heading).into_iter().map(|(id, _)| id).collect() };
    let (implemented, missing) = (ids("Implemented"), ids("Not implemented"));
    assert_eq!(implemented.intersection(&missing).count(), 0, "an id cannot be both");
    let all: BTreeSet<String> = implemented.union(&missing).cloned().collect();
    assert_eq!(all, specified());
}

#[test]
fn the_checks_of_the_code_are_the_implemented_ids() {
    let text = table();
    let implemented: BTreeSet<String> = rows(&text, "Implemented").into_iter().map(|(id, _)| id).collect();
    let mut decided: BTreeSet<String> = Check::ALL.iter().map(|check| check.name().to_owned()).collect();
    // The receipt is not decided from a case: it is the session's.
    decided.insert("S1".into());
    assert_eq!(decided, implemented);
}

/// A check that can never be found would be a requirement without effect.
#[test]
fn every_check_of_the_code_is_found_somewhere_in_decide() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/decide");
    let sources: String =
        fs::read_dir(folder).unwrap().map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect();
    for check in Check::ALL {
        let named = format!("Check::{},", check.name());
        assert!(sources.contains(&named), "{} is never found", check.name());
    }
}
