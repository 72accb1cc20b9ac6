//! The whole input of one decision. Nothing else is looked at, so the same case gives the same verdict, for ever.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::amount::Amount;
use crate::claims::BeingGiven;
use crate::course::{self, Infusion};
use crate::custody::Disposal;
pub use crate::entered::Entered;
use crate::entered::Observation;
use crate::follow_up::FollowUp;
use crate::history::{Administration, DispensedDose};
use crate::ident::{ClinicianId, PatientId, PersonName, ProductId, ReasonCode, RequestId, SiteCode, WardId};
use crate::moment::Moment;
use crate::person::Patient;
use crate::policy::Policy;
use crate::product::{Product, RecallClass, Route};
use crate::quantity::Quantity;
use crate::rate::Rate;
use crate::request::Request;
use crate::scan::Scan;
use crate::schedule::{Slot, Timing};
use crate::verdict::Check;
use crate::witness::{SecondPerson, Witness};

/// The question "who is this?": a wristband scan and the patients whose number it carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatientCase {
    /// The ward of the kiosk.
    pub ward: WardId,
    /// What was scanned.
    pub scan: Scan,
    /// When.
    pub scanned_at: Timestamp,
    /// The patients whose number the band carries, or whom the typed identification fits: none, one, or several by mistake.
    pub candidates: Vec<Patient>,
    /// What was entered to tell who it is.
    pub entered: Vec<Entered>,
    /// The site's policy; `None` in entries from before a check of the patient had a threshold.
    pub policy: Option<Arc<Policy>>,
    /// Other inpatients of the ward who could be taken for this one (P7).
    pub near: Vec<Neighbour>,
    /// When another kiosk saw the same patient's band (P6).
    pub seen_elsewhere: Option<Timestamp>,
    /// What changed since this nurse last looked (P9, O9).
    pub news: News,
    /// What was typed because the band cannot be scanned (P8); `scan` says nothing then.
    pub typed: Option<TypedIdentity>,
}

/// Another inpatient of the ward. `Debug` says that it is one, nothing else.
#[derive(Clone, PartialEq, Eq)]
pub struct Neighbour {
    /// As displayed.
    pub name: PersonName,
    /// Birth date.
    pub birth_date: Date,
}

impl core::fmt::Debug for Neighbour {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Neighbour(..)")
    }
}

/// What changed since a nurse last looked at a patient.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// Allergies or flags (P9).
    pub allergies_or_flags: bool,
    /// The new and changed requests, by name (O9).
    pub orders: Vec<String>,
}

/// The question "may this be given to this patient now?".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoseCase {
    /// Now.
    pub now: Moment,
    /// The site's policy.
    pub policy: Arc<Policy>,
    /// Who the patient is.
    pub patient: PatientCase,
    /// Until when the orders are known to be current.
    pub orders_as_of: Option<Timestamp>,
    /// What is in hand.
    pub packages: Vec<PackageInHand>,
    /// The patient's requests that matter for what is in hand, each with its scheduled doses around now.
    pub requests: Vec<RequestInCase>,
    /// The items among these requests that `packages` may be confused with.
    pub look_alikes: Vec<Product>,
    /// The youngest of each value that a request depends on.
    pub observations: Vec<Observation>,
    /// What was done for this patient that matters: the same requests, or an ingredient in hand.
    pub history: Vec<Administration>,
    /// What the nurse chose, declared and answered.
    pub answers: Answers,
    /// What followed the doses of `history`.
    pub follow_ups: Vec<FollowUp>,
    /// Doses that other kiosks are giving to this patient, as the ward's hub said a short time ago.
    pub being_given: Vec<BeingGiven>,
    /// Who gives it.
    pub giver: Option<ClinicianId>,
    /// The emergency in which it is given, while one was declared (S4).
    pub break_glass: Option<BreakGlass>,
}

/// P8: what the nurse typed to tell who the patient is, and what the witness typed without seeing it. `Debug` leaves all of it
/// out.
#[derive(Clone, PartialEq, Eq)]
pub struct TypedIdentity {
    /// The whole birth date.
    pub birth_date: Date,
    /// The last four characters of the record number.
    pub mrn_end: String,
    /// Who witnessed, and the birth date that they typed.
    pub witness: Option<(SecondPerson, Date)>,
}

