//! Which account each line of the dispense file and each package belongs to.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use rights::ident::{ClinicianId, DoseId, ProductId, RequestId};
use rights::quantity::Quantity;

use super::account::Key;
use super::dispenses::{Dispense, Kind};
use super::uses::{Use, Uses, least, nothing};

/// Lines and packages by account.
pub(super) type Groups<'a> = BTreeMap<Key, (Vec<&'a Dispense>, Vec<&'a Use<'a>>)>;

enum Move<'a> {
    Out(&'a Dispense),
    Used(&'a Use<'a>),
}

/// Each since when it is in the nurse's hands, or was.
type Moves<'a> = Vec<(Timestamp, Move<'a>)>;

impl Move<'_> {
    /// Until when it keeps an account open: a package that was put aside is in the nurse's hands until it is given.
    fn until(&self) -> Timestamp {
        match self {
            Self::Out(row) => row.at,
            Self::Used(used) => used.at,
        }
    }
}

/// One item for one request in one nurse's hands.
type Hand<'a> = (&'a ProductId, Option<&'a RequestId>, &'a ClinicianId);

/// Everything where it belongs. Items that the file does not name are left out, unless they are controlled.
pub(super) fn allot<'a>(uses: &'a Uses<'a>, dispenses: &'a [Dispense], window: SignedDuration) -> Groups<'a> {
    let labelled: BTreeSet<&DoseId> = dispenses.iter().filter_map(|row| row.dose.as_ref()).collect();
    let products: BTreeSet<&ProductId> = dispenses.iter().map(|row| &row.product).collect();
    let to_ward: BTreeSet<(&ProductId, Option<&RequestId>)> = dispenses
        .iter()
        .filter(|row| is_to_ward(row))
        .map(|row| (&row.product, row.request.as_ref()))
        .collect();
    let mut groups: Groups<'a> = BTreeMap::new();
    let mut hands: BTreeMap<Hand<'a>, Moves<'a>> = BTreeMap::new();
    for row in dispenses {
        let of = (&row.product, row.request.as_ref());
        if let Some(dose) = &row.dose {
            groups.entry(Key::Dose(dose.clone())).or_default().0.push(row);
            continue;
        }
        let nobody = || if to_ward.contains(&of) { None } else { taker(row, dispenses) };
        match row.by.as_ref().or_else(nobody) {
            Some(by) => hands.entry((of.0, of.1, by)).or_default().push((row.at, Move::Out(row))),
            None => groups.entry(ward(of)).or_default().0.push(row),
        }
    }
    let mut packages: Vec<&'a Use<'a>> = uses.packages.iter().collect();
    packages.sort_by_key(|used| used.taken);
    for used in packages {
        if let Some(dose) = used.dose.filter(|dose| labelled.contains(dose)) {
            groups.entry(Key::Dose(dose.clone())).or_default().1.push(used);
            continue;
        }
        let request = used.request.or_else(|| taken_for(used, dispenses));
        let hand = (used.product, request, used.by);
        let in_hand = || hands.get(&hand).is_some_and(|moves| is_open(moves, used.taken, window));
        if to_ward.contains(&(used.product, request)) && !in_hand() {
            groups.entry(ward((used.product, request))).or_default().1.push(used);
        } else if products.contains(used.product) || used.controlled {
            hands.entry(hand).or_default().push((used.taken, Move::Used(used)));
        }
    }
    for (hand, moves) in hands {
        windows(hand, &moves, window, &mut groups);
    }
    groups
}

fn ward((product, request): (&ProductId, Option<&RequestId>)) -> Key {
    Key::Ward(product.clone(), request.cloned())
}

/// What the pharmacy sent to the ward: anybody there may use it. What came back makes no such store.
fn is_to_ward(row: &Dispense) -> bool {
    row.kind == Kind::Dispense && row.by.is_none() && row.dose.is_none()
}

