//! The site's policy: every threshold and reason list, with defaults. Nothing in this crate compares with a constant instead.

mod defaults;

use alloc::vec::Vec;

use jiff::SignedDuration;

use crate::amount::Amount;
use crate::ident::{Ingredient, ObservationCode, ReasonCode, SiteCode};
use crate::product::{Mark, Route, named};
use crate::request::ObservationKind;

/// Thresholds and reason lists that a site's pharmacist approves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Session rule 2: a wristband scan older than this must be repeated at confirm.
    pub band_scan_lasts: SignedDuration,
    /// Session rule 2: a package scan older than this must be repeated at confirm.
    pub package_scan_lasts: SignedDuration,
    /// An idle session ends after this.
    pub idle_after: SignedDuration,
    /// T1, time-critical: half width of the window.
    pub window_time_critical: SignedDuration,
    /// T1, more often than every four hours: the window is a quarter of the interval, at most this.
    pub window_frequent_most: SignedDuration,
    /// T1, more often than daily up to every four hours.
    pub window_several_daily: SignedDuration,
    /// T1, daily, weekly, monthly.
    pub window_daily: SignedDuration,
    /// T2: earlier than this share of the interval since the last dose needs the prescriber or pharmacist.
    pub early_share: Amount,
    /// T7: the same ingredient within this time asks for a reason.
    pub repeat_within: SignedDuration,
    /// D8: above this share of the daily maximum nothing can be given.
    pub daily_maximum_stop: Amount,
    /// T10: a clock that differs by more than this warns.
    pub clock_warns: SignedDuration,
    /// T10: a clock that differs by more than this records nothing.
    pub clock_stops: SignedDuration,
    /// S2: orders older than this ask for a reason.
    pub orders_stale: SignedDuration,
    /// S2: orders older than this allow documentation only.
    pub orders_unusable: SignedDuration,
    /// A dose may be corrected by its giver for so long, later by a charge nurse only.
    pub correct_within: SignedDuration,
    /// When the effect of an as-needed dose into a vein is to be looked at.
    pub effect_after_iv: SignedDuration,
    /// When the effect of an as-needed dose into a muscle or under the skin is to be looked at.
    pub effect_after_injection: SignedDuration,
    /// When the effect of an as-needed dose by any other route is to be looked at.
    pub effect_after_oral: SignedDuration,
    /// How long after that it is in time (ours: as long as the oral dose takes at most to work).
    pub effect_grace: SignedDuration,
    /// S3: a dose charted later than this after it was given is backdated.
    pub backdated_after: SignedDuration,
    /// S3: a dose older than this is not charted at the bedside any more (ours: one day, as far as the checks look back).
    pub backdated_most: SignedDuration,
    /// How long the ward's hub may take to answer a claim before the kiosk goes on alone (ours).
    pub claim_answers_within: SignedDuration,
    /// How long a claim holds that is neither recorded nor given back (ours: as long as a package scan holds).
    pub claim_lasts: SignedDuration,
    /// P8: a typed identification must be repeated at confirm when it is older than this.
    pub typed_band_lasts: SignedDuration,
    /// W2: a second person must have entered everything so soon after the PIN.
    pub witness_within: SignedDuration,
    /// W4: what is left of a controlled substance is to be wasted or returned so soon.
    pub waste_within: SignedDuration,
    /// S4: break-glass ends by itself after this.
    pub break_glass_lasts: SignedDuration,
    /// S4: a dose that was given without an order is to be linked to one so soon.
    pub order_link_within: SignedDuration,
    /// M10: the same code counts again only after it left the picture for this long.
    pub same_code_again: SignedDuration,
    /// A note for the reason "other" needs this many characters.
    pub other_note_characters: u16,
    /// P6: the same band at another kiosk within this time.
    pub same_band_within: SignedDuration,
    /// P7: full names at most so many edits apart are near.
    pub near_name_edits: u16,
    /// C2: a vital sign older than this is measured again.
    pub vital_sign_lasts: SignedDuration,
    /// C3: a laboratory value older than this is not used, unless it is listed with a time of its own.
    pub laboratory_lasts: SignedDuration,
    /// C3: how long certain laboratory values last.
    pub laboratory_ages: Vec<(ObservationCode, SignedDuration)>,
    /// D6: the value of a sliding scale is at most this old.
    pub scale_value_lasts: SignedDuration,
    /// D7: a patient younger than so many days is a neonate.
    pub neonate_days: u16,
    /// D7: a patient younger than so many years is a child.
    pub child_years: u16,
    /// D7: how long the weight of a neonate lasts.
    pub weight_lasts_neonate: SignedDuration,
    /// D7: how long the weight of a child lasts.
    pub weight_lasts_child: SignedDuration,
    /// D7: how long the weight of an adult lasts.
    pub weight_lasts_adult: SignedDuration,
    /// D7: the ordered dose may differ from the dose by weight by this share.
    pub weight_dose_tolerance: Amount,
    /// D2 of an infusion: the smallest step in which the pump is set, in mL/h.
    pub pump_step: Amount,
    /// O6: what an on-call request allows.
    pub on_call: OnCall,
    /// R3: the routes that need a site, each with its sites.
    pub sites: Vec<(Route, Vec<SiteCode>)>,
    /// R3: the routes by tube, for which tablets and capsules are crushed or opened.
    pub tube_routes: Vec<Route>,
    /// C5: the routes that nil by mouth forbids.
    pub enteral_routes: Vec<Route>,
    /// C4: pairs of ingredients that must not be given together.
    pub contraindicated: Vec<(Ingredient, Ingredient)>,
    /// C4: how long the other one of a pair counts.
    pub contraindicated_within: SignedDuration,
    /// T4, T5: products marked so have strict as-needed limits, as controlled substances do.
    pub strict_as_needed: Vec<Mark>,
    /// T6: the as-needed reasons for which an analgesic asks for the pain score.
    pub pain_reasons: Vec<ReasonCode>,
    /// The reason lists.
    pub reasons: Vec<(ReasonList, Vec<ReasonCode>)>,
}

