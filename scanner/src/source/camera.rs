//! The fence around nokhwa: a real camera through V4L2. Everything above the device is in [`super::live`].
//!
//! Known limits of nokhwa 0.10, walked around or stated: it waits for a frame without a time-out (the watchdog of [`super::live`]
//! stands outside), it knows the grey format only as `GRAY` where V4L2 says `GREY` (so a camera with nothing but grey is not found
//! usable), and it refuses rates that are no whole number, such as 30000/1001 (another offer of the camera is then tried).

use nokhwa::Camera as NokhwaCamera;
use nokhwa::NokhwaError;
use nokhwa::utils::{
    CameraFormat, CameraIndex, ControlValueSetter, FrameFormat, KnownCameraControl, RequestedFormat,
    RequestedFormatType,
};

use super::live::{CameraError, Device, Live, LiveSettings, Opener};
use super::pixels::{PixelFormat, RawFrame};

const KNOWN: [FrameFormat; 4] = [FrameFormat::MJPEG, FrameFormat::YUYV, FrameFormat::NV12, FrameFormat::GRAY];

/// What a camera is asked for where it has it, by the ids of `<linux/v4l2-controls.h>`: sharp at any distance; never fewer frames for a
/// longer exposure, which smears a code in the hand; not mirrored.
const FOR_CODES: [(u32, bool, &str); 4] = [
    (0x009a_090c, true, "continuous focus"),
    (0x009a_0903, false, "fewer frames in the dark"),
    (0x0098_0914, false, "mirrored"),
    (0x0098_0915, false, "upside down"),
];

/// A camera by its number, kept open.
pub type Camera = Live<V4l>;

/// Opens camera `index` (0 is the first).
///
/// # Errors
/// When the thread cannot be started; what is wrong with the device shows with the first frames.
pub fn open(index: u32) -> Result<Camera, CameraError> {
    Live::start(V4l { index }, LiveSettings::default())
}

/// The names of the cameras that the system shows, with their numbers.
///
/// # Errors
/// When the system cannot be asked.
pub fn list() -> Result<Vec<(u32, String)>, CameraError> {
    let cameras = nokhwa::query(nokhwa::utils::ApiBackend::Video4Linux).map_err(|error| named(0, &error))?;
    let number = |index: &CameraIndex| index.as_index().ok();
    Ok(cameras.iter().filter_map(|info| Some((number(info.index())?, info.human_name()))).collect())
}

/// Opens one V4L2 device.
#[derive(Clone, Copy, Debug)]
pub struct V4l {
    index: u32,
}

/// An open V4L2 device.
pub struct V4lDevice {
    index: u32,
    camera: NokhwaCamera,
}

impl Opener for V4l {
    type Device = V4lDevice;

    fn open(&self) -> Result<V4lDevice, CameraError> {
        let named = |error: NokhwaError| named(self.index, &error);
        let any = RequestedFormat::with_formats(RequestedFormatType::None, &KNOWN);
        let mut camera = NokhwaCamera::new(CameraIndex::Index(self.index), any).map_err(named)?;
        let mut offers = camera.compatible_camera_formats().map_err(named)?;
        offers.retain(|offer| KNOWN.contains(&offer.format()));
        offers.sort_by_key(score);
        let accepted = offers.iter().take(8).any(|offer| {
            let exact = RequestedFormat::with_formats(RequestedFormatType::Exact(*offer), &KNOWN);
            camera.set_camera_requset(exact).is_ok()
        });
        if !accepted && pixel_format(camera.frame_format()).is_none() {
            return Err(CameraError::Format { index: self.index });
        }
        camera.open_stream().map_err(named)?;
        tracing::info!(index = self.index, format = %camera.camera_format(), "camera opened");
        for (id, on, what) in FOR_CODES {
            let control = KnownCameraControl::Other(u128::from(id));
            let set = camera.set_camera_control(control, ControlValueSetter::Boolean(on));
            // Most cameras lack some of them.
            tracing::debug!(index = self.index, what, on, set = set.is_ok(), "camera setting");
        }
        Ok(V4lDevice { index: self.index, camera })
    }
}

