//! The technician's screen: how the device stands, and what can be tried. It is made from the device alone; no patient, order or
//! clinician is within its reach.

use rights::bedside::World;
use rights::moment::ClockTrust;
use rights::phrase::Words;

use super::surroundings::{CosignerState, HubState, LOUDEST, ScannerState, Sound, Surroundings, Technical};
use crate::labels::{self, Labels, fill};
use crate::model::{Mark, SettingRow, Settings};

/// What can be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trial {
    /// The tone of a pass.
    Pass,
    /// The tone of a question.
    Question,
    /// The tone of a stop.
    Stop,
    /// The tones louder.
    Louder,
    /// The tones quieter; the stop stays.
    Quieter,
}

impl Trial {
    /// In the order of the screen.
    pub(crate) const ALL: [Self; 5] = [Self::Pass, Self::Question, Self::Stop, Self::Louder, Self::Quieter];

    const fn label(self, say: &Labels) -> &'static str {
        match self {
            Self::Pass => say.technical.test_pass,
            Self::Question => say.technical.test_question,
            Self::Stop => say.technical.test_stop,
            Self::Louder => say.technical.louder,
            Self::Quieter => say.technical.quieter,
        }
    }
}

pub(super) fn panel(
    surroundings: &Surroundings,
    by_hand: bool,
    world: &World<'_>,
    words: &Words<'_>,
) -> Settings {
    let labels = labels::of(words.language);
    let say = &labels.technical;
    let row = |label: &str, (mark, value): (Mark, String)| SettingRow { label: label.into(), mark, value };
    let cosigner = surroundings.technical.cosigner.map(|state| row(say.cosigner, cosigner(state, words)));
    let hub = surroundings.technical.hub.map(|state| row(say.hub, hub(state, words)));
    Settings {
        title: say.title.into(),
        rows: [
            row(say.camera, camera(surroundings, labels)),
            row(say.scanner, scanner(surroundings, words)),
            row(say.sound, sound(surroundings.technical.sound, labels)),
            row(say.clock, clock(world.now.clock, labels)),
            row(say.ledger, ledger(surroundings, words)),
        ]
        .into_iter()
        .chain(cosigner)
        .chain(hub)
        .chain([
            row(say.orders, orders(world, words, &surroundings.technical)),
            row(say.screen, screen(surroundings, by_hand, labels)),
            row(say.version, (Mark::Info, surroundings.technical.version.into())),
        ])
        .collect(),
        actions: Trial::ALL.iter().map(|trial| trial.label(labels).into()).collect(),
        cancel: labels.button.back.into(),
    }
}

fn camera(surroundings: &Surroundings, say: &Labels) -> (Mark, String) {
    let status = surroundings.camera.status(say);
    let mut parts = vec![status.text];
    parts.extend(
        surroundings.technical.frames_per_second.map(|rate| fill(say.technical.frames, &[&rate.to_string()])),
    );
    parts.extend(surroundings.technical.cameras.iter().cloned());
    (status.mark, parts.join(" · "))
}

fn scanner(surroundings: &Surroundings, words: &Words<'_>) -> (Mark, String) {
    let say = &labels::of(words.language).technical;
    let (mark, how) = match &surroundings.technical.scanner {
        ScannerState::Keyboard => (Mark::Info, say.scanner_keyboard.into()),
        ScannerState::Device(path) => (Mark::Pass, path.clone()),
        ScannerState::Missing(path) => (Mark::Stop, fill(say.scanner_fault, &[path])),
    };
    let last = surroundings
        .technical
        .last_code
        .map_or_else(|| say.scanner_none_yet.into(), |at| fill(say.scanner_last, &[&words.time(at)]));
    (mark, [how, last].join(" · "))
}

fn sound(sound: Sound, say: &Labels) -> (Mark, String) {
    if !sound.card {
        return (Mark::Stop, say.technical.sound_off.into());
    }
    (Mark::Pass, fill(say.technical.sound_works, &[&sound.volume.to_string(), &LOUDEST.to_string()]))
}

fn clock(clock: ClockTrust, say: &Labels) -> (Mark, String) {
    match clock {
        ClockTrust::Known(off) if off.unsigned_abs().as_secs() == 0 => {
            (Mark::Pass, say.technical.clock_trusted.into())
        }
        ClockTrust::Known(off) => {
            let mark = if off.unsigned_abs().as_secs() > 30 { Mark::Stop } else { Mark::Question };
            (mark, fill(say.technical.clock_off, &[&off.as_secs().to_string()]))
        }
        ClockTrust::Unknown => (Mark::Question, say.technical.clock_unknown.into()),
    }
}

