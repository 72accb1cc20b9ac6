//! A camera that looks at a printed symbol: the stated, seeded model of the sequences (scanning specification, section 4).
//!
//! In this order: dead columns of the print; a cylinder about the vertical axis, roll and perspective; something in front of it;
//! glare; light and contrast; defocus and movement; sensor noise; JPEG. The symbols come from bwip-js (`odd/` of the reference
//! data), which shares nothing with the scanner or with the generator that it prints with.
#![allow(dead_code, unreachable_pub, reason = "each test includes this file and uses a part of it")]
#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "a drawing of 640 by 480 pixels"
)]

use std::io::Cursor;
use std::path::Path;
use std::time::Duration;

use scanner::frame::Frame;
use scanner::source::folder::read_picture;

use super::Noise;

pub const WIDTH: usize = 640;
pub const HEIGHT: usize = 480;

/// Which effect a severity is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Cylinder,
    Roll,
    Perspective,
    Defocus,
    Motion,
    Noise,
    Glare,
    Contrast,
    Jpeg,
    Occlusion,
    DeadColumns,
}

impl Effect {
    pub const ALL: [Self; 11] = [
        Self::Cylinder,
        Self::Roll,
        Self::Perspective,
        Self::Defocus,
        Self::Motion,
        Self::Noise,
        Self::Glare,
        Self::Contrast,
        Self::Jpeg,
        Self::Occlusion,
        Self::DeadColumns,
    ];

    /// What severity 1 is, and its unit.
    pub const fn scale(self) -> (f32, &'static str) {
        match self {
            Self::Cylinder => (80.0, "degrees of the cylinder that the symbol covers on each side"),
            Self::Roll => (45.0, "degrees"),
            Self::Perspective => (0.6, "of the distance between the near and the far end"),
            Self::Defocus => (3.0, "pixels (standard deviation)"),
            Self::Motion => (12.0, "pixels"),
            Self::Noise => (60.0, "grey levels (standard deviation)"),
            Self::Glare => (0.6, "of the symbol's width"),
            Self::Contrast => (0.95, "of the contrast lost"),
            Self::Jpeg => (95.0, "points of quality lost"),
            Self::Occlusion => (0.4, "of the symbol covered from the side"),
            Self::DeadColumns => (5.0, "dead columns of the print"),
        }
    }
}

/// How a sequence is taken.
#[derive(Clone, Copy, Debug, Default)]
pub struct Camera {
    /// Pixels for each pixel of the symbol's picture.
    pub magnification: f32,
    severities: [f32; 11],
}

impl Camera {
    pub fn new(magnification: f32) -> Self {
        Self { magnification, severities: [0.0; 11] }
    }

    #[must_use]
    pub fn with(mut self, effect: Effect, severity: f32) -> Self {
        self.severities[effect as usize] = severity;
        self
    }

    fn amount(&self, effect: Effect) -> f32 {
        self.severities[effect as usize] * effect.scale().0
    }

    /// One frame; the hand moves a little from frame to frame.
    pub fn frame(&self, print: &Frame, middle: [f32; 2], noise: &mut Noise, at: Duration) -> Frame {
        let print = self.printed(print);
        let mut uniform =
            |low: f32, high: f32| low + (noise.next() >> 40) as f32 / (1_u64 << 24) as f32 * (high - low);
        let (shift_x, shift_y) = (middle[0] + uniform(-2.0, 2.0), middle[1] + uniform(-2.0, 2.0));
        let roll = (self.amount(Effect::Roll) + uniform(-0.5, 0.5)).to_radians();
        let magnification = self.magnification * uniform(0.99, 1.01);
        let light = uniform(0.95, 1.0);
        let mut plane = self.seen(&print, [shift_x, shift_y], roll, magnification);
        let contrast = (1.0 - self.amount(Effect::Contrast)) * light;
        for grey in &mut plane {
            *grey = 128.0 + (*grey - 128.0) * contrast;
        }
        plane = blur(&plane, self.amount(Effect::Defocus).max(0.4));
        plane = smear(plane, self.amount(Effect::Motion));
        let sigma = self.amount(Effect::Noise).max(1.5);
        let bytes: Vec<u8> = plane
            .iter()
            .map(|grey| {
                // The sum of four uniform numbers is near enough to a normal one.
                let sum: f32 = (0..4).map(|_| uniform(-1.0, 1.0)).sum();
                (grey + sum * sigma * 0.866).clamp(0.0, 255.0) as u8
            })
            .collect();
        let quality = 100.0 - self.amount(Effect::Jpeg);
        Frame::new(WIDTH as u32, HEIGHT as u32, jpeg(bytes, quality), at).unwrap()
    }

    fn printed(&self, print: &Frame) -> Frame {
        let dead = self.amount(Effect::DeadColumns).round() as usize;
        let width = print.width() as usize;
        let mut plane = print.plane().to_vec();
        for column in 0..dead {
            // Spread over the symbol by the golden ratio, the same in every frame, as a print head's are.
            let x = (width as f32 * (0.11 + column as f32 * 0.618).fract()) as usize;
            for row in plane.chunks_exact_mut(width) {
                row[x] = 255;
            }
        }
        Frame::new(print.width(), print.height(), plane, Duration::ZERO).unwrap()
    }

