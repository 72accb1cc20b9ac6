//! What was done: the administrations that the ledger holds, as the decision needs them.

use alloc::string::String;
use alloc::vec::Vec;

use jiff::Timestamp;

use crate::claims::Grant;
use crate::custody::{Disposed, SetAside};
use crate::entered::Observation;
use crate::entry::IdempotencyKey;
use crate::follow_up::FollowUp;
use crate::ident::{
    BandSerial, ClinicianId, DoseId, Ingredient, Lot, PatientId, ProductId, ReasonCode, RequestId, Serial,
    SiteCode,
};
use crate::person::{Allergy, Flags};
use crate::product::{Controlled, Route, Strength, named};
use crate::quantity::{Quantity, Unit};
use crate::rate::Rate;
use crate::scan::PackageKey;

named! {
    /// How a scheduled dose ended.
    Outcome {
        /// The whole ordered dose was given.
        Given = "given",
        /// Less than ordered was given.
        Partial = "partial",
        /// Held by the nurse.
        Held = "held",
        /// The patient refused.
        Refused = "refused",
        /// Not given for another reason.
        NotGiven = "not_given",
        /// It is not on the ward; the pharmacy was asked for it.
        Missing = "missing",
    }
}

impl Outcome {
    /// Whether medication entered the patient.
    pub const fn entered_patient(self) -> bool {
        matches!(self, Self::Given | Self::Partial)
    }

    /// Whether nothing but a correction makes the scheduled dose due again (clinical.md, section 3). What was charted as not given may have
    /// been given by somebody else.
    pub const fn is_final(self) -> bool {
        match self {
            Self::Given | Self::Partial | Self::NotGiven => true,
            Self::Held | Self::Refused | Self::Missing => false,
        }
    }
}

/// One thing that was done at the bedside, as an entry holds it and the chart learns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// A dose that was given, or charted as not given.
    Administration(Administration),
    /// What followed a dose.
    FollowUp(FollowUp),
    /// A value that was entered.
    Observed(Observed),
    /// What a nurse has seen of a patient.
    Review(Review),
    /// Controlled packages that were scanned and not given.
    SetAside(SetAside),
    /// Something was wasted or returned.
    Disposed(Disposed),
    /// A dose that was given without an order was linked to one (S4).
    OrderLinked(OrderLinked),
    /// A patient whose band cannot be scanned needs a new one (P8).
    Reprint(Reprint),
}

/// A vital sign or laboratory value that was entered at the bedside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Of whom.
    pub patient: PatientId,
    /// By whom it was entered.
    pub by: ClinicianId,
    /// The value.
    pub observation: Observation,
}

/// What a nurse has seen of a patient and acknowledged (P9, O9). `Debug` leaves out the content.
#[derive(Clone, PartialEq, Eq)]
pub struct Review {
    /// Of whom.
    pub patient: PatientId,
    /// By whom.
    pub by: ClinicianId,
    /// When.
    pub at: Timestamp,
    /// The allergies as they stood.
    pub allergies: Vec<Allergy>,
    /// The flags as they stood.
    pub flags: Flags,
    /// The requests with their versions, ascending.
    pub requests: Vec<(RequestId, u32)>,
}

impl core::fmt::Debug for Review {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Review(..)")
    }
}

impl Record {
    /// Whom it concerns.
    pub const fn patient(&self) -> &PatientId {
        match self {
            Self::Administration(done) => &done.patient,
            Self::FollowUp(done) => &done.patient,
            Self::Observed(observed) => &observed.patient,
            Self::Review(review) => &review.patient,
            Self::SetAside(done) => &done.patient,
            Self::Disposed(done) => &done.patient,
            Self::OrderLinked(done) => &done.patient,
            Self::Reprint(done) => &done.patient,
        }
    }

    /// When it was done.
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::Administration(done) => done.at,
            Self::FollowUp(done) => done.at,
            Self::Observed(observed) => observed.observation.at,
            Self::Review(review) => review.at,
            Self::SetAside(done) => done.at,
            Self::Disposed(done) => done.at,
            Self::OrderLinked(done) => done.at,
            Self::Reprint(done) => done.at,
        }
    }

    /// The same in the entry that holds it.
    pub(crate) fn in_entry(self, key: IdempotencyKey) -> Self {
        match self {
            Self::Administration(done) => Self::Administration(Administration { entry: Some(key), ..done }),
            Self::FollowUp(done) => Self::FollowUp(FollowUp { entry: key, ..done }),
            Self::Observed(_)
            | Self::Review(_)
            | Self::SetAside(_)
            | Self::Disposed(_)
            | Self::OrderLinked(_)
            | Self::Reprint(_) => self,
        }
    }

    /// The administration, when it is one.
    pub const fn administration(&self) -> Option<&Administration> {
        match self {
            Self::Administration(done) => Some(done),
            Self::FollowUp(_)
            | Self::Observed(_)
            | Self::Review(_)
            | Self::SetAside(_)
            | Self::Disposed(_)
            | Self::OrderLinked(_)
            | Self::Reprint(_) => None,
        }
    }
}

