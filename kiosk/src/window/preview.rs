//! The camera's picture in its fixed box.

use slint::{ComponentHandle, Image, Rgb8Pixel, SharedPixelBuffer};

use super::generated::{AppWindow, State};

/// The width in pixels at which the locked and the wristband screens show a picture unscaled; the other screens show half of it.
pub const PREVIEW_WIDTH: u32 = 640;
/// The height that goes with [`PREVIEW_WIDTH`].
pub const PREVIEW_HEIGHT: u32 = 360;

/// A picture for [`set_preview`] from `width * height` luminance bytes, row by row. None when there are fewer bytes, or none.
///
/// It can be made in the camera's thread and sent to the window's; scale to [`PREVIEW_WIDTH`] there as well.
pub fn preview_buffer(luma: &[u8], width: u32, height: u32) -> Option<SharedPixelBuffer<Rgb8Pixel>> {
    let pixels = usize::try_from(width).ok()?.checked_mul(usize::try_from(height).ok()?)?;
    let luma = luma.get(..pixels).filter(|luma| !luma.is_empty())?;
    let mut buffer = SharedPixelBuffer::new(width, height);
    for (pixel, &value) in buffer.make_mut_slice().iter_mut().zip(luma) {
        *pixel = Rgb8Pixel { r: value, g: value, b: value };
    }
    Some(buffer)
}

/// Shows the picture, or with None that there is none.
pub fn set_preview(ui: &AppWindow, picture: Option<SharedPixelBuffer<Rgb8Pixel>>) {
    ui.global::<State>().set_picture(picture.map(Image::from_rgb8).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_with_too_few_bytes_is_none() {
        assert!(preview_buffer(&[0; 5], 3, 2).is_none());
        assert!(preview_buffer(&[], 0, 0).is_none());
        assert!(preview_buffer(&[], u32::MAX, u32::MAX).is_none());
        let buffer = preview_buffer(&[7; 6], 3, 2).map(|buffer| buffer.as_slice().to_vec());
        assert_eq!(buffer, Some(vec![Rgb8Pixel { r: 7, g: 7, b: 7 }; 6]));
    }
}
