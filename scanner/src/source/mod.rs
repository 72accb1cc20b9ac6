//! Where frames come from: a camera or pictures in files, behind one trait.

#[cfg(feature = "camera")]
pub mod camera;
pub mod folder;
pub mod live;
pub mod pixels;
pub mod sequence;

use crate::frame::Frame;

/// A source of frames. The decoder and the kiosk know nothing else about cameras or files.
pub trait FrameSource {
    /// The error of this source.
    type Error: std::error::Error + Send + Sync + 'static;

    /// The next frame: the newest that has not been given yet. `Ok(None)` when none is there now (camera) or no more will
    /// come ([`ended`](Self::ended) tells which). Never waits longer than one frame interval.
    ///
    /// # Errors
    /// When the source cannot give frames. A camera tries to recover by itself: ask again later.
    fn next_frame(&mut self) -> Result<Option<Frame>, Self::Error>;

    /// Whether no more frames will ever come.
    fn ended(&self) -> bool;
}
