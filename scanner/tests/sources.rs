//! Issue 2, bad input: a picture that is none, an empty folder, no camera, a camera unplugged in mid-session, a frozen one.

mod common;

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use scanner::source::FrameSource as _;
use scanner::source::folder::{Folder, PictureError, read_picture};
use scanner::source::live::{CameraError, Device, Live, LiveSettings, Opener};
use scanner::source::pixels::{PixelFormat, RawFrame};

fn png(path: &Path, grey: u8) {
    image::GrayImage::from_pixel(20, 10, image::Luma([grey])).save(path).unwrap();
}

#[test]
fn a_folder_plays_in_the_order_of_names_and_skips_what_is_broken() {
    let folder = tempfile::tempdir().unwrap();
    png(&folder.path().join("b.png"), 2);
    png(&folder.path().join("a.png"), 1);
    png(&folder.path().join("d.PNG"), 4);
    std::fs::write(folder.path().join("c.png"), b"no picture").unwrap();
    std::fs::write(folder.path().join("notes.txt"), b"x").unwrap();
    let mut source = Folder::open(folder.path(), Duration::from_millis(33)).unwrap();
    let mut greys = Vec::new();
    while !source.ended() {
        match source.next_frame() {
            Ok(Some(frame)) => greys.push((frame.plane()[0], frame.captured())),
            Ok(None) => panic!("a folder never waits"),
            Err(error) => {
                assert!(matches!(error, PictureError::NotAPicture { .. }), "{error}");
                assert!(error.to_string().contains("c.png") && error.to_string().contains("PNG or JPEG"));
            }
        }
    }
    let ms = Duration::from_millis;
    assert_eq!(greys, [(1, ms(0)), (2, ms(33)), (4, ms(99))]);
    assert!(source.next_frame().unwrap().is_none());
}

#[test]
fn an_empty_or_missing_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = Folder::open(folder.path(), Duration::ZERO).unwrap_err();
    assert!(matches!(error, PictureError::EmptyFolder { .. }), "{error}");
    let error = Folder::open(&folder.path().join("gone"), Duration::ZERO).unwrap_err();
    assert!(matches!(error, PictureError::Unreadable { .. }), "{error}");
    assert!(matches!(read_picture(folder.path(), Duration::ZERO), Err(PictureError::Unreadable { .. })));
}

/// A PNG header that claims 60,000 x 60,000 pixels, and a JPEG header that claims 65,500 x 65,500.
#[test]
fn bombs_are_refused_before_their_pixels() {
    let folder = tempfile::tempdir().unwrap();
    let crc = |bytes: &[u8]| {
        !bytes.iter().fold(!0_u32, |crc, byte| {
            (0..8).fold(
                crc ^ u32::from(*byte),
                |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 },
            )
        })
    };
    let mut header = b"IHDR".to_vec();
    header.extend([0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60, 8, 2, 0, 0, 0]);
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0d".to_vec();
    bytes.extend(&header);
    bytes.extend(crc(&header).to_be_bytes());
    bytes.extend(b"\0\0\0\x01IDAT\0");
    bytes.extend(crc(b"IDAT\0").to_be_bytes());
    let bomb = folder.path().join("bomb.png");
    std::fs::File::create(&bomb).unwrap().write_all(&bytes).unwrap();
    let start = Instant::now();
    let error = read_picture(&bomb, Duration::ZERO).unwrap_err();
    assert!(matches!(error, PictureError::TooLarge { .. }), "{error}");

    let jpeg = folder.path().join("bomb.jpg");
    std::fs::write(&jpeg, b"\xFF\xD8\xFF\xC0\0\x0b\x08\xFF\xDC\xFF\xDC\x01\x01\x11\0\xFF\xD9").unwrap();
    let error = read_picture(&jpeg, Duration::ZERO).unwrap_err();
    assert!(matches!(error, PictureError::TooLarge { .. } | PictureError::NotAPicture { .. }), "{error}");
    assert!(start.elapsed() < Duration::from_secs(2));
}

#[test]
fn every_cut_of_a_picture_is_an_error_not_a_panic() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.png", "a.jpg"] {
        let whole = folder.path().join(name);
        let picture =
            image::GrayImage::from_fn(40, 30, |x, y| image::Luma([u8::try_from(x * y % 251).unwrap()]));
        picture.save(&whole).unwrap();
        let bytes = std::fs::read(&whole).unwrap();
        for length in (0..bytes.len()).step_by(7) {
            let cut = folder.path().join("cut.bin");
            std::fs::write(&cut, &bytes[..length]).unwrap();
            let _ = read_picture(&cut, Duration::ZERO);
        }
        assert!(read_picture(&whole, Duration::ZERO).is_ok());
    }
}

/// A device made of code: frames at 100 a second, and a script of faults by the count of openings.
struct Fake {
    opened: Arc<AtomicU32>,
    script: fn(u32) -> Script,
}

#[derive(Clone, Copy)]
enum Script {
    Fails(fn() -> CameraError),
    /// Frames, then unplugged.
    Frames(u32),
    /// Frames, then silence for ever.
    Freezes(u32),
    /// Broken frames.
    Broken,
    /// A bug in the driver.
    Panics,
}

struct FakeDevice {
    script: Script,
    sent: u32,
}

impl Opener for Fake {
    type Device = FakeDevice;

    fn open(&self) -> Result<FakeDevice, CameraError> {
        match (self.script)(self.opened.fetch_add(1, Ordering::SeqCst)) {
            Script::Fails(error) => Err(error()),
            script => Ok(FakeDevice { script, sent: 0 }),
        }
    }
}

