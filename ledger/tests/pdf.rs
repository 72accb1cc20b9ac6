//! A report as PDF, read by another program (poppler): every page says what it covers, tables go on under their head, long words are
//! broken inside their column, the bytes are always the same.

use std::process::Command;

use ledger::report::{Axis, Page, Plot, PlotKind, Series, Table, pdf};

const ROOT: &str = "9975c626001473a205d74f791227c876e66f804f5033f3ec8583663d6c5e37dd";

fn page(rows: usize) -> Page {
    let plot = |kind, title| Plot {
        kind,
        title,
        x: Axis::of("day"),
        y: Axis { title: "rate", unit: "%" },
        target: Some("95"),
        series: vec![
            Series::new("3B", [("2026-06-01T06:00", "96.1"), ("2026-06-02T07:30", "94.0")]),
            Series::new("4A", [("2026-06-02T07:30", "91.5")]),
        ],
    };
    let row = |at: usize| {
        vec![format!("row-{at}"), "a text of several words ".repeat(6), at.to_string(), ROOT.repeat(2)]
    };
    Page {
        kind: "test",
        title: "A long report",
        facts: [
            ("ledger", "hospital.example/g1"),
            ("tree size", "71"),
            ("root hash", ROOT),
            ("entries", "71 of numbers 0 to 70"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec(),
        command: "ledger report test LEDGER --from 2026-06-01".to_owned(),
        plots: [PlotKind::Line, PlotKind::Bars, PlotKind::Histogram, PlotKind::Funnel, PlotKind::TimeLine]
            .map(|kind| plot(kind, "Rate by day"))
            .to_vec(),
        tables: vec![Table {
            title: "Rows",
            columns: vec!["name", "words", "number", "hash"],
            rows: (0..rows).map(row).collect(),
        }],
        notes: &["nothing is left out"],
    }
}

fn text(bytes: &[u8]) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("report.pdf");
    std::fs::write(&path, bytes).unwrap();
    let output = Command::new("pdftotext").args(["-layout"]).arg(&path).arg("-").output();
    let output = output.expect("pdftotext of poppler-utils (tests/system-packages.sh installs it)");
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    text.trim_end_matches('\u{c}').split('\u{c}').map(str::to_owned).collect()
}

#[test]
fn every_page_says_what_it_covers_and_tables_go_on_under_their_head() {
    let bytes = pdf(&page(90)).unwrap();
    assert_eq!(bytes, pdf(&page(90)).unwrap(), "the same report gives the same bytes");
    assert_ne!(bytes, pdf(&page(89)).unwrap());
    let pages = text(&bytes);
    let of = pages.len();
    assert!(of > 5, "{of}");
    for (at, page) in pages.iter().enumerate() {
        assert!(page.contains(&format!("{} of {of}", at + 1)), "{page}");
        assert!(page.contains(&format!("root hash {ROOT} at tree size 71")), "{page}");
        assert!(page.contains("ledger report test LEDGER --from 2026-06-01"), "{page}");
        let has_row = page.lines().any(|line| line.trim_start().starts_with("row-"));
        let has_head = page.lines().any(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            words == ["name", "words", "number", "hash"]
        });
        assert_eq!(has_row, has_head, "{page}");
    }
    let all = pages.join("\n");
    for at in 0..90 {
        assert!(all.contains(&format!("row-{at} ")), "row {at}");
    }
    // A word wider than its column is broken, none of it lost.
    let first = &pages[pages.iter().position(|page| page.contains("row-0 ")).unwrap()];
    let broken: String = first.lines().filter_map(|line| line.split_whitespace().last()).collect();
    assert!(broken.contains(&ROOT.repeat(2)), "{broken}");
    for word in ["CreationDate", "ModDate", "/tmp"] {
        assert!(!String::from_utf8_lossy(&bytes).contains(word), "{word}");
    }
}

/// The range's root hash stands on every page, of each ledger where there are several.
#[test]
fn every_page_of_several_ledgers_names_the_root_hash_of_each() {
    let mut page = page(90);
    let other = ROOT.chars().rev().collect::<String>();
    page.facts = vec![("ledgers".to_owned(), "2".to_owned()), ("from".to_owned(), "2026-06-01".to_owned())];
    for (at, root) in [(1, ROOT), (2, other.as_str())] {
        for (name, value) in
            [("ledger", "hospital.example/3b/kiosk-01/g1"), ("root hash", root), ("tree size", "123456")]
        {
            page.facts.push((format!("{at}: {name}"), value.to_owned()));
        }
    }
    let pages = text(&pdf(&page).unwrap());
    assert!(pages.len() > 5);
    for (number, page) in pages.iter().enumerate() {
        for (at, root) in [(1, ROOT), (2, other.as_str())] {
            let line = format!("{at}: hospital.example/3b/kiosk-01/g1: root hash {root} at tree size 123456");
            assert!(page.contains(&line), "page {number}: {page}");
        }
        assert!(page.contains("2 ledgers; from 2026-06-01"), "{page}");
    }
}

#[test]
fn an_empty_report_and_a_row_that_no_page_could_hold_are_pages_too() {
    let mut page = page(0);
    page.plots.clear();
    assert!(text(&pdf(&page).unwrap())[0].contains("1 of 1"));
    page.tables[0].rows = vec![vec!["row-0".to_owned(), "word ".repeat(9000), "1".to_owned(), String::new()]];
    let pages = text(&pdf(&page).unwrap());
    let words: usize =
        pages.iter().map(|page| page.matches("word").count() - page.matches("words").count()).sum();
    assert_eq!(words, 9000);
}