named! {
    /// What an on-call request allows (VistA BCMA knows both, as a site parameter).
    OnCall {
        /// One dose.
        Once = "once",
        /// A dose at each call.
        EachCall = "each_call",
    }
}

named! {
    /// The lists from which reasons are chosen (clinical.md section 5).
    ReasonList {
        /// Given early.
        Early = "early",
        /// Given late.
        Late = "late",
        /// Not given, held or refused.
        NotGiven = "not_given",
        /// Less than ordered.
        Partial = "partial",
        /// Proceeding despite another variance.
        Override = "override",
        /// The indication of an as-needed dose.
        AsNeeded = "as_needed",
        /// Entered in error.
        Correction = "correction",
        /// Charted after it was given.
        Backdated = "backdated",
        /// How an as-needed dose worked.
        Effect = "effect",
        /// A patch was taken off.
        PatchRemoved = "patch_removed",
        /// An infusion was changed or ended.
        Infusion = "infusion",
        /// What was done about a dose that contradicts the ward.
        Conflict = "conflict",
        /// The wristband was not scanned (P8).
        BandNotScanned = "band_not_scanned",
        /// The package was not scanned (M9).
        PackageNotScanned = "package_not_scanned",
        /// Something was wasted (W4).
        Waste = "waste",
        /// Break-glass was begun (S4).
        BreakGlass = "break_glass",
    }
}

/// The reason that asks for a note in the nurse's words, on every list.
pub const OTHER: &str = "other";

impl Policy {
    /// The codes of a list, `other` last.
    pub fn reasons(&self, list: ReasonList) -> &[ReasonCode] {
        self.reasons.iter().find(|(known, _)| *known == list).map_or(&[], |(_, codes)| codes)
    }

    /// The sites among which one is chosen for a route; empty when it needs none.
    pub fn sites_of(&self, route: Route) -> &[SiteCode] {
        self.sites.iter().find(|(known, _)| *known == route).map_or(&[], |(_, sites)| sites)
    }

    /// How old a value of this kind may be.
    pub fn lasts(&self, what: &ObservationCode, kind: ObservationKind) -> SignedDuration {
        match kind {
            ObservationKind::VitalSign => self.vital_sign_lasts,
            ObservationKind::Laboratory => {
                let own = self.laboratory_ages.iter().find(|(code, _)| code == what);
                own.map_or(self.laboratory_lasts, |(_, age)| *age)
            }
        }
    }
}
