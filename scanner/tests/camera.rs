//! The real camera path: nokhwa and the v4l crate against a V4L2 device made of code (`v4l2/shim.c`, preloaded into `scanner watch`).
//! Only where the shim can be built: x86-64 Linux with a C compiler; the test says so elsewhere.
#![cfg(all(feature = "camera", target_os = "linux", target_arch = "x86_64"))]

mod common;

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use common::interpreter;
use rights::ident::DoseId;
use scanner::label::{Carrier, Content, Label};

const WIDTH: usize = 1_280;
const HEIGHT: usize = 720;

/// The shim, compiled; `None`, said aloud, without a compiler.
fn shim(folder: &Path) -> Option<PathBuf> {
    let library = folder.join("shim.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/v4l2/shim.c");
    let output =
        Command::new("cc").args(["-O1", "-shared", "-fPIC", "-o"]).arg(&library).arg(source).output();
    match output {
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            Some(library)
        }
        Err(error) => {
            eprintln!("skipped: no C compiler ({error})");
            None
        }
    }
}

/// A dose label in the middle of a grey frame.
fn plane() -> Vec<u8> {
    let content = Content::Dose(DoseId::parse("7Q2M4X").unwrap());
    let label = Label::new(&interpreter(), &content, Carrier::DataMatrix).unwrap().frame(6).unwrap();
    let mut plane = vec![150; WIDTH * HEIGHT];
    let (width, height) = (label.width() as usize, label.height() as usize);
    let (left, top) = ((WIDTH - width) / 2, (HEIGHT - height) / 2);
    for y in 0..height {
        plane[(top + y) * WIDTH + left..][..width]
            .copy_from_slice(&label.plane()[y * width..(y + 1) * width]);
    }
    plane
}

/// The bytes of a frame in a format.
fn bytes(format: &str) -> Vec<u8> {
    let plane = plane();
    match format {
        "YUYV" => plane.iter().flat_map(|grey| [*grey, 128]).collect(),
        "NV12" => [plane, vec![128; WIDTH * HEIGHT / 2]].concat(),
        "MJPG" => {
            let picture = image::GrayImage::from_raw(1_280, 720, plane).unwrap();
            let colour = image::DynamicImage::ImageLuma8(picture).to_rgb8();
            let mut bytes = std::io::Cursor::new(Vec::new());
            colour.write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
            bytes.into_inner()
        }
        _ => plane,
    }
}

/// `scanner watch` with the shim, and its lines from both outputs.
struct Watch {
    child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
    _folder: tempfile::TempDir,
}

impl Watch {
    fn start(format: &str, settings: &[(&str, &str)]) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let library = shim(folder.path())?;
        let frame = folder.path().join("frame");
        std::fs::write(&frame, bytes(format)).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_scanner"))
            .args(["watch", "--camera", "77"])
            .env("LD_PRELOAD", library)
            .env("FAKE_V4L2_PATH", "/dev/video77")
            .env("FAKE_V4L2_FORMAT", format)
            .env("FAKE_V4L2_FRAME", frame)
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        let other = sender.clone();
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        std::thread::spawn(move || {
            BufReader::new(out).lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        std::thread::spawn(move || {
            BufReader::new(err).lines().map_while(Result::ok).try_for_each(|line| other.send(line))
        });
        Some(Self { child, lines, seen: Vec::new(), _folder: folder })
    }

    /// Waits for a line with this in it.
    fn expect(&mut self, what: &str) {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(40) {
            match self.lines.recv_timeout(Duration::from_millis(200)) {
                Ok(line) => {
                    let found = line.contains(what);
                    self.seen.push(line);
                    if found {
                        return;
                    }
                }
                Err(_) if self.child.try_wait().unwrap().is_some() => break,
                Err(_) => {}
            }
        }
        panic!("no line with {what:?} in {:?}", self.seen);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn each_format_that_nokhwa_knows_is_negotiated_and_read() {
    for format in ["MJPG", "YUYV", "NV12"] {
        let Some(mut watch) = Watch::start(format, &[]) else { return };
        watch.expect("data_matrix: dose: dose 7Q2M4X");
        watch.expect("frames/s");
    }
}

/// Focus, exposure and mirror are set for codes where the device has them; a camera without any of them is read all the same.
#[test]
fn the_settings_that_a_camera_has_are_set_for_codes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("controls");
    let Some(mut watch) = Watch::start("YUYV", &[("FAKE_V4L2_CONTROLS", file.to_str().unwrap())]) else {
        return;
    };
    watch.expect("data_matrix: dose");
    let set = std::fs::read_to_string(&file).unwrap();
    let set: Vec<&str> = set.lines().collect();
    // <linux/v4l2-controls.h>: focus automatic, continuous; exposure priority; horizontal flip.
    assert_eq!(set, ["9a090c 1", "9a0903 0", "980914 0"]);
}

#[test]
fn a_camera_with_five_frames_a_second_is_read() {
    let Some(mut watch) = Watch::start("YUYV", &[("FAKE_V4L2_RATE", "5")]) else { return };
    watch.expect("data_matrix: dose");
}

#[test]
fn an_unplugged_camera_is_named_and_read_again_when_it_returns() {
    let Some(mut watch) = Watch::start("YUYV", &[("FAKE_V4L2_UNPLUG", "8")]) else { return };
    watch.expect("data_matrix: dose");
    watch.expect("camera 77: unplugged; plug it in again");
    watch.expect("data_matrix: dose");
}

#[test]
fn a_frozen_camera_is_noticed_and_opened_anew() {
    let Some(mut watch) = Watch::start("YUYV", &[("FAKE_V4L2_FREEZE", "8")]) else { return };
    watch.expect("data_matrix: dose");
    watch.expect("no picture for 2 s");
    watch.expect("frames/s");
}

#[test]
fn a_busy_a_forbidden_and_a_grey_camera_are_told_apart() {
    for (number, words) in [("16", "busy"), ("13", "no permission")] {
        let Some(mut watch) = Watch::start("YUYV", &[("FAKE_V4L2_ERROR", number)]) else { return };
        watch.expect(words);
    }
    // nokhwa calls the grey format GRAY where V4L2 says GREY: such a camera has no usable format (docs/decisions/0033).
    let Some(mut watch) = Watch::start("GREY", &[]) else { return };
    watch.expect("camera 77");
}
