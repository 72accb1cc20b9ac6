//! Numbers, times, identifiers and scans.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use rights::amount::Amount;
use rights::ident::{
    AllergyClass, BadgeId, BandSerial, ClinicianId, DoseId, Gsrn, Gtin14, Ingredient, Lot, Mrn,
    ObservationCode, PatientId, PersonName, ProductId, ReasonCode, RequestId, Serial, SiteCode, WardId,
};
use rights::moment::{ClockTrust, Moment};
use rights::quantity::{Quantity, Unit};
use rights::rate::Rate;
use rights::scan::{
    Badge, HibcPrimary, Meaning, NdcDigits, PackageCode, PackageKey, PrintedExpiry, Scan, ScanFault,
    ScanFaultKind, Source, Symbology, Wristband,
};

use crate::cbor::{Cbor, CborError, Reader, Writer, choice, named_text, record};

macro_rules! parsed {
    ($($type:ident),+ $(,)?) => {
        named_text!($($type: |id| id.as_str().into(), |text| $type::parse(text).ok();)+);
    };
}

parsed!(
    AllergyClass,
    BadgeId,
    BandSerial,
    ClinicianId,
    DoseId,
    Gsrn,
    Gtin14,
    HibcPrimary,
    Ingredient,
    Lot,
    Mrn,
    NdcDigits,
    ObservationCode,
    PatientId,
    PersonName,
    ProductId,
    ReasonCode,
    RequestId,
    Serial,
    SiteCode,
    WardId,
);

named_text!(
    Unit: |unit| unit.code().into(), Unit::from_code;
    Symbology: |symbology| symbology.name().into(), Symbology::from_name;
    Rate: |rate| rate.to_string().into(), |text| Rate::parse(text).ok();
    Date: |date| date.to_string().into(), |text| text.parse().ok();
    Time: |time| time.to_string().into(), |text| text.parse().ok();
);

/// A pair of seconds and nanoseconds, in the form that jiff itself gives.
macro_rules! seconds {
    ($type:ident, $what:literal, $seconds:ident, $nanos:ident, $new:expr) => {
        impl Cbor for $type {
            fn write(&self, w: &mut Writer) {
                (self.$seconds(), i64::from(self.$nanos())).write(w);
            }

            fn read(r: &mut Reader<'_>) -> Result<Self, CborError> {
                let at = r.at();
                let (seconds, nanos) = <(i64, i64)>::read(r)?;
                let new: fn(i64, i32) -> Option<Self> = $new;
                let value = i32::try_from(nanos).ok().and_then(|nanos| new(seconds, nanos));
                let value = value.filter(|v| (v.$seconds(), i64::from(v.$nanos())) == (seconds, nanos));
                value.ok_or(CborError::Value { at, what: $what })
            }
        }
    };
}

seconds!(Timestamp, "instant", as_second, subsec_nanosecond, |s, ns| Timestamp::new(s, ns).ok());
// The constructor panics when the nanoseconds carry over the largest number of seconds, so whole seconds are refused first.
seconds!(SignedDuration, "duration", as_secs, subsec_nanos, |s, ns| {
    (ns.abs() < 1_000_000_000).then(|| SignedDuration::new(s, ns))
});

impl Cbor for Offset {
    fn write(&self, w: &mut Writer) {
        w.int(i64::from(self.seconds()));
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CborError> {
        let at = r.at();
        let offset = i32::try_from(r.int()?).ok().and_then(|seconds| Self::from_seconds(seconds).ok());
        offset.ok_or(CborError::Value { at, what: "offset from UTC in seconds" })
    }
}

/// Monday is 1.
impl Cbor for Weekday {
    fn write(&self, w: &mut Writer) {
        w.int(i64::from(self.to_monday_one_offset()));
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CborError> {
        let at = r.at();
        let day = i8::try_from(r.int()?).ok().and_then(|day| Self::from_monday_one_offset(day).ok());
        day.ok_or(CborError::Value { at, what: "weekday" })
    }
}

/// The numerator and denominator in lowest terms; both as 16 bytes, big-endian, when one does not fit into 64 bits, with a number
/// in front so that reading needs no look ahead.
impl Cbor for Amount {
    fn write(&self, w: &mut Writer) {
        let (numerator, denominator) = self.parts();
        if let (Ok(numerator), Ok(denominator)) = (i64::try_from(numerator), i64::try_from(denominator)) {
            (numerator, denominator).write(w);
        } else {
            w.array(3);
            w.uint(16);
            w.bytes(&numerator.to_be_bytes());
            w.bytes(&denominator.to_be_bytes());
        }
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CborError> {
        let at = r.at();
        let (items, (numerator, denominator)) = match r.array()? {
            2 => (2, (i128::from(r.int()?), i128::from(r.int()?))),
            3 if r.uint()? == 16 => (3, (i128::from_be_bytes(r.fixed()?), i128::from_be_bytes(r.fixed()?))),
            _ => return Err(CborError::Value { at, what: "amount" }),
        };
        let narrow = i64::try_from(numerator).is_ok() && i64::try_from(denominator).is_ok();
        let amount = Self::from_parts(numerator, denominator).filter(|_| narrow == (items == 2));
        amount.ok_or(CborError::Value { at, what: "amount" })
    }
}

record!(Quantity { 0 => amount, 1 => unit });
choice!(ClockTrust { 0 => Unknown, 1 => Known(off) });
record!(Moment { 0 => at, 1 => offset, 2 => clock });

choice!(Source { 0 => Camera, 1 => HandScanner, 2 => Keyed });
record!(Scan { 0 => symbology, 1 => source, 2 => text, 3 => meaning });
choice!(Meaning { 0 => Wristband(band), 1 => Badge(badge), 2 => Package(code), 3 => Dose(id), 4 => Nothing(faults) });
choice!(Wristband { 0 => Gs1 { gsrn, serial }, 1 => Site { mrn, serial } });
choice!(Badge { 0 => Gs1(gsrn), 1 => Site(id) });
record!(PackageCode { 0 => key, 1 => expiry, 2 => lot, 3 => serial });
choice!(PackageKey { 0 => Gtin(gtin), 1 => Ndc(digits), 2 => Hibc(primary) });
choice!(PrintedExpiry { 0 => Day(date), 1 => EndOfMonth(date), 2 => Minute(date, time) });
record!(ScanFault { 0 => kind, 1 => part, 2 => position, 3 => found, 4 => expected });
choice!(ScanFaultKind {
    0 => NotRecognised,
    1 => CheckDigit,
    2 => Length,
    3 => Character,
    4 => Date,
    5 => UnknownIdentifier,
    6 => Separator,
    7 => Repeated,
    8 => Pairing,
    9 => NotMarkedGs1,
    10 => Symbology,
    11 => Ambiguous,
});
