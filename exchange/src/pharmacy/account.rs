//! PH1: every package accounted for, in exact arithmetic. `dispensed - given - left - wasted - returned - in custody = unaccounted`,
//! and only 0 is balanced.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use rights::amount::Amount;
use rights::custody::Disposal;
use rights::ident::{ClinicianId, DoseId, ProductId, RequestId};
use rights::quantity::Quantity;

use super::dispenses::{Dispense, Kind};
use super::uses::{Use, Uses, nothing};

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
    /// What is missing; less than nothing when more was used than handed out.
    pub unaccounted: Quantity,
}

impl Account<'_> {
    /// Whether everything is accounted for.
    pub fn is_balanced(&self) -> bool {
        self.unaccounted.amount.is_zero()
    }

    /// The first moment of it.
    pub fn begins(&self) -> Option<Timestamp> {
        let dispensed = self.dispenses.iter().map(|row| row.at);
        dispensed.chain(self.uses.iter().map(|used| used.at)).min()
    }
}

/// Amounts that cannot be added up: the file and the ledger count one item in units that have nothing in common.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{product}: amounts in {one} and {other} cannot be added: correct the item in the drug file")]
pub struct UnitsDiffer {
    /// Which item.
    pub product: ProductId,
    /// One unit.
    pub one: String,
    /// The other.
    pub other: String,
}

/// The accounts of all items that the dispense file speaks of, and of every controlled one.
///
/// # Errors
/// When amounts of one item cannot be added up.
pub fn accounts<'a>(
    uses: &'a Uses<'a>,
    dispenses: &'a [Dispense],
    window: SignedDuration,
) -> Result<Vec<Account<'a>>, UnitsDiffer> {
    let labelled: BTreeSet<&DoseId> = dispenses.iter().filter_map(|row| row.dose.as_ref()).collect();
    let products: BTreeSet<&ProductId> = dispenses.iter().map(|row| &row.product).collect();
    let to_ward: BTreeSet<(&ProductId, Option<&RequestId>)> = dispenses
        .iter()
        .filter(|row| row.by.is_none() && row.dose.is_none())
        .map(|row| (&row.product, row.request.as_ref()))
        .collect();
    let mut groups: BTreeMap<Key, (Vec<&Dispense>, Vec<&Use<'_>>)> = BTreeMap::new();
    let mut hands: BTreeMap<(&ProductId, Option<&RequestId>, &ClinicianId), Moves<'_>> = BTreeMap::new();
    for row in dispenses {
        match (&row.dose, &row.by) {
            (Some(dose), _) => groups.entry(Key::Dose(dose.clone())).or_default().0.push(row),
            (None, Some(by)) => {
                let moves = hands.entry((&row.product, row.request.as_ref(), by)).or_default();
                moves.push((row.at, Move::Out(row)));
            }
            (None, None) => {
                let key = Key::Ward(row.product.clone(), row.request.clone());
                groups.entry(key).or_default().0.push(row);
            }
        }
    }
    for used in &uses.packages {
        match used.dose {
            Some(dose) if labelled.contains(dose) => {
                groups.entry(Key::Dose(dose.clone())).or_default().1.push(used);
            }
            _ if to_ward.contains(&(used.product, used.request)) => {
                let key = Key::Ward(used.product.clone(), used.request.cloned());
                groups.entry(key).or_default().1.push(used);
            }
            _ if products.contains(used.product) || used.controlled => {
                let request = used.request.or_else(|| taken_for(used, dispenses));
                let moves = hands.entry((used.product, request, used.by)).or_default();
                moves.push((used.at, Move::Used(used)));
            }
            _ => {}
        }
    }
    for ((product, request, by), moves) in hands {
        windows(product, request, by, moves, window, &mut groups);
    }
    groups.into_iter().map(|(key, (out, used))| account(key, out, used)).collect()
}

/// For which request a package was taken that was put aside before one was found for it: that of the last removal of the same item by
/// the same nurse for the same patient.
fn taken_for<'a>(used: &Use<'_>, dispenses: &'a [Dispense]) -> Option<&'a RequestId> {
    let same = |row: &&Dispense| {
        row.product == *used.product
            && row.by.as_ref() == Some(used.by)
            && row.patient.as_ref() == Some(used.patient)
            && row.at <= used.at
    };
    dispenses.iter().rfind(same)?.request.as_ref()
}

