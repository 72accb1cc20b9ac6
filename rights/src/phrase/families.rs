//! Which table of a language has the phrase of a variance. As patterns, so that every match stays exhaustive: a new variance that
//! stands in no family, or has no phrase in its table, does not compile.

/// Right patient: P1 to P9.
macro_rules! patient {
    () => {
        Variance::NotAWristband(_)
            | Variance::CodeFaulty(_)
            | Variance::BandScanOld(_)
            | Variance::PatientUnknown
            | Variance::PatientAmbiguous
            | Variance::OldBand
            | Variance::BandSerialUnknown
            | Variance::Discharged
            | Variance::Deceased
            | Variance::NotAdmitted
            | Variance::OtherWard
            | Variance::BandSeenElsewhere(_)
            | Variance::BirthYearWrong(_)
            | Variance::AllergiesChanged
            | Variance::PatientMerged
            | Variance::BandNotScanned
            | Variance::TypedIdentityDiffers
            | Variance::ControlledNeedsBand
    };
}

/// Right medication: M1 to M11.
macro_rules! medication {
    () => {
        Variance::NotAPackage(_)
            | Variance::PackageScanOld(_)
            | Variance::ProductUnknown
            | Variance::ProductAmbiguous
            | Variance::DifferentProducts
            | Variance::OtherPatientsDose
            | Variance::DoseUnknown
            | Variance::PackageUsed(_)
            | Variance::PackageTwice
            | Variance::Expired(_)
            | Variance::BeyondUse(_)
            | Variance::ExpiredSince(_)
            | Variance::ExpiryUnknown
            | Variance::Recalled(..)
            | Variance::LotUnknown
            | Variance::NotOrdered
            | Variance::Differs { .. }
            | Variance::LookAlike(_)
            | Variance::NotUnitOfUse(_)
            | Variance::PackageDisposed(..)
            | Variance::VerbalOrderNeeded
            | Variance::VerbalOrder
            | Variance::PackageNotScanned
            | Variance::MustBeScanned
            | Variance::CountDiffers(..)
    };
}

/// The request: O1 to O9.
macro_rules! request {
    () => {
        Variance::NotStarted(_)
            | Variance::Stopped(_)
            | Variance::Ended(_)
            | Variance::EndedSince(_)
            | Variance::NotVerified
            | Variance::OnHold
            | Variance::HeldSince(_)
            | Variance::RequestChanged
            | Variance::OneTimeGiven(..)
            | Variance::ChoiceNeeded(_)
            | Variance::AlreadyCharted(..)
            | Variance::NothingScheduled
            | Variance::Unscheduled(_)
            | Variance::DoNotGive(_)
            | Variance::InstructionFlagged(_)
            | Variance::OrdersChanged(_)
            | Variance::OnCallGiven(..)
            | Variance::BeingGivenElsewhere(..)
            | Variance::BagChange(_)
    };
}

/// Right dose: D1 to D8.
macro_rules! dose {
    () => {
        Variance::NotComparable(..)
            | Variance::Under(..)
            | Variance::Over(..)
            | Variance::MeasureOut(..)
            | Variance::MeasureOutWithin(..)
            | Variance::NotMeasurable(..)
            | Variance::PartNotPossible(_)
            | Variance::OutOfRange(..)
            | Variance::DailyMaximum(..)
            | Variance::DailyTotalUnknown
            | Variance::NotByScale(..)
            | Variance::NoScaleRow(_)
            | Variance::ScaleSaysNone(_)
            | Variance::WeightUnknown
            | Variance::WeightOld(_)
            | Variance::NotByWeight(..)
            | Variance::RateDiffers(..)
            | Variance::RateNotComparable(_)
            | Variance::NoRateOrdered
    };
}

/// Right route and right time: R1 to R3, T1 to T10.
macro_rules! route_and_time {
    () => {
        Variance::RouteDiffers(_)
            | Variance::Early(_)
            | Variance::EarlyAfterLast(..)
            | Variance::Late(_)
            | Variance::LatePastMiddle(..)
            | Variance::TooSoon(..)
            | Variance::TooSoonBefore(..)
            | Variance::CountReached(_)
            | Variance::ReasonAsked
            | Variance::SameIngredientRecently(..)
            | Variance::LaterGiven(_)
            | Variance::ClockOff(_)
            | Variance::ClockUnknown
            | Variance::RouteNotAllowed(_)
            | Variance::SiteNotOfRoute(_)
            | Variance::SameSite(..)
            | Variance::MustNotBeCrushed
            | Variance::AmountReached(..)
            | Variance::PatchStillOn(..)
            | Variance::PatchElsewhere(..)
    };
}

/// Patient-specific checks: C1 to C6.
macro_rules! conditions {
    () => {
        Variance::AllergyIngredient(_)
            | Variance::AllergySince(..)
            | Variance::AllergyClass(_)
            | Variance::AllergyAccepted(_)
            | Variance::AllergyTextOnly(_)
            | Variance::ObservationMissing(..)
            | Variance::HoldParameter(..)
            | Variance::Contraindicated(..)
            | Variance::NilByMouth
            | Variance::Hazardous
    };
}

/// Second persons and safe operation: W1 to W4, S2 to S4, and values that are asked.
macro_rules! safety {
    () => {
        Variance::OrdersOld(_)
            | Variance::OrdersAgeUnknown
            | Variance::ValueMissing(_)
            | Variance::Backdated(_)
            | Variance::GivenInTheFuture(_)
            | Variance::GivenTooLongAgo(_)
            | Variance::WitnessRequired
            | Variance::WitnessRecommended
            | Variance::WitnessIsGiver
            | Variance::WitnessNotLicensed(_)
            | Variance::WitnessTooLate(_)
            | Variance::WitnessDiffers(..)
            | Variance::WitnessRateDiffers(..)
            | Variance::WitnessOtherProduct(_)
            | Variance::WasteDue(..)
            | Variance::WasteDiffers(..)
            | Variance::WasteNotComparable(_)
            | Variance::BreakGlass(_)
    };
}

pub(super) use {conditions, dose, medication, patient, request, route_and_time, safety};
