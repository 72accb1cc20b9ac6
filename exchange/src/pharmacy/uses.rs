//! What the ledgers say of packages: given, wasted, returned, put aside, each with who had it and for which request.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::Timestamp;
use ledger::reading::{Book, Line};
use rights::custody::{CustodyId, Disposal};
use rights::follow_up::Act;
use rights::history::{PackageIdentity, Record};
use rights::ident::{ClinicianId, DoseId, PatientId, ProductId, RequestId};
use rights::quantity::{Quantity, Unit};
use rights::request::Request;

use super::dispenses::Known;

/// One package in somebody's hands at the bedside.
#[derive(Clone, Debug)]
pub struct Use<'a> {
    /// Its entry.
    pub line: &'a Line,
    /// Its name for what was wasted or returned of it.
    pub id: CustodyId,
    /// For whom.
    pub patient: &'a PatientId,
    /// For which request; none of what was only put aside.
    pub request: Option<&'a RequestId>,
    /// Which item.
    pub product: &'a ProductId,
    /// When it was given or put aside.
    pub at: Timestamp,
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
    /// It was put aside and nothing of it given.
    pub aside: bool,
    /// What was wasted or returned of it.
    pub disposed: Vec<Disposed<'a>>,
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
}

/// What the ledgers say.
#[derive(Debug, Default)]
pub struct Uses<'a> {
    /// Every package, in the order of time.
    pub packages: Vec<Use<'a>>,
    /// Every order that was seen, its last version.
    pub requests: BTreeMap<&'a RequestId, &'a Request>,
    /// The last moment of the range.
    pub end: Option<Timestamp>,
}

impl<'a> Uses<'a> {
    /// Reads a book whose patient data is open.
    pub fn of(book: &'a Book) -> Self {
        let mut uses = Self { end: book.lines.iter().map(|line| line.fact.at).max(), ..Self::default() };
        let wrong = in_error(book);
        let mut disposed: BTreeMap<&CustodyId, Vec<Disposed<'a>>> = BTreeMap::new();
        for line in &book.lines {
            let Some(detail) = &line.fact.detail else { continue };
            for request in &detail.requests {
                let known = uses.requests.entry(&request.id).or_insert(request);
                if request.version >= known.version {
                    *known = request;
                }
            }
            match detail.record.as_deref() {
                Some(Record::Administration(done))
                    if !line.fact.key.is_some_and(|key| wrong.contains(&key)) =>
                {
                    for (place, of) in (0_u16..).zip(&done.packages) {
                        let id = CustodyId { at: done.at, by: done.by.clone(), place };
                        let package = Use {
                            line,
                            id,
                            patient: &done.patient,
                            request: Some(&done.request),
                            product: &of.product,
                            at: done.at,
                            by: &done.by,
                            identity: of.identity.as_ref(),
                            dose: dose_of(of.identity.as_ref()),
                            given: of.taken,
                            left: of.left,
                            controlled: of.controlled.is_some(),
                            aside: false,
                            disposed: Vec::new(),
                        };
                        uses.packages.push(package);
                    }
                }
                Some(Record::SetAside(aside)) => {
                    for (place, of) in (0_u16..).zip(&aside.packages) {
                        let id = CustodyId { at: aside.at, by: aside.by.clone(), place };
                        let package = Use {
                            line,
                            id,
                            patient: &aside.patient,
                            request: detail.order.as_ref().map(|order| &order.id),
                            product: &of.product,
                            at: aside.at,
                            by: &aside.by,
                            identity: of.identity.as_ref(),
                            dose: dose_of(of.identity.as_ref()),
                            given: of.taken,
                            left: of.left,
                            controlled: of.controlled.is_some(),
                            aside: true,
                            disposed: Vec::new(),
                        };
                        uses.packages.push(package);
                    }
                }
                Some(Record::Disposed(done)) => disposed.entry(&done.of).or_default().push(Disposed {
                    how: done.how,
                    amount: done.amount,
                    at: done.at,
                    by: &done.by,
                    witness: done.witness.as_ref(),
                }),
                _ => {}
            }
        }
        uses.drop_what_was_scanned_again();
        for used in &mut uses.packages {
            used.disposed = disposed.remove(&used.id).unwrap_or_default();
        }
        uses
    }

    /// A package that was put aside and then scanned again is that later one: by its identity, or, without one, any later package of the
    /// item that the same nurse scanned for the same patient (as `rights::custody` takes it).
    fn drop_what_was_scanned_again(&mut self) {
        let mut identities: BTreeSet<&PackageIdentity> = BTreeSet::new();
        let mut later: BTreeMap<(&ClinicianId, &PatientId, &ProductId), u32> = BTreeMap::new();
        let mut keep = vec![true; self.packages.len()];
        for (at, used) in self.packages.iter().enumerate().rev() {
            if let Some(identity) = used.identity {
                keep[at] = identities.insert(identity) || !used.aside;
                continue;
            }
            let waiting = later.entry((used.by, used.patient, used.product)).or_default();
            if used.aside && *waiting > 0 {
                *waiting -= 1;
                keep[at] = false;
            }
            *waiting += 1;
        }
        let mut keep = keep.into_iter();
        self.packages.retain(|_| keep.next().unwrap_or(true));
    }

    /// What a dispense file is checked against.
    pub fn known(&self, book: &Book) -> Known {
        let mut known = Known::default();
        for (id, request) in &self.requests {
            known.requests.insert((*id).clone(), Some(request.patient.clone()));
        }
        for record in book.lines.iter().filter_map(|line| line.fact.record()) {
            match record {
                Record::Review(review) => {
                    for (request, _) in &review.requests {
                        known.requests.insert(request.clone(), Some(review.patient.clone()));
                    }
                }
                Record::Administration(done) => {
                    known.requests.insert(done.request.clone(), Some(done.patient.clone()));
                }
                _ => {}
            }
        }
        for used in &self.packages {
            known.products.insert(used.product.clone(), used.given.unit);
        }
        known
    }
}

fn dose_of(identity: Option<&PackageIdentity>) -> Option<&DoseId> {
    match identity {
        Some(PackageIdentity::Dose(id)) => Some(id),
        Some(PackageIdentity::Serial(..)) | None => None,
    }
}

/// The keys of what was entered in error within the range.
pub(super) fn in_error(book: &Book) -> HashSet<[u8; 20]> {
    let of = |record: &Record| match record {
        Record::FollowUp(done) if done.act == Act::EnteredInError => Some(done.of.to_bytes()),
        _ => None,
    };
    book.lines.iter().filter_map(|line| of(line.fact.record()?)).collect()
}

/// Nothing, in a unit.
pub(super) fn nothing(unit: Unit) -> Quantity {
    Quantity::new(rights::amount::Amount::ZERO, unit)
}
