//! The commands of contract.md section 4: shapes, exit codes and errors that name the thing and the remedy.

mod common;

use std::process::{Command, Output};

use common::reference;

fn scanner(arguments: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } =
        Command::new(env!("CARGO_BIN_EXE_scanner")).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

#[test]
fn read_prints_one_json_line_an_image_and_goes_on_after_a_bad_one() {
    let folder = tempfile::tempdir().unwrap();
    let blank = folder.path().join("blank.png");
    image::GrayImage::from_pixel(64, 64, image::Luma([255])).save(&blank).unwrap();
    let bad = folder.path().join("bad.png");
    std::fs::write(&bad, b"no picture").unwrap();
    let (code, out, err) = scanner(&["read", "--json", bad.to_str().unwrap(), blank.to_str().unwrap()]);
    assert_eq!(code, 2);
    let line: serde_json::Value = serde_json::from_str(out.trim()).unwrap();
    assert_eq!(line["image"], blank.to_str().unwrap());
    assert_eq!(line["symbols"], serde_json::json!([]));
    assert!(line["ms"].is_number());
    assert!(err.contains("bad.png") && err.contains("give a PNG or JPEG"), "{err}");
    let (code, _, err) = scanner(&["read", "/nowhere/x.png"]);
    assert!(code == 2 && err.contains("/nowhere/x.png") && err.contains("check that it exists"), "{err}");
}

#[test]
fn read_gives_elements_position_and_meaning() {
    let Some(image) = reference("barcodes/odd/g1_gs1datamatrix.png") else { return };
    let (code, out, _) = scanner(&["read", "--json", image.to_str().unwrap()]);
    assert_eq!(code, 0);
    let line: serde_json::Value = serde_json::from_str(&out).unwrap();
    let symbol = &line["symbols"][0];
    assert_eq!(symbol["symbology"], "data_matrix");
    assert_eq!(
        (&symbol["gs1"][0]["ai"], &symbol["gs1"][0]["value"]),
        (&"01".into(), &"00363696618783".into())
    );
    assert_eq!(symbol["position"].as_array().map(Vec::len), Some(4));
    assert_eq!(
        (&symbol["meaning"]["kind"], &symbol["meaning"]["lot"]),
        (&"package".into(), &"ABC123".into())
    );
    assert!(symbol["text"].as_str().unwrap().contains('\u{1D}'));
    // Only the wanted symbology is sought.
    let (_, out, _) = scanner(&["read", "--json", "--symbology", "qr_code", image.to_str().unwrap()]);
    assert!(out.contains("\"symbols\":[]"), "{out}");
}

#[test]
fn parse_explains_and_its_exit_code_says_whether_there_is_a_meaning() {
    let (code, out, _) = scanner(&["parse", "(01)00305910369014"]);
    assert_eq!((code, out.as_str()), (1, "(01), character 18: check digit 4, expected 9\n"));
    let (code, out, _) = scanner(&["parse", "--json", "010030591036901917271231"]);
    let line: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &line["meaning"]["gtin"]), (0, &"00305910369019".into()));
    assert_eq!(line["gs1"].as_array().map(Vec::len), Some(2));
    for (text, kind) in [("0591036901", "ndc"), ("+A123BJC5D6E71G", "hibc"), ("]d20100305910369019", "gtin")]
    {
        let (code, out, _) = scanner(&["parse", "--json", text]);
        assert!(code == 0 && out.contains(kind), "{text}: {out}");
    }
    for text in ["", "(", "-", "hello", "]", "]d", "\u{e9}"] {
        assert_eq!(scanner(&["parse", text]).0, 1, "{text:?}");
    }
}

#[test]
fn usage_help_and_version() {
    assert_eq!(scanner(&[]).0, 64);
    assert_eq!(scanner(&["read"]).0, 64);
    assert_eq!(scanner(&["read", "--symbology", "maxi", "x.png"]).0, 64);
    assert_eq!(scanner(&["--badge-prefix", "WB-", "parse", "x"]).0, 64, "two prefixes alike");
    let (code, out, _) = scanner(&["--help"]);
    assert!(code == 0 && out.contains("Examples:"));
    assert_eq!(scanner(&["--version"]).0, 0);
}

/// Issue 2, bad input: no camera.
#[cfg(feature = "camera")]
#[test]
fn watch_without_a_camera_says_so() {
    let (code, _, err) = scanner(&["watch", "--camera", "250"]);
    assert!(code == 2 && err.contains("camera 250: none found; plug one in"), "{err}");
}
