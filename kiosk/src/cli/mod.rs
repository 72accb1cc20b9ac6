//! Commands of the program that are more than a call.

pub(crate) mod check;
pub(crate) mod pins;
