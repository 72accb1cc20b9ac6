//! MLLP framing (HL7 v2 Transport Specification MLLP, release 1): `<VT> message <FS> <CR>`.
//!
//! The reader takes bytes as they come and keeps at most one frame of bounded size. Bytes outside a frame are counted and dropped;
//! more of them than [`MOST_NOISE`] end the connection, since whoever sends them does not speak MLLP.

const VT: u8 = 0x0B;
const FS: u8 = 0x1C;
const CR: u8 = 0x0D;

/// The most bytes outside of frames before a connection is given up.
pub const MOST_NOISE: usize = 1024;

/// Why a connection cannot be read on. The bytes so far are lost; the sender has no acknowledgement and sends again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Larger than allowed.
    #[error("a message has more than {limit} bytes: raise `most_bytes` or have the sender split it")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// A frame began inside a frame, or its end is broken.
    #[error("a frame is broken: after FS comes no CR, or VT stands inside a message")]
    Broken,
    /// No MLLP at all.
    #[error("bytes outside of any frame: the sender does not speak MLLP")]
    Noise,
}

/// Collects frames from a stream of bytes.
#[derive(Debug)]
pub struct Framer {
    limit: usize,
    buffer: Vec<u8>,
    state: State,
    noise: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Outside,
    Inside,
    Ending,
}

impl Framer {
    /// A reader of frames of at most `limit` bytes.
    pub const fn new(limit: usize) -> Self {
        Self { limit, buffer: Vec::new(), state: State::Outside, noise: 0 }
    }

    /// Whether a frame has begun and not ended.
    pub fn is_inside(&self) -> bool {
        self.state != State::Outside
    }

    /// Takes bytes up to the end of the first whole frame: how many were taken, and the message in it.
    ///
    /// # Errors
    /// When the stream cannot be read on.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(usize, Option<Vec<u8>>), FrameError> {
        let mut at = 0;
        while at < bytes.len() {
            match self.state {
                State::Outside => {
                    if bytes[at] == VT {
                        self.state = State::Inside;
                    } else if !bytes[at].is_ascii_whitespace() {
                        self.noise += 1;
                        if self.noise > MOST_NOISE {
                            return Err(FrameError::Noise);
                        }
                    }
                    at += 1;
                }
                State::Inside => {
                    let rest = &bytes[at..];
                    let end = rest.iter().position(|b| matches!(*b, FS | VT)).unwrap_or(rest.len());
                    if self.buffer.len() + end > self.limit {
                        return Err(FrameError::TooLarge { limit: self.limit });
                    }
                    self.buffer.extend_from_slice(&rest[..end]);
                    at += end;
                    match bytes.get(at) {
                        Some(&FS) => {
                            self.state = State::Ending;
                            at += 1;
                        }
                        Some(_) => return Err(FrameError::Broken),
                        None => {}
                    }
                }
                State::Ending => {
                    if bytes[at] != CR {
                        return Err(FrameError::Broken);
                    }
                    self.state = State::Outside;
                    self.noise = 0;
                    return Ok((at + 1, Some(std::mem::take(&mut self.buffer))));
                }
            }
        }
        Ok((at, None))
    }
}

/// A message in its frame.
pub fn frame(message: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(message.len() + 3);
    bytes.push(VT);
    bytes.extend_from_slice(message);
    bytes.extend([FS, CR]);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(framer: &mut Framer, mut bytes: &[u8]) -> Result<Vec<Vec<u8>>, FrameError> {
        let mut found = Vec::new();
        while !bytes.is_empty() {
            let (taken, message) = framer.push(bytes)?;
            bytes = &bytes[taken..];
            found.extend(message);
        }
        Ok(found)
    }

    #[test]
    fn broken_streams_end_with_their_reason() {
        let read = |bytes: &[u8]| all(&mut Framer::new(10), bytes);
        assert_eq!(read(b"\x0Babc\x1C\x0D\r\n\x0Bd\x1C\x0D").unwrap(), [b"abc".to_vec(), b"d".to_vec()]);
        assert_eq!(read(b"\x0B01234567890\x1C\x0D"), Err(FrameError::TooLarge { limit: 10 }));
        assert_eq!(read(b"\x0Babc\x1Cd"), Err(FrameError::Broken));
        assert_eq!(read(b"\x0Babc\x0Bd\x1C\x0D"), Err(FrameError::Broken));
        assert_eq!(read(&[b'G'; MOST_NOISE + 1]), Err(FrameError::Noise));
        let mut framer = Framer::new(10);
        assert!(all(&mut framer, b"\x0Bhalf").unwrap().is_empty() && framer.is_inside());
    }

    proptest! {
        /// However the network cuts it, the same messages come out.
        #[test]
        fn cuts_change_nothing(
            messages in prop::collection::vec(prop::collection::vec(0x20_u8..0x7F, 0..40), 1..5),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        ) {
            let bytes: Vec<u8> = messages.iter().flat_map(|message| frame(message)).collect();
            let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len())).collect();
            places.push(bytes.len());
            places.sort_unstable();
            let (mut framer, mut found, mut from) = (Framer::new(64), Vec::new(), 0);
            for place in places {
                found.extend(all(&mut framer, &bytes[from..place]).unwrap());
                from = place;
            }
            prop_assert_eq!(found, messages);
        }

        #[test]
        fn any_bytes_are_taken_without_panic_and_within_the_limit(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let mut framer = Framer::new(32);
            let _ = all(&mut framer, &bytes);
            prop_assert!(framer.buffer.len() <= 32);
        }
    }
}
