//! How a right or a safeguard was established.

use jiff::Timestamp;
use jiff::civil::DateTime;

use crate::entered::Observation;
use crate::ident::{ClinicianId, Lot, ReasonCode, RequestId, SiteCode};
use crate::product::Route;
use crate::quantity::Quantity;
use crate::rate::Rate;

/// How a right or a safeguard was established.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The wristband scan named exactly this patient and is the band issued last.
    BandScanned,
    /// The code is sound and the drug file knows exactly one item for it.
    PackageResolved,
    /// The dose label is this patient's.
    DoseOfThisPatient,
    /// The package was not used before.
    PackageUnused,
    /// Usable until this local time.
    ExpiresAt(DateTime),
    /// The lot stands on no recall.
    LotNotRecalled(Lot),
    /// The product is what the request asks for.
    SatisfiesRequest(RequestId),
    /// The request is active and in force.
    RequestInForce,
    /// A pharmacist verified it then.
    PharmacistVerified(Timestamp),
    /// Exactly this much, as ordered.
    DoseExact(Quantity),
    /// D2, D5: so much is in hand, so much was ordered; no mark of a syringe is nearer to it.
    DoseMeasured(Quantity, Quantity),
    /// Inside the ordered range.
    DoseInRange(Quantity),
    /// The 24-hour total with this dose.
    DailyTotal(Quantity, Quantity),
    /// The product is made for the ordered route.
    RouteFits(Route),
    /// Due then; inside the window.
    InWindow(Timestamp),
    /// A first, one-time or as-needed dose: it has no window.
    NoWindow,
    /// The as-needed limits allow it.
    IntervalElapsed,
    /// The reason of an as-needed dose is one that was ordered.
    Indicated(ReasonCode),
    /// None of the recorded allergies concerns this product.
    NoAllergy,
    /// The birth year that was typed is this patient's.
    BirthYearFits,
    /// This much, as the scale asks for at this value.
    DoseByScale(Quantity, Observation),
    /// The dose is that of the patient's weight.
    DoseByWeight(Observation),
    /// The pump is set as ordered.
    RateAsOrdered(Rate),
    /// The charted route is allowed by the order.
    RouteAllowed(Route),
    /// Put there.
    PutAt(SiteCode),
    /// Not crushed, or allowed to be.
    MayBeTubed,
    /// The value lies where the dose is given.
    WithinParameter(Observation),
    /// The pain score was taken.
    PainScored(u8),
    /// So many packages were counted, and so many were scanned.
    PackagesCounted(u16),
    /// A second clinician entered the same, without having seen it.
    Witnessed(ClinicianId),
    /// With this, all that was left is accounted for.
    WasteAddsUp(Quantity),
}
