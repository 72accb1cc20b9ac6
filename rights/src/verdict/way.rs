//! How a choice is made: what the nurse must choose, declare, scan or enter before a dose is complete.

use super::Variance;
use crate::entered::Wanted;
use crate::quantity::Quantity;

/// How what is missing before a dose can be given is supplied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// A request and scheduled dose is chosen.
    Choose,
    /// Of the last package from so much to so much is declared.
    Measure(Quantity, Quantity),
    /// The next package is scanned, or it is said that there is none: so much of so much is in hand.
    ScanNext(Quantity, Quantity),
    /// A value is typed or declared.
    Enter(Wanted),
    /// The spoken order is entered.
    VerbalOrder,
    /// A second person checks.
    CallWitness,
}

impl Variance {
    /// How what is missing is supplied, where a choice is asked ([`Class::Choice`](super::Class::Choice)); `None` for what no choice
    /// settles. A new variance says here which it is.
    #[expect(clippy::too_many_lines, reason = "one arm for each variance, so that a new one cannot slip by")]
    pub(crate) fn way(&self) -> Option<Way> {
        Some(match self {
            Self::ChoiceNeeded(_) => Way::Choose,
            Self::MeasureOut(_, _, part) => Way::Measure(*part, *part),
            Self::MeasureOutWithin(_, (from, to)) => Way::Measure(*from, *to),
            Self::Under(total, ordered) => Way::ScanNext(*total, *ordered),
            Self::ValueMissing(wanted) => Way::Enter(wanted.clone()),
            Self::ObservationMissing(what, unit, _) => Way::Enter(Wanted::Observation(what.clone(), *unit)),
            Self::VerbalOrderNeeded => Way::VerbalOrder,
            Self::WitnessRequired => Way::CallWitness,
            Self::NotAWristband(_)
            | Self::CodeFaulty(_)
            | Self::BandScanOld(_)
            | Self::PatientUnknown
            | Self::PatientAmbiguous
            | Self::OldBand
            | Self::BandSerialUnknown
            | Self::Discharged
            | Self::Deceased
            | Self::NotAdmitted
            | Self::OtherWard
            | Self::NotAPackage(_)
            | Self::PackageScanOld(_)
            | Self::ProductUnknown
            | Self::ProductAmbiguous
            | Self::DifferentProducts
            | Self::OtherPatientsDose
            | Self::DoseUnknown
            | Self::PackageUsed(_)
            | Self::PackageTwice
            | Self::Expired(_)
            | Self::BeyondUse(_)
            | Self::ExpiredSince(_)
            | Self::ExpiryUnknown
            | Self::Recalled(..)
            | Self::LotUnknown
            | Self::NotOrdered
            | Self::Differs { .. }
            | Self::LookAlike(_)
            | Self::NotUnitOfUse(_)
            | Self::NotStarted(_)
            | Self::Stopped(_)
            | Self::Ended(_)
            | Self::EndedSince(_)
            | Self::NotVerified
            | Self::OnHold
            | Self::HeldSince(_)
            | Self::RequestChanged
            | Self::OneTimeGiven(..)
            | Self::AlreadyCharted(..)
            | Self::NothingScheduled
            | Self::Unscheduled(_)
            | Self::NotComparable(..)
            | Self::Over(..)
            | Self::NotMeasurable(..)
            | Self::PartNotPossible(_)
            | Self::OutOfRange(..)
            | Self::DailyMaximum(..)
            | Self::DailyTotalUnknown
            | Self::RouteDiffers(_)
            | Self::Early(_)
            | Self::EarlyAfterLast(..)
            | Self::Late(_)
            | Self::LatePastMiddle(..)
            | Self::TooSoon(..)
            | Self::TooSoonBefore(..)
            | Self::CountReached(_)
            | Self::ReasonAsked
            | Self::SameIngredientRecently(..)
            | Self::LaterGiven(_)
            | Self::ClockOff(_)
            | Self::AllergyIngredient(_)
            | Self::AllergySince(..)
            | Self::AllergyClass(_)
            | Self::AllergyAccepted(_)
            | Self::AllergyTextOnly(_)
            | Self::OrdersOld(_)
            | Self::OrdersAgeUnknown
            | Self::ClockUnknown
            | Self::BandSeenElsewhere(_)
            | Self::BirthYearWrong(_)
            | Self::AllergiesChanged
            | Self::DoNotGive(_)
            | Self::InstructionFlagged(_)
            | Self::OrdersChanged(_)
            | Self::OnCallGiven(..)
            | Self::NotByScale(..)
            | Self::NoScaleRow(_)
            | Self::ScaleSaysNone(_)
            | Self::WeightUnknown
            | Self::WeightOld(_)
            | Self::NotByWeight(..)
            | Self::RateDiffers(..)
            | Self::RateNotComparable(_)
            | Self::RouteNotAllowed(_)
            | Self::SiteNotOfRoute(_)
            | Self::SameSite(..)
            | Self::MustNotBeCrushed
            | Self::AmountReached(..)
            | Self::HoldParameter(..)
            | Self::Contraindicated(..)
            | Self::NilByMouth
            | Self::Hazardous
            | Self::PatientMerged
            | Self::BeingGivenElsewhere(..)
            | Self::BagChange(_)
            | Self::PatchStillOn(..)
            | Self::PatchElsewhere(..)
            | Self::NoRateOrdered
            | Self::Backdated(_)
            | Self::GivenInTheFuture(_)
            | Self::GivenTooLongAgo(_)
            | Self::BandNotScanned
            | Self::TypedIdentityDiffers
            | Self::ControlledNeedsBand
            | Self::PackageDisposed(..)
            | Self::VerbalOrder
            | Self::PackageNotScanned
            | Self::MustBeScanned
            | Self::CountDiffers(..)
            | Self::WitnessRecommended
            | Self::WitnessIsGiver
            | Self::WitnessNotLicensed(_)
            | Self::WitnessTooLate(_)
            | Self::WitnessDiffers(..)
            | Self::WitnessRateDiffers(..)
            | Self::WitnessOtherProduct(_)
            | Self::WasteDue(..)
            | Self::WasteDiffers(..)
            | Self::WasteNotComparable(_)
            | Self::BreakGlass(_) => return None,
        })
    }
}
