//! A locked kiosk before which nobody stands needs no thirty pictures a second. After a while without a change its camera rests: a look
//! now and then, and the first picture that differs wakes it.

use std::time::Duration;

use scanner::frame::Frame;

/// So long nothing may change before the camera rests.
const STILL_FOR: Duration = Duration::from_secs(10);
/// The picture is compared by the brightness of so many fields; one sees a hand, and no noise of a dark room.
const ACROSS: usize = 16;
const DOWN: usize = 9;
/// Every so many pixels of a field, in both directions, count.
const STEP: usize = 8;
/// Levels of 255 by which a field must differ, beyond what the whole picture grew lighter or darker.
const DIFFERS: i32 = 10;

/// Whether anybody comes.
#[derive(Debug, Default)]
pub(super) struct Rest {
    allowed: bool,
    before: Option<Vec<i32>>,
    still_since: Option<Duration>,
}

impl Rest {
    /// Whether the screen is one before which the camera may rest. It never rests at once.
    pub(super) fn allow(&mut self, allowed: bool) {
        if self.allowed != allowed {
            *self = Self { allowed, ..Self::default() };
        }
    }

    /// Looks at a frame: whether the camera may rest from here on.
    pub(super) fn look(&mut self, frame: &Frame) -> bool {
        if !self.allowed {
            return false;
        }
        let now = fields(frame);
        let same = self.before.as_ref().is_some_and(|before| is_same(before, &now));
        // The reference stays while nothing changes, so that what creeps in is seen as well.
        if !same {
            self.before = Some(now);
            self.still_since = Some(frame.captured());
        }
        let still = self.still_since.map_or(Duration::ZERO, |since| frame.captured().saturating_sub(since));
        still >= STILL_FOR
    }
}

/// The mean brightness of each field.
fn fields(frame: &Frame) -> Vec<i32> {
    let (width, height) = (frame.width() as usize, frame.height() as usize);
    let mut sums = vec![(0_i32, 0_i32); ACROSS * DOWN];
    for (y, row) in frame.plane().chunks_exact(width.max(1)).enumerate().step_by(STEP) {
        for (x, level) in row.iter().enumerate().step_by(STEP) {
            let field = (y * DOWN / height.max(1)) * ACROSS + x * ACROSS / width.max(1);
            if let Some((sum, count)) = sums.get_mut(field) {
                *sum += i32::from(*level);
                *count += 1;
            }
        }
    }
    sums.into_iter().map(|(sum, count)| sum / count.max(1)).collect()
}

/// Whether no field differs by more than the light of the room did.
fn is_same(before: &[i32], now: &[i32]) -> bool {
    let count = i32::try_from(before.len().max(1)).unwrap_or(i32::MAX);
    let shifts: Vec<i32> = before.iter().zip(now).map(|(before, now)| now - before).collect();
    let light = shifts.iter().sum::<i32>() / count;
    before.len() == now.len() && shifts.iter().all(|shift| (shift - light).abs() <= DIFFERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: u32 = 320;
    const HEIGHT: u32 = 180;

    /// A room with a hand of this size in it, at a level of light, at a time.
    fn frame(hand: u32, light: u8, seconds: u64) -> Frame {
        let pixels: Vec<u8> = (0..WIDTH * HEIGHT)
            .map(|at| {
                let (x, y) = (at % WIDTH, at / WIDTH);
                // Noise that has no pattern with the steps of the fields.
                let noise =
                    u8::try_from((x * 7 + y * 13 + u32::try_from(seconds).unwrap() * 29) % 5).unwrap();
                if x.abs_diff(90) < hand && y.abs_diff(60) < hand { 240 } else { light + noise }
            })
            .collect();
        Frame::new(WIDTH, HEIGHT, pixels, Duration::from_secs(seconds)).unwrap()
    }

    #[test]
    fn it_rests_after_ten_quiet_seconds_and_a_hand_wakes_it() {
        let mut rest = Rest::default();
        rest.allow(true);
        let looks: Vec<bool> = (0..12).map(|second| rest.look(&frame(0, 60, second))).collect();
        assert_eq!(looks, [false, false, false, false, false, false, false, false, false, false, true, true]);
        assert!(!rest.look(&frame(14, 60, 13)), "somebody comes");
        assert!(!rest.look(&frame(14, 60, 22)));
        assert!(rest.look(&frame(14, 60, 23)), "a thing that was put down is part of the room");
    }

    #[test]
    fn the_lamp_wakes_nobody_and_a_signed_on_kiosk_never_rests() {
        let mut rest = Rest::default();
        rest.allow(true);
        let _ = rest.look(&frame(0, 60, 0));
        assert!(rest.look(&frame(0, 80, 20)), "the whole room grew lighter");
        rest.allow(false);
        assert!(!rest.look(&frame(0, 60, 40)));
        rest.allow(true);
        assert!(!rest.look(&frame(0, 60, 60)), "a screen that was just locked looks on");
    }
}
