//! PH1: every package accounted for, in exact arithmetic. `dispensed - given - left - wasted - returned - in custody = unaccounted`,
//! and only 0 is balanced.

use jiff::{SignedDuration, Timestamp};
use rights::custody::Disposal;
use rights::ident::{ClinicianId, DoseId, ProductId, RequestId};
use rights::quantity::Quantity;

use super::allot::{Group, allot};
use super::dispenses::{Dispense, Kind};
use super::uses::{Use, Uses, least, nothing};

/// What an account is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// A labelled dose.
    Dose(DoseId),
    /// An item for a request in one nurse's hands, from a removal on until nothing of it moved for the window's length.
    Nurse(ProductId, Option<RequestId>, ClinicianId, Timestamp),
    /// An item for a request that the pharmacy sent to the ward, over the whole range.
    Ward(ProductId, Option<RequestId>),
}

/// One account.
#[derive(Clone, Debug)]
pub struct Account<'a> {
    /// What it is about.
    pub key: Key,
    /// Its item.
    pub product: ProductId,
    /// The lines of the dispense file in it.
    pub dispenses: Vec<&'a Dispense>,
    /// The packages of the ledgers in it.
    pub uses: Vec<&'a Use<'a>>,
    /// Handed out.
    pub dispensed: Quantity,
    /// Given to the patient.
    pub given: Quantity,
    /// Left of what is not a controlled substance: nobody records how it is thrown away.
    pub left: Quantity,
    /// Wasted before a witness.
    pub wasted: Quantity,
    /// Returned at the kiosk, or to the cabinet by the dispense file.
    pub returned: Quantity,
    /// Controlled, and still in the nurse's hands.
    pub custody: Quantity,
    /// What was put aside and came back whole to the cabinet, by the dispense file: in nobody's hands any more.
    pub came_back: Vec<&'a Use<'a>>,
    /// What is missing; less than nothing when more was used than handed out.
    pub unaccounted: Quantity,
    /// Why its amounts are no whole answer.
    pub fault: Option<Fault>,
}

impl Account<'_> {
    /// Whether everything is accounted for.
    pub fn is_balanced(&self) -> bool {
        self.fault.is_none() && self.unaccounted.amount.is_zero()
    }

    /// The first moment of it.
    pub fn begins(&self) -> Option<Timestamp> {
        let dispensed = self.dispenses.iter().map(|row| row.at);
        dispensed.chain(self.uses.iter().map(|used| used.at)).min()
    }

    /// The last moment of it.
    pub fn last(&self) -> Option<Timestamp> {
        let disposed = |used: &&'_ Use<'_>| used.disposed.iter().map(|one| one.at).max();
        let used = self.uses.iter().map(|used| disposed(used).max(Some(used.held_since())));
        used.flatten().chain(self.dispenses.iter().map(|row| row.at)).max()
    }

    /// When it is clear how it ended: nothing of it moved for the window's length.
    pub fn settles(&self, window: SignedDuration) -> Option<Timestamp> {
        self.last().and_then(|at| at.checked_add(window).ok())
    }
}

/// Why an account is no whole answer. It is a finding of its own, and of no other account.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The file and the ledger count it in units that have nothing in common: what cannot be added is left out.
    #[error("amounts in {one} and {other} cannot be added: correct the item in the drug file")]
    Units {
        /// One unit.
        one: String,
        /// The other.
        other: String,
    },
    /// One label stands on two items.
    #[error("the label is of {one} and of {other}")]
    Items {
        /// One item.
        one: ProductId,
        /// The other.
        other: ProductId,
    },
}

/// The accounts of all items that the dispense file speaks of, and of every controlled one.
pub fn accounts<'a>(
    uses: &'a Uses<'a>,
    dispenses: &'a [Dispense],
    window: SignedDuration,
) -> Vec<Account<'a>> {
    allot(uses, dispenses, window).into_iter().map(|(key, group)| account(key, group)).collect()
}

/// Adds up, and keeps the first fault.
struct Adding {
    fault: Option<Fault>,
}

impl Adding {
    fn add(&mut self, sum: Quantity, more: &Quantity) -> Quantity {
        sum.plus(more).unwrap_or_else(|| {
            let (one, other) = (sum.unit.code().to_owned(), more.unit.code().to_owned());
            self.fault.get_or_insert(Fault::Units { one, other });
            sum
        })
    }

    fn subtract(&mut self, sum: Quantity, less: &Quantity) -> Quantity {
        self.add(sum, &negative(*less))
    }
}

fn account(key: Key, group: Group<'_>) -> Account<'_> {
    let Group { product, unit, dispenses, uses } = group;
    let mut products = dispenses.iter().map(|row| &row.product).chain(uses.iter().map(|used| used.product));
    let fault = products
        .find(|other| *other != product)
        .map(|other| Fault::Items { one: product.clone(), other: other.clone() });
    let mut adding = Adding { fault };
    let zero = nothing(unit);
    let (mut dispensed, mut returned) = (zero, zero);
    for row in &dispenses {
        match row.kind {
            Kind::Dispense | Kind::Removal => dispensed = adding.add(dispensed, &row.quantity),
            Kind::Return => returned = adding.add(returned, &row.quantity),
        }
    }
    let lines = returned;
    let (mut given, mut left, mut wasted, mut custody) = (zero, zero, zero, zero);
    for used in &uses {
        given = adding.add(given, &used.given);
        let mut rest = used.left;
        for disposed in &used.disposed {
            match disposed.how {
                Disposal::Wasted => wasted = adding.add(wasted, &disposed.amount),
                Disposal::Returned => returned = adding.add(returned, &disposed.amount),
            }
            rest = adding.subtract(rest, &disposed.amount);
        }
        if used.controlled {
            custody = adding.add(custody, &rest);
        } else {
            left = adding.add(left, &rest);
        }
    }
    let mut unaccounted = dispensed;
    for part in [given, left, wasted, returned, custody] {
        unaccounted = adding.subtract(unaccounted, &part);
    }
    let (came_back, amount) = came_back(&uses, least(lines, negative(unaccounted)), &mut adding);
    custody = adding.subtract(custody, &amount);
    unaccounted = adding.add(unaccounted, &amount);
    Account {
        key,
        product: product.clone(),
        dispenses,
        uses,
        dispensed,
        given,
        left,
        wasted,
        returned,
        custody,
        came_back,
        unaccounted,
        fault: adding.fault,
    }
}

/// A line that something came back can mean a package that no kiosk saw, or one that was scanned and put aside. It is the latter as far
/// as there would else be more than was handed out; what is left of a package that was opened is never returned. The packages that came
/// back whole, and how much is in nobody's hands any more.
fn came_back<'a>(
    uses: &[&'a Use<'a>],
    mut back: Quantity,
    adding: &mut Adding,
) -> (Vec<&'a Use<'a>>, Quantity) {
    let mut whole = Vec::new();
    let zero = nothing(back.unit);
    let mut amount = zero;
    for used in uses.iter().copied().filter(|used| used.controlled && used.aside) {
        let rest = used.rest().map_or(zero, |rest| adding.add(zero, &rest));
        let part = least(rest, back);
        if part.amount.is_positive() {
            amount = adding.add(amount, &part);
            back = adding.subtract(back, &part);
            whole.extend((part == rest).then_some(used));
        }
    }
    (whole, amount)
}

fn negative(quantity: Quantity) -> Quantity {
    nothing(quantity.unit).minus(&quantity).unwrap_or(quantity)
}
