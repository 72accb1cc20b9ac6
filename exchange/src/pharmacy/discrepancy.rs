//! PH2: controlled substances that do not add up. Each removal is held against what the same nurse did with the item for the same
//! patient within 60 minutes.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rights::custody::Disposal;
use rights::ident::{ClinicianId, PatientId, ProductId, RequestId};
use rights::policy::Policy;
use rights::quantity::Quantity;
use rights::request::RequestStatus;

use super::account::{Account, Key};
use super::dispenses::{Dispense, Kind, repeated_doses};
use super::naming;
use super::rest::Rest;
use super::uses::{Use, Uses, nothing};
use super::ward_store::{Left, beyond};

pub use rights::discrepancy::DiscrepancyType as Type;

/// One discrepancy.
#[derive(Clone, Debug)]
pub struct Discrepancy {
    /// What it is named by in its explanation: the same line or package and the same amounts give the same name, others another one.
    pub id: String,
    /// What does not add up.
    pub of: Type,
    /// Since when it is one.
    pub at: Timestamp,
    /// Which item.
    pub product: ProductId,
    /// For whom.
    pub patient: Option<PatientId>,
    /// For which request.
    pub request: Option<RequestId>,
    /// In whose hands.
    pub by: Option<ClinicianId>,
    /// What was found.
    pub evidence: String,
}

/// Within which time things must happen.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From a removal to what was done with it.
    pub matched: SignedDuration,
    /// From a dose to the waste of what is left.
    pub waste: SignedDuration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { matched: SignedDuration::from_mins(60), waste: SignedDuration::from_mins(30) }
    }
}

impl Limits {
    /// Those of a site's policy.
    pub fn of(policy: &Policy) -> Self {
        Self { waste: policy.waste_within, ..Self::default() }
    }
}

/// Every discrepancy of controlled substances, the oldest first.
pub fn discrepancies(
    uses: &Uses<'_>,
    dispenses: &[Dispense],
    accounts: &[Account<'_>],
    limits: Limits,
) -> Vec<Discrepancy> {
    let mut found = Vec::new();
    let end = uses.end.unwrap_or(Timestamp::MAX);
    let controlled = |account: &Account<'_>| {
        account.uses.iter().any(|used| used.controlled)
            || account.dispenses.iter().any(|row| is_removal(row, uses))
            // What the pharmacy sends to a ward and has back is no removal.
            || matches!(&account.key, Key::Ward(product, _) if uses.is_controlled(product))
    };
    for account in accounts.iter().filter(|account| controlled(account)) {
        of_account(account, limits, end, &mut found);
    }
    for account in accounts {
        let came_back = |used: &Use<'_>| account.came_back.iter().any(|back| std::ptr::eq(*back, used));
        for used in account.uses.iter().filter(|used| used.controlled) {
            of_wastes(used, &mut found);
            if !came_back(used) {
                of_rest(used, limits, end, &mut found);
            }
        }
    }
    for row in dispenses.iter().filter(|row| is_removal(row, uses)) {
        of_removal(row, uses, &mut found);
    }
    for (dose, row) in repeated_doses(dispenses, |product| uses.is_controlled(product)) {
        let evidence = format!("dose id {dose} was handed out more than once");
        found.push(of_row(row, Type::DuplicateId, (row.at, ""), evidence));
    }
    let mut given: BTreeMap<&rights::ident::DoseId, u32> = BTreeMap::new();
    for used in uses.packages.iter().filter(|used| used.controlled && !used.aside) {
        let Some(dose) = used.dose else { continue };
        let times = given.entry(dose).or_default();
        *times += 1;
        if *times > 1 {
            found.push(of_use(
                used,
                Type::DuplicateId,
                (used.at, ""),
                format!("dose id {dose} was given more than once"),
            ));
        }
    }
    found.sort_by(|a, b| (a.at, a.of.name(), &a.id).cmp(&(b.at, b.of.name(), &b.id)));
    found.dedup_by(|a, b| a.id == b.id);
    found
}

/// Whether a line says that a controlled substance was taken out of a cabinet.
fn is_removal(row: &Dispense, uses: &Uses<'_>) -> bool {
    row.kind == Kind::Removal && uses.is_controlled(&row.product)
}

