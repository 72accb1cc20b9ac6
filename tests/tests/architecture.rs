//! The arrows of the contract, and the rules of the house that a machine can check.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use product_tests::root;

/// Which rooms each room may know. Nothing else.
const ARROWS: [(&str, &[&str]); 5] = [
    ("rights", &[]),
    ("scanner", &["rights"]),
    ("ledger", &["rights"]),
    ("exchange", &["rights", "ledger"]),
    ("kiosk", &["rights", "scanner", "ledger", "exchange"]),
];

fn metadata() -> serde_json::Value {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(root())
        .args(["metadata", "--format-version", "1", "--no-deps", "--locked"])
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn no_arrow_points_where_the_contract_does_not() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    let rooms: BTreeSet<&str> = packages.iter().filter_map(|p| p["name"].as_str()).collect();
    let found: BTreeMap<&str, BTreeSet<&str>> = packages
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().unwrap().iter();
            let ours =
                dependencies.filter_map(|d| d["name"].as_str()).filter(|name| rooms.contains(name)).collect();
            (package["name"].as_str().unwrap(), ours)
        })
        .collect();
    for (room, allowed) in ARROWS {
        let allowed: BTreeSet<&str> = allowed.iter().copied().collect();
        let more: Vec<_> = found[room].difference(&allowed).collect();
        assert!(more.is_empty(), "{room} may not know {more:?}");
    }
    let known: BTreeSet<&str> = ARROWS.iter().map(|(room, _)| *room).chain(["product-tests"]).collect();
    assert_eq!(rooms, known, "a new room needs a written cause in docs/decisions and a line here");
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// The lines of a file before its tests, without comments.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let before_tests = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = before_tests.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The core is `no_std`, has no clock, file, thread or float. The compiler checks `no_std`; this checks the rest.
#[test]
fn the_core_is_pure() {
    assert!(fs::read_to_string(root().join("rights/src/lib.rs")).unwrap().contains("#![no_std]"));
    for path in sources(&root().join("rights/src")) {
        let code = code(&path);
        for word in [
            "std::time",
            "std::fs",
            "std::thread",
            "std::net",
            "f32",
            "f64",
            "Timestamp::now",
            "Zoned::now",
            "serde",
        ] {
            assert!(!code.contains(word), "{} uses {word}", path.display());
        }
        assert!(!code.contains("extern crate std"), "{} brings std back", path.display());
    }
}

/// Time is asked in one place of each program or crate.
#[test]
fn the_time_is_asked_in_one_place() {
    let allowed = [
        "kiosk/src/clock.rs",
        "ledger/src/clock.rs",
        "exchange/src/main.rs",
        "scanner/src/bin_scanner/mod.rs",
    ];
    for room in ["rights", "scanner", "ledger", "exchange", "kiosk"] {
        for path in sources(&root().join(room).join("src")) {
            let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
            let code = code(&path);
            let asks =
                ["Timestamp::now", "Zoned::now", "SystemTime::now"].iter().any(|now| code.contains(now));
            assert!(!asks || allowed.contains(&name.as_str()), "{name} asks for the time");
        }
    }
}

/// Third-party fences: one file each.
#[test]
fn fences_hold() {
    let fences: [(&str, &str, &[&str]); 21] = [
        (
            "ledger",
            "redb::",
            &[
                "store/mod.rs",
                "store/index.rs",
                "store/read.rs",
                "store/write.rs",
                "store/packed.rs",
                "store/apart.rs",
                "store/overlay.rs",
                "store/unflushed.rs",
            ],
        ),
        ("ledger", "httparse::", &["http/server.rs"]),
        ("ledger", "ureq::", &["cosign/http.rs"]),
        ("ledger", "thread_priority::", &["verify/child.rs"]),
        ("scanner", "zxingcpp::", &["engine.rs", "writer.rs"]),
        ("exchange", "redb::", &["db.rs", "db/read.rs", "db/write.rs"]),
        ("exchange", "ureq::", &["http.rs"]),
        ("exchange", "hyper::", &["serve/health.rs", "exchange/src/listen.rs"]),
        (
            "exchange",
            "axum::",
            &["station/web.rs", "station/asked.rs", "station/mod.rs", "hub/web.rs", "exchange/src/listen.rs"],
        ),
        ("exchange", "argon2::", &["station/staff.rs"]),
        ("kiosk", "argon2::", &["src/pin.rs", "pin/file.rs"]),
        (
            "ledger",
            "plotters",
            &["report/draw.rs", "draw/chart.rs", "draw/lanes.rs", "report/svg.rs", "pdf/surface.rs"],
        ),
        ("ledger", "krilla::", &["report/pdf.rs", "pdf/font.rs"]),
        ("exchange", "csv::", &["table.rs"]),
        ("kiosk", "csv::", &["src/codes.rs"]),
        ("scanner", "nokhwa::", &["camera.rs"]),
        ("scanner", "rqrr::", &["opinion.rs"]),
        ("scanner", "serialport::", &["serial.rs"]),
        ("scanner", "evdev::", &["hand/evdev.rs"]),
        ("kiosk", "rodio::", &["run/speaker.rs"]),
        ("kiosk", "sd_notify::", &["run/heartbeat.rs"]),
    ];
    for (room, word, allowed) in fences {
        for path in sources(&root().join(room).join("src")) {
            let name = path.to_string_lossy().into_owned();
            if code(&path).contains(word) {
                let inside = allowed.iter().any(|fence| name.ends_with(&format!("/{fence}")));
                assert!(inside, "{} uses {word}", path.display());
            }
        }
    }
}

#[test]
fn nothing_is_left_as_to_do() {
    for room in ["rights", "scanner", "ledger", "exchange", "kiosk"] {
        for path in sources(&root().join(room).join("src")) {
            let text = fs::read_to_string(&path).unwrap();
            for word in ["TODO", "FIXME", "unimplemented!", "todo!"] {
                assert!(!text.contains(word), "{}: {word}", path.display());
            }
        }
    }
}

/// `unsafe` is forbidden everywhere but where the generated Slint code stands.
#[test]
fn unsafe_code_is_forbidden() {
    let workspace = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(workspace.contains("unsafe_code = \"forbid\""));
    for room in ["rights", "scanner", "ledger", "exchange", "tests"] {
        let manifest = fs::read_to_string(root().join(room).join("Cargo.toml")).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{room} does not take the workspace's lints");
    }
    let kiosk = fs::read_to_string(root().join("kiosk/Cargo.toml")).unwrap();
    assert!(kiosk.contains("unsafe_code = \"deny\""));
    for path in sources(&root().join("kiosk/src")) {
        let allows = code(&path).contains("unsafe_code");
        assert!(!allows || path.ends_with("window.rs"), "{} allows unsafe code", path.display());
    }
}