impl core::fmt::Debug for TypedIdentity {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("TypedIdentity(..)")
    }
}

/// S4: an emergency that two clinicians declared for one patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakGlass {
    /// Since when.
    pub since: Timestamp,
    /// Who declared it.
    pub by: ClinicianId,
    /// Who confirmed it with a badge and PIN of their own.
    pub second: ClinicianId,
    /// Why, from the site's list.
    pub reason: ReasonCode,
}

/// S4: an order that was only spoken. It stands for a request until the dose is linked to a written one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerbalOrder {
    /// Its id for this dose.
    pub id: RequestId,
    /// When it was entered.
    pub at: Timestamp,
    /// Of which product: the one that was in hand then.
    pub product: ProductId,
    /// How much.
    pub dose: Quantity,
    /// By which route.
    pub route: Route,
}

/// A request with its scheduled doses around now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestInCase {
    /// The request.
    pub request: Request,
    /// From a while before now to the next one, ascending; none for a request that what is in hand does not fit.
    pub slots: Vec<Slot>,
}

/// One scanned package and what the site knows about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageInHand {
    /// What was scanned.
    pub scan: Scan,
    /// When.
    pub scanned_at: Timestamp,
    /// What the drug file and the pharmacy say to it.
    pub known: PackageKnown,
    /// When this very package was used before (M4).
    pub used_at: Option<Timestamp>,
    /// How and when it was wasted or returned (M4).
    pub disposed: Option<(Disposal, Timestamp)>,
    /// How much of its content is to be given.
    pub taken: Taken,
}

/// What the site knows about a scanned package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackageKnown {
    /// Exactly one item.
    Product {
        /// The item.
        product: Product,
        /// The recall of its lot.
        recall: Option<RecallClass>,
        /// The dispensed dose, for our own labels.
        dose: Option<DispensedDose>,
    },
    /// No item; for a dose label: none that the pharmacy made.
    Unknown,
    /// Several items.
    Ambiguous,
}

/// How much of a package's content is to be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// All of it.
    Whole,
    /// This share of it: a half or a quarter of a scored tablet.
    Share(Amount),
    /// This much of it: a measured volume.
    Measured(Quantity),
}

/// What the nurse chose, declared and answered so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// The request and scheduled dose that were chosen where several match (O7), or that the first evaluation fixed.
    pub chosen: Option<Choice>,
    /// Nothing more will be scanned: what is in hand is all that will be given (D3).
    pub no_more: bool,
    /// Reasons and acknowledgements.
    pub reasons: Vec<Answer>,
    /// Values that were entered for this dose, and those of this session that hold for the patient.
    pub entered: Vec<Entered>,
    /// The independent double check of what is in hand now (W3).
    pub witness: Option<Witness>,
    /// The spoken order for what is in hand, in break-glass mode (S4).
    pub verbal: Option<VerbalOrder>,
}

/// One request and one scheduled dose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The request.
    pub request: RequestId,
    /// The version that was displayed.
    pub version: u32,
    /// The scheduled dose; `None` for as-needed requests.
    pub slot: Option<Timestamp>,
}

/// The nurse's answer to one finding. `Debug` leaves out the nurse's words.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// Which check asked.
    pub check: Check,
    /// The coded reason; for an acknowledgement there is none.
    pub reason: Option<ReasonCode>,
    /// In the nurse's words, where the reason asks for them.
    pub note: Option<String>,
    /// Who was contacted and when, where the finding asks for it.
    pub contact: Option<Contact>,
}

impl core::fmt::Debug for Answer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Answer({}, {:?}, ..)", self.check.name(), self.reason)
    }
}

/// A prescriber or pharmacist who was contacted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Which of the two.
    pub who: ContactRole,
    /// When.
    pub at: Timestamp,
}

crate::product::named! {
    /// Who was contacted.
    ContactRole {
        /// The prescriber.
        Prescriber = "prescriber",
        /// The pharmacist.
        Pharmacist = "pharmacist",
    }
}

impl Answers {
    /// When the nurse says that the dose was given, where that is not now (S3).
    pub fn given_at(&self) -> Option<Timestamp> {
        self.entered.iter().find_map(|value| match value {
            Entered::GivenAt(at) => Some(*at),
            _ => None,
        })
    }
}

