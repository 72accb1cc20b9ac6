//! MedicationRequests: what was prescribed.

use alloc::string::String;
use alloc::vec::Vec;

use jiff::{SignedDuration, Timestamp};

use crate::ident::{ClinicianId, Ingredient, ObservationCode, PatientId, ProductId, RequestId};
use crate::product::{Form, Product, Release, Route, named};
use crate::quantity::Quantity;
use crate::rate::RateOrder;
use crate::schedule::Timing;

named! {
    /// Whether a request may be acted on.
    RequestStatus {
        /// May be given.
        Active = "active",
        /// Held by the provider (O3).
        OnHold = "on_hold",
        /// Stopped; kept so that the nurse is told so instead of "no order".
        Stopped = "stopped",
    }
}

/// One prescribed medication with one timing. A FHIR request with several concurrent dosage instructions becomes several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The id, stable over versions.
    pub id: RequestId,
    /// The version; a higher one replaces a lower one.
    pub version: u32,
    /// For whom.
    pub patient: PatientId,
    /// Whether it may be acted on.
    pub status: RequestStatus,
    /// The instant from which `status` is known to hold, where the order system says it.
    pub status_since: Option<Timestamp>,
    /// When a pharmacist verified it (O2).
    pub verified: Option<Timestamp>,
    /// What was ordered.
    pub drug: OrderedDrug,
    /// How much.
    pub dose: DoseOrder,
    /// By which route.
    pub route: Route,
    /// Other routes the request allows.
    pub alternate_routes: Vec<Route>,
    /// When.
    pub timing: Timing,
    /// First instant at which it is in force.
    pub start: Timestamp,
    /// First instant at which it no longer is.
    pub stop: Option<Timestamp>,
    /// Time-critical: +-30 minutes (CMS/ISMP).
    pub time_critical: bool,
    /// The most of the dosing ingredient in any 24 hours (D8).
    pub daily_maximum: Option<Quantity>,
    /// When a prescriber or pharmacist accepted a recorded allergy for this request (C1).
    pub allergy_accepted: Option<Timestamp>,
    /// How fast an infusion may run.
    pub rate: Option<RateOrder>,
    /// The most that may be given at once from a running bag; `None` when no bolus is ordered.
    pub bolus: Option<Quantity>,
    /// How long a patch stays on, where that is not until the next one.
    pub patch_worn: Option<SignedDuration>,
    /// The prescriber.
    pub prescriber: Option<ClinicianId>,
    /// Instruction for the nurse, as displayed.
    pub instruction: Option<String>,
    /// SHA-256 of the order system's bytes, which are kept beside it.
    pub source_sha256: [u8; 32],
    /// What else the order makes its doses depend on.
    pub conditions: Conditions,
}

/// What an order makes its doses depend on beside time; nothing by default. `Debug` leaves out the texts.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Conditions {
    /// O3: marked "do not give", with the reason as displayed.
    pub do_not_give: Option<String>,
    /// O5: the instruction must be acknowledged.
    pub instruction_flagged: bool,
    /// O6: given when called for, not by the clock.
    pub on_call: bool,
    /// C2, C3: values outside which the dose is held.
    pub hold_when: Vec<HoldWhen>,
    /// D6: the dose by a value that is measured before it.
    pub scale: Option<Scale>,
    /// D7: the dose for each kilogram of the patient, from which the ordered dose was computed.
    pub per_kilogram: Option<Quantity>,
}

impl core::fmt::Debug for Conditions {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Conditions(..)")
    }
}

/// A hold parameter: "hold if the heart rate is below 60 /min".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldWhen {
    /// Of what.
    pub what: ObservationCode,
    /// Whether it is measured at the bedside or in the laboratory.
    pub kind: ObservationKind,
    /// On which side of the limit the dose is held; the limit itself is allowed.
    pub side: Side,
    /// The limit.
    pub limit: Quantity,
}

named! {
    /// Where a value comes from.
    ObservationKind {
        /// A vital sign (C2).
        VitalSign = "vital_sign",
        /// A laboratory value (C3).
        Laboratory = "laboratory",
    }
}

named! {
    /// One side of a limit.
    Side {
        /// Less than the limit.
        Below = "below",
        /// More than the limit.
        Above = "above",
    }
}

/// A sliding scale: the dose by a value (D6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scale {
    /// Of what, such as `glucose`.
    pub what: ObservationCode,
    /// The rows, ascending, without overlap.
    pub rows: Vec<ScaleRow>,
}

/// One row of a sliding scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScaleRow {
    /// From this value on.
    pub from: Quantity,
    /// Below this value; the last row may have no end.
    pub below: Option<Quantity>,
    /// The dose; zero where none is to be given.
    pub dose: Quantity,
}

