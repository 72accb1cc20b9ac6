//! What the decision says: findings, the five rights, and a verdict that nothing outside this crate can make.

use alloc::string::String;
use alloc::vec::Vec;

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};

use crate::case::Choice;
use crate::custody::Disposal;
use crate::entered::{Observation, Wanted};
use crate::entry::IdempotencyKey;
use crate::history::Outcome;
use crate::ident::{ClinicianId, Ingredient, Lot, ObservationCode, ReasonCode, RequestId, SiteCode};
use crate::person::Role;
use crate::policy::ReasonList;
use crate::product::{Form, RecallClass, Release, Route, named};
use crate::quantity::{Quantity, Unit};
use crate::rate::{Rate, RateOrder};
use crate::request::{DoseOrder, HoldWhen, Mismatch};
use crate::scan::ScanFault;

named! {
    /// The checks of the clinical specification, section 4.
    Check {
        /// The symbol is a wristband.
        P1 = "P1",
        /// The patient is known.
        P2 = "P2",
        /// The band is the one issued last.
        P3 = "P3",
        /// The patient is in the house.
        P4 = "P4",
        /// The patient is on this ward.
        P5 = "P5",
        /// The same band was not just seen at another kiosk.
        P6 = "P6",
        /// No other patient of the ward has a near name, or the birth year tells them apart.
        P7 = "P7",
        /// The band could be scanned.
        P8 = "P8",
        /// Allergies and flags are those this nurse saw last.
        P9 = "P9",
        /// The package code is sound.
        M1 = "M1",
        /// It resolves to exactly one product.
        M2 = "M2",
        /// A patient-bound dose is this patient's.
        M3 = "M3",
        /// The package is unused.
        M4 = "M4",
        /// It has not expired.
        M5 = "M5",
        /// Its lot is not recalled.
        M6 = "M6",
        /// It satisfies an active request.
        M7 = "M7",
        /// It looks or sounds like another one.
        M8 = "M8",
        /// The package could be scanned.
        M9 = "M9",
        /// Packages without a serial number are counted.
        M10 = "M10",
        /// It is a unit of use.
        M11 = "M11",
        /// The request is in force.
        O1 = "O1",
        /// A pharmacist has verified it.
        O2 = "O2",
        /// It is not on hold.
        O3 = "O3",
        /// What is committed is what was displayed.
        O4 = "O4",
        /// The instruction was read.
        O5 = "O5",
        /// A one-time request was not given yet.
        O6 = "O6",
        /// Exactly one request and scheduled dose is meant.
        O7 = "O7",
        /// The scheduled dose is not charted yet.
        O8 = "O8",
        /// The requests are those this nurse reviewed last.
        O9 = "O9",
        /// Units can be compared.
        D1 = "D1",
        /// The dose is the ordered one.
        D2 = "D2",
        /// Less than ordered.
        D3 = "D3",
        /// More than ordered.
        D4 = "D4",
        /// A range request: inside the range.
        D5 = "D5",
        /// A sliding scale: the row of a fresh value.
        D6 = "D6",
        /// Weight-based: the weight is recent.
        D7 = "D7",
        /// The 24-hour total.
        D8 = "D8",
        /// The product is made for the ordered route.
        R1 = "R1",
        /// The charted route is the ordered one or an allowed alternative.
        R2 = "R2",
        /// The site is named, and what is crushed may be.
        R3 = "R3",
        /// Inside the window.
        T1 = "T1",
        /// Early.
        T2 = "T2",
        /// Late.
        T3 = "T3",
        /// The as-needed interval.
        T4 = "T4",
        /// The as-needed count.
        T5 = "T5",
        /// The as-needed reason.
        T6 = "T6",
        /// The same ingredient a short time ago.
        T7 = "T7",
        /// A later dose is not given already.
        T8 = "T8",
        /// The previous patch is off.
        T9 = "T9",
        /// The clock can be trusted.
        T10 = "T10",
        /// Allergies.
        C1 = "C1",
        /// Vital signs within the hold parameters.
        C2 = "C2",
        /// Laboratory values within the hold parameters.
        C3 = "C3",
        /// Nothing contraindicated was given.
        C4 = "C4",
        /// Nil by mouth.
        C5 = "C5",
        /// Hazardous to who handles it.
        C6 = "C6",
        /// The product's rule for a witness.
        W1 = "W1",
        /// Who witnesses.
        W2 = "W2",
        /// What the witness entered without seeing the dose.
        W3 = "W3",
        /// What is left is wasted before a witness.
        W4 = "W4",
        /// Orders are current.
        S2 = "S2",
        /// Charted when it happened.
        S3 = "S3",
        /// Break-glass.
        S4 = "S4",
    }
}

