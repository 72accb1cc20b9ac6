//! What a verdict sounds like: pure, from the tone to its samples. The scanner's own beep is off; it is the verdict that sounds.
//!
//! The four differ in direction, number and length, not in pitch alone: a pass rises, a question is two equal notes, a stop is one
//! long falling growl, a receipt is one short note. None is a burst of three or five pulses: those are patient alarms (IEC
//! 60601-1-8), and a verdict is feedback.

use rights::bedside::Tone;

use crate::view::LOUDEST;

/// Samples a second.
pub const RATE: u32 = 48_000;

/// The least volume of a stop, of [`LOUDEST`]: it cannot be muted.
const STOP_AT_LEAST: u8 = 4;

/// How long a note takes to come and to go, in samples: without it each edge clicks.
const EDGE: u32 = RATE / 125;

/// A part of a tone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Note {
    /// The pitch at its start in Hz; 0 is silence.
    pub from: f32,
    /// The pitch at its end in Hz.
    pub to: f32,
    /// How long in milliseconds.
    pub length: u32,
    /// Whether it growls: with overtones, which carry through a closed door and tell it from the others on a small speaker.
    pub rough: bool,
}

const fn note(pitch: f32, length: u32) -> Note {
    Note { from: pitch, to: pitch, length, rough: false }
}

const PASS: &[Note] = &[note(784.0, 90), note(1_175.0, 140)];
const QUESTION: &[Note] = &[note(659.0, 130), note(0.0, 90), note(659.0, 130)];
const STOP: &[Note] = &[Note { from: 392.0, to: 196.0, length: 700, rough: true }];
const RECORDED: &[Note] = &[note(1_568.0, 70)];

/// The notes of a tone.
pub const fn notes(tone: Tone) -> &'static [Note] {
    match tone {
        Tone::Pass => PASS,
        Tone::Question => QUESTION,
        Tone::Stop => STOP,
        Tone::Recorded => RECORDED,
    }
}

/// How loud a tone is, of one. A stop sounds at any setting.
pub fn gain(tone: Tone, volume: u8) -> f32 {
    let volume = match tone {
        Tone::Stop => volume.max(STOP_AT_LEAST),
        Tone::Pass | Tone::Question | Tone::Recorded => volume,
    };
    f32::from(volume.min(LOUDEST)) / f32::from(LOUDEST) * 0.8
}

/// The samples of a tone at a volume from 0 to [`LOUDEST`], one channel, [`RATE`] a second, within -1 to 1.
pub fn samples(tone: Tone, volume: u8) -> Vec<f32> {
    let gain = gain(tone, volume);
    let mut out = Vec::new();
    for note in notes(tone) {
        let count = RATE / 1_000 * note.length;
        let mut phase = 0.0_f32;
        for at in 0..count {
            let edge = at.min(count - 1 - at).min(EDGE);
            let shape = ratio(edge, EDGE);
            let pitch = note.from + (note.to - note.from) * ratio(at, count);
            phase = (phase + pitch / ratio(RATE, 1)).fract();
            out.push(gain * shape * wave(phase, note.rough));
        }
    }
    out
}

/// One period, within -1 to 1.
fn wave(phase: f32, rough: bool) -> f32 {
    let sine = |times: f32| (phase * times * std::f32::consts::TAU).sin();
    if rough { 0.62 * sine(1.0) + 0.25 * sine(2.0) + 0.13 * sine(3.0) } else { sine(1.0) }
}

#[expect(clippy::cast_precision_loss, reason = "counts of samples, far below 2^24")]
fn ratio(part: u32, whole: u32) -> f32 {
    part as f32 / whole as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Tone; 4] = [Tone::Pass, Tone::Question, Tone::Stop, Tone::Recorded];

    /// The pitch between two samples, by counting where the wave goes up through nought.
    fn pitch(samples: &[f32]) -> f32 {
        let crossings = samples.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
        f32::from(u16::try_from(crossings).unwrap()) * ratio(RATE, u32::try_from(samples.len()).unwrap())
    }

    fn milliseconds(samples: &[f32]) -> u32 {
        u32::try_from(samples.len()).unwrap() / (RATE / 1_000)
    }

    #[test]
    fn each_note_has_its_pitch_and_length() {
        for tone in [Tone::Pass, Tone::Question, Tone::Recorded] {
            let all = samples(tone, LOUDEST);
            assert_eq!(milliseconds(&all), notes(tone).iter().map(|note| note.length).sum::<u32>());
            let mut at = 0;
            for note in notes(tone) {
                let end = at + (RATE / 1_000 * note.length) as usize;
                let heard = pitch(&all[at..end]);
                assert!((heard - note.from).abs() < 20.0, "{tone:?}: {heard} Hz for {} Hz", note.from);
                at = end;
            }
        }
    }

    #[test]
    fn a_stop_falls_and_is_the_longest() {
        let stop = samples(Tone::Stop, LOUDEST);
        let quarter = stop.len() / 4;
        assert!(pitch(&stop[..quarter]) > 1.4 * pitch(&stop[3 * quarter..]), "it falls");
        for other in [Tone::Pass, Tone::Question, Tone::Recorded] {
            assert!(stop.len() > samples(other, LOUDEST).len() * 3 / 2);
        }
    }

    #[test]
    fn no_tone_clips_or_clicks() {
        for tone in ALL {
            let all = samples(tone, LOUDEST);
            assert!(all.iter().all(|sample| sample.abs() <= 0.81), "{tone:?} clips");
            assert!(all.iter().any(|sample| sample.abs() > 0.5), "{tone:?} is too soft");
            let step = all.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0_f32, f32::max);
            assert!(step < 0.25, "{tone:?} clicks: a step of {step}");
            assert!(all[0].abs() < 0.02 && all[all.len() - 1].abs() < 0.02);
        }
    }

    /// clinical.md section 7, "sound off": whatever the volume, a stop is heard.
    #[test]
    fn the_stop_cannot_be_muted_and_the_others_can() {
        assert!(samples(Tone::Stop, 0).iter().any(|sample| sample.abs() > 0.4));
        for tone in [Tone::Pass, Tone::Question, Tone::Recorded] {
            assert!(samples(tone, 0).iter().all(|sample| *sample == 0.0), "{tone:?}");
            assert!(gain(tone, 2) < gain(tone, 3));
        }
        assert!(gain(Tone::Stop, 255) <= 0.81);
    }

    #[test]
    fn no_two_tones_are_alike_and_none_is_an_alarm_burst() {
        for (at, one) in ALL.iter().enumerate() {
            assert!(ALL[at + 1..].iter().all(|other| notes(*one) != notes(*other)));
            let pulses = notes(*one).iter().filter(|note| note.from > 0.0).count();
            assert!(pulses < 3, "{one:?} has {pulses} pulses");
        }
    }
}
