//! One of each thing that can be said.

use crate::common::life::rate;
use crate::common::*;
use rights::bedside::Notice;
use rights::custody::Disposal;
use rights::entered::{Observation, Wanted};
use rights::history::Outcome;
use rights::ident::{ClinicianId, Lot, ObservationCode, ReasonCode, RequestId, SiteCode};
use rights::person::Role;
use rights::product::{Form, RecallClass, Release, Route};
use rights::quantity::Unit;
use rights::rate::RateOrder;
use rights::request::{HoldWhen, Mismatch, ObservationKind, Side};
use rights::scan::{ScanFault, ScanFaultKind};
use rights::verdict::{Evidence, Variance};

fn nurse() -> ClinicianId {
    ClinicianId::parse("n2").unwrap()
}

fn glucose() -> Observation {
    observation("glucose", "212 mg/dL", today("07:45"))
}

fn hold(side: Side) -> HoldWhen {
    let what = ObservationCode::parse("heart-rate").unwrap();
    HoldWhen { what, kind: ObservationKind::VitalSign, side, limit: q("60 /min") }
}

fn faults() -> Vec<ScanFault> {
    let kinds = [
        ScanFaultKind::NotRecognised,
        ScanFaultKind::CheckDigit,
        ScanFaultKind::Length,
        ScanFaultKind::Character,
        ScanFaultKind::Date,
        ScanFaultKind::UnknownIdentifier,
        ScanFaultKind::Separator,
        ScanFaultKind::Repeated,
        ScanFaultKind::Pairing,
        ScanFaultKind::NotMarkedGs1,
        ScanFaultKind::Symbology,
        ScanFaultKind::Ambiguous,
    ];
    let fault = |kind| ScanFault {
        kind,
        part: "(17)".into(),
        position: Some(17),
        found: Some("261332".into()),
        expected: Some("a date".into()),
    };
    kinds.into_iter().map(fault).collect()
}

pub(super) fn differs(mismatches: Vec<Mismatch>) -> Variance {
    Variance::Differs {
        ordered: "morphine sulfate".into(),
        ordered_form: Form::Tablet,
        ordered_release: Release::Immediate,
        mismatches,
    }
}

