//! Which account each line of the dispense file and each package belongs to.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use rights::ident::{ClinicianId, DoseId, ProductId, RequestId};
use rights::quantity::{Quantity, Unit};

use super::account::Key;
use super::dispenses::{Dispense, Kind};
use super::uses::{Use, Uses, least, nothing};

/// What belongs to one account: a line or a package at least, the first of which says of what it is.
pub(super) struct Group<'a> {
    pub(super) product: &'a ProductId,
    /// In which it is counted: that of the dispense file, where it has a line.
    pub(super) unit: Unit,
    pub(super) dispenses: Vec<&'a Dispense>,
    pub(super) uses: Vec<&'a Use<'a>>,
}

/// Lines and packages by account.
#[derive(Default)]
pub(super) struct Groups<'a>(BTreeMap<Key, Group<'a>>);

impl<'a> Groups<'a> {
    fn of(&mut self, key: Key, product: &'a ProductId, unit: Unit) -> &mut Group<'a> {
        let empty = || Group { product, unit, dispenses: Vec::new(), uses: Vec::new() };
        self.0.entry(key).or_insert_with(empty)
    }

    fn add_line(&mut self, key: Key, row: &'a Dispense) {
        let group = self.of(key, &row.product, row.quantity.unit);
        if group.dispenses.is_empty() {
            group.unit = row.quantity.unit;
        }
        group.dispenses.push(row);
    }

    fn add_package(&mut self, key: Key, used: &'a Use<'a>) {
        self.of(key, used.product, used.given.unit).uses.push(used);
    }
}

impl<'a> IntoIterator for Groups<'a> {
    type Item = (Key, Group<'a>);
    type IntoIter = std::collections::btree_map::IntoIter<Key, Group<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

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
    let mut groups = Groups::default();
    let mut hands: BTreeMap<Hand<'a>, Moves<'a>> = BTreeMap::new();
    let mut by_nobody: Vec<&'a Dispense> = Vec::new();
    for row in dispenses {
        let of = (&row.product, row.request.as_ref());
        if let Some(dose) = &row.dose {
            groups.add_line(Key::Dose(dose.clone()), row);
            continue;
        }
        match &row.by {
            Some(by) => hands.entry((of.0, of.1, by)).or_default().push((row.at, Move::Out(row))),
            None if to_ward.contains(&of) => groups.add_line(ward(of), row),
            None => by_nobody.push(row),
        }
    }
    let mut packages: Vec<&'a Use<'a>> = uses.packages.iter().collect();
    packages.sort_by_key(|used| used.taken);
    for used in packages {
        if let Some(dose) = used.dose.filter(|dose| labelled.contains(dose)) {
            groups.add_package(Key::Dose(dose.clone()), used);
            continue;
        }
        let request = used.request.or_else(|| taken_for(used, dispenses));
        let hand = (used.product, request, used.by);
        let in_hand = || hands.get(&hand).is_some_and(|moves| held(moves, used.taken, window).0);
        if to_ward.contains(&(used.product, request)) && !in_hand() {
            groups.add_package(ward((used.product, request)), used);
        } else if products.contains(used.product) || used.controlled {
            hands.entry(hand).or_default().push((used.taken, Move::Used(used)));
        }
    }
    by_nobody.sort_by_key(|row| row.at);
    for row in by_nobody {
        match holder(row, &hands, window) {
            Some(hand) => hands.entry(hand).or_default().push((row.at, Move::Out(row))),
            None => groups.add_line(ward((&row.product, row.request.as_ref())), row),
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

/// In whose hands something was that came back and nobody is named: theirs who alone held some of it then. Of several it is not guessed:
/// what one brought back would hide that another did not.
fn holder<'a>(
    back: &Dispense,
    hands: &BTreeMap<Hand<'a>, Moves<'a>>,
    window: SignedDuration,
) -> Option<Hand<'a>> {
    let same =
        |(product, request, _): &Hand<'_>| **product == back.product && *request == back.request.as_ref();
    let holds = |moves: &Moves<'_>| {
        let (open, aside) = held(moves, back.at, window);
        open || aside
    };
    let mut holders = hands.iter().filter(|(hand, moves)| same(hand) && holds(moves)).map(|(hand, _)| *hand);
    holders.next().filter(|_| holders.next().is_none())
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

/// Whether a nurse then holds some of what was taken out within the window and not used, put aside or brought back since; and whether some
/// of what was put aside.
fn held(moves: &[(Timestamp, Move<'_>)], at: Timestamp, window: SignedDuration) -> (bool, bool) {
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
    held.filter(|_| soon)
        .map_or((false, false), |(open, aside)| (open.amount.is_positive(), aside.amount.is_positive()))
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
        match of {
            Move::Out(row) => groups.add_line(key, row),
            Move::Used(package) => groups.add_package(key, package),
        }
    }
}
