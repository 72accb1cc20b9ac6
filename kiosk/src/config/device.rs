//! `[device]` of kiosk.toml: what belongs to this piece of hardware and its place, not to the ward.

use std::path::{Path, PathBuf};

use jiff::civil::Time;
use rights::phrase::Language;
use serde::Deserialize;

use super::ConfigError;
use crate::run::{HandScannerChoice, ScannerFrame};
use crate::view::{LOUDEST, NightHours};

/// The speed of RS-232 scanners as most leave the factory; USB ignores it.
const USUAL_SPEED: u32 = 9_600;

/// What belongs to the hardware.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceSettings {
    /// The language of the locked screen.
    pub language: Language,
    /// How loud the tones are, from 0 to [`LOUDEST`]; a stop sounds at any.
    pub volume: u8,
    /// When the dark palette comes by itself.
    pub night: Option<NightHours>,
    /// A hand scanner that is a device of its own. One that types is heard without any setting.
    pub scanner: Option<HandScannerChoice>,
    /// What a hand scanner of either kind sends around each text.
    pub scanner_frame: ScannerFrame,
}

impl Default for DeviceSettings {
    fn default() -> Self {
        let night = NightHours::new(Time::constant(21, 0, 0, 0), Time::constant(6, 30, 0, 0));
        Self {
            language: Language::English,
            volume: 3,
            night: Some(night),
            scanner: None,
            scanner_frame: ScannerFrame::default(),
        }
    }
}

/// As written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    language: Option<String>,
    volume: Option<u8>,
    night: Option<[String; 2]>,
    scanner_keyboard: Option<PathBuf>,
    scanner_serial: Option<PathBuf>,
    scanner_speed: Option<u32>,
    scanner_prefix: Option<String>,
    scanner_suffix: Option<String>,
}

pub(super) fn check(raw: Raw, path: &Path) -> Result<DeviceSettings, ConfigError> {
    let wrong = |key, value: &str, remedy: &str| ConfigError::Value {
        path: path.to_owned(),
        key,
        value: value.to_owned(),
        remedy: remedy.to_owned(),
    };
    let usual = DeviceSettings::default();
    let language = raw.language.map_or(Ok(usual.language), |tag| {
        Language::from_tag(&tag).ok_or_else(|| wrong("device.language", &tag, "use \"en\" or \"es\""))
    })?;
    let volume = raw.volume.unwrap_or(usual.volume);
    if volume > LOUDEST {
        return Err(wrong("device.volume", &volume.to_string(), "use 0 to 5; a stop sounds at any"));
    }
    let night = raw.night.map_or(Ok(usual.night), |hours| {
        let time = |text: &str| {
            Time::strptime("%H:%M", text)
                .map_err(|_| wrong("device.night", text, "use two times such as [\"21:00\", \"06:30\"]"))
        };
        let [from, to] = &hours;
        Ok(Some(NightHours::new(time(from)?, time(to)?)))
    })?;
    let (scanner, scanner_frame) = scanner(RawScanner {
        keyboard: raw.scanner_keyboard,
        serial: raw.scanner_serial,
        speed: raw.scanner_speed,
        prefix: raw.scanner_prefix,
        suffix: raw.scanner_suffix,
    })
    .map_err(|(key, value, remedy)| wrong(key, &value, remedy))?;
    Ok(DeviceSettings { language, volume, night, scanner, scanner_frame })
}

/// What is said of the hand scanner, as written.
struct RawScanner {
    keyboard: Option<PathBuf>,
    serial: Option<PathBuf>,
    speed: Option<u32>,
    prefix: Option<String>,
    suffix: Option<String>,
}

/// A key, what stands there, and what would be right.
type Wrong = (&'static str, String, &'static str);