/// One of each variance, and some more where its content changes the text.
#[expect(clippy::too_many_lines, reason = "one row for each variance")]
pub(super) fn variances() -> Vec<Variance> {
    vec![
        Variance::NotAWristband("package"),
        Variance::CodeFaulty(faults()),
        Variance::BandScanOld(minutes(5)),
        Variance::PatientUnknown,
        Variance::PatientAmbiguous,
        Variance::OldBand,
        Variance::BandSerialUnknown,
        Variance::Discharged,
        Variance::Deceased,
        Variance::NotAdmitted,
        Variance::OtherWard,
        Variance::NotAPackage("package"),
        Variance::PackageScanOld(minutes(5)),
        Variance::ProductUnknown,
        Variance::ProductAmbiguous,
        Variance::DifferentProducts,
        Variance::OtherPatientsDose,
        Variance::DoseUnknown,
        Variance::PackageUsed(today("08:15")),
        Variance::PackageTwice,
        Variance::Expired(local_date(2026, 5, 31).at(23, 59, 59, 0)),
        Variance::BeyondUse(today("08:15")),
        Variance::ExpiredSince(today("08:20")),
        Variance::ExpiryUnknown,
        Variance::Recalled(Lot::parse("LX2304").unwrap(), RecallClass::Two),
        Variance::LotUnknown,
        Variance::NotOrdered,
        differs(vec![Mismatch::Release]),
        Variance::LookAlike("as displayed".into()),
        Variance::NotUnitOfUse(1),
        Variance::NotStarted(today("08:15")),
        Variance::Stopped(Some(today("08:20"))),
        Variance::Ended(today("08:15")),
        Variance::EndedSince(today("08:20")),
        Variance::NotVerified,
        Variance::OnHold,
        Variance::HeldSince(today("08:20")),
        Variance::RequestChanged,
        Variance::OneTimeGiven(today("08:15"), nurse()),
        Variance::ChoiceNeeded(2),
        Variance::AlreadyCharted(Outcome::Given, today("08:15"), nurse()),
        Variance::NothingScheduled,
        Variance::Unscheduled("as displayed".into()),
        Variance::NotComparable(q("2.5 mg"), q("1250 mg")),
        Variance::Under(q("2.5 mg"), q("1250 mg")),
        Variance::Over(q("2.5 mg"), q("1250 mg")),
        Variance::MeasureOut(q("2.5 mg"), q("1250 mg"), q("0.5 mL")),
        Variance::MeasureOutWithin((q("2 mg"), q("4 mg")), (q("0.2 mL"), q("0.4 mL"))),
        Variance::NotMeasurable(q("2.5 mg"), q("2.2 mg")),
        Variance::PartNotPossible(q("2.5 mg")),
        Variance::OutOfRange(q("2.5 mg"), q("1250 mg"), q("0.5 mL")),
        Variance::DailyMaximum(q("2.5 mg"), q("1250 mg")),
        Variance::DailyTotalUnknown,
        Variance::RouteDiffers(Route::Subcutaneous),
        Variance::Early(today("08:15")),
        Variance::EarlyAfterLast(today("08:15"), today("08:15")),
        Variance::Late(today("08:15")),
        Variance::LatePastMiddle(today("08:15"), today("08:15")),
        Variance::TooSoon(today("08:15"), today("08:15")),
        Variance::TooSoonBefore(today("08:15"), today("08:20")),
        Variance::CountReached(2),
        Variance::ReasonAsked,
        Variance::SameIngredientRecently(today("08:15"), Outcome::Given),
        Variance::LaterGiven(today("08:15")),
        Variance::ClockOff(minutes(5)),
        Variance::AllergyIngredient("as displayed".into()),
        Variance::AllergySince("as displayed".into(), today("08:20")),
        Variance::AllergyClass("as displayed".into()),
        Variance::AllergyAccepted("as displayed".into()),
        Variance::AllergyTextOnly("as displayed".into()),
        Variance::OrdersOld(minutes(5)),
        Variance::OrdersAgeUnknown,
        Variance::ClockUnknown,
        Variance::BandSeenElsewhere(today("08:15")),
        Variance::BirthYearWrong(1957),
        Variance::AllergiesChanged,
        Variance::DoNotGive("as displayed".into()),
        Variance::InstructionFlagged("as displayed".into()),
        Variance::OrdersChanged(vec!["lisinopril".into(), "warfarin".into()]),
        Variance::OnCallGiven(today("08:15"), nurse()),
        Variance::NotByScale(q("2.5 mg"), glucose()),
        Variance::NoScaleRow(glucose()),
        Variance::ScaleSaysNone(glucose()),
        Variance::WeightUnknown,
        Variance::WeightOld(today("08:15")),
        Variance::NotByWeight(q("2.5 mg"), q("1250 mg")),
        Variance::RateDiffers(rate("75 mL/h"), RateOrder::Range(rate("5 ug/kg/min"), rate("10 ug/kg/min"))),
        Variance::RateNotComparable(RateOrder::Range(rate("5 ug/kg/min"), rate("10 ug/kg/min"))),
        Variance::RouteNotAllowed(Route::Subcutaneous),
        Variance::SiteNotOfRoute(SiteCode::parse("left-upper-arm").unwrap()),
        Variance::SameSite(SiteCode::parse("left-upper-arm").unwrap(), today("08:15")),
        Variance::MustNotBeCrushed,
        Variance::AmountReached(q("2.5 mg"), q("1250 mg")),
        Variance::ObservationMissing(
            ObservationCode::parse("heart-rate").unwrap(),
            Unit::PerMinute,
            Some(glucose()),
        ),
        Variance::HoldParameter(glucose(), hold(Side::Below)),
        Variance::Contraindicated(ingredient("clarithromycin"), today("08:15")),
        Variance::NilByMouth,
        Variance::Hazardous,
        Variance::ValueMissing(Wanted::Site),
        Variance::PatientMerged,
        Variance::BeingGivenElsewhere(nurse(), today("08:15")),
        Variance::BagChange(today("08:15")),
        Variance::PatchStillOn(today("08:15"), nurse()),
        Variance::PatchElsewhere(today("08:15"), nurse()),
        Variance::NoRateOrdered,
        Variance::Backdated(today("08:15")),
        Variance::GivenInTheFuture(today("08:15")),
        Variance::GivenTooLongAgo(today("08:15")),
        Variance::BandNotScanned,
        Variance::TypedIdentityDiffers,
        Variance::ControlledNeedsBand,
        Variance::PackageDisposed(Disposal::Wasted, today("08:15")),
        Variance::VerbalOrderNeeded,
        Variance::VerbalOrder,
        Variance::PackageNotScanned,
        Variance::MustBeScanned,
        Variance::CountDiffers(2, 2),
        Variance::WitnessRequired,
        Variance::WitnessRecommended,
        Variance::WitnessIsGiver,
        Variance::WitnessNotLicensed(Role::Student),
        Variance::WitnessTooLate(minutes(5)),
        Variance::WitnessDiffers(q("2.5 mg"), q("1250 mg")),
        Variance::WitnessRateDiffers(rate("75 mL/h"), Some(rate("80 mL/h"))),
        Variance::WitnessOtherProduct("as displayed".into()),
        Variance::WasteDue(q("2.5 mg"), minutes(5)),
        Variance::WasteDiffers(q("2.5 mg"), q("1250 mg")),
        Variance::WasteNotComparable(q("2.5 mg")),
        Variance::BreakGlass(today("08:15")),
        Variance::NotAWristband("badge"),
        Variance::NotAWristband("dose"),
        Variance::NotAPackage("wristband"),
        Variance::NotAPackage("nothing"),
        differs(vec![Mismatch::Form]),
        differs(vec![Mismatch::Form, Mismatch::Release]),
        differs(vec![Mismatch::Ingredients]),
        Variance::BandScanOld(jiff::SignedDuration::from_hours(3)),
        Variance::BandScanOld(jiff::SignedDuration::from_secs(40)),
        Variance::BandScanOld(jiff::SignedDuration::from_secs(119)),
        Variance::BandScanOld(minutes(2)),
        Variance::BandScanOld(minutes(119)),
        Variance::BandScanOld(minutes(120)),
        Variance::Recalled(Lot::parse("L").unwrap(), RecallClass::One),
        Variance::Recalled(Lot::parse("L").unwrap(), RecallClass::Three),
        Variance::Stopped(None),
        Variance::ChoiceNeeded(7),
        Variance::PackageDisposed(Disposal::Returned, today("08:15")),
        Variance::RateDiffers(rate("75 mL/h"), RateOrder::Exact(rate("80 mL/h"))),
        Variance::WitnessRateDiffers(rate("75 mL/h"), None),
        Variance::HoldParameter(glucose(), hold(Side::Above)),
        Variance::ObservationMissing(ObservationCode::parse("inr").unwrap(), Unit::Inr, None),
        Variance::ClockOff(jiff::SignedDuration::from_secs(-90)),
        Variance::WitnessNotLicensed(Role::Nurse),
        Variance::WitnessNotLicensed(Role::ChargeNurse),
        Variance::WitnessNotLicensed(Role::Pharmacist),
        Variance::WitnessNotLicensed(Role::Provider),
        Variance::ValueMissing(Wanted::Observation(
            ObservationCode::parse("potassium").unwrap(),
            Unit::MillimolePerLitre,
        )),
        Variance::ValueMissing(Wanted::BirthYear),
        Variance::ValueMissing(Wanted::CountInHand),
        Variance::ValueMissing(Wanted::PainScore),
        Variance::ValueMissing(Wanted::Crushed),
        Variance::ValueMissing(Wanted::PumpRate),
        Variance::ValueMissing(Wanted::Route),
        Variance::ValueMissing(Wanted::GivenAt),
    ]
}

