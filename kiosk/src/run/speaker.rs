//! The one place that knows the sound library. No card is no failure: the screen says so, and nothing else changes.

use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rights::bedside::Tone;
use rodio::buffer::SamplesBuffer;
use rodio::cpal::traits::{DeviceTrait, HostTrait};
use rodio::{DeviceSinkBuilder, DeviceSinkError, MixerDeviceSink, cpal};

use crate::sound::{RATE, samples};

/// Between two attempts to open a card that is not there: each takes some milliseconds of the main loop.
const AGAIN: Duration = Duration::from_secs(30);

pub(super) struct Speaker {
    sink: Option<MixerDeviceSink>,
    /// Set by the library's thread when the open card is gone.
    lost: Arc<AtomicBool>,
    tried: Instant,
}

impl Speaker {
    /// Opens the sound card, if there is one.
    pub(super) fn open() -> Self {
        let mut speaker = Self { sink: None, lost: Arc::default(), tried: Instant::now() };
        speaker.open_card();
        speaker
    }

    fn open_card(&mut self) {
        self.tried = Instant::now();
        // A card that was lost before may still report it late: what it sets is its own.
        self.lost = Arc::default();
        match open(&self.lost) {
            Ok(mut sink) => {
                sink.log_on_drop(false);
                self.sink = Some(sink);
            }
            Err(error) => tracing::warn!(%error, "no sound"),
        }
    }

    /// Whether there is a card. One that was unplugged is let go, so that it is looked for again.
    pub(super) fn works(&mut self) -> bool {
        if self.lost.swap(false, Ordering::AcqRel) && self.sink.take().is_some() {
            tracing::warn!("the sound card is gone");
            self.tried = Instant::now();
        }
        self.sink.is_some()
    }

    /// Lets a tone be heard. Without a card it is tried now and then whether one was plugged in.
    pub(super) fn play(&mut self, tone: Tone, volume: u8) {
        if !self.works() && self.tried.elapsed() > AGAIN {
            self.open_card();
        }
        let (Some(sink), Some(one), Some(rate)) = (&self.sink, NonZero::new(1), NonZero::new(RATE)) else {
            return;
        };
        sink.mixer().add(SamplesBuffer::new(one, rate, samples(tone, volume)));
    }
}

/// Opens the default card, or any other that is there. The library's thread notes in `lost` when it is gone.
fn open(lost: &Arc<AtomicBool>) -> Result<MixerDeviceSink, DeviceSinkError> {
    let listening = |card: DeviceSinkBuilder| {
        let lost = Arc::clone(lost);
        let note = move |error: cpal::Error| {
            if ends_the_sound(error.kind()) {
                lost.store(true, Ordering::Release);
            }
        };
        card.with_error_callback(note).open_sink_or_fallback()
    };
    DeviceSinkBuilder::from_default_device().and_then(listening).or_else(|error| {
        let Ok(others) = cpal::default_host().output_devices() else { return Err(error) };
        // The null device takes every sound and is heard by nobody.
        let heard = |card: &cpal::Device| {
            card.description().is_ok_and(|told| told.driver().is_some_and(|driver| driver != "null"))
        };
        let mut opened = others
            .filter(heard)
            .filter_map(|card| DeviceSinkBuilder::from_device(card).and_then(listening).ok());
        opened.next().ok_or(error)
    })
}

/// Whether nothing is heard any more. What only made a sound late, or moved it to another card, is no loss.
const fn ends_the_sound(kind: cpal::ErrorKind) -> bool {
    use cpal::ErrorKind::{DeviceChanged, RealtimeDenied, Xrun};
    !matches!(kind, DeviceChanged | RealtimeDenied | Xrun)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_that_is_unplugged_is_a_loss_and_a_late_sound_is_none() {
        use cpal::ErrorKind::{DeviceChanged, DeviceNotAvailable, StreamInvalidated, Xrun};
        assert!(ends_the_sound(DeviceNotAvailable) && ends_the_sound(StreamInvalidated));
        assert!(!ends_the_sound(Xrun) && !ends_the_sound(DeviceChanged));
    }
}