fn scanner(raw: RawScanner) -> Result<(Option<HandScannerChoice>, ScannerFrame), Wrong> {
    let device = |key, path: PathBuf| {
        let remedy = "name the device with its whole path, such as /dev/kiosk-scanner";
        if path.is_absolute() { Ok(path) } else { Err((key, path.display().to_string(), remedy)) }
    };
    let choice = match (raw.keyboard, raw.serial, raw.speed) {
        (Some(_), Some(serial), _) => {
            let remedy = "name a keyboard or a serial port, not both";
            return Err(("device.scanner_serial", serial.display().to_string(), remedy));
        }
        (_, None, Some(speed)) => {
            return Err(("device.scanner_speed", speed.to_string(), "only a serial port has a speed"));
        }
        (None, Some(_), Some(0)) => {
            let remedy = "use the speed that the scanner is set to, mostly 9600";
            return Err(("device.scanner_speed", "0".to_owned(), remedy));
        }
        (Some(keyboard), None, None) => {
            Some(HandScannerChoice::Keyboard(device("device.scanner_keyboard", keyboard)?))
        }
        (None, Some(serial), speed) => {
            let serial = device("device.scanner_serial", serial)?;
            Some(HandScannerChoice::Serial(serial, speed.unwrap_or(USUAL_SPEED)))
        }
        (None, None, None) => None,
    };
    let of_its_own = choice.is_some();
    let around = |key, text: Option<String>| {
        let text = text.unwrap_or_default();
        // A terminator in it would end each text too early. What is typed into the window has no other control characters; a device of its
        // own may well frame its texts with STX and ETX.
        let remedy = "use characters that can be printed, as the scanner is set to send them";
        let wrong = |c: char| if of_its_own { matches!(c, '\r' | '\n' | '\t') } else { c.is_control() };
        if text.chars().any(wrong) {
            return Err((key, text.escape_default().to_string(), remedy));
        }
        Ok(text)
    };
    let prefix = around("device.scanner_prefix", raw.prefix)?;
    let suffix = around("device.scanner_suffix", raw.suffix)?;
    Ok((choice, ScannerFrame { prefix, suffix }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<DeviceSettings, String> {
        check(toml::from_str(text).map_err(|error| error.to_string())?, Path::new("kiosk.toml"))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_usual_and_the_unusual_are_read() {
        assert_eq!(parsed(""), Ok(DeviceSettings::default()));
        let text = "language = \"es\"\nvolume = 0\nnight = [\"20:00\", \"07:00\"]\nscanner_serial = \"/dev/ttyACM0\"";
        let settings = parsed(text).unwrap();
        assert_eq!((settings.language, settings.volume), (Language::Spanish, 0));
        assert!(settings.night.unwrap().contains(Time::constant(6, 59, 0, 0)));
        assert_eq!(settings.scanner, Some(HandScannerChoice::Serial("/dev/ttyACM0".into(), 9_600)));
        let keyboard = parsed("scanner_keyboard = \"/dev/input/by-id/scanner\"").unwrap();
        assert!(matches!(keyboard.scanner, Some(HandScannerChoice::Keyboard(_))));
        let framed = parsed("scanner_prefix = \"~\"\nscanner_suffix = \"#\"").unwrap();
        assert_eq!(framed.scanner_frame, ScannerFrame { prefix: "~".into(), suffix: "#".into() });
    }

    #[test]
    fn what_is_wrong_is_named_with_its_remedy() {
        for (text, named) in [
            ("language = \"fr\"", "use \"en\" or \"es\""),
            ("volume = 9", "device.volume"),
            ("night = [\"21:00\", \"late\"]", "device.night"),
            ("scanner_keyboard = \"/a\"\nscanner_serial = \"/b\"", "not both"),
            ("scanner_keyboard = \"kiosk-scanner\"", "device.scanner_keyboard = kiosk-scanner"),
            ("scanner_serial = \"ttyACM0\"", "device.scanner_serial = ttyACM0"),
            ("scanner_serial = \"/dev/ttyACM0\"\nscanner_speed = 0", "device.scanner_speed = 0"),
            ("scanner_keyboard = \"/dev/a\"\nscanner_speed = 9600", "only a serial port"),
            ("scanner_speed = 9600", "only a serial port"),
            ("scanner_prefix = \"\\u0002\"", "device.scanner_prefix = \\u{2}"),
            ("scanner_suffix = \"#\\r\"", "device.scanner_suffix = #\\r"),
            ("colour = 1", "colour"),
        ] {
            let error = parsed(text).unwrap_err();
            assert!(error.contains(named), "{error}");
        }
    }
}