    fn seen(&self, print: &Frame, shift: [f32; 2], roll: f32, magnification: f32) -> Vec<f32> {
        let (sin, cos) = roll.sin_cos();
        let half = [print.width() as f32 / 2.0, print.height() as f32 / 2.0];
        let width = half[0] * 2.0 * magnification;
        let cover = self.amount(Effect::Cylinder).to_radians();
        let radius = if cover > 0.01 { width / 2.0 / cover } else { f32::INFINITY };
        let tilt = self.amount(Effect::Perspective) / width;
        let glare = self.amount(Effect::Glare) * width / 2.0;
        let hidden = self.amount(Effect::Occlusion);
        let mut plane = Vec::with_capacity(WIDTH * HEIGHT);
        for y in 0..HEIGHT {
            for x in 0..WIDTH {
                let (dx, dy) =
                    (x as f32 - WIDTH as f32 / 2.0 - shift[0], y as f32 - HEIGHT as f32 / 2.0 - shift[1]);
                let (u, v) = (dx * cos + dy * sin, dy * cos - dx * sin);
                let depth = 1.0 + tilt * u;
                let (u, v) = (u / depth, v / depth);
                let ground = 150.0 + dx * 0.03;
                let around = if radius.is_finite() {
                    if u.abs() >= radius * 0.999 {
                        plane.push(ground);
                        continue;
                    }
                    radius * (u / radius).asin()
                } else {
                    u
                };
                let (s, t) = (around / magnification + half[0] - 0.5, v / magnification + half[1] - 0.5);
                let mut grey = texel(print, s, t).unwrap_or(ground);
                if hidden > 0.0 && s > (1.0 - hidden) * half[0] * 2.0 {
                    grey = 120.0;
                }
                let spot = (u * u + (v - half[1] * magnification * 0.4).powi(2)).sqrt();
                if spot < glare {
                    grey = 250.0;
                }
                plane.push(grey);
            }
        }
        plane
    }
}

/// The print's grey with a white border around it; `None` outside.
fn texel(print: &Frame, s: f32, t: f32) -> Option<f32> {
    const BORDER: f32 = 12.0;
    let (width, height) = (print.width() as i32, print.height() as i32);
    if s < -BORDER || t < -BORDER || s > width as f32 + BORDER || t > height as f32 + BORDER {
        return None;
    }
    let pixel = |x: i32, y: i32| {
        if x < 0 || y < 0 || x >= width || y >= height {
            return 235.0;
        }
        25.0 + f32::from(print.plane()[(y * width + x) as usize]) * 210.0 / 255.0
    };
    let (left, top) = (s.floor(), t.floor());
    let (fx, fy) = (s - left, t - top);
    let (x, y) = (left as i32, top as i32);
    let upper = pixel(x, y) * (1.0 - fx) + pixel(x + 1, y) * fx;
    let lower = pixel(x, y + 1) * (1.0 - fx) + pixel(x + 1, y + 1) * fx;
    Some(upper * (1.0 - fy) + lower * fy)
}

fn blur(plane: &[f32], sigma: f32) -> Vec<f32> {
    let reach = (sigma * 2.5).ceil() as i32;
    let weights: Vec<f32> = (-reach..=reach).map(|at| (-(at as f32 / sigma).powi(2) / 2.0).exp()).collect();
    let whole: f32 = weights.iter().sum();
    let pass = |plane: &[f32], step: i32, most: i32, place: fn(usize) -> i32| -> Vec<f32> {
        (0..plane.len())
            .map(|at| {
                let here = place(at);
                let sum: f32 = (-reach..=reach)
                    .zip(&weights)
                    .map(|(off, weight)| {
                        let off = (here + off).clamp(0, most - 1) - here;
                        weight * plane[(at as i32 + off * step) as usize]
                    })
                    .sum();
                sum / whole
            })
            .collect()
    };
    let rows = pass(plane, 1, WIDTH as i32, |at| (at % WIDTH) as i32);
    pass(&rows, WIDTH as i32, HEIGHT as i32, |at| (at / WIDTH) as i32)
}

/// Movement along the rows, which is the worst for linear symbols.
fn smear(plane: Vec<f32>, length: f32) -> Vec<f32> {
    let length = length.round() as usize;
    if length < 2 {
        return plane;
    }
    plane
        .chunks_exact(WIDTH)
        .flat_map(|row| {
            (0..WIDTH).map(move |x| {
                let window = &row[x.saturating_sub(length / 2)..(x + length.div_ceil(2)).min(WIDTH)];
                window.iter().sum::<f32>() / window.len() as f32
            })
        })
        .collect()
}

fn jpeg(plane: Vec<u8>, quality: f32) -> Vec<u8> {
    if quality >= 100.0 {
        return plane;
    }
    let mut bytes = Cursor::new(Vec::new());
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality.max(1.0) as u8);
    image::GrayImage::from_raw(WIDTH as u32, HEIGHT as u32, plane)
        .unwrap()
        .write_with_encoder(encoder)
        .unwrap();
    image::load_from_memory(&bytes.into_inner()).unwrap().to_luma8().into_raw()
}

/// A symbol of bwip-js, and how much it is enlarged so that it fills the frame as a hand would hold it.
pub fn print(path: &Path) -> (Frame, f32) {
    let frame = read_picture(path, Duration::ZERO).unwrap();
    let fits = (560.0 / frame.width() as f32).min(260.0 / frame.height() as f32);
    (frame, fits)
}
