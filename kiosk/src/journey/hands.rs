//! What the person at the kiosk of a journey does: hold things up, scan, tap, write.

use std::path::PathBuf;
use std::time::Duration;

use rights::phrase::Language;
use rights::scan::{Meaning, Scan, Source, Symbology};
use scanner::pipeline::Event as ReaderEvent;
use scanner::source::FrameSource;
use scanner::source::folder::Folder;

use super::play::Player;
use crate::codes::PrintedCode;
use crate::model::Act;
use crate::reading::{screen_name, taps};

/// The interval between two frames of pictures: 30 a second.
const FRAME: Duration = Duration::from_millis(33);
/// How many frames a code is held in front of the camera at the most.
const MOST_FRAMES: usize = 30;

impl Player {
    pub(super) fn code(&self, name: &str) -> Result<&PrintedCode, String> {
        self.codes.get(name).ok_or_else(|| format!("no code \"{name}\" in {}", self.files.codes.display()))
    }

    /// A text as a symbol of this kind would give it; a bracketed one is a GS1 symbol.
    pub(super) fn typed_code(&self, text: &str, symbology: &str) -> Result<Scan, String> {
        let symbology =
            Symbology::from_name(symbology).ok_or_else(|| format!("unknown symbology \"{symbology}\""))?;
        let interpreter = self.kiosk().reader.interpreter();
        if text.starts_with('(') {
            let meaning: Meaning = interpreter.typed(text);
            return Ok(Scan {
                symbology: Some(symbology),
                source: Source::HandScanner,
                text: text.into(),
                meaning,
            });
        }
        let code = PrintedCode {
            name: String::new(),
            symbology,
            text: text.into(),
            gs1: false,
            what: String::new(),
            pictures: PathBuf::new(),
        };
        Ok(self.kiosk().reader.hand_scan(&code.as_hand_scan()))
    }

    /// Holds the pictures of a code in front of the decoder until it is read, then takes them away.
    pub(super) fn show(&mut self, name: &str) -> Result<(), String> {
        let pictures = self.code(name)?.pictures.clone();
        let mut frames = Vec::new();
        let mut folder = Folder::open(&pictures, FRAME).map_err(|error| error.to_string())?;
        while let Some(frame) = folder.next_frame().map_err(|error| error.to_string())? {
            frames.push(frame);
        }
        // Nothing was in view for a second.
        let kiosk = self.kiosk_mut();
        kiosk.camera_time += Duration::from_secs(1);
        kiosk.reader.forget();
        for frame in frames.iter().cycle().take(MOST_FRAMES) {
            let kiosk = self.kiosk_mut();
            kiosk.camera_time += FRAME;
            let shown = frame.at(kiosk.camera_time);
            let events = kiosk.reader.read(&shown).map_err(|error| error.to_string())?;
            let scans: Vec<Scan> = events
                .into_iter()
                .filter_map(|event| match event {
                    ReaderEvent::Scan(scan) => Some(scan),
                    ReaderEvent::Seen(_) => None,
                })
                .collect();
            if !scans.is_empty() {
                self.kiosk_mut().frame = Some(frame.clone());
                for scan in scans {
                    self.scan(scan);
                }
                return Ok(());
            }
        }
        Err(format!("the pictures of \"{name}\" were not read in {MOST_FRAMES} frames"))
    }

    pub(super) fn tap(&mut self, label: &str) -> Result<(), String> {
        // Journeys are written in English; the kiosk may speak another language.
        let model = self.kiosk().device.view_in(self.kiosk().now, Language::English);
        let all = taps(&model);
        // The beginning is enough where only one label begins so: the number of tasks changes.
        let exact = all.iter().find(|(known, _)| known == label);
        let mut begins = all.iter().filter(|(known, _)| known.starts_with(label));
        let only = begins.next().filter(|_| begins.next().is_none());
        let act = exact.or(only).map(|(_, act)| act.clone());
        match act {
            Some(act) => {
                self.act(act);
                Ok(())
            }
            None => {
                let labels: Vec<&str> = all.iter().map(|(label, _)| label.as_str()).collect();
                let screen = screen_name(&model.screen);
                Err(format!(
                    "nothing on screen {screen} is labelled \"{label}\"; there are: {}",
                    labels.join(" | ")
                ))
            }
        }
    }

    pub(super) fn disk(&mut self, fails: bool) {
        if let Some(recorder) = &mut self.kiosk_mut().recorder {
            recorder.set_fails(fails);
        }
    }

    pub(super) fn scan(&mut self, scan: Scan) {
        let at = self.current;
        self.sighted(at, &scan);
        let now = self.kiosks[at].now;
        let outputs = self.kiosks[at].device.scan(scan, now);
        self.carry_out(at, outputs);
    }

    /// The other kiosks hear at once that a wristband was seen here (P6).
    fn sighted(&mut self, at: usize, scan: &Scan) {
        if !self.kiosks[at].online {
            return;
        }
        let seen = self.kiosks[at].device.sightings(scan, self.kiosks[at].now);
        let others = self.kiosks.iter_mut().enumerate().filter(|(other, kiosk)| *other != at && kiosk.online);
        for (_, kiosk) in others {
            for sighting in &seen {
                kiosk.device.seen_elsewhere(sighting.clone());
            }
        }
        self.sightings.extend(seen);
    }

    pub(super) fn act(&mut self, act: Act) {
        let at = self.current;
        let now = self.kiosks[at].now;
        let outputs = self.kiosks[at].device.act(act, now);
        self.carry_out(at, outputs);
    }
}
