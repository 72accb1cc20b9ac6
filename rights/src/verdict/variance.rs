//! Everything that can be wrong or worth saying, and how it is settled.

use alloc::string::String;
use alloc::vec::Vec;

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};

use crate::custody::Disposal;
use crate::entered::{Observation, Wanted};
use crate::history::Outcome;
use crate::ident::{ClinicianId, Ingredient, Lot, ObservationCode, SiteCode};
use crate::person::Role;
use crate::policy::ReasonList;
use crate::product::{Form, RecallClass, Release, Route};
use crate::quantity::{Quantity, Unit};
use crate::rate::{Rate, RateOrder};
use crate::request::{HoldWhen, Mismatch};
use crate::scan::ScanFault;

/// Everything that can be wrong or worth saying. The phrase table has one phrase for each, in each language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Variance {
    /// P1: the symbol is no wristband; what it is instead, by kind.
    NotAWristband(&'static str),
    /// P1, M1: the code is not sound.
    CodeFaulty(Vec<ScanFault>),
    /// P1: the wristband was scanned too long ago.
    BandScanOld(SignedDuration),
    /// P2: no patient has this number.
    PatientUnknown,
    /// P2: more than one patient has this number.
    PatientAmbiguous,
    /// P3: an older band of this patient, or a copy.
    OldBand,
    /// P3: the order system does not say which band was issued last.
    BandSerialUnknown,
    /// P4: the patient has left.
    Discharged,
    /// P4: the patient has died.
    Deceased,
    /// P4: no stay in progress is known.
    NotAdmitted,
    /// P5: the patient is on another ward.
    OtherWard,
    /// M1: the symbol is no package; what it is instead, by kind.
    NotAPackage(&'static str),
    /// M1: the package was scanned too long ago.
    PackageScanOld(SignedDuration),
    /// M2: the drug file does not know it.
    ProductUnknown,
    /// M2: the drug file has several items for it.
    ProductAmbiguous,
    /// M2: packages of different products were scanned for one dose.
    DifferentProducts,
    /// M3: the dose label is another patient's. Whose is not said.
    OtherPatientsDose,
    /// M3: the pharmacy does not know this dose label.
    DoseUnknown,
    /// M4: used before, then.
    PackageUsed(Timestamp),
    /// M4: scanned twice for this dose.
    PackageTwice,
    /// M5: expired at the end of that local day or minute.
    Expired(DateTime),
    /// M5: the pharmacy's beyond-use time has passed.
    BeyondUse(Timestamp),
    /// M5: usable until then; it expired after the dose was given (S3).
    ExpiredSince(Timestamp),
    /// M5: nothing says when it expires.
    ExpiryUnknown,
    /// M6: the lot is recalled.
    Recalled(Lot, RecallClass),
    /// M6: nothing says which lot it is.
    LotUnknown,
    /// M7: no request of this patient asks for it or for anything like it.
    NotOrdered,
    /// M7: the closest request asks for something else, in these ways.
    Differs {
        /// The name of what was ordered.
        ordered: String,
        /// Its form.
        ordered_form: Form,
        /// Its release type.
        ordered_release: Release,
        /// In which ways the scanned product differs.
        mismatches: Vec<Mismatch>,
    },
    /// M8: the other product that it is confused with.
    LookAlike(String),
    /// M11: a case or shelf pack, by the indicator digit.
    NotUnitOfUse(u8),
    /// O1: not in force before then.
    NotStarted(Timestamp),
    /// O1: stopped, then where known.
    Stopped(Option<Timestamp>),
    /// O1: its time is over.
    Ended(Timestamp),
    /// O1: it was stopped or came to its end then, after the dose was given (S3).
    EndedSince(Timestamp),
    /// O2: no pharmacist has verified it.
    NotVerified,
    /// O3: on hold by the provider.
    OnHold,
    /// O3: put on hold then, after the dose was given (S3).
    HeldSince(Timestamp),
    /// O4: the request changed after it was displayed.
    RequestChanged,
    /// O6: the one-time dose was given already, then and by whom.
    OneTimeGiven(Timestamp, ClinicianId),
    /// O7: so many requests or scheduled doses match; one must be chosen.
    ChoiceNeeded(u16),
    /// O8: charted already: how, when, by whom.
    AlreadyCharted(Outcome, Timestamp, ClinicianId),
    /// O1: nothing is scheduled for this request any more.
    NothingScheduled,
    /// O1: the timing could not be read; the pharmacy must.
    Unscheduled(String),
    /// D1: ordered and scanned cannot be compared.
    NotComparable(Quantity, Quantity),
    /// D3: so much is in hand, so much was ordered.
    Under(Quantity, Quantity),
    /// D4: so much is in hand, so much was ordered, and it cannot be divided.
    Over(Quantity, Quantity),
    /// D4: so much is in hand, so much was ordered; take only the last quantity of the content.
    MeasureOut(Quantity, Quantity, Quantity),
    /// D4: so much is ordered, from and to; take of the last package's content from the first to the second of the other pair.
    MeasureOutWithin((Quantity, Quantity), (Quantity, Quantity)),
    /// D2: so much is in hand, so much was ordered; no mark of a syringe is nearer to it.
    NotMeasurable(Quantity, Quantity),
    /// D4: the declared part is not one this product can be divided into.
    PartNotPossible(Quantity),
    /// D5: outside the range.
    OutOfRange(Quantity, Quantity, Quantity),
    /// D8: with this dose the 24-hour total would be the first, the maximum is the second.
    DailyMaximum(Quantity, Quantity),
    /// D8: the 24-hour total cannot be computed.
    DailyTotalUnknown,
    /// R1: the product is not made for the ordered route.
    RouteDiffers(Route),
    /// T2: before the window of the dose due then.
    Early(Timestamp),
    /// T2: due then, and the last dose was given at the second time.
    EarlyAfterLast(Timestamp, Timestamp),
    /// T3: after the window of the dose due then.
    Late(Timestamp),
    /// T3: due then, and past the middle to the next one, due at the second time.
    LatePastMiddle(Timestamp, Timestamp),
    /// T4: the last dose was then; the next one is permitted at the second time.
    TooSoon(Timestamp, Timestamp),
    /// T4: the dose after it (S3) was then; it was permitted at the second time.
    TooSoonBefore(Timestamp, Timestamp),
    /// T5: so many doses in 24 hours already.
    CountReached(u16),
    /// T6: the reason for the as-needed dose is asked.
    ReasonAsked,
    /// T7: the same ingredient was charted, then, in this way.
    SameIngredientRecently(Timestamp, Outcome),
    /// T8: a later dose was given already, then.
    LaterGiven(Timestamp),
    /// T10: the clock differs from a trusted one by this.
    ClockOff(SignedDuration),
    /// C1: allergic to an ingredient; as recorded.
    AllergyIngredient(String),
    /// C1: an allergy to an ingredient that was recorded then, after the dose was given (S3).
    AllergySince(String, Timestamp),
    /// C1: allergic to the class; as recorded.
    AllergyClass(String),
    /// C1: the allergy to an ingredient was accepted for this request by a prescriber or pharmacist.
    AllergyAccepted(String),
    /// C1: an allergy is recorded as text only and cannot be checked by machine.
    AllergyTextOnly(String),
    /// S2: the orders are this old.
    OrdersOld(SignedDuration),
    /// S2: it is not known how old the orders are.
    OrdersAgeUnknown,
    /// T10: it is not known how right the clock is.
    ClockUnknown,
    /// P6: another kiosk saw this band then.
    BandSeenElsewhere(Timestamp),
    /// P7: the birth year that was typed is not this patient's.
    BirthYearWrong(i16),
    /// P9: allergies or flags changed since this nurse last looked.
    AllergiesChanged,
    /// O3: marked "do not give", as displayed.
    DoNotGive(String),
    /// O5: the instruction must be read, as displayed.
    InstructionFlagged(String),
    /// O9: these orders are new or changed since this nurse last looked, by name.
    OrdersChanged(Vec<String>),
    /// O6: the on-call dose was given already, then and by whom.
    OnCallGiven(Timestamp, ClinicianId),
    /// D6: this is another dose than the first, which the scale asks for at this value.
    NotByScale(Quantity, Observation),
    /// D6: the scale has no row for this value.
    NoScaleRow(Observation),
    /// D6: at this value the scale gives nothing.
    ScaleSaysNone(Observation),
    /// D7: no weight is known.
    WeightUnknown,
    /// D7: the weight is from then, too old for this patient.
    WeightOld(Timestamp),
    /// D7: by weight it would be the second, ordered is the first.
    NotByWeight(Quantity, Quantity),
    /// D2: the pump is set to the first, ordered is the second.
    RateDiffers(Rate, RateOrder),
    /// D1: the rate cannot be compared with the product in hand.
    RateNotComparable(RateOrder),
    /// R2: neither the ordered route nor one that the order allows.
    RouteNotAllowed(Route),
    /// R3: this site does not belong to the route.
    SiteNotOfRoute(SiteCode),
    /// R3: the same site as last time, then.
    SameSite(SiteCode, Timestamp),
    /// R3: this must not be crushed.
    MustNotBeCrushed,
    /// T5: with this dose so much in 24 hours; so much is allowed.
    AmountReached(Quantity, Quantity),
    /// C2, C3: no value of the first is young enough; the last one known.
    ObservationMissing(ObservationCode, Unit, Option<Observation>),
    /// C2, C3: the value lies where the dose is to be held.
    HoldParameter(Observation, HoldWhen),
    /// C4: an ingredient that must not be given together with this one was given then.
    Contraindicated(Ingredient, Timestamp),
    /// C5: nil by mouth.
    NilByMouth,
    /// C6: hazardous to who handles it.
    Hazardous,
    /// A value must be typed or declared (P7, M10, D6, R3, T6, C2, C3 ...); no reason stands for it.
    ValueMissing(Wanted),
    /// P2: this record was merged into another one.
    PatientMerged,
    /// O8: another kiosk gives this dose, by whom and since when.
    BeingGivenElsewhere(ClinicianId, Timestamp),
    /// O8: the bag continues an infusion that runs since then.
    BagChange(Timestamp),
    /// T9: an earlier patch is still on, since when and by whom it was applied.
    PatchStillOn(Timestamp, ClinicianId),
    /// T9: another system tells of a patch, applied then and by whom, and not that it came off.
    PatchElsewhere(Timestamp, ClinicianId),
    /// D1: the infusion has no ordered rate.
    NoRateOrdered,
    /// S3: charted later than it was given, then.
    Backdated(Timestamp),
    /// S3: said to be given at a time that is still to come.
    GivenInTheFuture(Timestamp),
    /// S3: given too long ago to be charted at the bedside.
    GivenTooLongAgo(Timestamp),
    /// P8: the band was not scanned; who the patient is was typed.
    BandNotScanned,
    /// P8: the witness typed another birth date.
    TypedIdentityDiffers,
    /// P8: a controlled substance needs the band.
    ControlledNeedsBand,
    /// M4: wasted or returned before, then.
    PackageDisposed(Disposal, Timestamp),
    /// M7: not ordered in writing; in break-glass mode the spoken order must be entered.
    VerbalOrderNeeded,
    /// M7: given on a spoken order.
    VerbalOrder,
    /// M9: the package was not scanned; NDC and lot were typed.
    PackageNotScanned,
    /// M9: a controlled or high-alert medication needs the scan.
    MustBeScanned,
    /// M10: so many codes were scanned, so many packages are said to be in hand.
    CountDiffers(u16, u16),
    /// W1: a second clinician must check it.
    WitnessRequired,
    /// W1: a second clinician should check it.
    WitnessRecommended,
    /// W2: the witness is who gives or wastes it.
    WitnessIsGiver,
    /// W2: this role may not witness.
    WitnessNotLicensed(Role),
    /// W2: the witness took longer than this.
    WitnessTooLate(SignedDuration),
    /// W3: the one prepared the first amount, the witness says the second.
    WitnessDiffers(Quantity, Quantity),
    /// W3: the pump is set to the first rate, the witness says the second, or none.
    WitnessRateDiffers(Rate, Option<Rate>),
    /// W3: the witness has another product in hand.
    WitnessOtherProduct(String),
    /// W4: so much is left and is to be wasted or returned within this time.
    WasteDue(Quantity, SignedDuration),
    /// W4: so much was left, so much is wasted in all.
    WasteDiffers(Quantity, Quantity),
    /// W4: this amount is no part of what was left.
    WasteNotComparable(Quantity),
    /// S4: break-glass mode, until then.
    BreakGlass(Timestamp),
}

impl Variance {
    /// The list from which the reason for proceeding is chosen.
    pub const fn reason_list(&self) -> ReasonList {
        match self {
            Self::Early(_) | Self::EarlyAfterLast(..) => ReasonList::Early,
            Self::Late(_) | Self::LatePastMiddle(..) => ReasonList::Late,
            Self::Under(..) => ReasonList::Partial,
            Self::Backdated(_)
            | Self::EndedSince(_)
            | Self::HeldSince(_)
            | Self::AllergySince(..)
            | Self::ExpiredSince(_) => ReasonList::Backdated,
            Self::PatchElsewhere(..) => ReasonList::PatchRemoved,
            Self::ReasonAsked => ReasonList::AsNeeded,
            Self::BandNotScanned => ReasonList::BandNotScanned,
            Self::PackageNotScanned => ReasonList::PackageNotScanned,
            _ => ReasonList::Override,
        }
    }

    /// Whether a person's statement stands where a scan should.
    pub(super) const fn is_attested(&self) -> bool {
        matches!(self, Self::BandNotScanned | Self::PackageNotScanned)
    }
}
