//! A kiosk of the demo ward, by itself.

use std::path::{Path, PathBuf};

use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, civil};
use kiosk::device::{Device, Site};
use kiosk::pin::Cost;
use kiosk::view::{CameraState, Surroundings, Technical};
use kiosk::ward::{self, StaffFiles, Ward};
use rights::ident::WardId;
use rights::moment::{ClockTrust, Moment};

pub(crate) const TODAY: civil::Date = civil::date(2026, 11, 30);
/// The badge of the nurse whose PIN is 2468.
pub(crate) const BADGE: &str = "BG-70141-9";

pub(crate) fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/ward-3b").join(name)
}

pub(crate) fn staff() -> StaffFiles {
    StaffFiles { staff: file("staff.csv"), policy: None }
}

pub(crate) fn zone() -> TimeZone {
    TimeZone::get("America/New_York").unwrap()
}

pub(crate) fn now() -> Timestamp {
    "2026-11-30T14:00:00Z".parse().unwrap()
}

pub(crate) fn moment(at: Timestamp) -> Moment {
    Moment { at, offset: Offset::constant(-5), clock: ClockTrust::Known(SignedDuration::ZERO) }
}

pub(crate) fn device(ward: Ward, origin: &str) -> Device {
    let pins = ward::hash_pins(&ward.pins, b"test", Cost::Demo, || [1; 16]).unwrap();
    let site = Site {
        ward: WardId::parse("3B").unwrap(),
        zone: zone(),
        policy: ward.policy,
        formulary: ward.formulary,
        alone: true,
    };
    let place = Surroundings {
        place: "3B".into(),
        camera: CameraState::Pictures,
        mode: None,
        night: None,
        technical: Technical::starting(origin),
    };
    let mut count = 0;
    let random = Box::new(move || {
        count += 1;
        [count; 16]
    });
    Device::new(site, ward.chart, pins, place, random)
}