/// NO-ADMIN, ADMIN-NO-REMOVAL, AMOUNT-MISMATCH of one account. None of them hides another one: who gave one vial may have kept the other.
fn of_account(account: &Account<'_>, limits: Limits, end: Timestamp, found: &mut Vec<Discrepancy>) {
    let removal = account.dispenses.iter().copied().find(|row| row.kind != Kind::Return);
    let zero = |quantity: &Quantity| quantity.amount.is_zero();
    // While something of it still moves, what is missing may be given in a moment.
    let settled = account.settles(limits.matched).filter(|at| end > *at);
    for used in account.uses.iter().filter(|used| removal.is_none() && !zero(&used.given)) {
        // A cabinet's line may come as much later as things are matched: its clock is another one.
        let Some(at) = used.at.checked_add(limits.matched).ok().filter(|at| end > *at) else { continue };
        let evidence = format!("{} given, and no removal of it", used.given);
        found.push(of_use(used, Type::AdminNoRemoval, (at, &used.given.to_string()), evidence));
    }
    if matches!(account.key, Key::Ward(..)) && account.fault.is_none() {
        // What came back by nobody and was never sent is no store of the ward, and says nothing of one.
        if account.dispenses.iter().any(|row| row.kind != Kind::Return) {
            of_store(account, limits, end, found);
        }
        return;
    }
    found.extend(of_label(account, limits, end));
    let Some(at) = settled.filter(|_| !account.is_balanced()) else { return };
    let fault = account.fault.as_ref().map(|fault| format!("; {fault}")).unwrap_or_default();
    let bound = format!("{} of {}{fault}", account.unaccounted, account.dispensed);
    let evidence = || {
        format!(
            "{} handed out, {} given, {} wasted, {} returned, {} in custody: {} unaccounted{fault}",
            account.dispensed,
            account.given,
            account.wasted,
            account.returned,
            account.custody,
            account.unaccounted
        )
    };
    match removal {
        Some(row) if account.uses.is_empty() && zero(&account.returned) => {
            let evidence = not_used(account.dispensed, &fault, limits);
            found.push(of_row(row, Type::NoAdmin, (at, &bound), evidence));
        }
        Some(row) => found.push(of_row(row, Type::AmountMismatch, (at, &bound), evidence())),
        // What was given of it was said above.
        None => {
            let other = account.uses.iter().find(|used| zero(&used.given));
            found.extend(other.map(|used| of_use(used, Type::AmountMismatch, (at, &bound), evidence())));
        }
    }
}

/// NO-ADMIN of a labelled dose that was taken out of a cabinet and used or brought back later than it may be: the label says which removal
/// that was, and nobody knows where it was in between. It is what was found then, under the same name.
fn of_label<'a>(
    account: &'a Account<'_>,
    limits: Limits,
    end: Timestamp,
) -> impl Iterator<Item = Discrepancy> + 'a {
    let label = matches!(account.key, Key::Dose(_));
    let removals = account.dispenses.iter().copied().filter(move |row| label && row.kind == Kind::Removal);
    removals.filter_map(move |row| {
        let others = account.dispenses.iter().copied().filter(|other| !std::ptr::eq(*other, row));
        let moves = others.map(|other| other.at).chain(account.uses.iter().map(|used| used.taken));
        // What went before it, such as an earlier removal that came back, says nothing of this one.
        let next = moves.filter(|at| *at >= row.at).min()?;
        let due = row.at.checked_add(limits.matched).ok()?;
        let late = next > due && end > due;
        let bound = format!("{} of {}", row.quantity, row.quantity);
        late.then(|| of_row(row, Type::NoAdmin, (due, &bound), not_used(row.quantity, "", limits)))
    })
}

/// What is said of a removal that nothing followed in time.
fn not_used(removed: Quantity, fault: &str, limits: Limits) -> String {
    let within = limits.matched.as_mins();
    format!("{removed} removed; neither given nor wasted nor returned within {within} min{fault}")
}

/// AMOUNT-MISMATCH of what the pharmacy sent to the ward.
fn of_store(account: &Account<'_>, limits: Limits, end: Timestamp, found: &mut Vec<Discrepancy>) {
    for (at, left, more) in beyond(account, limits.matched).into_iter().filter(|(at, ..)| end > *at) {
        let bound = format!("{more} more");
        let evidence = format!("{more} more used or returned than the pharmacy had sent to the ward for it");
        found.push(match left {
            Left::Back(row) => of_row(row, Type::AmountMismatch, (at, &bound), evidence),
            Left::Used(used) => of_use(used, Type::AmountMismatch, (at, &bound), evidence),
        });
    }
}