enum Move<'a> {
    Out(&'a Dispense),
    Used(&'a Use<'a>),
}

type Moves<'a> = Vec<(Timestamp, Move<'a>)>;
type Groups<'a> = BTreeMap<Key, (Vec<&'a Dispense>, Vec<&'a Use<'a>>)>;

/// Splits what one nurse did with one item for one request where nothing moved for longer than the window.
fn windows<'a>(
    product: &ProductId,
    request: Option<&RequestId>,
    by: &ClinicianId,
    mut moves: Moves<'a>,
    window: SignedDuration,
    groups: &mut Groups<'a>,
) {
    // A removal at the same instant comes before its use.
    moves.sort_by_key(|(at, of)| (*at, matches!(of, Move::Used(_))));
    let mut last: Option<Timestamp> = None;
    let mut begun = Timestamp::MIN;
    for (at, of) in moves {
        if last.is_none_or(|last| at.duration_since(last) > window) {
            begun = at;
        }
        last = Some(at);
        let key = Key::Nurse(product.clone(), request.cloned(), by.clone(), begun);
        let (out, used) = groups.entry(key).or_default();
        match of {
            Move::Out(row) => out.push(row),
            Move::Used(package) => used.push(package),
        }
    }
}

fn account<'a>(
    key: Key,
    dispenses: Vec<&'a Dispense>,
    uses: Vec<&'a Use<'a>>,
) -> Result<Account<'a>, UnitsDiffer> {
    let product = match &key {
        Key::Nurse(product, ..) | Key::Ward(product, _) => product.clone(),
        Key::Dose(_) => {
            let of_row = dispenses.first().map(|row| &row.product);
            of_row.or(uses.first().map(|used| used.product)).cloned().unwrap_or_else(no_product)
        }
    };
    let of_row = dispenses.first().map(|row| row.quantity.unit);
    let unit =
        of_row.or(uses.first().map(|used| used.given.unit)).unwrap_or(rights::quantity::Unit::Milligram);
    let add = |sum: Quantity, more: &Quantity| {
        sum.plus(more).ok_or_else(|| UnitsDiffer {
            product: product.clone(),
            one: sum.unit.code().to_owned(),
            other: more.unit.code().to_owned(),
        })
    };
    let zero = nothing(unit);
    let (mut handed_out, mut returned) = (zero, zero);
    for row in &dispenses {
        match row.kind {
            Kind::Dispense | Kind::Removal => handed_out = add(handed_out, &row.quantity)?,
            Kind::Return => returned = add(returned, &row.quantity)?,
        }
    }
    let (mut given, mut left, mut wasted, mut custody) = (zero, zero, zero, zero);
    for used in &uses {
        given = add(given, &used.given)?;
        let mut rest = used.left;
        for disposed in &used.disposed {
            match disposed.how {
                Disposal::Wasted => wasted = add(wasted, &disposed.amount)?,
                Disposal::Returned => returned = add(returned, &disposed.amount)?,
            }
            rest = add(rest, &disposed.amount.times(minus_one()).unwrap_or(disposed.amount))?;
        }
        if used.controlled {
            custody = add(custody, &rest)?;
        } else {
            left = add(left, &rest)?;
        }
    }
    // What came back to the cabinet without the kiosk is not in the nurse's hands any more.
    let back = dispenses.iter().filter(|row| row.kind == Kind::Return);
    let back = back.map(|row| row.quantity).try_fold(zero, |sum, one| add(sum, &one))?;
    if custody.compare(&back).is_some_and(core::cmp::Ordering::is_ge) {
        custody = add(custody, &back.times(minus_one()).unwrap_or(back))?;
    }
    let mut unaccounted = handed_out;
    for part in [given, left, wasted, returned, custody] {
        unaccounted = add(unaccounted, &part.times(minus_one()).unwrap_or(part))?;
    }
    Ok(Account {
        key,
        product,
        dispenses,
        uses,
        dispensed: handed_out,
        given,
        left,
        wasted,
        returned,
        custody,
        unaccounted,
    })
}

fn minus_one() -> Amount {
    Amount::fraction(-1, 1).unwrap_or(Amount::ZERO)
}

fn no_product() -> ProductId {
    // An account has a line or a package, each of which names its item.
    ProductId::parse("unknown").expect("a product id")
}
