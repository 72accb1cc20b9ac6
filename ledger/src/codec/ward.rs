//! What the kiosks of a ward tell each other by way of its hub: claims, what became of them, wristbands that were seen.

use rights::chart::Sighting;
use rights::claims::{Claim, Refusal};

use crate::cbor::{choice, record};

record!(Claim { 0 => entry, 1 => patient, 2 => request, 3 => slot, 4 => by, 5 => at, 6 => known });
choice!(Refusal { 0 => Charted(done), 1 => BeingGiven(held) });
record!(Sighting { 0 => patient, 1 => at });
