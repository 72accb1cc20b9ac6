//! `scanner watch`.

use std::process::ExitCode;

use scanner::interpret::Interpreter;

#[cfg(not(feature = "camera"))]
pub(super) fn run(_: Interpreter, _: u32) -> anyhow::Result<ExitCode> {
    anyhow::bail!("this program was built without cameras; build it with the feature `camera`")
}

#[cfg(feature = "camera")]
pub(super) fn run(interpreter: Interpreter, index: u32) -> anyhow::Result<ExitCode> {
    use std::io::Write as _;
    use std::time::{Duration, Instant};

    use scanner::pipeline::{Event, Reader};
    use scanner::source::FrameSource as _;
    use scanner::source::live::CameraError;
    use scanner::symbol::Wanted;

    let mut camera = scanner::source::camera::open(index)?;
    let mut reader = Reader::new(Wanted::bedside(), interpreter);
    let (mut frames, mut decoding, mut since) = (0_u32, Duration::ZERO, Instant::now());
    let mut out = std::io::stdout().lock();
    let mut seen_any = false;
    loop {
        match camera.next_frame() {
            Ok(Some(frame)) => {
                seen_any = true;
                let start = Instant::now();
                let events = reader.read(&frame)?;
                decoding += start.elapsed();
                frames += 1;
                for event in events {
                    if let Event::Scan(scan) = event {
                        let symbology = scan.symbology.map_or("unknown", rights::scan::Symbology::name);
                        writeln!(out, "{symbology}: {}", super::json::sentence(&scan.meaning))?;
                    }
                }
            }
            Ok(None) => {}
            // A camera that never worked is a failure; one that worked comes back by itself.
            Err(
                error @ (CameraError::NotFound { .. }
                | CameraError::Permission { .. }
                | CameraError::Busy { .. }
                | CameraError::Format { .. }
                | CameraError::Device { .. }),
            ) if !seen_any => return Err(error.into()),
            Err(error) => eprintln!("scanner: {error}"),
        }
        let elapsed = since.elapsed();
        if elapsed >= Duration::from_secs(1) {
            let rate = f64::from(frames) / elapsed.as_secs_f64();
            let each = decoding.as_secs_f64() * 1_000.0 / f64::from(frames.max(1));
            writeln!(out, "{rate:.1} frames/s, {each:.1} ms to decode")?;
            out.flush()?;
            (frames, decoding, since) = (0, Duration::ZERO, Instant::now());
        }
    }
}
