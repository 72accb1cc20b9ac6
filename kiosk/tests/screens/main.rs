//! The screens: as pictures drawn without a display, and as a screen reader is told them.

mod contrast;
mod keyboard;
mod pictures;
mod samples;
mod stage;
mod tree;
