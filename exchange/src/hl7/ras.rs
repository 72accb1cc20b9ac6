//! RAS out.
