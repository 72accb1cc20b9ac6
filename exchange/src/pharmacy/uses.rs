//! What the ledgers say of packages: given, wasted, returned, put aside, each with who had it and for which request.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use ledger::reading::{Book, Line};
use rights::custody::{CustodyId, Disposal};
use rights::follow_up::{Act, FollowUp};
use rights::history::{Administration, PackageIdentity, Record, UsedPackage};
use rights::ident::{ClinicianId, DoseId, PatientId, ProductId, RequestId};
use rights::quantity::{Quantity, Unit};
use rights::request::Request;

use super::dispenses::Known;
use super::stored::{NOTHING, Stored};

/// One package in somebody's hands at the bedside.
#[derive(Clone, Debug)]
pub struct Use<'a> {
    /// Its entry.
    pub line: &'a Line,
    /// Its name for what was wasted or returned of it.
    pub id: CustodyId,
    /// Its other name since its dose was entered in error: from then on it is in the nurse's hands again (W4).
    pub taken_back: Option<CustodyId>,
    /// For whom.
    pub patient: &'a PatientId,
    /// For which request; none of what was only put aside.
    pub request: Option<&'a RequestId>,
    /// Which item.
    pub product: &'a ProductId,
    /// When it was given or put aside.
    pub at: Timestamp,
    /// Since when the nurse has it: when it was put aside before, or as `at`.
    pub taken: Timestamp,
    /// By whom.
    pub by: &'a ClinicianId,
    /// What makes it this one package, where it has a serial number or a dose id.
    pub identity: Option<&'a PackageIdentity>,
    /// Its dose id, where the pharmacy labelled it.
    pub dose: Option<&'a DoseId>,
    /// How much was given of it.
    pub given: Quantity,
    /// How much was left.
    pub left: Quantity,
    /// A controlled substance: what is left must be wasted or returned.
    pub controlled: bool,
    /// It was put aside, or its dose was entered in error, and nothing of it given.
    pub aside: bool,
    /// What was wasted or returned of it.
    pub disposed: Vec<Disposed<'a>>,
}

impl Use<'_> {
    /// Since when its rest is in the nurse's hands: what is to be wasted or returned is due from then on.
    pub fn held_since(&self) -> Timestamp {
        self.taken_back.as_ref().map_or(self.at, |id| id.at)
    }

    /// How much of it was wasted and returned before or since it is in the nurse's hands; `None` when it cannot be added up.
    pub(super) fn disposed_while(&self, held: bool) -> Option<Quantity> {
        let of = self.disposed.iter().filter(|one| (one.at >= self.held_since()) == held);
        of.map(|one| &one.amount).try_fold(nothing(self.left.unit), |sum, amount| sum.plus(amount))
    }

    /// How much of it is neither given nor wasted nor returned; `None` when it cannot be added up.
    pub(super) fn rest(&self) -> Option<Quantity> {
        self.left.minus(&self.disposed_while(false)?)?.minus(&self.disposed_while(true)?)
    }
}

/// A waste or a return.
#[derive(Clone, Copy, Debug)]
pub struct Disposed<'a> {
    /// How it ended.
    pub how: Disposal,
    /// How much.
    pub amount: Quantity,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: &'a ClinicianId,
    /// Who saw it.
    pub witness: Option<&'a ClinicianId>,
    /// Of which package of which entry: it stays that one when the package is scanned again later.
    pub package: (&'a Line, u16),
}

/// What the ledgers say.
#[derive(Debug, Default)]
pub struct Uses<'a> {
    /// Every package, in the order of time.
    pub packages: Vec<Use<'a>>,
    /// Every order that was seen or is stored, its last version.
    pub requests: BTreeMap<&'a RequestId, &'a Request>,
    /// Every version of an order that was seen, with when a kiosk saw it first.
    pub versions: BTreeMap<&'a RequestId, Vec<(Timestamp, &'a Request)>>,
    /// Whether an item is a controlled substance, by the drug file or by any package of it that was scanned.
    pub controlled: BTreeMap<&'a ProductId, bool>,
    /// The last moment of the range.
    pub end: Option<Timestamp>,
}