/// In whose hands something was that came back and nobody is named: theirs who alone took out the same. Of several it is not guessed: what
/// one brought back would hide that another did not.
fn taker<'a>(back: &Dispense, dispenses: &'a [Dispense]) -> Option<&'a ClinicianId> {
    let same = |row: &&Dispense| {
        row.product == back.product
            && row.request == back.request
            && row.kind != Kind::Return
            && row.by.is_some()
            && row.at <= back.at
    };
    let takers: BTreeSet<&ClinicianId> =
        dispenses.iter().filter(same).filter_map(|row| row.by.as_ref()).collect();
    takers.first().copied().filter(|_| takers.len() == 1)
}

/// For which request a package was taken that was put aside before one was found for it: that of the last removal of the same item by
/// the same nurse for the same patient, else that for which the pharmacy sent it to the ward.
fn taken_for<'a>(used: &Use<'_>, dispenses: &'a [Dispense]) -> Option<&'a RequestId> {
    let same = |row: &&Dispense| {
        row.product == *used.product && row.patient.as_ref() == Some(used.patient) && row.at <= used.at
    };
    let own = dispenses.iter().filter(same).rfind(|row| row.by.as_ref() == Some(used.by));
    own.or_else(|| dispenses.iter().filter(same).rfind(|row| is_to_ward(row)))?.request.as_ref()
}

/// In the order of time; a removal at the same instant comes before its use.
fn sort(moves: &mut [&(Timestamp, Move<'_>)]) {
    moves.sort_by_key(|(at, of)| (*at, matches!(of, Move::Used(_))));
}

/// Whether a nurse then holds some of what was taken out within the window and not used, put aside or brought back since.
fn is_open(moves: &[(Timestamp, Move<'_>)], at: Timestamp, window: SignedDuration) -> bool {
    let mut before: Vec<&(Timestamp, Move<'_>)> = moves.iter().filter(|(moved, _)| *moved <= at).collect();
    sort(&mut before);
    let mut last: Option<Timestamp> = None;
    // What is open, and what was put aside: that is what comes back first.
    let mut held: Option<(Quantity, Quantity)> = None;
    for (moved, of) in before {
        if last.is_some_and(|last| moved.duration_since(last) > window) {
            held = None;
        }
        last = last.max(Some(of.until()));
        held = match (held, of) {
            (None, Move::Out(row)) if row.kind != Kind::Return => {
                Some((row.quantity, nothing(row.quantity.unit)))
            }
            (None, _) => None,
            (Some((open, aside)), Move::Out(row)) if row.kind == Kind::Return => {
                let of_aside = least(aside, row.quantity);
                let rest = row.quantity.minus(&of_aside);
                rest.and_then(|rest| Some((open.minus(&rest)?, aside.minus(&of_aside)?)))
            }
            (Some((open, aside)), Move::Out(row)) => open.plus(&row.quantity).map(|open| (open, aside)),
            (Some((open, aside)), Move::Used(used)) => used.given.plus(&used.left).and_then(|whole| {
                let more = if used.aside { whole } else { nothing(whole.unit) };
                Some((open.minus(&whole)?, aside.plus(&more)?))
            }),
        };
    }
    let soon = last.is_some_and(|last| at.duration_since(last) <= window);
    soon && held.is_some_and(|(open, _)| open.amount.is_positive())
}

/// Splits what one nurse did with one item for one request where nothing moved for longer than the window.
fn windows<'a>(
    hand: Hand<'_>,
    moves: &[(Timestamp, Move<'a>)],
    window: SignedDuration,
    groups: &mut Groups<'a>,
) {
    let (product, request, by) = hand;
    let mut moves: Vec<&(Timestamp, Move<'a>)> = moves.iter().collect();
    sort(&mut moves);
    let mut last: Option<Timestamp> = None;
    let mut begun = Timestamp::MIN;
    for (at, of) in moves {
        if last.is_none_or(|last| at.duration_since(last) > window) {
            begun = *at;
        }
        last = last.max(Some(of.until()));
        let key = Key::Nurse(product.clone(), request.cloned(), by.clone(), begun);
        let (out, used) = groups.entry(key).or_default();
        match of {
            Move::Out(row) => out.push(row),
            Move::Used(package) => used.push(package),
        }
    }
}
