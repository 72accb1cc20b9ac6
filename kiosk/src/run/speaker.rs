//! The one place that knows the sound library. No card is no failure: the screen says so, and nothing else changes.

use std::num::NonZero;
use std::time::{Duration, Instant};

use rights::bedside::Tone;
use rodio::buffer::SamplesBuffer;
use rodio::{DeviceSinkBuilder, MixerDeviceSink};

use crate::sound::{RATE, samples};

/// Between two attempts to open a card that is not there: each takes some milliseconds of the main loop.
const AGAIN: Duration = Duration::from_secs(30);

pub(super) struct Speaker {
    sink: Option<MixerDeviceSink>,
    tried: Instant,
}

impl Speaker {
    /// Opens the sound card, if there is one.
    pub(super) fn open() -> Self {
        let mut speaker = Self { sink: None, tried: Instant::now() };
        speaker.open_card();
        speaker
    }

    fn open_card(&mut self) {
        self.tried = Instant::now();
        match DeviceSinkBuilder::open_default_sink() {
            Ok(mut sink) => {
                sink.log_on_drop(false);
                self.sink = Some(sink);
            }
            Err(error) => tracing::warn!(%error, "no sound"),
        }
    }

    /// Whether there is a card.
    pub(super) const fn works(&self) -> bool {
        self.sink.is_some()
    }

    /// Lets a tone be heard. Without a card it is tried now and then whether one was plugged in.
    pub(super) fn play(&mut self, tone: Tone, volume: u8) {
        if self.sink.is_none() && self.tried.elapsed() > AGAIN {
            self.open_card();
        }
        let (Some(sink), Some(one), Some(rate)) = (&self.sink, NonZero::new(1), NonZero::new(RATE)) else {
            return;
        };
        sink.mixer().add(SamplesBuffer::new(one, rate, samples(tone, volume)));
    }
}