impl Scale {
    /// The row of a value; `None` when the scale says nothing of it, or the units measure different things.
    pub fn row(&self, value: &Quantity) -> Option<&ScaleRow> {
        self.rows.iter().find(|row| {
            value.compare(&row.from).is_some_and(core::cmp::Ordering::is_ge)
                && row.below.is_none_or(|end| value.compare(&end).is_some_and(core::cmp::Ordering::is_lt))
        })
    }
}

impl HoldWhen {
    /// Whether this value is on the side on which the dose is held; `None` when the two cannot be compared.
    pub fn holds(&self, value: &Quantity) -> Option<bool> {
        let order = value.compare(&self.limit)?;
        Some(match self.side {
            Side::Below => order.is_lt(),
            Side::Above => order.is_gt(),
        })
    }
}

/// What was ordered, in the terms a package is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderedDrug {
    /// Generic name for the screen.
    pub name: String,
    /// The item that the order names, where it names one; equivalents may be given (M7).
    pub item: Option<ProductId>,
    /// The ingredients, salts included where they matter. Never empty.
    pub ingredients: Vec<Ingredient>,
    /// Dose form.
    pub form: Form,
    /// Release type.
    pub release: Release,
}

/// How much was ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoseOrder {
    /// Exactly this.
    Exact(Quantity),
    /// Anything from the first to the second, both included, in one dimension (D5).
    Range(Quantity, Quantity),
}

impl DoseOrder {
    /// The least that fulfils the order.
    pub const fn least(&self) -> &Quantity {
        match self {
            Self::Exact(quantity) | Self::Range(quantity, _) => quantity,
        }
    }

    /// The most that fulfils the order.
    pub const fn most(&self) -> &Quantity {
        match self {
            Self::Exact(quantity) | Self::Range(_, quantity) => quantity,
        }
    }
}

/// How a product differs from what was ordered; more than one may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mismatch {
    /// Other active ingredients, salts or insulin types.
    Ingredients,
    /// Another form family.
    Form,
    /// Another release type: ER is not IR.
    Release,
}

impl OrderedDrug {
    /// M7: every way in which `product` is not what was ordered; empty when it is.
    pub fn mismatches(&self, product: &Product) -> Vec<Mismatch> {
        let ordered: alloc::collections::BTreeSet<&Ingredient> = self.ingredients.iter().collect();
        let mut found = Vec::new();
        // An order or a product without ingredients is a fault of the data; two such faults are no agreement.
        if ordered.is_empty() || ordered != product.ingredients() {
            found.push(Mismatch::Ingredients);
        }
        if !self.form.same_family(product.form) {
            found.push(Mismatch::Form);
        }
        if self.release != product.release {
            found.push(Mismatch::Release);
        }
        found
    }

    /// Whether the two have an ingredient in common.
    pub fn shares_ingredient(&self, product: &Product) -> bool {
        self.ingredients.iter().any(|ingredient| product.holds(ingredient))
    }

    /// Whether the two have a substance in common, in whichever salt.
    pub fn shares_substance(&self, product: &Product) -> bool {
        self.ingredients.iter().any(|ingredient| product.holds_substance(ingredient))
    }
}

impl Request {
    /// How much of the *ordered* quantity is in `content` of `product`, in the dimension of the order: the content itself when
    /// the order counts tablets or millilitres, the amount of its single ingredient when the order weighs or counts
    /// milliequivalents. `None` when they cannot be compared (D1), also for a combination ordered by weight.
    pub fn ordered_amount_in(&self, product: &Product, content: &Quantity) -> Option<Quantity> {
        let unit = self.dose.least().unit;
        if content.unit.dimension() == unit.dimension() {
            return Some(Quantity::new(content.in_unit(unit)?, unit));
        }
        product.single_ingredient_in(content, unit)
    }

    /// The content of `product` that holds `dose` of what was ordered: the inverse of [`ordered_amount_in`](Self::ordered_amount_in).
    pub fn content_for(&self, product: &Product, dose: &Quantity) -> Option<Quantity> {
        let one = self.ordered_amount_in(product, &product.per)?;
        let times = dose.in_unit(one.unit)?.over(one.amount)?;
        product.per.times(times)
    }

    /// Whether it was stopped, or came to its planned end, by this time. Of a stopped one without a time nobody knows that it was not.
    pub fn is_over(&self, at: Timestamp) -> bool {
        let stopped =
            self.status == RequestStatus::Stopped && self.status_since.is_none_or(|since| since <= at);
        stopped || self.stop.is_some_and(|stop| stop <= at)
    }

    /// The nominal time between two doses, where the timing has one.
    pub fn interval(&self) -> Option<SignedDuration> {
        self.timing.interval()
    }
}