impl Device for FakeDevice {
    fn next(&mut self) -> Result<RawFrame, CameraError> {
        std::thread::sleep(Duration::from_millis(10));
        self.sent += 1;
        match self.script {
            Script::Frames(count) if self.sent > count => return Err(CameraError::Unplugged { index: 0 }),
            Script::Freezes(count) if self.sent > count => std::thread::sleep(Duration::from_secs(3)),
            Script::Panics => panic!("a bug in the driver"),
            _ => {}
        }
        let bytes = if matches!(self.script, Script::Broken) { vec![0; 3] } else { vec![0; 64] };
        Ok(RawFrame { width: 8, height: 8, format: PixelFormat::Grey, bytes })
    }
}

fn watch(script: fn(u32) -> Script, time: Duration) -> (u32, Vec<CameraError>, u32) {
    let opened = Arc::new(AtomicU32::new(0));
    let settings = LiveSettings {
        wait: Duration::from_millis(20),
        freeze: Duration::from_millis(300),
        retry: Duration::from_millis(30),
        ..LiveSettings::default()
    };
    let mut live = Live::start(Fake { opened: Arc::clone(&opened), script }, settings).unwrap();
    let (mut frames, mut errors, start) = (0, Vec::new(), Instant::now());
    let mut last = None;
    while start.elapsed() < time {
        match live.next_frame() {
            Ok(Some(frame)) => {
                assert!(last.is_none_or(|last| frame.captured() > last), "frames come in order, none twice");
                last = Some(frame.captured());
                frames += 1;
            }
            Ok(None) => {}
            Err(error) => {
                if errors.last() != Some(&error) {
                    errors.push(error);
                }
            }
        }
    }
    (frames, errors, opened.load(Ordering::SeqCst))
}

#[test]
fn an_unplugged_camera_is_named_and_comes_back() {
    let script = |opening| match opening {
        0 => Script::Frames(10),
        1..=3 => Script::Fails(|| CameraError::NotFound { index: 0 }),
        _ => Script::Frames(1_000),
    };
    let (frames, errors, opened) = watch(script, Duration::from_millis(700));
    assert_eq!(errors, [CameraError::Unplugged { index: 0 }], "gone after it was there is unplugged");
    assert!(frames > 15 && opened >= 5, "{frames} frames, opened {opened} times");
}

#[test]
fn no_camera_no_permission_and_busy_are_told_apart() {
    for (script, error) in [
        (
            (|_| Script::Fails(|| CameraError::NotFound { index: 0 })) as fn(u32) -> Script,
            CameraError::NotFound { index: 0 },
        ),
        (|_| Script::Fails(|| CameraError::Permission { index: 0 }), CameraError::Permission { index: 0 }),
        (|_| Script::Fails(|| CameraError::Busy { index: 0 }), CameraError::Busy { index: 0 }),
    ] {
        let (frames, errors, opened) = watch(script, Duration::from_millis(200));
        assert_eq!((frames, errors), (0, vec![error]));
        assert!(opened >= 2, "it is tried again");
    }
}

#[test]
fn a_frozen_stream_is_noticed_and_opened_anew() {
    let script = |opening| if opening == 0 { Script::Freezes(5) } else { Script::Frames(1_000) };
    let (frames, errors, opened) = watch(script, Duration::from_millis(900));
    assert!(matches!(errors[..], [CameraError::Frozen { .. }]), "{errors:?}");
    assert!(opened == 2 && frames > 20, "{frames} frames, opened {opened} times");
}

#[test]
fn broken_frames_are_dropped_and_then_named() {
    let (frames, errors, _) = watch(|_| Script::Broken, Duration::from_millis(400));
    assert_eq!(frames, 0);
    assert!(matches!(errors[..], [CameraError::Broken(_)]), "{errors:?}");
}

/// A thread that ended in a panic does not count as one that hangs, of which only a few are given up.
#[test]
fn a_driver_that_panics_again_and_again_is_tried_again_and_again() {
    let script = |opening| if opening < 6 { Script::Panics } else { Script::Frames(1_000) };
    let (frames, errors, opened) = watch(script, Duration::from_millis(3_500));
    assert!(matches!(errors[..], [CameraError::Frozen { .. }]), "{errors:?}");
    assert!(opened == 7 && frames > 20, "{frames} frames, opened {opened} times");
}

/// While it rests a frame comes now and then, and it does not count as frozen; awake again, each one comes.
#[test]
fn a_camera_that_rests_gives_few_frames_and_is_not_frozen() {
    let settings = LiveSettings {
        wait: Duration::from_millis(20),
        freeze: Duration::from_millis(100),
        retry: Duration::from_millis(30),
        rest: Duration::from_hours(1),
    };
    let fake = Fake { opened: Arc::new(AtomicU32::new(0)), script: |_| Script::Frames(u32::MAX) };
    let mut live = Live::start(fake, settings).unwrap();
    let next = |live: &mut Live<Fake>| loop {
        if let Some(frame) = live.next_frame().unwrap() {
            return frame;
        }
    };
    let _ = next(&mut live);
    live.rest(true);
    let start = Instant::now();
    let mut frames = 0;
    while start.elapsed() < Duration::from_millis(500) {
        frames += u32::from(live.next_frame().expect("a resting camera is not frozen").is_some());
    }
    // One may have been on its way.
    assert!(frames <= 1, "{frames} frames while it rests for an hour");
    live.rest(false);
    for _ in 0..5 {
        let _ = next(&mut live);
    }
}