/// S4: the order that was written afterwards for a dose that was given without one.
#[derive(Clone, PartialEq, Eq)]
pub struct OrderLinked {
    /// Which patient.
    pub patient: PatientId,
    /// The id under which the dose was given.
    pub given_under: RequestId,
    /// When it was given.
    pub given_at: Timestamp,
    /// The order.
    pub request: RequestId,
    /// Who linked it.
    pub by: ClinicianId,
    /// When.
    pub at: Timestamp,
}

/// Without the patient.
impl core::fmt::Debug for OrderLinked {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("OrderLinked(..)")
    }
}

/// P8: a band that cannot be scanned; a new one is to be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Reprint {
    /// Which patient.
    pub patient: PatientId,
    /// The band that was issued last then; another one means that it was printed.
    pub band_serial: Option<BandSerial>,
    /// Who asks for it.
    pub by: ClinicianId,
    /// Since when.
    pub at: Timestamp,
}

/// Without the patient.
impl core::fmt::Debug for Reprint {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Reprint(..)")
    }
}

/// One administration, or one dose that was charted as not given.
#[derive(Clone, PartialEq, Eq)]
pub struct Administration {
    /// Which patient.
    pub patient: PatientId,
    /// Which request, and the version that was displayed.
    pub request: RequestId,
    /// Its version.
    pub version: u32,
    /// Which scheduled dose; `None` for as-needed doses.
    pub slot: Option<Timestamp>,
    /// How it ended.
    pub outcome: Outcome,
    /// When it entered the patient, or when it was charted as not given.
    pub at: Timestamp,
    /// By whom.
    pub by: ClinicianId,
    /// How much of the order it was, in the order's unit.
    pub dose: Option<Quantity>,
    /// How much of each ingredient entered the patient.
    pub ingredients: Vec<Strength>,
    /// By which route.
    pub route: Option<Route>,
    /// The packages that were used.
    pub packages: Vec<UsedPackage>,
    /// Why, where it was not given.
    pub reason: Option<ReasonCode>,
    /// In the nurse's words, where a reason asks for them.
    pub note: Option<String>,
    /// The entry that holds it, which a correction names; `None` for what another system recorded.
    pub entry: Option<IdempotencyKey>,
    /// When it was charted, where that is later than policy allows for a dose charted as it is given (S3): BACKDATED, and
    /// it earns no scan credit.
    pub backdated: Option<Timestamp>,
    /// When its effect is to be looked at, for an as-needed dose.
    pub effect_due: Option<Timestamp>,
    /// The rate at which the infusion was started, or went on with this bag.
    pub rate: Option<Rate>,
    /// The entry of the infusion that goes on with this bag.
    pub continues: Option<IdempotencyKey>,
    /// Who was asked whether another kiosk gives it too.
    pub grant: Option<Grant>,
    /// Where there are other kiosks: the doses of the day before it, of the request or of one of its ingredients, that the kiosk knew
    /// when it asked.
    pub known: Vec<IdempotencyKey>,
    /// Where it was put (R3).
    pub site: Option<SiteCode>,
    /// The pain score before it (T6), 0 to 10.
    pub pain_score: Option<u8>,
    /// Who checked it independently (W3).
    pub witness: Option<ClinicianId>,
    /// S4: it was given without an order in force; until when it is to be linked to one.
    pub order_link_due: Option<Timestamp>,
}

impl core::fmt::Debug for Administration {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Administration({}, ..)", self.outcome.name())
    }
}

/// A package that was opened for a dose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedPackage {
    /// Which item.
    pub product: ProductId,
    /// Its single-use identity, where it has one.
    pub identity: Option<PackageIdentity>,
    /// Its lot, where known.
    pub lot: Option<Lot>,
    /// How much of its content was given.
    pub taken: Quantity,
    /// How much of its content is to be wasted or returned.
    pub left: Quantity,
    /// Its schedule, when it is a controlled substance: what is left is in the nurse's custody (W4).
    pub controlled: Option<Controlled>,
}

/// What makes one package this one package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PackageIdentity {
    /// Our pharmacy's dose id.
    Dose(DoseId),
    /// The manufacturer's key with a serial number.
    Serial(PackageKey, Serial),
}

/// A dose that the pharmacy dispensed for one patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DispensedDose {
    /// Its id, on the label.
    pub id: DoseId,
    /// For whom; for nobody else.
    pub patient: PatientId,
    /// For which request, where the pharmacy says it.
    pub request: Option<RequestId>,
    /// What it is.
    pub product: ProductId,
    /// Its lot.
    pub lot: Option<Lot>,
    /// Not to be used from this instant on.
    pub beyond_use: Option<Timestamp>,
}

impl Administration {
    /// Whether it put a patch on the skin, for the whole body or for the place alone (lidocaine, ordered topically).
    pub fn applied_patch(&self) -> bool {
        let counted = self.packages.iter().any(|package| package.taken.unit == Unit::Patch);
        self.outcome.entered_patient() && (counted || self.route == Some(Route::Transdermal))
    }

    /// Whether it used this package.
    pub fn used(&self, identity: &PackageIdentity) -> bool {
        self.packages.iter().any(|package| package.identity.as_ref() == Some(identity))
    }

    /// Whether the substance of an ingredient entered the patient, in whichever salt.
    pub fn gave_substance(&self, ingredient: &Ingredient) -> bool {
        self.outcome.entered_patient()
            && self.ingredients.iter().any(|strength| strength.ingredient.is_same_substance(ingredient))
    }
}