fn ledger(surroundings: &Surroundings, words: &Words<'_>) -> (Mark, String) {
    let say = &labels::of(words.language).technical;
    let technical = &surroundings.technical;
    let open = fill(say.ledger_open, &[&technical.origin]);
    if technical.ledger_fails {
        return (Mark::Stop, [open, say.ledger_fails.into()].join(" · "));
    }
    let written = technical
        .last_entry
        .map(|(number, at)| fill(say.ledger_writes, &[&rights::phrase::thousands(number), &words.time(at)]));
    (Mark::Pass, [open].into_iter().chain(written).collect::<Vec<_>>().join(" · "))
}

fn cosigner(state: CosignerState, words: &Words<'_>) -> (Mark, String) {
    let say = &labels::of(words.language).technical;
    match state {
        CosignerState::Waits => (Mark::Info, say.cosigner_waits.into()),
        CosignerState::Signed(entry, at) => {
            let entry = rights::phrase::thousands(entry);
            (Mark::Pass, fill(say.cosigner_signed, &[&entry, &words.time(at)]))
        }
        CosignerState::Away => (Mark::Question, say.cosigner_away.into()),
        CosignerState::Doubts => (Mark::Stop, say.cosigner_doubts.into()),
        CosignerState::Contradicts => (Mark::Stop, say.cosigner_contradicts.into()),
    }
}

fn hub(state: HubState, words: &Words<'_>) -> (Mark, String) {
    let say = &labels::of(words.language).technical;
    match state {
        HubState::Waits => (Mark::Info, say.hub_waits.into()),
        HubState::Heard(at) => (Mark::Pass, fill(say.hub_heard, &[&words.time(at)])),
        HubState::Away(Some(at)) => (Mark::Question, fill(say.hub_away_since, &[&words.time(at)])),
        HubState::Away(None) => (Mark::Question, say.hub_away.into()),
    }
}

fn orders(world: &World<'_>, words: &Words<'_>, technical: &Technical) -> (Mark, String) {
    let say = &labels::of(words.language).technical;
    let status = super::orders_status(world, words, technical);
    let mark = status.mark;
    match world.chart.orders_as_of {
        _ if technical.silent_feed.is_some() => (mark, status.text),
        Some(heard) => (mark, fill(say.orders_age, &[&words.time(heard)])),
        None => (mark, say.orders_never.into()),
    }
}

fn screen(surroundings: &Surroundings, by_hand: bool, say: &Labels) -> (Mark, String) {
    let how = if by_hand { say.technical.night_by_hand } else { say.technical.night_by_clock };
    let hours =
        surroundings.night.map(|hours| fill(say.technical.night_hours, &[&hours.from(), &hours.to()]));
    (Mark::Info, [how.to_owned()].into_iter().chain(hours).collect::<Vec<_>>().join(" · "))
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use rights::phrase::Language;
    use rights::policy::Policy;

    use super::*;

    #[test]
    fn a_technician_sees_how_cosigner_and_hub_stand() {
        let (zone, policy) = (TimeZone::UTC, Policy::default());
        let today = jiff::civil::date(2026, 11, 27);
        let words = Words { language: Language::English, zone: &zone, today, in_hand: None, policy: &policy };
        let at = "2026-11-27T08:04:00Z".parse().unwrap();
        for (state, mark, text) in [
            (CosignerState::Waits, Mark::Info, "Not asked yet"),
            (CosignerState::Signed(1_842, at), Mark::Pass, "Entry 1,842 cosigned 08:04"),
            (CosignerState::Away, Mark::Question, "Does not answer; asked again"),
            (CosignerState::Doubts, Mark::Stop, "Says it has seen other entries; asked again"),
            (CosignerState::Contradicts, Mark::Stop, "Has seen other entries; nothing is recorded"),
        ] {
            assert_eq!(cosigner(state, &words), (mark, text.to_owned()));
        }
        for (state, mark, text) in [
            (HubState::Waits, Mark::Info, "Not heard yet"),
            (HubState::Heard(at), Mark::Pass, "All heard 08:04"),
            (HubState::Away(Some(at)), Mark::Question, "The ward's hub does not answer since 08:04"),
            (HubState::Away(None), Mark::Question, "The ward's hub does not answer"),
        ] {
            assert_eq!(hub(state, &words), (mark, text.to_owned()));
        }
    }
}
