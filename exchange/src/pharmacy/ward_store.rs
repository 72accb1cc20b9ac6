//! What the pharmacy sent to the ward for one request. Anybody there may use it, now or in a week: what is left of it stands on the shelf
//! and is missing nowhere. Only what is used or comes back beyond it does not add up.

use jiff::{SignedDuration, Timestamp};
use rights::quantity::Quantity;

use super::account::Account;
use super::dispenses::{Dispense, Kind};
use super::uses::{Use, least, nothing};

/// What left the store.
#[derive(Clone, Copy)]
pub(super) enum Left<'a> {
    /// Back to the pharmacy.
    Back(&'a Dispense),
    /// A package to the bedside.
    Used(&'a Use<'a>),
}

/// What left the store beyond what was in it: since when that is clear, what, and how much more. A later dose or line changes none of them, so
/// that the reports of single days say what the report of all says (what becomes later of a package that was put aside may); a line of the
/// file may be written as late as the time within which things are matched.
pub(super) fn beyond<'a>(
    account: &Account<'a>,
    matched: SignedDuration,
) -> Vec<(Timestamp, Left<'a>, Quantity)> {
    let mut moves: Vec<(Timestamp, Left<'a>)> = Vec::new();
    let back = account.dispenses.iter().copied().filter(|row| row.kind == Kind::Return);
    moves.extend(back.map(|row| (row.at, Left::Back(row))));
    moves.extend(account.uses.iter().map(|used| (used.taken, Left::Used(used))));
    moves.sort_by_key(|(at, _)| *at);
    let zero = nothing(account.dispensed.unit);
    let sent = |until: Timestamp| {
        let rows = account.dispenses.iter().filter(|row| row.kind != Kind::Return && row.at <= until);
        rows.fold(zero, |sum, row| add(sum, row.quantity))
    };
    // What was put aside and what came back by the file may be the same package: it left the store once.
    let (mut used, mut aside, mut back, mut known) = (zero, zero, zero, zero);
    let mut found = Vec::new();
    for (at, left) in moves {
        match left {
            Left::Back(row) => back = add(back, row.quantity),
            Left::Used(package) => {
                used = add(add(used, package.given), package.left);
                if package.controlled && package.aside {
                    aside = add(aside, package.rest().unwrap_or(zero));
                }
            }
        }
        let once = least(aside, back);
        let until = at.checked_add(matched).unwrap_or(Timestamp::MAX);
        let gone = add(used, back).minus(&once).and_then(|gone| gone.minus(&sent(until)));
        let Some(more) = gone.and_then(|beyond| beyond.minus(&known)) else { continue };
        if more.amount.is_positive() {
            known = add(known, more);
            found.push((until, left, more));
        }
    }
    found
}

/// What cannot be added is a fault of the account, which says so itself.
fn add(sum: Quantity, more: Quantity) -> Quantity {
    sum.plus(&more).unwrap_or(sum)
}
