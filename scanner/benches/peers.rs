//! `cargo bench -p scanner --features peers --bench peers`: the reference photographs by this scanner, by zxing-cpp alone, rxing, rqrr
//! and, where Debian's `zbarimg` is installed, zbar: right, misread, not read and milliseconds, by symbology, in one run.
#![allow(clippy::cast_precision_loss, reason = "counts of photographs")]

#[path = "../tests/common/mod.rs"]
mod common;

use std::collections::{BTreeMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use common::{reference, right};
use rxing::{BarcodeFormat, DecodeHintValue, DecodeHints};
use scanner::decode::{Effort, alone, decode};
use scanner::frame::Frame;
use scanner::source::folder::read_picture;
use scanner::symbol::{Wanted, without_contradictions};

/// rqrr took 167 s on one photograph: larger ones are made smaller for it.
const RQRR_SIDE: u32 = 640;

fn ours(frame: &Frame, _: &Path) -> Vec<String> {
    let symbols = decode(frame, Wanted::everything(), Effort::FULL).unwrap();
    without_contradictions(symbols).into_iter().map(|symbol| symbol.text).collect()
}

fn zxing_cpp(frame: &Frame, _: &Path) -> Vec<String> {
    let symbols = alone(frame, Wanted::everything(), 2).unwrap();
    symbols.into_iter().map(|symbol| symbol.text).collect()
}

fn rxing_reader(frame: &Frame, _: &Path) -> Vec<String> {
    use BarcodeFormat::{
        AZTEC, CODE_39, CODE_93, CODE_128, DATA_MATRIX, EAN_8, EAN_13, ITF, PDF_417, QR_CODE, RSS_14,
        RSS_EXPANDED, UPC_A, UPC_E,
    };
    let formats = [
        AZTEC,
        CODE_39,
        CODE_93,
        CODE_128,
        DATA_MATRIX,
        EAN_8,
        EAN_13,
        ITF,
        PDF_417,
        QR_CODE,
        RSS_14,
        RSS_EXPANDED,
        UPC_A,
        UPC_E,
    ];
    let mut hints = DecodeHints::default()
        .with(DecodeHintValue::TryHarder(true))
        .with(DecodeHintValue::PossibleFormats(HashSet::from(formats)));
    let found = catch_unwind(AssertUnwindSafe(|| {
        rxing::helpers::detect_multiple_in_luma_with_hints(
            frame.plane().to_vec(),
            frame.width(),
            frame.height(),
            &mut hints,
        )
    }));
    found
        .ok()
        .and_then(Result::ok)
        .unwrap_or_default()
        .iter()
        .map(|found| found.getText().to_owned())
        .collect()
}

fn rqrr_reader(frame: &Frame, _: &Path) -> Vec<String> {
    let frame = frame.preview(RQRR_SIDE, RQRR_SIDE);
    let (width, height) = (frame.width() as usize, frame.height() as usize);
    catch_unwind(AssertUnwindSafe(|| {
        let mut picture =
            rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| frame.plane()[y * width + x]);
        picture.detect_grids().iter().filter_map(|grid| grid.decode().ok().map(|(_, text)| text)).collect()
    }))
    .unwrap_or_default()
}

fn zbar(_: &Frame, image: &Path) -> Vec<String> {
    let output = Command::new("zbarimg").args(["--quiet", "--raw"]).arg(image).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().map(ToOwned::to_owned).collect()
}

#[derive(Default)]
struct Row {
    counts: [u32; 3],
    ms: Vec<f64>,
}

type Reader = fn(&Frame, &Path) -> Vec<String>;

fn main() {
    let Some(manifest) = reference("barcodes/manifest.jsonl") else { return };
    // Panics of the peers are caught; their messages would hide the table.
    std::panic::set_hook(Box::new(|_| {}));
    let mut readers: Vec<(&str, Reader)> = vec![
        ("this scanner", ours),
        ("zxing-cpp", zxing_cpp),
        ("rxing", rxing_reader),
        ("rqrr", rqrr_reader),
    ];
    if Command::new("zbarimg").arg("--version").output().is_ok() {
        readers.push(("zbar", zbar));
    }
    let mut table: BTreeMap<(String, usize), Row> = BTreeMap::new();
    for line in std::fs::read_to_string(&manifest).unwrap().lines() {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap();
        let name = entry["image"].as_str().unwrap();
        let image = manifest.with_file_name(name);
        let frame = read_picture(&image, Duration::ZERO).unwrap();
        let text = entry["text"].as_str();
        for (index, (_, reader)) in readers.iter().enumerate() {
            let start = Instant::now();
            let read = reader(&frame, &image);
            let ms = start.elapsed().as_secs_f64() * 1_000.0;
            // A UPC-A is told with or without the 0 in front.
            let fits = |read: &String| {
                right(name, text, read)
                    || right(name, text, &format!("0{read}"))
                    || text.is_some_and(|text| text == format!("0{read}"))
            };
            let column = match (read.is_empty(), read.iter().all(fits)) {
                (true, _) if text.is_none() => 0,
                (true, _) => 2,
                (false, all) => usize::from(!all),
            };
            for kind in [entry["symbology"].as_str().unwrap_or("none"), "~ all"] {
                let row = table.entry((kind.to_owned(), index)).or_default();
                row.counts[column] += 1;
                row.ms.push(ms);
            }
        }
    }
    println!(
        "{:<18} {:<14} {:>6} {:>8} {:>9} {:>8} {:>8}",
        "symbology", "reader", "right", "misread", "not read", "p50 ms", "p95 ms"
    );
    for ((kind, reader), row) in &mut table {
        row.ms.sort_by(f64::total_cmp);
        let at = |percent: usize| row.ms[(row.ms.len() - 1) * percent / 100];
        println!(
            "{kind:<18} {:<14} {:>6} {:>8} {:>9} {:>8.1} {:>8.1}",
            readers[*reader].0,
            row.counts[0],
            row.counts[1],
            row.counts[2],
            at(50),
            at(95)
        );
    }
}