named! {
    /// What a finding asks for, from nothing to a stop. The order is the strictness.
    Class {
        /// Established.
        Pass = "pass",
        /// Shown, nothing asked.
        Info = "info",
        /// One tap, recorded.
        Acknowledge = "ack",
        /// Something must be chosen, declared or scanned before the dose is complete; there is no default.
        Choice = "choice",
        /// May proceed with a coded reason.
        SoftReason = "soft_r",
        /// A coded reason, and the prescriber or pharmacist was contacted.
        SoftContact = "soft_rp",
        /// A coded reason and a witness.
        SoftWitness = "soft_w",
        /// Cannot proceed, except in break-glass mode.
        HardBreakGlass = "hard_bg",
        /// Cannot proceed.
        Hard = "hard",
    }
}

impl Class {
    /// Whether the dose cannot be given while a finding of this class stands.
    pub const fn stops(self) -> bool {
        matches!(self, Self::Hard | Self::HardBreakGlass)
    }

    /// Whether the nurse must answer before the dose can be given.
    pub const fn asks(self) -> bool {
        matches!(
            self,
            Self::Acknowledge | Self::Choice | Self::SoftReason | Self::SoftContact | Self::SoftWitness
        )
    }
}

named! {
    /// The five rights.
    Right {
        /// The right patient.
        Patient = "patient",
        /// The right medication.
        Medication = "medication",
        /// The right dose.
        Dose = "dose",
        /// The right route.
        Route = "route",
        /// The right time.
        Time = "time",
    }
}

impl Check {
    /// Which right this check establishes; `None` for what protects all of them.
    pub const fn right(self) -> Option<Right> {
        Some(match self {
            Self::P1 | Self::P2 | Self::P3 | Self::P4 | Self::P5 | Self::P6 | Self::P7 | Self::P8 => {
                Right::Patient
            }
            Self::M1
            | Self::M2
            | Self::M3
            | Self::M4
            | Self::M5
            | Self::M6
            | Self::M7
            | Self::M8
            | Self::M9
            | Self::M11
            | Self::O1
            | Self::O2
            | Self::O3
            | Self::O4
            | Self::O6
            | Self::O7
            | Self::O8 => Right::Medication,
            Self::M10
            | Self::D1
            | Self::D2
            | Self::D3
            | Self::D4
            | Self::D5
            | Self::D6
            | Self::D7
            | Self::D8 => Right::Dose,
            Self::R1 | Self::R2 | Self::R3 => Right::Route,
            Self::T1
            | Self::T2
            | Self::T3
            | Self::T4
            | Self::T5
            | Self::T6
            | Self::T7
            | Self::T8
            | Self::T9
            | Self::S3 => Right::Time,
            Self::P9
            | Self::O5
            | Self::O9
            | Self::T10
            | Self::C1
            | Self::C2
            | Self::C3
            | Self::C4
            | Self::C5
            | Self::C6
            | Self::W1
            | Self::W2
            | Self::W3
            | Self::W4
            | Self::S2
            | Self::S4 => return None,
        })
    }

    /// Whether break-glass mode only tells what this check finds (S4), instead of asking or stopping. A wrong clock (T10) is not
    /// among them: by it the mode itself is measured. M7 is, for a spoken order.
    pub(crate) const fn is_told_in_break_glass(self) -> bool {
        match self {
            Self::P8
            | Self::M9
            | Self::O1
            | Self::O2
            | Self::T1
            | Self::T2
            | Self::T3
            | Self::T4
            | Self::T5
            | Self::T6
            | Self::T7
            | Self::T8
            | Self::T9 => true,
            Self::P1
            | Self::P2
            | Self::P3
            | Self::P4
            | Self::P5
            | Self::P6
            | Self::P7
            | Self::P9
            | Self::M1
            | Self::M2
            | Self::M3
            | Self::M4
            | Self::M5
            | Self::M6
            | Self::M7
            | Self::M8
            | Self::M10
            | Self::M11
            | Self::O3
            | Self::O4
            | Self::O5
            | Self::O6
            | Self::O7
            | Self::O8
            | Self::O9
            | Self::D1
            | Self::D2
            | Self::D3
            | Self::D4
            | Self::D5
            | Self::D6
            | Self::D7
            | Self::D8
            | Self::R1
            | Self::R2
            | Self::R3
            | Self::T10
            | Self::C1
            | Self::C2
            | Self::C3
            | Self::C4
            | Self::C5
            | Self::C6
            | Self::W1
            | Self::W2
            | Self::W3
            | Self::W4
            | Self::S2
            | Self::S3
            | Self::S4 => false,
        }
    }

    /// Whether this check, established, establishes the right; the others only exclude what would be wrong with it.
    const fn decides(self, right: Right) -> bool {
        match right {
            Right::Patient => matches!(self, Self::P2),
            Right::Medication => matches!(self, Self::M7),
            Right::Dose => matches!(self, Self::D2 | Self::D5),
            Right::Route => matches!(self, Self::R1),
            Right::Time => matches!(self, Self::T1 | Self::T4),
        }
    }
}

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
    /// O2: no pharmacist has verified it.
    NotVerified,
    /// O3: on hold by the provider.
    OnHold,
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
            Self::Backdated(_) => ReasonList::Backdated,
            Self::ReasonAsked => ReasonList::AsNeeded,
            Self::BandNotScanned => ReasonList::BandNotScanned,
            Self::PackageNotScanned => ReasonList::PackageNotScanned,
            _ => ReasonList::Override,
        }
    }

    /// Whether a person's statement stands where a scan should.
    const fn is_attested(&self) -> bool {
        matches!(self, Self::BandNotScanned | Self::PackageNotScanned)
    }
}

