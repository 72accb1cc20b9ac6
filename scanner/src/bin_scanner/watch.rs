//! `scanner watch`: a camera, or frames from elsewhere through the same path.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use scanner::interpret::Interpreter;
use scanner::pipeline::{Event, Reader};
use scanner::source::FrameSource;
use scanner::source::folder::Folder;
use scanner::source::pixels::PixelFormat;
use scanner::source::sequence::{Animation, RawPipe};
use scanner::symbol::Wanted;

/// Between two frames of pictures and pipes.
const INTERVAL: Duration = Duration::from_millis(33);

/// Where the frames come from.
#[derive(Debug, Args)]
pub(super) struct Origin {
    /// The number of the camera.
    #[arg(long, default_value_t = 0, value_name = "N")]
    camera: u32,
    /// The pictures of a folder, in the order of their names, instead of a camera.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["camera", "animation", "pipe"])]
    pictures: Option<PathBuf>,
    /// An animated GIF, PNG or WebP instead of a camera.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["camera", "pipe"])]
    animation: Option<PathBuf>,
    /// Raw grey frames of this size from standard input instead of a camera.
    #[arg(long, value_name = "WIDTHxHEIGHT", value_parser = size, conflicts_with = "camera")]
    pipe: Option<(u32, u32)>,
}

fn size(text: &str) -> Result<(u32, u32), String> {
    let sides =
        text.split_once('x').and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    sides.ok_or_else(|| "expected a size such as 1280x720".to_owned())
}

pub(super) fn run(interpreter: Interpreter, origin: &Origin) -> anyhow::Result<ExitCode> {
    let mut watch = Watch::new(interpreter);
    if let Some(folder) = &origin.pictures {
        watch.play(Folder::open(folder, INTERVAL)?)?;
    } else if let Some(file) = &origin.animation {
        watch.play(Animation::open(file)?)?;
    } else if let Some((width, height)) = origin.pipe {
        watch.play(RawPipe::new(std::io::stdin().lock(), width, height, PixelFormat::Grey, INTERVAL)?)?;
    } else {
        camera(&mut watch, origin.camera)?;
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(not(feature = "camera"))]
fn camera(_: &mut Watch, _: u32) -> anyhow::Result<()> {
    anyhow::bail!("this program was built without cameras; build it with the feature `camera`")
}

#[cfg(feature = "camera")]
fn camera(watch: &mut Watch, index: u32) -> anyhow::Result<()> {
    use scanner::source::live::CameraError;

    let mut camera = scanner::source::camera::open(index)?;
    loop {
        match camera.next_frame() {
            Ok(Some(frame)) => watch.frame(&frame)?,
            Ok(None) => {}
            // A camera that never worked is a failure; one that worked comes back by itself.
            Err(
                error @ (CameraError::NotFound { .. }
                | CameraError::Permission { .. }
                | CameraError::Busy { .. }
                | CameraError::Format { .. }
                | CameraError::Device { .. }),
            ) if !watch.seen_any => return Err(error.into()),
            Err(error) => eprintln!("scanner: {error}"),
        }
        watch.tell(Duration::from_secs(1))?;
    }
}

/// What is told of the frames.
struct Watch {
    reader: Reader,
    frames: u32,
    decoding: Duration,
    since: Instant,
    seen_any: bool,
}

impl Watch {
    fn new(interpreter: Interpreter) -> Self {
        let reader = Reader::new(Wanted::bedside(), interpreter);
        Self { reader, frames: 0, decoding: Duration::ZERO, since: Instant::now(), seen_any: false }
    }

    /// All frames of a source that has an end.
    fn play<S: FrameSource>(&mut self, mut source: S) -> anyhow::Result<()> {
        while !source.ended() {
            match source.next_frame() {
                Ok(Some(frame)) => self.frame(&frame)?,
                Ok(None) => {}
                // The next frame may well be good; a source that cannot go on has ended.
                Err(error) if !source.ended() => eprintln!("scanner: {error}"),
                Err(error) => return Err(error.into()),
            }
        }
        self.tell(Duration::ZERO)
    }

    fn frame(&mut self, frame: &scanner::frame::Frame) -> anyhow::Result<()> {
        self.seen_any = true;
        let start = Instant::now();
        let events = self.reader.read(frame)?;
        self.decoding += start.elapsed();
        self.frames += 1;
        let mut out = std::io::stdout().lock();
        for event in events {
            if let Event::Scan(scan) = event {
                let symbology = scan.symbology.map_or("unknown", rights::scan::Symbology::name);
                writeln!(out, "{symbology}: {}", super::json::sentence(&scan.meaning))?;
                out.flush()?;
            }
        }
        Ok(())
    }

    /// Frames a second and milliseconds to decode, when so much time has passed.
    fn tell(&mut self, every: Duration) -> anyhow::Result<()> {
        let elapsed = self.since.elapsed();
        if elapsed < every {
            return Ok(());
        }
        let rate = f64::from(self.frames) / elapsed.as_secs_f64().max(0.001);
        let each = self.decoding.as_secs_f64() * 1_000.0 / f64::from(self.frames.max(1));
        let mut out = std::io::stdout().lock();
        writeln!(out, "{rate:.1} frames/s, {each:.1} ms to decode")?;
        out.flush()?;
        (self.frames, self.decoding, self.since) = (0, Duration::ZERO, Instant::now());
        Ok(())
    }
}