/// One of each way in which something was established.
pub(super) fn evidence() -> Vec<Evidence> {
    vec![
        Evidence::BandScanned,
        Evidence::PackageResolved,
        Evidence::DoseOfThisPatient,
        Evidence::PackageUnused,
        Evidence::ExpiresAt(local_date(2026, 5, 31).at(23, 59, 59, 0)),
        Evidence::LotNotRecalled(Lot::parse("LX2304").unwrap()),
        Evidence::SatisfiesRequest(RequestId::parse("r").unwrap()),
        Evidence::RequestInForce,
        Evidence::PharmacistVerified(today("08:15")),
        Evidence::DoseExact(q("2.5 mg")),
        Evidence::DoseMeasured(q("1001 mg"), q("1000 mg")),
        Evidence::DoseInRange(q("2.5 mg")),
        Evidence::DailyTotal(q("2.5 mg"), q("1250 mg")),
        Evidence::RouteFits(Route::Subcutaneous),
        Evidence::InWindow(today("08:15")),
        Evidence::NoWindow,
        Evidence::IntervalElapsed,
        Evidence::Indicated(ReasonCode::parse("pain").unwrap()),
        Evidence::NoAllergy,
        Evidence::BirthYearFits,
        Evidence::DoseByScale(q("2.5 mg"), glucose()),
        Evidence::DoseByWeight(glucose()),
        Evidence::RateAsOrdered(rate("75 mL/h")),
        Evidence::RouteAllowed(Route::Subcutaneous),
        Evidence::PutAt(SiteCode::parse("left-upper-arm").unwrap()),
        Evidence::MayBeTubed,
        Evidence::WithinParameter(glucose()),
        Evidence::PainScored(1),
        Evidence::PackagesCounted(2),
        Evidence::Witnessed(nurse()),
        Evidence::WasteAddsUp(q("2.5 mg")),
    ]
}

/// Each notice.
pub(super) const NOTICES: &[Notice] = &[
    Notice::NotABadge,
    Notice::UnknownBadge,
    Notice::RoleMayNotGive,
    Notice::LockedOut,
    Notice::AnswerIncomplete,
    Notice::ValueNotPossible,
    Notice::CannotChart,
    Notice::MayNotCorrect,
    Notice::RateNotOrdered,
    Notice::BolusNotOrdered,
    Notice::MustNotBeGiven,
    Notice::BandAgain,
    Notice::RecordUnreadable,
    Notice::WitnessIsGiver,
    Notice::WitnessNotLicensed,
    Notice::WitnessTooLate,
    Notice::WitnessDiffers,
    Notice::WitnessReadsAnother,
    Notice::WrongPin,
    Notice::PackageNotKnown,
    Notice::AmountNotPossible,
    Notice::RecordOnPaper,
];