/// Why a finding is what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Established, by this.
    Established(Evidence),
    /// Not so, or worth saying.
    Variance(Variance),
}

/// The answer of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which check.
    pub check: Check,
    /// What it asks for.
    pub class: Class,
    /// Why.
    pub why: Why,
}

impl Finding {
    /// Established.
    pub(crate) const fn pass(check: Check, evidence: Evidence) -> Self {
        Self { check, class: Class::Pass, why: Why::Established(evidence) }
    }

    /// A variance.
    pub(crate) const fn variance(check: Check, class: Class, variance: Variance) -> Self {
        Self { check, class, why: Why::Variance(variance) }
    }

    /// The finding without what grows by itself from one minute to the next.
    fn ageless(&self) -> Self {
        match &self.why {
            Why::Variance(Variance::OrdersOld(_)) => {
                Self::variance(self.check, self.class, Variance::OrdersOld(SignedDuration::ZERO))
            }
            _ => self.clone(),
        }
    }
}

/// How one right ended. An override never turns a variance into verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Established by evidence.
    Verified,
    /// Established by a person's statement where a scan could not be had.
    Attested,
    /// Something differs; which findings say what.
    Variance,
    /// Could not be looked at, because an earlier check failed.
    NotReached,
}

/// The whole decision. Only this crate makes one.
#[must_use = "a verdict that nobody looks at protects nobody"]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    findings: Vec<Finding>,
    plan: Option<Plan>,
}

/// What would be given, as far as the decision came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// For which request and scheduled dose.
    pub choice: Choice,
    /// How much of the order is in hand, in the order's unit; `None` while it cannot be compared.
    pub dose: Option<Quantity>,
    /// What was ordered.
    pub ordered: DoseOrder,
    /// The ordered route.
    pub route: Route,
    /// The rate at which the infusion starts or goes on.
    pub rate: Option<Rate>,
    /// The entry of the running infusion that goes on with this bag.
    pub continues: Option<IdempotencyKey>,
}

impl Verdict {
    pub(crate) fn new(mut findings: Vec<Finding>, plan: Option<Plan>) -> Self {
        findings.sort_by_key(|finding| core::cmp::Reverse(finding.class));
        Self { findings, plan }
    }

    /// What would be given; `None` when no request was found for what is in hand.
    pub const fn plan(&self) -> Option<&Plan> {
        self.plan.as_ref()
    }

    /// Every finding, the strictest first.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The strictest class of all findings decides.
    pub fn class(&self) -> Class {
        self.findings.iter().map(|finding| finding.class).max().unwrap_or(Class::Hard)
    }

    /// What stops the dose.
    pub fn stops(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.class.stops())
    }

    /// What the nurse must answer.
    pub fn questions(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.class.asks())
    }

    /// How a right was established. One of the checks that decide it must have been established; that nothing else was found
    /// is not enough, because it may not have been looked for.
    pub fn standing(&self, right: Right) -> Standing {
        let (mut standing, mut attested) = (Standing::NotReached, false);
        for finding in self.findings.iter().filter(|finding| finding.check.right() == Some(right)) {
            match &finding.why {
                Why::Variance(variance) if variance.is_attested() => attested = true,
                Why::Variance(variance)
                    if finding.class > Class::Info || self.only_told(finding, variance) =>
                {
                    return Standing::Variance;
                }
                Why::Established(_) if finding.check.decides(right) => standing = Standing::Verified,
                Why::Established(_) | Why::Variance(_) => {}
            }
        }
        if attested { Standing::Attested } else { standing }
    }

    /// Break-glass takes the question away, not the variance.
    fn only_told(&self, finding: &Finding, variance: &Variance) -> bool {
        matches!(variance, Variance::VerbalOrder)
            || (finding.check.is_told_in_break_glass() && self.finding(Check::S4).is_some())
    }

    /// What one check asks the nurse to answer, all findings of it. What must be chosen or entered is no question that a reason
    /// answers.
    pub(crate) fn asked_by(&self, check: Check) -> impl Iterator<Item = &Finding> {
        self.questions().filter(move |finding| finding.check == check && finding.class != Class::Choice)
    }

    /// The finding of a check, the strictest when there are several.
    pub fn finding(&self, check: Check) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.check == check)
    }

    /// Whether two verdicts ask the same of the nurse: the same variances in the same classes. Evidence and the age of scans and
    /// orders may differ; anything else is "changed since scan".
    pub fn asks_the_same_as(&self, other: &Self) -> bool {
        let asked = |verdict: &'_ Self| -> Vec<Finding> {
            verdict
                .findings
                .iter()
                .filter(|finding| finding.class > Class::Info)
                .map(Finding::ageless)
                .collect()
        };
        asked(self) == asked(other)
    }
}