impl<'a> Uses<'a> {
    /// Reads a book whose patient data is open.
    pub fn of(book: &'a Book) -> Self {
        Self::beside(book, &NOTHING)
    }

    /// The same beside a store, which knows later versions of orders, the drug file, and which records were merged.
    pub fn beside(book: &'a Book, stored: &'a Stored) -> Self {
        let mut uses = Self { end: book.lines.iter().map(|line| line.fact.at).max(), ..Self::default() };
        let wrong = corrections(book);
        let mut disposed: BTreeMap<&CustodyId, Vec<Disposed<'a>>> = BTreeMap::new();
        for line in &book.lines {
            let Some(detail) = &line.fact.detail else { continue };
            for package in &detail.packages {
                let of = package.product.iter().map(|product| (product, package.controlled.is_some()));
                of.for_each(|(product, controlled)| uses.learn(product, controlled));
            }
            for request in &detail.requests {
                uses.versions.entry(&request.id).or_default().push((line.fact.at, request));
                let known = uses.requests.entry(&request.id).or_insert(request);
                if request.version >= known.version {
                    *known = request;
                }
            }
            match detail.record.as_deref() {
                Some(Record::Administration(done)) => match line.fact.key.and_then(|key| wrong.get(&key)) {
                    None => uses.packages.extend(of_dose(line, done)),
                    Some(correction) => uses.packages.extend(of_dose_in_error(line, done, correction)),
                },
                Some(Record::SetAside(aside)) => {
                    let order = detail.order.as_ref().map(|order| &order.id);
                    for (place, of) in (0_u16..).zip(&aside.packages) {
                        let id = CustodyId { at: aside.at, by: aside.by.clone(), place };
                        let whose = (&aside.patient, order, &aside.by);
                        uses.packages.push(Use { aside: true, ..package(line, whose, id, of) });
                    }
                }
                Some(Record::Disposed(done)) => disposed.entry(&done.of).or_default().push(Disposed {
                    how: done.how,
                    amount: done.amount,
                    at: done.at,
                    by: &done.by,
                    witness: done.witness.as_ref(),
                    package: (line, done.of.place),
                }),
                _ => {}
            }
        }
        for used in &mut uses.packages {
            let names = [Some(&used.id), used.taken_back.as_ref()];
            let package = (used.line, used.id.place);
            let of_it = names.into_iter().flatten().filter_map(|id| disposed.remove(id)).flatten();
            used.disposed = of_it.map(|one| Disposed { package, ..one }).collect();
        }
        // A package that was put aside before a merge and given afterwards is one package of one patient.
        for used in &mut uses.packages {
            used.patient = stored.current(used.patient);
        }
        super::again::follow(&mut uses.packages);
        let packages: Vec<(&ProductId, bool)> =
            uses.packages.iter().map(|used| (used.product, used.controlled)).collect();
        let items = stored.products.iter().map(|(product, (_, controlled))| (product, *controlled));
        packages.into_iter().chain(items).for_each(|(product, controlled)| uses.learn(product, controlled));
        for request in &stored.all {
            let known = uses.requests.entry(&request.id).or_insert(request);
            if request.version >= known.version {
                *known = request;
            }
        }
        uses
    }

    pub(super) fn learn(&mut self, product: &'a ProductId, controlled: bool) {
        *self.controlled.entry(product).or_default() |= controlled;
    }

    /// Whether an item is a controlled substance. One of which nothing is known is taken to be one: nothing may be lost by a gap in a file.
    pub fn is_controlled(&self, product: &ProductId) -> bool {
        self.controlled.get(product).copied().unwrap_or(true)
    }

