//! The checks of the clinical specification, what they ask for and which right they are about.

use crate::product::named;

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
    pub(super) const fn decides(self, right: Right) -> bool {
        match right {
            Right::Patient => matches!(self, Self::P2),
            Right::Medication => matches!(self, Self::M7),
            Right::Dose => matches!(self, Self::D2 | Self::D5),
            Right::Route => matches!(self, Self::R1),
            Right::Time => matches!(self, Self::T1 | Self::T4),
        }
    }
}
