//! The screens: as pictures drawn without a display, and as a screen reader is told them.

mod contrast;
mod golden;
mod keyboard;
mod pictures;
mod play;
mod pseudo;
mod samples;
mod small;
mod stage;
mod tree;
mod words;