impl Device for V4lDevice {
    fn next(&mut self) -> Result<RawFrame, CameraError> {
        let format =
            pixel_format(self.camera.frame_format()).ok_or(CameraError::Format { index: self.index })?;
        let size = self.camera.resolution();
        // Once a stream ran, a device that cannot be found is one that was unplugged.
        let bytes = self.camera.frame_raw().map_err(|error| match named(self.index, &error) {
            CameraError::NotFound { index } => CameraError::Unplugged { index },
            other => other,
        })?;
        Ok(RawFrame { width: size.width(), height: size.height(), format, bytes: bytes.into_owned() })
    }
}

/// Smaller is better: near 1280 x 720, at least 25 frames a second, cheap to turn into grey.
fn score(offer: &CameraFormat) -> (u32, u32, u32) {
    let size = offer.width().abs_diff(1_280) + offer.height().abs_diff(720);
    let slow = 25_u32.saturating_sub(offer.frame_rate());
    let cost = KNOWN.iter().rev().position(|known| *known == offer.format()).unwrap_or(KNOWN.len());
    (slow, size, u32::try_from(cost).unwrap_or(u32::MAX))
}

const fn pixel_format(format: FrameFormat) -> Option<PixelFormat> {
    match format {
        FrameFormat::MJPEG => Some(PixelFormat::Mjpeg),
        FrameFormat::YUYV => Some(PixelFormat::Yuyv),
        FrameFormat::NV12 => Some(PixelFormat::Nv12),
        FrameFormat::GRAY => Some(PixelFormat::Grey),
        FrameFormat::RAWRGB | FrameFormat::RAWBGR => None,
    }
}

/// nokhwa hands the system's error on as text; the number in it is what tells the causes apart.
fn named(index: u32, error: &NokhwaError) -> CameraError {
    let reason = error.to_string();
    let number =
        reason.rsplit_once("os error ").and_then(|(_, rest)| rest.trim_end_matches(')').parse::<u32>().ok());
    match number {
        // ENOENT, ENXIO, ENODEV
        Some(2 | 6 | 19) => CameraError::NotFound { index },
        // EPERM, EACCES
        Some(1 | 13) => CameraError::Permission { index },
        // EBUSY
        Some(16) => CameraError::Busy { index },
        _ => CameraError::Device { index, reason },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_errors_get_their_names() {
        let open = |number| {
            NokhwaError::OpenDeviceError("0".into(), format!("V4L2 Error: text (os error {number})"))
        };
        assert_eq!(named(0, &open(2)), CameraError::NotFound { index: 0 });
        assert_eq!(named(0, &open(13)), CameraError::Permission { index: 0 });
        assert_eq!(named(0, &open(16)), CameraError::Busy { index: 0 });
        assert!(matches!(named(0, &open(5)), CameraError::Device { .. }));
    }

    #[test]
    fn the_offer_near_720p_at_full_speed_is_taken_first() {
        let offer = |w, h, format, fps| CameraFormat::new_from(w, h, format, fps);
        let mut offers = [
            offer(1920, 1080, FrameFormat::MJPEG, 30),
            offer(1280, 720, FrameFormat::YUYV, 10),
            offer(1280, 720, FrameFormat::MJPEG, 30),
            offer(640, 480, FrameFormat::YUYV, 30),
        ];
        offers.sort_by_key(score);
        assert_eq!(offers[0], offer(1280, 720, FrameFormat::MJPEG, 30));
    }

    #[test]
    fn a_camera_that_is_not_there_is_named_and_asked_for_again() {
        use crate::source::FrameSource as _;
        let mut camera = open(250).unwrap();
        let mut errors = 0;
        for _ in 0..60 {
            match camera.next_frame() {
                Err(CameraError::NotFound { index: 250 }) => errors += 1,
                Err(other) => panic!("{other}"),
                Ok(frame) => assert!(frame.is_none()),
            }
        }
        assert!(errors >= 2, "{errors}");
    }
}