/// WASTE-NO-WITNESS, WITNESS-SELF and FULL-DOSE-WASTE of one package. What was given from another one explains no full waste: the same
/// removal may be of both.
fn of_wastes(used: &Use<'_>, found: &mut Vec<Discrepancy>) {
    let wastes = || used.disposed.iter().filter(|disposed| disposed.how == Disposal::Wasted);
    if let Some(last) = wastes().map(|disposed| disposed.at).max().filter(|_| used.given.amount.is_zero()) {
        let amounts = wastes().map(|disposed| &disposed.amount);
        let sum = amounts.fold(nothing(used.left.unit), |sum, one| sum.plus(one).unwrap_or(sum));
        // Of a dose that was entered in error nothing is known to be given since then.
        let at = used.taken_back.as_ref().map_or(last, |id| id.at.max(last));
        let bound = format!("{sum} of {}", used.left);
        let evidence = format!("{} in the package, none given, {sum} wasted", used.left);
        found.push(of_use(used, Type::FullDoseWaste, (at, &bound), evidence));
    }
    for disposed in wastes() {
        let (of, how) = match disposed.witness {
            None => (Type::WasteNoWitness, "without a witness"),
            Some(witness) if witness == disposed.by => (Type::WitnessSelf, "before oneself"),
            Some(_) => continue,
        };
        let bound = format!("{} at {}", disposed.amount, disposed.at);
        let evidence = format!("{} wasted {how}", disposed.amount);
        // Whoever gives the package later changes nothing about it.
        let id = naming::of_package(disposed.package, of, &bound);
        found.push(Discrepancy { id, ..of_use(used, of, (disposed.at, &bound), evidence) });
    }
}

/// NO-WASTE and AMOUNT-MISMATCH of what is left of one package.
fn of_rest(used: &Use<'_>, limits: Limits, end: Timestamp, found: &mut Vec<Discrepancy>) {
    let Some(rest) = Rest::of(used, limits.waste) else { return };
    let Rest { left, since, due } = rest;
    if !rest.in_time(used) && end >= due {
        let evidence = rest.disposed(used).min().map_or_else(
            || format!("{left} left and not wasted or returned within {} min", limits.waste.as_mins()),
            |at| format!("{left} left, wasted or returned after {} min", at.duration_since(since).as_mins()),
        );
        found.push(of_use(used, Type::NoWaste, (due, &left.to_string()), evidence));
    }
    if let Some(disposed) = used.disposed_while(true).filter(|disposed| !disposed.amount.is_zero())
        && !disposed.compare(&left).is_some_and(std::cmp::Ordering::is_eq)
    {
        let difference = left.minus(&disposed).map_or_else(String::new, |rest| format!(": {rest} missing"));
        let evidence = format!("{left} left, {disposed} wasted or returned{difference}");
        let at = rest.disposed(used).max().unwrap_or(used.at);
        let bound = format!("{disposed} of {left}");
        found.push(of_use(used, Type::AmountMismatch, (at, &bound), evidence));
    }
}

/// REMOVAL-NO-ORDER and REMOVAL-AFTER-STOP.
fn of_removal(row: &Dispense, uses: &Uses<'_>, found: &mut Vec<Discrepancy>) {
    let Some(request) = &row.request else {
        let evidence = format!("{} removed for no request", row.quantity);
        found.push(of_row(row, Type::RemovalNoOrder, (row.at, ""), evidence));
        return;
    };
    let Some(request) = uses.requests.get(request) else { return };
    let stopped = request.status == RequestStatus::Stopped;
    let since = request.stop.into_iter().chain(request.status_since.filter(|_| stopped)).min();
    if let Some(since) = since.filter(|since| row.at >= *since) {
        let evidence = format!("{} removed at {}, the request ended at {since}", row.quantity, row.at);
        found.push(of_row(row, Type::RemovalAfterStop, (row.at, ""), evidence));
    }
}

/// Since when a discrepancy is one, and the amounts to which its explanation holds.
type Found<'a> = (Timestamp, &'a str);

fn of_row(row: &Dispense, of: Type, (at, bound): Found<'_>, evidence: String) -> Discrepancy {
    Discrepancy {
        id: naming::of_row(row, of, bound),
        of,
        at,
        product: row.product.clone(),
        patient: row.patient.clone(),
        request: row.request.clone(),
        by: row.by.clone(),
        evidence,
    }
}

fn of_use(used: &Use<'_>, of: Type, (at, bound): Found<'_>, evidence: String) -> Discrepancy {
    Discrepancy {
        id: naming::of_package((used.line, used.id.place), of, bound),
        of,
        at,
        product: used.product.clone(),
        patient: Some(used.patient.clone()),
        request: used.request.cloned(),
        by: Some(used.by.clone()),
        evidence,
    }
}