impl PackageInHand {
    /// The product, when exactly one is known.
    pub const fn product(&self) -> Option<&Product> {
        match &self.known {
            PackageKnown::Product { product, .. } => Some(product),
            PackageKnown::Unknown | PackageKnown::Ambiguous => None,
        }
    }

    /// How much of its content is to be given; `None` when that cannot be computed.
    pub fn content_taken(&self) -> Option<Quantity> {
        let product = self.product()?;
        match self.taken {
            Taken::Whole => Some(product.package),
            Taken::Share(share) => product.package.times(share),
            Taken::Measured(quantity) => Some(quantity),
        }
    }
}

impl Answers {
    /// Where the dose is put.
    pub fn site(&self) -> Option<&SiteCode> {
        self.entered
            .iter()
            .rev()
            .find_map(|value| if let Entered::Site(site) = value { Some(site) } else { None })
    }

    /// How many packages are said to be in hand (M10).
    pub fn count_in_hand(&self) -> Option<u16> {
        self.last(|value| if let Entered::CountInHand(count) = value { Some(*count) } else { None })
    }

    /// The pain score.
    pub fn pain_score(&self) -> Option<u8> {
        self.last(|value| if let Entered::PainScore(score) = value { Some(*score) } else { None })
    }

    /// The route that is charted, where another one than the ordered was chosen.
    pub fn route(&self) -> Option<Route> {
        self.last(|value| if let Entered::Route(route) = value { Some(*route) } else { None })
    }

    /// Whether the dose was crushed.
    pub fn crushed(&self) -> Option<bool> {
        self.last(|value| if let Entered::Crushed(crushed) = value { Some(*crushed) } else { None })
    }

    /// How fast the pump is set.
    pub fn pump_rate(&self) -> Option<Rate> {
        self.last(|value| if let Entered::PumpRate(rate) = value { Some(*rate) } else { None })
    }

    /// The values that were entered in this session.
    pub fn observations(&self) -> impl Iterator<Item = &Observation> {
        self.entered
            .iter()
            .filter_map(|value| if let Entered::Observation(seen) = value { Some(seen) } else { None })
    }

    fn last<T>(&self, which: impl Fn(&Entered) -> Option<T>) -> Option<T> {
        self.entered.iter().rev().find_map(which)
    }
}

impl DoseCase {
    /// When the dose enters the patient: now, or the earlier time that the nurse says (S3).
    pub fn at(&self) -> Timestamp {
        self.answers.given_at().unwrap_or(self.now.at)
    }

    /// S3: whether the nurse says that the dose was given before this instant. What began then did not hold yet.
    pub fn was_given_before(&self, instant: Timestamp) -> bool {
        self.answers.given_at().is_some_and(|at| at < instant)
    }

    /// Whether a dose came before this one: whatever is charted, or what was given until then where the nurse says when this one was (S3).
    pub fn came_before(&self, done: &Administration) -> bool {
        self.answers.given_at().is_none_or(|at| done.at <= at)
    }

    /// The infusion that a bag of this request continues, with the administration that started it: it runs or is paused. A dose that is
    /// scheduled or taken as needed continues none, even when nobody charted that the last one ran to its end.
    pub fn continued_infusion(&self, request: &Request) -> Option<(&Administration, Infusion)> {
        self.history
            .iter()
            .rev()
            .filter(|done| request.timing == Timing::Continuous && done.request == request.id)
            .filter_map(|done| Some((done, course::infusion(done, &self.history, &self.follow_ups)?)))
            .find(|(_, infusion)| infusion.state.is_open())
    }

    /// The patient, when exactly one carries the band.
    pub fn patient(&self) -> Option<&Patient> {
        match self.patient.candidates.as_slice() {
            [patient] => Some(patient),
            _ => None,
        }
    }

    /// The patient's id.
    pub fn patient_id(&self) -> Option<&PatientId> {
        self.patient().map(|patient| &patient.id)
    }

    /// The product in hand, when all packages are of one.
    pub fn product(&self) -> Option<&Product> {
        let first = self.packages.first()?.product()?;
        self.packages
            .iter()
            .all(|p| p.product().is_some_and(|product| product.id == first.id))
            .then_some(first)
    }
}
