//! The reports and what each says about itself.

use std::path::PathBuf;

use super::page::Table;
use super::settings::Settings;
use super::{
    access, alerts, corrections, effects, integrity, rhythm, scanning, timeliness, witness, workarounds,
};
use crate::reading::{Book, ReadError};

/// The reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// CM1, CM2: how doses and people were scanned.
    Scanning,
    /// CM3: what was typed instead of scanned.
    Bypass,
    /// CM4: what was warned of, and what came of it.
    Alerts,
    /// CM5: what was stopped.
    NearMisses,
    /// CM6: when doses were given beside their windows.
    Timeliness,
    /// CM7: the rhythm of rounds.
    Rhythm,
    /// CM8: how independent second signatures were.
    Witnesses,
    /// CM9: effects of as-needed doses.
    Effects,
    /// CM10: what was corrected, witnessed, overridden or wasted.
    Corrections,
    /// CM11: chain, tree, starts, stops, epochs, cosignatures, clocks, destroyed keys.
    Integrity,
    /// Who did and saw what.
    Access,
    /// Patterns of workarounds.
    Workarounds,
}

impl Kind {
    /// Every report.
    pub const ALL: [Self; 12] = [
        Self::Scanning,
        Self::Bypass,
        Self::Alerts,
        Self::NearMisses,
        Self::Timeliness,
        Self::Rhythm,
        Self::Witnesses,
        Self::Effects,
        Self::Corrections,
        Self::Integrity,
        Self::Access,
        Self::Workarounds,
    ];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scanning => "scanning",
            Self::Bypass => "bypass",
            Self::Alerts => "alerts",
            Self::NearMisses => "near-misses",
            Self::Timeliness => "timeliness",
            Self::Rhythm => "rhythm",
            Self::Witnesses => "witnesses",
            Self::Effects => "effects",
            Self::Corrections => "corrections",
            Self::Integrity => "integrity",
            Self::Access => "access",
            Self::Workarounds => "workarounds",
        }
    }

    /// For people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Scanning => "Scanning rate",
            Self::Bypass => "Typed instead of scanned",
            Self::Alerts => "Alerts and what came of them",
            Self::NearMisses => "Near misses",
            Self::Timeliness => "Timeliness of doses",
            Self::Rhythm => "Rhythm of rounds",
            Self::Witnesses => "Quality of second signatures",
            Self::Effects => "Effects of as-needed doses",
            Self::Corrections => "Corrections, witnesses, overrides and waste",
            Self::Integrity => "Integrity of the ledger",
            Self::Access => "Access: who did and saw what",
            Self::Workarounds => "Patterns of workarounds",
        }
    }

    pub(super) const fn notes(self) -> &'static [&'static str] {
        match self {
            Self::Scanning => &[
                "A dose earns credit when the wristband was scanned before the package and every package was scanned. What was typed, charted afterwards (S3) or given without a scan earns none. Doses entered in error were not given and count nowhere.",
                "Declared exclusions: given in break-glass mode, charted afterwards with the reason \"downtime\", packages whose reason says that they carry no barcode.",
                "As VistA BCMA counts: a wristband counts once for each time a patient was opened, a package once for each that was given.",
            ],
            Self::Bypass => {
                &["A dose counts where it was given with a typed wristband (P8) or a typed package (M9)."]
            }
            Self::Alerts => &[
                "An alert fires once in an attempt: from the first scan of a package to the dose, its refusal or its end. Overridden: the dose was given although the finding stood. Averted: nothing was given. Changed the action: the dose was given after what it said was put right, or acknowledged and not asked again.",
                "The answers to P5, P6 and S2 hold for a patient while the session stays with them and count once.",
                "Checks and classes are those in force when each entry was made.",
            ],
            Self::NearMisses => &[
                "A stop counts once in an attempt. Given in break-glass: the stop still stood when the dose was given, which only break-glass mode allows.",
            ],
            Self::Timeliness => &[
                "From the time that was scheduled to the time at which the dose was given, beside the window of its tier under the policy in force. First doses of an order, one-time, as-needed and continuous ones have no window.",
                "Percentiles are nearest ranks; min away counts early and late alike.",
            ],
            Self::Rhythm => &[
                "Band to package: from the scan that opened the patient to the first package. Scan to confirm: from the last package to the confirmation. Confirm to next band: to the next patient of the session.",
                "Too fast: confirmed within 3 s of the last scan; the next band within 10 s of the confirmation.",
            ],
            Self::Witnesses => &[
                "Blind entries are those of second persons for doses, typed identifications and wastes. Differed: the two values did not agree, and nothing was given or wasted on them.",
            ],
            Self::Effects => &[
                "In time: noted no later than the time at which it was due plus the grace of the policy in force. Not noted: that time passed within the range.",
            ],
            Self::Corrections => {
                &["Backdated: S3. Late: T3. The numbers in \"corrects\" are entries of the same ledger."]
            }
            Self::Integrity => &[
                "What this page computes again covers every entry up to the end of the range. Run `ledger verify` for the whole proof: enrolment, each epoch's signatures, patient data, policy.",
                "A clock that was set is shown, never an error in itself. Without the machine's own time only a step back can be seen.",
            ],
            Self::Access => &[
                "People and patients stand under pseudonyms unless --names was given. The holder of the device key can tell whose they are.",
            ],
            Self::Workarounds => &[
                "A case is a question to ask, not an accusation. docs/reports.md says what each pattern looks at and what else can look so.",
            ],
        }
    }

    /// Whether the report can only be made where patient data opens.
    pub const fn needs_patient_data(self) -> bool {
        match self {
            Self::Timeliness | Self::Rhythm | Self::Witnesses | Self::Effects | Self::Workarounds => true,
            Self::Scanning
            | Self::Bypass
            | Self::Alerts
            | Self::NearMisses
            | Self::Corrections
            | Self::Integrity
            | Self::Access => false,
        }
    }

    pub(super) fn tables(
        self,
        book: &Book,
        sources: &[PathBuf],
        settings: &Settings,
    ) -> Result<Vec<Table>, ReadError> {
        Ok(match self {
            Self::Scanning => scanning::scanning(book, settings),
            Self::Bypass => scanning::bypass(book, settings),
            Self::Alerts => alerts::alerts(book, settings),
            Self::NearMisses => alerts::near_misses(book, settings),
            Self::Timeliness => timeliness::timeliness(book, settings),
            Self::Rhythm => rhythm::rhythm(book, settings),
            Self::Witnesses => witness::witnesses(book, settings),
            Self::Effects => effects::effects(book, settings),
            Self::Corrections => corrections::corrections(book),
            Self::Integrity => integrity::integrity(book, sources)?,
            Self::Access => access::access(book),
            Self::Workarounds => workarounds::workarounds(book, settings),
        })
    }
}