    /// What a dispense file is checked against.
    pub fn known(&self, book: &Book) -> Known {
        let mut known = Known::default();
        let mut owner = |request: &RequestId, patient: &PatientId, last: bool| {
            known.earlier.entry(request.clone()).or_default().insert(patient.clone());
            let owner = known.requests.entry(request.clone()).or_insert_with(|| Some(patient.clone()));
            if last {
                *owner = Some(patient.clone());
            }
        };
        for record in book.lines.iter().filter_map(|line| line.fact.record()) {
            match record {
                Record::Review(review) => {
                    for (request, _) in &review.requests {
                        owner(request, &review.patient, false);
                    }
                }
                Record::Administration(done) => {
                    owner(&done.request, &done.patient, false);
                }
                _ => {}
            }
        }
        for (_, request) in self.versions.values().flatten() {
            owner(&request.id, &request.patient, false);
        }
        // Under whom it stands now is what its last version says.
        for (id, request) in &self.requests {
            owner(id, &request.patient, true);
        }
        for used in &self.packages {
            known.products.insert(used.product.clone(), used.given.unit);
        }
        known.controlled = self.controlled.iter().map(|(product, is)| ((*product).clone(), *is)).collect();
        known
    }
}

fn dose_of(identity: Option<&PackageIdentity>) -> Option<&DoseId> {
    match identity {
        Some(PackageIdentity::Dose(id)) => Some(id),
        Some(PackageIdentity::Serial(..)) | None => None,
    }
}

type Whose<'a> = (&'a PatientId, Option<&'a RequestId>, &'a ClinicianId);

fn package<'a>(line: &'a Line, whose: Whose<'a>, id: CustodyId, of: &'a UsedPackage) -> Use<'a> {
    let (patient, request, by) = whose;
    Use {
        line,
        at: id.at,
        taken: id.at,
        id,
        taken_back: None,
        patient,
        request,
        product: &of.product,
        by,
        identity: of.identity.as_ref(),
        dose: dose_of(of.identity.as_ref()),
        given: of.taken,
        left: of.left,
        controlled: of.controlled.is_some(),
        aside: false,
        disposed: Vec::new(),
    }
}

fn of_dose<'a>(line: &'a Line, done: &'a Administration) -> impl Iterator<Item = Use<'a>> {
    (0_u16..).zip(&done.packages).map(move |(place, of)| {
        let id = CustodyId { at: done.at, by: done.by.clone(), place };
        package(line, (&done.patient, Some(&done.request), &done.by), id, of)
    })
}

/// The controlled packages of a dose that was entered in error are whole again and in the hands of whoever charted it, from the correction
/// on and under a name of that time (`Chart::take_back` of `rights`). What was wasted of them before stays wasted.
fn of_dose_in_error<'a>(
    line: &'a Line,
    done: &'a Administration,
    correction: &'a FollowUp,
) -> impl Iterator<Item = Use<'a>> {
    let whole = |used: Use<'a>| {
        let left = used.given.plus(&used.left).filter(|_| used.controlled)?;
        Some(Use { given: nothing(left.unit), left, aside: true, ..used })
    };
    let back = (0_u16..).zip(of_dose(line, done).filter_map(whole));
    back.map(|(place, used)| {
        let id = CustodyId { at: correction.at, by: done.by.clone(), place };
        Use { taken_back: Some(id), ..used }
    })
}

/// What was entered in error within the range: the keys of the doses, each with its first correction, which is the one that counts.
pub(super) fn corrections(book: &Book) -> HashMap<[u8; 20], &FollowUp> {
    let mut found: HashMap<[u8; 20], &FollowUp> = HashMap::new();
    for record in book.lines.iter().filter_map(|line| line.fact.record()) {
        let Record::FollowUp(done) = record else { continue };
        if done.act == Act::EnteredInError {
            let first = found.entry(done.of.to_bytes()).or_insert(done);
            if (done.at, done.entry) < (first.at, first.entry) {
                *first = done;
            }
        }
    }
    found
}

/// Nothing, in a unit.
pub(super) fn nothing(unit: Unit) -> Quantity {
    Quantity::new(rights::amount::Amount::ZERO, unit)
}

/// The smaller of two amounts.
pub(super) fn least(a: Quantity, b: Quantity) -> Quantity {
    if a.compare(&b).is_some_and(std::cmp::Ordering::is_le) { a } else { b }
}
